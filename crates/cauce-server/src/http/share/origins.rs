//! Which pages may ask from a browser (CORS): those whose origin the configuration names, none
//! otherwise, and only what pages are there for: to look up, and to report. A token or a key is
//! shown in a header, never in a cookie, so no page acts in somebody's name.

use super::super::Shared;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// How long a browser may remember that a page may ask, in seconds.
const REMEMBERED_S: &str = "600";

/// What pages may ask.
const DOORS: [&str; 8] = [
    "/v1/lookup",
    "/v1/lookup/live",
    "/ofrep/v1/evaluate/flags",
    "/ofrep/v1/evaluate/flags/{key}",
    "/v1/offers/{placement}",
    "/v1/{call}",
    "/v1/batch",
    "/v1/projects/{key}/settings",
];

/// Answers a browser that asks whether it may ask, and lets the page read the answer.
pub async fn allow(State(app): Shared, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    if !path.is_some_and(|path| DOORS.contains(&path)) {
        return next.run(request).await;
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = origin
        .filter(|origin| app.cors_origins.iter().any(|one| one.as_bytes() == origin.as_bytes()));
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match preflight {
        true => StatusCode::NO_CONTENT.into_response(),
        false => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let Some(origin) = allowed else { return response };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    match preflight {
        true => tell(headers),
        false => {
            let read = HeaderValue::from_static("etag, retry-after");
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, read);
        }
    }
    response
}

fn tell(headers: &mut HeaderMap) {
    let sent =
        "authorization, content-type, if-none-match, last-event-id, x-api-key, x-retry-count";
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, sent),
        (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED_S),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `EventSource` in a browser sends its last place by itself; what reads a stream by `fetch`
    /// has to ask first.
    #[test]
    fn a_page_may_send_what_the_doors_read() {
        let mut headers = HeaderMap::new();
        tell(&mut headers);
        let sent = headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
        let read = ["authorization", "content-type", "if-none-match", "last-event-id"];
        // What analytics.js sends of a second try.
        for name in read.into_iter().chain(["x-retry-count"]) {
            assert!(sent.split(", ").any(|one| one == name), "{name} in {sent}");
        }
    }
}
