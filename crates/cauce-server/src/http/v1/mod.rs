//! The API, version 1: one file per noun.

pub mod campaigns;
mod cloud_events;
pub mod definitions;
pub mod events;
pub mod explain;
pub mod keys;
pub mod messages;
pub mod profiles;
pub mod segment;
pub mod segments;
pub mod suppressions;
mod uses;
pub mod why;

use super::error::{Code, Problem};
use crate::app::App;
use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use cauce_core::admit::Edge;
use cauce_core::decide::home;
use cauce_core::diagnostic::Diagnostic;
use cauce_core::event::Event;
use cauce_core::ids::{EventId, Position, TraceId};
use cauce_core::input::{Body, Input};
use cauce_core::limits;
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
    if app.node.has_room() { Ok(()) } else { Err(overloaded(app)) }
}

fn overloaded(app: &App) -> Problem {
    app.metrics.overloads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    if app.node.is_full() {
        return Problem::full();
    }
    let detail = format!("{} inputs wait to be decided", app.node.lag());
    Problem::new(Code::Overloaded, detail).hint("try again after `Retry-After` seconds")
}

/// How long a request of history is kept waiting before it is asked to come back.
const BATCH_WAITS: std::time::Duration = std::time::Duration::from_secs(10);
/// How often it looks.
const BATCH_LOOKS: std::time::Duration = std::time::Duration::from_millis(3);

/// Lets history wait while what somebody waits for is in the queue.
pub async fn batch_room(app: &App) -> Result<(), Problem> {
    let until = tokio::time::Instant::now() + BATCH_WAITS;
    while !app.node.batch_may_append() {
        if tokio::time::Instant::now() >= until || app.stopping.is_cancelled() {
            return Err(overloaded(app));
        }
        tokio::time::sleep(BATCH_LOOKS).await;
    }
    Ok(())
}

/// Refuses what has reserved room once even that is taken: the last bound of the log's growth.
pub fn reserved_room(app: &App) -> Result<(), Problem> {
    if app.node.has_reserved_room() {
        return Ok(());
    }
    room(app)
}

/// The items of a body that is an array, or its one; never more than a request may have.
pub fn items(body: &[u8]) -> Result<Vec<serde_json::Value>, Problem> {
    if body.trim_ascii_start().first() != Some(&b'[') {
        return Ok(vec![json(body)?]);
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let items = serde::Deserializer::deserialize_seq(&mut reader, Items)
        .and_then(|items| reader.end().map(|()| items))
        .map_err(|error| {
            Problem::new(Code::Malformed, format!("not JSON: {error}")).hint("nothing was taken")
        })?;
    if items.len() > limits::REQUEST_EVENTS_MAX {
        return Err(too_many());
    }
    Ok(items)
}

/// More events in a request than it may have.
pub fn too_many() -> Problem {
    let detail = format!("a request has at most {} events", limits::REQUEST_EVENTS_MAX);
    Problem::new(Code::TooLarge, detail).hint("nothing was taken; send several requests")
}

/// Reads an array up to one item more than a request may have: what comes behind is passed over.
struct Items;

impl<'de> serde::de::Visitor<'de> for Items {
    type Value = Vec<serde_json::Value>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() <= limits::REQUEST_EVENTS_MAX
            && let Some(item) = seq.next_element()?
        {
            items.push(item);
        }
        while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
        Ok(items)
    }
}

/// Counts bytes up to a bound, and then fails.
struct Counted(usize);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Says no to an event that is too large by itself; `body` is what it came in.
pub fn check_size(event: &serde_json::Value, body: &[u8]) -> Result<(), Diagnostic> {
    let fits = body.len() <= limits::EVENT_BYTES_MAX
        || serde_json::to_writer(Counted(limits::EVENT_BYTES_MAX), event).is_ok();
    if fits { Ok(()) } else { Err(oversized()) }
}

/// What is said of an event that is too large.
pub fn oversized() -> Diagnostic {
    Diagnostic::error("", "too-large", "an event has at most 32 KB")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_a_bounded_number_of_events() {
        let array = |count: usize| format!(" [{}]", vec!["{}"; count].join(","));
        assert_eq!(items(b"{\"a\":1}").unwrap().len(), 1);
        let most = limits::REQUEST_EVENTS_MAX;
        assert_eq!(items(array(most).as_bytes()).unwrap().len(), most);
        assert_eq!(items(array(most + 1).as_bytes()).unwrap_err().status, 413);
        for broken in ["[1,2", "[1]]", "[1,]", ""] {
            assert_eq!(items(broken.as_bytes()).unwrap_err().status, 400, "{broken}");
        }
    }

    #[test]
    fn an_event_has_a_bounded_size_wherever_it_stands() {
        let event = |bytes: usize| serde_json::json!({ "name": "x".repeat(bytes - 11) });
        let body = vec![b' '; 1 << 20];
        assert!(check_size(&event(limits::EVENT_BYTES_MAX), &body).is_ok());
        assert!(check_size(&event(limits::EVENT_BYTES_MAX + 1), &body).is_err());
    }
}
