//! What somebody asks for.

use crate::event::Properties;
use crate::prelude::*;
use crate::profile::Alias;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A transactional message that somebody asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The same key within a day is the same message.
    pub idempotency_key: Option<String>,
    /// Hash of the request's body.
    pub body_hash: u128,
    /// The template's name.
    pub template: String,
    /// To whom: the strongest alias first.
    pub to: Vec<Alias>,
    /// What the template may use as `event`.
    pub payload: Properties,
    /// Not before.
    pub send_at: Option<Timestamp>,
    /// Not after.
    pub expire_at: Option<Timestamp>,
}

/// What happens to a campaign in one partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CampaignStep {
    /// The audience is fixed as it is now.
    Freeze {
        /// The campaign's definition.
        name: String,
        /// Its revision.
        revision: u32,
    },
    /// Plan messages for the next profiles.
    Walk {
        /// At most so many.
        count: u32,
    },
    /// No further message of it is granted.
    Pause,
    /// It goes on.
    Resume,
    /// It ends: everything still waiting is refused.
    Cancel,
}
