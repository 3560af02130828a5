//! The audit: a row for each change, whoever asks and however it ends.

use super::*;
use cauce_server::http::access::table::{Kept, RULES};
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

fn rows(cauce: &Cauce, query: &str) -> Vec<Value> {
    cauce.get(&format!("/v1/audit?limit=500{query}"))["items"].as_array().unwrap().clone()
}

/// A receiver of webhooks that is gone for good.
fn gone() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        // Ends with the process of the tests.
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 16 * 1024]);
            let _ = stream.write_all(b"HTTP/1.1 410 X\r\ncontent-length: 0\r\n\r\n");
        }
    });
    port
}

/// A shop with one destination in a folder and one by webhook, whose receiver is gone.
fn world(more: &str, clock: &[(&str, &str)]) -> Cauce {
    let key = ("CAUCE_TOLD_KEY", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let variables: Vec<_> = clock.iter().copied().chain([key]).collect();
    // It goes with the process of the tests; the server looks there once a day.
    let root = tempfile::tempdir().unwrap().keep();
    std::fs::create_dir(root.join("till")).unwrap();
    let more = format!("{more}\nsources-dir = \"{}\"", root.display());
    let cauce = Cauce::start_with(&more, &variables);
    let mut all = shop(json!({ "channel": "email", "catch-all": {} }));
    let folder = cauce.folder.path().join("lake");
    std::fs::create_dir_all(&folder).unwrap();
    all["definitions"]["sharing"] = json!({ "sharing": { "segments": ["everybody"] } });
    all["definitions"]["destinations"] = json!({
        "lake": { "segments": ["everybody"],
                  "folder": { "path": folder, "every": "1d", "keep": 2, "formats": ["csv"] } },
        "told": { "segments": ["everybody"], "by": "email",
                  "webhook": { "url": format!("http://127.0.0.1:{}/", gone()),
                               "signing-key": "env:CAUCE_TOLD_KEY" } },
    });
    all["definitions"]["lists"] = json!({ "vip": { "namespace": "email" } });
    all["definitions"]["sources"] = json!({
        "till": { "folder": "till", "pattern": "*.csv", "every": "1d",
                  "mapping": { "columns": { "at": "date" }, "rules": [{ "event": "seen" }],
                               "aliases": { "user_id": "id" }, "occurred-at": "at",
                               "zone": "UTC" } },
    });
    cauce.apply(&all);
    people(&cauce, 3);
    cauce
}

type Change<'c> = (&'c str, String, Value, &'c str);

/// One request for each change that leaves a row: method, address, body, the word of the row.
fn changes<'c>(key: &str, run: u64) -> Vec<Change<'c>> {
    let person = "/v1/profiles/email/p1%40example.com";
    let change = |method, path: &str, body: Value, what| (method, path.to_owned(), body, what);
    let address = json!({ "address": "p2@example.com", "reason": "asked by Paula" });
    let segment = json!({ "definitions": { "segments": { "s": { "rule": "count(x) >= 1" } } } });
    let past = json!({ "id": "past", "name": "signed_up", "user_id": "p9" });
    let batch = json!({ "batch": [{ "type": "track", "event": "x", "userId": "p9" }] });
    let phone = json!({ "platform": "android", "token": "a:1" });
    let dropped = json!({ "all": true, "why": "x" });
    let letter = json!({ "template": "code", "to": { "email": "p1@example.com" } });
    let mut all = vec![
        change("POST", "/v1/events?historical=true", past, "import.begin"),
        change("POST", "/v1/import", batch, "import.begin"),
        change("POST", "/v1/messages", letter, "message.send"),
        change("POST", "/v1/definitions/apply", segment, "definitions.apply"),
        change("POST", "/v1/campaigns/monthly/start", Value::Null, "campaign.start"),
        change("POST", &format!("/v1/campaigns/runs/{run}/pause"), Value::Null, "campaign.steer"),
        change("POST", "/v1/destinations/told/resume", Value::Null, "destination.resume"),
        change("POST", "/v1/destinations/lake/snapshots", Value::Null, "destination.snapshot"),
        change("POST", "/v1/lists/vip", json!({ "email": "p1@example.com" }), "list.add"),
        change("PUT", "/v1/lists/vip", json!({ "email": "p1@example.com" }), "list.replace"),
        change(
            "POST",
            "/v1/lists/vip/seal?upload=u1&as_of=2026-11-24T02:00:00Z",
            Value::Null,
            "list.seal",
        ),
        change("PUT", &format!("{person}/devices"), phone.clone(), "device.register"),
        change("DELETE", &format!("{person}/devices"), phone, "device.remove"),
        change("POST", "/v1/quarantine/replay", json!({ "all": true }), "quarantine.replay"),
        change("POST", "/v1/quarantine/drop", dropped, "quarantine.drop"),
        change("POST", "/v1/dead-letters/replay", json!({ "all": true }), "dead-letters.replay"),
        change("POST", "/v1/dead-letters/drop", json!({ "all": true }), "dead-letters.drop"),
        change(
            "POST",
            "/v1/deliverability/shop.example/google/resume",
            Value::Null,
            "deliverability.resume",
        ),
        change("POST", "/v1/sources/till/run", Value::Null, "source.run"),
        change(
            "POST",
            "/v1/providers/mail/test",
            json!({ "to": "me@example.com" }),
            "provider.test",
        ),
        change(
            "POST",
            "/v1/providers/mail/try",
            json!({ "to": "me@example.com", "dry_run": true }),
            "provider.try",
        ),
        change("POST", "/v1/suppressions", address.clone(), "suppression.set"),
        change("DELETE", "/v1/suppressions", address.clone(), "suppression.lift"),
        change(
            "POST",
            "/v1/suppressions/import",
            json!({ "items": [address] }),
            "suppression.import",
        ),
        change("POST", "/v1/suppressions/held/a.example/undo", json!({}), "suppression.release"),
        change("POST", "/v1/devices/refused/apns:com.shop/undo", json!({}), "devices.decide"),
        change("PATCH", person, json!({ "attributes": { "city": "Lugo" } }), "profile.rectify"),
        change("DELETE", person, Value::Null, "profile.erase"),
        change("POST", "/v1/erasures/sweep", Value::Null, "erasure.sweep"),
    ];
    all.extend(changes_of_settings(key));
    all
}

/// The same of how the installation works, the last of them the last of all.
fn changes_of_settings<'c>(key: &str) -> Vec<Change<'c>> {
    let change = |method, path: &str, body: Value, what| (method, path.to_owned(), body, what);
    let before = json!({ "event": "x", "before": "2020-01-01T00:00:00Z" });
    let member = json!({ "email": "new@example.com", "role": "viewer" });
    let new = "/v1/members/new@example.com";
    vec![
        change("POST", "/v1/keys", json!({ "name": "k", "scope": "write" }), "key.make"),
        change("DELETE", &format!("/v1/keys/{key}"), Value::Null, "key.revoke"),
        change("PUT", "/v1/secrets/mail", json!({ "value": "hush" }), "secret.set"),
        change("DELETE", "/v1/secrets/mail", Value::Null, "secret.remove"),
        change("POST", "/v1/members", member, "member.add"),
        change("PATCH", new, json!({ "role": "editor" }), "member.change"),
        change("POST", &format!("{new}/invitation"), Value::Null, "member.reset"),
        change("DELETE", new, Value::Null, "member.remove"),
        change("POST", "/v1/sending", json!({ "paused": "a test" }), "sending.steer"),
        change("POST", "/v1/backups", Value::Null, "backup.make"),
        change("POST", "/v1/retention", before, "retention.apply"),
        change("POST", "/v1/clock/confirm", Value::Null, "clock.confirm"),
    ]
}

/// Guards that somebody may lower, as a process that ended has left them.
fn guarded(cauce: &mut Cauce) {
    cauce.end();
    for (file, keeper) in [("mail-guard.json", "a.example"), ("push-guard.json", "apns:com.shop")] {
        let up = json!({ keeper: { "usual": [0, 0], "up": "2026-11-01T00:00:00Z" } });
        std::fs::write(cauce.data().join(file), up.to_string()).unwrap();
    }
    cauce.again();
}

#[test]
fn every_change_leaves_a_row() {
    let mut cauce = world("", &[]);
    let ana = member(&cauce, "ana@example.com", "owner");
    guarded(&mut cauce);
    // So that no run is done before it is steered.
    assert_eq!(cauce.post("/v1/sending", &json!({ "paused": "a test" })).status, 204);
    let run = cauce.start_campaign("second");
    let made = cauce.post("/v1/keys", &json!({ "name": "old", "scope": "write" })).json();
    let prefix: String = made["key"].as_str().unwrap().chars().take(10).collect();
    wait_for(PATIENCE, "the receiver said that it is gone", || {
        let all = cauce.get("/v1/destinations");
        let all = all["destinations"].as_array().unwrap().clone();
        all.iter().any(|one| one["standing"]["disabled"].is_string()).then_some(())
    });
    let mut seen = BTreeSet::new();
    for (method, path, body, what) in changes(&prefix, run) {
        let answer = ana.ask(method, &path, &body);
        assert!((200..300).contains(&answer.status), "{method} {path}: {answer:?}");
        // Of one import there is one row, however many requests it takes.
        if what != "import.begin" || !seen.contains(what) {
            let newest = rows(&cauce, "").remove(0);
            assert_eq!(newest["what"], what, "{method} {path}: {newest}");
            let who = json!({ "kind": "member", "name": "ana@example.com" });
            assert_eq!(newest["who"], who, "{newest}");
            assert_eq!(newest["outcome"], "done", "{newest}");
        }
        seen.insert(what);
    }
    // Signing in and out, and the clock of tests.
    let set = json!({ "old": PASSWORD, "new": "another long password" });
    let mut again = ana.clone();
    again.keep(&ana.ask("POST", "/v1/session/password", &set));
    assert_eq!(again.ask("DELETE", "/v1/session", &Value::Null).status, 204);
    again.sign_in("ana@example.com", "another long password");
    let whats: Vec<_> =
        rows(&cauce, "").iter().map(|row| row["what"].as_str().unwrap().to_owned()).collect();
    let last = ["session.begin", "session.end", "member.password", "session.begin"];
    let mut last_found = whats[..4].to_vec();
    // The session that follows a new password begins within that change.
    last_found.sort();
    let mut expected = last.to_vec();
    expected.sort_unstable();
    assert_eq!(last_found, expected);
    assert!(whats.contains(&"member.join".to_owned()));
    seen.extend(["session.end", "member.password"]);
    let test =
        Cauce::start_with("development = true", &[("CAUCE_TEST_CLOCK", "2026-03-01T12:00:00Z")]);
    let now = json!({ "now": "2026-03-01T13:00:00Z" });
    assert_eq!(test.post("/v1/clock", &now).status, 204);
    let newest = rows(&test, "").remove(0);
    assert_eq!(
        (newest["what"].as_str(), newest["who"]["kind"].as_str()),
        (Some("clock.set"), Some("key"))
    );
    seen.insert("clock.set");
    // Nothing of the table was left out.
    for rule in RULES {
        let what = match rule.kept {
            Kept::Row(what) | Kept::OfMembers(what) => what,
            Kept::Import => "import.begin",
            Kept::Nothing | Kept::Facts | Kept::ByItself => continue,
        };
        assert!(seen.contains(what), "no request for {rule:?}");
    }
    secrets_and_people_are_not_in_it(&cauce, made["key"].as_str().unwrap());
}

fn secrets_and_people_are_not_in_it(cauce: &Cauce, key: &str) {
    let text = cauce.get("/v1/audit?limit=500").to_string();
    for never in ["p1@example.com", "p2@example.com", "Paula", "Lugo", PASSWORD, &key[10..]] {
        assert!(!text.contains(never), "`{never}` in {text}");
    }
    assert!(!text.contains("/join/"), "an invitation");
    // Who knows the name finds the rows, also after the erasure.
    let about = rows(cauce, "&person=email:P1@example.com");
    let what: Vec<_> = about.iter().map(|row| row["what"].as_str().unwrap()).collect();
    let expected = ["profile.erase", "profile.rectify", "device.remove", "device.register"];
    assert_eq!(what, expected);
    let about = rows(cauce, "&person=email:p2@example.com");
    assert_eq!(about.len(), 2, "{about:?}");
    let erased = rows(cauce, "&what=profile.erase").remove(0);
    assert!(erased["detail"].as_str().unwrap().starts_with("pro_"), "the profile: {erased}");
}

#[test]
fn pages_are_newest_first_and_rows_live_through_a_crash() {
    let mut cauce = Cauce::start("");
    for n in 0..12 {
        let key = json!({ "name": format!("key-{n}"), "scope": "write" });
        assert_eq!(cauce.post("/v1/keys", &key).status, 201);
    }
    assert_eq!(cauce.ask("DELETE", "/v1/keys/nothing", "", b"").status, 404);
    let bad = json!({ "definitions": { "segments": { "s": { "rule": "nonsense(" } } } });
    assert_eq!(cauce.post("/v1/definitions/apply", &bad).status, 422);
    let before = rows(&cauce, "");
    assert_eq!(before.len(), 13, "what was refused has changed nothing: {before:?}");
    cauce.kill();
    cauce.again();
    assert_eq!(rows(&cauce, ""), before);
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = cauce.get(&format!("/v1/audit?limit=5{cursor}"));
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 5);
        paged.extend(items.clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, before);
    assert!(paged[0]["detail"].as_str().unwrap().contains("key-11"), "{paged:?}");
    assert_eq!(paged[12]["who"], json!({ "kind": "system", "name": "cauce" }), "the first key");
    assert_eq!(rows(&cauce, "&who=first&what=key").len(), 12);
    assert_eq!(rows(&cauce, "&what=campaign").len(), 0);
    let no = cauce.ask("GET", "/v1/audit?cursor=x", "", b"");
    assert_eq!(no.status, 400, "{no:?}");
}

#[test]
fn what_nobody_asked_for_is_the_systems() {
    let cauce =
        Cauce::start_with("development = true", &[("CAUCE_TEST_CLOCK", "2026-03-01T12:00:00Z")]);
    let mut all = shop(json!({ "channel": "email", "catch-all": {} }));
    let later = json!({ "audience": ["everybody"], "template": "letter",
                        "at": "2026-03-01T13:00:00Z" });
    all["definitions"]["campaigns"] = json!({ "later": later });
    cauce.apply(&all);
    let now = json!({ "now": "2026-03-01T13:00:01Z" });
    assert_eq!(cauce.post("/v1/clock", &now).status, 204);
    let row =
        wait_for(PATIENCE, "the start", || rows(&cauce, "&what=campaign.start").into_iter().next());
    assert_eq!(row["who"], json!({ "kind": "system", "name": "schedule" }), "{row}");
    assert_eq!(row["of"], "later", "{row}");
}
