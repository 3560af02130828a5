//! A server for tests and measurements: it answers submissions as a script says, remembers what it
//! was sent, and says what it is told to say.

use super::pdu::{Bind, Body, Pdu, ShortMessage, Tags, command, parse};
use bytes::{Buf, BytesMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// What is done with a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is taken, under a number.
    Take,
    /// It is taken, under this name.
    TakeAs(String),
    /// It is refused with a status.
    Refuse(u32),
    /// Nothing is said.
    Silence,
    /// The connection is closed without an answer.
    Close,
    /// These bytes are said instead.
    Say(Vec<u8>),
}

/// Decides by the message and by how many came before.
pub type Judge = Arc<dyn Fn(&ShortMessage, usize) -> Act + Send + Sync>;

/// How the server behaves.
#[derive(Clone)]
pub struct Script {
    /// What it answers to a bind.
    pub bind_status: u32,
    /// How long after a submission it answers.
    pub delay: Duration,
    /// Whether submissions are kept; without, they are only counted.
    pub keep: bool,
    /// What is done with each.
    pub judge: Judge,
    /// Whether it answers enquire_link.
    pub answers_links: bool,
}

impl Default for Script {
    fn default() -> Script {
        Script {
            bind_status: 0,
            delay: Duration::ZERO,
            keep: true,
            judge: Arc::new(|_, _| Act::Take),
            answers_links: true,
        }
    }
}

/// What the server has seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// Every bind: its command and what it said.
    pub binds: Vec<(u32, Bind)>,
    /// Every submission: its number and what it said.
    pub submissions: Vec<(u32, ShortMessage)>,
    /// When each came.
    pub times: Vec<Instant>,
    /// How many.
    pub count: usize,
    /// The most that were without an answer on one connection at once.
    pub open_max: usize,
    /// Everything else, answers to what was said among it.
    pub others: Vec<Pdu>,
    /// Connections that ended.
    pub closed: usize,
}

/// A server on loopback; it ends when it is dropped.
pub struct Answerer {
    port: u16,
    seen: Arc<Mutex<Seen>>,
    say: Arc<Mutex<Vec<mpsc::UnboundedSender<Line>>>>,
    task: JoinHandle<()>,
}

/// What a connection writes: at once or later; `None` closes it.
type Line = (Instant, Option<Vec<u8>>, bool);

impl Drop for Answerer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Answerer {
    /// Listens on a free port.
    pub async fn start(script: Script) -> std::io::Result<Answerer> {
        Answerer::start_on(0, script).await
    }

    /// Listens on a port.
    pub async fn start_on(port: u16, script: Script) -> std::io::Result<Answerer> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let port = listener.local_addr()?.port();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let say: Arc<Mutex<Vec<mpsc::UnboundedSender<Line>>>> = Arc::default();
        let (seen_inside, say_inside) = (Arc::clone(&seen), Arc::clone(&say));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (lines, inbox) = mpsc::unbounded_channel();
                lock(&say_inside).push(lines.clone());
                connections.spawn(serve(
                    stream,
                    script.clone(),
                    Arc::clone(&seen_inside),
                    (lines, inbox),
                ));
            }
        });
        Ok(Answerer { port, seen, say, task })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has seen so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    /// Says something on the newest connection.
    pub fn say(&self, pdu: &Pdu) {
        let mut bytes = BytesMut::new();
        pdu.write(&mut bytes);
        self.say_bytes(bytes.to_vec());
    }

    /// Says these bytes on the newest connection.
    pub fn say_bytes(&self, bytes: Vec<u8>) {
        if let Some(lines) = lock(&self.say).last() {
            let _ = lines.send((Instant::now(), Some(bytes), false));
        }
    }

    /// Closes the newest connection.
    pub fn hang_up(&self) {
        if let Some(lines) = lock(&self.say).last() {
            let _ = lines.send((Instant::now(), None, false));
        }
    }
}

async fn serve(
    stream: TcpStream,
    script: Script,
    seen: Arc<Mutex<Seen>>,
    lines: (mpsc::UnboundedSender<Line>, mpsc::UnboundedReceiver<Line>),
) {
    let _ = stream.set_nodelay(true);
    let (mut reader, mut writer) = stream.into_split();
    let (say, mut inbox) = lines;
    let open = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let open_there = Arc::clone(&open);
    let mut writing = tokio::spawn(async move {
        let mut out = Vec::new();
        let mut batch = Vec::new();
        while inbox.recv_many(&mut batch, 256).await > 0 {
            for (at, bytes, answers) in batch.drain(..) {
                if at > Instant::now() {
                    let _ = writer.write_all(&out).await;
                    out.clear();
                    sleep_until(at).await;
                }
                let Some(bytes) = bytes else {
                    let _ = writer.write_all(&out).await;
                    return;
                };
                if answers {
                    open_there.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                }
                out.extend(bytes);
            }
            if writer.write_all(&out).await.is_err() {
                return;
            }
            out.clear();
        }
    });
    let mut input = BytesMut::new();
    loop {
        let read = tokio::select! {
            read = reader.read_buf(&mut input) => read,
            _ = &mut writing => break,
        };
        if !matches!(read, Ok(1..)) {
            break;
        }
        while let Ok(Some((pdu, length))) = parse(&input) {
            input.advance(length);
            take(pdu, &script, &seen, &say, &open);
        }
    }
    writing.abort();
    lock(&seen).closed += 1;
}

fn take(
    pdu: Pdu,
    script: &Script,
    seen: &Mutex<Seen>,
    say: &mpsc::UnboundedSender<Line>,
    open: &std::sync::atomic::AtomicUsize,
) {
    let tell = |at: Instant, pdu: &Pdu, answers: bool| {
        let mut bytes = BytesMut::new();
        pdu.write(&mut bytes);
        let _ = say.send((at, Some(bytes.to_vec()), answers));
    };
    let now = Instant::now();
    let (command, sequence) = (pdu.command, pdu.sequence);
    let empty = |status| Pdu::answer(command, sequence, status, Body::Empty);
    match (command, pdu.body) {
        (_, Body::Bind(bind)) => {
            lock(seen).binds.push((command, bind));
            let bound = Body::Bound { system_id: "answerer".to_owned(), tags: Tags::new() };
            tell(now, &Pdu::answer(command, sequence, script.bind_status, bound), false);
        }
        (command::SUBMIT_SM, Body::Message(message)) => {
            let act = {
                let mut seen = lock(seen);
                let unanswered = open.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
                seen.open_max = seen.open_max.max(unanswered);
                seen.count += 1;
                let act = (script.judge)(&message, seen.count - 1);
                if script.keep {
                    seen.times.push(now);
                    seen.submissions.push((sequence, *message));
                }
                act
            };
            let at = now + script.delay;
            let named = |id: String, status| {
                let body = Body::Named { id, tags: Tags::new() };
                Pdu::answer(command, sequence, status, body)
            };
            match act {
                Act::Take => tell(at, &named(format!("{sequence:x}"), 0), true),
                Act::TakeAs(id) => tell(at, &named(id, 0), true),
                Act::Refuse(status) => tell(at, &named(String::new(), status), true),
                Act::Silence => {}
                Act::Close => {
                    let _ = say.send((at, None, false));
                }
                Act::Say(bytes) => {
                    let _ = say.send((at, Some(bytes), true));
                }
            }
        }
        (command::ENQUIRE_LINK, _) if script.answers_links => tell(now, &empty(0), false),
        (command::UNBIND, _) => {
            tell(now, &empty(0), false);
            lock(seen).others.push(Pdu::new(command, sequence, Body::Empty));
        }
        (_, body) => {
            lock(seen).others.push(Pdu { command, status: pdu.status, sequence, body });
        }
    }
}
