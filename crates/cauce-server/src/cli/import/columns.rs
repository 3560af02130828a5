//! Rows of a Parquet file as JSON: each value as its column's type says, structures as objects,
//! lists as arrays.

use super::pages;
use super::row::Rejected;
use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::Decimal;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row as Record};
use parquet::schema::types::{Type, TypePtr};
use serde_json::{Map, Number, Value as Json};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Limit: bytes of one row as text; as many as a line of an NDJSON may have.
const ROW_BYTES_MAX: usize = 1 << 20;
/// Limit: how deep a row may be nested.
const DEPTH_MAX: usize = 16;

/// The rows of a Parquet file.
pub struct Columns {
    rows: RowIter<'static>,
    schema: TypePtr,
    /// Rows read.
    read: u64,
    /// Rows that the file says it has.
    pub total: u64,
    /// Columns, and what is inside of structures as a path.
    pub names: Vec<String>,
}

/// A fault of the library must not end the process: it was written for files that are in order.
fn guarded<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| bail!("the columns are damaged"))
}

/// What the library says, without the bytes that it quotes: they may be about a person.
fn said(error: &parquet::errors::ParquetError) -> anyhow::Error {
    let text = error.to_string();
    let text = text.split(" Bytes:").next().unwrap_or_default();
    anyhow::anyhow!("{}", text.chars().take(200).collect::<String>())
}

impl Columns {
    /// Opens a file and looks at all its pages.
    ///
    /// # Errors
    /// It is damaged, too large somewhere, or has columns that cannot be read.
    pub fn open<R: ChunkReader + 'static>(file: R) -> anyhow::Result<Columns> {
        pages::check_footer(&file)?;
        guarded(move || {
            let known = parquet::file::metadata::ParquetMetaDataReader::new()
                .parse_and_finish(&file)
                .map_err(|error| said(&error))?;
            pages::check_pages(&file, &known)?;
            let reader = SerializedFileReader::new(file).map_err(|error| said(&error))?;
            let about = reader.metadata().file_metadata();
            let schema = about.schema_descr().root_schema_ptr();
            let total = u64::try_from(about.num_rows()).context("the rows are negative")?;
            let mut names = Vec::new();
            for field in schema.get_fields() {
                check_type(field, field.name(), 0)?;
                paths(field, "", &mut names);
            }
            let rows = RowIter::from_file_into(Box::new(reader));
            Ok(Columns { rows, schema, read: 0, total, names })
        })
    }

    /// The next row with its number from 1. The outer error is the file's, the inner one the row's.
    #[expect(clippy::type_complexity, reason = "the same three answers as the other formats")]
    pub fn next(&mut self) -> anyhow::Result<Option<Result<(u64, Map<String, Json>), Rejected>>> {
        if self.read == self.total {
            return Ok(None);
        }
        let at = self.read + 1;
        let next = guarded(|| Ok(self.rows.next()));
        let next = next.with_context(|| format!("row {at} cannot be read"))?;
        let Some(next) = next else {
            bail!("has {} rows, and says that it has {}", self.read, self.total);
        };
        let record = next.map_err(|error| said(&error));
        let record = record.with_context(|| format!("row {at} cannot be read"))?;
        self.read = at;
        let mut room = ROW_BYTES_MAX;
        let mut fields = Map::new();
        match object(&record, &self.schema, &mut fields, &mut room, 0) {
            Ok(()) => Ok(Some(Ok((at, fields)))),
            Err(why) => {
                let row = Json::Object(fields.into_iter().filter(|(_, v)| is_short(v)).collect());
                Ok(Some(Err(Rejected { line: at, reason: why.to_owned(), row })))
            }
        }
    }
}

/// Whether a value can be shown with a row that is rejected for its length.
fn is_short(value: &Json) -> bool {
    match value {
        Json::String(text) => text.len() <= 200,
        Json::Array(_) | Json::Object(_) => false,
        Json::Null | Json::Bool(_) | Json::Number(_) => true,
    }
}

/// Refuses what the library cannot read, by name, before it gives up in the middle.
fn check_type(field: &Type, path: &str, depth: usize) -> anyhow::Result<()> {
    anyhow::ensure!(depth < DEPTH_MAX, "column `{path}` is nested deeper than {DEPTH_MAX}");
    if field.is_group() {
        let inner = field.get_fields();
        anyhow::ensure!(!inner.is_empty(), "column `{path}` is a structure of nothing");
        let kind = field.get_basic_info().converted_type();
        if matches!(kind, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE) {
            let entry = inner.first().filter(|entry| entry.is_group());
            let plain = entry.is_some_and(|entry| {
                entry.get_fields().len() == 2 && entry.get_fields()[0].is_primitive()
            });
            anyhow::ensure!(plain, "column `{path}` is a map without key and value");
        }
        return inner.iter().try_for_each(|inner| {
            check_type(inner, &format!("{path}.{}", inner.name()), depth + 1)
        });
    }
    use ConvertedType as C;
    let kind = field.get_basic_info().converted_type();
    let known = match field.get_physical_type() {
        Physical::BOOLEAN | Physical::FLOAT | Physical::DOUBLE | Physical::INT96 => true,
        Physical::INT32 => !matches!(
            kind,
            C::UTF8 | C::TIME_MICROS | C::TIMESTAMP_MILLIS | C::TIMESTAMP_MICROS | C::INTERVAL
        ),
        Physical::INT64 => matches!(
            kind,
            C::INT_64
                | C::NONE
                | C::UINT_64
                | C::TIME_MICROS
                | C::TIMESTAMP_MILLIS
                | C::TIMESTAMP_MICROS
                | C::DECIMAL
        ),
        Physical::BYTE_ARRAY => {
            matches!(kind, C::UTF8 | C::ENUM | C::JSON | C::BSON | C::NONE | C::DECIMAL)
        }
        Physical::FIXED_LEN_BYTE_ARRAY => matches!(kind, C::NONE | C::DECIMAL),
    };
    anyhow::ensure!(known, "column `{path}` is of a type that is not read ({kind}); leave it out");
    Ok(())
}

/// A column, and the paths of what is in it if it is a structure.
fn paths(field: &Type, before: &str, names: &mut Vec<String>) {
    let own = format!("{before}{}", field.name());
    let structure = field.is_group()
        && field.get_basic_info().converted_type() == ConvertedType::NONE
        && field.get_basic_info().logical_type_ref().is_none()
        && field.get_basic_info().repetition() != Repetition::REPEATED;
    if structure {
        let inside = format!("{own}.");
        field.get_fields().iter().for_each(|inner| paths(inner, &inside, names));
    }
    names.push(own);
}

type Made = Result<Json, &'static str>;

fn object(
    record: &Record,
    of: &Type,
    into: &mut Map<String, Json>,
    room: &mut usize,
    depth: usize,
) -> Result<(), &'static str> {
    for ((name, field), of) in record.get_column_iter().zip(of.get_fields()) {
        into.insert(name.clone(), value(field, Some(of), room, depth + 1)?);
    }
    Ok(())
}

/// What an element of a list is.
fn element(list: &Type) -> Option<&Type> {
    if !list.is_group() {
        return Some(list);
    }
    let repeated = list.get_fields().first()?;
    match repeated.is_group() && repeated.get_fields().len() == 1 {
        true => repeated.get_fields().first().map(|inner| &**inner),
        false => Some(repeated),
    }
}

fn value(field: &Field, of: Option<&Type>, room: &mut usize, depth: usize) -> Made {
    const LONG: &str = "is longer than 1 MiB";
    if depth > DEPTH_MAX {
        return Err("is nested too deep");
    }
    let made = match field {
        Field::Group(record) => {
            let mut fields = Map::new();
            match of {
                Some(of) if of.is_group() => object(record, of, &mut fields, room, depth)?,
                _ => {
                    for (name, field) in record.get_column_iter() {
                        fields.insert(name.clone(), value(field, None, room, depth + 1)?);
                    }
                }
            }
            Json::Object(fields)
        }
        Field::ListInternal(list) => {
            let of = of.and_then(element);
            let all = list.elements().iter().map(|one| value(one, of, room, depth + 1));
            Json::Array(all.collect::<Result<_, _>>()?)
        }
        Field::MapInternal(map) => {
            let mut fields = Map::new();
            for (key, one) in map.entries() {
                let key = super::row::text(&value(key, None, room, depth + 1)?);
                fields.insert(key, value(one, None, room, depth + 1)?);
            }
            Json::Object(fields)
        }
        plain => primitive(plain, of)?,
    };
    let bytes = match &made {
        Json::String(text) => text.len() + 3,
        _ => 8,
    };
    *room = room.checked_sub(bytes).ok_or(LONG)?;
    Ok(made)
}

fn primitive(field: &Field, of: Option<&Type>) -> Made {
    let logical = of.and_then(|of| of.get_basic_info().logical_type_ref());
    let local = matches!(logical, Some(LogicalType::Timestamp(time)) if !time.is_adjusted_to_u_t_c);
    let float = |number: f64| Number::from_f64(number).map_or(Json::Null, Json::Number);
    Ok(match field {
        Field::Null => Json::Null,
        Field::Bool(truth) => Json::Bool(*truth),
        Field::Byte(number) => Json::from(*number),
        Field::Short(number) => Json::from(*number),
        Field::Int(number) => Json::from(*number),
        Field::UByte(number) => Json::from(*number),
        Field::UShort(number) => Json::from(*number),
        Field::UInt(number) => Json::from(*number),
        Field::ULong(number) => Json::from(*number),
        Field::Long(number) => match logical {
            // The only unit that the library hands over as a bare number.
            Some(LogicalType::Timestamp(time)) if time.unit == TimeUnit::NANOS => {
                instant(i128::from(*number), local)?
            }
            Some(LogicalType::Time(_)) => clock(number.div_euclid(1_000))?,
            _ => Json::from(*number),
        },
        Field::Float16(number) => float(f64::from(number.to_f32())),
        // As the shorter type writes it: 0.1 and not 0.10000000149011612.
        Field::Float(number) => match number.is_finite() {
            true => float(number.to_string().parse().unwrap_or_default()),
            false => Json::Null,
        },
        Field::Double(number) => float(*number),
        Field::Decimal(decimal) => exact(decimal)?,
        Field::Str(text) => Json::from(text.as_str()),
        Field::Bytes(bytes) => match (logical, bytes.data()) {
            (Some(LogicalType::Uuid), data) if data.len() == 16 => Json::from(uuid(data)),
            (_, data) => Json::from(BASE64.encode(data)),
        },
        Field::Date(days) => date(*days)?,
        Field::TimeMillis(ms) => clock(i64::from(*ms) * 1_000)?,
        Field::TimeMicros(us) => clock(*us)?,
        Field::TimestampMillis(ms) => instant(i128::from(*ms) * 1_000_000, local)?,
        Field::TimestampMicros(us) => instant(i128::from(*us) * 1_000, local)?,
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => Json::Null,
    })
}

/// A time; without its zone where the column does not know it.
fn instant(nanos: i128, local: bool) -> Made {
    let at =
        jiff::Timestamp::from_nanosecond(nanos).map_err(|_| "has a time beyond all calendars")?;
    Ok(Json::from(match local {
        true => {
            jiff::tz::TimeZone::UTC.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S%.f").to_string()
        }
        false => at.to_string(),
    }))
}

fn date(days: i32) -> Made {
    let first = jiff::civil::date(1970, 1, 1);
    let date = first.checked_add(jiff::Span::new().try_days(days).map_err(|_| BEYOND)?);
    Ok(Json::from(date.map_err(|_| BEYOND)?.to_string()))
}

const BEYOND: &str = "has a date beyond all calendars";

/// A time of day, of microseconds.
fn clock(us: i64) -> Made {
    if !(0..86_400_000_000).contains(&us) {
        return Err("has a time of day beyond the day");
    }
    let (s, us) = (us / 1_000_000, us % 1_000_000);
    let whole = format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60);
    Ok(Json::from(if us == 0 { whole } else { format!("{whole}.{us:06}") }))
}

fn uuid(data: &[u8]) -> String {
    let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// A decimal, digit by digit.
fn exact(decimal: &Decimal) -> Made {
    let bytes = decimal.data();
    if bytes.is_empty() || bytes.len() > 16 || !(0..=38).contains(&decimal.scale()) {
        return Err("has a decimal of more than 38 digits");
    }
    let fill = if bytes[0] & 0x80 == 0 { 0 } else { 0xff };
    let mut whole = [fill; 16];
    whole[16 - bytes.len()..].copy_from_slice(bytes);
    let unscaled = i128::from_be_bytes(whole);
    let scale = usize::try_from(decimal.scale()).unwrap_or_default();
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (front, back) = digits.split_at(digits.len() - scale);
    let back = back.trim_end_matches('0');
    let sign = if unscaled < 0 { "-" } else { "" };
    let point = if back.is_empty() { "" } else { "." };
    let text = format!("{sign}{front}{point}{back}");
    Ok(serde_json::from_str(&text).unwrap_or(Json::Null))
}

#[cfg(test)]
pub mod tests;
