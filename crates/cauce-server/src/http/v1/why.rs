//! Why a profile got a journey's or a template's messages, or did not.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem, stopping};
use super::super::people::devices;
use super::super::shapes::{self, Walk};
use super::messages::shape::Shown;
use super::profiles::{Located, alias, locate};
use crate::app::App;
use crate::watch::complaints;
use axum::Json;
use axum::extract::{Path, State};
use cauce_core::decide::Plans;
use cauce_core::decision::Permit;
use cauce_core::device::Devices;
use cauce_core::diagnostic::nearest;
use cauce_core::message::Class;
use cauce_core::message::ledger::{Message, Source};
use cauce_core::policy::complaints::Known;
use cauce_core::query::{self, Standing};
use cauce_core::segment::Explanation;
use cauce_core::time::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// Messages that an answer shows: the newest.
const SHOWN_MAX: usize = 20;

/// What policy says of a template today.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PolicyNow {
    /// The template.
    template: String,
    /// Whether a message by it might leave, and why not, in words.
    policy: String,
}

/// Why a profile is, or is not, in a journey.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WhyJourney {
    /// The profile: `pro_…`.
    profile: String,
    /// The journey.
    journey: String,
    /// In words.
    verdict: String,
    /// What lets people in, and how that stands, in words.
    entry: String,
    /// The rule that lets people in, part by part; null where an event does without one.
    #[schema(value_type = Option<shapes::Explanation>, required = true)]
    why: Option<Explanation>,
    /// The rule that ends every walk, part by part; null where there is none.
    #[schema(value_type = Option<shapes::Explanation>, required = true)]
    exit: Option<Explanation>,
    /// Walks that go on.
    runs: Vec<Walk>,
    /// The journey's messages to the person: the newest, at most 20.
    messages: Vec<Shown>,
    /// What policy says of each template of the journey today.
    policy_now: Vec<PolicyNow>,
}

/// Why a profile got, or did not get, messages by a template.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WhyTemplate {
    /// The profile: `pro_…`.
    profile: String,
    /// The template.
    template: String,
    /// In words.
    verdict: String,
    /// Messages by it to the person: the newest, at most 20.
    messages: Vec<Shown>,
    /// What policy says of it today.
    policy_now: Vec<PolicyNow>,
}

/// Why a profile is, or is not, in a journey, and what became of its messages.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/journeys/{journey}", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path), ("journey" = String, Path)),
    responses((status = 200, body = WhyJourney), (status = 404, body = Problem)))]
pub async fn journey(
    _: Full,
    State(app): Shared,
    Path((namespace, value, name)): Path<(String, String, String)>,
) -> Result<Json<WhyJourney>, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let catalog = app.catalogs.plan(app.control().book.plan);
    let Some(journey) = catalog.journeys.get(&name).cloned() else {
        return Err(unknown("journey", &name, catalog.journeys.keys()));
    };
    let published = app.control().book.published(cauce_core::publish::Kind::Journey, &name);
    let (number, now) = (place.number, app.node.now());
    let (known, asked) = (catalog.clone(), name.clone());
    let standing =
        app.ask(place.partition, move |p| query::journey(p.rows(), &known, number, &asked, now));
    let standing = standing.await.flatten().ok_or_else(stopping)?;
    let of_journey =
        |m: &Message| matches!(&m.source, Source::Journey { journey, .. } if *journey == name);
    let messages = super::messages::of_profile(&app, &place, SHOWN_MAX, of_journey).await;
    let devices = devices::of(&app, &place).await;
    let mailboxes = complaints::known(&app, place.partition).await;
    let person = (&place, &*devices, &mailboxes);
    let policy_now = journey.templates().map(|template| PolicyNow {
        template: template.to_owned(),
        policy: allowed(&app, person, template, Class::Triggered),
    });
    let policy_now = policy_now.collect();
    Ok(Json(WhyJourney {
        profile: place.head.id().to_string(),
        verdict: verdict(&standing, &journey.ids, published),
        journey: name,
        runs: standing.runs.iter().map(|run| Walk::from(&**run)).collect(),
        entry: standing.entry,
        why: standing.rule,
        exit: standing.exit,
        messages: shown(&messages),
        policy_now,
    }))
}

/// Why a profile got, or did not get, messages by a template.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/templates/{template}",
    tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path), ("template" = String, Path)),
    responses((status = 200, body = WhyTemplate), (status = 404, body = Problem)))]
pub async fn template(
    _: Full,
    State(app): Shared,
    Path((namespace, value, name)): Path<(String, String, String)>,
) -> Result<Json<WhyTemplate>, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let catalog = app.catalogs.plan(app.control().book.plan);
    let Some(template) = catalog.templates.get(&name) else {
        return Err(unknown("template", &name, catalog.templates.keys()));
    };
    let class = if template.topic.is_some() { Class::Triggered } else { Class::Transactional };
    let by_template = |m: &Message| m.template.0 == name;
    let messages = super::messages::of_profile(&app, &place, SHOWN_MAX, by_template).await;
    let by = senders(&catalog, &app, &name);
    let verdict = match (messages.first(), by.as_str()) {
        (Some(newest), _) => format!("the newest message by it was made at {}", newest.created),
        (None, "") => "no message by it was made: no journey and no campaign uses it".to_owned(),
        (None, by) => format!("no message by it was made; it is used by {by}: ask about that"),
    };
    let devices = devices::of(&app, &place).await;
    let mailboxes = complaints::known(&app, place.partition).await;
    let policy = allowed(&app, (&place, &devices, &mailboxes), &name, class);
    Ok(Json(WhyTemplate {
        profile: place.head.id().to_string(),
        template: name.clone(),
        verdict,
        messages: shown(&messages),
        policy_now: vec![PolicyNow { template: name, policy }],
    }))
}

fn unknown<'n>(kind: &str, name: &str, known: impl Iterator<Item = &'n String>) -> Problem {
    let problem = Problem::new(Code::NotFound, format!("there is no {kind} `{name}`"));
    match nearest(name, known.map(String::as_str)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    }
}

fn shown(messages: &[Arc<Message>]) -> Vec<Shown> {
    messages.iter().map(|message| super::messages::shown(message)).collect()
}

/// What uses a template, in words.
fn senders(catalog: &cauce_core::catalog::Catalog, app: &App, template: &str) -> String {
    let journeys = catalog.journeys.values();
    let journeys = journeys.filter(|journey| journey.templates().any(|used| used == template));
    let journeys = journeys.map(|journey| format!("journey `{}`", journey.name));
    let control = app.control();
    let campaigns = control.book.list(cauce_core::publish::Kind::Campaign);
    let campaigns = campaigns.filter_map(|(name, revision)| match &revision.body {
        cauce_core::publish::Body::Campaign(campaign) if campaign.template == template => {
            Some(format!("campaign `{name}`"))
        }
        _ => None,
    });
    journeys.chain(campaigns).collect::<Vec<_>>().join(", ")
}

/// What policy would say now.
fn allowed(
    app: &App,
    (place, devices, mailboxes): (&Located, &Devices, &Known),
    template: &str,
    class: Class,
) -> String {
    let person = (&*place.head, devices);
    let catalog = app.catalogs.plan(app.control().book.plan);
    let said = (&*catalog, mailboxes);
    let permit = query::permit(said, person, place.number, template, class, app.node.now());
    match permit {
        Permit::Yes { address } => format!("policy would allow it now, to {address}"),
        Permit::No(reason) | Permit::Later { reason, .. } => format!("policy says: {reason}"),
    }
}

fn verdict(standing: &Standing, steps: &[String], published: Option<Timestamp>) -> String {
    if let Some(run) = standing.runs.first() {
        let step = steps.get(usize::from(run.node)).map_or("its end", String::as_str);
        return format!(
            "in it since {}, at `{step}`, which waits until {}",
            run.started,
            run.waiting.until()
        );
    }
    let again = match &standing.policy {
        Some(why) => format!("it may not enter now: {why}"),
        None => "it may enter".to_owned(),
    };
    if let Some(memory) = &standing.memory {
        let left = memory.left.map(|at| format!(", left {at}")).unwrap_or_default();
        let times = if memory.count == 1 { "once" } else { "more than once" };
        return format!(
            "was in it {times} ({} in all): last entered {}{left}; {again}",
            memory.count, memory.entered
        );
    }
    let early = match (standing.received_at, published) {
        (Some(received), Some(published)) if received < published => {
            format!("; that was before this revision was published ({published})")
        }
        (Some(_), _) if standing.rule.as_ref().is_none_or(|why| why.inside) => {
            "; imported history starts no walk".to_owned()
        }
        _ => String::new(),
    };
    format!("was never in it: {}{early}; {again}", standing.entry)
}
