//! What a backup would send once more: whatever was about to leave when it was made has left since.

use crate::tables::{self, prefix, prefix_end, spell};
use crate::{Error, codec};
use cauce_core::ids::{MessageId, Partition};
use cauce_core::message::ledger::Source;
use cauce_core::state::{Key, Row};
use cauce_core::time::Timestamp;
use cauce_store::State;
use std::collections::BTreeMap;

/// Rows that are read at a time.
const CHUNK_ROWS: usize = 4_096;

/// Messages and steps that a restored state would let go by themselves. Campaigns that start or go
/// on are the control log's to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Messages of API requests that wait in a queue.
    pub requested: u64,
    /// Messages that wait in a queue and walks whose next step is due, by journey.
    pub journeys: BTreeMap<String, u64>,
}

impl Waiting {
    /// Counts in all partitions of a state whose rows are all on the disk; reads every waiting
    /// message and every walk.
    ///
    /// # Errors
    /// The store's, and rows that cannot be read.
    pub fn count(partitions: u16, state: &dyn State, now: Timestamp) -> Result<Waiting, Error> {
        let mut waiting = Waiting::default();
        for partition in 0..partitions {
            each(state, partition, tables::OUTBOX, &mut |key, _| {
                let id = key.last_chunk::<16>().map(|id| u128::from_be_bytes(*id));
                let Some(id) = id else { return Ok(()) };
                let key = Key::Message(MessageId(id));
                let found = state.get(tables::table(&key), &spell(partition, &key));
                let Some(bytes) = found.map_err(Error::on(partition))? else { return Ok(()) };
                if let Row::Message(message) = codec::row(&bytes)? {
                    waiting.add(&message.source);
                }
                Ok(())
            })?;
            each(state, partition, tables::RUNS, &mut |_, value| {
                if let Row::Run(run) = codec::row(value)?
                    && run.waiting.until() <= now
                {
                    *waiting.journeys.entry(run.journey.clone()).or_default() += 1;
                }
                Ok(())
            })?;
        }
        Ok(waiting)
    }

    fn add(&mut self, source: &Source) {
        match source {
            Source::Api { .. } => self.requested += 1,
            // Its run is known to the control log.
            Source::Campaign { .. } => {}
            Source::Journey { journey, .. } => {
                *self.journeys.entry(journey.clone()).or_default() += 1;
            }
        }
    }
}

type Visit<'v> = dyn FnMut(&[u8], &[u8]) -> Result<(), Error> + 'v;

/// Visits a partition's rows of a table, some at a time: what is found may be asked for others.
fn each(
    state: &dyn State,
    partition: Partition,
    table: u8,
    visit: &mut Visit<'_>,
) -> Result<(), Error> {
    let (mut from, end) = (prefix(partition), prefix_end(partition));
    loop {
        let mut rows = Vec::new();
        let read = state.range(table, &from, Some(&end), &mut |key, value| {
            rows.push((key.to_vec(), value.to_vec()));
            rows.len() < CHUNK_ROWS
        });
        read.map_err(Error::on(partition))?;
        for (key, value) in &rows {
            visit(key, value)?;
        }
        match rows.pop() {
            Some((last, _)) if rows.len() + 1 >= CHUNK_ROWS => {
                from = last;
                from.push(0);
            }
            _ => return Ok(()),
        }
    }
}
