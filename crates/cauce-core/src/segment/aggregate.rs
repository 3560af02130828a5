//! One number about one profile's events, kept up to date event by event.
//!
//! **Window.** At `now` a window of span W holds the events with `occurred_at > now − W`: an event
//! leaves at `occurred_at + W` exactly. Events later than `now` do not exist.
//!
//! **Order of calls.** For an event at `now`: [`AggregateState::expire`] while
//! [`AggregateState::needs`] says so, then [`AggregateState::apply`], and put the row into the
//! timeline. A state that is behind stays right: see the invariant of [`AggregateState::oldest`].

use super::definition::{Filter, Selection, Step, Window};
use super::judge::admits;
use super::names::Path;
use super::print::{Chain, Select};
use crate::decimal::Decimal;
use crate::event::TimelineRow;
use crate::ids::{EventId, hash64};
use crate::prelude::*;
use crate::time::{Duration, Timestamp};
use crate::value::Value;
use core::fmt;
use serde::{Deserialize, Serialize};

/// An aggregate's name: the hash of its canonical text, so that all segments that look at the same
/// events share one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct AggregateId(pub u64);

/// What is counted or added up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aggregate {
    /// Its name.
    pub id: AggregateId,
    /// The events' name.
    pub event: String,
    /// What must be true of their properties.
    pub filter: Option<Filter>,
    /// When they must have happened.
    pub window: Window,
    /// The property that is looked at, if one is.
    pub of: Option<Path>,
    /// What is kept of those events.
    pub measure: Measure,
}

/// What an aggregate keeps of its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Measure {
    /// How many, their sum, the first and the last: [`AggregateState`].
    Totals,
    /// The smallest number.
    Min,
    /// The largest number.
    Max,
    /// The different values.
    Distinct,
    /// How often there is which value.
    MostFrequent,
    /// The first value.
    FirstValue,
    /// The last value.
    LastValue,
    /// Which events could be which step of a sequence.
    Sequence(Vec<Step>),
}

impl Measure {
    /// The word for it in an aggregate's name; none for the first that there was.
    fn word(&self) -> &'static str {
        match self {
            Measure::Totals => "",
            Measure::Min => "min ",
            Measure::Max => "max ",
            Measure::Distinct => "distinct ",
            Measure::MostFrequent => "most frequent ",
            Measure::FirstValue => "first value ",
            Measure::LastValue => "last value ",
            Measure::Sequence(_) => "sequence ",
        }
    }
}

impl Aggregate {
    /// The aggregate of a selection and, for sums and averages, a property.
    pub fn new(of: &Selection, property: Option<&Path>) -> Aggregate {
        Aggregate::measuring(Measure::Totals, of, property)
    }

    /// The aggregate that keeps something else of a selection.
    pub fn measuring(measure: Measure, of: &Selection, property: Option<&Path>) -> Aggregate {
        Aggregate {
            id: AggregateId::default(),
            event: of.event.clone(),
            filter: of.filter.clone(),
            window: of.window,
            of: property.cloned(),
            measure,
        }
        .named()
    }

    /// The aggregate of a sequence.
    pub fn sequence(steps: &[Step], window: Window) -> Aggregate {
        Aggregate {
            id: AggregateId::default(),
            event: steps.first().map(|step| step.event.clone()).unwrap_or_default(),
            filter: None,
            window,
            of: None,
            measure: Measure::Sequence(steps.to_vec()),
        }
        .named()
    }

    fn named(mut self) -> Aggregate {
        self.id = AggregateId(hash64(&[b"aggregate", self.to_string().as_bytes()]));
        self
    }

    /// The names of its events, each once.
    pub fn events(&self) -> BTreeSet<&str> {
        match &self.measure {
            Measure::Sequence(steps) => steps.iter().map(|step| step.event.as_str()).collect(),
            _ => BTreeSet::from([self.event.as_str()]),
        }
    }

    /// Whether [`AggregateState`] keeps it; [`super::Tally`] keeps the others.
    pub fn is_running(&self) -> bool {
        self.measure == Measure::Totals && matches!(self.window, Window::All | Window::Last(_))
    }

    /// Whether a row is one of its events, whenever it happened.
    pub fn admits(&self, row: &TimelineRow) -> bool {
        match &self.measure {
            Measure::Sequence(steps) => steps.iter().any(|step| is_step(step, row)),
            _ => {
                row.name == self.event
                    && self.filter.as_ref().is_none_or(|filter| admits(filter, &row.properties))
            }
        }
    }

    /// The latest instant that is outside the window at `now`; none if the window has no end.
    pub(super) fn boundary(&self, now: Timestamp) -> Option<Timestamp> {
        match self.window {
            Window::Last(span) => Some(now.minus(span)),
            Window::All
            | Window::This(_)
            | Window::Past { .. }
            | Window::Since(_)
            | Window::Between(..) => None,
        }
    }

    /// The property of a row; a null is missing.
    pub(super) fn value<'r>(&self, row: &'r TimelineRow) -> Option<&'r Value> {
        let value = super::evaluate::find(&row.properties, self.of.as_ref()?)?;
        (*value != Value::Null).then_some(value)
    }

    /// The number that a row adds to the sum; none if the property is missing or no number.
    pub(super) fn number(&self, row: &TimelineRow) -> Option<Decimal> {
        match self.value(row) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }
}

/// Whether a row could be a step of a sequence.
pub(super) fn is_step(step: &Step, row: &TimelineRow) -> bool {
    row.name == step.event
        && step.filter.as_ref().is_none_or(|filter| admits(filter, &row.properties))
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.measure.word())?;
        if let Measure::Sequence(steps) = &self.measure {
            return write!(f, "{}", Chain(steps, self.window));
        }
        let of = Selection {
            event: self.event.clone(),
            filter: self.filter.clone(),
            window: self.window,
        };
        write!(f, "{}", Select(&of, self.of.as_ref()))
    }
}

/// The running value of one aggregate for one profile. No list of events: what leaves a window is
/// read from the timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AggregateState {
    /// Events inside.
    pub count: u64,
    /// Events inside whose property is a number: what an average divides by.
    pub numbers: u64,
    /// Those numbers added up.
    pub sum: Decimal,
    /// The oldest event inside; while [`AggregateState::walking`], the place where expiry goes on.
    ///
    /// Invariant: the state holds exactly the admitted rows at or after this place. So a late event
    /// is added if the walk will meet it, and only then.
    pub oldest: Option<(Timestamp, EventId)>,
    /// Whether the rows passed to expiry ended before it found the oldest event inside.
    pub walking: bool,
    /// When the latest event inside happened.
    pub last: Option<Timestamp>,
}

/// The aggregates of one profile. One row holds them all: an event moves several, and a row costs
/// more than what it carries.
pub type Aggregates = BTreeMap<AggregateId, Arc<AggregateState>>;

impl AggregateState {
    /// When the oldest event inside happened. Right once [`AggregateState::needs`] is none.
    pub fn first(&self) -> Option<Timestamp> {
        self.oldest.map(|(at, _)| at)
    }

    /// Adds one event, in any order of arrival. One outside the window at `now` does not count, nor
    /// one of another name or that the filter refuses.
    pub fn apply(&mut self, aggregate: &Aggregate, row: &TimelineRow, now: Timestamp) {
        if row.occurred_at > now || !aggregate.admits(row) {
            return;
        }
        let place = (row.occurred_at, row.event);
        let outside = aggregate.boundary(now).is_some_and(|edge| row.occurred_at <= edge);
        // A state that is behind will walk past this row and take it out again.
        let ahead_of_walk = self.oldest.is_some_and(|oldest| oldest <= place);
        if !outside || ahead_of_walk {
            self.add(aggregate, row);
        }
    }

    pub(super) fn add(&mut self, aggregate: &Aggregate, row: &TimelineRow) {
        let place = (row.occurred_at, row.event);
        self.count += 1;
        if let Some(number) = aggregate.number(row) {
            self.numbers += 1;
            self.sum = self.sum.plus(number);
        }
        self.oldest = Some(self.oldest.map_or(place, |oldest| oldest.min(place)));
        self.last = self.last.max(Some(row.occurred_at));
    }

    /// Where in the timeline of the event's name expiry must read on, inclusive; none if nothing
    /// has left the window. Rows are passed to [`AggregateState::expire`] in the order of
    /// (occurred-at, event id), in chunks of any length, until this is none.
    pub fn needs(&self, aggregate: &Aggregate, now: Timestamp) -> Option<(Timestamp, EventId)> {
        let edge = aggregate.boundary(now)?;
        self.oldest.filter(|(at, _)| self.walking || *at <= edge)
    }

    /// Takes out what has left the window. `rows` begin at the place that [`AggregateState::needs`]
    /// named; no rows at all mean that the timeline has none. Not a row more is read than needed,
    /// and none where everything has left.
    pub fn expire(
        &mut self,
        aggregate: &Aggregate,
        now: Timestamp,
        rows: &mut dyn Iterator<Item = &TimelineRow>,
    ) {
        self.expire_with(aggregate, now, rows, |_| {});
    }

    /// The same; says which rows are taken out one by one. Where all are, they are not named.
    pub(super) fn expire_with(
        &mut self,
        aggregate: &Aggregate,
        now: Timestamp,
        rows: &mut dyn Iterator<Item = &TimelineRow>,
        mut gone: impl FnMut(&TimelineRow),
    ) {
        if self.needs(aggregate, now).is_none() {
            return;
        }
        let Some(edge) = aggregate.boundary(now) else { return };
        if self.last.is_none_or(|last| last <= edge) {
            *self = AggregateState::default();
            return;
        }
        let mut passed = None;
        for row in rows {
            let place = (row.occurred_at, row.event);
            let admitted = aggregate.admits(row);
            if admitted && row.occurred_at > edge {
                self.oldest = Some(place);
                self.walking = false;
                return;
            }
            if admitted {
                self.take_out(aggregate, row);
                gone(row);
            }
            passed = Some((place.0, EventId(place.1.0.saturating_add(1))));
        }
        match passed {
            // The chunk ended: the next one goes on here.
            Some(_) => {
                self.oldest = passed;
                self.walking = true;
            }
            // The rows are gone (erased, or past their retention): so is their part.
            None => *self = AggregateState::default(),
        }
    }

    fn take_out(&mut self, aggregate: &Aggregate, row: &TimelineRow) {
        self.count = self.count.saturating_sub(1);
        if let Some(number) = aggregate.number(row) {
            self.numbers = self.numbers.saturating_sub(1);
            self.sum = self.sum.minus(number);
        }
    }

    /// The state that history gives at `now`: the same evaluator over every row, in any order.
    pub fn rebuild<'r>(
        aggregate: &Aggregate,
        now: Timestamp,
        rows: impl Iterator<Item = &'r TimelineRow>,
    ) -> AggregateState {
        let mut state = AggregateState::default();
        let edge = aggregate.boundary(now);
        for row in rows.filter(|row| edge.is_none_or(|edge| row.occurred_at > edge)) {
            state.apply(aggregate, row, now);
        }
        state
    }

    /// The earliest instant at which time alone changes it: when its oldest event leaves.
    pub fn until(&self, aggregate: &Aggregate) -> Option<Timestamp> {
        self.first().and_then(|at| leaves(aggregate, at))
    }

    /// When time alone will have emptied it: when its latest event leaves.
    pub fn empties(&self, aggregate: &Aggregate) -> Option<Timestamp> {
        self.last.and_then(|at| leaves(aggregate, at))
    }
}

/// When an event of that instant leaves a rolling window.
pub(super) fn leaves(aggregate: &Aggregate, at: Timestamp) -> Option<Timestamp> {
    match aggregate.window {
        Window::Last(span) => Some(at.plus(Duration(span.0))),
        Window::All
        | Window::This(_)
        | Window::Past { .. }
        | Window::Since(_)
        | Window::Between(..) => None,
    }
}
