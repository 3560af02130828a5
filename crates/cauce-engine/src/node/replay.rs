//! The start: open every partition, replay what the log has beyond its rows, and take up again what
//! a crash left open.

use super::{Observer, Options, Shared};
use crate::Error;
use crate::partition::Partition;
use cauce_core::decide::Plans;
use cauce_core::delivery::Outcome;
use cauce_core::input::{AttemptEnd, Body};
use cauce_core::state::{Key, Meta, Row, Rows};
use cauce_store::{Log, State};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Opens all partitions and replays the log's tail. During replay nothing is handed over.
pub fn open<P: Plans>(
    options: &Options,
    log: &dyn Log,
    state: &Arc<dyn State>,
    plans: &Arc<P>,
    observer: &dyn Observer,
    progress: &dyn Fn(u64),
) -> Result<Vec<Partition<P>>, Error> {
    let mut partitions = Vec::new();
    for number in 0..options.partitions {
        let partition = Partition::open(number, options.partitions, state.clone(), plans.clone())?;
        crate::cut::check(number, partition.progress().next, log)?;
        partitions.push(partition);
    }
    let next: Vec<u64> = partitions.iter().map(|p| p.progress().next).collect();
    let from = |number: u16| next.get(usize::from(number)).copied().unwrap_or(u64::MAX);
    let mut failed = None;
    let mut taken = 0;
    let visit = &mut |entry: cauce_store::Entry| {
        let Some(partition) = partitions.get_mut(usize::from(entry.partition)) else {
            return Ok(());
        };
        if failed.is_none() {
            match partition.take(&entry) {
                Ok(Some(taken)) => observer.replayed(entry.partition, &taken),
                Ok(None) => {}
                Err(error) => failed = Some(error),
            }
            if partition.rows().changed() > options.checkpoint_rows
                && let Some(checkpoint) = partition.checkpoint()
            {
                match observer.before_checkpoint().and_then(|()| checkpoint.write(&**state)) {
                    Ok(()) => partition.checkpointed(checkpoint.snapshot.generation, 0),
                    Err(error) => failed = Some(error),
                }
            }
        }
        taken += 1;
        if taken % 10_000 == 0 {
            progress(taken);
        }
        Ok(())
    };
    log.scan(&from, visit).map_err(Error::on(cauce_core::ids::CONTROL))?;
    progress(taken);
    failed.map_or(Ok(partitions), Err)
}

/// Takes up again what a crash left open: a new epoch, the code's version, hops that were not
/// appended, attempts of which nobody knows the end.
pub fn resume<P: Plans>(shared: &Shared, partitions: &[Partition<P>]) -> Result<(), Error> {
    let now = (shared.clock)();
    let meta = |partition: &Partition<P>| match partition.rows().get(&Key::Meta) {
        Some(Row::Meta(meta)) => meta,
        _ => Arc::<Meta>::default(),
    };
    let epoch = partitions.iter().map(|p| meta(p).epoch).max().unwrap_or_default() + 1;
    shared.epoch.store(epoch, Ordering::Relaxed);
    for partition in partitions {
        let number = partition.number();
        let meta = meta(partition);
        let version = shared.options.version.clone();
        shared.originate(number, now, Body::OwnerChanged { epoch })?;
        if meta.activated != version {
            shared.originate(number, now, Body::Activated { version })?;
        }
        for to in meta.hops_out.keys() {
            let arrived = partitions.get(usize::from(*to)).map_or(0, |p| p.received(number));
            for (n, hop) in partition.outgoing(*to, arrived + 1) {
                let hop = cauce_core::input::Hop::clone(&hop);
                shared.originate(*to, now, Body::Hop { from: number, n, hop })?;
            }
            if arrived > 0 {
                shared.originate(number, now, Body::Shipped { to: *to, n: arrived })?;
            }
        }
        let ends: Vec<AttemptEnd> = partition
            .rows()
            .attempting()
            .iter()
            .filter_map(|id| match partition.rows().get(&Key::Message(*id)) {
                Some(Row::Message(message)) => Some(AttemptEnd {
                    message: *id,
                    attempt: message.last_attempt(),
                    at: now,
                    outcome: Outcome::Unknown {
                        text: "the process ended during the attempt".to_owned(),
                    },
                }),
                _ => None,
            })
            .collect();
        if !ends.is_empty() {
            shared.originate(number, now, Body::AttemptsEnded(ends))?;
        }
    }
    Ok(())
}
