//! Every answer of the server against the API's description: what is answered is described, field
//! by field, and what is described as always there is there.

use super::http::Answer;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// The description as it is committed.
static API: LazyLock<Value> = LazyLock::new(|| {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
});

/// Faults that one answer shows at most.
const FAULTS_MAX: usize = 20;

/// Compares an answer with what is described at its path. Paths that are not described are not the
/// API's: pages, other people's servers.
pub fn check(method: &str, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or(path);
    let kind = answer.header("content-type").unwrap_or_default();
    let Some(operation) = operation(&method.to_lowercase(), path) else { return };
    let mut faults = Vec::new();
    if kind.starts_with("application/problem+json") {
        let problem = &API["components"]["schemas"]["Problem"];
        fits(problem, &answer.json(), "", &mut faults);
    } else if kind.starts_with("application/x-ndjson") && path == "/v1/messages/export" {
        let message = &API["components"]["schemas"]["Message"];
        for (number, line) in answer.text.lines().enumerate() {
            let line = serde_json::from_str(line).unwrap();
            fits(message, &line, &format!("line {number}"), &mut faults);
        }
    // Of what is not modified there is a kind and no body.
    } else if kind.starts_with("application/json") && !answer.text.is_empty() {
        let described = &operation["responses"][answer.status.to_string()];
        let schema = &described["content"]["application/json"]["schema"];
        match schema.is_object() {
            true => fits(schema, &answer.json(), "", &mut faults),
            false => faults.push(format!("a {} with JSON is not described", answer.status)),
        }
    }
    faults.truncate(FAULTS_MAX);
    assert!(faults.is_empty(), "{method} {path}: {faults:#?}\n{}", answer.text);
}

/// What is described of a path: of several that fit the one that says most of it.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let asked: Vec<&str> = path.split('/').collect();
    let literal = |template: &str| -> Option<usize> {
        let parts: Vec<&str> = template.split('/').collect();
        let fits = |(part, asked): (&&str, &&str)| part.starts_with('{') || part == asked;
        (parts.len() == asked.len() && parts.iter().zip(&asked).all(fits))
            .then(|| parts.iter().filter(|part| !part.starts_with('{')).count())
    };
    let all = API["paths"].as_object()?.iter();
    let fitting = all
        .filter_map(|(template, operations)| Some((literal(template)?, operations.get(method)?)));
    fitting.max_by_key(|(literal, _)| *literal).map(|(_, operation)| operation)
}

/// The schema itself, behind its name.
fn resolve(schema: &Value) -> &Value {
    match schema["$ref"].as_str() {
        Some(name) => {
            let name = name.trim_start_matches("#/components/schemas/");
            resolve(&API["components"]["schemas"][name])
        }
        None => schema,
    }
}

fn fits(schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    let schema = resolve(schema);
    let either = ["oneOf", "anyOf"].into_iter().find_map(|key| schema[key].as_array());
    if let Some(ways) = either {
        let tried: Vec<Vec<String>> = ways
            .iter()
            .map(|way| {
                let mut faults = Vec::new();
                fits(way, value, place, &mut faults);
                faults
            })
            .collect();
        if tried.iter().all(|faults| !faults.is_empty()) {
            faults.extend(tried.into_iter().flatten());
        }
        return;
    }
    if schema["allOf"].is_array() {
        return object(schema, value, place, faults);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(any) => any.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_whole = found == "integer" && types.contains(&"number");
    if !types.contains(&found) && !is_whole {
        faults.push(format!("{place}: is {found}, described as {types:?}"));
        return;
    }
    match value {
        Value::String(word) => {
            let words = schema["enum"].as_array();
            if words.is_some_and(|words| !words.iter().any(|known| known == word)) {
                faults.push(format!("{place}: the word `{word}` is not described"));
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                fits(&schema["items"], item, &format!("{place}.{number}"), faults);
            }
        }
        Value::Object(_) => object(schema, value, place, faults),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What is described of an object, all its parts together.
#[derive(Default)]
struct Shape {
    fields: Map<String, Value>,
    required: Vec<String>,
    others: Option<Value>,
}

impl Shape {
    fn add(&mut self, schema: &Value) {
        let schema = resolve(schema);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.add(part);
        }
        let fields = schema["properties"].as_object();
        self.fields.extend(fields.into_iter().flatten().map(|(n, s)| (n.clone(), s.clone())));
        let required = schema["required"].as_array().into_iter().flatten();
        self.required.extend(required.filter_map(|name| name.as_str().map(str::to_owned)));
        match &schema["additionalProperties"] {
            // Nothing is said of it at all: it is free by nature.
            Value::Null if fields.is_none() && schema["allOf"].is_null() => {
                self.others = Some(Value::Bool(true));
            }
            Value::Null | Value::Bool(false) => {}
            said => self.others = Some(said.clone()),
        }
    }
}

fn object(schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    let Some(found) = value.as_object() else {
        faults.push(format!("{place}: is no object"));
        return;
    };
    let mut shape = Shape::default();
    shape.add(schema);
    for (name, field) in found {
        let place = format!("{place}.{name}");
        match (shape.fields.get(name), &shape.others) {
            (Some(known), _) => fits(known, field, &place, faults),
            (None, Some(Value::Bool(_))) => {}
            (None, Some(others)) => fits(others, field, &place, faults),
            (None, None) => faults.push(format!("{place}: is not described")),
        }
    }
    for name in shape.required.iter().filter(|name| !found.contains_key(*name)) {
        faults.push(format!("{place}.{name}: is described as always there, and is not"));
    }
}

#[test]
fn what_is_not_described_is_found() {
    let answer = |text: &str| Answer {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        text: text.to_owned(),
    };
    let clock = |text: &str| {
        std::panic::catch_unwind(|| check("GET", "/v1/clock?x=y", &answer(text))).is_ok()
    };
    assert!(clock(r#"{"now":"2026-11-30T00:00:00Z","disbelieved":null}"#));
    assert!(!clock(r#"{"now":"2026-11-30T00:00:00Z"}"#), "what is always there is missing");
    assert!(!clock(r#"{"now":7,"disbelieved":null}"#), "another type");
    assert!(!clock(r#"{"now":"2026-11-30T00:00:00Z","zone":"UTC"}"#), "a field nobody described");
    let member = |role: &str| {
        let text = format!(
            r#"{{"next":null,"items":[{{"email":"a@b.c","name":"a","role":"{role}","state":"active",
                "at":"2026-11-30T00:00:00Z","disabled":false,"invitation_expires":null}}]}}"#
        );
        std::panic::catch_unwind(|| check("GET", "/v1/members", &answer(&text))).is_ok()
    };
    assert!(member("owner"));
    assert!(!member("pope"), "a word nobody described");
}
