//! Sources: how each stands, which files it took, and looking for new ones now.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::app::App;
use crate::sources::ledger::Record;
use crate::sources::{Standing, folder, taking::with_ledger};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use cauce_core::publish::IntakeSource;
use serde::{Deserialize, Serialize};

/// Limit: files of an answer, the last first.
const FILES: usize = 1_000;

fn absent(app: &App, name: &str) -> Problem {
    let shown = app.shown();
    let near = cauce_core::diagnostic::nearest(name, shown.sources.keys().map(String::as_str));
    let problem = Problem::new(Code::NotFound, format!("there is no source `{name}`"));
    match near {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    }
}

fn unreadable(error: anyhow::Error) -> Problem {
    Problem::new(Code::Internal, format!("{error:#}"))
        .hint("what the source took is not known; restore the file that is named")
}

/// Files of a source by what became of them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SourceFiles)]
pub struct Files {
    /// Files that were taken.
    taken: usize,
    /// Files that could not be read.
    failed: usize,
    /// Rows in them.
    rows: u64,
    /// Events that are durable.
    accepted: u64,
    /// Rows and events that were refused.
    rejected: u64,
}

/// A source of events.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Source)]
pub struct Shown {
    /// Its name.
    name: String,
    /// `folder`, `store` or `nats`.
    kind: &'static str,
    /// Whether its events may start journeys and send; otherwise they belong to the past.
    live: bool,
    /// What became of its files.
    files: Files,
    /// How it stands since the process started.
    standing: Standing,
}

/// All sources.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SourceList)]
pub struct Listed {
    /// By name.
    sources: Vec<Shown>,
}

/// Files of a source.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SourceFileList)]
pub struct Taken {
    /// The last first, at most 1,000.
    files: Vec<Record>,
}

fn one(app: &App, name: &str, source: &IntakeSource) -> anyhow::Result<Shown> {
    let kind = match (&source.folder, &source.store) {
        (Some(_), _) => "folder",
        (None, Some(_)) => "store",
        (None, None) => "nats",
    };
    let files = with_ledger(&app.sources, &folder(&app.data, name), |ledger| {
        let all = ledger.list();
        let failed = all.iter().filter(|one| one.reason.is_some()).count();
        let sum = |count: fn(&crate::cli::import::progress::Counts) -> u64| -> u64 {
            all.iter().map(|one| count(&one.counts)).sum()
        };
        Ok(Files {
            taken: all.len() - failed,
            failed,
            rows: sum(|c| c.rows),
            accepted: sum(|c| c.accepted),
            rejected: sum(|c| c.rejected),
        })
    })?;
    let standing = app.sources.standing(name);
    Ok(Shown { name: name.to_owned(), kind, live: source.live, files, standing })
}

/// All sources: how each stands and what it took.
#[utoipa::path(get, path = "/v1/sources", tag = "sources",
    responses((status = 200, body = Listed)))]
pub async fn list(_: Full, State(app): Shared) -> Result<Json<Listed>, Problem> {
    let shown = app.shown();
    let all = shown.sources.iter().map(|(name, source)| one(&app, name, source));
    let all = all.collect::<anyhow::Result<Vec<_>>>().map_err(unreadable)?;
    Ok(Json(Listed { sources: all }))
}

/// One source.
#[utoipa::path(get, path = "/v1/sources/{name}", tag = "sources", params(("name" = String, Path)),
    responses((status = 200, body = Shown), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let shown = app.shown();
    let source = shown.sources.get(&name).ok_or_else(|| absent(&app, &name))?;
    one(&app, &name, source).map(Json).map_err(unreadable)
}

/// The files that a source took or could not read, the last first.
#[utoipa::path(get, path = "/v1/sources/{name}/files", tag = "sources",
    params(("name" = String, Path)),
    responses((status = 200, body = Taken), (status = 404, body = Problem)))]
pub async fn files(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Taken>, Problem> {
    if !app.shown().sources.contains_key(&name) {
        return Err(absent(&app, &name));
    }
    let files = with_ledger(&app.sources, &folder(&app.data, &name), |ledger| {
        Ok(ledger.list().into_iter().take(FILES).cloned().collect::<Vec<_>>())
    });
    Ok(Json(Taken { files: files.map_err(unreadable)? }))
}

/// What may be said in the address.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Options {
    /// A file that is to be taken again although it was taken, or failed.
    again: Option<String>,
}

/// Looks for files now, besides the schedule.
#[utoipa::path(post, path = "/v1/sources/{name}/run", tag = "sources",
    params(("name" = String, Path), Options),
    responses((status = 202), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn run(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
    Query(options): Query<Options>,
) -> Result<StatusCode, Problem> {
    let shown = app.shown();
    let source = shown.sources.get(&name).ok_or_else(|| absent(&app, &name))?;
    if source.nats.is_some() {
        let detail = format!("the source `{name}` takes messages as they come");
        return Err(Problem::new(Code::Conflict, detail).hint("there is nothing to be run"));
    }
    if let Some(file) = options.again {
        let known =
            crate::loops::outside::sources::forget(&app, &name, &file).map_err(unreadable)?;
        if !known {
            let detail = format!("the source `{name}` has taken no file `{file}`");
            let problem = Problem::new(Code::NotFound, detail);
            return Err(problem.hint("`cauce sources files` lists what it took"));
        }
    }
    app.sources.wake(&name).notify_one();
    Ok(StatusCode::ACCEPTED)
}

/// What is counted of every source, in Prometheus' text format.
pub fn metrics(app: &App) -> String {
    use std::fmt::Write as _;
    let shown = app.shown();
    let mut rows: [Vec<(String, u64)>; 5] = Default::default();
    for (name, source) in &shown.sources {
        // A ledger that cannot be read is said elsewhere, and counts nothing here.
        let Ok(one) = one(app, name, source) else { continue };
        let Shown { files, standing, .. } = one;
        let messages = standing.messages.unwrap_or_default();
        let label = |more: &str| format!("{{source=\"{name}\"{more}}}");
        rows[0].push((label(",state=\"taken\""), files.taken as u64));
        rows[0].push((label(",state=\"failed\""), files.failed as u64));
        rows[0].push((label(",state=\"waiting\""), standing.waiting));
        rows[1].push((label(""), files.rows + messages.rows));
        rows[2].push((label(""), files.accepted + messages.accepted));
        rows[3].push((label(""), files.rejected + messages.rejected));
        rows[4].push((label(""), u64::from(standing.trouble.is_some())));
    }
    let families = [
        ("source_files", "Files of a source by what became of them."),
        ("source_rows", "Rows of files and messages that a source took."),
        ("source_accepted", "Events of a source that are durable."),
        ("source_rejected", "Rows and messages of a source that are no events."),
        ("source_trouble", "1 while something keeps a source from going on."),
    ];
    let mut text = String::new();
    for ((name, help), rows) in families.iter().zip(&rows).filter(|(_, rows)| !rows.is_empty()) {
        // Invariant: writing to a string cannot fail.
        let _ = writeln!(text, "# HELP cauce_{name} {help}\n# TYPE cauce_{name} gauge");
        for (labels, value) in rows {
            let _ = writeln!(text, "cauce_{name}{labels} {value}");
        }
    }
    text
}
