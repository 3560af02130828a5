//! What came in and does not fit its schema: it waits, whole, at the home of its strongest alias,
//! and every home of its names knows that it does.
//!
//! It was accepted, so it is never dropped in silence: it is applied after a fix, given up by
//! somebody who says so, or goes with the person it is about.

use super::{Fault, Fix};
use crate::decide::{Decider, home};
use crate::erasure::When;
use crate::event::{Event, Properties};
use crate::ids::{EventId, Partition, Position, TraceId, hash128};
use crate::input::Hop;
use crate::prelude::*;
use crate::profile::Alias;
use crate::state::{Key, Row, Rows};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The counter of events that wait now.
pub const WAITING: &str = "events.unfit-waiting";

/// The event under which the consents of one that waits are taken: nobody's rule counts it.
pub const SAID: &str = "consents_of_unfit";

/// An event that waits in quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfit {
    /// As it was admitted.
    pub event: Event,
    /// What ties it to what its request caused.
    pub trace: TraceId,
    /// Since when.
    pub at: Timestamp,
    /// What does not fit, as of the last try.
    pub faults: Vec<Fault>,
    /// How often it was tried again in vain.
    pub tries: u32,
}

/// Where an event waits that names an alias, known at the alias's home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnfitAt {
    /// In which partition.
    pub partition: Partition,
    /// At which position it came.
    pub position: Position,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Whether it belongs to the past.
    pub historical: bool,
}

impl<R: Rows> Decider<'_, R> {
    /// An event that is new, at the home of its strongest alias: it counts if it fits.
    pub fn enter_if_fit(&mut self, event: &Event) {
        let catalog = self.catalog.clone();
        match catalog.schemas.fit(event) {
            Ok(event) => {
                self.work.count("events.taken", 1);
                self.release_if_waiting(&event);
                self.enter_at_home(&event, 0);
            }
            Err(faults) => self.set_aside(event, faults),
        }
    }

    /// An event that was said again after its id was forgotten, and fits by now, waits no longer.
    fn release_if_waiting(&mut self, event: &Event) {
        let Some(strongest) = event.aliases.first().filter(|_| self.waiting() > 0) else { return };
        let key = Key::UnfitOf(strongest.clone(), event.id);
        let Some(Row::UnfitOf(at)) = self.work.get(&key) else { return };
        if let Some(unfit) = self.unfit(at.position).filter(|_| at.partition == self.here()) {
            self.release_unfit(at.position, &unfit);
            self.work.count("events.replayed", 1);
        }
    }

    fn waiting(&self) -> u64 {
        match self.work.get(&Key::Counter(WAITING.to_owned())) {
            Some(Row::Counter(count)) => count,
            _ => 0,
        }
    }

    fn set_aside(&mut self, event: &Event, faults: Vec<Fault>) {
        let Some(strongest) = event.aliases.first() else { return };
        // Its id is remembered for a day, it may wait for longer.
        if self.work.has(&Key::UnfitOf(strongest.clone(), event.id)) {
            self.note("duplicate", None, format!("{} waits in quarantine", event.id));
            self.work.count("events.duplicate", 1);
            return;
        }
        let listed: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let text = format!("{} `{}` waits: {}", event.id, event.name, listed.join("; "));
        self.note("unfit", None, text);
        self.work.count("events.unfit", 1);
        self.count_waiting(true);
        let mut codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
        codes.dedup();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            self.work.count(&format!("events.unfit {}", code.as_str()), 1);
        }
        let position = self.place.origin.position;
        let (at, trace) = (self.now, self.trace);
        let mut event = event.clone();
        let consents = core::mem::take(&mut event.consents);
        let own = UnfitAt {
            partition: self.here(),
            position,
            occurred_at: event.occurred_at,
            historical: event.historical,
        };
        for alias in &event.aliases {
            if home(alias, self.place.partitions) == own.partition {
                self.work.put(Key::UnfitOf(alias.clone(), event.id), Row::UnfitOf(own));
            } else {
                let (alias, event) = (alias.clone(), event.id);
                let to = home(&alias, self.place.partitions);
                self.send(to, Hop::Unfit { alias, event, at: own });
            }
        }
        let said = (!consents.is_empty()).then(|| Event {
            // Another id, or the event would be taken for a repetition of itself.
            id: EventId(hash128(&[b"unfit-consents", &event.id.0.to_be_bytes()])),
            name: SAID.to_owned(),
            properties: Properties::new(),
            attributes: Properties::new(),
            consents,
            ..event.clone()
        });
        let row = Unfit { event, trace, at, faults, tries: 0 };
        self.work.put(Key::Unfit(position), Row::Unfit(Arc::new(row)));
        // What somebody said about being written to never waits for a type.
        if let Some(said) = said {
            self.enter_at_home(&said, 0);
        }
    }

    fn count_waiting(&mut self, more: bool) {
        let before = self.waiting();
        let after = if more { before + 1 } else { before.saturating_sub(1) };
        self.work.put(Key::Counter(WAITING.to_owned()), Row::Counter(after));
    }

    fn unfit(&self, position: Position) -> Option<Arc<Unfit>> {
        match self.work.get(&Key::Unfit(position)) {
            Some(Row::Unfit(row)) => Some(row),
            _ => None,
        }
    }

    /// It waits no longer, whatever becomes of it.
    fn release_unfit(&mut self, position: Position, unfit: &Unfit) {
        self.work.delete(Key::Unfit(position));
        self.count_waiting(false);
        for alias in &unfit.event.aliases {
            let to = home(alias, self.place.partitions);
            let (alias, event) = (alias.clone(), unfit.event.id);
            if to == self.here() {
                self.work.delete(Key::UnfitOf(alias, event));
            } else {
                self.send(to, Hop::UnfitGone { alias, event });
            }
        }
    }

    /// Tries events of the quarantine again: those that fit now are applied, each once, as of when
    /// they happened.
    pub fn replay(&mut self, positions: &[Position], fix: &Fix) {
        let catalog = self.catalog.clone();
        let own = self.trace;
        // They may have come again by another road meanwhile.
        self.forwarded = true;
        for position in positions.iter().copied() {
            let Some(unfit) = self.unfit(position) else {
                self.note("not-waiting", None, format!("nothing waits at {}", position.offset));
                continue;
            };
            let mut event = unfit.event.clone();
            if self.is_erased(&event) {
                self.release_unfit(position, &unfit);
                continue;
            }
            fix.apply(&mut event);
            match catalog.schemas.fit(&event) {
                Ok(event) => {
                    self.release_unfit(position, &unfit);
                    self.work.count("events.replayed", 1);
                    self.on_behalf(unfit.trace);
                    self.note("replayed", None, format!("{} fits and counts", event.id));
                    self.enter_at_home(&event, 0);
                    self.on_behalf(own);
                }
                Err(faults) => {
                    let row = Unfit { faults, tries: unfit.tries + 1, ..Unfit::clone(&unfit) };
                    self.work.put(Key::Unfit(position), Row::Unfit(Arc::new(row)));
                    self.work.count("events.unfit-again", 1);
                }
            }
        }
    }

    /// Gives events of the quarantine up: somebody says so, and why.
    pub fn give_up_unfit(&mut self, positions: &[Position], why: &str) {
        for position in positions.iter().copied() {
            let Some(unfit) = self.unfit(position) else { continue };
            self.release_unfit(position, &unfit);
            self.work.count("events.given-up", 1);
            self.note("given-up", None, format!("{}: {why}", unfit.event.id));
        }
    }

    /// At an alias's home: an event that names it waits somewhere.
    pub fn unfit_named(&mut self, alias: Alias, event: EventId, at: UnfitAt) {
        let when = When { occurred_at: at.occurred_at, historical: at.historical };
        if let Some(erased) = self.erased(&alias).filter(|erased| when.is_late(erased.at)) {
            let hop = Hop::UnfitErased { position: at.position, erased: erased.at };
            self.send(at.partition, hop);
            return;
        }
        self.work.put(Key::UnfitOf(alias, event), Row::UnfitOf(at));
    }

    /// At an alias's home: an event that named it waits no longer.
    pub fn unfit_gone(&mut self, alias: Alias, event: EventId) {
        self.work.delete(Key::UnfitOf(alias, event));
    }

    /// A name was erased: what waits under it goes as well.
    pub(crate) fn erase_unfit_of(&mut self, alias: &Alias, erased: Timestamp) {
        let (low, high) = Key::unfit_of(alias);
        for (key, row) in self.work.range(&(low, high), usize::MAX) {
            let Row::UnfitOf(at) = row else { continue };
            let when = When { occurred_at: at.occurred_at, historical: at.historical };
            // Had it fitted, it would have gone with the profile: also what happened just then.
            if !when.is_late(erased) && at.occurred_at != erased {
                continue;
            }
            self.work.delete(key);
            if at.partition == self.here() {
                self.erase_unfit(at.position, erased);
            } else {
                self.send(at.partition, Hop::UnfitErased { position: at.position, erased });
            }
        }
    }

    /// Where it waits: its person was erased.
    pub fn erase_unfit(&mut self, position: Position, erased: Timestamp) {
        let Some(unfit) = self.unfit(position) else { return };
        self.release_unfit(position, &unfit);
        self.refuse_erased(&unfit.event, erased);
    }
}
