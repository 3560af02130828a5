//! Killed at any moment, the process finishes its campaign unaided; nobody is written to twice,
//! and nobody is lost.

use crate::world::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// What may be between grant and end at a kill.
const WINDOW: u64 = 256;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Kills the process at these counts of arrived messages; the unknown ones after each.
fn kill_at(cauce: &mut Cauce, sink: &Sink, run: u64, moments: &[usize]) -> Vec<u64> {
    let mut unknown = Vec::new();
    for moment in moments {
        wait_for(PATIENCE, &format!("message {moment} at the sink"), || {
            (sink.arrived() >= *moment).then_some(())
        });
        cauce.kill();
        cauce.again();
        // Looking changes nothing: the campaign goes on by itself.
        let counted = wait_for(PATIENCE, "the balance after a restart", || {
            let answer =
                cauce.ask("GET", &format!("/v1/campaigns/runs/{run}"), "application/json", b"");
            (answer.status == 200).then(|| term(&answer.json(), "unknown"))
        });
        unknown.push(counted);
    }
    unknown
}

/// Compares what arrived with what the ledger says, person by person.
fn check_everybody(cauce: &Cauce, sink: &Sink, count: usize, shown: &Value) {
    check_balance(shown);
    for (name, expected) in [
        ("target", count as u64),
        ("planned", count as u64),
        ("pending", 0),
        ("refused", 0),
        ("failed", 0),
    ] {
        assert_eq!(term(shown, name), expected, "{name}: {shown}");
    }
    let mut arrived: BTreeMap<String, usize> = (0..count).map(|n| (address(n), 0)).collect();
    for mail in sink.mails() {
        *arrived.get_mut(&mail.to).expect("only people of the campaign") += 1;
    }
    let twice: Vec<_> = arrived.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "written to twice: {twice:?}");
    let never: Vec<_> = arrived.iter().filter(|(_, times)| **times == 0).collect();
    assert!(never.len() as u64 <= term(shown, "unknown"), "{} never got it: {shown}", never.len());
    // Whoever got nothing is *unknown*; so everybody who is *sent* did get it.
    for (address, _) in never {
        let messages = cauce.messages(address);
        assert_eq!(messages.len(), 1, "{address}: {messages:?}");
        assert_eq!(messages[0]["state"]["state"], "unknown", "{address}: {messages:?}");
    }
}

#[test]
fn killed_at_random_a_campaign_ends_by_itself_and_the_ledger_tells_the_truth() {
    let _alone = alone();
    let count = number("CAUCE_CRASH_RECIPIENTS", 20_000);
    let kills = number("CAUCE_CRASH_KILLS", 20);
    let mut random = Random::seeded("crash");
    let sink = Sink::start(Script::default());
    let mut cauce = shop_of(count, &sink);
    let run = cauce.start_campaign("monthly");
    // Each kill may keep a window from arriving: what is waited for has to be reachable.
    let last = (count as u64).saturating_sub(kills as u64 * WINDOW).max(1);
    let mut moments: Vec<usize> = (0..kills).map(|_| 1 + random.below(last) as usize).collect();
    moments.sort_unstable();
    println!("killed after {moments:?} messages");
    let unknown = kill_at(&mut cauce, &sink, run, &moments);
    let shown = cauce.done(run, Duration::from_secs(120));
    let mut before = 0;
    for (kill, after) in unknown.iter().chain([&term(&shown, "unknown")]).enumerate() {
        assert!(after - before <= WINDOW, "kill {kill}: {before} then {after} unknown");
        before = *after;
    }
    println!("unknown after each kill: {unknown:?}, at the end: {}", term(&shown, "unknown"));
    check_everybody(&cauce, &sink, count, &shown);
}
