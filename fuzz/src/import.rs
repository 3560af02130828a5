//! Files of rows and the mappings that make events of them.

use crate::{choose, text};
use cauce_server::cli::rehearse;
use serde_json::Value;
use std::path::Path;

/// Between a mapping and its rows.
const BETWEEN: &[u8] = b"\n===\n";

const NAMES: [&str; 4] = ["x.csv", "x.ndjson", "x.csv.gz", "x.ndjson.zst"];

/// For rows that bring no mapping.
const MAPPING: &str = "
columns: {at: date, n: number, b: boolean, i: integer}
zone: Europe/London
rules:
  - {when: {column: who, empty: true}, skip: nobody}
  - {event: ordered}
group-by: [no]
aliases: {user_id: who, email: {text: 'c{who}@x.y'}}
occurred-at: at
properties: {total: {sum: [n, i]}, lines: {count: rows}, b: b, i: {column: i, default: 1}}
";

/// Every row becomes part of an event, is skipped, or is rejected with its line and a reason.
pub fn run(bytes: &[u8]) {
    let (format, bytes) = choose(bytes, NAMES.len());
    let at = bytes.windows(BETWEEN.len()).position(|window| window == BETWEEN);
    let (mapping, rows) = match at {
        Some(at) => (text(&bytes[..at]), &bytes[at + BETWEEN.len()..]),
        None => (MAPPING.into(), bytes),
    };
    let Ok(first) = play(&mapping, NAMES[format], rows) else { return };
    let again = play(&mapping, NAMES[format], rows).expect("it could be read a moment ago");
    assert_eq!(first, again, "the same file, other events");
}

fn play(mapping: &str, name: &str, rows: &[u8]) -> Result<Vec<String>, String> {
    let lines = rows.iter().filter(|byte| **byte == b'\n' || **byte == b'\r').count() as u64 + 1;
    let compressed = name.ends_with("gz") || name.ends_with("zst");
    let mut said = Vec::new();
    let raw = Box::new(std::io::Cursor::new(rows.to_vec()));
    let done = rehearse(mapping, Path::new(name), raw, &mut |told| {
        said.push(match told {
            Ok(event) => {
                sound(event);
                event.to_string()
            }
            Err((line, reason)) => {
                assert!(line >= 1 && (compressed || line <= lines), "line {line} of {lines}");
                assert!(!reason.is_empty(), "rejected without a reason");
                format!("{line} {reason}")
            }
        });
    });
    match done {
        Ok(()) => Ok(said),
        Err(error) => {
            let why = format!("{error:#}");
            assert!(!why.is_empty(), "refused without a reason");
            Err(why)
        }
    }
}

fn sound(event: &Value) {
    assert!(event["id"].as_str().is_some(), "an event without an id could come twice: {event}");
    assert!(event["name"].as_str().is_some(), "{event}");
    let line = event.to_string();
    let read: Value = serde_json::from_str(&line).expect("what is sent is JSON");
    assert_eq!(&read, event);
}
