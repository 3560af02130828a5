//! Providers as they are written: what carries a channel, how much of it, and by which way.

mod email;
mod webhook;

pub use email::Smtp;
pub use webhook::{Meaning, Refusal, Webhook};

use super::CHANNELS;
use crate::diagnostic::Diagnostic;
use crate::message::Channel;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// A provider as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProviderSource {
    /// What it carries.
    pub channel: Channel,
    /// Attempts that may be under way at once, per node.
    #[serde(default = "in_flight")]
    pub in_flight: u32,
    /// Messages a second; absent: as fast as it takes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_second: Option<u32>,
    /// Reached as a mail server…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smtp: Option<Smtp>,
    /// …or as somebody's server: any third-party messaging provider…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
    /// …or not at all: the built-in one keeps messages for the inbox page and sends nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catch_all: Option<CatchAll>,
}

fn in_flight() -> u32 {
    crate::limits::IN_FLIGHT_MAX
}

/// The built-in provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CatchAll {}

/// One way to reach a provider, as far as all ways are alike.
struct Way<'p> {
    /// Its field.
    name: &'static str,
    /// Where it leads, for people.
    reached: String,
    /// Places of the secrets that it needs.
    secrets: Vec<&'p str>,
    /// What is wrong with it.
    faults: fn(&'p ProviderSource, &str) -> Vec<Diagnostic>,
}

impl ProviderSource {
    /// Every way that is said; there should be one.
    fn ways(&self) -> Vec<Way<'_>> {
        let smtp = self.smtp.as_ref().map(|smtp| Way {
            name: "smtp",
            reached: format!("{}:{} ({})", smtp.host, smtp.port, smtp.tls),
            secrets: smtp.password.as_deref().into_iter().collect(),
            faults: |own, path| own.smtp.as_ref().map_or_else(Vec::new, |way| way.faults(path)),
        });
        let webhook = self.webhook.as_ref().map(|webhook| Way {
            name: "webhook",
            reached: host_of(&webhook.url),
            secrets: webhook.signing_key.as_deref().into_iter().collect(),
            faults: |own, path| own.webhook.as_ref().map_or_else(Vec::new, |way| way.faults(path)),
        });
        let catch_all = self.catch_all.as_ref().map(|_| Way {
            name: "catch-all",
            reached: "the inbox of this server".to_owned(),
            secrets: Vec::new(),
            faults: |_, _| Vec::new(),
        });
        smtp.into_iter().chain(webhook).chain(catch_all).collect()
    }

    /// The word for how it is reached, and where that leads, for people.
    pub fn way(&self) -> (&'static str, String) {
        let first = self.ways().into_iter().next();
        first.map_or_else(|| ("none", String::new()), |way| (way.name, way.reached))
    }

    /// Where the secrets are that it needs.
    pub fn secrets(&self) -> Vec<&str> {
        self.ways().into_iter().flat_map(|way| way.secrets).collect()
    }

    /// What is wrong with it.
    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if !CHANNELS.contains(&self.channel) {
            let message = format!("no provider can carry {} yet", self.channel);
            faults.push(Diagnostic::error(format!("{path}.channel"), "channel-missing", message));
        }
        let ways = self.ways();
        if ways.len() != 1 {
            let message = "a provider is reached in exactly one way";
            let fault = Diagnostic::error(path, "provider-unclear", message);
            faults.push(fault.hint(format!("say one of {}", WAYS.join(", "))));
        }
        // At none at all nothing would ever leave, and nobody would be told.
        for (name, budget) in [("in-flight", Some(self.in_flight)), ("per-second", self.per_second)]
        {
            if budget == Some(0) {
                let message = format!("with `{name}: 0` nothing is ever sent");
                let fault = Diagnostic::error(format!("{path}.{name}"), "zero-rate", message);
                faults.push(fault.hint("leave it out, or say at least 1"));
            }
        }
        for way in ways {
            faults.extend((way.faults)(self, &format!("{path}.{}", way.name)));
        }
        faults
    }
}

/// The ways that there are.
const WAYS: [&str; 3] = ["smtp", "webhook", "catch-all"];

/// The host of an address that may have holes; what stands before `@` and behind it is not shown.
fn host_of(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_host_is_shown() {
        let check = |url: &str, expected: &str| assert_eq!(host_of(url), expected);
        check("https://api.example/v1/send?token=secret", "https://api.example");
        check("https://name:secret@api.example:8443/x", "https://api.example:8443");
        check("http://127.0.0.1:80#x", "http://127.0.0.1:80");
        check("api.example/secret", "https://api.example");
    }
}
