//! What partitions say to each other about aliases.

use super::{Found, UNDECIDED, protected, unique_aliases};
use crate::decide::Decider;
use crate::erasure::When;
use crate::ids::{Number, Partition, ProfileId};
use crate::input::Hop;
use crate::limits;
use crate::policy::Suppression;
use crate::prelude::*;
use crate::profile::Alias;
use crate::state::{AliasRow, Holder, Key, Row, Rows};

/// A question whether two profiles are one: `u` lives where it is asked.
pub(crate) struct Question {
    pub u: Holder,
    pub v: Holder,
    pub unique: Vec<Alias>,
    pub alias: Alias,
    pub token_v: Option<u128>,
    pub token_u: Option<u128>,
    pub suppression: Option<Suppression>,
    pub hops: u8,
}

impl From<Question> for Hop {
    fn from(question: Question) -> Hop {
        let Question { u, v, unique, alias, token_v, token_u, suppression, hops } = question;
        Hop::Merge { u, v, unique, alias, token_v, token_u, suppression, hops }
    }
}

impl<R: Rows> Decider<'_, R> {
    pub fn hop(&mut self, _from: Partition, hop: &Hop) {
        match hop.clone() {
            Hop::Event { to, event, hops } | Hop::Engagement { to, event, hops } => {
                self.event_for(to, &event, hops);
            }
            // From a program that did not say when: nothing late is told of it.
            Hop::Link { alias, from, unique, token } => {
                self.asked(alias, from, unique, token, None);
            }
            Hop::LinkOf { alias, from, unique, token, occurred_at, historical } => {
                let when = When { occurred_at, historical };
                self.asked(alias, from, unique, token, Some(when));
            }
            Hop::Linked { to, hops, .. }
            | Hop::LinkRefused { to, hops, .. }
            | Hop::LinkErased { to, hops, .. }
            | Hop::LinkedAgain { to, hops, .. } => self.told(to.rank.id, hops, hop),
            Hop::Suppressed { to, hops, .. } => self.told(to, hops, hop),
            Hop::Merge { u, v, unique, alias, token_v, token_u, suppression, hops } => {
                self.merge(Question { u, v, unique, alias, token_v, token_u, suppression, hops })
            }
            Hop::AbsorbPart { to, rows, hops } => self.absorb_part(to, rows, hops),
            Hop::Merged { to, rows, hops } => self.merged(to, rows, hops),
            Hop::SideOf { to, id, side, hops } => self.take_side(to, id, side, hops),
            Hop::LetGo { to, alias, hops } => self.let_go(to, &alias, hops),
            Hop::Freed { alias, by } => self.freed(&alias, by),
            Hop::AbsorbEnd { to, head, runs, messages, token, hops } => {
                self.absorb_end(super::absorb::Rest { to, head, runs, messages, token, hops });
            }
            Hop::Bind { alias, holder } => self.bind(alias, holder),
            Hop::Request { message, to, request, hops } => {
                self.request_for(message, to, &request, hops);
            }
            Hop::MessageAt { message, partition } => {
                self.work.put(Key::Location(message), Row::Location(partition));
            }
            Hop::Report(report) => self.reported(&report),
            Hop::Ended(end) => self.ended(&end),
            Hop::Consent { message, facts } => self.consented(message, &facts),
            Hop::Planned { to, campaigns, hops } => self.planned(to, campaigns, hops),
            Hop::Suppress { address, suppression } => self.suppress(&address, suppression.as_ref()),
            Hop::TryAddress { address } => self.tried(&address),
            Hop::Hold { address, suppression } => self.held(&address, suppression),
            Hop::Erase { to, wish, hops } => self.erase_profile(to, wish, hops),
            Hop::EraseAlias { alias, ids, wish, withdrawn } => {
                self.erase_alias(&alias, &ids, wish, withdrawn);
            }
            Hop::Inherit { to, watcher, alias, suppression, wish, hops } => {
                self.inherit((to, watcher), alias, suppression, wish, hops);
            }
            Hop::Forget { profile, wish } => self.forget(profile, wish),
            Hop::ForgetRequest { key, message } => self.forget_request(key, message),
            Hop::Again { event, hops } => self.enter_at_home(&event, hops),
            Hop::Listed { to: Some(to), row, hops } => self.listed_for(to, &row, hops),
            Hop::Listed { to: None, row, hops } => self.listed(&row, hops),
            Hop::ListsOf { to, rows, hops } => self.absorb_lists(to, rows, hops),
            Hop::Unfit { alias, event, at } => self.unfit_named(alias, event, at),
            Hop::UnfitGone { alias, event } => self.unfit_gone(alias, event),
            Hop::UnfitErased { position, erased } => self.erase_unfit(position, erased),
            hop @ (Hop::DeviceClaim { .. }
            | Hop::DeviceReleased { .. }
            | Hop::DeviceLost { .. }
            | Hop::DeviceHeld { .. }
            | Hop::DeviceJudged { .. }
            | Hop::DevicesOf { .. }) => self.of_device(hop),
            Hop::Name { provider, id, message, parts, until } => {
                self.named((provider, id), message, parts, until);
            }
            Hop::Unname { provider, id, message } => self.unnamed((provider, id), message),
        }
    }

    fn of_device(&mut self, hop: Hop) {
        match hop {
            Hop::DeviceClaim { device, from, stamp } => self.device_claimed(device, from, stamp),
            Hop::DeviceReleased { device, from, stamp, why } => {
                self.device_released(device, from, stamp, why);
            }
            Hop::DeviceHeld { to, holder, device, hops } => {
                self.device_held(to, holder, device, hops);
            }
            Hop::DeviceLost { to, device, stamp, hops } => {
                self.device_lost(to, device, stamp, hops);
            }
            Hop::DeviceJudged { to, device, word, hops } => {
                self.device_judged(to, device, word, hops);
            }
            Hop::DevicesOf { to, from, devices, hops } => {
                self.absorb_devices(to, from, devices, hops);
            }
            // Only those above lead here.
            _ => {}
        }
    }

    /// An alias's home tells a profile something, wherever it lives now.
    fn told(&mut self, to: ProfileId, hops: u8, hop: &Hop) {
        let Some(number) = self.reach(to, hops, hop) else { return };
        match hop.clone() {
            Hop::Linked { token, alias, suppression, .. } => {
                self.answered(number, token, &alias, suppression.as_ref(), true);
            }
            Hop::LinkRefused { token, alias, suppression, .. } => {
                self.answered(number, token, &alias, suppression.as_ref(), false);
            }
            Hop::LinkErased { token, alias, .. } => self.link_is_erased(number, token, &alias),
            Hop::LinkedAgain { token, alias, suppression, withdrawn, .. } => {
                // Before the answer, which may let a message go.
                self.withdraw_again(number, &withdrawn);
                self.answered(number, token, &alias, suppression.as_ref(), true);
            }
            Hop::Suppressed { address, suppression, hops: 0, .. } => {
                self.home_says(number, &address, suppression.as_ref());
            }
            // What came by a redirect may be older than a suppression that came directly. Not
            // heeding a lift errs on the side of not writing; lifting again reaches the holder.
            Hop::Suppressed { address, suppression: Some(suppression), .. } => {
                self.set_suppression(number, &address, &suppression);
            }
            _ => {}
        }
    }

    /// At an alias's home: it is held by this profile now.
    fn bind(&mut self, alias: Alias, holder: Holder) {
        let mut row = self.work.alias(&Key::Alias(alias.clone())).unwrap_or_default();
        if self.catalog.namespaces.is_shared(&alias.namespace) {
            // Nobody holds it for having absorbed somebody who uses it.
            watch(Arc::make_mut(&mut row), holder);
            self.work.put(Key::Alias(alias), Row::Alias(row));
        } else if row.holder.is_none_or(|old| holder.rank <= old.rank) {
            // Holders only ever change to a lower rank.
            Arc::make_mut(&mut row).holder = Some(holder);
            self.work.put(Key::Alias(alias), Row::Alias(row));
        }
    }

    /// The number of a profile that lives here; what is for one that moved is sent after it.
    pub fn reach(&mut self, id: ProfileId, hops: u8, hop: &Hop) -> Option<Number> {
        match self.find(id) {
            Found::Here(number, _) => Some(number),
            Found::Moved(holder) => {
                // The addressee's id stays in the hop; redirects of redirects are found by it.
                self.forward(holder, hops, |hops| readdress(hop.clone(), holder, hops));
                None
            }
            Found::Erased(_) => None,
            Found::Nobody => {
                self.note("unknown-profile", Some(id), "the profile is not here");
                None
            }
        }
    }

    /// At an alias's home: a profile uses it.
    fn asked(
        &mut self,
        alias: Alias,
        from: Holder,
        unique: Vec<Alias>,
        token: u128,
        when: Option<When>,
    ) {
        let erased = self.erased(&alias);
        if let (Some(erased), Some(when)) = (&erased, when)
            && when.is_late(erased.at)
        {
            let answer = Hop::LinkErased { to: from, token, alias, hops: 0 };
            self.send(from.partition, answer);
            return;
        }
        let mut row = self.work.alias(&Key::Alias(alias.clone())).unwrap_or_default();
        if row.holder.is_none() && row.suppression.is_none() {
            let suppression = self.suppression_of(&alias, &row);
            Arc::make_mut(&mut row).suppression = suppression;
        }
        let suppression = row.suppression.clone();
        if self.catalog.namespaces.is_shared(&alias.namespace) {
            // Known, and told of suppressions; never a reason to make two profiles one.
            watch(Arc::make_mut(&mut row), from);
            self.work.put(Key::Alias(alias.clone()), Row::Alias(row));
            let linked = Hop::Linked { to: from, token, alias, suppression, hops: 0 };
            self.send(from.partition, linked);
            return;
        }
        match row.holder {
            None => {
                Arc::make_mut(&mut row).holder = Some(from);
                self.work.put(Key::Alias(alias.clone()), Row::Alias(row));
                let withdrawn = erased.map(|erased| erased.withdrawn.clone()).unwrap_or_default();
                let linked = if withdrawn.is_empty() {
                    Hop::Linked { to: from, token, alias, suppression, hops: 0 }
                } else {
                    Hop::LinkedAgain { to: from, token, alias, suppression, withdrawn, hops: 0 }
                };
                self.send(from.partition, linked);
            }
            Some(holder) if holder.rank == from.rank => {
                self.send(
                    from.partition,
                    Hop::Linked { to: from, token, alias, suppression, hops: 0 },
                );
            }
            Some(_)
                if row.watchers.len() >= limits::WATCHERS_MAX && !row.watchers.contains(&from) =>
            {
                let suppression = suppression.or_else(|| Some(self.shared_by_many(&alias)));
                let to = from;
                self.send(
                    to.partition,
                    Hop::LinkRefused { to, token, alias, suppression, hops: 0 },
                );
            }
            Some(holder) => {
                if watch(Arc::make_mut(&mut row), from) {
                    self.work.put(Key::Alias(alias.clone()), Row::Alias(row));
                }
                let question = Question {
                    u: holder,
                    v: from,
                    unique,
                    alias,
                    token_v: Some(token),
                    token_u: None,
                    suppression,
                    hops: 0,
                };
                self.send(holder.partition, question.into());
            }
        }
    }

    /// An address that so many use cannot be kept up to date with all of them, and is nobody's own.
    fn shared_by_many(&mut self, alias: &Alias) -> Suppression {
        let evidence = format!("more than {} profiles use {alias}", limits::WATCHERS_MAX);
        self.note("shared-by-many", None, evidence.clone());
        Suppression { reason: "shared-by-many".to_owned(), evidence, at: self.now }
    }

    fn merge(&mut self, mut question: Question) {
        let (number, head) = match self.find(question.u.rank.id) {
            Found::Here(number, head) => (number, head),
            Found::Moved(holder) => {
                question.u = holder;
                let hops = question.hops;
                self.forward(holder, hops, |hops| Question { hops, ..question }.into());
                return;
            }
            Found::Erased(_) => {
                // The alias's home has heard of it, or will: whoever asks holds the alias then.
                if let Some(token) = question.token_v {
                    let Question { v: to, alias, suppression, .. } = question;
                    let refused = Hop::LinkRefused { to, token, alias, suppression, hops: 0 };
                    self.send(to.partition, refused);
                }
                return;
            }
            Found::Nobody => {
                self.note("unknown-profile", Some(question.u.rank.id), "the profile is not here");
                return;
            }
        };
        let Question { v, alias, suppression, .. } = &question;
        if v.rank == head.rank {
            // They have become one meanwhile: both questions are answered here.
            let tokens = [question.token_u, question.token_v];
            for token in tokens.into_iter().flatten() {
                self.answered(number, token, alias, suppression.as_ref(), true);
            }
        } else if protected(&head, &question.unique) {
            if let Some(token) = question.token_u {
                self.answered(number, token, alias, suppression.as_ref(), false);
            }
            if let Some(token) = question.token_v {
                let (to, alias, suppression) = (*v, alias.clone(), suppression.clone());
                self.send(
                    to.partition,
                    Hop::LinkRefused { to, token, alias, suppression, hops: 0 },
                );
            }
        } else if v.rank < head.rank {
            self.give_up(number, &head, &question);
        } else {
            self.turn_round(number, question);
        }
    }

    /// `v` has the higher rank: it must give itself up, so the question goes to where it lives, and
    /// this profile waits for the answer.
    fn turn_round(&mut self, number: Number, question: Question) {
        let Some(head) = self.head(number) else { return };
        let Question { v, alias, token_v, token_u, suppression, hops, .. } = question;
        let token_u = token_u.unwrap_or_else(|| self.derive());
        self.change_head(number, |head| head.pending.insert(token_u, alias.clone()));
        let turned = Question {
            u: v,
            v: Holder { partition: self.here(), rank: head.rank },
            unique: unique_aliases(&self.catalog.namespaces, &head),
            alias,
            token_v: Some(token_u),
            token_u: token_v,
            suppression,
            hops,
        };
        self.forward(v, hops, |hops| Question { hops, ..turned }.into());
    }

    /// An identity question of a profile here is answered.
    pub fn answered(
        &mut self,
        number: Number,
        token: u128,
        alias: &Alias,
        suppression: Option<&Suppression>,
        linked: bool,
    ) {
        let before = self.head(number);
        let released = self.change_head(number, |head| {
            if let Some(suppression) = suppression {
                // Not: whatever it says. By a redirect it may be older than a word that stops more.
                head.suppress(alias, suppression);
            } else if head.suppressions.get(alias).is_some_and(|word| word.reason == UNDECIDED) {
                head.suppressions.remove(alias);
            }
            if linked {
                head.aliases.insert(alias.clone());
                head.refused_aliases.remove(alias);
            } else if !head.aliases.contains(alias) {
                head.refused_aliases.insert(alias.clone());
            }
            head.pending.remove(&token).is_some() && head.pending.is_empty()
        });
        if let Some(before) = before {
            self.compared_names(&before, number);
        }
        if released == Some(true) {
            self.release(number);
        }
        self.reach_changed(number);
    }

    /// The name in second place is of somebody who was erased since: it is dropped, and what the
    /// event set it to with it.
    fn link_is_erased(&mut self, number: Number, token: u128, alias: &Alias) {
        let namespaces = self.catalog.clone();
        let released = self.change_head(number, |head| {
            let same = head.attribute(&alias.namespace).and_then(|value| value.as_str());
            let same =
                same.and_then(|text| namespaces.namespaces.canonical(&alias.namespace, text).ok());
            if same.as_ref() == Some(alias) {
                head.attributes.remove(&alias.namespace);
            }
            head.pending.remove(&token).is_some() && head.pending.is_empty()
        });
        self.change_sides(number, |side| {
            side.aliases.remove(alias);
            let same = side.attributes.get(&alias.namespace).and_then(|known| known.value.as_str());
            let same =
                same.and_then(|text| namespaces.namespaces.canonical(&alias.namespace, text).ok());
            if same.as_ref() == Some(alias) {
                side.attributes.remove(&alias.namespace);
            }
        });
        let profile = self.head(number).map(|head| head.id());
        let namespace = &alias.namespace;
        let text = format!("a `{namespace}` was left out: its person was erased");
        self.note("erased-alias", profile, text);
        self.work.count("aliases.left-out", 1);
        if released == Some(true) {
            self.release(number);
        }
    }
}

/// Writes down that a profile uses an alias without holding it. Says whether that is new.
fn watch(row: &mut AliasRow, holder: Holder) -> bool {
    let new = row.holder != Some(holder) && !row.watchers.contains(&holder);
    if new {
        row.watchers.push(holder);
    }
    new
}

/// The same hop for the profile that absorbed its addressee.
fn readdress(hop: Hop, holder: Holder, hops: u8) -> Hop {
    match hop {
        Hop::Linked { token, alias, suppression, .. } => {
            Hop::Linked { to: holder, token, alias, suppression, hops }
        }
        Hop::LinkRefused { token, alias, suppression, .. } => {
            Hop::LinkRefused { to: holder, token, alias, suppression, hops }
        }
        Hop::LinkErased { token, alias, .. } => Hop::LinkErased { to: holder, token, alias, hops },
        Hop::LinkedAgain { token, alias, suppression, withdrawn, .. } => {
            Hop::LinkedAgain { to: holder, token, alias, suppression, withdrawn, hops }
        }
        Hop::Suppressed { address, suppression, .. } => {
            Hop::Suppressed { to: holder.rank.id, address, suppression, hops }
        }
        Hop::AbsorbEnd { head, runs, messages, token, .. } => {
            Hop::AbsorbEnd { to: holder, head, runs, messages, token, hops }
        }
        other => other,
    }
}
