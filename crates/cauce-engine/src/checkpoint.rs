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
        batch.put(tables::ENGINE, progress_key(self.partition), codec::encode(&self.progress));
        state.write(batch).map_err(Error::on(self.partition))
    }
}
