//! The stream of membership changes, as server-sent events. A reader pulls: who is slow costs a
//! socket and nothing else, and who comes back goes on where the last `id` was.

use super::super::Shared;
use super::super::auth::Lookup;
use super::super::error::{Code, Problem};
use crate::app::App;
use crate::share::feed::{Token, Unreadable};
use crate::share::tell;
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use cauce_core::profile::SegmentNumber;
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a silent stream says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Changes in one piece of the stream: some 600 kB.
const PIECE: usize = 2_000;

/// Which changes, from where on.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Segments, separated by commas; all of them if absent.
    segments: Option<String>,
    /// The namespace by which people are named; `user_id` if absent.
    by: Option<String>,
    /// The `id` of the last event that was seen, `oldest`, or `now`, which is usual. The header
    /// `Last-Event-ID` goes before it.
    from: Option<String>,
}

/// One reader.
struct Reading {
    app: Arc<App>,
    named: Option<BTreeSet<String>>,
    by: String,
    next: Token,
    more: tokio::sync::watch::Receiver<u64>,
    /// When the last piece was ready for the socket.
    given: Instant,
    stand: Stand,
    _room: tokio::sync::OwnedSemaphorePermit,
}

#[derive(PartialEq, Eq)]
enum Stand {
    Begun,
    Reading,
    Ended,
}

/// Everybody who enters or leaves a segment, as it is decided, for a key with the scope `lookup`.
/// Each event has the name under which it is told again, should that happen.
#[utoipa::path(get, path = "/v1/membership-changes", tag = "sharing", params(Asked),
    responses((status = 200, content_type = "text/event-stream", body = String),
        (status = 400, body = Problem), (status = 410, body = Problem),
        (status = 429, body = Problem)))]
pub async fn stream(
    _: Lookup,
    State(app): Shared,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|why| {
        Problem::new(Code::Malformed, why.body_text())
            .hint("`segments`, `by` and `from` are known here")
    })?;
    let next = place(&app, &headers, asked.from.as_deref())?;
    let named = asked.segments.as_deref().map(|named| segments(&app, named)).transpose()?;
    let room = app.streams.clone().try_acquire_owned().map_err(|_| {
        Problem::new(Code::Overloaded, "too many streams are open")
            .hint("read several segments over one stream")
    })?;
    // Seen now rather than as the stream's first words: a status says more.
    if let Err(Unreadable::Gone) = app.feed.read(&next, 1) {
        return Err(gone(&app));
    }
    let reading = Reading {
        more: app.feed.watch(),
        by: asked.by.unwrap_or_else(|| "user_id".to_owned()),
        named,
        next,
        given: Instant::now(),
        stand: Stand::Begun,
        app,
        _room: room,
    };
    // The next piece is made while one is written and read: each waits for its partitions.
    let (give, pieces) = tokio::sync::mpsc::channel(1);
    tokio::spawn(make(reading, give));
    let pieces = futures_util::stream::unfold(pieces, |mut pieces| async move {
        let piece: String = pieces.recv().await?;
        Some((Ok::<_, Infallible>(Bytes::from(piece)), pieces))
    });
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// Makes pieces until the stream ends or its reader goes.
async fn make(mut reading: Reading, give: tokio::sync::mpsc::Sender<String>) {
    loop {
        let piece = tokio::select! {
            piece = reading.piece() => piece,
            () = give.closed() => return,
        };
        reading.given = Instant::now();
        let Some(piece) = piece else { return };
        if give.send(piece).await.is_err() {
            return;
        }
    }
}

/// Where the stream of membership changes is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FeedPosition)]
pub struct Position {
    /// Behind the newest change: what comes from here on is new.
    now: String,
    /// Before the oldest change that is kept.
    oldest: String,
    /// When that one was; null where none is kept.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    oldest_at: Option<Timestamp>,
}

/// Where the feed is: for who reads a snapshot first and the changes after it.
#[utoipa::path(get, path = "/v1/membership-changes/position", tag = "sharing",
    responses((status = 200, body = Position)))]
pub async fn position(_: Lookup, State(app): Shared) -> Json<Position> {
    let feed = &app.feed;
    let (now, oldest) = (feed.end().to_string(), feed.start().to_string());
    Json(Position { now, oldest, oldest_at: feed.oldest() })
}

fn place(app: &App, headers: &HeaderMap, from: Option<&str>) -> Result<Token, Problem> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let last = last.map(str::trim).filter(|last| !last.is_empty());
    match last.or(from) {
        None | Some("now") => Ok(app.feed.end()),
        Some("oldest") => Ok(app.feed.start()),
        Some(token) => token.parse().map_err(|()| {
            Problem::new(Code::Malformed, format!("from: `{token}` is no place in the stream"))
                .hint("the `id` of an event, `oldest` or `now`")
        }),
    }
}

fn segments(app: &App, named: &str) -> Result<BTreeSet<String>, Problem> {
    let shown = app.shown();
    let mut wanted = BTreeSet::new();
    for name in named.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let known = &shown.server.segments;
        if !known.contains_key(name) {
            let near = cauce_core::diagnostic::nearest(name, known.keys().map(String::as_str));
            let detail = format!("segments: there is no segment `{name}` that is shared");
            let problem = Problem::new(Code::NotFound, detail);
            return Err(match near {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
        wanted.insert(name.to_owned());
    }
    Ok(wanted)
}

fn gone(app: &App) -> Problem {
    let detail = match app.feed.oldest() {
        Some(at) => {
            format!("the changes from there on are not kept any more; the oldest is of {at}")
        }
        None => "the stream begins anew; nothing of before is kept".to_owned(),
    };
    Problem::new(Code::Gone, detail).hint(
        "take a snapshot: note `now` of `/v1/membership-changes/position`, read \
         `/v1/segments/{name}/members?shared=true`, then read the changes from what was noted",
    )
}

impl Reading {
    /// What is shared today of what was asked for.
    fn wanted(&self) -> BTreeSet<SegmentNumber> {
        let shown = self.app.shown();
        // By name: which number it has may change while the stream is open.
        let named = |name: &String| self.named.as_ref().is_none_or(|named| named.contains(name));
        let shared = shown.server.segments.iter().filter(|(name, _)| named(name));
        shared.map(|(_, number)| *number).collect()
    }

    /// The next piece, once there is one; none at the end.
    async fn piece(&mut self) -> Option<String> {
        match self.stand {
            Stand::Ended => return None,
            Stand::Begun => {
                self.stand = Stand::Reading;
                // An event without data only tells the reader where it is.
                return Some(format!("retry: 1000\nid: {}\n\n", self.next));
            }
            Stand::Reading => {}
        }
        if self.given.elapsed() > self.app.stream_patience {
            let detail = "nothing was read for too long; go on from the last id";
            return Some(self.end("slow", detail));
        }
        loop {
            if self.app.stopping.is_cancelled() {
                return Some(self.end("stopping", "the server ends; go on from the last id"));
            }
            // Before reading, so that what comes meanwhile is not slept through.
            self.more.mark_unchanged();
            let wanted = self.wanted();
            let read = tell::read(&self.app.feed, &self.next, None, &wanted, PIECE).await;
            let read = match read {
                Ok(read) => read,
                Err(Unreadable::Gone) => {
                    let why = gone(&self.app);
                    return Some(self.end("gone", &why.detail));
                }
                Err(Unreadable::Disk(error)) => {
                    tracing::error!(error, "the feed cannot be read");
                    return Some(self.end("failed", "the server cannot read the stream"));
                }
            };
            let moved = read.next != self.next;
            self.next = read.next;
            if !read.changes.is_empty() {
                return Some(self.events(&read.changes).await);
            }
            if moved {
                continue;
            }
            tokio::select! {
                _ = self.more.changed() => {}
                () = self.app.stopping.cancelled() => {}
                () = tokio::time::sleep(HEARTBEAT) => {
                    return Some(format!(": still here\nid: {}\n\n", self.next));
                }
            }
        }
    }

    async fn events(&self, changes: &[(Token, crate::share::feed::Change)]) -> String {
        let shown = self.app.shown();
        let mut text = String::new();
        for (token, told) in tell::tell(&self.app, &shown, &self.by, changes).await {
            let data = serde_json::to_string(&told).expect("a change is plain data");
            let _ = write!(text, "id: {token}\nevent: membership\ndata: {data}\n\n");
        }
        text
    }

    /// The last words: why, and where to go on.
    fn end(&mut self, reason: &str, detail: &str) -> String {
        self.stand = Stand::Ended;
        let data = json!({ "reason": reason, "detail": detail, "resume": self.next.to_string() });
        format!("event: end\ndata: {data}\n\n")
    }
}
