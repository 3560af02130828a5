//! The steps of `cargo xtask check` and `cargo xtask test`, in tables.

use anyhow::Result;
use std::path::Path;
use std::process::Command;

use crate::steps::{Act, Step};
use crate::world::{cargo_command, run, workspace_wrapper};
use crate::{fuzz, product, setup, tidy};

const FMT: Step = step("fmt", Act::Cargo(&["fmt", "--all", "--check"]));

const TIDY: Step = step("tidy", Act::Own(tidy::run));

/// Seconds, to run before every commit.
pub const CHECK: &[&[Step]] = &[&[
    FMT,
    step("clippy", Act::Cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
    TIDY,
    step("unit", Act::Own(unit)),
    step("sim", Act::Cargo(&["run", "--quiet", "-p", "cauce-sim", "--", "--lives", "40"])),
]];

/// Everything, in tracks beside each other. A new kind of test is a new line.
pub const TEST: &[&[Step]] = &[
    &[
        step("clippy", Act::Own(build)),
        Step { after: &["setup"], ..step("tests", Act::Own(workspace)) },
        step("demo", Act::Own(product::demo_once)),
        step("orders", Act::Own(|root| simulate(root, &["interleavings"]))),
        Step { needs: &[RETAIL], ..step("shuffles", Act::Own(shuffles)) },
    ],
    &[
        step("setup", Act::Own(setup::install)),
        // Where it is absent, the tests that need it say so and pass.
        Step { needs: &[RETAIL], ..step("data", Act::Own(|_| Ok(()))) },
        FMT,
        TIDY,
        // Behind the build: it would be in its way, and all that is not ours is built by then.
        Step { after: &["clippy"], ..step("ui", Act::Own(product::check_console)) },
        step("sim", Act::Own(lives)),
        step("equal", Act::Own(|root| simulate(root, &["equal"]))),
        step("fuzz", Act::Own(fuzz::briefly)),
        // Last: pages wait for pictures, and those for the processor. The tests are nearly done.
        step("console", Act::Own(product::test_console)),
    ],
];

const fn step(name: &'static str, act: Act) -> Step {
    Step { name, needs: &[], after: &[], act }
}

/// The year of a real shop, beside the project; its licence and source are said there.
const RETAIL: &str = "../shared/data/online-retail.csv.zst";

/// Lives in `cargo xtask test`; `cargo xtask sim --lives 10000` is for whoever has the time.
const LIVES: &str = "1500";

/// Clippy over everything, which leaves the tests built: it is a rustc that says more, and all that
/// is not ours would be compiled twice otherwise.
fn build(root: &Path) -> Result<()> {
    // First: the server is built again when what it carries changes, and by then its tests run.
    if let Err(error) = product::build_console(root) {
        println!("console: {error:#}"); // its own step says so again, and fails
    }
    run(&mut linted(root, &["test", "--workspace", "--all-targets", "--no-run", "--quiet"])?)
}

/// What decides, keeps and plays lives is run millions of times: by the simulator, by oracles, by
/// the year of a shop and by every server under test. What the optimizer costs comes back several
/// times over. Not: the tests inside these crates, which run for seconds; not the server, which
/// would take longer to build than all its tests save.
const OPTIMIZED: &[&str] = &["cauce_core", "cauce_store", "cauce_engine", "cauce_sim"];

/// Optimization with everything that a build for debugging checks: without the second, assertions
/// and checks of overflow would go with the first.
pub const FAST: &str = "-Copt-level=1 -Cdebug-assertions=on";

/// A cargo command whose rustc is clippy, with every warning an error. The arguments of clippy are
/// given as `cargo clippy` gives them.
pub fn linted(root: &Path, args: &[&str]) -> Result<Command> {
    let names: Vec<_> = OPTIMIZED.iter().map(|n| format!("*' --crate-name {n} '*")).collect();
    let script = format!(
        "case \" $* \" in\n\
         *' --test '*) exec clippy-driver \"$@\" ;;\n\
         {}) exec clippy-driver \"$@\" {FAST} ;;\n\
         esac\n\
         exec clippy-driver \"$@\"\n",
        names.join("|"),
    );
    let mut command = cargo_command(root, args);
    command.env("RUSTC_WORKSPACE_WRAPPER", workspace_wrapper(root, "tested", &script)?);
    command.env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    Ok(command)
}

fn lives(root: &Path) -> Result<()> {
    simulate(root, &["--lives", LIVES])
}

/// Builds the simulator, if the tests have not, and runs it.
fn simulate(root: &Path, args: &[&str]) -> Result<()> {
    let own = product::built_by_the_tests(root, "cauce-sim")?;
    run(Command::new(own).args(args).current_dir(root))
}

fn shuffles(root: &Path) -> Result<()> {
    simulate(root, &["shuffles", "--file", RETAIL])
}

fn unit(root: &Path) -> Result<()> {
    let packages =
        ["-p", "cauce-core", "-p", "cauce-store", "-p", "cauce-engine", "-p", "cauce-sim"];
    let asked = cargo_command(root, ["nextest", "--version"]).output();
    let nextest = asked.is_ok_and(|output| output.status.success());
    let verb: &[&str] =
        if nextest { &["nextest", "run", "--no-tests", "pass"] } else { &["test", "--lib"] };
    run(&mut cargo_command(root, verb.iter().chain(&packages)))
}

/// One invocation for all crates: cargo builds what they share once.
fn workspace(root: &Path) -> Result<()> {
    let mut tests = linted(root, &["test", "--workspace", "--no-fail-fast"])?;
    outside(root, &mut tests);
    run(&mut tests)
}

/// Tells tests that talk to other people's programs that these are installed, and where.
fn outside(root: &Path, tests: &mut Command) {
    tests.env("CAUCE_OUTSIDE", "1").env("CAUCE_PYTHON", setup::python(root));
    for (name, folder) in
        [("CAUCE_POSTFIX", setup::postfix(root)), ("CAUCE_EXIM", setup::exim(root))]
    {
        if std::env::var_os(name).is_none() && folder.is_dir() {
            tests.env(name, folder);
        }
    }
    if std::env::var_os("CAUCE_SHARED").is_none()
        && let Ok(shared) = root.join("../shared").canonicalize()
        && shared.join("data").is_dir()
    {
        tests.env("CAUCE_SHARED", shared);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_includes_the_fast_part() {
        let all: Vec<_> = TEST.iter().flat_map(|track| track.iter()).map(|s| s.name).collect();
        for step in CHECK.iter().flat_map(|track| track.iter()).filter(|s| s.name != "unit") {
            assert!(all.contains(&step.name), "{}", step.name);
        }
        for step in TEST.iter().flat_map(|track| track.iter()) {
            assert!(step.after.iter().all(|name| all.contains(name)), "{}", step.name);
        }
    }

    #[test]
    fn tests_are_told_what_is_outside() {
        let mut command = Command::new("true");
        outside(&crate::world::root(), &mut command);
        let names: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
        assert!(names.iter().any(|n| n == "CAUCE_OUTSIDE"), "{names:?}");
        assert!(names.iter().any(|n| n == "CAUCE_PYTHON"), "{names:?}");
    }
}
