//! Providers as they are written: what carries a channel, how much of it, and by which way.

mod api;
mod auth;
mod email;
mod push;
mod reports;
mod smpp;
mod sms;
mod webhook;

pub use api::{
    Mailgun, MailgunReports, Postmark, PostmarkReports, Region, SendGrid, SendGridReports, Ses,
    SnsReports,
};
pub use auth::{Auth, Basic, Certificate, Credentials, Encoding, Hash, Hmac, KeyHeader, OAuth2};
pub use email::{Direct, Smtp};
pub use push::{Apns, Fcm, PushWays, WebPush};
pub use reports::{Challenge, Happened, Inbound, Link, Numbers, Proof, Reports, Signature};
pub use smpp::{Addressing, Smpp, TonNpi};
pub use sms::{Twilio, Vonage};
pub use webhook::{Meaning, Refusal, RetryAfter, Unit, Webhook, Where};

use super::CHANNELS;
use crate::delivery::Answering;
use crate::diagnostic::Diagnostic;
use crate::message::Channel;
use crate::prelude::*;
use crate::route::{Limit, WarmUp, check_shape};
use crate::sms::Prices;
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
    /// Limits towards where messages go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// The plan by which a new sender becomes known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<WarmUp>,
    /// What text messages cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
    /// Reached as a mail server…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smtp: Option<Smtp>,
    /// …or as Amazon SES by its API…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ses: Option<Ses>,
    /// …or as SendGrid…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sendgrid: Option<SendGrid>,
    /// …or as Mailgun…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailgun: Option<Mailgun>,
    /// …or as Postmark…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postmark: Option<Postmark>,
    /// …or not at all, because mail goes straight to the servers of its readers…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct: Option<Direct>,
    /// …or as somebody's server: any third-party messaging provider…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
    /// …or by the push services of devices…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<PushWays>,
    /// …or by Twilio (SMS)…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twilio: Option<Twilio>,
    /// …or by Vonage (SMS)…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vonage: Option<Vonage>,
    /// …or over SMPP: an operator or an aggregator of text messages…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smpp: Option<Smpp>,
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
        self.ways_of_mail().into_iter().chain(self.other_ways()).flatten().collect()
    }

    fn ways_of_mail(&self) -> [Option<Way<'_>>; 6] {
        let smtp = self.smtp.as_ref().map(|smtp| Way {
            name: "smtp",
            reached: format!("{}:{} ({})", smtp.host, smtp.port, smtp.tls),
            secrets: smtp.password.as_deref().into_iter().collect(),
            faults: |own, path| own.smtp.as_ref().map_or_else(Vec::new, |way| way.faults(path)),
        });
        let direct = self.direct.as_ref().map(|direct| Way {
            name: "direct",
            reached: format!("the servers of its readers ({})", direct.tls),
            secrets: Vec::new(),
            faults: |own, path| own.direct.as_ref().map_or_else(Vec::new, |way| way.faults(path)),
        });
        let ses = self.ses.as_ref().map(|ses| Way {
            name: "ses",
            reached: ses.reached(),
            secrets: ses.secrets(),
            faults: |own, path| {
                own.ses.as_ref().map_or_else(Vec::new, |way| way.faults(own.channel, path))
            },
        });
        let sendgrid = self.sendgrid.as_ref().map(|sendgrid| Way {
            name: "sendgrid",
            reached: sendgrid.url(),
            secrets: vec![sendgrid.key.as_str()],
            faults: |own, path| {
                own.sendgrid.as_ref().map_or_else(Vec::new, |way| way.faults(own.channel, path))
            },
        });
        let mailgun = self.mailgun.as_ref().map(|mailgun| Way {
            name: "mailgun",
            reached: mailgun.url(),
            secrets: mailgun.secrets(),
            faults: |own, path| {
                own.mailgun.as_ref().map_or_else(Vec::new, |way| way.faults(own.channel, path))
            },
        });
        let postmark = self.postmark.as_ref().map(|postmark| Way {
            name: "postmark",
            reached: postmark.url(),
            secrets: postmark.secrets(),
            faults: |own, path| {
                own.postmark.as_ref().map_or_else(Vec::new, |way| way.faults(own.channel, path))
            },
        });
        [smtp, direct, ses, sendgrid, mailgun, postmark]
    }

    fn other_ways(&self) -> [Option<Way<'_>>; 6] {
        let webhook = self.webhook.as_ref().map(|webhook| Way {
            name: "webhook",
            reached: host_of(&webhook.url),
            secrets: webhook.secrets(),
            faults: |own, path| {
                own.webhook.as_ref().map_or_else(Vec::new, |way| way.faults(own.channel, path))
            },
        });
        let push = self.push.as_ref().map(|push| Way {
            name: "push",
            reached: push.reached(),
            secrets: push.secrets(),
            faults: |own, path| own.push.as_ref().map_or_else(Vec::new, |way| way.faults(path)),
        });
        let twilio = self.twilio.as_ref().map(|twilio| Way {
            name: "twilio",
            reached: twilio.reached(),
            secrets: twilio.secrets(),
            faults: |own, path| own.twilio.as_ref().map_or_else(Vec::new, |way| way.faults(path)),
        });
        let vonage = self.vonage.as_ref().map(|vonage| Way {
            name: "vonage",
            reached: vonage.reached(),
            secrets: vonage.secrets(),
            faults: |own, path| own.vonage.as_ref().map_or_else(Vec::new, |way| way.faults(path)),
        });
        let smpp = self.smpp.as_ref().map(|smpp| Way {
            name: "smpp",
            reached: smpp.reached(),
            secrets: vec![&smpp.password],
            faults: |own, path| own.smpp.as_ref().map_or_else(Vec::new, |way| way.faults(path)),
        });
        let catch_all = self.catch_all.as_ref().map(|_| Way {
            name: "catch-all",
            reached: "the inbox of this server".to_owned(),
            secrets: Vec::new(),
            faults: |_, _| Vec::new(),
        });
        [webhook, push, twilio, vonage, smpp, catch_all]
    }

    /// Whose answers come back from it.
    pub fn answering(&self) -> Answering {
        match self.direct {
            Some(_) => Answering::Destinations,
            None => Answering::Itself,
        }
    }

    /// Whether it matters where its messages go: there are limits, or it is nobody but the servers
    /// of its readers, of whom one must not stand in the way of the others.
    pub fn is_grouped(&self) -> bool {
        !self.limits.is_empty()
            || self.warm_up.is_some()
            || self.answering() == Answering::Destinations
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
        faults.extend(check_shape(path, self.channel, &self.limits, self.warm_up.as_ref()));
        if let Some(prices) = &self.prices {
            let at = format!("{path}.prices");
            faults.extend(prices.faults(&at));
            if self.channel != Channel::Sms {
                let message = format!("prices are for text messages, not for {}", self.channel);
                let fault = Diagnostic::error(at, "only-for-sms", message);
                faults.push(fault.hint("leave them out"));
            }
        }
        let pushes = ways.iter().any(|way| way.name == "push");
        let kept = self.catch_all.is_some();
        if (pushes || !kept) && pushes != (self.channel == Channel::Push) {
            let message = "pushes, and nothing else, travel by push services";
            let fault = Diagnostic::error(path, "not-its-way", message);
            faults.push(fault.hint("`channel: push` belongs with `push:`"));
        }
        for way in ways {
            if let Some((name, only)) = CARRIES.iter().find(|(name, _)| *name == way.name)
                && *only != self.channel
            {
                let message = format!("`{name}` carries {only}, not {}", self.channel);
                let fault =
                    Diagnostic::error(format!("{path}.channel"), "channel-missing", message);
                faults.push(fault.hint(format!("write `channel: {only}`")));
            }
            if way.name == "webhook" && !matches!(self.channel, Channel::Webhook | Channel::Sms) {
                let message = format!("`webhook` carries requests and texts, not {}", self.channel);
                let fault =
                    Diagnostic::error(format!("{path}.channel"), "channel-missing", message);
                faults.push(fault.hint("write `channel: webhook` or `channel: sms`"));
            }
            if way.name == "catch-all" && self.channel == Channel::Webhook {
                let message = "the inbox keeps e-mails, text messages and pushes, no requests";
                let fault =
                    Diagnostic::error(format!("{path}.channel"), "channel-missing", message);
                faults.push(fault.hint("write `channel: email`, `sms` or `push`"));
            }
            faults.extend((way.faults)(self, &format!("{path}.{}", way.name)));
        }
        faults
    }
}

/// Ways that carry one channel only.
const CARRIES: [(&str, Channel); 5] = [
    ("smtp", Channel::Email),
    ("direct", Channel::Email),
    ("twilio", Channel::Sms),
    ("vonage", Channel::Sms),
    ("smpp", Channel::Sms),
];

/// The ways that there are.
const WAYS: [&str; 12] = [
    "smtp",
    "direct",
    "ses",
    "sendgrid",
    "mailgun",
    "postmark",
    "webhook",
    "push",
    "twilio",
    "vonage",
    "smpp",
    "catch-all",
];

/// Whether a text says where a secret is: in the vault, a file, or a variable.
pub fn is_secret(place: &str) -> bool {
    ["vault:", "file:", "env:"].iter().any(|start| place.starts_with(start))
}

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
