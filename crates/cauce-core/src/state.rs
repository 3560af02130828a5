//! The rows of one partition, and the window through which a decision looks at them.
//!
//! Keys are typed; how they are spelled in bytes is the engine's business. The order of [`Key`] is
//! the order of the bytes.

use crate::campaign::{CampaignId, Part};
use crate::delivery::mailboxes::Hosts;
use crate::device::{DeviceRow, Devices};
use crate::erasure::{Erased, Forgotten, Scrubbing, Secret, Wish};
use crate::event::Properties;
use crate::identity::Side;
use crate::ids::{DeviceId, EventId, MessageId, Number, Partition, Position, ProfileId, RunId};
use crate::input::Hop;
use crate::journey::Run;
use crate::limits;
use crate::list::{ListStates, Lists};
use crate::message::ledger::Message;
use crate::message::named::Named;
use crate::message::{Class, Guard, Settling, Strikes};
use crate::policy::Suppression;
use crate::policy::blocks::Blocks;
use crate::policy::complaints::Pauses;
use crate::prelude::*;
use crate::profile::{Alias, Head, Rank, SegmentNumber};
use crate::schema::{Unfit, UnfitAt};
use crate::segment::{Aggregates, Tallies};
use crate::sender::bulk::MailboxDay;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The name of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// What the partition knows about itself.
    Meta,
    /// How far each segment is built.
    Builds,
    /// A profile's head.
    Head(Number),
    /// The number of a profile.
    Profile(ProfileId),
    /// All aggregates of one profile.
    Aggregates(Number),
    /// One walk of one profile.
    Run(Number, RunId),
    /// One event of one profile.
    Timeline(Number, String, Timestamp, EventId),
    /// An alias, at its home.
    Alias(Alias),
    /// A message in the ledger.
    Message(MessageId),
    /// Where a message that was born here lives now.
    Location(MessageId),
    /// A message that may be on the wire.
    Attempting(MessageId),
    /// A message that waits: path, class, due, message.
    Outbox(String, Class, Timestamp, MessageId),
    /// A profile that wants to be looked at.
    Timer(Timestamp, Number),
    /// An input for another partition that is not known to have arrived.
    HopOut(Partition, u64),
    /// What was received from another partition.
    HopIn(Partition),
    /// A campaign's part here.
    Campaign(CampaignId),
    /// That a profile is among a campaign's planned messages.
    CampaignMember(CampaignId, ProfileId),
    /// An idempotency key, at its home.
    Request(String),
    /// An event id that was seen: six-hour bucket, id.
    Seen(u32, EventId),
    /// A counter: name and labels.
    Counter(String),
    /// An entry that could not be decided.
    Quarantine(Position),
    /// All tallies of one profile.
    Tallies(Number),
    /// A profile that became one with this one.
    Merge(Number, ProfileId),
    /// The key of the register of erasures.
    ErasureKey,
    /// A name that was erased, at its home, by its hash.
    Erased(u128),
    /// A profile that lived here and was erased.
    Forgotten(ProfileId),
    /// A profile that is erased when its identity questions are answered.
    Erasing(Number),
    /// How far the ledger is cleaned of erased people.
    Scrubbing,
    /// What uploaded lists say of one profile.
    Lists(Number),
    /// What the partition knows of uploaded lists.
    ListStates,
    /// An event that does not fit its schema, by where it came in.
    Unfit(Position),
    /// That such an event names an alias, at the alias's home.
    UnfitOf(Alias, EventId),
    /// A message that ended because nobody carried it, and can be tried again.
    DeadLetter(MessageId),
    /// All devices of one profile.
    Devices(Number),
    /// A device's token, at its home.
    Device(DeviceId),
    /// What a provider's name stands for, at its home: provider, name.
    Named(String, String),
    /// When such a name is forgotten.
    NamedUntil(Timestamp, String, String),
    /// Bounces of one profile's addresses that are not for ever.
    Strikes(Number),
    /// Clicks of one profile that wait until more is known of them.
    Settling(Number),
    /// Providers of mailboxes whose hard bounces are held.
    Guard,
    /// The suppression of an address that is held, at its home.
    Held(Alias),
    /// When an idempotency key is forgotten.
    RequestUntil(Timestamp, String),
    /// What mailbox providers took and complained of: day, sender's domain, mailbox provider.
    MailboxDay(u32, String, String),
    /// Whose marketing to which mailbox provider is paused.
    MailboxPauses,
    /// Which mailbox providers refuse whose marketing, and what is paused for it.
    Blocks,
    /// One of the profiles that became this one, by itself.
    Side(Number, ProfileId),
    /// The suppression of an address that stands behind the one in force, at its home: what holds
    /// again when a mass of bounces was a mistake.
    Behind(Alias),
    /// Who hosts the mailboxes of which domains.
    Hosts,
}

/// The smallest and the largest identifier: bounds of ranges.
const LOW: u128 = 0;
const HIGH: u128 = u128::MAX;

impl Key {
    /// All events of a profile.
    pub fn timeline(number: Number) -> (Key, Key) {
        (
            Key::Timeline(number, String::new(), Timestamp(i64::MIN), EventId(LOW)),
            Key::Timeline(number + 1, String::new(), Timestamp(i64::MIN), EventId(LOW)),
        )
    }

    /// A profile's events of one name from an instant on.
    pub fn timeline_of(number: Number, name: &str, from: (Timestamp, EventId)) -> (Key, Key) {
        (
            Key::Timeline(number, name.to_owned(), from.0, from.1),
            Key::Timeline(number, name.to_owned(), Timestamp::MAX, EventId(HIGH)),
        )
    }

    /// All runs of a profile.
    pub fn runs(number: Number) -> (Key, Key) {
        (Key::Run(number, RunId(LOW)), Key::Run(number + 1, RunId(LOW)))
    }

    /// All profiles that became one with a profile.
    pub fn merges(number: Number) -> (Key, Key) {
        (Key::Merge(number, ProfileId(LOW)), Key::Merge(number + 1, ProfileId(LOW)))
    }

    /// All sides of a profile.
    pub fn sides(number: Number) -> (Key, Key) {
        (Key::Side(number, ProfileId(LOW)), Key::Side(number + 1, ProfileId(LOW)))
    }

    /// All events in quarantine.
    pub fn unfit() -> (Key, Key) {
        let position = |incarnation, offset| Position { incarnation, offset };
        (Key::Unfit(position(0, 0)), Key::Unfit(position(u16::MAX, u64::MAX)))
    }

    /// The events in quarantine that name an alias.
    pub fn unfit_of(alias: &Alias) -> (Key, Key) {
        (Key::UnfitOf(alias.clone(), EventId(LOW)), Key::UnfitOf(alias.clone(), EventId(HIGH)))
    }

    /// All suppressions that are held.
    pub fn held() -> (Key, Key) {
        let bound = |namespace: &str| {
            Key::Held(Alias { namespace: namespace.to_owned(), value: String::new() })
        };
        (bound(""), bound("\u{10ffff}"))
    }

    /// What mailbox providers took and complained of, of all days.
    pub fn mailbox_days() -> (Key, Key) {
        let bound = |day| Key::MailboxDay(day, String::new(), String::new());
        (bound(0), bound(u32::MAX))
    }

    /// The messages of a path and class that are due at `now`.
    pub fn due(path: &str, class: Class, now: Timestamp) -> (Key, Key) {
        (
            Key::Outbox(path.to_owned(), class, Timestamp(i64::MIN), MessageId(LOW)),
            Key::Outbox(path.to_owned(), class, Timestamp(now.0.saturating_add(1)), MessageId(LOW)),
        )
    }

    /// All dead letters from one on.
    pub fn dead_letters(from: MessageId) -> (Key, Key) {
        (Key::DeadLetter(from), Key::DeadLetter(MessageId(HIGH)))
    }

    /// The names of providers that are forgotten by `now`.
    pub fn named_until(now: Timestamp) -> (Key, Key) {
        let at = |at: i64| Key::NamedUntil(Timestamp(at), String::new(), String::new());
        (at(i64::MIN), at(now.0.saturating_add(1)))
    }

    /// The idempotency keys that are forgotten by `now`.
    pub fn requests_until(now: Timestamp) -> (Key, Key) {
        let at = |at: i64| Key::RequestUntil(Timestamp(at), String::new());
        (at(i64::MIN), at(now.0.saturating_add(1)))
    }

    /// The timers that are due at `now`, from a remembered bound on.
    pub fn timers(from: Timestamp, now: Timestamp) -> (Key, Key) {
        (Key::Timer(from, 0), Key::Timer(Timestamp(now.0.saturating_add(1)), 0))
    }
}

/// The content of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// See [`Key::Meta`].
    Meta(Arc<Meta>),
    /// See [`Key::Builds`].
    Builds(Arc<Builds>),
    /// See [`Key::Head`].
    Head(Arc<Head>),
    /// See [`Key::Profile`].
    Number(Number),
    /// See [`Key::Aggregates`].
    Aggregates(Arc<Aggregates>),
    /// See [`Key::Run`].
    Run(Arc<Run>),
    /// See [`Key::Timeline`].
    Timeline(Arc<Happening>),
    /// See [`Key::Alias`].
    Alias(Arc<AliasRow>),
    /// See [`Key::Message`].
    Message(Arc<Message>),
    /// See [`Key::Location`].
    Location(Partition),
    /// Rows whose key says everything: [`Key::Outbox`], [`Key::Timer`], [`Key::Seen`],
    /// [`Key::Attempting`], [`Key::DeadLetter`], [`Key::NamedUntil`], [`Key::RequestUntil`].
    Mark,
    /// See [`Key::HopOut`].
    HopOut(Arc<Hop>),
    /// See [`Key::HopIn`]: the highest number received, in the sender's incarnation.
    HopIn(u64),
    /// See [`Key::Campaign`].
    Campaign(Arc<Part>),
    /// See [`Key::CampaignMember`].
    CampaignMember(MessageId),
    /// See [`Key::Request`].
    Request(Arc<RequestRow>),
    /// See [`Key::Counter`].
    Counter(u64),
    /// See [`Key::Quarantine`].
    Quarantine(Arc<Quarantined>),
    /// See [`Key::Tallies`].
    Tallies(Arc<Tallies>),
    /// See [`Key::Merge`].
    Merge(Arc<Merged>),
    /// See [`Key::ErasureKey`].
    ErasureKey(Secret),
    /// See [`Key::Erased`].
    Erased(Arc<Erased>),
    /// See [`Key::Forgotten`].
    Forgotten(Arc<Forgotten>),
    /// See [`Key::Erasing`].
    Erasing(Wish),
    /// See [`Key::Scrubbing`].
    Scrubbing(Arc<Scrubbing>),
    /// See [`Key::Lists`].
    Lists(Arc<Lists>),
    /// See [`Key::ListStates`].
    ListStates(Arc<ListStates>),
    /// See [`Key::Unfit`].
    Unfit(Arc<Unfit>),
    /// See [`Key::UnfitOf`].
    UnfitOf(UnfitAt),
    /// See [`Key::Devices`].
    Devices(Arc<Devices>),
    /// See [`Key::Device`].
    Device(DeviceRow),
    /// See [`Key::Named`].
    Named(Arc<Named>),
    /// See [`Key::Strikes`].
    Strikes(Arc<Strikes>),
    /// See [`Key::Settling`].
    Settling(Arc<Settling>),
    /// See [`Key::Guard`].
    Guard(Arc<Guard>),
    /// See [`Key::Held`].
    Held(Arc<Suppression>),
    /// See [`Key::MailboxDay`].
    MailboxDay(MailboxDay),
    /// See [`Key::MailboxPauses`].
    MailboxPauses(Arc<Pauses>),
    /// See [`Key::Blocks`].
    Blocks(Arc<Blocks>),
    /// See [`Key::Side`].
    Side(Arc<Side>),
    /// See [`Key::Behind`].
    Behind(Arc<Suppression>),
    /// See [`Key::Hosts`].
    Hosts(Arc<Hosts>),
}

/// How a profile became one with another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// When.
    pub at: Timestamp,
    /// The name that both used.
    pub alias: Alias,
    /// Where the absorbed profile lived; its ledger is still there.
    pub from: Partition,
}

/// What a partition knows about itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// The number of the next profile.
    pub next_number: Number,
    /// The latest `input.at`; time never goes back.
    pub now: Timestamp,
    /// The highest epoch of an owner.
    pub epoch: u64,
    /// The plan (published definitions) in force.
    pub plan: u64,
    /// No timer lies before this instant.
    pub timers_from: Timestamp,
    /// No event id is remembered in a six-hour bucket before this one; 0: in none yet.
    pub seen_from: u32,
    /// The next number of each pair: destination → n.
    pub hops_out: BTreeMap<Partition, u64>,
    /// Version of the decisions and of the time-zone data that were activated last.
    pub activated: String,
    /// Sending is paused: a restore, an operator. The reason is shown.
    pub paused: Option<String>,
}

/// How far each segment is built: profiles with a lower number are live. `Number::MAX`: all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Builds {
    /// By segment and its revision.
    pub segments: BTreeMap<SegmentNumber, (u32, Number)>,
}

/// An event of the timeline, below its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// What it said.
    pub properties: Properties,
    /// The profile it first belonged to, so that a merge can be undone.
    pub origin: ProfileId,
    /// When Cauce accepted it.
    pub received_at: Timestamp,
}

/// A profile, wherever it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Holder {
    /// Where it lived when this was written; a redirect there says more.
    pub partition: Partition,
    /// Its rank, and in it its id.
    pub rank: Rank,
}

/// An alias at its home.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AliasRow {
    /// Whose it is.
    pub holder: Option<Holder>,
    /// Profiles that use the address without holding the alias (merge protection refused them).
    pub watchers: Vec<Holder>,
    /// We must not write to this address, and why.
    pub suppression: Option<Suppression>,
}

/// What an idempotency key stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestRow {
    /// Hash of the request's body: the same key with another body is a conflict.
    pub body: u128,
    /// The message that was made.
    pub message: MessageId,
    /// When.
    pub at: Timestamp,
}

impl RequestRow {
    /// When the key is forgotten.
    pub fn until(&self) -> Timestamp {
        self.at.plus(limits::IDEMPOTENCY_WINDOW)
    }
}

/// An entry that could not be decided, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quarantined {
    /// The cause, for an engineer.
    pub cause: String,
    /// When.
    pub at: Timestamp,
    /// What kind of input it was.
    pub kind: String,
}

/// One partition's rows at one position. Reads never wait for anything but the disk; the reader
/// cannot see another partition. A failed read is remembered by the implementation, which then
/// throws the decision away.
pub trait Rows {
    /// A row, if there is one.
    fn get(&self, key: &Key) -> Option<Row>;
    /// Rows from `from` to before `to`, in order, at most `limit`.
    fn range(&self, from: &Key, to: &Key, limit: usize) -> Vec<(Key, Row)>;
    /// The live members of a segment: derived from the heads, kept in memory.
    fn members(&self, segment: SegmentNumber) -> roaring::RoaringBitmap;
}

/// A window with the changes made so far laid over it.
pub struct Work<'r, R: Rows> {
    rows: &'r R,
    changes: BTreeMap<Key, Option<Row>>,
}

macro_rules! typed {
    ($($(#[$doc:meta])* $name:ident: $variant:ident($type:ty);)*) => {$(
        $(#[$doc])*
        pub fn $name(&self, key: &Key) -> Option<$type> {
            match self.get(key) {
                Some(Row::$variant(row)) => Some(row),
                _ => None,
            }
        }
    )*};
}

impl<'r, R: Rows> Work<'r, R> {
    /// Begins with no changes.
    pub fn new(rows: &'r R) -> Self {
        Work { rows, changes: BTreeMap::new() }
    }

    /// A row as it stands after the changes so far.
    pub fn get(&self, key: &Key) -> Option<Row> {
        match self.changes.get(key) {
            Some(changed) => changed.clone(),
            None => self.rows.get(key),
        }
    }

    /// Whether a row exists.
    pub fn has(&self, key: &Key) -> bool {
        self.get(key).is_some()
    }

    /// Writes a row.
    pub fn put(&mut self, key: Key, row: Row) {
        self.changes.insert(key, Some(row));
    }

    /// Removes a row.
    pub fn delete(&mut self, key: Key) {
        self.changes.insert(key, None);
    }

    /// Rows of a range after the changes so far, in order, at most `limit`.
    pub fn range(&self, bounds: &(Key, Key), limit: usize) -> Vec<(Key, Row)> {
        let (from, to) = bounds;
        let changed: Vec<_> = self.changes.range(from.clone()..to.clone()).collect();
        if changed.is_empty() {
            return self.rows.range(from, to, limit);
        }
        let deleted = changed.iter().filter(|(_, row)| row.is_none()).count();
        let below = self.rows.range(from, to, limit.saturating_add(deleted));
        // The rows below reach to `edge`; what was added beyond it may not be shown, or a row
        // between would be skipped.
        let cut = below.len() >= limit.saturating_add(deleted);
        let edge = below.last().map(|(key, _)| key.clone());
        let mut merged: BTreeMap<Key, Row> = below.into_iter().collect();
        for (key, row) in changed {
            if cut && edge.as_ref().is_some_and(|edge| key > edge) {
                continue;
            }
            match row {
                Some(row) => merged.insert(key.clone(), row.clone()),
                None => merged.remove(key),
            };
        }
        merged.into_iter().take(limit).collect()
    }

    /// The live members of a segment, without the changes of this decision.
    pub fn members(&self, segment: SegmentNumber) -> roaring::RoaringBitmap {
        self.rows.members(segment)
    }

    /// The changes, in the order of their keys.
    pub fn into_changes(self) -> Vec<(Key, Option<Row>)> {
        self.changes.into_iter().collect()
    }

    typed! {
        /// A head.
        head: Head(Arc<Head>);
        /// A number.
        number: Number(Number);
        /// The aggregates of a profile.
        aggregates: Aggregates(Arc<Aggregates>);
        /// The tallies of a profile.
        tallies: Tallies(Arc<Tallies>);
        /// What lists say of a profile.
        lists: Lists(Arc<Lists>);
        /// The devices of a profile.
        devices: Devices(Arc<Devices>);
        /// Who holds a device.
        device: Device(DeviceRow);
        /// A run.
        run: Run(Arc<Run>);
        /// An alias.
        alias: Alias(Arc<AliasRow>);
        /// A message.
        message: Message(Arc<Message>);
        /// What a provider's name stands for.
        named: Named(Arc<Named>);
        /// Where a message lives.
        location: Location(Partition);
        /// A campaign's part.
        campaign: Campaign(Arc<Part>);
        /// A request.
        request: Request(Arc<RequestRow>);
        /// The number up to which a sender's hops were taken.
        hop_in: HopIn(u64);
    }

    /// The partition's own row.
    pub fn meta(&self) -> Arc<Meta> {
        match self.get(&Key::Meta) {
            Some(Row::Meta(meta)) => meta,
            _ => Arc::default(),
        }
    }

    /// Changes the partition's own row.
    pub fn change_meta(&mut self, change: impl FnOnce(&mut Meta)) {
        let mut meta = self.meta();
        change(Arc::make_mut(&mut meta));
        self.put(Key::Meta, Row::Meta(meta));
    }

    /// How far the ledger is cleaned of erased people.
    pub fn scrubbing(&self) -> Arc<Scrubbing> {
        match self.get(&Key::Scrubbing) {
            Some(Row::Scrubbing(scrubbing)) => scrubbing,
            _ => Arc::default(),
        }
    }

    /// What is known of uploaded lists.
    pub fn list_states(&self) -> Arc<ListStates> {
        match self.get(&Key::ListStates) {
            Some(Row::ListStates(states)) => states,
            _ => Arc::default(),
        }
    }

    /// How far segments are built.
    pub fn builds(&self) -> Arc<Builds> {
        match self.get(&Key::Builds) {
            Some(Row::Builds(builds)) => builds,
            _ => Arc::default(),
        }
    }

    /// Adds to a counter.
    pub fn count(&mut self, name: &str, n: u64) {
        let key = Key::Counter(name.to_owned());
        let before = match self.get(&key) {
            Some(Row::Counter(count)) => count,
            _ => 0,
        };
        self.put(key, Row::Counter(before + n));
    }

    /// Takes one off a counter: what was counted turned out not to be.
    pub fn discount(&mut self, name: &str) {
        let key = Key::Counter(name.to_owned());
        if let Some(Row::Counter(count @ 1..)) = self.get(&key) {
            self.put(key, Row::Counter(count - 1));
        }
    }
}
