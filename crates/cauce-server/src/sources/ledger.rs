//! Which files of a source were taken: one line for each, written durably before the next file is
//! looked at.

use crate::cli::import::progress::Counts;
use anyhow::Context;
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The file in a source's folder.
pub const FILE: &str = "files.ndjson";

/// Limit: files that are remembered of one source. Beyond it the longest-known is forgotten; where
/// it is still there it is taken again, and its events are known by their ids.
const RECORDS_MAX: usize = 100_000;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = SourceFileState)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// All its rows were taken or rejected.
    Taken,
    /// It cannot be read as a whole; rows before the fault may be in.
    Failed,
}

/// A file that is done with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = SourceFile)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// What named its content where it lay.
    pub version: String,
    /// Its content's hash.
    pub hash: String,
    /// What became of it.
    pub state: State,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What was counted.
    pub counts: Counts,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where its rejected rows are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_in: Option<String>,
}

/// A line: a record, or that one is forgotten.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Done(Record),
    Forget(String),
}

/// All records of a source.
#[derive(Debug)]
pub struct Ledger {
    file: PathBuf,
    records: BTreeMap<String, Record>,
    lines: usize,
}

impl Ledger {
    /// Reads what is remembered in a source's folder.
    ///
    /// # Errors
    /// The disk, or a line that cannot be read: then it is not known what was taken.
    pub fn open(folder: &Path) -> anyhow::Result<Ledger> {
        let file = folder.join(FILE);
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read `{}`", file.display()));
            }
        };
        let mut ledger = Ledger { file, records: BTreeMap::new(), lines: 0 };
        // A last line without an end was being written when the power went.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let line = serde_json::from_slice(line).with_context(|| {
                format!("line {} of `{}`", ledger.lines + 1, ledger.file.display())
            })?;
            ledger.take(line);
        }
        if whole < bytes.len() || ledger.lines > 2 * ledger.records.len() + 1_000 {
            ledger.rewrite()?;
        }
        Ok(ledger)
    }

    fn take(&mut self, line: Line) {
        self.lines += 1;
        match line {
            Line::Done(record) => self.records.insert(record.name.clone(), record),
            Line::Forget(name) => self.records.remove(&name),
        };
    }

    fn rewrite(&mut self) -> anyhow::Result<()> {
        let mut text = Vec::new();
        for record in self.records.values() {
            serde_json::to_writer(&mut text, &Line::Done(record.clone()))?;
            text.push(b'\n');
        }
        self.lines = self.records.len();
        crate::boot::write_private(&self.file, &text)
    }

    fn append(&mut self, line: Line) -> anyhow::Result<()> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let folder = self.file.parent().context("a file has a folder")?;
        std::fs::create_dir_all(folder)?;
        let is_new = !self.file.exists();
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        let mut options = std::fs::OpenOptions::new();
        let opened = options.create(true).append(true).mode(0o600).open(&self.file);
        let written = opened.and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()
        });
        written.with_context(|| format!("cannot write `{}`", self.file.display()))?;
        if is_new {
            std::fs::File::open(folder)?.sync_all()?;
        }
        self.take(line);
        Ok(())
    }

    /// Remembers, durably.
    ///
    /// # Errors
    /// The disk.
    pub fn put(&mut self, record: Record) -> anyhow::Result<()> {
        self.append(Line::Done(record))?;
        while self.records.len() > RECORDS_MAX {
            let oldest = self.records.values().min_by_key(|record| record.at);
            let Some(name) = oldest.map(|record| record.name.clone()) else { break };
            self.append(Line::Forget(name))?;
        }
        Ok(())
    }

    /// Forgets a file, so that it is taken again. Says whether it was known.
    ///
    /// # Errors
    /// The disk.
    pub fn forget(&mut self, name: &str) -> anyhow::Result<bool> {
        if !self.records.contains_key(name) {
            return Ok(false);
        }
        self.append(Line::Forget(name.to_owned()))?;
        Ok(true)
    }

    /// What is known of a file.
    pub fn get(&self, name: &str) -> Option<&Record> {
        self.records.get(name)
    }

    /// All of them, the last first.
    pub fn list(&self) -> Vec<&Record> {
        let mut all: Vec<&Record> = self.records.values().collect();
        all.sort_by(|a, b| (b.at, &b.name).cmp(&(a.at, &a.name)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str, version: &str) -> Record {
        Record {
            name: name.into(),
            version: version.into(),
            hash: "h".into(),
            state: State::Taken,
            at: Timestamp(1),
            counts: Counts::default(),
            reason: None,
            rejected_in: None,
        }
    }

    #[test]
    fn what_was_taken_is_known_after_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        ledger.put(record("a", "1")).unwrap();
        ledger.put(record("b", "1")).unwrap();
        ledger.put(record("a", "2")).unwrap();
        let file = folder.path().join("files.ndjson");
        let whole = std::fs::read(&file).unwrap();
        let all: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
        for cut in all[1] + 1..whole.len() {
            std::fs::write(&file, &whole[..cut]).unwrap();
            let mut ledger = Ledger::open(folder.path()).unwrap();
            assert_eq!(ledger.get("a").unwrap().version, "1");
            ledger.put(record("c", "1")).unwrap();
            assert_eq!(Ledger::open(folder.path()).unwrap().list().len(), 3);
        }
        std::fs::write(&file, &whole).unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!(ledger.get("a").unwrap().version, "2");
        assert!(ledger.forget("a").unwrap() && !ledger.forget("a").unwrap());
        assert!(Ledger::open(folder.path()).unwrap().get("a").is_none());
        std::fs::write(&file, b"{\n").unwrap();
        assert!(Ledger::open(folder.path()).is_err(), "a guess would take everything again");
    }
}
