//! The stream of membership changes: live, resumed after a kill, complete.

use super::*;
use cauce_core::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

fn entered(event: &Event) -> (String, String, String) {
    let text = |field: &str| event.data[field].as_str().unwrap_or_default().to_owned();
    (text("alias"), text("segment"), text("change"))
}

fn said(alias: &str, segment: &str, change: &str) -> (String, String, String) {
    (alias.to_owned(), segment.to_owned(), change.to_owned())
}

#[test]
fn an_event_and_the_clock_arrive_within_a_second() {
    let cauce = Cauce::start("");
    cauce.apply(&shared());
    person(&cauce, "ana", "free");
    let lookup = key(&cauce, "lookup");
    let mut all = Stream::open(&cauce, &lookup, "?by=email", None);
    let mut fresh = Stream::open(&cauce, &lookup, "?segments=fresh", None);
    let first = fresh.any().unwrap();
    assert!(!first.id.is_empty() && first.name.is_empty(), "it says at once where it is");
    let sent = Instant::now();
    ping(&cauce, "ana");
    let event = fresh.next().unwrap();
    assert!(sent.elapsed() < SECOND, "{:?}", sent.elapsed());
    assert_eq!(entered(&event), said("user_id:ana", "fresh", "entered"));
    assert_eq!(event.data["cause"], "event", "{event:?}");
    let event = fresh.next().unwrap();
    assert!(sent.elapsed() < SECOND + Duration::from_secs(2), "{:?}", sent.elapsed());
    assert_eq!(entered(&event), said("user_id:ana", "fresh", "left"));
    assert_eq!(event.data["cause"], "time", "{event:?}");
    person(&cauce, "ana", "gold");
    let expected = [
        said("email:ana@example.com", "fresh", "entered"),
        said("email:ana@example.com", "fresh", "left"),
        said("email:ana@example.com", "gold", "entered"),
    ];
    let seen: Vec<_> = (0..3).map(|_| all.next().unwrap()).collect();
    // `secret` moved as well, and is not shared.
    assert_eq!(seen.iter().map(entered).collect::<Vec<_>>(), expected, "{seen:?}");
    assert_eq!(seen[2].data["merged_into"], Value::Null);
    let mut resumed = Stream::open(&cauce, &lookup, "?by=email", Some(&seen[0].id));
    assert_eq!(entered(&resumed.next().unwrap()), expected[1]);
}

#[test]
fn a_definition_tells_whom_it_moves() {
    let cauce = Cauce::start("");
    cauce.apply(&shared());
    for n in 0..20 {
        person(&cauce, &format!("p{n}"), "gold");
    }
    let lookup = key(&cauce, "lookup");
    let mut stream = Stream::open(&cauce, &lookup, "", None);
    stream.any().unwrap();
    let anew = json!({ "definitions": {
        "segments": { "madrid": { "rule": "city = \"Madrid\"" } },
        "sharing": { "sharing": { "segments": ["madrid"] } } } });
    cauce.apply(&anew);
    let mut seen = BTreeSet::new();
    while seen.len() < 20 {
        let event = stream.next().unwrap();
        // What was decided just before the stream began may not have been durable then.
        if event.data["segment"] == "madrid" {
            assert_eq!(event.data["cause"], "definition", "{event:?}");
            assert!(seen.insert(entered(&event).0), "told twice: {event:?}");
        }
    }
}

#[test]
fn places_that_are_none_are_refused_with_the_way_out() {
    let cauce = Cauce::start("");
    cauce.apply(&shared());
    person(&cauce, "ana", "gold");
    let lookup = key(&cauce, "lookup");
    let ask = |query: &str, last: Option<&str>| {
        let path = format!("/v1/membership-changes{query}");
        let more: Vec<_> = last.map(|last| ("last-event-id", last)).into_iter().collect();
        with(&cauce, &lookup, ("GET", &path), &more, &Value::Null)
    };
    let no = ask("", Some("nonsense"));
    assert!(no.status == 400 && no.text.contains("nonsense"), "{no:?}");
    let no = ask("", Some("0123456789abcdef-0"));
    assert_eq!(no.status, 410, "{no:?}");
    assert!(no.text.contains("/members?shared=true"), "who may be told of: {no:?}");
    // That way out is open to the same key, and leads to nothing else.
    let members = |path: &str| {
        let path = format!("/v1/segments/{path}");
        let found = with(&cauce, &lookup, ("GET", &path), &[], &Value::Null);
        (found.status, found.json()["members"].clone())
    };
    assert_eq!(members("gold/members?shared=true"), (200, json!(["ana"])));
    assert_eq!(members("secret/members?shared=true"), (200, json!([])));
    assert_eq!(members("gold/members").0, 403);
    assert!(no.text.contains("/v1/membership-changes/position"), "{no:?}");
    let no = ask("?segments=golt", None);
    assert!(no.status == 404 && no.text.contains("did you mean `gold`"), "{no:?}");
    assert_eq!(ask("?segments=secret", None).status, 404);
    assert_eq!(ask("?segment=gold", None).status, 400);
    let write = key(&cauce, "write");
    let no = with(&cauce, &write, ("GET", "/v1/membership-changes"), &[], &Value::Null);
    assert_eq!(no.status, 403, "{no:?}");
    wait_for(PATIENCE, "a change that is durable", || {
        let call = ("GET", "/v1/membership-changes/position");
        let position = with(&cauce, &lookup, call, &[], &Value::Null).json();
        position["oldest_at"].is_string().then_some(())
    });
    let mut stream = Stream::open(&cauce, &lookup, "?from=oldest", None);
    assert_eq!(entered(&stream.next().unwrap()), said("user_id:ana", "gold", "entered"));
}

/// Who is in, after changes that may be told twice.
#[derive(Default)]
struct Consumer {
    seen: BTreeSet<String>,
    inside: BTreeMap<String, bool>,
    last: Option<String>,
    twice: usize,
}

impl Consumer {
    fn take(&mut self, event: &Event) {
        self.last = Some(event.id.clone());
        if event.name != "membership" {
            return;
        }
        if !self.seen.insert(event.data["id"].as_str().unwrap().to_owned()) {
            self.twice += 1;
            return;
        }
        let mut alias = event.data["alias"].as_str().unwrap().to_owned();
        if event.data["segment"] != "gold" {
            alias.push_str(event.data["segment"].as_str().unwrap());
        }
        let inside = event.data["change"] == "entered";
        let before = self.inside.insert(alias.clone(), inside).unwrap_or(false);
        assert_ne!(before, inside, "{alias} moved to where it was: {event:?}");
    }
}

#[test]
fn a_kill_loses_no_change() {
    let _alone = alone();
    let mut random = Random::seeded("feed");
    let mut cauce = Cauce::start("");
    cauce.apply(&shared());
    let lookup = key(&cauce, "lookup");
    let mut consumer = Consumer::default();
    let mut wanted: BTreeMap<String, bool> = BTreeMap::new();
    let mut stream = Stream::open(&cauce, &lookup, "?segments=gold", None);
    consumer.take(&stream.any().unwrap());
    for round in 0..8 {
        for batch in 0..10 {
            let mut lines = String::new();
            for n in 0..100 {
                let who = format!("p{}", (round * 7 + batch * 13 + n) % 400);
                let gold = random.below(2) == 0;
                wanted.insert(format!("user_id:{who}"), gold);
                let plan = if gold { "gold" } else { "free" };
                let event = json!({ "name": "planned", "id": format!("{round}-{batch}-{n}"),
                                    "user_id": who, "attributes": { "plan": plan } });
                lines.push_str(&format!("{event}\n"));
            }
            // Answered, so durable; decided or not when the kill comes.
            assert_eq!(cauce.report(&lines, "").status, 202);
            if batch == 4 {
                for _ in 0..random.below(60) {
                    consumer.take(&stream.next().unwrap());
                }
            }
        }
        std::thread::sleep(Duration::from_millis(random.below(80)));
        cauce.kill();
        // What the socket still has, the consumer may have seen or not.
        for _ in 0..random.below(400) {
            let Some(event) = stream.any() else { break };
            consumer.take(&event);
        }
        cauce.again();
        stream = Stream::open(&cauce, &lookup, "?segments=gold", consumer.last.as_deref());
    }
    let inside = |all: &BTreeMap<String, bool>| -> BTreeSet<String> {
        all.iter().filter(|(_, inside)| **inside).map(|(who, _)| who.clone()).collect()
    };
    let deadline = Instant::now() + PATIENCE;
    while inside(&consumer.inside) != inside(&wanted) {
        assert!(Instant::now() < deadline, "the consumer never has what the segment has");
        consumer.take(&stream.next().expect("the stream goes on"));
    }
    let shown = cauce.get("/v1/segments/gold/members");
    assert_eq!(shown["count"], inside(&consumer.inside).len(), "{shown}");
    println!("{} changes, {} of them told twice", consumer.seen.len(), consumer.twice);
    // From the oldest on it is the same, once more: nothing stands in it twice.
    let mut again = Consumer::default();
    let mut stream = Stream::open(&cauce, &lookup, "?segments=gold&from=oldest", None);
    while again.seen.len() < consumer.seen.len() {
        again.take(&stream.next().unwrap());
    }
    assert_eq!((again.seen, again.twice), (consumer.seen, 0));
}

#[test]
fn a_slow_reader_is_dropped_and_goes_on() {
    let _alone = alone();
    let cauce = Cauce::start("stream-patience-s = 1");
    // Every event moves somebody in or out of forty segments.
    let segments: serde_json::Map<String, Value> =
        (0..40).map(|n| (format!("g{n}"), json!({ "rule": "plan = \"gold\"" }))).collect();
    cauce.apply(&json!({ "definitions": { "segments": segments } }));
    let lookup = key(&cauce, "lookup");
    let mut stream = Stream::open(&cauce, &lookup, "", None);
    let mut consumer = Consumer::default();
    consumer.take(&stream.any().unwrap());
    // More than the sockets take (40 to 60 MB): the server has to wait for the reader.
    for first in (0..8_000).step_by(500) {
        let lines: String = (first..first + 500)
            .map(|n| {
                let plan = if n % 2 == 0 { "gold" } else { "free" };
                let who = n / 2 % 50;
                // Each later than the one before, so that every one of them moves somebody.
                let at = Timestamp(1_700_000_000_000 + n).to_string();
                let event = json!({ "name": "planned", "id": format!("s{n}"), "occurred_at": at,
                                    "user_id": format!("p{who}"), "attributes": { "plan": plan } });
                format!("{event}\n")
            })
            .collect();
        wait_for(PATIENCE, "room", || {
            (cauce.report(&lines, "?applied=true").status == 202).then_some(())
        });
    }
    std::thread::sleep(Duration::from_millis(2_500));
    let mut end = None;
    while end.is_none() && consumer.seen.len() < 8_000 * 40 {
        let event = stream.next().expect("the stream says why it ends");
        match event.name.as_str() {
            "end" => end = Some(event),
            _ => consumer.take(&event),
        }
    }
    let end = end.expect("the stream says why it ends");
    assert_eq!(end.data["reason"], "slow", "{end:?}");
    assert!(stream.any().is_none(), "and ends");
    let seen = consumer.seen.len();
    let mut stream = Stream::open(&cauce, &lookup, "", end.data["resume"].as_str());
    consumer.take(&stream.next().unwrap());
    assert_eq!((consumer.seen.len(), consumer.twice), (seen + 1, 0), "it goes on where it ended");
}
