//! Importing a file into a running server: what is rejected, what goes on later, what happens now.

use crate::world::*;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Output, Stdio};

const MAP: &str = "columns:\n  at: date\nrules:\n  - event: bought\noccurred-at: at\n\
    aliases:\n  user_id: who\n";

fn import(folder: &Path, port: u16, key: &str, more: &[&str]) -> Output {
    let server = format!("http://127.0.0.1:{port}");
    let usual = ["import", "rows.csv", "--map", "map.yaml", "--server", &server, "--key", key];
    let mut command = cauce::command();
    command.args([&usual, more].concat()).current_dir(folder).stdin(Stdio::null());
    command.output().unwrap()
}

/// Rows, of which some say no time.
fn rows(folder: &Path, count: usize, bad: &[usize]) {
    let mut text = String::from("who,at\n");
    for n in 1..=count {
        let at = if bad.contains(&n) { "soon" } else { "2026-01-02T03:04:05Z" };
        text.push_str(&format!("u{n},{at}\n"));
    }
    std::fs::write(folder.join("rows.csv"), text).unwrap();
}

fn rejected(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("rows.csv.rejected.ndjson")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_cannot_be_imported_is_kept_with_its_reason() {
    let cauce = Cauce::start("");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("map.yaml"), MAP).unwrap();
    rows(folder.path(), 5, &[2, 4]);
    let output = import(folder.path(), cauce.port, &cauce.key, &["--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&counts["accepted"], &counts["rejected"]), (&json!(3), &json!(2)), "{counts}");
    let rejected = rejected(folder.path());
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    assert!(rejected[0].to_string().contains("soon"), "{rejected:?}");
    let shown = cauce.get("/v1/profiles/user_id/u1");
    assert_eq!(shown["timeline"][0]["occurred_at"], "2026-01-02T03:04:05Z", "{shown}");
}

#[test]
fn live_rows_start_what_history_does_not() {
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("");
    let mut definitions = shop(smtp(sink.port));
    definitions["definitions"]["topics"]["news"]["consent-required"] = false.into();
    definitions["definitions"]["journeys"] = json!({ "thanks": {
        "entry": { "event": "bought" },
        "steps": [{ "id": "send", "message": "letter" }] } });
    cauce.apply(&definitions);
    let folder = tempfile::tempdir().unwrap();
    let without = "rules:\n  - event: bought\naliases:\n  email: who\n";
    std::fs::write(folder.path().join("map.yaml"), without).unwrap();
    std::fs::write(folder.path().join("rows.csv"), "who\na@example.com\n").unwrap();
    let output = import(folder.path(), cauce.port, &cauce.key, &[]);
    assert_eq!(output.status.code(), Some(1), "history has its times: {output:?}");
    let output = import(folder.path(), cauce.port, &cauce.key, &["--live"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    wait_for(PATIENCE, "the letter", || (sink.arrived() > 0).then_some(()));
}

/// Takes one request as a server would and refuses the next.
fn takes_one() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut stream = stream;
        for (status, said) in
            [("202 Accepted", r#"{"accepted":499,"rejected":[]}"#), ("403 Forbidden", "{}")]
        {
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let line = line.trim_end().to_ascii_lowercase();
                if let Some(bytes) = line.strip_prefix("content-length:") {
                    length = bytes.trim().parse().unwrap();
                }
                if line.is_empty() {
                    break;
                }
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", said.len());
            stream.write_all(format!("{head}{said}").as_bytes()).unwrap();
        }
    });
    port
}

#[test]
fn an_import_goes_on_where_it_ended_and_says_nothing_twice() {
    let cauce = Cauce::start("");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("map.yaml"), MAP).unwrap();
    // The second bad row was written down after the last answer.
    rows(folder.path(), 1_200, &[3, 700]);
    let output = import(folder.path(), takes_one(), "cw_any", &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(rejected(folder.path()).len(), 2, "both were written");
    let output = import(folder.path(), cauce.port, &cauce.key, &["--resume", "--json"]);
    let counts: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert_eq!((&counts["rows"], &counts["rejected"]), (&json!(1_200), &json!(2)), "{counts}");
    let rejected = rejected(folder.path());
    assert_eq!(rejected.len(), 2, "once each: {rejected:?}");
    let at = |n: usize| {
        let path = format!("/v1/profiles/user_id/u{n}");
        cauce.ask("GET", &path, "text/plain", b"").status
    };
    wait_for(PATIENCE, "the last row", || (at(1_200) == 200).then_some(()));
    assert_eq!((at(1), at(700), at(502)), (404, 404, 200), "what had its answer is not sent again");
    let again = import(folder.path(), cauce.port, &cauce.key, &["--resume"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("nothing to resume"), "{again:?}");
}
