//! Tells destinations of membership changes: one task for each, which reads the feed at its own
//! pace and asks until it is answered with yes.

use crate::app::App;
use crate::loops::publishing::Publishing;
use crate::share::feed::{Token, Unreadable};
use crate::share::snapshot;
use crate::share::tell::{self, Piece};
use crate::share::webhooks::{self, Standing};
use cauce_channels::webhook::{Client, Options, ResponseMap, SigningKey};
use cauce_core::delivery::Outcome;
use cauce_core::ids::ProfileId;
use cauce_core::message::Request;
use cauce_core::publish::{ChangesWebhook, DestinationSource};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, timeout_at};

/// How often it is looked whether a destination came, changed or went.
const LOOK: Duration = Duration::from_millis(250);
/// For how long a destination may be beyond what is written down of it.
const PASSING: Duration = Duration::from_secs(5);
/// How long a destination waits that cannot be told at all.
const PAUSE: Duration = Duration::from_secs(5);

/// Keeps one task for each destination in force, until the process stops.
pub async fn drive(app: Arc<App>) {
    let mut tasks = JoinSet::new();
    let mut running: BTreeMap<String, (DestinationSource, AbortHandle)> = BTreeMap::new();
    clear_left(&app);
    let mut ended = false;
    while !app.stopping.is_cancelled() {
        let shown = app.shown();
        running.retain(|name, (source, task)| {
            let same = shown.destinations.get(name) == Some(source) && !task.is_finished();
            if !same {
                task.abort();
                ended = true;
            }
            same
        });
        // Of a version that was on its way nothing stays here: it is about people. While another
        // one is made, later.
        if ended && let Ok(_none) = app.snapshots.try_lock() {
            ended = false;
            clear_left(&app);
        }
        for (name, source) in &shown.destinations {
            if running.contains_key(name) {
                continue;
            }
            let (app, own, source) = (app.clone(), name.clone(), source.clone());
            // Ends with its definition, or with this loop.
            let task = match (source.webhook.clone(), source.nats.clone()) {
                (Some(webhook), _) => {
                    tasks.spawn(Telling { app, name: own, source: source.clone(), webhook }.run())
                }
                (None, Some(push)) => {
                    let publishing = Publishing { app, name: own, source: source.clone(), push };
                    tasks.spawn(publishing.run())
                }
                (None, None) => tasks.spawn(snapshots(app, own, source.clone())),
            };
            running.insert(name.clone(), (source.clone(), task));
        }
        while tasks.try_join_next().is_some() {}
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = app.stopping.cancelled() => {}
        }
    }
}

fn clear_left(app: &App) {
    if let Err(error) = snapshot::upload::clear_left(&app.data) {
        tracing::error!(error = format!("{error:#}"), "what was left of a snapshot stays");
    }
}

/// Makes a version whenever one is due. One that fails is tried again at the pace of the pause.
async fn snapshots(app: Arc<App>, name: String, source: DestinationSource) {
    let every = source.folder.as_ref().map(|folder| folder.every);
    let every = every.or(source.bucket.as_ref().map(|bucket| bucket.every));
    let Some(every) = every else { return std::future::pending().await };
    loop {
        let mut standing = snapshot::standing(&app.data, &name);
        let due = standing.made_at.is_none_or(|at| at.plus(every) <= app.node.now());
        if !due {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        let made = match (&source.folder, &source.bucket) {
            (Some(folder), _) => snapshot::make(&app, &name, &source, folder).await,
            (None, Some(bucket)) => snapshot::upload::make(&app, &name, &source, bucket).await,
            (None, None) => return,
        };
        if let Err(error) = made {
            let why = format!("{error:#}");
            if standing.last_failure.as_ref() != Some(&why) {
                tracing::error!(destination = name, error = why, "no snapshot could be made");
                standing.last_failure = Some(why);
                let _ = snapshot::keep(&app.data, &name, &standing);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// One destination that is told by webhook.
struct Telling {
    app: Arc<App>,
    name: String,
    source: DestinationSource,
    webhook: ChangesWebhook,
}

impl Telling {
    async fn run(self) {
        let client = self.client();
        let mut standing = begin(&self.app, &self.name);
        let mut passing = Passing::default();
        loop {
            let mut more = self.app.feed.watch();
            if standing.disabled.is_some() {
                tokio::time::sleep(LOOK).await;
                standing = begin(&self.app, &self.name);
                continue;
            }
            let piece = match self.read(&mut standing).await {
                Some(piece) => piece,
                None => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            if piece.changes.is_empty() {
                // Nothing of a request that was under way is wanted any more.
                standing.under_way = None;
                passing.by(&self.app, &self.name, &mut standing, piece.next, &mut more).await;
                continue;
            }
            let wait = self.ask(&client, &mut standing, &piece).await;
            if let Some(wait) = wait {
                tokio::time::sleep(wait).await;
            }
        }
    }

    fn keep(&self, standing: &Standing) {
        keep(&self.app, &self.name, standing);
    }

    fn client(&self) -> Client {
        let options = Options {
            tls: self.app.tls.clone(),
            allow_http: self.webhook.url.starts_with("http://"),
            ports: None,
            timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(30),
            idle_per_server_max: 1,
        };
        Client::new(self.app.egress.clone(), options)
    }

    async fn read(&self, standing: &mut Standing) -> Option<Piece> {
        let most = self.webhook.batch as usize;
        next_piece(&self.app, &self.name, &self.source, standing, most).await
    }

    /// One request; how long to wait after it.
    async fn ask(
        &self,
        client: &Client,
        standing: &mut Standing,
        piece: &Piece,
    ) -> Option<Duration> {
        let now = self.app.node.now();
        let end: &Token = &piece.next;
        if standing.under_way.is_none() {
            standing.under_way = Some(end.next);
            self.keep(standing);
        }
        let outcome = match self.request(standing, piece).await {
            Ok((request, keys)) => client.send(&request, &keys, &ResponseMap::default()).await,
            Err(error) => Outcome::Unrenderable { text: format!("{error:#}") },
        };
        let (why, is_gone, asked_to_wait) = match outcome {
            Outcome::Accepted { .. } => {
                standing.accepted(end.clone(), piece.changes.len());
                self.keep(standing);
                return None;
            }
            Outcome::Refused { code, text, retry_after_s, .. } => {
                (format!("{code} {text}"), code == 410, retry_after_s.unwrap_or(0))
            }
            Outcome::Unreachable { text }
            | Outcome::Unknown { text }
            | Outcome::NotStarted { text }
            | Outcome::Held { text }
            | Outcome::Busy { text, .. }
            | Outcome::Unrenderable { text } => (text, false, 0),
            // Nobody is told by push.
            Outcome::Devices(ends) => (cauce_core::delivery::summary(&ends), false, 0),
        };
        let wait = standing.failed(why, is_gone, now, self.webhook.give_up_after);
        self.keep(standing);
        if let Some(reason) = &standing.disabled {
            tracing::error!(destination = self.name, reason, "a destination is disabled");
        }
        let wait = Duration::from_millis(wait?.0.max(0) as u64);
        Some(wait.max(Duration::from_secs(u64::from(asked_to_wait))))
    }

    async fn request(
        &self,
        standing: &Standing,
        piece: &Piece,
    ) -> anyhow::Result<(Request, Vec<SigningKey>)> {
        let key = self.app.secrets.read(&self.webhook.signing_key)?;
        let told = tell::tell(&self.app, &self.app.shown(), &self.source.by, &piece.changes).await;
        let changes: Vec<_> = told.into_iter().map(|(_, told)| told).collect();
        let now = self.app.node.now();
        let last = changes.last().map(|told| told.at);
        let body = json!({ "type": "membership.changed", "timestamp": last,
                           "data": { "destination": self.name, "changes": changes } });
        let request = Request {
            message: standing.request(&self.name),
            profile: ProfileId::default(),
            method: "POST".to_owned(),
            url: self.webhook.url.clone(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
            at: now,
        };
        Ok((request, vec![SigningKey::parse(&key)?]))
    }
}

/// What a destination is to be told next. A place that is gone is given up, and said so.
pub(in crate::loops) async fn next_piece(
    app: &App,
    name: &str,
    source: &DestinationSource,
    standing: &mut Standing,
    most: usize,
) -> Option<Piece> {
    let shown = app.shown();
    let wanted = source.segments.iter().filter_map(|name| shown.told(name)).collect();
    let feed = &app.feed;
    match tell::read(feed, &standing.next, standing.under_way, &wanted, most).await {
        Ok(piece) => Some(piece),
        Err(Unreadable::Gone) => {
            let (lost, next) = (standing.next.clone(), feed.start());
            standing.missed = Some(format!(
                "changes from {lost} to {next} were not kept; read the members of the segments"
            ));
            tracing::error!(destination = name, %lost, %next, "it misses changes");
            standing.next = next;
            standing.under_way = None;
            keep(app, name, standing);
            None
        }
        Err(Unreadable::Disk(error)) => {
            tracing::error!(destination = name, error, "the feed cannot be read");
            None
        }
    }
}

/// How a destination stands. Of a new one it is written down at once: what changes from now on is
/// told even if the process dies before the first of it was.
pub(in crate::loops) fn begin(app: &App, name: &str) -> Standing {
    webhooks::load(&app.data, name).unwrap_or_else(|| {
        let standing = Standing::new(app.feed.end());
        keep(app, name, &standing);
        standing
    })
}

/// How far a destination is beyond what is written down, while nothing of the feed is for it. Not
/// written down at all, its place would be gone after a restart though it missed nothing.
#[derive(Default)]
pub(in crate::loops) struct Passing {
    since: Option<Instant>,
}

impl Passing {
    /// Nothing up to `next` is for it; waits for more where that is all there is.
    pub(in crate::loops) async fn by(
        &mut self,
        app: &App,
        name: &str,
        standing: &mut Standing,
        next: Token,
        more: &mut watch::Receiver<u64>,
    ) {
        let moved = standing.next != next;
        standing.next = next;
        if moved {
            self.since.get_or_insert_with(Instant::now);
        }
        let Some(since) = self.since else {
            // The feed lives as long as the process.
            let _ = more.changed().await;
            return;
        };
        let until = since + PASSING;
        let go_on = moved && Instant::now() < until;
        if !go_on && timeout_at(until, more.changed()).await.is_err() {
            keep(app, name, standing);
            self.since = None;
        }
    }
}

/// Remembers how a destination stands.
pub(in crate::loops) fn keep(app: &App, name: &str, standing: &Standing) {
    if let Err(error) = webhooks::store(&app.data, name, standing) {
        // It is told again what it was told: every change has its name.
        tracing::error!(destination = name, error = format!("{error:#}"), "not kept");
    }
}
