//! The door: one input on one partition's rows gives one decision. Total, synchronous, pure.

use crate::catalog::Catalog;
use crate::decision::caused::Caused;
use crate::decision::{Decision, Effect, Note};
use crate::ids::{self, MessageId, Number, Origin, Partition, ProfileId, RunId, TraceId};
use crate::input::{Body, Hop, Input};
use crate::message::By;
use crate::prelude::*;
use crate::profile::{Alias, Head};
use crate::state::{Key, Meta, Row, Rows, Work};
use crate::time::Timestamp;

/// Looks up published plans. Plans are immutable and durable before they are named by an input.
pub trait Plans {
    /// The plan with this number; an unknown one is the empty plan.
    fn plan(&self, number: u64) -> Arc<Catalog>;
}

/// Where and how an input is decided.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Workspace, partition and position of the input.
    pub origin: Origin,
    /// How many partitions the installation has: a power of two.
    pub partitions: u16,
}

/// The partition that an alias calls home.
pub fn home(alias: &Alias, partitions: u16) -> Partition {
    text_home(&[alias.namespace.as_bytes(), alias.value.as_bytes()], partitions)
}

/// The home of an idempotency key.
pub fn key_home(key: &str, partitions: u16) -> Partition {
    text_home(&[b"idempotency-key", key.as_bytes()], partitions)
}

/// The home of a provider's name for a message.
pub fn name_home(provider: &str, id: &str, partitions: u16) -> Partition {
    text_home(&[b"provider-name", provider.as_bytes(), id.as_bytes()], partitions)
}

pub(crate) fn text_home(parts: &[&[u8]], partitions: u16) -> Partition {
    (ids::hash64(parts) % u64::from(partitions)) as Partition
}

/// What the work on one input carries along.
pub(crate) struct Decider<'r, R: Rows> {
    pub work: Work<'r, R>,
    pub place: Place,
    pub now: Timestamp,
    pub trace: TraceId,
    pub catalog: Arc<Catalog>,
    pub effects: Vec<Effect>,
    pub caused: Vec<Caused>,
    /// The input came from another partition.
    pub forwarded: bool,
    /// The clock is what moves things: they keep the traces that they began with.
    pub by_clock: bool,
    /// The profile that this input made, until it was evaluated for the first time.
    pub born: Option<Number>,
    /// Lists of a profile moved, or a timer rang: when its next row expires is looked up again.
    pub lists_moved: bool,
    ordinal: u32,
}

/// Decides one input.
pub fn decide<R: Rows>(rows: &R, plans: &impl Plans, place: Place, input: &Input) -> Decision {
    let meta = Work::new(rows).meta();
    let plan = match input.body {
        Body::Publish { plan } => plan.max(meta.plan),
        _ => meta.plan,
    };
    // Time never goes back within a partition, nor behind what another one has seen already: to
    // what lies ahead no window would be open, and nothing would ever look at it again.
    let now = input.at.max(meta.now).max(heard_at(&input.body));
    let mut decider = Decider::asking(rows, place, now, input.trace, plans.plan(plan));
    if decider.now != meta.now {
        let now = decider.now;
        decider.work.change_meta(|meta| meta.now = now);
    }
    decider.body(&input.body, &meta);
    let Decider { work, effects, caused, .. } = decider;
    Decision { changes: work.into_changes(), effects, caused }
}

/// When somebody had heard what this brings, by a clock that may have been set back since.
fn heard_at(body: &Body) -> Timestamp {
    let never = Timestamp(i64::MIN);
    match body {
        Body::Event(event) => event.received_at,
        Body::Hop { hop, .. } => match hop {
            Hop::Event { event, .. } | Hop::Engagement { event, .. } | Hop::Again { event, .. } => {
                event.received_at
            }
            Hop::AbsorbPart { rows, .. } => rows.iter().map(|row| row.2).max().unwrap_or(never),
            _ => never,
        },
        _ => never,
    }
}

impl<'r, R: Rows> Decider<'r, R> {
    /// For a question: its changes are thrown away.
    pub fn asking(
        rows: &'r R,
        place: Place,
        now: Timestamp,
        trace: TraceId,
        catalog: Arc<Catalog>,
    ) -> Self {
        let work = Work::new(rows);
        Decider {
            work,
            place,
            now,
            trace,
            catalog,
            effects: Vec::new(),
            caused: Vec::new(),
            forwarded: false,
            by_clock: false,
            born: None,
            lists_moved: false,
            ordinal: 0,
        }
    }
}

impl<R: Rows> Decider<'_, R> {
    fn body(&mut self, body: &Body, meta: &Meta) {
        match body {
            Body::Event(event) => self.entered(event),
            Body::Request(request) => self.requested(request),
            Body::Tick { limit, epoch } => {
                if self.current(*epoch, meta) {
                    self.forget_names(*limit as usize);
                    self.forget_keys(*limit as usize);
                    self.tick(*limit);
                }
            }
            Body::Grant { path, count, epoch, start_before } => {
                if self.current(*epoch, meta) {
                    self.grant(path, By::PathSays, *count, *start_before);
                }
            }
            Body::GrantBy { path, provider, count, epoch, start_before } => {
                if self.current(*epoch, meta) {
                    let by = match provider.as_deref() {
                        Some(provider) => By::Provider(provider),
                        None => By::Nobody,
                    };
                    self.grant(path, by, *count, *start_before);
                }
            }
            Body::AttemptsEnded(ends) => ends.iter().for_each(|end| self.ended(end)),
            Body::Report(report) => self.reported(report),
            Body::Consent { message, facts } => self.consented(*message, facts),
            Body::Suppress { address, suppression } => self.suppress(address, suppression.as_ref()),
            Body::Campaign { id, step } => self.campaign(*id, step),
            Body::Publish { plan } => self.publish(*plan),
            Body::Build { count } => self.build(*count),
            Body::Retain { name, before, from, count } => {
                self.retain(name, *before, *from, *count);
            }
            Body::Hop { from, n, hop } => self.arrived(*from, *n, hop),
            Body::Shipped { to, n } => self.shipped(*to, *n),
            Body::Activated { version } => {
                self.work.change_meta(|meta| meta.activated.clone_from(version));
            }
            Body::OwnerChanged { epoch } => {
                self.work.change_meta(|meta| meta.epoch = meta.epoch.max(*epoch));
            }
            Body::Erase { alias, wish } => self.erase(alias, *wish),
            Body::Scrub { count } => self.scrub(*count),
            Body::Listed(row) => self.listed(row, 0),
            Body::ListSealed { list, upload } => self.list_sealed(list, *upload),
            Body::SweepLists { count } => self.sweep_lists(*count),
            Body::Replay { positions, fix } => self.replay(positions, fix),
            Body::Revive { messages } => self.revive(messages),
            Body::Bury { messages } => self.bury(messages),
            Body::GiveUp { positions, why } => self.give_up_unfit(positions, why),
            Body::ProviderReport(report) => self.provider_reported(report),
            Body::Shorten { message, links } => self.shorten(*message, links),
            Body::Guard { keeper, up } => self.guard_changed(keeper, *up),
            Body::HoldBack { address, since } => self.hold_back(address, *since),
            Body::Release { address, confirm } => self.release_held(address, *confirm),
            Body::Marketing { domain, mailbox, pause } => match pause {
                Some(counts) => self.pause_marketing(domain, mailbox, *counts),
                None => self.resume_marketing(domain, mailbox),
            },
            Body::DevicesDecided(decided) => self.devices_decided(decided),
            Body::Block { domain, mailbox, blocked } => self.block(domain, mailbox, blocked),
            Body::Hosted { of } => self.hosted(of),
            Body::LetGo { alias, of } => self.let_go(*of, alias, 0),
            Body::Pause { reason } => self.pause(reason.as_ref()),
        }
    }

    /// What an owner originates carries its epoch; an older one is a zombie's and harmless.
    fn current(&mut self, epoch: u64, meta: &Meta) -> bool {
        if epoch < meta.epoch {
            self.note("stale-epoch", None, format!("epoch {epoch} is over, {} holds", meta.epoch));
            return false;
        }
        true
    }

    fn arrived(&mut self, from: Partition, n: u64, hop: &Hop) {
        if self.is_next(from, n) {
            self.forwarded = true;
            self.hop(from, hop);
        }
    }

    /// Whether a hop was not heard before, as one is that is sent again after a crash. It is heard
    /// now.
    pub(crate) fn is_next(&mut self, from: Partition, n: u64) -> bool {
        let key = Key::HopIn(from);
        let next = self.work.hop_in(&key).is_none_or(|seen| n > seen);
        if next {
            self.work.put(key, Row::HopIn(n));
        }
        next
    }

    fn shipped(&mut self, to: Partition, n: u64) {
        let bounds = (Key::HopOut(to, 0), Key::HopOut(to, n.saturating_add(1)));
        for (key, _) in self.work.range(&bounds, usize::MAX) {
            self.work.delete(key);
        }
    }

    /// Puts a hop into the queue to a partition (which may be this one: everything takes the same
    /// road, so that one partition and sixteen decide alike).
    pub fn send(&mut self, to: Partition, hop: Hop) {
        let mut n = 0;
        self.work.change_meta(|meta| {
            let next = meta.hops_out.entry(to).or_insert(1);
            n = *next;
            *next += 1;
        });
        self.work.put(Key::HopOut(to, n), Row::HopOut(Arc::new(hop)));
        self.effects.push(Effect::Hop { to, n });
    }

    /// The next derived bits of this input.
    pub fn derive(&mut self) -> u128 {
        let (high, low) = ((self.ordinal >> 16) as u16, self.ordinal as u16);
        let bits = ids::derive(self.place.origin, high, low);
        self.ordinal += 1;
        bits
    }

    pub fn derive_message(&mut self) -> MessageId {
        MessageId(self.derive())
    }

    pub fn derive_run(&mut self) -> RunId {
        RunId(self.derive())
    }

    pub fn note(&mut self, code: &str, profile: Option<ProfileId>, text: impl Into<String>) {
        let note = Note { code: code.to_owned(), profile, text: text.into() };
        self.effects.push(Effect::Note(note));
    }

    /// What follows belongs to another trace than what came before.
    pub fn on_behalf(&mut self, trace: TraceId) {
        if trace == TraceId::default() || trace == self.trace {
            return;
        }
        self.trace = trace;
        // Nothing happened on behalf of the one before.
        self.effects.pop_if(|effect| matches!(effect, Effect::For(_)));
        self.effects.push(Effect::For(trace));
    }

    pub fn here(&self) -> Partition {
        self.place.origin.partition
    }

    /// Whether this input made the profile; said once.
    pub fn is_new(&mut self, number: Number) -> bool {
        self.born.take_if(|born| *born == number).is_some()
    }

    /// A head that must be there.
    pub fn head(&self, number: Number) -> Option<Arc<Head>> {
        self.work.head(&Key::Head(number))
    }

    /// Changes a head.
    pub fn change_head<T>(
        &mut self,
        number: Number,
        change: impl FnOnce(&mut Head) -> T,
    ) -> Option<T> {
        let mut head = self.head(number)?;
        let result = change(Arc::make_mut(&mut head));
        self.work.put(Key::Head(number), Row::Head(head));
        Some(result)
    }
}
