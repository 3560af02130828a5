//! A shop with a few thousand people in several countries, whose behaviour goes on live.
//!
//! Everything goes the way that it would go for a stranger: events through the HTTP API,
//! definitions from `examples/shop`, e-mails over SMTP to a server that keeps them for the inbox.

use super::client::Client;
use super::{Server, serve};
use crate::config::Config;
use anyhow::Context;
use bytes::Bytes;
use cauce_channels::catch_all::CatchAll;
use cauce_channels::email::compose::Composed;
use cauce_channels::sink::{Script, Sink};
use cauce_core::ids::hash64;
use cauce_core::message::Channel;
use cauce_core::publish::{Body, Kind, Name, ProviderSource};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How the demonstration runs.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Runs the main things once, prints the ledger, and ends: 0 only if it balances.
    #[arg(long)]
    once: bool,
    /// The port.
    #[arg(long, default_value_t = 7070)]
    port: u16,
    /// People in the shop's past.
    #[arg(long, default_value_t = 3_000)]
    people: u32,
    /// The definitions.
    #[arg(long, default_value = "examples/shop")]
    definitions: PathBuf,
}

const COUNTRIES: [(&str, &str, &str, &str); 8] = [
    ("ES", "Europe/Madrid", "EUR", "es"),
    ("GB", "Europe/London", "GBP", "en"),
    ("US", "America/New_York", "USD", "en"),
    ("US", "America/Los_Angeles", "USD", "en"),
    ("MX", "America/Mexico_City", "MXN", "es"),
    ("JP", "Asia/Tokyo", "JPY", "en"),
    ("IN", "Asia/Kolkata", "INR", "en"),
    ("AR", "America/Argentina/Buenos_Aires", "ARS", "es"),
];
const NAMES: [&str; 12] = [
    "Ana",
    "Luis",
    "María José",
    "Jürgen",
    "Zoë",
    "Ravi",
    "Yuki",
    "Olga",
    "Nkechi",
    "Søren",
    "Chloé",
    "Iñaki",
];
const THINGS: [(&str, i64); 6] = [
    ("Copper kettle", 89),
    ("Linen apron", 35),
    ("Walnut board", 48),
    ("Salt cellar", 19),
    ("Cast-iron pan", 120),
    ("Tea towels", 12),
];

/// A number that depends on its arguments only: the same world at every start.
fn dice(person: u32, what: &str, sides: u64) -> u64 {
    hash64(&[&person.to_be_bytes(), what.as_bytes()]) % sides
}

fn ago(ms: i64) -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = since.map_or(0, |since| since.as_millis() as i64);
    cauce_core::time::Timestamp(now - ms).to_string()
}

fn days_ago(days: i64) -> String {
    ago(days * 86_400_000)
}

/// In how many seconds the last order of a person will be sixty days old, if it will during the
/// demonstration: then nothing but the clock makes them `lapsed`.
fn lapses_in(person: u32) -> Option<i64> {
    (dice(person, "lapsing", 25) == 0).then(|| 20 + dice(person, "lapses-in", 1_200) as i64)
}

/// What is known of one person of the past, as events.
fn past(person: u32) -> Vec<Value> {
    let (country, zone, currency, language) = COUNTRIES[dice(person, "country", 8) as usize];
    let name = NAMES[dice(person, "name", 12) as usize];
    let who = format!("p{person}");
    let since = 20 + dice(person, "since", 400) as i64;
    // One in eight never said yes; one in forty has no address.
    let mut signed_up = json!({
        "id": format!("{who}-signed-up"), "name": "signed_up", "user_id": who,
        "occurred_at": days_ago(since),
        "attributes": { "first_name": name, "country": country, "timezone": zone,
                        "currency": currency, "language": language },
    });
    if dice(person, "address", 40) != 0 {
        signed_up["email"] = format!("{who}@example.com").into();
    }
    if dice(person, "consent", 8) != 0 {
        signed_up["consents"] =
            json!([{ "topic": "news", "state": "granted", "source": "sign-up form" }]);
    }
    let mut events = vec![signed_up];
    if let Some(seconds) = lapses_in(person) {
        let (thing, price) = THINGS[dice(person, "last-thing", 6) as usize];
        events.push(json!({
            "id": format!("{who}-last"), "name": "order_completed", "user_id": who,
            "occurred_at": ago(60 * 86_400_000 - seconds * 1_000),
            "properties": { "total": price, "item": thing, "currency": currency },
        }));
        return events;
    }
    for order in 0..dice(person, "orders", 6) {
        let key = format!("order-{order}");
        let at = 1 + dice(person, &key, since as u64) as i64;
        let (thing, price) = THINGS[dice(person, &format!("{key}-thing"), 6) as usize];
        events.push(json!({
            "id": format!("{who}-{key}"), "name": "order_completed", "user_id": who,
            "occurred_at": days_ago(at),
            "properties": { "total": price * (1 + dice(person, &key, 3) as i64), "item": thing,
                            "currency": currency },
        }));
    }
    events
}

/// The cart that somebody fills in a moment, if one is filled: person, cart, thing and price.
fn cart(n: u32) -> Option<(String, String, &'static str, i64)> {
    let filled = matches!(dice(n, "live-what", 10), 2..=5);
    let (thing, price) = THINGS[dice(n, "live-thing", 6) as usize];
    let who = format!("p{}", dice(n, "live-person", 4_000));
    filled.then(|| (who, format!("cart-{n}"), thing, price))
}

/// What happens in one moment of the live shop.
fn moment(n: u32) -> Vec<Value> {
    let person = dice(n, "live-person", 4_000) as u32;
    let who = format!("p{person}");
    let (thing, price) = THINGS[dice(n, "live-thing", 6) as usize];
    match dice(n, "live-what", 10) {
        0 | 1 => {
            let fresh = format!("new{n}");
            let (country, zone, currency, language) = COUNTRIES[dice(n, "country", 8) as usize];
            vec![json!({
                "name": "signed_up", "user_id": fresh, "email": format!("{fresh}@example.com"),
                "attributes": { "first_name": NAMES[dice(n, "name", 12) as usize],
                                "country": country,
                                "timezone": zone, "currency": currency, "language": language },
                "consents": [{ "topic": "news", "state": "granted", "source": "sign-up form" }],
            })]
        }
        2..=5 => vec![json!({
            "name": "cart_updated", "user_id": who,
            "properties": { "cart_id": format!("cart-{n}"), "item": thing, "total": price },
        })],
        6..=8 => {
            // What was put into a cart a moment ago; of many carts nobody buys anything.
            let back = 1 + dice(n, "back", 12) as u32;
            let bought = (n.saturating_sub(back)..n).find_map(cart);
            let (who, cart, thing, price) =
                bought.unwrap_or_else(|| (who, format!("cart-{n}"), thing, price));
            vec![json!({
                "name": "order_completed", "user_id": who,
                "properties": { "cart_id": cart, "item": thing, "total": price },
            })]
        }
        _ => vec![json!({ "name": "page", "user_id": who, "properties": { "path": "/shop" } })],
    }
}

struct World {
    client: Client,
    sent: u64,
}

impl World {
    /// Reports events; waits and tries again when told to.
    async fn report(&mut self, events: &[Value], historical: bool) -> anyhow::Result<()> {
        let body: String = events.iter().map(|event| format!("{event}\n")).collect();
        let path = format!("/v1/events?historical={historical}");
        loop {
            let answer = self
                .client
                .ask("POST", &path, "application/x-ndjson", Bytes::from(body.clone()))
                .await?;
            match answer.status {
                202 => break,
                429 => {
                    let wait = Duration::from_secs(answer.retry_after_s.unwrap_or(1));
                    tokio::time::sleep(wait).await;
                }
                status => anyhow::bail!("{}", super::client::problem(&answer.body, status)),
            }
        }
        self.sent += events.len() as u64;
        Ok(())
    }

    async fn get(&mut self, path: &str) -> anyhow::Result<Value> {
        self.client.call("GET", path, None).await
    }

    /// Waits until a run has nothing left to do.
    async fn finished(&mut self, run: u64) -> anyhow::Result<Value> {
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            let shown = self.get(&format!("/v1/campaigns/runs/{run}")).await?;
            if shown["state"] == "done" {
                return Ok(shown);
            }
            anyhow::ensure!(Instant::now() < deadline, "the campaign did not end: {shown}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Runs it.
pub async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    serve::start_logging();
    let mut wanted = serve::wanted(&options.definitions)
        .with_context(|| format!("no definitions in `{}`", options.definitions.display()))?;
    let folder = serve::forgotten("demo")?;
    let port = if options.once { 0 } else { options.port };
    let mut config = Config {
        data: folder.path().to_owned(),
        listen: format!("127.0.0.1:{port}"),
        public_url: format!("http://127.0.0.1:{port}"),
        egress_private: true,
        development: true,
        ..Config::default()
    };
    if port == 0 {
        // Links need the port before it is known: take a free one.
        let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        config.listen = free.to_string();
        config.public_url = format!("http://{free}");
    }
    let mail = Sink::start(Script::default()).await?;
    by_smtp(&mut wanted, mail.port())?;
    let (running, address, served) = serve::start(&config).await?;
    serve::publish(&running, &wanted).await?;
    let inbox = running.app.inbox.clone();
    let key = running.first_key.clone().unwrap_or_default();
    let server = Server { server: format!("http://{address}"), key: Some(key.clone()) };
    let entry = serve::entry(&running, address).await?;
    let mut world = World { client: Client::new(&server)?, sent: 0 };
    let story = async {
        let balances = play(&mut world, options, address, (&key, &entry), (&mail, &inbox)).await?;
        if !options.once {
            live(&mut world).await?;
        }
        anyhow::Ok(balances)
    };
    let outcome = tokio::select! {
        () = deliver(&mail, &inbox) => unreachable!("the post never ends"),
        outcome = story => outcome,
    };
    running.stop().await;
    served.abort();
    drop(folder);
    match outcome {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::FAILURE),
        Err(error) => Err(error),
    }
}

/// Every provider that would only keep e-mails becomes the mail server of the demonstration; text
/// messages and pushes are kept.
fn by_smtp(wanted: &mut BTreeMap<Name, Body>, port: u16) -> anyhow::Result<()> {
    for ((kind, _), body) in wanted.iter_mut() {
        let keeps = |p: &ProviderSource| p.catch_all.is_some() && p.channel == Channel::Email;
        if *kind == Kind::Provider && matches!(body, Body::Provider(p) if keeps(p)) {
            let document = json!({ "channel": "email", "smtp": {
                "host": "127.0.0.1", "port": port, "tls": "none", "connections": 4 } });
            *body = Body::read(Kind::Provider, document).map_err(|faults| {
                anyhow::anyhow!("the provider of the demonstration: {faults:?}")
            })?;
        }
    }
    Ok(())
}

/// Brings what the mail server took into the inbox page.
async fn deliver(mail: &Sink, inbox: &CatchAll) {
    loop {
        for letter in mail.take_received() {
            let text = String::from_utf8_lossy(&letter.bytes);
            let id = text.split("Message-ID: <").nth(1).and_then(|rest| rest.split('@').next());
            let Some(message) = id.and_then(|id| id.parse().ok()) else { continue };
            let bare = |path: &str| path.split(['<', '>']).nth(1).unwrap_or(path).to_owned();
            inbox.accept(&Composed {
                message,
                sender: bare(&letter.sender),
                recipient: letter.recipients.first().map(|to| bare(to)).unwrap_or_default(),
                international: false,
                bytes: letter.bytes,
            });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The past, one campaign, one journey, one order: then the ledger.
async fn play(
    world: &mut World,
    options: &Options,
    address: std::net::SocketAddr,
    (key, entry): (&str, &str),
    (mail, inbox): (&Sink, &CatchAll),
) -> anyhow::Result<bool> {
    println!("A shop with {} people moves in…", options.people);
    let bar = indicatif::ProgressBar::new(u64::from(options.people));
    for first in (0..options.people).step_by(100) {
        let events: Vec<Value> =
            (first..(first + 100).min(options.people)).flat_map(past).collect();
        world.report(&events, true).await?;
        bar.inc(100);
    }
    bar.finish_and_clear();
    for n in 0..60 {
        world.report(&moment(n), false).await?;
    }
    let order = json!({ "template": "order-confirmation", "to": { "email": "p1@example.com" },
                        "payload": { "order_id": "4711", "total": 89, "item": "Copper kettle" },
                        "idempotency_key": "order-4711" });
    let first = world.client.call("POST", "/v1/messages", Some(&order)).await?;
    let again = world.client.call("POST", "/v1/messages", Some(&order)).await?;
    anyhow::ensure!(first["id"] == again["id"], "one key, two messages");
    let elsewhere = shipped(world).await?;
    let started = world.client.call("POST", "/v1/campaigns/monthly/start", None).await?;
    let run = started["run"].as_u64().unwrap_or_default();
    let done = world.finished(run).await?;
    let segments = world.get("/v1/segments").await?;
    let message = settled(world, first["id"].as_str().unwrap_or_default()).await?;
    let missed = missed(world, options.people).await?;

    println!("\nThe ledger of the campaign `monthly`:");
    let balance = &done["balance"];
    for term in ["target", "planned", "sent", "refused", "failed", "unknown", "pending"] {
        println!("  {term:<10} {:>7}", balance[term].to_string());
    }
    for (reason, count) in balance["refusals"].as_object().into_iter().flatten() {
        println!("    refused {:>6}  {reason}", count.to_string());
    }
    println!("\nSegments:");
    for segment in segments["segments"].as_array().into_iter().flatten() {
        println!(
            "  {:<22} {:>7}",
            segment["name"].as_str().unwrap_or_default(),
            segment["members"]
        );
    }
    println!(
        "\nThe order confirmation is {}.",
        message["state"]["state"].as_str().unwrap_or("missing")
    );
    let arrived = told(world, &elsewhere).await?;
    match &missed {
        Some(who) => println!("{who} has lapsed by the clock alone and is missed."),
        None => println!("Nobody has lapsed: the clock moved nobody."),
    }
    let exact = recounted(world, mail, inbox).await?;
    let balances = balance["balances"] == true
        && balance["pending"] == 0
        && balance["sent"].as_u64() > Some(0)
        && message["state"]["state"] == "accepted"
        && arrived
        && missed.is_some()
        && exact;
    println!("\nThe ledger {}.", if balances { "balances" } else { "DOES NOT BALANCE" });
    if !options.once {
        println!("\n  sign in {entry}  (once)");
        println!("  inbox   http://{address}/inbox\n  key     {key}\n");
        let id = first["id"].as_str().unwrap_or_default();
        println!("  cauce explain {id} --server http://{address} --key {key}");
        println!("\nThe shop goes on. Ctrl-C ends it; nothing is kept.");
    }
    Ok(balances)
}

/// The first of those who lapse during the demonstration that the journey `win-back` wrote to, or
/// refused to write to for a reason.
async fn missed(world: &mut World, people: u32) -> anyhow::Result<Option<String>> {
    let lapsing = (0..people).filter_map(|person| Some((lapses_in(person)?, person)));
    let mut lapsing: Vec<_> = lapsing.collect();
    lapsing.sort_unstable();
    let deadline = Instant::now() + Duration::from_secs(90);
    while Instant::now() < deadline {
        for (_, person) in lapsing.iter().take(12) {
            let who = format!("p{person}");
            let shown = world.get(&format!("/v1/messages?to=user_id:{who}")).await?;
            let mut messages = shown["messages"].as_array().into_iter().flatten();
            if messages.any(|message| message["source"]["journey"] == "win-back") {
                return Ok(Some(who));
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(None)
}

/// Somebody's parcel is on its way: said to their telephone and to their app. The messages' ids.
async fn shipped(world: &mut World) -> anyhow::Result<(String, String)> {
    let known = json!({ "name": "device_registered", "user_id": "p1",
                        "aliases": { "phone": "+34600112233" },
                        "properties": { "platform": "android", "token": "demo-device-1",
                                        "app": "example.shop" } });
    // What is asked for next needs it.
    let path = "/v1/events?applied=true";
    let body = Bytes::from(known.to_string());
    let answer = world.client.ask("POST", path, "application/x-ndjson", body).await?;
    anyhow::ensure!(
        answer.status == 202,
        "{}",
        super::client::problem(&answer.body, answer.status)
    );
    world.sent += 1;
    let mut ids = Vec::new();
    for template in ["on-its-way", "parcel"] {
        let asked = json!({ "template": template, "to": { "user_id": "p1" },
                            "payload": { "order_id": "4711", "day": "Thursday" },
                            "idempotency_key": format!("{template}-4711") });
        let made = world.client.call("POST", "/v1/messages", Some(&asked)).await?;
        ids.push(made["id"].as_str().unwrap_or_default().to_owned());
    }
    let push = ids.pop().unwrap_or_default();
    Ok((ids.pop().unwrap_or_default(), push))
}

/// Whether both of them arrived; says so.
async fn told(world: &mut World, (text, push): &(String, String)) -> anyhow::Result<bool> {
    let mut arrived = true;
    for (what, id) in [("text message", text), ("push", push)] {
        let shown = settled(world, id).await?;
        let state = shown["state"]["state"].as_str().unwrap_or("missing").to_owned();
        println!("The {what} that the parcel is on its way is {state}.");
        arrived &= state == "accepted";
    }
    Ok(arrived)
}

/// Whether the whole ledger agrees with what the mail server and the inbox counted by themselves,
/// message for message; prints both.
async fn recounted(world: &mut World, mail: &Sink, inbox: &CatchAll) -> anyhow::Result<bool> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let letters = mail.messages();
        let [texts, pushes] = [Channel::Sms, Channel::Push].map(|by| inbox.taken_by(by) as usize);
        let taken = letters + texts + pushes;
        let answer = world.client.ask("GET", "/v1/messages/export", "", Bytes::new()).await?;
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        // Many lines are no JSON document, and one line is one.
        let one = answer.body.is_object().then(|| answer.body.to_string());
        let lines = one.as_deref().or(answer.body.as_str()).unwrap_or_default();
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let message: Value = serde_json::from_str(line)?;
            let source = &message["source"];
            let names = [&source["journey"], &source["campaign"], &source["kind"]];
            let source = names.iter().find_map(|name| name.as_str()).unwrap_or_default();
            let state = message["state"]["state"].as_str().unwrap_or_default();
            *counts.entry((source.to_owned(), state.to_owned())).or_default() += 1;
        }
        let accepted = counts.iter().filter(|((_, state), _)| state == "accepted");
        let accepted: usize = accepted.map(|(_, count)| count).sum();
        // Journeys go on meanwhile: both are read again until nothing was under way between them.
        let exact = accepted == taken;
        if exact || Instant::now() > deadline {
            println!("\nThe ledger of all messages:");
            for ((source, state), count) in &counts {
                println!("  {source:<22} {state:<10} {count:>7}");
            }
            println!(
                "The mail server took {letters} messages over {} connections, the inbox {texts} \
                 text messages and {pushes} pushes; the ledger has {accepted} accepted.",
                mail.connections()
            );
            return Ok(exact);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn settled(world: &mut World, id: &str) -> anyhow::Result<Value> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let message = world.get(&format!("/v1/messages/{id}")).await?;
        let state = message["state"]["state"].as_str().unwrap_or_default();
        if !matches!(state, "queued" | "attempting") || Instant::now() > deadline {
            return Ok(message);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The shop goes on until somebody ends it.
async fn live(world: &mut World) -> anyhow::Result<()> {
    let mut n = 1_000;
    loop {
        tokio::select! {
            () = serve::asked_to_end() => return Ok(()),
            () = tokio::time::sleep(Duration::from_millis(700)) => {}
        }
        world.report(&moment(n), false).await?;
        n += 1;
    }
}
