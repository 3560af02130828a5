//! An event becomes part of a profile: timeline, attributes, consents, aggregates; then everything
//! that follows from the change settles, in rounds.

use crate::decide::Decider;
use crate::decision::caused;
use crate::decision::{Cause, Effect};
use crate::device;
use crate::erasure::When;
use crate::event::{Event, TimelineRow};
use crate::identity::RECTIFIED;
use crate::ids::{Number, TraceId, hash128};
use crate::journey::advance::Trigger;
use crate::limits;
use crate::prelude::*;
use crate::profile::{Attribute, Head, Status};
use crate::segment::live::is_built;
use crate::segment::{Aggregate, AggregateId, Tally};
use crate::state::{Happening, Key, Row, Rows};
use crate::time::{Duration, Timestamp};

/// Events that occurred within this time are told apart by the memory of ids. Less than it holds,
/// because an event's time is of the clock of the machine that received it.
const DEDUPE_TRUSTED: Duration = Duration(limits::DEDUPE_WINDOW.0 - Duration::HOUR.0);

/// What changed about a profile since its segments and runs were looked at last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touched {
    pub aggregates: BTreeSet<AggregateId>,
    pub attributes: BTreeSet<String>,
    /// Uploaded lists that say something else of it.
    pub lists: BTreeSet<String>,
    /// Addresses, suppressions or consents: whether and how a message could go out.
    pub reach: bool,
    /// The profile was made by this very input.
    pub new: bool,
    /// Look at everything: a merge, a build.
    pub all: bool,
}

impl Touched {
    pub fn is_empty(&self) -> bool {
        let named = !self.aggregates.is_empty() || !self.attributes.is_empty();
        let named = named || !self.lists.is_empty();
        !(named || self.reach || self.new || self.all)
    }
}

impl<R: Rows> Decider<'_, R> {
    /// Makes an event part of the profile that lives here.
    pub fn apply(&mut self, number: Number, event: &Event) {
        // A plan that renames it may have overtaken it on its way here.
        let catalog = self.catalog.clone();
        let event = &*catalog.schemas.map(event);
        let of_device = device::said(event);
        let event = of_device.as_ref().map_or(event, |(_, kept)| kept);
        let addresses = crate::identity::addresses(&self.catalog.namespaces, &event.attributes);
        let origin = self.origin_of(number, &event.aliases, &addresses);
        self.link(number, &event.aliases, When::of(event));
        self.link(number, &addresses, When::of(event));
        let Some(head) = self.head(number) else { return };
        let key = Key::Timeline(number, event.name.clone(), event.occurred_at, event.id);
        if self.may_be_known(event) && self.is_stored(number, event) {
            self.note("duplicate", Some(head.id()), format!("{} is known", event.id));
            self.work.count("events.duplicate", 1);
            return;
        }
        if !event.attributes.is_empty() {
            self.rename_attributes(number);
        }
        let mut touched = Touched { new: self.is_new(number), ..Touched::default() };
        if !event.attributes.is_empty() {
            self.set_attributes(number, event, &mut touched);
            let stamp = (event.occurred_at, event.id);
            self.side_sets(number, origin, &event.attributes, stamp);
            if event.name == RECTIFIED {
                self.sides_rectified(number, &event.attributes, stamp);
            }
        }
        if !event.consents.is_empty() {
            self.set_consents(number, origin, event, &mut touched);
        }
        if let Some((said, _)) = &of_device {
            touched.reach |= self.device_said(number, said, event);
        }
        // Before the row is there: expiry walks the rows that were counted, and no other.
        self.aggregate(number, event, &mut touched);
        let happening = Happening {
            properties: event.properties.clone(),
            origin,
            received_at: event.received_at,
        };
        self.work.put(key, Row::Timeline(Arc::new(happening)));
        let cause = if event.historical { Cause::History } else { Cause::Event };
        let trigger = (!event.historical).then_some(Trigger {
            event: Some(event.id),
            name: &event.name,
            properties: &event.properties,
        });
        self.settle(number, touched, cause, trigger);
    }

    /// Whether the timeline has to be asked for an event that passed the memory of ids at its
    /// entry. An import may be repeated after weeks, a forwarded event may have come by another
    /// road, and ids are remembered for a day. What occurred within that day cannot have been said
    /// before it: for fresh events nothing is looked up.
    fn may_be_known(&self, event: &Event) -> bool {
        let old = self.now.since(event.occurred_at) >= DEDUPE_TRUSTED;
        event.historical || self.forwarded || old
    }

    /// Whether an event is in the timeline, under its name or an old one.
    fn is_stored(&self, number: Number, event: &Event) -> bool {
        let was = self.catalog.schemas.was(&event.name).iter().map(String::as_str);
        core::iter::once(event.name.as_str()).chain(was).any(|name| {
            let at = event.occurred_at;
            self.work.has(&Key::Timeline(number, name.to_owned(), at, event.id))
        })
    }

    /// Sets attributes and says which changed.
    fn set_attributes(&mut self, number: Number, event: &Event, touched: &mut Touched) {
        let mut refused = 0;
        let mut changes = Vec::new();
        self.change_head(number, |head| {
            for (name, value) in &event.attributes {
                let full = head.attributes.len() >= limits::ATTRIBUTES_MAX;
                if full && !head.attributes.contains_key(name) {
                    refused += 1;
                    continue;
                }
                let attribute =
                    Attribute { value: value.clone(), at: event.occurred_at, event: event.id };
                if let Some(change) = caused::set(head, name, attribute) {
                    touched.attributes.insert(name.clone());
                    changes.push(change);
                }
            }
        });
        self.all_caused(number, changes);
        if refused > 0 {
            let text = format!(
                "{refused} attributes were not kept: a profile has at most {}",
                limits::ATTRIBUTES_MAX
            );
            self.note("too-many-attributes", None, text);
        }
    }

    /// Whether and how a message could go out has changed: who asks for that is looked at again.
    pub fn reach_changed(&mut self, number: Number) {
        let live = |head: Arc<Head>| head.status == Status::Live;
        if !self.catalog.by_reach.is_empty() && self.head(number).is_some_and(live) {
            let touched = Touched { reach: true, ..Touched::default() };
            self.settle(number, touched, Cause::Event, None);
        }
    }

    /// Adds the event to the aggregates that name it.
    pub fn aggregate(&mut self, number: Number, event: &Event, touched: &mut Touched) {
        let catalog = self.catalog.clone();
        let Some(named) = catalog.by_event.get(&event.name) else { return };
        let row = TimelineRow {
            occurred_at: event.occurred_at,
            event: event.id,
            name: event.name.clone(),
            properties: event.properties.clone(),
        };
        let builds = self.work.builds();
        let built = named.iter().filter(|id| is_built(&catalog, &builds, number, **id));
        let built: Vec<&Aggregate> = built.map(|id| &*catalog.aggregates[id]).collect();
        self.aggregate_running(number, &built, &row, touched);
        self.tally_up(number, &built, &row, touched);
    }

    fn aggregate_running(
        &mut self,
        number: Number,
        built: &[&Aggregate],
        row: &TimelineRow,
        touched: &mut Touched,
    ) {
        let mut states = self.fresh(number, built.iter().copied());
        let mut moved = false;
        for aggregate in built.iter().filter(|aggregate| aggregate.is_running()) {
            let before = states.get(&aggregate.id).cloned().unwrap_or_default();
            let mut after = before.clone();
            Arc::make_mut(&mut after).apply(aggregate, row, self.now);
            if after != before {
                Arc::make_mut(&mut states).insert(aggregate.id, after);
                touched.aggregates.insert(aggregate.id);
                moved = true;
            }
        }
        if moved {
            self.work.put(Key::Aggregates(number), Row::Aggregates(states));
        }
    }

    fn tally_up(
        &mut self,
        number: Number,
        built: &[&Aggregate],
        row: &TimelineRow,
        touched: &mut Touched,
    ) {
        if built.iter().all(|aggregate| aggregate.is_running()) {
            return;
        }
        let Some(head) = self.head(number) else { return };
        let calendar = self.calendar(&head);
        let mut tallies = self.fresh_tallies(number, built.iter().copied(), &calendar);
        let mut moved = false;
        for aggregate in built.iter().filter(|a| !a.is_running() && a.admits(row)) {
            let tallies = Arc::make_mut(&mut tallies);
            let tally =
                tallies.entry(aggregate.id).or_insert_with(|| Arc::new(Tally::new(aggregate)));
            if Arc::make_mut(tally).apply(aggregate, row, self.now, &calendar) {
                touched.aggregates.insert(aggregate.id);
                moved = true;
            }
        }
        if moved {
            self.work.put(Key::Tallies(number), Row::Tallies(tallies));
        }
    }

    /// Lets everything follow from what changed: segments, then journeys, whose steps may change
    /// the profile again. Ends after a bounded number of rounds, with a note.
    pub fn settle(
        &mut self,
        number: Number,
        mut touched: Touched,
        cause: Cause,
        mut trigger: Option<Trigger<'_>>,
    ) {
        let mut entered = BTreeSet::new();
        for round in 0..=limits::CASCADE_ROUNDS_MAX {
            let changes = self.evaluate(number, &touched, cause);
            if round > 0 && touched.is_empty() && changes.is_empty() {
                break;
            }
            if round == limits::CASCADE_ROUNDS_MAX {
                let profile = self.head(number).map(|head| head.id());
                self.note("cascade-limit", profile, "updates kept causing updates; stopped here");
                self.work.count("cascades.stopped", 1);
                break;
            }
            let live = matches!(cause, Cause::Event | Cause::Time);
            touched = self.walk_journeys(number, &changes, live, trigger.take(), &mut entered);
        }
        self.arm(number);
    }

    /// Sets the profile's one timer, if the earliest instant moved forward.
    pub fn arm(&mut self, number: Number) {
        let Some(head) = self.head(number) else { return };
        // What lies behind and was not looked at is a segment that is being built: the build looks
        // at it and arms again. A timer for it would lie before the bound of the ticks, and never
        // ring.
        let ahead = |until: &Timestamp| *until > self.now;
        let by_segments = head.segments.values().filter_map(|state| state.until).filter(ahead);
        let by_segments = by_segments.min();
        let by_runs = self.runs(number).iter().map(|run| run.waiting.until()).min();
        // Between two such moments the timer that is set already is no later.
        let by_lists = if self.lists_moved { self.lists_until(number) } else { None };
        let Some(due) = by_segments.into_iter().chain(by_runs).chain(by_lists).min() else {
            return;
        };
        if head.wake.is_some_and(|wake| wake <= due) {
            return;
        }
        self.change_head(number, |head| head.wake = Some(due));
        self.wake_number(number, due);
    }

    /// Has the clock look at a profile, beside its own one timer.
    pub(crate) fn wake_number(&mut self, number: Number, due: Timestamp) {
        self.work.put(Key::Timer(due, number), Row::Mark);
        let from = self.work.meta().timers_from;
        if due < from {
            self.work.change_meta(|meta| meta.timers_from = due);
        }
        self.effects.push(Effect::WakeAt(due));
    }

    /// Looks at the profiles whose timer is due, at most `limit`.
    pub fn tick(&mut self, limit: u32) {
        let from = self.work.meta().timers_from;
        let bounds = Key::timers(from, self.now);
        let due = self.work.range(&bounds, limit as usize);
        let complete = due.len() < limit as usize;
        let mut last = from;
        for (key, _) in due {
            let Key::Timer(at, number) = key else { continue };
            last = at;
            self.work.delete(key);
            self.settle_clicks(number);
            self.forget_gone(number);
            let Some(head) = self.head(number) else { continue };
            // A timer that an earlier one replaced finds nothing to do.
            if head.wake == Some(at) {
                self.change_head(number, |head| head.wake = None);
                let at = self.place.origin.position;
                let place = [u64::from(at.incarnation), at.offset, u64::from(number)];
                let place = place.map(u64::to_be_bytes).concat();
                self.by_clock = true;
                let here = self.here().to_be_bytes();
                self.on_behalf(TraceId(hash128(&[b"clock", &here, &place])));
                self.lists_moved = true;
                let touched = Touched { lists: self.expire_lists(number), ..Touched::default() };
                self.settle(number, touched, Cause::Time, None);
            }
        }
        // The bound spares the scan the deleted rows before it. Arming may have lowered it.
        let bound = if complete { self.now } else { last };
        let lowered = self.work.meta().timers_from < from;
        if !lowered && bound > from {
            self.work.change_meta(|meta| meta.timers_from = bound);
        }
        self.forget_seen(limit as usize);
    }
}
