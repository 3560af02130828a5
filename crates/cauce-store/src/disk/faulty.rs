//! A disk in memory that loses whatever a real one may lose.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Disk, File, draw};

/// Bytes that reach a disk together; a torn write is torn between them.
const SECTOR_BYTES: usize = 512;

/// A disk in memory for tests and simulation. Clones share the disk.
///
/// After [`FaultyDisk::crash`], what was not synced is gone, kept, cut in the middle or kept in
/// random sectors with zeros between them, as the seed decides. A failed sync loses what it
/// should have written for good, even if a later sync succeeds, as Linux does.
#[derive(Clone)]
pub struct FaultyDisk {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    files: Vec<Content>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    name_changes: Vec<NameChange>,
    /// Handles from before a crash are dead.
    epoch: u64,
    seed: u64,
    operations: u64,
    fail_at: BTreeSet<u64>,
    capacity_bytes: u64,
    losses: Losses,
    /// The power fails at this operation: from then on nothing is done any more.
    off_at: Option<u64>,
}

/// What losses of power have done to unsynced writes so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Writes of which nothing was kept.
    pub dropped: u64,
    /// Writes of which a part was kept.
    pub torn: u64,
    /// Bytes that were kept although bytes written before them were not.
    pub reordered: u64,
}

#[derive(Default)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    changes: Vec<Change>,
}

enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut(usize),
}

enum NameChange {
    Create(String, usize),
    Rename(String, String),
    Remove(String),
}

impl FaultyDisk {
    /// An empty disk; the seed decides what faults do.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let inner = Inner {
            files: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            name_changes: Vec::new(),
            epoch: 0,
            seed,
            operations: 0,
            fail_at: BTreeSet::new(),
            capacity_bytes: u64::MAX,
            losses: Losses::default(),
            off_at: None,
        };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// Loss of power. Handles opened before are dead afterwards.
    pub fn crash(&self) {
        let inner = &mut *self.lock();
        inner.epoch += 1;
        inner.fail_at.clear();
        inner.off_at = None;
        // Names reach the disk in order: file systems keep a journal of them.
        let kept = draw(&mut inner.seed, inner.name_changes.len() as u64 + 1) as usize;
        let mut names = std::mem::take(&mut inner.durable_names);
        for change in inner.name_changes.drain(..).take(kept) {
            change.apply(&mut names);
        }
        inner.durable_names.clone_from(&names);
        inner.names = names;
        for content in &mut inner.files {
            content.crash(&mut inner.seed, &mut inner.losses);
        }
    }

    /// What losses of power have done so far.
    #[must_use]
    pub fn losses(&self) -> Losses {
        self.lock().losses
    }

    /// Lets the nth changing operation from now (1 is the next) fail, besides those planned before.
    pub fn fail_operation(&self, nth: u64) {
        let mut inner = self.lock();
        let at = inner.operations + nth;
        inner.fail_at.insert(at);
    }

    /// Lets the power fail just before the nth changing operation from now (1 is the next). What
    /// was written before it and not synced meets its fate in [`FaultyDisk::crash`].
    pub fn power_off_before(&self, nth: u64) {
        let mut inner = self.lock();
        inner.off_at = Some(inner.operations + nth);
    }

    /// Whether the power has failed.
    #[must_use]
    pub fn is_off(&self) -> bool {
        let inner = self.lock();
        inner.off_at.is_some_and(|at| inner.operations >= at)
    }

    /// The power does not fail, if it has not yet.
    pub fn power_stays(&self) {
        let mut inner = self.lock();
        inner.off_at = inner.off_at.filter(|at| inner.operations >= *at);
    }

    /// Number of changing operations so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.lock().operations
    }

    /// Sets how many bytes fit, old ones included.
    pub fn set_capacity(&self, bytes: u64) {
        self.lock().capacity_bytes = bytes;
    }

    /// Bytes in all files.
    #[must_use]
    pub fn used_bytes(&self) -> u64 {
        self.lock().used_bytes()
    }

    /// Content of a file as a reader sees it.
    #[must_use]
    pub fn content(&self, name: &str) -> Option<Vec<u8>> {
        let inner = self.lock();
        inner.names.get(name).map(|file| inner.files[*file].now.clone())
    }

    /// Damages a byte of a file, durably. Does nothing if there is no such byte.
    pub fn damage(&self, name: &str, at: usize, xor: u8) {
        let inner = &mut *self.lock();
        if let Some(file) = inner.names.get(name) {
            let content = &mut inner.files[*file];
            for bytes in [&mut content.now, &mut content.durable] {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= xor;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no code panics while it holds this lock")
    }
}

impl Inner {
    fn used_bytes(&self) -> u64 {
        self.names.values().map(|file| self.files[*file].now.len() as u64).sum()
    }

    /// Counts a changing operation; an error if it is the one to fail.
    fn step(&mut self) -> io::Result<()> {
        if self.off_at.is_some_and(|at| self.operations >= at) {
            return Err(io::Error::other("the power is off"));
        }
        self.operations += 1;
        if self.off_at.is_some_and(|at| self.operations >= at) {
            return Err(io::Error::other("the power is off"));
        }
        if self.fail_at.remove(&self.operations) {
            return Err(io::Error::other("planned fault"));
        }
        Ok(())
    }

    fn find(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn rename(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.name_changes.push(change);
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Create(name, file) => {
                names.insert(name.clone(), *file);
            }
            Self::Rename(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
            Self::Remove(name) => {
                names.remove(name);
            }
        }
    }
}

impl Content {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.changes.push(change);
    }

    fn sync(&mut self) {
        // Not: copying `now`, which may hold what a failed sync has lost.
        for change in self.changes.drain(..) {
            change.apply(&mut self.durable);
        }
    }

    fn crash(&mut self, seed: &mut u64, losses: &mut Losses) {
        let changes = std::mem::take(&mut self.changes);
        match draw(seed, 4) {
            0 => losses.dropped += changes.len() as u64,
            1 => changes.iter().for_each(|change| change.apply(&mut self.durable)),
            2 => self.tear(changes, seed, losses),
            _ => self.scatter(changes, seed, losses),
        }
        self.now.clone_from(&self.durable);
    }

    /// Keeps the first changes, and the first bytes of the one after them.
    fn tear(&mut self, changes: Vec<Change>, seed: &mut u64, losses: &mut Losses) {
        let kept = draw(seed, changes.len() as u64 + 1) as usize;
        for (n, change) in changes.into_iter().enumerate() {
            match change {
                change if n < kept => change.apply(&mut self.durable),
                Change::Write { at, mut bytes } if n == kept => {
                    let length = bytes.len();
                    bytes.truncate(draw(seed, length as u64 + 1) as usize);
                    losses.torn += u64::from(!bytes.is_empty() && bytes.len() < length);
                    Change::Write { at, bytes }.apply(&mut self.durable);
                }
                Change::Write { .. } | Change::Cut(_) => losses.dropped += 1,
            }
        }
    }

    /// Keeps random sectors of random changes.
    fn scatter(&mut self, changes: Vec<Change>, seed: &mut u64, losses: &mut Losses) {
        let mut missing = false;
        for change in changes {
            match change {
                Change::Cut(_) if draw(seed, 2) == 0 => {}
                Change::Cut(_) => change.apply(&mut self.durable),
                Change::Write { at, bytes } => {
                    let mut from = 0;
                    while from < bytes.len() {
                        let end =
                            (from + SECTOR_BYTES - (at + from) % SECTOR_BYTES).min(bytes.len());
                        if draw(seed, 2) == 0 {
                            losses.reordered += u64::from(missing);
                            let bytes = bytes[from..end].to_vec();
                            Change::Write { at: at + from, bytes }.apply(&mut self.durable);
                        } else {
                            missing = true;
                        }
                        from = end;
                    }
                }
            }
        }
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => {
                let end = at + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[*at..end].copy_from_slice(bytes);
            }
            Self::Cut(length) => content.truncate(*length),
        }
    }
}

impl Disk for FaultyDisk {
    fn create(&self, name: &str) -> io::Result<Box<dyn File>> {
        let mut inner = self.lock();
        inner.step()?;
        inner.files.push(Content::default());
        let file = inner.files.len() - 1;
        inner.rename(NameChange::Create(name.to_owned(), file));
        Ok(Box::new(Handle { disk: self.clone(), file, epoch: inner.epoch }))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn File>> {
        let inner = self.lock();
        let file = inner.find(name)?;
        Ok(Box::new(Handle { disk: self.clone(), file, epoch: inner.epoch }))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.lock().names.keys().cloned().collect())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut inner = self.lock();
        inner.step()?;
        inner.find(from)?;
        inner.rename(NameChange::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut inner = self.lock();
        inner.step()?;
        inner.find(name)?;
        inner.rename(NameChange::Remove(name.to_owned()));
        Ok(())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut inner = self.lock();
        inner.step()?;
        inner.name_changes.clear();
        inner.durable_names = inner.names.clone();
        Ok(())
    }

    fn free_bytes(&self) -> u64 {
        let inner = self.lock();
        inner.capacity_bytes.saturating_sub(inner.used_bytes())
    }
}

struct Handle {
    disk: FaultyDisk,
    file: usize,
    epoch: u64,
}

impl Handle {
    fn lock(&self) -> io::Result<MutexGuard<'_, Inner>> {
        let inner = self.disk.lock();
        if inner.epoch == self.epoch {
            return Ok(inner);
        }
        Err(io::Error::other("this file was opened before the crash"))
    }
}

impl File for Handle {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let inner = &mut *self.lock()?;
        let fault = inner.step().err();
        let room = inner.capacity_bytes.saturating_sub(inner.used_bytes());
        let mut written = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        if fault.is_some() {
            written = draw(&mut inner.seed, written as u64 + 1) as usize;
        }
        let content = &mut inner.files[self.file];
        let at = content.now.len();
        content.change(Change::Write { at, bytes: bytes[..written].to_vec() });
        match fault {
            Some(fault) => Err(fault),
            None if written < bytes.len() => Err(io::ErrorKind::StorageFull.into()),
            None => Ok(()),
        }
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let inner = self.lock()?;
        let bytes = &inner.files[self.file].now;
        let from = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        let read = buffer.len().min(bytes.len() - from);
        buffer[..read].copy_from_slice(&bytes[from..from + read]);
        Ok(read)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.lock()?.files[self.file].now.len() as u64)
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let inner = &mut *self.lock()?;
        inner.step()?;
        inner.files[self.file].change(Change::Cut(length as usize));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let inner = &mut *self.lock()?;
        let fault = inner.step();
        let off = inner.off_at.is_some_and(|at| inner.operations >= at);
        let content = &mut inner.files[self.file];
        if off {
            return fault;
        }
        if fault.is_err() {
            content.changes.clear();
        }
        content.sync();
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synced_bytes_survive_and_others_may_not() {
        let mut lengths = std::collections::BTreeSet::new();
        for seed in 0..100 {
            let disk = FaultyDisk::new(seed);
            let file = disk.create("a").unwrap();
            file.append(&[1; 1000]).unwrap();
            file.sync().unwrap();
            disk.sync_names().unwrap();
            file.append(&[2; 3000]).unwrap();
            disk.crash();
            assert!(file.append(b"x").is_err());
            let content = disk.content("a").unwrap();
            assert_eq!(content[..1000], [1; 1000]);
            lengths.insert(content.len());
        }
        assert!(lengths.contains(&1000) && lengths.contains(&4000) && lengths.len() > 10);
    }

    #[test]
    fn a_name_needs_its_own_sync() {
        let disk = FaultyDisk::new(3);
        let kept = (0..50).filter(|n| {
            let name = n.to_string();
            disk.create(&name).unwrap().sync().unwrap();
            disk.crash();
            disk.content(&name).is_some()
        });
        assert!((1..50).contains(&kept.count()));
    }

    #[test]
    fn a_failed_sync_loses_for_good() {
        let disk = FaultyDisk::new(1);
        let file = disk.create("a").unwrap();
        disk.sync_names().unwrap();
        file.append(b"lost").unwrap();
        disk.fail_operation(1);
        assert!(file.sync().is_err());
        file.sync().unwrap();
        assert_eq!(disk.content("a").unwrap(), b"lost");
        disk.crash();
        assert_eq!(disk.content("a").unwrap(), b"");
    }

    #[test]
    fn a_full_disk_takes_what_fits() {
        let disk = FaultyDisk::new(1);
        disk.set_capacity(6);
        let file = disk.create("a").unwrap();
        let error = file.append(b"12345678").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(disk.content("a").unwrap(), b"123456");
    }
}
