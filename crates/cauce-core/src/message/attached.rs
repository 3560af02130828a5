//! Files that travel with messages, as they are written: their bytes in base64, their sum bounded.
//!
//! They stand within the values of a message and thereby in the log and the ledger, which is why
//! they are small: what a message needs is durable with it, is erased with it, and is the same at
//! a second attempt. Not: an address from which they are fetched when the message leaves, which
//! would be a second promise that somebody else can break.

use super::Attachment;
use crate::diagnostic::Diagnostic;
use crate::limits::{ATTACHED_BYTES_MAX, ATTACHED_MAX};
use crate::prelude::*;
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// Under which name of its event's values a message keeps its files; no template sees it.
pub const ATTACHED: &str = "$attachments";

/// A file as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Written {
    /// Its name as the reader sees it.
    pub name: String,
    /// Its media type: `application/pdf`.
    pub content_type: String,
    /// Its bytes in base64.
    pub content: String,
    /// What the HTML calls it: `cid:logo`; absent for a file that is not shown in the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline_id: Option<String>,
}

impl Written {
    /// The file itself, if its bytes can be read.
    pub fn read(&self) -> Option<Attachment> {
        Some(Attachment {
            name: self.name.clone(),
            kind: self.content_type.clone(),
            inline_id: self.inline_id.clone(),
            bytes: decode(&self.content)?,
        })
    }
}

/// What is wrong with files that are written.
pub fn check(path: &str, files: &[Written], bytes_max: usize) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let mut ids = BTreeSet::new();
    let mut sum = 0;
    if files.len() > ATTACHED_MAX {
        let message = format!("{} files, at most {ATTACHED_MAX}", files.len());
        faults.push(Diagnostic::error(path, "too-many-files", message));
    }
    for (place, file) in files.iter().enumerate() {
        let at = |field: &str| format!("{path}.{place}.{field}");
        match decode(&file.content) {
            Some(bytes) => sum += bytes.len(),
            None => {
                let fault = Diagnostic::error(at("content"), "bad-base64", "is no base64");
                faults.push(fault.hint("the file's bytes, as `base64 -w0 FILE` prints them"));
            }
        }
        if file.name.trim().is_empty() {
            faults.push(Diagnostic::error(at("name"), "no-name", "a file has a name"));
        }
        let fine = |part: &str| {
            let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b);
            !part.is_empty() && part.len() <= 60 && part.bytes().all(token)
        };
        let kind = file.content_type.split_once('/');
        if !kind.is_some_and(|(main, sub)| {
            fine(main) && fine(sub) && !matches!(main, "multipart" | "message")
        }) {
            let message = format!("`{}` is no type of a file", file.content_type);
            let fault = Diagnostic::error(at("content-type"), "bad-type", message);
            faults.push(fault.hint("for example `application/pdf` or `image/png`"));
        }
        if let Some(id) = &file.inline_id {
            let word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            if id.is_empty() || id.len() > 60 || !id.bytes().all(word) {
                let message = "is no word of letters, digits, `-` and `_`";
                faults.push(Diagnostic::error(at("inline-id"), "bad-inline-id", message));
            } else if !ids.insert(id.as_str()) {
                let message = format!("`{id}` stands for two files");
                faults.push(Diagnostic::error(at("inline-id"), "inline-id-twice", message));
            }
        }
    }
    if sum > bytes_max {
        let message = format!("the files have {sum} bytes together, at most {bytes_max}");
        let fault = Diagnostic::error(path, "files-too-large", message);
        faults.push(fault.hint("send a link to a larger file"));
    }
    faults
}

/// What is wrong with the files of a request.
pub fn check_requested(path: &str, files: &[Written]) -> Vec<Diagnostic> {
    check(path, files, ATTACHED_BYTES_MAX)
}

/// The files as a value of a message.
pub fn to_value(files: &[Written]) -> Value {
    let of = |file: &Written| {
        let mut fields = BTreeMap::from([
            ("name".to_owned(), Value::String(file.name.clone())),
            ("content-type".to_owned(), Value::String(file.content_type.clone())),
            ("content".to_owned(), Value::String(file.content.clone())),
        ]);
        if let Some(id) = &file.inline_id {
            fields.insert("inline-id".to_owned(), Value::String(id.clone()));
        }
        Value::Object(fields)
    };
    Value::Array(files.iter().map(of).collect())
}

/// The files among the values of a message.
pub fn of_value(value: &Value) -> Vec<Attachment> {
    let Value::Array(files) = value else { return Vec::new() };
    let text =
        |file: &Value, name: &str| file.at([name]).and_then(Value::as_str).map(str::to_owned);
    let read = |file: &Value| {
        Some(Attachment {
            name: text(file, "name")?,
            kind: text(file, "content-type")?,
            inline_id: text(file, "inline-id"),
            bytes: decode(&text(file, "content")?)?,
        })
    };
    files.iter().filter_map(read).collect()
}

/// Base64 (RFC 4648 §4), line ends allowed; padding may be absent, anything else may not be there.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    let mut padding = 0;
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')) {
        let sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(sextet);
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match (count, padding) {
        (0, 0) => {}
        (2, 0 | 2) if bits & 15 == 0 => bytes.push((bits >> 4) as u8),
        (3, 0 | 1) if bits & 3 == 0 => {
            bytes.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]);
        }
        _ => return None,
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_strictly() {
        let check = |text: &str, bytes: Option<&[u8]>| {
            assert_eq!(decode(text).as_deref(), bytes, "{text}");
        };
        check("", Some(b""));
        check("YWJj", Some(b"abc"));
        check("YWI=", Some(b"ab"));
        check("YQ==", Some(b"a"));
        check("YQ", Some(b"a"));
        check("YW\r\nJj", Some(b"abc"));
        for bad in ["Y", "YQ=", "YR==", "Y-J_", "YQ==YQ==", "YWJj=", "a b="] {
            check(bad, None);
        }
    }

    #[test]
    fn files_come_back_from_their_values() {
        let file = Written {
            name: "a.pdf".into(),
            content_type: "application/pdf".into(),
            content: "YWJj".into(),
            inline_id: Some("logo".into()),
        };
        let again = of_value(&to_value(core::slice::from_ref(&file)));
        assert_eq!(again, [file.read().unwrap()]);
        assert!(check_requested("attachments", core::slice::from_ref(&file)).is_empty());
        let codes = |files: &[Written], max| {
            check("attachments", files, max).into_iter().map(|f| f.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(&[file.clone(), file.clone()], 5), ["inline-id-twice", "files-too-large"]);
        let bad = Written {
            name: " ".into(),
            content_type: "multipart/mixed".into(),
            content: "!".into(),
            inline_id: Some("a b".into()),
        };
        assert_eq!(codes(&[bad], 9), ["bad-base64", "no-name", "bad-type", "bad-inline-id"]);
    }
}
