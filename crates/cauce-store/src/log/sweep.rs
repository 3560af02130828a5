//! What rewrites or removes sealed segments: cutting and erasing.

use std::sync::Arc;

use super::format::{ERASED, HEAD_BYTES, Start};
use super::segment::{Segment, Walk};
use super::{Entry, FileLog};
use crate::Error;
use crate::disk::{Disk, File};

/// Suffix of a segment that is being rewritten.
const UNFINISHED: &str = ".tmp";
/// Bytes written at once.
const CHUNK_BYTES: usize = 1 << 20;
const UNPOISONED: &str = "no code panics while it holds this lock";

/// Removes what an unfinished rewrite left; returns the names of all segments in order.
pub(super) fn tidy(disk: &dyn Disk) -> Result<Vec<String>, Error> {
    let io = |error| Error::io(super::file::ON, error);
    let mut names = Vec::new();
    let mut removed = false;
    for name in disk.list().map_err(io)? {
        let rewritten = name.strip_suffix(UNFINISHED).and_then(Start::parse_name);
        if Start::parse_name(&name).is_some() {
            names.push(name);
        } else if rewritten.is_some() {
            disk.remove(&name).map_err(|error| Error::io(&name, error))?;
            removed = true;
        }
    }
    if removed {
        disk.sync_names().map_err(io)?;
    }
    // Hex digits of equal length: the order of names is the order of sequences.
    names.sort();
    Ok(names)
}

/// See [`super::Log::cut`].
pub(super) fn cut(log: &FileLog, below: &dyn Fn(u16) -> u64, keep_bytes: u64) -> Result<(), Error> {
    let _maintenance = log.maintenance.lock().expect(UNPOISONED);
    loop {
        let oldest = {
            let index = log.index.read().expect(UNPOISONED);
            let [oldest, next, ..] = index.segments.as_slice() else { return Ok(()) };
            let open = |(partition, end): &(u16, u64)| {
                *end > oldest.start.next_of(*partition) && *end > below(*partition)
            };
            let rest: u64 = index.segments[1..].iter().map(|segment| segment.end_at).sum();
            if rest < keep_bytes || next.start.next.iter().any(open) {
                return Ok(());
            }
            oldest.name.clone()
        };
        let io = |error| Error::io(&oldest, error);
        let _files = log.files.write().expect(UNPOISONED);
        log.disk.remove(&oldest).map_err(io)?;
        log.index.write().expect(UNPOISONED).segments.remove(0);
        // One by one, so that never a later one is gone and an earlier one still there.
        log.disk.sync_names().map_err(io)?;
    }
}

/// See [`super::Log::erase`].
pub(super) fn erase(log: &FileLog, which: &dyn Fn(&Entry) -> bool) -> Result<u64, Error> {
    let _maintenance = log.maintenance.lock().expect(UNPOISONED);
    log.seal()?;
    let sealed = {
        let index = log.index.read().expect(UNPOISONED);
        index.segments[..index.segments.len() - 1].to_vec()
    };
    let mut erased = 0;
    for segment in sealed {
        let file = log.open_segment(&segment)?;
        let chosen = choose(&segment, &*file, which)?;
        if chosen.is_empty() {
            continue;
        }
        erased += chosen.len() as u64;
        let unfinished = unfinished(&segment);
        let rewritten = rewrite(&*log.disk, &segment, &*file, &chosen, &unfinished);
        let rewritten = rewritten.inspect_err(|_| {
            // Only to give the space back; the next opening removes it as well.
            let _ = log.disk.remove(&unfinished);
        })?;
        replace(log, rewritten, &unfinished)?;
    }
    Ok(erased)
}

/// Makes the last segment durable when the log is opened, without its torn end.
///
/// It is written anew, because an earlier process may have ended after a failed sync: then the
/// system shows bytes that are not on the disk, and a second sync of that file would not bring
/// them there. A full disk must not keep the log shut, so there it is synced where it is.
pub(super) fn settle(disk: &dyn Disk, segment: Segment, file: &dyn File) -> Result<Segment, Error> {
    let io = |error| Error::io(&segment.name, error);
    let unfinished = unfinished(&segment);
    match rewrite(disk, &segment, file, &[], &unfinished) {
        Ok(new) => {
            disk.rename(&unfinished, &segment.name).map_err(io)?;
            disk.sync_names().map_err(io)?;
            Ok(new)
        }
        Err(Error::Full { .. }) => {
            disk.remove(&unfinished).map_err(io)?;
            file.truncate(segment.end_at).map_err(io)?;
            file.sync().map_err(io)?;
            disk.sync_names().map_err(io)?;
            Ok(segment)
        }
        Err(error) => Err(error),
    }
}

fn unfinished(segment: &Segment) -> String {
    format!("{}{UNFINISHED}", segment.name)
}

/// Bytes at which the chosen entries stand.
fn choose(
    segment: &Segment,
    file: &dyn File,
    which: &dyn Fn(&Entry) -> bool,
) -> Result<Vec<u64>, Error> {
    let mut chosen = Vec::new();
    let mut walk = Walk::over(segment, file, segment.first_at);
    while let Some((head, at)) = walk.entry()? {
        if !head.is_erased() && which(&walk.take(&head)) {
            chosen.push(at);
        }
    }
    Ok(chosen)
}

/// Writes a segment anew without the chosen bodies, durable under an unfinished name.
fn rewrite(
    disk: &dyn Disk,
    segment: &Segment,
    file: &dyn File,
    chosen: &[u64],
    unfinished: &str,
) -> Result<Segment, Error> {
    let io = |error| Error::io(unfinished, error);
    let out = disk.create(unfinished).map_err(io)?;
    let mut bytes = segment.start.encode();
    let mut new = Segment::new(segment.start.clone(), bytes.len() as u64);
    let mut chosen = chosen.iter().peekable();
    let mut walk = Walk::over(segment, file, segment.first_at);
    while let Some((mut head, at)) = walk.entry()? {
        new.note(head.partition, head.offset, new.end_at);
        if chosen.next_if_eq(&&at).is_some() {
            head.flags |= ERASED;
            head.length = 0;
            bytes.extend_from_slice(&head.encode(segment.start.salt));
        } else {
            bytes.extend_from_slice(&head.encode(segment.start.salt));
            bytes.extend_from_slice(walk.body(&head));
        }
        new.end_at += (HEAD_BYTES + head.length as usize) as u64;
        if bytes.len() >= CHUNK_BYTES {
            out.append(&bytes).map_err(io)?;
            bytes.clear();
        }
    }
    out.append(&bytes).map_err(io)?;
    out.sync().map_err(io)?;
    Ok(new)
}

/// Puts a rewritten segment in the place of the old one.
fn replace(log: &FileLog, rewritten: Segment, unfinished: &str) -> Result<(), Error> {
    let name = rewritten.name.clone();
    let io = |error| Error::io(&name, error);
    let _files = log.files.write().expect(UNPOISONED);
    log.disk.rename(unfinished, &name).map_err(io)?;
    let mut index = log.index.write().expect(UNPOISONED);
    let place = index.segments.iter().position(|segment| segment.name == name);
    let place = place.expect("only a sweep removes segments, and one sweeps at a time");
    index.segments[place] = Arc::new(rewritten);
    drop(index);
    log.disk.sync_names().map_err(io)
}
