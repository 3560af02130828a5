//! Mail straight to its readers' servers, files that travel with it, senders examined, and
//! campaigns that wait until their sender is in order.

use crate::world::cauce::command;
use crate::world::zone::Zone;
use crate::world::*;
use serde_json::{Value, json};

mod hosted;
mod refused;
mod starving;

fn direct() -> Value {
    json!({ "channel": "email", "direct": { "tls": "opportunistic" } })
}

const MAIL: &str = "host-record=mx.readers.test,127.0.0.1\n\
                    mx-host=readers.test,mx.readers.test,10\n\
                    dns-rr=null.test,15,000000\n";

#[test]
fn mail_goes_straight_to_its_readers_servers() {
    let Some(zone) = Zone::start(MAIL) else { return };
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start(&format!("{}\nmail-port = {}", zone.config(), sink.port));
    cauce.apply(&shop(direct()));
    let order = |to: &str| json!({ "template": "code", "to": { "email": to } });
    let id = cauce.send(&order("ana@readers.test"));
    cauce.message_in(&id, "accepted");
    assert_eq!(sink.to("ana@readers.test").len(), 1);
    for (to, code) in [("bob@null.test", "5.1.10"), ("cid@nowhere.test", "5.1.2")] {
        let id = cauce.send(&order(to));
        let message = cauce.message_in(&id, "failed");
        assert!(message.to_string().contains("invalid-domain"), "{code}: {message}");
    }
    // The start looks at its sender, and says what it found rather than that nobody has looked.
    let despite = json!({ "despite": "a test" });
    let started = cauce.post("/v1/campaigns/monthly/start", &despite);
    assert_eq!(started.status, 201, "{started:?}");
    let warnings = started.json()["warnings"].to_string();
    assert!(warnings.contains("spf: ") && !warnings.contains("nobody has looked"), "{warnings}");
}

#[test]
fn files_travel_with_a_message_and_are_not_shown_again() {
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("");
    let mut all = shop(smtp(sink.port));
    all["definitions"]["templates"]["bill"] = json!({
        "subject": "Your bill", "tracking": false,
        "html": "<p>{{ event | json }}</p><img src=\"cid:logo\">",
        "images": [{ "name": "logo.png", "content-type": "image/png", "content": "iVBORw0KGgo=",
                     "inline-id": "logo" }],
    });
    cauce.apply(&all);
    let order = json!({ "template": "bill", "to": { "email": "ana@example.com" },
        "payload": { "total": 7 },
        "attachments": [{ "name": "Rechnung März.pdf", "content-type": "application/pdf",
                          "content": "JVBERi0xLjQK" }] });
    let id = cauce.send(&order);
    let message = cauce.message_in(&id, "accepted");
    assert!(!message.to_string().contains("JVBERi0xLjQK"), "{message}");
    let text = &sink.to("ana@example.com")[0].text;
    for wanted in [
        "multipart/mixed",
        "multipart/related",
        "JVBERi0xLjQK",
        "iVBORw0KGgo=",
        "filename*0*=utf-8''Rechnung%20M%C3%A4rz.pdf",
        &format!("Content-ID: <logo.{id}@"),
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    assert!(!text.contains("$attachments"), "a template sees no files: {text}");

    let mut large = order.clone();
    large["attachments"][0]["content"] = "AAAA".repeat(400_000).into();
    let refused = cauce.post("/v1/messages", &large);
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(refused.text.contains("files-too-large"), "{refused:?}");
    let mut bad = all.clone();
    bad["definitions"]["templates"]["bill"]["images"][0]["content"] = "?".into();
    let refused = cauce.post("/v1/definitions/apply", &bad);
    assert!(refused.status == 422 && refused.text.contains("bad-base64"), "{refused:?}");
}

/// Puts a private key where the sender's definition says, as `openssl` makes one, made for these
/// tests and nothing else.
fn keep_key(cauce: &Cauce) {
    let made = std::process::Command::new("openssl").args(["genrsa", "2048"]).output();
    let made = made.expect("openssl is there");
    assert!(made.status.success(), "openssl made no key");
    let secrets = cauce.data().join("secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    std::fs::write(secrets.join("dkim.pem"), made.stdout).unwrap();
}

#[test]
fn a_sender_is_examined_and_a_campaign_waits_until_it_is_in_order() {
    let Some(mut zone) = Zone::start("") else { return };
    let own = "egress-addresses = [\"127.0.0.1\"]";
    let cauce = Cauce::start(&format!("{own}\n{}", zone.config()));
    keep_key(&cauce);
    let relay = Sink::start(Script::default());
    let mut all = shop(smtp(relay.port));
    all["definitions"]["senders"]["shop"] = json!({
        "from": { "name": "Shop", "address": "hello@shop.test" },
        "return-path-domain": "rp.shop.test",
        "dkim": [{ "selector": "s1", "algorithm": "rsa", "key": "file:dkim.pem" }],
    });
    cauce.apply(&all);
    let doctor = |json: bool| {
        let mut asked = command();
        asked.args(["doctor", "--sender", "shop"]);
        asked.args(json.then_some("--json"));
        asked.arg("--server").arg(format!("http://127.0.0.1:{}", cauce.port));
        let answer = asked.env("CAUCE_KEY", &cauce.key).output().unwrap();
        let text = String::from_utf8(answer.stdout).unwrap();
        (answer.status.code(), text + &String::from_utf8(answer.stderr).unwrap())
    };
    // Nobody has looked yet: nobody is held back, also not by what is found for other addresses.
    let other = cauce.get("/v1/senders/shop/check?ip=127.0.0.9");
    assert!(other["zone"].as_str().unwrap().contains("ip4:127.0.0.9"), "{other}");
    assert_eq!(cauce.get("/v1/deliverability")["senders"], json!({}), "it counts for nothing");
    let (code, words) = doctor(false);
    assert_eq!(code, Some(1), "{words}");
    for wanted in [
        "rp.shop.test. 3600 IN TXT \"v=spf1 ip4:127.0.0.1 -all\"",
        "s1._domainkey.shop.test. 3600 IN TXT \"v=DKIM1; k=rsa; p=",
        "_dmarc.shop.test. 3600 IN TXT \"v=DMARC1; p=none;",
    ] {
        assert!(words.contains(wanted), "{wanted} in {words}");
    }
    let refused = cauce.post("/v1/campaigns/monthly/start", &Value::Null);
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.text.contains("cauce doctor"), "{refused:?}");

    // Somebody has a reason: it is kept.
    let path = "/v1/campaigns/monthly/start";
    for (body, status) in [
        (json!({ "despite": " " }), 422),
        (json!({ "despite": "x".repeat(501) }), 422),
        (json!({ "why": "so" }), 400),
        (json!({}), 409),
    ] {
        assert_eq!(cauce.post(path, &body).status, status, "{body}");
    }
    let started = cauce.post(path, &json!({ "despite": "the ship leaves at noon" }));
    assert_eq!(started.status, 201, "{started:?}");
    assert_eq!(started.json()["despite"], "the ship leaves at noon");
    let audit = cauce.get("/v1/audit").to_string();
    assert!(audit.contains("the ship leaves at noon"), "{audit}");

    // What it says is published.
    let mut lines = String::new();
    for line in words.lines().map(str::trim).filter(|line| line.contains(" 3600 IN TXT ")) {
        let (name, value) = line.split_once(". 3600 IN TXT ").unwrap();
        lines.push_str(&format!("txt-record={name},{}\n", value.replace("\" \"", "\",\"")));
    }
    lines.push_str(
        "host-record=mail.shop.test,127.0.0.1\nptr-record=1.0.0.127.in-addr.arpa,mail.shop.test\n\
         mx-host=rp.shop.test,mail.shop.test,10\n",
    );
    zone.change(&lines);
    // The names that did not exist are remembered for as long as the zone says: not at all here.
    let (_, words) = doctor(true);
    let answer: Value = serde_json::from_str(&words).unwrap();
    let findings = answer["senders"][0]["findings"].as_array().unwrap();
    let bad: Vec<_> = findings.iter().filter(|one| one["weight"] != "fine").collect();
    assert_eq!(bad.len(), 1, "{bad:#?}");
    assert_eq!(bad[0]["code"], "unsubscribe-plain");
    let started = cauce.post("/v1/campaigns/monthly/start", &Value::Null);
    assert_eq!(started.status, 201, "{started:?}");
    assert_eq!(cauce.get("/v1/deliverability")["senders"]["shop"], "error");
}
