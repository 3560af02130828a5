//! Reads the text form of a rule. After a fault it goes on behind the next `and` or `or`, so that
//! an editor can show several faults at once.

mod leaf;
pub(super) mod lexer;
mod mention;
mod standing;
mod value;
mod window;

pub use mention::{Mention, Of, mentions, mentions_computed};

use super::DEPTH_MAX;
use super::checks::Place;
use super::compile::{Compiled, compile, too_large};
use super::computed::Computed;
use super::definition::{Filter, Rule};
use super::lexer::{Lexeme, Token, lex};
use super::names::is_reserved;
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::limits::{RULE_BYTES_MAX, RULE_NODES_MAX};
use crate::prelude::*;

/// Findings beyond this many help nobody.
const FAULTS_MAX: usize = 20;

/// Reads a rule, or lists its faults with their places.
pub fn parse(text: &str) -> Result<Rule, Vec<Diagnostic>> {
    let (rule, mut found) = read(text);
    match rule {
        Some(rule) => Ok(rule),
        None => {
            found.retain(|fault| fault.severity == Severity::Error);
            Err(found)
        }
    }
}

/// Reads the value of a computed attribute: one measure, such as `sum(order_completed.total, last
/// 90d)`.
pub fn parse_computed(text: &str) -> Result<Computed, Vec<Diagnostic>> {
    if text.len() > RULE_BYTES_MAX {
        let message = format!("the value is longer than {RULE_BYTES_MAX} bytes");
        return Err(vec![Diagnostic::error("", "rule-too-large", message)]);
    }
    let (lexemes, faults) = lex(text);
    let mut parser = Parser::new(lexemes, text.len(), faults);
    let computed = parser.computed();
    if parser.at < parser.lexemes.len() && parser.faults.is_empty() {
        parser.expected::<Computed>("the end");
    }
    let broken = parser.faults.iter().any(|fault| fault.severity == Severity::Error);
    match computed.filter(|_| !broken) {
        Some(computed) => Ok(computed),
        None => Err(parser.faults),
    }
}

/// Reads and compiles a rule. Every finding, warnings too, has its place in the text. None if one
/// of them is an error.
pub fn check(text: &str) -> (Option<Compiled>, Vec<Diagnostic>) {
    let (rule, mut found) = read(text);
    let Some(rule) = rule else { return (None, found) };
    let (compiled, compiled_found) = compile(rule);
    let broken = |fault: &Diagnostic| fault.severity == Severity::Error;
    if compiled_found.iter().any(broken) {
        // The parser makes the same checks; one that only the compiler makes is still an error.
        found.extend(compiled_found.into_iter().filter(broken));
        return (None, found);
    }
    (Some(compiled), found)
}

/// A rule only if no finding is an error.
fn read(text: &str) -> (Option<Rule>, Vec<Diagnostic>) {
    let (rule, found, _) = read_with(text);
    (rule, found)
}

/// The same with what it names.
fn read_with(text: &str) -> (Option<Rule>, Vec<Diagnostic>, Vec<Mention>) {
    if text.len() > RULE_BYTES_MAX {
        let message = format!("the rule is longer than {RULE_BYTES_MAX} bytes");
        return (None, vec![Diagnostic::error("", "rule-too-large", message)], Vec::new());
    }
    let (lexemes, faults) = lex(text);
    let mut parser = Parser::new(lexemes, text.len(), faults);
    let rule = parser.whole();
    let mut found = parser.faults;
    // What blocks is never crowded out by what does not.
    found.sort_by_key(|fault| (fault.severity, fault.span));
    found.truncate(FAULTS_MAX);
    found.sort_by_key(|fault| fault.span);
    let broken = found.iter().any(|fault| fault.severity == Severity::Error);
    (rule.filter(|_| !broken), found, parser.mentions)
}

/// What the words `and`, `or` and `not` join.
trait Logic: Sized {
    fn and(parts: Vec<Self>) -> Self;
    fn or(parts: Vec<Self>) -> Self;
    fn not(part: Self) -> Self;
    fn leaf(parser: &mut Parser) -> Option<Self>;
}

impl Logic for Rule {
    fn and(parts: Vec<Rule>) -> Rule {
        Rule::And(parts)
    }
    fn or(parts: Vec<Rule>) -> Rule {
        Rule::Or(parts)
    }
    fn not(part: Rule) -> Rule {
        Rule::Not(Box::new(part))
    }
    fn leaf(parser: &mut Parser) -> Option<Rule> {
        parser.rule_leaf()
    }
}

impl Logic for Filter {
    fn and(parts: Vec<Filter>) -> Filter {
        Filter::And(parts)
    }
    fn or(parts: Vec<Filter>) -> Filter {
        Filter::Or(parts)
    }
    fn not(part: Filter) -> Filter {
        Filter::Not(Box::new(part))
    }
    fn leaf(parser: &mut Parser) -> Option<Filter> {
        let (path, is) = if parser.is_around() {
            parser.around(Place::Filter, Parser::property)?
        } else {
            (parser.property()?, parser.test(Place::Filter)?)
        };
        Some(Filter::Property { path, is })
    }
}

struct Parser {
    lexemes: Vec<Lexeme>,
    at: usize,
    end: usize,
    depth: usize,
    parts: usize,
    faults: Vec<Diagnostic>,
    /// What was named so far.
    mentions: Vec<Mention>,
    /// What the names in a filter are looked up in.
    about: Option<Of>,
}

impl Parser {
    fn new(lexemes: Vec<Lexeme>, end: usize, faults: Vec<Diagnostic>) -> Parser {
        let (mentions, about) = (Vec::new(), None);
        Parser { lexemes, at: 0, end, depth: 0, parts: 0, faults, mentions, about }
    }

    fn whole(&mut self) -> Option<Rule> {
        if self.lexemes.is_empty() {
            if self.faults.is_empty() {
                let fault = Diagnostic::error("", "empty-rule", "the rule is empty");
                self.faults.push(
                    fault.hint("write a condition such as `count(order_completed) >= 3`").at(0, 0),
                );
            }
            return None;
        }
        let mut rule = self.or::<Rule>();
        while self.peek().is_some() {
            self.expected::<Rule>("`and`, `or` or the end");
            rule = None;
            self.at += 1;
            // Behind a stray word or parenthesis the rest may have faults of its own.
            if self.eat_word("and") || self.eat_word("or") {
                self.or::<Rule>();
            } else {
                self.recover();
                if self.eat_word("and") || self.eat_word("or") {
                    self.or::<Rule>();
                }
            }
        }
        rule
    }

    fn or<T: Logic>(&mut self) -> Option<T> {
        self.joined("or", T::or, Parser::and)
    }

    fn and<T: Logic>(&mut self) -> Option<T> {
        self.joined("and", T::and, Parser::not)
    }

    fn joined<T: Logic>(
        &mut self,
        word: &str,
        group: fn(Vec<T>) -> T,
        part: fn(&mut Parser) -> Option<T>,
    ) -> Option<T> {
        let mut parts = Vec::new();
        let mut whole = true;
        loop {
            match part(self) {
                Some(part) => parts.push(part),
                None => {
                    whole = false;
                    self.recover();
                }
            }
            if !self.eat_word(word) {
                break;
            }
        }
        if !whole {
            return None;
        }
        if parts.len() > 1 {
            self.count(1)?;
            return Some(group(parts));
        }
        parts.pop()
    }

    fn not<T: Logic>(&mut self) -> Option<T> {
        if self.eat_word("not") {
            self.count(1)?;
            return self.deeper(Parser::not).map(T::not);
        }
        if self.peek() != Some(&Token::Open) {
            self.count(1)?;
            return T::leaf(self);
        }
        let opened = self.span();
        self.at += 1;
        let inner = self.deeper(Parser::or);
        if self.peek() == Some(&Token::Close) {
            self.at += 1;
            return inner;
        }
        if self.at < self.lexemes.len() || inner.is_some() {
            let fault = Diagnostic::error("", "open-parenthesis", "the `(` is never closed");
            self.faults.push(fault.at(opened.0, opened.1));
            self.stop();
        }
        None
    }

    fn deeper<T>(&mut self, inner: fn(&mut Parser) -> Option<T>) -> Option<T> {
        // Bounds the stack. The compiler's bound on the depth of groups is the narrower one.
        if self.depth >= DEPTH_MAX {
            return self.too_large();
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Counts parts as the compiler does.
    fn count(&mut self, parts: usize) -> Option<()> {
        self.parts += parts;
        if self.parts > RULE_NODES_MAX { self.too_large() } else { Some(()) }
    }

    fn too_large<T>(&mut self) -> Option<T> {
        let known = self.faults.last().is_some_and(|fault| fault.code == "rule-too-large");
        if !known {
            let (start, end) = self.span();
            self.faults.push(Diagnostic::error("", "rule-too-large", too_large()).at(start, end));
        }
        self.stop();
        None
    }

    /// Reads no further.
    fn stop(&mut self) {
        self.at = self.lexemes.len();
    }

    /// Goes to where the next condition may begin: an `and` or `or` of this depth, or the `)` that
    /// ends it.
    fn recover(&mut self) {
        self.skip(|parser| parser.is_word("and") || parser.is_word("or"));
    }

    /// Reads what stands between parentheses, of which the first is read; after a fault it goes
    /// behind the last.
    fn enclosed<T>(&mut self, inner: impl FnOnce(&mut Parser) -> Option<T>) -> Option<T> {
        let read = inner(self);
        if read.is_none() {
            self.skip(|_| false);
            self.eat(&Token::Close);
        }
        read
    }

    fn skip(&mut self, stop: fn(&Parser) -> bool) {
        let mut open = 0usize;
        while let Some(token) = self.peek() {
            match token {
                Token::Open => open += 1,
                Token::Close if open == 0 => return,
                Token::Close => open -= 1,
                _ if open == 0 && stop(self) => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.lexemes.get(self.at).map(|lexeme| &lexeme.token)
    }

    /// The place of the next token, or of the end.
    fn span(&self) -> (usize, usize) {
        self.lexemes.get(self.at).map_or((self.end, self.end), |lexeme| lexeme.span)
    }

    /// The first byte behind the token before this one.
    fn behind(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.lexemes.get(at)).map_or(0, |last| last.span.1)
    }

    /// Where the token before this one begins.
    fn before(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.lexemes.get(at)).map_or(0, |last| last.span.0)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word))
    }

    fn is_word_at(&self, behind: usize, word: &str) -> bool {
        let token = self.lexemes.get(self.at + behind).map(|lexeme| &lexeme.token);
        matches!(token, Some(Token::Word(next)) if next.eq_ignore_ascii_case(word))
    }

    fn is_text_at(&self, behind: usize) -> bool {
        let token = self.lexemes.get(self.at + behind).map(|lexeme| &lexeme.token);
        matches!(token, Some(Token::Text(_)))
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn eat(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    /// Takes a token or reports that it was expected.
    fn need(&mut self, token: &Token, name: &str) -> Option<()> {
        if self.eat(token) { Some(()) } else { self.expected(name) }
    }

    /// Reports what was expected here.
    fn expected<T>(&mut self, what: &str) -> Option<T> {
        self.expected_of(what, &[])
    }

    /// Reports what was expected here; `words` are what a mistyped word may have been meant to be.
    fn expected_of<T>(&mut self, what: &str, words: &[&str]) -> Option<T> {
        let (start, end) = self.span();
        let found = match self.peek() {
            None => "the rule ends".to_owned(),
            Some(token) => format!("found {}", shown(token)),
        };
        let message = format!("expected {what}, {found}");
        let mut fault = Diagnostic::error("", "unexpected", message).at(start, end);
        if let Some(Token::Word(word)) = self.peek() {
            if let Some(near) = nearest(word, words.iter().copied()) {
                fault = fault.hint(format!("did you mean `{near}`?"));
            } else if is_reserved(word) && words.is_empty() {
                fault = fault.hint(format!("as a name, `{word}` is written in backticks"));
            }
        }
        self.faults.push(fault);
        None
    }

    /// Reports what is wrong with the text from `start` to here. Only errors stop the reading.
    fn report(&mut self, start: usize, found: Option<Diagnostic>) -> Option<()> {
        let Some(fault) = found else { return Some(()) };
        let severity = fault.severity;
        self.faults.push(fault.at(start, self.behind()));
        (severity == Severity::Warning).then_some(())
    }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Word(word) => format!("`{word}`"),
        Token::Name(name) => format!("the name `{name}`"),
        Token::Text(_) => "a text".to_owned(),
        Token::Number(number) => format!("the number `{number}`"),
        Token::Span(span) => format!("the span `{span}`"),
        Token::Op(op) => format!("`{op}`"),
        Token::Open => "`(`".to_owned(),
        Token::Close => "`)`".to_owned(),
        Token::Comma => "`,`".to_owned(),
        Token::Dot => "`.`".to_owned(),
        Token::Plus => "`+`".to_owned(),
        Token::Minus => "`-`".to_owned(),
    }
}

#[cfg(test)]
mod tests;
