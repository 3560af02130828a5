//! Partitions of the real core, which hear of each other in any order.

use crate::model::RowKey;
use cauce_core::consent::STATED;
use cauce_core::ids::Partition as Number;
use cauce_core::input::Body;
use cauce_core::profile::{Alias, Head, Status};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use cauce_sim::people::entry;
use cauce_sim::rng::Rng;
use cauce_sim::same::cluster::Cluster;
use cauce_sim::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Events that one look at the clock takes.
const TICK: u32 = 1_000;

pub struct Stage {
    cluster: Cluster,
    cause: u64,
    now: Timestamp,
    rng: Rng,
}

/// Somebody who lives here: what is known of them, and the rows of their timeline.
pub struct Living {
    pub head: Arc<Head>,
    pub rows: BTreeSet<RowKey>,
}

impl Stage {
    pub fn new(partitions: u16, world: &Arc<World>, now: Timestamp, chance: u64) -> Stage {
        let cluster = Cluster::new(partitions, world.clone());
        Stage { cluster, cause: 1_000, now, rng: Rng::new(chance) }
    }

    fn partitions(&self) -> Number {
        self.cluster.rows.len() as Number
    }

    pub fn at(&mut self, now: Timestamp) {
        self.now = now;
    }

    fn put(&mut self, to: Number, body: Body) {
        self.cause += 1;
        self.cluster.take(to, self.cause, self.now, body);
    }

    /// Something happens to somebody.
    pub fn say(&mut self, body: Body) {
        self.put(entry(&body, self.partitions()), body);
    }

    /// Something happens in every partition.
    pub fn tell(&mut self, body: &Body) {
        for number in 0..self.partitions() {
            self.put(number, body.clone());
        }
    }

    /// So many hops arrive, each the first of any queue.
    pub fn deliver(&mut self, count: usize) {
        for _ in 0..count {
            let pairs: Vec<_> = self.cluster.queues.keys().copied().collect();
            if pairs.is_empty() {
                return;
            }
            let pair = *self.rng.pick(&pairs);
            self.cluster.deliver(pair, self.now);
        }
    }

    /// Everything arrives.
    pub fn settle(&mut self) {
        while !self.cluster.queues.is_empty() {
            self.deliver(1);
        }
    }

    /// Everything arrives, and every partition looks at the clock.
    pub fn look(&mut self) {
        self.settle();
        for number in 0..self.partitions() {
            while self.is_due(number) {
                self.put(number, Body::Tick { limit: TICK, epoch: 1 });
            }
        }
        self.settle();
    }

    fn is_due(&self, number: Number) -> bool {
        let (low, high) = Key::timers(Timestamp(0), self.now);
        !self.cluster.rows[usize::from(number)].range(&low, &high, 1).is_empty()
    }

    pub fn is_building(&self) -> bool {
        self.cluster.rows.iter().any(|rows| match rows.get(&Key::Builds) {
            Some(Row::Builds(builds)) => builds.segments.values().any(|built| built.1 != u32::MAX),
            _ => false,
        })
    }

    /// Everybody by their names.
    pub fn living(&self) -> BTreeMap<BTreeSet<Alias>, Living> {
        let mut living = BTreeMap::new();
        for rows in &self.cluster.rows {
            for (key, row) in rows.range(&Key::Head(0), &Key::Head(u32::MAX), usize::MAX) {
                if let (Key::Head(number), Row::Head(head)) = (key, row)
                    && head.status == Status::Live
                {
                    let (low, high) = Key::timeline(number);
                    let kept = rows.range(&low, &high, usize::MAX).into_iter();
                    let kept = kept.filter_map(|(key, _)| match key {
                        Key::Timeline(_, name, at, event) => Some((name, at, event)),
                        _ => None,
                    });
                    // Statements are rows of their own: what they come to is compared.
                    let kept = kept.filter(|(name, ..)| name != STATED).collect();
                    living.insert(head.aliases.clone(), Living { head, rows: kept });
                }
            }
        }
        living
    }
}
