//! What waits to leave, by whom it may, and what came back because nobody carried it.

pub mod letters;

use super::Shared;
use super::auth::Full;
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
use serde_json::{Value, json};
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

/// Ready queues with their age, providers with their circuit breakers and what they carried today,
/// and the routes.
#[utoipa::path(get, path = "/v1/queues", tag = "operation",
    responses((status = 200, body = Object)))]
pub async fn show(_: Full, State(app): Shared) -> Json<Value> {
    let now = app.node.now();
    let known: BTreeMap<_, _> =
        app.allocator.queues().into_iter().map(|queue| (queue.path.clone(), queue)).collect();
    let queue = |((path, class), waiting): (&(String, Class), &Waiting)| {
        let parts = Queue::parse(path);
        let own = known.get(path);
        json!({ "path": path, "route": parts.route, "group": parts.group,
                "campaign": parts.campaign, "without": parts.without,
                "class": super::v1::messages::name_of(class),
                "closed": own.is_some_and(|own| own.closed),
                "providers": own.map(|own| &own.providers),
                "waiting": waiting.count, "at_least": waiting.more,
                "earliest": waiting.due,
                "age_seconds": (now.since(waiting.due).0 / 1_000).max(0),
                "expires": (waiting.expires < Timestamp::MAX).then_some(waiting.expires) })
    };
    let waiting = waiting(&app).await;
    let queues: Vec<_> = waiting.iter().map(queue).collect();
    let book = app.book();
    let routes: BTreeMap<&str, Value> = book
        .list(Kind::Route)
        .filter(|(_, revision)| matches!(revision.body, Body::Route(_)))
        .map(|(name, revision)| (name, revision.body.document()))
        .collect();
    Json(json!({ "now": now, "queues": queues, "providers": providers(&app, &book, now),
                 "routes": routes }))
}

/// What a provider's plan allows to each group today at the most, and to those that were asked for
/// after what was heard of them; nothing once the plan is over, or without one.
fn warm_up(book: &Book, (name, caps): (&str, &[(String, u64)]), now: Timestamp) -> Option<Value> {
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
    let groups: BTreeMap<_, _> = caps.iter().cloned().collect();
    Some(json!({ "day": day.to_string(), "today": today, "until": plan.until, "zone": zone,
                 "groups": groups,
                 "over": today.is_none() }))
}

/// A day's counter, taken apart: what a plan allows to a group, or a route's leg.
fn counted(counter: &str, count: u64) -> Option<Value> {
    let mut parts = counter.split(' ').skip(1);
    let (about, day) = (parts.next()?, parts.next()?);
    Some(match (about.split_once('>'), about.split_once('/')) {
        (Some((route, _)), _) => json!({ "route": route, "day": day, "count": count }),
        (None, Some((_, group))) => json!({ "group": group, "day": day, "count": count }),
        (None, None) => json!({ "day": day, "count": count }),
    })
}

fn providers(app: &App, book: &Book, now: Timestamp) -> Vec<Value> {
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
        let taken = days.iter().filter_map(|(name, count)| counted(name, *count));
        let taken: Vec<_> = taken.collect();
        json!({ "name": provider.name, "state": state, "until": until,
                "window": provider.window, "in_flight": provider.in_flight, "carried": days,
                "counted": taken,
                "warm_up": warm_up(book, (&provider.name, &provider.caps), now) })
    });
    shown.collect()
}
