//! What the tests share: a node over disks that can be broken, and a record of what it took.
#![allow(dead_code, reason = "not every test needs everything")]

use cauce_core::catalog::Catalog;
use cauce_core::decide::{Plans, home};
use cauce_core::event::Event;
use cauce_core::ids::{self, EventId, TraceId};
use cauce_core::input::{Body, Input};
use cauce_core::profile::Alias;
use cauce_core::time::Timestamp;
use cauce_engine::node::{Doing, Node, Observer, Options, Wait};
use cauce_engine::partition::{Partition, Taken};
use cauce_engine::tables::TABLES;
use cauce_engine::{Error, codec};
use cauce_store::disk::FaultyDisk;
use cauce_store::state::MemoryState;
use cauce_store::{Entry, FileLog, State, log};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const PARTITIONS: u16 = 4;
pub const PATIENCE: Duration = Duration::from_secs(30);

/// No definitions; looking for them panics if told so.
#[derive(Default)]
pub struct Empty {
    pub panics: AtomicBool,
}

impl Plans for Empty {
    fn plan(&self, _: u64) -> Arc<Catalog> {
        assert!(!self.panics.load(Ordering::SeqCst), "planned");
        Arc::default()
    }
}

/// Everything that was taken, and what went wrong.
#[derive(Default)]
pub struct Record {
    pub entries: Mutex<Vec<Entry>>,
    pub stopped: Mutex<Vec<String>>,
    pub trouble: Mutex<Vec<(Doing, Option<String>)>>,
}

impl Observer for Record {
    fn taken(&self, partition: ids::Partition, taken: &Taken) {
        self.entries.lock().unwrap().push(Entry {
            partition,
            incarnation: taken.position.incarnation,
            offset: taken.position.offset,
            erased: false,
            body: codec::encode(&taken.input),
        });
    }
    fn stopped(&self, _: ids::Partition, error: &Error) {
        self.stopped.lock().unwrap().push(error.to_string());
    }
    fn trouble(&self, doing: Doing, error: Option<&Error>) {
        self.trouble.lock().unwrap().push((doing, error.map(ToString::to_string)));
    }
}

/// Disks, and what is known of the world whatever happens to them.
pub struct World {
    pub disk: FaultyDisk,
    pub state: Arc<MemoryState>,
    pub plans: Arc<Empty>,
    pub record: Arc<Record>,
}

impl World {
    pub fn new(seed: u64) -> World {
        World {
            disk: FaultyDisk::new(seed),
            state: Arc::new(MemoryState::new(TABLES.len(), seed)),
            plans: Arc::default(),
            record: Arc::default(),
        }
    }

    /// The log, in short segments.
    pub fn log(&self) -> Arc<FileLog> {
        let options = log::Options { segment_bytes: 4_000, ..log::Options::new(7) };
        Arc::new(FileLog::open(Arc::new(self.disk.clone()), options).expect("a log"))
    }

    /// A node that cuts what it can all the time, keeping so many bytes.
    pub fn start(&self, log_keep: u64) -> Result<Node<Empty>, Error> {
        let options = Options {
            partitions: PARTITIONS,
            threads: 2,
            checkpoint_rows: 100,
            checkpoint_every: Duration::from_millis(5),
            rows_in_memory: 100,
            lag_max: 100_000,
            log_keep,
            cut_every: Duration::from_millis(5),
            version: "test".to_owned(),
        };
        let (state, record) = (self.state.clone(), self.record.clone());
        let clock = Arc::new(|| Timestamp(1_000_000));
        Node::start(options, self.log(), state, self.plans.clone(), clock, record, &|_| ())
    }

    /// Loss of power.
    pub fn crash(&self) {
        self.disk.crash();
        self.state.crash();
    }

    /// Partitions over a store, as it is.
    pub fn partitions(&self, state: &Arc<MemoryState>) -> Vec<Partition<Empty>> {
        let open = |number| {
            let state: Arc<dyn State> = state.clone();
            Partition::open(number, PARTITIONS, state, self.plans.clone()).expect("a partition")
        };
        (0..PARTITIONS).map(open).collect()
    }

    /// Hashes of what the record comes to: a log that was never cut.
    pub fn uncut(&self) -> Vec<Vec<(String, u128)>> {
        let mut twins = self.partitions(&Arc::new(MemoryState::new(TABLES.len(), 1)));
        for entry in &*self.record.entries.lock().unwrap() {
            twins[usize::from(entry.partition)].take(entry).expect("it was taken before");
        }
        hashes(&twins)
    }
}

pub fn hashes(partitions: &[Partition<Empty>]) -> Vec<Vec<(String, u128)>> {
    partitions.iter().map(|p| cauce_engine::dump::dump(p).expect("rows")).collect()
}

/// Somebody was seen, with two aliases: it takes a hop from one partition to another.
pub fn seen(n: u128) -> (u16, Input) {
    let at = Timestamp(n as i64);
    let alias = |namespace: &str| Alias { namespace: namespace.to_owned(), value: n.to_string() };
    let aliases = vec![alias("user_id"), alias("anonymous_id")];
    let partition = home(&aliases[0], PARTITIONS);
    let event = Event {
        id: EventId(n),
        name: "seen".to_owned(),
        aliases,
        occurred_at: at,
        received_at: at,
        properties: BTreeMap::new(),
        attributes: BTreeMap::new(),
        consents: Vec::new(),
        historical: false,
    };
    (partition, Input { at, trace: TraceId::default(), body: Body::Event(Box::new(event)) })
}

pub type Answer = Result<ids::Position, Error>;

/// A wish, and where its answer comes.
pub fn durable() -> (Wait, Receiver<Answer>) {
    let (tell, told) = channel();
    (Wait::Durable(Box::new(move |answer| drop(tell.send(answer)))), told)
}

/// The same for everything that follows.
pub fn applied() -> (Wait, Receiver<Answer>) {
    let (tell, told) = channel();
    (Wait::Applied(Box::new(move |answer| drop(tell.send(answer)))), told)
}

/// Waits until something is so.
pub fn until(what: &str, so: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + PATIENCE;
    while !so() {
        assert!(std::time::Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
