//! The allocator: knows which ready queues have messages due in which partitions and how much room
//! their providers have, and appends grants. A budget is an input: the core only sees a count.
//!
//! Window: messages granted and not settled never exceed a provider's in-flight window; after a
//! crash that is the most that can be *unknown*.

use cauce_core::decision::provider_of;
use cauce_core::ids::{MessageId, Partition};
use cauce_core::time::{Duration, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// Messages that one grant asks of one partition at most.
const GRANT_MAX: u32 = 64;

/// When to look at a bucket again: it holds a tenth of a second, and must not overflow.
const REFILLED: Duration = Duration(50);
/// How often messages on a path without a way out are judged again: those that have expired end.
const JUDGED_AGAIN: Duration = Duration::MINUTE;

/// A granted message that has not settled.
#[derive(Clone, Debug)]
pub struct Flight {
    /// Where its ledger row is.
    pub partition: Partition,
    /// Which attempt.
    pub attempt: u32,
    /// Its ready queue.
    pub path: String,
    /// It must not begin any more.
    pub revoked: bool,
}

/// Room for bursts: refilled with time.
#[derive(Debug)]
struct Bucket {
    per_second: f64,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn new(per_second: f64) -> Bucket {
        // Starts empty but for one: a restart is no reason for a burst.
        Bucket { per_second, tokens: 1.0, at: Instant::now() }
    }

    fn available(&mut self) -> u32 {
        let now = Instant::now();
        let refill = now.duration_since(self.at).as_secs_f64() * self.per_second;
        self.at = now;
        // At most a tenth of a second's worth, at least one: a ceiling at any second.
        self.tokens = (self.tokens + refill).min((self.per_second / 10.0).max(1.0));
        self.tokens as u32
    }

    fn take(&mut self, n: u32) {
        self.tokens -= f64::from(n);
    }

    /// What was granted and refused by policy goes back: it used no room at the provider.
    fn give_back(&mut self, n: u32) {
        self.tokens += f64::from(n);
    }
}

#[derive(Debug, Default)]
struct Provider {
    /// 0 while there is no way out.
    window: u32,
    in_flight: u32,
    reserved: u32,
    bucket: Option<Bucket>,
}

#[derive(Debug, Default)]
struct Path {
    due: BTreeMap<Partition, Timestamp>,
    granting: HashMap<Partition, u32>,
    bucket: Option<Bucket>,
    next: Partition,
    /// Without a way out: when its messages are judged again.
    judged_again: Timestamp,
}

/// A grant to append.
#[derive(Debug, PartialEq, Eq)]
pub struct Grant {
    /// To which partition.
    pub partition: Partition,
    /// The ready queue.
    pub path: String,
    /// How many.
    pub count: u32,
}

#[derive(Default)]
struct Books {
    providers: HashMap<String, Provider>,
    paths: BTreeMap<String, Path>,
    flights: HashMap<MessageId, Flight>,
    closed: HashSet<String>,
    /// Partitions that stopped: what is granted to them is never taken.
    stopped: HashSet<Partition>,
}

/// See the module.
#[derive(Default)]
pub struct Allocator {
    books: Mutex<Books>,
    /// Something may be granted.
    pub work: Notify,
}

impl Allocator {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how much a provider carries; 0 while there is no way out. Called at the start and after
    /// each publish.
    pub fn provider(&self, name: &str, window: u32, per_second: Option<u32>) {
        let mut books = self.books();
        let provider = books.providers.entry(name.to_owned()).or_default();
        provider.window = window;
        provider.bucket = per_second.map(|rate| Bucket::new(f64::from(rate)));
        drop(books);
        self.work.notify_one();
    }

    /// Says how fast a path may go.
    pub fn throttle(&self, path: &str, per_minute: Option<u32>) {
        let bucket = per_minute.map(|rate| Bucket::new(f64::from(rate) / 60.0));
        self.books().paths.entry(path.to_owned()).or_default().bucket = bucket;
    }

    /// Closes a path: no grant from this instant. What was granted and has not begun is revoked.
    pub fn close(&self, path: &str) {
        let mut books = self.books();
        books.closed.insert(path.to_owned());
        for flight in books.flights.values_mut().filter(|flight| flight.path == path) {
            flight.revoked = true;
        }
    }

    /// Opens a path again.
    pub fn open(&self, path: &str) {
        self.books().closed.remove(path);
        self.work.notify_one();
    }

    /// A partition stopped: it is granted nothing any more, and the room that was reserved for what
    /// it does not take is free.
    pub fn stopped(&self, partition: Partition) {
        let mut books = self.books();
        let books = &mut *books;
        books.stopped.insert(partition);
        for (name, path) in &mut books.paths {
            path.due.remove(&partition);
            let granted = path.granting.remove(&partition);
            if let (Some(count), Some(provider)) =
                (granted, books.providers.get_mut(provider_of(name)))
            {
                provider.reserved = provider.reserved.saturating_sub(count);
            }
        }
        self.work.notify_one();
    }

    /// Whether a partition stopped.
    pub fn is_stopped(&self, partition: Partition) -> bool {
        self.books().stopped.contains(&partition)
    }

    /// A message is due on a path then.
    pub fn queued(&self, partition: Partition, path: &str, due: Timestamp) {
        let mut books = self.books();
        if books.stopped.contains(&partition) {
            return;
        }
        let path = match books.paths.get_mut(path) {
            Some(path) => path,
            None => books.paths.entry(path.to_owned()).or_default(),
        };
        let earliest = path.due.entry(partition).or_insert(due);
        if due <= *earliest {
            *earliest = due;
        }
        drop(books);
        self.work.notify_one();
    }

    /// A granted message is on its way. If its path was closed while the grant was being decided,
    /// it must not begin any more.
    pub fn flies(&self, message: MessageId, mut flight: Flight) {
        let mut books = self.books();
        flight.revoked |= books.closed.contains(&flight.path);
        if let Some(provider) = books.providers.get_mut(provider_of(&flight.path)) {
            provider.in_flight += 1;
        }
        books.flights.insert(message, flight);
    }

    /// A grant was taken: `handed` messages of `count` fly, the next one is due then.
    pub fn granted(
        &self,
        partition: Partition,
        path: &str,
        count: u32,
        handed: u32,
        next_due: Option<Timestamp>,
    ) {
        let mut books = self.books();
        let unused = count.saturating_sub(handed);
        if let Some(provider) = books.providers.get_mut(provider_of(path)) {
            provider.reserved = provider.reserved.saturating_sub(count);
            if let Some(bucket) = &mut provider.bucket {
                bucket.give_back(unused);
            }
        }
        if let Some(path) = books.paths.get_mut(path) {
            path.granting.remove(&partition);
            if let Some(bucket) = &mut path.bucket {
                bucket.give_back(unused);
            }
            match next_due {
                Some(due) => path.due.insert(partition, due),
                None => path.due.remove(&partition),
            };
        }
        drop(books);
        self.work.notify_one();
    }

    /// An attempt settled: its room is free.
    pub fn settled(&self, message: MessageId) {
        let mut books = self.books();
        if let Some(flight) = books.flights.remove(&message)
            && let Some(provider) = books.providers.get_mut(provider_of(&flight.path))
        {
            provider.in_flight = provider.in_flight.saturating_sub(1);
        }
        drop(books);
        self.work.notify_one();
    }

    /// A message must not begin any more, if it has not.
    pub fn revoke(&self, message: MessageId) {
        if let Some(flight) = self.books().flights.get_mut(&message) {
            flight.revoked = true;
        }
    }

    /// Whether a message may no longer begin.
    pub fn is_revoked(&self, message: MessageId) -> bool {
        self.books().flights.get(&message).is_none_or(|flight| flight.revoked)
    }

    /// A flight, if the message has not settled.
    pub fn flight(&self, message: MessageId) -> Option<Flight> {
        self.books().flights.get(&message).cloned()
    }

    /// Messages granted and not settled.
    pub fn in_flight(&self) -> usize {
        self.books().flights.len()
    }

    /// Ready queues: name, whether closed, partitions with messages, the earliest due.
    pub fn queues(&self) -> Vec<(String, bool, usize, Option<Timestamp>)> {
        let books = self.books();
        let row = |(name, path): (&String, &Path)| {
            let closed = books.closed.contains(name);
            (name.clone(), closed, path.due.len(), path.due.values().min().copied())
        };
        books.paths.iter().map(row).collect()
    }

    /// What can be granted now. The caller appends each; what it cannot append it gives back by
    /// [`Allocator::granted`].
    pub fn grants(&self, now: Timestamp) -> Vec<Grant> {
        let mut books = self.books();
        let books = &mut *books;
        let mut grants = Vec::new();
        // Base paths sort before their campaigns' (`provider` < `provider/campaign-7`).
        for (name, path) in &mut books.paths {
            if books.closed.contains(name) || path.due.is_empty() {
                continue;
            }
            let Some(provider) =
                books.providers.get_mut(provider_of(name)).filter(|provider| provider.window > 0)
            else {
                grants.extend(judge_again(name, path, now));
                continue;
            };
            let bulk = name.contains('/');
            // An eighth of the window is kept for what people wait for.
            let window = if bulk { provider.window - provider.window / 8 } else { provider.window };
            let mut free = window.saturating_sub(provider.in_flight + provider.reserved);
            for bucket in provider.bucket.iter_mut().chain(&mut path.bucket) {
                free = free.min(bucket.available());
            }
            let ready = |p: &&Partition| path.due[*p] <= now && !path.granting.contains_key(*p);
            let mut due: Vec<Partition> = path.due.keys().filter(ready).copied().collect();
            // Round robin: begins behind the partition that was served last.
            let behind = due.partition_point(|partition| *partition < path.next);
            due.rotate_left(behind);
            let share = free.div_ceil(due.len().max(1) as u32).clamp(1, GRANT_MAX);
            for partition in due {
                if free == 0 {
                    break;
                }
                let count = share.min(free);
                free -= count;
                provider.reserved += count;
                for bucket in provider.bucket.iter_mut().chain(&mut path.bucket) {
                    bucket.take(count);
                }
                path.granting.insert(partition, count);
                path.next = partition + 1;
                grants.push(Grant { partition, path: name.clone(), count });
            }
        }
        grants
    }

    /// When to look again: when something will be due that is not now, or when a bucket has room
    /// for what is due already; `None` if nothing waits for time alone.
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let books = self.books();
        let open = books.paths.iter().filter(|(name, _)| !books.closed.contains(*name));
        let waits = |(name, path): (&String, &Path)| {
            let provider = books.providers.get(provider_of(name));
            let limited =
                path.bucket.is_some() || provider.is_some_and(|known| known.bucket.is_some());
            path.due
                .iter()
                .filter(|(partition, _)| !path.granting.contains_key(*partition))
                .filter_map(|(_, due)| match *due > now {
                    true => Some(*due),
                    false => limited.then(|| now.plus(REFILLED)),
                })
                .min()
        };
        open.filter_map(waits).min()
    }
}

/// Now and then, a grant to each partition of a path without a way out: what has expired ends,
/// what has not is held. Not: granting as room comes, which would go round as fast as the disk.
fn judge_again(name: &str, path: &mut Path, now: Timestamp) -> Vec<Grant> {
    if now < path.judged_again {
        return Vec::new();
    }
    path.judged_again = now.plus(JUDGED_AGAIN);
    let due = path.due.iter().filter(|(_, due)| **due <= now).map(|(partition, _)| *partition);
    let due: Vec<_> = due.filter(|partition| !path.granting.contains_key(partition)).collect();
    let grant = |partition| {
        path.granting.insert(partition, GRANT_MAX);
        Grant { partition, path: name.to_owned(), count: GRANT_MAX }
    };
    due.into_iter().map(grant).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flight(path: &str) -> Flight {
        Flight { partition: 0, attempt: 1, path: path.into(), revoked: false }
    }

    #[test]
    fn the_window_is_never_exceeded() {
        let allocator = Allocator::default();
        allocator.provider("smtp", 100, None);
        for partition in 0..8 {
            allocator.queued(partition, "smtp/campaign-1", Timestamp(0));
            allocator.queued(partition, "smtp", Timestamp(0));
        }
        let grants = allocator.grants(Timestamp(1));
        let total: u32 = grants.iter().map(|grant| grant.count).sum();
        assert!(total <= 100, "{total}");
        assert!(allocator.grants(Timestamp(1)).is_empty(), "everything is reserved");
        // The base path was served first and took the room.
        assert!(grants.iter().all(|grant| grant.path == "smtp"), "{grants:?}");
        for grant in &grants {
            for n in 0..grant.count {
                let id = MessageId(u128::from(grant.partition) << 64 | u128::from(n));
                allocator.flies(id, flight("smtp"));
            }
            allocator.granted(grant.partition, "smtp", grant.count, grant.count, None);
        }
        assert_eq!(allocator.in_flight(), total as usize);
        allocator.settled(MessageId(0));
        // Bulk stays out of the last eighth, so one free place is not for it.
        assert!(allocator.grants(Timestamp(1)).is_empty());
        for n in 1..grants[0].count {
            allocator.settled(MessageId(u128::from(n)));
        }
        let more: u32 = allocator.grants(Timestamp(1)).iter().map(|grant| grant.count).sum();
        assert!(more <= grants[0].count, "{more}");
    }

    #[test]
    fn a_closed_path_gets_nothing_and_revokes() {
        let allocator = Allocator::default();
        allocator.provider("smtp", 10, None);
        allocator.queued(3, "smtp/campaign-1", Timestamp(0));
        allocator.flies(MessageId(9), flight("smtp/campaign-1"));
        assert!(!allocator.is_revoked(MessageId(9)));
        allocator.close("smtp/campaign-1");
        assert!(allocator.grants(Timestamp(1)).is_empty());
        assert!(allocator.is_revoked(MessageId(9)));
        // Granted before the path was closed, told afterwards.
        allocator.flies(MessageId(10), flight("smtp/campaign-1"));
        assert!(allocator.is_revoked(MessageId(10)));
        allocator.open("smtp/campaign-1");
        assert_eq!(allocator.grants(Timestamp(1)).len(), 1);
    }

    #[test]
    fn without_a_way_out_messages_are_judged_now_and_then() {
        let allocator = Allocator::default();
        let second = Duration::SECOND.0;
        allocator.provider("smtp", 0, None);
        allocator.queued(0, "smtp", Timestamp(0));
        allocator.queued(1, "gone/campaign-7", Timestamp(0));
        let mut grants = 0;
        for now in 1..=600 {
            for Grant { partition, path, count } in allocator.grants(Timestamp(now * second)) {
                grants += 1;
                allocator.granted(partition, &path, count, 1, Some(Timestamp(now * second)));
            }
        }
        assert_eq!(grants, 20, "once a minute for each of two paths");
        allocator.provider("smtp", 10, None);
        let grants = allocator.grants(Timestamp(600 * second));
        assert!(grants.iter().any(|grant| grant.path == "smtp"), "at once: {grants:?}");
    }

    #[test]
    fn a_stopped_partition_keeps_no_room() {
        let allocator = Allocator::default();
        allocator.provider("smtp", 8, None);
        allocator.queued(0, "smtp", Timestamp(0));
        let grants = allocator.grants(Timestamp(1));
        assert_eq!(grants[0].count, 8);
        allocator.queued(1, "smtp", Timestamp(0));
        assert!(allocator.grants(Timestamp(1)).is_empty(), "all is reserved");
        allocator.stopped(0);
        allocator.queued(0, "smtp", Timestamp(0));
        let grants = allocator.grants(Timestamp(1));
        assert_eq!((grants.len(), grants[0].partition, grants[0].count), (1, 1, 8));
    }

    #[test]
    fn a_limited_provider_is_looked_at_while_something_is_due_later() {
        let allocator = Allocator::default();
        let now = Timestamp(1_000);
        allocator.provider("smtp", 8, Some(10));
        allocator.queued(1, "smtp", now.plus(Duration::HOUR));
        assert_eq!(allocator.next_due(now), Some(now.plus(Duration::HOUR)), "nothing is due");
        allocator.queued(0, "smtp", now);
        assert_eq!(allocator.next_due(now), Some(now.plus(REFILLED)));
    }

    #[test]
    fn a_throttled_path_trickles() {
        let allocator = Allocator::default();
        allocator.provider("smtp", 100, None);
        allocator.throttle("smtp/campaign-1", Some(60));
        allocator.queued(0, "smtp/campaign-1", Timestamp(0));
        let total: u32 = allocator.grants(Timestamp(1)).iter().map(|grant| grant.count).sum();
        assert_eq!(total, 1, "one a second, and no burst at the start");
    }
}
