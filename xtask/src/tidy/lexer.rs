//! Cuts Rust source into tokens, so that rules see names and not what stands in a string.
//!
//! Not a parser: it knows where comments, strings and test code begin and end, and nothing else.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Ident,
    /// A string literal of any sort; the text is what stands between the quotes.
    Text,
    /// A number.
    Number,
    /// A line or block comment, doc comments included.
    Comment,
    /// `::` or one other sign; also characters and lifetimes, which no rule looks at.
    Sign,
}

/// One piece of source.
#[derive(Clone, Copy, Debug)]
pub struct Token<'s> {
    /// What it is.
    pub kind: Kind,
    /// Its characters.
    pub text: &'s str,
    /// Its line, from 1.
    pub line: usize,
    /// Whether it belongs to an item under `#[cfg(test)]` or `#[test]`.
    pub test: bool,
}

impl Token<'_> {
    /// Whether it is this name or sign.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Ident | Kind::Sign) && self.text == text
    }
}

/// All tokens of a source, tests marked.
pub fn lex(source: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < source.len() {
        let after_dot = tokens.last().is_some_and(|last| last.is("."));
        let (end, found) = next(source, at, after_dot);
        if let Some((kind, start, stop)) = found {
            tokens.push(Token { kind, text: &source[start..stop], line, test: false });
        }
        line += source[at..end].matches('\n').count();
        at = end;
    }
    mark_tests(&mut tokens);
    tokens
}

/// Where the piece at `at` ends, and which token it is (none for white space).
fn next(source: &str, at: usize, after_dot: bool) -> (usize, Option<(Kind, usize, usize)>) {
    let rest = &source[at..];
    let first = rest.chars().next().unwrap_or(' ');
    if first.is_whitespace() {
        return (at + first.len_utf8(), None);
    }
    if rest.starts_with("//") {
        let end = at + rest.find('\n').unwrap_or(rest.len());
        return (end, Some((Kind::Comment, at, end)));
    }
    if rest.starts_with("/*") {
        let end = at + block_comment(rest);
        return (end, Some((Kind::Comment, at, end)));
    }
    if let Some((open, close, end)) = string(rest) {
        return (at + end, Some((Kind::Text, at + open, at + close)));
    }
    if first == '\'' {
        let end = at + quote(rest);
        return (end, Some((Kind::Sign, at, end)));
    }
    if first.is_ascii_digit() {
        let end = at + number(rest, after_dot);
        return (end, Some((Kind::Number, at, end)));
    }
    if is_name(first) {
        let start = if rest.starts_with("r#") { at + 2 } else { at };
        let length = source[start..].find(|c| !is_name(c)).unwrap_or(source.len() - start);
        return (start + length, Some((Kind::Ident, start, start + length)));
    }
    let end = at + if rest.starts_with("::") { 2 } else { first.len_utf8() };
    (end, Some((Kind::Sign, at, end)))
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Of a string literal: where its content begins and ends, and where the literal ends.
fn string(rest: &str) -> Option<(usize, usize, usize)> {
    let prefix = ["br", "cr", "r", "b", "c", ""]
        .iter()
        .find(|p| {
            let tail = rest.strip_prefix(**p).unwrap_or_default().trim_start_matches('#');
            tail.starts_with('"')
        })?
        .len();
    let raw = rest[..prefix].ends_with('r');
    let hashes = rest[prefix..].bytes().take_while(|b| *b == b'#').count();
    if hashes > 0 && !raw {
        return None; // `#` of an attribute or macro before an ordinary string
    }
    let open = prefix + hashes + 1;
    if raw {
        let fence = format!("\"{}", "#".repeat(hashes));
        let close = rest[open..].find(&fence).map_or(rest.len(), |found| open + found);
        return Some((open, close, (close + fence.len()).min(rest.len())));
    }
    let mut escaped = false;
    for (place, byte) in rest.bytes().enumerate().skip(open) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some((open, place, place + 1)),
            _ => {}
        }
    }
    Some((open, rest.len(), rest.len()))
}

/// The length of a character literal or a lifetime.
fn quote(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((escaped, c))) => {
            let from = escaped + c.len_utf8();
            rest[from..].find('\'').map_or(rest.len(), |found| from + found + 1)
        }
        (Some(_), Some((close, '\''))) => close + 1,
        _ => 1 + rest[1..].find(|c| !is_name(c)).unwrap_or(rest.len() - 1),
    }
}

fn number(rest: &str, after_dot: bool) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let following = bytes.get(at + 1).copied().unwrap_or(b' ');
        let fraction = bytes[at] == b'.'
            && !after_dot
            && following.is_ascii_digit()
            && !rest[..at].contains('.');
        let sign = matches!(bytes[at], b'+' | b'-')
            && at > 0
            && matches!(bytes[at - 1], b'e' | b'E')
            && !rest.starts_with("0x");
        if !(bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_' || fraction || sign) {
            break;
        }
        at += 1;
    }
    at
}

/// Marks every item that is compiled for tests only.
fn mark_tests(tokens: &mut [Token<'_>]) {
    let mut at = 0;
    while at < tokens.len() {
        match test_attribute(&tokens[at..]) {
            Some((_, true)) => {
                tokens.iter_mut().for_each(|token| token.test = true);
                return;
            }
            Some((length, false)) => {
                let end = item_end(tokens, at + length);
                tokens[at..end].iter_mut().for_each(|token| token.test = true);
                at = end;
            }
            None => at += 1,
        }
    }
}

/// The length of a `#[test]` or `#[cfg(test)]` here, and whether it speaks of the whole file.
fn test_attribute(tokens: &[Token<'_>]) -> Option<(usize, bool)> {
    let inner = tokens.get(1)?.is("!");
    let open = if inner { 2 } else { 1 };
    if !tokens[0].is("#") || !tokens.get(open)?.is("[") {
        return None;
    }
    let close = open + tokens[open..].iter().position(|token| token.is("]"))?;
    let body = &tokens[open + 1..close];
    let cfg = body.first()?.is("cfg");
    let names_test = body.iter().any(|token| token.is("test"));
    let negated = body.iter().any(|token| token.is("not"));
    let found = (cfg && names_test && !negated) || (body.len() == 1 && names_test);
    found.then_some((close + 1, inner))
}

/// One past the last token of the item that begins at `from` (further attributes included).
fn item_end(tokens: &[Token<'_>], from: usize) -> usize {
    let (mut depth, mut at) = (0i32, from);
    while at < tokens.len() {
        let token = &tokens[at];
        at += 1;
        if token.is("{") || token.is("(") || token.is("[") {
            depth += 1;
        } else if token.is("}") || token.is(")") || token.is("]") {
            depth -= 1;
            if depth < 0 {
                return at - 1;
            }
            if depth == 0 && token.is("}") {
                return if tokens.get(at).is_some_and(|t| t.is(";")) { at + 1 } else { at };
            }
        } else if depth == 0 && token.is(";") {
            return at;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        let shown: Vec<_> = lex(source)
            .iter()
            .map(|t| format!("{}{}", t.text, if t.test { "?" } else { "" }))
            .collect();
        assert_eq!(shown.join(" "), expected, "{source}");
    }

    #[test]
    fn strings_and_comments_are_one_piece() {
        check(r#"let a = "x \" y"; b"#, r#"let a = x \" y ; b"#);
        check("r#\"a \"b\" c\"# d", "a \"b\" c d");
        check("br\"x\" b\"y\" r#fn", "x y fn");
        check("/* a /* b */ c */ d // e", "/* a /* b */ c */ d // e");
        check("a::b x.0.1 1.5e-3 0..3", "a :: b x . 0 . 1 1.5e-3 0 . . 3");
        check("'a' '\\'' '\\u{1}' 'static f", "'a' '\\'' '\\u{1}' 'static f");
    }

    #[test]
    fn test_items_are_marked() {
        check("#[test] fn a() {} b", "#? [? test? ]? fn? a? (? )? {? }? b");
        check("#[cfg(test)] use a::{b}; c", "#? [? cfg? (? test? )? ]? use? a? ::? {? b? }? ;? c");
        check("#[cfg(not(test))] a", "# [ cfg ( not ( test ) ) ] a");
        check("#![cfg(test)] a", "#? !? [? cfg? (? test? )? ]? a?");
    }

    #[test]
    fn lines_are_counted_through_strings() {
        let lines: Vec<_> = lex("a\n\"b\n\"\nc").iter().map(|t| t.line).collect();
        assert_eq!(lines, [1, 2, 4]);
    }

    #[test]
    fn broken_source_ends() {
        for source in ["\"", "r#\"", "/*", "'", "'\\", "#[cfg(test)]", "é'é", "#[", "0x"] {
            lex(source);
        }
    }
}
