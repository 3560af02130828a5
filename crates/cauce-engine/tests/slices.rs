//! How much of a thread what is done in slices takes.

mod world;

use cauce_core::catalog::Catalog;
use cauce_core::decide::Plans;
use cauce_core::ids::{self, TraceId};
use cauce_core::input::{Body, Input};
use cauce_core::publish::{Book, Kind, Plan};
use cauce_core::time::Timestamp;
use cauce_engine::Error;
use cauce_engine::node::{Doing, Node, Observer, Options, Wait};
use cauce_engine::partition::Taken;
use cauce_store::{FileLog, Log};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use world::{World, seen, until};

const PARTITIONS: u16 = 16;
/// Of one thread.
const SLICES_MAX: u64 = 2;

struct One(Arc<Catalog>);

impl Plans for One {
    fn plan(&self, _: u64) -> Arc<Catalog> {
        self.0.clone()
    }
}

/// How many slices were taken, and how many entries at most were under way with one of them once
/// all that was asked for had been taken.
struct UnderWay {
    log: Arc<FileLog>,
    taken: AtomicU64,
    published: AtomicU64,
    slices: AtomicU64,
    most: AtomicU64,
}

impl Observer for UnderWay {
    fn taken(&self, _: ids::Partition, taken: &Taken) {
        let before = self.taken.fetch_add(1, Ordering::SeqCst);
        if matches!(taken.input.body, Body::Publish { .. }) {
            self.published.fetch_add(1, Ordering::SeqCst);
        }
        if matches!(taken.input.body, Body::Build { .. })
            && self.published.load(Ordering::SeqCst) == u64::from(PARTITIONS)
        {
            self.slices.fetch_add(1, Ordering::SeqCst);
            let appended: u64 = (0..PARTITIONS).map(|number| self.log.end(number)).sum();
            self.most.fetch_max(appended - before, Ordering::SeqCst);
        }
    }
    fn stopped(&self, _: ids::Partition, error: &Error) {
        panic!("{error}");
    }
    fn trouble(&self, _: Doing, _: Option<&Error>) {}
}

#[test]
fn however_many_partitions_build_few_slices_are_before_what_comes() {
    let mut book = Book::default();
    let rule = r#"{ "segment": { "rule": "count(seen) >= 1" } }"#;
    let changes = vec![((Kind::Segment, "seen".to_owned()), Some(rule.to_owned()))];
    book.publish(&Plan { number: 1, at: Timestamp(0), by: "test".to_owned(), changes });
    let world = World::new(5);
    let watch = Arc::new(UnderWay {
        log: world.log(),
        taken: AtomicU64::new(0),
        published: AtomicU64::new(0),
        slices: AtomicU64::new(0),
        most: AtomicU64::new(0),
    });
    let options = Options {
        partitions: PARTITIONS,
        threads: 1,
        checkpoint_rows: 100_000,
        checkpoint_every: Duration::from_secs(60),
        rows_in_memory: 100_000,
        lag_max: 100_000,
        log_keep: u64::MAX,
        cut_every: Duration::from_secs(60),
        version: "test".to_owned(),
    };
    let plans = Arc::new(One(Arc::new(book.catalog())));
    let clock = Arc::new(|| Timestamp(1_000_000));
    let (log, state) = (watch.log.clone(), world.state.clone());
    let node = Node::start(options, log, state, plans, clock, watch.clone(), &|_| ()).unwrap();
    for n in 0..6_000 {
        let (_, input) = seen(n);
        let Body::Event(event) = &input.body else { unreachable!("it is one") };
        let partition = cauce_core::decide::home(&event.aliases[0], PARTITIONS);
        node.append(partition, &input, Wait::None).unwrap();
    }
    until("all of them are taken", || node.lag() == 0);
    for partition in 0..PARTITIONS {
        let body = Body::Publish { plan: 1 };
        let publish = Input { at: Timestamp(7_000), trace: TraceId::default(), body };
        node.append(partition, &publish, Wait::None).unwrap();
    }
    // Each partition has more people than one slice looks at.
    let enough = u64::from(PARTITIONS);
    until("most of it is built", || watch.slices.load(Ordering::SeqCst) >= enough);
    node.stop();
    assert_eq!(watch.most.load(Ordering::SeqCst), SLICES_MAX);
}
