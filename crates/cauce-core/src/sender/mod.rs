//! Whether a sender is somebody that mailbox providers can trust: judged from what stands in the
//! DNS, and said with what is to be published.
//!
//! Pure: [`questions`] says what has to be looked up next, somebody looks it up, and at the end
//! [`examine`] judges. The same facts give the same findings.

mod align;
mod authority;
pub mod bulk;
mod dmarc;
mod examine;
pub mod launch;
pub mod spf;

pub use align::{is_aligned, registrable_domain};
pub use examine::{examine, questions};

use crate::prelude::*;
use core::net::IpAddr;
use serde::{Deserialize, Serialize};

/// What is to be looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// The texts at a name (TXT).
    Texts(String),
    /// The mail servers of a domain (MX).
    Exchanges(String),
    /// The addresses of a host (A and AAAA).
    Addresses(String),
    /// The names of an address (PTR).
    Names(IpAddr),
    /// Whether a web address answers.
    Page(String),
}

/// What a look-up gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Texts, the strings of each joined.
    Texts(Vec<String>),
    /// Mail servers with their preferences; an empty name is a null MX.
    Exchanges(Vec<(u16, String)>),
    /// Addresses.
    Addresses(Vec<IpAddr>),
    /// Names.
    Names(Vec<String>),
    /// The status of the answer.
    Status(u16),
    /// The name exists without such a record.
    Empty,
    /// The name does not exist.
    Absent,
    /// Nobody could say.
    Trouble(String),
}

/// What has been looked up so far.
pub type Facts = BTreeMap<Question, Answer>;

/// One signature that a sender makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The selector.
    pub selector: String,
    /// The domain that signs.
    pub domain: String,
    /// The record that the private key belongs to, or why the key cannot be read.
    pub record: Result<String, String>,
}

/// What is examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The domain of the From header, in its ASCII form.
    pub domain: String,
    /// The domain to which bounces return.
    pub return_domain: String,
    /// Its signatures.
    pub signatures: Vec<Signature>,
    /// The addresses from which mail leaves, if they are known.
    pub egress: Vec<IpAddr>,
    /// The name that is said in EHLO; empty if mail leaves by somebody else's servers.
    pub helo_name: String,
    /// The beginning of every link.
    pub public_url: String,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// As it should be.
    Fine,
    /// It could not be found out.
    Unknown,
    /// It will cost trust somewhere.
    Warning,
    /// Large providers refuse mail for it.
    Error,
}

/// A record to be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The full name, without the last dot.
    pub name: String,
    /// `TXT`, `MX` or `PTR`.
    pub kind: String,
    /// The value as a resolver would show it, strings joined.
    pub value: String,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// What it is about: `spf`, `dkim`, `dmarc`, `ptr`, `return-path` or `unsubscribe`.
    pub about: String,
    /// How much it weighs.
    pub weight: Weight,
    /// A stable word for programs.
    pub code: String,
    /// What was found, in a sentence without a full stop.
    pub text: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What to publish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<Record>,
}

impl Finding {
    fn new(about: &str, weight: Weight, code: &str, text: impl Into<String>) -> Finding {
        Finding {
            about: about.to_owned(),
            weight,
            code: code.to_owned(),
            text: text.into(),
            hint: None,
            publish: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Finding {
        self.hint = Some(hint.into());
        self
    }

    fn publish(mut self, name: &str, kind: &str, value: impl Into<String>) -> Finding {
        self.publish =
            Some(Record { name: name.to_owned(), kind: kind.to_owned(), value: value.into() });
        self
    }
}

impl Record {
    /// The record as a line of a zone file; a text is cut into strings of 255 bytes at most.
    pub fn zone_line(&self) -> String {
        let value = match self.kind.as_str() {
            "TXT" => {
                let mut pieces = Vec::new();
                let mut piece = String::new();
                for c in self.value.chars() {
                    if piece.len() + c.len_utf8() > 255 {
                        pieces.push(core::mem::take(&mut piece));
                    }
                    piece.push(c);
                }
                pieces.push(piece);
                let quoted = pieces.iter().map(|piece| {
                    format!("\"{}\"", piece.replace('\\', "\\\\").replace('"', "\\\""))
                });
                quoted.collect::<Vec<_>>().join(" ")
            }
            _ => format!("{}.", self.value),
        };
        format!("{}. 3600 IN {} {value}", self.name, self.kind)
    }
}

/// What is still to be looked up, met in the middle of a judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unasked(pub Question);

fn known(facts: &Facts, question: Question) -> Result<&Answer, Unasked> {
    facts.get(&question).ok_or(Unasked(question))
}

#[cfg(test)]
mod tests;
