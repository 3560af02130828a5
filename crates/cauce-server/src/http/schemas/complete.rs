//! Names that could be meant, as somebody types.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::show::Known;
use axum::Json;
use axum::extract::{Query, State};
use cauce_core::publish::{HIDDEN, Kind};
use cauce_core::schema::Shape;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names in one answer.
const NAMES_MAX: usize = 50;

/// What is typed.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Typed {
    /// `event`, `property`, `attribute`, or a kind of definition: `segment`, `template`…
    kind: String,
    /// What the name begins with; large and small letters are alike.
    #[serde(default)]
    prefix: String,
    /// Of which event, for properties; of any if absent.
    #[serde(default)]
    event: Option<String>,
}

/// How often, and of which type most often.
type Names = BTreeMap<String, (u64, Option<String>)>;

fn paths(names: &mut Names, shape: &Shape) {
    for (path, seen) in &shape.traits {
        let kind = seen.types.seen().first().map(|(kind, _)| kind.to_string());
        let entry = names.entry(path.clone()).or_insert((0, kind));
        entry.0 += seen.present;
    }
}

/// A name that could be meant.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CompletedName)]
pub struct Name {
    /// The name.
    name: String,
    /// How often it came in; 0 for definitions, and for what was only written down.
    count: u64,
    /// The type that its values mostly have; null where it has none.
    #[schema(required = true)]
    r#type: Option<String>,
}

/// Names that could be meant.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CompletedNames)]
pub struct Found {
    /// The most frequent first, at most 50.
    items: Vec<Name>,
    /// Always null: type more instead.
    #[schema(required = true)]
    next: Option<String>,
    /// Whether there are more.
    more: bool,
}

/// Names that begin with a prefix, the most frequent first.
#[utoipa::path(get, path = "/v1/complete", tag = "schemas", params(Typed),
    responses((status = 200, body = Found), (status = 400, body = Problem)))]
pub async fn complete(
    _: Full,
    State(app): Shared,
    Query(typed): Query<Typed>,
) -> Result<Json<Found>, Problem> {
    let mut names = Names::new();
    match typed.kind.as_str() {
        "event" => {
            let known = Known::of(&app);
            for event in known.events() {
                let count = known.learned.events.get(&event).map_or(0, |shape| shape.count);
                names.insert(event, (count, None));
            }
        }
        "property" => {
            let known = Known::of(&app);
            for (event, shape) in &known.learned.events {
                if typed.event.as_ref().is_none_or(|wanted| wanted == event) {
                    paths(&mut names, shape);
                }
            }
            for (key, source) in &known.written {
                let event = source.event_of(key);
                if event.is_some() && typed.event.as_deref().is_none_or(|w| Some(w) == event) {
                    written(&mut names, source);
                }
            }
        }
        "attribute" => {
            let known = Known::of(&app);
            paths(&mut names, &known.learned.attributes);
            for (key, source) in &known.written {
                if source.event_of(key).is_none() {
                    written(&mut names, source);
                }
            }
        }
        kind => {
            let kind: Kind = kind.parse().map_err(|why: String| {
                let hint = "event, property, attribute, or a kind of definition";
                Problem::new(Code::Malformed, why).hint(hint)
            })?;
            let book = app.book();
            let of_kind = book.list(kind).filter(|(name, _)| !name.starts_with(HIDDEN));
            names.extend(of_kind.map(|(name, _)| (name.to_owned(), (0, None))));
        }
    }
    let prefix = typed.prefix.to_lowercase();
    let mut found: Vec<_> =
        names.into_iter().filter(|(name, _)| name.to_lowercase().starts_with(&prefix)).collect();
    found.sort_by(|a, b| (b.1.0, &a.0).cmp(&(a.1.0, &b.0)));
    let more = found.len() > NAMES_MAX;
    let items = found.into_iter().take(NAMES_MAX);
    let items = items.map(|(name, (count, r#type))| Name { name, count, r#type }).collect();
    Ok(Json(Found { items, next: None, more }))
}

fn written(names: &mut Names, source: &cauce_core::schema::Source) {
    for (path, property) in &source.properties {
        let kind = property.types.0.first().map(ToString::to_string);
        names.entry(path.clone()).or_insert((0, kind));
    }
}
