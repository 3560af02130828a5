//! Lists of people from outside, by API and by file; a rule's estimate, and who needs a segment.

use crate::world::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Output, Stdio};

/// A list, and who is on it.
fn vip(cauce: &Cauce) {
    let payload = json!({ "tier": "string", "score": "number" });
    cauce.apply(&json!({ "definitions": {
        "lists": { "vip": { "namespace": "email", "payload": payload } },
        "segments": {
            "listed": { "rule": "in list \"vip\"" },
            "gold": { "rule": "list \"vip\".tier = \"gold\" and list \"vip\".score > 1" },
            "both": { "rule": "in segment \"gold\" and in segment \"listed\"" },
        },
    }}));
}

fn send(cauce: &Cauce, method: &str, path: &str, kind: &str, body: &str) -> http::Answer {
    cauce.ask(method, path, kind, body.as_bytes())
}

fn members(cauce: &Cauce, segment: &str) -> Vec<String> {
    let shown = cauce.get(&format!("/v1/segments/{segment}/members?by=email"));
    assert_eq!(shown["next"], Value::Null);
    let mut members: Vec<String> = serde_json::from_value(shown["members"].clone()).unwrap();
    members.sort();
    members
}

#[test]
fn an_audience_comes_from_outside_and_ends() {
    let mut cauce = Cauce::start("");
    vip(&cauce);
    cauce.report("{\"name\":\"seen\",\"user_id\":\"7\",\"email\":\"ana@x.example\"}", "");
    // A key that may bring lists, and nothing else.
    let made = cauce.post("/v1/keys", &json!({ "name": "warehouse", "scope": "lists" }));
    let (admin, key) = (cauce.key.clone(), made.json()["key"].as_str().unwrap().to_owned());
    assert!(key.starts_with("cu_"), "{key}");
    cauce.key = key;
    let csv = "email,tier,score\nana@x.example,gold,2.5\nBob@x.example,silver,\n";
    let answer = send(&cauce, "PUT", "/v1/lists/vip", "text/csv", csv);
    assert_eq!((answer.status, &answer.json()["accepted"]), (202, &json!(2)), "{answer:?}");
    assert_eq!(cauce.post("/v1/events", &json!({ "name": "x", "user_id": "1" })).status, 403);
    assert_eq!(cauce.ask("GET", "/v1/lists/vip/members", "", b"").status, 403);
    cauce.key = admin;
    assert_eq!(members(&cauce, "listed"), ["ana@x.example", "bob@x.example"]);
    assert_eq!(members(&cauce, "gold"), ["ana@x.example"]);
    assert_eq!(members(&cauce, "both"), ["ana@x.example"]);
    // What one row says wrongly, nobody is put on the list for; the others are.
    let rows =
        "{\"email\":\"eva@x.example\",\"tier\":\"gold\"}\n{\"email\":\"no\",\"teir\":\"x\"}\n";
    let answer = send(&cauce, "POST", "/v1/lists/vip", "application/x-ndjson", rows);
    assert_eq!((answer.status, &answer.json()["accepted"]), (202, &json!(1)), "{answer:?}");
    let faults = answer.json()["rejected"][0].clone();
    assert_eq!(faults["index"], 1, "{faults}");
    assert!(faults.to_string().contains("did you mean `tier`?"), "{faults}");
    // To replace a list takes all of its rows.
    let answer = send(&cauce, "PUT", "/v1/lists/vip", "application/x-ndjson", rows);
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(answer.text.contains("row 2 has faults"), "{answer:?}");
    assert_eq!(members(&cauce, "listed").len(), 3);
    let answer = send(&cauce, "POST", "/v1/lists/vpi", "text/csv", csv);
    assert!(answer.status == 404 && answer.text.contains("did you mean `vip`?"), "{answer:?}");
    // Another list in its place: Ana stays, Bob and Eva leave, Kim comes, for some seconds.
    let csv = "email,tier,expires\nana@x.example,silver,\nkim@x.example,gold,6s\n";
    assert_eq!(send(&cauce, "PUT", "/v1/lists/vip", "text/csv", csv).status, 202);
    wait_for(PATIENCE, "the sweep", || {
        (members(&cauce, "listed") == ["ana@x.example", "kim@x.example"]).then_some(())
    });
    assert!(members(&cauce, "gold").is_empty(), "silver now");
    wait_for(PATIENCE, "the clock", || {
        (members(&cauce, "listed") == ["ana@x.example"]).then_some(())
    });
    let shown = cauce.get("/v1/lists/vip");
    assert_eq!((&shown["members"], &shown["settled"]), (&json!(1), &json!(true)), "{shown}");
    // A crash forgets nothing of it.
    cauce.kill();
    cauce.again();
    let page = cauce.get("/v1/lists/vip/members?limit=1");
    assert_eq!(page["items"][0]["value"], "ana@x.example", "{page}");
    assert_eq!(page["items"][0]["payload"], json!({ "tier": "silver" }), "{page}");
    assert_eq!(page["items"][0]["source"], "key first", "{page}");
    let known = cauce.get("/v1/profiles/email/ana@x.example/export");
    assert_eq!(known["lists"]["vip"][0]["payload"]["tier"], "silver", "{known}");
    let erased = cauce.ask("DELETE", "/v1/profiles/email/ana@x.example", "", b"");
    assert_eq!(erased.status, 200, "{erased:?}");
    assert_eq!(cauce.get("/v1/lists/vip")["members"], 0);
    let off = "{\"email\":\"ana@x.example\"}";
    let late = "/v1/lists/vip?as_of=2020-01-01T00:00:00Z";
    assert_eq!(send(&cauce, "POST", late, "application/x-ndjson", off).status, 202);
    assert_eq!(cauce.get("/v1/lists/vip")["members"], 0, "erased since");
}

#[test]
fn a_used_segment_says_by_whom_and_stays() {
    let cauce = Cauce::start("");
    vip(&cauce);
    let used = cauce.get("/v1/segments/gold/dependents");
    assert_eq!(
        used["items"],
        json!([{ "kind": "segment", "folder": "segments", "name": "both", "how": "rule" }])
    );
    let used = cauce.get("/v1/lists/vip/dependents");
    assert_eq!(used["items"].as_array().unwrap().len(), 2, "{used}");
    let left = json!({ "prune": true, "definitions": {
        "segments": { "both": { "rule": "in segment \"gold\"" } } } });
    let answer = cauce.post("/v1/definitions/apply", &left);
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(answer.text.contains("there is no segment `gold`"), "{answer:?}");
    assert_eq!(cauce.get("/v1/segments/both/dependents")["items"], json!([]));
    let answer = cauce.ask("GET", "/v1/segments/golf/dependents", "", b"");
    assert!(answer.status == 404 && answer.text.contains("did you mean `gold`?"), "{answer:?}");
}

#[test]
fn a_letter_says_what_the_list_says() {
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("");
    let mut definitions = shop(smtp(sink.port));
    let text = "You are {{ profile.lists.vip.tier | default: 'a friend' }}.";
    definitions["definitions"]["templates"]["badge"] = json!({ "subject": "Badge", "text": text });
    definitions["definitions"]["lists"] = json!({ "vip": { "namespace": "email" } });
    cauce.apply(&definitions);
    let row = json!({ "email": "kim@x.example", "tier": "golden" });
    assert_eq!(cauce.post("/v1/lists/vip", &row).status, 202);
    for (address, word) in [("kim@x.example", "golden"), ("lee@x.example", "a friend")] {
        let to = json!({ "template": "badge", "to": { "email": address } });
        let message = cauce.send(&to);
        cauce.message_in(&message, "accepted");
        let letter = sink.to(address).pop().expect("a letter");
        assert!(letter.text.contains(&format!("You are {word}.")), "{}", letter.text);
    }
    definitions["definitions"]["templates"]["badge"]["text"] = "{{ profile.lists.vpi.x }}".into();
    let answer = cauce.post("/v1/definitions/apply", &definitions);
    assert!(answer.status == 422 && answer.text.contains("there is no list `vpi`"), "{answer:?}");
}

#[test]
fn members_of_a_segment_come_in_pages() {
    let cauce = Cauce::start("");
    cauce.apply(&json!({ "definitions": { "segments": {
        "even": { "rule": "even = true" }, "nobody": { "rule": "even = 7" } } } }));
    let line = |n: usize| {
        let event = json!({ "name": "seen", "user_id": format!("u{n}"),
                            "attributes": { "even": n.is_multiple_of(2) } });
        format!("{event}\n")
    };
    let lines: String = (0..1_400).map(line).collect();
    assert_eq!(cauce.report(&lines, "?applied=true").status, 202);
    for (limit, pages) in [(1, 700), (33, 22), (700, 1), (10_000_000, 1)] {
        let (mut found, mut asked, mut cursor) = (Vec::new(), 0, String::new());
        loop {
            let path = format!("/v1/segments/even/members?limit={limit}{cursor}");
            let page = cauce.get(&path);
            assert_eq!(page["count"], 700, "{page}");
            found.extend(page["members"].as_array().unwrap().clone());
            asked += 1;
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        // Full pages, but for the last; a page may end exactly where its partition does.
        assert!((pages..=pages + 1).contains(&asked), "{asked} pages of {limit}");
        assert_eq!(found.len(), 700, "nobody twice, by {limit}");
        let found: BTreeSet<&str> = found.iter().filter_map(Value::as_str).collect();
        let all: Vec<String> = (0..1_400).step_by(2).map(|n| format!("u{n}")).collect();
        assert_eq!(found, all.iter().map(String::as_str).collect(), "by {limit}");
    }
    let empty = cauce.get("/v1/segments/nobody/members");
    assert_eq!(empty, json!({ "segment": "nobody", "count": 0, "members": [], "next": null }));
    let answer = cauce.ask("GET", "/v1/segments/even/members?cursor=7", "", b"");
    assert!(answer.status == 400 && answer.text.contains("give `next`"), "{answer:?}");
}

fn estimate(cauce: &Cauce, request: &Value) -> Value {
    let answer = cauce.post("/v1/segments/estimate", request);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// On a machine that is busy a sample ends early, with fewer people: asks until it did not.
fn whole_sample(cauce: &Cauce, request: &Value) -> Value {
    let mut found = json!(null);
    for _ in 0..50 {
        found = estimate(cauce, request);
        if found["sampled"].as_u64() >= Some(2_000) {
            return found;
        }
    }
    panic!("fifty samples ended early: {found}");
}

#[test]
fn a_rule_is_estimated_while_it_is_written() {
    let cauce = Cauce::start("");
    vip(&cauce);
    let lines: String = (0..6_000)
        .map(|n| {
            let (user, city) = (format!("u{n}"), if n % 4 == 0 { "Madrid" } else { "Rome" });
            let orders = if n % 10 == 0 { "bought" } else { "looked" };
            let event = json!({ "id": format!("e{n}"), "name": orders, "user_id": user,
                                "attributes": { "city": city } });
            format!("{event}\n")
        })
        .collect();
    assert_eq!(cauce.report(&lines, "?historical=true&applied=true").status, 202);
    let found = whole_sample(&cauce, &json!({ "rule": "city = \"Madrid\"" }));
    let number = |name: &str| found[name].as_u64().unwrap();
    assert_eq!((&found["exact"], number("of")), (&json!(false), 6_000), "{found}");
    assert!(number("sampled") < 2_100, "{found}");
    assert!(number("low") <= 1_500 && 1_500 <= number("high"), "{found}");
    assert!(number("high") - number("low") < 300, "{found}");
    assert_eq!(found["people"].as_array().unwrap().len(), 10, "{found}");
    assert_eq!(found["json"]["attribute"]["path"], "city", "{found}");
    // The same rule says the same again.
    let again = whole_sample(&cauce, &json!({ "json": found["json"] }));
    assert_eq!((&again["count"], &again["text"]), (&found["count"], &found["text"]));
    // No segment counts these events: the timeline says it.
    let found = estimate(&cauce, &json!({ "text": "count(bought) >= 1", "exact": true }));
    assert_eq!((&found["count"], &found["exact"]), (&json!(600), &json!(true)), "{found}");
    assert_eq!((&found["low"], &found["high"]), (&json!(600), &json!(600)));
    let rows: String = (0..40).map(|n| format!("{{\"email\":\"l{n}@x.example\"}}\n")).collect();
    assert_eq!(send(&cauce, "POST", "/v1/lists/vip", "application/x-ndjson", &rows).status, 202);
    let request = json!({ "rule": "in list \"vip\" and not in segment \"gold\"", "exact": true });
    assert_eq!(estimate(&cauce, &request)["count"], 40);
    let found = estimate(&cauce, &json!({ "rule": "city = \"Madrid\"\nand in list \"vpi\"" }));
    assert!(found["count"].is_null(), "{found}");
    let fault = &found["diagnostics"][0];
    assert_eq!((&fault["line"], &fault["column"]), (&json!(2), &json!(13)), "{fault}");
    assert_eq!((&fault["near"], &fault["at"]), (&json!("vip"), &json!(28)), "{fault}");
    let found = estimate(&cauce, &json!({ "rule": "count(bought) >" }));
    assert_eq!(found["diagnostics"][0]["expected"], "a number, the rule ends", "{found}");
    let answer = cauce.post("/v1/segments/estimate", &json!({}));
    assert_eq!(answer.status, 422, "{answer:?}");
}

fn upload(cauce: &Cauce, folder: &Path, more: &[&str]) -> Output {
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let usual = ["lists", "upload", "rows.csv", "--name", "fair", "--namespace", "email"];
    let usual = [&usual[..], &["--server", &server, "--key", &cauce.key]].concat();
    let mut command = cauce::command();
    command.args([&usual, more].concat()).current_dir(folder).stdin(Stdio::null());
    command.output().unwrap()
}

#[test]
fn an_upload_that_was_cut_off_goes_on_where_it_was() {
    let cauce = Cauce::start("");
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..30_000).map(|n| format!("p{n}@x.example,b{}\n", n % 3)).collect();
    std::fs::write(folder.path().join("rows.csv"), format!("email,stand\n{rows}")).unwrap();
    let members = |cauce: &Cauce| {
        let shown = cauce.ask("GET", "/v1/lists/fair", "", b"");
        (shown.status == 200).then(|| shown.json()["members"].as_u64().unwrap())
    };
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let mut first = cauce::command()
        .args(["lists", "upload", "rows.csv", "--name", "fair", "--namespace", "email"])
        .args(["--server", &server, "--key", &cauce.key])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Written down now and then: how far it is.
    let state = folder.path().join("rows.csv.rejected.ndjson.state");
    wait_for(PATIENCE, "the first rows", || state.exists().then_some(()));
    first.kill().unwrap();
    first.wait().unwrap();
    let before = members(&cauce).unwrap();
    assert!(before < 30_000, "it was over before it was cut off");
    let output = upload(&cauce, folder.path(), &["--resume", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // It counts what is done, whoever of the two did it.
    let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&counts["accepted"], &counts["rejected"]), (&json!(30_000), &json!(0)), "{counts}");
    assert_eq!(members(&cauce), Some(30_000));
    let output = upload(&cauce, folder.path(), &["--resume"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing to resume"), "{output:?}");
}

#[test]
fn a_file_becomes_a_list() {
    let cauce = Cauce::start("");
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("rows.csv"), text).unwrap();
    let mut rows = String::from("email,stand\n");
    (0..1_200).for_each(|n| rows.push_str(&format!("p{n}@x.example,b{}\n", n % 3)));
    write(&rows);
    let output = upload(&cauce, folder.path(), &["--expires", "30d", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&counts["accepted"], &counts["rejected"]), (&json!(1_200), &json!(0)), "{counts}");
    let shown = cauce.get("/v1/lists/fair");
    assert_eq!(shown["members"], 1_200, "{shown}");
    let page = cauce.get("/v1/lists/fair/members?limit=1000");
    assert_eq!(page["items"].as_array().unwrap().len(), 1_000);
    assert!(page["items"][0]["expires"].is_string(), "{}", page["items"][0]);
    let next = page["next"].as_str().unwrap();
    let rest = cauce.get(&format!("/v1/lists/fair/members?limit=1000&cursor={next}"));
    assert_eq!(rest["items"].as_array().unwrap().len(), 200);
    // A row with a fault: it is told, and the list is not replaced by half of itself.
    write("email,stand\np1@x.example,c\nnobody,c\nnew@x.example,c\n");
    let output = upload(&cauce, folder.path(), &["--replace"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("not replaced"), "{output:?}");
    let rejected = std::fs::read_to_string(folder.path().join("rows.csv.rejected.ndjson")).unwrap();
    let rejected: Value = serde_json::from_str(&rejected).unwrap();
    assert_eq!((&rejected["line"], &rejected["row"]["email"]), (&json!(3), &json!("nobody")));
    assert!(rejected["reason"].as_str().unwrap().contains("an address has an @"), "{rejected}");
    assert_eq!(cauce.get("/v1/lists/fair")["members"], 1_201);
    write("email,stand\np1@x.example,c\nnew@x.example,c\n");
    let output = upload(&cauce, folder.path(), &["--replace"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    wait_for(PATIENCE, "the sweep", || (cauce.get("/v1/lists/fair")["members"] == 2).then_some(()));
    let output = upload(&cauce, folder.path(), &["--remove"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(cauce.get("/v1/lists/fair")["members"], 0);
    let output = upload(&cauce, folder.path(), &["--resume"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing to resume"), "{output:?}");
}
