//! A yes that the mailbox confirms, what was said and when, and why names are one person.

use crate::world::*;
use serde_json::{Value, json};

fn path_of(mail: &Mail, word: &str) -> String {
    let text = mail.readable();
    let at = text.find(word).unwrap_or_else(|| panic!("no {word} in {text}"));
    let rest = &text[at..];
    let end = rest.find(|c: char| c.is_whitespace() || "\"<".contains(c)).unwrap_or(rest.len());
    rest[..end].to_owned()
}

fn state(cauce: &Cauce, at: &str) -> Vec<String> {
    let query = if at.is_empty() { String::new() } else { format!("?at={at}") };
    let shown = cauce.get(&format!("/v1/profiles/email/ana@x.example/consents{query}"));
    let all = shown["in_force"].as_array().unwrap().clone();
    let word = |consent: &Value| {
        let fact = &consent["fact"];
        format!("{} {}", fact["topic"].as_str().unwrap(), fact["state"].as_str().unwrap())
    };
    all.iter().map(word).collect()
}

#[test]
fn a_yes_counts_once_the_mailbox_says_so() {
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("");
    let mut definitions = shop(smtp(sink.port));
    let all = &mut definitions["definitions"];
    all["topics"]["news"] =
        json!({ "title": "News", "double-opt-in": true, "confirmation": "please" });
    all["templates"]["please"] = json!({ "subject": "Is it you?", "tracking": false,
                                         "text": "Yes: {{ links.confirm }}" });
    all["journeys"] = json!({ "hello": { "entry": { "event": "hello" }, "policy": "always",
                                         "steps": [{ "message": "letter" }] } });
    cauce.apply(&definitions);
    let event = json!({ "name": "signed_up", "email": "ana@x.example",
        "consents": [{ "topic": "news", "state": "granted", "source": "form", "ip": "192.0.2.1",
                       "wording": "Yes, please" }] });
    assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
    let mail = wait_for(PATIENCE, "the question", || sink.mails().into_iter().next());
    assert_eq!(state(&cauce, ""), ["news pending"]);
    let hello = json!({ "name": "hello", "email": "ana@x.example" }).to_string();
    cauce.report(&hello, "?applied=true");
    let refused = wait_for(PATIENCE, "the refusal", || {
        let messages = cauce.messages("ana@x.example");
        messages.into_iter().find(|message| message["state"]["state"] == "refused")
    });
    assert!(refused["why"].as_str().unwrap().contains("not confirmed"), "{refused}");

    // A scanner follows the link, again and again: nothing happens.
    let confirm = path_of(&mail, "/confirm/");
    for _ in 0..3 {
        let page = cauce.open("GET", &confirm, "text/plain", b"");
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.text.contains("<form method=\"post\""), "{page:?}");
    }
    assert_eq!(state(&cauce, ""), ["news pending"]);
    let forged = format!("{confirm}x");
    assert_eq!(cauce.open("POST", &forged, "text/plain", b"").status, 404);
    let form = "application/x-www-form-urlencoded";
    assert_eq!(cauce.open("POST", &confirm, form, b"").status, 200);
    assert_eq!(state(&cauce, ""), ["news granted"]);
    cauce.report(&hello, "?applied=true");
    wait_for(PATIENCE, "a letter", || (sink.arrived() == 2).then_some(()));

    // Of the past it is known what was in force then, and by which words.
    assert!(state(&cauce, "2020-01-01T00:00:00Z").is_empty());
    let shown = cauce.get("/v1/profiles/email/ana@x.example/consents");
    let evidence = shown["evidence"].as_array().unwrap();
    assert_eq!(evidence.len(), 2, "{shown}");
    assert_eq!(evidence[0]["statement"]["wording"], "Yes, please", "{shown}");
    assert_eq!(evidence[0]["statement"]["ip"], "192.0.2.1", "{shown}");
    assert_eq!(evidence[1]["statement"]["source"], "confirmation link", "{shown}");
    let asked = evidence[0]["at"].as_str().unwrap();
    assert_eq!(state(&cauce, asked), ["news pending"]);
}

#[test]
fn why_names_are_one_person_is_told() {
    let cauce = Cauce::start("");
    cauce.apply(&json!({ "definitions": { "namespaces": {
        "phone": { "priority": 3, "case": "phone", "shared": true } } } }));
    let report = |event: Value| {
        assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
    };
    report(json!({ "name": "seen", "anonymous_id": "laptop" }));
    report(json!({ "name": "seen", "email": "Ana@X.example" }));
    report(json!({ "name": "signed_up", "user_id": "7", "email": "ana@x.example",
                   "anonymous_id": "laptop", "aliases": { "phone": "0034 600 11 22 33" } }));
    report(json!({ "name": "signed_up", "user_id": "8", "anonymous_id": "laptop",
                   "aliases": { "phone": "+34600112233" } }));
    let shown = cauce.get("/v1/profiles/email/ana@x.example/identity?with=user_id:8");
    assert_eq!(shown["merges"].as_array().unwrap().len(), 2, "{shown}");
    assert!(shown["merges"][0]["why"].as_str().unwrap().starts_with("both used"), "{shown}");
    let told = shown["what_if"]["answer"].as_str().unwrap();
    assert!(told.contains("user_id:7 and user_id:8 never belong to one person"), "{told}");
    let other = cauce.get("/v1/profiles/user_id/8/identity?with=email:new@x.example");
    assert_eq!(other["refused"][0]["alias"], "anonymous_id:laptop", "{other}");
    assert_eq!(other["refused"][0]["by"][0], json!(["user_id:8", "user_id:7"]), "{other}");
    let phone = other["aliases"].as_array().unwrap().iter().find(|a| a["shared"] == true);
    assert_eq!(phone.unwrap()["alias"], "phone:+34600112233", "{other}");
    assert!(other["what_if"]["answer"].as_str().unwrap().starts_with("nobody has it"), "{other}");
}

#[test]
fn pages_speak_the_reader_s_language_and_what_is_wrong_is_put_right() {
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("");
    let mut definitions = shop(smtp(sink.port));
    definitions["definitions"]["topics"]["news"] =
        json!({ "title": "News", "titles": { "es": "Noticias" } });
    cauce.apply(&definitions);
    people(&cauce, 1);
    let run = cauce.start_campaign("monthly");
    cauce.done(run, PATIENCE);
    let page = path_of(&sink.mails()[0], "/preferences/");
    let spanish = [("accept-language", "es-ES,en;q=0.5")];
    let shown = http::ask(cauce.port, "GET", &page, &spanish, b"").unwrap().text;
    assert!(shown.contains("lang=\"es\"") && shown.contains("Noticias"), "{shown}");
    assert!(!shown.contains("<script") && shown.contains("<legend>Temas</legend>"), "{shown}");
    let english = cauce.open("GET", &page, "text/plain", b"").text;
    assert!(english.contains("lang=\"en\"") && english.contains("<b>News</b>"), "{english}");

    let wrong = json!({ "attributes": { "language": "es", "first_name": "Ana" } }).to_string();
    let path = "/v1/profiles/user_id/p0";
    let answer = cauce.ask("PATCH", path, "application/json", wrong.as_bytes());
    assert_eq!(answer.status, 204, "{answer:?}");
    let own = cauce.open("GET", &page, "text/plain", b"").text;
    assert!(own.contains("lang=\"es\""), "the profile's language: {own}");
    // What does not fit would wait in quarantine and put nothing right.
    let schema = json!({ "properties": { "age": "number" } });
    cauce.apply(&json!({ "definitions": { "schemas": { "attributes": schema } } }));
    let unfit = json!({ "attributes": { "age": "old" } }).to_string();
    let answer = cauce.ask("PATCH", path, "application/json", unfit.as_bytes());
    assert!(answer.status == 422 && answer.text.contains("attributes.age"), "{answer:?}");
    let waiting = cauce.get("/v1/quarantine");
    assert_eq!(waiting["items"].as_array().map(Vec::len), Some(0), "{waiting}");
    let nobody = "/v1/profiles/user_id/typo";
    let answer = cauce.ask("PATCH", nobody, "application/json", wrong.as_bytes());
    assert_eq!(answer.status, 404, "{answer:?}");

    let whole = cauce.get("/v1/profiles/user_id/p0/export");
    assert_eq!(whole["attributes"]["first_name"]["value"], "Ana", "{whole}");
    assert_eq!(whole["aliases"], json!(["email:p0@example.com", "user_id:p0"]), "{whole}");
    assert_eq!(whole["evidence"].as_array().unwrap().len(), 1, "{whole}");
    assert_eq!(whole["messages"].as_array().unwrap().len(), 1, "{whole}");
    assert_eq!(whole["segments"][0]["name"], "everybody", "{whole}");
    let timeline = whole["timeline"].as_array().unwrap();
    let by = timeline.iter().find(|event| event["name"] == "profile_rectified").unwrap();
    assert_eq!(by["properties"]["by"], "first", "{whole}");
}
