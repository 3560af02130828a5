//! Who left a trail in every other place: a journey that waits, texts, pushes, a request to
//! somebody's server that is tried again, a destination that cannot be told, a file under way.

use super::bytes;
use crate::providers::webhook::receiver;
use crate::world::*;
use serde_json::{Value, json};

const USER: &str = "account-wyvern-6620";
const EMAIL: &str = "ocelotl.4417@unmistakable.example";
/// As whoever wrote it down without its country's plus.
const DIGITS: &str = "34688112233";
const NAME: &str = "Ælfþryð Çağlayan";
const CART: &str = "cart-saffron-7710";
const CODE: &str = "code-obsidian-2093";
const ORDER: &str = "order-marmalade-1180";
const PAYLOAD: &str = "payload-cinnabar-5571";
const TOKEN: &str = "token-periwinkle-3348";
const ROW: &str = "row-vermilion-9082";

const ALL: [&str; 10] = [USER, EMAIL, DIGITS, NAME, CART, CODE, ORDER, PAYLOAD, TOKEN, ROW];

const SECRET: &str = "whsec_dGhpcnR5LXR3byBieXRlcyBvZiBhIHNlY3JldCEhMTI=";
const BUSY: &str = "HTTP/1.1 503 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A shop with a channel of every kind; nobody's server ever says yes.
fn definitions(port: u16) -> Value {
    let there = |path: &str| format!("http://127.0.0.1:{port}/{path}");
    let hook = json!({ "url": there("send"), "signing-key": "env:CAUCE_TOLD_KEY" });
    let told = json!({ "url": there("told"), "signing-key": "env:CAUCE_TOLD_KEY" });
    let mut all = shop(json!({ "channel": "email", "catch-all": {} }));
    let of = &mut all["definitions"];
    of["providers"]["texts"] = json!({ "channel": "sms", "catch-all": {} });
    of["providers"]["phones"] = json!({ "channel": "push", "catch-all": {} });
    of["providers"]["hook"] = json!({ "channel": "webhook", "webhook": hook });
    of["senders"]["shop"]["sms"] = json!({ "from": "+34600000001" });
    let text = "Code {{ event.code | default: '-' }} for {{ profile.first_name }}";
    of["templates"]["say"] = json!({ "channel": "sms", "text": text });
    let push = json!({ "title": "{{ event.order | default: '?' }}", "body": "It is there" });
    of["templates"]["nudge"] = json!({ "channel": "push", "push": push });
    let body = "{\"what\": {{ event.what | json }}}";
    of["templates"]["call"] = json!({ "channel": "webhook", "tracking": false, "text": body });
    of["segments"]["gold"] = json!({ "rule": "plan = \"gold\"" });
    of["sharing"] = json!({ "sharing": { "segments": ["gold"] } });
    let destination = json!({ "segments": ["gold"], "by": "email", "webhook": told });
    of["destinations"] = json!({ "elsewhere": destination });
    of["journeys"] = json!({ "basket": {
        "entry": { "event": "carted" },
        "steps": [{ "id": "pay", "wait-for": { "event": "paid", "timeout": "2d" },
                    "then": [{ "id": "thanks", "message": "letter" }] }] } });
    let mapping = json!({ "columns": { "at": "date" }, "rules": [{ "event": "bought" }],
                          "occurred-at": "at", "aliases": { "email": "who" } });
    of["sources"] = json!({ "till": { "folder": "in", "pattern": "*.csv", "every": "1h",
                                      "settle": "1s", "mapping": mapping } });
    all
}

fn live(cauce: &Cauce) {
    let report = |event: Value| {
        let answer = cauce.report(&event.to_string(), "?applied=true");
        assert_eq!(answer.status, 202, "{answer:?}");
    };
    report(json!({ "name": "signed_up", "user_id": USER, "email": EMAIL,
        "aliases": { "phone": format!("+{DIGITS}") },
        "attributes": { "first_name": NAME, "plan": "gold" },
        "consents": [{ "topic": "news", "state": "granted", "source": "form" }] }));
    report(json!({ "name": "device_registered", "user_id": USER,
        "properties": { "platform": "android", "token": TOKEN, "app": "com.shop" } }));
    report(json!({ "name": "carted", "user_id": USER, "properties": { "cart": CART } }));
    let send = |template: &str, to: Value, payload: Value| {
        let asked = json!({ "template": template, "to": to, "payload": payload });
        cauce.send(&asked)
    };
    let phone = json!({ "phone": format!("+{DIGITS}") });
    let text = send("say", phone, json!({ "code": CODE }));
    cauce.message_in(&text, "accepted");
    let push = send("nudge", json!({ "user_id": USER }), json!({ "order": ORDER }));
    cauce.message_in(&push, "accepted");
    send("call", json!({ "user_id": USER }), json!({ "what": PAYLOAD }));
}

#[test]
fn no_trail_of_who_was_erased_is_left_anywhere() {
    let (port, asked) = receiver(&[BUSY]);
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    // What was rejected cannot be put where it belongs.
    std::fs::write(folder.join("rejected"), b"no folder").unwrap();
    let lines = format!("who,at\n{EMAIL},2026-01-02T03:04:05Z\n{ROW}@x.example,soon\n");
    std::fs::write(folder.join("a.csv"), lines).unwrap();
    let config =
        format!("compress = false\npartitions = 4\nsources-dir = \"{}\"", root.path().display());
    let mut cauce = Cauce::start_with(&config, &[("CAUCE_TOLD_KEY", SECRET)]);
    cauce.apply(&definitions(port));
    live(&cauce);
    // Whoever cannot be told was tried: the request of a message and the change of a segment.
    for path in ["/send", "/told"] {
        wait_for(PATIENCE, path, || {
            let asked = asked.lock().unwrap();
            asked.iter().any(|request| request.line.contains(path)).then_some(())
        });
    }
    wait_for(PATIENCE, "rows that cannot be put", || {
        let trouble = cauce.get("/v1/sources/till")["standing"]["trouble"].clone();
        trouble.as_str()?.contains("rejected rows").then_some(())
    });
    let before = bytes::found(&cauce.data(), &ALL);
    for text in ALL {
        assert!(before.iter().any(|found| found.contains(text)), "{text} was nowhere: {before:#?}");
    }
    // The file goes first, as whoever erases somebody does: it is not Cauce's.
    std::fs::remove_file(folder.join("a.csv")).unwrap();
    let path = format!("/v1/profiles/user_id/{USER}?sweep=true");
    let answer = cauce.ask("DELETE", &path, "application/json", b"");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["state"], "erased", "{answer:?}");
    let left = bytes::found(&cauce.data(), &ALL);
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(cauce.end(), Some(0), "{}", cauce.said());
    let left = bytes::found(&cauce.data(), &ALL);
    assert!(left.is_empty(), "{left:#?}");
    // What the process says of itself is nobody's either.
    let said = cauce.said();
    for text in ALL {
        assert!(!said.contains(text), "{text} in the log of the process: {said}");
    }
    let tried = asked.lock().unwrap().len();
    cauce.again();
    assert_eq!(cauce.ask("GET", &path, "text/plain", b"").status, 404);
    std::thread::sleep(std::time::Duration::from_secs(3));
    let late = asked.lock().unwrap()[tried..].iter().any(|r| r.line.contains("/send"));
    assert!(!late, "a message of somebody who is gone left");
}

#[test]
fn rows_of_a_source_that_is_no_more_go_with_it() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("rejected"), b"no folder").unwrap();
    std::fs::write(folder.join("a.csv"), format!("who,at\n{ROW}@x.example,soon\n")).unwrap();
    let cauce = Cauce::start(&format!("sources-dir = \"{}\"", root.path().display()));
    let source = definitions(1)["definitions"]["sources"].clone();
    cauce.apply(&json!({ "definitions": { "sources": source } }));
    let kept = cauce.data().join("sources/till/under-way");
    let count = || std::fs::read_dir(&kept).map_or(0, Iterator::count);
    wait_for(PATIENCE, "rows that cannot be put", || {
        cauce.get("/v1/sources/till")["standing"]["trouble"].as_str().map(|_| ())
    });
    assert_eq!(count(), 1);
    let remove = json!({ "remove": { "sources": ["till"] } });
    let answer = cauce.post("/v1/definitions/apply", &remove);
    assert_eq!(answer.status, 200, "{answer:?}");
    wait_for(PATIENCE, "nothing to be left", || (count() == 0).then_some(()));
    assert!(kept.parent().unwrap().is_dir(), "which files it took is remembered");
}
