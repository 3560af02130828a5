//! A fact somebody reported.

use crate::ids::EventId;
use crate::prelude::*;
use crate::profile::{Alias, ConsentFact};
use crate::time::Timestamp;
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// Named values, in the order of their names.
pub type Properties = BTreeMap<String, Value>;

/// A fact about a person, admitted: every field is within its bounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Derives from the reporter's `messageId`, so that a repeated report is the same event.
    pub id: EventId,
    /// `order_completed`; Segment's calls are `identify`, `page`, `screen`, `group`, `alias`.
    pub name: String,
    /// Who it is about: strongest namespace first, never empty.
    pub aliases: Vec<Alias>,
    /// When it happened, as far as the reporter's clock can be trusted; never after `received_at`.
    pub occurred_at: Timestamp,
    /// When Cauce accepted it.
    pub received_at: Timestamp,
    /// What it says.
    pub properties: Properties,
    /// Attributes it sets on the profile; `null` removes one.
    pub attributes: Properties,
    /// Consents it grants or withdraws.
    pub consents: Vec<ConsentFact>,
    /// Belongs to the past: it counts, but it never starts a journey and never sends.
    pub historical: bool,
}

/// One row of a profile's timeline: what aggregates are computed from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimelineRow {
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Which event; breaks ties of `occurred_at`.
    pub event: EventId,
    /// The event's name.
    pub name: String,
    /// What it said.
    pub properties: Properties,
}
