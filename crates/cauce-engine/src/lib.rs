//! Where rules meet bytes: take, load, decide, commit. Synchronous; knows no socket and no clock.
//!
//! A [`partition::Partition`] is one writer over its rows; a [`node::Node`] runs all partitions
//! of a
//! machine over one log and one store.

mod absent;
pub mod checkpoint;
pub mod codec;
pub mod control;
pub mod cut;
pub mod dump;
mod hot;
pub mod node;
pub mod partition;
pub mod tables;
pub mod working;

/// What can go wrong, on what, and what it asks for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk or the store's files.
    #[error("partition {partition}: {source}")]
    Store {
        /// On which partition.
        partition: u16,
        /// What the store says.
        #[source]
        source: cauce_store::Error,
    },
    /// Bytes that are not what they should be.
    #[error("cannot read a stored {what}: {cause}")]
    Unreadable {
        /// What they should be.
        what: String,
        /// Why not.
        cause: String,
    },
    /// The state knows entries that the log does not have: the log lost its tail.
    #[error(
        "partition {partition}: the state is at entry {state}, the log ends at {log}; restore a \
         backup, or go on from the state with `cauce log recover`"
    )]
    Ahead {
        /// On which partition.
        partition: u16,
        /// Where the state is.
        state: u64,
        /// Where the log ends.
        log: u64,
    },
    /// An entry is missing between two that are there.
    #[error("partition {partition}: expected entry {expected}, the log gave {found}")]
    Gap {
        /// On which partition.
        partition: u16,
        /// What should have come.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// Too many entries could not be decided.
    #[error(
        "partition {partition} stopped: {count} entries within an hour could not be decided; see \
            its quarantine"
    )]
    Poisoned {
        /// On which partition.
        partition: u16,
        /// How many.
        count: usize,
    },
    /// Somebody waited for something that does not come: a partition, or the whole log, stopped.
    #[error("{0}")]
    Stopped(String),
    /// A dump that does not fit.
    #[error("cannot use this backup: {0}")]
    Backup(String),
}

impl Error {
    /// Names the partition of a store's error.
    pub fn on(partition: u16) -> impl Fn(cauce_store::Error) -> Error {
        move |source| Error::Store { partition, source }
    }
}
