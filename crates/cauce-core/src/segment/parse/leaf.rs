//! Conditions: `plan = "pro"`, `count(…) >= 3`, `last(…) before now - 60d`, `in segment "vip"`.

use super::{Of, Parser};
use crate::diagnostic::Diagnostic;
use crate::prelude::*;
use crate::segment::checks::{
    Place, check_count, check_distinct, check_name, check_occurrence, check_path,
};
use crate::segment::computed::Computed;
use crate::segment::definition::{Bound, Op, Rule, Selection, Test};
use crate::segment::lexer::Token;
use crate::segment::names::{Path, is_reserved};

const CONDITION: &str = "a condition, such as `plan = \"pro\"` or `count(order_completed) >= 3`";
const FUNCTIONS: [&str; 15] = [
    "count",
    "sum",
    "average",
    "min",
    "max",
    "distinct",
    "most frequent",
    "first",
    "last",
    "first value",
    "last value",
    "sequence",
    "bucket",
    "messages",
    "consent",
];

/// A value that a test is about.
enum About {
    Attribute(Path),
    Event(Path),
    /// A value of a list's payload.
    Listed(String, Path),
    /// A function of a property, by its words.
    Kept(&'static str, Selection, Path),
}

impl About {
    fn rule(self, is: Test) -> Rule {
        match self {
            About::Attribute(path) => Rule::Attribute { path, is },
            About::Event(path) => Rule::Event { path, is },
            About::Listed(list, path) => Rule::Listed { list, path, is },
            About::Kept("most frequent", of, property) => Rule::MostFrequent { of, property, is },
            About::Kept("first value", of, property) => Rule::FirstValue { of, property, is },
            About::Kept(_, of, property) => Rule::LastValue { of, property, is },
        }
    }
}

impl Parser {
    pub(super) fn rule_leaf(&mut self) -> Option<Rule> {
        if self.is_around() {
            let (about, is) = self.around(Place::Profile, Parser::about)?;
            return Some(about.rule(is));
        }
        match self.peek() {
            Some(Token::Name(_)) => self.attribute(),
            Some(Token::Word(word)) => {
                let word = word.to_ascii_lowercase();
                match word.as_str() {
                    "in" => self.membership(),
                    "event" => self.event(),
                    "list" if self.is_text_at(1) => {
                        let about = self.list_path()?;
                        Some(about.rule(self.test(Place::Profile)?))
                    }
                    "reachable" if self.is_word_at(1, "by") => self.reachable(),
                    _ => match self.function(&word) {
                        Some(function) => self.call(function),
                        None if FUNCTIONS.contains(&&*word) && is_reserved(&word) => {
                            self.at += 1;
                            self.expected("`(` and the event's name")
                        }
                        None if is_reserved(&word) => self.expected(CONDITION),
                        None => self.attribute(),
                    },
                }
            }
            _ => self.expected(CONDITION),
        }
    }

    /// The function that begins here: words with a parenthesis behind them.
    fn function(&self, word: &str) -> Option<&'static str> {
        let token = |at: usize| self.lexemes.get(self.at + at).map(|lexeme| &lexeme.token);
        let known = |name: &&&str| {
            let mut words = name.split(' ');
            let first = words.next().is_some_and(|first| first == word);
            let second = words.next().is_none_or(|second| {
                matches!(token(1), Some(Token::Word(next)) if next.eq_ignore_ascii_case(second))
            });
            let open = if name.contains(' ') { 2 } else { 1 };
            first && second && token(open) == Some(&Token::Open)
        };
        FUNCTIONS.iter().find(known).copied()
    }

    /// The value of a computed attribute.
    pub(super) fn computed(&mut self) -> Option<Computed> {
        const MEASURE: &str = "a measure such as `sum(order_completed.total, last 90d)`";
        let word = match self.peek() {
            Some(Token::Word(word)) => word.to_ascii_lowercase(),
            _ => return self.expected(MEASURE),
        };
        let start = self.span().0;
        let Some(function) = self.function(&word) else {
            return self.expected_of(MEASURE, &FUNCTIONS);
        };
        self.at += function.split(' ').count();
        if matches!(function, "average" | "sequence" | "bucket" | "messages" | "consent") {
            let message = format!("`{function}` has no value that is exact and stays");
            let fault = Diagnostic::error("", "no-value", message);
            self.report(start, Some(fault.hint("use `sum` and `count`, or a segment")));
            return None;
        }
        let (of, property) = self.selection()?;
        if matches!(function, "count" | "first" | "last") != property.0.is_empty() {
            self.misplaced(start, function, &of.event, &property);
            return None;
        }
        Computed::new(function, &of, &property)
    }

    fn call(&mut self, function: &'static str) -> Option<Rule> {
        match function {
            "sequence" => return self.sequence(),
            "bucket" => return self.bucket(),
            "messages" => return self.messages(),
            "consent" => return self.consent(),
            _ => {}
        }
        let start = self.span().0;
        self.at += function.split(' ').count();
        let (of, property) = self.selection()?;
        let bare = matches!(function, "count" | "first" | "last");
        if bare != property.0.is_empty() {
            return self.misplaced(start, function, &of.event, &property);
        }
        match function {
            "first" | "last" => return self.occurrence(function == "first", of),
            "most frequent" | "first value" | "last value" => {
                let is = self.test(Place::Profile)?;
                return Some(About::Kept(function, of, property).rule(is));
            }
            _ => {}
        }
        let is = self.bound()?;
        self.report(
            start,
            match function {
                "count" => check_count(is),
                "distinct" => check_distinct(is),
                _ => None,
            },
        )?;
        Some(match function {
            "count" => Rule::Count { of, is },
            "sum" => Rule::Sum { of, property, is },
            "average" => Rule::Average { of, property, is },
            "min" => Rule::Min { of, property, is },
            "max" => Rule::Max { of, property, is },
            _ => Rule::Distinct { of, property, is },
        })
    }

    /// What a test that stands around its value is about.
    fn about(&mut self) -> Option<About> {
        if self.is_word("event") {
            return self.event_path().map(About::Event);
        }
        if self.is_word("list") && self.is_text_at(1) {
            return self.list_path();
        }
        let word = match self.peek() {
            Some(Token::Word(word)) => word.to_ascii_lowercase(),
            _ => String::new(),
        };
        match self.function(&word) {
            Some(function @ ("most frequent" | "first value" | "last value")) => {
                let start = self.span().0;
                self.at += 2;
                let (of, property) = self.selection()?;
                if property.0.is_empty() {
                    self.misplaced(start, function, &of.event, &property);
                    return None;
                }
                Some(About::Kept(function, of, property))
            }
            _ => self.attribute_path().map(About::Attribute),
        }
    }

    fn attribute(&mut self) -> Option<Rule> {
        if let Some(Token::Open) = self.lexemes.get(self.at + 1).map(|lexeme| &lexeme.token) {
            // `cuont(` is no attribute.
            return self.expected_of("a function such as `count` or `last`", &FUNCTIONS);
        }
        let path = self.attribute_path()?;
        let is = self.test(Place::Profile)?;
        Some(Rule::Attribute { path, is })
    }

    fn event_path(&mut self) -> Option<Path> {
        self.at += 1;
        self.need(&Token::Dot, "`.` and a property, such as `event.total`")?;
        let start = self.span().0;
        let path = self.names(Vec::new())?;
        self.report(start, check_path(&path))?;
        self.mention(start, Of::trigger(&path));
        Some(path)
    }

    /// The path of an attribute.
    fn attribute_path(&mut self) -> Option<Path> {
        let start = self.span().0;
        let path = self.path("an attribute")?;
        self.mention(start, Of::attribute(&path));
        Some(path)
    }

    fn event(&mut self) -> Option<Rule> {
        let path = self.event_path()?;
        let is = self.test(Place::Profile)?;
        Some(Rule::Event { path, is })
    }

    fn membership(&mut self) -> Option<Rule> {
        self.at += 1;
        if self.eat_word("list") {
            return self.list_name().map(Rule::List);
        }
        if !self.eat_word("segment") {
            let what = "`segment \"name\"` or `list \"name\"`";
            return self.expected_of(what, &["segment", "list"]);
        }
        let start = self.span().0;
        let name = self.text("the segment's name in double quotes")?;
        self.report(start, check_name("segment", &name))?;
        Some(Rule::Segment(name))
    }

    fn list_name(&mut self) -> Option<String> {
        let start = self.span().0;
        let name = self.text("the list's name in double quotes")?;
        self.report(start, check_name("list", &name))?;
        Some(name)
    }

    /// `list "vip".tier`
    fn list_path(&mut self) -> Option<About> {
        self.at += 1;
        let list = self.list_name()?;
        self.need(&Token::Dot, "`.` and a value of the list, such as `list \"vip\".tier`")?;
        let start = self.span().0;
        let path = self.names(Vec::new())?;
        self.report(start, check_path(&path))?;
        Some(About::Listed(list, path))
    }

    fn occurrence(&mut self, first: bool, of: Selection) -> Option<Rule> {
        let tested = self.span().0;
        let Some(is) = self.date_test()? else {
            return self
                .expected_of("`before`, `after` or `within`", &["before", "after", "within"]);
        };
        self.report(tested, check_occurrence(&is))?;
        Some(if first { Rule::First { of, is } } else { Rule::Last { of, is } })
    }

    /// A property where there is none to look at, or none where there must be one.
    fn misplaced(
        &mut self,
        start: usize,
        function: &str,
        event: &str,
        property: &Path,
    ) -> Option<Rule> {
        let fault = if property.0.is_empty() {
            let message = format!("`{function}` needs a property behind the event's name");
            Diagnostic::error("", "no-property", message)
                .hint(format!("write `{function}({event}.total)`"))
        } else {
            let message = format!("`{function}` does not look at a property, here `{property}`");
            let hint = format!("if the event's name has a dot, write `` `{event}.{property}` ``");
            Diagnostic::error("", "stray-property", message).hint(hint)
        };
        self.report(start, Some(fault));
        None
    }

    pub(super) fn bound(&mut self) -> Option<Bound> {
        let op = self.op("`>=` or another comparison with a number")?;
        Some(Bound { op, to: self.number()? })
    }

    pub(super) fn op(&mut self, what: &str) -> Option<Op> {
        let Some(Token::Op(op)) = self.peek() else { return self.expected(what) };
        let op = *op;
        self.at += 1;
        Some(op)
    }
}
