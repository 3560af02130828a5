//! What one event costs: expire, apply and evaluate, over rules of a shop.
//!
//! `cargo run --release -p cauce-core --example segment_cost`
#![allow(clippy::disallowed_types)] // a measurement reads the clock

use cauce_core::event::{Properties, TimelineRow};
use cauce_core::ids::{EventId, hash64};
use cauce_core::profile::Attributes;
use cauce_core::segment::{
    AggregateId, AggregateState, Calendar, Compiled, Facts, Tallies, compile, evaluate, parse,
};
use cauce_core::time::{Duration, Timestamp};
use cauce_core::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

const EVENTS: u64 = 200_000;
const RULES: [(&str, &str); 4] = [
    ("big spender", "sum(order_completed.total, last 90d) > 500"),
    ("lapsed", "count(order_completed) >= 3 and count(order_completed, last 60d) = 0"),
    ("first order", "count(order_completed) = 1"),
    (
        "filtered",
        "count(order_completed where total > 50 and category in (\"a\", \"b\"), last 90d) >= 3",
    ),
];

fn main() {
    let rows: Vec<TimelineRow> = (0..EVENTS).map(row).collect();
    for (name, text) in RULES {
        let compiled = compile(parse(text).expect("the rule reads")).0;
        measure(name, &compiled, &rows);
    }
    let text = RULES[3].1;
    let start = Instant::now();
    for _ in 0..1_000 {
        std::hint::black_box(compile(parse(text).expect("the rule reads")));
    }
    println!("{:<12} parse and compile {:>6} ns", "filtered", start.elapsed().as_nanos() / 1_000);
}

/// An order every two hours: 1,080 in 90 days.
fn row(number: u64) -> TimelineRow {
    let random = hash64(&[&number.to_le_bytes()]);
    TimelineRow {
        occurred_at: Timestamp(1_700_000_000_000 + number as i64 * 7_200_000),
        event: EventId(u128::from(random)),
        name: "order_completed".to_owned(),
        properties: Properties::from([
            ("total".to_owned(), Value::from((random % 100) as i64)),
            ("category".to_owned(), Value::from(if random & 1 == 0 { "a" } else { "c" })),
        ]),
    }
}

fn measure(name: &str, compiled: &Compiled, rows: &[TimelineRow]) {
    let mut states: BTreeMap<AggregateId, Arc<AggregateState>> = BTreeMap::new();
    let mut applied = std::time::Duration::ZERO;
    let mut evaluated = std::time::Duration::ZERO;
    let mut inside = 0u64;
    for (place, row) in rows.iter().enumerate() {
        let now = row.occurred_at.plus(Duration(1));
        let start = Instant::now();
        for aggregate in &compiled.aggregates {
            let state = Arc::make_mut(states.entry(aggregate.id).or_default());
            while let Some(from) = state.needs(aggregate, now) {
                // Stands for the scan of the timeline; the search itself is the store's.
                let first = rows.partition_point(|row| (row.occurred_at, row.event) < from);
                state.expire(aggregate, now, &mut rows[first..place].iter());
            }
            state.apply(aggregate, row, now);
        }
        let between = Instant::now();
        let facts = Facts {
            attributes: &Attributes::new(),
            aggregates: &states,
            tallies: &Tallies::new(),
            calendar: &Calendar::default(),
            standing: None,
            segments: &BTreeSet::new(),
            lists: None,
            event: None,
            now,
        };
        inside += u64::from(evaluate(compiled, &facts).inside);
        evaluated += between.elapsed();
        applied += between - start;
    }
    let per = |total: std::time::Duration| total.as_nanos() / u128::from(EVENTS);
    println!(
        "{name:<12} expire and apply {:>6} ns, evaluate {:>5} ns (inside {inside} of {EVENTS} \
            times)",
        per(applied),
        per(evaluated),
    );
}
