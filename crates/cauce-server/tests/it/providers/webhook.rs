//! Somebody's server as a provider: signed requests, honest answers, and no way into the network.

use crate::world::http::Request;
use crate::world::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::Write;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

const SECRET: &[u8] = b"a secret of twenty-four bytes";

/// A server that answers from a list, the last answer for ever; what it was asked.
pub fn receiver(answers: &'static [&'static str]) -> (u16, Arc<Mutex<Vec<Request>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
    let kept = asked.clone();
    std::thread::spawn(move || {
        // Ends with the process of the tests.
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let Some(request) = http::read_request(&mut stream) else { continue };
            let mut kept = kept.lock().unwrap();
            let answer = answers[kept.len().min(answers.len() - 1)];
            kept.push(request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (port, asked)
}

pub fn hook(port: u16) -> Value {
    json!({ "definitions": {
        "providers": { "hook": { "channel": "webhook", "webhook": {
            "url": format!("http://127.0.0.1:{port}/send?to={{{{ event.to }}}}"),
            "headers": { "x-shop": "{{ event.shop }}" },
            "signing-key": "env:CAUCE_HOOK_KEY",
            "id-pointer": "/data/id",
        } } },
        "templates": { "text": { "channel": "webhook", "tracking": false,
            "text": "{\"say\": {{ event.say | json }}}" } },
    }})
}

pub fn order() -> Value {
    json!({ "template": "text", "to": { "user_id": "ana" },
            "payload": { "to": "34600", "shop": "kettle", "say": "Hola \"Ana\" \u{1f44b}" } })
}

fn key() -> String {
    format!("whsec_{}", STANDARD.encode(SECRET))
}

/// What a request with this key has to be signed with, as Standard Webhooks says.
pub fn signature(request: &Request, key: &str) -> String {
    let (name, at) = (&request.headers["webhook-id"], &request.headers["webhook-timestamp"]);
    let signed = [format!("{name}.{at}.").as_bytes(), &request.body].concat();
    let key = STANDARD.decode(key.strip_prefix("whsec_").unwrap()).unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key);
    format!("v1,{}", STANDARD.encode(aws_lc_rs::hmac::sign(&key, &signed)))
}

#[test]
fn requests_are_signed_tried_again_and_named() {
    let (port, asked) = receiver(&[
        "HTTP/1.1 503 Busy\r\nretry-after: 1\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbusy",
        "HTTP/1.1 200 OK\r\ncontent-length: 22\r\nconnection: \
            close\r\n\r\n{\"data\":{\"id\":\"x-77\"}}",
    ]);
    let cauce = Cauce::start_with("", &[("CAUCE_HOOK_KEY", &key())]);
    cauce.apply(&hook(port));
    let id = cauce.send(&order());
    let message = cauce.message_in(&id, "accepted");
    assert_eq!(message["attempts"].as_array().unwrap().len(), 2, "{message}");
    assert!(message["attempts"][0].to_string().contains("503"), "{message}");
    assert!(message["attempts"][1].to_string().contains("x-77"), "{message}");
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 2);
    for request in &asked {
        assert_eq!(request.line, "POST /send?to=34600 HTTP/1.1");
        assert_eq!(request.headers["x-shop"], "kettle");
        assert_eq!(request.headers["webhook-id"], id, "one name over all tries");
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body, json!({ "say": "Hola \"Ana\" \u{1f44b}" }));
        assert_eq!(request.headers["webhook-signature"], signature(request, &key()));
    }
}

#[test]
fn private_addresses_are_refused_and_the_ledger_says_why() {
    let (port, asked) = receiver(&["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]);
    let cauce = Cauce::start_with("egress-private = false", &[("CAUCE_HOOK_KEY", &key())]);
    cauce.apply(&hook(port));
    let id = cauce.send(&order());
    let message = wait_for(PATIENCE, "an attempt that ended", || {
        let path = format!("/v1/messages/{id}");
        let answer = cauce.ask("GET", &path, "application/json", b"");
        let message = (answer.status == 200).then(|| answer.json())?;
        message["attempts"][0]["ended"].is_object().then_some(message)
    });
    let said = message["attempts"].to_string();
    assert!(said.contains("127.0.0.1") && said.contains("not public"), "{message}");
    // A refusal of our own says nothing about the message: it waits until somebody mends that.
    assert_eq!(message["state"]["state"], "queued", "{message}");
    assert!(asked.lock().unwrap().is_empty(), "it was asked all the same");

    // What the configuration allows by name is no hole for the rest.
    let allow = format!("egress-private = false\negress-allow = [\"127.0.0.1:{port}\"]");
    let cauce = Cauce::start_with(&allow, &[("CAUCE_HOOK_KEY", &key())]);
    cauce.apply(&hook(port));
    let id = cauce.send(&order());
    cauce.message_in(&id, "accepted");
    assert_eq!(asked.lock().unwrap().len(), 1);
}
