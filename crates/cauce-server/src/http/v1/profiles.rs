//! One profile: what is known, why it is in a segment, why it got a campaign or not.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::super::people::devices;
use crate::app::App;
use crate::watch::complaints;
use axum::Json;
use axum::extract::{Path, State};
use cauce_core::decide::{Plans, home};
use cauce_core::decision::Permit;
use cauce_core::ids::{Number, Partition, ProfileId};
use cauce_core::message::Class;
use cauce_core::profile::{Alias, Head, Status};
use cauce_core::query;
use cauce_core::state::{Key, Row, Rows};
use serde_json::{Value, json};
use std::sync::Arc;

/// Where a profile lives.
pub struct Located {
    /// In which partition.
    pub partition: Partition,
    /// Under which number.
    pub number: Number,
    /// What it is.
    pub head: Arc<Head>,
}

/// An alias, or a problem that says what is wrong with it.
pub fn alias(app: &App, namespace: &str, value: &str) -> Result<Alias, Problem> {
    let namespaces = &app.catalog().namespaces;
    namespaces
        .canonical(namespace, value)
        .map_err(|why| Problem::new(Code::Malformed, format!("`{value}`: {why}")))
}

/// Finds the profile that holds an alias, through redirects.
pub async fn locate(app: &App, alias: &Alias) -> Result<Located, Problem> {
    Ok(trail(app, alias).await?.0)
}

/// The same, with the profiles that sent on to another on the way.
pub async fn trail(app: &App, alias: &Alias) -> Result<(Located, Vec<ProfileId>), Problem> {
    let mut redirects = Vec::new();
    let missing = || Problem::new(Code::NotFound, format!("nobody is known as {alias}"));
    let key = Key::Alias(alias.clone());
    let at = home(alias, app.node.partitions());
    let row = app.ask(at, move |p| match p.rows().get(&key) {
        Some(Row::Alias(row)) => row.holder,
        _ => None,
    });
    let known = row.await.flatten().map(|holder| (holder.rank.id, holder.partition));
    let (mut id, mut partition) =
        known.or_else(|| by_id(alias, app.node.partitions())).ok_or_else(missing)?;
    for _ in 0..cauce_core::limits::HOPS_MAX {
        let found = app.ask(partition, move |p| {
            let Some(Row::Number(number)) = p.rows().get(&Key::Profile(id)) else { return None };
            match p.rows().get(&Key::Head(number)) {
                Some(Row::Head(head)) => Some((number, head)),
                _ => None,
            }
        });
        let (number, head) = found.await.flatten().ok_or_else(missing)?;
        match head.status {
            Status::Live => {
                return Ok((Located { partition, number, head }, redirects));
            }
            Status::Redirect(next) => {
                redirects.push(id);
                (id, partition) = (next.rank.id, next.partition);
            }
            Status::Erased(_) => return Err(missing()),
        }
    }
    Err(missing())
}

/// The name that every profile has without anybody giving it one: `id:pro_…`, as messages and
/// answers say it. An alias of a namespace that somebody called `id` goes before it.
fn by_id(alias: &Alias, partitions: Partition) -> Option<(ProfileId, Partition)> {
    let id: ProfileId = (alias.namespace == "id").then(|| alias.value.parse().ok())??;
    (id.birthplace() < partitions).then(|| (id, id.birthplace()))
}

/// Everything that is known about a profile.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let (number, now) = (place.number, app.node.now());
    let catalog = app.catalogs.plan(app.control().book.plan);
    let rest = app.ask(place.partition, move |p| {
        let segments = query::segments(p.rows(), &catalog, number, now);
        let computed = query::computed(p.rows(), &catalog, number, now);
        let (low, high) = Key::timeline(number);
        let timeline = p.rows().range(&low, &high, 1_000);
        let (low, high) = Key::runs(number);
        (segments, computed, timeline, p.rows().range(&low, &high, 200))
    });
    let (segments, computed, timeline, runs) =
        rest.await.ok_or_else(|| Problem::new(Code::Unavailable, "the server is stopping"))?;
    let segments: Vec<_> =
        segments.into_iter().map(|(name, since)| json!({ "name": name, "since": since })).collect();
    let known = devices::of(&app, &place).await;
    let head = &place.head;
    let mut events: Vec<_> = timeline
        .iter()
        .filter_map(|(key, row)| match (key, row) {
            (Key::Timeline(_, name, at, id), Row::Timeline(happening)) => Some((
                *at,
                json!({ "id": id, "name": name, "occurred_at": at,
                        "received_at": happening.received_at,
                        "properties": happening.properties, "profile": happening.origin }),
            )),
            _ => None,
        })
        .collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.0));
    let runs: Vec<_> = runs
        .into_iter()
        .filter_map(|(_, row)| match row {
            Row::Run(run) => Some(run),
            _ => None,
        })
        .collect();
    let consents: Vec<_> = head.consents.values().collect();
    let aliases: Vec<_> = head.aliases.iter().map(ToString::to_string).collect();
    let suppressions: Vec<_> = head
        .suppressions
        .iter()
        .map(|(address, why)| json!({ "address": address.to_string(), "why": why }))
        .collect();
    Ok(Json(json!({
        "id": head.id(),
        "created": head.created,
        "aliases": aliases,
        "attributes": head.attributes,
        "computed": computed,
        "consents": consents,
        "suppressions": suppressions,
        "devices": devices::all(&known, devices::Tokens::Short),
        "segments": segments,
        "runs": runs,
        "identity_pending": head.pending.len(),
        "timeline": events.into_iter().map(|(_, event)| event).collect::<Vec<_>>(),
    })))
}

/// Why a profile is, or is not, in a segment: the value of every leaf.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/segments/{segment}", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path), ("segment" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn segment(
    _: Full,
    State(app): Shared,
    Path((namespace, value, name)): Path<(String, String, String)>,
) -> Result<Json<Value>, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let (inside, why) = explain(&app, &place, &name).await?;
    Ok(Json(json!({ "profile": place.head.id(), "segment": name, "inside": inside, "why": why })))
}

async fn explain(app: &App, place: &Located, name: &str) -> Result<(bool, Value), Problem> {
    let catalog = app.catalogs.plan(app.control().book.plan);
    if catalog.segment(name).is_none() {
        let near =
            cauce_core::diagnostic::nearest(name, catalog.segment_index.keys().map(String::as_str));
        let problem = Problem::new(Code::NotFound, format!("there is no segment `{name}`"));
        return Err(match near {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem,
        });
    }
    let (number, now, name) = (place.number, app.node.now(), name.to_owned());
    let explained =
        app.ask(place.partition, move |p| query::explain(p.rows(), &catalog, number, &name, now));
    let (inside, why) = explained
        .await
        .flatten()
        .ok_or_else(|| Problem::new(Code::Unavailable, "the server is stopping"))?;
    Ok((inside, serde_json::to_value(why).unwrap_or_default()))
}

/// Why a profile did, or did not, get a campaign.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/campaigns/{run}", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path), ("run" = u64, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn campaign(
    _: Full,
    State(app): Shared,
    Path((namespace, value, run)): Path<(String, String, u64)>,
) -> Result<Json<Value>, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let execution = app.control().executions.get(&run).cloned();
    let execution = execution
        .ok_or_else(|| Problem::new(Code::NotFound, format!("there is no campaign run {run}")))?;
    let definition = crate::loops::campaigns::definition(&app, &execution)
        .ok_or_else(|| Problem::new(Code::NotFound, "the campaign's definition is gone"))?;
    let (id, number) = (place.head.id(), place.number);
    let rows = app.ask(place.partition, move |p| {
        let message = match p.rows().get(&Key::CampaignMember(run, id)) {
            Some(Row::CampaignMember(message)) => p.rows().get(&Key::Message(message)),
            _ => None,
        };
        let part = match p.rows().get(&Key::Campaign(run)) {
            Some(Row::Campaign(part)) => {
                Some((part.frozen_at, part.bitmap().contains(number), part.cursor > number))
            }
            _ => None,
        };
        (message, part)
    });
    let (message, part) =
        rows.await.ok_or_else(|| Problem::new(Code::Unavailable, "the server is stopping"))?;
    let mut segments = Vec::new();
    for (name, wanted) in definition
        .audience
        .iter()
        .map(|name| (name, "in"))
        .chain(definition.exclude.iter().map(|name| (name, "not in")))
    {
        let (inside, why) = explain(&app, &place, name).await?;
        segments
            .push(json!({ "segment": name, "wanted": wanted, "inside_now": inside, "why": why }));
    }
    let verdict = match (&message, part) {
        (Some(Row::Message(message)), _) => {
            json!({ "planned": true, "message": super::messages::shown(message) })
        }
        (_, Some((at, true, false))) => {
            json!({ "planned": false, "why": format!("in the audience that was frozen at {at}, \
                not planned yet") })
        }
        (_, Some((at, _, _))) => {
            json!({ "planned": false, "why": format!("not in the audience when it was frozen at \
                {at}") })
        }
        (_, None) => json!({ "planned": false, "why": "the audience is not frozen yet" }),
    };
    let catalog = app.catalogs.plan(app.control().book.plan);
    let now = app.node.now();
    let known = devices::of(&app, &place).await;
    let person = (&*place.head, &*known);
    let pauses = complaints::pauses(&app, place.partition).await;
    let said = (&*catalog, &*pauses);
    let today = query::permit(said, person, number, &definition.template, Class::Bulk, now);
    let today = match today {
        Permit::Yes { address } => format!("policy would allow it now, to {address}"),
        Permit::No(reason) | Permit::Later { reason, .. } => format!("policy says: {reason}"),
    };
    Ok(Json(json!({ "profile": place.head.id(), "campaign": execution.campaign, "run": run,
                    "verdict": verdict, "segments": segments, "policy_now": today })))
}
