//! What mailbox providers think of us, counted: marketing that they took and what their readers say
//! of it, by the sender's domain, the mailbox provider and the day. And the pause that follows.
//!
//! Not: the judgement. Each partition sees a small share, and none may look at another; the process
//! adds up what all of them counted, and what follows is an input to each.

use crate::decide::Decider;
use crate::delivery::mailboxes::Hosts;
use crate::limits;
use crate::message::ledger::Message;
use crate::policy::complaints::{PAUSES_MAX, Paused, Pauses, about};
use crate::prelude::*;
use crate::sender::bulk::{Counts, MailboxDay};
use crate::state::{Key, Row, Rows};
use crate::time::{Duration, Timestamp};

/// The day of an instant (UTC), counted from 1970-01-01.
pub fn day(at: Timestamp) -> u32 {
    u32::try_from(at.0.div_euclid(Duration::DAY.0)).unwrap_or(0)
}

impl<R: Rows> Decider<'_, R> {
    /// Whose marketing to whom is paused.
    pub(in crate::message) fn pauses(&self) -> Arc<Pauses> {
        match self.work.get(&Key::MailboxPauses) {
            Some(Row::MailboxPauses(pauses)) => pauses,
            _ => Arc::default(),
        }
    }

    /// Whose servers take the mail of which domains.
    pub(in crate::message) fn hosts(&self) -> Arc<Hosts> {
        match self.work.get(&Key::Hosts) {
            Some(Row::Hosts(hosts)) => hosts,
            _ => Arc::default(),
        }
    }

    /// Whose servers take the mail of some domains was learned. What waits moves to the queue of
    /// its group when it is granted next, as after a change of routes.
    pub(crate) fn hosted(&mut self, of: &[(u64, String)]) {
        let mut hosts = self.hosts();
        let known = Arc::make_mut(&mut hosts);
        let news = of.iter().filter(|(domain, mailbox)| known.learn(*domain, mailbox)).count();
        if news > 0 {
            self.work.put(Key::Hosts, Row::Hosts(hosts));
        }
    }

    fn mailbox_day(&self, key: &Key) -> Option<MailboxDay> {
        match self.work.get(key) {
            Some(Row::MailboxDay(counted)) => Some(counted),
            _ => None,
        }
    }

    /// Counts what became of a message today, if it is marketing by e-mail.
    pub(in crate::message) fn count_trust(
        &mut self,
        message: &Message,
        add: impl FnOnce(&mut Counts),
    ) {
        self.count_trust_on(message, day(self.now), add);
    }

    /// Counts what became of a message on a day. Of days that are forgotten nothing is counted.
    pub(in crate::message) fn count_trust_on(
        &mut self,
        message: &Message,
        on: u32,
        add: impl FnOnce(&mut Counts),
    ) {
        let Some(attempt) = message.attempts.last() else { return };
        let known = about((&self.catalog, &self.hosts()), message, &attempt.address);
        let Some((domain, mailbox)) = known else { return };
        let today = day(self.now);
        if on < today.saturating_sub(limits::MAILBOX_DAYS_MAX) {
            return;
        }
        let key = Key::MailboxDay(on, domain, mailbox.to_owned());
        let counted = self.mailbox_day(&key);
        if counted.is_none() {
            self.forget_days(today);
        }
        let mut counted = counted.unwrap_or_default();
        add(&mut counted.counts);
        self.work.put(key, Row::MailboxDay(counted));
    }

    /// A new day begins: the oldest are forgotten.
    fn forget_days(&mut self, today: u32) {
        let first = today.saturating_sub(limits::MAILBOX_DAYS_MAX);
        let bound = |day| Key::MailboxDay(day, String::new(), String::new());
        for (key, _) in self.work.range(&(bound(0), bound(first)), limits::MAILBOX_DAYS_SLICE) {
            self.work.delete(key);
        }
    }

    /// Marketing of a domain to a mailbox provider pauses, for what was counted everywhere.
    pub fn pause_marketing(&mut self, domain: &str, mailbox: &str, counts: Counts) {
        let mut pauses = self.pauses();
        let key = (domain.to_owned(), mailbox.to_owned());
        if pauses.of.contains_key(&key) || pauses.of.len() >= PAUSES_MAX {
            return; // said again
        }
        Arc::make_mut(&mut pauses).of.insert(key, Paused { since: self.now, counts });
        self.work.put(Key::MailboxPauses, Row::MailboxPauses(pauses));
    }

    /// It goes on: what was counted today and the day before is forgiven.
    pub fn resume_marketing(&mut self, domain: &str, mailbox: &str) {
        let mut pauses = self.pauses();
        let key = (domain.to_owned(), mailbox.to_owned());
        self.unblock(&key);
        if Arc::make_mut(&mut pauses).of.remove(&key).is_none() {
            return;
        }
        self.work.put(Key::MailboxPauses, Row::MailboxPauses(pauses));
        let today = day(self.now);
        for day in [today.saturating_sub(1), today] {
            let key = Key::MailboxDay(day, key.0.clone(), key.1.clone());
            if let Some(mut counted) = self.mailbox_day(&key) {
                counted.forgiven = counted.counts;
                self.work.put(key, Row::MailboxDay(counted));
            }
        }
    }
}
