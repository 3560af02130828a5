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
    Program { command: "ip", package: "iproute2" },
    Program { command: "curl", package: "curl" },
    Program { command: "openssl", package: "openssl" },
    // No program: a module of Perl, where Debian puts it.
    Program { command: "/usr/share/perl5/MIME/Parser.pm", package: "libmime-tools-perl" },
    Program { command: "/usr/share/perl5/Mail/DKIM.pm", package: "libmail-dkim-perl" },
];

/// A mail server that is used from where it was unpacked and never installed, so that none begins
/// to run on this machine.
struct Unpacked {
    /// Below the build's folder.
    name: &'static str,
    /// Debian's packages of it, and of libraries that the tests' machine has no other use for. The
    /// last one is the server's: once that is there, all of them are.
    packages: &'static [&'static str],
    /// The file by which it is known that it is there.
    program: &'static str,
    /// Names a folder where it was unpacked by hand.
    variable: &'static str,
    /// It becomes other users, so that only root can run it.
    as_root: bool,
}

const POSTFIX: Unpacked = Unpacked {
    name: "postfix",
    packages: &["postfix"],
    program: "usr/sbin/postfix",
    variable: "CAUCE_POSTFIX",
    as_root: true,
};

const EXIM: Unpacked = Unpacked {
    name: "exim",
    packages: &[
        "libevent-2.1-7",
        "libgnutls-dane0",
        "libidn12",
        "libnss-wrapper",
        "libunbound8",
        "exim4-daemon-light",
    ],
    program: "usr/sbin/exim4",
    variable: "CAUCE_EXIM",
    as_root: false,
};

/// Names the mail servers whose tests are not to run, with commas between them: what a machine
/// cannot have, it leaves out in so many words. The tests look there too.
const WITHOUT: &str = "CAUCE_WITHOUT";

/// The Python of the tests.
pub fn python(root: &Path) -> PathBuf {
    target(root).join("venv/bin/python")
}

/// Where Postfix is unpacked.
pub fn postfix(root: &Path) -> PathBuf {
    target(root).join(POSTFIX.name)
}

/// Where Exim is unpacked.
pub fn exim(root: &Path) -> PathBuf {
    target(root).join(EXIM.name)
}

/// Installs everything; names all that is missing rather than the first.
pub fn install(root: &Path) -> Result<()> {
    let files = crate::tidy::tree::walk(root)?;
    let below = |name: &str| -> Vec<PathBuf> {
        let end = format!("tests/outside/{name}");
        files.iter().filter(|path| path.ends_with(&end)).map(|path| root.join(path)).collect()
    };
    let without = std::env::var(WITHOUT).unwrap_or_default();
    let results = [
        may_be_left_out(&without),
        install_programs(PROGRAMS),
        install_python(root, &below("requirements.txt")),
        install_npm(root, &below("package.json")),
        unpack(root, &POSTFIX, &without),
        unpack(root, &EXIM, &without),
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
    if !is_root() || find_program("apt-get").is_none() {
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

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|own| own.stdout == b"0\n")
}

/// The names of what is left out.
fn left_out(without: &str) -> impl Iterator<Item = &str> {
    without.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// Only what a machine may be unable to have is left out; a misspelt name would leave out nothing.
fn may_be_left_out(without: &str) -> Result<()> {
    let known = [POSTFIX.name, EXIM.name];
    match left_out(without).find(|name| !known.contains(name)) {
        Some(name) => bail!("{WITHOUT} names `{name}`; it may name {}", known.join(", ")),
        None => Ok(()),
    }
}

/// Why a server cannot run here, with the way out; nothing where it can.
fn cannot_run(server: &Unpacked, root: bool, debian: bool) -> Option<String> {
    let Unpacked { name, variable, as_root, .. } = server;
    let else_without = format!("or leave its tests out: {WITHOUT}={name}");
    if *as_root && !root {
        return Some(format!("{name} runs as root only: run this as root, {else_without}"));
    }
    let by_hand = format!("name a folder with its files in {variable}");
    (!debian).then(|| {
        format!(
            "missing {name}, which apt-get and dpkg of a Debian bring: {by_hand}, {else_without}"
        )
    })
}

fn unpack(root: &Path, server: &Unpacked, without: &str) -> Result<()> {
    let Unpacked { name, packages, program, variable, .. } = server;
    if left_out(without).any(|left_out| left_out == *name) {
        println!("not run  the tests with {name}, which {WITHOUT} leaves out");
        return Ok(());
    }
    let folder = target(root).join(name);
    let there = std::env::var_os(variable).is_some() || folder.join(program).is_file();
    let debian = find_program("apt-get").is_some() && find_program("dpkg").is_some();
    if let Some(why) = cannot_run(server, is_root(), there || debian) {
        bail!("{why}");
    }
    if there {
        return Ok(());
    }
    let parcel = target(root).join(format!("{name}-package"));
    fs::create_dir_all(&parcel)?;
    for package in *packages {
        run(Command::new("apt-get").args(["download", "-q", package]).current_dir(&parcel))
            .with_context(|| {
                format!("downloading `{package}`; `apt-get update` as root may be due")
            })?;
        let file = fs::read_dir(&parcel)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| is_package(path, package))
            .with_context(|| format!("apt-get left no package of `{package}`"))?;
        run(Command::new("dpkg").arg("-x").arg(file).arg(&folder))?;
    }
    // Nobody keeps it up to date here, so that it must not give its owner's rights to who runs it.
    run(Command::new("chmod").args(["-R", "u-s,g-s"]).arg(&folder))
}

/// Whether a file is what apt-get left of a package: `NAME_VERSION_ARCHITECTURE.deb`.
fn is_package(path: &Path, package: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let rest = name.strip_prefix(package);
    rest.is_some_and(|rest| rest.starts_with('_') && rest.ends_with(".deb"))
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
    fn a_server_that_cannot_run_is_missed_or_left_out_by_name() {
        for (server, root, debian, said) in [
            (&POSTFIX, true, true, None),
            (&POSTFIX, false, true, Some("as root only")),
            (&POSTFIX, true, false, Some("missing postfix")),
            (&EXIM, false, true, None),
            (&EXIM, false, false, Some("missing exim")),
        ] {
            let why = cannot_run(server, root, debian);
            assert_eq!(why.is_some(), said.is_some(), "{why:?}");
            let (why, way_out) =
                (why.unwrap_or_default(), format!("CAUCE_WITHOUT={}", server.name));
            assert!(said.is_none_or(|said| why.contains(said) && why.ends_with(&way_out)), "{why}");
        }
        assert!(may_be_left_out("").is_ok() && may_be_left_out("exim, postfix").is_ok());
        assert!(may_be_left_out("exim,sendmail").is_err());
    }

    #[test]
    fn packages_are_known_by_their_whole_names() {
        let check = |file: &str, package: &str| is_package(Path::new(file), package);
        assert!(check("a/libidn12_1.41-1_amd64.deb", "libidn12"));
        assert!(!check("a/libidn12-dev_1.41-1_amd64.deb", "libidn12"));
        assert!(!check("a/libidn12_1.41-1_amd64.deb.part", "libidn12"));
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
