//! A second process: given only the log, or a snapshot and the log behind it, it must come to the
//! same rows.

use crate::machine::{Machine, take_armed};
use crate::world::World;
use cauce_engine::dump;
use cauce_engine::partition::Partition;
use cauce_engine::tables::TABLES;
use cauce_store::state::MemoryState;
use cauce_store::{Entry, State};
use std::sync::Arc;

/// Hashes by section.
pub type Hashes = Vec<(String, u128)>;

/// Hashes of partitions.
pub fn hashes(partitions: &[Partition<World>]) -> Result<Hashes, String> {
    let mut all = Vec::new();
    for partition in partitions {
        all.extend(dump::dump(partition).map_err(|error| error.to_string())?);
    }
    Ok(all)
}

/// Compares the machine, at rest, with a second process.
pub fn compare(machine: &Machine, snapshot: Option<&[u8]>) -> Vec<String> {
    let compared = hashes(&machine.partitions).and_then(|first| {
        let second = second_process(machine, snapshot)?;
        Ok((first, second))
    });
    let what = if snapshot.is_some() { "snapshot and tail" } else { "the log alone" };
    match compared {
        Ok((first, second)) => first
            .iter()
            .zip(&second)
            .filter(|(a, b)| a != b)
            .map(|(a, _)| format!("{what} gives another `{}`", a.0))
            .collect(),
        Err(error) => vec![format!("{what}: {error}")],
    }
}

fn second_process(machine: &Machine, snapshot: Option<&[u8]>) -> Result<Hashes, String> {
    let state: Arc<dyn State> = Arc::new(MemoryState::new(TABLES.len(), 1));
    if let Some(snapshot) = snapshot {
        dump::restore(snapshot, &*state).map_err(|error| error.to_string())?;
    }
    let count = machine.shape.partitions;
    let mut partitions = Vec::new();
    for number in 0..count {
        let open = Partition::open(number, count, state.clone(), machine.world.clone());
        partitions.push(open.map_err(|error| error.to_string())?);
    }
    let next: Vec<u64> = partitions.iter().map(|p| p.progress().next).collect();
    let from = |number: u16| next.get(usize::from(number)).copied().unwrap_or(u64::MAX);
    let mut failed = None;
    let visit = &mut |entry: Entry| {
        let partition = &mut partitions[usize::from(entry.partition)];
        let taken = take_armed(&machine.world, &machine.panics, partition, &entry);
        failed = failed.take().or(taken.err());
    };
    machine.history(&from, visit)?;
    match failed {
        Some(error) => Err(error.to_string()),
        None => hashes(&partitions),
    }
}
