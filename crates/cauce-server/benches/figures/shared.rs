//! How soon others hear of a membership, and how soon a page of a list is there, with a million
//! people.

use crate::*;
use cauce_server::control::Scope;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const PEOPLE: u32 = 1_000_000;
/// Segments that are live.
const SEGMENTS: usize = 500;
/// People who leave a rolling window within one second.
const LEAVING: u32 = 20_000;
/// How long the window is.
const WINDOW_MS: i64 = 120_000;
/// Events a second meanwhile, each of somebody who enters a segment by it.
const EVENTS_PER_SECOND: u64 = 5_000;
/// How long they come.
const FLOW: Duration = Duration::from_secs(40);

/// When a change had to be known, by who it is about: in milliseconds; 0 where none is due.
struct Due {
    entering: Vec<i64>,
    leaving: Vec<i64>,
}

/// How late changes were read from the stream.
struct Late {
    entering: hdrhistogram::Histogram<u64>,
    leaving: hdrhistogram::Histogram<u64>,
}

/// Five hundred live segments, all of them shared.
fn wanted() -> BTreeMap<Name, publish::Body> {
    let catch_all = json!({ "channel": "email", "catch-all": {} });
    let mut wanted = definitions(catch_all, plain_sender());
    wanted.retain(|(kind, _), _| !matches!(kind, Kind::Campaign | Kind::Journey));
    let mut add = |kind: Kind, name: String, document: serde_json::Value| {
        let body = publish::Body::read(kind, document).expect("a definition");
        wanted.insert((kind, name), body);
    };
    add(Kind::Segment, "recent".to_owned(), json!({ "rule": "count(pinged, last 2m) >= 1" }));
    for n in rules().len() + 1..SEGMENTS {
        let rule = format!("count(other_{n}, last 30d) >= 1");
        add(Kind::Segment, format!("other-{n}"), json!({ "rule": rule }));
    }
    add(Kind::Sharing, "sharing".to_owned(), json!({ "attributes": ["first_name"] }));
    wanted
}

/// A server with everybody in it, and how long a stranger waits for what it says.
pub async fn shared(base: &Path) {
    let base = folder(base, "shared");
    let running = start(&base, &wanted()).await;
    let app = running.app.clone();
    let loading = Instant::now();
    tokio::task::block_in_place(|| people_move_in(&app, PEOPLE));
    println!(
        "shared: {PEOPLE} people, {SEGMENTS} live segments, moved in within {:.0} s; resident {} \
         MB",
        loading.elapsed().as_secs_f64(),
        resident_mb()
    );
    let key = app.make_key("bench", Scope::Admin).await.expect("a key");
    let (address, served) =
        cauce_server::http::serve(app.clone(), "127.0.0.1:0").await.expect("a port");
    let server = tokio::spawn(served);
    pages(address.port(), &key).await;
    lag(&app, address.port(), key).await;
    drop(app);
    running.stop().await;
    server.abort();
}

/// Appends one; a full log is not the figure that is measured here, and ends the run.
fn append(app: &App, event: &Event) {
    if let Err(why) = app.node.append(home(event), &input(event.clone()), Wait::None) {
        eprintln!("shared: no room: {why}");
        std::process::exit(1);
    }
}

/// Says who is due when, while it happens; how many events were appended.
fn happen(app: &App, due: &Mutex<Due>, stop: &AtomicBool) -> u64 {
    let begun = now();
    for person in 0..LEAVING {
        // All in one second of what happened, whenever they arrive.
        let at = Timestamp(begun.0 - 1_000 + i64::from(person % 1_000));
        due.lock().expect("no panic while locked").leaving[person as usize] = at.0 + WINDOW_MS;
        let mut event = event(person, (1 << 42) | u64::from(person), "pinged", at, false);
        event.received_at = now();
        append(app, &event);
    }
    // The flow is in its middle when they leave.
    let quiet = WINDOW_MS as u64 - FLOW.as_millis() as u64 / 2;
    std::thread::sleep(Duration::from_millis(quiet));
    let (started, mut n) = (Instant::now(), 0u64);
    while started.elapsed() < FLOW && !stop.load(Ordering::Relaxed) {
        let wanted = started.elapsed().as_micros() as u64 * EVENTS_PER_SECOND / 1_000_000;
        while n < wanted {
            let who = LEAVING + n as u32;
            let event = event(who, (3 << 41) | n, "order_completed", now(), false);
            due.lock().expect("no panic while locked").entering[who as usize] = now().0;
            append(app, &event);
            n += 1;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    n
}

/// Reads the stream until `count` first orders and all who leave were seen.
async fn listen(port: u16, key: String, due: Arc<Mutex<Due>>, count: u64) -> Late {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
    let request = format!(
        "GET /v1/membership-changes?segments=recent,buyers HTTP/1.1\r\nhost: c\r\nauthorization: \
         Bearer {key}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("an open connection");
    let mut lines = BufReader::new(stream).lines();
    let empty = || hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
    let mut late = Late { entering: empty(), leaving: empty() };
    while late.entering.len() < count || late.leaving.len() < u64::from(LEAVING) {
        let line = lines.next_line().await.expect("an open stream").expect("no end of it");
        // Between events stand the lengths of the pieces (chunked coding).
        let Some(data) = line.strip_prefix("data: ") else { continue };
        let told: serde_json::Value = serde_json::from_str(data).expect("a change");
        let alias = told["alias"].as_str().expect("a name");
        let who: usize = alias.trim_start_matches("user_id:u").parse().expect("a number");
        let due = due.lock().expect("no panic while locked");
        let (due, late) = match (&told["segment"], &told["change"]) {
            (segment, change) if segment == "buyers" && change == "entered" => {
                (due.entering[who], &mut late.entering)
            }
            (segment, change) if segment == "recent" && change == "left" => {
                (due.leaving[who], &mut late.leaving)
            }
            _ => continue,
        };
        assert!(due > 0, "{told}");
        late.record((now().0 - due).max(0) as u64).expect("in range");
    }
    late
}

/// From what happened, and from the clock, to a change that a stranger has read.
async fn lag(app: &Arc<App>, port: u16, key: String) {
    let none = || vec![0; PEOPLE as usize];
    let due = Arc::new(Mutex::new(Due { entering: none(), leaving: none() }));
    let stop = Arc::new(AtomicBool::new(false));
    let count = FLOW.as_secs() * EVENTS_PER_SECOND * 9 / 10;
    let listening = tokio::spawn(listen(port, key, due.clone(), count));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (flow, ended) = (app.clone(), stop.clone());
    let flow = std::thread::spawn(move || happen(&flow, &due, &ended));
    let late = listening.await.expect("no panic");
    stop.store(true, Ordering::Relaxed);
    let appended = tokio::task::block_in_place(|| flow.join()).expect("no panic");
    for (what, late) in [("an event", &late.entering), ("the clock", &late.leaving)] {
        println!(
            "shared: from {what} to a change that was read, {} of them: p50 {} ms, p99 {} ms, max \
             {} ms; {appended} events at {EVENTS_PER_SECOND}/s",
            late.len(),
            late.value_at_quantile(0.5),
            late.value_at_quantile(0.99),
            late.max()
        );
    }
}

/// Asks for one page; what it says and how long that took.
async fn page(port: u16, key: &str, path: &str) -> (serde_json::Value, Duration) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
    let started = Instant::now();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: c\r\nconnection: close\r\nauthorization: Bearer {key}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("an open connection");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let took = started.elapsed();
    let answer = String::from_utf8(answer).expect("text");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (serde_json::from_str(body).unwrap_or_else(|why| panic!("{path}: {why}: {body}")), took)
}

/// Lists of everybody as the console shows them: the first pages, one after the other, from behind
/// and from ahead.
async fn pages(port: u16, key: &str) {
    const PAGES: usize = 200;
    for (what, path) in [
        ("everybody", "/v1/profiles?limit=100"),
        ("a name's beginning", "/v1/profiles?limit=100&alias=u9"),
        ("whoever a rule holds for", "/v1/profiles?limit=100&where=first_name%20%3D%20%22Ana%22"),
        ("a segment's members", "/v1/segments/everybody/members?limit=100"),
    ] {
        let mut times = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
        let (mut next, mut seen) = (String::new(), 0);
        for _ in 0..PAGES {
            let (said, took) = page(port, key, &format!("{path}{next}")).await;
            times.record(took.as_micros() as u64).expect("in range");
            let found = said["items"].as_array().or(said["members"].as_array());
            seen += found.expect("people").len();
            let Some(cursor) = said["next"].as_str() else { break };
            next = format!("&cursor={}", cursor.replace(':', "%3A").replace('+', "%2B"));
        }
        println!(
            "shared: pages of 100, {what}: {seen} people in {} pages, p50 {:.1} ms, p99 {:.1} ms, \
             max {:.1} ms",
            times.len(),
            times.value_at_quantile(0.5) as f64 / 1e3,
            times.value_at_quantile(0.99) as f64 / 1e3,
            times.max() as f64 / 1e3
        );
    }
}
