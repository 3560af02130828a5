//! One group of servers: who may talk to it now, who waits, and the connections that are open.

use super::group::Group;
use super::pace::Pace;
use super::smtp::Connection;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// A connection without work.
#[derive(Debug)]
pub(super) struct Idle {
    pub(super) connection: Connection,
    pub(super) host: String,
    /// Whether the certificate was checked.
    pub(super) verified: bool,
    /// Messages that it carried.
    pub(super) carried: usize,
    since: Instant,
}

impl Idle {
    pub(super) fn new(connection: Connection, host: &str, verified: bool, carried: usize) -> Idle {
        Idle { connection, host: host.to_owned(), verified, carried, since: Instant::now() }
    }
}

/// How one group stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub group: String,
    /// Connections that carry something.
    pub busy: usize,
    /// Connections that wait for work.
    pub idle: usize,
    /// Messages that wait for a connection.
    pub waiting: usize,
    /// How often its limits are halved at the moment.
    pub level: u32,
}

/// Everything about one group.
#[derive(Debug)]
pub(super) struct Strand {
    pub(super) group: Arc<Group>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    pace: Pace,
    busy: usize,
    idle: Vec<Idle>,
    /// The urgent first, then in order. Limit: the window of the provider bounds how many wait.
    waiting: BTreeMap<(u8, u64), oneshot::Sender<Slot>>,
    arrivals: u64,
}

/// The right to use one connection; it is given on when it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    strand: Arc<Strand>,
    /// Whether dropping it gives the place on.
    held: bool,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if self.held {
            self.strand.state().busy -= 1;
            Strand::give_on(&self.strand);
        }
    }
}

impl Strand {
    pub(super) fn new(group: Arc<Group>) -> Strand {
        let pace = Pace::new(group.connections, group.per_second, Instant::now());
        let state =
            State { pace, busy: 0, idle: Vec::new(), waiting: BTreeMap::new(), arrivals: 0 };
        Strand { group, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No call under the lock can fail half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a connection's place until the deadline.
    pub(super) async fn enter(
        strand: &Arc<Strand>,
        urgent: bool,
        deadline: Instant,
    ) -> Option<Slot> {
        let asked = strand.ask(urgent);
        Strand::give_on(strand);
        tokio::time::timeout_at(deadline, asked).await.ok()?.ok()
    }

    /// Waits for a place in the second; the error says after how long there would have been one,
    /// if that is beyond the deadline. Called right before an envelope, so that what the servers
    /// see in a second is what the pace says, whatever opening a connection takes.
    pub(super) async fn pace(&self, deadline: Instant) -> Result<(), Duration> {
        let now = Instant::now();
        let place = self.state().pace.take(now, deadline);
        match place {
            Ok(at) => {
                tokio::time::sleep_until(at).await;
                Ok(())
            }
            Err(at) => Err(at.duration_since(now)),
        }
    }

    fn ask(&self, urgent: bool) -> oneshot::Receiver<Slot> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.state();
        state.arrivals += 1;
        let place = (u8::from(!urgent), state.arrivals);
        state.waiting.insert(place, sender);
        receiver
    }

    /// Gives free places to those who wait. One who stopped waiting gives it on by being dropped.
    fn give_on(strand: &Arc<Strand>) {
        loop {
            let next = {
                let mut state = strand.state();
                if state.busy >= state.pace.connections() {
                    return;
                }
                let Some((_, next)) = state.waiting.pop_first() else { return };
                if next.is_closed() {
                    continue;
                }
                state.busy += 1;
                next
            };
            if let Err(mut slot) = next.send(Slot { strand: Arc::clone(strand), held: true }) {
                // Not: letting it give the place on, which would come back here by recursion.
                slot.held = false;
                strand.state().busy -= 1;
            }
        }
    }

    /// An open connection to one of these hosts, the first that there is.
    pub(super) fn reuse(&self, hosts: &[String], verified: bool) -> Option<Idle> {
        let mut state = self.state();
        let fits = |host: &str| {
            state.idle.iter().rposition(|idle| idle.host == host && (idle.verified || !verified))
        };
        let place = hosts.iter().find_map(|host| fits(host))?;
        Some(state.idle.remove(place))
    }

    /// Makes room for one more connection: what is to be closed for it.
    pub(super) fn make_room(&self) -> Option<Idle> {
        let mut state = self.state();
        let full = state.busy + state.idle.len() > state.pace.connections();
        (full && !state.idle.is_empty()).then(|| state.idle.remove(0))
    }

    /// Keeps a connection for the next message.
    pub(super) fn keep(&self, mut idle: Idle) {
        idle.since = Instant::now();
        self.state().idle.push(idle);
    }

    /// The group asked for less.
    pub(super) fn slow_down(&self, wait: Duration) {
        self.state().pace.slow_down(Instant::now(), wait);
    }

    /// Takes away what was idle for too long.
    pub(super) fn expired(&self) -> Vec<Idle> {
        let mut state = self.state();
        let limit = self.group.idle;
        let old = |idle: &mut Idle| idle.since.elapsed() >= limit;
        state.idle.extract_if(.., old).collect()
    }

    /// Whether nothing would be lost by forgetting it.
    pub(super) fn is_forgettable(&self) -> bool {
        let state = self.state();
        let still = state.busy == 0 && state.idle.is_empty() && state.waiting.is_empty();
        still && state.pace.level() == 0
    }

    pub(super) fn standing(&self) -> Standing {
        let state = self.state();
        Standing {
            group: self.group.name.clone(),
            busy: state.busy,
            idle: state.idle.len(),
            waiting: state.waiting.len(),
            level: state.pace.level(),
        }
    }
}
