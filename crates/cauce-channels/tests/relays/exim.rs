//! A relay through Exim, as Debian packages it, and what it says of what it could not deliver.
//!
//! `CAUCE_EXIM` names a folder into which its packages were unpacked (`dpkg -x`). Without it the
//! tests say that they did not run; with `CAUCE_OUTSIDE=1` that is a failure, unless
//! `CAUCE_WITHOUT=exim` leaves them out.

use super::world::exim::{Exim, Options};
use super::{
    Relay, delivers_what_we_composed, is_accepted, letters_beyond_ascii_travel_where_they_can,
    send, smuggles_nothing, with_smuggled,
};
use crate::world::{delivered, email};
use cauce_channels::email::compose::compose;
use cauce_channels::email::returned;
use cauce_channels::sink::{Fault, Moment, Received, Script, Sink};
use cauce_core::delivery::Cause;
use cauce_core::returned::{Progress, Returned};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const ALONE: Options<'static> = Options { smtputf8: true, roads: &[] };

#[tokio::test]
async fn exim_delivers_what_we_composed_and_nothing_more() {
    let Some(exim) = Exim::start(&ALONE) else { return };
    let inbox = exim.inbox();
    let relay = Relay { name: "Exim", port: exim.port, inbox: &inbox };
    delivers_what_we_composed(relay).await;
    let total = smuggles_nothing(relay, 500).await;
    // Who does not double the dot gets a second message past it: it would have been seen.
    let body = with_smuggled("\r\n.\r\n");
    let (first, second) = body.split_once("DATA\r\n").unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", exim.port)).await.unwrap();
    for (until, say) in [
        ("220 ", "EHLO client.test\r\n"),
        ("250 ", "MAIL FROM:<a@example.com>\r\n"),
        ("250 ", "RCPT TO:<ana@example.net>\r\n"),
        ("250 ", "DATA\r\n"),
        ("354 ", &format!("{first}DATA\r\n")),
        ("354 ", &format!("{second}.\r\nQUIT\r\n")),
        ("221 ", ""),
    ] {
        let mut said = Vec::new();
        while !String::from_utf8_lossy(&said).contains(until) {
            assert!(stream.read_buf(&mut said).await.unwrap() > 0, "{until}: {said:?}");
        }
        stream.write_all(say.as_bytes()).await.unwrap();
    }
    assert_eq!(delivered(&inbox, total + 2).await.len(), total + 2);
}

#[tokio::test]
async fn exim_takes_letters_beyond_ascii_where_it_can() {
    for smtputf8 in [true, false] {
        let Some(exim) = Exim::start(&Options { smtputf8, ..ALONE }) else { return };
        let inbox = exim.inbox();
        let relay = Relay { name: "Exim", port: exim.port, inbox: &inbox };
        letters_beyond_ascii_travel_where_they_can(relay, smtputf8).await;
    }
}

/// A next hop that always says this there.
async fn saying(at: Moment, text: &str) -> Sink {
    let say = |script: Script, nth| script.with(nth, at, Fault::Say(text.to_owned()));
    Sink::start((0..100).fold(Script::default(), say)).await.unwrap()
}

/// To whom, and what has to come back at last.
const LETTERS: [(&str, Option<(Cause, bool)>); 8] = [
    ("gone@example.net", Some((Cause::InvalidRecipient, true))),
    ("ana@nowhere.example", Some((Cause::InvalidDomain, true))),
    ("ana@gone.example", Some((Cause::InvalidRecipient, true))),
    ("ana@full.example", Some((Cause::Quota, false))),
    ("ana@spam.example", Some((Cause::Blocked, false))),
    ("ana@late.example", Some((Cause::Expired, false))),
    ("ana@slow.example", None),
    ("ana@fine.example", None),
];

fn return_path(number: usize) -> String {
    format!("b-{number}00000000000000000000000{number}.0123456789abcdef@rp.example.com")
}

/// What came back about a letter, in order. All of it came from nobody, to that letter's own
/// address, and quotes no other one's.
fn heard(all: &[Received], number: usize) -> Vec<Returned> {
    let own = return_path(number);
    let mine = all.iter().filter(|mail| mail.recipients == [format!("<{own}>")]);
    let judged = mine.map(|mail| {
        assert!(mail.sender.starts_with("<>"), "{}", mail.sender);
        let read = returned::read(&mail.bytes);
        let clues = read.clues().join("\n");
        assert!(clues.contains(&own), "{clues}");
        let other = (0..LETTERS.len()).find(|other| {
            *other != number && clues.contains(return_path(*other).split('.').next().unwrap())
        });
        assert_eq!(other, None, "{clues}");
        cauce_core::returned::read(&read, Some(LETTERS[number].0))
    });
    judged.collect()
}

/// Whether what was heard of a letter is all that there is to hear.
fn is_complete(number: usize, heard: &[Returned]) -> bool {
    match LETTERS[number] {
        (_, Some(_)) => heard.iter().any(|said| matches!(said, Returned::Bounce(_))),
        ("ana@slow.example", None) => heard.len() >= 2,
        (_, None) => true,
    }
}

#[tokio::test]
async fn what_exim_cannot_deliver_comes_back_with_its_reason() {
    let ours = Sink::start(Script::default()).await.unwrap();
    let fine = Sink::start(Script::default()).await.unwrap();
    let gone = saying(Moment::Recipient, "550 5.1.1 <ana@gone.example>: user unknown").await;
    let full = saying(Moment::Recipient, "552 5.2.2 mailbox full").await;
    let spam = saying(Moment::Dot, "554 5.7.1 blocked using rbl.example").await;
    let late = saying(Moment::Recipient, "450 4.2.0 try again later").await;
    let slow = saying(Moment::Recipient, "450 4.2.0 try again later").await;
    let roads = [
        ("rp.example.com", ours.port()),
        ("fine.example", fine.port()),
        ("gone.example", gone.port()),
        ("full.example", full.port()),
        ("spam.example", spam.port()),
        ("late.example", late.port()),
        ("slow.example", slow.port()),
    ];
    let Some(exim) = Exim::start(&Options { smtputf8: true, roads: &roads }) else { return };
    let mut messages = Vec::new();
    for (number, (to, _)) in LETTERS.iter().enumerate() {
        let mut email = email(number as u128);
        email.to.address = (*to).to_owned();
        email.return_path = return_path(number);
        messages.push(compose(&email, &[]).unwrap());
    }
    let outcomes = send(exim.port, &messages).await;
    assert!(outcomes.values().all(is_accepted), "Exim takes all of them: {outcomes:?}");
    let mut all = Vec::new();
    for _ in 0..300 {
        all = (0..LETTERS.len()).map(|number| heard(&ours.received(), number)).collect();
        if all.iter().enumerate().all(|(number, heard)| is_complete(number, heard)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for (number, (to, wanted)) in LETTERS.iter().enumerate() {
        let bounces = all[number].iter().filter_map(|said| match said {
            Returned::Bounce(bounce) => Some((bounce.cause, bounce.hard)),
            Returned::Progress(Progress::Delayed) => None,
            other => panic!("{to}: {other:?}"),
        });
        assert_eq!(bounces.collect::<Vec<_>>(), Vec::from_iter(*wanted), "{to}: {:?}", all[number]);
    }
    // Two warnings about what is still tried; nothing about what went on, which is as we sent it.
    assert!(all[6].len() >= 2 && all[7].is_empty(), "{all:?}");
    let arrived = fine.received();
    assert_eq!(arrived.len(), 1);
    assert_eq!(arrived[0].recipients, ["<ana@fine.example>"]);
    assert!(arrived[0].bytes.ends_with(&messages[7].bytes), "{:?}", arrived[0].bytes);
}
