//! What is said about a message after it left.

use crate::delivery::{Cause, Enhanced};
use crate::ids::MessageId;
use crate::prelude::*;
use crate::time::Timestamp;
use crate::tracking::actor::Fetch;
use serde::{Deserialize, Serialize};

/// What was said about a message after it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The message.
    pub message: MessageId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: ReportKind,
}

/// What a provider said about a message that only it knows by this name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderReport {
    /// The provider's definition.
    pub provider: String,
    /// Its name for the message, or for a part of it.
    pub id: String,
    /// When it was said.
    pub at: Timestamp,
    /// What happened.
    pub kind: ReportKind,
}

/// What happened to a message after it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKind {
    /// It reached the mailbox.
    Delivered,
    /// It came back.
    Bounced {
        /// The diagnostic text.
        text: String,
        /// Whether the address is gone for good.
        hard: bool,
    },
    /// The reader called it spam.
    Complained,
    /// The pixel was fetched.
    Opened,
    /// A link was followed.
    Clicked {
        /// The target.
        url: String,
    },
    /// One of several parts of a text message reached the telephone; once all did, it is delivered.
    PartDelivered {
        /// The carrier's own name for the part.
        part: String,
        /// How many there are.
        parts: u16,
    },
    /// The person ended it at the carrier.
    OptedOut {
        /// What the carrier says.
        text: String,
    },
    /// It came back, and why.
    Returned {
        /// Why.
        cause: Cause,
        /// Whether the address is gone for good.
        hard: bool,
        /// The enhanced status code, if there was one.
        status: Option<Enhanced>,
        /// The diagnostic text.
        text: String,
    },
    /// Somebody on the way says how it is doing: `delayed`, `relayed`, `expanded`, `delivered`.
    Underway {
        /// The word.
        what: String,
    },
    /// Its reader wrote back.
    Answered,
    /// The pixel was fetched or a link followed, and by whom.
    Fetched(Fetch),
    /// What was said changed what had been thought of the message. Nobody says it: it follows.
    Corrected {
        /// What it was thought to be.
        was: String,
        /// What it is.
        is: String,
        /// Why.
        why: String,
    },
}
