//! One profile: what is known, why it is in a segment, why it got a campaign or not.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem, stopping};
use super::super::people::devices;
use super::super::shapes::{self, Stored, Walk};
use super::messages::shape::Shown;
use crate::app::App;
use crate::watch::complaints;
use axum::Json;
use axum::extract::{Path, State};
use cauce_core::decide::{Plans, home};
use cauce_core::decision::Permit;
use cauce_core::ids::{Number, Partition, ProfileId};
use cauce_core::message::Class;
use cauce_core::policy::Suppression;
use cauce_core::profile::{Alias, Attribute, Consent, Head, Status};
use cauce_core::query;
use cauce_core::segment::Explanation;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a profile lives.
pub struct Located {
    /// In which partition.
    pub partition: Partition,
    /// Under which number.
    pub number: Number,
    /// What it is.
    pub head: Arc<Head>,
}

/// An alias, or a problem that says what is wrong with it.
pub fn alias(app: &App, namespace: &str, value: &str) -> Result<Alias, Problem> {
    let namespaces = &app.catalog().namespaces;
    namespaces
        .canonical(namespace, value)
        .map_err(|why| Problem::new(Code::Malformed, format!("`{value}`: {why}")))
}

/// Finds the profile that holds an alias, through redirects.
pub async fn locate(app: &App, alias: &Alias) -> Result<Located, Problem> {
    Ok(trail(app, alias).await?.0)
}

/// The same, with the profiles that sent on to another on the way.
pub async fn trail(app: &App, alias: &Alias) -> Result<(Located, Vec<ProfileId>), Problem> {
    let mut redirects = Vec::new();
    let missing = || Problem::new(Code::NotFound, format!("nobody is known as {alias}"));
    let key = Key::Alias(alias.clone());
    let at = home(alias, app.node.partitions());
    let row = app.ask(at, move |p| match p.rows().get(&key) {
        Some(Row::Alias(row)) => row.holder,
        _ => None,
    });
    let known = row.await.flatten().map(|holder| (holder.rank.id, holder.partition));
    let (mut id, mut partition) =
        known.or_else(|| by_id(alias, app.node.partitions())).ok_or_else(missing)?;
    for _ in 0..cauce_core::limits::HOPS_MAX {
        let found = app.ask(partition, move |p| {
            let Some(Row::Number(number)) = p.rows().get(&Key::Profile(id)) else { return None };
            match p.rows().get(&Key::Head(number)) {
                Some(Row::Head(head)) => Some((number, head)),
                _ => None,
            }
        });
        let (number, head) = found.await.flatten().ok_or_else(missing)?;
        match head.status {
            Status::Live => {
                return Ok((Located { partition, number, head }, redirects));
            }
            Status::Redirect(next) => {
                redirects.push(id);
                (id, partition) = (next.rank.id, next.partition);
            }
            Status::Erased(_) => return Err(missing()),
        }
    }
    Err(missing())
}

/// Finds who has such a name in any namespace that is known; of several the strongest decides.
pub async fn called(app: &App, name: &str) -> Result<Located, Problem> {
    let catalog = app.catalog();
    let namespaces = &catalog.namespaces;
    let meant = namespaces.list().filter_map(|(of, _)| namespaces.canonical(of, name).ok());
    let mut meant: Vec<Alias> = meant.collect();
    namespaces.sort(&mut meant);
    for alias in &meant {
        if let Ok(found) = locate(app, alias).await {
            return Ok(found);
        }
    }
    let problem = Problem::new(Code::NotFound, format!("nobody is known as `{name}`"));
    Err(problem.hint("say whose name it is where its kind is not declared: `namespace:value`"))
}

/// The name that every profile has without anybody giving it one: `id:pro_…`, as messages and
/// answers say it. An alias of a namespace that somebody called `id` goes before it.
fn by_id(alias: &Alias, partitions: Partition) -> Option<(ProfileId, Partition)> {
    let id: ProfileId = (alias.namespace == "id").then(|| alias.value.parse().ok())??;
    (id.birthplace() < partitions).then(|| (id, id.birthplace()))
}

/// That somebody is in a segment.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentMembership)]
pub struct Membership {
    /// The segment.
    pub name: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

/// An address of a person that must not be written to.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SuppressedAlias)]
pub struct Suppressed {
    /// The alias: `email:ana@example.com`.
    pub address: String,
    /// Why.
    #[schema(value_type = shapes::Suppression)]
    pub why: Suppression,
}

/// The attributes of a person by name. Not: the core's own map, which is written as an empty list
/// where there are none.
pub fn attributes(head: &Head) -> BTreeMap<String, Attribute> {
    let all = head.attributes.iter();
    all.map(|(name, known)| (name.clone(), known.clone())).collect()
}

/// The addresses of a person that must not be written to.
pub fn suppressed(head: &Head) -> Vec<Suppressed> {
    let all = head.suppressions.iter();
    let shown =
        all.map(|(address, why)| Suppressed { address: address.to_string(), why: why.clone() });
    shown.collect()
}

/// A profile.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Profile)]
pub struct Known {
    /// Its id: `pro_…`.
    id: String,
    /// When it was first known.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// Its names: `namespace:value`.
    aliases: Vec<String>,
    /// Attributes by name, each with the event that said it.
    #[schema(value_type = BTreeMap<String, shapes::Attribute>)]
    attributes: BTreeMap<String, Attribute>,
    /// Computed attributes by name, as they are now.
    #[schema(value_type = Object)]
    computed: BTreeMap<String, cauce_core::value::Value>,
    /// The consents in force.
    #[schema(value_type = Vec<shapes::Consent>)]
    consents: Vec<Consent>,
    /// Its addresses that must not be written to.
    suppressions: Vec<Suppressed>,
    /// Its devices.
    devices: Vec<devices::Shown>,
    /// The segments that it is in.
    segments: Vec<Membership>,
    /// Its walks along journeys that go on: at most 200.
    runs: Vec<Walk>,
    /// Questions about who it is that are open.
    identity_pending: usize,
    /// Its events, the newest first: of each name at most those among the first 1,000 stored.
    timeline: Vec<Stored>,
}

/// Why a profile is, or is not, in a segment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WhySegment {
    /// The profile: `pro_…`.
    profile: String,
    /// The segment.
    segment: String,
    /// Whether it is in it now.
    inside: bool,
    /// The rule, part by part.
    #[schema(value_type = shapes::Explanation)]
    why: Explanation,
}

/// A segment that a campaign's audience names, as it stands for one person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AudienceSegment {
    /// The segment.
    segment: String,
    /// `in` or `not in`.
    wanted: &'static str,
    /// Whether the person is in it now; what counted is when the audience was frozen.
    inside_now: bool,
    /// The rule, part by part.
    #[schema(value_type = shapes::Explanation)]
    why: Explanation,
}

/// What a campaign's run made of a person.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct CampaignVerdict {
    /// Whether a message was made.
    planned: bool,
    /// The message, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Shown>,
    /// Why none was, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// Why a profile did, or did not, get a campaign.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WhyCampaign {
    /// The profile: `pro_…`.
    profile: String,
    /// The campaign.
    campaign: String,
    /// The run's number.
    run: u64,
    /// What the run made of the person.
    verdict: CampaignVerdict,
    /// Every segment that the audience names.
    segments: Vec<AudienceSegment>,
    /// Whether a message might leave today, and why not, in words.
    policy_now: String,
}

/// Everything that is known about a profile.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path)),
    responses((status = 200, body = Known), (status = 404, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
) -> Result<Json<Known>, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let (number, now) = (place.number, app.node.now());
    let catalog = app.catalogs.plan(app.control().book.plan);
    let rest = app.ask(place.partition, move |p| {
        let segments = query::segments(p.rows(), &catalog, number, now);
        let computed = query::computed(p.rows(), &catalog, number, now);
        let (low, high) = Key::timeline(number);
        let timeline = p.rows().range(&low, &high, 1_000);
        let (low, high) = Key::runs(number);
        (segments, computed, timeline, p.rows().range(&low, &high, 200))
    });
    let (segments, computed, timeline, runs) = rest.await.ok_or_else(stopping)?;
    let known = devices::of(&app, &place).await;
    let head = &place.head;
    let mut timeline: Vec<_> =
        timeline.iter().filter_map(|(key, row)| shapes::stored(key, row)).collect();
    timeline.sort_by_key(|event| std::cmp::Reverse(event.occurred_at));
    Ok(Json(Known {
        id: head.id().to_string(),
        created: head.created,
        aliases: head.aliases.iter().map(ToString::to_string).collect(),
        attributes: attributes(head),
        computed,
        consents: head.consents.values().cloned().collect(),
        suppressions: suppressed(head),
        devices: devices::all(&known, devices::Tokens::Short),
        segments: memberships(segments),
        runs: walks(runs),
        identity_pending: head.pending.len(),
        timeline,
    }))
}

/// Segments and since when somebody is in them, as they are shown.
pub fn memberships(segments: Vec<(String, Timestamp)>) -> Vec<Membership> {
    segments.into_iter().map(|(name, since)| Membership { name, since }).collect()
}

/// The walks among rows, as they are shown.
pub fn walks(rows: Vec<(Key, Row)>) -> Vec<Walk> {
    let walks = rows.into_iter().filter_map(|(_, row)| match row {
        Row::Run(run) => Some(Walk::from(&*run)),
        _ => None,
    });
    walks.collect()
}

/// Why a profile is, or is not, in a segment: the value of every leaf.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/segments/{segment}", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path), ("segment" = String, Path)),
    responses((status = 200, body = WhySegment), (status = 404, body = Problem)))]
pub async fn segment(
    _: Full,
    State(app): Shared,
    Path((namespace, value, name)): Path<(String, String, String)>,
) -> Result<Json<WhySegment>, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let (inside, why) = explain(&app, &place, &name).await?;
    let profile = place.head.id().to_string();
    Ok(Json(WhySegment { profile, segment: name, inside, why }))
}

async fn explain(app: &App, place: &Located, name: &str) -> Result<(bool, Explanation), Problem> {
    let catalog = app.catalogs.plan(app.control().book.plan);
    if catalog.segment(name).is_none() {
        let near =
            cauce_core::diagnostic::nearest(name, catalog.segment_index.keys().map(String::as_str));
        let problem = Problem::new(Code::NotFound, format!("there is no segment `{name}`"));
        return Err(match near {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem,
        });
    }
    let (number, now, name) = (place.number, app.node.now(), name.to_owned());
    let explained =
        app.ask(place.partition, move |p| query::explain(p.rows(), &catalog, number, &name, now));
    explained.await.flatten().ok_or_else(stopping)
}

/// Why a profile did, or did not, get a campaign.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/campaigns/{run}", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path), ("run" = u64, Path)),
    responses((status = 200, body = WhyCampaign), (status = 404, body = Problem)))]
pub async fn campaign(
    _: Full,
    State(app): Shared,
    Path((namespace, value, run)): Path<(String, String, u64)>,
) -> Result<Json<WhyCampaign>, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let execution = app.control().executions.get(&run).cloned();
    let execution = execution
        .ok_or_else(|| Problem::new(Code::NotFound, format!("there is no campaign run {run}")))?;
    let definition = crate::loops::campaigns::definition(&app, &execution)
        .ok_or_else(|| Problem::new(Code::NotFound, "the campaign's definition is gone"))?;
    let (id, number) = (place.head.id(), place.number);
    let rows = app.ask(place.partition, move |p| {
        let message = match p.rows().get(&Key::CampaignMember(run, id)) {
            Some(Row::CampaignMember(message)) => p.rows().get(&Key::Message(message)),
            _ => None,
        };
        let part = match p.rows().get(&Key::Campaign(run)) {
            Some(Row::Campaign(part)) => {
                Some((part.frozen_at, part.bitmap().contains(number), part.cursor > number))
            }
            _ => None,
        };
        (message, part)
    });
    let (message, part) = rows.await.ok_or_else(stopping)?;
    let mut segments = Vec::new();
    for (name, wanted) in definition
        .audience
        .iter()
        .map(|name| (name, "in"))
        .chain(definition.exclude.iter().map(|name| (name, "not in")))
    {
        let (inside_now, why) = explain(&app, &place, name).await?;
        segments.push(AudienceSegment { segment: name.clone(), wanted, inside_now, why });
    }
    let none = |why: String| CampaignVerdict { why: Some(why), ..CampaignVerdict::default() };
    let verdict = match (&message, part) {
        (Some(Row::Message(message)), _) => {
            let message = Some(super::messages::shown(message));
            CampaignVerdict { planned: true, message, why: None }
        }
        (_, Some((at, true, false))) => {
            none(format!("in the audience that was frozen at {at}, not planned yet"))
        }
        (_, Some((at, _, _))) => none(format!("not in the audience when it was frozen at {at}")),
        (_, None) => none("the audience is not frozen yet".to_owned()),
    };
    let catalog = app.catalogs.plan(app.control().book.plan);
    let now = app.node.now();
    let known = devices::of(&app, &place).await;
    let person = (&*place.head, &*known);
    let mailboxes = complaints::known(&app, place.partition).await;
    let said = (&*catalog, &mailboxes);
    let today = query::permit(said, person, number, &definition.template, Class::Bulk, now);
    let today = match today {
        Permit::Yes { address } => format!("policy would allow it now, to {address}"),
        Permit::No(reason) | Permit::Later { reason, .. } => format!("policy says: {reason}"),
    };
    let profile = place.head.id().to_string();
    let campaign = execution.campaign;
    Ok(Json(WhyCampaign { profile, campaign, run, verdict, segments, policy_now: today }))
}
