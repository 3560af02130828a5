//! Who has to wait when too much waits to be decided.

mod world;

use cauce_core::ids::TraceId;
use cauce_core::input::{Body, Input};
use cauce_core::time::Timestamp;
use cauce_engine::node::{Node, Options, Wait};
use std::sync::Arc;
use std::time::Duration;
use world::*;

#[test]
fn live_traffic_waits_first_and_reserved_room_has_an_end() {
    let world = World::new(3);
    let options = Options {
        partitions: PARTITIONS,
        threads: 1,
        checkpoint_rows: 100,
        checkpoint_every: Duration::from_secs(5),
        rows_in_memory: 100,
        lag_max: 10,
        log_keep: u64::MAX,
        cut_every: Duration::from_secs(5),
        version: "test".to_owned(),
    };
    let (state, record) = (world.state.clone(), world.record.clone());
    let clock = Arc::new(|| Timestamp(1_000_000));
    let node =
        Node::start(options, world.log(), state, world.plans.clone(), clock, record, &|_| ());
    let node = node.unwrap();
    // Nothing is decided while the record is held.
    let held = world.record.entries.lock().unwrap();
    let mut live = None;
    let mut waiting = 0;
    while node.has_reserved_room() {
        waiting += 1;
        assert!(waiting < 1_000, "there is no end");
        let (partition, input) = seen(waiting);
        node.append(partition, &input, Wait::None).unwrap();
        assert!(node.batch_may_append() == (node.lag() < 1), "what nobody waits for is the first");
        if !node.has_room() {
            live.get_or_insert(node.lag());
        }
    }
    let live = live.expect("live traffic was told to wait");
    assert!((10..20).contains(&live), "{live}");
    assert!((80..100).contains(&node.lag()), "{}", node.lag());
    // What nobody could say again is never refused.
    let body = Body::AttemptsEnded(Vec::new());
    let ends = Input { at: Timestamp(5), trace: TraceId::default(), body };
    node.append(1, &ends, Wait::None).unwrap();
    drop(held);
    until("there is room again", || node.has_room());
    node.stop();
}
