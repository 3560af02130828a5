//! What events and attributes look like, learned beside the partitions as they take events: no
//! decision depends on it, and no hash of a replay.
//!
//! It is written down before every checkpoint, each partition with the position up to which it has
//! learned. What a crash takes of it is taken again from the log and learned again (decision 18).

use cauce_core::decision::Effect;
use cauce_core::ids::{Partition, Position};
use cauce_core::input::Body;
use cauce_core::schema::Learned;
use cauce_engine::partition::Taken;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Its file in the data directory.
pub const FILE: &str = "learned.json";

/// What one partition has taught, and up to where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Seat {
    last: Option<Position>,
    learned: Learned,
}

/// See the module.
pub struct Learner {
    seats: Vec<Mutex<Seat>>,
    file: PathBuf,
    ahead: AtomicBool,
}

impl Learner {
    /// Goes on from what is written down. A file that cannot be read is begun anew: nothing but
    /// counts is lost.
    pub fn open(data: &Path, partitions: u16) -> Learner {
        let file = data.join(FILE);
        let known = std::fs::read(&file).ok().map(|bytes| serde_json::from_slice(&bytes));
        let mut known: Vec<Seat> = match known {
            Some(Ok(known)) => known,
            Some(Err(error)) => {
                tracing::warn!(%error, "what was learned cannot be read; it is learned anew");
                Vec::new()
            }
            None => Vec::new(),
        };
        known.resize_with(usize::from(partitions), Seat::default);
        let seats = known.into_iter().map(Mutex::new).collect();
        Learner { seats, file, ahead: AtomicBool::new(false) }
    }

    fn seat(&self, partition: Partition) -> Option<MutexGuard<'_, Seat>> {
        let seat = self.seats.get(usize::from(partition))?;
        Some(seat.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Learns from an entry that was taken, also at a start; each once.
    pub fn take(&self, partition: Partition, taken: &Taken) {
        let Body::Event(event) = &taken.input.body else { return };
        let Some(mut seat) = self.seat(partition) else { return };
        if seat.last.is_some_and(|last| taken.position <= last) {
            return;
        }
        seat.last = Some(taken.position);
        let refused = taken.effects.iter().any(|effect| match effect {
            Effect::Note(note) => matches!(note.code.as_str(), "duplicate" | "erased" | "unfit"),
            _ => false,
        });
        if !refused {
            seat.learned.learn(event);
        }
        self.ahead.store(true, Ordering::Relaxed);
    }

    /// Everything that was learned, of all partitions.
    pub fn learned(&self) -> Learned {
        let mut all = Learned::default();
        for partition in 0..self.seats.len() as Partition {
            if let Some(seat) = self.seat(partition) {
                all.merge(&seat.learned);
            }
        }
        all
    }

    /// What is written down, for a backup.
    pub fn written(&self) -> Vec<u8> {
        let seats: Vec<Seat> = (0..self.seats.len() as Partition)
            .filter_map(|partition| self.seat(partition).map(|seat| seat.clone()))
            .collect();
        serde_json::to_vec(&seats).unwrap_or_default()
    }

    /// Writes it down, if there is anything new. A disk that refuses holds up nothing: what is
    /// learned is worth less than a checkpoint.
    pub fn flush(&self) {
        if !self.ahead.swap(false, Ordering::Relaxed) {
            return;
        }
        let unfinished = self.file.with_extension("tmp");
        let done = crate::boot::write_private(&unfinished, &self.written());
        let done = done.and_then(|()| Ok(std::fs::rename(&unfinished, &self.file)?));
        if let Err(error) = done {
            self.ahead.store(true, Ordering::Relaxed);
            tracing::warn!(error = format!("{error:#}"), "what was learned is not written down");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::admit::{Edge, native};
    use cauce_core::identity::Namespaces;
    use cauce_core::ids::{EventId, TraceId};
    use cauce_core::input::Input;
    use cauce_core::time::Timestamp;
    use serde_json::json;

    fn taken(offset: u64, body: &serde_json::Value) -> Taken {
        let edge = Edge {
            received_at: Timestamp(offset as i64),
            sent_at: None,
            historical: false,
            fallback: EventId(u128::from(offset)),
        };
        let event = native(body, &edge, &Namespaces::default()).unwrap();
        let body = Body::Event(Box::new(event));
        Taken {
            position: Position { incarnation: 1, offset },
            input: Input { at: edge.received_at, trace: TraceId(1), body },
            effects: Vec::new(),
            caused: Vec::new(),
            moved: Vec::new(),
            next_due: None,
        }
    }

    #[test]
    fn what_is_taken_again_after_a_crash_is_learned_once() {
        let folder = tempfile::tempdir().unwrap();
        let event = |n: u64| json!({ "name": "seen", "user_id": "7", "properties": { "n": n } });
        let learner = Learner::open(folder.path(), 2);
        for offset in 0..10 {
            learner.take(1, &taken(offset, &event(offset)));
        }
        learner.flush();
        // Two more, which a crash takes from the memory and not from the log.
        for offset in 10..12 {
            learner.take(1, &taken(offset, &event(offset)));
        }
        let whole = learner.learned();
        drop(learner);
        let again = Learner::open(folder.path(), 2);
        assert_eq!(again.learned().events["seen"].count, 10);
        for offset in 5..12 {
            again.take(1, &taken(offset, &event(offset)));
        }
        assert_eq!(again.learned(), whole);
        assert_eq!(whole.events["seen"].count, 12);
        assert_eq!(whole.events["seen"].traits["n"].types.number, 12);
    }

    /// Measures, and says so: `cargo test --release -p cauce-server learning_costs -- --nocapture`.
    #[test]
    fn learning_costs_little() {
        let folder = tempfile::tempdir().unwrap();
        let learner = Learner::open(folder.path(), 1);
        let body = json!({ "name": "order_completed", "user_id": "7",
            "properties": { "order_id": "o-1", "total": 19.99, "currency": "EUR", "coupon": null,
                            "at": "2026-11-24T10:00:00Z", "gift": true,
                            "items": [{ "sku": "a", "price": 10, "quantity": 1 },
                                      { "sku": "b", "price": 9.99, "quantity": 1 }] },
            "attributes": { "city": "Madrid", "plan": "gold" } });
        let mut entry = taken(0, &body);
        let count = 200_000u64;
        let started = std::time::Instant::now();
        for offset in 0..count {
            entry.position.offset = offset;
            learner.take(0, &entry);
        }
        let each = started.elapsed().as_nanos() as f64 / count as f64;
        println!("learning costs {each:.0} ns an event");
        let shape = &learner.learned().events["order_completed"];
        assert_eq!(shape.count, count);
        assert!(shape.looked < count / 10, "{}", shape.looked);
        assert_eq!(shape.traits["items[].sku"].present, shape.looked);
    }
}
