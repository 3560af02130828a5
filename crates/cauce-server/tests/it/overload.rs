//! Too much, malformed, compressed, or with the wrong key.

use crate::world::*;
use base64::Engine as _;
use serde_json::{Value, json};
use std::io::Write;
use std::time::{Duration, Instant};

#[test]
fn too_much_at_once_is_turned_away_with_a_time_to_come_back() {
    let _alone = alone();
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("threads = 1");
    cauce.apply(&shop(smtp(sink.port)));
    let flood: String = (0..10_000)
        .map(|n| format!("{{\"name\":\"seen\",\"user_id\":\"f{}\"}}\n", n % 5_000))
        .collect();
    let more = format!("{flood}{{}}\n");
    let answer = cauce.report(&more, "");
    assert_eq!(answer.status, 413, "{answer:?}");
    assert!(answer.json()["hint"].as_str().unwrap().contains("several requests"), "{answer:?}");
    let one = "{\"name\":\"seen\",\"user_id\":\"calm\"}\n";
    let (turned_away, code) = std::thread::scope(|scope| {
        let flood = scope.spawn(|| {
            let answers = std::thread::scope(|scope| {
                let asked: Vec<_> =
                    (0..3).map(|_| scope.spawn(|| cauce.report(&flood, ""))).collect();
                asked.into_iter().map(|asked| asked.join().unwrap()).collect::<Vec<_>>()
            });
            answers.into_iter().find(|answer| answer.status == 202).expect("one is taken")
        });
        let mut turned_away = None;
        let deadline = Instant::now() + PATIENCE;
        while turned_away.is_none() && !flood.is_finished() && Instant::now() < deadline {
            turned_away = Some(cauce.report(one, "")).filter(|answer| answer.status == 429);
        }
        // What a person waits for is taken all the same.
        let order = json!({ "template": "code", "to": { "email": "ana@example.com" } });
        let code = cauce.post("/v1/messages", &order);
        assert_eq!(flood.join().unwrap().status, 202, "what was begun is taken");
        (turned_away, code)
    });
    let turned_away = turned_away.expect("nobody was turned away although too much waited");
    let wait: u64 = turned_away.header("retry-after").expect("a time").parse().unwrap();
    assert!((1..=60).contains(&wait), "{turned_away:?}");
    assert_eq!(turned_away.header("content-type"), Some("application/problem+json"));
    assert_eq!(turned_away.json()["code"], "overloaded");
    assert_eq!(code.status, 202, "{code:?}");
    wait_for(PATIENCE, "room again", || (cauce.report(one, "").status == 202).then_some(()));
    let metrics = cauce.open("GET", "/metrics", "text/plain", b"").text;
    let overloads = metrics.lines().find(|line| line.starts_with("cauce_overloads_total "));
    assert!(overloads.is_some_and(|line| !line.ends_with(" 0")), "{overloads:?}");
}

#[test]
fn the_good_ones_of_a_batch_pass_and_every_fault_is_named() {
    let cauce = Cauce::start("");
    let batch = json!([
        { "name": "ok", "user_id": "a" },
        { "name": "", "user_id": "a" },
        { "name": "ok" },
        { "nme": "ok", "user_id": ["x"], "occurred_at": "yesterday" },
        7,
        { "name": "ok", "user_id": "b" },
    ]);
    let answer = cauce.post("/v1/events?applied=true", &batch);
    assert_eq!(answer.status, 202, "{answer:?}");
    let said = answer.json();
    assert_eq!(said["accepted"], 2, "{said}");
    let places: Vec<u64> =
        said["rejected"].as_array().unwrap().iter().map(|r| r["index"].as_u64().unwrap()).collect();
    assert_eq!(places, [1, 2, 3, 4], "{said}");
    let third = said["rejected"][2]["faults"].to_string();
    for word in ["nme", "did you mean `name`", "user_id", "yesterday"] {
        assert!(third.contains(word), "{word}: {third}");
    }
    for who in ["a", "b"] {
        let profile = cauce.get(&format!("/v1/profiles/user_id/{who}"));
        assert_eq!(profile["timeline"].as_array().unwrap().len(), 1, "{profile}");
    }

    let calls = json!({ "batch": [
        { "type": "track", "event": "ok", "userId": "c", "messageId": "1" },
        { "type": "track", "userId": "c" },
        { "type": "dance", "userId": "c" },
        { "type": "page", "userId": "c", "messageId": "2" },
    ]});
    let answer = cauce.post("/v1/batch", &calls);
    assert_eq!(answer.status, 200, "a 400 would make the SDKs drop the good ones: {answer:?}");
    let said = answer.json();
    assert_eq!((&said["accepted"], said["rejected"].as_array().unwrap().len()), (&json!(2), 2));
    assert!(said["rejected"][1].to_string().contains("dance"), "{said}");

    let lines =
        "{\"name\":\"ok\",\"user_id\":\"d\"}\nnot json\n\n{\"name\":\"ok\",\"user_id\":\"e\"}";
    let said = cauce.report(lines, "").json();
    assert_eq!((&said["accepted"], &said["rejected"][0]["index"]), (&json!(2), &json!(1)));

    let bad = cauce.post("/v1/events", &json!({ "name": "x", "user": "a" }));
    assert_eq!(bad.status, 422, "{bad:?}");
    assert!(bad.text.contains("`user` is not known"), "{bad:?}");
    let bad = cauce.ask("POST", "/v1/events", "application/json", b"{\"name\"");
    assert_eq!((bad.status, &bad.json()["code"]), (400, &json!("malformed")));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn compressed_bodies_are_read_and_bombs_are_not() {
    let cauce = Cauce::start("");
    let bearer = format!("Bearer {}", cauce.key);
    let send = |body: &[u8], encoding: &str| {
        let headers = [("authorization", bearer.as_str()), ("content-encoding", encoding)];
        http::ask(cauce.port, "POST", "/v1/events", &headers, body).unwrap()
    };
    let event = br#"{"name":"packed","user_id":"zip"}"#;
    let answer = send(&gzip(event), "gzip");
    assert_eq!(answer.status, 202, "{answer:?}");
    wait_for(PATIENCE, "the packed event", || {
        let path = "/v1/profiles/user_id/zip";
        let answer = cauce.ask("GET", path, "application/json", b"");
        (answer.status == 200 && answer.text.contains("packed")).then_some(())
    });
    assert_eq!(send(event, "gzip").status, 400);
    assert_eq!(send(&gzip(event), "br").status, 400);
    let bomb = gzip(&vec![b' '; 40 << 20]);
    assert!(bomb.len() < 100_000);
    let answer = send(&bomb, "gzip");
    assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("too-large")));
    let large = format!("{{\"batch\":[],\"x\":\"{}\"}}", "x".repeat(600 * 1024));
    assert_eq!(cauce.ask("POST", "/v1/batch", "application/json", large.as_bytes()).status, 413);
}

#[test]
fn keys_open_what_they_are_for() {
    let cauce = Cauce::start("");
    let made = cauce.post("/v1/keys", &json!({ "name": "shop", "scope": "write" }));
    assert_eq!(made.status, 201, "{made:?}");
    let write = made.json()["key"].as_str().unwrap().to_owned();
    let ask = |method: &str, path: &str, authorization: &str, body: &Value| {
        let headers = [("authorization", authorization), ("content-type", "application/json")];
        let body = body.to_string();
        http::ask(cauce.port, method, path, &headers, body.as_bytes()).unwrap()
    };
    let event = json!({ "name": "x", "user_id": "a" });
    let basic = |key: &str| {
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{key}:"));
        format!("Basic {encoded}")
    };
    for authorization in [format!("Bearer {write}"), basic(&write)] {
        assert_eq!(ask("POST", "/v1/events", &authorization, &event).status, 202);
        let call = json!({ "userId": "a", "event": "y" });
        assert_eq!(ask("POST", "/v1/track", &authorization, &call).status, 200);
        let forbidden = [
            ("GET", "/v1/keys"),
            ("POST", "/v1/keys"),
            ("GET", "/v1/profiles/user_id/a"),
            ("POST", "/v1/messages"),
            ("POST", "/v1/definitions/apply"),
            ("POST", "/v1/campaigns/monthly/start"),
            ("GET", "/v1/segments"),
            ("POST", "/v1/sending"),
            ("POST", "/v1/retention"),
        ];
        for (method, path) in forbidden {
            let answer = ask(method, path, &authorization, &json!({}));
            assert_eq!(answer.status, 403, "{method} {path}: {answer:?}");
        }
    }
    for wrong in ["Bearer ca_wrong", "Basic !!!", "Digest x", "Bearer ", &basic("cw_wrong")] {
        let answer = ask("POST", "/v1/events", wrong, &event);
        assert_eq!(answer.status, 401, "{wrong}: {answer:?}");
        assert!(answer.header("www-authenticate").is_some());
    }
    let none = http::ask(cauce.port, "GET", "/v1/keys", &[], b"").unwrap();
    assert_eq!(none.status, 401);
    let prefix = &write[..10];
    assert_eq!(cauce.ask("DELETE", &format!("/v1/keys/{prefix}"), "", b"").status, 204);
    assert_eq!(ask("POST", "/v1/events", &format!("Bearer {write}"), &event).status, 401);
    assert!(!cauce.get("/v1/keys").to_string().contains(&write), "a secret is kept nowhere");
    std::thread::sleep(Duration::from_millis(10));
}

#[test]
fn who_asks_too_often_waits() {
    let cauce = Cauce::start("forwarded-for = true\npages-per-second = 2\napi-per-second = 3");
    let ask = |address: &str| {
        let headers = [("x-forwarded-for", address)];
        http::ask(cauce.port, "GET", "/u/nonsense", &headers, b"").unwrap()
    };
    let turned_away = wait_for(PATIENCE, "the bound", || {
        Some(ask("10.9.9.9, 192.0.2.1")).filter(|answer| answer.status != 404)
    });
    assert_eq!(turned_away.status, 429, "{turned_away:?}");
    assert!(turned_away.header("retry-after").is_some(), "{turned_away:?}");
    assert_eq!(ask("192.0.2.1, 192.0.2.2").status, 404, "only the proxy's own word counts");
    assert_eq!(cauce.open("GET", "/healthz", "text/plain", b"").status, 200);
    let made = cauce.post("/v1/keys", &json!({ "name": "shop", "scope": "write" }));
    let bearer = format!("Bearer {}", made.json()["key"].as_str().unwrap());
    let event = br#"{"name":"x","user_id":"a"}"#;
    let headers = [("authorization", bearer.as_str())];
    let turned_away = wait_for(PATIENCE, "the bound of a key", || {
        let answer = http::ask(cauce.port, "POST", "/v1/events", &headers, event).unwrap();
        Some(answer).filter(|answer| answer.status != 202)
    });
    assert_eq!(turned_away.status, 429, "{turned_away:?}");
    assert_eq!(cauce.ask("GET", "/v1/keys", "text/plain", b"").status, 200, "another key");
}

#[test]
fn every_no_is_a_problem() {
    let cauce = Cauce::start("");
    let json_ = "application/json";
    let asked: [(&str, &str, &str, &[u8], u16); 6] = [
        ("POST", "/v1/keys", json_, b"{", 400),
        ("POST", "/v1/keys", json_, b"{\"name\":1}", 422),
        ("POST", "/v1/keys", "text/plain", b"{}", 415),
        ("GET", "/v1/messages?limit=x", json_, b"", 400),
        ("GET", "/v1/campaigns/runs/x", json_, b"", 400),
        ("PATCH", "/v1/keys", json_, b"", 405),
    ];
    for (method, path, kind, body, status) in asked {
        let answer = cauce.ask(method, path, kind, body);
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
        assert_eq!(answer.json()["status"], status, "{answer:?}");
    }
    let large = vec![b' '; 9 << 20];
    let answer = cauce.ask("POST", "/v1/events", json_, &large);
    assert_eq!(answer.json()["code"], "too-large", "{answer:?}");
}

#[test]
fn an_event_is_bounded_in_every_kind_of_request() {
    let cauce = Cauce::start("");
    let long = "x".repeat(40_000);
    let native = json!({ "name": "big", "user_id": "a", "properties": { "x": long } });
    let answer = cauce.post("/v1/events", &native);
    assert!(answer.status == 422 && answer.text.contains("32 KB"), "{}", answer.status);
    let both = json!([native, { "name": "small", "user_id": "a" }]);
    let said = cauce.post("/v1/events", &both).json();
    assert_eq!((&said["accepted"], &said["rejected"][0]["index"]), (&json!(1), &json!(0)));
    let call = json!({ "type": "track", "event": "big", "userId": "a",
                       "properties": { "x": "x".repeat(40_000) } });
    let small = json!({ "type": "track", "event": "small", "userId": "a" });
    for path in ["/v1/batch", "/v1/import"] {
        let said = cauce.post(path, &json!({ "batch": [small, call] })).json();
        assert_eq!((&said["accepted"], &said["rejected"][0]["index"]), (&json!(1), &json!(1)));
    }
}
