//! What waits to leave, by whom it may, and what came back because nobody carried it.

pub mod letters;

use super::Shared;
use super::auth::Full;
use super::v1::messages::words::Class as ShownClass;
use crate::app::App;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use cauce_core::allocate::Standing;
use cauce_core::message::Class;
use cauce_core::policy::Policy;
use cauce_core::publish::{Body, Book, Kind};
use cauce_core::route::day_of;
use cauce_core::route::path::Queue;
use cauce_core::route::warmth::Heard;
use cauce_core::sender::bulk::Rules;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Limit: messages that are counted of one queue in one partition; more are "at least".
const WAITING_MAX: usize = 256;

/// The routes of this room.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/queues", get(show))
        .route("/v1/dead-letters", get(letters::list))
        .route("/v1/dead-letters/replay", post(letters::replay))
        .route("/v1/dead-letters/drop", post(letters::give_up))
}

/// What waits in one queue and class.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    count: usize,
    more: bool,
    /// When the first is due, or was, and when it is pointless.
    due: Timestamp,
    expires: Timestamp,
}

type Depth = BTreeMap<(String, Class), Waiting>;

fn depth(p: &cauce_engine::partition::Partition<crate::control::Catalogs>) -> Depth {
    let rows = p.rows();
    let mut found = Depth::new();
    for (path, _) in p.paths() {
        for class in [Class::Transactional, Class::Triggered, Class::Bulk] {
            let (from, to) = Key::due(&path, class, Timestamp::MAX);
            let waiting = rows.range(&from, &to, WAITING_MAX);
            let Some((Key::Outbox(_, _, due, id), _)) = waiting.first() else { continue };
            let expires = match rows.get(&Key::Message(*id)) {
                Some(Row::Message(message)) => message.expires,
                _ => Timestamp::MAX,
            };
            let (count, more) = (waiting.len(), waiting.len() == WAITING_MAX);
            found.insert((path.clone(), class), Waiting { count, more, due: *due, expires });
        }
    }
    found
}

async fn waiting(app: &App) -> Depth {
    let open = (0..app.node.partitions()).filter(|number| !app.allocator.is_stopped(*number));
    let asked: Vec<_> = open.map(|number| app.ask(number, depth)).collect();
    let mut sum = Depth::new();
    for found in futures_util::future::join_all(asked).await.into_iter().flatten() {
        for (queue, waiting) in found {
            let known = sum.entry(queue).or_insert(Waiting { count: 0, more: false, ..waiting });
            known.count += waiting.count;
            known.more |= waiting.more;
            if waiting.due < known.due {
                (known.due, known.expires) = (waiting.due, waiting.expires);
            }
        }
    }
    sum
}

/// How many messages wait for a route, or for a provider that serves as one, and whether there are
/// more.
pub async fn waits_for(app: &App, name: &str) -> (u64, bool) {
    let waiting = waiting(app).await;
    let own = waiting.iter().filter(|((path, _), _)| Queue::parse(path).route == name);
    own.fold((0, false), |sum, (_, one)| (sum.0 + one.count as u64, sum.1 | one.more))
}

/// What waits in one ready queue and class.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = QueueShown)]
pub struct ShownQueue {
    /// Its name.
    path: String,
    /// The route, or the provider that serves as one.
    route: String,
    /// Where its messages go: a mailbox provider, a country; null where nothing depends on it.
    #[schema(required = true)]
    group: Option<String>,
    /// The number of the campaign's run; null for other messages.
    #[schema(required = true)]
    campaign: Option<u64>,
    /// Providers that have just refused its messages for reasons of their own.
    without: Vec<String>,
    /// The class of its messages.
    class: ShownClass,
    /// Whether nothing is taken from it for now.
    closed: bool,
    /// Who may carry its messages, the first one first; null while nobody knows the queue yet.
    #[schema(required = true)]
    providers: Option<Vec<String>>,
    /// Messages that wait.
    waiting: usize,
    /// Whether there may be more than were counted.
    at_least: bool,
    /// When the first of them is due, or was.
    #[schema(value_type = String, format = DateTime)]
    earliest: Timestamp,
    /// For how many seconds that one has been due; 0 before it is.
    age_seconds: i64,
    /// When that one is pointless; null if never.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    expires: Option<Timestamp>,
}

/// A provider's plan to send more day by day, as it is today.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = WarmUpToday)]
pub struct WarmUp {
    /// The day in the plan's zone: `2026-11-30`.
    day: String,
    /// Messages that the plan allows today at the most; null once it is over.
    #[schema(required = true)]
    today: Option<u64>,
    /// Once a day may have so many, there is no limit any more.
    until: u64,
    /// The zone in which its days are counted.
    zone: String,
    /// Messages that it allows today to each group, of those that were asked for.
    groups: BTreeMap<String, u64>,
    /// Whether it is over: nothing is held back any more.
    over: bool,
}

/// How many messages were carried on a day.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = DayCount)]
pub struct DayCount {
    /// Only by this route.
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<String>,
    /// Only to this group of receivers.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// The day: `2026-11-30`.
    day: String,
    /// How many.
    count: u64,
}

/// A provider as it stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProviderStanding)]
pub struct ShownProvider {
    /// Its name.
    name: String,
    /// The circuit breaker: `closed` (it is given messages), `open` (it is not), `half-open`,
    /// `ramping`; or `without a way out`, where it is not equipped.
    state: &'static str,
    /// Until when the circuit is open; null where it is not.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    until: Option<Timestamp>,
    /// Messages that may be under way at once.
    window: u32,
    /// Messages that are.
    in_flight: u32,
    /// What it carried, by counter: the raw form of `counted`.
    carried: BTreeMap<String, u64>,
    /// What it carried, day by day.
    counted: Vec<DayCount>,
    /// Its plan to send more day by day; null where it has none.
    #[schema(required = true)]
    warm_up: Option<WarmUp>,
}

/// Queues, providers and routes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Queues)]
pub struct Shown {
    /// When this was read.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
    /// Queues in which something waits.
    queues: Vec<ShownQueue>,
    /// The providers.
    providers: Vec<ShownProvider>,
    /// Routes by name, as they were written.
    #[schema(value_type = BTreeMap<String, Object>)]
    routes: BTreeMap<String, Value>,
}

/// Ready queues with their age, providers with their circuit breakers and what they carried today,
/// and the routes.
#[utoipa::path(get, path = "/v1/queues", tag = "operation",
    responses((status = 200, body = Shown)))]
pub async fn show(_: Full, State(app): Shared) -> Json<Shown> {
    let now = app.node.now();
    let known: BTreeMap<_, _> =
        app.allocator.queues().into_iter().map(|queue| (queue.path.clone(), queue)).collect();
    let queue = |((path, class), waiting): (&(String, Class), &Waiting)| {
        let parts = Queue::parse(path);
        let own = known.get(path);
        ShownQueue {
            path: path.clone(),
            route: parts.route.to_owned(),
            group: parts.group.map(str::to_owned),
            campaign: parts.campaign,
            without: parts.without.iter().map(|name| (*name).to_owned()).collect(),
            class: (*class).into(),
            closed: own.is_some_and(|own| own.closed),
            providers: own.map(|own| own.providers.clone()),
            waiting: waiting.count,
            at_least: waiting.more,
            earliest: waiting.due,
            age_seconds: (now.since(waiting.due).0 / 1_000).max(0),
            expires: (waiting.expires < Timestamp::MAX).then_some(waiting.expires),
        }
    };
    let waiting = waiting(&app).await;
    let queues = waiting.iter().map(queue).collect();
    let book = app.book();
    let routes = book
        .list(Kind::Route)
        .filter(|(_, revision)| matches!(revision.body, Body::Route(_)))
        .map(|(name, revision)| (name.to_owned(), revision.body.document()))
        .collect();
    Json(Shown { now, queues, providers: providers(&app, &book, now), routes })
}

/// What a provider's plan allows to each group today at the most, and to those that were asked for
/// after what was heard of them; nothing once the plan is over, or without one.
fn warm_up(book: &Book, (name, caps): (&str, &[(String, u64)]), now: Timestamp) -> Option<WarmUp> {
    let Body::Provider(provider) = &book.get(Kind::Provider, name)?.body else { return None };
    let plan = provider.warm_up.as_ref()?;
    let zone = match (&plan.zone, book.get(Kind::Policy, "policy").map(|known| &known.body)) {
        (Some(zone), _) => zone.clone(),
        (None, Some(Body::Policy(policy))) => policy.default_zone.clone(),
        (None, _) => Policy::default().default_zone,
    };
    let day = day_of(now, &zone);
    let welcome = |_| Heard { carried: u64::MAX, ..Heard::default() };
    let today = plan.cap(day, &Rules::shipped(), None, welcome);
    let groups = caps.iter().cloned().collect();
    let (day, over) = (day.to_string(), today.is_none());
    Some(WarmUp { day, today, until: plan.until, zone, groups, over })
}

/// A day's counter, taken apart: what a plan allows to a group, or a route's leg.
fn counted(counter: &str, count: u64) -> Option<DayCount> {
    let mut parts = counter.split(' ').skip(1);
    let (about, day) = (parts.next()?, parts.next()?.to_owned());
    let (route, group) = match (about.split_once('>'), about.split_once('/')) {
        (Some((route, _)), _) => (Some(route.to_owned()), None),
        (None, Some((_, group))) => (None, Some(group.to_owned())),
        (None, None) => (None, None),
    };
    Some(DayCount { route, group, day, count })
}

fn providers(app: &App, book: &Book, now: Timestamp) -> Vec<ShownProvider> {
    let shown = app.allocator.providers(now).into_iter().map(|provider| {
        let until = match provider.breaker {
            Standing::Open { until } => Some(until),
            Standing::Closed | Standing::HalfOpen | Standing::Ramping { .. } => None,
        };
        let state = match provider.window {
            0 => "without a way out",
            _ => provider.breaker.as_str(),
        };
        let days: BTreeMap<_, _> = provider.days.iter().cloned().collect();
        let taken = days.iter().filter_map(|(name, count)| counted(name, *count)).collect();
        ShownProvider {
            state,
            until,
            window: provider.window,
            in_flight: provider.in_flight,
            carried: days,
            counted: taken,
            warm_up: warm_up(book, (&provider.name, &provider.caps), now),
            name: provider.name,
        }
    });
    shown.collect()
}
