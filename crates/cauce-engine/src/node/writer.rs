//! The thread that writes checkpoints back, and cuts the log below what is safely in the store.

use super::{Doing, Observer, Order, Shared};
use crate::checkpoint::Checkpoint;
use crate::{Error, cut};
use cauce_core::decide::Plans;
use cauce_core::ids;
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// How long a checkpoint that could not be written waits for space or a better disk.
const CHECKPOINT_RETRY: Duration = Duration::from_secs(1);

/// Works until nobody makes checkpoints any more.
pub fn run<P: Plans>(
    shared: &Shared,
    checkpoints: Receiver<Checkpoint>,
    workers: &[Sender<Order<P>>],
    observer: &dyn Observer,
) {
    let mut cut_at = Instant::now();
    loop {
        let left = shared.options.cut_every.saturating_sub(cut_at.elapsed());
        match checkpoints.recv_timeout(left) {
            Ok(checkpoint) => {
                if !write(shared, &checkpoint, observer) {
                    return; // the log keeps everything; the next start takes it again
                }
                let worker = &workers[usize::from(checkpoint.partition) % workers.len()];
                let generation = checkpoint.snapshot.generation;
                let _ = worker.send(Order::Written(checkpoint.partition, generation));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if cut_at.elapsed() >= shared.options.cut_every {
            cut_log(shared, observer);
            cut_at = Instant::now();
        }
    }
    if let Err(source) = shared.state.sync() {
        observer.stopped(ids::CONTROL, &Error::Store { partition: ids::CONTROL, source });
        return;
    }
    cut_log(shared, observer);
}

/// Writes one; says whether it is written, which only the end prevents.
fn write(shared: &Shared, checkpoint: &Checkpoint, observer: &dyn Observer) -> bool {
    // Not: going on with the next one. Its position would stand over rows that were never
    // written, and a start from there would miss them for ever.
    let mut failing = false;
    let attempt = || observer.before_checkpoint().and_then(|()| checkpoint.write(&*shared.state));
    while let Err(error) = attempt() {
        if !failing {
            observer.trouble(Doing::Checkpoint, Some(&error));
        }
        failing = true;
        if shared.is_stopping() {
            return false;
        }
        std::thread::sleep(CHECKPOINT_RETRY);
    }
    if failing {
        observer.trouble(Doing::Checkpoint, None);
    }
    true
}

/// Cuts the log, unless somebody reads what would go. Only this thread writes positions, so none
/// moves between the steps.
fn cut_log(shared: &Shared, observer: &dyn Observer) {
    let keep = shared.options.log_keep;
    let holds = shared.holds.lock().unwrap_or_else(PoisonError::into_inner);
    if *holds > 0 || shared.log.bytes_on_disk() <= keep {
        return;
    }
    let partitions = shared.options.partitions;
    let cut = cut::cut(&*shared.log, &*shared.state, partitions, keep);
    // Nothing is lost by it: the log grows until it succeeds.
    observer.trouble(Doing::Cut, cut.err().as_ref());
}
