//! Where a person lives: everything goes, but a stub that keeps the number from being used again.

use super::{Forgotten, Wish, Withdrawn};
use crate::decide::{Decider, home};
use crate::decision::{Cause, Effect};
use crate::identity::Found;
use crate::ids::{MessageId, Number, ProfileId};
use crate::input::Hop;
use crate::message::ledger::{Message, Source, State, Term};
use crate::policy::Reason;
use crate::prelude::*;
use crate::profile::{ConsentState, Head, Status};
use crate::state::{Key, Row, Rows};

impl<R: Rows> Decider<'_, R> {
    /// The wish has reached a profile's partition.
    pub fn erase_profile(&mut self, to: ProfileId, wish: Wish, hops: u8) {
        match self.find(to) {
            Found::Here(number, head) if head.pending.is_empty() => {
                self.erase_now(number, &head, wish);
            }
            Found::Here(number, head) => {
                // Its other half may be on its way here, or it on its way there: whoever remains
                // when the question is answered is erased whole.
                self.work.put(Key::Erasing(number), Row::Erasing(wish));
                let text = format!("waits for {} identity questions", head.pending.len());
                self.note("erasure-waits", Some(to), text);
            }
            Found::Moved(holder) => {
                let to = holder.rank.id;
                self.forward(holder, hops, |hops| Hop::Erase { to, wish, hops });
            }
            Found::Erased(_) => {}
            Found::Nobody => self.note("unknown-profile", Some(to), "the profile is not here"),
        }
    }

    /// Takes the wish that waits for a profile's identity questions, if there is one.
    pub(crate) fn take_wish(&mut self, number: Number) -> Option<Wish> {
        let key = Key::Erasing(number);
        let Some(Row::Erasing(wish)) = self.work.get(&key) else { return None };
        self.work.delete(key);
        Some(wish)
    }

    pub(crate) fn erase_now(&mut self, number: Number, head: &Arc<Head>, wish: Wish) {
        // What happened while the wish was on its way goes with the rest; news begin behind this.
        let wish = Wish { at: wish.at.max(self.now), ..wish };
        let withdrawn: Vec<Withdrawn> = head
            .consents
            .iter()
            .filter(|(_, consent)| consent.fact.state == ConsentState::Withdrawn)
            .map(|((topic, channel), consent)| Withdrawn {
                topic: topic.clone(),
                channel: *channel,
                at: consent.at,
            })
            .collect();
        let (low, high) = Key::merges(number);
        let merges = self.work.range(&(low, high), usize::MAX);
        let mut ids = vec![head.id()];
        for (key, row) in &merges {
            if let (Key::Merge(_, id), Row::Merge(merged)) = (key, row) {
                ids.push(*id);
                self.send(merged.from, Hop::Forget { profile: *id, wish });
            }
        }
        self.refuse_open(head, wish);
        self.delete_rows(number, head);
        self.leave_segments(head, Cause::Erasure);
        let status = Status::Erased(wish.at);
        let stub = Head { status, ..Head::new(head.rank, head.created) };
        self.work.put(Key::Head(number), Row::Head(Arc::new(stub)));
        self.work.count("profiles.erased", 1);
        self.forget(head.id(), wish);
        for alias in head.aliases.iter().chain(&head.refused_aliases) {
            let to = home(alias, self.place.partitions);
            let (alias, ids, withdrawn) = (alias.clone(), ids.clone(), withdrawn.clone());
            self.send(to, Hop::EraseAlias { alias, ids, wish, withdrawn });
        }
    }

    /// What waits is refused, what may be on the wire is told to stop, and neither says to whom.
    fn refuse_open(&mut self, head: &Head, wish: Wish) {
        for id in &head.open {
            self.effects.push(Effect::Revoke(*id));
            let Some(message) = self.work.message(&Key::Message(*id)) else { continue };
            if matches!(message.state, State::Queued { .. }) {
                let (at, reason) = (self.now, Reason::Erased { at: wish.at });
                self.end_message(*id, State::Refused { reason, at });
            }
            self.wipe_row(*id);
        }
    }

    fn delete_rows(&mut self, number: Number, head: &Head) {
        self.take_lists(number);
        self.erase_devices(number);
        let of_several = [Key::timeline(number), Key::runs(number), Key::merges(number)];
        for bounds in of_several.into_iter().chain([Key::sides(number)]) {
            for (key, _) in self.work.range(&bounds, usize::MAX) {
                self.work.delete(key);
            }
        }
        let timer = head.wake.map(|wake| Key::Timer(wake, number));
        let of_it = [
            Key::Aggregates(number),
            Key::Tallies(number),
            Key::Erasing(number),
            Key::Strikes(number),
            Key::Settling(number),
        ];
        for key in of_it.into_iter().chain(timer) {
            if self.work.has(&key) {
                self.work.delete(key);
            }
        }
    }

    /// A profile that lived here is gone: its messages in this ledger lose their content, in
    /// slices.
    pub fn forget(&mut self, profile: ProfileId, wish: Wish) {
        self.keep_secret(wish);
        let key = Key::Forgotten(profile);
        if !self.work.has(&key) {
            let forgotten = Forgotten { at: wish.at, messages: Vec::new() };
            self.work.put(key, Row::Forgotten(Arc::new(forgotten)));
        }
        let mut scrubbing = self.work.scrubbing();
        Arc::make_mut(&mut scrubbing).insert(profile, MessageId(0));
        self.work.put(Key::Scrubbing, Row::Scrubbing(scrubbing));
    }

    /// An absorbed profile arrives at one that was erased meanwhile: it goes the same way. Its
    /// messages come into the ledger, or a campaign would miss them.
    pub(crate) fn absorb_into_erased(
        &mut self,
        number: Number,
        head: &Head,
        messages: Vec<Message>,
        wish: Wish,
    ) {
        let ids = vec![head.id()];
        let names = head.aliases.iter().chain(&head.refused_aliases).chain(head.pending.values());
        for alias in names {
            let to = home(alias, self.place.partitions);
            let (alias, ids) = (alias.clone(), ids.clone());
            self.send(to, Hop::EraseAlias { alias, ids, wish, withdrawn: Vec::new() });
        }
        for mut message in messages {
            let (id, here) = (message.id, self.here());
            self.work.delete(Key::Location(id));
            if id.birthplace() != here {
                let at = Hop::MessageAt { message: id, partition: here };
                self.send(id.birthplace(), at);
            }
            message.number = number;
            if let Some(head) = self.head(number) {
                message.profile = head.id();
            }
            if let Source::Campaign { id, .. } = &message.source {
                self.campaign_moved(*id, |part| {
                    part.moved_in += 1;
                    part.transfer(None, Some(Term::Pending));
                });
            }
            self.work.put(Key::Message(id), Row::Message(Arc::new(message)));
            self.wipe_row(id);
            let (at, reason) = (self.now, Reason::Erased { at: wish.at });
            self.end_message(id, State::Refused { reason, at });
        }
    }
}
