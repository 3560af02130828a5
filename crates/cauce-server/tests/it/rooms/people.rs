//! Finding people, and what happened to one of them.

use super::*;

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    let mut ids: Vec<_> = items
        .iter()
        .map(|person| {
            let names = person["names"].as_array().unwrap();
            let own = names.iter().find(|name| name["namespace"] == "user_id").unwrap();
            own["value"].as_str().unwrap().to_owned()
        })
        .collect();
    ids.sort();
    ids
}

/// All pages of a search, and how many there were.
fn all(cauce: &Cauce, query: &str) -> (Vec<String>, usize, Value) {
    let (mut found, mut pages) = (Vec::new(), 0);
    let mut page = cauce.get(&format!("/v1/profiles?{query}"));
    loop {
        found.extend(ids(&page));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        page = cauce.get(&format!("/v1/profiles?{query}&cursor={next}"));
    }
    found.sort();
    (found, pages, page)
}

#[test]
fn people_are_found_by_name_by_rule_and_one_by_one() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(catch_all()));
    for n in 0..30 {
        report(
            &cauce,
            "signed_up",
            &format!("p{n:02}"),
            json!({ "plan": if n % 10 == 0 { "gold" } else { "free" } }),
        );
    }
    report(&cauce, "bought", "p07", json!({}));
    let found = cauce.get("/v1/profiles?alias=P07@EXAMPLE.com");
    assert_eq!(ids(&found), ["p07"], "{found}");
    assert_eq!(found["items"][0]["found_by"]["namespace"], "email");
    assert_eq!(found["items"][0]["attributes"]["plan"], "free");
    assert_eq!(ids(&cauce.get("/v1/profiles?alias=user_id:p07")), ["p07"]);
    assert_eq!(cauce.get("/v1/profiles?alias=nobody")["items"], json!([]));
    // The beginning of a name, over pages: each person once by each of the names that fit.
    let (found, pages, _) = all(&cauce, "alias=user_id:p0&limit=4");
    let expected: Vec<_> = (0..10).map(|n| format!("p{n:02}")).collect();
    assert_eq!((found, pages), (expected, 3));
    let (found, _, last) = all(&cauce, "where=plan%20%3D%20%22gold%22&limit=1");
    assert_eq!(found, ["p00", "p10", "p20"]);
    assert_eq!((&last["looked_at"], &last["of"]), (&json!(30), &json!(30)), "{last}");
    // What nobody built: events of the past count.
    let (found, ..) =
        all(&cauce, "where=count(bought)%20%3E%3D%201%20and%20in%20segment%20%22everybody%22");
    assert_eq!(found, ["p07"]);
    let (found, pages, _) = all(&cauce, "limit=7");
    assert_eq!(found.len(), 30);
    assert!(pages >= 5, "{pages}");
    for (query, status, words) in [
        ("where=plan%20%3D", 422, "where"),
        ("where=in%20segment%20%22everybod%22", 422, "did you mean `everybody`?"),
        ("where=plan%20%3D%201&alias=x", 400, "do not go together"),
        ("cursor=zz", 400, "cursor"),
    ] {
        let answer = cauce.ask("GET", &format!("/v1/profiles?{query}"), "", b"");
        assert_eq!(answer.status, status, "{query}: {answer:?}");
        assert!(answer.text.contains(words), "{query}: {answer:?}");
    }
}

#[test]
fn what_was_typed_is_a_name_before_it_is_a_rule() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(catch_all()));
    let told = |id: &str, more: Value| {
        let mut event = json!({ "name": "signed_up", "user_id": id });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = cauce.report(&event.to_string(), "?applied=true");
        assert_eq!(answer.status, 202, "{answer:?}");
    };
    told("p1", json!({ "aliases": { "phone": "+34600123456" }, "attributes": { "plan": "gold" } }));
    told("p2", json!({ "aliases": { "phone": "600123457" }, "attributes": { "plan": "free" } }));
    told("Casa Pérez", json!({}));
    for n in 0..5 {
        told(&format!("plan={n}"), json!({}));
    }
    for (typed, expected) in [
        // Spaces, signs and letters of any kind are no mark of a rule.
        ("%2B34%20600%2012%2034%2056", vec!["p1"]),
        ("0034%20600", vec!["p1"]),
        ("(600)%20123-457", vec!["p2"]),
        ("Casa%20P%C3%A9rez", vec!["Casa Pérez"]),
        ("Casa%20P", vec!["Casa Pérez"]),
        ("plan%20%3D%20%22gold%22", vec!["p1"]),
        // Whoever is called like a rule is found by it.
        ("plan%3D3", vec!["plan=3"]),
        ("Casa%20Blanca", vec![]),
    ] {
        assert_eq!(all(&cauce, &format!("q={typed}")).0, expected, "{typed}");
    }
    // Both go on over pages.
    let (found, pages, _) = all(&cauce, "q=plan%3D&limit=2");
    assert_eq!((found.len(), pages), (5, 3));
    let (found, pages, _) = all(&cauce, "q=plan%20exists&limit=1");
    assert_eq!(found, ["p1", "p2"]);
    assert!(pages >= 2, "{pages}");
    // Who meant a rule learns what is wrong with it.
    let neither = cauce.get("/v1/profiles?q=in%20segment%20%22everybod%22");
    assert_eq!(neither["items"], json!([]));
    assert!(neither["faults"].to_string().contains("did you mean `everybody`?"), "{neither}");
    assert!(cauce.get("/v1/profiles?q=p1")["faults"].is_null());
    let both = cauce.ask("GET", "/v1/profiles?q=p1&alias=p1", "", b"");
    assert_eq!(both.status, 400, "{both:?}");
}

fn words(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["words"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_timeline_has_everything_in_its_order() {
    let cauce = stopped_clock("2026-01-05T10:00:00Z");
    cauce.apply(&shop(catch_all()));
    cauce.apply(&json!({ "definitions": {
        "segments": { "gold": { "rule": "plan = \"gold\"" } },
        "journeys": { "welcome": { "entry": { "event": "joined" },
            "steps": [{ "wait": "1d" }, { "message": "letter" }] } } } }));
    report(&cauce, "joined", "ana", json!({ "plan": "gold" }));
    set_clock(&cauce, "2026-01-05T11:00:00Z");
    report(&cauce, "changed", "ana", json!({ "plan": "free" }));
    set_clock(&cauce, "2026-01-06T10:00:01Z");
    let path = "/v1/profiles/user_id/ana/timeline";
    let page = wait_for(PATIENCE, "a message that left", || {
        let page = cauce.get(path);
        words(&page).iter().any(|words| words == "message `letter` sent").then_some(page)
    });
    let said = words(&page);
    let at = |wanted: &str| {
        said.iter()
            .position(|w| w == wanted)
            .unwrap_or_else(|| panic!("no {wanted}: {said:?} {}", page["moves_since"]))
    };
    assert!(at("message `letter` sent") < at("changed"), "newest first: {said:?}");
    assert!(at("left `gold`") < at("entered `gold`"), "{said:?}");
    assert!(at("changed") < at("joined"), "{said:?}");
    at("entered the journey `welcome`");
    at("granted: news, said by form");
    let message = page["items"].as_array().unwrap().iter().find(|item| item["kind"] == "message");
    let id = message.unwrap()["message"].as_str().unwrap();
    assert_eq!(cauce.get(&format!("/v1/messages/{id}"))["template"]["name"], "letter");
    // Page by page it is the same, each once.
    let (mut paged, mut next) = (Vec::new(), Some(String::new()));
    while let Some(cursor) = next {
        let cursor = if cursor.is_empty() { cursor } else { format!("&cursor={cursor}") };
        let page = cauce.get(&format!("{path}?limit=2{cursor}"));
        paged.extend(words(&page));
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(paged, said);
    let missing = cauce.ask("GET", "/v1/profiles/user_id/nobody/timeline", "", b"");
    assert_eq!(missing.status, 404, "{missing:?}");
}
