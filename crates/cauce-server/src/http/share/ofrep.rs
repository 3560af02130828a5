//! OpenFeature's remote evaluation protocol (OFREP): segments, experiments and placements as flags,
//! for every OpenFeature SDK. A segment is the boolean flag `segment.<name>`, an experiment the
//! text flag of its name, a placement the object flag `placement.<name>`.

use super::super::Shared;
use super::super::auth::Reader;
use super::super::error::Problem;
use crate::share::{Drawn, Experiment, Person, Shown, Sight, is_in};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cauce_core::diagnostic::nearest;
use cauce_core::identity::Namespaces;
use cauce_core::profile::{Alias, SegmentNumber};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// What the flag of a segment begins with.
const SEGMENT: &str = "segment.";
/// What the flag of a placement begins with.
const PLACEMENT: &str = "placement.";
/// The variant of a placement that shows none of its offers.
const FALLBACK: &str = "fallback";
/// The protocol's word for a value that may be out of date: the segment is being built, and has not
/// come to this person.
const STALE: &str = "STALE";

/// One flag as it was evaluated.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OfrepFlag)]
pub struct Evaluated<'e> {
    /// The flag.
    key: String,
    /// `TARGETING_MATCH`, `SPLIT`, `DEFAULT`, `DISABLED`, or `STALE`: the segment is being built
    /// and has not come to this person.
    reason: &'static str,
    /// The arm; of a segment `in` or `out`; of a placement the offer, or `fallback`.
    variant: Cow<'e, str>,
    /// The arm; of a segment whether the person is in it; of a placement what is shown.
    #[schema(value_type = serde_json::Value)]
    value: Value,
    /// Whether the person is `known`; `since` and `until` when a membership holds at least;
    /// `building` where the reason is `STALE`.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
}

/// Every flag as it was evaluated.
#[derive(utoipa::ToSchema)]
#[schema(as = OfrepFlags)]
#[allow(dead_code)] // for who reads the API's description
pub struct Flags {
    /// The flags.
    flags: Vec<Evaluated<'static>>,
}

/// Whom an evaluation is about.
#[derive(utoipa::ToSchema)]
#[schema(as = OfrepContext, rename_all = "camelCase")]
#[allow(dead_code)] // for who reads the API's description
pub struct Context {
    /// Who it is: `user_id:42`; without a namespace a `user_id`. Whatever else a context says is
    /// left alone.
    targeting_key: String,
}

/// What is asked of an evaluation.
#[derive(utoipa::ToSchema)]
#[schema(as = OfrepAsked)]
#[allow(dead_code)] // for who reads the API's description
pub struct Asked {
    /// Whom it is about.
    context: Context,
}

/// A no as the protocol writes it.
#[derive(utoipa::ToSchema)]
#[schema(as = OfrepNo, rename_all = "camelCase")]
#[allow(dead_code)] // for who reads the API's description
pub struct Refused {
    /// The flag, where one was asked for.
    key: Option<String>,
    /// `PARSE_ERROR`, `TARGETING_KEY_MISSING`, `INVALID_CONTEXT` or `FLAG_NOT_FOUND`.
    error_code: String,
    /// What is wrong, in words.
    error_details: String,
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

fn segment(
    shown: &Shown,
    name: &str,
    number: SegmentNumber,
    person: Option<&Person>,
) -> Evaluated<'static> {
    let state = person.and_then(|person| is_in(&person.head, number));
    let mut metadata = Map::new();
    if let (Some(state), Some(person)) = (state, person) {
        metadata.insert("since".to_owned(), state.since.to_string().into());
        let segment = shown.catalog.segment(name);
        if let Some(until) = segment.and_then(|one| shown.catalog.until(&person.head, one)) {
            metadata.insert("until".to_owned(), until.to_string().into());
        }
    }
    metadata.insert("known".to_owned(), person.is_some().into());
    let building = is_building(Some(number), person, &mut metadata);
    Evaluated {
        key: format!("{SEGMENT}{name}"),
        reason: match state {
            _ if building => STALE,
            Some(_) => "TARGETING_MATCH",
            None => "DEFAULT",
        },
        variant: if state.is_some() { "in" } else { "out" }.into(),
        value: state.is_some().into(),
        metadata,
    }
}

/// Whether it is not known yet if somebody is in a segment; said in the metadata as well.
fn is_building(
    segment: Option<SegmentNumber>,
    person: Option<&Person>,
    metadata: &mut Map<String, Value>,
) -> bool {
    let asked = segment.zip(person);
    let building = asked.is_some_and(|(number, person)| person.building.contains(&number));
    if building {
        metadata.insert("building".to_owned(), true.into());
    }
    building
}

fn experiment<'e>(name: &str, found: &'e Experiment, person: Option<&Person>) -> Evaluated<'e> {
    let (arm, drawn) = found.arm(name, person.map(|person| &*person.head));
    let mut metadata = Map::from_iter([("known".to_owned(), person.is_some().into())]);
    let building = is_building(found.segment, person, &mut metadata);
    Evaluated {
        key: name.to_owned(),
        reason: match drawn {
            Drawn::Split | Drawn::Outside if building => STALE,
            Drawn::Split => "SPLIT",
            Drawn::Outside => "DEFAULT",
            Drawn::Inactive => "DISABLED",
        },
        variant: arm.into(),
        value: arm.into(),
        metadata,
    }
}

fn placement(shown: &Shown, name: &str, person: Option<&Person>) -> Option<Evaluated<'static>> {
    let choice = shown.offered(name, person)?;
    let mut metadata = Map::from_iter([("known".to_owned(), person.is_some().into())]);
    if choice.building {
        metadata.insert("building".to_owned(), true.into());
    }
    Some(Evaluated {
        key: format!("{PLACEMENT}{name}"),
        reason: match choice.offer {
            _ if choice.building => STALE,
            Some(_) => "TARGETING_MATCH",
            None => "DEFAULT",
        },
        variant: choice.offer.map_or(FALLBACK.into(), Cow::Owned),
        value: serde_json::to_value(&choice.content).unwrap_or_default(),
        metadata,
    })
}

fn flag<'e>(
    key: &str,
    shown: &'e Shown,
    sight: &Sight,
    person: Option<&Person>,
) -> Option<Evaluated<'e>> {
    if let Some(name) = key.strip_prefix(PLACEMENT) {
        return placement(shown, sight.placements.get(name)?, person);
    }
    match key.strip_prefix(SEGMENT) {
        Some(name) => Some(segment(shown, name, *sight.segments.get(name)?, person)),
        None => Some(experiment(key, shown.experiments.get(key)?, person)),
    }
}

fn all<'e>(shown: &'e Shown, sight: &Sight, person: Option<&Person>) -> Vec<Evaluated<'e>> {
    let experiments = shown.experiments.iter();
    let experiments = experiments.map(|(name, found)| experiment(name, found, person));
    let segments = sight.segments.iter();
    let segments = segments.map(|(name, number)| segment(shown, name, *number, person));
    let placements = sight.placements.iter();
    let placements = placements.filter_map(|name| placement(shown, name, person));
    experiments.chain(segments).chain(placements).collect()
}

fn unknown(key: &str, shown: &Shown, sight: &Sight) -> No {
    let known: Vec<String> = shown
        .experiments
        .keys()
        .cloned()
        .chain(sight.segments.keys().map(|name| format!("{SEGMENT}{name}")))
        .chain(sight.placements.iter().map(|name| format!("{PLACEMENT}{name}")))
        .collect();
    let near = nearest(key, known.iter().map(String::as_str));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    No::new("FLAG_NOT_FOUND", format!("there is no flag `{key}`{near}"))
}

/// Evaluates one flag.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags/{key}", tag = "sharing",
    params(("key" = String, Path)), request_body = Asked,
    responses((status = 200, body = Evaluated), (status = 400, body = Refused),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Refused), (status = 429, body = Problem)))]
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
    let asked = key.strip_prefix(PLACEMENT).and_then(|name| sight.placements.get(name)).cloned();
    let person = super::person(&app, &shown, alias, asked.into_iter().collect()).await?;
    Ok(match flag(&key, &shown, &sight, person.as_ref()) {
        Some(evaluated) => Json(evaluated).into_response(),
        None => unknown(&key, &shown, &sight).answer(StatusCode::NOT_FOUND, Some(&key)),
    })
}

/// Evaluates every flag that the reader may see.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags", tag = "sharing", request_body = Asked,
    responses((status = 200, body = Flags), (status = 304), (status = 400, body = Refused),
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
    let person = super::person(&app, &shown, alias, sight.placements.clone()).await?;
    let flags = all(&shown, &sight, person.as_ref());
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

    /// A flag of a segment that has not come to somebody says so, and so does an experiment whose
    /// audience it is.
    #[test]
    fn a_segment_that_is_being_built_is_stale() {
        use crate::share::Person;
        use cauce_core::profile::{Rank, SegmentState};
        use cauce_core::publish::{Body, Book, Kind, Plan};
        let change = |kind, name: &str, document: Value| {
            let body = Body::read(kind, document).unwrap();
            ((kind, name.to_owned()), serde_json::to_string(&body).ok())
        };
        let arms = json!({ "arms": { "a": 1, "b": 1 }, "segment": "vip", "outside": "a" });
        let changes = vec![
            change(Kind::Segment, "gold", json!({ "rule": "count(ordered, last 7d) >= 1" })),
            change(Kind::Segment, "vip", json!({ "rule": "in segment \"gold\"" })),
            change(Kind::Experiment, "price", arms),
        ];
        let mut book = Book::default();
        let at = cauce_core::time::Timestamp(0);
        book.publish(&Plan { number: 1, at, by: String::new(), changes });
        let shown = Shown::new(&book, std::sync::Arc::new(book.catalog()));
        let (gold, vip) = (shown.numbers["gold"], shown.numbers["vip"]);
        let rank = Rank { priority: 0, id: cauce_core::ids::ProfileId(1) };
        let mut head = cauce_core::profile::Head::new(rank, at);
        let until = Some(cauce_core::time::Timestamp(86_400_000));
        head.segments.insert(gold, SegmentState { inside: true, since: at, until });
        head.segments.insert(vip, SegmentState { inside: true, since: at, until: None });
        let person = |building: &[SegmentNumber]| Person {
            head: std::sync::Arc::new(head.clone()),
            building: building.iter().copied().collect(),
            offers: std::collections::BTreeMap::new(),
        };
        let check = |key: &str, building: &[SegmentNumber], expected: (&str, bool)| {
            let person = person(building);
            let found = flag(key, &shown, &shown.server, Some(&person)).unwrap();
            let said = found.metadata.contains_key("building");
            assert_eq!((found.reason, said), expected, "{key}");
            found
        };
        let built = check("segment.vip", &[], ("TARGETING_MATCH", false));
        // What it names ends tomorrow.
        assert_eq!(built.metadata["until"], "1970-01-02T00:00:00Z");
        check("segment.vip", &[vip], ("STALE", true));
        check("segment.gold", &[vip], ("TARGETING_MATCH", false));
        check("price", &[], ("SPLIT", false));
        check("price", &[vip], ("STALE", true));
    }
}
