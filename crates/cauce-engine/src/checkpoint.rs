//! A checkpoint: the changed rows and the position, in one atomic batch, written by another thread
//! while the loop goes on.

use crate::working::{Snapshot, members_key};
use crate::{Error, codec, tables};
use cauce_core::ids::Partition;
use cauce_store::{Batch, State};
use serde::{Deserialize, Serialize};

/// How far a partition's rows have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The next entry to take.
    pub next: u64,
    /// The running hash of all decisions before it.
    pub hash: u128,
}

/// Everything that one checkpoint writes.
pub struct Checkpoint {
    /// Which partition.
    pub partition: Partition,
    /// Where it is.
    pub progress: Progress,
    /// The next entry at the checkpoint before it.
    pub before: u64,
    /// What changed.
    pub snapshot: Snapshot,
}

/// The key of a partition's progress.
pub fn progress_key(partition: Partition) -> Vec<u8> {
    let mut key = tables::prefix(partition);
    key.push(b'p');
    key
}

/// The key of a position that is not decided again.
pub fn skip_key(partition: Partition, offset: u64) -> Vec<u8> {
    let mut key = tables::prefix(partition);
    key.push(b's');
    key.extend(offset.to_be_bytes());
    key
}

/// Copies which positions of a partition are not decided, for a replay elsewhere.
pub fn copy_skipped(from: &dyn State, to: &dyn State, partition: Partition) -> Result<(), Error> {
    let mut batch = Batch::new();
    let visit = &mut |key: &[u8], value: &[u8]| {
        batch.put(tables::ENGINE, key, value);
        true
    };
    let on = Error::on(partition);
    let (low, high) = (skip_key(partition, 0), skip_key(partition, u64::MAX));
    from.range(tables::ENGINE, &low, Some(&high), visit).map_err(&on)?;
    to.write(batch).map_err(&on)
}

/// Entries between two marks of a partition.
const MARK_EVERY: u64 = 4_096;

/// The key of a mark: how far decisions had come at an entry, and their hash. It stays for as long
/// as the log has what came before it, so that a replay can say where it begins to differ.
pub fn mark_key(partition: Partition, next: u64) -> Vec<u8> {
    let mut key = tables::prefix(partition);
    key.push(MARK);
    key.extend(next.to_be_bytes());
    key
}

const MARK: u8 = b'h';

/// Whether a key of the engine's table is one of a mark: two stores with the same rows may have
/// been checkpointed at other entries.
pub fn is_mark(key: &[u8]) -> bool {
    key.get(tables::prefix(0).len()) == Some(&MARK)
}

/// The marks of a partition, in order.
pub fn marks(state: &dyn State, partition: Partition) -> Result<Vec<Progress>, Error> {
    let mut found = Vec::new();
    let (from, to) = (mark_key(partition, 0), mark_key(partition, u64::MAX));
    let visit = &mut |_: &[u8], value: &[u8]| {
        found.push(codec::decode(value, "mark"));
        true
    };
    state.range(tables::ENGINE, &from, Some(&to), visit).map_err(Error::on(partition))?;
    found.into_iter().collect()
}

/// Forgets the marks and the skipped positions of a partition from an entry on, or before it.
pub fn forget(
    batch: &mut Batch,
    state: &dyn State,
    range: (Vec<u8>, Vec<u8>),
) -> Result<(), Error> {
    let visit = &mut |key: &[u8], _: &[u8]| {
        batch.delete(tables::ENGINE, key);
        true
    };
    let on = Error::on(cauce_core::ids::CONTROL);
    state.range(tables::ENGINE, &range.0, Some(&range.1), visit).map_err(on)
}

impl Checkpoint {
    /// Writes it. Not durable against power loss before the store's `sync`, and need not be: the
    /// log is replayed from the position that is found.
    pub fn write(&self, state: &dyn State) -> Result<(), Error> {
        let mut batch = Batch::default();
        for (key, row) in &self.snapshot.rows {
            let spelled = tables::spell(self.partition, key);
            match row {
                Some(row) => batch.put(tables::table(key), spelled, codec::encode(row)),
                None => batch.delete(tables::table(key), spelled),
            }
        }
        for (segment, bitmap) in &self.snapshot.members {
            let mut bytes = Vec::with_capacity(bitmap.serialized_size());
            bitmap.serialize_into(&mut bytes).expect("writing to memory has no failing case");
            batch.put(tables::ENGINE, members_key(self.partition, *segment), bytes);
        }
        let progress = codec::encode(&self.progress);
        if self.progress.next / MARK_EVERY > self.before / MARK_EVERY {
            batch.put(tables::ENGINE, mark_key(self.partition, self.progress.next), &*progress);
        }
        batch.put(tables::ENGINE, progress_key(self.partition), progress);
        state.write(batch).map_err(Error::on(self.partition))
    }
}
