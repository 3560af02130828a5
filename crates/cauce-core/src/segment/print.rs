//! The canonical text of a rule: what [`super::parse`] reads back as the same rule.

use super::definition::{
    Anniversary, Bound, DateTest, Filter, Ignore, Literal, Messages, Moment, Op, Rule, Selection,
    Step, Test, Unit, Units, Window,
};
use super::names::{Name, Path};
use crate::prelude::*;
use core::fmt::{self, Display, Formatter, Result};

/// How tightly a node holds together: a looser one inside a tighter one needs parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    Or,
    And,
    Not,
    Leaf,
}

trait Grouped: Display {
    fn hold(&self) -> Hold;
}

fn joined<T: Grouped>(f: &mut Formatter<'_>, parts: &[T], word: &str, hold: Hold) -> Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            write!(f, " {word} ")?;
        }
        // A group of the same kind keeps its own parentheses: it is a node of its own.
        wrapped(f, part, part.hold() <= hold)?;
    }
    Ok(())
}

fn wrapped(f: &mut Formatter<'_>, part: &dyn Display, parentheses: bool) -> Result {
    if parentheses { write!(f, "({part})") } else { write!(f, "{part}") }
}

impl Grouped for Rule {
    fn hold(&self) -> Hold {
        match self {
            Rule::Or(_) => Hold::Or,
            Rule::And(_) => Hold::And,
            Rule::Not(_) => Hold::Not,
            Rule::Attribute { .. }
            | Rule::Event { .. }
            | Rule::Count { .. }
            | Rule::Sum { .. }
            | Rule::Average { .. }
            | Rule::First { .. }
            | Rule::Last { .. }
            | Rule::Segment(_)
            | Rule::List(_)
            | Rule::Listed { .. }
            | Rule::Min { .. }
            | Rule::Max { .. }
            | Rule::Distinct { .. }
            | Rule::MostFrequent { .. }
            | Rule::FirstValue { .. }
            | Rule::LastValue { .. }
            | Rule::Sequence { .. }
            | Rule::Bucket { .. }
            | Rule::Reachable { .. }
            | Rule::Consent(_)
            | Rule::Messages { .. } => Hold::Leaf,
        }
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Rule::And(parts) => joined(f, parts, "and", Hold::And),
            Rule::Or(parts) => joined(f, parts, "or", Hold::Or),
            Rule::Not(part) => {
                f.write_str("not ")?;
                wrapped(f, part, part.hold() < Hold::Not)
            }
            Rule::Attribute { path, is } => write!(f, "{}", Tested(path, is)),
            Rule::Event { path, is } => write!(f, "{}", Tested(&EventPath(path), is)),
            Rule::Count { is, .. }
            | Rule::Sum { is, .. }
            | Rule::Average { is, .. }
            | Rule::Min { is, .. }
            | Rule::Max { is, .. }
            | Rule::Distinct { is, .. } => write!(f, "{} {is}", Head(self)),
            Rule::First { is, .. } | Rule::Last { is, .. } => write!(f, "{} {is}", Head(self)),
            Rule::MostFrequent { is, .. }
            | Rule::FirstValue { is, .. }
            | Rule::LastValue { is, .. } => write!(f, "{}", Tested(&Head(self), is)),
            Rule::Bucket { name, of, is } => write!(f, "bucket({}, {of}) {is}", Quoted(name)),
            Rule::Reachable { channel, topic } => {
                write!(f, "reachable by {channel}")?;
                topic.iter().try_for_each(|topic| write!(f, " for topic {}", Quoted(topic)))
            }
            Rule::Consent(purpose) => write!(f, "consent({})", Quoted(purpose)),
            Rule::Messages { of, is } => write!(f, "messages({of}) {is}"),
            Rule::Sequence { steps, window } => write!(f, "sequence({})", Chain(steps, *window)),
            Rule::Segment(name) => write!(f, "in segment {}", Quoted(name)),
            Rule::List(name) => write!(f, "in list {}", Quoted(name)),
            Rule::Listed { list, path, is } => write!(f, "{}", Tested(&ListPath(list, path), is)),
        }
    }
}

struct EventPath<'r>(&'r Path);

impl Display for EventPath<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("event")?;
        behind(f, self.0)
    }
}

/// A value of a list's payload: `list "vip".tier`.
struct ListPath<'r>(&'r str, &'r Path);

impl Display for ListPath<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "list {}", Quoted(self.0))?;
        behind(f, self.1)
    }
}

/// A value and what must be true of it. Some tests stand around their value.
struct Tested<'r>(&'r dyn Display, &'r Test);

impl Display for Tested<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Tested(value, is) = self;
        match is {
            Test::Any(filter) => write!(f, "any {value} ({filter})"),
            Test::All(filter) => write!(f, "all {value} ({filter})"),
            Test::No(filter) => write!(f, "no {value} ({filter})"),
            Test::Size(is) => write!(f, "size({value}) {is}"),
            Test::Anniversary(is) => write!(f, "anniversary of {value} {is}"),
            is => write!(f, "{value} {is}"),
        }
    }
}

/// What stands before the comparison of a condition about events: `count(order_completed)`.
pub(super) struct Head<'r>(pub &'r Rule);

impl Display for Head<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.0.measured() {
            Some((word, of, property)) => write!(f, "{word}({})", Select(of, property)),
            None => write!(f, "{}", self.0),
        }
    }
}

/// What stands between the parentheses of a sequence.
pub(super) struct Chain<'r>(pub &'r [Step], pub Window);

impl Display for Chain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for (place, step) in self.0.iter().enumerate() {
            f.write_str(match (place, step.not) {
                (0, false) => "",
                (0, true) => "not ",
                (_, false) => ", then ",
                (_, true) => ", then not ",
            })?;
            write!(f, "{}", Name { name: &step.event, bare: false })?;
            if let Some(filter) = &step.filter {
                write!(f, " where {filter}")?;
            }
            if let Some(within) = step.within {
                write!(f, " within {within}")?;
            }
        }
        behind_comma(f, self.1)
    }
}

impl Display for Messages {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.state.as_str())?;
        for (filter, value) in &self.filters {
            write!(f, ", {} {}", filter.as_str(), Quoted(value))?;
        }
        behind_comma(f, self.window)
    }
}

fn behind_comma(f: &mut Formatter<'_>, window: Window) -> Result {
    match window {
        Window::All => Ok(()),
        window => write!(f, ", {window}"),
    }
}

impl Display for Window {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match *self {
            Window::All => f.write_str("all"),
            Window::Last(span) => write!(f, "last {span}"),
            Window::This(Unit::Day) => f.write_str("today"),
            Window::This(unit) => write!(f, "this {}", unit.as_str()),
            Window::Past { count: 1, unit: Unit::Day } => f.write_str("yesterday"),
            Window::Past { count: 1, unit } => write!(f, "last {}", unit.as_str()),
            Window::Past { count, unit } => write!(f, "last {count} calendar {}s", unit.as_str()),
            Window::Since(from) => write!(f, "since \"{from}\""),
            Window::Between(from, to) => write!(f, "between \"{from}\" and \"{to}\""),
        }
    }
}

fn behind(f: &mut Formatter<'_>, path: &Path) -> Result {
    path.names().try_for_each(|name| write!(f, ".{}", Name { name, bare: true }))
}

/// A selection and the property that is looked at, as they stand between the parentheses. It is
/// the name of an aggregate: its hash is [`super::AggregateId`].
pub(super) struct Select<'r>(pub &'r Selection, pub Option<&'r Path>);

impl Display for Select<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Select(of, property) = self;
        write!(f, "{}", Name { name: &of.event, bare: false })?;
        if let Some(property) = property {
            behind(f, property)?;
        }
        if let Some(filter) = &of.filter {
            write!(f, " where {filter}")?;
        }
        behind_comma(f, of.window)
    }
}

impl Grouped for Filter {
    fn hold(&self) -> Hold {
        match self {
            Filter::Or(_) => Hold::Or,
            Filter::And(_) => Hold::And,
            Filter::Not(_) => Hold::Not,
            Filter::Property { .. } => Hold::Leaf,
        }
    }
}

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Filter::And(parts) => joined(f, parts, "and", Hold::And),
            Filter::Or(parts) => joined(f, parts, "or", Hold::Or),
            Filter::Not(part) => {
                f.write_str("not ")?;
                wrapped(f, part, part.hold() < Hold::Not)
            }
            Filter::Property { path, is } => write!(f, "{}", Tested(path, is)),
        }
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Test::Exists => f.write_str("exists"),
            Test::Missing => f.write_str("not exists"),
            Test::Compare { op, to } => write!(f, "{op} {to}"),
            Test::Contains(literal) => write!(f, "contains {literal}"),
            Test::StartsWith(text) => write!(f, "starts with {}", Quoted(text)),
            Test::EndsWith(text) => write!(f, "ends with {}", Quoted(text)),
            Test::In(literals) => write!(f, "in ({})", Listed(literals)),
            Test::NotIn(literals) => write!(f, "not in ({})", Listed(literals)),
            Test::Date(test) => write!(f, "{test}"),
            Test::Any(filter) => write!(f, "any ({filter})"),
            Test::All(filter) => write!(f, "all ({filter})"),
            Test::No(filter) => write!(f, "no ({filter})"),
            Test::Size(is) => write!(f, "size {is}"),
            Test::Ignoring { what, test } => write!(f, "{test} ignoring {what}"),
            Test::Version { op, to } => write!(f, "{op} version \"{}\"", to.0),
            Test::Money { op, amount, currency } => {
                write!(f, "{op} money {}", Quoted(&format!("{amount} {currency}")))
            }
            Test::Anniversary(is) => write!(f, "anniversary {is}"),
        }
    }
}

impl Display for Ignore {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Ignore::Case => "case",
            Ignore::Accents => "accents",
            Ignore::CaseAndAccents => "case and accents",
        })
    }
}

impl Display for Anniversary {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Anniversary::Today => f.write_str("is today"),
            Anniversary::WithinNext(span) => write!(f, "within next {span}"),
            Anniversary::WithinLast(span) => write!(f, "within last {span}"),
        }
    }
}

impl Display for Units {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let plural = if self.count == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.count, self.unit.as_str())
    }
}

impl Display for DateTest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            DateTest::Before(moment) => write!(f, "before {moment}"),
            DateTest::After(moment) => write!(f, "after {moment}"),
            DateTest::WithinLast(span) => write!(f, "within last {span}"),
            DateTest::WithinNext(span) => write!(f, "within next {span}"),
            DateTest::WithinLastUnits(units) => write!(f, "within last {units}"),
            DateTest::WithinNextUnits(units) => write!(f, "within next {units}"),
        }
    }
}

impl Display for Moment {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Moment::At(stamp) => write!(f, "\"{stamp}\""),
            Moment::Now => f.write_str("now"),
            Moment::Ago(span) => write!(f, "now - {span}"),
            Moment::Ahead(span) => write!(f, "now + {span}"),
            Moment::AgoUnits(units) => write!(f, "now - {units}"),
            Moment::AheadUnits(units) => write!(f, "now + {units}"),
        }
    }
}

impl Display for Bound {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {}", self.op, self.to)
    }
}

impl Display for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Op::Equal => "=",
            Op::Different => "!=",
            Op::Less => "<",
            Op::AtMost => "<=",
            Op::More => ">",
            Op::AtLeast => ">=",
        })
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Literal::Bool(truth) => write!(f, "{truth}"),
            Literal::Number(number) => write!(f, "{number}"),
            Literal::String(text) => write!(f, "{}", Quoted(text)),
        }
    }
}

struct Listed<'l>(&'l [Literal]);

impl Display for Listed<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for (place, literal) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{literal}")?;
        }
        Ok(())
    }
}

/// A text in the quotes and with the escapes of JSON.
pub(super) struct Quoted<'t>(pub &'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", serde_json::Value::String(self.0.to_owned()))
    }
}
