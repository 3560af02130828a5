//! The choice itself: of offers of which all is known, the one that is shown.

use super::Offer;
use crate::decimal::Decimal;
use crate::prelude::*;
use crate::time::{Duration, Timestamp};
use core::cmp::Reverse;
use core::fmt;

/// An offer, and how one person stands to it.
#[derive(Clone, Debug)]
pub struct Candidate<'o> {
    /// The offer.
    pub offer: &'o Offer,
    /// Whether its rule holds.
    pub eligible: bool,
    /// Its rank for this person; who lacks the attribute has none, which is below every other.
    pub rank: Option<Decimal>,
    /// How often it was shown within the window of its cap.
    pub shown: Showings,
}

/// How often an offer was shown to somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Showings {
    /// So often, messages on their way among them.
    pub times: u64,
    /// Since when; none where all of them are on their way.
    pub since: Option<Timestamp>,
}

/// Why an offer is shown or not, in the order in which it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its time has not come.
    NotYet {
        /// When it does.
        from: Timestamp,
    },
    /// Its time is over.
    Over {
        /// Since when.
        until: Timestamp,
    },
    /// Its rule does not hold.
    NotEligible,
    /// It was shown as often as it may be.
    Capped {
        /// How often it was.
        shown: Showings,
        /// How often it may be…
        times: u32,
        /// …within so long.
        within: Duration,
    },
    /// Another one fits, and stands before it.
    Outranked {
        /// Which.
        by: String,
        /// That one's rank.
        its: Option<Decimal>,
        /// Its own rank.
        own: Option<Decimal>,
    },
    /// It is shown.
    Chosen,
}

impl Why {
    /// The stable word for it.
    pub fn code(&self) -> &'static str {
        match self {
            Why::NotYet { .. } => "not-yet",
            Why::Over { .. } => "over",
            Why::NotEligible => "not-eligible",
            Why::Capped { .. } => "capped",
            Why::Outranked { .. } => "outranked",
            Why::Chosen => "chosen",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rank = |rank: &Option<Decimal>| match rank {
            Some(rank) => rank.to_string(),
            None => "none".to_owned(),
        };
        match self {
            Why::NotYet { from } => write!(f, "not yet: from {from}"),
            Why::Over { until } => write!(f, "over: until {until}"),
            Why::NotEligible => f.write_str("not eligible"),
            Why::Capped { shown, times, within } => {
                write!(f, "capped: shown {} times", shown.times)?;
                if let Some(since) = shown.since {
                    write!(f, " since {since}")?;
                }
                write!(f, ", at most {times} within {within}")
            }
            Why::Outranked { by, its, own } if its == own => {
                write!(f, "outranked by `{by}`, which stands before it")
            }
            Why::Outranked { by, its, own } => {
                write!(f, "outranked by `{by}`: {} against {}", rank(own), rank(its))
            }
            Why::Chosen => f.write_str("chosen"),
        }
    }
}

/// The place of the candidate that is shown, if one fits, and of each why. Candidates stand in the
/// order of their placement.
pub fn choose(candidates: &[Candidate<'_>], now: Timestamp) -> (Option<usize>, Vec<Why>) {
    let refused: Vec<Option<Why>> = candidates.iter().map(|one| refusal(one, now)).collect();
    let fitting = candidates.iter().enumerate().filter(|(place, _)| refused[*place].is_none());
    let best = fitting.min_by_key(|(place, one)| (Reverse(one.rank), *place));
    let chosen = best.map(|(place, _)| place);
    let why = |(place, no): (usize, Option<Why>)| match (no, best) {
        (Some(no), _) => no,
        (None, Some((first, best))) if first != place => Why::Outranked {
            by: best.offer.name.clone(),
            its: best.rank,
            own: candidates[place].rank,
        },
        (None, _) => Why::Chosen,
    };
    (chosen, refused.into_iter().enumerate().map(why).collect())
}

/// What keeps an offer from being shown, whatever else competes.
fn refusal(candidate: &Candidate<'_>, now: Timestamp) -> Option<Why> {
    let Offer { from, until, cap, .. } = candidate.offer;
    if let Some(from) = from.filter(|from| now < *from) {
        return Some(Why::NotYet { from });
    }
    if let Some(until) = until.filter(|until| *until <= now) {
        return Some(Why::Over { until });
    }
    if !candidate.eligible {
        return Some(Why::NotEligible);
    }
    let (cap, _) = cap.as_ref()?;
    let shown = candidate.shown;
    (shown.times >= u64::from(cap.times)).then_some(Why::Capped {
        shown,
        times: cap.times,
        within: cap.within,
    })
}

#[cfg(test)]
mod tests;
