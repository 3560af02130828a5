//! The allocator as the process has it: one for all threads, and somebody who is woken when there
//! is something to grant. What it decides stands in the core.

use cauce_core::allocate::{self, ProviderShown, QueueShown};
pub use cauce_core::allocate::{Budget, Flight, Grant};
use cauce_core::delivery::Answering;
use cauce_core::ids::{MessageId, Partition};
use cauce_core::input::AttemptEnd;
use cauce_core::message::life::campaign_of;
use cauce_core::route::Route;
use cauce_core::time::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// See the module.
#[derive(Default)]
pub struct Allocator {
    books: Mutex<allocate::Allocator>,
    /// Something may be granted.
    pub work: Notify,
}

impl Allocator {
    fn books(&self) -> MutexGuard<'_, allocate::Allocator> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how much a provider carries; a window of 0 while there is no way out. Called at the
    /// start and after each publish.
    pub fn provider(&self, name: &str, budget: Budget) {
        self.books().provider(name, budget);
        self.work.notify_one();
    }

    /// Says by which routes messages leave, and whose midnight begins a leg's day.
    pub fn routes(&self, routes: impl IntoIterator<Item = Arc<Route>>, zone: &str) {
        self.books().routes(routes, zone);
        self.work.notify_one();
    }

    /// Whose answers come back from a provider.
    pub fn answering(&self, provider: &str) -> Answering {
        self.books().answering(provider)
    }

    /// What was carried before this process: the day's counters.
    pub fn carried(&self, counter: &str, n: u64) {
        self.books().carried(counter, n);
    }

    /// How a day of a plan was answered: the day's counters, and each as it comes.
    pub fn replied(&self, counter: &str, n: u64) {
        self.books().replied(counter, n);
    }

    /// Says how fast a campaign's path may go.
    pub fn throttle(&self, path: &str, per_minute: Option<u32>) {
        if let Some(id) = campaign_of(path) {
            self.books().throttle(id, per_minute);
        }
    }

    /// Closes a campaign's path: no grant from this instant. What was granted and has not begun is
    /// revoked.
    pub fn close(&self, path: &str) {
        if let Some(id) = campaign_of(path) {
            self.books().close(id);
        }
    }

    /// Opens a campaign's path again.
    pub fn open(&self, path: &str) {
        if let Some(id) = campaign_of(path) {
            self.books().open(id);
        }
        self.work.notify_one();
    }

    /// A partition stopped: it is granted nothing any more, and the room that was reserved for what
    /// it does not take is free.
    pub fn stopped(&self, partition: Partition) {
        self.books().stopped(partition);
        self.work.notify_one();
    }

    /// Whether a partition stopped.
    pub fn is_stopped(&self, partition: Partition) -> bool {
        self.books().is_stopped(partition)
    }

    /// A message is due on a path then.
    pub fn queued(&self, partition: Partition, path: &str, due: Timestamp) {
        self.books().queued(partition, path, due);
        self.work.notify_one();
    }

    /// A granted message is on its way.
    pub fn flies(&self, message: MessageId, flight: Flight) {
        self.books().flies(message, flight);
    }

    /// A grant was taken: so many messages fly, the next one is due then.
    pub fn granted(
        &self,
        partition: Partition,
        path: &str,
        handed: u32,
        next_due: Option<Timestamp>,
    ) {
        self.books().granted(partition, path, handed, next_due);
        self.work.notify_one();
    }

    /// An attempt settled: its room is free.
    pub fn settled(&self, end: &AttemptEnd, now: Timestamp) {
        self.books().settled(end, now);
        self.work.notify_one();
    }

    /// A message must not begin any more, if it has not.
    pub fn revoke(&self, message: MessageId) {
        self.books().revoke(message);
    }

    /// A message cannot be made for a fault of ours that is not its provider's.
    pub fn excuse(&self, message: MessageId) {
        self.books().excuse(message);
    }

    /// Whether a message may no longer begin.
    pub fn is_revoked(&self, message: MessageId) -> bool {
        self.books().flight(message).is_none_or(|flight| flight.revoked)
    }

    /// A flight, if the message has not settled.
    pub fn flight(&self, message: MessageId) -> Option<Flight> {
        self.books().flight(message).cloned()
    }

    /// Messages granted and not settled.
    pub fn in_flight(&self) -> usize {
        self.books().in_flight()
    }

    /// Ready queues that have messages.
    pub fn queues(&self) -> Vec<QueueShown> {
        self.books().queues()
    }

    /// Providers and their circuit breakers.
    pub fn providers(&self, now: Timestamp) -> Vec<ProviderShown> {
        self.books().providers(now)
    }

    /// What can be granted now. The caller appends each; what it cannot append it gives back by
    /// [`Allocator::granted`].
    pub fn grants(&self, now: Timestamp) -> Vec<Grant> {
        self.books().grants(now)
    }

    /// When to look again, if something waits for time alone.
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        self.books().next_due(now)
    }
}
