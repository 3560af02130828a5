//! Mailbox providers that refuse marketing for what its sender is, counted, and the pause that
//! follows. The process counts over all partitions, and says the pause to each; what one partition
//! counts by itself is the rest that a restart does not forget.

use crate::decide::Decider;
use crate::decision::{Effect, Permit};
use crate::delivery::{Outcome, mailboxes};
use crate::ids::MessageId;
use crate::message::ledger::Message;
use crate::policy::blocks::{Blocked, Blocks, word};
use crate::policy::complaints::{ASKED_AGAIN, PAUSES_MAX, Pair, about};
use crate::prelude::*;
use crate::state::{Key, Row, Rows};

impl<R: Rows> Decider<'_, R> {
    fn blocks(&self) -> Arc<Blocks> {
        match self.work.get(&Key::Blocks) {
            Some(Row::Blocks(blocks)) => blocks,
            _ => Arc::default(),
        }
    }

    fn pair(&self, message: &Message, address: &str) -> Option<Pair> {
        let (domain, mailbox) = about((&self.catalog, &self.hosts()), message, address)?;
        // All others together are nobody: one company's filter says nothing of the next one's.
        (mailbox != mailboxes::OTHER).then(|| (domain, mailbox.to_owned()))
    }

    /// An attempt at marketing by e-mail ended: what that says of its sender.
    pub(in crate::message) fn hear_block(&mut self, message: &Message, outcome: &Outcome) {
        let Some(word) = word(outcome) else { return };
        let Some(attempt) = message.attempts.last() else { return };
        let Some(pair) = self.pair(message, &attempt.address) else { return };
        self.effects.push(Effect::Heard { pair: pair.clone(), word: word.clone() });
        let mut blocks = self.blocks();
        if !blocks.hears(&pair, &word) {
            return;
        }
        let now = self.now;
        let pauses = Arc::make_mut(&mut blocks).count(&pair, &word, now);
        self.work.put(Key::Blocks, Row::Blocks(blocks));
        if pauses {
            self.revoke_to(&pair);
        }
    }

    /// A pause begins: what was granted and has not begun must not begin any more.
    fn revoke_to(&mut self, pair: &Pair) {
        let bounds = (Key::Attempting(MessageId(0)), Key::Attempting(MessageId(u128::MAX)));
        for (key, _) in self.work.range(&bounds, usize::MAX) {
            let Key::Attempting(id) = key else { continue };
            let Some(message) = self.work.message(&Key::Message(id)) else { continue };
            let Some(attempt) = message.attempts.last() else { continue };
            if self.pair(&message, &attempt.address).as_ref() == Some(pair) {
                self.effects.push(Effect::Revoke(id));
            }
        }
    }

    /// A message that nothing else holds back: it waits while its mailbox provider refuses its
    /// sender.
    pub(in crate::message) fn unblocked(&self, message: &Message, address: String) -> Permit {
        let blocks = self.blocks();
        if blocks.of.is_empty() {
            return Permit::Yes { address };
        }
        let pair = self.pair(message, &address);
        match pair.map_or(Ok(()), |pair| blocks.judge(&pair)) {
            Ok(()) => Permit::Yes { address },
            Err(reason) => {
                let due = self.now.plus(ASKED_AGAIN).min(message.expires);
                Permit::Later { due, reason }
            }
        }
    }

    /// The process found that a mailbox provider refuses a domain, or another partition did.
    pub(crate) fn block(&mut self, domain: &str, mailbox: &str, blocked: &Blocked) {
        let mut blocks = self.blocks();
        let pair = (domain.to_owned(), mailbox.to_owned());
        if blocks.of.contains_key(&pair) || blocks.of.len() >= PAUSES_MAX {
            return;
        }
        Arc::make_mut(&mut blocks).of.insert(pair.clone(), blocked.clone());
        self.work.put(Key::Blocks, Row::Blocks(blocks));
        self.revoke_to(&pair);
    }

    /// A person lets it go on.
    pub(in crate::message) fn unblock(&mut self, pair: &Pair) {
        let before = self.blocks();
        let mut blocks = before.clone();
        Arc::make_mut(&mut blocks).resume(pair);
        // Also where the pause was not heard of yet: what was counted is forgotten.
        if blocks != before {
            self.work.put(Key::Blocks, Row::Blocks(blocks));
        }
    }
}
