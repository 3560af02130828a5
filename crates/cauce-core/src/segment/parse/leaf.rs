//! Conditions: `plan = "pro"`, `count(…) >= 3`, `last(…) before now - 60d`, `in segment "vip"`.

use super::Parser;
use crate::prelude::*;
use crate::segment::check::{
    Place, check_count, check_name, check_occurrence, check_path, check_window,
};
use crate::segment::definition::{Bound, Filter, Op, Rule, Selection, Window};
use crate::segment::lexer::Token;
use crate::segment::names::{Path, is_reserved};

const CONDITION: &str = "a condition, such as `plan = \"pro\"` or `count(order_completed) >= 3`";
const FUNCTIONS: [&str; 5] = ["count", "sum", "average", "first", "last"];

impl Parser {
    pub(super) fn rule_leaf(&mut self) -> Option<Rule> {
        match self.peek() {
            Some(Token::Name(_)) => self.attribute(),
            Some(Token::Word(word)) => {
                let word = word.to_ascii_lowercase();
                match word.as_str() {
                    "in" => self.membership(),
                    "event" => self.event(),
                    "count" => self.count_of(),
                    "sum" | "average" => self.total_of(word == "sum"),
                    "first" | "last" => self.occurrence_of(word == "first"),
                    _ if is_reserved(&word) => self.expected(CONDITION),
                    _ => self.attribute(),
                }
            }
            _ => self.expected(CONDITION),
        }
    }

    fn attribute(&mut self) -> Option<Rule> {
        if let Some(Token::Open) = self.lexemes.get(self.at + 1).map(|lexeme| &lexeme.token) {
            // `cuont(` is no attribute.
            return self.expected_of("`count`, `sum`, `average`, `first` or `last`", &FUNCTIONS);
        }
        let path = self.path("an attribute")?;
        let is = self.test(Place::Profile)?;
        Some(Rule::Attribute { path, is })
    }

    fn event(&mut self) -> Option<Rule> {
        self.at += 1;
        self.need(&Token::Dot, "`.` and a property, such as `event.total`")?;
        let start = self.span().0;
        let path = self.names(Vec::new())?;
        self.report(start, check_path(&path))?;
        let is = self.test(Place::Profile)?;
        Some(Rule::Event { path, is })
    }

    fn membership(&mut self) -> Option<Rule> {
        self.at += 1;
        if !self.eat_word("segment") {
            return self.expected_of("`segment \"name\"`", &["segment"]);
        }
        let start = self.span().0;
        let name = self.text("the segment's name in double quotes")?;
        self.report(start, check_name("segment", &name))?;
        Some(Rule::Segment(name))
    }

    fn count_of(&mut self) -> Option<Rule> {
        let start = self.span().0;
        let (of, property) = self.selection()?;
        if !property.0.is_empty() {
            return self.no_property(start, &of.event, &property);
        }
        let is = self.bound()?;
        self.report(start, check_count(is))?;
        Some(Rule::Count { of, is })
    }

    fn total_of(&mut self, sum: bool) -> Option<Rule> {
        let start = self.span().0;
        let (of, property) = self.selection()?;
        if property.0.is_empty() {
            let word = if sum { "sum" } else { "average" };
            let fault = crate::diagnostic::Diagnostic::error(
                "",
                "no-property",
                format!("`{word}` needs a property behind the event's name"),
            );
            self.report(start, Some(fault.hint(format!("write `{word}({}.total)`", of.event))))?;
        }
        let is = self.bound()?;
        Some(if sum { Rule::Sum { of, property, is } } else { Rule::Average { of, property, is } })
    }

    fn occurrence_of(&mut self, first: bool) -> Option<Rule> {
        let start = self.span().0;
        let (of, property) = self.selection()?;
        if !property.0.is_empty() {
            return self.no_property(start, &of.event, &property);
        }
        let tested = self.span().0;
        let Some(is) = self.date_test()? else {
            return self
                .expected_of("`before`, `after` or `within`", &["before", "after", "within"]);
        };
        self.report(tested, check_occurrence(&is))?;
        Some(if first { Rule::First { of, is } } else { Rule::Last { of, is } })
    }

    fn no_property(&mut self, start: usize, event: &str, property: &Path) -> Option<Rule> {
        let message = format!("only `sum` and `average` look at a property, here `{property}`");
        let fault = crate::diagnostic::Diagnostic::error("", "stray-property", message);
        let hint = format!("if the event's name has a dot, write `` `{event}.{property}` ``");
        self.report(start, Some(fault.hint(hint)));
        None
    }

    /// `(order_completed.total where category = "a", last 90d)`
    fn selection(&mut self) -> Option<(Selection, Path)> {
        self.at += 1;
        self.need(&Token::Open, "`(` and the event's name")?;
        self.enclosed(Parser::selected)
    }

    fn selected(&mut self) -> Option<(Selection, Path)> {
        let start = self.span().0;
        let mut path = self.path("the event's name")?;
        self.report(start, check_path(&path))?;
        let event = path.0.remove(0);
        let filter = if self.eat_word("where") {
            self.deeper(Parser::or::<Filter>).map(Some)?
        } else {
            None
        };
        let window = if self.eat(&Token::Comma) { self.window()? } else { Window::All };
        if !self.eat(&Token::Close) {
            let what = match (&filter, window) {
                (None, Window::All) => "`where`, `, last 90d` or `)`",
                (Some(_), Window::All) => "`and`, `or`, `, last 90d` or `)`",
                (_, Window::Last(_)) => "`)`",
            };
            return self.expected_of(what, &["where"]);
        }
        Some((Selection { event, filter, window }, path))
    }

    fn window(&mut self) -> Option<Window> {
        if !self.eat_word("last") {
            return self.expected_of("a window such as `last 90d`", &["last"]);
        }
        let start = self.span().0;
        let window = Window::Last(self.duration()?);
        self.report(start, check_window(window))?;
        Some(window)
    }

    fn bound(&mut self) -> Option<Bound> {
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
