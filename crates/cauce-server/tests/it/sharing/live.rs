//! A look-up that goes on, as a page's EventSource reads it.

use super::flags::script;
use super::*;
use std::time::Instant;

fn live(cauce: &Cauce, query: &str, headers: &[(&str, &str)]) -> Answer {
    http::ask(cauce.port, "GET", &format!("/v1/lookup/live{query}"), headers, b"").unwrap()
}

#[test]
fn a_page_hears_of_its_person_within_a_second() {
    let cauce = Cauce::start("");
    cauce.apply(&shared());
    person(&cauce, "ana", "free");
    person(&cauce, "bo", "free");
    let lookup = key(&cauce, "lookup");
    let token = browser(&cauce, &lookup, json!({ "alias": "user_id:ana" }));
    let path = format!("/v1/lookup/live?token={token}");
    let mut page = Stream::of(&cauce, "", &path, None);
    let first = page.next().unwrap();
    assert_eq!(first.name, "lookup");
    assert_eq!(first.data["segments"], json!({}), "{first:?}");
    assert_eq!(first.data["attributes"], json!({ "plan": "free" }), "{first:?}");
    // Somebody else is nobody's business here.
    person(&cauce, "bo", "gold");
    let sent = Instant::now();
    person(&cauce, "ana", "gold");
    let second = page.next().unwrap();
    assert!(sent.elapsed() < SECOND, "{:?}", sent.elapsed());
    assert_eq!(second.data["profile"], first.data["profile"]);
    assert!(second.data["segments"]["gold"]["since"].is_string(), "{second:?}");
    assert_eq!(second.data["experiments"]["price"], "low", "{second:?}");
    // Who comes back and knows it is told nothing before there is something else.
    let mut again = Stream::of(&cauce, "", &path, Some(&second.id));
    person(&cauce, "ana", "free");
    let third = again.next().unwrap();
    assert_eq!(third.data["segments"], json!({}), "{third:?}");
    assert_eq!(page.next().unwrap().data, third.data);
    // An attribute is heard of as well, though it moves nobody.
    let sent = Instant::now();
    person(&cauce, "ana", "silver");
    let fourth = page.next().unwrap();
    assert_eq!(fourth.data["attributes"], json!({ "plan": "silver" }), "{fourth:?}");
    assert!(sent.elapsed() < SECOND, "{:?}", sent.elapsed());
    // It ends with the key that the token came from.
    let prefix: String = lookup.chars().take(10).collect();
    let path = format!("/v1/keys/{prefix}");
    assert_eq!(cauce.ask("DELETE", &path, "application/json", b"").status, 204);
    person(&cauce, "ana", "gold");
    let last = page.next().unwrap();
    assert_eq!((last.name.as_str(), &last.data["reason"]), ("end", &json!("expired")));
    assert!(page.next().is_none());
    // Nothing of the token is in what the process said.
    assert!(!cauce.said().contains(&token), "{}", cauce.said());
}

#[test]
fn only_a_token_of_one_person_opens_it_and_only_for_named_pages() {
    let cauce = Cauce::start("cors-origins = [\"https://shop.example\"]");
    cauce.apply(&shared());
    person(&cauce, "ana", "gold");
    let lookup = key(&cauce, "lookup");
    assert_eq!(live(&cauce, "", &[]).status, 401);
    assert_eq!(live(&cauce, "?token=cb_x.y", &[]).status, 401);
    let no = live(&cauce, &format!("?token={lookup}"), &[]);
    assert!(no.status == 403 && no.text.contains("/v1/membership-changes"), "{no:?}");
    assert_eq!(live(&cauce, "?alias=user_id:ana", &[]).status, 400);
    let wanted = json!({ "alias": "user_id:ana", "expires_in": "1s" });
    let token = browser(&cauce, &lookup, wanted);
    let origin = |origin: &'static str| ("origin", origin);
    // Read to its end, a second later.
    let query = format!("?token={token}");
    let answer = live(&cauce, &query, &[origin("https://shop.example")]);
    let allowed = answer.header("access-control-allow-origin");
    assert_eq!((answer.status, allowed), (200, Some("https://shop.example")));
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert!(answer.text.contains("event: lookup"), "{answer:?}");
    assert!(answer.text.contains("\"reason\":\"expired\""), "{answer:?}");
    let over = live(&cauce, &query, &[]);
    assert_eq!(over.status, 401, "{over:?}");
    // A good token does not make an origin one that was named: its browser keeps the answer.
    let wanted = json!({ "alias": "user_id:ana", "expires_in": "1s" });
    let query = format!("?token={}", browser(&cauce, &lookup, wanted));
    let other = live(&cauce, &query, &[origin("https://evil.example")]);
    assert_eq!((other.status, other.header("access-control-allow-origin")), (200, None));
}

#[test]
fn one_visitor_leaves_room_for_the_others() {
    let cauce = Cauce::start("");
    cauce.apply(&shared());
    person(&cauce, "ana", "free");
    person(&cauce, "bo", "free");
    let lookup = key(&cauce, "lookup");
    let path = |alias: &str| {
        let token = browser(&cauce, &lookup, json!({ "alias": alias }));
        format!("/v1/lookup/live?token={token}")
    };
    // Whichever token it is: each is of the same person.
    let mut pages: Vec<Stream> =
        (0..8).map(|_| Stream::of(&cauce, "", &path("user_id:ana"), None)).collect();
    pages.iter_mut().for_each(|page| assert_eq!(page.next().unwrap().name, "lookup"));
    let query = path("user_id:ana").split_once('?').map(|(_, query)| format!("?{query}")).unwrap();
    let no = live(&cauce, &query, &[]);
    assert_eq!(no.status, 429, "{no:?}");
    assert!(no.text.contains("8 pages listen for this person"), "{no:?}");
    let mut other = Stream::of(&cauce, "", &path("user_id:bo"), None);
    assert_eq!(other.next().unwrap().name, "lookup");
    // A page that is closed makes room, once the server sees that it is.
    drop(pages.pop());
    let path = format!("/v1/lookup/live{query}");
    let mut page = wait_for(PATIENCE, "a place", || Stream::begun(&cauce, "", &path, None).ok());
    assert_eq!(page.next().unwrap().name, "lookup");
}

#[test]
fn eventsource_for_node_hears_it() {
    let cauce = Cauce::start("");
    cauce.apply(&shared());
    person(&cauce, "ana", "free");
    let lookup = key(&cauce, "lookup");
    let token = browser(&cauce, &lookup, json!({ "alias": "user_id:ana" }));
    let address = format!("http://127.0.0.1:{}", cauce.port);
    let probe = ["-e", "require('eventsource')"];
    let arguments = [address.as_str(), &token, &cauce.key, "ana"];
    let program = ("CAUCE_NODE", "node");
    let Some(heard) = script("eventsource", program, probe, "live.js", &arguments) else { return };
    let told = |one: &Value| (one["segments"].clone(), one["plan"].clone(), one["price"].clone());
    let heard = heard.as_array().unwrap();
    let expected = [
        (json!([]), json!("free"), json!("high")),
        (json!(["gold"]), json!("gold"), json!("low")),
        (json!([]), json!("free"), json!("high")),
    ];
    assert_eq!(heard.iter().map(told).collect::<Vec<_>>(), expected);
    assert!(heard.iter().all(|one| one["ms"].as_u64().unwrap() < 1_000), "{heard:?}");
}
