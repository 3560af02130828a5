//! One machine in explicit steps: what the engine's threads do, done by one hand, each step with a
//! crash before or after it where the seed says so.

mod cutting;
mod delivery;

use crate::provider::Provider;
use crate::rng::Rng;
use crate::tally::{Fault, Step, Tally};
use crate::watch::paces::Paces;
use crate::world::{BEGIN, World};
use cauce_core::allocate::Allocator;
use cauce_core::decision::{Effect, HandOver};
use cauce_core::delivery::Outcome;
use cauce_core::ids::{EventId, MessageId, Partition as Number, TraceId};
use cauce_core::input::{AttemptEnd, Body, Hop, Input};
use cauce_core::policy::blocks::Blocks;
use cauce_core::state::{Key, Meta, Row, Rows};
use cauce_core::time::Timestamp;
use cauce_engine::checkpoint::Checkpoint;
use cauce_engine::partition::{Partition, Taken};
use cauce_engine::tables::TABLES;
use cauce_engine::{Error, codec};
use cauce_store::disk::FaultyDisk;
use cauce_store::log::Options;
use cauce_store::state::MemoryState;
use cauce_store::{Entry, FileLog, Log, State};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// The machine is not running.
#[derive(Clone, Copy, Debug)]
pub struct Down;

/// What a step gives.
pub type Stepped<T = ()> = Result<T, Down>;

/// How a machine is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Partitions.
    pub partitions: u16,
    /// Messages between grant and end at most.
    pub window: usize,
    /// Length at which a segment of the log is sealed.
    pub segment_bytes: u64,
    /// Crashes in a thousand steps, before and after each.
    pub crashes: u32,
}

/// A granted message.
pub struct Flight {
    /// Where its ledger row is.
    pub partition: Number,
    /// What was handed over.
    pub handed: HandOver,
    /// It must not begin any more.
    pub revoked: bool,
    /// What it came to, once it has begun or will not.
    pub outcome: Option<Outcome>,
    /// Whether the end is on its way.
    pub told: bool,
}

/// See the module.
pub struct Machine {
    /// How it is laid out.
    pub shape: Shape,
    /// What is published.
    pub world: Arc<World>,
    /// Where the log is.
    pub disk: FaultyDisk,
    /// Where the rows are.
    pub state: Arc<MemoryState>,
    /// The log, while it runs.
    pub log: Option<FileLog>,
    /// The partitions, while it runs.
    pub partitions: Vec<Partition<World>>,
    /// Durable entries that were not taken.
    pub inbox: Vec<VecDeque<Entry>>,
    checkpoints: VecDeque<Checkpoint>,
    shipped: Vec<BTreeMap<Number, (u64, u64)>>,
    ticking: Vec<bool>,
    /// The epoch under which it originates.
    pub epoch: u64,
    /// Its clock.
    pub now: Timestamp,
    /// All chance.
    pub rng: Rng,
    /// Whether faults happen.
    pub chaos: bool,
    /// What met what.
    pub tally: Tally,
    /// The other side of the wire.
    pub provider: Provider,
    /// Granted messages that have not settled.
    pub flights: BTreeMap<MessageId, Flight>,
    /// Who says what is granted, and to whom.
    pub allocator: Allocator,
    /// What mailbox providers answered to all partitions.
    answers: Blocks,
    /// How fast each provider is given messages, by whoever looks on.
    pub paces: Paces,
    /// The plan whose providers and routes it knows.
    laid: u64,
    /// Entries whose decision panics.
    pub panics: BTreeSet<(Number, u16, u64)>,
    /// What the log had before it was cut.
    pub past: cutting::Past,
    /// Whether a restore made it forget what the world remembers.
    pub forgetful: bool,
    /// Its clock was set back: what a day is, is in doubt.
    pub went_back: bool,
    /// Events that were said to be durable.
    pub durable: BTreeSet<EventId>,
    /// What went wrong.
    pub violations: Vec<String>,
    /// The story so far, if it is told.
    pub story: Option<Vec<String>>,
    /// What the last takes told the world, if the story is told.
    pub told: Vec<(Number, Effect)>,
    clock_step: BTreeSet<(Fault, Step)>,
    disk_broken: bool,
}

impl Machine {
    /// A machine with empty disks, running.
    pub fn new(shape: Shape, world: Arc<World>, seed: u64, telling: bool) -> Machine {
        let disk = FaultyDisk::new(seed ^ 0xd15c);
        let state = Arc::new(MemoryState::new(TABLES.len(), seed ^ 0x57a7e));
        let mut machine = Machine {
            shape,
            world,
            disk,
            state,
            log: None,
            partitions: Vec::new(),
            inbox: Vec::new(),
            checkpoints: VecDeque::new(),
            shipped: Vec::new(),
            ticking: Vec::new(),
            epoch: 0,
            now: BEGIN,
            rng: Rng::new(seed),
            chaos: false,
            tally: Tally::default(),
            provider: Provider::default(),
            flights: BTreeMap::new(),
            allocator: Allocator::default(),
            answers: Blocks::default(),
            paces: Paces::default(),
            laid: 0,
            panics: BTreeSet::new(),
            past: cutting::Past::default(),
            forgetful: false,
            went_back: false,
            durable: BTreeSet::new(),
            violations: Vec::new(),
            story: telling.then(Vec::new),
            told: Vec::new(),
            clock_step: BTreeSet::new(),
            disk_broken: false,
        };
        machine.start();
        machine
    }

    /// Adds a line to the story.
    pub fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(line());
        }
    }

    /// Something is not as it must be.
    pub fn violated(&mut self, what: String) {
        self.tell(|| format!("VIOLATION {what}"));
        self.violations.push(what);
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.log.is_some()
    }

    fn log(&self) -> Stepped<&FileLog> {
        self.log.as_ref().ok_or(Down)
    }

    // --- crashes -------------------------------------------------------------------------------

    /// Kills the process or cuts the power, if the seed says so.
    fn strike(&mut self, step: Step, before: bool) -> Stepped {
        if before {
            for fault in [Fault::ClockBack, Fault::ClockForward] {
                if fault.meets(step) && self.clock_step.remove(&(fault, step)) {
                    self.tally.met(fault, step);
                }
            }
        }
        if !self.chaos || !self.rng.per_mille(self.shape.crashes) {
            return Ok(());
        }
        let power = self.rng.per_mille(600);
        let fault = match (power, before) {
            (true, true) => Fault::PowerBefore,
            (true, false) => Fault::PowerAfter,
            (false, true) => Fault::KillBefore,
            (false, false) => Fault::KillAfter,
        };
        self.tally.met(fault, step);
        self.tell(|| format!("crash {fault:?} {step:?}"));
        self.lose(step, power);
        Err(Down)
    }

    /// Crashes, and counts what that did to what was not synced.
    fn lose(&mut self, step: Step, power: bool) {
        let before = self.disk.losses();
        self.crash(power);
        let after = self.disk.losses();
        for (fault, happened) in [
            (Fault::Dropped, after.dropped > before.dropped),
            (Fault::Torn, after.torn > before.torn),
            (Fault::Reordered, after.reordered > before.reordered),
        ] {
            if happened && fault.meets(step) {
                self.tally.met(fault, step);
            }
        }
    }

    /// Does what writes several times, and lets the power fail between its writes now and then:
    /// only there bytes are written and not synced.
    pub(crate) fn cut_off<T>(
        &mut self,
        step: Step,
        act: impl FnOnce(&mut Machine) -> T,
    ) -> Stepped<T> {
        let planned = self.chaos && self.rng.per_mille(12);
        if planned {
            let nth = 1 + self.rng.below(4) as u64;
            self.disk.power_off_before(nth);
        }
        let done = act(self);
        if self.disk.is_off() {
            self.tell(|| format!("the power fails within {step:?}"));
            self.tally.met(Fault::PowerWithin, step);
            self.lose(step, true);
            return Err(Down);
        }
        self.disk.power_stays();
        Ok(done)
    }

    /// The process is gone; with the power, what was not synced may be gone as well.
    pub fn crash(&mut self, power: bool) {
        self.log = None;
        self.partitions.clear();
        self.checkpoints.clear();
        for (message, flight) in std::mem::take(&mut self.flights) {
            if flight.outcome.is_some() {
                self.provider.unheard(message);
            }
        }
        self.allocator = Allocator::default();
        self.answers = Blocks::default();
        self.laid = 0;
        self.world.disarm();
        // A disk whose sync failed cannot be trusted by a process that comes later: the operator
        // has to take it out, which is a loss of power.
        if power || std::mem::take(&mut self.disk_broken) {
            self.disk.crash();
            self.state.crash();
        }
    }

    /// The clock is set.
    pub fn set_clock(&mut self, by_ms: i64) {
        let fault = if by_ms < 0 { Fault::ClockBack } else { Fault::ClockForward };
        self.now = Timestamp(self.now.0 + by_ms);
        self.went_back |= by_ms < 0;
        self.paces.set_back((-by_ms).max(0));
        for step in Step::ALL.into_iter().filter(|step| fault.meets(*step)) {
            self.clock_step.insert((fault, step));
        }
        self.tell(|| format!("clock {by_ms} ms"));
    }

    // --- start ---------------------------------------------------------------------------------

    /// Starts it, however often that is cut short.
    pub fn start(&mut self) {
        for _ in 0..20 {
            match self.try_start() {
                Ok(()) => return,
                Err(Down) if self.violations.is_empty() => {}
                Err(Down) => return,
            }
        }
        self.violated("the machine does not start any more".to_owned());
    }

    fn try_start(&mut self) -> Stepped {
        self.tally.count("starts", 1);
        self.strike(Step::Replay, true)?;
        let segment_bytes = self.shape.segment_bytes;
        let options = Options { segment_bytes, ..Options::new(self.rng.draw()) };
        let opened = self.cut_off(Step::Replay, |machine| {
            FileLog::open(Arc::new(machine.disk.clone()), options)
        })?;
        let log = match opened {
            Ok(log) => log,
            // A fault that was planned for a sync and struck here.
            Err(error) if error.to_string().contains("planned fault") => {
                self.tally.count("starts that the disk refused", 1);
                return Err(Down);
            }
            Err(error) => {
                self.violated(format!("the log cannot be opened: {error}"));
                return Err(Down);
            }
        };
        let count = usize::from(self.shape.partitions);
        self.inbox = vec![VecDeque::new(); count];
        self.shipped = vec![BTreeMap::new(); count];
        self.ticking = vec![false; count];
        if let Err(error) = self.check_control(&log).and_then(|()| self.replay(&log)) {
            self.violated(format!("replay: {error}"));
            return Err(Down);
        }
        self.log = Some(log);
        self.strike(Step::Replay, false)?;
        self.resume()
    }

    fn replay(&mut self, log: &FileLog) -> Result<(), Error> {
        let count = self.shape.partitions;
        let mut partitions = Vec::new();
        for number in 0..count {
            let state: Arc<dyn State> = self.state.clone();
            let partition = Partition::open(number, count, state, self.world.clone())?;
            cauce_engine::cut::check(number, partition.progress().next, log)?;
            partitions.push(partition);
        }
        let next: Vec<u64> = partitions.iter().map(|p| p.progress().next).collect();
        let from = |number: u16| next.get(usize::from(number)).copied().unwrap_or(u64::MAX);
        let mut failed = None;
        let mut replayed = 0;
        let visit = &mut |entry: Entry| {
            let partition = &mut partitions[usize::from(entry.partition)];
            if failed.is_none() {
                replayed += 1;
                failed = take_armed(&self.world, &self.panics, partition, &entry).err();
            }
            Ok(())
        };
        log.scan(&from, visit).map_err(Error::on(u16::MAX))?;
        self.tally.count("entries replayed", replayed);
        match failed {
            Some(error) => Err(error),
            None => {
                self.partitions = partitions;
                Ok(())
            }
        }
    }

    /// What a partition knows of itself.
    pub(crate) fn meta(&self, number: usize) -> Arc<Meta> {
        match self.partitions[number].rows().get(&Key::Meta) {
            Some(Row::Meta(meta)) => meta,
            _ => Arc::default(),
        }
    }

    /// Takes up what a crash left open, as the engine does.
    fn resume(&mut self) -> Stepped {
        self.strike(Step::Resume, true)?;
        let count = self.partitions.len();
        self.epoch = (0..count).map(|p| self.meta(p).epoch).max().unwrap_or_default() + 1;
        let mut unknown = 0;
        let mut lost: BTreeMap<String, usize> = BTreeMap::new();
        for place in 0..count {
            let number = place as Number;
            let epoch = self.epoch;
            self.append(number, self.now, Body::OwnerChanged { epoch })?;
            let destinations: Vec<Number> = self.meta(place).hops_out.keys().copied().collect();
            for to in destinations {
                let arrived = self.partitions[usize::from(to)].received(number);
                // What has arrived, and was not yet said to have, may be sent again as well.
                let known = arrived.saturating_sub(self.rng.below(3) as u64);
                for (n, hop) in self.partitions[place].outgoing(to, known + 1) {
                    self.tally.met(Fault::Twice, Step::Ship);
                    let hop = Hop::clone(&hop);
                    self.append(to, self.now, Body::Hop { from: number, n, hop })?;
                }
                if arrived > 0 {
                    self.append(number, self.now, Body::Shipped { to, n: arrived })?;
                }
            }
            let ends = self.lost_attempts(place);
            for provider in self.lost_by(place) {
                *lost.entry(provider).or_default() += 1;
            }
            unknown += ends.len();
            if !ends.is_empty() {
                self.append(number, self.now, Body::AttemptsEnded(ends))?;
            }
        }
        for (provider, lost) in lost {
            if lost > self.shape.window {
                let window = self.shape.window;
                self.violated(format!(
                    "{lost} unknown at {provider} after a crash, the window is {window}"
                ));
            }
        }
        self.take_up_queues();
        self.tally.count("unknown after a crash", unknown as u64);
        self.strike(Step::Resume, false)
    }

    fn lost_attempts(&self, place: usize) -> Vec<AttemptEnd> {
        let rows = self.partitions[place].rows();
        let end = |id: &MessageId| match rows.get(&Key::Message(*id)) {
            Some(Row::Message(message)) => Some(AttemptEnd {
                message: *id,
                attempt: message.last_attempt(),
                at: self.now,
                outcome: Outcome::Unknown { text: "the process ended".to_owned() },
            }),
            _ => None,
        };
        rows.attempting().iter().filter_map(end).collect()
    }

    // --- log -----------------------------------------------------------------------------------

    /// Appends an input to the log's buffer.
    pub fn append(&mut self, to: Number, at: Timestamp, body: Body) -> Stepped {
        let trace = TraceId(u128::from(self.rng.draw()));
        let bytes = codec::encode(&Input { at, trace, body });
        self.strike(Step::Append, true)?;
        if let Err(error) = self.log()?.append(to, &[&bytes]) {
            return self.fails(&format!("append: {error}"));
        }
        self.strike(Step::Append, false)
    }

    fn fails(&mut self, why: &str) -> Stepped {
        self.tell(|| format!("the machine stops: {why}"));
        self.crash(false);
        Err(Down)
    }

    /// Makes what was appended durable.
    pub fn sync(&mut self) -> Stepped {
        self.strike(Step::Sync, true)?;
        let broken = self.chaos && self.rng.per_mille(6);
        let full = self.chaos && !broken && self.rng.per_mille(6);
        if broken {
            let nth = 1 + self.rng.below(3) as u64;
            self.disk.fail_operation(nth);
        }
        if full {
            let room = self.rng.below(400) as u64;
            self.disk.set_capacity(self.disk.used_bytes() + room);
        }
        let synced = self.cut_off(Step::Sync, |machine| machine.log().map(FileLog::sync));
        self.disk.set_capacity(u64::MAX);
        let synced = synced??;
        match synced {
            Ok(entries) => {
                for entry in entries {
                    self.became_durable(entry);
                }
            }
            Err(cauce_store::Error::Full { .. }) => {
                self.tally.met(Fault::Full, Step::Sync);
                self.tell(|| "the disk is full".to_owned());
            }
            Err(cauce_store::Error::Io { .. }) => {
                self.tally.met(Fault::Io, Step::Sync);
                self.disk_broken = true;
                return self.fails("the disk refuses");
            }
            Err(error) => {
                self.violated(format!("sync: {error}"));
                return Err(Down);
            }
        }
        self.strike(Step::Sync, false)
    }

    fn became_durable(&mut self, entry: Entry) {
        if entry.partition == cauce_core::ids::CONTROL {
            self.past.control_is_durable(entry);
            return;
        }
        let Ok(input) = codec::input(&entry.body) else {
            self.violated(format!("entry {}:{} is unreadable", entry.partition, entry.offset));
            return;
        };
        if let Body::Event(event) = &input.body {
            self.durable.insert(event.id);
        }
        let may_panic = matches!(
            input.body,
            Body::Event(_)
                | Body::Report(_)
                | Body::Consent { .. }
                | Body::GrantBy { .. }
                | Body::Tick { .. }
                | Body::Request(_)
        ) || matches!(&input.body, Body::Hop { hop, .. } if is_of_identity(hop));
        if self.chaos && may_panic && self.panics.len() < 4 && self.rng.per_mille(3) {
            self.panics.insert((entry.partition, entry.incarnation, entry.offset));
        }
        self.inbox[usize::from(entry.partition)].push_back(entry);
    }

    // --- take ----------------------------------------------------------------------------------

    /// Takes the next durable entry of a partition; says whether there was one.
    pub fn take(&mut self, number: Number) -> Stepped<bool> {
        let place = usize::from(number);
        if self.inbox[place].is_empty() {
            return Ok(false);
        }
        self.strike(Step::Take, true)?;
        let Some(entry) = self.inbox[place].pop_front() else { return Ok(false) };
        let partition = self.partitions.get_mut(place).ok_or(Down)?;
        if self.panics.contains(&(number, entry.incarnation, entry.offset)) {
            self.tally.met(Fault::Panic, Step::Take);
        }
        match take_armed(&self.world, &self.panics, partition, &entry) {
            Ok(Some(taken)) => {
                self.tally.count("entries taken", 1);
                self.after(number, &taken)?;
            }
            Ok(None) => {}
            Err(Error::Store { .. }) => self.fails("the state refuses")?,
            Err(error) => {
                self.violated(format!("take: {error}"));
                return Err(Down);
            }
        }
        self.strike(Step::Take, false)?;
        Ok(true)
    }

    /// What the worker and the observers do with a decision.
    fn after(&mut self, number: Number, taken: &Taken) -> Stepped {
        self.tell_allocator(number, taken);
        match &taken.input.body {
            Body::AttemptsEnded(ends) => {
                for end in ends {
                    if self.flights.get(&end.message).is_some_and(|f| f.told) {
                        self.flights.remove(&end.message);
                    }
                }
            }
            Body::Tick { .. } => self.ticking[usize::from(number)] = false,
            _ => {}
        }
        self.tell(|| {
            let kind = match &taken.input.body {
                Body::Hop { from, n, hop } => format!("hop {from}:{n} {}", hop_kind(hop)),
                other => other.kind().to_owned(),
            };
            format!("  take {number}:{} {kind}", taken.position.offset)
        });
        for effect in &taken.effects {
            let quiet = matches!(
                effect,
                Effect::Hop { .. }
                    | Effect::WakeAt(_)
                    | Effect::For(_)
                    | Effect::Answered { .. }
                    | Effect::Heard { .. }
                    | Effect::Replied { .. }
            );
            if !quiet {
                self.tell(|| format!("    {}", crate::story::effect(effect)));
            }
            if self.story.is_some() {
                self.told.push((number, effect.clone()));
            }
            self.watch(number, effect);
        }
        for effect in &taken.effects {
            if let Effect::Hop { to, n } = effect {
                self.ship(number, *to, *n, &taken.input)?;
            }
        }
        self.hear(taken)
    }

    /// What the process hears of mailbox providers over all partitions, and says to each of them.
    fn hear(&mut self, taken: &Taken) -> Stepped {
        if let Body::Marketing { domain, mailbox, pause: None } = &taken.input.body {
            self.answers.resume(&(domain.clone(), mailbox.clone()));
        }
        for effect in &taken.effects {
            let Effect::Heard { pair, word } = effect else { continue };
            let Some(blocked) = self.answers.hear(pair, word, taken.input.at).cloned() else {
                continue;
            };
            self.tally.count("mailbox providers that refuse marketing", 1);
            let (domain, mailbox) = pair.clone();
            let body = Body::Block { domain, mailbox, blocked };
            for number in 0..self.shape.partitions {
                self.append(number, self.now, body.clone())?;
            }
        }
        Ok(())
    }

    fn ship(&mut self, from: Number, to: Number, n: u64, cause: &Input) -> Stepped {
        self.strike(Step::Ship, true)?;
        let row = self.partitions[usize::from(from)].rows().get(&Key::HopOut(to, n));
        let Some(Row::HopOut(hop)) = row else {
            self.violated(format!("hop {from}→{to} {n} has no row"));
            return Ok(());
        };
        let body = Body::Hop { from, n, hop: Hop::clone(&hop) };
        let bytes = codec::encode(&Input { at: cause.at, trace: cause.trace, body });
        // The owner of the other partition may be slow to say what has arrived.
        let again = self.chaos && self.rng.per_mille(30);
        if again {
            self.tally.met(Fault::Twice, Step::Ship);
        }
        let bodies: &[&[u8]] = if again { &[&bytes, &bytes] } else { &[&bytes] };
        match self.log()?.append(to, bodies) {
            Ok(first) => {
                let offset = first + bodies.len() as u64 - 1;
                self.shipped[usize::from(from)].insert(to, (n, offset));
            }
            Err(error) => return self.fails(&format!("ship: {error}")),
        }
        self.strike(Step::Ship, false)
    }

    /// Says for each destination up to where its hops are durable there.
    pub fn acknowledge(&mut self, number: Number) -> Stepped {
        let place = usize::from(number);
        self.strike(Step::Ack, true)?;
        for (to, (n, offset)) in std::mem::take(&mut self.shipped[place]) {
            if self.log()?.end(to) > offset {
                self.append(number, self.now, Body::Shipped { to, n })?;
            } else {
                self.shipped[place].insert(to, (n, offset));
            }
        }
        self.strike(Step::Ack, false)
    }

    // --- state ---------------------------------------------------------------------------------

    /// Closes a generation of a partition.
    pub fn close_generation(&mut self, number: Number) {
        if let Some(partition) = self.partitions.get_mut(usize::from(number)) {
            self.checkpoints.extend(partition.checkpoint());
        }
    }

    /// Writes the oldest closed generation. One that cannot be written is tried again before any
    /// later one: a later position over missing rows would be a lie.
    pub fn write_checkpoint(&mut self) -> Stepped {
        if self.checkpoints.is_empty() {
            return Ok(());
        }
        self.strike(Step::Checkpoint, true)?;
        if self.chaos && self.rng.per_mille(60) {
            let full = self.rng.per_mille(500);
            let fault =
                if full { cauce_store::state::Fault::Full } else { cauce_store::state::Fault::Io };
            self.state.fail_write(1, fault);
        }
        let Some(checkpoint) = self.checkpoints.front() else { return Ok(()) };
        match checkpoint.write(&*self.state) {
            Ok(()) => {
                let place = usize::from(checkpoint.partition);
                let generation = checkpoint.snapshot.generation;
                let keep = self.rng.below(60);
                self.partitions[place].checkpointed(generation, keep);
                self.checkpoints.pop_front();
            }
            Err(Error::Store { source: cauce_store::Error::Full { .. }, .. }) => {
                self.tally.met(Fault::Full, Step::Checkpoint);
            }
            Err(_) => self.tally.met(Fault::Io, Step::Checkpoint),
        }
        self.strike(Step::Checkpoint, false)
    }

    /// Makes the state durable.
    pub fn sync_state(&mut self) -> Stepped {
        self.strike(Step::StateSync, true)?;
        if self.state.sync().is_err() {
            self.violated("the state's sync failed".to_owned());
        }
        self.strike(Step::StateSync, false)
    }
}

/// Takes an entry, with the planned panic if it is one of those.
pub fn take_armed(
    world: &World,
    panics: &BTreeSet<(Number, u16, u64)>,
    partition: &mut Partition<World>,
    entry: &Entry,
) -> Result<Option<Taken>, Error> {
    if panics.contains(&(entry.partition, entry.incarnation, entry.offset)) {
        world.arm();
    }
    let taken = partition.take(entry);
    world.disarm();
    taken
}

/// Whether somebody waits for what a hop asks or answers. Those that carry what an absorbed profile
/// was are left out: what they carry stays in quarantine, and every balance would miss it.
fn is_of_identity(hop: &Hop) -> bool {
    use Hop::{Link, LinkErased, LinkOf, LinkRefused, Linked, LinkedAgain, Merge};
    matches!(
        hop,
        Link { .. }
            | LinkOf { .. }
            | Merge { .. }
            | Linked { .. }
            | LinkedAgain { .. }
            | LinkRefused { .. }
            | LinkErased { .. }
    )
}

/// The word for a hop.
#[must_use]
pub fn hop_kind(hop: &Hop) -> &'static str {
    match hop {
        Hop::Event { .. } => "event",
        Hop::Link { .. } => "link",
        Hop::Linked { .. } => "linked",
        Hop::LinkRefused { .. } => "link-refused",
        Hop::Merge { .. } => "merge",
        Hop::AbsorbPart { .. } => "absorb-part",
        Hop::AbsorbEnd { .. } => "absorb-end",
        Hop::Bind { .. } => "bind",
        Hop::Request { .. } => "request",
        Hop::MessageAt { .. } => "message-at",
        Hop::Report(_) => "report",
        Hop::Ended(_) => "ended",
        Hop::Consent { .. } => "consent",
        Hop::Engagement { .. } => "engagement",
        Hop::Suppress { .. } => "suppress",
        Hop::Suppressed { .. } => "suppressed",
        Hop::Planned { .. } => "planned",
        Hop::LinkOf { .. } => "link-of",
        Hop::LinkErased { .. } => "link-erased",
        Hop::LinkedAgain { .. } => "linked-again",
        Hop::Merged { .. } => "merged",
        Hop::SideOf { .. } => "side-of",
        Hop::LetGo { .. } => "let-go",
        Hop::Freed { .. } => "freed",
        Hop::Erase { .. } => "erase",
        Hop::EraseAlias { .. } => "erase-alias",
        Hop::Inherit { .. } => "inherit",
        Hop::Forget { .. } => "forget",
        Hop::ForgetRequest { .. } => "forget-request",
        Hop::Again { .. } => "again",
        Hop::Listed { .. } => "listed",
        Hop::ListsOf { .. } => "lists-of",
        Hop::Unfit { .. } => "unfit",
        Hop::UnfitGone { .. } => "unfit-gone",
        Hop::UnfitErased { .. } => "unfit-erased",
        Hop::Name { .. } => "name",
        Hop::Unname { .. } => "unname",
        Hop::Hold { .. } => "hold",
        Hop::TryAddress { .. } => "try-address",
        Hop::DeviceClaim { .. } => "device-claim",
        Hop::DeviceReleased { .. } => "device-released",
        Hop::DeviceLost { .. } => "device-lost",
        Hop::DeviceHeld { .. } => "device-held",
        Hop::DeviceJudged { .. } => "device-judged",
        Hop::DevicesOf { .. } => "devices-of",
    }
}
