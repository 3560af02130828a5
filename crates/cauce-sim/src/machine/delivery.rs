//! What the clock and the ready queues ask for, and what the provider answers.

use super::{Down, Machine, Stepped};
use crate::provider::Fate;
use crate::tally::{Fault, Step};
use cauce_core::decide::Plans;
use cauce_core::ids::{MessageId, Partition as Number};
use cauce_core::input::{AttemptEnd, Body, START_WITHIN};
use cauce_core::list;
use cauce_core::state::{Key, Row, Rows};
use std::collections::BTreeMap;

impl Machine {
    /// Appends a tick, if a timer is due or the caller insists.
    pub fn tick(&mut self, number: Number) -> Stepped {
        let place = usize::from(number);
        let due = self.partitions.get(place).ok_or(Down)?.next_timer();
        if self.ticking[place] || due.is_none_or(|due| due > self.now) {
            return Ok(());
        }
        self.strike(Step::Tick, true)?;
        let zombie = self.chaos && self.epoch > 1 && self.rng.per_mille(50);
        let epoch = if zombie { self.epoch - 1 } else { self.epoch };
        self.append(number, self.now, Body::Tick { limit: 16, epoch })?;
        if zombie {
            self.tally.met(Fault::Zombie, Step::Tick);
        } else {
            self.ticking[place] = true;
        }
        self.strike(Step::Tick, false)
    }

    /// Appends the next slice of a build, and of cleaning the ledger, if one goes on.
    pub fn build(&mut self, number: Number) -> Stepped {
        let partition = self.partitions.get(usize::from(number)).ok_or(Down)?;
        let building = match partition.rows().get(&Key::Builds) {
            Some(Row::Builds(builds)) => builds.segments.values().any(|b| b.1 != u32::MAX),
            _ => false,
        };
        if building {
            self.append(number, self.now, Body::Build { count: 3 })?;
        }
        let partition = self.partitions.get(usize::from(number)).ok_or(Down)?;
        if partition.rows().get(&Key::Scrubbing).is_some() {
            self.append(number, self.now, Body::Scrub { count: 3 })?;
        }
        let partition = self.partitions.get(usize::from(number)).ok_or(Down)?;
        if let Some(Row::ListStates(states)) = partition.rows().get(&Key::ListStates)
            && list::unswept(&states).is_some()
        {
            self.append(number, self.now, Body::SweepLists { count: 2 })?;
        }
        Ok(())
    }

    /// Room in the window.
    #[must_use]
    pub fn room(&self) -> usize {
        let granting: u32 = self.granting.values().sum();
        self.shape.window.saturating_sub(self.flights.len() + granting as usize)
    }

    /// Grants what is due in a partition, as far as there is room.
    pub fn grant(&mut self, number: Number) -> Stepped {
        let partition = self.partitions.get(usize::from(number)).ok_or(Down)?;
        for (path, due) in partition.paths() {
            let key = (number, path.clone());
            let granting = self.granting.get(&key).copied().unwrap_or_default();
            let room = self.room() as u32;
            if due > self.now || granting > 0 || room == 0 {
                continue;
            }
            let count = 1 + self.rng.below(room as usize) as u32;
            self.strike(Step::Grant, true)?;
            let zombie = self.chaos && self.epoch > 1 && self.rng.per_mille(50);
            let epoch = if zombie { self.epoch - 1 } else { self.epoch };
            if zombie {
                self.tally.met(Fault::Zombie, Step::Grant);
            } else {
                self.granting.insert(key, count);
            }
            let start_before = self.now.plus(START_WITHIN);
            self.append(number, self.now, Body::Grant { path, count, epoch, start_before })?;
            self.strike(Step::Grant, false)?;
        }
        Ok(())
    }

    /// Speaks to the provider about one granted message, or finds that it may not begin.
    pub fn begin(&mut self, message: MessageId, fate: Fate) -> Stepped {
        self.strike(Step::Begin, true)?;
        let Some(flight) = self.flights.get_mut(&message) else { return Ok(()) };
        if flight.outcome.is_some() {
            return Ok(());
        }
        let stopped = flight.revoked || self.now > flight.handed.start_before;
        let fate = if stopped { Fate::NotStarted } else { fate };
        let targets = &flight.handed.targets;
        let pushed = !targets.is_empty();
        flight.outcome = Some(if pushed { fate.pushed(targets) } else { fate.outcome() });
        if let Some(fault) = fate.fault() {
            self.tally.met(fault, Step::Begin);
        }
        if !matches!(fate, Fate::NotStarted | Fate::Unrenderable) {
            let catalog = self.world.plan(self.world.book().plan);
            let template = catalog.templates.get(&flight.handed.template.0);
            let resends = template.is_some_and(|template| template.resend_unknown);
            let fault = self.provider.carry(&flight.handed, fate, resends);
            if let Some(fault) = fault {
                self.violated(fault);
            }
        }
        self.tell(|| format!("begin {message} {fate:?}"));
        self.strike(Step::Begin, false)
    }

    /// Appends the ends of what has ended, now and then twice.
    pub fn end(&mut self) -> Stepped {
        let mut ends: BTreeMap<Number, Vec<AttemptEnd>> = BTreeMap::new();
        for (message, flight) in &mut self.flights {
            if let Some(outcome) = flight.outcome.clone().filter(|_| !flight.told) {
                flight.told = true;
                ends.entry(flight.partition).or_default().push(AttemptEnd {
                    message: *message,
                    attempt: flight.handed.attempt,
                    at: self.now,
                    outcome,
                });
            }
        }
        for (number, ends) in ends {
            self.strike(Step::End, true)?;
            self.append(number, self.now, Body::AttemptsEnded(ends.clone()))?;
            if self.chaos && self.rng.per_mille(60) {
                self.tally.met(Fault::Twice, Step::End);
                self.append(number, self.now, Body::AttemptsEnded(ends))?;
            }
            self.strike(Step::End, false)?;
        }
        Ok(())
    }
}
