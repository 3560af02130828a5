//! Whether something fits a locked schema: every fault is named, and no value is.

use super::{Node, Schema, Type};
use crate::device::CARRIED;
use crate::diagnostic::nearest;
use crate::event::Properties;
use crate::limits;
use crate::prelude::*;
use crate::value::Value;
use core::fmt;
use serde::{Deserialize, Serialize};

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    /// Where: `properties.items[2].price`.
    pub path: String,
    /// What kind of fault it is.
    pub code: FaultCode,
    /// What is wrong, and the way out.
    pub message: String,
}

/// Kinds of faults, as they are counted and filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultCode {
    /// It is of another type.
    WrongType,
    /// It must be there and is not.
    Missing,
    /// It is not written down, and the schema is closed.
    Unknown,
    /// It is there under a new and under an old name.
    Ambiguous,
    /// There are more faults than are listed.
    More,
}

impl FaultCode {
    /// Every kind.
    pub const ALL: [FaultCode; 5] = [
        FaultCode::WrongType,
        FaultCode::Missing,
        FaultCode::Unknown,
        FaultCode::Ambiguous,
        FaultCode::More,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            FaultCode::WrongType => "wrong-type",
            FaultCode::Missing => "missing",
            FaultCode::Unknown => "unknown",
            FaultCode::Ambiguous => "ambiguous",
            FaultCode::More => "more",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Says what in an object does not fit.
pub(super) fn fit(schema: &Schema, fields: &Properties, at: &str, faults: &mut Vec<Fault>) {
    let mut search = Search { open: schema.open, faults, more: 0 };
    search.object(&schema.root, fields, at);
    if search.more > 0 {
        let message = format!("{} more faults are not listed", search.more);
        let path = at.to_owned();
        search.faults.push(Fault { path, code: FaultCode::More, message });
    }
}

struct Search<'f> {
    open: bool,
    faults: &'f mut Vec<Fault>,
    more: usize,
}

impl Search<'_> {
    fn fault(&mut self, path: String, code: FaultCode, message: String) {
        if self.faults.len() < limits::FAULTS_MAX {
            self.faults.push(Fault { path, code, message });
        } else {
            self.more += 1;
        }
    }

    fn object(&mut self, node: &Node, fields: &Properties, at: &str) {
        for (name, child) in &node.children {
            if let Some(old) = child.was.iter().find(|old| fields.contains_key(*old)) {
                let message = format!("stands beside `{old}`, its old name: send one of them");
                self.fault(format!("{at}.{name}"), FaultCode::Ambiguous, message);
            }
            match fields.get(name) {
                None | Some(Value::Null) if child.required => {
                    let wanted = wanted(&child.types);
                    let message = format!("is missing; it must be {wanted}");
                    self.fault(format!("{at}.{name}"), FaultCode::Missing, message);
                }
                None | Some(Value::Null) => {}
                Some(value) => self.value(child, value, &mut || format!("{at}.{name}")),
            }
        }
        // An object of which nothing is written down may hold anything.
        if self.open || node.children.is_empty() {
            return;
        }
        let known = |name: &String| {
            node.children.contains_key(name) || node.children.values().any(|c| c.was.contains(name))
        };
        for name in fields.keys().filter(|name| !known(name) && *name != CARRIED) {
            let near = nearest(name, node.children.keys().map(String::as_str));
            let near = near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
            let message = format!("is not known, and the schema is closed{near}");
            self.fault(format!("{at}.{name}"), FaultCode::Unknown, message);
        }
    }

    /// The path is spelled only where it is needed: most events have no fault.
    fn value(&mut self, node: &Node, value: &Value, at: &mut dyn FnMut() -> String) {
        // A null is nothing: where something must be there, it is missing.
        let anything = node.types.is_empty() || *value == Value::Null;
        if !anything && !node.types.iter().any(|wanted| wanted.fits(value)) {
            let found = value.type_name();
            let message = format!("is {} {found}, not {}", article(found), wanted(&node.types));
            self.fault(at(), FaultCode::WrongType, message);
            return;
        }
        match value {
            Value::Object(fields) if !node.children.is_empty() => self.object(node, fields, &at()),
            Value::Array(items) => {
                let Some(item) = node.items.as_deref() else { return };
                for (place, value) in items.iter().enumerate() {
                    self.value(item, value, &mut || format!("{}[{place}]", at()));
                }
            }
            _ => {}
        }
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'o']) { "an" } else { "a" }
}

fn wanted(types: &[Type]) -> String {
    let words = types.iter().map(|wanted| match wanted {
        Type::Date => "a date such as `2026-11-24` or an RFC 3339 time".to_owned(),
        other => format!("{} {other}", article(other.as_str())),
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { "there".to_owned() } else { words.join(" or ") }
}
