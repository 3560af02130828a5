//! The circuit breaker of a provider: closed while it takes what it is given, open while it does
//! not take anything from anybody, and slow on the way back.

use crate::delivery::{Answering, Outcome, Stage, is_about_its_sender, is_providers_own};
use crate::time::{Duration, Timestamp};
use serde::Serialize;

/// Attempts that failed for the provider's own reasons before it opens; fewer say nothing.
const FAILURES_MIN: u32 = 5;
/// Of all attempts of the window that many in a thousand have to have failed.
const FAILURES_PER_MILLE: u32 = 500;
/// The window is this slice and the one before it.
const SLICE: Duration = Duration(15_000);
/// How long it is open the first time; twice as long each time that a probe fails.
const OPEN_FIRST: Duration = Duration(5_000);
/// The longest time that it is open.
const OPEN_MAX: Duration = Duration(300_000);
/// How long the way back from a tenth to everything takes.
const RAMP: Duration = Duration(60_000);
/// Where the way back begins, in thousandths.
const RAMP_FROM: u32 = 100;

/// Where a breaker stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Standing {
    /// It takes what it is given.
    #[default]
    Closed,
    /// Nothing is given to it until then.
    Open {
        /// When the next probe goes.
        until: Timestamp,
    },
    /// One message at a time asks whether it is back.
    HalfOpen,
    /// It is back: from a tenth to everything within a minute.
    Ramping {
        /// Since when.
        since: Timestamp,
    },
}

impl Standing {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Closed => "closed",
            Standing::Open { .. } => "open",
            Standing::HalfOpen => "half-open",
            Standing::Ramping { .. } => "ramping",
        }
    }
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    standing: Standing,
    /// When the slice began; good and failed attempts in it, and in the one before.
    slice: Timestamp,
    counts: [(u32, u32); 2],
    /// How often it opened since it was closed for good.
    opened: u32,
}

impl Breaker {
    /// Where it stands now.
    pub fn standing(&mut self, now: Timestamp) -> Standing {
        match self.standing {
            Standing::Open { until } if until <= now => self.standing = Standing::HalfOpen,
            Standing::Ramping { since } if now.since(since) >= RAMP => {
                self.standing = Standing::Closed;
                self.opened = 0;
            }
            Standing::Closed
            | Standing::Open { .. }
            | Standing::HalfOpen
            | Standing::Ramping { .. } => {}
        }
        self.standing
    }

    /// Where it stood when somebody last looked.
    pub fn seen(&self) -> Standing {
        self.standing
    }

    /// Thousandths of its window and rate that it may be given.
    pub fn per_mille(&mut self, now: Timestamp) -> u32 {
        match self.standing(now) {
            Standing::Closed => 1_000,
            Standing::Open { .. } => 0,
            Standing::HalfOpen => RAMP_FROM,
            Standing::Ramping { since } => {
                let way = i64::from(1_000 - RAMP_FROM) * now.since(since).0.max(0) / RAMP.0;
                (RAMP_FROM + u32::try_from(way).unwrap_or(0)).min(1_000)
            }
        }
    }

    /// An attempt ended, and that is whose answer; `probe` if it was the one that asked whether the
    /// provider is back.
    pub fn ended(&mut self, outcome: &Outcome, by: Answering, probe: bool, now: Timestamp) {
        let failed = match outcome {
            // One reader's server, that loses answers or does not open: no word on anybody else's.
            Outcome::Unknown { .. } | Outcome::Refused { stage: Stage::Connect, .. }
                if by == Answering::Destinations =>
            {
                return;
            }
            // A provider that loses answers would lose those of every further message.
            Outcome::Unknown { .. } => true,
            // Says nothing of the provider: it was not asked.
            Outcome::NotStarted { .. } | Outcome::Unrenderable { .. } | Outcome::Busy { .. } => {
                return;
            }
            Outcome::Accepted { .. }
            | Outcome::Refused { .. }
            | Outcome::Unreachable { .. }
            | Outcome::Held { .. } => {
                is_providers_own(outcome, by) && !is_about_its_sender(outcome)
            }
            Outcome::Devices(ends) => {
                let said = ends.iter().map(|end| end.answer.outcome());
                let asked = |one: &Outcome| {
                    !matches!(one, Outcome::NotStarted { .. } | Outcome::Unrenderable { .. })
                };
                let mut said = said.filter(asked).peekable();
                if said.peek().is_none() {
                    return;
                }
                said.all(|one| matches!(one, Outcome::Unknown { .. }) || is_providers_own(&one, by))
            }
        };
        match self.standing(now) {
            // What was under way when it opened has nothing new to say.
            Standing::Open { .. } => {}
            Standing::HalfOpen if !probe => {}
            Standing::HalfOpen if failed => self.open(now),
            Standing::HalfOpen => {
                self.standing = Standing::Ramping { since: now };
                self.counts = [(0, 0); 2];
                self.slice = now;
            }
            Standing::Closed | Standing::Ramping { .. } => self.count(failed, now),
        }
    }

    fn count(&mut self, failed: bool, now: Timestamp) {
        let age = now.since(self.slice);
        if age >= SLICE {
            let before = if age < SLICE.times(2) { self.counts[0] } else { (0, 0) };
            self.counts = [(0, 0), before];
            self.slice = now;
        }
        let (good, bad) = &mut self.counts[0];
        *(if failed { &mut *bad } else { good }) += 1;
        let good: u32 = self.counts.iter().map(|slice| slice.0).sum();
        let bad: u32 = self.counts.iter().map(|slice| slice.1).sum();
        if bad >= FAILURES_MIN && bad * 1_000 >= (good + bad) * FAILURES_PER_MILLE {
            self.open(now);
        }
    }

    fn open(&mut self, now: Timestamp) {
        let wait = OPEN_FIRST.times(1 << self.opened.min(10)).min(OPEN_MAX);
        self.opened += 1;
        self.counts = [(0, 0); 2];
        self.standing = Standing::Open { until: now.plus(wait) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    fn down() -> Outcome {
        Outcome::Unreachable { text: String::new() }
    }

    fn ended(breaker: &mut Breaker, outcome: &Outcome, probe: bool, now: Timestamp) {
        breaker.ended(outcome, Answering::Itself, probe, now);
    }

    fn fine() -> Outcome {
        Outcome::Accepted { id: None, text: String::new() }
    }

    #[test]
    fn it_opens_after_five_and_comes_back_slowly() {
        let mut breaker = Breaker::default();
        for n in 0..4 {
            ended(&mut breaker, &down(), false, Timestamp(n));
            assert_eq!(breaker.standing(Timestamp(n)), Standing::Closed, "{n}");
        }
        ended(&mut breaker, &down(), false, Timestamp(10));
        assert_eq!(breaker.standing(Timestamp(10)), Standing::Open { until: Timestamp(5_010) });
        assert_eq!(breaker.per_mille(Timestamp(5_009)), 0);
        assert_eq!(breaker.standing(Timestamp(5_010)), Standing::HalfOpen);
        ended(&mut breaker, &fine(), false, Timestamp(5_011));
        assert_eq!(breaker.standing(Timestamp(5_011)), Standing::HalfOpen, "that was no probe");
        ended(&mut breaker, &down(), true, Timestamp(5_020));
        assert_eq!(breaker.standing(Timestamp(5_020)), Standing::Open { until: Timestamp(15_020) });
        breaker.standing(Timestamp(15_020));
        ended(&mut breaker, &fine(), true, Timestamp(15_020));
        assert_eq!(breaker.per_mille(Timestamp(15_020)), 100);
        assert_eq!(breaker.per_mille(Timestamp(45_020)), 550);
        assert_eq!(breaker.per_mille(Timestamp(75_020)), 1_000);
        assert_eq!(breaker.seen(), Standing::Closed);
    }

    #[test]
    fn what_is_said_of_a_message_does_not_open_it() {
        let mut breaker = Breaker::default();
        let refused = Outcome::Refused {
            stage: crate::delivery::Stage::Recipient,
            code: 550,
            enhanced: None,
            text: "no such mailbox".into(),
            retry_after_s: None,
        };
        (0..100).for_each(|n| ended(&mut breaker, &refused, false, Timestamp(n)));
        (0..100).for_each(|n| {
            ended(&mut breaker, &Outcome::NotStarted { text: String::new() }, false, Timestamp(n));
        });
        assert_eq!(breaker.standing(Timestamp(100)), Standing::Closed);
    }

    #[test]
    fn a_few_failures_among_many_do_not_open_it() {
        let mut breaker = Breaker::default();
        for n in 0..1_000 {
            let outcome = if n % 3 == 0 { down() } else { fine() };
            // The good ones come first.
            if n > 10 || n % 3 != 0 {
                ended(&mut breaker, &outcome, false, Timestamp(n * 100));
            }
        }
        assert_eq!(breaker.standing(Timestamp(100_000)), Standing::Closed);
    }

    #[test]
    fn it_is_never_open_for_longer_than_five_minutes() {
        let mut breaker = Breaker::default();
        let mut now = Timestamp(0);
        (0..5).for_each(|_| ended(&mut breaker, &down(), false, now));
        for _ in 0..50 {
            let Standing::Open { until } = breaker.standing(now) else { panic!("{breaker:?}") };
            assert!(until.since(now) <= OPEN_MAX);
            now = until;
            breaker.standing(now);
            ended(&mut breaker, &down(), true, now);
        }
    }
}
