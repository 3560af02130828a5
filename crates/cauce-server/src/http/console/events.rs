//! The events that were accepted last: a list, and a stream. Both read the log where the ring says;
//! what was erased meanwhile is not shown.

use super::super::Shared;
use super::super::auth::{Full, Opened};
use super::super::error::{Code, Problem, stopping};
use super::{Name, number, rows};
use crate::app::App;
use crate::watch::recent::{EVENTS_MAX, Place};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use cauce_core::decide::home;
use cauce_core::event::{Event, Properties};
use cauce_core::ids::EventId;
use cauce_core::input;
use cauce_core::profile::Alias;
use cauce_core::query;
use cauce_core::time::Timestamp;
use cauce_engine::codec;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Limit: events of the ring that one request reads; its cursor goes on from there.
const LOOK_MAX: usize = 500;
/// How often a stream looks whether there is more.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often a silent stream says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events in one piece of a stream.
const PIECE: usize = 100;

/// Which events.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `next` of the answer before.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<usize>,
    /// Only events of this name.
    name: Option<String>,
    /// Only events about this person: `namespace:value`, or a value in any namespace.
    alias: Option<String>,
}

/// Which events of a stream.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Followed {
    /// Only events of this name.
    name: Option<String>,
    /// Only events about this person: `namespace:value`, or a value in any namespace.
    alias: Option<String>,
}

/// An accepted event.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RecentEvent)]
pub struct Accepted {
    /// Its place among the events since the start of the process.
    number: u64,
    /// Its id.
    id: String,
    /// What happened.
    name: String,
    /// About whom, the strongest name first.
    aliases: Vec<Name>,
    /// When it happened.
    #[schema(value_type = String)]
    occurred_at: Timestamp,
    /// When it was accepted.
    #[schema(value_type = String)]
    received_at: Timestamp,
    /// What it says.
    #[schema(value_type = Object)]
    properties: Properties,
    /// Attributes that it sets.
    #[schema(value_type = Object)]
    attributes: Properties,
    /// Statements about consent that came with it.
    consents: usize,
    /// Whether it belongs to the past, and starts and sends nothing.
    historical: bool,
    /// What it caused: `GET /v1/explain/{trace}`.
    trace: String,
    /// In which partition it was taken.
    partition: u16,
}

/// Events, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RecentEvents)]
pub struct Events {
    /// The events.
    items: Vec<Accepted>,
    /// Where to go on; absent at the end of what is remembered.
    next: Option<String>,
    /// Remembered events that this answer looked at…
    looked_at: usize,
    /// …of so many.
    of: usize,
    /// Events accepted since the start of the process, remembered or not.
    accepted: u64,
    /// When the oldest that is remembered was accepted.
    #[schema(value_type = Option<String>)]
    since: Option<Timestamp>,
}

/// What is wanted of an event.
struct Filter {
    name: Option<String>,
    /// In this namespace, or in any.
    alias: Option<(Option<String>, String)>,
}

impl Filter {
    fn new(app: &App, name: Option<String>, alias: Option<String>) -> Filter {
        let namespaces = &app.catalog().namespaces;
        let alias = alias.filter(|text| !text.is_empty()).map(|text| {
            let parts = text
                .split_once(':')
                .filter(|(namespace, _)| namespaces.list().any(|(known, _)| known == *namespace));
            match parts {
                Some((namespace, value)) => {
                    let known = namespaces.canonical(namespace, value);
                    let value = known.map_or_else(|_| value.to_owned(), |alias| alias.value);
                    (Some(namespace.to_owned()), value)
                }
                None => (None, text),
            }
        });
        Filter { name: name.filter(|name| !name.is_empty()), alias }
    }

    fn fits(&self, event: &Event) -> bool {
        let named = self.name.as_ref().is_none_or(|name| event.name == *name);
        let about = self.alias.as_ref().is_none_or(|(namespace, value)| {
            event.aliases.iter().any(|alias| match namespace {
                Some(namespace) => alias.namespace == *namespace && alias.value == *value,
                None => alias.value.eq_ignore_ascii_case(value),
            })
        });
        named && about
    }
}

/// The accepted events that were accepted last, newest first.
#[utoipa::path(get, path = "/v1/events", tag = "events", params(Asked),
    responses((status = 200, body = Events), (status = 400, body = Problem)))]
pub async fn list(
    _: Full,
    State(app): Shared,
    Query(asked): Query<Asked>,
) -> Result<Json<Events>, Problem> {
    let cursor = number(asked.cursor.as_deref())?.unwrap_or(u64::MAX);
    let wanted = rows(asked.limit);
    let filter = Filter::new(&app, asked.name, asked.alias);
    let places = app.watch.recent.before(cursor, LOOK_MAX);
    let (of, oldest) = app.watch.recent.kept();
    let looked_at = places.len();
    let mut last = places.last().map(|place| place.number);
    let mut items = Vec::new();
    let mut looked = 0;
    for chunk in places.chunks(PIECE) {
        let found = read(&app, chunk.to_vec(), &filter).await?;
        looked += chunk.len();
        items.extend(found);
        if items.len() >= wanted {
            break;
        }
    }
    if items.len() >= wanted {
        items.truncate(wanted);
        last = items.last().map(|event| event.number);
    }
    let more = last.filter(|last| oldest.is_some_and(|oldest| oldest.number < *last));
    Ok(Json(Events {
        items,
        next: more.map(|last| last.to_string()),
        looked_at: looked.min(looked_at),
        of,
        accepted: app.watch.recent.taken(),
        since: oldest.map(|oldest| oldest.at),
    }))
}

/// Of whom an event is, for one that is older than what is remembered by its id.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Of {
    /// `namespace:value` of the person whom it is about.
    of: Option<String>,
    /// Its name, as the timeline of that person has it: with `at`, it is found at once.
    name: Option<String>,
    /// When it happened, as the timeline has it.
    at: Option<String>,
}

/// One event, as far as it is known.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OneEvent)]
pub struct One {
    /// Its id.
    id: String,
    /// What happened.
    name: String,
    /// About whom, the strongest name first.
    aliases: Vec<Name>,
    /// When it happened.
    #[schema(value_type = String)]
    occurred_at: Timestamp,
    /// When it was accepted.
    #[schema(value_type = String)]
    received_at: Timestamp,
    /// What it says.
    #[schema(value_type = Object)]
    properties: Properties,
    /// Attributes that it sets; absent where only its profile remembers it.
    #[schema(value_type = Option<Object>)]
    attributes: Option<Properties>,
    /// What it caused, while that is remembered: `GET /v1/explain/{trace}`.
    trace: Option<String>,
}

impl From<Accepted> for One {
    fn from(event: Accepted) -> One {
        One {
            id: event.id,
            name: event.name,
            aliases: event.aliases,
            occurred_at: event.occurred_at,
            received_at: event.received_at,
            properties: event.properties,
            attributes: Some(event.attributes),
            trace: Some(event.trace),
        }
    }
}

/// One event: as it was reported while that is remembered, and with `of` as its person's profile
/// remembers it.
#[utoipa::path(get, path = "/v1/events/{id}", tag = "events",
    params(("id" = String, Path), Of),
    responses((status = 200, body = One), (status = 400, body = Problem),
              (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(id): Path<String>,
    Query(asked): Query<Of>,
) -> Result<Json<One>, Problem> {
    let event: EventId = id.parse().unwrap_or_else(|_| cauce_core::admit::event_id(&id));
    let at = asked.at.map(|at| at.parse::<Timestamp>()).transpose();
    let at = at.map_err(|why| Problem::new(Code::Malformed, format!("at: {}", why.0)))?;
    if let Some(found) = remembered(&app, event).await? {
        return Ok(Json(found.into()));
    }
    let missing = Problem::new(Code::NotFound, format!("the event `{id}` is not remembered"))
        .hint("say whom it is about, `?of=email:ana@example.com`: profiles remember their events");
    let Some(of) = asked.of.filter(|of| !of.is_empty()) else { return Err(missing) };
    let alias = super::super::share::alias(&app, &of)?;
    let found = super::timeline::find(&app, &alias, event, asked.name.zip(at)).await?;
    let (name, occurred_at, row) = found.ok_or_else(|| {
        let detail = format!("the profile `{of}` has no event `{id}`");
        Problem::new(Code::NotFound, detail).hint("it may have been forgotten or erased")
    })?;
    Ok(Json(One {
        id: event.to_string(),
        name,
        aliases: vec![Name::from(&alias)],
        occurred_at,
        received_at: row.received_at,
        properties: row.properties.clone(),
        attributes: None,
        trace: None,
    }))
}

/// An event among what the last requests caused.
async fn remembered(app: &Arc<App>, event: EventId) -> Result<Option<Accepted>, Problem> {
    let Some(trace) = app.observer.traces.of(event) else { return Ok(None) };
    let steps = app.observer.traces.steps(trace);
    let places = steps.iter().map(|step| Place {
        number: 0,
        partition: step.partition,
        offset: step.offset,
        at: step.at,
        trace,
    });
    // A large request has more events than steps are remembered of it.
    let recent = app.watch.recent.before(u64::MAX, EVENTS_MAX);
    let places = places.chain(recent.into_iter().filter(|place| place.trace == trace));
    let any = Filter { name: None, alias: None };
    let found = read(app, places.collect(), &any).await?;
    let id = event.to_string();
    Ok(found.into_iter().find(|found| found.id == id))
}

/// Reads the events at places that fit, without those of who was erased since.
async fn read(
    app: &Arc<App>,
    places: Vec<Place>,
    filter: &Filter,
) -> Result<Vec<Accepted>, Problem> {
    let log = app.node.log().clone();
    let events = tokio::task::spawn_blocking(move || {
        let read = |place: &Place| {
            // Cut away or erased meanwhile: nothing is there.
            let entry = log.read(place.partition, place.offset, 1).ok()?.into_iter().next()?;
            let entry = Some(entry).filter(|entry| entry.offset == place.offset)?;
            match codec::input(&entry.body).ok()?.body {
                input::Body::Event(event) => Some((*place, *event)),
                _ => None,
            }
        };
        places.iter().filter_map(read).collect::<Vec<_>>()
    });
    let events = events.await.map_err(|_| stopping())?;
    let events: Vec<_> = events.into_iter().filter(|(_, event)| filter.fits(event)).collect();
    let erased = erased(app, events.iter().map(|(_, event)| event)).await;
    let gone = |event: &Event| {
        let at = |alias: &Alias| erased.get(alias).copied();
        event.aliases.iter().filter_map(at).any(|at| at >= event.received_at)
    };
    let kept = events.into_iter().filter(|(_, event)| !gone(event));
    Ok(kept.map(|(place, event)| shown(place, event)).collect())
}

/// Which of the names in these events were erased, and when: their homes know.
async fn erased(app: &App, events: impl Iterator<Item = &Event>) -> BTreeMap<Alias, Timestamp> {
    let mut homes: BTreeMap<u16, BTreeSet<Alias>> = BTreeMap::new();
    for alias in events.flat_map(|event| &event.aliases) {
        let at = home(alias, app.node.partitions());
        homes.entry(at).or_default().insert(alias.clone());
    }
    let asked = homes.into_iter().map(|(partition, aliases)| {
        app.ask(partition, move |p| {
            let at =
                |alias: Alias| query::erased(p.rows(), &alias).map(|erased| (alias, erased.at));
            aliases.into_iter().filter_map(at).collect::<Vec<_>>()
        })
    });
    let asked: Vec<_> = asked.collect();
    futures_util::future::join_all(asked).await.into_iter().flatten().flatten().collect()
}

fn shown(place: Place, event: Event) -> Accepted {
    Accepted {
        number: place.number,
        id: event.id.to_string(),
        name: event.name,
        aliases: event.aliases.iter().map(Name::from).collect(),
        occurred_at: event.occurred_at,
        received_at: event.received_at,
        properties: event.properties,
        attributes: event.attributes,
        consents: event.consents.len(),
        historical: event.historical,
        trace: place.trace.to_string(),
        partition: place.partition,
    }
}

/// One reader.
struct Reading {
    app: Arc<App>,
    filter: Filter,
    /// The last event that was looked at.
    last: u64,
    begun: bool,
    said: Instant,
    opened: Opened,
    _room: tokio::sync::OwnedSemaphorePermit,
}

/// Events as they are accepted. `event: accepted` has one, in the shape of the list; `event:
/// skipped` says how many came faster than they were read. Goes on behind `Last-Event-ID`.
#[utoipa::path(get, path = "/v1/events/live", tag = "events", params(Followed),
    responses((status = 200, content_type = "text/event-stream", body = Accepted),
        (status = 429, body = Problem)))]
pub async fn live(
    reader: Full,
    State(app): Shared,
    Query(asked): Query<Followed>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let room = room(&app)?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let taken = app.watch.recent.taken();
    let reading = Reading {
        filter: Filter::new(&app, asked.name, asked.alias),
        // A number of another life of the process says nothing here.
        last: last.filter(|last| *last <= taken).unwrap_or(taken),
        begun: false,
        said: Instant::now(),
        opened: Opened::new(&app, &reader.1, &headers),
        app,
        _room: room,
    };
    let pieces = futures_util::stream::unfold(reading, |mut reading| async move {
        let piece = reading.piece().await?;
        Some((Ok::<_, Infallible>(Bytes::from(piece)), reading))
    });
    Ok(stream(Body::from_stream(pieces)))
}

/// Room for one more reader.
pub fn room(app: &App) -> Result<tokio::sync::OwnedSemaphorePermit, Problem> {
    app.streams.clone().try_acquire_owned().map_err(|_| {
        Problem::new(Code::Overloaded, "too many streams are open")
            .hint("close another window, or try again")
    })
}

/// An answer of server-sent events.
pub fn stream(body: Body) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    (headers, body).into_response()
}

impl Reading {
    /// The next piece, once there is one; none when the process ends, or whoever reads may not any
    /// more.
    async fn piece(&mut self) -> Option<String> {
        if !std::mem::replace(&mut self.begun, true) {
            return Some(format!("retry: 1000\nid: {}\n\n", self.last));
        }
        loop {
            if self.app.stopping.is_cancelled() || !self.opened.goes_on(&self.app) {
                return None;
            }
            let text = self.more().await;
            if !text.is_empty() {
                self.said = Instant::now();
                return Some(text);
            }
            if self.said.elapsed() > HEARTBEAT {
                self.said = Instant::now();
                return Some(format!(": still here\nid: {}\n\n", self.last));
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.app.stopping.cancelled() => return None,
            }
        }
    }

    /// What came since.
    async fn more(&mut self) -> String {
        let (places, skipped) = self.app.watch.recent.behind(self.last, PIECE);
        let mut text = String::new();
        if skipped > 0 {
            text.push_str(&format!("event: skipped\ndata: {{\"count\":{skipped}}}\n\n"));
        }
        let Some(last) = places.last() else { return text };
        self.last = last.number;
        let found = read(&self.app, places, &self.filter).await.unwrap_or_default();
        for event in found {
            let data = serde_json::to_string(&event).expect("an event is plain data");
            let number = event.number;
            text.push_str(&format!("id: {number}\nevent: accepted\ndata: {data}\n\n"));
        }
        text
    }
}
