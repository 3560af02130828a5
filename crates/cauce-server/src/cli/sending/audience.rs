//! `cauce campaign audience`: who would get a campaign if it started now, and why the others not.

use crate::cli::client::text;
use serde_json::Value;

/// How many, with what it may be as well where that was not counted.
fn people(one: &Value) -> String {
    let number = |name: &str| one[name].as_u64().unwrap_or_default();
    match (number("low"), number("people"), number("high")) {
        (low, count, high) if low == high => count.to_string(),
        (low, count, high) => format!("about {count} ({low} to {high})"),
    }
}

/// A group, and the first of it as an example.
fn group(verb: &str, one: &Value) -> String {
    let example = &one["examples"][0];
    let name = [&example["value"], &example["profile"]].into_iter().find_map(Value::as_str);
    let why = text(&example["why"]);
    let example = match (name, why.is_empty()) {
        (Some(name), false) => format!("; {name}: {why}"),
        (Some(name), true) => format!("; {name}"),
        (None, _) => String::new(),
    };
    let until = one["last"].as_str().map(|last| format!(", the last at {last}"));
    format!("  {} {verb}{}{example}", people(one), until.unwrap_or_default())
}

/// The answer, for people.
pub fn shown(answer: &Value) -> String {
    let list = |name: &str| answer[name].as_array().cloned().unwrap_or_default();
    let mut lines = vec![
        format!("{} people in the audience", answer["audience"]),
        format!("  {} get it at once", people(&answer["leaves"])),
    ];
    for one in list("later") {
        lines.push(group(&format!("get it later: {}", text(&one["reason"])), &one));
    }
    for one in list("refused") {
        lines.push(group(&format!("do not get it: {}", text(&one["reason"])), &one));
    }
    for one in list("failed") {
        lines.push(group("do not get it: the message cannot be made", &one));
    }
    for one in list("gaps") {
        let (path, part) = (text(&one["path"]), text(&one["part"]));
        lines.push(group(&format!("get it without `{path}` in the {part}"), &one));
    }
    if let Some(why) = answer["waits"].as_str() {
        lines.push(format!("the audience is not whole yet: {why}"));
    }
    if answer["exact"] != true {
        lines.push(format!("from a sample of {}; `--exact` asks everybody", answer["looked_at"]));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_group_says_how_many_and_why() {
        let example = json!([{ "profile": "p1", "namespace": "email", "value": "a@example.com",
                               "why": "no consent for news was ever given" }]);
        let answer = json!({ "audience": 9_000, "looked_at": 2_000, "exact": false,
            "leaves": { "people": 8_000, "low": 7_900, "high": 8_100 }, "later": [],
            "refused": [{ "reason": "no-consent", "people": 1_000, "low": 900, "high": 1_100,
                          "examples": example }],
            "failed": [], "waits": null,
            "gaps": [{ "part": "text", "path": "profile.name", "people": 3, "low": 3, "high": 3,
                       "examples": [{ "profile": "p2", "value": null, "why": "" }] }] });
        let expected = "9000 people in the audience\n  about 8000 (7900 to 8100) get it at once\n  \
            about 1000 (900 to 1100) do not get it: no-consent; a@example.com: no consent for news \
            was ever given\n  3 get it without `profile.name` in the text; p2\nfrom a sample of \
            2000; `--exact` asks everybody";
        assert_eq!(shown(&answer), expected);
    }
}
