//! What certainly does not exist. Most event ids are new, and a first visit names aliases that
//! nobody has: asking the disk for each costs more than the decision.
//!
//! A filter answers *no* for certain and *yes* perhaps. It must know every row of its table, so it
//! begins where the table was empty: with a new installation, or for event ids with the first
//! six-hour bucket after a start. Where there is no filter, the disk is asked.

use crate::{Error, tables};
use cauce_core::ids::{EventId, Partition};
use cauce_core::state::Key;
use cauce_store::State;
use fastbloom::BloomFilter;
use hashbrown::DefaultHashBuilder;
use std::collections::BTreeMap;
use std::hash::BuildHasher;

/// Rows for which the first layer of a filter is made; each further layer takes four times as many.
const FIRST_LAYER: usize = 1_024;
/// How often a layer says *yes* to what is not there.
const FALSE_YES: f64 = 0.01;
/// Limit: six-hour buckets of event ids with a filter. The window of de-duplication spans five.
const BUCKETS_MAX: usize = 6;
/// Tables, besides event ids, that are often asked for what they do not have, by their numbers.
const ASKED_IN_VAIN: [&str; 4] = ["profiles", "aliases", "locations", "requests"];

/// A filter that grows.
#[derive(Default)]
struct Filter {
    layers: Vec<BloomFilter>,
    room: usize,
}

impl Filter {
    fn add(&mut self, hash: u64) {
        if self.room == 0 {
            self.room = FIRST_LAYER << (2 * self.layers.len());
            let layer = BloomFilter::with_false_pos(FALSE_YES).expected_items(self.room);
            self.layers.push(layer);
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.insert_hash(hash);
            self.room -= 1;
        }
    }

    fn may_have(&self, hash: u64) -> bool {
        self.layers.iter().rev().any(|layer| layer.contains_hash(hash))
    }
}

/// The filters of one partition.
#[derive(Default)]
pub struct Absent {
    /// A key is hashed once for all layers of its filter. Seeded by chance: nobody can choose names
    /// that all seem to be there.
    hasher: DefaultHashBuilder,
    tables: BTreeMap<u8, Filter>,
    seen: BTreeMap<u32, Filter>,
    /// Event ids of buckets from this one on are all in `seen`; none: of no bucket.
    seen_from: Option<u32>,
}

impl Absent {
    /// Begins over what a store has; `complete` says of which tables it has nothing that is not in
    /// memory.
    pub fn over(
        partition: Partition,
        state: &dyn State,
        complete: &[bool],
    ) -> Result<Absent, Error> {
        let empty = |name: &&str| {
            let number = tables::TABLES.iter().position(|table| table.name == *name)?;
            complete[number].then_some((number as u8, Filter::default()))
        };
        let tables = ASKED_IN_VAIN.iter().filter_map(empty).collect();
        let seen_from = last_bucket(partition, state)?.map_or(Some(0), |last| last.checked_add(1));
        Ok(Absent { tables, seen_from, ..Absent::default() })
    }

    /// Remembers a row that is written.
    pub fn add(&mut self, key: &Key) {
        if let Key::Seen(bucket, _) = key {
            if self.seen_from.is_some_and(|from| *bucket >= from) {
                self.seen.entry(*bucket).or_default().add(self.hasher.hash_one(key));
                while self.seen.len() > BUCKETS_MAX {
                    let gone = self.seen.pop_first().map(|(bucket, _)| bucket);
                    self.seen_from = gone.and_then(|bucket| bucket.checked_add(1));
                }
            }
        } else if let Some(filter) = self.tables.get_mut(&tables::table(key)) {
            filter.add(self.hasher.hash_one(key));
        }
    }

    /// Whether a row certainly does not exist.
    pub fn lacks(&self, key: &Key) -> bool {
        if let Key::Seen(bucket, _) = key {
            let known = self.seen_from.is_some_and(|from| *bucket >= from);
            let filter = self.seen.get(bucket);
            return known
                && !filter.is_some_and(|filter| filter.may_have(self.hasher.hash_one(key)));
        }
        let filter = self.tables.get(&tables::table(key));
        filter.is_some_and(|filter| !filter.may_have(self.hasher.hash_one(key)))
    }
}

/// The last bucket of event ids that a store has for a partition.
fn last_bucket(partition: Partition, state: &dyn State) -> Result<Option<u32>, Error> {
    let number = tables::table(&Key::Seen(0, EventId(0)));
    let end = tables::prefix_end(partition);
    let mut last = None;
    let mut from = Some(0u32);
    while let Some(bucket) = from.take() {
        let low = tables::spell(partition, &Key::Seen(bucket, EventId(0)));
        let visit = &mut |bytes: &[u8], _: &[u8]| {
            if let Some(Key::Seen(found, _)) = tables::read(number, bytes) {
                last = Some(found);
                from = found.checked_add(1);
            }
            false
        };
        state.range(number, &low, Some(&end), visit).map_err(Error::on(partition))?;
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::profile::Alias;
    use cauce_store::{Batch, MemoryState};

    fn seen(bucket: u32, id: u128) -> Key {
        Key::Seen(bucket, EventId(id))
    }

    fn alias(n: u32) -> Key {
        Key::Alias(Alias { namespace: "user_id".to_owned(), value: n.to_string() })
    }

    fn over(state: &MemoryState, complete: bool) -> Absent {
        Absent::over(3, state, &vec![complete; tables::TABLES.len()]).unwrap()
    }

    #[test]
    fn what_was_written_is_never_lacking() {
        let mut absent = over(&MemoryState::new(tables::TABLES.len(), 1), true);
        for n in 0..20_000 {
            absent.add(&alias(n));
            absent.add(&seen(n % 3, u128::from(n)));
        }
        for n in 0..20_000 {
            assert!(!absent.lacks(&alias(n)), "{n}");
            assert!(!absent.lacks(&seen(n % 3, u128::from(n))), "{n}");
        }
        let wrong = (20_000..40_000).filter(|n| !absent.lacks(&alias(*n))).count();
        assert!(wrong < 1_000, "{wrong} of 20,000 are said to exist");
        assert!(!absent.lacks(&Key::Head(1)), "no filter for this table");
    }

    #[test]
    fn what_was_there_before_is_asked_of_the_store() {
        let state = MemoryState::new(tables::TABLES.len(), 1);
        let mut batch = Batch::default();
        for bucket in [4, 9] {
            batch.put(18, tables::spell(3, &seen(bucket, 1)), vec![1]);
        }
        batch.put(18, tables::spell(4, &seen(12, 1)), vec![1]);
        cauce_store::State::write(&state, batch).unwrap();
        let mut absent = over(&state, false);
        assert!(!absent.lacks(&alias(1)));
        assert!(!absent.lacks(&seen(9, 7)) && !absent.lacks(&seen(2, 7)));
        assert!(absent.lacks(&seen(10, 7)), "a bucket after the start is known whole");
        for bucket in 10..20 {
            absent.add(&seen(bucket, 1));
        }
        assert!(!absent.lacks(&seen(11, 7)), "its filter was let go");
        assert!(absent.lacks(&seen(19, 7)) && !absent.lacks(&seen(19, 1)));
    }
}
