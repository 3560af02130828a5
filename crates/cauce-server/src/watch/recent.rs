//! The events that were accepted last: where each stands in the log, and nothing about anybody. Who
//! looks reads them from there, so that what was erased is nowhere else.

use super::pace::Seconds;
use cauce_core::ids::{Partition, TraceId};
use cauce_core::time::Timestamp;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Limit: events that are remembered; the oldest are dropped.
pub const EVENTS_MAX: usize = 2_000;

/// Where an accepted event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Counts from one in the order of acceptance, as long as the process lives.
    pub number: u64,
    /// In which partition's log.
    pub partition: Partition,
    /// At which place of it.
    pub offset: u64,
    /// When it was accepted.
    pub at: Timestamp,
    /// What it caused goes by this.
    pub trace: TraceId,
}

#[derive(Debug, Default)]
struct Ring {
    places: VecDeque<Place>,
    taken: u64,
    seconds: Seconds,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Recent {
    ring: Mutex<Ring>,
}

impl Recent {
    /// An event was accepted.
    pub fn push(&self, partition: Partition, offset: u64, at: Timestamp, trace: TraceId) {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.taken += 1;
        let number = ring.taken;
        ring.seconds.add(at, 1);
        if ring.places.len() >= EVENTS_MAX {
            ring.places.pop_front();
        }
        ring.places.push_back(Place { number, partition, offset, at, trace });
    }

    /// Events accepted since the start.
    pub fn taken(&self) -> u64 {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).taken
    }

    /// Events accepted in each of the last seconds.
    pub fn per_second(&self, now: Timestamp) -> Vec<(Timestamp, u64)> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).seconds.before(now)
    }

    /// At most `limit` that came before a number, newest first.
    pub fn before(&self, number: u64, limit: usize) -> Vec<Place> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let end = ring.places.partition_point(|place| place.number < number);
        ring.places.range(..end).rev().take(limit).copied().collect()
    }

    /// At most `limit` behind a number, oldest first, and how many between were dropped.
    pub fn behind(&self, number: u64, limit: usize) -> (Vec<Place>, u64) {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let from = ring.places.partition_point(|place| place.number <= number);
        let found: Vec<Place> = ring.places.range(from..).take(limit).copied().collect();
        let first = found.first().map_or(ring.taken + 1, |place| place.number);
        (found, first.saturating_sub(number + 1))
    }

    /// How many are remembered, and the oldest of them.
    pub fn kept(&self) -> (usize, Option<Place>) {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        (ring.places.len(), ring.places.front().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_dropped_and_counted() {
        let recent = Recent::default();
        let push = |n: u64| recent.push(0, n, Timestamp(n as i64), TraceId::default());
        (1..=3).for_each(push);
        let numbers = |places: Vec<Place>| places.iter().map(|p| p.number).collect::<Vec<_>>();
        assert_eq!(numbers(recent.before(u64::MAX, 9)), [3, 2, 1]);
        assert_eq!(numbers(recent.before(3, 1)), [2]);
        let (found, skipped) = recent.behind(1, 9);
        assert_eq!((numbers(found), skipped), (vec![2, 3], 0));
        assert_eq!(recent.behind(3, 9), (vec![], 0));
        let more = EVENTS_MAX as u64 + 10;
        (4..=more).for_each(push);
        assert_eq!(recent.kept().0, EVENTS_MAX);
        let (found, skipped) = recent.behind(3, 2);
        assert_eq!((numbers(found), skipped), (vec![11, 12], 7));
        assert_eq!(recent.taken(), more);
    }
}
