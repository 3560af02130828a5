//! What a definition needs and does not have: messages wait, nothing spins, and nothing is lost
//! when it is mended.

use crate::world::*;
use cauce_channels::email::dkim::Key;
use serde_json::{Value, json};
use std::time::Duration;

const NOON: &str = "2026-06-01T12:00:00Z";

fn with_a_clock() -> Cauce {
    let cauce = Cauce::start_with("development = true", &[("CAUCE_TEST_CLOCK", NOON)]);
    std::fs::create_dir_all(cauce.data().join("secrets")).unwrap();
    cauce
}

fn at(cauce: &Cauce, now: &str) {
    let answer = cauce.post("/v1/clock", &json!({ "now": now }));
    assert_eq!(answer.status, 204, "{answer:?}");
}

fn secret(cauce: &Cauce, name: &str) -> String {
    format!("file:{}", cauce.data().join("secrets").join(name).display())
}

fn code(cauce: &Cauce) -> String {
    cauce.send(&json!({ "template": "code", "to": { "email": "a@example.com" },
                        "payload": { "code": "7" } }))
}

/// Inputs that were decided since the start.
fn entries(cauce: &Cauce) -> u64 {
    let text = cauce.open("GET", "/metrics", "text/plain", b"").text;
    let line = text.lines().find(|line| line.starts_with("cauce_log_entries_kept ")).unwrap();
    line.split(' ').nth(1).unwrap().parse::<f64>().unwrap() as u64
}

/// The message waits, for a reason that is shown, and nothing is appended meanwhile.
fn waits(cauce: &Cauce, message: &str, about: &str, why: &str) {
    wait_for(PATIENCE, "the message held", || {
        let shown = cauce.get(&format!("/v1/messages/{message}"));
        let held = shown["attempts"].as_array()?.last()?["ended"]["outcome"].clone();
        (held["kind"] == "held" && held["text"].as_str()?.contains(why)).then_some(())
    });
    let before = entries(cauce);
    std::thread::sleep(Duration::from_secs(1));
    let more = entries(cauce) - before;
    assert!(more < 10, "{more} entries in a second of waiting");
    let troubles = cauce.get("/v1/sending")["troubles"].clone();
    assert!(troubles[about].as_str().is_some_and(|text| text.contains(why)), "{troubles}");
    assert_eq!(cauce.open("GET", "/readyz", "text/plain", b"").status, 200, "events are taken");
}

#[test]
fn a_provider_without_its_password_keeps_its_messages() {
    let sink = Sink::start(Script::default());
    let cauce = with_a_clock();
    let mut definitions = shop(smtp(sink.port));
    let smtp = &mut definitions["definitions"]["providers"]["mail"]["smtp"];
    smtp["username"] = "shop".into();
    smtp["password"] = secret(&cauce, "password").into();
    let answer = cauce.post("/v1/definitions/apply", &definitions);
    assert_eq!(answer.status, 200, "{answer:?}");
    let warned = answer.json()["diagnostics"].to_string();
    assert!(warned.contains("no-secret"), "{warned}");
    let message = code(&cauce);
    waits(&cauce, &message, "provider/mail", "password");
    cauce.apply(&shop(crate::world::smtp(sink.port)));
    assert_eq!(cauce.get("/v1/sending")["troubles"], json!({}));
    at(&cauce, "2026-06-01T12:05:00Z");
    cauce.message_in(&message, "accepted");
    assert_eq!(sink.mails().len(), 1);
}

#[test]
fn messages_of_a_provider_that_is_gone_expire() {
    let sink = Sink::start(Script::default());
    let cauce = with_a_clock();
    cauce.apply(&shop(smtp(sink.port)));
    let mut rest = shop(smtp(sink.port));
    let definitions = rest["definitions"].as_object_mut().unwrap();
    definitions.remove("providers");
    rest["prune"] = true.into();
    let later = json!({ "template": "code", "to": { "email": "a@example.com" },
                        "payload": { "code": "7" }, "send_at": "2026-06-01T12:10:00Z",
                        "expire_at": "2026-06-01T13:00:00Z" });
    let message = cauce.send(&later);
    cauce.apply(&rest);
    at(&cauce, "2026-06-01T12:30:00Z");
    waits(&cauce, &message, "provider/mail", "there is no provider mail");
    at(&cauce, "2026-06-01T13:30:00Z");
    let refused = cauce.message_in(&message, "refused");
    assert!(refused["why"].as_str().unwrap().contains("expired"), "{refused}");
}

#[test]
fn definitions_cannot_read_the_files_of_the_host() {
    let cauce = Cauce::start("");
    for place in ["file:/etc/hostname", "file:../admin-key", "env:PATH"] {
        let mut definitions = shop(smtp(25));
        definitions["definitions"]["providers"]["mail"] = json!({ "channel": "webhook",
            "webhook": { "url": "https://evil.example/", "signing-key": place } });
        let answer = cauce.post("/v1/definitions/apply", &definitions);
        assert_eq!(answer.status, 422, "{place}: {answer:?}");
        assert!(answer.text.contains("secret-place"), "{place}: {answer:?}");
    }
}

#[test]
fn nothing_leaves_unsigned() {
    let sink = Sink::start(Script::default());
    let cauce = with_a_clock();
    let signed = |algorithm: &str| {
        let mut definitions = shop(smtp(sink.port));
        definitions["definitions"]["senders"]["shop"]["dkim"] = json!([
            { "selector": "s", "algorithm": algorithm, "key": secret(&cauce, "dkim.pem") }]);
        definitions
    };
    let answer = cauce.post("/v1/definitions/apply", &signed("ed25519"));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.json()["diagnostics"].to_string().contains("no-key"), "{answer:?}");
    let message = code(&cauce);
    waits(&cauce, &message, "sender/shop", "dkim.pem");
    assert_eq!(sink.mails().len(), 0);
    let pem = Key::generate_ed25519().unwrap().to_pem().unwrap();
    std::fs::write(cauce.data().join("secrets/dkim.pem"), pem).unwrap();
    let wrong = cauce.post("/v1/definitions/apply", &signed("rsa"));
    assert_eq!(wrong.status, 422, "{wrong:?}");
    assert!(wrong.text.contains("wrong-key"), "{wrong:?}");
    cauce.apply(&signed("ed25519"));
    at(&cauce, "2026-06-01T12:05:00Z");
    cauce.message_in(&message, "accepted");
    let mails = sink.mails();
    assert!(mails[0].header("dkim-signature").is_some(), "unsigned");
}

#[test]
fn a_change_of_a_provider_cuts_nothing() {
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("");
    let changed = |change: &Value| {
        let mut definitions = shop(smtp(sink.port));
        let provider = definitions["definitions"]["providers"]["mail"].as_object_mut().unwrap();
        provider.extend(change.as_object().unwrap().clone());
        definitions
    };
    cauce.apply(&changed(&json!({})));
    people(&cauce, 40);
    sink.slow(Duration::from_millis(200));
    let run = cauce.start_campaign("monthly");
    let other = json!({ "smtp": { "host": "127.0.0.1", "port": sink.port, "tls": "none",
                                  "connections": 3 } });
    for (enough, change) in [(4, json!({ "per-second": 100 })), (12, other)] {
        wait_for(PATIENCE, "messages under way", || (sink.arrived() > enough).then_some(()));
        cauce.apply(&changed(&change));
    }
    let shown = cauce.done(run, PATIENCE);
    assert_eq!((term(&shown, "sent"), term(&shown, "unknown")), (40, 0), "{shown}");
    assert_eq!(sink.mails().len(), 40, "nobody twice");
}
