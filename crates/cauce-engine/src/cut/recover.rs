//! Going on after the end of the log was lost, from rows that had come further.
//!
//! It cannot happen to a disk that keeps what it said it kept. It does happen to people: a file
//! system is mended, a volume is brought back from another day than its neighbour.

use crate::checkpoint::{Progress, forget, mark_key, progress_key, skip_key};
use crate::partition::Partition as Room;
use crate::{Error, codec, control, cut, tables};
use cauce_core::decide::Plans;
use cauce_core::ids::{CONTROL, Partition};
use cauce_core::state::{Key, Row, Rows};
use cauce_store::{Batch, Log, State};
use std::sync::Arc;

/// A partition whose rows had come further than its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// Which.
    pub partition: Partition,
    /// Entries that the rows had taken and the log has no more.
    pub lost: u64,
}

/// Appends to the control log what its copy in the store has and it has lost. Returns how much.
/// First: without it nobody knows what is published.
///
/// # Errors
/// Of the log and the store.
pub fn complete_control(log: &dyn Log, state: &dyn State) -> Result<u64, Error> {
    let on = Error::on(CONTROL);
    let bodies = match control::next(state)? > log.end(CONTROL) {
        true => control::copied(state, log.end(CONTROL))?,
        false => return Ok(0),
    };
    let all: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
    log.append(CONTROL, &all).map_err(&on)?;
    log.sync().map_err(&on)?;
    Ok(all.len() as u64)
}

/// Puts rows that are ahead of the log at its end, in an incarnation of its own: a position that
/// the log gives out again names something else than before. What the rows have taken they keep.
/// Returns who was ahead; nothing is changed if nobody was.
///
/// What the log lost and the rows had not taken is gone, and nothing here can tell how much.
///
/// # Errors
/// Of the log and the store. It may be called again after one.
pub fn recover<P: Plans>(
    log: &dyn Log,
    state: &Arc<dyn State>,
    plans: &Arc<P>,
    partitions: u16,
) -> Result<Vec<Ahead>, Error> {
    let mut found = Vec::new();
    for partition in 0..partitions {
        let next = cut::stored(&**state, partition)?.next;
        if let Some(lost @ 1..) = next.checked_sub(log.end(partition)) {
            found.push(Ahead { partition, lost });
        }
    }
    if found.is_empty() {
        return Ok(found);
    }
    let on = Error::on(CONTROL);
    log.start_incarnation().map_err(&on)?;
    for Ahead { partition, .. } in &found {
        put_at_end(log, &**state, *partition)?;
    }
    number_hops(log, state, plans, partitions)?;
    state.sync().map_err(&on)?;
    Ok(found)
}

/// The highest number of a campaign's execution that any partition knows. Such a number is a place
/// of the control log; one that was lost there must not be given out again.
///
/// # Errors
/// Of the store.
pub fn last_execution<P: Plans>(
    state: &Arc<dyn State>,
    plans: &Arc<P>,
    partitions: u16,
) -> Result<u64, Error> {
    let mut last = 0;
    for number in 0..partitions {
        let room = Room::open(number, partitions, state.clone(), plans.clone())?;
        let all = room.rows().range(&Key::Campaign(0), &Key::Campaign(u64::MAX), usize::MAX);
        let ids = all.iter().filter_map(|(key, _)| match key {
            Key::Campaign(id) => Some(*id),
            _ => None,
        });
        last = ids.max().unwrap_or(0).max(last);
    }
    Ok(last)
}

/// Lets every partition come to the end of its log, and go on with numbers of hops that nobody has
/// taken. One that was not ahead sends again what it had sent, with other numbers in another order:
/// whoever had taken those numbers already would take the hops behind them for old ones.
fn number_hops<P: Plans>(
    log: &dyn Log,
    state: &Arc<dyn State>,
    plans: &Arc<P>,
    partitions: u16,
) -> Result<(), Error> {
    let mut rooms = Vec::new();
    for number in 0..partitions {
        cut::check(number, cut::stored(&**state, number)?.next, log)?;
        rooms.push(Room::open(number, partitions, state.clone(), plans.clone())?);
    }
    let next: Vec<u64> = rooms.iter().map(|room| room.progress().next).collect();
    let from = |number: Partition| next.get(usize::from(number)).copied().unwrap_or(u64::MAX);
    let mut failed = Ok(());
    let taken = &mut |entry: cauce_store::Entry| {
        if let (Ok(()), Some(room)) = (&failed, rooms.get_mut(usize::from(entry.partition))) {
            failed = room.take(&entry).map(drop);
        }
        Ok(())
    };
    log.scan(&from, taken).map_err(Error::on(CONTROL))?;
    failed?;
    for room in &mut rooms {
        if let Some(checkpoint) = room.checkpoint() {
            checkpoint.write(&**state)?;
        }
    }
    for number in 0..partitions {
        let Some(Row::Meta(mut meta)) = rooms[usize::from(number)].rows().get(&Key::Meta) else {
            continue; // it has sent nothing
        };
        let of = Arc::make_mut(&mut meta);
        for other in rooms.iter().filter(|other| other.received(number) > 0) {
            let next = of.hops_out.entry(other.number()).or_insert(1);
            *next = (*next).max(other.received(number) + 1);
        }
        let mut batch = Batch::new();
        let (table, key) = (tables::table(&Key::Meta), tables::spell(number, &Key::Meta));
        batch.put(table, key, codec::encode(&Row::Meta(meta)));
        state.write(batch).map_err(Error::on(number))?;
    }
    Ok(())
}

fn put_at_end(log: &dyn Log, state: &dyn State, number: Partition) -> Result<(), Error> {
    let on = Error::on(number);
    let (end, hash) = (log.end(number), cut::stored(state, number)?.hash);
    let mut batch = Batch::new();
    let progress = Progress { next: end, hash };
    batch.put(tables::ENGINE, progress_key(number), codec::encode(&progress));
    // Positions that come again mean others. A mark at the end itself stands for what is before it.
    forget(&mut batch, state, (skip_key(number, end), skip_key(number, u64::MAX)))?;
    forget(&mut batch, state, (mark_key(number, end + 1), mark_key(number, u64::MAX)))?;
    state.write(batch).map_err(&on)
}
