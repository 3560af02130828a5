//! Settings without secrets, and test messages through real providers.

use super::*;
use std::net::TcpListener;

fn test(cauce: &Cauce, provider: &str, asked: Value) -> Value {
    let answer = cauce.post(&format!("/v1/providers/{provider}/test"), &asked);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn a_test_leaves_by_the_provider_itself_and_says_what_it_answered() {
    let sink = Sink::start(Script {
        say: Box::new(|address, _| match address {
            "full@example.com" => Say::Recipient("452 4.2.2 mailbox full"),
            "spam@example.com" => Say::Dot("554 5.7.1 looks like spam"),
            _ => Say::Take,
        }),
        ..Script::default()
    });
    let cauce = Cauce::start("");
    cauce.apply(&shop(smtp(sink.port)));
    let tested = test(&cauce, "mail", json!({ "to": "Ana@example.com" }));
    assert_eq!(tested["outcome"], "accepted", "{tested}");
    assert!(tested["answer"].as_str().unwrap().contains("queued"), "{tested}");
    let mail = &sink.to("Ana@example.com")[0];
    assert_eq!(mail.header("x-cauce-test").as_deref(), Some("yes"));
    assert!(mail.header("subject").unwrap().starts_with("[Test]"), "{mail:?}");
    assert!(mail.header("from").unwrap().contains("hello@shop.example"), "{mail:?}");
    assert!(mail.header("list-unsubscribe").is_none(), "{mail:?}");
    for (to, outcome, words) in
        [("full@example.com", "refused", "452"), ("spam@example.com", "refused", "the message")]
    {
        let tested = test(&cauce, "mail", json!({ "to": to }));
        assert_eq!(tested["outcome"], outcome, "{tested}");
        assert!(tested["words"].as_str().unwrap().contains(words), "{tested}");
    }
    // Nobody said yes, and nobody needs to; whom we must not write to gets nothing all the same.
    let before = sink.arrived();
    let suppressed = cauce
        .post("/v1/suppressions", &json!({ "address": "bob@example.com", "reason": "asked us" }));
    assert!(suppressed.status < 300, "{suppressed:?}");
    let tested = test(&cauce, "mail", json!({ "to": "BOB@example.com" }));
    assert_eq!(tested["outcome"], "not-sent", "{tested}");
    assert!(tested["words"].as_str().unwrap().contains("suppressed"), "{tested}");
    assert_eq!(sink.arrived(), before);
    // It is nobody's message: no ledger, no counter, no profile.
    let overview = cauce.get("/v1/overview");
    assert_eq!((&overview["messages"]["sent"], &overview["profiles"]), (&json!(0), &json!(0)));
}

#[test]
fn what_keeps_a_test_from_leaving_is_said() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    let cauce = Cauce::start("");
    cauce.apply(&shop(smtp(port)));
    let ana = json!({ "to": "ana@example.com" });
    let tested = test(&cauce, "mail", ana.clone());
    assert_eq!(tested["outcome"], "unreachable", "{tested}");
    assert!(tested["hint"].as_str().unwrap().contains("port"), "{tested}");
    let mut locked = smtp(port);
    locked["smtp"]["username"] = "shop".into();
    locked["smtp"]["password"] = "file:absent".into();
    cauce.apply(&json!({ "definitions": { "providers": { "locked": locked },
        "senders": { "other": { "from": { "address": "other@shop.example" } } } } }));
    let both = json!({ "to": "ana@example.com", "sender": "shop" });
    let tested = test(&cauce, "locked", both);
    assert_eq!(tested["outcome"], "not-sent", "{tested}");
    for (provider, asked, status, words) in [
        ("mal", ana.clone(), 404, "did you mean `mail`?"),
        ("mail", json!({ "to": "nobody" }), 422, "bad-address"),
        ("mail", ana, 422, "name one of other, shop"),
        ("mail", json!({ "to": "a@example.com", "sender": "shp" }), 404, "did you mean `shop`?"),
    ] {
        let answer = cauce.post(&format!("/v1/providers/{provider}/test"), &asked);
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.text.contains(words), "{answer:?}");
    }
    let settings = cauce.get("/v1/settings");
    let providers = settings["providers"].as_array().unwrap();
    let locked = providers.iter().find(|provider| provider["name"] == "locked").unwrap();
    assert!(locked["trouble"].as_str().unwrap().contains("absent"), "{locked}");
}

#[test]
fn a_test_through_somebodys_server_is_a_request_by_its_template() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        use std::io::Write as _;
        let (mut stream, _) = listener.accept().unwrap();
        let request = http::read_request(&mut stream).unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\"id\": \"abc\"}")
            .unwrap();
        request
    });
    let cauce = Cauce::start("");
    cauce.apply(&json!({ "definitions": {
        "providers": { "hook": { "channel": "webhook", "webhook": {
            "url": format!("http://127.0.0.1:{port}/send?token=hidden"), "id-pointer": "/id",
            "headers": { "authorization": "Bearer concealed" } } } },
        "templates": { "ping": { "channel": "webhook", "tracking": false,
            "text": "{\"to\":\"{{ message.address }}\"}" } } } }));
    let tested = test(&cauce, "hook", json!({ "to": "ana" }));
    assert_eq!(tested["outcome"], "accepted", "{tested}");
    let request = server.join().unwrap();
    assert_eq!(request.headers["x-cauce-test"], "yes");
    assert_eq!(request.headers["authorization"], "Bearer concealed");
    assert_eq!(request.body, b"{\"to\":\"ana\"}");
    let settings = cauce.get("/v1/settings").to_string();
    assert!(settings.contains(&format!("http://127.0.0.1:{port}")), "{settings}");
    assert!(!settings.contains("hidden") && !settings.contains("concealed"), "{settings}");
}

#[test]
fn settings_say_what_the_definitions_say() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(catch_all()));
    cauce.apply(&json!({ "definitions": { "policy": { "policy": {
        "frequency-caps": [{ "messages": 3, "window": "7d" }],
        "quiet-hours": { "from": "21:00", "to": "08:00" }, "holdout-per-mille": 50,
        "retention": { "page_viewed": "90d" } } } } }));
    let settings = cauce.get("/v1/settings");
    let policy = &settings["policy"];
    assert_eq!(
        policy["frequency_caps"][0],
        json!({ "messages": 3, "window": "7d", "channel": null })
    );
    assert_eq!(
        (&policy["quiet_hours"]["from"], &policy["week_starts"]),
        (&json!("21:00"), &json!("monday"))
    );
    assert_eq!(settings["retention"], json!([{ "event": "page_viewed", "kept": "90d" }]));
    assert_eq!(settings["senders"][0]["from"]["address"], "hello@shop.example");
    assert_eq!(settings["providers"][0]["kind"], "catch-all");
    assert_eq!(
        (&settings["topics"][0]["title"], &settings["server"]["partitions"]),
        (&json!("News"), &json!(8))
    );
}
