//! Many addresses that must not be written to: shown page by page, and brought from elsewhere.

use super::super::super::Shared;
use super::super::super::auth::Full;
use super::super::super::error::{Code, Problem};
use super::super::super::shapes;
use super::super::profiles::alias;
use super::super::{room, trace};
use axum::Json;
use axum::extract::{Query, State};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cauce_core::decide::home;
use cauce_core::ids::Partition;
use cauce_core::input::Body;
use cauce_core::policy::{Stops, Suppression};
use cauce_core::profile::Alias;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Limit: suppressions of one page, and of one request that brings them.
const PAGE_MAX: usize = 1_000;
/// Limit: addresses that one question to a partition reads.
const READ_AT_ONCE: usize = 2_000;

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Where the page before ended.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<usize>,
    /// Only those for this reason: `hard-bounce`, `complaint`, `soft-bounces`, `manual`…
    reason: Option<String>,
}

/// Where a page ends: the partition and the address before the next one.
type Cursor = (Partition, String, String);

fn cursor(text: Option<&str>) -> Result<Cursor, Problem> {
    let Some(text) = text else { return Ok((0, String::new(), String::new())) };
    let read = BASE64.decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    read.ok_or_else(|| {
        Problem::new(Code::Invalid, "the cursor is none").hint("leave it out to begin anew")
    })
}

/// An address that must not be written to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SuppressedAddress)]
pub struct Shown {
    /// `email` or `phone`.
    namespace: String,
    /// The address.
    address: String,
    /// `hard-bounce`, `complaint`, `soft-bounces`, `manual`…
    reason: String,
    /// What shows it: the answer as given, who said so.
    evidence: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What is not sent there; the reason decides.
    #[schema(value_type = shapes::Stops)]
    stops: Stops,
}

/// Addresses that must not be written to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SuppressionList)]
pub struct Listed {
    /// The addresses.
    items: Vec<Shown>,
    /// Where to go on; null at the end.
    #[schema(required = true)]
    next: Option<String>,
}

/// Addresses that must not be written to, and why. Of erased people nothing is shown: of them a
/// hash is kept.
#[utoipa::path(get, path = "/v1/suppressions", tag = "suppressions", params(Page),
    responses((status = 200, body = Listed)))]
pub async fn list(
    _: Full,
    State(app): Shared,
    Query(page): Query<Page>,
) -> Result<Json<Listed>, Problem> {
    let limit = page.limit.unwrap_or(100).clamp(1, PAGE_MAX);
    let (mut partition, mut namespace, mut value) = cursor(page.cursor.as_deref())?;
    let mut items = Vec::new();
    while partition < app.node.partitions() && items.len() < limit {
        let from = Key::Alias(Alias { namespace: namespace.clone(), value: value.clone() });
        let after = Alias { namespace: namespace.clone(), value: value.clone() };
        let (reason, left) = (page.reason.clone(), limit - items.len());
        let asked = app.ask(partition, move |p| {
            let last = Alias { namespace: "\u{10ffff}".to_owned(), value: String::new() };
            let rows = p.rows().range(&from, &Key::Alias(last), READ_AT_ONCE);
            let mut whole = rows.len() < READ_AT_ONCE;
            let (mut found, mut seen) = (Vec::new(), None);
            for (key, row) in rows {
                let (Key::Alias(alias), Row::Alias(row)) = (key, row) else { continue };
                if alias == after {
                    continue;
                }
                if found.len() >= left {
                    whole = false;
                    break;
                }
                seen = Some(alias.clone());
                let Some(suppression) = row.suppression.clone() else { continue };
                if reason.as_ref().is_none_or(|reason| *reason == suppression.reason) {
                    found.push((alias, suppression));
                }
            }
            (found, seen.filter(|_| !whole))
        });
        let Some((found, next)) = asked.await else { break };
        items.extend(found.iter().map(|(address, suppression)| shown(address, suppression)));
        (partition, namespace, value) = match next {
            Some(alias) => (partition, alias.namespace, alias.value),
            None => (partition + 1, String::new(), String::new()),
        };
    }
    let next = (partition < app.node.partitions()).then(|| {
        let place = serde_json::to_vec(&(partition, namespace, value));
        BASE64.encode(place.expect("a place is plain data"))
    });
    Ok(Json(Listed { items, next }))
}

/// An address and why it is not written to.
pub(super) fn shown(address: &Alias, suppression: &Suppression) -> Shown {
    Shown {
        namespace: address.namespace.clone(),
        address: address.value.clone(),
        reason: suppression.reason.clone(),
        evidence: suppression.evidence.clone(),
        at: suppression.at,
        stops: suppression.stops(),
    }
}

/// Addresses that somebody else suppressed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SuppressionImport)]
pub struct Import {
    /// The addresses.
    items: Vec<Item>,
}

/// One of them.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SuppressionItem)]
pub struct Item {
    /// `email` or `phone`; `email` if absent.
    namespace: Option<String>,
    /// The address.
    address: String,
    /// Why; `import` if absent. `complaint`, `unsubscribed`, `manual-marketing` and
    /// `soft-bounces` stop marketing, every other word stops everything.
    #[serde(default)]
    reason: String,
    /// What shows it.
    #[serde(default)]
    evidence: String,
}

/// An address that was not taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SuppressionRejected)]
pub struct Rejected {
    /// Its place in the request, from 0.
    item: usize,
    /// What is wrong with it.
    detail: &'static str,
}

/// What became of an import.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SuppressionImported)]
pub struct Imported {
    /// Addresses that were taken.
    taken: usize,
    /// Those that were not.
    rejected: Vec<Rejected>,
}

/// Suppresses addresses that were suppressed elsewhere. The first reason of each stands. Faulty
/// ones are named by their place, and the others are taken all the same.
#[utoipa::path(post, path = "/v1/suppressions/import", tag = "suppressions",
    request_body = Import, responses((status = 200, body = Imported)))]
pub async fn import(
    admin: Full,
    State(app): Shared,
    Json(import): Json<Import>,
) -> Result<Json<Imported>, Problem> {
    if import.items.len() > PAGE_MAX {
        let detail = format!("{} addresses in one request", import.items.len());
        return Err(Problem::new(Code::Invalid, detail)
            .hint(format!("at most {PAGE_MAX} at a time; send several requests")));
    }
    room(&app)?;
    let (mut wanted, mut rejected) = (Vec::new(), Vec::new());
    for (place, item) in import.items.into_iter().enumerate() {
        match alias(&app, item.namespace.as_deref().unwrap_or("email"), &item.address) {
            Ok(address) => wanted.push((address, item.reason, item.evidence)),
            Err(_) => rejected.push(Rejected { item: place, detail: "it is no such address" }),
        }
    }
    let (at, trace) = (app.node.now(), trace());
    let all = wanted.into_iter().map(|(address, reason, evidence)| {
        let reason = if reason.is_empty() { "import".to_owned() } else { reason };
        let evidence = match evidence.is_empty() {
            true => format!("imported by {}", admin.0),
            false => format!("{evidence} (imported by {})", admin.0),
        };
        let partition = home(&address, app.node.partitions());
        let suppression = Some(Suppression { reason, evidence, at });
        app.append_applied(partition, Body::Suppress { address, suppression }, trace)
    });
    let mut taken = 0;
    for done in futures_util::future::join_all(all).await {
        done?;
        taken += 1;
    }
    admin.1.note(format!("{taken} addresses"));
    Ok(Json(Imported { taken, rejected }))
}
