//! Names that were given by mistake go back to whom they belong, and who became one can be told
//! apart again: over the wire, and at the terminal.

use crate::world::cauce::command;
use crate::world::*;
use serde_json::{Value, json};

fn report(cauce: &Cauce, event: Value) {
    assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
}

fn run(cauce: &Cauce, words: &[&str]) -> (bool, String) {
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let mut command = command();
    command.args(words).args(["--server", &server]).env("CAUCE_KEY", &cauce.key);
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

fn names(profile: &Value) -> Vec<String> {
    let aliases = profile["aliases"].as_array().unwrap();
    aliases.iter().map(|alias| alias["alias"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn who_became_one_can_be_told_apart_again() {
    let cauce = Cauce::start("");
    cauce.apply(&json!({ "definitions": { "topics": { "news": { "title": "News" } } } }));
    let yes = json!([{ "topic": "news", "state": "granted", "source": "form" }]);
    report(&cauce, json!({ "name": "seen", "user_id": "7", "attributes": { "city": "Lugo" } }));
    report(
        &cauce,
        json!({ "name": "seen", "anonymous_id": "kiosk", "consents": yes,
                           "attributes": { "city": "Vigo", "likes": "tea" } }),
    );
    report(&cauce, json!({ "name": "signed_in", "user_id": "7", "anonymous_id": "kiosk" }));
    report(
        &cauce,
        json!({ "name": "bought", "anonymous_id": "kiosk",
                           "attributes": { "likes": "coffee" } }),
    );
    let path = "/v1/profiles/user_id/7/identity?without=anonymous_id:kiosk";
    let told = cauce.get(path)["what_if"].clone();
    let (away, stays) = (&told["away"], &told["stays"]);
    assert_eq!(away["aliases"], json!(["anonymous_id:kiosk"]), "{told}");
    assert_eq!(stays["aliases"], json!(["user_id:7"]), "{told}");
    assert_eq!(away["attributes"]["city"]["value"], "Vigo", "{told}");
    assert_eq!(away["attributes"]["likes"]["value"], "coffee", "{told}");
    assert_eq!(stays["attributes"]["city"]["value"], "Lugo", "{told}");
    assert_eq!(stays["attributes"]["likes"], Value::Null, "{told}");
    assert_eq!(away["events"], json!({ "bought": 1, "consent_stated": 1, "seen": 1 }), "{told}");
    assert_eq!(stays["events"], json!({ "seen": 1, "signed_in": 1 }), "{told}");
    assert_eq!(away["consents"][0]["fact"]["topic"], "news", "{told}");
    assert_eq!(stays["consents"], json!([]), "{told}");
    // Nothing has changed by it, and a start later it is known as well.
    let profile = cauce.get("/v1/profiles/anonymous_id/kiosk");
    assert_eq!(profile["id"], cauce.get("/v1/profiles/user_id/7")["id"]);
    let (fine, said) = run(&cauce, &["identity", "user_id=7", "--without", "anonymous_id=kiosk"]);
    assert!(fine && said.contains("away     anonymous_id:kiosk"), "{said}");
    assert!(said.contains("city: \"Vigo\"") && said.contains("1 bought"), "{said}");
    let mut cauce = cauce;
    cauce.kill();
    cauce.again();
    assert_eq!(cauce.get(path)["what_if"], told);
    let other = "/v1/profiles/user_id/7/identity?without=email:x@y.example";
    let answer = cauce.ask("GET", other, "application/json", b"");
    assert!(answer.status == 404 && answer.text.contains("led to none"), "{answer:?}");
    // An erasure takes the sides along.
    let erased = cauce.ask("DELETE", "/v1/profiles/user_id/7", "application/json", b"");
    assert_eq!(erased.status, 200, "{erased:?}");
    let gone = cauce.ask("GET", path, "application/json", b"");
    assert_eq!(gone.status, 404, "{gone:?}");
}

#[test]
fn a_wrong_name_is_put_right() {
    let cauce = Cauce::start("");
    let address = |value: &str| json!({ "name": "signed_up", "email": value });
    report(
        &cauce,
        json!({ "name": "signed_up", "user_id": "7", "email": "ana@exmaple.com",
                           "attributes": { "email": "ana@exmaple.com" } }),
    );
    report(&cauce, json!({ "name": "signed_up", "user_id": "8", "email": "bea@x.example" }));
    let ana = "/v1/profiles/user_id/7";
    let patch = |path: &str, body: Value| {
        cauce.ask("PATCH", path, "application/json", body.to_string().as_bytes())
    };
    let one = |wrong: &str, right: Option<&str>, merge: bool| {
        let one = json!({ "wrong": wrong, "right": right, "merge": merge });
        json!({ "aliases": [one] })
    };
    let refused = |body: Value, why: &str| {
        let answer = patch(ana, body);
        assert!(answer.status == 409 && answer.text.contains(why), "{answer:?}");
    };
    refused(one("email:nobody@x.example", None, false), "is no name of this profile");
    // Bea has an account of her own: the two never become one, whatever somebody says.
    let never = "never belong to one person";
    refused(one("email:ana@exmaple.com", Some("email:bea@x.example"), true), never);
    let words = ["rectify", "user_id=7", "--wrong", "email=ana@exmaple.com"];
    let (fine, said) = run(&cauce, &[&words[..], &["--right", "email=ana@example.com"]].concat());
    assert!(fine && said.contains("email:ana@example.com instead"), "{said}");
    let shown = cauce.get(&format!("{ana}/identity"));
    assert_eq!(names(&shown), ["email:ana@example.com", "user_id:7"], "{shown}");
    let profile = cauce.get(ana);
    assert!(!profile["attributes"].to_string().contains("exmaple"), "{profile}");
    let event = profile["timeline"].as_array().unwrap().iter();
    let event = event.clone().find(|event| event["name"] == "profile_rectified").unwrap();
    assert_eq!(event["properties"]["names"], json!(["email"]), "{event}");
    assert!(!event.to_string().contains("exmaple"), "{event}");
    // Asked once more, as after an answer that got lost: it is done already. Who does not say so
    // may have mistyped the name, and the wrong one would stay.
    let mut again = one("email:ana@exmaple.com", Some("email:ana@example.com"), false);
    refused(again.clone(), "is no name of this profile");
    again["aliases"][0]["again"] = json!(true);
    assert_eq!(patch(ana, again.clone()).status, 204);
    // A first try that ended between its two steps: neither name is there, and the second mends it.
    let half = one("email:ana@example.com", None, false);
    assert_eq!(patch(ana, half).status, 204);
    assert_eq!(names(&cauce.get(&format!("{ana}/identity"))), ["user_id:7"]);
    assert_eq!(patch(ana, again).status, 204);
    let shown = cauce.get(&format!("{ana}/identity"));
    assert_eq!(names(&shown), ["email:ana@example.com", "user_id:7"], "{shown}");
    // Who reports the wrong one now is somebody else.
    report(&cauce, address("ana@exmaple.com"));
    let other = cauce.get("/v1/profiles/email/ana@exmaple.com");
    assert_ne!(other["id"], profile["id"]);
    // Somebody with one name only: the right one comes before the wrong one goes.
    let lone = "/v1/profiles/email/ana@exmaple.com";
    let answer = patch(lone, one("email:ana@exmaple.com", None, false));
    assert!(answer.status == 409 && answer.text.contains("the only name"), "{answer:?}");
    let merged = one("email:ana@exmaple.com", Some("email:ana@example.com"), false);
    let answer = patch(lone, merged);
    assert!(answer.status == 409 && answer.text.contains("merge"), "{answer:?}");
    let answer = patch(lone, one("email:ana@exmaple.com", Some("email:leo@example.com"), false));
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(
        names(&cauce.get("/v1/profiles/email/leo@example.com/identity")),
        ["email:leo@example.com"]
    );
    let gone = cauce.ask("GET", lone, "application/json", b"");
    assert_eq!(gone.status, 404, "{gone:?}");
    // And if they are one person after all, it is said.
    let leo = "/v1/profiles/email/leo@example.com";
    let answer = patch(leo, one("email:leo@example.com", Some("email:ana@example.com"), true));
    assert_eq!(answer.status, 204, "{answer:?}");
    let shown = cauce.get(&format!("{ana}/identity"));
    assert_eq!(names(&shown), ["email:ana@example.com", "user_id:7"], "{shown}");
    assert_eq!(shown["merges"].as_array().unwrap().len(), 1, "{shown}");
    let audit = cauce.get("/v1/audit?limit=50").to_string();
    assert!(audit.contains("profile.rectify") && audit.contains("a name (email)"), "{audit}");
    assert!(!audit.contains("exmaple"), "{audit}");
}
