//! Who is targeted, once or on a schedule, and how far one execution has come in one partition.

pub mod walk;

use crate::message::Channel;
use crate::message::ledger::Term;
use crate::prelude::*;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One execution of a campaign: named by the control log's position.
pub type CampaignId = u64;

/// A campaign, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Definition {
    /// Segments whose members are targeted.
    pub audience: Vec<String>,
    /// Segments whose members are left out.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// What is sent.
    pub template: String,
    /// By what it travels.
    #[serde(default = "email")]
    pub channel: Channel,
    /// When it starts by itself; absent: when somebody starts it.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Starts again every month, on the day and at the time of `at`.
    #[serde(default)]
    pub monthly: bool,
    /// At most so many messages a minute; absent: as fast as the provider allows.
    #[serde(default)]
    pub per_minute: Option<u32>,
}

impl Definition {
    /// The segments that its audience is made of.
    pub fn segments(&self) -> impl Iterator<Item = &String> {
        self.audience.iter().chain(&self.exclude)
    }
}

fn email() -> Channel {
    Channel::Email
}

/// Where one execution stands in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stand {
    /// Going on.
    Running,
    /// No message of it is granted.
    Paused,
    /// Ended by somebody.
    Cancelled,
}

/// One execution in one partition. Every term of the balance is counted where it happens:
/// planned + moved in − moved out = sent + refused + failed + unknown + pending + unplanned rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The definition's name.
    pub name: String,
    /// Its revision.
    pub revision: u32,
    /// Where it stands.
    pub stand: Stand,
    /// When the audience was frozen.
    pub frozen_at: Timestamp,
    /// The frozen audience, as the portable form of a roaring bitmap of profile numbers.
    pub audience: Vec<u8>,
    /// Profiles before this number are planned.
    pub cursor: u32,
    /// Members of the frozen audience.
    pub target: u64,
    /// Of these, those that the walk has come past.
    pub walked: u64,
    /// Messages that came from an absorbed profile elsewhere.
    pub moved_in: u64,
    /// Messages that went to an absorbing profile elsewhere.
    pub moved_out: u64,
    /// Messages by where they stand.
    pub terms: BTreeMap<Term, u64>,
    /// Refusals by reason.
    pub refusals: BTreeMap<String, u64>,
    /// When the last message ended and nothing was left to plan.
    pub done_at: Option<Timestamp>,
}

impl Part {
    /// Of an execution that ended before anybody was in its audience here.
    pub fn never(at: Timestamp) -> Part {
        Part {
            name: String::new(),
            revision: 0,
            stand: Stand::Cancelled,
            frozen_at: at,
            audience: Vec::new(),
            cursor: 0,
            target: 0,
            walked: 0,
            moved_in: 0,
            moved_out: 0,
            terms: BTreeMap::new(),
            refusals: BTreeMap::new(),
            done_at: None,
        }
    }

    /// The frozen audience.
    pub fn bitmap(&self) -> roaring::RoaringBitmap {
        // Written by `freeze` only, so it can be read.
        roaring::RoaringBitmap::deserialize_from(&self.audience[..]).unwrap_or_default()
    }

    /// Messages in a term.
    pub fn term(&self, term: Term) -> u64 {
        self.terms.get(&term).copied().unwrap_or_default()
    }

    /// Whether planned + moved in − moved out is the sum of the terms, each counted by itself.
    pub fn balances(&self) -> bool {
        let terms: u64 = self.terms.values().sum();
        self.walked + self.moved_in == terms + self.moved_out
    }

    /// Moves one message from one term to another.
    pub fn transfer(&mut self, from: Option<Term>, to: Option<Term>) {
        if let Some(from) = from
            && let Some(count) = self.terms.get_mut(&from)
        {
            *count = count.saturating_sub(1);
        }
        if let Some(to) = to {
            *self.terms.entry(to).or_default() += 1;
        }
    }

    /// Whether nothing is left to plan, to send or to wait for.
    pub fn is_done(&self) -> bool {
        (self.walked == self.target || self.stand == Stand::Cancelled)
            && self.term(Term::Pending) == 0
    }
}
