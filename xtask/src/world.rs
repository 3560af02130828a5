//! Where the repository is, and how a command is run in it.

use anyhow::{Context, Result, bail};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("xtask is a folder of the repository").to_path_buf()
}

/// The cargo that runs us.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The folder of everything built.
pub fn target(root: &Path) -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => root.join(target),
        None => root.join("target"),
    }
}

/// A cargo command at the root.
pub fn cargo_command<A: AsRef<OsStr>>(root: &Path, args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(cargo());
    command.args(args).current_dir(root);
    command
}

/// A script that cargo calls instead of rustc for the crates of this workspace; it is given the
/// call, and ends in another. Cargo tells builds with different wrappers apart by their paths, so
/// that what the script says is in its name.
pub fn workspace_wrapper(root: &Path, folder: &str, script: &str) -> Result<PathBuf> {
    let script = format!(
        "#!/bin/sh\n\
         case \" $* \" in\n\
         *' --crate-name build_script_'*|*' --crate-type proc-macro '*|*' --print '*|*' -vV '*)\n  \
         exec \"$@\" ;;\n\
         esac\n{script}"
    );
    let folder = target(root).join(folder);
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let path = folder.join(format!("rustc-{:016x}", fnv1a(script.as_bytes())));
    if !path.is_file() {
        let fresh = path.with_extension("new");
        fs::write(&fresh, script).context("writing the wrapper of rustc")?;
        run(Command::new("chmod").arg("+x").arg(&fresh))?;
        fs::rename(&fresh, &path).context("naming the wrapper of rustc")?;
    }
    Ok(path)
}

/// A short name for some bytes (FNV-1a).
fn fnv1a(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

/// Prints the command, runs it with its output streaming, and fails if it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    println!("$ {line}");
    let status = command.status().with_context(|| format!("starting `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed: {status}");
    }
    Ok(())
}

/// Becomes the command, so that signals and the exit code are its own.
pub fn become_it(command: &mut Command) -> Result<()> {
    let line = shown(command);
    println!("$ {line}");
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        Err(command.exec()).with_context(|| format!("starting `{line}`"))
    }
    #[cfg(not(unix))]
    run(command)
}

/// The first file of that name in `PATH` or where servers are kept.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|program| program.is_file())
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_fail_loudly() {
        assert!(root().join("Cargo.toml").is_file());
        assert!(run(&mut Command::new("true")).is_ok());
        let failed = run(Command::new("false").arg("x")).expect_err("false fails").to_string();
        assert!(failed.starts_with("`false x` failed"), "{failed}");
        let absent = run(&mut Command::new("no-such-program")).expect_err("it is absent");
        assert!(absent.to_string().contains("starting `no-such-program`"), "{absent}");
    }

    #[test]
    fn programs_are_found_in_the_path() {
        assert!(find_program("sh").is_some());
        assert!(find_program("no-such-program").is_none());
    }
}
