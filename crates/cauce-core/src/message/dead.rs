//! Dead letters: messages that ended because nobody carried them, and not for what they are or whom
//! they are for. They can be tried again, once somebody has mended what was wrong.

use super::Class;
use super::ledger::{Message, Source, State};
use crate::decide::Decider;
use crate::delivery::{Answering, Outcome, is_providers_own};
use crate::ids::MessageId;
use crate::policy::Reason;
use crate::prelude::*;
use crate::state::{Key, Row, Rows};
use crate::time::Duration;

/// Whether a message that ended so can be tried again. Never after *unknown*: it may have left.
pub fn is_dead_letter(message: &Message, state: &State) -> bool {
    let last = message.attempts.last().and_then(|attempt| attempt.ended.as_ref());
    let last = last.map(|(_, outcome)| outcome);
    if message.lost().is_some() && message.class != Class::Transactional {
        return false;
    }
    match state {
        State::Failed { code, .. } => {
            let ours = ["configuration", "blocked", "throttled", "transient", "undetermined"];
            let unmade = matches!(last, Some(Outcome::Unrenderable { .. }));
            unmade || ours.contains(&code.strip_prefix("gave-up-").unwrap_or(code))
        }
        State::Refused { reason: Reason::Expired { .. }, .. } => {
            let waited = matches!(
                &message.state,
                State::Queued { put_off: Some(Reason::NoWayOut { .. }), .. }
            );
            waited || last.is_some_and(|last| is_providers_own(last, Answering::Itself))
        }
        State::Queued { .. }
        | State::Attempting { .. }
        | State::Accepted { .. }
        | State::Refused { .. }
        | State::Unknown { .. } => false,
    }
}

impl<R: Rows> Decider<'_, R> {
    /// Tries dead letters again: each waits in its ready queue as if it were new, and everything
    /// that may say no is asked again when it is granted.
    pub(crate) fn revive(&mut self, messages: &[MessageId]) {
        for id in messages {
            self.revive_one(*id);
        }
    }

    /// Gives dead letters up: what became of them stands, and nobody tries them again.
    pub(crate) fn bury(&mut self, messages: &[MessageId]) {
        for id in messages {
            let mark = Key::DeadLetter(*id);
            if self.work.has(&mark) {
                self.work.delete(mark);
                self.work.count("dead-letters.given-up", 1);
            }
        }
    }

    fn revive_one(&mut self, id: MessageId) {
        let mark = Key::DeadLetter(id);
        if !self.work.has(&mark) {
            return;
        }
        self.work.delete(mark);
        let Some(mut message) = self.work.message(&Key::Message(id)) else { return };
        if !message.state.ended() || matches!(message.state, State::Unknown { .. }) {
            return;
        }
        let before = message.state.term();
        if let Source::Campaign { id: campaign, .. } = &message.source {
            self.campaign_moved(*campaign, |part| {
                part.transfer(Some(before), Some(super::ledger::Term::Pending));
            });
        }
        self.uncount_end(&message);
        self.work.count("dead-letters.replayed", 1);
        let now = self.now;
        let revived = Arc::make_mut(&mut message);
        // It may wait as long as it might have waited when it was made.
        let lifetime = revived.expires.since(revived.created).max(Duration::MINUTE);
        revived.expires = now.plus(lifetime);
        let path = self.queue_of(&message, None);
        Arc::make_mut(&mut message).path = path;
        self.requeue(message, now);
    }

    /// Marks a message that can be tried again.
    pub(super) fn mark_dead(&mut self, message: &Message, state: &State) {
        // Nobody tries a message again that has no content any more.
        if is_dead_letter(message, state) && !self.is_wiped(message) {
            self.work.put(Key::DeadLetter(message.id), Row::Mark);
            self.work.count("dead-letters", 1);
        }
    }
}
