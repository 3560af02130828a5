//! Killed at any moment, the process finishes its campaign unaided; nobody is written to twice,
//! and nobody is lost.

use crate::world::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What may be between grant and end at a kill.
const WINDOW: u64 = 256;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// A kill, and what was found of it afterwards.
#[derive(Debug)]
struct Kill {
    /// When.
    at: Instant,
    /// Messages that had ended until then, one way or the other.
    ended: u64,
    /// Messages that became unknown by it.
    unknown: u64,
}

/// How long before a kill a message may have arrived whose answer the process was still to read.
const MOMENT: Duration = Duration::from_millis(200);

/// So many moments of a campaign, by how many of its messages have ended: each is anywhere within
/// its own part of it, so that chance does not put all of them into the first minute.
fn spread(count: usize, kills: usize) -> Vec<u64> {
    let mut random = Random::seeded("crash");
    // At the last one there has to be something left.
    let part = (count as u64 - 2 * WINDOW) / kills as u64;
    (0..kills as u64).map(|nth| 1 + nth * part + random.below(part)).collect()
}

/// Kills the process at these moments.
fn kill_at(cauce: &mut Cauce, run: u64, moments: &[u64]) -> Vec<Kill> {
    let mut kills: Vec<Kill> = Vec::new();
    let mut before = 0;
    let ended = |shown: &Value| term(shown, "planned") - term(shown, "pending");
    for moment in moments {
        let what = format!("the end of message {moment}");
        let ended = wait_for(PATIENCE, &what, || {
            let ended = ended(&cauce.run(run));
            (ended >= *moment).then_some(ended)
        });
        let at = Instant::now();
        cauce.kill();
        cauce.again();
        // Looking changes nothing: the campaign goes on by itself.
        let unknown = wait_for(PATIENCE, "the balance after a restart", || {
            let answer =
                cauce.ask("GET", &format!("/v1/campaigns/runs/{run}"), "application/json", b"");
            (answer.status == 200).then(|| term(&answer.json(), "unknown"))
        });
        kills.push(Kill { at, ended, unknown: unknown - before });
        before = unknown;
    }
    kills
}

/// The kills were what they are to be: spread over the campaign, and with messages on their way,
/// as the ledger and as the mail server have it.
fn check_kills(kills: &[Kill], sink: &Sink, count: u64) {
    for quarter in 0..4 {
        let within = |kill: &&Kill| kill.ended * 4 / count == quarter;
        let found = kills.iter().filter(within).count();
        assert!(found * 8 >= kills.len(), "{found} kills in quarter {quarter}: {kills:?}");
    }
    let mails = sink.mails();
    let on_the_way = |kill: &&Kill| {
        let near = |mail: &&Mail| mail.granted <= kill.at && mail.arrived + MOMENT >= kill.at;
        mails.iter().any(|mail| near(&mail))
    };
    let arriving = kills.iter().filter(on_the_way).count();
    let doubted = kills.iter().filter(|kill| kill.unknown > 0).count();
    println!("{arriving} kills while messages arrived, {doubted} with unknown ones");
    // One or the other may have met the process while it waited for its disk.
    assert!(arriving * 2 >= kills.len(), "{arriving} kills while messages arrived");
    assert!(doubted * 2 >= kills.len(), "{doubted} kills with messages in flight");
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
    let room = (count as u64).saturating_sub(2 * WINDOW);
    assert!(room >= kills as u64 * WINDOW, "{count} recipients are few for {kills} kills");
    let sink = Sink::start(Script::default());
    let mut cauce = shop_of(count, &sink);
    let run = cauce.start_campaign("monthly");
    let kills = kill_at(&mut cauce, run, &spread(count, kills));
    let found: Vec<_> = kills.iter().map(|kill| (kill.ended, kill.unknown)).collect();
    println!("messages that had ended at each kill, and became unknown by it: {found:?}");
    let shown = cauce.done(run, Duration::from_secs(120));
    check_kills(&kills, &sink, count as u64);
    for kill in &kills {
        assert!(kill.unknown <= WINDOW, "more than was in flight: {kill:?}");
    }
    let unknown: u64 = kills.iter().map(|kill| kill.unknown).sum();
    assert_eq!(term(&shown, "unknown"), unknown, "unknown without a kill: {shown}");
    check_everybody(&cauce, &sink, count, &shown);
}
