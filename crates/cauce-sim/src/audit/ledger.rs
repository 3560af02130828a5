//! The ledger counted again: attempts, what was said of messages, and what that corrected.

use crate::audit::Rowset;
use cauce_core::input::ReportKind;
use cauce_core::message::ledger::{Message, State};
use cauce_core::state::{Key, Row};
use std::collections::BTreeMap;

/// Messages that are tried twice at once.
#[must_use]
pub fn tried_at_once(world: &[Rowset]) -> Vec<String> {
    let messages = world.iter().flat_map(BTreeMap::values).filter_map(|row| match row {
        Row::Message(message) => Some(message),
        _ => None,
    });
    messages.filter_map(|message| attempts(message)).collect()
}

/// What differs between counters and messages at rest: while one follows its person, it is nowhere.
#[must_use]
pub fn differences(world: &[Rowset]) -> Vec<String> {
    let mut found = Vec::new();
    let mut recounted: BTreeMap<String, u64> = BTreeMap::new();
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for (key, row) in world.iter().flatten() {
        match (key, row) {
            (Key::Message(_), Row::Message(message)) => {
                let mut count = |name: String| *recounted.entry(name).or_default() += 1;
                let delivered = |kind: &ReportKind| *kind == ReportKind::Delivered;
                if message.reports.iter().any(|(_, kind)| delivered(kind)) {
                    count("reports message_delivered".to_owned());
                }
                for (_, kind) in &message.reports {
                    if let ReportKind::Corrected { was, is, .. } = kind {
                        count(format!("reports corrected {was} {is}"));
                    }
                }
            }
            (Key::Counter(name), Row::Counter(count)) if is_recounted(name) && *count > 0 => {
                *counted.entry(name.clone()).or_default() += count;
            }
            _ => {}
        }
    }
    if counted != recounted {
        found.push(format!("of reports {counted:?} are counted, {recounted:?} are"));
    }
    found
}

fn is_recounted(name: &str) -> bool {
    name == "reports message_delivered" || name.starts_with("reports corrected ")
}

/// One attempt at a time, and none once the message has ended.
fn attempts(message: &Message) -> Option<String> {
    let open = message.attempts.iter().filter(|attempt| attempt.ended.is_none()).count();
    let last = message.attempts.last().is_some_and(|attempt| attempt.ended.is_none());
    let numbers: Vec<u32> = message.attempts.iter().map(|attempt| attempt.number).collect();
    let fine = match message.state {
        State::Attempting { .. } => open == 1 && last,
        _ => open == 0,
    };
    let rising = numbers.is_sorted_by(|one, next| one < next);
    (!fine || !rising)
        .then(|| format!("{}: {open} attempts are open, numbers are {numbers:?}", message.id))
}
