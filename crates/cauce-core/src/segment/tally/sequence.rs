//! Whether events happened one after the other.
//!
//! A chain is one event for each step that is not negated, each behind the one before in the order
//! of (occurred-at, event id), no later than its `within` says. Between two of them, and behind the
//! last one, no event of a negated step may lie within that step's time of the one before. A
//! negated last step with a time is decided when that time has passed: an event exactly at its end
//! would still have counted. All events of the chain lie in the window; a negated one counts up to
//! now.

use super::super::aggregate::{Aggregate, Measure, is_step, leaves};
use super::super::calendar::Stretch;
use super::super::definition::Step;
use crate::event::TimelineRow;
use crate::ids::EventId;
use crate::limits::{SEQUENCE_EVENTS_MAX, SEQUENCE_STEPS_MAX};
use crate::prelude::*;
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// The newest events that could be a step, in their order, and which steps each could be (bits).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Chain(Vec<(Timestamp, EventId, u8)>);

/// A step that must happen, and what must not between it and the one before.
struct Link {
    bit: u8,
    within: Option<Duration>,
    never: Vec<Never>,
}

/// A step that must not happen.
struct Never {
    bit: u8,
    within: Option<Duration>,
}

impl Chain {
    pub fn add(&mut self, aggregate: &Aggregate, row: &TimelineRow) {
        let Measure::Sequence(steps) = &aggregate.measure else { return };
        let mut bits = 0u8;
        for (place, step) in steps.iter().enumerate().take(SEQUENCE_STEPS_MAX) {
            bits |= u8::from(is_step(step, row)) << place;
        }
        let place = (row.occurred_at, row.event);
        let at = self.0.partition_point(|(at, event, _)| (*at, *event) < place);
        self.0.insert(at, (place.0, place.1, bits));
        if self.0.len() > SEQUENCE_EVENTS_MAX {
            self.0.remove(0);
        }
    }

    /// Whether all events that are kept lie in the window, so that there may have been more.
    pub fn is_crowded(&self, from: Option<Timestamp>) -> bool {
        let whole = self.0.first().is_some_and(|(at, ..)| from.is_none_or(|from| *at >= from));
        whole && self.0.len() >= SEQUENCE_EVENTS_MAX
    }

    /// Whether a chain happened, and until when time alone cannot change that.
    pub fn read(
        &self,
        aggregate: &Aggregate,
        now: Timestamp,
        stretch: Option<Stretch>,
    ) -> (bool, Option<Timestamp>) {
        let Measure::Sequence(steps) = &aggregate.measure else { return (false, None) };
        let (links, behind) = links(steps);
        let edge = aggregate.boundary(now);
        let inside = |at: Timestamp| {
            edge.is_none_or(|edge| at > edge)
                && stretch.is_none_or(|stretch| at >= stretch.from && at < stretch.to)
        };
        let mut starts: Vec<Option<Timestamp>> = Vec::new();
        for (place, link) in links.iter().enumerate() {
            let before = core::mem::take(&mut starts);
            starts = (0..self.0.len())
                .map(|row| {
                    let (at, _, bits) = self.0[row];
                    if bits & link.bit == 0 || !inside(at) {
                        return None;
                    }
                    if place == 0 { Some(at) } else { self.linked(row, link, &before) }
                })
                .collect();
        }
        let mut latest: Option<Timestamp> = None;
        let mut pending: Option<Timestamp> = None;
        for (row, start) in starts.into_iter().enumerate() {
            let Some(start) = start else { continue };
            let at = self.0[row].0;
            if behind.iter().any(|never| self.happened(row, never)) {
                continue;
            }
            let spans = behind.iter().filter_map(|never| never.within);
            let decided = spans.max().map(|span| at.plus(span).plus(Duration(1)));
            match decided.filter(|decided| *decided > now) {
                None => latest = latest.max(Some(start)),
                Some(decided) if leaves(aggregate, start).is_none_or(|left| left > decided) => {
                    pending = Some(pending.map_or(decided, |earlier| earlier.min(decided)));
                }
                Some(_) => {}
            }
        }
        match latest {
            Some(start) => (true, leaves(aggregate, start)),
            None => (false, pending),
        }
    }

    /// Of the chains that this row ends as this link, when the one began that leaves last.
    fn linked(&self, row: usize, link: &Link, before: &[Option<Timestamp>]) -> Option<Timestamp> {
        let at = self.0[row].0;
        let mut best = None;
        // Of each step that must not happen the event between that is nearest to the one before.
        let mut nearest: Vec<Option<Timestamp>> = vec![None; link.never.len()];
        for earlier in (0..row).rev() {
            let (from, _, bits) = self.0[earlier];
            if link.within.is_some_and(|within| at.since(from) > within) {
                break;
            }
            let broken = link.never.iter().zip(&nearest).any(|(never, nearest)| {
                nearest.is_some_and(|at| never.within.is_none_or(|span| at.since(from) <= span))
            });
            if !broken {
                best = best.max(before[earlier]);
            }
            for (never, nearest) in link.never.iter().zip(&mut nearest) {
                if bits & never.bit != 0 {
                    *nearest = Some(from);
                }
            }
        }
        best
    }

    /// Whether a step happened behind a row that must not.
    fn happened(&self, row: usize, never: &Never) -> bool {
        let from = self.0[row].0;
        let next = self.0[row + 1..].iter().find(|(_, _, bits)| bits & never.bit != 0);
        next.is_some_and(|(at, ..)| never.within.is_none_or(|span| at.since(from) <= span))
    }
}

fn links(steps: &[Step]) -> (Vec<Link>, Vec<Never>) {
    let mut links = Vec::new();
    let mut between = Vec::new();
    for (place, step) in steps.iter().enumerate().take(SEQUENCE_STEPS_MAX) {
        let bit = 1u8 << place;
        if step.not {
            between.push(Never { bit, within: step.within });
        } else {
            let never = core::mem::take(&mut between);
            links.push(Link { bit, within: step.within, never });
        }
    }
    (links, between)
}
