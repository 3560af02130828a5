//! `cargo xtask`: everything that one does in this repository, as one program.

mod fuzz;
mod product;
mod setup;
mod steps;
mod suite;
mod tidy;
mod world;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, tests and measures Cauce.
///
/// Exit codes: 0 all is well, 1 something failed (it was printed), 2 the command was misused;
/// `demo`, `dev`, `sim` and `bench` end with the code of the program they run.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", verbatim_doc_comment)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build console and server, and run the demo world
    Demo {
        /// Play the story once, print what came of it, and end
        #[arg(long)]
        once: bool,
        /// Listen on this port instead of the usual one
        #[arg(long)]
        port: Option<u16>,
        /// Further flags for `cauce demo`, after `--`
        #[arg(last = true)]
        flags: Vec<String>,
    },
    /// Install what the tests need and run everything that CI runs, or the named steps of it
    Test {
        /// Names of steps: clippy, tests, demo, orders, shuffles, setup, data, fmt, tidy, ui, sim,
        /// equal, fuzz, console
        steps: Vec<String>,
        /// One step for a run of all, which has the last word
        #[arg(long, hide = true)]
        part: Option<String>,
    },
    /// Run a server on a temporary folder, with a fake provider and a seeded world
    Dev {
        /// Flags for `cauce dev`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        flags: Vec<String>,
    },
    /// The fast part of `test`: format, lints, tidy, unit tests, a short simulation
    Check,
    /// Rewrite scenarios and snapshots by running their tests with BLESS=1; then read the diff
    Bless {
        /// Only tests whose names contain this
        filters: Vec<String>,
    },
    /// Random lives against a world with faults, or one of them again
    Sim {
        /// The life to play
        #[arg(long)]
        seed: Option<u64>,
        /// How many lives
        #[arg(long)]
        lives: Option<u64>,
        /// Further flags for `cauce-sim`, after `--`
        #[arg(last = true)]
        flags: Vec<String>,
    },
    /// Try every parser of outside bytes on inputs that libFuzzer makes, or the named ones
    Fuzz {
        /// Names of targets; all if there is none
        targets: Vec<String>,
        /// How long each is tried
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Run the benchmarks, all or the named ones
    Bench {
        /// Names of figures: events, clock, latency, campaign, mixed, otp, lookup, segment, rules,
        /// idle; and the long ones, which run only if named: segment-full, otp-full, working-set,
        /// working-set-limit, shared
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        names: Vec<String>,
    },
    /// Arrows, words, sizes, purity, tables, fences, errors, signs, loose ends, traces of machines
    Tidy,
    /// Build console and server for release, and print the size of the binary
    Dist,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE, // the steps said what failed
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a task; returns how many of its steps failed.
fn run(task: Task) -> Result<usize> {
    let root = &world::root();
    match task {
        Task::Demo { once, port, flags } => {
            let once = once.then(|| "--once".to_owned());
            let own = once.into_iter().chain(option("--port", port));
            product::demo(root, &own.chain(flags).collect::<Vec<_>>())
        }
        Task::Test { part: Some(step), .. } => {
            return steps::run_part(root, suite::TEST, &step);
        }
        Task::Test { steps, .. } if steps.is_empty() => {
            return steps::run_tracks(root, suite::TEST);
        }
        Task::Test { steps, .. } => return steps::run_named(root, suite::TEST, &steps),
        Task::Dev { flags } => product::dev(root, &flags),
        Task::Check => {
            let steps: Vec<_> = suite::CHECK.iter().flat_map(|track| track.iter()).collect();
            return Ok(steps::run(root, &steps));
        }
        Task::Bless { filters } => product::bless(root, &filters),
        Task::Sim { seed, lives, flags } => {
            let own = option("--seed", seed).into_iter().chain(option("--lives", lives));
            product::sim(root, &own.chain(flags).collect::<Vec<_>>())
        }
        Task::Fuzz { targets, seconds } => fuzz::targets(root, &targets, seconds),
        Task::Bench { names } => product::bench(root, &names),
        Task::Tidy => tidy::run(root),
        Task::Dist => product::dist(root),
    }?;
    Ok(0)
}

/// A flag and its value, if there is one.
fn option<T: ToString>(flag: &str, value: Option<T>) -> Vec<String> {
    value.map(|value| vec![flag.to_owned(), value.to_string()]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_are_sound_and_every_task_has_help() {
        Arguments::command().debug_assert();
        for task in Arguments::command().get_subcommands() {
            assert!(task.get_about().is_some(), "{}", task.get_name());
        }
    }

    #[test]
    fn flags_pass_through() {
        let parse = |line: &str| Arguments::try_parse_from(line.split(' ')).map(|a| a.task);
        assert!(matches!(
            parse("xtask demo --once --port 80"),
            Ok(Task::Demo { once: true, port: Some(80), .. })
        ));
        let Ok(Task::Bench { names }) = parse("xtask bench ingest --seconds 5") else {
            panic!("bench takes names and flags");
        };
        assert_eq!(names, ["ingest", "--seconds", "5"]);
        assert_eq!(parse("xtask nonsense").err().map(|e| e.exit_code()), Some(2));
    }
}
