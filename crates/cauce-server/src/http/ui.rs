//! The console's files as they were built, and the page in their place where they were not.

use super::error;
use super::inbox::{page as framed, secured};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rust_embed::{Embed, EmbeddedFile};
use std::borrow::Cow;

/// What `npm run build` made in `ui/`. A release has it inside; a debug build reads it from the
/// disk, so that a new build of the console needs no new build of the server.
#[derive(Embed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Files;

/// The page that every address of the console shows.
const INDEX: &str = "index.html";
/// Below it every name has a hash of the content: what is there never changes.
const HASHED: &str = "assets/";
/// What the page has where the nonce of its answer belongs: style sheets that a library writes into
/// the page at run time need one, since nothing inline is allowed otherwise.
const NONCE: &str = "__CAUCE_NONCE__";
/// Beginnings of addresses that belong to programs: there a page would hide a mistake.
const PROGRAMS: [&str; 3] = ["/v1/", "/ofrep/", "/assets/"];

/// The answer to every address that is no route: a file of the console, its page for people, or a
/// problem.
pub async fn page(request: Request) -> Response {
    let path = request.uri().path();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let headers = request.headers();
    let name = path.trim_start_matches('/');
    if is_read
        && name != INDEX
        && let Some(response) = file(name, headers, &Files::get)
    {
        return response;
    }
    let is_programs = PROGRAMS.iter().any(|beginning| path.starts_with(beginning));
    if !is_read || is_programs || !accepts_html(headers) {
        return error::not_found(request.uri().clone()).await.into_response();
    }
    match Files::get(INDEX) {
        Some(index) => shell(&index),
        None => unbuilt(),
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The console's page: never from a cache unasked, and with nothing inline.
fn shell(index: &EmbeddedFile) -> Response {
    let nonce = BASE64.encode(crate::keys::random::<16>());
    let text = String::from_utf8_lossy(&index.data).replace(NONCE, &nonce);
    let policy = format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    let mut response = Html(text).into_response();
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(&policy).expect("Base64 is a header value");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    response
}

/// The page where nothing was built.
fn unbuilt() -> Response {
    let body = "<p>This server orchestrates messages. It was built without its console, which \
        needs Node:</p><pre>cargo xtask dist</pre><p>builds both, or <code>npm ci</code> and \
        <code>npm run build</code> in the folder <code>ui</code> the console alone. The API works \
        without it and is described at <a href=\"/openapi.json\">/openapi.json</a>; metrics are at \
        <a href=\"/metrics\">/metrics</a>; in development, what was sent is at \
        <a href=\"/inbox\">/inbox</a>.</p>";
    secured(Html(framed("Cauce", body)).into_response())
}

/// Where files are found by their name.
type Find<'f> = &'f dyn Fn(&str) -> Option<EmbeddedFile>;

/// A file, in the form that the browser takes with the fewest bytes.
fn file(name: &str, headers: &HeaderMap, find: Find<'_>) -> Option<Response> {
    let is_form = name.ends_with(".br") || name.ends_with(".gz");
    if name.is_empty() || is_form || name.split('/').any(|part| part.starts_with('.')) {
        return None;
    }
    let (encoding, found) = encoded(name, headers, find)?;
    let tag = format!("\"{}\"", hex(&found.metadata.sha256_hash()[..16]));
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        let tags = value.to_str().unwrap_or_default().split(',').map(str::trim);
        tags.map(|one| one.trim_start_matches("W/")).any(|one| one == tag)
    });
    let mut response = match known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => match found.data {
            Cow::Borrowed(bytes) => bytes.into_response(),
            Cow::Owned(bytes) => bytes.into_response(),
        },
    };
    let age = match name.starts_with(HASHED) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    let headers = response.headers_mut();
    let fixed = |value: &'static str| HeaderValue::from_static(value);
    headers.insert(header::CONTENT_TYPE, fixed(kind(name)));
    headers.insert(header::CACHE_CONTROL, fixed(age));
    headers.insert(header::VARY, fixed("accept-encoding"));
    let tag = HeaderValue::from_str(&tag).expect("hex digits are a header value");
    headers.insert(header::ETAG, tag);
    if matches!(kind(name), "image/svg+xml" | "text/html; charset=utf-8") {
        // A picture with a script inside, opened by itself, runs nothing.
        let nothing = fixed("default-src 'none'; style-src 'unsafe-inline'; sandbox");
        headers.insert(header::CONTENT_SECURITY_POLICY, nothing);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, fixed(encoding));
    }
    Some(response)
}

/// A file, or its compressed sibling if there is one that the browser takes.
fn encoded(
    name: &str,
    headers: &HeaderMap,
    find: Find<'_>,
) -> Option<(Option<&'static str>, EmbeddedFile)> {
    let plain = find(name)?;
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        if accepts(headers, encoding)
            && let Some(found) = find(&format!("{name}.{ending}"))
        {
            return Some((Some(encoding), found));
        }
    }
    Some((None, plain))
}

/// Whether a browser takes an encoding.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
        named && weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The type of a file by its ending: those that a console is made of.
fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "jpg" | "jpeg" => "image/jpeg",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn an_encoding_is_taken_if_it_is_named() {
        let check = |accept: &str, encoding: &str, expected: bool| {
            let headers = asked(header::ACCEPT_ENCODING, accept);
            assert_eq!(accepts(&headers, encoding), expected, "{accept}");
        };
        check("gzip, deflate, br, zstd", "br", true);
        check("gzip;q=1.0, BR ; q=0.5", "br", true);
        check("br;q=0", "br", false);
        check("br;q=x", "br", false);
        check("brotli", "br", false);
        check("", "br", false);
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let out = ["../Cargo.toml", "assets/../../package.json", "/etc/passwd", "%2e%2e/x", ".git"];
        for name in out.iter().chain(&["", "assets", "assets/", "\0", "index.html.br"]) {
            assert!(file(name, &HeaderMap::new(), &Files::get).is_none(), "{name:?}");
        }
    }

    fn embedded(text: &'static [u8]) -> EmbeddedFile {
        let mut hash = [0; 32];
        hash[0] = text.len() as u8;
        let metadata = rust_embed::Metadata::__rust_embed_new(hash, None, None);
        EmbeddedFile { data: Cow::Borrowed(text), metadata }
    }

    #[test]
    fn files_come_in_the_form_that_is_taken() {
        let find = |name: &str| match name {
            "assets/a-1.js" => Some(embedded(b"plain")),
            "assets/a-1.js.br" => Some(embedded(b"br")),
            "assets/a-1.js.gz" => Some(embedded(b"gzi")),
            "logo.svg" => Some(embedded(b"<svg/>")),
            _ => None,
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let ask = |name: &str, headers: &HeaderMap| {
            let response = file(name, headers, &find).unwrap();
            let (status, said) = (response.status().as_u16(), response.headers().clone());
            let body = runtime.block_on(axum::body::to_bytes(response.into_body(), 100)).unwrap();
            (status, said, String::from_utf8(body.to_vec()).unwrap())
        };
        let script = |accept: &str| ask("assets/a-1.js", &asked(header::ACCEPT_ENCODING, accept));
        for (accept, expected, encoding) in [
            ("gzip, deflate, br", "br", Some("br")),
            ("gzip, br;q=0", "gzi", Some("gzip")),
            ("identity", "plain", None),
        ] {
            let (status, said, body) = script(accept);
            let encoded = said.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!((status, body.as_str(), encoded), (200, expected, encoding), "{accept}");
            assert!(said[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
            assert_eq!(said[header::VARY], "accept-encoding");
            assert_eq!(said[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        }
        let (_, said, _) = ask("logo.svg", &HeaderMap::new());
        assert_eq!(said[header::CACHE_CONTROL], "no-cache");
        assert!(said[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("sandbox"));
        let tag = said[header::ETAG].to_str().unwrap().to_owned();
        let known = asked(header::IF_NONE_MATCH, &format!("\"x\", W/{tag}"));
        let (status, _, body) = ask("logo.svg", &known);
        assert_eq!((status, body.as_str()), (304, ""));
    }

    #[test]
    fn the_page_has_nothing_inline_but_what_bears_the_nonce() {
        let index = embedded(b"<meta name=\"csp-nonce\" content=\"__CAUCE_NONCE__\">");
        let policy = |response: &Response| {
            response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
        };
        let (one, two) = (shell(&index), shell(&index));
        assert_ne!(policy(&one), policy(&two), "each answer has its own");
        assert!(!policy(&one).contains("unsafe"));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let body = runtime.block_on(axum::body::to_bytes(one.into_body(), 1_000)).unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let nonce = text.split('"').nth(3).unwrap();
        assert!(nonce.len() == 24 && !text.contains(NONCE), "{text}");
    }
}
