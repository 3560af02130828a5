//! Events that are older than the policy keeps them are forgotten once a day, in slices, while
//! there is room.

use crate::app::{App, Refusal};
use crate::control::Entry;
use cauce_core::ids::TraceId;
use cauce_core::input::Body;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::{Duration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How often the loop looks whether a day has passed.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(5 * 60);
/// Profiles that one slice looks at.
const SLICE: u32 = 256;

/// Forgets events of a name that occurred before an instant, everywhere, and their part in every
/// aggregate. Waits while others have something to decide.
pub async fn forget(app: &App, event: &str, before: Timestamp) -> Result<(), Refusal> {
    for partition in 0..app.node.partitions() {
        app.metrics.retaining.store(u64::from(partition) + 1, Ordering::Relaxed);
        let profiles = app.ask(partition, |p| match p.rows().get(&Key::Meta) {
            Some(Row::Meta(meta)) => meta.next_number,
            _ => 0,
        });
        let profiles = profiles.await.unwrap_or_default();
        for from in (0..profiles).step_by(SLICE as usize) {
            while !app.node.batch_may_append() {
                if app.stopping.is_cancelled() {
                    return Err(Refusal::Stopping);
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            let body = Body::Retain { name: event.to_owned(), before, from, count: SLICE };
            app.append_applied(partition, body, TraceId::default()).await?;
        }
    }
    app.metrics.retaining.store(0, Ordering::Relaxed);
    Ok(())
}

/// Applies the policy's retention; says of how many names.
async fn apply(app: &Arc<App>) -> Result<usize, Refusal> {
    let at = app.node.now();
    let retention = app.catalog().policy.retention.clone();
    for (event, kept) in &retention {
        forget(app, event, at.minus(kept.0)).await?;
    }
    if !retention.is_empty() {
        app.record(Entry::Retained { at }).await?;
    }
    Ok(retention.len())
}

/// The loop.
pub async fn drive(app: Arc<App>) {
    while !app.stopping.is_cancelled() {
        let last = app.control().retained;
        if last.is_none_or(|last| app.node.now().since(last) >= Duration::DAY) {
            match apply(&app).await {
                Ok(0) => {}
                Ok(names) => tracing::info!(names, "old events are forgotten"),
                Err(error) => tracing::error!(%error, "retention did not end; it is tried again"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}
