//! The second evaluator: it counts everything again from the lists, by the words of the guide, and
//! shares nothing with the first but the tree of the rule.

use super::ListRow;
use cauce_core::decimal::Decimal;
use cauce_core::event::TimelineRow;
use cauce_core::ids::hash64;
use cauce_core::message::Channel;
use cauce_core::policy::WeekStart;
use cauce_core::segment::{
    Anniversary, Bound, DateTest, Filter, Ignore, Literal, MessageFilter, Messages, Moment, Op,
    Path, Rule, Selection, Step as SequenceStep, Test, Unit, Units, Window,
};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

pub type Fields = BTreeMap<String, Value>;

/// Everything that is known about somebody, as lists.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub attributes: Fields,
    pub segments: BTreeSet<String>,
    pub trigger: Option<Fields>,
    /// In the order of arrival.
    pub rows: Vec<TimelineRow>,
    pub standing: Standing,
    /// What was uploaded, in the order of arrival.
    pub lists: Vec<ListRow>,
    /// When its life begins.
    pub start: i64,
    /// The zone that its attribute names; none: UTC.
    pub zone: Option<jiff::tz::TimeZone>,
    pub week_starts: WeekStart,
}

/// Addresses, devices and consents, as lists.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    pub email: Address,
    pub phone: Address,
    /// Of each device whether its person lets it be alerted.
    pub devices: Vec<bool>,
    /// Topic, whether it was granted, when: in any order.
    pub consents: Vec<(String, bool, i64)>,
    pub id: u128,
}

/// Where a message by a channel would go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Address {
    #[default]
    None,
    Open,
    Suppressed,
    /// A number whose holder is paid for being called.
    Unfit,
}

impl Person {
    pub fn zone(&self) -> jiff::tz::TimeZone {
        self.zone.clone().unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

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
    let date = (1..=local.day()).rev().find_map(|d| jiff::civil::Date::new(year, month, d).ok());
    let mut date = date.unwrap();
    for _ in 0..days.abs() {
        date = if days < 0 { date.yesterday().unwrap() } else { date.tomorrow().unwrap() };
    }
    let wall = date.to_datetime(local.time());
    zone.to_ambiguous_timestamp(wall).compatible().unwrap().as_millisecond()
}

/// Whether some year after the day's own has its anniversary in the right place.
fn anniversary(is: &Anniversary, text: &str, now: i64, zone: &jiff::tz::TimeZone) -> bool {
    let civil = |at: i64| zone.to_datetime(jiff::Timestamp::from_millisecond(at).unwrap()).date();
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
        for (marked, bare) in [("á", "a"), ("Á", "A"), ("ñ", "n"), ("\u{301}", ""), ("\u{303}", "")]
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
            Value::Array(items) => items.iter().filter(|item| element(filter, item)).count() == 0,
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
        Unit::Week => {
            let behind = match person.week_starts {
                WeekStart::Monday => 3,
                WeekStart::Sunday => 4,
                WeekStart::Saturday => 5,
            };
            (day + behind).div_euclid(7)
        }
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

/// The computed attributes of [`super::COMPUTED`], by hand.
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

/// As the guide has it: an address that is not suppressed, a live device, and consent by the
/// topic's rule. `news` asks for consent, `offers` does not.
fn reachable(person: &Person, channel: Channel, topic: Option<&str>) -> bool {
    let standing = &person.standing;
    let has_way = match channel {
        Channel::Email => standing.email == Address::Open,
        Channel::Sms => standing.phone == Address::Open,
        Channel::Push => standing.devices.contains(&true),
        Channel::Webhook => true,
    };
    let Some(topic) = topic else { return has_way };
    let used = topic != "offers" || (allows(person, "use-asked") && allows(person, "use-free"));
    let said = |about: &str| {
        let said = standing.consents.iter().filter(|(topic, ..)| topic == about);
        said.max_by_key(|(_, granted, at)| (*at, !*granted)).map(|(_, granted, at)| (*granted, *at))
    };
    let consented = match (said("*"), said(topic)) {
        (_, Some((false, _))) => false,
        (Some((false, withdrawn)), Some((true, granted))) => granted > withdrawn,
        (Some((false, _)), None) => false,
        (None, None) => topic == "offers",
        (Some((true, _)), _) | (None, Some((true, _))) => true,
    };
    has_way && consented && used
}

/// The last word about a use, at one instant the no; without a word `use-free` is allowed and
/// `use-asked` is not. What is said of everything is said of messages.
fn allows(person: &Person, purpose: &str) -> bool {
    let said = person.standing.consents.iter().filter(|(topic, ..)| topic == purpose);
    let last = said.max_by_key(|(_, granted, at)| (*at, !*granted));
    last.map_or(purpose == "use-free", |(_, granted, _)| *granted)
}

fn messages(person: &Person, of: &Messages, now: i64) -> usize {
    let told = |row: &&TimelineRow| {
        let said = |(filter, value): (&MessageFilter, &String)| {
            let name = format!("{filter:?}").to_lowercase();
            row.properties.get(&name) == Some(&Value::String(value.clone()))
        };
        let name = format!("message_{}", format!("{:?}", of.state).to_lowercase());
        row.name == name
            && row.occurred_at.0 <= now
            && in_window(person, of.window, row.occurred_at.0, now)
            && of.filters.iter().all(said)
    };
    person.rows.iter().filter(told).count()
}

/// What a list says of each name at an instant, in the order in which it was said. Of the rows
/// about one name only the last one counts, and it counts until it expires.
fn listed<'p>(person: &'p Person, list: &str, now: i64) -> Vec<((i64, usize), &'p Fields)> {
    let mut said = Vec::new();
    let names: BTreeSet<&str> = person.lists.iter().map(|row| row.1).collect();
    for name in names {
        let rows = person.lists.iter().enumerate();
        let about = rows.filter(|(_, row)| row.0 == list && row.1 == name);
        let Some((place, row)) = about.max_by_key(|(place, row)| (row.2, *place)) else { continue };
        let Some((fields, expires)) = &row.3 else { continue };
        if expires.is_none_or(|expires| person.start + expires > now) {
            said.push(((row.2, place), fields));
        }
    }
    said.sort_by_key(|(order, _)| *order);
    said
}

fn said<'p>(person: &'p Person, list: &str, path: &Path, now: i64) -> Option<&'p Value> {
    listed(person, list, now).last().and_then(|(_, fields)| find(fields, path))
}

/// A hash of the name and of the profile's own id.
fn bucket(person: &Person, name: &str, of: u32) -> i128 {
    let id = person.standing.id.to_be_bytes();
    i128::from(hash64(&[b"bucket", name.as_bytes(), &id]) % u64::from(of))
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
        Rule::Messages { of, is } => bounded(is, messages(person, of, now) as i128 * 1_000_000_000),
        Rule::Reachable { channel, topic } => reachable(person, *channel, topic.as_deref()),
        Rule::Consent(purpose) => allows(person, purpose),
        Rule::Bucket { name, of, is } => bounded(is, bucket(person, name, *of) * 1_000_000_000),
        Rule::Attribute { path, is } => test(is, find(&person.attributes, path), now, zone),
        Rule::Event { path, is } => {
            test(is, person.trigger.as_ref().and_then(|fields| find(fields, path)), now, zone)
        }
        Rule::Segment(name) => person.segments.contains(name),
        Rule::List(name) => !listed(person, name, now).is_empty(),
        Rule::Listed { list, path, is } => test(is, said(person, list, path, now), now, zone),
        Rule::Count { of, is } => bounded(is, rows(person, of, now).len() as i128 * 1_000_000_000),
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
            let values = values(person, of, property, now);
            let scalar = |v: &&&Value| !matches!(v, Value::Array(_) | Value::Object(_));
            let different: BTreeSet<&Value> = values.iter().filter(scalar).copied().collect();
            different.len() <= 200 && test(is, most_frequent(&values).as_ref(), now, zone)
        }
        Rule::FirstValue { of, property, is } => {
            test(is, values(person, of, property, now).first().copied(), now, zone)
        }
        Rule::LastValue { of, property, is } => {
            test(is, values(person, of, property, now).last().copied(), now, zone)
        }
        Rule::Sequence { steps, window } => {
            let mut rows: Vec<&TimelineRow> = person.rows.iter().collect();
            rows.retain(|row| row.occurred_at.0 <= now);
            rows.sort_by_key(|row| (row.occurred_at, row.event));
            chained(person, (steps, *window), &rows, &mut Vec::new(), now)
        }
        Rule::First { of, is } => {
            rows(person, of, now).first().is_some_and(|row| dated(is, row.occurred_at.0, now, zone))
        }
        Rule::Last { of, is } => {
            rows(person, of, now).last().is_some_and(|row| dated(is, row.occurred_at.0, now, zone))
        }
    }
}
