//! Who asks: a key as Bearer token, or as the name of Basic, as the Segment SDKs send it.

use super::error::{Code, Problem};
use super::rate::too_often;
use crate::app::App;
use crate::control::{Key, Scope};
use crate::tokens::{PERSON, Person};
use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Somebody with a key that may report events.
pub struct Writer;

/// Somebody with a key that may do everything; its name is written into the audit.
pub struct Full(pub String);

/// Somebody with a key that may upload lists; its name.
pub struct Uploader(pub String);

/// Somebody with a key that may read what is shared; its public beginning.
pub struct Lookup(pub String);

/// Somebody who looks up: a server with a key, or the browser of one person.
pub enum Reader {
    /// A server: anybody's shared state.
    Server,
    /// A browser: its person's, as far as browsers may know it.
    Browser(Box<Person>),
}

fn secret(parts: &Parts) -> Option<String> {
    // As OpenFeature's providers may send it.
    let named = parts.headers.get("x-api-key").and_then(|value| value.to_str().ok());
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
        return named.map(str::to_owned);
    };
    let value = value.to_str().ok()?;
    if let Some(token) = value.strip_prefix("Bearer ") {
        return Some(token.trim().to_owned());
    }
    let decoded = BASE64.decode(value.strip_prefix("Basic ")?.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    Some(text.split(':').next().unwrap_or_default().to_owned())
}

fn check(app: &App, secret: Option<&str>, scope: Scope) -> Result<Key, Problem> {
    let Some(secret) = secret else {
        return Err(Problem::new(Code::Unauthorized, "the request has no key")
            .hint("send `Authorization: Bearer …`; `cauce keys make` makes one"));
    };
    match app.key(secret) {
        Some(key) if !app.limits.keys.take(key.prefix.clone(), Instant::now()) => {
            app.metrics.limited.fetch_add(1, Ordering::Relaxed);
            Err(too_often(&format!("the key `{}`", key.prefix)))
        }
        Some(key) if key.scope.allows(scope) => Ok(key),
        Some(key) => {
            let detail = format!("this key may only {}", key.scope.words());
            let wanted = serde_json::to_string(&scope).unwrap_or_default().replace('"', "`");
            let hint = format!("use a key with the scope {wanted}");
            Err(Problem::new(Code::Forbidden, detail).hint(hint))
        }
        None if !app.limits.wrong_keys.take((), Instant::now()) => {
            Err(Problem::new(Code::Overloaded, "too many wrong keys"))
        }
        None => Err(Problem::new(Code::Unauthorized, "the key is not known")),
    }
}

impl FromRequestParts<Arc<App>> for Writer {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        check(app, secret(parts).as_deref(), Scope::Write).map(|_| Writer)
    }
}

impl FromRequestParts<Arc<App>> for Full {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        check(app, secret(parts).as_deref(), Scope::Admin).map(|key| Full(key.name))
    }
}

impl FromRequestParts<Arc<App>> for Uploader {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        check(app, secret(parts).as_deref(), Scope::Lists).map(|key| Uploader(key.name))
    }
}

impl FromRequestParts<Arc<App>> for Lookup {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        check(app, secret(parts).as_deref(), Scope::Lookup).map(|key| Lookup(key.prefix))
    }
}

impl FromRequestParts<Arc<App>> for Reader {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let secret = secret(parts);
        match secret.as_deref().filter(|secret| secret.starts_with(PERSON)) {
            Some(token) => browser(app, token).map(|person| Reader::Browser(Box::new(person))),
            None => check(app, secret.as_deref(), Scope::Lookup).map(|_| Reader::Server),
        }
    }
}

/// Whom a browser's token reads, while its time and the key it came from last.
fn browser(app: &App, token: &str) -> Result<Person, Problem> {
    let no = |why: &str| {
        Problem::new(Code::Unauthorized, why)
            .hint("let the server of the page mint one with `POST /v1/browser-tokens`")
    };
    let Some(person) = app.site.tokens.read_person(token) else {
        return Err(match app.limits.wrong_keys.take((), Instant::now()) {
            false => Problem::new(Code::Overloaded, "too many wrong keys"),
            true => no("the browser token is not known"),
        });
    };
    if person.expires <= app.node.now() {
        return Err(no("the browser token has expired"));
    }
    if !app.control().keys.contains_key(&person.key) {
        return Err(no("the key that the browser token was minted with is revoked"));
    }
    Ok(person)
}
