//! Bodies of requests that report events: Segment's calls, its batches, our own shape, NDJSON,
//! CloudEvents.

use crate::choose;
use cauce_core::admit::{self, CALLS, Edge};
use cauce_core::diagnostic::Diagnostic;
use cauce_core::event::Event;
use cauce_core::identity::Namespaces;
use cauce_core::ids::{EventId, TraceId};
use cauce_core::input::{Body, Input};
use cauce_core::time::Timestamp;
use cauce_core::{identity, limits};
use cauce_engine::codec;
use cauce_server::http::v1;
use serde_json::Value;

/// 0–5 one call, 6 a batch, 7 our own shape, 8 NDJSON, 9 CloudEvents.
const SHAPES: usize = CALLS.len() + 4;

/// A body is admitted as a sound event, or refused with faults that can be read.
pub fn run(bytes: &[u8]) {
    let (shape, body) = choose(bytes, SHAPES);
    match shape {
        6 => batch(body),
        7 => {
            for document in v1::events::documents(body).into_iter().flatten().flatten() {
                judge(|edge| admit::native(&document, edge, &Namespaces::default()), None);
            }
        }
        8 => {
            let Ok(documents) = v1::events::by_line(body) else { return };
            let ends = body.iter().filter(|byte| **byte == b'\n').count();
            assert!(documents.len() <= ends + 1, "a line was read twice");
            for document in documents {
                match document {
                    Ok(document) => {
                        judge(|edge| admit::native(&document, edge, &Namespaces::default()), None)
                    }
                    Err(fault) => readable(&fault),
                }
            }
        }
        9 => {
            for document in v1::events::documents(body).into_iter().flatten().flatten() {
                judge(|edge| admit::cloud(&document, edge, &Namespaces::default()), None);
            }
        }
        call => {
            if let Ok(document) = v1::json(body) {
                judge(
                    |edge| admit::segment(CALLS[call], &document, edge, &Namespaces::default()),
                    sent_at(&document),
                );
            }
        }
    }
}

fn sent_at(document: &Value) -> Option<Timestamp> {
    document.get("sentAt").and_then(Value::as_str).and_then(|text| text.parse().ok())
}

fn batch(body: &[u8]) {
    let Ok(batch) = v1::segment::calls(body) else { return };
    let sent_at = batch.sent_at;
    for document in &batch.calls {
        let call = document.get("type").and_then(Value::as_str).unwrap_or_default();
        judge(|edge| admit::segment(call, document, edge, &Namespaces::default()), sent_at);
    }
}

fn judge(admit: impl Fn(&Edge) -> Result<Event, Vec<Diagnostic>>, sent_at: Option<Timestamp>) {
    let received_at = Timestamp(1_760_000_000_000);
    let edge = Edge { received_at, sent_at, historical: false, fallback: EventId(7) };
    let admitted = admit(&edge);
    assert_eq!(admit(&edge), admitted, "the same body, another event");
    match admitted {
        Ok(event) => sound(&event, received_at),
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a fault");
            faults.iter().for_each(readable);
        }
    }
}

fn readable(fault: &Diagnostic) {
    assert!(!fault.code.is_empty() && !fault.message.is_empty(), "{fault:?}");
    assert!(!fault.to_string().is_empty());
}

fn sound(event: &Event, received_at: Timestamp) {
    assert!(!event.aliases.is_empty(), "an event about nobody");
    for alias in &event.aliases {
        assert_eq!(identity::canonical(&alias.namespace, &alias.value).as_ref(), Ok(alias));
    }
    assert!(event.occurred_at <= received_at, "it happens after it is reported");
    assert!(event.name.len() <= limits::NAME_BYTES_MAX && !event.name.is_empty());
    assert!(!event.name.chars().any(char::is_control), "{:?}", event.name);
    assert!(event.attributes.len() <= limits::ATTRIBUTES_MAX);
    let body = Body::Event(Box::new(event.clone()));
    let input = Input { at: received_at, trace: TraceId(1), body };
    let line = codec::encode(&input);
    assert_eq!(codec::input(&line).expect("what was written is read"), input);
}
