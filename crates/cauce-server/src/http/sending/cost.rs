//! What text messages cost before they leave: by whom one would be carried, and what a campaign
//! comes to. Nothing is sent, and nothing is kept.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem, stopping};
use super::sample::{SLICE, audience, crowded, picked};
use crate::app::App;
use crate::render::Strict;
use axum::Json;
use axum::extract::{Path, State};
use cauce_core::catalog::Catalog;
use cauce_core::decide::Plans;
use cauce_core::decimal::Decimal;
use cauce_core::decision::Permit;
use cauce_core::device::Devices;
use cauce_core::event::Properties;
use cauce_core::ids::{Number, Partition};
use cauce_core::message::{Channel, Class};
use cauce_core::offer::OFFERS;
use cauce_core::policy::{complaints, permit};
use cauce_core::publish::{Body, Kind, Template as Source};
use cauce_core::sms::sender::TextSender;
use cauce_core::sms::{self, Sum};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::value::Value;
use cauce_core::{campaign, query};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Limit: people that are looked at; of a larger audience it is a sample.
const SAMPLE: u64 = 1_000;

/// Who writes a text message.
pub(crate) fn writer(app: &App, source: &Source) -> Option<(String, TextSender)> {
    let book = app.book();
    let mut senders = book.text_senders();
    let found = senders.find(|(name, _)| source.sender.as_ref().is_none_or(|own| own == name));
    found.map(|(name, sender)| (name.to_owned(), sender.clone()))
}

/// By whom a text message to a number leaves, and what a part costs there.
pub(crate) fn fares(app: &App, source: &Source, class: Class, to: &str) -> Vec<sms::Fare> {
    let (catalog, book) = (app.catalog(), app.book());
    let sender = writer(app, source).map(|(name, _)| name);
    let topic = source.topic.as_deref();
    let route = catalog.route(Channel::Sms, class, topic, sender.as_deref());
    let route = route.unwrap_or_else(|| catalog.alone(Channel::Sms, ""));
    sms::fares(&route, &book.prices(), to)
}

/// An amount of money.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Money {
    /// The currency (ISO 4217).
    currency: String,
    /// How much.
    #[schema(value_type = f64)]
    total: Decimal,
}

/// Some of the audience who would get nothing.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Unsent {
    /// Why, as a refusal is counted; `unrenderable` where the text cannot be made.
    reason: String,
    /// About how many.
    people: u64,
}

/// What a campaign would cost if it started now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CampaignCost)]
pub struct Estimate {
    /// The campaign.
    campaign: String,
    /// Its template.
    template: String,
    /// People in its audience.
    audience: u64,
    /// People who were looked at.
    looked_at: u64,
    /// Whether those are all; otherwise the numbers below are scaled up.
    exact: bool,
    /// Messages that would leave.
    messages: u64,
    /// Parts of them, each of which is paid.
    parts: u64,
    /// What they cost, parts times price, by currency.
    totals: Vec<Money>,
    /// Messages of them without a known price.
    unpriced: u64,
    /// Who would get nothing, and why.
    unsent: Vec<Unsent>,
}

/// What a campaign of text messages would cost if it started now: each text filled for a person,
/// cut into parts, priced by the number that it goes to. Of more than a thousand people, a sample.
#[utoipa::path(get, path = "/v1/campaigns/{name}/cost", tag = "campaigns",
    params(("name" = String, Path)),
    responses((status = 200, body = Estimate), (status = 404, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn campaign(
    _: Full,
    State(app): Shared,
    Path(name): Path<String>,
) -> Result<Json<Estimate>, Problem> {
    let (definition, source) = found(&app, &name)?;
    let _room = app.who.estimates.try_acquire().map_err(|_| crowded())?;
    let catalog = app.catalogs.plan(app.control().book.plan);
    let audience = audience(&app, &catalog, &definition).await?;
    let all: u64 = audience.iter().map(|(_, members)| members.len()).sum();
    let mut people = Vec::new();
    for (partition, members) in audience {
        let mut picked = picked(&members, all, SAMPLE).into_iter().peekable();
        while picked.peek().is_some() {
            let slice: Vec<Number> = picked.by_ref().take(SLICE).collect();
            let wanted = (definition.template.clone(), source.clone());
            let known = look(&app, partition, (&catalog, slice), wanted).await;
            people.extend(known.ok_or_else(stopping)?);
        }
    }
    let looked_at = people.len() as u64;
    // Filling may take as long as the fuel of a template lasts: not on a thread that serves others.
    let (work, text) = (app.clone(), source.clone());
    let summed = tokio::task::spawn_blocking(move || sum(&work, &text, people));
    let (sum, unsent) = summed.await.map_err(|_| stopping())?;
    let whole = |part: u64| (part * all + looked_at / 2).checked_div(looked_at).unwrap_or_default();
    let scaled = sum.scaled(whole(sum.messages));
    Ok(Json(Estimate {
        campaign: name,
        template: definition.template,
        audience: all,
        looked_at,
        exact: looked_at == all,
        messages: scaled.messages,
        parts: scaled.parts,
        unpriced: scaled.unpriced,
        totals: (scaled.totals.into_iter())
            .map(|(currency, total)| Money { currency, total })
            .collect(),
        unsent: unsent
            .into_iter()
            .map(|(reason, people)| Unsent { reason, people: whole(people) })
            .collect(),
    }))
}

/// A campaign in force and its template.
fn found(app: &App, name: &str) -> Result<(campaign::Definition, Source), Problem> {
    let book = app.book();
    let Some(Body::Campaign(definition)) =
        book.get(Kind::Campaign, name).map(|revision| &revision.body)
    else {
        return Err(Problem::new(Code::NotFound, format!("there is no campaign `{name}`")));
    };
    let template = book.get(Kind::Template, &definition.template).map(|known| &known.body);
    match template {
        Some(Body::Template(source)) if source.channel == Channel::Sms => {
            Ok((definition.clone(), source.clone()))
        }
        _ => Err(Problem::new(Code::Invalid, format!("`{name}` sends no text messages"))
            .hint("other channels have no price for each message")),
    }
}

/// What is known of one person: their number and values, or why they get nothing.
type Known = Result<(String, Properties), &'static str>;

/// Looks at some people of one partition. None if the partition is gone.
async fn look(
    app: &App,
    partition: Partition,
    (catalog, slice): (&Arc<Catalog>, Vec<Number>),
    (template, source): (String, Source),
) -> Option<Vec<Known>> {
    let (catalog, now) = (catalog.clone(), app.node.now());
    // Complaints are of mailboxes.
    let mailboxes = complaints::Known::default();
    let asked = app.ask(partition, move |p| {
        let (attributes, computed) = (source.attributes(), source.computed());
        let placements = source.offers();
        let none = Devices::new();
        let one = |number: Number| -> Option<Known> {
            let Some(Row::Head(head)) = p.rows().get(&Key::Head(number)) else { return None };
            let said = query::permit(
                (&catalog, &mailboxes),
                (&head, &none),
                number,
                &template,
                Class::Bulk,
                now,
            );
            let address = match said {
                Permit::Yes { address } => address,
                // It leaves later, at the same price.
                Permit::Later { .. } => {
                    let kind = (Channel::Sms, Class::Bulk);
                    match permit::address(&catalog.namespaces, (&head, &none), kind) {
                        Ok(address) => address,
                        Err(reason) => return Some(Err(reason.code())),
                    }
                }
                Permit::No(reason) => return Some(Err(reason.code())),
            };
            let names = (&attributes, &computed);
            let profile = query::values(p.rows(), &catalog, number, names, now);
            let chosen = query::offers(p.rows(), &catalog, number, &placements, now);
            let chosen = chosen.into_iter().map(|(name, choice)| (name, choice.into()));
            let values = [
                ("profile".to_owned(), Value::Object(profile)),
                (OFFERS.to_owned(), Value::Object(chosen.collect())),
            ];
            Some(Ok((address, Properties::from(values))))
        };
        slice.into_iter().filter_map(one).collect()
    });
    asked.await
}

/// Fills the text for each, and adds up.
fn sum(app: &App, source: &Source, people: Vec<Known>) -> (Sum, BTreeMap<String, u64>) {
    let (rendering, now) = (app.rendering(), app.node.now());
    let parts_max = writer(app, source).map_or(usize::MAX, |(_, own)| usize::from(own.max_parts));
    let (mut sum, mut unsent) = (Sum::default(), BTreeMap::<String, u64>::new());
    let mut by_number: BTreeMap<String, Vec<sms::Fare>> = BTreeMap::new();
    for person in people {
        let (to, known) = match person {
            Ok(known) => known,
            Err(code) => {
                *unsent.entry(code.to_owned()).or_default() += 1;
                continue;
            }
        };
        let filled = rendering.preview(&app.site, source, known, (Strict::No, now)).remove("text");
        let text = filled.and_then(Result::ok).map(|text| app.site.shortened(source, &text));
        let parts = text.map_or(0, |text| sms::preview(&text).parts);
        if parts == 0 || parts > parts_max {
            *unsent.entry("unrenderable".to_owned()).or_default() += 1;
            continue;
        }
        let fares =
            by_number.entry(to.clone()).or_insert_with(|| fares(app, source, Class::Bulk, &to));
        sum.add(parts, fares);
    }
    (sum, unsent)
}
