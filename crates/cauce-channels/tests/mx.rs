//! Straight to the readers' servers: zones served by dnsmasq, several mail servers on one port of
//! 127.0.0.x, a policy served by Python, and Postfix as a server that asks for patience.

mod world;

use cauce_channels::egress::{Tls, TlsOptions};
use cauce_channels::email::compose::Composed;
use cauce_channels::email::mx::{Direct, Encryption, Facts, Options};
use cauce_channels::email::pool::Posting;
use cauce_channels::email::smtp::Timeouts;
use cauce_channels::sink::{Fault, Moment, Script, Sink};
use cauce_core::allocate::{Allocator, Budget, Flight};
use cauce_core::delivery::{Answering, Cause, Enhanced, Outcome, Verdict, classify};
use cauce_core::ids::MessageId;
use cauce_core::input::AttemptEnd;
use cauce_core::time::Timestamp;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use world::postfix::{Postfix, free_port, ready};
use world::zone::Zone;
use world::*;

fn host(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, last)
}

fn options(port: u16) -> Options {
    let limit = Duration::from_secs(3);
    Options {
        port,
        policy_port: 443,
        encryption: Encryption::Opportunistic,
        checking: tls(None),
        taking_any: Tls::new(&TlsOptions { authorities: None, verify: false }).unwrap(),
        helo_name: "client.test".to_owned(),
        timeouts: Timeouts {
            greeting: limit,
            envelope: limit,
            data: limit,
            block: limit,
            final_dot: limit,
        },
        table: Arc::new(Facts::shipped().unwrap()),
        window: 1_024,
    }
}

fn direct(options: Options, zone: &Zone) -> Direct {
    Direct::new(options, (open_egress(), zone.resolver()), Arc::new(|_| false), Arc::new(|_, _| {}))
}

fn posting(id: u128, domain: &str) -> Posting {
    Posting {
        message: Composed { recipient: format!("reader@{domain}"), ..composed(id) },
        start_before: tokio::time::Instant::now() + Duration::from_secs(20),
        urgent: false,
    }
}

fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { .. })
}

fn codes(outcome: &Outcome) -> (u16, Option<Enhanced>) {
    match outcome {
        Outcome::Refused { code, enhanced, .. } => (*code, *enhanced),
        other => panic!("{other:?}"),
    }
}

const ZONE: &str = "
host-record=mx1.test,127.0.0.2
host-record=mx2.test,127.0.0.3
host-record=mx3.test,127.0.0.4
host-record=both.test,127.0.0.2,::1
mx-host=shop.test,mx1.test,10
mx-host=shop.test,mx2.test,20
mx-host=even.test,mx1.test,10
mx-host=even.test,mx2.test,10
host-record=plain.test,127.0.0.4
cname=alias.test,shop.test
dns-rr=null.test,15,000000
txt-record=silent.test,nothing
mx-host=dual.test,both.test,10
mx-host=lost.test,gone.test,10
mx-host=half.test,gone.test,10
mx-host=half.test,mx2.test,20
mx-host=dead.test,mx3.test,10
mx-host=dead.test,mx2.test,20
host-record=far1.test,127.0.0.11
host-record=far2.test,127.0.0.12
host-record=far3.test,127.0.0.13
host-record=far4.test,127.0.0.14
host-record=far5.test,127.0.0.15
";

#[tokio::test]
async fn servers_are_found_as_the_standards_have_it() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let port = free_port();
    let first = Sink::start_at(host(2), port, Script::default()).await.unwrap();
    let second = Sink::start_at(host(3), port, Script::default()).await.unwrap();
    let plain = Sink::start_at(host(4), port, Script::default()).await.unwrap();
    let direct = direct(options(port), &zone);
    let mut id = 0;
    let mut send = async |domain: &str| {
        id += 1;
        direct.send(&posting(id, domain)).await
    };
    for domain in ["shop.test", "SHOP.test", "alias.test", "dual.test"] {
        let outcome = send(domain).await;
        assert!(is_accepted(&outcome), "{domain}: {outcome:?}");
    }
    assert_eq!((first.messages(), second.messages()), (4, 0), "the lowest preference first");
    assert!(is_accepted(&send("plain.test").await), "without MX the address counts");
    assert!(is_accepted(&send("[127.0.0.4]").await), "an address literal");
    assert_eq!(plain.messages(), 2);
    assert!(is_accepted(&send("half.test").await), "a server without address is passed over");
    assert_eq!(second.messages(), 1);

    let connections = first.connections() + second.connections() + plain.connections();
    for (domain, code, enhanced, permanent) in [
        ("null.test", 556, Enhanced(5, 1, 10), true),
        ("nowhere.test", 550, Enhanced(5, 1, 2), true),
        ("silent.test", 550, Enhanced(5, 1, 2), true),
        ("ill.test", 451, Enhanced(4, 4, 3), false),
        ("lost.test", 451, Enhanced(4, 4, 4), false),
    ] {
        let outcome = send(domain).await;
        assert_eq!(codes(&outcome), (code, Some(enhanced)), "{domain}");
        let for_good = matches!(classify(&outcome), Verdict::Failed { .. });
        assert_eq!(for_good, permanent, "{domain}");
    }
    let after = first.connections() + second.connections() + plain.connections();
    assert_eq!(after, connections, "nobody was asked for nothing");
}

#[tokio::test]
async fn equal_servers_share_the_work() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let port = free_port();
    let slow = || Script { delay: Duration::from_millis(20), ..Script::default() };
    let first = Sink::start_at(host(2), port, slow()).await.unwrap();
    let second = Sink::start_at(host(3), port, slow()).await.unwrap();
    let direct = Arc::new(direct(options(port), &zone));
    let mut tasks = tokio::task::JoinSet::new();
    for id in 0..200 {
        let direct = Arc::clone(&direct);
        tasks.spawn(async move { direct.send(&posting(id, "even.test")).await });
    }
    while let Some(outcome) = tasks.join_next().await {
        assert!(is_accepted(&outcome.unwrap()));
    }
    assert_eq!(first.messages() + second.messages(), 200);
    assert!(first.messages() >= 20 && second.messages() >= 20, "{}", first.messages());
    assert!(first.connections() + second.connections() <= 20, "connections are used again");
}

#[tokio::test]
async fn the_next_server_is_asked_after_a_no_for_now_and_never_after_one_for_good() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let say = |text: &str| Fault::Say(text.to_owned());
    for (moment, fault, next) in [
        (Moment::Greeting, say("421 4.3.2 closing"), true),
        (Moment::Greeting, say("554 no mail here"), true),
        (Moment::Greeting, Fault::Close, true),
        (Moment::Mail, say("451 4.3.0 later"), true),
        (Moment::Recipient, say("450 4.2.1 later"), true),
        (Moment::Recipient, Fault::SayAndClose("421 4.3.2 leaving".to_owned()), true),
        (Moment::Recipient, Fault::Close, true),
        (Moment::Data, say("451 4.3.0 later"), true),
        (Moment::Recipient, say("550 5.1.1 user unknown"), false),
        (Moment::Recipient, say("550 5.7.1 blocked"), false),
        (Moment::Mail, say("550 5.7.1 blocked"), false),
        (Moment::Dot, say("451 4.7.1 content looked at later"), false),
        (Moment::Dot, Fault::Close, false),
    ] {
        let port = free_port();
        let script = Script::default().with(0, moment, fault.clone());
        let first = Sink::start_at(host(2), port, script).await.unwrap();
        let second = Sink::start_at(host(3), port, Script::default()).await.unwrap();
        let direct = direct(options(port), &zone);
        let outcome = direct.send(&posting(1, "shop.test")).await;
        let shown = format!("{moment:?} {fault:?}: {outcome:?}");
        assert_eq!(is_accepted(&outcome), next, "{shown}");
        assert_eq!(second.connections(), usize::from(next), "{shown}");
        assert_eq!(second.messages(), usize::from(next), "{shown}");
        if (moment, &fault) == (Moment::Dot, &Fault::Close) {
            assert!(matches!(outcome, Outcome::Unknown { .. }), "{shown}");
        }
        drop(first);
    }
    // Nobody listens at the first one at all.
    let port = free_port();
    let second = Sink::start_at(host(3), port, Script::default()).await.unwrap();
    let outcome = direct(options(port), &zone).send(&posting(1, "dead.test")).await;
    assert!(is_accepted(&outcome), "{outcome:?}");
    drop(second);
    let outcome = direct(options(port), &zone).send(&posting(1, "dead.test")).await;
    assert_eq!(codes(&outcome), (451, Some(Enhanced(4, 4, 1))), "one domain's own trouble");
}

/// What an allocator makes of the outcomes of a provider that goes straight to the servers.
struct Judge {
    allocator: Allocator,
    message: u128,
}

impl Judge {
    fn new() -> Judge {
        let mut allocator = Allocator::default();
        let answering = Answering::Destinations;
        allocator.provider("mx", Budget { window: 64, answering, ..Budget::default() });
        Judge { allocator, message: 0 }
    }

    fn hears(&mut self, outcome: Outcome) {
        self.message += 1;
        let (message, at) = (MessageId(self.message), Timestamp(self.message as i64));
        self.allocator.flies(message, Flight::new(0, 1, "mx", "mx"));
        self.allocator.settled(&AttemptEnd { message, attempt: 1, at, outcome }, at);
    }

    fn standing(&mut self) -> String {
        self.allocator.providers(Timestamp(self.message as i64))[0].breaker.as_str().to_owned()
    }
}

#[tokio::test]
async fn one_readers_server_does_not_close_the_way_to_all_the_others() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let say = |text: &str| Fault::SayAndClose(text.to_owned());
    for (moment, fault) in [
        (Moment::Greeting, say("421 4.7.0 [TSS04] deferred")),
        (Moment::Greeting, Fault::Close),
        (Moment::Mail, say("421 4.3.2 closing")),
        (Moment::Recipient, Fault::Say("530 5.7.0 authenticate first".to_owned())),
        (Moment::Dot, Fault::Close),
    ] {
        let port = free_port();
        let mut script = Script::default();
        for connection in 0..40 {
            script = script.with(connection, moment, fault.clone());
        }
        let sink = Sink::start_at(host(4), port, script).await.unwrap();
        let direct = direct(options(port), &zone);
        let mut judge = Judge::new();
        for id in 0..12 {
            judge.hears(direct.send(&posting(id, "plain.test")).await);
        }
        assert_eq!(judge.standing(), "closed", "{moment:?} {fault:?}");
        assert!(sink.connections() > 0);
    }
    // Nobody listens, there is no address, and the name servers are ill.
    let direct = direct(options(free_port()), &zone);
    let mut judge = Judge::new();
    for id in 0..12 {
        for domain in ["dead.test", "lost.test", "ill.test"] {
            judge.hears(direct.send(&posting(id, domain)).await);
        }
    }
    assert_eq!(judge.standing(), "closed");
}

#[tokio::test]
async fn when_nobody_at_all_is_reached_it_is_us() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let port = free_port();
    let direct = direct(options(port), &zone);
    let mut judge = Judge::new();
    let domains = ["far1.test", "far2.test", "far3.test", "far4.test", "far5.test"];
    for id in 0..3 {
        for domain in domains {
            judge.hears(direct.send(&posting(id, domain)).await);
        }
    }
    assert_eq!(judge.standing(), "open");
    // The first that is reached ends it, and nobody is left alone for what was our fault.
    let one = Sink::start_at(host(11), port, Script::default()).await.unwrap();
    let other = Sink::start_at(host(12), port, Script::default()).await.unwrap();
    assert!(is_accepted(&direct.send(&posting(90, "far1.test")).await));
    assert!(is_accepted(&direct.send(&posting(91, "far2.test")).await));
    assert_eq!((one.messages(), other.messages()), (1, 1));
}

#[tokio::test]
async fn a_dead_server_is_not_dialled_for_every_message() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let port = free_port();
    let greet = Script::default().with(0, Moment::Greeting, Fault::Close);
    let sink = Sink::start_at(host(4), port, greet).await.unwrap();
    let direct = direct(options(port), &zone);
    let outcome = direct.send(&posting(0, "plain.test")).await;
    assert_eq!(codes(&outcome), (451, Some(Enhanced(4, 4, 1))), "{outcome:?}");
    for id in 1..100 {
        let outcome = direct.send(&posting(id, "plain.test")).await;
        let Verdict::Retry { cause: Cause::Transient, after_s: Some(seconds) } = classify(&outcome)
        else {
            panic!("{outcome:?}")
        };
        assert!(seconds <= 30);
    }
    assert_eq!(sink.connections(), 1);
}

#[tokio::test]
async fn private_servers_are_not_asked_unless_allowed() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let port = free_port();
    let sink = Sink::start_at(host(2), port, Script::default()).await.unwrap();
    let closed = cauce_channels::egress::Egress::new(Default::default());
    let (none, nobody) = (Arc::new(|_| false), Arc::new(|_: &str, _: Option<&str>| {}));
    let direct = Direct::new(options(port), (closed, zone.resolver()), none, nobody);
    for domain in ["shop.test", "[127.0.0.2]"] {
        let outcome = direct.send(&posting(1, domain)).await;
        assert_eq!(codes(&outcome), (550, Some(Enhanced(5, 4, 4))), "{domain}");
    }
    assert_eq!(sink.connections(), 0);
}

fn table(text: &str) -> Arc<Facts> {
    Arc::new(Facts::parse(text).unwrap())
}

#[tokio::test]
async fn a_group_is_talked_to_within_its_limits() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let port = free_port();
    let script = Script { delay: Duration::from_millis(30), ..Script::default() };
    let sink = Sink::start_at(host(2), port, script).await.unwrap();
    let table = table(
        r#"{"groups": [{"name": "t", "suffixes": [".test"], "connections": 3,
            "messages-per-connection": 4, "per-second": 40}]}"#,
    );
    let direct = Arc::new(direct(Options { table, ..options(port) }, &zone));
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for id in 0..80 {
        let direct = Arc::clone(&direct);
        tasks.spawn(async move { (direct.send(&posting(id, "shop.test")).await, Instant::now()) });
    }
    let mut ends = Vec::new();
    while let Some(done) = tasks.join_next().await {
        let (outcome, at) = done.unwrap();
        assert!(is_accepted(&outcome), "{outcome:?}");
        ends.push(at);
    }
    assert_eq!(sink.open_most(), 3, "connections at once");
    // One that ends while the next message is on its way to it is replaced by another.
    let connections = sink.connections();
    assert!((20..=23).contains(&connections), "{connections} for 80 messages, 4 each");
    let whole = begun.elapsed();
    assert!(whole >= Duration::from_millis(1_900), "80 at 40 a second took {whole:?}");
    ends.sort();
    let most = ends.iter().map(|end| {
        ends.iter()
            .filter(|other| **other >= *end && **other < *end + Duration::from_secs(1))
            .count()
    });
    // One more than the rate may end within a second: it began before.
    assert!(most.max().unwrap() <= 44);
}

#[tokio::test]
async fn whoever_waits_is_served_before_the_rest() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let port = free_port();
    let script = Script { delay: Duration::from_millis(50), ..Script::default() };
    let sink = Sink::start_at(host(2), port, script).await.unwrap();
    let table = table(r#"{"default": {"connections": 1}}"#);
    let direct = Arc::new(direct(Options { table, ..options(port) }, &zone));
    let mut tasks = tokio::task::JoinSet::new();
    for id in 0..20 {
        let direct = Arc::clone(&direct);
        tasks.spawn(async move { direct.send(&posting(id, "shop.test")).await });
    }
    tokio::time::sleep(Duration::from_millis(250)).await;
    let before = sink.messages();
    let urgent = Posting { urgent: true, ..posting(99, "shop.test") };
    assert!(is_accepted(&direct.send(&urgent).await));
    assert!(sink.messages() <= before + 3, "{} before it", sink.messages() - before);
    while let Some(outcome) = tasks.join_next().await {
        assert!(is_accepted(&outcome.unwrap()));
    }
}

#[tokio::test]
async fn an_answer_that_asks_for_less_slows_the_whole_group() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let port = free_port();
    let text = "421 4.7.0 Messages from 127.0.0.1 temporarily deferred due to complaints";
    let script = Script::default().with(0, Moment::Mail, Fault::SayAndClose(text.to_owned()));
    let first = Sink::start_at(host(2), port, script).await.unwrap();
    let second = Sink::start_at(host(3), port, Script::default()).await.unwrap();
    let direct = direct(options(port), &zone);
    let outcome = direct.send(&posting(1, "shop.test")).await;
    assert_eq!(
        classify(&outcome),
        Verdict::Retry { cause: Cause::Throttled, after_s: Some(5_400) },
        "{outcome:?}"
    );
    assert_eq!(second.connections(), 0, "its neighbour would say the same");
    assert_eq!(direct.standing().iter().map(|strand| strand.level).max(), Some(1));
    assert!(is_accepted(&direct.send(&posting(2, "shop.test")).await), "half is not nothing");
    assert_eq!(first.messages(), 1);
}

#[tokio::test]
async fn a_message_that_may_not_go_any_more_does_not() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let port = free_port();
    let sink = Sink::start_at(host(2), port, Script::default()).await.unwrap();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    // Revoked while the envelope is under way: the body must not leave.
    let revoked = move |_| asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) >= 2;
    let (ways, nobody) =
        ((open_egress(), zone.resolver()), Arc::new(|_: &str, _: Option<&str>| {}));
    let direct = Direct::new(options(port), ways, Arc::new(revoked), nobody);
    let outcome = direct.send(&posting(1, "shop.test")).await;
    assert!(matches!(outcome, Outcome::NotStarted { .. }), "{outcome:?}");
    assert!(sink.commands().iter().any(|command| command == "DATA"), "{:?}", sink.commands());
    let mut late = posting(2, "shop.test");
    late.start_before = tokio::time::Instant::now();
    assert!(matches!(direct.send(&late).await, Outcome::NotStarted { .. }));
    assert_eq!(sink.messages(), 0);
}

/// A mail server whose TLS is broken: it says go ahead and then something that is no TLS.
fn broken_tls(address: Ipv4Addr, port: u16) -> Arc<std::sync::Mutex<Vec<String>>> {
    let listener = TcpListener::bind((address, port)).unwrap();
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let shared = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut body = false;
            stream.write_all(b"220 broken.test\r\n").unwrap();
            while let Some(Ok(line)) = lines.next() {
                shared.lock().unwrap().push(line.clone());
                let answer: &[u8] = match line.get(..4).unwrap_or_default() {
                    _ if body && line != "." => continue,
                    "EHLO" => b"250-broken.test\r\n250 STARTTLS\r\n",
                    "STAR" => b"220 go ahead\r\n",
                    "DATA" => b"354 go\r\n",
                    _ => b"250 ok\r\n",
                };
                body = line == "DATA" || (body && line != ".");
                if stream.write_all(answer).is_err() {
                    break;
                }
                if line == "STARTTLS" {
                    std::thread::sleep(Duration::from_millis(100));
                    let _ = stream.write_all(b"this is no TLS\r\n");
                    break;
                }
            }
        }
    });
    heard
}

#[tokio::test]
async fn tls_is_used_where_it_works_and_a_failure_is_remembered() {
    let Some(zone) = Zone::start(ZONE) else { return };
    // A certificate for some other name is better than none.
    let port = free_port();
    let (certificate, _) = certificate_of(&["other.test"]);
    let script = Script { starttls: Some(certificate), ..Script::default() };
    let sink = Sink::start_at(host(2), port, script.clone()).await.unwrap();
    assert!(is_accepted(&direct(options(port), &zone).send(&posting(1, "shop.test")).await));
    assert!(sink.received().iter().all(|received| received.secure));
    // Verified: the same certificate is not good enough, and the next server has none.
    let second = Sink::start_at(host(3), port, Script::default()).await.unwrap();
    let verified = Options { encryption: Encryption::Verified, ..options(port) };
    let outcome = direct(verified, &zone).send(&posting(2, "shop.test")).await;
    assert_eq!(codes(&outcome), (451, Some(Enhanced(4, 4, 1))), "{outcome:?}");
    let required = Options { encryption: Encryption::Required, ..options(port) };
    assert!(is_accepted(&direct(required.clone(), &zone).send(&posting(3, "shop.test")).await));
    drop(sink);
    let outcome = direct(required, &zone).send(&posting(4, "shop.test")).await;
    assert_eq!(codes(&outcome), (451, Some(Enhanced(4, 4, 1))), "{outcome:?}");
    assert_eq!(second.messages(), 0, "readable is not an answer to required");

    let port = free_port();
    let heard = broken_tls(host(4), port);
    let direct = direct(options(port), &zone);
    for id in 0..3 {
        let outcome = direct.send(&posting(id, "plain.test")).await;
        assert!(is_accepted(&outcome), "{outcome:?}");
    }
    let heard = heard.lock().unwrap();
    let tried = heard.iter().filter(|line| *line == "STARTTLS").count();
    assert_eq!(tried, 1, "once, and then it is remembered: {heard:?}");
}

/// A policy host; it ends with the value.
struct PolicyHost {
    server: Child,
    port: u16,
}

impl Drop for PolicyHost {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn policy_host(folder: &std::path::Path, name: &str, policy: &str) -> (PolicyHost, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let file = folder.join("policy.pem");
    std::fs::write(&file, signing_key.serialize_pem() + &cert.pem()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside/policy_server.py");
    let mut server = Command::new("python3")
        .args([script, file.to_str().unwrap(), policy])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (PolicyHost { server, port: line.trim().parse().unwrap() }, cert.pem())
}

#[tokio::test]
async fn a_domains_policy_is_fetched_and_kept() {
    let lines = format!(
        "{ZONE}\nmx-host=sts.test,mx2.test,10\nmx-host=sts.test,mx1.test,20\n\
         host-record=mta-sts.sts.test,127.0.0.1\ntxt-record=_mta-sts.sts.test,\"v=STSv1; id=1;\"\n"
    );
    let Some(zone) = Zone::start(&lines) else { return };
    let policy = |mode: &str| format!("version: STSv1\nmode: {mode}\nmx: mx1.test\nmax_age: 600\n");
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let (certificate, authority) = certificate_of(&["mx1.test"]);
    let script = Script { starttls: Some(certificate), ..Script::default() };
    let named = Sink::start_at(host(2), port, script).await.unwrap();
    let other = Sink::start_at(host(3), port, Script::default()).await.unwrap();

    let (enforced, policy_authority) =
        policy_host(folder.path(), "mta-sts.sts.test", &policy("enforce"));
    let with = |authorities: &str, policy_port: u16| Options {
        policy_port,
        checking: tls(Some(authorities)),
        ..options(port)
    };
    let both = format!("{policy_authority}{authority}");
    let own = direct(with(&both, enforced.port), &zone);
    assert!(is_accepted(&own.send(&posting(1, "sts.test")).await));
    assert_eq!((named.messages(), other.connections()), (1, 0), "only the server that it names");
    // The policy holds although nobody serves it any more.
    let policy_only = direct(with(&policy_authority, enforced.port), &zone);
    let outcome = policy_only.send(&posting(2, "sts.test")).await;
    assert_eq!(codes(&outcome), (451, Some(Enhanced(4, 7, 5))), "no proof, no mail: {outcome:?}");
    drop(enforced);
    assert!(is_accepted(&own.send(&posting(3, "sts.test")).await));
    let outcome = policy_only.send(&posting(4, "sts.test")).await;
    assert_eq!(codes(&outcome).0, 451, "{outcome:?}");
    assert_eq!((named.messages(), other.connections()), (2, 0));

    let (testing, authority) = policy_host(folder.path(), "mta-sts.sts.test", &policy("testing"));
    let lax = direct(with(&authority, testing.port), &zone);
    assert!(is_accepted(&lax.send(&posting(5, "sts.test")).await));
    assert_eq!(other.messages(), 1, "a policy in testing stops nothing");
    // A policy host that cannot prove its name has no policy.
    let stranger = direct(with(&both.replace(&policy_authority, ""), testing.port), &zone);
    assert!(is_accepted(&stranger.send(&posting(6, "sts.test")).await));
    assert_eq!(other.messages(), 2);
}

#[tokio::test]
async fn postfix_asks_for_patience_and_nobody_is_blamed() {
    let lines = "smtpd_recipient_restrictions = check_recipient_access \
                 regexp:{home}/answers, permit\n";
    let answers = "/^grey@/ 450 4.2.0 Greylisted, see you in five minutes\n\
                   /^busy@/ 421 4.7.0 Service busy\n\
                   /^list@/ 554 5.7.1 Service unavailable; client blocked using rbl.test\n\
                   /^gone@/ 550 5.1.1 User unknown\n";
    let Some(postfix) = Postfix::start_with(lines, &[("answers", answers)]) else { return };
    let zone = "host-record=mx1.test,127.0.0.1\nmx-host=example.net,mx1.test,10\n\
                local=/net/\n";
    let Some(zone) = Zone::start(zone) else { return };
    ready(postfix.strict).await;
    let direct = direct(options(postfix.strict), &zone);
    let send = async |id: u128, local: &str| {
        let mut posting = posting(id, "example.net");
        posting.message.recipient = format!("{local}@example.net");
        classify(&direct.send(&posting).await)
    };
    assert_eq!(send(1, "fine").await, Verdict::Accepted);
    let grey = send(2, "grey").await;
    assert!(matches!(grey, Verdict::Retry { cause: Cause::Throttled, .. }), "{grey:?}");
    assert!(matches!(send(3, "busy").await, Verdict::Retry { .. }));
    let listed = send(4, "list").await;
    assert_eq!(listed, Verdict::Failed { cause: Cause::Blocked, suppress: false });
    let gone = send(5, "gone").await;
    assert_eq!(gone, Verdict::Failed { cause: Cause::InvalidRecipient, suppress: true });
    assert_eq!(send(6, "fine").await, Verdict::Accepted);
    assert_eq!(postfix.delivered(2).await.len(), 2);
}

#[tokio::test]
async fn a_server_that_swallows_everything_has_its_part_of_the_window_and_no_more() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let port = free_port();
    let mut silent = Script::default();
    for connection in 0..40 {
        silent = silent.with(connection, Moment::Greeting, Fault::Silence);
    }
    let hole = Sink::start_at(host(4), port, silent).await.unwrap();
    let fine = Sink::start_at(host(2), port, Script::default()).await.unwrap();
    let direct = Arc::new(direct(Options { window: 64, ..options(port) }, &zone));
    let mut swallowed = tokio::task::JoinSet::new();
    let begun = Instant::now();
    for id in 0..64 {
        let direct = Arc::clone(&direct);
        swallowed
            .spawn(async move { (direct.send(&posting(id, "plain.test")).await, Instant::now()) });
    }
    // Whoever has no place among those that wait comes back at once, each after the one before.
    let mut waits = Vec::new();
    while waits.len() < 54 {
        let (outcome, at) = swallowed.join_next().await.unwrap().unwrap();
        assert!(at - begun < Duration::from_secs(1), "{:?}: {outcome:?}", at - begun);
        let Verdict::Busy { after_ms } = classify(&outcome) else { panic!("{outcome:?}") };
        waits.push(after_ms);
    }
    waits.sort_unstable();
    assert!(waits[53] >= 500 && waits[53] <= 120_000, "{waits:?}");
    // The others go on as if nothing were.
    for id in 100..150 {
        assert!(is_accepted(&direct.send(&posting(id, "shop.test")).await));
    }
    assert_eq!(fine.messages(), 50);
    // Somebody who waits for a code is never turned away.
    let urgent = Posting {
        urgent: true,
        start_before: tokio::time::Instant::now() + Duration::from_millis(200),
        ..posting(200, "plain.test")
    };
    assert!(matches!(direct.send(&urgent).await, Outcome::NotStarted { .. }));
    assert!(hole.connections() <= 10, "{}", hole.connections());
}
