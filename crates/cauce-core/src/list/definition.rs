//! A list as it is written: which names are on it, what may be said of them, for how long.

use crate::diagnostic::Diagnostic;
use crate::identity::Namespaces;
use crate::limits;
use crate::prelude::*;
use crate::time::Duration;
use crate::value::Value;
use core::fmt;
use serde::{Deserialize, Serialize};

/// What a list is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Definition {
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The kind of name that its rows have.
    pub namespace: String,
    /// What may be said of each; anything if nothing is named here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub payload: BTreeMap<String, PayloadType>,
    /// How long a row holds that says nothing of it; absent: for good.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_span")]
    pub expires: Option<Duration>,
    /// What becomes of a name that nobody has: a new profile, or nothing.
    #[serde(default, skip_serializing_if = "Unknown::is_create")]
    pub unknown: Unknown,
}

/// What becomes of names that nobody has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// A new profile.
    #[default]
    Create,
    /// The row is passed over, and counted.
    Skip,
}

impl Unknown {
    fn is_create(&self) -> bool {
        *self == Unknown::Create
    }
}

/// The type of something that is said of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PayloadType {
    /// Text; dates are text as well.
    String,
    /// An exact number.
    Number,
    /// True or false.
    Boolean,
    /// Any value: arrays and objects.
    Any,
}

impl PayloadType {
    /// The word for it, as [`Value::type_name`] has it.
    pub fn as_str(self) -> &'static str {
        match self {
            PayloadType::String => "string",
            PayloadType::Number => "number",
            PayloadType::Boolean => "boolean",
            PayloadType::Any => "any",
        }
    }

    /// Whether a value is of it. Nothing at all is of any type.
    pub fn fits(self, value: &Value) -> bool {
        self == PayloadType::Any || *value == Value::Null || value.type_name() == self.as_str()
    }
}

impl fmt::Display for PayloadType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong with a definition by itself.
pub fn check(definition: &Definition, namespaces: &Namespaces) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let name = &definition.namespace;
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if name.is_empty() || name.len() > limits::NAME_BYTES_MAX || !name.chars().all(fine) {
        let message = format!("`{name}` is no kind of name");
        let fault = Diagnostic::error("namespace", "bad-namespace", message);
        found.push(fault.hint("write `email`, `user_id` or another namespace"));
    } else if namespaces.is_shared(name) {
        let message = format!("several people share a `{name}`, so a row would be about nobody");
        let fault = Diagnostic::error("namespace", "shared-namespace", message);
        found.push(fault.hint("use a namespace of one person's names, such as `user_id`"));
    }
    if definition.payload.len() > limits::LIST_PAYLOAD_MAX {
        let message = format!("at most {} values are said of a row", limits::LIST_PAYLOAD_MAX);
        found.push(Diagnostic::error("payload", "too-many-values", message));
    }
    for name in definition.payload.keys() {
        if name.is_empty() || name.len() > limits::NAME_BYTES_MAX {
            let message = format!("`{name}` cannot be the name of a value");
            found.push(Diagnostic::error(format!("payload.{name}"), "bad-name", message));
        }
    }
    let reserved = |known: &&String| {
        super::RESERVED.contains(&known.as_str()) || **known == definition.namespace
    };
    for name in definition.payload.keys().filter(reserved) {
        let message = format!("`{name}` of a row means something else");
        let fault = Diagnostic::error(format!("payload.{name}"), "reserved-name", message);
        found.push(fault.hint("call it otherwise"));
    }
    if definition.expires.is_some_and(|span| span.0 <= 0) {
        let message = "rows that hold for no time are not rows";
        found.push(Diagnostic::error("expires", "empty-span", message));
    }
    found
}

mod optional_span {
    use crate::prelude::*;
    use crate::time::Duration;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(span: &Option<Duration>, s: S) -> Result<S::Ok, S::Error> {
        match span {
            Some(span) => s.collect_str(span),
            None => s.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Duration>, D::Error> {
        let text = Option::<String>::deserialize(d)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_that_cannot_be_meant_are_refused() {
        let codes = |text: &str| {
            let mut known = Namespaces::default();
            let shared = crate::identity::Namespace { shared: true, ..Default::default() };
            known.declare("household", shared);
            let found = super::check(&serde_json::from_str(text).unwrap(), &known);
            found.iter().map(|fault| fault.code.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(codes(r#"{"namespace":"email","payload":{"tier":"string"}}"#), "");
        assert_eq!(codes(r#"{"namespace":"household"}"#), "shared-namespace");
        assert_eq!(codes(r#"{"namespace":"E mail"}"#), "bad-namespace");
        assert_eq!(codes(r#"{"namespace":"email","expires":"0d"}"#), "empty-span");
        let reserved = r#"{"namespace":"email","payload":{"remove":"boolean"}}"#;
        assert_eq!(codes(reserved), "reserved-name");
    }
}
