//! Who waits for what: for an entry to be durable, or for everything that it causes, over all hops,
//! to be applied.

use crate::Error;
use cauce_core::ids::{Partition, Position};
use hashbrown::{HashMap, HashSet};
use std::sync::Arc;

/// What somebody who appends wants to be told. Called on the engine's threads: must not wait.
pub enum Wait {
    /// Nothing.
    None,
    /// That the entry is durable.
    Durable(Told),
    /// That the entry and all that it caused, over all hops, is applied.
    Applied(Told),
}

/// How somebody is told: the position, or [`Error::Stopped`] if what they wait for does not come.
pub type Told = Box<dyn FnOnce(Result<Position, Error>) + Send>;

type Tell = Box<dyn FnOnce() + Send>;

fn stopped(tell: Told, why: &Arc<str>) -> Tell {
    let why = why.clone();
    Box::new(move || tell(Err(Error::Stopped(why.to_string()))))
}

/// One who waits for effects over all hops.
struct Applied {
    position: Position,
    open: u32,
    tell: Told,
}

/// All who wait.
#[derive(Default)]
pub struct Waiting {
    durable: HashMap<(Partition, u64), Vec<(Position, Told)>>,
    entries: HashMap<(Partition, u64), Vec<u64>>,
    hops: HashMap<(Partition, Partition, u64), Vec<u64>>,
    applied: HashMap<u64, Applied>,
    next: u64,
    /// Partitions that take nothing any more, and why.
    stopped: HashMap<Partition, Arc<str>>,
    /// Why nothing becomes durable any more.
    ended: Option<Arc<str>>,
}

impl Waiting {
    /// Writes a wish down; whom it returns is told at once that it does not come true.
    pub fn add(&mut self, partition: Partition, position: Position, wait: Wait) -> Option<Tell> {
        match (wait, &self.ended, self.stopped.get(&partition)) {
            (Wait::None, ..) => {}
            (Wait::Durable(tell) | Wait::Applied(tell), Some(why), _)
            | (Wait::Applied(tell), None, Some(why)) => return Some(stopped(tell, why)),
            (Wait::Durable(tell), None, _) => {
                let entry = self.durable.entry((partition, position.offset));
                entry.or_default().push((position, tell));
            }
            (Wait::Applied(tell), None, None) => {
                self.next += 1;
                self.applied.insert(self.next, Applied { position, open: 1, tell });
                self.entries.entry((partition, position.offset)).or_default().push(self.next);
            }
        }
        None
    }

    /// A partition takes nothing any more: who waits for it, now or later, is told so.
    pub fn stop(&mut self, partition: Partition, why: &str) -> Vec<Tell> {
        let why: Arc<str> = why.into();
        self.stopped.insert(partition, why.clone());
        let entries = self.entries.iter().filter(|((at, _), _)| *at == partition);
        let hops = self.hops.iter().filter(|((_, to, _), _)| *to == partition);
        let waiters = entries.map(|(_, ids)| ids).chain(hops.map(|(_, ids)| ids));
        let waiters: HashSet<u64> = waiters.flatten().copied().collect();
        self.entries.retain(|(at, _), _| *at != partition);
        self.hops.retain(|(_, to, _), _| *to != partition);
        self.fail(waiters, &why)
    }

    /// Nothing becomes durable any more, and nothing is applied: everybody is told so.
    pub fn end(&mut self, why: &str) -> Vec<Tell> {
        let why: Arc<str> = why.into();
        self.ended = Some(why.clone());
        self.entries.clear();
        self.hops.clear();
        let durable = self.durable.drain().flat_map(|(_, waiters)| waiters);
        let mut told: Vec<Tell> = durable.map(|(_, tell)| stopped(tell, &why)).collect();
        let applied = self.applied.keys().copied().collect();
        told.extend(self.fail(applied, &why));
        told
    }

    fn fail(&mut self, waiters: HashSet<u64>, why: &Arc<str>) -> Vec<Tell> {
        let gone = waiters.into_iter().filter_map(|id| self.applied.remove(&id));
        gone.map(|waiter| stopped(waiter.tell, why)).collect()
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
        let waiters = entries.iter().filter_map(|entry| self.durable.remove(entry)).flatten();
        let tell =
            |(position, tell): (Position, Told)| -> Tell { Box::new(move || tell(Ok(position))) };
        waiters.map(tell).collect()
    }

    /// What an entry put into the queues to other partitions: who waits for the entry waits for
    /// that too. Said while nobody else can take any of it yet; `hop` if the entry was one (sender,
    /// number). Returns who waits in vain because the other partition stopped.
    pub fn caused(
        &mut self,
        partition: Partition,
        offset: u64,
        hop: Option<(Partition, u64)>,
        caused: &[(Partition, u64)],
    ) -> Vec<Tell> {
        if caused.is_empty() || self.is_idle() {
            return Vec::new();
        }
        let mut waiters = self.entries.get(&(partition, offset)).cloned().unwrap_or_default();
        if let Some((from, n)) = hop {
            waiters.extend(self.hops.get(&(from, partition, n)).into_iter().flatten());
        }
        if let Some(why) = caused.iter().find_map(|(to, _)| self.stopped.get(to).cloned()) {
            return self.fail(waiters.into_iter().collect(), &why);
        }
        for id in waiters {
            for (to, n) in caused {
                self.hops.entry((partition, *to, *n)).or_default().push(id);
            }
            if let Some(waiter) = self.applied.get_mut(&id) {
                waiter.open += caused.len() as u32;
            }
        }
        Vec::new()
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
                && let Some(Applied { position, tell, .. }) = self.applied.remove(&id)
            {
                told.push(Box::new(move || tell(Ok(position))));
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn applied_means_over_all_hops() {
        let told = Arc::new(AtomicU32::new(0));
        let count = told.clone();
        let mut waiting = Waiting::default();
        let position = Position { incarnation: 0, offset: 5 };
        let tell = Box::new(move |told: Result<Position, Error>| {
            count.fetch_add(u32::from(told.is_ok()), Ordering::Relaxed);
        });
        assert!(waiting.add(1, position, Wait::Applied(tell)).is_none());
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

    /// Somebody who waits for `offset` of partition 1, and what they are told.
    fn somebody(waiting: &mut Waiting, offset: u64) -> (Arc<Mutex<Vec<String>>>, Option<Tell>) {
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let note = said.clone();
        let tell = Box::new(move |told: Result<Position, Error>| {
            note.lock().unwrap().push(told.map_or_else(|e| e.to_string(), |_| "applied".into()));
        });
        let position = Position { incarnation: 0, offset };
        let refused = waiting.add(1, position, Wait::Applied(tell));
        (said, refused)
    }

    #[test]
    fn who_waits_for_a_stopped_partition_is_told_once() {
        let run = |tells: Vec<Tell>| tells.into_iter().for_each(|tell| tell());
        let mut waiting = Waiting::default();
        let (by_hop, _) = somebody(&mut waiting, 5);
        let (other, _) = somebody(&mut waiting, 6);
        let (too_late, _) = somebody(&mut waiting, 7);
        run(waiting.caused(1, 5, None, &[(2, 10), (3, 20)]));
        run(waiting.applied(1, 5, None));
        run(waiting.stop(2, "2 is broken"));
        assert_eq!(*by_hop.lock().unwrap(), ["2 is broken"]);
        // What else it had caused still happens, and tells nobody a second time.
        run(waiting.applied(3, 1, Some((1, 20))));
        run(waiting.caused(1, 6, None, &[(3, 21)]));
        run(waiting.applied(1, 6, None));
        run(waiting.applied(3, 2, Some((1, 21))));
        assert_eq!(*other.lock().unwrap(), ["applied"], "it never needed that partition");
        run(waiting.caused(1, 7, None, &[(2, 11)]));
        run(waiting.applied(1, 7, None));
        assert_eq!(*too_late.lock().unwrap(), ["2 is broken"]);
        assert_eq!(by_hop.lock().unwrap().len(), 1);
        assert!(waiting.is_idle());
        run(waiting.stop(1, "1 as well"));
        let (refused, tell) = somebody(&mut waiting, 8);
        tell.expect("it is refused at once")();
        assert_eq!(*refused.lock().unwrap(), ["1 as well"]);
        run(waiting.end("the log is gone"));
        let (refused, tell) = somebody(&mut waiting, 9);
        tell.expect("it is refused at once")();
        assert_eq!(*refused.lock().unwrap(), ["the log is gone"]);
    }
}
