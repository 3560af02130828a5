//! What one attempt came to.

use crate::prelude::*;
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
}
