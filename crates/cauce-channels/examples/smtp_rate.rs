//! How fast composing, signing and sending are on this machine, into the local sink.
//!
//! `cargo run --release -p cauce-channels --example smtp_rate -- [messages] [connections]`

use cauce_channels::egress::{Egress, Policy, Tls, TlsOptions};
use cauce_channels::email::compose::compose;
use cauce_channels::email::dkim::{Key, Signer};
use cauce_channels::email::pool::{Options, Pool, Posting};
use cauce_channels::email::smtp;
use cauce_channels::sink::{Script, Sink};
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use cauce_core::message::{Email, Mailbox};
use cauce_core::time::Timestamp;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the slow server takes for each flush of replies.
const DELAY: Duration = Duration::from_millis(2);

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let count: u32 = arguments.next().map_or(Ok(50_000), |text| text.parse())?;
    let connections: usize = arguments.next().map_or(Ok(4), |text| text.parse())?;
    let signer = |selector, key| Signer::new("example.com", selector, key);
    let ed25519 = [signer("e1", Key::generate_ed25519()?)?];
    let rsa = [signer("r1", Key::generate_rsa()?)?];
    let cases = [("unsigned", &[][..]), ("Ed25519", &ed25519[..]), ("RSA-2048", &rsa[..])];
    println!("one message has {} bytes", compose_one(0, &[])?.bytes.len());
    for (name, signers) in cases {
        let rounds = if name == "unsigned" { count } else { count / 5 };
        let started = Instant::now();
        for number in 0..rounds {
            std::hint::black_box(compose_one(number, signers)?);
        }
        println!("compose {name}, one thread: {}/s", rate(rounds, started));
    }
    for threads in [1, 2] {
        let started = Instant::now();
        let rounds = count / 10;
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| sign_alone(rounds, &rsa));
            }
        });
        println!(
            "RSA-2048 signatures alone, {threads} thread(s): {}/s",
            rate(rounds * threads, started)
        );
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for connections in [1, connections] {
        let sent = runtime.block_on(send(count, (connections, Duration::ZERO), None))?;
        println!("send composed beforehand, {connections} connection(s): {sent}/s");
    }
    // As a server nearby: what counts is how much is under way at once.
    for connections in [1, 10] {
        let sent = runtime.block_on(send(count / 10, (connections, DELAY), None))?;
        println!("send, each reply after 2 ms, {connections} connection(s): {sent}/s");
    }
    for (name, _) in cases {
        let signers: Arc<[Signer]> = match name {
            "unsigned" => Arc::new([]),
            "Ed25519" => Arc::new([signer("e1", Key::generate_ed25519()?)?]),
            _ => Arc::new([signer("r1", Key::generate_rsa()?)?]),
        };
        let rounds = if signers.is_empty() { count } else { count / 3 };
        let sent = runtime.block_on(send(rounds, (connections, Duration::ZERO), Some(signers)))?;
        println!("compose {name} and send, {connections} connection(s): {sent}/s");
    }
    Ok(())
}

fn rate(count: u32, started: Instant) -> u64 {
    (f64::from(count) / started.elapsed().as_secs_f64()) as u64
}

fn sign_alone(rounds: u32, signers: &[Signer]) {
    let mut out = Vec::new();
    for number in 0..rounds {
        out.clear();
        let at = Timestamp(i64::from(number) * 1000);
        cauce_channels::email::dkim::sign(b"From: a@example.com\r\n", b"", signers, at, &mut out)
            .expect("the key works");
    }
}

/// A message of about 3 KB in two parts, as a campaign would send.
fn email(number: u32) -> Email {
    let row = "<tr><td style=\"padding:8px\">A pair of boots &amp; laces</td><td>49,90</td></tr>\n";
    let html = format!(
        "<html><body><p>Hola Ana {number}, ¿qué tal?</p><table>{}</table>\n",
        row.repeat(24)
    );
    Email {
        message: MessageId(u128::from(number)),
        from: Mailbox { name: "Tienda Río".into(), address: "hola@example.com".into() },
        reply_to: None,
        heard_at: None,
        to: Mailbox { name: "Ana".into(), address: format!("ana{number}@example.net") },
        return_path: format!("b-{number}@rp.example.com"),
        subject: "Tus botas están aquí".into(),
        html: Some(html),
        text: format!(
            "Hola Ana {number},\n\n{}",
            "Your order is on its way to you now.\n".repeat(20)
        ),
        unsubscribe_url: Some(format!("https://u.example.com/u/{number}")),
        unsubscribe_mailto: Some(format!("u-{number}@example.com")),
        headers: vec![("List-Id".into(), "<news.example.com>".into())],
        domain: "example.com".into(),
        date: Timestamp(1_795_537_800_000),
        transactional: false,
        attachments: vec![],
    }
}

fn compose_one(
    number: u32,
    signers: &[Signer],
) -> Result<cauce_channels::email::compose::Composed, Failure> {
    compose(&email(number), signers).map_err(|outcome| format!("{outcome:?}").into())
}

async fn send(
    count: u32,
    (connections, delay): (usize, Duration),
    signers: Option<Arc<[Signer]>>,
) -> Result<u64, Failure> {
    let sink = Sink::start(Script { keep: false, delay, ..Script::default() }).await?;
    let options = Options {
        server: smtp::Options {
            host: "127.0.0.1".into(),
            port: sink.port(),
            security: smtp::Security::Plain,
            tls: Tls::new(&TlsOptions::default())?,
            auth: None,
            helo_name: "client.test".into(),
            timeouts: smtp::Timeouts::default(),
        },
        connections_max: connections,
        messages_per_connection_max: usize::MAX,
        window: 1024,
        idle_timeout: Duration::from_secs(60),
        reopen_delay: Duration::from_secs(1),
    };
    let egress = Egress::new(Policy { allow_private: true, ..Policy::default() });
    let (pool, mut ended) = Pool::start(options, egress, Arc::new(|_| false))?;
    let fixed = compose_one(0, &[])?;
    let start_before = tokio::time::Instant::now() + Duration::from_secs(600);
    let started = Instant::now();
    let submitting = async {
        for number in 0..count {
            let message = match &signers {
                None => fixed.clone(),
                Some(signers) => compose_one(number, signers)?,
            };
            pool.submit(Posting { message, start_before, urgent: false }).await;
        }
        Ok::<(), Failure>(())
    };
    let reading = async {
        let mut accepted = 0;
        while accepted < count {
            match ended.recv().await {
                Some(end) if matches!(end.outcome, Outcome::Accepted { .. }) => accepted += 1,
                other => return Err::<(), Failure>(format!("{other:?}").into()),
            }
        }
        Ok(())
    };
    let (submitted, read) = tokio::join!(submitting, reading);
    submitted?;
    read?;
    let per_second = rate(count, started);
    pool.close(Duration::from_secs(5)).await;
    Ok(per_second)
}
