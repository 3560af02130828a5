//! Rows in memory, table by table: hashed where rows are asked for by name, sorted where ranges
//! are walked.

use cauce_core::state::{Key, Row};
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// A row in memory.
pub struct Slot {
    /// The row; none: removed, and the store may not know it yet.
    pub row: Option<Row>,
    /// The generation that changed it; 0: as read from disk.
    pub dirty: u32,
    /// The generation that touched it last.
    pub touched: u32,
}

/// The rows of one table.
pub enum Hot {
    /// Asked for by name. Walking it in order sorts it first.
    Hashed(HashMap<Key, Slot>),
    /// Walked in ranges.
    Sorted(BTreeMap<Key, Slot>),
}

/// Tables whose rows are walked in ranges while inputs are decided, by their name. A table that is
/// not named works as well, slower for ranges.
const SORTED: [&str; 14] = [
    "merges",
    "forgotten",
    "runs",
    "timeline",
    "messages",
    "attempting",
    "outbox",
    "timers",
    "hops-out",
    "campaign-members",
    "seen",
    "lists",
    "named-until",
    "held",
];

/// Tables that are written and hardly ever read again: their rows leave memory once they are on
/// disk.
const PASSING: [&str; 2] = ["timeline", "seen"];

/// Queues: their first rows are asked for again and again. They stay in memory whole while they are
/// not too long.
const STAYING: [&str; 17] = [
    "attempting",
    "outbox",
    "timers",
    "hops-out",
    "hops-in",
    // Asked for with every marketing message.
    "mailbox-pauses",
    "blocks",
    "mailbox-hosts",
    // Asked for with every event: whether its person was erased.
    "erasure-key",
    "erased",
    "erasing",
    "scrubbing",
    // Asked for with every timer.
    "list-states",
    "named-until",
    "settling",
    // Asked for with every message that a provider took, and every address that is gone.
    "strikes",
    "guard",
];

impl Hot {
    /// Nothing yet, in the form that suits the table.
    pub fn of(table: &str) -> Hot {
        match SORTED.contains(&table) {
            true => Hot::Sorted(BTreeMap::new()),
            false => Hot::Hashed(HashMap::new()),
        }
    }

    /// Whether a table's rows only pass through memory.
    pub fn passes(table: &str) -> bool {
        PASSING.contains(&table)
    }

    /// Whether a table is kept in memory whole.
    pub fn stays(table: &str) -> bool {
        STAYING.contains(&table)
    }

    /// A row's slot, to be changed.
    pub fn get_mut(&mut self, key: &Key) -> Option<&mut Slot> {
        match self {
            Hot::Hashed(rows) => rows.get_mut(key),
            Hot::Sorted(rows) => rows.get_mut(key),
        }
    }

    /// A row's slot.
    pub fn get(&self, key: &Key) -> Option<&Slot> {
        match self {
            Hot::Hashed(rows) => rows.get(key),
            Hot::Sorted(rows) => rows.get(key),
        }
    }

    /// Puts a slot in place.
    pub fn insert(&mut self, key: Key, slot: Slot) {
        match self {
            Hot::Hashed(rows) => drop(rows.insert(key, slot)),
            Hot::Sorted(rows) => drop(rows.insert(key, slot)),
        }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Hot::Hashed(rows) => rows.len(),
            Hot::Sorted(rows) => rows.len(),
        }
    }

    /// Keeps what is wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(&Slot) -> bool) {
        match self {
            Hot::Hashed(rows) => rows.retain(|_, slot| wanted(slot)),
            Hot::Sorted(rows) => rows.retain(|_, slot| wanted(slot)),
        }
    }

    /// Every slot, in no order.
    pub fn each(&self, visit: &mut dyn FnMut(&Slot)) {
        match self {
            Hot::Hashed(rows) => rows.values().for_each(visit),
            Hot::Sorted(rows) => rows.values().for_each(visit),
        }
    }

    /// Slots from `from` to before `to`, in order; all without bounds.
    pub fn range<'a>(
        &'a self,
        bounds: Option<(&Key, &Key)>,
    ) -> Box<dyn DoubleEndedIterator<Item = (&'a Key, &'a Slot)> + 'a> {
        match (self, bounds) {
            (Hot::Sorted(rows), Some((from, to))) => Box::new(rows.range(from..to)),
            (Hot::Sorted(rows), None) => Box::new(rows.iter()),
            (Hot::Hashed(rows), bounds) => {
                let inside = |key: &Key| bounds.is_none_or(|(from, to)| from <= key && key < to);
                let mut found: Vec<_> = rows.iter().filter(|(key, _)| inside(key)).collect();
                found.sort_unstable_by_key(|(key, _)| *key);
                Box::new(found.into_iter())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_answer_alike() {
        let slot = |n| Slot { row: Some(Row::HopIn(n)), dirty: 1, touched: n as u32 };
        for mut hot in [Hot::of("heads"), Hot::of("timers")] {
            for n in [7u32, 1, 5, 3] {
                hot.insert(Key::Head(n), slot(u64::from(n)));
            }
            hot.retain(|slot| slot.touched != 5);
            assert_eq!(hot.len(), 3);
            assert!(hot.get(&Key::Head(5)).is_none() && hot.get_mut(&Key::Head(3)).is_some());
            let keys = |bounds: Option<(&Key, &Key)>| {
                hot.range(bounds).map(|(key, _)| (*key).clone()).collect::<Vec<_>>()
            };
            assert_eq!(keys(None), [1, 3, 7].map(Key::Head));
            assert_eq!(keys(Some((&Key::Head(1), &Key::Head(7)))), [1, 3].map(Key::Head));
        }
    }

    #[test]
    fn every_named_table_exists() {
        for name in SORTED.iter().chain(&PASSING).chain(&STAYING) {
            assert!(crate::tables::TABLES.iter().any(|table| table.name == *name), "{name}");
        }
    }
}
