//! Journeys with their walks: each count against people who were sent that way.

use super::*;

fn journey() -> Value {
    json!({ "journeys": { "welcome": {
        "entry": { "event": "joined" }, "exit-when": "stopped = true",
        "steps": [
            { "id": "hello", "message": "letter" },
            { "id": "pause", "wait": "1d" },
            { "id": "fork", "if": "plan = \"gold\"",
              "then": [{ "id": "mark", "set": { "welcomed": true } }],
              "else": [{ "id": "buy", "wait-for": { "event": "bought", "timeout": "2d" },
                         "then": [{ "id": "thanks", "message": "letter" }] }] },
        ] } } })
}

fn passed(graph: &Value, from: &str, to: &str) -> u64 {
    let edges = graph["edges"].as_array().unwrap();
    let edge = edges.iter().find(|edge| edge["from"] == from && edge["to"] == to);
    edge.unwrap_or_else(|| panic!("no edge {from} → {to}: {graph}"))["passed"].as_u64().unwrap()
}

fn waiting(graph: &Value) -> Vec<(String, u64)> {
    let steps = graph["steps"].as_array().unwrap();
    let steps = steps.iter().filter(|step| step["waiting"] != 0);
    steps
        .map(|step| (step["id"].as_str().unwrap().to_owned(), step["waiting"].as_u64().unwrap()))
        .collect()
}

fn at(steps: &[(&str, u64)]) -> Vec<(String, u64)> {
    steps.iter().map(|(id, count)| ((*id).to_owned(), *count)).collect()
}

#[test]
fn every_walk_is_counted_where_it_is_and_where_it_went() {
    let mut cauce = stopped_clock("2026-01-05T10:00:00Z");
    cauce.apply(&shop(catch_all()));
    cauce.apply(&json!({ "definitions": journey() }));
    for n in 0..10 {
        let plan = if n < 3 { "gold" } else { "free" };
        report(&cauce, "joined", &format!("p{n}"), json!({ "plan": plan }));
    }
    let graph = cauce.get("/v1/journeys/welcome");
    assert_eq!(waiting(&graph), at(&[("pause", 10)]), "{graph}");
    assert_eq!(passed(&graph, "hello", "pause"), 10);
    // One leaves where it waits: by the exit criteria, on no edge.
    report(&cauce, "changed", "p9", json!({ "stopped": true }));
    set_clock(&cauce, "2026-01-06T10:00:01Z");
    let graph = cauce.get("/v1/journeys/welcome");
    assert_eq!(passed(&graph, "pause", "fork"), 9, "{graph}");
    assert_eq!(passed(&graph, "fork", "mark"), 3);
    assert_eq!(passed(&graph, "fork", "buy"), 6);
    assert_eq!(passed(&graph, "mark", "end"), 3);
    assert_eq!(waiting(&graph), at(&[("buy", 6)]), "{graph}");
    report(&cauce, "bought", "p4", json!({}));
    report(&cauce, "bought", "p5", json!({}));
    cauce.kill();
    cauce.again();
    let graph = cauce.get("/v1/journeys/welcome");
    assert_eq!((passed(&graph, "buy", "thanks"), passed(&graph, "thanks", "end")), (2, 2));
    assert_eq!(passed(&graph, "buy", "end"), 0);
    assert_eq!(waiting(&graph), at(&[("buy", 4)]), "after a restart");
    set_clock(&cauce, "2026-01-08T10:00:02Z");
    let graph = cauce.get("/v1/journeys/welcome");
    assert_eq!(passed(&graph, "buy", "end"), 4, "{graph}");
    assert_eq!(waiting(&graph), at(&[]));
    let edge = |edge: &&Value| edge["from"] == "buy" && edge["to"] == "end";
    let edge = graph["edges"].as_array().unwrap().iter().find(edge).unwrap();
    assert_eq!(edge["when"], "the time ran out");
    assert_eq!((&graph["entered"], &graph["completed"]), (&json!(10), &json!(10)));
    assert_eq!((&graph["uncounted"], &graph["first"]), (&json!(0), &json!("hello")));
    assert!(graph["text"].as_str().unwrap().contains("exit-when:"), "{graph}");
    let list = cauce.get("/v1/journeys");
    assert_eq!(list["items"][0]["name"], "welcome");
    assert_eq!(
        (&list["items"][0]["inside"], &list["items"][0]["entered"]),
        (&json!(0), &json!(10))
    );
    // So many names are nothing for metrics.
    let metrics = cauce.ask("GET", "/metrics", "", b"").text;
    assert!(metrics.contains("journey.entered welcome") && !metrics.contains("walked "));
}

#[test]
fn people_in_flight_stay_on_their_revision() {
    let cauce = stopped_clock("2026-01-05T10:00:00Z");
    cauce.apply(&shop(catch_all()));
    cauce.apply(&json!({ "definitions": journey() }));
    report(&cauce, "joined", "ana", json!({}));
    let mut changed = journey();
    changed["journeys"]["welcome"]["steps"][1]["wait"] = "3d".into();
    cauce.apply(&json!({ "definitions": changed }));
    report(&cauce, "joined", "bob", json!({}));
    let graph = cauce.get("/v1/journeys/welcome");
    assert_eq!((&graph["revision"], &graph["inside"]), (&json!(2), &json!(1)), "{graph}");
    let old = cauce.get("/v1/journeys/welcome?revision=1");
    assert_eq!((&old["revision"], &old["inside"]), (&json!(1), &json!(1)), "{old}");
    assert_eq!(old["revisions"].as_array().unwrap().len(), 2);
    set_clock(&cauce, "2026-01-06T10:00:01Z");
    assert_eq!(waiting(&cauce.get("/v1/journeys/welcome?revision=1")), at(&[("buy", 1)]));
    assert_eq!(waiting(&cauce.get("/v1/journeys/welcome")), at(&[("pause", 1)]));
    let missing = cauce.ask("GET", "/v1/journeys/welcom", "", b"");
    assert_eq!(missing.status, 404);
    assert!(missing.text.contains("did you mean `welcome`?"), "{missing:?}");
}
