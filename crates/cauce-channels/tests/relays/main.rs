//! Mail servers that we did not write as the next hop: what they deliver is what we composed, it is
//! still signed, no body of ours smuggles a second message past them, and what they cannot deliver
//! comes back to where we said.

mod exim;
mod postfix;
#[path = "../world/mod.rs"]
mod world;

use cauce_channels::email::compose::{Composed, compose};
use cauce_channels::email::pool::{Options, Pool, Posting};
use cauce_core::delivery::{Outcome, Verdict, classify};
use cauce_core::ids::MessageId;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use world::letters::generated;
use world::readers::{Letter, signers, verify};
use world::*;

/// Sends over a pool and returns what became of each message.
async fn send(port: u16, messages: &[Composed]) -> BTreeMap<u128, Outcome> {
    let mut server = server_at(port);
    let limit = Duration::from_secs(30);
    server.timeouts.greeting = limit;
    server.timeouts.envelope = limit;
    server.timeouts.final_dot = limit;
    let options = Options {
        server,
        connections_max: 2,
        messages_per_connection_max: 100,
        window: messages.len(),
        idle_timeout: Duration::from_secs(5),
        reopen_delay: Duration::from_millis(100),
    };
    let (pool, mut ended) = Pool::start(options, open_egress(), Arc::new(|_| false)).unwrap();
    let start_before = tokio::time::Instant::now() + Duration::from_secs(120);
    for message in messages {
        let message = message.clone();
        pool.submit(Posting { message, start_before, urgent: false }).await;
    }
    let mut outcomes = BTreeMap::new();
    while outcomes.len() < messages.len() {
        let end = ended.recv().await.unwrap();
        outcomes.insert(end.message.0, end.outcome.clone());
    }
    pool.close(Duration::from_secs(10)).await;
    outcomes
}

fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { id: Some(_), .. })
}

/// A server under test: where it listens, and where what it delivers lies.
#[derive(Clone, Copy)]
struct Relay<'r> {
    name: &'r str,
    port: u16,
    inbox: &'r Path,
}

/// 500 messages, signed twice, arrive once each, with nothing changed behind the headers of the
/// server; and every reader agrees that they are signed.
async fn delivers_what_we_composed(relay: Relay<'_>) {
    let signers = signers();
    let mut letters = Vec::new();
    let mut messages = Vec::new();
    for number in 0..500u64 {
        let mut email = generated(number);
        let beyond = number.is_multiple_of(7);
        if beyond {
            email.to.address = format!("j\u{f6}rg{number}@stra\u{df}e.example");
            email.text = format!("line {number}\n.\n..two\nFrom me\n{}\n", "long ".repeat(300));
        }
        let composed = compose(&email, &signers).unwrap();
        letters.push(Letter { raw: composed.bytes.to_vec(), email: (!beyond).then_some(email) });
        messages.push(composed);
    }
    let outcomes = send(relay.port, &messages).await;
    assert!(outcomes.values().all(is_accepted), "{outcomes:?}");
    let files = delivered(relay.inbox, messages.len()).await;
    assert_eq!(files.len(), messages.len());
    for letter in &mut letters {
        // A mailbox file has line feeds, and the server's own headers before ours.
        let sent = String::from_utf8(letter.raw.clone()).unwrap();
        let end = sent.replace("\r\n", "\n");
        let mut arrived = files.iter().filter_map(|file| file.strip_suffix(end.as_bytes()));
        let above = String::from_utf8(arrived.next().expect(&sent).to_vec()).unwrap();
        assert_eq!(arrived.next(), None, "twice: {sent}");
        for line in above.lines().filter(|line| !line.starts_with([' ', '\t'])) {
            let name = line.split(':').next().unwrap();
            let own = ["Received", "Return-Path", "X-Original-To", "Delivered-To"];
            assert!(own.contains(&name), "{above}");
        }
        letter.raw = (above.replace('\n', "\r\n") + &sent).into_bytes();
    }
    verify(&letters, &signers, &format!("500 messages that came through {}", relay.name));
}

/// Every end of a message that some server ever took for one, inside a body.
const ENDS: [&str; 8] =
    ["\n.\n", "\n.\r\n", "\r.\r\n", "\r.\r", "\r\n.\r", "\r\n.\n", "\r\n.\r\n", "\n\n.\n"];

fn with_smuggled(end: &str) -> String {
    format!(
        "Subject: one\r\n\r\nfirst{end}MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.net>\r\n\
         DATA\r\nSubject: smuggled\r\n\r\nsecond\r\n"
    )
}

/// Bodies with another message inside arrive as one message each, besides those that lie there.
async fn smuggles_nothing(relay: Relay<'_>, before: usize) -> usize {
    let bodies: Vec<Composed> = ENDS
        .iter()
        .enumerate()
        .map(|(place, end)| Composed {
            message: MessageId(1000 + place as u128),
            bytes: with_smuggled(end).into(),
            ..composed(0)
        })
        .collect();
    let outcomes = send(relay.port, &bodies).await;
    assert!(outcomes.values().all(is_accepted), "{outcomes:?}");
    let total = before + bodies.len();
    assert_eq!(delivered(relay.inbox, total).await.len(), total, "one message each");
    total
}

/// Addresses and names beyond ASCII: what travels everywhere, and what needs SMTPUTF8 of the next
/// server and is never rewritten where it is not offered.
async fn letters_beyond_ascii_travel_where_they_can(relay: Relay<'_>, offered: bool) {
    let cases = [
        ("ana@example.net", "Ana", false),
        ("ana@example.net", "Ana \u{5f20}\u{4f1f}", false),
        ("ana@stra\u{df}e.example", "Ana", false),
        ("ANA@STRA\u{df}E.example", "Ana", false),
        ("ana@xn--strae-oqa.example", "Ana", false),
        ("j\u{f6}rg@example.net", "J\u{f6}rg", true),
        ("\u{5f20}\u{4f1f}@example.net", "", true),
        ("\u{645}\u{631}\u{62d}\u{628}\u{627}@stra\u{df}e.example", "", true),
    ];
    let mut messages = Vec::new();
    for (number, (address, name, _)) in cases.iter().enumerate() {
        let mut email = email(number as u128);
        email.to.address = (*address).to_owned();
        email.to.name = (*name).to_owned();
        messages.push(compose(&email, &[]).unwrap());
    }
    let outcomes = send(relay.port, &messages).await;
    let mut taken = 0;
    for (number, (address, _, needs)) in cases.iter().enumerate() {
        let outcome = &outcomes[&(number as u128)];
        if offered || !needs {
            assert!(matches!(outcome, Outcome::Accepted { .. }), "{address}: {outcome:?}");
            taken += 1;
            continue;
        }
        let Outcome::Refused { enhanced: Some(enhanced), .. } = outcome else {
            panic!("{address}: {outcome:?}")
        };
        assert_eq!(enhanced.to_string(), "5.6.7", "{address}");
        let verdict = classify(outcome);
        let failed = matches!(verdict, Verdict::Failed { suppress: false, .. });
        assert!(failed, "the address is not at fault: {verdict:?}");
    }
    let files = delivered(relay.inbox, taken).await;
    assert_eq!(files.len(), taken);
    let all = files.concat();
    let all = String::from_utf8_lossy(&all);
    assert!(!all.contains("xn--jrg"), "a local part is never rewritten");
    assert_eq!(all.contains("<j\u{f6}rg@example.net>"), offered);
}
