//! The events that were accepted last: listed, streamed, and gone with who was erased.

mod caused;

use crate::sharing::{Stream, key, with};
use crate::world::*;
use serde_json::{Value, json};
use std::io::BufRead as _;
use std::process::Stdio;

fn report(cauce: &Cauce, name: &str, who: &str, n: usize) {
    let event = json!({ "id": format!("{name}-{who}-{n}"), "name": name, "user_id": who,
        "email": format!("{who}@example.com"), "properties": { "n": n } });
    let answer = cauce.report(&event.to_string(), "?applied=true");
    assert_eq!(answer.status, 202, "{answer:?}");
}

fn numbers(page: &Value) -> Vec<u64> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|event| event["properties"]["n"].as_u64().unwrap()).collect()
}

#[test]
fn they_are_listed_by_page_name_and_person() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(json!({ "channel": "email", "catch-all": {} })));
    for n in 0..5 {
        report(&cauce, "viewed", "ana", n);
    }
    report(&cauce, "bought", "Bob", 5);
    let page = cauce.get("/v1/events?limit=4");
    assert_eq!(numbers(&page), [5, 4, 3, 2]);
    assert_eq!((&page["of"], &page["accepted"]), (&json!(6), &json!(6)));
    let next = page["next"].as_str().unwrap();
    let rest = cauce.get(&format!("/v1/events?limit=4&cursor={next}"));
    assert_eq!(numbers(&rest), [1, 0]);
    assert_eq!(rest["next"], Value::Null, "{rest}");
    assert_eq!(numbers(&cauce.get("/v1/events?name=bought")), [5]);
    assert_eq!(numbers(&cauce.get("/v1/events?alias=email:BOB@example.com")), [5]);
    assert_eq!(numbers(&cauce.get("/v1/events?alias=Bob&name=viewed")), [0; 0]);
    assert_eq!(numbers(&cauce.get("/v1/events?alias=bob@example.com")), [5]);
    let first = &page["items"][0];
    assert_eq!(first["aliases"][0], json!({ "namespace": "user_id", "value": "Bob" }));
    let why = cauce.get(&format!("/v1/explain/{}", first["trace"].as_str().unwrap()));
    assert!(why["steps"][0]["input"].as_str().unwrap().contains("bought"), "{why}");
    let refused = cauce.ask("GET", "/v1/events?cursor=x", "application/json", b"");
    assert_eq!(refused.status, 400, "{refused:?}");
    let write = key(&cauce, "write");
    let refused = with(&cauce, &write, ("GET", "/v1/events"), &[], &Value::Null);
    assert_eq!(refused.status, 403, "what people did is not for who reports it: {refused:?}");
}

#[test]
fn who_is_erased_is_not_shown_any_more() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(json!({ "channel": "email", "catch-all": {} })));
    report(&cauce, "viewed", "ana", 1);
    report(&cauce, "viewed", "bob", 2);
    assert_eq!(numbers(&cauce.get("/v1/events")), [2, 1]);
    let erased = cauce.ask("DELETE", "/v1/profiles/user_id/ana", "application/json", b"");
    assert_eq!(erased.status, 200, "{erased:?}");
    let page = cauce.get("/v1/events");
    assert_eq!(numbers(&page), [2], "{page}");
    assert!(!page.to_string().contains("ana@"), "{page}");
    // Who comes back is somebody new, and is shown.
    report(&cauce, "viewed", "ana", 3);
    assert_eq!(numbers(&cauce.get("/v1/events")), [3, 2]);
}

#[test]
fn they_are_streamed_as_they_come() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(json!({ "channel": "email", "catch-all": {} })));
    report(&cauce, "viewed", "ana", 0);
    let mut stream = Stream::of(&cauce, &cauce.key, "/v1/events/live?name=bought", None);
    stream.any().unwrap();
    report(&cauce, "viewed", "ana", 1);
    report(&cauce, "bought", "ana", 2);
    let event = stream.next().unwrap();
    assert_eq!((event.name.as_str(), &event.data["properties"]["n"]), ("accepted", &json!(2)));
    let mut resumed = Stream::of(&cauce, &cauce.key, "/v1/events/live", Some("1"));
    assert_eq!(resumed.next().unwrap().data["properties"]["n"], 1);
    // Nobody reads while more come than are remembered: what was missed is said.
    let lines: String = (0..2_100)
        .map(|n| format!("{{\"name\":\"burst\",\"user_id\":\"u{n}\",\"properties\":{{}}}}\n"))
        .collect();
    for chunk in lines.lines().collect::<Vec<_>>().chunks(500) {
        assert_eq!(cauce.report(&chunk.join("\n"), "?applied=true").status, 202);
    }
    let mut late = Stream::of(&cauce, &cauce.key, "/v1/events/live", Some("1"));
    let skipped = late.next().unwrap();
    assert_eq!((skipped.name.as_str(), &skipped.data["count"]), ("skipped", &json!(102)));
    assert_eq!(late.next().unwrap().data["name"], "burst");
}

#[test]
fn the_command_line_follows_them() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(json!({ "channel": "email", "catch-all": {} })));
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let mut child = cauce::command()
        .args(["events", "tail", "--name", "bought", "--count", "1", "--server", &server])
        .args(["--key", &cauce.key])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = std::io::BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || out.lines().map_while(Result::ok).collect::<Vec<_>>());
    // It may not have begun yet: said again until it has ended.
    let mut n = 0;
    let status = wait_for(PATIENCE, "the end after one event", || {
        n += 1;
        report(&cauce, "bought", "ana", n);
        std::thread::sleep(std::time::Duration::from_millis(300));
        child.try_wait().unwrap()
    });
    assert!(status.success(), "{status}");
    let lines = reader.join().unwrap();
    assert!(lines.len() == 1 && lines[0].contains(" bought user_id:ana "), "{lines:?}");
}
