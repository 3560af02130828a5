//! What apps and pages ask for pushes: the key to subscribe with, and to be told of an open.

use super::Shared;
use super::error::{Code, Problem};
use super::links::report;
use crate::app::App;
use crate::tokens::Purpose;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderName, StatusCode, header};
use cauce_core::input::ReportKind;
use cauce_core::publish::{Body, Kind, WebPush};
use serde::{Deserialize, Serialize};

/// What an app shows when its person opened a push.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct Opened {
    /// What came as `cauce` in the payload.
    token: String,
}

/// Somebody opened a push. The token is signed, so this is asked for without a key; it may be sent
/// as `text/plain`, as a page's script does that must not wait for a preflight.
#[utoipa::path(post, path = "/v1/push/opened", tag = "push", request_body = Opened,
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn opened(State(app): Shared, body: Bytes) -> Result<StatusCode, Problem> {
    let opened: Opened = serde_json::from_slice(&body).map_err(|error| {
        let hint = "send `{\"token\": …}` with what came as `cauce` in the payload";
        Problem::new(Code::Malformed, format!("not what was expected: {error}")).hint(hint)
    })?;
    let message = app.site.tokens.read(Purpose::Open, &opened.token, "");
    let message = message.filter(|message| message.birthplace() < app.node.partitions());
    let unknown = || Problem::new(Code::NotFound, "the token is none of this server's");
    report(&app, message.ok_or_else(unknown)?, ReportKind::Opened);
    Ok(StatusCode::NO_CONTENT)
}

/// Which provider's key.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Its name; the first with `web` if absent.
    provider: Option<String>,
}

fn find(app: &App, wanted: Option<&str>) -> Option<(String, WebPush)> {
    let book = app.book();
    let mut all = book.list(Kind::Provider).filter_map(|(name, revision)| {
        let Body::Provider(provider) = &revision.body else { return None };
        Some((name.to_owned(), provider.push.as_ref()?.web.clone()?))
    });
    all.find(|(name, _)| wanted.is_none_or(|wanted| wanted == name))
}

/// What a page subscribes with.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PushKey)]
pub struct PublicKey {
    /// The provider.
    provider: String,
    /// Its public key on P-256 in base64url: `applicationServerKey`.
    public_key: String,
}

/// The public key that a page subscribes with.
#[utoipa::path(get, path = "/v1/push/key", tag = "push", params(Which),
    responses((status = 200, body = PublicKey), (status = 404, body = Problem)))]
pub async fn key(
    State(app): Shared,
    Query(which): Query<Which>,
) -> Result<([(HeaderName, &'static str); 1], Json<PublicKey>), Problem> {
    let none = || {
        let problem = Problem::new(Code::NotFound, "no provider pushes to browsers by that name");
        problem.hint("publish one with `push: { web: … }`")
    };
    let (provider, web) = find(&app, which.provider.as_deref()).ok_or_else(none)?;
    let unavailable = |why: String| Problem::new(Code::Unavailable, why);
    let pem = app.secrets.read(&web.key).map_err(|why| unavailable(format!("{why:#}")))?;
    let public_key = cauce_channels::push::web::public_key(&pem)
        .map_err(|error| unavailable(error.to_string()))?;
    // Public as its name says: any page may read it.
    let anybody = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    Ok((anybody, Json(PublicKey { provider, public_key })))
}
