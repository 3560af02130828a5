//! The ledger: one row per message, from the wish to its end, with everything that explains it.

use super::{Channel, Class};
use crate::campaign::CampaignId;
use crate::delivery::{Outcome, is_begun, is_lost};
use crate::event::Properties;
use crate::ids::{MessageId, Number, ProfileId, RunId, TraceId};
use crate::input::ReportKind;
use crate::policy::Reason;
use crate::prelude::*;
use crate::route;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Who wanted a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A journey's step.
    Journey {
        /// The journey.
        journey: String,
        /// Its revision.
        revision: u32,
        /// The run.
        run: RunId,
        /// The step's name.
        step: String,
    },
    /// A campaign.
    Campaign {
        /// The execution.
        id: CampaignId,
        /// The campaign.
        campaign: String,
    },
    /// A request to the API.
    Api {
        /// Its idempotency key.
        key: Option<String>,
    },
}

/// Where a message stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Waits in its ready queue.
    Queued {
        /// Until then.
        due: Timestamp,
        /// Why it was put off last.
        put_off: Option<Reason>,
    },
    /// Granted: may be on the wire.
    Attempting {
        /// Begun by then, or not at all.
        start_before: Timestamp,
    },
    /// A provider took responsibility. Not *delivered*: that is a report.
    Accepted {
        /// When.
        at: Timestamp,
    },
    /// We said no.
    Refused {
        /// Why.
        reason: Reason,
        /// When.
        at: Timestamp,
    },
    /// The provider said no for good, or it could not be made.
    Failed {
        /// The stable word for the cause.
        code: String,
        /// The answer as given.
        text: String,
        /// When.
        at: Timestamp,
    },
    /// It may have left: the answer was lost.
    Unknown {
        /// What was lost.
        text: String,
        /// When.
        at: Timestamp,
    },
}

impl State {
    /// Whether nothing more will happen by ourselves.
    pub fn ended(&self) -> bool {
        !matches!(self, State::Queued { .. } | State::Attempting { .. })
    }

    /// The term of the ledger's balance that this state belongs to.
    pub fn term(&self) -> Term {
        match self {
            State::Queued { .. } | State::Attempting { .. } => Term::Pending,
            State::Accepted { .. } => Term::Sent,
            State::Refused { .. } => Term::Refused,
            State::Failed { .. } => Term::Failed,
            State::Unknown { .. } => Term::Unknown,
        }
    }
}

/// The terms of the balance: planned = sent + refused + failed + unknown + pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Term {
    /// Accepted by a provider.
    Sent,
    /// Refused by our policy.
    Refused,
    /// Refused by a provider for good, or not renderable.
    Failed,
    /// May have left.
    Unknown,
    /// Still waiting.
    Pending,
}

impl Term {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Term::Sent => "sent",
            Term::Refused => "refused",
            Term::Failed => "failed",
            Term::Unknown => "unknown",
            Term::Pending => "pending",
        }
    }
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its number, from 1. No two attempts of a message share one, so that an end which is told
    /// twice, or late, can only end its own attempt.
    pub number: u32,
    /// When it was granted.
    pub granted: Timestamp,
    /// The address it was granted for.
    pub address: String,
    /// Who carries it; absent in what was written before grants said so: then it is the one that
    /// the message's path begins with.
    pub provider: Option<String>,
    /// When it ended and what it came to; absent while it is open.
    pub ended: Option<(Timestamp, Outcome)>,
}

impl Attempt {
    /// Whether something may have left: one that never started costs the message nothing.
    pub fn counts(&self) -> bool {
        self.ended.as_ref().is_none_or(|(_, outcome)| is_begun(outcome))
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its name.
    pub id: MessageId,
    /// Whom it is for, as known when it was made.
    pub profile: ProfileId,
    /// That profile's number in this partition.
    pub number: Number,
    /// By what it travels.
    pub channel: Channel,
    /// Its class.
    pub class: Class,
    /// The template and its revision.
    pub template: (String, u32),
    /// The topic; absent for transactional messages.
    pub topic: Option<String>,
    /// Who wanted it.
    pub source: Source,
    /// What the template may use as `event`.
    pub context: Properties,
    /// The ready queue.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it is pointless.
    pub expires: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Every try.
    pub attempts: Vec<Attempt>,
    /// Everything that was reported, in the order of arrival.
    pub reports: Vec<(Timestamp, ReportKind)>,
    /// What caused it.
    pub trace: TraceId,
}

impl Message {
    /// The number of the last attempt; 0 before the first.
    pub fn last_attempt(&self) -> u32 {
        self.attempts.last().map_or(0, |attempt| attempt.number)
    }

    /// Who carried an attempt.
    pub fn provider_of<'m>(&'m self, attempt: &'m Attempt) -> &'m str {
        attempt.provider.as_deref().unwrap_or_else(|| route::path::first(&self.path))
    }

    /// The last attempt that may have left without an answer.
    pub fn lost(&self) -> Option<&Outcome> {
        let ended = self.attempts.iter().rev().filter_map(|attempt| attempt.ended.as_ref());
        ended.map(|(_, outcome)| outcome).find(|outcome| is_lost(outcome))
    }

    /// How many attempts may have left without an answer.
    pub fn times_lost(&self) -> usize {
        let ended = self.attempts.iter().filter_map(|attempt| attempt.ended.as_ref());
        ended.filter(|(_, outcome)| is_lost(outcome)).count()
    }

    /// How many attempts may have sent something.
    pub fn tries(&self) -> u32 {
        self.attempts.iter().filter(|attempt| attempt.counts()).count() as u32
    }
}
