//! A name that was given by mistake is taken from its profile: somebody typed another person's
//! address. What was said under it stays where it is; who is meant by it from here on is open.

use super::Found;
use crate::apply::Touched;
use crate::decide::{Decider, home};
use crate::decision::Cause;
use crate::ids::{EventId, Number, ProfileId};
use crate::input::Hop;
use crate::prelude::*;
use crate::profile::{Alias, Attribute};
use crate::state::{Holder, Key, Row, Rows};
use crate::value::Value;

impl<R: Rows> Decider<'_, R> {
    /// A profile lets go of a name, wherever it lives now.
    pub fn let_go(&mut self, of: ProfileId, alias: &Alias, hops: u8) {
        match self.find(of) {
            Found::Here(number, _) => self.let_go_here(number, alias),
            Found::Moved(holder) => {
                let (to, alias) = (holder.rank.id, alias.clone());
                self.forward(holder, hops, |hops| Hop::LetGo { to, alias, hops });
            }
            // It has no names any more.
            Found::Erased(_) => {}
            Found::Nobody => self.note("unknown-profile", Some(of), "the profile is not here"),
        }
    }

    fn let_go_here(&mut self, number: Number, alias: &Alias) {
        let Some(head) = self.head(number) else { return };
        if head.pending.values().any(|asked| asked == alias) {
            // The answer that is on its way would make it a name of this profile again.
            let text = format!("a question about a `{}` is open", alias.namespace);
            self.note("alias-asked", Some(head.id()), text);
            return;
        }
        if !head.aliases.contains(alias) && !head.refused_aliases.contains(alias) {
            return;
        }
        let (now, event) = (self.now, EventId(self.derive()));
        let catalog = self.catalog.clone();
        let same = |value: &Value| {
            let text = value.as_str();
            let read =
                text.and_then(|text| catalog.namespaces.canonical(&alias.namespace, text).ok());
            read.as_ref() == Some(alias)
        };
        // An older fact that comes late must not bring it back.
        let gone = Attribute { value: Value::Null, at: now, event };
        let mut touched = Touched { reach: true, ..Touched::default() };
        let before = self.head(number);
        self.change_head(number, |head| {
            head.aliases.remove(alias);
            head.refused_aliases.remove(alias);
            head.suppressions.remove(alias);
            if head.attribute(&alias.namespace).is_some_and(same) {
                head.set(&alias.namespace, gone.clone());
                touched.attributes.insert(alias.namespace.clone());
            }
        });
        if let Some(before) = before {
            self.compared(&before, number);
        }
        self.change_sides(number, |side| {
            side.aliases.remove(alias);
            if side.attributes.get(alias.namespace.as_str()).is_some_and(|a| same(&a.value)) {
                crate::profile::set(&mut side.attributes, &alias.namespace, gone.clone());
            }
        });
        self.forget_sides(number);
        let by = Holder { partition: self.here(), rank: head.rank };
        let to = home(alias, self.place.partitions);
        self.send(to, Hop::Freed { alias: alias.clone(), by });
        self.work.count("aliases.let-go", 1);
        self.settle(number, touched, Cause::Event, None);
    }

    /// At an alias's home: a profile does not use it any more. Whoever uses it beside it has it
    /// then, the strongest first.
    pub(super) fn freed(&mut self, alias: &Alias, by: Holder) {
        let key = Key::Alias(alias.clone());
        let Some(mut row) = self.work.alias(&key) else { return };
        let known = Arc::make_mut(&mut row);
        known.watchers.retain(|watcher| watcher.rank != by.rank);
        let held = known.holder.is_some_and(|holder| holder.rank == by.rank);
        let mut heir = None;
        if held {
            known.watchers.sort_unstable_by_key(|watcher| watcher.rank);
            heir = (!known.watchers.is_empty()).then(|| known.watchers.remove(0));
            known.holder = heir;
        }
        let suppression = known.suppression.clone();
        let empty = known.holder.is_none() && known.watchers.is_empty() && suppression.is_none();
        if empty {
            self.work.delete(key);
        } else {
            self.work.put(key, Row::Alias(row));
        }
        if let Some(to) = heir {
            // It asked once and was told no; nobody asks for this answer.
            let (alias, token) = (alias.clone(), 0);
            self.send(to.partition, Hop::Linked { to, token, alias, suppression, hops: 0 });
        }
    }
}
