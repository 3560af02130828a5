//! Text. What goes in as markup and stays whole comes out as markup; what may cut an entity apart
//! comes out as text.

use super::super::Escape;
use super::super::ast::is_space;
use super::super::fault::Stop;
use super::super::render::Budget;
use super::super::render::escape::push;
use super::super::value::{Datum, Text};
use super::{Arguments, whole};
use crate::prelude::*;

type Result<'a> = core::result::Result<Datum<'a>, Stop>;

/// Applies a change of the text; the result is plain text.
fn change<'a>(
    budget: &mut Budget<'a>,
    input: &Datum<'a>,
    change: impl FnOnce(&str) -> String,
) -> Result<'a> {
    let text = budget.text(input)?;
    budget.make(text.len())?;
    Ok(Datum::text(change(&text)))
}

/// Takes a part of the text; markup stays markup.
fn part<'a>(
    budget: &mut Budget<'a>,
    input: &Datum<'a>,
    part: impl for<'t> FnOnce(&'t str) -> &'t str,
) -> Result<'a> {
    let text = match budget.text(input)? {
        Text::Borrowed(text) => Text::Borrowed(part(text)),
        Text::Made(text) => {
            budget.make(text.len())?;
            Text::Made(part(&text).into())
        }
    };
    Ok(same_kind(input, text))
}

fn same_kind<'a>(input: &Datum<'a>, text: Text<'a>) -> Datum<'a> {
    match input {
        Datum::Safe(_) => Datum::Safe(text),
        _ => Datum::Text(text),
    }
}

pub(super) fn upcase<'a>(b: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    change(b, &input, str::to_uppercase)
}

pub(super) fn downcase<'a>(b: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    change(b, &input, str::to_lowercase)
}

pub(super) fn capitalize<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    _: &Arguments<'a>,
) -> Result<'a> {
    change(budget, &input, |text| {
        let mut letters = text.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters.as_str().to_lowercase().chars()).collect()
    })
}

pub(super) fn strip<'a>(b: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    part(b, &input, |text| text.trim_matches(is_space))
}

pub(super) fn lstrip<'a>(b: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    part(b, &input, |text| text.trim_start_matches(is_space))
}

pub(super) fn rstrip<'a>(b: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    part(b, &input, |text| text.trim_end_matches(is_space))
}

pub(super) fn strip_newlines<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    _: &Arguments<'a>,
) -> Result<'a> {
    let text = budget.text(&input)?;
    budget.make(text.len())?;
    let stripped = text.replace("\r\n", "").replace('\n', "");
    Ok(same_kind(&input, stripped.into()))
}

pub(super) fn append<'a>(b: &mut Budget<'a>, input: Datum<'a>, with: &Arguments<'a>) -> Result<'a> {
    glue(b, &input, with.at(0))
}

pub(super) fn prepend<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    glue(budget, with.at(0), &input)
}

/// Both texts; where one is markup the other becomes markup first.
fn glue<'a>(budget: &mut Budget<'a>, first: &Datum<'a>, second: &Datum<'a>) -> Result<'a> {
    let safe = matches!(first, Datum::Safe(_)) || matches!(second, Datum::Safe(_));
    let mut glued = String::new();
    for side in [first, second] {
        let text = budget.text(side)?;
        budget.grow(glued.len(), text.len())?;
        if safe && !matches!(side, Datum::Safe(_)) {
            push(&mut glued, &text, budget.options.escape);
        } else {
            glued.push_str(&text);
        }
    }
    Ok(if safe { Datum::Safe(glued.into()) } else { Datum::text(glued) })
}

pub(super) fn replace<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let (text, pattern, new) = three(budget, &input, with)?;
    budget.read(text.len())?;
    let count = text.matches(&*pattern).count();
    budget.make(text.len().saturating_add(count.saturating_mul(new.len())))?;
    Ok(Datum::text(text.replace(&*pattern, &new)))
}

pub(super) fn replace_first<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let (text, pattern, new) = three(budget, &input, with)?;
    budget.make(text.len() + new.len())?;
    Ok(Datum::text(text.replacen(&*pattern, &new, 1)))
}

pub(super) fn replace_last<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let (text, pattern, new) = three(budget, &input, with)?;
    budget.make(text.len() + new.len())?;
    Ok(Datum::text(match text.rfind(&*pattern) {
        Some(at) => format!("{}{}{}", &text[..at], &*new, &text[at + pattern.len()..]),
        None => text.to_string(),
    }))
}

/// The text, the pattern, and the replacement, which is empty where it is absent.
fn three<'a>(
    budget: &mut Budget<'a>,
    input: &Datum<'a>,
    with: &Arguments<'a>,
) -> core::result::Result<(Text<'a>, Text<'a>, Text<'a>), Stop> {
    Ok((budget.text(input)?, budget.text(with.at(0))?, budget.text(with.at(1))?))
}

pub(super) fn remove<'a>(b: &mut Budget<'a>, input: Datum<'a>, with: &Arguments<'a>) -> Result<'a> {
    replace(b, input, with)
}

pub(super) fn remove_first<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    replace_first(budget, input, with)
}

pub(super) fn remove_last<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    replace_last(budget, input, with)
}

/// At white space for a single space, into letters for nothing; empty parts at the end are dropped.
pub(super) fn split<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let text = budget.text(&input)?;
    let pattern = budget.text(with.at(0))?;
    budget.read(text.len())?;
    let count = match &*pattern {
        "" => text.chars().count(),
        " " => text.split_whitespace().count(),
        pattern => text.matches(pattern).count() + 1,
    };
    budget.burn(count)?;
    Ok(Datum::list(match text {
        Text::Borrowed(text) => {
            cut(text, &pattern).into_iter().map(|part| Datum::Text(part.into())).collect()
        }
        Text::Made(text) => {
            cut(&text, &pattern).into_iter().map(|part| Datum::text(part.to_owned())).collect()
        }
    }))
}

fn cut<'t>(text: &'t str, pattern: &str) -> Vec<&'t str> {
    let mut parts: Vec<&str> = match pattern {
        "" => text.char_indices().map(|(at, letter)| &text[at..at + letter.len_utf8()]).collect(),
        " " => text.split(is_space).filter(|part| !part.is_empty()).collect(),
        pattern => text.split(pattern).collect(),
    };
    while parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    parts
}

/// To so many letters, the ellipsis included.
pub(super) fn truncate<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let most = match with.get(0) {
        Some(most) => usize::try_from(whole(most, "the length")?).unwrap_or(0),
        None => 50,
    };
    let ellipsis = ellipsis(budget, with)?;
    let text = budget.text(&input)?;
    budget.make(text.len() + ellipsis.len())?;
    if text.chars().count() <= most {
        return Ok(same_kind(&input, text));
    }
    let kept = most.saturating_sub(ellipsis.chars().count());
    let mut short: String = text.chars().take(kept).collect();
    short.push_str(&ellipsis);
    Ok(Datum::text(short))
}

/// To so many words.
pub(super) fn truncate_words<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    let most = match with.get(0) {
        Some(most) => usize::try_from(whole(most, "the number of words")?).unwrap_or(0).max(1),
        None => 15,
    };
    let ellipsis = ellipsis(budget, with)?;
    let text = budget.text(&input)?;
    budget.make(text.len() + ellipsis.len())?;
    let mut words = text.split(is_space).filter(|word| !word.is_empty());
    let kept: Vec<&str> = words.by_ref().take(most).collect();
    if words.next().is_none() {
        return Ok(same_kind(&input, text.clone()));
    }
    let mut short = kept.join(" ");
    short.push_str(&ellipsis);
    Ok(Datum::text(short))
}

fn ellipsis<'a>(
    budget: &mut Budget<'a>,
    with: &Arguments<'a>,
) -> core::result::Result<Text<'a>, Stop> {
    match with.get(1) {
        Some(ellipsis) => budget.text(ellipsis),
        None => Ok("...".into()),
    }
}

pub(super) fn url_encode<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    _: &Arguments<'a>,
) -> Result<'a> {
    let encoded = change(budget, &input, |text| {
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
        let mut encoded = String::with_capacity(text.len());
        for byte in text.bytes() {
            match byte {
                b' ' => encoded.push('+'),
                b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
                _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
                _ => {
                    encoded.push('%');
                    encoded.push(DIGITS[usize::from(byte >> 4)]);
                    encoded.push(DIGITS[usize::from(byte & 15)]);
                }
            }
        }
        encoded
    })?;
    Ok(match (budget.options.escape, encoded) {
        // In a form it is what the field needs; once more would be too often.
        (Escape::Form, Datum::Text(text)) => Datum::Safe(text),
        (_, encoded) => encoded,
    })
}

pub(super) fn url_decode<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    _: &Arguments<'a>,
) -> Result<'a> {
    let text = budget.text(&input)?;
    budget.make(text.len())?;
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digits = (ahead.next().and_then(digit), ahead.next().and_then(digit));
        decoded.push(match (byte, digits) {
            (b'+', _) => b' ',
            (b'%', (Some(high), Some(low))) => {
                bytes = ahead;
                high << 4 | low
            }
            _ => byte,
        });
    }
    String::from_utf8(decoded)
        .map(Datum::text)
        .map_err(|_| Stop::bad("the decoded address is not UTF-8"))
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
