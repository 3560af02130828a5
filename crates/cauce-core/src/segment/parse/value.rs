//! Names, values and tests: what stands around a comparison.

use super::Parser;
use crate::decimal::Decimal;
use crate::prelude::*;
use crate::segment::check::{Place, check_date, check_path, check_test};
use crate::segment::compile::listed;
use crate::segment::definition::{DateTest, Literal, Moment, Test};
use crate::segment::lexer::Token;
use crate::segment::names::{Path, is_reserved};
use crate::time::Duration;

const TEST: &str = "a comparison: `=`, `!=`, `<`, `>=`, `in`, `contains`, `starts with`, \
                    `ends with`, `exists`, `before`, `after` or `within`";
const TEST_WORDS: [&str; 9] =
    ["in", "not", "contains", "starts", "ends", "exists", "before", "after", "within"];

impl Parser {
    /// A path whose first name is no word of the language.
    pub(super) fn path(&mut self, what: &str) -> Option<Path> {
        if matches!(self.peek(), Some(Token::Word(word)) if is_reserved(word)) {
            return self.expected(what);
        }
        let start = self.span().0;
        let path = match self.peek() {
            Some(Token::Word(_) | Token::Name(_)) => self.names(Vec::new())?,
            _ => return self.expected(what),
        };
        self.report(start, check_path(&path))?;
        Some(path)
    }

    /// Names with dots between them.
    pub(super) fn names(&mut self, mut names: Vec<String>) -> Option<Path> {
        loop {
            let Some(Token::Word(name) | Token::Name(name)) = self.peek() else {
                return self.expected("a name");
            };
            names.push(name.clone());
            self.at += 1;
            if !self.eat(&Token::Dot) {
                return Some(Path(names));
            }
        }
    }

    pub(super) fn test(&mut self, place: Place) -> Option<Test> {
        let start = self.span().0;
        let test = self.bare_test()?;
        self.count(listed(&test))?;
        self.report(start, check_test(&test, place))?;
        Some(test)
    }

    fn bare_test(&mut self) -> Option<Test> {
        if let Some(Token::Op(op)) = self.peek() {
            let op = *op;
            self.at += 1;
            return Some(Test::Compare { op, to: self.literal()? });
        }
        if self.eat_word("exists") {
            return Some(Test::Exists);
        }
        if self.eat_word("contains") {
            return Some(Test::Contains(self.literal()?));
        }
        if self.eat_word("in") {
            return Some(Test::In(self.list()?));
        }
        if self.eat_word("not") {
            if self.eat_word("exists") {
                return Some(Test::Missing);
            }
            if self.eat_word("in") {
                return Some(Test::NotIn(self.list()?));
            }
            return self.expected_of("`exists` or `in`", &["exists", "in"]);
        }
        for (word, test) in [
            ("starts", Test::StartsWith as fn(String) -> Test),
            ("ends", Test::EndsWith as fn(String) -> Test),
        ] {
            if self.eat_word(word) {
                if !self.eat_word("with") {
                    return self.expected_of("`with`", &["with"]);
                }
                return Some(test(self.text("a text in double quotes")?));
            }
        }
        match self.date_test()? {
            Some(test) => Some(Test::Date(test)),
            None => self.expected_of(TEST, &TEST_WORDS),
        }
    }

    /// The outer absence: a fault. The inner one: no test of a date begins here.
    pub(super) fn date_test(&mut self) -> Option<Option<DateTest>> {
        let start = self.span().0;
        let test = if self.eat_word("before") {
            DateTest::Before(self.moment()?)
        } else if self.eat_word("after") {
            DateTest::After(self.moment()?)
        } else if self.eat_word("within") {
            if self.eat_word("last") {
                DateTest::WithinLast(self.duration()?)
            } else if self.eat_word("next") {
                DateTest::WithinNext(self.duration()?)
            } else {
                return self.expected_of("`last` or `next`", &["last", "next"]);
            }
        } else {
            return Some(None);
        };
        self.report(start, check_date(&test))?;
        Some(Some(test))
    }

    fn moment(&mut self) -> Option<Moment> {
        if self.eat_word("now") {
            return if self.eat(&Token::Minus) {
                Some(Moment::Ago(self.duration()?))
            } else if self.eat(&Token::Plus) {
                Some(Moment::Ahead(self.duration()?))
            } else {
                Some(Moment::Now)
            };
        }
        let start = self.span().0;
        let text = self.text("`now`, `now - 30d` or a date such as `\"2026-11-24\"`")?;
        self.stamp_of(start, &text).map(Moment::At)
    }

    pub(super) fn duration(&mut self) -> Option<Duration> {
        let Some(Token::Span(span)) = self.peek() else {
            return self.expected("a span such as `90d`, `12h` or `30m`");
        };
        let span = *span;
        self.at += 1;
        Some(span)
    }

    fn list(&mut self) -> Option<Vec<Literal>> {
        self.need(&Token::Open, "`(` and a list such as `(\"a\", \"b\")`")?;
        self.enclosed(Parser::listed)
    }

    fn listed(&mut self) -> Option<Vec<Literal>> {
        let mut literals = Vec::new();
        if self.eat(&Token::Close) {
            return Some(literals);
        }
        loop {
            literals.push(self.literal()?);
            if self.eat(&Token::Close) {
                return Some(literals);
            }
            self.need(&Token::Comma, "`,` or `)`")?;
        }
    }

    fn literal(&mut self) -> Option<Literal> {
        if self.eat_word("true") {
            return Some(Literal::Bool(true));
        }
        if self.eat_word("false") {
            return Some(Literal::Bool(false));
        }
        match self.peek() {
            Some(Token::Text(_)) => self.text("").map(Literal::String),
            Some(Token::Number(_) | Token::Minus) => self.number().map(Literal::Number),
            Some(Token::Word(word)) if !is_reserved(word) => {
                let hint = format!("write the text as \"{word}\"");
                self.expected::<Literal>("a value");
                if let Some(fault) = self.faults.last_mut() {
                    fault.hint = Some(hint);
                }
                None
            }
            _ => self.expected("a text in double quotes, a number, `true` or `false`"),
        }
    }

    pub(super) fn number(&mut self) -> Option<Decimal> {
        let negative = self.eat(&Token::Minus);
        let Some(Token::Number(number)) = self.peek() else {
            return self.expected("a number");
        };
        let number = *number;
        self.at += 1;
        Some(if negative { Decimal::ZERO.minus(number) } else { number })
    }

    pub(super) fn text(&mut self, what: &str) -> Option<String> {
        let Some(Token::Text(text)) = self.peek() else { return self.expected(what) };
        let text = text.clone();
        self.at += 1;
        Some(text)
    }
}
