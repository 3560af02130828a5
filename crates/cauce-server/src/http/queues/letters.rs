//! Dead letters: messages that nobody carried, shown, tried again, or given up.

use crate::app::{App, Refusal};
use crate::http::Shared;
use crate::http::auth::Full;
use crate::http::error::{Code, Problem};
use crate::http::v1::messages::words::Channel;
use axum::Json;
use axum::extract::{Query, State};
use cauce_core::ids::{MessageId, Partition};
use cauce_core::input::Body;
use cauce_core::message::ledger::{Message, Source, State as Stands};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows that one request looks at.
const SCAN_MAX: usize = 5_000;
/// Dead letters on one page.
const PAGE_MAX: usize = 500;
/// Dead letters that one input tries again.
const SLICE: usize = 200;

/// Which of them.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct Letters {
    /// Those that ended with this code: `gave-up-transient`, `configuration`, `expired`…
    code: Option<String>,
    /// Go on here: `next` of the page before.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<usize>,
}

/// Which of them are meant.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = DeadLettersChosen)]
#[serde(default, deny_unknown_fields)]
pub struct Chosen {
    /// These messages…
    ids: Vec<String>,
    /// …or those that ended with this code…
    code: Option<String>,
    /// …or all.
    all: bool,
}

fn code(message: &Message) -> &str {
    match &message.state {
        Stands::Failed { code, .. } => code,
        Stands::Refused { reason, .. } => reason.code(),
        Stands::Queued { .. }
        | Stands::Attempting { .. }
        | Stands::Accepted { .. }
        | Stands::Unknown { .. } => "",
    }
}

/// A message that nobody carried.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DeadLetter)]
pub struct Letter {
    /// The message: `msg_…`.
    id: String,
    /// The stable word for why it ended: `gave-up-transient`, `configuration`, `expired`…
    code: String,
    /// Why, in words, or the answer as given.
    text: String,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    at: Option<Timestamp>,
    /// The template.
    template: String,
    /// By what it travels.
    channel: Channel,
    /// The campaign; null for others.
    #[schema(required = true)]
    campaign: Option<String>,
    /// The ready queue that it was in.
    queue: String,
    /// Who tried to carry it.
    providers: BTreeSet<String>,
    /// How often it was tried.
    attempts: usize,
}

/// Messages that nobody carried.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DeadLetterList)]
pub struct Listed {
    /// The messages.
    items: Vec<Letter>,
    /// Where to go on; null at the end.
    #[schema(required = true)]
    next: Option<String>,
    /// On the first page: how many there are of each code.
    #[serde(skip_serializing_if = "Option::is_none")]
    codes: Option<BTreeMap<String, usize>>,
    /// On the first page: whether there may be more than `codes` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<bool>,
}

/// Dead letters that were tried again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DeadLettersReplayed)]
pub struct Replayed {
    /// How many.
    replayed: usize,
}

/// Dead letters that were given up.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DeadLettersDropped)]
pub struct Dropped {
    /// How many.
    dropped: usize,
}

fn shown(message: &Message) -> Letter {
    let (text, at) = match &message.state {
        Stands::Failed { text, at, .. } => (text.clone(), Some(*at)),
        Stands::Refused { reason, at } => (reason.to_string(), Some(*at)),
        Stands::Queued { .. }
        | Stands::Attempting { .. }
        | Stands::Accepted { .. }
        | Stands::Unknown { .. } => (String::new(), None),
    };
    let campaign = match &message.source {
        Source::Campaign { campaign, .. } => Some(campaign.clone()),
        Source::Journey { .. } | Source::Api { .. } => None,
    };
    let tried = message.attempts.iter().map(|attempt| message.provider_of(attempt).to_owned());
    Letter {
        id: message.id.to_string(),
        code: code(message).to_owned(),
        text,
        at,
        template: message.template.0.clone(),
        channel: message.channel.into(),
        campaign,
        queue: message.path.clone(),
        providers: tried.collect(),
        attempts: message.attempts.len(),
    }
}

type Page = (Vec<(Partition, Arc<Message>)>, Option<(Partition, MessageId)>);

/// A page of dead letters, and where the next one begins.
async fn page(
    app: &App,
    wanted: Option<&str>,
    from: Option<(Partition, MessageId)>,
    limit: usize,
) -> Page {
    let start = from.unwrap_or((0, MessageId(0)));
    let (mut found, mut looked) = (Vec::new(), 0);
    for partition in start.0..app.node.partitions() {
        let first = if partition == start.0 { start.1 } else { MessageId(0) };
        let room = SCAN_MAX - looked;
        let rows = app.ask(partition, move |p| {
            let (low, high) = Key::dead_letters(first);
            let rows = p.rows();
            let read = |(key, _): (Key, Row)| match key {
                Key::DeadLetter(id) => match rows.get(&Key::Message(id)) {
                    Some(Row::Message(message)) => Some(message),
                    _ => None,
                },
                _ => None,
            };
            rows.range(&low, &high, room).into_iter().filter_map(read).collect::<Vec<_>>()
        });
        let mut behind = first;
        for message in rows.await.unwrap_or_default() {
            if found.len() >= limit {
                return (found, Some((partition, message.id)));
            }
            looked += 1;
            behind = MessageId(message.id.0.saturating_add(1));
            if wanted.is_none_or(|wanted| wanted == code(&message)) {
                found.push((partition, message));
            }
        }
        if looked >= SCAN_MAX {
            // Not: on to the next partition. This one may have more.
            return (found, Some((partition, behind)));
        }
    }
    (found, None)
}

/// Messages that ended because nobody carried them, and that can be tried again.
#[utoipa::path(get, path = "/v1/dead-letters", tag = "operation", params(Letters),
    responses((status = 200, body = Listed), (status = 400, body = Problem)))]
pub async fn list(
    _: Full,
    State(app): Shared,
    Query(wanted): Query<Letters>,
) -> Result<Json<Listed>, Problem> {
    let from = wanted.cursor.as_deref().map(place).transpose()?;
    let limit = wanted.limit.unwrap_or(50).clamp(1, PAGE_MAX);
    let (found, next) = page(&app, wanted.code.as_deref(), from, limit).await;
    let items = found.iter().map(|(_, message)| shown(message)).collect();
    let next = next.map(|(partition, id)| format!("{partition}.{id}"));
    let (mut all, mut at_least) = (None, None);
    if from.is_none() {
        let (found, more) = codes(&app).await;
        (all, at_least) = (Some(found), Some(more));
    }
    Ok(Json(Listed { items, next, codes: all, at_least }))
}

/// How many there are of each code, as far as one request looks, and whether there are more.
async fn codes(app: &App) -> (BTreeMap<String, usize>, bool) {
    let (found, next) = page(app, None, None, SCAN_MAX).await;
    let mut codes = BTreeMap::new();
    for (_, message) in &found {
        *codes.entry(code(message).to_owned()).or_default() += 1;
    }
    (codes, next.is_some())
}

fn place(text: &str) -> Result<(Partition, MessageId), Problem> {
    let read = || {
        let (partition, id) = text.split_once('.')?;
        Some((partition.parse().ok()?, id.parse().ok()?))
    };
    read().ok_or_else(|| {
        let detail = format!("`{text}` is no place in the list");
        Problem::new(Code::Malformed, detail).hint("take `next` from an answer")
    })
}

/// Tries dead letters again: each as if it were new. Everything that may say no is asked again.
#[utoipa::path(post, path = "/v1/dead-letters/replay", tag = "operation", request_body = Chosen,
    responses((status = 200, body = Replayed), (status = 422, body = Problem)))]
pub async fn replay(
    _: Full,
    State(app): Shared,
    Json(wanted): Json<Chosen>,
) -> Result<Json<Replayed>, Problem> {
    let (ids, code) = chosen(wanted)?;
    let worker = app.clone();
    let work = async move { each(&worker, &ids, code.as_deref(), Fate::Revived).await };
    Ok(Json(Replayed { replayed: app.whole(work).await? }))
}

/// Gives dead letters up: what became of them stands in the ledger, and they cannot be tried again.
#[utoipa::path(post, path = "/v1/dead-letters/drop", tag = "operation", request_body = Chosen,
    responses((status = 200, body = Dropped), (status = 422, body = Problem)))]
pub async fn give_up(
    admin: Full,
    State(app): Shared,
    Json(wanted): Json<Chosen>,
) -> Result<Json<Dropped>, Problem> {
    let (ids, code) = chosen(wanted)?;
    let worker = app.clone();
    let work = async move { each(&worker, &ids, code.as_deref(), Fate::GivenUp).await };
    let dropped = app.whole(work).await?;
    admin.1.note(format!("{dropped} messages"));
    Ok(Json(Dropped { dropped }))
}

/// Which messages are meant: their ids, or a code, or none of both for all.
fn chosen(wanted: Chosen) -> Result<(BTreeSet<MessageId>, Option<String>), Problem> {
    if wanted.ids.is_empty() && wanted.code.is_none() && !wanted.all {
        let problem = Problem::new(Code::Invalid, "it is not said which messages are meant");
        return Err(problem.hint("say `ids`, `code`, or `all: true`"));
    }
    let mut ids = BTreeSet::new();
    for id in &wanted.ids {
        let read: Result<MessageId, _> = id.parse();
        let detail = format!("`{id}` is no message");
        let problem = |_| {
            let problem = Problem::new(Code::Malformed, detail);
            problem.hint("take `id` from `GET /v1/dead-letters`")
        };
        ids.insert(read.map_err(problem)?);
    }
    Ok((ids, wanted.code))
}

/// What is done with dead letters.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Revived,
    GivenUp,
}

async fn each(
    app: &App,
    ids: &BTreeSet<MessageId>,
    code: Option<&str>,
    fate: Fate,
) -> Result<usize, Refusal> {
    let (mut from, mut done) = (None, 0);
    loop {
        let (found, next) = page(app, code, from, SLICE).await;
        let meant =
            |(_, message): &&(Partition, Arc<Message>)| ids.is_empty() || ids.contains(&message.id);
        let meant: Vec<_> = found.iter().filter(meant).collect();
        for same in meant.chunk_by(|one, other| one.0 == other.0) {
            let messages = same.iter().map(|(_, message)| message.id).collect();
            let trace = crate::http::v1::trace();
            let body = match fate {
                Fate::Revived => Body::Revive { messages },
                Fate::GivenUp => Body::Bury { messages },
            };
            app.append_applied(same[0].0, body, trace).await?;
            done += same.len();
        }
        match next {
            Some(next) => from = Some(next),
            None => return Ok(done),
        }
    }
}
