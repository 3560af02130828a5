//! The words of one tag or output.

use super::super::ast::is_space;
use super::super::lexer::Part;
use crate::diagnostic::Diagnostic;
use crate::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Word<'s> {
    Name(&'s str),
    Text(&'s str),
    Number(&'s str),
    Sign(&'static str),
    End,
}

#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Token<'s> {
    pub word: Word<'s>,
    pub start: usize,
    pub end: usize,
}

impl Token<'_> {
    /// The word as a message shows it.
    pub fn shown(&self) -> String {
        match self.word {
            Word::Name(text) | Word::Number(text) => format!("`{text}`"),
            Word::Text(_) => "a text".to_owned(),
            Word::Sign(sign) => format!("`{sign}`"),
            Word::End => "end".to_owned(),
        }
    }
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 18] = [
    "==", "!=", "<>", "<=", ">=", "..", "<", ">", "=", ".", "[", "]", "(", ")", ",", ":", "|", "?",
];

/// Cuts a part into words; the last one is [`Word::End`].
pub(in super::super) fn words<'s>(part: Part<'s>) -> Result<Vec<Token<'s>>, Diagnostic> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = &part.text[at..];
        at += rest.len() - rest.trim_start_matches(is_space).len();
        let rest = &part.text[at..];
        let start = part.start + at;
        let Some((word, length)) = next_word(rest) else {
            let Some(letter) = rest.chars().next() else {
                tokens.push(Token { word: Word::End, start, end: start });
                return Ok(tokens);
            };
            let message = match letter {
                '"' | '\'' => "the text is not closed".to_owned(),
                _ => format!("unexpected `{letter}`"),
            };
            let end = if matches!(letter, '"' | '\'') { rest.len() } else { letter.len_utf8() };
            return Err(Diagnostic::error("", "syntax", message).at(start, start + end));
        };
        at += length;
        tokens.push(Token { word, start, end: start + length });
    }
}

fn next_word(rest: &str) -> Option<(Word<'_>, usize)> {
    let first = rest.chars().next()?;
    if first.is_alphabetic() || first == '_' {
        let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        let mut length = rest.find(|c: char| !inside(c)).unwrap_or(rest.len());
        length += usize::from(rest[length..].starts_with('?'));
        return Some((Word::Name(&rest[..length]), length));
    }
    if first == '"' || first == '\'' {
        let length = rest[1..].find(first)?;
        return Some((Word::Text(&rest[1..=length]), length + 2));
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let sign = usize::from(first == '-');
    let whole = digits(&rest[sign..]);
    if whole > 0 && (first == '-' || first.is_ascii_digit()) {
        let mut length = sign + whole;
        if let Some(fraction) = rest[length..].strip_prefix('.').map(digits).filter(|n| *n > 0) {
            length += 1 + fraction;
        }
        return Some((Word::Number(&rest[..length]), length));
    }
    let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
    Some((Word::Sign(sign), sign.len()))
}
