//! What can be said and cannot be meant, part by part: the parser adds places in the text, the
//! compiler places in the tree.

use crate::decimal::Decimal;
use crate::diagnostic::Diagnostic;
use crate::limits::{
    BUCKETS_MAX, CALENDAR_UNITS_MAX, DISTINCT_MAX, NAME_BYTES_MAX, SEQUENCE_STEPS_MAX,
};
use crate::message::Channel;
use crate::prelude::*;
use crate::segment::SPAN_MAX;
use crate::segment::definition::{
    Anniversary, Bound, DateTest, Literal, MessageFilter, MessageState, Messages, Moment, Op, Step,
    Test, Unit, Units, Window,
};
use crate::segment::names::Path;
use crate::time::Duration;

/// Where a test stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::segment) enum Place {
    /// About the profile or the event of a journey: may compare with `now`.
    Profile,
    /// About an event in a window: may not.
    Filter,
}

pub(in crate::segment) fn check_name(noun: &str, name: &str) -> Option<Diagnostic> {
    if name.is_empty() {
        return Some(Diagnostic::error("", "empty-name", format!("the {noun} has no name")));
    }
    (name.len() > NAME_BYTES_MAX).then(|| {
        let message = format!("the {noun}'s name is longer than {NAME_BYTES_MAX} bytes");
        Diagnostic::error("", "long-name", message)
    })
}

pub(in crate::segment) fn check_path(path: &Path) -> Option<Diagnostic> {
    if path.0.is_empty() {
        return check_name("attribute or property", "");
    }
    path.names().find_map(|name| check_name("attribute or property", name))
}

pub(in crate::segment) fn check_group(parts: usize) -> Option<Diagnostic> {
    (parts == 0).then(|| {
        Diagnostic::error("", "empty-group", "a group without conditions is neither true nor false")
    })
}

pub(in crate::segment) fn check_window(window: Window) -> Option<Diagnostic> {
    match window {
        Window::All | Window::This(_) | Window::Since(_) => None,
        Window::Last(span) => check_span(span),
        Window::Past { count: 0, .. } => {
            Some(Diagnostic::error("", "empty-window", "a window of no days at all"))
        }
        Window::Past { count, .. } => (count > CALENDAR_UNITS_MAX).then(|| {
            let message = format!("a window goes back {CALENDAR_UNITS_MAX} units at the most");
            Diagnostic::error("", "long-window", message)
        }),
        Window::Between(from, to) => (from >= to).then(|| {
            let message = "the window ends before it begins";
            Diagnostic::error("", "empty-window", message)
                .hint("write the earlier date first; the second one is outside")
        }),
    }
}

pub(in crate::segment) fn check_distinct(is: Bound) -> Option<Diagnostic> {
    if is.to >= Decimal::from(DISTINCT_MAX as i64) {
        let message = format!("more than {DISTINCT_MAX} different values are not told apart");
        return Some(
            Diagnostic::error("", "too-many-values", message)
                .hint(format!("compare with a number below {DISTINCT_MAX}")),
        );
    }
    check_count(is)
}

pub(in crate::segment) fn check_steps(steps: &[Step]) -> Option<Diagnostic> {
    if steps.len() < 2 {
        return Some(
            Diagnostic::error("", "short-sequence", "a sequence has at least two steps")
                .hint("write `sequence(viewed, then added within 1h)`"),
        );
    }
    if steps.len() > SEQUENCE_STEPS_MAX {
        let message = format!("a sequence has {SEQUENCE_STEPS_MAX} steps at the most");
        return Some(Diagnostic::error("", "long-sequence", message));
    }
    let first = steps.first()?;
    if first.not {
        let message = "a sequence begins with something that happened";
        return Some(Diagnostic::error("", "negated-start", message));
    }
    first.within.map(|_| {
        Diagnostic::error("", "stray-within", "the first step has none before it to count from")
            .hint("for how long ago, put a window at the end: `, last 30d`")
    })
}

pub(in crate::segment) fn check_span(span: Duration) -> Option<Diagnostic> {
    if span.0 <= 0 {
        return Some(Diagnostic::error("", "empty-span", format!("`{span}` holds no time")));
    }
    long_span(span)
}

fn long_span(span: Duration) -> Option<Diagnostic> {
    let message = || format!("`{span}` is longer than `{SPAN_MAX}`");
    (span.0.unsigned_abs() > SPAN_MAX.0.unsigned_abs())
        .then(|| Diagnostic::error("", "long-span", message()))
}

pub(in crate::segment) fn check_date(test: &DateTest) -> Option<Diagnostic> {
    match *test {
        DateTest::Before(moment) | DateTest::After(moment) => match moment {
            Moment::At(_) | Moment::Now => None,
            Moment::Ago(span) | Moment::Ahead(span) => long_span(span),
            Moment::AgoUnits(units) | Moment::AheadUnits(units) => check_units(units),
        },
        DateTest::WithinLast(span) | DateTest::WithinNext(span) => check_span(span),
        DateTest::WithinLastUnits(units) | DateTest::WithinNextUnits(units) => check_units(units),
    }
}

fn check_units(units: Units) -> Option<Diagnostic> {
    if units.count == 0 {
        return Some(Diagnostic::error("", "empty-span", format!("`{units}` holds no time")));
    }
    // As far as a span of exact time reaches.
    let days = match units.unit {
        Unit::Day => 1,
        Unit::Week => 7,
        Unit::Month => 30,
        Unit::Quarter => 91,
        Unit::Year => 365,
    };
    let span = Duration::DAY.times(i64::from(units.count) * days);
    (span > SPAN_MAX).then(|| {
        let message = format!("`{units}` is longer than `{SPAN_MAX}`");
        Diagnostic::error("", "long-span", message)
    })
}

fn check_ignoring(test: &Test) -> Option<Diagnostic> {
    let text = |literal: &Literal| matches!(literal, Literal::String(_));
    let fits = match test {
        Test::Compare { op, to } => !op.orders() && text(to),
        Test::Contains(literal) => text(literal),
        Test::StartsWith(_) | Test::EndsWith(_) => true,
        Test::In(literals) | Test::NotIn(literals) => literals.iter().all(text),
        _ => false,
    };
    if !fits {
        let message = "only comparisons with texts have capitals or accents to ignore";
        return Some(Diagnostic::error("", "nothing-to-ignore", message));
    }
    check_test(test, Place::Filter)
}

pub(in crate::segment) fn check_bucket(name: &str, of: u32, is: Bound) -> Option<Diagnostic> {
    if of == 0 || of > BUCKETS_MAX {
        let message = format!("people are put into 1 to {BUCKETS_MAX} buckets");
        return Some(Diagnostic::error("", "bad-bucket", message));
    }
    let beyond = is.op.orders() && is.to > Decimal::from(i64::from(of));
    let never = match is.op {
        Op::More => is.to >= Decimal::from(i64::from(of) - 1),
        Op::Equal | Op::AtLeast => is.to >= Decimal::from(i64::from(of)),
        _ => false,
    };
    if beyond || never {
        let message = format!("of {of} buckets the last one is {}", of - 1);
        return Some(Diagnostic::error("", "bad-bucket", message));
    }
    check_name("draw", name).or_else(|| check_count(is))
}

pub(in crate::segment) fn check_messages(of: &Messages) -> Option<Diagnostic> {
    let reasoned = matches!(of.state, MessageState::Refused | MessageState::Failed);
    if of.filters.contains_key(&MessageFilter::Reason) && !reasoned {
        let message = format!("a message is not {} for a reason", of.state.as_str());
        return Some(
            Diagnostic::error("", "stray-reason", message)
                .hint("only `refused` and `failed` have a reason"),
        );
    }
    let unknown = of.filters.get(&MessageFilter::Channel).map(|text| text.parse::<Channel>());
    if let Some(Err(why)) = unknown {
        return Some(Diagnostic::error("", "unknown-channel", why));
    }
    of.filters.iter().find_map(|(filter, name)| check_name(filter.as_str(), name))
}

fn check_currency(currency: &str) -> Option<Diagnostic> {
    let fits = !currency.is_empty()
        && currency.len() <= NAME_BYTES_MAX
        && !currency.contains(char::is_whitespace);
    (!fits).then(|| {
        let message = format!("`{currency}` is no currency");
        Diagnostic::error("", "bad-currency", message).hint("write `money \"50 EUR\"`")
    })
}

/// Events are never later than now.
pub(in crate::segment) fn check_occurrence(test: &DateTest) -> Option<Diagnostic> {
    let never = match test {
        DateTest::WithinNext(_) | DateTest::WithinNextUnits(_) => true,
        DateTest::After(Moment::Now | Moment::Ahead(_) | Moment::AheadUnits(_)) => true,
        DateTest::Before(_)
        | DateTest::After(_)
        | DateTest::WithinLast(_)
        | DateTest::WithinLastUnits(_) => false,
    };
    never.then(|| {
        Diagnostic::warning("", "never-true", "an event never lies in the future")
            .hint("write `within last`, or `after now - 30d`")
    })
}

pub(in crate::segment) fn check_count(is: Bound) -> Option<Diagnostic> {
    let zero = Decimal::ZERO;
    let whole = is.to.to_i64().is_some();
    let outcome = match is.op {
        Op::AtLeast if is.to <= zero => "always true",
        Op::More | Op::Different if is.to < zero => "always true",
        Op::Less if is.to <= zero => "never true",
        Op::AtMost | Op::Equal if is.to < zero => "never true",
        Op::Equal if !whole => "never true",
        Op::Different if !whole => "always true",
        Op::AtLeast | Op::More | Op::Different | Op::Less | Op::AtMost | Op::Equal => return None,
    };
    let code = if outcome == "never true" { "never-true" } else { "always-true" };
    let message = format!("a count that is `{is}` is {outcome}");
    Some(Diagnostic::warning("", code, message))
}

pub(in crate::segment) fn check_test(test: &Test, place: Place) -> Option<Diagnostic> {
    match test {
        Test::Exists | Test::Missing => None,
        Test::Compare { op, to } if op.orders() && !matches!(to, Literal::Number(_)) => {
            let message = format!("`{op}` compares numbers, and {to} is none");
            Some(
                Diagnostic::error("", "no-order", message)
                    .hint("for dates write `before \"2026-11-24\"` or `after \"2026-11-24\"`"),
            )
        }
        Test::Compare { .. } => None,
        Test::Contains(Literal::String(part)) | Test::StartsWith(part) | Test::EndsWith(part) => {
            part.is_empty().then(|| {
                let message = "every text has the empty text in it";
                Diagnostic::warning("", "always-true", message).hint("write `exists`")
            })
        }
        Test::Contains(_) => None,
        Test::In(literals) | Test::NotIn(literals) => check_list(literals),
        _ if place == Place::Filter && test.is_relative() => Some(
            Diagnostic::error("", "now-in-filter", "a condition on an event cannot ask for `now`")
                .hint("put the span behind a comma: `count(order_completed, last 30d)`"),
        ),
        Test::Date(date) => check_date(date),
        // What they say of the elements is checked as any other filter is.
        Test::Any(_) | Test::All(_) | Test::No(_) => None,
        Test::Size(is) => check_count(*is),
        Test::Ignoring { test, .. } => check_ignoring(test),
        Test::Version { .. } => None,
        Test::Money { currency, .. } => check_currency(currency),
        Test::Anniversary(Anniversary::Today) => None,
        Test::Anniversary(Anniversary::WithinNext(span) | Anniversary::WithinLast(span)) => {
            check_span(*span)
        }
    }
}

fn check_list(literals: &[Literal]) -> Option<Diagnostic> {
    if literals.is_empty() {
        return Some(Diagnostic::error("", "empty-list", "the list has no values"));
    }
    let mut seen = BTreeSet::new();
    let twice = literals.iter().find(|literal| !seen.insert(*literal))?;
    Some(Diagnostic::warning("", "listed-twice", format!("{twice} is in the list twice")))
}
