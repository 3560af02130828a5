//! The state: ordered keys in numbered tables, changed by atomic batches.

mod fjall;
mod memory;

use std::collections::BTreeMap;
use std::io;

use crate::Error;

pub use fjall::{Compression, FjallState, Options};
pub use memory::{Fault, MemoryState};

/// Longest key in bytes.
pub const KEY_BYTES_MAX: usize = 4_096;

/// Changes that become visible and durable together or not at all.
///
/// The last change of a key wins. Keys have 1 to [`KEY_BYTES_MAX`] bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    // Ordered, so that a key appears once (fjall gives all rows of a batch one sequence number,
    // two changes of one key would have no order) and the store is filled in its own order.
    rows: BTreeMap<(u8, Vec<u8>), Option<Vec<u8>>>,
}

impl Batch {
    /// Empty.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key.
    pub fn put(&mut self, table: u8, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.rows.insert((table, key.into()), Some(value.into()));
    }

    /// Removes a key, whether it is there or not.
    pub fn delete(&mut self, table: u8, key: impl Into<Vec<u8>>) {
        self.rows.insert((table, key.into()), None);
    }

    /// Number of keys changed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Changes in order of table and key; no value means removal.
    pub fn rows(&self) -> impl Iterator<Item = (u8, &[u8], Option<&[u8]>)> {
        self.rows.iter().map(|((table, key), value)| (*table, key.as_slice(), value.as_deref()))
    }

    /// Refuses what a back end cannot hold, the same way in all of them.
    fn check(&self, tables: usize) -> Result<(), Error> {
        for (table, key, _) in self.rows() {
            if usize::from(table) >= tables {
                return Err(invalid(format!("table {table} of a batch does not exist")));
            }
            if key.is_empty() || key.len() > KEY_BYTES_MAX {
                return Err(invalid(format!("key of {} bytes in table {table}", key.len())));
            }
        }
        Ok(())
    }
}

fn invalid(why: String) -> Error {
    Error::io("state", io::Error::new(io::ErrorKind::InvalidInput, why))
}

/// Ordered keys in numbered tables.
pub trait State: Send + Sync {
    /// Value of a key.
    ///
    /// # Errors
    /// `Corrupt`, `Io`.
    fn get(&self, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// Visits the pairs of `[from, to)` in key order until the visitor returns false; no `to`
    /// means up to the end of the table.
    ///
    /// # Errors
    /// `Corrupt`, `Io`.
    fn range(
        &self,
        table: u8,
        from: &[u8],
        to: Option<&[u8]>,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), Error>;

    /// Visits the pairs of `[from, to)` from the last to the first until the visitor returns false.
    ///
    /// # Errors
    /// `Corrupt`, `Io`.
    fn range_back(
        &self,
        table: u8,
        from: &[u8],
        to: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), Error>;

    /// Applies a batch as a whole. It survives the death of the process at once, a loss of power
    /// only after [`State::sync`].
    ///
    /// # Errors
    /// `Full`, `Io`; nothing of the batch is visible then.
    fn write(&self, batch: Batch) -> Result<(), Error>;

    /// Makes all batches written before durable.
    ///
    /// # Errors
    /// `Full`, `Io`.
    fn sync(&self) -> Result<(), Error>;

    /// Bytes that the state takes on the disk.
    fn bytes_on_disk(&self) -> u64;

    /// Makes the bytes of deleted and replaced values vanish from the files. Slow: it rewrites
    /// everything.
    ///
    /// # Errors
    /// `Full`, `Corrupt`, `Io`.
    fn compact(&self) -> Result<(), Error>;
}
