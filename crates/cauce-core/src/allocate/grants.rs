//! What can be granted now, and to whom: the choice of a leg.

use super::provider::{Provider, kept_of_day};
use super::{Allocator, Day, GRANT_MAX, Grant, Granting, JUDGED_AGAIN, JUDGED_MAX, Standing};
use crate::ids::Partition;
use crate::prelude::*;
use crate::route::path::Queue;
use crate::route::warmth::{Heard, complained_counter, deferred_counter};
use crate::route::{Leg, Shape, day_of, leg_counter};
use crate::sender::bulk::Rules;
use crate::time::Timestamp;
use jiff::civil::Date;

/// A leg of a route as it is at this moment.
struct Candidate {
    place: usize,
    provider: String,
    weight: i64,
    backup: bool,
    /// Messages that it has room for.
    free: u32,
    /// It takes what it is given, and its day is not over.
    stands: bool,
    /// Nothing will come of it soon.
    out: bool,
    /// Nothing has come back from it for a while.
    stalled: bool,
    probe: bool,
    days: Vec<String>,
}

impl Allocator {
    /// What can be granted now. The caller appends each; what it cannot append it gives back by
    /// [`Allocator::granted`].
    pub fn grants(&mut self, now: Timestamp) -> Vec<Grant> {
        let mut grants = Vec::new();
        for path in self.in_order(now) {
            self.grant_path(&path, now, &mut grants);
        }
        let bulk = grants.iter().rfind(|grant| Queue::parse(&grant.path).campaign.is_some());
        if let Some(last) = bulk {
            self.served = last.path.clone();
        }
        grants
    }

    /// What people wait for first; then journeys; then campaigns, behind the one that was served
    /// last, so that none of them has all the room.
    fn in_order(&self, now: Timestamp) -> Vec<String> {
        let ready = |(name, path): &(&String, &super::Path)| {
            !self.is_closed(name) && path.due.values().any(|due| *due <= now)
        };
        let ready = self.paths.iter().filter(ready).map(|(name, _)| name.clone());
        let (mut bulk, mut order): (Vec<String>, Vec<String>) =
            ready.partition(|name| Queue::parse(name).campaign.is_some());
        order.sort_by_key(|name| Queue::parse(name).journeys);
        let behind = bulk.partition_point(|name| *name <= self.served);
        bulk.rotate_left(behind);
        order.append(&mut bulk);
        order
    }

    fn grant_path(&mut self, path: &str, now: Timestamp, grants: &mut Vec<Grant>) {
        let due = self.due(path, now);
        let mut left = due.len();
        for partition in due {
            let candidates = self.candidates(path, now);
            if candidates.iter().all(|leg| leg.out) {
                let nobody = candidates.iter().all(|leg| !self.is_unequipped(&leg.provider));
                let held = candidates.first().map(|leg| leg.provider.clone());
                let held = held.filter(|_| !nobody);
                return self.judge_again(path, held, now, grants);
            }
            let campaign = Queue::parse(path).campaign;
            let paced = campaign.and_then(|id| self.campaigns.get_mut(&id));
            let paced = paced.map_or(u32::MAX, |bucket| bucket.room(now, 1_000));
            let chosen = self.choose(path, &candidates);
            let Some(leg) = chosen.map(|place| &candidates[place]) else { return };
            let free = candidates.iter().map(|leg| leg.free).fold(0, u32::saturating_add);
            let share = free.min(paced).div_ceil(left.max(1) as u32).clamp(1, GRANT_MAX);
            let count = share.min(leg.free).min(paced);
            if count == 0 {
                return;
            }
            left = left.saturating_sub(1);
            let shares = shares(&candidates, leg);
            self.reserve(path, partition, leg, count, shares);
            if let Some(granting) =
                self.paths.get_mut(path).and_then(|path| path.granting.get_mut(&partition))
            {
                granting.at = now;
            }
            let (path, provider) = (path.to_owned(), Some(leg.provider.clone()));
            grants.push(Grant { partition, path, provider, count });
        }
    }

    /// The partitions that have something due, behind the one that was served last.
    fn due(&self, path: &str, now: Timestamp) -> Vec<Partition> {
        let Some(path) = self.paths.get(path) else { return Vec::new() };
        let ready =
            path.due.iter().filter(|(at, due)| **due <= now && !path.granting.contains_key(*at));
        let mut due: Vec<Partition> = ready.map(|(partition, _)| *partition).collect();
        let behind = due.partition_point(|partition| *partition < path.next);
        due.rotate_left(behind);
        due
    }

    fn is_unequipped(&self, provider: &str) -> bool {
        self.providers.get(provider).is_some_and(|known| !known.is_equipped())
    }

    /// The legs of a route; a provider that no route names is one by itself.
    pub(super) fn legs(&self, route: &str) -> Vec<Leg> {
        match self.routes.get(route) {
            Some(legs) => legs.route.legs.clone(),
            None if self.providers.contains_key(route) => {
                vec![Leg { provider: route.to_owned(), weight: 1, ..Leg::default() }]
            }
            None => Vec::new(),
        }
    }

    /// The legs that serve a queue. One that has just refused its messages is among them only while
    /// no other has anything to offer.
    fn candidates(&mut self, path: &str, now: Timestamp) -> Vec<Candidate> {
        let queue = Queue::parse(path);
        let legs = self.legs(queue.route);
        let serves = |leg: &Leg| {
            leg.to.is_empty() || queue.group.is_some_and(|group| leg.to.contains(group))
        };
        let all: Vec<Candidate> = legs
            .iter()
            .enumerate()
            .filter(|(_, leg)| serves(leg))
            .filter_map(|(place, leg)| self.candidate(&queue, place, leg, now))
            .collect();
        let refused = |candidate: &Candidate| queue.without.contains(&candidate.provider.as_str());
        let (refused, others): (Vec<_>, Vec<_>) = all.into_iter().partition(refused);
        if others.iter().all(|leg| leg.out) {
            refused.into_iter().chain(others).collect()
        } else {
            others
        }
    }

    fn candidate(
        &mut self,
        queue: &Queue<'_>,
        place: usize,
        leg: &Leg,
        now: Timestamp,
    ) -> Option<Candidate> {
        let (days, today) = self.today(queue, leg, now);
        let provider = self.providers.get_mut(&leg.provider)?;
        let free = provider.free(queue.group, queue.is_bulk(), now);
        let standing = provider.breaker.seen();
        let equipped = provider.is_equipped();
        let stalled = provider.is_stalled(now);
        Some(Candidate {
            place,
            provider: leg.provider.clone(),
            weight: i64::from(leg.weight.max(1)),
            backup: leg.backup,
            free: free.min(u32::try_from(today).unwrap_or(u32::MAX)),
            stands: equipped && today > 0 && standing == Standing::Closed && !stalled,
            out: !equipped || today == 0 || matches!(standing, Standing::Open { .. }),
            stalled,
            probe: standing == Standing::HalfOpen,
            days,
        })
    }

    /// The day's counters that a leg's message belongs to, and how many more today may have. A plan
    /// for warming up holds no message back that somebody waits for: those are few, and wanted. Of
    /// what a day may have at most some is kept for them.
    fn today(&mut self, queue: &Queue<'_>, leg: &Leg, now: Timestamp) -> (Vec<String>, u64) {
        let warm = self.warm(queue, leg, now);
        let mut days = Vec::new();
        let mut left = u64::MAX;
        let mut held = |name: String, cap: u64| {
            let day = self.days.get(&name).copied().unwrap_or_default();
            left = left.min(cap.saturating_sub(day.used + day.reserved));
            days.push(name);
        };
        if let Some((day, cap)) = warm {
            let cap = if queue.is_bulk() { cap } else { u64::MAX };
            held(Shape::counter(&leg.provider, queue.group, day), cap);
        }
        if let Some(cap) = leg.per_day {
            let cap = if queue.is_bulk() { cap - kept_of_day(cap) } else { cap };
            held(leg_counter(queue.route, &leg.provider, day_of(now, &self.zone)), cap);
        }
        (days, left)
    }

    /// What a leg's plan allows to a group today, after what was heard of every day before. Found
    /// out once a day: what is said of yesterday after midnight moves nothing under way.
    fn warm(&mut self, queue: &Queue<'_>, leg: &Leg, now: Timestamp) -> Option<(Date, u64)> {
        let (plan, zone) = self.providers.get(&leg.provider)?.warm_up.as_ref()?;
        let day = day_of(now, zone);
        let key = (leg.provider.clone(), queue.group.map(str::to_owned));
        let known = self.caps.get(&key).filter(|(of, _)| *of == day).map(|(_, cap)| *cap);
        let cap = known.unwrap_or_else(|| {
            let heard = |day| {
                let carried = Shape::counter(&leg.provider, queue.group, day);
                let replied = |name: String| self.replies.get(&name).copied().unwrap_or(0);
                Heard {
                    carried: self.days.get(&carried).map_or(0, |day| day.used),
                    deferred: replied(deferred_counter(&carried)),
                    complained: replied(complained_counter(&carried)),
                }
            };
            plan.cap(day, &Rules::shipped(), queue.group, heard)
        });
        self.caps.insert(key, (day, cap));
        cap.map(|cap| (day, cap))
    }

    /// A leg that asks whether it is back goes first, with its one message. Then, by their weights,
    /// those that carry every day; the backups only while none of those stands.
    fn choose(&self, path: &str, candidates: &[Candidate]) -> Option<usize> {
        let probe = candidates.iter().position(|leg| leg.probe && leg.free > 0);
        if probe.is_some() {
            return probe;
        }
        let served = self.routes.get(Queue::parse(path).route).map(|legs| &legs.served);
        let served = |leg: &Candidate| served.and_then(|s| s.get(leg.place)).copied().unwrap_or(0);
        let best = |backup: bool, stalled: bool| {
            let open = candidates.iter().enumerate();
            let open = open
                .filter(|(_, leg)| leg.backup == backup && leg.stalled == stalled && leg.free > 0);
            open.max_by_key(|(place, leg)| (served(leg) + leg.weight, core::cmp::Reverse(*place)))
                .map(|(place, _)| place)
        };
        // One from which nothing comes back is asked last, and only if there is no other.
        let stands = candidates.iter().any(|leg| !leg.backup && leg.stands);
        let backup = |stalled| best(true, stalled).filter(|_| !stands);
        best(false, false)
            .or_else(|| backup(false))
            .or_else(|| best(false, true).filter(|_| !stands))
            .or_else(|| backup(true))
    }

    fn reserve(
        &mut self,
        path: &str,
        partition: Partition,
        leg: &Candidate,
        count: u32,
        shares: Vec<(usize, i64)>,
    ) {
        let queue = Queue::parse(path);
        if let Some(provider) = self.providers.get_mut(&leg.provider) {
            let provider: &mut Provider = provider;
            provider.reserve(queue.group, count);
            provider.probing |= leg.probe;
        }
        if let Some(bucket) = queue.campaign.and_then(|id| self.campaigns.get_mut(&id)) {
            bucket.take(count);
        }
        for day in &leg.days {
            let day: &mut Day = self.days.entry(day.clone()).or_default();
            day.reserved += u64::from(count);
        }
        if let Some(legs) = self.routes.get_mut(queue.route) {
            for (place, each) in &shares {
                if let Some(served) = legs.served.get_mut(*place) {
                    *served += each * i64::from(count);
                }
            }
        }
        let (provider, probe) = (Some(leg.provider.clone()), leg.probe);
        let days = leg.days.clone();
        let granting = Granting { count, provider, probe, days, shares, ..Granting::default() };
        if let Some(path) = self.paths.get_mut(path) {
            path.granting.insert(partition, granting);
            path.next = partition + 1;
        }
    }

    /// Now and then, a grant to each partition of a path without a way out: what has expired ends,
    /// what has not waits on. Not: granting as room comes, which would go round as fast as the
    /// disk.
    fn judge_again(
        &mut self,
        name: &str,
        held: Option<String>,
        now: Timestamp,
        grants: &mut Vec<Grant>,
    ) {
        let due = self.due(name, now);
        let Some(path) = self.paths.get_mut(name).filter(|path| path.judged_again <= now) else {
            return;
        };
        path.judged_again = now.plus(JUDGED_AGAIN);
        let count = if held.is_some() { GRANT_MAX } else { JUDGED_MAX };
        for partition in due {
            let provider = held.clone();
            let granting = Granting { count, provider: None, ..Granting::default() };
            path.granting.insert(partition, granting);
            grants.push(Grant { partition, path: name.to_owned(), provider, count });
        }
    }
}

/// What each message by a leg moves in the shares of the legs that had room for it: over time each
/// has its weight of them, and one that had none saves nothing up.
fn shares(candidates: &[Candidate], chosen: &Candidate) -> Vec<(usize, i64)> {
    let alike = candidates.iter().filter(|leg| leg.backup == chosen.backup && leg.free > 0);
    let alike: Vec<&Candidate> = alike.collect();
    let all: i64 = alike.iter().map(|leg| leg.weight).sum();
    let each = |leg: &&Candidate| {
        let own = if leg.place == chosen.place { all } else { 0 };
        (leg.place, leg.weight - own)
    };
    alike.iter().map(each).collect()
}
