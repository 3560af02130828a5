//! Lists.

use super::super::fault::{Code, Stop};
use super::super::number::Number;
use super::super::render::Budget;
use super::super::value::Datum;
use super::{Arguments, whole};
use crate::prelude::*;
use core::cmp::Ordering;

type Result<'a> = core::result::Result<Datum<'a>, Stop>;

/// The input as a flat list: nil is none, lists in lists are opened, anything else is one item.
pub(super) fn flat<'a>(
    budget: &mut Budget<'a>,
    input: &Datum<'a>,
) -> core::result::Result<Vec<Datum<'a>>, Stop> {
    let mut list = Vec::new();
    match (input, input.items()) {
        (Datum::Nil | Datum::Empty | Datum::Blank, _) => {}
        (_, Some(items)) => {
            budget.burn(items.len())?;
            for at in 0..items.len() {
                match items.get(at) {
                    Some(item @ (Datum::Given(_) | Datum::List(_))) => {
                        list.extend(flat(budget, &item)?);
                    }
                    item => list.extend(item),
                }
            }
        }
        _ => list.push(input.clone()),
    }
    Ok(list)
}

/// What an item answers for a property.
pub(super) enum Answer<'a> {
    Value(Datum<'a>),
    /// The item has no properties at all; Liquid gives the whole filter up for nil then.
    Void,
}

/// The property of an item; a text "has" its parts, as in Ruby.
pub(super) fn property<'a>(
    budget: &mut Budget<'a>,
    item: &Datum<'a>,
    key: &Datum<'a>,
) -> core::result::Result<Answer<'a>, Stop> {
    budget.burn(1)?;
    Ok(match (item, key) {
        (Datum::Object(_) | Datum::Record(_) | Datum::Loop(_), _) => {
            let name = match key {
                Datum::Text(name) | Datum::Safe(name) => item.field(name),
                _ => None,
            };
            Answer::Value(name.unwrap_or_default())
        }
        (Datum::Text(text) | Datum::Safe(text), Datum::Text(part) | Datum::Safe(part)) => {
            budget.read(text.len())?;
            let found = text.contains(&**part);
            Answer::Value(if found { key.clone() } else { Datum::Nil })
        }
        (Datum::Int(bits), Datum::Int(at)) => {
            let bit = bits.checked_shr(u32::try_from(*at).unwrap_or(63)).unwrap_or(0) & 1;
            Answer::Value(Datum::Int(bit))
        }
        (Datum::Int(_), Datum::Text(_) | Datum::Safe(_)) => {
            let key: String = budget.text(key)?.chars().take(64).collect();
            return Err(Stop::bad(format!("a number has no property `{key}`")));
        }
        _ => Answer::Void,
    })
}

pub(super) fn size<'a>(b: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    b.scan(&input)?;
    Ok(Datum::Int(input.size().unwrap_or(0)))
}

pub(super) fn first<'a>(_: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    Ok(input.first())
}

pub(super) fn last<'a>(_: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    Ok(input.last())
}

pub(super) fn join<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let glue = match with.get(0) {
        Some(glue) => budget.text(glue)?,
        None => " ".into(),
    };
    let mut text = String::new();
    for (at, item) in flat(budget, &input)?.iter().enumerate() {
        if at > 0 {
            budget.grow(text.len(), glue.len())?;
            text.push_str(&glue);
        }
        budget.append(item, &mut text)?;
    }
    Ok(Datum::text(text))
}

pub(super) fn reverse<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    _: &Arguments<'a>,
) -> Result<'a> {
    let mut list = flat(budget, &input)?;
    list.reverse();
    Ok(Datum::list(list))
}

pub(super) fn concat<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let Some(more) = with.at(0).items() else {
        return Err(Stop::bad("`concat` takes a list"));
    };
    let mut list = flat(budget, &input)?;
    budget.burn(more.len())?;
    list.extend((0..more.len()).filter_map(|at| more.get(at)));
    Ok(Datum::list(list))
}

pub(super) fn compact<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let mut kept = Vec::new();
    for item in flat(budget, &input)? {
        let value = key_of(budget, &item, with)?;
        if !value.is_nil() {
            kept.push(item);
        }
    }
    Ok(Datum::list(kept))
}

/// The property that an optional argument names, or the item itself.
fn key_of<'a>(budget: &mut Budget<'a>, item: &Datum<'a>, with: &Arguments<'a>) -> Result<'a> {
    if with.at(0).is_nil() {
        return Ok(item.clone());
    }
    Ok(match property(budget, item, with.at(0))? {
        Answer::Value(value) => value,
        Answer::Void => Datum::Nil,
    })
}

pub(super) fn map<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let mut list = Vec::new();
    for item in flat(budget, &input)? {
        list.push(match property(budget, &item, with.at(0))? {
            Answer::Value(value) => value,
            Answer::Void => Datum::Nil,
        });
    }
    Ok(Datum::list(list))
}

pub(super) fn sum<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let mut total = Number::Int(0);
    for item in flat(budget, &input)? {
        total = total.plus(key_of(budget, &item, with)?.to_number());
    }
    Ok(match total {
        Number::Int(whole) => Datum::Int(whole),
        Number::Float(float) => Datum::Float(float),
    })
}

pub(super) fn uniq<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let mut kept: Vec<(Datum<'a>, Datum<'a>)> = Vec::new();
    'items: for item in flat(budget, &input)? {
        let key = key_of(budget, &item, with)?;
        for (other, _) in &kept {
            budget.burn(1)?;
            if key.equals(other, budget)? {
                continue 'items;
            }
        }
        kept.push((key, item));
    }
    Ok(Datum::list(kept.into_iter().map(|(_, item)| item).collect()))
}

/// By number or by text, nil last; other kinds and mixtures have no order.
pub(super) fn sort<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let list = flat(budget, &input)?;
    let mut keyed = Vec::with_capacity(list.len());
    let (mut numbers, mut texts, mut others) = (0usize, 0usize, 0usize);
    for item in list {
        let key = key_of(budget, &item, with)?;
        match &key {
            Datum::Nil => {}
            Datum::Text(_) | Datum::Safe(_) => texts += 1,
            other if other.number().is_some() => numbers += 1,
            _ => others += 1,
        }
        keyed.push((key, item));
    }
    let kinds = usize::from(numbers > 0) + usize::from(texts > 0) + others;
    if kinds > 1 {
        return Err(Stop::new(Code::Incomparable, "items of these kinds have no order"));
    }
    pay_for_sorting(budget, &keyed)?;
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (Datum::Text(a) | Datum::Safe(a), Datum::Text(b) | Datum::Safe(b)) => (**a).cmp(&**b),
        _ => match (a.number(), b.number()) {
            (Some(a), Some(b)) => a.order(b).unwrap_or(Ordering::Equal),
            _ => a.is_nil().cmp(&b.is_nil()),
        },
    });
    Ok(Datum::list(keyed.into_iter().map(|(_, item)| item).collect()))
}

/// By text without regard to case, nil last.
pub(super) fn sort_natural<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let mut keyed = Vec::new();
    for item in flat(budget, &input)? {
        let key = key_of(budget, &item, with)?;
        let text = budget.text(&key)?;
        budget.make(text.len())?;
        let folded = if key.is_nil() { Datum::Nil } else { Datum::text(text.to_lowercase()) };
        keyed.push((folded, item));
    }
    pay_for_sorting(budget, &keyed)?;
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (Datum::Text(a), Datum::Text(b)) => (**a).cmp(&**b),
        _ => a.is_nil().cmp(&b.is_nil()),
    });
    Ok(Datum::list(keyed.into_iter().map(|(_, item)| item).collect()))
}

fn pay_for_sorting<'a>(
    budget: &mut Budget<'a>,
    keyed: &[(Datum<'a>, Datum<'a>)],
) -> core::result::Result<(), Stop> {
    let bytes: usize = keyed
        .iter()
        .map(|(key, _)| match key {
            Datum::Text(text) | Datum::Safe(text) => text.len(),
            _ => 0,
        })
        .fold(0, usize::saturating_add);
    let rounds = keyed.len().checked_ilog2().unwrap_or(0) as usize + 1;
    budget.burn(keyed.len().saturating_mul(rounds))?;
    budget.read(bytes.saturating_mul(rounds))
}

/// Part of a list or of a text: from a place, which may count from the end, one or so many items.
pub(super) fn slice<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let offset = whole(with.at(0), "the place")?;
    let length = match with.at(1) {
        Datum::Nil => 1,
        length => whole(length, "the length")?,
    };
    if let Some(items) = input.items() {
        let (from, to) = bounds(offset, length, items.len());
        budget.burn(to - from)?;
        return Ok(Datum::list((from..to).filter_map(|at| items.get(at)).collect()));
    }
    let text = budget.text(&input)?;
    budget.make(text.len())?;
    let (from, to) = bounds(offset, length, text.chars().count());
    Ok(Datum::text(text.chars().skip(from).take(to - from).collect()))
}

/// The places from and before which, within `size`.
fn bounds(offset: i64, length: i64, size: usize) -> (usize, usize) {
    let size_signed = i64::try_from(size).unwrap_or(i64::MAX);
    let from = if offset < 0 { offset.saturating_add(size_signed) } else { offset };
    match (usize::try_from(from), usize::try_from(length)) {
        (Ok(from), Ok(length)) if from <= size => (from, from.saturating_add(length).min(size)),
        _ => (0, 0),
    }
}
