//! Devices whose tokens were refused, by service and app: shown, taken back, or let go at once.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::app::{App, Refusal};
use crate::inbound::guard;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::device::{Decided, Devices, Quarantine, is_keeper};
use cauce_core::diagnostic::nearest;
use cauce_core::ids::{DeviceId, Number, TraceId};
use cauce_core::input::Body;
use cauce_core::limits;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::{Duration, Timestamp};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Profiles that one question to a partition looks at: it does other work in between.
const LOOKED_AT: usize = 1_000;
/// Decisions that are on their way at once; the next ones wait.
const IN_FLIGHT: usize = 256;

/// Looks at the devices of some profiles, from one on. Where the next slice begins, if there is
/// one.
fn slice(
    rows: &impl Rows,
    first: Number,
    mut each: impl FnMut(Number, &Devices),
) -> Option<Number> {
    let (from, to) = (Key::Devices(first), Key::Devices(Number::MAX));
    let found = rows.range(&from, &to, LOOKED_AT);
    let is_full = found.len() == LOOKED_AT;
    let mut last = None;
    for (key, row) in found {
        let (Key::Devices(number), Row::Devices(devices)) = (key, row) else { continue };
        each(number, &devices);
        last = Some(number);
    }
    last.filter(|_| is_full)?.checked_add(1)
}

/// How many devices of one service and app wait.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counted {
    refused: usize,
    gone: usize,
    since: Option<Timestamp>,
    latest: Option<Latest>,
}

impl Counted {
    fn add(&mut self, quarantine: &Quarantine) {
        self.refused += 1;
        self.gone += usize::from(quarantine.is_gone());
        self.since = self.since.into_iter().chain([quarantine.at]).min();
        if self.latest.as_ref().is_none_or(|latest| latest.at <= quarantine.at) {
            self.latest = Some(Latest { at: quarantine.at, why: quarantine.why.clone() });
        }
    }

    fn join(&mut self, other: Counted) {
        self.refused += other.refused;
        self.gone += other.gone;
        self.since = self.since.into_iter().chain(other.since).min();
        let latest = self.latest.take().into_iter().chain(other.latest);
        self.latest = latest.max_by_key(|latest| latest.at);
    }
}

/// What waits, by service and app.
async fn counted(app: &App) -> Result<BTreeMap<String, Counted>, Refusal> {
    let mut all: BTreeMap<String, Counted> = BTreeMap::new();
    for partition in 0..app.node.partitions() {
        let mut from = Some(0);
        while let Some(first) = from {
            let asked = app.ask(partition, move |p| {
                let mut found: BTreeMap<String, Counted> = BTreeMap::new();
                let next = slice(p.rows(), first, |_, devices| {
                    for device in devices.values() {
                        if let Some(quarantine) = &device.quarantine {
                            found.entry(device.target.keeper()).or_default().add(quarantine);
                        }
                    }
                });
                (found, next)
            });
            // A partition that says nothing is not one in which nothing waits.
            let (found, next) = asked.await.ok_or(Refusal::Stopping)?;
            for (keeper, counted) in found {
                all.entry(keeper).or_default().join(counted);
            }
            from = next;
        }
    }
    Ok(all)
}

/// What is decided, and of which devices.
#[derive(Clone, Debug)]
struct Wanted {
    keeper: String,
    undo: bool,
    since: Option<Timestamp>,
}

impl Wanted {
    /// What is decided about devices of one person; and whether any is of the keeper at all.
    fn of(&self, devices: &Devices) -> (Vec<DeviceId>, bool) {
        let mut is_known = false;
        let mut chosen = Vec::new();
        for (id, device) in devices {
            let Some(quarantine) = &device.quarantine else { continue };
            if device.target.keeper() != self.keeper {
                continue;
            }
            is_known = true;
            let is_meant = self.since.is_none_or(|since| quarantine.at >= since);
            if is_meant && (self.undo || quarantine.is_gone()) {
                chosen.push(*id);
            }
        }
        (chosen, is_known)
    }
}

/// Decides about all of them, a slice at a time, so that a million of them need no more memory than
/// a thousand: how many they were, and whether any was of the keeper at all. Asked once more it
/// goes on where it was.
async fn decide_all(app: &App, wanted: &Wanted) -> Result<(usize, bool), Refusal> {
    let (mut count, mut is_known) = (0, false);
    for partition in 0..app.node.partitions() {
        let mut from = Some(0);
        while let Some(first) = from {
            let wanted = wanted.clone();
            let asked = app.ask(partition, move |p| {
                let (mut found, mut is_known) = (Vec::new(), false);
                let next = slice(p.rows(), first, |number, devices| {
                    let (devices, known) = wanted.of(devices);
                    is_known |= known;
                    if devices.is_empty() {
                        return;
                    }
                    if let Some(Row::Head(head)) = p.rows().get(&Key::Head(number)) {
                        let (profile, undo) = (head.id(), wanted.undo);
                        found.push(Decided { profile, devices, undo });
                    }
                });
                (found, is_known, next)
            });
            let (found, known, next) = asked.await.ok_or(Refusal::Stopping)?;
            is_known |= known;
            count += found.iter().map(|decided| decided.devices.len()).sum::<usize>();
            let mut found = found.into_iter().peekable();
            while found.peek().is_some() {
                let some = found.by_ref().take(IN_FLIGHT).map(|decided| {
                    let body = Body::DevicesDecided(decided);
                    app.append_applied(partition, body, TraceId::default())
                });
                for done in join_all(some).await {
                    done?;
                }
            }
            from = next;
        }
    }
    Ok((count, is_known))
}

/// Devices of one service and app that are not pushed to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RefusedDevices)]
pub struct Kept {
    /// Service and app: `apns:org.example.shop`.
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
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
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
    responses((status = 200, body = Listed), (status = 503, body = Problem)))]
pub async fn list(_: Full, State(app): Shared) -> Result<Json<Listed>, Problem> {
    let up: BTreeMap<String, Timestamp> = app.observer.tokens.up().into_iter().collect();
    let mut keepers = counted(&app).await?;
    for keeper in up.keys() {
        keepers.entry(keeper.clone()).or_default();
    }
    let items = keepers.into_iter().map(|(keeper, counted)| {
        let Counted { refused, gone, since, latest } = counted;
        let guarded_since = up.get(&keeper).copied();
        Kept { keeper, guarded_since, refused, gone, misplaced: refused - gone, since, latest }
    });
    let kept_days = limits::DEVICE_GONE_KEPT.0 / Duration::DAY.0;
    Ok(Json(Listed { items: items.collect(), kept_days }))
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
              (status = 404, body = Problem), (status = 503, body = Problem)))]
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
    if !is_keeper(&keeper) {
        let detail = format!("`{keeper}` is no push service and app");
        return Err(Problem::new(Code::NotFound, detail).hint(
            "`apns:` and the topic, `fcm:` and the package, or `web:` and the push service, as \
             `GET /v1/devices/refused` has it; providers of mailboxes are at \
             `/v1/suppressions/held`",
        ));
    }
    let is_up = guard::is_up(&app, &app.observer.tokens, &keeper).await?;
    // First what was found stays as it is, then the guard ends: nothing goes in between. To its end
    // although whoever asked may hang up.
    let (own, wanted) = (app.clone(), Wanted { keeper: keeper.clone(), undo, since });
    let work = async move {
        let (count, is_known) = decide_all(&own, &wanted).await?;
        if is_known || is_up {
            guard::lower_tokens(&own, &wanted.keeper).await?;
        }
        Ok((count, is_known || is_up))
    };
    let (count, is_any) = app.whole(work).await?;
    if !is_any {
        let known = counted(&app).await?;
        let problem =
            Problem::new(Code::NotFound, format!("no device of `{keeper}` waits, and no guard"));
        return Err(match nearest(&keeper, known.keys().map(String::as_str)) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint("`GET /v1/devices/refused` has their names"),
        });
    }
    admin.1.note_of(keeper, format!("{to}: {count} devices"));
    Ok(Json(Done { devices: count, pushed_to_again: undo }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_slices_add_up_to_the_same_as_all_at_once() {
        let all = [(5, "gone: 410"), (9, "BadDeviceToken"), (2, "gone: 404"), (7, "gone: x")];
        let quarantine =
            |(at, why): (i64, &str)| Quarantine { at: Timestamp(at), why: why.to_owned() };
        let counted = |some: &[(i64, &str)]| {
            let mut counted = Counted::default();
            some.iter().for_each(|one| counted.add(&quarantine(*one)));
            counted
        };
        let whole = counted(&all);
        assert_eq!((whole.refused, whole.gone, whole.since), (4, 3, Some(Timestamp(2))));
        assert_eq!(whole.latest.as_ref().unwrap().why, "BadDeviceToken");
        for cut in 0..=all.len() {
            let mut joined = counted(&all[..cut]);
            joined.join(counted(&all[cut..]));
            assert_eq!(joined, whole, "{cut}");
        }
    }
}
