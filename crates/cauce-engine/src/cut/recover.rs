//! Going on after the end of the log was lost, from rows that had come further.
//!
//! It cannot happen to a disk that keeps what it said it kept. It does happen to people: a file
//! system is mended, a volume is brought back from another day than its neighbour.

use crate::checkpoint::{Progress, progress_key, skip_key};
use crate::{Error, codec, control, cut, tables};
use cauce_core::ids::{CONTROL, Partition};
use cauce_store::{Batch, Log, State};

/// A partition whose rows had come further than its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// Which.
    pub partition: Partition,
    /// Entries that the rows had taken and the log has no more.
    pub lost: u64,
}

/// Puts rows that are ahead of the log at its end, in an incarnation of its own: a position that
/// the log gives out again names something else than before. What the rows have taken they keep;
/// the control log is completed from its copy. Returns who was ahead; nothing is changed if nobody
/// was.
///
/// What the log lost and the rows had not taken is gone, and nothing here can tell how much.
///
/// # Errors
/// Of the log and the store. It may be called again after one.
pub fn recover(log: &dyn Log, state: &dyn State, partitions: u16) -> Result<Vec<Ahead>, Error> {
    let mut found = Vec::new();
    let known = control::next(state)?;
    if let Some(lost @ 1..) = known.checked_sub(log.end(CONTROL)) {
        found.push(Ahead { partition: CONTROL, lost });
    }
    for partition in 0..partitions {
        let next = cut::stored(state, partition)?.next;
        if let Some(lost @ 1..) = next.checked_sub(log.end(partition)) {
            found.push(Ahead { partition, lost });
        }
    }
    if found.is_empty() {
        return Ok(found);
    }
    let on = Error::on(CONTROL);
    log.start_incarnation().map_err(&on)?;
    for Ahead { partition, .. } in found.iter().filter(|ahead| ahead.partition != CONTROL) {
        put_at_end(log, state, *partition)?;
    }
    state.sync().map_err(&on)?;
    // Last: it tells nothing of partitions, and whoever is interrupted here begins with it.
    let bodies = control::copied(state, log.end(CONTROL))?;
    let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
    if !bodies.is_empty() {
        log.append(CONTROL, &bodies).map_err(&on)?;
        log.sync().map_err(&on)?;
    }
    Ok(found)
}

fn put_at_end(log: &dyn Log, state: &dyn State, number: Partition) -> Result<(), Error> {
    let on = Error::on(number);
    let (end, hash) = (log.end(number), cut::stored(state, number)?.hash);
    let mut batch = Batch::new();
    let progress = Progress { next: end, hash };
    batch.put(tables::ENGINE, progress_key(number), codec::encode(&progress));
    // Positions that were skipped and come again mean others.
    let (from, to) = (skip_key(number, end), skip_key(number, u64::MAX));
    state
        .range(tables::ENGINE, &from, Some(&to), &mut |key, _| {
            batch.delete(tables::ENGINE, key);
            true
        })
        .map_err(&on)?;
    state.write(batch).map_err(&on)
}
