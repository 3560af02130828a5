//! Removing definitions: refused while somebody uses them, and what it touches is said in numbers.

use super::*;

fn plan(cauce: &Cauce, remove: Value) -> Value {
    let answer = cauce.post("/v1/definitions/plan", &json!({ "remove": remove }));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn who_is_used_stays_and_who_uses_it_is_named() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(catch_all()));
    people(&cauce, 3);
    let said = plan(&cauce, json!({ "segments": ["everybody"] }));
    assert_eq!(said["clean"], false);
    assert_eq!(
        said["removes"],
        json!([{ "kind": "segment", "name": "everybody",
            "uses": { "what": "members", "count": 3, "at_least": false },
            "dependents": [
                { "kind": "campaign", "folder": "campaigns", "name": "monthly", "how": "audience" },
                { "kind": "campaign", "folder": "campaigns", "name": "second", "how": "audience" },
            ] }])
    );
    let request = json!({ "remove": { "segments": ["everybody"] } });
    let refused = cauce.post("/v1/definitions/apply", &request);
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(refused.text.contains("campaign/monthly.audience"), "{refused:?}");
    assert_eq!(cauce.get("/v1/segments/everybody")["members"], 3, "nothing was changed");
    // Together with who uses it, it goes; others stay.
    let all =
        json!({ "remove": { "segments": ["everybody"], "campaigns": ["monthly", "second"] } });
    cauce.apply(&all);
    let left = cauce.get("/v1/definitions");
    assert_eq!(left["definitions"]["segments"], json!({}));
    assert!(left["definitions"]["templates"]["letter"].is_object(), "{left}");
    // Its history is there, and brings it back.
    let revisions = cauce.get("/v1/definitions/segments/everybody/revisions");
    let rule = revisions["items"][0]["definition"].clone();
    cauce.apply(&json!({ "definitions": { "segments": { "everybody": rule } } }));
    wait_for(PATIENCE, "everybody again", || {
        (cauce.get("/v1/segments/everybody")["members"] == 3).then_some(())
    });
}

#[test]
fn what_goes_on_is_counted_and_what_is_not_there_is_no_success() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(smtp(1)));
    for n in 0..2 {
        cauce.send(&json!({ "template": "code", "to": { "email": address(n) } }));
    }
    let uses = |remove: Value| plan(&cauce, remove)["removes"][0]["uses"].clone();
    let two = json!({ "what": "messages", "count": 2, "at_least": false });
    wait_for(PATIENCE, "both messages wait", || {
        (uses(json!({ "templates": ["code"] })) == two).then_some(())
    });
    assert_eq!(uses(json!({ "templates": ["receipt"] }))["count"], 0);
    wait_for(PATIENCE, "both wait for the provider", || {
        (uses(json!({ "providers": ["mail"] })) == two).then_some(())
    });
    assert_eq!(uses(json!({ "campaigns": ["monthly"] }))["count"], 0);
    for path in ["/v1/definitions/plan", "/v1/definitions/apply"] {
        let answer = cauce.post(path, &json!({ "remove": { "templates": ["lettr"] } }));
        assert_eq!(answer.status, 422, "{answer:?}");
        assert!(answer.text.contains("did you mean `letter`?"), "{answer:?}");
    }
}
