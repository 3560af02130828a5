//! How fast things happen: events and accepted messages by second, outcomes by provider. Fed by one
//! addition each; read by who looks.

use cauce_core::delivery::{Answering, Outcome, Stage};
use cauce_core::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whole seconds that are shown.
pub const SECONDS: usize = 60;
/// With the one that goes on.
const SLOTS: usize = SECONDS + 1;
/// Limit: providers whose outcomes are remembered; definitions have far fewer.
const PROVIDERS_MAX: usize = 1_000;
/// How many seconds of outcomes say how a provider is: five minutes.
const WINDOW_S: i64 = 300;

/// A count for each of the last seconds.
#[derive(Debug)]
pub struct Seconds {
    slots: [(i64, u64); SLOTS],
}

impl Default for Seconds {
    fn default() -> Seconds {
        Seconds { slots: [(i64::MIN, 0); SLOTS] }
    }
}

fn second(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000)
}

impl Seconds {
    /// Counts so many at an instant.
    pub fn add(&mut self, at: Timestamp, count: u64) {
        let second = second(at);
        let slot = &mut self.slots[second.rem_euclid(SLOTS as i64) as usize];
        match slot.0.cmp(&second) {
            std::cmp::Ordering::Equal => slot.1 += count,
            std::cmp::Ordering::Less => *slot = (second, count),
            // Later than a minute: nobody asks for it any more.
            std::cmp::Ordering::Greater => {}
        }
    }

    /// The whole seconds before an instant, oldest first: when each began, and its count.
    pub fn before(&self, now: Timestamp) -> Vec<(Timestamp, u64)> {
        let now = second(now);
        let count = |second: i64| {
            let slot = self.slots[second.rem_euclid(SLOTS as i64) as usize];
            if slot.0 == second { slot.1 } else { 0 }
        };
        let seconds = now - SECONDS as i64..now;
        seconds.map(|second| (Timestamp(second * 1_000), count(second))).collect()
    }
}

/// How a provider has answered lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// When the window that is being counted began.
    since: Timestamp,
    /// Attempts that it accepted in the window.
    pub accepted: u64,
    /// Attempts that it refused in the window: its word on messages, not on itself.
    pub refused: u64,
    /// Attempts that did not reach it, or that could not begin, in the window.
    pub unreached: u64,
    /// How many of the last attempts, one after the other, did not reach it.
    pub in_vain: u64,
    /// What the last of those came to.
    pub last: Option<(Timestamp, String)>,
}

impl Answers {
    /// Whether what was tried lately did not reach it.
    pub fn is_failing(&self) -> bool {
        self.in_vain >= 3 || (self.unreached >= 5 && self.unreached > self.accepted)
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Pace {
    sent: Mutex<Seconds>,
    providers: Mutex<BTreeMap<String, Answers>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pace {
    /// An attempt at a provider ended, and that is whose answer.
    pub fn ended(&self, provider: &str, outcome: &Outcome, by: Answering, at: Timestamp) {
        if let Outcome::Devices(ends) = outcome {
            let each = ends.iter().map(|end| end.answer.outcome());
            return each.for_each(|outcome| self.ended(provider, &outcome, by, at));
        }
        let straight = by == Answering::Destinations;
        let mut providers = locked(&self.providers);
        if !providers.contains_key(provider) {
            if providers.len() >= PROVIDERS_MAX {
                providers.clear();
            }
            providers.insert(provider.to_owned(), Answers::default());
        }
        let Some(answers) = providers.get_mut(provider) else { return };
        if at.since(answers.since).0 > WINDOW_S * 1_000 {
            (answers.accepted, answers.refused, answers.unreached) = (0, 0, 0);
            answers.since = at;
        }
        match outcome {
            Outcome::Accepted { .. } => {
                answers.accepted += 1;
                answers.in_vain = 0;
            }
            // One reader's server, and no word on the others.
            Outcome::Refused { stage: Stage::Connect, .. } | Outcome::Unknown { .. }
                if straight =>
            {
                answers.refused += 1;
            }
            Outcome::Refused { stage: Stage::Connect | Stage::Auth, text, .. } => {
                answers.unreached += 1;
                answers.in_vain += 1;
                answers.last = Some((at, text.clone()));
            }
            // It answered: about the message.
            Outcome::Refused { .. } => {
                answers.refused += 1;
                answers.in_vain = 0;
            }
            Outcome::Unreachable { text, .. }
            | Outcome::Unknown { text, .. }
            | Outcome::Held { text } => {
                answers.unreached += 1;
                answers.in_vain += 1;
                answers.last = Some((at, text.clone()));
            }
            Outcome::NotStarted { .. }
            | Outcome::Busy { .. }
            | Outcome::Unrenderable { .. }
            | Outcome::Devices(_) => {}
        }
        drop(providers);
        if matches!(outcome, Outcome::Accepted { .. }) {
            locked(&self.sent).add(at, 1);
        }
    }

    /// How providers have answered lately.
    pub fn answers(&self) -> BTreeMap<String, Answers> {
        locked(&self.providers).clone()
    }

    /// Accepted messages in each of the last seconds.
    pub fn sent(&self, now: Timestamp) -> Vec<(Timestamp, u64)> {
        locked(&self.sent).before(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_remembered() {
        let check = |added: &[(i64, u64)], now: i64, expected: &[(i64, u64)]| {
            let mut seconds = Seconds::default();
            added.iter().for_each(|(at, count)| seconds.add(Timestamp(*at), *count));
            let all = seconds.before(Timestamp(now));
            assert_eq!(all.len(), SECONDS);
            assert_eq!(all.last().unwrap().0.0, now.div_euclid(1_000) * 1_000 - 1_000);
            let some = all.iter().filter(|(_, count)| *count > 0);
            let some: Vec<_> = some.map(|(at, count)| (at.0, *count)).collect();
            assert_eq!(some, expected, "{added:?} at {now}");
        };
        check(&[(1_000, 2), (1_999, 3), (2_000, 4)], 3_500, &[(1_000, 5), (2_000, 4)]);
        check(&[(1_000, 2)], 1_500, &[]);
        check(&[(1_000, 2), (61_000, 1)], 62_000, &[(61_000, 1)]);
        check(&[(2_000, 2), (61_000, 1)], 62_000, &[(2_000, 2), (61_000, 1)]);
        // What comes late for a second that is over a minute ago is not counted for another.
        check(&[(62_000, 1), (1_000, 2)], 63_000, &[(62_000, 1)]);
        check(&[(-1, 1)], 500, &[(-1_000, 1)]);
    }

    #[test]
    fn a_provider_fails_when_it_is_not_reached() {
        let pace = Pace::default();
        let at = Timestamp(1_000_000);
        let lost = || Outcome::Held { text: "no route".to_owned() };
        let taken = Outcome::Accepted { id: None, text: String::new() };
        let failing = || pace.answers()["p"].is_failing();
        pace.ended("p", &lost(), Answering::Itself, at);
        pace.ended("p", &lost(), Answering::Itself, at);
        assert!(!failing(), "twice may happen");
        pace.ended("p", &lost(), Answering::Itself, at);
        assert!(failing());
        assert_eq!(pace.answers()["p"].last, Some((at, "no route".to_owned())));
        pace.ended("p", &taken, Answering::Itself, at);
        assert!(!failing(), "it answers again");
        assert_eq!(pace.sent(Timestamp(1_001_000)).last(), Some(&(at, 1)));
        let dead = || Outcome::Refused {
            stage: Stage::Connect,
            code: 451,
            enhanced: None,
            text: "no answer".to_owned(),
            retry_after_s: None,
        };
        (0..9).for_each(|_| pace.ended("p", &dead(), Answering::Destinations, at));
        assert!(!failing(), "one reader's server");
        (0..9).for_each(|_| pace.ended("p", &dead(), Answering::Itself, at));
        assert!(failing());
    }
}
