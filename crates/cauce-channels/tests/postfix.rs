//! A relay through Postfix, as Debian packages it: what it delivers is what we composed, and no
//! body of ours smuggles a second message past it.
//!
//! `CAUCE_POSTFIX` names a folder into which the package was unpacked (`dpkg -x`); the test needs
//! root, because Postfix does. Without it the test says that it did not run.

mod world;

use cauce_channels::email::compose::{Composed, compose};
use cauce_channels::email::dkim::{Key, Signer};
use cauce_channels::email::pool::{Options, Pool, Posting};
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use world::postfix::{Postfix, ready};
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

#[tokio::test]
async fn postfix_delivers_what_we_composed_and_nothing_more() {
    let Some(postfix) = Postfix::start() else { return };
    ready(postfix.lenient).await;
    ready(postfix.strict).await;
    let signers = [
        Signer::new("example.com", "r1", Key::generate_rsa().unwrap()).unwrap(),
        Signer::new("example.com", "e1", Key::generate_ed25519().unwrap()).unwrap(),
    ];
    let mut messages = Vec::new();
    for number in 0..300u128 {
        let mut email = email(number);
        email.text = format!("line {number}\n.\n..two\nFrom me\n{}\n", "long ".repeat(300));
        if number % 7 == 0 {
            email.to.address = format!("j\u{f6}rg{number}@stra\u{df}e.example");
        }
        messages.push(compose(&email, &signers).unwrap());
    }
    let outcomes = send(postfix.strict, &messages).await;
    let is_accepted = |o: &Outcome| matches!(o, Outcome::Accepted { id: Some(_), .. });
    assert!(outcomes.values().all(is_accepted), "{outcomes:?}");
    let delivered = postfix.delivered(messages.len()).await;
    assert_eq!(delivered.len(), messages.len());
    for message in &messages {
        // A mailbox file has line feeds, and Postfix's own headers before ours.
        let sent = String::from_utf8(message.bytes.to_vec()).unwrap().replace("\r\n", "\n");
        let arrived = delivered.iter().filter(|file| file.ends_with(sent.as_bytes())).count();
        assert_eq!(arrived, 1, "{sent}");
    }

    let evil = |end: &str| {
        format!(
            "Subject: one\r\n\r\nfirst{end}MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.net>\r\n\
             DATA\r\nSubject: smuggled\r\n\r\nsecond\r\n"
        )
    };
    let ends =
        ["\n.\n", "\n.\r\n", "\r.\r\n", "\r.\r", "\r\n.\r", "\r\n.\n", "\r\n.\r\n", "\n\n.\n"];
    let bodies: Vec<Composed> = ends
        .iter()
        .enumerate()
        .map(|(place, end)| Composed {
            message: MessageId(1000 + place as u128),
            bytes: evil(end).into(),
            ..composed(0)
        })
        .collect();
    let mut total = delivered.len();
    for port in [postfix.lenient, postfix.strict] {
        let outcomes = send(port, &bodies).await;
        assert!(outcomes.values().all(is_accepted), "{outcomes:?}");
        total += bodies.len();
        assert_eq!(postfix.delivered(total).await.len(), total, "one message each");
    }
}

/// Addresses and names beyond ASCII: what travels everywhere, and what needs SMTPUTF8 of the next
/// server and is never rewritten where it is not offered.
#[tokio::test]
async fn letters_beyond_ascii_travel_where_they_can() {
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
    for offered in [true, false] {
        let lines = if offered { "" } else { "smtputf8_enable = no\n" };
        let Some(postfix) = Postfix::start_with(lines, &[]) else { return };
        ready(postfix.strict).await;
        let mut messages = Vec::new();
        for (number, (address, name, _)) in cases.iter().enumerate() {
            let mut email = email(number as u128);
            email.to.address = (*address).to_owned();
            email.to.name = (*name).to_owned();
            messages.push(compose(&email, &[]).unwrap());
        }
        let outcomes = send(postfix.strict, &messages).await;
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
            let verdict = cauce_core::delivery::classify(outcome);
            let failed =
                matches!(verdict, cauce_core::delivery::Verdict::Failed { suppress: false, .. });
            assert!(failed, "the address is not at fault: {verdict:?}");
        }
        let delivered = postfix.delivered(taken).await;
        assert_eq!(delivered.len(), taken);
        let all = delivered.concat();
        let all = String::from_utf8_lossy(&all);
        assert!(!all.contains("xn--jrg"), "a local part is never rewritten");
        assert_eq!(all.contains("<j\u{f6}rg@example.net>"), offered);
    }
}
