//! What SNS signed, as we judge it and as Amazon's own validator does, byte by byte.

use super::apis::{Emulator, SECRETS, absent, event, provider};
use crate::world::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside");
/// Of so many places in an envelope one is changed.
const STRIDE: usize = 3;

/// Amazon's validator, for as long as its input is open.
struct Validator {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Drop for Validator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Validator {
    fn start(emulator: &Emulator) -> Option<Validator> {
        let node = std::env::var("CAUCE_NODE").unwrap_or_else(|_| "node".to_owned());
        let command = |words: &[&str]| {
            let mut command = Command::new(&node);
            command.current_dir(FOLDER).args(words);
            if let Some(modules) = std::env::var_os("CAUCE_NODE_MODULES") {
                command.env("NODE_PATH", modules);
            }
            command
        };
        let found = command(&["-e", "require('sns-validator')"]).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            absent("sns-validator");
            return None;
        }
        let mut child = command(&["sns.js", &emulator.port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Some(Validator { child, input, output })
    }

    /// Whether it takes a body.
    fn takes(&mut self, body: &[u8]) -> bool {
        writeln!(self.input, "{}", STANDARD.encode(body)).unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str::<Value>(&line).unwrap() == json!(true)
    }
}

/// Where a field's value stands in a body.
fn place_of(body: &str, field: &str) -> std::ops::Range<usize> {
    let from = body.find(&format!("\"{field}\": \"")).unwrap() + field.len() + 5;
    from..from + body[from..].find('"').unwrap()
}

#[test]
fn amazons_own_validator_judges_as_we_do() {
    let Some(emulator) = Emulator::start() else { return };
    let Some(mut validator) = Validator::start(&emulator) else { return };
    let cauce = Cauce::start_with("", &SECRETS);
    cauce.apply(&shop(provider("ses", &emulator)));
    let ours = |body: &[u8]| {
        let status = cauce.open("POST", "/reports/ses/mail", "text/plain", body).status;
        assert!(matches!(status, 200 | 400 | 401 | 503), "{status}");
        status == 200
    };
    // About nobody's message, so that what is taken changes nothing.
    let message = event("ses", "delivered", "msg_00000000000000000000000001").to_string();
    let (mut alike, mut untouched) = (0, 0);
    for (kind, version, subject) in [
        ("Notification", "1", None),
        ("Notification", "2", Some("Amazon SES Email Event Notification")),
        ("SubscriptionConfirmation", "2", None),
    ] {
        let asked = json!({ "type": kind, "version": version, "message": message,
                            "subject": subject });
        let asked = asked.to_string();
        let body = http::ask(emulator.port, "POST", "/envelope", &[], asked.as_bytes()).unwrap();
        let body = body.text;
        assert!(ours(body.as_bytes()) && validator.takes(body.as_bytes()), "{body}");
        let signature = place_of(&body, "Signature");
        // Nobody signs these; and a certificate may be at any of Amazon's regions.
        let unsigned = ["UnsubscribeURL", "SigningCertURL"].map(|field| {
            let value = place_of(&body, field);
            value.start - field.len() - 4..value.end
        });
        for place in (0..body.len()).step_by(STRIDE) {
            let mut changed = body.clone().into_bytes();
            changed[place] ^= 1;
            let (we, they) = (ours(&changed), validator.takes(&changed));
            let shown = || String::from_utf8_lossy(&changed).into_owned();
            if signature.contains(&place) {
                // Node reads base64 that is not quite any; we need not.
                assert!(they || !we, "{}", shown());
                continue;
            }
            assert_eq!(we, they, "{}", shown());
            alike += 1;
            if we {
                assert!(unsigned.iter().any(|range| range.contains(&place)), "{}", shown());
                untouched += 1;
            }
        }
    }
    println!("sns: {alike} changed envelopes judged alike, {untouched} of them still taken");
    assert!(alike > 500 && untouched > 20, "{alike} {untouched}");
}
