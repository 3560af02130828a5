//! A year of a real shop (UCI *Online Retail*) in many orders: it must end in one and the same
//! state, whoever came first, however often it was said, and wherever two names became one person.

use crate::people;
use crate::rng::Rng;
use crate::same::cluster::Cluster;
use crate::same::equal::Run;
use crate::world::{self, World};
use cauce_core::event::Event;
use cauce_core::ids::hash64;
use cauce_core::input::Body;
use cauce_core::profile::{Alias, ConsentFact, ConsentState};
use cauce_core::publish::Kind;
use cauce_core::time::{Duration, Timestamp};
use cauce_core::value::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Partitions; one that both names of a person share is as likely as any.
const PARTITIONS: u16 = 4;
/// When everything is received: behind the last order of the year (2011-12-09).
const RECEIVED: Timestamp = Timestamp(1_323_475_200_000);

/// An order as the file has it: several rows, which need not be neighbours.
struct Order {
    buyer: u32,
    at: Timestamp,
    pence: i64,
    country: String,
}

/// Rules of every kind that keeps something per person.
const RULES: [(&str, &str); 10] = [
    ("big-spenders", "sum(order_completed.total, last 90d) > 500"),
    ("lapsed-regulars", "count(order_completed) >= 3 and count(order_completed, last 60d) = 0"),
    ("one-order", "count(order_completed) = 1"),
    ("average", "average(order_completed.total) >= 400"),
    ("largest", "max(order_completed.total, last 6 calendar months) >= 1000"),
    ("places", "distinct(order_completed.country) >= 2"),
    ("mostly", "most frequent(order_completed.country, last 365d) = \"France\""),
    ("first", "first value(order_completed.total) > 300"),
    (
        "again",
        "sequence(order_completed, then order_completed within 7d, then not order_cancelled)",
    ),
    ("both", "in segment big-spenders and not in segment one-order"),
];

fn world() -> World {
    let world = World::default();
    let mut written = world::basics();
    written.push((Kind::Policy, "policy", world::calm_policy()));
    written.extend(RULES.map(|(name, rule)| (Kind::Segment, name, json!({ "rule": rule }))));
    world.publish(&written);
    world
}

/// `2010-12-01 08:26:00`; the shop's wall is taken for UTC, since only the order matters here.
fn instant(text: &str) -> Option<Timestamp> {
    format!("{}Z", text.replace(' ', "T")).parse().ok()
}

/// Pence of `2.55`; the file has prices of three decimals, which are cut.
fn pence(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = format!("{part:0<2}");
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    Some(whole.parse::<i64>().ok()? * 100 + sign * part.get(..2)?.parse::<i64>().ok()?)
}

/// The file's orders and cancellations by number.
fn orders(file: &Path) -> Result<BTreeMap<String, Order>, String> {
    let said = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let bytes = std::fs::File::open(file).map_err(|error| said(&error))?;
    let bytes = zstd::Decoder::new(bytes).map_err(|error| said(&error))?;
    let mut orders = BTreeMap::new();
    for (line, row) in csv::Reader::from_reader(bytes).into_records().enumerate() {
        let row = row.map_err(|error| said(&error))?;
        let field = |n: usize| row.get(n).unwrap_or_default();
        let Some(buyer) = field(6).split('.').next().and_then(|id| id.parse().ok()) else {
            continue; // Nobody named.
        };
        let read = (instant(field(4)), field(3).parse::<i64>().ok(), pence(field(5)));
        let (Some(at), Some(quantity), Some(price)) = read else {
            return Err(said(&format!("line {} is no order", line + 2)));
        };
        let first = || Order { buyer, at, pence: 0, country: field(7).to_owned() };
        let order = orders.entry(field(0).to_owned()).or_insert_with(first);
        order.at = order.at.min(at);
        order.pence += quantity * price;
    }
    Ok(orders)
}

fn named(namespace: &str, buyer: u32) -> Alias {
    Alias { namespace: namespace.to_owned(), value: format!("c{buyer}") }
}

/// What the shop's year says: orders under one of two names, and at times that both are one person,
/// that news are welcome, and that they are not.
fn events(orders: &BTreeMap<String, Order>) -> Vec<Event> {
    let mut events = Vec::new();
    let mut say = |key: &str, name: &str, aliases: Vec<Alias>, at: Timestamp| {
        let id = u128::from(hash64(&[key.as_bytes(), name.as_bytes()]));
        let mut event = people::event(id, name, aliases, at);
        (event.received_at, event.historical) = (RECEIVED, true);
        events.push(event);
        events.len() - 1
    };
    let mut told = Vec::new();
    for (number, order) in orders {
        let bought = !number.starts_with('C');
        let name = if bought { "order_completed" } else { "order_cancelled" };
        // By the number's last digit, so that most people are known under both names.
        let browsing = number.ends_with(['1', '4', '7']);
        let who = named(if browsing { "anonymous_id" } else { "user_id" }, order.buyer);
        told.push((say(number, name, vec![who], order.at), order, true));
        if number.ends_with('5') {
            let both = ["user_id", "anonymous_id"].map(|name| named(name, order.buyer));
            told.push((say(number, "identify", both.into(), order.at), order, false));
        }
        if number.ends_with(['0', '9']) {
            let who = vec![named("user_id", order.buyer)];
            told.push((say(number, "consent_changed", who, order.at), order, false));
        }
    }
    for (place, order, is_order) in told {
        let event: &mut Event = &mut events[place];
        if is_order {
            event.properties.insert("total".to_owned(), pounds(order.pence));
            event.properties.insert("country".to_owned(), Value::from(order.country.as_str()));
            event.attributes.insert("country".to_owned(), Value::from(order.country.as_str()));
        }
        if event.name == "consent_changed" {
            let no = order.pence % 2 == 0;
            event.consents.push(ConsentFact {
                topic: "news".to_owned(),
                channel: None,
                state: if no { ConsentState::Withdrawn } else { ConsentState::Granted },
                source: "order form".to_owned(),
                wording: None,
                ip: None,
            });
        }
    }
    events
}

fn pounds(pence: i64) -> Value {
    let text = json!(pence as f64 / 100.0);
    Value::from_json(text).expect("a number of pence is a number")
}

/// The year in one order, a third of it said twice; what everybody is at its end.
fn lived(world: &Arc<World>, events: &[Event], seed: u64) -> BTreeMap<String, String> {
    let mut rng = Rng::new(seed);
    let mut said: Vec<&Event> = events.iter().collect();
    if seed > 0 {
        said.extend(events.iter().filter(|_| rng.per_mille(333)));
        for place in (1..said.len()).rev() {
            said.swap(place, rng.below(place + 1));
        }
    }
    let mut run = Run::at(Cluster::new(PARTITIONS, world.clone()), RECEIVED);
    for event in said {
        run.say(&Body::Event(Box::new(event.clone())));
    }
    // Windows end by the clock alone.
    run.pass(Duration::DAY.times(20));
    run.people_with_rows()
}

/// What the year came to.
pub struct Year {
    /// Events of the file.
    pub events: usize,
    /// Profiles at the end, and how many of them have both names.
    pub profiles: (usize, usize),
    /// The hash of everybody's state, by shuffle; the first is the year in the file's order.
    pub hashes: Vec<u64>,
    /// The first difference, if there is one.
    pub difference: Option<String>,
}

/// Lives the year in the order of the file and in `shuffles` others, on as many threads.
///
/// # Errors
/// The file cannot be read, or is not what it is said to be.
pub fn year(file: &Path, shuffles: u64, threads: usize) -> Result<Year, String> {
    let events = events(&orders(file)?);
    let world = Arc::new(world());
    let first = lived(&world, &events, 0);
    let next = AtomicU64::new(1);
    let hash = |people: &BTreeMap<String, String>| {
        people.iter().fold(0, |hash: u64, (name, state)| {
            hash64(&[&hash.to_le_bytes(), name.as_bytes(), state.as_bytes()])
        })
    };
    let found = Mutex::new((BTreeMap::from([(0, hash(&first))]), None));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > shuffles {
                        break;
                    }
                    let people = lived(&world, &events, seed);
                    let mut found = found.lock().expect("no shuffle panics while it adds up");
                    found.0.insert(seed, hash(&people));
                    let other = |name: &&String| first.get(*name) != people.get(*name);
                    if let Some(name) = first.keys().chain(people.keys()).find(other) {
                        let nobody = "nobody".to_owned();
                        let (a, b) = (first.get(name), people.get(name));
                        let (a, b) = (a.unwrap_or(&nobody), b.unwrap_or(&nobody));
                        found.1 = Some(format!("shuffle {seed}, {name}:\n- {a}\n+ {b}"));
                    }
                }
            });
        }
    });
    let (hashes, difference) = found.into_inner().expect("no shuffle panics while it adds up");
    let both = first.keys().filter(|names| names.contains(' ')).count();
    Ok(Year {
        events: events.len(),
        profiles: (first.len(), both),
        hashes: hashes.into_values().collect(),
        difference,
    })
}
