//! What the console's rooms show: read by people who watch, bounded per answer, computed only while
//! somebody asks.

pub mod content;
pub mod events;
mod health;
pub mod journeys;
pub mod overview;
pub mod people;
pub mod providers;
pub mod settings;
pub mod templates;
pub mod timeline;
pub mod trend;

use super::error::{Code, Problem};
use crate::app::App;
use axum::Router;
use axum::routing::{get, post};
use cauce_core::profile::Alias;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/events", get(events::list))
        .route("/v1/events/live", get(events::live))
        .route("/v1/events/{id}", get(events::show))
        .route("/v1/inbox", get(content::inbox))
        .route("/v1/inbox/{id}", get(content::open))
        .route("/v1/messages/{id}/content", get(content::show))
        .route("/v1/templates", get(templates::list))
        .route("/v1/templates/{name}", get(templates::show))
        .route("/v1/templates/preview", post(templates::preview))
        .route("/v1/profiles", get(people::list))
        .route("/v1/profiles/{namespace}/{value}/timeline", get(timeline::show))
        .route("/v1/providers/{name}/test", post(providers::test))
        .route("/v1/providers/{name}/try", post(providers::trying::run))
        .route("/v1/settings", get(settings::show))
        .route("/v1/journeys", get(journeys::list))
        .route("/v1/journeys/{name}", get(journeys::show))
        .route("/v1/segments/{name}/trend", get(trend::show))
        .route("/v1/overview", get(overview::show))
        .route("/v1/overview/live", get(overview::live))
}

/// The description of the routes.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    events::list,
    events::live,
    events::show,
    overview::show,
    overview::live,
    journeys::list,
    journeys::show,
    trend::show,
    people::list,
    timeline::show,
    providers::test,
    providers::trying::run,
    settings::show,
    content::show,
    content::inbox,
    content::open,
    templates::list,
    templates::show,
    templates::preview,
))]
pub struct Description;

/// Limit: rows of one answer.
pub const ROWS_MAX: usize = 500;
/// Rows of an answer if nobody says how many.
const ROWS: usize = 50;

/// How many rows are wanted, within bounds.
pub fn rows(limit: Option<usize>) -> usize {
    limit.unwrap_or(ROWS).clamp(1, ROWS_MAX)
}

/// A cursor that is a number.
pub fn number(cursor: Option<&str>) -> Result<Option<u64>, Problem> {
    let read = |text: &str| text.parse().map_err(|_| bad_cursor(text));
    cursor.map(read).transpose()
}

/// A cursor that is a place: partition, and a number in it.
pub fn place(cursor: Option<&str>) -> Result<(u16, u32), Problem> {
    let Some(text) = cursor else { return Ok((0, 0)) };
    let parts = text.split_once('-');
    let parts = parts.and_then(|(one, other)| Some((one.parse().ok()?, other.parse().ok()?)));
    parts.ok_or_else(|| bad_cursor(text))
}

/// A cursor that none of our answers gave.
pub fn bad_cursor(text: &str) -> Problem {
    Problem::new(Code::Malformed, format!("cursor: `{text}` is none"))
        .hint("give `next` of the answer before, or leave it out to begin")
}

/// A name of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = PersonName)]
pub struct Name {
    /// Which kind of name.
    pub namespace: String,
    /// The name.
    pub value: String,
}

impl From<&Alias> for Name {
    fn from(alias: &Alias) -> Name {
        Name { namespace: alias.namespace.clone(), value: alias.value.clone() }
    }
}
