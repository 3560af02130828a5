//! Look-up: what is shared of one profile, by any of its aliases.

use super::super::Shared;
use super::super::auth::Reader;
use super::super::error::{Code, Problem};
use crate::share::{self, Person, Shown, Sight};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use cauce_core::ids::ProfileId;
use cauce_core::profile::{Head, SegmentNumber};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Whom, and how much of it.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Any alias of the profile: `user_id:42`, `email:ana@example.com`.
    alias: String,
    /// Attributes that are wanted, separated by commas; all that are shared if absent.
    attributes: Option<String>,
}

/// Since when somebody is in a segment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SharedMembership)]
pub struct Membership {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// The earliest instant at which time alone could end it; null where it cannot.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    until: Option<Timestamp>,
}

/// What is shared of a profile.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SharedProfile)]
pub struct Found<'f> {
    /// The profile: `pro_…`; null in a stream about somebody who is not known yet.
    #[schema(value_type = Option<String>, required = true)]
    profile: Option<ProfileId>,
    /// The shared segments that the person is in, by name.
    #[schema(value_type = BTreeMap<String, Membership>)]
    segments: BTreeMap<&'f str, Membership>,
    /// Segments that are being built and have not come to this person: what `segments` says of
    /// them was true of their last rule. Absent where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    building: Vec<&'f str>,
    /// Shared attributes by name; those that the person does not have are absent.
    #[schema(value_type = Object)]
    attributes: BTreeMap<&'f str, &'f Value>,
    /// The person's arm in each experiment, by the experiment's name.
    #[schema(value_type = BTreeMap<String, String>)]
    experiments: BTreeMap<&'f str, &'f str>,
}

/// What is shared of a profile: its segments (since when, until when at least), chosen attributes,
/// its arms in experiments. Exact at the instant of asking: what time alone has changed is
/// evaluated first. `building` names segments that are being built and have not come to this person
/// yet; it is absent where there is none. For a key with the scope `lookup`, or a browser token,
/// which reads one person.
#[utoipa::path(get, path = "/v1/lookup", tag = "sharing", params(Asked),
    responses((status = 200, body = Found), (status = 304), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 429, body = Problem)))]
pub async fn show(
    reader: Reader,
    State(app): Shared,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|why| {
        Problem::new(Code::Malformed, why.body_text())
            .hint("ask `/v1/lookup?alias=user_id:42`, perhaps with `&attributes=plan,city`")
    })?;
    let alias = super::alias(&app, &asked.alias)?;
    super::may_read(&reader, &alias)?;
    let shown = app.shown();
    let sight = super::sight(&reader, &shown);
    let wanted: Option<Vec<&str>> =
        asked.attributes.as_ref().map(|names| names.split(',').map(str::trim).collect());
    let unshared = wanted.iter().flatten().find(|name| !sight.attributes.contains(**name));
    if let Some(name) = unshared {
        let detail = format!("attributes: `{name}` is not shared with you");
        return Err(Problem::new(Code::Forbidden, detail).hint(
            "name it under `attributes` or `browser-attributes` of the definition `sharing`",
        ));
    }
    let found = super::person(&app, &shown, alias, BTreeSet::new()).await?;
    let person = found.ok_or_else(|| {
        Problem::new(Code::NotFound, format!("nobody is known as {}", asked.alias))
    })?;
    Ok(super::tagged(&headers, told(&shown, &sight, Some(&person), wanted.as_deref())))
}

/// What is told of somebody. Of nobody: the same with nothing in it, and the arms of those outside.
pub(super) fn told(
    shown: &Shown,
    sight: &Sight,
    person: Option<&Person>,
    wanted: Option<&[&str]>,
) -> String {
    let head = person.map(|person| &*person.head);
    let segments = sight.segments.iter().filter_map(|(name, number)| {
        let state = share::is_in(head?, *number)?;
        let until = shown.catalog.segment(name).and_then(|one| shown.catalog.until(head?, one));
        Some((name.as_str(), Membership { since: state.since, until }))
    });
    let is_building =
        |number: &SegmentNumber| person.is_some_and(|person| person.building.contains(number));
    let unknown = sight.segments.iter().filter(|(_, number)| is_building(number));
    let names = sight.attributes.iter().map(String::as_str);
    let names = names.filter(|name| wanted.is_none_or(|wanted| wanted.contains(name)));
    let found = Found {
        profile: head.map(Head::id),
        segments: segments.collect(),
        building: unknown.map(|(name, _)| name.as_str()).collect(),
        attributes: names.filter_map(|name| Some((name, head?.attribute(name)?))).collect(),
        experiments: shown
            .experiments
            .iter()
            .map(|(name, experiment)| (name.as_str(), experiment.arm(name, head).0))
            .collect(),
    };
    serde_json::to_string(&found).expect("what is shared is plain data")
}
