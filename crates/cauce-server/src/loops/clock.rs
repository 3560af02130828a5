//! The wall clock, kept from stepping: it follows the boot-time clock, which also counts while the
//! machine sleeps, and takes over what the wall clock says only as far as it is believed. A step
//! beyond that is not: until an operator confirms it, or it is taken back, nothing is due and
//! nothing leaves, since both would be by a clock that nobody knows to be right.

use crate::app::App;
use cauce_core::limits::CLOCK_STEP_MAX;
use cauce_core::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Reads a clock, in milliseconds.
type Reading = Box<dyn Fn() -> i64 + Send + Sync>;

/// See the module.
pub struct WallClock {
    wall: Reading,
    steady: Reading,
    /// What the wall clock showed when the steady one showed 0.
    origin: AtomicI64,
}

impl WallClock {
    /// The clocks of this machine; the wall clock is believed at the start.
    pub fn start() -> WallClock {
        let wall = || {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            since.map_or(0, |since| since.as_millis() as i64)
        };
        let steady = || {
            let read = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
            read.tv_sec * 1_000 + read.tv_nsec / 1_000_000
        };
        WallClock::of(Box::new(wall), Box::new(steady))
    }

    fn of(wall: Reading, steady: Reading) -> WallClock {
        let origin = AtomicI64::new(wall() - steady());
        WallClock { wall, steady, origin }
    }

    /// The time that is believed.
    pub fn now(&self) -> Timestamp {
        let (said, steady) = self.read();
        Timestamp(if is_believed(said, steady) { said } else { steady })
    }

    /// What the wall clock shows, if it is not believed.
    pub fn disbelieved(&self) -> Option<Timestamp> {
        let (said, steady) = self.read();
        (!is_believed(said, steady)).then_some(Timestamp(said))
    }

    /// Somebody says that the wall clock is right.
    pub fn confirm(&self) {
        self.origin.store((self.wall)() - (self.steady)(), Ordering::SeqCst);
    }

    fn read(&self) -> (i64, i64) {
        ((self.wall)(), self.origin.load(Ordering::SeqCst) + (self.steady)())
    }
}

fn is_believed(said: i64, steady: i64) -> bool {
    (said - steady).abs() <= CLOCK_STEP_MAX.0
}

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// The loop.
pub async fn watch(app: Arc<App>) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_not_believed_until_it_is_confirmed() {
        let (wall, steady) = (Arc::new(AtomicI64::new(1_000_000)), Arc::new(AtomicI64::new(5)));
        let read = |clock: &Arc<AtomicI64>| -> Reading {
            let clock = clock.clone();
            Box::new(move || clock.load(Ordering::SeqCst))
        };
        let clock = WallClock::of(read(&wall), read(&steady));
        let check = |by: (i64, i64), shown: i64, disbelieved: Option<i64>| {
            wall.fetch_add(by.0, Ordering::SeqCst);
            steady.fetch_add(by.1, Ordering::SeqCst);
            assert_eq!(clock.now(), Timestamp(shown), "{by:?}");
            assert_eq!(clock.disbelieved(), disbelieved.map(Timestamp), "{by:?}");
        };
        let hour = 3_600_000;
        check((0, 0), 1_000_000, None);
        // The machine slept: both clocks went on.
        check((hour, hour), 1_000_000 + hour, None);
        // A little slower or faster than each other is what clocks are.
        check((2_000, 1_000), 1_002_000 + hour, None);
        // The wall clock alone leaps.
        check((hour, 1_000), 1_002_000 + hour, Some(1_002_000 + 2 * hour));
        check((1_000, 1_000), 1_003_000 + hour, Some(1_003_000 + 2 * hour));
        clock.confirm();
        check((0, 0), 1_003_000 + 2 * hour, None);
        // It is set back, and set right again.
        check((-hour, 0), 1_003_000 + 2 * hour, Some(1_003_000 + hour));
        check((hour, 0), 1_003_000 + 2 * hour, None);
    }
}
