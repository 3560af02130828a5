//! CloudEvents over HTTP, in the three modes of its binding: structured, batched, and binary, whose
//! attributes are headers. Version 1.0.2 of "HTTP Protocol Binding for CloudEvents", in
//! <https://github.com/cloudevents/spec/tree/v1.0.2/cloudevents/bindings>.

use super::super::access::decode;
use super::super::error::Problem;
use super::events::{Document, documents};
use super::oversized;
use axum::http::{HeaderMap, header};
use cauce_core::diagnostic::Diagnostic;
use cauce_core::limits;
use serde_json::{Map, Value};

/// What an attribute's header begins with.
const PREFIX: &str = "ce-";

/// The events of a request that says that it is CloudEvents.
pub fn read(headers: &HeaderMap, body: &[u8]) -> Option<Result<Vec<Document>, Problem>> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        "application/cloudevents+json" | "application/cloudevents-batch+json" => {
            Some(documents(body))
        }
        essence if headers.contains_key("ce-specversion") => {
            Some(Ok(vec![binary(headers, essence, body)]))
        }
        _ => None,
    }
}

/// Attributes in headers, and the data as they are.
fn binary(headers: &HeaderMap, essence: &str, body: &[u8]) -> Document {
    if body.len() > limits::EVENT_BYTES_MAX {
        return Err(oversized());
    }
    let mut event = Map::new();
    for (name, value) in headers {
        let Some(name) = name.as_str().strip_prefix(PREFIX) else { continue };
        let Ok(value) = value.to_str() else {
            let message =
                format!("the header `{PREFIX}{name}` is no text; encode it with percents");
            return Err(Diagnostic::error(name, "bad-header", message));
        };
        event.insert(name.to_owned(), decode(value).into());
    }
    let is_json = essence.is_empty() || essence.ends_with("/json") || essence.ends_with("+json");
    let data = match () {
        () if body.is_empty() => Value::Null,
        () if is_json => serde_json::from_slice(body).map_err(|error| {
            Diagnostic::error("data", "malformed", format!("not JSON: {error}"))
        })?,
        () => match std::str::from_utf8(body) {
            Ok(text) if essence.starts_with("text/") => text.into(),
            _ => {
                let message = format!("data of the type `{essence}` are no properties");
                let fault = Diagnostic::error("data", "binary-data", message);
                return Err(
                    fault.hint("send JSON, with the header `content-type: application/json`")
                );
            }
        },
    };
    event.insert("data".to_owned(), data);
    Ok(Value::Object(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&'static str, &str)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn attributes_are_headers_and_data_are_the_body() {
        let headers = asked(&[
            ("content-type", "application/json; charset=utf-8"),
            ("ce-specversion", "1.0"),
            ("ce-id", "A%20%E2%82%AC"),
            ("ce-email", "ana@example.com"),
            ("authorization", "Bearer x"),
        ]);
        let one = |headers: &HeaderMap, body: &[u8]| {
            let mut all = read(headers, body).unwrap().unwrap();
            assert_eq!(all.len(), 1);
            all.remove(0)
        };
        let event = one(&headers, br#"{"total":5}"#).unwrap();
        let expected = serde_json::json!({
            "specversion": "1.0", "id": "A €", "email": "ana@example.com", "data": { "total": 5 },
        });
        assert_eq!(event, expected);
        assert_eq!(one(&headers, b"{").unwrap_err().code, "malformed");
        let text = asked(&[("ce-specversion", "1.0"), ("content-type", "text/plain")]);
        assert_eq!(one(&text, b"paid").unwrap()["data"], "paid");
        let bytes = asked(&[("ce-specversion", "1.0"), ("content-type", "image/png")]);
        assert_eq!(one(&bytes, b"\x89PNG").unwrap_err().code, "binary-data");
        assert_eq!(one(&asked(&[("ce-specversion", "1.0")]), b"").unwrap()["data"], Value::Null);
    }

    #[test]
    fn what_says_nothing_of_it_is_none() {
        assert!(read(&asked(&[("content-type", "application/json")]), b"{}").is_none());
        assert!(read(&HeaderMap::new(), b"{}").is_none());
        let batch = asked(&[("content-type", "application/cloudevents-batch+json")]);
        assert_eq!(read(&batch, b"[{},{}]").unwrap().unwrap().len(), 2);
    }
}
