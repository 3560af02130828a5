//! A schema as people write it.

use crate::prelude::*;
use crate::value::Value;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What stands in a path for every item of an array: `items[].sku`.
pub(super) const ITEMS: &str = "[]";

/// A schema as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Source {
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The event; the definition's own name if absent. The schema named `attributes` without it is
    /// about attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Old names of the event, which count as this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<String>,
    /// Whether it only maps, or also refuses.
    #[serde(default)]
    pub state: State,
    /// Whether properties that are not named here are fine.
    #[serde(default = "yes")]
    pub open: bool,
    /// Properties by path: `total`, `address.city`, `items[].sku`.
    #[serde(default)]
    pub properties: BTreeMap<String, PropertySource>,
}

fn yes() -> bool {
    true
}

impl Source {
    /// The event that a definition of this name is about; none if it is about attributes.
    pub fn event_of<'s>(&'s self, key: &'s str) -> Option<&'s str> {
        match &self.event {
            Some(event) => Some(event),
            None if key == super::ATTRIBUTES => None,
            None => Some(key),
        }
    }
}

/// How far a schema has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Written down, not confirmed: names are mapped, nothing is refused.
    Learned,
    /// Confirmed: what does not fit waits in quarantine.
    #[default]
    Locked,
}

/// What is known of one property. A type alone may stand for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropertySource {
    /// Any of these types.
    pub types: Types,
    /// Whether it must be there, and not null.
    pub required: bool,
    /// Old names, beside it in the same object.
    pub was: Vec<String>,
    /// Whether `"19.99"` is taken as 19.99, `"true"` as true, 7 as `"7"`.
    pub cast: bool,
    /// What it is.
    pub description: String,
}

/// The long form of a property.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Long {
    #[serde(rename = "type", default)]
    types: Types,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    required: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    was: Vec<String>,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    cast: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
}

impl Serialize for PropertySource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let PropertySource { types, required, was, cast, description } = self.clone();
        if !required && was.is_empty() && !cast && description.is_empty() {
            return types.serialize(serializer);
        }
        Long { types, required, was, cast, description }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PropertySource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let document = serde_json::Value::deserialize(deserializer)?;
        if !document.is_object() {
            let types = serde_json::from_value(document).map_err(D::Error::custom)?;
            return Ok(PropertySource { types, ..PropertySource::default() });
        }
        let long: Long = serde_json::from_value(document).map_err(D::Error::custom)?;
        let Long { types, required, was, cast, description } = long;
        Ok(PropertySource { types, required, was, cast, description })
    }
}

/// The types that a property may have: one word, or a list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Types(pub Vec<Type>);

impl Default for Types {
    fn default() -> Types {
        Types(vec![Type::Any])
    }
}

impl Serialize for Types {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Types {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let words = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(word) => vec![word],
            serde_json::Value::Array(words) if !words.is_empty() => {
                let word = |word: serde_json::Value| word.as_str().map(str::to_owned);
                let words: Option<Vec<String>> = words.into_iter().map(word).collect();
                words.ok_or_else(|| D::Error::custom("a list of types has words in it"))?
            }
            other => {
                let why = format!("`{other}` is no type: write a word or a list of words");
                return Err(D::Error::custom(why));
            }
        };
        let types: Result<Vec<Type>, String> = words.iter().map(|word| word.parse()).collect();
        types.map(Types).map_err(D::Error::custom)
    }
}

/// A type of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// Text.
    String,
    /// An exact decimal.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A text that is a day or an RFC 3339 time.
    Date,
    /// A list.
    Array,
    /// Named values.
    Object,
    /// Whatever it is.
    Any,
}

impl Type {
    /// Every type.
    pub const ALL: [Type; 7] = [
        Type::String,
        Type::Number,
        Type::Boolean,
        Type::Date,
        Type::Array,
        Type::Object,
        Type::Any,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Type::String => "string",
            Type::Number => "number",
            Type::Boolean => "boolean",
            Type::Date => "date",
            Type::Array => "array",
            Type::Object => "object",
            Type::Any => "any",
        }
    }

    /// Whether a value is of it.
    pub fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (Type::Any, _)
            | (Type::String, Value::String(_))
            | (Type::Number, Value::Number(_))
            | (Type::Boolean, Value::Bool(_))
            | (Type::Array, Value::Array(_))
            | (Type::Object, Value::Object(_)) => true,
            (Type::Date, Value::String(text)) => is_date(text),
            _ => false,
        }
    }
}

/// Whether a text is a day or an instant, as rules read one.
pub(super) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-';
    shaped && text.parse::<crate::time::Timestamp>().is_ok()
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Type {
    type Err = String;
    fn from_str(text: &str) -> Result<Type, String> {
        Type::ALL.into_iter().find(|known| known.as_str() == text).ok_or_else(|| {
            let known = Type::ALL.map(Type::as_str);
            // Words that others use for the same.
            let meant = match text {
                "text" | "str" => Some("string"),
                "integer" | "int" | "float" | "decimal" | "money" => Some("number"),
                "bool" => Some("boolean"),
                "list" => Some("array"),
                "map" | "json" => Some("object"),
                "datetime" | "timestamp" | "time" => Some("date"),
                _ => crate::diagnostic::nearest(text, known),
            };
            match meant {
                Some(meant) => format!("`{text}` is no type (did you mean `{meant}`?)"),
                None => format!("`{text}` is no type: {}", known.join(", ")),
            }
        })
    }
}

/// The names of a path; none if it is not one.
pub(super) fn path(text: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    for part in text.split('.') {
        let name = part.trim_end_matches(ITEMS);
        if name.is_empty() || name.contains(['[', ']']) {
            return None;
        }
        names.push(name);
        names.extend(part[name.len()..].split_inclusive(ITEMS));
    }
    Some(names)
}
