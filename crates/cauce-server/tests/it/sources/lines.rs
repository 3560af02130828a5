//! Objects, one a line (NDJSON), of a folder and of a bucket: what is taken, what is rejected with
//! its reason, and what goes on after a kill.

use super::*;

/// A source whose mapping leads into objects.
fn source(place: Value) -> Value {
    let mapping = json!({ "columns": { "at": "date" }, "rules": [{ "event": "bought" }],
                          "aliases": { "user_id": "who.id" }, "occurred-at": "at",
                          "properties": { "total": "order.total" } });
    let mut source = json!({ "pattern": "*.ndjson", "every": "5s", "mapping": mapping });
    for (field, value) in place.as_object().unwrap() {
        source[field] = value.clone();
    }
    json!({ "definitions": { "sources": { "orders": source } } })
}

fn line(n: usize) -> String {
    let one = json!({ "who": { "id": format!("u{n}") }, "at": "2026-01-02T03:04:05Z",
                      "order": { "total": n, "note": "ñ\n\"" } });
    format!("{one}\n")
}

fn good() -> String {
    (0..3).map(line).collect()
}

/// Two that are fine among what is not.
fn mixed() -> String {
    let bad = "{\"who\":\n[1, 2]\n\n{\"who\":{\"id\":\"u8\"},\"at\":\"soon\"}\n";
    format!("{}{bad}{}", line(10), line(11).trim_end())
}

/// The standing of both files, and what was rejected of the second.
fn check(cauce: &Cauce, rejected: impl Fn(&str) -> String) {
    let all = files(cauce, 2);
    let counts = |name: &str| {
        let file = of(&all, name);
        let counts = &file["counts"];
        (file["state"].clone(), counts["accepted"].clone(), counts["rejected"].clone())
    };
    assert_eq!(counts("good.ndjson"), (json!("taken"), json!(3), json!(0)), "{all:?}");
    assert_eq!(counts("mixed.ndjson"), (json!("taken"), json!(2), json!(3)), "{all:?}");
    assert_eq!(of(&all, "good.ndjson")["rejected_in"], Value::Null, "{all:?}");
    let place = of(&all, "mixed.ndjson")["rejected_in"].as_str().unwrap();
    assert!(place.starts_with("rejected/mixed.ndjson."), "{place}");
    let kept: Vec<Value> =
        rejected(place).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = [(2, "is not JSON"), (3, "is no JSON object"), (5, "soon")];
    assert_eq!(kept.len(), expected.len(), "{kept:?}");
    for (one, (line, why)) in kept.iter().zip(expected) {
        assert_eq!(one["line"], line, "{one}");
        assert!(one["reason"].as_str().unwrap().contains(why), "{one}");
    }
    assert_eq!(kept[0]["row"].as_str().unwrap().trim(), "{\"who\":", "as it was found");
    for n in [0, 1, 2, 10, 11] {
        let event = cauce.get(&format!("/v1/profiles/user_id/u{n}"))["timeline"][0].clone();
        assert_eq!(event["occurred_at"], "2026-01-02T03:04:05Z", "{event}");
        assert_eq!(event["properties"], json!({ "total": n }), "a number stays one: {event}");
    }
    let nobody = cauce.ask("GET", "/v1/profiles/user_id/u8", "application/json", b"");
    assert_eq!(nobody.status, 404, "{nobody:?}");
}

#[test]
fn a_folder_of_lines_is_taken_and_what_is_no_row_is_kept() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("in");
    let cauce = start(root.path());
    std::fs::write(folder.join("good.ndjson"), good()).unwrap();
    std::fs::write(folder.join("mixed.ndjson"), mixed()).unwrap();
    cauce.apply(&source(json!({ "folder": "in", "settle": "1s" })));
    check(&cauce, |name| std::fs::read_to_string(folder.join(name)).unwrap());
}

#[test]
fn a_bucket_of_lines_is_taken_and_what_is_no_row_is_kept() {
    let Some(bucket) = Bucket::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("good.ndjson", good()), ("mixed.ndjson", mixed())] {
        std::fs::write(folder.path().join(name), text).unwrap();
        bucket.put(&format!("in/{name}"), &folder.path().join(name));
    }
    let cauce = Cauce::start_with("", &Bucket::KEYS);
    cauce.apply(&source(json!({ "store": bucket.store("in/") })));
    check(&cauce, |name| bucket.get(&format!("in/{name}")));
}

/// Lines of a file that is killed in its middle.
const MANY: usize = 60_000;

/// Kills the process once it is written down that some lines are done, and starts it again: it goes
/// on there, and in the end every line counts once.
fn goes_on(mut cauce: Cauce) {
    let under_way = cauce.data().join("sources/orders/under-way");
    let written = || {
        let own = std::fs::read_dir(&under_way).ok()?.next()?.ok()?.path();
        let progress = std::fs::read(own.join("progress")).ok()?;
        serde_json::from_slice::<Value>(&progress).ok()?["done"].as_u64()
    };
    let done = wait_for(PATIENCE, "the middle", || written().filter(|done| *done > 5_000));
    assert!(done < MANY as u64, "it is not over");
    cauce.kill();
    let done = written().unwrap();
    cauce.again();
    let first = wait_for(PATIENCE, "going on", || {
        let standing = cauce.get("/v1/sources/orders")["standing"].clone();
        // Where it is quick it may be at its end before anybody looks.
        let taken = || cauce.get("/v1/sources/orders/files")["files"][0]["counts"].clone();
        let counts = Some(&standing["under_way"]["counts"]).filter(|counts| counts.is_object());
        counts.cloned().unwrap_or_else(taken)["rows"].as_u64()
    });
    assert!(first >= done, "{done} were done, and it began at {first}");
    let all = wait_for(PATIENCE * 2, "its end", || {
        let all = files(&cauce, 1);
        (all[0]["state"] == "taken").then_some(all)
    });
    let counts = &all[0]["counts"];
    assert_eq!((&counts["rows"], &counts["accepted"]), (&json!(MANY), &json!(MANY)), "{all:?}");
    for n in [0, 1, done as usize - 1, done as usize, done as usize + 1, MANY - 1] {
        let shown = cauce.get(&format!("/v1/profiles/user_id/u{n}"));
        assert_eq!(shown["timeline"].as_array().unwrap().len(), 1, "{shown}");
    }
    println!("killed after {done} of {MANY} lines, seen again at {first}");
}

#[test]
fn a_folder_of_lines_goes_on_after_a_kill() {
    let _alone = alone();
    let root = tempfile::tempdir().unwrap();
    let cauce = start(root.path());
    let text: String = (0..MANY).map(line).collect();
    std::fs::write(root.path().join("in/a.ndjson"), text).unwrap();
    cauce.apply(&source(json!({ "folder": "in", "settle": "1s" })));
    goes_on(cauce);
}

#[test]
fn a_bucket_of_lines_goes_on_after_a_kill() {
    let Some(bucket) = Bucket::start() else { return };
    let _alone = alone();
    let file = tempfile::NamedTempFile::new().unwrap();
    let text: String = (0..MANY).map(line).collect();
    std::fs::write(file.path(), text).unwrap();
    bucket.put("in/a.ndjson", file.path());
    let cauce = Cauce::start_with("", &Bucket::KEYS);
    cauce.apply(&source(json!({ "store": bucket.store("in/") })));
    goes_on(cauce);
}
