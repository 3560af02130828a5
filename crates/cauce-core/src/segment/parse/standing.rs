//! Who the profile is and what became of its messages: `bucket(…)`, `reachable by …`,
//! `messages(…)`.

use super::Parser;
use crate::diagnostic::Diagnostic;
use crate::message::Channel;
use crate::prelude::*;
use crate::segment::checks::{check_bucket, check_count, check_messages, check_name};
use crate::segment::definition::{MessageFilter, MessageState, Messages, Rule, Window};
use crate::segment::lexer::Token;

const STATES: &str = "`sent`, `delivered`, `opened`, `clicked`, `refused`, `failed`, `bounced` or \
                      `complained`";
const BEHIND: &str = "`template \"…\"`, `campaign`, `journey`, `channel`, `reason` or a window \
                      such as `last 30d`";

impl Parser {
    /// `bucket("spring-test", 100) < 10`
    pub(super) fn bucket(&mut self) -> Option<Rule> {
        let start = self.span().0;
        self.at += 1;
        self.need(&Token::Open, "`(` and a name in double quotes")?;
        let (name, of) = self.enclosed(|parser| {
            let name = parser.text("a name in double quotes")?;
            parser.need(&Token::Comma, "`,` and the number of buckets")?;
            let of = parser.number()?;
            parser.need(&Token::Close, "`)`")?;
            Some((name, of))
        })?;
        let is = self.bound()?;
        let of = of.to_i64().and_then(|of| u32::try_from(of).ok()).unwrap_or(0);
        self.report(start, check_bucket(&name, of, is))?;
        Some(Rule::Bucket { name, of, is })
    }

    /// `reachable by sms for topic "news"`
    pub(super) fn reachable(&mut self) -> Option<Rule> {
        self.at += 2;
        let words = Channel::ALL.map(Channel::as_str);
        let known = Channel::ALL.into_iter().find(|channel| self.eat_word(channel.as_str()));
        let Some(channel) = known else {
            return self.expected_of("`email`, `sms`, `push` or `webhook`", &words);
        };
        if !self.eat_word("for") {
            return Some(Rule::Reachable { channel, topic: None });
        }
        if !self.eat_word("topic") {
            return self.expected_of("`topic` and its name", &["topic"]);
        }
        let start = self.span().0;
        let topic = self.text("the topic's name in double quotes")?;
        self.report(start, check_name("topic", &topic))?;
        Some(Rule::Reachable { channel, topic: Some(topic) })
    }

    /// `consent("profiling")`
    pub(super) fn consent(&mut self) -> Option<Rule> {
        self.at += 1;
        self.need(&Token::Open, "`(` and a purpose in double quotes")?;
        self.enclosed(|parser| {
            let start = parser.span().0;
            let purpose = parser.text("a purpose in double quotes")?;
            parser.report(start, check_name("purpose", &purpose))?;
            parser.need(&Token::Close, "`)`")?;
            Some(Rule::Consent(purpose))
        })
    }

    /// `messages(sent, template "welcome", last 30d) >= 1`
    pub(super) fn messages(&mut self) -> Option<Rule> {
        let start = self.span().0;
        self.at += 1;
        self.need(&Token::Open, "`(` and what became of them")?;
        let of = self.enclosed(Parser::messages_of)?;
        self.report(start, check_messages(&of))?;
        let is = self.bound()?;
        self.report(start, check_count(is))?;
        Some(Rule::Messages { of, is })
    }

    fn messages_of(&mut self) -> Option<Messages> {
        let known = MessageState::ALL.into_iter().find(|state| self.eat_word(state.as_str()));
        let Some(state) = known else {
            return self.expected_of(STATES, &MessageState::ALL.map(MessageState::as_str));
        };
        let mut of = Messages { state, filters: BTreeMap::new(), window: Window::All };
        while self.eat(&Token::Comma) {
            let start = self.span().0;
            let known = MessageFilter::ALL.into_iter().find(|word| self.eat_word(word.as_str()));
            let Some(filter) = known else {
                of.window = self.window_or(BEHIND, &WORDS)?;
                break;
            };
            self.count(usize::from(!of.filters.is_empty()))?;
            let value = match self.peek() {
                Some(Token::Word(word)) if filter == MessageFilter::Channel => {
                    let word = word.to_ascii_lowercase();
                    self.at += 1;
                    word
                }
                _ => self.text("its name in double quotes")?,
            };
            if of.filters.insert(filter, value).is_some() {
                let message = format!("`{}` is said twice", filter.as_str());
                self.report(start, Some(Diagnostic::error("", "said-twice", message)))?;
            }
        }
        self.need(&Token::Close, "`, last 30d` or `)`")?;
        Some(of)
    }
}

const WORDS: [&str; 10] = [
    "template", "campaign", "journey", "channel", "reason", "last", "today", "this", "since",
    "between",
];
