//! Providers of routes that go and come back, and dead letters that somebody tries again.

use super::Life;
use crate::machine::{Machine, Stepped};
use crate::provider::Fate;
use crate::rng::Rng;
use cauce_core::ids::{MessageId, Partition as Number};
use cauce_core::input::Body;
use cauce_core::state::{Key, Rows};
use std::collections::BTreeSet;

/// Which providers are down; by draws of its own, so that other lives stay as they are.
pub(super) struct RouteFaults {
    rng: Rng,
    down: BTreeSet<&'static str>,
    mended: bool,
}

impl RouteFaults {
    /// Everything is up.
    pub(super) fn new(seed: u64) -> RouteFaults {
        RouteFaults { rng: Rng::new(seed ^ 0x0a7a6e), down: BTreeSet::new(), mended: false }
    }

    /// What a provider does to the next message: nothing while it is down.
    pub(super) fn fate(&mut self, provider: &str, rng: &mut Rng) -> Fate {
        if self.down.contains(provider) {
            return match self.rng.weighted(&[6, 3, 1]) {
                0 => Fate::Unreachable,
                1 => Fate::Closed,
                // It takes the message, and the answer is lost: the worst that an outage does.
                _ => Fate::TakeAndDrop,
            };
        }
        Fate::draw(rng)
    }

    /// All are up, and stay so.
    pub(super) fn mend(&mut self) {
        self.down.clear();
        self.mended = true;
    }
}

impl Life {
    /// Now and then a provider goes or comes back, and somebody tries dead letters again.
    pub(super) fn route_faults(&mut self) -> Stepped {
        let Some(faults) = &mut self.faults else { return Ok(()) };
        if !faults.mended && faults.rng.per_mille(20) {
            let provider = *faults.rng.pick(&["mta", "spare", "cold"]);
            if !faults.down.remove(provider) {
                faults.down.insert(provider);
                self.machine.tally.count("outages", 1);
            }
        }
        if faults.rng.per_mille(10) {
            for number in 0..self.machine.shape.partitions {
                self.revive(number)?;
            }
        }
        Ok(())
    }

    fn revive(&mut self, number: Number) -> Stepped {
        let messages = dead_letters(&self.machine, number);
        if messages.is_empty() {
            return Ok(());
        }
        self.machine.tally.count("dead letters tried again", messages.len() as u64);
        self.machine.provider.revived.extend(&messages);
        self.machine.append(number, self.machine.now, Body::Revive { messages })
    }
}

fn dead_letters(machine: &Machine, number: Number) -> Vec<MessageId> {
    let Some(partition) = machine.partitions.get(usize::from(number)) else { return Vec::new() };
    let (low, high) = Key::dead_letters(MessageId(0));
    let rows = partition.rows().range(&low, &high, 16);
    let id = |(key, _)| match key {
        Key::DeadLetter(id) => Some(id),
        _ => None,
    };
    rows.into_iter().filter_map(id).collect()
}
