//! Whether a profile is inside, and until when that holds.

pub(super) mod explain;
pub(super) mod judge;

use super::aggregate::{Aggregate, AggregateId, AggregateState, Measure};
use super::calendar::Calendar;
use super::compile::{Compiled, Function, Node};
use super::computed::Asked;
use super::definition::{Bound, DateTest, Op};
use super::judge::{Clock, average_holds, judge, judge_date};
use super::names::Path;
use super::tally::{Reading, Tallies};
use crate::catalog::Topic;
use crate::decimal::Decimal;
use crate::device::Devices;
use crate::event::Properties;
use crate::identity::Namespaces;
use crate::ids::hash64;
use crate::list::{self, Lists};
use crate::policy::{Policy, allows, permit::reachable};
use crate::prelude::*;
use crate::profile::{Attributes, Head};
use crate::time::Timestamp;
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// What an evaluation may look at.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The profile's attributes.
    pub attributes: &'a Attributes,
    /// Its aggregates, expired up to `now` ([`AggregateState::needs`] is none). One that is absent
    /// has no events.
    pub aggregates: &'a BTreeMap<AggregateId, Arc<AggregateState>>,
    /// Its tallies, as of `now` ([`super::Tally::needs`] is none). One that is absent has no
    /// events.
    pub tallies: &'a Tallies,
    /// The days of the profile.
    pub calendar: &'a Calendar,
    /// The names of the segments that it is in, evaluated before, in the order of
    /// [`super::order`].
    pub segments: &'a BTreeSet<String>,
    /// What uploaded lists say of it.
    pub lists: Option<&'a Lists>,
    /// Who the profile is and what policy says of it; without, nobody is in a bucket or reachable.
    pub standing: Option<Standing<'a>>,
    /// The properties of the event that started or moves the journey, for a journey's conditions.
    pub event: Option<&'a Properties>,
    /// The instant of the question.
    pub now: Timestamp,
}

/// Who a profile is, and what the workspace says of messages to it.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    /// The profile.
    pub head: &'a Head,
    /// What it can be pushed to; empty where nobody asks.
    pub devices: &'a Devices,
    /// What the workspace allows.
    pub policy: &'a Policy,
    /// Its topics.
    pub topics: &'a BTreeMap<String, Topic>,
    /// Its kinds of names: an address is one in its canonical form.
    pub namespaces: &'a Namespaces,
}

impl Standing<'_> {
    /// In which of so many buckets the profile is: for ever the same.
    pub(super) fn bucket(&self, name: &str, of: u32) -> u64 {
        let id = self.head.id().0.to_be_bytes();
        hash64(&[b"bucket", name.as_bytes(), &id]) % u64::from(of.max(1))
    }
}

impl<'a> Facts<'a> {
    pub(super) fn clock(&self) -> Clock<'a> {
        Clock { now: self.now, calendar: self.calendar }
    }
}

/// A yes or no and how long it is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Whether the rule holds.
    pub inside: bool,
    /// The earliest instant at which it could change by time alone: never later than it does.
    /// None: never. Events, attributes and other segments change it at any time.
    pub until: Option<Timestamp>,
}

impl Answer {
    /// An answer that time does not change.
    pub(super) fn always(inside: bool) -> Answer {
        Answer { inside, until: None }
    }
}

/// Evaluates a rule.
pub fn evaluate(compiled: &Compiled, facts: &Facts<'_>) -> Answer {
    answer(&compiled.node, compiled, facts)
}

pub(super) fn answer(node: &Node, compiled: &Compiled, facts: &Facts<'_>) -> Answer {
    match node {
        Node::And(parts) => group(parts, true, compiled, facts),
        Node::Or(parts) => group(parts, false, compiled, facts),
        Node::Not(part) => {
            let Answer { inside, until } = answer(part, compiled, facts);
            Answer { inside: !inside, until }
        }
        Node::Attribute(path, test) => judge(test, attribute(facts, path), facts.clock()),
        Node::Event(path, test) => {
            judge(test, facts.event.and_then(|event| find(event, path)), facts.clock())
        }
        Node::Segment(name) => Answer::always(facts.segments.contains(name)),
        Node::List(name) => {
            let (inside, until) = list::is_on(facts.lists, name, facts.now);
            Answer { inside, until }
        }
        Node::Listed { list, path, is } => {
            let member = list::said(facts.lists, list, facts.now);
            let value = member.and_then(|member| find(&member.payload, path));
            let answer = judge(is, value, facts.clock());
            // At the end of what is said something older may be what is said.
            let ends = member.and_then(|member| member.expires);
            Answer { inside: answer.inside, until: earlier(answer.until, ends) }
        }
        Node::Measure { function, aggregate, is } => {
            measure(*function, &compiled.aggregates[*aggregate], *is, facts)
        }
        Node::Occurred { first, aggregate, is } => {
            occurred(*first, &compiled.aggregates[*aggregate], is, facts)
        }
        Node::Number { aggregate, is } => {
            let (reading, until) = read(&compiled.aggregates[*aggregate], facts);
            let inside = match reading {
                Reading::Number(number) => number.is_some_and(|n| is.op.holds(&n, &is.to)),
                _ => false,
            };
            Answer { inside, until }
        }
        Node::Value { aggregate, is } => {
            let (reading, until) = read(&compiled.aggregates[*aggregate], facts);
            let value = match &reading {
                Reading::Value(value) => value.as_ref(),
                _ => None,
            };
            // Among too many values no comparison holds, not even that there is none.
            let known = !matches!(reading, Reading::TooMany);
            let answer = judge(is, value, facts.clock());
            Answer { inside: known && answer.inside, until: earlier(answer.until, until) }
        }
        Node::Sequence { aggregate } => {
            let (reading, until) = read(&compiled.aggregates[*aggregate], facts);
            Answer { inside: matches!(reading, Reading::Happened(true)), until }
        }
        Node::Computed { asked, path, is } => {
            let (value, until) = computed(*asked, compiled, facts);
            let inner = value.as_ref().and_then(|value| value.at(path.names().skip(2)));
            let answer = judge(is, inner, facts.clock());
            Answer { inside: answer.inside, until: earlier(answer.until, until) }
        }
        Node::Bucket { .. } | Node::Reachable { .. } | Node::Consent(_) => {
            Answer::always(facts.standing.is_some_and(|standing| stands(node, &standing)))
        }
        Node::Never => Answer::always(false),
    }
}

/// What is true of who the profile is.
fn stands(node: &Node, standing: &Standing<'_>) -> bool {
    match node {
        Node::Bucket { name, of, is } => is.op.holds(&whole(standing.bucket(name, *of)), &is.to),
        Node::Reachable { channel, topic } => {
            reachable(standing, *channel, topic.as_deref()).is_ok()
        }
        Node::Consent(purpose) => allows(standing.topics, standing.head, purpose).is_ok(),
        // Only those above lead here.
        _ => false,
    }
}

/// All (`neutral` true) or any (`neutral` false). The parts that decide are those that differ from
/// the neutral answer: the group changes no earlier than the last of them. If there is none, it
/// changes no earlier than the first of all.
fn group(parts: &[Node], neutral: bool, compiled: &Compiled, facts: &Facts<'_>) -> Answer {
    let mut agreed = None;
    let mut decided: Option<Timestamp> = None;
    for part in parts {
        let Answer { inside, until } = answer(part, compiled, facts);
        if inside == neutral {
            agreed = earlier(agreed, until);
            continue;
        }
        let Some(until) = until else { return Answer::always(!neutral) };
        decided = decided.max(Some(until));
    }
    match decided {
        Some(until) => Answer { inside: !neutral, until: Some(until) },
        None => Answer { inside: neutral, until: agreed },
    }
}

pub(super) fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The value of a computed attribute.
pub(super) fn computed(
    asked: Option<(Asked, usize)>,
    compiled: &Compiled,
    facts: &Facts<'_>,
) -> (Option<Value>, Option<Timestamp>) {
    let Some((asked, aggregate)) = asked else { return (None, None) };
    super::computed::value(asked, &compiled.aggregates[aggregate], facts)
}

/// What a tally says; what is said without one is said without events.
pub(super) fn read<'f>(
    aggregate: &Aggregate,
    facts: &Facts<'f>,
) -> (Reading<'f>, Option<Timestamp>) {
    match facts.tallies.get(&aggregate.id) {
        Some(tally) => tally.read(aggregate, facts.now, facts.calendar),
        None => {
            let reading = match aggregate.measure {
                Measure::Distinct => Reading::Number(Some(Decimal::ZERO)),
                Measure::Min | Measure::Max => Reading::Number(None),
                Measure::MostFrequent | Measure::FirstValue | Measure::LastValue => {
                    Reading::Value(None)
                }
                Measure::Totals | Measure::Sequence(_) => Reading::Happened(false),
            };
            (reading, None)
        }
    }
}

/// A running total, and when time alone changes the one of a window that the calendar cuts.
pub(super) fn totals<'f>(
    aggregate: &Aggregate,
    facts: &Facts<'f>,
) -> (Option<&'f AggregateState>, Option<Timestamp>) {
    if aggregate.is_running() {
        return (facts.aggregates.get(&aggregate.id).map(|state| &**state), None);
    }
    match read(aggregate, facts) {
        (Reading::Totals(state), until) => (Some(state), until),
        (_, until) => (None, until),
    }
}

fn measure(function: Function, aggregate: &Aggregate, is: Bound, facts: &Facts<'_>) -> Answer {
    let (state, moves) = totals(aggregate, facts);
    let empty = AggregateState::default();
    let state = state.unwrap_or(&empty);
    let inside = match function {
        Function::Count => is.op.holds(&whole(state.count), &is.to),
        Function::Sum => is.op.holds(&state.sum, &is.to),
        Function::Average => average_holds(is, state.sum, state.numbers),
    };
    let until = match function {
        Function::Count => count_until(is, aggregate, state, inside),
        Function::Sum | Function::Average => state.until(aggregate),
    };
    Answer { inside, until: earlier(until, moves) }
}

fn occurred(first: bool, aggregate: &Aggregate, is: &DateTest, facts: &Facts<'_>) -> Answer {
    let (state, moves) = totals(aggregate, facts);
    let at = state.and_then(|state| if first { state.first() } else { state.last });
    let Some(at) = at else { return Answer { inside: false, until: moves } };
    let Answer { inside, until } = judge_date(is, at, facts.clock());
    let leaves = state
        .and_then(|state| if first { state.until(aggregate) } else { state.empties(aggregate) });
    Answer { inside, until: earlier(until, earlier(leaves, moves)) }
}

pub(super) fn whole(count: u64) -> Decimal {
    Decimal::from(1).times(count)
}

/// Time alone only lowers a count, one event after the other; so most answers hold longer than
/// until the next event leaves.
fn count_until(
    is: Bound,
    aggregate: &Aggregate,
    state: &AggregateState,
    inside: bool,
) -> Option<Timestamp> {
    let count = whole(state.count);
    let one = Decimal::from(1);
    // Down to none every value of the count gives the same answer.
    let settled = match is.op {
        Op::More | Op::AtLeast => !inside,
        Op::Less | Op::AtMost => inside,
        Op::Equal | Op::Different => count < is.to,
    };
    // Only "none left" gives another answer.
    let only_none = match is.op {
        Op::AtLeast => is.to <= one && is.to > Decimal::ZERO,
        Op::More => is.to < one && is.to >= Decimal::ZERO,
        Op::Less => is.to <= one && is.to > Decimal::ZERO,
        Op::AtMost => is.to < one && is.to >= Decimal::ZERO,
        Op::Equal | Op::Different => is.to == Decimal::ZERO,
    };
    if settled {
        None
    } else if only_none {
        state.empties(aggregate)
    } else {
        state.until(aggregate)
    }
}

/// The value of an attribute; a removed one is null.
pub(super) fn attribute<'a>(facts: &Facts<'a>, path: &Path) -> Option<&'a Value> {
    let mut names = path.names();
    let attribute = facts.attributes.get(names.next()?)?;
    attribute.value.at(names)
}

/// The value of a property.
pub(super) fn find<'p>(properties: &'p Properties, path: &Path) -> Option<&'p Value> {
    let mut names = path.names();
    properties.get(names.next()?)?.at(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::TimelineRow;
    use crate::ids::EventId;
    use crate::segment::{compile, parse};

    /// Three events of 1, 4 and 9 hours ago; the answer and in how many hours it may change.
    fn check(text: &str, inside: bool, hours: Option<i64>) {
        const HOUR: i64 = 3_600_000;
        let now = Timestamp(1_000 * HOUR);
        let (compiled, _) = compile(parse(text).unwrap());
        let rows = [1, 4, 9].map(|hours| TimelineRow {
            occurred_at: Timestamp(now.0 - hours * HOUR),
            event: EventId(hours as u128),
            name: "a".to_owned(),
            properties: Properties::from([("n".to_owned(), Value::from(hours))]),
        });
        let state = |aggregate: &Aggregate| {
            (aggregate.id, Arc::new(AggregateState::rebuild(aggregate, now, rows.iter())))
        };
        let facts = Facts {
            attributes: &Attributes::new(),
            aggregates: &compiled.aggregates.iter().map(state).collect(),
            tallies: &Tallies::new(),
            calendar: &Calendar::default(),
            standing: None,
            segments: &BTreeSet::new(),
            lists: None,
            event: None,
            now,
        };
        let answer = evaluate(&compiled, &facts);
        let until = answer.until.map(|until| (until.0 - now.0) / HOUR);
        assert_eq!((answer.inside, until), (inside, hours), "{text}");
    }

    #[test]
    fn an_answer_holds_as_long_as_it_can() {
        check("count(a) >= 3", true, None);
        check("count(a, last 9h) >= 3", false, None);
        check("count(a, last 10h) >= 3", true, Some(1));
        check("count(a, last 10h) >= 1", true, Some(9));
        check("count(a, last 10h) = 0", false, Some(9));
        check("count(a, last 10h) = 2", false, Some(1));
        check("count(a, last 10h) = 4", false, None);
        check("count(a, last 10h) < 4", true, None);
        check("count(a, last 10h) < 3", false, Some(1));
        check("sum(a.n, last 10h) = 14", true, Some(1));
        check("average(a.n, last 5h) < 2.5", false, Some(1));
        check("average(a.n, last 5h) = 2.5", true, Some(1));
        check("last(a) before now - 2h", false, Some(1));
        check("last(a) within last 3h", true, Some(2));
        check("first(a, last 5h) within last 4h", false, Some(1));
    }

    #[test]
    fn a_group_waits_for_the_part_that_decides() {
        // Of two false parts the later one keeps the whole false.
        check("count(a, last 10h) = 0 and count(a, last 5h) = 0", false, Some(9));
        check("count(a, last 10h) = 0 and x exists", false, None);
        check("count(a, last 10h) >= 1 and count(a, last 5h) >= 2", true, Some(1));
        check("count(a, last 10h) >= 1 or count(a, last 5h) >= 2", true, Some(9));
        check("count(a, last 10h) >= 1 or x not exists", true, None);
        check("not (count(a, last 10h) >= 1 or x exists)", false, Some(9));
    }
}
