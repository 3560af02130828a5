//! What an event changed about people, each kind with a cause made on purpose.

use crate::rooms::{catch_all, set_clock, stopped_clock};
use crate::world::*;
use serde_json::{Value, json};

const STEPS: &str = r#"[
    { "id": "pause", "wait": "1d" },
    { "id": "pay", "wait-for": { "event": "paid", "timeout": "2d" },
      "then": [{ "id": "thanks", "message": "letter" }] }]"#;

fn shop_with_cart() -> Cauce {
    let cauce = stopped_clock("2026-01-05T10:00:00Z");
    cauce.apply(&shop(catch_all()));
    let steps: Value = serde_json::from_str(STEPS).unwrap();
    cauce.apply(&json!({ "definitions": { "journeys": { "cart": {
        "entry": { "event": "cart_left" }, "exit-when": "bought = true", "steps": steps } } } }));
    cauce
}

fn say(cauce: &Cauce, event: &Value) {
    let answer = cauce.report(&event.to_string(), "?applied=true");
    assert_eq!(answer.status, 202, "{answer:?}");
}

fn changes(explained: &Value) -> Vec<Value> {
    let steps = explained["steps"].as_array().unwrap();
    steps.iter().flat_map(|step| step["caused"].as_array().unwrap().clone()).collect()
}

/// What the event with this id changed, waiting until some of it fits.
fn caused(cauce: &Cauce, id: &str, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
    wait_for(PATIENCE, "what it caused", || {
        let all = changes(&cauce.get(&format!("/v1/explain/{id}")));
        let all: Vec<Value> = all.into_iter().map(|one| one["change"].clone()).collect();
        all.iter().any(&fits).then_some(all)
    })
}

fn of_kind<'v>(all: &'v [Value], kind: &str) -> Vec<&'v Value> {
    all.iter().filter(|change| change["kind"] == kind).collect()
}

#[test]
fn runs_that_it_started_moved_and_ended() {
    let cauce = shop_with_cart();
    for who in ["ana", "bob"] {
        say(&cauce, &json!({ "id": format!("left-{who}"), "name": "cart_left", "user_id": who }));
    }
    let all = caused(&cauce, "left-ana", |change| change["kind"] == "run-waits");
    let started = of_kind(&all, "run-started");
    assert_eq!(started.len(), 1, "{all:?}");
    let run = &started[0]["run"];
    assert_eq!((&run["journey"], &run["revision"]), (&json!("cart"), &json!(1)));
    assert_eq!(of_kind(&all, "run-waits")[0]["at"], "pause");
    assert_eq!(of_kind(&all, "run-waits")[0]["until"], "2026-01-06T10:00:00Z");
    assert_eq!(of_kind(&all, "created").len(), 1, "{all:?}");

    // What the clock moved is behind the event that began the walk, and behind no other.
    set_clock(&cauce, "2026-01-06T10:00:01Z");
    let at_pay = |change: &Value| change["kind"] == "run-waits" && change["at"] == "pay";
    let all = caused(&cauce, "left-ana", at_pay);
    let went = of_kind(&all, "run-went");
    assert_eq!(went.len(), 1, "{all:?}");
    assert_eq!((&went[0]["run"], &went[0]["because"]), (run, &json!("time")));

    say(&cauce, &json!({ "id": "paid-ana", "name": "paid", "user_id": "ana" }));
    let all = caused(&cauce, "paid-ana", |change| change["kind"] == "run-ended");
    let went = of_kind(&all, "run-went");
    assert_eq!((&went[0]["from"], &went[0]["to"]), (&json!("pay"), &json!("thanks")));
    assert_eq!((&went[0]["because"], &went[0]["run"]), (&json!("awaited"), run));
    let ended = of_kind(&all, "run-ended");
    assert_eq!((&ended[0]["because"], &ended[0]["run"]), (&json!("arrived"), run));
    let planned = of_kind(&all, "message-planned");
    assert_eq!(planned[0]["template"], "letter", "{all:?}");
    let message = planned[0]["message"].as_str().unwrap();
    assert_eq!(cauce.get(&format!("/v1/messages/{message}"))["source"]["run"], run["id"]);

    let bought = json!({ "id": "bought-bob", "name": "changed", "user_id": "bob",
        "attributes": { "bought": true } });
    say(&cauce, &bought);
    let all = caused(&cauce, "bought-bob", |change| change["kind"] == "run-ended");
    let ended = of_kind(&all, "run-ended");
    assert_eq!((&ended[0]["because"], &ended[0]["at"]), (&json!("criteria"), &json!("pay")));
    assert!(of_kind(&all, "run-went").is_empty(), "{all:?}");
}

#[test]
fn attributes_and_consents_with_what_they_were_before() {
    let cauce = shop_with_cart();
    let city = |id: &str, city: Value, consent: &str| {
        say(
            &cauce,
            &json!({ "id": id, "name": "changed", "user_id": "ana",
                "attributes": { "city": city, "age": 31 },
                "consents": [{ "topic": "news", "channel": "email", "state": consent,
                               "source": "form" }] }),
        );
        caused(&cauce, id, |change| change["kind"] == "consent")
    };
    let all = city("one", json!("Madrid"), "granted");
    assert_eq!(of_kind(&all, "attribute").len(), 2, "{all:?}");
    let first = json!({ "kind": "attribute", "name": "city", "before": null, "after": "Madrid" });
    assert!(all.contains(&first), "{all:?}");
    set_clock(&cauce, "2026-01-05T10:01:00Z");
    let all = city("two", json!("Quito"), "withdrawn");
    // The age was the same: it did not change.
    let moved =
        json!({ "kind": "attribute", "name": "city", "before": "Madrid", "after": "Quito" });
    assert_eq!(of_kind(&all, "attribute"), [&moved]);
    let consent = json!({ "kind": "consent", "topic": "news", "channel": "email",
        "before": "granted", "after": "withdrawn" });
    assert_eq!(of_kind(&all, "consent"), [&consent]);
    let said = cauce::command()
        .args(["explain", "two", "--key", &cauce.key, "--server"])
        .arg(format!("http://127.0.0.1:{}", cauce.port))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("attribute city: Madrid → Quito"), "{said}");
    assert!(said.contains("consent to news (email): granted → withdrawn"), "{said}");
    // Of somebody who is erased it is not told any more, whenever the sweep comes.
    let erased = cauce.ask("DELETE", "/v1/profiles/user_id/ana", "application/json", b"");
    assert_eq!(erased.status, 200, "{erased:?}");
    let told = cauce.ask("GET", "/v1/explain/two", "application/json", b"");
    assert!(!told.text.contains("Quito") && !told.text.contains("Madrid"), "{told:?}");
}

#[test]
fn names_devices_and_two_profiles_that_became_one() {
    let cauce = shop_with_cart();
    say(
        &cauce,
        &json!({ "id": "visit", "name": "viewed", "anonymous_id": "laptop",
            "attributes": { "color": "blue" } }),
    );
    let other = changes(&cauce.get("/v1/explain/visit"))[0]["profile"].clone();
    say(&cauce, &json!({ "id": "who", "name": "viewed", "user_id": "ana" }));
    say(
        &cauce,
        &json!({ "id": "signs-in", "name": "signed_in", "user_id": "ana",
            "anonymous_id": "laptop" }),
    );
    let all = caused(&cauce, "signs-in", |change| change["kind"] == "merged");
    assert_eq!(of_kind(&all, "merged"), [&json!({ "kind": "merged", "with": other })]);
    let color = json!({ "kind": "attribute", "name": "color", "before": null, "after": "blue" });
    assert!(all.contains(&color), "{all:?}");
    let name = json!({ "kind": "alias", "alias": "anonymous_id:laptop", "held": true });
    assert!(all.contains(&name), "{all:?}");

    say(
        &cauce,
        &json!({ "id": "phone", "name": "device_registered", "user_id": "ana",
            "properties": { "platform": "android", "token": "t-1", "app": "com.example" } }),
    );
    let all = caused(&cauce, "phone", |change| change["kind"] == "device");
    let device = of_kind(&all, "device");
    assert_eq!((&device[0]["platform"], &device[0]["held"]), (&json!("android"), &json!(true)));
}

#[test]
fn an_event_that_caused_nothing_says_so_and_none_takes_what_another_did() {
    let mut cauce = shop_with_cart();
    say(&cauce, &json!({ "id": "first", "name": "viewed", "user_id": "ana" }));
    say(&cauce, &json!({ "id": "again", "name": "viewed", "user_id": "ana" }));
    assert_eq!(changes(&cauce.get("/v1/explain/again")), [] as [Value; 0]);
    // What is said again is told by what it did when it was said first.
    say(&cauce, &json!({ "id": "first", "name": "viewed", "user_id": "ana" }));
    let first = cauce.get("/v1/explain/first");
    assert!(changes(&first).iter().any(|one| one["change"]["kind"] == "created"), "{first}");
    // Two in one request: each has its own.
    let city = |who: &str, city: &str| {
        json!({ "id": format!("of-{who}"), "name": "changed", "user_id": who,
            "attributes": { "city": city } })
    };
    let both = format!("{}\n{}\n", city("eva", "Lima"), city("leo", "Rome"));
    assert_eq!(cauce.report(&both, "?applied=true").status, 202);
    let of_eva = cauce.get("/v1/explain/of-eva");
    assert_eq!(of_eva["events"], 2, "{of_eva}");
    let told = of_eva.to_string();
    assert!(told.contains("Lima") && !told.contains("Rome"), "{told}");
    let trace = of_eva["trace"].as_str().unwrap();
    let both = cauce.get(&format!("/v1/explain/{trace}")).to_string();
    assert!(both.contains("Lima") && both.contains("Rome"), "{both}");
    let one = cauce.get(&format!("/v1/explain/{trace}?event=of-leo")).to_string();
    assert!(one.contains("Rome") && !one.contains("Lima"), "{one}");
    // After an orderly end and after a crash it is the same.
    assert_eq!(cauce.end(), Some(0), "{}", cauce.said());
    cauce.again();
    assert_eq!(changes(&cauce.get("/v1/explain/of-eva")), changes(&of_eva));
}
