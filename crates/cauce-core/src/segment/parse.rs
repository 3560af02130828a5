//! Reads the text form. (body follows)

use super::compile::Compiled;
use super::definition::Rule;
use crate::diagnostic::Diagnostic;
use crate::prelude::*;

/// Reads a rule; lists every fault with its place.
pub fn parse(text: &str) -> Result<Rule, Vec<Diagnostic>> {
    let _ = text;
    Err(Vec::new())
}

/// Reads and compiles a rule; every finding, warnings too, has its place in the text.
pub fn check(text: &str) -> (Option<Compiled>, Vec<Diagnostic>) {
    let _ = text;
    (None, Vec::new())
}
