//! What is published together holds together, and a fault in one place takes nothing else down.

use cauce_core::publish::{self, Body, Book, Kind, Name, Plan};
use cauce_core::time::Timestamp;
use serde_json::json;

fn name(kind: Kind, key: &str) -> Name {
    (kind, key.to_owned())
}

fn read(kind: Kind, document: serde_json::Value) -> Body {
    Body::read(kind, document).expect("a readable document")
}

fn publish(book: &mut Book, changes: Vec<(Name, Option<Body>)>) {
    let text = |body: Body| serde_json::to_string(&body).unwrap();
    let changes = changes.into_iter().map(|(name, body)| (name, body.map(text))).collect();
    let number = book.plan + 1;
    book.publish(&Plan { number, at: Timestamp(number as i64), by: "test".into(), changes });
}

fn journey(filter: &str) -> Body {
    read(
        Kind::Journey,
        json!({ "entry": { "event": "order_completed", "where": filter },
                "steps": [{ "wait": "1h" }] }),
    )
}

#[test]
fn a_journeys_rule_never_takes_the_segments_down() {
    let mut book = Book::default();
    let vip = read(Kind::Segment, json!({ "rule": "count(order_completed) >= 1" }));
    publish(
        &mut book,
        vec![
            (name(Kind::Segment, "vip"), Some(vip.clone())),
            (name(Kind::Segment, "all"), Some(vip)),
            (
                name(Kind::Journey, "big"),
                Some(journey("event.total > 50 and count(order_completed) >= 2")),
            ),
        ],
    );
    let shown = |book: &Book| {
        let catalog = book.catalog();
        let people = catalog.segments.iter().map(|segment| segment.name.clone());
        people.filter(|name| !name.starts_with(publish::HIDDEN)).collect::<Vec<_>>()
    };
    assert_eq!(shown(&book), ["all", "vip"]);
    // The journey's aggregates are kept up to date: all orders, which the segments count too.
    assert_eq!(book.catalog().aggregates.len(), 1);

    // A revision that people still walk names a segment that is gone by now.
    let old = journey("in segment \"vip\" and count(seen) >= 1");
    publish(&mut book, vec![(name(Kind::Journey, "old"), Some(old))]);
    publish(
        &mut book,
        vec![
            (name(Kind::Journey, "old"), Some(journey("event.total > 1"))),
            (name(Kind::Segment, "vip"), None),
        ],
    );
    assert_eq!(shown(&book), ["all"]);
    assert_eq!(book.catalog().aggregates.len(), 2);
}

/// Two names of segments with one number as shared ones: people of the one would be told of as
/// those of the other.
#[test]
fn what_could_not_be_told_apart_is_a_fault() {
    let mut numbers = std::collections::BTreeMap::new();
    let (one, other) = (0..1_000_000)
        .map(|n| format!("s{n}"))
        .find_map(|name| {
            let before = numbers.insert(publish::shared_number(&name), name.clone())?;
            Some((before, name))
        })
        .expect("a million names have a pair of 2^29 numbers");
    let segment = |key: &str| {
        let rule = read(Kind::Segment, json!({ "rule": "count(seen) >= 1" }));
        (name(Kind::Segment, key), Some(rule))
    };
    let check = |keys: [&str; 2]| {
        let found = publish::check(&Book::default(), &keys.map(segment)).diagnostics;
        found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let said = check([&one, &other]);
    assert!(said.contains("cannot be told from"), "{said}");
    let fine = check([&one, "another"]);
    assert!(!fine.contains("cannot be told from"), "{fine}");
}

#[test]
fn what_would_silently_do_nothing_is_a_fault() {
    let check = |kind: Kind, key: &str, document: serde_json::Value, expected: &str| {
        let changes = [(name(kind, key), Some(read(kind, document)))];
        let found = publish::check(&Book::default(), &changes).diagnostics;
        let shown: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(shown.iter().any(|fault| fault.starts_with(expected)), "{expected}: {shown:?}");
    };
    let provider = Kind::Provider;
    check(
        provider,
        "p",
        json!({ "channel": "email", "catch-all": {}, "in-flight": 0 }),
        "provider/p.in-flight: with `in-flight: 0` nothing is ever sent",
    );
    check(
        provider,
        "p",
        json!({ "channel": "email", "smtp": { "host": "mx", "username": "u" } }),
        "provider/p.smtp: `username` and `password` belong together",
    );
    check(
        provider,
        "p",
        json!({ "channel": "webhook", "catch-all": {} }),
        "provider/p.channel: the inbox keeps e-mails, text messages and pushes",
    );
    let hook = |more: serde_json::Value| {
        let mut hook = json!({ "url": "https://x.example/" });
        hook.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "channel": "webhook", "webhook": hook })
    };
    check(
        provider,
        "p",
        hook(json!({ "success-value": true })),
        "provider/p.webhook: `success-pointer` and `success-value` belong together",
    );
    check(
        provider,
        "p",
        hook(json!({ "id-pointer": "data.id" })),
        "provider/p.webhook.id-pointer: `data.id` is no JSON pointer (RFC 6901) (write `/data/id`)",
    );
    check(Kind::Policy, "default", json!({}), "policy/default: `default` is no policy");
    check(
        Kind::Campaign,
        "c",
        json!({ "audience": ["a"], "template": "t", "monthly": true }),
        "campaign/c.monthly: `monthly` says the day and time of `at`, which is missing",
    );
}

#[test]
fn no_window_looks_further_back_than_events_are_kept() {
    let check = |rule: &str, expected: Option<&str>| {
        let policy = read(Kind::Policy, json!({ "retention": { "seen": "30d" } }));
        let segment = read(Kind::Segment, json!({ "rule": rule }));
        let changes = [
            (name(Kind::Policy, "policy"), Some(policy)),
            (name(Kind::Segment, "s"), Some(segment)),
        ];
        let found = publish::check(&Book::default(), &changes).diagnostics;
        let code = found.first().map(|fault| fault.code.as_str());
        assert_eq!(code, expected, "{rule}: {found:?}");
    };
    check("count(seen, last 30d) >= 1", None);
    check("count(other) >= 1", None);
    check("count(seen, last 31d) >= 1", Some("beyond-retention"));
    check("count(seen) >= 1", Some("ever-is-bounded"));
    check("count(seen, since \"2026-01-01\") >= 1", Some("ever-is-bounded"));
    check("count(seen, this week) >= 1", None);
    check("count(seen, last month) >= 1", Some("beyond-retention"));
    check("sequence(other, then seen within 1h, last 60d)", Some("beyond-retention"));
}
