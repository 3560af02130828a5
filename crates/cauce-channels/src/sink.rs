//! A local SMTP server for tests, measurements and the demonstration: fast, countable, and with
//! every misfortune that a script asks for. It listens on loopback only and stops when it is
//! dropped.

mod session;

use bytes::Bytes;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::rustls::ServerConfig;

/// Where in a conversation something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Instead of the greeting; counted in connections.
    Greeting,
    /// At MAIL.
    Mail,
    /// At RCPT.
    Recipient,
    /// At DATA.
    Data,
    /// After DATA was granted, before the body is read.
    Body,
    /// After the final dot; the message is kept, as a server would that dies before answering.
    Dot,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This answer instead of the usual one.
    Say(String),
    /// This answer, then the end.
    SayAndClose(String),
    /// The end without an answer.
    Close,
    /// No answer and no end.
    Silence,
}

/// Something that goes wrong once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfortune {
    /// With which message (counted in MAIL commands) or connection, from zero.
    pub nth: usize,
    /// Where.
    pub at: Moment,
    /// What.
    pub fault: Fault,
}

/// How the sink behaves.
#[derive(Clone, Debug)]
pub struct Script {
    /// Knows EHLO.
    pub ehlo: bool,
    /// Offers PIPELINING.
    pub pipelining: bool,
    /// Offers SMTPUTF8.
    pub smtputf8: bool,
    /// Offers SIZE with this limit.
    pub size: Option<u64>,
    /// Offers STARTTLS with this certificate.
    pub starttls: Option<Arc<ServerConfig>>,
    /// Speaks TLS from the first byte with this certificate.
    pub implicit_tls: Option<Arc<ServerConfig>>,
    /// Puts a readable reply behind its answer to STARTTLS, as an attacker on the path would.
    pub inject: bool,
    /// Offers these AUTH mechanisms and takes this name and password.
    pub auth: Option<(String, String, String)>,
    /// Waits before every flush of answers.
    pub delay: Duration,
    /// Keeps messages and commands.
    pub keep: bool,
    /// Answers 354 to DATA although no recipient was taken.
    pub grants_without_recipient: bool,
    /// What goes wrong.
    pub misfortunes: Vec<Misfortune>,
}

impl Default for Script {
    fn default() -> Script {
        Script {
            ehlo: true,
            pipelining: true,
            smtputf8: false,
            size: None,
            starttls: None,
            implicit_tls: None,
            inject: false,
            auth: None,
            delay: Duration::ZERO,
            keep: true,
            grants_without_recipient: false,
            misfortunes: Vec::new(),
        }
    }
}

impl Script {
    /// The same with something that goes wrong.
    #[must_use]
    pub fn with(mut self, nth: usize, at: Moment, fault: Fault) -> Script {
        self.misfortunes.push(Misfortune { nth, at, fault });
        self
    }

    fn fault(&self, nth: usize, at: Moment) -> Option<&Fault> {
        let found = self.misfortunes.iter().find(|m| m.nth == nth && m.at == at);
        found.map(|misfortune| &misfortune.fault)
    }
}

/// A message as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// What stood after `MAIL FROM:`, with its parameters.
    pub sender: String,
    /// What stood after `RCPT TO:`.
    pub recipients: Vec<String>,
    /// The body with dots unstuffed.
    pub bytes: Bytes,
    /// Whether it came under TLS.
    pub secure: bool,
}

#[derive(Debug)]
struct State {
    script: Script,
    connections: AtomicUsize,
    open: AtomicUsize,
    open_most: AtomicUsize,
    mails: AtomicUsize,
    messages: AtomicUsize,
    received: Mutex<Vec<Received>>,
    commands: Mutex<Vec<String>>,
}

/// A running sink.
#[derive(Debug)]
pub struct Sink {
    port: u16,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Sink {
    /// Starts a sink on a free port of the loopback address.
    pub async fn start(script: Script) -> std::io::Result<Sink> {
        Sink::start_at(Ipv4Addr::LOCALHOST, 0, script).await
    }

    /// Starts a sink on an address of loopback (127.0.0.0/8) and a port, so that several hosts can
    /// share one port as mail servers do.
    pub async fn start_at(address: Ipv4Addr, port: u16, script: Script) -> std::io::Result<Sink> {
        assert!(address.is_loopback(), "a sink is for this machine only");
        let listener = TcpListener::bind((address, port)).await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(State {
            script,
            connections: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            open_most: AtomicUsize::new(0),
            mails: AtomicUsize::new(0),
            messages: AtomicUsize::new(0),
            received: Mutex::default(),
            commands: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            // Sessions end with the set when the task is aborted.
            let mut sessions = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let nth = shared.connections.fetch_add(1, Ordering::SeqCst);
                let own = Arc::clone(&shared);
                sessions.spawn(async move {
                    let open = own.open.fetch_add(1, Ordering::SeqCst) + 1;
                    own.open_most.fetch_max(open, Ordering::SeqCst);
                    session::run(Arc::clone(&own), stream, nth).await;
                    own.open.fetch_sub(1, Ordering::SeqCst);
                });
                while sessions.try_join_next().is_some() {}
            }
        });
        Ok(Sink { port, state, task })
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Connections made so far.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// The most connections that were open at once.
    pub fn open_most(&self) -> usize {
        self.state.open_most.load(Ordering::SeqCst)
    }

    /// Messages whose final dot arrived.
    pub fn messages(&self) -> usize {
        self.state.messages.load(Ordering::SeqCst)
    }

    /// The messages kept.
    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes away the messages kept so far.
    pub fn take_received(&self) -> Vec<Received> {
        let mut kept = self.state.received.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *kept)
    }

    /// Every command of every connection, in order of arrival.
    pub fn commands(&self) -> Vec<String> {
        self.state.commands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}
