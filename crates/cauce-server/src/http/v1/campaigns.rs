//! Campaigns: start, watch, pause, resume, cancel.

use super::super::Shared;
use super::super::auth::Full;
use super::super::console::number;
use super::super::error::{Code, Problem};
use crate::app::App;
use crate::control::{Execution, Steer};
use crate::loops::campaigns::{balance, launching, look_first, parts, waits_for};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use cauce_core::message::counter;
use cauce_core::publish::{self, Kind};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::tracking::actor::Actor;
use serde::Deserialize;
use serde_json::{Value, json};

async fn shown(app: &App, execution: &Execution) -> Value {
    let parts = parts(app, execution.id).await;
    let balance = balance(&parts);
    let waits = waits_for(app, execution, &parts).await;
    let state = match execution.stand {
        Steer::Pause => "paused",
        Steer::Resume => "running",
        Steer::Cancel => "cancelled",
        Steer::Done => "done",
    };
    let ended = balance.sent + balance.refused + balance.failed + balance.unknown;
    let whole = (balance.target + balance.moved_in).saturating_sub(balance.moved_out);
    let mut balance = json!(balance);
    // Of the audience: those whose message has no outcome yet, or who have none yet.
    balance["left"] = whole.saturating_sub(ended).into();
    json!({ "run": execution.id, "campaign": execution.campaign, "revision": execution.revision,
            "started": execution.started, "by": execution.by, "despite": execution.despite,
            "state": state,
            "since": execution.since, "balance": balance, "waits": waits })
}

/// Limit: runs of one answer.
const RUNS_MAX: usize = 100;

/// Which runs.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Only those of this campaign.
    campaign: Option<String>,
    /// `next` of the answer before.
    cursor: Option<String>,
    /// At most so many: 100 if absent, and at most.
    limit: Option<usize>,
}

/// Runs, newest first, with their balances; `next` is where to go on.
#[utoipa::path(get, path = "/v1/campaigns", tag = "campaigns", params(Asked),
    responses((status = 200, body = Object), (status = 400, body = Problem)))]
pub async fn list(
    _: Full,
    State(app): Shared,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let before = number(asked.cursor.as_deref())?.unwrap_or(u64::MAX);
    let limit = asked.limit.unwrap_or(RUNS_MAX).clamp(1, RUNS_MAX);
    let of = |one: &&Execution| asked.campaign.as_ref().is_none_or(|name| one.campaign == *name);
    // One more, to know whether there is one.
    let mut executions: Vec<Execution> = {
        let control = app.control();
        let older = control.executions.range(..before).rev().map(|(_, one)| one);
        older.filter(of).take(limit + 1).cloned().collect()
    };
    let more = executions.len() > limit;
    executions.truncate(limit);
    let next = executions.last().filter(|_| more).map(|last| last.id.to_string());
    let mut runs = Vec::new();
    for execution in &executions {
        runs.push(shown(&app, execution).await);
    }
    Ok(Json(json!({ "runs": runs, "next": next })))
}

/// What stands against starting a campaign now: `barred` says why it may not start, `warnings` what
/// large mailbox providers may hold against it.
#[utoipa::path(get, path = "/v1/campaigns/{name}/start", tag = "campaigns",
    params(("name" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn ahead(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    let known = app.book().get(Kind::Campaign, &name).map(|one| one.body.clone());
    let Some(publish::Body::Campaign(definition)) = known else {
        return Err(Problem::new(Code::NotFound, format!("there is no campaign `{name}`")));
    };
    look_first(&app, &definition).await;
    let found = launching(&app, &definition);
    Ok(Json(json!({ "barred": found.barred, "warnings": found.warnings })))
}

/// How a campaign is started.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = CampaignStart)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Why it is started although something stands against it.
    #[serde(default)]
    despite: Option<String>,
}

/// Limit: bytes of a reason.
const REASON_BYTES_MAX: usize = 500;

/// The reason in a body, if there is one: most have no body.
fn reason(body: &[u8]) -> Result<Option<String>, Problem> {
    if body.trim_ascii().is_empty() {
        return Ok(None);
    }
    let said: Option<Start> = serde_json::from_slice(body)
        .map_err(|error| Problem::new(Code::Malformed, error.to_string()))?;
    let Some(reason) = said.and_then(|said| said.despite) else { return Ok(None) };
    let reason = reason.trim().to_owned();
    if reason.is_empty() || reason.len() > REASON_BYTES_MAX {
        let text = format!("`despite` is a reason of 1 to {REASON_BYTES_MAX} bytes");
        return Err(Problem::new(Code::Invalid, text)
            .hint("write why it has to leave all the same; the audit keeps it"));
    }
    Ok(Some(reason))
}

/// Starts a campaign. The audience is frozen when this is answered, unless `waits` says for which
/// segment it waits that is still being built: each partition freezes its part once it is.
/// `warnings` says what large mailbox providers may hold against it. What they refuse keeps it from
/// starting (409), unless the body says `despite`, and why: that is kept with the run and in the
/// audit.
#[utoipa::path(post, path = "/v1/campaigns/{name}/start", tag = "campaigns",
    params(("name" = String, Path)), request_body = Option<Start>,
    responses((status = 201, body = Object), (status = 404, body = Problem),
              (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn start(
    admin: Full,
    State(app): Shared,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let despite = reason(&body)?;
    let known = app.book().get(Kind::Campaign, &name).map(|one| one.body.clone());
    let warnings = match known {
        Some(publish::Body::Campaign(definition)) => launching(&app, &definition).warnings,
        _ => Vec::new(),
    };
    let id = app.start_campaign_despite(&name, &admin.0, despite).await?;
    let despite = app.control().executions.get(&id).and_then(|run| run.despite.clone());
    admin.1.note(match despite {
        Some(reason) => format!("run {id}, despite what stood against it: {reason}"),
        None => format!("run {id}"),
    });
    let Json(mut run) = show_run(&app, id).await?;
    run["warnings"] = json!(warnings);
    Ok((StatusCode::CREATED, Json(run)))
}

/// Messages of a run that were opened or followed, each once for each kind of actor.
async fn engagement(app: &App, id: u64) -> Value {
    const ACTORS: [Actor; 3] = [Actor::Human, Actor::Machine, Actor::Unknown];
    let asked = (0..app.node.partitions()).map(|partition| {
        app.ask(partition, move |p| {
            ["opened", "clicked"].map(|what| {
                ACTORS.map(|actor| match p.rows().get(&Key::Counter(counter(id, what, actor))) {
                    Some(Row::Counter(count)) => count,
                    _ => 0,
                })
            })
        })
    });
    let mut sum = [[0_u64; 3]; 2];
    for counts in futures_util::future::join_all(asked).await.into_iter().flatten() {
        for (sum, count) in sum.as_flattened_mut().iter_mut().zip(counts.as_flattened()) {
            *sum += count;
        }
    }
    let shown = |by: [u64; 3]| json!({ "human": by[0], "machine": by[1], "unknown": by[2] });
    json!({ "opened": shown(sum[0]), "clicked": shown(sum[1]) })
}

async fn show_run(app: &App, id: u64) -> Result<Json<Value>, Problem> {
    let execution = app.control().executions.get(&id).cloned();
    match execution {
        Some(execution) => {
            let mut shown = shown(app, &execution).await;
            shown["engagement"] = engagement(app, id).await;
            Ok(Json(shown))
        }
        None => Err(Problem::new(Code::NotFound, format!("there is no campaign run {id}"))),
    }
}

/// One run with its balance.
#[utoipa::path(get, path = "/v1/campaigns/runs/{id}", tag = "campaigns",
    params(("id" = u64, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(id): Path<u64>,
) -> Result<Json<Value>, Problem> {
    show_run(&app, id).await
}

/// Pauses, resumes or cancels. When this is answered, it holds.
#[utoipa::path(post, path = "/v1/campaigns/runs/{id}/{to}", tag = "campaigns",
    params(("id" = u64, Path), ("to" = String, Path, description = "pause, resume or cancel")),
    responses((status = 200, body = Object), (status = 404, body = Problem),
              (status = 409, body = Problem)))]
pub async fn steer(
    admin: Full,
    State(app): Shared,
    Path((id, to)): Path<(u64, String)>,
) -> Result<Json<Value>, Problem> {
    let to = match to.as_str() {
        "pause" => Steer::Pause,
        "resume" => Steer::Resume,
        "cancel" => Steer::Cancel,
        other => {
            return Err(Problem::new(Code::NotFound, format!("a campaign cannot `{other}`"))
                .hint("pause, resume or cancel"));
        }
    };
    app.steer_campaign(id, to, &admin.0).await?;
    let campaign = app.control().executions.get(&id).map(|one| one.campaign.clone());
    admin.1.note(format!("`{}`", campaign.unwrap_or_default()));
    show_run(&app, id).await
}
