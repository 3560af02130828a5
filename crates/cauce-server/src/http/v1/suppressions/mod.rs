//! Addresses that must not be written to.

pub mod bulk;
pub mod held;

use super::super::Shared;
use super::super::access::person;
use super::super::auth::Full;
use super::super::error::Problem;
use super::super::shapes;
use super::profiles::alias;
use super::trace;
use crate::app::App;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cauce_core::decide::home;
use cauce_core::input::Body;
use cauce_core::policy::{MANUAL, MANUAL_MARKETING, Stops, Suppression};
use serde::Deserialize;

/// An address, and why.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// `email` or `phone`; `email` if absent.
    namespace: Option<String>,
    /// The address.
    address: String,
    /// Why; shown with every refusal.
    #[serde(default)]
    reason: String,
    /// What is not sent there from now on; `everything` if absent. Lifting lifts all of it.
    #[schema(value_type = Option<shapes::Stops>)]
    stops: Option<Stops>,
}

async fn apply(app: &App, who: &str, wanted: Address, lift: bool) -> Result<StatusCode, Problem> {
    let address = alias(app, wanted.namespace.as_deref().unwrap_or("email"), &wanted.address)?;
    let reason = match wanted.stops {
        None | Some(Stops::Everything) => MANUAL,
        Some(Stops::Marketing) => MANUAL_MARKETING,
    };
    let suppression = (!lift).then(|| Suppression {
        reason: reason.to_owned(),
        evidence: if wanted.reason.is_empty() {
            format!("by {who}")
        } else {
            format!("by {who}: {}", wanted.reason)
        },
        at: app.node.now(),
    });
    let partition = home(&address, app.node.partitions());
    app.append_applied(partition, Body::Suppress { address, suppression }, trace()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// For the audit: whose address, as a hash. The reason is left out: people write names into it.
fn note(app: &App, admin: &Full, wanted: &Address) {
    let namespace = wanted.namespace.as_deref().unwrap_or("email");
    admin.1.note_of(person(app, namespace, &wanted.address), namespace);
}

/// Suppresses an address: for everything, or for marketing alone. When this is answered, none of
/// it leaves to it any more. Of two suppressions of an address the one that stops more stands.
#[utoipa::path(post, path = "/v1/suppressions", tag = "suppressions", request_body = Address,
    responses((status = 204)))]
pub async fn set(
    admin: Full,
    State(app): Shared,
    Json(wanted): Json<Address>,
) -> Result<StatusCode, Problem> {
    note(&app, &admin, &wanted);
    apply(&app, &admin.0, wanted, false).await
}

/// Lifts the suppression of an address.
#[utoipa::path(delete, path = "/v1/suppressions", tag = "suppressions", request_body = Address,
    responses((status = 204)))]
pub async fn lift(
    admin: Full,
    State(app): Shared,
    Json(wanted): Json<Address>,
) -> Result<StatusCode, Problem> {
    note(&app, &admin, &wanted);
    apply(&app, &admin.0, wanted, true).await
}
