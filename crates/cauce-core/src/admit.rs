//! From what somebody reported to an event, or to every fault at once. Pure: the clock and the
//! fallback identifier are arguments.
//!
//! Three shapes come in: Segment's tracking calls (<https://segment.com/docs/connections/spec/>),
//! CloudEvents, and Cauce's own.

mod cloud;

use crate::device;
use crate::diagnostic::Diagnostic;
use crate::event::{Event, Properties};
use crate::identity::Namespaces;
use crate::ids::{EventId, hash128};
use crate::limits;
use crate::message::Channel;
use crate::prelude::*;
use crate::profile::{Alias, ConsentFact, ConsentState};
use crate::time::Timestamp;
use crate::value::Value;
use serde_json::{Map, Value as Json};

pub use cloud::cloud;

/// What the edge knows besides the body.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// The edge's clock.
    pub received_at: Timestamp,
    /// When the client says that it sent the request, by its own clock.
    pub sent_at: Option<Timestamp>,
    /// The event belongs to the past: it never starts a journey and never sends.
    pub historical: bool,
    /// The identifier of an event whose reporter gave none.
    pub fallback: EventId,
}

/// Segment's calls.
pub const CALLS: [&str; 6] = ["identify", "track", "page", "screen", "group", "alias"];

/// The event identifier that a reporter's `messageId` stands for.
pub fn event_id(message_id: &str) -> EventId {
    EventId(hash128(&[b"message-id", message_id.as_bytes()]))
}

struct Admission<'n> {
    found: Vec<Diagnostic>,
    aliases: Vec<Alias>,
    namespaces: &'n Namespaces,
}

impl Admission<'_> {
    fn fault(&mut self, path: &str, code: &str, message: impl Into<String>) {
        self.found.push(Diagnostic::error(path, code, message));
    }

    fn text<'b>(&mut self, body: &'b Map<String, Json>, name: &str) -> Option<&'b str> {
        match body.get(name) {
            None | Some(Json::Null) => None,
            Some(Json::String(text)) => Some(text),
            Some(other) => {
                self.fault(name, "wrong-type", format!("expected text, found {}", kind(other)));
                None
            }
        }
    }

    fn time(&mut self, body: &Map<String, Json>, name: &str) -> Option<Timestamp> {
        let text = self.text(body, name)?;
        match text.parse() {
            Ok(at) => Some(at),
            Err(malformed) => {
                self.fault(name, "bad-time", format!("`{text}`: {malformed}"));
                None
            }
        }
    }

    /// Takes an alias; numbers are taken as their text, as clients send both.
    fn alias(&mut self, namespace: &str, path: &str, value: Option<&Json>) {
        let text = match value {
            None | Some(Json::Null) => return,
            Some(Json::String(text)) if text.is_empty() => return,
            Some(Json::String(text)) => text.clone(),
            Some(Json::Number(number)) => number.to_string(),
            Some(other) => {
                let message = format!("expected text or a number, found {}", kind(other));
                return self.fault(path, "wrong-type", message);
            }
        };
        match self.namespaces.canonical(namespace, &text) {
            Ok(alias) => self.aliases.push(alias),
            Err(why) => self.fault(path, "bad-alias", format!("`{text}`: {why}")),
        }
    }

    fn properties(&mut self, body: &Map<String, Json>, name: &str) -> Properties {
        match body.get(name) {
            None | Some(Json::Null) => Properties::new(),
            Some(Json::Object(fields)) => fields
                .iter()
                .filter_map(|(key, value)| {
                    let path = format!("{name}.{key}");
                    if key.len() > limits::NAME_BYTES_MAX {
                        self.fault(&path, "name-too-long", "a name has at most 128 bytes");
                        return None;
                    }
                    if depth(value) > limits::VALUE_DEPTH_MAX {
                        self.fault(&path, "too-deep", "values are nested at most 16 deep");
                        return None;
                    }
                    match Value::from_json(value.clone()) {
                        Ok(value) => Some((key.clone(), value)),
                        Err(why) => {
                            self.fault(&path, "bad-number", why);
                            None
                        }
                    }
                })
                .collect(),
            Some(other) => {
                self.fault(
                    name,
                    "wrong-type",
                    format!("expected an object, found {}", kind(other)),
                );
                Properties::new()
            }
        }
    }

    fn name(&mut self, path: &str, name: Option<&str>) -> String {
        let name = name.unwrap_or_default().trim();
        if name.is_empty() {
            self.fault(path, "missing", "the event has no name");
        } else if name.len() > limits::NAME_BYTES_MAX {
            self.fault(path, "name-too-long", "a name has at most 128 bytes");
        } else if name == crate::consent::STATED {
            let message = format!("`{name}` is Cauce's own word for what `consents` says");
            self.fault(path, "reserved-name", message);
        } else if name == crate::identity::RECTIFIED {
            let message = format!("`{name}` is Cauce's own word for what was put right");
            self.found.push(
                Diagnostic::error(path, "reserved-name", message)
                    .hint("`PATCH /v1/profiles/{namespace}/{value}`, or `cauce rectify`"),
            );
        } else if name.chars().any(char::is_control) {
            self.fault(path, "bad-name", "a name must not have control characters");
        }
        name.to_owned()
    }

    fn finish(mut self, event: Event) -> Result<Event, Vec<Diagnostic>> {
        let mut event = event;
        event.aliases = core::mem::take(&mut self.aliases);
        self.namespaces.sort(&mut event.aliases);
        if event.aliases.is_empty() && self.found.is_empty() {
            let fault = Diagnostic::error("", "nobody", "the event is about nobody");
            self.found.push(fault.hint("give `userId` or `anonymousId`, or any alias"));
        }
        if let Err(found) = device::read(&event.name, &event.properties) {
            self.found.extend(found);
        }
        if event.attributes.len() > limits::ATTRIBUTES_MAX {
            self.fault("", "too-many-attributes", "at most 512 attributes at a time");
        }
        if self.found.is_empty() { Ok(event) } else { Err(self.found) }
    }
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

fn depth(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Json::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// When it happened, as far as the client's clock can be trusted. Where the client says when it
/// sent the request, the difference between the clocks is taken out; a time after ours is ours.
fn occurred(edge: &Edge, said: Option<Timestamp>) -> Timestamp {
    let Some(said) = said else { return edge.received_at };
    let corrected = match edge.sent_at {
        Some(sent_at) => edge.received_at.minus(sent_at.since(said)),
        None => said,
    };
    corrected.min(edge.received_at)
}

fn blank(edge: &Edge, id: EventId, name: String, at: Timestamp) -> Event {
    Event {
        id,
        name,
        aliases: Vec::new(),
        occurred_at: at,
        received_at: edge.received_at,
        properties: Properties::new(),
        attributes: Properties::new(),
        consents: Vec::new(),
        historical: edge.historical,
    }
}

/// Admits one of Segment's calls.
pub fn segment(
    call: &str,
    body: &Json,
    edge: &Edge,
    namespaces: &Namespaces,
) -> Result<Event, Vec<Diagnostic>> {
    let Json::Object(body) = body else {
        return Err(vec![Diagnostic::error(
            "",
            "wrong-type",
            format!("expected an object, found {}", kind(body)),
        )]);
    };
    let mut admission = Admission { found: Vec::new(), aliases: Vec::new(), namespaces };
    let a = &mut admission;
    a.alias("user_id", "userId", body.get("userId"));
    a.alias("anonymous_id", "anonymousId", body.get("anonymousId"));
    let id = a.text(body, "messageId").filter(|id| !id.is_empty()).map(event_id);
    let said = a.time(body, "timestamp").or_else(|| a.time(body, "originalTimestamp"));
    // Read where it is used; here only so that one which cannot be read is no secret.
    a.time(body, "sentAt");
    let mut event = blank(edge, id.unwrap_or(edge.fallback), call.to_owned(), occurred(edge, said));
    let nested = |name: &str, key: &str| body.get(name).and_then(|object| object.get(key));
    match call {
        "identify" => {
            event.attributes = a.properties(body, "traits");
            a.alias("email", "traits.email", nested("traits", "email"));
            a.alias("phone", "traits.phone", nested("traits", "phone"));
        }
        "track" => {
            event.name = {
                let name = a.text(body, "event");
                a.name("event", name)
            };
            event.properties = a.properties(body, "properties");
        }
        "page" | "screen" => {
            event.properties = a.properties(body, "properties");
            for field in ["name", "category"] {
                if let Some(text) = a.text(body, field) {
                    event.properties.insert(field.to_owned(), Value::from(text));
                }
            }
        }
        "group" => {
            event.properties = a.properties(body, "traits");
            let group = a.group(body);
            event.properties.insert("group_id".to_owned(), Value::from(group.as_str()));
        }
        "alias" => a.was(body),
        other => {
            a.fault("type", "unknown-call", format!("`{other}` is no call: {}", CALLS.join(", ")))
        }
    }
    if let Some(context) = body.get("context").and_then(Json::as_object) {
        a.context_traits(context, &mut event);
        if let Some(device) = device::carried(context) {
            event.properties.insert(device::CARRIED.to_owned(), device);
        }
    }
    admission.finish(event)
}

impl Admission<'_> {
    /// The group that a call is about; numbers are taken as their text.
    fn group(&mut self, body: &Map<String, Json>) -> String {
        match body.get("groupId") {
            Some(Json::String(group)) if !group.is_empty() => return group.clone(),
            Some(Json::Number(group)) => return group.to_string(),
            None | Some(Json::Null | Json::String(_)) => {
                self.fault("groupId", "missing", "a group call names its group");
            }
            Some(other) => {
                let message = format!("expected text or a number, found {}", kind(other));
                self.fault("groupId", "wrong-type", message);
            }
        }
        String::new()
    }

    /// What a person was known as before: without both names a call says nothing.
    fn was(&mut self, body: &Map<String, Json>) {
        for (name, what) in [("previousId", "was known as"), ("userId", "is known as now")] {
            let said = body.get(name).is_some_and(|value| match value {
                Json::Null => false,
                Json::String(text) => !text.is_empty(),
                _ => true,
            });
            if !said {
                self.fault(name, "missing", format!("an alias call says what a person {what}"));
            }
        }
        self.alias("anonymous_id", "previousId", body.get("previousId"));
    }

    /// Traits that travel with any call, since the library knew them from an earlier one. Those of
    /// the call itself are newer.
    fn context_traits(&mut self, context: &Map<String, Json>, event: &mut Event) {
        let Some(Json::Object(traits)) = context.get("traits") else { return };
        let before = self.found.len();
        let known = self.properties(context, "traits");
        let taken = event.attributes.clone();
        for (name, value) in known {
            event.attributes.entry(name).or_insert(value);
        }
        for namespace in ["email", "phone"] {
            if !taken.contains_key(namespace) {
                self.alias(namespace, &format!("traits.{namespace}"), traits.get(namespace));
            }
        }
        for fault in &mut self.found[before..] {
            fault.path = format!("context.{}", fault.path);
        }
    }
}

const FIELDS: [&str; 10] = [
    "id",
    "name",
    "user_id",
    "anonymous_id",
    "email",
    "aliases",
    "occurred_at",
    "properties",
    "attributes",
    "consents",
];

/// Admits an event in Cauce's own shape.
pub fn native(body: &Json, edge: &Edge, namespaces: &Namespaces) -> Result<Event, Vec<Diagnostic>> {
    let Json::Object(body) = body else {
        return Err(vec![Diagnostic::error(
            "",
            "wrong-type",
            format!("expected an object, found {}", kind(body)),
        )]);
    };
    let mut admission = Admission { found: Vec::new(), aliases: Vec::new(), namespaces };
    let a = &mut admission;
    for field in body.keys().filter(|field| !FIELDS.contains(&field.as_str())) {
        let fault =
            Diagnostic::error(field.clone(), "unknown-field", format!("`{field}` is not known"));
        let near = crate::diagnostic::nearest(field, FIELDS);
        a.found.push(match near {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint("what an event says belongs into `properties`"),
        });
    }
    for namespace in ["user_id", "anonymous_id", "email"] {
        a.alias(namespace, namespace, body.get(namespace));
    }
    match body.get("aliases") {
        None | Some(Json::Null) => {}
        Some(Json::Object(aliases)) => {
            for (namespace, value) in aliases {
                a.alias(namespace, &format!("aliases.{namespace}"), Some(value));
            }
        }
        Some(other) => {
            a.fault("aliases", "wrong-type", format!("expected an object, found {}", kind(other)))
        }
    }
    let id = a.text(body, "id").filter(|id| !id.is_empty()).map(event_id);
    let name = a.text(body, "name");
    let name = a.name("name", name);
    let said = a.time(body, "occurred_at");
    let mut event = blank(edge, id.unwrap_or(edge.fallback), name, occurred(edge, said));
    event.properties = a.properties(body, "properties");
    event.attributes = a.properties(body, "attributes");
    if let Some(Json::String(email)) = body.get("email") {
        event.attributes.entry("email".to_owned()).or_insert_with(|| Value::from(email.as_str()));
    }
    if let Some(consents) = body.get("consents") {
        event.consents = a.consents(consents);
    }
    admission.finish(event)
}

impl Admission<'_> {
    fn consents(&mut self, consents: &Json) -> Vec<ConsentFact> {
        let Json::Array(items) = consents else {
            self.fault(
                "consents",
                "wrong-type",
                format!("expected an array, found {}", kind(consents)),
            );
            return Vec::new();
        };
        let facts = items.iter().enumerate().filter_map(|(place, item)| self.consent(place, item));
        facts.collect()
    }

    fn consent(&mut self, place: usize, item: &Json) -> Option<ConsentFact> {
        let path = format!("consents.{place}");
        let text = |name: &str| item.get(name).and_then(Json::as_str);
        let Some(topic) = text("topic") else {
            self.fault(&path, "missing", "a consent names its `topic` (`*` for all)");
            return None;
        };
        if topic.is_empty() || topic.len() > limits::NAME_BYTES_MAX {
            self.fault(&format!("{path}.topic"), "bad-topic", "a topic has 1 to 128 bytes");
            return None;
        }
        let state = match text("state") {
            Some("granted") => ConsentState::Granted,
            Some("withdrawn") => ConsentState::Withdrawn,
            _ => {
                self.fault(&path, "bad-state", "`state` is `granted` or `withdrawn`");
                return None;
            }
        };
        let channel = match text("channel").map(str::parse::<Channel>) {
            Some(Err(why)) => {
                self.fault(&path, "bad-channel", why);
                return None;
            }
            Some(Ok(channel)) => Some(channel),
            None => None,
        };
        Some(ConsentFact {
            topic: topic.to_owned(),
            channel,
            state,
            source: text("source").unwrap_or("api").to_owned(),
            wording: text("wording").map(str::to_owned),
            ip: text("ip").map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge() -> Edge {
        Edge {
            received_at: Timestamp(1_000_000),
            sent_at: None,
            historical: false,
            fallback: EventId(1),
        }
    }

    fn check(shape: &str, body: &str, expected: &str) {
        let body: Json = serde_json::from_str(body).unwrap();
        let admitted = match shape {
            "native" => native(&body, &edge(), &Namespaces::default()),
            call => segment(call, &body, &edge(), &Namespaces::default()),
        };
        let shown = match admitted {
            Ok(event) => {
                let aliases: Vec<_> = event.aliases.iter().map(ToString::to_string).collect();
                format!("{} of {} at {}", event.name, aliases.join(" "), event.occurred_at.0)
            }
            Err(found) => found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn segment_calls_are_understood() {
        check(
            "track",
            r#"{"userId":"7","event":"Order Completed"}"#,
            "Order Completed of user_id:7 at 1000000",
        );
        check(
            "track",
            r#"{"userId":7,"anonymousId":"x","event":"e","timestamp":"1970-01-01T00:00:02Z"}"#,
            "e of user_id:7 anonymous_id:x at 2000",
        );
        check(
            "identify",
            r#"{"userId":"7","traits":{"email":"A@b.c"}}"#,
            "identify of user_id:7 email:a@b.c at 1000000",
        );
        check(
            "alias",
            r#"{"userId":"7","previousId":"x"}"#,
            "alias of user_id:7 anonymous_id:x at 1000000",
        );
        check(
            "track",
            r#"{"event":"e","timestamp":"3000-01-01T00:00:00Z","userId":"7"}"#,
            "e of user_id:7 at 1000000",
        );
        check(
            "track",
            r#"{"userId":"7","event":"e","context":{"traits":{"email":"a@b.c"}}}"#,
            "e of user_id:7 email:a@b.c at 1000000",
        );
        check("group", r#"{"userId":"7","groupId":12}"#, "group of user_id:7 at 1000000");
    }

    #[test]
    fn traits_of_the_context_are_older_than_those_of_the_call() {
        let body = r#"{"userId":"7","traits":{"a":1,"email":"new@b.c"},
                       "context":{"traits":{"a":2,"b":3,"email":"old@b.c"}}}"#;
        let event = segment(
            "identify",
            &serde_json::from_str(body).unwrap(),
            &edge(),
            &Namespaces::default(),
        )
        .unwrap();
        let shown = |name: &str| event.attributes[name].to_string();
        assert_eq!((shown("a"), shown("b")), ("1".to_owned(), "3".to_owned()));
        assert!(event.aliases.iter().all(|alias| alias.value != "old@b.c"), "{event:?}");
    }

    #[test]
    fn every_fault_is_named() {
        check(
            "track",
            r#"{"event":"e"}"#,
            "the event is about nobody (give `userId` or `anonymousId`, or any alias)",
        );
        check(
            "track",
            r#"{"userId":[],"properties":5,"timestamp":"x"}"#,
            "userId: expected text or a number, found an array; \
             timestamp: `x`: expected an RFC 3339 time such as `2026-11-24T16:00:00Z`; \
             event: the event has no name; properties: expected an object, found a number",
        );
        check(
            "native",
            r#"{"nme":"e","user_id":"7"}"#,
            "nme: `nme` is not known (did you mean `name`?); name: the event has no name",
        );
        check(
            "alias",
            r#"{"userId":"7"}"#,
            "previousId: an alias call says what a person was known as",
        );
        check("group", r#"{"userId":"7"}"#, "groupId: a group call names its group");
        check(
            "track",
            r#"{"userId":"7","event":"e","sentAt":"now","context":{"traits":{"email":5}}}"#,
            "sentAt: `now`: expected an RFC 3339 time such as `2026-11-24T16:00:00Z`; \
             context.traits.email: `5`: an address has an @",
        );
        check("native", r#"{"name":"e","email":"nobody"}"#, "email: `nobody`: an address has an @");
    }

    #[test]
    fn clocks_are_corrected() {
        let mut edge = edge();
        // The client's clock is an hour ahead: sent at "1 h + 10 s", happened 4 s before that.
        edge.sent_at = Some(Timestamp(3_610_000));
        assert_eq!(occurred(&edge, Some(Timestamp(3_606_000))), Timestamp(996_000));
        assert_eq!(occurred(&edge, Some(Timestamp(9_999_000))), Timestamp(1_000_000));
    }
}
