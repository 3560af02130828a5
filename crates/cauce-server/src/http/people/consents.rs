//! What a person said about being written to, with the evidence, now or at an instant of the past.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::super::shapes;
use super::super::v1::profiles::{Located, alias, locate};
use crate::app::App;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_core::consent::{in_force, statements};
use cauce_core::ids::{EventId, ProfileId};
use cauce_core::policy::allows;
use cauce_core::profile::{Consent, ConsentFact};
use cauce_core::publish::About;
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// When it is asked about.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct At {
    /// What was in force then (RFC 3339); now if absent.
    #[param(value_type = Option<String>)]
    at: Option<Timestamp>,
}

/// A statement of a person, as evidence.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ConsentEvidence)]
pub struct Evidence {
    /// When it was said.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The event that said so: `evt_…`.
    #[schema(value_type = String)]
    event: EventId,
    /// What was said, with its source, wording and origin.
    #[schema(value_type = shapes::Statement)]
    statement: ConsentFact,
    /// Whether it was imported from elsewhere.
    imported: bool,
    /// When Cauce accepted it.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// The profile that it first belonged to: another one where two became one.
    #[schema(value_type = String)]
    profile: ProfileId,
}

/// Whether data may be put to a use.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ConsentUse)]
pub struct Use {
    /// The topic that stands for the use.
    purpose: String,
    /// Its title.
    title: String,
    /// Whether it is allowed.
    allowed: bool,
    /// Why not, in words; null where it is allowed.
    #[schema(required = true)]
    why: Option<String>,
}

/// What a person said about being written to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Consents)]
pub struct Shown {
    /// The profile: `pro_…`.
    profile: String,
    /// The instant that `in_force` is of.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What followed from them for each use of data, by what is published today.
    uses: Vec<Use>,
    /// The consents that were in force then.
    #[schema(value_type = Vec<shapes::Consent>)]
    in_force: Vec<Consent>,
    /// Every statement, the oldest first, also those made later.
    evidence: Vec<Evidence>,
    /// Topics whose consent is from before there was evidence.
    without_evidence: Vec<String>,
}

/// Every statement of a profile as evidence, oldest first.
pub async fn evidence(app: &App, place: &Located) -> Result<Vec<Evidence>, Problem> {
    let said = all(app, place).await?;
    let shown = said.into_iter().map(|(statement, profile, received_at)| Evidence {
        at: statement.consent.at,
        event: statement.consent.event,
        imported: statement.historical,
        statement: statement.consent.fact,
        received_at,
        profile,
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
    responses((status = 200, body = Shown), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
    Query(asked): Query<At>,
) -> Result<Json<Shown>, Problem> {
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
    let uses = uses.map(|topic| {
        let why = allows(topics, &head, &topic.name).err();
        Use {
            purpose: topic.name.clone(),
            title: topic.title.clone(),
            allowed: why.is_none(),
            why: why.map(|why| why.to_string()),
        }
    });
    Ok(Json(Shown {
        profile: place.head.id().to_string(),
        at,
        uses: uses.collect(),
        in_force: then.values().cloned().collect(),
        evidence: evidence(&app, &place).await?,
        without_evidence: before_evidence,
    }))
}
