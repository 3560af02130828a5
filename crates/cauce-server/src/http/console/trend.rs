//! How many people were in a segment over time, as far as it is known.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::watch::trend::{Every, counts};
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::diagnostic::nearest;
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How close the samples lie.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// `minute` for the last day, which is usual, or `day` for the last year.
    every: Option<Every>,
}

/// One sample.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Point {
    /// When it was taken.
    #[schema(value_type = String)]
    at: Timestamp,
    /// Members then.
    members: u64,
}

/// The members of a segment over time.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Trend {
    /// The segment.
    segment: String,
    /// How close the samples lie.
    every: Every,
    /// When the first sample was taken: before it nothing is known.
    #[schema(value_type = Option<String>)]
    since: Option<Timestamp>,
    /// Samples, oldest first, each exact at its instant. None is there for a time in which the
    /// server did not run.
    points: Vec<Point>,
    /// When this was asked.
    #[schema(value_type = String)]
    at: Timestamp,
    /// Members now.
    members: u64,
}

/// The members of a segment over time.
#[utoipa::path(get, path = "/v1/segments/{name}/trend", tag = "segments",
    params(("name" = String, Path), Which),
    responses((status = 200, body = Trend), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<Trend>, Problem> {
    let catalog = app.catalog();
    let Some(segment) = catalog.segment(&name) else {
        let problem = Problem::new(Code::NotFound, format!("there is no segment `{name}`"));
        return Err(match nearest(&name, catalog.segment_index.keys().map(String::as_str)) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem,
        });
    };
    let every = which.every.unwrap_or(Every::Minute);
    let points = app.watch.trends.of(segment.number, every);
    let members = counts(&app).await.get(&segment.number).copied().unwrap_or_default();
    let points: Vec<_> = points.into_iter().map(|(at, members)| Point { at, members }).collect();
    let since = points.first().map(|point| point.at);
    Ok(Json(Trend { segment: name, every, since, points, at: app.node.now(), members }))
}
