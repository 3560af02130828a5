//! Links: which ones in a rendered e-mail are rewritten, byte for byte.

pub mod actor;

use crate::prelude::*;

/// Replaces the targets of links in HTML. `replace` gets the decoded target and says what stands
/// there instead; `None` leaves it. Comments are left alone, so are `mailto:`, `tel:`, `sms:` and
/// fragments, and links marked `data-cauce-track="off"`.
pub fn rewrite(html: &str, mut replace: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 4);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        if let Some(comment) = tail.strip_prefix("<!--") {
            let end = comment.find("-->").map_or(tail.len(), |end| end + 4 + 3);
            out.push_str(&tail[..end]);
            rest = &tail[end..];
            continue;
        }
        let tag = scan(tail);
        let (whole, after) = tail.split_at(tag.end);
        rest = after;
        let new = tag
            .link
            .filter(|(from, to)| is_trackable(&whole[*from..*to]))
            .and_then(|(from, to)| Some((from, to, replace(&decode(&whole[from..to]))?)));
        match new {
            Some((from, to, new)) => {
                out.push_str(&whole[..from]);
                out.push_str(&encode(&new));
                out.push_str(&whole[to..]);
            }
            None => out.push_str(whole),
        }
    }
    out.push_str(rest);
    out
}

/// What a `<` begins.
struct Tag {
    /// One past its last byte.
    end: usize,
    /// Where its target lies, if it is a link that may be replaced.
    link: Option<(usize, usize)>,
}

/// Reads a tag as a browser does: a quote opens only where a value begins, the first `href` counts,
/// and what no `>` ends is no tag.
fn scan(text: &str) -> Tag {
    let bytes = text.as_bytes();
    let past = |at: usize, stop: &dyn Fn(u8) -> bool| {
        let behind = bytes.get(at..).unwrap_or_default();
        behind.iter().position(|byte| stop(*byte)).map_or(bytes.len(), |length| at + length)
    };
    let text_only = |end| Tag { end, link: None };
    match bytes.get(1) {
        Some(b'!' | b'?') => return text_only((past(1, &|b| b == b'>') + 1).min(bytes.len())),
        Some(b'/' | b'a'..=b'z' | b'A'..=b'Z') => {}
        _ => return text_only(1),
    }
    let space = |byte: u8| byte.is_ascii_whitespace();
    let mut at = past(2, &|b| space(b) || b == b'/' || b == b'>');
    let is_link = text[1..at].eq_ignore_ascii_case("a");
    let (mut href, mut off) = (None, false);
    loop {
        at = past(at, &|b| !space(b) && b != b'/');
        match bytes.get(at) {
            None => return text_only(bytes.len()),
            Some(b'>') => break,
            Some(_) => {}
        }
        let name_at = at;
        at = past(at + 1, &|b| space(b) || matches!(b, b'/' | b'>' | b'='));
        let name = &text[name_at..at];
        let equals = past(at, &|b| !space(b));
        let mut value = (at, at);
        if bytes.get(equals) == Some(&b'=') {
            let from = past(equals + 1, &|b| !space(b));
            (value, at) = match bytes.get(from) {
                Some(quote @ (b'"' | b'\'')) => {
                    let to = past(from + 1, &|b| b == *quote);
                    ((from + 1, to), to + 1)
                }
                _ => {
                    let to = past(from, &|b| space(b) || b == b'>');
                    ((from, to), to)
                }
            };
        }
        if name.eq_ignore_ascii_case("href") {
            href = href.or(Some(value));
        }
        off |= name.eq_ignore_ascii_case("data-cauce-track")
            && text.get(value.0..value.1) == Some("off");
    }
    Tag { end: at + 1, link: href.filter(|_| is_link && !off) }
}

fn is_trackable(target: &str) -> bool {
    let target = target.trim_start();
    let starts = |prefix: &str| {
        target.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    starts("http://") || starts("https://")
}

/// Limit: bytes of a character reference, `&` and `;` included: `&#x10FFFF;`.
const REFERENCE_BYTES_MAX: usize = 10;

/// What a target says once its character references are read, each once: numbers, and the names
/// that escaping writes. Another `&` is an `&`.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let (letter, length) = reference(tail).unwrap_or(('&', 1));
        out.push(letter);
        rest = &tail[length..];
    }
    out.push_str(rest);
    out
}

/// The letter that a character reference at the start of a text stands for, and its length.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(REFERENCE_BYTES_MAX).position(|byte| byte == b';')?;
    let letter = match &text[1..end] {
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "lt" => '<',
        "gt" => '>',
        number => {
            let number = number.strip_prefix('#')?;
            let (digits, radix) = match number.strip_prefix(['x', 'X']) {
                Some(digits) => (digits, 16),
                None => (number, 10),
            };
            let all = digits.chars().all(|digit| digit.is_digit(radix));
            let code = u32::from_str_radix(digits, radix).ok().filter(|_| all)?;
            char::from_u32(code)?
        }
    };
    Some((letter, end + 1))
}

fn encode(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// Puts a pixel before the end of the body, or at the end.
pub fn add_pixel(html: &str, url: &str) -> String {
    let pixel = format!(
        "<img src=\"{}\" width=\"1\" height=\"1\" alt=\"\" style=\"display:block\">",
        encode(url)
    );
    let at = html.to_ascii_lowercase().rfind("</body>").unwrap_or(html.len());
    format!("{}{pixel}{}", &html[..at], &html[at..])
}

/// Adds a link that nobody sees, and that no reader of the page aloud is told of: what follows it
/// is a machine.
pub fn add_hidden(html: &str, url: &str) -> String {
    let link = format!(
        "<a href=\"{}\" style=\"display:none\" aria-hidden=\"true\" tabindex=\"-1\"></a>",
        encode(url)
    );
    let at = html.to_ascii_lowercase().rfind("</body>").unwrap_or(html.len());
    format!("{}{link}{}", &html[..at], &html[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        let shown = rewrite(html, |target| Some(format!("T({target})")));
        assert_eq!(shown, expected);
    }

    #[test]
    fn links_are_rewritten_byte_for_byte() {
        check(
            r#"<a href="https://a.b/?x=1&amp;y=%20+#f">t</a>"#,
            r#"<a href="T(https://a.b/?x=1&amp;y=%20+#f)">t</a>"#,
        );
        check("<a class='x' HREF='http://a'>t</a>", "<a class='x' HREF='T(http://a)'>t</a>");
        check("<a href=http://a>t</a>", "<a href=T(http://a)>t</a>");
        check(
            r##"<a href="#top">t</a><a href="mailto:a@b">m</a>"##,
            r##"<a href="#top">t</a><a href="mailto:a@b">m</a>"##,
        );
        check(
            r#"<!-- <a href="http://a"> --><area href="http://a">"#,
            r#"<!-- <a href="http://a"> --><area href="http://a">"#,
        );
        check(r#"<a data-href="x" href="http://a">"#, r#"<a data-href="x" href="T(http://a)">"#);
        check(r#"<a title="a > b" href="http://a">"#, r#"<a title="a > b" href="T(http://a)">"#);
        check(
            r#"<a data-cauce-track="off" href="http://a">"#,
            r#"<a data-cauce-track="off" href="http://a">"#,
        );
        check("<a href=\"http://a", "<a href=\"http://a");
        check("1 < 2 <", "1 < 2 <");
        check("1 < 2 <a href='http://a'>", "1 < 2 <a href='T(http://a)'>");
        check("<!doctype html><a/href=http://a>", "<!doctype html><a/href=T(http://a)>");
        // A quote inside of a value without quotes is a letter of it.
        check(
            "<a href= http://a/#f\">t</a><a href=http://b>",
            "<a href= T(http://a/#f&quot;)>t</a><a href=T(http://b)>",
        );
        check(
            r#"<a title=" href=http://x" href="http://y">"#,
            r#"<a title=" href=http://x" href="T(http://y)">"#,
        );
        check("<a href='http://a' href='http://b'>", "<a href='T(http://a)' href='http://b'>");
    }

    #[test]
    fn references_are_read_once() {
        let check = |written: &str, target: &str| {
            rewrite(&format!("<a href=\"http://a/{written}\">"), |found| {
                assert_eq!(found, format!("http://a/{target}"));
                None
            });
        };
        check("?a=1&amp;b=2&c=3&copy=4", "?a=1&b=2&c=3&copy=4");
        check("&lt;&gt;&quot;&apos;&#39;&#x27;&#X3c;", "<>\"''\'<");
        check("&#38;quot;&amp;lt;", "&quot;&lt;");
        check("&#+38;&#;&#x;&#xD800;&#99999999;&é;&", "&#+38;&#;&#x;&#xD800;&#99999999;&é;&");
    }

    #[test]
    fn the_pixel_is_in_the_body() {
        assert!(
            add_pixel("<body>x</BODY>", "http://p?a&b")
                .starts_with("<body>x<img src=\"http://p?a&amp;b\"")
        );
    }
}
