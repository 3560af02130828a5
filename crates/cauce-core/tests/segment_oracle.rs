//! The live evaluator against a second one, written straight from the guide over plain lists of
//! events: it counts again at every instant and knows neither aggregates nor `until`.

mod segment_rules;

use cauce_core::catalog::Topic;
use cauce_core::decimal::Decimal;
use cauce_core::event::TimelineRow;
use cauce_core::ids::{EventId, ProfileId};
use cauce_core::message::Channel;
use cauce_core::policy::{Policy, Suppression};
use cauce_core::profile::{
    Alias, Attribute, Attributes, Consent, ConsentFact, ConsentState, Head, Rank,
};
use cauce_core::segment::{
    AggregateId, AggregateState, Anniversary, Answer, Bound, Calendar, Compiled, Computed,
    DateTest, Facts, Filter, Ignore, Literal, MessageFilter, Moment, Need, Op, Path, Rule,
    Selection, Standing as FactsStanding, Step as SequenceStep, Tallies, Tally, Test, Unit, Units,
    Window, compile, evaluate, explain, parse, parse_computed, resolve,
};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use proptest::collection::vec;
use proptest::prelude::*;
use segment_rules::{SPAN_MAX, START, aggregate_leaf, calendar_test, fields, rule};
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
    standing: Standing,
    /// When its life begins.
    start: i64,
    /// The zone that its attribute names; none: UTC.
    zone: Option<jiff::tz::TimeZone>,
}

/// Addresses and consents, as lists.
#[derive(Clone, Debug, Default)]
struct Standing {
    email: bool,
    suppressed: bool,
    /// Topic, whether it was granted, when: in any order.
    consents: Vec<(String, bool, i64)>,
    id: u128,
    /// What the hash of the id and the name `draw` comes to, whatever the number of buckets.
    bucket: u32,
}

impl Standing {
    fn head(&self) -> Head {
        let mut head = Head::new(Rank { priority: 0, id: ProfileId(self.id) }, Timestamp(0));
        let email = Alias { namespace: "email".into(), value: "ana@x.example".into() };
        if self.suppressed {
            let at = Timestamp(0);
            let why = Suppression { reason: "manual".into(), evidence: "desk".into(), at };
            head.suppressions.insert(email.clone(), why);
        }
        if self.email {
            head.aliases.insert(email);
        }
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
            head.consent(Consent { fact, at: Timestamp(*at), event });
        }
        head
    }
}

fn topics() -> BTreeMap<String, Topic> {
    let topic = |(name, consent_required): (&str, bool)| {
        let (name, title) = (name.to_owned(), name.to_owned());
        (name.clone(), Topic { name, title, consent_required })
    };
    BTreeMap::from([("news", true), ("offers", false)].map(topic))
}

fn standing() -> impl Strategy<Value = Standing> {
    let topic = proptest::sample::select(vec!["*", "news", "offers"]).prop_map(str::to_owned);
    let consents = vec((topic, any::<bool>(), 0i64..3), 0..4);
    (any::<bool>(), any::<bool>(), consents, any::<u128>()).prop_map(
        |(email, suppressed, consents, id)| {
            let hash = cauce_core::ids::hash64(&[b"bucket", b"draw", &id.to_be_bytes()]);
            // Up to four buckets: what is left of 12 says which one for each of them.
            let bucket = (hash % 12) as u32;
            Standing { email, suppressed: suppressed && email, consents, id, bucket }
        },
    )
}

impl Person {
    fn zone(&self) -> jiff::tz::TimeZone {
        self.zone.clone().unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

/// Zones, and instants shortly before something happens to their clocks or calendars.
const PLACES: [(&str, &str); 10] = [
    ("UTC", "2023-11-14T22:13:20Z"),
    ("UTC", "2023-11-14T22:13:20Z"),
    ("UTC", "2023-11-14T22:13:20Z"),
    ("UTC", "2024-02-28T23:59:59.998Z"),
    ("Europe/Madrid", "2023-12-31T22:59:59.997Z"),
    ("Europe/Madrid", "2024-03-30T22:59:59.997Z"),
    ("Europe/Madrid", "2024-10-27T00:59:59.997Z"),
    ("America/New_York", "2024-11-03T03:59:59.997Z"),
    ("Asia/Beirut", "2024-03-30T21:59:59.997Z"),
    ("Australia/Lord_Howe", "2024-09-30T13:29:59.997Z"),
];

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

    /// What the wall clock shows so many units later, by hand: the same day or the last one.
    fn moved(zone: &jiff::tz::TimeZone, at: i64, units: &Units, sign: i64) -> i64 {
        let local = zone.to_datetime(jiff::Timestamp::from_millisecond(at).unwrap());
        let count = i64::from(units.count) * sign;
        let (days, months) = match units.unit {
            Unit::Day => (count, 0),
            Unit::Week => (count * 7, 0),
            Unit::Month => (0, count),
            Unit::Quarter => (0, count * 3),
            Unit::Year => (0, count * 12),
        };
        let month = i64::from(local.year()) * 12 + i64::from(local.month()) - 1 + months;
        let (year, month) = (month.div_euclid(12) as i16, month.rem_euclid(12) as i8 + 1);
        let date =
            (1..=local.day()).rev().find_map(|d| jiff::civil::Date::new(year, month, d).ok());
        let mut date = date.unwrap();
        for _ in 0..days.abs() {
            date = if days < 0 { date.yesterday().unwrap() } else { date.tomorrow().unwrap() };
        }
        let wall = date.to_datetime(local.time());
        zone.to_ambiguous_timestamp(wall).compatible().unwrap().as_millisecond()
    }

    /// Whether some year after the day's own has its anniversary in the right place.
    fn anniversary(is: &Anniversary, text: &str, now: i64, zone: &jiff::tz::TimeZone) -> bool {
        let civil =
            |at: i64| zone.to_datetime(jiff::Timestamp::from_millisecond(at).unwrap()).date();
        let written = (text.len() == 10).then(|| text.parse::<jiff::civil::Date>().ok()).flatten();
        let Some(day) = written.or_else(|| Some(civil(text.parse::<Timestamp>().ok()?.0))) else {
            return false;
        };
        (day.year() + 1..day.year() + 60).any(|year| {
            let leap = jiff::civil::Date::new(year, 2, 29).is_ok();
            let of = if day.month() == 2 && day.day() == 29 && !leap { 28 } else { day.day() };
            let date = jiff::civil::date(year, day.month(), of);
            let starts = zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().unwrap();
            let starts = starts.as_millisecond();
            match is {
                Anniversary::Today => civil(now) == date,
                Anniversary::WithinNext(span) => starts > now && starts <= now + span.0,
                Anniversary::WithinLast(span) => starts <= now && starts > now - span.0,
            }
        })
    }

    fn dated(test: &DateTest, at: i64, now: i64, zone: &jiff::tz::TimeZone) -> bool {
        match test {
            DateTest::Before(Moment::AgoUnits(units)) => return moved(zone, at, units, 1) < now,
            DateTest::After(Moment::AgoUnits(units)) => return moved(zone, at, units, 1) > now,
            DateTest::Before(Moment::AheadUnits(units)) => return moved(zone, at, units, -1) < now,
            DateTest::After(Moment::AheadUnits(units)) => return moved(zone, at, units, -1) > now,
            DateTest::WithinLastUnits(units) => {
                return at <= now && now < moved(zone, at, units, 1);
            }
            DateTest::WithinNextUnits(units) => {
                return now < at && moved(zone, at, units, -1) <= now;
            }
            _ => {}
        }
        let moment = |moment: &Moment| match moment {
            Moment::At(stamp) => stamp.0,
            Moment::Now => now,
            Moment::Ago(span) => now - span.0,
            Moment::Ahead(span) => now + span.0,
            Moment::AgoUnits(_) | Moment::AheadUnits(_) => unreachable!("answered above"),
        };
        match test {
            DateTest::Before(edge) => at < moment(edge),
            DateTest::After(edge) => at > moment(edge),
            DateTest::WithinLast(span) => at > now - span.0 && at <= now,
            DateTest::WithinNext(span) => at > now && at <= now + span.0,
            DateTest::WithinLastUnits(_) | DateTest::WithinNextUnits(_) => {
                unreachable!("answered above")
            }
        }
    }

    /// As the guide has it, by tables for the few letters that the tests use.
    fn plain(what: Ignore, text: &str) -> String {
        let mut text = text.to_owned();
        if what != Ignore::Accents {
            for (upper, lower) in [("X", "x"), ("Y", "y"), ("A", "a"), ("Á", "á"), ("ß", "ss")] {
                text = text.replace(upper, lower);
            }
            for (upper, lower) in [("S", "s"), ("T", "t"), ("R", "r"), ("E", "e"), ("N", "n")] {
                text = text.replace(upper, lower);
            }
        }
        if what != Ignore::Case {
            for (marked, bare) in
                [("á", "a"), ("Á", "A"), ("ñ", "n"), ("\u{301}", ""), ("\u{303}", "")]
            {
                text = text.replace(marked, bare);
            }
        }
        text
    }

    fn plain_literal(what: Ignore, literal: &Literal) -> Literal {
        match literal {
            Literal::String(text) => Literal::String(plain(what, text)),
            other => other.clone(),
        }
    }

    fn ignoring(what: Ignore, inner: &Test, value: &Value) -> bool {
        let plainer = |value: &Value| match value {
            Value::String(text) => Value::String(plain(what, text)),
            other => other.clone(),
        };
        let value = match value {
            Value::Array(items) => Value::Array(items.iter().map(plainer).collect()),
            other => plainer(other),
        };
        let literals = |list: &[Literal]| list.iter().map(|l| plain_literal(what, l)).collect();
        let inner = match inner {
            Test::Compare { op, to } => Test::Compare { op: *op, to: plain_literal(what, to) },
            Test::Contains(part) => Test::Contains(plain_literal(what, part)),
            Test::StartsWith(part) => Test::StartsWith(plain(what, part)),
            Test::EndsWith(part) => Test::EndsWith(plain(what, part)),
            Test::In(list) => Test::In(literals(list)),
            Test::NotIn(list) => Test::NotIn(literals(list)),
            other => panic!("{other:?} ignores nothing"),
        };
        test(&inner, Some(&value), 0, &jiff::tz::TimeZone::UTC)
    }

    /// A condition on one element of an array.
    fn element(filter: &Filter, item: &Value) -> bool {
        match filter {
            Filter::And(parts) => parts.iter().all(|part| element(part, item)),
            Filter::Or(parts) => parts.iter().any(|part| element(part, item)),
            Filter::Not(part) => !element(part, item),
            Filter::Property { path, is } => {
                let found = match item {
                    Value::Object(fields) => find(fields, path),
                    _ => None,
                };
                test(is, found, 0, &jiff::tz::TimeZone::UTC)
            }
        }
    }

    /// Major, minor, patch, and whether it is the release itself; then its number if not.
    fn precedence(text: &str) -> Option<(Vec<u32>, bool, u32)> {
        let text = text.split('+').next()?;
        let (numbers, candidate) = match text.split_once("-rc.") {
            Some((numbers, candidate)) => (numbers, Some(candidate.parse().ok()?)),
            None => (text, None),
        };
        let numbers: Option<Vec<u32>> = numbers.split('.').map(|n| n.parse().ok()).collect();
        let numbers = numbers.filter(|numbers| numbers.len() == 3)?;
        Some((numbers, candidate.is_none(), candidate.unwrap_or(0)))
    }

    pub fn test(test: &Test, value: Option<&Value>, now: i64, zone: &jiff::tz::TimeZone) -> bool {
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
                Some(Ok(at)) => dated(date, at.0, now, zone),
                _ => false,
            },
            Test::Anniversary(is) => text.is_some_and(|text| anniversary(is, text, now, zone)),
            Test::Any(filter) => match value {
                Value::Array(items) => items.iter().any(|item| element(filter, item)),
                _ => false,
            },
            Test::All(filter) => match value {
                Value::Array(items) => !items.iter().any(|item| !element(filter, item)),
                _ => false,
            },
            Test::No(filter) => match value {
                Value::Array(items) => {
                    items.iter().filter(|item| element(filter, item)).count() == 0
                }
                _ => false,
            },
            Test::Size(is) => match value {
                Value::Array(items) => bounded(is, items.len() as i128 * 1_000_000_000),
                _ => false,
            },
            Test::Ignoring { what, test } => ignoring(*what, test, value),
            Test::Version { op, to } => {
                let wanted = precedence(&to.0.to_string()).unwrap();
                let found = text.and_then(precedence);
                found.is_some_and(|found| related(*op, found.cmp(&wanted)))
            }
            Test::Money { op, amount, currency } => {
                let Value::Object(money) = value else { return false };
                let same = money.get("currency") == Some(&Value::from(currency.as_str()));
                let found = match money.get("amount") {
                    Some(Value::Number(found)) => Some(found.nanos()),
                    _ => None,
                };
                same && found.is_some_and(|found| related(*op, found.cmp(&amount.nanos())))
            }
        }
    }

    fn filtered(filter: &Filter, row: &TimelineRow) -> bool {
        match filter {
            Filter::And(parts) => parts.iter().all(|part| filtered(part, row)),
            Filter::Or(parts) => parts.iter().any(|part| filtered(part, row)),
            Filter::Not(part) => !filtered(part, row),
            Filter::Property { path, is } => {
                test(is, find(&row.properties, path), 0, &jiff::tz::TimeZone::UTC)
            }
        }
    }

    pub fn rows<'p>(person: &'p Person, of: &Selection, now: i64) -> Vec<&'p TimelineRow> {
        let mut rows: Vec<&TimelineRow> = Vec::new();
        for row in &person.rows {
            let inside = in_window(person, of.window, row.occurred_at.0, now);
            let fits = of.filter.as_ref().is_none_or(|filter| filtered(filter, row));
            if row.name == of.event && row.occurred_at.0 <= now && inside && fits {
                rows.push(row);
            }
        }
        rows.sort_by_key(|row| (row.occurred_at, row.event));
        rows
    }

    /// The number of the day, week, month… of an instant, by the clock on the person's wall.
    fn unit_number(person: &Person, unit: Unit, at: i64) -> i64 {
        let date = person.zone().to_datetime(jiff::Timestamp::from_millisecond(at).unwrap()).date();
        let epoch = jiff::civil::date(1970, 1, 1);
        let day = i64::from((date - epoch).get_days());
        let month = i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
        match unit {
            Unit::Day => day,
            // The first of January 1970 was a Thursday.
            Unit::Week => (day + 3).div_euclid(7),
            Unit::Month => month,
            Unit::Quarter => month.div_euclid(3),
            Unit::Year => month.div_euclid(12),
        }
    }

    fn in_window(person: &Person, window: Window, at: i64, now: i64) -> bool {
        let back = |unit| unit_number(person, unit, now) - unit_number(person, unit, at);
        match window {
            Window::All => true,
            Window::Last(span) => at > now - span.0,
            Window::This(unit) => back(unit) == 0,
            Window::Past { count, unit } => (1..=i64::from(count)).contains(&back(unit)),
            Window::Since(from) => at >= from.0,
            Window::Between(from, to) => at >= from.0 && at < to.0,
        }
    }

    /// The values of a property, the oldest first.
    fn values<'p>(person: &'p Person, of: &Selection, property: &Path, now: i64) -> Vec<&'p Value> {
        rows(person, of, now).iter().filter_map(|row| find(&row.properties, property)).collect()
    }

    fn most_frequent(values: &[&Value]) -> Option<Value> {
        let rank = |value: &Value| match value {
            Value::Bool(_) => Some(0),
            Value::Number(_) => Some(1),
            Value::String(_) => Some(2),
            _ => None,
        };
        let mut best: Option<(usize, &Value)> = None;
        for value in values.iter().filter(|value| rank(value).is_some()) {
            let count = values.iter().filter(|other| other == &value).count();
            let better = best.is_none_or(|(most, held)| {
                let smaller = match (rank(value), rank(held)) {
                    (a, b) if a == b => *value < held,
                    (a, b) => a < b,
                };
                count > most || (count == most && smaller)
            });
            if better {
                best = Some((count, value));
            }
        }
        best.map(|(_, value)| value.clone())
    }

    /// Tries every chain: `chain` are the places of the rows so far, one for each step that
    /// happened.
    fn chained(
        person: &Person,
        (steps, window): (&[SequenceStep], Window),
        rows: &[&TimelineRow],
        chain: &mut Vec<usize>,
        now: i64,
    ) -> bool {
        let fits = |step: &SequenceStep, row: &TimelineRow| {
            row.name == step.event && step.filter.as_ref().is_none_or(|f| filtered(f, row))
        };
        // Which steps lie behind the last row of the chain: first those that must not happen.
        let mut left = steps;
        let mut found = 0;
        while found < chain.len() {
            found += usize::from(!left[0].not);
            left = &left[1..];
        }
        let never: Vec<&SequenceStep> = left.iter().take_while(|step| step.not).collect();
        let last = chain.last().map(|place| (*place, rows[*place].occurred_at.0));
        let broken_before = |end: usize| {
            let Some((place, at)) = last else { return false };
            rows[place + 1..end].iter().any(|row| {
                never.iter().any(|step| {
                    let near = |span: &cauce_core::time::Duration| row.occurred_at.0 <= at + span.0;
                    fits(step, row) && step.within.as_ref().is_none_or(near)
                })
            })
        };
        let Some(next) = left.get(never.len()) else {
            let over = |step: &&SequenceStep| {
                step.within.is_none_or(|span| last.is_some_and(|(_, at)| now > at + span.0))
            };
            return !broken_before(rows.len()) && never.iter().all(over);
        };
        for place in last.map_or(0, |(place, _)| place + 1)..rows.len() {
            let at = rows[place].occurred_at.0;
            let in_time = match (last, next.within) {
                (Some((_, before)), Some(span)) => at - before <= span.0,
                _ => true,
            };
            let inside = in_window(person, window, at, now);
            if fits(next, rows[place]) && in_time && inside && !broken_before(place) {
                chain.push(place);
                let whole = chained(person, (steps, window), rows, chain, now);
                chain.pop();
                if whole {
                    return true;
                }
            }
        }
        false
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

    /// The computed attributes of [`segment_rules::COMPUTED`], by hand.
    fn computed(person: &Person, name: &str, now: i64) -> Option<Value> {
        let of = |event: &str, window| Selection { event: event.to_owned(), filter: None, window };
        let last = |ms| Window::Last(cauce_core::time::Duration(ms));
        let property = |name: &str| [name].into_iter().collect::<Path>();
        let number = |nanos: i128| Value::Number(Decimal::from_nanos(nanos));
        match name {
            "c" => {
                let count = rows(person, &of("a", last(7)), now).len();
                Some(number(count as i128 * 1_000_000_000))
            }
            "s" => {
                let today = of("a", Window::This(Unit::Day));
                Some(number(numbers(person, &today, &property("n"), now).iter().sum()))
            }
            "l" => values(person, &of("b", last(9)), &property("t"), now).last().copied().cloned(),
            "f" => {
                let rows = rows(person, &of("a", Window::All), now);
                rows.first().map(|row| Value::String(row.occurred_at.to_string()))
            }
            "m" => {
                let all = of("last", Window::All);
                numbers(person, &all, &property("n"), now).into_iter().max().map(number)
            }
            "q" => most_frequent(&values(person, &of("a", last(12)), &property("t"), now)),
            other => panic!("{other} is not defined"),
        }
    }

    /// As the guide has it: an address that is not suppressed, and consent by the topic's rule.
    /// `news` asks for consent, `offers` does not.
    fn reachable(person: &Person, channel: Channel, topic: Option<&str>) -> bool {
        let standing = &person.standing;
        let (has_address, suppressed) = match channel {
            Channel::Email => (standing.email, standing.suppressed),
            Channel::Webhook => (true, false),
            _ => (false, false),
        };
        let Some(topic) = topic else { return has_address && !suppressed };
        let said = |about: &str| {
            let said = standing.consents.iter().filter(|(topic, ..)| topic == about);
            said.max_by_key(|(_, granted, at)| (*at, !*granted))
                .map(|(_, granted, at)| (*granted, *at))
        };
        let consented = match (said("*"), said(topic)) {
            (_, Some((false, _))) => false,
            (Some((false, withdrawn)), Some((true, granted))) => granted > withdrawn,
            (Some((false, _)), None) => false,
            (None, None) => topic == "offers",
            (Some((true, _)), _) | (None, Some((true, _))) => true,
        };
        has_address && !suppressed && consented
    }

    pub fn holds(rule: &Rule, person: &Person, now: i64) -> bool {
        let zone = &person.zone();
        match rule {
            Rule::And(parts) => parts.iter().all(|part| holds(part, person, now)),
            Rule::Or(parts) => parts.iter().any(|part| holds(part, person, now)),
            Rule::Not(part) => !holds(part, person, now),
            Rule::Attribute { path, is } if path.0[0] == "computed" => {
                let value = computed(person, &path.0[1], now);
                test(is, value.as_ref().filter(|value| **value != Value::Null), now, zone)
            }
            Rule::Messages { of, is } => {
                let count = person.rows.iter().filter(|row| {
                    let said = |(filter, value): (&MessageFilter, &String)| {
                        let name = format!("{filter:?}").to_lowercase();
                        row.properties.get(&name) == Some(&Value::String(value.clone()))
                    };
                    let name = format!("message_{}", format!("{:?}", of.state).to_lowercase());
                    row.name == name
                        && row.occurred_at.0 <= now
                        && in_window(person, of.window, row.occurred_at.0, now)
                        && of.filters.iter().all(said)
                });
                bounded(is, count.count() as i128 * 1_000_000_000)
            }
            Rule::Reachable { channel, topic } => reachable(person, *channel, topic.as_deref()),
            // Its hash is held by a vector elsewhere; here, that everybody is in one of them.
            Rule::Bucket { of, is, .. } => {
                let inside = (0..*of).filter(|bucket| *bucket == person.standing.bucket % of);
                let bucket = i128::from(inside.last().unwrap());
                bounded(is, bucket * 1_000_000_000)
            }
            Rule::Attribute { path, is } => test(is, find(&person.attributes, path), now, zone),
            Rule::Event { path, is } => {
                test(is, person.trigger.as_ref().and_then(|fields| find(fields, path)), now, zone)
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
            Rule::Min { of, property, is } => {
                let least = numbers(person, of, property, now).into_iter().min();
                least.is_some_and(|least| bounded(is, least))
            }
            Rule::Max { of, property, is } => {
                let most = numbers(person, of, property, now).into_iter().max();
                most.is_some_and(|most| bounded(is, most))
            }
            Rule::Distinct { of, property, is } => {
                let different: BTreeSet<&Value> =
                    values(person, of, property, now).into_iter().collect();
                bounded(is, different.len() as i128 * 1_000_000_000)
            }
            Rule::MostFrequent { of, property, is } => {
                test(is, most_frequent(&values(person, of, property, now)).as_ref(), now, zone)
            }
            Rule::FirstValue { of, property, is } => {
                test(is, values(person, of, property, now).first().copied(), now, zone)
            }
            Rule::LastValue { of, property, is } => {
                test(is, values(person, of, property, now).last().copied(), now, zone)
            }
            Rule::Sequence { steps, window } => {
                let mut rows: Vec<&TimelineRow> =
                    person.rows.iter().filter(|row| row.occurred_at.0 <= now).collect();
                rows.sort_by_key(|row| (row.occurred_at, row.event));
                chained(person, (steps, *window), &rows, &mut Vec::new(), now)
            }
            Rule::First { of, is } => rows(person, of, now)
                .first()
                .is_some_and(|row| dated(is, row.occurred_at.0, now, zone)),
            Rule::Last { of, is } => rows(person, of, now)
                .last()
                .is_some_and(|row| dated(is, row.occurred_at.0, now, zone)),
        }
    }
}

/// What an engine keeps for one profile and one rule.
struct Live {
    compiled: Compiled,
    attributes: Attributes,
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
            states: BTreeMap::new(),
            tallies: Tallies::new(),
            calendar: Calendar { zone: person.zone(), ..Calendar::default() },
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
                policy: &Policy::default(),
                topics: &topics(),
            }),
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
    arrival: Option<(i64, &'static str, u8, Fields)>,
    /// Rows per chunk of expiry; none: the engine does not look before the event arrives.
    settle: Option<usize>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = proptest::sample::select(vec![
        "a",
        "a",
        "a",
        "b",
        "b",
        "b",
        "last",
        "last",
        "message_sent",
        "message_refused",
    ]);
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
    let arrival = (age, name, any::<u8>(), fields());
    let step = (advance, proptest::option::weighted(0.8, arrival), proptest::option::of(1usize..4))
        .prop_map(|(advance, arrival, settle)| Step { advance, arrival, settle });
    vec(step, 1..24)
}

fn person() -> impl Strategy<Value = Person> {
    let segments = proptest::collection::btree_set(Just("vip".to_owned()), 0..2);
    let place = proptest::sample::select(PLACES.to_vec());
    (fields(), segments, proptest::option::of(fields()), place, standing()).prop_map(
        |(mut attributes, segments, trigger, (zone, start), standing)| {
            attributes.insert("timezone".to_owned(), Value::from(zone));
            let start = start.parse::<Timestamp>().unwrap().0;
            let zone = jiff::tz::TimeZone::get(zone).ok();
            Person { attributes, segments, trigger, rows: Vec::new(), standing, start, zone }
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
