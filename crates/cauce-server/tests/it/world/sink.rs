//! A mail server that outlives the process under test: it notes for every message when its body was
//! granted, and answers as a script has it, per address and attempt.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// What the server says to one message.
#[derive(Clone, Debug)]
pub enum Say {
    /// It takes it.
    Take,
    /// This at RCPT.
    Recipient(&'static str),
    /// This after the final dot; the message is not kept.
    Dot(&'static str),
    /// It takes the message and is gone before it answers.
    TakeAndLeave,
}

type Answers = dyn Fn(&str, usize) -> Say + Send + Sync;

/// How the server behaves.
pub struct Script {
    /// What it says to an address the n-th time (from 0).
    pub say: Box<Answers>,
    /// Messages after which it closes the connection.
    pub per_connection: usize,
}

impl Default for Script {
    fn default() -> Script {
        Script { say: Box::new(|_, _| Say::Take), per_connection: usize::MAX }
    }
}

/// A message as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The one recipient.
    pub to: String,
    /// An instant before the answer 354 left: nothing of the body was sent before it.
    pub granted: Instant,
    /// When the final dot was read.
    pub arrived: Instant,
    /// Headers and body, dots unstuffed.
    pub text: String,
}

impl Mail {
    /// A header, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
        head.split("\r\n").find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    /// The path of the one-click unsubscribe address.
    pub fn unsubscribe(&self) -> String {
        let header = self.header("list-unsubscribe").expect("a list header");
        let url = header.split(['<', '>']).nth(1).expect("an address in it");
        format!("/{}", url.splitn(4, '/').nth(3).expect("a path"))
    }

    /// The text with quoted-printable undone.
    pub fn readable(&self) -> String {
        let text = self.text.replace("=\r\n", "");
        let mut rest = text.as_bytes();
        let mut out = Vec::new();
        while let Some((byte, after)) = rest.split_first() {
            let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
            match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
                Some(decoded) if *byte == b'=' => {
                    out.push(decoded);
                    rest = &after[2..];
                }
                _ => {
                    out.push(*byte);
                    rest = after;
                }
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}

struct State {
    script: Script,
    /// Waits so long before it answers the final dot, in microseconds.
    slow: AtomicU64,
    arrived: AtomicUsize,
    connections: AtomicUsize,
    mails: Mutex<Vec<Mail>>,
    tries: Mutex<HashMap<String, usize>>,
    over: AtomicBool,
    /// Says 421 to whoever asks for anything.
    dead: AtomicBool,
}

/// A running server.
pub struct Sink {
    /// Its port.
    pub port: u16,
    state: Arc<State>,
}

impl Sink {
    /// Starts it.
    pub fn start(script: Script) -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            script,
            slow: AtomicU64::new(0),
            arrived: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            mails: Mutex::default(),
            tries: Mutex::default(),
            over: AtomicBool::new(false),
            dead: AtomicBool::new(false),
        });
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { return };
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let shared = shared.clone();
                // Ends when the process under test closes its end, or dies.
                std::thread::spawn(move || converse(&shared, stream));
            }
        });
        Sink { port, state }
    }

    /// Makes it slow: so long per message and connection.
    pub fn slow(&self, per_message: Duration) {
        self.state.slow.store(per_message.as_micros() as u64, Ordering::SeqCst);
    }

    /// Takes nothing any more, or takes everything again.
    pub fn die(&self, dead: bool) {
        self.state.dead.store(dead, Ordering::SeqCst);
    }

    /// Messages that arrived.
    pub fn arrived(&self) -> usize {
        self.state.arrived.load(Ordering::SeqCst)
    }

    /// Connections that were made.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// The messages.
    pub fn mails(&self) -> Vec<Mail> {
        locked(&self.state.mails).clone()
    }

    /// The messages to an address.
    pub fn to(&self, address: &str) -> Vec<Mail> {
        locked(&self.state.mails).iter().filter(|mail| mail.to == address).cloned().collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Talk {
    reader: BufReader<TcpStream>,
    out: Vec<u8>,
}

impl Talk {
    fn say(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    fn flush(&mut self) -> Option<()> {
        self.reader.get_mut().write_all(&self.out).ok()?;
        self.out.clear();
        Some(())
    }

    fn line(&mut self) -> Option<String> {
        if !self.reader.buffer().contains(&b'\n') {
            self.flush()?;
        }
        let mut line = Vec::new();
        match self.reader.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(String::from_utf8_lossy(&line).into_owned()),
        }
    }

    fn body(&mut self) -> Option<String> {
        let mut body = String::new();
        loop {
            let line = self.line()?;
            if line == ".\r\n" {
                return Some(body);
            }
            body.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
    }
}

/// Plays one connection to its end.
fn converse(state: &State, stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut talk = Talk { reader: BufReader::with_capacity(64 * 1024, stream), out: Vec::new() };
    if state.dead.load(Ordering::SeqCst) {
        talk.say("421 4.3.2 out of order");
        return talk.flush();
    }
    talk.say("220 sink.test ESMTP");
    let mut taken = 0;
    let mut to: Option<(String, Say)> = None;
    loop {
        let line = talk.line()?;
        if state.dead.load(Ordering::SeqCst) {
            talk.say("421 4.3.2 out of order");
            return talk.flush();
        }
        let verb = line.split([' ', ':', '\r']).next()?.to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => talk.say("250-sink.test\r\n250 PIPELINING"),
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1)?.to_owned();
                let nth = {
                    let mut tries = locked(&state.tries);
                    let tries = tries.entry(address.clone()).or_default();
                    *tries += 1;
                    *tries - 1
                };
                match (state.script.say)(&address, nth) {
                    Say::Recipient(answer) => talk.say(answer),
                    other => {
                        talk.say("250 2.1.5 ok");
                        to = Some((address, other));
                    }
                }
            }
            "DATA" => {
                let Some((address, say)) = to.take() else {
                    talk.say("503 5.5.1 RCPT first");
                    continue;
                };
                receive(state, &mut talk, address, &say)?;
                taken += 1;
                if taken >= state.script.per_connection {
                    return talk.flush();
                }
            }
            "QUIT" => {
                talk.say("221 2.0.0 bye");
                return talk.flush();
            }
            "RSET" => {
                to = None;
                talk.say("250 2.0.0 ok");
            }
            _ => talk.say("250 2.0.0 ok"),
        }
    }
}

/// Takes one body; `None` ends the connection.
fn receive(state: &State, talk: &mut Talk, to: String, say: &Say) -> Option<()> {
    let granted = Instant::now();
    talk.say("354 go ahead");
    talk.flush()?;
    let text = talk.body()?;
    let slow = state.slow.load(Ordering::SeqCst);
    if slow > 0 {
        std::thread::sleep(Duration::from_micros(slow));
    }
    if let Say::Dot(answer) = say {
        talk.say(answer);
        return Some(());
    }
    locked(&state.mails).push(Mail { to, granted, arrived: Instant::now(), text });
    state.arrived.fetch_add(1, Ordering::SeqCst);
    if matches!(say, Say::TakeAndLeave) {
        return None;
    }
    talk.say("250 2.0.0 Ok: queued");
    Some(())
}
