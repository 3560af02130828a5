//! Files and pictures that travel with an e-mail: their names, their encoding, their place in the
//! tree of parts.

use super::encode;
use cauce_core::delivery::Outcome;
use cauce_core::message::{Attachment, Email};

/// Limit: a name that is shown; longer ones lose their middle and keep their ending.
const NAME_CHARS_MAX: usize = 120;
/// Limit: one piece of a long parameter, so that lines stay within 76 columns.
const PIECE_MAX: usize = 50;

/// Writes one file as a part: its headers, an empty line, its bytes in base64.
pub(super) fn write(attachment: &Attachment, content_id: Option<&str>, out: &mut Vec<u8>) {
    let name = safe_name(&attachment.name);
    let mut push = |text: &str| out.extend_from_slice(text.as_bytes());
    push("Content-Type: ");
    push(&kind(&attachment.kind));
    // Readers that do not know RFC 2231 look for a name here.
    push(";\r\n name=\"");
    push(&fallback(&name));
    push("\"\r\nContent-Transfer-Encoding: base64\r\n");
    if let Some(id) = content_id {
        push("Content-ID: <");
        push(id);
        push(">\r\n");
    }
    push("Content-Disposition: ");
    push(if content_id.is_some() { "inline" } else { "attachment" });
    filename(&name, &mut push);
    push("\r\n\r\n");
    encode::base64_lines(&attachment.bytes, out);
}

/// The name of a file: in quotes where it is short and plain, else in pieces (RFC 2231).
fn filename(name: &str, push: &mut impl FnMut(&str)) {
    if name.is_ascii() && name.len() <= PIECE_MAX {
        push(";\r\n filename=\"");
        push(name);
        push("\"");
        return;
    }
    let mut piece = String::from("utf-8''");
    let mut number = 0;
    let mut end = |piece: &mut String, push: &mut dyn FnMut(&str)| {
        push(&format!(";\r\n filename*{number}*={piece}"));
        piece.clear();
        number += 1;
    };
    for c in name.chars() {
        let mut buffer = [0; 4];
        let bytes = c.encode_utf8(&mut buffer).bytes();
        let written: String = bytes
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect();
        // A character is never split: some readers decode piece by piece.
        if piece.len() + written.len() > PIECE_MAX {
            end(&mut piece, push);
        }
        piece.push_str(&written);
    }
    end(&mut piece, push);
}

/// A name without what some reader takes for a path, a quote or the end of a header.
pub(super) fn safe_name(name: &str) -> String {
    let clean = encode::clean(name);
    let last = clean.rsplit(['/', '\\']).next().unwrap_or_default();
    let hides = |c: &char| {
        // What turns the direction of writing around hides an ending: `txt.exe`.
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let plain = last.chars().filter(|c| !hides(c)).map(|c| match c {
        '"' | '<' | '>' | ':' | '|' | '?' | '*' => '_',
        other => other,
    });
    let mut name: String = plain.collect();
    name = name.trim_matches(|c: char| c == '.' || c == ' ').to_owned();
    let count = name.chars().count();
    if count > NAME_CHARS_MAX {
        let ending: Vec<char> = name.chars().skip(count - 20).collect();
        let beginning = name.chars().take(NAME_CHARS_MAX - 20);
        name = beginning.chain(ending).collect();
    }
    if name.is_empty() { "attachment".to_owned() } else { name }
}

/// The same in ASCII, short: for readers who know nothing better.
fn fallback(name: &str) -> String {
    let ascii: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    if ascii.len() <= PIECE_MAX {
        return ascii;
    }
    format!("{}{}", &ascii[..PIECE_MAX - 20], &ascii[ascii.len() - 20..])
}

/// A media type that can end nothing early.
pub(super) fn kind(text: &str) -> String {
    let token = |part: &str| {
        !part.is_empty()
            && part.len() <= 60
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    match text.trim().split_once('/') {
        // A multipart or a message would need bodies of their own structure.
        Some((main, sub))
            if token(main)
                && token(sub)
                && !matches!(main.to_ascii_lowercase().as_str(), "multipart" | "message") =>
        {
            format!("{main}/{sub}").to_ascii_lowercase()
        }
        _ => "application/octet-stream".to_owned(),
    }
}

/// The name under which the HTML refers to a picture: unique, and the same at a second attempt.
pub(super) fn content_id(email: &Email, id: &str) -> String {
    format!("{id}.{}@{}", email.message, email.domain)
}

/// The HTML with the names of pictures made unique.
pub(super) fn refer(email: &Email, html: &str) -> String {
    let ids: Vec<&str> = email.attachments.iter().filter_map(|a| a.inline_id.as_deref()).collect();
    if ids.is_empty() {
        return html.to_owned();
    }
    let mut out = String::with_capacity(html.len() + 64 * ids.len());
    let mut rest = html;
    while let Some(place) = rest.find("cid:") {
        let (before, after) = rest.split_at(place + 4);
        out.push_str(before);
        let ends = |c: char| c.is_whitespace() || "\"'<>)&;".contains(c);
        let id = &after[..after.find(ends).unwrap_or(after.len())];
        rest = &after[id.len()..];
        match ids.contains(&id) {
            true => out.push_str(&content_id(email, id)),
            false => out.push_str(id),
        }
    }
    out.push_str(rest);
    out
}

/// What cannot be attached: two pictures of one name, or a name that no reader could find.
pub(super) fn check(email: &Email) -> Result<(), Outcome> {
    let mut seen = Vec::new();
    for id in email.attachments.iter().filter_map(|a| a.inline_id.as_deref()) {
        let fine = is_inline_id(id);
        if !fine || seen.contains(&id) {
            let why = if fine { "is there twice" } else { "cannot be the name of a picture" };
            let shown: String = id.chars().filter(|c| !c.is_control()).take(80).collect();
            return Err(Outcome::Unrenderable { text: format!("the inline id `{shown}` {why}") });
        }
        seen.push(id);
    }
    Ok(())
}

/// Whether a word can be the inline id of a picture.
pub fn is_inline_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 60
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str) -> String {
        let mut out = String::new();
        filename(&safe_name(name), &mut |text: &str| out.push_str(text));
        out
    }

    #[test]
    fn names_are_plain_where_they_can_be() {
        assert_eq!(written("Invoice 7.pdf"), ";\r\n filename=\"Invoice 7.pdf\"");
        assert_eq!(written("../../etc/pass\"wd"), ";\r\n filename=\"pass_wd\"");
        assert_eq!(written("C:\\x\\a.txt"), ";\r\n filename=\"a.txt\"");
        assert_eq!(
            written("a\r\nBcc: b.txt"),
            ";\r\n filename=\"a Bcc_ b.txt\"".replace("a Bcc", "a  Bcc")
        );
        assert_eq!(written(""), ";\r\n filename=\"attachment\"");
        assert_eq!(written("\u{202e}fdp.exe"), ";\r\n filename=\"fdp.exe\"");
        assert_eq!(written("é.pdf"), ";\r\n filename*0*=utf-8''%C3%A9.pdf");
        let long = written(&"請求書".repeat(20));
        assert!(long.contains("filename*0*=utf-8''%E8") && long.contains("filename*3*="));
        assert!(long.split("\r\n").all(|line| line.len() <= 76), "{long}");
    }

    #[test]
    fn kinds_end_nothing() {
        assert_eq!(kind("Application/PDF"), "application/pdf");
        for bad in ["", "pdf", "a/b\r\nX: y", "multipart/mixed", "message/rfc822", "a/b; c=d"] {
            assert_eq!(kind(bad), "application/octet-stream", "{bad}");
        }
    }
}
