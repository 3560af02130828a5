//! Cauce's own events API: one event, an array of them, or one per line (NDJSON); or CloudEvents.

use super::super::Shared;
use super::super::auth::Writer;
use super::super::error::{Code, Problem};
use super::super::schemas::{Quarantined, Sorted, sort};
use super::segment::{Refused, refusal};
use super::{
    append, batch_room, check_size, cloud_events, edge, inflate, items, oversized, room, too_many,
    trace,
};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use cauce_core::admit;
use cauce_core::diagnostic::Diagnostic;
use cauce_core::event::Event;
use cauce_core::limits;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::atomic::Ordering;

/// What may be said in the address.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Options {
    /// The events belong to the past: they count, and never start or send anything.
    #[serde(default)]
    historical: bool,
    /// Answer when everything that they cause is applied, not only when they are durable.
    #[serde(default)]
    applied: bool,
}

/// What became of the events.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Accepted {
    /// Events that are durable.
    accepted: usize,
    /// Events that were refused, each with every fault.
    rejected: Vec<Refused>,
    /// Events that are durable and do not fit their schema: they wait in quarantine until they are
    /// mended, each with every fault.
    quarantined: Vec<Quarantined>,
    /// What ties everything together that this request causes: `cauce explain` takes it.
    trace: String,
}

/// Takes events. 202: those that were accepted are durable.
#[utoipa::path(post, path = "/v1/events", tag = "events", params(Options),
    request_body(content = Object, description = "one event, an array, or NDJSON; or CloudEvents"),
    responses((status = 202, body = Accepted), (status = 413, body = Problem),
              (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn accept(
    _: Writer,
    State(app): Shared,
    Query(options): Query<Options>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    if options.historical {
        batch_room(&app).await?;
    } else {
        room(&app)?;
    }
    let body = inflate(&headers, body)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let lines = kind.is_some_and(|kind| kind.contains("ndjson") || kind.contains("jsonl"));
    let clouds = cloud_events::read(&headers, &body).transpose()?;
    let admit = if clouds.is_some() { admit::cloud } else { admit::native };
    let documents = match clouds {
        Some(documents) => documents,
        None if lines => by_line(&body)?,
        None => documents(&body)?,
    };
    let mut events = Vec::new();
    let mut rejected = Vec::new();
    let mut first_faults = None;
    let catalog = app.catalog();
    for (place, document) in documents.into_iter().enumerate() {
        let admitted = document.map_err(|fault| vec![fault]).and_then(|document| {
            let edge = edge(&app, None, options.historical);
            admit(&document, &edge, &catalog.namespaces)
        });
        match admitted {
            Ok(event) => events.push((place, event)),
            Err(faults) => {
                first_faults.get_or_insert_with(|| faults.clone());
                rejected.push(refusal(place, faults));
            }
        }
    }
    let Sorted { events, quarantined, refused } = sort(&app, &catalog, events).await;
    if events.is_empty() && rejected.is_empty() && !refused.is_empty() {
        return Err(Sorted::full());
    }
    rejected.extend(refused.into_iter().map(|(place, faults)| refusal(place, faults)));
    app.metrics.events_refused.fetch_add(rejected.len() as u64, Ordering::Relaxed);
    if events.is_empty()
        && let Some(faults) = first_faults
    {
        let detail = match rejected.len() {
            1 => "the event has faults".to_owned(),
            count => format!("all {count} events have faults; those of the first are listed"),
        };
        return Err(Problem::new(Code::Invalid, detail).fields(faults));
    }
    let trace = trace();
    let accepted = events.len();
    if options.applied {
        applied(&app, events, trace).await?;
    } else {
        append(&app, events, trace).await?;
    }
    let trace = trace.to_string();
    Ok((StatusCode::ACCEPTED, Json(Accepted { accepted, rejected, quarantined, trace })))
}

async fn applied(
    app: &crate::app::App,
    events: Vec<Event>,
    trace: cauce_core::ids::TraceId,
) -> Result<(), Problem> {
    let all = events.into_iter().map(|event| {
        let alias = event.aliases.first();
        let partition = alias.map_or(0, |a| cauce_core::decide::home(a, app.node.partitions()));
        app.append_applied(partition, cauce_core::input::Body::Event(Box::new(event)), trace)
    });
    for done in futures_util::future::join_all(all).await {
        done?;
    }
    Ok(())
}

/// One event as it was reported, or why it cannot be read.
pub type Document = Result<Value, Diagnostic>;

/// The events of a body that is one of them, or an array.
pub fn documents(body: &[u8]) -> Result<Vec<Document>, Problem> {
    let checked = |event: Value| check_size(&event, body).map(|()| event);
    Ok(items(body)?.into_iter().map(checked).collect())
}

/// The events of a body with one on each line.
pub fn by_line(body: &[u8]) -> Result<Vec<Document>, Problem> {
    let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    if lines.clone().nth(limits::REQUEST_EVENTS_MAX).is_some() {
        return Err(too_many());
    }
    let document = |line: &[u8]| {
        if line.len() > limits::EVENT_BYTES_MAX {
            return Err(oversized());
        }
        serde_json::from_slice(line)
            .map_err(|error| Diagnostic::error("", "malformed", format!("not JSON: {error}")))
    };
    Ok(lines.map(document).collect())
}
