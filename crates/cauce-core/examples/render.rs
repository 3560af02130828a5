//! Measures rendering: a 3 KB HTML template with fourteen outputs, a loop of five and an `if`.
//! `cargo run --release -p cauce-core --example render`
#![allow(clippy::disallowed_types)] // a measurement needs a clock

use cauce_core::template::{Escape, Options, parse, render};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: u32 = 200_000;

fn main() {
    let text = template();
    let compiled = parse(&text, &BTreeMap::new()).expect("the template is sound");
    let globals: Value = serde_json::from_str(GLOBALS).expect("the globals are JSON");
    let options = Options { escape: Escape::Html, ..Options::new(Timestamp(1_700_000_000_000)) };
    let first = render(&compiled, &globals, &options).expect("the template renders");
    println!("source {} bytes, output {} bytes", text.len(), first.len());

    let start = Clock::start();
    for _ in 0..ROUNDS {
        black_box(render(black_box(&compiled), &globals, &options).expect("as before"));
    }
    report("render", start, ROUNDS);

    let start = Clock::start();
    for _ in 0..ROUNDS / 10 {
        black_box(parse(black_box(&text), &BTreeMap::new()).expect("as before"));
    }
    report("parse", start, ROUNDS / 10);
}

/// Time on the cpu where the system tells it, so that a busy machine does not count; else
/// the clock on the wall.
struct Clock {
    wall: Instant,
    cpu: Option<f64>,
}

impl Clock {
    fn start() -> Clock {
        Clock { wall: Instant::now(), cpu: cpu_seconds() }
    }

    fn seconds(&self) -> f64 {
        match (self.cpu, cpu_seconds()) {
            (Some(start), Some(end)) => end - start,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanos: f64 = text.split(' ').next()?.parse().ok()?;
    Some(nanos / 1e9)
}

fn report(what: &str, clock: Clock, rounds: u32) {
    let each = clock.seconds() / f64::from(rounds) * 1e6;
    println!("{what}: {each:.2} µs each, {:.0} a second on one core", 1e6 / each);
}

const GLOBALS: &str = r#"{
  "profile": {"first_name": "Ada & Co", "last_name": "Lovelace", "city": "London", "plan": "gold",
    "points": 1280, "locale": "en-GB"},
  "event": {"order_id": "A-1007", "total": 129.95, "currency": "EUR", "items": [
    {"title": "Blue pen", "price": 1.5, "count": 2}, {"title": "Ink", "price": 12, "count": 1},
    {"title": "Paper", "price": 8.25, "count": 4},
    {"title": "Desk \"Oak\"", "price": 99, "count": 1},
    {"title": "Lamp", "price": 20, "count": 1}]},
  "message": {"unsubscribe_url": "https://example.com/u/abcdef",
    "view_url": "https://example.com/v/1"}
}"#;

fn template() -> String {
    let filler = "<p style=\"margin:0 0 16px;font:16px/24px Arial,sans-serif;color:#222\">\
                  Thank you for shopping with us; we hope to see you again very soon.</p>\n";
    let mut text = String::from(
        "<html><body>\n<h1>Hello {{ profile.first_name | default: \"there\" }} \
         {{ profile.last_name }}</h1>\n<p>Order {{ event.order_id }} to {{ profile.city }}: \
         {{ event.total }} {{ event.currency }}.</p>\n<table><tbody>\n{% for item in event.items %}\
         <tr><td>{{ item.title }}</td><td>{{ item.count }}</td><td>{{ item.price }}</td></tr>\n\
         {% endfor %}</tbody></table>\n{% if profile.plan == \"gold\" %}<p>{{ profile.points }} \
         points</p>{% else %}<p>Join</p>{% endif %}\n<a href=\"{{ message.view_url }}\">View</a>\
         <a href=\"{{ message.unsubscribe_url }}\">Leave</a> {{ profile.locale }} \
         {{ event.order_id }}\n",
    );
    while text.len() < 3_000 {
        text.push_str(filler);
    }
    text.push_str("</body></html>\n");
    text
}
