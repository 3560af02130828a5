//! The steps of `cargo xtask check` and `cargo xtask test`, each in one table.

use anyhow::Result;
use std::path::Path;
use std::process::Command;

use crate::steps::{Act, Step};
use crate::world::{cargo_command, run};
use crate::{fuzz, product, setup, tidy};

const FMT: Step = Step { name: "fmt", needs: &[], act: Act::Cargo(&["fmt", "--all", "--check"]) };

const CLIPPY: Step = Step {
    name: "clippy",
    needs: &[],
    act: Act::Cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
};

const TIDY: Step = Step { name: "tidy", needs: &[], act: Act::Own(tidy::run) };

/// Seconds, to run before every commit.
pub const CHECK: &[Step] = &[
    FMT,
    CLIPPY,
    TIDY,
    Step { name: "unit", needs: &[], act: Act::Own(unit) },
    Step {
        name: "sim",
        needs: SIM,
        act: Act::Cargo(&["run", "--quiet", "-p", "cauce-sim", "--", "--lives", "40"]),
    },
];

/// Everything. A new kind of test is a new line.
pub const TEST: &[Step] = &[
    Step { name: "setup", needs: &[], act: Act::Own(setup::install) },
    FMT,
    CLIPPY,
    TIDY,
    Step { name: "tests", needs: &[], act: Act::Own(workspace) },
    Step {
        name: "sim",
        needs: SIM,
        act: Act::Cargo(&["run", "--release", "-p", "cauce-sim", "--", "--lives", "3000"]),
    },
    Step {
        name: "equal",
        needs: SIM,
        act: Act::Cargo(&["run", "--release", "-p", "cauce-sim", "--", "equal"]),
    },
    Step {
        name: "orders",
        needs: SIM,
        act: Act::Cargo(&["run", "--release", "-p", "cauce-sim", "--", "interleavings"]),
    },
    Step {
        name: "shuffles",
        needs: &["crates/cauce-sim", RETAIL],
        act: Act::Cargo(&[
            "run",
            "--release",
            "-p",
            "cauce-sim",
            "--",
            "shuffles",
            "--file",
            RETAIL,
        ]),
    },
    // Behind the tests: it uses what they have built of the crates that are not ours.
    Step { name: "fuzz", needs: &["fuzz/targets"], act: Act::Own(fuzz::briefly) },
    Step { name: "console", needs: &["ui/package.json"], act: Act::Own(product::test_console) },
    Step { name: "demo", needs: DEMO, act: Act::Own(product::demo_once) },
];

/// The year of a real shop, beside the project; its licence and source are said there.
const RETAIL: &str = "../shared/data/online-retail.csv.zst";

const SIM: &[&str] = &["crates/cauce-sim/src/main.rs"];
const DEMO: &[&str] = &["crates/cauce-server/src/cli/demo.rs"];

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
    let mut tests = cargo_command(root, ["test", "--workspace", "--no-fail-fast"]);
    outside(root, &mut tests);
    run(&mut tests)
}

/// Tells tests that talk to other people's programs that these are installed, and where.
fn outside(root: &Path, tests: &mut Command) {
    tests.env("CAUCE_OUTSIDE", "1").env("CAUCE_PYTHON", setup::python(root));
    let postfix = setup::postfix(root);
    if std::env::var_os("CAUCE_POSTFIX").is_none() && postfix.is_dir() {
        tests.env("CAUCE_POSTFIX", postfix);
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
        for step in CHECK.iter().filter(|step| step.name != "unit") {
            assert!(TEST.iter().any(|other| other.name == step.name), "{}", step.name);
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
