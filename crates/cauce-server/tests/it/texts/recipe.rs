//! A provider of text messages that nobody here wrote code for, by the recipe that is shipped,
//! against a server in Python (`tests/outside/texts_server.py`).

use crate::world::http;
use crate::world::*;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const KEY: &str = "the-key";
const REPORTS: &str = "the-secret-of-reports";
const INBOUND: &str = "the-token";

struct Server {
    port: u16,
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start() -> Server {
        let program = std::env::var("CAUCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside/texts_server.py");
        let mut child = Command::new(program)
            .args([script, KEY, REPORTS])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python is there");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Server { port: line.trim().parse().unwrap(), child }
    }

    /// What it was asked for, in order.
    fn asked(&self) -> Vec<Value> {
        let shown = http::ask(self.port, "GET", "/", &[], b"").unwrap().json();
        assert_eq!(shown["faults"], json!([]), "{shown}");
        shown["asked"].as_array().unwrap().clone()
    }

    /// Lets it say something to the process; what it was answered.
    fn say(&self, url: &str, document: Value, more: Value) -> u64 {
        let mut what = json!({ "url": url, "document": document });
        what.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let said = http::ask(self.port, "POST", "/say", &[], what.to_string().as_bytes());
        said.unwrap().json()["status"].as_u64().unwrap()
    }
}

/// The recipe as it is shipped, with the server's address.
fn recipe(port: u16) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/recipes/generic-sms");
    let mut all = json!({});
    for kind in ["providers", "senders", "templates"] {
        for file in std::fs::read_dir(Path::new(folder).join(kind)).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace("https://texts.example", &format!("http://127.0.0.1:{port}"));
            let document: Value = serde_yaml_ng::from_str(&text).unwrap();
            all[kind][path.file_stem().unwrap().to_str().unwrap()] = document;
        }
    }
    json!({ "definitions": all })
}

fn shop(server: &Server) -> Cauce {
    let secrets = [
        ("CAUCE_TEXTS_KEY", KEY),
        ("CAUCE_TEXTS_REPORTS", REPORTS),
        ("CAUCE_TEXTS_INBOUND", INBOUND),
    ];
    let cauce = Cauce::start_with("", &secrets);
    let mut all = recipe(server.port);
    all["definitions"]["templates"]["long"] =
        json!({ "channel": "sms", "text": "{{ event.text }}" });
    cauce.apply(&all);
    cauce
}

fn code(cauce: &Cauce, to: &str) -> String {
    let order = json!({ "template": "code", "to": { "phone": to }, "payload": { "code": "4711" } });
    cauce.send(&order)
}

#[test]
fn a_text_message_leaves_by_recipe_and_every_answer_means_what_it_says() {
    let server = Server::start();
    let cauce = shop(&server);
    let id = code(&cauce, "+34611000001");
    let message = cauce.message_in(&id, "accepted");
    let asked = server.asked();
    assert_eq!(asked[0]["reference"], id.as_str());
    assert_eq!(asked[0]["text"], "Your code is 4711.");
    assert_eq!((&asked[0]["from"], &asked[0]["unicode"]), (&json!("+34600000001"), &json!(false)));
    assert!(message.to_string().contains("sms-1"), "{message}");

    // What it counts and what we count is the same.
    for (text, parts) in [("x".repeat(161), 2), ("€".repeat(81), 2), ("\u{1f355}".repeat(36), 2)]
    {
        let order = json!({ "template": "long", "to": { "phone": "+34611000002" },
                            "payload": { "text": format!("{text}\n\"") } });
        let message = cauce.message_in(&cauce.send(&order), "accepted");
        assert!(message.to_string().contains(&format!("{parts} parts: ")), "{message}");
        assert_eq!(server.asked().last().unwrap()["text"], format!("{text}\n\""), "byte by byte");
    }

    // Too fast: it comes back when it was told to. No such number: never again.
    let id = code(&cauce, "+34611000008");
    let message = cauce.message_in(&id, "accepted");
    assert_eq!(message["attempts"].as_array().unwrap().len(), 2, "{message}");
    let id = code(&cauce, "+34611000009");
    let message = cauce.message_in(&id, "failed");
    assert!(message.to_string().contains("invalid-recipient"), "{message}");
    let again = cauce.message_in(&code(&cauce, "+34611000009"), "refused");
    assert!(again.to_string().contains("suppressed"), "{again}");

    // The bench shows it before it leaves, without the key.
    let tried = json!({ "to": "+34611000003", "template": "code", "dry_run": true });
    let answer = cauce.post("/v1/providers/texts/try", &tried);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.text.contains("+34611000003") && !answer.text.contains(KEY), "{answer:?}");
    assert!(server.asked().iter().all(|one| one["to"] != "+34611000003"));
}

#[test]
fn its_reports_are_proven_and_stop_is_heard() {
    let server = Server::start();
    let cauce = shop(&server);
    let reports = format!("http://127.0.0.1:{}/reports/webhook/texts", cauce.port);
    let id = code(&cauce, "+34611000001");
    cauce.message_in(&id, "accepted");
    let said = |status: &str, code: Value| {
        let at = Value::Null;
        json!({ "reference": id, "status": status, "code": code, "at": at })
    };
    let none = json!({});
    assert_eq!(server.say(&reports, said("delivered", Value::Null), json!({ "key": "x" })), 401);
    assert_eq!(server.say(&reports, said("delivered", Value::Null), json!({ "age": 600 })), 401);
    assert_eq!(server.say(&reports, said("undelivered", json!("absent")), none.clone()), 200);
    let arrival = |wanted: &str| {
        wait_for(PATIENCE, wanted, || {
            let message = cauce.get(&format!("/v1/messages/{id}"));
            (message["arrival"] == wanted).then_some(message)
        })
    };
    arrival("bounced");
    // The telephone was switched on again: the carrier corrects itself, and cannot take it back.
    assert_eq!(server.say(&reports, said("delivered", Value::Null), none.clone()), 200);
    let message = arrival("delivered");
    assert!(message.to_string().contains("it arrived after it had come back"), "{message}");
    assert_eq!(server.say(&reports, said("delivered", Value::Null), none.clone()), 200);
    assert_eq!(server.say(&reports, said("undelivered", json!("late")), none.clone()), 200);
    assert_eq!(arrival("delivered")["reports"], message["reports"], "nothing new");

    // What people write.
    let wrote = json!({ "id": "in-1", "from": "+34611000001", "to": "+34600000001",
                        "text": "Stop!" });
    let inbound = |token: &str| format!("{reports}/inbound?token={token}");
    assert_eq!(server.say(&inbound("wrong"), wrote.clone(), none.clone()), 401);
    assert_eq!(server.say(&inbound(INBOUND), json!({ "id": "in-0" }), none.clone()), 400);
    assert_eq!(server.say(&inbound(INBOUND), wrote.clone(), none.clone()), 200);
    assert_eq!(server.say(&inbound(INBOUND), wrote, none), 200);
    let shown = cauce.get("/v1/profiles/phone/%2B34611000001");
    assert_eq!(shown.to_string().matches("\"keyword\":\"stop\"").count(), 1, "{shown}");
    let refused = cauce.message_in(&code(&cauce, "+34611000001"), "refused");
    assert!(refused.to_string().contains("sender:shop"), "{refused}");

    // Most carriers write numbers without the plus: it is the same number, and the same person.
    cauce.message_in(&code(&cauce, "+34611000002"), "accepted");
    let bare = json!({ "id": "in-2", "from": "34611000002", "to": "34600000001", "text": "STOP" });
    assert_eq!(server.say(&inbound(INBOUND), bare, json!({})), 200);
    let refused = cauce.message_in(&code(&cauce, "+34611000002"), "refused");
    assert!(refused.to_string().contains("sender:shop"), "{refused}");

    // Of several in one request a broken one is named, and takes no STOP beside it along.
    let mut all = recipe(server.port);
    all["definitions"]["providers"]["texts"]["webhook"]["inbound"]["each"] = json!("/messages/*");
    cauce.apply(&all);
    cauce.message_in(&code(&cauce, "+34611000003"), "accepted");
    let batch = json!({ "messages": [{ "id": "in-3", "text": "STOP" },
        { "id": "in-4", "from": "34611000003", "to": "34600000001", "text": "STOP" }] });
    for _ in 0..2 {
        assert_eq!(server.say(&inbound(INBOUND), batch.clone(), json!({})), 400);
    }
    let refused = cauce.message_in(&code(&cauce, "+34611000003"), "refused");
    assert!(refused.to_string().contains("sender:shop"), "{refused}");
}
