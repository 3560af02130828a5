//! What was seen of events and attributes: names, types, how often, since when. Shapes only, never
//! a value.
//!
//! The same events in the same order always teach the same, and what two partitions learned can be
//! added up. Beyond its bounds it counts what it does not look at.

use super::Type;
use crate::device::CARRIED;
use crate::event::{Event, Properties};
use crate::limits;
use crate::prelude::*;
use crate::time::Timestamp;
use crate::value::Value;
use alloc::borrow::Cow;
use serde::{Deserialize, Serialize};

/// Everything that was learned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// Events by name.
    pub events: BTreeMap<String, Shape>,
    /// Attributes: what events set.
    pub attributes: Shape,
    /// Events whose name is not among those that are learned: there were too many names.
    pub beyond: u64,
    /// Paths in all shapes together.
    paths: usize,
}

/// What was learned of one kind of objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// How many there were.
    pub count: u64,
    /// How many of them were looked at.
    pub looked: u64,
    /// When the first was received.
    pub first: Timestamp,
    /// When the last was received.
    pub last: Timestamp,
    /// What they had in them, by path.
    pub traits: BTreeMap<String, Trait>,
    /// Values that lie deeper, or under more paths, than is learned.
    pub beyond: u64,
}

impl Default for Shape {
    fn default() -> Shape {
        // Both can be written as dates and read again, as `learned.json` has them.
        let (first, last) = (Timestamp(253_402_207_200_000), Timestamp(0));
        Shape { count: 0, looked: 0, first, last, traits: BTreeMap::new(), beyond: 0 }
    }
}

/// What was learned of one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trait {
    /// In how many of those that were looked at it was.
    pub present: u64,
    /// How often it was of which type.
    pub types: Types,
    /// When the first was received that had it.
    pub first: Timestamp,
    /// When the last was.
    pub last: Timestamp,
    /// The object in which it was seen last: one array of many items is one presence.
    #[serde(skip)]
    mark: u64,
}

/// How often there was which type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Types {
    /// `null`.
    pub null: u64,
    /// Truths.
    pub boolean: u64,
    /// Numbers.
    pub number: u64,
    /// Texts that look like a day or an instant.
    pub date: u64,
    /// Other texts.
    pub string: u64,
    /// Lists.
    pub array: u64,
    /// Objects.
    pub object: u64,
}

impl Types {
    fn add(&mut self, value: &Value) {
        let count = match value {
            Value::Null => &mut self.null,
            Value::Bool(_) => &mut self.boolean,
            Value::Number(_) => &mut self.number,
            Value::String(text) if looks_like_a_date(text) => &mut self.date,
            Value::String(_) => &mut self.string,
            Value::Array(_) => &mut self.array,
            Value::Object(_) => &mut self.object,
        };
        *count += 1;
    }

    fn merge(&mut self, other: &Types) {
        self.null += other.null;
        self.boolean += other.boolean;
        self.number += other.number;
        self.date += other.date;
        self.string += other.string;
        self.array += other.array;
        self.object += other.object;
    }

    /// The types that were there, the most frequent first. Dates among other texts are texts.
    pub fn seen(&self) -> Vec<(Type, u64)> {
        let (date, string) = match self.string {
            0 => (self.date, 0),
            more => (0, self.date + more),
        };
        let mut seen = vec![
            (Type::String, string),
            (Type::Number, self.number),
            (Type::Boolean, self.boolean),
            (Type::Date, date),
            (Type::Array, self.array),
            (Type::Object, self.object),
        ];
        seen.retain(|(_, count)| *count > 0);
        seen.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
        seen
    }
}

/// The shape of `2026-11-24…`: whether it is a day is nobody's question here.
fn looks_like_a_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes.len() <= 35
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && [0, 1, 2, 3, 5, 6, 8, 9].iter().all(|at| bytes[*at].is_ascii_digit())
}

/// Whether a name is more likely a value: an address, a number of an order. It is learned as `*`.
pub(super) fn is_a_value(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.len() > 64 || digits >= 5 || name.contains('@')
}

impl Learned {
    /// Learns from an event.
    pub fn learn(&mut self, event: &Event) {
        let at = event.received_at;
        // A device that travels along is none of the event's properties.
        let mut properties = Cow::Borrowed(&event.properties);
        if event.properties.contains_key(CARRIED) {
            properties.to_mut().remove(CARRIED);
        }
        let room = limits::LEARNED_ALL_MAX.saturating_sub(self.paths);
        let full = self.events.len() >= limits::LEARNED_EVENTS_MAX;
        match self.events.get_mut(&event.name) {
            Some(shape) => self.paths += shape.learn(&properties, at, room),
            None if !full => {
                let shape = self.events.entry(event.name.clone()).or_default();
                self.paths += shape.learn(&properties, at, room);
            }
            None => self.beyond += 1,
        }
        if !event.attributes.is_empty() {
            let room = limits::LEARNED_ALL_MAX.saturating_sub(self.paths);
            self.paths += self.attributes.learn(&event.attributes, at, room);
        }
    }

    /// Adds what another partition learned.
    pub fn merge(&mut self, other: &Learned) {
        for (name, shape) in &other.events {
            self.events.entry(name.clone()).or_default().merge(shape);
        }
        self.attributes.merge(&other.attributes);
        self.beyond += other.beyond;
    }
}

impl Shape {
    /// Learns from one object, with room for so many more paths. Says how many are new.
    fn learn(&mut self, fields: &Properties, at: Timestamp, room: usize) -> usize {
        self.count += 1;
        self.first = self.first.min(at);
        self.last = self.last.max(at);
        if self.count > limits::LEARNED_WHOLE && !self.count.is_multiple_of(limits::LEARNED_SAMPLE)
        {
            return 0;
        }
        self.looked += 1;
        let before = self.traits.len();
        let most = (before + room).min(limits::LEARNED_PATHS_MAX);
        let mut path = String::with_capacity(64);
        self.object(fields, &mut path, at, most, 1);
        self.traits.len() - before
    }

    fn object(
        &mut self,
        fields: &Properties,
        path: &mut String,
        at: Timestamp,
        most: usize,
        depth: usize,
    ) {
        let outer = path.len();
        for (name, value) in fields {
            if outer > 0 {
                path.push('.');
            }
            path.push_str(if is_a_value(name) { "*" } else { name });
            self.value(value, path, at, most, depth);
            path.truncate(outer);
        }
    }

    fn value(
        &mut self,
        value: &Value,
        path: &mut String,
        at: Timestamp,
        most: usize,
        depth: usize,
    ) {
        let mark = self.looked;
        if !self.traits.contains_key(path.as_str()) {
            if self.traits.len() >= most {
                self.beyond += 1;
                return;
            }
            let (types, mark) = (Types::default(), 0);
            let new = Trait { present: 0, types, first: at, last: at, mark };
            self.traits.insert(path.clone(), new);
        }
        let Some(known) = self.traits.get_mut(path.as_str()) else { return };
        if known.mark != mark {
            known.mark = mark;
            known.present += 1;
        }
        known.types.add(value);
        known.first = known.first.min(at);
        known.last = known.last.max(at);
        let inner = match value {
            Value::Object(fields) => !fields.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => return,
        };
        if !inner {
            return;
        }
        if depth >= limits::LEARNED_DEPTH_MAX {
            self.beyond += 1;
            return;
        }
        match value {
            Value::Object(fields) => self.object(fields, path, at, most, depth + 1),
            Value::Array(items) => {
                let outer = path.len();
                path.push_str("[]");
                for item in items.iter().take(limits::LEARNED_ITEMS_MAX) {
                    self.value(item, path, at, most, depth + 1);
                }
                path.truncate(outer);
            }
            _ => {}
        }
    }

    fn merge(&mut self, other: &Shape) {
        self.count += other.count;
        self.looked += other.looked;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.beyond += other.beyond;
        for (path, new) in &other.traits {
            match self.traits.get_mut(path) {
                Some(known) => {
                    known.present += new.present;
                    known.types.merge(&new.types);
                    known.first = known.first.min(new.first);
                    known.last = known.last.max(new.last);
                }
                None => {
                    self.traits.insert(path.clone(), new.clone());
                }
            }
        }
    }

    /// The definition that says what was seen, for a person to review. What is there in every
    /// object that was looked at is required, where that can be asked for.
    pub fn source(&self, require: Require) -> super::Source {
        let mut properties = BTreeMap::new();
        for (path, seen) in self.traits.iter().filter(|(path, _)| !path.contains('*')) {
            let types: Vec<Type> =
                seen.types.seen().into_iter().map(|(wanted, _)| wanted).collect();
            let types = if types.is_empty() { vec![Type::Any] } else { types };
            let always = seen.present == self.looked && seen.types.null == 0;
            let whole = !path.contains(['.', '[']);
            properties.insert(
                path.clone(),
                super::PropertySource {
                    types: super::Types(types),
                    required: always && whole && require == Require::Always,
                    ..super::PropertySource::default()
                },
            );
        }
        super::Source { properties, open: true, ..super::Source::default() }
    }
}

/// Whether what was always there is required by a definition that is written from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Require {
    /// Yes: an event is a whole.
    Always,
    /// No: an event sets some attributes.
    Never,
}
