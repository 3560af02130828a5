//! Why: the steps of one message or of one request, with reasons and times.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::messages::shape::Shown;
use crate::watch::traces::Step;
use axum::Json;
use axum::extract::{Path, State};
use cauce_core::ids::{EventId, TraceId};
use serde::Serialize;

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
    /// The steps that followed, the first one first.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<Step>>,
}

/// Explains a message (`msg_…`), an event (`evt_…`) or a request (`trc_…`).
#[utoipa::path(get, path = "/v1/explain/{id}", tag = "explain", params(("id" = String, Path)),
    responses((status = 200, body = Explained), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(id): Path<String>,
) -> Result<Json<Explained>, Problem> {
    if id.starts_with("msg_") {
        let message = super::messages::find(&app, super::messages::parse(&id)?).await?;
        let message = message
            .ok_or_else(|| Problem::new(Code::NotFound, format!("there is no message {id}")))?;
        let caused_by = Some(app.observer.traces.steps(message.trace));
        let message = Some(super::messages::shown(&message));
        return Ok(Json(Explained { message, caused_by, trace: None, steps: None }));
    }
    let malformed = || {
        Problem::new(Code::NotFound, format!("`{id}` cannot be explained"))
            .hint("give a message (msg_…), an event (evt_…) or a trace (trc_…)")
    };
    let trace = match id.parse::<TraceId>() {
        Ok(trace) => Some(trace),
        Err(_) => {
            let event: EventId = id.parse().unwrap_or_else(|_| cauce_core::admit::event_id(&id));
            app.observer.traces.of(event)
        }
    };
    let steps = trace.map(|trace| app.observer.traces.steps(trace)).unwrap_or_default();
    if steps.is_empty() {
        return Err(malformed().hint(
            "the last 20,000 requests are remembered, until erased people are swept; `cauce log \
                   dump` has them all",
        ));
    }
    let (trace, steps) = (trace.map(|trace| trace.to_string()), Some(steps));
    Ok(Json(Explained { message: None, caused_by: None, trace, steps }))
}
