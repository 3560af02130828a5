//! SMPP sessions against a server that does what a test says: windows, statuses, silence, broken
//! connections, and everything that a server may say by itself.

mod outside;
#[path = "../world/mod.rs"]
mod world;

use bytes::BytesMut;
use cauce_channels::sms::smpp::answerer::{Act, Answerer, Script};
use cauce_channels::sms::smpp::pdu::{
    self, Address, Body, Pdu, SEQUENCE_MAX, ShortMessage, command, esm,
};
use cauce_channels::sms::smpp::{Client, Listener, Options, Said, Standing, State};
use cauce_core::delivery::{Enhanced, Outcome};
use cauce_core::ids::MessageId;
use cauce_core::message::content::sms::Sms;
use cauce_core::sms::{Limits, encoding_of, split};
use cauce_core::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use world::{certificate, open_egress, tls};

fn sms(id: u128, to: &str, text: &str) -> Sms {
    let encoding = encoding_of(text);
    Sms {
        message: MessageId(id),
        from: "CAUCE".into(),
        to: to.into(),
        text: text.into(),
        encoding,
        parts: split(text, encoding, Limits::short_reference(encoding)),
        expires: Timestamp(86_400_000),
        receipt: true,
        reference: String::new(),
        extras: BTreeMap::new(),
    }
}

fn options(port: u16) -> Options {
    Options {
        answer_within: Duration::from_millis(400),
        reopen_after: Duration::from_millis(20),
        rest_within: Duration::from_secs(2),
        ..Options::new("127.0.0.1", port, "cauce", "secret")
    }
}

fn deaf() -> Listener {
    Arc::new(|_| Box::pin(async { true }))
}

fn start(options: Options) -> Arc<Client> {
    Arc::new(Client::start(options, open_egress(), deaf()).unwrap())
}

async fn send(client: &Client, sms: &Sms) -> Outcome {
    let begin_by = Instant::now() + Duration::from_secs(10);
    client.send(sms, Timestamp(0), begin_by).await
}

/// Sends messages at once; their outcomes by message.
async fn send_all(client: &Arc<Client>, all: Vec<Sms>) -> BTreeMap<u128, Outcome> {
    let mut tasks = JoinSet::new();
    for sms in all {
        let client = Arc::clone(client);
        tasks.spawn(async move { (sms.message.0, send(&client, &sms).await) });
    }
    tasks.join_all().await.into_iter().collect()
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

fn judged(judge: impl Fn(&ShortMessage, usize) -> Act + Send + Sync + 'static) -> Script {
    Script { judge: Arc::new(judge), ..Script::default() }
}

fn is_taken(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { id: Some(_), .. })
}

#[tokio::test]
async fn the_window_is_filled_and_never_exceeded() {
    let script = Script { delay: Duration::from_millis(5), ..Script::default() };
    let server = Answerer::start(script).await.unwrap();
    let client = start(Options { window: 7, connections: 2, ..options(server.port()) });
    let all = (0..300).map(|id| sms(id, "+34600000001", "hola")).collect();
    let outcomes = send_all(&client, all).await;
    assert!(outcomes.values().all(is_taken), "{outcomes:?}");
    let seen = server.seen();
    assert_eq!((seen.count, seen.open_max, seen.binds.len()), (300, 7, 2));
    let (command, bind) = &seen.binds[0];
    assert_eq!((*command, bind.version), (command::BIND_TRANSCEIVER, 0x34));
    assert_eq!((bind.system_id.as_str(), bind.password.as_str()), ("cauce", "secret"));
}

#[tokio::test]
async fn a_code_leaves_within_one_window_whatever_waits() {
    let script = Script { delay: Duration::from_millis(100), ..Script::default() };
    let server = Answerer::start(script).await.unwrap();
    let client = start(Options { window: 4, ..options(server.port()) });
    let mut bulk = JoinSet::new();
    for id in 0..224 {
        let client = Arc::clone(&client);
        bulk.spawn(async move { send(&client, &sms(id, "+34600000001", "oferta")).await });
    }
    until("bulk is under way", || server.seen().count >= 8).await;
    let before = server.seen().count;
    let begin_by = Instant::now() + Duration::from_secs(10);
    let code = sms(999, "+34600000002", "482913");
    assert!(is_taken(&client.send_first(&code, Timestamp(0), begin_by).await));
    let ahead = server.seen().count - before;
    assert!(ahead <= 9, "{ahead} were submitted while a code waited for a place among 4");
    bulk.abort_all();
}

#[tokio::test]
async fn what_is_revoked_while_it_waits_is_never_submitted() {
    let script = Script { delay: Duration::from_millis(50), ..Script::default() };
    let server = Answerer::start(script).await.unwrap();
    let paused = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&paused);
    let client = start(Options {
        window: 2,
        revoked: Arc::new(move |_| asked.load(Ordering::SeqCst)),
        ..options(server.port())
    });
    let all = (0..40).map(|id| sms(id, "+34600000001", "oferta")).collect();
    let sending = {
        let client = Arc::clone(&client);
        tokio::spawn(async move { send_all(&client, all).await })
    };
    until("some are under way", || server.seen().count >= 4).await;
    paused.store(true, Ordering::SeqCst);
    let outcomes = sending.await.unwrap();
    let taken = outcomes.values().filter(|outcome| is_taken(outcome)).count();
    let revoked =
        |o: &&Outcome| matches!(o, Outcome::NotStarted { text } if text.contains("revoked"));
    assert_eq!(taken + outcomes.values().filter(revoked).count(), 40);
    assert_eq!(server.seen().count, taken, "nothing was submitted after it");
    assert!(taken <= 10, "{taken}");
}

#[tokio::test]
async fn answers_become_outcomes() {
    let script = judged(|message, _| match message.to.text.as_str() {
        "34444" => Act::Refuse(0x58),
        "34555" => Act::Refuse(0x14),
        "34000" => Act::Refuse(0x0b),
        "34333" => Act::Refuse(0x45),
        "34111" => Act::Silence,
        _ => Act::TakeAs("00AB".into()),
    });
    let server = Answerer::start(script).await.unwrap();
    let client = start(options(server.port()));
    let refused = |outcome: &Outcome| match outcome {
        Outcome::Refused { enhanced, code: 0, text, .. } => (*enhanced, text.clone()),
        other => panic!("{other:?}"),
    };
    let check = async |to: &str, expected: Enhanced, name: &str| {
        let outcome = send(&client, &sms(1, to, "hola")).await;
        assert_eq!(refused(&outcome), (Some(expected), name.to_owned()));
    };
    check("+34444", Enhanced(4, 4, 5), "0x58 ESME_RTHROTTLED").await;
    check("+34555", Enhanced(4, 4, 5), "0x14 ESME_RMSGQFUL").await;
    check("+34000", Enhanced(5, 1, 1), "0x0b ESME_RINVDSTADR").await;
    check("+34333", Enhanced(5, 0, 0), "0x45 ESME_RSUBMITFAIL").await;
    let silence = send(&client, &sms(2, "+34111", "hola")).await;
    assert!(matches!(silence, Outcome::Unknown { .. }), "{silence:?}");
    let taken = send(&client, &sms(3, "+34999", "hola")).await;
    assert_eq!(taken, Outcome::Accepted { id: Some("ab".into()), text: "taken".into() });
    // One silence does not end a session.
    assert_eq!(server.seen().binds.len(), 1);
    let unrenderable = send(&client, &sms(4, "+34999", "")).await;
    assert!(matches!(unrenderable, Outcome::Unrenderable { .. }), "{unrenderable:?}");
}

#[tokio::test]
async fn a_window_of_silence_ends_the_session_and_nothing_is_sent_twice() {
    let script = judged(|message, _| match message.to.text.ends_with("111") {
        true => Act::Silence,
        false => Act::Take,
    });
    let server = Answerer::start(script).await.unwrap();
    let client = start(Options { window: 3, ..options(server.port()) });
    let silent = (0..3).map(|id| sms(id, "+34111", "hola"));
    let spoken = (3..10).map(|id| sms(id, "+34222", "hola"));
    let outcomes = send_all(&client, silent.chain(spoken).collect()).await;
    for (id, outcome) in &outcomes {
        match id {
            0..3 => assert!(matches!(outcome, Outcome::Unknown { .. }), "{id}: {outcome:?}"),
            _ => assert!(is_taken(outcome), "{id}: {outcome:?}"),
        }
    }
    let seen = server.seen();
    assert_eq!((seen.count, seen.open_max), (10, 3));
    assert!(seen.binds.len() >= 2, "a new session has a new window");
}

#[tokio::test]
async fn what_was_on_the_wire_is_unknown_and_the_rest_goes_on() {
    // The tenth submission of all ends its connection without an answer.
    let script = Script {
        delay: Duration::from_millis(3),
        ..judged(|_, before| if before == 9 { Act::Close } else { Act::Take })
    };
    let server = Answerer::start(script).await.unwrap();
    let client = start(Options { window: 4, ..options(server.port()) });
    let all = (0..60).map(|id| sms(id, "+34600000001", &format!("text {id}"))).collect();
    let outcomes = send_all(&client, all).await;
    let unknown = outcomes.values().filter(|o| matches!(o, Outcome::Unknown { .. })).count();
    assert!((1..=4).contains(&unknown), "{unknown} unknown: a window at most");
    let mut times = BTreeMap::<Vec<u8>, usize>::new();
    for (_, message) in &server.seen().submissions {
        *times.entry(message.text.clone()).or_default() += 1;
    }
    for (id, outcome) in &outcomes {
        let times = times.get(format!("text {id}").as_bytes()).copied().unwrap_or_default();
        match outcome {
            Outcome::NotStarted { .. } => assert_eq!(times, 0, "{id} was sent all the same"),
            Outcome::Unknown { .. } => assert!(times <= 1, "{id} was sent {times} times"),
            outcome => assert!(is_taken(outcome) && times == 1, "{id}: {outcome:?}, {times}"),
        }
    }
}

#[tokio::test]
async fn too_fast_halves_the_rate() {
    let script = Script {
        delay: Duration::from_millis(1),
        ..judged(|_, before| if before == 100 { Act::Refuse(0x58) } else { Act::Take })
    };
    let server = Answerer::start(script).await.unwrap();
    let client = start(Options { per_second: Some(200), ..options(server.port()) });
    let all = (0..200).map(|id| sms(id, "+34600000001", "hola")).collect();
    let outcomes = send_all(&client, all).await;
    assert_eq!(outcomes.values().filter(|outcome| !is_taken(outcome)).count(), 1);
    let seen = server.seen();
    let rate = |from: usize, to: usize| {
        let span = seen.times[to].duration_since(seen.times[from]);
        (to - from) as f64 / span.as_secs_f64()
    };
    let (before, after) = (rate(10, 99), rate(110, 199));
    // A busy machine makes both slower, and neither faster.
    assert!(before <= 215.0, "{before} a second were allowed 200");
    assert!(after <= 125.0, "{after} a second after {before}");
    let standing = client.standing();
    assert!(
        matches!(standing[0].1, Standing::Bound { per_second: Some(rate) } if rate < 150.0),
        "{standing:?}"
    );
}

#[tokio::test]
async fn parts_are_taken_together_or_nobody_knows() {
    let script = judged(|message, before| {
        let number = message.text.get(5).copied();
        match (message.to.text.as_str(), number) {
            // The second part is throttled once.
            ("341", Some(2)) if before == 1 => Act::Refuse(0x58),
            ("342", Some(2)) => Act::Refuse(0x45),
            ("343", Some(1)) => Act::Refuse(0x58),
            _ => Act::TakeAs(format!("{before}")),
        }
    });
    let server = Answerer::start(script).await.unwrap();
    let client = start(options(server.port()));
    let long = "x".repeat(400);
    let taken = send(&client, &sms(1, "+341", &long)).await;
    let expected =
        Outcome::Accepted { id: Some("0 2 3".into()), text: "3 parts were taken".into() };
    assert_eq!(taken, expected);
    {
        let seen = server.seen();
        let places: Vec<_> = seen.submissions.iter().map(|(_, m)| m.text[3..6].to_vec()).collect();
        let reference = places[0][0];
        let expected = [1, 2, 2, 3].map(|number| vec![reference, 3, number]);
        assert_eq!(places, expected);
    }
    let torn = send(&client, &sms(2, "+342", &long)).await;
    let Outcome::Unknown { text } = torn else { panic!("{torn:?}") };
    assert!(text.starts_with("1 of 3 parts were taken; part 2: 0x45"), "{text}");
    // Nothing of it was taken, so all of it may be tried again.
    let refused = send(&client, &sms(3, "+343", &long)).await;
    assert!(matches!(refused, Outcome::Refused { .. }), "{refused:?}");
}

#[tokio::test]
async fn sequence_numbers_begin_again_at_one() {
    let server = Answerer::start(Script::default()).await.unwrap();
    let client = start(Options { first_sequence: SEQUENCE_MAX - 2, ..options(server.port()) });
    for id in 0..5 {
        assert!(is_taken(&send(&client, &sms(id, "+34600000001", "hola")).await));
    }
    let numbers: Vec<u32> = server.seen().submissions.iter().map(|(n, _)| *n).collect();
    assert_eq!(numbers, [SEQUENCE_MAX - 1, SEQUENCE_MAX, 1, 2, 3]);
}

#[tokio::test]
async fn a_refused_bind_is_said_and_not_repeated() {
    let script = Script { bind_status: 0x0e, ..Script::default() };
    let server = Answerer::start(script).await.unwrap();
    let client = start(options(server.port()));
    let outcome = send(&client, &sms(1, "+34600000001", "hola")).await;
    let Outcome::Held { text } = outcome else { panic!("{outcome:?}") };
    assert!(text.contains("0x0e ESME_RINVPASWD") && text.contains("password"), "{text}");
    assert_eq!(client.trouble(), Some(text));
    sleep(Duration::from_millis(300)).await;
    assert_eq!(server.seen().binds.len(), 1, "asking again is hammering");
    assert_eq!(server.seen().count, 0);
}

#[tokio::test]
async fn answers_behind_one_about_the_session_count() {
    let script = Script {
        delay: Duration::from_millis(700),
        ..judged(|message, _| match message.to.text.as_str() {
            "34111" => Act::Refuse(0x04),
            _ => Act::Take,
        })
    };
    let server = Answerer::start(script).await.unwrap();
    let answer_within = Duration::from_secs(10);
    let client = start(Options { window: 5, answer_within, ..options(server.port()) });
    until("bound", || matches!(client.standing()[0].1, Standing::Bound { .. })).await;
    let first = tokio::spawn({
        let client = Arc::clone(&client);
        async move { send(&client, &sms(0, "+34111", "hola")).await }
    });
    until("submitted", || server.seen().count == 1).await;
    let others = send_all(&client, (1..5).map(|id| sms(id, "+34222", "hola")).collect()).await;
    assert!(others.values().all(is_taken), "{others:?}");
    let first = first.await.unwrap();
    assert!(matches!(first, Outcome::Refused { .. }), "{first:?}");
    // And then the session is over, as the provider wants it.
    until("refused", || matches!(client.standing()[0].1, Standing::Refused(_))).await;
    let later = send(&client, &sms(9, "+34222", "hola")).await;
    assert!(matches!(later, Outcome::Held { .. }), "{later:?}");
    let seen = server.seen();
    assert_eq!((seen.count, seen.binds.len()), (5, 1));
}

#[tokio::test]
async fn without_a_server_nothing_was_taken() {
    let gone = Answerer::start(Script::default()).await.unwrap();
    let port = gone.port();
    drop(gone);
    sleep(Duration::from_millis(50)).await;
    let client = start(options(port));
    let outcome = send(&client, &sms(1, "+34600000001", "hola")).await;
    assert!(matches!(outcome, Outcome::Unreachable { .. }), "{outcome:?}");
    // The server comes, and is found.
    let server = Answerer::start_on(port, Script::default()).await.unwrap();
    until("bound", || matches!(client.standing()[0].1, Standing::Bound { .. })).await;
    assert!(is_taken(&send(&client, &sms(2, "+34600000001", "hola")).await));
    assert_eq!(server.seen().count, 1);
}

#[tokio::test]
async fn a_message_that_may_not_begin_in_time_does_not() {
    let script = judged(|_, _| Act::Silence);
    let server = Answerer::start(script).await.unwrap();
    let client = start(Options {
        window: 1,
        answer_within: Duration::from_secs(5),
        ..options(server.port())
    });
    let first = sms(1, "+34600000001", "hola");
    let busy = Arc::clone(&client);
    let waiting = tokio::spawn(async move { send(&busy, &first).await });
    until("the window is full", || server.seen().count == 1).await;
    let begin_by = Instant::now() + Duration::from_millis(100);
    let late = client.send(&sms(2, "+34600000001", "hola"), Timestamp(0), begin_by).await;
    assert!(matches!(late, Outcome::NotStarted { .. }), "{late:?}");
    assert_eq!(server.seen().count, 1);
    waiting.abort();
}

/// A server that is bound to, its client, and what the client was told.
async fn told(durable: Arc<AtomicBool>) -> (Answerer, Client, Arc<Mutex<Vec<Said>>>) {
    let server = Answerer::start(Script::default()).await.unwrap();
    let said: Arc<Mutex<Vec<Said>>> = Arc::default();
    let inside = Arc::clone(&said);
    let listener: Listener = Arc::new(move |what| {
        let (inside, durable) = (Arc::clone(&inside), Arc::clone(&durable));
        Box::pin(async move {
            sleep(Duration::from_millis(50)).await;
            inside.lock().unwrap().push(what);
            durable.load(Ordering::SeqCst)
        })
    });
    let client = Client::start(options(server.port()), open_egress(), listener).unwrap();
    until("bound", || matches!(client.standing()[0].1, Standing::Bound { .. })).await;
    (server, client, said)
}

fn delivered(sequence: u32, esm_class: u8, text: &[u8]) -> Pdu {
    let address = |text: &str| Address { ton: 1, npi: 1, text: text.into() };
    let message = ShortMessage {
        from: address("34600000001"),
        to: address("21777"),
        esm_class,
        text: text.to_vec(),
        ..ShortMessage::default()
    };
    Pdu::new(command::DELIVER_SM, sequence, Body::Message(Box::new(message)))
}

fn answers(server: &Answerer) -> Vec<(u32, u32)> {
    let seen = server.seen();
    let answers = seen.others.iter().filter(|pdu| pdu.is_answer());
    answers.map(|pdu| (pdu.sequence, pdu.status)).collect()
}

#[tokio::test]
async fn what_a_provider_says_is_answered_once_it_is_durable() {
    let durable = Arc::new(AtomicBool::new(false));
    let (server, client, said) = told(Arc::clone(&durable)).await;
    server.say(&delivered(71, esm::RECEIPT, b"id:00A1 stat:DELIVRD err:000"));
    sleep(Duration::from_millis(20)).await;
    assert!(answers(&server).is_empty(), "it was answered before it was durable");
    until("refused for now", || answers(&server) == [(71, 0x64)]).await;
    durable.store(true, Ordering::SeqCst);
    server.say(&delivered(72, esm::RECEIPT, b"id:00A1 stat:DELIVRD err:000"));
    until("answered", || answers(&server) == [(71, 0x64), (72, 0)]).await;
    server.say(&delivered(73, 0, b"STOP"));
    until("answered", || answers(&server).len() == 3).await;
    server.say(&delivered(74, 0, b"STOP"));
    until("answered", || answers(&server).len() == 4).await;
    let said = said.lock().unwrap();
    let Said::Receipt(receipt) = &said[1] else { panic!("{said:?}") };
    assert_eq!((receipt.id.as_str(), receipt.state), ("a1", State::Delivered));
    let Said::Text(text) = &said[2] else { panic!("{said:?}") };
    assert_eq!((text.from.as_str(), text.text.as_str()), ("+34600000001", "STOP"));
    assert_eq!(said.len(), 3, "the second STOP is the first one, said again");
    drop(client);
}

#[tokio::test]
async fn a_part_that_was_answered_for_outlives_its_provider() {
    let (server, client, said) = told(Arc::new(AtomicBool::new(true))).await;
    server.say(&delivered(81, esm::HEADER, b"\x05\x00\x03\x09\x02\x01STOP"));
    until("answered", || answers(&server) == [(81, 0)]).await;
    assert!(said.lock().unwrap().is_empty());
    // Another definition comes into force: the second part goes to another client, if at all.
    drop(client);
    until("told", || !said.lock().unwrap().is_empty()).await;
    let Said::Text(text) = said.lock().unwrap()[0].clone() else { panic!() };
    assert_eq!(text.text, "STOP[…]");
}

#[tokio::test]
async fn notices_and_unknown_commands_harm_nobody() {
    let (server, client, said) = told(Arc::new(AtomicBool::new(true))).await;
    let outbind = Body::Outbind { system_id: "x".into(), password: "y".into() };
    server.say(&Pdu::new(command::OUTBIND, 5, outbind));
    let alert = Body::Alert { from: Address::default(), to: Address::default() };
    server.say(&Pdu::new(command::ALERT_NOTIFICATION, 6, alert));
    server.say(&Pdu::new(0x21, 7, Body::Other(vec![1, 2, 3])));
    server.say(&Pdu::new(command::ENQUIRE_LINK, 8, Body::Empty));
    // A nack for nothing, and an answer to nothing.
    server.say(&Pdu::answer(0, 4_000, 3, Body::Empty));
    let nobody = Body::Named { id: "1".into(), tags: vec![] };
    server.say(&Pdu::answer(command::SUBMIT_SM, 4_001, 0, nobody));
    let data = ShortMessage {
        esm_class: 4,
        tags: vec![
            (pdu::tag::RECEIPTED_MESSAGE_ID, b"77\0".to_vec()),
            (pdu::tag::MESSAGE_STATE, vec![5]),
        ],
        ..ShortMessage::default()
    };
    server.say(&Pdu::new(command::DATA_SM, 9, Body::Message(Box::new(data))));
    until("answered", || answers(&server) == [(7, 3), (8, 0), (9, 0)]).await;
    let Said::Receipt(receipt) = said.lock().unwrap()[0].clone() else { panic!() };
    assert_eq!((receipt.id.as_str(), receipt.state), ("77", State::Undeliverable));
    assert_eq!(server.seen().binds.len(), 1);
    assert!(is_taken(&send(&client, &sms(1, "+34600000001", "hola")).await));
}

#[tokio::test]
async fn a_nack_of_a_submission_is_its_answer() {
    let script = judged(|_, before| {
        let mut nack = BytesMut::new();
        // The bind was the first command, this submission the second.
        Pdu::answer(0, before as u32 + 2, 0x02, Body::Empty).write(&mut nack);
        Act::Say(nack.to_vec())
    });
    let server = Answerer::start(script).await.unwrap();
    let client = start(options(server.port()));
    let outcome = send(&client, &sms(1, "+34600000001", "hola")).await;
    let Outcome::Refused { text, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(text, "0x02 ESME_RINVCMDLEN");
}

#[tokio::test]
async fn an_unbind_of_the_provider_is_answered_and_followed_by_a_new_session() {
    let (server, client, _) = told(Arc::new(AtomicBool::new(true))).await;
    server.say(&Pdu::new(command::UNBIND, 33, Body::Empty));
    until("answered", || answers(&server).contains(&(33, 0))).await;
    until("bound again", || server.seen().binds.len() == 2).await;
    assert!(is_taken(&send(&client, &sms(1, "+34600000001", "hola")).await));
}

#[tokio::test]
async fn bytes_that_are_no_smpp_end_the_session() {
    for bytes in [
        vec![0, 0, 0, 0],
        vec![0, 0, 0, 15, 0, 0, 0, 5],
        vec![0xff; 32],
        // A deliver_sm whose text is shorter than it says.
        [&[0, 0, 0, 34, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1][..], &[0; 17], &[9]].concat(),
    ] {
        let (server, client, _) = told(Arc::new(AtomicBool::new(true))).await;
        server.say_bytes(bytes.clone());
        until("bound again", || server.seen().binds.len() >= 2).await;
        until("works", || matches!(client.standing()[0].1, Standing::Bound { .. })).await;
        let outcome = send(&client, &sms(1, "+34600000001", "hola")).await;
        assert!(is_taken(&outcome), "{bytes:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_silent_is_asked_and_left() {
    let script = Script { answers_links: false, ..Script::default() };
    let server = Answerer::start(script).await.unwrap();
    let _client = start(Options {
        enquire_every: Duration::from_millis(100),
        answer_within: Duration::from_millis(100),
        ..options(server.port())
    });
    until("asked, and left", || {
        let seen = server.seen();
        seen.others.iter().any(|pdu| pdu.command == command::ENQUIRE_LINK) && seen.binds.len() > 1
    })
    .await;
}

#[tokio::test]
async fn closing_waits_for_answers_and_unbinds() {
    let script = Script { delay: Duration::from_millis(150), ..Script::default() };
    let server = Answerer::start(script).await.unwrap();
    let client = start(options(server.port()));
    until("bound", || matches!(client.standing()[0].1, Standing::Bound { .. })).await;
    let sending = Arc::clone(&client);
    let first = tokio::spawn(async move { send(&sending, &sms(1, "+34600000001", "a")).await });
    until("submitted", || server.seen().count == 1).await;
    let outcome = first.await.unwrap();
    assert!(is_taken(&outcome), "{outcome:?}");
    Arc::into_inner(client).unwrap().close(Duration::from_secs(5)).await;
    until("unbound", || server.seen().others.iter().any(|pdu| pdu.command == command::UNBIND))
        .await;
}

#[tokio::test]
async fn over_tls_it_is_the_same() {
    let server = Answerer::start(Script::default()).await.unwrap();
    let (config, pem) = certificate();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (behind, count) = (server.port(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = tokio_rustls::TlsAcceptor::from(Arc::clone(&config));
            let Ok(mut outside) = acceptor.accept(stream).await else { continue };
            counted.fetch_add(1, Ordering::SeqCst);
            let mut inside = tokio::net::TcpStream::connect(("127.0.0.1", behind)).await.unwrap();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    let client = start(Options { tls: Some(tls(Some(&pem))), ..options(port) });
    assert!(is_taken(&send(&client, &sms(1, "+34600000001", "hola")).await));
    // Nobody vouches for it: no byte of ours, and no password, is sent.
    let strict = start(Options { tls: Some(tls(None)), ..options(port) });
    let outcome = send(&strict, &sms(2, "+34600000001", "hola")).await;
    assert!(matches!(outcome, Outcome::Unreachable { .. }), "{outcome:?}");
    assert_eq!((server.seen().binds.len(), count.load(Ordering::SeqCst)), (1, 1));
}
