//! Builds the product and runs it: console, demo, development server, simulator, benchmarks.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::world::{become_it, cargo_command, find_program, run, target};
use crate::{setup, suite};

/// Builds the console into `ui/dist`, where there is one.
pub fn build_console(root: &Path) -> Result<()> {
    let ui = root.join("ui");
    if !ui.join("package.json").is_file() {
        println!("console: there is no ui/ yet, the binary is built without it");
        return Ok(());
    }
    if is_fresh(&ui, &root.join("openapi.json")) {
        println!("console: ui/dist is newer than what it is made of");
        return Ok(());
    }
    setup::npm_install(root, &ui)?;
    let npm = find_program("npm").context("npm was there a moment ago")?;
    run(Command::new(npm).args(["run", "build"]).current_dir(ui))
}

/// Whether the console was built behind the last change of its sources. A build that changes
/// nothing still gives files a new time, and the release of the server would follow.
fn is_fresh(ui: &Path, openapi: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|found| found.modified()).ok();
    let Some(built) = time(&ui.join("dist/index.html")) else { return false };
    let made = ["dist", "node_modules", "test-results"];
    let mut folders = vec![ui.to_path_buf()];
    let mut sources = vec![openapi.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = folder.read_dir() else { return false };
        for path in entries.flatten().map(|entry| entry.path()) {
            let is_made = folder == ui && made.iter().any(|name| path.ends_with(name));
            match path.is_dir() {
                true if !is_made => folders.push(path),
                true => {}
                false => sources.push(path),
            }
        }
    }
    // A folder that was emptied since does not count: what is gone breaks the build itself.
    sources.iter().all(|path| time(path).is_some_and(|changed| changed <= built))
}

/// A script of the console's package.
fn npm_script(root: &Path, name: &str) -> Result<Command> {
    setup::npm_install(root, &root.join("ui"))?;
    build_console(root)?;
    let npm = find_program("npm").context("npm was there a moment ago")?;
    let mut script = Command::new(npm);
    script.args(["run", "--silent", name]).current_dir(root.join("ui"));
    Ok(script)
}

/// The console's lints, types and models, its build and that build's size.
pub fn check_console(root: &Path) -> Result<()> {
    ["lint", "typecheck", "test"].iter().try_for_each(|name| run(&mut npm_script(root, name)?))
}

/// What people do with the console in a browser, against the binary that has it inside.
pub fn test_console(root: &Path) -> Result<()> {
    let binary = build_server(root, Build::Debug)?;
    // One page of these tests is a shop's own, with packages that we did not write.
    setup::npm_install(root, &root.join("crates/cauce-server/tests/outside"))?;
    let mut browser = npm_script(root, "e2e")?;
    browser.env("CAUCE_BIN", binary);
    if let Some(chromium) = find_program("chromium-headless-shell") {
        browser.env("CHROMIUM", chromium);
    }
    run(&mut browser)
}

/// How the server is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Build {
    /// As the tests have built it already: another build of all that it depends on would be a
    /// quarter of their time.
    Debug,
    /// As people use it.
    Release,
}

/// Builds the server; answers where it is.
fn build_server(root: &Path, build: Build) -> Result<PathBuf> {
    match build {
        Build::Debug => built_by_the_tests(root, "cauce"),
        Build::Release => {
            let words = ["build", "-p", "cauce-server", "--bin", "cauce", "--release"];
            run(&mut cargo_command(root, words))?;
            Ok(target(root).join("release/cauce"))
        }
    }
}

/// A binary of ours as the tests have built it. By itself its crate has other features of what is
/// shared, and everything would be built once more.
pub fn built_by_the_tests(root: &Path, name: &str) -> Result<PathBuf> {
    run(&mut suite::linted(root, &["test", "--workspace", "--no-run", "--quiet"])?)?;
    Ok(target(root).join("debug").join(name))
}

fn demo_command(root: &Path, build: Build, flags: &[String]) -> Result<Command> {
    if find_program("npm").is_none() {
        // Not: failing. The demo tells its story without the console as well.
        println!("console: not built, npm is missing; a page says so at its place");
    } else {
        build_console(root)?;
    }
    let mut command = Command::new(build_server(root, build)?);
    command.arg("demo").args(flags).current_dir(root);
    Ok(command)
}

/// Builds everything and becomes the demo world.
pub fn demo(root: &Path, flags: &[String]) -> Result<()> {
    become_it(&mut demo_command(root, Build::Release, flags)?)
}

/// The demo world, once through its story, as a test.
pub fn demo_once(root: &Path) -> Result<()> {
    run(&mut demo_command(root, Build::Debug, &["--once".into()])?)
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
    let binary = build_server(root, Build::Release)?;
    let bytes = std::fs::metadata(&binary).context("looking at the binary")?.len();
    let mebibytes = bytes as f64 / f64::from(1 << 20);
    println!("{}: {bytes} bytes ({mebibytes:.1} MiB)", binary.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_is_built_again_after_a_change() {
        let folder = std::env::temp_dir().join(format!("console-{}", std::process::id()));
        let (ui, openapi) = (folder.join("ui"), folder.join("openapi.json"));
        std::fs::create_dir_all(ui.join("src")).unwrap();
        std::fs::create_dir_all(ui.join("dist")).unwrap();
        std::fs::write(&openapi, "{}").unwrap();
        std::fs::write(ui.join("src/a.ts"), "a").unwrap();
        assert!(!is_fresh(&ui, &openapi), "nothing is built");
        std::fs::write(ui.join("dist/index.html"), "a").unwrap();
        assert!(is_fresh(&ui, &openapi));
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
        let source = std::fs::File::options().write(true).open(ui.join("src/a.ts")).unwrap();
        source.set_modified(later).unwrap();
        assert!(!is_fresh(&ui, &openapi));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
