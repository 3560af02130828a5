//! OpenFeature's remote evaluation protocol (OFREP): segments and experiments as flags, for every
//! OpenFeature SDK. A segment is the boolean flag `segment.<name>`, an experiment the text flag of
//! its name.

use super::super::Shared;
use super::super::auth::Reader;
use super::super::error::Problem;
use crate::share::{Drawn, Experiment, Shown, Sight, is_in};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cauce_core::diagnostic::nearest;
use cauce_core::identity::Namespaces;
use cauce_core::profile::{Alias, Head, SegmentNumber};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What the flag of a segment begins with.
const SEGMENT: &str = "segment.";

/// One flag as it was evaluated.
#[derive(Debug, Serialize)]
struct Evaluated<'e> {
    key: String,
    reason: &'static str,
    variant: &'e str,
    value: Value,
    metadata: Map<String, Value>,
}

/// A no as the protocol writes it.
#[derive(Debug, PartialEq, Eq)]
struct No {
    code: &'static str,
    details: String,
}

impl No {
    fn new(code: &'static str, details: impl Into<String>) -> No {
        No { code, details: details.into() }
    }

    fn answer(self, status: StatusCode, key: Option<&str>) -> Response {
        let mut said = json!({ "errorCode": self.code, "errorDetails": self.details });
        if let Some(key) = key {
            said["key"] = key.into();
        }
        (status, Json(said)).into_response()
    }
}

/// Whom the evaluation is about.
fn whom(namespaces: &Namespaces, body: &[u8]) -> Result<Alias, No> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|why| No::new("PARSE_ERROR", format!("the body is not JSON: {why}")))?;
    let invalid = |details: &str| No::new("INVALID_CONTEXT", details);
    let Some(body) = body.as_object() else {
        return Err(No::new("PARSE_ERROR", "the body is no object"));
    };
    let context = match body.get("context") {
        None | Some(Value::Null) => {
            return Err(No::new("TARGETING_KEY_MISSING", "the request has no `context`"));
        }
        Some(context) => context.as_object().ok_or_else(|| invalid("`context` is no object"))?,
    };
    let missing = || {
        let details = "`context.targetingKey` says who it is about, such as `user_id:42`";
        No::new("TARGETING_KEY_MISSING", details)
    };
    let key = match context.get("targetingKey") {
        None | Some(Value::Null) => return Err(missing()),
        Some(key) => key.as_str().ok_or_else(|| invalid("`context.targetingKey` is no text"))?,
    };
    if key.is_empty() {
        return Err(missing());
    }
    let is_namespace = |text: &str| {
        let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        !text.is_empty() && text.bytes().all(fine)
    };
    let (namespace, value) = match key.split_once(':') {
        Some((namespace, value)) if is_namespace(namespace) => (namespace, value),
        _ => ("user_id", key),
    };
    namespaces.canonical(namespace, value).map_err(|why| {
        No::new("INVALID_CONTEXT", format!("`context.targetingKey`: `{key}`: {why}"))
    })
}

fn segment(name: &str, number: SegmentNumber, head: Option<&Head>) -> Evaluated<'static> {
    let state = head.and_then(|head| is_in(head, number));
    let mut metadata = Map::new();
    if let Some(state) = state {
        metadata.insert("since".to_owned(), state.since.to_string().into());
        if let Some(until) = state.until {
            metadata.insert("until".to_owned(), until.to_string().into());
        }
    }
    metadata.insert("known".to_owned(), head.is_some().into());
    Evaluated {
        key: format!("{SEGMENT}{name}"),
        reason: if state.is_some() { "TARGETING_MATCH" } else { "DEFAULT" },
        variant: if state.is_some() { "in" } else { "out" },
        value: state.is_some().into(),
        metadata,
    }
}

fn experiment<'e>(name: &str, found: &'e Experiment, head: Option<&Head>) -> Evaluated<'e> {
    let (arm, drawn) = found.arm(name, head);
    Evaluated {
        key: name.to_owned(),
        reason: match drawn {
            Drawn::Split => "SPLIT",
            Drawn::Outside => "DEFAULT",
            Drawn::Inactive => "DISABLED",
        },
        variant: arm,
        value: arm.into(),
        metadata: Map::from_iter([("known".to_owned(), head.is_some().into())]),
    }
}

fn flag<'e>(
    key: &str,
    shown: &'e Shown,
    sight: &Sight,
    head: Option<&Head>,
) -> Option<Evaluated<'e>> {
    match key.strip_prefix(SEGMENT) {
        Some(name) => Some(segment(name, *sight.segments.get(name)?, head)),
        None => Some(experiment(key, shown.experiments.get(key)?, head)),
    }
}

fn all<'e>(shown: &'e Shown, sight: &Sight, head: Option<&Head>) -> Vec<Evaluated<'e>> {
    let experiments = shown.experiments.iter();
    let experiments = experiments.map(|(name, found)| experiment(name, found, head));
    let segments = sight.segments.iter();
    experiments.chain(segments.map(|(name, number)| segment(name, *number, head))).collect()
}

fn unknown(key: &str, shown: &Shown, sight: &Sight) -> No {
    let known: Vec<String> = shown
        .experiments
        .keys()
        .cloned()
        .chain(sight.segments.keys().map(|name| format!("{SEGMENT}{name}")))
        .collect();
    let near = nearest(key, known.iter().map(String::as_str));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    No::new("FLAG_NOT_FOUND", format!("there is no flag `{key}`{near}"))
}

/// Evaluates one flag.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags/{key}", tag = "sharing",
    params(("key" = String, Path)), request_body = Object,
    responses((status = 200, body = Object), (status = 400, body = Object),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Object), (status = 429, body = Problem)))]
pub async fn one(
    reader: Reader,
    State(app): Shared,
    Path(key): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let alias = match whom(&app.catalog().namespaces, &body) {
        Ok(alias) => alias,
        Err(no) => return Ok(no.answer(StatusCode::BAD_REQUEST, Some(&key))),
    };
    super::may_read(&reader, &alias)?;
    let shown = app.shown();
    let sight = super::sight(&reader, &shown);
    let head = super::person(&app, &shown, alias).await?;
    Ok(match flag(&key, &shown, &sight, head.as_deref()) {
        Some(evaluated) => Json(evaluated).into_response(),
        None => unknown(&key, &shown, &sight).answer(StatusCode::NOT_FOUND, Some(&key)),
    })
}

/// Evaluates every flag that the reader may see.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags", tag = "sharing", request_body = Object,
    responses((status = 200, body = Object), (status = 304), (status = 400, body = Object),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 429, body = Problem)))]
pub async fn many(
    reader: Reader,
    State(app): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let alias = match whom(&app.catalog().namespaces, &body) {
        Ok(alias) => alias,
        Err(no) => return Ok(no.answer(StatusCode::BAD_REQUEST, None)),
    };
    super::may_read(&reader, &alias)?;
    let shown = app.shown();
    let sight = super::sight(&reader, &shown);
    let head = super::person(&app, &shown, alias).await?;
    let flags = all(&shown, &sight, head.as_deref());
    Ok(super::tagged(&headers, json!({ "flags": flags }).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_says_who_it_is_about() {
        let check = |body: &str, expected: Result<&str, &str>| {
            let found =
                whom(&Namespaces::default(), body.as_bytes()).map(|alias| alias.to_string());
            let found = found.map_err(|no| no.code);
            assert_eq!(found.as_deref().map_err(|code| *code), expected, "{body}");
        };
        let of = |key: &str| format!("{{\"context\":{{\"targetingKey\":{key}}}}}");
        check(&of("\"42\""), Ok("user_id:42"));
        check(&of("\"user_id:42\""), Ok("user_id:42"));
        check(&of("\"email:Ana@Example.com\""), Ok("email:ana@example.com"));
        check(&of("\"https://a/b\""), Ok("https://a/b"));
        check(&of("\"Ab:1\""), Ok("user_id:Ab:1"));
        check(&of("\"email:nobody\""), Err("INVALID_CONTEXT"));
        check(&of("\"\""), Err("TARGETING_KEY_MISSING"));
        check(&of("null"), Err("TARGETING_KEY_MISSING"));
        check(&of("7"), Err("INVALID_CONTEXT"));
        check("{\"context\":[]}", Err("INVALID_CONTEXT"));
        check("{\"context\":{}}", Err("TARGETING_KEY_MISSING"));
        check("{}", Err("TARGETING_KEY_MISSING"));
        check("[]", Err("PARSE_ERROR"));
        check("{", Err("PARSE_ERROR"));
        check("", Err("PARSE_ERROR"));
    }
}
