//! Campaigns: start, watch, pause, resume, cancel.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::app::App;
use crate::control::{Execution, Steer};
use crate::loops::campaigns::{balance, launching, parts, waits_for};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cauce_core::message::counter;
use cauce_core::publish::{self, Kind};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::tracking::actor::Actor;
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
    json!({ "run": execution.id, "campaign": execution.campaign, "revision": execution.revision,
            "started": execution.started, "by": execution.by, "state": state,
            "since": execution.since, "balance": balance, "waits": waits })
}

/// All runs, newest first, with their balances.
#[utoipa::path(get, path = "/v1/campaigns", tag = "campaigns",
    responses((status = 200, body = Object)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Value> {
    let executions: Vec<Execution> =
        app.control().executions.values().rev().take(100).cloned().collect();
    let mut runs = Vec::new();
    for execution in &executions {
        runs.push(shown(&app, execution).await);
    }
    Json(json!({ "runs": runs }))
}

/// Starts a campaign. The audience is frozen when this is answered, unless `waits` says for which
/// segment it waits that is still being built: each partition freezes its part once it is.
/// `warnings` says what large mailbox providers may hold against it.
#[utoipa::path(post, path = "/v1/campaigns/{name}/start", tag = "campaigns",
    params(("name" = String, Path)),
    responses((status = 201, body = Object), (status = 404, body = Problem)))]
pub async fn start(
    admin: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let known = app.book().get(Kind::Campaign, &name).map(|one| one.body.clone());
    let warnings = match known {
        Some(publish::Body::Campaign(definition)) => launching(&app, &definition).warnings,
        _ => Vec::new(),
    };
    let id = app.start_campaign(&name, &admin.0).await?;
    admin.1.note(format!("run {id}"));
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
