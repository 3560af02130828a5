//! Names, values and tests: what stands around a comparison.

use super::Parser;
use crate::decimal::Decimal;
use crate::diagnostic::Diagnostic;
use crate::prelude::*;
use crate::segment::checks::{Place, check_date, check_path, check_test};
use crate::segment::compile::listed;
use crate::segment::definition::{
    Anniversary, DateTest, Filter, Ignore, Literal, Moment, Release, Test, Units,
};
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
        let test = self.plain_test()?;
        if !self.eat_word("ignoring") {
            return Some(test);
        }
        let case = self.eat_word("case");
        let both = case && self.is_word("and") && self.is_word_at(1, "accents");
        let what = if both {
            self.at += 2;
            Ignore::CaseAndAccents
        } else if case {
            Ignore::Case
        } else if self.eat_word("accents") {
            Ignore::Accents
        } else {
            return self
                .expected_of("`case`, `accents` or `case and accents`", &["case", "accents"]);
        };
        Some(Test::Ignoring { what, test: Box::new(test) })
    }

    fn plain_test(&mut self) -> Option<Test> {
        if let Some(Token::Op(op)) = self.peek() {
            let op = *op;
            self.at += 1;
            if self.eat_word("version") {
                return Some(Test::Version { op, to: self.release()? });
            }
            if self.eat_word("money") {
                let (amount, currency) = self.money()?;
                return Some(Test::Money { op, amount, currency });
            }
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

    fn release(&mut self) -> Option<Release> {
        let start = self.span().0;
        let text = self.text("a version such as `\"2.10.0\"`")?;
        match Release::try_from(text) {
            Ok(release) => Some(release),
            Err(why) => {
                self.report(start, Some(Diagnostic::error("", "malformed-version", why)));
                None
            }
        }
    }

    fn money(&mut self) -> Option<(Decimal, String)> {
        let start = self.span().0;
        let text = self.text("an amount such as `\"50 EUR\"`")?;
        let read = text.split_once(' ').and_then(|(amount, currency)| {
            Some((amount.parse::<Decimal>().ok()?, currency.trim().to_owned()))
        });
        if read.is_none() {
            let message = format!("{} is no money", crate::segment::print::Quoted(&text));
            let fault = Diagnostic::error("", "malformed-money", message);
            self.report(start, Some(fault.hint("write `money \"50 EUR\"`")));
        }
        read
    }

    /// `any items (sku = "x")`, `size(items) >= 3`, `anniversary of birth_date is today`: tests
    /// that stand around their value.
    pub(super) fn is_around(&self) -> bool {
        let value = |at: usize| match self.lexemes.get(self.at + at).map(|lexeme| &lexeme.token) {
            Some(Token::Name(_)) => true,
            Some(Token::Word(word)) => {
                !TEST_WORDS.iter().any(|test| test.eq_ignore_ascii_case(word))
                    && !word.eq_ignore_ascii_case("and")
                    && !word.eq_ignore_ascii_case("or")
            }
            _ => false,
        };
        let opens =
            matches!(self.lexemes.get(self.at + 1).map(|lexeme| &lexeme.token), Some(Token::Open));
        (["any", "all", "no"].iter().any(|word| self.is_word(word)) && value(1))
            || (self.is_word("anniversary") && self.is_word_at(1, "of"))
            || (self.is_word("size") && opens)
    }

    /// Reads such a test; `value` reads what it stands around.
    pub(super) fn around<T>(
        &mut self,
        place: Place,
        value: fn(&mut Parser) -> Option<T>,
    ) -> Option<(T, Test)> {
        let start = self.span().0;
        let (value, test) = if self.eat_word("size") {
            self.need(&Token::Open, "`(` and an array")?;
            let value = self.enclosed(|parser| {
                let value = value(parser)?;
                parser.need(&Token::Close, "`)`")?;
                Some(value)
            })?;
            (value, Test::Size(self.bound()?))
        } else if self.eat_word("anniversary") {
            self.at += 1;
            let value = value(self)?;
            (value, Test::Anniversary(self.anniversary()?))
        } else {
            let quantifier = if self.eat_word("any") {
                Test::Any
            } else if self.eat_word("all") {
                Test::All
            } else {
                self.at += 1;
                Test::No
            };
            let known = self.mentions.len();
            let value = value(self)?;
            self.need(&Token::Open, "`(` and what must be true of an element")?;
            let element = self.mentions.get(known..).and_then(|new| new.last());
            let element = element.map(|array| array.of.element());
            let filter = self.looking_in(element, |parser| {
                parser.enclosed(|parser| {
                    let filter = parser.deeper(Parser::or::<Filter>)?;
                    parser.need(&Token::Close, "`and`, `or` or `)`")?;
                    Some(filter)
                })
            })?;
            (value, quantifier(Box::new(filter)))
        };
        self.report(start, check_test(&test, place))?;
        Some((value, test))
    }

    fn anniversary(&mut self) -> Option<Anniversary> {
        if self.eat_word("is") {
            if self.eat_word("today") {
                return Some(Anniversary::Today);
            }
            return self.expected_of("`today`", &["today"]);
        }
        if !self.eat_word("within") {
            return self.expected_of("`is today`, `within next 7d` or `within last 7d`", &["is"]);
        }
        if self.eat_word("next") {
            return self.duration().map(Anniversary::WithinNext);
        }
        if self.eat_word("last") {
            return self.duration().map(Anniversary::WithinLast);
        }
        self.expected_of("`last` or `next`", &["last", "next"])
    }

    /// A span of the calendar, if one begins here: `1 month`.
    fn units(&mut self) -> Option<Option<Units>> {
        if !matches!(self.peek(), Some(Token::Number(_))) {
            return Some(None);
        }
        let start = self.span().0;
        let count = self.number()?;
        let unit = self.unit()?;
        let Some(count) = count.to_i64().and_then(|count| u16::try_from(count).ok()) else {
            let message = format!("`{count}` is no number of {}s", unit.as_str());
            self.report(start, Some(Diagnostic::error("", "malformed-span", message)));
            return None;
        };
        Some(Some(Units { count, unit }))
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
                match self.units()? {
                    Some(units) => DateTest::WithinLastUnits(units),
                    None => DateTest::WithinLast(self.duration()?),
                }
            } else if self.eat_word("next") {
                match self.units()? {
                    Some(units) => DateTest::WithinNextUnits(units),
                    None => DateTest::WithinNext(self.duration()?),
                }
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
            let minus = self.eat(&Token::Minus);
            if !minus && !self.eat(&Token::Plus) {
                return Some(Moment::Now);
            }
            return Some(match (self.units()?, minus) {
                (Some(units), true) => Moment::AgoUnits(units),
                (Some(units), false) => Moment::AheadUnits(units),
                (None, true) => Moment::Ago(self.duration()?),
                (None, false) => Moment::Ahead(self.duration()?),
            });
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
