//! CloudEvents 1.0 (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>), what
//! systems tell each other: of whom they are is said in `subject` or in extension attributes.

use super::{Admission, Edge, blank, kind, occurred};
use crate::diagnostic::Diagnostic;
use crate::event::Event;
use crate::identity::Namespaces;
use crate::ids::{EventId, hash128};
use crate::prelude::*;
use crate::value::Value;
use serde_json::{Map, Value as Json};

/// The property that says who reported an event, unless its data have one of that name.
pub const SOURCE: &str = "source";
/// The property with data that are no object.
pub const DATA: &str = "data";

/// Admits a CloudEvent in its JSON format.
///
/// # Errors
/// Every fault, by the attribute that has it.
pub fn cloud(body: &Json, edge: &Edge, namespaces: &Namespaces) -> Result<Event, Vec<Diagnostic>> {
    let Json::Object(body) = body else {
        let message = format!("expected an object, found {}", kind(body));
        return Err(vec![Diagnostic::error("", "wrong-type", message)]);
    };
    let mut a = Admission { found: Vec::new(), aliases: Vec::new(), namespaces };
    match a.text(body, "specversion") {
        Some("1.0") => {}
        Some(other) => {
            a.fault("specversion", "unknown-version", format!("`{other}`: only `1.0` is known"));
        }
        None => a.fault("specversion", "missing", "a CloudEvent says `specversion`: `1.0`"),
    }
    let said = a.time(body, "time");
    let id = a.required(body, "id");
    let source = a.required(body, "source");
    let name = a.text(body, "type");
    let name = a.name("type", name);
    a.whom(body);
    // An id is one of its source's: another source may have the same.
    let id = EventId(hash128(&[b"cloudevent", source.as_bytes(), id.as_bytes()]));
    let mut event = blank(edge, id, name, occurred(edge, said));
    match body.get("data") {
        None | Some(Json::Null | Json::Object(_)) => event.properties = a.properties(body, "data"),
        Some(data) => {
            let whole = Map::from_iter([(DATA.to_owned(), data.clone())]);
            let whole = Map::from_iter([("data".to_owned(), Json::Object(whole))]);
            event.properties = a.properties(&whole, "data");
        }
    }
    if body.contains_key("data_base64") {
        let message = "bytes are no properties; send `data` as JSON";
        a.fault("data_base64", "binary-data", message);
    }
    if let Some(Json::String(email)) = body.get("email") {
        event.attributes.insert("email".to_owned(), Value::from(email.as_str()));
    }
    event.properties.entry(SOURCE.to_owned()).or_insert_with(|| Value::from(source));
    a.finish(event)
}

impl Admission<'_> {
    fn required<'b>(&mut self, body: &'b Map<String, Json>, name: &str) -> &'b str {
        let before = self.found.len();
        let text = self.text(body, name).unwrap_or_default();
        if text.is_empty() && self.found.len() == before {
            self.fault(name, "missing", format!("a CloudEvent says its `{name}`"));
        }
        text
    }

    /// Whom it is about: `subject`, as `namespace:value` or as a user id; and extension attributes
    /// that are called like a namespace, without the underscores that their names cannot have.
    fn whom(&mut self, body: &Map<String, Json>) {
        if let Some(subject) = self.text(body, "subject").filter(|subject| !subject.is_empty()) {
            let named = subject.split_once(':').filter(|(name, _)| self.is_declared(name));
            let (namespace, value) = named.unwrap_or(("user_id", subject));
            self.alias(namespace, "subject", Some(&Json::from(value)));
        }
        let names: Vec<_> = self.namespaces.list().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let extension = name.replace(['_', '-'], "").to_ascii_lowercase();
            self.alias(&name, &extension, body.get(&extension));
        }
    }

    fn is_declared(&self, name: &str) -> bool {
        self.namespaces.list().any(|(known, _)| known == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn admitted(body: &Json) -> Result<Event, String> {
        let edge = Edge {
            received_at: Timestamp(1_000_000),
            sent_at: None,
            historical: false,
            fallback: EventId(1),
        };
        cloud(body, &edge, &Namespaces::default())
            .map_err(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }

    fn order() -> Json {
        serde_json::json!({
            "specversion": "1.0", "id": "A-1", "source": "/shop", "type": "order_completed",
            "subject": "7", "time": "1970-01-01T00:00:02Z", "email": "Ana@Example.com",
            "datacontenttype": "application/json", "traceparent": "00-1-2-01",
            "data": { "total": 12.5, "items": ["a"] },
        })
    }

    #[test]
    fn an_event_of_another_system_is_understood() {
        let event = admitted(&order()).unwrap();
        let aliases: Vec<_> = event.aliases.iter().map(ToString::to_string).collect();
        assert_eq!((event.name.as_str(), event.occurred_at), ("order_completed", Timestamp(2_000)));
        assert_eq!(aliases, ["user_id:7", "email:ana@example.com"]);
        let names: Vec<_> = event.properties.keys().map(String::as_str).collect();
        assert_eq!(names, ["items", "source", "total"]);
    }

    #[test]
    fn its_identity_is_its_id_and_its_source() {
        let id = |change: &dyn Fn(&mut Json)| {
            let mut body = order();
            change(&mut body);
            admitted(&body).unwrap().id
        };
        let first = id(&|_| {});
        assert_eq!(first, id(&|body| body["type"] = "other".into()));
        assert_ne!(first, id(&|body| body["source"] = "/other".into()));
        assert_ne!(first, id(&|body| body["id"] = "A-2".into()));
    }

    #[test]
    fn a_subject_may_name_its_namespace_and_data_may_be_anything() {
        let mut body = order();
        body["subject"] = "anonymous_id:x:y".into();
        body["data"] = "paid".into();
        body.as_object_mut().unwrap().remove("email");
        let event = admitted(&body).unwrap();
        assert_eq!(event.aliases[0].to_string(), "anonymous_id:x:y");
        assert_eq!(event.properties[DATA], Value::from("paid"));
        // A word before a colon that is no namespace is a part of the id.
        body["subject"] = "urn:user:7".into();
        assert_eq!(admitted(&body).unwrap().aliases[0].to_string(), "user_id:urn:user:7");
        body["data"] = serde_json::json!({ "source": "checkout" });
        assert_eq!(admitted(&body).unwrap().properties[SOURCE], Value::from("checkout"));
    }

    #[test]
    fn every_fault_of_one_is_named() {
        let said = |body: Json| admitted(&body).unwrap_err();
        assert_eq!(
            said(serde_json::json!({ "specversion": "0.3", "id": 5, "data_base64": "AA==" })),
            "specversion: `0.3`: only `1.0` is known; id: expected text, found a number; \
             source: a CloudEvent says its `source`; type: the event has no name; \
             data_base64: bytes are no properties; send `data` as JSON"
        );
        let mut body = order();
        body.as_object_mut().unwrap().remove("subject");
        body["email"] = "nobody".into();
        assert_eq!(said(body.clone()), "email: `nobody`: an address has an @");
        body.as_object_mut().unwrap().remove("email");
        assert!(said(body).starts_with("the event is about nobody"));
    }
}
