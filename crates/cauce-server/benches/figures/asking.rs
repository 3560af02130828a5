//! Somebody waits: transactional requests over HTTP while everything else goes on.

use crate::*;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Connections that ask one request after another.
const CONNECTIONS: usize = 16;
/// People of the campaign.
const PEOPLE: u32 = 100_000;
/// Orders of each of them, from before.
const ORDERS: u64 = 10;
/// Rows of the import.
const ROWS: u64 = 500_000;

/// A connection that stays open. One request at a time.
struct Asker {
    stream: TcpStream,
    authorization: String,
    buffer: Vec<u8>,
}

impl Asker {
    async fn open(port: u16, key: &str) -> Asker {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
        stream.set_nodelay(true).expect("an open socket");
        Asker { stream, authorization: format!("Bearer {key}"), buffer: Vec::new() }
    }

    /// Status and body of the answer.
    async fn ask(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: {}\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.authorization,
            body.len()
        )
        .into_bytes();
        request.extend(body);
        self.stream.write_all(&request).await.expect("an open connection");
        self.buffer.clear();
        loop {
            let mut piece = [0; 16_384];
            let read = self.stream.read(&mut piece).await.expect("an answer");
            assert!(read > 0, "the server closed the connection");
            self.buffer.extend_from_slice(&piece[..read]);
            let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
            let length = head.split("content-length: ").nth(1).expect("a length");
            let length = length.split("\r\n").next().and_then(|n| n.trim().parse::<usize>().ok());
            let whole = end + 4 + length.expect("a number");
            if self.buffer.len() >= whole {
                let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
                return (status.unwrap_or_default(), self.buffer[end + 4..whole].to_vec());
            }
        }
    }
}

/// What the connections saw.
struct Seen {
    answers: hdrhistogram::Histogram<u64>,
    refused: u64,
    ids: Vec<String>,
}

/// One connection's requests until it is told to stop: as many as it can, or one each `pace`.
async fn codes(mut asker: Asker, who: usize, stop: Arc<AtomicBool>, pace: Duration) -> Seen {
    let mut beat = tokio::time::interval(pace.max(Duration::from_nanos(1)));
    let mut answers = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
    let (mut refused, mut ids) = (0, Vec::new());
    let mut n = 0u32;
    while !stop.load(Ordering::Relaxed) {
        if !pace.is_zero() {
            beat.tick().await;
        }
        let body = json!({ "template": "code", "to": { "email": format!("w{who}-{n}@example.com") },
                           "payload": { "code": n } });
        let body = body.to_string().into_bytes();
        let started = Instant::now();
        let (status, answer) = asker.ask("POST", "/v1/messages", "application/json", &body).await;
        if status == 202 {
            answers.record(started.elapsed().as_micros() as u64).expect("in range");
            // At a slow pace all of them, else a sample.
            let each = if pace > Duration::from_millis(100) { 1 } else { 50 };
            if n.is_multiple_of(each) {
                let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
                ids.extend(answer["id"].as_str().map(str::to_owned));
            }
        } else {
            refused += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        n += 1;
    }
    Seen { answers, refused, ids }
}

/// What HTTP alone takes: as many connections ask for `/healthz` as fast as it is answered.
async fn health_alone(port: u16, key: &str) -> f64 {
    let (started, span) = (Instant::now(), Duration::from_secs(3));
    let mut asking = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut asker = Asker::open(port, key).await;
        asking.push(tokio::spawn(async move {
            let mut answered = 0u64;
            while started.elapsed() < span {
                let (status, _) = asker.ask("GET", "/healthz", "application/json", b"").await;
                assert_eq!(status, 200);
                answered += 1;
            }
            answered
        }));
    }
    let mut answered = 0;
    for one in asking {
        answered += one.await.expect("an end");
    }
    answered as f64 / started.elapsed().as_secs_f64()
}

/// Rows of history, 1,000 to a request, again when there is no room.
async fn import(mut asker: Asker) -> f64 {
    let started = Instant::now();
    for first in (0..ROWS).step_by(1_000) {
        let mut lines = String::new();
        for n in first..first + 1_000 {
            lines.push_str(&format!(
                "{{\"name\":\"order_completed\",\"id\":\"import-{n}\",\"user_id\":\"i{}\",\
                 \"occurred_at\":\"2026-01-02T03:04:05Z\",\"properties\":{{\"total\":{}}}}}\n",
                n % 50_000,
                n % 200
            ));
        }
        let path = "/v1/events?historical=true";
        while asker.ask("POST", path, "application/x-ndjson", lines.as_bytes()).await.0 != 202 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    ROWS as f64 / started.elapsed().as_secs_f64()
}

/// How long sampled messages took from request to acceptance, by the ledger's own times.
async fn accepted(asker: &mut Asker, ids: &[String]) -> hdrhistogram::Histogram<u64> {
    let mut taken = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
    for id in ids {
        let path = format!("/v1/messages/{id}");
        let (_, answer) = asker.ask("GET", &path, "application/json", b"").await;
        let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
        let message = &answer["message"];
        let message = if message.is_object() { message } else { &answer };
        let at = |value: &serde_json::Value| {
            let text = value.as_str()?;
            text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
        };
        let ended = message["attempts"].as_array().and_then(|all| at(&all.last()?["ended"]["at"]));
        if let (Some(created), Some(ended)) = (at(&message["created"]), ended) {
            taken.record((ended - created).max(0) as u64).expect("in range");
        }
    }
    taken
}

/// Asks for codes over many connections for some seconds; what was seen, added up.
async fn ask_for(port: u16, key: &str, seconds: u64, pace: Duration) -> Seen {
    let stop = Arc::new(AtomicBool::new(false));
    let mut asking = tokio::task::JoinSet::new();
    for who in 0..CONNECTIONS {
        let who = who + seconds as usize * 100;
        asking.spawn(codes(Asker::open(port, key).await, who, stop.clone(), pace));
    }
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    stop.store(true, Ordering::Relaxed);
    let answers = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
    let mut sum = Seen { answers, refused: 0, ids: Vec::new() };
    for seen in asking.join_all().await {
        sum.answers.add(&seen.answers).expect("the same form");
        sum.refused += seen.refused;
        sum.ids.extend(seen.ids);
    }
    sum
}

/// Builds a segment from history again and again until it is told to stop; says how often.
async fn build(app: Arc<App>, wanted: BTreeMap<Name, publish::Body>, stop: Arc<AtomicBool>) -> u64 {
    let mut built = 0;
    while !stop.load(Ordering::Relaxed) {
        // Another rule, so that nothing of the last one can be kept.
        let rule = format!("sum(order_completed.total, last 200d) > {built}");
        let body = publish::Body::read(Kind::Segment, json!({ "rule": rule })).expect("a rule");
        let mut wanted = wanted.clone();
        wanted.insert((Kind::Segment, "anew".to_owned()), body);
        app.apply(&wanted, &cauce_core::publish::Removal::Nothing, "bench").await.expect("a plan");
        segments_are_built(&app).await;
        built += 1;
    }
    built
}

/// Messages of the campaign that are still to leave.
async fn to_leave(asker: &mut Asker, run: u64) -> u64 {
    let path = format!("/v1/campaigns/runs/{run}");
    let (_, answer) = asker.ask("GET", &path, "application/json", b"").await;
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    answer["balance"]["left"].as_u64().expect("a count")
}

/// Requests a second and their times while a campaign saturates the sink, half a million rows are
/// imported and segments are built: first at a pace, for how long a code takes to leave; then as
/// many as go in.
pub async fn mixed(base: &Path) {
    let base = folder(base, "mixed");
    let sink = Sink::start(Script { keep: false, ..Script::default() }).await.expect("a port");
    let running = start(&base, &definitions(smtp(sink.port()), plain_sender())).await;
    let app = running.app.clone();
    tokio::task::block_in_place(|| {
        people_move_in(&app, PEOPLE);
        history(&app, PEOPLE, ORDERS);
    });
    let (address, served) =
        cauce_server::http::serve(app.clone(), "127.0.0.1:0").await.expect("a port");
    let server = tokio::spawn(served);
    let (port, key) = (address.port(), running.first_key.clone().expect("the first start's key"));
    let alone = health_alone(port, &key).await;
    println!("mixed: asked whether it is alive, and nothing else: {alone:.0} requests/s");
    let run = app.start_campaign("news", "bench").await.expect("a campaign");
    let mut watching = Asker::open(port, &key).await;
    let importing = tokio::spawn(import(Asker::open(port, &key).await));
    let stop = Arc::new(AtomicBool::new(false));
    let wanted = definitions(smtp(sink.port()), plain_sender());
    let building = tokio::spawn(build(app.clone(), wanted, stop.clone()));
    for (what, seconds, pace) in [
        ("at 500 a second", 5, Duration::from_millis(1_000 * CONNECTIONS as u64 / 500)),
        ("as many as go in", 10, Duration::ZERO),
    ] {
        let (left, started) = (sink.messages(), Instant::now());
        let seen = ask_for(port, &key, seconds, pace).await;
        let (left, spent) = (sink.messages() - left, started.elapsed().as_secs_f64());
        println!(
            "mixed, {what}: {:.0} transactional requests/s (ratio {:.2}), answered p50 {:.1} ms, \
             p99 {:.1} ms ({} asked to come back), while {:.0} messages/s left in all; then {} of \
             the campaign's {PEOPLE} were still to leave, import {}",
            seen.answers.len() as f64 / spent,
            seen.answers.len() as f64 / spent / alone,
            seen.answers.value_at_quantile(0.5) as f64 / 1e3,
            seen.answers.value_at_quantile(0.99) as f64 / 1e3,
            seen.refused,
            left as f64 / spent,
            to_leave(&mut watching, run).await,
            if importing.is_finished() { "over" } else { "under way" },
        );
        // What was asked for last may still be on its way.
        tokio::time::sleep(Duration::from_millis(if pace.is_zero() { 15_000 } else { 500 })).await;
        let mut asker = Asker::open(port, &key).await;
        let taken = accepted(&mut asker, &seen.ids).await;
        println!(
            "  request → accepted by SMTP: p50 {} ms, p99 {} ms ({} of {} sampled)",
            taken.value_at_quantile(0.5),
            taken.value_at_quantile(0.99),
            taken.len(),
            seen.ids.len()
        );
    }
    stop.store(true, Ordering::Relaxed);
    let built = building.await.expect("an end");
    println!(
        "  built from {} events, one after the other: {built} segments",
        u64::from(PEOPLE) * ORDERS
    );
    let imported = importing.await.expect("an end");
    println!("  import: {imported:.0} rows/s of 500,000");
    drop(app);
    running.stop().await;
    server.abort();
}

/// How long a one-time password takes while a campaign of `bulk` messages waits for the same
/// windows: behind a server that is merely slow, and on a route one of whose servers swallows
/// whatever it is given.
pub async fn otp(base: &Path, bulk: u32) {
    for hole in [false, true] {
        let name = if hole { "otp-hole" } else { "otp-slow" };
        let base = folder(base, name);
        let delay = Duration::from_millis(20);
        let script = Script { keep: false, delay, ..Script::default() };
        let sink = Sink::start(script).await.expect("a port");
        // Takes connections and says nothing.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let silent_port = silent.local_addr().expect("an address").port();
        let swallowing = tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((stream, _)) = silent.accept().await {
                kept.push(stream);
            }
        });
        let provider = |port: u16| {
            json!({ "channel": "email", "in-flight": 256,
                    "smtp": { "host": "127.0.0.1", "port": port, "tls": "none",
                              "connections": 8, "messages-per-connection": 100_000 } })
        };
        let mut wanted = definitions(provider(sink.port()), plain_sender());
        if hole {
            let mut add = |kind: Kind, name: &str, document: serde_json::Value| {
                let body = publish::Body::read(kind, document).expect("a definition");
                wanted.insert((kind, name.to_owned()), body);
            };
            add(Kind::Provider, "hole", provider(silent_port));
            let legs = json!([{ "provider": "out" }, { "provider": "hole" }]);
            add(Kind::Route, "post", json!({ "channel": "email", "legs": legs }));
        }
        let running = start(&base, &wanted).await;
        let app = running.app.clone();
        tokio::task::block_in_place(|| people_move_in(&app, bulk));
        let (address, served) =
            cauce_server::http::serve(app.clone(), "127.0.0.1:0").await.expect("a port");
        let server = tokio::spawn(served);
        let key = running.first_key.clone().expect("the first start's key");
        app.start_campaign("news", "bench").await.expect("a campaign");
        // The campaign has taken all the room that it gets.
        tokio::time::sleep(Duration::from_secs(6)).await;
        let before = sink.messages();
        let seen = ask_for(address.port(), &key, 20, Duration::from_millis(160)).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let mut asker = Asker::open(address.port(), &key).await;
        let taken = accepted(&mut asker, &seen.ids).await;
        let left = bulk as usize - sink.messages().min(bulk as usize);
        println!(
            "{name}: request → accepted by SMTP: p50 {} ms, p99 {} ms, max {} ms ({} of {} \
             sampled), while {left} of {bulk} bulk messages waited and {} messages left",
            taken.value_at_quantile(0.5),
            taken.value_at_quantile(0.99),
            taken.max(),
            taken.len(),
            seen.ids.len(),
            sink.messages() - before,
        );
        swallowing.abort();
        drop(app);
        running.stop().await;
        server.abort();
    }
}
