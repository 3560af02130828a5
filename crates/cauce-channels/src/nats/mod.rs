//! NATS, as far as streams need it: one connection that one task reads and writes, so that nothing
//! goes on behind anybody's back, and every connection goes through [`crate::egress`].

mod jetstream;
mod login;
mod wire;

pub use jetstream::{Consumer, Word, sequence};
pub use login::Login;
pub use wire::{MESSAGE_BYTES_MAX, Message, is_subject};

use crate::egress::{Egress, NoConnection, Tls};
use bytes::BytesMut;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};
use wire::Said;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Limit: messages that arrived while something else was waited for; beyond it the connection ends.
const WAITING_MAX: usize = 4_096;

/// Why there is no answer that helps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The server or the policy says no; asking the same again is of no use.
    #[error("{0}")]
    Refused(String),
    /// It may work later, over another connection.
    #[error("{0}")]
    Unreachable(String),
}

/// Where the server is and who asks.
#[derive(Clone, Debug)]
pub struct Options {
    /// `nats://host:4222`, or `tls://…`.
    pub url: String,
    /// Who asks.
    pub login: Login,
    /// How TLS is used.
    pub tls: Tls,
    /// What nobody else draws: the beginning of the subjects at which answers arrive.
    pub inbox: String,
}

/// What carries the bytes.
trait Carry: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Carry for T {}

/// Where a message is awaited.
#[derive(Clone, Copy)]
enum At<'a> {
    /// An answer comes at the subject that was given for it.
    Subject(&'a str),
    /// What a stream delivers comes at the subject at which it was published.
    Subscription(u64),
}

impl At<'_> {
    fn is_of(self, message: &Message) -> bool {
        match self {
            At::Subject(subject) => message.subject == subject,
            At::Subscription(number) => message.subscription == number,
        }
    }
}

/// A connection.
pub struct Link {
    stream: Box<dyn Carry>,
    arrived: BytesMut,
    leaving: Vec<u8>,
    waiting: VecDeque<Message>,
    inbox: String,
    subscriptions: u64,
    requests: u64,
    /// Limit: bytes of a message that the server takes.
    payload_bytes_max: usize,
}

fn late(what: impl Into<String>) -> Fault {
    Fault::Unreachable(what.into())
}

/// The host and port of an address, and whether it asks for TLS.
fn parse(url: &str) -> Result<(String, u16, bool), Fault> {
    let wrong = || Fault::Refused("the address is no `nats://host:4222`".to_owned());
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let secure = match scheme {
        "nats" => false,
        "tls" => true,
        _ => return Err(wrong()),
    };
    let rest = rest.trim_end_matches('/');
    if rest.is_empty() || rest.contains(['@', '/', '?', ' ']) {
        return Err(wrong());
    }
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && !port.ends_with(']') => {
            (host, port.parse().map_err(|_| wrong())?)
        }
        _ => (rest, 4_222),
    };
    Ok((host.to_owned(), port, secure))
}

impl Link {
    /// Connects and signs in.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn connect(egress: &Egress, options: &Options) -> Result<Link, Fault> {
        let all = timeout(PATIENCE + PATIENCE, Link::open(egress, options)).await;
        all.map_err(|_| late("the server does not answer"))?
    }

    async fn open(egress: &Egress, options: &Options) -> Result<Link, Fault> {
        let refused = |reason: NoConnection| match reason {
            NoConnection::Refused(text) => Fault::Refused(text),
            NoConnection::Unreachable(text) => Fault::Unreachable(text),
        };
        let (host, port, secure) = parse(&options.url)?;
        let mut stream = egress.connect(&host, port).await.map_err(refused)?;
        let mut arrived = BytesMut::new();
        // The server speaks first, and in the clear.
        let info: Value = loop {
            match wire::next(&mut arrived).map_err(late)? {
                Some(Said::Info(text)) => {
                    break serde_json::from_str(&text).map_err(|_| late("INFO is no JSON"))?;
                }
                Some(_) => return Err(late("the server does not begin with INFO")),
                None => read(&mut stream, &mut arrived).await?,
            }
        };
        if info["headers"] != true {
            return Err(Fault::Refused("the server takes no headers; it is too old".to_owned()));
        }
        let secure = secure || info["tls_required"] == true;
        let stream: Box<dyn Carry> = match secure {
            true => {
                // What came in the clear behind INFO was not the server's.
                arrived.clear();
                Box::new(options.tls.secure(stream, &host).await.map_err(refused)?)
            }
            false => Box::new(stream),
        };
        let payload_bytes_max = info["max_payload"].as_u64().unwrap_or(1 << 20);
        let mut link = Link {
            stream,
            arrived,
            leaving: Vec::new(),
            waiting: VecDeque::new(),
            inbox: format!("_INBOX.{}", options.inbox),
            subscriptions: 0,
            requests: 0,
            payload_bytes_max: usize::try_from(payload_bytes_max).unwrap_or(MESSAGE_BYTES_MAX),
        };
        let mut connect = json!({ "verbose": false, "pedantic": false, "headers": true,
            "no_responders": true, "protocol": 1, "echo": false, "name": "Cauce",
            "lang": "rust", "version": env!("CARGO_PKG_VERSION"), "tls_required": secure });
        options.login.sign(info["nonce"].as_str().unwrap_or_default(), &mut connect)?;
        link.leaving.extend(format!("CONNECT {connect}\r\nPING\r\n").into_bytes());
        link.flush().await?;
        link.pong().await?;
        let inbox = format!("{}.a.*", link.inbox);
        link.subscribe(&inbox);
        Ok(link)
    }

    /// Waits until the server has taken everything before.
    async fn pong(&mut self) -> Result<(), Fault> {
        loop {
            match wire::next(&mut self.arrived).map_err(late)? {
                Some(Said::Pong) => return Ok(()),
                Some(said) => self.take(said)?,
                None => read(&mut self.stream, &mut self.arrived).await?,
            }
        }
    }

    fn take(&mut self, said: Said) -> Result<(), Fault> {
        match said {
            Said::Message(_) if self.waiting.len() >= WAITING_MAX => {
                return Err(late("more messages arrived than were asked for"));
            }
            Said::Message(message) => self.waiting.push_back(*message),
            Said::Ping => self.leaving.extend_from_slice(b"PONG\r\n"),
            Said::Error(text) => {
                let words = text.to_ascii_lowercase();
                let for_good = words.contains("authorization") || words.contains("permissions");
                let text = format!("the server says: {text}");
                return Err(if for_good { Fault::Refused(text) } else { Fault::Unreachable(text) });
            }
            Said::Info(_) | Said::Pong | Said::Okay => {}
        }
        Ok(())
    }

    /// Listens at a subject; the subscription's number.
    fn subscribe(&mut self, subject: &str) -> u64 {
        self.subscriptions += 1;
        let line = format!("SUB {subject} {}\r\n", self.subscriptions);
        self.leaving.extend(line.into_bytes());
        self.subscriptions
    }

    /// Stops listening.
    fn unsubscribe(&mut self, subscription: u64) {
        self.leaving.extend(format!("UNSUB {subscription}\r\n").into_bytes());
    }

    /// Puts a message among those that leave with the next flush.
    ///
    /// # Errors
    /// A message that cannot be sent.
    pub fn publish(
        &mut self,
        subject: &str,
        reply: &str,
        headers: &[(&str, &str)],
        payload: &[u8],
    ) -> Result<(), Fault> {
        if !is_subject(subject) {
            return Err(Fault::Refused(format!("`{subject}` is no subject")));
        }
        let mut head = String::new();
        if !headers.is_empty() {
            head.push_str("NATS/1.0\r\n");
            for (name, value) in headers {
                let clean: String = value.chars().filter(|c| !c.is_control()).collect();
                head.push_str(&format!("{name}: {clean}\r\n"));
            }
            head.push_str("\r\n");
        }
        let total = head.len() + payload.len();
        if total > self.payload_bytes_max {
            let most = self.payload_bytes_max;
            return Err(Fault::Refused(format!("{total} bytes; the server takes {most}")));
        }
        let space = if reply.is_empty() { "" } else { " " };
        let line = match headers.is_empty() {
            true => format!("PUB {subject} {reply}{space}{total}\r\n"),
            false => format!("HPUB {subject} {reply}{space}{} {total}\r\n", head.len()),
        };
        self.leaving.extend(line.into_bytes());
        self.leaving.extend(head.into_bytes());
        self.leaving.extend_from_slice(payload);
        self.leaving.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// Sends what leaves.
    ///
    /// # Errors
    /// The connection.
    pub async fn flush(&mut self) -> Result<(), Fault> {
        if self.leaving.is_empty() {
            return Ok(());
        }
        let leaving = std::mem::take(&mut self.leaving);
        let written = timeout(PATIENCE, async {
            self.stream.write_all(&leaving).await?;
            self.stream.flush().await
        });
        let written = written.await.map_err(|_| late("the server takes nothing"))?;
        written.map_err(|error| late(format!("the connection failed: {error}")))
    }

    /// A subject of our own for the answers to one request.
    fn ask_at(&mut self) -> String {
        self.requests += 1;
        format!("{}.a.{}", self.inbox, self.requests)
    }

    /// The next message at a place; nothing at the deadline. Messages elsewhere wait.
    async fn next_at(&mut self, at: At<'_>, deadline: Instant) -> Result<Option<Message>, Fault> {
        if let Some(place) = self.waiting.iter().position(|message| at.is_of(message)) {
            return Ok(self.waiting.remove(place));
        }
        loop {
            match wire::next(&mut self.arrived).map_err(late)? {
                Some(Said::Message(message)) if at.is_of(&message) => {
                    return Ok(Some(*message));
                }
                Some(said) => {
                    self.take(said)?;
                    self.flush().await?;
                }
                None => {
                    let more = read(&mut self.stream, &mut self.arrived);
                    match timeout_at(deadline, more).await {
                        Ok(read) => read?,
                        Err(_) => return Ok(None),
                    }
                }
            }
        }
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn request(
        &mut self,
        subject: &str,
        headers: &[(&str, &str)],
        payload: &[u8],
    ) -> Result<Message, Fault> {
        let at = self.ask_at();
        self.publish(subject, &at, headers, payload)?;
        self.flush().await?;
        let answer = self.next_at(At::Subject(&at), Instant::now() + PATIENCE).await?;
        let answer = answer.ok_or_else(|| late(format!("no answer at `{subject}`")))?;
        match answer.status {
            Some(503) => Err(Fault::Refused(format!("nobody listens at `{subject}`"))),
            _ => Ok(answer),
        }
    }
}

/// Waits for more. Cancelling it loses nothing.
async fn read(stream: &mut (impl AsyncRead + Unpin), into: &mut BytesMut) -> Result<(), Fault> {
    let read = stream.read_buf(into).await;
    match read.map_err(|error| late(format!("the connection failed: {error}")))? {
        0 => Err(late("the server closed the connection")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::{Policy, TlsOptions};

    fn check(url: &str, expected: Option<(&str, u16, bool)>) {
        let said = parse(url).ok();
        let said = said.as_ref().map(|(host, port, secure)| (host.as_str(), *port, *secure));
        assert_eq!(said, expected, "{url}");
    }

    #[test]
    fn an_address_is_a_host_and_perhaps_a_port() {
        check("nats://a.b", Some(("a.b", 4_222, false)));
        check("tls://a.b:1", Some(("a.b", 1, true)));
        check("nats://[::1]:9", Some(("[::1]", 9, false)));
        check("nats://[::1]", Some(("[::1]", 4_222, false)));
        for wrong in ["a.b:1", "http://a", "nats://u:p@a", "nats://", "nats://a:b", "nats://a/b"] {
            check(wrong, None);
        }
    }

    #[tokio::test]
    async fn a_private_address_is_refused() {
        let tls = Tls::new(&TlsOptions::default()).unwrap();
        let url = "nats://127.0.0.1:9".to_owned();
        let options = Options { url, login: Login::Nobody, tls, inbox: "x".into() };
        let answer = Link::connect(&Egress::new(Policy::default()), &options).await;
        assert!(matches!(answer.err(), Some(Fault::Refused(_))));
    }
}
