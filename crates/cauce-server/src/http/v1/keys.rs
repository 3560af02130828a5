//! API keys: shown once, listed by their public beginning.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::control::{Entry, Scope};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A key that somebody wants.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KeyWanted)]
pub struct Wanted {
    /// What it is for.
    name: String,
    /// `write` (reports events), `lookup` (reads what is shared), `lists` (uploads
    /// lists) or `admin`.
    #[schema(value_type = String)]
    scope: Scope,
}

/// A key, without its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Key)]
pub struct Shown {
    /// The public beginning, by which it is revoked.
    prefix: String,
    /// What it is for.
    name: String,
    /// What it may: `write`, `lookup`, `lists` or `admin`.
    #[schema(value_type = String)]
    scope: Scope,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// All keys.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = KeyList)]
pub struct Listed {
    /// The keys.
    keys: Vec<Shown>,
}

/// A key that was made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = KeyMade)]
pub struct Made {
    /// What it is for.
    name: String,
    /// The whole key: shown here and never again.
    key: String,
}

/// All keys, without their secrets.
#[utoipa::path(get, path = "/v1/keys", tag = "keys", responses((status = 200, body = Listed)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Listed> {
    let control = app.control();
    let keys = control.keys.values().map(|key| Shown {
        prefix: key.prefix.clone(),
        name: key.name.clone(),
        scope: key.scope,
        at: key.at,
    });
    Json(Listed { keys: keys.collect() })
}

/// Makes a key. The secret is shown here and never again.
#[utoipa::path(post, path = "/v1/keys", tag = "keys", request_body = Wanted,
    responses((status = 201, body = Made)))]
pub async fn make(
    admin: Full,
    State(app): Shared,
    Json(wanted): Json<Wanted>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let secret = app.make_key(&wanted.name, wanted.scope).await?;
    let prefix: String = secret.chars().take(crate::keys::PREFIX).collect();
    admin.1.note_of(prefix, format!("`{}`: may {}", wanted.name, wanted.scope.words()));
    Ok((StatusCode::CREATED, Json(Made { name: wanted.name, key: secret })))
}

/// Revokes a key.
#[utoipa::path(delete, path = "/v1/keys/{prefix}", tag = "keys", params(("prefix" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn revoke(
    admin: Full,
    State(app): Shared,
    Path(prefix): Path<String>,
) -> Result<StatusCode, Problem> {
    let name = app.control().keys.get(&prefix).map(|key| key.name.clone());
    let Some(name) = name else {
        return Err(Problem::new(Code::NotFound, format!("there is no key `{prefix}`")));
    };
    admin.1.note(format!("`{name}`"));
    app.record(Entry::KeyRevoked { prefix }).await?;
    Ok(StatusCode::NO_CONTENT)
}
