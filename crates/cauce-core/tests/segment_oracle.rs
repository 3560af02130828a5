//! The live evaluator against a second one, written straight from the guide over plain lists of
//! events: it counts again at every instant and knows neither aggregates nor `until`.

mod segment_rules;

use cauce_core::decimal::Decimal;
use cauce_core::event::TimelineRow;
use cauce_core::ids::EventId;
use cauce_core::profile::{Attribute, Attributes};
use cauce_core::segment::{
    AggregateId, AggregateState, Answer, Bound, Compiled, DateTest, Facts, Filter, Literal, Moment,
    Op, Path, Rule, Selection, Test, Window, compile, evaluate, explain, parse,
};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use proptest::collection::vec;
use proptest::prelude::*;
use segment_rules::{SPAN_MAX, START, aggregate_leaf, fields, rule};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Fields = BTreeMap<String, Value>;

/// Everything that is known about somebody, as lists.
#[derive(Clone, Debug, Default)]
struct Person {
    attributes: Fields,
    segments: BTreeSet<String>,
    trigger: Option<Fields>,
    /// In the order of arrival.
    rows: Vec<TimelineRow>,
}

mod oracle {
    use super::*;

    fn find<'v>(fields: &'v Fields, path: &Path) -> Option<&'v Value> {
        let mut at = fields.get(&path.0[0])?;
        for name in &path.0[1..] {
            at = match at {
                Value::Object(inner) => inner.get(name)?,
                Value::Array(items) => items.get(name.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        if *at == Value::Null { None } else { Some(at) }
    }

    fn related(op: Op, order: Ordering) -> bool {
        match op {
            Op::Equal => order == Ordering::Equal,
            Op::Different => order != Ordering::Equal,
            Op::Less => order == Ordering::Less,
            Op::AtMost => order != Ordering::Greater,
            Op::More => order == Ordering::Greater,
            Op::AtLeast => order != Ordering::Less,
        }
    }

    fn same(literal: &Literal, value: &Value) -> Option<bool> {
        match (literal, value) {
            (Literal::Bool(a), Value::Bool(b)) => Some(a == b),
            (Literal::Number(a), Value::Number(b)) => Some(a.nanos() == b.nanos()),
            (Literal::String(a), Value::String(b)) => Some(a == b),
            _ => None,
        }
    }

    fn dated(test: &DateTest, at: i64, now: i64) -> bool {
        let moment = |moment: &Moment| match moment {
            Moment::At(stamp) => stamp.0,
            Moment::Now => now,
            Moment::Ago(span) => now - span.0,
            Moment::Ahead(span) => now + span.0,
        };
        match test {
            DateTest::Before(edge) => at < moment(edge),
            DateTest::After(edge) => at > moment(edge),
            DateTest::WithinLast(span) => at > now - span.0 && at <= now,
            DateTest::WithinNext(span) => at > now && at <= now + span.0,
        }
    }

    pub fn test(test: &Test, value: Option<&Value>, now: i64) -> bool {
        let Some(value) = value else { return *test == Test::Missing };
        let text = if let Value::String(text) = value { Some(text.as_str()) } else { None };
        match test {
            Test::Exists => true,
            Test::Missing => false,
            Test::Compare { op: Op::Equal, to } => same(to, value) == Some(true),
            Test::Compare { op: Op::Different, to } => same(to, value) == Some(false),
            Test::Compare { op, to } => match (value, to) {
                (Value::Number(a), Literal::Number(b)) => related(*op, a.nanos().cmp(&b.nanos())),
                _ => false,
            },
            Test::Contains(part) => match (value, part) {
                (Value::Array(items), _) => items.iter().any(|i| same(part, i) == Some(true)),
                (Value::String(text), Literal::String(part)) => text.contains(part.as_str()),
                _ => false,
            },
            Test::StartsWith(part) => text.is_some_and(|text| text.starts_with(part.as_str())),
            Test::EndsWith(part) => text.is_some_and(|text| text.ends_with(part.as_str())),
            Test::In(list) => list.iter().any(|literal| same(literal, value) == Some(true)),
            Test::NotIn(list) => {
                let answers: Vec<bool> = list.iter().filter_map(|l| same(l, value)).collect();
                !answers.is_empty() && answers.iter().all(|equal| !equal)
            }
            Test::Date(date) => match text.map(str::parse::<Timestamp>) {
                Some(Ok(at)) => dated(date, at.0, now),
                _ => false,
            },
        }
    }

    fn filtered(filter: &Filter, row: &TimelineRow) -> bool {
        match filter {
            Filter::And(parts) => parts.iter().all(|part| filtered(part, row)),
            Filter::Or(parts) => parts.iter().any(|part| filtered(part, row)),
            Filter::Not(part) => !filtered(part, row),
            Filter::Property { path, is } => test(is, find(&row.properties, path), 0),
        }
    }

    pub fn rows<'p>(person: &'p Person, of: &Selection, now: i64) -> Vec<&'p TimelineRow> {
        let mut rows: Vec<&TimelineRow> = Vec::new();
        for row in &person.rows {
            let inside = match of.window {
                Window::All => true,
                Window::Last(span) => row.occurred_at.0 > now - span.0,
            };
            let fits = of.filter.as_ref().is_none_or(|filter| filtered(filter, row));
            if row.name == of.event && row.occurred_at.0 <= now && inside && fits {
                rows.push(row);
            }
        }
        rows.sort_by_key(|row| (row.occurred_at, row.event));
        rows
    }

    fn numbers(person: &Person, of: &Selection, property: &Path, now: i64) -> Vec<i128> {
        let number = |row: &&TimelineRow| match find(&row.properties, property) {
            Some(Value::Number(number)) => Some(number.nanos()),
            _ => None,
        };
        rows(person, of, now).iter().filter_map(number).collect()
    }

    fn bounded(is: &Bound, value: i128) -> bool {
        related(is.op, value.cmp(&is.to.nanos()))
    }

    pub fn holds(rule: &Rule, person: &Person, now: i64) -> bool {
        match rule {
            Rule::And(parts) => parts.iter().all(|part| holds(part, person, now)),
            Rule::Or(parts) => parts.iter().any(|part| holds(part, person, now)),
            Rule::Not(part) => !holds(part, person, now),
            Rule::Attribute { path, is } => test(is, find(&person.attributes, path), now),
            Rule::Event { path, is } => {
                test(is, person.trigger.as_ref().and_then(|fields| find(fields, path)), now)
            }
            Rule::Segment(name) => person.segments.contains(name),
            Rule::Count { of, is } => {
                bounded(is, rows(person, of, now).len() as i128 * 1_000_000_000)
            }
            Rule::Sum { of, property, is } => {
                bounded(is, numbers(person, of, property, now).iter().sum())
            }
            Rule::Average { of, property, is } => {
                let numbers = numbers(person, of, property, now);
                let sum: i128 = numbers.iter().sum();
                let compared = sum.cmp(&(is.to.nanos() * numbers.len() as i128));
                !numbers.is_empty() && related(is.op, compared)
            }
            Rule::First { of, is } => {
                rows(person, of, now).first().is_some_and(|row| dated(is, row.occurred_at.0, now))
            }
            Rule::Last { of, is } => {
                rows(person, of, now).last().is_some_and(|row| dated(is, row.occurred_at.0, now))
            }
        }
    }
}

/// What an engine keeps for one profile and one rule.
struct Live {
    compiled: Compiled,
    attributes: Attributes,
    states: BTreeMap<AggregateId, Arc<AggregateState>>,
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
            compiled: compile(rule.clone()).0,
            attributes: person.attributes.iter().map(attribute).collect(),
            states: BTreeMap::new(),
            timeline: Vec::new(),
            now,
        }
    }

    /// Expires every aggregate that asks for it, in chunks of `chunk` rows of the event's name.
    fn settle(&mut self, chunk: usize) {
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

    fn arrive(&mut self, row: &TimelineRow) {
        for aggregate in self.compiled.aggregates.iter().filter(|a| a.event == row.name) {
            let state = self.states.entry(aggregate.id).or_default();
            Arc::make_mut(state).apply(aggregate, row, Timestamp(self.now));
        }
        let place = self
            .timeline
            .partition_point(|held| (held.occurred_at, held.event) < (row.occurred_at, row.event));
        self.timeline.insert(place, row.clone());
    }

    fn answer(&self, person: &Person) -> Answer {
        let facts = Facts {
            attributes: &self.attributes,
            aggregates: &self.states,
            segments: &person.segments,
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
        for aggregate in &self.compiled.aggregates {
            let now = Timestamp(self.now);
            let rebuilt = AggregateState::rebuild(aggregate, now, person.rows.iter());
            let held =
                self.states.get(&aggregate.id).map_or_else(Default::default, |s| (**s).clone());
            assert_eq!(held, rebuilt, "{aggregate} at {}", self.now - START);
        }
    }
}

/// One step of a life: the clock goes on, and perhaps an event arrives that is `age` old.
#[derive(Clone, Debug)]
struct Step {
    advance: i64,
    arrival: Option<(i64, &'static str, u8, Fields)>,
    /// Rows per chunk of expiry; none: the engine does not look before the event arrives.
    settle: Option<usize>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = proptest::sample::select(vec!["a", "b", "last"]);
    let arrival = (0..SPAN_MAX + 6, name, any::<u8>(), fields());
    let step = (0i64..6, proptest::option::weighted(0.8, arrival), proptest::option::of(1usize..4))
        .prop_map(|(advance, arrival, settle)| Step { advance, arrival, settle });
    vec(step, 1..24)
}

fn person() -> impl Strategy<Value = Person> {
    let segments = proptest::collection::btree_set(Just("vip".to_owned()), 0..2);
    (fields(), segments, proptest::option::of(fields())).prop_map(
        |(attributes, segments, trigger)| Person {
            attributes,
            segments,
            trigger,
            rows: Vec::new(),
        },
    )
}

/// Lives through the steps, comparing at every instant.
fn live_through(rule: &Rule, mut person: Person, steps: Vec<Step>) {
    let mut live = Live::new(rule, &person, START);
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
                name: name.to_owned(),
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
    }
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn live_equals_counting_again(rule in rule(), person in person(), steps in steps()) {
        live_through(&rule, person, steps);
    }

    #[test]
    fn every_aggregate_equals_counting_again(rule in aggregate_leaf(), steps in steps()) {
        live_through(&rule, Person::default(), steps);
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
