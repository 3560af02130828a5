//! Taking one file: its events are durable before it is remembered that they are, and after a crash
//! it goes on at the row where it was.

use super::ledger::{Ledger, Record, State};
use super::places::{Listed, Place};
use super::reading::{self, Piece};
use super::{Board, UnderWay};
use crate::app::App;
use crate::cli::import::Rejects;
use crate::cli::import::event::Ready;
use crate::cli::import::mapping::Mapping;
use crate::cli::import::progress::Progress;
use crate::cli::import::row::Rejected;
use crate::http::schemas::{Sorted, sort};
use crate::http::v1;
use anyhow::Context;
use cauce_core::admit;
use cauce_core::diagnostic::Diagnostic;
use cauce_core::ids::{hash64, hash128};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use xxhash_rust::xxh3::Xxh3;

/// Limit: bytes of rejected rows of one file; with more of them it is the wrong file or mapping.
const REJECTED_BYTES_MAX: u64 = 256 << 20;
/// How often at most it is written down how far a file is.
const SAVE_EVERY: Duration = Duration::from_millis(500);
/// How long it is waited where there is too much to do.
const BUSY: Duration = Duration::from_millis(5);

/// Everything that taking files of one source needs.
pub struct Taker {
    /// The process.
    pub app: Arc<App>,
    /// The source.
    pub source: String,
    /// What rows become.
    pub mapping: Arc<Mapping>,
    /// What the mapping and the kind of taking are called: another one begins anew.
    pub kind: u128,
    /// Whether the events happen now.
    pub live: bool,
    /// Where the files are.
    pub place: Place,
    /// What is remembered of the source.
    pub folder: PathBuf,
}

/// A file that did not come to its end.
pub enum Unfinished {
    /// It is tried again at the next look.
    Later(anyhow::Error),
    /// The process stops.
    Stopping,
}

impl<E: Into<anyhow::Error>> From<E> for Unfinished {
    fn from(error: E) -> Unfinished {
        Unfinished::Later(error.into())
    }
}

/// Where a file that is under way keeps what it needs.
fn own(folder: &Path, listed: &Listed) -> PathBuf {
    let key = hash64(&[listed.name.as_bytes(), listed.version.as_bytes()]);
    super::under_way(folder).join(format!("{key:016x}"))
}

/// Removes what is left of files that are not there any more.
pub fn tidy_up(folder: &Path, listed: &[Listed]) {
    let known: Vec<PathBuf> = listed.iter().map(|one| own(folder, one)).collect();
    let there = std::fs::read_dir(super::under_way(folder)).into_iter().flatten().flatten();
    for old in there.map(|entry| entry.path()).filter(|path| !known.contains(path)) {
        if let Err(error) = std::fs::remove_dir_all(&old) {
            tracing::error!(%error, path = %old.display(), "not removed");
        }
    }
}

fn hash(mut file: File) -> anyhow::Result<String> {
    let mut hash = Xxh3::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => hash.update(&buffer[..read]),
        }
    }
    Ok(format!("{:032x}", hash.digest128()))
}

/// Ledgers are read and written one at a time.
pub fn with_ledger<T>(
    board: &Board,
    folder: &Path,
    work: impl FnOnce(&mut Ledger) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let _one = board.records.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    work(&mut Ledger::open(folder)?)
}

impl Taker {
    /// Takes a file that was listed, from where it was left.
    ///
    /// # Errors
    /// See [`Unfinished`].
    pub async fn take(&self, listed: &Listed) -> Result<Record, Unfinished> {
        let own = own(&self.folder, listed);
        std::fs::create_dir_all(&own)?;
        let file = match self.place.open(&self.app, listed, &own).await {
            Ok(file) => file,
            Err(error) => {
                if super::places::is_final(&error) {
                    let _ = std::fs::remove_dir_all(&own);
                }
                return Err(error.into());
            }
        };
        let again = file.try_clone()?;
        let hash = tokio::task::spawn_blocking(move || hash(again)).await??;
        let known = self.ledger(|ledger| Ok(ledger.get(&listed.name).cloned()))?;
        if let Some(known) = known.filter(|known| known.hash == hash) {
            // Somebody touched it: the same content under the same name is no new file.
            let record = Record { version: listed.version.clone(), ..known };
            return self.remember(record, &own);
        }
        let of = hash128(&[hash.as_bytes(), &self.kind.to_be_bytes()]);
        let place = own.join("progress");
        let left = Progress::load(&place).ok().flatten();
        let fresh = Progress { of: format!("{of:032x}"), ..Progress::default() };
        let progress = left.filter(|left| left.of == fresh.of).unwrap_or(fresh);
        let rejects = Rejects::new(&own.join("rejected"), progress.reject_bytes)?;
        let mut taking = Taking { taker: self, listed, progress, rejects, place, said: None };
        let failed = taking.run(&file).await?;
        if !self.place.is_same(&file, listed)? {
            return Err(anyhow::anyhow!("`{}` changed while it was read", listed.name).into());
        }
        let Taking { progress, rejects, .. } = taking;
        let mut rejected_in = None;
        if rejects.bytes > 0 {
            let name = format!("{}.{}.ndjson", listed.name, &hash[..8]);
            let put = self.place.reject(&self.app, &name, &own.join("rejected")).await;
            rejected_in =
                Some(put.context("the rejected rows are kept here until they can be put")?);
        }
        let record = Record {
            name: listed.name.clone(),
            version: listed.version.clone(),
            hash,
            state: if failed.is_some() { State::Failed } else { State::Taken },
            at: self.app.node.now(),
            counts: progress.counts,
            reason: failed,
            rejected_in,
        };
        self.remember(record, &own)
    }

    fn ledger<T>(&self, work: impl FnOnce(&mut Ledger) -> anyhow::Result<T>) -> anyhow::Result<T> {
        with_ledger(&self.app.sources, &self.folder, work)
    }

    fn remember(&self, record: Record, own: &Path) -> Result<Record, Unfinished> {
        self.ledger(|ledger| ledger.put(record.clone()))?;
        std::fs::remove_dir_all(own)?;
        Ok(record)
    }
}

fn may_append(app: &App, historical: bool) -> bool {
    if historical { app.node.batch_may_append() } else { app.node.has_room() }
}

/// Appends events to the log; those that are none come back. All others are durable when this
/// returns.
///
/// # Errors
/// They could not be made durable: the same may be tried again, since every event has its id.
pub async fn report(
    app: &App,
    events: Vec<Ready>,
    historical: bool,
) -> Result<(u64, Vec<Rejected>), Unfinished> {
    while !may_append(app, historical) {
        if app.stopping.is_cancelled() {
            return Err(Unfinished::Stopping);
        }
        tokio::time::sleep(BUSY).await;
    }
    let catalog = app.catalog();
    let (mut admitted, mut rejected) = (Vec::new(), Vec::new());
    let in_words = |faults: &[Diagnostic]| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        faults.join("; ")
    };
    let mut rows = Vec::new();
    for Ready { line, event, .. } in events {
        match admit::native(&event, &v1::edge(app, None, historical), &catalog.namespaces) {
            Ok(admitted_event) => {
                admitted.push((rows.len(), admitted_event));
                rows.push((line, event));
            }
            Err(faults) => {
                rejected.push(Rejected { line, reason: in_words(&faults), row: event });
            }
        }
    }
    // Nothing more may wait in quarantine than its bound, wherever it comes from.
    let Sorted { events: admitted, refused, .. } = sort(app, &catalog, admitted).await;
    for (place, faults) in refused {
        let (line, row) = core::mem::take(&mut rows[place]);
        rejected.push(Rejected { line, reason: in_words(&faults), row });
    }
    let count = admitted.len() as u64;
    app.metrics.events_refused.fetch_add(rejected.len() as u64, Ordering::Relaxed);
    if let Err(problem) = v1::append(app, admitted, v1::trace()).await {
        return Err(match app.stopping.is_cancelled() {
            true => Unfinished::Stopping,
            false => anyhow::anyhow!("{}", problem.detail).into(),
        });
    }
    Ok((count, rejected))
}

/// A file that is being taken.
struct Taking<'t> {
    taker: &'t Taker,
    listed: &'t Listed,
    progress: Progress,
    rejects: Rejects,
    /// Where the progress is kept.
    place: PathBuf,
    /// When it was last.
    said: Option<Instant>,
}

impl Taking<'_> {
    /// Reads on one thread, and makes durable here; why the file as a whole cannot be read.
    async fn run(&mut self, file: &File) -> Result<Option<String>, Unfinished> {
        let taker = self.taker;
        let done = self.progress.done;
        if done > 0 && !taker.mapping.group_by.is_empty() {
            // All rows are read and counted again; what was said of them is not.
            let counts = &mut self.progress.counts;
            (counts.rows, counts.identical) = (0, 0);
            counts.skipped.clear();
        }
        // Limit: pieces that wait; the reader waits while it is full.
        let (tell, mut told) = tokio::sync::mpsc::channel::<Piece>(2);
        let (name, mapping) = (PathBuf::from(&self.listed.name), taker.mapping.clone());
        let mut file = file.try_clone()?;
        std::io::Seek::rewind(&mut file)?;
        let reader = tokio::task::spawn_blocking(move || {
            let mut tell = |piece| tell.blocking_send(piece).is_ok();
            reading::read(&name, file, &mapping, done, &mut tell)
        });
        loop {
            let piece = tokio::select! {
                piece = told.recv() => piece,
                () = taker.app.stopping.cancelled() => return Err(Unfinished::Stopping),
            };
            let Some(piece) = piece else { break };
            self.piece(piece).await?;
            if self.rejects.bytes > REJECTED_BYTES_MAX {
                self.save()?;
                return Ok(Some("more than 256 MiB of its rows were rejected".to_owned()));
            }
        }
        let read = reader.await;
        self.save()?;
        Ok(match read {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(format!("{error:#}")),
            Err(_) => Some("the reader gave up: the file is damaged".to_owned()),
        })
    }

    async fn piece(&mut self, piece: Piece) -> Result<(), Unfinished> {
        let Piece { events, rejected, skipped, rows, identical, done } = piece;
        let (accepted, refused) = report(&self.taker.app, events, !self.taker.live).await?;
        for rejected in rejected.iter().chain(&refused) {
            self.rejects.add(rejected)?;
        }
        let counts = &mut self.progress.counts;
        counts.rows += rows;
        counts.accepted += accepted;
        counts.rejected += (rejected.len() + refused.len()) as u64;
        counts.identical += identical;
        for (reason, count) in skipped {
            *counts.skipped.entry(reason).or_default() += count;
        }
        let shown = UnderWay { file: self.listed.name.clone(), counts: counts.clone() };
        self.taker.app.sources.change(&self.taker.source, |standing| {
            standing.under_way = Some(shown);
        });
        if let Some(done) = done {
            self.progress.done = done;
            self.progress.reject_bytes = self.rejects.bytes;
            if self.said.is_none_or(|said| said.elapsed() >= SAVE_EVERY) {
                self.save()?;
            }
        }
        Ok(())
    }

    fn save(&mut self) -> anyhow::Result<()> {
        self.said = Some(Instant::now());
        self.progress.save(&self.place)
    }
}
