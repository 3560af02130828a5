//! Why a rendering yields no text.

use super::ast::Span;
use crate::prelude::*;
use core::fmt;

/// The kind of a fault: what a program decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The template said so with `abort_message`; the message is its reason.
    Aborted,
    /// More steps than allowed.
    OutOfFuel,
    /// The output, or a text on the way to it, is longer than allowed.
    OutputTooLarge,
    /// Blocks and partials are nested deeper than allowed.
    TooDeep,
    /// A variable has no value and no `default` filter, and the rendering is strict.
    UndefinedVariable,
    /// A partial that the template was not parsed with.
    UnknownPartial,
    /// A filter or tag cannot take the value it was given.
    BadValue,
    /// A text and a number were compared by size.
    Incomparable,
    /// Division by zero.
    DivisionByZero,
}

impl Code {
    /// The stable word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Aborted => "aborted",
            Code::OutOfFuel => "out-of-fuel",
            Code::OutputTooLarge => "output-too-large",
            Code::TooDeep => "too-deep",
            Code::UndefinedVariable => "undefined-variable",
            Code::UnknownPartial => "unknown-partial",
            Code::BadValue => "bad-value",
            Code::Incomparable => "incomparable",
            Code::DivisionByZero => "division-by-zero",
        }
    }
}

/// What stopped a rendering, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind.
    pub code: Code,
    /// What is wrong, lower case, no full stop; for [`Code::Aborted`] the author's reason.
    pub message: String,
    /// Where in the source, if it has a place.
    pub span: Option<Span>,
    /// The partial whose source the span means; none for the template itself.
    pub partial: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(partial) = &self.partial {
            write!(f, "partial `{partial}`: ")?;
        }
        f.write_str(&self.message)
    }
}

impl core::error::Error for Fault {}

/// A fault on its way out; boxed, so that results stay small.
#[derive(Debug)]
pub(super) struct Stop(pub Box<Fault>);

impl Stop {
    pub fn new(code: Code, message: impl Into<String>) -> Stop {
        Stop(Box::new(Fault { code, message: message.into(), span: None, partial: None }))
    }

    /// A value that a filter or tag cannot take.
    pub fn bad(message: impl Into<String>) -> Stop {
        Stop::new(Code::BadValue, message)
    }

    /// Whether another value would not have caused it.
    pub fn is_about_a_value(&self) -> bool {
        matches!(self.0.code, Code::BadValue | Code::Incomparable | Code::DivisionByZero)
    }

    /// The same with its place, unless a narrower one is known.
    pub fn at(mut self, span: Span) -> Stop {
        self.0.span.get_or_insert(span);
        self
    }

    /// The same with its partial, unless an inner one is known.
    pub fn inside(mut self, partial: &str) -> Stop {
        self.0.partial.get_or_insert_with(|| partial.to_owned());
        self
    }
}
