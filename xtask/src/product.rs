//! Builds the product and runs it: console, demo, development server, simulator, benchmarks.

use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

use crate::setup;
use crate::world::{become_it, cargo_command, find_program, run, target};

/// Builds the console into `ui/dist`, where there is one.
pub fn build_console(root: &Path) -> Result<()> {
    let ui = root.join("ui");
    if !ui.join("package.json").is_file() {
        println!("console: there is no ui/ yet, the binary is built without it");
        return Ok(());
    }
    setup::npm_install(root, &ui)?;
    let npm = find_program("npm").context("npm was there a moment ago")?;
    run(Command::new(npm).args(["run", "build"]).current_dir(ui))
}

/// The console as CI wants it: lints, types, models, the build and its size, and what people do
/// with it in a browser against the binary that has it inside.
pub fn test_console(root: &Path) -> Result<()> {
    build_console(root)?;
    let npm = find_program("npm").context("npm was there a moment ago")?;
    let script = |name: &str| {
        run(Command::new(&npm).args(["run", "--silent", name]).current_dir(root.join("ui")))
    };
    for name in ["lint", "typecheck", "test"] {
        script(name)?;
    }
    build_server(root)?;
    let binary = target(root).join("release/cauce");
    let mut browser = Command::new(&npm);
    browser.args(["run", "--silent", "e2e"]).current_dir(root.join("ui")).env("CAUCE_BIN", binary);
    if let Some(chromium) = find_program("chromium") {
        browser.env("CHROMIUM", chromium);
    }
    run(&mut browser)
}

fn build_server(root: &Path) -> Result<()> {
    run(&mut cargo_command(root, ["build", "--release", "-p", "cauce-server", "--bin", "cauce"]))
}

fn demo_command(root: &Path, flags: &[String]) -> Result<Command> {
    if find_program("npm").is_none() {
        // Not: failing. The demo tells its story without the console as well.
        println!("console: not built, npm is missing; a page says so at its place");
    } else {
        build_console(root)?;
    }
    build_server(root)?;
    let mut command = Command::new(target(root).join("release/cauce"));
    command.arg("demo").args(flags).current_dir(root);
    Ok(command)
}

/// Builds everything and becomes the demo world.
pub fn demo(root: &Path, flags: &[String]) -> Result<()> {
    become_it(&mut demo_command(root, flags)?)
}

/// The demo world, once through its story, as a test.
pub fn demo_once(root: &Path) -> Result<()> {
    run(&mut demo_command(root, &["--once".into()])?)
}

/// Becomes a server on a temporary folder, built for debugging.
pub fn dev(root: &Path, flags: &[String]) -> Result<()> {
    let args = ["run", "-p", "cauce-server", "--bin", "cauce", "--", "dev"];
    become_it(cargo_command(root, args).args(flags))
}

/// Becomes the simulator.
pub fn sim(root: &Path, flags: &[String]) -> Result<()> {
    become_it(cargo_command(root, ["run", "--release", "-p", "cauce-sim", "--"]).args(flags))
}

/// Becomes the benchmarks.
pub fn bench(root: &Path, flags: &[String]) -> Result<()> {
    let args = ["bench", "-p", "cauce-server", "--bench", "figures", "--"];
    become_it(cargo_command(root, args).args(flags))
}

/// Runs the tests with leave to rewrite what they compare with; the diff is the review.
pub fn bless(root: &Path, filters: &[String]) -> Result<()> {
    let mut tests = cargo_command(root, ["test", "--workspace", "--no-fail-fast"]);
    run(tests.args(filters).env("BLESS", "1"))?;
    run(Command::new("git").args(["status", "--short"]).current_dir(root))
}

/// Console and release build, and the size of what would be shipped.
pub fn dist(root: &Path) -> Result<()> {
    build_console(root)?;
    build_server(root)?;
    let binary = target(root).join("release/cauce");
    let bytes = std::fs::metadata(&binary).context("looking at the binary")?.len();
    let mebibytes = bytes as f64 / f64::from(1 << 20);
    println!("{}: {bytes} bytes ({mebibytes:.1} MiB)", binary.display());
    Ok(())
}
