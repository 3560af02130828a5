//! A log that is cut while it is written must lead to the same rows as one that is not.

mod world;

use cauce_core::ids::CONTROL;
use cauce_engine::cut::{self, Below, recover};
use cauce_engine::tables::TABLES;
use cauce_engine::{Error, control};
use cauce_store::{Batch, Log, State};
use std::sync::Arc;
use world::*;

/// Every entry of the control log, as text.
fn control_log(world: &World) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    control::visit(&*world.log(), &*world.state, &mut |offset, body| {
        assert_eq!(offset, all.len() as u64);
        all.push(String::from_utf8_lossy(body).into_owned());
        Ok(())
    })?;
    Ok(all)
}

#[test]
fn a_cut_log_comes_to_what_an_uncut_one_comes_to() {
    let world = World::new(3);
    let mut published = Vec::new();
    let mut started_at = 0;
    for round in 0..4u128 {
        let node = world.start(0).expect("a start from a cut log");
        for n in 1..=150 {
            let (partition, input) = seen(round * 100 + n);
            let (wait, told) = applied();
            node.append(partition, &input, wait).unwrap();
            told.recv_timeout(PATIENCE).unwrap().unwrap();
            if n % 50 == 0 {
                let plan = format!("plan {round} {n}");
                let (wait, told) = durable();
                node.append_raw(CONTROL, plan.as_bytes(), wait).unwrap();
                told.recv_timeout(PATIENCE).unwrap().unwrap();
                published.push(plan);
            }
        }
        if round == 1 {
            let from = node.log().start(0);
            until("it is cut while it runs", || node.log().start(0) > from || from > 0);
        }
        node.stop();
        assert_eq!(*world.record.stopped.lock().unwrap(), [""; 0]);
        world.crash();
        let log = world.log();
        assert!(log.start(0) > started_at, "round {round} cut nothing");
        assert!(log.start(CONTROL) > 0 && log.bytes_on_disk() < 12_000);
        started_at = log.start(0);
        drop(log);
        assert_eq!(hashes(&world.partitions(&world.state)), world.uncut(), "round {round}");
        assert_eq!(control_log(&world).unwrap(), published);
    }
}

#[test]
fn what_is_to_be_kept_and_what_is_held_stays() {
    let world = World::new(4);
    let node = world.start(20_000).unwrap();
    let hold = node.hold_log();
    for n in 1..=400 {
        let (partition, input) = seen(n);
        let (wait, told) = applied();
        node.append(partition, &input, wait).unwrap();
        told.recv_timeout(PATIENCE).unwrap().unwrap();
    }
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(node.log().start(0), 0, "somebody reads it");
    let whole = node.log().bytes_on_disk();
    drop(hold);
    until("it is cut", || node.log().start(0) > 0);
    node.stop();
    let kept = node.log().bytes_on_disk();
    assert!((20_000..whole).contains(&kept), "{kept} of {whole}");
}

/// A world with rows written and not synced, at rest, and its log.
fn written(seed: u64) -> World {
    let world = World::new(seed);
    let log = world.log();
    log.append(CONTROL, &[b"plan 1", b"plan 2"]).unwrap();
    for n in 1..=60 {
        let (partition, input) = seen(n);
        log.append(partition, &[&cauce_engine::codec::encode(&input)]).unwrap();
        log.sync().unwrap();
    }
    let mut partitions = world.partitions(&world.state);
    log.scan(&|_| 0, &mut |entry| {
        if let Some(partition) = partitions.get_mut(usize::from(entry.partition)) {
            partition.take(&entry).unwrap();
            world.record.entries.lock().unwrap().push(entry);
        }
        Ok(())
    })
    .unwrap();
    for partition in &mut partitions {
        partition.checkpoint().unwrap().write(&*world.state).unwrap();
    }
    world
}

/// What a start makes of the world: its rows, or why not.
fn restart(world: &World) -> Result<(), Error> {
    let control = control_log(world)?;
    assert_eq!(control, ["plan 1", "plan 2"]);
    let log = world.log();
    let mut partitions = world.partitions(&world.state);
    for partition in &partitions {
        cut::check(partition.number(), partition.progress().next, &*log)?;
    }
    let next: Vec<u64> = partitions.iter().map(|p| p.progress().next).collect();
    let from = |number: u16| next.get(usize::from(number)).copied().unwrap_or(u64::MAX);
    let mut taken = Ok(());
    log.scan(&from, &mut |entry| {
        if taken.is_ok() {
            taken = partitions[usize::from(entry.partition)].take(&entry).map(drop);
        }
        Ok(())
    })
    .unwrap();
    taken?;
    assert_eq!(hashes(&partitions), world.uncut());
    Ok(())
}

#[test]
fn a_crash_between_any_two_steps_leaves_a_start_that_works() {
    for seed in 0..12 {
        for steps in 0..4 {
            let world = written(seed);
            let log = world.log();
            let mut below = Below::default();
            if steps >= 1 {
                below = Below::read(&*log, &*world.state, PARTITIONS).unwrap();
            }
            if steps >= 2 {
                world.state.sync().unwrap();
            }
            if steps >= 3 {
                below.cut(&*log, 0).unwrap();
                assert!(log.start(0) > 0);
            }
            world.crash();
            restart(&world).unwrap_or_else(|error| panic!("seed {seed} steps {steps}: {error}"));
        }
        // And at every operation of the cut itself.
        for operation in 1.. {
            let world = written(seed);
            let log = world.log();
            world.disk.fail_operation(operation);
            let cut = cut::cut(&*log, &*world.state, PARTITIONS, 0);
            world.crash();
            restart(&world).unwrap_or_else(|error| panic!("seed {seed} at {operation}: {error}"));
            if cut.is_ok() {
                assert!(operation > 3, "the cut never met the fault");
                break;
            }
        }
    }
}

#[test]
fn a_cut_before_the_sync_is_seen() {
    let mut seen = 0;
    for seed in 0..12 {
        let world = written(seed);
        let log = world.log();
        // The wrong order.
        Below::read(&*log, &*world.state, PARTITIONS).unwrap().cut(&*log, 0).unwrap();
        drop(log);
        world.crash();
        match (restart(&world), world.start(0)) {
            // The crash happened to keep all that was written.
            (Ok(()), Ok(node)) => node.stop(),
            (Err(Error::Gap { .. }), started) => {
                seen += 1;
                if let Ok(node) = started {
                    node.stop();
                    assert!(control_log(&world).is_err(), "seed {seed}: nobody saw the gap");
                }
            }
            (Ok(()), Err(error)) | (Err(error), _) => panic!("seed {seed}: {error}"),
        }
    }
    assert!(seen > 3, "only {seen} of 12 lost what was cut");
}

/// What a start says of a log that lost its end, and what recovering finds.
fn recovered(world: &World) -> Vec<recover::Ahead> {
    let refused = world.start(0).err().expect("positions would name two things").to_string();
    assert!(refused.contains("`cauce log recover`"), "{refused}");
    let (log, state): (_, Arc<dyn State>) = (world.log(), world.state.clone());
    recover::complete_control(&*log, &*state).unwrap();
    let before = log.incarnation();
    let found = recover::recover(&*log, &state, &world.plans, PARTITIONS).unwrap();
    assert!(log.incarnation() > before);
    let again = recover::recover(&*log, &state, &world.plans, PARTITIONS).unwrap();
    assert_eq!(again, [], "once is enough");
    found
}

/// Another disk, with the log as it was some time before.
fn lose_the_end(world: &mut World, seed: u64) {
    world.disk = cauce_store::disk::FaultyDisk::new(seed);
    let log = world.log();
    log.append(CONTROL, &[b"plan 1"]).unwrap();
    for n in 1..=20 {
        let (partition, input) = seen(n);
        log.append(partition, &[&cauce_engine::codec::encode(&input)]).unwrap();
    }
    log.sync().unwrap();
}

#[test]
fn who_lost_the_end_of_the_log_goes_on_from_its_rows() {
    let mut world = written(8);
    control::copy(&*world.log(), &*world.state).unwrap();
    let state: Arc<dyn State> = world.state.clone();
    assert_eq!(recover::recover(&*world.log(), &state, &world.plans, PARTITIONS).unwrap(), []);
    lose_the_end(&mut world, 9);
    let rows = |world: &World| {
        let hashes = hashes(&world.partitions(&world.state)).concat();
        hashes.into_iter().filter(|(name, _)| !name.ends_with("/position")).collect::<Vec<_>>()
    };
    let kept = rows(&world);
    let found = recovered(&world);
    assert_eq!(found.iter().map(|ahead| ahead.lost).sum::<u64>(), 40, "{found:?}");
    assert!(rows(&world) == kept, "a row was touched");
    assert_eq!(control_log(&world).unwrap(), ["plan 1", "plan 2"]);

    let node = world.start(0).expect("it starts");
    for n in 100..=120 {
        let (partition, input) = seen(n);
        let (wait, told) = applied();
        node.append(partition, &input, wait).unwrap();
        told.recv_timeout(PATIENCE).unwrap().unwrap();
    }
    node.stop();
    assert_eq!(*world.record.stopped.lock().unwrap(), [""; 0]);
    world.crash();
    assert!(rows(&world) != kept, "nothing was taken");
}

/// Who was not ahead sends again what it had sent, and more; whoever had heard it takes nothing new
/// for old.
#[test]
fn numbers_of_hops_go_on_behind_what_others_have_taken() {
    use cauce_core::state::{Key, Row, Rows};
    let mut world = World::new(10);
    let node = world.start(1 << 20).unwrap();
    for n in 1..=60 {
        let (partition, input) = seen(n);
        let (wait, told) = applied();
        node.append(partition, &input, wait).unwrap();
        told.recv_timeout(PATIENCE).unwrap().unwrap();
    }
    node.stop();
    let known = world.partitions(&world.state);
    lose_the_end(&mut world, 12);
    // As after a crash: the rows of some were not written since the beginning.
    let fresh = World { disk: world.disk.clone(), ..World::new(11) };
    let mut heard = 0;
    for partition in &known {
        if partition.number() % 2 == 0 {
            continue; // behind
        }
        let mut batch = Batch::new();
        for table in 0..TABLES.len() as u8 {
            let prefix = partition.number().to_be_bytes();
            world
                .state
                .range(table, &prefix, None, &mut |key, value| {
                    if key.starts_with(&prefix) {
                        batch.put(table, key.to_vec(), value.to_vec());
                    }
                    key.starts_with(&prefix)
                })
                .unwrap();
        }
        fresh.state.write(batch).unwrap();
        heard += (0..PARTITIONS).map(|from| partition.received(from)).sum::<u64>();
    }
    assert!(heard > 0, "nobody had heard anything");
    recover::complete_control(&*fresh.log(), &*fresh.state).unwrap();
    let state: Arc<dyn State> = fresh.state.clone();
    let found = recover::recover(&*fresh.log(), &state, &fresh.plans, PARTITIONS).unwrap();
    assert!(!found.is_empty() && found.len() < usize::from(PARTITIONS), "{found:?}");
    let now = fresh.partitions(&fresh.state);
    for one in &now {
        let Some(Row::Meta(meta)) = one.rows().get(&Key::Meta) else { continue };
        for other in &now {
            let next = meta.hops_out.get(&other.number()).copied().unwrap_or(1);
            let (from, to) = (one.number(), other.number());
            assert!(next > other.received(from), "{from} to {to}: {next}");
        }
    }
}
