//! The figures of `docs/benchmarks.md`, each as a ratio to a stated limit in the same run.
//!
//! `cargo xtask bench [NAME…]`; names: `events`, `clock`, `latency`, `campaign`, `mixed`, `otp`,
//! `lookup`, `segment`, `rules`, `idle`, and the long ones, only if named: `segment-full`,
//! `otp-full`, `working-set`, `working-set-limit`, `shared`. The load and the server share the
//! machine's cores, and both are counted.

mod asking;
mod events;
mod limits;
mod looking;
mod rules;
mod sending;
mod shared;
mod state;

use cauce_channels::email::dkim::Key;
use cauce_channels::sink::{Script, Sink};
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

/// A person out of `people`, some much more often than others (Zipf-like: a power of the draw).
fn person(n: u64, people: u64) -> u32 {
    skewed(n, people, 3)
}

fn skewed(n: u64, people: u64, power: i32) -> u32 {
    let draw = hash64(&[&n.to_be_bytes(), &1u64.to_be_bytes()]) % 1_000_000_007;
    ((draw as f64 / 1_000_000_007.0).powi(power) * people as f64) as u32
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
    if let Err(refusal) =
        running.app.apply(wanted, &cauce_core::publish::Removal::Nothing, "bench").await
    {
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

/// Orders of the last 300 days, so many of each person.
fn history(app: &App, people: u32, each: u64) {
    for n in 0..u64::from(people) * each {
        while n % 256 == 0 && app.node.lag() > 20_000 {
            std::thread::sleep(Duration::from_micros(200));
        }
        let at = Timestamp(now().0 - (hash64(&[&n.to_be_bytes()]) % 300) as i64 * 86_400_000);
        let event = event((n % u64::from(people)) as u32, n, "order_completed", at, true);
        let home = home(&event);
        let mut input = input(event);
        input.at = now();
        app.node.append(home, &input, Wait::None).expect("room");
    }
    caught_up(app);
}

/// Waits until every segment of what is published is built in every partition.
async fn segments_are_built(app: &App) {
    use cauce_core::state::{Key, Row, Rows};
    let plan = app.book().plan;
    loop {
        let asked = (0..app.node.partitions()).map(|partition| {
            app.ask(partition, move |p| {
                match (p.rows().get(&Key::Meta), p.rows().get(&Key::Builds)) {
                    (Some(Row::Meta(meta)), Some(Row::Builds(builds))) => {
                        meta.plan >= plan && builds.segments.values().all(|b| b.1 == u32::MAX)
                    }
                    _ => false,
                }
            })
        });
        let built = futures_util::future::join_all(asked).await;
        if built.into_iter().all(Option::unwrap_or_default) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
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
    let named = |name: &str| names.iter().any(|wanted| wanted == name);
    let wants = |name: &str| names.is_empty() || named(name);
    let base = tempfile::tempdir().expect("a folder");
    println!(
        "{} cores; load and server share them",
        std::thread::available_parallelism().map_or(0, usize::from)
    );
    if wants("events") {
        events::events(base.path());
    }
    if wants("clock") {
        events::clock(base.path());
    }
    if wants("rules") {
        rules::rules(base.path());
    }
    if named("working-set") {
        events::working_set(base.path());
    }
    if named("working-set-limit") {
        events::working_set_limit(base.path());
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        if wants("latency") {
            sending::latency(base.path()).await;
        }
        if wants("campaign") {
            sending::campaign(base.path()).await;
        }
        if wants("mixed") {
            asking::mixed(base.path()).await;
        }
        if wants("otp") {
            asking::otp(base.path(), 100_000).await;
        }
        if named("otp-full") {
            asking::otp(base.path(), 1_000_000).await;
        }
        if wants("lookup") {
            looking::lookup(base.path()).await;
        }
        if wants("segment") {
            state::segment(base.path(), 200_000).await;
        }
        if named("segment-full") {
            state::segment(base.path(), 1_000_000).await;
        }
        if named("shared") {
            shared::shared(base.path()).await;
        }
        if wants("idle") {
            state::idle(base.path()).await;
        }
    });
}
