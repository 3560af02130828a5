//! Which entries of the log name a person who was erased: their bodies go from its files.

use super::Erased;
use crate::event::Event;
use crate::ids::{MessageId, ProfileId};
use crate::input::{Body, Hop, Input, Request};
use crate::list::{Entry, Listed};
use crate::prelude::*;
use crate::profile::Alias;
use crate::state::Holder;
use crate::time::Timestamp;

/// Everything that is known of erased people: what was never anybody's is in none of these.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// When names were erased, by partition and hash; each home has a key of its own.
    pub names: BTreeMap<u16, (Option<super::Secret>, BTreeMap<u128, Timestamp>)>,
    /// Profiles that are gone, absorbed ones among them.
    pub profiles: BTreeSet<ProfileId>,
    /// Messages that lost their content.
    pub messages: BTreeSet<MessageId>,
}

impl Register {
    /// Takes in what a home remembers of a name.
    pub fn add(&mut self, home: u16, hash: u128, erased: &Erased) {
        self.names.entry(home).or_default().1.insert(hash, erased.at);
        self.profiles.extend(erased.profile);
    }

    /// Whether nobody was ever erased.
    pub fn is_empty(&self) -> bool {
        self.profiles.is_empty() && self.names.values().all(|(_, hashes)| hashes.is_empty())
    }

    /// When a name was erased, if it was.
    fn erased(&self, alias: &Alias, partitions: u16) -> Option<Timestamp> {
        let (secret, hashes) = self.names.get(&crate::decide::home(alias, partitions))?;
        hashes.get(&secret.as_ref()?.hash(alias)).copied()
    }
}

/// Whether an entry names somebody who was erased: then its body may go, once no replay needs it.
/// What a person's new profile said after the erasure stays.
pub fn names(input: &Input, register: &Register, partitions: u16) -> bool {
    let look = Look { register, partitions, at: input.at };
    match &input.body {
        Body::Event(event) => look.event(event),
        Body::Request(request) => look.request(request),
        Body::AttemptsEnded(ends) => ends.iter().any(|end| look.message(end.message)),
        Body::Report(report) => look.message(report.message),
        Body::Consent { message, .. } | Body::Shorten { message, .. } => look.message(*message),
        Body::Suppress { address, .. }
        | Body::HoldBack { address, .. }
        | Body::Release { address, .. } => register.erased(address, partitions).is_some(),
        Body::DevicesDecided(decided) => look.profile(decided.profile),
        Body::Erase { .. } => true,
        Body::LetGo { alias, of } => look.profile(*of) || look.alias(alias),
        Body::Hop { hop, .. } => look.hop(hop),
        Body::Listed(row) => look.listed(row),
        Body::Tick { .. }
        | Body::Grant { .. }
        | Body::GrantBy { .. }
        | Body::Revive { .. }
        | Body::Bury { .. }
        | Body::Campaign { .. }
        | Body::Publish { .. }
        | Body::Build { .. }
        | Body::Retain { .. }
        | Body::Shipped { .. }
        | Body::Activated { .. }
        | Body::OwnerChanged { .. }
        | Body::Pause { .. }
        | Body::Scrub { .. }
        | Body::ListSealed { .. }
        | Body::SweepLists { .. }
        | Body::Replay { .. }
        // By a name that leads to nobody once the row of it is gone.
        | Body::ProviderReport(_)
        | Body::GiveUp { .. }
        | Body::Guard { .. }
        | Body::Marketing { .. }
        | Body::Block { .. }
        | Body::Hosted { .. } => false,
    }
}

struct Look<'r> {
    register: &'r Register,
    partitions: u16,
    at: Timestamp,
}

impl Look<'_> {
    fn alias(&self, alias: &Alias) -> bool {
        self.register.erased(alias, self.partitions).is_some_and(|erased| self.at <= erased)
    }

    fn profile(&self, id: ProfileId) -> bool {
        self.register.profiles.contains(&id)
    }

    fn holder(&self, holder: &Holder) -> bool {
        self.profile(holder.rank.id)
    }

    fn message(&self, id: MessageId) -> bool {
        self.register.messages.contains(&id)
    }

    fn event(&self, event: &Event) -> bool {
        event.aliases.iter().any(|alias| {
            self.register.erased(alias, self.partitions).is_some_and(|erased| {
                self.at <= erased || event.historical || event.occurred_at < erased
            })
        })
    }

    fn listed(&self, row: &Listed) -> bool {
        self.register
            .erased(&row.alias, self.partitions)
            .is_some_and(|erased| self.at <= erased || row.stamp.upload.at < erased)
    }

    fn request(&self, request: &Request) -> bool {
        request.to.iter().any(|alias| self.alias(alias))
    }

    fn hop(&self, hop: &Hop) -> bool {
        match hop {
            Hop::Event { to, event, .. } | Hop::Engagement { to, event, .. } => {
                self.profile(*to) || self.event(event)
            }
            Hop::Link { alias, from, .. } | Hop::LinkOf { alias, from, .. } => {
                self.holder(from) || self.alias(alias)
            }
            Hop::Linked { to, alias, .. }
            | Hop::LinkRefused { to, alias, .. }
            | Hop::LinkErased { to, alias, .. }
            | Hop::LinkedAgain { to, alias, .. } => self.holder(to) || self.alias(alias),
            Hop::Merge { u, v, unique, alias, .. } => {
                self.holder(u)
                    || self.holder(v)
                    || self.alias(alias)
                    || unique.iter().any(|alias| self.alias(alias))
            }
            Hop::AbsorbPart { to, rows, .. } => {
                self.holder(to) || rows.iter().any(|(_, origin, _)| self.profile(*origin))
            }
            Hop::AbsorbEnd { to, head, .. } => self.holder(to) || self.profile(head.id()),
            Hop::Planned { to, campaigns, .. } => {
                self.holder(to) || campaigns.iter().any(|(_, id)| self.message(*id))
            }
            Hop::Merged { to, rows, .. } => {
                self.holder(to) || rows.iter().any(|(id, _)| self.profile(*id))
            }
            Hop::SideOf { to, id, .. } => self.holder(to) || self.profile(*id),
            Hop::LetGo { to, alias, .. } => self.profile(*to) || self.alias(alias),
            Hop::Freed { alias, by } => self.holder(by) || self.alias(alias),
            Hop::Bind { alias, holder } => self.holder(holder) || self.alias(alias),
            Hop::Request { to, request, .. } => {
                to.is_some_and(|id| self.profile(id)) || self.request(request)
            }
            Hop::Report(report) => self.message(report.message),
            Hop::Name { message, .. } | Hop::Unname { message, .. } => self.message(*message),
            Hop::Ended(end) => self.message(end.message),
            Hop::Consent { message, .. } => self.message(*message),
            Hop::Suppress { address, .. }
            | Hop::Hold { address, .. }
            | Hop::TryAddress { address } => {
                self.register.erased(address, self.partitions).is_some()
            }
            Hop::Suppressed { to, address, .. } => self.profile(*to) || self.alias(address),
            Hop::Again { event, .. } => self.event(event),
            Hop::Listed { to, row, .. } => {
                to.is_some_and(|id| self.profile(id)) || self.listed(row)
            }
            Hop::ListsOf { to, rows, .. } => {
                let of = |(_, alias, entry): &(String, Alias, Entry)| {
                    self.profile(entry.origin) || self.alias(alias)
                };
                self.holder(to) || rows.iter().any(of)
            }
            Hop::Unfit { alias, .. } | Hop::UnfitGone { alias, .. } => {
                self.register.erased(alias, self.partitions).is_some()
            }
            // Words of an erasure itself: nothing else is said in them.
            Hop::EraseAlias { .. } | Hop::Inherit { .. } | Hop::ForgetRequest { .. } => true,
            Hop::MessageAt { .. }
            | Hop::Erase { .. }
            | Hop::Forget { .. }
            | Hop::UnfitErased { .. } => false,
            Hop::DeviceClaim { from, .. } => self.holder(from),
            Hop::DeviceReleased { from, .. } => self.profile(*from),
            Hop::DeviceHeld { to, holder, .. } => self.profile(*to) || self.profile(*holder),
            Hop::DeviceLost { to, .. } | Hop::DeviceJudged { to, .. } => self.profile(*to),
            Hop::DevicesOf { to, from, .. } => self.holder(to) || self.profile(*from),
        }
    }
}
