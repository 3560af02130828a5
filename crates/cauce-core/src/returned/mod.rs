//! What comes back by e-mail: bounces, complaints, automatic replies, and what people write.
//!
//! The reader of MIME is elsewhere; here it is judged what a mail, taken apart, says. Half of real
//! bounces have no structure (Sisimai's set of e-mails: 42 % without a delivery-status part), so
//! which message is meant never depends on the body alone: see [`Mail::clues`].

mod kinds;
mod plain;
mod report;

use crate::delivery::{self, Cause, Enhanced, Said, Stage};
use crate::prelude::*;

/// Names in small letters, and values as they are read: unfolded and decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The first value of a name, which is given in small letters.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads `Name: value` lines, folded ones too, until the first empty line or the end.
    pub fn read(text: &str) -> Fields {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in text.lines().skip_while(|line| line.trim().is_empty()) {
            if line.trim().is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                continue;
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            if name.is_empty() || name.contains([' ', '\t']) {
                continue;
            }
            fields.push((name.to_lowercase(), value.trim().to_owned()));
        }
        Fields(fields)
    }
}

/// A mail that came in, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// Its headers.
    pub headers: Fields,
    /// The blocks of its delivery-status part (RFC 3464), one after the other.
    pub statuses: Vec<Fields>,
    /// The fields of its feedback report (RFC 5965).
    pub feedback_report: Option<Fields>,
    /// Whether it is a receipt of a reader's program (RFC 8098).
    pub disposition: bool,
    /// Its text for people, in order.
    pub texts: Vec<String>,
    /// The headers of the message that it is about, where it has them as a part.
    pub original: Option<Fields>,
}

/// What a mail is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// A message did not arrive.
    Bounce(Bounce),
    /// Somebody on the way says how a message is doing: no failure.
    Progress(Progress),
    /// Somebody's feedback loop, with its type in small letters.
    Complaint(String),
    /// A machine answered for a person.
    AutoReply,
    /// A person wrote.
    Reply,
}

/// How a message is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It waits, and is tried again.
    Delayed,
    /// It went on to a system that tells nothing.
    Relayed,
    /// It went on to several addresses.
    Expanded,
    /// It arrived.
    Delivered,
}

impl Progress {
    /// The word of RFC 3464 for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Progress::Delayed => "delayed",
            Progress::Relayed => "relayed",
            Progress::Expanded => "expanded",
            Progress::Delivered => "delivered",
        }
    }
}

/// That a message did not arrive, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// Why.
    pub cause: Cause,
    /// Whether the address is gone for good.
    pub hard: bool,
    /// The enhanced status code that says most, if there is one.
    pub status: Option<Enhanced>,
    /// What was said, with one space between words, bounded.
    pub text: String,
}

/// Limit: bytes of what was said that are kept; what is longer is cut.
pub const TEXT_BYTES_MAX: usize = 500;

/// What a mail says: about an address, if it is known which, since a report may be about several.
pub fn read(mail: &Mail, about: Option<&str>) -> Returned {
    if let Some(feedback) = &mail.feedback_report {
        let kind = feedback.get("feedback-type").unwrap_or("abuse").trim().to_lowercase();
        return Returned::Complaint(kind);
    }
    if let Some(said) = report::read(mail, about) {
        return said;
    }
    if kinds::is_complaint(mail) {
        return Returned::Complaint("abuse".to_owned());
    }
    if mail.disposition {
        return Returned::AutoReply;
    }
    if kinds::is_bounce(mail) {
        return plain::read(mail, about);
    }
    if kinds::is_automatic(mail) { Returned::AutoReply } else { Returned::Reply }
}

/// Whether a complaint of a type means that the reader does not want more. Reports about failed
/// authentication and about what is no spam say nothing of the kind.
pub fn complains(kind: &str) -> bool {
    // RFC 5965 and the IANA registry of feedback report types, November 2026.
    matches!(kind, "abuse" | "fraud" | "virus" | "other" | "miscategorized" | "opt-out")
}

impl Mail {
    /// Where a signed name of a message may stand, the most trustworthy first: the addresses to
    /// which the mail went, its envelope id, and what the message that came back says of itself.
    pub fn clues(&self) -> Vec<&str> {
        let mut clues = Vec::new();
        for name in ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc"] {
            clues.extend(self.headers.all(name));
        }
        for block in &self.statuses {
            clues.extend(block.get("original-envelope-id"));
            clues.extend(block.get("x-postfix-sender"));
        }
        if let Some(feedback) = &self.feedback_report {
            clues.extend(feedback.get("original-mail-from"));
            clues.extend(feedback.get("original-envelope-id"));
        }
        if let Some(original) = &self.original {
            for name in ["return-path", "x-envelope-from", "list-unsubscribe"] {
                clues.extend(original.all(name));
            }
        }
        clues.extend(self.texts.iter().map(String::as_str));
        clues
    }
}

/// Judges one answer that a bounce quotes.
fn judge(said: &Said<'_>, class: Option<u8>) -> Bounce {
    let cause = delivery::cause(said);
    let gone = matches!(cause, Cause::InvalidRecipient | Cause::InvalidDomain);
    // Who says "not now" anywhere does not say "never".
    let permanent = class != Some(4)
        && said.enhanced.is_none_or(|enhanced| enhanced.0 == 5)
        && (said.code == 0 || said.code >= 500);
    Bounce { cause, hard: gone && permanent, status: said.enhanced, text: bounded(said.text) }
}

fn bounded(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if out.len() + word.len() >= TEXT_BYTES_MAX {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// An SMTP reply code and an enhanced one, as a text quotes them.
fn codes(text: &str) -> (u16, Option<Enhanced>) {
    let bytes = text.as_bytes();
    let mut code = 0;
    let mut best: Option<Enhanced> = None;
    let mut any: Option<Enhanced> = None;
    let mut at = 0;
    while at < bytes.len() {
        if !matches!(bytes[at], b'2' | b'4' | b'5') || (at > 0 && is_inner(bytes[at - 1])) {
            at += 1;
            continue;
        }
        if let Some((found, length)) = enhanced(&bytes[at..]) {
            // What follows a code is the answer; what does not may be anybody's summary of it.
            let follows = text.get(at.saturating_sub(6)..at).is_some_and(|before| {
                before.trim_end_matches([' ', '-', '\'', '#', '"']).ends_with(&digits(code))
            });
            if code != 0 && follows && best.is_none_or(is_general) {
                best = Some(found);
            }
            if any.is_none_or(is_general) {
                any = Some(found);
            }
            at += length;
            continue;
        }
        if let Some(found) = reply_code(&bytes[at..])
            && code == 0
        {
            code = found;
        }
        at += 1;
    }
    (code, best.filter(|best| !is_general(*best)).or(any).or(best))
}

fn digits(code: u16) -> String {
    format!("{code}")
}

/// A status that says nothing but its class.
fn is_general(status: Enhanced) -> bool {
    matches!(status, Enhanced(_, 0, _))
}

/// What a code does not follow: part of a number, a name, an address.
fn is_inner(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/' | b'@' | b'+')
}

/// `5.1.1`, not followed by more of an address.
fn enhanced(bytes: &[u8]) -> Option<(Enhanced, usize)> {
    let mut parts = [0u16; 3];
    let mut at = 0;
    for (place, part) in parts.iter_mut().enumerate() {
        if place > 0 {
            if bytes.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let from = at;
        while at - from < 4 && bytes.get(at).is_some_and(u8::is_ascii_digit) {
            *part = *part * 10 + u16::from(bytes[at] - b'0');
            at += 1;
        }
        if at == from || at - from > 3 {
            return None;
        }
    }
    let more = bytes.get(at).is_some_and(u8::is_ascii_alphanumeric)
        || (bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit));
    let class = u8::try_from(parts[0]).ok().filter(|class| matches!(class, 2 | 4 | 5))?;
    (!more).then_some((Enhanced(class, parts[1], parts[2]), at))
}

/// `550`, standing alone or beginning a reply.
fn reply_code(bytes: &[u8]) -> Option<u16> {
    let three = bytes.get(..3)?;
    if !three.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let next = bytes.get(3).copied().unwrap_or(b' ');
    if !matches!(next, b' ' | b'-' | b'\n' | b'\r' | b',' | b']' | b')' | b';' | b':') {
        return None;
    }
    let code = three.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    // The codes of RFC 5321 and those that are seen besides; not: years, ports, sizes.
    matches!(code, 421 | 422 | 431 | 432 | 441..=442 | 446..=459 | 471 | 498 | 500..=575 | 585)
        .then_some(code)
}

/// After which command something was said, as bounces spell it.
fn stage_of(lower: &str) -> Option<Stage> {
    if let Some(stage) = transcript(lower) {
        return Some(stage);
    }
    const WORDS: [(&str, Stage); 28] = [
        ("end of data", Stage::Content),
        ("in reply to data", Stage::Content),
        ("after data", Stage::Content),
        ("for text command", Stage::Content),
        ("message (data)", Stage::Content),
        ("after i sent the message", Stage::Content),
        ("transmission failure", Stage::Content),
        ("[data]", Stage::Content),
        ("smtp command\ndata", Stage::Content),
        ("in reply to rcpt", Stage::Recipient),
        ("after rcpt", Stage::Recipient),
        ("rcpt command", Stage::Recipient),
        ("[rcpt_to]", Stage::Recipient),
        ("does not like recipient", Stage::Recipient),
        ("rejected recipient", Stage::Recipient),
        ("smtp command\nrcpt", Stage::Recipient),
        ("in reply to mail", Stage::Sender),
        ("after mail from", Stage::Sender),
        ("[mail_from]", Stage::Sender),
        ("does not like sender", Stage::Sender),
        ("rejected mail from", Stage::Sender),
        ("in reply to helo", Stage::Connect),
        ("in reply to ehlo", Stage::Connect),
        ("in reply to initial", Stage::Connect),
        ("after initial connection", Stage::Connect),
        ("refused to talk to me", Stage::Connect),
        ("my name was rejected", Stage::Connect),
        ("while initiating the connection", Stage::Connect),
    ];
    WORDS.iter().find(|(words, _)| lower.contains(words)).map(|(_, stage)| *stage)
}

/// The command before the first refusal in a transcript, as Sendmail and its kin write one.
fn transcript(lower: &str) -> Option<Stage> {
    let mut stage = None;
    for line in lower.lines() {
        let line = line.trim_start();
        if let Some(command) = line.strip_prefix(">>> ") {
            let of = |command: &str| match command.get(..4)? {
                "data" | "bdat" | "." => Some(Stage::Content),
                "rcpt" => Some(Stage::Recipient),
                "mail" => Some(Stage::Sender),
                "ehlo" | "helo" => Some(Stage::Connect),
                _ => None,
            };
            stage =
                if command.trim() == "." { Some(Stage::Content) } else { of(command).or(stage) };
        } else if let Some(answer) = line.strip_prefix("<<< ")
            && answer.starts_with(['4', '5'])
            && stage.is_some()
        {
            return stage;
        }
    }
    None
}

#[cfg(test)]
mod tests;
