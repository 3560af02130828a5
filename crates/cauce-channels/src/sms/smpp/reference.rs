//! The numbers that join parts: of two messages to the same phone at the same time, each has its
//! own.

use cauce_core::ids::{MessageId, hash64};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long a phone may still wait for parts with a number.
const USED_FOR: Duration = Duration::from_secs(10 * 60);
/// Limit: pairs of sender and phone that are remembered. Beyond it numbers are only likely to
/// differ.
const PAIRS_MAX: usize = 20_000;

/// How often those that are over are looked for when there is no room: it looks at all of them.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// A number, whose it is, and since when.
type Used = (u16, MessageId, Instant);

/// The numbers in use.
#[derive(Debug, Default)]
pub struct References {
    swept: Option<Instant>,
    used: BTreeMap<(String, String), Vec<Used>>,
}

impl References {
    /// The number of a message. It derives from the message's name, so that one that is sent once
    /// more, after a restart too, has the same, and a phone puts it together with what it has. A
    /// header of 8 bits has the lower ones, so these differ.
    pub fn choose(&mut self, from: &str, to: &str, message: MessageId, now: Instant) -> u16 {
        let first = hash64(&[b"parts", &message.0.to_be_bytes()]) as u16;
        let pair = (from.to_owned(), to.to_owned());
        if self.used.len() >= PAIRS_MAX && !self.used.contains_key(&pair) {
            let apart = |at: Instant| now.saturating_duration_since(at);
            if self.swept.is_none_or(|at| apart(at) >= SWEEP_EVERY) {
                self.swept = Some(now);
                self.used.retain(|_, used| used.iter().any(|(_, _, at)| apart(*at) < USED_FOR));
            }
            if self.used.len() >= PAIRS_MAX {
                return first;
            }
        }
        let used = self.used.entry(pair).or_default();
        used.retain(|(_, _, at)| now.saturating_duration_since(*at) < USED_FOR);
        if let Some((reference, ..)) = used.iter().find(|(_, whose, _)| *whose == message) {
            return *reference;
        }
        let is_free =
            |reference: &u16| used.iter().all(|(other, ..)| *other as u8 != *reference as u8);
        let free = (0..=u8::MAX).map(|step| first.wrapping_add(u16::from(step))).find(is_free);
        let reference = free.unwrap_or(first);
        used.push((reference, message, now));
        reference
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_to_one_phone_have_different_numbers() {
        let mut references = References::default();
        let now = Instant::now();
        let mut lower = std::collections::BTreeSet::new();
        for message in 0..256 {
            let reference = references.choose("a", "b", MessageId(message), now);
            assert!(lower.insert(reference as u8), "{message}");
            assert_eq!(references.choose("a", "b", MessageId(message), now), reference);
        }
        let fresh = References::default().choose("a", "b", MessageId(0), now);
        assert_eq!(references.choose("a", "c", MessageId(0), now), fresh);
        let later = now + USED_FOR;
        assert_eq!(references.choose("a", "b", MessageId(0), later), fresh);
    }

    #[test]
    fn a_full_house_is_swept_now_and_then() {
        let mut references = References::default();
        let start = Instant::now();
        for phone in 0..PAIRS_MAX {
            references.choose("a", &phone.to_string(), MessageId(1), start);
        }
        let mut held = |at: Duration| {
            references.choose("a", "new", MessageId(2), start + at);
            references.used.len()
        };
        let nearly = USED_FOR - Duration::from_secs(1);
        assert_eq!(held(nearly), PAIRS_MAX);
        assert_eq!(held(nearly + SWEEP_EVERY - Duration::from_secs(1)), PAIRS_MAX);
        assert_eq!(held(nearly + SWEEP_EVERY), 1);
    }
}
