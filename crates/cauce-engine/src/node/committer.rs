//! The thread that makes appended inputs durable in groups and hands them to the workers.

use super::{Doing, Observer, Order, Shared};
use crate::Error;
use cauce_core::decide::Plans;
use cauce_core::ids;
use cauce_store::Entry;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// How long a full disk is left alone before the next try.
const FULL_RETRY: Duration = Duration::from_millis(250);

/// While much comes, groups are not made durable more often than this. Each one wakes every worker
/// and costs a write to the disk: what is drawn together a little is decided for half the price.
const GROUP_EVERY: Duration = Duration::from_millis(2);
/// A group of so many entries is much; behind a smaller one nobody waits for others.
const MUCH: usize = 8;

/// Works until it is told to stop and nothing is left, or until the log fails for good.
pub fn run<P: Plans>(shared: &Shared, workers: &[Sender<Order<P>>], observer: &dyn Observer) {
    let mut crowded = None;
    loop {
        wait_for_work(shared);
        let stopping = shared.is_stopping();
        if let Some(began) = crowded.take().filter(|_| !stopping) {
            std::thread::sleep(GROUP_EVERY.saturating_sub(Instant::elapsed(&began)));
        }
        let began = Instant::now();
        match shared.log.sync() {
            Ok(entries) => {
                if shared.full.swap(false, Ordering::SeqCst) {
                    observer.trouble(Doing::Commit, None);
                }
                let idle = entries.is_empty();
                crowded = (entries.len() >= MUCH).then_some(began);
                hand_out(shared, workers, entries);
                if stopping && idle {
                    break;
                }
            }
            Err(source @ cauce_store::Error::Full { .. }) if !stopping => {
                // Everything stays in the log's buffer, in its order. Nobody was told that it is
                // durable; new work is refused until there is room.
                if !shared.full.swap(true, Ordering::SeqCst) {
                    let error = Error::Store { partition: ids::CONTROL, source };
                    observer.trouble(Doing::Commit, Some(&error));
                }
                wait_for_room(shared);
            }
            Err(source) => {
                // Nothing that was not durable is taken, and nobody is told that it is.
                let error = Error::Store { partition: ids::CONTROL, source };
                observer.stopped(ids::CONTROL, &error);
                let told = shared.waiting().end(&format!("the log stopped: {error}"));
                told.into_iter().for_each(|tell| tell());
                break;
            }
        }
    }
    for worker in workers {
        let _ = worker.send(Order::Stop);
    }
}

fn wait_for_work(shared: &Shared) {
    let mut pending = shared.pending.lock().unwrap_or_else(PoisonError::into_inner);
    while !*pending && !shared.is_stopping() {
        pending = shared.wake.wait(pending).unwrap_or_else(PoisonError::into_inner);
    }
    *pending = false;
}

/// Waits before the next try; appends that come meanwhile do not hurry it, the end does.
fn wait_for_room(shared: &Shared) {
    let until = Instant::now() + FULL_RETRY;
    let mut pending = shared.pending.lock().unwrap_or_else(PoisonError::into_inner);
    while !shared.is_stopping() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        let woken = shared.wake.wait_timeout(pending, left);
        pending = woken.unwrap_or_else(PoisonError::into_inner).0;
        // A signal is only given once per work; taken back, the next append gives it again.
        *pending = false;
    }
    *pending = true;
}

/// Gives durable entries to whom they belong, and tells who waited for that.
fn hand_out<P: Plans>(shared: &Shared, workers: &[Sender<Order<P>>], entries: Vec<Entry>) {
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
}
