//! Ways out for e-mail.

use crate::diagnostic::Diagnostic;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port.
    #[serde(default = "smtp_port")]
    pub port: u16,
    /// `starttls` (if offered), `starttls-required`, `tls`, `none`.
    #[serde(default = "starttls")]
    pub tls: String,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Where the account's password is: `file:NAME` (of the secrets folder) or `env:CAUCE_NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Connections at once.
    #[serde(default = "connections")]
    pub connections: usize,
    /// Messages on one connection.
    #[serde(default = "messages_per_connection")]
    pub messages_per_connection: u32,
}

/// No server in between: straight to the servers of each reader's domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Direct {
    /// `opportunistic` (if offered), `required`, `verified` (and the server proves its name).
    #[serde(default = "opportunistic")]
    pub tls: String,
    /// The name that is said in EHLO; that of the installation if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helo_name: Option<String>,
}

fn opportunistic() -> String {
    "opportunistic".to_owned()
}

impl Direct {
    /// What is wrong with it.
    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if !matches!(self.tls.as_str(), "opportunistic" | "required" | "verified") {
            let message = format!("`{}` is no way to encrypt to a reader's server", self.tls);
            let fault = Diagnostic::error(format!("{path}.tls"), "bad-tls", message);
            faults.push(fault.hint("opportunistic, required or verified"));
        }
        let fine = |name: &String| {
            let label = |label: &str| {
                !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            };
            name.contains('.') && name.split('.').all(label)
        };
        if self.helo_name.as_ref().is_some_and(|name| !fine(name)) {
            let message = "is no full name of a host";
            let fault = Diagnostic::error(format!("{path}.helo-name"), "bad-host", message);
            faults.push(fault.hint("the name that your address has in the DNS: `mail.shop.com`"));
        }
        faults
    }
}

fn smtp_port() -> u16 {
    25
}
fn starttls() -> String {
    "starttls".to_owned()
}
fn connections() -> usize {
    4
}
fn messages_per_connection() -> u32 {
    1_000
}

impl Smtp {
    /// What is wrong with it. A name without its password would silently not log in, and the other
    /// way round.
    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if self.username.is_some() != self.password.is_some() {
            let message = "`username` and `password` belong together";
            let fault = Diagnostic::error(path, "half-a-login", message);
            faults.push(fault.hint("say both, or neither: then nobody logs in"));
        }
        if !matches!(self.tls.as_str(), "none" | "starttls" | "starttls-required" | "tls") {
            let message = format!("`{}` is no way to encrypt", self.tls);
            let fault = Diagnostic::error(format!("{path}.tls"), "bad-tls", message);
            faults.push(fault.hint("none, starttls, starttls-required or tls"));
        }
        faults
    }
}
