//! Events that nobody reports: files that appear in a folder or a store, and messages of a stream.
//! Each is taken once, and nothing of it is lost or stands in the way of the rest.

pub mod ledger;
pub mod places;
pub mod reading;
pub mod stream;
pub mod taking;

use crate::cli::import::mapping::Mapping;
use crate::cli::import::progress::Counts;
use crate::secrets::{Absent, Secrets};
use cauce_core::diagnostic::Diagnostic;
use cauce_core::publish::{Body, Name};
use cauce_core::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tokio::sync::Notify;

/// How a source stands since the process started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SourceStanding)]
pub struct Standing {
    /// When it was last looked for files, or messages were last taken.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub looked_at: Option<Timestamp>,
    /// When it is looked again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// Files that are there and not yet taken.
    pub waiting: u64,
    /// The file that is being taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under_way: Option<UnderWay>,
    /// What keeps it from going on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Messages taken from a stream since the process started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Counts>,
}

/// A file that is being taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SourceFileUnderWay)]
pub struct UnderWay {
    /// Its name.
    pub file: String,
    /// What was counted.
    pub counts: Counts,
}

/// How all sources stand, and who asks them to look.
#[derive(Default)]
pub struct Board {
    standings: Mutex<BTreeMap<String, Standing>>,
    wakes: Mutex<BTreeMap<String, Arc<Notify>>>,
    /// Held while the records of files are read or written.
    pub(crate) records: Mutex<()>,
    failures: Mutex<BTreeMap<String, Failures>>,
}

/// When files of a source failed, as its records said when they were so long and of that time.
struct Failures {
    of: (u64, Option<SystemTime>),
    at: Arc<[Timestamp]>,
}

impl Board {
    fn standings(&self) -> MutexGuard<'_, BTreeMap<String, Standing>> {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How a source stands.
    pub fn standing(&self, source: &str) -> Standing {
        self.standings().get(source).cloned().unwrap_or_default()
    }

    /// Changes how a source stands.
    pub fn change(&self, source: &str, change: impl FnOnce(&mut Standing)) {
        change(self.standings().entry(source.to_owned()).or_default());
    }

    /// When those of a source's files failed that were not taken since. Its records are read only
    /// when they have changed: the overview asks twice a second.
    pub fn failures(&self, data: &Path, source: &str) -> Arc<[Timestamp]> {
        let folder = folder(data, source);
        let Ok(now) = std::fs::metadata(folder.join(ledger::FILE)) else { return Arc::default() };
        let of = (now.len(), now.modified().ok());
        let known = || self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(source).filter(|known| known.of == of) {
            return known.at.clone();
        }
        let read = taking::with_ledger(self, &folder, |ledger| {
            let failed = ledger.list().into_iter();
            let failed = failed.filter(|one| one.state == ledger::State::Failed);
            Ok(failed.map(|one| one.at).collect::<Arc<[Timestamp]>>())
        });
        // Records that cannot be read keep the source from going on, and that is said of it.
        let Ok(at) = read else { return Arc::default() };
        known().insert(source.to_owned(), Failures { of, at: at.clone() });
        at
    }

    /// What a source waits at.
    pub fn wake(&self, source: &str) -> Arc<Notify> {
        let mut wakes = self.wakes.lock().unwrap_or_else(PoisonError::into_inner);
        wakes.entry(source.to_owned()).or_default().clone()
    }

    /// Forgets sources that are no more.
    pub fn keep(&self, known: &BTreeSet<&str>) {
        self.standings().retain(|name, _| known.contains(name.as_str()));
        let mut wakes = self.wakes.lock().unwrap_or_else(PoisonError::into_inner);
        wakes.retain(|name, _| known.contains(name.as_str()));
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|name, _| known.contains(name.as_str()));
    }
}

/// Where what is remembered of a source is kept.
pub fn folder(data: &Path, source: &str) -> PathBuf {
    data.join("sources").join(source)
}

/// Where a source keeps what it needs of files that are under way.
pub fn under_way(folder: &Path) -> PathBuf {
    folder.join("under-way")
}

/// Removes what is kept of files under way, of the sources that are meant: their rows may name
/// somebody who is gone. A file that is still there is taken anew, and its events are known by
/// their ids.
///
/// # Errors
/// The disk.
pub fn drop_under_way(data: &Path, meant: impl Fn(&str) -> bool) -> std::io::Result<()> {
    let there = match std::fs::read_dir(data.join("sources")) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        there => there?,
    };
    for source in there {
        let source = source?;
        if source.file_name().to_str().is_some_and(&meant) {
            match std::fs::remove_dir_all(under_way(&source.path())) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// The mapping of a source.
///
/// # Errors
/// It is none, or lacks what the source needs.
pub fn mapping(document: &serde_json::Value, live: bool) -> anyhow::Result<Mapping> {
    let mapping = Mapping::read(document.clone())?;
    anyhow::ensure!(
        live || mapping.occurred_at.is_some(),
        "it has no `occurred-at`, and history has its times; or say `live: true`"
    );
    Ok(mapping)
}

/// Faults of changed sources that can be seen without this machine.
pub fn faults(changes: &[(Name, Option<Body>)]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for ((kind, name), body) in changes {
        let Some(Body::Source(source)) = body else { continue };
        let Some(document) = &source.mapping else { continue };
        let said = match mapping(document, source.live) {
            Ok(mapping) if source.nats.is_some() && !mapping.group_by.is_empty() => {
                Err(anyhow::anyhow!("`group-by` belongs to files: a stream has no end"))
            }
            other => other.map(|_| ()),
        };
        if let Err(error) = said {
            let path = format!("{kind}/{name}.mapping");
            let fault = Diagnostic::error(path, "bad-mapping", format!("{error:#}"));
            found.push(fault.hint("docs/guide/import.md says what a mapping holds"));
        }
    }
    found
}

/// What changed sources and destinations need on this machine and do not have.
pub fn absent(
    secrets: &Secrets,
    rooted: bool,
    changes: &[(Name, Option<Body>)],
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for ((kind, name), body) in changes {
        let path = format!("{kind}/{name}");
        let places = match body {
            Some(Body::Source(source)) => {
                if source.folder.is_some() && !rooted {
                    let message = "this server has no folder for sources";
                    let fault = Diagnostic::error(format!("{path}.folder"), "no-root", message);
                    found.push(fault.hint("set `sources-dir` in its configuration"));
                }
                source.secrets()
            }
            Some(Body::Destination(destination)) => destination.secrets(),
            _ => continue,
        };
        for place in places {
            match secrets.read(place) {
                Ok(_) => {}
                Err(Absent::Place(why)) => {
                    found.push(Diagnostic::error(path.clone(), "secret-place", why));
                }
                Err(Absent::Unreadable(why)) => {
                    let warning = Diagnostic::warning(path.clone(), "no-secret", why);
                    found.push(warning.hint("it waits until it can be read"));
                }
            }
        }
    }
    found
}

/// Whether a name fits a pattern: `*` is any letters, `?` is one.
pub fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last star stood, and how much it has taken.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[n] => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    (p, n) = (at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::publish::Kind;
    use serde_json::json;

    #[test]
    fn patterns_fit_whole_names() {
        let check = |pattern, name, expected| {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        };
        check("orders-*.csv", "orders-1.csv", true);
        check("orders-*.csv", "orders-1.csv.zst", false);
        check("*", "", true);
        check("a?c", "abc", true);
        check("a?c", "ac", false);
        check("*a*b", "xaxxabxb", true);
        check("*a*b", "xaxxabx", false);
        check("**", "x", true);
        check(&"*a".repeat(30), &"a".repeat(29), false);
    }

    #[test]
    fn a_mapping_is_looked_at_before_it_is_published() {
        let check = |mapping: serde_json::Value, expected: &str| {
            let source =
                json!({ "folder": "a", "pattern": "*", "every": "5m", "mapping": mapping });
            let body = Body::read(Kind::Source, source).unwrap();
            let said = faults(&[((Kind::Source, "x".into()), Some(body))]);
            let said: Vec<String> = said.iter().map(ToString::to_string).collect();
            assert!(said.join(";").contains(expected), "{said:?}");
            assert_eq!(said.is_empty(), expected.is_empty(), "{said:?}");
        };
        let whole = json!({ "rules": [{ "event": "e" }], "aliases": { "user_id": "u" },
                            "occurred-at": "t" });
        check(whole.clone(), "");
        check(json!({ "rules": [{ "event": "e" }], "aliases": { "user_id": "u" } }), "occurred-at");
        check(json!({ "ruls": [] }), "source/x.mapping: ");
        let secrets = Secrets::below(Path::new("/nowhere"));
        let source = json!({ "folder": "a", "pattern": "*", "every": "5m", "mapping": whole });
        let body = Body::read(Kind::Source, source).unwrap();
        let change = [((Kind::Source, "x".to_owned()), Some(body))];
        assert!(absent(&secrets, false, &change)[0].to_string().contains("sources-dir"));
        assert!(absent(&secrets, true, &change).is_empty());
    }
}
