//! What goes wrong while people wait for an answer.

mod world;

use cauce_core::ids::TraceId;
use cauce_core::input::{Body, Input};
use cauce_core::time::Timestamp;
use cauce_engine::Error;
use cauce_engine::node::{Doing, Wait};
use cauce_engine::tables::{self, TABLES};
use cauce_store::{Batch, Log, State};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use world::*;

fn is_full(error: &Error) -> bool {
    matches!(error, Error::Store { source: cauce_store::Error::Full { .. }, .. })
}

#[test]
fn a_full_disk_refuses_keeps_and_goes_on() {
    for room in [0, 10, 333, 700, 2_000, 5_000] {
        let world = World::new(room + 1);
        let node = world.start(u64::MAX).unwrap();
        let (wait, told) = durable();
        node.append(0, &seen(1).1, wait).unwrap();
        told.recv_timeout(PATIENCE).unwrap().unwrap();
        world.disk.set_capacity(world.disk.used_bytes() + room);
        let mut waiting = Vec::new();
        for n in 2.. {
            let (partition, input) = seen(n);
            let (wait, told) = durable();
            match node.append(partition, &input, wait) {
                Ok(_) => waiting.push(told),
                Err(error) => {
                    assert!(is_full(&error), "{error}");
                    break;
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(node.is_full() && !node.has_room());
        // What nobody could say again is kept all the same.
        let body = Body::AttemptsEnded(Vec::new());
        let ends = Input { at: Timestamp(5), trace: TraceId::default(), body };
        node.append(1, &ends, Wait::None).unwrap();
        // The last of those that were not durable before; what the engine says to itself may have
        // filled the disk behind all of them.
        let promised = waiting.len();
        let open: Vec<_> = waiting.into_iter().filter(|told| told.try_recv().is_err()).collect();
        assert!(room > 0 || open.len() == promised, "durable without room");
        if let Some(last) = open.last() {
            let answer = last.recv_timeout(Duration::from_millis(600));
            assert_eq!(answer.unwrap_err(), RecvTimeoutError::Timeout, "not durable, not promised");
        }
        world.disk.set_capacity(u64::MAX);
        for told in &open {
            told.recv_timeout(PATIENCE).unwrap().unwrap();
        }
        until("it takes new work again", || !node.is_full());
        let (wait, told) = applied();
        let (partition, input) = seen(1_000_000);
        node.append(partition, &input, wait).unwrap();
        told.recv_timeout(PATIENCE).unwrap().unwrap();
        node.stop();
        assert_eq!(*world.record.stopped.lock().unwrap(), [""; 0]);
        let trouble = world.record.trouble.lock().unwrap().clone();
        let said: Vec<_> = trouble.iter().filter(|(doing, _)| *doing == Doing::Commit).collect();
        assert!(said[0].1.as_ref().is_some_and(|text| text.contains("no space left")), "{said:?}");
        assert_eq!(said[1].1, None, "and that it is over");

        world.crash();
        let (mut events, mut count) = (BTreeSet::new(), 0);
        world
            .log()
            .scan(&|_| 0, &mut |entry| {
                if let Body::Event(event) = cauce_engine::codec::input(&entry.body).unwrap().body {
                    count += 1;
                    events.insert(event.id);
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(count, promised + 2, "each that was promised, once");
        assert_eq!(events.len(), count);
    }
}

#[test]
fn a_node_whose_disk_is_full_can_be_stopped() {
    let world = World::new(1);
    let node = world.start(u64::MAX).unwrap();
    world.disk.set_capacity(0);
    let (wait, told) = durable();
    node.append(0, &seen(1).1, wait).unwrap();
    until("it is full", || node.is_full());
    node.stop();
    let error = told.recv_timeout(PATIENCE).unwrap().unwrap_err();
    assert!(matches!(error, Error::Stopped(_)), "{error}");
}

#[test]
fn a_log_that_fails_for_good_answers_everybody() {
    let world = World::new(2);
    let node = world.start(u64::MAX).unwrap();
    until("it is at rest", || node.lag() == 0);
    // Writing, then the sync: from then on nothing can be trusted.
    world.disk.fail_operation(2);
    let (wait, first) = durable();
    let (also, second) = applied();
    node.append(0, &seen(1).1, wait).unwrap();
    // It may be refused at once, if the log has failed by then.
    let appended = node.append(1, &seen(2).1, also);
    for (told, due) in [(first, true), (second, appended.is_ok())] {
        if due {
            let error = told.recv_timeout(PATIENCE).unwrap().unwrap_err();
            assert!(error.to_string().contains("the log stopped"), "{error}");
        }
    }
    assert!(node.append(0, &seen(3).1, Wait::None).is_err());
    node.stop();
}

#[test]
fn who_waits_for_a_poisoned_partition_is_answered() {
    let world = World::new(5);
    let node = world.start(u64::MAX).unwrap();
    until("it is at rest", || node.lag() == 0);
    world.plans.panics.store(true, Ordering::SeqCst);
    let mut answers = Vec::new();
    for n in 1..=20 {
        let (wait, told) = applied();
        node.append(2, &seen(n).1, wait).unwrap();
        answers.push(told);
    }
    let answers: Vec<Answer> =
        answers.iter().map(|told| told.recv_timeout(PATIENCE).expect("an answer")).collect();
    let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert_eq!(refused.len(), 10, "ten entries go to the quarantine, then it stops: {refused:?}");
    for error in refused {
        assert!(error.to_string().contains("partition 2 stopped"), "{error}");
    }
    world.plans.panics.store(false, Ordering::SeqCst);
    let (wait, told) = applied();
    node.append(2, &seen(99).1, wait).unwrap();
    assert!(told.recv_timeout(PATIENCE).unwrap().is_err(), "whoever comes later is told as well");
    let (wait, told) = durable();
    node.append(2, &seen(100).1, wait).unwrap();
    told.recv_timeout(PATIENCE).unwrap().expect("it is durable all the same");
    let alone = (1_000..).map(seen).find(|(partition, _)| *partition == 1).unwrap().1;
    let alone = match alone.body {
        Body::Event(mut event) => {
            event.aliases.truncate(1);
            Input { body: Body::Event(event), ..alone }
        }
        _ => unreachable!("it is an event"),
    };
    let (wait, told) = applied();
    node.append(1, &alone, wait).unwrap();
    told.recv_timeout(PATIENCE).unwrap().expect("the others go on");
    node.stop();
}

#[test]
fn who_waits_for_an_unreadable_row_is_answered_over_a_hop() {
    let world = World::new(6);
    // Someone whose first alias lives in one partition and whose second in another.
    let (partition, input) = seen(7);
    let Body::Event(event) = &input.body else { unreachable!("it is an event") };
    let homes: Vec<u16> =
        event.aliases.iter().map(|alias| cauce_core::decide::home(alias, PARTITIONS)).collect();
    let key = cauce_core::state::Key::Alias(event.aliases[1].clone());
    assert_ne!(homes[0], homes[1], "choose another number");
    let mut batch = Batch::new();
    batch.put(tables::table(&key), tables::spell(homes[1], &key), b"rubbish".to_vec());
    world.state.write(batch).unwrap();
    assert_eq!(TABLES[usize::from(tables::table(&key))].name, "aliases");
    let node = world.start(u64::MAX).unwrap();
    let (wait, told) = applied();
    node.append(partition, &input, wait).unwrap();
    let error = told.recv_timeout(PATIENCE).expect("an answer").unwrap_err();
    assert!(error.to_string().contains("cannot read a stored"), "{error}");
    node.stop();
}
