//! One profile's walk through a journey, as it is kept.

use crate::event::Properties;
use crate::ids::{EventId, RunId, TraceId};
use crate::prelude::*;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a run waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Waiting {
    /// The clock.
    Until(Timestamp),
    /// An event, or the clock, whichever is decided first: there is exactly one winner.
    For {
        /// The timeout.
        until: Timestamp,
    },
}

impl Waiting {
    /// The instant at which the run goes on by itself.
    pub fn until(&self) -> Timestamp {
        match self {
            Waiting::Until(until) | Waiting::For { until } => *until,
        }
    }
}

/// A walk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its name.
    pub id: RunId,
    /// The journey.
    pub journey: String,
    /// The revision it stays on.
    pub revision: u32,
    /// What it is about: one run per key at a time; empty where the journey has no key.
    pub key: String,
    /// The step it is at.
    pub node: u16,
    /// What it waits for there.
    pub waiting: Waiting,
    /// When it started.
    pub started: Timestamp,
    /// What the entry event said; steps may use it as `event`.
    pub context: Properties,
    /// The last event that moved it, so that one event never moves it twice.
    pub moved_by: Option<EventId>,
    /// What caused it.
    pub trace: TraceId,
}
