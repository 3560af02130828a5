//! What the allocator shows of itself.

use super::{Allocator, Standing};
use crate::ids::Partition;
use crate::prelude::*;
use crate::route::path::Queue;
use crate::time::Timestamp;

/// A ready queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueShown {
    /// Its name.
    pub path: String,
    /// Its campaign is paused.
    pub closed: bool,
    /// Partitions that have messages in it.
    pub partitions: Vec<Partition>,
    /// When the first of them is due, or was.
    pub earliest: Option<Timestamp>,
    /// The providers that may carry it.
    pub providers: Vec<String>,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderShown {
    /// Its name.
    pub name: String,
    /// Attempts that may be under way at once; 0 while there is no way out.
    pub window: u32,
    /// Attempts that are.
    pub in_flight: u32,
    /// Where its circuit breaker stands.
    pub breaker: Standing,
    /// Today's counters against a limit, and those of days before that were not forgotten yet.
    pub days: Vec<(String, u64)>,
    /// What its warm-up allows to each group on the latest day on which that was asked for; `*` is
    /// for those without a group.
    pub caps: Vec<(String, u64)>,
}

impl Allocator {
    /// Every ready queue that has messages.
    pub fn queues(&self) -> Vec<QueueShown> {
        let row = |(name, path): (&String, &super::Path)| QueueShown {
            path: name.clone(),
            closed: self.is_closed(name),
            partitions: path.due.keys().copied().collect(),
            earliest: path.due.values().min().copied(),
            providers: self
                .legs(Queue::parse(name).route)
                .into_iter()
                .map(|leg| leg.provider)
                .collect(),
        };
        self.paths.iter().map(row).collect()
    }

    /// Every provider.
    pub fn providers(&mut self, now: Timestamp) -> Vec<ProviderShown> {
        let (days, caps) = (&self.days, &self.caps);
        let row = |(name, provider): (&String, &mut super::Provider)| ProviderShown {
            name: name.clone(),
            window: provider.all.window.unwrap_or(0),
            in_flight: provider.all.in_flight,
            breaker: provider.breaker.standing(now),
            days: days
                .iter()
                .filter(|(counter, day)| day.used > 0 && is_of(counter, name))
                .map(|(counter, day)| (counter.clone(), day.used))
                .collect(),
            caps: caps
                .iter()
                .filter(|((of, _), _)| of == name)
                .filter_map(|((_, group), (_, cap))| {
                    Some((group.clone().unwrap_or_else(|| "*".to_owned()), (*cap)?))
                })
                .collect(),
        };
        self.providers.iter_mut().map(row).collect()
    }
}

/// Whether a day's counter is of a provider: `carried smtp/google 2026-12-01`,
/// `carried mail>smtp 2026-12-01`.
fn is_of(counter: &str, provider: &str) -> bool {
    let about = counter.split(' ').nth(1).unwrap_or_default();
    about.split('/').next() == Some(provider)
        || about.split_once('>').is_some_and(|(_, leg)| leg == provider)
}
