//! Of who does not allow it nothing is shared, by no way, from the word on that says so.

use super::*;

/// What is shared, of who allows that partners see it and profiling.
fn asked(folder: &std::path::Path) -> Value {
    let mut all = shared();
    let topics = json!({
        "news": { "title": "News", "consent-required": false },
        "partners": { "title": "Partners", "about": "use", "consent-required": false,
                      "titles": { "es": "Socios" } },
        "profiling": { "title": "Profiling", "about": "use" },
    });
    let definitions = &mut all["definitions"];
    definitions["topics"] = topics;
    definitions["sharing"]["sharing"]["purposes"] = json!(["partners", "profiling"]);
    definitions["segments"]["likely"] =
        json!({ "rule": "plan = \"gold\" and consent(\"profiling\")" });
    definitions["destinations"] = json!({ "lake": { "segments": ["gold"],
        "folder": { "path": folder, "every": "1000d", "keep": 9, "formats": ["csv"] } } });
    all
}

fn say(cauce: &Cauce, name: &str, purpose: &str, state: &str) {
    let said = json!([{ "topic": purpose, "state": state, "source": "test" }]);
    let event = json!({ "name": "said", "user_id": name, "consents": said });
    let answer = cauce.report(&event.to_string(), "?applied=true");
    assert_eq!(answer.status, 202, "{answer:?}");
}

/// How a look-up, a flag, an experiment and a browser see somebody.
fn seen(cauce: &Cauce, lookup: &str, token: &str, name: &str) -> (u16, bool, bool, u16) {
    let path = format!("/v1/lookup?alias=user_id:{name}");
    let look = with(cauce, lookup, ("GET", &path), &[], &Value::Null);
    let context = json!({ "context": { "targetingKey": name } });
    let flag = "/ofrep/v1/evaluate/flags/segment.gold";
    let flag = with(cauce, lookup, ("POST", flag), &[], &context).json();
    let arm = with(cauce, lookup, ("POST", "/ofrep/v1/evaluate/flags/price"), &[], &context);
    assert_eq!(arm.json()["value"] == "low", flag["value"] == true, "{arm:?}");
    let page = with(cauce, token, ("GET", &path), &[], &Value::Null).status;
    (look.status, flag["value"] == true, flag["metadata"]["known"] == true, page)
}

/// The members of a new version, by name.
fn version(cauce: &Cauce, folder: &std::path::Path, file: &str) -> Vec<String> {
    wait_for(PATIENCE, "a version", || {
        let made = cauce.post("/v1/destinations/lake/snapshots", &Value::Null);
        (made.status == 201).then_some(())
    });
    let all = folder.join("lake");
    let latest = std::fs::read_to_string(all.join("latest")).unwrap();
    let rows = csv::Reader::from_path(all.join(latest.trim()).join(file)).unwrap();
    let mut names: Vec<String> =
        rows.into_records().map(|row| row.unwrap()[2].to_owned()).collect();
    names.sort_unstable();
    names
}

fn told(event: &Event) -> [String; 3] {
    ["alias", "segment", "change"].map(|field| event.data[field].as_str().unwrap().to_owned())
}

#[test]
fn who_does_not_allow_it_is_nobody_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut cauce = Cauce::start("");
    cauce.apply(&asked(folder.path()));
    let lookup = key(&cauce, "lookup");
    for name in ["ana", "bo"] {
        person(&cauce, name, "gold");
    }
    let token = browser(&cauce, &lookup, json!({ "alias": "user_id:ana" }));
    let mut stream = Stream::open(&cauce, &lookup, "?segments=gold", None);
    let place = stream.any().unwrap().id;
    // One use is asked for, and nobody has said yes.
    assert_eq!(seen(&cauce, &lookup, &token, "ana"), (404, false, false, 404));
    assert!(version(&cauce, folder.path(), "gold.csv").is_empty());
    say(&cauce, "ana", "profiling", "granted");
    say(&cauce, "bo", "profiling", "granted");
    assert_eq!(seen(&cauce, &lookup, &token, "ana"), (200, true, true, 200));
    assert_eq!(version(&cauce, folder.path(), "gold.csv"), ["ana", "bo"]);
    // A no to letters is no word about it, and one to partners is.
    say(&cauce, "ana", "*", "withdrawn");
    assert_eq!(seen(&cauce, &lookup, &token, "ana"), (200, true, true, 200));
    say(&cauce, "ana", "partners", "withdrawn");
    assert_eq!(seen(&cauce, &lookup, &token, "ana"), (404, false, false, 404));
    assert_eq!(seen(&cauce, &lookup, &token, "bo"), (200, true, true, 403));
    assert_eq!(version(&cauce, folder.path(), "gold.csv"), ["bo"]);
    // She is in the segment all the same: it is what others are told that ends.
    assert_eq!(cauce.get("/v1/segments/gold/members")["count"], 2);
    assert_eq!(cauce.get("/v1/segments/gold/members?shared=true")["members"], json!(["bo"]));
    assert_eq!(cauce.get("/v1/segments/likely/members")["count"], 2);
    cauce.kill();
    cauce.again();
    assert_eq!(seen(&cauce, &lookup, &token, "ana"), (404, false, false, 404));
    say(&cauce, "bo", "profiling", "withdrawn");
    say(&cauce, "ana", "partners", "granted");
    person(&cauce, "ana", "free");
    assert_eq!(cauce.get("/v1/segments/likely/members")["members"], json!([]));
    let mut stream = Stream::open(&cauce, &lookup, "?segments=gold", Some(&place));
    let expected = [
        ["user_id:ana", "gold", "entered"],
        ["user_id:bo", "gold", "entered"],
        ["user_id:ana", "gold", "left"],
        ["user_id:bo", "gold", "left"],
        ["user_id:ana", "gold", "entered"],
        ["user_id:ana", "gold", "left"],
    ];
    for expected in expected {
        assert_eq!(told(&stream.next().unwrap()), expected);
    }
    let uses = cauce.get("/v1/profiles/user_id/bo/consents")["uses"].clone();
    let shown = |one: &Value| (one["purpose"].clone(), one["allowed"].clone());
    let uses: Vec<_> = uses.as_array().unwrap().iter().map(shown).collect();
    assert_eq!(uses, [(json!("partners"), json!(true)), (json!("profiling"), json!(false))]);
}

#[test]
fn a_topic_is_about_one_of_the_two() {
    let cauce = Cauce::start("");
    let topics =
        json!({ "news": { "title": "News" }, "profiling": { "title": "P", "about": "use" } });
    let check = |more: Value, expected: &str| {
        let mut definitions = json!({ "topics": topics });
        definitions.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = cauce.post("/v1/definitions/check", &json!({ "definitions": definitions }));
        let said = answer.json()["diagnostics"].to_string();
        assert!(said.contains(expected), "{expected}: {answer:?}");
    };
    let rule = |rule: &str| json!({ "segments": { "s": { "rule": rule } } });
    check(rule("consent(\"news\")"), "is about messages, and no use of data");
    check(rule("consent(\"profilin\")"), "did you mean `profiling`?");
    check(rule("reachable by email for topic \"profiling\""), "is about a use of data");
    check(rule("consent(\"profiling\")"), "[]");
    check(json!({ "sharing": { "sharing": { "purposes": ["news"] } } }), "is about messages");
    check(
        json!({ "topics": { "news": { "title": "N", "purposes": ["profilling"] } } }),
        "no topic",
    );
}
