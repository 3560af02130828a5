//! Parquet as others write it, and as nobody would.

use super::*;
use bytes::Bytes;
use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;

const SCHEMA: &str = "message rows {
    required int64 id;
    optional binary name (UTF8);
    required int64 at (TIMESTAMP(NANOS,true));
    required int64 local (TIMESTAMP(MICROS,false));
    required int32 day (DATE);
    required int32 price (DECIMAL(9,2));
    required fixed_len_byte_array(16) key (UUID);
    required double weight;
    required boolean news;
    optional group address { optional binary city (UTF8); }
    optional group tags (LIST) { repeated group list { optional binary element (UTF8); } }
}";

/// Two rows in every type, in one group or in two.
pub fn file(compression: Compression, groups: usize) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    for _ in 0..groups {
        let text = |text: &str| ByteArray::from(text);
        let mut group = writer.next_row_group().unwrap();
        macro_rules! column {
            ($kind:ty, $values:expr, $levels:expr, $repeats:expr) => {
                let mut column = group.next_column().unwrap().unwrap();
                column.typed::<$kind>().write_batch($values, $levels, $repeats).unwrap();
                column.close().unwrap();
            };
        }
        column!(Int64Type, &[7, -8], None, None);
        column!(ByteArrayType, &[text("Ana")], Some(&[1, 0]), None);
        column!(Int64Type, &[1_300_000_000_123_456_789, 0], None, None);
        column!(Int64Type, &[1_300_000_000_500_000, 0], None, None);
        column!(Int32Type, &[15_000, -1], None, None);
        column!(Int32Type, &[-250, 1_999], None, None);
        let key = FixedLenByteArray::from(ByteArray::from((0..16).collect::<Vec<u8>>()));
        column!(FixedLenByteArrayType, &[key.clone(), key], None, None);
        column!(DoubleType, &[0.1, f64::NAN], None, None);
        column!(BoolType, &[true, false], None, None);
        column!(ByteArrayType, &[text("Madrid")], Some(&[2, 0]), None);
        let tags = [text("a"), text("b")];
        column!(ByteArrayType, &tags, Some(&[3, 3, 0]), Some(&[0, 1, 0]));
        group.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}

fn read(bytes: Vec<u8>) -> anyhow::Result<Vec<String>> {
    let mut columns = Columns::open(Bytes::from(bytes))?;
    let mut said = Vec::new();
    while let Some(row) = columns.next()? {
        said.push(match row {
            Ok((line, fields)) => format!("{line} {}", Json::Object(fields)),
            Err(rejected) => format!("{} {} {}", rejected.line, rejected.reason, rejected.row),
        });
    }
    Ok(said)
}

fn packings() -> [Compression; 4] {
    let (gzip, zstd) = (Default::default(), Default::default());
    let packed = [Compression::SNAPPY, Compression::GZIP(gzip), Compression::ZSTD(zstd)];
    [Compression::UNCOMPRESSED, packed[0], packed[1], packed[2]]
}

#[test]
fn every_type_is_what_it_says() {
    let first = r#""at":"2011-03-13T07:06:40.123456789Z","day":"2011-01-26","#;
    for compression in packings() {
        let rows = read(file(compression, 2)).unwrap();
        assert_eq!(rows.len(), 4, "{compression:?}");
        assert!(rows[0].contains(first), "{}", rows[0]);
        for part in [
            r#""address":{"city":"Madrid"}"#,
            r#""id":7"#,
            r#""key":"00010203-0405-0607-0809-0a0b0c0d0e0f""#,
            r#""local":"2011-03-13 07:06:40.5""#,
            r#""name":"Ana""#,
            r#""news":true"#,
            r#""price":-2.5"#,
            r#""tags":["a","b"]"#,
            r#""weight":0.1"#,
        ] {
            assert!(rows[0].contains(part), "{part} in {}", rows[0]);
        }
        for part in [r#""address":null"#, r#""price":19.99"#, r#""weight":null"#, r#""tags":null"#]
        {
            assert!(rows[1].contains(part), "{part} in {}", rows[1]);
        }
        assert_eq!(rows[0][2..], rows[2][2..]);
    }
    let names = Columns::open(Bytes::from(file(Compression::SNAPPY, 1))).unwrap().names;
    assert!(names.contains(&"address.city".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("tags.")), "{names:?}");
}

#[test]
fn what_is_damaged_is_said_and_never_a_panic() {
    std::panic::set_hook(Box::new(|_| {}));
    for compression in packings() {
        let whole = file(compression, 1);
        let mut refused = 0;
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= [0x01, 0x80, 0xff][at % 3];
            refused += u32::from(read(bytes).is_err());
        }
        assert!(refused > 100, "{refused} of {}", whole.len());
        for end in (0..whole.len()).step_by(7) {
            assert!(read(whole[..end].to_vec()).is_err(), "{end} bytes of {}", whole.len());
        }
    }
    let _ = std::panic::take_hook();
}

fn one_column(values: &[ByteArray], compression: Compression) -> Vec<u8> {
    let schema = "message rows { required binary t (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(values, None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn what_is_too_large_is_refused_where_it_is() {
    let long = ByteArray::from("x".repeat(2 << 20).as_str());
    let rows = read(one_column(&[long, "y".into()], Compression::UNCOMPRESSED)).unwrap();
    assert_eq!(rows, ["1 is longer than 1 MiB {}", "2 {\"t\":\"y\"}"]);
    // Seventy mebibytes of one letter are a few kilobytes in the file.
    let bomb = ByteArray::from("x".repeat(70 << 20).as_str());
    let bytes = one_column(&[bomb], Compression::ZSTD(Default::default()));
    assert!(bytes.len() < 1 << 20);
    let said = format!("{:#}", read(bytes).unwrap_err());
    assert_eq!(said, "column `t` of the group of rows 0: a page is larger than 64 MiB");
    let said = format!("{:#}", read(b"a,b\n1,2\n3,4\n5,6\n".to_vec()).unwrap_err());
    assert_eq!(said, "does not end as Parquet does: is it complete?");
}

#[test]
fn a_type_that_is_not_read_is_named() {
    let schema = "message rows { required fixed_len_byte_array(12) wait (INTERVAL); }";
    let field = parse_message_type(schema).unwrap();
    let said = check_type(&field.get_fields()[0], "wait", 0).unwrap_err().to_string();
    assert!(said.contains("column `wait`") && said.contains("INTERVAL"), "{said}");
}
