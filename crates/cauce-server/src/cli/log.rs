//! Looking into the log of a data directory.

use crate::boot;
use crate::control::Catalogs;
use anyhow::Context;
use cauce_core::ids::CONTROL;
use cauce_engine::checkpoint::{self, Progress};
use cauce_engine::codec;
use cauce_engine::partition::Partition;
use cauce_engine::tables::{CONTROL_LOG, ENGINE, TABLES};
use cauce_store::disk::OsDisk;
use cauce_store::{FileLog, FjallState, Log, MemoryState, State, log, state};
use clap::Subcommand;
use serde_json::{Value, json};
use std::collections::VecDeque;
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
    /// Decides the log again, in memory, and prints the hash of every table. It compares what it
    /// decides with what was decided then, and names the entries where the two part (exit code 1).
    /// It needs the whole log; where that was cut (`log-keep-mib`), a backup of the same server to
    /// begin with.
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

/// What was decided then, as the store remembers it of some entries of a partition.
struct Then {
    partition: u16,
    marks: VecDeque<Progress>,
    /// The decisions before this entry were the same.
    agreed: u64,
    /// They part between [`Then::agreed`] and this entry.
    differs: Option<u64>,
    /// From this entry on nothing can be compared: it was erased since.
    erased: Option<u64>,
}

impl Then {
    fn read(stored: &dyn State, partition: u16, begin: u64) -> anyhow::Result<Then> {
        let mut marks: VecDeque<Progress> = checkpoint::marks(stored, partition)?.into();
        marks.push_back(cauce_engine::cut::stored(stored, partition)?);
        marks.retain(|mark| mark.next > begin);
        Ok(Then { partition, marks, agreed: begin, differs: None, erased: None })
    }

    fn compare(&mut self, entry: &cauce_store::Entry, now: Progress) {
        if entry.body.is_empty() && !self.marks.is_empty() {
            self.erased = Some(entry.offset);
            self.marks.clear();
        }
        while let Some(mark) = self.marks.pop_front_if(|mark| mark.next <= now.next) {
            if mark == now {
                self.agreed = now.next;
            } else if mark.next == now.next {
                self.differs = Some(now.next);
                self.marks.clear();
            }
        }
    }
}

/// What a replay came to, beside what was decided then.
fn compared(then: &[Then]) -> (Vec<String>, Value) {
    let (mut same, mut lines) = (0, Vec::new());
    let (mut differ, mut erased) = (Vec::new(), Vec::new());
    for Then { partition, agreed, differs, erased: gone, .. } in then {
        if let Some(next) = differs {
            differ.push(json!({ "partition": partition, "from": agreed, "before": next }));
            lines.push(format!(
                "partition {partition} decides otherwise than then, from entry {agreed} on and \
                 before entry {next}"
            ));
        } else if let Some(entry) = gone {
            erased.push(json!({ "partition": partition, "entry": entry }));
            lines.push(format!(
                "partition {partition}: entry {entry} was erased since, and what follows cannot be \
                 compared"
            ));
        } else if *agreed > 0 {
            same += 1;
        }
    }
    lines.insert(0, format!("{same} partitions decide as they did then"));
    (lines, json!({ "same": same, "differ": differ, "erased": erased }))
}

fn replay(data: &Path, until: u64, backup: Option<&Path>, json: bool) -> anyhow::Result<ExitCode> {
    let count = partitions_of(data)?;
    let log = open(data)?;
    let catalogs = Arc::new(Catalogs::default());
    // For what was published, and for what was decided then: decisions are made on other rows.
    let stored = open_state(data)?;
    boot::read_control(&log, &*stored, &catalogs)?;
    let state = beginning(backup, count, &log)?;
    let (mut partitions, mut then) = (Vec::new(), Vec::new());
    for number in 0..count {
        checkpoint::copy_skipped(&*stored, &*state, number)?;
        let partition = Partition::open(number, count, state.clone(), catalogs.clone())?;
        let begin = partition.progress().next;
        cauce_engine::cut::check(number, begin, &log).context(
            "the log was cut and does not begin where this replay begins; give it a later backup",
        )?;
        partitions.push(partition);
        then.push(Then::read(&*stored, number, begin)?);
    }
    drop(stored);
    let mut failed = None;
    let mut taken = 0u64;
    let next: Vec<u64> = partitions.iter().map(|p| p.progress().next).collect();
    let from = |partition: u16| next.get(usize::from(partition)).copied().unwrap_or(u64::MAX);
    let visit = &mut |entry: cauce_store::Entry| {
        let number = usize::from(entry.partition);
        if entry.offset < until
            && failed.is_none()
            && let (Some(partition), Some(then)) =
                (partitions.get_mut(number), then.get_mut(number))
        {
            failed = partition.take(&entry).err();
            then.compare(&entry, partition.progress());
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
    let (lines, compared) = compared(&then);
    if !json {
        writeln!(std::io::stdout(), "{taken} entries decided again; {}", lines.join("\n"))?;
    }
    print_hashes(&partitions, &*state, Some((taken, compared)), json)?;
    let differ = then.iter().any(|then| then.differs.is_some());
    Ok(if differ { ExitCode::FAILURE } else { ExitCode::SUCCESS })
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
    replayed: Option<(u64, Value)>,
    json: bool,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let (mut positions, mut tables) = (Vec::new(), Vec::new());
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
            if number == usize::from(ENGINE) && checkpoint::is_mark(key) {
                return true;
            }
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
        let (taken, compared) = replayed.unzip();
        let said = json!({ "taken": taken, "compared": compared, "partitions": positions,
                           "tables": tables });
        writeln!(out, "{said}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(offset: u64, erased: bool) -> cauce_store::Entry {
        let body = if erased { Vec::new() } else { b"what happened".to_vec() };
        cauce_store::Entry { partition: 3, incarnation: 1, offset, erased, body }
    }

    fn marks(of: &[(u64, u128)]) -> Then {
        let marks = of.iter().map(|(next, hash)| Progress { next: *next, hash: *hash }).collect();
        Then { partition: 3, marks, agreed: 0, differs: None, erased: None }
    }

    fn replayed(mut then: Then, erased: Option<u64>) -> (Vec<String>, Value) {
        for offset in 0..30 {
            let now = Progress { next: offset + 1, hash: u128::from(offset) };
            then.compare(&entry(offset, erased == Some(offset)), now);
        }
        compared(&[then])
    }

    #[test]
    fn a_replay_names_where_it_parts_from_what_was_decided() {
        let (lines, json) = replayed(marks(&[(10, 9), (20, 19), (25, 24)]), None);
        assert_eq!(lines, ["1 partitions decide as they did then"]);
        assert_eq!(json["same"], 1);
        let (lines, json) = replayed(marks(&[(10, 9), (20, 77), (25, 78)]), None);
        let said = "partition 3 decides otherwise than then, from entry 10 on and before entry 20";
        assert_eq!(lines[1], said);
        assert_eq!(json["differ"][0], json!({ "partition": 3, "from": 10, "before": 20 }));
        let (lines, json) = replayed(marks(&[(10, 9), (20, 77)]), Some(12));
        assert!(lines[1].contains("entry 12 was erased since"), "{lines:?}");
        assert_eq!((&json["differ"], &json["same"]), (&json!([]), &json!(0)));
    }
}
