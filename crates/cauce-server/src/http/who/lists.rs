//! Uploaded lists as they stand: how many are on them, and who.

use super::super::Shared;
use super::super::auth::Full;
use super::super::console::place;
use super::super::error::{Problem, stopping};
use super::missing;
use crate::app::App;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::ids::Number;
use cauce_core::list::{Definition, ListState, Lists, PayloadType, Unknown, Upload};
use cauce_core::publish::{Body, Kind};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most members of one page.
const PAGE_MAX: usize = 1_000;

/// The definition of a list that exists.
pub fn definition(app: &App, name: &str) -> Result<Arc<Definition>, Problem> {
    app.catalog().lists.get(name).cloned().ok_or_else(|| missing(app, Kind::List, name))
}

/// What every partition knows of a list, added up.
async fn state(app: &App, name: &str) -> ListState {
    let asked = (0..app.node.partitions()).map(|partition| {
        let name = name.to_owned();
        app.ask(partition, move |p| match p.rows().get(&Key::ListStates) {
            Some(Row::ListStates(states)) => states.get(&name).cloned(),
            _ => None,
        })
    });
    let mut sum = ListState { swept: Number::MAX, ..ListState::default() };
    for known in futures_util::future::join_all(asked).await.into_iter().flatten().flatten() {
        sum.members += known.members;
        sum.floor = sum.floor.max(known.floor);
        sum.swept = sum.swept.min(known.swept);
    }
    sum
}

/// An uploaded list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = List)]
pub struct Shown {
    /// Its name.
    name: String,
    /// What it is for; empty if nobody said.
    description: String,
    /// The kind of name that its rows have.
    namespace: String,
    /// What may be said of each member, by name: `string`, `number`, `boolean` or `any`; anything
    /// where nothing is named.
    #[schema(value_type = BTreeMap<String, String>)]
    payload: BTreeMap<String, PayloadType>,
    /// How long a row holds that says nothing of it: `30d`; null: for good.
    #[schema(required = true)]
    expires: Option<String>,
    /// What becomes of a name that nobody has: `create` makes a profile, `skip` passes it over.
    #[schema(value_type = String)]
    unknown: Unknown,
    /// How many people are on it.
    members: u64,
    /// As of when it was last replaced as a whole; null if it never was.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    replaced_at: Option<Timestamp>,
    /// Whether everybody has left whom the last replacement took off.
    settled: bool,
}

/// All uploaded lists.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ListList)]
pub struct All {
    /// By name.
    items: Vec<Shown>,
    /// Always null: this list has one page.
    #[schema(required = true)]
    next: Option<String>,
}

/// Somebody on a list.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ListMember)]
pub struct Listed {
    /// The kind of the name.
    namespace: String,
    /// The name.
    value: String,
    /// What the list says of them.
    #[schema(value_type = Object)]
    payload: Value,
    /// Until when; null: for good.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    expires: Option<Timestamp>,
    /// As of when the source knew it.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
    /// Where it came from: what the upload said, or the key's name.
    source: String,
}

/// Who is on a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ListMembers)]
pub struct Members {
    /// The members.
    items: Vec<Listed>,
    /// Where to go on; null at the end.
    #[schema(required = true)]
    next: Option<String>,
}

async fn shown(app: &App, name: &str, list: &Definition) -> Shown {
    let state = state(app, name).await;
    let replaced = Some(state.floor).filter(|floor| *floor > Upload::default());
    Shown {
        name: name.to_owned(),
        description: list.description.clone(),
        namespace: list.namespace.clone(),
        payload: list.payload.clone(),
        expires: list.expires.map(|span| span.to_string()),
        unknown: list.unknown,
        members: state.members,
        replaced_at: replaced.map(|floor| floor.at),
        settled: state.swept == Number::MAX,
    }
}

/// How many people are on a list.
pub async fn members_of(app: &App, name: &str) -> u64 {
    state(app, name).await.members
}

/// All lists with the number of people on them.
#[utoipa::path(get, path = "/v1/lists", tag = "lists", responses((status = 200, body = All)))]
pub async fn list(_: Full, State(app): Shared) -> Json<All> {
    let book = app.book();
    let mut lists = Vec::new();
    for (name, revision) in book.list(Kind::List) {
        if let Body::List(list) = &revision.body {
            lists.push(shown(&app, name, list).await);
        }
    }
    Json(All { items: lists, next: None })
}

/// One list.
#[utoipa::path(get, path = "/v1/lists/{name}", tag = "lists", params(("name" = String, Path)),
    responses((status = 200, body = Shown), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let list = definition(&app, &name)?;
    Ok(Json(shown(&app, &name, &list).await))
}

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Where the page before ended.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<usize>,
}

/// Who is on a list, with what it says of each and where that came from.
#[utoipa::path(get, path = "/v1/lists/{name}/members", tag = "lists",
    params(("name" = String, Path), Page),
    responses((status = 200, body = Members), (status = 404, body = Problem)))]
pub async fn members(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
    Query(page): Query<Page>,
) -> Result<Json<Members>, Problem> {
    definition(&app, &name)?;
    let limit = page.limit.unwrap_or(100).clamp(1, PAGE_MAX);
    let (mut partition, mut number) = place(page.cursor.as_deref())?;
    let mut items = Vec::new();
    // Limit: profiles that one question reads.
    const PROFILES: usize = 256;
    while partition < app.node.partitions() && items.len() < limit {
        let (name, now, room) = (name.clone(), app.node.now(), limit - items.len());
        let asked = app.ask(partition, move |p| {
            let rows = p.rows().range(&Key::Lists(number), &Key::Lists(Number::MAX), PROFILES);
            let whole = rows.len() < PROFILES;
            let (mut found, mut next) = (Vec::new(), None);
            for (key, row) in rows {
                let (Key::Lists(number), Row::Lists(lists)) = (key, row) else { continue };
                if found.len() >= room {
                    return (found, Some(number));
                }
                found.extend(on(&lists, &name, now));
                next = Some(number.saturating_add(1));
            }
            (found, next.filter(|_| !whole))
        });
        let (found, next) = asked.await.ok_or_else(stopping)?;
        items.extend(found);
        match next {
            Some(next) => number = next,
            None => (partition, number) = (partition + 1, 0),
        }
    }
    let more = partition < app.node.partitions();
    let next = more.then(|| format!("{partition}-{number}"));
    Ok(Json(Members { items, next }))
}

fn on(lists: &Lists, name: &str, now: Timestamp) -> Vec<Listed> {
    let entries = lists.get(name).into_iter().flatten();
    entries
        .filter_map(|(alias, entry)| {
            let member = entry.at(now)?;
            Some(Listed {
                namespace: alias.namespace.clone(),
                value: alias.value.clone(),
                payload: serde_json::to_value(&member.payload).unwrap_or_default(),
                expires: member.expires,
                as_of: entry.stamp.upload.at,
                source: entry.source.clone(),
            })
        })
        .collect()
}

/// Everything that lists say of a profile, for its export.
pub fn exported(lists: &Lists, now: Timestamp) -> BTreeMap<String, Vec<Listed>> {
    let of = |(name, _): (&String, _)| (name.clone(), on(lists, name, now));
    lists.iter().map(of).collect()
}
