//! The control log's copy in the store. The log may be cut below it: whoever reads the control log
//! reads the copy, then what the log has behind it.
//!
//! Entries are copied as they are, not folded: plans of before are needed for as long as a
//! partition or a journey's run points to them, and an entry already is the format that later
//! versions read.

use crate::{Error, codec, tables};
use cauce_core::ids::CONTROL;
use cauce_store::{Batch, Log, State};

/// Bytes of log that are copied at a time.
const READ_BYTES: usize = 4 << 20;

fn next_key() -> Vec<u8> {
    let mut key = tables::prefix(CONTROL);
    key.push(b'n');
    key
}

fn entry_key(offset: u64) -> Vec<u8> {
    let mut key = tables::prefix(CONTROL);
    key.push(b'e');
    key.extend(offset.to_be_bytes());
    key
}

/// The first entry that the copy does not have.
pub fn next(state: &dyn State) -> Result<u64, Error> {
    match state.get(tables::CONTROL_LOG, &next_key()).map_err(Error::on(CONTROL))? {
        Some(bytes) => codec::decode(&bytes, "position of the control log"),
        None => Ok(0),
    }
}

/// Copies what is durable in the log and not yet copied: each batch with the position it stands
/// for, so that a crash leaves a copy that ends somewhere and has no gap. Durable with the store's
/// next `sync`. Returns the new position.
pub fn copy(log: &dyn Log, state: &dyn State) -> Result<u64, Error> {
    let on = Error::on(CONTROL);
    let mut next = next(state)?;
    crate::cut::check(CONTROL, next, log)?;
    loop {
        let entries = log.read(CONTROL, next, READ_BYTES).map_err(&on)?;
        let Some(last) = entries.last() else { return Ok(next) };
        next = last.offset + 1;
        let mut batch = Batch::new();
        for entry in &entries {
            let body = codec::encode(&entry.body);
            batch.put(tables::CONTROL_LOG, entry_key(entry.offset), body);
        }
        batch.put(tables::CONTROL_LOG, next_key(), codec::encode(&next));
        state.write(batch).map_err(&on)?;
    }
}

/// What the copy has from an entry on.
pub fn copied(state: &dyn State, from: u64) -> Result<Vec<Vec<u8>>, Error> {
    let (from, to) = (entry_key(from), entry_key(u64::MAX));
    let mut bodies = Vec::new();
    let each = &mut |_: &[u8], value: &[u8]| {
        bodies.push(codec::decode::<Vec<u8>>(value, "entry of the control log"));
        true
    };
    state.range(tables::CONTROL_LOG, &from, Some(&to), each).map_err(Error::on(CONTROL))?;
    bodies.into_iter().collect()
}

/// Who visits entries of the control log: offset and body.
pub type Visit<'v> = dyn FnMut(u64, &[u8]) -> Result<(), Error> + 'v;

/// Visits every entry of the control log that was ever durable, by its offset: the copy first, then
/// the log's tail.
pub fn visit(log: &dyn Log, state: &dyn State, visit: &mut Visit<'_>) -> Result<(), Error> {
    let on = Error::on(CONTROL);
    let mut next = next(state)?;
    crate::cut::check(CONTROL, next, log)?;
    let (mut expected, mut failed) = (0, Ok(()));
    let each = &mut |key: &[u8], value: &[u8]| {
        let offset = key.last_chunk::<8>().map_or(u64::MAX, |bytes| u64::from_be_bytes(*bytes));
        failed = if offset == expected {
            codec::decode::<Vec<u8>>(value, "entry of the control log")
                .and_then(|body| visit(offset, &body))
        } else {
            Err(Error::Gap { partition: CONTROL, expected, found: offset })
        };
        expected += 1;
        failed.is_ok()
    };
    let (from, to) = (entry_key(0), entry_key(next));
    state.range(tables::CONTROL_LOG, &from, Some(&to), each).map_err(&on)?;
    failed?;
    if expected != next {
        return Err(Error::Gap { partition: CONTROL, expected, found: next });
    }
    loop {
        let entries = log.read(CONTROL, next, READ_BYTES).map_err(&on)?;
        let Some(last) = entries.last() else { return Ok(()) };
        next = last.offset + 1;
        for entry in &entries {
            visit(entry.offset, &entry.body)?;
        }
    }
}
