//! Liquid: content with holes, bounded by fuel, with strict diagnostics at authoring.
//!
//! [`parse`] reads a template and its partials once; [`check`] holds its variables against what is
//! known; [`render`] fills it. Rendering is all or nothing: a fault yields no text.

mod ast;
mod fault;
mod filters;
mod lexer;
mod number;
mod parse;
mod render;
mod value;
mod variables;

pub use ast::Span;
pub use fault::{Code, Fault};
pub use parse::parse;
pub use render::{render, render_record};
pub use value::{Datum, Loop, Text};
pub use variables::{Variable, check};

use crate::limits::{TEMPLATE_FUEL, TEMPLATE_OUTPUT_BYTES_MAX};
use crate::prelude::*;
use crate::time::Timestamp;
use jiff::tz::TimeZone;

/// A template, ready to render; cloning shares it.
#[derive(Clone, Debug)]
pub struct Template(Arc<ast::Compiled>);

impl Template {
    fn new(compiled: ast::Compiled) -> Template {
        Template(Arc::new(compiled))
    }

    /// The variables that the template asks of its globals, in the order of their places.
    pub fn variables(&self) -> Vec<Variable> {
        variables::list(&self.0)
    }
}

/// What becomes of the letters of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// They are text inside HTML.
    Html,
    /// They are text inside a JSON string.
    Json,
    /// They are text inside a field of a form.
    Form,
    /// They are plain text: a subject, a text message.
    None,
}

/// The circumstances of one rendering.
#[derive(Clone, Debug)]
pub struct Options {
    /// How outputs are escaped.
    pub escape: Escape,
    /// Steps that the rendering may take.
    pub fuel: u64,
    /// Bytes that the output, or any text on the way to it, may have.
    pub output_bytes_max: usize,
    /// Whether an output without a value and without a `default` filter is a fault.
    pub strict_variables: bool,
    /// Whether a value of a type that a filter cannot take is nothing, so that a `default` behind
    /// it stands in, and a comparison by size of a text and a number does not hold. Else both are
    /// faults, as in Liquid.
    pub forgiving: bool,
    /// Where the `date` filter's calendar hangs.
    pub zone: TimeZone,
    /// What `'now' | date` shows.
    pub now: Timestamp,
}

impl Options {
    /// The limits of the core, plain text, lenient, UTC.
    pub fn new(now: Timestamp) -> Options {
        Options {
            escape: Escape::None,
            fuel: TEMPLATE_FUEL,
            output_bytes_max: TEMPLATE_OUTPUT_BYTES_MAX,
            strict_variables: false,
            forgiving: false,
            zone: TimeZone::UTC,
            now,
        }
    }
}

#[cfg(test)]
mod tests;
