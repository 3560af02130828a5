//! Live membership: what an event, the clock, a build or a merge changes.

mod known;

pub(crate) use known::Known;

use super::{Aggregate, AggregateId, AggregateState, Aggregates, evaluate};
use crate::apply::Touched;
use crate::catalog::{Catalog, Segment};
use crate::decide::Decider;
use crate::decision::{Cause, Effect, MembershipChange};
use crate::event::{Properties, TimelineRow};
use crate::ids::Number;
use crate::prelude::*;
use crate::profile::{Head, SegmentState};
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
                Arc::make_mut(&mut states).insert(aggregate.id, state);
                changed = true;
            }
        }
        if changed {
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
            let bounds = Key::timeline_of(number, &aggregate.event, from);
            let rows: Vec<TimelineRow> = self
                .work
                .range(&bounds, CHUNK)
                .iter()
                .filter_map(|(key, row)| timeline_row(key, row))
                .collect();
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

    /// A plan comes into force: new and changed segments begin to build.
    pub fn publish(&mut self, plan: u64) {
        if plan <= self.work.meta().plan {
            return;
        }
        let next_number = self.work.meta().next_number;
        let mut builds = self.work.builds();
        let catalog = self.catalog.clone();
        let known = Arc::make_mut(&mut builds);
        known.segments.retain(|number, _| catalog.segment_numbers.contains_key(number));
        for segment in &catalog.segments {
            let start = if next_number == 0 { Number::MAX } else { 0 };
            let build = known.segments.entry(segment.number).or_insert((segment.build, start));
            if build.0 != segment.build {
                *build = (segment.build, start);
            }
        }
        self.work.put(Key::Builds, Row::Builds(builds));
        self.publish_lists();
        self.work.change_meta(|meta| meta.plan = plan);
    }

    /// Builds the segments that are not built for the next `count` profiles, from their history.
    pub fn build(&mut self, count: u32) {
        let catalog = self.catalog.clone();
        let builds = self.work.builds();
        let next_number = self.work.meta().next_number;
        let unfinished = |next: Number| next != Number::MAX;
        let starts = builds.segments.values().map(|build| build.1).filter(|next| unfinished(*next));
        let Some(low) = starts.min() else { return };
        let high = low.saturating_add(count).min(next_number);
        let building: Vec<&Arc<Segment>> = catalog
            .segments
            .iter()
            .filter(|segment| builds.segments.get(&segment.number).is_some_and(|b| b.1 < high))
            .collect();
        // The slice counts as built before it is evaluated: `evaluate` looks at built ones only.
        let mut advanced = builds.clone();
        for build in Arc::make_mut(&mut advanced).segments.values_mut() {
            if unfinished(build.1) && build.1 <= high {
                build.1 = if high == next_number { Number::MAX } else { high };
            }
        }
        self.work.put(Key::Builds, Row::Builds(advanced));
        for number in low..high {
            let due: Vec<&Arc<Segment>> = building
                .iter()
                .copied()
                .filter(|s| builds.segments.get(&s.number).is_some_and(|b| b.1 <= number))
                .collect();
            self.build_profile(number, &due);
        }
    }

    fn build_profile(&mut self, number: Number, segments: &[&Arc<Segment>]) {
        let Some(head) = self.head(number) else { return };
        if head.status != crate::profile::Status::Live {
            return;
        }
        let named = segments.iter().flat_map(|segment| &segment.compiled.aggregates);
        let named: Vec<&Aggregate> = named.collect();
        self.rebuild_aggregates(number, &named);
        self.rebuild_tallies(number, &named);
        for segment in segments {
            self.evaluate_one(number, segment, Cause::Definition);
        }
        self.arm(number);
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
            if rows.is_empty() {
                states.remove(&aggregate.id);
            } else {
                let state = AggregateState::rebuild(aggregate, self.now, rows.iter());
                states.insert(aggregate.id, Arc::new(state));
            }
        }
        match (before, states.is_empty()) {
            (None, true) => {}
            (Some(_), true) => self.work.delete(key),
            (_, false) => self.work.put(key, Row::Aggregates(Arc::new(states))),
        }
    }

    /// A profile's events of one name.
    pub fn timeline(&self, number: Number, name: &str, from: Timestamp) -> Vec<TimelineRow> {
        let bounds = Key::timeline_of(number, name, (from, crate::ids::EventId(0)));
        let rows = self.work.range(&bounds, usize::MAX);
        rows.iter().filter_map(|(key, row)| timeline_row(key, row)).collect()
    }

    /// Computes everything about a profile from its timeline: after a merge, after retention.
    pub fn rebuild(&mut self, number: Number, cause: Cause) {
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
        for number in from..high {
            let low = crate::ids::EventId(0);
            let bounds = (
                Key::Timeline(number, name.to_owned(), Timestamp(i64::MIN), low),
                Key::Timeline(number, name.to_owned(), before, low),
            );
            let old = self.work.range(&bounds, usize::MAX);
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
