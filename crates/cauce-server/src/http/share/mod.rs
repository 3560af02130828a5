//! Sharing: what decision engines, pages and other servers read.

pub mod changes;
pub mod destinations;
pub mod live;
pub mod lookup;
pub mod offers;
pub mod ofrep;
pub mod origins;
pub mod sources;
pub mod tokens;

use super::auth::Reader;
use super::error::{Code, Problem, stopping};
use crate::app::App;
use crate::share::{Gone, Person, Shown, Sight, find};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cauce_core::profile::Alias;
use std::borrow::Cow;
use std::collections::BTreeSet;
use tokio::sync::SemaphorePermit;

impl From<Gone> for Problem {
    fn from(_: Gone) -> Problem {
        stopping()
    }
}

/// An alias as it is written in an address: `user_id:42`.
pub fn alias(app: &App, text: &str) -> Result<Alias, Problem> {
    let Some((namespace, value)) = text.split_once(':') else {
        return Err(Problem::new(Code::Malformed, format!("alias: `{text}` names no namespace"))
            .hint("write namespace and value, such as `user_id:42` or `email:ana@example.com`"));
    };
    super::v1::profiles::alias(app, namespace, value)
}

/// What a reader sees.
pub fn sight<'s>(reader: &Reader, shown: &'s Shown) -> Cow<'s, Sight> {
    match reader {
        Reader::Server => Cow::Borrowed(&shown.server),
        Reader::Browser(person) => {
            let limits = (person.segments.as_ref(), person.attributes.as_ref());
            match limits {
                (None, None) => Cow::Borrowed(&shown.browser),
                (segments, attributes) => Cow::Owned(shown.browser.limited(segments, attributes)),
            }
        }
    }
}

/// Refuses to tell a browser of anybody but its person.
pub fn may_read(reader: &Reader, alias: &Alias) -> Result<(), Problem> {
    match reader {
        Reader::Browser(person) if person.alias != *alias => {
            Err(Problem::new(Code::Forbidden, "this browser token reads one person, not this one")
                .hint(format!("it reads `{}`", person.alias)))
        }
        _ => Ok(()),
    }
}

/// Room for one more who waits for a partition.
pub fn room(app: &App) -> Result<SemaphorePermit<'_>, Problem> {
    app.lookups.try_acquire().map_err(|_| {
        app.metrics.overloads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Problem::new(Code::Overloaded, "too many look-ups wait")
            .hint("try again after `Retry-After` seconds")
    })
}

/// Whom an alias names and what placements show them, within the bounds of what may wait.
pub async fn person(
    app: &App,
    shown: &Shown,
    alias: Alias,
    placements: BTreeSet<String>,
) -> Result<Option<Person>, Problem> {
    let _room = room(app)?;
    Ok(find(app, shown, alias, placements).await?)
}

/// JSON that may be asked for again at little cost: with an entity tag, and 304 for who has it.
pub fn tagged(headers: &HeaderMap, body: String) -> Response {
    let tag = format!("\"{:016x}\"", xxhash_rust::xxh3::xxh3_64(body.as_bytes()));
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.to_str().is_ok_and(|value| {
            value
                .split(',')
                .map(str::trim)
                .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
        })
    });
    let mut response = match known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => body.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("authorization, x-api-key"));
    let tag = HeaderValue::from_str(&tag).expect("quotes and hex digits are a header value");
    headers.insert(header::ETAG, tag);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_tag_is_known_in_every_spelling() {
        let ask = |value: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(header::IF_NONE_MATCH, value.parse().unwrap());
            }
            let response = tagged(&headers, "{}".to_owned());
            let tag = response.headers()[header::ETAG].to_str().unwrap().to_owned();
            (response.status().as_u16(), tag)
        };
        let (status, tag) = ask(None);
        assert_eq!(status, 200);
        for known in [tag.clone(), format!("W/{tag}"), format!("\"a\", {tag}"), "*".into()] {
            assert_eq!(ask(Some(&known)).0, 304, "{known}");
        }
        assert_eq!(ask(Some("\"a\"")).0, 200);
        assert_ne!(tagged(&HeaderMap::new(), "{ }".into()).headers()[header::ETAG], tag);
    }
}
