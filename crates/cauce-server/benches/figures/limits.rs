//! What the machine does alone, in the same run: the disk, the protocol, the bytes.

use crate::*;
use cauce_channels::egress::{Egress, Policy, Tls, TlsOptions};
use cauce_channels::email::compose::{Composed, compose};
use cauce_channels::email::pool::{Options, Pool, Posting};
use cauce_channels::email::smtp;
use cauce_core::ids::MessageId;
use cauce_core::message::{Email, Mailbox};
use std::io::Write as _;

/// Messages that are handed over alone.
const ALONE: u32 = 60_000;

fn one() -> Composed {
    let address = |address: &str| Mailbox { name: String::new(), address: address.to_owned() };
    let email = Email {
        message: MessageId(1),
        from: address("shop@shop.example"),
        reply_to: None,
        heard_at: None,
        to: address("u1@example.com"),
        return_path: "b-1@rp.shop.example".to_owned(),
        subject: "News".to_owned(),
        html: Some("<p>Hello Ana</p>".to_owned()),
        text: "Hello Ana".to_owned(),
        unsubscribe_url: Some("https://shop.example/u/1".to_owned()),
        unsubscribe_mailto: None,
        headers: Vec::new(),
        domain: "shop.example".to_owned(),
        date: now(),
        transactional: false,
        attachments: Vec::new(),
    };
    compose(&email, &[]).expect("a message")
}

/// Hands over one message that is composed already, again and again, and nothing else: how many a
/// second, with so many connections and so many on their way.
pub async fn handing_over(port: u16, connections: usize, on_their_way: u32, count: u32) -> f64 {
    let options = Options {
        server: smtp::Options {
            host: "127.0.0.1".to_owned(),
            port,
            security: smtp::Security::Plain,
            tls: Tls::new(&TlsOptions::default()).expect("roots"),
            auth: None,
            helo_name: "client.test".to_owned(),
            timeouts: smtp::Timeouts::default(),
        },
        connections_max: connections,
        messages_per_connection_max: usize::MAX,
        window: on_their_way as usize,
        idle_timeout: Duration::from_secs(60),
        reopen_delay: Duration::from_secs(1),
    };
    let egress = Egress::new(Policy { allow_private: true, ..Policy::default() });
    let (pool, mut ended) = Pool::start(options, egress, Arc::new(|_| false)).expect("a pool");
    let message = one();
    let start_before = tokio::time::Instant::now() + Duration::from_secs(600);
    let posting = || Posting { message: message.clone(), start_before, urgent: false };
    let started = Instant::now();
    let mut posted = 0;
    for ended_so_far in 0..count {
        while posted < count && posted - ended_so_far < on_their_way {
            pool.submit(posting()).await;
            posted += 1;
        }
        ended.recv().await.expect("an end");
    }
    let rate = f64::from(count) / started.elapsed().as_secs_f64();
    pool.close(Duration::from_secs(5)).await;
    rate
}

/// The limit of a campaign: handing over alone, over as many connections as it has.
pub async fn of_a_campaign() -> f64 {
    let sink = Sink::start(Script { keep: false, ..Script::default() }).await.expect("a port");
    handing_over(sink.port(), 8, 2_000, ALONE).await
}

/// The limit of one message's way: its entries (the event, the grant, the end) made durable one
/// after the other, and one exchange with the mail server. In milliseconds.
pub async fn of_a_way(base: &Path) -> f64 {
    let sink = Sink::start(Script { keep: false, ..Script::default() }).await.expect("a port");
    let exchange = 1e3 / handing_over(sink.port(), 1, 1, 2_000).await;
    let mut file = std::fs::File::create(base.join("alone")).expect("a file");
    let mut synced = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
    for _ in 0..500 {
        file.write_all(&[0; 400]).expect("room");
        let started = Instant::now();
        file.sync_data().expect("a disk");
        synced.record(started.elapsed().as_micros() as u64).expect("in range");
    }
    // The end is written behind the acceptance: two before it.
    2.0 * synced.value_at_quantile(0.5) as f64 / 1e3 + exchange
}

/// Seconds, rows and bytes of reading every row of a table, and nothing else, on as many threads as
/// the partitions have.
pub async fn of_a_scan(app: &App, table: &str) -> (f64, u64, u64) {
    let number = cauce_engine::tables::TABLES.iter().position(|one| one.name == table);
    let number = number.expect("a table") as u8;
    let started = Instant::now();
    let asked = (0..app.node.partitions()).map(|partition| {
        app.ask(partition, move |p| {
            let (mut rows, mut bytes) = (0u64, 0u64);
            let seen = p.rows().visit(number, &mut |key, value| {
                rows += 1;
                bytes += (key.len() + value.len()) as u64;
                Ok(())
            });
            seen.expect("a store");
            (rows, bytes)
        })
    });
    let read = futures_util::future::join_all(asked).await;
    let seconds = started.elapsed().as_secs_f64();
    let (rows, bytes) = read
        .into_iter()
        .flatten()
        .fold((0, 0), |(rows, bytes), (row, byte)| (rows + row, bytes + byte));
    (seconds, rows, bytes)
}

/// Bytes of all rows of all tables, as the store has them.
pub async fn of_memory(app: &App) -> u64 {
    let mut all = 0;
    for table in cauce_engine::tables::TABLES.iter().filter(|one| one.name != "control-log") {
        all += of_a_scan(app, table.name).await.2;
    }
    all
}
