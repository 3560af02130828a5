//! Markup.

use super::super::fault::Stop;
use super::super::render::Budget;
use super::super::render::escape::push_html;
use super::super::value::{Datum, Text};
use super::Arguments;
use crate::prelude::*;

type Result<'a> = core::result::Result<Datum<'a>, Stop>;

/// Leaves the value unescaped where outputs are escaped.
pub(super) fn raw<'a>(budget: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    Ok(match input {
        Datum::Nil => Datum::Nil,
        input => Datum::Safe(budget.text(&input)?),
    })
}

/// The result is markup, so that a later escaping output leaves it.
fn markup<'a>(budget: &Budget<'a>, text: Text<'a>) -> Datum<'a> {
    if budget.is_html() { Datum::Safe(text) } else { Datum::Text(text) }
}

pub(super) fn escape<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    _: &Arguments<'a>,
) -> Result<'a> {
    if budget.is_html() && matches!(input, Datum::Safe(_)) {
        return Ok(input);
    }
    let text = budget.text(&input)?;
    budget.make(text.len())?;
    let mut escaped = String::with_capacity(text.len());
    push_html(&mut escaped, &text);
    Ok(markup(budget, escaped.into()))
}

pub(super) fn escape_once<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    _: &Arguments<'a>,
) -> Result<'a> {
    let text = budget.text(&input)?;
    budget.make(text.len())?;
    Ok(markup(budget, once(&text).into()))
}

/// Escapes all but the entities that are there.
fn once(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        push_html(&mut escaped, &rest[..at]);
        rest = &rest[at..];
        let length = entity_length(rest);
        match length {
            0 => {
                escaped.push_str("&amp;");
                rest = &rest[1..];
            }
            _ => {
                escaped.push_str(&rest[..length]);
                rest = &rest[length..];
            }
        }
    }
    push_html(&mut escaped, rest);
    escaped
}

/// Bytes of the entity that the text begins with, zero if it begins with none.
fn entity_length(text: &str) -> usize {
    // Limit: the longest named entity has 33 letters.
    let Some(end) = text.bytes().take(40).position(|byte| byte == b';') else { return 0 };
    let name = &text[1..end];
    let is_entity = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()),
            None => !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()),
        },
        None => !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()),
    };
    if is_entity { end + 1 } else { 0 }
}

pub(super) fn newline_to_br<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    // Where outputs are escaped the breaks must survive, so the rest is escaped here.
    let input = if budget.is_html() { escape(budget, input, with)? } else { input };
    let text = budget.text(&input)?;
    budget.make(text.len())?;
    let broken = text.replace("\r\n", "\n").replace('\n', "<br />\n");
    Ok(markup(budget, broken.into()))
}

/// Takes away comments, scripts, styles and tags. What is left may still hold entities, so that it
/// counts as markup, made safe once more.
pub(super) fn strip_html<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    _: &Arguments<'a>,
) -> Result<'a> {
    let text = budget.text(&input)?;
    budget.make(text.len())?;
    let mut stripped = text.to_string();
    for (open, close) in [("<script", "</script>"), ("<!--", "-->"), ("<style", "</style>")] {
        stripped = cut_out(&stripped, open, close);
    }
    stripped = cut_out(&stripped, "<", ">");
    Ok(if budget.is_html() { Datum::Safe(once(&stripped).into()) } else { Datum::text(stripped) })
}

/// The text without what stands from `open` to the next `close`.
fn cut_out(text: &str, open: &str, close: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(open) {
        // Without an end it is no markup; nothing after it can have one either.
        let Some(length) = rest[start + open.len()..].find(close) else { break };
        left.push_str(&rest[..start]);
        rest = &rest[start + open.len() + length + close.len()..];
    }
    left.push_str(rest);
    left
}
