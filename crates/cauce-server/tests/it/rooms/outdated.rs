//! Two who write the same definition: nobody's revision is taken back unseen; and older runs and
//! events that are still to be found.

use super::*;

fn segment(rule: &str) -> Value {
    json!({ "segments": { "many": { "rule": rule } } })
}

fn publish(cauce: &Cauce, rule: &str, expected: u32) -> crate::world::http::Answer {
    let expected = json!({ "segments": { "many": expected } });
    let body = json!({ "definitions": segment(rule), "expected": expected });
    cauce.post("/v1/definitions/apply", &body)
}

fn rule(cauce: &Cauce) -> String {
    let all = cauce.get("/v1/definitions");
    all["definitions"]["segments"]["many"]["definition"]["rule"].as_str().unwrap().to_owned()
}

#[test]
fn who_wrote_from_an_older_revision_is_told_and_nothing_is_lost() {
    let cauce = Cauce::start("");
    let made = publish(&cauce, "count(signed_up) >= 1", 0);
    assert_eq!(made.status, 200, "{made:?}");
    assert_eq!(
        (&made.json()["changes"][0]["from"], &made.json()["changes"][0]["to"]),
        (&Value::Null, &json!(1))
    );
    let theirs = publish(&cauce, "count(signed_up) >= 2", 1);
    assert_eq!(theirs.json()["changes"][0]["to"], 2, "{theirs:?}");
    for from in [0, 1, 7] {
        let refused = publish(&cauce, "count(signed_up) >= 3", from);
        assert_eq!(refused.status, 409, "from {from}: {refused:?}");
        assert_eq!(refused.json()["code"], "outdated");
    }
    assert!(publish(&cauce, "count(signed_up) >= 3", 1).text.contains("revision 2 by now"));
    assert_eq!(rule(&cauce), "count(signed_up) >= 2", "nothing was published");
    // Who does not say from what they wrote is not asked, as before.
    cauce.apply(&json!({ "definitions": segment("count(signed_up) >= 4") }));
    let removed = json!({ "remove": { "segments": ["many"] },
        "expected": { "segments": { "many": 2 } } });
    assert_eq!(cauce.post("/v1/definitions/apply", &removed).status, 409);
    cauce.apply(&json!({ "remove": { "segments": ["many"] } }));
    let refused = publish(&cauce, "count(signed_up) >= 5", 3);
    assert!(refused.status == 409 && refused.text.contains("removed"), "{refused:?}");
}

#[test]
fn older_runs_of_a_campaign_are_found_by_it_and_by_page() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(catch_all()));
    people(&cauce, 1);
    let mut started = Vec::new();
    for name in ["monthly", "second", "monthly", "second", "monthly"] {
        let run = cauce.post(&format!("/v1/campaigns/{name}/start"), &Value::Null);
        assert_eq!(run.status, 201, "{run:?}");
        started.push((name, run.json()["run"].as_u64().unwrap()));
    }
    let runs = |page: &Value| -> Vec<u64> {
        let runs = page["runs"].as_array().unwrap();
        runs.iter().map(|run| run["run"].as_u64().unwrap()).collect()
    };
    let mut wanted: Vec<u64> =
        started.iter().filter(|(name, _)| *name == "monthly").map(|(_, run)| *run).collect();
    wanted.reverse();
    let first = cauce.get("/v1/campaigns?campaign=monthly&limit=2");
    assert_eq!(runs(&first), wanted[..2]);
    let next = first["next"].as_str().unwrap();
    let rest = cauce.get(&format!("/v1/campaigns?campaign=monthly&limit=2&cursor={next}"));
    assert_eq!((runs(&rest), &rest["next"]), (wanted[2..].to_vec(), &Value::Null));
    assert_eq!(runs(&cauce.get("/v1/campaigns")).len(), 5);
    let ahead = cauce.get("/v1/campaigns/monthly/start");
    assert!(ahead["warnings"].is_array() && ahead["barred"].is_null(), "{ahead}");
}

#[test]
fn an_event_is_found_by_its_id_and_later_on_its_profile() {
    let mut cauce = Cauce::start("");
    cauce.apply(&shop(catch_all()));
    report(&cauce, "bought", "ana", json!({ "city": "Vigo" }));
    let id = cauce.get("/v1/events")["items"][0]["id"].as_str().unwrap().to_owned();
    let found = cauce.get(&format!("/v1/events/{id}"));
    assert_eq!((&found["name"], &found["attributes"]["city"]), (&json!("bought"), &json!("Vigo")));
    assert!(found["trace"].is_string(), "{found}");
    // What only the process remembered is forgotten with it; the profile still knows.
    cauce.end();
    std::fs::remove_file(cauce.data().join("traces.json")).unwrap();
    cauce.again();
    let path = format!("/v1/events/{id}");
    let missing = cauce.ask("GET", &path, "application/json", b"");
    assert!(missing.status == 404 && missing.text.contains("?of="), "{missing:?}");
    let found = cauce.get(&format!("{path}?of=user_id:ana"));
    assert_eq!((&found["name"], &found["trace"]), (&json!("bought"), &Value::Null));
    let other = cauce.ask("GET", &format!("{path}?of=user_id:bob"), "application/json", b"");
    assert_eq!(other.status, 404, "{other:?}");
}
