//! What a rule is: the tree that text and JSON both describe.

mod messages;
mod test;
pub(crate) mod written;

pub use messages::{MessageFilter, MessageState, Messages};
pub use test::{Anniversary, DateTest, Ignore, Moment, Release, Test, Units};

use super::names::Path;
use crate::decimal::Decimal;
use crate::message::Channel;
use crate::prelude::*;
use crate::time::{Duration, Timestamp};
use crate::value::Value;
use core::cmp::Ordering;
use serde::{Deserialize, Serialize};

/// A question about one profile that has a yes or a no.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rule {
    /// Every one holds: `a and b`. At least two, or [`super::compile`] unwraps or refuses it.
    And(Vec<Rule>),
    /// At least one holds: `a or b`.
    Or(Vec<Rule>),
    /// It does not hold: `not a`.
    Not(Box<Rule>),
    /// An attribute of the profile: `address.city = "Madrid"`.
    Attribute {
        /// Which one.
        path: Path,
        /// What must be true of it.
        is: Test,
    },
    /// A property of the event that started or moves a journey: `event.total > 100`.
    Event {
        /// Which one.
        path: Path,
        /// What must be true of it.
        is: Test,
    },
    /// How many events: `count(order_completed, last 90d) >= 3`.
    Count {
        /// Which events.
        of: Selection,
        /// How many there must be.
        is: Bound,
    },
    /// A property added up: `sum(order_completed.total, last 90d) > 500`. Of nothing it is 0.
    Sum {
        /// Which events.
        of: Selection,
        /// The property.
        property: Path,
        /// What it must add up to.
        is: Bound,
    },
    /// A property's mean: `average(order_completed.total) >= 40`. Of nothing there is none.
    Average {
        /// Which events.
        of: Selection,
        /// The property.
        property: Path,
        /// What the mean must be.
        is: Bound,
    },
    /// When it first happened: `first(signed_up) within last 7d`.
    First {
        /// Which events.
        of: Selection,
        /// When that must have been.
        is: DateTest,
    },
    /// When it last happened: `last(order_completed) before now - 60d`.
    Last {
        /// Which events.
        of: Selection,
        /// When that must have been.
        is: DateTest,
    },
    /// Membership of another segment: `in segment "vip"`.
    Segment(String),
    /// Membership of an uploaded list: `in list "vip"`.
    List(String),
    /// What an uploaded list says of the profile: `list "vip".tier = "gold"`.
    Listed {
        /// Which list.
        list: String,
        /// Which value of its payload.
        path: Path,
        /// What must be true of it.
        is: Test,
    },
    /// The smallest number of a property: `min(order_completed.total) < 5`. Of nothing there is
    /// none.
    Min {
        /// Which events.
        of: Selection,
        /// The property.
        property: Path,
        /// What it must be.
        is: Bound,
    },
    /// The largest number of a property.
    Max {
        /// Which events.
        of: Selection,
        /// The property.
        property: Path,
        /// What it must be.
        is: Bound,
    },
    /// How many different values a property has: `distinct(order_completed.category) >= 3`.
    Distinct {
        /// Which events.
        of: Selection,
        /// The property.
        property: Path,
        /// How many there must be.
        is: Bound,
    },
    /// The value that a property has most often: `most frequent(viewed.category) = "books"`. Of
    /// two that are as frequent the smaller one, by type and then by value.
    MostFrequent {
        /// Which events.
        of: Selection,
        /// The property.
        property: Path,
        /// What must be true of it.
        is: Test,
    },
    /// The property of the first event that has it: `first value(visited.source) = "ads"`.
    FirstValue {
        /// Which events.
        of: Selection,
        /// The property.
        property: Path,
        /// What must be true of it.
        is: Test,
    },
    /// The property of the last event that has it.
    LastValue {
        /// Which events.
        of: Selection,
        /// The property.
        property: Path,
        /// What must be true of it.
        is: Test,
    },
    /// Events one after the other: `sequence(viewed, then added within 1h, then not ordered within
    /// 2d, last 30d)`.
    Sequence {
        /// What must happen, in this order; the first is never negated.
        steps: Vec<Step>,
        /// When it must have happened.
        #[serde(default)]
        window: Window,
    },
    /// A share of all people, for ever the same: `bucket("spring-test", 100) < 10`.
    Bucket {
        /// What the share is drawn for: other names draw others.
        name: String,
        /// Into how many buckets people are put, from 0.
        of: u32,
        /// In which one.
        is: Bound,
    },
    /// Whether a message could go out: `reachable by sms for topic "news"`.
    Reachable {
        /// By which channel.
        channel: Channel,
        /// About which topic; none: consent is not asked.
        #[serde(default)]
        topic: Option<String>,
    },
    /// Whether a use of what is known is allowed: `consent("profiling")`.
    Consent(String),
    /// How many messages: `messages(opened, campaign "spring", last 30d) >= 1`.
    Messages {
        /// Which messages.
        of: Messages,
        /// How many there must be.
        is: Bound,
    },
}

/// One step of a sequence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// No such event, rather than one.
    #[serde(default)]
    pub not: bool,
    /// The event's name.
    pub event: String,
    /// What must be true of its properties.
    #[serde(rename = "where", default)]
    pub filter: Option<Filter>,
    /// How long after the step before at the most.
    #[serde(default, with = "optional_span")]
    pub within: Option<Duration>,
}

/// Which events an aggregate looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Selection {
    /// The events' name.
    pub event: String,
    /// What must be true of their properties.
    #[serde(rename = "where", default)]
    pub filter: Option<Filter>,
    /// When they must have happened.
    #[serde(default)]
    pub window: Window,
}

/// A stretch of time, or all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Window {
    /// Whenever it happened, as long as it is kept.
    #[default]
    All,
    /// `last 90d`: later than `now − 90d`. An event leaves at its time + 90d exactly.
    Last(#[serde(with = "span")] Duration),
    /// `today`, `this week`: the calendar unit that `now` lies in, by the profile's clock.
    This(Unit),
    /// `yesterday`, `last month`, `last 3 calendar weeks`: so many whole units before the one that
    /// `now` lies in, by the profile's clock.
    Past {
        /// How many.
        count: u16,
        /// Of what.
        unit: Unit,
    },
    /// `since "2026-01-01"`: not earlier.
    Since(Timestamp),
    /// `between "2026-01-01" and "2026-02-01"`: from the first to before the second.
    Between(Timestamp, Timestamp),
}

/// A stretch of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// From midnight to midnight.
    Day,
    /// From the first day of the week on.
    Week,
    /// From the first of a month on.
    Month,
    /// From the first of January, April, July or October on.
    Quarter,
    /// From the first of January on.
    Year,
}

impl Unit {
    /// Every unit, the shortest first.
    pub const ALL: [Unit; 5] = [Unit::Day, Unit::Week, Unit::Month, Unit::Quarter, Unit::Year];

    /// The word for one of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Quarter => "quarter",
            Unit::Year => "year",
        }
    }
}

impl Unit {
    /// The longest it can be, with an hour for a change of the clock.
    fn longest(self) -> Duration {
        let days = match self {
            Unit::Day => 1,
            Unit::Week => 7,
            Unit::Month => 31,
            Unit::Quarter => 92,
            Unit::Year => 366,
        };
        Duration(Duration::DAY.times(days).0 + Duration::HOUR.0)
    }
}

impl Window {
    /// How far it looks back from now at most; none where that grows as time goes by.
    pub fn reach(&self) -> Option<Duration> {
        match self {
            Window::All | Window::Since(_) | Window::Between(..) => None,
            Window::Last(span) => Some(*span),
            Window::This(unit) => Some(unit.longest()),
            Window::Past { count, unit } => Some(unit.longest().times(i64::from(*count) + 1)),
        }
    }

    /// Whether it is cut by the profile's calendar.
    pub fn is_calendar(self) -> bool {
        matches!(self, Window::This(_) | Window::Past { .. })
    }

    /// Whether it moves with `now`.
    pub fn moves(self) -> bool {
        match self {
            Window::All | Window::Since(_) | Window::Between(..) => false,
            Window::Last(_) | Window::This(_) | Window::Past { .. } => true,
        }
    }
}

/// What must be true of an event's properties. Never depends on the clock, or an aggregate would
/// have to be counted again as time goes by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Filter {
    /// Every one holds.
    And(Vec<Filter>),
    /// At least one holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A property: `total > 50`.
    Property {
        /// Which one.
        path: Path,
        /// What must be true of it.
        is: Test,
    },
}

/// How two values relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    Different,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// What a count, a sum or an average must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// How they must relate.
    pub op: Op,
    /// To what number.
    pub to: Decimal,
}

/// A value that a rule names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// An exact number.
    Number(Decimal),
    /// Text.
    String(String),
}

impl Rule {
    /// The word, the selection and the property of a condition about events; none elsewhere.
    pub(super) fn measured(&self) -> Option<(&'static str, &Selection, Option<&Path>)> {
        Some(match self {
            Rule::Count { of, .. } => ("count", of, None),
            Rule::Sum { of, property, .. } => ("sum", of, Some(property)),
            Rule::Average { of, property, .. } => ("average", of, Some(property)),
            Rule::First { of, .. } => ("first", of, None),
            Rule::Last { of, .. } => ("last", of, None),
            Rule::Min { of, property, .. } => ("min", of, Some(property)),
            Rule::Max { of, property, .. } => ("max", of, Some(property)),
            Rule::Distinct { of, property, .. } => ("distinct", of, Some(property)),
            Rule::MostFrequent { of, property, .. } => ("most frequent", of, Some(property)),
            Rule::FirstValue { of, property, .. } => ("first value", of, Some(property)),
            Rule::LastValue { of, property, .. } => ("last value", of, Some(property)),
            Rule::And(_)
            | Rule::Or(_)
            | Rule::Not(_)
            | Rule::Attribute { .. }
            | Rule::Event { .. }
            | Rule::Segment(_)
            | Rule::List(_)
            | Rule::Listed { .. }
            | Rule::Sequence { .. }
            | Rule::Bucket { .. }
            | Rule::Reachable { .. }
            | Rule::Consent(_)
            | Rule::Messages { .. } => return None,
        })
    }

    /// The test of a condition that has one.
    pub(super) fn test_mut(&mut self) -> Option<&mut Test> {
        match self {
            Rule::Attribute { is, .. }
            | Rule::Event { is, .. }
            | Rule::Listed { is, .. }
            | Rule::MostFrequent { is, .. }
            | Rule::FirstValue { is, .. }
            | Rule::LastValue { is, .. } => Some(is),
            _ => None,
        }
    }

    /// The same selection, to be changed.
    pub(super) fn selection_mut(&mut self) -> Option<&mut Selection> {
        match self {
            Rule::Count { of, .. }
            | Rule::Sum { of, .. }
            | Rule::Average { of, .. }
            | Rule::First { of, .. }
            | Rule::Last { of, .. }
            | Rule::Min { of, .. }
            | Rule::Max { of, .. }
            | Rule::Distinct { of, .. }
            | Rule::MostFrequent { of, .. }
            | Rule::FirstValue { of, .. }
            | Rule::LastValue { of, .. } => Some(of),
            Rule::And(_)
            | Rule::Or(_)
            | Rule::Not(_)
            | Rule::Attribute { .. }
            | Rule::Event { .. }
            | Rule::Segment(_)
            | Rule::List(_)
            | Rule::Listed { .. }
            | Rule::Sequence { .. }
            | Rule::Bucket { .. }
            | Rule::Reachable { .. }
            | Rule::Consent(_)
            | Rule::Messages { .. } => None,
        }
    }
}

impl Op {
    /// Whether the operator asks for order rather than for equality.
    pub fn orders(self) -> bool {
        !matches!(self, Op::Equal | Op::Different)
    }

    /// Whether `left op right` holds.
    pub fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        self.orders_as(left.cmp(right))
    }

    /// Whether `left op right` holds for two that stand in this order.
    pub fn orders_as(self, order: Ordering) -> bool {
        match self {
            Op::Equal => order.is_eq(),
            Op::Different => order.is_ne(),
            Op::Less => order.is_lt(),
            Op::AtMost => order.is_le(),
            Op::More => order.is_gt(),
            Op::AtLeast => order.is_ge(),
        }
    }
}

impl Literal {
    /// Whether a value is of this literal's type and equal to it.
    pub fn equals(&self, value: &Value) -> bool {
        match (self, value) {
            (Literal::Bool(a), Value::Bool(b)) => a == b,
            (Literal::Number(a), Value::Number(b)) => a == b,
            (Literal::String(a), Value::String(b)) => a == b,
            _ => false,
        }
    }

    /// Whether a value is of this literal's type.
    pub fn same_type(&self, value: &Value) -> bool {
        self.type_name() == value.type_name()
    }

    /// The word for this literal's type in diagnostics, as [`Value::type_name`] has it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Literal::Bool(_) => "boolean",
            Literal::Number(_) => "number",
            Literal::String(_) => "string",
        }
    }
}

impl From<Literal> for Value {
    fn from(literal: Literal) -> Value {
        match literal {
            Literal::Bool(truth) => Value::Bool(truth),
            Literal::Number(number) => Value::Number(number),
            Literal::String(text) => Value::String(text),
        }
    }
}

impl TryFrom<Value> for Literal {
    type Error = String;
    fn try_from(value: Value) -> Result<Literal, String> {
        match value {
            Value::Bool(truth) => Ok(Literal::Bool(truth)),
            Value::Number(number) => Ok(Literal::Number(number)),
            Value::String(text) => Ok(Literal::String(text)),
            other => {
                Err(format!("expected a text, a number or a truth, not {}", other.type_name()))
            }
        }
    }
}

/// A span as people write it (`90d`) in JSON, as milliseconds in storage.
mod span {
    use super::*;
    use serde::{Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(span)
        } else {
            span.serialize(serializer)
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
        } else {
            Duration::deserialize(deserializer)
        }
    }
}

/// The same, where there may be none.
mod optional_span {
    use super::*;
    use serde::{Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(
        span: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            span.map(|span| span.to_string()).serialize(serializer)
        } else {
            span.serialize(serializer)
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        if deserializer.is_human_readable() {
            let text = Option::<String>::deserialize(deserializer)?;
            text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
        } else {
            Option::<Duration>::deserialize(deserializer)
        }
    }
}
