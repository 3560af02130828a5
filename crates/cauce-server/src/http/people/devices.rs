//! The devices of one person: what they can be pushed to.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::super::v1::profiles::{Located, alias, locate};
use super::super::v1::{edge, trace};
use crate::app::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cauce_core::admit;
use cauce_core::decide::home;
use cauce_core::device::{Device, Devices, REGISTERED, REMOVED};
use cauce_core::input::Body;
use cauce_core::profile::Alias;
use cauce_core::state::{Key, Row, Rows};
use serde_json::{Value, json};
use std::sync::Arc;

/// Devices whose token is shown whole, or as little of it as tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// Whole: for the person's own copy.
    Whole,
    /// The beginning.
    Short,
}

/// The devices of a profile.
pub async fn of(app: &App, place: &Located) -> Arc<Devices> {
    let key = Key::Devices(place.number);
    let row = app.ask(place.partition, move |p| match p.rows().get(&key) {
        Some(Row::Devices(devices)) => devices,
        _ => Arc::default(),
    });
    row.await.unwrap_or_default()
}

/// A device as it is shown.
pub fn shown(device: &Device, tokens: Tokens) -> Value {
    let target = &device.target;
    let token = match tokens {
        Tokens::Whole => target.token.clone(),
        Tokens::Short => {
            let short: String = target.token.chars().take(SHORT).collect();
            if short.len() < target.token.len() { format!("{short}…") } else { short }
        }
    };
    let keys = target.keys.as_ref().filter(|_| tokens == Tokens::Whole);
    json!({
        "device": target.device, "platform": target.platform, "way": target.way(),
        "token": token, "keys": keys, "app": target.app, "environment": target.environment,
        "app_version": device.app_version, "locale": device.locale,
        "permission": device.permission, "live": device.is_live(),
        "registered": device.registered, "seen": device.seen.at,
        "source": device.source, "event": device.seen.event, "quarantine": device.quarantine,
    })
}

/// How much of a token tells devices apart.
const SHORT: usize = 12;

/// All of them.
pub fn all(devices: &Devices, tokens: Tokens) -> Vec<Value> {
    devices.values().map(|device| shown(device, tokens)).collect()
}

/// The devices of a person.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/devices", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn list(
    _: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let devices = of(&app, &place).await;
    Ok(Json(json!({ "profile": place.head.id(), "items": all(&devices, Tokens::Short) })))
}

/// Registers a device: it is this person's from now on, and nobody else's. Applied when this is
/// answered.
#[utoipa::path(put, path = "/v1/profiles/{namespace}/{value}/devices", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path)), request_body = Object,
    responses((status = 204), (status = 422, body = Problem)))]
pub async fn register(
    admin: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
    Json(said): Json<Value>,
) -> Result<StatusCode, Problem> {
    let named = alias(&app, &namespace, &value)?;
    let done = say(&app, &named, REGISTERED, said).await?;
    // By the profile's id: the name that was asked for may be an address.
    if let Ok(place) = locate(&app, &named).await {
        admin.1.note(place.head.id().to_string());
    }
    Ok(done)
}

/// Removes a device: by its name (`device`), or by `platform` and `token`.
#[utoipa::path(delete, path = "/v1/profiles/{namespace}/{value}/devices", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path)), request_body = Object,
    responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn remove(
    admin: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
    Json(said): Json<Value>,
) -> Result<StatusCode, Problem> {
    let named = alias(&app, &namespace, &value)?;
    // Of nobody there is nothing to remove: a typing error must not make a profile.
    let place = locate(&app, &named).await?;
    admin.1.note(place.head.id().to_string());
    say(&app, &named, REMOVED, said).await
}

/// The event that says it: what the API does is what events do.
async fn say(app: &App, named: &Alias, name: &str, said: Value) -> Result<StatusCode, Problem> {
    let document = json!({
        "name": name,
        "aliases": { named.namespace.clone(): named.value.clone() },
        "properties": said,
    });
    let edge = edge(app, None, false);
    let event = admit::native(&document, &edge, &app.catalog().namespaces)
        .map_err(|faults| Problem::new(Code::Invalid, "it has faults").fields(faults))?;
    let at = home(named, app.node.partitions());
    app.append_applied(at, Body::Event(Box::new(event)), trace()).await?;
    Ok(StatusCode::NO_CONTENT)
}
