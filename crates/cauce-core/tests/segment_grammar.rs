//! The grammar that the guide shows is the one that is read: what it can say the parser takes, what
//! rules are printed as it can say, and its examples are rules.

mod segment_rules;

use cauce_core::diagnostic::Severity;
use cauce_core::segment::{check, compile, parse, parse_computed};
use proptest::prelude::*;
use segment_rules::rule;
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("../../../docs/guide/grammar.md");

/// A part of a grammar.
#[derive(Clone, Debug)]
enum Part {
    Word(String),
    Rule(String),
    Then(Vec<Part>),
    Or(Vec<Part>),
    Perhaps(Box<Part>),
    Many(Box<Part>),
    /// What is said in words: a token of the rule's name.
    Token(String),
}

type Grammar = BTreeMap<String, Part>;

/// The fenced blocks of the page with a word behind the fence.
fn blocks(word: &str) -> String {
    let fence = format!("```{word}\n");
    let mut out = String::new();
    for part in PAGE.split(&fence).skip(1) {
        out.push_str(part.split("```").next().unwrap());
    }
    out
}

/// Words, names and signs of EBNF.
fn signs(text: &str) -> Vec<String> {
    let mut signs: Vec<String> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => rest[1..].find('"').unwrap() + 2,
            '?' => rest[1..].find(" ? ;").map(|end| end + 3).unwrap(),
            c if c.is_alphabetic() => {
                rest.find(|c: char| !c.is_alphabetic() && c != ' ').unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        signs.push(rest[..end].trim().to_owned());
        rest = rest[end..].trim_start();
    }
    signs
}

struct Reader {
    signs: Vec<String>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> String {
        self.at += 1;
        self.signs[self.at - 1].clone()
    }

    fn is(&self, sign: &str) -> bool {
        self.signs.get(self.at).is_some_and(|next| next == sign)
    }

    fn any(&mut self, rule: &str) -> Part {
        let mut parts = vec![self.then(rule)];
        while self.is("|") {
            self.at += 1;
            parts.push(self.then(rule));
        }
        if parts.len() == 1 { parts.remove(0) } else { Part::Or(parts) }
    }

    fn then(&mut self, rule: &str) -> Part {
        let mut parts = vec![self.one(rule)];
        while self.is(",") {
            self.at += 1;
            parts.push(self.one(rule));
        }
        if parts.len() == 1 { parts.remove(0) } else { Part::Then(parts) }
    }

    fn one(&mut self, rule: &str) -> Part {
        let sign = self.next();
        let closed = |reader: &mut Reader, close: &str| {
            let part = reader.any(rule);
            assert_eq!(reader.next(), close);
            part
        };
        match sign.as_str() {
            "(" => closed(self, ")"),
            "[" => Part::Perhaps(Box::new(closed(self, "]"))),
            "{" => Part::Many(Box::new(closed(self, "}"))),
            word if word.starts_with('"') => Part::Word(word.trim_matches('"').to_owned()),
            special if special.starts_with('?') => Part::Token(rule.to_owned()),
            name => Part::Rule(name.to_owned()),
        }
    }
}

fn grammar() -> Grammar {
    let mut reader = Reader { signs: signs(&blocks("ebnf")), at: 0 };
    let mut grammar = Grammar::new();
    while reader.at < reader.signs.len() {
        let name = reader.next();
        assert_eq!(reader.next(), "=", "behind {name}");
        let part = reader.any(&name);
        assert_eq!(reader.next(), ";", "behind {name}");
        assert!(grammar.insert(name.clone(), part).is_none(), "{name} twice");
    }
    grammar
}

/// How deep the shallowest sentence of a part is, by what is known of the rules.
fn depth(known: &BTreeMap<String, usize>, part: &Part) -> usize {
    match part {
        Part::Word(_) | Part::Token(_) | Part::Perhaps(_) | Part::Many(_) => 0,
        Part::Rule(name) => 1 + known.get(name).copied().unwrap_or(1_000),
        Part::Then(parts) => parts.iter().map(|part| depth(known, part)).max().unwrap(),
        Part::Or(parts) => parts.iter().map(|part| depth(known, part)).min().unwrap(),
    }
}

fn depths(grammar: &Grammar) -> BTreeMap<String, usize> {
    let mut known = BTreeMap::new();
    for _ in 0..grammar.len() {
        let next = grammar.iter().map(|(name, part)| (name.clone(), depth(&known, part)));
        known = next.collect();
    }
    known
}

/// Makes sentences by what numbers say.
struct Writer<'g> {
    grammar: &'g Grammar,
    depths: BTreeMap<String, usize>,
    state: u64,
    /// Which ways were taken: rule or group, and which.
    taken: BTreeSet<(String, usize)>,
    out: Vec<String>,
}

impl Writer<'_> {
    fn draw(&mut self, of: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.state >> 33) as usize % of
    }

    fn write(&mut self, part: &Part, left: usize) {
        match part {
            Part::Word(word) => self.out.push(word.clone()),
            Part::Rule(name) => {
                let part = self.grammar[name].clone();
                self.write(&part, left.saturating_sub(1));
            }
            Part::Then(parts) => parts.iter().for_each(|part| self.write(part, left)),
            Part::Or(parts) => {
                let deep: Vec<usize> = parts.iter().map(|part| depth(&self.depths, part)).collect();
                let least = *deep.iter().min().unwrap();
                let fits = |at: &usize| deep[*at] <= least.max(left);
                let ways: Vec<usize> = (0..parts.len()).filter(fits).collect();
                let way = ways[self.draw(ways.len())];
                self.taken.insert((format!("{parts:?}"), way));
                self.write(&parts[way], left);
            }
            Part::Perhaps(part) => {
                if left > 0 && self.draw(2) == 0 {
                    self.write(part, left);
                }
            }
            Part::Many(part) => {
                for _ in 0..if left > 2 { self.draw(3) } else { 0 } {
                    self.write(part, left);
                }
            }
            Part::Token(name) => {
                let samples: &[&str] = match name.as_str() {
                    "name" => &["plan", "order_completed", "`first name`", "ciudad_ñ", "`last`"],
                    "inner" => &["city", "0", "last", "`a b`", "and"],
                    "text" => &["\"vip\"", "\"a \\\" b\"", "\"\""],
                    "version" => &["\"2.10.0\"", "\"1.0.0-rc.1\""],
                    "money" => &["\"50 EUR\"", "\"0.5 JPY\""],
                    "instant" => &["\"2026-11-24\"", "\"2026-11-24T10:00:00Z\""],
                    "number" => &["3", "0.5", "1000000"],
                    "whole" => &["1", "3", "12"],
                    "span" => &["90d", "1h30m", "5ms", "2w"],
                    other => panic!("{other} has no samples"),
                };
                let sample = samples[self.draw(samples.len())];
                self.out.push(sample.to_owned());
            }
        }
    }
}

/// How many ways there are in a part.
fn ways(part: &Part) -> Vec<(String, usize)> {
    match part {
        Part::Word(_) | Part::Rule(_) | Part::Token(_) => Vec::new(),
        Part::Then(parts) => parts.iter().flat_map(ways).collect(),
        Part::Or(parts) => {
            let own = (0..parts.len()).map(|way| (format!("{parts:?}"), way));
            own.chain(parts.iter().flat_map(ways)).collect()
        }
        Part::Perhaps(part) | Part::Many(part) => ways(part),
    }
}

/// Faults of the form, and not of what is meant.
fn is_of_form(code: &str) -> bool {
    let of_form = ["unexpected", "open-parenthesis", "empty-rule", "malformed"];
    of_form.iter().any(|form| code.starts_with(form))
}

#[test]
fn what_the_grammar_says_is_read() {
    let grammar = grammar();
    let (depths, taken) = (depths(&grammar), BTreeSet::new());
    let mut writer = Writer { grammar: &grammar, depths, state: 7, taken, out: Vec::new() };
    let mut fine = 0;
    for turn in 0..6_000 {
        let root = if turn % 8 == 0 { "measure" } else { "rule" };
        writer.write(&Part::Rule(root.to_owned()), 3 + turn % 6);
        let text = std::mem::take(&mut writer.out).join(" ").replace(" . ", ".");
        let found = match root {
            "measure" => parse_computed(&text).err().unwrap_or_default(),
            _ => check(&text).1,
        };
        let mut errors = found.iter().filter(|fault| fault.severity == Severity::Error);
        // Behind a fault of meaning the parser goes on where it can, and may stumble there.
        if errors.clone().any(|fault| !is_of_form(&fault.code)) {
            continue;
        }
        let bad = errors.next();
        assert!(bad.is_none(), "{text}\n{bad:?}");
        fine += 1;
    }
    assert!(fine > 500, "{fine}");
    let all: BTreeSet<_> = grammar.values().flat_map(ways).collect();
    assert!(writer.taken.len() > all.len() / 2, "{} of {}", writer.taken.len(), all.len());
}

/// The tokens of a printed rule.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let quoted = |quote: char| {
            let mut escaped = false;
            let end = rest[1..].char_indices().find(|(_, c)| {
                let ends = *c == quote && !escaped;
                escaped = *c == '\\' && !escaped && quote == '"';
                ends
            });
            end.map(|(at, _)| at + 2).unwrap()
        };
        let end = match first {
            '"' => quoted('"'),
            '`' => {
                // A backtick inside stands twice.
                let mut end = quoted('`');
                while rest[end..].starts_with('`') {
                    end += 1 + rest[end + 1..].find('`').unwrap() + 1;
                }
                end
            }
            c if c.is_alphanumeric() || c == '_' || c == '$' => {
                // Behind a dot digits are a place in an array.
                let behind = tokens.last().is_some_and(|last| last == ".");
                let digits = c.is_ascii_digit() && !behind;
                let inside =
                    |c: char| c.is_alphanumeric() || c == '_' || c == '$' || digits && c == '.';
                rest.find(|c: char| !inside(c)).unwrap_or(rest.len())
            }
            '!' | '<' | '>' if rest[1..].starts_with('=') => 2,
            c => c.len_utf8(),
        };
        tokens.push(rest[..end].to_owned());
        rest = rest[end..].trim_start();
    }
    tokens
}

const RESERVED: [&str; 21] = [
    "after", "and", "average", "before", "contains", "count", "ends", "event", "exists", "false",
    "first", "in", "last", "not", "now", "or", "starts", "sum", "true", "where", "within",
];

fn is_token(name: &str, token: &str) -> bool {
    let word =
        |token: &str| token.chars().next().is_some_and(|c| c.is_alphabetic() || "_$".contains(c));
    let digits = |token: &str| !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit());
    match name {
        "name" => token.starts_with('`') || word(token) && !RESERVED.contains(&token),
        "inner" => token.starts_with('`') || word(token) || digits(token),
        "text" | "version" | "money" | "instant" => token.starts_with('"'),
        "number" => token.bytes().all(|b| b.is_ascii_digit() || b == b'.'),
        "whole" => digits(token),
        "span" => token.starts_with(|c: char| c.is_ascii_digit()) && !digits(token),
        other => panic!("{other} is no token"),
    }
}

/// Where a part that begins at a token may end.
fn ends(grammar: &Grammar, part: &Part, tokens: &[String], at: usize) -> BTreeSet<usize> {
    let token = tokens.get(at);
    match part {
        Part::Word(word) => token.filter(|t| *t == word).map(|_| at + 1).into_iter().collect(),
        Part::Token(name) => {
            token.filter(|token| is_token(name, token)).map(|_| at + 1).into_iter().collect()
        }
        Part::Rule(name) => ends(grammar, &grammar[name], tokens, at),
        Part::Then(parts) => parts.iter().fold([at].into(), |from: BTreeSet<usize>, part| {
            from.into_iter().flat_map(|at| ends(grammar, part, tokens, at)).collect()
        }),
        Part::Or(parts) => parts.iter().flat_map(|part| ends(grammar, part, tokens, at)).collect(),
        Part::Perhaps(part) => {
            let mut found = ends(grammar, part, tokens, at);
            found.insert(at);
            found
        }
        Part::Many(part) => {
            let (mut all, mut open) = (BTreeSet::from([at]), vec![at]);
            while let Some(at) = open.pop() {
                for end in ends(grammar, part, tokens, at) {
                    if all.insert(end) {
                        open.push(end);
                    }
                }
            }
            all
        }
    }
}

fn reads(grammar: &Grammar, root: &str, text: &str) -> bool {
    let tokens = tokens(text);
    ends(grammar, &Part::Rule(root.to_owned()), &tokens, 0).contains(&tokens.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_printed_the_grammar_says(rule in rule()) {
        thread_local!(static GRAMMAR: Grammar = grammar());
        let (compiled, found) = compile(rule);
        if found.iter().all(|fault| fault.severity != Severity::Error) {
            let text = compiled.rule.to_string();
            GRAMMAR.with(|grammar| assert!(reads(grammar, "rule", &text), "{text}"));
        }
    }
}

#[test]
fn the_examples_are_rules() {
    let grammar = grammar();
    let mut count = 0;
    for text in blocks("rule").lines() {
        let (compiled, found) = check(text);
        assert!(compiled.is_some() && found.is_empty(), "{text}: {found:?}");
        assert!(reads(&grammar, "rule", text), "{text}");
        assert_eq!(parse(&parse(text).unwrap().to_string()), parse(text));
        count += 1;
    }
    for text in blocks("measure").lines() {
        assert!(parse_computed(text).is_ok() && reads(&grammar, "measure", text), "{text}");
        count += 1;
    }
    assert!(count >= 19, "{count}");
    for text in ["plan", "plan = ", "count() > 1", "sum(a) > 1", "last 5d", "a = 1 b = 2", "x is 1"]
    {
        assert!(!reads(&grammar, "rule", text), "{text}");
        assert!(parse(text).is_err(), "{text}");
    }
}
