//! What one attempt came to.

use crate::ids::DeviceId;
use crate::prelude::*;
use crate::time::Timestamp;
use core::fmt;
use serde::{Deserialize, Serialize};

/// How far an SMTP conversation had come when the answer was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Opening the connection, the greeting, TLS, EHLO.
    Connect,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA and the body; for HTTP the whole request.
    Content,
}

/// An enhanced status code (RFC 3463): class, subject, detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Enhanced(pub u8, pub u16, pub u16);

impl Enhanced {
    /// The person said to the carrier that they want nothing more of this sender. No registry has a
    /// code for it: ours, beyond the details that the registry gives.
    pub const OPTED_OUT: Enhanced = Enhanced(5, 7, 610);
}

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// What an attempt came to. The channel reports; `delivery::classify` interprets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The provider took responsibility (SMTP 250 after the body, HTTP 2xx). Not *delivered*.
    Accepted {
        /// The provider's own name for the message, if it gave one.
        id: Option<String>,
        /// The answer as given.
        text: String,
    },
    /// The provider said no, for now or for good: nothing was taken.
    Refused {
        /// When it said so.
        stage: Stage,
        /// SMTP reply code or HTTP status.
        code: u16,
        /// Enhanced status code, where there was one.
        enhanced: Option<Enhanced>,
        /// The answer as given, bounded.
        text: String,
        /// Seconds after which to try again, if the provider said so.
        retry_after_s: Option<u32>,
    },
    /// The provider could not be reached: certainly nothing was taken.
    Unreachable {
        /// What went wrong.
        text: String,
    },
    /// The body may have been taken: the connection ended before the answer.
    Unknown {
        /// What went wrong.
        text: String,
    },
    /// The attempt was never begun (`start_before` passed, revoked, shutting down): no attempt.
    NotStarted {
        /// Why.
        text: String,
    },
    /// The content could not be made (a template failed on this person's values).
    Unrenderable {
        /// The diagnostics.
        text: String,
    },
    /// The attempt could not be begun for a fault of our own that an operator mends (a password or
    /// a key that cannot be read): no attempt, and pointless at once.
    Held {
        /// What is to be mended.
        text: String,
    },
    /// One message to several devices: what it came to at each.
    Devices(Vec<DeviceEnd>),
    /// The attempt was not begun, because too many others wait for the same destination: no
    /// attempt, and others may have its place until then.
    Busy {
        /// For whom.
        text: String,
        /// After how many milliseconds it may be its turn.
        after_ms: u32,
    },
}

/// What one attempt came to at one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceEnd {
    /// Which.
    pub device: DeviceId,
    /// What its service answered.
    pub answer: Answer,
    /// Since when the service knows the token to be gone, if it said so.
    pub since: Option<Timestamp>,
}

/// What an attempt came to at one device: an [`Outcome`] that holds no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// See [`Outcome::Accepted`].
    Accepted {
        /// The service's own name for it.
        id: Option<String>,
    },
    /// See [`Outcome::Refused`].
    Refused {
        /// When it said so.
        stage: Stage,
        /// HTTP status.
        code: u16,
        /// What the service's own word means, as RFC 3463 has it.
        enhanced: Option<Enhanced>,
        /// The answer as given, bounded.
        text: String,
        /// Seconds after which to try again.
        retry_after_s: Option<u32>,
    },
    /// See [`Outcome::Unreachable`].
    Unreachable {
        /// What went wrong.
        text: String,
    },
    /// See [`Outcome::Unknown`].
    Unknown {
        /// What went wrong.
        text: String,
    },
    /// See [`Outcome::NotStarted`].
    NotStarted {
        /// Why.
        text: String,
    },
    /// See [`Outcome::Unrenderable`].
    Unrenderable {
        /// Why.
        text: String,
    },
    /// See [`Outcome::Held`].
    Held {
        /// What is to be mended.
        text: String,
    },
}

impl Answer {
    /// The same as an outcome, for the one judge.
    pub fn outcome(&self) -> Outcome {
        match self.clone() {
            Answer::Accepted { id } => Outcome::Accepted { id, text: String::new() },
            Answer::Refused { stage, code, enhanced, text, retry_after_s } => {
                Outcome::Refused { stage, code, enhanced, text, retry_after_s }
            }
            Answer::Unreachable { text } => Outcome::Unreachable { text },
            Answer::Unknown { text } => Outcome::Unknown { text },
            Answer::NotStarted { text } => Outcome::NotStarted { text },
            Answer::Unrenderable { text } => Outcome::Unrenderable { text },
            Answer::Held { text } => Outcome::Held { text },
        }
    }

    /// Takes what may quote a token out of it.
    pub(crate) fn wipe(&mut self) {
        match self {
            Answer::Accepted { .. } => {}
            Answer::Refused { text, .. }
            | Answer::Unreachable { text }
            | Answer::Unknown { text }
            | Answer::NotStarted { text }
            | Answer::Unrenderable { text }
            | Answer::Held { text } => text.clear(),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Accepted { .. } => f.write_str("accepted"),
            Answer::Refused { code, text, .. } => write!(f, "{code} {text}"),
            Answer::Unreachable { text }
            | Answer::Unknown { text }
            | Answer::NotStarted { text }
            | Answer::Unrenderable { text }
            | Answer::Held { text } => f.write_str(text),
        }
    }
}

/// What several ends say, in one line.
pub fn summary(ends: &[DeviceEnd]) -> String {
    let took = ends.iter().filter(|end| matches!(end.answer, Answer::Accepted { .. })).count();
    let mut text = format!("{took} of {} devices took it", ends.len());
    for end in ends.iter().filter(|end| !matches!(end.answer, Answer::Accepted { .. })) {
        text.push_str(&format!("; {}: {}", end.device, end.answer));
    }
    text
}
