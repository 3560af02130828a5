//! The guard before every route: who asks, whether they may, and what the audit keeps of it.

pub mod audit;
pub mod cookies;
pub mod members;
pub mod secrets;
pub mod session;
pub mod table;

use super::Shared;
use super::auth::{Caller, identify};
use super::error::Problem;
use crate::access::audit::{Line, Outcome, Row};
use crate::access::{Kind, hash};
use crate::app::App;
use aws_lc_rs::hmac;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use table::{Kept, Need, Rule};

/// Asks the table what the route needs, and lets through who has it.
pub async fn guard(State(app): Shared, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let rule = path.and_then(|path| table::find(request.method().as_str(), path));
    // Pages are not in the table, nor what is no route at all.
    let Some(rule) = rule else { return next.run(request).await };
    if matches!(rule.need, Need::Public | Need::Shared) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let caller = match identify(&app, &parts).and_then(|caller| {
        caller.check(rule.need)?;
        Ok(caller)
    }) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let asked = row(&app, rule, &caller, &parts.uri);
    parts.extensions.insert(caller.clone());
    let request = Request::from_parts(parts, body);
    match asked {
        None => next.run(request).await,
        Some(row) => audited(&app, row, caller, request, next).await,
    }
}

/// The row that a request leaves, if it leaves one.
fn row(app: &App, rule: &Rule, caller: &Caller, uri: &axum::http::Uri) -> Option<Row> {
    let what = match rule.kept {
        Kept::Nothing | Kept::Facts | Kept::ByItself => return None,
        Kept::Row(what) => what,
        Kept::OfMembers(what) if caller.who.kind == Kind::Member => what,
        Kept::OfMembers(_) => return None,
        Kept::Import => {
            let is_past = rule.path == "/v1/import"
                || uri.query().is_some_and(|query| is_historical(query.as_bytes()));
            if !is_past || !IMPORTS.begins(caller, app.node.now().0) {
                return None;
            }
            "import.begin"
        }
    };
    let of = named(app, rule.path, uri.path());
    let row = Row::done(app.node.now(), caller.who.clone(), what, &of, "");
    Some(Row { outcome: Outcome::Begun, ..row })
}

/// Whether the parameters of an address say that events are of the past, as the route reads them.
fn is_historical(query: &[u8]) -> bool {
    super::links::fields(query)
        .iter()
        .any(|(name, value)| (name.as_str(), value.as_str()) == ("historical", "true"))
}

/// Writes down what is asked for, does it, and writes down what became of it: to the end, also if
/// whoever asked hangs up.
async fn audited(
    app: &Arc<App>,
    row: Row,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    let worker = app.clone();
    let whole = app.whole(async move {
        let row = worker.note(Line::Row(row)).await?;
        let response = next.run(request).await;
        let status = response.status();
        let outcome = match () {
            () if status.is_success() => Outcome::Done,
            () if status.is_client_error() => Outcome::Refused,
            () => Outcome::Failed,
        };
        let ended = Line::Ended { row, outcome, note: caller.said() };
        if let Err(error) = worker.note(ended).await {
            // It stays as begun: that is true, and what was asked for is answered as it ended.
            tracing::error!(%error, "the end of a change could not be written into the audit");
        }
        Ok(response)
    });
    whole.await.unwrap_or_else(|refusal| Problem::from(refusal).into_response())
}

/// What the address of a request names, for the audit: people as a hash.
fn named(app: &App, template: &str, path: &str) -> String {
    let values = values(template, path);
    let get = |name: &str| values.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    match (get("namespace"), get("value")) {
        (Some(namespace), Some(value)) => person(app, namespace, value),
        _ => {
            let values: Vec<_> = values.into_iter().map(|(_, value)| value).collect();
            values.join(" ")
        }
    }
}

/// The parameters of a path, decoded.
fn values(template: &str, path: &str) -> Vec<(String, String)> {
    let pairs = template.split('/').zip(path.split('/'));
    let named = pairs.filter_map(|(name, value)| {
        let name = name.strip_prefix('{')?.strip_suffix('}')?;
        Some((name.to_owned(), decode(value)))
    });
    named.collect()
}

/// Text of an address, without its percent signs.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let decoded = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match decoded.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A person as the audit names them: by a hash that only this installation can make, so that a row
/// outlives an erasure and says nothing of who it was about, and rows about one name can be found
/// by who knows the name.
pub fn person(app: &App, namespace: &str, value: &str) -> String {
    let known = app.catalog().namespaces.canonical(namespace, value);
    let name = match known {
        Ok(alias) => format!("{}:{}", alias.namespace, alias.value),
        Err(_) => format!("{namespace}:{value}"),
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, &app.site.tokens.derive("audit"));
    let tag = hmac::sign(&key, name.as_bytes());
    let hex: String = tag.as_ref().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("person {hex}")
}

/// Which keys import something just now.
struct Imports(Mutex<BTreeMap<String, i64>>);

static IMPORTS: Imports = Imports(Mutex::new(BTreeMap::new()));

/// After so many milliseconds without a batch the next one begins another import.
const IMPORT_PAUSE_MS: i64 = 3_600_000;
/// Limit: keys whose imports are remembered; beyond it a row more is written than needed.
const IMPORTS_MAX: usize = 1_000;

impl Imports {
    fn begins(&self, caller: &Caller, now: i64) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= IMPORTS_MAX {
            known.clear();
        }
        let name = hash(&format!("{:?} {} {}", caller.who.kind, caller.who.name, caller.prefix));
        let before = known.insert(name, now);
        before.is_none_or(|before| now - before >= IMPORT_PAUSE_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_names_its_thing() {
        let check = |template: &str, path: &str, expected: &str| {
            let said: Vec<_> = values(template, path).into_iter().map(|(_, value)| value).collect();
            assert_eq!(said.join(" "), expected);
        };
        check("/v1/keys/{prefix}", "/v1/keys/cw_12", "cw_12");
        check("/v1/campaigns/runs/{id}/{to}", "/v1/campaigns/runs/7/pause", "7 pause");
        check("/v1/members/{email}", "/v1/members/ana%40example.com", "ana@example.com");
        check("/v1/members/{email}", "/v1/members/%zz%4", "%zz%4");
        check("/v1/keys", "/v1/keys", "");
    }

    #[test]
    fn an_import_is_one_however_it_is_written() {
        for query in
            ["historical=true", "a=b&historical=true", "historical=%74rue", "h%69storical=true&a"]
        {
            assert!(is_historical(query.as_bytes()), "{query}");
        }
        for query in ["", "historical=false", "unhistorical=true", "a=historical%3Dtrue"] {
            assert!(!is_historical(query.as_bytes()), "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_text_decodes(text in ".{0,60}") {
            decode(&text);
            prop_assert_eq!(decode(&text.replace('%', "%25")), text);
        }
    }
}
