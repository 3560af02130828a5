//! What is counted again: every row of every partition, against what the rows say of each other.

pub mod devices;
mod ledger;
pub mod listed;
pub mod shared;

use crate::world::{USE, World};
use cauce_core::campaign::{CampaignId, Part};
use cauce_core::consent::{Statement, in_force};
use cauce_core::decide::home;
use cauce_core::erasure::wipe;
use cauce_core::ids::{EventId, MessageId, Partition as Number, ProfileId, RunId};
use cauce_core::message::Channel;
use cauce_core::message::ledger::{Message, Source, State, Term};
use cauce_core::policy::{Reason, Stops, Suppression};
use cauce_core::profile::{Alias, Consent, ConsentFact, ConsentState, Head, SegmentNumber, Status};
use cauce_core::state::{Holder, Key, Row};
use cauce_core::time::{Duration, Timestamp};
use cauce_engine::partition::Partition;
use cauce_engine::tables::{self, TABLES};
use cauce_engine::{Error, codec};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// How far the clocks of a life may step.
pub const CLOCK_STEPS: Duration = Duration(20 * 60_000);

/// Every row of one partition.
pub type Rowset = BTreeMap<Key, Row>;

/// Reads every row of a partition.
pub fn rows_of(partition: &Partition<World>) -> Result<Rowset, Error> {
    let mut rows = Rowset::new();
    for table in (0..TABLES.len() as u8).filter(|table| *table != tables::ENGINE) {
        partition.rows().visit(table, &mut |key, value| {
            if let Some(key) = tables::read(table, key) {
                rows.insert(key, codec::row(value)?);
            }
            Ok(())
        })?;
    }
    Ok(rows)
}

/// When somebody was erased last, if anybody was.
#[must_use]
pub fn last_erased(world: &[Rowset]) -> Option<Timestamp> {
    let rows = world.iter().flat_map(BTreeMap::values);
    rows.filter_map(|row| match row {
        Row::Head(head) => match head.status {
            Status::Erased(at) => Some(at),
            Status::Live | Status::Redirect(_) => None,
        },
        Row::Erased(erased) => Some(erased.at),
        _ => None,
    })
    .max()
}

/// Members are kept beside the rows, as bitmaps: they must be those whose rows say so.
pub fn members_are_recounted(partition: &Partition<World>, rows: &Rowset) -> Vec<String> {
    let mut counted: BTreeMap<SegmentNumber, BTreeSet<u32>> = BTreeMap::new();
    for (key, row) in rows {
        if let (Key::Head(number), Row::Head(head)) = (key, row) {
            for (segment, _) in head.segments.iter().filter(|(_, state)| state.inside) {
                counted.entry(*segment).or_default().insert(*number);
            }
        }
    }
    let mut kept: BTreeMap<SegmentNumber, BTreeSet<u32>> = BTreeMap::new();
    for (segment, bitmap) in partition.rows().bitmaps().iter().filter(|(_, b)| !b.is_empty()) {
        kept.insert(*segment, bitmap.iter().collect());
    }
    if kept == counted {
        return Vec::new();
    }
    let number = partition.number();
    vec![format!("{number}: members {kept:?} are kept, the profiles say {counted:?}")]
}

/// What an audit knows besides the rows.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Events in the log.
    pub events: BTreeSet<EventId>,
    /// Messages that requests must have made, by key; absent where a restore lost some.
    pub requests: Option<BTreeMap<Option<String>, usize>>,
    /// Events that a planned panic may have cost.
    pub excused: BTreeSet<EventId>,
    /// Whether panics were planned at all: then a conversation may have lost a word.
    pub panics: usize,
    /// What events said about consent.
    pub consents: BTreeMap<EventId, Vec<Said>>,
    /// What the log says of each event.
    pub reported: BTreeMap<EventId, Reported>,
    /// Up to when events of a name were forgotten.
    pub retained: BTreeMap<String, Timestamp>,
    /// When somebody was erased last, if anybody was.
    pub erased: Option<Timestamp>,
    /// What was uploaded.
    pub lists: listed::Uploads,
}

/// An event as the log has it.
#[derive(Clone, Debug)]
pub struct Reported {
    /// When it was appended.
    pub at: Timestamp,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// It belongs to the past.
    pub historical: bool,
    /// Its name.
    pub name: String,
}

impl Expected {
    /// Whether an event may have gone, or been left out, with a person who was erased, or since it
    /// was too old.
    fn is_forgotten(&self, event: &EventId) -> bool {
        let Some(known) = self.reported.get(event) else { return self.erased.is_some() };
        let old = self.retained.get(&known.name).is_some_and(|before| known.occurred_at < *before);
        // A step of the clock may make what was said later look earlier, or the other way round.
        let erased = self.erased.map(|at| at.plus(CLOCK_STEPS));
        let gone = erased.is_some_and(|erased| {
            known.at <= erased || known.occurred_at < erased || known.historical
        });
        old || gone
    }
}

/// What one event said about one consent, and when.
#[derive(Clone, Debug)]
pub struct Said {
    /// When it happened.
    pub at: Timestamp,
    /// The statement.
    pub fact: ConsentFact,
}

/// The whole world's rows.
pub struct Audit<'w> {
    /// Rows by partition.
    pub world: &'w [Rowset],
    /// What was found.
    pub found: Vec<String>,
    /// Suppressions that profiles know and their homes have lifted.
    pub late_lifts: u64,
}

impl<'w> Audit<'w> {
    /// Begins one.
    #[must_use]
    pub fn new(world: &'w [Rowset]) -> Audit<'w> {
        Audit { world, found: Vec::new(), late_lifts: 0 }
    }
}

impl Audit<'_> {
    fn fault(&mut self, text: String) {
        self.found.push(text);
    }

    fn all(&self) -> impl Iterator<Item = (Number, &Key, &Row)> {
        let numbered = self.world.iter().enumerate();
        numbered.flat_map(|(number, rows)| rows.iter().map(move |(k, r)| (number as Number, k, r)))
    }

    fn messages(&self) -> impl Iterator<Item = (Number, &Message)> {
        self.all().filter_map(|(number, _, row)| match row {
            Row::Message(message) => Some((number, &**message)),
            _ => None,
        })
    }

    fn heads(&self) -> impl Iterator<Item = (Number, u32, &Head)> {
        self.all().filter_map(|(partition, key, row)| match (key, row) {
            (Key::Head(number), Row::Head(head)) => Some((partition, *number, &**head)),
            _ => None,
        })
    }

    /// What holds after every turn.
    pub fn always(&mut self) {
        self.steps_are_unique();
        self.queues_mirror_the_ledger();
        self.campaigns_balance();
        self.totals_are_recounted();
        self.found.extend(ledger::tried_at_once(self.world));
        self.found.extend(self.world.iter().flat_map(devices::kept_for_ever));
    }

    fn steps_are_unique(&mut self) {
        let mut seen: BTreeMap<(RunId, String), MessageId> = BTreeMap::new();
        let mut found = Vec::new();
        for (_, message) in self.messages() {
            let Source::Journey { run, step, .. } = &message.source else { continue };
            if let Some(other) = seen.insert((*run, step.clone()), message.id) {
                found.push(format!("run {run} step {step} made {other} and {}", message.id));
            }
        }
        self.found.extend(found);
    }

    /// Every request that was taken made one message, and a repeated one none.
    fn requests_make_one_message(&mut self, expected: &Expected) {
        let Some(wanted) = &expected.requests else { return };
        if expected.erased.is_some() {
            return; // the keys of erased people are gone, and may be used again
        }
        let mut made: BTreeMap<Option<String>, usize> = BTreeMap::new();
        for (_, message) in self.messages() {
            if let Source::Api { key } = &message.source {
                *made.entry(key.clone()).or_default() += 1;
            }
        }
        if made != *wanted {
            let keys: BTreeSet<_> = made.keys().chain(wanted.keys()).collect();
            let differs = |key: &&&Option<String>| made.get(**key) != wanted.get(**key);
            for key in keys.iter().filter(differs) {
                let (made, wanted) = (made.get(*key), wanted.get(*key));
                self.found.push(format!("key {key:?} made {made:?} messages, not {wanted:?}"));
            }
        }
    }

    fn queues_mirror_the_ledger(&mut self) {
        let mut found = Vec::new();
        for (number, rows) in self.world.iter().enumerate() {
            let mut open: BTreeMap<u32, BTreeSet<MessageId>> = BTreeMap::new();
            for row in rows.values() {
                let Row::Message(message) = row else { continue };
                if !message.state.ended() {
                    open.entry(message.number).or_default().insert(message.id);
                }
                let key = match &message.state {
                    State::Queued { due, .. } => {
                        Some(Key::Outbox(message.path.clone(), message.class, *due, message.id))
                    }
                    State::Attempting { .. } => Some(Key::Attempting(message.id)),
                    _ => None,
                };
                if key.is_some_and(|key| !rows.contains_key(&key)) {
                    found.push(format!("{number}: {} is in no queue", message.id));
                }
            }
            let waiting = open.values().map(BTreeSet::len).sum::<usize>();
            let queued = rows
                .keys()
                .filter(|key| matches!(key, Key::Outbox(..) | Key::Attempting(_)))
                .count();
            if waiting != queued {
                found.push(format!("{number}: {waiting} messages wait, {queued} are in queues"));
            }
            for (key, row) in rows {
                if let (Key::Head(profile), Row::Head(head)) = (key, row)
                    && head.status == Status::Live
                    && head.open != open.remove(profile).unwrap_or_default()
                {
                    found.push(format!("{number}: open messages of profile {profile} differ"));
                }
            }
        }
        self.found.extend(found);
    }

    fn campaigns_balance(&mut self) {
        let mut found = Vec::new();
        for (number, rows) in self.world.iter().enumerate() {
            let mut terms: BTreeMap<CampaignId, BTreeMap<Term, u64>> = BTreeMap::new();
            let mut refusals: BTreeMap<CampaignId, BTreeMap<String, u64>> = BTreeMap::new();
            for row in rows.values() {
                let Row::Message(message) = row else { continue };
                let Source::Campaign { id, .. } = &message.source else { continue };
                *terms.entry(*id).or_default().entry(message.state.term()).or_default() += 1;
                if let State::Refused { reason, .. } = &message.state {
                    let by = refusals.entry(*id).or_default();
                    *by.entry(reason.code().to_owned()).or_default() += 1;
                }
            }
            let parts: BTreeMap<CampaignId, &Part> = rows
                .iter()
                .filter_map(|(key, row)| match (key, row) {
                    (Key::Campaign(id), Row::Campaign(part)) => Some((*id, &**part)),
                    _ => None,
                })
                .collect();
            for (id, part) in &parts {
                let mut counted = part.terms.clone();
                counted.retain(|_, n| *n > 0);
                let recount = terms.remove(id).unwrap_or_default();
                if counted != recount {
                    found.push(format!("{number}: campaign {id}: {counted:?} is {recount:?}"));
                }
                if part.refusals != refusals.remove(id).unwrap_or_default() {
                    found.push(format!("{number}: campaign {id}: refusals differ"));
                }
                if !part.balances() {
                    found.push(format!("{number}: campaign {id} does not balance: {part:?}"));
                }
            }
            for id in terms.keys() {
                found.push(format!("{number}: campaign {id} has messages and no part"));
            }
        }
        self.found.extend(found);
    }

    fn counter(&self, name: &str) -> u64 {
        self.all()
            .map(|(_, key, row)| match (key, row) {
                (Key::Counter(counter), Row::Counter(n)) if counter.starts_with(name) => *n,
                _ => 0,
            })
            .sum()
    }

    fn totals_are_recounted(&mut self) {
        let live = self.heads().filter(|(_, _, head)| head.status == Status::Live).count() as u64;
        let counted = self.counter("profiles.created")
            - self.counter("profiles.absorbed")
            - self.counter("profiles.erased");
        if live != counted {
            self.fault(format!("{counted} profiles are counted, {live} live"));
        }
        let mut terms: BTreeMap<Term, u64> = BTreeMap::new();
        for (_, message) in self.messages() {
            *terms.entry(message.state.term()).or_default() += 1;
        }
        let ended = |term: Term| terms.get(&term).copied().unwrap_or_default();
        for term in [Term::Sent, Term::Refused, Term::Failed, Term::Unknown] {
            let (counted, recount) =
                (self.counter(&format!("messages.{} ", term.as_str())), ended(term));
            if counted != recount {
                self.fault(format!("{counted} {} are counted, {recount} are", term.as_str()));
            }
        }
    }

    /// What holds when nothing is on its way between partitions.
    pub fn at_rest(&mut self, expected: &Expected) {
        self.found.extend(ledger::differences(self.world));
        self.events_are_applied_once(expected);
        self.requests_make_one_message(expected);
        let quarantined =
            self.all().filter(|(_, key, _)| matches!(key, Key::Quarantine(_))).count();
        if quarantined > expected.panics {
            self.fault(format!("{quarantined} entries in quarantine, {} planned", expected.panics));
        }
        self.people_are_whole();
        self.moves_balance();
        self.evidence_adds_up();
        self.erased_are_gone();
        if expected.panics == 0 {
            self.devices_are_held();
        }
        self.found.extend(listed::differences(self.world, expected));
        self.quarantine_adds_up();
        if expected.panics == 0 {
            self.withdrawals_hold(expected);
        }
    }

    /// If the last that the events of a timeline said was a no, it is a no: no merge of two
    /// profiles forgets it.
    fn withdrawals_hold(&mut self, expected: &Expected) {
        let mut last: BTreeMap<(Number, u32, String, Option<Channel>), _> = BTreeMap::new();
        for (partition, key, _) in self.all() {
            let Key::Timeline(number, _, _, event) = key else { continue };
            for said in expected.consents.get(event).into_iter().flatten() {
                let about = (partition, *number, said.fact.topic.clone(), said.fact.channel);
                let weight = (said.at, said.fact.state);
                let before = last.entry(about).or_insert(weight);
                *before = weight.max(*before);
            }
        }
        let mut found = Vec::new();
        for (partition, number, head) in self.heads() {
            for ((_, _, topic, channel), (at, state)) in
                last.iter().filter(|(about, _)| (about.0, about.1) == (partition, number))
            {
                let key = (topic.clone(), *channel);
                let now = head.consents.get(&key);
                let is_no = |now: &Consent| now.fact.state == ConsentState::Withdrawn;
                // A use has no channel: a no that names one is a no to the use, until a later yes
                // to it. What was said before the topic was a use has kept its channel.
                let of_use = || {
                    let mut words = head.consents.iter().filter(|((about, _), _)| about == topic);
                    let yes =
                        head.consents.get(&(topic.clone(), None)).is_some_and(|now| now.at > *at);
                    topic == USE
                        && channel.is_some()
                        && (yes || words.any(|(_, now)| is_no(now) && now.at >= *at))
                };
                // What was said before a backup is in its rows, and not in the log behind it.
                let holds = of_use()
                    || now.is_some_and(|now| {
                        is_no(now) || !expected.consents.contains_key(&now.event)
                    });
                if *state == ConsentState::Withdrawn && !holds {
                    let now = now.map(|now| format!("granted at {}, {}", now.at, now.event));
                    let (id, now) = (head.id(), now.unwrap_or("nothing".to_owned()));
                    let way = channel.map_or("", Channel::as_str);
                    found.push(format!(
                        "{id}: {topic} {way} was withdrawn at {at}, now it is {now}"
                    ));
                }
            }
        }
        self.found.extend(found);
    }

    fn events_are_applied_once(&mut self, expected: &Expected) {
        let mut seen: BTreeMap<EventId, usize> = BTreeMap::new();
        for (_, key, _) in self.all() {
            if let Key::Timeline(_, _, _, event) = key {
                *seen.entry(*event).or_default() += 1;
            }
        }
        // What waits in quarantine is not lost.
        for (_, _, row) in self.all() {
            if let Row::Unfit(unfit) = row {
                *seen.entry(unfit.event.id).or_default() += 1;
            }
        }
        let mut found = Vec::new();
        for event in &expected.events {
            match seen.get(event).copied().unwrap_or_default() {
                1 => {}
                0 if expected.excused.contains(event) => {}
                0 if expected.is_forgotten(event) => {}
                n => {
                    let said = expected.reported.get(event).map(|known| known.at);
                    let said = said.map(|at| format!(", said at {at}")).unwrap_or_default();
                    found.push(format!("event {event} is in {n} timelines{said}"));
                }
            }
        }
        self.found.extend(found);
    }

    fn moves_balance(&mut self) {
        let mut moved: BTreeMap<CampaignId, (u64, u64)> = BTreeMap::new();
        for (_, key, row) in self.all() {
            if let (Key::Campaign(id), Row::Campaign(part)) = (key, row) {
                let sums = moved.entry(*id).or_default();
                sums.0 += part.moved_in;
                sums.1 += part.moved_out;
            }
        }
        for (id, (into, out)) in moved {
            if into != out {
                self.fault(format!("campaign {id}: {into} moved in, {out} moved out"));
            }
        }
    }

    /// Whatever was said about consent, told again from the evidence, is what is in force.
    fn evidence_adds_up(&mut self) {
        let mut said: BTreeMap<(Number, u32), Vec<Statement>> = BTreeMap::new();
        for (partition, key, row) in self.all() {
            if let (Key::Timeline(number, ..), Some(statement)) = (key, Statement::read(key, row)) {
                said.entry((partition, *number)).or_default().push(statement);
            }
        }
        let mut found = Vec::new();
        for (partition, number, head) in self.heads() {
            let evidence = said.remove(&(partition, number)).unwrap_or_default();
            let told = in_force(&evidence);
            if told != head.consents {
                let (id, now) = (head.id(), &head.consents);
                found.push(format!("{id}: the evidence says {told:?}, in force is {now:?}"));
            }
        }
        self.found.extend(found);
    }

    /// What waits is counted, and known at the home of every name in it; nothing else is.
    fn quarantine_adds_up(&mut self) {
        let partitions = self.world.len() as u16;
        let mut named = BTreeMap::new();
        let mut waiting = 0;
        for (partition, key, row) in self.all() {
            let (Key::Unfit(position), Row::Unfit(unfit)) = (key, row) else { continue };
            waiting += 1;
            for alias in &unfit.event.aliases {
                let at = (home(alias, partitions), alias.clone(), unfit.event.id);
                named.insert(at, (partition, *position));
            }
        }
        let mut known = BTreeMap::new();
        for (partition, key, row) in self.all() {
            let (Key::UnfitOf(alias, event), Row::UnfitOf(at)) = (key, row) else { continue };
            known.insert((partition, alias.clone(), *event), (at.partition, at.position));
        }
        let counted = self.counter(cauce_core::schema::WAITING);
        if counted != waiting {
            self.fault(format!("{counted} events in quarantine are counted, {waiting} are"));
        }
        if named != known {
            self.fault(format!("waiting under names: {named:?}, known of them: {known:?}"));
        }
    }

    /// A token has one holder, who has it; at rest.
    pub fn devices_are_held(&mut self) {
        self.found.extend(devices::differences(self.world));
    }

    /// Of who was erased nothing is left but a stub, and nothing in the ledger says who it was.
    /// (A timer that an earlier one had replaced runs out by itself; it says nothing of anybody.)
    pub fn erased_are_gone(&mut self) {
        let mut found = Vec::new();
        for (partition, number, head) in self.heads() {
            let Status::Erased(_) = head.status else { continue };
            let stub = Head { status: head.status.clone(), ..Head::new(head.rank, head.created) };
            if *head != stub {
                found.push(format!("{} was erased and still knows: {head:?}", head.id()));
            }
            let rows = &self.world[usize::from(partition)];
            for key in rows.keys() {
                let left = match key {
                    Key::Aggregates(of)
                    | Key::Tallies(of)
                    | Key::Lists(of)
                    | Key::Devices(of)
                    | Key::Run(of, _)
                    | Key::Timeline(of, ..)
                    | Key::Merge(of, _)
                    | Key::Side(of, _)
                    | Key::Strikes(of)
                    | Key::Erasing(of) => *of == number,
                    _ => false,
                };
                if left {
                    found.push(format!("{} was erased, {key:?} is left", head.id()));
                }
            }
        }
        for (number, message) in self.messages() {
            let forgotten = Key::Forgotten(message.profile);
            if !self.world[usize::from(number)].contains_key(&forgotten) {
                continue;
            }
            let mut wiped = message.clone();
            wipe(&mut wiped);
            if wiped != *message {
                found.push(format!("{} still says to whom it was", message.id));
            }
        }
        for (number, key, _) in self.all() {
            if matches!(key, Key::Scrubbing | Key::Erasing(_)) {
                found.push(format!("{number}: {key:?} at rest"));
            }
        }
        self.found.extend(found);
    }

    /// Follows redirects to the live profile, or to who was erased; `None` in a circle or into
    /// nothing.
    fn ends(&self, holder: Holder) -> bool {
        self.follow(holder).is_some()
    }

    /// Follows redirects to the live profile; `None` in a circle or into nothing.
    fn live(&self, holder: Holder) -> Option<ProfileId> {
        self.follow(holder)?
    }

    /// Where redirects end: at somebody, or at nobody any more.
    fn follow(&self, holder: Holder) -> Option<Option<ProfileId>> {
        let mut at = holder;
        for _ in 0..64 {
            let rows = self.world.get(usize::from(at.partition))?;
            let Some(Row::Number(number)) = rows.get(&Key::Profile(at.rank.id)) else {
                return None;
            };
            let Some(Row::Head(head)) = rows.get(&Key::Head(*number)) else { return None };
            match head.status {
                Status::Live => return Some(Some(head.id())),
                Status::Erased(_) => return Some(None),
                Status::Redirect(next) if next.rank < at.rank => at = next,
                Status::Redirect(_) => return None,
            }
        }
        None
    }

    /// Every alias leads to one live profile that knows it, and every profile knows what its
    /// addresses' homes know.
    fn people_are_whole(&mut self) {
        let mut holders: BTreeMap<Alias, (ProfileId, Option<Stops>)> = BTreeMap::new();
        let mut late_lifts = 0;
        let mut found = Vec::new();
        for (_, key, row) in self.all() {
            match (key, row) {
                (Key::Alias(alias), Row::Alias(row)) => {
                    if let Some(holder) = row.holder {
                        match self.live(holder) {
                            Some(id) => {
                                let stops = row.suppression.as_ref().map(Suppression::stops);
                                holders.insert(alias.clone(), (id, stops));
                            }
                            None => found.push(format!("{alias} leads nowhere: {holder:?}")),
                        }
                    }
                }
                (Key::Head(_), Row::Head(head)) => {
                    if let Status::Redirect(to) = head.status
                        && !self.ends(to)
                    {
                        found.push(format!("{} leads nowhere", head.id()));
                    }
                }
                (Key::HopOut(..), _) => {}
                _ => {}
            }
        }
        for (_, _, head) in self.heads().filter(|(_, _, head)| head.status == Status::Live) {
            if !head.pending.is_empty() || !head.held.is_empty() {
                let (open, held) = (head.pending.len(), head.held.len());
                found.push(format!("{}: {open} questions open, {held} entries held", head.id()));
            }
            for alias in &head.aliases {
                if holders.get(alias).map(|(id, _)| *id) != Some(head.id()) {
                    found.push(format!("{} has {alias}, its home says another", head.id()));
                }
            }
            for alias in head.aliases.iter().chain(&head.refused_aliases) {
                let known = head.suppressions.get(alias).map(Suppression::stops);
                let Some((_, stops)) = holders.get(alias) else { continue };
                // `None` stops nothing, and is less than all.
                match known.cmp(stops) {
                    Ordering::Less => {
                        let what = format!("{alias} is suppressed: {stops:?}, {known:?} here");
                        found.push(format!("{}: {what}", head.id()));
                    }
                    // Too careful: a lift was overtaken by an answer that was older than it.
                    Ordering::Greater => late_lifts += 1,
                    Ordering::Equal => {}
                }
            }
        }
        let known: BTreeMap<ProfileId, BTreeSet<Alias>> =
            self.heads().map(|(_, _, head)| (head.id(), head.aliases.clone())).collect();
        for (alias, (id, _)) in &holders {
            if !known.get(id).is_some_and(|aliases| aliases.contains(alias)) {
                found.push(format!("{alias} leads to {id}, which does not know it"));
            }
        }
        self.late_lifts += late_lifts;
        self.found.extend(found);
    }

    /// What holds at the end of all time.
    pub fn at_the_end(&mut self) {
        let mut found = Vec::new();
        for (number, message) in self.messages() {
            if !message.state.ended() {
                found.push(format!("{number}: {} never ended: {:?}", message.id, message.state));
            }
            if let State::Refused { reason: Reason::UnknownProfile, .. } = &message.state {
                found.push(format!("{number}: {} was lost to a merge", message.id));
            }
        }
        self.found.extend(found);
    }
}
