//! What the clock and the ready queues ask for, and what the provider answers.

use super::{Down, Machine, Stepped};
use crate::provider::Fate;
use crate::tally::{Fault, Step};
use cauce_core::allocate::{Budget, Flight as AllocatedFlight, Grant};
use cauce_core::decide::Plans;
use cauce_core::decision::Effect;
use cauce_core::ids::{MessageId, Partition as Number};
use cauce_core::input::{AttemptEnd, Body, START_WITHIN};
use cauce_core::list;
use cauce_core::publish::{Body as Published, Kind};
use cauce_core::state::{Key, Row, Rows};
use cauce_engine::partition::Taken;
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

    /// Grants what is due, as far as there is room; from a partition that runs.
    pub fn grant(&mut self, number: Number) -> Stepped {
        self.partitions.get(usize::from(number)).ok_or(Down)?;
        self.lay();
        self.paces.granting(self.now);
        for grant in self.allocator.grants(self.now) {
            self.strike(Step::Grant, true)?;
            let Grant { partition, path, provider, count } = grant;
            let zombie = self.chaos && self.epoch > 1 && self.rng.per_mille(50);
            let epoch = if zombie { self.epoch - 1 } else { self.epoch };
            if zombie {
                self.tally.met(Fault::Zombie, Step::Grant);
                // Nobody takes a word of it: what was reserved for it is free.
                self.allocator.granted(partition, &path, 0, Some(self.now));
            }
            if provider.is_none() {
                self.tally.count("grants to nobody", 1);
            }
            let start_before = self.now.plus(START_WITHIN);
            let body = Body::GrantBy { path, provider, count, epoch, start_before };
            self.append(partition, self.now, body)?;
            self.strike(Step::Grant, false)?;
        }
        Ok(())
    }

    /// What the last plan says of providers and routes.
    fn lay(&mut self) {
        let book = self.world.book();
        if std::mem::replace(&mut self.laid, book.plan) == book.plan {
            return;
        }
        self.paces.lay(&book, self.now);
        let catalog = self.world.plan(book.plan);
        let zone = catalog.policy.default_zone.clone();
        for (name, revision) in book.list(Kind::Provider) {
            let Published::Provider(provider) = &revision.body else { continue };
            let budget = Budget {
                window: provider.in_flight.min(self.shape.window as u32),
                per_second: provider.per_second,
                limits: provider.limits.clone(),
                warm_up: provider.warm_up.clone().map(|plan| (plan, zone.clone())),
                answering: provider.answering(),
            };
            self.allocator.provider(name, budget);
        }
        self.allocator.routes(book.routes().into_values().flatten(), &zone);
    }

    /// After a start: which queues there are, and what left today.
    pub(super) fn take_up_queues(&mut self) {
        for (number, partition) in (0..).zip(&self.partitions) {
            for (path, due) in partition.paths() {
                self.allocator.queued(number, &path, due);
            }
            let rows = partition.rows();
            let counted = |what: &str| {
                let counter = |end: char| Key::Counter(format!("{what}{end}"));
                rows.range(&counter(' '), &counter('!'), usize::MAX).into_iter()
            };
            for row in counted("carried") {
                if let (Key::Counter(name), Row::Counter(n)) = row {
                    self.allocator.carried(&name, n);
                }
            }
            for row in counted("deferred").chain(counted("complained")) {
                if let (Key::Counter(name), Row::Counter(n)) = row {
                    self.allocator.replied(&name, n);
                }
            }
        }
    }

    /// Who carries the attempts of which nobody knows the end.
    pub(super) fn lost_by(&self, place: usize) -> Vec<String> {
        let rows = self.partitions[place].rows();
        let provider = |id: &MessageId| match rows.get(&Key::Message(*id)) {
            Some(Row::Message(message)) => {
                let last = message.attempts.last()?;
                Some(message.provider_of(last).to_owned())
            }
            _ => None,
        };
        rows.attempting().iter().filter_map(provider).collect()
    }

    /// What the observers of a decision tell the allocator.
    pub(super) fn tell_allocator(&mut self, number: Number, taken: &Taken) {
        let mut handed = 0;
        for effect in &taken.effects {
            match effect {
                Effect::HandOver(h) => {
                    handed += 1;
                    let flight = AllocatedFlight::new(number, h.attempt, &h.path, h.provider());
                    self.allocator.flies(h.message, flight);
                }
                Effect::Queued { path, due, .. } => self.allocator.queued(number, path, *due),
                Effect::Revoke(message) => self.allocator.revoke(*message),
                Effect::Replied { counter } => self.allocator.replied(counter, 1),
                Effect::Membership(_)
                | Effect::Hop { .. }
                | Effect::WakeAt(_)
                | Effect::Answered { .. }
                | Effect::Heard { .. }
                | Effect::Note(_)
                | Effect::For(_) => {}
            }
        }
        match &taken.input.body {
            // A zombie's grant is refused, and no word on ours.
            Body::GrantBy { path, epoch, .. } if *epoch == self.epoch => {
                self.allocator.granted(number, path, handed, taken.next_due);
            }
            Body::AttemptsEnded(ends) => {
                ends.iter().for_each(|end| self.allocator.settled(end, taken.input.at));
            }
            _ => {}
        }
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
        if !matches!(fate, Fate::NotStarted | Fate::Busy | Fate::Unrenderable) {
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
