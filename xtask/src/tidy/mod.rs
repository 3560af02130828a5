//! `cargo xtask tidy`: is the code itself in order? Every finding at once, each with its way out.

mod arrows;
mod dependencies;
mod errors;
mod fences;
mod lexer;
mod purity;
mod sizes;
mod tables;
mod text;
pub mod tree;
mod words;

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

use tree::{Finding, Tree};

/// What tidy found.
#[derive(Debug)]
pub struct Report {
    /// In the order of path and line.
    pub findings: Vec<Finding>,
    /// Rules that passed because what they look at does not exist yet.
    pub vacuous: Vec<String>,
    /// How many files were read.
    pub files: usize,
}

/// Reads the repository and applies every rule.
pub fn check(root: &Path) -> Result<Report> {
    let tree = Tree::read(root)?;
    let mut findings = arrows::check(&metadata(root)?);
    for rule in [
        words::check,
        sizes::check,
        purity::check,
        tables::check,
        fences::check,
        errors::check,
        text::check,
        dependencies::check,
    ] {
        findings.extend(rule(&tree));
    }
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    let vacuous = [tables::vacuous, errors::vacuous].iter().filter_map(|rule| rule(&tree));
    Ok(Report { findings, vacuous: vacuous.collect(), files: tree.files.len() })
}

/// Prints what was found; an error if there was anything.
pub fn run(root: &Path) -> Result<()> {
    let report = check(root)?;
    for line in &report.vacuous {
        println!("{line}");
    }
    for finding in &report.findings {
        println!("{finding}");
    }
    println!("tidy: {} files, {} findings", report.files, report.findings.len());
    if !report.findings.is_empty() {
        bail!("{} things are out of order", report.findings.len());
    }
    Ok(())
}

fn metadata(root: &Path) -> Result<serde_json::Value> {
    let output = Command::new(crate::world::cargo())
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root)
        .output()
        .context("starting `cargo metadata`")?;
    if !output.status.success() {
        bail!("`cargo metadata` failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("reading `cargo metadata`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_in_order() {
        let report = check(&crate::world::root()).expect("the repository can be read");
        let shown: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
        assert!(shown.is_empty(), "\n{}", shown.join("\n"));
        assert!(report.files > 10, "only {} files were read", report.files);
    }
}
