//! Cutting the log below what is safely in the store.
//!
//! The order is everything: positions are read, the control log is copied, the store is made
//! durable, and only then is the log cut below those positions. A crash between any two of these
//! leaves a log that has everything the store does not.

pub mod recover;

use crate::checkpoint::{Progress, forget, mark_key, progress_key};
use crate::{Error, codec, control, tables};
use cauce_core::ids::{CONTROL, Partition};
use cauce_store::{Batch, Log, State};

/// How far a partition's rows in the store have come.
pub fn stored(state: &dyn State, number: Partition) -> Result<Progress, Error> {
    match state.get(tables::ENGINE, &progress_key(number)).map_err(Error::on(number))? {
        Some(bytes) => codec::decode(&bytes, "position"),
        None => Ok(Progress::default()),
    }
}

/// Whether the log goes on where something in the store ends.
pub fn check(partition: Partition, next: u64, log: &dyn Log) -> Result<(), Error> {
    let (start, end) = (log.start(partition), log.end(partition));
    if next > end {
        return Err(Error::Ahead { partition, state: next, log: end });
    }
    if next < start {
        return Err(Error::Gap { partition, expected: next, found: start });
    }
    Ok(())
}

/// Positions below which the store needs nothing of the log any more, once it is synced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Below {
    partitions: Vec<u64>,
    control: u64,
}

impl Below {
    /// Copies the control log and reads what checkpoints have written. Whoever writes checkpoints
    /// writes none meanwhile.
    pub fn read(log: &dyn Log, state: &dyn State, partitions: u16) -> Result<Below, Error> {
        let control = control::copy(log, state)?;
        let mut batch = Batch::new();
        for number in 0..partitions {
            // Of what the cut before this one took: no replay can begin below it.
            let below = (mark_key(number, 0), mark_key(number, log.start(number)));
            forget(&mut batch, state, below)?;
        }
        if !batch.is_empty() {
            state.write(batch).map_err(Error::on(CONTROL))?;
        }
        let next = |number| stored(state, number).map(|progress| progress.next);
        Ok(Below { partitions: (0..partitions).map(next).collect::<Result<_, _>>()?, control })
    }

    /// The position of a partition.
    pub fn of(&self, partition: Partition) -> u64 {
        match partition {
            CONTROL => self.control,
            // A partition that is not ours keeps everything.
            number => self.partitions.get(usize::from(number)).copied().unwrap_or(0),
        }
    }

    /// Cuts. The store must have been synced after [`Below::read`].
    pub fn cut(&self, log: &dyn Log, keep_bytes: u64) -> Result<(), Error> {
        log.cut(&|partition| self.of(partition), keep_bytes).map_err(Error::on(CONTROL))
    }
}

/// All of it, in its order.
pub fn cut(log: &dyn Log, state: &dyn State, partitions: u16, keep: u64) -> Result<(), Error> {
    let below = Below::read(log, state, partitions)?;
    state.sync().map_err(Error::on(CONTROL))?;
    below.cut(log, keep)
}
