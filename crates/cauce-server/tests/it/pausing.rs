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

/// Arrivals within a time from an instant on.
fn within(sink: &Sink, from: Instant, span: Duration) -> usize {
    let granted = |mail: &&Mail| mail.granted >= from && mail.granted < from + span;
    sink.mails().iter().filter(granted).count()
}

#[test]
fn after_all_sending_is_paused_nothing_begins() {
    let _alone = alone();
    let sink = Sink::start(Script::default());
    sink.slow(Duration::from_millis(4));
    let cauce = shop_of(PEOPLE, &sink);
    let run = cauce.start_campaign("monthly");
    wait_for(PATIENCE, "messages under way", || (sink.arrived() >= PEOPLE / 4).then_some(()));
    let answer = cauce.post("/v1/sending", &serde_json::json!({ "paused": "look first" }));
    let at = Instant::now();
    assert_eq!(answer.status, 204, "{answer:?}");
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(begun_after(&sink, at), 0);
    assert_eq!(cauce.get("/v1/sending")["paused"], "look first");
    // What was looked at meanwhile is looked at again within a minute.
    assert_eq!(cauce.post("/v1/sending", &serde_json::json!({})).status, 204);
    let shown = cauce.done(run, Duration::from_secs(150));
    check_balance(&shown);
    assert_eq!(term(&shown, "sent"), PEOPLE as u64, "{shown}");
    each_once(&sink, PEOPLE);
}

#[test]
fn per_minute_holds_from_the_definition_to_the_wire() {
    let _alone = alone();
    let sink = Sink::start(Script::default());
    let mut cauce = shop_of(600, &sink);
    // Ten a second: unthrottled, all of them leave within one.
    let slow = serde_json::json!({ "audience": ["everybody"], "template": "letter",
                                   "per-minute": 600 });
    cauce.apply(&serde_json::json!({ "definitions": { "campaigns": { "slow": slow } } }));
    let run = cauce.start_campaign("slow");
    let at = Instant::now();
    wait_for(PATIENCE, "the first", || (sink.arrived() > 0).then_some(()));
    std::thread::sleep(Duration::from_secs(2));
    let first = within(&sink, at, Duration::from_secs(2));
    assert!((5..=25).contains(&first), "{first} in two seconds");
    assert!(term(&cauce.run(run), "pending") > 500, "all of them wait");
    // Those that wait are not let go at once by a start, or by who resumes.
    cauce.kill();
    let at = Instant::now();
    cauce.again();
    std::thread::sleep(Duration::from_secs(1));
    let again = within(&sink, at, Duration::from_secs(600));
    let took = at.elapsed().as_secs_f64();
    assert!((again as f64) < took * 10.0 + 5.0, "{again} in {took} seconds after a start");
    steer(&cauce, run, "pause");
    cauce.kill();
    cauce.again();
    let at = Instant::now();
    steer(&cauce, run, "resume");
    std::thread::sleep(Duration::from_secs(1));
    let again = within(&sink, at, Duration::from_secs(600));
    let took = at.elapsed().as_secs_f64();
    assert!((again as f64) < took * 10.0 + 5.0, "{again} in {took} seconds after a resume");
    assert!(again > 0, "it goes on");
}

#[test]
fn nobody_is_written_to_whose_exclusion_is_not_built() {
    let _alone = alone();
    let sink = Sink::start(Script::default());
    let cauce = shop_of(PEOPLE, &sink);
    // Whether a hash of them is small: known of nobody before it is built.
    cauce.apply(&serde_json::json!({ "definitions": {
        "segments": {
            "half": { "rule": "bucket(\"half\", 2) < 1" },
            "vip": { "rule": "in segment \"half\" and count(signed_up) >= 1" },
        },
        "campaigns": { "rest": { "audience": ["everybody"], "exclude": ["vip"],
                                 "template": "letter" } },
    }}));
    let answer = cauce.post("/v1/campaigns/rest/start", &Value::Null);
    assert_eq!(answer.status, 201, "{answer:?}");
    let shown = answer.json();
    if shown["balance"]["frozen"] == false {
        let waits = shown["waits"].as_str().unwrap_or_default();
        assert!(waits.starts_with("waits for the segment `"), "{shown}");
    } else {
        println!("the build was faster than the start");
    }
    let run = cauce.done(shown["run"].as_u64().unwrap(), Duration::from_secs(150));
    check_balance(&run);
    assert_eq!(run["waits"], Value::Null, "{run}");
    let vip = cauce.get("/v1/segments/vip")["members"].as_u64().unwrap();
    assert!(vip > 0 && vip < PEOPLE as u64, "{vip}");
    assert_eq!(term(&run, "sent"), PEOPLE as u64 - vip, "{run}");
}
