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
