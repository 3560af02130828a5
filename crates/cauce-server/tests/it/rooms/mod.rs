//! What the console's rooms show, against causes made on purpose.

mod content;
mod events;
mod journeys;
mod ledger;
mod long;
mod outdated;
mod overview;
mod people;
mod removal;
mod settings;
mod trend;

use crate::world::*;
use serde_json::{Value, json};

/// A provider that keeps messages for the inbox.
fn catch_all() -> Value {
    json!({ "channel": "email", "catch-all": {} })
}

/// A server whose clock stands until somebody sets it.
fn stopped_clock(at: &str) -> Cauce {
    Cauce::start_with("development = true", &[("CAUCE_TEST_CLOCK", at)])
}

fn set_clock(cauce: &Cauce, now: &str) {
    let answer = cauce.post("/v1/clock", &json!({ "now": now }));
    assert_eq!(answer.status, 204, "{answer:?}");
}

/// Reports one event of a person and waits until it is applied.
fn report(cauce: &Cauce, name: &str, who: &str, attributes: Value) {
    let event = json!({ "name": name, "user_id": who, "email": format!("{who}@example.com"),
        "attributes": attributes,
        "consents": [{ "topic": "news", "state": "granted", "source": "form" }] });
    let answer = cauce.report(&event.to_string(), "?applied=true");
    assert_eq!(answer.status, 202, "{answer:?}");
}
