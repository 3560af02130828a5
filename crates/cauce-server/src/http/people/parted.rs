//! What would be whose if two profiles that became one were two again. Nothing is changed.

use super::super::error::{Code, Problem, stopping};
use super::super::shapes;
use super::super::v1::profiles::Located;
use super::export::after;
use crate::app::App;
use cauce_core::identity::{Half, Sides, Split, Splitter};
use cauce_core::ids::ProfileId;
use cauce_core::profile::{Alias, Attribute, Consent};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows that are read at a time.
const ROWS: usize = 500;

/// Two profiles that one would be again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PartedProfile)]
pub struct Parted {
    /// What was asked for.
    without: String,
    /// The profile that would go: `pro_…`.
    #[schema(value_type = String)]
    profile: ProfileId,
    /// When it became a part of this one; null where that is not known.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    since: Option<Timestamp>,
    /// What it would take along.
    away: PartedHalf,
    /// What would stay.
    stays: PartedHalf,
    /// What cannot be told, in words.
    unclear: Vec<String>,
}

/// One of the two.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PartedHalf)]
pub struct PartedHalf {
    /// The profiles that it is made of: `pro_…`.
    #[schema(value_type = Vec<String>)]
    of: Vec<ProfileId>,
    /// When it was first seen.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// Its names.
    aliases: Vec<String>,
    /// Its attributes, each with the event that said it.
    #[schema(value_type = BTreeMap<String, shapes::Attribute>)]
    attributes: BTreeMap<String, Attribute>,
    /// Its consents.
    #[schema(value_type = Vec<shapes::Consent>)]
    consents: Vec<Consent>,
    /// Its events, by name.
    events: BTreeMap<String, u64>,
}

/// What a profile is made of.
struct Parts {
    sides: Sides,
    /// When each became a part of it.
    since: Vec<(ProfileId, Timestamp)>,
}

async fn parts(app: &App, place: &Located) -> Result<Parts, Problem> {
    let number = place.number;
    let asked = app.ask(place.partition, move |p| {
        let (low, high) = Key::sides(number);
        let sides = p.rows().range(&low, &high, 1_000);
        let (low, high) = Key::merges(number);
        (sides, p.rows().range(&low, &high, 1_000))
    });
    let (sides, merges) = asked.await.ok_or_else(stopping)?;
    let sides = sides.into_iter().filter_map(|(key, row)| match (key, row) {
        (Key::Side(_, id), Row::Side(side)) => Some((id, side)),
        _ => None,
    });
    let since = merges.into_iter().filter_map(|(key, row)| match (key, row) {
        (Key::Merge(_, id), Row::Merge(merged)) => Some((id, merged.at)),
        _ => None,
    });
    Ok(Parts { sides: sides.collect(), since: since.collect() })
}

/// The profile that is meant: by its id, or by the side that a name leads to.
fn meant(app: &App, parts: &Parts, without: &str) -> Result<ProfileId, Problem> {
    let malformed =
        || Problem::new(Code::Malformed, "`without` is `namespace:value`, or `id:pro_…`");
    let (namespace, value) = without.split_once(':').ok_or_else(malformed)?;
    if let ("id", Ok(id)) = (namespace, value.parse::<ProfileId>()) {
        return Ok(id);
    }
    let named: Alias = super::super::v1::profiles::alias(app, namespace, value)?;
    let leads = |side: &&ProfileId| parts.sides[*side].aliases.contains(&named);
    parts.sides.keys().find(leads).copied().ok_or_else(|| {
        let text = format!("{named} led to none of the profiles that became this one");
        Problem::new(Code::NotFound, text).hint("`merges` lists them; say one as `id:pro_…`")
    })
}

/// Both halves, and what cannot be told.
pub async fn show(app: &App, place: &Located, without: &str) -> Result<Parted, Problem> {
    let parts = parts(app, place).await?;
    let out = meant(app, &parts, without)?;
    let since = parts.since.iter().find(|(id, _)| *id == out).map(|(_, at)| *at);
    let mut splitter = Splitter::new(&place.head, &parts.sides, out, since)
        .map_err(|why| Problem::new(Code::Conflict, format!("{out}: {why}")))?;
    let (mut from, high) = Key::timeline(place.number);
    loop {
        let (low, high) = (from.clone(), high.clone());
        let asked = app.ask(place.partition, move |p| p.rows().range(&low, &high, ROWS));
        let rows = asked.await.ok_or_else(stopping)?;
        for (key, row) in &rows {
            splitter.take(key, row);
        }
        match rows.last().filter(|_| rows.len() == ROWS).and_then(|(key, _)| after(key)) {
            Some(next) => from = next,
            None => break,
        }
    }
    let catalog = app.catalog();
    let attributes = catalog.schemas.attributes();
    let split = splitter.done(&place.head, attributes.map(|schema| &**schema));
    let Split { away, stays, unclear } = &split;
    Ok(Parted {
        without: without.to_owned(),
        profile: out,
        since,
        away: shown(away),
        stays: shown(stays),
        unclear: unclear.iter().map(ToString::to_string).collect(),
    })
}

fn shown(half: &Half) -> PartedHalf {
    PartedHalf {
        of: half.of.iter().copied().collect(),
        created: half.created,
        aliases: half.aliases.iter().map(ToString::to_string).collect(),
        attributes: half
            .attributes
            .iter()
            .map(|(name, known)| (name.clone(), known.clone()))
            .collect(),
        consents: half.consents.values().cloned().collect(),
        events: half.events.clone(),
    }
}
