//! From bytes to the words of the language, each with its place.

use crate::decimal::Decimal;
use crate::diagnostic::Diagnostic;
use crate::prelude::*;
use crate::segment::definition::Op;
use crate::time::Duration;

/// The smallest part of a rule that means something.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::segment) enum Token {
    /// A plain word: a name, or a word of the language.
    Word(String),
    /// A name in backticks.
    Name(String),
    /// A text in double quotes.
    Text(String),
    /// `12.5`
    Number(Decimal),
    /// `90d`
    Span(Duration),
    /// `=`, `>=`…
    Op(Op),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// A token and where it stands: first byte and one past the last.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::segment) struct Lexeme {
    pub token: Token,
    pub span: (usize, usize),
}

/// Whether a name can stand without backticks.
pub(in crate::segment) fn is_word(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(starts_word) && chars.all(continues_word)
}

fn starts_word(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '$'
}

fn continues_word(c: char) -> bool {
    starts_word(c) || c.is_numeric()
}

/// All tokens, and what could not be read as one.
pub(in crate::segment) fn lex(text: &str) -> (Vec<Lexeme>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, at: 0, lexemes: Vec::new(), faults: Vec::new() };
    while let Some(c) = lexer.peek() {
        let start = lexer.at;
        match lexer.token(c) {
            Ok(Some(token)) => lexer.lexemes.push(Lexeme { token, span: (start, lexer.at) }),
            Ok(None) => {}
            Err(fault) => lexer.faults.push(fault.at(start, lexer.at)),
        }
    }
    (lexer.lexemes, lexer.faults)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    lexemes: Vec<Lexeme>,
    faults: Vec<Diagnostic>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn token(&mut self, c: char) -> Result<Option<Token>, Diagnostic> {
        if c.is_whitespace() {
            self.take_while(char::is_whitespace);
            return Ok(None);
        }
        if starts_word(c) {
            return Ok(Some(Token::Word(self.take_while(continues_word).to_owned())));
        }
        if c.is_ascii_digit() {
            return self.number().map(Some);
        }
        match c {
            '"' => self.text().map(Some),
            '`' => self.name().map(Some),
            _ => self.sign(c).map(Some),
        }
    }

    fn sign(&mut self, c: char) -> Result<Token, Diagnostic> {
        const SIGNS: [(&str, Token); 16] = [
            ("!=", Token::Op(Op::Different)),
            ("<>", Token::Op(Op::Different)),
            ("<=", Token::Op(Op::AtMost)),
            (">=", Token::Op(Op::AtLeast)),
            ("==", Token::Op(Op::Equal)),
            ("≠", Token::Op(Op::Different)),
            ("≤", Token::Op(Op::AtMost)),
            ("≥", Token::Op(Op::AtLeast)),
            ("=", Token::Op(Op::Equal)),
            ("<", Token::Op(Op::Less)),
            (">", Token::Op(Op::More)),
            ("(", Token::Open),
            (")", Token::Close),
            (",", Token::Comma),
            (".", Token::Dot),
            ("+", Token::Plus),
        ];
        for (sign, token) in SIGNS {
            if self.rest().starts_with(sign) {
                self.at += sign.len();
                return Ok(token);
            }
        }
        self.at += c.len_utf8();
        match c {
            '-' | '−' => Ok(Token::Minus),
            '\'' | '“' | '”' => {
                Err(Diagnostic::error("", "unexpected", format!("unexpected `{c}`"))
                    .hint("write texts in straight double quotes"))
            }
            _ => Err(Diagnostic::error("", "unexpected", format!("unexpected `{c}`"))),
        }
    }

    /// A number, a span, or behind a dot a name made of digits.
    fn number(&mut self) -> Result<Token, Diagnostic> {
        let start = self.at;
        let adjacent = |last: &Lexeme| last.token == Token::Dot && last.span.1 == start;
        self.take_while(|c| c.is_ascii_digit());
        if self.lexemes.last().is_some_and(adjacent) {
            return Ok(Token::Word(self.text[start..self.at].to_owned()));
        }
        let digit_at =
            |rest: &str, at: usize| rest.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        if self.rest().starts_with('.') && digit_at(self.rest(), 1) {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        if self.rest().starts_with(['e', 'E']) {
            let signed = usize::from(self.rest()[1..].starts_with(['+', '-']));
            if digit_at(self.rest(), 1 + signed) {
                self.at += 1 + signed;
                self.take_while(|c| c.is_ascii_digit());
            }
        }
        self.take_while(continues_word);
        let text = &self.text[start..self.at];
        if text.ends_with(|c: char| c.is_ascii_digit()) && !text.contains('_') {
            let unfit = |why| format!("the number `{text}` is {why}");
            return text
                .parse()
                .map(Token::Number)
                .map_err(|why| Diagnostic::error("", "malformed-number", unfit(why)));
        }
        text.parse().map(Token::Span).map_err(|why: crate::time::Malformed| {
            Diagnostic::error("", "malformed-span", format!("`{text}` is not a span of time"))
                .hint(why.to_string())
        })
    }

    /// A text in double quotes with JSON's escapes.
    fn text(&mut self) -> Result<Token, Diagnostic> {
        let start = self.at;
        let mut escaped = false;
        let body = &self.rest()[1..];
        let end = body.find(|c| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        let Some(end) = end else {
            self.at = self.text.len();
            return Err(Diagnostic::error("", "open-text", "the text has no closing `\"`"));
        };
        self.at = start + end + 2;
        serde_json::from_str(&escape_controls(&self.text[start..self.at])).map(Token::Text).map_err(
            |_| {
                Diagnostic::error("", "malformed-text", "the text has an unknown escape")
                    .hint("write `\\\\` for a backslash and `\\\"` for a quote")
            },
        )
    }

    /// A name in backticks; two stand for one.
    fn name(&mut self) -> Result<Token, Diagnostic> {
        let mut name = String::new();
        self.at += 1;
        loop {
            name.push_str(self.take_while(|c| c != '`'));
            if self.rest().starts_with("``") {
                name.push('`');
                self.at += 2;
            } else if self.rest().starts_with('`') {
                self.at += 1;
                return Ok(Token::Name(name));
            } else {
                return Err(Diagnostic::error("", "open-name", "the name has no closing backtick"));
            }
        }
    }
}

/// JSON refuses raw line ends and tabs in a text; people paste them.
fn escape_controls(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_control() {
            escaped.push_str(&format!("\\u{:04x}", c as u32));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let (lexemes, faults) = lex(text);
        let mut shown: Vec<String> =
            lexemes.iter().map(|lexeme| format!("{:?}", lexeme.token)).collect();
        shown.extend(faults.iter().map(|fault| format!("{} {:?}", fault.code, fault.span)));
        assert_eq!(shown.join(" "), expected, "{text}");
    }

    #[test]
    fn tokens() {
        check("a.0.5", r#"Word("a") Dot Word("0") Dot Word("5")"#);
        check("90d 1h30m", "Span(Duration(7776000000)) Span(Duration(5400000))");
        check("1.5e3 1e", "Number(Decimal(1500000000000)) malformed-span Some((6, 8))");
        check("now-30d", r#"Word("now") Minus Span(Duration(2592000000))"#);
        check(r#""a\"b" "x"#, r#"Text("a\"b") open-text Some((7, 9))"#);
        check("<=<>≥", "Op(AtMost) Op(Different) Op(AtLeast)");
        check("`a``b` ; `c", r#"Name("a`b") unexpected Some((7, 8)) open-name Some((9, 11))"#);
        check("1x 1_0", "malformed-span Some((0, 2)) malformed-span Some((3, 6))");
    }
}
