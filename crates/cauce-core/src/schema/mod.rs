//! What events and attributes look like: what a person wrote down of it, whether something fits,
//! and what waits in quarantine because it does not.
//!
//! A schema is found under every name that its event ever had. What comes in is first *mapped* (old
//! names become new ones, what was sent in another type is cast) and then *fitted*: of a locked
//! schema every fault is named and the event waits, whole, until somebody mends it.

mod check;
mod fit;
mod learn;
mod map;
mod source;
mod unfit;
mod unlearned;
mod uses;

pub(crate) use check::check;
pub use fit::{Fault, FaultCode};
pub use learn::{Learned, Require, Shape, Trait, Types as SeenTypes};
pub use map::Fix;
pub(crate) use map::rename;
pub use source::{PropertySource, Source, State, Type, Types};
pub use unfit::{SAID, Unfit, UnfitAt, WAITING};
pub use unlearned::{Names, unlearned};
pub use uses::{Of, Use, uses};

use crate::event::{Event, Properties};
use crate::prelude::*;
use alloc::borrow::Cow;

/// The key of the one schema that is about attributes.
pub const ATTRIBUTES: &str = "attributes";

/// One place of a schema and what lies below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// The types that are fine; empty: any.
    pub types: Vec<Type>,
    /// Whether it must be there.
    pub required: bool,
    /// Whether a value of another type is turned into the wanted one where nothing is lost.
    pub cast: bool,
    /// Old names.
    pub was: Vec<String>,
    /// What lies in an object, by name.
    pub children: BTreeMap<String, Node>,
    /// What lies in an array.
    pub items: Option<Box<Node>>,
    /// Whether mapping has anything to do here or below.
    pub maps: bool,
}

/// A schema in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// The key of its definition.
    pub key: String,
    /// The event's name; absent: it is about attributes.
    pub event: Option<String>,
    /// The event's old names.
    pub was: Vec<String>,
    /// Whether what does not fit waits in quarantine.
    pub locked: bool,
    /// Whether other names than those that are written down are fine.
    pub open: bool,
    /// What is written down, as a tree.
    pub root: Node,
}

impl Schema {
    /// Reads a definition. Faults were refused before it was published: a path that cannot be read
    /// is left out.
    pub fn new(key: &str, source: &Source) -> Schema {
        let mut root = Node::default();
        for (path, property) in &source.properties {
            if let Some(names) = source::path(path) {
                let node = names.iter().fold(&mut root, |node, name| node.below(name));
                node.types = property.types.0.iter().copied().filter(|t| *t != Type::Any).collect();
                node.required = property.required;
                node.cast = property.cast;
                node.was.clone_from(&property.was);
            }
        }
        root.mark();
        Schema {
            key: key.to_owned(),
            event: source.event_of(key).map(str::to_owned),
            was: source.was.clone(),
            locked: source.state == State::Locked,
            open: source.open,
            root,
        }
    }

    /// What mapping does, as a text: another text means that history is read differently.
    pub fn mapping(&self) -> String {
        let mut out = String::new();
        if !self.was.is_empty() {
            out.push_str(&format!("{:?}", self.was));
        }
        self.root.mapping("", &mut out);
        out
    }
}

impl Node {
    fn below(&mut self, name: &str) -> &mut Node {
        if name == source::ITEMS {
            return self.items.get_or_insert_default();
        }
        self.children.entry(name.to_owned()).or_default()
    }

    fn mark(&mut self) -> bool {
        let mut maps = self.cast || !self.was.is_empty();
        for child in self.children.values_mut().chain(self.items.as_deref_mut()) {
            maps |= child.mark();
        }
        self.maps = maps;
        maps
    }

    fn mapping(&self, path: &str, out: &mut String) {
        if !self.was.is_empty() || self.cast {
            let cast: &[Type] = if self.cast { &self.types } else { &[] };
            out.push_str(&format!(" {path} {:?} {cast:?}", self.was));
        }
        for (name, child) in &self.children {
            child.mapping(&format!("{path}.{name}"), out);
        }
        if let Some(items) = &self.items {
            items.mapping(&format!("{path}[]"), out);
        }
    }
}

/// All schemas in force, by every name under which something comes in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schemas {
    by_name: BTreeMap<String, Arc<Schema>>,
    attributes: Option<Arc<Schema>>,
}

impl Schemas {
    /// Puts a schema in.
    pub fn add(&mut self, schema: Schema) {
        let schema = Arc::new(schema);
        match &schema.event {
            None => self.attributes = Some(schema),
            Some(event) => {
                for name in schema.was.iter().chain([event]) {
                    self.by_name.insert(name.clone(), schema.clone());
                }
            }
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty() && self.attributes.is_none()
    }

    /// The schema of an event, by its name or an old one.
    pub fn event(&self, name: &str) -> Option<&Arc<Schema>> {
        self.by_name.get(name)
    }

    /// The schema of attributes.
    pub fn attributes(&self) -> Option<&Arc<Schema>> {
        self.attributes.as_ref()
    }

    /// Old names under which events of this name are stored.
    pub fn was(&self, event: &str) -> &[String] {
        self.event(event).map_or(&[], |schema| &schema.was)
    }

    /// The name that counts.
    pub fn name<'n>(&'n self, event: &'n str) -> &'n str {
        self.event(event).and_then(|schema| schema.event.as_deref()).unwrap_or(event)
    }

    /// Stored properties as they are read today.
    pub fn read(&self, event: &str, properties: &mut Properties) {
        if let Some(schema) = self.event(event)
            && schema.root.maps
        {
            map::map(&schema.root, properties);
        }
    }

    /// How stored events of a name are read: part of what a segment's build stands for.
    pub fn mapping(&self, event: &str) -> String {
        self.event(event).map(|schema| schema.mapping()).unwrap_or_default()
    }

    /// How stored attributes are read.
    pub fn attribute_mapping(&self) -> String {
        self.attributes.as_ref().map(|schema| schema.mapping()).unwrap_or_default()
    }

    /// An event under the names that count, with its values cast.
    pub fn map<'e>(&self, event: &'e Event) -> Cow<'e, Event> {
        let mut mapped = Cow::Borrowed(event);
        if let Some(schema) = self.event(&event.name) {
            if let Some(name) = schema.event.as_ref().filter(|name| **name != event.name) {
                mapped.to_mut().name.clone_from(name);
            }
            if schema.root.maps {
                map::map(&schema.root, &mut mapped.to_mut().properties);
            }
        }
        if let Some(schema) = self.attributes.as_ref().filter(|schema| schema.root.maps)
            && !event.attributes.is_empty()
        {
            map::map(&schema.root, &mut mapped.to_mut().attributes);
        }
        mapped
    }

    /// An event as it counts, or every fault that keeps it from counting.
    pub fn fit<'e>(&self, event: &'e Event) -> Result<Cow<'e, Event>, Vec<Fault>> {
        if self.is_empty() {
            return Ok(Cow::Borrowed(event));
        }
        let fitted = self.map(event);
        let mut faults = Vec::new();
        if let Some(schema) = self.event(&event.name).filter(|schema| schema.locked) {
            fit::fit(schema, &fitted.properties, "properties", &mut faults);
        }
        if let Some(schema) = self.attributes.as_ref().filter(|schema| schema.locked) {
            fit::fit(schema, &fitted.attributes, "attributes", &mut faults);
        }
        if faults.is_empty() { Ok(fitted) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests;
