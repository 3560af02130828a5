//! How fast one connection may submit: what was agreed, half of it after the provider said "too
//! fast", and slowly more again.

use std::time::Duration;
use tokio::time::Instant;

/// The slowest that a connection is made, in submissions a second.
const SLOWEST: f64 = 1.0;
/// Which share of the rate before the first halving comes back with each second of quiet.
const RECOVERY: f64 = 0.02;
/// How long one answer "too fast" stands for all that were under way with it: one burst is one
/// halving, or a full window would end at the slowest at once.
const DEAF: Duration = Duration::from_millis(500);

/// The pace of one connection.
#[derive(Debug)]
pub struct Pace {
    /// What was agreed with the provider, in submissions a second; absent: nothing.
    ceiling: Option<f64>,
    /// What is allowed now; absent: anything.
    rate: Option<f64>,
    /// The rate before the first halving.
    before: f64,
    /// When the next submission may go.
    next: Instant,
    /// Submissions of this second, and of the one before: the rate that was met.
    counted: (Instant, u32, u32),
    throttled: Option<Instant>,
    recovered: Instant,
}

impl Pace {
    /// Begins at what was agreed.
    pub fn new(per_second: Option<u32>, now: Instant) -> Pace {
        let ceiling = per_second.map(f64::from);
        Pace {
            ceiling,
            rate: ceiling,
            before: ceiling.unwrap_or_default(),
            next: now,
            counted: (now, 0, 0),
            throttled: None,
            recovered: now,
        }
    }

    /// When the next submission may go; now or earlier: at once.
    pub fn ready(&self) -> Instant {
        self.next
    }

    /// What is allowed now, in submissions a second.
    pub fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// One goes.
    pub fn spend(&mut self, now: Instant) {
        self.recover(now);
        self.count(now);
        if let Some(rate) = self.rate {
            // What was not used is gone, but for one step: no burst after a pause.
            let step = Duration::from_secs_f64(1.0 / rate.max(SLOWEST));
            self.next = self.next.max(now.checked_sub(step).unwrap_or(now)) + step;
        }
    }

    /// The provider said "too fast".
    pub fn halve(&mut self, now: Instant) {
        if self.throttled.is_some_and(|last| now.duration_since(last) < DEAF) {
            self.recovered = now;
            return;
        }
        self.recover(now);
        let met = self.met(now);
        let rate = self.rate.map_or(met, |rate| rate.min(met.max(SLOWEST)));
        if self.throttled.is_none() {
            self.before = self.ceiling.unwrap_or(rate);
        }
        let half = (rate / 2.0).max(SLOWEST);
        self.rate = Some(half);
        self.throttled = Some(now);
        self.recovered = now;
        self.next = self.next.max(now + Duration::from_secs_f64(1.0 / half));
    }

    /// A little more for each second of quiet, until it is as it was.
    fn recover(&mut self, now: Instant) {
        if self.throttled.is_none() {
            return;
        }
        let Some(rate) = self.rate else { return };
        let quiet = now.saturating_duration_since(self.recovered).as_secs_f64();
        self.recovered = now;
        let more = rate + quiet * (self.before * RECOVERY).max(SLOWEST / 10.0);
        // Without an agreement nobody knows where the limit is: it is looked for up to twice what
        // was too fast, and then forgotten.
        let end = self.ceiling.unwrap_or(self.before * 2.0);
        if more >= end {
            self.rate = self.ceiling;
            self.throttled = None;
        } else {
            self.rate = Some(more);
        }
    }

    fn count(&mut self, now: Instant) {
        let (since, this, _) = self.counted;
        let age = now.saturating_duration_since(since);
        self.counted = match age.as_secs() {
            0 => (since, this + 1, self.counted.2),
            1 => (now, 1, this),
            _ => (now, 1, 0),
        };
    }

    /// Submissions a second, as they were lately.
    fn met(&self, now: Instant) -> f64 {
        let (since, this, before) = self.counted;
        let age = now.saturating_duration_since(since).as_secs_f64();
        f64::from(this.max(before)).max(f64::from(this) / age.max(0.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    /// How many go within a time.
    fn spent(pace: &mut Pace, from: Instant, span_ms: u64) -> u32 {
        let mut count = 0;
        for tick in 0..span_ms {
            let now = ms(from, tick);
            while pace.ready() <= now && count < 1_000_000 && pace.rate().is_some() {
                pace.spend(now);
                count += 1;
            }
        }
        count
    }

    #[test]
    fn what_was_agreed_is_kept_halved_and_slowly_recovered() {
        let start = Instant::now();
        let mut pace = Pace::new(Some(100), start);
        let count = spent(&mut pace, start, 2_000);
        assert!((198..=202).contains(&count), "{count}");
        pace.halve(ms(start, 2_000));
        // The other answers of the same burst change nothing.
        for late in 1..10 {
            pace.halve(ms(start, 2_000 + late));
        }
        assert_eq!(pace.rate(), Some(50.0));
        let count = spent(&mut pace, ms(start, 2_000), 1_000);
        assert!((49..=53).contains(&count), "{count}");
        pace.halve(ms(start, 3_000));
        assert!(pace.rate().is_some_and(|rate| (24.0..28.0).contains(&rate)), "{pace:?}");
        // Two in a hundred of the old rate each second: 37 seconds to be whole again.
        pace.spend(ms(start, 20_000));
        assert!(pace.rate().is_some_and(|rate| (55.0..65.0).contains(&rate)), "{pace:?}");
        pace.spend(ms(start, 60_000));
        assert_eq!(pace.rate(), Some(100.0));
    }

    #[test]
    fn without_an_agreement_the_rate_that_was_met_is_halved() {
        let start = Instant::now();
        let mut pace = Pace::new(None, start);
        for tick in 0..1_000 {
            pace.spend(ms(start, tick * 2)); // 500 a second
        }
        assert_eq!(pace.rate(), None);
        pace.halve(ms(start, 2_000));
        assert!(pace.rate().is_some_and(|rate| (200.0..=300.0).contains(&rate)), "{pace:?}");
        // Never slower than one a second, and forgotten in the end.
        for times in 0..30 {
            pace.halve(ms(start, 3_000 + times * 600));
        }
        assert!(pace.rate().is_some_and(|rate| rate >= SLOWEST), "{pace:?}");
        pace.spend(ms(start, 400_000));
        assert_eq!(pace.rate(), None);
    }
}
