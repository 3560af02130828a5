//! A mailbox provider that refuses a domain for what it is, while thousands of letters wait.

use crate::world::*;
use serde_json::{Value, json};
use std::time::Duration;

/// Letters that wait for the mailbox provider that refuses them.
const WAITING: usize = 1_500;
/// How many are refused at which marketing pauses, over all partitions.
const REFUSED_MIN: u64 = 10;
/// What may leave between the tenth answer and the moment in which every partition knows: a server
/// that takes 30 ms for each is asked by four connections.
const ON_THE_WAY: u64 = 90;

/// In Google's words.
const NO: &str = "550 5.7.26 Unauthenticated email from shop.example is not accepted due to \
                  domain's DMARC policy.";

fn readers(cauce: &Cauce) {
    for some in (0..WAITING + 20).collect::<Vec<_>>().chunks(500) {
        let lines: String = some
            .iter()
            .map(|n| {
                let host = if *n < WAITING { "gmail.com" } else { "example.com" };
                let event = json!({ "id": format!("in-{n}"), "name": "signed_up",
                    "user_id": format!("p{n}"), "email": format!("p{n}@{host}"),
                    "consents": [{ "topic": "news", "state": "granted", "source": "form" }] });
                format!("{event}\n")
            })
            .collect();
        assert_eq!(cauce.report(&lines, "?historical=true").status, 202);
    }
    wait_for(PATIENCE, "everybody in the segment", || {
        (cauce.get("/v1/segments/everybody")["members"] == WAITING + 20).then_some(())
    });
}

/// What is paused because it is refused.
fn refused(cauce: &Cauce) -> Value {
    let shown = cauce.get("/v1/deliverability");
    let all = shown["paused"].as_array().cloned().unwrap_or_default();
    all.into_iter().find(|one| one["refusal"].is_string()).unwrap_or_default()
}

/// Waits until nothing more fails.
fn settled(cauce: &Cauce, run: u64) -> u64 {
    let mut before = u64::MAX;
    wait_for(PATIENCE, "nothing more is refused", || {
        std::thread::sleep(Duration::from_millis(1_500));
        let failed = term(&cauce.run(run), "failed");
        (std::mem::replace(&mut before, failed) == failed).then_some(failed)
    })
}

#[test]
fn ten_refusals_of_all_partitions_together_pause_marketing() {
    let _alone = alone();
    let sink = Sink::start(Script {
        say: Box::new(|to, _| match to.ends_with("@gmail.com") {
            true => Say::Dot(NO),
            false => Say::Take,
        }),
        ..Script::default()
    });
    sink.slow(Duration::from_millis(30));
    let mut cauce = Cauce::start("partitions = 64");
    cauce.apply(&shop(smtp(sink.port)));
    readers(&cauce);
    let run = cauce.start_campaign("monthly");
    wait_for(PATIENCE, "the pause", || (!refused(&cauce).is_null()).then_some(()));
    let failed = settled(&cauce, run);
    println!("{failed} of {WAITING} were refused before the pause");
    assert!((REFUSED_MIN..=REFUSED_MIN + ON_THE_WAY).contains(&failed), "{failed} were refused");
    // Others got theirs.
    let shown = cauce.run(run);
    assert_eq!(term(&shown, "sent"), 20, "{shown}");
    assert_eq!(term(&shown, "pending"), WAITING as u64 - failed, "{shown}");

    // The pause outlives the process, the count does not.
    cauce.kill();
    cauce.again();
    assert_eq!(refused(&cauce)["mailbox"], "google");
    assert_eq!(settled(&cauce, run), failed);
    let code = json!({ "template": "code", "to": { "email": "p1499@gmail.com" } });
    cauce.message_in(&cauce.send(&code), "failed");
    // A person lets it go on: it is refused again, and paused after as few.
    let resumed = cauce.post("/v1/deliverability/shop.example/google/resume", &Value::Null);
    assert_eq!(resumed.status, 204, "{resumed:?}");
    let second = cauce.start_campaign("second");
    wait_for(PATIENCE, "the pause", || (!refused(&cauce).is_null()).then_some(()));
    let failed = settled(&cauce, second);
    assert!((REFUSED_MIN..=REFUSED_MIN + ON_THE_WAY).contains(&failed), "{failed} were refused");
}
