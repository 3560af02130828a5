//! One row of the file, and what its cells hold.

use super::mapping::{Column, Kind, Unit};
use cauce_core::decimal::Decimal;
use cauce_core::ids::hash128;
use cauce_core::time::Timestamp;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// The header of a CSV.
#[derive(Debug, Default)]
pub struct Header {
    /// Names in their order.
    pub names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Header {
    /// From names in their order.
    pub fn new(names: Vec<String>) -> Header {
        let places = names.iter().cloned().enumerate().map(|(place, name)| (name, place));
        Header { places: places.collect(), names }
    }
}

#[derive(Clone, Debug)]
enum Cells {
    Csv(Arc<Header>, csv::StringRecord),
    Json(Map<String, Json>),
}

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// The line on which it begins.
    pub line: u64,
    cells: Cells,
    keep_spaces: bool,
}

/// A row, or a line, that cannot become part of an event.
#[derive(Debug)]
pub struct Rejected {
    /// The line on which it begins.
    pub line: u64,
    /// Why.
    pub reason: String,
    /// The row as it was found.
    pub row: Json,
}

impl Row {
    /// A row of a CSV.
    pub fn csv(line: u64, header: Arc<Header>, record: csv::StringRecord, spaces: bool) -> Row {
        Row { line, cells: Cells::Csv(header, record), keep_spaces: spaces }
    }

    /// A row of an NDJSON.
    pub fn json(line: u64, fields: Map<String, Json>, keep_spaces: bool) -> Row {
        Row { line, cells: Cells::Json(fields), keep_spaces }
    }

    #[cfg(test)]
    pub fn of(cells: &[(&str, &str)]) -> Row {
        let header = Header::new(cells.iter().map(|(name, _)| (*name).to_owned()).collect());
        let record = cells.iter().map(|(_, cell)| *cell).collect();
        Row::csv(1, Arc::new(header), record, false)
    }

    /// What a cell holds, without the spaces around it; nothing if it is empty. Columns of an
    /// NDJSON are named by paths: `address.city`.
    pub fn cell(&self, name: &str) -> Option<Cow<'_, Json>> {
        let found = match &self.cells {
            Cells::Csv(header, record) => {
                let cell = record.get(*header.places.get(name)?)?;
                return self.kept(cell).map(|cell| Cow::Owned(Json::from(cell)));
            }
            Cells::Json(fields) => match fields.get(name) {
                Some(found) => found,
                None => {
                    let mut steps = name.split('.');
                    let first = fields.get(steps.next()?)?;
                    steps.try_fold(first, |value, step| value.get(step))?
                }
            },
        };
        match found {
            Json::Null => None,
            Json::String(text) => self.kept(text).map(|kept| match kept.len() == text.len() {
                true => Cow::Borrowed(found),
                false => Cow::Owned(Json::from(kept)),
            }),
            other => Some(Cow::Borrowed(other)),
        }
    }

    fn kept<'t>(&self, text: &'t str) -> Option<&'t str> {
        let kept = if self.keep_spaces { text } else { text.trim() };
        (!kept.is_empty()).then_some(kept)
    }

    /// A name for all that it says, whatever line it is on.
    pub fn hash(&self) -> u128 {
        match &self.cells {
            Cells::Csv(_, record) => {
                let cells: Vec<&[u8]> = record.iter().map(str::as_bytes).collect();
                hash128(&cells)
            }
            Cells::Json(fields) => {
                // By name: the order in an object means nothing.
                let mut sorted: Vec<_> = fields.iter().collect();
                sorted.sort_by_key(|(name, _)| name.as_str());
                hash128(&[serde_json::to_string(&sorted).unwrap_or_default().as_bytes()])
            }
        }
    }

    /// The row as it was found.
    pub fn shown(&self) -> Json {
        match &self.cells {
            Cells::Csv(header, record) => {
                let cells = header.names.iter().cloned().zip(record.iter().map(Json::from));
                Json::Object(cells.collect())
            }
            Cells::Json(fields) => Json::Object(fields.clone()),
        }
    }

    /// A rejection of this row.
    pub fn rejected(&self, reason: impl Into<String>) -> Rejected {
        Rejected { line: self.line, reason: reason.into(), row: self.shown() }
    }
}

/// A value as text: text as it is, others as JSON.
pub fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What a cell holds by its column's type.
pub fn typed(column: &Column, zone: Option<&str>, cell: &Json) -> Result<Json, String> {
    let said = text(cell);
    let number = |what: &str| {
        said.parse::<Decimal>().map_err(|unfit| format!("`{said}` is no {what}: {unfit}"))
    };
    Ok(match column.kind {
        Kind::Text => Json::from(said),
        Kind::Number => json_number(number("number")?),
        Kind::Integer => {
            let whole = number("whole number")?.to_i64();
            Json::from(whole.ok_or_else(|| format!("`{said}` is no whole number"))?)
        }
        Kind::Date => Json::from(instant(column, zone, &said)?.to_string()),
        Kind::Boolean => Json::from(match said.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => true,
            "false" | "no" | "0" => false,
            _ => return Err(format!("`{said}` is neither yes nor no")),
        }),
    })
}

/// A decimal as JSON, digit by digit.
pub fn json_number(decimal: Decimal) -> Json {
    serde_json::from_str(&decimal.to_string()).expect("a decimal is written as JSON writes it")
}

/// The usual ways to write a local time.
const FORMS: [&str; 5] = [
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d",
];

/// A time as a cell writes it. A local time that comes twice (autumn) is the first; one that does
/// not exist (spring) is as much later as the clock jumped.
pub fn instant(column: &Column, zone: Option<&str>, said: &str) -> Result<Timestamp, String> {
    if let Some(unit) = column.unit {
        let count: Decimal = said.parse().map_err(|unfit| format!("`{said}`: {unfit}"))?;
        let divisor = match unit {
            Unit::Seconds => 1_000_000,
            Unit::Milliseconds => 1_000_000_000,
        };
        let millis = i64::try_from(count.nanos() / divisor);
        return millis.map(Timestamp).map_err(|_| format!("`{said}` is out of range"));
    }
    if column.format.is_none()
        && let Ok(stamp) = said.parse::<jiff::Timestamp>()
    {
        return Ok(Timestamp(stamp.as_millisecond()));
    }
    let forms: Vec<&str> = match &column.format {
        Some(format) => vec![format],
        None => FORMS.to_vec(),
    };
    let parsed = forms.iter().find_map(|form| jiff::fmt::strtime::parse(form, said).ok());
    let parsed = parsed.ok_or_else(|| match &column.format {
        Some(format) => format!("`{said}` is no time written as `{format}`"),
        None => format!("`{said}` is no time such as `2026-11-24 16:00:00`; give a `format`"),
    })?;
    if parsed.offset().is_some()
        && let Ok(stamp) = parsed.to_timestamp()
    {
        return Ok(Timestamp(stamp.as_millisecond()));
    }
    let date = parsed.to_date().map_err(|error| format!("`{said}`: {error}"))?;
    let time = parsed.to_time().unwrap_or_default();
    let zone = column.zone.as_deref().or(zone).ok_or_else(|| {
        format!("`{said}` does not say its zone; give one in the mapping (`zone: Europe/London`)")
    })?;
    let zoned = jiff::tz::TimeZone::get(zone)
        .and_then(|zone| zone.to_timestamp(date.to_datetime(time)))
        .map_err(|error| format!("`{said}`: {error}"))?;
    Ok(Timestamp(zoned.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, cell: &str, expected: &str) {
        let column = Column { kind, ..Column::default() };
        let said = match typed(&column, Some("Europe/London"), &Json::from(cell)) {
            Ok(value) => value.to_string(),
            Err(why) => why,
        };
        assert_eq!(said, expected, "{cell}");
    }

    #[test]
    fn cells_have_types() {
        check(Kind::Integer, "17850.0", "17850");
        check(Kind::Integer, "17850.5", "`17850.5` is no whole number");
        check(Kind::Number, "2.55", "2.55");
        check(Kind::Number, "two", "`two` is no number: not a decimal number");
        check(Kind::Boolean, "Yes", "true");
        check(Kind::Text, "7", "\"7\"");
    }

    #[test]
    fn local_times_have_a_zone() {
        check(Kind::Date, "2010-12-01 08:26:00", "\"2010-12-01T08:26:00Z\"");
        check(Kind::Date, "2011-07-01 08:26:00", "\"2011-07-01T07:26:00Z\"");
        check(Kind::Date, "2011-07-01T08:26:00+02:00", "\"2011-07-01T06:26:00Z\"");
        check(Kind::Date, "2011-07-01", "\"2011-06-30T23:00:00Z\"");
        // 01:30 comes twice in that night: the first; and 01:30 in March does not exist.
        check(Kind::Date, "2011-10-30 01:30", "\"2011-10-30T00:30:00Z\"");
        check(Kind::Date, "2011-03-27 01:30", "\"2011-03-27T01:30:00Z\"");
        let column = Column { kind: Kind::Date, ..Column::default() };
        let said = instant(&column, None, "2011-07-01 08:26").unwrap_err();
        assert!(said.contains("does not say its zone"), "{said}");
        let format = Some("%d.%m.%Y %H:%M".to_owned());
        let column = Column { kind: Kind::Date, format, ..Column::default() };
        let at = instant(&column, Some("UTC"), "01.07.2011 08:26").unwrap();
        assert_eq!(at.to_string(), "2011-07-01T08:26:00Z");
        let column = Column { unit: Some(Unit::Seconds), ..Column::default() };
        assert_eq!(instant(&column, None, "1.5").unwrap(), Timestamp(1_500));
    }

    #[test]
    fn the_same_row_has_the_same_name_on_any_line() {
        let (mut a, b) = (Row::of(&[("x", "1"), ("y", "2")]), Row::of(&[("x", "1"), ("y", "2")]));
        a.line = 9;
        assert_eq!(a.hash(), b.hash());
        assert_ne!(a.hash(), Row::of(&[("x", "12"), ("y", "")]).hash());
        let object = |text: &str| match serde_json::from_str(text).unwrap() {
            Json::Object(fields) => Row::json(1, fields, false),
            _ => unreachable!(),
        };
        let row = object(r#"{"a":{"b":" x "},"c":null}"#);
        assert_eq!(row.cell("a.b").unwrap().as_ref(), &Json::from("x"));
        assert!(row.cell("c").is_none() && row.cell("a.z").is_none());
    }
}
