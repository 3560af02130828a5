//! Which aliases are one profile: a conversation of partitions.
//!
//! An alias's home knows who holds it. A profile that uses an alias asks its home (`Link`) and is
//! always answered. Of two profiles of one person the one with the lower rank absorbs, whoever
//! asked: redirects only ever point to a lower rank and cannot form a cycle.

mod absorb;
mod converse;

use crate::decide::{Decider, home};
use crate::event::Event;
use crate::ids::{Number, ProfileId};
use crate::input::Hop;
use crate::limits;
use crate::message::Channel;
use crate::prelude::*;
use crate::profile::{Alias, Head, Rank, Status};
use crate::state::{AliasRow, Holder, Key, Row, Rows};
use crate::value::Value;

/// What is known of a kind of alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Its name.
    pub name: &'static str,
    /// Lower is stronger: decides which alias of an event routes it, and who absorbs whom.
    pub priority: u8,
    /// Two values never belong to one person: profiles with different ones never merge.
    pub unique: bool,
}

/// The namespaces that every installation has. Others have [`CUSTOM_PRIORITY`].
pub const NAMESPACES: [Namespace; 4] = [
    Namespace { name: "user_id", priority: 0, unique: true },
    Namespace { name: "email", priority: 2, unique: false },
    Namespace { name: "phone", priority: 3, unique: false },
    Namespace { name: "anonymous_id", priority: 9, unique: false },
];

/// The priority of a namespace that nobody declared.
pub const CUSTOM_PRIORITY: u8 = 5;

/// A namespace's priority.
pub fn priority(namespace: &str) -> u8 {
    NAMESPACES.iter().find(|n| n.name == namespace).map_or(CUSTOM_PRIORITY, |n| n.priority)
}

/// Whether two values of a namespace never belong to one person.
pub fn is_unique(namespace: &str) -> bool {
    NAMESPACES.iter().any(|n| n.name == namespace && n.unique)
}

/// An alias in its namespace's canonical form, or why it is none.
pub fn canonical(namespace: &str, value: &str) -> Result<Alias, &'static str> {
    if namespace.is_empty() || namespace.len() > limits::NAME_BYTES_MAX {
        return Err("an alias's namespace has 1 to 128 bytes");
    }
    if namespace.chars().any(char::is_control) {
        return Err("an alias's namespace must not have control characters");
    }
    let value = value.trim();
    if value.is_empty() {
        return Err("an alias must not be empty");
    }
    if value.len() > limits::ALIAS_BYTES_MAX {
        return Err("an alias has at most 320 bytes");
    }
    if value.chars().any(char::is_control) {
        return Err("an alias must not have control characters");
    }
    let value = match namespace {
        "email" => {
            let (local, domain) = value.rsplit_once('@').ok_or("an address has an @")?;
            if local.is_empty() || domain.is_empty() || value.contains(char::is_whitespace) {
                return Err("an address has a name, an @ and a domain");
            }
            value.to_lowercase()
        }
        _ => value.to_owned(),
    };
    Ok(Alias { namespace: namespace.to_owned(), value })
}

/// The addresses that attributes name. An address is linked like an alias before anything is sent
/// to it: its home knows whether it is suppressed, and who else uses it.
pub fn addresses(attributes: &BTreeMap<String, Value>) -> Vec<Alias> {
    [Channel::Email, Channel::Sms]
        .into_iter()
        .filter_map(crate::input::channel_namespace)
        .filter_map(|namespace| canonical(namespace, attributes.get(namespace)?.as_str()?).ok())
        .collect()
}

/// Puts aliases in the order of their strength and drops repetitions.
pub fn sort(aliases: &mut Vec<Alias>) {
    aliases.sort_by(|a, b| (priority(&a.namespace), a).cmp(&(priority(&b.namespace), b)));
    aliases.dedup();
}

/// A head's values of unique namespaces.
pub(crate) fn unique_aliases(head: &Head) -> Vec<Alias> {
    head.aliases.iter().filter(|alias| is_unique(&alias.namespace)).cloned().collect()
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
        self.work.count("events.taken", 1);
        let Some(strongest) = event.aliases.first() else { return };
        let row = self.work.alias(&Key::Alias(strongest.clone())).unwrap_or_default();
        match row.holder {
            Some(holder) if holder.partition != self.here() => {
                let to = holder.rank.id;
                self.send(
                    holder.partition,
                    Hop::Event { to, event: Box::new(event.clone()), hops: 0 },
                );
            }
            Some(holder) => self.event_for(holder.rank.id, event, 0),
            None => {
                let number = self.create(strongest, &row);
                self.apply(number, event);
            }
        }
    }

    /// Makes the profile that an alias stands for, at the alias's home.
    pub fn create(&mut self, alias: &Alias, row: &Arc<AliasRow>) -> Number {
        let rank = Rank { priority: priority(&alias.namespace), id: ProfileId(self.derive()) };
        let mut number = 0;
        self.work.change_meta(|meta| {
            number = meta.next_number;
            meta.next_number += 1;
        });
        let mut head = Head::new(rank, self.now);
        head.aliases.insert(alias.clone());
        if let Some(suppression) = &row.suppression {
            head.suppressions.insert(alias.clone(), suppression.clone());
        }
        self.work.put(Key::Head(number), Row::Head(Arc::new(head)));
        self.work.put(Key::Profile(rank.id), Row::Number(number));
        let mut row = row.clone();
        Arc::make_mut(&mut row).holder = Some(Holder { partition: self.here(), rank });
        self.work.put(Key::Alias(alias.clone()), Row::Alias(row));
        self.work.count("profiles.created", 1);
        self.born = Some(number);
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
    pub fn link(&mut self, number: Number, aliases: &[Alias]) {
        for alias in aliases {
            let Some(head) = self.head(number) else { return };
            let asked = head.pending.values().any(|pending| pending == alias);
            if head.aliases.contains(alias) || head.refused_aliases.contains(alias) || asked {
                continue;
            }
            if head.aliases.len() + head.pending.len() >= limits::ALIASES_MAX {
                let text =
                    format!("{alias}: a profile has at most {} aliases", limits::ALIASES_MAX);
                self.note("too-many-aliases", Some(head.id()), text);
                continue;
            }
            let token = self.derive();
            let from = Holder { partition: self.here(), rank: head.rank };
            let unique = unique_aliases(&head);
            self.change_head(number, |head| head.pending.insert(token, alias.clone()));
            let to = home(alias, self.place.partitions);
            self.send(to, Hop::Link { alias: alias.clone(), from, unique, token });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_have_one_form() {
        assert_eq!(canonical("email", " Ana@Example.COM ").unwrap().value, "ana@example.com");
        assert_eq!(canonical("user_id", "Ana").unwrap().value, "Ana");
        for (namespace, value) in
            [("email", "ana"), ("email", "@x"), ("user_id", " "), ("user_id", "a\nb")]
        {
            assert!(canonical(namespace, value).is_err(), "{namespace} {value}");
        }
        // A key of the store has at most 4,096 bytes; each byte may be escaped.
        for namespace in [String::new(), "n".repeat(129), "a\0b".to_owned()] {
            assert!(canonical(&namespace, "7").is_err(), "{namespace}");
        }
        let mut aliases = vec![
            canonical("anonymous_id", "a").unwrap(),
            canonical("email", "a@b").unwrap(),
            canonical("user_id", "7").unwrap(),
            canonical("email", "A@b").unwrap(),
        ];
        sort(&mut aliases);
        let names: Vec<_> = aliases.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["user_id:7", "email:a@b", "anonymous_id:a"]);
    }
}
