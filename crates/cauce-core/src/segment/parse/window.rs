//! Which events and when: what stands between the parentheses behind `count` and the others.

use super::{Of, Parser};
use crate::decimal::Decimal;
use crate::diagnostic::Diagnostic;
use crate::prelude::*;
use crate::segment::checks::{check_name, check_path, check_span, check_steps, check_window};
use crate::segment::definition::{Filter, Rule, Selection, Step, Unit, Window};
use crate::segment::lexer::Token;
use crate::segment::names::{Path, is_reserved};
use crate::time::Timestamp;

const WINDOW: &str = "a window such as `last 90d`, `today`, `this week`, `last month`, \
                      `last 3 calendar months` or `since \"2026-01-01\"`";
const WINDOW_WORDS: [&str; 6] = ["last", "today", "yesterday", "this", "since", "between"];
const UNIT: &str = "`day`, `week`, `month`, `quarter` or `year`";
const UNIT_WORDS: [&str; 10] =
    ["day", "week", "month", "quarter", "year", "days", "weeks", "months", "quarters", "years"];

impl Parser {
    /// `(order_completed.total where category = "a", last 90d)`
    pub(super) fn selection(&mut self) -> Option<(Selection, Path)> {
        self.need(&Token::Open, "`(` and the event's name")?;
        self.enclosed(Parser::selected)
    }

    fn selected(&mut self) -> Option<(Selection, Path)> {
        let (start, end) = self.span();
        let mut path = self.path("the event's name")?;
        self.report(start, check_path(&path))?;
        let event = path.0.remove(0);
        self.mention_to((start, end), Of::Event(event.clone()));
        if !path.0.is_empty() {
            self.mention(start, Of::Event(event.clone()).below(&path));
        }
        let filter = self.filtered(&event)?;
        let window = if self.eat(&Token::Comma) { self.window()? } else { Window::All };
        if !self.eat(&Token::Close) {
            let what = match (&filter, window) {
                (None, Window::All) => "`where`, `, last 90d` or `)`",
                (Some(_), Window::All) => "`and`, `or`, `, last 90d` or `)`",
                _ => "`)`",
            };
            return self.expected_of(what, &["where"]);
        }
        Some((Selection { event, filter, window }, path))
    }

    /// What must be true of an event of this name.
    fn filtered(&mut self, event: &str) -> Option<Option<Filter>> {
        if self.eat_word("where") {
            self.looking_in(Some(Of::Event(event.to_owned())), |parser| {
                parser.deeper(Parser::or::<Filter>).map(Some)
            })
        } else {
            Some(None)
        }
    }

    pub(super) fn window(&mut self) -> Option<Window> {
        self.window_or(WINDOW, &WINDOW_WORDS)
    }

    /// The same; `words` are what a mistyped one may have been meant to be.
    pub(super) fn window_or(&mut self, what: &str, words: &[&str]) -> Option<Window> {
        let start = self.span().0;
        let window = if self.eat_word("last") {
            self.behind_last()?
        } else if self.eat_word("today") {
            Window::This(Unit::Day)
        } else if self.eat_word("yesterday") {
            Window::Past { count: 1, unit: Unit::Day }
        } else if self.eat_word("this") {
            Window::This(self.unit()?)
        } else if self.eat_word("since") {
            Window::Since(self.stamp()?)
        } else if self.eat_word("between") {
            let from = self.stamp()?;
            if !self.eat_word("and") {
                return self.expected_of("`and` and the end", &["and"]);
            }
            Window::Between(from, self.stamp()?)
        } else {
            return self.expected_of(what, words);
        };
        let place = if matches!(window, Window::Last(_)) { self.before() } else { start };
        self.report(place, check_window(window))?;
        Some(window)
    }

    fn behind_last(&mut self) -> Option<Window> {
        if matches!(self.peek(), Some(Token::Word(_))) {
            return Some(Window::Past { count: 1, unit: self.unit()? });
        }
        if !matches!(self.peek(), Some(Token::Number(_))) {
            return self.duration().map(Window::Last);
        }
        let start = self.span().0;
        let count = self.number()?;
        if !self.eat_word("calendar") {
            return self.expected_of(
                "`calendar`, as in `last 3 calendar months`; a span is written `90d`",
                &["calendar"],
            );
        }
        let unit = self.unit()?;
        let whole = count.to_i64().and_then(|count| u16::try_from(count).ok());
        if whole.is_none() || count < Decimal::ZERO {
            let message = format!("`{count}` is no number of {}s", unit.as_str());
            self.report(start, Some(Diagnostic::error("", "bad-window", message)))?;
        }
        Some(Window::Past { count: whole?, unit })
    }

    /// `month`, `months`
    pub(super) fn unit(&mut self) -> Option<Unit> {
        for unit in Unit::ALL {
            if self.eat_word(unit.as_str()) || self.eat_word(&format!("{}s", unit.as_str())) {
                return Some(unit);
            }
        }
        self.expected_of(UNIT, &UNIT_WORDS)
    }

    /// A date in double quotes.
    pub(super) fn stamp(&mut self) -> Option<Timestamp> {
        let start = self.span().0;
        let text = self.text("a date such as `\"2026-11-24\"`")?;
        self.stamp_of(start, &text)
    }

    pub(super) fn stamp_of(&mut self, start: usize, text: &str) -> Option<Timestamp> {
        match text.parse::<Timestamp>() {
            Ok(stamp) => Some(stamp),
            Err(why) => {
                let message = format!("{} is not a date", crate::segment::print::Quoted(text));
                let fault = Diagnostic::error("", "malformed-date", message).hint(why.to_string());
                self.report(start, Some(fault));
                None
            }
        }
    }

    /// `sequence(viewed where …, then added within 1h, then not ordered within 2d, last 30d)`
    pub(super) fn sequence(&mut self) -> Option<Rule> {
        let start = self.span().0;
        self.at += 1;
        self.need(&Token::Open, "`(` and the first event's name")?;
        let (steps, window) = self.enclosed(Parser::steps)?;
        self.report(start, check_steps(&steps))?;
        Some(Rule::Sequence { steps, window })
    }

    fn steps(&mut self) -> Option<(Vec<Step>, Window)> {
        let mut steps = vec![self.step()?];
        let mut window = Window::All;
        while self.eat(&Token::Comma) {
            if self.eat_word("then") {
                self.count(1)?;
                steps.push(self.step()?);
            } else {
                window =
                    self.window_or(WINDOW, &["then", "last", "today", "this", "since", "between"])?;
                break;
            }
        }
        if !self.eat(&Token::Close) {
            let what = if window == Window::All {
                "`where`, `within 1h`, `, then` and the next step, `, last 90d` or `)`"
            } else {
                "`)`"
            };
            return self.expected_of(what, &["where", "within"]);
        }
        Some((steps, window))
    }

    fn step(&mut self) -> Option<Step> {
        let not = self.eat_word("not");
        let start = self.span().0;
        let event = match self.peek() {
            Some(Token::Name(name)) => name.clone(),
            Some(Token::Word(word)) if !is_reserved(word) => word.clone(),
            _ => return self.expected("the event's name"),
        };
        self.at += 1;
        self.report(start, check_name("event", &event))?;
        self.mention(start, Of::Event(event.clone()));
        let filter = self.filtered(&event)?;
        let within = if self.eat_word("within") {
            let start = self.span().0;
            let span = self.duration()?;
            self.report(start, check_span(span))?;
            Some(span)
        } else {
            None
        };
        Some(Step { not, event, filter, within })
    }
}
