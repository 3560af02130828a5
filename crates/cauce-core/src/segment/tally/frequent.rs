//! How often there is which value of a property.

use super::super::aggregate::{Aggregate, AggregateState, leaves};
use super::super::definition::Literal;
use super::{Need, Reading, scalar};
use crate::event::TimelineRow;
use crate::limits::FREQUENT_MAX;
use crate::prelude::*;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Counts by value. Beyond so many different values nothing is counted: only when each was seen
/// last is remembered, as [`super::recent`] does, which tells when there are few enough again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Frequent {
    /// Where expiry reads on.
    state: AggregateState,
    /// How often and when last.
    values: BTreeMap<Literal, (u64, Timestamp)>,
    /// There are, or were, too many values: the counts mean nothing.
    uncounted: bool,
}

impl Frequent {
    pub fn add(&mut self, aggregate: &Aggregate, row: &TimelineRow, now: Timestamp) {
        let before = self.state.count;
        self.state.apply(aggregate, row, now);
        if self.state.count == before && !self.uncounted {
            return;
        }
        let Some(value) = aggregate.value(row).and_then(scalar) else { return };
        let held = self.values.entry(value).or_insert((0, row.occurred_at));
        *held = (held.0 + 1, held.1.max(row.occurred_at));
        self.drop_oldest();
    }

    fn drop_oldest(&mut self) {
        if self.values.len() <= FREQUENT_MAX {
            return;
        }
        self.uncounted = true;
        if self.values.len() > FREQUENT_MAX + 1 {
            let oldest = self.values.iter().min_by_key(|(value, (_, at))| (*at, *value));
            if let Some(oldest) = oldest.map(|(value, _)| value.clone()) {
                self.values.remove(&oldest);
            }
        }
    }

    /// Values that are inside.
    fn inside(&self, edge: Timestamp) -> usize {
        self.values.values().filter(|(_, at)| *at > edge).count()
    }

    pub fn needs(
        &self,
        aggregate: &Aggregate,
        now: Timestamp,
        edge: Timestamp,
        all: Need,
    ) -> Option<Need> {
        if self.uncounted {
            return (self.inside(edge) <= FREQUENT_MAX).then_some(all);
        }
        self.state.needs(aggregate, now).map(Need::From)
    }

    pub fn expire(
        &mut self,
        aggregate: &Aggregate,
        now: Timestamp,
        rows: &mut dyn Iterator<Item = &TimelineRow>,
    ) {
        let values = &mut self.values;
        self.state.expire_with(aggregate, now, rows, |row| {
            if let Some(value) = aggregate.value(row).and_then(scalar)
                && let Some((count, _)) = values.get_mut(&value)
            {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    values.remove(&value);
                }
            }
        });
        if self.state.count == 0 && !self.state.walking {
            self.values.clear();
        }
    }

    pub fn read(
        &self,
        aggregate: &Aggregate,
        edge: Option<Timestamp>,
    ) -> (Reading<'_>, Option<Timestamp>) {
        if self.uncounted {
            // Until one of them leaves.
            let inside = self.values.values().map(|(_, at)| *at);
            let inside = inside.filter(|at| edge.is_none_or(|edge| *at > edge));
            return (Reading::TooMany, inside.min().and_then(|at| leaves(aggregate, at)));
        }
        // The map is in the order of the values: of equal counts the first one wins.
        let mut best: Option<(&Literal, u64)> = None;
        for (value, (count, _)) in &self.values {
            if best.is_none_or(|(_, most)| *count > most) {
                best = Some((value, *count));
            }
        }
        let value = best.map(|(value, _)| value.clone().into());
        (Reading::Value(value), self.state.until(aggregate))
    }
}
