//! Installs what the tests need that cargo does not bring: Python, npm and Debian packages.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::world::{find_program, run, target};

/// A program that tests outside of Rust talk to, and the Debian package that brings it.
struct Program {
    command: &'static str,
    package: &'static str,
}

/// Real peers, as Debian packages them. A test that talks to one adds its line here.
const PROGRAMS: &[Program] = &[
    Program { command: "chromium-headless-shell", package: "chromium-headless-shell" },
    Program { command: "tshark", package: "tshark" },
    Program { command: "dnsmasq", package: "dnsmasq-base" },
    // No program: a module of Perl, where Debian puts it.
    Program { command: "/usr/share/perl5/MIME/Parser.pm", package: "libmime-tools-perl" },
];

/// The Python of the tests.
pub fn python(root: &Path) -> PathBuf {
    target(root).join("venv/bin/python")
}

/// Where Postfix is unpacked: used from there, never installed, so that no mail server begins to
/// run on this machine.
pub fn postfix(root: &Path) -> PathBuf {
    target(root).join("postfix")
}

/// Installs everything; names all that is missing rather than the first.
pub fn install(root: &Path) -> Result<()> {
    let files = crate::tidy::tree::walk(root)?;
    let below = |name: &str| -> Vec<PathBuf> {
        let end = format!("tests/outside/{name}");
        files.iter().filter(|path| path.ends_with(&end)).map(|path| root.join(path)).collect()
    };
    let results = [
        install_programs(PROGRAMS),
        install_python(root, &below("requirements.txt")),
        install_npm(root, &below("package.json")),
        unpack_postfix(root),
    ];
    let faults: Vec<_> =
        results.into_iter().filter_map(Result::err).map(|error| format!("{error:#}")).collect();
    if !faults.is_empty() {
        bail!("{}", faults.join("; "));
    }
    Ok(())
}

fn install_programs(programs: &[Program]) -> Result<()> {
    let absent: Vec<_> =
        programs.iter().filter(|program| find_program(program.command).is_none()).collect();
    if absent.is_empty() {
        return Ok(());
    }
    let packages: Vec<_> = absent.iter().map(|program| program.package).collect();
    let by_hand = format!("apt-get install -y {}", packages.join(" "));
    let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n");
    if !root || find_program("apt-get").is_none() {
        let commands: Vec<_> = absent.iter().map(|program| program.command).collect();
        bail!("missing {}: run `{by_hand}` as root", commands.join(", "));
    }
    let apt = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        // A package that asks a question would wait for ever.
        command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command)
    };
    apt(&["update", "-q"])?;
    apt(&[&["install", "-y", "-q", "--no-install-recommends"], packages.as_slice()].concat())
}

fn unpack_postfix(root: &Path) -> Result<()> {
    let folder = postfix(root);
    if folder.join("usr/sbin/postfix").is_file() {
        return Ok(());
    }
    if find_program("apt-get").is_none() || find_program("dpkg").is_none() {
        // The test says itself that it did not run.
        println!("postfix: not unpacked, this is no Debian; the relay through it is not tested");
        return Ok(());
    }
    let parcel = target(root).join("postfix-package");
    fs::create_dir_all(&parcel)?;
    run(Command::new("apt-get").args(["download", "-q", "postfix"]).current_dir(&parcel))
        .context("downloading Postfix; `apt-get update` as root may be due")?;
    let package = fs::read_dir(&parcel)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|end| end == "deb"))
        .context("apt-get left no package")?;
    run(Command::new("dpkg").arg("-x").arg(package).arg(&folder))
}

fn install_python(root: &Path, requirements: &[PathBuf]) -> Result<()> {
    if requirements.is_empty() {
        return Ok(());
    }
    let python = python(root);
    if !python.is_file() {
        let Some(system) = find_program("python3") else {
            bail!("missing python3: run `apt-get install -y python3 python3-venv` as root");
        };
        let venv = target(root).join("venv");
        run(Command::new(system).args(["-m", "venv"]).arg(venv))
            .context("making target/venv (Debian keeps this in the package `python3-venv`)")?;
    }
    unless_stamped(&target(root).join("venv/installed"), requirements, || {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        for file in requirements {
            pip.arg("-r").arg(file);
        }
        run(&mut pip)
    })
}

fn install_npm(root: &Path, manifests: &[PathBuf]) -> Result<()> {
    for manifest in manifests {
        npm_install(root, manifest.parent().unwrap_or(root))?;
    }
    Ok(())
}

/// Installs the packages of one folder, unless its lock file has not changed since.
pub fn npm_install(root: &Path, folder: &Path) -> Result<()> {
    let Some(npm) = find_program("npm") else {
        bail!("missing npm: run `apt-get install -y npm` as root, or install Node.js");
    };
    let lock = folder.join("package-lock.json");
    let verb = if lock.is_file() { "ci" } else { "install" };
    let inputs = [folder.join("package.json"), lock];
    unless_stamped(&folder.join("node_modules/.installed"), &inputs, || {
        run(Command::new(npm).args([verb, "--no-audit", "--no-fund"]).current_dir(folder))
            .with_context(|| {
                format!("in {}", folder.strip_prefix(root).unwrap_or(folder).display())
            })
    })
}

/// Runs `install` unless the stamp holds the same inputs already; writes it afterwards.
fn unless_stamped(
    stamp: &Path,
    inputs: &[PathBuf],
    install: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let mut wanted = String::new();
    for input in inputs {
        wanted += &fs::read_to_string(input).unwrap_or_default();
        wanted.push('\0');
    }
    if fs::read_to_string(stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    install()?;
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder)?; // a manifest without packages leaves no folder behind
    }
    fs::write(stamp, wanted).context("writing the stamp of the installed packages")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_are_present_cost_nothing() {
        let programs = [Program { command: "sh", package: "no-such-package" }];
        assert!(install_programs(&programs).is_ok());
    }

    #[test]
    fn installs_once_per_content() {
        let folder = std::env::temp_dir().join(format!("cauce-xtask-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the test");
        let (stamp, input) = (folder.join("stamp"), folder.join("input"));
        let inputs = [input.clone()];
        let mut runs = 0;
        let mut once = |fails: bool| {
            unless_stamped(&stamp, &inputs, || {
                runs += 1;
                if fails { bail!("no") } else { Ok(()) }
            })
            .is_ok()
        };
        fs::write(&input, "a").expect("write");
        assert!(!once(true), "a failed install is not stamped");
        assert!(once(false) && once(false));
        fs::write(&input, "b").expect("write");
        assert!(once(false));
        assert_eq!(runs, 3);
        fs::remove_dir_all(folder).expect("remove");
    }
}
