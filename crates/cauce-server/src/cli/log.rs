//! Looking into the log of a data directory.

use crate::boot;
use crate::control::Catalogs;
use anyhow::Context;
use cauce_core::ids::CONTROL;
use cauce_engine::codec;
use cauce_engine::partition::Partition;
use cauce_engine::tables::{CONTROL_LOG, TABLES};
use cauce_store::disk::OsDisk;
use cauce_store::{FileLog, FjallState, Log, MemoryState, State, log, state};
use clap::Subcommand;
use serde_json::json;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// What can be looked at.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Prints entries as JSON, one a line.
    Dump {
        /// The data directory of a server that is not running.
        #[arg(long, default_value = "cauce-data")]
        data: PathBuf,
        /// Only this partition; `control` is 65535.
        #[arg(long)]
        partition: Option<u16>,
        /// From this entry on.
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// At most so many entries.
        #[arg(long)]
        limit: Option<usize>,
    },
    /// Decides the log again, in memory, and prints the hash of every table. It needs the whole
    /// log; where that was cut (`log-keep-mib`), a backup of the same server to begin with.
    Replay {
        /// The data directory of a server that is not running.
        #[arg(long, default_value = "cauce-data")]
        data: PathBuf,
        /// Only entries before this one, in each partition.
        #[arg(long)]
        until: Option<u64>,
        /// Begin with this backup instead of nothing.
        #[arg(long)]
        backup: Option<PathBuf>,
    },
    /// Goes on from the rows where the end of the log was lost (a file system was mended, a volume
    /// came back from another day). Sending is paused until somebody resumes.
    Recover {
        /// The data directory of a server that is not running.
        #[arg(long, default_value = "cauce-data")]
        data: PathBuf,
    },
    /// Prints the hash of every table as it is stored: what `replay` must come to.
    Hashes {
        /// The data directory of a server that is not running.
        #[arg(long, default_value = "cauce-data")]
        data: PathBuf,
    },
}

fn open(data: &Path) -> anyhow::Result<FileLog> {
    let folder = data.join("log");
    anyhow::ensure!(folder.is_dir(), "`{}` has no log", data.display());
    let disk = OsDisk::open(&folder).context("the log cannot be opened; is the server running?")?;
    Ok(FileLog::open(Arc::new(disk), log::Options::new(0))?)
}

/// Runs a command.
pub fn run(command: &LogCommand, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        LogCommand::Dump { data, partition, from, limit } => {
            dump(&open(data)?, *partition, *from, limit.unwrap_or(usize::MAX))
        }
        LogCommand::Replay { data, until, backup } => {
            replay(data, until.unwrap_or(u64::MAX), backup.as_deref(), json)
        }
        LogCommand::Hashes { data } => hashes(data, json),
        LogCommand::Recover { data } => recover(data, json),
    }
}

fn dump(log: &FileLog, only: Option<u16>, from: u64, limit: usize) -> anyhow::Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut failed = None;
    let mut left = limit;
    let start =
        |partition: u16| if only.is_none_or(|only| only == partition) { from } else { u64::MAX };
    let visit = &mut |entry: cauce_store::Entry| {
        if left == 0 || failed.is_some() {
            return Ok(());
        }
        left -= 1;
        let body = if entry.partition == CONTROL {
            serde_json::from_slice(&entry.body).unwrap_or_default()
        } else {
            match codec::input(&entry.body) {
                Ok(input) => serde_json::to_value(input).unwrap_or_default(),
                Err(error) => serde_json::json!({ "unreadable": error.to_string() }),
            }
        };
        let line = serde_json::json!({ "partition": entry.partition, "offset": entry.offset,
                                       "incarnation": entry.incarnation, "entry": body });
        failed = writeln!(out, "{line}").err();
        Ok(())
    };
    log.scan(&start, visit)?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(out.flush().map(|()| ExitCode::SUCCESS)?),
    }
}

fn open_state(data: &Path) -> anyhow::Result<Arc<dyn State>> {
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    let options = state::Options::small();
    Ok(Arc::new(FjallState::open(&data.join("state"), &names, &options)?))
}

fn partitions_of(data: &Path) -> anyhow::Result<u16> {
    let text = std::fs::read_to_string(data.join("partitions")).context("no data directory")?;
    Ok(text.trim().parse()?)
}

/// Rows to begin with: none, or those of a backup of the same log.
fn beginning(backup: Option<&Path>, count: u16, log: &FileLog) -> anyhow::Result<Arc<dyn State>> {
    let state = Arc::new(MemoryState::new(TABLES.len(), 0));
    let Some(file) = backup else { return Ok(state) };
    let opened =
        std::fs::File::open(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let known = cauce_engine::dump::restore(std::io::BufReader::new(opened), &*state)?;
    anyhow::ensure!(
        known.partitions == count && known.incarnation == log.incarnation(),
        "`{}` is no backup of this log",
        file.display()
    );
    Ok(state)
}

fn replay(data: &Path, until: u64, backup: Option<&Path>, json: bool) -> anyhow::Result<ExitCode> {
    let count = partitions_of(data)?;
    let log = open(data)?;
    let catalogs = Arc::new(Catalogs::default());
    // Only for what was published: decisions are made on other rows.
    let stored = open_state(data)?;
    boot::read_control(&log, &*stored, &catalogs)?;
    drop(stored);
    let state = beginning(backup, count, &log)?;
    let mut partitions = Vec::new();
    for number in 0..count {
        let partition = Partition::open(number, count, state.clone(), catalogs.clone())?;
        cauce_engine::cut::check(number, partition.progress().next, &log).context(
            "the log was cut and does not begin where this replay begins; give it a later backup",
        )?;
        partitions.push(partition);
    }
    let mut failed = None;
    let mut taken = 0u64;
    let next: Vec<u64> = partitions.iter().map(|p| p.progress().next).collect();
    let from = |partition: u16| next.get(usize::from(partition)).copied().unwrap_or(u64::MAX);
    let visit = &mut |entry: cauce_store::Entry| {
        if entry.offset < until
            && failed.is_none()
            && let Some(partition) = partitions.get_mut(usize::from(entry.partition))
        {
            failed = partition.take(&entry).err();
            taken += 1;
        }
        Ok(())
    };
    log.scan(&from, visit)?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    for partition in &mut partitions {
        if let Some(checkpoint) = partition.checkpoint() {
            checkpoint.write(&*state)?;
        }
    }
    print_hashes(&partitions, &*state, Some(taken), json)?;
    Ok(ExitCode::SUCCESS)
}

fn recover(data: &Path, json: bool) -> anyhow::Result<ExitCode> {
    use cauce_engine::cut::recover;
    let (count, log, state) = (partitions_of(data)?, open(data)?, open_state(data)?);
    // Whoever is interrupted between here and the pause begins again; no server starts meanwhile.
    let mark = data.join(boot::RECOVERING);
    let again = mark.exists();
    let published = recover::complete_control(&log, &*state)?;
    std::fs::File::create(&mark)?.sync_all()?;
    let catalogs = Arc::new(Catalogs::default());
    boot::read_control(&log, &*state, &catalogs)?;
    let found = recover::recover(&log, &state, &catalogs, count)?;
    let lost: u64 = published + found.iter().map(|ahead| ahead.lost).sum::<u64>();
    let last = recover::last_execution(&state, &catalogs, count)?;
    while log.end(CONTROL) <= last {
        boot::tell_audit(&log, "recover", "an entry that was lost", "")?;
        log.sync()?;
    }
    if lost > 0 || again {
        let reason = "the end of the log was lost";
        boot::pause(&log, count, reason)?;
        boot::tell_audit(&log, "recover", &format!("{lost} entries"), "sending is paused")?;
        log.sync()?;
    }
    std::fs::remove_file(&mark)?;
    if json {
        let partitions = found.iter().map(|a| json!({ "partition": a.partition, "lost": a.lost }));
        let partitions: Vec<_> = partitions.collect();
        writeln!(std::io::stdout(), "{}", json!({ "lost": lost, "partitions": partitions }))?;
    } else if lost == 0 && !again {
        println!("The log has everything that the rows have: nothing was changed.");
    } else {
        println!("The log lacks {lost} entries that the rows of {} partitions have;", found.len());
        println!("they are kept there, and the log goes on as a new incarnation. What it lost");
        println!("besides nobody can tell: let senders report the last hours again (an event that");
        println!("is known counts once). Sending is paused: look at the campaigns");
        println!("(`cauce campaign list`), then `cauce sending --resume`.");
    }
    Ok(ExitCode::SUCCESS)
}

fn hashes(data: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let count = partitions_of(data)?;
    // The log is opened as well: then no server has it.
    let log = open(data)?;
    let catalogs = Arc::new(Catalogs::default());
    let state = open_state(data)?;
    boot::read_control(&log, &*state, &catalogs)?;
    let mut partitions = Vec::new();
    for number in 0..count {
        partitions.push(Partition::open(number, count, state.clone(), catalogs.clone())?);
    }
    print_hashes(&partitions, &*state, None, json)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints how far partitions have come, and the hash of every table over all of them.
fn print_hashes(
    partitions: &[Partition<Catalogs>],
    state: &dyn State,
    taken: Option<u64>,
    json: bool,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let (mut positions, mut tables) = (Vec::new(), Vec::new());
    if let Some(taken) = taken.filter(|_| !json) {
        writeln!(out, "{taken} entries decided again")?;
    }
    for partition in partitions.iter().filter(|p| p.progress().next > 0) {
        let (number, progress) = (partition.number(), partition.progress());
        let (next, hash) = (progress.next, progress.hash);
        let hash = format!("{hash:032x}");
        if !json {
            writeln!(out, "partition {number} next {next} decisions {hash}")?;
        }
        positions.push(json!({ "partition": number, "next": next, "decisions": hash }));
    }
    // The copy of the control log is no decision.
    let decided = |(number, _): &(usize, _)| *number != usize::from(CONTROL_LOG);
    for (number, table) in TABLES.iter().enumerate().filter(decided) {
        let (mut hash, mut rows) = (xxhash_rust::xxh3::Xxh3::new(), 0u64);
        let visit = &mut |key: &[u8], value: &[u8]| {
            for part in [key, value] {
                hash.update(&(part.len() as u64).to_le_bytes());
                hash.update(part);
            }
            rows += 1;
            true
        };
        state.range(u8::try_from(number)?, &[], None, visit)?;
        let (name, hash) = (table.name, format!("{:032x}", hash.digest128()));
        if !json {
            writeln!(out, "table {name} rows {rows} hash {hash}")?;
        }
        tables.push(json!({ "table": name, "rows": rows, "hash": hash }));
    }
    if json {
        let said = json!({ "taken": taken, "partitions": positions, "tables": tables });
        writeln!(out, "{said}")?;
    }
    Ok(())
}
