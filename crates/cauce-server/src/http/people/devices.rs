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
use cauce_core::device::{
    Device, Devices, Environment, Permission, Platform, Quarantine, REGISTERED, REMOVED, Way,
};
use cauce_core::ids::{DeviceId, EventId};
use cauce_core::input::Body;
use cauce_core::profile::Alias;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::Serialize;
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

/// What a payload for a browser is encrypted to (RFC 8291), in base64url.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)] // the shape of the core's own
pub struct WebKeys {
    /// Its public key on P-256.
    p256dh: String,
    /// Its secret.
    auth: String,
}

/// Why nothing is pushed to a device until it is registered again.
#[derive(utoipa::ToSchema)]
#[schema(as = DeviceQuarantine)]
#[allow(dead_code)] // the shape of the core's own
pub struct Quarantined {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What the provider answered.
    why: String,
}

/// A device of a person.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Device)]
pub struct Shown {
    /// Its name, which follows from its token: `dev_…`.
    #[schema(value_type = String)]
    device: DeviceId,
    /// What it runs: `ios`, `android` or `web`.
    #[schema(value_type = String)]
    platform: Platform,
    /// By whose service it is reached: `apns`, `fcm` or `web`.
    #[schema(value_type = String)]
    way: Way,
    /// The beginning of its token; whole in a person's export.
    token: String,
    /// What a browser's payload is encrypted to; in a person's export only.
    #[schema(value_type = Option<WebKeys>, required = true)]
    keys: Option<cauce_core::device::WebKeys>,
    /// The app: a bundle id, a package, a site; empty if nobody said.
    app: String,
    /// Which of Apple's two worlds its token belongs to: `production` or `sandbox`.
    #[schema(value_type = String)]
    environment: Environment,
    /// The app's version; empty if nobody said.
    app_version: String,
    /// The language that it is set to; empty if nobody said.
    locale: String,
    /// What the person allowed there: `granted`, `provisional` (found quietly in a list) or
    /// `denied`.
    #[schema(value_type = String)]
    permission: Permission,
    /// Whether it is pushed to.
    live: bool,
    /// When it was first registered.
    #[schema(value_type = String, format = DateTime)]
    registered: Timestamp,
    /// When it was last registered.
    #[schema(value_type = String, format = DateTime)]
    seen: Timestamp,
    /// In what it was said: `device_registered`, or the call whose context named it.
    source: String,
    /// The event that said so last: `evt_…`.
    #[schema(value_type = String)]
    event: EventId,
    /// Why nothing is pushed to it until it is registered again; null where that is not so.
    #[schema(value_type = Option<Quarantined>, required = true)]
    quarantine: Option<Quarantine>,
}

/// A person's devices.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DeviceList)]
pub struct Listed {
    /// The profile: `pro_…`.
    profile: String,
    /// The devices.
    items: Vec<Shown>,
}

/// A device as it is shown.
pub fn shown(device: &Device, tokens: Tokens) -> Shown {
    let target = &device.target;
    let token = match tokens {
        Tokens::Whole => target.token.clone(),
        Tokens::Short => {
            let short: String = target.token.chars().take(SHORT).collect();
            if short.len() < target.token.len() { format!("{short}…") } else { short }
        }
    };
    Shown {
        device: target.device,
        platform: target.platform,
        way: target.way(),
        token,
        keys: target.keys.clone().filter(|_| tokens == Tokens::Whole),
        app: target.app.clone(),
        environment: target.environment,
        app_version: device.app_version.clone(),
        locale: device.locale.clone(),
        permission: device.permission,
        live: device.is_live(),
        registered: device.registered,
        seen: device.seen.at,
        source: device.source.clone(),
        event: device.seen.event,
        quarantine: device.quarantine.clone(),
    }
}

/// How much of a token tells devices apart.
const SHORT: usize = 12;

/// All of them.
pub fn all(devices: &Devices, tokens: Tokens) -> Vec<Shown> {
    devices.values().map(|device| shown(device, tokens)).collect()
}

/// The devices of a person.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/devices", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path)),
    responses((status = 200, body = Listed), (status = 404, body = Problem)))]
pub async fn list(
    _: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
) -> Result<Json<Listed>, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let devices = of(&app, &place).await;
    let profile = place.head.id().to_string();
    Ok(Json(Listed { profile, items: all(&devices, Tokens::Short) }))
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
