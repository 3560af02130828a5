//! Runs tables of steps, says how long each took, and counts.
//!
//! `check` and named steps go one after another. Everything goes in tracks beside each other: while
//! tests wait for programs, another track builds. Each step is then a process of its own, whose
//! output is kept until it ends, so that nobody has to read two at once.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::world::{self, target};

/// One step of `check` or `test`.
pub struct Step {
    /// What it is called in the output.
    pub name: &'static str,
    /// Paths that must all exist, or the step is announced as not run. Empty: always runs.
    pub needs: &'static [&'static str],
    /// Steps of other tracks that must have ended before.
    pub after: &'static [&'static str],
    /// What it does.
    pub act: Act,
}

/// What a step does.
pub enum Act {
    /// Runs cargo with these arguments.
    Cargo(&'static [&'static str]),
    /// Runs a function of ours on the root.
    Own(fn(&Path) -> Result<()>),
}

/// Limit: what all steps may take on two cores, cold. More is said, for it will not stay.
const BUDGET_S: f64 = 40.0 * 60.0;
/// How often it is said what runs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lines of a step that failed that are said again at the end.
const SAID_AGAIN: usize = 60;

/// Lines of a step that failed that are said in the summary: what failed and with which words.
const NAMED: usize = 8;

/// How a step ended.
enum Ended {
    Passed(f64),
    Failed(f64, String),
    NotRun(String),
}

type Endings = BTreeMap<&'static str, Ended>;

/// Runs the named steps of the tracks one after another.
pub fn run_named(root: &Path, tracks: &[&[Step]], names: &[String]) -> Result<usize> {
    let all = || tracks.iter().flat_map(|track| track.iter());
    if let Some(name) = names.iter().find(|name| all().all(|step| step.name != **name)) {
        let known: Vec<_> = all().map(|step| step.name).collect();
        bail!("`{name}` is no step: {}", known.join(", "));
    }
    let chosen = all().filter(|step| names.iter().any(|name| name == step.name));
    Ok(run(root, &chosen.collect::<Vec<_>>()))
}

/// Runs the steps one after another, going on after one that fails; returns how many failed. The
/// count is the last line of the output.
pub fn run(root: &Path, steps: &[&Step]) -> usize {
    let began = Instant::now();
    let mut endings = Endings::new();
    for step in steps {
        endings.insert(step.name, here(root, step));
    }
    summed(steps.iter().copied(), &endings, began)
}

/// Runs one step in this process, without a summary: a track's process has the last word.
pub fn run_part(root: &Path, tracks: &[&[Step]], name: &str) -> Result<usize> {
    let step = tracks.iter().flat_map(|track| track.iter()).find(|step| step.name == name);
    let step = step.with_context(|| format!("`{name}` is no step"))?;
    Ok(usize::from(matches!(here(root, step), Ended::Failed(..))))
}

fn here(root: &Path, step: &Step) -> Ended {
    if let Some(absent) = step.needs.iter().find(|path| !root.join(path).exists()) {
        return Ended::NotRun((*absent).to_owned());
    }
    println!("── {}", step.name);
    let start = Instant::now();
    let result = match step.act {
        Act::Cargo(args) => world::run(&mut world::cargo_command(root, args)),
        Act::Own(act) => act(root),
    };
    let seconds = start.elapsed().as_secs_f64();
    match result {
        Ok(()) => {
            println!("── {} passed in {seconds:.1} s", step.name);
            Ended::Passed(seconds)
        }
        Err(error) => {
            println!("── {} failed after {seconds:.1} s: {error:#}", step.name);
            Ended::Failed(seconds, format!("{error:#}"))
        }
    }
}

/// What the tracks tell each other.
#[derive(Default)]
struct Board {
    endings: Mutex<Endings>,
    /// What runs, since when.
    running: Mutex<BTreeMap<&'static str, Instant>>,
    changed: Condvar,
}

/// Runs all tracks beside each other; returns how many steps failed.
pub fn run_tracks(root: &Path, tracks: &[&[Step]]) -> Result<usize> {
    let began = Instant::now();
    let own = std::env::current_exe().context("finding this program")?;
    let logs = target(root).join("steps");
    fs::create_dir_all(&logs).context("making target/steps")?;
    let board = Board::default();
    let count: usize = tracks.iter().map(|track| track.len()).sum();
    std::thread::scope(|scope| {
        for track in tracks {
            scope.spawn(|| {
                for step in *track {
                    board.wait_for(step.after);
                    let ended = beside(root, step, &own, &logs, &board);
                    lock(&board.endings).insert(step.name, ended);
                    board.changed.notify_all();
                }
            });
        }
        board.say_what_runs(count, began);
    });
    let endings = board.endings.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (name, ended) in &endings {
        if matches!(ended, Ended::Failed(..)) {
            // Once more, for whoever is shown only the end of a long output.
            println!("\n── {name} ended with");
            print!("{}", last_lines(&logs.join(format!("{name}.log")), SAID_AGAIN));
        }
    }
    Ok(summed(tracks.iter().flat_map(|track| track.iter()), &endings, began))
}

impl Board {
    fn wait_for(&self, names: &[&str]) {
        let mut endings = lock(&self.endings);
        while !names.iter().all(|name| endings.contains_key(name)) {
            endings = self.changed.wait(endings).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Until `count` steps have ended.
    fn say_what_runs(&self, count: usize, began: Instant) {
        let mut endings = lock(&self.endings);
        let mut said = began;
        while endings.len() < count {
            let waited = self.changed.wait_timeout(endings, PATIENCE);
            endings = waited.unwrap_or_else(PoisonError::into_inner).0;
            if said.elapsed() >= PATIENCE {
                said = Instant::now();
                let running = lock(&self.running);
                let running = running
                    .iter()
                    .map(|(name, since)| format!("{name} since {} s", since.elapsed().as_secs()));
                let minutes = began.elapsed().as_secs() / 60;
                println!("   {minutes} min: {}", running.collect::<Vec<_>>().join(", "));
            }
        }
    }
}

/// One step as a process of its own; prints what it said when it has ended.
fn beside(root: &Path, step: &Step, own: &Path, logs: &Path, board: &Board) -> Ended {
    if let Some(absent) = step.needs.iter().find(|path| !root.join(path).exists()) {
        return Ended::NotRun((*absent).to_owned());
    }
    let start = Instant::now();
    lock(&board.running).insert(step.name, start);
    let log = logs.join(format!("{}.log", step.name));
    let result = spawn(root, step, own, &log);
    let text = fs::read(&log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    // All of it at once, while nobody else prints.
    let mut running = lock(&board.running);
    running.remove(step.name);
    print!("{text}");
    drop(running);
    let seconds = start.elapsed().as_secs_f64();
    match result {
        Ok(()) => Ended::Passed(seconds),
        Err(error) => {
            let named: String =
                what_failed(&text).map(|line| format!("\n           {line}")).collect();
            Ended::Failed(seconds, format!("{error:#}{named}"))
        }
    }
}

/// The lines that name a test that failed, of the Rust tests and of the browser's, with what each
/// expected: the summary has to do without the rest where an output is cut.
fn what_failed(text: &str) -> impl Iterator<Item = String> {
    let mut after = 0_u32;
    let says = move |line: &&str| {
        let line = line.trim_start();
        let numbered = line.split_once(") ").is_some_and(|(number, rest)| {
            number.parse::<u32>().is_ok() && rest.contains(".spec.ts:")
        });
        let speaks = numbered || (line.starts_with("thread '") && line.contains(" panicked at "));
        if speaks {
            // A panic's words are in the next line, and the browser's after an empty one.
            after = 2;
        } else if !line.is_empty() {
            after = after.saturating_sub(1);
        }
        line.ends_with(" ... FAILED") || (after > 0 && !line.is_empty())
    };
    text.lines().filter(says).map(|line| line.trim().chars().take(200).collect()).take(NAMED)
}

fn last_lines(log: &Path, count: usize) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    lines[lines.len().saturating_sub(count)..].concat()
}

fn spawn(root: &Path, step: &Step, own: &Path, log: &PathBuf) -> Result<()> {
    let said = || format!("writing {}", log.display());
    let out = File::create(log).with_context(said)?;
    let also = out.try_clone().with_context(said)?;
    let mut command = Command::new(own);
    command.args(["test", "--part", step.name]).current_dir(root).stdout(out).stderr(also);
    if is_cold(root) && std::env::var_os("CARGO_INCREMENTAL").is_none() {
        // What is built once is built faster in fewer, larger pieces.
        command.env("CARGO_INCREMENTAL", "0");
    }
    let status = command.status().with_context(|| format!("starting {}", own.display()))?;
    if !status.success() {
        bail!("its output is above and in {}", log.display());
    }
    Ok(())
}

/// Nobody has built our crates here before, piece by piece.
fn is_cold(root: &Path) -> bool {
    let pieces = fs::read_dir(target(root).join("debug/incremental"));
    let ours = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with("cauce_core");
    !pieces.is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(ours)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn summed<'s>(steps: impl Iterator<Item = &'s Step>, endings: &Endings, began: Instant) -> usize {
    let (mut passed, mut failed) = (0, 0);
    println!();
    for name in steps.map(|step| step.name) {
        match endings.get(name) {
            Some(Ended::Passed(seconds)) => {
                passed += 1;
                println!("passed   {name:<10} {seconds:>7.1} s");
            }
            Some(Ended::Failed(seconds, why)) => {
                failed += 1;
                println!("FAILED   {name:<10} {seconds:>7.1} s  {why}");
            }
            Some(Ended::NotRun(absent)) => println!("not run  {name:<10} {absent} is absent"),
            None => {}
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{seconds:.1} s in all");
    if seconds > BUDGET_S {
        println!("that is more than the {:.0} minutes that all may take", BUDGET_S / 60.0);
    }
    println!("{passed} passed, {failed} failed");
    failed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static RUNS: AtomicUsize = AtomicUsize::new(0);

    fn good(_: &Path) -> Result<()> {
        RUNS.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn bad(_: &Path) -> Result<()> {
        bail!("no")
    }

    const fn step(name: &'static str, needs: &'static [&'static str], act: Act) -> Step {
        Step { name, needs, after: &[], act }
    }

    #[test]
    fn goes_on_after_a_failure_and_reports_it() {
        let root = world::root();
        let steps = [
            step("a", &[], Act::Own(bad)),
            step("b", &["Cargo.toml", "no/such/path"], Act::Own(good)),
            step("c", &["Cargo.toml"], Act::Own(good)),
        ];
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(run_named(&root, &[&steps], &names(&["a", "b", "c"])).unwrap(), 1);
        assert!(run_named(&root, &[&steps], &names(&["nothing"])).is_err());
        assert_eq!(RUNS.load(Ordering::Relaxed), 1, "what it needs is not all there");
        assert_eq!(run_named(&root, &[&steps[1..]], &names(&["b"])).unwrap(), 0);
        assert_eq!(run_part(&root, &[&steps], "a").unwrap(), 1);
        assert!(run_part(&root, &[&steps], "nothing").is_err());
    }

    #[test]
    fn what_failed_is_named_with_its_words() {
        let rust = "test a ... ok\ntest b::c ... FAILED\n\nfailures:\n\n---- b::c stdout ----\n\n\
                    thread 'b::c' (7) panicked at tests/b.rs:3:5:\nleft is not right\nnote: run\n";
        let said = [
            "test b::c ... FAILED",
            "thread 'b::c' (7) panicked at tests/b.rs:3:5:",
            "left is not right",
        ];
        assert_eq!(what_failed(rust).collect::<Vec<_>>(), said);
        let browser = [
            "  ok 1 e2e/a.spec.ts:3:1 › looks (2s)",
            "",
            "  1) e2e/b.spec.ts:9:1 › reads ───",
            "",
            "    Error: expect(locator).toBeVisible()",
            "",
            "    Locator: x",
        ]
        .join("\n");
        let said = ["1) e2e/b.spec.ts:9:1 › reads ───", "Error: expect(locator).toBeVisible()"];
        assert_eq!(what_failed(&browser).collect::<Vec<_>>(), said);
    }

    #[test]
    fn a_track_waits_for_another() {
        let board = Board::default();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                board.wait_for(&["a"]);
                lock(&board.endings).insert("b", Ended::Passed(0.0));
                board.changed.notify_all();
            });
            assert!(lock(&board.endings).is_empty());
            lock(&board.endings).insert("a", Ended::Failed(0.0, String::new()));
            board.changed.notify_all();
            board.say_what_runs(2, Instant::now());
            waiting.join().unwrap();
        });
        assert_eq!(board.endings.into_inner().unwrap().len(), 2);
    }
}
