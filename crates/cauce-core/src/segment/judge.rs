//! Whether a value passes a test, and until when time alone cannot change that.

use super::definition::{Bound, DateTest, Filter, Literal, Moment, Op, Test};
use crate::decimal::Decimal;
use crate::event::Properties;
use crate::time::{Duration, Timestamp};
use crate::value::Value;

use super::evaluate::Answer;

/// Judges a value: a null is missing; a missing value and one of another type pass no test but
/// those about existence.
pub(super) fn judge(test: &Test, value: Option<&Value>, now: Timestamp) -> Answer {
    let Some(value) = value.filter(|value| **value != Value::Null) else {
        return Answer::always(matches!(test, Test::Missing));
    };
    if let Test::Date(date) = test {
        return match instant(value) {
            Some(at) => judge_date(date, at, now),
            None => Answer::always(false),
        };
    }
    Answer::always(passes(test, value))
}

/// The instant that a value says, if it says one.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(|text| text.parse().ok())
}

fn passes(test: &Test, value: &Value) -> bool {
    match (test, value) {
        (Test::Exists, _) => true,
        (Test::Missing | Test::Date(_), _) => false,
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
pub(super) fn judge_date(test: &DateTest, at: Timestamp, now: Timestamp) -> Answer {
    match *test {
        DateTest::Before(moment) => match offset(moment) {
            Err(bound) => Answer::always(at < bound),
            // at < now + offset, that is: now is past the edge.
            Ok(offset) => from(at.minus(offset).plus(Duration(1)), now),
        },
        DateTest::After(moment) => match offset(moment) {
            Err(bound) => Answer::always(at > bound),
            Ok(offset) => within(Timestamp(i64::MIN), at.minus(offset), now),
        },
        DateTest::WithinLast(span) => within(at, at.plus(span), now),
        DateTest::WithinNext(span) => within(at.minus(span), at, now),
    }
}

fn offset(moment: Moment) -> Result<Duration, Timestamp> {
    match moment {
        Moment::At(stamp) => Err(stamp),
        Moment::Now => Ok(Duration(0)),
        Moment::Ago(span) => Ok(Duration(-span.0)),
        Moment::Ahead(span) => Ok(span),
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

/// Whether an event's properties pass a filter. The clock has no part in it.
pub(super) fn admits(filter: &Filter, properties: &Properties) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| admits(part, properties)),
        Filter::Or(parts) => parts.iter().any(|part| admits(part, properties)),
        Filter::Not(part) => !admits(part, properties),
        Filter::Property { path, is } => {
            let value = super::evaluate::find(properties, path);
            judge(is, value, Timestamp::default()).inside
        }
    }
}

/// Whether an average relates to a bound: the sum against n times the bound, without division.
/// Of nothing there is no average.
pub(super) fn average_holds(bound: Bound, sum: Decimal, numbers: u64) -> bool {
    numbers > 0 && bound.op.holds(&sum, &bound.to.times(numbers))
}
