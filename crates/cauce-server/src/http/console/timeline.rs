//! What happened to one person, newest first: events, messages and what became of them, consents,
//! segments, journeys.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem, stopping};
use super::super::v1::messages;
use super::super::v1::profiles::{Located, alias, trail};
use super::{bad_cursor, rows};
use crate::app::App;
use crate::share::feed::Change;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::catalog::Catalog;
use cauce_core::consent::STATED;
use cauce_core::event::Properties;
use cauce_core::ids::{EventId, ProfileId, hash128};
use cauce_core::profile::{Alias, SegmentNumber};
use cauce_core::publish::HIDDEN;
use cauce_core::state::{Happening, Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Limit: how long an event is looked for of which only the id is known.
const PATIENCE: Duration = Duration::from_secs(10);
/// Stored events of one slice.
const SLICE: usize = 500;
/// Limit: moves of everybody in and out of segments that one request looks at: the newest.
const MOVES_MAX: u64 = 10_000;
/// Bytes of moves that are read at a time.
const READ_BYTES: usize = 1 << 20;
/// Limit: messages that wait, of one person.
const OPEN_MAX: usize = 100;

/// Which part.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `next` of the answer before.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<usize>,
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TimelineKind)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Somebody reported something.
    Event,
    /// A message was asked for, left, was refused, was opened…
    Message,
    /// The person said something about being written to.
    Consent,
    /// The person entered or left a segment.
    Segment,
    /// A walk along a journey began or ended.
    Journey,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TimelineItem)]
pub struct Item {
    /// When.
    #[schema(value_type = String)]
    at: Timestamp,
    /// What kind of thing.
    kind: Kind,
    /// The event, the segment, the journey, or what became of the message.
    name: String,
    /// In words.
    words: String,
    /// The event's id; `GET /v1/explain/{id}` says what it caused, as long as that is remembered.
    event: Option<String>,
    /// The message: `GET /v1/messages/{id}`.
    message: Option<String>,
    /// What the event said.
    #[schema(value_type = Object)]
    properties: Properties,
    /// When Cauce accepted it, for events.
    #[schema(value_type = Option<String>)]
    received_at: Option<Timestamp>,
    /// The profile that it first belonged to, where that became one with this one.
    profile: Option<String>,
    #[serde(skip)]
    order: u128,
}

/// What happened to a person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Timeline {
    /// The profile.
    profile: String,
    /// What happened, newest first.
    items: Vec<Item>,
    /// Where to go on.
    next: Option<String>,
    /// Stored events that were looked at.
    looked_at: usize,
    /// Since when every move in and out of segments is here; before it only the last entry into
    /// each segment that the person is in.
    #[schema(value_type = Option<String>)]
    moves_since: Option<Timestamp>,
}

/// The newest items before a place.
struct Newest {
    before: (Timestamp, u128),
    wanted: usize,
    kept: BTreeMap<(Timestamp, u128), Item>,
}

impl Newest {
    fn put(&mut self, item: Item) {
        let key = (item.at, item.order);
        let last = self.kept.keys().next().filter(|_| self.kept.len() > self.wanted);
        if key >= self.before || last.is_some_and(|last| key < *last) {
            return;
        }
        self.kept.insert(key, item);
        // One more than is wanted, to know whether there is one.
        if self.kept.len() > self.wanted + 1 {
            self.kept.pop_first();
        }
    }
}

fn cursor(text: Option<&str>) -> Result<(Timestamp, u128), Problem> {
    let Some(text) = text else { return Ok((Timestamp::MAX, u128::MAX)) };
    let parts = text.split_once('.');
    let parts = parts.and_then(|(at, order)| {
        Some((Timestamp(at.parse().ok()?), u128::from_str_radix(order, 16).ok()?))
    });
    parts.ok_or_else(|| bad_cursor(text))
}

/// What happened to a person, newest first.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/timeline", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path), Asked),
    responses((status = 200, body = Timeline), (status = 400, body = Problem),
        (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Json<Timeline>, Problem> {
    let before = cursor(asked.cursor.as_deref())?;
    let (place, absorbed) = trail(&app, &alias(&app, &namespace, &value)?).await?;
    let mut newest = Newest { before, wanted: rows(asked.limit), kept: BTreeMap::new() };
    let looked_at = stored(&app, &place, &mut newest).await?;
    waiting(&app, &place, &mut newest).await;
    let moves_since = moves(&app, &place, absorbed, &mut newest).await?;
    journeys(&place, &mut newest);
    let more = newest.kept.len() > newest.wanted;
    if more {
        newest.kept.pop_first();
    }
    let next = newest.kept.keys().next().filter(|_| more);
    let next = next.map(|(at, order)| format!("{}.{order:x}", at.0));
    let items = newest.kept.into_values().rev().collect();
    let profile = place.head.id().to_string();
    Ok(Json(Timeline { profile, items, next, looked_at, moves_since }))
}

/// Stored events: the newest before the place, and how many were looked at. They lie by name and
/// then by time: of each name so many as are wanted of all are enough.
async fn stored(app: &App, place: &Located, newest: &mut Newest) -> Result<usize, Problem> {
    let number = place.number;
    let (mut from, to) = Key::timeline(number);
    // One more than is wanted, to know whether there is one.
    let (before, limit) = (newest.before, newest.wanted + 1);
    let mut looked = 0;
    loop {
        let (low, high) = (from.clone(), to.clone());
        let found = app.ask(place.partition, move |p| {
            let first = p.rows().range(&low, &high, 1).pop()?.0;
            let Key::Timeline(_, name, ..) = first else { return None };
            let own = Key::timeline_of(number, &name, (Timestamp(i64::MIN), EventId(0)));
            let end = Key::Timeline(number, name.clone(), before.0, EventId(before.1));
            Some((p.rows().range_back(&own.0, &end, limit), name))
        });
        let Some((rows, name)) = found.await.ok_or_else(stopping)? else { return Ok(looked) };
        looked += rows.len();
        for (key, row) in rows {
            if let (Key::Timeline(_, name, at, id), Row::Timeline(row)) = (key, row) {
                newest.put(happened(place.head.id(), (name, at, id), &row));
            }
        }
        from = Key::Timeline(number, format!("{name}\0"), Timestamp(i64::MIN), EventId(0));
    }
}

/// A stored event of a person, by its id: its name, when it happened, and what it said. Where its
/// name and its time are known, it is at one place; else everything that the person did is looked
/// through.
pub(super) async fn find(
    app: &App,
    alias: &Alias,
    event: EventId,
    known: Option<(String, Timestamp)>,
) -> Result<Option<(String, Timestamp, Arc<Happening>)>, Problem> {
    let (place, _) = trail(app, alias).await?;
    let number = place.number;
    if let Some((name, at)) = known {
        let key = Key::Timeline(number, name.clone(), at, event);
        let row = app.ask(place.partition, move |p| p.rows().get(&key)).await;
        if let Some(Row::Timeline(row)) = row.ok_or_else(stopping)? {
            return Ok(Some((name, at, row)));
        }
    }
    let (mut from, to) = Key::timeline(number);
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let (low, high) = (from.clone(), to.clone());
        let slice = app.ask(place.partition, move |p| p.rows().range(&low, &high, SLICE));
        let slice = slice.await.ok_or_else(stopping)?;
        let whole = slice.len() < SLICE;
        for (key, row) in slice {
            let Key::Timeline(number, name, at, id) = key else { continue };
            match row {
                Row::Timeline(row) if id == event => return Ok(Some((name, at, row))),
                _ => from = Key::Timeline(number, name, at, EventId(id.0.saturating_add(1))),
            }
        }
        if whole {
            return Ok(None);
        }
    }
    let detail = "the person did more than can be looked through at once";
    Err(Problem::new(Code::Unavailable, detail)
        .hint("say the event's `name` and when it happened (`at`), as the timeline has them"))
}

fn happened(
    profile: ProfileId,
    (name, at, id): (String, Timestamp, EventId),
    row: &Happening,
) -> Item {
    let text = |field: &str| row.properties.get(field).and_then(|value| value.as_str());
    let message = text("message").filter(|id| id.starts_with("msg_")).map(str::to_owned);
    let (kind, words) = match (&message, name.as_str()) {
        (_, STATED) => {
            let state = text("state").unwrap_or("said");
            let topic = text("topic").unwrap_or("*");
            let source = text("source").unwrap_or_default();
            (Kind::Consent, format!("{state}: {topic}, said by {source}"))
        }
        (Some(_), name) => {
            let word = name.trim_start_matches("message_").replace('_', " ");
            let template = text("template").map(|name| format!(" `{name}`")).unwrap_or_default();
            let why = text("reason").map(|why| format!(": {why}")).unwrap_or_default();
            (Kind::Message, format!("message{template} {word}{why}"))
        }
        (None, name) => (Kind::Event, name.replace('_', " ")),
    };
    Item {
        at,
        kind,
        name,
        words,
        event: Some(id.to_string()),
        message,
        properties: row.properties.clone(),
        received_at: Some(row.received_at),
        profile: (row.origin != profile).then(|| row.origin.to_string()),
        order: id.0,
    }
}

fn plain(at: Timestamp, kind: Kind, name: &str, words: String) -> Item {
    Item {
        at,
        kind,
        name: name.to_owned(),
        order: hash128(&[words.as_bytes(), &at.0.to_be_bytes()]),
        words,
        event: None,
        message: None,
        properties: Properties::new(),
        received_at: None,
        profile: None,
    }
}

/// Messages that have not ended. Asked after the rows of the timeline: one that has ended since the
/// head was read stands there, and not here as well.
async fn waiting(app: &App, place: &Located, newest: &mut Newest) {
    let open: Vec<_> = place.head.open.iter().copied().take(OPEN_MAX).collect();
    for id in open {
        let Ok(Some(message)) = messages::find(app, id).await else { continue };
        if message.state.ended() {
            continue;
        }
        let words = format!("message `{}` waits", message.template.0);
        let item = plain(message.created, Kind::Message, "message_waiting", words);
        newest.put(Item { message: Some(id.to_string()), order: id.0, ..item });
    }
}

/// Moves in and out of segments: the newest of the feed, and the entries that the profile itself
/// remembers. Since when the feed was looked at.
async fn moves(
    app: &Arc<App>,
    place: &Located,
    absorbed: Vec<ProfileId>,
    newest: &mut Newest,
) -> Result<Option<Timestamp>, Problem> {
    let own: BTreeSet<ProfileId> = absorbed.into_iter().chain([place.head.id()]).collect();
    let reader = app.clone();
    let read = tokio::task::spawn_blocking(move || feed(&reader, &own));
    let (found, since) = read.await.map_err(|_| stopping())?;
    let catalog = app.catalog();
    let name = |segment: u32| shown_name(&catalog, segment);
    let mut told = BTreeSet::new();
    for change in found {
        told.insert((change.segment, change.at, change.inside));
        let Some(name) = name(change.segment) else { continue };
        let verb = if change.inside { "entered" } else { "left" };
        newest.put(plain(change.at, Kind::Segment, &name, format!("{verb} `{name}`")));
    }
    for (segment, state) in place.head.segments.iter() {
        let known = told.contains(&(*segment, state.since, state.inside));
        let Some(name) = name(*segment) else { continue };
        if state.inside && !known {
            newest.put(plain(state.since, Kind::Segment, &name, format!("entered `{name}`")));
        }
    }
    Ok(since)
}

/// The name of a segment that people know; none of what Cauce keeps for itself, whichever number it
/// has.
fn shown_name(catalog: &Catalog, segment: SegmentNumber) -> Option<String> {
    let known = catalog.segment_numbers.get(&segment);
    let name = known.and_then(|at| catalog.segments.get(*at)).map(|segment| &segment.name);
    name.filter(|name| !name.starts_with(HIDDEN)).cloned()
}

/// The moves of some profiles among the newest of everybody's, and when the oldest of these was.
fn feed(app: &App, own: &BTreeSet<ProfileId>) -> (Vec<Change>, Option<Timestamp>) {
    let feed = &app.feed;
    // What was decided a moment ago may not be durable yet, and only what is, is shown.
    if let Err(error) = feed.flush() {
        tracing::error!(%error, "the newest moves are not shown");
    }
    let (start, end) = (feed.start().next, feed.end().next);
    let mut next = feed.token(start.max(end.saturating_sub(MOVES_MAX)));
    let mut found = Vec::new();
    let mut since = None;
    while next.next < end {
        let Ok(read) = feed.read(&next, READ_BYTES) else { break };
        let Some((last, _)) = read.last() else { break };
        next.next = last + 1;
        for (_, change) in read {
            since.get_or_insert(change.at);
            if own.contains(&change.profile) {
                found.push(change);
            }
        }
    }
    (found, since)
}

/// What is remembered of walks.
fn journeys(place: &Located, newest: &mut Newest) {
    for (name, memory) in &place.head.journeys {
        // Behind a line break stands the key of a walk, which its journey's own row counts too.
        if name.contains('\n') {
            continue;
        }
        let words = format!("entered the journey `{name}`");
        newest.put(plain(memory.entered, Kind::Journey, name, words));
        if let Some(left) = memory.left {
            newest.put(plain(left, Kind::Journey, name, format!("left the journey `{name}`")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::catalog::Segment;
    use cauce_core::segment::{compile, parse};

    #[test]
    fn what_cauce_keeps_for_itself_is_nobodys_move() {
        let compiled = compile(parse("count(x) >= 1").unwrap()).0;
        let names = ["gold", "~shared/gold", "~welcome/1/0"].into_iter().zip(0..);
        let segment = |(name, number): (&str, SegmentNumber)| {
            let (name, compiled) = (name.to_owned(), compiled.clone());
            Arc::new(Segment { name, number, revision: 1, build: 1, compiled })
        };
        let catalog = Catalog::default().with_segments(names.map(segment).collect());
        assert_eq!(shown_name(&catalog, 0).as_deref(), Some("gold"));
        assert_eq!([1, 2, 3].map(|number| shown_name(&catalog, number)), [None, None, None]);
    }
}
