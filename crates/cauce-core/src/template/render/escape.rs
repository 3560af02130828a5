//! Letters that would be read as markup.

use super::super::Escape;
use crate::prelude::*;
use core::fmt::Write;

/// Writes text as `escape` wants it.
pub(in super::super) fn push(out: &mut String, text: &str, escape: Escape) {
    match escape {
        Escape::None => out.push_str(text),
        Escape::Html => push_html(out, text),
        Escape::Json => push_json(out, text),
        Escape::Form => push_form(out, text),
    }
}

/// Writes text as the value of a field of a form: nothing in it ends the field.
fn push_form(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// Writes text so that HTML reads it as text, in content and in quoted attributes.
pub(in super::super) fn push_html(out: &mut String, text: &str) {
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        out.push_str(&text[done..at]);
        out.push_str(entity);
        done = at + 1;
    }
    out.push_str(&text[done..]);
}

/// Writes text as the inside of a JSON string.
pub(in super::super) fn push_json(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // `<` too, so that the result may stand inside a script element; the line separators,
            // because JavaScript once ended lines at them.
            '\0'..='\x1f' | '\x7f' | '<' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            _ => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;
    use crate::template::{self, Escape, Options};
    use crate::time::Timestamp;
    use crate::value::Value;

    #[test]
    fn nothing_ends_the_field_of_a_form() {
        let check = |text: &str, expected: &str| {
            let parsed = template::parse(text, &BTreeMap::new()).unwrap();
            let name = Value::from("a&To=+1 é%41");
            let values = Value::Object(BTreeMap::from([("name".to_owned(), name)]));
            let options = Options { escape: Escape::Form, ..Options::new(Timestamp(0)) };
            assert_eq!(template::render(&parsed, &values, &options).unwrap(), expected, "{text}");
        };
        check("To=1&Body={{ name }}", "To=1&Body=a%26To%3D%2B1%20%C3%A9%2541");
        // What a filter made for an address is not made twice.
        check("Body={{ name | url_encode }}", "Body=a%26To%3D%2B1+%C3%A9%2541");
        check("Body={{ name | upcase }}", "Body=A%26TO%3D%2B1%20%C3%89%2541");
        check(
            "{% capture x %}{{ name }}{% endcapture %}B={{ x }}",
            "B=a%26To%3D%2B1%20%C3%A9%2541",
        );
    }
}
