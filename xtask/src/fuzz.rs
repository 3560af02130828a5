//! Fuzzing: builds the targets of `fuzz/` once, and lets libFuzzer try each for a bounded time.
//!
//! It works with the stable toolchain: our own crates get their coverage counters by a wrapper
//! around rustc, and what they depend on is the same build that the tests use.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use crate::suite;
use crate::world::{cargo_command, run, target, workspace_wrapper};

/// Seconds for each target, in `cargo xtask test`.
const SECONDS: u64 = 10;

/// Counters on every edge of our own code, so that libFuzzer sees where an input has led.
const COUNT: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=3",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
];

/// Comparisons, so that libFuzzer finds the bytes that they compare with. Optimized, since the
/// tests' build is several times slower; assertions and checks of overflow stay. Not: for the
/// server, which would take minutes to build and has little of its own that reads bytes.
const COMPARE: &[&str] = &["-Cllvm-args=-sanitizer-coverage-trace-compares", suite::FAST];

/// Limit: bytes of one input. Everything here shows its faults in small.
const INPUT_BYTES_MAX: u64 = 4096;
/// Limit: seconds for one input; one that takes longer is a finding.
const INPUT_SECONDS_MAX: u64 = 10;
/// Limit: memory of one target; one that wants more is a finding.
const MEMORY_MIB_MAX: u64 = 1024;

/// Every target for a short time, as a step of the tests.
pub fn briefly(root: &Path) -> Result<()> {
    targets(root, &[], SECONDS)
}

/// Builds, then tries the named targets, or all, each for so many seconds.
pub fn targets(root: &Path, names: &[String], seconds: u64) -> Result<()> {
    let all = list(root)?;
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        bail!("there is no target `{unknown}`: {}", all.join(", "));
    }
    build(root, &all)?;
    let chosen: Vec<String> =
        all.into_iter().filter(|name| names.is_empty() || names.contains(name)).collect();
    let next = Mutex::new(chosen.iter());
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    // Not: in the head of the loop, where the lock would be held all through it.
                    let name = lock(&next).next();
                    let Some(name) = name else { break };
                    if let Err(error) = one(root, name, seconds) {
                        lock(&faults).push(format!("{name}: {error:#}"));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap_or_default();
    if !faults.is_empty() {
        bail!("{}", faults.join("; "));
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no thread of ours panics while it holds a lock")
}

/// The names of all targets, in the order of the alphabet.
fn list(root: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join("fuzz/targets")).context("listing fuzz/targets")? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

fn build(root: &Path, names: &[String]) -> Result<()> {
    let wrapper = wrapper(root)?;
    let mut command = cargo_command(root, ["build", "--package", "cauce-fuzz", "--bins"]);
    run(command.env("RUSTC_WORKSPACE_WRAPPER", wrapper))?;
    // Where no other build of them comes: the tests build the same programs without counters.
    fs::create_dir_all(programs(root)).context("making a folder for the targets")?;
    for name in names {
        fs::copy(target(root).join("debug").join(name), programs(root).join(name))
            .with_context(|| format!("keeping the target `{name}`"))?;
    }
    Ok(())
}

fn programs(root: &Path) -> PathBuf {
    target(root).join("fuzz/programs")
}

/// The flags of fuzzing, for cargo.
fn wrapper(root: &Path) -> Result<PathBuf> {
    let script = format!(
        "case \" $* \" in\n\
         *' --crate-name cauce_server '*) exec \"$@\" {count} ;;\n\
         esac\n\
         exec \"$@\" {count} {}\n",
        COMPARE.join(" "),
        count = COUNT.join(" "),
    );
    workspace_wrapper(root, "fuzz", &script)
}

/// Tries one target; what it finds worth keeping stays in `target/fuzz` for the next time.
fn one(root: &Path, name: &str, seconds: u64) -> Result<()> {
    let folder = target(root).join("fuzz");
    let (corpus, findings) = (folder.join("corpus").join(name), folder.join("findings"));
    fs::create_dir_all(&corpus).context("making a corpus")?;
    fs::create_dir_all(&findings).context("making a folder for findings")?;
    let program = programs(root).join(name);
    let output = Command::new(&program)
        .args([&corpus, &root.join("fuzz/seeds").join(name)])
        .arg(format!("-artifact_prefix={}/{name}-", findings.display()))
        .arg(option("max_total_time", seconds))
        // The tests' short run begins alike each time; a longer one looks further (0: the clock).
        .arg(option("seed", u64::from(seconds <= SECONDS)))
        .arg(option("max_len", INPUT_BYTES_MAX))
        .arg(option("timeout", INPUT_SECONDS_MAX))
        .arg(option("rss_limit_mb", MEMORY_MIB_MAX))
        .arg(option("print_final_stats", 1))
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting `{}`", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        println!("{}", summary(name, seconds, &said));
        return Ok(());
    }
    println!("{}", tail(&said));
    let file =
        said.lines().rev().find_map(|line| Some(line.split_once("Test unit written to ")?.1));
    match file {
        Some(file) => bail!("found `{file}`; once more: `{} {file}`", program.display()),
        None => bail!("ended with {} and left no input", output.status),
    }
}

fn option(name: &str, value: u64) -> String {
    format!("-{name}={value}")
}

/// What a run came to, from what libFuzzer said.
fn summary(name: &str, seconds: u64, said: &str) -> String {
    let number_behind = |line: &str, word: &str| {
        let behind = line.split_once(word)?.1.trim_start();
        let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        behind[..end].parse::<u64>().ok()
    };
    let last = |word: &str| said.lines().rev().find_map(|line| number_behind(line, word));
    let shown = |number: Option<u64>| number.map_or("?".to_owned(), |n| n.to_string());
    let executions = last("stat::number_of_executed_units:");
    let rate = executions.map(|count| count / seconds.max(1));
    format!(
        "{name:<14} {:>10} executions  {:>8} a second  {:>6} edges  {:>6} features",
        shown(executions),
        shown(rate),
        shown(last(" cov:")),
        shown(last(" ft:")),
    )
}

/// The last lines, without those that only count.
fn tail(said: &str) -> String {
    let lines: Vec<_> = said.lines().filter(|line| !line.starts_with('#')).collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_seeds_and_a_module() {
        let root = crate::world::root();
        let names = list(&root).expect("targets");
        assert!(names.len() >= 7, "{names:?}");
        for name in names {
            assert!(root.join("fuzz/seeds").join(&name).is_dir(), "{name} has no seeds");
            assert!(root.join(format!("fuzz/src/{name}.rs")).is_file(), "{name} has no module");
        }
    }

    #[test]
    fn unknown_targets_are_named() {
        let said =
            targets(&crate::world::root(), &["nonsense".to_owned()], 1).expect_err("unknown");
        assert!(said.to_string().starts_with("there is no target `nonsense`: columns,"), "{said}");
    }

    #[test]
    fn a_run_is_summed_up() {
        let said = "#2\tINITED cov: 10 ft: 11 corp: 1/1b\n\
                    #8192\tDONE   cov: 912 ft: 3456 corp: 99/1b lim: 4 exec/s: 99 rss: 50Mb\n\
                    stat::number_of_executed_units: 8192\nstat::average_exec_per_sec:     819\n";
        let shown = summary("events", 10, said);
        let words: Vec<_> = shown.split_whitespace().collect();
        let expected =
            ["events", "8192", "executions", "819", "a", "second", "912", "edges", "3456"];
        assert_eq!(words[..9], expected);
        assert_eq!(tail("#1 cov\na\n#2 cov\nb"), "a\nb");
    }
}
