//! A checkpoint that cannot be written must not be passed over by the next one.

use cauce_core::catalog::Catalog;
use cauce_core::decide::{Plans, home};
use cauce_core::event::Event;
use cauce_core::ids::{self, EventId, TraceId};
use cauce_core::input::{Body, Input};
use cauce_core::profile::Alias;
use cauce_core::time::Timestamp;
use cauce_engine::dump::dump;
use cauce_engine::node::{Doing, Node, Observer, Options, Wait};
use cauce_engine::partition::{Partition, Taken};
use cauce_engine::tables::TABLES;
use cauce_store::disk::FaultyDisk;
use cauce_store::state::{Fault, MemoryState};
use cauce_store::{FileLog, Log, State, log};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::channel;

struct Nothing;

impl Plans for Nothing {
    fn plan(&self, _: u64) -> Arc<Catalog> {
        Arc::default()
    }
}

impl Observer for Nothing {
    fn taken(&self, _: ids::Partition, _: &Taken) {}
    fn stopped(&self, _: ids::Partition, _: &cauce_engine::Error) {}
    fn trouble(&self, _: Doing, _: Option<&cauce_engine::Error>) {}
}

fn seen(n: u128) -> Input {
    let at = Timestamp(n as i64);
    let alias = Alias { namespace: "user_id".to_owned(), value: n.to_string() };
    let event = Event {
        id: EventId(n),
        name: "seen".to_owned(),
        aliases: vec![alias],
        occurred_at: at,
        received_at: at,
        properties: BTreeMap::new(),
        attributes: BTreeMap::new(),
        consents: Vec::new(),
        historical: false,
    };
    Input { at, trace: TraceId::default(), body: Body::Event(Box::new(event)) }
}

#[test]
fn the_next_checkpoint_waits() {
    let log: Arc<FileLog> = Arc::new(
        FileLog::open(Arc::new(FaultyDisk::new(1)), log::Options::new(1)).expect("an empty disk"),
    );
    let memory = Arc::new(MemoryState::new(TABLES.len(), 1));
    let state: Arc<dyn State> = memory.clone();
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
    let start = Node::start(
        options,
        log.clone(),
        state.clone(),
        Arc::new(Nothing),
        Arc::new(|| Timestamp(1_000)),
        Arc::new(Nothing),
        &|_| (),
    );
    let node = start.expect("an empty log");
    memory.fail_write(1, Fault::Full);
    for n in 1..=400 {
        let (tell, told) = channel();
        let input = seen(n);
        let Body::Event(event) = &input.body else { continue };
        let applied = Wait::Applied(Box::new(move |_| {
            let _ = tell.send(());
        }));
        node.append(home(&event.aliases[0], 1), &input, applied).expect("the log takes it");
        told.recv().expect("the node applies it");
    }
    node.stop();
    let open = |state: Arc<dyn State>| {
        Partition::open(0, 1, state, Arc::new(Nothing)).expect("the state can be read")
    };
    let mut first = open(state);
    let mut second = open(Arc::new(MemoryState::new(TABLES.len(), 2)));
    let from = first.progress().next;
    for partition in [&mut first, &mut second] {
        let visit = &mut |entry: cauce_store::Entry| {
            partition.take(&entry).expect("it was taken before");
            Ok(())
        };
        log.scan(&|_| 0, visit).expect("the log can be read");
    }
    assert!(from > 0, "nothing was written");
    assert_eq!(dump(&first).expect("rows"), dump(&second).expect("rows"));
}
