//! Messages that leave, what carriers say to them at once, and what they report later.

use super::*;

/// What was reported of a message, by the word for it.
fn reports(message: &Value) -> Vec<String> {
    let reports = message["reports"].as_array().unwrap().iter();
    reports.map(|report| report["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_code_arrives_and_contradictions_change_nothing() {
    let Some(carriers) = Carriers::start("a code by SMS") else { return };
    for carrier in CARRIERS {
        let cauce = carriers.shop(carrier);
        let to = number(if carrier == "twilio" { 100 } else { 101 });
        let id = code(&cauce, &to);
        cauce.message_in(&id, "accepted");
        let message = wait_for(PATIENCE, "a report", || {
            let message = cauce.get(&format!("/v1/messages/{id}"));
            (!reports(&message).is_empty()).then_some(message)
        });
        assert_eq!(reports(&message), ["delivered"], "{message}");
        // What comes later, twice or against it, is answered and does not count.
        wait_for(PATIENCE, "all reports", || {
            let told = carriers.shown()["told"].as_array().unwrap().clone();
            assert!(told.iter().all(|status| [204, 404].contains(&status.as_u64().unwrap())));
            (told.len() >= 4).then_some(())
        });
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert_eq!(reports(&cauce.get(&format!("/v1/messages/{id}"))), ["delivered"]);
        let asked = carriers.asked(&to);
        assert_eq!(asked.len(), 1, "{asked:?}");
        match carrier {
            "twilio" => {
                assert_eq!(asked[0]["Body"], "Your code is 123456");
                assert_eq!(asked[0]["From"], OWN);
            }
            _ => assert_eq!(
                (&asked[0]["text"], &asked[0]["type"]),
                (&json!("Your code is 123456"), &json!("text"))
            ),
        }
    }
}

#[test]
fn a_message_of_parts_is_delivered_when_all_are() {
    let Some(carriers) = Carriers::start("a message of parts by SMS") else { return };
    let cauce = carriers.shop("vonage");
    cauce.apply(&json!({ "definitions": { "templates": { "code": {
        "channel": "sms", "text": "{{ event.code }}" } } } }));
    let id = cauce.send(&json!({ "template": "code", "to": { "phone": number(110) },
                                 "payload": { "code": "ñ👋".repeat(45) } }));
    cauce.message_in(&id, "accepted");
    let message = wait_for(PATIENCE, "all parts", || {
        let message = cauce.get(&format!("/v1/messages/{id}"));
        reports(&message).contains(&"delivered".to_owned()).then_some(message)
    });
    assert_eq!(
        reports(&message),
        ["part-delivered", "part-delivered", "part-delivered", "delivered"],
        "{message}"
    );
    assert_eq!(carriers.asked(&number(110))[0]["type"], "unicode");
}

#[test]
fn what_carriers_refuse_means_what_they_say() {
    let Some(carriers) = Carriers::start("refusals by SMS") else { return };
    for (place, carrier) in CARRIERS.into_iter().enumerate() {
        let cauce = carriers.shop(carrier);
        let to = |end: &str| format!("+34611{}{end}", 200 + place);
        // No such number: it is suppressed.
        let failed = cauce.message_in(&code(&cauce, &to("404")), "failed");
        assert_eq!(failed["state"]["code"], "invalid-recipient", "{failed}");
        let refused = cauce.message_in(&code(&cauce, &to("404")), "refused");
        assert!(refused["why"].as_str().unwrap().contains("suppressed"), "{refused}");
        // Stopped at the carrier: it holds here as well, also for what nobody asks consent for.
        let failed = cauce.message_in(&code(&cauce, &to("610")), "failed");
        assert_eq!(failed["state"]["code"], "opted-out", "{failed}");
        let refused = cauce.message_in(&code(&cauce, &to("610")), "refused");
        assert!(refused["why"].as_str().unwrap().contains("sender shop was stopped"), "{refused}");
        // Too fast: it waits, and is not lost.
        let id = code(&cauce, &to("429"));
        let waiting = wait_for(PATIENCE, "an answer", || {
            let answer = cauce.ask("GET", &format!("/v1/messages/{id}"), "", b"");
            let message = (answer.status == 200).then(|| answer.json())?;
            message["attempts"][0]["ended"].is_object().then_some(message)
        });
        assert_eq!(waiting["state"]["state"], "queued", "{waiting}");
        // It was taken, and then there was no such handset. One of them says so twice, and at last
        // that it arrived: that is believed, and what follows is said.
        let id = code(&cauce, &to("005"));
        let count = if carrier == "twilio" { 3 } else { 1 };
        let bounced = wait_for(PATIENCE, "a report", || {
            let answer = cauce.ask("GET", &format!("/v1/messages/{id}"), "", b"");
            let message = (answer.status == 200).then(|| answer.json())?;
            (message["reports"].as_array()?.len() == count).then_some(message)
        });
        assert_eq!(bounced["reports"][0]["hard"], true, "{bounced}");
        let refused = cauce.message_in(&code(&cauce, &to("005")), "refused");
        assert!(refused["why"].as_str().unwrap().contains("hard-bounce"), "{refused}");
        assert_eq!(carriers.asked(&to("404")).len(), 1);
        assert_eq!(carriers.asked(&to("610")).len(), 1);
    }
}

#[test]
fn what_it_costs_is_seen_before_and_too_long_does_not_leave() {
    let Some(carriers) = Carriers::start("the cost of SMS") else { return };
    let cauce = carriers.shop("twilio");
    let preview = |text: &str, more: Value| {
        let mut definition = json!({ "channel": "sms", "text": text });
        definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = cauce.post("/v1/templates/preview", &json!({ "definition": definition }));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let seen = preview("Hello, 5 €\n", json!({}));
    let cost = json!({ "encoding": "gsm7", "parts": 1, "parts_max": 6, "units": 11,
                       "units_per_part": 160, "free": 149, "forced_by": null, "fares": [] });
    assert_eq!((&seen["cost"], &seen["text"]), (&cost, &json!("Hello, 5 €")), "{seen}");
    let curly = "It’s here – ".repeat(7);
    let seen = preview(&curly, json!({}));
    assert_eq!((&seen["cost"]["parts"], &seen["cost"]["forced_by"]), (&json!(2), &json!("’")));
    let seen = preview(&curly, json!({ "transliterate": true }));
    assert_eq!((&seen["cost"]["parts"], &seen["cost"]["encoding"]), (&json!(1), &json!("gsm7")));
    let seen = preview(&"я".repeat(500), json!({}));
    assert_eq!(seen["sendable"], false, "{seen}");
    assert!(seen["diagnostics"].to_string().contains("too-long"), "{seen}");
    let id = cauce.send(&json!({ "template": "code", "to": { "phone": number(300) },
                                 "payload": { "code": "я".repeat(500) } }));
    let failed = cauce.message_in(&id, "failed");
    assert!(failed["state"]["text"].as_str().unwrap().contains("8 parts"), "{failed}");
    let id = code(&cauce, "611000301");
    let failed = cauce.message_in(&id, "failed");
    assert!(failed["state"]["text"].as_str().unwrap().contains("its country"), "{failed}");
    assert_eq!(carriers.asked(&number(300)).len(), 0);
    // In other countries the sender has another name.
    cauce.message_in(&code(&cauce, "+12025550123"), "accepted");
    assert_eq!(carriers.asked("+12025550123")[0]["From"], "21777");
}

#[test]
fn definitions_that_no_carrier_would_take_are_refused() {
    let cauce = Cauce::start("");
    let check = |definitions: Value, expected: &str| {
        let answer = cauce.post("/v1/definitions/check", &json!({ "definitions": definitions }));
        assert!(answer.text.contains(expected), "{expected}: {}", answer.text);
    };
    let sender = |sms: Value| json!({ "senders": { "shop": { "sms": sms } } });
    check(sender(json!({ "from": "A NAME TOO LONG" })), "longer than 11");
    check(sender(json!({ "from": "34600000001" })), "begins with a +");
    check(sender(json!({ "from": "SHOP", "by-country": { "UK": "SHOP" } })), "unknown-region");
    check(sender(json!({ "from": "SHOP", "stopped": "none" })), "unknown-template");
    check(sender(json!({ "from": "SHOP", "max-parts": 0 })), "zero-parts");
    let template = |more: Value| {
        json!({ "senders": { "shop": { "sms": { "from": "SHOP" } } },
                                         "templates": { "t": more } })
    };
    check(template(json!({ "channel": "sms", "text": "x", "html": "<p>x" })), "not-plain");
    check(template(json!({ "channel": "email", "text": "x" })), "no-sender");
    check(template(json!({ "channel": "email", "text": "x", "sender": "shop" })), "no e-mail");
    check(json!({ "templates": { "t": { "channel": "sms", "text": "x" } } }), "no-sender");
    let provider = |more: Value| json!({ "providers": { "p": more } });
    let twilio = json!({ "account": "AC1", "token": "env:CAUCE_X" });
    check(provider(json!({ "channel": "sms", "twilio": twilio })), "bad-identifier");
    check(provider(json!({ "channel": "email", "twilio": twilio })), "carries sms");
    let vonage = json!({ "key": "k", "secret": "env:CAUCE_X", "signed-by": "md5" });
    check(provider(json!({ "channel": "sms", "vonage": vonage })), "bad-algorithm");
}
