//! The last bytes of people who were erased: out of the log's files, out of the store's, once a day
//! or at once. Backups age out; a restored one is cleaned before anything is served.

use crate::access::Who;
use crate::app::App;
use crate::control::{Catalogs, Entry, Swept};
use anyhow::Context;
use cauce_core::erasure::{Erased, Register, Secret, Wish, names as name_people};
use cauce_core::ids::{Partition, ProfileId, TraceId};
use cauce_core::input::Body;
use cauce_core::state::{Key, Meta, Row, Rows};
use cauce_core::time::{Duration, Timestamp};
use cauce_engine::{codec, cut, partition as engine};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How often the loop looks.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(15 * 60);
/// How long after an erasure its bytes are gone from log and store at the latest.
const DAILY: Duration = Duration::DAY;
/// How long a sweep waits for partitions to write back.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

/// One erasure as it is kept outside of log and store, for the day when both are replaced by an
/// older backup: identifiers and no name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The profile.
    pub profile: ProfileId,
    /// When.
    pub at: Timestamp,
}

/// Where the register is kept.
pub fn register_file(data: &Path) -> PathBuf {
    data.join("erasures.json")
}

/// Where a restore puts the register that is applied at the first start.
pub fn to_apply_file(data: &Path) -> PathBuf {
    data.join("erasures-to-apply.json")
}

/// What every home remembers of erased names: partition, hash, row.
pub async fn names(app: &App) -> Vec<(Partition, u128, Arc<Erased>)> {
    let mut found = Vec::new();
    for partition in 0..app.node.partitions() {
        let rows = app.ask(partition, |p| {
            p.rows().range(&Key::Erased(0), &Key::Erased(u128::MAX), usize::MAX)
        });
        for (key, row) in rows.await.unwrap_or_default() {
            if let (Key::Erased(hash), Row::Erased(erased)) = (key, row) {
                found.push((partition, hash, erased));
            }
        }
    }
    found
}

/// Everything that is known of erased people.
async fn register(app: &App) -> (Register, Vec<Kept>) {
    let mut register = Register::default();
    let mut kept = Vec::new();
    for (partition, hash, erased) in names(app).await {
        register.add(partition, hash, &erased);
    }
    for partition in 0..app.node.partitions() {
        let rows = app.ask(partition, |p| {
            let (low, high) = (ProfileId(0), ProfileId(u128::MAX));
            let rows = p.rows().range(&Key::Forgotten(low), &Key::Forgotten(high), usize::MAX);
            (p.rows().get(&Key::ErasureKey), rows)
        });
        let Some((secret, rows)) = rows.await else { continue };
        if let Some(Row::ErasureKey(secret)) = secret {
            register.names.entry(partition).or_default().0 = Some(secret);
        }
        for (key, row) in rows {
            if let (Key::Forgotten(profile), Row::Forgotten(forgotten)) = (key, row) {
                register.profiles.insert(profile);
                register.messages.extend(&forgotten.messages);
                kept.push(Kept { profile, at: forgotten.at });
            }
        }
    }
    (register, kept)
}

/// Writes the register where a restore finds it.
pub async fn keep_register(app: &App) -> anyhow::Result<()> {
    let (_, kept) = register(app).await;
    let file = register_file(&app.data);
    let unfinished = file.with_extension("tmp");
    crate::boot::write_private(&unfinished, &serde_json::to_vec(&kept)?)?;
    std::fs::rename(&unfinished, &file).context("the register could not be put in its place")
}

fn meta(rows: &impl Rows) -> Arc<Meta> {
    match rows.get(&Key::Meta) {
        Some(Row::Meta(meta)) => meta,
        _ => Arc::default(),
    }
}

/// Waits until a look at every partition, on its thread, says so.
async fn until(
    app: &App,
    what: &str,
    look: impl Fn(&engine::Partition<Catalogs>) -> bool + Clone + Send + 'static,
) -> anyhow::Result<()> {
    let started = std::time::Instant::now();
    for partition in 0..app.node.partitions() {
        while app.ask(partition, look.clone()).await != Some(true) {
            anyhow::ensure!(!app.stopping.is_cancelled(), "the process is stopping");
            anyhow::ensure!(started.elapsed() < PATIENCE, "partition {partition}: {what}");
            app.node.write_back();
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    Ok(())
}

/// Waits until nothing of what was appended before is needed any more: ledgers are clean, hops have
/// arrived and their rows are gone, and the store has all of it. Positions below which the log is
/// not needed.
async fn written_back(app: &App) -> anyhow::Result<Vec<u64>> {
    until(app, "the ledger is not clean", |p| p.rows().get(&Key::Scrubbing).is_none()).await?;
    let mut hops: Vec<BTreeMap<Partition, u64>> = Vec::new();
    for partition in 0..app.node.partitions() {
        let meta = app.ask(partition, |p| meta(p.rows())).await.context("it is stopping")?;
        hops.push(meta.hops_out.clone());
    }
    let hops = Arc::new(hops);
    until(app, "hops are on their way", move |p| {
        hops[usize::from(p.number())].iter().all(|(to, next)| {
            p.rows().range(&Key::HopOut(*to, 0), &Key::HopOut(*to, *next), 1).is_empty()
        })
    })
    .await?;
    let mut next = Vec::new();
    for partition in 0..app.node.partitions() {
        let at = app.ask(partition, |p| p.progress().next).await.context("it is stopping")?;
        next.push(at);
    }
    let (state, positions) = (app.node.state().clone(), next.clone());
    until(app, "rows are not written back", move |p| {
        let stored = cut::stored(&*state, p.number());
        stored.is_ok_and(|stored| stored.next >= positions[usize::from(p.number())])
    })
    .await?;
    Ok(next)
}

/// Sweeps: after it no file of the data directory but backups says anything of who was erased
/// before.
pub async fn sweep(app: &Arc<App>, compact: bool) -> anyhow::Result<Swept> {
    let _one_sweep = app.sweeping.lock().await;
    let at = app.node.now();
    let next = written_back(app).await?;
    let (register, _) = register(app).await;
    let (log, state) = (app.node.log().clone(), app.node.state().clone());
    let partitions = app.node.partitions();
    let swept = tokio::task::spawn_blocking(move || -> anyhow::Result<u64> {
        // Only what the store surely has is taken from the log: a replay begins behind it.
        state.sync()?;
        let entries = log.erase(&|entry| {
            let needed = next.get(usize::from(entry.partition));
            if needed.is_none_or(|next| entry.offset >= *next) {
                return false;
            }
            let input = codec::input(&entry.body);
            input.is_ok_and(|input| name_people(&input, &register, partitions))
        })?;
        if compact {
            state.compact()?;
        }
        Ok(entries)
    });
    let entries = swept.await.context("the sweep ended early")??;
    // These name people, and cannot be told apart by whom.
    crate::sources::drop_under_way(&app.data, |_| true)
        .context("rows of files under way stay in the data directory")?;
    app.observer.traces.forget();
    let swept = Swept { at, entries, compacted: compact };
    app.record(Entry::Swept(swept.clone())).await?;
    Ok(swept)
}

fn backups(data: &Path) -> Vec<(PathBuf, Timestamp)> {
    let Ok(entries) = std::fs::read_dir(data.join("backups")) else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let path = entry.path();
            // A backup is named by the instant at which it was made.
            let at = path.file_stem()?.to_str()?.parse().ok()?;
            Some((path, Timestamp(at)))
        })
        .collect()
}

/// When the last byte of somebody who was erased is gone, and where it is until then.
#[derive(Clone, Copy, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct LastByte {
    /// When nothing is left anywhere, backups included.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When it is, or was, out of log and store.
    #[schema(value_type = String, format = DateTime)]
    pub log_and_store: Timestamp,
    /// When the last backup that has it is taken away; null where none has it.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub backups: Option<Timestamp>,
}

/// When the last byte of somebody who was erased then is gone.
pub fn last_byte(app: &App, at: Timestamp) -> LastByte {
    let keep = Duration::DAY.times(i64::from(app.backups_keep_days));
    let swept = app.control().swept.clone().filter(|swept| swept.at >= at && swept.compacted);
    let log = swept.as_ref().map_or(at.plus(DAILY), |swept| swept.at);
    let backups: Vec<_> = backups(&app.data).into_iter().map(|(_, made)| made).collect();
    let holding = backups.iter().filter(|made| **made <= log).map(|made| made.plus(keep)).max();
    let at = holding.map_or(log, |until| until.max(log));
    LastByte { at, log_and_store: log, backups: holding }
}

/// Backups that are older than they may be are removed.
fn expire_backups(app: &App) {
    let oldest = app.node.now().minus(Duration::DAY.times(i64::from(app.backups_keep_days)));
    for (path, made) in backups(&app.data).into_iter().filter(|(_, made)| *made < oldest) {
        match std::fs::remove_file(&path) {
            Ok(()) => tracing::info!(at = %made, "a backup that is too old was removed"),
            Err(error) => tracing::error!(%error, "a backup that is too old stays"),
        }
    }
}

/// Whether there is something that the last sweep has not seen, and a day has passed.
async fn is_due(app: &App) -> bool {
    let now = app.node.now();
    let last = app.control().swept.clone();
    let erased = names(app).await.into_iter().map(|(_, _, erased)| erased.at).max();
    match (last, erased) {
        (_, None) => false,
        (None, Some(erased)) => now.since(erased).0 >= DAILY.0 / 2,
        // What came late for somebody who is gone lies in the log as well.
        (Some(last), Some(_)) => now.since(last.at).0 >= DAILY.0 - LOOK_EVERY.as_millis() as i64,
    }
}

/// The sweep that nobody asked for.
async fn sweep_daily(app: &Arc<App>) -> anyhow::Result<()> {
    let swept = sweep(app, true).await?;
    let detail = format!("{} entries lost their body", swept.entries);
    app.note_done(Who::system("schedule"), "erasure.sweep", "", &detail).await?;
    Ok(())
}

/// The loop.
pub async fn drive(app: Arc<App>) {
    while !app.stopping.is_cancelled() {
        expire_backups(&app);
        if is_due(&app).await
            && let Err(error) = sweep_daily(&app).await
        {
            tracing::error!(error = format!("{error:#}"), "a sweep did not end; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// After a restore: who was erased since the backup was made is erased again, before anything is
/// served.
pub async fn apply_register(app: &App) -> anyhow::Result<()> {
    let file = to_apply_file(&app.data);
    let Ok(bytes) = std::fs::read(&file) else { return Ok(()) };
    let kept: Vec<Kept> = serde_json::from_slice(&bytes)
        .with_context(|| format!("`{}` is no register of erasures", file.display()))?;
    let secret = Secret(app.site.tokens.derive("erasures"));
    let mut again = 0;
    for Kept { profile, at } in kept {
        let Some((partition, alias)) = name_of(app, profile).await else { continue };
        let wish = Wish { at, secret };
        app.append_applied(partition, Body::Erase { alias, wish }, TraceId::default()).await?;
        again += 1;
    }
    tracing::info!(again, "the register of erasures is applied");
    keep_register(app).await?;
    std::fs::remove_file(&file).context("the applied register could not be removed")
}

/// A name of a profile that a backup brought back, and its home.
async fn name_of(app: &App, profile: ProfileId) -> Option<(Partition, cauce_core::profile::Alias)> {
    let head = app.ask(profile.birthplace(), move |p| {
        let Some(Row::Number(number)) = p.rows().get(&Key::Profile(profile)) else { return None };
        match p.rows().get(&Key::Head(number)) {
            Some(Row::Head(head)) => Some(head),
            _ => None,
        }
    });
    let alias = head.await.flatten()?.aliases.first()?.clone();
    Some((cauce_core::decide::home(&alias, app.node.partitions()), alias))
}
