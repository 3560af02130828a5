//! One writer over one partition's rows: take, load, decide, commit.

use crate::checkpoint::{Checkpoint, Progress, skip_key};
use crate::working::{Moved, Working};
use crate::{Error, codec, tables};
use cauce_core::decide::{Place, Plans, decide};
use cauce_core::decision::caused::Caused;
use cauce_core::decision::{Decision, Effect};
use cauce_core::identity::undecided;
use cauce_core::ids::{self, MessageId, Origin, Position};
use cauce_core::input::{Body, Hop, Input};
use cauce_core::message::Class;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::{Duration, Timestamp};
use cauce_store::{Batch, Entry, State};
use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Entries that may fail to be decided within an hour before the partition stops.
const POISON_PER_HOUR: usize = 10;

/// A partition: its rows and how far they have come.
pub struct Partition<P: Plans> {
    number: ids::Partition,
    partitions: u16,
    rows: Working,
    state: Arc<dyn State>,
    plans: Arc<P>,
    progress: Progress,
    /// The position of the last checkpoint.
    closed: u64,
    skip: BTreeSet<u64>,
    poisoned: VecDeque<Timestamp>,
}

/// What an entry came to.
#[derive(Debug)]
pub struct Taken {
    /// Its place.
    pub position: Position,
    /// The input, decoded.
    pub input: Input,
    /// What the world is told.
    pub effects: Vec<Effect>,
    /// What changed about people.
    pub caused: Vec<Caused>,
    /// Who moved in or out of segments, for whatever cause.
    pub moved: Vec<Moved>,
    /// After a grant: when its path has the next message due here.
    pub next_due: Option<Timestamp>,
}

impl<P: Plans> Partition<P> {
    /// Opens a partition: its rows as the last checkpoint left them.
    pub fn open(
        number: ids::Partition,
        partitions: u16,
        state: Arc<dyn State>,
        plans: Arc<P>,
    ) -> Result<Self, Error> {
        let on = Error::on(number);
        let progress = crate::cut::stored(&*state, number)?;
        let mut skip = BTreeSet::new();
        let (from, to) = (skip_key(number, 0), skip_key(number, u64::MAX));
        let visit = &mut |key: &[u8], _: &[u8]| {
            skip.extend(key.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes)));
            true
        };
        state.range(tables::ENGINE, &from, Some(&to), visit).map_err(&on)?;
        let rows = Working::open(number, state.clone())?;
        let poisoned = VecDeque::new();
        let closed = progress.next;
        Ok(Partition { number, partitions, rows, state, plans, progress, closed, skip, poisoned })
    }

    /// Its number.
    pub fn number(&self) -> ids::Partition {
        self.number
    }

    /// The next entry to take, and the running hash of what was decided before it.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Its rows, for queries: the caller is on the partition's thread.
    pub fn rows(&self) -> &Working {
        &self.rows
    }

    /// The published plans.
    pub fn plans(&self) -> &P {
        &self.plans
    }

    /// Takes one durable entry. An entry that was taken before is passed over.
    pub fn take(&mut self, entry: &Entry) -> Result<Option<Taken>, Error> {
        if entry.offset < self.progress.next {
            return Ok(None);
        }
        if entry.offset > self.progress.next {
            let (expected, found) = (self.progress.next, entry.offset);
            return Err(Error::Gap { partition: self.number, expected, found });
        }
        let position = Position { incarnation: entry.incarnation, offset: entry.offset };
        if entry.body.is_empty() {
            // Erased: header, position and checksum stay, the body means nothing any more.
            self.progress.next += 1;
            return Ok(None);
        }
        let input = codec::input(&entry.body)?;
        let decision = self.decide(position, &input)?;
        self.rows.check()?;
        let hash = fingerprint(self.progress.hash, &decision);
        let Decision { changes, effects, caused } = decision;
        let moved = self.rows.commit(changes);
        self.progress = Progress { next: entry.offset + 1, hash };
        let next_due = match &input.body {
            Body::Grant { path, .. } | Body::GrantBy { path, .. } => self.next_due(path),
            _ => None,
        };
        Ok(Some(Taken { position, input, effects, caused, moved, next_due }))
    }

    fn decide(&mut self, position: Position, input: &Input) -> Result<Decision, Error> {
        let origin = Origin { workspace: tables::WORKSPACE, partition: self.number, position };
        let place = Place { origin, partitions: self.partitions };
        if !self.skip.contains(&position.offset) {
            let (rows, plans) = (&self.rows, &*self.plans);
            match catch_unwind(AssertUnwindSafe(|| decide(rows, plans, place, input))) {
                Ok(decision) => return Ok(decision),
                Err(_) => self.poison(position, input)?,
            }
        }
        // Not the panic's words: a replay, which does not panic, must write the same row.
        Ok(undecided(&self.rows, place, input))
    }

    /// Remembers, durably and before anything else, that an entry is not decided again.
    fn poison(&mut self, position: Position, input: &Input) -> Result<(), Error> {
        let on = Error::on(self.number);
        let mut batch = Batch::default();
        batch.put(tables::ENGINE, skip_key(self.number, position.offset), vec![1]);
        self.state.write(batch).map_err(&on)?;
        self.state.sync().map_err(&on)?;
        self.skip.insert(position.offset);
        let hour_ago = input.at.minus(Duration::HOUR);
        self.poisoned.push_back(input.at);
        while self.poisoned.front().is_some_and(|at| *at < hour_ago) {
            self.poisoned.pop_front();
        }
        let count = self.poisoned.len();
        if count > POISON_PER_HOUR {
            return Err(Error::Poisoned { partition: self.number, count });
        }
        Ok(())
    }

    /// Whether a checkpoint would say anything new: entries that change no row still move the
    /// position, and the log is kept from there on.
    pub fn is_ahead(&self) -> bool {
        self.progress.next > self.closed || self.rows.changed() > 0
    }

    /// Closes a generation, if there is anything new.
    pub fn checkpoint(&mut self) -> Option<Checkpoint> {
        if !self.is_ahead() {
            return None;
        }
        let before = std::mem::replace(&mut self.closed, self.progress.next);
        let (partition, progress) = (self.number, self.progress);
        Some(Checkpoint { partition, progress, before, snapshot: self.rows.snapshot() })
    }

    /// A checkpoint is on disk.
    pub fn checkpointed(&mut self, generation: u32, keep: usize) {
        self.rows.written(generation, keep);
    }

    /// The hops that are not known to have arrived, in order, from `n` on.
    pub fn outgoing(&self, to: ids::Partition, n: u64) -> Vec<(u64, Arc<Hop>)> {
        let rows = self.rows.range(&Key::HopOut(to, n), &Key::HopOut(to, u64::MAX), usize::MAX);
        rows.into_iter()
            .filter_map(|(key, row)| match (key, row) {
                (Key::HopOut(_, n), Row::HopOut(hop)) => Some((n, hop)),
                _ => None,
            })
            .collect()
    }

    /// The number up to which another partition's hops were taken.
    pub fn received(&self, from: ids::Partition) -> u64 {
        match self.rows.get(&Key::HopIn(from)) {
            Some(Row::HopIn(n)) => n,
            _ => 0,
        }
    }

    /// When the first message of a path is due, if there is one.
    pub fn next_due(&self, path: &str) -> Option<Timestamp> {
        let start = Timestamp(i64::MIN);
        [Class::Transactional, Class::Triggered, Class::Bulk]
            .into_iter()
            .filter_map(|class| {
                let low = Key::Outbox(path.to_owned(), class, start, MessageId(0));
                let high =
                    Key::Outbox(path.to_owned(), class, Timestamp::MAX, MessageId(u128::MAX));
                match self.rows.range(&low, &high, 1).first() {
                    Some((Key::Outbox(_, _, due, _), _)) => Some(*due),
                    _ => None,
                }
            })
            .min()
    }

    /// Every path that has messages here, and when the first is due.
    pub fn paths(&self) -> Vec<(String, Timestamp)> {
        let mut found = Vec::new();
        let start = Timestamp(i64::MIN);
        let end = Key::Timer(start, 0);
        let mut low = Key::Outbox(String::new(), Class::Transactional, start, MessageId(0));
        let top = Key::Outbox("\u{10ffff}".to_owned(), Class::Bulk, Timestamp::MAX, MessageId(0));
        debug_assert!(top < end);
        while let Some((Key::Outbox(path, ..), _)) = self.rows.range(&low, &top, 1).pop() {
            found.extend(self.next_due(&path).map(|due| (path.clone(), due)));
            low = Key::Outbox(path, Class::Bulk, Timestamp::MAX, MessageId(u128::MAX));
        }
        found
    }

    /// The first timer, if there is one.
    pub fn next_timer(&self) -> Option<Timestamp> {
        let from = match self.rows.get(&Key::Meta) {
            Some(Row::Meta(meta)) => meta.timers_from,
            _ => Timestamp::default(),
        };
        let (low, high) = (Key::Timer(from, 0), Key::Timer(Timestamp::MAX, u32::MAX));
        match self.rows.range(&low, &high, 1).first() {
            Some((Key::Timer(at, _), _)) => Some(*at),
            _ => None,
        }
    }
}

/// The running hash after a decision: its keys, whether each was written or removed, and how many
/// effects it had. Replay compares it and names the first position that differs; the content of the
/// rows is compared by the canonical dump.
fn fingerprint(before: u128, decision: &Decision) -> u128 {
    let mut bytes = Vec::with_capacity(1_024);
    bytes.extend(before.to_le_bytes());
    for (key, row) in &decision.changes {
        bytes.push(tables::table(key));
        tables::spell_onto(&mut bytes, 0, key);
        bytes.push(u8::from(row.is_some()));
    }
    bytes.extend((decision.effects.len() as u64).to_le_bytes());
    xxhash_rust::xxh3::xxh3_128(&bytes)
}
