//! An observer that keeps something of its own by entries: rows are not written back before it has
//! it, and what it may have missed it sees again.

mod world;

use cauce_core::ids;
use cauce_core::input::{Body, Input};
use cauce_core::time::Timestamp;
use cauce_engine::Error;
use cauce_engine::node::{Doing, Node, Observer, Options, Wait};
use cauce_engine::partition::{Partition, Taken};
use cauce_engine::tables::TABLES;
use cauce_store::disk::FaultyDisk;
use cauce_store::state::MemoryState;
use cauce_store::{FileLog, State, log};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Keeps the offsets of what it sees, as long as its disk works.
#[derive(Default)]
struct Keeper {
    works: AtomicBool,
    taken: Mutex<Vec<u64>>,
    again: Mutex<Vec<u64>>,
}

impl Observer for Keeper {
    fn taken(&self, _: ids::Partition, taken: &Taken) {
        self.taken.lock().unwrap().push(taken.position.offset);
    }
    fn replayed(&self, _: ids::Partition, taken: &Taken) {
        self.again.lock().unwrap().push(taken.position.offset);
    }
    fn before_checkpoint(&self) -> Result<(), Error> {
        match self.works.load(Ordering::SeqCst) {
            true => Ok(()),
            false => Err(Error::Stopped("not yet".to_owned())),
        }
    }
    fn stopped(&self, _: ids::Partition, _: &Error) {}
    fn trouble(&self, _: Doing, _: Option<&Error>) {}
}

fn start(log: &Arc<FileLog>, state: &Arc<dyn State>, keeper: &Arc<Keeper>) -> Node<world::Empty> {
    let options = Options {
        partitions: 1,
        threads: 1,
        checkpoint_rows: 1,
        checkpoint_every: std::time::Duration::from_millis(1),
        rows_in_memory: 0,
        lag_max: 1_000,
        log_keep: u64::MAX,
        cut_every: std::time::Duration::from_secs(60),
        version: String::new(),
    };
    let plans = Arc::<world::Empty>::default();
    let clock = Arc::new(|| Timestamp(1_000));
    Node::start(options, log.clone(), state.clone(), plans, clock, keeper.clone(), &|_| ())
        .expect("a start")
}

fn pause(node: &Node<world::Empty>, n: u32) {
    let body = Body::Pause { reason: Some(n.to_string()) };
    let input = Input { at: Timestamp(1_000), trace: ids::TraceId::default(), body };
    let (tell, told) = std::sync::mpsc::channel();
    let applied = Wait::Applied(Box::new(move |_| {
        let _ = tell.send(());
    }));
    node.append(0, &input, applied).expect("room");
    told.recv().expect("it is applied");
}

#[test]
fn rows_wait_for_who_keeps_what_they_stand_for() {
    let disk = Arc::new(FaultyDisk::new(1));
    let log = Arc::new(FileLog::open(disk, log::Options::new(1)).expect("an empty disk"));
    let state: Arc<dyn State> = Arc::new(MemoryState::new(TABLES.len(), 1));
    let stored = || {
        let plans = Arc::<world::Empty>::default();
        let partition = Partition::open(0, 1, state.clone(), plans).expect("rows");
        partition.progress().next
    };
    let behind = Arc::new(Keeper::default());
    let node = start(&log, &state, &behind);
    (0..50).for_each(|n| pause(&node, n));
    node.stop();
    assert_eq!(stored(), 0, "rows were written back without it");
    let keeper = Arc::new(Keeper { works: AtomicBool::new(true), ..Keeper::default() });
    let node = start(&log, &state, &keeper);
    assert_eq!(*keeper.again.lock().unwrap(), *behind.taken.lock().unwrap());
    pause(&node, 50);
    node.stop();
    assert!(stored() > 50, "and are once it has caught up");
    let last = Arc::new(Keeper::default());
    start(&log, &state, &last).stop();
    assert!(last.again.lock().unwrap().is_empty(), "nothing is taken twice that is written back");
}
