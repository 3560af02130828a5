//! Lives lives, plays interleavings, compares partitions.

use cauce_sim::life;
use cauce_sim::same::{equal as alike, interleavings, shuffles};
use cauce_sim::tally::Tally;
use cauce_sim::watch::AFTER_RESTORE;
use clap::{Parser, Subcommand, value_parser};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

// Lives are short of nothing but allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As many lives as some must be restored in, and send after it.
const RESTORING_LIVES: u64 = 300;

/// Lives random lives against a world with faults, and shows what they met.
///
/// Exit codes: 0 nothing is wrong, 1 something is (it was printed), 2 the command was misused.
#[derive(Parser)]
#[command(name = "cauce-sim", verbatim_doc_comment, args_conflicts_with_subcommands = true)]
struct Asked {
    #[command(subcommand)]
    other: Option<Other>,
    /// Live this life alone, and tell its story
    #[arg(long, conflicts_with_all = ["lives", "from", "threads"])]
    seed: Option<u64>,
    /// How many lives
    #[arg(long, default_value_t = 1_000)]
    lives: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many at once
    #[arg(long, default_value_t = 2, value_parser = value_parser!(u64).range(1..=64))]
    threads: u64,
}

#[derive(Subcommand)]
enum Other {
    /// The same inputs on 1, 2 and 16 partitions end in the same people
    Equal {
        /// Inputs of the large life; 100,000 and more must compare a thousand of everything, and a
        /// hundred failures
        #[arg(long, default_value_t = 100_000)]
        inputs: usize,
        /// Merges over different homes that it must have
        #[arg(long, default_value_t = 5_000)]
        merges: usize,
        /// Small lives before it
        #[arg(long, default_value_t = 300)]
        lives: u64,
    },
    /// Every order in which a few inputs can be taken ends in the same people
    Interleavings {
        /// Inputs of a case, at most
        #[arg(long, default_value_t = 4)]
        inputs: usize,
    },
    /// The year of a real shop in many orders ends in one state, byte for byte
    Shuffles {
        /// The year's rows: online-retail.csv.zst
        #[arg(long)]
        file: PathBuf,
        /// Orders beside the file's own
        #[arg(long, default_value_t = 50)]
        orders: u64,
    },
}

fn main() -> ExitCode {
    let asked = Asked::parse();
    match (asked.other, asked.seed) {
        (Some(Other::Equal { inputs, merges, lives }), _) => equal(inputs, merges, lives),
        (Some(Other::Interleavings { inputs }), _) => all_orders(inputs),
        (Some(Other::Shuffles { file, orders }), _) => shuffled_year(&file, orders),
        (None, Some(seed)) => replay(seed),
        (None, None) => many(asked.lives, asked.from, asked.threads),
    }
}

/// The same inputs on one partition and on many.
fn equal(inputs: usize, merges: usize, lives: u64) -> ExitCode {
    let mut broken = 0;
    for seed in 1..=lives {
        if let Some(first) = alike::life(seed, 40).first() {
            println!("seed {seed}: {first}");
            broken += 1;
        }
    }
    println!("{lives} lives on 1, 2 and 16 partitions, {broken} differ");
    // Each of them has five names, and most come together only as time goes by.
    let found = alike::many(inputs, merges * 4 / 5);
    println!(
        "{inputs} inputs with {} merges over different homes on 1, 2 and 16: {} differences",
        found.merges,
        found.differences.len()
    );
    let compared = found.compared.iter().map(|(what, count)| format!("{count} {what}"));
    println!("compared: {}", compared.collect::<Vec<_>>().join(", "));
    found.differences.iter().take(5).for_each(|found| println!("{found}"));
    let least = |what: &str| if matches!(what, "failed" | "unknown") { 100 } else { 1_000 };
    let rich = ["profiles", "consents", "memberships", "sent", "refused", "failed", "unknown"];
    let poor =
        rich.iter().find(|what| found.compared.get(*what).is_none_or(|count| *count < least(what)));
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
fn shuffled_year(file: &Path, orders: u64) -> ExitCode {
    let year = match shuffles::year(file, orders, 2) {
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
fn all_orders(inputs: usize) -> ExitCode {
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
fn many(lives: u64, from: u64, threads: u64) -> ExitCode {
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
    // Nobody can send twice who does not send: then what a restore must not do was not looked at.
    let mute = lives >= RESTORING_LIVES && !tally.counts.contains_key(AFTER_RESTORE);
    if mute {
        println!("no restored machine ever sent anything");
    }
    if broken.is_empty() && empty.is_empty() && !mute {
        println!("{lives} lives, nothing is wrong");
        return ExitCode::SUCCESS;
    }
    println!("{} of {lives} lives are broken", broken.len());
    ExitCode::FAILURE
}
