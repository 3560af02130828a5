//! Why: the steps of one message or of one request, with reasons and times.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use axum::Json;
use axum::extract::{Path, State};
use cauce_core::ids::{EventId, TraceId};
use serde_json::{Value, json};

/// Explains a message (`msg_…`), an event (`evt_…`) or a request (`trc_…`).
#[utoipa::path(get, path = "/v1/explain/{id}", tag = "explain", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    if id.starts_with("msg_") {
        let message = super::messages::find(&app, super::messages::parse(&id)?).await?;
        let message = message
            .ok_or_else(|| Problem::new(Code::NotFound, format!("there is no message {id}")))?;
        let steps = app.observer.traces.steps(message.trace);
        let shown = super::messages::shown(&message);
        return Ok(Json(json!({ "message": shown, "caused_by": steps })));
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
    Ok(Json(json!({ "trace": trace.map(|trace| trace.to_string()), "steps": steps })))
}
