//! Filters that pick items by a property, and by its value if one is given.

use super::super::fault::Stop;
use super::super::render::Budget;
use super::super::value::Datum;
use super::Arguments;
use super::array::{Answer, flat, property};
use crate::prelude::*;

type Result<'a> = core::result::Result<Datum<'a>, Stop>;

/// Walks the items until `visit` has enough; false if the filter is to be given up for nil.
fn walk<'a>(
    budget: &mut Budget<'a>,
    input: &Datum<'a>,
    with: &Arguments<'a>,
    mut visit: impl FnMut(usize, Datum<'a>, bool) -> bool,
) -> core::result::Result<bool, Stop> {
    for (at, item) in flat(budget, input)?.into_iter().enumerate() {
        let Answer::Value(value) = property(budget, &item, with.at(0))? else {
            return Ok(false);
        };
        let chosen = match with.at(1) {
            Datum::Nil => value.is_truthy(),
            target => value.equals(target, budget)?,
        };
        if visit(at, item, chosen) {
            break;
        }
    }
    Ok(true)
}

fn keep<'a>(
    budget: &mut Budget<'a>,
    input: &Datum<'a>,
    with: &Arguments<'a>,
    wanted: bool,
) -> Result<'a> {
    let mut kept = Vec::new();
    let finished = walk(budget, input, with, |_, item, chosen| {
        if chosen == wanted {
            kept.push(item);
        }
        false
    })?;
    Ok(if finished { Datum::list(kept) } else { Datum::Nil })
}

/// `where`: the items that have the property.
pub(super) fn filter<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    keep(budget, &input, with, true)
}

/// The items that do not have the property.
pub(super) fn reject<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    keep(budget, &input, with, false)
}

/// The first item that has the property, and its place.
fn search<'a>(
    budget: &mut Budget<'a>,
    input: &Datum<'a>,
    with: &Arguments<'a>,
) -> core::result::Result<(Option<(usize, Datum<'a>)>, bool), Stop> {
    let mut found = None;
    let finished = walk(budget, input, with, |at, item, chosen| {
        if chosen {
            found = Some((at, item));
        }
        chosen
    })?;
    Ok((found, finished))
}

/// The first item that has the property.
pub(super) fn find<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    Ok(search(budget, &input, with)?.0.map_or(Datum::Nil, |(_, item)| item))
}

/// The place of the first item that has the property.
pub(super) fn find_index<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let place = search(budget, &input, with)?.0.and_then(|(at, _)| i64::try_from(at).ok());
    Ok(place.map_or(Datum::Nil, Datum::Int))
}

/// Whether an item has the property.
pub(super) fn has<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let (found, finished) = search(budget, &input, with)?;
    Ok(if finished { Datum::Bool(found.is_some()) } else { Datum::Nil })
}
