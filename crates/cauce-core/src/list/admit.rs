//! From one row of an upload, as it was written, to what is appended; or to every fault at once.

use super::{Definition, Listed, Member, PayloadType, Stamp};
use crate::diagnostic::{Diagnostic, nearest};
use crate::event::Properties;
use crate::identity::Namespaces;
use crate::limits;
use crate::prelude::*;
use crate::profile::Alias;
use crate::time::{Duration, Timestamp};
use crate::value::Value;
use serde_json::{Map, Value as Json};

/// Fields of a row that are no payload, beside the namespace's own name.
pub const RESERVED: [&str; 3] = ["value", "expires", "remove"];

/// What an upload says of all its rows.
#[derive(Clone, Debug)]
pub struct Terms {
    /// When they expire that say nothing of it; absent: as the definition says.
    pub expires: Option<Expiry>,
    /// They are all taken off.
    pub remove: bool,
    /// Where they come from.
    pub source: String,
}

/// When a row expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Then.
    At(Timestamp),
    /// So long after what its upload says is as of.
    After(Duration),
}

impl Expiry {
    /// Reads `30d` or an RFC 3339 time.
    pub fn parse(text: &str) -> Option<Expiry> {
        let span = text.parse().ok().filter(|span: &Duration| span.0 > 0).map(Expiry::After);
        span.or_else(|| text.parse().ok().map(Expiry::At))
    }

    fn from(self, upload: Timestamp) -> Timestamp {
        match self {
            Expiry::At(at) => at,
            Expiry::After(span) => upload.plus(span),
        }
    }
}

/// One row of a list. Texts stand for numbers and truths where the definition wants those, since a
/// CSV has nothing else.
pub fn admit(
    (name, list): (&str, &Definition),
    row: &Json,
    stamp: Stamp,
    terms: &Terms,
    namespaces: &Namespaces,
) -> Result<Listed, Vec<Diagnostic>> {
    let Json::Object(fields) = row else {
        let message = "expected an object with a name and what is said of it";
        return Err(vec![Diagnostic::error("", "wrong-type", message)]);
    };
    let mut admission = Admission { list, found: Vec::new() };
    let alias = admission.alias(fields, namespaces);
    let remove = terms.remove || admission.remove(fields.get("remove"));
    let upload = stamp.upload.at;
    let expires = admission.expires(fields.get("expires")).or(terms.expires);
    let expires = expires.or(list.expires.map(Expiry::After)).map(|end| end.from(upload));
    let payload = admission.payload(fields);
    match alias.filter(|_| admission.found.is_empty()) {
        Some(alias) => Ok(Listed {
            list: name.to_owned(),
            alias,
            stamp,
            source: terms.source.clone(),
            member: (!remove).then_some(Member { payload, expires }),
        }),
        None => Err(admission.found),
    }
}

struct Admission<'l> {
    list: &'l Definition,
    found: Vec<Diagnostic>,
}

impl Admission<'_> {
    fn fault(&mut self, path: &str, code: &str, message: String) {
        self.found.push(Diagnostic::error(path, code, message));
    }

    fn alias(&mut self, fields: &Map<String, Json>, namespaces: &Namespaces) -> Option<Alias> {
        let namespace = &self.list.namespace;
        let named = fields.get(namespace).map(|value| (namespace.as_str(), value));
        let Some((path, value)) = named.or_else(|| Some(("value", fields.get("value")?))) else {
            let fault = Diagnostic::error("", "no-name", "the row does not say who");
            let near = nearest(namespace, fields.keys().map(String::as_str));
            let hint = near.map_or_else(String::new, |near| format!("; it has `{near}`"));
            self.found.push(fault.hint(format!("give `{namespace}`{hint}")));
            return None;
        };
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => String::new(),
        };
        match namespaces.canonical(namespace, &text) {
            Ok(alias) => Some(alias),
            Err(why) => {
                self.fault(path, "bad-alias", format!("`{text}`: {why}"));
                None
            }
        }
    }

    fn remove(&mut self, value: Option<&Json>) -> bool {
        match value {
            None | Some(Json::Null) => false,
            Some(Json::Bool(remove)) => *remove,
            Some(Json::String(text)) => match text.trim() {
                "" | "false" => false,
                "true" => true,
                other => {
                    self.fault("remove", "wrong-type", format!("`{other}` is not true or false"));
                    false
                }
            },
            Some(_) => {
                self.fault("remove", "wrong-type", "expected true or false".to_owned());
                false
            }
        }
    }

    fn expires(&mut self, value: Option<&Json>) -> Option<Expiry> {
        match value {
            None | Some(Json::Null) => None,
            Some(Json::String(text)) if text.trim().is_empty() => None,
            Some(Json::String(text)) => {
                let read = Expiry::parse(text.trim());
                if read.is_none() {
                    let message = "expected a time such as `2026-11-24T16:00:00Z`, or `30d`";
                    self.fault("expires", "bad-time", format!("`{text}`: {message}"));
                }
                read
            }
            Some(_) => {
                self.fault("expires", "wrong-type", "expected a time or a span".to_owned());
                None
            }
        }
    }

    fn payload(&mut self, fields: &Map<String, Json>) -> Properties {
        let mut payload = Properties::new();
        let own = |name: &str| RESERVED.contains(&name) || name == self.list.namespace;
        let said: Vec<_> = fields.iter().filter(|(name, _)| !own(name)).collect();
        if said.len() > limits::LIST_PAYLOAD_MAX {
            let message = format!("says more than {} values", limits::LIST_PAYLOAD_MAX);
            self.fault("", "too-many-values", message);
            return payload;
        }
        for (name, json) in said {
            if let Some(value) = self.value(name, json) {
                payload.insert(name.clone(), value);
            }
        }
        payload
    }

    /// What is said under a name; nothing where nothing is.
    fn value(&mut self, name: &str, json: &Json) -> Option<Value> {
        if name.is_empty() || name.len() > limits::NAME_BYTES_MAX {
            self.fault(name, "bad-name", "a value has a name of up to 128 bytes".to_owned());
            return None;
        }
        let declared = self.list.payload.get(name).copied();
        if declared.is_none() && !self.list.payload.is_empty() {
            let message = format!("the list says nothing of `{name}`");
            let fault = Diagnostic::error(name, "unknown-payload", message);
            let near = nearest(name, self.list.payload.keys().map(String::as_str));
            self.found.push(match near {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault.hint("name it below `payload` of the list, or leave it out"),
            });
            return None;
        }
        let value = match Value::from_json(json.clone()) {
            Ok(Value::Null) => return None,
            // What an empty cell of a CSV is.
            Ok(Value::String(text)) if text.trim().is_empty() => return None,
            Ok(value) => value,
            Err(why) => {
                self.fault(name, "bad-number", why);
                return None;
            }
        };
        if depth(&value) > limits::VALUE_DEPTH_MAX {
            self.fault(name, "too-deep", "values are nested at most 16 deep".to_owned());
            return None;
        }
        let wanted = declared.unwrap_or(PayloadType::Any);
        match typed(wanted, &value) {
            Some(value) => Some(value),
            None => {
                let shown = format!("expected a {wanted}, found a {}", value.type_name());
                self.fault(name, "wrong-type", shown);
                None
            }
        }
    }
}

/// A value as its type wants it; none if it does not fit.
fn typed(wanted: PayloadType, value: &Value) -> Option<Value> {
    if wanted.fits(value) {
        return Some(value.clone());
    }
    let text = value.as_str()?.trim();
    match wanted {
        PayloadType::Number => text.parse().ok().map(Value::Number),
        PayloadType::Boolean => text.parse().ok().map(Value::Bool),
        PayloadType::String | PayloadType::Any => None,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::Upload;

    const DAY: i64 = 86_400_000;

    fn check_with(definition: &str, terms: &Terms, row: &str, expected: &str) {
        let list: Definition = serde_json::from_str(definition).unwrap();
        let stamp = Stamp { upload: Upload { at: Timestamp(0), id: 1 }, row: 1 };
        let json = serde_json::from_str(row).unwrap();
        let shown = match admit(("vip", &list), &json, stamp, terms, &Namespaces::default()) {
            Ok(Listed { alias, member: None, .. }) => format!("{alias} off"),
            Ok(Listed { alias, member: Some(member), .. }) => {
                let said = Value::Object(member.payload).to_json();
                let until = member.expires.map(|at| format!(" {}d", at.0 / DAY));
                format!("{alias} {said}{}", until.unwrap_or_default())
            }
            Err(found) => found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        };
        assert_eq!(shown, expected, "{row}");
    }

    fn check(row: &str, expected: &str) {
        let list = r#"{"namespace":"email","expires":"30d",
                       "payload":{"tier":"string","score":"number","ok":"boolean","all":"any"}}"#;
        let terms = Terms { expires: None, remove: false, source: String::new() };
        check_with(list, &terms, row, expected);
    }

    #[test]
    fn rows_are_taken_as_the_definition_says() {
        check(r#"{"email":" A@b.c "}"#, "email:a@b.c {} 30d");
        check(r#"{"value":"a@b.c","tier":"gold"}"#, r#"email:a@b.c {"tier":"gold"} 30d"#);
        check(
            r#"{"email":"a@b.c","score":"1.50","ok":"true","all":[1]}"#,
            r#"email:a@b.c {"all":[1],"ok":true,"score":1.5} 30d"#,
        );
        check(r#"{"email":"a@b.c","score":"","tier":null}"#, "email:a@b.c {} 30d");
        check(r#"{"email":"a@b.c","expires":"2d"}"#, "email:a@b.c {} 2d");
        check(r#"{"email":"a@b.c","expires":"1970-01-05T00:00:00Z"}"#, "email:a@b.c {} 4d");
        check(r#"{"email":"a@b.c","remove":"true"}"#, "email:a@b.c off");
        check(r#"{"email":"a@b.c","remove":false}"#, "email:a@b.c {} 30d");
        let terms = Terms { expires: Expiry::parse("7d"), remove: false, source: String::new() };
        let anything = r#"{"namespace":"user_id"}"#;
        check_with(anything, &terms, r#"{"user_id":7,"x":"y"}"#, r#"user_id:7 {"x":"y"} 7d"#);
        let terms = Terms { remove: true, ..terms };
        check_with(anything, &terms, r#"{"user_id":7}"#, "user_id:7 off");
    }

    #[test]
    fn every_fault_of_a_row_is_named() {
        check("[1]", "expected an object with a name and what is said of it");
        check(
            r#"{"e-mail":"a@b.c","tire":"gold"}"#,
            "the row does not say who (give `email`; it has `e-mail`); e-mail: the list says nothing of `e-mail` (name it below `payload` of the list, \
            or leave it out); tire: the list says nothing of `tire` (did you mean `tier`?)",
        );
        check(
            r#"{"email":"a","score":"x","expires":"soon","remove":1}"#,
            "email: `a`: an address has an @; remove: expected true or false; expires: `soon`: \
             expected a time such as `2026-11-24T16:00:00Z`, or `30d`; score: expected a number, \
             found a string",
        );
        check(
            r#"{"email":"a@b.c","tier":[1],"ok":1}"#,
            "ok: expected a boolean, found a number; tier: expected a string, found a array",
        );
    }

    proptest::proptest! {
        #[test]
        fn any_row_is_taken_or_has_faults(
            name in "email|value|tier|score|expires|remove|x", text in ".{0,20}", number: bool,
        ) {
            let list: Definition =
                serde_json::from_str(r#"{"namespace":"email","payload":{"score":"number"}}"#)
                    .unwrap();
            let stamp = Stamp { upload: Upload::default(), row: 1 };
            let value = if number { Json::from(7) } else { Json::from(text) };
            let row = Json::Object(Map::from_iter([(name, value)]));
            let terms = Terms { expires: None, remove: false, source: String::new() };
            match admit(("vip", &list), &row, stamp, &terms, &Namespaces::default()) {
                Ok(listed) => proptest::prop_assert_eq!(listed.alias.namespace, "email"),
                Err(found) => proptest::prop_assert!(!found.is_empty()),
            }
        }
    }
}
