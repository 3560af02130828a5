//! Links: which ones in a rendered e-mail are rewritten, byte for byte.

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
        let end = tag_end(tail);
        let tag = &tail[..end];
        rest = &tail[end..];
        match is_link(tag).then(|| target(tag)).flatten() {
            Some((from, to))
                if is_trackable(&tag[from..to]) && !tag.contains("data-cauce-track=\"off\"") =>
            {
                match replace(&decode(&tag[from..to])) {
                    Some(new) => {
                        out.push_str(&tag[..from]);
                        out.push_str(&encode(&new));
                        out.push_str(&tag[to..]);
                    }
                    None => out.push_str(tag),
                }
            }
            _ => out.push_str(tag),
        }
    }
    out.push_str(rest);
    out
}

/// One past the `>` that ends a tag; quoted attribute values may contain one.
fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn is_link(tag: &str) -> bool {
    let mut bytes = tag.bytes().skip(1);
    matches!(bytes.next(), Some(b'a' | b'A'))
        && bytes.next().is_some_and(|b| b.is_ascii_whitespace())
}

/// Where the value of `href` lies.
fn target(tag: &str) -> Option<(usize, usize)> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let at = from + lower[from..].find("href")?;
        let spaced = at > 0 && lower.as_bytes()[at - 1].is_ascii_whitespace();
        let tail = lower[at + 4..].trim_start();
        if spaced && tail.starts_with('=') {
            let value = tail[1..].trim_start();
            let start = lower.len() - value.len();
            return match value.bytes().next()? {
                quote @ (b'"' | b'\'') => {
                    let end = start + 1 + value[1..].find(char::from(quote))?;
                    Some((start + 1, end))
                }
                _ => {
                    let length = value.find(|c: char| c.is_whitespace() || c == '>')?;
                    Some((start, start + length))
                }
            };
        }
        from = at + 4;
    }
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
