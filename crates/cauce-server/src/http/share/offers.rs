//! What a placement shows to somebody, for servers and for pages.

use super::super::Shared;
use super::super::auth::Reader;
use super::super::error::{Code, Problem};
use crate::share::Person;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use cauce_core::diagnostic::nearest;
use cauce_core::ids::ProfileId;
use cauce_core::offer::{Choice, Why};
use cauce_core::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// To whom.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Any alias of the profile: `user_id:42`, `email:ana@example.com`.
    alias: String,
}

/// What a placement shows to somebody.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OfferShown)]
pub struct Shown<'s> {
    /// The placement.
    placement: &'s str,
    /// The profile: `pro_…`; null where nobody is known by the alias, or does not allow that
    /// anything is shared.
    #[schema(value_type = Option<String>, required = true)]
    profile: Option<ProfileId>,
    /// The offer; null where it is the fallback.
    #[schema(required = true)]
    offer: Option<&'s str>,
    /// What is shown.
    #[schema(value_type = Object)]
    content: &'s BTreeMap<String, Value>,
    /// Segments that offers ask for are being built and have not come to this person: the choice
    /// may be another one soon. Absent where there is none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    building: bool,
    /// The use that the person does not allow. For servers; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    forbidden: Option<&'s str>,
    /// Of each offer why, in the placement's order. For servers; empty where nothing was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<Reason<'s>>>,
}

/// Why an offer is shown or not.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OfferReason)]
pub struct Reason<'s> {
    /// The offer.
    offer: &'s str,
    /// `chosen`, `not-eligible`, `capped`, `not-yet`, `over` or `outranked`.
    why: &'static str,
    /// The same in words, with the numbers that led there.
    text: String,
}

impl<'s> From<&'s (String, Why)> for Reason<'s> {
    fn from((offer, why): &'s (String, Why)) -> Reason<'s> {
        Reason { offer, why: why.code(), text: why.to_string() }
    }
}

/// Which offer a placement shows to somebody, exact at the instant of asking, and the fallback
/// where none fits, nobody is known, or the person does not allow it. For a key with the scope
/// `lookup`, with the reason of each offer; or for a browser token, which asks for one person and
/// is told the choice alone. Asking counts as nothing: whoever shows an offer reports the event
/// `offer_shown`.
#[utoipa::path(get, path = "/v1/offers/{placement}", tag = "sharing",
    params(("placement" = String, Path), Asked),
    responses((status = 200, body = Shown), (status = 304), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 429, body = Problem)))]
pub async fn show(
    reader: Reader,
    State(app): Shared,
    Path(placement): Path<String>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|why| {
        Problem::new(Code::Malformed, why.body_text())
            .hint("ask `/v1/offers/home?alias=user_id:42`")
    })?;
    let alias = super::alias(&app, &asked.alias)?;
    super::may_read(&reader, &alias)?;
    let shown = app.shown();
    let sight = super::sight(&reader, &shown);
    if !sight.placements.contains(&placement) {
        return Err(unknown(&placement, &sight.placements));
    }
    let wanted = BTreeSet::from([placement.clone()]);
    let person = super::person(&app, &shown, alias, wanted).await?;
    let choice = shown.offered(&placement, person.as_ref());
    let choice = choice.ok_or_else(|| unknown(&placement, &sight.placements))?;
    let told = told(&reader, &placement, person.as_ref(), &choice);
    Ok(super::tagged(&headers, serde_json::to_string(&told).expect("plain data")))
}

fn told<'s>(
    reader: &Reader,
    placement: &'s str,
    person: Option<&Person>,
    choice: &'s Choice,
) -> Shown<'s> {
    let is_server = match reader {
        Reader::Server => true,
        Reader::Browser(_) => false,
    };
    Shown {
        placement,
        profile: person.map(|person| person.head.id()),
        offer: choice.offer.as_deref(),
        content: &choice.content,
        building: choice.building,
        forbidden: choice.forbidden.as_deref().filter(|_| is_server),
        reasons: is_server.then(|| choice.whys.iter().map(Reason::from).collect()),
    }
}

fn unknown(name: &str, known: &BTreeSet<String>) -> Problem {
    let detail = format!("there is no placement `{name}` that is shared with you");
    let problem = Problem::new(Code::NotFound, detail);
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem
            .hint("name it under `placements` or `browser-placements` of the definition `sharing`"),
    }
}
