//! What no path may exceed: in no second more than its rate, and never more under way than its
//! window, to all and to each group. Written down a second time, without a look at the allocator.

use crate::machine::Flight;
use cauce_core::decision::HandOver;
use cauce_core::input::START_WITHIN;
use cauce_core::publish::{Body, Book, Kind};
use cauce_core::route::path::Queue;
use cauce_core::time::Timestamp;
use std::collections::BTreeMap;

/// A provider, and a group if it is about what that one gets.
type Whose = (String, Option<String>);

/// What is published of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bounds {
    per_second: Option<u32>,
    in_flight: Option<u32>,
}

/// What one was given.
#[derive(Debug, Default)]
struct Pace {
    bounds: Bounds,
    /// Since when it is bound so; what was granted before is none of its matter.
    since: i64,
    /// Messages by the instant of their grant.
    given: BTreeMap<i64, u32>,
}

impl Pace {
    /// The most that a second gave, of those that an instant is in.
    fn most(&self, at: i64) -> u32 {
        let begins = self.given.range(at - 999..=at).map(|(begin, _)| *begin);
        let within = |begin: i64| self.given.range(begin..begin + 1_000).map(|(_, n)| n).sum();
        begins.map(within).max().unwrap_or(0)
    }
}

/// See the module. Instants are those of a clock that is never set back: time that passes twice is
/// time all the same.
#[derive(Debug, Default)]
pub struct Paces {
    known: BTreeMap<Whose, Pace>,
    set_back_ms: i64,
    /// When grants were made: by the machine's clock, and by the one that is never set back.
    granted: BTreeMap<Timestamp, i64>,
}

impl Paces {
    /// The machine's clock was set back.
    pub fn set_back(&mut self, ms: i64) {
        self.set_back_ms += ms;
    }

    /// Grants are made.
    pub fn granting(&mut self, now: Timestamp) {
        self.granted.insert(now, now.0 + self.set_back_ms);
    }

    /// What is published of providers. One that is bound otherwise than before begins anew.
    pub fn lay(&mut self, book: &Book, now: Timestamp) {
        let mut bounds: BTreeMap<Whose, Bounds> = BTreeMap::new();
        for (name, revision) in book.list(Kind::Provider) {
            let Body::Provider(provider) = &revision.body else { continue };
            let per_second = provider.per_second;
            bounds.insert((name.to_owned(), None), Bounds { per_second, in_flight: None });
            for limit in &provider.limits {
                let own = Bounds { per_second: limit.per_second, in_flight: limit.in_flight };
                bounds.insert((name.to_owned(), Some(limit.group.clone())), own);
            }
        }
        let since = now.0 + self.set_back_ms;
        self.known.retain(|whose, pace| bounds.get(whose) == Some(&pace.bounds));
        for (whose, bounds) in bounds {
            let fresh = || Pace { bounds, since, given: BTreeMap::new() };
            self.known.entry(whose).or_insert_with(fresh);
        }
    }

    /// Notes what is handed over, while others are under way, and says which bounds it exceeds.
    pub fn exceeded<'f>(
        &mut self,
        handed: &HandOver,
        flights: impl Iterator<Item = &'f Flight>,
    ) -> Vec<String> {
        let granted = handed.start_before.minus(START_WITHIN);
        let Some(at) = self.granted.get(&granted).copied() else { return Vec::new() };
        let (provider, own) = (handed.provider(), group_of(handed));
        let beside = flights.filter(|flight| {
            flight.handed.provider() == provider && group_of(&flight.handed) == own
        });
        let beside = beside.count();
        let mut faults = Vec::new();
        for group in [None].into_iter().chain(own.map(Some)) {
            let to = group.unwrap_or("all");
            let whose = (provider.to_owned(), group.map(str::to_owned));
            let Some(pace) = self.known.get_mut(&whose).filter(|pace| at > pace.since) else {
                continue;
            };
            *pace.given.entry(at).or_default() += 1;
            let most = pace.most(at);
            if let Some(rate) = pace.bounds.per_second
                && most > rate
            {
                faults.push(format!("{most} by {provider} to {to} in a second, {rate} may leave"));
            }
            // Only groups have one here: the provider's own is looked at beside its flights.
            if let Some(window) = pace.bounds.in_flight
                && beside >= window as usize
            {
                faults.push(format!("the window of {provider} to {to} is full: {window}"));
            }
        }
        faults
    }
}

fn group_of(handed: &HandOver) -> Option<&str> {
    Queue::parse(&handed.path).group
}
