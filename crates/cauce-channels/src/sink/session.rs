//! One conversation of the sink.

use super::{Fault, Moment, Received, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, Bytes, BytesMut};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

struct Session<S> {
    state: Arc<State>,
    stream: S,
    ahead: BytesMut,
    answers: Vec<u8>,
    sender: Option<String>,
    recipients: Vec<String>,
    mail: usize,
    secure: bool,
}

/// Why a conversation stopped.
enum Stop {
    Over,
    StartTls,
}

type Step = Result<(), Stop>;

/// Plays one connection to its end.
pub(super) async fn run(state: Arc<State>, stream: TcpStream, nth: usize) {
    let _ = stream.set_nodelay(true);
    if let Some(config) = state.script.implicit_tls.clone() {
        if let Ok(tls) = TlsAcceptor::from(config).accept(stream).await {
            let _ = Session::new(state, tls, true).converse(Some(nth)).await;
        }
        return;
    }
    let mut session = Session::new(Arc::clone(&state), stream, false);
    if let Stop::StartTls = session.converse(Some(nth)).await
        && let Some(config) = state.script.starttls.clone()
        && let Ok(tls) = TlsAcceptor::from(config).accept(session.stream).await
    {
        let _ = Session::new(state, tls, true).converse(None).await;
    }
}

impl<S: Stream> Session<S> {
    fn new(state: Arc<State>, stream: S, secure: bool) -> Session<S> {
        Session {
            state,
            stream,
            ahead: BytesMut::with_capacity(64 * 1024),
            answers: Vec::with_capacity(1024),
            sender: None,
            recipients: Vec::new(),
            mail: 0,
            secure,
        }
    }

    async fn converse(&mut self, greet: Option<usize>) -> Stop {
        match self.talk(greet).await {
            Ok(()) => Stop::Over,
            Err(stop) => {
                let _ = self.flush().await;
                stop
            }
        }
    }

    async fn talk(&mut self, greet: Option<usize>) -> Step {
        if let Some(nth) = greet {
            self.answer(nth, Moment::Greeting, "220 sink.test ESMTP").await?;
        }
        loop {
            let line = self.line().await?;
            if self.state.script.keep {
                let mut commands =
                    self.state.commands.lock().unwrap_or_else(PoisonError::into_inner);
                commands.push(line.clone());
            }
            self.command(&line).await?;
        }
    }

    fn say(&mut self, text: &str) {
        self.answers.extend_from_slice(text.as_bytes());
        self.answers.extend_from_slice(b"\r\n");
    }

    async fn flush(&mut self) -> Step {
        if self.answers.is_empty() {
            return Ok(());
        }
        if !self.state.script.delay.is_zero() {
            tokio::time::sleep(self.state.script.delay).await;
        }
        let sent = self.stream.write_all(&self.answers).await;
        self.answers.clear();
        sent.map_err(|_| Stop::Over)?;
        self.stream.flush().await.map_err(|_| Stop::Over)
    }

    /// Says what is usual, or what the script has instead. `Ok(true)` if it was the usual.
    async fn answer(&mut self, nth: usize, at: Moment, usual: &str) -> Result<bool, Stop> {
        let Some(fault) = self.state.script.fault(nth, at).cloned() else {
            if !usual.is_empty() {
                self.say(usual);
            }
            return Ok(true);
        };
        match fault {
            Fault::Say(text) => {
                self.say(&text);
                Ok(false)
            }
            Fault::SayAndClose(text) => {
                self.say(&text);
                Err(Stop::Over)
            }
            Fault::Close => {
                // What was to be said before is said.
                self.flush().await?;
                Err(Stop::Over)
            }
            Fault::Silence => {
                self.flush().await?;
                std::future::pending().await
            }
        }
    }

    async fn more(&mut self) -> Step {
        self.flush().await?;
        match self.stream.read_buf(&mut self.ahead).await {
            Ok(0) | Err(_) => Err(Stop::Over),
            Ok(_) => Ok(()),
        }
    }

    async fn line(&mut self) -> Result<String, Stop> {
        loop {
            if let Some(end) = self.ahead.iter().position(|b| *b == b'\n') {
                let line = self.ahead.split_to(end + 1);
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            self.more().await?;
        }
    }

    async fn command(&mut self, line: &str) -> Step {
        let verb = line.split([' ', ':']).next().unwrap_or("").to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => self.ehlo(),
            "HELO" => self.say("250 sink.test"),
            "STARTTLS" => {
                self.say("220 go ahead");
                if self.state.script.inject {
                    self.say("250 injected");
                }
                self.flush().await?;
                return Err(Stop::StartTls);
            }
            "AUTH" => self.auth(line).await?,
            "MAIL" => {
                self.mail = self.state.mails.fetch_add(1, Ordering::SeqCst);
                if self.sender.is_some() {
                    self.say("503 5.5.1 nested MAIL");
                } else if self.answer(self.mail, Moment::Mail, "250 2.1.0 ok").await? {
                    self.sender = Some(line["MAIL FROM:".len().min(line.len())..].to_owned());
                }
            }
            "RCPT" => {
                if self.sender.is_none() {
                    self.say("503 5.5.1 MAIL first");
                } else if self.answer(self.mail, Moment::Recipient, "250 2.1.5 ok").await? {
                    self.recipients.push(line["RCPT TO:".len().min(line.len())..].to_owned());
                }
            }
            "DATA" => self.data().await?,
            "RSET" => {
                self.clear();
                self.say("250 2.0.0 ok");
            }
            "QUIT" => {
                self.say("221 2.0.0 bye");
                return Err(Stop::Over);
            }
            _ => self.say("500 5.5.2 what"),
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }

    fn ehlo(&mut self) {
        let script = &self.state.script;
        if !script.ehlo {
            return self.say("502 5.5.1 not implemented");
        }
        let mut lines = vec!["sink.test".to_owned()];
        if script.pipelining {
            lines.push("PIPELINING".to_owned());
        }
        if script.smtputf8 {
            lines.push("8BITMIME".to_owned());
            lines.push("SMTPUTF8".to_owned());
        }
        if let Some(size) = script.size {
            lines.push(format!("SIZE {size}"));
        }
        if script.starttls.is_some() && !self.secure {
            lines.push("STARTTLS".to_owned());
        }
        if let Some((mechanisms, _, _)) = &script.auth {
            lines.push(format!("AUTH {mechanisms}"));
        }
        let last = lines.len() - 1;
        for (place, line) in lines.iter().enumerate() {
            self.say(&format!("250{}{line}", if place == last { ' ' } else { '-' }));
        }
    }

    async fn auth(&mut self, line: &str) -> Step {
        let Some((_, name, password)) = self.state.script.auth.clone() else {
            self.say("502 5.5.1 no");
            return Ok(());
        };
        let decode = |text: &str| STANDARD.decode(text.trim()).unwrap_or_default();
        let fine = if let Some(token) = line.strip_prefix("AUTH PLAIN ") {
            decode(token) == format!("\0{name}\0{password}").into_bytes()
        } else {
            self.say("334 VXNlcm5hbWU6");
            let first = self.line().await?;
            self.say("334 UGFzc3dvcmQ6");
            let second = self.line().await?;
            decode(&first) == name.as_bytes() && decode(&second) == password.as_bytes()
        };
        self.say(if fine { "235 2.7.0 welcome" } else { "535 5.7.8 wrong name or password" });
        Ok(())
    }

    async fn data(&mut self) -> Step {
        if self.recipients.is_empty() && !self.state.script.grants_without_recipient {
            self.say("503 5.5.1 RCPT first");
            return Ok(());
        }
        if !self.answer(self.mail, Moment::Data, "354 go ahead").await? {
            return Ok(());
        }
        self.answer(self.mail, Moment::Body, "").await?;
        let body = self.body().await?;
        let sender = self.sender.take().unwrap_or_default();
        let recipients = std::mem::take(&mut self.recipients);
        if recipients.is_empty() {
            self.say("554 5.5.1 no valid recipients");
            return Ok(());
        }
        let script = &self.state.script;
        let refused = matches!(script.fault(self.mail, Moment::Dot), Some(Fault::Say(_)));
        if !refused {
            self.state.messages.fetch_add(1, Ordering::SeqCst);
            if script.keep {
                let bytes = unstuff(&body);
                let received = Received { sender, recipients, bytes, secure: self.secure };
                let mut kept = self.state.received.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push(received);
            }
        }
        let usual = format!("250 2.0.0 Ok: queued as S{}", self.mail);
        self.answer(self.mail, Moment::Dot, &usual).await?;
        Ok(())
    }

    /// Reads up to the final dot.
    async fn body(&mut self) -> Result<BytesMut, Stop> {
        let mut seen = 0;
        loop {
            if self.ahead.starts_with(b".\r\n") {
                self.ahead.advance(3);
                return Ok(BytesMut::new());
            }
            let from = seen;
            if let Some(place) = end_of_body(&self.ahead[from..]) {
                let body = self.ahead.split_to(from + place + 2);
                self.ahead.advance(3);
                return Ok(body);
            }
            seen = self.ahead.len().saturating_sub(4);
            self.more().await?;
        }
    }
}

/// Where `CRLF . CRLF` begins.
fn end_of_body(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(dot) = bytes[from..].iter().position(|b| *b == b'.') {
        let place = from + dot;
        if place >= 2 && &bytes[place - 2..place] == b"\r\n" && bytes[place..].starts_with(b".\r\n")
        {
            return Some(place - 2);
        }
        from = place + 1;
    }
    None
}

fn unstuff(body: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|b| *b == b'\n') {
        out.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
    }
    out.into()
}
