//! The live evaluator against a second one, written straight from the guide over plain lists of
//! events: it counts again at every instant and knows neither aggregates nor `until`.

mod segment_rules;

use cauce_core::catalog::Topic;
use cauce_core::consent::{Statement, in_force};
use cauce_core::decimal::Decimal;
use cauce_core::device::{self, Device, Devices, Environment, Permission, Platform, Target};
use cauce_core::event::TimelineRow;
use cauce_core::identity::Namespaces;
use cauce_core::ids::{EventId, ProfileId};
use cauce_core::list::{Entry, Lists, Member as ListMember, Stamp, Upload};
use cauce_core::policy::{Policy, Suppression};
use cauce_core::profile::{
    Alias, Attribute, Attributes, Consent, ConsentFact, ConsentState, Head, Rank,
};
use cauce_core::publish::About;
use cauce_core::segment::{
    AggregateId, AggregateState, Answer, Calendar, Compiled, Computed, Facts, Need, Rule,
    Standing as FactsStanding, Tallies, Tally, Test, compile, evaluate, explain, parse,
    parse_computed, resolve,
};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use proptest::collection::vec;
use proptest::prelude::*;
use segment_rules::oracle::{self, Address, Fields, Person, Standing};
use segment_rules::{
    PLACES, SPAN_MAX, START, aggregate_leaf, calendar_test, event_name, fields, list_rows, rule,
    week_starts,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Standing {
    fn head(&self) -> Head {
        let mut head = Head::new(Rank { priority: 0, id: ProfileId(self.id) }, Timestamp(0));
        let number = if self.phone == Address::Unfit { "+34803112233" } else { "+34600112233" };
        let ways = [("email", "ana@x.example", self.email), ("phone", number, self.phone)];
        for (namespace, value, address) in ways {
            let alias = Alias { namespace: namespace.into(), value: value.into() };
            if address == Address::Suppressed {
                let at = Timestamp(0);
                let why = Suppression { reason: "manual".into(), evidence: "desk".into(), at };
                head.suppressions.insert(alias.clone(), why);
            }
            if address != Address::None {
                head.aliases.insert(alias);
            }
        }
        let mut said = Vec::new();
        for (number, (topic, granted, at)) in self.consents.iter().enumerate() {
            let state = if *granted { ConsentState::Granted } else { ConsentState::Withdrawn };
            let fact = ConsentFact {
                topic: topic.clone(),
                channel: None,
                state,
                source: "form".into(),
                wording: None,
                ip: None,
            };
            let event = EventId(number as u128);
            let consent = Consent { fact, at: Timestamp(*at), event };
            said.push(Statement { consent, historical: false });
        }
        head.consents = in_force(&said);
        head
    }

    fn devices(&self) -> Devices {
        let device = |(place, alerted): (usize, &bool)| {
            let (platform, token) = (Platform::Android, format!("token-{place}"));
            let device = device::id(platform, &token);
            let environment = Environment::Production;
            let (app, keys) = (String::new(), None);
            let known = Device {
                target: Target { device, platform, token, keys, app, environment },
                app_version: String::new(),
                locale: String::new(),
                permission: if *alerted { Permission::Granted } else { Permission::Denied },
                registered: Timestamp(0),
                seen: device::Stamp::default(),
                source: device::REGISTERED.to_owned(),
                quarantine: None,
            };
            (device, known)
        };
        self.devices.iter().enumerate().map(device).collect()
    }
}

fn topics() -> BTreeMap<String, Topic> {
    let topic = |(name, consent_required): (&str, bool)| {
        let (name, title) = (name.to_owned(), name.to_owned());
        (
            name.clone(),
            Topic {
                title,
                about: if name.starts_with("use-") { About::Use } else { About::Messages },
                // What is about offers asks for two uses: one that needs a yes, one that a no ends.
                purposes: match name.as_str() {
                    "offers" => ["use-asked".to_owned(), "use-free".to_owned()].into(),
                    _ => BTreeSet::new(),
                },
                name,
                consent_required,
                double_opt_in: false,
                confirmation: None,
                text_senders: BTreeSet::new(),
            },
        )
    };
    BTreeMap::from(
        [("news", true), ("offers", false), ("use-asked", true), ("use-free", false)].map(topic),
    )
}

fn standing() -> impl Strategy<Value = Standing> {
    let topic = proptest::sample::select(vec!["*", "news", "offers", "use-asked", "use-free"])
        .prop_map(str::to_owned);
    let consents = vec((topic, any::<bool>(), 0i64..3), 0..6);
    let email = proptest::sample::select(vec![Address::None, Address::Open, Address::Suppressed]);
    let phone = proptest::sample::select(vec![
        Address::None,
        Address::Open,
        Address::Suppressed,
        Address::Unfit,
    ]);
    (email, phone, vec(any::<bool>(), 0..3), consents, any::<u128>()).prop_map(
        |(email, phone, devices, consents, id)| Standing { email, phone, devices, consents, id },
    )
}

/// What an engine keeps of uploads: entries by list and name, the last row of each.
fn kept(person: &Person) -> Lists {
    let mut lists = Lists::new();
    for (place, (list, name, at, said)) in person.lists.iter().enumerate() {
        let alias = Alias { namespace: "user_id".into(), value: (*name).into() };
        let stamp = Stamp { upload: Upload { at: Timestamp(*at), id: 0 }, row: place as u64 };
        let expires = |offset: &i64| Timestamp(person.start + offset);
        let member = said.as_ref().map(|(payload, until)| ListMember {
            payload: payload.clone(),
            expires: until.as_ref().map(expires),
        });
        let entry =
            Entry { stamp, source: String::new(), origin: ProfileId(person.standing.id), member };
        let entries = lists.entry((*list).to_owned()).or_default();
        if entries.get(&alias).is_none_or(|known: &Entry| known.stamp < stamp) {
            entries.insert(alias, entry);
        }
    }
    lists
}

/// What an engine keeps for one profile and one rule.
struct Live {
    compiled: Compiled,
    attributes: Attributes,
    lists: Lists,
    states: BTreeMap<AggregateId, Arc<AggregateState>>,
    tallies: Tallies,
    calendar: Calendar,
    /// In the order of (occurred-at, event id).
    timeline: Vec<TimelineRow>,
    now: i64,
}

impl Live {
    fn new(rule: &Rule, person: &Person, now: i64) -> Live {
        let attribute = |(name, value): (&String, &Value)| {
            let at = Timestamp(now);
            (name.clone(), Attribute { value: value.clone(), at, event: EventId(0) })
        };
        Live {
            compiled: {
                let mut compiled = compile(rule.clone()).0;
                assert_eq!(resolve(&mut compiled, &definitions()), []);
                compiled
            },
            attributes: person.attributes.iter().map(attribute).collect(),
            lists: kept(person),
            states: BTreeMap::new(),
            tallies: Tallies::new(),
            calendar: Calendar { zone: person.zone(), week_starts: person.week_starts },
            timeline: Vec::new(),
            now,
        }
    }

    /// Expires every aggregate that asks for it, in chunks of `chunk` rows of the event's name.
    fn settle(&mut self, chunk: usize) {
        self.settle_tallies(chunk);
        for aggregate in &self.compiled.aggregates {
            let Some(state) = self.states.get_mut(&aggregate.id) else { continue };
            let state = Arc::make_mut(state);
            let mut rounds = 0;
            while let Some(from) = state.needs(aggregate, Timestamp(self.now)) {
                let behind = |row: &&TimelineRow| (row.occurred_at, row.event) >= from;
                let mut rows = self
                    .timeline
                    .iter()
                    .filter(|row| row.name == aggregate.event)
                    .filter(behind)
                    .take(chunk);
                state.expire(aggregate, Timestamp(self.now), &mut rows);
                rounds += 1;
                assert!(rounds <= self.timeline.len() + 1, "expiry does not end");
            }
        }
    }

    /// Brings every tally that asks for it up to date.
    fn settle_tallies(&mut self, chunk: usize) {
        let now = Timestamp(self.now);
        for aggregate in &self.compiled.aggregates {
            let Some(tally) = self.tallies.get_mut(&aggregate.id) else { continue };
            let tally = Arc::make_mut(tally);
            let mut rounds = 0;
            while let Some(need) = tally.needs(aggregate, now, &self.calendar) {
                let rows = self.timeline.iter().filter(|row| row.name == aggregate.event);
                match need {
                    Need::All(from, to) => {
                        let rows = rows.filter(|r| r.occurred_at >= from && r.occurred_at < to);
                        tally.refill(aggregate, now, &self.calendar, rows);
                    }
                    Need::From(place) => {
                        let rows = rows.filter(|row| (row.occurred_at, row.event) >= place);
                        tally.expire(aggregate, now, &mut rows.take(chunk));
                    }
                }
                rounds += 1;
                assert!(rounds <= self.timeline.len() + 1, "filling up does not end");
            }
        }
    }

    fn arrive(&mut self, row: &TimelineRow) {
        for aggregate in self.compiled.aggregates.iter().filter(|a| !a.is_running()) {
            let tally =
                self.tallies.entry(aggregate.id).or_insert_with(|| Tally::new(aggregate).into());
            Arc::make_mut(tally).apply(aggregate, row, Timestamp(self.now), &self.calendar);
        }
        let running = self.compiled.aggregates.iter().filter(|a| a.is_running());
        for aggregate in running.filter(|a| a.event == row.name) {
            let state = self.states.entry(aggregate.id).or_default();
            Arc::make_mut(state).apply(aggregate, row, Timestamp(self.now));
        }
        let place = self
            .timeline
            .partition_point(|held| (held.occurred_at, held.event) < (row.occurred_at, row.event));
        self.timeline.insert(place, row.clone());
    }

    fn answer(&self, person: &Person) -> Answer {
        self.answer_of(person, &self.tallies)
    }

    fn answer_of(&self, person: &Person, tallies: &Tallies) -> Answer {
        let facts = Facts {
            attributes: &self.attributes,
            aggregates: &self.states,
            tallies,
            calendar: &self.calendar,
            standing: Some(FactsStanding {
                head: &person.standing.head(),
                devices: &person.standing.devices(),
                policy: &Policy::default(),
                topics: &topics(),
                namespaces: &Namespaces::default(),
            }),
            segments: &person.segments,
            lists: Some(&self.lists),
            event: person.trigger.as_ref(),
            now: Timestamp(self.now),
        };
        let answer = evaluate(&self.compiled, &facts);
        let explained = explain(&self.compiled, &facts);
        assert_eq!((explained.inside, explained.until), (answer.inside, answer.until));
        answer
    }

    /// The states as history alone gives them.
    fn check_rebuild(&self, person: &Person) {
        let mut tallies = Tallies::new();
        for aggregate in &self.compiled.aggregates {
            let now = Timestamp(self.now);
            if !aggregate.is_running() {
                let rows = person.rows.iter();
                let tally = Tally::rebuild(aggregate, now, &self.calendar, rows);
                tallies.extend(tally.map(|tally| (aggregate.id, Arc::new(tally))));
                continue;
            }
            let rebuilt = AggregateState::rebuild(aggregate, now, person.rows.iter());
            let held =
                self.states.get(&aggregate.id).map_or_else(Default::default, |s| (**s).clone());
            assert_eq!(held, rebuilt, "{aggregate} at {}", self.now - START);
        }
        // What is kept may differ (how many candidates), what it says may not.
        let rule = &self.compiled.rule;
        assert_eq!(self.answer(person), self.answer_of(person, &tallies), "`{rule}`");
    }
}

/// One step of a life: the clock goes on, and perhaps an event arrives that is `age` old.
#[derive(Clone, Debug)]
struct Step {
    advance: i64,
    arrival: Option<(i64, String, u8, Fields)>,
    /// Rows per chunk of expiry; none: the engine does not look before the event arrives.
    settle: Option<usize>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    const HOUR: i64 = 3_600_000;
    let age = prop_oneof![
        10 => 0..SPAN_MAX + 6,
        1 => (0i64..50).prop_map(|hours| hours * HOUR),
        1 => (0i64..80).prop_map(|days| days * 24 * HOUR),
    ];
    let advance = prop_oneof![
        14 => 0i64..6,
        1 => (1i64..30).prop_map(|hours| hours * HOUR),
        1 => (1i64..40).prop_map(|days| days * 24 * HOUR),
    ];
    let arrival = (age, event_name(), any::<u8>(), fields());
    let step = (advance, proptest::option::weighted(0.8, arrival), proptest::option::of(1usize..4))
        .prop_map(|(advance, arrival, settle)| Step { advance, arrival, settle });
    vec(step, 1..24)
}

fn person() -> impl Strategy<Value = Person> {
    let segments = proptest::collection::btree_set(Just("vip".to_owned()), 0..2);
    let place = proptest::sample::select(PLACES.to_vec());
    let stands = (standing(), list_rows(), week_starts());
    (fields(), segments, proptest::option::of(fields()), place, stands).prop_map(
        |(mut attributes, segments, trigger, (zone, start), (standing, lists, week_starts))| {
            attributes.insert("timezone".to_owned(), Value::from(zone));
            let start = start.parse::<Timestamp>().unwrap().0;
            let zone = jiff::tz::TimeZone::get(zone).ok();
            let rows = Vec::new();
            Person {
                attributes,
                segments,
                trigger,
                rows,
                standing,
                lists,
                start,
                zone,
                week_starts,
            }
        },
    )
}

/// Lives through the steps, comparing at every instant.
fn live_through(rule: &Rule, mut person: Person, steps: Vec<Step>) {
    let mut live = Live::new(rule, &person, person.start);
    let mut member = live.answer(&person);
    for (turn, step) in steps.into_iter().enumerate() {
        live.now += step.advance;
        if let Some(chunk) = step.settle {
            live.settle(chunk);
        }
        let arrived = step.arrival.is_some();
        if let Some((age, name, random, properties)) = step.arrival {
            let row = TimelineRow {
                occurred_at: Timestamp(live.now - age),
                // Ids come in no order, so that ties of time are resolved either way.
                event: EventId(u128::from(random) << 64 | turn as u128),
                name,
                properties,
            };
            live.arrive(&row);
            person.rows.push(row);
        }
        // The engine looks again only if something happened or the answer is past its end.
        let expected = oracle::holds(rule, &person, live.now);
        if arrived || member.until.is_some_and(|until| until.0 <= live.now) {
            live.settle(step.settle.unwrap_or(2));
            live.check_rebuild(&person);
            member = live.answer(&person);
        }
        assert_eq!(member.inside, expected, "`{rule}` at {}", live.now - START);
        check_until(rule, &person, member, live.now);
        if rule_is_slow(rule) && turn % 4 == 0 {
            check_far_until(rule, &person, member, live.now);
        }
    }
}

fn definitions() -> BTreeMap<String, Computed> {
    let read = |(name, text): (&str, &str)| (name.to_owned(), parse_computed(text).unwrap());
    segment_rules::COMPUTED.map(read).into()
}

/// Whether a rule may change in hours or days rather than in milliseconds.
fn rule_is_slow(rule: &Rule) -> bool {
    let mut compiled = compile(rule.clone()).0;
    resolve(&mut compiled, &definitions());
    compiled.uses_calendar
}

/// Nothing changes before `until`.
fn check_until(rule: &Rule, person: &Person, answer: Answer, now: i64) {
    let horizon = now + 2 * SPAN_MAX + 90;
    let end = answer.until.map_or(horizon, |until| until.0.min(horizon));
    for instant in now..end {
        let then = oracle::holds(rule, person, instant);
        assert_eq!(then, answer.inside, "`{rule}` changes at +{} of {answer:?}", instant - now);
    }
}

/// The same over the hours and days to come, where only calendars and their clocks change it.
fn check_far_until(rule: &Rule, person: &Person, answer: Answer, now: i64) {
    const HOUR: i64 = 3_600_000;
    let hours = (1..72).map(|hours| now + hours * HOUR);
    let days = (3..40).chain((40..800).step_by(17)).map(|days| now + days * 24 * HOUR);
    let far = hours.chain(days).chain(answer.until.map(|until| until.0 - 1));
    for instant in far.filter(|far| answer.until.is_none_or(|until| *far < until.0)) {
        let then = oracle::holds(rule, person, instant);
        assert_eq!(then, answer.inside, "`{rule}` changes {} ms on, {answer:?}", instant - now);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn live_equals_counting_again(rule in rule(), person in person(), steps in steps()) {
        live_through(&rule, person, steps);
    }

    #[test]
    fn every_calendar_test_equals_counting_by_hand(
        is in calendar_test(), value in segment_rules::value(), mut person in person(),
        steps in steps(),
    ) {
        person.attributes.insert("d".to_owned(), value);
        live_through(&Rule::Attribute { path: ["d"].into_iter().collect(), is }, person, steps);
    }

    #[test]
    fn computed_attributes_and_messages_equal_counting_by_hand(
        rule in prop_oneof![segment_rules::computed(), segment_rules::messages()],
        person in person(), steps in steps(),
    ) {
        live_through(&rule, person, steps);
    }

    #[test]
    fn uploaded_lists_equal_looking_them_up_by_hand(
        rule in segment_rules::listed(), person in person(), steps in steps(),
    ) {
        live_through(&rule, person, steps);
    }

    #[test]
    fn every_aggregate_equals_counting_again(
        rule in aggregate_leaf(), person in person(), steps in steps(),
    ) {
        live_through(&rule, person, steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Where the answer hangs on one date, it changes at `until` and not only perhaps.
    #[test]
    fn until_of_a_date_is_exact(is in segment_rules::date(), at in -40i64..40) {
        let text = Value::String(Timestamp(START + at).to_string());
        let person = Person { attributes: Fields::from([("d".into(), text)]), ..Person::default() };
        let rule = Rule::Attribute { path: ["d"].into_iter().collect(), is: Test::Date(is) };
        let answer = Live::new(&rule, &person, START).answer(&person);
        check_until(&rule, &person, answer, START);
        if let Some(until) = answer.until {
            let then = oracle::holds(&rule, &person, until.0);
            prop_assert_ne!(then, answer.inside, "`{}`", rule);
        }
    }

    /// Values one by one, so that each pair of a test and a value that it meets is common.
    #[test]
    fn every_test_of_a_value_is_as_the_guide_says(
        is in prop_oneof![segment_rules::timeless_test(), segment_rules::ignoring()],
        values in vec(prop_oneof![segment_rules::value(), segment_rules::spelled()], 12),
    ) {
        for value in values {
            let attributes = Fields::from([("d".to_owned(), value)]);
            let person = Person { attributes, ..Person::default() };
            let path = ["d"].into_iter().collect();
            let rule = Rule::Attribute { path, is: is.clone() };
            let answer = Live::new(&rule, &person, START).answer(&person);
            prop_assert_eq!(answer.inside, oracle::holds(&rule, &person, START), "`{}`", rule);
        }
    }

    /// The same where a count stands at its bound, and where only "none left" changes it.
    #[test]
    fn until_of_a_count_at_its_bound_is_exact(ages in vec(0i64..15, 1..8), none in any::<bool>()) {
        let row = |(turn, age): (usize, &i64)| TimelineRow {
            occurred_at: Timestamp(START - age),
            event: EventId(turn as u128),
            name: "a".to_owned(),
            properties: Fields::new(),
        };
        let rows: Vec<TimelineRow> = ages.iter().enumerate().map(row).collect();
        let person = Person { rows, ..Person::default() };
        let needed = if none { 1 } else { ages.len() };
        let rule = parse(&format!("count(a, last 15ms) >= {needed}")).unwrap();
        let mut live = Live::new(&rule, &person, START);
        person.rows.iter().for_each(|row| live.arrive(row));
        let answer = live.answer(&person);
        prop_assert!(answer.inside);
        check_until(&rule, &person, answer, START);
        let until = answer.until.expect("every event leaves").0;
        prop_assert!(!oracle::holds(&rule, &person, until));
    }
}

/// The rules that a shop writes first, over two years of orders.
#[test]
fn retail_rules() {
    const DAY: i64 = 86_400_000;
    let rules = [
        "sum(order_completed.total, last 90d) > 500",
        "count(order_completed) >= 3 and count(order_completed, last 60d) = 0",
        "count(order_completed) = 1",
    ];
    let mut both = [[false; 2]; 3];
    for (number, text) in rules.iter().enumerate() {
        let rule = parse(text).unwrap();
        for seed in 0..20u64 {
            let mut person = Person::default();
            let mut live = Live::new(&rule, &person, START);
            for turn in 0..60u64 {
                let random = cauce_core::ids::hash64(&[&seed.to_le_bytes(), &turn.to_le_bytes()]);
                // Days apart by the minute, as tills have it; every third report is late.
                live.now += (random % 40) as i64 * DAY / 2 / 60_000 * 60_000;
                live.settle(3);
                if random >> 8 & 3 == 0 {
                    let late =
                        if random >> 10 & 3 == 0 { (random >> 12 & 127) as i64 * DAY } else { 0 };
                    let total: Decimal = format!("{}.99", random >> 20 & 511).parse().unwrap();
                    let row = TimelineRow {
                        occurred_at: Timestamp(live.now - late),
                        event: EventId(u128::from(random)),
                        name: "order_completed".to_owned(),
                        properties: Fields::from([("total".into(), Value::Number(total))]),
                    };
                    live.arrive(&row);
                    person.rows.push(row);
                    live.settle(3);
                }
                let answer = live.answer(&person);
                assert_eq!(answer.inside, oracle::holds(&rule, &person, live.now), "{text}");
                if let Some(until) = answer.until {
                    assert_eq!(oracle::holds(&rule, &person, until.0 - 1), answer.inside, "{text}");
                }
                live.check_rebuild(&person);
                both[number][usize::from(answer.inside)] = true;
            }
        }
    }
    assert_eq!(both, [[true; 2]; 3], "every rule was met and failed");
}

/// Lives with one event `a` a millisecond whose `n` is as told, then until all have left.
fn crowd(text: &str, events: i64, quiet: i64, n: impl Fn(i64) -> i64) -> (usize, usize) {
    let rule = parse(text).unwrap();
    let mut person = Person::default();
    let mut live = Live::new(&rule, &person, START);
    let mut met = (0, 0);
    for turn in 0..events + quiet {
        live.now += 1;
        live.settle(100);
        if turn < events {
            let row = TimelineRow {
                occurred_at: Timestamp(live.now),
                event: EventId(turn as u128),
                name: "a".to_owned(),
                properties: Fields::from([("n".to_owned(), Value::from(n(turn)))]),
            };
            live.arrive(&row);
            person.rows.push(row);
        }
        if turn % 7 == 0 || turn + 8 > events {
            let answer = live.answer(&person);
            let expected = oracle::holds(&rule, &person, live.now);
            assert_eq!(answer.inside, expected, "`{text}` after {turn} ms");
            if expected { met.0 += 1 } else { met.1 += 1 }
        }
    }
    met
}

/// Beyond what is kept, the answers are still those of counting again.
#[test]
fn crowded_tallies_are_right() {
    // More candidates than are kept: each number is smaller than all behind it.
    let (yes, no) = crowd("min(a.n, last 90ms) < 60", 150, 100, |turn| turn);
    assert!(yes > 0 && no > 0);
    let (yes, no) = crowd("max(a.n, last 90ms) > -60", 150, 100, |turn| -turn);
    assert!(yes > 0 && no > 0);
    let (yes, no) = crowd("distinct(a.n, last 1100ms) >= 999", 1_150, 130, |turn| turn);
    assert!(yes > 0 && no > 0);
    // From more values than are counted to few enough.
    let (yes, no) = crowd("most frequent(a.n, last 230ms) = 220", 260, 60, |turn| turn / 2 * 2);
    assert_eq!(yes, 0, "among even numbers that are as frequent it is the smallest: {no}");
    let (yes, no) = crowd("most frequent(a.n, last 250ms) = 7", 300, 200, |turn| {
        if turn % 50 == 0 { 7 } else { turn }
    });
    assert!(yes > 0 && no > 0);
    let (yes, no) = crowd("most frequent(a.n, last 250ms) not exists", 300, 300, |turn| turn);
    assert!(yes > 0 && no > 0);
}

/// A sequence looks at the newest 512 events that could be a step, and says so.
#[test]
fn a_crowded_sequence_says_so() {
    let rule = parse("sequence(a where n = -1, then a where n = 5)").unwrap();
    let person = Person::default();
    let mut live = Live::new(&rule, &person, START);
    for turn in 0..600i64 {
        live.now += 1;
        let n = if turn == 0 { -1 } else { 5 };
        live.arrive(&TimelineRow {
            occurred_at: Timestamp(live.now),
            event: EventId(turn as u128),
            name: "a".to_owned(),
            properties: Fields::from([("n".to_owned(), Value::from(n))]),
        });
        assert_eq!(live.answer(&person).inside, (1..512).contains(&turn), "{turn}");
    }
}
