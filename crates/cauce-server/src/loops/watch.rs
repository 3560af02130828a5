//! Watches the wall clock: while it is not believed, nothing is due and nothing leaves.

use crate::app::App;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// The loop.
pub async fn clock(app: Arc<App>) {
    loop {
        look(&app);
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// Looks at the clock, and holds or lets go.
pub fn look(app: &App) {
    let Some(wall) = &app.wall_clock else { return };
    let disbelieved = wall.disbelieved();
    app.node.hold_clock(disbelieved.is_some());
    let trouble = disbelieved.map(|said| {
        format!(
            "the machine's clock stepped to {said}, and by the time since the start it is {}: set \
             it right, or say `cauce clock --confirm`",
            wall.now()
        )
    });
    app.observer.say("clock", trouble);
}
