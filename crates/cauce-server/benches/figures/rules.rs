//! What an event costs by how many segments are live, and by how many aggregates a profile has.

use crate::events::{ROWS_IN_MEMORY, Rows, node, settle, wait_for_room};
use crate::*;

/// What some events cost.
struct Cost {
    micros: f64,
    bytes: f64,
    /// What the process has grown by, in bytes, for each person.
    memory: f64,
}

/// Live segments that have nothing to do with the event, then aggregates that all change with it.
pub fn rules(base: &Path) {
    let mut first = None;
    for count in [10, 100, 500, 2_000] {
        let others = (0..count - crate::rules().len())
            .map(|n| (format!("other-{n}"), format!("count(other_{n}, last 30d) >= 1")));
        let own = crate::rules().into_iter().map(|(name, rule)| (name.to_owned(), rule.to_owned()));
        let all: Vec<_> = own.chain(others).collect();
        let cost = cost(&folder(base, &format!("rules-{count}")), &all, 100_000, 200_000);
        let few = *first.get_or_insert(cost.micros);
        println!(
            "rules: {count} live segments, 5 of them of the event: {:.1} µs of processor an event, \
             load included; {:.2} times that of 10",
            cost.micros,
            cost.micros / few
        );
    }
    for count in [100, 2_000] {
        // Each is another filter that everything passes: all change with every event.
        let all: Vec<_> = (0..count)
            .map(|n| {
                let rule = format!("count(order_completed where total > -{}) >= 2", n + 1);
                (format!("all-{n}"), rule)
            })
            .collect();
        let cost = cost(&folder(base, &format!("aggregates-{count}")), &all, 1_000, 20_000);
        println!(
            "rules: {count} aggregates of each profile, all of the event: {:.0} µs of processor \
             and {:.0} bytes written an event; {:.0} kB of memory for each of 1,000 people",
            cost.micros,
            cost.bytes,
            cost.memory / 1e3
        );
    }
}

/// Of so many events by so many people, after each has had one.
fn cost(base: &Path, rules: &[(String, String)], people: u32, events: u64) -> Cost {
    let rules: Vec<_> = rules.iter().map(|(name, rule)| (name.as_str(), rule.as_str())).collect();
    let node = node(base, &rules, Arc::new(Silent), Rows::Stored(ROWS_IN_MEMORY));
    let empty = resident_mb();
    let tell = |person: u32, n: u64| {
        wait_for_room(&node, n);
        let event = event(person, n, "order_completed", now(), false);
        node.append(home(&event), &input(event), Wait::None).expect("room");
    };
    for person in 0..people {
        tell(person, u64::from(person));
    }
    settle(&node);
    let (ticks, bytes) = (processor_ticks(), written());
    for n in 0..events {
        tell(skewed(n, u64::from(people), 1), u64::from(people) + n);
    }
    settle(&node);
    let spent = processor_ticks() - ticks;
    let grown = resident_mb().saturating_sub(empty) << 20;
    // What is in memory only is written as well before it counts.
    node.stop();
    let per = |sum: f64| sum / events as f64;
    let memory = grown as f64 / f64::from(people);
    Cost { micros: per(spent as f64 * 1e4), bytes: per((written() - bytes) as f64), memory }
}

/// Bytes that this process has given the system to write.
fn written() -> u64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("wchar: "));
    line.and_then(|count| count.parse().ok()).unwrap_or_default()
}
