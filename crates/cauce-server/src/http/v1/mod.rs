//! The API, version 1: one file per noun.

pub mod campaigns;
pub mod definitions;
pub mod events;
pub mod explain;
pub mod keys;
pub mod messages;
pub mod profiles;
pub mod segment;
pub mod segments;
pub mod suppressions;
pub mod why;

use super::error::{Code, Problem};
use crate::app::App;
use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use cauce_core::admit::Edge;
use cauce_core::decide::home;
use cauce_core::event::Event;
use cauce_core::ids::{EventId, Position, TraceId};
use cauce_core::input::{Body, Input};
use cauce_core::time::Timestamp;
use std::io::Read as _;

/// The largest body after decompression.
const INFLATED_BYTES_MAX: u64 = 32 << 20;

/// A body, decompressed if it says that it is compressed.
pub fn inflate(headers: &HeaderMap, body: Bytes) -> Result<Bytes, Problem> {
    let encoding = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    match encoding {
        None | Some("identity") => Ok(body),
        Some("gzip") => {
            let mut inflated = Vec::new();
            flate2::read::MultiGzDecoder::new(&body[..])
                .take(INFLATED_BYTES_MAX + 1)
                .read_to_end(&mut inflated)
                .map_err(|error| Problem::new(Code::Malformed, format!("not gzip: {error}")))?;
            if inflated.len() as u64 > INFLATED_BYTES_MAX {
                return Err(Problem::new(Code::TooLarge, "more than 32 MiB when decompressed"));
            }
            Ok(inflated.into())
        }
        Some(other) => Err(Problem::new(Code::Malformed, format!("`{other}` is not understood"))
            .hint("send gzip or nothing")),
    }
}

/// JSON, or a problem that names the place.
pub fn json(body: &[u8]) -> Result<serde_json::Value, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        Problem::new(Code::Malformed, format!("not JSON: {error}")).hint("nothing was taken")
    })
}

/// Refuses live traffic while too much is waiting to be decided.
pub fn room(app: &App) -> Result<(), Problem> {
    if app.node.has_room() {
        return Ok(());
    }
    app.metrics.overloads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    if app.node.is_full() {
        return Err(Problem::full());
    }
    let detail = format!("{} inputs wait to be decided", app.node.lag());
    Err(Problem::new(Code::Overloaded, detail).hint("try again after `Retry-After` seconds"))
}

/// What the edge adds to an event.
pub fn edge(app: &App, sent_at: Option<Timestamp>, historical: bool) -> Edge {
    let fallback = EventId(u128::from_be_bytes(crate::keys::random()));
    Edge { received_at: app.node.now(), sent_at, historical, fallback }
}

/// A new trace.
pub fn trace() -> TraceId {
    TraceId(u128::from_be_bytes(crate::keys::random()))
}

/// Appends events, all of them before waiting for any, so that they share a group commit. They are
/// durable when this returns.
pub async fn append(
    app: &App,
    events: Vec<Event>,
    trace: TraceId,
) -> Result<Vec<(u16, Position)>, Problem> {
    let count = events.len() as u64;
    let appended = events.into_iter().map(|event| {
        let partition = match event.aliases.first() {
            Some(alias) => home(alias, app.node.partitions()),
            None => 0,
        };
        let input = Input { at: event.received_at, trace, body: Body::Event(Box::new(event)) };
        async move {
            let position = app.append_durable(partition, &input).await?;
            Ok::<_, crate::app::Refusal>((partition, position))
        }
    });
    let positions = futures_util::future::join_all(appended).await;
    let positions = positions.into_iter().collect::<Result<Vec<_>, _>>()?;
    app.metrics.events_admitted.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
    Ok(positions)
}
