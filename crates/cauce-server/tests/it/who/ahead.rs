//! Who would get a campaign: what is foreseen is what then happens, person by person.

use crate::world::*;
use serde_json::{Value, json};
use std::process::Stdio;

/// An hour of the day (UTC), so many from now.
fn hour(ahead: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let minutes = (now.as_secs() as i64 / 60 + ahead * 60).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A shop that asks for consent, lets one message a week out, and is silent at this hour where it
/// is this hour.
fn strict() -> Value {
    let mut all = shop(json!({ "channel": "email", "catch-all": {} }));
    all["definitions"]["policy"] = json!({ "policy": {
        "default-zone": "Pacific/Auckland", "consent-required": true,
        "frequency-caps": [{ "messages": 1, "window": "7d" }],
        "quiet-hours": { "from": hour(-1), "to": hour(2) } } });
    all["definitions"]["segments"]["early"] = json!({ "rule": "early = true" });
    all["definitions"]["campaigns"]["first"] =
        json!({ "audience": ["early"], "template": "letter" });
    all
}

/// Somebody who signed up.
fn person(name: &str, more: Value) -> String {
    let mut event = json!({ "id": format!("{name}-in"), "name": "signed_up", "user_id": name,
        "email": format!("{name}@example.com"), "attributes": { "first_name": name },
        "consents": [{ "topic": "news", "state": "granted", "source": "form" }] });
    for (key, value) in more.as_object().unwrap() {
        match value {
            Value::Null => event.as_object_mut().unwrap().remove(key),
            value => event.as_object_mut().unwrap().insert(key.clone(), value.clone()),
        };
    }
    format!("{event}\n")
}

fn count(groups: &Value, reason: &str) -> u64 {
    let group = groups.as_array().unwrap().iter().find(|group| group["reason"] == reason);
    group.map_or(0, |group| group["people"].as_u64().unwrap())
}

#[test]
fn what_is_foreseen_is_what_happens() {
    let cauce = Cauce::start("");
    cauce.apply(&strict());
    let lines = [
        person("ana", json!({})),
        person("luis", json!({})),
        person("nameless", json!({ "attributes": {} })),
        person("silent", json!({ "consents": null })),
        person("mute", json!({ "consents": null })),
        person("blocked", json!({})),
        person("homeless", json!({ "email": null })),
        person("night", json!({ "attributes": { "first_name": "n", "timezone": "UTC" } })),
        person("capped", json!({ "attributes": { "first_name": "c", "early": true } })),
    ];
    assert_eq!(cauce.report(&lines.concat(), "?historical=true&applied=true").status, 202);
    let blocked = json!({ "address": "blocked@example.com", "reason": "asked" });
    assert_eq!(cauce.post("/v1/suppressions", &blocked).status, 204);
    let first = cauce.start_campaign("first");
    assert_eq!(cauce.done(first, PATIENCE)["balance"]["sent"], 1);

    let ahead = cauce.get("/v1/campaigns/monthly/audience");
    assert_eq!((&ahead["audience"], &ahead["exact"]), (&json!(9), &json!(true)), "{ahead}");
    assert_eq!(ahead["leaves"], json!({ "people": 3, "low": 3, "high": 3 }), "{ahead}");
    let refused =
        [("no-consent", 2), ("suppressed", 1), ("no-address", 1), ("frequency-capped", 1)];
    for (reason, expected) in refused {
        assert_eq!(count(&ahead["refused"], reason), expected, "{reason}: {ahead}");
    }
    assert_eq!(count(&ahead["later"], "quiet-hours"), 1, "{ahead}");
    assert!(ahead["later"][0]["last"].is_string() && ahead["failed"] == json!([]), "{ahead}");
    // One of those who get it has no name, and the letter asks for it without a fallback.
    let gap = &ahead["gaps"][0];
    assert_eq!((&gap["path"], &gap["people"]), (&json!("profile.first_name"), &json!(1)), "{gap}");
    assert_eq!(gap["examples"][0]["value"], "nameless");
    let silent = ahead["refused"].as_array().unwrap().iter();
    let silent = silent.clone().find(|group| group["reason"] == "no-consent").unwrap();
    assert_eq!(silent["examples"][0]["why"], "no consent for news was ever given");
    assert_eq!(
        silent["examples"][0]["said"],
        json!({ "code": "no-consent", "details": { "topic": "news" } })
    );
    // Looking is not sending.
    assert_eq!(cauce.get("/v1/campaigns?campaign=monthly")["runs"], json!([]));

    // The same question of one that nobody has published yet.
    let draft = json!({ "definition": { "audience": ["everybody"], "exclude": ["early"],
        "template": "letter" } });
    let answer = cauce.post("/v1/campaigns/audience", &draft);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        (&answer.json()["audience"], count(&answer.json()["refused"], "frequency-capped")),
        (&json!(8), 0)
    );
    for (field, wrong) in [("audience", json!(["everbody"])), ("template", json!("leter"))] {
        let mut bad = draft.clone();
        bad["definition"][field] = wrong;
        let answer = cauce.post("/v1/campaigns/audience", &bad);
        assert!(answer.status == 422 && answer.text.contains("did you mean"), "{answer:?}");
    }

    // And then it happens.
    let run = cauce.start_campaign("monthly");
    let ended = wait_for(PATIENCE, "all but the one at night", || {
        let run = cauce.run(run);
        (run["balance"]["left"] == 1).then_some(run)
    });
    assert_eq!((&ended["balance"]["sent"], &ended["balance"]["pending"]), (&json!(3), &json!(1)));
    for (reason, expected) in refused {
        assert_eq!(ended["balance"]["refusals"][reason], expected, "{reason}: {ended}");
    }
}

#[test]
fn a_large_audience_is_sampled_and_the_bounds_hold() {
    let cauce = Cauce::start("");
    cauce.apply(&strict());
    let one = |n: usize| {
        let consents = if n.is_multiple_of(4) {
            Value::Null
        } else {
            json!([
            { "topic": "news", "state": "granted", "source": "form" }])
        };
        person(&format!("u{n}"), json!({ "consents": consents }))
    };
    let lines: String = (0..6_000).map(one).collect();
    assert_eq!(cauce.report(&lines, "?historical=true&applied=true").status, 202);
    let ahead = cauce.get("/v1/campaigns/monthly/audience");
    assert_eq!((&ahead["audience"], &ahead["exact"]), (&json!(6_000), &json!(false)), "{ahead}");
    let looked_at = ahead["looked_at"].as_u64().unwrap();
    assert!((2_000..2_100).contains(&looked_at), "{ahead}");
    let group = &ahead["refused"][0];
    let number = |name: &str| group[name].as_u64().unwrap();
    assert_eq!(group["reason"], "no-consent", "{ahead}");
    assert!(number("low") <= 1_500 && 1_500 <= number("high"), "{group}");
    assert!(number("low") < number("people") && number("people") < number("high"), "{group}");
    let leaves = ahead["leaves"]["people"].as_u64().unwrap();
    assert_eq!(leaves + number("people"), 6_000, "everybody is in one group: {ahead}");
    assert_eq!(group["examples"].as_array().unwrap().len(), 5);

    let server = format!("http://127.0.0.1:{}", cauce.port);
    let mut command = cauce::command();
    command.args(["campaign", "audience", "monthly", "--exact", "--server", &server]);
    let output = command.args(["--key", &cauce.key]).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("6000 people in the audience\n  4500 get it at once"), "{said}");
    assert!(said.contains("1500 do not get it: no-consent; u"), "{said}");
}
