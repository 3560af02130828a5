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
use cauce_core::ids::{Partition, ProfileId};
use cauce_core::profile::Alias;
use cauce_core::state::{AliasRow, Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What else is asked.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
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

/// A name, and the rules of its namespace.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DescribedAlias)]
pub struct Described {
    /// The name: `namespace:value`.
    alias: String,
    /// The namespace's priority: lower is stronger.
    priority: u8,
    /// Whether two values never belong to one person.
    unique: bool,
    /// Whether several people use one value, so that it never makes two profiles one.
    shared: bool,
    /// Values that one profile may have; null: any number.
    #[schema(required = true)]
    limit: Option<u16>,
}

/// A name of a profile.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = HeldAlias)]
pub struct Held {
    #[serde(flatten)]
    described: Described,
    /// Whether the name's own home knows whose it is.
    held: bool,
    /// Profiles that are told when somebody claims it: `pro_…`.
    #[schema(value_type = Vec<String>)]
    watchers: Vec<ProfileId>,
    /// Why it is not written to; null where it may be.
    #[schema(required = true)]
    suppressed: Option<String>,
}

/// A name that was kept from a profile.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RefusedAlias)]
pub struct Refused {
    #[serde(flatten)]
    described: Described,
    /// Whose it is: `pro_…`; absent where nobody has it any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    /// Which two names never belong together: pairs of one of this profile's and one of the
    /// holder's.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Vec<Vec<String>>>,
}

/// A profile that became one with this one.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MergedProfile)]
pub struct Merge {
    /// The profile that was: `pro_…`.
    #[schema(value_type = String)]
    pub profile: ProfileId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The name that both used.
    pub alias: String,
    /// Why, in words.
    pub why: String,
    /// The partition where it lived, and where its ledger stays.
    #[schema(value_type = u16)]
    pub partition: Partition,
}

/// How strong a profile is: of two that become one the stronger one stays.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProfileRank)]
pub struct Rank {
    /// The priority of the namespace of its first name: lower is stronger.
    priority: u8,
    /// Where that comes from, in words.
    since: &'static str,
}

/// What would happen.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = IdentityWhatIf)]
#[serde(untagged)]
pub enum WhatIf {
    /// If one event named this profile and another name (`with`).
    With(Together),
    /// If one of those that became this profile were one by itself again (`without`).
    Without(Box<parted::Parted>),
}

/// What would happen if one event named this profile and another name.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = IdentityTogether)]
pub struct Together {
    /// The other name.
    with: String,
    /// Whose it is: `pro_…`; null where nobody has it.
    #[schema(required = true)]
    holder: Option<String>,
    /// What would happen, in words.
    answer: String,
}

/// The names of a profile, and why it is one.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProfileIdentity)]
pub struct Shown {
    /// The profile: `pro_…`.
    profile: String,
    /// When it was first known.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// How strong it is.
    rank: Rank,
    /// Its names.
    aliases: Vec<Held>,
    /// Names that were kept from it.
    refused: Vec<Refused>,
    /// Questions about names that are open.
    pending: Vec<String>,
    /// Profiles that became one with it, in the order in which they did.
    merges: Vec<Merge>,
    /// Profiles that the name that was asked for led through: `pro_…`.
    #[schema(value_type = Vec<String>)]
    redirects: Vec<ProfileId>,
    /// What would happen with another name, or without one of those that became one, where that was
    /// asked; else null.
    #[schema(required = true)]
    what_if: Option<WhatIf>,
}

fn described(namespaces: &Namespaces, alias: &Alias) -> Described {
    let namespace = namespaces.get(&alias.namespace);
    Described {
        alias: alias.to_string(),
        priority: namespace.priority,
        unique: namespace.unique,
        shared: namespace.shared,
        limit: namespace.limit,
    }
}

/// The names of a profile, and why it is one: rules, watchers, open questions, refusals, merges.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/identity", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path), With),
    responses((status = 200, body = Shown), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
    Query(asked): Query<With>,
) -> Result<Json<Shown>, Problem> {
    let named = alias(&app, &namespace, &value)?;
    let (place, redirects) = trail(&app, &named).await?;
    let catalog = app.catalog();
    let namespaces = &catalog.namespaces;
    let head = place.head.clone();
    let mut aliases = Vec::new();
    for alias in &head.aliases {
        let row = at_home(&app, alias).await;
        aliases.push(Held {
            described: described(namespaces, alias),
            held: row.holder.is_some(),
            watchers: row.watchers.iter().map(|watcher| watcher.rank.id).collect(),
            suppressed: head.suppressions.get(alias).map(|why| why.reason.clone()),
        });
    }
    let mut refused = Vec::new();
    for alias in &head.refused_aliases {
        refused.push(refusal(&app, namespaces, &place, alias).await);
    }
    let what_if = match (&asked.with, &asked.without) {
        (Some(_), Some(_)) => {
            return Err(Problem::new(Code::Invalid, "ask for `with` or `without`, one of them"));
        }
        (Some(with), None) => Some(WhatIf::With(foresee(&app, namespaces, &place, with).await?)),
        (None, Some(without)) => {
            Some(WhatIf::Without(Box::new(parted::show(&app, &place, without).await?)))
        }
        (None, None) => None,
    };
    Ok(Json(Shown {
        profile: head.id().to_string(),
        created: head.created,
        rank: Rank { priority: head.rank.priority, since: "its first name's, as it was then" },
        aliases,
        refused,
        pending: head.pending.values().map(ToString::to_string).collect(),
        merges: merges(&app, &place).await,
        redirects,
        what_if,
    }))
}

/// Who keeps a name from a profile, and which two names never belong together.
async fn refusal(app: &App, namespaces: &Namespaces, place: &Located, alias: &Alias) -> Refused {
    let mut shown = Refused { described: described(namespaces, alias), holder: None, by: None };
    if let Ok(holder) = locate(app, alias).await {
        let pairs = identity::conflicts(namespaces, &place.head, &holder.head);
        let pairs = pairs.iter().map(|(own, theirs)| vec![own.to_string(), theirs.to_string()]);
        shown.holder = Some(holder.head.id().to_string());
        shown.by = Some(pairs.collect());
    }
    shown
}

/// Which profiles became one in this one, when and why.
pub async fn merges(app: &App, place: &Located) -> Vec<Merge> {
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
                let (at, partition) = (merged.at, merged.from);
                Some(Merge { profile: id, at, alias, why, partition })
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
) -> Result<Together, Problem> {
    let malformed = || Problem::new(Code::Malformed, "`with` is `namespace:value`");
    let (namespace, value) = with.split_once(':').ok_or_else(malformed)?;
    let other = alias(app, namespace, value)?;
    let holder = locate(app, &other).await.ok();
    let holder = holder.as_ref().map(|holder| &*holder.head);
    let foreseen = identity::foresee(namespaces, &place.head, &other, holder);
    let holder = holder.map(|head| head.id().to_string());
    Ok(Together { with: other.to_string(), holder, answer: foreseen.to_string() })
}
