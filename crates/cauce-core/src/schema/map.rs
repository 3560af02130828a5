//! Old names become new ones, and values are cast where nothing is lost. Mapping what was mapped
//! changes nothing, so that history reads as what is live does.

use super::source;
use super::{Node, Schema, Type};
use crate::event::{Event, Properties};
use crate::prelude::*;
use crate::profile::Attributes;
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// Maps an object by what is written down of it.
pub(crate) fn map(node: &Node, fields: &mut Properties) {
    for (name, child) in node.children.iter().filter(|(_, child)| child.maps) {
        // With both names there it is not said which one is meant: a locked schema names it.
        let old = child.was.iter().find(|old| fields.contains_key(*old));
        if let Some(old) = old.filter(|_| !fields.contains_key(name))
            && let Some(value) = fields.remove(old)
        {
            fields.insert(name.clone(), value);
        }
        if let Some(value) = fields.get_mut(name) {
            map_value(child, value);
        }
    }
}

fn map_value(node: &Node, value: &mut Value) {
    if node.cast
        && !node.types.iter().any(|wanted| wanted.fits(value))
        && let Some(cast) = node.types.iter().find_map(|wanted| cast(value, *wanted))
    {
        *value = cast;
    }
    match value {
        Value::Object(fields) => map(node, fields),
        Value::Array(items) => {
            if let Some(item) = node.items.as_deref().filter(|item| item.maps) {
                items.iter_mut().for_each(|value| map_value(item, value));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A value as another type, if it says the same in it.
fn cast(value: &Value, wanted: Type) -> Option<Value> {
    match (wanted, value) {
        (Type::Number, Value::String(text)) => text.trim().parse().ok().map(Value::Number),
        (Type::Boolean, Value::String(text)) => match text.trim() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        (Type::String, Value::Number(number)) => Some(Value::String(number.to_string())),
        (Type::String, Value::Bool(truth)) => Some(Value::String(truth.to_string())),
        _ => None,
    }
}

/// What is mended in events before they are tried again, once, beyond what the schema in force
/// maps. Paths begin with `properties.` or `attributes.`, as faults do; without either, properties
/// are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fix {
    /// New names by path: `properties.amount` → `total`.
    pub rename: BTreeMap<String, String>,
    /// Types by path into which a value is turned where nothing is lost.
    pub cast: BTreeMap<String, Type>,
    /// Paths that are left out.
    pub remove: BTreeSet<String>,
    /// Whether they may start journeys and send, as they would have when they came. Else they
    /// count, and nothing more.
    pub live: bool,
}

impl Fix {
    /// Paths in it that cannot be read.
    pub fn unreadable(&self) -> impl Iterator<Item = &str> {
        let paths = self.rename.keys().chain(self.cast.keys()).chain(&self.remove);
        paths.map(String::as_str).filter(|path| source::path(place(path).1).is_none())
    }

    /// Mends an event.
    pub fn apply(&self, event: &mut Event) {
        for path in &self.remove {
            at(event, path, &mut |fields, name| drop(fields.remove(name)));
        }
        for (path, new) in &self.rename {
            at(event, path, &mut |fields, name| {
                if !fields.contains_key(new)
                    && let Some(value) = fields.remove(name)
                {
                    fields.insert(new.clone(), value);
                }
            });
        }
        for (path, wanted) in &self.cast {
            at(event, path, &mut |fields, name| {
                if let Some(value) = fields.get_mut(name)
                    && !wanted.fits(value)
                    && let Some(cast) = cast(value, *wanted)
                {
                    *value = cast;
                }
            });
        }
        if !self.live {
            event.historical = true;
        }
    }
}

/// Whether a path is about attributes, and the rest of it.
fn place(path: &str) -> (bool, &str) {
    match path.strip_prefix("attributes.") {
        Some(rest) => (true, rest),
        None => (false, path.strip_prefix("properties.").unwrap_or(path)),
    }
}

type Mend<'m> = &'m mut dyn FnMut(&mut Properties, &str);

fn at(event: &mut Event, path: &str, mend: Mend<'_>) {
    let (about_attributes, rest) = place(path);
    let Some(names) = source::path(rest) else { return };
    let fields = if about_attributes { &mut event.attributes } else { &mut event.properties };
    within(fields, &names, mend);
}

fn within(fields: &mut Properties, names: &[&str], mend: Mend<'_>) {
    match names {
        [] => {}
        [name] => mend(fields, name),
        [name, rest @ ..] => {
            if let Some(value) = fields.get_mut(*name) {
                inside(value, rest, mend);
            }
        }
    }
}

fn inside(value: &mut Value, names: &[&str], mend: Mend<'_>) {
    match (value, names) {
        (Value::Array(items), [source::ITEMS, rest @ ..]) => {
            items.iter_mut().for_each(|item| inside(item, rest, mend));
        }
        (Value::Object(fields), names) => within(fields, names, mend),
        _ => {}
    }
}

/// Takes facts about attributes from old names to the new ones; of two the later one holds.
pub(crate) fn rename(schema: &Schema, attributes: &mut Attributes) {
    for (name, child) in schema.root.children.iter().filter(|(_, child)| child.maps) {
        for old in &child.was {
            if let Some(fact) = attributes.remove(old.as_str()) {
                crate::profile::set(attributes, name, fact);
            }
        }
        if let Some(fact) = attributes.get_mut(name.as_str()) {
            map_value(child, &mut fact.value);
        }
    }
}

impl<R: crate::state::Rows> crate::decide::Decider<'_, R> {
    /// Takes what a profile has under old names of attributes to the new ones; of two facts the
    /// later one holds, as ever.
    pub(crate) fn rename_attributes(&mut self, number: crate::ids::Number) {
        let Some(schema) = self.catalog.schemas.attributes().cloned() else { return };
        if !schema.root.maps {
            return;
        }
        let Some(head) = self.head(number) else { return };
        let mut after = crate::profile::Head::clone(&head);
        rename(&schema, &mut after.attributes);
        if after != *head {
            self.change_head(number, |head| *head = after);
        }
    }
}
