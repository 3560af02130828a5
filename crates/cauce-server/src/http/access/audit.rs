//! The audit, newest first.

use crate::access::Who;
use crate::access::audit::{Filter, Line, Outcome, Row, Search};
use crate::app::App;
use crate::control::{Entry, own_row};
use crate::http::Shared;
use crate::http::auth::Full;
use crate::http::error::{Code, Problem};
use crate::http::share::alias;
use axum::Json;
use axum::extract::{Query, State};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Rows of a page if nobody says.
const USUAL: usize = 50;
/// Limit: rows of a page.
const MOST: usize = 500;

/// What is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of the page: 50 if absent, at most 500.
    limit: Option<usize>,
    /// Part of the name of who did it.
    who: Option<String>,
    /// What was done, or its beginning: `campaign`, `key.make`.
    what: Option<String>,
    /// Of which thing, exactly.
    of: Option<String>,
    /// About which person: `email:ana@example.com`. Rows name people by a hash.
    person: Option<String>,
}

/// One row of the audit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditRow)]
pub struct Shown {
    /// Its place in the control log.
    id: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who.
    who: Who,
    /// What, as a word: `campaign.start`.
    what: String,
    /// Of which thing; of a person a hash.
    of: String,
    /// More, in words.
    detail: String,
    /// What became of it: `begun`, `done`, `refused` or `failed`.
    #[schema(value_type = String)]
    outcome: Outcome,
}

/// Rows of the audit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditList)]
pub struct Listed {
    /// Newest first.
    items: Vec<Shown>,
    /// Where to go on; null at the end.
    #[schema(required = true)]
    next: Option<String>,
}

/// Who changed what, newest first.
#[utoipa::path(get, path = "/v1/audit", tag = "operation", params(Which),
    responses((status = 200, body = Listed), (status = 400, body = Problem)))]
pub async fn list(
    _: Full,
    State(app): Shared,
    Query(which): Query<Which>,
) -> Result<Json<Listed>, Problem> {
    let before = match which.cursor.as_deref().map(str::parse::<u64>) {
        None => u64::MAX,
        Some(Ok(before)) => before,
        Some(Err(_)) => {
            return Err(Problem::new(Code::Malformed, "cursor: this is none")
                .hint("leave it out for the newest, or give `next` of the page before"));
        }
    };
    let limit = which.limit.unwrap_or(USUAL).clamp(1, MOST);
    let person = which.person.as_deref().map(|text| alias(&app, text)).transpose()?;
    let person = person.map(|one| super::person(&app, &one.namespace, &one.value));
    let filter = Filter { who: which.who, what: which.what, of: person.or(which.of) };
    // One more, to know whether there is a next page.
    let (mut rows, elsewhere) = app.control().audit.list(&filter, before, limit + 1);
    if elsewhere {
        rows = search(&app, filter, before, limit + 1).await?;
    }
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(at, _)| at.to_string());
    let items = rows.into_iter().map(|(at, row)| shown(at, row)).collect();
    Ok(Json(Listed { items, next }))
}

fn shown(id: u64, row: Row) -> Shown {
    let Row { at, who, what, of, detail, outcome } = row;
    Shown { id, at, who, what, of, detail, outcome }
}

/// Looks through the whole control log, for rows that are not in memory any more.
async fn search(
    app: &Arc<App>,
    filter: Filter,
    before: u64,
    limit: usize,
) -> Result<Vec<(u64, Row)>, Problem> {
    let (log, state) = (app.node.log().clone(), app.node.state().clone());
    let looked = tokio::task::spawn_blocking(move || {
        let mut search = Search::new(filter, before, limit);
        cauce_engine::control::visit(&*log, &*state, &mut |offset, body| {
            // What cannot be read was a reason not to start at all.
            if let Ok(entry) = serde_json::from_slice::<Entry>(body) {
                match (own_row(&entry), &entry) {
                    (Some(row), _) => search.apply(offset, &Line::Row(row)),
                    (None, Entry::Audit(line)) => search.apply(offset, line),
                    (None, _) => {}
                }
            }
            Ok(())
        })?;
        Ok::<_, cauce_engine::Error>(search.done())
    });
    let failed = |text: String| Problem::new(Code::Internal, text);
    let found = looked.await.map_err(|error| failed(error.to_string()))?;
    found.map_err(|error| failed(error.to_string()))
}
