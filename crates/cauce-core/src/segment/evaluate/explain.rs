//! Why a profile is inside or not, in words that a marketer reads.

use crate::decimal::Decimal;
use crate::limits::{DISTINCT_MAX, FREQUENT_MAX, SEQUENCE_EVENTS_MAX};
use crate::list;
use crate::policy::allows;
use crate::policy::permit::reachable;
use crate::prelude::*;
use crate::segment::aggregate::{Aggregate, AggregateState};
use crate::segment::compile::{Compiled, Node};
use crate::segment::definition::{Bound, DateTest, Literal, Moment, Op, Rule, Test};
use crate::segment::evaluate::{Facts, answer, attribute, computed, find, read, totals};
use crate::segment::judge::instant;
use crate::segment::print::{Head, Quoted};
use crate::segment::tally::Reading;
use crate::time::Timestamp;
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// One part of a rule and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The part's text.
    pub text: String,
    /// Whether it holds.
    pub inside: bool,
    /// Until when, if only time goes by.
    pub until: Option<Timestamp>,
    /// What was found and what was needed: ``count(order_completed, last 90d) is 2, needs at least
    /// 3``.
    pub detail: String,
    /// The parts of this part.
    pub parts: Vec<Explanation>,
}

/// Evaluates a rule and says why.
pub fn explain(compiled: &Compiled, facts: &Facts<'_>) -> Explanation {
    part(&compiled.rule, &compiled.node, compiled, facts)
}

fn part(rule: &Rule, node: &Node, compiled: &Compiled, facts: &Facts<'_>) -> Explanation {
    let found = answer(node, compiled, facts);
    let parts: Vec<Explanation> = match (rule, node) {
        (Rule::And(rules) | Rule::Or(rules), Node::And(nodes) | Node::Or(nodes)) => {
            let pairs = rules.iter().zip(nodes);
            pairs.map(|(rule, node)| part(rule, node, compiled, facts)).collect()
        }
        (Rule::Not(rule), Node::Not(node)) => vec![part(rule, node, compiled, facts)],
        _ => Vec::new(),
    };
    let detail = detail(rule, node, compiled, facts, &parts);
    Explanation { text: rule.to_string(), inside: found.inside, until: found.until, detail, parts }
}

fn detail(
    rule: &Rule,
    node: &Node,
    compiled: &Compiled,
    facts: &Facts<'_>,
    parts: &[Explanation],
) -> String {
    let hold = parts.iter().filter(|part| part.inside).count();
    let empty = AggregateState::default();
    let state =
        |aggregate: &usize| totals(&compiled.aggregates[*aggregate], facts).0.unwrap_or(&empty);
    match (rule, node) {
        (_, Node::Never) => "the rule has faults and is never true".to_owned(),
        (Rule::And(_), _) => format!("{hold} of {} hold, needs all", parts.len()),
        (Rule::Or(_), _) => format!("{hold} of {} hold, needs at least 1", parts.len()),
        (Rule::Not(_), _) => {
            let word = if hold == 1 { "holds" } else { "does not hold" };
            format!("the part {word}, needs it not to")
        }
        (Rule::Attribute { path, is }, Node::Computed { asked, .. }) => {
            let (value, _) = computed(*asked, compiled, facts);
            let inner = value.as_ref().and_then(|value| value.at(path.names().skip(2)));
            format!("{path} {}", told(inner, is, facts))
        }
        (Rule::Attribute { path, is }, _) => {
            format!("{path} {}", told(attribute(facts, path), is, facts))
        }
        (Rule::Event { path, is }, _) => {
            let value = facts.event.and_then(|event| find(event, path));
            format!("event.{path} {}", told(value, is, facts))
        }
        (Rule::Segment(name), _) => {
            let word = if facts.segments.contains(name) { "is" } else { "is not" };
            format!("the profile {word} in segment `{name}`")
        }
        (Rule::List(_) | Rule::Listed { .. }, _) => listed(rule, facts),
        (Rule::Messages { of, is }, Node::Measure { aggregate, .. }) => {
            let value = state(aggregate).count;
            format!("messages({of}) is {value}, needs {}", bound(*is))
        }
        (Rule::Bucket { .. } | Rule::Reachable { .. } | Rule::Consent(_), _) => stands(rule, facts),
        (Rule::Count { is, .. }, Node::Measure { aggregate, .. }) => {
            let value = state(aggregate).count;
            format!("{} is {value}, needs {}", Head(rule), bound(*is))
        }
        (Rule::Sum { is, .. }, Node::Measure { aggregate, .. }) => {
            let value = state(aggregate).sum;
            format!("{} is {value}, needs {}", Head(rule), bound(*is))
        }
        (Rule::Average { is, .. }, Node::Measure { aggregate, .. }) => {
            let (sum, numbers) = (state(aggregate).sum, state(aggregate).numbers);
            let value = match numbers {
                0 => "has no numbers".to_owned(),
                _ => format!("is {sum} over {numbers}"),
            };
            format!("{} {value}, needs {}", Head(rule), bound(*is))
        }
        (
            Rule::First { is, .. } | Rule::Last { is, .. },
            Node::Occurred { first, aggregate, .. },
        ) => {
            let state = state(aggregate);
            let value = match if *first { state.first() } else { state.last } {
                Some(at) => format!("was at {at}"),
                None => "has not happened".to_owned(),
            };
            format!("{} {value}, needs to be {}", Head(rule), date(is, facts))
        }
        (
            _,
            Node::Number { aggregate, .. }
            | Node::Value { aggregate, .. }
            | Node::Sequence { aggregate },
        ) => kept(rule, &compiled.aggregates[*aggregate], facts),
        _ => String::new(),
    }
}

/// What an uploaded list says of the profile.
fn listed(rule: &Rule, facts: &Facts<'_>) -> String {
    match rule {
        Rule::List(name) => match list::is_on(facts.lists, name, facts.now) {
            (false, _) => format!("the profile is not on list `{name}`"),
            (true, None) => format!("the profile is on list `{name}`"),
            (true, Some(until)) => format!("the profile is on list `{name}` until {until}"),
        },
        Rule::Listed { list, path, is } => {
            let member = list::said(facts.lists, list, facts.now);
            let value = member.and_then(|member| find(&member.payload, path));
            format!("list {}.{path} {}", Quoted(list), told(value, is, facts))
        }
        _ => String::new(),
    }
}

/// Who the profile is, and what policy says of it.
fn stands(rule: &Rule, facts: &Facts<'_>) -> String {
    let Some(standing) = facts.standing else { return "nobody is known here".to_owned() };
    match rule {
        Rule::Bucket { name, of, is } => {
            let bucket = standing.bucket(name, *of);
            format!("the profile is in bucket {bucket} of {of}, needs {}", bound(*is))
        }
        Rule::Reachable { channel, topic } => {
            match reachable(&standing, *channel, topic.as_deref()) {
                Ok(()) => format!("the profile is reachable by {channel}"),
                Err(reason) => reason.to_string(),
            }
        }
        Rule::Consent(purpose) => match allows(standing.topics, standing.head, purpose) {
            Ok(()) => format!("the profile allows `{purpose}`"),
            Err(reason) => reason.to_string(),
        },
        _ => String::new(),
    }
}

/// What a tally says.
fn kept(rule: &Rule, aggregate: &Aggregate, facts: &Facts<'_>) -> String {
    let head = Head(rule);
    match (rule, read(aggregate, facts).0) {
        (Rule::Min { is, .. } | Rule::Max { is, .. }, Reading::Number(number)) => {
            let value = number.map_or("has no numbers".to_owned(), |number| format!("is {number}"));
            format!("{head} {value}, needs {}", bound(*is))
        }
        (Rule::Distinct { is, .. }, Reading::Number(count)) => {
            let count = count.unwrap_or_default();
            let many = count > Decimal::from(DISTINCT_MAX as i64);
            let value = if many { format!("more than {DISTINCT_MAX}") } else { count.to_string() };
            format!("{head} is {value}, needs {}", bound(*is))
        }
        (
            Rule::MostFrequent { is, .. }
            | Rule::FirstValue { is, .. }
            | Rule::LastValue { is, .. },
            Reading::Value(value),
        ) => format!("{head} {}", told(value.as_ref(), is, facts)),
        (_, Reading::TooMany) => format!(
            "{head} has more than {FREQUENT_MAX} different values and so no most frequent one: no \
             comparison holds"
        ),
        (_, Reading::Happened(happened)) => {
            let tally = facts.tallies.get(&aggregate.id);
            let crowded =
                tally.is_some_and(|tally| tally.is_crowded(aggregate, facts.now, facts.calendar));
            let word = if happened { "happened" } else { "has not happened" };
            let note = if crowded {
                format!(" (only the newest {SEQUENCE_EVENTS_MAX} events are looked at)")
            } else {
                String::new()
            };
            format!("the sequence {word}{note}, needs to")
        }
        _ => String::new(),
    }
}

fn bound(is: Bound) -> String {
    format!("{} {}", relation(is.op), is.to)
}

fn relation(op: Op) -> &'static str {
    match op {
        Op::Equal => "exactly",
        Op::Different => "other than",
        Op::Less => "less than",
        Op::AtMost => "at most",
        Op::More => "more than",
        Op::AtLeast => "at least",
    }
}

fn told(value: Option<&Value>, is: &Test, facts: &Facts<'_>) -> String {
    let needs = needs(is, facts);
    let Some(value) = value.filter(|value| **value != Value::Null) else {
        return format!("is not set, needs {needs}");
    };
    let shown = shown(value);
    match mismatch(value, is) {
        Some(wanted) => {
            format!("is {shown}, a {}, and is not compared: needs {wanted}", value.type_name())
        }
        None => format!("is {shown}, needs {needs}"),
    }
}

/// A value, cut where it becomes unreadable.
fn shown(value: &Value) -> String {
    const CHARS_MAX: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The type that the test wanted, if the value is of another one.
fn mismatch(value: &Value, is: &Test) -> Option<String> {
    let fits = |literal: &Literal| literal.same_type(value);
    match is {
        Test::Exists | Test::Missing => None,
        Test::Compare { to, .. } => (!fits(to)).then(|| format!("a {}", to.type_name())),
        Test::Contains(Literal::String(_)) => {
            let fits = matches!(value, Value::String(_) | Value::Array(_));
            (!fits).then(|| "a string or an array".to_owned())
        }
        Test::Contains(_) => (!matches!(value, Value::Array(_))).then(|| "an array".to_owned()),
        Test::StartsWith(_) | Test::EndsWith(_) => {
            value.as_str().is_none().then(|| "a string".to_owned())
        }
        Test::In(literals) | Test::NotIn(literals) => {
            let wanted = || literals.first().map_or("value", Literal::type_name);
            (!literals.iter().any(fits)).then(|| format!("a {}", wanted()))
        }
        Test::Date(_) => {
            let wanted = "a date such as \"2026-11-24\" or an RFC 3339 time";
            instant(value).is_none().then(|| wanted.to_owned())
        }
        Test::Any(_) | Test::All(_) | Test::No(_) | Test::Size(_) => {
            (!matches!(value, Value::Array(_))).then(|| "an array".to_owned())
        }
        Test::Ignoring { test, .. } => mismatch(value, test),
        Test::Version { .. } => {
            let fits = value.as_str().is_some_and(|text| semver::Version::parse(text).is_ok());
            (!fits).then(|| "a version such as \"2.10.0\"".to_owned())
        }
        Test::Money { currency, .. } => {
            let found = value.at(["currency"]).and_then(Value::as_str);
            let fits =
                matches!(value.at(["amount"]), Some(Value::Number(_))) && found == Some(currency);
            (!fits).then(|| format!("an `amount` and the `currency` {currency}"))
        }
        Test::Anniversary(_) => {
            let fits = instant(value).is_some();
            (!fits).then(|| "a date such as \"2026-11-24\"".to_owned())
        }
    }
}

fn needs(is: &Test, facts: &Facts<'_>) -> String {
    match is {
        Test::Exists => "any value".to_owned(),
        Test::Missing => "no value".to_owned(),
        Test::Compare { op, to } => format!("{} {to}", relation(*op)),
        Test::In(_) => is.to_string().replacen("in (", "one of (", 1),
        Test::NotIn(_) => is.to_string().replacen("not in (", "none of (", 1),
        Test::Contains(literal) => format!("to contain {literal}"),
        Test::StartsWith(text) => format!("to start with {}", crate::segment::print::Quoted(text)),
        Test::EndsWith(text) => format!("to end with {}", crate::segment::print::Quoted(text)),
        Test::Date(test) => format!("to be {}", date(test, facts)),
        Test::Any(filter) => format!("an element for which {filter}"),
        Test::All(filter) => format!("that for every element {filter}"),
        Test::No(filter) => format!("no element for which {filter}"),
        Test::Size(is) => format!("{} elements", bound(*is)),
        Test::Ignoring { what, test } => format!("{} ignoring {what}", needs(test, facts)),
        Test::Version { op, to } => format!("{} version {}", relation(*op), to.0),
        Test::Money { op, amount, currency } => {
            format!("{} {amount} {currency}", relation(*op))
        }
        Test::Anniversary(is) => format!(
            "the same day in another year to be {} ({} there)",
            is.to_string().trim_start_matches("is "),
            facts.calendar.date(facts.now),
        ),
    }
}

/// A date test with the instant that it means today.
fn date(test: &DateTest, facts: &Facts<'_>) -> String {
    let now = facts.now;
    let meant = match *test {
        DateTest::Before(moment) | DateTest::After(moment) => match moment {
            Moment::At(_) | Moment::Now => None,
            Moment::Ago(span) => Some(now.minus(span)),
            Moment::Ahead(span) => Some(now.plus(span)),
            // The span is added to the date, so no one instant stands for it.
            Moment::AgoUnits(_) | Moment::AheadUnits(_) => None,
        },
        DateTest::WithinLastUnits(_) | DateTest::WithinNextUnits(_) => None,
        DateTest::WithinLast(span) => Some(now.minus(span)),
        DateTest::WithinNext(span) => Some(now.plus(span)),
    };
    match (meant, test) {
        (None, _) => test.to_string(),
        (Some(at), DateTest::WithinLast(_)) => format!("{test} (after {at})"),
        (Some(at), DateTest::WithinNext(_)) => format!("{test} (until {at})"),
        (Some(at), _) => format!("{test} ({at})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Properties, TimelineRow};
    use crate::ids::EventId;
    use crate::profile::Attribute;
    use crate::segment::{compile, parse};

    const NOW: &str = "2026-11-24T12:00:00Z";

    /// Ana: two orders, one of them with a total that is no number.
    fn check(text: &str, expected: &str) {
        let now: Timestamp = NOW.parse().unwrap();
        let (compiled, _) = compile(parse(text).unwrap());
        let fields: Properties = serde_json::from_str(
            r#"{"plan": "free", "age": "42", "born": "2026-11-20", "address": {"city": "Vigo"}}"#,
        )
        .unwrap();
        let attribute = |(name, value)| (name, Attribute { value, at: now, event: EventId(1) });
        let attributes = fields.into_iter().map(attribute).collect();
        let row = |days: i64, properties: &str| TimelineRow {
            occurred_at: now.minus(crate::time::Duration::DAY.times(days)),
            event: EventId(days as u128),
            name: "order".to_owned(),
            properties: serde_json::from_str(properties).unwrap(),
        };
        let rows = [row(10, r#"{"total": 30.5}"#), row(40, r#"{"total": "12"}"#)];
        let state = |aggregate: &crate::segment::Aggregate| {
            (aggregate.id, Arc::new(AggregateState::rebuild(aggregate, now, rows.iter())))
        };
        let aggregates = compiled.aggregates.iter().map(state).collect();
        let calendar = crate::segment::Calendar::default();
        let tally = |aggregate: &crate::segment::Aggregate| {
            let tally = crate::segment::Tally::rebuild(aggregate, now, &calendar, rows.iter());
            tally.map(|tally| (aggregate.id, Arc::new(tally)))
        };
        let tallies = compiled.aggregates.iter().filter_map(tally).collect();
        let segments = BTreeSet::from(["vip".to_owned()]);
        let facts = Facts {
            lists: None,
            attributes: &attributes,
            aggregates: &aggregates,
            tallies: &tallies,
            calendar: &calendar,
            standing: None,
            segments: &segments,
            event: None,
            now,
        };
        let told = explain(&compiled, &facts);
        let word = if told.inside { "yes" } else { "no" };
        assert_eq!(format!("{word}: {}", told.detail), expected, "{text}");
    }

    #[test]
    fn leaves_say_what_was_found_and_what_was_needed() {
        check("count(order, last 90d) >= 3", "no: count(order, last 90d) is 2, needs at least 3");
        check("sum(order.total) > 30", "yes: sum(order.total) is 30.5, needs more than 30");
        check(
            "average(order.total) = 30.5",
            "yes: average(order.total) is 30.5 over 1, needs exactly 30.5",
        );
        check("average(order.x) < 1", "no: average(order.x) has no numbers, needs less than 1");
        check(
            "last(order) before now - 20d",
            "no: last(order) was at 2026-11-14T12:00:00Z, \
             needs to be before now - 20d (2026-11-04T12:00:00Z)",
        );
        check(
            "first(visit) after now - 1d",
            "no: first(visit) has not happened, \
             needs to be after now - 1d (2026-11-23T12:00:00Z)",
        );
        check(
            "address.city = \"Madrid\"",
            "no: address.city is \"Vigo\", needs exactly \"Madrid\"",
        );
        check(
            "plan in (\"pro\", \"team\")",
            "no: plan is \"free\", needs one of (\"pro\", \"team\")",
        );
        check("plan != \"pro\"", "yes: plan is \"free\", needs other than \"pro\"");
        check("age >= 18", "no: age is \"42\", a string, and is not compared: needs a number");
        check("email != \"x\"", "no: email is not set, needs other than \"x\"");
        check("email not exists", "yes: email is not set, needs no value");
        check(
            "born within last 7d",
            "yes: born is \"2026-11-20\", \
             needs to be within last 7d (after 2026-11-17T12:00:00Z)",
        );
        check("min(order.total) < 30", "no: min(order.total) is 30.5, needs less than 30");
        check("max(order.x) < 30", "no: max(order.x) has no numbers, needs less than 30");
        check("distinct(order.total) = 2", "yes: distinct(order.total) is 2, needs exactly 2");
        check(
            "last value(order.total) = \"12\"",
            "no: last value(order.total) is 30.5, a number, and is not compared: needs a string",
        );
        check(
            "most frequent(order.total, this month) > 30",
            "yes: most frequent(order.total, this month) is 30.5, needs more than 30",
        );
        check("sequence(order, then not order within 1w)", "yes: the sequence happened, needs to");
        check("bucket(\"x\", 10) < 5", "no: nobody is known here");
        check(
            "messages(sent, template \"a\") = 0",
            "yes: messages(sent, template \"a\") is 0, needs exactly 0",
        );
        check(
            "plan = \"FREE\" ignoring case",
            "yes: plan is \"free\", needs exactly \"FREE\" ignoring case",
        );
        check(
            "size(plan) > 1",
            "no: plan is \"free\", a string, and is not compared: needs an array",
        );
        check(
            "anniversary of born within next 7d",
            "no: born is \"2026-11-20\", needs the same day in another year to be within next 7d \
             (2026-11-24 there)",
        );
        check("computed.x > 1", "no: computed.x is not set, needs more than 1");
        check("in segment \"vip\"", "yes: the profile is in segment `vip`");
        check("event.total > 1", "no: event.total is not set, needs more than 1");
        check("plan exists and age exists and x exists", "no: 2 of 3 hold, needs all");
        check("not plan = \"pro\"", "yes: the part does not hold, needs it not to");
    }
}
