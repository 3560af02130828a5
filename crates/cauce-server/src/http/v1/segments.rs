//! Segments: live counts, how far they are built, members.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::app::App;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::decide::Plans;
use cauce_core::profile::Alias;
use cauce_core::publish::HIDDEN;
use cauce_core::state::{Key, Meta, Row, Rows};
use serde::Deserialize;
use serde_json::{Value, json};

/// Live members and the share of profiles for which a segment is built.
async fn count(app: &App, segment: u32) -> (u64, f64) {
    let asked: Vec<_> = (0..app.node.partitions())
        .map(|partition| {
            app.ask(partition, move |p| {
                let members = p.rows().member_count(segment);
                let next = match p.rows().get(&Key::Meta) {
                    Some(Row::Meta(meta)) => Meta::clone(&meta).next_number,
                    _ => 0,
                };
                let built = match p.rows().get(&Key::Builds) {
                    Some(Row::Builds(builds)) => {
                        builds.segments.get(&segment).map_or(0, |build| build.1.min(next))
                    }
                    _ => 0,
                };
                (members, u64::from(built), u64::from(next))
            })
        })
        .collect();
    let mut sum = (0, 0, 0);
    for answer in futures_util::future::join_all(asked).await.into_iter().flatten() {
        sum = (sum.0 + answer.0, sum.1 + answer.1, sum.2 + answer.2);
    }
    let share = if sum.2 == 0 { 1.0 } else { sum.1 as f64 / sum.2 as f64 };
    (sum.0, share)
}

/// All segments with their live counts.
#[utoipa::path(get, path = "/v1/segments", tag = "segments",
    responses((status = 200, body = Object)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Value> {
    let catalog = app.catalogs.plan(app.control().book.plan);
    let mut segments = Vec::new();
    for segment in catalog.segments.iter().filter(|segment| !segment.name.starts_with(HIDDEN)) {
        let (members, built) = count(&app, segment.number).await;
        segments.push(json!({ "name": segment.name, "revision": segment.revision,
                              "rule": segment.compiled.rule.to_string(),
                              "members": members, "built": built }));
    }
    segments.sort_by_key(|segment| segment["name"].to_string());
    Json(json!({ "segments": segments }))
}

fn missing(name: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no segment `{name}`"))
}

/// One segment.
#[utoipa::path(get, path = "/v1/segments/{name}", tag = "segments",
    params(("name" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    let catalog = app.catalogs.plan(app.control().book.plan);
    let segment = catalog.segment(&name).ok_or_else(|| missing(&name))?;
    let (members, built) = count(&app, segment.number).await;
    Ok(Json(json!({ "name": name, "revision": segment.revision,
                    "rule": segment.compiled.rule.to_string(),
                    "members": members, "built": built })))
}

/// Which namespace to name the members by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct Named {
    /// The namespace; `user_id` if absent.
    by: Option<String>,
    /// Only those of whom others may be told: who allow the uses that `sharing` names.
    #[serde(default)]
    shared: bool,
}

/// All members of a segment, by one of their aliases (or their id where they have none), sorted.
#[utoipa::path(get, path = "/v1/segments/{name}/members", tag = "segments", params(Named),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn members(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
    Query(named): Query<Named>,
) -> Result<Json<Value>, Problem> {
    let catalog = app.catalogs.plan(app.control().book.plan);
    let own = catalog.segment(&name).ok_or_else(|| missing(&name))?.number;
    let told = app.shown().numbers.get(&name).copied();
    let number = told.filter(|_| named.shared).unwrap_or(own);
    let by = named.by.unwrap_or_else(|| "user_id".to_owned());
    let mut found = Vec::new();
    for partition in 0..app.node.partitions() {
        let by = by.clone();
        let members = app.ask(partition, move |p| {
            let name = |aliases: &std::collections::BTreeSet<Alias>| {
                aliases.iter().find(|alias| alias.namespace == by).map(|alias| alias.value.clone())
            };
            p.rows()
                .members(number)
                .iter()
                .filter_map(|number| match p.rows().get(&Key::Head(number)) {
                    Some(Row::Head(head)) => {
                        Some(name(&head.aliases).unwrap_or_else(|| head.id().to_string()))
                    }
                    _ => None,
                })
                .collect::<Vec<_>>()
        });
        found.extend(members.await.unwrap_or_default());
    }
    found.sort();
    Ok(Json(json!({ "segment": name, "count": found.len(), "members": found })))
}
