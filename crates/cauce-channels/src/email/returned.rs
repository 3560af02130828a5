//! Mail that came in, taken apart for those who judge it: MIME by the library, headers and reports
//! by name. It decides nothing.

use cauce_core::returned::{Fields, Mail};
use mail_parser::{HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use std::borrow::Cow;
use std::panic::catch_unwind;

/// Limit: bytes of one mail that are read; the rest is cut. Reports quote what they are about, and
/// what they say stands before that.
pub const MAIL_BYTES_MAX: usize = 1 << 20;
/// Limit: blocks of one report that are read.
const BLOCKS_MAX: usize = 100;
/// Limit: parts of text of one mail that are read.
const TEXTS_MAX: usize = 10;

/// Takes a mail apart. It never fails: what is no mail has no headers and one text.
pub fn read(raw: &[u8]) -> Mail {
    let raw = lines(shallow(&raw[..raw.len().min(MAIL_BYTES_MAX)]));
    let parser = MessageParser::new().with_mime_headers().default_header_text();
    // The library panics at some mails whose message within a message is cut off (0.11.9: "Invalid
    // part ID"). What it cannot take apart is one text.
    let parsed = catch_unwind(|| parser.parse(raw.as_ref()));
    let Some(message) = parsed.ok().flatten() else {
        let text = String::from_utf8_lossy(&raw).into_owned();
        return Mail { texts: vec![text], ..Mail::default() };
    };
    let mut mail = Mail { headers: headers(message.root_part()), ..Mail::default() };
    for part in &message.parts {
        take(&mut mail, part);
    }
    mail
}

/// Limit: messages within messages. The library keeps each in the one around it, and a tree as deep
/// as a mail is long could not be taken down again on a thread's stack.
const NESTED_MAX: usize = 64;

/// The mail up to where it begins to nest without end.
fn shallow(raw: &[u8]) -> &[u8] {
    let mut nested = 0;
    for (at, window) in raw.windows(8).enumerate() {
        let begins = window.eq_ignore_ascii_case(b"message/")
            || window.get(..7).is_some_and(|word| word.eq_ignore_ascii_case(b"/digest"));
        nested += usize::from(begins);
        if nested > NESTED_MAX {
            return &raw[..at];
        }
    }
    raw
}

/// Lines that end with a lone CR, as old programs wrote them, and null bytes, which none should.
fn lines(raw: &[u8]) -> Cow<'_, [u8]> {
    if raw.contains(&b'\n') || !raw.contains(&b'\r') {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect())
}

fn take(mail: &mut Mail, part: &MessagePart<'_>) {
    let kind = part.content_type();
    let main = kind.map_or("text", |kind| kind.ctype()).to_lowercase();
    let sub = kind.and_then(|kind| kind.subtype()).unwrap_or("plain").to_lowercase();
    match (main.as_str(), sub.as_str()) {
        ("message", "delivery-status" | "global-delivery-status") => {
            mail.statuses.extend(blocks(&text(part)));
            mail.statuses.truncate(BLOCKS_MAX);
        }
        ("message", "feedback-report") => mail.feedback_report = Some(Fields::read(&text(part))),
        ("message", "disposition-notification" | "global-disposition-notification") => {
            mail.disposition = true;
        }
        ("text", "rfc822-headers") | ("message", "global-headers") => {
            mail.original.get_or_insert_with(|| Fields::read(&text(part)));
        }
        _ => match &part.body {
            PartType::Message(inner) => {
                mail.original.get_or_insert_with(|| headers_of(inner));
            }
            PartType::Text(words) if mail.texts.len() < TEXTS_MAX => {
                mail.texts.push(words.to_string());
            }
            PartType::Html(html) if mail.texts.len() < TEXTS_MAX => mail.texts.push(words_of(html)),
            PartType::Text(_)
            | PartType::Html(_)
            | PartType::Binary(_)
            | PartType::InlineBinary(_)
            | PartType::Multipart(_) => {}
        },
    }
}

fn headers_of(message: &Message<'_>) -> Fields {
    headers(message.root_part())
}

fn headers(part: &MessagePart<'_>) -> Fields {
    let value = |value: &HeaderValue<'_>| match value {
        HeaderValue::Text(text) => text.to_string(),
        HeaderValue::TextList(texts) => texts.join(", "),
        HeaderValue::ContentType(kind) => match kind.subtype() {
            Some(sub) => format!("{}/{sub}", kind.ctype()),
            None => kind.ctype().to_owned(),
        },
        HeaderValue::Address(_)
        | HeaderValue::DateTime(_)
        | HeaderValue::Received(_)
        | HeaderValue::Empty => String::new(),
    };
    let fields = part.headers.iter();
    Fields(fields.map(|header| (header.name().to_lowercase(), value(&header.value))).collect())
}

fn text<'p>(part: &'p MessagePart<'_>) -> Cow<'p, str> {
    match &part.body {
        PartType::Text(words) | PartType::Html(words) => Cow::Borrowed(words.as_ref()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => String::from_utf8_lossy(bytes),
        // A report that was sent as a whole message: its headers are the first block.
        PartType::Message(inner) => String::from_utf8_lossy(inner.raw_message()),
        PartType::Multipart(_) => Cow::Borrowed(""),
    }
}

/// The blocks of a report: fields up to an empty line each.
fn blocks(text: &str) -> Vec<Fields> {
    let text = text.replace("\r\n", "\n");
    let mut blocks = Vec::new();
    let mut block = String::new();
    for line in text.lines().chain([""]) {
        if !line.trim().is_empty() {
            block.push_str(line);
            block.push('\n');
            continue;
        }
        if !block.is_empty() {
            blocks.push(Fields::read(&block));
            block.clear();
        }
    }
    blocks
}

/// The words of HTML: marks are gone, and what begins a new line does.
fn words_of(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at..];
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let name = tag[1..end].trim_start_matches('/').to_lowercase();
        let breaks = ["br", "p", "div", "tr", "li", "h1", "h2", "h3", "td", "table"];
        let word = name.split(|letter: char| !letter.is_ascii_alphanumeric()).next();
        out.push(if word.is_some_and(|word| breaks.contains(&word)) { '\n' } else { ' ' });
        rest = &tag[end..];
    }
    out.push_str(rest);
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&#39;", "'")];
    let read = signs.iter().fold(out, |out, (sign, letter)| out.replace(sign, letter));
    read.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::returned::{self, Progress, Returned};
    use proptest::prelude::*;

    const REPORT: &str = "From: MAILER-DAEMON@mx.example\nTo: b-1@rp.example\n\
        Subject: =?utf-8?q?Undelivered_Mail?=\nMIME-Version: 1.0\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=\"x\"\n\n\
        --x\nContent-Type: text/plain\n\nIt did not arrive.\n\
        --x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
        FINAL-RECIPIENT: rfc822;\n  ada@example.org\nAction: ACTION\nStatus: 5.1.1\n\
        Diagnostic-Code: smtp; 550 5.1.1\n user unknown\n\
        --x\nContent-Type: message/rfc822\n\nReturn-Path: <b-1.2@rp.example>\nSubject: Hi\n\nHi\n\
        --x--\n";

    #[test]
    fn a_report_is_read_whatever_its_line_ends() {
        for end in ["\n", "\r\n", "\r"] {
            let check = |action: &str, expected: &dyn Fn(&Returned) -> bool| {
                let raw = REPORT.replace("ACTION", action).replace('\n', end);
                let mail = read(raw.as_bytes());
                let said = returned::read(&mail, Some("ada@example.org"));
                assert!(expected(&said), "{end:?} {action}: {said:?} of {mail:#?}");
                assert!(mail.clues().iter().any(|clue| clue.contains("b-1.2@rp.example")));
            };
            check("failed", &|said| matches!(said, Returned::Bounce(bounce) if bounce.hard));
            check("Failed (x)", &|said| matches!(said, Returned::Bounce(_)));
            check("Delayed", &|said| *said == Returned::Progress(Progress::Delayed));
            check("expanded", &|said| *said == Returned::Progress(Progress::Expanded));
            check("relayed", &|said| *said == Returned::Progress(Progress::Relayed));
        }
    }

    #[test]
    fn a_mail_that_nests_without_end_is_read_as_well() {
        for level in [
            "Content-Type: message/rfc822\n\n",
            "Content-Type: multipart/digest; \
            boundary=x\n\n--x\n\n",
        ] {
            let raw = level.repeat(30_000);
            assert_eq!(returned::read(&read(raw.as_bytes()), None), Returned::Reply);
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = returned::read(&read(&bytes), Some("a@b.example"));
        }

        #[test]
        fn nor_does_a_report_that_is_bent(at in 0..900usize, byte in any::<u8>()) {
            let mut raw = REPORT.as_bytes().to_vec();
            if let Some(place) = raw.get_mut(at) {
                *place = byte;
            }
            let _ = returned::read(&read(&raw), None);
            let _ = returned::read(&read(&raw[..at.min(raw.len())]), Some("ada@example.org"));
        }
    }
}
