//! What waits because it does not fit: shown, tried again, given up.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::super::ops::{Undecided, undecided};
use super::super::shapes;
use super::diagnostic;
use crate::app::{App, Refusal};
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::decide::home;
use cauce_core::diagnostic::Diagnostic;
use cauce_core::ids::{Partition, Position};
use cauce_core::input::Body;
use cauce_core::limits::UNFIT_SLICE;
use cauce_core::profile::Alias;
use cauce_core::schema::{FaultCode, Fix, Unfit};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows that one request looks at.
const SCAN_MAX: usize = 5_000;
/// Events on one page.
const PAGE_MAX: usize = 500;

/// Where an event waits: what its name in answers says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    partition: Partition,
    position: Position,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Position { incarnation, offset } = self.position;
        write!(f, "{}.{incarnation}.{offset}", self.partition)
    }
}

impl std::str::FromStr for Place {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Place, Problem> {
        let read = || {
            let mut parts = text.split('.');
            let partition = parts.next()?.parse().ok()?;
            let (incarnation, offset) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            parts
                .next()
                .is_none()
                .then_some(Place { partition, position: Position { incarnation, offset } })
        };
        read().ok_or_else(|| {
            let detail = format!("`{text}` names nothing in quarantine");
            Problem::new(Code::Malformed, detail).hint("take `id` or `next` from an answer")
        })
    }
}

/// Which of what waits.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Events of this name.
    event: Option<String>,
    /// Events with such a fault: `wrong-type`, `missing`, `unknown`, `ambiguous`.
    reason: Option<String>,
    /// Go on here: `next` of the page before.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<usize>,
}

impl Filter {
    fn check(&self) -> Result<(), Problem> {
        let Some(reason) = &self.reason else { return Ok(()) };
        let known = FaultCode::ALL.map(FaultCode::as_str);
        if known.contains(&reason.as_str()) {
            return Ok(());
        }
        let detail = format!("`{reason}` is no kind of fault");
        Err(Problem::new(Code::Malformed, detail).hint(known.join(", ")))
    }

    fn admits(&self, unfit: &Unfit) -> bool {
        let named = |name: &String| unfit.event.name == *name;
        let faulty = |reason: &String| unfit.faults.iter().any(|f| f.code.as_str() == reason);
        self.event.as_ref().is_none_or(named) && self.reason.as_ref().is_none_or(faulty)
    }
}

type Page = (Vec<(Place, Arc<Unfit>)>, Option<Place>);

/// A page of what waits, and where the next one begins.
async fn page(app: &App, filter: &Filter, from: Option<Place>, limit: usize) -> Page {
    let start = from.map_or((0, Position::default()), |place| (place.partition, place.position));
    let (mut found, mut looked) = (Vec::new(), 0);
    for partition in start.0..app.node.partitions() {
        let first = if partition == start.0 { start.1 } else { Position::default() };
        // One more than may be looked at: it says where to go on.
        let room = SCAN_MAX - looked + 1;
        let rows =
            app.ask(partition, move |p| p.rows().range(&Key::Unfit(first), &Key::unfit().1, room));
        for (key, row) in rows.await.unwrap_or_default() {
            let (Key::Unfit(position), Row::Unfit(unfit)) = (key, row) else { continue };
            let place = Place { partition, position };
            if looked >= SCAN_MAX || found.len() >= limit {
                return (found, Some(place));
            }
            looked += 1;
            if filter.admits(&unfit) {
                found.push((place, unfit));
            }
        }
        if looked >= SCAN_MAX && partition + 1 < app.node.partitions() {
            let place = Place { partition: partition + 1, position: Position::default() };
            return (found, Some(place));
        }
    }
    (found, None)
}

/// An event that does not fit.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = UnfitEvent)]
pub struct Unfitting {
    /// Its id: `evt_…`.
    id: String,
    /// Its name.
    name: String,
    /// Whose it is: `namespace:value`.
    aliases: Vec<String>,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Timestamp,
    /// When Cauce accepted it.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// Whether it belongs to the past, and never starts or sends anything.
    historical: bool,
    /// What it says.
    #[schema(value_type = Object)]
    properties: Value,
    /// What it says about the person.
    #[schema(value_type = Object)]
    attributes: Value,
}

/// An event that waits because it does not fit its schema.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = QuarantinedEvent)]
pub struct Waiting {
    /// What it is called here.
    id: String,
    /// Since when it waits.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// How often it was tried again.
    tries: u32,
    /// The request that it came with: `trc_…`.
    trace: String,
    /// Every fault.
    #[schema(value_type = Vec<shapes::Diagnostic>)]
    faults: Vec<Diagnostic>,
    /// The event.
    event: Unfitting,
}

/// What waits.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = QuarantineList)]
pub struct Listed {
    /// Events that do not fit their schema.
    items: Vec<Waiting>,
    /// Where to go on; null at the end.
    #[schema(required = true)]
    next: Option<String>,
    /// How many fit in all, as far as one request looks; only on the first page of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    fit: Option<usize>,
    /// Whether there may be more of them than were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<bool>,
    /// Inputs of any kind that could not be decided: there should be none. At most 1,000 of each
    /// partition.
    entries: Vec<Undecided>,
}

/// Events that were tried again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = QuarantineReplayed)]
pub struct Replayed {
    /// Events that fit now, and are applied.
    replayed: usize,
    /// Events that still wait.
    waiting: usize,
}

/// Events that were given up.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = QuarantineDropped)]
pub struct Dropped {
    /// Events that are gone.
    dropped: usize,
    /// Events that still wait.
    waiting: usize,
}

fn shown(place: Place, unfit: &Unfit) -> Waiting {
    let event = &unfit.event;
    Waiting {
        id: place.to_string(),
        since: unfit.at,
        tries: unfit.tries,
        trace: unfit.trace.to_string(),
        faults: unfit.faults.iter().map(diagnostic).collect(),
        event: Unfitting {
            id: event.id.to_string(),
            name: event.name.clone(),
            aliases: event.aliases.iter().map(ToString::to_string).collect(),
            occurred_at: event.occurred_at,
            received_at: event.received_at,
            historical: event.historical,
            properties: serde_json::to_value(&event.properties).unwrap_or_default(),
            attributes: serde_json::to_value(&event.attributes).unwrap_or_default(),
        },
    }
}

/// What waits because it does not fit its schema (`items`), and entries that could not be decided
/// (`entries`).
#[utoipa::path(get, path = "/v1/quarantine", tag = "schemas", params(Filter),
    responses((status = 200, body = Listed), (status = 400, body = Problem)))]
pub async fn list(
    _: Full,
    State(app): Shared,
    Query(filter): Query<Filter>,
) -> Result<Json<Listed>, Problem> {
    filter.check()?;
    let from = filter.cursor.as_deref().map(str::parse).transpose()?;
    let limit = filter.limit.unwrap_or(50).clamp(1, PAGE_MAX);
    let (found, next) = page(&app, &filter, from, limit).await;
    let items = found.iter().map(|(place, unfit)| shown(*place, unfit)).collect();
    let (mut fit, mut at_least) = (None, None);
    if from.is_none() && next.is_some() {
        let (all, more) = page(&app, &filter, None, SCAN_MAX).await;
        (fit, at_least) = (Some(all.len()), Some(more.is_some()));
    }
    let next = next.map(|place| place.to_string());
    Ok(Json(Listed { items, next, fit, at_least, entries: undecided(&app).await }))
}

async fn one(app: &App, place: Place) -> Option<Arc<Unfit>> {
    if place.partition >= app.node.partitions() {
        return None;
    }
    let row = app.ask(place.partition, move |p| p.rows().get(&Key::Unfit(place.position)));
    match row.await.flatten() {
        Some(Row::Unfit(unfit)) => Some(unfit),
        _ => None,
    }
}

/// Everything that waits under names of a person.
pub async fn of_person(app: &App, names: &BTreeSet<Alias>) -> Vec<Waiting> {
    let mut places = BTreeSet::new();
    for alias in names {
        let (low, high) = Key::unfit_of(alias);
        let partition = home(alias, app.node.partitions());
        let rows = app.ask(partition, move |p| p.rows().range(&low, &high, usize::MAX));
        for (_, row) in rows.await.unwrap_or_default() {
            if let Row::UnfitOf(at) = row {
                places.insert(Place { partition: at.partition, position: at.position });
            }
        }
    }
    let mut found = Vec::new();
    for place in places {
        found.extend(one(app, place).await.map(|unfit| shown(place, &unfit)));
    }
    found
}

/// One event that waits, with every fault.
#[utoipa::path(get, path = "/v1/quarantine/{id}", tag = "schemas", params(("id" = String, Path)),
    responses((status = 200, body = Waiting), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(id): Path<String>,
) -> Result<Json<Waiting>, Problem> {
    let place: Place = id.parse()?;
    match one(&app, place).await {
        Some(unfit) => Ok(Json(shown(place, &unfit))),
        None => Err(Problem::new(Code::NotFound, format!("nothing waits as `{id}`"))),
    }
}

/// What is mended in events before they are tried again.
#[derive(utoipa::ToSchema)]
#[schema(as = QuarantineFix)]
#[allow(dead_code)] // the shape of the core's own
pub struct Mended {
    /// New names by path: `properties.amount` → `total`.
    #[schema(required = false)]
    rename: BTreeMap<String, String>,
    /// Types by path into which a value is turned where nothing is lost: `number`, `string`…
    #[schema(required = false)]
    cast: BTreeMap<String, String>,
    /// Paths that are left out.
    #[schema(required = false)]
    remove: Vec<String>,
    /// Whether they may start journeys and send, as they would have when they came.
    #[schema(required = false)]
    live: bool,
}

/// What is tried again.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Again {
    /// These…
    ids: Vec<String>,
    /// …or events of this name…
    event: Option<String>,
    /// …or with such a fault…
    reason: Option<String>,
    /// …or everything.
    all: bool,
    /// What is mended in them before, beyond what the schema in force maps: `rename`, `cast`,
    /// `remove` by path; `live`: they may start journeys and send.
    #[schema(value_type = Mended)]
    fix: Fix,
}

/// What is given up.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GiveUp {
    /// These…
    ids: Vec<String>,
    /// …or events of this name…
    event: Option<String>,
    /// …or with such a fault…
    reason: Option<String>,
    /// …or everything.
    all: bool,
    /// Why.
    why: String,
}

/// Tries events again: those that fit now are applied, each once, as of when they happened.
#[utoipa::path(post, path = "/v1/quarantine/replay", tag = "schemas", request_body = Again,
    responses((status = 200, body = Replayed), (status = 422, body = Problem)))]
pub async fn replay(
    _: Full,
    State(app): Shared,
    Json(wanted): Json<Again>,
) -> Result<Json<Replayed>, Problem> {
    if let Some(path) = wanted.fix.unreadable().next() {
        let detail = format!("fix: `{path}` is no path");
        let hint = "write `properties.total`, `attributes.city` or `properties.items[].sku`";
        return Err(Problem::new(Code::Invalid, detail).hint(hint));
    }
    let chosen = Chosen::of(wanted.ids, wanted.event, wanted.reason, wanted.all)?;
    let fix = wanted.fix;
    let worker = app.clone();
    let work = async move {
        let body = |positions| Body::Replay { positions, fix: fix.clone() };
        steer(&worker, &chosen, body).await
    };
    let Done { done, waiting } = app.whole(work).await?;
    Ok(Json(Replayed { replayed: done, waiting }))
}

/// Gives events up for good.
#[utoipa::path(post, path = "/v1/quarantine/drop", tag = "schemas", request_body = GiveUp,
    responses((status = 200, body = Dropped), (status = 422, body = Problem)))]
pub async fn drop(
    _: Full,
    State(app): Shared,
    Json(wanted): Json<GiveUp>,
) -> Result<Json<Dropped>, Problem> {
    if wanted.why.trim().is_empty() {
        let problem = Problem::new(Code::Invalid, "why: events are given up for a reason");
        return Err(problem.hint("say it in `why`"));
    }
    let chosen = Chosen::of(wanted.ids, wanted.event, wanted.reason, wanted.all)?;
    let why = wanted.why;
    let worker = app.clone();
    let work = async move {
        let body = |positions| Body::GiveUp { positions, why: why.clone() };
        steer(&worker, &chosen, body).await
    };
    let Done { done, waiting } = app.whole(work).await?;
    Ok(Json(Dropped { dropped: done, waiting }))
}

/// Which events are meant.
enum Chosen {
    These(Vec<Place>),
    Those(Filter),
}

impl Chosen {
    fn of(
        ids: Vec<String>,
        event: Option<String>,
        reason: Option<String>,
        all: bool,
    ) -> Result<Chosen, Problem> {
        if !ids.is_empty() {
            let places: Result<Vec<Place>, Problem> = ids.iter().map(|id| id.parse()).collect();
            return Ok(Chosen::These(places?));
        }
        if event.is_none() && reason.is_none() && !all {
            let problem = Problem::new(Code::Invalid, "it is not said which events are meant");
            return Err(problem.hint("say `ids`, `event`, `reason`, or `all: true`"));
        }
        let filter = Filter { event, reason, ..Filter::default() };
        filter.check()?;
        Ok(Chosen::Those(filter))
    }
}

#[derive(Default)]
struct Done {
    done: usize,
    waiting: usize,
}

/// Appends what is to be done with the chosen ones, a slice of one partition at a time.
async fn steer(
    app: &App,
    chosen: &Chosen,
    body: impl Fn(Vec<Position>) -> Body,
) -> Result<Done, Refusal> {
    let mut done = Done::default();
    match chosen {
        Chosen::These(places) => {
            let mut places = places.clone();
            places.sort_unstable();
            places.dedup();
            slices(app, &places, &body, &mut done).await?;
        }
        Chosen::Those(filter) => {
            let mut from = None;
            loop {
                let (found, next) = page(app, filter, from, UNFIT_SLICE).await;
                let places: Vec<Place> = found.into_iter().map(|(place, _)| place).collect();
                slices(app, &places, &body, &mut done).await?;
                match next {
                    Some(next) => from = Some(next),
                    None => break,
                }
            }
        }
    }
    Ok(done)
}

async fn slices(
    app: &App,
    places: &[Place],
    body: &impl Fn(Vec<Position>) -> Body,
    done: &mut Done,
) -> Result<(), Refusal> {
    for same in places.chunk_by(|a, b| a.partition == b.partition) {
        let partition = same[0].partition;
        if partition >= app.node.partitions() {
            continue;
        }
        for slice in same.chunks(UNFIT_SLICE) {
            let positions: Vec<Position> = slice.iter().map(|place| place.position).collect();
            let count = |positions: Vec<Position>| {
                app.ask(partition, move |p| {
                    let there = |at: &&Position| p.rows().get(&Key::Unfit(**at)).is_some();
                    positions.iter().filter(there).count()
                })
            };
            let before = count(positions.clone()).await.unwrap_or_default();
            let trace = super::super::v1::trace();
            app.append_applied(partition, body(positions.clone()), trace).await?;
            let after = count(positions).await.unwrap_or_default();
            done.done += before.saturating_sub(after);
            done.waiting += after;
        }
    }
    Ok(())
}
