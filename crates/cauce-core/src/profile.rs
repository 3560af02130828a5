//! What we know about one person.

use crate::ids::{EventId, ProfileId};
use crate::message::Channel;
use crate::prelude::*;
use crate::time::Timestamp;
use crate::value::Value;
use core::fmt;
use serde::{Deserialize, Serialize};

/// A name that somebody gave a person: `user_id` 42, `email` ana@example.com.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Alias {
    /// Which kind of name; see `identity::Namespace`.
    pub namespace: String,
    /// The name, in the namespace's canonical form.
    pub value: String,
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.namespace, self.value)
    }
}

/// An attribute and where it comes from. The later fact wins; of two at one instant the one with
/// the higher event id, so that any order of arrival ends in the same state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// What is known; [`Value::Null`] for "removed".
    pub value: Value,
    /// When the fact occurred.
    pub at: Timestamp,
    /// The event that said so.
    pub event: EventId,
}

/// The attributes of a profile by name. A removed one stays as null, or an older fact that arrives
/// late would bring it back.
pub type Attributes = BTreeMap<String, Attribute>;

/// What a person said about being written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentState {
    /// Allowed.
    Granted,
    /// Taken back or refused.
    Withdrawn,
}

/// A statement about consent, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConsentFact {
    /// The topic's key; `*` for every topic.
    pub topic: String,
    /// The channel; absent for every channel.
    pub channel: Option<Channel>,
    /// Granted or withdrawn.
    pub state: ConsentState,
    /// Where it was said: a form's address, `unsubscribe link`, `import`.
    pub source: String,
    /// The wording shown, if it was recorded.
    #[serde(default)]
    pub wording: Option<String>,
    /// The internet address it came from, if it was recorded.
    #[serde(default)]
    pub ip: Option<String>,
}

/// The consent in force for one topic and channel: the latest fact; at one instant a withdrawal
/// wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// What was said, with its evidence.
    pub fact: ConsentFact,
    /// When it was said.
    pub at: Timestamp,
    /// The event that said so.
    pub event: EventId,
}

/// A segment's number: given at its first publish, never used for another.
pub type SegmentNumber = u32;

/// That a profile is in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Membership {
    /// Since when.
    pub since: Timestamp,
}

/// Immutable; of two profiles the one with the lower rank absorbs the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rank {
    /// Priority of the namespace whose alias created the profile; lower is stronger.
    pub priority: u8,
    /// The profile.
    pub id: ProfileId,
}
