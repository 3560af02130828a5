//! Text messages over SMPP: the whole process against npm's `smpp`. It answers in hexadecimal, and
//! its receipts are padded decimals, as those of many providers.

use crate::world::*;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

const SCRIPTS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../cauce-channels/tests/outside/smpp_server.js");
/// The number that the shop texts from.
const OWN: &str = "+34600000001";

/// npm's server until it is dropped, and what it was sent.
struct Operator {
    child: Child,
    port: u16,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Operator {
    /// Starts it, or says that Node lacks what it needs.
    fn start(test: &str) -> Option<Operator> {
        let program = std::env::var("CAUCE_NODE").unwrap_or_else(|_| "node".to_owned());
        let folder = std::path::Path::new(SCRIPTS).parent().unwrap();
        let command = || {
            let mut command = Command::new(&program);
            command.current_dir(folder);
            if let Some(modules) = std::env::var_os("CAUCE_NODE_MODULES") {
                command.env("NODE_PATH", modules);
            }
            command
        };
        let probe = command().args(["-e", "require('smpp')"]).stderr(Stdio::null()).status();
        if !probe.is_ok_and(|status| status.success()) {
            let text = format!(
                "not run: {test}: node lacks what crates/cauce-channels/tests/outside/package.json \
                 lists; `cargo xtask test` installs it"
            );
            assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
            println!("{text}");
            return None;
        }
        let mut child =
            command().arg(SCRIPTS).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        reader.read_line(&mut first).unwrap();
        let port = first.trim().parse().expect("the script says its port");
        let lines: Arc<Mutex<Vec<Value>>> = Arc::default();
        let inside = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in reader.lines().map_while(Result::ok) {
                inside.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Some(Operator { child, port, lines })
    }

    fn lines(&self, command: &str) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| line["command"] == command).cloned().collect()
    }

    /// Somebody writes to the shop.
    fn write(&mut self, from: &str, text: &str) {
        let line =
            json!({ "from": from.trim_start_matches('+'), "to": "34600000001", "text": text });
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// A shop that texts by it.
    fn shop(&self) -> Cauce {
        let cauce = Cauce::start_with("", &[("CAUCE_SMSC_PASSWORD", "secret")]);
        cauce.apply(&json!({ "definitions": {
            "providers": { "smsc": { "channel": "sms", "smpp": {
                "host": "127.0.0.1",
                "port": self.port,
                "system-id": "cauce",
                "password": "env:CAUCE_SMSC_PASSWORD",
                "receipt-id": "answer-hex",
                "answer-within-s": 2,
            } } },
            "senders": { "shop": { "sms": { "from": OWN } } },
            "templates": { "code": { "channel": "sms", "tracking": false,
                "text": "Your code is {{ event.code }}. {{ event.more }}" } },
        }}));
        cauce
    }
}

fn code(cauce: &Cauce, to: &str, more: &str) -> String {
    let payload = json!({ "code": "1234", "more": more });
    cauce.send(&json!({ "template": "code", "to": { "phone": to }, "payload": payload }))
}

/// Waits until a message was reported so often as one kind.
fn reported(cauce: &Cauce, id: &str, kind: &str) -> Value {
    wait_for(PATIENCE, kind, || {
        let message = cauce.get(&format!("/v1/messages/{id}"));
        message["reports"].to_string().contains(kind).then_some(message)
    })
}

#[test]
fn a_code_is_accepted_and_then_delivered() {
    let Some(operator) = Operator::start("a_code_is_accepted_and_then_delivered") else { return };
    let cauce = operator.shop();
    let short = code(&cauce, "+34600000999", "");
    cauce.message_in(&short, "accepted");
    reported(&cauce, &short, "delivered");
    // Three parts: delivered when each of them is.
    let long = code(&cauce, "+34600000999", &"Do not tell it to anybody. ".repeat(13));
    let message = reported(&cauce, &long, "\"delivered\"");
    assert_eq!(message["reports"].to_string().matches("part-delivered").count(), 3, "{message}");
    // The receipt comes before the answer.
    let early = code(&cauce, "+34600000222", "");
    reported(&cauce, &early, "delivered");
    let submitted = operator.lines("submit_sm");
    assert_eq!(submitted[0]["text"], "Your code is 1234.");
    assert_eq!(submitted[0]["from"], "34600000001");
    assert_eq!(submitted[0]["registered"], 1);
    // The script says it once as a command and once as the answer to one of its own.
    let mut answered = operator.lines("deliver_sm_resp");
    answered.retain(|line| line["about"].is_string());
    assert_eq!(answered.len(), 5, "one receipt for each part");
    assert!(answered.iter().all(|line| line["status"] == 0), "{answered:?}");
}

#[test]
fn refusals_and_silence_become_what_they_are() {
    let Some(operator) = Operator::start("refusals_and_silence_become_what_they_are") else {
        return;
    };
    let cauce = operator.shop();
    let gone = code(&cauce, "+34600000000", "");
    let message = cauce.message_in(&gone, "failed");
    assert!(message.to_string().contains("0x0b ESME_RINVDSTADR"), "{message}");
    let refused = cauce.message_in(&code(&cauce, "+34600000000", ""), "refused");
    assert!(refused.to_string().contains("suppress"), "{refused}");
    let silent = cauce.message_in(&code(&cauce, "+34600000111", ""), "unknown");
    assert!(silent.to_string().contains("no answer within"), "{silent}");
    let throttled = code(&cauce, "+34600000444", "");
    wait_for(PATIENCE, "a second try", || {
        let message = cauce.get(&format!("/v1/messages/{throttled}"));
        let said = message["attempts"].to_string().contains("0x58 ESME_RTHROTTLED");
        (said && message["state"]["state"] == "queued").then_some(())
    });
}

#[test]
fn stop_is_heard() {
    let Some(mut operator) = Operator::start("stop_is_heard") else { return };
    let cauce = operator.shop();
    let first = code(&cauce, "+34600000999", "");
    reported(&cauce, &first, "delivered");
    let before = operator.lines("deliver_sm_resp").len();
    operator.write("+34600000999", "Stop!");
    wait_for(PATIENCE, "an answer", || {
        (operator.lines("deliver_sm_resp").len() > before).then_some(())
    });
    // In force when the operator is answered.
    let refused = cauce.message_in(&code(&cauce, "+34600000999", ""), "refused");
    assert!(refused.to_string().contains("stopped"), "{refused}");
    assert_eq!(operator.lines("submit_sm").len(), 1);
}

#[test]
fn a_wrong_password_holds_messages_and_is_said() {
    let Some(operator) = Operator::start("a_wrong_password_holds_messages_and_is_said") else {
        return;
    };
    let cauce = operator.shop();
    let wrong = json!({ "channel": "sms", "smpp": {
        "host": "127.0.0.1", "port": operator.port, "system-id": "nobody",
        "password": "env:CAUCE_SMSC_PASSWORD",
    } });
    cauce.apply(&json!({ "definitions": { "providers": { "smsc": wrong } } }));
    let id = code(&cauce, "+34600000999", "");
    let message = wait_for(PATIENCE, "a message that is held", || {
        let message = cauce.get(&format!("/v1/messages/{id}"));
        message["attempts"].to_string().contains("ESME_RINVPASWD").then_some(message)
    });
    assert_eq!(message["state"]["state"], "queued", "{message}");
    assert!(operator.lines("submit_sm").is_empty());
}
