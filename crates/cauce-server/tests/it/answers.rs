//! What a provider's answers do to the message, to the address, and to the next campaign.

use crate::world::*;
use serde_json::{Value, json};
use std::time::Duration;

fn code(to: &str, template: &str) -> Value {
    json!({ "template": template, "to": { "email": to }, "payload": { "code": "1" } })
}

#[test]
fn refusals_are_read_by_reason() {
    let sink = Sink::start(Script {
        say: Box::new(|to, _| match to {
            "p0@example.com" => Say::Recipient("550 5.1.1 user unknown"),
            "p1@example.com" => Say::Recipient("550 5.7.1 blocked by policy"),
            "p2@example.com" => Say::Dot("554 5.7.1 looks like spam"),
            _ => Say::Take,
        }),
        ..Script::default()
    });
    let cauce = shop_of(5, &sink);
    let run = cauce.start_campaign("monthly");
    let shown = cauce.done(run, PATIENCE);
    check_balance(&shown);
    assert_eq!((term(&shown, "sent"), term(&shown, "failed")), (2, 3), "{shown}");
    let gone = &cauce.messages("p0@example.com")[0];
    assert_eq!(gone["state"]["state"], "failed", "{gone}");
    assert_eq!(gone["state"]["code"], "invalid-recipient", "{gone}");
    assert!(gone["state"]["text"].as_str().unwrap().contains("user unknown"), "{gone}");
    let profile = cauce.get("/v1/profiles/email/p0@example.com");
    assert_eq!(profile["suppressions"][0]["why"]["reason"], "hard-bounce", "{profile}");
    for innocent in ["p1@example.com", "p2@example.com"] {
        let profile = cauce.get(&format!("/v1/profiles/email/{innocent}"));
        assert_eq!(profile["suppressions"], json!([]), "{profile}");
    }

    let second = cauce.start_campaign("second");
    let shown = cauce.done(second, PATIENCE);
    check_balance(&shown);
    assert_eq!(shown["balance"]["refusals"], json!({ "suppressed": 1 }), "{shown}");
    assert_eq!((term(&shown, "sent"), term(&shown, "failed")), (2, 2), "{shown}");
    let refused = &cauce.messages("p0@example.com")[0];
    assert_eq!(refused["state"]["state"], "refused", "{refused}");
    assert!(refused["why"].as_str().unwrap().contains("user unknown"), "{refused}");
}

#[test]
fn what_is_put_off_is_tried_later() {
    let sink = Sink::start(Script {
        say: Box::new(|to, nth| match (to, nth) {
            ("grey@example.com", 0) => Say::Recipient("451 4.3.0 local trouble, come back"),
            ("late@example.com", 0) => Say::Dot("452 4.3.1 out of room"),
            _ => Say::Take,
        }),
        ..Script::default()
    });
    let cauce = Cauce::start("");
    cauce.apply(&shop(smtp(sink.port)));
    for to in ["grey@example.com", "late@example.com"] {
        let id = cauce.send(&code(to, "code"));
        let queued = wait_for(PATIENCE, "one attempt that ended", || {
            let messages = cauce.messages(to);
            let message = messages.first()?.clone();
            (message["attempts"][0]["ended"].is_object()
                && message["state"]["state"] != "attempting")
                .then_some(message)
        });
        let state = queued["state"]["state"].as_str().unwrap();
        assert!(matches!(state, "queued" | "accepted"), "{queued}");
        if state == "queued" {
            assert!(queued["state"]["due"].is_string() || queued["state"]["due"].is_number());
        }
        let accepted = cauce.message_in(&id, "accepted");
        assert_eq!(accepted["attempts"].as_array().unwrap().len(), 2, "{accepted}");
        assert_eq!(sink.to(to).len(), 1);
    }
}

#[test]
fn nobody_listens_and_the_message_waits() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let cauce = Cauce::start("");
    cauce.apply(&shop(smtp(port)));
    let id = cauce.send(&code("ana@example.com", "code"));
    let message = wait_for(PATIENCE, "an attempt that found nobody", || {
        let message = cauce.messages("ana@example.com").first()?.clone();
        (message["attempts"][0]["ended"].is_object()).then_some(message)
    });
    assert_eq!(message["id"], id.as_str());
    let message = cauce.message_in(&id, "queued");
    assert!(message["attempts"].to_string().contains("unreachable"), "{message}");
}

#[test]
fn a_lost_answer_is_unknown_and_marketing_is_not_sent_again() {
    let sink = Sink::start(Script {
        say: Box::new(|to, nth| match (to, nth) {
            ("p3@example.com" | "once@example.com" | "twice@example.com", 0) => Say::TakeAndLeave,
            _ => Say::Take,
        }),
        ..Script::default()
    });
    let cauce = shop_of(8, &sink);
    let run = cauce.start_campaign("monthly");
    let shown = cauce.done(run, PATIENCE);
    check_balance(&shown);
    assert_eq!((term(&shown, "sent"), term(&shown, "unknown")), (7, 1), "{shown}");
    assert_eq!(cauce.messages("p3@example.com")[0]["state"]["state"], "unknown");

    // Transactional: not again, unless its template says so; then once, under the same name.
    let once = cauce.send(&code("once@example.com", "code"));
    cauce.message_in(&once, "unknown");
    let twice = cauce.send(&code("twice@example.com", "receipt"));
    let accepted = cauce.message_in(&twice, "accepted");
    assert_eq!(accepted["attempts"].as_array().unwrap().len(), 2, "{accepted}");
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(sink.to("p3@example.com").len(), 1);
    assert_eq!(sink.to("once@example.com").len(), 1);
    let copies = sink.to("twice@example.com");
    assert_eq!(copies.len(), 2);
    let name = copies[0].header("message-id").unwrap();
    assert_eq!(copies[1].header("message-id"), Some(name));
}
