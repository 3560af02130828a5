//! Destinations: how each stands, and how one that was disabled goes on.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::share::snapshot;
use crate::share::webhooks::{self, Standing};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cauce_core::time::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A place in the stream of membership changes; everything before it was seen.
#[derive(utoipa::ToSchema)]
#[schema(as = FeedPlace)]
#[allow(dead_code)] // the shape of the feed's own
pub struct Place {
    /// Which stream: a restored server begins another one.
    feed: String,
    /// The number of the next change.
    next: u64,
}

/// How a destination stands: of one that is told of changes by webhook `next` and what follows it,
/// of one in a folder or a bucket `version` and `made_at`.
#[derive(utoipa::ToSchema)]
#[schema(as = DestinationStanding)]
#[allow(dead_code)] // the shape of two that are read from disk
pub struct Stands {
    /// Webhook: everything before this place of the stream was told and answered with yes.
    next: Option<Place>,
    /// Webhook: where the request ends that is under way.
    under_way: Option<u64>,
    /// Webhook: changes told.
    told: Option<u64>,
    /// Webhook: requests in vain since the last one that was answered with yes.
    in_vain: Option<u32>,
    /// Webhook: since when none was answered with yes.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// Webhook: why it is told nothing any more, until somebody resumes it.
    disabled: Option<String>,
    /// Webhook: changes that it missed because they were not kept, in words.
    missed: Option<String>,
    /// Folder, bucket: the last version; 0 before the first.
    version: Option<u64>,
    /// Folder, bucket: when it was made.
    #[schema(value_type = Option<String>, format = DateTime)]
    made_at: Option<Timestamp>,
    /// What the last request or attempt in vain came to.
    last_failure: Option<String>,
}

/// A destination.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Destination)]
pub struct Shown {
    /// Its name.
    name: String,
    /// The segments that it is told of.
    segments: BTreeSet<String>,
    /// How it stands; null where it was told nothing yet.
    #[schema(value_type = Option<Stands>)]
    standing: Value,
    /// Webhook: changes that it has still to be told; absent where it was told nothing yet, and of a
    /// folder or a bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    behind: Option<u64>,
}

/// All destinations.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DestinationList)]
pub struct Listed {
    /// By name.
    destinations: Vec<Shown>,
    /// The key by which manifests of snapshots are checked (Ed25519, base64).
    snapshot_public_key: String,
}

/// A version of a destination.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SnapshotMade)]
pub struct Made {
    /// The destination.
    destination: String,
    /// The version, from 1.
    version: u64,
}

/// All destinations: how far each was told, how it answers, and why it is disabled if it is.
#[utoipa::path(get, path = "/v1/destinations", tag = "sharing",
    responses((status = 200, body = Listed)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Listed> {
    let shown = app.shown();
    let end = app.feed.end();
    let all = shown.destinations.iter().map(|(name, source)| {
        let (name, segments) = (name.clone(), source.segments.clone());
        if source.folder.is_some() || source.bucket.is_some() {
            let standing = json!(snapshot::standing(&app.data, &name));
            return Shown { name, segments, standing, behind: None };
        }
        let standing = webhooks::load(&app.data, &name);
        let behind = standing.as_ref().map(|standing| end.next.saturating_sub(standing.next.next));
        Shown { name, segments, standing: json!(standing), behind }
    });
    let destinations = all.collect();
    Json(Listed { destinations, snapshot_public_key: snapshot::public_key(&app) })
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
        let detail = format!("there is no destination `{name}` that is told of changes");
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

/// Makes the next version of a destination in a folder or a bucket now, besides its schedule.
#[utoipa::path(post, path = "/v1/destinations/{name}/snapshots", tag = "sharing",
    params(("name" = String, Path)),
    responses((status = 201, body = Made), (status = 404, body = Problem),
        (status = 503, body = Problem)))]
pub async fn make(
    admin: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let shown = app.shown();
    let source = shown.destinations.get(&name);
    let made = match source.map(|source| (source, &source.folder, &source.bucket)) {
        Some((source, Some(folder), _)) => snapshot::make(&app, &name, source, folder).await,
        Some((source, None, Some(bucket))) => {
            snapshot::upload::make(&app, &name, source, bucket).await
        }
        Some((_, None, None)) | None => {
            let detail = format!("there is no destination `{name}` in a folder or a bucket");
            return Err(Problem::new(Code::NotFound, detail));
        }
    };
    let version = made.map_err(|error| {
        Problem::new(Code::Unavailable, format!("the snapshot was not made: {error:#}"))
            .hint("the version before stays as it is")
    })?;
    admin.1.note(format!("version {version}"));
    Ok((StatusCode::CREATED, Json(Made { destination: name, version })))
}
