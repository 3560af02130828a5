//! The log is cut below what the state has, with crashes between the steps. What was cut is
//! remembered here, so that the oracle still has the whole log.

use super::{Down, Machine, Stepped};
use crate::tally::{Fault, Step};
use cauce_core::ids::CONTROL;
use cauce_engine::cut::Below;
use cauce_engine::{Error, control};
use cauce_store::{Entry, FileLog, Log, State};
use std::collections::BTreeMap;

/// What was in the log.
#[derive(Default)]
pub struct Past {
    /// Entries of partitions, up to the last cut.
    entries: Vec<Entry>,
    /// The next entry of each.
    next: BTreeMap<u16, u64>,
    /// Everything that the control log was said to hold.
    control: Vec<Vec<u8>>,
    said: u32,
    /// The state is synced only after the cut: a mistake that must be seen.
    pub careless: bool,
}

impl Past {
    /// Another log begins.
    pub fn forget(&mut self) {
        *self = Past { careless: self.careless, ..Past::default() };
    }

    /// An entry of the control log is durable.
    pub fn control_is_durable(&mut self, entry: Entry) {
        self.control.push(entry.body);
    }
}

impl Machine {
    /// Visits every entry that was ever durable, from positions on, cut away or not.
    pub fn history(
        &self,
        from: &dyn Fn(u16) -> u64,
        visit: &mut dyn FnMut(Entry),
    ) -> Result<(), String> {
        let log = self.log.as_ref().ok_or("the machine is down")?;
        for entry in self.past.entries.iter().filter(|entry| entry.offset >= from(entry.partition))
        {
            visit(entry.clone());
        }
        let next = |number: u16| self.past.next.get(&number).copied().unwrap_or(0);
        let visit = &mut |entry: Entry| {
            if entry.partition != CONTROL {
                visit(entry);
            }
            Ok(())
        };
        let rest = |number: u16| from(number).max(next(number));
        log.scan(&rest, visit).map_err(|error| error.to_string())
    }

    /// Appends an entry to the control log.
    pub fn say_control(&mut self) -> Stepped {
        self.past.said += 1;
        let said = format!("control {}", self.past.said);
        let log = self.log.as_ref().ok_or(Down)?;
        // A log that has failed says so at its next sync as well.
        let _ = log.append(CONTROL, &[said.as_bytes()]);
        Ok(())
    }

    /// Cuts the log: copy and positions, the state's sync, the cut; each may be the last thing.
    pub fn cut(&mut self) -> Stepped {
        self.strike(Step::Cut, true)?;
        let log = self.log.as_ref().ok_or(Down)?;
        let below = match Below::read(log, &*self.state, self.shape.partitions) {
            Ok(below) => below,
            Err(error) => {
                self.violated(format!("cut: {error}"));
                return Err(Down);
            }
        };
        self.strike(Step::Cut, false)?;
        if !self.past.careless {
            self.sync_state()?;
        }
        self.strike(Step::Cut, true)?;
        self.remember()?;
        if self.chaos && self.rng.per_mille(100) {
            let nth = 1 + self.rng.below(4) as u64;
            self.disk.fail_operation(nth);
        }
        let keep = self.rng.below(8 << 10) as u64;
        let cut = self.cut_off(Step::Cut, |machine| {
            let log = machine.log.as_ref().ok_or(Down)?;
            let before = log.bytes_on_disk();
            let cut = below.cut(log, keep);
            Ok((cut, before - log.bytes_on_disk()))
        });
        let (cut, gone) = cut??;
        self.tally.count("bytes cut away", gone);
        match cut {
            Ok(()) => {}
            Err(Error::Store { source: cauce_store::Error::Io { .. }, .. }) => {
                self.tally.met(Fault::Io, Step::Cut);
            }
            Err(error) => self.violated(format!("cut: {error}")),
        }
        self.strike(Step::Cut, false)
    }

    /// Copies what the log has, before some of it goes.
    fn remember(&mut self) -> Stepped {
        let mut entries = Vec::new();
        let next = self.past.next.clone();
        let from = |number: u16| match number {
            CONTROL => u64::MAX,
            number => next.get(&number).copied().unwrap_or(0),
        };
        let visit = &mut |entry: Entry| {
            entries.push(entry);
            Ok(())
        };
        self.log.as_ref().ok_or(Down)?.scan(&from, visit).map_err(|_| Down)?;
        for entry in entries {
            self.past.next.insert(entry.partition, entry.offset + 1);
            self.past.entries.push(entry);
        }
        Ok(())
    }

    /// After a start the control log holds at least what was durable before.
    pub fn check_control(&mut self, log: &FileLog) -> Result<(), Error> {
        let state: &dyn State = &*self.state;
        let mut all = Vec::new();
        control::visit(log, state, &mut |_, body| {
            all.push(body.to_vec());
            Ok(())
        })?;
        if !all.starts_with(&self.past.control) {
            let (known, found) = (self.past.control.len(), all.len());
            self.violated(format!("the control log had {known} entries, now others: {found}"));
        }
        self.past.control = all;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::life::live_with;

    #[test]
    fn lives_are_cut_and_survive_it() {
        let mut cut = 0;
        for seed in 0..12 {
            let ended = live_with(seed, false, |_| ());
            assert!(ended.violations.is_empty(), "seed {seed}: {:?}", ended.violations);
            cut += ended.tally.counts.get("bytes cut away").copied().unwrap_or_default();
        }
        assert!(cut > 0, "nothing was ever cut");
    }

    #[test]
    fn a_cut_before_the_sync_is_seen() {
        let careless = |seed: &u64| {
            let ended = live_with(*seed, false, |machine| machine.past.careless = true);
            ended.violations.iter().any(|what| what.contains("expected entry"))
        };
        assert!((0..60).any(|seed| careless(&seed)), "nobody saw it");
    }
}
