//! The state in one fjall database, a keyspace per table.

use std::io;
use std::path::Path;

use fjall::config::CompressionPolicy;
use fjall::{CompressionType, Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};

use super::{Batch, KEY_BYTES_MAX, State, invalid};
use crate::Error;

/// Keyspace that holds only what [`State::compact`] writes to push the journal on.
const FILLER: &str = "store-filler";
/// Fjall seals a journal at 64,000,000 bytes; this much more makes it sure.
const FILLER_BYTES: usize = 76_000_000;
/// One filler value.
const FILLER_VALUE_BYTES: usize = 1_000_000;
/// Key that [`State::compact`] removes to touch a table: longer than any key of a batch, so that
/// it never exists and no reader sees it.
const TOUCH: [u8; KEY_BYTES_MAX + 1] = [0xff; KEY_BYTES_MAX + 1];

/// What the database may use.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of blocks kept in memory.
    pub cache_bytes: u64,
    /// Bytes of journal on the disk before tables are flushed; at least 64 MiB.
    pub journal_bytes: u64,
    /// Bytes of unflushed rows per table in memory.
    pub memtable_bytes: u64,
    /// Threads for flushing and compaction.
    pub workers: usize,
    /// Compression of tables on the disk.
    pub compression: Compression,
}

/// Compression of tables on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// None.
    None,
    /// LZ4 from the third level on: young rows, soon rewritten, are not worth the time.
    Deep,
    /// LZ4 everywhere: fewest bytes.
    All,
}

impl Options {
    /// Modest figures for tests and small machines.
    #[must_use]
    pub fn small() -> Self {
        Self {
            cache_bytes: 32 << 20,
            journal_bytes: 256 << 20,
            memtable_bytes: 16 << 20,
            workers: 1,
            compression: Compression::Deep,
        }
    }
}

/// The state in one fjall database.
///
/// After a failed write or sync, a full disk included, fjall refuses every later one until it is
/// opened again; the failed batch is then there whole or not at all.
pub struct FjallState {
    database: Database,
    tables: Vec<Keyspace>,
    filler: Keyspace,
    on: String,
}

impl FjallState {
    /// Opens or makes a database; the place of a name in `tables` is the table's number. Names
    /// may be added at the end later, never moved.
    ///
    /// # Errors
    /// `Corrupt`, `Full`, `Io`; `Io` with `WouldBlock` if another process holds it.
    pub fn open(folder: &Path, tables: &[&str], options: &Options) -> Result<Self, Error> {
        let on = folder.display().to_string();
        let sort = |error| sort(&on, error);
        let database = Database::builder(folder)
            .cache_size(options.cache_bytes)
            .max_journaling_size(options.journal_bytes.max(64 << 20))
            .worker_threads(options.workers.max(1))
            .journal_compression(match options.compression {
                Compression::None => CompressionType::None,
                Compression::Deep | Compression::All => CompressionType::Lz4,
            })
            // Not: automatic flushing by fjall's own idea of time; `write` flushes to the
            // system and `sync` to the disk.
            .manual_journal_persist(true)
            .open()
            .map_err(sort)?;
        let create = || {
            KeyspaceCreateOptions::default()
                .max_memtable_size(options.memtable_bytes)
                .data_block_compression_policy(policy(options.compression))
        };
        let opened = tables.iter().map(|name| database.keyspace(name, create));
        let tables = opened.collect::<Result<Vec<_>, _>>().map_err(sort)?;
        let filler = database.keyspace(FILLER, create).map_err(sort)?;
        Ok(Self { database, tables, filler, on })
    }

    fn table(&self, table: u8) -> Result<&Keyspace, Error> {
        let found = self.tables.get(usize::from(table));
        found.ok_or_else(|| invalid(format!("table {table} does not exist")))
    }

    fn sort(&self, error: fjall::Error) -> Error {
        sort(&self.on, error)
    }

    /// The sequence found by experiment (see the documentation of the store): tables are
    /// rewritten, the replaced ones let go, and the journal pushed on and flushed past, because
    /// deleted values outlive a compaction in the journal.
    fn compact_all(&self) -> fjall::Result<()> {
        let all = || self.tables.iter().chain([&self.filler]);
        for table in all() {
            table.rotate_memtable_and_wait()?;
            table.major_compact()?;
            touch(table)?;
        }
        let mut seed = 1;
        for _ in 0..FILLER_BYTES / FILLER_VALUE_BYTES {
            // Random bytes, because the journal is compressed.
            let word = || crate::disk::draw(&mut seed, u64::MAX).to_le_bytes();
            let value: Vec<u8> =
                std::iter::repeat_with(word).take(FILLER_VALUE_BYTES / 8).flatten().collect();
            self.filler.insert("filler", value)?;
        }
        self.filler.remove("filler")?;
        for _ in 0..2 {
            for table in all() {
                touch(table)?;
            }
        }
        self.database.persist(PersistMode::SyncAll)
    }
}

/// Gives a table something to flush, and flushes it.
fn touch(table: &Keyspace) -> fjall::Result<()> {
    table.remove(TOUCH)?;
    table.rotate_memtable_and_wait()
}

fn policy(compression: Compression) -> CompressionPolicy {
    let (none, lz4) = (CompressionType::None, CompressionType::Lz4);
    match compression {
        Compression::None => CompressionPolicy::all(none),
        Compression::Deep => CompressionPolicy::new([none, none, lz4]),
        Compression::All => CompressionPolicy::all(lz4),
    }
}

fn sort(on: &str, error: fjall::Error) -> Error {
    use fjall::{Error as F, LsmError as L};
    match error {
        F::Io(error) | F::Storage(L::Io(error)) => Error::io(on, error),
        F::Locked => Error::io(
            on,
            io::Error::new(
                io::ErrorKind::WouldBlock,
                "another process has opened this database, stop it first",
            ),
        ),
        F::Poisoned => Error::io(on, io::Error::other("an earlier write failed, open it again")),
        // Fjall does not say at which byte.
        other => Error::corrupt(on, 0, other.to_string()),
    }
}

impl State for FjallState {
    fn get(&self, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let found = self.table(table)?.get(key).map_err(|error| self.sort(error))?;
        Ok(found.map(|value| value.to_vec()))
    }

    fn range(
        &self,
        table: u8,
        from: &[u8],
        to: Option<&[u8]>,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), Error> {
        let table = self.table(table)?;
        if to.is_some_and(|to| to <= from) {
            return Ok(());
        }
        // Not: `table.range`, which reads at no particular instant and can see half of a batch.
        let view = self.database.snapshot();
        let pairs = match to {
            Some(to) => view.range(table, from..to),
            None => view.range(table, from..),
        };
        for pair in pairs {
            let (key, value) = pair.into_inner().map_err(|error| self.sort(error))?;
            if !visit(&key, &value) {
                break;
            }
        }
        Ok(())
    }

    fn range_back(
        &self,
        table: u8,
        from: &[u8],
        to: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), Error> {
        let table = self.table(table)?;
        if to <= from {
            return Ok(());
        }
        for pair in self.database.snapshot().range(table, from..to).rev() {
            let (key, value) = pair.into_inner().map_err(|error| self.sort(error))?;
            if !visit(&key, &value) {
                break;
            }
        }
        Ok(())
    }

    fn write(&self, batch: Batch) -> Result<(), Error> {
        batch.check(self.tables.len())?;
        let mut out = self.database.batch().durability(Some(PersistMode::Buffer));
        for ((table, key), value) in batch.rows {
            let table = &self.tables[usize::from(table)];
            match value {
                Some(value) => out.insert(table, key, value),
                None => out.remove(table, key),
            }
        }
        out.commit().map_err(|error| self.sort(error))
    }

    fn sync(&self) -> Result<(), Error> {
        self.database.persist(PersistMode::SyncData).map_err(|error| self.sort(error))
    }

    fn bytes_on_disk(&self) -> u64 {
        // Fails only if a journal vanished meanwhile; the tables alone are the next best answer.
        self.database
            .disk_space()
            .unwrap_or_else(|_| self.tables.iter().map(Keyspace::disk_space).sum())
    }

    fn compact(&self) -> Result<(), Error> {
        self.compact_all().map_err(|error| self.sort(error))
    }
}
