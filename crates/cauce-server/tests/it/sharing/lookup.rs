//! One profile's shared state by any of its names, for servers and for the browser of one person.

use super::*;
use cauce_core::event::{Event, Properties};
use cauce_core::ids::{EventId, TraceId};
use cauce_core::input::Body;
use cauce_core::profile::Alias;
use cauce_core::publish::{self, Kind};
use cauce_core::time::Timestamp;
use cauce_server::config::Config;
use cauce_server::{boot, share};
use std::collections::BTreeMap;
use std::time::Instant;

fn look(cauce: &Cauce, key: &str, alias: &str) -> Answer {
    with(cauce, key, ("GET", &format!("/v1/lookup?alias={alias}")), &[], &Value::Null)
}

#[test]
fn a_server_sees_what_is_shared_and_nothing_else() {
    let cauce = Cauce::start("");
    cauce.apply(&shared());
    person(&cauce, "ana", "gold");
    ping(&cauce, "ana");
    let lookup = key(&cauce, "lookup");
    let seen = wait_for(PATIENCE, "the ping", || {
        let seen = look(&cauce, &lookup, "user_id:ana").json();
        seen["segments"]["fresh"].is_object().then_some(seen)
    });
    assert_eq!(seen["attributes"], json!({ "plan": "gold", "city": "Madrid" }), "{seen}");
    let names: Vec<_> = seen["segments"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["fresh", "gold"], "{seen}");
    assert!(seen["segments"]["gold"]["until"].is_null(), "{seen}");
    assert!(seen["segments"]["fresh"]["until"].is_string(), "{seen}");
    assert_eq!(seen["experiments"]["price"], "low", "{seen}");
    assert_eq!(seen["experiments"]["over"], "b", "{seen}");
    let by_email = look(&cauce, &lookup, "email:ANA@example.com").json();
    assert_eq!(by_email["profile"], seen["profile"]);
    assert_eq!(by_email["experiments"], seen["experiments"]);
    let some = with(
        &cauce,
        &lookup,
        ("GET", "/v1/lookup?alias=user_id:ana&attributes=plan"),
        &[],
        &Value::Null,
    );
    assert_eq!(some.json()["attributes"], json!({ "plan": "gold" }));
    let path = "/v1/lookup?alias=user_id:ana&attributes=phone_number";
    let no = with(&cauce, &lookup, ("GET", path), &[], &Value::Null);
    assert_eq!(no.status, 403, "{no:?}");
    assert!(no.text.contains("phone_number") && no.text.contains("`sharing`"), "{no:?}");
    assert_eq!(look(&cauce, &lookup, "user_id:nobody").status, 404);
    assert_eq!(look(&cauce, &lookup, "ana").status, 400);
    assert_eq!(look(&cauce, &key(&cauce, "write"), "user_id:ana").status, 403);
    assert_eq!(look(&cauce, "cl_wrong", "user_id:ana").status, 401);
    // A key for look-ups opens nothing else.
    let no = with(&cauce, &lookup, ("GET", "/v1/profiles/user_id/ana"), &[], &Value::Null);
    assert_eq!(no.status, 403, "{no:?}");
    let no = with(&cauce, &lookup, ("POST", "/v1/events"), &[], &json!({ "name": "x" }));
    assert_eq!(no.status, 403, "{no:?}");
}

#[test]
fn an_event_and_the_clock_are_seen_within_a_second() {
    let cauce = Cauce::start("");
    cauce.apply(&shared());
    person(&cauce, "bo", "free");
    let lookup = key(&cauce, "lookup");
    let inside = || look(&cauce, &lookup, "user_id:bo").json()["segments"]["fresh"].is_object();
    assert!(!inside());
    let pinged = Instant::now();
    ping(&cauce, "bo");
    wait_for(SECOND, "the event", || inside().then_some(()));
    // Nothing but the clock lets them out, to the instant and not to the next tick.
    loop {
        let is_inside = inside();
        if pinged.elapsed() >= Duration::from_secs(2) {
            break;
        }
        assert!(is_inside, "left after {:?}", pinged.elapsed());
        std::thread::sleep(Duration::from_millis(10));
    }
    wait_for(SECOND, "the clock", || (!inside()).then_some(()));
}

#[test]
fn what_is_known_already_is_not_sent_again() {
    let cauce = Cauce::start("");
    cauce.apply(&shared());
    person(&cauce, "cy", "gold");
    let lookup = key(&cauce, "lookup");
    let call = ("GET", "/v1/lookup?alias=user_id:cy");
    let first = with(&cauce, &lookup, call, &[], &Value::Null);
    let tag = first.header("etag").unwrap().to_owned();
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    let same = with(&cauce, &lookup, call, &[("if-none-match", &tag)], &Value::Null);
    assert_eq!((same.status, same.text.as_str(), same.header("etag")), (304, "", Some(&*tag)));
    person(&cauce, "cy", "free");
    let other = with(&cauce, &lookup, call, &[("if-none-match", &tag)], &Value::Null);
    assert_eq!(other.status, 200);
    assert!(other.json()["segments"]["gold"].is_null(), "{other:?}");
}

#[test]
fn a_browser_reads_its_person_for_a_while_and_nobody_else() {
    let cauce = Cauce::start("");
    cauce.apply(&shared());
    person(&cauce, "dee", "gold");
    person(&cauce, "eve", "gold");
    let lookup = key(&cauce, "lookup");
    let token = browser(&cauce, &lookup, json!({ "alias": "user_id:dee" }));
    let seen = look(&cauce, &token, "user_id:dee").json();
    assert_eq!(seen["attributes"], json!({ "plan": "gold" }), "{seen}");
    let names: Vec<_> = seen["segments"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["gold"], "{seen}");
    for other in ["user_id:eve", "email:eve@example.com", "email:dee@example.com"] {
        let no = look(&cauce, &token, other);
        assert_eq!(no.status, 403, "{other}: {no:?}");
        assert!(!no.text.contains("gold"), "{no:?}");
    }
    for path in ["/v1/membership-changes", "/v1/profiles/user_id/dee", "/v1/keys"] {
        let no = with(&cauce, &token, ("GET", path), &[], &Value::Null);
        assert_eq!(no.status, 401, "{path}: {no:?}");
    }
    let no = with(
        &cauce,
        &token,
        ("POST", "/v1/browser-tokens"),
        &[],
        &json!({ "alias": "user_id:eve" }),
    );
    assert_eq!(no.status, 401, "{no:?}");
    let none = json!({ "alias": "user_id:dee", "segments": [], "attributes": [] });
    let seen = look(&cauce, &browser(&cauce, &lookup, none), "user_id:dee").json();
    assert_eq!((&seen["segments"], &seen["attributes"]), (&json!({}), &json!({})), "{seen}");
    let wide = json!({ "alias": "user_id:dee", "segments": ["fresh"] });
    let no = with(&cauce, &lookup, ("POST", "/v1/browser-tokens"), &[], &wide);
    assert_eq!(no.status, 422, "{no:?}");
    assert!(no.text.contains("fresh") && no.text.contains("browser-segments"), "{no:?}");
    for bad in ["0s", "25h", "soon"] {
        let wanted = json!({ "alias": "user_id:dee", "expires_in": bad });
        let no = with(&cauce, &lookup, ("POST", "/v1/browser-tokens"), &[], &wanted);
        assert_eq!(no.status, 400, "{bad}: {no:?}");
    }
    let short = browser(&cauce, &lookup, json!({ "alias": "user_id:dee", "expires_in": "1s" }));
    assert_eq!(look(&cauce, &short, "user_id:dee").status, 200);
    std::thread::sleep(Duration::from_millis(1_050));
    let no = look(&cauce, &short, "user_id:dee");
    assert_eq!(no.status, 401, "{no:?}");
    assert!(no.text.contains("expired"), "{no:?}");
    // With the key go the tokens that were minted with it.
    let prefix: String = lookup.chars().take(10).collect();
    let path = format!("/v1/keys/{prefix}");
    assert_eq!(cauce.ask("DELETE", &path, "application/json", b"").status, 204);
    let no = look(&cauce, &token, "user_id:dee");
    assert!(no.status == 401 && no.text.contains("revoked"), "{no:?}");
}

#[test]
fn only_named_pages_may_ask_from_a_browser() {
    let page = ("origin", "https://shop.example");
    let asks = [page, ("access-control-request-method", "GET")];
    let preflight = |cauce: &Cauce| {
        let answer = http::ask(cauce.port, "OPTIONS", "/v1/lookup?alias=a:b", &asks, b"").unwrap();
        (answer.status, answer.header("access-control-allow-origin").map(str::to_owned))
    };
    assert_eq!(preflight(&Cauce::start("")), (204, None));
    let cauce = Cauce::start("cors-origins = [\"https://shop.example\"]");
    assert_eq!(preflight(&cauce), (204, Some("https://shop.example".to_owned())));
    cauce.apply(&shared());
    person(&cauce, "fay", "gold");
    let token = browser(&cauce, &key(&cauce, "lookup"), json!({ "alias": "user_id:fay" }));
    let ask = |origin: &str| {
        let call = ("GET", "/v1/lookup?alias=user_id:fay");
        with(&cauce, &token, call, &[("origin", origin)], &Value::Null)
    };
    let answer = ask("https://shop.example");
    let allowed = answer.header("access-control-allow-origin");
    assert_eq!((answer.status, allowed), (200, Some("https://shop.example")));
    assert_eq!(answer.header("access-control-expose-headers"), Some("etag, retry-after"));
    assert!(answer.header("access-control-allow-credentials").is_none());
    for other in ["https://evil.example", "http://shop.example", "null"] {
        assert_eq!(ask(other).header("access-control-allow-origin"), None, "{other}");
    }
    // What is not for browsers allows no page.
    let answer = with(&cauce, &cauce.key, ("GET", "/v1/segments"), &[page], &Value::Null);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

/// In this process, where a clock can be set and asked about before any partition looks at it.
#[tokio::test(flavor = "multi_thread")]
async fn what_time_alone_changes_is_exact_before_any_tick() {
    let folder = tempfile::tempdir().unwrap();
    let began = Timestamp(1_700_000_000_000);
    let config = Config {
        data: folder.path().join("data"),
        partitions: 4,
        development: true,
        test_clock: Some(began),
        ..Config::default()
    };
    let running = boot::start(&config, &|_| {}).await.unwrap();
    let app = running.app.clone();
    let rule = json!({ "rule": "count(pinged, last 2s) >= 1" });
    let body = publish::Body::read(Kind::Segment, rule).unwrap();
    let wanted = BTreeMap::from([((Kind::Segment, "fresh".to_owned()), body)]);
    app.apply(&wanted, &cauce_core::publish::Removal::Nothing, "test").await.unwrap();
    let shown = app.shown();
    let alias = Alias { namespace: "user_id".to_owned(), value: "gil".to_owned() };
    let event = Event {
        id: EventId(7),
        name: "pinged".to_owned(),
        aliases: vec![alias.clone()],
        occurred_at: began,
        received_at: began,
        properties: Properties::new(),
        attributes: Properties::new(),
        consents: Vec::new(),
        historical: false,
    };
    let home = cauce_core::decide::home(&alias, 4);
    app.append_applied(home, Body::Event(Box::new(event)), TraceId::default()).await.unwrap();
    for (ms, expected) in [(0, true), (1_999, true), (2_000, false)] {
        assert!(app.test_clock.as_ref().unwrap().set(Timestamp(began.0 + ms)));
        let head =
            share::find(&app, &shown, alias.clone(), Default::default()).await.unwrap().unwrap();
        let number = shown.server.segments["fresh"];
        assert_eq!(share::is_in(&head.head, number).is_some(), expected, "after {ms} ms");
    }
    drop(app);
    running.stop().await;
}
