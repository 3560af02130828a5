//! Who waits for what: for an entry to be durable, or for everything that it causes, over all hops,
//! to be applied.

use cauce_core::ids::{Partition, Position};
use hashbrown::HashMap;

/// What somebody who appends wants to be told. Called on the engine's threads: must not wait.
pub enum Wait {
    /// Nothing.
    None,
    /// That the entry is durable.
    Durable(Box<dyn FnOnce(Position) + Send>),
    /// That the entry and all that it caused, over all hops, is applied.
    Applied(Box<dyn FnOnce(Position) + Send>),
}

type Tell = Box<dyn FnOnce() + Send>;

/// One who waits for effects over all hops.
struct Applied {
    position: Position,
    open: u32,
    tell: Option<Box<dyn FnOnce(Position) + Send>>,
}

/// All who wait.
#[derive(Default)]
pub struct Waiting {
    durable: HashMap<(Partition, u64), Vec<Tell>>,
    entries: HashMap<(Partition, u64), Vec<u64>>,
    hops: HashMap<(Partition, Partition, u64), Vec<u64>>,
    applied: HashMap<u64, Applied>,
    next: u64,
}

impl Waiting {
    /// Writes a wish down.
    pub fn add(&mut self, partition: Partition, position: Position, wait: Wait) {
        match wait {
            Wait::None => {}
            Wait::Durable(tell) => {
                let tell: Tell = Box::new(move || tell(position));
                self.durable.entry((partition, position.offset)).or_default().push(tell);
            }
            Wait::Applied(tell) => {
                self.next += 1;
                let waiter = Applied { position, open: 1, tell: Some(tell) };
                self.applied.insert(self.next, waiter);
                self.entries.entry((partition, position.offset)).or_default().push(self.next);
            }
        }
    }

    /// Whether nobody waits for anything to be applied.
    pub fn is_idle(&self) -> bool {
        self.applied.is_empty()
    }

    /// Entries became durable: who has to be told.
    pub fn durable(&mut self, entries: &[(Partition, u64)]) -> Vec<Tell> {
        if self.durable.is_empty() {
            return Vec::new();
        }
        entries.iter().filter_map(|entry| self.durable.remove(entry)).flatten().collect()
    }

    /// What an entry put into the queues to other partitions: who waits for the entry waits for
    /// that
    /// too. Said while nobody else can take any of it yet; `hop` if the entry was one (sender,
    /// number).
    pub fn caused(
        &mut self,
        partition: Partition,
        offset: u64,
        hop: Option<(Partition, u64)>,
        caused: &[(Partition, u64)],
    ) {
        if caused.is_empty() || self.is_idle() {
            return;
        }
        let mut waiters = self.entries.get(&(partition, offset)).cloned().unwrap_or_default();
        if let Some((from, n)) = hop {
            waiters.extend(self.hops.get(&(from, partition, n)).into_iter().flatten());
        }
        for id in waiters {
            for (to, n) in caused {
                self.hops.entry((partition, *to, *n)).or_default().push(id);
            }
            if let Some(waiter) = self.applied.get_mut(&id) {
                waiter.open += caused.len() as u32;
            }
        }
    }

    /// An entry was applied, and everybody here knows of it. Who has to be told.
    pub fn applied(
        &mut self,
        partition: Partition,
        offset: u64,
        hop: Option<(Partition, u64)>,
    ) -> Vec<Tell> {
        let mut waiters = self.entries.remove(&(partition, offset)).unwrap_or_default();
        if let Some((from, n)) = hop {
            waiters.extend(self.hops.remove(&(from, partition, n)).unwrap_or_default());
        }
        let mut told: Vec<Tell> = Vec::new();
        for id in waiters {
            let Some(waiter) = self.applied.get_mut(&id) else { continue };
            waiter.open -= 1;
            if waiter.open == 0
                && let Some(mut waiter) = self.applied.remove(&id)
                && let Some(tell) = waiter.tell.take()
            {
                let position = waiter.position;
                told.push(Box::new(move || tell(position)));
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn applied_means_over_all_hops() {
        let told = Arc::new(AtomicU32::new(0));
        let count = told.clone();
        let mut waiting = Waiting::default();
        let position = Position { incarnation: 0, offset: 5 };
        let tell = Box::new(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        waiting.add(1, position, Wait::Applied(tell));
        let run = |tells: Vec<Tell>| tells.into_iter().for_each(|tell| tell());
        run(waiting.applied(1, 4, None));
        waiting.caused(1, 5, None, &[(2, 10), (3, 20)]);
        // Another partition is faster than the one that sent it there.
        waiting.caused(2, 7, Some((1, 10)), &[(3, 9)]);
        run(waiting.applied(2, 7, Some((1, 10))));
        run(waiting.applied(3, 1, Some((1, 20))));
        run(waiting.applied(3, 2, Some((2, 9))));
        assert_eq!(told.load(Ordering::Relaxed), 0, "the entry itself is not applied");
        run(waiting.applied(1, 5, None));
        assert_eq!(told.load(Ordering::Relaxed), 1);
        assert!(waiting.is_idle());
    }
}
