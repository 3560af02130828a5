//! A log that is cut: the process finds everything again, and says what it cannot do any more.

use crate::world::*;
use serde_json::json;

/// More than so many bytes of events.
fn load(cauce: &Cauce, round: usize, bytes: usize) {
    let mut sent = 0;
    for batch in 0.. {
        let lines: String = (0..200)
            .map(|n| {
                let event = json!({ "id": format!("{round}-{batch}-{n}"), "name": "seen",
                                    "user_id": format!("p{n}"),
                                    "properties": { "text": "x".repeat(400) } });
                format!("{event}\n")
            })
            .collect();
        wait_for(PATIENCE, "room for events", || {
            let answer = cauce.report(&lines, "");
            match answer.status {
                202 => Some(()),
                429 => None,
                _ => panic!("{answer:?}"),
            }
        });
        sent += lines.len();
        if sent > bytes {
            return;
        }
    }
}

fn metric(cauce: &Cauce, name: &str) -> f64 {
    let text = cauce.open("GET", "/metrics", "text/plain", b"").text;
    let line = text.lines().find(|line| line.starts_with(&format!("cauce_{name} ")));
    line.unwrap_or_else(|| panic!("no {name}")).rsplit(' ').next().unwrap().parse().unwrap()
}

fn log(cauce: &Cauce, arguments: &[&str]) -> std::process::Output {
    let data = cauce.data().display().to_string();
    cauce::command().arg("log").args(arguments).args(["--data", &data]).output().unwrap()
}

#[test]
fn a_cut_log_starts_again_and_replays_from_a_backup() {
    let sink = Sink::start(Script::default());
    let mut cauce = Cauce::start("partitions = 4\nlog-segment-mib = 1\nlog-keep-mib = 0");
    cauce.apply(&shop(smtp(sink.port)));
    people(&cauce, 20);
    let run = cauce.start_campaign("monthly");
    let before = cauce.done(run, PATIENCE);
    load(&cauce, 0, 3 << 20);
    let definitions = cauce.get("/v1/definitions");
    assert_eq!(cauce.end(), Some(0), "{}", cauce.said());
    let whole = log(&cauce, &["replay"]);
    assert_eq!(whole.status.code(), Some(1), "its beginning is gone");
    let said = String::from_utf8_lossy(&whole.stderr).into_owned();
    assert!(said.contains("the log was cut") && said.contains("backup"), "{said}");

    for round in 1..3 {
        cauce.again();
        assert!(metric(&cauce, "log_entries_cut") > 1_000.0);
        assert!(metric(&cauce, "log_bytes") < f64::from(2 << 20));
        assert!(metric(&cauce, "log_entries_kept") >= 0.0);
        assert_eq!(cauce.get("/v1/definitions"), definitions, "plans live on in the copy");
        assert_eq!(cauce.run(run), before, "and so do runs");
        assert_eq!(cauce.get("/v1/keys")["keys"].as_array().unwrap().len(), round);
        let made = cauce.post("/v1/keys", &json!({ "name": "more", "scope": "write" }));
        assert_eq!(made.status, 201, "{made:?}");
        load(&cauce, round, 2 << 20);
        cauce.kill();
    }
    cauce.again();
    let answer = cauce.post("/v1/backups", &json!({}));
    assert_eq!(answer.status, 201, "{answer:?}");
    let backup = answer.json()["file"].as_str().unwrap().to_owned();
    // Less than a segment: it is still there after the end.
    load(&cauce, 9, 200 << 10);
    assert_eq!(cauce.end(), Some(0), "{}", cauce.said());
    let (stored, again) = (log(&cauce, &["hashes"]), log(&cauce, &["replay", "--backup", &backup]));
    let text = |output: &std::process::Output| {
        let all = String::from_utf8_lossy(&output.stdout).into_owned();
        all.lines().filter(|line| !line.contains("decided again")).map(str::to_owned).collect()
    };
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    let (stored, again): (Vec<String>, Vec<String>) = (text(&stored), text(&again));
    assert!(stored.len() > 20, "{stored:?}");
    assert_eq!(stored, again);
    // A restored backup brings the definitions along, although their plans were cut away here.
    let folder = cauce.folder.path().join("restored");
    let restored =
        cauce::command().args(["restore", &backup, "--data"]).arg(&folder).output().unwrap();
    assert!(restored.status.success(), "{restored:?}");
    let dump = cauce::command()
        .args(["log", "dump", "--partition", "65535", "--data"])
        .arg(&folder)
        .output()
        .unwrap();
    let dump = String::from_utf8_lossy(&dump.stdout).into_owned();
    for word in ["\"published\"", "campaign-started", "key-made"] {
        assert!(dump.contains(word), "{word}: {dump}");
    }
}
