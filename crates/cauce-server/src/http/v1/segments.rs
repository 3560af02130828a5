//! Segments: live counts, how far they are built, members.

use super::super::Shared;
use super::super::access::table::Need;
use super::super::auth::{Full, Lookup};
use super::super::console::place;
use super::super::error::{Code, Problem, stopping};
use crate::app::App;
use crate::share::Shown;
use crate::watch::trend::{Every, thinned};
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::decide::Plans;
use cauce_core::ids::Number;
use cauce_core::profile::{Head, SegmentNumber};
use cauce_core::publish::HIDDEN;
use cauce_core::state::{Key, Meta, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Of each of these segments the live members, and the share of profiles for which it is built.
async fn counts(app: &App, segments: Arc<Vec<SegmentNumber>>) -> Vec<(u64, f64)> {
    let asked: Vec<_> = (0..app.node.partitions())
        .map(|partition| {
            let segments = segments.clone();
            app.ask(partition, move |p| {
                let next = match p.rows().get(&Key::Meta) {
                    Some(Row::Meta(meta)) => Meta::clone(&meta).next_number,
                    _ => 0,
                };
                let builds = match p.rows().get(&Key::Builds) {
                    Some(Row::Builds(builds)) => Some(builds),
                    _ => None,
                };
                let built = |segment: &SegmentNumber| {
                    let build = builds.as_ref().and_then(|builds| builds.segments.get(segment));
                    build.map_or(0, |build| build.1.min(next))
                };
                let one =
                    |segment: &SegmentNumber| (p.rows().member_count(*segment), built(segment));
                (segments.iter().map(one).collect::<Vec<_>>(), next)
            })
        })
        .collect();
    let mut sums = vec![(0, 0); segments.len()];
    let mut people = 0;
    for (answer, next) in futures_util::future::join_all(asked).await.into_iter().flatten() {
        people += u64::from(next);
        for (sum, (members, built)) in sums.iter_mut().zip(answer) {
            *sum = (sum.0 + members, sum.1 + u64::from(built));
        }
    }
    let share = |built: u64| if people == 0 { 1.0 } else { built as f64 / people as f64 };
    sums.into_iter().map(|(members, built)| (members, share(built))).collect()
}

/// The same of one segment.
async fn count(app: &App, segment: SegmentNumber) -> (u64, f64) {
    counts(app, Arc::new(vec![segment])).await.pop().unwrap_or_default()
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
    /// How many there are in all.
    count: u64,
    /// The names of some of them in the namespace that was asked for, or the profile's id
    /// (`pro_…`) of who has none there.
    members: Vec<String>,
    /// Where to go on; null at the end.
    #[schema(required = true)]
    next: Option<String>,
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
    let shown = || catalog.segments.iter().filter(|s| !s.name.starts_with(HIDDEN));
    let numbers = shown().map(|segment| segment.number).collect();
    let counted = counts(&app, Arc::new(numbers)).await;
    let mut segments = Vec::new();
    for (segment, (members, built)) in shown().zip(counted) {
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

/// Limit: members of one page.
const PAGE_MAX: usize = 10_000;
/// Members of a page if nobody says how many.
const PAGE: usize = 1_000;
/// Members that one question reads: a partition takes inputs between two of them.
const SLICE: usize = 256;

/// Which namespace to name the members by, and which page of them.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Named {
    /// The namespace; `user_id` if absent.
    by: Option<String>,
    /// Only those of whom others may be told: of a segment that is shared, who allow the uses that
    /// `sharing` names. A key with the scope `lookup` reads these.
    #[serde(default)]
    shared: bool,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most so many: 1,000 if absent, 10,000 at most.
    limit: Option<usize>,
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

/// Members of a segment, by one of their aliases (or their id where they have none), a page at a
/// time, in the order in which they are kept. Who enters or leaves between two pages is on the one
/// or the other or on none: the stream of membership changes says it.
#[utoipa::path(get, path = "/v1/segments/{name}/members", tag = "segments",
    params(("name" = String, Path), Named),
    responses((status = 200, body = Members), (status = 400, body = Problem),
        (status = 404, body = Problem)))]
pub async fn members(
    Lookup(caller): Lookup,
    State(app): Shared,
    Path(name): Path<String>,
    Query(named): Query<Named>,
) -> Result<Json<Members>, Problem> {
    if !named.shared {
        caller.check(Need::Read)?;
    }
    let (mut partition, mut from) = place(named.cursor.as_deref())?;
    let catalog = app.catalogs.plan(app.control().book.plan);
    let own = catalog.segment(&name).ok_or_else(|| missing(&name))?.number;
    let shown = app.shown();
    let told = !named.shared || shown.server.segments.contains_key(&name);
    let segment = told.then(|| number(&shown, own, (&name, named.shared))).flatten();
    let Some(segment) = segment else {
        return Ok(Json(Members { segment: name, count: 0, members: Vec::new(), next: None }));
    };
    let by = named.by.unwrap_or_else(|| "user_id".to_owned());
    let limit = named.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let mut members = Vec::new();
    while partition < app.node.partitions() && members.len() < limit {
        let (by, room) = (by.clone(), SLICE.min(limit - members.len()));
        let asked = app.ask(partition, move |p| some(p.rows(), segment, &by, from, room));
        let (found, next) = asked.await.ok_or_else(stopping)?;
        members.extend(found);
        (partition, from) = match next {
            Some(next) => (partition, next),
            None => (partition + 1, 0),
        };
    }
    let next = (partition < app.node.partitions()).then(|| format!("{partition}-{from}"));
    let (count, _) = count(&app, segment).await;
    Ok(Json(Members { segment: name, count, members, next }))
}

/// The names of some members of a partition, and where to go on in it.
fn some(
    rows: &impl Rows,
    segment: SegmentNumber,
    by: &str,
    from: Number,
    room: usize,
) -> (Vec<String>, Option<Number>) {
    let name = |head: &Head| {
        let named = head.aliases.iter().find(|alias| alias.namespace == by);
        named.map_or_else(|| head.id().to_string(), |alias| alias.value.clone())
    };
    let members = rows.members(segment);
    let mut rest = members.range(from..);
    let mut found = Vec::new();
    for number in rest.by_ref().take(room) {
        if let Some(Row::Head(head)) = rows.get(&Key::Head(number)) {
            found.push(name(&head));
        }
    }
    (found, rest.next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::catalog::Catalog;
    use cauce_core::publish::Book;

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
