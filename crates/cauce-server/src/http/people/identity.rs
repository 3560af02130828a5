//! Why these names are one person, and what one more name would change.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::super::v1::profiles::{Located, alias, locate, trail};
use super::parted;
use crate::app::App;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::decide::home;
use cauce_core::identity::{self, Namespaces};
use cauce_core::profile::Alias;
use cauce_core::state::{AliasRow, Key, Row, Rows};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What else is asked.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct With {
    /// What would happen if an event named this one too: `user_id:7`.
    with: Option<String>,
    /// What would be whose if a profile that became a part of this one were taken out again: one of
    /// its names, or its id (`id:pro_…`).
    without: Option<String>,
}

/// What an alias's home says of it.
pub async fn at_home(app: &App, alias: &Alias) -> Arc<AliasRow> {
    let key = Key::Alias(alias.clone());
    let row = app.ask(home(alias, app.node.partitions()), move |p| match p.rows().get(&key) {
        Some(Row::Alias(row)) => row,
        _ => Arc::default(),
    });
    row.await.unwrap_or_default()
}

fn described(namespaces: &Namespaces, alias: &Alias) -> Value {
    let namespace = namespaces.get(&alias.namespace);
    json!({ "alias": alias.to_string(), "priority": namespace.priority,
            "unique": namespace.unique, "shared": namespace.shared, "limit": namespace.limit })
}

/// The names of a profile, and why it is one: rules, watchers, open questions, refusals, merges.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/identity", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path), With),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
    Query(asked): Query<With>,
) -> Result<Json<Value>, Problem> {
    let named = alias(&app, &namespace, &value)?;
    let (place, redirects) = trail(&app, &named).await?;
    let catalog = app.catalog();
    let namespaces = &catalog.namespaces;
    let head = place.head.clone();
    let mut aliases = Vec::new();
    for alias in &head.aliases {
        let row = at_home(&app, alias).await;
        let mut shown = described(namespaces, alias);
        shown["held"] = json!(row.holder.is_some());
        let watchers = row.watchers.iter().map(|watcher| watcher.rank.id);
        shown["watchers"] = json!(watchers.collect::<Vec<_>>());
        shown["suppressed"] = json!(head.suppressions.get(alias).map(|why| &why.reason));
        aliases.push(shown);
    }
    let mut refused = Vec::new();
    for alias in &head.refused_aliases {
        refused.push(refusal(&app, namespaces, &place, alias).await);
    }
    let pending: Vec<_> = head.pending.values().map(ToString::to_string).collect();
    let what_if = match (&asked.with, &asked.without) {
        (Some(_), Some(_)) => {
            return Err(Problem::new(Code::Invalid, "ask for `with` or `without`, one of them"));
        }
        (Some(with), None) => Some(foresee(&app, namespaces, &place, with).await?),
        (None, Some(without)) => Some(parted::show(&app, &place, without).await?),
        (None, None) => None,
    };
    Ok(Json(json!({
        "profile": head.id(),
        "created": head.created,
        "rank": { "priority": head.rank.priority, "since": "its first name's, as it was then" },
        "aliases": aliases,
        "refused": refused,
        "pending": pending,
        "merges": merges(&app, &place).await,
        "redirects": redirects,
        "what_if": what_if,
    })))
}

/// Who keeps a name from a profile, and which two names never belong together.
async fn refusal(app: &App, namespaces: &Namespaces, place: &Located, alias: &Alias) -> Value {
    let mut shown = described(namespaces, alias);
    if let Ok(holder) = locate(app, alias).await {
        let pairs = identity::conflicts(namespaces, &place.head, &holder.head);
        let pairs: Vec<_> =
            pairs.iter().map(|(own, theirs)| [own.to_string(), theirs.to_string()]).collect();
        shown["holder"] = json!(holder.head.id());
        shown["by"] = json!(pairs);
    }
    shown
}

/// Which profiles became one in this one, when and why.
pub async fn merges(app: &App, place: &Located) -> Vec<Value> {
    let number = place.number;
    let rows = app.ask(place.partition, move |p| {
        let (low, high) = Key::merges(number);
        p.rows().range(&low, &high, 1_000)
    });
    let mut merges: Vec<_> = rows.await.unwrap_or_default();
    merges.sort_by_key(|(_, row)| match row {
        Row::Merge(merged) => merged.at,
        _ => Default::default(),
    });
    merges
        .into_iter()
        .filter_map(|(key, row)| match (key, row) {
            (Key::Merge(_, id), Row::Merge(merged)) => {
                let alias = merged.alias.to_string();
                let why = format!("both used {alias}");
                let (at, from) = (merged.at, merged.from);
                Some(json!({ "profile": id, "at": at, "alias": alias, "why": why,
                             "partition": from }))
            }
            _ => None,
        })
        .collect()
}

/// What would happen if one event named this profile and another name.
async fn foresee(
    app: &App,
    namespaces: &Namespaces,
    place: &Located,
    with: &str,
) -> Result<Value, Problem> {
    let malformed = || Problem::new(Code::Malformed, "`with` is `namespace:value`");
    let (namespace, value) = with.split_once(':').ok_or_else(malformed)?;
    let other = alias(app, namespace, value)?;
    let holder = locate(app, &other).await.ok();
    let holder = holder.as_ref().map(|holder| &*holder.head);
    let foreseen = identity::foresee(namespaces, &place.head, &other, holder);
    Ok(json!({ "with": other.to_string(), "holder": holder.map(|head| head.id()),
               "answer": foreseen.to_string() }))
}
