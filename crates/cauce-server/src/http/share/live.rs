//! A look-up that goes on: what a browser may know of its person, and again whenever that is
//! something else, as server-sent events that `EventSource` reads.

use super::super::Shared;
use super::super::auth::{Reader, browser};
use super::super::error::{Code, Problem};
use super::super::who::{PAGES_EACH_MAX, Place};
use crate::app::App;
use crate::share::Gone;
use crate::tokens::Person;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a silent stream says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often it is looked at what no membership tells of: an attribute, a consent.
const LOOK_EVERY: Duration = Duration::from_millis(750);
/// How long what moves is let move on before it is looked at.
const GATHER: Duration = Duration::from_millis(200);

/// By which token.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// A browser token: `EventSource` sends no headers. Where they can be sent, leave it out and
    /// send `Authorization: Bearer …`.
    token: Option<String>,
}

/// One browser.
struct Page {
    app: Arc<App>,
    token: String,
    person: Person,
    more: tokio::sync::watch::Receiver<u64>,
    /// The tag of what it was told last.
    known: Option<String>,
    begun: bool,
    ended: bool,
    /// When the last piece was given to the socket.
    given: Instant,
    _place: Place,
    _room: tokio::sync::OwnedSemaphorePermit,
}

/// What `/v1/lookup` says of the person of a browser token, as an event `lookup`; and again
/// whenever it says something else: within a second, whether a membership changed or an attribute.
/// Of a person whom nothing is shared of it says that. Ends with the token and an event `end`.
#[utoipa::path(get, path = "/v1/lookup/live", tag = "sharing", params(Asked),
    responses((status = 200, content_type = "text/event-stream", body = String),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 429, body = Problem)))]
pub async fn stream(
    State(app): Shared,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|why| {
        Problem::new(Code::Malformed, why.body_text()).hint("only `token` is known here")
    })?;
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
    let token = bearer.map(str::to_owned).or(asked.token).ok_or_else(|| {
        Problem::new(Code::Unauthorized, "the request has no browser token")
            .hint("`new EventSource(cauce + '/v1/lookup/live?token=' + token)`")
    })?;
    if !token.starts_with(crate::tokens::PERSON) {
        return Err(Problem::new(Code::Forbidden, "a key is no browser token")
            .hint("servers read `/v1/membership-changes`"));
    }
    let person = browser(&app, &token)?;
    let place = app.who.listening.one_more(&person.alias).ok_or_else(|| {
        let text = format!("{PAGES_EACH_MAX} pages listen for this person already");
        Problem::new(Code::Overloaded, text).hint("close another one, or share one between tabs")
    })?;
    let room = app.who.pages.clone().try_acquire_owned().map_err(|_| {
        Problem::new(Code::Overloaded, "too many pages listen")
            .hint("try again after `Retry-After` seconds")
    })?;
    // What it was told before it lost the connection need not be told again.
    let known = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let page = Page {
        more: app.feed.watch(),
        known: known.map(str::to_owned).filter(|known| !known.is_empty()),
        token,
        person,
        begun: false,
        ended: false,
        given: Instant::now(),
        app,
        _place: place,
        _room: room,
    };
    let pieces = futures_util::stream::unfold(page, |mut page| async move {
        let piece = page.piece().await?;
        page.given = Instant::now();
        Some((Ok::<_, Infallible>(Bytes::from(piece)), page))
    });
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

impl Page {
    /// The next piece, once there is one; none at the end.
    async fn piece(&mut self) -> Option<String> {
        if self.ended {
            return None;
        }
        if !self.begun {
            self.begun = true;
            return Some("retry: 1000\n\n".to_owned());
        }
        if self.given.elapsed() > self.app.stream_patience {
            return Some(self.end("slow"));
        }
        let since = Instant::now();
        loop {
            if self.app.stopping.is_cancelled() {
                return Some(self.end("stopping"));
            }
            // Asked each time: its time, and the key that it was minted with, may be over.
            match browser(&self.app, &self.token) {
                Ok(person) => self.person = person,
                Err(_) => return Some(self.end("expired")),
            }
            // Before looking, so that what comes meanwhile is not slept through.
            self.more.mark_unchanged();
            match self.look().await {
                Ok(Some(event)) => return Some(event),
                // Whatever moves elsewhere: nothing was said here.
                Ok(None) if since.elapsed() >= HEARTBEAT => {
                    return Some(": still here\n\n".to_owned());
                }
                Ok(None) => {}
                Err(Gone) => return Some(self.end("stopping")),
            }
            let lasts = self.person.expires.since(self.app.node.now());
            let lasts = Duration::from_millis(u64::try_from(lasts.0).unwrap_or_default() + 1);
            let rest = LOOK_EVERY.min(lasts);
            tokio::select! {
                _ = self.more.changed() => tokio::time::sleep(GATHER).await,
                () = self.app.stopping.cancelled() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    /// What is to be told, if it is something else than was told.
    async fn look(&mut self) -> Result<Option<String>, Gone> {
        let shown = self.app.shown();
        let reader = Reader::Browser(Box::new(self.person.clone()));
        let sight = super::sight(&reader, &shown);
        let alias = self.person.alias.clone();
        let person = crate::share::find(&self.app, &shown, alias, BTreeSet::new()).await?;
        let data = super::lookup::told(&shown, &sight, person.as_ref(), None);
        let tag = format!("{:016x}", xxhash_rust::xxh3::xxh3_64(data.as_bytes()));
        if self.known.as_ref() == Some(&tag) {
            return Ok(None);
        }
        let event = format!("id: {tag}\nevent: lookup\ndata: {data}\n\n");
        self.known = Some(tag);
        Ok(Some(event))
    }

    /// The last words: why.
    fn end(&mut self, reason: &str) -> String {
        self.ended = true;
        format!("event: end\ndata: {{\"reason\":\"{reason}\"}}\n\n")
    }
}
