//! Whether a value passes a test, and until when time alone cannot change that.

use crate::decimal::Decimal;
use crate::event::Properties;
use crate::prelude::*;
use crate::segment::calendar::{self, Calendar, shifted};
use crate::segment::definition::{
    Anniversary, Bound, DateTest, Filter, Ignore, Literal, Moment, Op, Test, Unit,
};
use crate::segment::evaluate::Answer;
use crate::time::{Duration, Timestamp};
use crate::value::Value;
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The instant of a question and the calendar of whom it is about.
#[derive(Clone, Copy)]
pub(in crate::segment) struct Clock<'c> {
    pub now: Timestamp,
    pub calendar: &'c Calendar,
}

impl Clock<'_> {
    /// For what no clock has a part in.
    pub const NONE: Clock<'static> = Clock { now: Timestamp(0), calendar: &calendar::UTC };
}

/// Judges a value: a null is missing; a missing value and one of another type pass no test but
/// those about existence.
pub(in crate::segment) fn judge(test: &Test, value: Option<&Value>, clock: Clock<'_>) -> Answer {
    let Some(value) = value.filter(|value| **value != Value::Null) else {
        return Answer::always(matches!(test, Test::Missing));
    };
    match test {
        Test::Date(date) => match instant(value) {
            Some(at) => judge_date(date, at, clock),
            None => Answer::always(false),
        },
        Test::Anniversary(is) => match value.as_str().and_then(|text| clock.calendar.day(text)) {
            Some(day) => judge_anniversary(*is, day, clock),
            None => Answer::always(false),
        },
        _ => Answer::always(passes(test, value)),
    }
}

/// The instant that a value says, if it says one.
pub(in crate::segment) fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(|text| text.parse().ok())
}

fn passes(test: &Test, value: &Value) -> bool {
    match (test, value) {
        (Test::Exists, _) => true,
        (Test::Missing | Test::Date(_) | Test::Anniversary(_), _) => false,
        (Test::Any(filter), Value::Array(items)) => {
            items.iter().any(|item| admits_of(filter, Of::Item(item)))
        }
        (Test::All(filter), Value::Array(items)) => {
            items.iter().all(|item| admits_of(filter, Of::Item(item)))
        }
        (Test::No(filter), Value::Array(items)) => {
            !items.iter().any(|item| admits_of(filter, Of::Item(item)))
        }
        (Test::Size(is), Value::Array(items)) => {
            is.op.holds(&Decimal::from(items.len() as i64), &is.to)
        }
        (Test::Any(_) | Test::All(_) | Test::No(_) | Test::Size(_), _) => false,
        (Test::Ignoring { what, test }, _) => {
            passes(&folded_test(*what, test), &folded(*what, value))
        }
        (Test::Version { op, to }, Value::String(text)) => {
            let found = semver::Version::parse(text);
            found.is_ok_and(|found| op.orders_as(found.cmp_precedence(&to.0)))
        }
        (Test::Version { .. }, _) => false,
        (Test::Money { op, amount, currency }, Value::Object(money)) => {
            let same = money.get("currency").and_then(Value::as_str) == Some(currency);
            let found = money.get("amount");
            same && matches!(found, Some(Value::Number(found)) if op.holds(found, amount))
        }
        (Test::Money { .. }, _) => false,
        (Test::Compare { op, to }, _) => compare(*op, value, to),
        (Test::Contains(Literal::String(part)), Value::String(text)) => text.contains(part),
        (Test::Contains(element), Value::Array(items)) => {
            items.iter().any(|item| element.equals(item))
        }
        (Test::Contains(_), _) => false,
        (Test::StartsWith(part), Value::String(text)) => text.starts_with(part),
        (Test::EndsWith(part), Value::String(text)) => text.ends_with(part),
        (Test::StartsWith(_) | Test::EndsWith(_), _) => false,
        (Test::In(literals), _) => literals.iter().any(|literal| literal.equals(value)),
        (Test::NotIn(literals), _) => {
            literals.iter().any(|literal| literal.same_type(value))
                && !literals.iter().any(|literal| literal.equals(value))
        }
    }
}

fn compare(op: Op, value: &Value, to: &Literal) -> bool {
    match (value, to) {
        (Value::Number(left), Literal::Number(right)) => op.holds(left, right),
        // Texts and truths have no order: dates are compared by `before` and `after`.
        (Value::String(left), Literal::String(right)) => !op.orders() && op.holds(left, right),
        (Value::Bool(left), Literal::Bool(right)) => !op.orders() && op.holds(left, right),
        _ => false,
    }
}

/// Judges an instant.
pub(in crate::segment) fn judge_date(test: &DateTest, at: Timestamp, clock: Clock<'_>) -> Answer {
    let now = clock.now;
    let later = |units| clock.calendar.shift(at, units, 1);
    let earlier = |units| clock.calendar.shift(at, units, -1);
    // A moving edge is passed when `now` is behind this instant.
    let passed = |moment| match moment {
        Moment::At(bound) => Err(bound),
        Moment::Now => Ok(at),
        Moment::Ago(span) => Ok(at.plus(span)),
        Moment::Ahead(span) => Ok(at.minus(span)),
        Moment::AgoUnits(units) => Ok(later(units)),
        Moment::AheadUnits(units) => Ok(earlier(units)),
    };
    match *test {
        DateTest::Before(moment) => match passed(moment) {
            Err(bound) => Answer::always(at < bound),
            Ok(edge) => from(edge.plus(Duration(1)), now),
        },
        DateTest::After(moment) => match passed(moment) {
            Err(bound) => Answer::always(at > bound),
            Ok(edge) => within(Timestamp(i64::MIN), edge, now),
        },
        DateTest::WithinLast(span) => within(at, at.plus(span), now),
        DateTest::WithinNext(span) => within(at.minus(span), at, now),
        DateTest::WithinLastUnits(units) => within(at, later(units), now),
        DateTest::WithinNextUnits(units) => within(earlier(units), at, now),
    }
}

/// Judges the day of a date in other years.
fn judge_anniversary(is: Anniversary, of: Date, clock: Clock<'_>) -> Answer {
    let Clock { now, calendar } = clock;
    // When the test holds in one year, from the first to before the second.
    let held = |year: i16| {
        let day = calendar.anniversary(of, year)?;
        let starts = calendar.start(day);
        Some(match is {
            Anniversary::Today => (starts, calendar.start(shifted(day, Unit::Day, 1))),
            Anniversary::WithinNext(span) => (starts.minus(span), starts),
            Anniversary::WithinLast(span) => (starts, starts.plus(span)),
        })
    };
    let this = calendar.date(now).year();
    // A long span reaches over several years.
    let years = match is {
        Anniversary::Today => 1,
        Anniversary::WithinNext(span) | Anniversary::WithinLast(span) => {
            2 + (span.0 / Duration::DAY.times(365).0) as i16
        }
    };
    let first = this.saturating_sub(years).max(of.year().saturating_add(1));
    let last = this.saturating_add(years + 1).max(first);
    let stretches: Vec<(Timestamp, Timestamp)> = (first..=last).filter_map(held).collect();
    let inside = stretches.iter().filter(|(from, to)| *from <= now && now < *to);
    match inside.map(|(_, to)| *to).max() {
        // Another one may have begun by then: it is looked at again and found to hold.
        Some(until) => Answer { inside: true, until: Some(until) },
        None => {
            let next = stretches.iter().map(|(from, _)| *from).filter(|from| *from > now).min();
            Answer { inside: false, until: next }
        }
    }
}

/// True from `start` on.
fn from(start: Timestamp, now: Timestamp) -> Answer {
    Answer { inside: now >= start, until: (now < start).then_some(start) }
}

/// True from `start` to just before `end`.
fn within(start: Timestamp, end: Timestamp, now: Timestamp) -> Answer {
    let until =
        if now >= end || start >= end { None } else { Some(if now < start { start } else { end }) };
    Answer { inside: now >= start && now < end, until }
}

/// What a filter looks at.
#[derive(Clone, Copy)]
enum Of<'v> {
    Properties(&'v Properties),
    Item(&'v Value),
}

/// Whether an event's properties pass a filter. The clock has no part in it.
pub(in crate::segment) fn admits(filter: &Filter, properties: &Properties) -> bool {
    admits_of(filter, Of::Properties(properties))
}

fn admits_of(filter: &Filter, of: Of<'_>) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| admits_of(part, of)),
        Filter::Or(parts) => parts.iter().any(|part| admits_of(part, of)),
        Filter::Not(part) => !admits_of(part, of),
        Filter::Property { path, is } => {
            let value = match of {
                Of::Properties(properties) => crate::segment::evaluate::find(properties, path),
                Of::Item(item) => item.at(path.names()),
            };
            judge(is, value, Clock::NONE).inside
        }
    }
}

/// A text without what a test looks past.
fn fold(what: Ignore, text: &str) -> String {
    let case = |text: &str| -> String {
        text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
    };
    let accents =
        |text: &str| -> String { text.nfd().filter(|c| !is_combining_mark(*c)).collect() };
    match what {
        Ignore::Case => case(text),
        Ignore::Accents => accents(text),
        Ignore::CaseAndAccents => accents(&case(text)),
    }
}

/// A value whose texts are folded: itself, or the elements of an array.
fn folded(what: Ignore, value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(fold(what, text)),
        Value::Array(items) => Value::Array(items.iter().map(|item| folded(what, item)).collect()),
        other => other.clone(),
    }
}

/// A test whose texts are folded.
fn folded_test(what: Ignore, test: &Test) -> Test {
    let one = |literal: &Literal| match literal {
        Literal::String(text) => Literal::String(fold(what, text)),
        other => other.clone(),
    };
    match test {
        Test::Compare { op, to } => Test::Compare { op: *op, to: one(to) },
        Test::Contains(literal) => Test::Contains(one(literal)),
        Test::StartsWith(text) => Test::StartsWith(fold(what, text)),
        Test::EndsWith(text) => Test::EndsWith(fold(what, text)),
        Test::In(literals) => Test::In(literals.iter().map(one).collect()),
        Test::NotIn(literals) => Test::NotIn(literals.iter().map(one).collect()),
        other => other.clone(),
    }
}

/// Whether an average relates to a bound: the sum against n times the bound, without division.
/// Of nothing there is no average.
pub(in crate::segment) fn average_holds(bound: Bound, sum: Decimal, numbers: u64) -> bool {
    numbers > 0 && bound.op.holds(&sum, &bound.to.times(numbers))
}
