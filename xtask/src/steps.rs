//! Runs a table of steps one after another, says how long each took, and counts.

use anyhow::Result;
use std::path::Path;
use std::time::Instant;

/// One step of `check` or `test`.
pub struct Step {
    /// What it is called in the output.
    pub name: &'static str,
    /// Paths of which one must exist, or the step is announced as not run. Empty: always runs.
    pub needs: &'static [&'static str],
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

/// Runs the steps with these names, in the order of the table; all if none is named.
pub fn run_named(root: &Path, steps: &[Step], names: &[String]) -> Result<usize> {
    if let Some(name) = names.iter().find(|name| steps.iter().all(|step| step.name != **name)) {
        let known: Vec<_> = steps.iter().map(|step| step.name).collect();
        anyhow::bail!("`{name}` is no step: {}", known.join(", "));
    }
    let wanted = |step: &&Step| names.is_empty() || names.iter().any(|name| name == step.name);
    let chosen: Vec<&Step> = steps.iter().filter(wanted).collect();
    Ok(run(root, &chosen))
}

/// Runs all steps, going on after one that fails; returns how many failed. The count is the last
/// line of the output.
pub fn run(root: &Path, steps: &[&Step]) -> usize {
    let mut lines = Vec::new();
    let mut failed = 0;
    let began = Instant::now();
    for step in steps {
        if !step.needs.is_empty() && !step.needs.iter().any(|path| root.join(path).exists()) {
            lines.push(format!("not run  {:<10} {} is absent", step.name, step.needs.join(", ")));
            continue;
        }
        println!("── {}", step.name);
        let start = Instant::now();
        let result = match step.act {
            Act::Cargo(args) => crate::world::run(&mut crate::world::cargo_command(root, args)),
            Act::Own(act) => act(root),
        };
        let seconds = start.elapsed().as_secs_f64();
        if let Err(error) = result {
            failed += 1;
            println!("── {} failed after {seconds:.1} s: {error:#}", step.name);
            lines.push(format!("FAILED   {:<10} {seconds:>7.1} s  {error:#}", step.name));
        } else {
            println!("── {} passed in {seconds:.1} s", step.name);
            lines.push(format!("passed   {:<10} {seconds:>7.1} s", step.name));
        }
    }
    let passed = lines.iter().filter(|line| line.starts_with("passed")).count();
    println!("\n{}", lines.join("\n"));
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
        anyhow::bail!("no")
    }

    #[test]
    fn goes_on_after_a_failure_and_reports_it() {
        let root = crate::world::root();
        let step = |needs, act| Step { name: "a", needs, act };
        let steps = [
            step(&[], Act::Own(bad)),
            step(&["no/such/path"], Act::Own(bad)),
            step(&["Cargo.toml"], Act::Own(good)),
        ];
        assert_eq!(run_named(&root, &steps, &[]).unwrap(), 1);
        assert!(run_named(&root, &steps, &["nothing".to_owned()]).is_err());
        assert_eq!(RUNS.load(Ordering::Relaxed), 1);
        assert_eq!(run_named(&root, &steps[1..], &[]).unwrap(), 0);
    }
}
