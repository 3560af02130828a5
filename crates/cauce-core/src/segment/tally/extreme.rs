//! The smallest (largest) number in a window, and what will be it when that one has left.

use super::super::aggregate::{Aggregate, Measure};
use super::stays;
use crate::decimal::Decimal;
use crate::limits::EXTREMES_MAX;
use crate::prelude::*;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Candidates, the oldest first: each is better than every number at or after its own time, so the
/// first that is inside is the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extreme {
    candidates: Vec<(Timestamp, Decimal)>,
    /// Whether later candidates were dropped for want of room.
    cut: bool,
}

impl Extreme {
    pub fn add(
        &mut self,
        aggregate: &Aggregate,
        at: Timestamp,
        number: Decimal,
        edge: Option<Timestamp>,
    ) {
        if let Some(edge) = edge {
            self.candidates.retain(|(held, _)| *held > edge);
        }
        // Where nothing leaves, no candidate is needed but the best.
        let at = if stays(aggregate) { Timestamp(0) } else { at };
        let least = aggregate.measure == Measure::Min;
        let as_good = |a: Decimal, b: Decimal| if least { a <= b } else { a >= b };
        let beaten =
            self.candidates.iter().any(|(held, best)| *held >= at && as_good(*best, number));
        // Behind the last one the dropped ones would have come first.
        let unknown = self.cut
            && self
                .candidates
                .last()
                .is_none_or(|(held, best)| *held < at && !as_good(number, *best));
        if beaten || unknown {
            return;
        }
        self.candidates.retain(|(held, best)| !(*held <= at && as_good(number, *best)));
        let place = self.candidates.partition_point(|(held, _)| *held < at);
        self.candidates.insert(place, (at, number));
        if self.candidates.len() > EXTREMES_MAX {
            self.candidates.truncate(EXTREMES_MAX);
            self.cut = true;
        }
    }

    /// Whether all candidates have left and there were more.
    pub fn is_spent(&self, edge: Timestamp) -> bool {
        self.cut && self.candidates.last().is_none_or(|(at, _)| *at <= edge)
    }

    pub fn get(
        &self,
        aggregate: &Aggregate,
        edge: Option<Timestamp>,
    ) -> Option<(Timestamp, Decimal)> {
        let edge = edge.filter(|_| !stays(aggregate));
        self.candidates.iter().find(|(at, _)| edge.is_none_or(|edge| *at > edge)).copied()
    }
}
