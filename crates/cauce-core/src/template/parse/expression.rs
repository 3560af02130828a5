//! Expressions, filters and conditions out of the words of one tag.

use super::super::ast::{
    Comparison, Condition, Expression, FilterCall, Filtered, Joint, Operator, Path, Root, Slot,
    Span, Step,
};
use super::super::filters;
use super::super::lexer::Part;
use super::super::number::{Number, read_number};
use super::Names;
use super::token::{Token, Word, words};
use crate::diagnostic::Diagnostic;
use crate::limits::TEMPLATE_DEPTH_MAX;
use crate::prelude::*;

/// The words of one tag, read from left to right.
pub(super) struct Line<'s, 'n> {
    part: Part<'s>,
    tokens: Vec<Token<'s>>,
    at: usize,
    depth: usize,
    names: &'n mut Names,
}

impl<'s, 'n> Line<'s, 'n> {
    pub fn new(part: Part<'s>, names: &'n mut Names) -> Result<Line<'s, 'n>, Diagnostic> {
        Ok(Line { part, tokens: words(part)?, at: 0, depth: 0, names })
    }

    pub fn peek(&self) -> Token<'s> {
        self.tokens[self.at]
    }

    /// The next word; the end stays the next word for ever.
    pub fn next(&mut self) -> Token<'s> {
        let token = self.tokens[self.at];
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    pub fn is_end(&self) -> bool {
        self.peek().word == Word::End
    }

    /// Takes the sign if it is next.
    pub fn take(&mut self, sign: &'static str) -> bool {
        let taken = self.peek().word == Word::Sign(sign);
        if taken {
            self.next();
        }
        taken
    }

    /// Takes the word if it is next.
    pub fn take_name(&mut self, name: &str) -> bool {
        let taken = self.peek().word == Word::Name(name);
        if taken {
            self.next();
        }
        taken
    }

    pub fn expect(&mut self, sign: &'static str) -> Result<(), Diagnostic> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    pub fn expect_end(&self) -> Result<(), Diagnostic> {
        if self.is_end() { Ok(()) } else { Err(self.unexpected("nothing more")) }
    }

    /// That something else was expected here.
    pub fn unexpected(&self, expected: &str) -> Diagnostic {
        let token = self.peek();
        let message = format!("unexpected {}, expected {expected}", token.shown());
        // Not: one byte more at an end; that may be the first of a letter, or no byte at all.
        Diagnostic::error("", "syntax", message).at(token.start, token.end)
    }

    /// The source between two places.
    pub fn source(&self, start: usize, end: usize) -> &'s str {
        let from = start - self.part.start;
        self.part.text.get(from..end - self.part.start).unwrap_or("").trim()
    }

    /// The name of a variable to write: letters, digits, `_` and `-`, or digits alone.
    pub fn target(&mut self) -> Result<Slot, Diagnostic> {
        match self.peek().word {
            Word::Name(name) if !name.ends_with('?') => {
                self.next();
                Ok(self.names.slot(name))
            }
            Word::Number(name) if name.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.next();
                Ok(self.names.slot(name))
            }
            _ => Err(self.unexpected("a variable's name")),
        }
    }

    /// The name of a loop's variable, which may end with `?`.
    pub fn name(&mut self) -> Result<&'s str, Diagnostic> {
        match self.peek().word {
            Word::Name(name) => {
                self.next();
                Ok(name)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    pub fn slot(&mut self, name: &str) -> Slot {
        self.names.slot(name)
    }

    /// One value: a literal, a path or a range.
    pub fn expression(&mut self) -> Result<Expression, Diagnostic> {
        // Limit: brackets in brackets; each level is a frame of this parser and of the renderer.
        if self.depth >= TEMPLATE_DEPTH_MAX {
            let token = self.peek();
            let message = format!("brackets are nested deeper than {TEMPLATE_DEPTH_MAX}");
            return Err(Diagnostic::error("", "too-deep", message).at(token.start, token.end));
        }
        self.depth += 1;
        let expression = self.expression_inside();
        self.depth -= 1;
        expression
    }

    fn expression_inside(&mut self) -> Result<Expression, Diagnostic> {
        let token = self.peek();
        match token.word {
            Word::Text(text) => {
                self.next();
                Ok(Expression::Text(text.into()))
            }
            Word::Number(text) => {
                self.next();
                Ok(match read_number(text) {
                    Number::Int(whole) => Expression::Int(whole),
                    Number::Float(float) => Expression::Float(float),
                })
            }
            Word::Sign("(") => {
                self.next();
                let first = self.expression()?;
                self.expect("..")?;
                let last = self.expression()?;
                self.expect(")")?;
                Ok(Expression::Range(Box::new((first, last))))
            }
            Word::Sign("[") => {
                self.next();
                let root = match self.expression()? {
                    Expression::Text(name) => Root::Slot(self.names.slot(&name)),
                    dynamic => Root::Dynamic(Box::new(dynamic)),
                };
                self.expect("]")?;
                self.path(root, token.start)
            }
            Word::Name(name) => {
                self.next();
                let stepping = matches!(self.peek().word, Word::Sign("." | "["));
                if let (Some(literal), false) = (keyword(name), stepping) {
                    return Ok(literal);
                }
                let root = Root::Slot(self.names.slot(name));
                self.path(root, token.start)
            }
            Word::Sign(_) | Word::End => Err(self.unexpected("a value")),
        }
    }

    fn path(&mut self, root: Root, start: usize) -> Result<Expression, Diagnostic> {
        let mut steps = Vec::new();
        loop {
            if self.take(".") {
                let name = self.name()?;
                steps.push(Step::Name(name.into()));
            } else if self.take("[") {
                steps.push(Step::Index(self.expression()?));
                self.expect("]")?;
            } else {
                let end = self.tokens[self.at.saturating_sub(1)].end;
                return Ok(Expression::Path(Path { root, steps, span: Span::new(start, end) }));
            }
        }
    }

    /// A value with its filters, up to the end.
    pub fn filtered(&mut self) -> Result<Filtered, Diagnostic> {
        let start = self.peek().start;
        let value = self.expression()?;
        let mut filters = Vec::new();
        while self.take("|") {
            filters.push(self.filter()?);
        }
        if !self.is_end() {
            return Err(self.unexpected("`|` or the end"));
        }
        let end = self.tokens[self.at.saturating_sub(1)].end;
        let guarded = filters.iter().any(|call: &FilterCall| call.filter.name == "default");
        Ok(Filtered { value, filters, span: Span::new(start, end), guarded })
    }

    fn filter(&mut self) -> Result<FilterCall, Diagnostic> {
        let token = self.peek();
        let name = self.name()?;
        let mut arguments = Vec::new();
        let mut named = Vec::new();
        if self.take(":") {
            loop {
                let ahead = self.tokens.get(self.at + 1).map(|token| token.word);
                match (self.peek().word, ahead) {
                    (Word::Name(key), Some(Word::Sign(":"))) => {
                        self.next();
                        self.next();
                        named.push((Box::from(key), self.expression()?));
                    }
                    _ => arguments.push(self.expression()?),
                }
                if !self.take(",") {
                    break;
                }
            }
        }
        let (start, end) = (token.start, self.tokens[self.at.saturating_sub(1)].end);
        let filter = filters::find(name).ok_or_else(|| {
            let fault = Diagnostic::error("", "unknown-filter", format!("no filter `{name}`"));
            near(fault.at(token.start, token.end), name, filters::names())
        })?;
        filter.check(arguments.len(), &named).map_err(|message| {
            Diagnostic::error("", "filter-arguments", message).at(start, end.max(start))
        })?;
        Ok(FilterCall { filter, arguments, named, span: Span::new(start, end) })
    }

    /// Comparisons joined by `and` and `or`, up to the end.
    pub fn condition(&mut self, negated: bool) -> Result<Condition, Diagnostic> {
        let mut terms = Vec::new();
        loop {
            let comparison = self.comparison()?;
            let joint = if self.take_name("and") {
                Joint::And
            } else if self.take_name("or") {
                Joint::Or
            } else {
                Joint::End
            };
            terms.push((comparison, joint));
            if joint == Joint::End {
                self.expect_end()?;
                return Ok(Condition { terms, negated });
            }
        }
    }

    fn comparison(&mut self) -> Result<Comparison, Diagnostic> {
        let start = self.peek().start;
        let left = self.expression()?;
        let operator = match self.peek().word {
            Word::Sign("==") => Some(Operator::Equal),
            Word::Sign("!=" | "<>") => Some(Operator::Unequal),
            Word::Sign("<") => Some(Operator::Less),
            Word::Sign("<=") => Some(Operator::LessOrEqual),
            Word::Sign(">") => Some(Operator::Greater),
            Word::Sign(">=") => Some(Operator::GreaterOrEqual),
            Word::Name("contains") => Some(Operator::Contains),
            Word::Name("and" | "or") | Word::End => None,
            _ => return Err(self.unexpected("a comparison, `and`, `or` or the end")),
        };
        let right = match operator {
            None => None,
            Some(operator) => {
                self.next();
                Some((operator, self.expression()?))
            }
        };
        let end = self.tokens[self.at.saturating_sub(1)].end;
        Ok(Comparison { left, right, span: Span::new(start, end) })
    }
}

/// The literal that a word stands for.
fn keyword(name: &str) -> Option<Expression> {
    Some(match name {
        "nil" | "null" => Expression::Nil,
        "true" => Expression::Bool(true),
        "false" => Expression::Bool(false),
        "empty" => Expression::Empty,
        "blank" => Expression::Blank,
        _ => return None,
    })
}

/// The finding with the name that may have been meant.
pub(super) fn near<'c>(
    fault: Diagnostic,
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Diagnostic {
    match crate::diagnostic::nearest(name, candidates) {
        Some(meant) => fault.hint(format!("did you mean `{meant}`?")),
        None => fault,
    }
}
