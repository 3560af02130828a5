//! Of profiles that became one each is kept by itself as well: its names, and what it said of
//! attributes. So every row of the one that remains has an origin, and a merge can be taken back.
//!
//! A profile that absorbs nobody has no sides and pays nothing for them.

use super::Found;
use super::converse::Question;
use crate::decide::Decider;
use crate::event::Properties;
use crate::ids::{EventId, Number, ProfileId};
use crate::input::Hop;
use crate::limits;
use crate::prelude::*;
use crate::profile::{Alias, Attribute, Attributes, Head};
use crate::state::{Holder, Key, Row, Rows};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One of the profiles that became one: what is known of it alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Which profile took it in; none if it is the one that remains.
    pub into: Option<ProfileId>,
    /// When it was first seen.
    pub created: Timestamp,
    /// The names that lead to it.
    pub aliases: BTreeSet<Alias>,
    /// What it said of itself.
    #[serde(deserialize_with = "crate::profile::sorted")]
    pub attributes: Attributes,
}

impl Side {
    fn of(head: &Head) -> Side {
        Side {
            into: None,
            created: head.created,
            aliases: head.aliases.clone(),
            attributes: head.attributes.clone(),
        }
    }

    /// Sets an attribute unless a later fact is known, or there is no room.
    fn set(&mut self, name: &str, attribute: Attribute) {
        let full = self.attributes.len() >= limits::ATTRIBUTES_MAX;
        if !full || self.attributes.contains_key(name) {
            crate::profile::set(&mut self.attributes, name, attribute);
        }
    }
}

/// The sides of a profile by the profiles that they were.
pub type Sides = BTreeMap<ProfileId, Arc<Side>>;

/// To which of the sides a fact belongs that was reported under these names: to the only one that
/// knows any of them. One that names several is about the one that remains, and so is one that
/// names none.
pub fn origin(sides: &Sides, remains: ProfileId, aliases: &[Alias]) -> ProfileId {
    let knows = |side: &Side| aliases.iter().any(|alias| side.aliases.contains(alias));
    let mut known = sides.iter().filter(|(_, side)| knows(side)).map(|(id, _)| *id);
    match (known.next(), known.next()) {
        (Some(only), None) => only,
        _ => remains,
    }
}

/// Who absorbed somebody has a second name, or waits for it: for all others nothing is looked up.
fn may_have_sides(head: &Head) -> bool {
    head.aliases.len() + head.pending.len() > 1
}

impl<R: Rows> Decider<'_, R> {
    /// The sides of a profile; of one that absorbed nobody none.
    pub(crate) fn sides(&self, number: Number, head: &Head) -> Sides {
        if !may_have_sides(head) {
            return Sides::new();
        }
        let rows = self.work.range(&Key::sides(number), limits::SIDES_MAX);
        rows.into_iter()
            .filter_map(|(key, row)| match (key, row) {
                (Key::Side(_, id), Row::Side(side)) => Some((id, side)),
                _ => None,
            })
            .collect()
    }

    /// To which of the profiles that became this one a fact belongs that was reported under these
    /// names. Those that are new come to lead there, and so do addresses that it says.
    pub(crate) fn origin_of(
        &mut self,
        number: Number,
        aliases: &[Alias],
        addresses: &[Alias],
    ) -> ProfileId {
        let Some(head) = self.head(number) else { return ProfileId(0) };
        let sides = self.sides(number, &head);
        let found = origin(&sides, head.id(), aliases);
        let new = |alias: &&Alias| !sides.values().any(|side| side.aliases.contains(*alias));
        let new: Vec<&Alias> = aliases.iter().chain(addresses).filter(new).collect();
        if let Some(side) = sides.get(&found).filter(|_| !new.is_empty()) {
            let mut side = side.clone();
            let room = limits::ALIASES_MAX.saturating_sub(side.aliases.len());
            Arc::make_mut(&mut side).aliases.extend(new.into_iter().take(room).cloned());
            self.work.put(Key::Side(number, found), Row::Side(side));
        }
        found
    }

    /// What was said of attributes belongs to one side.
    pub(crate) fn side_sets(
        &mut self,
        number: Number,
        origin: ProfileId,
        facts: &Properties,
        (at, event): (Timestamp, EventId),
    ) {
        let key = Key::Side(number, origin);
        let several = self.head(number).is_some_and(|head| may_have_sides(&head));
        let Some(Row::Side(mut side)) = several.then(|| self.work.get(&key)).flatten() else {
            return;
        };
        for (name, value) in facts {
            let attribute = Attribute { value: value.clone(), at, event };
            Arc::make_mut(&mut side).set(name, attribute);
        }
        self.work.put(key, Row::Side(side));
    }

    /// Attributes were put right: under whichever name that was said, no side goes on saying what
    /// was wrong.
    pub(crate) fn sides_rectified(
        &mut self,
        number: Number,
        facts: &Properties,
        (at, event): (Timestamp, EventId),
    ) {
        let schema = self.catalog.schemas.attributes().cloned();
        self.change_sides(number, |side| {
            // What it says under an old name is meant as well.
            if let Some(schema) = schema.as_ref().filter(|schema| schema.root.maps) {
                crate::schema::rename(schema, &mut side.attributes);
            }
            for (name, value) in facts {
                if side.attributes.contains_key(name) {
                    side.set(name, Attribute { value: value.clone(), at, event });
                }
            }
        });
    }

    /// Of who has one name left nobody can be parted: there would be no name to know them by.
    pub(super) fn forget_sides(&mut self, number: Number) {
        if self.head(number).is_some_and(|head| may_have_sides(&head)) {
            return;
        }
        for (key, _) in self.work.range(&Key::sides(number), usize::MAX) {
            self.work.delete(key);
        }
    }

    /// Changes every side of a profile that a change touches.
    pub(crate) fn change_sides(&mut self, number: Number, change: impl Fn(&mut Side)) {
        for (key, row) in self.work.range(&Key::sides(number), limits::SIDES_MAX) {
            let Row::Side(before) = row else { continue };
            let mut after = Side::clone(&before);
            change(&mut after);
            if after != *before {
                self.work.put(key, Row::Side(Arc::new(after)));
            }
        }
    }

    /// An absorbed profile ships what it was, with all that it had absorbed.
    pub(super) fn ship_sides(&mut self, number: Number, head: &Head, question: &Question) {
        let to = question.v;
        let mut rows: BTreeMap<ProfileId, Side> = BTreeMap::new();
        for (key, row) in self.work.range(&Key::sides(number), usize::MAX) {
            if let (Key::Side(_, id), Row::Side(side)) = (&key, row) {
                rows.insert(*id, Side::clone(&side));
            }
            self.work.delete(key);
        }
        rows.entry(head.id()).or_insert_with(|| Side::of(head)).into = Some(to.rank.id);
        // Each may be as large as a head.
        for (id, side) in rows {
            let side = Box::new(side);
            self.send(to.partition, Hop::SideOf { to, id, side, hops: 0 });
        }
    }

    /// What an absorbed profile was. Before the first the one that remains is kept as it is.
    pub(super) fn take_side(&mut self, to: Holder, id: ProfileId, side: Box<Side>, hops: u8) {
        let (number, head) = match self.find(to.rank.id) {
            Found::Here(number, head) => (number, head),
            Found::Moved(to) => {
                self.forward(to, hops, |hops| Hop::SideOf { to, id, side, hops });
                return;
            }
            Found::Erased(_) => return, // it goes the same way
            Found::Nobody => {
                self.quarantine("absorb", format!("{} is not here", to.rank.id));
                return;
            }
        };
        let own = Key::Side(number, head.id());
        if !self.work.has(&own) {
            self.work.put(own, Row::Side(Arc::new(Side::of(&head))));
        }
        let kept = self.work.range(&Key::sides(number), limits::SIDES_MAX).len();
        if kept >= limits::SIDES_MAX {
            let text = format!(
                "{id} is a part of it now; more than {} cannot be told apart",
                limits::SIDES_MAX
            );
            self.note("too-many-sides", Some(head.id()), text);
            return;
        }
        // A name that an event of another side brought was this one's all the while: the event was
        // what made them one. Names that several may have lead to neither.
        let catalog = self.catalog.clone();
        let own = |alias: &Alias| {
            side.aliases.contains(alias) && !catalog.namespaces.is_shared(&alias.namespace)
        };
        self.change_sides(number, |other| other.aliases.retain(|alias| !own(alias)));
        self.work.put(Key::Side(number, id), Row::Side(Arc::from(side)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(text: &str) -> Alias {
        let (namespace, value) = text.split_once(':').unwrap();
        Alias { namespace: namespace.into(), value: value.into() }
    }

    fn check(named: &str, expected: u128) {
        let side = |names: &str| {
            let aliases = names.split(' ').map(alias).collect();
            Arc::new(Side { aliases, ..Side::default() })
        };
        let sides = Sides::from([
            (ProfileId(1), side("user_id:7 email:a@b")),
            (ProfileId(2), side("anonymous_id:x")),
            (ProfileId(3), side("anonymous_id:y phone:1")),
        ]);
        let named: Vec<Alias> =
            named.split(' ').filter(|name| !name.is_empty()).map(alias).collect();
        assert_eq!(origin(&sides, ProfileId(1), &named), ProfileId(expected), "{named:?}");
        assert_eq!(origin(&Sides::new(), ProfileId(1), &named), ProfileId(1));
    }

    #[test]
    fn a_fact_belongs_to_the_only_side_that_its_names_lead_to() {
        check("user_id:7", 1);
        check("anonymous_id:x", 2);
        check("anonymous_id:y anonymous_id:new", 3);
        check("user_id:7 anonymous_id:x", 1);
        check("anonymous_id:x anonymous_id:y", 1);
        check("anonymous_id:new", 1);
        check("", 1);
    }
}
