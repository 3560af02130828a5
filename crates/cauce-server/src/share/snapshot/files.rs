//! The files of a snapshot: rows of text, columns, bitmaps.

use anyhow::Context;
use cauce_core::ids::ProfileId;
use cauce_core::publish::Format;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use roaring::RoaringTreemap;
use std::io::Write;
use std::sync::Arc;

/// One person of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The bit: partition and number, never used for anybody else.
    pub id: u64,
    /// Who.
    pub profile: ProfileId,
    /// The name that the destination asked for, if the profile has one.
    pub alias: Option<String>,
}

/// Limit: rows of one group of columns.
const GROUP_ROWS: usize = 100_000;

const COLUMNS: &str = "message members {
    required int64 id;
    required binary profile (UTF8);
    optional binary alias (UTF8);
}";

/// What the file of a format is called after.
pub fn extension(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::Parquet => "parquet",
        Format::Roaring => "roaring",
    }
}

/// Rows in a format.
///
/// # Errors
/// A row that the format does not take; none of ours.
pub fn encode(format: Format, rows: &[Row]) -> anyhow::Result<Vec<u8>> {
    match format {
        Format::Csv => csv(rows),
        Format::Parquet => columns(rows),
        Format::Roaring => {
            let mut bytes = Vec::new();
            let bits: RoaringTreemap = rows.iter().map(|row| row.id).collect();
            bits.serialize_into(&mut bytes)?;
            Ok(bytes)
        }
    }
}

fn csv(rows: &[Row]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "profile", "alias"])?;
    for row in rows {
        let (id, profile) = (row.id.to_string(), row.profile.to_string());
        writer.write_record([&id, &profile, row.alias.as_deref().unwrap_or_default()])?;
    }
    writer.into_inner().context("writing to memory")
}

fn columns(rows: &[Row]) -> anyhow::Result<Vec<u8>> {
    let schema = Arc::new(parse_message_type(COLUMNS)?);
    let mut bytes = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut bytes, schema, Arc::new(WriterProperties::default()))?;
    for rows in rows.chunks(GROUP_ROWS) {
        let text = |text: String| ByteArray::from(text.into_bytes());
        let mut group = writer.next_row_group()?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id as i64).collect();
        let mut column = group.next_column()?.context("the column of ids")?;
        column.typed::<Int64Type>().write_batch(&ids, None, None)?;
        column.close()?;
        let profiles: Vec<_> = rows.iter().map(|row| text(row.profile.to_string())).collect();
        let mut column = group.next_column()?.context("the column of profiles")?;
        column.typed::<ByteArrayType>().write_batch(&profiles, None, None)?;
        column.close()?;
        // Only values that exist are written; the levels say whose they are.
        let aliases: Vec<_> = rows.iter().filter_map(|row| row.alias.clone().map(text)).collect();
        let levels: Vec<i16> = rows.iter().map(|row| i16::from(row.alias.is_some())).collect();
        let mut column = group.next_column()?.context("the column of aliases")?;
        column.typed::<ByteArrayType>().write_batch(&aliases, Some(&levels), None)?;
        column.close()?;
        group.close()?;
    }
    writer.close()?;
    Ok(bytes)
}

/// Writes a file that is durable when this returns.
///
/// # Errors
/// The disk.
pub fn write(file: &std::path::Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut opened = std::fs::File::create(file)
        .with_context(|| format!("`{}` cannot be written", file.display()))?;
    opened.write_all(bytes)?;
    opened.sync_all()?;
    Ok(())
}
