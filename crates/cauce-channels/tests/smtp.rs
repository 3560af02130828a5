//! The SMTP client and the pool against the sink: one test per misfortune.

mod world;

use cauce_channels::email::compose::Composed;
use cauce_channels::email::smtp::{Auth, Begun, Connection, Security};
use cauce_channels::sink::{Fault, Moment, Script, Sink};
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use std::time::Duration;
use world::*;

/// Sends messages over one connection, as the pool would, and returns their outcomes.
async fn carry(connection: &mut Connection, messages: &[Composed]) -> Vec<Outcome> {
    let mut outcomes = vec![None; messages.len()];
    let mut body: Option<usize> = None;
    for place in 0..=messages.len() {
        let next = messages.get(place);
        let exchange = connection.exchange(body.map(|b| &messages[b]), next).await;
        if let Some(b) = body.take() {
            outcomes[b] = exchange.body;
        }
        match exchange.next {
            Some(Begun::Granted) => body = Some(place),
            Some(Begun::Ended(outcome) | Begun::Lost(outcome)) => outcomes[place] = Some(outcome),
            None => {}
        }
        if !exchange.open {
            break;
        }
    }
    outcomes.into_iter().flatten().collect()
}

async fn play(script: Script, count: u128) -> (Vec<Outcome>, Sink) {
    let sink = Sink::start(script).await.unwrap();
    let mut connection = Connection::open(&open_egress(), &server(&sink)).await.unwrap();
    let messages: Vec<Composed> = (0..count).map(composed).collect();
    let outcomes = carry(&mut connection, &messages).await;
    connection.quit().await;
    (outcomes, sink)
}

fn say(text: &str) -> Fault {
    Fault::Say(text.to_owned())
}

fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { .. })
}

#[track_caller]
fn check_refused(outcome: &Outcome, stage: Stage, code: u16, enhanced: Option<Enhanced>) {
    match outcome {
        Outcome::Refused { stage: s, code: c, enhanced: e, .. } => {
            assert_eq!((*s, *c, *e), (stage, code, enhanced));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn many_messages_travel_over_one_connection_with_and_without_pipelining() {
    for pipelining in [true, false] {
        let (outcomes, sink) = play(Script { pipelining, ..Script::default() }, 5).await;
        assert_eq!(outcomes.len(), 5);
        for (place, outcome) in outcomes.iter().enumerate() {
            let Outcome::Accepted { id, .. } = outcome else { panic!("{outcome:?}") };
            assert_eq!(id.as_deref(), Some(format!("S{place}").as_str()));
        }
        assert_eq!((sink.connections(), sink.messages()), (1, 5));
        for (place, received) in sink.received().iter().enumerate() {
            assert_eq!(received.bytes, composed(place as u128).bytes);
            assert_eq!(received.sender, "<bounce@example.com>");
            assert_eq!(received.recipients, ["<reader@example.net>"]);
        }
        assert_eq!(sink.commands().last().unwrap(), "QUIT");
    }
}

#[tokio::test]
async fn a_server_that_only_knows_helo_is_served() {
    let (outcomes, sink) = play(Script { ehlo: false, ..Script::default() }, 2).await;
    assert!(outcomes.iter().all(is_accepted));
    assert_eq!(sink.commands()[..2], ["EHLO client.test", "HELO client.test"]);
}

#[tokio::test]
async fn a_refusal_concerns_one_message_and_names_its_stage() {
    for pipelining in [true, false] {
        let cases = [
            (Moment::Mail, "451 4.7.1 later", Stage::Sender, 451, Some(Enhanced(4, 7, 1))),
            (Moment::Recipient, "550 5.1.1 nobody", Stage::Recipient, 550, Some(Enhanced(5, 1, 1))),
            (Moment::Data, "554 no", Stage::Content, 554, None),
            (Moment::Dot, "552 5.3.4 too big", Stage::Content, 552, Some(Enhanced(5, 3, 4))),
        ];
        for (at, text, stage, code, enhanced) in cases {
            let script = Script { pipelining, ..Script::default() }.with(1, at, say(text));
            let (outcomes, sink) = play(script, 3).await;
            assert!(is_accepted(&outcomes[0]) && is_accepted(&outcomes[2]), "{outcomes:?}");
            check_refused(&outcomes[1], stage, code, enhanced);
            assert_eq!((sink.messages(), sink.connections()), (2, 1));
            let resets = sink.commands().iter().filter(|line| *line == "RSET").count();
            assert_eq!(resets, usize::from(at != Moment::Dot), "{at:?}");
        }
    }
}

#[tokio::test]
async fn data_granted_for_nobody_is_ended_with_a_lone_dot() {
    let script = Script { grants_without_recipient: true, ..Script::default() }.with(
        1,
        Moment::Recipient,
        say("550 5.1.1 nobody"),
    );
    let (outcomes, sink) = play(script, 3).await;
    check_refused(&outcomes[1], Stage::Recipient, 550, Some(Enhanced(5, 1, 1)));
    assert!(is_accepted(&outcomes[2]));
    assert_eq!(sink.messages(), 2);
}

#[tokio::test]
async fn a_lost_answer_to_the_final_dot_is_unknown_and_nothing_else_is() {
    for fault in [Fault::Close, Fault::Silence] {
        let (outcomes, sink) = play(Script::default().with(1, Moment::Dot, fault), 3).await;
        assert!(is_accepted(&outcomes[0]));
        assert!(matches!(outcomes[1], Outcome::Unknown { .. }), "{outcomes:?}");
        // Its envelope was in the same flight; its body was not.
        assert!(matches!(outcomes[2], Outcome::Unreachable { .. }), "{outcomes:?}");
        assert_eq!(sink.messages(), 2);
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_body_took_nothing() {
    for at in [Moment::Mail, Moment::Recipient, Moment::Data] {
        for fault in [Fault::Close, Fault::Silence] {
            let (outcomes, sink) = play(Script::default().with(1, at, fault), 2).await;
            assert!(is_accepted(&outcomes[0]));
            assert!(matches!(outcomes[1], Outcome::Unreachable { .. }), "{at:?} {outcomes:?}");
            assert_eq!(sink.messages(), 1);
        }
    }
}

#[tokio::test]
async fn a_body_whose_end_could_not_be_written_was_not_taken() {
    let sink = Sink::start(Script::default().with(0, Moment::Body, Fault::Close)).await.unwrap();
    let mut connection = Connection::open(&open_egress(), &server(&sink)).await.unwrap();
    // Larger than what the kernel buffers, so that the end stays with us.
    let large = Composed { bytes: "0123456789abcde\r\n".repeat(2_000_000).into(), ..composed(0) };
    let outcomes = carry(&mut connection, &[large]).await;
    assert!(matches!(outcomes[0], Outcome::Unreachable { .. }), "{outcomes:?}");
    // Small enough to be written whole: from here it cannot be told from a message taken.
    let sink = Sink::start(Script::default().with(0, Moment::Body, Fault::Close)).await.unwrap();
    let mut connection = Connection::open(&open_egress(), &server(&sink)).await.unwrap();
    let outcomes = carry(&mut connection, &[composed(0)]).await;
    assert!(matches!(outcomes[0], Outcome::Unknown { .. }), "{outcomes:?}");
}

#[tokio::test]
async fn after_421_nothing_more_is_said() {
    for at in [Moment::Mail, Moment::Recipient, Moment::Data, Moment::Dot] {
        let fault = Fault::SayAndClose("421 4.7.0 enough".to_owned());
        let (outcomes, sink) = play(Script::default().with(1, at, fault), 3).await;
        assert!(is_accepted(&outcomes[0]));
        let Outcome::Refused { code: 421, .. } = outcomes[1] else { panic!("{outcomes:?}") };
        assert!(outcomes.get(2).is_none_or(|o| matches!(o, Outcome::Unreachable { .. })));
        assert!(!sink.commands().contains(&"QUIT".to_owned()));
    }
}

#[tokio::test]
async fn more_replies_than_commands_end_the_conversation() {
    let script = Script::default().with(1, Moment::Mail, say("250 ok\r\n250 one too many"));
    let (outcomes, sink) = play(script, 3).await;
    assert!(is_accepted(&outcomes[0]));
    assert!(matches!(outcomes[1], Outcome::Unreachable { .. }), "{outcomes:?}");
    assert_eq!((outcomes.len(), sink.messages()), (2, 1));
}

#[tokio::test]
async fn nonsense_instead_of_a_reply_ends_the_conversation() {
    let script = Script::default().with(1, Moment::Mail, say("hello?"));
    let (outcomes, _sink) = play(script, 3).await;
    assert!(matches!(outcomes[1], Outcome::Unreachable { .. }));
    let script = Script::default().with(0, Moment::Dot, say("hello?"));
    let (outcomes, _sink) = play(script, 1).await;
    assert!(matches!(outcomes[0], Outcome::Unknown { .. }));
}

#[tokio::test]
async fn a_greeting_that_says_no_is_the_outcome() {
    let script = Script::default().with(0, Moment::Greeting, say("554 5.7.1 not you"));
    let sink = Sink::start(script).await.unwrap();
    let refusal = Connection::open(&open_egress(), &server(&sink)).await.unwrap_err();
    check_refused(&refusal, Stage::Connect, 554, Some(Enhanced(5, 7, 1)));
    let silent = Sink::start(Script::default().with(0, Moment::Greeting, Fault::Silence)).await;
    let silence = Connection::open(&open_egress(), &server(&silent.unwrap())).await.unwrap_err();
    assert!(matches!(silence, Outcome::Unreachable { .. }));
}

#[tokio::test]
async fn a_private_server_is_not_dialled_unless_allowed() {
    let sink = Sink::start(Script::default()).await.unwrap();
    let closed = cauce_channels::egress::Egress::new(Default::default());
    let refusal = Connection::open(&closed, &server(&sink)).await.unwrap_err();
    check_refused(&refusal, Stage::Connect, 550, Some(Enhanced(5, 4, 4)));
    assert_eq!(sink.connections(), 0);
}

#[tokio::test]
async fn what_the_server_cannot_take_is_refused_without_asking() {
    let script = Script { size: Some(500), ..Script::default() };
    let sink = Sink::start(script).await.unwrap();
    let mut connection = Connection::open(&open_egress(), &server(&sink)).await.unwrap();
    let large = Composed { bytes: vec![b'x'; 501].into(), ..composed(0) };
    let foreign =
        Composed { international: true, recipient: "jörg@example.com".into(), ..composed(1) };
    let small = Composed { bytes: "a\r\n".into(), ..composed(2) };
    let outcomes = carry(&mut connection, &[large, foreign, small]).await;
    check_refused(&outcomes[0], Stage::Content, 552, Some(Enhanced(5, 3, 4)));
    check_refused(&outcomes[1], Stage::Recipient, 553, Some(Enhanced(5, 6, 7)));
    assert!(is_accepted(&outcomes[2]));
    assert_eq!(sink.received()[0].sender, "<bounce@example.com> SIZE=3");
    assert!(!sink.commands().iter().any(|line| !line.is_ascii()));
}

#[tokio::test]
async fn smtputf8_is_asked_for_only_where_it_is_needed() {
    let sink = Sink::start(Script { smtputf8: true, ..Script::default() }).await.unwrap();
    let mut connection = Connection::open(&open_egress(), &server(&sink)).await.unwrap();
    let foreign =
        Composed { international: true, recipient: "jörg@example.com".into(), ..composed(1) };
    let outcomes = carry(&mut connection, &[composed(0), foreign]).await;
    assert!(outcomes.iter().all(is_accepted));
    let senders: Vec<String> = sink.received().into_iter().map(|r| r.sender).collect();
    assert_eq!(senders, ["<bounce@example.com>", "<bounce@example.com> BODY=8BITMIME SMTPUTF8"]);
}

#[tokio::test]
async fn no_body_and_no_address_smuggles_a_command() {
    let bodies = ["a\n.\nMAIL FROM:<x@y>\n", "a\r.\rMAIL", "a\r\n.\rMAIL", "a\n.\r\nMAIL", ".", ""];
    let sink = Sink::start(Script::default()).await.unwrap();
    let mut connection = Connection::open(&open_egress(), &server(&sink)).await.unwrap();
    let messages: Vec<Composed> =
        bodies.iter().map(|body| Composed { bytes: (*body).into(), ..composed(0) }).collect();
    let evil = Composed { recipient: "a@b>\r\nRSET\r\n<".into(), ..composed(9) };
    let outcomes = carry(&mut connection, &[messages, vec![evil]].concat()).await;
    assert!(outcomes.iter().all(is_accepted), "{outcomes:?}");
    assert_eq!(sink.messages(), bodies.len() + 1);
    assert!(!sink.commands().contains(&"RSET".to_owned()));
}

#[tokio::test]
async fn starttls_is_used_as_asked_and_nothing_readable_survives_it() {
    let (config, authority) = certificate();
    let with = |inject, starttls: bool| Script {
        inject,
        starttls: starttls.then(|| config.clone()),
        ..Script::default()
    };
    let open = async |script: Script, security, authority: Option<&str>| {
        let sink = Sink::start(script).await.unwrap();
        let mut options = server(&sink);
        options.security = security;
        options.tls = tls(authority);
        let opened = Connection::open(&open_egress(), &options).await;
        (opened, sink)
    };
    for security in [Security::Opportunistic, Security::Required] {
        let (opened, sink) = open(with(false, true), security, Some(&authority)).await;
        let mut connection = opened.unwrap();
        assert!(connection.is_secure() && connection.capabilities().pipelining);
        assert!(is_accepted(&carry(&mut connection, &[composed(0)]).await[0]));
        assert!(sink.received()[0].secure);
        let (opened, _sink) = open(with(true, true), security, Some(&authority)).await;
        assert!(matches!(opened, Err(Outcome::Unreachable { .. })), "{opened:?}");
        // A certificate nobody vouches for.
        let (opened, _sink) = open(with(false, true), security, None).await;
        assert!(matches!(opened, Err(Outcome::Unreachable { .. })), "{opened:?}");
    }
    let (opened, _sink) = open(with(false, false), Security::Required, None).await;
    assert!(matches!(opened, Err(Outcome::Unreachable { .. })));
    let (opened, _sink) = open(with(false, false), Security::Opportunistic, None).await;
    assert!(!opened.unwrap().is_secure());
    let script = Script { implicit_tls: Some(config.clone()), ..Script::default() };
    let (opened, _sink) = open(script, Security::Implicit, Some(&authority)).await;
    assert!(is_accepted(&carry(&mut opened.unwrap(), &[composed(0)]).await[0]));
}

#[tokio::test]
async fn passwords_travel_only_under_tls_unless_allowed() {
    let open = async |mechanisms: &str, password: &str, allow_plaintext| {
        let auth = Some((mechanisms.to_owned(), "ana".to_owned(), "s3cret".to_owned()));
        let sink = Sink::start(Script { auth, ..Script::default() }).await.unwrap();
        let mut options = server(&sink);
        let password = password.to_owned();
        options.auth = Some(Auth { name: "ana".to_owned(), password, allow_plaintext });
        let opened = Connection::open(&open_egress(), &options).await;
        (opened, sink)
    };
    for mechanisms in ["PLAIN LOGIN", "LOGIN"] {
        assert!(open(mechanisms, "s3cret", true).await.0.is_ok());
        let refusal = open(mechanisms, "wrong", true).await.0.unwrap_err();
        check_refused(&refusal, Stage::Auth, 535, Some(Enhanced(5, 7, 8)));
    }
    let (refusal, sink) = open("PLAIN", "s3cret", false).await;
    check_refused(&refusal.unwrap_err(), Stage::Auth, 538, Some(Enhanced(5, 7, 11)));
    assert!(!sink.commands().iter().any(|line| line.starts_with("AUTH")));
    let refusal = open("CRAM-MD5", "s3cret", true).await.0.unwrap_err();
    check_refused(&refusal, Stage::Auth, 504, Some(Enhanced(5, 5, 4)));
}

#[tokio::test]
async fn a_slow_server_is_waited_for() {
    let script = Script { delay: Duration::from_millis(30), ..Script::default() };
    let (outcomes, _sink) = play(script, 3).await;
    assert!(outcomes.iter().all(is_accepted));
}
