//! One execution in one partition: the audience is frozen, then walked in slices that are pulled.

use super::{CampaignId, Definition, Part, Stand};
use crate::decide::Decider;
use crate::event::Properties;
use crate::ids::{MessageId, Number};
use crate::input::CampaignStep;
use crate::limits;
use crate::message::ledger::{Source, State, Term};
use crate::policy::Reason;
use crate::prelude::*;
use crate::profile::Status;
use crate::segment::{in_words, waits};
use crate::state::{Key, Row, Rows};

impl<R: Rows> Decider<'_, R> {
    pub fn campaign(&mut self, id: CampaignId, step: &CampaignStep) {
        match step {
            CampaignStep::Freeze { name, revision } => self.freeze(id, name, *revision),
            CampaignStep::Walk { count } => self.walk(id, *count),
            CampaignStep::Pause => self.stand(id, Stand::Paused),
            CampaignStep::Resume => self.stand(id, Stand::Running),
            CampaignStep::Cancel => self.cancel(id),
        }
    }

    /// Copies who is in the audience now. Consent and suppression stay live.
    ///
    /// Invariant: nothing is frozen before every segment that the audience is made of is built
    /// here; the freeze is said again until it is.
    fn freeze(&mut self, id: CampaignId, name: &str, revision: u32) {
        let key = Key::Campaign(id);
        if self.work.has(&key) {
            return; // said again after a crash
        }
        let Some(definition) = self.catalog.campaigns.get(&(name.to_owned(), revision)).cloned()
        else {
            self.quarantine("campaign", format!("there is no revision {revision} of `{name}`"));
            return;
        };
        let (builds, profiles) = (self.work.builds(), self.work.meta().next_number);
        let waits = waits(&self.catalog, &builds, profiles, definition.segments());
        if let Some(why) = in_words(waits) {
            self.note("campaign-waits", None, format!("`{name}` {why}"));
            return;
        }
        let audience = self.audience(&definition);
        let target = audience.len();
        let mut bytes = Vec::new();
        // Invariant: writing to a vector cannot fail.
        let _ = audience.serialize_into(&mut bytes);
        let part = Part {
            name: name.to_owned(),
            revision,
            stand: Stand::Running,
            frozen_at: self.now,
            audience: bytes,
            cursor: 0,
            target,
            walked: 0,
            moved_in: 0,
            moved_out: 0,
            terms: BTreeMap::new(),
            refusals: BTreeMap::new(),
            done_at: (target == 0).then_some(self.now),
        };
        self.work.put(key, Row::Campaign(Arc::new(part)));
    }

    fn audience(&self, definition: &Definition) -> roaring::RoaringBitmap {
        let members = |name: &String| {
            self.catalog.segment(name).map(|s| self.work.members(s.number)).unwrap_or_default()
        };
        let mut audience = roaring::RoaringBitmap::new();
        for name in &definition.audience {
            audience |= members(name);
        }
        for name in &definition.exclude {
            audience -= members(name);
        }
        audience
    }

    /// Plans messages for the next members, as far as the bound of open messages allows.
    fn walk(&mut self, id: CampaignId, count: u32) {
        let key = Key::Campaign(id);
        let Some(part) = self.work.campaign(&key) else { return };
        if part.stand != Stand::Running || part.walked == part.target {
            return;
        }
        let open = part.term(Term::Pending).min(u64::from(u32::MAX)) as u32;
        let count = count.min(limits::CAMPAIGN_OPEN_MAX.saturating_sub(open));
        let next: Vec<Number> = part.bitmap().range(part.cursor..).take(count as usize).collect();
        let definition = self.catalog.campaigns.get(&(part.name.clone(), part.revision)).cloned();
        for number in &next {
            self.plan(id, &part.name, definition.as_deref(), *number);
        }
        let cursor = next.last().map_or(part.cursor, |last| last + 1);
        self.campaign_moved(id, |part| {
            part.cursor = cursor;
            part.walked += next.len() as u64;
        });
    }

    fn plan(
        &mut self,
        id: CampaignId,
        name: &str,
        definition: Option<&Definition>,
        number: Number,
    ) {
        let Some(definition) = definition else { return };
        let Some(head) = self.head(number) else { return };
        let source = Source::Campaign { id, campaign: name.to_owned() };
        let member = Key::CampaignMember(id, head.id());
        let gone = match head.status {
            Status::Live => None,
            Status::Redirect(_) => Some(Reason::Merged),
            Status::Erased(at) => Some(Reason::Erased { at }),
        };
        self.campaign_moved(id, |part| part.transfer(None, Some(Term::Pending)));
        let Some(message) = self.want(number, &definition.template, source, Properties::new())
        else {
            return;
        };
        if gone.is_some() || self.work.has(&member) {
            // The absorbing profile is in the audience by itself, or was not when it was frozen.
            let (at, reason) = (self.now, gone.unwrap_or(Reason::Merged));
            self.end_message(message, State::Refused { reason, at });
        } else {
            self.work.put(member, Row::CampaignMember(message));
        }
    }

    fn stand(&mut self, id: CampaignId, stand: Stand) {
        let key = Key::Campaign(id);
        let Some(mut part) = self.work.campaign(&key) else { return };
        if part.stand == Stand::Cancelled {
            return; // terminal
        }
        Arc::make_mut(&mut part).stand = stand;
        self.work.put(key, Row::Campaign(part));
    }

    /// Ends it: everything that waits is refused at once; what was not planned never is.
    fn cancel(&mut self, id: CampaignId) {
        if !self.work.has(&Key::Campaign(id)) {
            // Not frozen here yet, and never will be: what a merge moves in is refused.
            self.work.put(Key::Campaign(id), Row::Campaign(Arc::new(Part::never(self.now))));
        }
        self.stand(id, Stand::Cancelled);
        for path in self.paths_of(id) {
            let bounds = Key::due(&path, crate::message::Class::Bulk, crate::time::Timestamp::MAX);
            // Limit: at most `CAMPAIGN_OPEN_MAX` planned messages, and those that were moved in.
            for (key, _) in self.work.range(&bounds, usize::MAX) {
                if let Key::Outbox(_, _, _, message) = key {
                    let at = self.now;
                    let reason = Reason::CampaignCancelled;
                    self.end_message(message, State::Refused { reason, at });
                }
            }
        }
        self.campaign_moved(id, |_| {});
    }

    /// The ready queues that an execution has messages in, whichever providers were in force when
    /// they were planned: as many looks as there are queues.
    fn paths_of(&self, id: CampaignId) -> Vec<String> {
        let mut found = Vec::new();
        let mut from = String::new();
        loop {
            let key = |path: String| {
                let class = crate::message::Class::Transactional;
                Key::Outbox(path, class, crate::time::Timestamp(i64::MIN), MessageId(0))
            };
            // No name of a path is beyond the last character.
            let bounds = (key(from), key(char::MAX.to_string()));
            let Some((Key::Outbox(path, ..), _)) = self.work.range(&bounds, 1).pop() else {
                return found;
            };
            if crate::message::life::campaign_of(&path) == Some(id) {
                found.push(path.clone());
            }
            from = format!("{path}\0");
        }
    }
}
