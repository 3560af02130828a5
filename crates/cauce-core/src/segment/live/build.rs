//! Builds: a segment that is new, or says something else than before, is evaluated for everybody, a
//! slice at a time; one that is gone loses everybody, at the same pace.

use crate::catalog::Segment;
use crate::decide::Decider;
use crate::decision::{Cause, Effect, MembershipChange};
use crate::ids::Number;
use crate::prelude::*;
use crate::profile::{SegmentNumber, Status};
use crate::publish::shared_before;
use crate::segment::Aggregate;
use crate::state::{Builds, Key, Row, Rows};

/// Beside the number of a segment that people wrote, or of those in it who may be told of: how far
/// it is emptied. Such numbers stay below this bit.
const EMPTYING: SegmentNumber = 1 << 30;

/// Whether an entry of [`Builds`] says how far a segment is emptied, and which one.
fn emptied(entry: SegmentNumber) -> Option<SegmentNumber> {
    let hidden = entry & (1 << 31) != 0;
    (!hidden && entry & EMPTYING != 0).then_some(entry & !EMPTYING)
}

impl<R: Rows> Decider<'_, R> {
    /// A plan comes into force: new and changed segments begin to build, those that are gone to
    /// empty. The plan that is in force already is looked at again: another version of the program
    /// may mean something else by it.
    pub fn publish(&mut self, plan: u64) {
        let before = self.work.meta().plan;
        if plan < before {
            return;
        }
        self.lay_builds();
        if plan > before {
            self.publish_lists();
            self.work.change_meta(|meta| meta.plan = plan);
        }
    }

    fn lay_builds(&mut self) {
        let start = if self.work.meta().next_number == 0 { Number::MAX } else { 0 };
        let before = self.work.builds();
        let mut builds = before.clone();
        let catalog = self.catalog.clone();
        let known = &mut Arc::make_mut(&mut builds).segments;
        // Not: a build of an earlier version, whose numbers had the bit; nothing is emptied by it.
        known.retain(|entry, build| emptied(*entry).is_none() || build.0 == 0);
        for number in catalog.gone.keys() {
            // One that was there until now, or of which an earlier version left members.
            let was = known.remove(number).is_some();
            let under_way = known.contains_key(&(number | EMPTYING));
            if start == 0 && (was || (!under_way && self.has_members(*number))) {
                known.insert(number | EMPTYING, (0, 0));
            }
        }
        known.retain(|number, _| {
            emptied(*number).is_some() || catalog.segment_numbers.contains_key(number)
        });
        for segment in &catalog.segments {
            let build = known.entry(segment.number).or_insert((segment.build, start));
            if build.0 != segment.build {
                *build = (segment.build, start);
            }
        }
        if builds != before {
            self.work.put(Key::Builds, Row::Builds(builds));
        }
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
        let is_due = |number: SegmentNumber, profile: Number| {
            builds.segments.get(&number).is_some_and(|build| build.1 <= profile)
        };
        let building: Vec<&Arc<Segment>> = catalog
            .segments
            .iter()
            .filter(|segment| high > 0 && is_due(segment.number, high - 1))
            .collect();
        self.work.put(Key::Builds, Row::Builds(advanced(&builds, high, next_number)));
        for number in low..high {
            for gone in builds.segments.keys().filter(|entry| is_due(**entry, number)) {
                if let Some(segment) = emptied(*gone) {
                    self.leave(number, segment);
                }
            }
            let due = building.iter().copied().filter(|segment| is_due(segment.number, number));
            let due: Vec<&Arc<Segment>> = due.collect();
            if !due.is_empty() {
                self.build_profile(number, &due);
            }
        }
    }

    /// Whether anybody is in a segment, under its number or one that it had.
    fn has_members(&self, number: SegmentNumber) -> bool {
        core::iter::once(number)
            .chain(shared_before(number))
            .any(|number| !self.work.members(number).is_empty())
    }

    /// Takes a profile out of a segment that is no more; what replaces it under the same name
    /// begins with nobody.
    fn leave(&mut self, number: Number, segment: SegmentNumber) {
        let Some(head) = self.head(number) else { return };
        let numbers = core::iter::once(segment).chain(shared_before(segment));
        let states: Vec<_> = numbers
            .filter_map(|number| Some((number, head.segments.get(&number).copied()?)))
            .collect();
        if states.is_empty() {
            return;
        }
        self.change_head(number, |head| {
            head.segments.retain(|known, _| states.iter().all(|(gone, _)| gone != known));
        });
        if !states.iter().any(|(_, state)| state.inside) {
            return;
        }
        let again = self.catalog.segment_numbers.get(&segment);
        let again = again.map(|place| &self.catalog.segments[*place].name);
        let name = self.catalog.gone.get(&segment).or(again).cloned().unwrap_or_default();
        self.effects.push(Effect::Membership(MembershipChange {
            profile: head.id(),
            segment,
            name,
            inside: false,
            at: self.now,
            cause: Cause::Definition,
        }));
    }

    /// Of a segment that had another number in an earlier version nothing is kept under that one.
    fn forget_before(&mut self, number: Number, segment: SegmentNumber) {
        let Some(head) = self.head(number) else { return };
        let old: Vec<SegmentNumber> =
            shared_before(segment).filter(|old| head.segments.contains_key(old)).collect();
        if !old.is_empty() {
            self.change_head(number, |head| head.segments.retain(|known, _| !old.contains(known)));
        }
    }

    fn build_profile(&mut self, number: Number, segments: &[&Arc<Segment>]) {
        let Some(head) = self.head(number) else { return };
        if head.status != Status::Live {
            return;
        }
        self.rename_attributes(number);
        let named = segments.iter().flat_map(|segment| &segment.compiled.aggregates);
        let named: Vec<&Aggregate> = named.collect();
        self.rebuild_aggregates(number, &named);
        self.rebuild_tallies(number, &named);
        for segment in segments {
            self.evaluate_one(number, segment, Cause::Definition);
            self.forget_before(number, segment.number);
        }
        self.arm(number);
    }
}

/// How far everything is after the profiles below `high`. They count as built before they are
/// evaluated: only what is built is looked at.
fn advanced(builds: &Builds, high: Number, next_number: Number) -> Arc<Builds> {
    let mut advanced = builds.clone();
    for build in advanced.segments.values_mut().filter(|build| build.1 <= high) {
        build.1 = if high == next_number { Number::MAX } else { high };
    }
    let done = |entry: SegmentNumber, next: Number| emptied(entry).is_some() && next == Number::MAX;
    advanced.segments.retain(|entry, build| !done(*entry, build.1));
    Arc::new(advanced)
}
