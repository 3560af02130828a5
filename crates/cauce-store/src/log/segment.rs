//! Reading one segment: walking over its entries, and verifying it when the log is opened.

use std::collections::BTreeMap;

use super::Entry;
use super::format::{BODY_BYTES_MAX, HEAD_BYTES, Head, Start};
use crate::Error;
use crate::disk::File;

/// Bytes read at once.
const WINDOW_BYTES: usize = 256 << 10;
/// Distance between two entries of a partition whose places are remembered.
const SAMPLE_BYTES: u64 = 1 << 20;

/// What is known of a segment.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) start: Start,
    /// Byte at which the entries begin.
    pub(super) first_at: u64,
    /// Byte behind the last durable entry.
    pub(super) end_at: u64,
    /// (partition, offset) -> byte, about one per partition and MiB.
    samples: BTreeMap<(u16, u64), u64>,
}

impl Segment {
    pub(super) fn new(start: Start, first_at: u64) -> Self {
        let name = Start::name(start.sequence);
        Self { name, start, first_at, end_at: first_at, samples: BTreeMap::new() }
    }

    /// Takes in an entry at a byte; `end_at` is the caller's.
    pub(super) fn note(&mut self, partition: u16, offset: u64, at: u64) {
        let known = self.samples.range(..=(partition, u64::MAX)).next_back();
        let near = known.is_some_and(|((other, _), sample)| {
            *other == partition && at.saturating_sub(*sample) < SAMPLE_BYTES
        });
        if !near {
            self.samples.insert((partition, offset), at);
        }
    }

    /// Byte from which an entry can be found by walking; nothing if the partition has no entry
    /// here up to that offset.
    pub(super) fn place(&self, partition: u16, offset: u64) -> Option<u64> {
        let sample = self.samples.range((partition, 0)..=(partition, offset)).next_back();
        sample.map(|(_, at)| *at)
    }

    /// First entry of a partition here.
    pub(super) fn first_place(&self, partition: u16) -> Option<u64> {
        let mut samples = self.samples.range((partition, 0)..=(partition, u64::MAX));
        samples.next().map(|(_, at)| *at)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.end_at == self.first_at
    }
}

/// Walks over the entries of a file.
pub(super) struct Walk<'a> {
    file: &'a dyn File,
    name: &'a str,
    salt: u32,
    at: u64,
    end: u64,
    window: Vec<u8>,
    window_at: u64,
}

/// What stands at a byte.
pub(super) enum Step {
    Entry { head: Head, at: u64 },
    End,
    Bad { at: u64, why: &'static str },
}

impl<'a> Walk<'a> {
    pub(super) fn new(file: &'a dyn File, name: &'a str, salt: u32, at: u64, end: u64) -> Self {
        Self { file, name, salt, at, end, window: Vec::new(), window_at: at }
    }

    /// Walks over the durable entries of a segment from a byte on.
    pub(super) fn over(segment: &'a Segment, file: &'a dyn File, at: u64) -> Self {
        Self::new(file, &segment.name, segment.start.salt, at, segment.end_at)
    }

    /// Next step; after a bad one the walk stays where it is.
    pub(super) fn step(&mut self) -> Result<Step, Error> {
        let at = self.at;
        if at >= self.end {
            return Ok(Step::End);
        }
        let bad = |why| Ok(Step::Bad { at, why });
        let salt = self.salt;
        let Some(head) = self.slice(at, HEAD_BYTES)?.and_then(|bytes| Head::parse(bytes, salt))
        else {
            return bad("the checksum of an entry's head does not fit");
        };
        let length = head.length as usize;
        if length > BODY_BYTES_MAX {
            return bad("an entry is longer than any that is written");
        }
        let Some(body) = self.slice(at + HEAD_BYTES as u64, length)? else {
            return bad("the file ends within an entry");
        };
        if !head.fits(body) {
            return bad("the checksum of an entry's body does not fit");
        }
        self.at = at + (HEAD_BYTES + length) as u64;
        Ok(Step::Entry { head, at })
    }

    /// Next entry where nothing but entries may stand.
    pub(super) fn entry(&mut self) -> Result<Option<(Head, u64)>, Error> {
        match self.step()? {
            Step::Entry { head, at } => Ok(Some((head, at))),
            Step::End => Ok(None),
            Step::Bad { at, why } => Err(Error::corrupt(self.name, at, why)),
        }
    }

    /// Body of the entry of the last step.
    pub(super) fn body(&self, head: &Head) -> &[u8] {
        let end = (self.at - self.window_at) as usize;
        &self.window[end - head.length as usize..end]
    }

    /// The entry of the last step.
    pub(super) fn take(&self, head: &Head) -> Entry {
        entry(head, self.body(head))
    }

    /// Bytes at a place; nothing if they pass the end.
    fn slice(&mut self, at: u64, length: usize) -> Result<Option<&[u8]>, Error> {
        if at + length as u64 > self.end {
            return Ok(None);
        }
        let window_end = self.window_at + self.window.len() as u64;
        if at < self.window_at || at + length as u64 > window_end {
            let wanted = (length.max(WINDOW_BYTES) as u64).min(self.end - at) as usize;
            self.window.resize(wanted, 0);
            self.window_at = at;
            let read = self.file.read_at(at, &mut self.window);
            let read = read.map_err(|error| Error::io(self.name, error))?;
            self.window.truncate(read);
            if read < length {
                return Ok(None);
            }
        }
        let from = (at - self.window_at) as usize;
        Ok(Some(&self.window[from..from + length]))
    }
}

pub(super) fn entry(head: &Head, body: &[u8]) -> Entry {
    Entry {
        partition: head.partition,
        incarnation: head.incarnation,
        offset: head.offset,
        erased: head.is_erased(),
        body: body.to_vec(),
    }
}

/// Reads the head of a segment.
pub(super) fn read_start(name: &str, file: &dyn File) -> Result<(Start, u64), Error> {
    let io = |error| Error::io(name, error);
    let length = file.length().map_err(io)?.min(Start::BYTES_MAX as u64) as usize;
    let mut bytes = vec![0; length];
    let read = file.read_at(0, &mut bytes).map_err(io)?;
    let (start, first_at) = Start::parse(name, &bytes[..read])?;
    if Start::name(start.sequence) != name {
        return Err(Error::corrupt(name, 12, "the sequence does not fit the file's name"));
    }
    Ok((start, first_at as u64))
}

/// How a segment ends.
pub(super) enum Ending {
    /// With an entry.
    Clean,
    /// With bytes of a write that did not become durable.
    Torn,
}

/// Verifies all entries of a segment; `ends` goes along. `end_at` is set behind the last good
/// entry.
pub(super) fn verify(
    segment: &mut Segment,
    file: &dyn File,
    ends: &mut BTreeMap<u16, u64>,
) -> Result<Ending, Error> {
    let name = segment.name.clone();
    let length = file.length().map_err(|error| Error::io(&name, error))?;
    let start = segment.start.clone();
    let mut walk = Walk::new(file, &name, start.salt, segment.first_at, length);
    let mut group = start.group;
    loop {
        match walk.step()? {
            Step::End => return Ok(Ending::Clean),
            Step::Bad { at, why } => {
                return match find_later(&mut walk, at, group)? {
                    false => Ok(Ending::Torn),
                    true => Err(Error::corrupt(name, at, why)),
                };
            }
            Step::Entry { head, at } => {
                check_order(&name, &start, &head, at, ends)?;
                segment.note(head.partition, head.offset, at);
                segment.end_at = walk.at;
                group = if head.is_last() { head.group.wrapping_add(1) } else { head.group };
            }
        }
    }
}

fn check_order(
    name: &str,
    start: &Start,
    head: &Head,
    at: u64,
    ends: &mut BTreeMap<u16, u64>,
) -> Result<(), Error> {
    if head.incarnation != start.incarnation {
        return Err(Error::corrupt(name, at, "an entry of another incarnation"));
    }
    let end = ends.entry(head.partition).or_default();
    if head.offset > *end {
        let (partition, expected, found) = (head.partition, *end, head.offset);
        return Err(Error::Lost { on: name.to_owned(), partition, expected, found });
    }
    if head.offset < *end {
        return Err(Error::corrupt(name, at, "an offset comes twice"));
    }
    *end += 1;
    Ok(())
}

/// Whether an entry of a later group stands anywhere behind a bad byte.
fn find_later(walk: &mut Walk, bad_at: u64, group: u32) -> Result<bool, Error> {
    for at in bad_at + 1..walk.end {
        let salt = walk.salt;
        let Some(bytes) = walk.slice(at, HEAD_BYTES)? else { return Ok(false) };
        let Some(head) = Head::parse(bytes, salt) else { continue };
        let later = (head.group.wrapping_sub(group) as i32) > 0;
        walk.at = at;
        if later && matches!(walk.step()?, Step::Entry { .. }) {
            return Ok(true);
        }
    }
    Ok(false)
}
