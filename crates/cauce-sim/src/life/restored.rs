//! The machine burns: another one goes on from a backup that is older than the log. Sending is
//! paused there, until an operator has looked at it.

use super::{INPUTS, Life, TIES_AFTER};
use crate::machine::{Down, Stepped};
use crate::provider::Provider;
use crate::rng::Rng;
use crate::tally::{Fault, Step};
use cauce_core::campaign::{CampaignId, Stand};
use cauce_core::ids::{MessageId, Partition as Number};
use cauce_core::input::{Body, CampaignStep};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use cauce_engine::partition::Partition;
use cauce_engine::{Error, dump, tables};
use cauce_store::disk::FaultyDisk;
use cauce_store::log::Options;
use cauce_store::state::MemoryState;
use cauce_store::{FileLog, Log, State};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Of a thousand lives, those in which the machine burns.
const BURNING_PER_MILLE: u32 = 250;
/// Of a thousand operators, those who cancel a campaign of before, as the guide says.
const CANCELLING_PER_MILLE: u32 = 400;
/// No backup before this many inputs: what every life is owed has been said by then.
const BACKUP_FROM: usize = INPUTS / 3;
/// How many turns an operator may look for.
const LOOKING_TURNS: usize = 150;

/// A backup that is kept for the day when the machine burns.
struct Backup {
    bytes: Vec<u8>,
    incarnation: u16,
    /// What its rows had forgotten for its age.
    retained: BTreeMap<String, Timestamp>,
    /// What the provider had seen.
    provider: Provider,
    /// The attempts whose end its rows do not know, of messages that the provider had seen.
    on_their_way: BTreeMap<MessageId, u32>,
}

/// Who has the backup, and looks when it was restored; by draws of its own, so that other lives
/// stay as they are.
pub(super) struct Operator {
    rng: Rng,
    backup: Option<Backup>,
    backup_at: usize,
    burns_at: usize,
    /// The campaigns of before, if they are to be cancelled.
    cancels: bool,
    over: Vec<CampaignId>,
    /// The turn in which sending may go on, after the restore.
    resumes_at: Option<usize>,
}

impl Operator {
    /// The operator of a life in which the machine burns.
    pub(super) fn of(seed: u64) -> Option<Operator> {
        let mut rng = Rng::new(seed ^ 0x4e57_04ed);
        if !rng.per_mille(BURNING_PER_MILLE) {
            return None;
        }
        let backup_at = BACKUP_FROM + rng.below(INPUTS / 3);
        let burns_at = backup_at + 5 + rng.below(INPUTS - backup_at - 10);
        let cancels = rng.per_mille(CANCELLING_PER_MILLE);
        let (backup, over, resumes_at) = (None, Vec::new(), None);
        Some(Operator { rng, backup, backup_at, burns_at, cancels, over, resumes_at })
    }
}

impl Life {
    /// What the operator does, if the life has one and it is time.
    pub(super) fn operate(&mut self) -> Stepped {
        let said = self.said.len();
        let Some(operator) = &mut self.operator else { return Ok(()) };
        match operator.resumes_at {
            None if operator.backup.is_none() && said >= operator.backup_at => self.back_up(),
            None if operator.backup.is_some() && said >= operator.burns_at => self.restore(),
            // What a crash may have lost is said again until it is so everywhere.
            Some(turn) if self.turn >= turn && operator.rng.per_mille(200) => self.resume(),
            _ => Ok(()),
        }
    }

    fn back_up(&mut self) -> Stepped {
        let Some(log) = &self.machine.log else { return Err(Down) };
        let mut bytes = Vec::new();
        if let Err(error) = dump::write_backup(&self.machine.partitions, log, &mut bytes) {
            self.machine.violated(format!("backup: {error}"));
            return Ok(());
        }
        let begun = |(id, flight): (&MessageId, &crate::machine::Flight)| {
            flight.outcome.is_some().then_some((*id, flight.handed.attempt))
        };
        let backup = Backup {
            bytes,
            incarnation: log.incarnation(),
            retained: self.retained.clone(),
            provider: self.machine.provider.clone(),
            on_their_way: self.machine.flights.iter().filter_map(begun).collect(),
        };
        self.machine.tell(|| "backup".to_owned());
        if let Some(operator) = &mut self.operator {
            operator.backup = Some(backup);
        }
        Ok(())
    }

    /// The machine burns; another one begins with the older backup.
    fn restore(&mut self) -> Stepped {
        let backup = self.operator.as_mut().and_then(|operator| operator.backup.take());
        let Some(backup) = backup else { return Ok(()) };
        self.machine.tell(|| "the machine burns, a backup is restored".to_owned());
        self.machine.tally.met(Fault::Restored, Step::Replay);
        self.machine.crash(true);
        let seed = self.machine.rng.draw();
        self.machine.disk = FaultyDisk::new(seed);
        self.machine.state = Arc::new(MemoryState::new(tables::TABLES.len(), seed));
        if let Err(error) = self.lay_backup(&backup.bytes, backup.incarnation) {
            self.machine.violated(format!("restore: {error}"));
            return Err(Down);
        }
        self.panicked += self.machine.panics.len();
        self.machine.panics.clear();
        self.machine.durable.clear();
        self.machine.past.forget();
        self.machine.forgetful = true;
        self.machine.provider.goes_back(&backup.provider, &backup.on_their_way);
        self.retained = backup.retained;
        self.snapshot = None;
        // Who shares names says so again: what the backup knows of it counts once.
        let tie = |body: &Body| matches!(body, Body::Event(event) if event.id.0 > TIES_AFTER);
        let ties = self.said.iter().filter(|(_, body)| tie(body));
        let again: Vec<_> = ties.map(|(number, body)| (self.turn, *number, body.clone())).collect();
        self.late.extend(again);
        self.machine.chaos = false;
        self.machine.start();
        let reason = Some("restored from a backup".to_owned());
        self.everywhere(&Body::Pause { reason })?;
        self.settle()?;
        self.machine.chaos = true;
        let over = self.campaigns.iter().copied().filter(|id| self.is_frozen(*id)).collect();
        let turn = self.turn;
        if let Some(operator) = &mut self.operator {
            operator.resumes_at = Some(turn + operator.rng.below(LOOKING_TURNS));
            operator.over = if operator.cancels { over } else { Vec::new() };
        }
        Ok(())
    }

    fn lay_backup(&mut self, backup: &[u8], incarnation: u16) -> Result<(), Error> {
        let on = Error::on(u16::MAX);
        let state: Arc<dyn State> = self.machine.state.clone();
        let restored = dump::restore(backup, &*state)?;
        let options = Options::new(self.machine.rng.draw());
        let log = FileLog::open(Arc::new(self.machine.disk.clone()), options).map_err(&on)?;
        while log.incarnation() <= incarnation {
            log.start_incarnation().map_err(&on)?;
        }
        dump::rejoin(&restored, &state, &self.machine.world, &log)?;
        // The oracle begins where this state begins.
        let mut partitions = Vec::new();
        for number in 0..restored.partitions {
            let (count, world) = (restored.partitions, self.machine.world.clone());
            partitions.push(Partition::open(number, count, state.clone(), world)?);
        }
        let mut bytes = Vec::new();
        dump::write_backup(&partitions, &log, &mut bytes)?;
        self.base = Some(bytes);
        Ok(())
    }

    /// The operator cancels what is over, and once that is so, lets the machine send.
    fn resume(&mut self) -> Stepped {
        let Some(operator) = &self.operator else { return Ok(()) };
        let mut cancelled = true;
        for id in operator.over.clone() {
            for number in 0..self.machine.shape.partitions {
                let rows = self.machine.partitions[usize::from(number)].rows();
                let Some(Row::Campaign(part)) = rows.get(&Key::Campaign(id)) else { continue };
                if part.stand != Stand::Cancelled {
                    cancelled = false;
                    let body = Body::Campaign { id, step: CampaignStep::Cancel };
                    self.append(number, self.machine.now, body)?;
                }
            }
        }
        if !cancelled {
            return Ok(());
        }
        for number in self.paused() {
            self.append(number, self.machine.now, Body::Pause { reason: None })?;
        }
        Ok(())
    }

    /// Whoever has not looked until now does so at the end.
    pub(super) fn resume_at_last(&mut self) -> Stepped {
        self.settle()?;
        for _ in 0..2 {
            self.resume()?;
            self.settle()?;
        }
        if !self.paused().is_empty() {
            self.machine.violated("sending was resumed, and is paused".to_owned());
        }
        Ok(())
    }

    fn paused(&self) -> Vec<Number> {
        let places = 0..self.machine.partitions.len();
        let paused = places.filter(|place| self.machine.meta(*place).paused.is_some());
        paused.map(|place| place as Number).collect()
    }
}
