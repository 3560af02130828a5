//! Rules in documents: as text, or as JSON, which is kept as the text that says the same.

use super::Rule;
use crate::diagnostic::Severity;
use crate::prelude::*;
use crate::segment::compile;
use serde::{Deserialize, Deserializer, de::Error};

/// Reads a rule in one of its forms as its text.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    read(serde_json::Value::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// The same where there may be none.
pub fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Null => Ok(None),
        written => read(written).map(Some).map_err(D::Error::custom),
    }
}

fn read(written: serde_json::Value) -> Result<String, String> {
    if let serde_json::Value::String(text) = written {
        // What is wrong with it is said with its place, when it is checked.
        return Ok(text);
    }
    let rule: Rule = serde_json::from_value(written).map_err(|why| format!("no rule: {why}"))?;
    let (compiled, found) = compile(rule);
    match found.iter().find(|fault| fault.severity == Severity::Error) {
        Some(fault) => Err(format!("no rule: {fault}")),
        None => Ok(compiled.rule.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::{Body, Kind};
    use serde_json::{Value, json};

    fn check(kind: Kind, document: Value, at: &str, expected: &str) {
        let said = match Body::read(kind, document) {
            Ok(body) => {
                let document = serde_json::to_value(body.document()).unwrap();
                document.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned()
            }
            Err(why) => why,
        };
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn a_rule_may_be_written_in_either_form() {
        let rule = json!({ "and": [{ "segment": "vip" },
            { "count": { "of": { "event": "ordered" }, "is": { "op": "at-least", "to": 3 } } }] });
        let text = "in segment \"vip\" and count(ordered) >= 3";
        check(Kind::Segment, json!({ "rule": text }), "/rule", text);
        check(Kind::Segment, json!({ "rule": rule }), "/rule", text);
        check(Kind::Segment, json!({ "rule": { "lst": 1 } }), "", "no rule: unknown variant `lst`");
        check(Kind::Segment, json!({ "rule": { "and": [] } }), "", "no rule: ");
        check(Kind::Segment, json!({ "rule": 5 }), "", "no rule: ");
        let journey = json!({
            "entry": { "event": "ordered", "where": rule }, "exit-when": rule,
            "steps": [{ "if": rule, "then": [
                { "wait-for": { "event": "seen", "where": rule, "timeout": "1d" } }] }],
        });
        for at in ["/entry/where", "/exit-when", "/steps/0/if", "/steps/0/then/0/wait-for/where"] {
            check(Kind::Journey, journey.clone(), at, text);
        }
    }
}
