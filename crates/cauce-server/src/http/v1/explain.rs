//! Why: the steps of one message or of one request, with reasons and times, and what they changed
//! about people.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::messages::shape::Shown;
use crate::app::App;
use crate::watch::traces::Step;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::ids::{EventId, ProfileId, TraceId};
use cauce_core::query;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What led to something. Of a message there are `message` and `caused_by`; of an event or a
/// request `trace` and `steps`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Explained)]
pub struct Explained {
    /// The message.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Shown>,
    /// The steps that led to the message, the first one first; empty once they are forgotten: the
    /// last 20,000 requests are remembered.
    #[serde(skip_serializing_if = "Option::is_none")]
    caused_by: Option<Vec<Step>>,
    /// The request that the event came with: `trc_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    /// The steps that followed, the first one first. Of an event that came with others those of the
    /// others are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<Step>>,
    /// How many events the request brought. Where it is more than one, a step that is no event may
    /// be due to any of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<usize>,
}

/// Of what is to be explained.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Of {
    /// Of a request only this one of its events: `evt_…`.
    event: Option<String>,
}

/// Explains a message (`msg_…`), an event (`evt_…`) or a request (`trc_…`).
#[utoipa::path(get, path = "/v1/explain/{id}", tag = "explain", params(("id" = String, Path), Of),
    responses((status = 200, body = Explained), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(id): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Explained>, Problem> {
    if id.starts_with("msg_") {
        let message = super::messages::find(&app, super::messages::parse(&id)?).await?;
        let message = message
            .ok_or_else(|| Problem::new(Code::NotFound, format!("there is no message {id}")))?;
        let mut caused_by = app.observer.traces.steps(message.trace);
        leave_out_erased(&app, &mut caused_by).await;
        let caused_by = Some(caused_by);
        let message = Some(super::messages::shown(&message));
        return Ok(Json(Explained { message, caused_by, trace: None, steps: None, events: None }));
    }
    let malformed = || {
        Problem::new(Code::NotFound, format!("`{id}` cannot be explained"))
            .hint("give a message (msg_…), an event (evt_…) or a trace (trc_…)")
    };
    let event_of = |id: &str| id.parse().unwrap_or_else(|_| cauce_core::admit::event_id(id));
    let (trace, event) = match id.parse::<TraceId>() {
        Ok(trace) => (Some(trace), of.event.as_deref().map(event_of)),
        Err(_) => {
            let event: EventId = event_of(&id);
            (app.observer.traces.of(event), Some(event))
        }
    };
    let mut steps = trace.map(|trace| app.observer.traces.steps(trace)).unwrap_or_default();
    if let Some(event) = event {
        steps.retain(|step| step.event.is_none_or(|own| own == event));
    }
    if steps.is_empty() {
        return Err(malformed().hint(
            "the last 20,000 requests are remembered, until erased people are swept; `cauce log \
                   dump` has them all",
        ));
    }
    leave_out_erased(&app, &mut steps).await;
    let events = trace.map(|trace| app.observer.traces.events(trace));
    let (trace, steps) = (trace.map(|trace| trace.to_string()), Some(steps));
    Ok(Json(Explained { message: None, caused_by: None, trace, steps, events }))
}

/// Leaves out what is remembered of people who were erased since: where they lived that is known.
async fn leave_out_erased(app: &App, steps: &mut [Step]) {
    let named = steps.iter().flat_map(|step| &step.caused).map(|one| &one.profile);
    let named: BTreeSet<ProfileId> = named.filter_map(|profile| profile.parse().ok()).collect();
    let mut homes: BTreeMap<u16, Vec<ProfileId>> = BTreeMap::new();
    for profile in named.into_iter().filter(|id| id.birthplace() < app.node.partitions()) {
        homes.entry(profile.birthplace()).or_default().push(profile);
    }
    let asked = homes.into_iter().map(|(partition, profiles)| {
        app.ask(partition, move |p| {
            let gone = |profile: &ProfileId| query::forgotten(p.rows(), *profile);
            profiles.into_iter().filter(gone).map(|id| id.to_string()).collect::<Vec<_>>()
        })
    });
    let asked: Vec<_> = asked.collect();
    let gone = futures_util::future::join_all(asked).await.into_iter().flatten().flatten();
    let gone: BTreeSet<String> = gone.collect();
    for step in steps {
        step.caused.retain(|one| !gone.contains(&one.profile));
    }
}
