//! Campaigns: start, watch, pause, resume, cancel.

use super::super::Shared;
use super::super::auth::Full;
use super::super::console::number;
use super::super::error::{Code, Problem};
use crate::app::App;
use crate::control::{Execution, Steer};
use crate::loops::campaigns::{
    Balance, Launching, balance, launching, look_first, parts, waits_for,
};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use cauce_core::message::counter;
use cauce_core::publish::{self, Kind};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use cauce_core::tracking::actor::Actor;
use serde::{Deserialize, Serialize};

/// How runs stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = CampaignRunState)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Stands {
    Paused,
    Running,
    Cancelled,
    Done,
}

/// The balance of a run, and how much is left of it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CampaignRunBalance)]
pub struct RunBalance {
    #[serde(flatten)]
    terms: Balance,
    /// People of the audience whose message has no outcome yet, or who have none yet.
    left: u64,
}

/// Messages by who opened them or followed a link in them, each once for each kind of actor.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = EngagedBy)]
pub struct By {
    /// People.
    human: u64,
    /// Programs, for their own ends.
    machine: u64,
    /// Nothing tells.
    unknown: u64,
}

/// Messages of a run that were opened or followed.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct Engagement {
    /// Whose pixel was fetched.
    opened: By,
    /// Of which a link was followed.
    clicked: By,
}

/// One run of a campaign.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CampaignRun)]
pub struct Run {
    /// Its number.
    run: u64,
    /// The campaign.
    campaign: String,
    /// The revision that it was started with.
    revision: u32,
    /// When it was started.
    #[schema(value_type = String, format = DateTime)]
    started: Timestamp,
    /// Who started it: a member's address, or a key's name.
    by: String,
    /// Why it was started although something stood against it; null where nothing did.
    #[schema(required = true)]
    despite: Option<String>,
    /// How it stands.
    state: Stands,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// What became of everybody.
    balance: RunBalance,
    /// What keeps it from freezing its audience everywhere, in words: a segment that is still
    /// being built.
    #[schema(required = true)]
    waits: Option<String>,
    /// Who opened and followed; of one run alone, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    engagement: Option<Engagement>,
    /// What large mailbox providers may hold against it, once it was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<Vec<String>>,
}

/// Runs, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CampaignRunList)]
pub struct Runs {
    /// The runs.
    runs: Vec<Run>,
    /// Where to go on; null at the end.
    #[schema(required = true)]
    next: Option<String>,
}

/// What stands against starting a campaign.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CampaignAhead)]
pub struct Ahead {
    /// Why it may not start; null if it may.
    #[schema(required = true)]
    barred: Option<String>,
    /// What large mailbox providers may hold against it.
    warnings: Vec<String>,
}

async fn shown(app: &App, execution: &Execution) -> Run {
    let parts = parts(app, execution.id).await;
    let terms = balance(&parts);
    let waits = waits_for(app, execution, &parts).await;
    let state = match execution.stand {
        Steer::Pause => Stands::Paused,
        Steer::Resume => Stands::Running,
        Steer::Cancel => Stands::Cancelled,
        Steer::Done => Stands::Done,
    };
    let ended = terms.sent + terms.refused + terms.failed + terms.unknown;
    let whole = (terms.target + terms.moved_in).saturating_sub(terms.moved_out);
    Run {
        run: execution.id,
        campaign: execution.campaign.clone(),
        revision: execution.revision,
        started: execution.started,
        by: execution.by.clone(),
        despite: execution.despite.clone(),
        state,
        since: execution.since,
        balance: RunBalance { terms, left: whole.saturating_sub(ended) },
        waits,
        engagement: None,
        warnings: None,
    }
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
    responses((status = 200, body = Runs), (status = 400, body = Problem)))]
pub async fn list(
    _: Full,
    State(app): Shared,
    Query(asked): Query<Asked>,
) -> Result<Json<Runs>, Problem> {
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
    Ok(Json(Runs { runs, next }))
}

/// What stands against starting a campaign now: `barred` says why it may not start, `warnings` what
/// large mailbox providers may hold against it.
#[utoipa::path(get, path = "/v1/campaigns/{name}/start", tag = "campaigns",
    params(("name" = String, Path)),
    responses((status = 200, body = Ahead), (status = 404, body = Problem)))]
pub async fn ahead(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Ahead>, Problem> {
    let known = app.book().get(Kind::Campaign, &name).map(|one| one.body.clone());
    let Some(publish::Body::Campaign(definition)) = known else {
        return Err(Problem::new(Code::NotFound, format!("there is no campaign `{name}`")));
    };
    look_first(&app, &definition).await;
    let Launching { barred, warnings } = launching(&app, &definition);
    Ok(Json(Ahead { barred, warnings }))
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
    responses((status = 201, body = Run), (status = 404, body = Problem),
              (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn start(
    admin: Full,
    State(app): Shared,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let despite = reason(&body)?;
    let known = app.book().get(Kind::Campaign, &name).map(|one| one.body.clone());
    let id = app.start_campaign_despite(&name, &admin.0, despite).await?;
    // After it: the start looks at the sender where nobody has, and what it found is said.
    let warnings = match known {
        Some(publish::Body::Campaign(definition)) => launching(&app, &definition).warnings,
        _ => Vec::new(),
    };
    let despite = app.control().executions.get(&id).and_then(|run| run.despite.clone());
    admin.1.note(match despite {
        Some(reason) => format!("run {id}, despite what stood against it: {reason}"),
        None => format!("run {id}"),
    });
    let Json(mut run) = show_run(&app, id).await?;
    run.warnings = Some(warnings);
    Ok((StatusCode::CREATED, Json(run)))
}

/// Messages of a run that were opened or followed, each once for each kind of actor.
async fn engagement(app: &App, id: u64) -> Engagement {
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
    let shown = |[human, machine, unknown]: [u64; 3]| By { human, machine, unknown };
    Engagement { opened: shown(sum[0]), clicked: shown(sum[1]) }
}

async fn show_run(app: &App, id: u64) -> Result<Json<Run>, Problem> {
    let execution = app.control().executions.get(&id).cloned();
    match execution {
        Some(execution) => {
            let mut shown = shown(app, &execution).await;
            shown.engagement = Some(engagement(app, id).await);
            Ok(Json(shown))
        }
        None => Err(Problem::new(Code::NotFound, format!("there is no campaign run {id}"))),
    }
}

/// One run with its balance.
#[utoipa::path(get, path = "/v1/campaigns/runs/{id}", tag = "campaigns",
    params(("id" = u64, Path)),
    responses((status = 200, body = Run), (status = 404, body = Problem)))]
pub async fn show(_: Full, State(app): Shared, Path(id): Path<u64>) -> Result<Json<Run>, Problem> {
    show_run(&app, id).await
}

/// Pauses, resumes or cancels. When this is answered, it holds.
#[utoipa::path(post, path = "/v1/campaigns/runs/{id}/{to}", tag = "campaigns",
    params(("id" = u64, Path), ("to" = String, Path, description = "pause, resume or cancel")),
    responses((status = 200, body = Run), (status = 404, body = Problem),
              (status = 409, body = Problem)))]
pub async fn steer(
    admin: Full,
    State(app): Shared,
    Path((id, to)): Path<(u64, String)>,
) -> Result<Json<Run>, Problem> {
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
