//! Importing a file of rows as events.

mod condition;
mod event;
pub(super) mod mapping;
pub(super) mod progress;
pub(super) mod read;
pub(super) mod row;
pub(super) mod send;
mod value;

use super::Server;
use super::client::Client;
use anyhow::Context;
use event::{Groups, Ready, Verdict};
use mapping::Mapping;
use progress::{Counts, Meter, Progress};
use row::{Rejected, Row};
use send::Sender;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to import, and how.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The file: `.csv`, `.ndjson` or `.jsonl`, as it is or as `.zst` or `.gz`.
    file: PathBuf,
    /// The mapping: which columns become what of an event.
    #[arg(long)]
    map: PathBuf,
    /// The events happen now: they start journeys and send. Without it they are history.
    #[arg(long)]
    live: bool,
    /// Where rows go that could not be imported; `FILE.rejected.ndjson` here if absent.
    #[arg(long)]
    reject: Option<PathBuf>,
    /// Goes on where an earlier import of this file ended early.
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    server: Server,
}

/// Rows that were rejected, one a line; there is no file while there is none.
pub(super) struct Rejects {
    place: PathBuf,
    file: Option<std::fs::File>,
    /// Its length.
    pub(super) bytes: u64,
}

impl Rejects {
    /// Goes on behind the first bytes of what an earlier import wrote; the rest is written again.
    pub(super) fn new(place: &Path, keep: u64) -> anyhow::Result<Rejects> {
        let failed = || format!("cannot replace `{}`", place.display());
        if place.exists() {
            if keep == 0 {
                std::fs::remove_file(place).with_context(failed)?;
            } else {
                let file = std::fs::OpenOptions::new().write(true).open(place);
                let file = file.with_context(failed)?;
                let kept = keep.min(file.metadata().with_context(failed)?.len());
                file.set_len(kept).with_context(failed)?;
            }
        }
        Ok(Rejects { place: place.to_owned(), file: None, bytes: keep })
    }

    /// Adds one.
    pub(super) fn add(&mut self, rejected: &Rejected) -> anyhow::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let opened =
                    std::fs::OpenOptions::new().create(true).append(true).open(&self.place);
                none.insert(
                    opened.with_context(|| format!("cannot write `{}`", self.place.display()))?,
                )
            }
        };
        let line = serde_json::json!({ "line": rejected.line, "reason": rejected.reason,
                                       "row": rejected.row });
        let line = format!("{line}\n");
        // One write a line: an import that is killed leaves whole lines.
        file.write_all(line.as_bytes())?;
        self.bytes += line.len() as u64;
        Ok(())
    }
}

/// An import under way.
struct Import {
    sender: Sender,
    rejects: Rejects,
    meter: Meter,
    place: PathBuf,
    progress: Progress,
}

impl Import {
    fn reject(&mut self, rejected: &Rejected) -> anyhow::Result<()> {
        self.progress.counts.rejected += 1;
        self.rejects.add(rejected)
    }

    /// Reports what was gathered, and writes down that everything up to `done` is.
    async fn flush(&mut self, done: u64) -> anyhow::Result<()> {
        let sent = self.sender.flush().await?;
        self.progress.counts.accepted += sent.accepted;
        for rejected in &sent.rejected {
            self.reject(rejected)?;
        }
        self.progress.done = done;
        self.progress.reject_bytes = self.rejects.bytes;
        self.meter.show(&self.progress.counts);
        self.progress.save(&self.place)
    }

    fn count_skip(&mut self, reason: String) {
        *self.progress.counts.skipped.entry(reason).or_default() += 1;
    }

    /// Row by row: memory does not grow with the file.
    async fn stream(&mut self, mapping: &Mapping, mut rows: read::Rows) -> anyhow::Result<()> {
        let done = self.progress.done;
        let mut read = 0;
        while let Some(row) = rows.next()? {
            read += 1;
            if read <= done {
                continue;
            }
            self.progress.counts.rows += 1;
            match row.and_then(|row| one(mapping, &row)) {
                Ok(Ok(ready)) => {
                    if self.sender.add(ready) {
                        self.flush(read).await?;
                    }
                }
                Ok(Err(reason)) => self.count_skip(reason),
                Err(rejected) => self.reject(&rejected)?,
            }
            if read % 1_024 == 0 {
                self.meter.show(&self.progress.counts);
            }
        }
        self.flush(read).await
    }

    /// All rows first, then the events in the order in which they happened: all groups are in
    /// memory.
    async fn grouped(&mut self, mapping: &Mapping, mut rows: read::Rows) -> anyhow::Result<()> {
        let done = self.progress.done;
        // What an earlier import said of rows, it has written down.
        let again = done > 0;
        let mut counts = Counts::default();
        let mut groups = Groups::new(mapping);
        while let Some(row) = rows.next()? {
            counts.rows += 1;
            let added = row.and_then(|row| match event::judge(mapping, &row) {
                Verdict::Event(name) => groups.add(row, name).map(|()| None),
                Verdict::Skip(reason) => Ok(Some(reason)),
            });
            match added {
                Ok(None) => {}
                Ok(Some(reason)) => *counts.skipped.entry(reason).or_default() += 1,
                Err(rejected) if !again => self.reject(&rejected)?,
                Err(_) => {}
            }
            if counts.rows % 1_024 == 0 {
                self.meter.show(&counts);
            }
        }
        counts.identical = groups.identical;
        let (events, rejected) = groups.finish();
        if !again {
            for rejected in &rejected {
                self.reject(rejected)?;
            }
        }
        let before = &self.progress.counts;
        counts.accepted = before.accepted;
        counts.rejected = before.rejected;
        self.progress.counts = counts;
        self.meter.count_events(events.len() as u64, done);
        let mut place = done;
        for ready in events.into_iter().skip(usize::try_from(done)?) {
            place += 1;
            if self.sender.add(ready) {
                self.flush(place).await?;
                self.meter.reached(place);
            }
        }
        self.flush(place).await
    }
}

/// An event, or the line of a row that was rejected and why.
pub type Told<'t> = Result<&'t serde_json::Value, (u64, &'t str)>;

/// Reads a file without a server: `tell` hears every event, and of every row that is rejected its
/// line and the reason. What is skipped is not told.
///
/// # Errors
/// The mapping is none, or the file does not fit it or cannot be read.
pub fn rehearse(
    mapping: &str,
    file: &Path,
    raw: Box<dyn std::io::Read>,
    tell: &mut dyn FnMut(Told<'_>),
) -> anyhow::Result<()> {
    let mapping = Mapping::parse(mapping)?;
    let mut rows = read::Rows::open(file, raw, &mapping)?;
    let mut groups = Groups::new(&mapping);
    while let Some(row) = rows.next()? {
        let said = if mapping.group_by.is_empty() {
            row.and_then(|row| one(&mapping, &row)).map(Result::ok)
        } else {
            row.and_then(|row| match event::judge(&mapping, &row) {
                Verdict::Event(name) => groups.add(row, name),
                Verdict::Skip(_) => Ok(()),
            })
            .map(|()| None)
        };
        match &said {
            Ok(Some(ready)) => tell(Ok(&ready.event)),
            Ok(None) => {}
            Err(rejected) => tell(Err((rejected.line, &rejected.reason))),
        }
    }
    let (events, rejected) = groups.finish();
    events.iter().for_each(|ready| tell(Ok(&ready.event)));
    rejected.iter().for_each(|rejected| tell(Err((rejected.line, &rejected.reason))));
    Ok(())
}

/// An event, or why a row is none, or what is wrong with it.
fn one(mapping: &Mapping, row: &Row) -> Result<Result<Ready, String>, Rejected> {
    match event::judge(mapping, row) {
        Verdict::Event(name) => event::single(mapping, row, &name).map(Ok),
        Verdict::Skip(reason) => Ok(Err(reason)),
    }
}

/// What an earlier import left, if it is to go on; a fresh start if not.
fn begin(options: &Options, place: &Path, of: String) -> anyhow::Result<Progress> {
    let fresh = Progress { of, ..Progress::default() };
    let Some(left) = Progress::load(place)? else {
        anyhow::ensure!(
            !options.resume,
            "there is nothing to resume: no `{}`; was it complete, or has it another `--reject`?",
            place.display()
        );
        return Ok(fresh);
    };
    if !options.resume {
        return Ok(fresh);
    }
    anyhow::ensure!(
        left.of == fresh.of,
        "`{}` is of another file, mapping or `--live`; leave `--resume` out to begin anew",
        place.display()
    );
    Ok(left)
}

/// Imports. 0: everything; 1: something was rejected, or it ended early.
pub async fn run(options: &Options, json: bool) -> anyhow::Result<ExitCode> {
    let mapping = Mapping::open(&options.map)?;
    if !options.live && mapping.occurred_at.is_none() {
        anyhow::bail!(
            "the mapping has no `occurred-at`, and history has its times; or say `--live`"
        );
    }
    let file = std::fs::File::open(&options.file)
        .with_context(|| format!("cannot open `{}`", options.file.display()))?;
    let of = progress::fingerprint(&options.file, &std::fs::read(&options.map)?, options.live)?;
    let usual = || {
        let name = options.file.file_name().unwrap_or_default().to_string_lossy();
        PathBuf::from(format!("{name}.rejected.ndjson"))
    };
    let reject = options.reject.clone().unwrap_or_else(usual);
    let place = Progress::place(&reject);
    let progress = begin(options, &place, of)?;
    let meter = Meter::new(file.metadata()?.len());
    let rows = read::Rows::open(&options.file, meter.watch(file), &mapping)
        .with_context(|| format!("`{}` does not fit the mapping", options.file.display()))?;
    let rejects = Rejects::new(&reject, progress.reject_bytes)?;
    let sender = Sender::new(Client::new(&options.server)?, options.live);
    let mut import = Import { sender, rejects, meter, place, progress };
    let done = if mapping.group_by.is_empty() {
        import.stream(&mapping, rows).await
    } else {
        import.grouped(&mapping, rows).await
    };
    import.meter.finish();
    done?;
    // Complete: nothing to resume.
    let _ = std::fs::remove_file(&import.place);
    let counts = &import.progress.counts;
    let shown = if json { serde_json::to_string(counts)? } else { counts.shown() };
    writeln!(std::io::stdout(), "{shown}")?;
    if counts.rejected > 0 {
        eprintln!("what was rejected is in `{}`", reject.display());
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
