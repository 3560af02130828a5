//! Two mail servers behind one route: one of them dies, comes back, is slow, or asks for little.

use crate::world::*;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A shop whose mail leaves by `first` and `second`.
fn routed(first: &Sink, second: &Sink, more: Value) -> Value {
    let mut definitions = shop(smtp(first.port));
    let all = definitions["definitions"].as_object_mut().unwrap();
    all["providers"] = json!({ "first": smtp(first.port), "second": smtp(second.port) });
    let legs = json!([{ "provider": "first" }, { "provider": "second", "backup": true }]);
    all.insert("routes".to_owned(), json!({ "post": { "channel": "email", "legs": legs } }));
    for (kind, own) in more.as_object().unwrap() {
        for (name, definition) in own.as_object().unwrap() {
            all[kind][name] = definition.clone();
        }
    }
    definitions
}

fn code(cauce: &Cauce) -> String {
    cauce.send(&json!({ "template": "code", "to": { "email": "a@example.com" },
                        "payload": { "code": "7" } }))
}

fn provider(cauce: &Cauce, name: &str) -> Value {
    let shown = cauce.get("/v1/queues");
    let all = shown["providers"].as_array().unwrap();
    all.iter()
        .find(|provider| provider["name"] == name)
        .unwrap_or_else(|| panic!("{shown}"))
        .clone()
}

#[test]
fn mail_goes_on_by_the_other_server_when_one_dies_and_comes_back_without_a_burst() {
    let (first, second) = (Sink::start(Script::default()), Sink::start(Script::default()));
    let cauce = Cauce::start("");
    cauce.apply(&routed(&first, &second, json!({})));
    people(&cauce, 400);
    first.slow(Duration::from_millis(20));
    let run = cauce.start_campaign("monthly");
    wait_for(PATIENCE, "mail by the first", || (first.arrived() > 20).then_some(()));
    assert_eq!(second.arrived(), 0, "the backup waits");
    first.die(true);
    let died = Instant::now();
    wait_for(Duration::from_secs(20), "mail by the second", || {
        (second.arrived() > 20).then_some(())
    });
    println!("by the second after {:?}", died.elapsed());
    let shown = cauce.done(run, PATIENCE);
    assert_eq!((term(&shown, "sent"), term(&shown, "failed")), (400, 0), "{shown}");
    check_balance(&shown);
    let mails = first.arrived() + second.arrived();
    assert_eq!(mails, 400, "nobody twice, nobody forgotten");
    // A code does not wait for the one that is dead.
    let asked = Instant::now();
    let message = code(&cauce);
    let told = cauce.message_in(&message, "accepted");
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    let by = told["attempts"].as_array().unwrap().last().unwrap()["provider"].clone();
    assert_eq!(by, "second", "{told}");
    wait_for(PATIENCE, "the circuit open", || {
        code(&cauce);
        (provider(&cauce, "first")["state"] != "closed").then_some(())
    });
    // It is back, and slow: what is under way there at once shows how much it is given.
    let before = first.arrived();
    first.die(false);
    first.slow(Duration::from_millis(50));
    let run = cauce.start_campaign("second");
    wait_for(PATIENCE, "a probe that gets through", || {
        code(&cauce);
        (provider(&cauce, "first")["state"] == "ramping").then_some(())
    });
    let probes = first.arrived() - before;
    assert!(probes <= 30, "{probes} messages before it was known to be back");
    let shown = cauce.done(run, PATIENCE);
    assert_eq!(term(&shown, "sent"), 400, "{shown}");
    assert!(second.arrived() > 0);
}

#[test]
fn the_ledger_says_who_refused_and_who_carried() {
    let (first, second) = (Sink::start(Script::default()), Sink::start(Script::default()));
    let cauce = Cauce::start("");
    cauce.apply(&routed(&first, &second, json!({})));
    first.die(true);
    let message = code(&cauce);
    let told = cauce.message_in(&message, "accepted");
    let attempts: Vec<_> = told["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["provider"].as_str().unwrap_or("").to_owned())
        .collect();
    assert_eq!(attempts, ["first", "second"], "{told}");
    assert_eq!((first.arrived(), second.arrived()), (0, 1));
}

#[test]
fn a_limit_of_a_group_holds_at_the_server() {
    let (first, second) = (Sink::start(Script::default()), Sink::start(Script::default()));
    let cauce = Cauce::start("");
    let mut limited = smtp(first.port);
    limited["limits"] = json!([{ "group": "other", "per-second": 40 }]);
    cauce.apply(&routed(&first, &second, json!({ "providers": { "first": limited } })));
    people(&cauce, 200);
    let run = cauce.start_campaign("monthly");
    let shown = cauce.done(run, PATIENCE);
    assert_eq!(term(&shown, "sent"), 200, "{shown}");
    assert_eq!(second.arrived(), 0, "a leg at its limit stands");
    let mut granted: Vec<Instant> = first.mails().iter().map(|mail| mail.granted).collect();
    granted.sort_unstable();
    let within = |from: &Instant| {
        let second = Duration::from_secs(1);
        granted.iter().filter(|at| *at >= from && at.duration_since(*from) < second).count()
    };
    let most = granted.iter().map(within).max().unwrap();
    // The grants are exact; what a busy machine holds up for a moment arrives together.
    assert!(most <= 44, "{most} in one second");
    let all = granted.last().unwrap().duration_since(granted[0]);
    assert!(all < Duration::from_secs(8), "{all:?} for 200 at 40 a second");
}

/// Dead letters of all codes. Which code it is, the clock says: both gave up, or both expired.
fn sum(shown: &Value) -> u64 {
    shown["codes"].as_object().unwrap().values().filter_map(Value::as_u64).sum()
}

#[test]
fn dead_letters_are_listed_and_tried_again() {
    let (first, second) = (Sink::start(Script::default()), Sink::start(Script::default()));
    let clock = [("CAUCE_TEST_CLOCK", "2026-06-01T12:00:00Z")];
    let cauce = Cauce::start_with("development = true", &clock);
    cauce.apply(&routed(&first, &second, json!({})));
    first.die(true);
    second.die(true);
    let message = cauce.send(&json!({ "template": "code", "to": { "email": "a@example.com" },
        "payload": { "code": "7" }, "expire_at": "2026-06-01T12:01:00Z" }));
    let other = cauce.send(&json!({ "template": "code", "to": { "email": "b@example.com" },
        "payload": { "code": "8" }, "expire_at": "2026-06-01T12:01:00Z" }));
    for message in [&message, &other] {
        wait_for(PATIENCE, "both asked", || {
            let shown = cauce.get(&format!("/v1/messages/{message}"));
            (shown["attempts"].as_array()?.len() >= 2).then_some(())
        });
    }
    let set = cauce.post("/v1/clock", &json!({ "now": "2026-06-01T12:30:00Z" }));
    assert_eq!(set.status, 204, "{set:?}");
    for message in [&message, &other] {
        wait_for(PATIENCE, "the end", || {
            let state = cauce.get(&format!("/v1/messages/{message}"))["state"].clone();
            matches!(state["state"].as_str(), Some("failed" | "refused")).then_some(())
        });
    }
    let shown = cauce.get("/v1/dead-letters");
    let items = shown["items"].as_array().unwrap();
    let listed = items.iter().find(|item| item["id"] == message.as_str());
    assert_eq!(listed.unwrap()["providers"], json!(["first", "second"]), "{shown}");
    assert_eq!(sum(&shown), 2, "{shown}");
    for path in ["/v1/dead-letters/replay", "/v1/dead-letters/drop"] {
        let nothing = cauce.post(path, &json!({}));
        assert_eq!(nothing.status, 422, "{nothing:?}");
    }
    let state = || cauce.get(&format!("/v1/messages/{other}"))["state"].clone();
    let ended = state();
    // Who is given up is not tried again, and stands in the ledger as it ended.
    let dropped = cauce.post("/v1/dead-letters/drop", &json!({ "ids": [other] }));
    assert_eq!((dropped.status, dropped.json()["dropped"].clone()), (200, json!(1)), "{dropped:?}");
    assert_eq!(sum(&cauce.get("/v1/dead-letters")), 1);
    first.die(false);
    second.die(false);
    let answer = cauce.post("/v1/dead-letters/replay", &json!({ "all": true }));
    assert_eq!((answer.status, answer.json()["replayed"].clone()), (200, json!(1)), "{answer:?}");
    cauce.message_in(&message, "accepted");
    assert_eq!(first.arrived() + second.arrived(), 1, "once");
    assert_eq!(cauce.get("/v1/dead-letters")["items"], json!([]));
    assert_eq!(state(), ended, "what was given up is left alone");
}

#[test]
fn a_route_is_checked() {
    let cauce = Cauce::start("");
    let (first, second) = (Sink::start(Script::default()), Sink::start(Script::default()));
    let legs = json!([{ "provider": "first", "countries": ["+34"] }, { "provider": "nobody" },
                      { "provider": "first" }]);
    let wrong = json!({ "routes": { "second": { "channel": "email", "legs": legs } } });
    let answer = cauce.post("/v1/definitions/apply", &routed(&first, &second, wrong));
    assert_eq!(answer.status, 422, "{answer:?}");
    for code in ["name-taken", "leg-never-fits", "unknown-provider", "leg-twice"] {
        assert!(answer.text.contains(code), "no {code} in {answer:?}");
    }
}
