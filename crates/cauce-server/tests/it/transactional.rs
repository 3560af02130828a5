//! Messages that a person waits for: one per key, before everything else.

use crate::world::*;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[test]
fn one_key_is_one_message() {
    let sink = Sink::start(Script::default());
    let mut cauce = Cauce::start("");
    cauce.apply(&shop(smtp(sink.port)));
    let order = json!({ "template": "code", "to": { "email": "ana@example.com" },
                        "payload": { "code": "4711" }, "idempotency_key": "login-1" });
    let answers = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..200 {
            scope.spawn(|| {
                let answer = cauce.post("/v1/messages", &order);
                answers.lock().unwrap().push(answer);
            });
        }
    });
    let answers = answers.into_inner().unwrap();
    assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}");
    let ids: BTreeSet<String> =
        answers.iter().map(|answer| answer.json()["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let fresh = answers.iter().filter(|answer| answer.json()["repeated"] == false).count();
    assert_eq!(fresh, 1, "exactly one made it");
    let id = answers[0].json()["id"].as_str().unwrap().to_owned();
    cauce.message_in(&id, "accepted");

    let mut other = order.clone();
    other["payload"]["code"] = "4712".into();
    let refused = cauce.post("/v1/messages", &other);
    assert_eq!(refused.status, 409, "{refused:?}");
    assert_eq!(refused.json()["code"], "idempotency-key-reused");
    assert!(refused.text.contains(&id), "the answer names the message: {refused:?}");

    cauce.kill();
    cauce.again();
    let repeated = cauce.post("/v1/messages", &order);
    assert_eq!(repeated.json(), json!({ "id": id, "repeated": true }), "after a restart");
    assert_eq!(cauce.post("/v1/messages", &other).status, 409, "after a restart");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(sink.to("ana@example.com").len(), 1);
    assert_eq!(cauce.messages("ana@example.com").len(), 1);
}

#[test]
fn codes_overtake_a_campaign() {
    let _alone = alone();
    let people = 2_000;
    let sink = Sink::start(Script::default());
    let cauce = shop_of(people, &sink);
    // 4 connections × 10 ms: five seconds of backlog.
    sink.slow(Duration::from_millis(10));
    let run = cauce.start_campaign("monthly");
    wait_for(PATIENCE, "a campaign under way", || (sink.arrived() >= 100).then_some(()));
    let mut waits = Vec::new();
    for n in 0..100 {
        let to = format!("otp{n}@example.com");
        let asked = Instant::now();
        let id = cauce.send(&json!({ "template": "code", "to": { "email": to },
                                     "payload": { "code": n } }));
        let mail = wait_for(PATIENCE, "the code", || sink.to(&to).into_iter().next());
        assert_eq!(mail.header("subject").as_deref(), Some(format!("Your code {n}").as_str()));
        waits.push((mail.arrived - asked, sink.arrived()));
        cauce.message_in(&id, "accepted");
        if sink.arrived() > people * 3 / 4 {
            break;
        }
    }
    let backlog = people - sink.mails().iter().filter(|mail| !mail.to.starts_with("otp")).count();
    println!("{} codes, {backlog} of the campaign still waited", waits.len());
    assert!(waits.len() >= 10, "{waits:?}");
    assert!(backlog > 0, "the campaign was over first");
    let mut times: Vec<Duration> = waits.iter().map(|(wait, _)| *wait).collect();
    times.sort_unstable();
    let p99 = times[times.len() * 99 / 100];
    // A message of 10 ms may be before a code, never the granted window: 600 ms of it.
    assert!(times[times.len() / 2] < Duration::from_millis(400), "{times:?}");
    println!("hand-over of a code: median {:?}, p99 {p99:?}", times[times.len() / 2]);
    sink.slow(Duration::ZERO);
    let shown = cauce.done(run, PATIENCE);
    assert_eq!(term(&shown, "sent"), people as u64);
}

#[test]
fn a_letter_says_a_computed_attribute() {
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("");
    let mut definitions = shop(smtp(sink.port));
    let all = &mut definitions["definitions"];
    all["attributes"] = json!({ "spend": { "value": "sum(order.total)" } });
    all["templates"]["spent"] = json!({ "tracking": false,
        "subject": "Thank you", "text": "So far: {{ profile.computed.spend }}." });
    cauce.apply(&definitions);
    for (n, total) in [40, 25].into_iter().enumerate() {
        let order = json!({ "id": format!("order-{n}"), "name": "order", "email": "a@example.com",
                            "properties": { "total": total } });
        assert_eq!(cauce.report(&order.to_string(), "?applied=true").status, 202);
    }
    let id = cauce.send(&json!({ "template": "spent", "to": { "email": "a@example.com" } }));
    cauce.message_in(&id, "accepted");
    let letters = sink.to("a@example.com");
    assert!(letters[0].text.contains("So far: 65."), "{}", letters[0].text);
}

#[test]
fn what_a_template_needs_and_a_request_lacks_is_named() {
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("");
    let mut definitions = shop(smtp(sink.port));
    definitions["definitions"]["templates"]["order"] = json!({
        "subject": "Order {{ event.order.id }}",
        "text": "{{ event.note | default: '' }}{% if event.gift %}{{ event.gift }}{% endif %}" });
    let planned = cauce.post("/v1/definitions/plan", &definitions).json();
    assert_eq!(planned["needed"], json!({ "order": ["event.order.id"] }), "{planned}");
    assert!(planned["diagnostics"].to_string().contains("event.order.id"), "{planned}");
    cauce.apply(&definitions);
    let shown = cauce.get("/v1/templates/order/variables");
    assert_eq!(shown["needed"], json!(["event.order.id"]), "{shown}");
    assert!(shown["variables"].to_string().contains("event.note"), "{shown}");
    let wanted = json!({ "template": "order", "to": { "email": "a@example.com" },
                         "payload": { "order": {} } });
    let answer = cauce.post("/v1/messages", &wanted);
    assert_eq!(answer.status, 422, "{answer:?}");
    let fault = &answer.json()["fields"][0];
    assert_eq!(
        (&fault["path"], &fault["code"]),
        (&json!("payload.order.id"), &json!("missing-variable"))
    );
    let wanted = json!({ "template": "order", "to": { "email": "a@example.com" },
                         "payload": { "order": { "id": 7 } } });
    let id = cauce.send(&wanted);
    cauce.message_in(&id, "accepted");
    let answer = cauce.ask("GET", "/v1/templates/ordr/variables", "text/plain", b"");
    assert!(answer.status == 404 && answer.text.contains("`order`"), "{answer:?}");
}
