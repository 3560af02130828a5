//! The guard against mass bounces: while a provider of mailboxes suddenly calls its own addresses
//! unknown, suppressions of its addresses are held, until somebody confirms or undoes them.

use crate::decide::Decider;
use crate::decision::Effect;
use crate::delivery::mailboxes;
use crate::input::Hop;
use crate::message::Channel;
use crate::policy::Suppression;
use crate::prelude::*;
use crate::profile::Alias;
use crate::state::{AliasRow, Key, Row, Rows};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Providers of mailboxes whose hard bounces are not believed, and since when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// By the provider's name or domain.
    pub since: BTreeMap<String, Timestamp>,
}

/// Why an address is suppressed that is gone for good.
pub const HARD: &str = "hard-bounce";

impl<R: Rows> Decider<'_, R> {
    fn guard(&self) -> Arc<Guard> {
        match self.work.get(&Key::Guard) {
            Some(Row::Guard(guard)) => guard,
            _ => Arc::default(),
        }
    }

    /// Whether the word of a keeper is not believed at the moment.
    pub(crate) fn is_guard_up(&self, keeper: &str) -> bool {
        self.guard().since.contains_key(keeper)
    }

    /// Whether the suppression of an address is held.
    pub(in crate::message) fn is_guarded(&self, address: &Alias, reason: &str) -> bool {
        reason == HARD && self.guard().since.contains_key(&mailboxes::keeper(&address.value))
    }

    /// The guard of a provider goes up, or comes down.
    pub fn guard_changed(&mut self, keeper: &str, up: bool) {
        let mut guard = self.guard();
        let changed = Arc::make_mut(&mut guard);
        if up {
            changed.since.entry(keeper.to_owned()).or_insert(self.now);
        } else {
            changed.since.remove(keeper);
        }
        self.work.put(Key::Guard, Row::Guard(guard));
    }

    /// At an address's home: somebody holds its suppression, as the guard stood there.
    pub fn held(&mut self, address: &Alias, suppression: Suppression) {
        if self.is_guarded(address, &suppression.reason) {
            self.hold(address, suppression);
        } else {
            // It came down meanwhile, or is about to go up and takes it back.
            self.suppress(address, Some(&suppression));
        }
    }

    /// At an address's home: its suppression is remembered, and not in force.
    pub(super) fn hold(&mut self, address: &Alias, suppression: Suppression) {
        let key = Key::Held(address.clone());
        let row = self.work.alias(&Key::Alias(address.clone())).unwrap_or_default();
        // Not: keeping the address of somebody who is forgotten.
        let unused = row.holder.is_none() && row.watchers.is_empty();
        let stands = row.suppression.as_ref().is_some_and(|old| old.stands_before(&suppression));
        if self.work.has(&key) || unused || stands {
            return;
        }
        self.work.count("suppressions.held", 1);
        self.work.put(key, Row::Held(Arc::new(suppression)));
    }

    /// At an address's home: everybody who uses it is told whether it is suppressed.
    pub(in crate::message) fn tell_holders(
        &mut self,
        address: &Alias,
        row: &AliasRow,
        suppression: Option<&Suppression>,
    ) {
        for holder in row.holder.iter().chain(&row.watchers) {
            let (to, address) = (holder.rank.id, address.clone());
            let suppression = suppression.cloned();
            let hop = Hop::Suppressed { to, address, suppression, hops: 0 };
            self.send(holder.partition, hop);
        }
    }

    /// At an address's home: a suppression of before the guard went up is taken back and held.
    pub fn hold_back(&mut self, address: &Alias, since: Timestamp) {
        let row = self.work.alias(&Key::Alias(address.clone())).unwrap_or_default();
        let Some(suppression) = row.suppression.clone() else { return };
        if suppression.reason != HARD || suppression.at < since {
            return;
        }
        match self.take_behind(address) {
            // What stood behind it was not said by the keeper, and holds again.
            Some(behind) => self.put_suppression(address, row, Some(&behind)),
            None => self.suppress(address, None),
        }
        self.hold(address, suppression);
    }

    /// At an address's home: of two reasons the one that is not in force is kept, where it stops
    /// less: a bounce that was none uncovers it.
    pub(super) fn stand_behind(
        &mut self,
        address: &Alias,
        in_force: &Suppression,
        other: &Suppression,
    ) {
        let key = Key::Behind(address.clone());
        let known = match self.work.get(&key) {
            Some(Row::Behind(known)) => known.stands_before(other),
            _ => false,
        };
        if other.stops() < in_force.stops() && !known {
            self.work.put(key, Row::Behind(Arc::new(other.clone())));
        }
    }

    /// At an address's home: what stands behind its suppression, and no longer does.
    pub(super) fn take_behind(&mut self, address: &Alias) -> Option<Arc<Suppression>> {
        let key = Key::Behind(address.clone());
        let Some(Row::Behind(behind)) = self.work.get(&key) else { return None };
        self.work.delete(key);
        Some(behind)
    }

    /// At an address's home: what was held is put in force, or forgotten.
    pub fn release_held(&mut self, address: &Alias, confirm: bool) {
        let key = Key::Held(address.clone());
        let Some(Row::Held(suppression)) = self.work.get(&key) else { return };
        self.work.delete(key);
        if confirm {
            self.suppress(address, Some(&suppression));
        } else {
            self.work.count("suppressions.undone", 1);
        }
    }

    /// Tells the process how a provider of mailboxes answers: it takes a message, or an address is
    /// gone.
    pub(in crate::message) fn tell_answer(
        &mut self,
        channel: Channel,
        address: &str,
        gone: Option<Alias>,
    ) {
        if channel == Channel::Email {
            self.effects.push(Effect::Answered { keeper: mailboxes::keeper(address), gone });
        }
    }
}
