//! What happened, in words.

use cauce_core::decision::Effect;
use cauce_core::message::ledger::State;

/// One thing that the world was told.
#[must_use]
pub fn effect(effect: &Effect) -> String {
    match effect {
        Effect::HandOver(handed) => format!(
            "hand over {} attempt {} `{}` to {}",
            handed.message, handed.attempt, handed.template.0, handed.address
        ),
        Effect::Revoke(message) => format!("revoke {message}"),
        Effect::Membership(change) => {
            let word = if change.inside { "enters" } else { "leaves" };
            format!("{} {word} {}", change.profile, change.name)
        }
        Effect::Hop { to, n } => format!("hop to {to}: {n}"),
        Effect::Queued { path, due, .. } => format!("queued on {path} until {due}"),
        Effect::WakeAt(at) => format!("wake at {at}"),
        Effect::Replied { counter } => format!("{counter} went up"),
        Effect::Answered { keeper, gone } => format!("{keeper} answers, gone: {gone:?}"),
        Effect::Heard { pair: (domain, mailbox), word } => {
            format!("{mailbox} answers {domain}: {word:?}")
        }
        Effect::For(trace) => format!("for {trace}"),
        Effect::Note(note) => format!("note {}: {}", note.code, note.text),
    }
}

/// Where a message stands, in a word and its reason.
#[must_use]
pub fn state(state: &State) -> String {
    match state {
        State::Queued { put_off: None, .. } => "queued".to_owned(),
        State::Queued { put_off: Some(reason), .. } => format!("put off: {}", reason.code()),
        State::Attempting { .. } => "attempting".to_owned(),
        State::Accepted { .. } => "accepted".to_owned(),
        State::Refused { reason, .. } => format!("refused: {}", reason.code()),
        State::Failed { code, .. } => format!("failed: {code}"),
        State::Unknown { .. } => "unknown".to_owned(),
    }
}
