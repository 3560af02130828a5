//! The recipes that are shipped, each against a small server that answers as its provider does: the
//! request before it leaves, what every answer means, and what is reported back.

use crate::world::http::Request;
use crate::world::*;
use aws_lc_rs::hmac;
use serde_json::{Value, json};
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// What a server does with a request.
type Does = dyn Fn(&Request, usize) -> String + Send + Sync;

/// A server that answers as it is told; what it was asked.
struct Receiver {
    port: u16,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    fn start(does: impl Fn(&Request, usize) -> String + Send + Sync + 'static) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (kept, does): (_, Arc<Does>) = (asked.clone(), Arc::new(does));
        std::thread::spawn(move || {
            // Ends with the process of the tests.
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let (kept, does) = (kept.clone(), does.clone());
                std::thread::spawn(move || {
                    let Some(request) = http::read_request(&mut stream) else { return };
                    let place = {
                        let mut kept = kept.lock().unwrap();
                        kept.push(request.clone());
                        kept.len() - 1
                    };
                    let _ = stream.write_all(does(&request, place).as_bytes());
                });
            }
        });
        Receiver { port, asked }
    }

    fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(status: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}

/// A recipe's definitions, with the provider's host replaced by one on this machine.
fn recipe(name: &str, hosts: &[&str], port: u16) -> Value {
    let folder = format!("{}/../../examples/recipes/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut all = json!({});
    for kind in ["providers", "templates"] {
        for file in std::fs::read_dir(Path::new(&folder).join(kind)).unwrap() {
            let path = file.unwrap().path();
            let mut text = std::fs::read_to_string(&path).unwrap();
            for host in hosts {
                let own = format!("http://127.0.0.1:{port}");
                assert!(text.contains(host) || kind == "templates", "{host} in {path:?}");
                text = text.replace(host, &own);
            }
            let document: Value = serde_yaml_ng::from_str(&text).unwrap();
            all[kind][path.file_stem().unwrap().to_str().unwrap()] = document;
        }
    }
    json!({ "definitions": all })
}

fn only(definitions: &Value, kind: &str) -> String {
    let all = definitions["definitions"][kind].as_object().unwrap();
    all.keys().next().unwrap().clone()
}

/// What a trial came to.
fn tried(cauce: &Cauce, provider: &str, asked: Value) -> Value {
    let answer = cauce.post(&format!("/v1/providers/{provider}/try"), &asked);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

const SECRETS: [(&str, &str); 9] = [
    ("CAUCE_MESSAGES_KEY", "hush-hush"),
    ("CAUCE_MESSAGES_REPORTS", "hush-reports"),
    ("CAUCE_ADOBE_CLIENT_ID", "hush-client"),
    ("CAUCE_ADOBE_CLIENT_SECRET", "hush-secret"),
    ("CAUCE_WHATSAPP_TOKEN", "hush-hush"),
    ("CAUCE_WHATSAPP_APP_SECRET", "hush-app"),
    ("CAUCE_WHATSAPP_VERIFY", "hush-verify"),
    ("CAUCE_SLACK_TOKEN", "xoxb-hush"),
    ("CAUCE_TWILIO_TOKEN", "hush-hush"),
];

/// Tries a recipe: what is shown before it leaves is what leaves, without the secrets; and every
/// answer means what the provider says it means.
struct Bench<'b> {
    name: &'b str,
    hosts: &'b [&'b str],
    to: &'b str,
    yes: &'static str,
    nos: &'static [(u16, &'static str, &'static str)],
}

impl Bench<'_> {
    fn run(&self) -> (Cauce, Receiver, String) {
        let (yes, nos) = (self.yes, self.nos);
        let turn = Arc::new(Mutex::new(None::<usize>));
        let own = turn.clone();
        let receiver = Receiver::start(move |request, _| {
            if request.line.contains("/token") {
                return answer(200, r#"{"access_token":"lent","expires_in":3600}"#);
            }
            match *own.lock().unwrap() {
                None => answer(200, yes),
                Some(turn) => answer(nos[turn].0, nos[turn].1),
            }
        });
        let mut secrets = SECRETS.to_vec();
        secrets.extend([("CAUCE_MESSAGEBIRD_KEY", "hush-hush"), ("CAUCE_VONAGE_SECRET", "hush")]);
        let cauce = Cauce::start_with("", &secrets);
        let definitions = recipe(self.name, self.hosts, receiver.port);
        cauce.apply(&definitions);
        let provider = only(&definitions, "providers");
        let asked = json!({ "to": self.to, "dry_run": true });
        let dry = tried(&cauce, &provider, asked.clone());
        assert!(dry["outcome"].is_null() && receiver.asked().is_empty(), "{dry}");
        assert!(!dry.to_string().contains("hush"), "a secret is shown: {dry}");
        let sent = tried(&cauce, &provider, json!({ "to": self.to }));
        assert_eq!(sent["means"], "accepted", "{sent}");
        assert!(!sent.to_string().contains("hush"), "a secret is shown: {sent}");
        let left = receiver.asked().pop().unwrap();
        as_shown(&sent, &left);
        for (place, (status, body, means)) in nos.iter().enumerate() {
            *turn.lock().unwrap() = Some(place);
            let said = tried(&cauce, &provider, json!({ "to": self.to }));
            assert_eq!(said["means"], *means, "{status} {body}: {said}");
        }
        *turn.lock().unwrap() = None;
        (cauce, receiver, provider)
    }
}

/// What was shown is what left.
fn as_shown(trial: &Value, left: &Request) {
    let request = &trial["request"];
    let url = request["url"].as_str().unwrap();
    let path = url.splitn(4, '/').nth(3).unwrap();
    let line = format!("{} /{path} HTTP/1.1", request["method"].as_str().unwrap());
    assert_eq!(left.line, line);
    assert_eq!(request["body"].as_str().unwrap().as_bytes(), left.body);
    for header in request["headers"].as_array().unwrap() {
        let (name, value) = (header["name"].as_str().unwrap(), header["value"].as_str().unwrap());
        let real = &left.headers[&name.to_ascii_lowercase()];
        match value.ends_with("***") {
            true => assert!(real.len() > 3 && !real.contains("***"), "{name}"),
            false => assert_eq!(real, value, "{name}"),
        }
    }
}

/// A message by a recipe; its id, and the request.
fn sent(cauce: &Cauce, receiver: &Receiver, template: &str, to: &str) -> (String, Request) {
    let id = cauce.send(&json!({ "template": template, "to": { "user_id": "ana" },
        "payload": { "to": to, "text": "5 € & \"more\"" } }));
    cauce.message_in(&id, "accepted");
    (id, receiver.asked().pop().unwrap())
}

fn reported(cauce: &Cauce, id: &str, count: usize) -> Vec<String> {
    wait_for(PATIENCE, "reports", || {
        let message = cauce.get(&format!("/v1/messages/{id}"));
        let all = message["reports"].as_array().unwrap().clone();
        let kinds = all.iter().map(|report| report["kind"].as_str().unwrap().to_owned());
        (all.len() == count).then(|| kinds.collect())
    })
}

fn signature(key: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, body.as_bytes());
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The path of an address of ours.
fn path_of(url: &str) -> &str {
    &url[url.find("/reports/").unwrap()..]
}

#[test]
fn whatsapp_is_a_recipe() {
    let bench = Bench {
        name: "whatsapp-cloud",
        hosts: &["https://graph.facebook.com"],
        to: "34600000001",
        yes: r#"{"messaging_product":"whatsapp","messages":[{"id":"wamid.1"}]}"#,
        nos: &[
            (400, r#"{"error":{"code":131026}}"#, "failed: invalid-recipient"),
            (400, r#"{"error":{"code":130429}}"#, "retry: throttled"),
            (401, r#"{"error":{"code":190}}"#, "retry: configuration"),
            (400, r#"{"error":{"code":131047}}"#, "failed: blocked"),
            (500, r#"{"error":{"code":131000}}"#, "retry: transient"),
            (400, r#"{"error":{"code":132000}}"#, "failed: content"),
        ],
    };
    let (cauce, receiver, provider) = bench.run();
    let (id, request) = sent(&cauce, &receiver, "order-update", "34600000001");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["biz_opaque_callback_data"], id.as_str(), "{body}");
    assert_eq!(request.headers["authorization"], "Bearer hush-hush");
    let path = format!("/reports/webhook/{provider}");
    let asked = "hub.mode=subscribe&hub.verify_token=hush-verify&hub.challenge=1158201444";
    let echoed = cauce.open("GET", &format!("{path}?{asked}"), "", b"");
    assert_eq!((echoed.status, echoed.text.as_str()), (200, "1158201444"));
    let wrong = asked.replace("hush-verify", "other");
    assert_eq!(cauce.open("GET", &format!("{path}?{wrong}"), "", b"").status, 401);
    let status = |status: &str| {
        json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{
            "field": "messages", "value": { "statuses": [{ "id": "wamid.1", "status": status,
                "timestamp": "1760000000", "recipient_id": "34600000001",
                "biz_opaque_callback_data": id }] } }] }] })
        .to_string()
    };
    let post = |body: &str, sign: &str| {
        let headers = [("x-hub-signature-256", sign), ("content-type", "application/json")];
        http::ask(cauce.port, "POST", &path, &headers, body.as_bytes()).unwrap().status
    };
    let body = status("delivered");
    let good = format!("sha256={}", signature("hush-app", &body));
    for bad in ["", "sha256=00", &signature("hush-app", &body)] {
        assert_eq!(post(&body, bad), 401, "{bad}");
    }
    assert_eq!(post(&body.replace("delivered", "failed"), &good), 401);
    for _ in 0..2 {
        assert_eq!(post(&body, &good), 200);
    }
    let body = status("read");
    assert_eq!(post(&body, &format!("sha256={}", signature("hush-app", &body))), 200);
    assert_eq!(reported(&cauce, &id, 2), ["delivered", "opened"]);
}

#[test]
fn slack_says_no_with_200() {
    let bench = Bench {
        name: "slack",
        hosts: &["https://slack.com"],
        to: "C123",
        yes: r#"{"ok":true,"channel":"C123","ts":"1503435956.000247"}"#,
        nos: &[
            (200, r#"{"ok":false,"error":"channel_not_found"}"#, "failed: invalid-recipient"),
            (200, r#"{"ok":false,"error":"invalid_auth"}"#, "retry: configuration"),
            (200, r#"{"ok":false,"error":"ratelimited"}"#, "retry: throttled"),
            (200, r#"{"ok":false,"error":"is_archived"}"#, "failed: blocked"),
            (200, r#"{"ok":false,"error":"something_new"}"#, "retry: undetermined"),
        ],
    };
    let (cauce, receiver, _) = bench.run();
    let (id, request) = sent(&cauce, &receiver, "alert", "C123");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["text"], "5 € & \"more\"");
    assert_eq!(body["metadata"]["event_payload"]["id"], id.as_str());
}

#[test]
fn forms_are_recipes_too() {
    let twilio = Bench {
        name: "twilio",
        hosts: &["https://api.twilio.com"],
        to: "+34600000001",
        yes: r#"{"sid":"SM1","status":"queued"}"#,
        nos: &[
            (400, r#"{"code":21211,"message":"Invalid 'To'"}"#, "failed: invalid-recipient"),
            (400, r#"{"code":21610}"#, "failed: blocked"),
            (401, r#"{"code":20003}"#, "retry: configuration"),
            (429, r#"{"code":20429}"#, "retry: throttled"),
        ],
    };
    let (cauce, receiver, provider) = twilio.run();
    let (id, request) = sent(&cauce, &receiver, "text", "+34600000001");
    let fields = form(&request.body);
    assert_eq!(fields["To"], "+34600000001");
    assert_eq!(fields["Body"], "5 € & \"more\"", "nothing in it ends the field");
    let path = path_of(&fields["StatusCallback"]).to_owned();
    let kind = "application/x-www-form-urlencoded";
    let said = b"MessageSid=SM1&MessageStatus=delivered&To=%2B34600000001";
    let forged = format!("/reports/webhook/{provider}/{}", "A".repeat(38));
    for wrong in [&path[..path.len() - 1], forged.as_str(), &format!("/reports/webhook/{provider}")]
    {
        assert_eq!(cauce.open("POST", wrong, kind, said).status, 401, "{wrong}");
    }
    for _ in 0..2 {
        assert_eq!(cauce.open("POST", &path, kind, said).status, 200);
    }
    assert_eq!(reported(&cauce, &id, 1), ["delivered"]);
    let lost = b"MessageStatus=undelivered&ErrorCode=30005";
    assert_eq!(cauce.open("POST", &path, kind, lost).status, 200);
    // With what follows from the two of them.
    reported(&cauce, &id, 3);
    let message = cauce.get(&format!("/v1/messages/{id}"));
    assert_eq!(message["reports"][1]["hard"], true, "{message}");

    let vonage = Bench {
        name: "vonage",
        hosts: &["https://rest.nexmo.com"],
        to: "34600000001",
        yes: r#"{"message-count":"1","messages":[{"status":"0","message-id":"0A"}]}"#,
        nos: &[
            (200, r#"{"messages":[{"status":"1"}]}"#, "retry: throttled"),
            (200, r#"{"messages":[{"status":"4"}]}"#, "retry: configuration"),
            (200, r#"{"messages":[{"status":"33"}]}"#, "failed: invalid-recipient"),
        ],
    };
    let (cauce, receiver, _) = vonage.run();
    let (id, request) = sent(&cauce, &receiver, "text", "34600000001");
    let fields = form(&request.body);
    assert_eq!((fields["client-ref"].as_str(), fields["from"].as_str()), (id.as_str(), "Shop"));
    let receipt = json!({ "client-ref": id, "status": "delivered", "err-code": "0" });
    let path = path_of(&fields["callback"]);
    let body = receipt.to_string();
    assert_eq!(cauce.open("POST", path, "application/json", body.as_bytes()).status, 200);
    assert_eq!(reported(&cauce, &id, 1), ["delivered"]);
}

fn form(body: &[u8]) -> std::collections::BTreeMap<String, String> {
    let text = std::str::from_utf8(body).unwrap();
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [first, tail @ ..] = rest {
            rest = tail;
            match first {
                b'%' => {
                    let hex = std::str::from_utf8(&tail[..2]).unwrap();
                    bytes.push(u8::from_str_radix(hex, 16).unwrap());
                    rest = &tail[2..];
                }
                b'+' => bytes.push(b' '),
                byte => bytes.push(*byte),
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    text.split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

#[test]
fn messagebird_reports_by_get() {
    let bench = Bench {
        name: "messagebird",
        hosts: &["https://rest.messagebird.com"],
        to: "34600000001",
        yes: r#"{"id":"e8077d803532c0b5937c639b60216938"}"#,
        nos: &[
            (401, r#"{"errors":[{"code":2,"parameter":"access_key"}]}"#, "retry: configuration"),
            (
                422,
                r#"{"errors":[{"code":10,"parameter":"recipient"}]}"#,
                "failed: invalid-recipient",
            ),
            (422, r#"{"errors":[{"code":9,"parameter":"originator"}]}"#, "failed: content"),
            (402, r#"{"errors":[{"code":25}]}"#, "retry: configuration"),
        ],
    };
    let (cauce, receiver, _) = bench.run();
    let (id, request) = sent(&cauce, &receiver, "text", "34600000001");
    assert_eq!(request.headers["authorization"], "AccessKey hush-hush");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let path = path_of(body["reportUrl"].as_str().unwrap());
    let said = "id=e80&status=delivered&statusDatetime=2026-11-05T00%3A00%3A00%2B00%3A00";
    let answer = cauce.open("GET", &format!("{path}?{said}"), "", b"");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(reported(&cauce, &id, 1), ["delivered"]);
}

#[test]
fn a_token_is_asked_for_once_and_again_when_it_ends() {
    let bench = Bench {
        name: "adobe-campaign-transactional",
        hosts: &["https://mc.adobe.io", "https://ims-na1.adobelogin.com"],
        to: "ana@example.com",
        yes: r#"{"PKey":"@mGWWqC","status":"pending"}"#,
        nos: &[
            (404, "{}", "retry: configuration"),
            (429, "{}", "retry: throttled"),
            (500, "{}", "retry: transient"),
        ],
    };
    let (cauce, receiver, _) = bench.run();
    let left = receiver.asked();
    let token = left.iter().find(|request| request.line.contains("/token")).unwrap();
    let fields = form(&token.body);
    assert_eq!(fields["grant_type"], "client_credentials");
    assert_eq!(fields["client_secret"], "hush-secret");
    let (_, request) = sent(&cauce, &receiver, "cart-abandonment", "ana@example.com");
    assert_eq!(request.headers["authorization"], "Bearer lent");
    assert_eq!(request.headers["x-api-key"], "hush-client");
    drop(cauce);

    // Twenty at once: one token. It ends: the attempt waits, the next one has another.
    let tokens = Arc::new(Mutex::new(0));
    let given = tokens.clone();
    let receiver = Receiver::start(move |request, _| {
        if request.line.contains("/token") {
            let mut given = given.lock().unwrap();
            *given += 1;
            std::thread::sleep(std::time::Duration::from_millis(300));
            return answer(200, &format!(r#"{{"access_token":"t{given}","expires_in":"3600"}}"#));
        }
        // The first token has ended; nobody said so before.
        match request.headers["authorization"].as_str() {
            "Bearer t1" => answer(401, r#"{"error":"invalid_token"}"#),
            _ => answer(200, r#"{"PKey":"@1"}"#),
        }
    });
    let cauce = Cauce::start_with("", &SECRETS);
    let hosts = ["https://mc.adobe.io", "https://ims-na1.adobelogin.com"];
    let mut definitions = recipe("adobe-campaign-transactional", &hosts, receiver.port);
    let provider = &mut definitions["definitions"]["providers"]["adobe-campaign"];
    provider.as_object_mut().unwrap().remove("per-second");
    cauce.apply(&definitions);
    let ids: Vec<String> = (0..20)
        .map(|n| {
            cauce.send(&json!({ "template": "cart-abandonment",
                "to": { "user_id": format!("u{n}") }, "payload": { "to": "a@example.com" } }))
        })
        .collect();
    for id in &ids {
        cauce.message_in(id, "accepted");
    }
    let asked = receiver.asked();
    let count = asked.iter().filter(|request| request.line.contains("/token")).count();
    assert_eq!(count, 2, "one for all, and one after the first had ended");
}

#[test]
fn the_generic_recipe_is_whole() {
    let bench = Bench {
        name: "generic-json",
        hosts: &["https://messages.example"],
        to: "ana",
        yes: r#"{"id":"m-1"}"#,
        nos: &[
            (422, r#"{"error":{"code":"no-such-recipient"}}"#, "failed: invalid-recipient"),
            (200, r#"{"id":"m-2","error":{"code":"too-many-requests"}}"#, "accepted"),
            (
                429,
                r#"{"error":{"code":"too-many-requests","retry_after_ms":1500}}"#,
                "retry: throttled, not before 2 s",
            ),
            (401, "", "retry: configuration"),
            (400, "", "failed: content"),
        ],
    };
    let (cauce, receiver, provider) = bench.run();
    let (id, request) = sent(&cauce, &receiver, "note", "ana");
    assert_eq!(request.headers["idempotency-key"], id);
    let event = |kind: &str| json!({ "reference": id, "type": kind, "at": "2026-11-05T00:00:00Z" });
    let body = json!({ "events": [event("delivered"), event("read"), event("new")] }).to_string();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = now.as_secs().to_string();
    let good = signature("hush-reports", &format!("{now}.{body}"));
    let path = format!("/reports/webhook/{provider}");
    let post = |time: &str, sign: &str| {
        let headers = [("x-signature", sign), ("x-timestamp", time)];
        http::ask(cauce.port, "POST", &path, &headers, body.as_bytes()).unwrap().status
    };
    assert_eq!(post("1760000000", &signature("hush-reports", &format!("1760000000.{body}"))), 401);
    assert_eq!(post(&now, &good), 200);
    assert_eq!(reported(&cauce, &id, 2), ["delivered", "opened"]);
    // The command line shows the same.
    let output = crate::world::cauce::command()
        .args(["providers", "try", "messages", "--to", "ana", "--dry-run"])
        .args(["--server", &format!("http://127.0.0.1:{}", cauce.port), "--key", &cauce.key])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    assert!(
        text.contains("authorization: Bearer ***") && text.contains("\"to\": \"ana\""),
        "{text}"
    );
    assert!(!text.contains("hush"), "{text}");
}

#[test]
fn reports_by_standard_webhooks_come_in() {
    let Some(emulator) = super::apis::Emulator::start() else { return };
    let receiver = Receiver::start(|_, _| answer(200, "{}"));
    let secrets =
        [("CAUCE_MESSAGES_KEY", "k"), ("CAUCE_HOOK", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];
    let cauce = Cauce::start_with("", &secrets);
    let mut definitions = recipe("generic-json", &["https://messages.example"], receiver.port);
    let reports = &mut definitions["definitions"]["providers"]["messages"]["webhook"]["reports"];
    reports["proof"] = json!({ "standard-webhooks": "env:CAUCE_HOOK" });
    cauce.apply(&definitions);
    let (id, _) = sent(&cauce, &receiver, "note", "ana");
    let url = format!("http://127.0.0.1:{}/reports/webhook/messages", cauce.port);
    let event = json!({ "events": [{ "reference": id, "type": "delivered" }] });
    let mut asked = json!({ "vendor": "standard-webhooks", "url": url, "event": event });
    for _ in 0..2 {
        assert_eq!(emulator.report(&asked), 200);
    }
    for place in [0.1, 0.5, 0.9] {
        asked["tamper"] = json!(place);
        assert_eq!(emulator.report(&asked), 401);
    }
    assert_eq!(reported(&cauce, &id, 1), ["delivered"]);
}
