//! Destinations: how each stands, and how one that was disabled goes on.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::share::snapshot;
use crate::share::webhooks::{self, Standing};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

/// All destinations: how far each was told, how it answers, and why it is disabled if it is.
#[utoipa::path(get, path = "/v1/destinations", tag = "sharing",
    responses((status = 200, body = Object)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Value> {
    let shown = app.shown();
    let end = app.feed.end();
    let all = shown.destinations.iter().map(|(name, source)| {
        if source.folder.is_some() {
            let standing = snapshot::standing(&app.data, name);
            return json!({ "name": name, "segments": source.segments, "standing": standing });
        }
        let standing = webhooks::load(&app.data, name);
        let behind = standing.as_ref().map(|standing| end.next.saturating_sub(standing.next.next));
        json!({ "name": name, "segments": source.segments, "standing": standing, "behind": behind })
    });
    Json(json!({ "destinations": all.collect::<Vec<_>>(),
                 "snapshot_public_key": snapshot::public_key(&app) }))
}

/// Lets a disabled destination go on where it was.
#[utoipa::path(post, path = "/v1/destinations/{name}/resume", tag = "sharing",
    params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn resume(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let known = app.shown().destinations.contains_key(&name);
    let standing = webhooks::load(&app.data, &name).filter(|_| known);
    let Some(mut standing) = standing else {
        let detail = format!("there is no destination `{name}` that is told by webhook");
        return Err(Problem::new(Code::NotFound, detail));
    };
    if standing.disabled.is_none() {
        let detail = format!("the destination `{name}` is not disabled");
        return Err(Problem::new(Code::Conflict, detail));
    }
    Standing::resume(&mut standing);
    webhooks::store(&app.data, &name, &standing)
        .map_err(|error| Problem::new(Code::Internal, format!("{error:#}")))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the next version of a destination in a folder now, besides its schedule.
#[utoipa::path(post, path = "/v1/destinations/{name}/snapshots", tag = "sharing",
    params(("name" = String, Path)),
    responses((status = 201, body = Object), (status = 404, body = Problem),
        (status = 503, body = Problem)))]
pub async fn make(
    admin: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let shown = app.shown();
    let source = shown.destinations.get(&name);
    let Some((source, folder)) = source.and_then(|one| Some((one, one.folder.as_ref()?))) else {
        let detail = format!("there is no destination `{name}` in a folder");
        return Err(Problem::new(Code::NotFound, detail));
    };
    let version = snapshot::make(&app, &name, source, folder).await.map_err(|error| {
        Problem::new(Code::Unavailable, format!("the snapshot was not made: {error:#}"))
            .hint("the version before stays as it is")
    })?;
    admin.1.note(format!("version {version}"));
    Ok((StatusCode::CREATED, Json(json!({ "destination": name, "version": version }))))
}
