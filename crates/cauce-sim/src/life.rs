//! One random life: two hundred inputs and more into a machine that keeps dying.

mod again;
mod outages;
mod restored;

use crate::audit::{self, Audit, Expected, Rowset, Said};
use crate::machine::{Down, Machine, Shape, Stepped};
use crate::oracle;
use crate::people::{self, People};
use crate::provider::Fate;
use crate::rng::Rng;
use crate::tally::{Fault, Step, Tally};
use crate::words::{Keys, bounced, fetched, full, report, spoken};
use crate::world::World;
use cauce_core::campaign::CampaignId;
use cauce_core::decide::Plans;
use cauce_core::ids::{MessageId, Partition as Number};
use cauce_core::input::{Body, CampaignStep, ReportKind};
use cauce_core::profile::ConsentState;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::{Duration, Timestamp};
use cauce_engine::{codec, dump};
use cauce_store::{Entry, Log};
use outages::RouteFaults;
use restored::Operator;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Inputs of one life.
const INPUTS: usize = 200;
/// Numbers above this one are of the events that name two people's things together.
const TIES_AFTER: u128 = u128::MAX - 3;
/// How long after the last input everything must have ended.
const HORIZON: Duration = Duration(6 * Duration::DAY.0);

/// What came of a life.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// Which faults met which steps.
    pub tally: Tally,
    /// What was not as it must be.
    pub violations: Vec<String>,
    /// The story, if it was told.
    pub story: Vec<String>,
}

struct Life {
    machine: Machine,
    people: People,
    said: Vec<(Number, Body)>,
    late: Vec<(usize, Number, Body)>,
    campaigns: Vec<CampaignId>,
    snapshot: Option<Vec<u8>>,
    /// Who keeps a backup for the day when the machine burns, in lives in which it does.
    operator: Option<Operator>,
    /// What was forgotten for its age, up to when; of what the log may no longer tell.
    retained: BTreeMap<String, Timestamp>,
    /// After a restore the log alone does not tell everything: it begins with this.
    base: Option<Vec<u8>>,
    /// People of this life ask to be forgotten.
    erasing: bool,
    listing: bool,
    /// Providers of this life's routes go and come back.
    faults: Option<RouteFaults>,
    /// Panics that were planned before the restore.
    panicked: usize,
    turn: usize,
    /// How much of the merge that every life has was said.
    ties: u8,
}

/// How many in a thousand of the lives without lists and routes have phones.
const PUSHING_PER_MILLE: u32 = 650;

/// Lives the life of a seed.
#[must_use]
pub fn live(seed: u64, telling: bool) -> Ended {
    live_with(seed, telling, |_| ())
}

/// The same with something done to the machine before.
#[must_use]
pub fn live_with(seed: u64, telling: bool, prepare: fn(&mut Machine)) -> Ended {
    let mut rng = Rng::new(seed ^ 0x11fe);
    let shape = Shape {
        partitions: *rng.pick(&[1, 2, 4, 4]),
        window: *rng.pick(&[2, 4, 8]),
        segment_bytes: *rng.pick(&[16 << 10, 64 << 10, 1 << 20]),
        crashes: *rng.pick(&[0, 1, 2, 4, 8]),
    };
    // By a draw of its own: lives without lists stay as they are.
    let listing = Rng::new(seed ^ 0x11575).per_mille(400);
    let routing = !listing && Rng::new(seed ^ 0x40073).per_mille(400);
    let pushing = !listing && !routing && Rng::new(seed ^ 0x9057).per_mille(PUSHING_PER_MILLE);
    let world = match (listing, routing, pushing) {
        (true, ..) => World::of_lists(),
        (false, true, _) => World::of_routes(),
        (false, false, true) => World::of_devices(),
        (false, false, false) => World::of_lives(),
    };
    let machine = Machine::new(shape, Arc::new(world), seed, telling);
    let mut life = Life {
        machine,
        people: People::new(3, *rng.pick(&[30, 60, 150])),
        erasing: rng.per_mille(500),
        said: Vec::new(),
        late: Vec::new(),
        campaigns: Vec::new(),
        snapshot: None,
        retained: BTreeMap::new(),
        base: None,
        operator: Operator::of(seed),
        panicked: 0,
        turn: 0,
        ties: 0,
        listing,
        faults: routing.then(|| RouteFaults::new(seed)),
    };
    life.people.erasing = life.erasing;
    life.people.listing = life.listing;
    life.people.pushing = pushing;
    life.machine.tally.count("lives", 1);
    prepare(&mut life.machine);
    life.live();
    Ended {
        tally: life.machine.tally,
        violations: life.machine.violations,
        story: life.machine.story.unwrap_or_default(),
    }
}

impl Life {
    fn live(&mut self) {
        self.retry(|life| life.publish(1).and_then(|()| life.settle()));
        self.machine.chaos = true;
        while self.said.len() < INPUTS && self.machine.violations.is_empty() {
            self.turn += 1;
            if self.turn().is_err() {
                self.machine.start();
            }
            if self.turn.is_multiple_of(150) {
                self.audit(false);
            }
        }
        self.machine.chaos = false;
        self.retry(Life::say_again);
        self.retry(Life::publish_again);
        self.compare_again();
        self.retry(Life::drain);
        self.compare_again();
        if !self.machine.violations.is_empty() {
            return;
        }
        self.audit(true);
        self.account();
        let base = self.base.clone();
        let mut differences = oracle::compare(&self.machine, base.as_deref());
        if let Some(snapshot) = &self.snapshot {
            differences.extend(oracle::compare(&self.machine, Some(snapshot)));
        }
        differences.into_iter().for_each(|found| self.machine.violated(found));
    }

    /// Does something until the machine survives it.
    fn retry(&mut self, what: fn(&mut Life) -> Stepped) {
        for _ in 0..20 {
            if !self.machine.violations.is_empty() || what(self).is_ok() {
                return;
            }
            self.machine.start();
        }
        self.machine.violated("a step never succeeds".to_owned());
    }

    fn partition(&mut self) -> Number {
        self.machine.rng.below(usize::from(self.machine.shape.partitions)) as Number
    }

    fn publish(&mut self, plan: u64) -> Stepped {
        for number in 0..self.machine.shape.partitions {
            self.machine.append(number, self.machine.now, Body::Publish { plan })?;
        }
        Ok(())
    }

    /// What no life is without, however chance falls: a merge, a campaign, a copy to compare with.
    fn owed(&mut self) -> Stepped<bool> {
        let said = self.said.len();
        if self.ties < 3 && said >= INPUTS / 4 {
            let names = people::names(self.people.count);
            let chosen = match self.ties {
                0 => vec![names[3].clone()],
                1 => vec![names[4].clone()],
                _ => vec![names[3].clone(), names[4].clone()],
            };
            let id = u128::MAX - u128::from(self.ties);
            // Somebody buys, so that the campaign has an audience in most lives.
            let event = people::event(id, "order_completed", chosen, self.machine.now);
            let body = Body::Event(Box::new(event));
            let number = people::entry(&body, self.machine.shape.partitions);
            self.ties += 1;
            self.said.push((number, body.clone()));
            self.append(number, self.machine.now, body)?;
            return Ok(true);
        }
        if self.campaigns.is_empty() && said >= INPUTS / 3 {
            self.campaigns.push(1);
            self.freeze(1)?;
            return Ok(true);
        }
        if self.snapshot.is_none() && said >= INPUTS * 3 / 4 {
            let Some(log) = &self.machine.log else { return Err(Down) };
            let mut bytes = Vec::new();
            match dump::write_backup(&self.machine.partitions, log, &mut bytes) {
                Ok(()) => self.snapshot = Some(bytes),
                Err(error) => self.machine.violated(format!("backup: {error}")),
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Whether the life had what no life is without.
    fn account(&mut self) {
        let partitions = &self.machine.partitions;
        let merged = partitions.iter().any(|partition| {
            let bounds = (Key::Head(0), Key::Head(u32::MAX));
            partition.rows().range(&bounds.0, &bounds.1, usize::MAX).iter().any(|(_, row)| {
                matches!(row, Row::Head(head)
                    if matches!(head.status, cauce_core::profile::Status::Redirect(_)))
            })
        });
        let target = |partition: &cauce_engine::partition::Partition<World>| {
            let bounds = (Key::Campaign(0), Key::Campaign(u64::MAX));
            partition
                .rows()
                .range(&bounds.0, &bounds.1, usize::MAX)
                .iter()
                .any(|(_, row)| matches!(row, Row::Campaign(part) if part.target > 0))
        };
        let targeted = partitions.iter().any(target);
        let copied = self.snapshot.is_some();
        for (what, had) in [
            ("lives with a merge", merged),
            ("lives with a campaign that has a target", targeted),
            ("lives compared with a snapshot and its tail", copied),
        ] {
            self.machine.tally.count(what, u64::from(had));
        }
        // Not: the campaign's target. Everybody may have bought too much for it, or be erased.
        if !merged || !copied {
            self.machine.violated(format!("a life without merge or copy: {merged} {copied}"));
        }
    }

    fn turn(&mut self) -> Stepped {
        if self.owed()? {
            return Ok(());
        }
        self.route_faults()?;
        self.operate()?;
        let weights = [30, 22, 60, 8, 12, 22, 16, 12, 14, 8, 3, 10, 2, 4, 5, 6, 1, 3];
        match self.machine.rng.weighted(&weights) {
            0 => self.say()?,
            1 => self.machine.sync()?,
            2 => {
                let number = self.partition();
                for _ in 0..1 + self.machine.rng.below(8) {
                    self.machine.take(number)?;
                }
            }
            3 => {
                let number = self.partition();
                self.machine.tick(number)?;
            }
            4 => {
                let number = self.partition();
                self.machine.grant(number)?;
            }
            5 => self.begin_some()?,
            6 => self.machine.end()?,
            7 => {
                let number = self.partition();
                self.machine.close_generation(number);
            }
            8 => self.machine.write_checkpoint()?,
            9 => self.machine.sync_state()?,
            10 => {
                let number = self.partition();
                self.machine.acknowledge(number)?;
            }
            11 => self.pass_time(),
            12 => {
                let by = 1_000 * (1 + self.machine.rng.below(600) as i64);
                let back = self.machine.rng.per_mille(500);
                self.machine.set_clock(if back { -by } else { by });
            }
            13 => {
                let number = self.partition();
                self.machine.build(number)?;
            }
            14 => self.report()?,
            15 => self.steer()?,
            17 => {
                self.machine.say_control()?;
                self.machine.cut()?;
            }
            _ => self.rare()?,
        }
        Ok(())
    }

    fn pass_time(&mut self) {
        let ms = match self.machine.rng.weighted(&[75, 17, 8]) {
            0 => self.machine.rng.below(5_000),
            1 => self.machine.rng.below(10 * 60_000),
            _ => self.machine.rng.below(5 * 3_600_000),
        };
        self.machine.now = self.machine.now.plus(Duration(ms as i64));
        let now = self.machine.now;
        self.machine.tell(|| format!("now {now}"));
    }

    /// Somebody says something; or what was said comes again, or what was held back comes now.
    fn say(&mut self) -> Stepped {
        let now = self.machine.now;
        let due = self.late.iter().position(|(turn, ..)| *turn <= self.turn);
        if let Some(place) = due {
            let (_, number, body) = self.late.swap_remove(place);
            self.machine.tally.met(Fault::Late, Step::Append);
            return self.append(number, now, body);
        }
        if !self.said.is_empty() && self.machine.rng.per_mille(60) {
            let (number, body) = self.machine.rng.pick(&self.said).clone();
            self.machine.tally.met(Fault::Twice, Step::Append);
            return self.append(number, now, body);
        }
        let body = self.people.act(&mut self.machine.rng, now);
        if matches!(body, Body::ListSealed { .. }) {
            return self.everywhere(&body);
        }
        let number = people::entry(&body, self.machine.shape.partitions);
        self.said.push((number, body.clone()));
        if self.machine.rng.per_mille(80) {
            let turn = self.turn + self.machine.rng.below(60);
            self.late.push((turn, number, body));
            return Ok(());
        }
        self.append(number, now, body)
    }

    fn append(&mut self, number: Number, now: Timestamp, body: Body) -> Stepped {
        self.machine.tally.count("inputs", 1);
        self.machine.tell(|| format!("{number} {}", spoken(&body)));
        self.machine.append(number, now, body)
    }

    fn begin_some(&mut self) -> Stepped {
        let waiting: Vec<MessageId> = self
            .machine
            .flights
            .iter()
            .filter(|(_, flight)| flight.outcome.is_none())
            .map(|(id, _)| *id)
            .collect();
        for message in waiting {
            if self.machine.rng.per_mille(600) {
                let fate = match (&mut self.faults, self.machine.flights.get(&message)) {
                    (Some(faults), Some(flight)) => {
                        let provider = flight.handed.provider().to_owned();
                        faults.fate(&provider, &mut self.machine.rng)
                    }
                    _ => Fate::draw(&mut self.machine.rng),
                };
                self.machine.begin(message, fate)?;
            }
        }
        Ok(())
    }

    fn report(&mut self) -> Stepped {
        let taken = self.machine.provider.taken();
        if taken.is_empty() {
            return Ok(());
        }
        let message = *self.machine.rng.pick(&taken);
        let now = self.machine.now;
        let body = match self.machine.rng.weighted(&[30, 6, 6, 3, 20, 20, 15]) {
            0 => report(message, now, ReportKind::Delivered),
            1 => report(message, now, bounced(true)),
            2 => report(message, now, full()),
            3 => report(message, now, ReportKind::Complained),
            4 => report(message, now, fetched(None)),
            5 => {
                let url = *self.machine.rng.pick(&["https://b.example", "https://c.example"]);
                report(message, now, fetched(Some(url)))
            }
            _ => {
                let topic = *self.machine.rng.pick(&["news", "offers", "*"]);
                let facts = vec![people::fact(topic, ConsentState::Withdrawn)];
                Body::Consent { message, facts }
            }
        };
        let number = people::entry(&body, self.machine.shape.partitions);
        self.append(number, now, body)
    }

    /// Starts a campaign, or drives one.
    fn steer(&mut self) -> Stepped {
        let id = self.campaigns.last().copied().unwrap_or_default();
        let walkable = !self.campaigns.is_empty() && self.is_frozen(id);
        let number = self.partition();
        let choice = self.machine.rng.weighted(&[1, 30, 2, 4, 1]);
        let step = match choice {
            0 if self.campaigns.len() < 3 => {
                let id = self.campaigns.len() as CampaignId + 1;
                self.campaigns.push(id);
                self.freeze(id)?;
                return Ok(());
            }
            // It had to wait for a segment that is being built, somewhere.
            1 if !self.campaigns.is_empty() && !walkable => return self.freeze(id),
            1 if walkable => {
                let count = 1 + self.machine.rng.below(3) as u32;
                let body = Body::Campaign { id, step: CampaignStep::Walk { count } };
                return self.append(number, self.machine.now, body);
            }
            2 if walkable => CampaignStep::Pause,
            3 if walkable => CampaignStep::Resume,
            4 if walkable => CampaignStep::Cancel,
            _ => return Ok(()),
        };
        self.everywhere(&Body::Campaign { id, step })
    }

    fn freeze(&mut self, id: CampaignId) -> Stepped {
        let step = CampaignStep::Freeze { name: "sale".to_owned(), revision: 1 };
        self.everywhere(&Body::Campaign { id, step })
    }

    fn everywhere(&mut self, body: &Body) -> Stepped {
        for number in 0..self.machine.shape.partitions {
            self.append(number, self.machine.now, body.clone())?;
        }
        Ok(())
    }

    fn is_frozen(&self, id: CampaignId) -> bool {
        let has = |p: &cauce_engine::partition::Partition<World>| {
            matches!(p.rows().get(&Key::Campaign(id)), Some(Row::Campaign(_)))
        };
        !self.machine.partitions.is_empty() && self.machine.partitions.iter().all(has)
    }

    fn rare(&mut self) -> Stepped {
        match self.machine.rng.below(4) {
            0 => self.publish(2),
            3 => self.retain(),
            1 if self.snapshot.is_none() => {
                let Some(log) = &self.machine.log else { return Err(Down) };
                let mut bytes = Vec::new();
                match dump::write_backup(&self.machine.partitions, log, &mut bytes) {
                    Ok(()) => self.snapshot = Some(bytes),
                    Err(error) => self.machine.violated(format!("backup: {error}")),
                }
                self.machine.tell(|| "backup".to_owned());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What is older than it may be is forgotten, everywhere, in slices.
    fn retain(&mut self) -> Stepped {
        let days = 1 + self.machine.rng.below(8) as i64;
        let before = self.machine.now.minus(Duration::DAY.times(days));
        let name = (*self.machine.rng.pick(&["page_viewed", "order_completed"])).to_owned();
        let until = self.retained.entry(name.clone()).or_insert(before);
        *until = before.max(*until);
        for from in [0, 2, 4] {
            let count = if from == 4 { 1_000 } else { 2 };
            self.everywhere(&Body::Retain { name: name.clone(), before, from, count })?;
        }
        Ok(())
    }

    /// Takes everything, and what follows from it, until nothing is on its way.
    fn settle(&mut self) -> Stepped {
        loop {
            self.machine.sync()?;
            let mut taken = false;
            for number in 0..self.machine.shape.partitions {
                while self.machine.take(number)? {
                    taken = true;
                }
            }
            let pending = self.machine.log.as_ref().ok_or(Down)?.pending_bytes();
            if !taken && pending == 0 {
                return Ok(());
            }
        }
    }

    /// No more faults, no more inputs: time passes until everything has ended.
    fn drain(&mut self) -> Stepped {
        self.faults.iter_mut().for_each(RouteFaults::mend);
        self.resume_at_last()?;
        let now = self.machine.now;
        for (_, number, body) in std::mem::take(&mut self.late) {
            self.append(number, now, body)?;
        }
        self.build_all()?;
        for id in self.campaigns.clone() {
            let step =
                if id.is_multiple_of(2) { CampaignStep::Resume } else { CampaignStep::Cancel };
            self.freeze(id)?;
            self.settle()?;
            self.everywhere(&Body::Campaign { id, step })?;
        }
        let horizon = now.plus(HORIZON);
        for _ in 0..3_000 {
            self.settle()?;
            for number in 0..self.machine.shape.partitions {
                self.machine.tick(number)?;
                self.machine.build(number)?;
                self.machine.grant(number)?;
                for id in self.campaigns.clone() {
                    self.walk(number, id)?;
                }
            }
            self.begin_some()?;
            self.machine.end()?;
            let idle = self.machine.log.as_ref().ok_or(Down)?.pending_bytes() == 0;
            if !idle || !self.machine.flights.is_empty() {
                continue;
            }
            match self.next_due() {
                Some(due) if due <= horizon => {
                    // A provider is down, or its rate or its day is used up.
                    let stuck = due <= self.machine.now;
                    let patience = Duration(if stuck { 20_000 } else { 0 });
                    self.machine.now = due.max(self.machine.now.plus(patience));
                }
                _ => return Ok(()),
            }
        }
        self.machine.violated("it never comes to rest".to_owned());
        Ok(())
    }

    /// Builds what is not built: what is frozen waits for it.
    fn build_all(&mut self) -> Stepped {
        loop {
            self.settle()?;
            for number in 0..self.machine.shape.partitions {
                self.machine.build(number)?;
            }
            if self.machine.log.as_ref().ok_or(Down)?.pending_bytes() == 0 {
                return Ok(());
            }
        }
    }

    fn walk(&mut self, number: Number, id: CampaignId) -> Stepped {
        let rows = self.machine.partitions[usize::from(number)].rows();
        let Some(Row::Campaign(part)) = rows.get(&Key::Campaign(id)) else { return Ok(()) };
        if part.walked < part.target && part.stand == cauce_core::campaign::Stand::Running {
            let body = Body::Campaign { id, step: CampaignStep::Walk { count: 5 } };
            self.machine.append(number, self.machine.now, body)?;
        }
        Ok(())
    }

    fn next_due(&self) -> Option<Timestamp> {
        let of = |p: &cauce_engine::partition::Partition<World>| {
            let paths = p.paths().into_iter().map(|(_, due)| due);
            paths.chain(p.next_timer()).min()
        };
        self.machine.partitions.iter().filter_map(of).min()
    }

    /// Counts everything again.
    fn audit(&mut self, resting: bool) {
        if !self.machine.is_up() || !self.machine.violations.is_empty() {
            return;
        }
        let rows: Result<Vec<Rowset>, _> =
            self.machine.partitions.iter().map(audit::rows_of).collect();
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => return self.machine.violated(format!("audit: {error}")),
        };
        let mut expected = if resting { self.expected() } else { Expected::default() };
        expected.erased = audit::last_erased(&rows);
        let mut audit = Audit::new(&rows);
        audit.always();
        if resting {
            audit.at_rest(&expected);
            audit.at_the_end();
        }
        let (mut found, late_lifts) = (audit.found, audit.late_lifts);
        if !self.machine.went_back && !self.machine.forgetful {
            found.extend(self.machine.provider.too_warm());
        }
        if resting {
            let (on, off) = crate::audit::listed::counts(&rows);
            self.machine.tally.count("rows of lists that hold", on);
            self.machine.tally.count("rows of lists that are over", off);
        }
        for (partition, rows) in self.machine.partitions.iter().zip(&rows) {
            found.extend(audit::members_are_recounted(partition, rows));
            let Some(Row::Meta(meta)) = rows.get(&Key::Meta) else { continue };
            let catalog = self.machine.world.plan(meta.plan);
            let (differences, told) = audit::shared::differences(rows, &catalog);
            found.extend(differences);
            self.machine.tally.count("people that others may be told of", told);
        }
        self.machine.tally.count("lifts overtaken by an older answer", late_lifts);
        found.into_iter().for_each(|what| self.machine.violated(what));
    }

    /// What the log says must be there; an event that was durable and is not in it is a violation.
    fn expected(&mut self) -> Expected {
        let panics = self.panicked + self.machine.panics.len();
        // A log that begins with a backup does not tell what was forgotten before it.
        let retained = if self.machine.forgetful { self.retained.clone() } else { BTreeMap::new() };
        let mut expected = Expected { panics, retained, ..Expected::default() };
        let panics = self.machine.panics.clone();
        let mut keys = Keys::default();
        let mut visit = |entry: Entry| {
            let Ok(input) = codec::input(&entry.body) else { return };
            let panicked = panics.contains(&(entry.partition, entry.incarnation, entry.offset));
            if let Body::Event(event) = &input.body {
                expected.events.insert(event.id);
                let said = event.consents.iter();
                let said = said.map(|fact| Said { at: event.occurred_at, fact: fact.clone() });
                expected.consents.insert(event.id, said.collect());
                if panicked {
                    expected.excused.insert(event.id);
                }
                let reported = audit::Reported {
                    at: input.at,
                    occurred_at: event.occurred_at,
                    historical: event.historical,
                    name: event.name.clone(),
                };
                // Said again, it is known; what was erased with its person does not come back.
                expected.reported.entry(event.id).or_insert(reported);
            }
            if !panicked {
                expected.lists.take(&input);
            }
            if let Body::Retain { name, before, .. } = &input.body {
                let until = expected.retained.entry(name.clone()).or_insert(*before);
                *until = (*until).max(*before);
            }
            if !panicked {
                keys.take(entry.partition, &input);
            }
        };
        if self.machine.is_up()
            && let Err(error) = self.machine.history(&|_| 0, &mut visit)
        {
            self.machine.violated(format!("scan: {error}"));
        }
        expected.lists.whole = !self.machine.forgetful;
        expected.requests = (!self.machine.forgetful).then_some(keys.made);
        let lost: Vec<_> =
            self.machine.durable.difference(&expected.events).map(ToString::to_string).collect();
        for event in lost {
            self.machine.violated(format!("event {event} was durable and is lost"));
        }
        expected
    }
}
