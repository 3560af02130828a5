//! A state in memory that loses what a real one may lose.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};

use super::{Batch, State, invalid};
use crate::Error;

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;
/// Keys with their values.
type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// A state in memory for tests and simulation, with a crash and planned faults.
pub struct MemoryState {
    inner: Mutex<Inner>,
}

struct Inner {
    now: Vec<Rows>,
    synced: Vec<Rows>,
    unsynced: Vec<Batch>,
    faults: VecDeque<(u64, Fault)>,
    writes: u64,
    seed: u64,
}

/// What a planned fault makes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The write fails with [`Error::Full`].
    Full,
    /// The write fails with [`Error::Io`].
    Io,
}

impl MemoryState {
    /// Empty tables, numbered from 0; the seed decides what a crash keeps.
    #[must_use]
    pub fn new(tables: usize, seed: u64) -> Self {
        let empty = vec![Rows::new(); tables];
        Self {
            inner: Mutex::new(Inner {
                now: empty.clone(),
                synced: empty,
                unsynced: Vec::new(),
                faults: VecDeque::new(),
                writes: 0,
                seed,
            }),
        }
    }

    /// Lets the nth write from now (1 is the next) fail. Faults fire in the order of writes.
    pub fn fail_write(&self, nth: u64, fault: Fault) {
        let mut inner = self.lock();
        let at = inner.writes + nth;
        let place = inner.faults.partition_point(|(other, _)| *other <= at);
        inner.faults.insert(place, (at, fault));
    }

    /// Loss of power: keeps what was synced and a random number of the batches after it, each
    /// whole. Returns how many of them were kept.
    pub fn crash(&self) -> usize {
        let mut inner = self.lock();
        let unsynced = std::mem::take(&mut inner.unsynced);
        let kept = crate::disk::draw(&mut inner.seed, unsynced.len() as u64 + 1) as usize;
        let mut rows = inner.synced.clone();
        for batch in &unsynced[..kept] {
            apply(&mut rows, batch);
        }
        inner.synced.clone_from(&rows);
        inner.now = rows;
        inner.faults.clear();
        kept
    }

    /// The pairs of a range, copied, so that a visitor may look at other tables meanwhile.
    fn copy(&self, table: u8, from: &[u8], to: Option<&[u8]>) -> Result<Pairs, Error> {
        let inner = self.lock();
        let rows = inner.now.get(usize::from(table));
        let rows = rows.ok_or_else(|| invalid(format!("table {table} does not exist")))?;
        let to = to.map_or(Bound::Unbounded, Bound::Excluded);
        let range = rows.range::<[u8], _>((Bound::Included(from), to));
        Ok(range.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no code panics while it holds this lock")
    }
}

fn apply(rows: &mut [Rows], batch: &Batch) {
    for (table, key, value) in batch.rows() {
        let table = &mut rows[usize::from(table)];
        match value {
            Some(value) => table.insert(key.to_vec(), value.to_vec()),
            None => table.remove(key),
        };
    }
}

impl State for MemoryState {
    fn get(&self, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let inner = self.lock();
        let rows = inner.now.get(usize::from(table));
        let rows = rows.ok_or_else(|| invalid(format!("table {table} does not exist")))?;
        Ok(rows.get(key).cloned())
    }

    fn range(
        &self,
        table: u8,
        from: &[u8],
        to: Option<&[u8]>,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), Error> {
        if to.is_some_and(|to| to <= from) {
            return Ok(());
        }
        for (key, value) in &self.copy(table, from, to)? {
            if !visit(key, value) {
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
        if to <= from {
            return Ok(());
        }
        for (key, value) in self.copy(table, from, Some(to))?.iter().rev() {
            if !visit(key, value) {
                break;
            }
        }
        Ok(())
    }

    fn write(&self, batch: Batch) -> Result<(), Error> {
        let mut inner = self.lock();
        batch.check(inner.now.len())?;
        inner.writes += 1;
        if let Some((at, fault)) = inner.faults.front().copied()
            && at <= inner.writes
        {
            inner.faults.pop_front();
            return Err(match fault {
                Fault::Full => Error::Full { on: "state".into() },
                Fault::Io => Error::io("state", io::Error::other("planned fault")),
            });
        }
        apply(&mut inner.now, &batch);
        inner.unsynced.push(batch);
        Ok(())
    }

    fn sync(&self) -> Result<(), Error> {
        let inner = &mut *self.lock();
        for batch in inner.unsynced.drain(..) {
            apply(&mut inner.synced, &batch);
        }
        Ok(())
    }

    fn bytes_on_disk(&self) -> u64 {
        let inner = self.lock();
        let rows = inner.now.iter().flatten();
        rows.map(|(key, value)| (key.len() + value.len()) as u64).sum()
    }

    fn compact(&self) -> Result<(), Error> {
        Ok(())
    }
}
