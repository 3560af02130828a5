//! Live membership: what an event, the clock, a build or a merge changes.

mod build;
mod known;
mod waits;

pub(crate) use known::Known;
pub use waits::{Waits, in_words, waits};

use super::{Aggregate, AggregateId, AggregateState, Aggregates, evaluate};
use crate::apply::Touched;
use crate::catalog::{Catalog, Segment};
use crate::decide::Decider;
use crate::decision::{Cause, Effect, MembershipChange};
use crate::event::{Properties, TimelineRow};
use crate::ids::Number;
use crate::prelude::*;
use crate::profile::{Head, SegmentNumber, SegmentState};
use crate::state::{Key, Row, Rows};
use crate::time::Timestamp;

/// Rows of the timeline that are read at a time.
const CHUNK: usize = 256;

/// Reads a stored event as the evaluator knows it.
pub(crate) fn timeline_row(key: &Key, row: &Row) -> Option<TimelineRow> {
    match (key, row) {
        (Key::Timeline(_, name, occurred_at, event), Row::Timeline(happening)) => {
            Some(TimelineRow {
                occurred_at: *occurred_at,
                event: *event,
                name: name.clone(),
                properties: happening.properties.clone(),
            })
        }
        _ => None,
    }
}

/// Nothing counted has one form, however it came about: a person's state must not tell in which
/// order things were said.
fn keep(states: &mut Aggregates, id: AggregateId, state: Arc<AggregateState>) {
    if *state == AggregateState::default() {
        states.remove(&id);
    } else {
        states.insert(id, state);
    }
}

impl<R: Rows> Decider<'_, R> {
    /// A profile's aggregates, of which those that are named are as of now: what left their
    /// windows is taken out first.
    pub fn fresh<'a>(
        &mut self,
        number: Number,
        named: impl IntoIterator<Item = &'a Aggregate>,
    ) -> Arc<Aggregates> {
        let key = Key::Aggregates(number);
        let mut states = self.work.aggregates(&key).unwrap_or_default();
        let mut changed = false;
        for aggregate in named {
            if let Some(state) = states.get(&aggregate.id)
                && let Some(state) = self.expired(number, aggregate, state.clone())
            {
                keep(Arc::make_mut(&mut states), aggregate.id, state);
                changed = true;
            }
        }
        if changed && states.is_empty() {
            self.work.delete(key);
        } else if changed {
            self.work.put(key, Row::Aggregates(states.clone()));
        }
        states
    }

    /// An aggregate without what left its window, if anything did.
    fn expired(
        &self,
        number: Number,
        aggregate: &Aggregate,
        mut state: Arc<AggregateState>,
    ) -> Option<Arc<AggregateState>> {
        let mut changed = false;
        while let Some(from) = state.needs(aggregate, self.now) {
            let rows = self.history(number, &aggregate.event, from, Timestamp::MAX, CHUNK);
            let before = state.clone();
            Arc::make_mut(&mut state).expire(aggregate, self.now, &mut rows.iter());
            if state == before {
                break; // nothing could be taken out: the rows are gone; a rebuild says what is true
            }
            changed = true;
        }
        changed.then_some(state)
    }

    /// Whether a rule holds for a profile now.
    pub fn holds(
        &mut self,
        number: Number,
        rule: &super::Compiled,
        event: Option<&Properties>,
    ) -> bool {
        let Some(head) = self.head(number) else { return false };
        let known = self.known(number, &head, rule);
        let segments = inside_of(&self.catalog, &head, &rule.segments);
        evaluate(rule, &known.facts(&head, &segments, event, self.now)).inside
    }

    /// Evaluates the segments that what changed could move, and those that time could; in
    /// topological order, so that a change is seen by the segments that name it.
    pub fn evaluate(
        &mut self,
        number: Number,
        touched: &Touched,
        cause: Cause,
    ) -> Vec<MembershipChange> {
        let catalog = self.catalog.clone();
        let Some(head) = self.head(number) else { return Vec::new() };
        let mut places = affected(&catalog, touched, &head, self.now);
        let builds = self.work.builds();
        let mut changes = Vec::new();
        while let Some(place) = places.pop_first() {
            let segment = &catalog.segments[place];
            if !built(&builds, segment, number) {
                continue;
            }
            if let Some(change) = self.evaluate_one(number, segment, cause) {
                places.extend(catalog.by_segment.get(&place).into_iter().flatten());
                changes.push(change);
            }
        }
        for change in &changes {
            self.effects.push(Effect::Membership(change.clone()));
        }
        changes
    }

    /// Evaluates one segment and writes down what it says. Says whether the profile moved.
    fn evaluate_one(
        &mut self,
        number: Number,
        segment: &Segment,
        cause: Cause,
    ) -> Option<MembershipChange> {
        let rule = &segment.compiled;
        let head = self.head(number)?;
        let known = self.known(number, &head, rule);
        let segments = inside_of(&self.catalog, &head, &rule.segments);
        let answer = evaluate(rule, &known.facts(&head, &segments, None, self.now));
        let before = head.segments.get(&segment.number).copied();
        let was_inside = before.is_some_and(|state| state.inside);
        let moved = was_inside != answer.inside;
        let since = if moved { self.now } else { before.map_or(self.now, |state| state.since) };
        let after = (answer.inside || answer.until.is_some()).then_some(SegmentState {
            inside: answer.inside,
            since,
            until: answer.until,
        });
        if before != after {
            self.change_head(number, |head| match after {
                Some(state) => {
                    head.segments.insert(segment.number, state);
                }
                None => {
                    head.segments.remove(&segment.number);
                }
            });
        }
        moved.then(|| MembershipChange {
            profile: head.id(),
            segment: segment.number,
            name: segment.name.clone(),
            inside: answer.inside,
            at: self.now,
            cause,
        })
    }

    /// Computes aggregates from the timeline, by the same evaluator; forgets those that no rule
    /// names any more.
    fn rebuild_aggregates(&mut self, number: Number, named: &[&Aggregate]) {
        let key = Key::Aggregates(number);
        let before = self.work.aggregates(&key);
        let mut states = before.as_deref().cloned().unwrap_or_default();
        states.retain(|id, _| self.catalog.aggregates.contains_key(id));
        for aggregate in named.iter().filter(|aggregate| aggregate.is_running()) {
            let rows = self.timeline(number, &aggregate.event, Timestamp(i64::MIN));
            let state = AggregateState::rebuild(aggregate, self.now, rows.iter());
            keep(&mut states, aggregate.id, Arc::new(state));
        }
        match (before, states.is_empty()) {
            (None, true) => {}
            (Some(_), true) => self.work.delete(key),
            (_, false) => self.work.put(key, Row::Aggregates(Arc::new(states))),
        }
    }

    /// A profile's events of one name.
    pub fn timeline(&self, number: Number, name: &str, from: Timestamp) -> Vec<TimelineRow> {
        let from = (from, crate::ids::EventId(0));
        self.history(number, name, from, Timestamp::MAX, usize::MAX)
    }

    /// A profile's events of one name from a place to before an instant, the first `limit` of
    /// them, as they are read today: those stored under an old name are among them.
    pub fn history(
        &self,
        number: Number,
        name: &str,
        (at, id): (Timestamp, crate::ids::EventId),
        to: Timestamp,
        limit: usize,
    ) -> Vec<TimelineRow> {
        let schemas = &self.catalog.schemas;
        let names = core::iter::once(name).chain(schemas.was(name).iter().map(String::as_str));
        let mut rows = Vec::new();
        for stored in names {
            let bounds = match to {
                Timestamp::MAX => Key::timeline_of(number, stored, (at, id)),
                to => (
                    Key::Timeline(number, stored.to_owned(), at, id),
                    Key::Timeline(number, stored.to_owned(), to, crate::ids::EventId(0)),
                ),
            };
            let found = self.work.range(&bounds, limit);
            rows.extend(found.iter().filter_map(|(key, row)| timeline_row(key, row)));
        }
        if schemas.event(name).is_some() {
            for row in &mut rows {
                name.clone_into(&mut row.name);
                schemas.read(name, &mut row.properties);
            }
            // Each name's rows are in order: of the merged ones the first are the first of all.
            rows.sort_by_key(|row| (row.occurred_at, row.event));
            rows.truncate(limit);
        }
        rows
    }

    /// Computes everything about a profile from its timeline: after a merge, after retention.
    pub fn rebuild(&mut self, number: Number, cause: Cause) {
        self.rename_attributes(number);
        let catalog = self.catalog.clone();
        let builds = self.work.builds();
        let live = catalog.aggregates.iter();
        let live = live.filter(|(id, _)| is_built(&catalog, &builds, number, **id));
        let live: Vec<&Aggregate> = live.map(|(_, aggregate)| &**aggregate).collect();
        self.rebuild_aggregates(number, &live);
        self.rebuild_tallies(number, &live);
        self.settle(number, Touched { all: true, ..Touched::default() }, cause, None);
    }

    /// Forgets events of a name that occurred before an instant, and their part in every aggregate.
    pub fn retain(&mut self, name: &str, before: Timestamp, from: Number, count: u32) {
        if name == crate::consent::STATED {
            self.note("retention-refused", None, "what people said about consent is kept for good");
            return;
        }
        let high = from.saturating_add(count).min(self.work.meta().next_number);
        let catalog = self.catalog.clone();
        for number in from..high {
            let low = crate::ids::EventId(0);
            let mut old = Vec::new();
            let was = catalog.schemas.was(name).iter().map(String::as_str);
            for stored in core::iter::once(name).chain(was) {
                let bounds = (
                    Key::Timeline(number, stored.to_owned(), Timestamp(i64::MIN), low),
                    Key::Timeline(number, stored.to_owned(), before, low),
                );
                old.extend(self.work.range(&bounds, usize::MAX));
            }
            if old.is_empty() {
                continue;
            }
            self.work.count("events.retired", old.len() as u64);
            for (key, _) in old {
                self.work.delete(key);
            }
            self.rebuild(number, Cause::Definition);
        }
    }
}

/// Whether an aggregate of a profile is built: then it is kept up to date by every event.
pub(crate) fn is_built(
    catalog: &Catalog,
    builds: &crate::state::Builds,
    number: Number,
    aggregate: AggregateId,
) -> bool {
    catalog.by_aggregate.get(&aggregate).is_some_and(|places| {
        places.iter().any(|place| built(builds, &catalog.segments[*place], number))
    })
}

/// Segments of which it is not known yet whether a profile is in them: what its head says of them
/// is what was true of another rule, or nothing.
pub(crate) fn unbuilt(
    catalog: &Catalog,
    builds: &crate::state::Builds,
    number: Number,
) -> BTreeSet<SegmentNumber> {
    let open = catalog.segments.iter().filter(|segment| !built(builds, segment, number));
    open.map(|segment| segment.number).collect()
}

fn built(builds: &crate::state::Builds, segment: &Segment, number: Number) -> bool {
    builds
        .segments
        .get(&segment.number)
        .is_some_and(|(build, next)| *build == segment.build && number < *next)
}

/// Which of the named segments the profile is in.
pub(crate) fn inside_of(
    catalog: &Catalog,
    head: &Head,
    names: &BTreeSet<String>,
) -> BTreeSet<String> {
    names
        .iter()
        .filter(|name| {
            catalog
                .segment(name)
                .and_then(|segment| head.segments.get(&segment.number))
                .is_some_and(|state| state.inside)
        })
        .cloned()
        .collect()
}

/// Places of the segments that have to be looked at.
fn affected(catalog: &Catalog, touched: &Touched, head: &Head, now: Timestamp) -> BTreeSet<usize> {
    if touched.all {
        return (0..catalog.segments.len()).collect();
    }
    let by_aggregate = touched.aggregates.iter().filter_map(|id| catalog.by_aggregate.get(id));
    let by_attribute = touched.attributes.iter().filter_map(|name| catalog.by_attribute.get(name));
    let by_list = touched.lists.iter().filter_map(|name| catalog.by_list.get(name));
    let by_time = head
        .segments
        .iter()
        .filter(|(_, state)| state.until.is_some_and(|until| until <= now))
        .filter_map(|(number, _)| catalog.segment_numbers.get(number));
    let by_reach = catalog.by_reach.iter().filter(|_| touched.reach);
    let by_birth = catalog.by_birth.iter().filter(|_| touched.new);
    let named = by_aggregate.chain(by_attribute).chain(by_list).flatten();
    named.chain(by_time).chain(by_reach).chain(by_birth).copied().collect()
}
