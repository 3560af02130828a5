//! E-mail providers by API: what leaves is what the vendors' own clients would send, what is
//! answered means what it says, and what is reported changes something once.

use crate::world::*;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// The emulator of `tests/outside/mail_apis.py`; ended when it is dropped.
pub struct Emulator {
    child: Child,
    /// Its port.
    pub port: u16,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn python() -> String {
    std::env::var("CAUCE_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside/mail_apis.py");

/// Says that something is not there, and fails where it has to be.
pub fn absent(what: &str) {
    let text = format!("not run: {what} is not there; `cargo xtask test` installs it");
    assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
    println!("{text}");
}

impl Emulator {
    /// Starts it, if the vendors' clients are there.
    pub fn start() -> Option<Emulator> {
        let probe = "import boto3,cryptography,sendgrid,standardwebhooks";
        let found = Command::new(python()).args(["-c", probe]).output();
        if !found.is_ok_and(|output| output.status.success()) {
            absent("sendgrid or boto3");
            return None;
        }
        let mut child = Command::new(python()).arg(SCRIPT).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Some(Emulator { port: line.trim().parse().unwrap(), child })
    }

    /// What is at a path of it.
    pub fn get(&self, path: &str) -> Value {
        http::ask(self.port, "GET", path, &[], b"").unwrap().json()
    }

    /// The requests that it took, to an address.
    fn kept(&self, to: &str) -> Vec<Value> {
        let all = self.get("/kept");
        all.as_array().unwrap().iter().filter(|one| one["to"] == to).cloned().collect()
    }

    /// Lets it report, signed as the vendor signs; the status of our answer.
    pub fn report(&self, asked: &Value) -> u16 {
        let body = asked.to_string();
        let answer = http::ask(self.port, "POST", "/report", &[], body.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["status"].as_u64().unwrap() as u16
    }

    /// Lets the vendors' own clients send the same message to it.
    fn compare(&self) {
        let port = self.port.to_string();
        let status = Command::new(python()).args([SCRIPT, "compare", &port]).status().unwrap();
        assert!(status.success());
        let script = SCRIPT.replace(".py", ".js");
        let node = Command::new("node").arg(script).arg(&port).output();
        match node {
            Ok(output) if output.status.success() => {}
            other => absent(&format!("mailgun.js or postmark ({other:?})")),
        }
    }
}

/// What the providers' definitions point at.
pub const SECRETS: [(&str, &str); 6] = [
    ("CAUCE_SES", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("CAUCE_SENDGRID", "SG.test-key"),
    ("CAUCE_MAILGUN", "mailgun-test-key"),
    ("CAUCE_MAILGUN_HOOK", "mailgun-signing-key"),
    ("CAUCE_POSTMARK", "postmark-test-token"),
    ("CAUCE_POSTMARK_HOOK", "postmark-hook-password"),
];

/// A provider's definition whose vendor is the emulator.
pub fn provider(vendor: &str, emulator: &Emulator) -> Value {
    let url = format!("http://127.0.0.1:{}", emulator.port);
    let way = match vendor {
        "ses" => json!({ "region": "us-east-1", "access-key": "AKIAIOSFODNN7EXAMPLE",
            "secret-key": "env:CAUCE_SES", "configuration-set": "events", "endpoint": url,
            "reports": { "topics": ["arn:aws:sns:us-east-1:123456789012:cauce"],
                         "endpoint": url } }),
        "sendgrid" => json!({ "key": "env:CAUCE_SENDGRID", "endpoint": url,
            "reports": { "verification-key": emulator.get("/keys")["sendgrid"] } }),
        "mailgun" => json!({ "key": "env:CAUCE_MAILGUN", "domain": "mg.shop.example",
            "endpoint": url, "reports": { "signing-key": "env:CAUCE_MAILGUN_HOOK" } }),
        _ => json!({ "token": "env:CAUCE_POSTMARK", "stream": "outbound",
            "broadcast-stream": "broadcast", "endpoint": url,
            "reports": { "username": "postmark", "password": "env:CAUCE_POSTMARK_HOOK" } }),
    };
    let mut provider = json!({ "channel": "email" });
    provider[vendor] = way;
    provider
}

/// What a vendor says of a message.
pub fn event(vendor: &str, kind: &str, id: &str) -> Value {
    match (vendor, kind) {
        ("ses", kind) => {
            let tags = json!({ "cauce-message": [id] });
            let mail = json!({ "messageId": "0100-1", "tags": tags });
            match kind {
                "delivered" => json!({ "eventType": "Delivery", "mail": mail,
                    "delivery": { "timestamp": "2026-11-05T00:00:00.000Z" } }),
                "gone" => json!({ "eventType": "Bounce", "mail": mail, "bounce": {
                    "bounceType": "Permanent", "bounceSubType": "General",
                    "bouncedRecipients": [{ "status": "5.1.1",
                        "diagnosticCode": "smtp; 550 5.1.1 user unknown" }] } }),
                _ => json!({ "eventType": "Complaint", "mail": mail,
                    "complaint": { "complaintFeedbackType": "abuse" } }),
            }
        }
        ("sendgrid", kind) => {
            let mut one = json!({ "email": "a@example.com", "cauce-message": id,
                "timestamp": 1_700_000_000, "sg_event_id": format!("{kind}-{id}") });
            one["event"] = json!(match kind {
                "delivered" => "delivered",
                "gone" => "bounce",
                "left" => "group_unsubscribe",
                _ => "spamreport",
            });
            if kind == "gone" {
                one["type"] = json!("bounce");
                one["status"] = json!("5.1.1");
                one["reason"] = json!("550 5.1.1 user unknown");
            }
            json!([one])
        }
        ("mailgun", kind) => {
            let mut one = json!({ "timestamp": 1_700_000_000.5,
                "user-variables": { "cauce-message": id } });
            one["event"] = json!(match kind {
                "delivered" => "delivered",
                "gone" => "failed",
                _ => "complained",
            });
            if kind == "gone" {
                one["severity"] = json!("permanent");
                one["reason"] = json!("bounce");
                one["delivery-status"] = json!({ "code": 550, "message": "5.1.1 user unknown" });
            }
            one
        }
        (_, kind) => {
            let mut one = json!({ "Metadata": { "cauce-message": id }, "MessageID": "pm-1" });
            one["RecordType"] = json!(match kind {
                "delivered" => "Delivery",
                "gone" => "Bounce",
                _ => "SpamComplaint",
            });
            if kind == "gone" {
                one["Type"] = json!("HardBounce");
                one["Details"] = json!("smtp;550 5.1.1 user unknown");
            }
            one
        }
    }
}

fn code(to: &str) -> Value {
    json!({ "template": "code", "to": { "email": to }, "payload": { "code": "17" } })
}

fn reported(cauce: &Cauce, id: &str) -> Vec<String> {
    let message = cauce.get(&format!("/v1/messages/{id}"));
    let kinds = message["reports"].as_array().unwrap().iter();
    kinds.map(|report| report["kind"].as_str().unwrap().to_owned()).collect()
}

fn metric(cauce: &Cauce, what: &str) -> u64 {
    let text = cauce.open("GET", "/metrics", "text/plain", b"").text;
    let line = format!("cauce_reports_total{{provider=\"mail\",what=\"{what}\"}} ");
    let found = text.lines().find_map(|known| known.strip_prefix(&line));
    found.map_or(0, |count| count.parse().unwrap())
}

/// The same for every vendor: sends, is refused, is told, is told again.
fn through(vendor: &str) {
    let Some(emulator) = Emulator::start() else { return };
    let cauce = Cauce::start_with("", &SECRETS);
    cauce.apply(&shop(provider(vendor, &emulator)));
    let id = cauce.send(&code("ok@example.com"));
    let message = cauce.message_in(&id, "accepted");
    assert_eq!(message["attempts"].as_array().unwrap().len(), 1, "{message}");
    let kept = emulator.kept("ok@example.com");
    assert_eq!(kept.len(), 1, "{kept:?}");
    as_the_clients_send(vendor, &emulator, &kept[0], &id);

    // What a vendor says no to for good suppresses, what is too much is tried again.
    let no = cauce.send(&code("gone@example.com"));
    let failed = cauce.message_in(&no, "failed");
    assert_eq!(failed["state"]["code"], "invalid-recipient", "{failed}");
    wait_for(PATIENCE, "the suppression", || {
        let profile = cauce.get("/v1/profiles/email/gone@example.com");
        (profile["suppressions"].as_array()?.len() == 1).then_some(())
    });
    for (to, word) in [("busy@example.com", "429"), ("broken@example.com", "500")] {
        let id = cauce.send(&code(to));
        let waits = wait_for(PATIENCE, "an attempt that ended", || {
            let answer = cauce.ask("GET", &format!("/v1/messages/{id}"), "", b"");
            let message = (answer.status == 200).then(|| answer.json())?;
            message["attempts"][0]["ended"].is_object().then_some(message)
        });
        assert!(waits["attempts"][0].to_string().contains(word), "{waits}");
        assert_ne!(waits["state"]["state"], "failed", "{waits}");
    }
    reports(vendor, &emulator, &cauce, &id);
}

/// One message of ours beside one of the vendor's own client.
fn as_the_clients_send(vendor: &str, emulator: &Emulator, ours: &Value, id: &str) {
    emulator.compare();
    let theirs = emulator.kept("sdk@example.com");
    let Some(theirs) = theirs.iter().find(|one| one["vendor"] == vendor) else {
        return absent(vendor);
    };
    let same = |value: &Value| {
        let text = value.to_string().replace("ok@example.com", "sdk@example.com");
        let text = text.replace(&format!("{id}@"), "sdk@").replace(id, "sdk");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let ours = same(ours);
    match vendor {
        "sendgrid" => {
            let (mut ours, mut theirs) = (ours["document"].clone(), theirs["document"].clone());
            // Theirs stand for all recipients, ours for the one.
            let one = &mut ours["personalizations"][0];
            let own = one.as_object_mut().unwrap().remove("custom_args");
            assert_eq!(own, theirs.as_object_mut().unwrap().remove("custom_args"));
            let headers = ours["headers"].as_object_mut().unwrap();
            assert_eq!(headers.remove("Message-ID"), Some(json!("<sdk@shop.example>")));
            assert!(headers.remove("Feedback-ID").is_some(), "ours for mailbox providers");
            assert_eq!(ours, theirs);
        }
        "postmark" => {
            let mut ours = ours["document"].clone();
            let id = json!({ "Name": "Message-ID", "Value": "<sdk@shop.example>" });
            let headers = ours["Headers"].as_array_mut().unwrap();
            headers.retain(|header| *header != id && header["Name"] != "Feedback-ID");
            assert_eq!(ours, theirs["document"]);
        }
        "mailgun" => {
            assert_eq!(ours["fields"], theirs["fields"]);
            as_a_letter(&ours, theirs);
        }
        _ => {
            assert_eq!(ours["tags"], theirs["tags"]);
            as_a_letter(&ours, theirs);
        }
    }
}

fn as_a_letter(ours: &Value, theirs: &Value) {
    for name in ["from", "to", "subject", "message-id"] {
        assert_eq!(ours["mime"]["headers"][name], theirs["mime"]["headers"][name], "{ours}");
    }
    assert_eq!(ours["mime"]["defects"], json!([]), "{ours}");
    assert_eq!(ours["mime"]["headers"]["auto-submitted"], "auto-generated");
    let text = |one: &Value| one["mime"]["text"].as_str().unwrap().trim().to_owned();
    assert_eq!(text(ours), text(theirs));
}

fn reports(vendor: &str, emulator: &Emulator, cauce: &Cauce, id: &str) {
    let url = format!("http://127.0.0.1:{}/reports/{vendor}/mail", cauce.port);
    let ask = |event: Value, more: Value| {
        let mut asked = json!({ "vendor": vendor, "url": url, "event": event });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        // Of Mailgun a token is good for one event.
        let token = format!("{:0<50}", event_name(&asked["event"]));
        asked.as_object_mut().unwrap().entry("token").or_insert(json!(token));
        emulator.report(&asked)
    };
    // A message of nobody's is no fault of the vendor's: it is counted.
    let other = "msg_00000000000000000000000001";
    assert_eq!(ask(event(vendor, "delivered", other), json!({})), 200);
    assert_eq!(metric(cauce, "unknown-message"), 1);

    forge(vendor, &ask, id);
    assert_eq!(reported(cauce, id), Vec::<String>::new(), "nothing forged was taken");

    // Said twice, done once; and what comes late or contradicts is kept as it came.
    for _ in 0..2 {
        assert_eq!(ask(event(vendor, "delivered", id), json!({})), 200);
    }
    for _ in 0..2 {
        assert_eq!(ask(event(vendor, "gone", id), json!({})), 200);
    }
    // Two reports, and what follows from their contradicting each other.
    wait_for(PATIENCE, "both reports", || (reported(cauce, id).len() == 3).then_some(()));
    assert_eq!(ask(event(vendor, "complained", id), json!({})), 200);
    let all = wait_for(PATIENCE, "the complaint", || {
        let all = reported(cauce, id);
        (all.len() == 4).then_some(all)
    });
    assert_eq!(all, ["delivered", "bounced", "corrected", "complained"]);
    let profile = wait_for(PATIENCE, "the suppression", || {
        let profile = cauce.get("/v1/profiles/email/ok@example.com");
        (profile["suppressions"].as_array()?.len() == 1).then_some(profile)
    });
    assert_eq!(profile["suppressions"][0]["why"]["reason"], "hard-bounce", "{profile}");
    let text = cauce.open("GET", "/metrics", "text/plain", b"").text;
    let once = "cauce_decided_total{name=\"reports message_bounced\"} 1\n";
    assert!(text.contains(once), "one effect: {text}");
    // A provider without reports, one of another vendor and none at all are the same to who asks.
    for path in [format!("/reports/{vendor}/other"), "/reports/webhook/mail".to_owned()] {
        assert_eq!(cauce.open("POST", &path, "application/json", b"{}").status, 404, "{path}");
    }
}

/// Nothing that is changed on its way is taken.
fn forge(vendor: &str, ask: &dyn Fn(Value, Value) -> u16, id: &str) {
    // Mailgun signs time and token and leaves the event out: there only its proof is changed here.
    let places: &[f64] = match vendor {
        "mailgun" => &[0.0, 0.1, 0.2, 0.3],
        "postmark" => &[],
        _ => &[0.0, 0.3, 0.6, 0.9, 1.0],
    };
    for place in places {
        let status = ask(event(vendor, "gone", id), json!({ "tamper": place }));
        // 503: what is signed by a certificate that cannot be had may be asked again.
        assert!(matches!(status, 400 | 401 | 503), "{place}: {status}");
    }
    let more = match vendor {
        "ses" => json!({ "topic": "arn:aws:sns:us-east-1:999999999999:cauce" }),
        "sendgrid" => json!({ "at": "1700000000" }),
        "postmark" => json!({ "headers": { "authorization": "Basic cG9zdG1hcms6b3RoZXI=" } }),
        _ => {
            // A token that came with one event is not good for another.
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            let spent = json!({ "at": now.unwrap().as_secs().to_string(), "token": "spent" });
            let other = "msg_00000000000000000000000001";
            assert_eq!(ask(event(vendor, "complained", other), spent.clone()), 200);
            spent
        }
    };
    assert_eq!(ask(event(vendor, "gone", id), more), 401);
    let bare = match vendor {
        "sendgrid" => json!({ "headers": { "X-Twilio-Email-Event-Webhook-Signature": null } }),
        "postmark" => json!({ "headers": { "authorization": null } }),
        _ => return,
    };
    assert_eq!(ask(event(vendor, "gone", id), bare), 401);
}

fn event_name(event: &Value) -> String {
    let text = event.to_string();
    let sum: u64 = text.bytes().fold(7, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
    format!("{sum:x}")
}

#[test]
fn ses_takes_and_tells() {
    through("ses");
}

#[test]
fn sendgrid_takes_and_tells() {
    through("sendgrid");
}

#[test]
fn mailgun_takes_and_tells() {
    through("mailgun");
}

#[test]
fn postmark_takes_and_tells() {
    through("postmark");
}

#[test]
fn topics_are_confirmed_by_amazon_alone() {
    let Some(emulator) = Emulator::start() else { return };
    let cauce = Cauce::start_with("", &SECRETS);
    cauce.apply(&shop(provider("ses", &emulator)));
    let url = format!("http://127.0.0.1:{}/reports/ses/mail", cauce.port);
    let ask = |more: Value| {
        let mut asked = json!({ "vendor": "ses", "url": url, "event": "hello" });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        emulator.report(&asked)
    };
    let confirmation = "SubscriptionConfirmation";
    for version in ["1", "2"] {
        assert_eq!(ask(json!({ "type": confirmation, "version": version })), 200);
    }
    assert_eq!(emulator.get("/confirmed").as_array().unwrap().len(), 2);
    // Another topic, an address that is not Amazon's, another version: nothing is asked of anybody.
    let other = "arn:aws:sns:us-east-1:123456789012:other";
    assert_eq!(ask(json!({ "type": confirmation, "topic": other })), 401);
    for (name, value) in [
        ("SubscribeURL", "https://evil.example/?Action=ConfirmSubscription"),
        ("SigningCertURL", "https://evil.example/SimpleNotificationService-1.pem"),
        ("SigningCertURL", "https://sns.us-east-1.amazonaws.com@evil.example/a.pem"),
        ("SignatureVersion", "3"),
        ("Signature", "AAAA"),
        ("Message", "other"),
        ("Timestamp", "2026-11-06T00:00:00.000Z"),
        ("MessageId", "other"),
        ("Token", "other"),
    ] {
        let mut change = json!({});
        change[name] = json!(value);
        assert_eq!(ask(json!({ "type": confirmation, "change": change })), 401, "{name}");
    }
    assert_eq!(emulator.get("/confirmed").as_array().unwrap().len(), 2);
    assert_eq!(metric(&cauce, "unproven"), 10);
}

#[test]
fn who_leaves_at_the_provider_has_left() {
    let Some(emulator) = Emulator::start() else { return };
    let cauce = Cauce::start_with("", &SECRETS);
    cauce.apply(&shop(provider("sendgrid", &emulator)));
    people(&cauce, 2);
    let run = cauce.start_campaign("monthly");
    cauce.done(run, PATIENCE);
    let letters = cauce.messages(&address(0));
    let id = letters[0]["id"].as_str().unwrap();
    cauce.message_in(id, "accepted");
    let sent = emulator.kept(&address(0));
    let headers = &sent[0]["document"]["headers"];
    assert!(headers["List-Unsubscribe"].as_str().unwrap().contains("/u/"), "{headers}");
    let url = format!("http://127.0.0.1:{}/reports/sendgrid/mail", cauce.port);
    for _ in 0..2 {
        let event = event("sendgrid", "left", id);
        let asked = json!({ "vendor": "sendgrid", "url": url, "event": event });
        assert_eq!(emulator.report(&asked), 200);
    }
    assert_eq!((metric(&cauce, "unsubscribed"), metric(&cauce, "unsubscribed-before")), (1, 1));
    let run = cauce.start_campaign("second");
    let shown = cauce.done(run, PATIENCE);
    check_balance(&shown);
    assert_eq!((term(&shown, "sent"), term(&shown, "refused")), (1, 1), "{shown}");
}

#[test]
fn amazon_as_moto_has_it_takes_and_signs() {
    let found = Command::new(python()).args(["-c", "import moto.server,boto3"]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        return absent("moto");
    }
    let script = SCRIPT.replace("mail_apis.py", "moto_mail.py");
    let mut moto = Command::new(python());
    let mut child = moto.arg(script).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ports: Vec<u16> = line.split_whitespace().map(|port| port.parse().unwrap()).collect();
    let control = Emulator { child, port: ports[1] };
    let tell = |path: &str, asked: &Value| {
        let body = asked.to_string();
        let answer = http::ask(control.port, "POST", path, &[], body.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    let cauce = Cauce::start_with("", &SECRETS);
    let mut ses = provider("ses", &control);
    ses["ses"]["endpoint"] = json!(format!("http://127.0.0.1:{}", ports[0]));
    cauce.apply(&shop(ses));
    let id = cauce.send(&code("ada@example.com"));
    cauce.message_in(&id, "accepted");
    let sent = control.get("/sent");
    let raw = sent[0]["raw"].as_str().unwrap();
    assert!(raw.contains(&format!("Message-ID: <{id}@shop.example>")), "{raw}");
    // Its topic posts what it signed, twice; what it signed for another message of nobody's too.
    let url = format!("http://127.0.0.1:{}/reports/ses/mail", cauce.port);
    tell("/subscribe", &json!({ "url": url }));
    for _ in 0..2 {
        tell("/publish", &json!({ "event": event("ses", "gone", &id) }));
    }
    let other = "msg_00000000000000000000000001";
    tell("/publish", &json!({ "event": event("ses", "gone", other) }));
    wait_for(PATIENCE, "three events", || {
        let (two, one) = (metric(&cauce, "bounced-for-good"), metric(&cauce, "unknown-message"));
        ((two, one) == (2, 1)).then_some(())
    });
    wait_for(PATIENCE, "the report", || (reported(&cauce, &id).len() == 1).then_some(()));
    assert_eq!(metric(&cauce, "unproven"), 0);
}
