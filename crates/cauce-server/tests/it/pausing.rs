//! Pause, resume and cancel hold when they are answered, and the ledger balances each time.

use crate::world::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const PEOPLE: usize = 2_000;

fn steer(cauce: &Cauce, run: u64, to: &str) -> (Value, Instant) {
    let answer = cauce.post(&format!("/v1/campaigns/runs/{run}/{to}"), &Value::Null);
    let at = Instant::now();
    assert_eq!(answer.status, 200, "{answer:?}");
    (answer.json(), at)
}

/// Messages whose body was granted after this instant.
fn begun_after(sink: &Sink, at: Instant) -> usize {
    sink.mails().iter().filter(|mail| mail.granted > at).count()
}

fn each_once(sink: &Sink, count: usize) {
    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    for mail in sink.mails() {
        *arrived.entry(mail.to).or_default() += 1;
    }
    assert!(arrived.values().all(|times| *times == 1), "somebody was written to twice");
    assert_eq!(arrived.len(), count);
}

#[test]
fn after_a_pause_nothing_begins_and_resuming_completes() {
    let _alone = alone();
    let sink = Sink::start(Script::default());
    sink.slow(Duration::from_millis(4));
    let mut cauce = shop_of(PEOPLE, &sink);
    let run = cauce.start_campaign("monthly");
    for round in 1..=6 {
        let moment = round * PEOPLE / 8;
        wait_for(PATIENCE, "messages under way", || (sink.arrived() >= moment).then_some(()));
        let (_, at) = steer(&cauce, run, "pause");
        std::thread::sleep(Duration::from_millis(400));
        assert_eq!(begun_after(&sink, at), 0, "round {round}");
        let shown = cauce.run(run);
        assert_eq!(shown["state"], "paused");
        check_balance(&shown);
        assert!(term(&shown, "pending") > 0, "{shown}");
        if round == 3 {
            // A pause outlives the process.
            cauce.kill();
            cauce.again();
            std::thread::sleep(Duration::from_millis(700));
            assert_eq!(begun_after(&sink, at), 0, "after a restart");
            assert_eq!(cauce.run(run)["state"], "paused");
        }
        steer(&cauce, run, "resume");
    }
    let shown = cauce.done(run, Duration::from_secs(150));
    check_balance(&shown);
    // The one kill may have cost what was on the wire while everything was paused: nothing.
    assert_eq!(term(&shown, "sent"), PEOPLE as u64, "{shown}");
    each_once(&sink, PEOPLE);
    let again = cauce.post(&format!("/v1/campaigns/runs/{run}/resume"), &Value::Null);
    assert_eq!(again.status, 409, "{again:?}");
}

#[test]
fn a_cancel_is_final() {
    let _alone = alone();
    let sink = Sink::start(Script::default());
    sink.slow(Duration::from_millis(4));
    let mut cauce = shop_of(PEOPLE, &sink);
    let run = cauce.start_campaign("monthly");
    wait_for(PATIENCE, "messages under way", || (sink.arrived() >= 300).then_some(()));
    let (_, at) = steer(&cauce, run, "cancel");
    let shown = wait_for(PATIENCE, "nothing pending", || {
        let shown = cauce.run(run);
        (term(&shown, "pending") == 0).then_some(shown)
    });
    assert_eq!(begun_after(&sink, at), 0);
    assert_eq!(shown["state"], "cancelled");
    check_balance(&shown);
    let sent = term(&shown, "sent");
    assert_eq!(sent, sink.arrived() as u64, "{shown}");
    assert!(sent < PEOPLE as u64, "it was over before the cancel");
    assert_eq!(shown["balance"]["refusals"]["campaign-cancelled"], term(&shown, "refused"));
    for to in ["resume", "pause", "cancel"] {
        let answer = cauce.post(&format!("/v1/campaigns/runs/{run}/{to}"), &Value::Null);
        assert_eq!(answer.status, 409, "{to}: {answer:?}");
        assert!(answer.text.contains("cancelled"), "{answer:?}");
    }
    cauce.kill();
    cauce.again();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(cauce.run(run)["state"], "cancelled");
    assert_eq!(sink.arrived() as u64, sent, "a restart sent more");
}

#[test]
fn a_server_that_hangs_up_costs_nobody_a_message() {
    let _alone = alone();
    let sink = Sink::start(Script { per_connection: 2_500, ..Script::default() });
    let cauce = Cauce::start("");
    let mut provider = smtp(sink.port);
    // One connection that is never closed from our side, so that the server's limit is met.
    provider["smtp"]["connections"] = 1.into();
    provider["smtp"]["messages-per-connection"] = 100_000.into();
    cauce.apply(&shop(provider));
    let count = 6_000;
    people(&cauce, count);
    let run = cauce.start_campaign("monthly");
    let shown = cauce.done(run, Duration::from_secs(120));
    check_balance(&shown);
    assert_eq!(term(&shown, "sent"), count as u64, "{shown}");
    each_once(&sink, count);
    assert!(sink.connections() >= 3, "{}", sink.connections());
}

#[test]
fn killed_while_it_is_steered_a_campaign_does_what_it_says() {
    let _alone = alone();
    let mut random = Random::seeded("steered");
    let sink = Sink::start(Script::default());
    sink.slow(Duration::from_millis(8));
    let mut cauce = shop_of(PEOPLE, &sink);
    let run = cauce.start_campaign("monthly");
    for round in 0..8 {
        let to = if round % 2 == 0 { "pause" } else { "resume" };
        let (port, key) = (cauce.port, cauce.key.clone());
        let asked = std::thread::spawn(move || {
            let bearer = format!("Bearer {key}");
            let headers = [("authorization", bearer.as_str())];
            let path = format!("/v1/campaigns/runs/{run}/{to}");
            // The answer may be lost in the kill.
            let _ = http::ask(port, "POST", &path, &headers, b"");
        });
        std::thread::sleep(Duration::from_micros(random.below(25_000)));
        cauce.kill();
        asked.join().unwrap();
        cauce.again();
        let arrived = sink.arrived();
        std::thread::sleep(Duration::from_millis(500));
        let shown = cauce.run(run);
        check_balance(&shown);
        println!("round {round}: {to} was cut, the run is {}", shown["state"]);
        match shown["state"].as_str().unwrap() {
            "paused" => assert_eq!(sink.arrived(), arrived, "a paused run goes on"),
            "running" => {
                wait_for(PATIENCE, "a running run goes on", || {
                    (sink.arrived() > arrived).then_some(())
                });
            }
            other => assert_eq!(other, "done"),
        }
    }
    sink.slow(Duration::ZERO);
    if cauce.run(run)["state"] == "paused" {
        steer(&cauce, run, "resume");
    }
    let shown = cauce.done(run, Duration::from_secs(150));
    check_balance(&shown);
    assert_eq!(term(&shown, "sent") + term(&shown, "unknown"), PEOPLE as u64, "{shown}");
}
