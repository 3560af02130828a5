//! How much of a provider's window one group may hold, by how its answers come back: a mailbox
//! provider that swallows everything must not stand in the way of all the others.
//!
//! Invariant: whatever one group does, an eighth of what bulk may have is free for the others; and
//! all groups together from which answers come late, or not at all, leave a quarter of it.

use super::provider::kept;
use crate::time::{Duration, Timestamp};

/// An answer within that time is prompt. Mail servers take a message within a second or two.
const PROMPT: Duration = Duration(3_000);
/// Windows below are not divided among groups for what people wait for: a place of them is too much
/// of them.
const DIVIDED_FROM: u32 = 8;

/// How answers come back from a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tempo {
    /// None has come yet.
    #[default]
    New,
    /// Within seconds.
    Prompt,
    /// Late.
    Late,
    /// Not at all, although something is under way; or as time-outs.
    Silent,
}

/// What a group has earned.
#[derive(Debug, Default)]
pub(super) struct Share {
    tempo: Tempo,
    /// Places beyond the first ones: one for each answer.
    earned: u32,
    /// When something came back last, or the first was under way.
    heard: Option<Timestamp>,
}

/// An answer, as far as shares go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    /// How long it took.
    pub took: Duration,
    /// Whether anybody was there to give it.
    pub somebody: bool,
}

impl Share {
    /// How answers come back, while so many of its messages are under way.
    pub fn tempo(&mut self, under_way: u32, now: Timestamp) -> Tempo {
        if under_way == 0 {
            self.heard = None;
        } else if now.since(*self.heard.get_or_insert(now)) > PROMPT {
            self.tempo = Tempo::Silent;
        }
        if self.tempo == Tempo::Silent {
            self.earned = 0;
        }
        self.tempo
    }

    /// Something came back.
    pub fn answered(&mut self, answer: Answered, now: Timestamp) {
        self.heard = Some(now);
        self.tempo = match answer.somebody {
            // Many of them come at once, and would earn a dead server the window.
            false => Tempo::Silent,
            true if answer.took <= PROMPT => Tempo::Prompt,
            true => Tempo::Late,
        };
        self.earned = self.earned.saturating_add(1);
    }

    /// Messages of bulk that may be under way at once, of so many for all groups.
    pub fn places(&mut self, tempo: Tempo, all: u32) -> u32 {
        let first = part(all, 4);
        self.earned = self.earned.min(all.saturating_sub(first));
        let wanted = first + self.earned;
        match tempo {
            Tempo::New | Tempo::Silent => part(all, 8),
            Tempo::Late => wanted.min(part(all, 2)),
            Tempo::Prompt => wanted.min(all - kept(all)),
        }
    }
}

/// What all groups that are late or silent may hold together.
pub(super) fn places_of_the_slow(all: u32) -> u32 {
    if all > 1 { all - part(all, 4) } else { all }
}

/// What one group may hold of a window if people wait for it.
pub(super) fn places_of_the_urgent(window: u32) -> u32 {
    if window < DIVIDED_FROM { window } else { window - kept(window) }
}

fn part(all: u32, of: u32) -> u32 {
    if all == 0 { 0 } else { (all / of).max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(took: i64, somebody: bool) -> Answered {
        Answered { took: Duration(took), somebody }
    }

    #[test]
    fn places_are_earned_by_answers_and_lost_by_silence() {
        let mut share = Share::default();
        let places = |share: &mut Share, under_way: u32, now: i64| {
            let tempo = share.tempo(under_way, Timestamp(now));
            (tempo, share.places(tempo, 84))
        };
        assert_eq!(places(&mut share, 0, 0), (Tempo::New, 10), "nothing is known");
        (0..10).for_each(|n| share.answered(answer(50, true), Timestamp(n)));
        assert_eq!(places(&mut share, 10, 10), (Tempo::Prompt, 31));
        (0..1_000).for_each(|n| share.answered(answer(50, true), Timestamp(n)));
        assert_eq!(places(&mut share, 31, 1_000), (Tempo::Prompt, 74), "an eighth is for others");
        share.answered(answer(9_000, true), Timestamp(2_000));
        assert_eq!(places(&mut share, 74, 2_000), (Tempo::Late, 42));
        assert_eq!(places(&mut share, 42, 5_001), (Tempo::Silent, 10));
        // They time out, all at once.
        (0..42).for_each(|_| share.answered(answer(30_000, false), Timestamp(32_000)));
        assert_eq!(places(&mut share, 0, 32_000), (Tempo::Silent, 10), "that earns nothing");
        share.answered(answer(20, true), Timestamp(32_001));
        assert_eq!(places(&mut share, 9, 32_001), (Tempo::Prompt, 22), "somebody is back");
    }

    #[test]
    fn nobody_is_without_a_place_and_the_parts_add_up() {
        for all in 0..1_000 {
            for tempo in [Tempo::New, Tempo::Prompt, Tempo::Late, Tempo::Silent] {
                let mut share = Share { earned: u32::MAX, ..Share::default() };
                let places = share.places(tempo, all);
                assert!(places <= all && (places > 0 || all == 0), "{tempo:?} of {all}: {places}");
                assert!(all < 2 || places < all, "{tempo:?} of {all}");
            }
            let slow = places_of_the_slow(all);
            assert!(all < 2 || slow < all && slow > 0, "{all}");
            assert!(all < DIVIDED_FROM || places_of_the_urgent(all) < all, "{all}");
        }
    }
}
