//! How a plan for warming up goes by what was answered: it grows after a good day, stays after a
//! poor or an idle one, and goes back after a bad one.
//!
//! Bounds, as of 2026-11-29. Complaints: those of `bulk-senders.json` (Gmail and Yahoo: stay below
//! 0.10 %, never reach 0.30 %). Deferrals: nobody publishes a figure; ours, 5 % and 20 % of what
//! was tried, are far above what a sender sees that goes at a pace that it is trusted with.

use super::shape::{WARM_UP_DAYS_MAX, WarmUp};
use crate::decimal::Decimal;
use crate::delivery::{Cause, Outcome, Verdict, classify};
use crate::prelude::*;
use crate::sender::bulk::Rules;
use jiff::civil::Date;

/// Deferrals among a thousand tries from which a plan stays where it is.
const DEFERRED_HOLD_PER_MILLE: u64 = 50;
/// From which it goes back.
const DEFERRED_BACK_PER_MILLE: u64 = 200;
/// Deferrals and complaints below which a share says nothing.
const SAID_MIN: u64 = 3;

/// What a provider carried to a group on one day, and how that was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Messages that left.
    pub carried: u64,
    /// Answers that asked for less or for another time, or that refused for what the sender is.
    pub deferred: u64,
    /// Readers who called it spam.
    pub complained: u64,
}

/// What follows from a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next day may have more.
    Grow,
    /// As many as this day.
    Hold,
    /// As many as before the last growth.
    Back,
}

impl Heard {
    /// What follows from a day that might have had `cap` messages to a group.
    pub fn step(&self, cap: u64, rules: &Rules, group: Option<&str>) -> Step {
        let (said, all) = (u128::from(self.carried), 1_000_000_u128);
        let reaches = |n: u64, per_million: u64| {
            n >= SAID_MIN && u128::from(n) * all >= u128::from(per_million) * said
        };
        let of = rules.of(group.unwrap_or("other"));
        let complained = |limit: fn(&crate::sender::bulk::Mailbox) -> u64| {
            of.is_some_and(|own| reaches(self.complained, limit(own)))
        };
        if reaches(self.deferred, DEFERRED_BACK_PER_MILLE * 1_000)
            || complained(|own| own.pause_per_million)
        {
            return Step::Back;
        }
        let poor = reaches(self.deferred, DEFERRED_HOLD_PER_MILLE * 1_000)
            || complained(|own| own.alert_per_million);
        // Trust is earned by what is sent: a day that used less than half of its room earns none.
        let idle = self.carried.saturating_mul(2) < cap;
        if poor || idle { Step::Hold } else { Step::Grow }
    }
}

impl WarmUp {
    /// Messages to a group on a day, after what was heard on each day before; `None` once the plan
    /// is over. Never more than the plan says for that day.
    pub fn cap(
        &self,
        day: Date,
        rules: &Rules,
        group: Option<&str>,
        heard: impl Fn(Date) -> Heard,
    ) -> Option<u64> {
        let Some(first) = self.first() else { return Some(0) };
        // Not: no limit before it begins. Who plans a warm-up has a sender that nobody knows.
        let days = first.until(day).map_or(0, |span| i64::from(span.get_days()));
        if days < 0 {
            return Some(0);
        }
        let whole = |cap: &Decimal| u64::try_from(cap.nanos() / ONE).unwrap_or(0);
        let until = Decimal::from(i64::try_from(self.until).unwrap_or(i64::MAX));
        // Every growth so far, so that a step back leads to where it was.
        let mut steps = vec![Decimal::from(i64::try_from(self.first_day).unwrap_or(i64::MAX))];
        let mut on = first;
        // Limit: a plan that does not grow would be asked for every day since.
        for _ in 0..days.min(WARM_UP_DAYS_MAX) {
            let top = steps.last().copied().unwrap_or(Decimal::ZERO);
            if top >= until {
                return None;
            }
            match heard(on).step(whole(&top), rules, group) {
                Step::Grow => {
                    let nanos = top.nanos().saturating_mul(self.growth.nanos()) / ONE;
                    steps.push(Decimal::from_nanos(nanos));
                }
                Step::Hold => {}
                Step::Back if steps.len() > 1 => drop(steps.pop()),
                Step::Back => {}
            }
            on = on.tomorrow().ok()?;
        }
        let top = steps.last().copied().unwrap_or(Decimal::ZERO);
        (top < until).then(|| whole(&top))
    }
}

/// A whole one in a decimal's nanos.
const ONE: i128 = 1_000_000_000;

/// Whether an answer asks for less, or for another time, for what the sender is, or refuses for it.
/// Not greylisting: that is said to everybody who comes for the first time.
pub fn is_deferral(outcome: &Outcome) -> bool {
    let asked = matches!(
        classify(outcome),
        Verdict::Retry { cause: Cause::Throttled | Cause::Blocked, .. }
            | Verdict::Failed { cause: Cause::Blocked, .. }
    );
    let Outcome::Refused { text, .. } = outcome else { return false };
    let text = text.to_ascii_lowercase();
    asked && !["greylist", "graylist", "grey listed"].iter().any(|words| text.contains(words))
}

/// The names of a day's counters, from that of what was carried.
pub fn deferred_counter(carried: &str) -> String {
    named("deferred", carried)
}

/// See [`deferred_counter`].
pub fn complained_counter(carried: &str) -> String {
    named("complained", carried)
}

fn named(what: &str, carried: &str) -> String {
    format!("{what} {}", carried.strip_prefix("carried ").unwrap_or(carried))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{Enhanced, Stage};

    fn plan() -> WarmUp {
        WarmUp {
            start: "2026-12-01".into(),
            first_day: 50,
            growth: "1.5".parse().unwrap(),
            until: 100_000,
            zone: None,
        }
    }

    fn good(_: Date) -> Heard {
        Heard { carried: u64::MAX / 4, deferred: 0, complained: 0 }
    }

    fn cap(plan: &WarmUp, day: &str, heard: impl Fn(Date) -> Heard) -> Option<u64> {
        plan.cap(day.parse().unwrap(), &Rules::shipped(), Some("google"), heard)
    }

    #[test]
    fn a_plan_grows_and_ends() {
        let day = |text: &str| cap(&plan(), text, good);
        assert_eq!(day("2026-11-30"), Some(0), "not yet");
        assert_eq!(day("2026-12-01"), Some(50));
        assert_eq!(day("2026-12-02"), Some(75));
        assert_eq!(day("2026-12-03"), Some(112), "112.5, and half a message is none");
        assert_eq!(day("2026-12-04"), Some(168), "168.75: the half was not forgotten");
        assert_eq!(day("2026-12-19"), Some(73_894));
        assert_eq!(day("2026-12-20"), None, "110,841 are more than the end");
        assert_eq!(day("2036-12-20"), None);
    }

    #[test]
    fn a_plan_that_does_not_grow_never_ends() {
        let flat = WarmUp { growth: Decimal::from(1), ..plan() };
        assert_eq!(cap(&flat, "2036-12-20", good), Some(50));
    }

    #[test]
    fn a_day_decides_what_the_next_may_have() {
        let rules = Rules::shipped();
        let check = |cap: u64, (carried, deferred, complained), step: Step| {
            let heard = Heard { carried, deferred, complained };
            assert_eq!(heard.step(cap, &rules, Some("google")), step, "{heard:?} of {cap}");
        };
        check(100, (100, 0, 0), Step::Grow);
        check(100, (50, 0, 0), Step::Grow);
        check(100, (49, 0, 0), Step::Hold);
        check(100, (0, 0, 0), Step::Hold);
        check(100, (100, 4, 0), Step::Grow);
        check(100, (100, 5, 0), Step::Hold);
        check(100, (100, 20, 0), Step::Back);
        check(100, (0, 3, 0), Step::Back);
        check(100, (100, 0, 2), Step::Grow);
        check(100, (100, 0, 3), Step::Back);
        check(5_000, (4_000, 0, 4), Step::Hold);
        check(5_000, (4_001, 0, 4), Step::Grow);
        check(5_000, (4_000, 0, 12), Step::Back);
    }

    #[test]
    fn bad_days_lead_back_and_idle_ones_nowhere() {
        let on = |days: &[(u64, u64)]| {
            let first: Date = "2026-12-01".parse().unwrap();
            let heard = |day: Date| {
                let place = first.until(day).unwrap().get_days() as usize;
                let (carried, deferred) = days[place];
                Heard { carried, deferred, complained: 0 }
            };
            let day = (0..days.len()).fold(first, |day, _| day.tomorrow().unwrap());
            plan().cap(day, &Rules::shipped(), None, heard)
        };
        assert_eq!(on(&[(50, 0), (75, 0)]), Some(112));
        assert_eq!(on(&[(50, 0), (75, 0), (112, 10)]), Some(112), "holds");
        assert_eq!(on(&[(50, 0), (75, 0), (112, 40)]), Some(75), "goes back");
        assert_eq!(on(&[(50, 40), (50, 40)]), Some(50), "never below the first day");
        assert_eq!(on(&[(50, 0), (75, 0), (112, 40), (75, 0)]), Some(112), "and grows again");
        assert_eq!(on(&[(50, 0), (3, 0), (0, 0)]), Some(75), "a weekend");
    }

    #[test]
    fn greylisting_is_no_word_about_the_sender() {
        let check = |code, enhanced, text: &str, expected: bool| {
            let outcome = Outcome::Refused {
                stage: Stage::Recipient,
                code,
                enhanced,
                text: text.into(),
                retry_after_s: None,
            };
            assert_eq!(is_deferral(&outcome), expected, "{text}");
        };
        check(421, Some(Enhanced(4, 7, 28)), "unusual rate of mail", true);
        check(450, Some(Enhanced(4, 7, 1)), "Greylisted, come back", false);
        check(550, Some(Enhanced(5, 7, 1)), "message blocked", true);
        check(550, Some(Enhanced(5, 7, 515)), "does not meet the required level", true);
        check(550, Some(Enhanced(5, 1, 1)), "user unknown", false);
        check(452, Some(Enhanced(4, 2, 2)), "mailbox full", false);
        assert!(!is_deferral(&Outcome::Accepted { id: None, text: String::new() }));
    }
}
