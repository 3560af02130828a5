//! Judging the pages of a Parquet file before anything is made of them: a few bytes can claim
//! gigabytes, and the reader would believe them.

use anyhow::{Context, bail, ensure};
use parquet::basic::Compression;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::reader::ChunkReader;
use std::io::Read;

/// Limit: columns of a file, those inside of others counted one by one.
const COLUMNS_MAX: usize = 2_000;
/// Limit: bytes of the description at the end of a file.
const FOOTER_BYTES_MAX: u64 = 16 << 20;
/// Limit: bytes of one page, once it is decompressed.
const PAGE_BYTES_MAX: u64 = 64 << 20;
/// Limit: bytes of what a page says about itself; it may quote the smallest and largest value.
const HEADER_BYTES_MAX: usize = 1 << 20;
/// Limit: values of one page.
const VALUES_MAX: u64 = 1 << 24;
/// Limit: values of a column of lists in one group of rows: a single row may claim all of them.
const LISTED_MAX: u64 = 1 << 23;
/// Limit: how deep what a page says may be nested; the format needs three.
const DEPTH_MAX: u32 = 8;

/// Refuses a description that is longer than any honest one, before it is read.
pub fn check_footer<R: ChunkReader>(file: &R) -> anyhow::Result<()> {
    let length = file.len();
    ensure!(length >= 12, "has {length} bytes and is no Parquet");
    let end = file.get_bytes(length - 8, 8)?;
    match &end[4..] {
        b"PAR1" => {}
        b"PARE" => bail!("is encrypted; decrypt it first"),
        _ => bail!("does not end as Parquet does: is it complete?"),
    }
    let said = u64::from(u32::from_le_bytes([end[0], end[1], end[2], end[3]]));
    ensure!(said <= FOOTER_BYTES_MAX, "describes itself in {said} bytes; at most 16 MiB");
    ensure!(said + 12 <= length, "describes itself in {said} bytes, and has only {length}");
    Ok(())
}

/// Goes over all pages: none is larger than it may be, and none grows beyond what it says.
pub fn check_pages<R: ChunkReader>(file: &R, known: &ParquetMetaData) -> anyhow::Result<()> {
    let columns = known.file_metadata().schema_descr().num_columns();
    ensure!(columns <= COLUMNS_MAX, "has {columns} columns; at most {COLUMNS_MAX}");
    for (place, group) in known.row_groups().iter().enumerate() {
        ensure!(group.columns().len() == columns, "group {place} has not every column");
        for chunk in group.columns() {
            let name = chunk.column_path().string();
            check_chunk(file, chunk)
                .with_context(|| format!("column `{name}` of the group of rows {place}"))?;
        }
    }
    Ok(())
}

fn check_chunk<R: ChunkReader>(file: &R, chunk: &ColumnChunkMetaData) -> anyhow::Result<()> {
    let unsigned = |value: i64| u64::try_from(value).context("a place or length is negative");
    // The same sum as the reader's, which panics where a part is negative.
    let first = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
    let (start, length) = (unsigned(first)?, unsigned(chunk.compressed_size())?);
    unsigned(chunk.data_page_offset())?;
    let end = start.checked_add(length).filter(|end| *end <= file.len());
    let end = end.context("reaches beyond the end of the file")?;
    let values = unsigned(chunk.num_values())?;
    let listed = chunk.column_descr().max_rep_level() > 0;
    ensure!(
        !listed || values <= LISTED_MAX,
        "has {values} values in lists; at most {LISTED_MAX} in one group of rows"
    );
    let (mut at, mut seen) = (start, 0);
    while at < end && seen < values {
        let page = Page::read(file, at, end)?;
        ensure!(
            page.body <= PAGE_BYTES_MAX && page.inflated <= PAGE_BYTES_MAX,
            "a page is larger than 64 MiB"
        );
        ensure!(page.values <= VALUES_MAX, "a page has more than {VALUES_MAX} values");
        at += page.header;
        ensure!(page.body <= end - at, "a page reaches beyond its column");
        check_inflated(file, chunk.compression(), &page, at)?;
        at += page.body;
        seen += page.counted;
        ensure!(!listed || seen <= LISTED_MAX, "has more values in lists than {LISTED_MAX}");
    }
    Ok(())
}

/// Inflates a page to nothing, to see that it does not become more than it says. Formats that say
/// their length themselves are bounded by it in the reader.
fn check_inflated<R: ChunkReader>(
    file: &R,
    compression: Compression,
    page: &Page,
    at: u64,
) -> anyhow::Result<()> {
    let packed = matches!(compression, Compression::GZIP(_) | Compression::ZSTD(_));
    if !packed || !page.is_packed {
        return Ok(());
    }
    let length = page.body.checked_sub(page.levels).context("a page is shorter than its levels")?;
    let bytes = file.get_bytes(at + page.levels, usize::try_from(length)?)?;
    let room = page.inflated.saturating_sub(page.levels);
    let grown = match compression {
        Compression::ZSTD(_) => grow(zstd::stream::read::Decoder::new(&bytes[..])?, room),
        _ => grow(flate2::read::MultiGzDecoder::new(&bytes[..]), room),
    };
    ensure!(grown.context("a page cannot be inflated")? <= room, "a page is more than it says");
    Ok(())
}

fn grow(from: impl Read, room: u64) -> std::io::Result<u64> {
    std::io::copy(&mut from.take(room + 1), &mut std::io::sink())
}

/// What a page says about itself.
#[derive(Debug, Default, PartialEq, Eq)]
struct Page {
    /// Bytes of that.
    header: u64,
    /// Bytes behind it.
    body: u64,
    /// Bytes of what is behind it, decompressed.
    inflated: u64,
    /// Values, of a dictionary too.
    values: u64,
    /// Values that belong to rows.
    counted: u64,
    /// Bytes at the beginning that are never compressed.
    levels: u64,
    /// Whether the rest is.
    is_packed: bool,
}

impl Page {
    fn read<R: ChunkReader>(file: &R, at: u64, end: u64) -> anyhow::Result<Page> {
        // Nearly every header is short; a long one is read again whole.
        for most in [4 << 10, HEADER_BYTES_MAX] {
            let length = (end - at).min(most as u64);
            let bytes = file.get_bytes(at, usize::try_from(length)?)?;
            match Page::parse(&bytes) {
                Some(page) => return page,
                None if length < most as u64 => break,
                None => {}
            }
        }
        bail!("a page does not say what it is")
    }

    /// Nothing if there is more to read.
    fn parse(bytes: &[u8]) -> Option<anyhow::Result<Page>> {
        let mut compact = Compact { bytes, at: 0 };
        let mut page = Page { is_packed: true, ..Page::default() };
        let read = compact.fields(0, &mut |path, value| {
            let Ok(value) = u64::try_from(value) else { return false };
            match path {
                [2] => page.inflated = value,
                [3] => page.body = value,
                [5 | 8, 1] => (page.values, page.counted) = (value, value),
                [7, 1] => page.values = value,
                // A field's number and not its truth: `false` arrives as 0.
                [8, 5 | 6] => page.levels = page.levels.saturating_add(value),
                [8, 7] => page.is_packed = value != 0,
                _ => {}
            }
            true
        });
        page.header = compact.at as u64;
        match read {
            Ok(()) => Some(Ok(page)),
            Err(Broken::Short) => None,
            Err(Broken::Wrong) => Some(Err(anyhow::anyhow!("a page's description is damaged"))),
        }
    }
}

enum Broken {
    Short,
    Wrong,
}

/// Thrift's compact form, as far as the header of a page needs it: numbers are told, the rest is
/// passed over.
struct Compact<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Compact<'_> {
    fn byte(&mut self) -> Result<u8, Broken> {
        let byte = self.bytes.get(self.at).copied().ok_or(Broken::Short)?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64, Broken> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Broken::Wrong)
    }

    fn number(&mut self) -> Result<i64, Broken> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn pass(&mut self, bytes: u64) -> Result<(), Broken> {
        let bytes = usize::try_from(bytes).map_err(|_| Broken::Wrong)?;
        let end = self.at.checked_add(bytes).ok_or(Broken::Wrong)?;
        if end > self.bytes.len() {
            return Err(Broken::Short);
        }
        self.at = end;
        Ok(())
    }

    /// The fields of a structure. `tell` hears of every number at which path it stands, and says
    /// whether it can be.
    fn fields(
        &mut self,
        depth: u32,
        tell: &mut dyn FnMut(&[i64], i64) -> bool,
    ) -> Result<(), Broken> {
        if depth > DEPTH_MAX {
            return Err(Broken::Wrong);
        }
        let mut id = 0i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            let (step, kind) = (i64::from(head >> 4), head & 0x0f);
            id = if step == 0 { self.number()? } else { id.wrapping_add(step) };
            let own = id;
            let told = match kind {
                1 | 2 => tell(&[own], i64::from(kind == 1)),
                4..=6 => {
                    let value = self.number()?;
                    tell(&[own], value)
                }
                12 => {
                    self.fields(depth + 1, &mut |path, value| match path {
                        [inner] => tell(&[own, *inner], value),
                        // Deeper ones say nothing that is asked for.
                        _ => true,
                    })?;
                    true
                }
                other => {
                    self.skip(other, depth)?;
                    true
                }
            };
            if !told {
                return Err(Broken::Wrong);
            }
        }
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Result<(), Broken> {
        match kind {
            3 => self.pass(1),
            7 => self.pass(8),
            8 => {
                let length = self.varint()?;
                self.pass(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = match head >> 4 {
                    15 => self.varint()?,
                    few => u64::from(few),
                };
                (0..count).try_for_each(|_| self.element(head & 0x0f, depth))
            }
            11 => {
                let count = self.varint()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                (0..count).try_for_each(|_| {
                    self.element(kinds >> 4, depth)?;
                    self.element(kinds & 0x0f, depth)
                })
            }
            _ => Err(Broken::Wrong),
        }
    }

    /// One element of a list or map: a truth takes a byte here.
    fn element(&mut self, kind: u8, depth: u32) -> Result<(), Broken> {
        match kind {
            1 | 2 => self.pass(1),
            4..=6 => self.varint().map(|_| ()),
            12 => self.fields(depth + 1, &mut |_, _| true),
            9..=11 if depth >= DEPTH_MAX => Err(Broken::Wrong),
            other => self.skip(other, depth + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let said = match Page::parse(bytes) {
            None => "short".to_owned(),
            Some(Err(error)) => error.to_string(),
            Some(Ok(page)) => format!(
                "{} {} {} {} {} {}",
                page.header, page.inflated, page.body, page.values, page.levels, page.is_packed
            ),
        };
        assert_eq!(said, expected, "{bytes:?}");
    }

    #[test]
    fn a_page_says_how_large_it_is() {
        // Fields 1, 2 and 3, then field 5 with 1, 2, 3 and 4.
        let plain = [0x15, 0, 0x15, 200, 1, 0x15, 100, 0x2c, 0x15, 14, 0x15, 0, 0, 0];
        check(&plain, "14 100 50 7 0 true");
        (0..plain.len()).for_each(|end| check(&plain[..end], "short"));
        // The second kind of page: levels of 3 and 2 bytes, and nothing compressed.
        let second = [0x25, 20, 0x15, 20, 0x5c, 0x15, 2, 0x45, 6, 0x15, 4, 0x12, 0, 0];
        check(&second, "14 10 10 1 5 false");
        check(&[0x25, 1, 0], "a page's description is damaged");
        check(&[0x18, 0xff, 0xff, 0xff, 0xff, 0x7f], "short");
        check(&[0x1d], "a page's description is damaged");
        check(&[0x1c; 64], "a page's description is damaged");
    }
}
