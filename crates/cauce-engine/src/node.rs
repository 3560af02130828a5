//! All partitions of one machine over one log and one store: a committer thread makes appended
//! inputs durable in groups, worker threads take them, a checkpoint thread writes rows back.
//!
//! Queues: the log's buffer (bounded by [`Node::lag`], which the edge asks before it appends), one
//! channel per worker (bounded by the same lag), two checkpoints per partition at most.

mod committer;
mod replay;
mod waiting;
mod worker;
mod writer;

use crate::partition::{Partition, Taken};
use crate::{Error, codec};
use cauce_core::decide::Plans;
use cauce_core::ids::{self, Position, TraceId};
use cauce_core::input::{Body, Input};
use cauce_core::time::{Duration, Timestamp};
use cauce_store::{Log, State};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use waiting::Waiting;
use worker::Worker;

pub use waiting::{Told, Wait};

/// How a node works. Nothing here changes what is decided.
#[derive(Clone, Debug)]
pub struct Options {
    /// Partitions of the installation: a power of two, fixed for ever.
    pub partitions: u16,
    /// Threads that take: as many as there are cores.
    pub threads: usize,
    /// Changed rows after which a partition is written back.
    pub checkpoint_rows: usize,
    /// Time after which a partition with changes is written back.
    pub checkpoint_every: std::time::Duration,
    /// Rows that all partitions together keep in memory; dirty ones are kept in any case.
    pub rows_in_memory: usize,
    /// Inputs that may be appended and not yet taken before live traffic has to wait.
    pub lag_max: u64,
    /// Bytes of the log that are kept although the store needs them no more.
    pub log_keep: u64,
    /// Time after which the log is cut again, if it is longer than that.
    pub cut_every: std::time::Duration,
    /// The version of decisions and time-zone data.
    pub version: String,
}

/// The clock at the edge; everything after it takes time from its input.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Who is told what was decided. Called on the partition's thread: must not wait.
pub trait Observer: Send + Sync {
    /// An entry was taken and committed.
    fn taken(&self, partition: ids::Partition, taken: &Taken);
    /// An entry was taken once more at the start, because its rows were not in the store: who keeps
    /// something of his own by entries sees here what he may have missed.
    fn replayed(&self, _partition: ids::Partition, _taken: &Taken) {}
    /// Rows are about to be written back, after which their entries are not taken again: what was
    /// told of them and has to last must be durable now. On an error it is asked again.
    fn before_checkpoint(&self) -> Result<(), Error> {
        Ok(())
    }
    /// A partition stopped.
    fn stopped(&self, partition: ids::Partition, error: &Error);
    /// Something fails and is tried again; `None` once it succeeds.
    fn trouble(&self, doing: Doing, error: Option<&Error>);
}

/// What a node does besides deciding, and tries again when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// Appended inputs become durable.
    Commit,
    /// Changed rows are written back.
    Checkpoint,
    /// The log is cut.
    Cut,
    /// A hop is appended; after a failure the next start does it.
    Ship,
}

/// What workers are told.
enum Order<P: Plans> {
    Take(Vec<cauce_store::Entry>),
    Ask(ids::Partition, Question<P>),
    Written(ids::Partition, u32),
    /// What changed is written back now, and not when its time has come.
    WriteBack,
    Stop,
}

type Question<P> = Box<dyn FnOnce(&Partition<P>) + Send>;

/// What all threads of a node share.
pub(crate) struct Shared {
    pub log: Arc<dyn Log>,
    pub state: Arc<dyn State>,
    pub clock: Clock,
    pub options: Options,
    pub waiting: Mutex<Waiting>,
    pub appended: AtomicU64,
    pub taken: AtomicU64,
    pending: Mutex<bool>,
    wake: Condvar,
    stopping: AtomicBool,
    /// The log has no room: only what cannot be said again is appended.
    full: AtomicBool,
    /// The clock is not to be trusted: nothing is due.
    clock_held: AtomicBool,
    /// How many read parts of the log that may not be cut meanwhile.
    holds: Mutex<u32>,
    /// The epoch under which this node originates ticks and grants.
    pub epoch: AtomicU64,
}

impl Shared {
    pub fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // A panic while it was held leaves callbacks that are never called, and nothing worse.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends an input that the engine itself originates.
    pub fn originate(
        &self,
        partition: ids::Partition,
        at: Timestamp,
        body: Body,
    ) -> Result<u64, Error> {
        self.append(partition, &Input { at, trace: TraceId::default(), body })
    }

    pub fn append(&self, partition: ids::Partition, input: &Input) -> Result<u64, Error> {
        let body = codec::encode(input);
        let offset = self.log.append(partition, &[&body]).map_err(Error::on(partition))?;
        self.appended.fetch_add(1, Ordering::Relaxed);
        self.signal();
        Ok(offset)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Says no while the log has no room.
    fn refuse_if_full(&self, partition: ids::Partition) -> Result<(), Error> {
        if self.full.load(Ordering::SeqCst) {
            let source = cauce_store::Error::Full { on: "log".to_owned() };
            return Err(Error::Store { partition, source });
        }
        Ok(())
    }

    fn signal(&self) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if !*pending {
            *pending = true;
            self.wake.notify_one();
        }
    }
}

/// All partitions of one machine, running.
pub struct Node<P: Plans> {
    shared: Arc<Shared>,
    workers: Vec<Sender<Order<P>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// When something that nobody waits for was last let in.
    batch: Mutex<std::time::Instant>,
}

impl<P: Plans + Send + Sync + 'static> Node<P> {
    /// Opens all partitions, replays what the log has beyond the last checkpoints (telling
    /// `progress` how many entries were taken), ships what was not shipped, and starts to work.
    pub fn start(
        options: Options,
        log: Arc<dyn Log>,
        state: Arc<dyn State>,
        plans: Arc<P>,
        clock: Clock,
        observer: Arc<dyn Observer>,
        progress: &dyn Fn(u64),
    ) -> Result<Node<P>, Error> {
        let partitions = replay::open(&options, &*log, &state, &plans, &*observer, progress)?;
        let shared = Arc::new(Shared {
            log,
            state,
            clock,
            options,
            waiting: Mutex::default(),
            appended: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            pending: Mutex::new(true),
            wake: Condvar::new(),
            stopping: AtomicBool::new(false),
            full: AtomicBool::new(false),
            clock_held: AtomicBool::new(false),
            holds: Mutex::new(0),
            epoch: AtomicU64::new(0),
        });
        replay::resume(&shared, &partitions)?;
        let threads = shared.options.threads.max(1);
        let (writer, checkpoints) = channel();
        let mut workers = Vec::new();
        let mut handles = Vec::new();
        let mut shares: Vec<Vec<Partition<P>>> = (0..threads).map(|_| Vec::new()).collect();
        for partition in partitions {
            shares[usize::from(partition.number()) % threads].push(partition);
        }
        for (number, share) in shares.into_iter().enumerate() {
            let (orders, inbox) = channel();
            let worker =
                Worker::new(shared.clone(), share, observer.clone(), inbox, writer.clone());
            handles.push(spawn(&format!("partitions-{number}"), move || worker.run()));
            workers.push(orders);
        }
        let node = Node {
            shared: shared.clone(),
            workers,
            threads: Mutex::new(Vec::new()),
            batch: Mutex::new(std::time::Instant::now()),
        };
        let back = node.workers.clone();
        handles.push(spawn("checkpoint", {
            let shared = shared.clone();
            let observer = observer.clone();
            move || writer::run(&shared, checkpoints, &back, &*observer)
        }));
        let inboxes = node.workers.clone();
        handles.push(spawn("committer", move || committer::run(&shared, &inboxes, &*observer)));
        *node.threads.lock().unwrap_or_else(PoisonError::into_inner) = handles;
        Ok(node)
    }

    /// Appends an input; `wait` is told when it is durable or applied, or that this does not come.
    ///
    /// # Errors
    /// `Store` with `Full` while the log has no room. Ends of attempts are appended all the same:
    /// nobody could say them again, and there are no more than were granted.
    pub fn append(
        &self,
        partition: ids::Partition,
        input: &Input,
        wait: Wait,
    ) -> Result<Position, Error> {
        if !matches!(input.body, Body::AttemptsEnded(_)) {
            self.shared.refuse_if_full(partition)?;
        }
        let incarnation = self.shared.log.incarnation();
        if matches!(wait, Wait::None) {
            let offset = self.shared.append(partition, input)?;
            return Ok(Position { incarnation, offset });
        }
        // Held over the append, so that nobody can apply the entry before the wish is written down.
        let mut waiting = self.shared.waiting();
        let offset = self.shared.append(partition, input)?;
        let position = Position { incarnation, offset };
        let refused = waiting.add(partition, position, wait);
        drop(waiting);
        refused.into_iter().for_each(|tell| tell());
        Ok(position)
    }

    /// Appends bytes to a log that no partition takes (the control log).
    pub fn append_raw(
        &self,
        partition: ids::Partition,
        body: &[u8],
        wait: Wait,
    ) -> Result<Position, Error> {
        self.shared.refuse_if_full(partition)?;
        let incarnation = self.shared.log.incarnation();
        let mut waiting = self.shared.waiting();
        let offset = self.shared.log.append(partition, &[body]).map_err(Error::on(partition))?;
        self.shared.signal();
        let position = Position { incarnation, offset };
        let refused = waiting.add(partition, position, wait);
        drop(waiting);
        refused.into_iter().for_each(|tell| tell());
        Ok(position)
    }

    /// Asks a partition something, on its thread.
    pub fn ask(
        &self,
        partition: ids::Partition,
        question: impl FnOnce(&Partition<P>) + Send + 'static,
    ) {
        let worker = &self.workers[usize::from(partition) % self.workers.len()];
        // A worker that is gone drops the question; whoever waits for its answer sees that.
        let _ = worker.send(Order::Ask(partition, Box::new(question)));
    }

    /// Inputs appended and not yet taken.
    pub fn lag(&self) -> u64 {
        let taken = self.shared.taken.load(Ordering::Relaxed);
        self.shared.appended.load(Ordering::Relaxed).saturating_sub(taken)
    }

    /// Whether live traffic may append.
    pub fn has_room(&self) -> bool {
        self.lag() < self.shared.options.lag_max && !self.is_full()
    }

    /// Whether what nobody waits for may append now: history, plans of campaigns. It keeps the
    /// queue so short that whatever somebody does wait for is not long behind it, at each of its
    /// steps. Where live traffic alone makes it longer, something of it may append now and then.
    pub fn batch_may_append(&self) -> bool {
        let short = self.lag() < (self.shared.options.lag_max / BATCH).max(1);
        let mut last = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        let may = self.has_room() && (short || last.elapsed() >= BATCH_WAITS);
        if may {
            *last = std::time::Instant::now();
        }
        may
    }

    /// Whether what must not wait behind live traffic may append: requests that a person waits for,
    /// withdrawals, reports. Ends of attempts ask nobody.
    pub fn has_reserved_room(&self) -> bool {
        self.lag() < self.shared.options.lag_max.saturating_mul(RESERVED) && !self.is_full()
    }

    /// Whether the log has no room on its disk. What was appended waits; it goes on by itself.
    pub fn is_full(&self) -> bool {
        self.shared.full.load(Ordering::SeqCst)
    }

    /// Says whether the clock is not to be trusted: then no timer is due, whatever it shows.
    pub fn hold_clock(&self, held: bool) {
        self.shared.clock_held.store(held, Ordering::SeqCst);
    }

    /// Whether the clock is not to be trusted.
    pub fn is_clock_held(&self) -> bool {
        self.shared.clock_held.load(Ordering::SeqCst)
    }

    /// Keeps the log from being cut until the answer is dropped.
    pub fn hold_log(&self) -> Hold {
        *self.shared.holds.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Hold(self.shared.clone())
    }

    /// Lets every partition write back what changed, now. It is on disk when the store says so.
    pub fn write_back(&self) {
        for worker in &self.workers {
            // A worker that is gone has written everything back.
            let _ = worker.send(Order::WriteBack);
        }
    }

    /// Inputs taken since the start.
    pub fn taken(&self) -> u64 {
        self.shared.taken.load(Ordering::Relaxed)
    }

    /// Partitions of the installation.
    pub fn partitions(&self) -> u16 {
        self.shared.options.partitions
    }

    /// The epoch under which this node originates grants.
    pub fn epoch(&self) -> u64 {
        self.shared.epoch.load(Ordering::Relaxed)
    }

    /// The log.
    pub fn log(&self) -> &Arc<dyn Log> {
        &self.shared.log
    }

    /// The store of the rows.
    pub fn state(&self) -> &Arc<dyn State> {
        &self.shared.state
    }

    /// The clock at the edge.
    pub fn now(&self) -> Timestamp {
        (self.shared.clock)()
    }

    /// Stops: what is appended becomes durable, is taken and written back.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        self.shared.signal();
        let handles =
            core::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for handle in handles {
            // A thread that panicked has said so; the others are stopped all the same.
            let _ = handle.join();
        }
        // Who still waits, or comes now, would wait for ever.
        let told = self.shared.waiting().end("the process is stopping");
        told.into_iter().for_each(|tell| tell());
    }
}

/// The log is not cut while this lives.
pub struct Hold(Arc<Shared>);

impl Drop for Hold {
    fn drop(&mut self) {
        *self.0.holds.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .expect("the process can start its few threads")
}

/// How many times the lag of live traffic what has reserved room may reach.
const RESERVED: u64 = 8;

/// Which part of the lag of live traffic what nobody waits for may fill.
const BATCH: u64 = 10;
/// How long what nobody waits for is held back at most before something of it goes like live
/// traffic: slowed down, and never starved.
const BATCH_WAITS: std::time::Duration = std::time::Duration::from_secs(1);

/// How long a worker waits for an order when nothing is due.
pub(crate) const IDLE: std::time::Duration = std::time::Duration::from_millis(500);
/// Profiles that one tick looks at.
pub(crate) const TICK_LIMIT: u32 = 256;
/// Profiles that one slice of a build looks at.
pub(crate) const BUILD_SLICE: u32 = 256;
/// Messages that one slice of cleaning the ledger looks at.
pub(crate) const SCRUB_SLICE: u32 = 256;
/// Profiles in one slice of taking off whoever a list no longer names.
pub(crate) const SWEEP_SLICE: u32 = 256;
/// The longest a timer may be late because nobody looked.
pub(crate) const TICK_LATENESS: Duration = Duration(100);
