//! What follows from an input.

pub mod caused;

use crate::event::Properties;
use crate::ids::{MessageId, Partition, ProfileId, TraceId};
use crate::message::{Channel, Class};
use crate::policy::Reason;
use crate::policy::blocks::Word;
use crate::policy::complaints::Pair;
use crate::prelude::*;
use crate::profile::SegmentNumber;
use crate::state::{Key, Row};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What follows from an input: rows that change, and what the world is told once they have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// Rows in the order of their keys; `None` removes.
    pub changes: Vec<(Key, Option<Row>)>,
    /// What the world is told after the commit, in order.
    pub effects: Vec<Effect>,
    /// What changed about people, for whoever asks what the input caused.
    pub caused: Vec<caused::Caused>,
}

/// What the world is told after the commit. During replay nobody listens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Render and send this.
    HandOver(Box<HandOver>),
    /// A message must not start any more.
    Revoke(MessageId),
    /// A profile entered or left a segment.
    Membership(MembershipChange),
    /// Something was put into the queue to another partition: number `n`.
    Hop {
        /// Where to.
        to: Partition,
        /// Its number on the pair.
        n: u64,
    },
    /// A message was queued on a path, due then.
    Queued {
        /// The ready queue.
        path: String,
        /// Its class.
        class: Class,
        /// When it is due.
        due: Timestamp,
    },
    /// A timer was set.
    WakeAt(Timestamp),
    /// The input was refused or dropped, and why: shown by `explain` and counted.
    Note(Note),
    /// A provider of mailboxes took a message, or said that an address is gone.
    Answered {
        /// Its name or domain.
        keeper: String,
        /// The address that is gone, if one is.
        gone: Option<crate::profile::Alias>,
    },
    /// A mailbox provider took marketing of a domain, or refused it for what the domain is.
    Heard {
        /// The domain of the From address, and the mailbox provider.
        pair: Pair,
        /// What its answer says of the domain.
        word: Word,
    },
    /// What follows happens on behalf of this trace and not of the input's own: the clock moves a
    /// walk that an event began, a grant takes up a message that a request asked for.
    For(TraceId),
    /// Something was said that a plan for warming up goes by: this counter of a day went up.
    Replied {
        /// Its name.
        counter: String,
    },
}

/// Something that explains what an input did or did not do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// What it is about: `duplicate`, `journey-not-entered`…
    pub code: String,
    /// The profile, if one was found.
    pub profile: Option<ProfileId>,
    /// In words.
    pub text: String,
}

/// Why a membership changed. Journeys listen to the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// An event or an update.
    Event,
    /// Time alone.
    Time,
    /// A definition was published or built.
    Definition,
    /// Two profiles became one.
    Merge,
    /// An event of the past was imported.
    History,
    /// Its person was erased.
    Erasure,
}

/// A profile entered or left a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipChange {
    /// Who.
    pub profile: ProfileId,
    /// Which segment.
    pub segment: SegmentNumber,
    /// Its name.
    pub name: String,
    /// Whether it is in it now.
    pub inside: bool,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: Cause,
}

/// A granted message, with just the values that its template may use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOver {
    /// The message.
    pub message: MessageId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// The profile.
    pub profile: ProfileId,
    /// By what it travels.
    pub channel: Channel,
    /// Its class.
    pub class: Class,
    /// The ready queue.
    pub path: String,
    /// Who carries it: the grant says so.
    pub provider: String,
    /// The address.
    pub address: String,
    /// The template and its revision.
    pub template: (String, u32),
    /// Values: `profile`, `event`, `message`.
    pub values: Properties,
    /// The topic, if any: for the unsubscribe link.
    pub topic: Option<String>,
    /// The campaign, if any: a paused one is revoked.
    pub campaign: Option<crate::campaign::CampaignId>,
    /// The devices that it is pushed to; none on other channels.
    pub targets: Vec<crate::device::Target>,
    /// A hand-over that has not begun by then is no attempt.
    pub start_before: Timestamp,
    /// What reaches nobody by then is pointless: the provider is told, if it asks.
    pub expires: Timestamp,
    /// What caused it.
    pub trace: TraceId,
}

impl HandOver {
    /// The provider that carries it.
    pub fn provider(&self) -> &str {
        &self.provider
    }
}

/// What permit said about one message.
#[derive(Clone, Debug, PartialEq)]
pub enum Permit {
    /// It may leave.
    Yes {
        /// The address it goes to.
        address: String,
    },
    /// It may not.
    No(Reason),
    /// Not now.
    Later {
        /// When to ask again.
        due: Timestamp,
        /// Why.
        reason: Reason,
    },
}
