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
    /// How long a connection was lately held for one message.
    lasting: Duration,
    /// When a message ended last, or the first was begun.
    ended: Instant,
    /// When it will be the turn of whoever was turned away last.
    turn: Instant,
}

/// Why somebody has no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turned {
    /// Enough others wait; it may be its turn after that.
    Busy(Duration),
    /// Its time is over.
    Late,
}

/// How long a message is assumed to take before any did.
const LASTING: Duration = Duration::from_millis(100);
/// The soonest that whoever was turned away comes back: not at once, which would go round as fast
/// as the disk.
const TURN_MIN: Duration = Duration::from_millis(100);
/// The latest: a destination that is well again is not left idle for longer.
const TURN_MAX: Duration = Duration::from_secs(120);

/// The right to use one connection; it is given on when it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    strand: Arc<Strand>,
    since: Instant,
    /// Whether dropping it gives the place on.
    held: bool,
}

impl State {
    /// How many messages may wait for the group or be under way, of a window of so many: enough
    /// that no connection waits for work.
    fn part(&self, window: usize) -> usize {
        let whole = window.max(1);
        (whole / 8).max(self.pace.connections().min(whole / 2)).max(1)
    }

    /// When it will be the turn of somebody who is turned away: behind those who wait, and behind
    /// everybody who was turned away before, at the speed at which messages end.
    fn turn_away(&mut self, now: Instant) -> Duration {
        let late = now.saturating_duration_since(self.ended);
        let connections = u32::try_from(self.pace.connections()).unwrap_or(u32::MAX);
        let each = (self.lasting.max(late) / connections.max(1)).max(self.pace.interval());
        let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        let behind = now + each.saturating_mul(waiting).min(TURN_MAX);
        self.turn = (self.turn.max(behind) + each).min(now + TURN_MAX);
        self.turn.duration_since(now).max(TURN_MIN)
    }

    /// A message gives its connection on.
    fn ended(&mut self, since: Instant, now: Instant) {
        self.busy -= 1;
        self.ended = now;
        self.lasting = (self.lasting * 7 + now.saturating_duration_since(since)) / 8;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if self.held {
            self.strand.state().ended(self.since, Instant::now());
            Strand::give_on(&self.strand);
        }
    }
}

impl Strand {
    pub(super) fn new(group: Arc<Group>) -> Strand {
        let now = Instant::now();
        let state = State {
            pace: Pace::new(group.connections, group.per_second, now),
            busy: 0,
            idle: Vec::new(),
            waiting: BTreeMap::new(),
            arrivals: 0,
            lasting: LASTING,
            ended: now,
            turn: now,
        };
        Strand { group, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No call under the lock can fail half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a connection's place until the deadline. Of a window of so many messages a group
    /// has a part; whoever comes when it is full, and is not waited for by anybody, is turned away.
    pub(super) async fn enter(
        strand: &Arc<Strand>,
        window: usize,
        urgent: bool,
        deadline: Instant,
    ) -> Result<Slot, Turned> {
        let asked = strand.ask(window, urgent)?;
        Strand::give_on(strand);
        match tokio::time::timeout_at(deadline, asked).await {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(_)) | Err(_) => Err(Turned::Late),
        }
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

    fn ask(&self, window: usize, urgent: bool) -> Result<oneshot::Receiver<Slot>, Turned> {
        let (sender, receiver) = oneshot::channel();
        let now = Instant::now();
        let mut state = self.state();
        if !urgent && state.busy + state.waiting.len() >= state.part(window) {
            return Err(Turned::Busy(state.turn_away(now)));
        }
        if state.busy == 0 && state.waiting.is_empty() {
            state.ended = now;
        }
        state.arrivals += 1;
        let place = (u8::from(!urgent), state.arrivals);
        state.waiting.insert(place, sender);
        Ok(receiver)
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
            let (strand, since) = (Arc::clone(strand), Instant::now());
            if let Err(mut slot) =
                next.send(Slot { strand: Arc::clone(&strand), since, held: true })
            {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn strand(connections: usize) -> Arc<Strand> {
        let idle = Duration::from_secs(60);
        let (per_second, messages_per_connection) = (1_000, 100);
        let name = "t".to_owned();
        Arc::new(Strand::new(Arc::new(Group {
            name,
            mailbox: None,
            connections,
            messages_per_connection,
            per_second,
            idle,
            tls: false,
        })))
    }

    fn enter(
        strand: &Arc<Strand>,
        window: usize,
        urgent: bool,
    ) -> Result<oneshot::Receiver<Slot>, Turned> {
        let asked = strand.ask(window, urgent);
        Strand::give_on(strand);
        asked
    }

    #[test]
    fn a_group_has_its_part_of_the_window_and_whoever_is_waited_for_goes_first() {
        let strand = strand(4);
        let mut inside: Vec<_> = (0..8).map(|_| enter(&strand, 64, false).unwrap()).collect();
        assert!(matches!(enter(&strand, 64, false), Err(Turned::Busy(_))), "an eighth of 64");
        let mut urgent = enter(&strand, 64, true).unwrap();
        assert!(urgent.try_recv().is_err(), "all connections are in use");
        let slots: Vec<_> = inside.iter_mut().filter_map(|one| one.try_recv().ok()).collect();
        assert_eq!(slots.len(), 4);
        drop(slots);
        assert!(urgent.try_recv().is_ok(), "before those who came earlier");
    }

    #[test]
    fn whoever_is_turned_away_comes_back_one_behind_the_other() {
        let strand = strand(4);
        let _inside: Vec<_> = (0..8).map(|_| enter(&strand, 64, false).unwrap()).collect();
        let mut state = strand.state();
        let now = state.ended;
        let turns: Vec<_> = (0..100).map(|_| state.turn_away(now)).collect();
        assert!(turns.is_sorted() && turns[0] >= TURN_MIN, "{turns:?}");
        // Four at a time, 100 ms each: 100 of them and four who wait are done in 2.6 s.
        assert_eq!(turns[99], Duration::from_millis(2_600));
        // Nothing has ended for twenty seconds.
        let late = now + Duration::from_secs(20);
        let turns: Vec<_> = (0..100).map(|_| state.turn_away(late)).collect();
        assert!(turns[0] >= Duration::from_secs(20), "{turns:?}");
        assert_eq!(turns[99], TURN_MAX, "and never later than that");
    }

    #[test]
    fn the_speed_is_what_it_was_lately() {
        let strand = strand(2);
        let mut state = strand.state();
        let start = state.ended;
        for n in 1..=60 {
            state.busy += 1;
            state.ended(start + Duration::from_secs(n - 1), start + Duration::from_secs(n));
        }
        let now = start + Duration::from_secs(60);
        let first = state.turn_away(now).as_millis();
        assert!((490..=500).contains(&first), "a second each, two at a time: {first}");
    }

    #[test]
    fn a_small_window_has_room_for_more_than_one_group() {
        let state = |connections| {
            let strand = strand(connections);
            move |window| strand.state().part(window)
        };
        let ten = state(10);
        assert_eq!((ten(256), ten(64), ten(16), ten(8), ten(2), ten(1)), (32, 10, 8, 4, 1, 1));
    }
}
