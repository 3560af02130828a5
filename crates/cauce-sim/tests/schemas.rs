//! Nothing that was accepted is lost to a schema: it counts once, or waits, or somebody said why it
//! does neither. Under every order of events, plans, replays, erasures and hops.

use cauce_core::decide::{Plans, home};
use cauce_core::decision::Effect;
use cauce_core::event::Event;
use cauce_core::ids::{EventId, Partition as Number};
use cauce_core::input::Body;
use cauce_core::profile::{Alias, ConsentState};
use cauce_core::publish::{self, Kind};
use cauce_core::schema::{Fix, Type, WAITING};
use cauce_core::state::{Key, Row};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use cauce_sim::people;
use cauce_sim::same::cluster::Cluster;
use cauce_sim::world::{self, World};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What happens.
#[derive(Clone, Debug)]
enum Act {
    /// An event: who, by how many names, what it says, whether under its old name.
    Event { who: usize, names: usize, says: usize, old: bool },
    /// An event that was said before.
    Again(usize),
    /// Another schema.
    Plan(usize),
    /// Some of what waits is tried again, mended or not, perhaps twice.
    Replay { part: usize, cast: bool, live: bool, twice: bool },
    /// Some of what waits is given up.
    GiveUp(usize),
    /// Somebody is forgotten.
    Erase(usize, usize),
    /// Hops arrive: so many.
    Deliver(usize),
    /// Two days pass: ids of events are forgotten.
    Pass,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0usize..3, 1usize..4, 0usize..5, any::<bool>())
            .prop_map(|(who, names, says, old)| Act::Event { who, names, says, old }),
        3 => any::<usize>().prop_map(Act::Again),
        1 => (0usize..4).prop_map(Act::Plan),
        2 => (0usize..4, any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(part, cast, live, twice)| Act::Replay { part, cast, live, twice }),
        1 => (0usize..4).prop_map(Act::GiveUp),
        1 => (0usize..3, 0usize..3).prop_map(|(who, name)| Act::Erase(who, name)),
        4 => (0usize..6).prop_map(Act::Deliver),
        1 => Just(Act::Pass),
    ]
}

fn names(who: usize) -> Vec<Alias> {
    let alias = |namespace: &str, value: String| Alias { namespace: namespace.into(), value };
    vec![
        alias("user_id", format!("u{who}")),
        alias("email", format!("a{who}@x.example")),
        alias("anonymous_id", format!("d{who}")),
    ]
}

fn plans(place: usize) -> serde_json::Value {
    [
        json!({ "was": ["Bought"], "properties": { "total": "number" } }),
        json!({ "open": false, "was": ["Bought"],
                "properties": { "total": { "type": "number", "required": true } } }),
        json!({ "state": "learned", "was": ["Bought"], "properties": { "total": "number" } }),
        json!({ "was": ["Bought"],
                "properties": { "total": { "type": "number", "cast": true, "was": ["amount"] } } }),
    ][place]
        .clone()
}

struct Story {
    cluster: Cluster,
    cause: u64,
    at: Timestamp,
    told: Vec<(Number, Effect)>,
    events: Vec<Event>,
}

impl Story {
    fn new(partitions: u16) -> Story {
        let world = World::default();
        let mut written: Vec<world::Written> = world::basics();
        let rule = json!({ "rule": "count(order_completed) >= 1000" });
        written.push((Kind::Segment, "many", rule));
        world.publish(&written);
        let cluster = Cluster::new(partitions, Arc::new(world));
        let at = Timestamp(1_000_000);
        Story { cluster, cause: 1_000, at, told: Vec::new(), events: Vec::new() }
    }

    fn take(&mut self, to: Number, body: Body) {
        self.cause += 1;
        let effects = self.cluster.take(to, self.cause, self.at, body);
        self.told.extend(effects.into_iter().map(|effect| (to, effect)));
    }

    fn partitions(&self) -> u16 {
        self.cluster.rows.len() as u16
    }

    fn waiting(&self, part: usize) -> Vec<(Number, Vec<cauce_core::ids::Position>)> {
        let mut found = Vec::new();
        for (number, rows) in self.cluster.rows.iter().enumerate() {
            let positions = rows.0.keys().filter_map(|key| match key {
                Key::Unfit(position) => Some(*position),
                _ => None,
            });
            // A part of it, or all.
            let some = positions.enumerate().filter(|(nth, _)| part == 0 || nth % 3 != part - 1);
            found.push((number as Number, some.map(|(_, position)| position).collect()));
        }
        found
    }

    fn act(&mut self, act: &Act) {
        self.at = Timestamp(self.at.0 + 1_000);
        match act {
            Act::Event { who, names: count, says, old } => {
                let id = self.events.len() as u128 + 1;
                let name = if *old { "Bought" } else { "order_completed" };
                let aliases = names(*who).into_iter().rev().take(*count).rev().collect();
                let mut event = people::event(id, name, aliases, self.at);
                let said = [Value::from(7), Value::from("7"), Value::from("lots"), Value::from(3)];
                if let Some(value) = said.get(*says) {
                    let property = if *says == 3 { "amount" } else { "total" };
                    event.properties.insert(property.to_owned(), value.clone());
                }
                if *says == 2 {
                    event.consents.push(people::fact("news", ConsentState::Withdrawn));
                }
                self.events.push(event.clone());
                self.enter(event);
            }
            Act::Again(place) => {
                if let Some(event) = self.events.get(place % self.events.len().max(1)).cloned() {
                    // What counts again after a day is known only where an import says it.
                    let plan = self.cluster.world.plan(self.cluster.world.book().plan);
                    let historical = plan.schemas.fit(&event).is_ok();
                    self.enter(Event { historical, ..event });
                }
            }
            Act::Plan(place) => {
                let body = publish::Body::read(Kind::Schema, plans(*place)).unwrap();
                let name = (Kind::Schema, "order_completed".to_owned());
                self.cluster.world.publish_bodies(vec![(name, Some(body))]);
                let plan = self.cluster.world.book().plan;
                for number in 0..self.partitions() {
                    self.take(number, Body::Publish { plan });
                    self.take(number, Body::Build { count: 100 });
                }
            }
            Act::Replay { part, cast, live, twice } => {
                let mut fix = Fix { live: *live, ..Fix::default() };
                if *cast {
                    fix.cast.insert("properties.total".into(), Type::Number);
                }
                for (number, positions) in self.waiting(*part) {
                    for _ in 0..=usize::from(*twice) {
                        let (positions, fix) = (positions.clone(), fix.clone());
                        self.take(number, Body::Replay { positions, fix });
                    }
                }
            }
            Act::GiveUp(part) => {
                for (number, positions) in self.waiting(*part) {
                    let why = "nobody needs it".to_owned();
                    self.take(number, Body::GiveUp { positions, why });
                }
            }
            Act::Erase(who, name) => {
                let alias = names(*who)[*name].clone();
                let to = home(&alias, self.partitions());
                self.take(to, Body::Erase { alias, wish: people::wish(self.at) });
            }
            Act::Pass => self.at = Timestamp(self.at.0 + 2 * 86_400_000),
            Act::Deliver(count) => {
                for _ in 0..*count {
                    let Some(pair) = self.cluster.queues.keys().next().copied() else { return };
                    let effects = self.cluster.deliver(pair, self.at);
                    self.told.extend(effects.into_iter().map(|effect| (pair.1, effect)));
                }
            }
        }
    }

    fn enter(&mut self, event: Event) {
        let to = home(&event.aliases[0], self.partitions());
        self.take(to, Body::Event(Box::new(event)));
    }

    fn settle(&mut self) {
        let mut told = Vec::new();
        self.cluster.settle(self.at, &mut told);
        self.told.extend(told);
    }

    /// Events that are not there, or more than once, or wait under names that do not know it.
    fn faults(&self) -> Vec<String> {
        let mut seen: BTreeMap<EventId, usize> = BTreeMap::new();
        let (mut waiting, mut counted) = (0, 0);
        let (mut named, mut known) = (BTreeSet::new(), BTreeSet::new());
        for (number, rows) in self.cluster.rows.iter().enumerate() {
            for (key, row) in &rows.0 {
                match (key, row) {
                    (Key::Timeline(_, _, _, id), _) => *seen.entry(*id).or_default() += 1,
                    (Key::Unfit(_), Row::Unfit(unfit)) => {
                        waiting += 1;
                        // A repetition that fits no longer waits beside what counts, once.
                        let waits = seen.entry(unfit.event.id).or_default();
                        *waits += 1 << 16;
                        for alias in &unfit.event.aliases {
                            let at = home(alias, self.partitions());
                            named.insert((at, alias.clone(), unfit.event.id));
                        }
                    }
                    (Key::UnfitOf(alias, id), _) => {
                        known.insert((number as Number, alias.clone(), *id));
                    }
                    (Key::Counter(name), Row::Counter(n)) if name == WAITING => counted += n,
                    _ => {}
                }
            }
        }
        let mut found = Vec::new();
        let erased = self.told.iter().any(|(_, effect)| {
            matches!(effect, Effect::Note(note) if note.code == "erased")
                || matches!(effect, Effect::Note(note) if note.code == "unknown-profile")
        }) || self.has_erased();
        let said = |id: EventId| {
            self.told.iter().any(|(_, effect)| match effect {
                Effect::Note(note) => {
                    ["given-up", "erased"].contains(&note.code.as_str())
                        && note.text.starts_with(&id.to_string())
                }
                _ => false,
            })
        };
        for event in &self.events {
            match seen.get(&event.id).copied().unwrap_or_default() {
                1 | 0x1_0000 | 0x1_0001 => {}
                // What was applied goes with its profile, and no note names each of its events.
                0 if said(event.id) || erased => {}
                n => found.push(format!("{} is there {n} times: {event:?}", event.id)),
            }
        }
        if waiting != counted {
            found.push(format!("{waiting} wait, {counted} are counted"));
        }
        if named != known {
            found.push(format!("waiting under {named:?}, known {known:?}"));
        }
        found
    }

    /// Profiles of which something else is counted, event by event, than stands in their timelines
    /// under the event's name and its old one.
    fn miscounted(&self) -> Vec<String> {
        let mut found = Vec::new();
        for rows in &self.cluster.rows {
            let mut stored: BTreeMap<u32, u64> = BTreeMap::new();
            let mut counted = BTreeMap::new();
            for (key, row) in &rows.0 {
                match (key, row) {
                    (Key::Timeline(number, name, ..), _)
                        if ["order_completed", "Bought"].contains(&name.as_str()) =>
                    {
                        *stored.entry(*number).or_default() += 1;
                    }
                    (Key::Aggregates(number), Row::Aggregates(states)) => {
                        counted.insert(*number, states.values().map(|s| s.count).sum::<u64>());
                    }
                    _ => {}
                }
            }
            counted.retain(|_, count| *count > 0);
            if stored != counted {
                found.push(format!("in timelines are {stored:?}, counted {counted:?}"));
            }
        }
        found
    }

    fn has_erased(&self) -> bool {
        self.cluster.rows.iter().any(|rows| rows.0.contains_key(&Key::ErasureKey))
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_was_accepted_counts_or_waits_or_is_answered_for(
        acts in vec(act(), 1..40),
        partitions in prop_oneof![Just(1u16), Just(4)],
        erasing in any::<bool>(),
        live in any::<bool>(),
    ) {
        let mut story = Story::new(partitions);
        for act in acts.iter().filter(|act| erasing || !matches!(act, Act::Erase(..))) {
            story.act(act);
        }
        story.settle();
        let faults = story.faults();
        prop_assert!(faults.is_empty(), "{faults:#?}");
        // What can be mended is: then nothing waits, and still everything is there once.
        story.act(&Act::Plan(2));
        story.act(&Act::Replay { part: 0, cast: true, live, twice: true });
        story.settle();
        let mut faults = story.faults();
        faults.extend(story.miscounted());
        prop_assert!(faults.is_empty(), "after the replay: {faults:#?}");
        let left: usize = story.waiting(0).iter().map(|(_, positions)| positions.len()).sum();
        prop_assert_eq!(left, 0);
    }
}
