//! Everybody in some segments as files: whole or not at all, signed, with what changed.

use super::*;
use crate::world::outside::{Bucket, python};
use aws_lc_rs::{digest, signature};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roaring::RoaringTreemap;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn definitions(folder: &Path, every: &str) -> Value {
    let mut all = shared();
    all["definitions"]["destinations"] = json!({ "lake": {
        "segments": ["gold", "secret"],
        "folder": { "path": folder, "every": every, "keep": 2,
                    "formats": ["csv", "parquet", "roaring"] } } });
    all
}

/// Has a version made, checks its signature and its sums, and answers where it is.
fn version(cauce: &Cauce, folder: &Path) -> (PathBuf, Value) {
    let made = cauce.post("/v1/destinations/lake/snapshots", &Value::Null);
    assert_eq!(made.status, 201, "{made:?}");
    let all = folder.join("lake");
    let latest = std::fs::read_to_string(all.join("latest")).unwrap();
    let place = all.join(latest.trim());
    let text = std::fs::read(place.join("manifest.json")).unwrap();
    let given = std::fs::read_to_string(place.join("manifest.json.sig")).unwrap();
    let given = STANDARD.decode(given).unwrap();
    let known = cauce.get("/v1/destinations")["snapshot_public_key"].clone();
    let known = STANDARD.decode(known.as_str().unwrap()).unwrap();
    let key = signature::UnparsedPublicKey::new(&signature::ED25519, &known);
    key.verify(&text, &given).expect("the signature holds");
    let mut other = text.clone();
    other[20] ^= 1;
    assert!(key.verify(&other, &given).is_err());
    let manifest: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(manifest["version"], made.json()["version"], "{manifest}");
    let mut files = vec![manifest["ids"].clone()];
    for part in manifest["segments"].as_object().unwrap().values() {
        for field in ["files", "added", "removed"] {
            files.extend(part[field].as_array().into_iter().flatten().cloned());
        }
    }
    let mut named: BTreeSet<String> =
        ["manifest.json", "manifest.json.sig"].map(str::to_owned).into();
    for file in &files {
        let name = file["file"].as_str().unwrap();
        let bytes = std::fs::read(place.join(name)).unwrap();
        let sum = digest::digest(&digest::SHA256, &bytes);
        let sum: String = sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            (file["sha256"].as_str(), file["bytes"].as_u64()),
            (Some(sum.as_str()), Some(bytes.len() as u64)),
            "{name}"
        );
        named.insert(name.to_owned());
    }
    let there = std::fs::read_dir(&place).unwrap();
    let there: BTreeSet<String> =
        there.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, named, "the manifest names every file");
    (place, manifest)
}

/// Rows of text: bit to alias.
fn rows(file: &Path) -> BTreeMap<u64, String> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    assert_eq!(reader.headers().unwrap(), vec!["id", "profile", "alias"]);
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        assert!(row[1].starts_with("pro_"), "{row:?}");
        (row[0].parse().unwrap(), row[2].to_owned())
    });
    rows.collect()
}

fn bits(file: &Path) -> BTreeSet<u64> {
    let bytes = std::fs::read(file).unwrap();
    RoaringTreemap::deserialize_from(&bytes[..]).unwrap().iter().collect()
}

fn names(rows: &BTreeMap<u64, String>) -> Vec<&str> {
    let mut names: Vec<_> = rows.values().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_version_comes_by_itself_when_its_time_has_come() {
    let folder = tempfile::tempdir().unwrap();
    let clock = [("CAUCE_TEST_CLOCK", "2026-01-05T10:00:00Z")];
    let cauce = Cauce::start_with("development = true", &clock);
    person(&cauce, "ana", "gold");
    cauce.apply(&definitions(folder.path(), "1d"));
    let latest = || std::fs::read_to_string(folder.path().join("lake/latest")).unwrap_or_default();
    let after = |last: &str| Some(latest()).filter(|latest| latest != last);
    let first = wait_for(PATIENCE, "the first one", || after(""));
    person(&cauce, "bo", "gold");
    for (now, comes) in [("2026-01-06T09:59:00Z", false), ("2026-01-06T10:05:00Z", true)] {
        assert_eq!(cauce.post("/v1/clock", &json!({ "now": now })).status, 204);
        if !comes {
            std::thread::sleep(Duration::from_secs(3));
            assert_eq!(latest(), first, "a minute before its time");
            continue;
        }
        let second = wait_for(PATIENCE, "the second one", || after(&first));
        let rows = rows(&folder.path().join("lake").join(second.trim()).join("gold.csv"));
        assert_eq!(names(&rows), ["ana", "bo"]);
    }
}

/// The table of whose bit is whose makes room for a segment of its name.
#[test]
fn a_segment_called_ids_has_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let cauce = Cauce::start("");
    person(&cauce, "ana", "gold");
    person(&cauce, "bo", "free");
    let mut all = definitions(folder.path(), "1000d");
    all["definitions"]["segments"]["ids"] = json!({ "rule": "plan = \"free\"" });
    all["definitions"]["sharing"]["sharing"]["segments"] = json!(["gold", "secret", "ids"]);
    all["definitions"]["destinations"]["lake"]["segments"] = json!(["gold", "ids"]);
    cauce.apply(&all);
    wait_for(PATIENCE, "the first one by itself", || {
        folder.path().join("lake/latest").exists().then_some(())
    });
    let (place, manifest) = version(&cauce, folder.path());
    assert_eq!(manifest["ids"]["file"], "ids.map.csv", "{manifest}");
    assert_eq!(names(&rows(&place.join("ids.csv"))), ["bo"]);
    let everybody = rows(&place.join("ids.map.csv"));
    assert_eq!(names(&everybody), ["ana", "bo"]);
    for (segment, name) in [("ids", "bo"), ("gold", "ana")] {
        let bits = bits(&place.join(format!("{segment}.roaring")));
        let of: Vec<_> = bits.iter().map(|bit| everybody[bit].as_str()).collect();
        assert_eq!(of, [name], "{segment}");
    }
}

#[test]
fn a_version_is_whole_and_says_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let cauce = Cauce::start("");
    for name in ["ana", "bo", "cy"] {
        person(&cauce, name, "gold");
    }
    cauce.apply(&definitions(folder.path(), "1000d"));
    wait_for(PATIENCE, "the first one by itself", || {
        folder.path().join("lake/latest").exists().then_some(())
    });
    let (first, manifest) = version(&cauce, folder.path());
    assert_eq!(manifest["segments"]["gold"]["members"], 3, "{manifest}");
    assert_eq!(manifest["segments"]["secret"]["members"], 0, "{manifest}");
    assert_eq!(names(&rows(&first.join("gold.csv"))), ["ana", "bo", "cy"]);
    let known: BTreeSet<u64> = rows(&first.join("gold.csv")).into_keys().collect();
    assert_eq!(bits(&first.join("gold.roaring")), known);
    assert_eq!(rows(&first.join("ids.csv")), rows(&first.join("gold.csv")));
    person(&cauce, "bo", "free");
    person(&cauce, "dee", "gold");
    let (second, manifest) = version(&cauce, folder.path());
    assert_eq!(names(&rows(&second.join("gold.csv"))), ["ana", "cy", "dee"]);
    assert_eq!(names(&rows(&second.join("gold.added.csv"))), ["dee"]);
    assert_eq!(names(&rows(&second.join("gold.removed.csv"))), ["bo"], "who has left");
    let gone: BTreeSet<u64> = bits(&second.join("gold.removed.roaring"));
    let bo: BTreeSet<u64> = rows(&first.join("gold.csv"))
        .into_iter()
        .filter(|(_, alias)| alias == "bo")
        .map(|(id, _)| id)
        .collect();
    assert_eq!(gone, bo);
    assert_eq!(manifest["previous"].as_u64(), manifest["version"].as_u64().map(|n| n - 1));
    // What was before, and what came and went, is what is now.
    let mut moved: BTreeSet<u64> =
        known.union(&bits(&second.join("gold.added.roaring"))).copied().collect();
    moved.retain(|id| !gone.contains(id));
    assert_eq!(moved, bits(&second.join("gold.roaring")));
    let kept = std::fs::read_dir(folder.path().join("lake")).unwrap().flatten();
    let kept = kept.filter(|entry| entry.path().is_dir()).count();
    assert_eq!(kept, 2, "as many as `keep` says");
    // The stream goes on where the snapshot stands.
    person(&cauce, "ana", "free");
    let lookup = key(&cauce, "lookup");
    let resume = manifest["resume"].as_str().unwrap();
    let mut stream = Stream::open(&cauce, &lookup, &format!("?segments=gold&from={resume}"), None);
    let mut left = stream.next().unwrap();
    while left.data["alias"] != "user_id:ana" {
        left = stream.next().unwrap();
    }
    assert_eq!(left.data["change"], "left", "{left:?}");
    let positions = manifest["positions"].as_array().unwrap();
    assert_eq!(positions.len(), 8);
    let place: Vec<u64> =
        left.data["id"].as_str().unwrap().split('.').map(|part| part.parse().unwrap()).collect();
    let next = positions.iter().find(|one| one["partition"] == place[0]).unwrap()["next"].as_u64();
    assert!(place[2] >= next.unwrap(), "a change behind the snapshot is behind its position");
}

/// The process ended while a version was on its way into a bucket.
#[test]
fn what_an_upload_left_goes_with_the_next_start() {
    let mut cauce = Cauce::start("");
    cauce.kill();
    let left = cauce.data().join("destinations/lake/outgoing");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::write(left.join("gold.csv"), "id,profile,alias\n1,pro_1,ana\n").unwrap();
    cauce.again();
    wait_for(PATIENCE, "nothing about people", || (!left.exists()).then_some(()));
}

#[test]
fn what_cannot_be_written_is_said_and_leaves_the_last_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lake-of-files");
    let mut cauce = Cauce::start("");
    person(&cauce, "ana", "gold");
    cauce.apply(&definitions(&path, "1000d"));
    let no = cauce.post("/v1/destinations/lake/snapshots", &Value::Null);
    assert!(no.status == 503 && no.text.contains("make it first"), "{no:?}");
    wait_for(PATIENCE, "a reason", || {
        let shown = cauce.get("/v1/destinations")["destinations"][0]["standing"].clone();
        shown["last_failure"].is_string().then_some(())
    });
    std::fs::create_dir(&path).unwrap();
    let (first, _) = version(&cauce, &path);
    // A version that a crash left half done is nobody's.
    let unfinished = path.join("lake/00000099.unfinished");
    std::fs::create_dir(&unfinished).unwrap();
    cauce.kill();
    cauce.again();
    let (second, manifest) = version(&cauce, &path);
    assert!(second > first, "{second:?}");
    assert_eq!(manifest["segments"]["gold"]["added"][0]["rows"], 0, "{manifest}");
}

#[test]
fn pyarrow_reads_the_columns() {
    let program = std::env::var("CAUCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let command = || std::process::Command::new(&program);
    let probe = command().args(["-c", "import pyarrow.parquet"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        let text = "not run: pyarrow: this Python lacks it; `cargo xtask test` installs it";
        assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
        println!("{text}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let cauce = Cauce::start("");
    for n in 0..30 {
        person(&cauce, &format!("p{n}"), "gold");
    }
    let nameless =
        "{\"name\":\"x\",\"email\":\"n@example.com\",\"attributes\":{\"plan\":\"gold\"}}\n";
    assert_eq!(cauce.report(nameless, "?applied=true").status, 202);
    cauce.apply(&definitions(folder.path(), "1000d"));
    wait_for(PATIENCE, "everybody", || {
        (cauce.get("/v1/segments/gold")["members"] == 31).then_some(())
    });
    let (place, _) = version(&cauce, folder.path());
    let script = "import json,sys,pyarrow.parquet as p\nt=p.read_table(sys.argv[1])\n\
                  print(json.dumps([[str(f.type) for f in t.schema], t.to_pylist()]))";
    let file = place.join("gold.parquet");
    let output = command().args(["-c", script]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(read[0], json!(["int64", "string", "string"]), "{read}");
    let read = read[1].as_array().unwrap();
    let shown = rows(&place.join("gold.csv"));
    assert_eq!(read.len(), shown.len());
    for row in read {
        let alias = row["alias"].as_str().unwrap_or_default();
        assert_eq!(shown[&row["id"].as_u64().unwrap()], alias, "{row}");
    }
    assert_eq!(read.iter().filter(|row| row["alias"].is_null()).count(), 1, "{read:?}");
}

/// What others read of the latest version in a bucket.
fn lake(cauce: &Cauce, bucket: &Bucket) -> Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside/lake.py");
    let known = cauce.get("/v1/destinations")["snapshot_public_key"].clone();
    let mut command = std::process::Command::new(python());
    command.args([script, bucket.url(), "out/lake/", known.as_str().unwrap()]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The rows of a part of a segment, which are the same in all three formats.
fn agreed(read: &Value, segment: &str, part: &str) -> BTreeMap<u64, Option<String>> {
    let files = &read["segments"][segment][part];
    assert_eq!(files["csv"], files["parquet"], "{segment} {part}");
    let row = |row: &Value| (row[0].as_u64().unwrap(), row[2].as_str().map(str::to_owned));
    let rows: BTreeMap<_, _> = files["csv"].as_array().unwrap().iter().map(row).collect();
    let bits = files["roaring"].as_array().unwrap().iter();
    assert!(bits.map(|bit| bit.as_u64().unwrap()).eq(rows.keys().copied()), "{segment} {part}");
    rows
}

#[test]
fn a_bucket_has_every_format_and_others_read_them() {
    let Some(bucket) = Bucket::start() else { return };
    let cauce = Cauce::start_with("", &Bucket::KEYS);
    for n in 0..40 {
        person(&cauce, &format!("p{n}"), "gold");
    }
    let nameless =
        "{\"name\":\"x\",\"email\":\"n@example.com\",\"attributes\":{\"plan\":\"gold\"}}\n";
    assert_eq!(cauce.report(nameless, "?applied=true").status, 202);
    let mut all = shared();
    all["definitions"]["destinations"] = json!({ "lake": { "segments": ["gold", "secret"],
        "bucket": { "store": bucket.store("out/"), "every": "1000d", "keep": 2,
                    "formats": ["csv", "parquet", "roaring"] } } });
    cauce.apply(&all);
    let made = |version: u64| {
        wait_for(PATIENCE, "a version", || {
            let standing = cauce.get("/v1/destinations")["destinations"][0]["standing"].clone();
            (standing["version"] == version).then_some(())
        });
        let read = lake(&cauce, &bucket);
        assert_eq!(read["version"], version);
        assert_eq!(read["signed"], json!([true, false]), "and not with another byte");
        assert_eq!(read["unnamed"], json!([]), "the manifest names every file");
        read
    };
    let first = made(1);
    let before = agreed(&first, "gold", "files");
    assert_eq!(before.len(), 41, "{before:?}");
    assert_eq!(before.values().filter(|alias| alias.is_none()).count(), 1, "{before:?}");
    assert!(before.keys().any(|id| *id > u64::from(u32::MAX)), "bits beyond the first partition");
    assert!(agreed(&first, "secret", "files").is_empty());
    assert_eq!(
        (&first["previous"], &first["segments"]["gold"]["added"]),
        (&Value::Null, &json!({}))
    );
    assert_eq!(first["ids"], first["segments"]["gold"]["files"]["csv"], "whose bit is whose");
    person(&cauce, "p3", "free");
    person(&cauce, "p4", "free");
    person(&cauce, "new", "gold");
    let post = cauce.post("/v1/destinations/lake/snapshots", &Value::Null);
    assert_eq!(post.status, 201, "{post:?}");
    let second = made(2);
    assert_eq!(second["previous"], 1);
    let (added, removed) = (agreed(&second, "gold", "added"), agreed(&second, "gold", "removed"));
    let named = |rows: &BTreeMap<u64, Option<String>>| -> BTreeSet<String> {
        rows.values().flatten().cloned().collect()
    };
    assert_eq!(named(&added), ["new".to_owned()].into());
    assert_eq!(named(&removed), ["p3".to_owned(), "p4".to_owned()].into(), "who has left");
    let mut moved = before;
    moved.extend(added);
    moved.retain(|id, _| !removed.contains_key(id));
    assert_eq!(moved, agreed(&second, "gold", "files"), "the one before, and what changed");
}
