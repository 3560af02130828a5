//! Operators and aggregators that carry text messages over SMPP 3.4.

use super::Meaning;
use crate::diagnostic::Diagnostic;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// Sessions with a provider's server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Smpp {
    /// Its server.
    pub host: String,
    /// Its port; the usual one is 2775, and 3550 with TLS.
    #[serde(default = "port")]
    pub port: u16,
    /// Whether the connection is encrypted: `tls` or `none`.
    #[serde(default = "none")]
    pub tls: String,
    /// The name that the provider gave.
    pub system_id: String,
    /// Where its password is: `file:NAME` (of the secrets folder) or `env:CAUCE_NAME`.
    pub password: String,
    /// What kind of system we are, if the provider asks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub system_type: String,
    /// Which sessions: `transceiver` (both ways), `separate` (some that send and one that hears) or
    /// `transmitter` (nothing is heard).
    #[serde(default = "transceiver")]
    pub bind: String,
    /// Sessions that send, at once.
    #[serde(default = "connections")]
    pub connections: u32,
    /// Submissions of one session without an answer.
    #[serde(default = "window")]
    pub window: u32,
    /// Submissions a second of one session (each part is one); absent: as fast as it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts_per_second: Option<u32>,
    /// What the provider takes for its default alphabet: `gsm`, `latin1` or `ia5`.
    #[serde(default = "gsm")]
    pub alphabet: String,
    /// Whether `latin1` or `ia5` is named by its own number (3 or 1) instead of 0.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub declare_alphabet: bool,
    /// How the parts of a long text are joined: `udh`, `udh-16`, `sar` or `payload`.
    #[serde(default = "udh")]
    pub segmentation: String,
    /// How the provider is told until when to try: `relative`, `absolute` or `none`.
    #[serde(default = "relative")]
    pub validity: String,
    /// How its names for messages differ between answer and receipt: `same`, `answer-hex` (a
    /// receipt has them in decimal) or `receipt-hex`.
    #[serde(default = "same")]
    pub receipt_id: String,
    /// What the provider sells messages as; most leave it empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service_type: String,
    /// Type of number and numbering plan, where the provider wants other ones.
    #[serde(default, skip_serializing_if = "Addressing::is_usual")]
    pub addressing: Addressing,
    /// How the numbers are written that write to us: `typed` (their country is there if the
    /// provider says so by their type) or `international` (it is always there).
    #[serde(default = "typed", skip_serializing_if = "is_typed")]
    pub inbound_numbers: String,
    /// How long an answer is waited for, in seconds.
    #[serde(default = "seconds")]
    pub answer_within_s: u32,
    /// After how much silence the provider is asked whether it is there, in seconds.
    #[serde(default = "seconds")]
    pub enquire_every_s: u32,
    /// What a status means, where the provider means something else or has its own: `0x423:
    /// invalid-recipient`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub statuses: BTreeMap<String, Meaning>,
    /// Codes of `err:` in a receipt that say that there is no such number: it is not written to any
    /// more.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gone: BTreeSet<String>,
}

/// Type of number and numbering plan of each kind of address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Addressing {
    /// A number with its country: 1 and 1 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<TonNpi>,
    /// A sender of letters: 5 and 0 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letters: Option<TonNpi>,
    /// A short code: 3 and 0 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_code: Option<TonNpi>,
}

impl Addressing {
    fn is_usual(&self) -> bool {
        *self == Addressing::default()
    }
}

/// Type of number and numbering plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TonNpi {
    /// Type of number.
    pub ton: u8,
    /// Numbering plan.
    pub npi: u8,
}

fn port() -> u16 {
    2775
}
fn none() -> String {
    "none".to_owned()
}
fn transceiver() -> String {
    "transceiver".to_owned()
}
fn connections() -> u32 {
    1
}
fn window() -> u32 {
    10
}
fn gsm() -> String {
    "gsm".to_owned()
}
fn udh() -> String {
    "udh".to_owned()
}
fn relative() -> String {
    "relative".to_owned()
}
fn same() -> String {
    "same".to_owned()
}
fn typed() -> String {
    "typed".to_owned()
}
fn is_typed(word: &str) -> bool {
    word == "typed"
}
fn seconds() -> u32 {
    30
}

/// Limit: sessions of one provider; operators give one to ten.
const CONNECTIONS_MAX: u32 = 32;
/// Limit: the window of one session.
const WINDOW_MAX: u32 = 1_000;
/// Limit: the longest name and password in a bind, without their zeros (SMPP v3.4, 4.1).
const SYSTEM_ID_MAX: usize = 15;

impl Smpp {
    pub(super) fn reached(&self) -> String {
        format!("{}:{} ({})", self.host, self.port, self.tls)
    }

    /// A status by its number, as it is written: `0x58` or `88`.
    pub fn status(text: &str) -> Option<u32> {
        match text.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => text.parse().ok(),
        }
    }

    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, code: &str, message: String, hint: &str| {
            let fault = Diagnostic::error(format!("{path}.{field}"), code, message);
            faults.push(fault.hint(hint));
        };
        let words: [(&str, &str, &[&str]); 7] = [
            ("tls", &self.tls, &["none", "tls"]),
            ("bind", &self.bind, &["transceiver", "separate", "transmitter"]),
            ("alphabet", &self.alphabet, &["gsm", "latin1", "ia5"]),
            ("segmentation", &self.segmentation, &["udh", "udh-16", "sar", "payload"]),
            ("validity", &self.validity, &["relative", "absolute", "none"]),
            ("receipt-id", &self.receipt_id, &["same", "answer-hex", "receipt-hex"]),
            ("inbound-numbers", &self.inbound_numbers, &["typed", "international"]),
        ];
        for (field, value, known) in words {
            if !known.contains(&value) {
                let message = format!("`{value}` is not among what can be chosen");
                fault(field, "unknown-word", message, &known.join(", "));
            }
        }
        let numbers = [
            ("connections", self.connections, CONNECTIONS_MAX),
            ("window", self.window, WINDOW_MAX),
            ("parts-per-second", self.parts_per_second.unwrap_or(1), 100_000),
            ("answer-within-s", self.answer_within_s, 600),
            ("enquire-every-s", self.enquire_every_s, 3_600),
        ];
        for (field, value, most) in numbers {
            if !(1..=most).contains(&value) {
                let message = format!("{value} is not between 1 and {most}");
                fault(field, "out-of-range", message, "leave it out for what is usual");
            }
        }
        if self.host.is_empty() || self.host.contains(['/', ':', ' ', '@']) {
            let message = format!("`{}` is no host", self.host);
            fault("host", "bad-host", message, "the name alone; `port` says the port");
        }
        let texts = [
            ("system-id", &self.system_id, 1, SYSTEM_ID_MAX),
            ("system-type", &self.system_type, 0, 12),
            ("service-type", &self.service_type, 0, 5),
        ];
        for (field, value, least, most) in texts {
            let fits = (least..=most).contains(&value.len());
            if !fits || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
                let message = format!("`{value}` does not fit into its field of {most} characters");
                fault(field, "too-long", message, "write it as the provider gave it");
            }
        }
        for status in self.statuses.keys() {
            if Smpp::status(status).is_none_or(|status| status == 0) {
                let message = format!("`{status}` is no status of SMPP");
                fault("statuses", "bad-status", message, "a number such as `0x45`");
            }
        }
        if self.declare_alphabet && self.alphabet == "gsm" {
            let message = "GSM 03.38 has no other number than 0".to_owned();
            fault("declare-alphabet", "no-number", message, "leave it out");
        }
        faults.extend(self.doubts(path));
        faults
    }

    /// What is possible and seldom meant.
    fn doubts(&self, path: &str) -> Vec<Diagnostic> {
        let mut doubts = Vec::new();
        if self.tls == "none" {
            let message = "password and texts travel in the open";
            let doubt = Diagnostic::warning(format!("{path}.tls"), "unencrypted", message);
            doubts.push(doubt.hint("ask the provider for TLS, or for a tunnel between the two"));
        }
        if self.bind == "transmitter" {
            let message = "receipts and answers are not heard: STOP would change nothing here";
            let doubt = Diagnostic::warning(format!("{path}.bind"), "reports-unheard", message);
            doubts.push(doubt.hint("say `transceiver` or `separate`"));
        }
        doubts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(json: &str) -> Vec<String> {
        let smpp: Smpp = serde_json::from_str(json).unwrap();
        smpp.faults("p").into_iter().map(|fault| fault.code.to_string()).collect()
    }

    #[test]
    fn what_cannot_work_is_found_at_publish() {
        let with = |more: &str| {
            codes(&format!(
                r#"{{"host":"smsc.example","system-id":"cauce","password":"file:p"{more}}}"#
            ))
        };
        assert_eq!(with(r#","tls":"tls""#), Vec::<String>::new());
        assert_eq!(with(""), ["unencrypted"]);
        assert_eq!(with(r#","tls":"tls","bind":"transmitter""#), ["reports-unheard"]);
        assert_eq!(with(r#","tls":"tls","window":0"#), ["out-of-range"]);
        assert_eq!(with(r#","tls":"tls","alphabet":"utf-8""#), ["unknown-word"]);
        let numbers = |word: &str| with(&format!(r#","tls":"tls","inbound-numbers":"{word}""#));
        assert_eq!(numbers("international"), Vec::<String>::new());
        assert_eq!(numbers("national"), ["unknown-word"]);
        assert_eq!(with(r#","tls":"tls","declare-alphabet":true"#), ["no-number"]);
        assert_eq!(with(r#","tls":"tls","system-type":"0123456789abc""#), ["too-long"]);
        let statuses = r#","tls":"tls","statuses":{"0x423":"throttled","69":"temporary"}"#;
        assert_eq!(with(statuses), Vec::<String>::new());
        assert_eq!(with(r#","tls":"tls","statuses":{"busy":"throttled"}"#), ["bad-status"]);
        let host = r#"{"host":"a:1","tls":"tls","system-id":"c","password":"file:p"}"#;
        assert_eq!(codes(host), ["bad-host"]);
        assert_eq!((Smpp::status("0x58"), Smpp::status("88")), (Some(88), Some(88)));
    }
}
