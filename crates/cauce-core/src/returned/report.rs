//! Delivery status notifications: RFC 3464, RFC 6533, and what is sent under that name.

use super::{Bounce, Fields, Mail, Progress, Returned, codes, is_general, judge, plain, stage_of};
use crate::delivery::{Cause, Enhanced, Said, Stage};
use crate::prelude::*;

/// What the blocks of a report say; `None` if there is no recipient in any of them.
pub(super) fn read(mail: &Mail, about: Option<&str>) -> Option<Returned> {
    let quoted = if mail.statuses.is_empty() { in_texts(mail) } else { Vec::new() };
    let blocks = mail.statuses.iter().chain(&quoted);
    let blocks: Vec<&Fields> = blocks.filter(|block| is_recipient(block)).collect();
    if blocks.is_empty() {
        // A report that lost its blocks is still one.
        let report = !mail.statuses.is_empty();
        return report.then(|| plain::read(mail, about));
    }
    let named = about.and_then(|about| {
        let mut named = blocks.iter().filter(|block| names(block, about)).peekable();
        named.peek()?;
        Some(named.map(|block| said(mail, block)).collect::<Vec<_>>())
    });
    let all = || blocks.iter().map(|block| said(mail, block)).collect();
    // Of several the mildest: an address that went on to others is not gone because one is.
    named.unwrap_or_else(all).into_iter().min_by_key(severity)
}

/// Blocks that stand in the text for people, as some systems write them.
fn in_texts(mail: &Mail) -> Vec<Fields> {
    let mut found = Vec::new();
    for text in &mail.texts {
        let text = text.replace("\r\n", "\n");
        for paragraph in text.split("\n\n") {
            let starts = |line: &str| {
                let lower = line.to_lowercase();
                ["final-recipient:", "action:", "reporting-mta:", "original-recipient:"]
                    .iter()
                    .any(|name| lower.starts_with(name))
            };
            let Some(at) = paragraph.lines().position(starts) else { continue };
            let lines: Vec<&str> = paragraph.lines().skip(at).collect();
            let fields = Fields::read(&lines.join("\n"));
            let whole = fields.get("final-recipient").or(fields.get("original-recipient"));
            if whole.is_some() && (fields.get("action").or(fields.get("status"))).is_some() {
                found.push(fields);
            }
        }
    }
    found
}

fn severity(said: &Returned) -> u8 {
    match said {
        Returned::Bounce(bounce) if bounce.hard => 4,
        Returned::Bounce(_) => 3,
        Returned::Progress(Progress::Delayed) => 2,
        Returned::Progress(Progress::Delivered | Progress::Relayed | Progress::Expanded) => 1,
        Returned::Complaint(_) | Returned::AutoReply | Returned::Reply => 0,
    }
}

fn is_recipient(block: &Fields) -> bool {
    ["final-recipient", "original-recipient", "action", "status"]
        .iter()
        .any(|name| block.get(name).is_some())
}

fn names(block: &Fields, about: &str) -> bool {
    ["final-recipient", "original-recipient", "x-actual-recipient"].iter().any(|name| {
        block.get(name).is_some_and(|value| {
            let value = value.rsplit_once(';').map_or(value, |(_, address)| address);
            let value = value.trim().trim_matches(['<', '>']);
            value.eq_ignore_ascii_case(about)
        })
    })
}

fn said(mail: &Mail, block: &Fields) -> Returned {
    let status_text = block.get("status").unwrap_or_default();
    let (_, status) = codes(status_text);
    let action = block.get("action").unwrap_or_default().to_lowercase();
    let action = action.split([' ', '(', ';']).next().unwrap_or_default();
    match (action, status) {
        ("delayed", _) => return Returned::Progress(Progress::Delayed),
        ("relayed", _) => return Returned::Progress(Progress::Relayed),
        ("expanded", _) => return Returned::Progress(Progress::Expanded),
        ("delivered" | "deliverable", _) | ("", Some(Enhanced(2, ..))) => {
            return Returned::Progress(Progress::Delivered);
        }
        _ => {}
    }
    Returned::Bounce(failed(mail, block, status_text, status))
}

/// After what something was said, where nobody tells. A code that says that the mailbox is there,
/// or nothing at all, is not one of a recipient that is none: the milder reading.
fn unknown_stage(code: u16, enhanced: Option<Enhanced>) -> Stage {
    match enhanced {
        Some(Enhanced(_, 2 | 3 | 7, _)) => Stage::Content,
        Some(status) if is_general(status) && code == 0 => Stage::Content,
        _ => Stage::Recipient,
    }
}

fn failed(mail: &Mail, block: &Fields, status_text: &str, status: Option<Enhanced>) -> Bounce {
    let address = block.get("final-recipient").or_else(|| block.get("original-recipient"));
    let address =
        address.map(|value| value.rsplit_once(';').map_or(value, |(_, name)| name).trim());
    let diagnostic = block.get("diagnostic-code").unwrap_or_default();
    let diagnostic = match diagnostic.split_once(';') {
        Some((kind, words)) if !kind.contains(' ') => words.trim(),
        _ => diagnostic.trim(),
    };
    let silent = !diagnostic.chars().any(char::is_alphabetic);
    let (code, quoted) = codes(diagnostic);
    let enhanced = match (quoted, status) {
        (Some(quoted), Some(status)) if is_general(quoted) && !is_general(status) => Some(status),
        (quoted, status) => quoted.or(status),
    };
    let prose = plain::about(mail, address);
    let stage = stage_of(&format!("{status_text}\n{diagnostic}").to_lowercase())
        .or_else(|| stage_of(&prose.to_lowercase()))
        .unwrap_or_else(|| if silent { Stage::Recipient } else { unknown_stage(code, enhanced) });
    let class = status.map(|status| status.0);
    let judged = |text: &str| judge(&Said { stage, code, enhanced, text }, class);
    let bounce = judged(diagnostic);
    if !(silent || bounce.cause == Cause::Undetermined) || prose.is_empty() {
        return bounce;
    }
    // The diagnostic says nothing; the text for people may.
    let found = judged(&format!("{diagnostic} {prose}"));
    if found.cause == Cause::Undetermined { bounce } else { found }
}
