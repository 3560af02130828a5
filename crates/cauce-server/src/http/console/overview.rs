//! What happens now, at a glance: computed at most once in half a second, for all who look, and
//! never while nobody does.

use super::super::Shared;
use super::super::auth::{Full, Opened};
use super::super::error::Problem;
use super::events::{room, stream};
use super::health::{self, Attention, Health};
use crate::app::App;
use crate::control::{Execution, Steer};
use crate::loops::campaigns::{Balance, balance, parts};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use cauce_core::ids::{MessageId, Partition};
use cauce_core::journey::walked;
use cauce_core::message::Class;
use cauce_core::profile::SegmentNumber;
use cauce_core::publish::HIDDEN;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use cauce_engine::partition as engine;
use serde::Serialize;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How old an overview may be that is shown to somebody else.
const FRESH: Duration = Duration::from_millis(500);
/// How often a stream tells.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// Limit: due messages that are counted of one queue in one partition; more are "at least".
const DUE_MAX: usize = 256;
/// Limit: runs of campaigns that are shown.
const RUNS_MAX: usize = 50;
/// Limit: entries of the quarantine that are counted in one partition.
const QUARANTINE_MAX: usize = 1_000;
/// Limit: events of one partition that are counted here of those that wait for their schema.
const UNFIT_MAX: usize = 100;

/// Limit: dead letters of one partition that are counted here.
const LETTERS_MAX: usize = 100;

/// How many in one second.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SecondCount)]
pub struct Second {
    /// When it began.
    #[schema(value_type = String)]
    at: Timestamp,
    /// How many.
    count: u64,
}

fn seconds(all: Vec<(Timestamp, u64)>) -> Vec<Second> {
    all.into_iter().map(|(at, count)| Second { at, count }).collect()
}

/// Events.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EventCounts {
    /// Accepted since the process began.
    accepted: u64,
    /// Refused with their faults since the process began.
    refused: u64,
    /// Taken ever, without what was told twice.
    ever: u64,
    /// Accepted in each of the last 60 whole seconds, oldest first.
    per_second: Vec<Second>,
    /// Inputs that wait to be decided.
    waiting: u64,
}

/// Messages, since the installation began.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MessageCounts {
    /// Accepted by a provider.
    sent: u64,
    /// Reported as delivered.
    delivered: u64,
    /// Reported as bounced.
    bounced: u64,
    /// Reported as spam.
    complained: u64,
    /// Opens by people.
    opened: u64,
    /// Clicks by people.
    clicked: u64,
    /// Opens that are a machine's, or nobody knows whose.
    opened_by_machines: u64,
    /// Clicks that are a machine's, or nobody knows whose.
    clicked_by_machines: u64,
    /// Withdrawals through a link.
    unsubscribed: u64,
    /// Refused by a provider for good, or not renderable.
    failed: u64,
    /// May have left.
    unknown: u64,
    /// Refused by our own policy, by reason.
    refused: BTreeMap<String, u64>,
    /// Granted and not settled.
    in_flight: usize,
    /// Accepted by a provider in each of the last 60 whole seconds, oldest first.
    per_second: Vec<Second>,
}

/// How late things are.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Lateness {
    /// How long the oldest timer has been due.
    timers_ms: i64,
    /// How long the oldest message of an open queue has been due.
    queues_ms: i64,
}

/// A ready queue.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ReadyQueue)]
pub struct Queue {
    /// Its name: the provider, and the campaign if there is one.
    path: String,
    /// Its class.
    class: String,
    /// Messages that are due.
    due: usize,
    /// Whether there are more than were counted.
    at_least: bool,
    /// How long the oldest has been due.
    oldest_seconds: i64,
    /// Whether it is closed: its campaign is paused.
    closed: bool,
}

/// A campaign that is under way.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CampaignUnderWay)]
pub struct Campaign {
    /// The run.
    run: u64,
    /// The campaign.
    campaign: String,
    /// `running` or `paused`.
    state: String,
    /// When it was started.
    #[schema(value_type = String)]
    started: Timestamp,
    /// Its numbers.
    balance: Balance,
    /// The share of its audience whose messages have ended, from 0 to 1.
    progress: f64,
}

/// A segment that is being built.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentBuild)]
pub struct Build {
    /// The segment.
    segment: String,
    /// Profiles for which it is built…
    built: u64,
    /// …of so many.
    of: u64,
}

/// What happens now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Overview {
    /// When this was looked at.
    #[schema(value_type = String)]
    at: Timestamp,
    /// Since when the process runs, in seconds.
    up_seconds: u64,
    /// Profiles that there are or were.
    profiles: u64,
    /// Events.
    events: EventCounts,
    /// Messages.
    messages: MessageCounts,
    /// How late things are.
    lateness: Lateness,
    /// Ready queues in which something is due.
    queues: Vec<Queue>,
    /// Campaigns under way, newest first.
    campaigns: Vec<Campaign>,
    /// Segments that are being built.
    builds: Vec<Build>,
    /// How each part of the server is.
    health: Vec<Health>,
    /// What needs a person.
    attention: Vec<Attention>,
}

/// Due messages of one queue: how many, whether there are more, when the oldest was due.
type Due = (usize, bool, Timestamp);

/// What one partition says.
#[derive(Default)]
pub(super) struct Said {
    counters: BTreeMap<String, u64>,
    profiles: u64,
    /// Profiles for which a segment is built.
    built: BTreeMap<SegmentNumber, u64>,
    queues: BTreeMap<(String, Class), Due>,
    timer: Option<Timestamp>,
    /// Entries that could not be decided.
    pub quarantined: usize,
    /// Events that wait for their schema; at most [`UNFIT_MAX`] of each partition.
    pub unfit: usize,
    /// Whether there are more of them.
    pub more_unfit: bool,
    /// Messages that ended because nobody carried them; at most [`LETTERS_MAX`] of each partition.
    pub letters: usize,
    /// Whether there are more of them.
    pub more_letters: bool,
    /// Why sending is paused.
    pub paused: Option<String>,
}

fn ask(p: &engine::Partition<crate::control::Catalogs>, now: Timestamp) -> Said {
    let rows = p.rows();
    let mut said = Said { timer: p.next_timer(), ..Said::default() };
    let (low, high) = walked::keys(None);
    let (first, last) = (String::new(), "\u{10ffff}".to_owned());
    for (from, to) in [(Key::Counter(first), low), (high, Key::Counter(last))] {
        for (key, row) in rows.range(&from, &to, usize::MAX) {
            if let (Key::Counter(name), Row::Counter(count)) = (key, row) {
                said.counters.insert(name, count);
            }
        }
    }
    if let Some(Row::Meta(meta)) = rows.get(&Key::Meta) {
        said.profiles = u64::from(meta.next_number);
        said.paused = meta.paused.clone();
    }
    if let Some(Row::Builds(builds)) = rows.get(&Key::Builds) {
        let built = builds.segments.iter();
        said.built = built
            .map(|(segment, (_, built))| (*segment, u64::from(*built).min(said.profiles)))
            .collect();
    }
    for (path, _) in p.paths() {
        for class in [Class::Transactional, Class::Triggered, Class::Bulk] {
            let (from, to) = Key::due(&path, class, now);
            let due = rows.range(&from, &to, DUE_MAX);
            if let Some((Key::Outbox(_, _, oldest, _), _)) = due.first() {
                let found = (due.len(), due.len() == DUE_MAX, *oldest);
                said.queues.insert((path.clone(), class), found);
            }
        }
    }
    let position = |incarnation, offset| cauce_core::ids::Position { incarnation, offset };
    let low = Key::Quarantine(position(0, 0));
    let high = Key::Quarantine(position(u16::MAX, u64::MAX));
    said.quarantined = rows.range(&low, &high, QUARANTINE_MAX).len();
    let (low, high) = Key::unfit();
    said.unfit = rows.range(&low, &high, UNFIT_MAX).len();
    said.more_unfit = said.unfit == UNFIT_MAX;
    let (low, high) = Key::dead_letters(MessageId(0));
    said.letters = rows.range(&low, &high, LETTERS_MAX).len();
    said.more_letters = said.letters == LETTERS_MAX;
    said
}

/// What all partitions say, added up; those that stopped say nothing.
pub(super) async fn said(app: &App, now: Timestamp) -> Said {
    let asked: Vec<_> = (0..app.node.partitions())
        .filter(|partition: &Partition| !app.allocator.is_stopped(*partition))
        .map(|partition| app.ask(partition, move |p| ask(p, now)))
        .collect();
    let mut sum = Said::default();
    for said in futures_util::future::join_all(asked).await.into_iter().flatten() {
        for (name, count) in said.counters {
            *sum.counters.entry(name).or_default() += count;
        }
        sum.profiles += said.profiles;
        for (segment, built) in said.built {
            *sum.built.entry(segment).or_default() += built;
        }
        for (queue, (due, more, oldest)) in said.queues {
            let known = sum.queues.entry(queue).or_insert((0, false, oldest));
            *known = (known.0 + due, known.1 || more, known.2.min(oldest));
        }
        sum.timer = [sum.timer, said.timer].into_iter().flatten().min();
        sum.quarantined += said.quarantined;
        sum.unfit += said.unfit;
        sum.more_unfit |= said.more_unfit;
        sum.letters += said.letters;
        sum.more_letters |= said.more_letters;
        sum.paused = sum.paused.or(said.paused);
    }
    sum
}

impl Said {
    fn count(&self, name: &str) -> u64 {
        self.counters.get(name).copied().unwrap_or_default()
    }

    /// The sum of the counters whose name begins so.
    fn sum(&self, prefix: &str) -> u64 {
        let from = self.counters.range(prefix.to_owned()..);
        from.take_while(|(name, _)| name.starts_with(prefix)).map(|(_, count)| count).sum()
    }

    fn refused(&self) -> BTreeMap<String, u64> {
        let from = self.counters.range("refused ".to_owned()..);
        let reasons =
            from.map_while(|(name, count)| Some((name.strip_prefix("refused ")?, *count)));
        reasons.map(|(reason, count)| (reason.to_owned(), count)).collect()
    }

    fn queues(&self, app: &App, now: Timestamp) -> Vec<Queue> {
        let closed = app.allocator.queues();
        let closed = closed.iter().filter(|queue| queue.closed);
        let closed: Vec<&str> = closed.map(|queue| queue.path.as_str()).collect();
        let shown = self.queues.iter().map(|((path, class), (due, at_least, oldest))| Queue {
            path: path.clone(),
            class: super::super::v1::messages::name_of(class),
            due: *due,
            at_least: *at_least,
            oldest_seconds: (now.since(*oldest).0 / 1_000).max(0),
            closed: closed.contains(&path.as_str()),
        });
        shown.collect()
    }

    fn builds(&self, app: &App) -> Vec<Build> {
        let catalog = app.catalog();
        let named = catalog.segments.iter().filter(|segment| !segment.name.starts_with(HIDDEN));
        let builds = named.map(|segment| Build {
            segment: segment.name.clone(),
            built: self.built.get(&segment.number).copied().unwrap_or_default(),
            of: self.profiles,
        });
        builds.filter(|build| build.built < build.of).collect()
    }
}

/// Campaigns under way.
async fn campaigns(app: &App) -> Vec<Campaign> {
    let live: Vec<Execution> = {
        let control = app.control();
        let live = |e: &&Execution| matches!(e.stand, Steer::Resume | Steer::Pause);
        control.executions.values().rev().filter(live).take(RUNS_MAX).cloned().collect()
    };
    let mut shown = Vec::new();
    for execution in live {
        let balance = balance(&parts(app, execution.id).await);
        let ended = balance.sent + balance.refused + balance.failed + balance.unknown;
        let of = (balance.target + balance.moved_in).saturating_sub(balance.moved_out);
        shown.push(Campaign {
            run: execution.id,
            campaign: execution.campaign,
            state: if execution.stand == Steer::Pause { "paused" } else { "running" }.to_owned(),
            started: execution.started,
            progress: if of == 0 { 0.0 } else { (ended as f64 / of as f64).min(1.0) },
            balance,
        });
    }
    shown
}

async fn look(app: &App) -> Overview {
    let now = app.node.now();
    let said = said(app, now).await;
    let queues = said.queues(app, now);
    let campaigns = campaigns(app).await;
    let builds = said.builds(app);
    let late = |at: Timestamp| now.since(at).0.max(0);
    let open = said.queues.iter().zip(&queues).filter(|(_, queue)| !queue.closed);
    let lateness = Lateness {
        timers_ms: said.timer.map_or(0, late),
        queues_ms: open.map(|((_, (.., oldest)), _)| late(*oldest)).max().unwrap_or_default(),
    };
    let health = health::look(app, &said, now, lateness.timers_ms);
    let (recent, pace) = (&app.watch.recent, &app.watch.pace);
    Overview {
        at: now,
        up_seconds: app.watch.started.elapsed().as_secs(),
        profiles: said.profiles,
        events: EventCounts {
            accepted: recent.taken(),
            refused: app.metrics.events_refused.load(Ordering::Relaxed),
            ever: said.count("events.taken"),
            per_second: seconds(recent.per_second(now)),
            waiting: app.node.lag(),
        },
        messages: MessageCounts {
            sent: said.sum("messages.sent "),
            delivered: said.count("reports message_delivered"),
            bounced: said.count("reports message_bounced"),
            complained: said.count("reports message_complained"),
            opened: said.count("reports message_opened"),
            clicked: said.count("reports message_clicked"),
            opened_by_machines: said.count("fetched opened machine")
                + said.count("fetched opened unknown"),
            clicked_by_machines: said.count("fetched clicked machine")
                + said.count("fetched clicked unknown"),
            unsubscribed: said.count("reports unsubscribed"),
            failed: said.sum("messages.failed "),
            unknown: said.sum("messages.unknown "),
            refused: said.refused(),
            in_flight: app.allocator.in_flight(),
            per_second: seconds(pace.sent(now)),
        },
        lateness,
        queues,
        campaigns,
        builds,
        attention: health::attention(&health),
        health,
    }
}

/// The overview in JSON; all who ask within a moment get the same.
async fn fresh(app: &App) -> Arc<str> {
    let mut kept = app.watch.overview.lock().await;
    if let Some((at, text)) = &*kept
        && at.elapsed() < FRESH
    {
        return text.clone();
    }
    let overview = look(app).await;
    let text: Arc<str> = serde_json::to_string(&overview).expect("it is plain data").into();
    *kept = Some((Instant::now(), text.clone()));
    text
}

/// What happens now: counts, rates, queues, what runs, how the server is, what needs a person.
#[utoipa::path(get, path = "/v1/overview", tag = "operation",
    responses((status = 200, body = Overview)))]
pub async fn show(_: Full, State(app): Shared) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], fresh(&app).await.to_string())
}

/// The same as server-sent events, once a second: `event: overview`.
#[utoipa::path(get, path = "/v1/overview/live", tag = "operation",
    responses((status = 200, content_type = "text/event-stream", body = Overview),
        (status = 429, body = Problem)))]
pub async fn live(
    reader: Full,
    State(app): Shared,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let opened = Opened::new(&app, &reader.1, &headers);
    let begun = (app.clone(), room(&app)?, opened, true);
    let pieces = futures_util::stream::unfold(begun, |(app, room, opened, first)| async move {
        if !first {
            tokio::select! {
                () = tokio::time::sleep(TELL_EVERY) => {}
                () = app.stopping.cancelled() => return None,
            }
        }
        if app.stopping.is_cancelled() || !opened.goes_on(&app) {
            return None;
        }
        let text = format!("event: overview\ndata: {}\n\n", fresh(&app).await);
        Some((Ok::<_, Infallible>(Bytes::from(text)), (app, room, opened, false)))
    });
    Ok(stream(Body::from_stream(pieces)))
}
