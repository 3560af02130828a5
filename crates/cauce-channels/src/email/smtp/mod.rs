//! An SMTP client (RFC 5321) that puts the body of one message and the envelope of the next into
//! one flight where the server allows it (RFC 2920).
//!
//! One [`Connection`] carries many messages. What became of each is an
//! [`Outcome`]; nothing is tried twice here.

mod exchange;
mod open;
mod reply;
mod wire;

pub use exchange::{Begun, Exchange};
pub use open::NotOpened;
pub use reply::{Malformed, Reply, parse};

use crate::egress::Tls;
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use exchange::Pending;
use std::time::Duration;
use wire::Wire;

/// When TLS is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Never.
    Plain,
    /// STARTTLS where the server offers it. Where it does and TLS cannot be agreed (a certificate
    /// that does not check, say), nothing is sent: falling back is what an attacker would want.
    Opportunistic,
    /// STARTTLS or nothing.
    Required,
    /// From the first byte (port 465).
    Implicit,
}

/// Who we are to the server.
#[derive(Clone)]
pub struct Auth {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
    /// Whether both may cross the network readable.
    pub allow_plaintext: bool,
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Auth(***)")
    }
}

/// How long each part may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// The greeting, EHLO, STARTTLS and AUTH, each.
    pub greeting: Duration,
    /// MAIL, RCPT and RSET, each.
    pub envelope: Duration,
    /// DATA.
    pub data: Duration,
    /// Writing one flight.
    pub block: Duration,
    /// The answer to the final dot.
    pub final_dot: Duration,
}

impl Default for Timeouts {
    /// What RFC 5321 §4.5.3.2 asks for.
    fn default() -> Timeouts {
        Timeouts {
            greeting: Duration::from_secs(300),
            envelope: Duration::from_secs(300),
            data: Duration::from_secs(120),
            block: Duration::from_secs(180),
            final_dot: Duration::from_secs(600),
        }
    }
}

/// How to talk to one server.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// When TLS is used.
    pub security: Security,
    /// How TLS is used.
    pub tls: Tls,
    /// Who we are; nobody if absent.
    pub auth: Option<Auth>,
    /// What we say in EHLO: our host's name.
    pub helo_name: String,
    /// How long things may take.
    pub timeouts: Timeouts,
}

/// What the server said it can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Takes several commands at once.
    pub pipelining: bool,
    /// Takes addresses beyond ASCII.
    pub smtputf8: bool,
    /// Offers STARTTLS.
    pub starttls: bool,
    /// Wants the size in MAIL.
    pub size: bool,
    /// The largest message, if it said.
    pub size_max: Option<u64>,
    /// AUTH PLAIN.
    pub auth_plain: bool,
    /// AUTH LOGIN.
    pub auth_login: bool,
}

/// An open conversation.
#[derive(Debug)]
pub struct Connection {
    wire: Wire,
    timeouts: Timeouts,
    capabilities: Capabilities,
    secure: bool,
    /// Whether a transaction was begun and not ended, so that RSET goes first.
    dirty: bool,
    open: bool,
    pending: Pending,
}

impl Connection {
    /// What the server can do.
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// Whether TLS is on.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Waits until the server closes or says something unasked, which is 421 if anything; either
    /// way nothing more can be sent.
    pub async fn closed(&mut self) {
        self.wire.readable().await;
        self.open = false;
    }

    /// Says goodbye and closes. Nobody waits long for the answer.
    pub async fn quit(mut self) {
        if self.open {
            let farewell = async {
                if self.wire.write_all(b"QUIT\r\n").await.is_ok() {
                    let _ = self.wire.reply().await;
                }
                self.wire.shutdown().await;
            };
            let _ = tokio::time::timeout(Duration::from_secs(2), farewell).await;
        }
    }
}

fn refused(stage: Stage, reply: &Reply) -> Outcome {
    Outcome::Refused {
        stage,
        code: reply.code,
        enhanced: reply.enhanced(),
        text: reply.shown(),
        retry_after_s: None,
    }
}

/// A refusal that we make ourselves, with the code the server would have used.
fn refused_here(stage: Stage, code: u16, enhanced: Enhanced, text: String) -> Outcome {
    Outcome::Refused { stage, code, enhanced: Some(enhanced), text, retry_after_s: None }
}

fn unreachable(text: impl Into<String>) -> Outcome {
    Outcome::Unreachable { text: text.into() }
}
