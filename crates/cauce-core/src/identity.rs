//! Which aliases are one profile: a conversation of partitions.
//!
//! An alias's home knows who holds it. A profile that uses an alias asks its home (`Link`) and is
//! always answered. Of two profiles of one person the one with the lower rank absorbs, whoever
//! asked: redirects only ever point to a lower rank and cannot form a cycle.

mod absorb;
mod converse;
mod foresee;
mod let_go;
pub mod namespaces;
mod side;
mod split;
mod undecided;

pub use foresee::{Foreseen, conflicts, foresee};
pub use namespaces::{Case, Namespace, Namespaces};
pub use side::{Side, Sides, origin};
pub use split::{Half, Split, Splitter, Unclear, Unsplit, Whose};
pub use undecided::{UNDECIDED, undecided};

use crate::decide::{Decider, home};
use crate::decision::caused::Change;
use crate::erasure::When;
use crate::event::Event;
use crate::ids::{Number, ProfileId};
use crate::input::Hop;
use crate::limits;
use crate::message::Channel;
use crate::prelude::*;
use crate::profile::{Alias, ConsentFact, Head, Rank, Status};
use crate::sms::inbound::{RECEIVED, SCOPE};
use crate::state::{AliasRow, Holder, Key, Row, Rows};
use crate::time::Timestamp;
use crate::value::Value;

/// The event by which somebody puts right what a profile says: it holds for every one that it is
/// made of.
pub const RECTIFIED: &str = "profile_rectified";

/// An alias in the canonical form of the namespaces that every installation has; those of a plan
/// may say otherwise, see [`Namespaces::canonical`].
pub fn canonical(namespace: &str, value: &str) -> Result<Alias, &'static str> {
    Namespaces::default().canonical(namespace, value)
}

/// The addresses that attributes name. An address is linked like an alias before anything is sent
/// to it: its home knows whether it is suppressed, and who else uses it.
pub fn addresses(namespaces: &Namespaces, attributes: &BTreeMap<String, Value>) -> Vec<Alias> {
    [Channel::Email, Channel::Sms]
        .into_iter()
        .filter_map(crate::input::channel_namespace)
        .filter_map(|namespace| {
            namespaces.canonical(namespace, attributes.get(namespace)?.as_str()?).ok()
        })
        .collect()
}

/// Puts aliases in the order of their strength, by the namespaces that every installation has.
pub fn sort(aliases: &mut Vec<Alias>) {
    Namespaces::default().sort(aliases);
}

/// A head's values of unique namespaces.
pub(crate) fn unique_aliases(namespaces: &Namespaces, head: &Head) -> Vec<Alias> {
    let unique = |alias: &&Alias| namespaces.is_unique(&alias.namespace);
    head.aliases.iter().filter(unique).cloned().collect()
}

/// Whether merge protection keeps two profiles apart.
pub(crate) fn protected(head: &Head, other: &[Alias]) -> bool {
    other.iter().any(|theirs| {
        head.aliases
            .iter()
            .any(|own| own.namespace == theirs.namespace && own.value != theirs.value)
    })
}

/// Where a profile that was asked for is.
pub(crate) enum Found {
    /// Here.
    Here(Number, Arc<Head>),
    /// It was absorbed by this one.
    Moved(Holder),
    /// It was erased.
    Erased(Timestamp),
    /// Nobody here has that id.
    Nobody,
}

impl<R: Rows> Decider<'_, R> {
    pub fn find(&self, id: ProfileId) -> Found {
        let Some(number) = self.work.number(&Key::Profile(id)) else { return Found::Nobody };
        match self.head(number) {
            Some(head) => match head.status {
                Status::Live => Found::Here(number, head),
                Status::Redirect(holder) => Found::Moved(holder),
                Status::Erased(at) => Found::Erased(at),
            },
            None => Found::Nobody,
        }
    }

    /// An event at the home of its strongest alias: duplicates end here, before any forward.
    pub fn entered(&mut self, event: &Event) {
        if self.is_repeated(event) {
            self.note("duplicate", None, format!("{} was taken before", event.id));
            self.work.count("events.duplicate", 1);
            return;
        }
        if self.is_erased(event) {
            return;
        }
        self.enter_if_fit(event);
    }

    /// An event that is new, at the home of its strongest alias.
    pub fn enter_at_home(&mut self, event: &Event, hops: u8) {
        let Some(strongest) = event.aliases.first() else { return };
        let row = self.work.alias(&Key::Alias(strongest.clone())).unwrap_or_default();
        self.tell_watchers(event, &row);
        match row.holder {
            Some(holder) if holder.partition != self.here() => {
                let to = holder.rank.id;
                self.send(
                    holder.partition,
                    Hop::Event { to, event: Box::new(event.clone()), hops },
                );
            }
            Some(holder) => self.event_for(holder.rank.id, event, hops),
            None => {
                let number = self.create(strongest, &row);
                self.apply(number, event);
            }
        }
    }

    /// What somebody says to a sender from a number is about that number: it holds for everybody
    /// who uses it, also for who does not hold it (a family's, a refused merge).
    fn tell_watchers(&mut self, event: &Event, row: &AliasRow) {
        let of_sender = |fact: &ConsentFact| fact.topic.starts_with(SCOPE);
        if event.name != RECEIVED || !event.consents.iter().any(of_sender) {
            return;
        }
        for watcher in &row.watchers {
            // Without the alias: they use it already, and are not linked anew.
            let event = Box::new(Event { aliases: Vec::new(), ..event.clone() });
            self.send(watcher.partition, Hop::Engagement { to: watcher.rank.id, event, hops: 0 });
        }
    }

    /// Makes the profile that an alias stands for, at the alias's home.
    pub fn create(&mut self, alias: &Alias, row: &Arc<AliasRow>) -> Number {
        // As it is now: a rank never changes.
        let priority = self.catalog.namespaces.priority(&alias.namespace);
        let rank = Rank { priority, id: ProfileId(self.derive()) };
        let mut number = 0;
        self.work.change_meta(|meta| {
            number = meta.next_number;
            meta.next_number += 1;
        });
        let mut head = Head::new(rank, self.now);
        head.aliases.insert(alias.clone());
        let suppression = self.suppression_of(alias, row);
        if let Some(suppression) = &suppression {
            head.suppressions.insert(alias.clone(), suppression.clone());
        }
        self.work.put(Key::Head(number), Row::Head(Arc::new(head)));
        self.work.put(Key::Profile(rank.id), Row::Number(number));
        let mut row = AliasRow::clone(row);
        row.holder = Some(Holder { partition: self.here(), rank });
        row.suppression = suppression;
        self.work.put(Key::Alias(alias.clone()), Row::Alias(Arc::new(row)));
        self.work.count("profiles.created", 1);
        self.born = Some(number);
        self.caused(rank.id, Change::Created);
        self.caused(rank.id, Change::Alias { alias: alias.clone(), held: true });
        if let Some(erased) = self.erased(alias) {
            self.withdraw_again(number, &erased.withdrawn);
        }
        number
    }

    /// An event for a profile that lives, or lived, here.
    pub fn event_for(&mut self, to: ProfileId, event: &Event, hops: u8) {
        match self.find(to) {
            Found::Here(number, _) => self.apply(number, event),
            Found::Moved(holder) => {
                let to = holder.rank.id;
                let event = Box::new(event.clone());
                self.forward(holder, hops, |hops| Hop::Event { to, event, hops });
            }
            Found::Erased(at) => self.event_for_erased(event, at, hops),
            Found::Nobody => self.note("unknown-profile", Some(to), "the profile is not here"),
        }
    }

    /// Sends something after a profile that moved, unless it was sent after it too often.
    pub fn forward(&mut self, holder: Holder, hops: u8, hop: impl FnOnce(u8) -> Hop) {
        if hops >= limits::HOPS_MAX {
            let text = format!("followed {hops} redirects without arriving");
            self.quarantine("hop", text);
            return;
        }
        self.send(holder.partition, hop(hops + 1));
    }

    /// Keeps what could not be decided, with its cause.
    pub fn quarantine(&mut self, kind: &str, cause: String) {
        let row = crate::state::Quarantined { cause, at: self.now, kind: kind.to_owned() };
        let key = Key::Quarantine(self.place.origin.position);
        self.work.put(key, Row::Quarantine(Arc::new(row)));
        self.work.count("quarantined", 1);
    }

    /// Whether an event id was seen within the window; if not, it is from now on.
    fn is_repeated(&mut self, event: &Event) -> bool {
        const BUCKET_MS: i64 = limits::DEDUPE_WINDOW.0 / 4;
        let bucket = (self.now.0 / BUCKET_MS).clamp(0, i64::from(u32::MAX)) as u32;
        let first = self.work.meta().seen_from;
        if first == 0 {
            self.work.change_meta(|meta| meta.seen_from = bucket);
        }
        let seen = (bucket.saturating_sub(4).max(first)..=bucket)
            .any(|bucket| self.work.has(&Key::Seen(bucket, event.id)));
        if !seen {
            self.work.put(Key::Seen(bucket, event.id), Row::Mark);
        }
        seen
    }

    /// Forgets event ids that are older than the window, a bounded number at a time.
    pub fn forget_seen(&mut self, limit: usize) {
        const BUCKET_MS: i64 = limits::DEDUPE_WINDOW.0 / 4;
        let oldest = (self.now.0 / BUCKET_MS - 4).clamp(0, i64::from(u32::MAX)) as u32;
        let first = self.work.meta().seen_from;
        if first == 0 || first >= oldest {
            return;
        }
        let low = crate::ids::EventId(0);
        let bounds = (Key::Seen(first, low), Key::Seen(oldest, low));
        let old = self.work.range(&bounds, limit);
        if old.len() < limit {
            self.work.change_meta(|meta| meta.seen_from = oldest);
        }
        for (key, _) in old {
            self.work.delete(key);
        }
    }

    /// Asks the homes of the aliases that a profile uses for the first time.
    pub fn link(&mut self, number: Number, aliases: &[Alias], when: When) {
        for alias in aliases {
            let Some(head) = self.head(number) else { return };
            let asked = head.pending.values().any(|pending| pending == alias);
            let known = head.aliases.contains(alias) || head.refused_aliases.contains(alias);
            let word = head.suppressions.get(alias);
            let undecided = word.is_some_and(|word| word.reason == UNDECIDED);
            if asked || (known && !undecided) {
                continue;
            }
            // What is known already is one of its own: no limit keeps its home from being asked.
            let new = !known;
            if new && head.aliases.len() + head.pending.len() >= limits::ALIASES_MAX {
                let text =
                    format!("{alias}: a profile has at most {} aliases", limits::ALIASES_MAX);
                self.note("too-many-aliases", Some(head.id()), text);
                continue;
            }
            let namespace = self.catalog.namespaces.get(&alias.namespace);
            let known = head.aliases.iter().chain(head.pending.values());
            let known = known.filter(|known| known.namespace == alias.namespace).count();
            let limit = namespace.limit.filter(|limit| new && known >= usize::from(*limit));
            if let Some(limit) = limit {
                let name = &alias.namespace;
                let text = format!("{alias}: a profile has at most {limit} of `{name}`");
                self.note("alias-limit", Some(head.id()), text);
                continue;
            }
            let token = self.derive();
            let from = Holder { partition: self.here(), rank: head.rank };
            let unique = unique_aliases(&self.catalog.namespaces, &head);
            self.change_head(number, |head| head.pending.insert(token, alias.clone()));
            let to = home(alias, self.place.partitions);
            let (alias, When { occurred_at, historical }) = (alias.clone(), when);
            self.send(to, Hop::LinkOf { alias, from, unique, token, occurred_at, historical });
        }
    }
}
