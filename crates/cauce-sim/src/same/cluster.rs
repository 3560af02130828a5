//! Partitions without a log: rows in memory and queues between them, so small that all their
//! futures
//! can be tried.

use crate::world::World;
use cauce_core::decide::{Place, decide};
use cauce_core::decision::Effect;
use cauce_core::ids::{Origin, Partition as Number, Position, TraceId};
use cauce_core::input::{Body, Hop, Input};
use cauce_core::profile::SegmentNumber;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use cauce_engine::tables;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The rows of one partition.
#[derive(Clone, Debug, Default)]
pub struct MemoryRows(pub BTreeMap<Key, Row>);

impl Rows for MemoryRows {
    fn get(&self, key: &Key) -> Option<Row> {
        self.0.get(key).cloned()
    }

    fn range(&self, from: &Key, to: &Key, limit: usize) -> Vec<(Key, Row)> {
        let rows = self.0.range(from.clone()..to.clone()).take(limit);
        rows.map(|(key, row)| (key.clone(), row.clone())).collect()
    }

    fn members(&self, segment: SegmentNumber) -> roaring::RoaringBitmap {
        let low = Key::Head(0);
        let inside = self.0.range(low..).map_while(|(key, row)| match (key, row) {
            (Key::Head(number), Row::Head(head)) => Some((*number, head)),
            _ => None,
        });
        inside
            .filter(|(_, head)| head.segments.get(&segment).is_some_and(|s| s.inside))
            .map(|(number, _)| number)
            .collect()
    }
}

/// Names a decision by what caused it and not by when it came: then a state does not depend on the
/// way that led there.
pub type Cause = u64;

/// Hops on their way: number, what caused it, the hop.
pub type Queue = VecDeque<(u64, Cause, Arc<Hop>)>;

/// Partitions and the hops between them.
#[derive(Clone)]
pub struct Cluster {
    /// Plans.
    pub world: Arc<World>,
    /// Rows by partition.
    pub rows: Vec<MemoryRows>,
    /// Hops by (from, to), first in, first out: number, what caused it, the hop.
    pub queues: BTreeMap<(Number, Number), Queue>,
    /// Decisions so far.
    pub decisions: u64,
}

impl Cluster {
    /// Empty partitions that know the world's last plan.
    #[must_use]
    pub fn new(partitions: u16, world: Arc<World>) -> Cluster {
        let plan = world.book().plan;
        let rows = vec![MemoryRows::default(); usize::from(partitions)];
        let mut cluster = Cluster { world, rows, queues: BTreeMap::new(), decisions: 0 };
        for number in 0..partitions {
            cluster.take(number, u64::from(number) + 1, Timestamp(0), Body::Publish { plan });
        }
        cluster
    }

    /// Decides one input in a partition; its hops go into the queues.
    pub fn take(&mut self, to: Number, cause: Cause, at: Timestamp, body: Body) -> Vec<Effect> {
        self.decisions += 1;
        let position = Position { incarnation: 0, offset: cause & 0xffff_ffff_ffff };
        let origin = Origin { workspace: tables::WORKSPACE, partition: to, position };
        let place = Place { origin, partitions: self.rows.len() as u16 };
        let input = Input { at, trace: TraceId::default(), body };
        let rows = &mut self.rows[usize::from(to)];
        let decision = decide(rows, &*self.world, place, &input);
        for (key, row) in decision.changes {
            match row {
                Some(row) => rows.0.insert(key, row),
                None => rows.0.remove(&key),
            };
        }
        let mut nth = 0;
        for effect in &decision.effects {
            let Effect::Hop { to: other, n } = effect else { continue };
            // Shipped and acknowledged at once: the queue is the row.
            let Some(Row::HopOut(hop)) = rows.0.remove(&Key::HopOut(*other, *n)) else { continue };
            nth += 1;
            let cause = cauce_core::ids::hash64(&[&cause.to_le_bytes(), &[nth]]);
            self.queues.entry((to, *other)).or_default().push_back((*n, cause, hop));
        }
        decision.effects
    }

    /// Delivers the first hop of a pair.
    pub fn deliver(&mut self, pair: (Number, Number), at: Timestamp) -> Vec<Effect> {
        let Some(queue) = self.queues.get_mut(&pair) else { return Vec::new() };
        let Some((n, cause, hop)) = queue.pop_front() else { return Vec::new() };
        if queue.is_empty() {
            self.queues.remove(&pair);
        }
        let body = Body::Hop { from: pair.0, n, hop: Hop::clone(&hop) };
        self.take(pair.1, cause, at, body)
    }

    /// Delivers hops until none is left; `told` hears all effects.
    pub fn settle(&mut self, at: Timestamp, told: &mut Vec<(Number, Effect)>) {
        while let Some(pair) = self.queues.keys().next().copied() {
            let effects = self.deliver(pair, at);
            told.extend(effects.into_iter().map(|effect| (pair.1, effect)));
        }
    }
}
