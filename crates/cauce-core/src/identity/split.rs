//! What a merge would come to if it were taken back: which names, attributes, words about consent
//! and events would be whose. Nothing is changed; what cannot be told is said.

use super::side::{Side, Sides};
use crate::consent::{InForce, MERGED, Statement, in_force};
use crate::ids::ProfileId;
use crate::message::Channel;
use crate::prelude::*;
use crate::profile::{Alias, Attributes, ConsentState, Head};
use crate::schema::Schema;
use crate::state::{Key, Row};
use crate::time::Timestamp;
use core::fmt;

/// Why two cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsplit {
    /// It is the profile that remains; those that it absorbed can be taken out of it.
    Remains,
    /// It never became a part of this profile.
    Apart,
    /// They became one before it was kept what each was.
    Old,
}

impl fmt::Display for Unsplit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unsplit::Remains => "it is the profile that remains: name one that it absorbed",
            Unsplit::Apart => "it never became a part of this profile",
            Unsplit::Old => "they became one before it was kept what each of them was",
        })
    }
}

/// One of the two that a profile would become.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Half {
    /// The profiles that it is made of.
    pub of: BTreeSet<ProfileId>,
    /// When it was first seen.
    pub created: Timestamp,
    /// Its names.
    pub aliases: BTreeSet<Alias>,
    /// What it said of itself.
    pub attributes: Attributes,
    /// What it said about being written to, as it would be in force.
    pub consents: InForce,
    /// Its events, by name.
    pub events: BTreeMap<String, u64>,
    statements: Vec<Statement>,
}

/// Something that is not known to belong to either of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unclear {
    /// A name that no side brought: it stays.
    Alias(Alias),
    /// An attribute that no side set: it stays.
    Attribute(String),
    /// A no that was said while the two were one, by who remains or through a link: it would count
    /// for both.
    Withdrawn(String, Option<Channel>),
    /// Consent from before there was evidence: it stays.
    Consent(String, Option<Channel>),
}

fn about(topic: &str, channel: Option<Channel>) -> String {
    match channel {
        Some(channel) => format!("`{topic}` by {}", channel.as_str()),
        None => format!("`{topic}`"),
    }
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unclear::Alias(alias) => write!(f, "{alias} came later and by neither: it stays"),
            Unclear::Attribute(name) => write!(f, "`{name}` was set by neither: it stays"),
            Unclear::Withdrawn(topic, channel) => {
                let about = about(topic, *channel);
                write!(f, "the no to {about} was said while they were one: it counts for both")
            }
            Unclear::Consent(topic, channel) => {
                let about = about(topic, *channel);
                write!(f, "what was said about {about} has no evidence: it stays")
            }
        }
    }
}

/// What a profile would fall into.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split {
    /// What would leave.
    pub away: Half,
    /// What would remain.
    pub stays: Half,
    /// What is not known to belong to either.
    pub unclear: BTreeSet<Unclear>,
}

/// Takes a profile's rows one by one, and tells whose each is.
#[derive(Clone, Debug)]
pub struct Splitter<'s> {
    sides: &'s Sides,
    away: BTreeSet<ProfileId>,
    since: Timestamp,
    split: Split,
    merged: Vec<Statement>,
}

/// Which of the two something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// That of the one that would leave.
    Away,
    /// That of the one that would remain.
    Stays,
}

impl<'s> Splitter<'s> {
    /// Begins to take a profile and all that it had absorbed out of the one that remains. `since`
    /// is when they became one, if that is known.
    pub fn new(
        head: &Head,
        sides: &'s Sides,
        out: ProfileId,
        since: Option<Timestamp>,
    ) -> Result<Splitter<'s>, Unsplit> {
        if out == head.id() {
            return Err(Unsplit::Remains);
        }
        let Some(since) = since else { return Err(Unsplit::Apart) };
        if !sides.contains_key(&out) {
            return Err(Unsplit::Old);
        }
        let away = sides.keys().copied().filter(|id| leads_to(sides, *id, out)).collect();
        Ok(Splitter { sides, away, since, split: Split::default(), merged: Vec::new() })
    }

    /// Whose a fact of this origin is.
    pub fn whose(&self, origin: ProfileId) -> Whose {
        if self.away.contains(&origin) { Whose::Away } else { Whose::Stays }
    }

    fn half(&mut self, whose: Whose) -> &mut Half {
        match whose {
            Whose::Away => &mut self.split.away,
            Whose::Stays => &mut self.split.stays,
        }
    }

    /// Takes a row of the timeline.
    pub fn take(&mut self, key: &Key, row: &Row) {
        let (Key::Timeline(_, name, ..), Row::Timeline(happening)) = (key, row) else { return };
        let whose = self.whose(happening.origin);
        let Some(statement) = Statement::read(key, row) else {
            *self.half(whose).events.entry(name.clone()).or_default() += 1;
            return;
        };
        // What nobody said: two that part again have no stricter word between them.
        if statement.consent.fact.source == MERGED {
            self.merged.push(statement);
            return;
        }
        *self.half(whose).events.entry(name.clone()).or_default() += 1;
        let fact = &statement.consent.fact;
        let of_both = fact.state == ConsentState::Withdrawn
            && whose == Whose::Stays
            && happening.received_at >= self.since;
        if of_both {
            let unclear = Unclear::Withdrawn(fact.topic.clone(), fact.channel);
            self.split.unclear.insert(unclear);
            self.split.away.statements.push(statement.clone());
        }
        self.half(whose).statements.push(statement);
    }

    /// What comes of it, once all rows were taken. Names of attributes are those of today.
    pub fn done(mut self, head: &Head, schema: Option<&Schema>) -> Split {
        for (id, side) in self.sides {
            let whose = self.whose(*id);
            self.half(whose).lay(*id, side, schema);
        }
        let Splitter { mut split, merged, .. } = self;
        // Several that remain one keep what was said for them when they became one.
        for half in [&mut split.away, &mut split.stays] {
            if half.of.len() > 1 {
                half.statements.extend(merged.iter().cloned());
            }
            half.consents = in_force(&half.statements);
            half.aliases.retain(|alias| head.aliases.contains(alias));
        }
        for alias in &head.aliases {
            if !split.away.aliases.contains(alias) && split.stays.aliases.insert(alias.clone()) {
                split.unclear.insert(Unclear::Alias(alias.clone()));
            }
        }
        for (name, attribute) in &head.attributes {
            let known = |half: &Half| half.attributes.contains_key(name);
            if !known(&split.away) && !known(&split.stays) {
                split.stays.attributes.insert(name.clone(), attribute.clone());
                split.unclear.insert(Unclear::Attribute(name.clone()));
            }
        }
        for (about, consent) in &head.consents {
            let known = |half: &Half| half.consents.contains_key(about);
            if !known(&split.away) && !known(&split.stays) {
                split.stays.consents.insert(about.clone(), consent.clone());
                split.unclear.insert(Unclear::Consent(about.0.clone(), about.1));
            }
        }
        split
    }
}

impl Half {
    fn lay(&mut self, id: ProfileId, side: &Side, schema: Option<&Schema>) {
        self.created = match self.of.is_empty() {
            true => side.created,
            false => self.created.min(side.created),
        };
        self.of.insert(id);
        self.aliases.extend(side.aliases.iter().cloned());
        let mut attributes = side.attributes.clone();
        if let Some(schema) = schema {
            crate::schema::rename(schema, &mut attributes);
        }
        for (name, attribute) in attributes {
            crate::profile::set(&mut self.attributes, &name, attribute);
        }
    }
}

/// Whether a side was taken in by another one, directly or through others.
fn leads_to(sides: &Sides, mut id: ProfileId, out: ProfileId) -> bool {
    for _ in 0..=sides.len() {
        if id == out {
            return true;
        }
        match sides.get(&id).and_then(|side| side.into) {
            Some(into) => id = into,
            None => return false,
        }
    }
    false
}
