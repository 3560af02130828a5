//! What an evaluation looks at: aggregates, tallies and the calendar of one profile, as of now.

use crate::catalog::Catalog;
use crate::decide::Decider;
use crate::device::Devices;
use crate::event::{Properties, TimelineRow};
use crate::ids::{EventId, Number};
use crate::list::Lists;
use crate::message::Channel;
use crate::prelude::*;
use crate::profile::Head;
use crate::segment::tally::{Need, Tallies, Tally};
use crate::segment::{
    Aggregate, AggregateState, Aggregates, Calendar, Compiled, Facts, Standing, ZONE_ATTRIBUTE,
};
use crate::state::{Key, Row, Rows};
use crate::time::Timestamp;
use crate::value::Value;

/// Rows of the timeline that are read at a time.
const CHUNK: usize = 256;

/// What is known of a profile's events, for one rule.
pub(crate) struct Known {
    pub aggregates: Arc<Aggregates>,
    pub tallies: Arc<Tallies>,
    pub calendar: Calendar,
    /// What lists say; not read where the rule names none.
    pub lists: Option<Arc<Lists>>,
    /// What it can be pushed to; not read where the rule does not ask.
    devices: Arc<Devices>,
    catalog: Arc<Catalog>,
}

impl Known {
    pub fn facts<'k>(
        &'k self,
        head: &'k Head,
        segments: &'k BTreeSet<String>,
        event: Option<&'k Properties>,
        now: Timestamp,
    ) -> Facts<'k> {
        Facts {
            attributes: &head.attributes,
            aggregates: &self.aggregates,
            tallies: &self.tallies,
            calendar: &self.calendar,
            standing: Some(Standing {
                head,
                devices: &self.devices,
                policy: &self.catalog.policy,
                topics: &self.catalog.topics,
                namespaces: &self.catalog.namespaces,
            }),
            segments,
            lists: self.lists.as_deref(),
            event,
            now,
        }
    }
}

impl<R: Rows> Decider<'_, R> {
    /// What a rule asks for, without what has left its windows.
    pub fn known(&mut self, number: Number, head: &Head, rule: &Compiled) -> Known {
        let calendar = if rule.uses_calendar { self.calendar(head) } else { Calendar::default() };
        Known {
            aggregates: self.fresh(number, &rule.aggregates),
            tallies: self.fresh_tallies(number, &rule.aggregates, &calendar),
            calendar,
            lists: if rule.lists.is_empty() { None } else { self.work.lists(&Key::Lists(number)) },
            devices: if rule.channels.contains(&Channel::Push) {
                self.devices(number)
            } else {
                Arc::default()
            },
            catalog: self.catalog.clone(),
        }
    }

    /// The same; what is not built here is computed from the timeline.
    pub fn whole(&mut self, number: Number, head: &Head, rule: &Compiled) -> Known {
        let mut known = self.known(number, head, rule);
        let builds = self.work.builds();
        for aggregate in &rule.aggregates {
            if super::is_built(&self.catalog, &builds, number, aggregate.id) {
                continue;
            }
            if aggregate.is_running() {
                let rows = self.timeline(number, &aggregate.event, Timestamp(i64::MIN));
                let state = AggregateState::rebuild(aggregate, self.now, rows.iter());
                Arc::make_mut(&mut known.aggregates).insert(aggregate.id, Arc::new(state));
            } else if let Some(tally) = self.tally(number, aggregate, &known.calendar) {
                Arc::make_mut(&mut known.tallies).insert(aggregate.id, Arc::new(tally));
            }
        }
        known
    }

    /// The values of computed attributes as of now; those that have one.
    pub fn computed(
        &mut self,
        number: Number,
        head: &Head,
        names: &BTreeSet<String>,
    ) -> BTreeMap<String, Value> {
        let catalog = self.catalog.clone();
        let mut values = BTreeMap::new();
        for name in names {
            let Some(computed) = catalog.computed.get(name) else { continue };
            let known = self.known(number, head, &computed.keeper());
            let nowhere = BTreeSet::new();
            let facts = known.facts(head, &nowhere, None, self.now);
            values.extend(computed.value(&facts).0.map(|value| (name.clone(), value)));
        }
        values
    }

    /// The days of a profile.
    pub fn calendar(&self, head: &Head) -> Calendar {
        let own = head.attribute(ZONE_ATTRIBUTE).and_then(|zone| zone.as_str());
        Calendar::of(own, &self.catalog.policy)
    }

    /// A profile's tallies, of which those that are named are as of now.
    pub fn fresh_tallies<'a>(
        &mut self,
        number: Number,
        named: impl IntoIterator<Item = &'a Aggregate>,
        calendar: &Calendar,
    ) -> Arc<Tallies> {
        let mut named = named.into_iter().filter(|aggregate| !aggregate.is_running()).peekable();
        if named.peek().is_none() {
            return Arc::default();
        }
        let key = Key::Tallies(number);
        let mut tallies = self.work.tallies(&key).unwrap_or_default();
        let mut changed = false;
        for aggregate in named {
            if let Some(tally) = tallies.get(&aggregate.id)
                && let Some(tally) = self.refreshed(number, aggregate, tally, calendar)
            {
                Arc::make_mut(&mut tallies).insert(aggregate.id, Arc::new(tally));
                changed = true;
            }
        }
        if changed {
            self.work.put(key, Row::Tallies(tallies.clone()));
        }
        tallies
    }

    /// A tally as of now, if it is not.
    fn refreshed(
        &self,
        number: Number,
        aggregate: &Aggregate,
        tally: &Tally,
        calendar: &Calendar,
    ) -> Option<Tally> {
        let mut after: Option<Tally> = None;
        loop {
            let before = after.as_ref().unwrap_or(tally);
            let Some(need) = before.needs(aggregate, self.now, calendar) else { return after };
            let mut next = before.clone();
            match need {
                Need::All(from, to) => {
                    let rows = self.between(number, &aggregate.event, from, to);
                    next.refill(aggregate, self.now, calendar, rows.iter());
                }
                Need::From(place) => {
                    let event = &aggregate.event;
                    let rows = self.history(number, event, place, Timestamp::MAX, CHUNK);
                    next.expire(aggregate, self.now, &mut rows.iter());
                }
            }
            if next == *before {
                return after; // the rows are gone; a rebuild says what is true
            }
            after = Some(next);
        }
    }

    /// A profile's events of one name from an instant to before another.
    fn between(
        &self,
        number: Number,
        name: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<TimelineRow> {
        self.history(number, name, (from, EventId(0)), to, usize::MAX)
    }

    /// Computes tallies from the timeline; forgets those that no rule names any more.
    pub(super) fn rebuild_tallies(&mut self, number: Number, named: &[&Aggregate]) {
        let key = Key::Tallies(number);
        let before = self.work.tallies(&key);
        let mut tallies = before.as_deref().cloned().unwrap_or_default();
        tallies.retain(|id, _| self.catalog.aggregates.contains_key(id));
        let calendar = self.head(number).map(|head| self.calendar(&head)).unwrap_or_default();
        for aggregate in named.iter().filter(|aggregate| !aggregate.is_running()) {
            match self.tally(number, aggregate, &calendar) {
                Some(tally) => tallies.insert(aggregate.id, Arc::new(tally)),
                None => tallies.remove(&aggregate.id),
            };
        }
        match (before, tallies.is_empty()) {
            (None, true) => {}
            (Some(_), true) => self.work.delete(key),
            (_, false) => self.work.put(key, Row::Tallies(Arc::new(tallies))),
        }
    }

    /// A tally from the timeline.
    pub fn tally(
        &self,
        number: Number,
        aggregate: &Aggregate,
        calendar: &Calendar,
    ) -> Option<Tally> {
        let rows = aggregate
            .events()
            .into_iter()
            .flat_map(|name| self.timeline(number, name, Timestamp(i64::MIN)));
        let rows: Vec<TimelineRow> = rows.collect();
        Tally::rebuild(aggregate, self.now, calendar, rows.iter())
    }
}
