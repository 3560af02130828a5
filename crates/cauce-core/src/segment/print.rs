//! The canonical text of a rule: what [`super::parse`] reads back as the same rule.

use super::definition::{
    Bound, DateTest, Filter, Literal, Moment, Op, Rule, Selection, Test, Window,
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
            | Rule::Segment(_) => Hold::Leaf,
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
            Rule::Attribute { path, is } => write!(f, "{path} {is}"),
            Rule::Event { path, is } => {
                f.write_str("event")?;
                behind(f, path)?;
                write!(f, " {is}")
            }
            Rule::Count { of, is } => write!(f, "count({}) {is}", Select(of, None)),
            Rule::Sum { of, property, is } => write!(f, "sum({}) {is}", Select(of, Some(property))),
            Rule::Average { of, property, is } => {
                write!(f, "average({}) {is}", Select(of, Some(property)))
            }
            Rule::First { of, is } => write!(f, "first({}) {is}", Select(of, None)),
            Rule::Last { of, is } => write!(f, "last({}) {is}", Select(of, None)),
            Rule::Segment(name) => write!(f, "in segment {}", Quoted(name)),
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
        match of.window {
            Window::All => Ok(()),
            Window::Last(span) => write!(f, ", last {span}"),
        }
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
            Filter::Property { path, is } => write!(f, "{path} {is}"),
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
        }
    }
}

impl Display for DateTest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            DateTest::Before(moment) => write!(f, "before {moment}"),
            DateTest::After(moment) => write!(f, "after {moment}"),
            DateTest::WithinLast(span) => write!(f, "within last {span}"),
            DateTest::WithinNext(span) => write!(f, "within next {span}"),
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
