//! Reading a file row by row: CSV and NDJSON, compressed or not, and Parquet.

use super::columns::Columns;
use super::mapping::{Format, Mapping};
use super::row::{Header, Rejected, Row};
use anyhow::Context;
use serde_json::Value as Json;
use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// The longest line of an NDJSON: beyond it is no event.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// Limit: bytes of one row of a CSV; a quote that is never closed would take all memory.
const RECORD_BYTES_MAX: u64 = 1 << 20;
/// What the reader of a CSV reads ahead, at most.
const AHEAD_BYTES: u64 = 64 << 10;
/// Limit: bytes of a Parquet that does not come from a file: its end is read first.
const WHOLE_BYTES_MAX: u64 = 256 << 20;

/// The rows of a file.
pub struct Rows {
    source: Source,
    keep_spaces: bool,
}

enum Source {
    Csv(CsvSource),
    Ndjson { reader: BufReader<Box<dyn Read>>, line: u64 },
    Parquet(Box<Columns>),
}

/// A reader that fails once one row has taken more than its share.
struct Bounded {
    inner: Box<dyn Read>,
    left: Rc<Cell<u64>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left.get() == 0 {
            let text = "a row is longer than 1 MiB: is there a quote that is never closed?";
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, text));
        }
        let read = self.inner.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(read as u64));
        Ok(read)
    }
}

struct CsvSource {
    reader: csv::Reader<Bounded>,
    /// What the row that is read may still take.
    left: Rc<Cell<u64>>,
    header: Arc<Header>,
    /// Lines that the reader has not counted yet where it says a row's line: it counts the end of a
    /// line that is two characters only with the next row.
    uncounted: u64,
}

/// What a file's name says that it is.
fn format(file: &Path) -> anyhow::Result<Format> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain = name.trim_end_matches(".zst").trim_end_matches(".gz");
    if plain.ends_with(".csv") {
        return Ok(Format::Csv);
    }
    if plain.ends_with(".ndjson") || plain.ends_with(".jsonl") {
        return Ok(Format::Ndjson);
    }
    if plain.ends_with(".parquet") {
        return Ok(Format::Parquet);
    }
    anyhow::bail!(
        "`{name}` does not say what it is; give `format: csv`, `ndjson` or `parquet` in the mapping"
    )
}

/// What the bytes are, decompressed by the file's name.
pub fn inflate(file: &Path, raw: Box<dyn Read>) -> anyhow::Result<Box<dyn Read>> {
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    Ok(match extension.as_str() {
        "zst" => Box::new(zstd::stream::read::Decoder::new(raw)?),
        "gz" => Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(raw))),
        _ => raw,
    })
}

impl Rows {
    /// The rows of an open file: `watch` sees its bytes as they are read.
    ///
    /// # Errors
    /// As of [`Rows::open`].
    pub fn of_file(
        name: &Path,
        opened: File,
        watch: &dyn Fn(File) -> Box<dyn Read>,
        mapping: &Mapping,
    ) -> anyhow::Result<Rows> {
        match mapping.format.map_or_else(|| format(name), Ok)? {
            Format::Csv | Format::Ndjson => Rows::open(name, watch(opened), mapping),
            Format::Parquet => {
                let columns = Columns::open(opened)?;
                mapping.check_columns(&columns.names)?;
                let source = Source::Parquet(Box::new(columns));
                Ok(Rows { source, keep_spaces: mapping.keep_spaces })
            }
        }
    }

    /// How many rows there are, where the file says it.
    pub fn total(&self) -> Option<u64> {
        match &self.source {
            Source::Csv(_) | Source::Ndjson { .. } => None,
            Source::Parquet(columns) => Some(columns.total),
        }
    }

    /// Opens a file whose bytes come from `raw`; refuses columns that it does not have.
    ///
    /// # Errors
    /// It cannot be read, or does not fit the mapping.
    pub fn open(file: &Path, raw: Box<dyn Read>, mapping: &Mapping) -> anyhow::Result<Rows> {
        let inflated = inflate(file, raw)?;
        let format = mapping.format.map_or_else(|| format(file), Ok)?;
        let source = match format {
            Format::Csv => {
                let mut inflated = BufReader::new(inflated);
                let start = inflated.fill_buf().context("the file cannot be read")?;
                let end = start.iter().position(|byte| *byte == b'\n');
                let two = end.is_some_and(|at| at > 0 && start[at - 1] == b'\r');
                let left = Rc::new(Cell::new(RECORD_BYTES_MAX + AHEAD_BYTES));
                let inner = Box::new(inflated);
                let mut reader = csv::ReaderBuilder::new()
                    .flexible(true)
                    .delimiter(mapping.delimiter.unwrap_or(',') as u8)
                    .from_reader(Bounded { inner, left: left.clone() });
                let header = reader.headers().context("the header cannot be read")?;
                // Spreadsheets begin a file with a byte-order mark.
                let names = header.iter().map(|name| name.trim_start_matches('\u{feff}').trim());
                let header = Arc::new(Header::new(names.map(str::to_owned).collect()));
                mapping.check_columns(&header.names)?;
                Source::Csv(CsvSource { reader, left, header, uncounted: u64::from(two) })
            }
            Format::Ndjson => Source::Ndjson { reader: BufReader::new(inflated), line: 0 },
            Format::Parquet => {
                let mut bytes = Vec::new();
                inflated.take(WHOLE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
                let fits = bytes.len() as u64 <= WHOLE_BYTES_MAX;
                anyhow::ensure!(fits, "is longer than 256 MiB; give the file itself");
                let columns = Columns::open(bytes::Bytes::from(bytes))?;
                mapping.check_columns(&columns.names)?;
                Source::Parquet(Box::new(columns))
            }
        };
        Ok(Rows { source, keep_spaces: mapping.keep_spaces })
    }

    /// The next row; nothing at the end. The outer error is the file's, the inner one the row's.
    pub fn next(&mut self) -> anyhow::Result<Option<Result<Row, Rejected>>> {
        match &mut self.source {
            Source::Csv(source) => csv_row(source, self.keep_spaces),
            Source::Ndjson { reader, line } => ndjson_row(reader, line, self.keep_spaces),
            Source::Parquet(columns) => {
                let row = |(line, fields)| Row::json(line, fields, self.keep_spaces);
                Ok(columns.next()?.map(|next| next.map(row)))
            }
        }
    }
}

fn csv_row(
    source: &mut CsvSource,
    keep_spaces: bool,
) -> anyhow::Result<Option<Result<Row, Rejected>>> {
    let mut bytes = csv::ByteRecord::new();
    let header = &source.header;
    source.left.set(RECORD_BYTES_MAX + AHEAD_BYTES);
    if !source.reader.read_byte_record(&mut bytes).context("the file cannot be read")? {
        return Ok(None);
    }
    let line = bytes.position().map_or(0, csv::Position::line) + source.uncounted;
    let shown = |bytes: &csv::ByteRecord| -> Json {
        bytes.iter().map(|cell| Json::from(String::from_utf8_lossy(cell))).collect()
    };
    if bytes.len() != header.names.len() {
        let (found, wanted) = (bytes.len(), header.names.len());
        let reason = format!("has {found} fields, the header has {wanted}");
        return Ok(Some(Err(Rejected { line, reason, row: shown(&bytes) })));
    }
    Ok(Some(match csv::StringRecord::from_byte_record(bytes) {
        Ok(record) => Ok(Row::csv(line, header.clone(), record, keep_spaces)),
        Err(error) => {
            let row = shown(&error.into_byte_record());
            Err(Rejected { line, reason: "is not UTF-8".to_owned(), row })
        }
    }))
}

fn ndjson_row(
    reader: &mut BufReader<Box<dyn Read>>,
    line: &mut u64,
    keep_spaces: bool,
) -> anyhow::Result<Option<Result<Row, Rejected>>> {
    loop {
        let mut bytes = Vec::new();
        let read = reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes);
        if read.context("the file cannot be read")? == 0 {
            return Ok(None);
        }
        *line += 1;
        let line = *line;
        let rejected = |reason: String, bytes: &[u8]| {
            let row = Json::from(String::from_utf8_lossy(&bytes[..bytes.len().min(1_024)]));
            Ok(Some(Err(Rejected { line, reason, row })))
        };
        if bytes.len() as u64 == LINE_BYTES_MAX && !bytes.ends_with(b"\n") {
            skip_line(reader).context("the file cannot be read")?;
            return rejected("is longer than 1 MiB".to_owned(), &bytes);
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        return match serde_json::from_slice(&bytes) {
            Ok(Json::Object(fields)) => Ok(Some(Ok(Row::json(line, fields, keep_spaces)))),
            Ok(_) => rejected("is no JSON object".to_owned(), &bytes),
            Err(error) => rejected(format!("is not JSON: {error}"), &bytes),
        };
    }
}

/// Goes to the end of a line without keeping it.
fn skip_line(reader: &mut BufReader<Box<dyn Read>>) -> std::io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let (used, found) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        reader.consume(used);
        if found {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write as _};

    const MAPPING: &str = "rules: [{event: e}]\naliases: {user_id: a}\n";

    fn check(name: &str, bytes: Vec<u8>, expected: &str) {
        let mapping = Mapping::parse(MAPPING).unwrap();
        let opened = Rows::open(Path::new(name), Box::new(Cursor::new(bytes)), &mapping);
        let mut said = Vec::new();
        match opened {
            Err(error) => said.push(format!("{error:#}")),
            Ok(mut rows) => {
                while let Some(row) = rows.next().unwrap() {
                    said.push(match row {
                        Ok(row) => format!("{} {}", row.line, row.shown()),
                        Err(rejected) => format!("{} {}", rejected.line, rejected.reason),
                    });
                }
            }
        }
        assert_eq!(said.join("|"), expected, "{name}");
    }

    #[test]
    fn files_are_read_as_they_are() {
        let csv = "\u{feff}a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n2\r\n3,4\r\n";
        let expected =
            r#"2 {"a":"1","b":"x, \"y\"\nz"}|4 has 1 fields, the header has 2|5 {"a":"3","b":"4"}"#;
        check("x.csv", csv.into(), expected);
        check("x.csv.zst", zstd::encode_all(csv.as_bytes(), 1).unwrap(), expected);
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(csv.as_bytes()).unwrap();
        check("x.csv.gz", gz.finish().unwrap(), expected);
        check("x.csv", csv.replace("\r\n", "\n").into(), expected);
        check("x.csv", b"a,b\n\xff,1\n".to_vec(), "2 is not UTF-8");
        check("x.csv", b"aa,b\n1,1\n".to_vec(), "there is no column `a`; did you mean `aa`?");
        check(
            "x.txt",
            Vec::new(),
            "`x.txt` does not say what it is; give `format: csv`, `ndjson` or `parquet` in the \
             mapping",
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_take_all_memory() {
        let mapping = Mapping::parse(MAPPING).unwrap();
        let open = |text: String| {
            let raw = Box::new(Cursor::new(text.into_bytes()));
            Rows::open(Path::new("x.csv"), raw, &mapping).unwrap()
        };
        let mut rows = open(format!("a,b\n1,\"{}", "x\n".repeat(2 << 20)));
        let said = format!("{:#}", rows.next().unwrap_err());
        assert!(said.contains("a quote that is never closed"), "{said}");
        let line = format!("1,\"{}\"\n", "x".repeat(900 << 10));
        let mut rows = open(format!("a,b\n{}", line.repeat(8)));
        let read = std::iter::from_fn(|| rows.next().unwrap()).filter(Result::is_ok).count();
        assert_eq!(read, 8);
    }

    #[test]
    fn columns_are_rows_and_are_known_by_name() {
        let bytes = super::super::columns::tests::file(parquet::basic::Compression::SNAPPY, 1);
        let open = |alias: &str| {
            let text = format!("rules: [{{event: e}}]\naliases: {{user_id: {alias}}}\n");
            let raw = Box::new(Cursor::new(bytes.clone()));
            Rows::open(Path::new("x.parquet"), raw, &Mapping::parse(&text).unwrap())
        };
        let mut rows = open("address.city").unwrap();
        assert_eq!(rows.total(), Some(2));
        let first = rows.next().unwrap().unwrap().unwrap();
        assert_eq!(first.cell("address.city").unwrap().as_ref(), &Json::from("Madrid"));
        let said = open("adress.city").err().unwrap().to_string();
        assert_eq!(said, "there is no column `adress.city`; did you mean `address.city`?");
    }

    #[test]
    fn lines_of_json_are_rows() {
        let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(2 << 20));
        let text = format!("{{\"a\":1}}\n\n[1]\n{long}{{\"a\":2}}");
        let expected = "1 {\"a\":1}|3 is no JSON object|4 is longer than 1 MiB|5 {\"a\":2}";
        check("x.ndjson", text.into(), expected);
        let mapping = Mapping::parse(MAPPING).unwrap();
        let open = |bytes: &[u8]| {
            Rows::open(Path::new("x.jsonl"), Box::new(Cursor::new(bytes.to_vec())), &mapping)
        };
        let row = open(b"{").unwrap().next().unwrap().unwrap();
        assert!(row.unwrap_err().reason.starts_with("is not JSON"));
    }
}
