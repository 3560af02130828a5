//! Events are forgotten by their names when they are older than the policy keeps them, day by day.

use crate::world::*;
use serde_json::{Value, json};

fn names(cauce: &Cauce) -> Vec<String> {
    let timeline = cauce.get("/v1/profiles/user_id/ana")["timeline"].clone();
    let name = |row: &Value| row["name"].as_str().unwrap().to_owned();
    let mut names: Vec<_> = timeline.as_array().unwrap().iter().map(name).collect();
    names.sort();
    names
}

/// Another start, at an instant: the loop looks as the process begins, and no event says so.
fn next_start(cauce: &mut Cauce, now: &str) {
    assert_eq!(cauce.end(), Some(0), "{}", cauce.said());
    cauce.again_at(now);
}

#[test]
fn the_daily_run_forgets_what_is_too_old_and_its_part_in_every_count() {
    let clock = [("CAUCE_TEST_CLOCK", "2026-03-01T12:00:00Z")];
    let mut cauce = Cauce::start_with("development = true", &clock);
    let keep = json!({ "retention": { "browsed": "30d" } });
    cauce.apply(&json!({ "definitions": {
        "policy": { "policy": keep },
        "segments": { "browsers": { "rule": "count(browsed, last 29d) >= 1" },
                      "often": { "rule": "count(browsed) >= 3" } },
    } }));
    let events: String = [
        ("browsed", "2026-01-01T00:00:00Z"),
        ("browsed", "2026-01-30T18:00:00Z"),
        ("browsed", "2026-02-27T00:00:00Z"),
        ("ordered", "2026-01-01T00:00:00Z"),
    ]
    .iter()
    .map(|(name, at)| format!("{}\n", json!({ "name": name, "user_id": "ana", "occurred_at": at })))
    .collect();
    assert_eq!(cauce.report(&events, "?historical=true&applied=true").status, 202);
    assert_eq!(names(&cauce), ["browsed", "browsed", "browsed", "ordered"]);
    let member = |cauce: &Cauce, segment: &str| {
        cauce.get(&format!("/v1/profiles/user_id/ana/segments/{segment}"))["inside"].clone()
    };
    assert_eq!(member(&cauce, "often"), true);
    next_start(&mut cauce, "2026-03-01T12:01:00Z");
    wait_for(PATIENCE, "the oldest to be forgotten", || {
        (names(&cauce) == ["browsed", "browsed", "ordered"]).then_some(())
    });
    assert_eq!((member(&cauce, "browsers"), member(&cauce, "often")), (json!(true), json!(false)));
    // What has become old since stays until a day has passed, however often the process begins.
    next_start(&mut cauce, "2026-03-01T20:00:00Z");
    assert_eq!(names(&cauce), ["browsed", "browsed", "ordered"]);
    next_start(&mut cauce, "2026-03-02T13:00:00Z");
    wait_for(PATIENCE, "the next to be forgotten", || {
        (names(&cauce) == ["browsed", "ordered"]).then_some(())
    });
}
