//! What is kept of one profile's events where a running total is not enough: the smallest and the
//! largest, the different and the most frequent values, the first and the last one, the steps of a
//! sequence; and totals of windows that the calendar cuts.
//!
//! **Order of calls.** As for [`AggregateState`]: while [`Tally::needs`] says so, pass the rows it
//! names to [`Tally::refill`] or [`Tally::expire`]; then [`Tally::apply`], and put the row into
//! the timeline.
//!
//! **Stretches.** A window with two ends is counted for one stretch of time. Where the calendar
//! moves on, or the profile moves to another zone, the tally is filled again from the rows of the
//! new stretch; within one stretch events only come in.

mod extreme;
mod frequent;
mod recent;
mod sequence;

use super::aggregate::{Aggregate, AggregateId, AggregateState, Measure, leaves};
use super::calendar::{Calendar, Stretch};
use super::definition::{Literal, Window};
use crate::decimal::Decimal;
use crate::event::TimelineRow;
use crate::ids::EventId;
use crate::prelude::*;
use crate::time::Timestamp;
use crate::value::Value;
use extreme::Extreme;
use frequent::Frequent;
use recent::Recent;
use sequence::Chain;
use serde::{Deserialize, Serialize};

/// One aggregate of one profile, unless [`AggregateState`] keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The stretch that it is counted for, where the window has two ends.
    stretch: Option<(Timestamp, Timestamp)>,
    /// When the latest of its events happened, in or outside the window: what lies before cannot
    /// come in by time alone.
    newest: Option<Timestamp>,
    kept: Kept,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Kept {
    Totals(AggregateState),
    Extreme(Extreme),
    Recent(Recent),
    Frequent(Frequent),
    /// The first or the last value and its place.
    Value(Option<((Timestamp, EventId), Value)>),
    Chain(Chain),
}

/// The tallies of one profile, in one row.
pub type Tallies = BTreeMap<AggregateId, Arc<Tally>>;

/// What a tally has to read before it is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// All rows of its events from the first instant to before the second, for
    /// [`Tally::refill`].
    All(Timestamp, Timestamp),
    /// Rows from this place on, in their order and in chunks of any length, for
    /// [`Tally::expire`].
    From((Timestamp, EventId)),
}

/// What a tally says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reading<'t> {
    Totals(&'t AggregateState),
    /// A number or none.
    Number(Option<Decimal>),
    /// A value or none.
    Value(Option<Value>),
    /// More different values than are told apart.
    TooMany,
    /// Whether the sequence happened.
    Happened(bool),
}

impl Tally {
    /// Whether a sequence has more events in its window than it looks at.
    pub(super) fn is_crowded(
        &self,
        aggregate: &Aggregate,
        now: Timestamp,
        calendar: &Calendar,
    ) -> bool {
        let from = calendar.stretch(aggregate.window, now).map(|stretch| stretch.from);
        let from = from.or(aggregate.boundary(now));
        matches!(&self.kept, Kept::Chain(chain) if chain.is_crowded(from))
    }

    /// Before the first event.
    pub fn new(aggregate: &Aggregate) -> Tally {
        let kept = match &aggregate.measure {
            Measure::Totals => Kept::Totals(AggregateState::default()),
            Measure::Min | Measure::Max => Kept::Extreme(Extreme::default()),
            Measure::Distinct => Kept::Recent(Recent::default()),
            Measure::MostFrequent => Kept::Frequent(Frequent::default()),
            Measure::FirstValue | Measure::LastValue => Kept::Value(None),
            Measure::Sequence(_) => Kept::Chain(Chain::default()),
        };
        Tally { stretch: None, newest: None, kept }
    }

    /// Whether none of its events ever came.
    pub fn is_empty(&self) -> bool {
        self.newest.is_none()
    }

    /// Adds one event, in any order of arrival. Says whether it is one of the aggregate's.
    pub fn apply(
        &mut self,
        aggregate: &Aggregate,
        row: &TimelineRow,
        now: Timestamp,
        calendar: &Calendar,
    ) -> bool {
        if row.occurred_at > now || !aggregate.admits(row) {
            return false;
        }
        if self.newest.is_none() {
            // Nothing was counted, so the stretch may be any.
            self.stretch = bounds(calendar.stretch(aggregate.window, now));
        }
        self.newest = self.newest.max(Some(row.occurred_at));
        self.add(aggregate, row, now);
        true
    }

    fn add(&mut self, aggregate: &Aggregate, row: &TimelineRow, now: Timestamp) {
        let at = row.occurred_at;
        let place = (at, row.event);
        let edge = aggregate.boundary(now);
        let rolled_out = edge.is_some_and(|edge| at <= edge);
        let elsewhere = self.stretch.is_some_and(|(from, to)| at < from || at >= to);
        match &mut self.kept {
            // What comes after the stretch may end a chain in it.
            Kept::Chain(chain) => chain.add(aggregate, row),
            _ if elsewhere => {}
            Kept::Frequent(frequent) => frequent.add(aggregate, row, now),
            _ if rolled_out => {}
            Kept::Totals(state) => state.add(aggregate, row),
            Kept::Extreme(extreme) => {
                if let Some(number) = aggregate.number(row) {
                    extreme.add(aggregate, at, number, edge);
                }
            }
            Kept::Recent(recent) => {
                if let Some(value) = aggregate.value(row) {
                    recent.add(value, at);
                }
            }
            Kept::Value(held) => {
                let Some(value) = aggregate.value(row) else { return };
                let first = aggregate.measure == Measure::FirstValue;
                let better = |(before, _): &(_, Value)| {
                    if first { place < *before } else { place > *before }
                };
                if held.as_ref().is_none_or(better) {
                    *held = Some((place, value.clone()));
                }
            }
        }
    }

    /// What must be read of the timeline before the tally is right; none if nothing.
    pub fn needs(
        &self,
        aggregate: &Aggregate,
        now: Timestamp,
        calendar: &Calendar,
    ) -> Option<Need> {
        self.newest?;
        if let Some(stretch) = calendar.stretch(aggregate.window, now) {
            let counted = self.stretch == Some((stretch.from, stretch.to));
            // A sequence keeps its events whatever the stretch.
            let refill = !counted && !matches!(self.kept, Kept::Chain(_));
            return refill.then_some(Need::All(stretch.from, stretch.to));
        }
        let edge = aggregate.boundary(now)?;
        let all = Need::All(Timestamp(edge.0.saturating_add(1)), Timestamp::MAX);
        match &self.kept {
            Kept::Frequent(frequent) => frequent.needs(aggregate, now, edge, all),
            Kept::Extreme(extreme) => extreme.is_spent(edge).then_some(all),
            Kept::Value(held) => {
                let gone = held.as_ref().is_some_and(|((at, _), _)| *at <= edge);
                (gone && aggregate.measure == Measure::FirstValue).then_some(all)
            }
            Kept::Totals(_) | Kept::Recent(_) | Kept::Chain(_) => None,
        }
    }

    /// Counts again. `rows` are those that [`Need::All`] named; none: they are gone.
    pub fn refill<'r>(
        &mut self,
        aggregate: &Aggregate,
        now: Timestamp,
        calendar: &Calendar,
        rows: impl Iterator<Item = &'r TimelineRow>,
    ) {
        let newest = self.newest;
        *self = Tally::new(aggregate);
        self.newest = newest;
        self.stretch = bounds(calendar.stretch(aggregate.window, now));
        for row in rows.filter(|row| row.occurred_at <= now && aggregate.admits(row)) {
            self.add(aggregate, row, now);
        }
    }

    /// Takes out what has left the window, of the rows that [`Need::From`] named.
    pub fn expire(
        &mut self,
        aggregate: &Aggregate,
        now: Timestamp,
        rows: &mut dyn Iterator<Item = &TimelineRow>,
    ) {
        if let Kept::Frequent(frequent) = &mut self.kept {
            frequent.expire(aggregate, now, rows);
        }
    }

    /// The tally that history gives at `now`; none without events.
    pub fn rebuild<'r>(
        aggregate: &Aggregate,
        now: Timestamp,
        calendar: &Calendar,
        rows: impl Iterator<Item = &'r TimelineRow>,
    ) -> Option<Tally> {
        let mut tally = Tally::new(aggregate);
        for row in rows {
            tally.apply(aggregate, row, now, calendar);
        }
        (!tally.is_empty()).then_some(tally)
    }

    /// What it says at `now`, and the earliest instant at which time alone could change that.
    /// Right once [`Tally::needs`] is none.
    pub(super) fn read(
        &self,
        aggregate: &Aggregate,
        now: Timestamp,
        calendar: &Calendar,
    ) -> (Reading<'_>, Option<Timestamp>) {
        let stretch = calendar.stretch(aggregate.window, now);
        // Behind the latest event a stretch that moves on finds nothing more.
        let moves = stretch.filter(|stretch| self.newest.is_some_and(|at| at >= stretch.from));
        let moves = moves.and_then(|stretch| stretch.until);
        let edge = aggregate.boundary(now);
        let inside = |at: &Timestamp| edge.is_none_or(|edge| *at > edge);
        let (reading, rolls) = match &self.kept {
            Kept::Totals(state) => (Reading::Totals(state), None),
            Kept::Extreme(extreme) => {
                let found = extreme.get(aggregate, edge);
                let rolls = found.and_then(|(at, _)| leaves(aggregate, at));
                (Reading::Number(found.map(|(_, number)| number)), rolls)
            }
            Kept::Recent(recent) => {
                let (count, oldest) = recent.count(edge);
                let rolls = oldest.and_then(|at| leaves(aggregate, at));
                (Reading::Number(Some(super::evaluate::whole(count))), rolls)
            }
            Kept::Frequent(frequent) => frequent.read(aggregate, edge),
            Kept::Value(held) => {
                let held = held.as_ref().filter(|((at, _), _)| inside(at));
                let rolls = held.and_then(|((at, _), _)| leaves(aggregate, *at));
                (Reading::Value(held.map(|(_, value)| value.clone())), rolls)
            }
            Kept::Chain(chain) => {
                let (happened, until) = chain.read(aggregate, now, stretch);
                (Reading::Happened(happened), until)
            }
        };
        (reading, super::evaluate::earlier(moves, rolls))
    }
}

fn bounds(stretch: Option<Stretch>) -> Option<(Timestamp, Timestamp)> {
    stretch.map(|stretch| (stretch.from, stretch.to))
}

/// A value that can be counted by itself.
fn scalar(value: &Value) -> Option<Literal> {
    match value {
        Value::Bool(truth) => Some(Literal::Bool(*truth)),
        Value::Number(number) => Some(Literal::Number(*number)),
        Value::String(text) if text.len() <= crate::limits::FREQUENT_BYTES_MAX => {
            Some(Literal::String(text.clone()))
        }
        Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether nothing leaves the window as time goes by within a stretch: then only the value counts.
fn stays(aggregate: &Aggregate) -> bool {
    !matches!(aggregate.window, Window::Last(_))
}
