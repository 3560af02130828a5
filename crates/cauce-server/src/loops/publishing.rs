//! Publishes membership changes into a NATS stream, from where it was; each under its name, so that
//! what is published again is known to the stream.

use super::outside::share::{Passing, begin, keep, next_piece};
use crate::app::App;
use crate::share::tell::{self, Piece};
use crate::sources::stream::options;
use cauce_channels::nats::Link;
use cauce_core::publish::{DestinationSource, Push};
use cauce_core::time::Duration as Span;
use std::sync::Arc;
use std::time::Duration;

/// How long a destination waits that cannot be told at all.
const PAUSE: Duration = Duration::from_secs(5);
/// Longer than any stream is away: it is told once it is back, and what the feed does not keep any
/// more is said to be missed.
const NEVER: Span = Span(i64::MAX);

/// One destination that is told in a stream.
pub struct Publishing {
    /// The process.
    pub app: Arc<App>,
    /// The destination.
    pub name: String,
    /// What it says.
    pub source: DestinationSource,
    /// Where it is told.
    pub push: Push,
}

impl Publishing {
    /// Publishes until its definition or the process ends.
    pub async fn run(self) {
        let mut standing = begin(&self.app, &self.name);
        let mut passing = Passing::default();
        let mut link = None;
        loop {
            let mut more = self.app.feed.watch();
            let most = self.push.batch as usize;
            let piece = next_piece(&self.app, &self.name, &self.source, &mut standing, most).await;
            let Some(piece) = piece else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            if piece.changes.is_empty() {
                passing.by(&self.app, &self.name, &mut standing, piece.next, &mut more).await;
                continue;
            }
            match self.publish(&mut link, &piece).await {
                Ok(()) => standing.accepted(piece.next.clone(), piece.changes.len()),
                Err(error) => {
                    link = None;
                    let why = format!("{error:#}");
                    if standing.last_failure.as_ref() != Some(&why) {
                        tracing::error!(destination = self.name, error = why, "not published");
                    }
                    let wait = standing.failed(why, false, self.app.node.now(), NEVER);
                    keep(&self.app, &self.name, &standing);
                    let wait = wait.map_or(PAUSE, |w| Duration::from_millis(w.0.max(0) as u64));
                    tokio::time::sleep(wait.min(Duration::from_secs(30))).await;
                    continue;
                }
            }
            keep(&self.app, &self.name, &standing);
        }
    }

    async fn publish(&self, link: &mut Option<Link>, piece: &Piece) -> anyhow::Result<()> {
        let shown = self.app.shown();
        let told = tell::tell(&self.app, &shown, &self.source.by, &piece.changes).await;
        let mut all = Vec::new();
        for (_, told) in told {
            let subject = self.push.subject_of(&told.segment);
            // Streams look for a name among all that they have: ours says whose it is.
            let id = format!("cauce-{}", told.id);
            all.push((subject, id, serde_json::to_vec(&told)?));
        }
        let open = match link.take() {
            Some(open) => link.insert(open),
            none => {
                let options = options(&self.app, &self.push.server)?;
                drop(none);
                link.insert(Link::connect(&self.app.egress, &options).await?)
            }
        };
        Ok(open.keep_all(&all).await?)
    }
}
