//! Who asks: a key as Bearer token, or as the name of Basic, as the Segment SDKs send it.

use super::error::{Code, Problem};
use crate::app::App;
use crate::control::Scope;
use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Instant;

/// Somebody with a key that may report events.
pub struct Writer;

/// Somebody with a key that may do everything; its name is written into the audit.
pub struct Full(pub String);

/// Wrong keys that are answered at once; beyond that a guesser waits.
const WRONG_KEYS_PER_SECOND: f64 = 10.0;

static WRONG: Mutex<Option<(Instant, f64)>> = Mutex::new(None);

/// Takes note of a wrong key; says whether there were too many lately.
fn too_many_wrong() -> bool {
    let mut wrong = WRONG.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let now = Instant::now();
    let (at, count) = wrong.unwrap_or((now, 0.0));
    let left = (count - now.duration_since(at).as_secs_f64() * WRONG_KEYS_PER_SECOND).max(0.0);
    *wrong = Some((now, left + 1.0));
    left > WRONG_KEYS_PER_SECOND * 3.0
}

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
        Some(key) if key.scope >= scope => Ok(key.name),
        Some(_) => Err(Problem::new(Code::Forbidden, "this key may only report events")
            .hint("use a key with the scope `admin`")),
        None if too_many_wrong() => Err(Problem::new(Code::Overloaded, "too many wrong keys")),
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
