//! Devices whose tokens were refused, by service and app: shown, taken back, or let go at once.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::app::App;
use crate::inbound::guard;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::device::Decided;
use cauce_core::ids::{DeviceId, Partition, ProfileId, TraceId};
use cauce_core::input::Body;
use cauce_core::limits;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Profiles that one question to a partition looks at.
const LOOKED_AT: usize = 1_000;

/// A device that waits in quarantine.
struct Refused {
    partition: Partition,
    profile: ProfileId,
    device: DeviceId,
    keeper: String,
    at: Timestamp,
    gone: bool,
    why: String,
}

/// Everything that waits in quarantine, a slice at a time: a partition does other work in between.
async fn all(app: &App) -> Vec<Refused> {
    let mut found = Vec::new();
    for partition in 0..app.node.partitions() {
        let mut from = Some(0);
        while let Some(first) = from {
            let asked = app.ask(partition, move |p| {
                let bounds = (Key::Devices(first), Key::Devices(u32::MAX));
                let rows = p.rows().range(&bounds.0, &bounds.1, LOOKED_AT);
                let last = match rows.last() {
                    Some((Key::Devices(number), _)) if rows.len() == LOOKED_AT => Some(number + 1),
                    _ => None,
                };
                let mut found = Vec::new();
                for (key, row) in rows {
                    let (Key::Devices(number), Row::Devices(devices)) = (key, row) else {
                        continue;
                    };
                    let refused = devices.values().filter_map(|device| {
                        let quarantine = device.quarantine.as_ref()?;
                        Some((device.target.device, device.target.keeper(), quarantine.clone()))
                    });
                    let refused: Vec<_> = refused.collect();
                    if refused.is_empty() {
                        continue;
                    }
                    let Some(Row::Head(head)) = p.rows().get(&Key::Head(number)) else { continue };
                    found.extend(refused.into_iter().map(|(device, keeper, quarantine)| Refused {
                        partition,
                        profile: head.id(),
                        device,
                        keeper,
                        at: quarantine.at,
                        gone: quarantine.is_gone(),
                        why: quarantine.why,
                    }));
                }
                (found, last)
            });
            let (some, last) = asked.await.unwrap_or_default();
            found.extend(some);
            from = last;
        }
    }
    found
}

/// Devices of one service and app that are not pushed to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RefusedDevices)]
pub struct Kept {
    /// Service and app: `apns/org.example.shop`.
    keeper: String,
    /// Since when there are too many at once to be believed; null where there are not.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    guarded_since: Option<Timestamp>,
    /// How many there are: `gone` and `misplaced` together.
    refused: usize,
    /// Whose token is gone for good, as the service says.
    gone: usize,
    /// Whose token belongs to another app or environment.
    misplaced: usize,
    /// When the first of them was refused; null where there is none.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    since: Option<Timestamp>,
    /// The last refusal; null where there is none.
    #[schema(required = true)]
    latest: Option<Latest>,
}

/// A refusal of a token.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TokenRefusal)]
pub struct Latest {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What the service said.
    why: String,
}

/// Devices whose tokens were refused.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RefusedDeviceList)]
pub struct Listed {
    /// By service and app.
    items: Vec<Kept>,
    /// Days after which a device whose token is gone is forgotten.
    kept_days: i64,
}

/// What was decided about refused devices.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RefusedDevicesDecided)]
pub struct Done {
    /// How many it was about.
    devices: usize,
    /// Whether they are pushed to again; else they were let go.
    pushed_to_again: bool,
}

/// Devices that are not pushed to, because their service refused their token: how many, by service
/// and app, and whether they are too many at once to be believed.
#[utoipa::path(get, path = "/v1/devices/refused", tag = "profiles",
    responses((status = 200, body = Listed)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Listed> {
    let mut keepers: BTreeMap<String, Vec<Refused>> = BTreeMap::new();
    let up: BTreeMap<String, Timestamp> = app.observer.tokens.up().into_iter().collect();
    keepers.extend(up.keys().map(|keeper| (keeper.clone(), Vec::new())));
    for refused in all(&app).await {
        keepers.entry(refused.keeper.clone()).or_default().push(refused);
    }
    let items = keepers.into_iter().map(|(keeper, refused)| {
        let latest = refused.iter().max_by_key(|one| one.at);
        let gone = refused.iter().filter(|one| one.gone).count();
        Kept {
            guarded_since: up.get(&keeper).copied(),
            refused: refused.len(),
            gone,
            misplaced: refused.len() - gone,
            since: refused.iter().map(|one| one.at).min(),
            latest: latest.map(|one| Latest { at: one.at, why: one.why.clone() }),
            keeper,
        }
    });
    let kept_days = limits::DEVICE_GONE_KEPT.0 / Duration::DAY.0;
    Json(Listed { items: items.collect(), kept_days })
}

/// What is decided about.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Only what was refused since then.
    since: Option<String>,
}

/// Decides about the refused devices of one service and app, and ends the guard: `undo` pushes to
/// them again, `confirm` lets those go whose token is gone.
#[utoipa::path(post, path = "/v1/devices/refused/{keeper}/{to}", tag = "profiles",
    params(("keeper" = String, Path, description = "service and app, as the list has them"),
        ("to" = String, Path, description = "`undo` or `confirm`"),
        ("since" = Option<String>, Query, description = "only what was refused since then")),
    responses((status = 200, body = Done), (status = 400, body = Problem),
              (status = 404, body = Problem)))]
pub async fn decide(
    admin: Full,
    State(app): Shared,
    Path((keeper, to)): Path<(String, String)>,
    Query(about): Query<About>,
) -> Result<Json<Done>, Problem> {
    let undo = match to.as_str() {
        "undo" => true,
        "confirm" => false,
        _ => {
            return Err(Problem::new(Code::NotFound, format!("`{to}` cannot be done with them"))
                .hint("`undo` or `confirm`"));
        }
    };
    let since = about.since.as_deref().map(str::parse::<Timestamp>).transpose();
    let since = since.map_err(|why| {
        Problem::new(Code::Malformed, format!("`since`: {why}"))
            .hint("an instant such as `2026-11-30T08:00:00Z`")
    })?;
    // First what was found stays as it is, then the guard ends: nothing goes in between.
    let mut of: BTreeMap<(Partition, ProfileId), Vec<DeviceId>> = BTreeMap::new();
    let mut count = 0;
    for one in all(&app).await {
        let wanted = one.keeper == keeper && since.is_none_or(|since| one.at >= since);
        if wanted && (undo || one.gone) {
            count += 1;
            of.entry((one.partition, one.profile)).or_default().push(one.device);
        }
    }
    for ((partition, profile), devices) in of {
        let body = Body::DevicesDecided(Decided { profile, devices, undo });
        app.append_applied(partition, body, TraceId::default()).await?;
    }
    guard::lower_tokens(&app, &keeper).await?;
    admin.1.note_of(keeper, format!("{to}: {count} devices"));
    Ok(Json(Done { devices: count, pushed_to_again: undo }))
}
