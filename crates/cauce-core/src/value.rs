//! What an attribute or a property can hold.

use crate::decimal::Decimal;
use crate::prelude::*;
use core::fmt;
use serde::{Deserialize, Serialize};

/// A JSON value whose numbers are exact. Instants are kept as text, read where a rule asks for one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// JSON `null`; as an attribute it means "removed".
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An exact decimal.
    Number(Decimal),
    /// Text.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// Named values, in the order of their names.
    Object(BTreeMap<String, Value>),
}

impl Value {
    /// The word for this value's type in diagnostics.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value at a path of names such as `["address", "city"]`; a number in the path selects
    /// from an array.
    pub fn at<'v, 'p>(&'v self, path: impl IntoIterator<Item = &'p str>) -> Option<&'v Value> {
        path.into_iter().try_fold(self, |value, name| match value {
            Value::Object(fields) => fields.get(name),
            Value::Array(items) => name.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        })
    }

    /// Takes over a parsed JSON value. A number beyond 10^18 is refused with its path.
    pub fn from_json(json: serde_json::Value) -> Result<Value, String> {
        Ok(match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(truth) => Value::Bool(truth),
            serde_json::Value::Number(number) => {
                let text = number.as_str();
                let unfit = |why| format!("the number `{text}` is {why}");
                Value::Number(text.parse().map_err(unfit)?)
            }
            serde_json::Value::String(text) => Value::String(text),
            serde_json::Value::Array(items) => {
                Value::Array(items.into_iter().map(Value::from_json).collect::<Result<_, _>>()?)
            }
            serde_json::Value::Object(fields) => Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| match Value::from_json(value) {
                        Ok(value) => Ok((name, value)),
                        Err(why) => Err(format!("{name}: {why}")),
                    })
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// As a JSON value; numbers keep their text.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Bool(truth) => serde_json::Value::Bool(*truth),
            Value::Number(number) => serde_json::Value::Number(
                serde_json::Number::from_string_unchecked(number.to_string()),
            ),
            Value::String(text) => serde_json::Value::String(text.clone()),
            Value::Array(items) => items.iter().map(Value::to_json).collect(),
            Value::Object(fields) => serde_json::Value::Object(
                fields.iter().map(|(name, value)| (name.clone(), value.to_json())).collect(),
            ),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_json())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.to_owned())
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number.into())
    }
}
impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

/// The form in which a value is stored: not self-describing formats need the variant spelled out.
#[derive(Deserialize)]
enum Stored {
    Null,
    Bool(bool),
    Number(Decimal),
    String(String),
    Array(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

#[derive(Serialize)]
enum StoredRef<'v> {
    Null,
    Bool(bool),
    Number(Decimal),
    String(&'v str),
    Array(&'v [Value]),
    Object(&'v BTreeMap<String, Value>),
}

impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return self.to_json().serialize(serializer);
        }
        match self {
            Value::Null => StoredRef::Null,
            Value::Bool(truth) => StoredRef::Bool(*truth),
            Value::Number(number) => StoredRef::Number(*number),
            Value::String(text) => StoredRef::String(text),
            Value::Array(items) => StoredRef::Array(items),
            Value::Object(fields) => StoredRef::Object(fields),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let json = serde_json::Value::deserialize(deserializer)?;
            return Value::from_json(json).map_err(serde::de::Error::custom);
        }
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Null => Value::Null,
            Stored::Bool(truth) => Value::Bool(truth),
            Stored::Number(number) => Value::Number(number),
            Stored::String(text) => Value::String(text),
            Stored::Array(items) => Value::Array(items),
            Stored::Object(fields) => Value::Object(fields),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_exact_numbers() {
        let text = r#"{"a":[1,19.99,true,null,"x"],"b":{"c":-0.5}}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(value.to_string(), text);
        assert_eq!(value.at(["b", "c"]).unwrap().to_string(), "-0.5");
        assert_eq!(value.at(["a", "1"]).unwrap().to_string(), "19.99");
        let refused = serde_json::from_str::<Value>(r#"{"a":1e99}"#).unwrap_err().to_string();
        assert!(refused.contains("a: the number `1e+99` is beyond 10^18"), "{refused}");
    }
}
