//! One thread's partitions: takes durable entries, ships what they put into queues, looks at the
//! clock, pulls builds, and hands changed rows to the checkpoint thread.

use super::{
    BUILD_SLICE, Doing, IDLE, Observer, Order, SCRUB_SLICE, SWEEP_SLICE, Shared, TICK_LATENESS,
    TICK_LIMIT,
};
use crate::checkpoint::Checkpoint;
use crate::partition::{Partition, Taken};
use cauce_core::decide::Plans;
use cauce_core::decision::Effect;
use cauce_core::ids;
use cauce_core::input::{Body, Hop};
use cauce_core::list;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use hashbrown::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Instant;

/// Limit: slices of builds, of cleaning and of sweeping that a thread has under way: one that is
/// taken, and one that is made durable meanwhile. Whatever else comes waits behind them, and would
/// behind one for each of its partitions.
const SLICES_MAX: usize = 2;
/// Limit: questions that are answered before the clock is looked at again.
const QUESTIONS_MAX: usize = 64;

/// A partition and what its thread remembers of it.
struct Seat<P: Plans> {
    partition: Partition<P>,
    /// The earliest timer that is known.
    due: Option<Timestamp>,
    /// A tick is on its way.
    ticking: bool,
    /// A slice of a build is on its way.
    building: bool,
    /// A slice of cleaning the ledger is on its way.
    scrubbing: bool,
    sweeping: bool,
    /// Something was taken since it was last looked what is to be done in slices.
    stirred: bool,
    /// What is to be done in slices.
    to_do: ToDo,
    /// Checkpoints that are being written.
    writing: u32,
    written_at: Instant,
    /// The last hop appended for each destination: number, and its offset there.
    shipped: HashMap<ids::Partition, (u64, u64)>,
    /// The first hop for each destination that could not be appended. Those behind it wait: one
    /// that came before it would count as all before it.
    held: HashMap<ids::Partition, u64>,
    stopped: bool,
}

impl<P: Plans> Seat<P> {
    /// Whether a slice of something is on its way.
    fn is_slicing(&self) -> bool {
        self.building || self.scrubbing || self.sweeping
    }
}

/// What a partition does in slices between its entries.
#[derive(Clone, Copy, Default)]
struct ToDo {
    build: bool,
    scrub: bool,
    sweep: bool,
}

impl ToDo {
    fn of<P: Plans>(partition: &Partition<P>) -> ToDo {
        ToDo {
            build: is_building(partition),
            scrub: is_scrubbing(partition),
            sweep: is_sweeping(partition),
        }
    }
}

/// A thread that takes.
pub struct Worker<P: Plans> {
    shared: Arc<Shared>,
    seats: HashMap<ids::Partition, Seat<P>>,
    observer: Arc<dyn Observer>,
    inbox: Receiver<Order<P>>,
    writer: Sender<Checkpoint>,
}

impl<P: Plans> Worker<P> {
    /// A worker over its share of the partitions.
    pub fn new(
        shared: Arc<Shared>,
        share: Vec<Partition<P>>,
        observer: Arc<dyn Observer>,
        inbox: Receiver<Order<P>>,
        writer: Sender<Checkpoint>,
    ) -> Worker<P> {
        // What was replayed is written back at once: killed again, the next start does not have to
        // replay it once more.
        let long_ago = Instant::now().checked_sub(shared.options.checkpoint_every);
        let written_at = long_ago.unwrap_or_else(Instant::now);
        let seats = share
            .into_iter()
            .map(|partition| {
                let due = partition.next_timer();
                let seat = Seat {
                    partition,
                    due,
                    ticking: false,
                    building: false,
                    scrubbing: false,
                    sweeping: false,
                    stirred: true,
                    to_do: ToDo::default(),
                    writing: 0,
                    written_at,
                    shipped: HashMap::new(),
                    held: HashMap::new(),
                    stopped: false,
                };
                (seat.partition.number(), seat)
            })
            .collect();
        Worker { shared, seats, observer, inbox, writer }
    }

    /// Works until it is told to stop.
    pub fn run(mut self) {
        while self.take_orders() {
            self.ship_held();
            self.originate();
            self.checkpoint(false);
        }
        self.checkpoint(true);
    }

    /// Carries out the next order, and of those behind it the questions: many who ask at once cost
    /// one look at the clock and the builds. Says whether to go on.
    fn take_orders(&mut self) -> bool {
        let mut order = match self.inbox.recv_timeout(self.patience()) {
            Ok(order) => order,
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        };
        for _ in 0..QUESTIONS_MAX {
            let is_question = matches!(order, Order::Ask(..));
            if !self.carry_out(order) {
                return false;
            }
            if !is_question {
                return true;
            }
            match self.inbox.try_recv() {
                Ok(next) => order = next,
                Err(_) => return true,
            }
        }
        self.carry_out(order)
    }

    /// Says whether to go on.
    fn carry_out(&mut self, order: Order<P>) -> bool {
        match order {
            Order::Take(entries) => {
                let count = entries.len() as u64;
                for entry in entries {
                    self.take(&entry);
                }
                self.shared.taken.fetch_add(count, Ordering::Relaxed);
            }
            Order::Ask(number, question) => {
                if let Some(seat) = self.seats.get(&number) {
                    question(&seat.partition);
                }
            }
            Order::Written(number, generation) => {
                let keep = self.shared.options.rows_in_memory
                    / usize::from(self.shared.options.partitions);
                if let Some(seat) = self.seats.get_mut(&number) {
                    seat.writing -= 1;
                    seat.partition.checkpointed(generation, keep);
                }
            }
            Order::WriteBack => {
                let long_ago = Instant::now().checked_sub(self.shared.options.checkpoint_every);
                for seat in self.seats.values_mut() {
                    seat.written_at = long_ago.unwrap_or(seat.written_at);
                }
            }
            Order::Stop => return false,
        }
        true
    }

    /// How long nothing is due.
    fn patience(&self) -> std::time::Duration {
        let due =
            self.seats.values().filter(|seat| !seat.ticking).filter_map(|seat| seat.due).min();
        let Some(due) = due else { return IDLE };
        if self.shared.clock_held.load(Ordering::SeqCst) {
            return IDLE;
        }
        let wait = due.since((self.shared.clock)()).0.max(0) as u64;
        // Ticks that come one after the other are drawn together a little.
        std::time::Duration::from_millis(wait.clamp(1, 500))
    }

    fn take(&mut self, entry: &cauce_store::Entry) {
        let Some(seat) = self.seats.get_mut(&entry.partition) else { return };
        if seat.stopped {
            return;
        }
        seat.stirred = true;
        let taken = match seat.partition.take(entry) {
            Ok(Some(taken)) => taken,
            Ok(None) => return,
            Err(error) => {
                seat.stopped = true;
                self.observer.stopped(entry.partition, &error);
                let told = self.shared.waiting().stop(entry.partition, &error.to_string());
                told.into_iter().for_each(|tell| tell());
                return;
            }
        };
        match taken.input.body {
            Body::Tick { .. } => {
                seat.ticking = false;
                seat.due = seat.partition.next_timer();
            }
            Body::Build { .. } | Body::Publish { .. } => seat.building = false,
            Body::Scrub { .. } => seat.scrubbing = false,
            Body::SweepLists { .. } => seat.sweeping = false,
            _ => {}
        }
        let hop = match taken.input.body {
            Body::Hop { from, n, .. } => Some((from, n)),
            _ => None,
        };
        let shared = self.shared.clone();
        let sends = taken.effects.iter().any(|effect| matches!(effect, Effect::Hop { .. }));
        // Held over the appends, so that nobody takes a hop before it is known who waits for it.
        let waiting = sends.then(|| shared.waiting());
        let caused = self.ship(entry.partition, &taken);
        if let Some(mut waiting) = waiting {
            let told = waiting.caused(entry.partition, entry.offset, hop, &caused);
            drop(waiting);
            told.into_iter().for_each(|tell| tell());
        }
        self.observer.taken(entry.partition, &taken);
        let mut waiting = shared.waiting();
        if !waiting.is_idle() {
            let told = waiting.applied(entry.partition, entry.offset, hop);
            drop(waiting);
            told.into_iter().for_each(|tell| tell());
        }
    }

    /// Appends what the decision put into queues to other partitions; remembers timers.
    fn ship(&mut self, from: ids::Partition, taken: &Taken) -> Vec<(ids::Partition, u64)> {
        let mut caused = Vec::new();
        let Some(seat) = self.seats.get_mut(&from) else { return caused };
        for effect in &taken.effects {
            match effect {
                Effect::WakeAt(at) => seat.due = Some(seat.due.map_or(*at, |due| due.min(*at))),
                Effect::Hop { to, n } => {
                    let Some(Row::HopOut(hop)) = seat.partition.rows().get(&Key::HopOut(*to, *n))
                    else {
                        continue;
                    };
                    caused.push((*to, *n));
                    if seat.held.contains_key(to) {
                        continue;
                    }
                    let body = Body::Hop { from, n: *n, hop: Hop::clone(&hop) };
                    let input = cauce_core::input::Input {
                        at: taken.input.at,
                        trace: taken.input.trace,
                        body,
                    };
                    match self.shared.append(*to, &input) {
                        Ok(offset) => {
                            seat.shipped.insert(*to, (*n, offset));
                        }
                        // The row stays, and is tried again.
                        Err(error) => {
                            seat.held.insert(*to, *n);
                            self.observer.trouble(Doing::Ship, Some(&error));
                        }
                    }
                }
                _ => {}
            }
        }
        caused
    }

    /// Ships what was held back, in its order.
    fn ship_held(&mut self) {
        let now = (self.shared.clock)();
        for (from, seat) in self.seats.iter_mut().filter(|(_, seat)| !seat.held.is_empty()) {
            for (to, first) in core::mem::take(&mut seat.held) {
                for (n, hop) in seat.partition.outgoing(to, first) {
                    let body = Body::Hop { from: *from, n, hop: Hop::clone(&hop) };
                    let trace = ids::TraceId::default();
                    let input = cauce_core::input::Input { at: now, trace, body };
                    match self.shared.append(to, &input) {
                        Ok(offset) => {
                            seat.shipped.insert(to, (n, offset));
                        }
                        Err(_) => {
                            seat.held.insert(to, n);
                            break;
                        }
                    }
                }
                if !seat.held.contains_key(&to) {
                    self.observer.trouble(Doing::Ship, None);
                }
            }
        }
    }

    /// Originates ticks that are due and slices of builds, while the lag allows it.
    fn originate(&mut self) {
        let now = (self.shared.clock)();
        let epoch = self.shared.epoch.load(Ordering::Relaxed);
        let lag = self
            .shared
            .appended
            .load(Ordering::Relaxed)
            .saturating_sub(self.shared.taken.load(Ordering::Relaxed));
        let busy = lag > self.shared.options.lag_max / 2;
        let held = self.shared.clock_held.load(Ordering::SeqCst);
        let going = self.seats.values().filter(|seat| !seat.stopped);
        let mut slices = going.filter(|seat| seat.is_slicing()).count();
        for (number, seat) in self.seats.iter_mut().filter(|(_, seat)| !seat.stopped) {
            let late = seat.due.is_some_and(|due| due <= now);
            let very_late = seat.due.is_some_and(|due| due.plus(TICK_LATENESS) <= now);
            if late && !held && !seat.ticking && (!busy || very_late) {
                let body = Body::Tick { limit: TICK_LIMIT, epoch };
                seat.ticking = self.shared.originate(*number, now, body).is_ok();
            }
            if core::mem::take(&mut seat.stirred) {
                seat.to_do = ToDo::of(&seat.partition);
            }
            if busy || seat.is_slicing() || slices >= SLICES_MAX {
                continue;
            }
            let ToDo { build, scrub, sweep } = seat.to_do;
            // One after the other: a partition that does several has one slice of them under way.
            let (body, under_way) = if build {
                (Body::Build { count: BUILD_SLICE }, &mut seat.building)
            } else if scrub {
                (Body::Scrub { count: SCRUB_SLICE }, &mut seat.scrubbing)
            } else if sweep {
                (Body::SweepLists { count: SWEEP_SLICE }, &mut seat.sweeping)
            } else {
                continue;
            };
            *under_way = self.shared.originate(*number, now, body).is_ok();
            slices += usize::from(*under_way);
        }
    }

    /// Hands changed rows to the checkpoint thread: two generations at most are under way.
    fn checkpoint(&mut self, all: bool) {
        let options = &self.shared.options;
        let rows = (options.checkpoint_rows / usize::from(options.partitions)).max(64);
        for (number, seat) in &mut self.seats {
            let changed = seat.partition.rows().changed();
            let old = seat.written_at.elapsed() >= options.checkpoint_every;
            let due = all || changed >= rows || (seat.partition.is_ahead() && old);
            if !due || (seat.writing >= 2 && !all) {
                continue;
            }
            if !all {
                for (to, (n, offset)) in core::mem::take(&mut seat.shipped) {
                    let now = (self.shared.clock)();
                    if self.shared.log.end(to) > offset {
                        let body = Body::Shipped { to, n };
                        // If it cannot be said now, it is said at the next start.
                        let _ = self.shared.originate(*number, now, body);
                    } else {
                        seat.shipped.insert(to, (n, offset));
                    }
                }
            }
            seat.written_at = Instant::now();
            if let Some(checkpoint) = seat.partition.checkpoint() {
                seat.writing += 1;
                let _ = self.writer.send(checkpoint);
            }
        }
    }
}

fn is_scrubbing<P: Plans>(partition: &Partition<P>) -> bool {
    partition.rows().get(&Key::Scrubbing).is_some()
}

fn is_sweeping<P: Plans>(partition: &Partition<P>) -> bool {
    match partition.rows().get(&Key::ListStates) {
        Some(Row::ListStates(states)) => list::unswept(&states).is_some(),
        _ => false,
    }
}

fn is_building<P: Plans>(partition: &Partition<P>) -> bool {
    match partition.rows().get(&Key::Builds) {
        Some(Row::Builds(builds)) => builds.segments.values().any(|build| build.1 != u32::MAX),
        _ => false,
    }
}
