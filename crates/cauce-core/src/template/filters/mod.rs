//! The filters: one table, read by the parser for names and arguments and by the renderer to apply
//! them.

mod array;
mod base64;
mod date;
mod html;
mod json;
mod math;
mod select;
mod strftime;
mod string;

use super::ast::Expression;
use super::fault::Stop;
use super::number::read_whole;
use super::render::Budget;
use super::value::Datum;
use crate::prelude::*;
use core::fmt;

/// What a filter does: input and arguments to a value.
type Apply = for<'a> fn(&mut Budget<'a>, Datum<'a>, &Arguments<'a>) -> Result<Datum<'a>, Stop>;

/// One filter.
pub(super) struct Filter {
    pub name: &'static str,
    /// Positional arguments, at least and at most.
    arguments: (usize, usize),
    pub apply: Apply,
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The evaluated arguments of one call.
#[derive(Default)]
pub(super) struct Arguments<'a> {
    list: [Datum<'a>; 2],
    count: usize,
    pub named: Vec<(&'a str, Datum<'a>)>,
}

impl<'a> Arguments<'a> {
    /// Adds one; the parser has seen to it that there is room.
    pub fn push(&mut self, value: Datum<'a>) {
        if let Some(place) = self.list.get_mut(self.count) {
            *place = value;
            self.count += 1;
        }
    }

    /// The argument, nil if it is absent.
    fn at(&self, at: usize) -> &Datum<'a> {
        &self.list[at]
    }

    /// The argument if it was given, be it nil.
    fn get(&self, at: usize) -> Option<&Datum<'a>> {
        self.list[..self.count].get(at)
    }
}

impl Filter {
    /// Whether it can be called so; the words say why not.
    pub fn check(&self, count: usize, named: &[(Box<str>, Expression)]) -> Result<(), String> {
        let name = self.name;
        if let Some((word, _)) =
            named.iter().find(|(word, _)| name != "default" || &**word != "allow_false")
        {
            return Err(format!("`{name}` has no argument named `{word}`"));
        }
        let (least, most) = self.arguments;
        if (least..=most).contains(&count) {
            return Ok(());
        }
        let wanted = match (least, most) {
            (0, 0) => "no arguments".to_owned(),
            (1, 1) => "1 argument".to_owned(),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} to {most} arguments"),
        };
        Err(format!("`{name}` takes {wanted}, not {count}"))
    }
}

/// The filter of that name.
pub(super) fn find(name: &str) -> Option<&'static Filter> {
    TABLE.binary_search_by(|filter| filter.name.cmp(name)).ok().map(|place| &TABLE[place])
}

/// All names, for suggestions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|filter| filter.name)
}

const fn row(name: &'static str, least: usize, most: usize, apply: Apply) -> Filter {
    Filter { name, arguments: (least, most), apply }
}

/// Invariant: sorted by name; a test sees to it.
static TABLE: [Filter; 63] = [
    row("abs", 0, 0, math::abs),
    row("append", 1, 1, string::append),
    row("at_least", 1, 1, math::at_least),
    row("at_most", 1, 1, math::at_most),
    row("base64_decode", 0, 0, base64::decode),
    row("base64_encode", 0, 0, base64::encode),
    row("base64_url_safe_decode", 0, 0, base64::decode_url_safe),
    row("base64_url_safe_encode", 0, 0, base64::encode_url_safe),
    row("capitalize", 0, 0, string::capitalize),
    row("ceil", 0, 0, math::ceil),
    row("compact", 0, 1, array::compact),
    row("concat", 1, 1, array::concat),
    row("date", 1, 1, date::date),
    row("default", 0, 1, default),
    row("divided_by", 1, 1, math::divided_by),
    row("downcase", 0, 0, string::downcase),
    row("escape", 0, 0, html::escape),
    row("escape_once", 0, 0, html::escape_once),
    row("find", 1, 2, select::find),
    row("find_index", 1, 2, select::find_index),
    row("first", 0, 0, array::first),
    row("floor", 0, 0, math::floor),
    row("h", 0, 0, html::escape),
    row("has", 1, 2, select::has),
    row("join", 0, 1, array::join),
    row("json", 0, 0, json::json),
    row("last", 0, 0, array::last),
    row("lstrip", 0, 0, string::lstrip),
    row("map", 1, 1, array::map),
    row("minus", 1, 1, math::minus),
    row("modulo", 1, 1, math::modulo),
    row("newline_to_br", 0, 0, html::newline_to_br),
    row("plus", 1, 1, math::plus),
    row("prepend", 1, 1, string::prepend),
    row("raw", 0, 0, html::raw),
    row("reject", 1, 2, select::reject),
    row("remove", 1, 1, string::remove),
    row("remove_first", 1, 1, string::remove_first),
    row("remove_last", 1, 1, string::remove_last),
    row("replace", 1, 2, string::replace),
    row("replace_first", 1, 2, string::replace_first),
    row("replace_last", 2, 2, string::replace_last),
    row("reverse", 0, 0, array::reverse),
    row("round", 0, 1, math::round),
    row("rstrip", 0, 0, string::rstrip),
    row("safe", 0, 0, html::raw),
    row("size", 0, 0, array::size),
    row("slice", 1, 2, array::slice),
    row("sort", 0, 1, array::sort),
    row("sort_natural", 0, 1, array::sort_natural),
    row("split", 1, 1, string::split),
    row("strip", 0, 0, string::strip),
    row("strip_html", 0, 0, html::strip_html),
    row("strip_newlines", 0, 0, string::strip_newlines),
    row("sum", 0, 1, array::sum),
    row("times", 1, 1, math::times),
    row("truncate", 0, 2, string::truncate),
    row("truncatewords", 0, 2, string::truncate_words),
    row("uniq", 0, 1, array::uniq),
    row("upcase", 0, 0, string::upcase),
    row("url_decode", 0, 0, string::url_decode),
    row("url_encode", 0, 0, string::url_encode),
    row("where", 1, 2, select::filter),
];

/// The argument where the input is nil, false or empty; `allow_false` lets false stand.
fn default<'a>(
    _: &mut Budget<'a>,
    input: Datum<'a>,
    arguments: &Arguments<'a>,
) -> Result<Datum<'a>, Stop> {
    let allow_false = arguments.named.iter().any(|(_, value)| value.is_truthy());
    let missing = match &input {
        Datum::Bool(false) => !allow_false,
        Datum::Nil | Datum::Empty | Datum::Blank => true,
        _ => input.is_empty(),
    };
    Ok(if missing { arguments.at(0).clone() } else { input })
}

/// A whole number as an argument: a number without fraction or a text of one.
fn whole<'a>(value: &Datum<'a>, what: &str) -> Result<i64, Stop> {
    match value {
        Datum::Int(whole) => Some(*whole),
        Datum::Text(text) | Datum::Safe(text) => read_whole(text),
        _ => None,
    }
    .ok_or_else(|| Stop::bad(format!("{what} is no whole number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(TABLE.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(find("upcase").is_some() && find("up").is_none());
    }
}
