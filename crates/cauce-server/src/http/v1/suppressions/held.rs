//! Suppressions that the guard against mass bounces holds: shown, put in force, or undone at once.

use super::super::super::Shared;
use super::super::super::auth::Full;
use super::super::super::error::{Code, Problem};
use super::bulk::{Shown, shown};
use crate::app::App;
use crate::inbound::guard;
use axum::Json;
use axum::extract::{Path, State};
use cauce_core::delivery::mailboxes;
use cauce_core::device::is_keeper;
use cauce_core::diagnostic::nearest;
use cauce_core::policy::Suppression;
use cauce_core::profile::Alias;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// Limit: addresses that are shown; all are counted.
const SHOWN_MAX: usize = 1_000;

/// A provider of mailboxes whose hard bounces are not believed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = GuardedKeeper)]
pub struct Keeper {
    /// Its name, or its domain.
    keeper: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// How many addresses are held of it.
    held: usize,
}

/// What the guard against mass bounces holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SuppressionsHeld)]
pub struct Listed {
    /// Providers whose hard bounces are not believed.
    keepers: Vec<Keeper>,
    /// How many addresses are held.
    count: usize,
    /// The first 1,000 of them.
    items: Vec<Shown>,
}

/// What became of what was held.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SuppressionsReleased)]
pub struct Released {
    /// How many addresses are not held any more.
    released: usize,
    /// Whether their suppressions are in force from now on; otherwise they are forgotten.
    in_force: bool,
}

/// Everything that is held.
async fn held(app: &App) -> Vec<(Alias, Arc<Suppression>)> {
    let asked = (0..app.node.partitions()).map(|partition| {
        app.ask(partition, |p| {
            let (from, to) = Key::held();
            let rows = p.rows().range(&from, &to, usize::MAX).into_iter();
            let held = rows.filter_map(|(key, row)| match (key, row) {
                (Key::Held(address), Row::Held(suppression)) => Some((address, suppression)),
                _ => None,
            });
            held.collect::<Vec<_>>()
        })
    });
    futures_util::future::join_all(asked).await.into_iter().flatten().flatten().collect()
}

/// Providers of mailboxes whose hard bounces are not believed, and the addresses that are held.
#[utoipa::path(get, path = "/v1/suppressions/held", tag = "suppressions",
    responses((status = 200, body = Listed)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Listed> {
    let held = held(&app).await;
    let keepers = app.observer.answers.up().into_iter().map(|(keeper, since)| {
        let of = held.iter().filter(|(address, _)| mailboxes::keeper(&address.value) == keeper);
        let held = of.count();
        Keeper { keeper, since, held }
    });
    let keepers = keepers.collect();
    let items = held.iter().take(SHOWN_MAX);
    let items = items.map(|(address, suppression)| shown(address, suppression)).collect();
    Json(Listed { keepers, count: held.len(), items })
}

/// Ends the guard of one provider: `confirm` puts in force what was held of it, `undo` forgets it.
#[utoipa::path(post, path = "/v1/suppressions/held/{keeper}/{to}", tag = "suppressions",
    params(("keeper" = String, Path, description = "the provider's name or domain"),
        ("to" = String, Path, description = "`confirm` or `undo`")),
    responses((status = 200, body = Released), (status = 404, body = Problem)))]
pub async fn release(
    admin: Full,
    State(app): Shared,
    Path((keeper, to)): Path<(String, String)>,
) -> Result<Json<Released>, Problem> {
    let confirm = match to.as_str() {
        "confirm" => true,
        "undo" => false,
        _ => {
            return Err(Problem::new(Code::NotFound, format!("`{to}` cannot be done with it"))
                .hint("`confirm` or `undo`"));
        }
    };
    if is_keeper(&keeper) {
        let detail = format!("`{keeper}` is a push service and an app, no provider of mailboxes");
        return Err(Problem::new(Code::NotFound, detail)
            .hint(format!("`POST /v1/devices/refused/{keeper}/{to}`")));
    }
    let held = held(&app).await.into_iter().map(|(address, _)| address);
    let of: Vec<Alias> =
        held.filter(|address| mailboxes::keeper(&address.value) == keeper).collect();
    if of.is_empty() && !guard::is_up(&app, &app.observer.answers, &keeper).await? {
        let up = app.observer.answers.up();
        let near = nearest(&keeper, up.iter().map(|(name, _)| name.as_str()));
        let problem = Problem::new(Code::NotFound, format!("nothing is held of `{keeper}`"));
        return Err(problem.hint(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`GET /v1/suppressions/held` has their names".to_owned(),
        }));
    }
    let released = guard::lower(&app, &keeper, of, confirm).await?;
    admin.1.note_of(keeper, format!("{to}: {released} addresses"));
    Ok(Json(Released { released, in_force: confirm }))
}
