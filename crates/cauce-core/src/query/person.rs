//! Questions that the console asks about one person: whether a rule that nobody published holds,
//! what a template may use, whether a name may be written to.

use super::decider;
use crate::catalog::Catalog;
use crate::decide::Decider;
use crate::erasure::Erased;
use crate::ids::{Number, ProfileId};
use crate::offer::Choice;
use crate::prelude::*;
use crate::profile::Alias;
use crate::segment::{self, COMPUTED, Compiled, live::Known};
use crate::state::{Key, Row, Rows};
use crate::time::Timestamp;
use crate::value::Value;

/// Puts in what is not built for a rule: from the timeline, by the same evaluator.
pub(super) fn complete<R: Rows>(
    decider: &mut Decider<'_, R>,
    number: Number,
    rule: &Compiled,
    known: &mut Known,
    now: Timestamp,
) {
    for aggregate in &rule.aggregates {
        if known.aggregates.contains_key(&aggregate.id) || known.tallies.contains_key(&aggregate.id)
        {
            continue;
        }
        if aggregate.is_running() {
            let rows = decider.timeline(number, &aggregate.event, Timestamp(i64::MIN));
            let state = segment::AggregateState::rebuild(aggregate, now, rows.iter());
            Arc::make_mut(&mut known.aggregates).insert(aggregate.id, Arc::new(state));
        } else if let Some(tally) = decider.tally(number, aggregate, &known.calendar) {
            Arc::make_mut(&mut known.tallies).insert(aggregate.id, Arc::new(tally));
        }
    }
}

/// Whether a rule holds for a profile now, published or not.
pub fn holds<R: Rows>(
    rows: &R,
    catalog: &Arc<Catalog>,
    number: Number,
    rule: &Compiled,
    now: Timestamp,
) -> bool {
    let mut decider = decider(rows, catalog, now);
    if !rule.segments.is_empty() {
        decider.evaluate(number, &crate::apply::Touched::default(), crate::decision::Cause::Time);
    }
    let Some(head) = decider.head(number) else { return false };
    let mut known = decider.known(number, &head, rule);
    complete(&mut decider, number, rule, &mut known, now);
    let segments = segment::live::inside_of(catalog, &head, &rule.segments);
    segment::evaluate(rule, &known.facts(&head, &segments, None, now)).inside
}

/// What a template that uses these attributes and computed attributes knows of a profile: the same
/// values that a grant hands over.
pub fn values<R: Rows>(
    rows: &R,
    catalog: &Arc<Catalog>,
    number: Number,
    (attributes, computed): (&BTreeSet<String>, &BTreeSet<String>),
    now: Timestamp,
) -> BTreeMap<String, Value> {
    let mut decider = decider(rows, catalog, now);
    let Some(head) = decider.head(number) else { return BTreeMap::new() };
    let known = attributes.iter();
    let known = known.filter_map(|name| Some((name.clone(), head.attribute(name)?.clone())));
    let mut values: BTreeMap<String, Value> = known.collect();
    if !computed.is_empty() {
        let computed = decider.computed(number, &head, computed);
        values.insert(COMPUTED.to_owned(), Value::Object(computed));
    }
    values
}

/// What placements show to a profile now; a name that is none of a placement is left out.
pub fn offers<R: Rows>(
    rows: &R,
    catalog: &Arc<Catalog>,
    number: Number,
    placements: &BTreeSet<String>,
    now: Timestamp,
) -> BTreeMap<String, Choice> {
    let mut decider = decider(rows, catalog, now);
    if !placements.is_empty() {
        // Rules may name segments that time has moved.
        decider.evaluate(number, &crate::apply::Touched::default(), crate::decision::Cause::Time);
    }
    let Some(head) = decider.head(number) else { return BTreeMap::new() };
    let under_way = decider.offers_under_way(&head);
    let builds = decider.work.builds();
    let unbuilt = segment::live::unbuilt(catalog, &builds, number);
    let is_building = |name: &str| {
        let offers = catalog.placements.get(name).into_iter().flat_map(|known| &known.offers);
        let rules = offers.filter_map(|offer| catalog.offers.get(offer)?.eligible.as_ref());
        let segments = rules.flat_map(|rule| &rule.segments);
        let mut numbers = segments.filter_map(|name| Some(catalog.segment(name)?.number));
        numbers.any(|number| unbuilt.contains(&number))
    };
    let mut choices = BTreeMap::new();
    for name in placements {
        let Some(choice) = decider.offered(number, name, &under_way) else { continue };
        let building = choice.forbidden.is_none() && is_building(name);
        choices.insert(name.clone(), Choice { building, ..choice });
    }
    choices
}

/// What its home remembers of a name that was erased.
pub fn erased<R: Rows>(rows: &R, alias: &Alias) -> Option<Arc<Erased>> {
    decider(rows, &Arc::default(), Timestamp::default()).erased(alias)
}

/// Whether a profile that lived here was erased, also as a part of another one.
pub fn forgotten<R: Rows>(rows: &R, profile: ProfileId) -> bool {
    rows.get(&Key::Forgotten(profile)).is_some()
}

/// Why an address must not be written to, and since when; to be asked at its home. What was erased
/// is known by its hash.
pub fn suppression<R: Rows>(rows: &R, address: &Alias) -> Option<(String, Timestamp)> {
    let known = match rows.get(&Key::Alias(address.clone())) {
        Some(Row::Alias(row)) => row.suppression.clone().map(|known| (known.reason, known.at)),
        _ => None,
    };
    known.or_else(|| erased(rows, address)?.suppression.clone())
}
