//! Durable events through the whole decision.

use crate::*;
use cauce_core::decision::Effect;
use std::sync::Mutex;

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

/// The default of `rows-in-memory`.
pub const ROWS_IN_MEMORY: usize = 1_000_000;

/// Where a node's rows are.
#[derive(Clone, Copy)]
pub enum Rows {
    /// In the store, and so many of them in memory.
    Stored(usize),
    /// In memory only: never written back, never read. What a store can at best come to.
    Memory,
}

impl std::fmt::Display for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Rows::Stored(rows) => write!(f, "{rows} rows in memory"),
            Rows::Memory => f.write_str("memory and log alone"),
        }
    }
}

/// A node with live segments and nothing around it.
pub fn node(
    base: &Path,
    rules: &[(&str, &str)],
    observer: Arc<dyn Observer>,
    rows: Rows,
) -> Node<Catalogs> {
    let mut book = publish::Book::default();
    let change = |(name, rule): &(&str, &str)| {
        let body = publish::Body::read(Kind::Segment, json!({ "rule": rule })).expect("a rule");
        ((Kind::Segment, (*name).to_owned()), serde_json::to_string(&body).ok())
    };
    let changes = rules.iter().map(change).collect();
    book.publish(&publish::Plan { number: 1, at: now(), by: "bench".to_owned(), changes });
    let catalogs = Arc::new(Catalogs::default());
    catalogs.add(book.catalog());
    let rows_in_memory = match rows {
        Rows::Stored(rows) => rows,
        Rows::Memory => usize::MAX,
    };
    let config = Config { rows_in_memory, ..config(base) };
    let (log, mut state) = boot::open(&config).expect("a store");
    let mut options = boot::node_options(&config);
    if matches!(rows, Rows::Memory) {
        state = Arc::new(cauce_store::MemoryState::new(cauce_engine::tables::TABLES.len(), 0));
        options.checkpoint_rows = usize::MAX;
        options.checkpoint_every = Duration::from_secs(86_400);
        options.cut_every = Duration::from_secs(86_400);
    }
    let clock: cauce_engine::node::Clock = Arc::new(now);
    let node =
        Node::start(options, log, state, catalogs, clock, observer, &|_| {}).expect("a node");
    for partition in 0..PARTITIONS {
        let body = Body::Publish { plan: 1 };
        let publish = Input { at: now(), trace: TraceId::default(), body };
        node.append(partition, &publish, Wait::None).expect("room");
    }
    node
}

/// Durable events through the whole decision, five live segments; ratios to the log alone, and to
/// memory and log alone.
pub fn events(base: &Path) {
    let alone = log_alone(&folder(base, "alone"), 400_000, 512);
    // The smaller half first: whatever it leaves behind in the process, the store is not flattered.
    let memory = decided(base, "memory", Rows::Memory);
    let stored = decided(base, "events", Rows::Stored(ROWS_IN_MEMORY));
    println!("events: {stored:.0}/s durable through the whole decision");
    println!("  memory and log alone: {memory:.0}/s; ratio {:.2}", stored / memory);
    println!("  log alone, groups of 512: {alone:.0}/s; ratio {:.2}", stored / alone);
}

/// How many events a second a node takes, with what it cost.
fn decided(base: &Path, name: &str, rows: Rows) -> f64 {
    let node = node(&folder(base, name), &rules(), Arc::new(Silent), rows);
    let (people, total) = (1_000_000u64, 1_500_000u64);
    let mut worst: f64 = f64::MAX;
    let started = Instant::now();
    let ticks = processor_ticks();
    let mut mark = (Instant::now(), node.taken());
    for n in 0..total {
        wait_for_room(&node, n);
        let event = event(person(n, people), n, "order_completed", now(), false);
        node.append(home(&event), &input(event), Wait::None).expect("room");
        if mark.0.elapsed() > Duration::from_secs(2) {
            let rate = (node.taken() - mark.1) as f64 / mark.0.elapsed().as_secs_f64();
            worst = worst.min(rate);
            mark = (Instant::now(), node.taken());
        }
    }
    settle(&node);
    let rate = total as f64 / started.elapsed().as_secs_f64();
    let spent = (processor_ticks() - ticks) as f64 * 1e4 / total as f64;
    println!(
        "  {name}: {rate:.0}/s (worst 2 s: {worst:.0}/s), {spent:.1} µs of processor an event, \
         load included; resident {} MB",
        resident_mb()
    );
    node.stop();
    rate
}

/// Who left a segment, and when we were told.
struct Leaving(Mutex<Vec<Timestamp>>);

impl Observer for Leaving {
    fn taken(&self, _: u16, taken: &Taken) {
        let left = |effect: &Effect| matches!(effect, Effect::Membership(m) if !m.inside);
        let count = taken.effects.iter().filter(|effect| left(effect)).count();
        if count > 0 {
            let mut times = self.0.lock().expect("no panic while locked");
            times.extend(std::iter::repeat_n(now(), count));
        }
    }
    fn stopped(&self, partition: u16, error: &cauce_engine::Error) {
        Silent.stopped(partition, error);
    }
    fn trouble(&self, doing: Doing, error: Option<&cauce_engine::Error>) {
        Silent.trouble(doing, error);
    }
}

/// 20,000 people leave a rolling window within one second, while 5,000 events a second go on. How
/// late each is known: the n-th to leave against the n-th who was due.
pub fn clock(base: &Path) {
    const PEOPLE: u32 = 20_000;
    const WINDOW_MS: i64 = 60_000;
    let leaving = Arc::new(Leaving(Mutex::default()));
    let rules = [("recent", "count(pinged, last 1m) >= 1")];
    let node = node(&folder(base, "clock"), &rules, leaving.clone(), Rows::Stored(ROWS_IN_MEMORY));
    let begun = now();
    let mut due = Vec::new();
    for person in 0..PEOPLE {
        // All in one second of what happened, whenever they arrive.
        let at = Timestamp(begun.0 - 1_000 + i64::from(person % 1_000));
        due.push(at.0 + WINDOW_MS);
        let mut event = event(person, u64::from(person), "pinged", at, false);
        event.received_at = now();
        node.append(home(&event), &input(event), Wait::None).expect("room");
    }
    due.sort_unstable();
    let started = Instant::now();
    let mut n = 0u64;
    while now().0 < begun.0 + WINDOW_MS + 5_000 {
        let wanted = (started.elapsed().as_micros() / 200) as u64;
        while n < wanted {
            let event = event(person(n, 20_000), (1 << 41) | n, "order_completed", now(), false);
            node.append(home(&event), &input(event), Wait::None).expect("room");
            n += 1;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let mut left = leaving.0.lock().expect("no panic while locked").clone();
    left.sort_unstable();
    assert_eq!(left.len(), due.len(), "everybody leaves once");
    let mut late = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
    for (left, due) in left.iter().zip(&due) {
        late.record((left.0 - due).max(0) as u64).expect("in range");
    }
    println!(
        "clock: {PEOPLE} leave within a second beside 5,000 events/s: p50 {} ms, p99 {} ms, max {} \
         ms late",
        late.value_at_quantile(0.5),
        late.value_at_quantile(0.99),
        late.max()
    );
    node.stop();
}

/// Five million profiles and less memory than data: what an event costs when its rows must come
/// from the disk, by how many rows stay in memory.
pub fn working_set(base: &Path) {
    let stored = base.join("working-set");
    let mut n = 0;
    for rows_in_memory in [4_000_000, 1_000_000, 250_000] {
        n = working_set_of(&stored, 5_000_000, Rows::Stored(rows_in_memory), n);
    }
    println!("  on disk: {} MB", bytes_below(&stored) >> 20);
}

/// The limit of the working set, with two million people: five do not fit into 24 GiB without a
/// store. The store's half first: what is resident then is its own.
pub fn working_set_limit(base: &Path) {
    const PEOPLE: u64 = 2_000_000;
    working_set_of(&base.join("stored"), PEOPLE, Rows::Stored(ROWS_IN_MEMORY), 0);
    working_set_of(&base.join("memory"), PEOPLE, Rows::Memory, 0);
}

/// Brings `people` into an empty `folder`, and then as many events as go, twenty seconds for each
/// way in which they fall on people. Events are numbered from `n`; the next number is returned.
fn working_set_of(folder: &Path, people: u64, rows: Rows, mut n: u64) -> u64 {
    std::fs::create_dir_all(folder).expect("a folder");
    let node = node(folder, &rules(), Arc::new(Silent), rows);
    let append = |person, n, first| {
        wait_for_room(&node, n);
        let event = event(person, n, "order_completed", now(), first);
        node.append(home(&event), &input(event), Wait::None).expect("room");
    };
    if n == 0 {
        (0..people).for_each(|person| append(person as u32, person, true));
        settle(&node);
        n = people;
    }
    for (draw, skew) in [("a third of the people do nearly all", 3), ("anybody alike", 1)] {
        let (started, ticks, first) = (Instant::now(), processor_ticks(), n);
        while started.elapsed() < Duration::from_secs(20) {
            append(skewed(n, people, skew), n, false);
            n += 1;
        }
        settle(&node);
        let count = (n - first) as f64;
        println!(
            "working set, {} M profiles, {rows}, {draw}: {:.0} events/s, {:.1} µs of processor an \
             event, resident {} MB",
            people / 1_000_000,
            count / started.elapsed().as_secs_f64(),
            (processor_ticks() - ticks) as f64 * 1e4 / count,
            resident_mb()
        );
    }
    node.stop();
    n
}

pub fn wait_for_room(node: &Node<Catalogs>, n: u64) {
    while n.is_multiple_of(256) && node.lag() > 5_000 {
        std::thread::sleep(Duration::from_micros(200));
    }
}

pub fn settle(node: &Node<Catalogs>) {
    while node.lag() > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_below(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}
