//! After the 2xx of an unsubscribe nothing more begins to that person.

use crate::world::*;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const PEOPLE: usize = 3_000;
const TRIES: usize = 1_000;

/// Unsubscribes people while the campaign runs; when each was answered.
fn withdraw(cauce: &Cauce, tokens: &[(String, String)]) -> HashMap<String, Instant> {
    let answered = Mutex::new(HashMap::new());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let Some((to, path)) = tokens.get(next.fetch_add(1, Ordering::SeqCst)) else {
                        return;
                    };
                    let form = "application/x-www-form-urlencoded";
                    let answer = cauce.open("POST", path, form, b"List-Unsubscribe=One-Click");
                    let at = Instant::now();
                    assert_eq!(answer.status, 200, "{answer:?}");
                    answered.lock().unwrap().insert(to.clone(), at);
                }
            });
        }
    });
    answered.into_inner().unwrap()
}

#[test]
fn nothing_begins_after_the_answer() {
    let _alone = alone();
    let mut random = Random::seeded("unsubscribe");
    let sink = Sink::start(Script::default());
    let cauce = shop_of(PEOPLE, &sink);
    let first = cauce.start_campaign("monthly");
    cauce.done(first, PATIENCE);
    let captured = sink.mails();
    assert_eq!(captured.len(), PEOPLE);
    let mut tokens: Vec<(String, String)> =
        captured.iter().map(|mail| (mail.to.clone(), mail.unsubscribe())).collect();
    for place in 0..TRIES {
        let other = place + random.below((PEOPLE - place) as u64) as usize;
        tokens.swap(place, other);
    }
    tokens.truncate(TRIES);

    // Four connections, 10 ms a message: the campaign is under way during all tries.
    sink.slow(Duration::from_millis(10));
    let second = cauce.start_campaign("second");
    wait_for(PATIENCE, "the campaign under way", || (sink.arrived() > PEOPLE + 50).then_some(()));
    let answered = withdraw(&cauce, &tokens);
    sink.slow(Duration::ZERO);
    let shown = cauce.done(second, PATIENCE);

    check_balance(&shown);
    let mails = &sink.mails()[PEOPLE..];
    let mut late = Vec::new();
    let mut spared = answered.len() as u64;
    for mail in mails {
        let Some(at) = answered.get(&mail.to) else { continue };
        spared -= 1;
        if mail.granted > *at {
            late.push((mail.to.clone(), mail.granted - *at));
        }
    }
    println!("{spared} of {TRIES} were spared, {} had gone before", TRIES as u64 - spared);
    assert!(late.is_empty(), "began after the answer: {late:?}");
    assert!(spared > TRIES as u64 / 10, "the campaign was over before anybody said no");
    assert!(spared < TRIES as u64, "the campaign was not under way");
    assert_eq!(shown["balance"]["refusals"]["consent-withdrawn"], spared, "{shown}");
    assert_eq!(term(&shown, "sent"), PEOPLE as u64 - spared, "{shown}");
}

/// Says no in three ways; each time to messages that are granted and wait for a connection.
#[test]
fn a_withdrawal_by_any_road_stops_what_was_granted() {
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("");
    cauce.apply(&shop(smtp(sink.port)));
    let count = 60;
    for n in 0..count {
        // Known by an address alone at first.
        let event = json!({ "name": "signed_up", "email": address(n),
            "consents": [{ "topic": "news", "state": "granted", "source": "form" }] });
        assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
    }
    let first = cauce.start_campaign("monthly");
    assert_eq!(term(&cauce.done(first, PATIENCE), "sent"), count as u64);
    let tokens: HashMap<String, String> =
        sink.mails().iter().map(|mail| (mail.to.clone(), mail.unsubscribe())).collect();
    // Each turns out to be somebody who is known by another name already: two profiles become one,
    // and the first message's ledger is elsewhere.
    for n in 0..count {
        for who in [
            json!({ "user_id": format!("z{n}") }),
            json!({ "user_id": format!("z{n}"), "email": address(n) }),
        ] {
            let mut event = json!({ "name": "seen" });
            event.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
            assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
        }
    }
    sink.slow(Duration::from_millis(400));
    let second = cauce.start_campaign("second");
    wait_for(PATIENCE, "the campaign under way", || (sink.arrived() > count).then_some(()));
    let mut answered = HashMap::new();
    for n in 0..count {
        let to = address(n);
        if !sink.to(&to)[1..].is_empty() {
            continue;
        }
        match n % 3 {
            0 => assert_eq!(cauce.open("POST", &tokens[&to], "text/plain", b"").status, 200),
            1 => {
                let event = json!({ "name": "said_no", "email": to,
                    "consents": [{ "topic": "news", "state": "withdrawn", "source": "phone" }] });
                let answer = cauce.report(&event.to_string(), "?applied=true");
                assert_eq!(answer.status, 202, "{answer:?}");
            }
            _ => {
                let answer = cauce.post("/v1/suppressions", &json!({ "address": to }));
                assert_eq!(answer.status, 204, "{answer:?}");
            }
        }
        answered.insert(to, (Instant::now(), n % 3));
    }
    sink.slow(Duration::ZERO);
    let shown = cauce.done(second, PATIENCE);
    check_balance(&shown);
    let mut late = Vec::new();
    for mail in &sink.mails()[count..] {
        if let Some((at, road)) = answered.get(&mail.to)
            && mail.granted > *at
        {
            late.push((mail.to.clone(), *road));
        }
    }
    assert!(late.is_empty(), "began after the answer (who, by which road): {late:?}");
    assert!(term(&shown, "refused") > 20, "most were waiting: {shown}");
}
