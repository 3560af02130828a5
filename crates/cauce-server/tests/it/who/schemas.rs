//! Learned, locked, refused with every fault, mended: nothing is lost on the way, and a kill or an
//! erasure in between changes nothing of that.

use crate::world::cauce::command;
use crate::world::*;
use serde_json::{Value, json};

fn order(id: &str, who: &str, properties: &Value) -> String {
    json!({ "id": id, "name": "order_completed", "user_id": who, "properties": properties })
        .to_string()
}

fn totals(schema: &Value) -> Value {
    json!({ "definitions": { "schemas": { "order_completed": schema } } })
}

fn rich(cauce: &Cauce) -> u64 {
    cauce.get("/v1/segments/rich")["members"].as_u64().unwrap()
}

fn start() -> Cauce {
    let cauce = Cauce::start("");
    cauce.apply(&json!({ "definitions": {
        "segments": { "rich": { "rule": "sum(order_completed.total) > 100" } } } }));
    cauce
}

#[test]
fn what_came_in_is_known_also_after_a_kill() {
    let mut cauce = start();
    for n in 0..20 {
        let properties = json!({ "total": n, "coupon": null, "items": [{ "sku": "a" }],
                                 "by": { "ada@x.example": 1 } });
        let line = order(&format!("o{n}"), &format!("p{n}"), &properties);
        assert_eq!(cauce.report(&line, "?applied=true").status, 202);
    }
    let before = cauce.get("/v1/schemas/events/order_completed");
    assert_eq!(before["count"], 20, "{before}");
    assert_eq!(before["state"], "unwritten");
    let text = before.to_string();
    assert!(!text.contains("ada@x.example"), "a name that is a value is not kept: {text}");
    let total = before["properties"].as_array().unwrap().iter().find(|p| p["path"] == "total");
    let total = total.unwrap();
    assert_eq!(total["types"], json!([{ "type": "number", "count": 20 }]));
    assert_eq!(total["present"], 1.0);
    assert_eq!(total["used_in"][0]["name"], "rich", "{total}");
    cauce.kill();
    cauce.again();
    assert_eq!(cauce.get("/v1/schemas/events/order_completed"), before);
    assert_eq!(cauce.end(), Some(0), "{}", cauce.said());
    cauce.again();
    assert_eq!(cauce.get("/v1/schemas/events/order_completed"), before);
    let names = cauce.get("/v1/complete?kind=property&event=order_completed&prefix=IT");
    assert_eq!(names["items"][0]["name"], "items", "{names}");
    assert_eq!(cauce.get("/v1/complete?kind=event&prefix=ord")["items"][0]["count"], 20);
    assert_eq!(cauce.get("/v1/complete?kind=segment")["items"][0]["name"], "rich");
    let missing = cauce.ask("GET", "/v1/schemas/events/order_complete", "application/json", b"");
    assert_eq!(missing.status, 404);
    assert!(missing.text.contains("did you mean `order_completed`?"), "{missing:?}");
}

#[test]
fn what_does_not_fit_waits_and_counts_once_after_a_fix() {
    let mut cauce = start();
    let schema = json!({ "open": false,
                         "properties": { "total": { "type": "number", "required": true } } });
    let planned = cauce.post("/v1/definitions/plan", &totals(&schema)).json();
    assert!(planned["diagnostics"].to_string().contains("segment `rich`"), "{planned}");
    cauce.apply(&totals(&schema));

    let lines = format!(
        "{}\n{}\n{}\n",
        order("a", "ana", &json!({ "total": 60 })),
        order("b", "ana", &json!({ "total": "70" })),
        order("c", "ana", &json!({ "totl": 1 }))
    );
    let answer = cauce.report(&lines, "?applied=true");
    assert_eq!(answer.status, 202, "{answer:?}");
    let answer = answer.json();
    assert_eq!(answer["accepted"], 3, "{answer}");
    let waiting = answer["quarantined"].as_array().unwrap();
    assert_eq!(waiting.len(), 2, "{answer}");
    assert_eq!(waiting[0]["index"], 1);
    assert_eq!(waiting[0]["faults"][0]["message"], "is a string, not a number");
    assert_eq!(waiting[1]["faults"].as_array().unwrap().len(), 2, "every fault: {answer}");
    assert_eq!(rich(&cauce), 0);

    // The SDKs' answers stay as they are.
    let track = json!({ "type": "track", "userId": "bob", "event": "order_completed",
                        "messageId": "d", "properties": { "total": "200" } });
    let answer = cauce.post("/v1/track", &track);
    assert_eq!((answer.status, answer.json()), (200, json!({ "success": true })));

    let page = cauce.get("/v1/quarantine?limit=2");
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    let next = page["next"].as_str().unwrap();
    // How many there are is said once, and only where they are not all on the page.
    assert_eq!((&page["fit"], &page["at_least"]), (&json!(3), &json!(false)), "{page}");
    let rest = cauce.get(&format!("/v1/quarantine?limit=2&cursor={next}"));
    assert_eq!(rest["items"].as_array().unwrap().len(), 1, "{rest}");
    assert!(rest["fit"].is_null(), "{rest}");
    let missing = cauce.get("/v1/quarantine?event=order_completed&reason=missing");
    assert_eq!(missing["items"].as_array().unwrap().len(), 1, "{missing}");
    let id = missing["items"][0]["id"].as_str().unwrap();
    assert_eq!(cauce.get(&format!("/v1/quarantine/{id}")), missing["items"][0]);
    let metrics = cauce.open("GET", "/metrics", "text/plain", b"").text;
    assert!(metrics.contains("cauce_quarantine_events 3"), "{metrics}");
    let export = cauce.get("/v1/profiles/user_id/ana/export");
    assert_eq!(export["quarantined"].as_array().unwrap().len(), 2, "{export}");

    // A kill loses nothing of it, and a replay before the fix mends nothing.
    cauce.kill();
    cauce.again();
    let all = json!({ "all": true });
    let answer = cauce.post("/v1/quarantine/replay", &all).json();
    assert_eq!(answer, json!({ "replayed": 0, "waiting": 3 }));

    let mended = json!({ "open": false, "properties": {
        "total": { "type": "number", "required": true, "cast": true, "was": ["totl"] } } });
    cauce.apply(&totals(&mended));
    let answer = cauce.post("/v1/quarantine/replay", &all).json();
    assert_eq!(answer, json!({ "replayed": 3, "waiting": 0 }));
    assert_eq!(rich(&cauce), 2);
    let again = cauce.post("/v1/quarantine/replay", &all).json();
    assert_eq!(again, json!({ "replayed": 0, "waiting": 0 }));
    assert_eq!(cauce.report(&lines, "?applied=true").status, 202);
    let timeline = cauce.get("/v1/profiles/user_id/ana")["timeline"].clone();
    assert_eq!(timeline.as_array().unwrap().len(), 3, "{timeline}");
    assert_eq!(cauce.get("/v1/quarantine")["items"], json!([]));
}

#[test]
fn a_fix_of_the_events_or_giving_up_empties_the_quarantine() {
    let cauce = start();
    cauce.apply(&totals(&json!({ "open": false, "properties": { "total": "number" } })));
    let lines = format!(
        "{}\n{}\n",
        order("a", "ana", &json!({ "amount": "170" })),
        order("b", "bob", &json!({ "junk": [1] }))
    );
    assert_eq!(cauce.report(&lines, "?applied=true").status, 202);
    for (body, hint) in [
        (json!({}), "`all: true`"),
        (json!({ "all": true, "fix": { "remove": ["a..b"] } }), "items[].sku"),
        (json!({ "reason": "silly" }), "wrong-type"),
    ] {
        let refused = cauce.post("/v1/quarantine/replay", &body);
        assert!(refused.status >= 400 && refused.text.contains(hint), "{refused:?}");
    }
    let fix = json!({ "rename": { "properties.amount": "total" },
                      "cast": { "properties.total": "number" } });
    let answer = cauce.post("/v1/quarantine/replay", &json!({ "all": true, "fix": fix })).json();
    assert_eq!(answer, json!({ "replayed": 1, "waiting": 1 }));
    assert_eq!(rich(&cauce), 1);
    let silent = cauce.post("/v1/quarantine/drop", &json!({ "all": true }));
    assert_eq!(silent.status, 422, "{silent:?}");
    let why = json!({ "event": "order_completed", "why": "a test of the shop" });
    assert_eq!(cauce.post("/v1/quarantine/drop", &why).json()["dropped"], 1);
    assert_eq!(cauce.get("/v1/quarantine")["items"], json!([]));
}

#[test]
fn what_waits_is_forgotten_with_its_person() {
    // Without compression, so that a search of the bytes means something.
    let mut cauce = Cauce::start("compress = false");
    cauce.apply(&totals(&json!({ "properties": { "total": "number" } })));
    let seen = json!({ "name": "seen", "email": "zoe.quarantined@x.example" });
    let unfit = json!({ "name": "order_completed", "user_id": "zoe-account",
                        "email": "zoe.quarantined@x.example",
                        "properties": { "total": "zoe-secret-words" } });
    for event in [seen, unfit] {
        assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
    }
    assert_eq!(cauce.get("/v1/quarantine")["items"].as_array().unwrap().len(), 1);
    cauce.kill();
    assert!(!naming_zoe(&cauce).is_empty(), "the search finds what is there");
    cauce.again();
    let path = "/v1/profiles/email/zoe.quarantined@x.example?sweep=true";
    let answer = cauce.ask("DELETE", path, "application/json", b"");
    assert!(answer.status < 300, "{answer:?}");
    assert_eq!(cauce.get("/v1/quarantine")["items"], json!([]));
    assert_eq!(cauce.end(), Some(0), "{}", cauce.said());
    let left = naming_zoe(&cauce);
    assert!(left.is_empty(), "{left:?}");
}

/// Files of the data directory that have something of her.
fn naming_zoe(cauce: &Cauce) -> Vec<std::path::PathBuf> {
    let mut left = Vec::new();
    let mut folders = vec![cauce.data()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if let Ok(bytes) = std::fs::read(entry.path()) {
                let text = String::from_utf8_lossy(&bytes);
                if text.contains("zoe-secret-words") || text.contains("zoe.quarantined") {
                    left.push(entry.path());
                }
            }
        }
    }
    left
}

#[test]
fn the_command_line_learns_locks_and_mends() {
    let cauce = start();
    let line = order("a", "ana", &json!({ "total": 60 }));
    assert_eq!(cauce.report(&line, "?applied=true").status, 202);
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap().to_owned();
    let run = |words: &[&str]| {
        let server = format!("http://127.0.0.1:{}", cauce.port);
        let mut command = command();
        command.args(words).args(["--server", &server]).env("CAUCE_KEY", &cauce.key);
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    };
    let (fine, said) = run(&["schemas", "list"]);
    assert!(fine && said.contains("order_completed") && said.contains("unwritten"), "{said}");
    let lock = ["schemas", "lock", "order_completed", "--closed", "--directory", &place];
    let (fine, said) = run(&lock);
    assert!(fine && said.contains("used by segment `rich`"), "{said}");
    let (fine, said) = run(&lock);
    assert!(!fine && said.contains("--force"), "{said}");
    let (fine, said) = run(&["apply", &place]);
    assert!(fine && said.contains("is locked"), "{said}");
    let (_, said) = run(&["schemas", "show", "order_completed"]);
    assert!(said.contains("locked") && said.contains("number ×1"), "{said}");
    let line = order("b", "ana", &json!({ "total": "70" }));
    assert_eq!(cauce.report(&line, "?applied=true").status, 202);
    let (_, said) = run(&["quarantine", "list"]);
    assert!(said.contains("properties.total: is a string, not a number"), "{said}");
    let cast = ["quarantine", "replay", "--all", "--cast", "properties.total=number"];
    let (fine, said) = run(&cast);
    assert!(fine && said.contains("1 replayed, 0 wait on"), "{said}");
    let (_, said) = run(&["quarantine", "list"]);
    assert!(said.contains("nothing waits"), "{said}");
    assert_eq!(rich(&cauce), 1);
}

/// Ten thousand wait; one more that does not fit is refused and says so, and what fits is taken.
/// Where one look at what waits ends and the next begins, none is left out.
#[test]
fn a_full_quarantine_refuses_and_loses_nothing() {
    let cauce = start();
    let numbers = json!({ "properties": { "total": "number" } });
    cauce.apply(&totals(&numbers));
    cauce.apply(&json!({ "definitions": { "schemas": { "order_returned": numbers } } }));
    let rare = 4_999..5_002;
    let lines = |from: usize, to: usize| -> String {
        let one = |n: usize| {
            let line = order(&format!("x{n}"), "ana", &json!({ "total": "lots" })) + "\n";
            if rare.contains(&n) { line.replace("completed", "returned") } else { line }
        };
        (from..to).map(one).collect()
    };
    assert_eq!(cauce.report(&lines(0, 9_999), "?applied=true").status, 202);
    let more = format!("{}{}\n", lines(9_999, 10_003), order("g", "ana", &json!({ "total": 1 })));
    let answer = cauce.report(&more, "?applied=true");
    assert_eq!(answer.status, 202, "{answer:?}");
    let answer = answer.json();
    assert_eq!(
        (&answer["accepted"], answer["quarantined"].as_array().unwrap().len()),
        (&json!(2), 1)
    );
    let refused = answer["rejected"].as_array().unwrap();
    assert_eq!(refused.len(), 3, "{answer}");
    assert_eq!(refused[0]["faults"][0]["code"], "quarantine-full", "{answer}");
    assert_eq!(refused[0]["faults"][1]["path"], "properties.total", "{answer}");
    let alone = cauce.report(&lines(10_003, 10_004), "");
    assert_eq!(alone.status, 503, "{alone:?}");
    assert!(alone.header("retry-after").is_some() && alone.text.contains("quarantine-full"));
    let track = json!({ "userId": "ana", "event": "order_completed",
                        "properties": { "total": "lots" } });
    assert_eq!(cauce.post("/v1/track", &track).status, 503, "the SDK tries again");
    let (mut found, mut path) = (0, "/v1/quarantine?event=order_returned".to_owned());
    loop {
        let page = cauce.get(&path);
        found += page["items"].as_array().unwrap().len();
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/quarantine?event=order_returned&cursor={next}");
    }
    assert_eq!(found, rare.len());
    let those = json!({ "event": "order_returned", "why": "a test" });
    assert_eq!(cauce.post("/v1/quarantine/drop", &those).json()["dropped"], rare.len());
    let all = json!({ "all": true, "why": "a test" });
    assert_eq!(cauce.post("/v1/quarantine/drop", &all).json()["dropped"], 10_000 - rare.len());
    assert_eq!(cauce.report(&lines(10_003, 10_004), "").status, 202);
}

#[test]
fn a_name_that_nobody_ever_sent_is_pointed_out_and_not_refused() {
    let cauce = start();
    let wanted = |rule: &str| json!({ "definitions": { "segments": { "s": { "rule": rule } } } });
    let plan = |rule: &str| cauce.post("/v1/definitions/plan", &wanted(rule)).json();
    // Before anything came nothing is missed.
    let rule = "count(order_complete where totl > 5) >= 1 and plna = \"pro\"";
    assert_eq!(plan(rule)["diagnostics"], json!([]));
    let event = json!({ "name": "order_completed", "user_id": "7", "properties": { "total": 9 },
                        "attributes": { "plan": "pro" } });
    assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
    let found = plan(rule);
    assert_eq!(found["clean"], true, "{found}");
    let first = &found["diagnostics"][0];
    assert_eq!((&first["severity"], &first["code"]), (&json!("warning"), &json!("unknown-event")));
    assert_eq!((&first["path"], &first["span"]), (&json!("segment/s.rule"), &json!([6, 20])));
    assert_eq!(first["hint"], "did you mean `order_completed`?", "{found}");
    assert_eq!(found["diagnostics"][1]["hint"], "did you mean `plan`?", "{found}");
    // In the editor: where, and what is near.
    let rule = "in segment \"rich\" and\nsum(order_completed.totl) > 5";
    let told = cauce.post("/v1/segments/estimate", &json!({ "rule": rule })).json();
    let fault = &told["diagnostics"][0];
    assert_eq!(told["diagnostics"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!((&fault["line"], &fault["column"]), (&json!(2), &json!(5)), "{told}");
    assert_eq!((&fault["near"], &fault["blocks"]), (&json!("total"), &json!(false)), "{told}");
    assert_eq!(told["count"], 0, "a warning keeps nobody from counting: {told}");
    // At the terminal, of a folder alone: what its own schemas say.
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("segments/s.yaml", "rule: sum(refund.amuont) > 5\n"),
        ("schemas/refund.yaml", "properties: { amount: number }\n"),
    ] {
        let file = folder.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let output = command().arg("check").arg(folder.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("did you mean `amount`?"), "{said}");
    // What was pointed out is published all the same, and counts once it comes.
    cauce.apply(&wanted("count(order_complete) >= 1"));
    let event = json!({ "name": "order_complete", "user_id": "8" });
    assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
    assert_eq!(cauce.get("/v1/segments/s")["members"], 1);
}
