//! Segment's official SDKs, unmodified, over a network that misbehaves: every event arrives once.
//!
//! `CAUCE_PYTHON` names a Python that has what `tests/outside/requirements.txt` lists; Node finds
//! what `tests/outside/package.json` lists beside it, or where `CAUCE_NODE_MODULES` says. Without
//! them these tests say that they did not run; with `CAUCE_OUTSIDE=1` that is a failure.

use crate::world::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside");

/// What each person of the scripts does.
const DEEDS: [(&str, u64); 7] = [
    ("identify", 1),
    ("ordered", 10),
    ("page", 1),
    ("screen", 1),
    ("group", 1),
    ("alias", 1),
    ("browsed", 1),
];
const PEOPLE: usize = 5;

/// A command in the folder of the scripts, where Node finds its modules.
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(SCRIPTS);
    if let Some(modules) = std::env::var_os("CAUCE_NODE_MODULES") {
        command.env("NODE_PATH", modules);
    }
    command
}

/// The program to use, or nothing after saying so.
fn found(test: &str, variable: &str, usual: &str, probe: &[&str]) -> Option<String> {
    let program = std::env::var(variable).unwrap_or_else(|_| usual.to_owned());
    let status = command(&program).args(probe).stderr(Stdio::null()).status();
    if status.is_ok_and(|status| status.success()) {
        return Some(program);
    }
    let text = format!(
        "not run: {test}: `{program}` lacks what crates/cauce-server/tests/outside lists; \
         `cargo xtask test` installs it"
    );
    assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
    println!("{text}");
    None
}

/// What the proxy did.
#[derive(Default)]
struct Deeds {
    requests: AtomicUsize,
    failures: AtomicUsize,
    refused: AtomicUsize,
    swallowed: AtomicUsize,
    reset: AtomicUsize,
    passed: AtomicUsize,
}

/// How a request fails.
#[derive(Clone, Copy)]
enum Failure {
    /// The connection is reset before anybody read it.
    Reset,
    /// It is turned away, and the server never sees it.
    Refused,
    /// It is durable in the server, whose answer is lost.
    Swallowed,
}

impl Failure {
    /// The n-th failure (from 0): a third each. Every batch fails three times; where batches come
    /// one by one each has all three, and each is the first and the last of some.
    fn nth(n: usize) -> Failure {
        [Failure::Reset, Failure::Refused, Failure::Swallowed][(n + n / 3) % 3]
    }
}

/// A proxy before the server that fails every batch three times: a third of these requests never
/// arrives, a third is turned away, of a third the answer is lost.
fn proxy(server: u16) -> (u16, Arc<Deeds>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let deeds = Arc::<Deeds>::default();
    let shared = deeds.clone();
    std::thread::spawn(move || {
        // Ends with the process of the tests.
        for stream in listener.incoming().flatten() {
            let deeds = shared.clone();
            std::thread::spawn(move || misbehave(stream, server, &deeds));
        }
    });
    (port, deeds)
}

/// How often the SDK has tried before, as it says itself; looked at without taking it, so that the
/// end of the connection is a reset. Nothing if it closed the connection and said nothing.
fn tries(stream: &TcpStream) -> Option<usize> {
    let mut bytes = [0; 4096];
    let head = wait_for(PATIENCE, "a request's head", || {
        let count = stream.peek(&mut bytes).unwrap_or(0);
        let text = String::from_utf8_lossy(&bytes[..count]).to_lowercase();
        (count == 0 || text.contains("\r\n\r\n")).then_some(text)
    });
    let line = head.split("\r\n").find_map(|line| line.strip_prefix("x-retry-count:"));
    (!head.is_empty()).then(|| line.map_or(0, |value| value.trim().parse().unwrap()))
}

fn misbehave(mut stream: TcpStream, server: u16, deeds: &Deeds) {
    let count = |counter: &AtomicUsize| counter.fetch_add(1, Ordering::SeqCst);
    let Some(tries) = tries(&stream) else { return };
    count(&deeds.requests);
    let failure = (tries < 3).then(|| Failure::nth(count(&deeds.failures)));
    if let Some(Failure::Reset) = failure {
        // Bytes that nobody read turn the end of the connection into a reset.
        count(&deeds.reset);
        return;
    }
    let Some(request) = http::read_request(&mut stream) else { return };
    if let Some(Failure::Refused) = failure {
        count(&deeds.refused);
        let answer = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        let _ = stream.write_all(answer.as_bytes());
        return;
    }
    let path = request.line.split(' ').nth(1).unwrap().to_owned();
    let kept = ["authorization", "content-type", "content-encoding"];
    let headers: Vec<(&str, &str)> = kept
        .iter()
        .filter_map(|name| Some((*name, request.headers.get(*name)?.as_str())))
        .collect();
    let answer = http::ask(server, "POST", &path, &headers, &request.body).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    if let Some(Failure::Swallowed) = failure {
        // The server has it; the SDK never hears of it.
        count(&deeds.swallowed);
        return;
    }
    count(&deeds.passed);
    let head = format!(
        "HTTP/1.1 {} OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{}",
        answer.status,
        answer.text.len(),
        answer.text
    );
    let _ = stream.write_all(head.as_bytes());
}

/// Segments that tell exact counts: a timeline has an event once whatever was counted.
fn exact() -> Value {
    let rules = DEEDS.iter().map(|(name, times)| {
        (format!("did-{name}"), json!({ "rule": format!("count({name}) = {times}") }))
    });
    let mut segments: serde_json::Map<String, Value> = rules.collect();
    segments.insert("spent-55".into(), json!({ "rule": "sum(ordered.total) = 55" }));
    json!({ "definitions": { "segments": segments } })
}

fn play(test: &str, program: &str, script: &str) {
    let cauce = Cauce::start("");
    cauce.apply(&exact());
    let made = cauce.post("/v1/keys", &json!({ "name": test, "scope": "write" }));
    let key = made.json()["key"].as_str().unwrap().to_owned();
    let (port, deeds) = proxy(cauce.port);
    let output = command(program)
        .arg(format!("{SCRIPTS}/{script}"))
        .args([&format!("http://127.0.0.1:{port}"), &key, &PEOPLE.to_string()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{test}: {said}");
    let done = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
    println!(
        "{test}: {} requests, {} refused, {} answers swallowed, {} reset, {} passed",
        done(&deeds.requests),
        done(&deeds.refused),
        done(&deeds.swallowed),
        done(&deeds.reset),
        done(&deeds.passed)
    );
    check_thirds(&deeds);
    let segments: Vec<String> =
        exact()["definitions"]["segments"].as_object().unwrap().keys().cloned().collect();
    for n in 0..PEOPLE {
        check_person(&cauce, n);
    }
    for segment in segments {
        wait_for(PATIENCE, &format!("everybody in {segment}"), || {
            (cauce.get(&format!("/v1/segments/{segment}"))["members"] == PEOPLE).then_some(())
        });
    }
    // What came twice would have been decided by now.
    for n in 0..PEOPLE {
        check_person(&cauce, n);
    }
}

/// Each way of failing has its third of all failures, and happened often enough to mean something.
fn check_thirds(deeds: &Deeds) {
    let done = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
    let failures = done(&deeds.failures);
    let kinds =
        [("refused", &deeds.refused), ("swallowed", &deeds.swallowed), ("reset", &deeds.reset)];
    for (kind, counter) in kinds {
        let times = done(counter);
        let third = times.abs_diff(failures / 3) <= 1;
        assert!(times >= 5 && third, "{kind}: {times} of {failures} failures");
    }
    let counted: usize = kinds.iter().map(|(_, counter)| done(counter)).sum();
    assert_eq!(counted, failures, "a failure that was none");
    assert_eq!(done(&deeds.requests), failures + done(&deeds.passed), "a request without an end");
}

fn check_person(cauce: &Cauce, n: usize) {
    let total: u64 = DEEDS.iter().map(|(_, times)| times).sum();
    let profile = wait_for(PATIENCE, "the whole timeline", || {
        let path = format!("/v1/profiles/user_id/u{n}");
        let answer = cauce.ask("GET", &path, "application/json", b"");
        let profile = (answer.status == 200).then(|| answer.json())?;
        (profile["timeline"].as_array()?.len() as u64 >= total).then_some(profile)
    });
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    for event in profile["timeline"].as_array().unwrap() {
        *counted.entry(event["name"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(counted, BTreeMap::from(DEEDS), "{profile}");
    assert_eq!(profile["attributes"]["plan"]["value"], "gold", "{profile}");
    let aliases = profile["aliases"].to_string();
    for alias in [format!("u{n}"), format!("a{n}"), format!("u{n}@example.com")] {
        assert!(aliases.contains(&alias), "{alias}: {aliases}");
    }
    let group = profile["timeline"].as_array().unwrap().iter().find(|e| e["name"] == "group");
    assert_eq!(group.unwrap()["properties"]["group_id"], "kettles", "{profile}");
}

#[test]
fn analytics_node_loses_nothing_and_doubles_nothing() {
    let probe = ["-e", "require('@segment/analytics-node')"];
    let test = "analytics-node";
    let Some(node) = found(test, "CAUCE_NODE", "node", &probe) else { return };
    play(test, &node, "people.js");
}

#[test]
fn analytics_python_loses_nothing_and_doubles_nothing() {
    let test = "analytics-python";
    let probe = ["-c", "import segment.analytics"];
    let Some(python) = found(test, "CAUCE_PYTHON", "python3", &probe) else { return };
    play(test, &python, "people.py");
}

#[test]
fn a_time_of_sending_that_is_none_is_said() {
    let cauce = Cauce::start("");
    let track = json!({ "type": "track", "event": "e", "userId": "7" });
    let batch = json!({ "batch": [track], "sentAt": "soon" });
    let answer = cauce.post("/v1/batch", &batch);
    assert_eq!(answer.status, 200, "{answer:?}");
    let said = answer.json();
    assert_eq!(said["accepted"], 1, "{said}");
    assert!(said["warnings"][0].as_str().unwrap().contains("`soon`"), "{said}");
    let answer = cauce.post("/v1/track", &json!({ "event": "e", "userId": "7", "sentAt": "soon" }));
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.text.contains("sentAt"), "{answer:?}");
    let answer = cauce.post("/v1/alias", &json!({ "userId": "7" }));
    assert_eq!(answer.status, 400, "{answer:?}");
}
