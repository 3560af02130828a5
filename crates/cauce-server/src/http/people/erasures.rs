//! To be forgotten: the wish, the register, and the sweep that takes the last bytes.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::super::v1::profiles::{alias, locate};
use super::super::v1::trace;
use crate::app::App;
use crate::control::Swept;
use crate::loops::erasures::{self, LastByte, last_byte};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use cauce_core::decide::home;
use cauce_core::erasure::{Secret, Wish};
use cauce_core::input::Body;
use cauce_core::profile::Status;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How thorough, how soon.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// Take the last bytes out of log and store before this is answered; otherwise within a day.
    #[serde(default)]
    sweep: bool,
}

/// What was done to forget a person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Erasure)]
pub struct Done {
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `erased`; `remembered` where nobody was known by this name, and whoever comes by it is
    /// erased; `waits` where a question about who they are is open, after which it is done.
    state: &'static str,
    /// The profile that is gone: `pro_…`; null where nobody was known.
    #[schema(required = true)]
    profile: Option<String>,
    /// What is gone, in words.
    gone: Vec<&'static str>,
    /// What stays, and why, in words.
    stays: Vec<&'static str>,
    /// What the sweep did, where it was asked for.
    #[schema(required = true)]
    swept: Option<Swept>,
    /// When the last bytes are out of log and store at the latest.
    last_byte: LastByte,
}

/// Somebody who was erased.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ErasedName)]
pub struct Erased {
    /// The keyed hash of a name, in hexadecimal.
    hash: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `swept` once its bytes are gone, `erased` before.
    state: &'static str,
    /// Whether what it was is still not written to.
    suppressed: bool,
    /// When the last bytes are out of log and store at the latest.
    last_byte: LastByte,
}

/// Everybody who was erased.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Erasures)]
pub struct Register {
    /// Each name, the oldest first.
    erasures: Vec<Erased>,
    /// People whose erasure waits for a question about who they are.
    waiting_for_identity: usize,
    /// The last sweep; null before the first.
    #[schema(required = true)]
    swept: Option<Swept>,
}

/// Forgets a person: all that is known under any of their names. What they refused stays refused,
/// by a hash that says nothing of them.
#[utoipa::path(delete, path = "/v1/profiles/{namespace}/{value}", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path), How),
    responses((status = 200, body = Done), (status = 503, body = Problem)))]
pub async fn erase(
    admin: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
    Query(how): Query<How>,
) -> Result<Json<Done>, Problem> {
    let alias = alias(&app, &namespace, &value)?;
    let place = locate(&app, &alias).await.ok();
    if let Some(place) = &place {
        admin.1.note(place.head.id().to_string());
    }
    let at = app.node.now();
    let secret = Secret(app.site.tokens.derive("erasures"));
    let wish = Wish { at, secret };
    let home = home(&alias, app.node.partitions());
    app.append_applied(home, Body::Erase { alias: alias.clone(), wish }, trace()).await?;
    // A question about who they are may be open: then it is done when that is answered.
    let mut state = if place.is_some() { "erased" } else { "remembered" };
    if let Some(place) = &place {
        let key = Key::Head(place.number);
        let live = app.ask(place.partition, move |p| match p.rows().get(&key) {
            Some(Row::Head(head)) => head.status == Status::Live && !head.pending.is_empty(),
            _ => false,
        });
        if live.await.unwrap_or_default() {
            state = "waits";
        }
    }
    erasures::keep_register(&app).await.map_err(internal)?;
    let swept = if how.sweep { Some(sweep_now(&app).await?) } else { None };
    Ok(Json(Done {
        at,
        state,
        profile: place.map(|place| place.head.id().to_string()),
        gone: vec![
            "attributes, names, consents, timeline, segments, runs and timers",
            "the address, values and answers in the ledger of messages",
        ],
        stays: vec![
            "a keyed hash of each name, with what was suppressed and withdrawn",
            "that messages were sent, refused or failed, for campaigns to balance",
        ],
        swept,
        last_byte: last_byte(&app, at),
    }))
}

fn internal(error: anyhow::Error) -> Problem {
    Problem::new(Code::Internal, format!("{error:#}"))
}

async fn sweep_now(app: &std::sync::Arc<App>) -> Result<Swept, Problem> {
    erasures::sweep(app, true).await.map_err(|error| {
        Problem::new(Code::Unavailable, format!("the sweep did not end: {error:#}"))
            .hint("what was asked for is done all the same; the next sweep takes the rest")
    })
}

/// Everybody who was erased: the hash of each name, when, and whether its bytes are gone.
#[utoipa::path(get, path = "/v1/erasures", tag = "operation",
    responses((status = 200, body = Register)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Register> {
    let swept = app.control().swept.clone();
    let mut entries = erasures::names(&app).await;
    entries.sort_by_key(|(_, _, erased)| erased.at);
    let entries: Vec<_> = entries
        .into_iter()
        .map(|(_, hash, erased)| {
            let gone = swept.as_ref().is_some_and(|swept| swept.at >= erased.at);
            let state = if gone { "swept" } else { "erased" };
            let suppressed = erased.suppression.is_some();
            let (hash, at) = (format!("{hash:032x}"), erased.at);
            Erased { hash, at, state, suppressed, last_byte: last_byte(&app, at) }
        })
        .collect();
    let mut waiting = 0;
    for partition in 0..app.node.partitions() {
        let rows = app.ask(partition, |p| {
            p.rows().range(&Key::Erasing(0), &Key::Erasing(u32::MAX), 1_000).len()
        });
        waiting += rows.await.unwrap_or_default();
    }
    Json(Register { erasures: entries, waiting_for_identity: waiting, swept })
}

/// Takes the last bytes of everybody who was erased out of log and store, now.
#[utoipa::path(post, path = "/v1/erasures/sweep", tag = "operation",
    responses((status = 200, body = Swept), (status = 503, body = Problem)))]
pub async fn sweep(admin: Full, State(app): Shared) -> Result<(StatusCode, Json<Swept>), Problem> {
    let swept = sweep_now(&app).await?;
    admin.1.note(format!("{} entries lost their body", swept.entries));
    Ok((StatusCode::OK, Json(swept)))
}
