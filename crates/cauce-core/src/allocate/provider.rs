//! How much one provider has room for: in all, and towards each group.

use super::share::{Answered, Share, Tempo, places_of_the_slow, places_of_the_urgent};
use super::{Breaker, Bucket, Standing};
use crate::delivery::Answering;
use crate::prelude::*;
use crate::route::{Limit, WarmUp};
use crate::time::{Duration, Timestamp};

/// What a provider is known to carry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Attempts under way at once; 0 while there is no way out.
    pub window: u32,
    /// Messages a second.
    pub per_second: Option<u32>,
    /// Towards groups.
    pub limits: Vec<Limit>,
    /// The plan by which it is warmed up, and whose midnight begins a day.
    pub warm_up: Option<(WarmUp, String)>,
    /// Whose answers come back.
    pub answering: Answering,
}

/// Of a window, what is kept for what people wait for: an eighth, and at least one, where there is
/// more than one.
pub(super) fn kept(all: u32) -> u32 {
    if all > 1 { (all / 8).max(1) } else { 0 }
}

/// The same of a day.
pub(super) fn kept_of_day(all: u64) -> u64 {
    if all > 1 { (all / 8).max(1) } else { 0 }
}

/// Room for attempts at once, and in time.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// `None`: as many as there are.
    pub window: Option<u32>,
    pub in_flight: u32,
    pub reserved: u32,
    pub bucket: Option<Bucket>,
    /// Of a group: how much of the provider's window it may have.
    share: Share,
}

impl Room {
    /// An eighth of the window is kept for what people wait for.
    fn free(&mut self, now: Timestamp, bulk: bool, per_mille: u32) -> u32 {
        let mut free = u32::MAX;
        if let Some(window) = self.window {
            let window = if bulk { window - kept(window) } else { window };
            let share = u64::from(window) * u64::from(per_mille) / 1_000;
            let window = u32::try_from(share).unwrap_or(window).max(u32::from(window > 0));
            free = window.saturating_sub(self.in_flight + self.reserved);
        }
        match &mut self.bucket {
            Some(bucket) => free.min(bucket.room(now, per_mille)),
            None => free,
        }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Provider {
    pub all: Room,
    pub groups: BTreeMap<String, Room>,
    pub breaker: Breaker,
    /// A message is on its way that asks whether it is back.
    pub probing: bool,
    pub warm_up: Option<(WarmUp, String)>,
    pub answering: Answering,
    /// Since when nothing came back, while something is under way.
    quiet: Option<Timestamp>,
}

/// How long nothing may come back from a provider before others are preferred to it. A server that
/// swallows connections is found by its time-outs only after minutes.
const QUIET_MAX: Duration = Duration(3_000);

impl Provider {
    /// Another budget; what is under way and what was saved up stays.
    pub fn budget(&mut self, budget: Budget) {
        let again = self.all.window.is_none_or(|window| window == 0) && budget.window > 0;
        self.all.window = Some(budget.window);
        set_rate(&mut self.all, budget.per_second);
        for room in self.groups.values_mut() {
            room.window = None;
            room.bucket = None;
        }
        for limit in budget.limits {
            let room = self.groups.entry(limit.group).or_default();
            room.window = limit.in_flight;
            set_rate(room, limit.per_second);
        }
        self.warm_up = budget.warm_up;
        self.answering = budget.answering;
        if again {
            // It was made anew: what was known of it was known of another.
            self.breaker = Breaker::default();
            self.probing = false;
        }
    }

    /// Whether there is a way out at all.
    pub fn is_equipped(&self) -> bool {
        self.all.window.is_some_and(|window| window > 0)
    }

    /// Messages towards a group that it has room for.
    pub fn free(&mut self, group: Option<&str>, bulk: bool, now: Timestamp) -> u32 {
        if !self.is_equipped() {
            return 0;
        }
        let per_mille = self.breaker.per_mille(now);
        match self.breaker.seen() {
            Standing::Open { .. } => return 0,
            Standing::HalfOpen if self.probing => return 0,
            Standing::HalfOpen | Standing::Ramping { .. } | Standing::Closed => {}
        }
        let mut free = self.all.free(now, bulk, per_mille);
        free = free.min(self.places(group, bulk, now));
        if let Some(room) = group.and_then(|group| self.groups.get_mut(group)) {
            free = free.min(room.free(now, bulk, per_mille));
        }
        if self.breaker.seen() == Standing::HalfOpen { free.min(1) } else { free }
    }

    /// Messages towards a group for which there is a place among the other groups, whatever limits
    /// there are.
    fn places(&mut self, group: Option<&str>, bulk: bool, now: Timestamp) -> u32 {
        let (Some(group), Some(window)) = (group, self.all.window) else { return u32::MAX };
        let mut slow = 0;
        for room in self.groups.values_mut() {
            let own = room.in_flight + room.reserved;
            if matches!(room.share.tempo(own, now), Tempo::Late | Tempo::Silent) {
                slow += own;
            }
        }
        let room = self.groups.entry(group.to_owned()).or_default();
        let own = room.in_flight + room.reserved;
        let tempo = room.share.tempo(own, now);
        if !bulk {
            // What somebody waits for goes to whom it is for, however slow; but codes to one who is
            // silent must not stand in the way of codes to all the others.
            let held = if tempo == Tempo::Silent { slow } else { own };
            return places_of_the_urgent(window).saturating_sub(held);
        }
        let window = window - kept(window);
        let places = room.share.places(tempo, window).saturating_sub(own);
        match tempo {
            Tempo::New | Tempo::Prompt => places,
            Tempo::Late | Tempo::Silent => {
                places.min(places_of_the_slow(window).saturating_sub(slow))
            }
        }
    }

    /// An attempt towards a group came back.
    pub fn answered(&mut self, group: Option<&str>, answer: Answered, now: Timestamp) {
        if let Some(room) = group.and_then(|group| self.groups.get_mut(group)) {
            room.share.answered(answer, now);
        }
    }

    /// Whether nothing came back for a while, although something is under way.
    pub fn is_stalled(&mut self, now: Timestamp) -> bool {
        // Readers' servers that are slow are not alone: behind others people wait in vain, not we.
        if self.all.in_flight == 0 || self.answering == Answering::Destinations {
            self.quiet = None;
            return false;
        }
        now.since(*self.quiet.get_or_insert(now)) > QUIET_MAX
    }

    /// An attempt came back.
    pub fn heard(&mut self, now: Timestamp) {
        self.quiet = Some(now);
    }

    /// Whether time alone brings room.
    pub fn is_limited(&self, group: Option<&str>) -> bool {
        let own = group.and_then(|group| self.groups.get(group));
        self.all.bucket.is_some()
            || own.is_some_and(|room| room.bucket.is_some())
            || self.breaker.seen() != Standing::Closed
    }

    pub fn reserve(&mut self, group: Option<&str>, count: u32) {
        for room in self.rooms(group) {
            room.reserved += count;
            if let Some(bucket) = &mut room.bucket {
                bucket.take(count);
            }
        }
    }

    pub fn unreserve(&mut self, group: Option<&str>, count: u32, unused: u32) {
        for room in self.rooms(group) {
            room.reserved = room.reserved.saturating_sub(count);
            if let Some(bucket) = &mut room.bucket {
                bucket.give_back(unused);
            }
        }
    }

    /// A message of it is under way, or is no more.
    pub fn flies(&mut self, group: Option<&str>, begins: bool) {
        for room in self.rooms(group) {
            room.in_flight = match begins {
                true => room.in_flight + 1,
                false => room.in_flight.saturating_sub(1),
            };
        }
    }

    fn rooms(&mut self, group: Option<&str>) -> impl Iterator<Item = &mut Room> {
        let own = group.map(|group| match self.groups.contains_key(group) {
            // Counted from the start, so that a limit that comes later finds what is under way.
            true => self.groups.get_mut(group),
            false => Some(self.groups.entry(group.to_owned()).or_default()),
        });
        core::iter::once(&mut self.all).chain(own.flatten())
    }
}

fn set_rate(room: &mut Room, per_second: Option<u32>) {
    room.bucket = per_second.map(|rate| {
        let fresh = Bucket::per_second(rate);
        match room.bucket.take() {
            Some(old) => old.with_rate_of(fresh),
            None => fresh,
        }
    });
}
