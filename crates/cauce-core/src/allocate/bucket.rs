//! A rate that is never exceeded, in any second and over any restart.

use crate::time::Timestamp;

/// One message.
const ONE: i64 = 1_000_000_000;

/// Room for messages, refilled with time. In billionths of a message, so that nothing is rounded
/// away that anybody would miss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    per_ms: i64,
    full: i64,
    tokens: i64,
    at: Option<Timestamp>,
}

impl Bucket {
    /// So many a second.
    ///
    /// What is refilled within a second (95 %) and what may have been saved (4 % and one message)
    /// are together less than one more than the limit: so it holds in every second, wherever that
    /// begins, and nothing is lost between two looks. It starts empty: what a process before this
    /// one sent within the last second counts.
    pub fn per_second(rate: u32) -> Bucket {
        let rate = i64::from(rate);
        Bucket { per_ms: rate * 950_000, full: ONE + rate * ONE / 25, tokens: 0, at: None }
    }

    /// So many a minute, the first at once.
    pub fn per_minute(rate: u32) -> Bucket {
        let rate = i64::from(rate);
        let full = ONE + rate * ONE / 1_500;
        Bucket { per_ms: rate * 950_000 / 60, full, tokens: ONE, at: None }
    }

    /// Another rate, with the room that there is.
    #[must_use]
    pub fn with_rate_of(mut self, other: Bucket) -> Bucket {
        (self.per_ms, self.full) = (other.per_ms, other.full);
        self.tokens = self.tokens.min(self.full);
        self
    }

    /// Messages that there is room for, at so many thousandths of the rate.
    pub fn room(&mut self, now: Timestamp, per_mille: u32) -> u32 {
        // A clock that was set back gives nothing, and goes on from where it is.
        let elapsed = self.at.map_or(0, |at| now.since(at).0).clamp(0, 60_000);
        self.at = Some(now);
        let refill = elapsed.saturating_mul(self.per_ms) / 1_000 * i64::from(per_mille);
        self.tokens = self.tokens.saturating_add(refill).min(self.full);
        u32::try_from(self.tokens / ONE).unwrap_or(0)
    }

    /// Uses room.
    pub fn take(&mut self, n: u32) {
        self.tokens -= i64::from(n) * ONE;
    }

    /// What was granted and not handed over goes back: it used no room at the provider.
    pub fn give_back(&mut self, n: u32) {
        self.tokens = (self.tokens + i64::from(n) * ONE).min(self.full);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    /// Sends whenever there is room, looking every `step` ms; what any second saw at most, and the
    /// mean of the last nine.
    fn run(rate: u32, step: i64) -> (usize, usize) {
        let mut bucket = Bucket::per_second(rate);
        let mut sent: Vec<i64> = Vec::new();
        for now in (0..10_000).step_by(step as usize) {
            let room = bucket.room(Timestamp(now), 1_000);
            bucket.take(room);
            sent.extend((0..room).map(|_| now));
        }
        let before = |at: i64| sent.partition_point(|s| *s < at);
        let within = |at: i64| before(at + 1_000) - before(at);
        let most = sent.iter().map(|at| within(*at)).max().unwrap_or(0);
        (most, sent.iter().filter(|at| **at >= 1_000).count() / 9)
    }

    #[test]
    fn a_rate_holds_in_every_second_and_is_used() {
        for rate in [1, 2, 5, 7, 10, 20, 33, 50, 100, 1_000, 12_345] {
            for step in [1, 7, 20, 30] {
                let (most, mean) = run(rate, step);
                assert!(most <= rate as usize, "{rate}/s every {step} ms: {most}");
                if rate >= 10 {
                    assert!(mean * 10 >= rate as usize * 9, "{rate}/s every {step} ms: {mean}");
                }
            }
        }
    }

    #[test]
    fn a_restart_is_no_reason_for_a_burst() {
        let mut sent: Vec<i64> = Vec::new();
        for start in (0..5_000).step_by(300) {
            let mut bucket = Bucket::per_second(100);
            for now in start..start + 300 {
                let room = bucket.room(Timestamp(now), 1_000);
                bucket.take(room);
                sent.extend((0..room).map(|_| now));
            }
        }
        let before = |at: i64| sent.partition_point(|s| *s < at);
        let within = |at: i64| before(at + 1_000) - before(at);
        assert!(sent.iter().all(|at| within(*at) <= 100));
    }

    #[test]
    fn a_clock_that_jumps_gives_no_more_than_a_full_bucket() {
        let mut bucket = Bucket::per_second(1_000);
        bucket.room(Timestamp(0), 1_000);
        assert_eq!(bucket.room(Timestamp(i64::MAX / 2), 1_000), 41);
        bucket.take(41);
        assert_eq!(bucket.room(Timestamp(0), 1_000), 0);
        assert!(bucket.room(Timestamp(20), 1_000) > 0);
    }
}
