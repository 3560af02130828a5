//! The ledger of an erased person: state, terms and counters stay, what says to whom goes.

use crate::decide::Decider;
use crate::delivery::Outcome;
use crate::ids::MessageId;
use crate::input::{Hop, ReportKind};
use crate::message::ledger::{Message, Source, State};
use crate::policy::Reason;
use crate::prelude::*;
use crate::state::{Key, Row, Rows};

/// Takes out of a message what says to whom it went and what it said: address, values, answers'
/// and reports' texts, which may quote the address, and the requester's key.
pub fn wipe(message: &mut Message) {
    message.context.clear();
    for attempt in &mut message.attempts {
        attempt.address.clear();
        if let Some((_, outcome)) = &mut attempt.ended {
            wipe_outcome(outcome);
        }
    }
    for (_, report) in &mut message.reports {
        wipe_report(report);
    }
    match &mut message.state {
        State::Failed { text, .. } | State::Unknown { text, .. } => text.clear(),
        State::Refused { reason, .. } => wipe_reason(reason),
        State::Queued { put_off, .. } => put_off.iter_mut().for_each(wipe_reason),
        State::Attempting { .. } | State::Accepted { .. } => {}
    }
    if let Source::Api { key } = &mut message.source {
        *key = None;
    }
}

pub(crate) fn wipe_outcome(outcome: &mut Outcome) {
    match outcome {
        Outcome::Accepted { text, .. }
        | Outcome::Unreachable { text }
        | Outcome::Unknown { text }
        | Outcome::NotStarted { text }
        | Outcome::Held { text }
        | Outcome::Busy { text, .. }
        | Outcome::Unrenderable { text }
        | Outcome::Refused { text, .. } => text.clear(),
        Outcome::Devices(ends) => ends.iter_mut().for_each(|end| end.answer.wipe()),
    }
}

pub(crate) fn wipe_report(report: &mut ReportKind) {
    match report {
        ReportKind::Bounced { text, .. }
        | ReportKind::Returned { text, .. }
        | ReportKind::OptedOut { text } => text.clear(),
        ReportKind::Clicked { url } => url.clear(),
        ReportKind::Fetched(fetch) => {
            // That it was a link stays: it is counted.
            if let Some(url) = &mut fetch.url {
                url.clear();
            }
        }
        ReportKind::Delivered
        | ReportKind::PartDelivered { .. }
        | ReportKind::Complained
        | ReportKind::Opened
        | ReportKind::Underway { .. }
        | ReportKind::Corrected { .. }
        | ReportKind::Answered => {}
    }
}

fn wipe_reason(reason: &mut Reason) {
    // All others are made of our own words.
    if let Reason::Suppressed { suppression } = reason {
        suppression.evidence.clear();
    } else if let Reason::ConsentWithdrawn { source, .. } = reason {
        source.clear();
    }
}

impl<R: Rows> Decider<'_, R> {
    /// Whether a message lost its content; what comes in later loses its own as well. Of one that
    /// was never attempted only the register of who is gone knows.
    pub(crate) fn is_wiped(&self, message: &Message) -> bool {
        match &message.attempts[..] {
            [] => self.work.has(&Key::Forgotten(message.profile)),
            attempts => attempts.iter().all(|attempt| attempt.address.is_empty()),
        }
    }

    /// Wipes one message, and what its request's key says elsewhere.
    pub(crate) fn wipe_row(&mut self, id: MessageId) {
        let Some(mut message) = self.work.message(&Key::Message(id)) else { return };
        if let Source::Api { key: Some(key) } = &message.source {
            let to = crate::decide::key_home(key, self.place.partitions);
            self.send(to, Hop::ForgetRequest { key: key.clone(), message: id });
        }
        self.unname_parts(&message);
        wipe(Arc::make_mut(&mut message));
        self.work.put(Key::Message(id), Row::Message(message));
    }

    /// Cleans the next slice of the ledger, at most `count` messages.
    pub fn scrub(&mut self, count: u32) {
        let before = self.work.scrubbing();
        let Some(low) = before.values().min().copied() else { return };
        let bounds = (Key::Message(low), Key::Message(MessageId(u128::MAX)));
        let rows = self.work.range(&bounds, count as usize);
        let mut last = low;
        for (_, row) in &rows {
            let Row::Message(message) = row else { continue };
            last = message.id;
            if before.get(&message.profile).is_some_and(|from| *from <= message.id) {
                self.wipe_row(message.id);
                let key = Key::Forgotten(message.profile);
                if let Some(Row::Forgotten(mut forgotten)) = self.work.get(&key) {
                    Arc::make_mut(&mut forgotten).messages.push(message.id);
                    self.work.put(key, Row::Forgotten(forgotten));
                }
            }
        }
        if rows.len() < count as usize {
            self.work.delete(Key::Scrubbing);
            self.work.count("ledger.scrubbed", 1);
            return;
        }
        let next = MessageId(last.0.saturating_add(1));
        let after = before.iter().map(|(profile, from)| (*profile, (*from).max(next))).collect();
        self.work.put(Key::Scrubbing, Row::Scrubbing(Arc::new(after)));
    }

    /// At the home of an idempotency key: its message was of somebody who is erased.
    pub fn forget_request(&mut self, key: String, message: MessageId) {
        let row = self.work.request(&Key::Request(key.clone()));
        if row.is_some_and(|row| row.message == message) {
            self.forget_key(&key);
        }
    }
}
