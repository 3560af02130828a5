//! Two profiles become one: the higher rank ships its state, the lower one takes it in.

use super::Found;
use super::converse::Question;
use crate::campaign::CampaignId;
use crate::decide::{Decider, home};
use crate::decision::caused::{Change, Ending, Moved};
use crate::decision::{Cause, Effect};
use crate::event::TimelineRow;
use crate::ids::{MessageId, Number, ProfileId};
use crate::input::Hop;
use crate::journey::walked::Way;
use crate::journey::{Policy as EntryPolicy, Run};
use crate::limits;
use crate::message::ledger::{Message, Source, State, Term};
use crate::policy::Reason;
use crate::prelude::*;
use crate::profile::{Head, Status};
use crate::state::{Happening, Holder, Key, Merged, Row, Rows};
use crate::time::Timestamp;

/// What arrives behind the timeline of an absorbed profile.
pub(crate) struct Rest {
    pub to: Holder,
    pub head: Box<Head>,
    pub runs: Vec<Run>,
    pub messages: Vec<Message>,
    pub token: Option<u128>,
    pub hops: u8,
}

impl<R: Rows> Decider<'_, R> {
    /// The profile here becomes a redirect and ships what it is.
    pub fn give_up(&mut self, number: Number, head: &Arc<Head>, question: &Question) {
        let to = question.v;
        self.ship_timeline(number, to);
        self.ship_lists(number, to);
        self.ship_devices(number, head.id(), to);
        let runs = self.take_runs(number);
        // What its addresses sent back is counted anew where it lives from here on.
        for key in [Key::Aggregates(number), Key::Tallies(number), Key::Strikes(number)] {
            if self.work.has(&key) {
                self.work.delete(key);
            }
        }
        let mut shipped = Head::clone(head);
        // The question that led here is answered by what is shipped.
        if let Some(token) = question.token_u {
            shipped.pending.remove(&token);
        }
        if let Some(suppression) = &question.suppression {
            shipped.suppress(&question.alias, suppression);
        }
        let mut messages = self.take_messages(head, to);
        self.ship_planned(head.id(), to);
        self.ship_merges(number, head, question);
        self.ship_sides(number, head, question);
        let later = messages.split_off(messages.len().min(limits::ABSORB_CHUNK_MESSAGES));
        let redirect = Head { status: Status::Redirect(to), ..Head::new(head.rank, head.created) };
        self.leave_segments(head, Cause::Merge);
        self.work.put(Key::Head(number), Row::Head(Arc::new(redirect)));
        self.work.count("profiles.absorbed", 1);
        let token = question.token_v;
        self.send(
            to.partition,
            Hop::AbsorbEnd { to, head: Box::new(shipped), runs, messages, token, hops: 0 },
        );
        for messages in later.chunks(limits::ABSORB_CHUNK_MESSAGES) {
            self.ship_messages(head, to, messages.to_vec());
        }
        if let Some(wish) = self.take_wish(number) {
            self.send(to.partition, Hop::Erase { to: to.rank.id, wish, hops: 0 });
        }
    }

    /// What it got of campaigns. Messages that still wait are not among it: they move along.
    fn ship_planned(&mut self, profile: ProfileId, to: Holder) {
        let since = self.now.minus(limits::CAMPAIGN_REMEMBERED);
        let all = (Key::Campaign(0), Key::Campaign(CampaignId::MAX));
        let mut campaigns = Vec::new();
        for (key, row) in self.work.range(&all, usize::MAX) {
            let (Key::Campaign(id), Row::Campaign(part)) = (key, row) else { continue };
            if part.frozen_at < since {
                continue;
            }
            let member = self.work.get(&Key::CampaignMember(id, profile));
            if let Some(Row::CampaignMember(message)) = member {
                campaigns.push((id, message));
            }
        }
        if !campaigns.is_empty() {
            self.send(to.partition, Hop::Planned { to, campaigns, hops: 0 });
        }
    }

    /// An absorbed profile was planned for campaigns: this one is not planned again, and what it
    /// has waiting is refused.
    pub fn planned(&mut self, to: Holder, campaigns: Vec<(CampaignId, MessageId)>, hops: u8) {
        let head = match self.find(to.rank.id) {
            Found::Here(_, head) => head,
            Found::Moved(to) => {
                self.forward(to, hops, |hops| Hop::Planned { to, campaigns, hops });
                return;
            }
            // Nobody is planned any more.
            Found::Erased(_) => return,
            Found::Nobody => {
                self.quarantine("absorb", format!("{} is not here", to.rank.id));
                return;
            }
        };
        for (id, message) in campaigns {
            let key = Key::CampaignMember(id, head.id());
            if let Some(Row::CampaignMember(own)) = self.work.get(&key)
                && let Some(known) = self.work.message(&Key::Message(own))
            {
                match known.state {
                    State::Queued { .. } => {
                        let state = State::Refused { reason: Reason::Merged, at: self.now };
                        self.end_message(own, state);
                    }
                    // It got its own. Should the other come back to be tried again, it is refused.
                    State::Accepted { .. } | State::Unknown { .. } => continue,
                    // Should this one come back, it is the one that is refused.
                    State::Attempting { .. } | State::Refused { .. } | State::Failed { .. } => {}
                }
            }
            self.work.put(key, Row::CampaignMember(message));
        }
    }

    /// Messages that follow their profile, when all else was said.
    fn ship_messages(&mut self, head: &Head, to: Holder, messages: Vec<Message>) {
        let head = Box::new(Head::new(head.rank, head.created));
        let runs = Vec::new();
        self.send(to.partition, Hop::AbsorbEnd { to, head, runs, messages, token: None, hops: 0 });
    }

    /// Which profiles became one in this one goes before it, and that it does now.
    fn ship_merges(&mut self, number: Number, head: &Head, question: &Question) {
        let to = question.v;
        let (at, from) = (self.now, self.here());
        let own = Merged { at, alias: question.alias.clone(), from };
        let mut rows = vec![(head.id(), own)];
        for (key, row) in self.work.range(&Key::merges(number), usize::MAX) {
            if let (Key::Merge(_, id), Row::Merge(merged)) = (&key, row) {
                rows.push((*id, Merged::clone(&merged)));
            }
            self.work.delete(key);
        }
        for chunk in rows.chunks(limits::ABSORB_CHUNK_ROWS) {
            let rows = chunk.to_vec();
            self.send(to.partition, Hop::Merged { to, rows, hops: 0 });
        }
    }

    /// What an absorbed profile had absorbed.
    pub fn merged(&mut self, to: Holder, rows: Vec<(ProfileId, Merged)>, hops: u8) {
        match self.find(to.rank.id) {
            Found::Here(number, _) => {
                for (id, merged) in rows {
                    self.work.put(Key::Merge(number, id), Row::Merge(Arc::new(merged)));
                }
            }
            Found::Moved(to) => self.forward(to, hops, |hops| Hop::Merged { to, rows, hops }),
            Found::Erased(at) => {
                let Some(wish) = self.wish_of(at) else { return };
                for (id, merged) in rows {
                    self.send(merged.from, Hop::Forget { profile: id, wish });
                }
            }
            Found::Nobody => self.quarantine("absorb", format!("{} is not here", to.rank.id)),
        }
    }

    fn ship_timeline(&mut self, number: Number, to: Holder) {
        let rows = self.work.range(&Key::timeline(number), usize::MAX);
        let mut chunk = Vec::new();
        for (key, row) in rows {
            if let (Key::Timeline(_, name, occurred_at, event), Row::Timeline(happening)) =
                (&key, row)
            {
                let row = TimelineRow {
                    occurred_at: *occurred_at,
                    event: *event,
                    name: name.clone(),
                    properties: happening.properties.clone(),
                };
                chunk.push((row, happening.origin, happening.received_at));
            }
            self.work.delete(key);
            if chunk.len() == limits::ABSORB_CHUNK_ROWS {
                let rows = core::mem::take(&mut chunk);
                self.send(to.partition, Hop::AbsorbPart { to, rows, hops: 0 });
            }
        }
        if !chunk.is_empty() {
            self.send(to.partition, Hop::AbsorbPart { to, rows: chunk, hops: 0 });
        }
    }

    fn take_runs(&mut self, number: Number) -> Vec<Run> {
        let rows = self.work.range(&Key::runs(number), usize::MAX);
        rows.into_iter()
            .filter_map(|(key, row)| {
                self.work.delete(key);
                match row {
                    Row::Run(run) => Some(Run::clone(&run)),
                    _ => None,
                }
            })
            .collect()
    }

    /// Messages that were not granted move along; what is on the wire stays in this ledger.
    fn take_messages(&mut self, head: &Head, to: Holder) -> Vec<Message> {
        let mut moved = Vec::new();
        for id in &head.open {
            let Some(message) = self.work.message(&Key::Message(*id)) else { continue };
            let State::Queued { due, .. } = &message.state else { continue };
            self.work.delete(Key::Outbox(message.path.clone(), message.class, *due, *id));
            self.moves_out(&message, head.id(), to);
            moved.push(Message::clone(&message));
        }
        moved
    }

    /// A message leaves this ledger; who asks for it here is sent after it.
    fn moves_out(&mut self, message: &Message, profile: ProfileId, to: Holder) {
        self.work.delete(Key::Message(message.id));
        self.work.put(Key::Location(message.id), Row::Location(to.partition));
        if let Source::Campaign { id: campaign, .. } = &message.source {
            self.work.delete(Key::CampaignMember(*campaign, profile));
            self.campaign_moved(*campaign, |part| {
                part.moved_out += 1;
                part.transfer(Some(Term::Pending), None);
            });
        }
    }

    /// A message that waits again follows its profile, which was absorbed during the attempt.
    pub fn follow(&mut self, redirect: &Head, to: Holder, message: Message) {
        self.moves_out(&message, redirect.id(), to);
        self.ship_messages(redirect, to, vec![message]);
    }

    pub fn absorb_part(
        &mut self,
        to: Holder,
        rows: Vec<(TimelineRow, ProfileId, Timestamp)>,
        hops: u8,
    ) {
        match self.find(to.rank.id) {
            Found::Here(number, _) => {
                for (row, origin, received_at) in rows {
                    let key = Key::Timeline(number, row.name, row.occurred_at, row.event);
                    let happening = Happening { properties: row.properties, origin, received_at };
                    self.work.put(key, Row::Timeline(Arc::new(happening)));
                }
            }
            Found::Moved(to) => self.forward(to, hops, |hops| Hop::AbsorbPart { to, rows, hops }),
            Found::Erased(_) => {} // it goes the same way
            Found::Nobody => self.quarantine("absorb", format!("{} is not here", to.rank.id)),
        }
    }

    pub fn absorb_end(&mut self, rest: Rest) {
        let number = match self.find(rest.to.rank.id) {
            Found::Here(number, _) => number,
            Found::Moved(to) => {
                let Rest { head, runs, messages, token, hops, .. } = rest;
                // Who asks for them here before their birthplace knows better is sent after them.
                for message in &messages {
                    let at = Row::Location(to.partition);
                    self.work.put(Key::Location(message.id), at);
                }
                self.forward(to, hops, |hops| Hop::AbsorbEnd {
                    to,
                    head,
                    runs,
                    messages,
                    token,
                    hops,
                });
                return;
            }
            Found::Erased(at) => {
                let number = self.work.number(&Key::Profile(rest.to.rank.id));
                if let (Some(number), Some(wish)) = (number, self.wish_of(at)) {
                    self.absorb_into_erased(number, &rest.head, rest.messages, wish);
                }
                return;
            }
            Found::Nobody => {
                self.quarantine("absorb", format!("{} is not here", rest.to.rank.id));
                return;
            }
        };
        let Rest { head: other, runs, messages, token, .. } = rest;
        let holder = Holder {
            partition: self.here(),
            rank: self.head(number).map_or(rest.to.rank, |head| head.rank),
        };
        for alias in &other.aliases {
            let to = home(alias, self.place.partitions);
            self.send(to, Hop::Bind { alias: alias.clone(), holder });
        }
        let mut other = other;
        let consents = core::mem::take(&mut other.consents);
        let (before, absorbed) = (self.head(number), other.id());
        let too_many = self.change_head(number, |head| unite(head, *other, token));
        if too_many.is_some_and(|count| count > 0) {
            let text = format!(
                "two profiles became one that has more than {} attributes; the rest was not kept",
                limits::ATTRIBUTES_MAX
            );
            self.note("too-many-attributes", Some(holder.rank.id), text);
        }
        self.unite_consents(number, consents);
        if let Some(before) = before {
            self.caused(before.id(), Change::Merged(absorbed));
            self.compared(&before, number);
        }
        // Before the runs: of two runs of one journey one ends, and with it its messages.
        for message in messages {
            self.take_in_message(number, message);
        }
        self.take_in_runs(number, runs);
        self.rebuild(number, Cause::Merge);
        if self.head(number).is_some_and(|head| head.pending.is_empty()) {
            self.release(number);
        }
    }

    /// Of two runs of one journey and key the older one goes on, unless the journey may be walked
    /// several times at once.
    fn take_in_runs(&mut self, number: Number, runs: Vec<Run>) {
        let mine: Vec<Arc<Run>> = self.runs(number);
        for run in runs {
            let several = self
                .catalog
                .journey_revisions
                .get(&(run.journey.clone(), run.revision))
                .is_some_and(|journey| journey.policy == EntryPolicy::Always);
            let same = mine.iter().find(|own| own.journey == run.journey && own.key == run.key);
            if let Some(own) = same.filter(|_| !several) {
                if (own.started, own.id) <= (run.started, run.id) {
                    self.work.count(&format!("journey.ended {}", run.journey), 1);
                    self.walked(&run, Way::Out(run.node));
                    let at = self.step_of(&run, run.node);
                    self.moved(number, &run, Moved::Ended { at, because: Ending::Merged });
                    self.refuse_of_run(number, &run, Reason::Merged);
                    continue;
                }
                self.end_run(number, own, Ending::Merged);
                self.refuse_of_run(number, own, Reason::Merged);
            }
            self.change_head(number, |head| head.runs.insert(run.id));
            self.work.put(Key::Run(number, run.id), Row::Run(Arc::new(run)));
        }
    }

    fn take_in_message(&mut self, number: Number, mut message: Message) {
        let Some(head) = self.head(number) else { return };
        let here = self.here();
        // It may have left from here before.
        self.work.delete(Key::Location(message.id));
        if message.id.birthplace() != here {
            let at = Hop::MessageAt { message: message.id, partition: here };
            self.send(message.id.birthplace(), at);
        }
        message.number = number;
        message.profile = head.id();
        // It waits, so it does not count as sent.
        let id = message.id;
        self.change_head(number, |head| head.sent.retain(|sent| sent.message != id));
        if let Source::Campaign { id, .. } = &message.source {
            let id: CampaignId = *id;
            let member = Key::CampaignMember(id, head.id());
            // By another message. The row names this one if it was on the wire when its profile was
            // absorbed.
            let planned_already = matches!(
                self.work.get(&member),
                Some(Row::CampaignMember(other)) if other != message.id
            );
            self.campaign_moved(id, |part| {
                part.moved_in += 1;
                part.transfer(None, Some(Term::Pending));
            });
            if planned_already {
                self.work.put(Key::Message(message.id), Row::Message(Arc::new(message.clone())));
                self.end_message(
                    message.id,
                    State::Refused { reason: Reason::Merged, at: self.now },
                );
                return;
            }
            self.work.put(member, Row::CampaignMember(message.id));
        }
        self.queue(message);
    }

    /// Says that a profile left every segment it was in: it is no more.
    pub fn leave_segments(&mut self, head: &Head, cause: Cause) {
        for segment in head.segments.iter().filter(|(_, s)| s.inside).map(|(segment, _)| segment) {
            let Some(place) = self.catalog.segment_numbers.get(segment) else { continue };
            let name = self.catalog.segments[*place].name.clone();
            self.effects.push(Effect::Membership(crate::decision::MembershipChange {
                profile: head.id(),
                segment: *segment,
                name,
                inside: false,
                at: self.now,
                cause,
            }));
        }
    }
}

/// Lays an absorbed head over the absorbing one. Counters add up. Says how many attributes had no
/// room.
fn unite(head: &mut Head, other: Head, token: Option<u128>) -> usize {
    let mut refused = 0;
    head.created = head.created.min(other.created);
    for (name, attribute) in other.attributes {
        let full = head.attributes.len() >= limits::ATTRIBUTES_MAX;
        if full && !head.attributes.contains_key(&name) {
            refused += 1;
            continue;
        }
        head.set(&name, attribute);
    }
    head.aliases.extend(other.aliases);
    head.refused_aliases.extend(other.refused_aliases);
    let held = &head.aliases;
    head.refused_aliases.retain(|alias| !held.contains(alias));
    head.pending.extend(other.pending);
    if let Some(token) = token {
        head.pending.remove(&token);
    }
    for (address, suppression) in &other.suppressions {
        head.suppress(address, suppression);
    }
    for (journey, memory) in other.journeys {
        let own = head.journeys.entry(journey).or_default();
        own.entered = own.entered.max(memory.entered);
        own.left = own.left.max(memory.left);
        own.count += memory.count;
    }
    head.held.extend(other.held);
    head.held.truncate(limits::HELD_ENTRIES_MAX);
    head.sent.extend(other.sent);
    head.sent.sort_unstable();
    head.sent.dedup();
    refused
}
