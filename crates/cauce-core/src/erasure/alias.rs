//! At the home of a name: it is erased, and what is remembered of it instead.

use super::{Erased, Wish, Withdrawn};
use crate::apply::Touched;
use crate::consent::Statement;
use crate::decide::Decider;
use crate::event::Event;
use crate::identity::Found;
use crate::ids::{EventId, Number, ProfileId};
use crate::input::Hop;
use crate::limits;
use crate::policy::Suppression;
use crate::prelude::*;
use crate::profile::{Alias, Consent, ConsentFact, ConsentState};
use crate::state::{AliasRow, Holder, Key, Row, Rows};
use crate::time::Timestamp;

/// What an event that names an alias says about its own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct When {
    pub occurred_at: Timestamp,
    pub historical: bool,
}

impl When {
    pub fn of(event: &Event) -> When {
        When { occurred_at: event.occurred_at, historical: event.historical }
    }

    /// Whether it tells of a person who has been erased meanwhile.
    pub fn is_late(self, erased: Timestamp) -> bool {
        self.historical || self.occurred_at < erased
    }
}

impl<R: Rows> Decider<'_, R> {
    /// Somebody asks to be forgotten, at the home of one of their names.
    pub fn erase(&mut self, alias: &Alias, wish: Wish) {
        self.keep_secret(wish);
        let row = self.work.alias(&Key::Alias(alias.clone())).unwrap_or_default();
        match row.holder {
            Some(holder) => {
                let to = holder.rank.id;
                self.send(holder.partition, Hop::Erase { to, wish, hops: 0 });
            }
            None if row.watchers.is_empty() => {
                // Nobody yet: remembered all the same, for what is imported later.
                self.erase_alias(alias, &[], wish, Vec::new());
            }
            None => {
                let text = format!("{} people use {alias}; name one of them", row.watchers.len());
                self.note("erasure-unclear", None, text);
            }
        }
    }

    /// The first wish brings the key; it stays, or hashes of before could not be found again.
    pub(super) fn keep_secret(&mut self, wish: Wish) {
        if !self.work.has(&Key::ErasureKey) {
            self.work.put(Key::ErasureKey, Row::ErasureKey(wish.secret));
        }
    }

    /// The wish by which a profile went that is a stub now.
    pub(crate) fn wish_of(&self, at: Timestamp) -> Option<Wish> {
        match self.work.get(&Key::ErasureKey) {
            Some(Row::ErasureKey(secret)) => Some(Wish { at, secret }),
            _ => None,
        }
    }

    fn hash(&self, alias: &Alias) -> Option<u128> {
        match self.work.get(&Key::ErasureKey) {
            Some(Row::ErasureKey(secret)) => Some(secret.hash(alias)),
            _ => None,
        }
    }

    /// What is remembered of a name that was erased.
    pub fn erased(&self, alias: &Alias) -> Option<Arc<Erased>> {
        match self.work.get(&Key::Erased(self.hash(alias)?)) {
            Some(Row::Erased(erased)) => Some(erased),
            _ => None,
        }
    }

    /// Changes what is remembered of a name that was erased.
    pub(crate) fn remember_erased(&mut self, alias: &Alias, erased: Arc<Erased>) {
        if let Some(hash) = self.hash(alias) {
            self.work.put(Key::Erased(hash), Row::Erased(erased));
        }
    }

    /// Whether an event is about somebody who has been erased since; says so.
    pub fn is_erased(&mut self, event: &Event) -> bool {
        let Some(strongest) = event.aliases.first() else { return false };
        let Some(erased) = self.erased(strongest) else { return false };
        if !When::of(event).is_late(erased.at) {
            return false;
        }
        self.refuse_erased(event, erased.at);
        true
    }

    /// Says that an event was not taken, without its content.
    pub(crate) fn refuse_erased(&mut self, event: &Event, at: Timestamp) {
        let why = if event.historical { "is history" } else { "happened before" };
        let text = format!("{}: its person was erased at {at}, and it {why}", event.id);
        self.note("erased", None, text);
        self.work.count("events.erased", 1);
    }

    /// The profiles of an erased person let go of a name; who else uses it keeps it.
    pub fn erase_alias(
        &mut self,
        alias: &Alias,
        ids: &[ProfileId],
        wish: Wish,
        withdrawn: Vec<Withdrawn>,
    ) {
        self.keep_secret(wish);
        let key = Key::Alias(alias.clone());
        let mut row = AliasRow::clone(&self.work.alias(&key).unwrap_or_default());
        let theirs = |holder: &Holder| ids.contains(&holder.rank.id);
        // What waits under a name belongs to who holds it: an heir's events do not go.
        if row.holder.as_ref().is_none_or(theirs) {
            self.erase_unfit_of(alias, wish.at);
        }
        row.holder = row.holder.filter(|holder| !ids.contains(&holder.rank.id));
        row.watchers.retain(|watcher| !ids.contains(&watcher.rank.id));
        let shared = self.catalog.namespaces.is_shared(&alias.namespace);
        if row.holder.is_none() && !shared && !row.watchers.is_empty() {
            let heir = row.watchers.remove(0);
            row.holder = Some(heir);
            let (to, suppression) = (heir.rank.id, row.suppression.clone());
            let alias = alias.clone();
            let hop = Hop::Inherit { to, watcher: to, alias, suppression, wish, hops: 0 };
            self.send(heir.partition, hop);
        }
        if row.holder.is_some() || !row.watchers.is_empty() {
            self.work.put(key, Row::Alias(Arc::new(row)));
            return;
        }
        for key in [key, Key::Held(alias.clone()), Key::Behind(alias.clone())] {
            if self.work.has(&key) {
                self.work.delete(key);
            }
        }
        let before = self.erased(alias);
        let suppression = row.suppression.map(|why| (why.reason, why.at));
        let erased = Erased {
            at: before.as_ref().map_or(wish.at, |before| before.at.max(wish.at)),
            suppression: suppression.or_else(|| before.as_ref()?.suppression.clone()),
            withdrawn: match &before {
                Some(before) if ids.is_empty() => before.withdrawn.clone(),
                _ => withdrawn,
            },
            profile: ids.first().copied().or_else(|| before.as_ref()?.profile),
        };
        if let Some(hash) = self.hash(alias) {
            self.work.put(Key::Erased(hash), Row::Erased(Arc::new(erased)));
        }
        self.work.count("aliases.erased", 1);
    }

    /// At a profile: a name that it used is its own now, since the holder was erased.
    pub fn inherit(
        &mut self,
        (to, watcher): (ProfileId, ProfileId),
        alias: Alias,
        suppression: Option<Suppression>,
        wish: Wish,
        hops: u8,
    ) {
        match self.find(to) {
            Found::Here(number, _) => {
                self.answered(number, 0, &alias, suppression.as_ref(), true);
            }
            Found::Moved(holder) => {
                let to = holder.rank.id;
                let hop = |hops| Hop::Inherit { to, watcher, alias, suppression, wish, hops };
                self.forward(holder, hops, hop);
            }
            // The heir was a part of the erased person: it lets go as well.
            Found::Erased(_) => {
                let home = crate::decide::home(&alias, self.place.partitions);
                let ids = vec![watcher, to];
                self.send(home, Hop::EraseAlias { alias, ids, wish, withdrawn: Vec::new() });
            }
            Found::Nobody => self.note("unknown-profile", Some(to), "the profile is not here"),
        }
    }

    /// The suppression of a name that was erased, for whoever has it now.
    pub(crate) fn suppression_of(&self, alias: &Alias, row: &AliasRow) -> Option<Suppression> {
        row.suppression.clone().or_else(|| {
            let (reason, at) = self.erased(alias)?.suppression.clone()?;
            Some(Suppression { reason, evidence: String::new(), at })
        })
    }

    /// What was withdrawn under a name that was erased holds for its new profile, before anything
    /// can be granted; what is said later counts as ever.
    pub(crate) fn withdraw_again(&mut self, number: Number, withdrawn: &[Withdrawn]) {
        for Withdrawn { topic, channel, at } in withdrawn {
            let fact = ConsentFact {
                topic: topic.clone(),
                channel: *channel,
                state: ConsentState::Withdrawn,
                source: "erasure".to_owned(),
                wording: None,
                ip: None,
            };
            let event = EventId(self.derive());
            let consent = Consent { fact, at: *at, event };
            let statement = Statement { consent, historical: false };
            let Some(head) = self.head(number) else { return };
            let heard = (head.id(), self.now);
            self.state(number, &statement, heard, &mut Touched::default());
        }
    }

    /// An event for a profile that is gone: news about its person begin with a new profile.
    pub(crate) fn event_for_erased(&mut self, event: &Event, at: Timestamp, hops: u8) {
        if event.aliases.is_empty() {
            return; // what was told of its messages is nobody's
        }
        if When::of(event).is_late(at) {
            self.refuse_erased(event, at);
            return;
        }
        if hops >= limits::HOPS_MAX {
            self.quarantine("hop", format!("came back {hops} times to an erased profile"));
            return;
        }
        let home = crate::decide::home(&event.aliases[0], self.place.partitions);
        let event = Box::new(event.clone());
        self.send(home, Hop::Again { event, hops: hops + 1 });
    }
}
