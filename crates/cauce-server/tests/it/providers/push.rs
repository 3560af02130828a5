//! Devices and pushes: registered by the API, by an event, by a call of Segment's libraries; sent
//! to once each; gone when their service says so.

use crate::world::http::Request;
use crate::world::*;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// What the services of this test know and saw.
#[derive(Default)]
struct Seen {
    /// Tokens and endpoints, each with how many of the next pushes get which status.
    answers: BTreeMap<String, (u16, usize)>,
    /// Whom something was pushed to, in order, with what FCM was told.
    pushed: Vec<(String, Value)>,
    /// Tokens of access that were given out.
    tokens: usize,
}

/// FCM, its server of tokens and a browser's push service in one, over HTTP/1.1.
struct Services {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Services {
    fn start() -> Services {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let kept = seen.clone();
        std::thread::spawn(move || {
            // Ends with the process of the tests.
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let Some(request) = http::read_request(&mut stream) else { continue };
                let (status, body) = answer(&kept, &request);
                let text = body.to_string();
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
                    text.len()
                );
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Services { port, seen }
    }

    fn answer(&self, to: &str, status: u16, times: usize) {
        self.seen.lock().unwrap().answers.insert(to.to_owned(), (status, times));
    }

    /// Whom something was pushed to since the last question.
    fn pushed(&self) -> Vec<String> {
        let all = std::mem::take(&mut self.seen.lock().unwrap().pushed);
        let mut names: Vec<_> = all.into_iter().map(|(name, _)| name).collect();
        names.sort();
        names
    }
}

fn answer(seen: &Mutex<Seen>, request: &Request) -> (u16, Value) {
    let mut seen = seen.lock().unwrap();
    let path = request.line.split(' ').nth(1).unwrap_or_default().to_owned();
    if path == "/token" {
        seen.tokens += 1;
        return (200, json!({ "access_token": "a", "expires_in": 3600 }));
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let to = match path.as_str() {
        "/v1/projects/shop-1/messages:send" => {
            body["message"]["token"].as_str().unwrap_or_default().to_owned()
        }
        endpoint => endpoint.to_owned(),
    };
    seen.pushed.push((to.clone(), body));
    match seen.answers.get_mut(&to) {
        Some((status, times)) if *times > 0 => {
            *times -= 1;
            let code = if *status == 404 { "UNREGISTERED" } else { "UNAVAILABLE" };
            (*status, json!({ "error": { "details": [{ "errorCode": code }] } }))
        }
        _ if to.starts_with("/push/") => (201, json!({})),
        _ => (200, json!({ "name": format!("projects/shop-1/messages/{to}") })),
    }
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
}

/// A shop that pushes, its services, and the public key of its pages.
fn world() -> (Services, Cauce, EcdsaKeyPair) {
    let services = Services::start();
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa: aws_lc_rs::encoding::Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    let base = format!("http://127.0.0.1:{}", services.port);
    let account = json!({ "project_id": "shop-1", "private_key_id": "k", "client_email": "p@x",
        "private_key": pem(rsa.as_ref()), "token_uri": format!("{base}/token") });
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let vapid = EcdsaKeyPair::generate(algorithm).unwrap();
    let secret = pem(vapid.to_pkcs8v1().unwrap().as_ref());
    let variables = [("CAUCE_FCM", account.to_string()), ("CAUCE_VAPID", secret)];
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let cauce = Cauce::start_with("", &variables);
    cauce.apply(&json!({ "definitions": {
        "providers": { "phones": { "channel": "push", "push": {
            "fcm": { "account": "env:CAUCE_FCM", "base": base },
            "web": { "key": "env:CAUCE_VAPID", "subject": "mailto:ops@shop.example" },
        } } },
        "topics": { "news": { "title": "News" } },
        "templates": {
            "order": { "channel": "push", "push": {
                "title": "Order {{ event.order }}", "body": "It leaves today.",
                "link": "shop://orders/{{ event.order }}" } },
            "promo": { "channel": "push", "topic": "news", "push": {
                "body": "Hello {{ profile.first_name | default: 'you' }}" } },
        },
        "segments": { "reached": { "rule": "reachable by push" } },
        "campaigns": { "promo": { "channel": "push", "audience": ["reached"],
                                  "template": "promo" } },
    }}));
    (services, cauce, vapid)
}

fn put(cauce: &Cauce, person: &str, device: &Value) {
    let path = format!("/v1/profiles/user_id/{person}/devices");
    let answer = cauce.ask("PUT", &path, "application/json", device.to_string().as_bytes());
    assert_eq!(answer.status, 204, "{answer:?}");
}

fn android(token: &str) -> Value {
    json!({ "platform": "android", "token": token, "app": "com.shop", "app_version": "1.2" })
}

/// A browser's subscription: a point of the curve, and a secret.
fn subscription(services: &Services, nth: usize, point: &[u8]) -> Value {
    json!({ "endpoint": format!("http://127.0.0.1:{}/push/{nth}", services.port),
            "keys": { "p256dh": URL_SAFE_NO_PAD.encode(point),
                      "auth": URL_SAFE_NO_PAD.encode([7; 16]) } })
}

fn devices(cauce: &Cauce, person: &str) -> Vec<Value> {
    let shown = cauce.get(&format!("/v1/profiles/user_id/{person}/devices"));
    shown["items"].as_array().unwrap().clone()
}

fn has_devices(cauce: &Cauce, person: &str, count: usize) {
    wait_for(PATIENCE, &format!("{count} devices of {person}"), || {
        let devices = devices(cauce, person);
        let live = devices.iter().filter(|device| device["live"] == true);
        (live.count() == count).then_some(())
    });
}

fn order(person: &str) -> Value {
    json!({ "template": "order", "to": { "user_id": person }, "payload": { "order": "77" } })
}

/// A person with an app by the API, an app by a call of Segment's, and a browser by an event.
fn three_devices(services: &Services, cauce: &Cauce, point: &[u8]) {
    let signed = json!({ "name": "signed_up", "user_id": "ana",
        "consents": [{ "topic": "news", "state": "granted", "source": "form" }] });
    assert_eq!(cauce.report(&signed.to_string(), "?applied=true").status, 202);
    put(cauce, "ana", &android("a:1"));
    let call = json!({ "userId": "ana", "event": "Application Installed", "context": {
        "device": { "type": "android", "token": "a:2", "model": "X" },
        "app": { "namespace": "com.shop", "version": "1.0" } } });
    let answer = cauce.post("/v1/track", &call);
    assert!((200..300).contains(&answer.status), "{answer:?}");
    let said = json!({ "name": "device_registered", "user_id": "ana", "properties": {
        "platform": "web", "subscription": subscription(services, 1, point) } });
    assert_eq!(cauce.report(&said.to_string(), "?applied=true").status, 202);
    has_devices(cauce, "ana", 3);
}

#[test]
fn every_device_gets_one_and_who_is_gone_goes() {
    use aws_lc_rs::signature::KeyPair;
    let (services, cauce, vapid) = world();
    let point = vapid.public_key().as_ref().to_vec();
    three_devices(&services, &cauce, &point);
    let profile = cauce.get("/v1/profiles/user_id/ana");
    assert_eq!(profile["devices"].as_array().unwrap().len(), 3, "{profile}");
    let timeline = profile["timeline"].to_string();
    assert!(timeline.contains("device_registered") && timeline.contains("dev_"), "{timeline}");
    assert!(!timeline.contains("a:1") && !timeline.contains("$device"), "{timeline}");
    wait_for(PATIENCE, "the segment", || {
        (cauce.get("/v1/segments/reached")["members"] == 1).then_some(())
    });

    let id = cauce.send(&order("ana"));
    let message = cauce.message_in(&id, "accepted");
    assert_eq!(services.pushed(), ["/push/1", "a:1", "a:2"], "{message}");

    // One of them was uninstalled: it goes, and the others are not bothered again.
    services.answer("a:2", 404, usize::MAX);
    let id = cauce.send(&order("ana"));
    let message = cauce.message_in(&id, "accepted");
    assert!(message["attempts"].to_string().contains("UNREGISTERED"), "{message}");
    assert_eq!(services.pushed(), ["/push/1", "a:1", "a:2"]);
    has_devices(&cauce, "ana", 2);
    let run = cauce.start_campaign("promo");
    let shown = cauce.done(run, PATIENCE);
    check_balance(&shown);
    assert_eq!(term(&shown, "sent"), 1);
    assert_eq!(services.pushed(), ["/push/1", "a:1"], "one each");

    // One is not there for the moment: it alone is tried again.
    services.answer("/push/1", 503, 1);
    let id = cauce.send(&order("ana"));
    let message = cauce.message_in(&id, "accepted");
    assert_eq!(message["attempts"].as_array().unwrap().len(), 2, "{message}");
    assert_eq!(services.pushed(), ["/push/1", "/push/1", "a:1"], "nobody twice who took it");
    assert_eq!(services.seen.lock().unwrap().tokens, 1, "one token of access for all");
}

#[test]
fn a_token_has_one_holder_and_goes_with_who_is_erased() {
    use aws_lc_rs::signature::KeyPair;
    let (services, cauce, vapid) = world();
    let point = vapid.public_key().as_ref().to_vec();
    put(&cauce, "ana", &android("a:1"));
    put(&cauce, "ben", &android("a:1"));
    has_devices(&cauce, "ben", 1);
    has_devices(&cauce, "ana", 0);
    wait_for(PATIENCE, "the segment", || {
        (cauce.get("/v1/segments/reached")["members"] == 1).then_some(())
    });
    let refused = cauce.send(&order("ana"));
    let shown = cauce.message_in(&refused, "refused");
    assert!(shown.to_string().contains("no-address"), "{shown}");
    assert!(services.pushed().is_empty());

    // A browser whose subscription ended.
    let said = json!({ "platform": "web", "subscription": subscription(&services, 2, &point) });
    put(&cauce, "cleo", &said);
    services.answer("/push/2", 410, usize::MAX);
    let id = cauce.send(&order("cleo"));
    cauce.message_in(&id, "failed");
    has_devices(&cauce, "cleo", 0);

    // Somebody who signs out of the app.
    put(&cauce, "dora", &android("d:1"));
    has_devices(&cauce, "dora", 1);
    let path = "/v1/profiles/user_id/dora/devices";
    let gone = json!({ "platform": "android", "token": "d:1" }).to_string();
    let answer = cauce.ask("DELETE", path, "application/json", gone.as_bytes());
    assert_eq!(answer.status, 204, "{answer:?}");
    has_devices(&cauce, "dora", 0);

    // What is wrong is named, and nothing is taken.
    let path = "/v1/profiles/user_id/ben/devices";
    let answer = cauce.ask("PUT", path, "application/json", br#"{"platform":"tv"}"#);
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(answer.text.contains("properties.platform"), "{answer:?}");

    // A person's own copy has it all; who is erased has nothing.
    let export = cauce.get("/v1/profiles/user_id/ben/export");
    assert_eq!(export["devices"][0]["token"], "a:1", "{export}");
    let answer = cauce.ask("DELETE", "/v1/profiles/user_id/ben", "application/json", b"");
    assert_eq!(answer.status, 200, "{answer:?}");
    put(&cauce, "ana", &android("a:1"));
    has_devices(&cauce, "ana", 1);
}

#[test]
fn an_open_is_told_with_what_travelled_along() {
    use aws_lc_rs::signature::KeyPair;
    let (services, cauce, vapid) = world();
    put(&cauce, "ana", &android("a:1"));
    let id = cauce.send(&order("ana"));
    cauce.message_in(&id, "accepted");
    let told = services.seen.lock().unwrap().pushed[0].1.clone();
    assert_eq!(told["message"]["notification"]["title"], "Order 77", "{told}");
    assert_eq!(told["message"]["data"]["link"], "shop://orders/77", "{told}");
    let token = told["message"]["data"]["cauce"].as_str().unwrap();
    let open = |token: &str| {
        let body = json!({ "token": token }).to_string();
        cauce.open("POST", "/v1/push/opened", "text/plain", body.as_bytes()).status
    };
    let mut forged = token.to_owned();
    let last = if forged.ends_with('A') { 'Q' } else { 'A' };
    forged.pop();
    forged.push(last);
    assert_eq!((open(token), open(&forged), open("")), (204, 404, 404));
    let reports = wait_for(PATIENCE, "the open", || {
        let message = cauce.get(&format!("/v1/messages/{id}"));
        let reports = message["reports"].to_string();
        reports.contains("opened").then_some(reports)
    });
    assert_eq!(reports.matches("opened").count(), 1, "{reports}");
    let key = cauce.open("GET", "/v1/push/key", "application/json", b"");
    let public = URL_SAFE_NO_PAD.encode(vapid.public_key().as_ref());
    assert_eq!(key.json()["public_key"], public.as_str());
    assert_eq!(key.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn a_wrong_project_costs_no_device_and_is_undone_at_once() {
    let (services, cauce, _) = world();
    let persons: Vec<String> = (0..25).map(|n| format!("p{n}")).collect();
    for person in &persons {
        let token = format!("t:{person}");
        put(&cauce, person, &android(&token));
        services.answer(&token, 404, usize::MAX);
    }
    let all: Vec<String> = persons.iter().map(|person| cauce.send(&order(person))).collect();
    for id in &all {
        cauce.message_in(id, "failed");
    }
    // All are kept and none is pushed to; somebody is told.
    let shown = wait_for(PATIENCE, "the guard", || {
        let shown = cauce.get("/v1/devices/refused");
        shown["items"][0]["guarded_since"].is_string().then_some(shown)
    });
    assert_eq!(shown["items"].as_array().unwrap().len(), 1, "{shown}");
    let item = &shown["items"][0];
    assert_eq!((&item["keeper"], &item["gone"]), (&json!("fcm:com.shop"), &json!(25)), "{shown}");
    // The guard is up a moment before it is told.
    wait_for(PATIENCE, "the words", || {
        let health = cauce.get("/v1/overview").to_string();
        health.contains("too many of their tokens are refused").then_some(())
    });
    assert!(persons.iter().all(|person| devices(&cauce, person).len() == 1));
    has_devices(&cauce, "p0", 0);

    // The project is mended.
    persons.iter().for_each(|person| services.answer(&format!("t:{person}"), 200, 0));
    let mut asked = cauce::command();
    asked.args(["devices", "undo", "fcm:com.shop", "--server"]);
    asked.arg(format!("http://127.0.0.1:{}", cauce.port)).env("CAUCE_KEY", &cauce.key);
    let answer = asked.output().unwrap();
    let text = String::from_utf8(answer.stdout).unwrap();
    assert!(text.contains("25 devices are pushed to again"), "{text}");
    for person in &persons {
        has_devices(&cauce, person, 1);
        cauce.message_in(&cauce.send(&order(person)), "accepted");
    }
    let shown = cauce.get("/v1/devices/refused");
    assert_eq!(shown["items"], json!([]), "{shown}");

    // One that is really gone is let go at once.
    services.answer("t:p3", 404, usize::MAX);
    cauce.message_in(&cauce.send(&order("p3")), "failed");
    let answer = cauce.post("/v1/devices/refused/fcm:com.shop/confirm", &json!({}));
    assert_eq!((answer.status, &answer.json()["devices"]), (200, &json!(1)), "{answer:?}");
    assert!(devices(&cauce, "p3").is_empty());
    assert_eq!(cauce.post("/v1/devices/refused/fcm:com.shop/burn", &json!({})).status, 404);
}
