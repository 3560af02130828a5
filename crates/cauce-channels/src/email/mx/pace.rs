//! How fast one group of servers is talked to: its seed, halved when it asks for less, and found
//! again step by step while it is content.

use std::time::Duration;
use tokio::time::Instant;

/// The pace of one group. It has no clock: the instant is an argument.
#[derive(Clone, Debug)]
pub struct Pace {
    connections: usize,
    interval: Duration,
    /// How often everything is halved.
    level: u32,
    /// When the next message may go.
    next: Instant,
    /// When the group was last asked for less, so that answers under way count once.
    slowed: Option<Instant>,
    /// When one halving is taken back.
    calm: Instant,
    /// How long calm must last for the next.
    patience: Duration,
}

/// Limit: halvings; ten of a hundred a second is one in ten seconds.
const LEVEL_MAX: u32 = 12;

/// Answers within this time are one wish: they were under way together.
const ONE_WISH: Duration = Duration::from_secs(10);

impl Pace {
    /// A pace from its seed.
    pub fn new(connections: usize, per_second: u32, now: Instant) -> Pace {
        Pace {
            connections: connections.max(1),
            interval: Duration::from_secs(1) / per_second.max(1),
            level: 0,
            next: now,
            slowed: None,
            calm: now,
            patience: Duration::ZERO,
        }
    }

    /// How often everything is halved at the moment.
    pub fn level(&self) -> u32 {
        self.level
    }

    /// Connections that may be used at once: one always may.
    pub fn connections(&self) -> usize {
        (self.connections >> self.level.min(31)).max(1)
    }

    /// The time between two messages at the moment.
    pub fn interval(&self) -> Duration {
        self.interval * (1 << self.level)
    }

    /// Takes a place in the second: when the message may go, if that is before `deadline`. If it is
    /// not, nothing is taken, and the error says when it could have been.
    pub fn take(&mut self, now: Instant, deadline: Instant) -> Result<Instant, Instant> {
        self.recover(now);
        let at = self.next.max(now);
        if at >= deadline {
            return Err(at);
        }
        self.next = at + self.interval * (1 << self.level);
        Ok(at)
    }

    /// The group asked for less, and for so long: everything is halved, and nothing goes for a
    /// short while.
    pub fn slow_down(&mut self, now: Instant, wait: Duration) {
        self.recover(now);
        let news = self.slowed.is_none_or(|last| now.duration_since(last) >= ONE_WISH);
        if news {
            self.level = (self.level + 1).min(LEVEL_MAX);
            self.slowed = Some(now);
            self.next = self.next.max(now + self.interval * (1 << self.level));
        }
        self.patience = self.patience.max(wait);
        self.calm = now + self.patience;
    }

    /// Takes halvings back whose time of calm has passed.
    fn recover(&mut self, now: Instant) {
        while self.level > 0 && now >= self.calm {
            self.level -= 1;
            // The way back is walked in equal steps: whoever complained once is not tested at full
            // speed after one quiet hour.
            self.calm += self.patience / 2;
        }
        if self.level == 0 {
            self.patience = Duration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn sent(pace: &mut Pace, from: Instant, span: Duration) -> usize {
        let end = from + span;
        let mut now = from;
        let mut count = 0;
        while let Ok(at) = pace.take(now, end) {
            now = now.max(at);
            count += 1;
        }
        count
    }

    #[test]
    fn a_second_holds_what_the_seed_says_and_no_more() {
        let start = Instant::now();
        let mut pace = Pace::new(10, 100, start);
        assert_eq!(sent(&mut pace, start, Duration::from_secs(10)), 1_000);
    }

    #[test]
    fn a_wish_halves_and_calm_finds_the_way_back() {
        let start = Instant::now();
        let mut pace = Pace::new(10, 16, start);
        for answer in 0..5 {
            // Five connections hear the same answer within one second.
            pace.slow_down(start + Duration::from_millis(answer * 200), 10 * MINUTE);
        }
        assert_eq!((pace.level(), pace.connections()), (1, 5));
        let again = start + 2 * MINUTE;
        assert_eq!(sent(&mut pace, again, MINUTE), 8 * 60);
        pace.slow_down(again + MINUTE, 10 * MINUTE);
        assert_eq!((pace.level(), pace.connections()), (2, 2));
        let calm = again + MINUTE + 10 * MINUTE;
        assert!(pace.take(calm - Duration::from_secs(1), calm + MINUTE).is_ok());
        assert_eq!(pace.level(), 2);
        let _ = pace.take(calm, calm + MINUTE);
        assert_eq!(pace.level(), 1);
        let _ = pace.take(calm + 5 * MINUTE, calm + 6 * MINUTE);
        assert_eq!((pace.level(), pace.connections()), (0, 10));
    }

    #[test]
    fn nothing_is_slower_than_one_connection_and_a_place_that_is_too_late_is_not_taken() {
        let start = Instant::now();
        let mut pace = Pace::new(5, 1, start);
        let mut now = start;
        for _ in 0..40 {
            pace.slow_down(now, 90 * MINUTE);
            now += ONE_WISH;
        }
        assert_eq!(pace.connections(), 1);
        let refused = pace.take(now, now + Duration::from_secs(30)).unwrap_err();
        let refused_again = pace.take(now, now + Duration::from_secs(30)).unwrap_err();
        assert_eq!(refused, refused_again);
    }
}
