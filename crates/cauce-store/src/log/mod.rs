//! The log: one append-only sequence of entries per node, which all partitions share.
//!
//! One physical log means one write and one sync for all partitions. Each partition has offsets
//! of its own, contiguous from 0. A position is (incarnation, offset): a restore or a lost tail
//! begins a new incarnation, so that an offset issued twice never names two things.

mod file;
mod format;
mod segment;
mod sweep;

use crate::Error;

pub use file::{FileLog, Options};
pub use format::BODY_BYTES_MAX;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Partition to which it belongs.
    pub partition: u16,
    /// Incarnation of the log in which it was appended.
    pub incarnation: u16,
    /// Place in its partition, contiguous from 0.
    pub offset: u64,
    /// Whether the body was erased; replay treats such an entry as nothing.
    pub erased: bool,
    /// The bytes; empty if erased.
    pub body: Vec<u8>,
}

/// An append-only log with one group commit for all partitions.
pub trait Log: Send + Sync {
    /// Buffers the bodies in order and returns the offset of the first. They are durable only
    /// after [`Log::sync`]. Limit: the caller looks at [`Log::pending_bytes`] and waits.
    ///
    /// # Errors
    /// `Io` if a body is larger than [`BODY_BYTES_MAX`], or if the log has failed for good.
    fn append(&self, partition: u16, bodies: &[&[u8]]) -> Result<u64, Error>;

    /// Makes everything appended before this call durable (one write, one sync) and returns the
    /// newly durable entries in append order, so that nobody reads the file again for them.
    /// Appends go on meanwhile.
    ///
    /// # Errors
    /// `Full` and `Io` on writing lose nothing: the entries stay buffered, and a later call
    /// tries again. After a failed sync of the file every later call fails, because the system
    /// may have dropped what it could not write: open the log again.
    fn sync(&self) -> Result<Vec<Entry>, Error>;

    /// Bytes that are appended and not yet durable.
    fn pending_bytes(&self) -> u64;

    /// Current incarnation.
    fn incarnation(&self) -> u16;

    /// Offset behind the last durable entry of a partition.
    fn end(&self, partition: u16) -> u64;

    /// Offset of the first entry that is still kept; equals the end if there is none.
    fn start(&self, partition: u16) -> u64;

    /// Reads durable entries of one partition from an offset on: at most so many bytes of
    /// bodies, at least one entry, none at the end.
    ///
    /// # Errors
    /// `Lost` if `from` is already cut away or lies behind the end, `Corrupt` and `Io`.
    fn read(&self, partition: u16, from: u64, bytes_max: usize) -> Result<Vec<Entry>, Error>;

    /// One pass over the whole log in physical order, for replay: visits each durable entry
    /// with offset >= `from(partition)`. The visitor must not call [`Log::cut`] or
    /// [`Log::erase`].
    ///
    /// # Errors
    /// `Corrupt`, `Io`, and whatever the visitor returns, which ends the pass.
    fn scan(
        &self,
        from: &dyn Fn(u16) -> u64,
        visit: &mut dyn FnMut(Entry) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// Drops the oldest sealed pieces as long as every entry in them is below
    /// `below(partition)` and at least `keep_bytes` stay. Ends are remembered even of partitions
    /// with no entry left.
    ///
    /// # Errors
    /// `Io`.
    fn cut(&self, below: &dyn Fn(u16) -> u64, keep_bytes: u64) -> Result<(), Error>;

    /// Bytes of everything that is kept.
    fn bytes_on_disk(&self) -> u64;

    /// Begins a new incarnation, durable before it returns. Call it with nothing pending.
    ///
    /// # Errors
    /// `Full`, `Io`; `Io` with `InvalidInput` if something is pending.
    fn start_incarnation(&self) -> Result<u16, Error>;

    /// Removes the bodies of the chosen durable entries from the files; position and checksum
    /// stay. Returns how many were erased.
    ///
    /// # Errors
    /// `Full`, `Corrupt`, `Io`.
    fn erase(&self, which: &dyn Fn(&Entry) -> bool) -> Result<u64, Error>;
}
