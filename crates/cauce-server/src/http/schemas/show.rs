//! Schemas: what was learned, what is written down, and who uses it.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::app::App;
use axum::Json;
use axum::extract::{Path, State};
use cauce_core::diagnostic::nearest;
use cauce_core::limits;
use cauce_core::publish::{Body, Kind};
use cauce_core::schema::{ATTRIBUTES, Learned, Require, Shape, Source, Trait, Use, uses};
use cauce_core::time::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is known of schemas.
pub(super) struct Known {
    pub learned: Learned,
    /// Definitions by key.
    pub written: BTreeMap<String, Source>,
    pub uses: BTreeSet<Use>,
}

impl Known {
    pub fn of(app: &App) -> Known {
        let world = app.book().world();
        let written = world.iter().filter_map(|((kind, key), body)| match body {
            Body::Schema(source) if *kind == Kind::Schema => Some((key.clone(), source.clone())),
            _ => None,
        });
        Known {
            learned: app.observer.learner.learned(),
            written: written.collect(),
            uses: uses(&world),
        }
    }

    /// The definition that is about an event, or about attributes.
    fn definition(&self, event: Option<&str>) -> Option<(&str, &Source)> {
        let about = |(key, source): &(&String, &Source)| source.event_of(key) == event;
        self.written.iter().find(about).map(|(key, source)| (key.as_str(), source))
    }

    /// Names of events that came in, are written down, or are used.
    pub fn events(&self) -> BTreeSet<String> {
        let written = self.written.iter().filter_map(|(key, source)| source.event_of(key));
        let written = written.map(str::to_owned);
        self.learned.events.keys().cloned().chain(written).collect()
    }
}

fn state(source: Option<(&str, &Source)>) -> Value {
    match source {
        Some((_, source)) => json!(source.state),
        None => json!("unwritten"),
    }
}

fn at(count: u64, at: Timestamp) -> Value {
    if count == 0 { Value::Null } else { json!(at) }
}

fn used_in(used: &[&Use]) -> Value {
    let items: BTreeSet<(Kind, &str, &str)> =
        used.iter().map(|by| (by.kind, by.name.as_str(), by.how.as_str())).collect();
    items
        .iter()
        .map(|(kind, name, how)| json!({ "kind": kind, "name": name, "how": how }))
        .collect()
}

fn row(known: &Known, event: Option<&str>) -> Value {
    let nothing = Shape::default();
    let shape = match event {
        Some(event) => known.learned.events.get(event).unwrap_or(&nothing),
        None => &known.learned.attributes,
    };
    let definition = known.definition(event);
    let used: BTreeSet<_> = known
        .uses
        .iter()
        .filter(|by| by.of.is_about(event))
        .map(|by| (by.kind, by.name.as_str()))
        .collect();
    json!({ "event": event, "definition": definition.map(|(key, _)| key),
            "state": state(definition), "count": shape.count,
            "first_seen": at(shape.count, shape.first), "last_seen": at(shape.count, shape.last),
            "properties": shape.traits.len(), "used_in": used.len() })
}

/// Every event that came in or is written down, and attributes.
#[utoipa::path(get, path = "/v1/schemas", tag = "schemas",
    responses((status = 200, body = Object)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Value> {
    let known = Known::of(&app);
    let mut items: Vec<Value> = Vec::new();
    for event in known.events() {
        items.push(row(&known, Some(&event)));
    }
    let bound = (known.learned.beyond > 0).then(|| {
        let most = limits::LEARNED_EVENTS_MAX;
        format!("{} events have other names: {most} are learned", known.learned.beyond)
    });
    Json(json!({ "items": items, "next": null, "attributes": row(&known, None), "bound": bound }))
}

fn property(
    path: &str,
    seen: Option<&Trait>,
    shape: &Shape,
    known: (&Known, Option<&str>),
) -> Value {
    let (known, event) = known;
    let written = known.definition(event).and_then(|(_, source)| source.properties.get(path));
    let plain = path.replace("[]", "");
    let used: Vec<&Use> = known
        .uses
        .iter()
        .filter(|by| by.of.is_about(event) && by.of.path() == Some(plain.as_str()))
        .collect();
    let mut shown = json!({ "path": path, "written": written, "used_in": used_in(&used) });
    if let Some(seen) = seen {
        let types: Vec<Value> = [
            ("string", seen.types.string),
            ("number", seen.types.number),
            ("boolean", seen.types.boolean),
            ("date", seen.types.date),
            ("array", seen.types.array),
            ("object", seen.types.object),
            ("null", seen.types.null),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| json!({ "type": name, "count": count }))
        .collect();
        shown["types"] = json!(types);
        shown["present"] = json!(seen.present as f64 / shape.looked.max(1) as f64);
        shown["first_seen"] = json!(seen.first);
        shown["last_seen"] = json!(seen.last);
    }
    shown
}

fn whole(known: &Known, event: Option<&str>) -> Value {
    let nothing = Shape::default();
    let (shape, require) = match event {
        Some(event) => (known.learned.events.get(event).unwrap_or(&nothing), Require::Always),
        None => (&known.learned.attributes, Require::Never),
    };
    let definition = known.definition(event);
    let written = definition.iter().flat_map(|(_, source)| source.properties.keys());
    let paths: BTreeSet<&String> = shape.traits.keys().chain(written).collect();
    let properties: Vec<Value> = paths
        .into_iter()
        .map(|path| property(path, shape.traits.get(path), shape, (known, event)))
        .collect();
    let used: Vec<&Use> = known.uses.iter().filter(|by| by.of.is_about(event)).collect();
    let used: Vec<&Use> =
        used.into_iter().filter(|by| event.is_none() || by.of.path().is_none()).collect();
    let was = definition.iter().flat_map(|(_, source)| &source.was).map(|old| {
        let seen = known.learned.events.get(old);
        json!({ "name": old, "count": seen.map_or(0, |shape| shape.count),
                "last_seen": seen.map(|shape| shape.last) })
    });
    let bound = (shape.beyond > 0).then(|| {
        let (paths, depth) = (limits::LEARNED_PATHS_MAX, limits::LEARNED_DEPTH_MAX);
        format!(
            "{} values are not among what was learned: at most {paths} paths, {depth} deep",
            shape.beyond
        )
    });
    let mut suggested = shape.source(require);
    if let Some((_, source)) = definition {
        // What a person wrote stays; what was learned beside it is added.
        suggested.properties.extend(source.properties.clone());
        let (was, open, description) = (&source.was, source.open, &source.description);
        suggested.was.clone_from(was);
        suggested.description.clone_from(description);
        suggested.open = open;
    }
    json!({ "event": event, "state": state(definition), "count": shape.count,
            "looked_at": shape.looked, "first_seen": at(shape.count, shape.first),
            "last_seen": at(shape.count, shape.last), "properties": properties,
            "was": was.collect::<Vec<_>>(), "used_in": used_in(&used), "bound": bound,
            "definition": definition.map(|(key, source)| json!({ "key": key, "document": source })),
            "suggested": suggested })
}

/// What is known of an event: names, types, how often, since when, written down or not, and who
/// uses it. No values.
#[utoipa::path(get, path = "/v1/schemas/events/{name}", tag = "schemas",
    params(("name" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn event(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    let known = Known::of(&app);
    let events = known.events();
    if events.contains(&name) {
        return Ok(Json(whole(&known, Some(&name))));
    }
    let problem = Problem::new(Code::NotFound, format!("no event `{name}` was seen"));
    Err(match nearest(&name, events.iter().map(String::as_str)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    })
}

/// What is known of attributes.
#[utoipa::path(get, path = "/v1/schemas/attributes", tag = "schemas",
    responses((status = 200, body = Object)))]
pub async fn attributes(_: Full, State(app): Shared) -> Json<Value> {
    let mut shown = whole(&Known::of(&app), None);
    shown["key"] = json!(ATTRIBUTES);
    Json(shown)
}
