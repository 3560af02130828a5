//! The cookie of a session, and what keeps other pages from using it: where a request comes from,
//! and a token that only our own pages can read.

use crate::access::sessions::LASTS;
use crate::access::{hash, is_token};
use crate::app::App;
use crate::http::error::{Code, Problem};
use axum::http::{HeaderMap, HeaderValue, header};

/// The cookie's name where the public address is https: browsers then keep it from subdomains and
/// from unencrypted answers.
const SECURE: &str = "__Host-cauce";
/// Its name elsewhere: on a machine of a developer.
const PLAIN: &str = "cauce";

fn is_secure(app: &App) -> bool {
    app.site.url.starts_with("https://")
}

fn name(app: &App) -> &'static str {
    if is_secure(app) { SECURE } else { PLAIN }
}

/// The token of the session's cookie, if there is one that can be one.
pub fn session(app: &App, headers: &HeaderMap) -> Option<String> {
    read(headers, name(app))
}

/// The token in the cookie of a name. Of several the first that is a token: a page of a neighbour
/// may have set another of the same name.
fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let mut own = pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
    own.find(|value| is_token(value)).map(str::to_owned)
}

/// The header that sets the cookie.
pub fn set(app: &App, token: &str) -> HeaderValue {
    written(app, token, LASTS.0 / 1_000)
}

/// The header that takes the cookie away.
pub fn clear(app: &App) -> HeaderValue {
    written(app, "", 0)
}

fn written(app: &App, token: &str, seconds: i64) -> HeaderValue {
    let secure = if is_secure(app) { "; Secure" } else { "" };
    let name = name(app);
    let text =
        format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&text).expect("a token is Base64")
}

/// What unsafe requests of a session have to show in `x-csrf-token`: it follows from the session's
/// token, and says nothing of it.
pub fn csrf(token: &str) -> String {
    hash(&format!("csrf {token}"))
}

/// Refuses a request that shows no token of its session, or a wrong one.
pub fn check_csrf(token: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let shown = headers.get("x-csrf-token").map_or(&b""[..], HeaderValue::as_bytes);
    let same = subtle::ConstantTimeEq::ct_eq(shown, csrf(token).as_bytes());
    if bool::from(same) {
        return Ok(());
    }
    let detail = match shown.is_empty() {
        true => "the request has no `x-csrf-token`",
        false => "the `x-csrf-token` is not the session's",
    };
    Err(Problem::new(Code::Forbidden, detail)
        .hint("send `csrf` of `GET /v1/session` in that header; with a key none is needed"))
}

/// Refuses a request that the page of another origin made the browser send.
pub fn check_origin(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if is_own(text("sec-fetch-site"), text("origin"), text("host"), &app.site.url) {
        return Ok(());
    }
    Err(Problem::new(Code::Forbidden, "the request comes from a page of another origin")
        .hint("open the console under the address that `public-url` of the configuration names"))
}

/// Whether a request comes from a page of ours, or from no page. A page at the address of the
/// request itself is ours too: another site cannot have a cookie of this one.
fn is_own(site: Option<&str>, origin: Option<&str>, host: Option<&str>, url: &str) -> bool {
    // Programs send neither; browsers send one at least with what changes something.
    let site_is_own = site.is_none_or(|site| site == "same-origin" || site == "none");
    let origin_is_own = origin.is_none_or(|origin| {
        let at = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        origin == url || at.is_some_and(|at| host == Some(at))
    });
    site_is_own && origin_is_own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::token;
    use proptest::prelude::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let (ours, other) = (token(), token());
        let check = |lines: &[&str], expected: Option<&str>| {
            assert_eq!(read(&headers(lines), "cauce").as_deref(), expected, "{lines:?}");
        };
        check(&[&format!("cauce={ours}")], Some(&ours));
        check(&[&format!("a=b; cauce={ours}; c")], Some(&ours));
        check(&["x=1", &format!("cauce={ours}")], Some(&ours));
        check(&[&format!("cauce=short; cauce={ours}; cauce={other}")], Some(&ours));
        check(&[&format!("xcauce={ours}")], None);
        check(&[&format!("__Host-cauce={ours}")], None);
        check(&["cauce=", "cauce", "", ";;=;"], None);
    }

    #[test]
    fn only_our_own_pages_may() {
        let url = "https://cauce.example";
        let check = |site: Option<&str>, origin: Option<&str>, host: Option<&str>, own: bool| {
            assert_eq!(is_own(site, origin, host, url), own, "{site:?} {origin:?} {host:?}");
        };
        check(None, None, None, true);
        check(Some("same-origin"), Some(url), Some("internal:7070"), true);
        check(Some("same-origin"), Some("http://127.0.0.1:7070"), Some("127.0.0.1:7070"), true);
        check(Some("none"), None, Some("cauce.example"), true);
        check(Some("cross-site"), None, None, false);
        check(Some("same-site"), Some(url), None, false);
        check(Some("?"), Some(url), None, false);
        check(None, Some("https://evil.example"), Some("cauce.example"), false);
        check(None, Some("null"), Some("null"), false);
        check(None, Some("https://cauce.example.evil.example"), Some("cauce.example"), false);
        check(None, Some(""), Some(""), false);
    }

    #[test]
    fn the_token_of_another_session_is_wrong() {
        let (one, two) = (token(), token());
        let mut headers = HeaderMap::new();
        assert!(check_csrf(&one, &headers).is_err());
        headers.insert("x-csrf-token", csrf(&two).parse().unwrap());
        assert!(check_csrf(&one, &headers).is_err());
        assert!(check_csrf(&two, &headers).is_ok());
        headers.insert("x-csrf-token", two.parse().unwrap());
        assert!(check_csrf(&two, &headers).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_cookie_or_none(line in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&line) {
                headers.append(header::COOKIE, value);
            }
            if let Some(token) = read(&headers, "cauce") {
                prop_assert!(is_token(&token));
            }
        }

        #[test]
        fn any_text_is_an_origin_or_none(
            site in ".{0,20}",
            origin in ".{0,40}",
            host in ".{0,40}",
        ) {
            let own = is_own(Some(&site), Some(&origin), Some(&host), "https://cauce.example");
            prop_assert!(!own || site == "same-origin" || site == "none");
        }
    }
}
