//! Looks for files when it is time, and takes what is complete: one task for each source, so that
//! none waits for another.

use crate::app::App;
use crate::cli::import::mapping::Mapping;
use crate::loops::campaigns::last_of_month;
use crate::sources::ledger::State;
use crate::sources::places::{Listed, Place};
use crate::sources::stream::Streaming;
use crate::sources::taking::{Taker, Unfinished, tidy_up, with_ledger};
use crate::sources::{self, folder};
use anyhow::Context;
use cauce_core::ids::hash128;
use cauce_core::publish::IntakeSource;
use cauce_core::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{AbortHandle, JoinSet};

/// How often it is looked whether a source came, changed or went, or is due.
const LOOK: Duration = Duration::from_millis(250);
/// How long a place is left alone that could not be looked at, or a file that did not come to its
/// end.
const PAUSE: cauce_core::time::Duration = cauce_core::time::Duration(10_000);

/// Keeps one task for each source in force, until the process stops.
pub async fn drive(app: Arc<App>) {
    let mut tasks = JoinSet::new();
    let mut running: BTreeMap<String, (IntakeSource, AbortHandle)> = BTreeMap::new();
    continue_without(&app, &app.shown().sources);
    while !app.stopping.is_cancelled() {
        let shown = app.shown();
        let mut ended = false;
        running.retain(|name, (source, task)| {
            let same = shown.sources.get(name) == Some(source) && !task.is_finished();
            if !same {
                task.abort();
                ended = true;
            }
            same
        });
        if ended {
            // Two tasks of one source would take the same file: the old one ends first.
            while tasks.try_join_next().is_some() {}
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue_without(&app, &shown.sources);
        }
        for (name, source) in &shown.sources {
            if running.contains_key(name) {
                continue;
            }
            let task = tasks.spawn(one(app.clone(), name.clone(), source.clone()));
            running.insert(name.clone(), (source.clone(), task));
        }
        while tasks.try_join_next().is_some() {}
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = app.stopping.cancelled() => {}
        }
    }
}

/// Forgets how sources stood that are no more, and what they kept of files under way. What they
/// took stays remembered: one that comes back does not take it again.
fn continue_without(app: &App, known: &BTreeMap<String, IntakeSource>) {
    let known: BTreeSet<&str> = known.keys().map(String::as_str).collect();
    app.sources.keep(&known);
    app.observer.keep_said(|about| match about.split_once('/') {
        Some(("source", name)) => known.contains(name),
        _ => true,
    });
    if let Err(error) = sources::drop_under_way(&app.data, |name| !known.contains(name)) {
        tracing::error!(%error, "rows of a source that is no more stay in the data directory");
    }
}

async fn one(app: Arc<App>, name: String, source: IntakeSource) {
    let mapping = source.mapping.as_ref().map(|document| sources::mapping(document, source.live));
    let mapping = match mapping.transpose() {
        Ok(mapping) => mapping,
        Err(error) => {
            // Another version published it.
            let why = Some(format!("{error:#}"));
            app.observer.say(&format!("source/{name}"), why.clone());
            app.sources.change(&name, |standing| standing.trouble = why);
            return std::future::pending().await;
        }
    };
    if let Some(pull) = source.nats.clone() {
        let streaming = Streaming { app, source: name, pull, mapping, live: source.live };
        return streaming.run().await;
    }
    let kept = folder(&app.data, &name);
    let looking = Looking {
        app,
        name,
        mapping: Arc::new(mapping.unwrap_or_default()),
        kind: kind(&source),
        source,
        folder: kept,
        seen: BTreeMap::new(),
    };
    looking.run().await;
}

/// What a mapping and a kind of taking are called.
fn kind(source: &IntakeSource) -> u128 {
    let mapping = source.mapping.as_ref().map(ToString::to_string).unwrap_or_default();
    hash128(&[mapping.as_bytes(), &[u8::from(source.live)]])
}

/// One source of files.
struct Looking {
    app: Arc<App>,
    name: String,
    source: IntakeSource,
    mapping: Arc<Mapping>,
    kind: u128,
    folder: PathBuf,
    /// Files that are not yet taken to be complete: as what, and since when.
    seen: BTreeMap<String, (String, Timestamp)>,
}

/// When it was last looked, across restarts.
fn looked_file(folder: &Path) -> PathBuf {
    folder.join("looked")
}

fn looked(folder: &Path) -> Option<Timestamp> {
    let text = std::fs::read_to_string(looked_file(folder)).ok()?;
    text.trim().parse().ok().map(Timestamp)
}

/// When it is looked next; nothing if that is never.
fn next(source: &IntakeSource, looked: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    if let Some(every) = source.every {
        return Some(looked.map_or(now, |looked| looked.plus(every)));
    }
    let at = source.at?;
    if !source.monthly {
        return looked.is_none_or(|looked| looked < at).then_some(at);
    }
    // The last time that has passed, if nobody looked since; else it is asked again later.
    match last_of_month(at, now) {
        Some(last) if looked.is_none_or(|looked| looked < last) => Some(last),
        Some(_) => Some(now.plus(cauce_core::time::Duration(60_000))),
        None => Some(at),
    }
}

impl Looking {
    async fn run(mut self) {
        let wake = self.app.sources.wake(&self.name);
        let (mut asked, mut again) = (false, None);
        // Until then a place is left alone that could not be looked at, although it is still due.
        let mut rests = Timestamp::default();
        while !self.app.stopping.is_cancelled() {
            let now = self.app.node.now();
            let due = next(&self.source, looked(&self.folder), now);
            let soonest = [due, again].into_iter().flatten().min().map(|at| at.max(rests));
            self.app.sources.change(&self.name, |standing| standing.next_at = soonest);
            if asked || soonest.is_some_and(|at| at <= now) {
                let planned = asked || due.is_some_and(|at| at <= now);
                asked = false;
                again = match self.look(now, planned).await {
                    Ok(again) => again,
                    Err(Unfinished::Stopping) => return,
                    Err(Unfinished::Later(error)) => {
                        self.say(Some(format!("{error:#}")));
                        rests = now.plus(PAUSE);
                        Some(rests)
                    }
                };
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = wake.notified() => asked = true,
                () = self.app.stopping.cancelled() => {}
            }
        }
    }

    fn say(&self, trouble: Option<String>) {
        self.app.observer.say(&format!("source/{}", self.name), trouble.clone());
        self.app.sources.change(&self.name, |standing| {
            standing.trouble = trouble;
            standing.under_way = None;
        });
    }

    /// Looks once and takes what is complete; when to look again besides the schedule.
    async fn look(
        &mut self,
        now: Timestamp,
        planned: bool,
    ) -> Result<Option<Timestamp>, Unfinished> {
        let place = Place::new(&self.app, &self.source)?;
        let pattern = self.source.pattern.clone().unwrap_or_default();
        let listed = place.list(&self.app, &pattern).await?;
        std::fs::create_dir_all(&self.folder)?;
        if planned {
            std::fs::write(looked_file(&self.folder), now.0.to_string())?;
        }
        tidy_up(&self.folder, &listed);
        let wanted: Vec<Listed> = with_ledger(&self.app.sources, &self.folder, |ledger| {
            let is_known = |one: &&Listed| {
                ledger.get(&one.name).is_none_or(|known| known.version != one.version)
            };
            Ok(listed.iter().filter(is_known).cloned().collect())
        })?;
        self.app.sources.change(&self.name, |standing| {
            standing.looked_at = Some(now);
            standing.waiting = wanted.len() as u64;
        });
        let (ready, mut again) = self.settled(&place, wanted, now);
        let taker = Taker {
            app: self.app.clone(),
            source: self.name.clone(),
            mapping: self.mapping.clone(),
            kind: self.kind,
            live: self.source.live,
            place,
            folder: self.folder.clone(),
        };
        let mut trouble = None;
        for one in &ready {
            // What is wrong with one file keeps no other from being taken.
            match taker.take(one).await {
                Ok(record) => {
                    self.seen.remove(&one.name);
                    self.app
                        .sources
                        .change(&self.name, |s| s.waiting = s.waiting.saturating_sub(1));
                    if record.state == State::Failed {
                        let (source, reason) = (&self.name, record.reason.unwrap_or_default());
                        tracing::error!(source, file = one.name, reason, "a file failed");
                    }
                }
                Err(Unfinished::Stopping) => return Err(Unfinished::Stopping),
                Err(Unfinished::Later(error)) => {
                    trouble = Some(format!("{error:#}")).filter(|_| trouble.is_none()).or(trouble);
                    again = Some(now.plus(PAUSE));
                }
            }
        }
        self.say(trouble);
        Ok(again)
    }

    /// Files that have been as they are for long enough, and when the next may be.
    fn settled(
        &mut self,
        place: &Place,
        wanted: Vec<Listed>,
        now: Timestamp,
    ) -> (Vec<Listed>, Option<Timestamp>) {
        if !place.is_written_in_place() {
            return (wanted, None);
        }
        self.seen.retain(|name, _| wanted.iter().any(|one| one.name == *name));
        let (mut ready, mut again) = (Vec::new(), None);
        for one in wanted {
            let seen = self.seen.entry(one.name.clone());
            let (version, since) = seen.or_insert_with(|| (one.version.clone(), now));
            if *version != one.version {
                (*version, *since) = (one.version.clone(), now);
            }
            let at = since.plus(self.source.settle);
            if at <= now {
                ready.push(one);
            } else {
                again = Some(again.map_or(at, |again: Timestamp| again.min(at)));
            }
        }
        (ready, again)
    }
}

/// Forgets that a file was taken or failed, so that the next look takes it.
///
/// # Errors
/// The disk.
pub fn forget(app: &App, source: &str, file: &str) -> anyhow::Result<bool> {
    let folder = folder(&app.data, source);
    with_ledger(&app.sources, &folder, |ledger| ledger.forget(file)).context("not forgotten")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_looked_when_the_schedule_says_so() {
        let source = |schedule: &str| -> IntakeSource {
            let text = format!(r#"{{ "folder": "a", "pattern": "*", {schedule} }}"#);
            serde_json::from_str(&text).unwrap()
        };
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let (now, day) = (at("2026-03-15T00:00:00Z"), cauce_core::time::Duration::DAY);
        let check = |schedule: &str, looked: Option<&str>, expected: Option<Timestamp>| {
            let said = next(&source(schedule), looked.map(at), now);
            assert_eq!(said, expected, "{schedule} {looked:?}");
        };
        check(r#""every": "1d""#, None, Some(now));
        check(r#""every": "1d""#, Some("2026-03-14T12:00:00Z"), Some(at("2026-03-15T12:00:00Z")));
        let once = r#""at": "2026-03-10T03:00:00Z""#;
        check(once, None, Some(at("2026-03-10T03:00:00Z")));
        check(once, Some("2026-03-11T00:00:00Z"), None);
        let monthly = r#""at": "2026-01-31T03:00:00Z", "monthly": true"#;
        check(monthly, None, Some(at("2026-02-28T03:00:00Z")));
        check(monthly, Some("2026-02-01T00:00:00Z"), Some(at("2026-02-28T03:00:00Z")));
        let soon = Some(now.plus(cauce_core::time::Duration(60_000)));
        check(monthly, Some("2026-03-01T00:00:00Z"), soon);
        assert!(day.0 > 0);
    }
}
