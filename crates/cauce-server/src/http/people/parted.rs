//! What would be whose if two profiles that became one were two again. Nothing is changed.

use super::super::error::{Code, Problem};
use super::super::v1::profiles::Located;
use super::export::after;
use crate::app::App;
use cauce_core::identity::{Half, Sides, Split, Splitter};
use cauce_core::ids::ProfileId;
use cauce_core::profile::Alias;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde_json::{Value, json};

/// Rows that are read at a time.
const ROWS: usize = 500;

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
    let stopping = || Problem::new(Code::Unavailable, "the server is stopping");
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
pub async fn show(app: &App, place: &Located, without: &str) -> Result<Value, Problem> {
    let parts = parts(app, place).await?;
    let out = meant(app, &parts, without)?;
    let since = parts.since.iter().find(|(id, _)| *id == out).map(|(_, at)| *at);
    let mut splitter = Splitter::new(&place.head, &parts.sides, out, since)
        .map_err(|why| Problem::new(Code::Conflict, format!("{out}: {why}")))?;
    let (mut from, high) = Key::timeline(place.number);
    loop {
        let (low, high) = (from.clone(), high.clone());
        let asked = app.ask(place.partition, move |p| p.rows().range(&low, &high, ROWS));
        let stopping = || Problem::new(Code::Unavailable, "the server is stopping");
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
    let unclear: Vec<_> = unclear.iter().map(ToString::to_string).collect();
    Ok(json!({ "without": without, "profile": out, "since": since, "away": half(away),
               "stays": half(stays), "unclear": unclear }))
}

fn half(half: &Half) -> Value {
    let aliases: Vec<_> = half.aliases.iter().map(ToString::to_string).collect();
    let consents: Vec<_> = half.consents.values().collect();
    json!({ "of": half.of, "created": half.created, "aliases": aliases,
            "attributes": half.attributes, "consents": consents, "events": half.events })
}
