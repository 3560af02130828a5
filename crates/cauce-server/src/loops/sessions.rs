//! Writes down when sessions were last used, now and then: nobody wants a write for each request.

use crate::app::App;
use std::sync::Arc;
use std::time::Duration;

/// How often. A crash forgets so much of when a session was last used.
const EVERY: Duration = Duration::from_secs(300);

/// Runs until the process stops.
pub async fn drive(app: Arc<App>) {
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let (sessions, now) = (app.access.sessions.clone(), app.node.now());
        let kept = tokio::task::spawn_blocking(move || sessions.keep(now)).await;
        if let Ok(Err(error)) = kept {
            tracing::error!(error = format!("{error:#}"), "the sessions were not written");
        }
    }
}
