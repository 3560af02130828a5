//! Bounces in plain words, as qmail, Exim and the many without structure write them.

use super::{Mail, Progress, Returned, codes, judge, stage_of};
use crate::delivery::{Cause, Said, Stage};
use crate::prelude::*;

/// Where the message that came back begins, in small letters. From the files of Sisimai's set of
/// e-mails (commit 18e585c, December 2025).
const ORIGINAL: [&str; 24] = [
    "below this line is a copy",
    "this is a copy of the message",
    "this is a copy of your message",
    "is a copy of the original",
    "is a copy of the message",
    "is a copy of the headers",
    "copy of the message header",
    "header of the original message",
    "original message follows",
    "--- original message",
    "----original message",
    "original message header",
    "unsent message follows",
    "message header follows",
    "undelivered message follows",
    "returned message follows",
    "- returned message -",
    "-original message",
    "message headers follow",
    "the following is the original",
    "original mail headers",
    "\nreturn-path: ",
    "\nreceived: from",
    "\nreceived:from",
];

/// Words by which a mail says that the message is still tried, in small letters.
const DELAYED: [&str; 9] = [
    "message will be retried",
    "this is a warning message only",
    "temporary failure report",
    "you do not need to resend",
    "no action is required on your part",
    "has not yet been delivered",
    "delivery attempts will continue",
    "is delayed for more than",
    "recipient has been delayed",
];

/// What a bounce without blocks says.
pub(super) fn read(mail: &Mail, about: Option<&str>) -> Returned {
    let said = self::about(mail, about);
    let whole = prose(mail);
    let lower = whole.to_lowercase();
    let bounce = judged(&said, &lower);
    // A part that says nothing is read with its surroundings.
    let bounce = match bounce.cause {
        Cause::Undetermined if said.len() < whole.len() => judged(&whole, &lower),
        _ => bounce,
    };
    let subject = mail.headers.get("subject").unwrap_or_default().to_lowercase();
    let waits = DELAYED.iter().any(|words| lower.contains(words))
        || subject.contains("delay")
        || subject.starts_with("warning: could not send");
    if waits && !bounce.hard {
        return Returned::Progress(Progress::Delayed);
    }
    Returned::Bounce(bounce)
}

fn judged(text: &str, whole: &str) -> super::Bounce {
    let (code, enhanced) = codes(text);
    let lower = text.to_lowercase();
    // An answer that is quoted without its command may be one to the whole message: the milder
    // reading. What a server says in its own words is about the address.
    let unknown = if code == 0 { Stage::Recipient } else { Stage::Content };
    let stage = stage_of(&lower).or_else(|| stage_of(whole)).unwrap_or(unknown);
    judge(&Said { stage, code, enhanced, text }, None)
}

/// The text for people before the message that came back.
pub(super) fn prose(mail: &Mail) -> String {
    let mut out = String::new();
    for text in &mail.texts {
        let lower = text.to_lowercase();
        // Small letters may take other room than large ones; then nothing is cut.
        let cut = |end: usize| if lower.len() == text.len() { text.get(..end) } else { None };
        let end = ORIGINAL.iter().filter_map(|words| lower.find(words)).min();
        let own = end.and_then(cut).unwrap_or(text);
        out.push_str(own.trim());
        out.push('\n');
        if end.is_some() {
            break;
        }
    }
    out
}

/// What the text for people says about one address; all of it where it is about one only.
pub(super) fn about(mail: &Mail, address: Option<&str>) -> String {
    let whole = prose(mail);
    let Some(address) = address else { return whole };
    let mut announced: Vec<(usize, String)> = Vec::new();
    let (mut at, mut command) = (0, None);
    for line in whole.split_inclusive('\n') {
        if let Some(found) = announces(line) {
            // The answer belongs to the command before it.
            announced.push((command.unwrap_or(at), found));
        }
        command = line.starts_with(">>> ").then_some(at);
        at += line.len();
    }
    let several = announced.iter().any(|(_, other)| !other.eq_ignore_ascii_case(address));
    if !several {
        return whole;
    }
    let mut out = String::new();
    for (place, (from, name)) in announced.iter().enumerate() {
        if name.eq_ignore_ascii_case(address) {
            let to = announced.get(place + 1).map_or(whole.len(), |(next, _)| *next);
            out.push_str(&whole[*from..to]);
        }
    }
    if out.is_empty() { whole } else { out }
}

/// The address that a line begins with: what follows is about it.
fn announces(line: &str) -> Option<String> {
    let line = line.trim_start_matches([' ', '\t', '<', '"', '\'', '*', '-', '>', '|']);
    let line = line.strip_prefix("Recipient: ").unwrap_or(line);
    // `554 <ada@a.example>... Remote protocol error`
    let code = line.get(..4).is_some_and(|code| {
        code.ends_with([' ', '-']) && code.bytes().take(3).all(|byte| byte.is_ascii_digit())
    });
    let line = if code { &line[4..] } else { line }.trim_start_matches('<');
    let end = line
        .find(|letter: char| {
            letter.is_whitespace() || matches!(letter, '>' | '"' | '\'' | ':' | ',' | ';' | '(')
        })
        .unwrap_or(line.len());
    let word = &line[..end];
    let (local, domain) = word.split_once('@')?;
    let fits = !local.is_empty() && domain.contains('.') && !domain.contains('@');
    fits.then(|| word.to_owned())
}
