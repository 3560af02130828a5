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
use cauce_core::schema::{
    ATTRIBUTES, Learned, PropertySource, Require, Shape, Source, State as Stands, Trait, Use, uses,
};
use cauce_core::time::Timestamp;
use serde::Serialize;
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

/// How far the schema of an event, or of attributes, has come: nobody wrote it down; it is written
/// down and refuses nothing; what does not fit it waits in quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SchemaState)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Written {
    Unwritten,
    Learned,
    Locked,
}

/// What is known of an event, or of attributes, in short.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SchemaListed)]
pub struct Row {
    /// The event's name; null for attributes.
    #[schema(required = true)]
    event: Option<String>,
    /// The definition that is about it; null where nobody wrote one.
    #[schema(required = true)]
    definition: Option<String>,
    /// How far it has come.
    state: Written,
    /// How many came in.
    count: u64,
    /// When the first one came; null if none did.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    first_seen: Option<Timestamp>,
    /// When the last one came; null if none did.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    last_seen: Option<Timestamp>,
    /// How many properties were seen in it.
    properties: usize,
    /// How many definitions use it.
    used_in: usize,
}

/// Every event that came in or is written down, and attributes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SchemaList)]
pub struct Rows {
    /// Events by name.
    items: Vec<Row>,
    /// Always null: this list has one page.
    #[schema(required = true)]
    next: Option<String>,
    /// Attributes.
    attributes: Row,
    /// What was not learned because there are too many names, in words; null if all was.
    #[schema(required = true)]
    bound: Option<String>,
}

/// A definition that uses something.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SchemaUse)]
pub struct UsedBy {
    /// Its kind: `segment`.
    #[schema(value_type = String)]
    kind: Kind,
    /// Its name.
    name: String,
    /// Where in it: `rule`, `entry.event`…
    how: String,
}

/// How often a value had a type.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SeenType)]
pub struct TypeSeen {
    /// `string`, `number`, `boolean`, `date` (a text that looks like a day or an instant), `array`,
    /// `object` or `null`.
    r#type: &'static str,
    /// How often.
    count: u64,
}

/// What is known of a property. Where it was never seen, what was seen is absent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SchemaProperty)]
pub struct Property {
    /// Its path: `total`, `address.city`, `items[].sku`.
    path: String,
    /// What is written down of it: a type, or several, or an object with `type`, `required`, `was`,
    /// `cast`, `description`; null where nothing is.
    #[schema(value_type = Option<serde_json::Value>, required = true)]
    written: Option<PropertySource>,
    /// Who uses it.
    used_in: Vec<UsedBy>,
    /// The types that it had, of which there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    types: Option<Vec<TypeSeen>>,
    /// In which share of what was looked at it was there, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    present: Option<f64>,
    /// When it was seen first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    first_seen: Option<Timestamp>,
    /// When it was seen last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen: Option<Timestamp>,
}

/// An old name of an event.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SchemaOldName)]
pub struct Was {
    /// The name.
    name: String,
    /// How many still came in under it.
    count: u64,
    /// When the last one did; null if none did.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    last_seen: Option<Timestamp>,
}

/// A schema's definition.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SchemaDefinition)]
pub struct Defined {
    /// Its name.
    key: String,
    /// As it was written.
    #[schema(value_type = Object)]
    document: Source,
}

/// What is known of an event, or of attributes. No values.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SchemaShown)]
pub struct Whole {
    /// The event's name; null for attributes.
    #[schema(required = true)]
    event: Option<String>,
    /// How far its schema has come.
    state: Written,
    /// How many came in.
    count: u64,
    /// How many of them were looked at.
    looked_at: u64,
    /// When the first one came; null if none did.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    first_seen: Option<Timestamp>,
    /// When the last one came; null if none did.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    last_seen: Option<Timestamp>,
    /// Properties that were seen or written down, by path.
    properties: Vec<Property>,
    /// Old names of the event.
    was: Vec<Was>,
    /// Who uses it.
    used_in: Vec<UsedBy>,
    /// What was not learned because there are too many paths, in words; null if all was.
    #[schema(required = true)]
    bound: Option<String>,
    /// What is written down; null where nothing is.
    #[schema(required = true)]
    definition: Option<Defined>,
    /// What could be written down: a definition of kind `schema`.
    #[schema(value_type = Object)]
    suggested: Source,
    /// Attributes: the name that their definition has.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'static str>,
}

fn state(source: Option<(&str, &Source)>) -> Written {
    match source.map(|(_, source)| source.state) {
        Some(Stands::Learned) => Written::Learned,
        Some(Stands::Locked) => Written::Locked,
        None => Written::Unwritten,
    }
}

fn at(count: u64, at: Timestamp) -> Option<Timestamp> {
    (count > 0).then_some(at)
}

fn used_in(used: &[&Use]) -> Vec<UsedBy> {
    let items: BTreeSet<(Kind, &str, &str)> =
        used.iter().map(|by| (by.kind, by.name.as_str(), by.how.as_str())).collect();
    let items = items.into_iter();
    items
        .map(|(kind, name, how)| UsedBy { kind, name: name.to_owned(), how: how.to_owned() })
        .collect()
}

fn row(known: &Known, event: Option<&str>) -> Row {
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
    Row {
        event: event.map(str::to_owned),
        definition: definition.map(|(key, _)| key.to_owned()),
        state: state(definition),
        count: shape.count,
        first_seen: at(shape.count, shape.first),
        last_seen: at(shape.count, shape.last),
        properties: shape.traits.len(),
        used_in: used.len(),
    }
}

/// Every event that came in or is written down, and attributes.
#[utoipa::path(get, path = "/v1/schemas", tag = "schemas",
    responses((status = 200, body = Rows)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Rows> {
    let known = Known::of(&app);
    let items = known.events().iter().map(|event| row(&known, Some(event))).collect();
    let bound = (known.learned.beyond > 0).then(|| {
        let most = limits::LEARNED_EVENTS_MAX;
        format!("{} events have other names: {most} are learned", known.learned.beyond)
    });
    Json(Rows { items, next: None, attributes: row(&known, None), bound })
}

fn property(
    path: &str,
    seen: Option<&Trait>,
    shape: &Shape,
    known: (&Known, Option<&str>),
) -> Property {
    let (known, event) = known;
    let written = known.definition(event).and_then(|(_, source)| source.properties.get(path));
    let plain = path.replace("[]", "");
    let used: Vec<&Use> = known
        .uses
        .iter()
        .filter(|by| by.of.is_about(event) && by.of.path() == Some(plain.as_str()))
        .collect();
    let types = |seen: &Trait| {
        let all = [
            ("string", seen.types.string),
            ("number", seen.types.number),
            ("boolean", seen.types.boolean),
            ("date", seen.types.date),
            ("array", seen.types.array),
            ("object", seen.types.object),
            ("null", seen.types.null),
        ];
        let there = all.into_iter().filter(|(_, count)| *count > 0);
        there.map(|(r#type, count)| TypeSeen { r#type, count }).collect()
    };
    Property {
        path: path.to_owned(),
        written: written.cloned(),
        used_in: used_in(&used),
        types: seen.map(types),
        present: seen.map(|seen| seen.present as f64 / shape.looked.max(1) as f64),
        first_seen: seen.map(|seen| seen.first),
        last_seen: seen.map(|seen| seen.last),
    }
}

fn whole(known: &Known, event: Option<&str>) -> Whole {
    let nothing = Shape::default();
    let (shape, require) = match event {
        Some(event) => (known.learned.events.get(event).unwrap_or(&nothing), Require::Always),
        None => (&known.learned.attributes, Require::Never),
    };
    let definition = known.definition(event);
    let written = definition.iter().flat_map(|(_, source)| source.properties.keys());
    let paths: BTreeSet<&String> = shape.traits.keys().chain(written).collect();
    let properties = paths
        .into_iter()
        .map(|path| property(path, shape.traits.get(path), shape, (known, event)))
        .collect();
    let used: Vec<&Use> = known.uses.iter().filter(|by| by.of.is_about(event)).collect();
    let used: Vec<&Use> =
        used.into_iter().filter(|by| event.is_none() || by.of.path().is_none()).collect();
    let was = definition.iter().flat_map(|(_, source)| &source.was).map(|old| {
        let seen = known.learned.events.get(old);
        let count = seen.map_or(0, |shape| shape.count);
        Was { name: old.clone(), count, last_seen: seen.map(|shape| shape.last) }
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
    let defined =
        |(key, source): (&str, &Source)| Defined { key: key.to_owned(), document: source.clone() };
    Whole {
        event: event.map(str::to_owned),
        state: state(definition),
        count: shape.count,
        looked_at: shape.looked,
        first_seen: at(shape.count, shape.first),
        last_seen: at(shape.count, shape.last),
        properties,
        was: was.collect(),
        used_in: used_in(&used),
        bound,
        definition: definition.map(defined),
        suggested,
        key: None,
    }
}

/// What is known of an event: names, types, how often, since when, written down or not, and who
/// uses it. No values.
#[utoipa::path(get, path = "/v1/schemas/events/{name}", tag = "schemas",
    params(("name" = String, Path)),
    responses((status = 200, body = Whole), (status = 404, body = Problem)))]
pub async fn event(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Whole>, Problem> {
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
    responses((status = 200, body = Whole)))]
pub async fn attributes(_: Full, State(app): Shared) -> Json<Whole> {
    Json(Whole { key: Some(ATTRIBUTES), ..whole(&Known::of(&app), None) })
}
