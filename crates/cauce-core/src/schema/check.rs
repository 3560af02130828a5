//! Whether schemas can be meant, and whom a change of them concerns.

use super::source::{self, Source};
use super::uses::{Of, Use, uses};
use super::{Schema, State, Type};
use crate::diagnostic::{Diagnostic, nearest};
use crate::limits;
use crate::prelude::*;
use crate::publish::{Body, Book, Kind, Name};

/// Checks all schemas of a world, and those that change against what uses their events.
pub(crate) fn check(
    world: &BTreeMap<Name, Body>,
    book: &Book,
    changes: &[(Name, Option<Body>)],
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let schemas = world.iter().filter_map(|((_, key), body)| match body {
        Body::Schema(source) => Some((key, source)),
        _ => None,
    });
    let schemas: Vec<(&String, &Source)> = schemas.collect();
    for (key, source) in &schemas {
        one(key, source, &mut found);
        for name in source.event_of(key).into_iter().chain(source.was.iter().map(String::as_str)) {
            if let Some(other) = names.insert(name.to_owned(), (*key).clone()) {
                let message = format!("`{name}` is in the schema `{other}` already");
                let fault = Diagnostic::error(format!("schema/{key}"), "name-taken", message);
                found.push(fault.hint("an event has one schema, and an old name one new one"));
            }
        }
    }
    let about = changes.iter().any(|((kind, _), _)| *kind == Kind::Schema);
    if schemas.is_empty() && !about {
        return found;
    }
    let uses = uses(world);
    for (key, source) in &schemas {
        old_names(key, source, &uses, &mut found);
    }
    for ((kind, key), body) in changes {
        let before = match book.get(Kind::Schema, key).map(|revision| &revision.body) {
            Some(Body::Schema(before)) => Some(before),
            _ => None,
        };
        match body {
            Some(Body::Schema(after)) => concerned(key, before, after, &uses, &mut found),
            None if *kind == Kind::Schema => {
                let Some(before) = before else { continue };
                let used = used_by(&uses, before.event_of(key), None);
                let what = "nothing is refused or mapped any more";
                warn(&format!("schema/{key}"), "schema-removed", what, &used, &mut found);
            }
            _ => {}
        }
    }
    found
}

fn one(key: &str, source: &Source, found: &mut Vec<Diagnostic>) {
    let at = format!("schema/{key}");
    let about_attributes = source.event_of(key).is_none();
    if source.properties.len() > limits::SCHEMA_PROPERTIES_MAX {
        let message = format!("has more than {} properties", limits::SCHEMA_PROPERTIES_MAX);
        found.push(Diagnostic::error(format!("{at}.properties"), "too-many", message));
    }
    if source.event_of(key) == Some(crate::consent::STATED) {
        let message = "what people said about consent has no schema: it is never refused";
        found.push(Diagnostic::error(at.clone(), "evidence-kept", message));
    }
    if about_attributes && !source.was.is_empty() {
        let message = "attributes have no name as a whole";
        let fault = Diagnostic::error(format!("{at}.was"), "no-event", message);
        found.push(fault.hint("say `was` below the attribute"));
    }
    for name in source.event.iter().chain(&source.was) {
        if name.is_empty() || name.len() > limits::NAME_BYTES_MAX {
            let message = format!("`{name}` cannot be an event's name");
            found.push(Diagnostic::error(format!("{at}.event"), "bad-name", message));
        }
    }
    if source.properties.is_empty() && !source.open {
        let message = "is closed and has no properties: every event with one would be refused";
        found.push(Diagnostic::warning(at.clone(), "closed-empty", message));
    }
    for (path, property) in &source.properties {
        let place = format!("{at}.properties.{path}");
        let Some(names) = source::path(path) else {
            let message = format!("`{path}` is no path");
            let fault = Diagnostic::error(place, "bad-path", message);
            found.push(fault.hint("write `total`, `address.city` or `items[].sku`"));
            continue;
        };
        let types = &property.types.0;
        if property.required && about_attributes && names.len() == 1 {
            let message = "an event sets some attributes: none can be required";
            let fault = Diagnostic::error(place.clone(), "required-attribute", message);
            found.push(fault.hint("leave `required` out"));
        }
        if property.required && names.last() == Some(&source::ITEMS) {
            let message = "items are as many as there are";
            found.push(Diagnostic::error(place.clone(), "required-item", message));
        }
        let castable = [Type::Number, Type::Boolean, Type::String];
        if property.cast && !types.iter().any(|wanted| castable.contains(wanted)) {
            let message = "nothing is cast to this type";
            let fault = Diagnostic::error(format!("{place}.cast"), "no-cast", message);
            found.push(fault.hint("number, boolean and string can be cast to"));
        }
        within(path, &names, source, &place, found);
        renamed(path, &property.was, source, &place, found);
    }
}

/// What lies inside of something that is written down lies in an object or a list.
fn within(path: &str, names: &[&str], source: &Source, place: &str, found: &mut Vec<Diagnostic>) {
    let Some((last, outer)) = names.split_last() else { return };
    if outer.is_empty() {
        return;
    }
    let mut holder = String::new();
    for name in outer {
        if *name != source::ITEMS && !holder.is_empty() {
            holder.push('.');
        }
        holder.push_str(name);
    }
    let wanted = if *last == source::ITEMS { Type::Array } else { Type::Object };
    let Some(known) = source.properties.get(&holder) else { return };
    if !known.types.0.iter().any(|found| [wanted, Type::Any].contains(found)) {
        let message = format!("`{path}` lies in `{holder}`, which is no {wanted}");
        let fault = Diagnostic::error(place.to_owned(), "not-inside", message);
        found.push(fault.hint(format!("let `{holder}` be of type `{wanted}`")));
    }
}

fn renamed(path: &str, was: &[String], source: &Source, place: &str, found: &mut Vec<Diagnostic>) {
    let outer = path.rfind('.').map_or("", |dot| &path[..=dot]);
    for old in was {
        let full = format!("{outer}{old}");
        let taken = source.properties.contains_key(&full);
        let twice = source.properties.iter().any(|(other, known)| {
            other != path
                && other.rfind('.').map_or("", |dot| &other[..=dot]) == outer
                && known.was.contains(old)
        });
        if taken || twice || path.ends_with(source::ITEMS) {
            let message = format!("`{old}` cannot be an old name of `{path}`");
            let fault = Diagnostic::error(format!("{place}.was"), "bad-old-name", message);
            found.push(fault.hint("an old name belongs to one property, and is no new one"));
        }
    }
}

/// A definition that asks for an old name would wait for something that never comes.
fn old_names(key: &str, source: &Source, uses: &BTreeSet<Use>, found: &mut Vec<Diagnostic>) {
    let event = source.event_of(key);
    let mut fault = |by: &Use, old: &str, new: &str| {
        let message = format!("uses `{old}`, which is named `{new}` now ({})", by.how);
        let at = format!("{}/{}", by.kind, by.name);
        let fault = Diagnostic::error(at, "old-name", message);
        found.push(fault.hint(format!("write `{new}`")));
    };
    for by in uses {
        if let (Of::Event { name, property: None }, Some(event)) = (&by.of, event)
            && source.was.contains(name)
        {
            fault(by, name, event);
        }
        if !by.of.is_about(event) {
            continue;
        }
        let Some(path) = by.of.path() else { continue };
        for (new, property) in &source.properties {
            let outer = new.rfind('.').map_or("", |dot| &new[..=dot]);
            let old = property.was.iter().map(|old| format!("{outer}{old}"));
            for old in old.filter(|old| is_at(path, old)) {
                fault(by, &old, new);
            }
        }
    }
}

/// Whether a path names a place or one inside of it.
fn is_at(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn used_by(uses: &BTreeSet<Use>, event: Option<&str>, path: Option<&str>) -> Vec<String> {
    let of = uses.iter().filter(|by| by.of.is_about(event));
    let of = of.filter(|by| path.is_none_or(|path| by.of.path().is_some_and(|p| is_at(p, path))));
    let named: BTreeSet<String> = of.map(|by| format!("{} `{}`", by.kind, by.name)).collect();
    named.into_iter().collect()
}

fn warn(at: &str, code: &str, what: &str, used: &[String], found: &mut Vec<Diagnostic>) {
    let by = if used.is_empty() {
        "nothing uses it".to_owned()
    } else {
        format!("used by {}", used.join(", "))
    };
    found.push(Diagnostic::warning(at, code, format!("{what}; {by}")));
}

/// Who is concerned by a schema that is new or changed, and what it asks for that it has not.
fn concerned(
    key: &str,
    before: Option<&Source>,
    after: &Source,
    uses: &BTreeSet<Use>,
    found: &mut Vec<Diagnostic>,
) {
    let (at, event) = (format!("schema/{key}"), after.event_of(key));
    let locked = |source: Option<&Source>| source.is_some_and(|s| s.state == State::Locked);
    if locked(Some(after)) && !locked(before) {
        let what = "is locked: what does not fit waits in quarantine from now on";
        warn(&at, "schema-locked", what, &used_by(uses, event, None), found);
    }
    if before.is_some_and(|before| before.was != after.was)
        || before.is_none() && !after.was.is_empty()
    {
        let what = format!("{} counts as it from now on", quoted(&after.was));
        warn(&at, "event-renamed", &what, &used_by(uses, event, None), found);
    }
    for (path, property) in &after.properties {
        let old = before.and_then(|before| before.properties.get(path));
        if !property.was.is_empty() && old.is_none_or(|old| old.was != property.was) {
            let what = format!("{} counts as `{path}` from now on", quoted(&property.was));
            let place = format!("{at}.properties.{path}");
            warn(&place, "property-renamed", &what, &used_by(uses, event, Some(path)), found);
        }
    }
    for path in before.iter().flat_map(|before| before.properties.keys()) {
        let renamed = after.properties.iter().any(|(_, known)| known.was.contains(path));
        let used = used_by(uses, event, Some(path));
        if !after.properties.contains_key(path) && !renamed && !used.is_empty() {
            let place = format!("{at}.properties.{path}");
            warn(&place, "property-removed", "is not written down any more", &used, found);
        }
    }
    if locked(Some(after)) && !after.open {
        unknown(&at, key, after, uses, found);
    }
}

/// A closed schema refuses what a definition asks for.
fn unknown(at: &str, key: &str, after: &Source, uses: &BTreeSet<Use>, found: &mut Vec<Diagnostic>) {
    let schema = Schema::new(key, after);
    for by in uses.iter().filter(|by| by.of.is_about(after.event_of(key))) {
        let Some(first) = by.of.path().and_then(|path| path.split('.').next()) else { continue };
        if schema.root.children.contains_key(first) {
            continue;
        }
        let message = format!("{} `{}` uses `{first}`, which is not in it", by.kind, by.name);
        let fault = Diagnostic::warning(at, "used-and-unknown", message);
        let near = nearest(first, schema.root.children.keys().map(String::as_str));
        found.push(match near {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint(format!("add `{first}`, or let the schema be open")),
        });
    }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "no other name".to_owned() } else { names.join(", ") }
}
