//! Secrets that the server keeps: named, set and forgotten here, and never shown.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::app::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cauce_core::publish::Body;
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is said of a secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SecretTold)]
pub struct Told {
    /// Its name; definitions write `vault:NAME`.
    name: String,
    /// When it was set.
    #[schema(value_type = String)]
    at: Timestamp,
    /// Whether it can be opened with the key of the vault that the server has.
    opens: bool,
    /// Which definitions in force name it: `provider/mail`.
    used_by: Vec<String>,
}

/// All secrets, without what they hold.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SecretsTold)]
pub struct All {
    /// By name.
    secrets: Vec<Told>,
}

/// A secret.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SecretWanted)]
pub struct Wanted {
    /// What is kept, exactly; at most 32 KiB.
    value: String,
}

/// Which definitions in force name a secret.
fn used_by(app: &App, name: &str) -> Vec<String> {
    let place = format!("vault:{name}");
    let names = |body: &Body| says(&body.document(), &place);
    let world = app.book().world();
    let named = world.iter().filter(|(_, body)| names(body));
    named.map(|((kind, name), _)| format!("{kind}/{name}")).collect()
}

fn says(document: &serde_json::Value, place: &str) -> bool {
    use serde_json::Value;
    match document {
        Value::String(text) => text == place,
        Value::Array(items) => items.iter().any(|item| says(item, place)),
        Value::Object(fields) => fields.values().any(|field| says(field, place)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Names every secret of the vault, without what it holds.
#[utoipa::path(get, path = "/v1/secrets", tag = "secrets", responses((status = 200, body = All)))]
pub async fn list(_: Full, State(app): Shared) -> Json<All> {
    let told = app.vault.list().into_iter().map(|told| Told {
        used_by: used_by(&app, &told.name),
        name: told.name,
        at: told.at,
        opens: told.opens,
    });
    Json(All { secrets: told.collect() })
}

/// Sets a secret. It is durable when this is answered, and whoever names it uses the new one from
/// then on.
#[utoipa::path(put, path = "/v1/secrets/{name}", tag = "secrets", params(("name" = String, Path)),
    request_body = Wanted, responses((status = 204), (status = 422, body = Problem)))]
pub async fn set(
    admin: Full,
    State(app): Shared,
    Path(name): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Result<StatusCode, Problem> {
    admin.1.note_of(name.clone(), String::new());
    let (kept, at) = (app.clone(), app.node.now());
    let secret = name.clone();
    // Files are written: not on a thread that others wait for.
    let set = move || kept.vault.set(&secret, &wanted.value, at);
    let done = tokio::task::spawn_blocking(set).await;
    let done = done.map_err(|_| Problem::new(Code::Internal, "the secret was not kept"))?;
    done.map_err(|why| Problem::new(Code::Invalid, format!("{why:#}")))?;
    app.equip_anew(&format!("vault:{name}")).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets a secret that nobody names.
#[utoipa::path(delete, path = "/v1/secrets/{name}", tag = "secrets",
    params(("name" = String, Path)), responses((status = 204), (status = 404, body = Problem),
    (status = 409, body = Problem)))]
pub async fn remove(
    admin: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    admin.1.note_of(name.clone(), String::new());
    let used = used_by(&app, &name);
    if app.vault.has(&name) && !used.is_empty() {
        let detail = format!("`{name}` is used by {}", used.join(", "));
        let hint = "change these definitions first; nothing was forgotten";
        return Err(Problem::new(Code::Conflict, detail).hint(hint));
    }
    let kept = app.clone();
    let secret = name.clone();
    let done = tokio::task::spawn_blocking(move || kept.vault.remove(&secret)).await;
    let done = done.map_err(|_| Problem::new(Code::Internal, "the secret was not forgotten"))?;
    match done.map_err(|why| Problem::new(Code::Internal, format!("{why:#}")))? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::new(Code::NotFound, format!("the vault has no `{name}`"))),
    }
}
