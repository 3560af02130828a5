//! Destinations that are told by webhook: signed, in batches, again until it is answered with yes.

use super::*;
use crate::world::http::Request;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What a receiver answers: a status for each request, the last one for ever.
type Answers = Arc<Mutex<Vec<u16>>>;

/// A server that answers as it is told; what it was asked.
fn receiver(answers: &[u16]) -> (u16, Arc<Mutex<Vec<Request>>>, Answers) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
    let left: Answers = Arc::new(Mutex::new(answers.to_vec()));
    let (kept, told) = (asked.clone(), left.clone());
    std::thread::spawn(move || {
        // Ends with the process of the tests.
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let Some(request) = http::read_request(&mut stream) else { continue };
            kept.lock().unwrap().push(request);
            let mut left = told.lock().unwrap();
            let status = if left.len() > 1 { left.remove(0) } else { left[0] };
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (port, asked, left)
}

fn destination(port: u16, more: Value) -> Value {
    let mut webhook = json!({ "url": format!("http://127.0.0.1:{port}/told"),
                              "signing-key": "env:CAUCE_TOLD_KEY" });
    for (name, value) in more.as_object().unwrap() {
        webhook[name] = value.clone();
    }
    let destination = json!({ "segments": ["gold"], "by": "email", "webhook": webhook });
    let mut all = shared();
    all["definitions"]["destinations"] = json!({ "shop": destination });
    all
}

fn start() -> Cauce {
    Cauce::start_with("", &[("CAUCE_TOLD_KEY", SECRET)])
}

fn changes(asked: &[Request]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = asked.iter().flat_map(|request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["type"], "membership.changed", "{body}");
        assert_eq!(body["data"]["destination"], "shop", "{body}");
        body["data"]["changes"].as_array().unwrap().clone()
    });
    all.map(|change| (text(&change["alias"]), text(&change["change"]))).collect()
}

fn standing(cauce: &Cauce) -> Value {
    cauce.get("/v1/destinations")["destinations"][0]["standing"].clone()
}

#[test]
fn a_request_in_vain_comes_again_under_its_name() {
    let (port, asked, _) = receiver(&[500, 200]);
    let cauce = start();
    cauce.apply(&destination(port, json!({ "batch": 2 })));
    for name in ["ana", "bo", "cy"] {
        person(&cauce, name, "gold");
    }
    person(&cauce, "dee", "free");
    person(&cauce, "bo", "free");
    let all = wait_for(PATIENCE, "all changes", || {
        let asked = asked.lock().unwrap().clone();
        (changes(&asked[1.min(asked.len())..]).len() == 4).then_some(asked)
    });
    let name = |request: &Request| request.headers["webhook-id"].clone();
    assert_eq!(name(&all[0]), name(&all[1]), "the same request is tried again");
    assert_eq!(all[0].body, all[1].body);
    assert_ne!(name(&all[1]), name(&all[2]), "the next batch has its own name");
    let told = changes(&all[1..]);
    let expected = [("ana", "entered"), ("bo", "entered"), ("cy", "entered"), ("bo", "left")];
    let expected =
        expected.map(|(who, what)| (format!("email:{who}@example.com"), what.to_owned()));
    assert_eq!(told, expected);
    assert!(all.iter().all(|request| changes(std::slice::from_ref(request)).len() <= 2));
    let shown = wait_for(PATIENCE, "the answer", || {
        Some(standing(&cauce)).filter(|standing| standing["told"] == 4)
    });
    assert_eq!((&shown["in_vain"], &shown["disabled"]), (&json!(0), &Value::Null), "{shown}");
}

#[test]
fn a_receiver_that_is_gone_is_left_alone_until_somebody_resumes_it() {
    let (port, asked, answers) = receiver(&[410]);
    let mut cauce = start();
    cauce.apply(&destination(port, json!({})));
    person(&cauce, "ana", "gold");
    let shown = wait_for(PATIENCE, "an end", || {
        Some(standing(&cauce)).filter(|standing| standing["disabled"].is_string())
    });
    assert!(shown["disabled"].as_str().unwrap().contains("gone"), "{shown}");
    cauce.kill();
    cauce.again();
    person(&cauce, "bo", "gold");
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(asked.lock().unwrap().len(), 1, "it is left alone, also after a restart");
    answers.lock().unwrap()[0] = 200;
    let resume = "/v1/destinations/shop/resume";
    assert_eq!(cauce.post(resume, &Value::Null).status, 204);
    wait_for(PATIENCE, "what it missed", || {
        let asked = asked.lock().unwrap().clone();
        (changes(&asked[1..]).len() == 2).then_some(())
    });
    assert_eq!(cauce.post(resume, &Value::Null).status, 409);
    assert_eq!(cauce.post("/v1/destinations/no/resume", &Value::Null).status, 404);
}

#[test]
fn a_kill_loses_nothing_that_was_to_be_told() {
    let (port, asked, answers) = receiver(&[503]);
    let mut cauce = start();
    cauce.apply(&destination(port, json!({ "batch": 3 })));
    for n in 0..5 {
        person(&cauce, &format!("p{n}"), "gold");
    }
    wait_for(PATIENCE, "a request", || (!asked.lock().unwrap().is_empty()).then_some(()));
    cauce.kill();
    cauce.again();
    answers.lock().unwrap()[0] = 200;
    let told = wait_for(PATIENCE, "all of them", || {
        let asked = asked.lock().unwrap().clone();
        let told: std::collections::BTreeSet<_> = changes(&asked).into_iter().collect();
        let names: std::collections::BTreeSet<_> =
            asked.iter().map(|request| request.headers["webhook-id"].clone()).collect();
        (told.len() == 5).then_some(names.len())
    });
    assert!(told <= 3, "a request has one name before and after the kill: {told}");
}

/// Else its place would be gone after a restart, and it would be said to have missed what was never
/// for it.
#[test]
fn what_is_not_for_a_destination_leaves_it_no_further_behind() {
    let (port, asked, _) = receiver(&[200]);
    let cauce = start();
    cauce.apply(&destination(port, json!({})));
    wait_for(PATIENCE, "its place, before it is told anything", || {
        standing(&cauce)["next"]["next"].is_u64().then_some(())
    });
    person(&cauce, "ana", "gold");
    wait_for(PATIENCE, "the change", || (asked.lock().unwrap().len() == 1).then_some(()));
    let before = standing(&cauce)["next"]["next"].as_u64().unwrap();
    for _ in 0..3 {
        ping(&cauce, "ana");
    }
    wait_for(PATIENCE, "its place beyond others' changes", || {
        let now = cauce.get("/v1/destinations")["destinations"][0].clone();
        // In and out of `fresh`, which is shared and not for it.
        let beyond = now["standing"]["next"]["next"].as_u64().unwrap() >= before + 2;
        (beyond && now["behind"] == 0).then_some(())
    });
    assert_eq!(asked.lock().unwrap().len(), 1, "it is told nothing of them");
}

#[test]
fn a_destination_without_a_key_is_refused_and_one_that_lost_it_says_so() {
    let (port, asked, _) = receiver(&[200]);
    let cauce = Cauce::start("");
    let mut bad = destination(port, json!({}));
    bad["definitions"]["destinations"]["shop"]["webhook"]["signing-key"] = SECRET.into();
    let no = cauce.post("/v1/definitions/apply", &bad);
    assert_eq!(no.status, 422, "{no:?}");
    assert!(
        no.text.contains("webhook.signing-key") && no.text.contains("env:CAUCE_NAME"),
        "{no:?}"
    );
    assert!(!no.text.contains(SECRET), "{no:?}");
    cauce.apply(&destination(port, json!({})));
    person(&cauce, "ana", "gold");
    let shown = wait_for(PATIENCE, "a failure", || {
        Some(standing(&cauce)).filter(|standing| standing["last_failure"].is_string())
    });
    assert!(shown["last_failure"].as_str().unwrap().contains("CAUCE_TOLD_KEY"), "{shown}");
    assert!(asked.lock().unwrap().is_empty(), "nothing leaves unsigned");
}

#[test]
fn standardwebhooks_verifies_what_is_told() {
    let program = std::env::var("CAUCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = std::process::Command::new(&program)
        .args(["-c", "import standardwebhooks"])
        .stderr(std::process::Stdio::null())
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        let text =
            "not run: standardwebhooks: this Python lacks it; `cargo xtask test` installs it";
        assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
        println!("{text}");
        return;
    }
    let (port, asked, _) = receiver(&[200]);
    let cauce = start();
    cauce.apply(&destination(port, json!({})));
    person(&cauce, "ana", "gold");
    let request = wait_for(PATIENCE, "a request", || asked.lock().unwrap().first().cloned());
    let script = "import json,sys\nfrom standardwebhooks.webhooks import Webhook\n\
                  a=json.load(sys.stdin)\nbody=a['body'].encode()\n\
                  Webhook(sys.argv[1]).verify(body, a['headers'])\n\
                  try:\n  Webhook(sys.argv[1]).verify(body+b' ', a['headers'])\n\
                  except Exception: print('verified')\n";
    let mut child = std::process::Command::new(&program)
        .args(["-c", script, SECRET])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let input = json!({ "headers": request.headers,
                        "body": String::from_utf8(request.body).unwrap() });
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "verified");
}
