//! All partitions of one machine over one log and one store: a committer thread makes appended
//! inputs durable in groups, worker threads take them, a checkpoint thread writes rows back.
//!
//! Queues: the log's buffer (bounded by [`Node::lag`], which the edge asks before it appends), one
//! channel per worker (bounded by the same lag), two checkpoints per partition at most.

mod replay;
mod waiting;
mod worker;

use crate::partition::{Partition, Taken};
use crate::{Error, codec};
use cauce_core::decide::Plans;
use cauce_core::ids::{self, Position, TraceId};
use cauce_core::input::{Body, Input};
use cauce_core::time::{Duration, Timestamp};
use cauce_store::{Log, State};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use waiting::Waiting;
use worker::Worker;

pub use waiting::Wait;

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
    /// The version of decisions and time-zone data.
    pub version: String,
}

/// The clock at the edge; everything after it takes time from its input.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Who is told what was decided. Called on the partition's thread: must not wait.
pub trait Observer: Send + Sync {
    /// An entry was taken and committed.
    fn taken(&self, partition: ids::Partition, taken: &Taken);
    /// A partition stopped.
    fn stopped(&self, partition: ids::Partition, error: &Error);
}

/// What workers are told.
enum Order<P: Plans> {
    Take(Vec<cauce_store::Entry>),
    Ask(ids::Partition, Question<P>),
    Written(ids::Partition, u32),
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
        let partitions = replay::open(&options, &*log, &state, &plans, progress)?;
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
        let node = Node { shared: shared.clone(), workers, threads: Mutex::new(Vec::new()) };
        let back = node.workers.clone();
        handles.push(spawn("checkpoint", {
            let shared = shared.clone();
            let observer = observer.clone();
            move || write_checkpoints(&shared, checkpoints, &back, &*observer)
        }));
        let inboxes = node.workers.clone();
        handles.push(spawn("committer", move || commit_groups(&shared, &inboxes, &*observer)));
        *node.threads.lock().unwrap_or_else(PoisonError::into_inner) = handles;
        Ok(node)
    }

    /// Appends an input; `wait` is told when it is durable or applied.
    pub fn append(
        &self,
        partition: ids::Partition,
        input: &Input,
        wait: Wait,
    ) -> Result<Position, Error> {
        let incarnation = self.shared.log.incarnation();
        if matches!(wait, Wait::None) {
            let offset = self.shared.append(partition, input)?;
            return Ok(Position { incarnation, offset });
        }
        // Held over the append, so that nobody can apply the entry before the wish is written down.
        let mut waiting = self.shared.waiting();
        let offset = self.shared.append(partition, input)?;
        let position = Position { incarnation, offset };
        waiting.add(partition, position, wait);
        Ok(position)
    }

    /// Appends bytes to a log that no partition takes (the control log).
    pub fn append_raw(
        &self,
        partition: ids::Partition,
        body: &[u8],
        wait: Wait,
    ) -> Result<Position, Error> {
        let incarnation = self.shared.log.incarnation();
        let mut waiting = self.shared.waiting();
        let offset = self.shared.log.append(partition, &[body]).map_err(Error::on(partition))?;
        self.shared.signal();
        let position = Position { incarnation, offset };
        waiting.add(partition, position, wait);
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
        self.lag() < self.shared.options.lag_max
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
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .expect("the process can start its few threads")
}

/// Makes appended inputs durable in groups and hands them to the workers.
fn commit_groups<P: Plans>(shared: &Shared, workers: &[Sender<Order<P>>], observer: &dyn Observer) {
    loop {
        let mut pending = shared.pending.lock().unwrap_or_else(PoisonError::into_inner);
        while !*pending && !shared.stopping.load(Ordering::SeqCst) {
            pending = shared.wake.wait(pending).unwrap_or_else(PoisonError::into_inner);
        }
        *pending = false;
        drop(pending);
        let stopping = shared.stopping.load(Ordering::SeqCst);
        let entries = match shared.log.sync() {
            Ok(entries) => entries,
            Err(source) => {
                // Nothing that was not durable is taken, and nobody is told that it is.
                observer.stopped(ids::CONTROL, &Error::Store { partition: ids::CONTROL, source });
                break;
            }
        };
        let idle = entries.is_empty();
        let mut shares: Vec<Vec<_>> = workers.iter().map(|_| Vec::new()).collect();
        let durable: Vec<_> = entries.iter().map(|e| (e.partition, e.offset)).collect();
        for entry in entries {
            if entry.partition < shared.options.partitions {
                shares[usize::from(entry.partition) % workers.len()].push(entry);
            }
        }
        for (worker, share) in workers.iter().zip(shares) {
            if !share.is_empty() {
                let _ = worker.send(Order::Take(share));
            }
        }
        let told = shared.waiting().durable(&durable);
        told.into_iter().for_each(|tell| tell());
        if stopping && idle {
            break;
        }
    }
    for worker in workers {
        let _ = worker.send(Order::Stop);
    }
}

/// Writes checkpoints back, and cuts the log below what is safely in the store.
fn write_checkpoints<P: Plans>(
    shared: &Shared,
    checkpoints: Receiver<crate::checkpoint::Checkpoint>,
    workers: &[Sender<Order<P>>],
    observer: &dyn Observer,
) {
    while let Ok(checkpoint) = checkpoints.recv() {
        let partition = checkpoint.partition;
        // Not: going on with the next one. Its position would stand over rows that were never
        // written, and a start from there would miss them for ever.
        while let Err(error) = checkpoint.write(&*shared.state) {
            observer.stopped(partition, &error);
            if shared.stopping.load(Ordering::SeqCst) {
                return; // the log keeps everything; the next start takes it again
            }
            std::thread::sleep(CHECKPOINT_RETRY);
        }
        let worker = &workers[usize::from(partition) % workers.len()];
        let _ = worker.send(Order::Written(partition, checkpoint.snapshot.generation));
    }
    if let Err(source) = shared.state.sync() {
        observer.stopped(ids::CONTROL, &Error::Store { partition: ids::CONTROL, source });
    }
}

/// How long a checkpoint that could not be written waits for space or a better disk.
const CHECKPOINT_RETRY: std::time::Duration = std::time::Duration::from_secs(1);
/// How long a worker waits for an order when nothing is due.
pub(crate) const IDLE: std::time::Duration = std::time::Duration::from_millis(500);
/// Profiles that one tick looks at.
pub(crate) const TICK_LIMIT: u32 = 256;
/// Profiles that one slice of a build looks at.
pub(crate) const BUILD_SLICE: u32 = 256;
/// The longest a timer may be late because nobody looked.
pub(crate) const TICK_LATENESS: Duration = Duration(100);
