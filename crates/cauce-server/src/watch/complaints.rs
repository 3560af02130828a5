//! Adds up what the partitions counted of complaints, and says to each of them whose marketing
//! pauses. Of complaints nothing is kept here: counts and pauses are rows, and this is only who
//! reads them. Refusals are counted here as they come, over all partitions: they come in seconds,
//! and each further one costs reputation. A restart begins that count anew; what it led to is rows.

use crate::app::{App, Refusal};
use crate::watch::hosts;
use cauce_core::ids::Partition;
use cauce_core::input::{AttemptEnd, Body, Hop, ReportKind};
use cauce_core::message::complained::day;
use cauce_core::policy::blocks::{Blocked, Blocks, Word, word};
use cauce_core::policy::complaints::{self, Known, Pair, Part, Paused, Weighed, weigh};
use cauce_core::sender::bulk::{MailboxDay, Rules};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::{Duration as Span, Timestamp};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often it is looked whether a complaint was heard.
const EVERY: Duration = Duration::from_secs(2);
/// Looks after which everything is added up although none was: what arrived changes the shares too.
const LOOKS: u32 = 30;

/// See the module.
pub struct Complaints {
    /// The figures.
    pub rules: Rules,
    heard: AtomicBool,
    seen: Mutex<Weighed>,
    refused: Mutex<BTreeMap<Pair, Blocked>>,
    /// What mailbox providers answered to all partitions.
    answers: Mutex<Blocks>,
    /// What was found among them, and is to be said at once.
    found: Mutex<Vec<(Pair, Blocked)>>,
    /// Somebody has to say it.
    hurry: tokio::sync::Notify,
    /// Held by whoever reads the partitions and says what follows: a pause that was read before a
    /// person lifted it is not said after.
    looking: tokio::sync::Mutex<()>,
}

impl Default for Complaints {
    fn default() -> Complaints {
        let heard = AtomicBool::new(true);
        Complaints {
            rules: Rules::shipped(),
            heard,
            seen: Mutex::default(),
            refused: Mutex::default(),
            answers: Mutex::default(),
            found: Mutex::default(),
            hurry: tokio::sync::Notify::new(),
            looking: tokio::sync::Mutex::default(),
        }
    }
}

impl Complaints {
    /// An input was decided: whether it was a complaint.
    pub fn taken(&self, body: &Body) {
        let kind = match body {
            Body::Report(report) | Body::Hop { hop: Hop::Report(report), .. } => &report.kind,
            Body::ProviderReport(report) => &report.kind,
            Body::AttemptsEnded(ends) => {
                let refused =
                    |end: &AttemptEnd| matches!(word(&end.outcome), Some(Word::Refused(_)));
                if ends.iter().any(refused) {
                    self.heard.store(true, Ordering::Relaxed);
                }
                return;
            }
            _ => return,
        };
        if *kind == ReportKind::Complained {
            self.heard.store(true, Ordering::Relaxed);
        }
    }

    fn answers(&self) -> MutexGuard<'_, Blocks> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A mailbox provider answered to marketing. Told by the partitions' threads.
    pub fn answered(&self, at: Timestamp, pair: &Pair, word: &Word) {
        if let Some(blocked) = self.answers().hear(pair, word, at) {
            self.found().push((pair.clone(), blocked.clone()));
            self.heard.store(true, Ordering::Relaxed);
            self.hurry.notify_one();
        }
    }

    fn found(&self) -> MutexGuard<'_, Vec<(Pair, Blocked)>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose marketing which mailbox providers refused at the last look, and what they said.
    pub fn refused(&self) -> BTreeMap<Pair, Blocked> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was seen at the last look.
    pub fn seen(&self) -> Weighed {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn part(app: &App, partition: Partition, from: u32) -> Option<Part> {
    let read = move |p: &cauce_engine::partition::Partition<crate::control::Catalogs>| {
        let pauses = match p.rows().get(&Key::MailboxPauses) {
            Some(Row::MailboxPauses(pauses)) => pauses,
            _ => Arc::default(),
        };
        let first = Key::MailboxDay(from, String::new(), String::new());
        let rows = p.rows().range(&first, &Key::mailbox_days().1, usize::MAX);
        let day = |row| match row {
            (Key::MailboxDay(day, domain, mailbox), Row::MailboxDay(counted)) => {
                Some((day, (domain, mailbox), counted))
            }
            _ => None,
        };
        Part { pauses, days: rows.into_iter().filter_map(day).collect() }
    };
    app.ask(partition, read).await
}

/// What one partition knows of mailbox providers; all know the same.
pub async fn known(app: &App, partition: Partition) -> Known {
    // From behind the last day: the pauses alone.
    let pauses = part(app, partition, u32::MAX).await.unwrap_or_default().pauses;
    Known { pauses, hosts: hosts::known(app, partition).await }
}

/// Everything that is paused anywhere.
pub async fn all_paused(app: &App) -> BTreeMap<Pair, Paused> {
    let parts = parts(app, u32::MAX).await;
    parts.iter().flat_map(|part| part.pauses.of.clone()).collect()
}

/// What was counted in all partitions, by day, from a day on.
pub async fn days(app: &App, from: u32) -> BTreeMap<(u32, Pair), MailboxDay> {
    complaints::sum(&parts(app, from).await)
}

/// What mailbox providers refuse, as each partition knows it.
async fn blocks(app: &App) -> Vec<Arc<Blocks>> {
    let of = |partition| {
        app.ask(partition, |p: &cauce_engine::partition::Partition<crate::control::Catalogs>| {
            match p.rows().get(&Key::Blocks) {
                Some(Row::Blocks(blocks)) => blocks,
                _ => Arc::default(),
            }
        })
    };
    let all = (0..app.node.partitions()).map(of);
    futures_util::future::join_all(all).await.into_iter().flatten().collect()
}

/// Everything that is paused because a mailbox provider refuses it.
pub async fn all_blocked(app: &App) -> BTreeMap<Pair, Blocked> {
    blocks(app).await.iter().flat_map(|part| part.of.clone()).collect()
}

/// What was found of mailbox providers that refuse us is said to all partitions, without a look at
/// what they know: hundreds of letters leave while each of them answers.
async fn warn(app: &Arc<App>) -> Result<(), Refusal> {
    let _looking = app.watch.complaints.looking.lock().await;
    let found = std::mem::take(&mut *app.watch.complaints.found());
    for ((domain, mailbox), blocked) in found {
        app.everywhere(&Body::Block { domain, mailbox, blocked }).await?;
    }
    Ok(())
}

/// What was found of mailbox providers that refuse us is said to all partitions that do not know.
async fn spread(app: &Arc<App>) -> Result<(), Refusal> {
    let parts = blocks(app).await;
    let mut all: BTreeMap<Pair, Blocked> = parts.iter().flat_map(|part| part.of.clone()).collect();
    for (pair, blocked) in app.watch.complaints.answers().of.clone() {
        all.entry(pair).or_insert(blocked);
    }
    let mut said = Ok(());
    for ((domain, mailbox), blocked) in all.clone() {
        let pair = (domain.clone(), mailbox.clone());
        if parts.iter().all(|part| part.of.contains_key(&pair)) {
            continue;
        }
        let body = Body::Block { domain, mailbox, blocked };
        said = app.everywhere(&body).await.and(said);
    }
    let before = app.watch.complaints.refused();
    for ((domain, mailbox), blocked) in all.iter().filter(|(pair, _)| !before.contains_key(*pair)) {
        let Blocked { refused, among, text, .. } = blocked;
        tracing::error!(domain, mailbox, refused, among, text, "marketing is paused: refused");
    }
    *app.watch.complaints.refused.lock().unwrap_or_else(PoisonError::into_inner) = all;
    said
}

async fn parts(app: &App, from: u32) -> Vec<Part> {
    let all = (0..app.node.partitions()).map(|partition| part(app, partition, from));
    // One that stopped answers nobody, and takes no input either.
    futures_util::future::join_all(all).await.into_iter().flatten().collect()
}

/// Looks, and says what follows.
async fn look(app: &Arc<App>) -> Result<(), Refusal> {
    let _looking = app.watch.complaints.looking.lock().await;
    look_alone(app).await
}

async fn look_alone(app: &Arc<App>) -> Result<(), Refusal> {
    let today = day(app.node.now());
    let known = &app.watch.complaints;
    let mut seen = weigh(&known.rules, &parts(app, today.saturating_sub(1)).await, today);
    let mut said = spread(app).await;
    for ((domain, mailbox), counts) in seen.wanted.clone() {
        let (counted, among) = (counts.complaints, counts.among());
        tracing::error!(domain, mailbox, counted, among, "marketing is paused for complaints");
        let pair = (domain.clone(), mailbox.clone());
        let body = Body::Marketing { domain, mailbox, pause: Some(counts) };
        said = app.everywhere(&body).await.and(said);
        seen.paused.entry(pair).or_insert(Paused { since: app.node.now(), counts });
    }
    *known.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    said
}

/// Lets marketing of a domain to a mailbox provider go on; false if it was not paused.
pub async fn resume(app: &Arc<App>, pair: Pair) -> Result<bool, Refusal> {
    let _looking = app.watch.complaints.looking.lock().await;
    let paused = parts(app, u32::MAX).await.iter().any(|part| part.pauses.of.contains_key(&pair));
    let refused = all_blocked(app).await.contains_key(&pair);
    if paused || refused {
        let (domain, mailbox) = pair.clone();
        let body = Body::Marketing { domain, mailbox, pause: None };
        app.everywhere(&body).await?;
        app.watch.complaints.answers().resume(&pair);
        look_alone(app).await?;
    }
    Ok(paused || refused)
}

/// Looks again and again until the process stops.
pub async fn drive(app: Arc<App>) {
    let mut looks = 0_u32;
    loop {
        if let Err(error) = warn(&app).await {
            // The look says it again.
            tracing::error!(%error, "a pause for refusals could not be said everywhere");
        }
        let heard = app.watch.complaints.heard.swap(false, Ordering::Relaxed);
        if (heard || looks.is_multiple_of(LOOKS))
            && let Err(error) = look(&app).await
        {
            tracing::error!(%error, "a pause for complaints could not be said everywhere");
            app.watch.complaints.heard.store(true, Ordering::Relaxed);
        }
        looks = looks.wrapping_add(1);
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.watch.complaints.hurry.notified() => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// A day as people write it.
pub fn date(day: u32) -> String {
    let at = Timestamp(i64::from(day).saturating_mul(Span::DAY.0));
    at.to_string().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        assert_eq!(date(day("2026-11-29T23:59:59Z".parse().unwrap())), "2026-11-29");
    }
}
