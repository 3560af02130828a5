//! Browser tokens: short-lived, for one person, minted by the server of a page.

use super::super::Shared;
use super::super::auth::Lookup;
use super::super::error::{Code, Problem};
use crate::tokens::Person;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use cauce_core::diagnostic::Diagnostic;
use cauce_core::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long a token lasts if nobody says.
const USUAL: Duration = Duration(15 * Duration::MINUTE.0);
/// Limit: how long a token may last. It cannot be taken back but with the key it came from.
const LONGEST: Duration = Duration(24 * Duration::HOUR.0);

/// A token that somebody wants.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BrowserTokenWanted)]
pub struct Wanted {
    /// Whose: `user_id:42`.
    alias: String,
    /// How long it lasts, such as `15m`, which is usual; a day at most.
    expires_in: Option<String>,
    /// Segments it is limited to, of those that browsers may read.
    segments: Option<BTreeSet<String>>,
    /// Attributes it is limited to, of those that browsers may read.
    attributes: Option<BTreeSet<String>>,
}

/// A token for the browser of one person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = BrowserToken)]
pub struct Minted {
    /// The token.
    token: String,
    /// When it is worth nothing any more.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Mints a token with which the browser of one person reads what is shared of that person, and of
/// nobody else.
#[utoipa::path(post, path = "/v1/browser-tokens", tag = "sharing", request_body = Wanted,
    responses((status = 201, body = Minted), (status = 400, body = Problem),
        (status = 422, body = Problem)))]
pub async fn make(
    Lookup(caller): Lookup,
    State(app): Shared,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Minted>), Problem> {
    let Json(wanted) = wanted.map_err(|why| Problem::new(Code::Malformed, why.body_text()))?;
    let alias = super::alias(&app, &wanted.alias)?;
    let lasts = match wanted.expires_in.as_deref().map(str::parse::<Duration>) {
        None => USUAL,
        Some(Ok(lasts)) if lasts > Duration(0) && lasts <= LONGEST => lasts,
        Some(_) => {
            let said = wanted.expires_in.unwrap_or_default();
            return Err(Problem::new(Code::Malformed, format!("expires_in: `{said}`"))
                .hint("a span such as `15m`, more than nothing and at most `24h`"));
        }
    };
    let browser = &app.shown().browser;
    let mut faults = Vec::new();
    let mut limit = |field: &str, names: &Option<BTreeSet<String>>, is: &dyn Fn(&str) -> bool| {
        for name in names.iter().flatten().filter(|name| !is(name)) {
            let message = format!("`{name}` is not shared with browsers");
            let hint = format!("name it under `browser-{field}` of the definition `sharing`");
            faults.push(Diagnostic::error(field, "not-shared", message).hint(hint));
        }
    };
    limit("segments", &wanted.segments, &|name| browser.segments.contains_key(name));
    limit("attributes", &wanted.attributes, &|name| browser.attributes.contains(name));
    if !faults.is_empty() {
        return Err(Problem::new(Code::Invalid, "no browser may read that").fields(faults));
    }
    let expires = app.node.now().plus(lasts);
    let (segments, attributes) = (wanted.segments, wanted.attributes);
    let person = Person { alias, expires, key: caller.prefix, segments, attributes };
    let token = app.site.tokens.make_person(&person);
    Ok((StatusCode::CREATED, Json(Minted { token, expires_at: expires })))
}
