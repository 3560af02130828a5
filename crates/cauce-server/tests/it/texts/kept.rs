//! Text messages and pushes in the development inbox; what they cost, where they may go, and their
//! short links. No carrier is needed: what would leave is looked at.

use super::*;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// The shop with the inbox as every carrier.
fn shop_of_inbox(sender: Value, prices: Value) -> Cauce {
    let cauce = Cauce::start("development = true");
    let mut texts = json!({ "channel": "sms", "catch-all": {} });
    if prices.is_object() {
        texts["prices"] = prices;
    }
    let mut all = definitions("texts", texts);
    let all_of = &mut all["definitions"];
    all_of["providers"]["phones"] = json!({ "channel": "push", "catch-all": {} });
    all_of["senders"]["shop"]["sms"] = sender;
    all_of["templates"]["parcel-there"] = json!({ "channel": "push", "push": {
        "title": "Order {{ event.order | default: '?' }}", "body": "It is there",
        "link": "shop://orders", "data": { "order": "{{ event.order | default: '?' }}" } } });
    all_of["templates"]["link"] = json!({ "channel": "sms",
        "text": "Look: https://shop.example/a?b={{ event.code | default: '' }}. \
                 No more? {{ links.preferences }}" });
    all_of["policy"] = json!({ "policy": { "click-settle": "0s" } });
    cauce.apply(&all);
    cauce
}

fn own_number() -> Value {
    json!({ "from": OWN, "max-parts": 3 })
}

#[test]
fn every_channel_has_its_inbox() {
    let cauce = shop_of_inbox(own_number(), Value::Null);
    sign_up(&cauce, [1]);
    let device = json!({ "name": "device_registered", "user_id": "p1", "properties": {
        "platform": "android", "token": "a-secret-token", "app": "com.shop" } });
    assert_eq!(cauce.report(&device.to_string(), "?applied=true").status, 202);
    let text = code(&cauce, &number(1));
    cauce.message_in(&text, "accepted");
    let push = cauce.send(&json!({ "template": "parcel-there", "to": { "user_id": "p1" },
                                   "payload": { "order": "77" } }));
    cauce.message_in(&push, "accepted");
    let inbox = cauce.get("/v1/inbox");
    let by = |channel: &str| {
        let items = inbox["items"].as_array().unwrap();
        items.iter().find(|item| item["channel"] == channel).unwrap().clone()
    };
    assert_eq!(
        (&by("sms")["to"], &by("sms")["from"], &by("sms")["subject"]),
        (&json!(number(1)), &json!(OWN), &json!("Your code is 123456")),
        "{inbox}"
    );
    assert_eq!(by("push")["subject"], "Order 77", "{inbox}");
    assert!(by("push")["to"].as_str().unwrap().starts_with("android dev_"), "{inbox}");
    let opened = cauce.get(&format!("/v1/inbox/{text}"));
    assert_eq!(
        (&opened["parts"], &opened["alphabet"]),
        (&json!(["Your code is 123456"]), &json!("gsm7")),
        "{opened}"
    );
    let opened = cauce.get(&format!("/v1/inbox/{push}"));
    assert_eq!((&opened["text"], &opened["data"]), (&json!("It is there"), &json!({"order":"77"})));
    assert!(!opened.to_string().contains("a-secret-token"), "{opened}");
    let content = cauce.get(&format!("/v1/messages/{text}/content"));
    assert_eq!(
        (&content["origin"], &content["subject"], &content["text"]),
        (&json!("kept"), &Value::Null, &json!("Your code is 123456")),
        "{content}"
    );
    for id in [&text, &push] {
        let page = cauce.open("GET", &format!("/inbox/{id}"), "text/plain", b"");
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.text.contains("What left") && !page.text.contains("secret"), "{page:?}");
    }
}

/// The addresses in a text.
fn short_links(text: &str) -> Vec<String> {
    let words = text.split_whitespace().filter(|word| word.contains("/s/"));
    words.map(|word| format!("/s/{}", &word.split("/s/").nth(1).unwrap()[..10])).collect()
}

#[test]
fn links_are_short_and_lead_where_the_author_said() {
    let cauce = shop_of_inbox(own_number(), Value::Null);
    sign_up(&cauce, [2, 3]);
    let sent = |person: usize| {
        let id = cauce
            .send(&json!({ "template": "link", "to": { "user_id": format!("p{person}") },
                                     "payload": { "code": person } }));
        cauce.message_in(&id, "accepted");
        let text = cauce.get(&format!("/v1/inbox/{id}"))["text"].as_str().unwrap().to_owned();
        assert!(!text.contains("shop.example"), "{text}");
        text
    };
    let (text, other) = (sent(2), sent(3));
    let (links, others) = (short_links(&text), short_links(&other));
    assert_eq!((links.len(), others.len()), (2, 2), "{text} {other}");
    assert!(text.contains(". No more?"), "what ends the sentence stays: {text}");
    assert!(links.iter().all(|link| !others.contains(link)), "each person has their own");
    let follow_as = |agent: &str, method: &str, link: &str| {
        http::ask(cauce.port, method, link, &[("user-agent", agent)], b"").unwrap()
    };
    let follow = |method: &str, link: &str| follow_as(FIREFOX, method, link);
    // A machine looks first; then a person, later than anybody reads.
    let answer = follow_as("SomeScanner/1.0", "GET", &links[0]);
    assert_eq!(answer.status, 302, "{answer:?}");
    assert_eq!(answer.header("location"), Some("https://shop.example/a?b=2"));
    assert_eq!(follow("HEAD", &links[0]).status, 302);
    let answer = follow("GET", &links[1]);
    let location = answer.header("location").unwrap().to_owned();
    assert!(location.contains("/preferences/"), "{answer:?}");
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    assert_eq!(follow("GET", &links[0]).status, 302);
    let named = |name: &str| {
        let profile = cauce.get("/v1/profiles/user_id/p2");
        let events = profile["timeline"].as_array().unwrap().clone();
        events.into_iter().filter(|event| event["name"] == name).collect::<Vec<_>>()
    };
    let clicked = wait_for(PATIENCE, "the click of a person", || {
        let clicked = named("message_clicked");
        (clicked.len() == 1).then_some(clicked)
    });
    assert_eq!(clicked[0]["properties"]["url"], "https://shop.example/a?b=2");
    let fetched = named("message_fetched");
    assert_eq!(fetched.len(), 1, "the preference page is nobody's click: {fetched:?}");
    // What nobody was given is a page that says so, and so is what somebody was given who is gone.
    for unknown in ["/s/0000000000", "/s/short", "/s/zzzzzzzzzz", "/s/%C3%B1"] {
        let answer = follow("GET", unknown);
        assert_eq!((answer.status, answer.header("location")), (404, None), "{unknown}");
    }
    assert_eq!(cauce.ask("DELETE", "/v1/profiles/user_id/p2", "", b"").status, 200);
    wait_for(PATIENCE, "links that lead nowhere", || {
        (follow("GET", &links[0]).status == 404).then_some(())
    });
    assert_eq!(follow("GET", &others[0]).status, 302, "of others they stay");
}

#[test]
fn what_it_costs_is_parts_times_price() {
    let prices = json!({ "currency": "EUR", "per-part": { "ES": 0.05, "+1": 0.01 } });
    let cauce = shop_of_inbox(json!({ "from": OWN, "by-country": { "US": "21777" } }), prices);
    let preview = |text: String, to: &str| {
        let asked = json!({ "to": to, "definition": { "channel": "sms", "text": text } });
        let answer = cauce.post("/v1/templates/preview", &asked);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let fare = |seen: &Value| seen["cost"]["fares"][0].clone();
    let seen = preview("a".repeat(161), "+34 600 112 233");
    let wanted = json!({ "provider": "texts", "weight": 1, "currency": "EUR",
                         "per_part": 0.05, "total": 0.1 });
    assert_eq!(fare(&seen), wanted, "{seen}");
    assert_eq!(fare(&preview("a".into(), "+12025550123"))["total"], json!(0.01));
    let seen = preview("a".into(), "+447911123456");
    assert_eq!(fare(&seen)["total"], Value::Null, "nobody said a price: {seen}");
    // A link counts as long as it will be.
    let long = format!("{} https://shop.example/{}", "a".repeat(100), "x".repeat(200));
    assert_eq!(preview(long, "+34600112233")["cost"]["parts"], 1);
    sign_up(&cauce, 1..=3);
    let all = [("p8", "+12025550123", "US"), ("p9", "+447700900123", "nobody's")];
    for (who, phone, _) in all {
        let event = json!({ "name": "signed_up", "user_id": who, "aliases": { "phone": phone },
            "consents": [{ "topic": "offers", "state": "granted", "source": "form" }] });
        assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
    }
    let cost = wait_for(PATIENCE, "five people", || {
        let cost = cauce.get("/v1/campaigns/sale/cost");
        (cost["audience"] == 5).then_some(cost)
    });
    assert_eq!(
        (&cost["messages"], &cost["parts"], &cost["exact"]),
        (&json!(4), &json!(4), &json!(true))
    );
    assert_eq!(cost["totals"], json!([{ "currency": "EUR", "total": 0.16 }]), "{cost}");
    assert_eq!(cost["unsent"], json!([{ "reason": "number-unfit", "people": 1 }]), "{cost}");
    assert_eq!(cauce.ask("GET", "/v1/campaigns/other/cost", "", b"").status, 404);
    // As many leave as was said, and nothing by looking.
    assert_eq!(cauce.get("/v1/inbox")["arrived"], 0);
    let run = cauce.start_campaign("sale");
    cauce.done(run, PATIENCE);
    assert_eq!(cauce.get("/v1/inbox")["arrived"], 4);
}

#[test]
fn countries_and_numbers_say_no_in_words() {
    let cauce = shop_of_inbox(json!({ "from": "Kettle", "letters-in": ["SG"] }), Value::Null);
    let refused = |to: &str, expected: &str| {
        let refused = cauce.message_in(&code(&cauce, to), "refused");
        assert!(refused["why"].as_str().unwrap().contains(expected), "{to}: {refused}");
    };
    cauce.message_in(&code(&cauce, "+34600112233"), "accepted");
    cauce.message_in(&code(&cauce, "+6581234567"), "accepted");
    refused("+12025550123", "Kettle does not pass in US");
    refused("+919876543210", "registration");
    refused("+447700900123", "assigned to nobody");
    refused("+34803112233", "paid for being called");
    let check = |sms: Value, expected: &str| {
        let asked = json!({ "definitions": { "senders": { "shop": { "sms": sms } } } });
        let answer = cauce.post("/v1/definitions/check", &asked);
        assert!(answer.text.contains(expected), "{expected}: {}", answer.text);
    };
    check(json!({ "from": OWN, "by-country": { "US": "Kettle" } }), "sender-not-there");
    check(json!({ "from": OWN, "by-country": { "IN": "Kettle" } }), "sender-unregistered");
    check(json!({ "from": "Kettle" }), "sender-not-everywhere");
    let asked = json!({ "template": "code", "to": "+12025550123" });
    let seen = cauce.post("/v1/templates/preview", &asked).json();
    assert_eq!(seen["sendable"], false, "{seen}");
    cauce.apply(&json!({ "definitions": { "policy": { "policy": { "numbers": "any" } } } }));
    cauce.message_in(&code(&cauce, "+447700900124"), "accepted");
}
