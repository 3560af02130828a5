//! Events that nobody reports: files of a folder and of a bucket, messages of a stream; and what is
//! shared into buckets and streams.

mod bucket;
mod cloud_events;
mod lines;
mod stream;

use crate::world::outside::{Bucket, Running, absent, python};
use crate::world::*;
use cauce_core::time::Timestamp;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn mapping() -> Value {
    json!({ "columns": { "at": "date" }, "rules": [{ "event": "bought" }], "occurred-at": "at",
            "aliases": { "user_id": "who" } })
}

fn folder_source(more: &Value) -> Value {
    let mut source = json!({ "folder": "in", "pattern": "*.csv*", "every": "5s", "settle": "1s",
                             "mapping": mapping() });
    for (field, value) in more.as_object().into_iter().flatten() {
        source[field] = value.clone();
    }
    json!({ "definitions": { "sources": { "orders": source } } })
}

fn rows(count: usize, from: usize) -> String {
    let row = |n| format!("u{n},2026-01-02T03:04:05Z\n");
    format!("who,at\n{}", (from..from + count).map(row).collect::<String>())
}

fn files(cauce: &Cauce, count: usize) -> Vec<Value> {
    wait_for(PATIENCE, &format!("{count} files"), || {
        let files = cauce.get("/v1/sources/orders/files")["files"].as_array().unwrap().clone();
        (files.len() == count).then_some(files)
    })
}

fn of<'f>(files: &'f [Value], name: &str) -> &'f Value {
    files.iter().find(|file| file["name"] == name).unwrap_or_else(|| panic!("{name}: {files:?}"))
}

fn start(root: &Path) -> Cauce {
    std::fs::create_dir_all(root.join("in")).unwrap();
    Cauce::start(&format!("sources-dir = \"{}\"", root.display()))
}

/// A bucket that nobody answers for is asked again after a pause, and not all the time.
#[test]
fn a_place_that_does_not_answer_is_left_alone_for_a_while() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    std::thread::spawn(move || {
        // Each is closed at once. Ends with the process of the tests.
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            drop(stream);
        }
    });
    let cauce = Cauce::start("");
    for name in ["own", "hush"] {
        let value = json!({ "value": "x" });
        let path = format!("/v1/secrets/{name}");
        let answer = cauce.ask("PUT", &path, "application/json", value.to_string().as_bytes());
        assert!(answer.status < 300, "{answer:?}");
    }
    let store = json!({ "endpoint": address, "bucket": "shop", "path-style": true,
                        "access-key": "vault:own", "secret-key": "vault:hush" });
    let source = json!({ "store": store, "pattern": "*.csv", "every": "1d", "mapping": mapping() });
    cauce.apply(&json!({ "definitions": { "sources": { "orders": source } } }));
    wait_for(PATIENCE, "trouble", || {
        cauce.get("/v1/sources/orders")["standing"]["trouble"].is_string().then_some(())
    });
    let before = asked.load(Ordering::SeqCst);
    std::thread::sleep(Duration::from_secs(4));
    let since = asked.load(Ordering::SeqCst) - before;
    assert!(since <= 4, "asked {since} times within four seconds");
}

#[test]
fn files_are_taken_once_and_a_poisoned_one_keeps_no_other() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("in");
    let cauce = start(root.path());
    std::fs::write(folder.join("a-poison.csv.zst"), b"(\xb5/\xfd no archive").unwrap();
    std::fs::write(folder.join("b.csv"), rows(3, 0) + "u9,soon\n").unwrap();
    std::fs::write(folder.join("c.csv.part"), rows(3, 50)).unwrap();
    std::os::unix::fs::symlink(cauce.config(), folder.join("d.csv")).unwrap();
    cauce.apply(&folder_source(&json!({})));
    let all = files(&cauce, 2);
    assert_eq!(of(&all, "a-poison.csv.zst")["state"], "failed", "{all:?}");
    let b = of(&all, "b.csv");
    let counts = (&b["state"], &b["counts"]["accepted"], &b["counts"]["rejected"]);
    assert_eq!(counts, (&json!("taken"), &json!(3), &json!(1)), "{b}");
    let place = folder.join(b["rejected_in"].as_str().unwrap());
    assert!(std::fs::read_to_string(place).unwrap().contains("soon"));
    let shown = cauce.get("/v1/profiles/user_id/u0");
    assert_eq!(shown["timeline"][0]["occurred_at"], "2026-01-02T03:04:05Z", "{shown}");
    // Under the same name, another content is another file.
    std::fs::write(folder.join("b.csv"), rows(5, 100)).unwrap();
    assert_eq!(cauce.post("/v1/sources/orders/run", &Value::Null).status, 202);
    wait_for(PATIENCE, "the second b.csv", || {
        let all = files(&cauce, 2);
        (of(&all, "b.csv")["counts"]["accepted"] == 5).then_some(())
    });
    let said = cauce.post("/v1/sources/ordres/run", &Value::Null);
    assert!(said.status == 404 && said.text.contains("did you mean `orders`?"), "{said:?}");
    let metrics = cauce.open("GET", "/metrics", "text/plain", b"").text;
    assert!(metrics.contains("cauce_source_files{source=\"orders\",state=\"failed\"} 1"));
    let left = std::fs::read_dir(cauce.data().join("sources/orders/under-way")).unwrap();
    assert_eq!(left.count(), 0, "nothing about people stays behind");
}

#[test]
fn a_kill_in_the_middle_loses_nothing_and_doubles_nothing() {
    let root = tempfile::tempdir().unwrap();
    let mut cauce = start(root.path());
    std::fs::write(root.path().join("in/a.csv"), rows(30_000, 0)).unwrap();
    cauce.apply(&folder_source(&json!({})));
    wait_for(PATIENCE, "the middle", || {
        let rows = &cauce.get("/v1/sources/orders")["standing"]["under_way"]["counts"]["rows"];
        (rows.as_u64().unwrap_or(0) > 2_000).then_some(())
    });
    cauce.kill();
    cauce.again();
    let all = files(&cauce, 1);
    let counts = &all[0]["counts"];
    assert_eq!((&counts["rows"], &counts["accepted"]), (&json!(30_000), &json!(30_000)), "{all:?}");
    for n in [0, 1, 2_499, 15_000, 29_999] {
        let shown = cauce.get(&format!("/v1/profiles/user_id/u{n}"));
        assert_eq!(shown["timeline"].as_array().unwrap().len(), 1, "{shown}");
    }
}

#[test]
fn what_leads_out_of_the_folder_or_has_no_root_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let cauce = start(root.path());
    let up = cauce.post("/v1/definitions/apply", &folder_source(&json!({ "folder": "../x" })));
    assert!(up.status == 422 && up.text.contains("below the one of sources"), "{up:?}");
    let rootless = Cauce::start("");
    let said = rootless.post("/v1/definitions/apply", &folder_source(&json!({})));
    assert!(said.status == 422 && said.text.contains("sources-dir"), "{said:?}");
}

/// A file of rows that do not fit may not fill the quarantine beyond what may wait there: the rest
/// is put where its rejected rows are.
#[test]
fn rows_that_do_not_fit_wait_up_to_the_bound_and_no_further() {
    let root = tempfile::tempdir().unwrap();
    let cauce = start(root.path());
    let total = json!({ "type": "number", "required": true });
    cauce.apply(&json!({ "definitions": { "schemas": {
        "bought": { "properties": { "total": total } } } } }));
    const ROWS: usize = 16_000;
    // One person, so that all of them wait in one partition.
    let row = |n: usize| {
        format!("u1,2026-01-02T03:{:02}:{:02}.{:03}Z\n", n / 60_000, n / 1_000 % 60, n % 1_000)
    };
    let all: String = (0..ROWS).map(row).collect();
    std::fs::write(root.path().join("in/a.csv"), format!("who,at\n{all}")).unwrap();
    cauce.apply(&folder_source(&json!({})));
    let taken = files(&cauce, 1);
    let counts = &taken[0]["counts"];
    let count = |name: &str| counts[name].as_u64().unwrap() as usize;
    assert_eq!(count("accepted") + count("rejected"), ROWS, "{counts}");
    // What was durable and not decided yet is not counted: a piece or two.
    assert!((10_000..15_000).contains(&count("accepted")), "{counts}");
    let rejected = root.path().join("in").join(taken[0]["rejected_in"].as_str().unwrap());
    let rejected = std::fs::read_to_string(rejected).unwrap();
    assert!(rejected.contains("events wait already"), "it says why");
}
