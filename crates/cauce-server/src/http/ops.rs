//! Health, metrics, the API's description, and switches for an operator.

use super::Shared;
use super::auth::Full;
use super::error::{Code, Problem};
use crate::app::App;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use cauce_core::ids::{Partition, Position};
use cauce_core::input::Body;
use cauce_core::route::path;
use cauce_core::state::{Key, Quarantined, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The process lives.
pub async fn health() -> &'static str {
    "ok\n"
}

/// The process works: every partition takes.
pub async fn ready(State(app): Shared) -> Result<&'static str, Problem> {
    let mut said = app.observer.stopped();
    said.extend(app.observer.troubles());
    if said.is_empty() {
        // What keeps messages from leaving keeps nothing from being taken.
        return Ok("ready\n");
    }
    Err(Problem::new(Code::Unavailable, said.join("; ")))
}

/// What the partitions count, added up.
pub async fn counters(app: &App) -> BTreeMap<String, u64> {
    let mut sum = BTreeMap::new();
    let asked: Vec<_> = (0..app.node.partitions())
        .map(|partition| {
            app.ask(partition, |p| {
                let low = Key::Counter(String::new());
                let high = Key::Quarantine(cauce_core::ids::Position::default());
                let top = Key::Counter("\u{10ffff}".to_owned());
                debug_assert!(top < high);
                p.rows().range(&low, &top, usize::MAX)
            })
        })
        .collect();
    for rows in futures_util::future::join_all(asked).await.into_iter().flatten() {
        for (key, row) in rows {
            if let (Key::Counter(name), Row::Counter(count)) = (key, row)
                // A way of a revision of a journey each: too many for a metric.
                && !name.starts_with(cauce_core::journey::walked::PREFIX)
                // A handful for each run of a campaign.
                && !name.starts_with(cauce_core::message::ENGAGED)
            {
                *sum.entry(name).or_default() += count;
            }
        }
    }
    sum
}

/// Prometheus' text format.
pub async fn metrics(State(app): Shared) -> impl IntoResponse {
    let mut counters = counters(&app).await;
    // It goes up and down: no counter.
    let unfit = counters.remove(cauce_core::schema::WAITING).unwrap_or_default();
    let now = app.node.now();
    let overdue = app
        .allocator
        .queues()
        .iter()
        .filter_map(|queue| queue.earliest.filter(|_| !queue.closed))
        .map(|due| now.since(due).0.max(0))
        .max()
        .unwrap_or_default();
    let log = app.node.log();
    let troubles = app.observer.troubles().len() + app.observer.all_said().len();
    let parts = || (0..app.node.partitions()).chain([cauce_core::ids::CONTROL]);
    let cut: u64 = parts().map(|partition| log.start(partition)).sum();
    let written: u64 = parts().map(|partition| log.end(partition)).sum();
    let gauges = [
        ("log_bytes", "Bytes of the log that are kept.", log.bytes_on_disk() as f64),
        ("log_entries_cut", "Oldest kept positions, added up: entries cut away.", cut as f64),
        ("log_entries_kept", "Entries that are kept.", written.saturating_sub(cut) as f64),
        ("log_full", "1 while the disk has no room for the log.", f64::from(app.node.is_full())),
        ("troubles", "Things that fail and are tried again.", troubles as f64),
        (
            "retaining",
            "The partition, from 1, in which events are being forgotten; 0 if none.",
            app.metrics.retaining.load(Ordering::Relaxed) as f64,
        ),
        ("quarantine_events", "Events that wait: they do not fit their schema.", unfit as f64),
        ("lag", "Inputs appended and not yet decided.", app.node.lag() as f64),
        ("in_flight", "Messages granted and not settled.", app.allocator.in_flight() as f64),
        (
            "queue_age_seconds",
            "Age of the oldest due message of an open queue.",
            overdue as f64 / 1_000.0,
        ),
        ("partitions_stopped", "Partitions that stopped.", app.observer.stopped().len() as f64),
        ("plan", "The plan in force.", app.control().book.plan as f64),
    ];
    let mails = app.mail_counts.all();
    counters.extend(mails.map(|(kind, count)| (format!("mail {}", kind.as_str()), count)));
    let mut text = app.metrics.text(&gauges, &counters);
    text.push_str(&super::share::sources::metrics(&app));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

/// The API's description.
pub async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], super::openapi::document())
}

/// A ready queue, in short.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SendingQueue)]
pub struct Queue {
    /// Its name.
    path: String,
    /// Whether nothing is taken from it for now.
    closed: bool,
    /// In how many partitions something waits.
    partitions: usize,
    /// When the first message is due, or was; null where nothing waits.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    earliest: Option<Timestamp>,
}

/// How sending stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SendingState)]
pub struct Stands {
    /// Why nothing leaves; null where sending goes on.
    #[schema(required = true)]
    paused: Option<String>,
    /// The ready queues.
    queues: Vec<Queue>,
    /// What an operator has to mend, by what it is about (`provider/mail`), in words.
    troubles: BTreeMap<String, String>,
    /// Messages that are granted and not settled.
    in_flight: usize,
}

/// Whether sending is paused, and the ready queues.
#[utoipa::path(get, path = "/v1/sending", tag = "operation",
    responses((status = 200, body = Stands)))]
pub async fn sending(_: Full, State(app): Shared) -> Json<Stands> {
    let paused = app.ask(0, |p| match p.rows().get(&Key::Meta) {
        Some(Row::Meta(meta)) => meta.paused.clone(),
        _ => None,
    });
    let queues = app.allocator.queues().into_iter().map(|queue| Queue {
        path: queue.path,
        closed: queue.closed,
        partitions: queue.partitions.len(),
        earliest: queue.earliest,
    });
    let queues = queues.collect();
    let mut troubles = app.observer.all_said();
    let carriers = app.carriers();
    for queue in app.allocator.queues() {
        let carried = queue.providers.iter().any(|provider| carriers.contains_key(provider));
        let provider = path::first(&queue.path);
        if !queue.partitions.is_empty() && !carried {
            let about = crate::equip::trouble_of(cauce_core::publish::Kind::Provider, provider);
            let text = format!("there is no provider {provider}, and messages wait for it");
            troubles.entry(about).or_insert(text);
        }
    }
    let (paused, in_flight) = (paused.await.flatten(), app.allocator.in_flight());
    Json(Stands { paused, queues, troubles, in_flight })
}

/// Pausing or going on.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sending {
    /// Why sending stops; absent to go on.
    paused: Option<String>,
}

/// Stops sending everywhere, or goes on.
#[utoipa::path(post, path = "/v1/sending", tag = "operation", request_body = Sending,
    responses((status = 204)))]
pub async fn steer_sending(
    admin: Full,
    State(app): Shared,
    Json(wanted): Json<Sending>,
) -> Result<StatusCode, Problem> {
    admin.1.note(match &wanted.paused {
        Some(why) => format!("paused: {why}"),
        None => "resumed".to_owned(),
    });
    app.everywhere(&Body::Pause { reason: wanted.paused }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A place in a partition's log.
#[derive(utoipa::ToSchema)]
#[schema(as = LogPosition)]
#[allow(dead_code)] // the shape of the core's own
pub struct Place {
    /// How many times the log was restored or lost a tail.
    incarnation: u16,
    /// Entries before this one.
    offset: u64,
}

/// Why an input could not be decided.
#[derive(utoipa::ToSchema)]
#[schema(as = UndecidedCause)]
#[allow(dead_code)] // the shape of the core's own
pub struct Cause {
    /// The cause, for an engineer.
    cause: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What kind of input it was.
    kind: String,
}

/// An input that could not be decided.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = UndecidedEntry)]
pub struct Undecided {
    /// In which partition.
    #[schema(value_type = u16)]
    partition: Partition,
    /// At which place of its log.
    #[schema(value_type = Place)]
    position: Position,
    /// Why.
    #[schema(value_type = Cause)]
    entry: Arc<Quarantined>,
}

/// Entries that could not be decided.
pub async fn undecided(app: &App) -> Vec<Undecided> {
    let mut entries = Vec::new();
    for partition in 0..app.node.partitions() {
        let rows = app.ask(partition, |p| {
            let position = |incarnation, offset| cauce_core::ids::Position { incarnation, offset };
            let low = Key::Quarantine(position(0, 0));
            let high = Key::Quarantine(position(u16::MAX, u64::MAX));
            p.rows().range(&low, &high, 1_000)
        });
        for (key, row) in rows.await.unwrap_or_default() {
            if let (Key::Quarantine(position), Row::Quarantine(entry)) = (key, row) {
                entries.push(Undecided { partition, position, entry });
            }
        }
    }
    entries
}

/// What to forget.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The event's name.
    event: String,
    /// What occurred before it is forgotten (RFC 3339).
    #[schema(value_type = String)]
    before: Timestamp,
}

/// Forgets events of a name, and their part in every aggregate.
#[utoipa::path(post, path = "/v1/retention", tag = "operation", request_body = Retention,
    responses((status = 204), (status = 422, body = Problem)))]
pub async fn retain(
    admin: Full,
    State(app): Shared,
    Json(wanted): Json<Retention>,
) -> Result<StatusCode, Problem> {
    if wanted.event == cauce_core::consent::STATED {
        let detail = "what people said about consent is kept for good";
        return Err(Problem::new(Code::Invalid, detail).hint("an erasure takes it along"));
    }
    admin.1.note_of(wanted.event.clone(), format!("before {}", wanted.before));
    let worker = app.clone();
    // To its end, also if whoever asked hangs up: half of it forgotten would look like all of it.
    let whole =
        async move { crate::loops::retention::forget(&worker, &wanted.event, wanted.before).await };
    app.whole(whole).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What time it is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Clock)]
pub struct Time {
    /// The time that is believed.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
    /// What the machine's clock shows, if it stepped and is not believed; else null.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    disbelieved: Option<Timestamp>,
}

/// The time that is believed, and what the machine's clock shows if it is not.
#[utoipa::path(get, path = "/v1/clock", tag = "operation",
    responses((status = 200, body = Time)))]
pub async fn clock(_: Full, State(app): Shared) -> Json<Time> {
    let disbelieved = app.wall_clock.as_ref().and_then(|wall| wall.disbelieved());
    Json(Time { now: app.node.now(), disbelieved })
}

/// Says that the machine's clock is right although it stepped: what is due by it then happens.
#[utoipa::path(post, path = "/v1/clock/confirm", tag = "operation",
    responses((status = 200, body = Time), (status = 404, body = Problem)))]
pub async fn confirm_clock(admin: Full, State(app): Shared) -> Result<Json<Time>, Problem> {
    let Some(wall) = &app.wall_clock else {
        return Err(Problem::new(Code::NotFound, "a test sets the clock of this server"));
    };
    let before = wall.now();
    wall.confirm();
    crate::loops::clock::look(&app);
    admin.1.note(format!("from {before} to {}", wall.now()));
    tracing::warn!(%before, now = %wall.now(), by = admin.0, "the clock was confirmed");
    Ok(clock(admin, State(app)).await)
}

/// What time it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instant {
    /// The time (RFC 3339), not earlier than it was.
    #[schema(value_type = String)]
    now: Timestamp,
}

/// Sets the controlled clock of a test. When this answers, every timer that is due then has been
/// looked at and everything appended before is decided. 404 where the clock is the real one.
#[utoipa::path(post, path = "/v1/clock", tag = "operation", request_body = Instant,
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn set_clock(
    admin: Full,
    State(app): Shared,
    Json(wanted): Json<Instant>,
) -> Result<StatusCode, Problem> {
    let Some(clock) = &app.test_clock else {
        return Err(Problem::new(Code::NotFound, "the clock of this server is the real one")
            .hint("a test sets `development` and `CAUCE_TEST_CLOCK`"));
    };
    if !clock.set(wanted.now) {
        let detail = format!("it is {} already; time does not go back", clock.now());
        return Err(Problem::new(Code::Conflict, detail));
    }
    admin.1.note(format!("to {}", wanted.now));
    app.allocator.work.notify_one();
    while !is_quiet(&app, wanted.now).await {
        if !app.observer.stopped().is_empty() || app.stopping.is_cancelled() {
            return Err(Problem::new(Code::Unavailable, "the server does not work on"));
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Whether no timer is due and nothing waits to be decided. Asking wakes the partitions, which look
/// at the clock then.
async fn is_quiet(app: &App, now: Timestamp) -> bool {
    let taken = app.node.taken();
    let timers: Vec<_> = (0..app.node.partitions())
        .map(|partition| app.ask(partition, |p| p.next_timer()))
        .collect();
    let timers = futures_util::future::join_all(timers).await;
    let due = timers.into_iter().flatten().flatten().any(|at| at <= now);
    // What was taken meanwhile may have caused more, anywhere.
    !due && app.node.lag() == 0 && app.node.taken() == taken
}
