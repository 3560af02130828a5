//! What the tests share: the process, a client, a mail server, and a small shop of definitions.

pub mod cauce;
#[path = "../../../../cauce-channels/tests/world/counterpart.rs"]
pub mod counterpart;
mod described;
pub mod http;
pub mod outside;
pub mod random;
pub mod sink;
pub mod zone;

pub use cauce::Cauce;
pub use random::Random;
pub use sink::{Mail, Say, Script, Sink};

use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

static ALONE: Mutex<()> = Mutex::new(());

/// Held by tests that saturate the machine, so that they do not measure each other.
pub fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until something is there; says what was missing if it never is.
pub fn wait_for<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {limit:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Usual patience: generous, since the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What is there within a second, on a machine that the other tests have as well: the figure is
/// measured by `cargo xtask bench shared`.
pub const SECOND: Duration = Duration::from_secs(3);

/// A provider that hands over to a mail server on this machine.
pub fn smtp(port: u16) -> Value {
    json!({ "channel": "email",
            "smtp": { "host": "127.0.0.1", "port": port, "tls": "none", "connections": 4 } })
}

/// A shop: one topic, one sender, templates of both classes, everybody as a segment, a campaign.
pub fn shop(provider: Value) -> Value {
    let html = "<p>Hello {{ profile.first_name }}</p>\
                <p><a href=\"https://shop.example/new?a=1&amp;b=2\">New</a></p>\
                <p><a href=\"{{ links.unsubscribe }}\">Unsubscribe</a></p>";
    json!({ "definitions": {
        "providers": { "mail": provider },
        "topics": { "news": { "title": "News", "description": "What is new." } },
        "senders": { "shop": { "from": { "name": "Shop", "address": "hello@shop.example" } } },
        "templates": {
            "letter": { "topic": "news", "subject": "News", "html": html },
            "code": { "subject": "Your code {{ event.code | default: '-' }}",
                      "text": "{{ event.code | default: '-' }}",
                      "tracking": false },
            "receipt": { "subject": "Receipt", "text": "Paid.", "tracking": false,
                         "resend-unknown": true },
        },
        "segments": { "everybody": { "rule": "count(signed_up) >= 1" } },
        "campaigns": {
            "monthly": { "audience": ["everybody"], "template": "letter" },
            "second": { "audience": ["everybody"], "template": "letter" },
        },
    }})
}

/// The address of person `n`.
pub fn address(n: usize) -> String {
    format!("p{n}@example.com")
}

/// Lets people sign up who want the news, and waits until the segment has them.
pub fn people(cauce: &Cauce, count: usize) {
    let all: Vec<usize> = (0..count).collect();
    for some in all.chunks(500) {
        let lines: String = some
            .iter()
            .map(|n| {
                let event = json!({
                    "id": format!("signed-up-{n}"), "name": "signed_up",
                    "user_id": format!("p{n}"), "email": address(*n),
                    "attributes": { "first_name": format!("N{n}") },
                    "consents": [{ "topic": "news", "state": "granted", "source": "form" }],
                });
                format!("{event}\n")
            })
            .collect();
        wait_for(PATIENCE, "room for events", || {
            let answer = cauce.report(&lines, "?historical=true");
            match answer.status {
                202 => Some(()),
                429 => None,
                _ => panic!("{answer:?}"),
            }
        });
    }
    wait_for(PATIENCE, "everybody in the segment", || {
        let shown = cauce.get("/v1/segments/everybody");
        (shown["members"] == count).then_some(())
    });
}

/// Everything set up: a process, its shop, and people.
pub fn shop_of(count: usize, sink: &Sink) -> Cauce {
    // Listing a person's messages reads the partition's: many people, many partitions.
    let cauce = Cauce::start(if count > 5_000 { "partitions = 32" } else { "" });
    cauce.apply(&shop(smtp(sink.port)));
    people(&cauce, count);
    cauce
}

/// A number of the balance of a run.
pub fn term(run: &Value, name: &str) -> u64 {
    run["balance"][name].as_u64().unwrap_or_else(|| panic!("no {name} in {run}"))
}

/// Checks that every message of a run is counted in one place and one place only.
pub fn check_balance(run: &Value) {
    let terms = ["sent", "refused", "failed", "unknown", "pending"];
    let sum: u64 = terms.iter().map(|name| term(run, name)).sum();
    assert_eq!(sum, term(run, "planned"), "{run}");
    assert_eq!(run["balance"]["balances"], true, "{run}");
}
