//! Where a value of an event comes from.

use super::mapping::Mapping;
use super::row::{Row, text, typed};
use cauce_core::decimal::Decimal;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A cell.
    Column {
        /// The column.
        name: String,
        /// Of which row of a group.
        take: Take,
        /// What stands for an empty cell.
        default: Option<Json>,
    },
    /// Text with cells in it: `c{CustomerID}@example.com`.
    Text(Vec<Piece>),
    /// The product of these columns, added up over the rows of a group.
    Sum(Vec<String>),
    /// Rows of the group.
    Count,
    /// Always the same.
    Constant(Json),
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Itself.
    Plain(String),
    /// A cell.
    Cell(String),
}

/// Of which row of a group a cell is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Take {
    /// Of the earliest; of those at one instant the one whose content sorts first, so that the
    /// order in the file means nothing.
    #[default]
    Earliest,
    /// Of the first in the file.
    First,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Long {
    column: Option<String>,
    text: Option<String>,
    sum: Option<Vec<String>>,
    count: Option<Counted>,
    value: Option<Json>,
    #[serde(default)]
    take: Take,
    default: Option<Json>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Counted {
    Rows,
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        use serde::de::Error;
        let json = Json::deserialize(deserializer)?;
        if let Json::String(name) = json {
            return Ok(Value::Column { name, take: Take::default(), default: None });
        }
        let long = Long::deserialize(json).map_err(D::Error::custom)?;
        let (take, default) = (long.take, long.default);
        Ok(match (long.column, long.text, long.sum, long.count, long.value) {
            (Some(name), None, None, None, None) => Value::Column { name, take, default },
            (None, Some(text), None, None, None) => {
                Value::Text(pieces(&text).map_err(D::Error::custom)?)
            }
            (None, None, Some(columns), None, None) if !columns.is_empty() => Value::Sum(columns),
            (None, None, None, Some(Counted::Rows), None) => Value::Count,
            (None, None, None, None, Some(value)) => Value::Constant(value),
            _ => {
                return Err(D::Error::custom(
                    "a value is a column's name, or one of `column`, `text`, `sum`, `count: rows`, \
                     `value`",
                ));
            }
        })
    }
}

/// Reads `a{b}c`; `{{` is a brace.
fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('{') {
            plain.push('{');
            rest = after;
            continue;
        }
        let end = rest.find('}').ok_or_else(|| format!("`{text}` has a `{{` without its `}}`"))?;
        if !plain.is_empty() {
            pieces.push(Piece::Plain(std::mem::take(&mut plain)));
        }
        pieces.push(Piece::Cell(rest[..end].to_owned()));
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Plain(plain));
    }
    Ok(pieces)
}

/// The rows of which an event is made, as far as they are kept.
pub struct Rows<'r> {
    /// The earliest.
    pub earliest: &'r Row,
    /// The first in the file.
    pub first: &'r Row,
    /// Sums, in the order of [`Mapping::sums`].
    pub sums: &'r [Decimal],
    /// How many there are.
    pub count: u64,
}

impl Value {
    /// Adds the columns that it looks at.
    pub fn names<'v>(&'v self, names: &mut BTreeSet<&'v str>) {
        match self {
            Value::Column { name, .. } => names.extend([name.as_str()]),
            Value::Text(pieces) => names.extend(pieces.iter().filter_map(|piece| match piece {
                Piece::Cell(name) => Some(name.as_str()),
                Piece::Plain(_) => None,
            })),
            Value::Sum(columns) => names.extend(columns.iter().map(String::as_str)),
            Value::Count | Value::Constant(_) => {}
        }
    }

    /// The value that rows give; nothing if a cell that it needs is empty.
    pub fn of(&self, mapping: &Mapping, rows: &Rows<'_>) -> Result<Option<Json>, String> {
        Ok(match self {
            Value::Column { name, take, default } => {
                let row = match take {
                    Take::Earliest => rows.earliest,
                    Take::First => rows.first,
                };
                cell(mapping, row, name)?.or_else(|| default.clone())
            }
            Value::Text(pieces) => {
                let mut made = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Plain(plain) => made.push_str(plain),
                        Piece::Cell(name) => match cell(mapping, rows.earliest, name)? {
                            Some(value) => made.push_str(&text(&value)),
                            None => return Ok(None),
                        },
                    }
                }
                Some(Json::from(made))
            }
            Value::Sum(columns) => {
                let place = mapping.sums.iter().position(|sum| sum == columns);
                let sum = place.and_then(|place| rows.sums.get(place));
                sum.map(|sum| super::row::json_number(*sum))
            }
            Value::Count => Some(Json::from(rows.count)),
            Value::Constant(value) => Some(value.clone()),
        })
    }
}

/// What a cell holds by its column's type.
pub fn cell(mapping: &Mapping, row: &Row, name: &str) -> Result<Option<Json>, String> {
    let Some(cell) = row.cell(name) else { return Ok(None) };
    match mapping.column(name) {
        None => Ok(Some(cell.into_owned())),
        Some(column) => typed(column, mapping.zone.as_deref(), &cell)
            .map(Some)
            .map_err(|why| format!("{name}: {why}")),
    }
}

/// The product of the cells of some columns, exact to nine places.
pub fn product(row: &Row, columns: &[String]) -> Result<Decimal, String> {
    const ONE: i128 = 1_000_000_000;
    let mut product = Decimal::from(1);
    for name in columns {
        let cell = row.cell(name).ok_or_else(|| format!("{name}: is empty"))?;
        let said = text(&cell);
        let factor: Decimal =
            said.parse().map_err(|unfit| format!("{name}: `{said}` is no number: {unfit}"))?;
        let exact = product.nanos().checked_mul(factor.nanos());
        let exact = exact.ok_or_else(|| format!("{name}: the product is too large"))?;
        if exact % ONE != 0 {
            return Err(format!("{name}: the product has more than nine decimal places"));
        }
        product = Decimal::from_nanos(exact / ONE);
    }
    Ok(product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_cells() {
        let check = |text: &str, expected: &[Piece]| assert_eq!(pieces(text).unwrap(), expected);
        let plain = |text: &str| Piece::Plain(text.to_owned());
        let cell = |name: &str| Piece::Cell(name.to_owned());
        check("c{id}@d.e", &[plain("c"), cell("id"), plain("@d.e")]);
        check("{a}{b}", &[cell("a"), cell("b")]);
        check("{{a}", &[plain("{a}")]);
        assert!(pieces("{a").is_err());
    }

    #[test]
    fn products_are_exact() {
        let row = Row::of(&[("n", "6"), ("p", "2.55"), ("x", "two"), ("e", "")]);
        let of = |columns: &[&str]| {
            let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
            match product(&row, &columns) {
                Ok(product) => product.to_string(),
                Err(why) => why,
            }
        };
        assert_eq!(of(&["n", "p"]), "15.3");
        assert_eq!(of(&["n", "x"]), "x: `two` is no number: not a decimal number");
        assert_eq!(of(&["e"]), "e: is empty");
    }
}
