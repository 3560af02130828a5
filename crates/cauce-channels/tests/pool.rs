//! The pool against the sink.

mod world;

use cauce_channels::email::pool::{Ended, Options, Pool, Posting, Revoked};
use cauce_channels::sink::{Fault, Moment, Script, Sink};
use cauce_core::delivery::{Outcome, Stage};
use cauce_core::ids::MessageId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;
use world::*;

fn options(sink: &Sink) -> Options {
    Options {
        server: server(sink),
        connections_max: 1,
        messages_per_connection_max: 1000,
        window: 1000,
        idle_timeout: Duration::from_secs(5),
        reopen_delay: Duration::from_millis(50),
    }
}

fn nobody_revoked() -> Revoked {
    Arc::new(|_| false)
}

fn posting(id: u128, within: Duration) -> Posting {
    Posting { message: composed(id), start_before: Instant::now() + within, urgent: false }
}

const LONG: Duration = Duration::from_secs(60);

async fn collect(ended: &mut UnboundedReceiver<Ended>, count: usize) -> BTreeMap<u128, Outcome> {
    let mut found = BTreeMap::new();
    for _ in 0..count {
        let next = tokio::time::timeout(Duration::from_secs(10), ended.recv()).await;
        let next = next.expect("every posting ends").expect("the pool is there");
        assert!(found.insert(next.message.0, next.outcome).is_none(), "ended twice");
    }
    assert!(ended.try_recv().is_err(), "something ended twice");
    found
}

async fn play(script: Script, change: impl Fn(&mut Options), ids: &[u128]) -> Played {
    let sink = Sink::start(script).await.unwrap();
    let mut options = options(&sink);
    change(&mut options);
    let (pool, mut ended) = Pool::start(options, open_egress(), nobody_revoked()).unwrap();
    for id in ids {
        pool.submit(posting(*id, LONG)).await;
    }
    let outcomes = collect(&mut ended, ids.len()).await;
    pool.close(LONG).await;
    Played { outcomes, sink }
}

struct Played {
    outcomes: BTreeMap<u128, Outcome>,
    sink: Sink,
}

fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { .. })
}

fn is_not_started(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::NotStarted { .. })
}

#[tokio::test]
async fn every_message_arrives_once_over_few_connections() {
    let ids: Vec<u128> = (0..500).collect();
    let played = play(Script::default(), |o| o.connections_max = 3, &ids).await;
    assert!(played.outcomes.values().all(is_accepted));
    assert!((1..=3).contains(&played.sink.connections()));
    let mut seen: Vec<_> = played.sink.received().into_iter().map(|r| r.bytes).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 500);
}

#[tokio::test]
async fn what_somebody_waits_for_goes_before_what_waits() {
    let sink = Sink::start(Script::default()).await.unwrap();
    let (pool, mut ended) = Pool::start(options(&sink), open_egress(), nobody_revoked()).unwrap();
    for id in 0..50 {
        pool.submit(posting(id, LONG)).await;
    }
    for id in [100, 101] {
        pool.submit(Posting { urgent: true, ..posting(id, LONG) }).await;
    }
    let mut order = Vec::new();
    for _ in 0..52 {
        order.push(ended.recv().await.unwrap().message.0);
    }
    let place = |id| order.iter().position(|ended| *ended == id).unwrap();
    assert!(place(100) < place(101), "{order:?}");
    // A connection may have taken a few before.
    assert!(place(101) < 10, "{order:?}");
    pool.close(LONG).await;
}

#[tokio::test]
async fn a_connection_carries_no_more_than_its_share() {
    let ids: Vec<u128> = (0..25).collect();
    let played = play(Script::default(), |o| o.messages_per_connection_max = 10, &ids).await;
    assert!(played.outcomes.values().all(is_accepted));
    assert_eq!(played.sink.connections(), 3);
    let quits = played.sink.commands().iter().filter(|line| *line == "QUIT").count();
    assert_eq!(quits, 3);
}

#[tokio::test]
async fn a_server_that_leaves_between_messages_costs_nobody_an_attempt() {
    for fault in [Fault::Close, Fault::SayAndClose("421 4.7.0 enough".into())] {
        let script = Script::default().with(2, Moment::Mail, fault);
        let played = play(script, |_| {}, &[1, 2, 3, 4]).await;
        assert!(played.outcomes.values().all(is_accepted), "{:?}", played.outcomes);
        assert_eq!((played.sink.connections(), played.sink.messages()), (2, 4));
    }
}

#[tokio::test]
async fn a_server_that_always_leaves_is_reported() {
    let enough = || Fault::SayAndClose("421 4.7.0 enough".into());
    let script = Script::default().with(1, Moment::Mail, enough()).with(2, Moment::Mail, enough());
    let played = play(script, |_| {}, &[1, 2]).await;
    assert!(is_accepted(&played.outcomes[&1]));
    let refused = matches!(played.outcomes[&2], Outcome::Refused { code: 421, .. });
    assert!(refused, "{:?}", played.outcomes);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_others_go_on() {
    let script = Script::default().with(1, Moment::Dot, Fault::Close);
    let played = play(script, |_| {}, &[1, 2, 3, 4]).await;
    assert!(matches!(played.outcomes[&2], Outcome::Unknown { .. }));
    for id in [1, 3, 4] {
        assert!(is_accepted(&played.outcomes[&id]), "{:?}", played.outcomes);
    }
    // The sink took four: the second of them without saying so.
    assert_eq!(played.sink.messages(), 4);
}

#[tokio::test]
async fn without_a_server_all_that_waits_hears_it_at_once() {
    let sink = Sink::start(Script::default()).await.unwrap();
    let options = options(&sink);
    drop(sink);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let (pool, mut ended) = Pool::start(options, open_egress(), nobody_revoked()).unwrap();
    for id in 0..3 {
        pool.submit(posting(id, LONG)).await;
    }
    let outcomes = collect(&mut ended, 3).await;
    assert!(outcomes.values().all(|o| matches!(o, Outcome::Unreachable { .. })), "{outcomes:?}");
    pool.close(LONG).await;
}

#[tokio::test]
async fn a_refused_connection_does_not_hurt_while_another_is_open() {
    let too_many = Fault::SayAndClose("421 4.7.0 too many connections".into());
    let script = Script { delay: Duration::from_millis(5), ..Script::default() }
        .with(1, Moment::Greeting, too_many.clone())
        .with(2, Moment::Greeting, too_many);
    let sink = Sink::start(script).await.unwrap();
    let mut options = options(&sink);
    options.connections_max = 2;
    let (pool, mut ended) = Pool::start(options, open_egress(), nobody_revoked()).unwrap();
    pool.submit(posting(0, LONG)).await;
    let mut outcomes = collect(&mut ended, 1).await;
    for id in 1..30 {
        pool.submit(posting(id, LONG)).await;
    }
    outcomes.extend(collect(&mut ended, 29).await);
    assert!(outcomes.values().all(is_accepted), "{outcomes:?}");
    assert!(sink.connections() >= 2);
    pool.close(LONG).await;
}

#[tokio::test]
async fn revoked_and_late_messages_never_begin() {
    let sink = Sink::start(Script::default()).await.unwrap();
    let revoked: Revoked = Arc::new(|id| id == MessageId(2));
    let (pool, mut ended) = Pool::start(options(&sink), open_egress(), revoked).unwrap();
    for id in 1..=3 {
        pool.submit(posting(id, LONG)).await;
    }
    pool.submit(posting(4, Duration::ZERO)).await;
    let outcomes = collect(&mut ended, 4).await;
    assert!(is_accepted(&outcomes[&1]) && is_accepted(&outcomes[&3]));
    assert!(is_not_started(&outcomes[&2]) && is_not_started(&outcomes[&4]), "{outcomes:?}");
    assert_eq!(sink.messages(), 2);
    pool.close(LONG).await;
}

#[tokio::test]
async fn a_message_revoked_between_envelope_and_body_is_withdrawn() {
    let sink = Sink::start(Script::default()).await.unwrap();
    // Asked about message 2 first before its envelope, then before its body.
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let revoked: Revoked =
        Arc::new(move |id| id == MessageId(2) && counter.fetch_add(1, Ordering::SeqCst) > 0);
    let (pool, mut ended) = Pool::start(options(&sink), open_egress(), revoked).unwrap();
    for id in 1..=3 {
        pool.submit(posting(id, LONG)).await;
    }
    let outcomes = collect(&mut ended, 3).await;
    assert!(is_accepted(&outcomes[&1]) && is_accepted(&outcomes[&3]));
    assert!(is_not_started(&outcomes[&2]));
    assert!(asked.load(Ordering::SeqCst) >= 2);
    assert_eq!(sink.messages(), 2);
    assert!(sink.commands().iter().filter(|line| *line == "DATA").count() >= 3);
    pool.close(LONG).await;
}

#[tokio::test]
async fn what_waits_behind_a_silent_server_ends_in_time() {
    let script = Script::default().with(0, Moment::Greeting, Fault::Silence);
    let sink = Sink::start(script).await.unwrap();
    let mut options = options(&sink);
    options.server.timeouts.greeting = LONG;
    let (pool, mut ended) = Pool::start(options, open_egress(), nobody_revoked()).unwrap();
    let started = Instant::now();
    pool.submit(posting(1, Duration::from_millis(200))).await;
    let outcomes = collect(&mut ended, 1).await;
    assert!(is_not_started(&outcomes[&1]));
    assert!(started.elapsed() < Duration::from_secs(2));
    pool.close(Duration::ZERO).await;
}

#[tokio::test]
async fn the_window_is_a_bound_until_the_end_is_read() {
    let sink = Sink::start(Script::default()).await.unwrap();
    let mut options = options(&sink);
    options.window = 2;
    let (pool, mut ended) = Pool::start(options, open_egress(), nobody_revoked()).unwrap();
    assert!(pool.try_submit(posting(1, LONG)).is_ok() && pool.try_submit(posting(2, LONG)).is_ok());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(sink.messages(), 2);
    assert!(pool.try_submit(posting(3, LONG)).is_err(), "both ends are still unread");
    drop(ended.recv().await);
    assert!(pool.try_submit(posting(3, LONG)).is_ok());
    collect(&mut ended, 2).await;
    pool.close(LONG).await;
}

#[tokio::test]
async fn idle_connections_close_and_open_again() {
    let sink = Sink::start(Script::default()).await.unwrap();
    let mut options = options(&sink);
    options.idle_timeout = Duration::from_millis(50);
    let (pool, mut ended) = Pool::start(options, open_egress(), nobody_revoked()).unwrap();
    for round in 1..=2 {
        pool.submit(posting(round, LONG)).await;
        assert!(collect(&mut ended, 1).await.values().all(is_accepted));
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(pool.counts().open, 0);
        assert_eq!(sink.connections(), round as usize);
    }
    assert_eq!(pool.counts().opened, 2);
    pool.close(LONG).await;
}

#[tokio::test]
async fn closing_ends_what_is_under_way_and_starts_nothing() {
    let script = Script { delay: Duration::from_millis(100), ..Script::default() };
    let sink = Sink::start(script).await.unwrap();
    let (pool, mut ended) = Pool::start(options(&sink), open_egress(), nobody_revoked()).unwrap();
    for id in 0..20 {
        pool.submit(posting(id, LONG)).await;
    }
    tokio::time::sleep(Duration::from_millis(450)).await;
    pool.close(LONG).await;
    let outcomes = collect(&mut ended, 20).await;
    let accepted = outcomes.values().filter(|o| is_accepted(o)).count();
    let not_started = outcomes.values().filter(|o| is_not_started(o)).count();
    assert!(accepted >= 1 && accepted + not_started == 20, "{outcomes:?}");
    assert_eq!(sink.messages(), accepted);
}

#[tokio::test]
async fn what_the_deadline_cuts_still_ends_with_what_is_certain() {
    for (at, is_right) in [
        (Moment::Dot, (|o| matches!(o, Outcome::Unknown { .. })) as fn(&Outcome) -> bool),
        (Moment::Mail, is_not_started),
    ] {
        let sink = Sink::start(Script::default().with(1, at, Fault::Silence)).await.unwrap();
        let mut options = options(&sink);
        options.server.timeouts.final_dot = LONG;
        options.server.timeouts.envelope = LONG;
        let (pool, mut ended) = Pool::start(options, open_egress(), nobody_revoked()).unwrap();
        for id in 0..5 {
            pool.submit(posting(id, LONG)).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        pool.close(Duration::from_millis(50)).await;
        let outcomes = collect(&mut ended, 5).await;
        assert!(is_accepted(&outcomes[&0]) && is_right(&outcomes[&1]), "{outcomes:?}");
        assert!((2..5).all(|id| is_not_started(&outcomes[&id])), "{outcomes:?}");
    }
}

#[tokio::test]
async fn a_revocation_that_panics_loses_nothing() {
    let sink = Sink::start(Script::default()).await.unwrap();
    let revoked: Revoked = Arc::new(|id| {
        assert!(id != MessageId(1), "on purpose");
        false
    });
    let mut options = options(&sink);
    options.connections_max = 2;
    let (pool, mut ended) = Pool::start(options, open_egress(), revoked).unwrap();
    for id in 0..4 {
        pool.submit(posting(id, LONG)).await;
    }
    let outcomes = collect(&mut ended, 4).await;
    assert!(is_not_started(&outcomes[&1]), "{outcomes:?}");
    pool.close(LONG).await;
}

#[tokio::test]
async fn a_refused_recipient_is_one_outcome_among_others() {
    let say = Fault::Say("550 5.1.1 nobody".into());
    let script = Script::default().with(2, Moment::Recipient, say);
    let played = play(script, |_| {}, &[1, 2, 3, 4, 5]).await;
    let refused = &played.outcomes[&3];
    assert!(matches!(refused, Outcome::Refused { stage: Stage::Recipient, code: 550, .. }));
    assert_eq!(played.outcomes.values().filter(|o| is_accepted(o)).count(), 4);
    assert_eq!(played.sink.connections(), 1);
}

#[test]
fn options_that_cannot_work_are_an_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let sink = Sink::start(Script::default()).await.unwrap();
        let bad = Options { window: 0, ..options(&sink) };
        assert!(Pool::start(bad, open_egress(), nobody_revoked()).is_err());
    });
}
