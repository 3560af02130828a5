//! Decision engines ask who somebody is, while events go on.

use crate::*;
use cauce_server::control::Scope;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Connections that ask one request after another.
const CONNECTIONS: u64 = 32;
/// People who are asked for.
const PEOPLE: u32 = 100_000;
/// Events a second meanwhile.
const EVENTS_PER_SECOND: u64 = 5_000;

/// Whether these bytes are one whole answer. The server's own form: `content-length` in small
/// letters.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = std::str::from_utf8(&bytes[..end]).unwrap_or_default();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let length: usize = length.and_then(|text| text.parse().ok()).expect("a length");
    bytes.len() >= end + 4 + length
}

/// Looks people up over one connection until it is told to stop, one each `pace` if there is one.
async fn ask(
    port: u16,
    key: String,
    who: u64,
    pace: Duration,
    stop: Arc<AtomicBool>,
) -> hdrhistogram::Histogram<u64> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
    stream.set_nodelay(true).expect("an open socket");
    let mut answers = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
    let mut beat = tokio::time::interval(pace.max(Duration::from_nanos(1)));
    let mut buffer = vec![0; 16_384];
    let mut n = who << 32;
    while !stop.load(Ordering::Relaxed) {
        // From when it was due: what waits behind a slow answer waits for it as well.
        let started = match pace.is_zero() {
            true => Instant::now(),
            false => beat.tick().await.into_std(),
        };
        let person = person(n, u64::from(PEOPLE));
        n += 1;
        let request = format!(
            "GET /v1/lookup?alias=user_id:u{person} HTTP/1.1\r\nhost: c\r\nauthorization: Bearer \
             {key}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("an open connection");
        let mut read = 0;
        while !is_whole(&buffer[..read]) {
            let more = stream.read(&mut buffer[read..]).await.expect("an answer");
            assert!(more > 0, "the server closed the connection");
            read += more;
        }
        assert!(
            buffer.starts_with(b"HTTP/1.1 200 "),
            "{}",
            String::from_utf8_lossy(&buffer[..read])
        );
        answers.record(started.elapsed().as_micros() as u64).expect("in range");
    }
    answers
}

/// Appends events at their pace until it is told to stop; how many.
fn events_go_on(app: &App, stop: &AtomicBool, count: &AtomicU64) {
    let (started, mut n) = (Instant::now(), 0);
    while !stop.load(Ordering::Relaxed) {
        let due = (started.elapsed().as_micros() as u64) * EVENTS_PER_SECOND / 1_000_000;
        while n < due {
            let who = person(n, u64::from(PEOPLE));
            let event = event(who, (3 << 41) | n, "order_completed", now(), false);
            app.node.append(home(&event), &input(event), Wait::None).expect("room");
            n += 1;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    count.store(n, Ordering::Relaxed);
}

/// Look-ups a second and their times beside 5,000 events a second: at two paces, then as many as
/// go.
pub async fn lookup(base: &Path) {
    let base = folder(base, "lookup");
    let catch_all = json!({ "channel": "email", "catch-all": {} });
    let mut wanted = definitions(catch_all, plain_sender());
    let sharing = json!({ "attributes": ["first_name"] });
    let body = publish::Body::read(Kind::Sharing, sharing).expect("a definition");
    wanted.insert((Kind::Sharing, "sharing".to_owned()), body);
    let running = start(&base, &wanted).await;
    let app = running.app.clone();
    tokio::task::block_in_place(|| people_move_in(&app, PEOPLE));
    let key = app.make_key("engine", Scope::Lookup).await.expect("a key");
    let (address, served) =
        cauce_server::http::serve(app.clone(), "127.0.0.1:0").await.expect("a port");
    let server = tokio::spawn(served);
    let paces =
        [("at 5,000 a second", 5_000), ("at 20,000 a second", 20_000), ("as many as go", 0)];
    for (what, per_second) in paces {
        let pace =
            Duration::from_micros((CONNECTIONS * 1_000_000).checked_div(per_second).unwrap_or(0));
        let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (flow, ended, counted) = (app.clone(), stop.clone(), count.clone());
        let flow = std::thread::spawn(move || events_go_on(&flow, &ended, &counted));
        let (started, ticks, taken) = (Instant::now(), processor_ticks(), app.node.taken());
        let mut asking = tokio::task::JoinSet::new();
        for who in 0..CONNECTIONS {
            asking.spawn(ask(address.port(), key.clone(), who, pace, stop.clone()));
        }
        tokio::time::sleep(Duration::from_secs(10)).await;
        stop.store(true, Ordering::Relaxed);
        let mut answers = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
        for seen in asking.join_all().await {
            answers.add(&seen).expect("the same form");
        }
        let spent = started.elapsed().as_secs_f64();
        flow.join().expect("no panic");
        println!(
            "lookup, {what}: {:.0}/s, p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, beside {:.0} \
             events/s decided ({:.0} appended); {:.2} processors, load included",
            answers.len() as f64 / spent,
            answers.value_at_quantile(0.5) as f64 / 1e3,
            answers.value_at_quantile(0.99) as f64 / 1e3,
            answers.value_at_quantile(0.999) as f64 / 1e3,
            (app.node.taken() - taken) as f64 / spent,
            count.load(Ordering::Relaxed) as f64 / spent,
            (processor_ticks() - ticks) as f64 / 100.0 / spent,
        );
    }
    drop(app);
    running.stop().await;
    server.abort();
}
