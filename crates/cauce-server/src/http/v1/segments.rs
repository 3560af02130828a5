//! Segments: live counts, how far they are built, members.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::app::App;
use crate::share::Shown;
use crate::watch::trend::{Every, thinned};
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::decide::Plans;
use cauce_core::profile::{Alias, SegmentNumber};
use cauce_core::publish::HIDDEN;
use cauce_core::state::{Key, Meta, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};

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

/// A segment and how many are in it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Segment {
    /// Its name.
    name: String,
    /// The revision in force.
    revision: u32,
    /// Its rule's text.
    rule: String,
    /// People who are in it now.
    members: u64,
    /// The share of profiles for which this revision is built, from 0 to 1. Below 1 `members` still
    /// has some by the rule before.
    built: f64,
    /// Members over time, if `trend` was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    trend: Option<Line>,
}

/// All segments.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentList)]
pub struct Segments {
    /// By name.
    segments: Vec<Segment>,
}

/// Who is in a segment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentMembers)]
pub struct Members {
    /// The segment.
    segment: String,
    /// How many there are.
    count: usize,
    /// Their names in the namespace that was asked for, or the profile's id (`pro_…`) of who has
    /// none there; sorted.
    members: Vec<String>,
}

/// Samples of one line in the list.
const DRAWN: usize = 48;

/// What to say besides.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Listed {
    /// Each segment's members over time too, `trend`: by day once three days are known, by minute
    /// before. At most 48 samples, evenly from all that are kept, oldest first.
    #[serde(default)]
    trend: bool,
}

/// Members of a segment over time, as a line in a list.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentLine)]
pub struct Line {
    /// How far two samples are from each other in the server's memory.
    every: Every,
    /// When the first sample was taken; null where there is none.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    since: Option<Timestamp>,
    /// When the last sample was taken; null where there is none.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    until: Option<Timestamp>,
    /// Members at each sample, oldest first.
    members: Vec<u64>,
}

fn line(app: &App, segment: u32, every: Every) -> Line {
    let all = app.watch.trends.of(segment, every);
    let points = thinned(&all, DRAWN);
    let members: Vec<u64> = points.iter().map(|(_, members)| *members).collect();
    let at = |point: Option<&(Timestamp, u64)>| point.map(|(at, _)| *at);
    Line { every, since: at(points.first()), until: at(points.last()), members }
}

/// All segments with their live counts.
#[utoipa::path(get, path = "/v1/segments", tag = "segments", params(Listed),
    responses((status = 200, body = Segments)))]
pub async fn list(_: Full, State(app): Shared, Query(listed): Query<Listed>) -> Json<Segments> {
    let every = app.watch.trends.longest();
    let catalog = app.catalogs.plan(app.control().book.plan);
    let mut segments = Vec::new();
    for segment in catalog.segments.iter().filter(|segment| !segment.name.starts_with(HIDDEN)) {
        let (members, built) = count(&app, segment.number).await;
        let (name, rule) = (segment.name.clone(), segment.compiled.rule.to_string());
        let trend = listed.trend.then(|| line(&app, segment.number, every));
        segments.push(Segment { name, revision: segment.revision, rule, members, built, trend });
    }
    segments.sort_by(|one, other| one.name.cmp(&other.name));
    Json(Segments { segments })
}

fn missing(name: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no segment `{name}`"))
}

/// One segment.
#[utoipa::path(get, path = "/v1/segments/{name}", tag = "segments",
    params(("name" = String, Path)),
    responses((status = 200, body = Segment), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Segment>, Problem> {
    let catalog = app.catalogs.plan(app.control().book.plan);
    let segment = catalog.segment(&name).ok_or_else(|| missing(&name))?;
    let (members, built) = count(&app, segment.number).await;
    let (revision, rule) = (segment.revision, segment.compiled.rule.to_string());
    Ok(Json(Segment { name, revision, rule, members, built, trend: None }))
}

/// Which namespace to name the members by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Named {
    /// The namespace; `user_id` if absent.
    by: Option<String>,
    /// Only those of whom others may be told: who allow the uses that `sharing` names.
    #[serde(default)]
    shared: bool,
}

/// The number under which the members are found that were asked for. Of a segment of which nothing
/// may be told there is nobody: never everybody.
fn number(
    shown: &Shown,
    own: SegmentNumber,
    (name, shared): (&str, bool),
) -> Option<SegmentNumber> {
    if shared { shown.numbers.get(name).copied() } else { Some(own) }
}

/// All members of a segment, by one of their aliases (or their id where they have none), sorted.
#[utoipa::path(get, path = "/v1/segments/{name}/members", tag = "segments",
    params(("name" = String, Path), Named),
    responses((status = 200, body = Members), (status = 404, body = Problem)))]
pub async fn members(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
    Query(named): Query<Named>,
) -> Result<Json<Members>, Problem> {
    let catalog = app.catalogs.plan(app.control().book.plan);
    let own = catalog.segment(&name).ok_or_else(|| missing(&name))?.number;
    let Some(number) = number(&app.shown(), own, (&name, named.shared)) else {
        return Ok(Json(Members { segment: name, count: 0, members: Vec::new() }));
    };
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
    Ok(Json(Members { segment: name, count: found.len(), members: found }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::catalog::Catalog;
    use cauce_core::publish::Book;
    use std::sync::Arc;

    #[test]
    fn of_whom_nothing_may_be_told_is_nobody() {
        let mut shown = Shown::new(&Book::default(), Arc::new(Catalog::default()));
        assert_eq!(number(&shown, 7, ("gold", false)), Some(7));
        assert_eq!(number(&shown, 7, ("gold", true)), None, "a plan that does not know it yet");
        shown.numbers.insert("gold".to_owned(), 70);
        assert_eq!(number(&shown, 7, ("gold", true)), Some(70));
        assert_eq!(number(&shown, 7, ("gold", false)), Some(7));
    }
}
