//! Who asks: a key as Bearer token, or as the name of Basic, as the Segment SDKs send it.

use super::error::{Code, Problem};
use super::rate::too_often;
use crate::app::App;
use crate::control::Scope;
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

fn secret(parts: &Parts) -> Option<String> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    if let Some(token) = value.strip_prefix("Bearer ") {
        return Some(token.trim().to_owned());
    }
    let decoded = BASE64.decode(value.strip_prefix("Basic ")?.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    Some(text.split(':').next().unwrap_or_default().to_owned())
}

fn check(app: &App, secret: Option<&str>, scope: Scope) -> Result<String, Problem> {
    let Some(secret) = secret else {
        return Err(Problem::new(Code::Unauthorized, "the request has no key")
            .hint("send `Authorization: Bearer …`; `cauce keys make` makes one"));
    };
    match app.key(secret) {
        Some(key) if !app.limits.keys.take(key.prefix.clone(), Instant::now()) => {
            app.metrics.limited.fetch_add(1, Ordering::Relaxed);
            Err(too_often(&format!("the key `{}`", key.prefix)))
        }
        Some(key) if key.scope >= scope => Ok(key.name),
        Some(_) => Err(Problem::new(Code::Forbidden, "this key may only report events")
            .hint("use a key with the scope `admin`")),
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
        check(app, secret(parts).as_deref(), Scope::Admin).map(Full)
    }
}
