//! Segment's tracking API: what its official SDKs expect.
//!
//! Limits and answers:
//! <https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/>.
//! 200 means durable. A batch is taken as far as it is good: a bad event is counted and listed, and
//! never holds up the others, since the SDKs drop what is answered with 400.

use super::super::Shared;
use super::super::auth::{Writer, known_key};
use super::super::error::{Code, Problem};
use super::super::schemas::{Sorted, sort};
use super::super::shapes;
use super::{append, check_size, edge, inflate, json, room, too_many, trace};
use crate::control::Scope;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use cauce_core::admit;
use cauce_core::diagnostic::Diagnostic;
use cauce_core::limits;
use cauce_core::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// The largest batch.
const BATCH_BYTES_MAX: usize = 500 * 1024;

/// What became of one call.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentCalled)]
pub struct Called {
    /// Always true: a no is a problem.
    success: bool,
}

/// What became of many calls.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentBatch)]
pub struct Batched {
    /// Always true: a no is a problem. It is also said where calls were refused.
    success: bool,
    /// Calls that are durable.
    accepted: usize,
    /// Calls that were refused, each with every fault.
    rejected: Vec<Refused>,
    /// What else is to be said, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<Vec<String>>,
}

/// The letter under which analytics.js sends a call, which is its path there.
fn by_letter(call: &str) -> &str {
    let of = |letter: &str| admit::CALLS.iter().find(|name| name.starts_with(letter));
    match call.len() {
        // `alias` and no other begins with an a; so of all six.
        1 => of(call).unwrap_or(&call),
        _ => call,
    }
}

/// What analytics.js asks for before anything else: where it sends what the page reports.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentSettings)]
pub struct Settings {
    /// By the name of a destination: only Cauce itself, under the name of Segment's own.
    integrations: BTreeMap<&'static str, Integration>,
}

/// A destination of analytics.js.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SegmentIntegration)]
pub struct Integration {
    /// The write key.
    api_key: String,
    /// Host and path before the letter of a call.
    api_host: String,
    /// `https` or `http`.
    protocol: String,
}

/// What analytics.js asks a CDN for: name the public address of Cauce as its `cdnURL`.
#[utoipa::path(get, path = "/v1/projects/{key}/settings", tag = "segment",
    params(("key" = String, Path, description = "a key with the scope `write`")),
    responses((status = 200, body = Settings), (status = 403, body = Problem),
              (status = 401, body = Problem)))]
pub async fn settings(
    State(app): Shared,
    Path(key): Path<String>,
) -> Result<Json<Settings>, Problem> {
    if known_key(&app, &key)?.scope != Scope::Write {
        let detail = "a page is read by everybody, and so is its key: this one may do more than \
                      report events";
        return Err(Problem::new(Code::Forbidden, detail)
            .hint("`cauce keys make shop --scope write` makes one for pages"));
    }
    let address = app.site.url.trim_end_matches('/');
    let (protocol, host) = address.split_once("://").unwrap_or(("https", address));
    let integration =
        Integration { api_key: key, api_host: format!("{host}/v1"), protocol: protocol.to_owned() };
    Ok(Json(Settings { integrations: BTreeMap::from([("Segment.io", integration)]) }))
}

/// One call: `identify`, `track`, `page`, `screen`, `group`, `alias`.
#[utoipa::path(post, path = "/v1/{call}", tag = "segment",
    params(("call" = String, Path,
            description = "identify, track, page, screen, group or alias, or its first letter; \
                           b is a batch")),
    request_body(content = Object, description = "one Segment call"),
    responses((status = 200, body = Called, description = "durable"),
              (status = 400, body = Problem)))]
pub async fn call(
    writer: Writer,
    State(app): Shared,
    Path(call): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    if call == "b" {
        return Ok(many(writer, State(app), headers, body, false).await?.into_response());
    }
    let call = by_letter(&call);
    if !admit::CALLS.contains(&call) {
        return Err(Problem::new(Code::NotFound, format!("there is no call `{call}`")));
    }
    room(&app)?;
    let body = inflate(&headers, body)?;
    if body.len() > limits::EVENT_BYTES_MAX {
        return Err(Problem::new(Code::TooLarge, "an event has at most 32 KB"));
    }
    let body = json(&body)?;
    let sent_at = body.get("sentAt").and_then(Value::as_str).and_then(|text| text.parse().ok());
    match admit::segment(call, &body, &edge(&app, sent_at, false), &app.catalog().namespaces) {
        Ok(event) => {
            let sorted = sort(&app, &app.catalog(), vec![(0, event)]).await;
            if sorted.events.is_empty() {
                return Err(Sorted::full());
            }
            append(&app, sorted.events, trace()).await?;
            Ok(Json(Called { success: true }).into_response())
        }
        Err(faults) => {
            app.metrics.events_refused.fetch_add(1, Ordering::Relaxed);
            let mut problem = Problem::new(Code::Malformed, "the event has faults").fields(faults);
            problem.hint = Some("nothing was taken".to_owned());
            Err(problem)
        }
    }
}

/// Many calls at once.
#[utoipa::path(post, path = "/v1/batch", tag = "segment",
    request_body(content = Object, description = "`batch`: Segment calls, each with its `type`"),
    responses((status = 200, body = Batched,
               description = "the good ones are durable, the others listed"),
              (status = 400, body = Problem)))]
pub async fn batch(
    writer: Writer,
    app: Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Batched>, Problem> {
    many(writer, app, headers, body, false).await
}

/// Many calls of the past: they count, and never start or send anything.
#[utoipa::path(post, path = "/v1/import", tag = "segment",
    request_body(content = Object, description = "`batch`: Segment calls, each with its `type`"),
    responses((status = 200, body = Batched,
               description = "the good ones are durable, the others listed"),
              (status = 400, body = Problem)))]
pub async fn import(
    writer: Writer,
    app: Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Batched>, Problem> {
    many(writer, app, headers, body, true).await
}

async fn many(
    _: Writer,
    State(app): Shared,
    headers: HeaderMap,
    body: Bytes,
    historical: bool,
) -> Result<Json<Batched>, Problem> {
    room(&app)?;
    let body = inflate(&headers, body)?;
    if body.len() > BATCH_BYTES_MAX {
        return Err(Problem::new(Code::TooLarge, "a batch has at most 500 KB"));
    }
    let Batch { sent_at, unreadable, calls } = calls(&body)?;
    if calls.len() > limits::REQUEST_EVENTS_MAX {
        return Err(too_many());
    }
    let whole = body;
    let catalog = app.catalog();
    let mut events = Vec::new();
    let mut rejected = Vec::new();
    for (place, body) in calls.iter().enumerate() {
        let call = body.get("type").and_then(Value::as_str).unwrap_or_default();
        let admitted = check_size(body, &whole).map_err(|fault| vec![fault]).and_then(|()| {
            let edge = edge(&app, sent_at, historical);
            admit::segment(call, body, &edge, &catalog.namespaces)
        });
        match admitted {
            Ok(event) => events.push((place, event)),
            Err(faults) => rejected.push(refusal(place, faults)),
        }
    }
    // The SDKs do not read what is said of single events: those that wait are accepted.
    let Sorted { events, refused, .. } = sort(&app, &catalog, events).await;
    if events.is_empty() && rejected.is_empty() && !refused.is_empty() {
        return Err(Sorted::full());
    }
    rejected.extend(refused.into_iter().map(|(place, faults)| refusal(place, faults)));
    app.metrics.events_refused.fetch_add(rejected.len() as u64, Ordering::Relaxed);
    let accepted = events.len();
    append(&app, events, trace()).await?;
    let warnings = unreadable.map(|text| {
        vec![format!("`sentAt`: `{text}` is no time; the client's clock is taken as it is")]
    });
    Ok(Json(Batched { success: true, accepted, rejected, warnings }))
}

/// A batch as it was sent.
pub struct Batch {
    /// When, by its sender's clock.
    pub sent_at: Option<Timestamp>,
    /// What stands there instead of a time. Not a fault of the batch: its events would be lost.
    pub unreadable: Option<String>,
    /// Its calls.
    pub calls: Vec<Value>,
}

/// Reads a batch.
pub fn calls(body: &[u8]) -> Result<Batch, Problem> {
    let mut body = json(body)?;
    let (sent_at, unreadable) = match body.get("sentAt") {
        None | Some(Value::Null) => (None, None),
        Some(Value::String(text)) => match text.parse() {
            Ok(at) => (Some(at), None),
            Err(_) => (None, Some(text.clone())),
        },
        Some(other) => (None, Some(other.to_string())),
    };
    let Some(Value::Array(calls)) = body.get_mut("batch").map(Value::take) else {
        return Err(Problem::new(Code::Malformed, "the request has no `batch`"));
    };
    Ok(Batch { sent_at, unreadable, calls })
}

/// An event, or a row, that was refused.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Rejected)]
pub struct Refused {
    /// Its place in the request, from 0.
    index: usize,
    /// Every fault of it.
    #[schema(value_type = Vec<shapes::Diagnostic>)]
    faults: Vec<Diagnostic>,
}

/// A refused event of a batch: its place and its faults.
pub fn refusal(index: usize, faults: Vec<Diagnostic>) -> Refused {
    Refused { index, faults }
}
