//! Nothing that was answered is forgotten, also where the log is cut, and one data directory has
//! one process.

use crate::world::*;
use serde_json::{Value, json};
use std::process::Stdio;

#[test]
fn everything_is_there_after_a_kill() {
    let sink = Sink::start(Script::default());
    let mut cauce = shop_of(50, &sink);
    let run = cauce.start_campaign("monthly");
    let before = cauce.done(run, PATIENCE);
    let made = cauce.post("/v1/keys", &json!({ "name": "shop", "scope": "write" }));
    let write = made.json()["key"].as_str().unwrap().to_owned();
    let suppress = json!({ "address": "p7@example.com", "reason": "asked on the phone" });
    assert_eq!(cauce.post("/v1/suppressions", &suppress).status, 204);
    let definitions = cauce.get("/v1/definitions");
    let profile = cauce.get("/v1/profiles/user_id/p7");
    let messages = cauce.messages("p7@example.com");
    for round in 0..3 {
        // Answered and durable, never applied before the kill: replay has to do it.
        let lines: String = (0..300)
            .map(|n| {
                let who = format!("late{}", n % 30);
                let event = json!({ "id": format!("late-{round}-{n}"), "name": "signed_up",
                                    "user_id": who });
                format!("{event}\n")
            })
            .collect();
        assert_eq!(cauce.report(&lines, "").status, 202);
        cauce.kill();
        cauce.again();
        assert_eq!(cauce.get("/v1/definitions"), definitions);
        assert_eq!(cauce.get("/v1/profiles/user_id/p7"), profile);
        assert_eq!(cauce.messages("p7@example.com"), messages);
        assert_eq!(cauce.run(run), before);
        assert_eq!(cauce.get("/v1/segments/everybody")["members"], 80, "round {round}");
        let timeline = cauce.get("/v1/profiles/user_id/late3")["timeline"].clone();
        assert_eq!(timeline.as_array().unwrap().len(), 10 * (round + 1), "round {round}");
        // Reported again, they are known.
        assert_eq!(cauce.report(&lines, "?applied=true").status, 202);
        let timeline = cauce.get("/v1/profiles/user_id/late3")["timeline"].clone();
        assert_eq!(timeline.as_array().unwrap().len(), 10 * (round + 1), "round {round}");
    }
    let bearer = format!("Bearer {write}");
    let headers = [("authorization", bearer.as_str())];
    let event = br#"{"name":"x","user_id":"a"}"#;
    let answer = http::ask(cauce.port, "POST", "/v1/events", &headers, event).unwrap();
    assert_eq!(answer.status, 202, "{answer:?}");
    let second = cauce.start_campaign("second");
    let shown = cauce.done(second, PATIENCE);
    assert_eq!(shown["balance"]["refusals"]["suppressed"], 1, "{shown}");
    assert_eq!(cauce.get("/v1/quarantine"), json!({ "items": [], "next": null, "entries": [] }));
}

#[test]
fn a_second_process_on_the_same_data_says_so_and_leaves() {
    let cauce = Cauce::start("");
    let config = std::fs::read_to_string(cauce.config()).unwrap();
    let other = cauce.folder.path().join("other.toml");
    let elsewhere = config.replace(&format!("127.0.0.1:{}", cauce.port), "127.0.0.1:0");
    std::fs::write(&other, elsewhere).unwrap();
    let output = cauce::command()
        .args(["serve", "--config"])
        .arg(&other)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let data = cauce.data().display().to_string();
    assert!(said.contains("another process") || said.contains("in use"), "{said}");
    assert!(said.contains(&data), "it names the directory: {said}");
    assert_eq!(cauce.get("/v1/keys")["keys"].as_array().map(Vec::len), Some(1), "unharmed");
}

#[test]
fn a_polite_end_loses_nothing_and_leaves_nothing_unknown() {
    let sink = Sink::start(Script::default());
    sink.slow(std::time::Duration::from_millis(3));
    let mut cauce = shop_of(400, &sink);
    let run = cauce.start_campaign("monthly");
    wait_for(PATIENCE, "a campaign under way", || (sink.arrived() >= 50).then_some(()));
    let code = cauce.end();
    assert_eq!(code, Some(0), "{}", cauce.said());
    cauce.again();
    let shown: Value = cauce.done(run, PATIENCE);
    check_balance(&shown);
    assert_eq!((term(&shown, "sent"), term(&shown, "unknown")), (400, 0), "{shown}");
    assert_eq!(sink.arrived(), 400);
}

#[test]
fn who_waits_for_all_that_follows_is_answered() {
    let _alone = alone();
    let cauce = Cauce::start("threads = 4");
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let cauce = &cauce;
            scope.spawn(move || {
                for n in 0..100 {
                    // Three aliases in three partitions, and a merge every time.
                    let who = format!("{thread}-{n}");
                    let event = json!({ "name": "seen", "user_id": who, "anonymous_id": who,
                                        "email": format!("{who}@example.com") });
                    for part in ["anonymous_id", "email", ""] {
                        let mut event = event.clone();
                        if !part.is_empty() {
                            event = json!({ "name": "seen", part: event[part] });
                        }
                        let answer = cauce.report(&event.to_string(), "?applied=true");
                        assert_eq!(answer.status, 202, "{answer:?}");
                    }
                    let path = format!("/v1/profiles/user_id/{who}");
                    let shown = cauce.get(&path);
                    assert_eq!(shown["timeline"].as_array().map(Vec::len), Some(3), "{shown}");
                }
            });
        }
    });
}

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
        if round == 1 {
            // Later ones come after a kill, which cuts nothing.
            assert!(metric(&cauce, "log_bytes") < f64::from(2 << 20));
        }
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

#[test]
fn after_a_restore_people_can_still_say_no() {
    use std::os::unix::fs::PermissionsExt as _;
    let sink = Sink::start(Script::default());
    let mut cauce = shop_of(2, &sink);
    let run = cauce.start_campaign("monthly");
    cauce.done(run, PATIENCE);
    let early = sink.to(&address(0))[0].clone();
    let answer = cauce.post("/v1/backups", &json!({}));
    let backup = answer.json()["file"].as_str().unwrap().to_owned();
    let mode = std::fs::metadata(&backup).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "a backup is as secret as the data directory");
    let run = cauce.start_campaign("second");
    cauce.done(run, PATIENCE);
    let late = sink.to(&address(1))[1].clone();
    assert_eq!(cauce.end(), Some(0));
    let folder = cauce.folder.path().join("restored");
    let restored =
        cauce::command().args(["restore", &backup, "--data"]).arg(&folder).output().unwrap();
    assert!(restored.status.success(), "{restored:?}");
    std::fs::rename(cauce.data(), cauce.folder.path().join("lost")).unwrap();
    std::fs::rename(&folder, cauce.data()).unwrap();
    cauce.again();
    let said = cauce.open("POST", &early.unsubscribe(), "text/plain", b"");
    assert_eq!(said.status, 200, "{said:?}");
    let profile = cauce.get("/v1/profiles/user_id/p0");
    assert!(profile["consents"].to_string().contains("withdrawn"), "{profile}");
    // It left after the backup: nobody may be told "done" of it.
    let said = cauce.open("POST", &late.unsubscribe(), "text/plain", b"");
    assert_eq!(said.status, 404, "{said:?}");
    assert!(said.text.contains("nothing was changed"), "{said:?}");
    let preferences = late.unsubscribe().replacen("/u/", "/preferences/", 1);
    for method in ["GET", "POST"] {
        let form = "application/x-www-form-urlencoded";
        let answer = cauce.open(method, &preferences, form, b"topic=news");
        assert_eq!(answer.status, 404, "{answer:?}");
        assert!(answer.text.contains("nothing was changed"), "{answer:?}");
    }
}

#[test]
fn a_lost_end_of_the_log_is_said_and_there_is_a_way_on() {
    let sink = Sink::start(Script::default());
    let mut cauce = shop_of(3, &sink);
    assert_eq!(cauce.end(), Some(0));
    let (log, old) = (cauce.data().join("log"), cauce.folder.path().join("old-log"));
    std::fs::create_dir(&old).unwrap();
    for file in std::fs::read_dir(&log).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), old.join(file.file_name())).unwrap();
    }
    cauce.again();
    let run = cauce.start_campaign("monthly");
    cauce.done(run, PATIENCE);
    let before = cauce.messages(&address(1));
    let profile = cauce.get("/v1/profiles/user_id/p1");
    assert_eq!(cauce.end(), Some(0));
    std::fs::remove_dir_all(&log).unwrap();
    std::fs::rename(&old, &log).unwrap();
    let refused =
        cauce::command().args(["serve", "--config"]).arg(cauce.config()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("`cauce log recover`"), "{said}");

    let recover = || {
        let asked = ["log", "recover", "--json", "--data"];
        let output = cauce::command().args(asked).arg(cauce.data()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    assert!(recover()["lost"].as_u64().unwrap() > 0);
    assert_eq!(recover(), json!({ "lost": 0, "partitions": [] }));
    cauce.again();
    assert_eq!(cauce.messages(&address(1)), before);
    assert_eq!(cauce.get("/v1/profiles/user_id/p1"), profile);
    assert_eq!(cauce.get("/v1/sending")["paused"], "the end of the log was lost");
    assert_eq!(cauce.post("/v1/sending", &json!({ "paused": null })).status, 204);
    // What was only in the log is gone, the run itself; its number is not given out again.
    let second = cauce.start_campaign("second");
    assert!(second > run, "{second} after {run}");
    let done = cauce.done(second, PATIENCE);
    check_balance(&done);
    assert_eq!(term(&done, "sent"), 3, "{done}");
}

#[test]
fn after_a_restore_nothing_leaves_until_somebody_resumes() {
    let sink = Sink::start(Script::default());
    let mut cauce = shop_of(3, &sink);
    let soon = time_in(4);
    let timed = json!({ "audience": ["everybody"], "template": "letter", "at": soon });
    cauce.apply(&json!({ "definitions": { "campaigns": { "timed": timed } } }));
    let answer = cauce.post("/v1/backups", &json!({}));
    let backup = answer.json()["file"].as_str().unwrap().to_owned();
    wait_for(PATIENCE, "what is timed", || (sink.arrived() == 3).then_some(()));
    assert_eq!(cauce.end(), Some(0));
    let folder = cauce.folder.path().join("restored");
    let restored =
        cauce::command().args(["restore", &backup, "--data"]).arg(&folder).output().unwrap();
    assert!(restored.status.success(), "{restored:?}");
    let said = String::from_utf8_lossy(&restored.stdout).into_owned();
    assert!(said.contains("`timed` was due at"), "{said}");
    assert!(!said.contains("`monthly`"), "nobody started it: {said}");
    std::fs::rename(cauce.data(), cauce.folder.path().join("lost")).unwrap();
    std::fs::rename(&folder, cauce.data()).unwrap();
    cauce.again();
    let paused = cauce.get("/v1/sending")["paused"].as_str().unwrap_or_default().to_owned();
    assert!(paused.contains("restored") && paused.contains("`timed`"), "{paused}");
    // It starts again by itself, and nothing of it leaves; nor of anything else.
    let run = wait_for(PATIENCE, "the run", || {
        let runs = cauce.get("/v1/campaigns")["runs"].clone();
        runs[0]["run"].as_u64().filter(|_| runs[0]["campaign"] == "timed")
    });
    let code = cauce.send(&json!({ "template": "code", "to": { "email": address(0) } }));
    wait_for(PATIENCE, "all of them wait", || {
        (term(&cauce.run(run), "pending") == 3).then_some(())
    });
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert_eq!(sink.arrived(), 3, "what left before, and nothing more");
    // Whoever looks cancels it, and the rest goes on.
    assert_eq!(cauce.post(&format!("/v1/campaigns/runs/{run}/cancel"), &Value::Null).status, 200);
    assert_eq!(cauce.post("/v1/sending", &json!({})).status, 204);
    cauce.message_in(&code, "accepted");
    assert_eq!(sink.arrived(), 4, "the campaign left once, and the code");
}

#[test]
fn a_restore_counts_what_waited_and_what_came_due_of_journeys_and_requests() {
    let sink = Sink::start(Script::default());
    let mut cauce = shop_of(2, &sink);
    let steps = json!([{ "id": "later", "wait": "3s" }, { "id": "say", "message": "letter" }]);
    let thanks = json!({ "entry": { "event": "joined" }, "steps": steps });
    cauce.apply(&json!({ "definitions": { "journeys": { "thanks": thanks } } }));
    let joined = json!({ "name": "joined", "user_id": "p0", "id": "one" }).to_string();
    assert_eq!(cauce.report(&joined, "?applied=true").status, 202);
    assert_eq!(cauce.post("/v1/sending", &json!({ "paused": "a backup is made" })).status, 204);
    let code = cauce.send(&json!({ "template": "code", "to": { "email": address(1) } }));
    cauce.message_in(&code, "queued");
    let answer = cauce.post("/v1/backups", &json!({}));
    let backup = answer.json()["file"].as_str().unwrap().to_owned();
    assert_eq!(cauce.post("/v1/sending", &json!({})).status, 204);
    // What was granted while sending was paused is looked at again a minute later.
    wait_for(2 * PATIENCE, "the code and the letter", || (sink.arrived() == 2).then_some(()));
    assert_eq!(cauce.end(), Some(0));
    let folder = cauce.folder.path().join("restored");
    let restore = |folder: &std::path::Path, json: bool| {
        let mut command = cauce::command();
        command.args(["restore", &backup, "--data"]).arg(folder);
        let output = if json { command.arg("--json") } else { &mut command }.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = restore(&cauce.folder.path().join("told"), true);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&said["requested"], &said["journeys"]), (&json!(1), &json!({ "thanks": 1 })));
    let said = restore(&folder, false);
    assert!(said.contains("Journey `thanks`: 1 waiting or due."), "{said}");
    assert!(said.contains("Asked for by API: 1 waiting."), "{said}");
    std::fs::rename(cauce.data(), cauce.folder.path().join("lost")).unwrap();
    std::fs::rename(&folder, cauce.data()).unwrap();
    cauce.again();
    let paused = cauce.get("/v1/sending")["paused"].as_str().unwrap_or_default().to_owned();
    assert!(paused.contains("1 of journey `thanks`, 1 asked for by API"), "{paused}");
    assert_eq!(sink.arrived(), 2, "nothing leaves until somebody has read it");
    assert_eq!(cauce.post("/v1/sending", &json!({})).status, 204);
    wait_for(2 * PATIENCE, "what was said would leave", || (sink.arrived() == 4).then_some(()));
}

/// An instant so many seconds from now.
fn time_in(seconds: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let at = i64::try_from(now.as_millis()).unwrap() + 1_000 * seconds as i64;
    cauce_core::time::Timestamp(at).to_string()
}

#[test]
fn a_damaged_secret_is_not_replaced() {
    let mut cauce = Cauce::start("");
    assert_eq!(cauce.end(), Some(0));
    for (file, damage) in [("secret", "abc"), ("partitions", "")] {
        let place = cauce.data().join(file);
        let whole = std::fs::read(&place).unwrap();
        std::fs::write(&place, damage).unwrap();
        let output =
            cauce::command().args(["serve", "--config"]).arg(cauce.config()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{file}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("secret` has 3 bytes") || said.contains("has  partitions"), "{said}");
        assert_eq!(std::fs::read_to_string(&place).unwrap(), damage, "{file} is left alone");
        std::fs::write(&place, whole).unwrap();
    }
}

#[test]
fn what_an_event_caused_is_explained_after_the_next_start() {
    let mut cauce = Cauce::start("partitions = 4");
    let event = json!({ "name": "seen", "user_id": "ana", "id": "one" }).to_string();
    assert_eq!(cauce.report(&event, "?applied=true").status, 202);
    let before = cauce.get("/v1/explain/one");
    assert!(!before["steps"].as_array().unwrap().is_empty(), "{before}");
    assert_eq!(cauce.end(), Some(0), "{}", cauce.said());
    cauce.again();
    assert_eq!(cauce.get("/v1/explain/one"), before, "after an orderly end");
    assert!(!cauce.data().join("traces.json").exists(), "it names people");
    cauce.kill();
    cauce.again();
    let told = cauce.ask("GET", "/v1/explain/one", "application/json", b"");
    // What a crash takes is what was written back before it.
    assert!(told.status == 200 || told.text.contains("remembered"), "{told:?}");
}
