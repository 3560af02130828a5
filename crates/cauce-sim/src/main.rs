//! Lives lives, plays interleavings, compares partitions.

use cauce_sim::life;
use cauce_sim::same::{equal, interleavings, shuffles};
use cauce_sim::tally::Tally;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

// Lives are short of nothing but allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What was asked for.
struct Asked {
    command: String,
    flags: Vec<(String, String)>,
}

impl Asked {
    fn read() -> Asked {
        let mut asked = Asked { command: String::new(), flags: Vec::new() };
        let mut words = std::env::args().skip(1).peekable();
        while let Some(word) = words.next() {
            match word.strip_prefix("--") {
                Some(flag) => {
                    let value = words.next_if(|next| !next.starts_with("--")).unwrap_or_default();
                    asked.flags.push((flag.to_owned(), value));
                }
                None => asked.command = word,
            }
        }
        asked
    }

    fn number(&self, name: &str) -> Option<u64> {
        let (_, value) = self.flags.iter().find(|(flag, _)| flag == name)?;
        value.parse().ok()
    }
}

fn main() -> ExitCode {
    let asked = Asked::read();
    match (asked.command.as_str(), asked.number("seed")) {
        ("", Some(seed)) => replay(seed),
        ("", None) => many(&asked),
        ("equal", _) => equal_partitions(&asked),
        ("interleavings", _) => all_orders(&asked),
        ("shuffles", _) => shuffled_year(&asked),
        (other, _) => {
            eprintln!(
                "`{other}` is no command: --seed N | --lives N [--from N] [--threads N] | \
                 equal [--inputs N] [--merges N] [--lives N] | interleavings [--inputs N] | \
                 shuffles --file FILE [--orders N]"
            );
            ExitCode::FAILURE
        }
    }
}

/// The same inputs on one partition and on many.
fn equal_partitions(asked: &Asked) -> ExitCode {
    let inputs = asked.number("inputs").unwrap_or(100_000) as usize;
    let merges = asked.number("merges").unwrap_or(5_000) as usize;
    let lives = asked.number("lives").unwrap_or(300);
    let mut broken = 0;
    for seed in 1..=lives {
        if let Some(first) = equal::life(seed, 40).first() {
            println!("seed {seed}: {first}");
            broken += 1;
        }
    }
    println!("{lives} lives on 1, 2 and 16 partitions, {broken} differ");
    // Each of them has five names, and most come together only as time goes by.
    let found = equal::many(inputs, merges * 4 / 5);
    println!(
        "{inputs} inputs with {} merges over different homes on 1, 2 and 16: {} differences",
        found.merges,
        found.differences.len()
    );
    let compared = found.compared.iter().map(|(what, count)| format!("{count} {what}"));
    println!("compared: {}", compared.collect::<Vec<_>>().join(", "));
    found.differences.iter().take(5).for_each(|found| println!("{found}"));
    let rich = ["profiles", "consents", "memberships", "sent", "refused"];
    let poor =
        rich.iter().find(|what| found.compared.get(*what).is_none_or(|count| *count < 1_000));
    if let Some(what) = poor.filter(|_| inputs >= 100_000) {
        println!("too few {what} to mean anything");
    }
    let few = found.merges < merges;
    if few {
        println!("fewer merges over different homes than the {merges} asked for");
    }
    let fine = broken == 0 && found.differences.is_empty() && !few;
    if fine && (inputs < 100_000 || poor.is_none()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The year of a real shop in many orders.
fn shuffled_year(asked: &Asked) -> ExitCode {
    let Some((_, file)) = asked.flags.iter().find(|(flag, _)| flag == "file") else {
        eprintln!("`--file` names the year's rows: online-retail.csv.zst");
        return ExitCode::FAILURE;
    };
    let orders = asked.number("orders").unwrap_or(50);
    let year = match shuffles::year(Path::new(file), orders, 2) {
        Ok(year) => year,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let mut hashes = year.hashes.clone();
    hashes.sort_unstable();
    hashes.dedup();
    let (profiles, both) = year.profiles;
    println!(
        "{} events about {profiles} people, {both} of them under two names, in the file's order \
         and in {orders} others with a third said twice: {} states, {:016x?}",
        year.events,
        hashes.len(),
        hashes.iter().take(3).collect::<Vec<_>>()
    );
    if let Some(difference) = &year.difference {
        println!("{difference}");
    }
    if hashes.len() == 1 && both > 1_000 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every order of a few inputs.
fn all_orders(asked: &Asked) -> ExitCode {
    let inputs = asked.number("inputs").unwrap_or(4) as usize;
    let mut broken = false;
    for namespaces in [
        ["email", "email", "email"],
        ["user_id", "email", "anonymous_id"],
        ["user_id", "user_id", "email"],
    ] {
        let (cases, explored) = interleavings::explore_all(namespaces, inputs, 2_000_000);
        println!(
            "{namespaces:?}: {cases} cases of up to {inputs} inputs, {} states, {} ends, {} faults",
            explored.states,
            explored.ends,
            explored.faults.len()
        );
        explored.faults.iter().take(5).for_each(|fault| println!("{fault}"));
        broken |= !explored.faults.is_empty();
    }
    if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Lives one life and tells its story.
fn replay(seed: u64) -> ExitCode {
    let ended = life::live(seed, true);
    println!("# The life of seed {seed}.");
    for line in &ended.story {
        println!("{line}");
    }
    if ended.violations.is_empty() {
        println!("# Nothing is wrong with it.");
        return ExitCode::SUCCESS;
    }
    println!("----");
    for violation in &ended.violations {
        println!("{violation}");
    }
    ExitCode::FAILURE
}

/// Lives many lives and shows what they met.
fn many(asked: &Asked) -> ExitCode {
    let lives = asked.number("lives").unwrap_or(1_000);
    let from = asked.number("from").unwrap_or(1);
    let threads = asked.number("threads").unwrap_or(2).max(1);
    let next = AtomicU64::new(from);
    let total = Mutex::new((Tally::default(), Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + lives {
                        break;
                    }
                    let ended = life::live(seed, false);
                    let mut total = total.lock().expect("no life panics while it adds up");
                    total.0.add(&ended.tally);
                    if let Some(first) = ended.violations.first() {
                        eprintln!("cargo xtask sim --seed {seed}: {first}");
                        total.1.push(seed);
                    }
                    let done = seed + 1 - from;
                    if done.is_multiple_of((lives / 10).max(1)) {
                        eprintln!("{done} of {lives} lives, {} with a fault", total.1.len());
                    }
                }
            });
        }
    });
    let (tally, broken) = total.into_inner().expect("no life panics while it adds up");
    print!("{tally}");
    let empty = if lives < 50 { Vec::new() } else { tally.empty() };
    for (fault, step) in &empty {
        println!("nobody met {fault:?} at {step:?}");
    }
    if broken.is_empty() && empty.is_empty() {
        println!("{lives} lives, nothing is wrong");
        return ExitCode::SUCCESS;
    }
    println!("{} of {lives} lives are broken", broken.len());
    ExitCode::FAILURE
}
