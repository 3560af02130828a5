//! The log in files of a [`Disk`].

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use super::format::{BODY_BYTES_MAX, HEAD_BYTES, Head, LAST, Start};
use super::segment::{Ending, Segment, Walk, entry, read_start, verify};
use super::{Entry, Log, sweep};
use crate::Error;
use crate::disk::{Disk, File, draw};

/// Name of the log in errors that concern no file.
pub(super) const ON: &str = "log";
const UNPOISONED: &str = "no code panics while it holds this lock";

/// How the log is cut into files.
#[derive(Clone, Debug)]
pub struct Options {
    /// A segment that has reached this length is sealed before the next group.
    pub segment_bytes: u64,
    /// Any number that others cannot guess; it keeps bodies from looking like entries when a
    /// damaged file is judged.
    pub salt: u64,
    /// Bytes of the disk that the log leaves free: with less it says that the disk is full. The
    /// state on the same disk still has room then for what was taken.
    pub reserve_bytes: u64,
}

impl Options {
    /// Segments of 64 MiB, nothing left free.
    #[must_use]
    pub fn new(salt: u64) -> Self {
        Self { segment_bytes: 64 << 20, salt, reserve_bytes: 0 }
    }
}

/// The log in files. Appends go into a buffer in memory; one thread calls [`Log::sync`].
///
/// Locks are taken in this order: `maintenance`, `commit`, `files`, `buffer`, `index`.
pub struct FileLog {
    pub(super) disk: Arc<dyn Disk>,
    segment_bytes: u64,
    reserve_bytes: u64,
    /// One for the life of a process, because entries are encoded before it is known in which
    /// segment they come.
    salt: u32,
    buffer: Mutex<Buffer>,
    pub(super) commit: Mutex<Commit>,
    pub(super) index: RwLock<Index>,
    /// Held for reading while files are read, for writing while one is replaced or removed.
    pub(super) files: RwLock<()>,
    /// One sweep at a time: a rewritten segment must not come back after it was cut.
    pub(super) maintenance: Mutex<()>,
    pending_bytes: AtomicU64,
    torn_bytes: u64,
}

/// Entries that wait for the next group.
struct Buffer {
    bytes: Vec<u8>,
    /// Where the last head stands in `bytes`.
    last_at: usize,
    /// Next offset of each partition.
    next: BTreeMap<u16, u64>,
    incarnation: u16,
    salt: u32,
    group: u32,
    failed: bool,
}

/// What the committing thread holds.
pub(super) struct Commit {
    file: Box<dyn File>,
    length: u64,
    /// A group whose writing failed; it goes first next time.
    retry: Option<Group>,
    /// Durable entries that no caller has got yet, because a later group failed.
    undelivered: Vec<Entry>,
    spare: Vec<u8>,
    failed: bool,
}

struct Group {
    bytes: Vec<u8>,
    number: u32,
}

/// What is durable, and where it stands.
pub(super) struct Index {
    /// The last one is open.
    pub(super) segments: Vec<Arc<Segment>>,
    pub(super) ends: BTreeMap<u16, u64>,
}

impl FileLog {
    /// Opens or makes a log. All checksums are verified; the torn end of a write that never
    /// became durable is cut off.
    ///
    /// # Errors
    /// `Corrupt` naming file and byte, `Lost` if entries are missing, `Full`, `Io`.
    pub fn open(disk: Arc<dyn Disk>, options: Options) -> Result<Self, Error> {
        let Recovered { mut segments, ends, torn_bytes } = recover(&*disk)?;
        let reuse = segments.last().filter(|last| last.is_empty()).cloned();
        let last = if let Some(last) = reuse {
            last
        } else {
            // Not: going on in the last one; its last group may be incomplete.
            let (sequence, incarnation) = segments
                .last()
                .map_or((0, 0), |last| (last.start.sequence + 1, last.start.incarnation));
            let salt = draw(&mut options.salt.clone(), u64::MAX) as u32;
            let next = ends.iter().map(|(partition, end)| (*partition, *end)).collect();
            let start = Start { sequence, incarnation, salt, group: 1, next };
            let segment = Arc::new(create(&*disk, start)?.0);
            segments.push(Arc::clone(&segment));
            segment
        };
        let file = disk.open(&last.name).map_err(|error| Error::io(&last.name, error))?;
        let buffer = Buffer {
            bytes: Vec::new(),
            last_at: 0,
            next: ends.clone(),
            incarnation: last.start.incarnation,
            salt: last.start.salt,
            group: last.start.group,
            failed: false,
        };
        let commit = Commit {
            file,
            length: last.end_at,
            retry: None,
            undelivered: Vec::new(),
            spare: Vec::new(),
            failed: false,
        };
        Ok(Self {
            disk,
            segment_bytes: options.segment_bytes,
            reserve_bytes: options.reserve_bytes,
            salt: last.start.salt,
            buffer: Mutex::new(buffer),
            commit: Mutex::new(commit),
            index: RwLock::new(Index { segments, ends }),
            files: RwLock::new(()),
            maintenance: Mutex::new(()),
            pending_bytes: AtomicU64::new(0),
            torn_bytes,
        })
    }

    /// Bytes of an unfinished write that were cut off when the log was opened.
    #[must_use]
    pub fn torn_bytes(&self) -> u64 {
        self.torn_bytes
    }

    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().expect(UNPOISONED)
    }

    /// Writes one group and makes it durable.
    fn write(&self, commit: &mut Commit, group: Group) -> Result<(), Error> {
        if commit.failed {
            commit.retry = Some(group);
            return Err(failed());
        }
        if let Err(error) = self.write_bytes(commit, &group) {
            commit.retry = Some(group);
            if commit.failed {
                self.buffer().failed = true;
            }
            return Err(error);
        }
        let mut heads = Vec::new();
        each(&group.bytes, |head, at, body| {
            commit.undelivered.push(entry(&head, body));
            heads.push((head.partition, head.offset, commit.length + at as u64));
        });
        commit.length += group.bytes.len() as u64;
        self.pending_bytes.fetch_sub(group.bytes.len() as u64, Ordering::Relaxed);
        let index = &mut *self.index.write().expect(UNPOISONED);
        let segment = index.segments.last_mut().expect("a log has an open segment");
        // A reader may hold the old one; what it knows stays true.
        let segment = Arc::make_mut(segment);
        for (partition, offset, at) in heads {
            segment.note(partition, offset, at);
            index.ends.insert(partition, offset + 1);
        }
        segment.end_at = commit.length;
        commit.spare = group.bytes;
        commit.spare.clear();
        Ok(())
    }

    fn write_bytes(&self, commit: &mut Commit, group: &Group) -> Result<(), Error> {
        let needed = self.reserve_bytes.saturating_add(group.bytes.len() as u64);
        if self.reserve_bytes > 0 && self.disk.free_bytes() < needed {
            return Err(Error::Full { on: ON.to_owned() });
        }
        if commit.length >= self.segment_bytes {
            self.roll(commit, None, group.number)?;
        }
        let name = self.open_name();
        if let Err(error) = commit.file.append(&group.bytes) {
            // What was written of it must go, or the next try would come behind it.
            commit.failed = commit.file.truncate(commit.length).is_err();
            return Err(Error::io(name, error));
        }
        commit.file.sync().map_err(|error| {
            // The system may have thrown away what it could not write: a second sync would
            // succeed and mean nothing.
            commit.failed = true;
            Error::io(name, error)
        })
    }

    fn open_name(&self) -> String {
        let index = self.index.read().expect(UNPOISONED);
        index.segments.last().expect("a log has an open segment").name.clone()
    }

    /// Seals the open segment and begins the next, in a new incarnation if one is given.
    fn roll(&self, commit: &mut Commit, new: Option<u16>, group: u32) -> Result<(), Error> {
        let (name, start) = {
            let index = self.index.read().expect(UNPOISONED);
            let last = index.segments.last().expect("a log has an open segment");
            let incarnation = new.unwrap_or(last.start.incarnation);
            let sequence = last.start.sequence + 1;
            let next = index.ends.iter().map(|(partition, end)| (*partition, *end)).collect();
            let start = Start { sequence, incarnation, salt: self.salt, group, next };
            (last.name.clone(), start)
        };
        commit.file.sync().map_err(|error| {
            commit.failed = true;
            Error::io(name, error)
        })?;
        let next = Start::name(start.sequence);
        let (segment, file) = create(&*self.disk, start).inspect_err(|_| {
            // A head that says where partitions end must not stay, if they may go on before it.
            let removed = match self.disk.remove(&next) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => self.disk.sync_names(),
            };
            commit.failed = removed.is_err();
        })?;
        commit.file = file;
        commit.length = segment.end_at;
        self.index.write().expect(UNPOISONED).segments.push(Arc::new(segment));
        Ok(())
    }

    /// Seals the open segment if anything is in it.
    pub(super) fn seal(&self) -> Result<(), Error> {
        let commit = &mut *self.commit.lock().expect(UNPOISONED);
        if commit.failed {
            return Err(failed());
        }
        let empty = {
            let index = self.index.read().expect(UNPOISONED);
            index.segments.last().is_none_or(|last| last.is_empty())
        };
        if empty {
            return Ok(());
        }
        let mut buffer = self.buffer();
        let group = commit.retry.as_ref().map_or(buffer.group, |group| group.number);
        let rolled = self.roll(commit, None, group);
        buffer.failed = commit.failed;
        rolled
    }
}

impl Log for FileLog {
    fn append(&self, partition: u16, bodies: &[&[u8]]) -> Result<u64, Error> {
        if let Some(body) = bodies.iter().find(|body| body.len() > BODY_BYTES_MAX) {
            return Err(invalid(format!("a body of {} bytes is too long", body.len())));
        }
        let buffer = &mut *self.buffer();
        if buffer.failed {
            return Err(failed());
        }
        let before = buffer.bytes.len();
        let next = buffer.next.entry(partition).or_default();
        let first = *next;
        for body in bodies {
            let head = Head {
                body_crc: crc32c::crc32c(body),
                length: body.len() as u32,
                partition,
                incarnation: buffer.incarnation,
                offset: *next,
                group: buffer.group,
                flags: 0,
            };
            *next += 1;
            buffer.last_at = buffer.bytes.len();
            buffer.bytes.extend_from_slice(&head.encode(buffer.salt));
            buffer.bytes.extend_from_slice(body);
        }
        let added = (buffer.bytes.len() - before) as u64;
        self.pending_bytes.fetch_add(added, Ordering::Relaxed);
        Ok(first)
    }

    fn sync(&self) -> Result<Vec<Entry>, Error> {
        let commit = &mut *self.commit.lock().expect(UNPOISONED);
        if commit.failed {
            return Err(failed());
        }
        if let Some(group) = commit.retry.take() {
            self.write(commit, group)?;
        }
        let group = self.buffer().take(&mut commit.spare);
        if let Some(group) = group {
            self.write(commit, group)?;
        }
        Ok(std::mem::take(&mut commit.undelivered))
    }

    fn pending_bytes(&self) -> u64 {
        self.pending_bytes.load(Ordering::Relaxed)
    }

    fn incarnation(&self) -> u16 {
        self.buffer().incarnation
    }

    fn end(&self, partition: u16) -> u64 {
        let index = self.index.read().expect(UNPOISONED);
        index.ends.get(&partition).copied().unwrap_or(0)
    }

    fn start(&self, partition: u16) -> u64 {
        let index = self.index.read().expect(UNPOISONED);
        index.segments.first().map_or(0, |first| first.start.next_of(partition))
    }

    fn read(&self, partition: u16, from: u64, bytes_max: usize) -> Result<Vec<Entry>, Error> {
        let _files = self.files.read().expect(UNPOISONED);
        let (start, end) = (self.start(partition), self.end(partition));
        if from < start || from > end {
            let found = if from < start { start } else { end };
            return Err(Error::Lost { on: ON.into(), partition, expected: from, found });
        }
        if from == end {
            return Ok(Vec::new());
        }
        let pieces = {
            let index = self.index.read().expect(UNPOISONED);
            let first = index.segments.partition_point(|s| s.start.next_of(partition) <= from);
            index.segments[first.saturating_sub(1)..].to_vec()
        };
        let (mut read, mut bytes) = (Vec::new(), 0);
        for segment in pieces {
            let place = segment.place(partition, from);
            let Some(at) = place.or_else(|| segment.first_place(partition)) else { continue };
            let file = self.open_segment(&segment)?;
            let mut walk = Walk::over(&segment, &*file, at);
            while let Some((head, _)) = walk.entry()? {
                if head.partition != partition || head.offset < from {
                    continue;
                }
                bytes += head.length as usize;
                if bytes > bytes_max && !read.is_empty() {
                    return Ok(read);
                }
                read.push(walk.take(&head));
            }
        }
        Ok(read)
    }

    fn scan(
        &self,
        from: &dyn Fn(u16) -> u64,
        visit: &mut dyn FnMut(Entry) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let _files = self.files.read().expect(UNPOISONED);
        let (segments, ends) = {
            let index = self.index.read().expect(UNPOISONED);
            (index.segments.clone(), index.ends.clone())
        };
        for (n, segment) in segments.iter().enumerate() {
            let end = |partition: &u16| match segments.get(n + 1) {
                Some(next) => next.start.next_of(*partition),
                None => ends[partition],
            };
            if ends.keys().all(|partition| end(partition) <= from(*partition)) {
                continue;
            }
            let file = self.open_segment(segment)?;
            let mut walk = Walk::over(segment, &*file, segment.first_at);
            while let Some((head, _)) = walk.entry()? {
                if head.offset >= from(head.partition) {
                    visit(walk.take(&head))?;
                }
            }
        }
        Ok(())
    }

    fn cut(&self, below: &dyn Fn(u16) -> u64, keep_bytes: u64) -> Result<(), Error> {
        sweep::cut(self, below, keep_bytes)
    }

    fn bytes_on_disk(&self) -> u64 {
        let index = self.index.read().expect(UNPOISONED);
        index.segments.iter().map(|segment| segment.end_at).sum()
    }

    fn start_incarnation(&self) -> Result<u16, Error> {
        let commit = &mut *self.commit.lock().expect(UNPOISONED);
        if commit.failed {
            return Err(failed());
        }
        // Held throughout, so that nothing is appended in the old incarnation meanwhile.
        let mut buffer = self.buffer();
        if commit.retry.is_some() || !buffer.bytes.is_empty() {
            return Err(invalid("entries are pending, sync first".into()));
        }
        let new = buffer.incarnation.checked_add(1);
        let new = new.ok_or_else(|| invalid("all incarnations are used up".into()))?;
        let rolled = self.roll(commit, Some(new), buffer.group);
        buffer.failed = commit.failed;
        rolled?;
        buffer.incarnation = new;
        Ok(new)
    }

    fn erase(&self, which: &dyn Fn(&Entry) -> bool) -> Result<u64, Error> {
        sweep::erase(self, which)
    }
}

impl FileLog {
    pub(super) fn open_segment(&self, segment: &Segment) -> Result<Box<dyn File>, Error> {
        self.disk.open(&segment.name).map_err(|error| Error::io(&segment.name, error))
    }
}

impl Buffer {
    /// Takes the waiting entries as a group and goes on with an empty buffer.
    fn take(&mut self, spare: &mut Vec<u8>) -> Option<Group> {
        if self.bytes.is_empty() {
            return None;
        }
        let last = self.bytes[self.last_at..].first_chunk_mut();
        let last = last.expect("the last entry was encoded whole");
        let mut head = Head::decode(last);
        head.flags |= LAST;
        *last = head.encode(self.salt);
        let number = self.group;
        self.group = self.group.wrapping_add(1);
        Some(Group { bytes: std::mem::replace(&mut self.bytes, std::mem::take(spare)), number })
    }
}

/// Visits the entries of a group that this process has encoded.
fn each(mut bytes: &[u8], mut visit: impl FnMut(Head, usize, &[u8])) {
    let mut at = 0;
    while !bytes.is_empty() {
        let head = bytes.first_chunk().expect("a group consists of whole entries");
        let head = Head::decode(head);
        let length = HEAD_BYTES + head.length as usize;
        visit(head, at, &bytes[HEAD_BYTES..length]);
        bytes = &bytes[length..];
        at += length;
    }
}

struct Recovered {
    segments: Vec<Arc<Segment>>,
    ends: BTreeMap<u16, u64>,
    torn_bytes: u64,
}

fn recover(disk: &dyn Disk) -> Result<Recovered, Error> {
    let names = sweep::tidy(disk)?;
    let mut found = Recovered { segments: Vec::new(), ends: BTreeMap::new(), torn_bytes: 0 };
    for (n, name) in names.iter().enumerate() {
        let io = |error| Error::io(name, error);
        let file = disk.open(name).map_err(io)?;
        let last = n + 1 == names.len();
        let (start, first_at) = match read_start(name, &*file) {
            Ok(head) => head,
            // The head is durable before the first entry is written: where no entry can be, the
            // making of the segment was cut short.
            Err(Error::Corrupt { .. })
                if last && file.length().map_err(io)? <= Start::bytes(found.ends.len()) as u64 =>
            {
                found.torn_bytes += file.length().map_err(io)?;
                disk.remove(name).map_err(io)?;
                disk.sync_names().map_err(io)?;
                break;
            }
            Err(error) => return Err(error),
        };
        found.join(name, &start)?;
        let mut segment = Segment::new(start, first_at);
        let ending = verify(&mut segment, &*file, &mut found.ends)?;
        if last {
            found.torn_bytes += file.length().map_err(io)? - segment.end_at;
            segment = sweep::settle(disk, segment, &*file)?;
        } else if let Ending::Torn = ending {
            let why = "an entry of a sealed segment is damaged";
            return Err(Error::corrupt(name, segment.end_at, why));
        }
        found.segments.push(Arc::new(segment));
    }
    Ok(found)
}

impl Recovered {
    /// Checks that a segment goes on where the one before it ended.
    fn join(&mut self, name: &str, start: &Start) -> Result<(), Error> {
        let Some(before) = self.segments.last() else {
            self.ends = start.next.iter().copied().collect();
            return Ok(());
        };
        for (&partition, &expected) in &self.ends {
            let found = start.next_of(partition);
            if found != expected {
                return Err(Error::Lost { on: name.to_owned(), partition, expected, found });
            }
        }
        if let Some(&(partition, found)) =
            start.next.iter().find(|(partition, _)| !self.ends.contains_key(partition))
        {
            return Err(Error::Lost { on: name.to_owned(), partition, expected: 0, found });
        }
        if start.sequence != before.start.sequence + 1
            || start.incarnation < before.start.incarnation
        {
            return Err(Error::corrupt(name, 0, "the segment before it is missing"));
        }
        Ok(())
    }
}

/// Makes a segment, durable with its name before it returns.
fn create(disk: &dyn Disk, start: Start) -> Result<(Segment, Box<dyn File>), Error> {
    let name = Start::name(start.sequence);
    let bytes = start.encode();
    let make = || {
        let file = disk.create(&name)?;
        file.append(&bytes)?;
        file.sync()?;
        disk.sync_names()?;
        Ok(file)
    };
    let file = make().map_err(|error| Error::io(&name, error))?;
    Ok((Segment::new(start, bytes.len() as u64), file))
}

fn failed() -> Error {
    Error::io(ON, io::Error::other("an earlier write failed for good, open the log again"))
}

fn invalid(why: String) -> Error {
    Error::io(ON, io::Error::new(io::ErrorKind::InvalidInput, why))
}
