//! Values as JSON.

use super::super::Escape;
use super::super::fault::Stop;
use super::super::render::Budget;
use super::super::render::escape::push_json;
use super::super::value::Datum;
use super::Arguments;
use crate::prelude::*;
use core::fmt::Write;

/// The value as JSON text; inside a JSON document it stands as it is.
pub(super) fn json<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    _: &Arguments<'a>,
) -> Result<Datum<'a>, Stop> {
    let mut text = String::new();
    write_json(budget, &input, &mut text)?;
    Ok(match budget.options.escape {
        Escape::Json => Datum::Safe(text.into()),
        Escape::Html | Escape::Form | Escape::None => Datum::text(text),
    })
}

fn write_json<'a>(
    budget: &mut Budget<'a>,
    value: &Datum<'a>,
    out: &mut String,
) -> Result<(), Stop> {
    budget.burn(1)?;
    budget.grow(out.len(), 0)?;
    match value {
        Datum::Nil | Datum::Empty | Datum::Blank | Datum::Loop(_) => out.push_str("null"),
        Datum::Float(float) if !float.is_finite() => out.push_str("null"),
        Datum::Bool(_) | Datum::Int(_) | Datum::Float(_) | Datum::Exact(_) => {
            // Writing into a String cannot fail.
            let _ = write!(out, "{value}");
        }
        Datum::Text(text) | Datum::Safe(text) => {
            budget.grow(out.len(), text.len())?;
            out.push('"');
            push_json(out, text);
            out.push('"');
        }
        Datum::Range(first, last) => {
            let _ = write!(out, "\"{first}..{last}\"");
        }
        Datum::Given(_) | Datum::List(_) => {
            let items = value.items().expect("both are lists");
            out.push('[');
            for at in 0..items.len() {
                if at > 0 {
                    out.push(',');
                }
                write_json(budget, &items.get(at).unwrap_or_default(), out)?;
            }
            out.push(']');
        }
        Datum::Object(_) | Datum::Record(_) => {
            out.push('{');
            for (at, entry) in value.pairs().unwrap_or_default().iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_json(budget, &entry.first(), out)?;
                out.push(':');
                write_json(budget, &entry.last(), out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}
