//! Text messages through Twilio's and Vonage's APIs, and what people answer. The carriers are
//! emulators of ours that check with the vendors' own code (`tests/outside/sms_carriers.py`).

mod answered;
mod kept;
mod recipe;
mod sent;

use crate::world::http::{self, Answer};
use crate::world::*;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const TOKEN: &str = "twilio-auth-token";
const SECRET: &str = "vonage-secret";
const SIGNATURE: &str = "a signature secret of thirty-two bytes";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside/sms_carriers.py");
pub const CARRIERS: [&str; 2] = ["twilio", "vonage"];
/// The number that the shop texts from.
pub const OWN: &str = "+34600000001";

/// Both carriers.
pub struct Carriers {
    port: u16,
    child: Child,
}

impl Drop for Carriers {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Carriers {
    /// Starts them, or says that this Python lacks what they need.
    pub fn start(test: &str) -> Option<Carriers> {
        let program = std::env::var("CAUCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let probe = ["-c", "import jwt, twilio, vonage_sms, vonage_http_client"];
        let status = Command::new(&program).args(probe).stderr(Stdio::null()).status();
        if !status.is_ok_and(|status| status.success()) {
            let text = format!(
                "not run: {test}: this Python lacks what crates/cauce-server/tests/outside/\
                 requirements.txt lists; `cargo xtask test` installs it"
            );
            assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
            println!("{text}");
            return None;
        }
        let mut child = Command::new(&program)
            .args([SCRIPT, TOKEN, SECRET, SIGNATURE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Some(Carriers { port: line.trim().parse().unwrap(), child })
    }

    fn shown(&self) -> Value {
        http::ask(self.port, "GET", "/", &[], b"").unwrap().json()
    }

    /// What was asked of them for a number, in order; the checks of the vendors' code hold.
    pub fn asked(&self, to: &str) -> Vec<Value> {
        let shown = self.shown();
        assert_eq!(shown["faults"], json!([]), "{shown}");
        let digits = to.trim_start_matches('+');
        let number = |asked: &Value| {
            let to = asked["To"].as_str().or_else(|| asked["to"].as_str());
            to.is_some_and(|to| to.trim_start_matches('+') == digits)
        };
        shown["asked"].as_array().unwrap().iter().filter(|asked| number(asked)).cloned().collect()
    }

    /// How many messages left.
    pub fn count(&self) -> usize {
        let shown = self.shown();
        assert_eq!(shown["faults"], json!([]), "{shown}");
        shown["asked"].as_array().unwrap().len()
    }

    /// Lets a carrier say something, signed; what it was answered.
    pub fn say(&self, carrier: &str, url: &str, params: Value, more: Value) -> Answer {
        let mut body = json!({ "carrier": carrier, "url": url, "params": params });
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let answer =
            http::ask(self.port, "POST", "/say", &[], body.to_string().as_bytes()).unwrap().json();
        Answer {
            status: answer["status"].as_u64().unwrap() as u16,
            headers: Vec::new(),
            text: answer["text"].as_str().unwrap().to_owned(),
        }
    }

    /// Somebody writes to the shop.
    pub fn write(&self, cauce: &Cauce, carrier: &str, from: &str, text: &str, id: &str) -> u16 {
        let url = format!("http://127.0.0.1:{}/reports/{carrier}/{carrier}/inbound", cauce.port);
        let (plain, own) = (from.trim_start_matches('+'), OWN.trim_start_matches('+'));
        let params = match carrier {
            "twilio" => json!({ "MessageSid": id, "From": from, "To": OWN, "Body": text,
                                "NumMedia": "0" }),
            _ => json!({ "messageId": id, "msisdn": plain, "to": own, "text": text,
                         "type": "text", "keyword": text.to_uppercase() }),
        };
        self.say(carrier, &url, params, Value::Null).status
    }

    /// A definition of a carrier.
    pub fn provider(&self, carrier: &str) -> Value {
        let url = format!("http://127.0.0.1:{}", self.port);
        match carrier {
            "twilio" => json!({ "channel": "sms", "twilio": {
                "account": format!("AC{}", "0".repeat(32)), "token": "env:CAUCE_TWILIO_TOKEN",
                "url": url } }),
            _ => json!({ "channel": "sms", "vonage": {
                "key": "vonage-key", "secret": "env:CAUCE_VONAGE_SECRET",
                "signature": "env:CAUCE_VONAGE_SIGNATURE", "url": url } }),
        }
    }

    /// A shop that texts by a carrier.
    pub fn shop(&self, carrier: &str) -> Cauce {
        let cauce = Cauce::start_with(
            "",
            &[
                ("CAUCE_TWILIO_TOKEN", TOKEN),
                ("CAUCE_VONAGE_SECRET", SECRET),
                ("CAUCE_VONAGE_SIGNATURE", SIGNATURE),
            ],
        );
        cauce.apply(&definitions(carrier, self.provider(carrier)));
        cauce
    }
}

/// A shop of text messages.
pub fn definitions(carrier: &str, provider: Value) -> Value {
    json!({ "definitions": {
        "providers": { carrier: provider },
        "topics": { "offers": { "title": "Offers" } },
        "senders": { "shop": { "sms": {
            "from": OWN, "by-country": { "US": "21777" },
            "stopped": "bye", "started": "hello-again", "help": "who" } } },
        "templates": {
            "offer": { "channel": "sms", "topic": "offers",
                       "text": "Hi {{ profile.first_name | default: 'you' }}: kettles, 20 €" },
            "code": { "channel": "sms", "text": "Your code is {{ event.code | default: '-' }}" },
            "bye": { "channel": "sms", "text": "You get no more messages. START undoes it." },
            "hello-again": { "channel": "sms", "text": "Welcome back." },
            "who": { "channel": "sms", "text": "Shop, shop.example. STOP ends it." },
            "parcel": { "channel": "sms", "topic": "offers", "text": "We look into it." },
        },
        "segments": { "texted": { "rule": "count(signed_up) >= 1" } },
        "campaigns": { "sale": { "channel": "sms", "audience": ["texted"], "template": "offer" } },
        "journeys": { "answers": {
            "entry": { "event": "message_received", "where": "event.text contains \"parcel\"" },
            "steps": [{ "message": "parcel" }] } },
    }})
}

/// The number of person `n`.
pub fn number(n: usize) -> String {
    format!("+34611{n:06}")
}

/// Lets people sign up who want offers by text message.
pub fn sign_up(cauce: &Cauce, people: impl IntoIterator<Item = usize>) {
    let lines: String = people
        .into_iter()
        .map(|n| {
            let event = json!({ "id": format!("up-{n}"), "name": "signed_up",
                "user_id": format!("p{n}"), "aliases": { "phone": number(n) },
                "attributes": { "first_name": format!("N{n}") },
                "consents": [{ "topic": "offers", "channel": "sms", "state": "granted",
                               "source": "form" }] });
            format!("{event}\n")
        })
        .collect();
    let answer = cauce.report(&lines, "?applied=true");
    assert_eq!(answer.status, 202, "{answer:?}");
}

/// Asks for a code.
pub fn code(cauce: &Cauce, number: &str) -> String {
    cauce.send(&json!({ "template": "code", "to": { "phone": number },
                        "payload": { "code": "123456" } }))
}
