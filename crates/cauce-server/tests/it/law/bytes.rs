//! Looking for a person in the bytes of files, in whatever way they may be written there.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::path::Path;

/// The ways in which a text may be spelled in a file, each with its name.
pub fn spellings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = text.as_bytes();
    let mut json = String::new();
    let mut quoted = String::new();
    let mut percent = String::new();
    for c in text.chars() {
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            if c.is_ascii() {
                json.push(c);
            } else {
                json.push_str(&format!("\\u{unit:04x}"));
            }
        }
        let mut utf8 = [0; 4];
        for byte in c.encode_utf8(&mut utf8).bytes() {
            if byte.is_ascii_alphanumeric() {
                quoted.push(char::from(byte));
                percent.push(char::from(byte));
            } else {
                quoted.push_str(&format!("={byte:02X}"));
                percent.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut all = vec![
        ("as UTF-16", units.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("as UTF-16, high bytes first", units.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ("as it is", bytes.to_vec()),
        ("in small letters", text.to_lowercase().into_bytes()),
        ("as JSON", json.into_bytes()),
        ("as quoted-printable", quoted.into_bytes()),
        ("percent-encoded", percent.into_bytes()),
        ("percent-encoded but for @", text.replace('@', "%40").into_bytes()),
    ];
    // Wherever it begins within three bytes, all but its ends is spelled in one of these ways.
    for offset in 0..3 {
        let padded: Vec<u8> = std::iter::repeat_n(b'x', offset).chain(bytes.to_vec()).collect();
        for (name, engine) in [("as base64", &STANDARD), ("as base64 for URLs", &URL_SAFE_NO_PAD)] {
            let whole = engine.encode(&padded);
            let (from, to) = ((offset * 8).div_ceil(6), padded.len() * 8 / 6);
            all.push((name, whole.as_bytes()[from..to].to_vec()));
        }
    }
    all
}

/// Every file below a folder that has one of the texts in it: file, text, spelling.
pub fn found(folder: &Path, texts: &[&str]) -> Vec<String> {
    let mut wanted = Vec::new();
    for text in texts {
        let all = spellings(text).into_iter();
        wanted.extend(all.map(|(name, bytes)| (format!("`{text}` {name}"), bytes)));
    }
    // By their first two bytes: one pass over a file, also where the build is a slow one.
    let mut begins = vec![Vec::new(); 1 << 16];
    for (place, (_, bytes)) in wanted.iter().enumerate() {
        begins[usize::from(bytes[0]) << 8 | usize::from(bytes[1])].push(place);
    }
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            // A file may go while this looks: then nothing is in it.
            let Ok(bytes) = std::fs::read(&path) else { continue };
            let mut seen = std::collections::BTreeSet::new();
            for (at, two) in bytes.windows(2).enumerate() {
                for place in &begins[usize::from(two[0]) << 8 | usize::from(two[1])] {
                    if bytes[at..].starts_with(&wanted[*place].1) {
                        seen.insert(*place);
                    }
                }
            }
            found.extend(
                seen.iter().map(|place| format!("{}: {}", path.display(), wanted[*place].0)),
            );
        }
    }
    found
}

#[test]
fn every_spelling_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Íñigo@x.example";
    for (place, (name, bytes)) in spellings(text).into_iter().enumerate() {
        let file = folder.path().join(place.to_string());
        std::fs::write(&file, [b"some bytes before ".as_slice(), &bytes, b" and behind"].concat())
            .unwrap();
        let seen = found(folder.path(), &[text]);
        assert!(!seen.is_empty(), "{name}");
        std::fs::remove_file(file).unwrap();
    }
    assert!(found(folder.path(), &[text]).is_empty());
}
