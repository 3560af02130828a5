//! The figures of `docs/benchmarks.md`, each as a ratio to a stated limit in the same run.
//!
//! `cargo xtask bench [NAME…]`; names: `events`, `latency`, `campaign`, `segment`, `idle`. The load
//! and the server share the machine's cores, and both are counted.

use cauce_channels::email::dkim::Key;
use cauce_channels::sink::{Script, Sink};
use cauce_core::catalog::Catalog;
use cauce_core::event::{Event, Properties};
use cauce_core::ids::{EventId, TraceId, hash64};
use cauce_core::input::{Body, Input};
use cauce_core::profile::{Alias, ConsentFact, ConsentState};
use cauce_core::publish::{self, Kind, Name};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use cauce_engine::node::{Doing, Node, Observer, Wait};
use cauce_engine::partition::Taken;
use cauce_server::app::App;
use cauce_server::boot::{self, Running};
use cauce_server::config::Config;
use cauce_server::control::Catalogs;
use cauce_store::disk::OsDisk;
use cauce_store::{FileLog, Log, log};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PARTITIONS: u16 = 64;

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.map_or(0, |since| since.as_millis() as i64))
}

/// A person's event; the same arguments give the same event.
fn event(person: u32, n: u64, name: &str, at: Timestamp, historical: bool) -> Event {
    let alias = Alias { namespace: "user_id".to_owned(), value: format!("u{person}") };
    let properties = Properties::from([
        ("total".to_owned(), Value::from((n % 200) as i64)),
        ("item".to_owned(), Value::from("Copper kettle")),
        ("category".to_owned(), Value::from("kitchen")),
    ]);
    Event {
        id: EventId((u128::from(n) << 64) | u128::from(hash64(&[&n.to_be_bytes()]))),
        name: name.to_owned(),
        aliases: vec![alias],
        occurred_at: at,
        received_at: at,
        properties,
        attributes: Properties::new(),
        consents: Vec::new(),
        historical,
    }
}

fn signed_up(person: u32, at: Timestamp) -> Event {
    let mut event = event(person, 1 << 40 | u64::from(person), "signed_up", at, true);
    let email = format!("u{person}@example.com");
    event.aliases.push(Alias { namespace: "email".to_owned(), value: email.clone() });
    event.attributes.insert("email".to_owned(), Value::from(email.as_str()));
    event.attributes.insert("first_name".to_owned(), Value::from("Ana"));
    event.consents.push(ConsentFact {
        topic: "news".to_owned(),
        channel: None,
        state: ConsentState::Granted,
        source: "bench".to_owned(),
        wording: None,
        ip: None,
    });
    event
}

fn home(event: &Event) -> u16 {
    event.aliases.first().map_or(0, |alias| cauce_core::decide::home(alias, PARTITIONS))
}

fn input(event: Event) -> Input {
    Input { at: event.received_at, trace: TraceId::default(), body: Body::Event(Box::new(event)) }
}

/// A person out of `people`, some much more often than others (Zipf-like: the product of two).
fn person(n: u64, people: u64) -> u32 {
    let draw = |salt: u64| hash64(&[&n.to_be_bytes(), &salt.to_be_bytes()]) % 1_000_000;
    ((draw(1) as f64 / 1e6).powi(3) * people as f64) as u32
}

struct Silent;

impl Observer for Silent {
    fn taken(&self, _: u16, _: &Taken) {}
    fn stopped(&self, partition: u16, error: &cauce_engine::Error) {
        eprintln!("partition {partition} stopped: {error}");
    }
    fn trouble(&self, doing: Doing, error: Option<&cauce_engine::Error>) {
        if let Some(error) = error {
            eprintln!("{doing:?}: {error}");
        }
    }
}

/// Appending and fdatasync alone, with the same bytes: the limit of every durable input.
fn log_alone(folder: &Path, count: u64, group: u64) -> f64 {
    let disk = Arc::new(OsDisk::open(folder).expect("a folder"));
    let log = FileLog::open(disk, log::Options::new(7)).expect("a log");
    let bodies: Vec<Vec<u8>> = (0..group)
        .map(|n| {
            cauce_engine::codec::encode(&input(event(n as u32, n, "order_completed", now(), false)))
        })
        .collect();
    let started = Instant::now();
    for first in (0..count).step_by(group as usize) {
        for (n, body) in bodies.iter().enumerate() {
            log.append(((first + n as u64) % u64::from(PARTITIONS)) as u16, &[body]).expect("room");
        }
        log.sync().expect("a disk");
    }
    count as f64 / started.elapsed().as_secs_f64()
}

fn folder(base: &Path, name: &str) -> std::path::PathBuf {
    let folder = base.join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn config(base: &Path) -> Config {
    Config {
        data: base.join("data"),
        listen: "127.0.0.1:0".to_owned(),
        egress_private: true,
        partitions: PARTITIONS,
        ..Config::default()
    }
}

fn rules() -> Vec<(&'static str, &'static str)> {
    vec![
        ("buyers", "count(order_completed) >= 1"),
        ("big", "sum(order_completed.total, last 90d) > 500"),
        ("lapsed", "count(order_completed) >= 1 and count(order_completed, last 60d) = 0"),
        ("kitchen", "count(order_completed where category = \"kitchen\", last 30d) >= 3"),
        ("everybody", "count(signed_up) >= 1"),
    ]
}

fn definitions(
    provider: serde_json::Value,
    sender: serde_json::Value,
) -> BTreeMap<Name, publish::Body> {
    let mut wanted = BTreeMap::new();
    let mut add = |kind: Kind, name: &str, document: serde_json::Value| {
        let body = publish::Body::read(kind, document).expect("a definition");
        wanted.insert((kind, name.to_owned()), body);
    };
    for (name, rule) in rules() {
        add(Kind::Segment, name, json!({ "rule": rule }));
    }
    add(Kind::Topic, "news", json!({ "title": "News" }));
    add(Kind::Provider, "out", provider);
    add(Kind::Sender, "shop", sender);
    let html = format!(
        "<html><body><h1>Hello {{{{ profile.first_name | default: \"you\" }}}}</h1>{}\
         <a href=\"https://shop.example/x?a=1&amp;b=2\">Look</a>\
         <a href=\"{{{{ links.unsubscribe }}}}\">Stop</a></body></html>",
        "<p>Good things for the kitchen, made to last for a very long time.</p>".repeat(40)
    );
    let template = json!({ "topic": "news", "subject": "News, {{ profile.first_name | default: \
        \"you\" }}",
                           "html": html, "text": "News. Stop: {{ links.unsubscribe }}" });
    add(Kind::Template, "news", template);
    add(Kind::Template, "code", json!({ "subject": "Your code", "text": "{{ event.code }}" }));
    add(
        Kind::Journey,
        "hello",
        json!({ "entry": { "event": "asked" }, "policy": "always",
                                        "steps": [{ "message": "news" }] }),
    );
    add(Kind::Campaign, "news", json!({ "audience": ["everybody"], "template": "news" }));
    wanted
}

fn smtp(port: u16) -> serde_json::Value {
    json!({ "channel": "email", "in-flight": 2_000,
            "smtp": { "host": "127.0.0.1", "port": port, "tls": "none", "connections": 8,
                      "messages-per-connection": 100_000 } })
}

fn plain_sender() -> serde_json::Value {
    json!({ "from": { "name": "Shop", "address": "hello@shop.example" } })
}

async fn start(base: &Path, wanted: &BTreeMap<Name, publish::Body>) -> Running {
    let running = boot::start(&config(base), &|_| {}).await.expect("a start");
    if let Err(refusal) = running.app.apply(wanted, false, "bench").await {
        panic!("{refusal}: {refusal:?}");
    }
    running
}

fn caught_up(app: &App) {
    while app.node.lag() > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn people_move_in(app: &App, people: u32) {
    for person in 0..people {
        while app.node.lag() > 20_000 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let event = signed_up(person, now());
        app.node.append(home(&event), &input(event), Wait::None).expect("room");
    }
    caught_up(app);
}

/// Durable events through the whole decision, five live segments; ratio to the log alone.
fn events(base: &Path) {
    let alone = log_alone(&folder(base, "alone"), 400_000, 512);
    let book = {
        let mut book = publish::Book::default();
        let changes = rules()
            .into_iter()
            .map(|(name, rule)| {
                let body =
                    publish::Body::read(Kind::Segment, json!({ "rule": rule })).expect("a rule");
                ((Kind::Segment, name.to_owned()), serde_json::to_string(&body).ok())
            })
            .collect();
        book.publish(&publish::Plan { number: 1, at: now(), by: "bench".to_owned(), changes });
        book
    };
    let catalog: Catalog = book.catalog();
    let catalogs = Arc::new(Catalogs::default());
    catalogs.add(catalog);
    let config = config(&folder(base, "events"));
    let (log, state) = boot::open(&config).expect("a store");
    let options = boot::node_options(&config);
    let clock: cauce_engine::node::Clock = Arc::new(now);
    let node = Node::start(options, log, state, catalogs, clock, Arc::new(Silent), &|_| {})
        .expect("a node");
    for partition in 0..PARTITIONS {
        let body = Body::Publish { plan: 1 };
        let publish = Input { at: now(), trace: TraceId::default(), body };
        node.append(partition, &publish, Wait::None).expect("room");
    }
    let people = 1_000_000u64;
    let total = 1_500_000u64;
    let mut worst: f64 = f64::MAX;
    let started = Instant::now();
    let mut mark = (Instant::now(), node.taken());
    for n in 0..total {
        while n % 256 == 0 && node.lag() > 5_000 {
            std::thread::sleep(Duration::from_micros(200));
        }
        let event = event(person(n, people), n, "order_completed", now(), false);
        node.append(home(&event), &input(event), Wait::None).expect("room");
        if mark.0.elapsed() > Duration::from_secs(2) {
            let rate = (node.taken() - mark.1) as f64 / mark.0.elapsed().as_secs_f64();
            worst = worst.min(rate);
            mark = (Instant::now(), node.taken());
        }
    }
    while node.lag() > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let rate = total as f64 / started.elapsed().as_secs_f64();
    println!("events: {rate:.0}/s durable through the whole decision (worst 2 s: {worst:.0}/s)");
    println!("  log alone, groups of 512: {alone:.0}/s; ratio {:.2}", rate / alone);
    println!("  resident {} MB", resident_mb());
    node.stop();
}

/// Event to the provider's acceptance at a steady 5,000 events a second, one in fifty sends.
async fn latency(base: &Path) {
    let sink = Sink::start(Script::default()).await.expect("a port");
    let base = folder(base, "latency");
    let running = start(&base, &definitions(smtp(sink.port()), plain_sender())).await;
    let app = running.app.clone();
    tokio::task::block_in_place(|| people_move_in(&app, 20_000));
    let before = sink.messages();
    let mut handed = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
    let mut changes = Vec::new();
    let started = Instant::now();
    let seconds = 10u64;
    let mut asked = 0u64;
    for n in 0..5_000 * seconds {
        let due = started + Duration::from_micros(n * 200);
        let now_at = Instant::now();
        if due > now_at {
            tokio::time::sleep(due - now_at).await;
        }
        let sends = n % 50 == 0;
        let name = if sends { "asked" } else { "order_completed" };
        let event = event(person(n, 20_000), n, name, now(), false);
        app.node.append(home(&event), &input(event), Wait::None).expect("room");
        if sends {
            asked += 1;
            changes.push((due, asked));
        }
        // How long until the sink has as many as were asked for by then.
        let arrived = sink.messages() as u64 - before as u64;
        while let Some((due, nth)) = changes.first().copied() {
            if arrived < nth {
                break;
            }
            handed.record(due.elapsed().as_micros() as u64).expect("in range");
            changes.remove(0);
        }
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    println!(
        "latency: event → accepted by SMTP at 5,000 events/s: p50 {:.1} ms, p99 {:.1} ms, max \
            {:.1} ms ({} of {asked} messages measured)",
        handed.value_at_quantile(0.5) as f64 / 1e3,
        handed.value_at_quantile(0.99) as f64 / 1e3,
        handed.max() as f64 / 1e3,
        handed.len()
    );
    drop(app);
    running.stop().await;
}

/// A campaign into a local sink: unsigned, Ed25519, RSA-2048.
async fn campaign(base: &Path) {
    let people = 100_000;
    for (name, algorithm) in
        [("unsigned", None), ("ed25519", Some("ed25519")), ("rsa-2048", Some("rsa"))]
    {
        let base = folder(base, &format!("campaign-{name}"));
        let sink = Sink::start(Script::default()).await.expect("a port");
        let mut sender = plain_sender();
        if let Some(algorithm) = algorithm {
            let key = match algorithm {
                "rsa" => Key::generate_rsa(),
                _ => Key::generate_ed25519(),
            };
            let file = base.join("key.pem");
            std::fs::write(&file, key.and_then(|key| key.to_pem()).expect("a key"))
                .expect("a file");
            sender["dkim"] = json!([{ "selector": "s1", "algorithm": algorithm,
                                      "key": format!("file:{}", file.display()) }]);
        }
        let running = start(&base, &definitions(smtp(sink.port()), sender)).await;
        let app = running.app.clone();
        let people = if algorithm == Some("rsa") { people / 5 } else { people };
        tokio::task::block_in_place(|| people_move_in(&app, people));
        let started = Instant::now();
        app.start_campaign("news", "bench").await.expect("a campaign");
        while (sink.messages() as u32) < people {
            tokio::time::sleep(Duration::from_millis(5)).await;
            if started.elapsed() > Duration::from_secs(180) {
                println!("campaign {name}: only {} of {people} after 180 s", sink.messages());
                break;
            }
        }
        let rate = f64::from(people) / started.elapsed().as_secs_f64();
        println!("campaign: {rate:.0} messages/s into a local sink, {name} ({people} messages)");
        drop(app);
        running.stop().await;
    }
}

/// A segment built from history while nothing else happens.
async fn segment(base: &Path) {
    let (people, per_person) = (200_000u32, 20u64);
    let base = folder(base, "segment");
    let catch_all = json!({ "channel": "email", "catch-all": {} });
    let mut wanted = definitions(catch_all, plain_sender());
    wanted.retain(|(kind, _), _| !matches!(kind, Kind::Segment | Kind::Campaign));
    let running = start(&base, &wanted).await;
    let app = running.app.clone();
    let loading = Instant::now();
    tokio::task::block_in_place(|| {
        for n in 0..u64::from(people) * per_person {
            while n % 256 == 0 && app.node.lag() > 20_000 {
                std::thread::sleep(Duration::from_micros(200));
            }
            let at = Timestamp(now().0 - (hash64(&[&n.to_be_bytes()]) % 300) as i64 * 86_400_000);
            let event = event((n % u64::from(people)) as u32, n, "order_completed", at, true);
            let mut input = input(event);
            input.at = now();
            app.node.append(home_of(&input), &input, Wait::None).expect("room");
        }
        caught_up(&app);
    });
    let loaded = loading.elapsed().as_secs_f64();
    let body = publish::Body::read(Kind::Segment, json!({ "rule": rules()[1].1 })).expect("a rule");
    let wanted = BTreeMap::from([((Kind::Segment, "big".to_owned()), body)]);
    let started = Instant::now();
    app.apply(&wanted, false, "bench").await.expect("a plan");
    loop {
        let built = app.ask(0, |p| {
            use cauce_core::state::{Key, Row, Rows};
            match p.rows().get(&Key::Builds) {
                Some(Row::Builds(builds)) => builds.segments.values().all(|b| b.1 == u32::MAX),
                _ => false,
            }
        });
        let built = built.await.unwrap_or_default();
        if built && app.node.lag() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    let events = f64::from(people) * per_person as f64;
    println!(
        "segment: built over {people} profiles and {events:.0} events in {seconds:.1} s ({:.0} \
            events/s)",
        events / seconds
    );
    println!(
        "  loading them took {loaded:.1} s ({:.0} events/s); resident {} MB",
        events / loaded,
        resident_mb()
    );
    drop(app);
    running.stop().await;
}

fn home_of(input: &Input) -> u16 {
    match &input.body {
        Body::Event(event) => home(event),
        _ => 0,
    }
}

/// Processor time and memory of an empty server, and of one with many pending timers.
async fn idle(base: &Path) {
    let base = folder(base, "idle");
    let catch_all = json!({ "channel": "email", "catch-all": {} });
    let running = start(&base, &definitions(catch_all, plain_sender())).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!(
        "idle, empty: {:.2} % of a core, {} MB",
        processor_share(Duration::from_secs(10)).await,
        resident_mb()
    );
    let app = running.app.clone();
    let people = 1_000_000u32;
    tokio::task::block_in_place(|| {
        for person in 0..people {
            while person % 256 == 0 && app.node.lag() > 20_000 {
                std::thread::sleep(Duration::from_micros(200));
            }
            // A rolling window: each profile has a timer in 30 to 90 days.
            let event = event(person, u64::from(person), "order_completed", now(), false);
            app.node.append(home(&event), &input(event), Wait::None).expect("room");
        }
        caught_up(&app);
    });
    tokio::time::sleep(Duration::from_secs(20)).await;
    println!(
        "idle, {people} profiles with a pending timer each: {:.2} % of a core, {} MB",
        processor_share(Duration::from_secs(10)).await,
        resident_mb()
    );
    drop(app);
    running.stop().await;
}

fn resident_mb() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = text.split(' ').nth(1).and_then(|n| n.parse().ok()).unwrap_or_default();
    pages * 4 / 1024
}

fn processor_ticks() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> =
        text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |n: usize| fields.get(n).and_then(|n| n.parse::<u64>().ok()).unwrap_or_default();
    field(11) + field(12)
}

async fn processor_share(span: Duration) -> f64 {
    let before = processor_ticks();
    tokio::time::sleep(span).await;
    (processor_ticks() - before) as f64 / span.as_secs_f64()
}

fn main() {
    let names: Vec<String> =
        std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let wants = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let base = tempfile::tempdir().expect("a folder");
    println!(
        "{} cores; load and server share them",
        std::thread::available_parallelism().map_or(0, usize::from)
    );
    if wants("events") {
        events(base.path());
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        if wants("latency") {
            latency(base.path()).await;
        }
        if wants("campaign") {
            campaign(base.path()).await;
        }
        if wants("segment") {
            segment(base.path()).await;
        }
        if wants("idle") {
            idle(base.path()).await;
        }
    });
}
