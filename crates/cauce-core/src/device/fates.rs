//! What became of one message at each of its devices. It follows from the ledger: an attempt says
//! which devices it was for, and how it ended at each.

use super::Word;
use crate::delivery::{Answer, Cause, Outcome, Verdict, classify};
use crate::ids::DeviceId;
use crate::message::ledger::{Attempt, Message};
use crate::prelude::*;
use crate::time::Timestamp;

/// How a message stands with one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its service took it: nothing is ever sent there again.
    Took,
    /// It may have been taken.
    Unknown,
    /// It was refused for good.
    Ended(Cause),
    /// It was refused for now.
    Again(Cause, Option<u32>),
    /// It was not begun.
    NotStarted,
    /// It was not begun for a fault of ours.
    Held,
}

/// The devices of an attempt, as its address names them.
pub fn devices(attempt: &Attempt) -> impl Iterator<Item = DeviceId> {
    attempt.address.split(' ').filter_map(|name| name.parse().ok())
}

/// The address of an attempt that is for these devices.
pub fn address(devices: impl IntoIterator<Item = DeviceId>) -> String {
    let names: Vec<String> = devices.into_iter().map(|device| device.to_string()).collect();
    names.join(" ")
}

/// How a message stands with every device that it was for.
pub fn of(message: &Message) -> BTreeMap<DeviceId, Fate> {
    let mut fates = BTreeMap::new();
    for attempt in &message.attempts {
        let Some((_, outcome)) = &attempt.ended else { continue };
        match outcome {
            Outcome::Devices(ends) => {
                fates.extend(ends.iter().map(|end| (end.device, fate(&end.answer.outcome()))));
            }
            whole => fates.extend(devices(attempt).map(|device| (device, fate(whole)))),
        }
    }
    fates
}

fn fate(outcome: &Outcome) -> Fate {
    match classify(outcome) {
        Verdict::Accepted => Fate::Took,
        Verdict::Unknown => Fate::Unknown,
        Verdict::Failed { cause, .. } => Fate::Ended(cause),
        Verdict::Retry { cause, after_s } => Fate::Again(cause, after_s),
        Verdict::NotStarted => Fate::NotStarted,
        Verdict::Held => Fate::Held,
    }
}

/// The devices that a message still has to go to: none of those that took it, or may have.
pub fn left(message: &Message) -> Vec<DeviceId> {
    let fates = of(message);
    let open: Vec<DeviceId> = fates
        .iter()
        .filter(|(_, fate)| matches!(fate, Fate::Again(..) | Fate::NotStarted | Fate::Held))
        .map(|(device, _)| *device)
        .collect();
    let unknown = fates.iter().filter(|(_, fate)| **fate == Fate::Unknown);
    // That it is sent once more was decided when it became unknown everywhere.
    let all_lost = open.is_empty() && !fates.values().any(|fate| *fate == Fate::Took);
    if all_lost { unknown.map(|(device, _)| *device).collect() } else { open }
}

/// Whether it may have left for any device.
pub fn may_have_left(message: &Message) -> bool {
    of(message).values().any(|fate| matches!(fate, Fate::Took | Fate::Unknown))
}

/// What all ends so far mean for the message: it goes on while a device is open, and then it is
/// sent if any device has it.
pub fn verdict(message: &Message) -> Verdict {
    let fates = of(message);
    let again = fates.values().filter_map(|fate| match fate {
        Fate::Again(cause, after_s) => Some((*cause, *after_s)),
        _ => None,
    });
    // The longest wish: one wait for all that are open.
    let again = again.max_by_key(|(_, after_s)| *after_s);
    if let Some((cause, after_s)) = again {
        return Verdict::Retry { cause, after_s };
    }
    let any = |wanted: Fate| fates.values().any(|fate| *fate == wanted);
    if any(Fate::Held) {
        return Verdict::Held;
    }
    if any(Fate::NotStarted) {
        return Verdict::NotStarted;
    }
    end(message).unwrap_or(Verdict::Failed { cause: Cause::Undetermined, suppress: false })
}

/// What a message came to at which nothing more is tried; nothing if no device said anything for
/// good.
pub fn end(message: &Message) -> Option<Verdict> {
    let fates = of(message);
    let any = |wanted: Fate| fates.values().any(|fate| *fate == wanted);
    if any(Fate::Took) {
        return Some(Verdict::Accepted);
    }
    if any(Fate::Unknown) {
        return Some(Verdict::Unknown);
    }
    let cause = fates.values().find_map(|fate| match fate {
        Fate::Ended(cause) => Some(*cause),
        _ => None,
    });
    cause.map(|cause| Verdict::Failed { cause, suppress: false })
}

/// What an attempt's end says of its devices' tokens.
pub fn words(outcome: &Outcome, granted: Timestamp) -> Vec<(DeviceId, Word)> {
    let Outcome::Devices(ends) = outcome else { return Vec::new() };
    let judged = ends.iter().filter_map(|end| {
        let Answer::Refused { code, enhanced, text, .. } = &end.answer else { return None };
        let word = match crate::delivery::token(*enhanced)? {
            crate::delivery::Token::Gone => Word::Gone(end.since.unwrap_or(granted)),
            crate::delivery::Token::Misplaced => {
                Word::Misplaced { at: granted, why: format!("{code} {text}") }
            }
        };
        Some((end.device, word))
    });
    judged.collect()
}
