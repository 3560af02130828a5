//! Answers of the server as a person reads them on a terminal.

use super::client::text;
use serde_json::Value;

/// Rows of a profile's timeline that are shown; all of them are in the JSON.
const TIMELINE: usize = 20;

fn items<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}

fn steps(steps: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for step in steps.as_array().into_iter().flatten() {
        let (at, input) = (text(&step["at"]), text(&step["input"]));
        let (partition, entry) = (&step["partition"], &step["offset"]);
        lines.push(format!("{at}  {input}  (partition {partition}, entry {entry})"));
        lines.extend(items(step, "effects").map(|effect| format!("    {}", text(effect))));
        lines.extend(items(step, "caused").filter_map(caused).map(|line| format!("    {line}")));
        if step["more"] == true {
            lines.push("    more changed, which is not remembered here".to_owned());
        }
    }
    lines
}

/// A change of a person in words. Segments that somebody entered or left are among the effects.
fn caused(one: &Value) -> Option<String> {
    let (who, change) = (text(&one["profile"]), &one["change"]);
    let word = |name: &str| text(&change[name]);
    let or = |name: &str, none: &str| match &change[name] {
        Value::Null => none.to_owned(),
        known => text(known),
    };
    let run = &change["run"];
    let of_run =
        format!("{} of {}, revision {},", text(&run["id"]), text(&run["journey"]), run["revision"]);
    Some(match change["kind"].as_str()? {
        "created" => format!("{who} is new"),
        "attribute" => {
            let (before, after) = (or("before", "nothing"), or("after", "nothing"));
            format!("{who} attribute {}: {before} → {after}", word("name"))
        }
        "consent" => {
            let (before, after) = (or("before", "nothing"), or("after", "nothing"));
            let channel = or("channel", "every channel");
            format!("{who} consent to {} ({channel}): {before} → {after}", word("topic"))
        }
        "alias" if change["held"] == true => format!("{who} has the name {}", word("alias")),
        "alias" => format!("{who} lost the name {}", word("alias")),
        "alias-refused" => format!("{who} is kept apart from the name {}", word("alias")),
        "merged" => format!("{who} became one with {}", word("with")),
        "device" => {
            let verb = if change["held"] == true { "has" } else { "lost" };
            format!("{who} {verb} the device {} ({})", word("device"), word("platform"))
        }
        "run-started" => format!("{of_run} started"),
        "run-went" => {
            let because = match change["because"].as_str() {
                Some("awaited") => "what it waited for came",
                Some("time") => "its time was over",
                _ => "a condition was asked",
            };
            format!("{of_run} went from {} to {}: {because}", word("from"), word("to"))
        }
        "run-waits" => format!("{of_run} waits at {}, until {}", word("at"), word("until")),
        "run-ended" => format!("{of_run} ended at {}: {}", word("at"), ending(change)),
        "message-planned" => format!("{} planned by {}", word("message"), word("template")),
        "message-refused" => format!("{} refused: {}", word("message"), word("reason")),
        _ => return None,
    })
}

fn ending(change: &Value) -> &'static str {
    match change["because"].as_str() {
        Some("arrived") => "it came to the end",
        Some("criteria") => "its exit criteria are met",
        Some("too-long") => "too many steps without a wait",
        Some("merged") => "two profiles are one, and another run goes on",
        _ => "its revision is not known any more",
    }
}

/// Whether nothing followed from a step.
fn is_silent(step: &Value) -> bool {
    step["more"] != true
        && ["effects", "caused"].iter().all(|name| items(step, name).next().is_none())
}

/// Who wanted a message.
fn source(source: &Value) -> String {
    match source["kind"].as_str() {
        Some("journey") => format!(
            "journey {}, revision {}, step {} ({})",
            text(&source["journey"]),
            source["revision"],
            text(&source["step"]),
            text(&source["run"])
        ),
        Some("campaign") => {
            format!("campaign {}, run {}", text(&source["campaign"]), text(&source["id"]))
        }
        _ => match source["key"].as_str() {
            Some(key) => format!("request with the idempotency key {key}"),
            None => "request without an idempotency key".to_owned(),
        },
    }
}

/// One hand-over: when, to whom, and what the provider said.
fn attempt(attempt: &Value) -> String {
    let mut line = format!(
        "{} granted {} to {}",
        attempt["number"],
        text(&attempt["granted"]),
        attempt["address"].as_str().filter(|a| !a.is_empty()).unwrap_or("(erased)")
    );
    let ended = &attempt["ended"];
    if ended.is_null() {
        line.push_str(": not ended");
        return line;
    }
    line.push_str(&format!("\n          ended   {}", text(&ended["at"])));
    let word = |name: &str| ended["outcome"][name].as_str().filter(|word| !word.is_empty());
    for (before, name) in [(" ", "kind"), (", ", "enhanced"), (": ", "text")] {
        if let Some(word) = word(name) {
            line.push_str(before);
            line.push_str(word);
        }
    }
    line
}

fn report(report: &Value) -> String {
    let mut line = format!("{}  {}", text(&report["at"]), text(&report["kind"]));
    let details = report.as_object().into_iter().flatten();
    for (name, value) in details.filter(|(name, _)| !matches!(name.as_str(), "at" | "kind")) {
        line.push_str(&format!(", {name} {}", text(value)));
    }
    line
}

/// A message with what led to it, or the steps of an event or a request.
pub fn explanation(answer: &Value) -> String {
    let message = &answer["message"];
    if message.is_null() {
        let mut lines = steps(&answer["steps"]);
        let all: Vec<_> = items(answer, "steps").collect();
        if all.iter().all(|step| is_silent(step)) {
            lines.push("it changed nothing".to_owned());
        }
        if let Some(events) = answer["events"].as_u64().filter(|events| *events > 1) {
            lines.push(format!(
                "the request brought {events} events: what is no event may be due to another one"
            ));
        }
        return lines.join("\n");
    }
    let template = &message["template"];
    let mut lines = vec![
        format!("message   {}", text(&message["id"])),
        format!("profile   {}", text(&message["profile"])),
        format!("source    {}", source(&message["source"])),
        format!("template  {}, revision {}", text(&template["name"]), template["revision"]),
        format!("state     {}", text(&message["state"]["state"])),
    ];
    if let Some(why) = message["why"].as_str() {
        lines.push(format!("why       {why}"));
    }
    lines.extend(items(message, "attempts").map(|one| format!("attempt   {}", attempt(one))));
    lines.extend(items(message, "reports").map(|one| format!("report    {}", report(one))));
    lines.push("caused by".to_owned());
    lines.extend(steps(&answer["caused_by"]).into_iter().map(|line| format!("  {line}")));
    lines.join("\n")
}

/// A heading and its lines, or nothing where there are none.
fn section(lines: &mut Vec<String>, heading: &str, rows: Vec<String>) {
    if !rows.is_empty() {
        lines.push(format!("\n{heading}"));
        lines.extend(rows.into_iter().map(|row| format!("  {row}")));
    }
}

/// Names and values in two columns.
fn columns<'v>(pairs: impl Iterator<Item = (&'v str, String)> + Clone) -> Vec<String> {
    let width = pairs.clone().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    pairs.map(|(name, value)| format!("{name:<width$}  {value}")).collect()
}

/// What properties say, in one line.
fn said(properties: &Value) -> String {
    let fields = properties.as_object().into_iter().flatten();
    fields.map(|(name, value)| format!("{name} {}", text(value))).collect::<Vec<_>>().join(", ")
}

fn device(one: &Value) -> String {
    let (platform, way) = (text(&one["platform"]), text(&one["way"]));
    let mut line = format!("{platform:<8} {}  by {way}", text(&one["device"]));
    let app = [&one["app"], &one["app_version"], &one["locale"]].map(text);
    for word in app.iter().filter(|word| !word.is_empty()) {
        line.push_str(&format!(", {word}"));
    }
    line.push_str(&format!(", seen {}", text(&one["seen"])));
    match (one["quarantine"]["why"].as_str(), one["permission"].as_str()) {
        (Some(why), _) => line.push_str(&format!(": in quarantine, {why}")),
        (None, Some("denied")) => line.push_str(": not allowed by the person"),
        (None, _) => {}
    }
    line
}

/// A profile: everything that is short, and the newest of its timeline.
pub fn profile(answer: &Value) -> String {
    let names: Vec<_> = items(answer, "aliases").map(text).collect();
    let mut lines = vec![
        format!("{}  since {}", text(&answer["id"]), text(&answer["created"])),
        format!("names  {}", names.join(", ")),
    ];
    if let Some(open) = answer["identity_pending"].as_u64().filter(|open| *open > 0) {
        lines.push(format!("{open} identity questions are open"));
    }
    let fields = |name: &str| answer[name].as_object().cloned().unwrap_or_default();
    let (attributes, computed) = (fields("attributes"), fields("computed"));
    let value = |value: &Value| value.get("value").map_or_else(|| text(value), text);
    let pairs = attributes.iter().map(|(name, one)| (name.as_str(), value(one)));
    section(&mut lines, "attributes", columns(pairs));
    let pairs = computed.iter().map(|(name, one)| (name.as_str(), value(one)));
    section(&mut lines, "computed", columns(pairs));
    let consents = items(answer, "consents").map(|one| {
        let fact = &one["fact"];
        let channel = fact["channel"].as_str().unwrap_or("every channel");
        let source = fact["source"].as_str().unwrap_or("source not said");
        let (state, topic) = (text(&fact["state"]), text(&fact["topic"]));
        format!("{state:<9} {topic} ({channel}), {source}, {}", text(&one["at"]))
    });
    section(&mut lines, "consents", consents.collect());
    let suppressed = items(answer, "suppressions").map(|one| {
        let why = &one["why"];
        let (address, reason) = (text(&one["address"]), text(&why["reason"]));
        format!("{address}: {reason}, stops {}, {}", text(&why["stops"]), text(&why["at"]))
    });
    section(&mut lines, "must not be written to", suppressed.collect());
    section(&mut lines, "devices", items(answer, "devices").map(device).collect());
    let segments: Vec<_> = items(answer, "segments").collect();
    let pairs = segments
        .iter()
        .filter_map(|one| Some((one["name"].as_str()?, format!("since {}", text(&one["since"])))));
    section(&mut lines, "segments", columns(pairs));
    let runs = items(answer, "runs").map(|run| {
        let (name, id) = (text(&run["journey"]), text(&run["id"]));
        format!("{name}, revision {}, since {}  {id}", run["revision"], text(&run["started"]))
    });
    section(&mut lines, "journeys", runs.collect());
    let timeline: Vec<_> = items(answer, "timeline").collect();
    let rows = timeline.iter().take(TIMELINE).map(|row| {
        let (at, name) = (text(&row["occurred_at"]), text(&row["name"]));
        format!("{at}  {name}  {}", said(&row["properties"])).trim_end().to_owned()
    });
    let heading = match timeline.len() {
        all if all > TIMELINE => format!("timeline, the newest {TIMELINE} (--json has more)"),
        _ => "timeline".to_owned(),
    };
    section(&mut lines, &heading, rows.collect());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_message_is_told_in_words() {
        let answer = json!({
            "message": {
                "id": "msg_1", "profile": "pro_1", "template": { "name": "order", "revision": 2 },
                "source": { "kind": "api", "key": "order-4711" },
                "state": { "state": "accepted" },
                "attempts": [{ "number": 1, "address": "ana@x.example", "granted": "10:00",
                    "ended": { "at": "10:01",
                        "outcome": { "kind": "accepted", "text": "2.0.0 Ok" } } }],
                "reports": [
                    { "at": "10:02", "kind": "clicked", "url": "https://x.example" },
                    { "at": "10:03", "kind": "opened" },
                ],
            },
            "caused_by": [{ "at": "09:59", "input": "request", "partition": 3, "offset": 7,
                "effects": ["message queued"] }],
        });
        let expected = [
            "message   msg_1",
            "profile   pro_1",
            "source    request with the idempotency key order-4711",
            "template  order, revision 2",
            "state     accepted",
            "attempt   1 granted 10:00 to ana@x.example",
            "          ended   10:01 accepted: 2.0.0 Ok",
            "report    10:02  clicked, url https://x.example",
            "report    10:03  opened",
            "caused by",
            "  09:59  request  (partition 3, entry 7)",
            "      message queued",
        ];
        assert_eq!(explanation(&answer), expected.join("\n"));
    }

    #[test]
    fn what_an_event_changed_is_told_in_words() {
        let run = json!({ "id": "run_1", "journey": "cart", "revision": 2 });
        let changes = [
            json!({ "kind": "attribute", "name": "city", "before": null, "after": "Lima" }),
            json!({ "kind": "segment", "name": "all", "inside": true }),
            json!({ "kind": "run-went", "run": run, "from": "pay", "to": "end",
                "because": "awaited" }),
            json!({ "kind": "run-ended", "run": run, "at": "end", "because": "criteria" }),
        ];
        let caused: Vec<_> =
            changes.iter().map(|one| json!({ "profile": "pro_1", "change": one })).collect();
        let step = json!({ "at": "10:00", "input": "event paid", "partition": 3, "offset": 7,
            "effects": [], "caused": caused, "more": true });
        let expected = [
            "10:00  event paid  (partition 3, entry 7)",
            "    pro_1 attribute city: nothing → Lima",
            "    run_1 of cart, revision 2, went from pay to end: what it waited for came",
            "    run_1 of cart, revision 2, ended at end: its exit criteria are met",
            "    more changed, which is not remembered here",
            "the request brought 2 events: what is no event may be due to another one",
        ];
        let answer = json!({ "steps": [step], "events": 2 });
        assert_eq!(explanation(&answer), expected.join("\n"));
        let silent = json!({ "at": "10:00", "input": "event seen", "partition": 3, "offset": 8,
            "effects": [], "caused": [], "more": false });
        let told = explanation(&json!({ "steps": [silent], "events": 1 }));
        assert!(told.ends_with("entry 8)\nit changed nothing"), "{told}");
    }

    #[test]
    fn a_profile_shows_what_there_is_and_no_empty_headings() {
        let answer = json!({
            "id": "pro_1", "created": "2026", "aliases": ["user_id:7"], "identity_pending": 0,
            "attributes": { "city": { "value": "Madrid" }, "age": { "value": 31 } },
            "computed": {}, "consents": [], "suppressions": [], "segments": [], "runs": [],
            "timeline": [{ "occurred_at": "2026", "name": "seen", "properties": { "page": "/" } }],
        });
        let expected = [
            "pro_1  since 2026",
            "names  user_id:7",
            "",
            "attributes",
            "  age   31",
            "  city  Madrid",
            "",
            "timeline",
            "  2026  seen  page /",
        ];
        assert_eq!(profile(&answer), expected.join("\n"));
    }
}
