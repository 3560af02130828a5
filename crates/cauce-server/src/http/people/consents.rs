//! What a person said about being written to, with the evidence, now or at an instant of the past.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::super::v1::profiles::{Located, alias, locate};
use crate::app::App;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::consent::{InForce, in_force, statements};
use cauce_core::ids::ProfileId;
use cauce_core::policy::allows;
use cauce_core::profile::Consent;
use cauce_core::publish::About;
use cauce_core::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// When it is asked about.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct At {
    /// What was in force then (RFC 3339); now if absent.
    #[param(value_type = Option<String>)]
    at: Option<Timestamp>,
}

fn shown(consents: &InForce) -> Vec<&Consent> {
    consents.values().collect()
}

/// Every statement of a profile as evidence, oldest first.
pub async fn evidence(app: &App, place: &Located) -> Result<Vec<Value>, Problem> {
    let said = all(app, place).await?;
    let shown = said.into_iter().map(|(statement, profile, received_at)| {
        json!({ "at": statement.consent.at, "event": statement.consent.event,
                "statement": statement.consent.fact, "imported": statement.historical,
                "received_at": received_at, "profile": profile })
    });
    Ok(shown.collect())
}

async fn all(
    app: &App,
    place: &Located,
) -> Result<Vec<(cauce_core::consent::Statement, ProfileId, Timestamp)>, Problem> {
    let number = place.number;
    let said = app.ask(place.partition, move |p| statements(p.rows(), number)).await;
    said.ok_or_else(|| Problem::new(Code::Unavailable, "the server is stopping"))
}

/// The consents in force, now or at an instant of the past, and all statements with their source,
/// wording and origin.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/consents", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path), At),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
    Query(asked): Query<At>,
) -> Result<Json<Value>, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let at = asked.at.unwrap_or_else(|| app.node.now());
    let said = all(&app, &place).await?;
    let until = said.iter().map(|(statement, ..)| statement).filter(|s| s.consent.at <= at);
    let mut then = in_force(until);
    // From before there was evidence: known as it is in force, and from when.
    let mut before_evidence = Vec::new();
    for (about, consent) in place.head.consents.iter() {
        let known = said.iter().any(|(statement, ..)| statement.about() == *about);
        if !known && consent.at <= at {
            before_evidence.push(about.0.clone());
            then.insert(about.clone(), consent.clone());
        }
    }
    // What follows from it for each use, by what is published today.
    let mut head = cauce_core::profile::Head::clone(&place.head);
    head.consents = then.clone();
    let topics = &app.catalog().topics;
    let uses = topics.values().filter(|topic| topic.about == About::Use);
    let uses: Vec<_> = uses
        .map(|topic| {
            let why = allows(topics, &head, &topic.name).err();
            json!({ "purpose": topic.name, "title": topic.title, "allowed": why.is_none(),
                    "why": why.map(|why| why.to_string()) })
        })
        .collect();
    Ok(Json(json!({
        "profile": place.head.id(),
        "at": at,
        "uses": uses,
        "in_force": shown(&then),
        "evidence": evidence(&app, &place).await?,
        "without_evidence": before_evidence,
    })))
}
