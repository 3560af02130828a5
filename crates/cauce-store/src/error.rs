//! The four reactions that a caller of the store can have.

use std::io;

/// What went wrong, sorted by what the caller should do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No room: refuse new work, free space, try again. Nothing was lost.
    #[error("no space left for `{on}`, free some and try again")]
    Full {
        /// File or database that could not grow.
        on: String,
    },
    /// Bytes are not those that were written: stop, restore from a backup.
    #[error("`{on}` is damaged at byte {at}: {why}")]
    Corrupt {
        /// File that is damaged.
        on: String,
        /// Byte in the file.
        at: u64,
        /// What does not fit.
        why: String,
    },
    /// Entries that must exist do not: stop the partition, start a new incarnation after repair.
    #[error("partition {partition} lost entries in `{on}`: expected {expected}, found {found}")]
    Lost {
        /// File, or other thing, in which the gap shows.
        on: String,
        /// Partition that lost something.
        partition: u16,
        /// Offset that should have come.
        expected: u64,
        /// Offset that came instead.
        found: u64,
    },
    /// The operating system refused: stop, look at the machine.
    #[error("`{on}`: {source}")]
    Io {
        /// File or database.
        on: String,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// Sorts an error of the operating system: no space is [`Error::Full`], the rest is
    /// [`Error::Io`].
    #[must_use]
    pub fn io(on: impl Into<String>, source: io::Error) -> Self {
        let on = on.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { on },
            _ => Self::Io { on, source },
        }
    }

    /// Damage in a file, at a byte.
    #[must_use]
    pub fn corrupt(on: impl Into<String>, at: u64, why: impl Into<String>) -> Self {
        Self::Corrupt { on: on.into(), at, why: why.into() }
    }
}
