//! When a refused message is tried again.

use super::classify::Cause;
use crate::ids::{MessageId, hash64};
use crate::message::Class;
use crate::time::{Duration, Timestamp};

/// Minutes between attempts; the last one repeats. The first is five minutes, because greylisting
/// servers ask for that much.
const BULK_MINUTES: [i64; 7] = [5, 15, 30, 60, 120, 240, 480];
/// Somebody waits for it: sooner, and still patient.
const URGENT_SECONDS: [i64; 8] = [5, 30, 120, 300, 600, 1_800, 3_600, 7_200];

/// What was said of an attempt that may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub cause: Cause,
    /// The provider spoke for itself, and not for a mailbox behind it.
    pub own: bool,
    /// The provider's wish, in seconds.
    pub after_s: Option<u32>,
}

/// When to try again after attempt `n` (from 1), or `None` if that would be too late.
///
/// The jitter (up to a fifth) is a hash of the message, so that a replay decides alike and an
/// outage does not end in a stampede.
pub fn again(
    message: MessageId,
    class: Class,
    n: u32,
    refusal: &Refusal,
    now: Timestamp,
    expires: Timestamp,
) -> Option<Timestamp> {
    let step = n.saturating_sub(1) as usize;
    let Refusal { cause, own, after_s } = *refusal;
    // A mailbox that asks to come back (greylisting) means minutes. A provider whose rate was
    // exceeded has room again within seconds, or says when.
    let patient = cause == Cause::Throttled && !own;
    let urgent = class == Class::Transactional && !patient;
    let wait = if urgent {
        Duration::SECOND.times(URGENT_SECONDS[step.min(URGENT_SECONDS.len() - 1)])
    } else if cause == Cause::Transient && n == 1 {
        // The connection, not the mailbox: nothing to be patient with yet.
        Duration::SECOND.times(10)
    } else {
        Duration::MINUTE.times(BULK_MINUTES[step.min(BULK_MINUTES.len() - 1)])
    };
    let wait = wait.max(Duration::SECOND.times(i64::from(after_s.unwrap_or(0))));
    let due = now.plus(wait).plus(jitter(&[&message.0.to_be_bytes(), &n.to_be_bytes()], wait));
    (due < expires).then_some(due)
}

/// A wait and its jitter, for what was no attempt and has no number.
pub fn spread(message: MessageId, now: Timestamp, wait: Duration) -> Duration {
    let jitter = jitter(&[&message.0.to_be_bytes(), &now.0.to_be_bytes()], wait);
    Duration(wait.0 + jitter.0)
}

/// Up to a fifth of a wait.
fn jitter(of: &[&[u8]], wait: Duration) -> Duration {
    Duration((hash64(of) % 1_000) as i64 * wait.0 / 5_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn waits_grow_and_end() {
        let message = MessageId(7);
        let mut now = Timestamp(0);
        let expires = Timestamp(Duration::DAY.0);
        let mut waits = vec![];
        for n in 1.. {
            let full = Refusal { cause: Cause::Quota, own: false, after_s: None };
            match again(message, Class::Bulk, n, &full, now, expires) {
                Some(due) => {
                    waits.push(due.since(now).0 / Duration::MINUTE.0);
                    now = due;
                }
                None => break,
            }
        }
        assert!(waits[0] >= 5 && waits[0] <= 6, "{waits:?}");
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1] * 6 / 5), "{waits:?}");
        assert!(now < expires);
        let slower = Refusal { cause: Cause::Throttled, own: true, after_s: Some(7_200) };
        let asked = again(message, Class::Bulk, 1, &slower, Timestamp(0), expires);
        assert!(asked.unwrap() >= Timestamp(Duration::HOUR.0 * 2));
    }

    #[test]
    fn a_code_that_a_provider_throttled_is_tried_within_seconds() {
        let check = |class, own, after_s, from_s: i64, to_s: i64| {
            let refusal = Refusal { cause: Cause::Throttled, own, after_s };
            let expires = Timestamp(Duration::DAY.0);
            let due = again(MessageId(7), class, 1, &refusal, Timestamp(0), expires).unwrap();
            let shown = format!("{class:?} {refusal:?}: {due:?}");
            assert!(due.0 >= from_s * 1_000 && due.0 <= to_s * 1_200, "{shown}");
        };
        check(Class::Transactional, true, None, 5, 5);
        check(Class::Transactional, true, Some(20), 20, 20);
        // Greylisting: the mailbox asks for it.
        check(Class::Transactional, false, None, 300, 300);
        check(Class::Bulk, true, None, 300, 300);
    }
}
