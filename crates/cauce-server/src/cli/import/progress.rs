//! How far an import has come: for the person who watches, and for one that goes on later.

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read, Seek as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportCounts)]
pub struct Counts {
    /// Rows read.
    pub rows: u64,
    /// Events that the server has made durable.
    pub accepted: u64,
    /// Rows and events that were refused.
    pub rejected: u64,
    /// Rows left out because an equal one of their group counted.
    pub identical: u64,
    /// Rows skipped by reason.
    pub skipped: BTreeMap<String, u64>,
}

impl Counts {
    /// The counts for a person.
    pub fn shown(&self) -> String {
        let mut text = format!(
            "{} rows read, {} events accepted, {} rejected",
            self.rows, self.accepted, self.rejected
        );
        if self.identical > 0 {
            text.push_str(&format!(
                "\n  {:>9}  equal to another row of their group",
                self.identical
            ));
        }
        for (reason, count) in &self.skipped {
            text.push_str(&format!("\n  {count:>9}  skipped: {reason}"));
        }
        text
    }
}

/// Written beside the reject file after every answer; gone when the import is complete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Which file, mapping and kind of import it is about.
    pub of: String,
    /// Rows (with `group-by`: events) of which nothing is left to do.
    pub done: u64,
    /// Bytes of the reject file up to there.
    #[serde(default)]
    pub reject_bytes: u64,
    /// As of when a list is uploaded: the same for all of its requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// What was counted up to there.
    pub counts: Counts,
}

/// A name for a file's content that does not cost reading all of it: its length, and the first and
/// last mebibyte.
pub fn fingerprint(file: &Path, mapping: &[u8], live: bool) -> anyhow::Result<String> {
    const PART: u64 = 1 << 20;
    let mut opened =
        std::fs::File::open(file).with_context(|| format!("cannot open `{}`", file.display()))?;
    let length = opened.metadata()?.len();
    let mut parts = Vec::new();
    opened.by_ref().take(PART).read_to_end(&mut parts)?;
    opened.seek(std::io::SeekFrom::Start(length.saturating_sub(PART)))?;
    opened.take(PART).read_to_end(&mut parts)?;
    let kind: &[u8] = if live { b"live" } else { b"historical" };
    let hash = cauce_core::ids::hash128(&[&length.to_be_bytes(), &parts, mapping, kind]);
    Ok(format!("{hash:032x}"))
}

impl Progress {
    /// Where it is kept for a reject file.
    pub fn place(reject: &Path) -> PathBuf {
        let mut name = reject.as_os_str().to_owned();
        name.push(".state");
        PathBuf::from(name)
    }

    /// Reads what an earlier import left.
    pub fn load(place: &Path) -> anyhow::Result<Option<Progress>> {
        let text = match std::fs::read_to_string(place) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read `{}`", place.display()));
            }
        };
        let read = serde_json::from_str(&text);
        read.map(Some).with_context(|| format!("`{}` cannot be read", place.display()))
    }

    /// Writes it, whole or not at all.
    pub fn save(&self, place: &Path) -> anyhow::Result<()> {
        let beside = place.with_extension("state-new");
        let text = serde_json::to_string(self)?;
        std::fs::write(&beside, text)
            .and_then(|()| std::fs::rename(&beside, place))
            .with_context(|| format!("cannot write `{}`", place.display()))
    }
}

/// Shows progress: a bar on a terminal, a line every few seconds elsewhere.
pub struct Meter {
    bar: Option<ProgressBar>,
    said: Instant,
}

impl Meter {
    /// For a file of so many bytes.
    pub fn new(bytes: u64) -> Meter {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(
                "{bar:30} {bytes}/{total_bytes} {elapsed} (eta {eta}) {msg}",
            );
            let bar = ProgressBar::new(bytes);
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar
        });
        Meter { bar, said: Instant::now() }
    }

    /// A reader whose bytes move the bar.
    pub fn watch(&self, raw: std::fs::File) -> Box<dyn Read> {
        match &self.bar {
            Some(bar) => Box::new(bar.wrap_read(raw)),
            None => Box::new(raw),
        }
    }

    /// From here on the bar counts events: all rows are read, and nothing is sent yet.
    pub fn count_events(&self, all: u64, done: u64) {
        self.count("events", all, done);
    }

    /// From here on the bar counts rows: nobody reads the file from its first byte to its last.
    pub fn count_rows(&self, all: u64) {
        self.count("rows", all, 0);
    }

    fn count(&self, what: &str, all: u64, done: u64) {
        let Some(bar) = &self.bar else { return };
        let style = format!("{{bar:30}} {{pos}}/{{len}} {what} {{elapsed}} (eta {{eta}}) {{msg}}");
        if let Ok(style) = ProgressStyle::with_template(&style) {
            bar.set_style(style);
        }
        bar.set_length(all);
        bar.set_position(done);
        bar.reset_eta();
    }

    /// So many events were reported.
    pub fn reached(&self, events: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(events);
        }
    }

    /// Shows how far it has come, not too often.
    pub fn show(&mut self, counts: &Counts) {
        let every = if self.bar.is_some() { 200 } else { 5_000 };
        if self.said.elapsed() < Duration::from_millis(every) {
            return;
        }
        self.said = Instant::now();
        let text = format!("{} rows, {} events accepted", counts.rows, counts.accepted);
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None => eprintln!("import: {text}"),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_kept_and_names_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let place = Progress::place(&folder.path().join("rejected"));
        assert_eq!(Progress::load(&place).unwrap(), None);
        let skipped = BTreeMap::from([("nobody".to_owned(), 2)]);
        let counts = Counts { rows: 9, accepted: 7, skipped, ..Counts::default() };
        let progress = Progress { of: "x".into(), done: 9, reject_bytes: 3, counts, as_of: None };
        progress.save(&place).unwrap();
        assert_eq!(Progress::load(&place).unwrap(), Some(progress.clone()));
        let expected = "9 rows read, 7 events accepted, 0 rejected\n          2  skipped: nobody";
        assert_eq!(progress.counts.shown(), expected);
        let file = folder.path().join("a");
        std::fs::write(&file, "1").unwrap();
        let one = fingerprint(&file, b"m", false).unwrap();
        assert_ne!(one, fingerprint(&file, b"m", true).unwrap());
        assert_ne!(one, fingerprint(&file, b"n", false).unwrap());
        std::fs::write(&file, "2").unwrap();
        assert_ne!(one, fingerprint(&file, b"m", false).unwrap());
    }

    #[test]
    fn the_bar_of_groups_counts_events() {
        let bar = ProgressBar::hidden();
        bar.set_length(1_000);
        let meter = Meter { bar: Some(bar), said: Instant::now() };
        let read = std::io::copy(&mut meter.watch(tempfile::tempfile().unwrap()), &mut vec![]);
        read.unwrap();
        meter.count_events(40, 10);
        let bar = meter.bar.as_ref().unwrap();
        assert_eq!((bar.position(), bar.length()), (10, Some(40)), "not full before it is sent");
        meter.reached(20);
        assert_eq!(bar.position(), 20);
    }
}
