//! Secrets of the server's own: set by a member or a program, used at once, never seen again.

use crate::world::*;
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

const KEYS: [&str; 2] = [
    "whsec_YSBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcywgMDE=",
    "whsec_YW5vdGhlciBvZiB0aGlydHktdHdvIGJ5dGVzLCAwMi4=",
];

/// The program, with something in its standard input.
fn cauce_with(cauce: &Cauce, arguments: &[&str], input: &str) -> String {
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let mut child = cauce::command()
        .args(arguments)
        .args(["--server", &server, "--key", &cauce.key])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

fn hook(port: u16) -> Value {
    let mut definitions = super::webhook::hook(port);
    definitions["definitions"]["providers"]["hook"]["webhook"]["signing-key"] = "vault:hook".into();
    definitions
}

#[test]
fn a_secret_is_set_used_and_turned_without_a_restart() {
    let yes = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    let (port, asked) = super::webhook::receiver(Box::leak(Box::new([yes])));
    let mut cauce = Cauce::start("");
    cauce.apply(&hook(port));
    let first = cauce.send(&super::webhook::order());
    wait_for(PATIENCE, "the trouble", || {
        let troubles = cauce.get("/v1/sending")["troubles"].clone();
        troubles["provider/hook"].as_str()?.contains("cauce secrets set hook").then_some(())
    });
    let said = cauce_with(&cauce, &["secrets", "set", "hook"], &format!("{}\n", KEYS[0]));
    assert!(said.contains("vault:hook"), "{said}");
    assert_eq!(cauce.get("/v1/sending")["troubles"], json!({}));
    let second = cauce.send(&super::webhook::order());
    cauce.message_in(&second, "accepted");
    // Another key is used by the next message already.
    cauce_with(&cauce, &["secrets", "set", "hook"], KEYS[1]);
    let third = cauce.send(&super::webhook::order());
    cauce.message_in(&third, "accepted");
    let signed_by = |message: &str| {
        let asked = asked.lock().unwrap();
        let request = asked.iter().find(|request| request.headers["webhook-id"] == message)?;
        let whole = |key: &&&str| {
            let signed = super::webhook::signature(request, key);
            request.headers["webhook-signature"] == signed
        };
        KEYS.iter().position(|key| whole(&key))
    };
    assert_eq!((signed_by(&second), signed_by(&third)), (Some(0), Some(1)));
    // What waited for a key goes by itself, with the one that there is when its next try comes: a
    // minute after the one before.
    wait_for(PATIENCE * 3, "the next try", || signed_by(&first));
    cauce.message_in(&first, "accepted");
    let listed = cauce_with(&cauce, &["secrets", "list"], "");
    assert!(listed.contains("hook") && listed.contains("provider/hook"), "{listed}");
    let kept = cauce_with(&cauce, &["secrets", "remove", "hook"], "");
    assert!(kept.contains("used by provider/hook"), "{kept}");
    let bad = cauce_with(&cauce, &["secrets", "set", "Bad Name"], "x");
    assert!(bad.contains("is no name of a secret"), "{bad}");
    cauce.kill();
    cauce.again();
    let fourth = cauce.send(&super::webhook::order());
    cauce.message_in(&fourth, "accepted");
    assert_eq!(signed_by(&fourth), Some(1), "it is there after a restart");
    // Nowhere in the data directory, in the answers or in the log of the process.
    let all =
        [cauce.said(), cauce.get("/v1/secrets").to_string(), cauce.get("/v1/audit").to_string()];
    assert!(KEYS.iter().all(|key| all.iter().all(|text| !text.contains(key))), "{all:?}");
    let bytes = std::fs::read(cauce.data().join("vault.json")).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(KEYS.iter().all(|key| !text.contains(key)), "{text}");
}
