//! Who somebody is, as others bring it and as it is being written: uploaded lists, a rule's
//! estimate, who needs a segment.

pub mod estimate;
pub mod lists;
pub mod rows;

use super::Shared;
use super::auth::Full;
use super::error::{Code, Problem};
use super::shapes::Dependent;
use crate::app::App;
use axum::Json;
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use cauce_core::diagnostic::nearest;
use cauce_core::profile::Alias;
use cauce_core::publish::{self, Kind};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Limit: estimates at a time: each looks at thousands of people; beyond it they are asked to come
/// back.
const ESTIMATES_MAX: usize = 4;

/// Limit: browsers that hear of their person; beyond it they are asked to come back. Each costs a
/// look-up at most five times a second while anything moves, and four times in three seconds while
/// nothing does: all of them a tenth of the look-ups that there is room for.
const PAGES_MAX: usize = 1_024;

/// Limit: browsers that hear of one and the same person; the next one is asked to close another.
/// One visitor must not take the room of all.
pub(crate) const PAGES_EACH_MAX: usize = 8;

/// How many browsers hear of each person.
#[derive(Clone, Default)]
pub(crate) struct Listening(Arc<Mutex<BTreeMap<Alias, usize>>>);

impl Listening {
    /// A place for one more browser of somebody, given back when it is dropped; none if they have
    /// as many as they may.
    pub(crate) fn one_more(&self, of: &Alias) -> Option<Place> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(of.clone()).or_default();
        if *count >= PAGES_EACH_MAX {
            return None;
        }
        *count += 1;
        Some(Place { of: of.clone(), all: self.clone() })
    }
}

/// A place of one browser.
pub(crate) struct Place {
    of: Alias,
    all: Listening,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = all.get_mut(&self.of) else { return };
        *count -= 1;
        if *count == 0 {
            all.remove(&self.of);
        }
    }
}

/// What its doors share.
pub struct Room {
    /// Room for estimates of rules that are being written.
    pub(crate) estimates: Semaphore,
    /// Tells uploads of one instant apart: the later one is the greater.
    uploads: AtomicU64,
    /// Room for browsers that hear of their person.
    pub(crate) pages: Arc<Semaphore>,
    /// Of whom they hear.
    pub(crate) listening: Listening,
}

impl Default for Room {
    fn default() -> Room {
        Room {
            estimates: Semaphore::new(ESTIMATES_MAX),
            uploads: AtomicU64::new(0),
            pages: Arc::new(Semaphore::new(PAGES_MAX)),
            listening: Listening::default(),
        }
    }
}

/// Its routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/lists", get(lists::list))
        .route("/v1/lists/{name}", get(lists::show).post(rows::add).put(rows::replace))
        .route("/v1/lists/{name}/seal", post(rows::seal))
        .route("/v1/lists/{name}/members", get(lists::members))
        .route("/v1/lists/{name}/dependents", get(list_dependents))
        .route("/v1/segments/estimate", post(estimate::estimate))
        .route("/v1/segments/{name}/dependents", get(segment_dependents))
}

/// Nothing of this kind has the name.
pub fn missing(app: &App, kind: Kind, name: &str) -> Problem {
    let problem = Problem::new(Code::NotFound, format!("there is no {kind} `{name}`"));
    let book = app.book();
    match nearest(name, book.list(kind).map(|(known, _)| known)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None if kind == Kind::List => {
            problem.hint("define it below `lists/`; it names the namespace of its rows")
        }
        None => problem,
    }
}

/// Who uses a definition.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DependentList)]
pub struct Dependents {
    /// Definitions that would be broken without it.
    items: Vec<Dependent>,
    /// Always null: this list has one page.
    #[schema(required = true)]
    next: Option<String>,
}

fn dependents(app: &App, kind: Kind, name: &str) -> Result<Json<Dependents>, Problem> {
    let book = app.book();
    if book.get(kind, name).is_none() {
        return Err(missing(app, kind, name));
    }
    let found = publish::dependents(&book, kind, name);
    let items = found.into_iter().map(Dependent::from).collect();
    Ok(Json(Dependents { items, next: None }))
}

/// Who uses a segment, and would be broken without it: it cannot be removed while there is anybody.
#[utoipa::path(get, path = "/v1/segments/{name}/dependents", tag = "segments",
    params(("name" = String, Path)),
    responses((status = 200, body = Dependents), (status = 404, body = Problem)))]
pub async fn segment_dependents(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Dependents>, Problem> {
    dependents(&app, Kind::Segment, &name)
}

/// Who uses a list.
#[utoipa::path(get, path = "/v1/lists/{name}/dependents", tag = "lists",
    params(("name" = String, Path)),
    responses((status = 200, body = Dependents), (status = 404, body = Problem)))]
pub async fn list_dependents(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Dependents>, Problem> {
    dependents(&app, Kind::List, &name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_the_room_of_all() {
        let listening = Listening::default();
        let named = |value: &str| Alias { namespace: "user_id".into(), value: value.into() };
        let mut held: Vec<Place> = Vec::new();
        for _ in 0..PAGES_EACH_MAX {
            held.extend(listening.one_more(&named("ana")));
        }
        assert_eq!(held.len(), PAGES_EACH_MAX);
        assert!(listening.one_more(&named("ana")).is_none());
        assert!(listening.one_more(&named("bo")).is_some(), "somebody else has room");
        held.pop();
        assert!(listening.one_more(&named("ana")).is_some());
        held.clear();
        assert!(listening.0.lock().unwrap().is_empty(), "who is gone is not remembered");
    }
}
