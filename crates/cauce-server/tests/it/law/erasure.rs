//! A person goes through everything, asks to be forgotten, and no file says anything of them.

use super::bytes;
use crate::world::*;
use serde_json::{Value, json};

/// What nobody else has: names, addresses, words.
const EMAIL: &str = "quetzalcoatl.7391@unmistakable.example";
const OTHER_EMAIL: &str = "xochimilco.5522@elsewhere.example";
const ACCOUNT: &str = "account-zyxwvut-8842";
const DEVICE: &str = "device-plumbeous-3307";
const PHONE: &str = "+34699887766554";
const NAME: &str = "Íñigo Ñandúbarrutia";
const STREET: &str = "Calle Mühlbachstraße 4711";
const ORDER: &str = "order-chrysanthemum-0099";
const CODE: &str = "one-time-heliotrope-3141";
const WORDING: &str = "Sí, quiero recibir axolotls";
const IP: &str = "203.0.113.217";
const KEY: &str = "idem-quetzal-55110";
const IMPORTED: &str = "import-obsidian-6688";
const LISTED: &str = "badge-vermilion-2295";
const TOKEN: &str = "token-cerulean-9934";

const ALL: [&str; 15] = [
    EMAIL,
    OTHER_EMAIL,
    ACCOUNT,
    DEVICE,
    PHONE,
    NAME,
    STREET,
    ORDER,
    CODE,
    WORDING,
    IP,
    KEY,
    IMPORTED,
    LISTED,
    TOKEN,
];

fn report(cauce: &Cauce, event: &Value, query: &str) {
    let answer = cauce.report(&event.to_string(), query);
    assert_eq!(answer.status, 202, "{answer:?}");
}

fn erase(cauce: &Cauce, path: &str) -> Value {
    let answer = cauce.ask("DELETE", path, "application/json", b"");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Everything that can leave a trace: events, a merge, an import, a campaign, a message that is
/// asked for, a row of a list, clicks, a complaint, a suppression with evidence.
fn live(cauce: &Cauce, sink: &Sink) {
    let applied = "?applied=true";
    let seen = json!({ "name": "page_viewed", "anonymous_id": DEVICE,
                       "properties": { "search": STREET } });
    report(cauce, &seen, applied);
    let early = json!({ "name": "order_completed", "email": OTHER_EMAIL,
                        "properties": { "order": ORDER } });
    report(cauce, &early, applied);
    let row = json!({ "email": OTHER_EMAIL, "badge": LISTED });
    let answer = cauce.post("/v1/lists/fair", &row);
    assert_eq!(answer.status, 202, "{answer:?}");
    let consent = json!([{ "topic": "news", "state": "granted", "source": "form",
                           "wording": WORDING, "ip": IP },
                         { "topic": "offers", "state": "withdrawn", "source": "form" }]);
    let signed = json!({ "name": "signed_up", "user_id": ACCOUNT, "email": EMAIL,
                         "aliases": { "phone": PHONE }, "consents": consent,
                         "attributes": { "first_name": NAME, "street": STREET } });
    report(cauce, &signed, applied);
    // On the half that is absorbed: the device goes along, and then with the rest.
    let phone = json!({ "name": "device_registered", "anonymous_id": DEVICE,
                        "properties": { "platform": "android", "token": TOKEN } });
    report(cauce, &phone, applied);
    // Three profiles become one.
    let tie = json!({ "name": "signed_in", "user_id": ACCOUNT, "anonymous_id": DEVICE });
    report(cauce, &tie, applied);
    let tie = json!({ "name": "signed_in", "user_id": ACCOUNT, "email": OTHER_EMAIL });
    report(cauce, &tie, applied);
    let history = json!({ "name": "bought_in_a_shop", "email": EMAIL, "id": IMPORTED,
                          "occurred_at": "2024-02-03T04:05:06Z",
                          "properties": { "receipt": IMPORTED } });
    report(cauce, &history, "?historical=true&applied=true");
    let run = cauce.start_campaign("monthly");
    let shown = cauce.done(run, PATIENCE);
    check_balance(&shown);
    let code = json!({ "template": "code", "to": { "email": EMAIL }, "idempotency_key": KEY,
                       "payload": { "code": CODE, "name": NAME } });
    let message = cauce.send(&code);
    cauce.message_in(&message, "accepted");
    let letter = sink.to(OTHER_EMAIL).into_iter().chain(sink.to(EMAIL)).next().expect("a letter");
    assert!(!letter.text.is_empty());
}

fn start() -> (Sink, Cauce) {
    let sink = Sink::start(Script::default());
    // Without compression, so that a search of the bytes means something.
    let cauce = Cauce::start("compress = false\npartitions = 4");
    let mut definitions = shop(smtp(sink.port));
    definitions["definitions"]["topics"]["offers"] = json!({ "title": "Offers" });
    definitions["definitions"]["lists"] = json!({ "fair": { "namespace": "email" } });
    cauce.apply(&definitions);
    people(&cauce, 20);
    (sink, cauce)
}

#[test]
fn a_backup_goes_when_it_has_been_kept_for_its_days() {
    let mut cauce = Cauce::start("backups-keep-days = 1");
    let answer = cauce.post("/v1/backups", &json!({}));
    let fresh = std::path::PathBuf::from(answer.json()["file"].as_str().expect("a file"));
    assert_eq!(cauce.end(), Some(0), "{}", cauce.said());
    let made: i64 = fresh.file_stem().and_then(|n| n.to_str()).unwrap().parse().expect("its time");
    let (hour, day) = (3_600_000, 86_400_000);
    let of = |made: i64| fresh.with_file_name(format!("{made}.cauce"));
    let (young, old) = (of(made - day + hour), of(made - day - hour));
    for copy in [&young, &old] {
        std::fs::copy(&fresh, copy).unwrap();
    }
    cauce.again();
    wait_for(PATIENCE, "the old one to go", || (!old.exists()).then_some(()));
    assert!(young.exists() && fresh.exists(), "{}", cauce.said());
}

#[test]
fn no_file_says_anything_of_who_was_erased() {
    let (sink, mut cauce) = start();
    live(&cauce, &sink);
    let other = cauce.get("/v1/profiles/user_id/p7");
    let before = bytes::found(&cauce.data(), &ALL);
    for text in ALL {
        assert!(before.iter().any(|found| found.contains(text)), "{text} was nowhere: {before:#?}");
    }
    let suppress = json!({ "address": EMAIL, "reason": format!("{NAME} called") });
    assert_eq!(cauce.post("/v1/suppressions", &suppress).status, 204);

    let answer = erase(&cauce, &format!("/v1/profiles/email/{OTHER_EMAIL}?sweep=true"));
    assert_eq!(answer["state"], "erased", "{answer}");
    assert!(answer["swept"]["entries"].as_u64().unwrap() > 10, "{answer}");
    assert!(answer["last_byte"]["at"].is_string(), "{answer}");
    for alias in [
        format!("email/{EMAIL}"),
        format!("user_id/{ACCOUNT}"),
        format!("anonymous_id/{DEVICE}"),
        format!("phone/{PHONE}"),
    ] {
        let path = format!("/v1/profiles/{alias}");
        let gone = cauce.ask("GET", &path, "application/json", b"");
        assert_eq!(gone.status, 404, "{alias}: {gone:?}");
    }
    let left = bytes::found(&cauce.data(), &ALL);
    assert!(left.is_empty(), "{left:#?}");

    // Nor after the process ends, whatever it writes then, nor after it begins again.
    assert_eq!(cauce.end(), Some(0), "{}", cauce.said());
    let left = bytes::found(&cauce.data(), &ALL);
    assert!(left.is_empty(), "{left:#?}");
    cauce.again();
    assert_eq!(cauce.get("/v1/profiles/user_id/p7"), other, "others are untouched");
    assert_eq!(cauce.get("/v1/quarantine"), json!({ "items": [], "next": null, "entries": [] }));

    // What comes late is not taken for news.
    let late = json!({ "name": "order_completed", "user_id": ACCOUNT,
                       "occurred_at": "2026-01-01T00:00:00Z" });
    report(&cauce, &late, "?applied=true");
    let history = json!({ "name": "seen", "email": EMAIL });
    report(&cauce, &history, "?historical=true&applied=true");
    let metrics = cauce.open("GET", "/metrics", "text/plain", b"").text;
    assert!(metrics.contains("events.erased") || metrics.contains("events_erased"), "{metrics}");
    for alias in [format!("user_id/{ACCOUNT}"), format!("email/{EMAIL}")] {
        let path = format!("/v1/profiles/{alias}");
        assert_eq!(cauce.ask("GET", &path, "application/json", b"").status, 404, "{alias}");
    }

    // Who comes back by themselves is new; what was suppressed and refused holds.
    let back = json!({ "name": "signed_up", "email": EMAIL,
        "consents": [{ "topic": "news", "state": "granted", "source": "form" }] });
    report(&cauce, &back, "?applied=true");
    let profile = cauce.get(&format!("/v1/profiles/email/{EMAIL}"));
    assert_eq!(profile["suppressions"][0]["why"]["reason"], "manual", "{profile}");
    let withdrawn = profile["consents"].as_array().unwrap().iter().any(|consent| {
        consent["fact"]["topic"] == "offers" && consent["fact"]["state"] == "withdrawn"
    });
    assert!(withdrawn, "{profile}");
    let before = sink.arrived();
    let code = json!({ "template": "code", "to": { "email": EMAIL }, "payload": { "code": "x" } });
    let message = cauce.send(&code);
    let shown = cauce.message_in(&message, "refused");
    assert!(shown["state"]["reason"].to_string().contains("suppressed"), "{shown}");
    assert_eq!(sink.arrived(), before);
    let register = cauce.get("/v1/erasures");
    assert!(register["erasures"].as_array().unwrap().len() >= 5, "{register}");
    assert!(register["erasures"][0]["state"] == "swept", "{register}");
}

#[test]
fn an_older_backup_does_not_bring_anybody_back() {
    let (sink, mut cauce) = start();
    live(&cauce, &sink);
    let answer = cauce.post("/v1/backups", &Value::Null);
    assert_eq!(answer.status, 201, "{answer:?}");
    let backup = answer.json()["file"].as_str().unwrap().to_owned();
    let answer = erase(&cauce, &format!("/v1/profiles/user_id/{ACCOUNT}"));
    assert!(answer["last_byte"]["backups"].is_string(), "the backup has them still: {answer}");
    cauce.kill();
    let folder = cauce.folder.path().join("restored");
    let restored =
        cauce::command().args(["restore", &backup, "--data"]).arg(&folder).output().unwrap();
    assert!(restored.status.success(), "{restored:?}");
    let said = String::from_utf8_lossy(&restored.stdout).into_owned();
    assert!(said.contains("is erased again"), "{said}");
    std::fs::rename(cauce.data(), cauce.folder.path().join("lost")).unwrap();
    std::fs::rename(&folder, cauce.data()).unwrap();
    cauce.again();
    for alias in [format!("email/{EMAIL}"), format!("user_id/{ACCOUNT}")] {
        let path = format!("/v1/profiles/{alias}");
        let answer = cauce.ask("GET", &path, "application/json", b"");
        assert_eq!(answer.status, 404, "{alias}: {answer:?}");
    }
    assert_eq!(cauce.get("/v1/profiles/user_id/p7")["attributes"]["first_name"]["value"], "N7");
}

#[test]
fn the_terminal_asks_before_it_forgets() {
    let cauce = Cauce::start("");
    let event = json!({ "name": "signed_up", "user_id": "7", "email": "ana@x.example",
        "consents": [{ "topic": "news", "state": "granted", "source": "form" }] });
    report(&cauce, &event, "?applied=true");
    let url = format!("http://127.0.0.1:{}", cauce.port);
    let run = |words: &[&str]| {
        let mut command = cauce::command();
        command.args(words).args(["--server", &url, "--key", cauce.key.trim()]);
        let output = command.stdin(std::process::Stdio::null()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    };
    let (code, said) = run(&["identity", "email=ana@x.example", "--with", "user_id=8"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("name     user_id:7, unique") && said.contains("nobody has it"),
        "{said}"
    );
    let (code, said) = run(&["consents", "email=ana@x.example"]);
    assert!(code == Some(0) && said.contains("granted   news (every channel), form"), "{said}");
    let (code, said) = run(&["erase", "email=ana@x.example"]);
    assert!(code == Some(1) && said.contains("--yes"), "nobody can be asked here: {said}");
    assert_eq!(cauce.ask("GET", "/v1/profiles/user_id/7", "text/plain", b"").status, 200);
    let (code, said) = run(&["erase", "email=ana@x.example", "--yes"]);
    assert!(code == Some(0) && said.contains("is erased"), "{said}");
    assert_eq!(cauce.ask("GET", "/v1/profiles/user_id/7", "text/plain", b"").status, 404);
}
