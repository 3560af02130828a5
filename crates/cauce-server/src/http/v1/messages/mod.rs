//! Transactional messages, and the ledger row of any message.

mod list;
pub mod shape;
mod shown;
mod walk;
pub mod words;

pub use list::{__path_list, list};
pub use shape::Reason;
pub use shown::{reason as refusal_reason, shown};

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem, stopping};
use super::{inflate, json, reserved_room, trace};
use crate::app::{App, Refusal};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use cauce_core::decide::{Plans, home, key_home};
use cauce_core::diagnostic::{Diagnostic, nearest};
use cauce_core::event::Properties;
use cauce_core::ids::{MessageId, hash128};
use cauce_core::input::{Body, Request};
use cauce_core::limits;
use cauce_core::message::ENDS;
use cauce_core::message::attached::{self, ATTACHED, Written};
use cauce_core::message::ledger::Message;
use cauce_core::offer::CARRIED;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::{Duration, Timestamp};
use cauce_core::value::Value;
use serde::{Deserialize, Serialize};
use serde_json::Value as Value_;
use shape::Shown;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A message that somebody asks for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The template's name.
    template: String,
    /// To whom: aliases by namespace, for example `{"email": "ana@example.com"}`.
    to: BTreeMap<String, String>,
    /// What the template may use as `event`.
    #[serde(default)]
    #[schema(value_type = Object)]
    payload: BTreeMap<String, Value>,
    /// Files, at most 1 MiB together.
    #[serde(default)]
    #[schema(value_type = Vec<File>)]
    attachments: Vec<Written>,
    /// The same key within a day is the same message; also as the header `Idempotency-Key`.
    idempotency_key: Option<String>,
    /// Not before (RFC 3339).
    #[schema(value_type = Option<String>)]
    send_at: Option<Timestamp>,
    /// Not after (RFC 3339).
    #[schema(value_type = Option<String>)]
    expire_at: Option<Timestamp>,
}

/// A file that travels with a message.
#[derive(utoipa::ToSchema)]
#[schema(as = MessageFile, rename_all = "kebab-case")]
#[allow(dead_code)] // the shape of the core's own, for whoever reads the API's description
pub struct File {
    /// Its name as the reader sees it.
    name: String,
    /// Its media type: `application/pdf`.
    content_type: String,
    /// Its bytes in base64.
    content: String,
    /// What the HTML calls it (`cid:logo`), if it is a picture in the text.
    inline_id: Option<String>,
}

/// What was made of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Created {
    /// The message.
    id: String,
    /// Whether the key had stood for it already.
    repeated: bool,
}

/// Asks for a message. 202: it is durable, and its id is final.
#[utoipa::path(post, path = "/v1/messages", tag = "messages", request_body = Create,
    responses((status = 202, body = Created), (status = 409, body = Problem),
              (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn create(
    admin: Full,
    State(app): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Created>), Problem> {
    // Not `room`: transactional requests have reserved room.
    reserved_room(&app)?;
    let body = inflate(&headers, body)?;
    let body_hash = hash128(&[&body]);
    let wanted: Create = serde_json::from_value(json(&body)?)
        .map_err(|error| Problem::new(Code::Invalid, error.to_string()))?;
    admin.1.note(wanted.template.clone());
    let request = admit(&app, &headers, wanted, body_hash)?;
    let key = request.idempotency_key.clone();
    let partition = match (&key, request.to.first()) {
        (Some(key), _) => key_home(key, app.node.partitions()),
        (None, Some(alias)) => home(alias, app.node.partitions()),
        (None, None) => 0,
    };
    let trace = trace();
    let body = Body::Request(Box::new(request));
    let Some(key) = key else {
        let input = cauce_core::input::Input { at: app.node.now(), trace, body };
        let position = app.append_durable(partition, &input).await?;
        let origin = cauce_core::ids::Origin { workspace: 1, partition, position };
        // The first identifier that the input derives: `requested` makes it before all else.
        let id = MessageId(cauce_core::ids::derive(origin, 0, 0)).to_string();
        return Ok((StatusCode::ACCEPTED, Json(Created { id, repeated: false })));
    };
    let position = app.append_applied(partition, body, trace).await?;
    let row_key = Key::Request(key.clone());
    let row = app.ask(partition, move |p| match p.rows().get(&row_key) {
        Some(Row::Request(row)) => Some(row),
        _ => None,
    });
    let row = row.await.flatten().ok_or_else(|| stopping().hint("ask again with the same key"))?;
    if row.body != body_hash {
        let detail = format!("the key `{key}` stands for {}, made of another body", row.message);
        return Err(Problem::new(Code::KeyReused, detail).hint("use a new key for a new message"));
    }
    let origin = cauce_core::ids::Origin { workspace: 1, partition, position };
    let repeated = row.message != MessageId(cauce_core::ids::derive(origin, 0, 0));
    let id = row.message.to_string();
    Ok((StatusCode::ACCEPTED, Json(Created { id, repeated })))
}

/// Names of ours that are among those of a payload.
fn reserved(has: impl Fn(&str) -> bool) -> Vec<Diagnostic> {
    let ours = [
        (ATTACHED, "send files as `attachments`"),
        (CARRIED, "what a placement shows is chosen when the message leaves"),
    ];
    let said = ours.into_iter().filter(|(name, _)| has(name)).map(|(name, hint)| {
        let message = format!("`{name}` is a name of ours");
        Diagnostic::error(format!("payload.{name}"), "reserved-name", message).hint(hint)
    });
    said.collect()
}

fn admit(
    app: &App,
    headers: &HeaderMap,
    wanted: Create,
    body_hash: u128,
) -> Result<Request, Problem> {
    let mut faults = Vec::new();
    let plan = app.control().book.plan;
    let catalog = app.catalogs.plan(plan);
    if !catalog.templates.contains_key(&wanted.template) {
        let message = format!("there is no template `{}`", wanted.template);
        let fault = Diagnostic::error("template", "unknown-template", message);
        let near = nearest(&wanted.template, catalog.templates.keys().map(String::as_str));
        faults.push(match near {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault,
        });
    }
    let mut to = Vec::new();
    for (namespace, value) in &wanted.to {
        match catalog.namespaces.canonical(namespace, value) {
            Ok(alias) => to.push(alias),
            Err(why) => faults.push(Diagnostic::error(format!("to.{namespace}"), "bad-alias", why)),
        }
    }
    catalog.namespaces.sort(&mut to);
    if to.is_empty() && faults.is_empty() {
        faults.push(
            Diagnostic::error("to", "nobody", "the message is to nobody")
                .hint("give an alias, for example `{\"email\": \"ana@example.com\"}`"),
        );
    }
    let in_header = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let idempotency_key = wanted.idempotency_key.or_else(|| in_header.map(str::to_owned));
    if idempotency_key.as_ref().is_some_and(|key| key.len() > 256 || key.contains('\0')) {
        faults.push(Diagnostic::error("idempotency_key", "bad-key", "at most 256 characters"));
    }
    for path in app.rendering().missing(&wanted.template, &wanted.payload) {
        let place = path.replacen("event", "payload", 1);
        let message = format!("the template `{}` needs `{path}`", wanted.template);
        let fault = Diagnostic::error(place, "missing-variable", message);
        faults.push(fault.hint("send it, or give the template a fallback: `| default: \"…\"`"));
    }
    faults.extend(attached::check_requested("attachments", &wanted.attachments));
    let begins = wanted.send_at.unwrap_or_default().max(app.node.now());
    if wanted.expire_at.is_some_and(|at| at > begins.plus(limits::REQUEST_LIFETIME_MAX)) {
        let days = limits::REQUEST_LIFETIME_MAX.0 / Duration::DAY.0;
        let message = format!("more than {days} days after it may be sent first");
        let fault = Diagnostic::error("expire_at", "too-late", message);
        faults.push(
            fault.hint("a message that waits longer is news no more: give an earlier instant"),
        );
    }
    faults.extend(reserved(|name| wanted.payload.contains_key(name)));
    if !faults.is_empty() {
        return Err(Problem::new(Code::Invalid, "the request has faults").fields(faults));
    }
    let mut payload = Properties::from_iter(wanted.payload);
    if !wanted.attachments.is_empty() {
        payload.insert(ATTACHED.to_owned(), attached::to_value(&wanted.attachments));
    }
    Ok(Request {
        idempotency_key,
        body_hash,
        template: wanted.template,
        to,
        payload,
        send_at: wanted.send_at,
        expire_at: wanted.expire_at,
    })
}

/// The ledger row of a message, wherever it lives.
///
/// # Errors
/// A question that nobody answers: the process is stopping. That is not *there is no such message*.
pub async fn find(app: &App, id: MessageId) -> Result<Option<Arc<Message>>, Refusal> {
    let mut partition = id.birthplace();
    for _ in 0..3 {
        if partition >= app.node.partitions() {
            return Ok(None);
        }
        let rows = app.ask(partition, move |p| {
            (p.rows().get(&Key::Message(id)), p.rows().get(&Key::Location(id)))
        });
        match rows.await.ok_or(Refusal::Stopping)? {
            (Some(Row::Message(message)), _) => return Ok(Some(message)),
            (_, Some(Row::Location(elsewhere))) => partition = elsewhere,
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Everything about a message.
#[utoipa::path(get, path = "/v1/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "the message's id")),
    responses((status = 200, body = Shown), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let message = parse(&id)?;
    match find(&app, message).await? {
        Some(message) => Ok(Json(shown(&message))),
        None => Err(Problem::new(Code::NotFound, format!("there is no message {id}"))
            .hint("a message asked for a moment ago may still be on its way to its profile")),
    }
}

/// A message id, or a problem.
pub fn parse(id: &str) -> Result<MessageId, Problem> {
    id.parse().map_err(|why| Problem::new(Code::NotFound, format!("`{id}`: {why}")))
}

/// The name of a variant, which in JSON stands alone or around its fields.
pub fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value_::String(name)) => name,
        Ok(Value_::Object(variant)) => variant.into_iter().next().unwrap_or_default().0,
        _ => String::new(),
    }
}

/// Messages that one list looks at, the newest first.
const LOOKED_AT_MAX: usize = 1_000;

/// A profile's messages that fit, newest first, at most `limit`. What has ended stands in its
/// timeline, and what has not in its head; the ledger is asked by id, wherever a message lives.
pub async fn of_profile(
    app: &App,
    place: &super::profiles::Located,
    limit: usize,
    fits: impl Fn(&Message) -> bool,
) -> Vec<Arc<Message>> {
    let number = place.number;
    let asked = app.ask(place.partition, move |p| {
        let mut known: Vec<(Timestamp, MessageId)> = Vec::new();
        if let Some(Row::Head(head)) = p.rows().get(&Key::Head(number)) {
            known.extend(head.open.iter().map(|id| (Timestamp::MAX, *id)));
        }
        for name in ENDS {
            let low = (Timestamp(i64::MIN), cauce_core::ids::EventId(0));
            let (from, to) = Key::timeline_of(number, name, low);
            for (key, row) in p.rows().range(&from, &to, usize::MAX) {
                if let (Key::Timeline(_, _, at, _), Row::Timeline(row)) = (key, row)
                    && let Some(text) = row.properties.get("message").and_then(|v| v.as_str())
                    && let Ok(id) = text.parse()
                {
                    known.push((at, id));
                }
            }
        }
        known.sort_unstable_by(|a, b| b.cmp(a));
        known.truncate(LOOKED_AT_MAX);
        known
    });
    let mut found = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (_, id) in asked.await.unwrap_or_default() {
        if found.len() >= limit {
            break;
        }
        // A list shows what can be had.
        if let Ok(Some(message)) = find(app, id).await
            && seen.insert(id)
            && fits(&message)
        {
            found.push(message);
        }
    }
    found.sort_by_key(|message| std::cmp::Reverse(message.created));
    found
}

/// Rows that an export reads at a time.
const EXPORT_ROWS: usize = 500;

/// The whole ledger as NDJSON, in the order of ids: each line a `Message`. One that is written
/// while this runs may be in it or not.
#[utoipa::path(get, path = "/v1/messages/export", tag = "messages",
    responses((status = 200, body = String, content_type = "application/x-ndjson")))]
pub async fn export(_: Full, State(app): Shared) -> impl axum::response::IntoResponse {
    let start = Some((0u16, MessageId(0)));
    let parts = futures_util::stream::unfold((app, start), |(app, place)| async move {
        let (partition, from) = place?;
        let asked = app.ask(partition, move |p| {
            let high = Key::Message(MessageId(u128::MAX));
            let rows = p.rows().range(&Key::Message(from), &high, EXPORT_ROWS);
            let last = match rows.last() {
                Some((Key::Message(id), _)) if rows.len() == EXPORT_ROWS => Some(*id),
                _ => None,
            };
            let lines = rows.iter().filter_map(|(_, row)| match row {
                Row::Message(message) => {
                    let line = serde_json::to_string(&shown(message)).unwrap_or_default();
                    Some(format!("{line}\n"))
                }
                _ => None,
            });
            (lines.collect::<String>(), last)
        });
        let (lines, last) = asked.await?;
        let next = match last {
            Some(id) => Some((partition, MessageId(id.0.saturating_add(1)))),
            None => {
                (partition + 1 < app.node.partitions()).then_some((partition + 1, MessageId(0)))
            }
        };
        Some((Ok::<_, std::convert::Infallible>(lines), (app, next)))
    });
    let kind = [(axum::http::header::CONTENT_TYPE, "application/x-ndjson")];
    (kind, axum::body::Body::from_stream(parts))
}
