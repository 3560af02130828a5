//! The allocator: knows which ready queues have messages due in which partitions and how much room
//! each provider has, and says what to grant to whom. Pure: the clock is an argument, and whoever
//! appends the grants owns it. A budget is an input: `decide` sees a count and a provider.
//!
//! Window: messages granted and not settled never exceed a provider's in-flight window; after a
//! crash that is the most that can be *unknown*.

mod breaker;
mod bucket;
mod grants;
mod provider;
mod share;
mod shown;
#[cfg(test)]
mod tests;

pub use breaker::{Breaker, Standing};
pub use bucket::Bucket;
pub use provider::Budget;
pub use shown::{ProviderShown, QueueShown};

use crate::campaign::CampaignId;
use crate::delivery::{Answering, Outcome, Stage, is_begun, is_carried};
use crate::ids::{MessageId, Partition};
use crate::input::AttemptEnd;
use crate::prelude::*;
use crate::route::Route;
use crate::route::path::Queue;
use crate::time::{Duration, Timestamp};
use jiff::civil::Date;
use provider::Provider;
use share::Answered;

/// Messages that one grant asks of one partition at most.
pub const GRANT_MAX: u32 = 64;
/// Messages without a way out that one grant judges.
const JUDGED_MAX: u32 = 512;
/// When to look at a bucket again: it holds what comes in about twice that.
const REFILLED: Duration = Duration(20);
/// How often messages on a path without a way out are judged again: those that have expired end.
const JUDGED_AGAIN: Duration = Duration::MINUTE;

/// A granted message that has not settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flight {
    /// Where its ledger row is.
    pub partition: Partition,
    /// Which attempt.
    pub attempt: u32,
    /// Its ready queue.
    pub path: String,
    /// Who carries it.
    pub provider: String,
    /// It must not begin any more.
    pub revoked: bool,
    probe: bool,
    /// What it comes to says nothing of its provider.
    excused: bool,
    days: Vec<String>,
    /// When it was granted.
    since: Timestamp,
}

impl Flight {
    /// A message that was just handed over.
    pub fn new(partition: Partition, attempt: u32, path: &str, provider: &str) -> Flight {
        let (path, provider) = (path.to_owned(), provider.to_owned());
        Flight { partition, attempt, path, provider, ..Flight::default() }
    }
}

/// A grant to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// To which partition.
    pub partition: Partition,
    /// The ready queue.
    pub path: String,
    /// Who has the room; nobody: what has expired ends.
    pub provider: Option<String>,
    /// How many.
    pub count: u32,
}

/// A grant that was appended and not taken.
#[derive(Clone, Debug, Default)]
struct Granting {
    count: u32,
    provider: Option<String>,
    probe: bool,
    at: Timestamp,
    days: Vec<String>,
    /// What each message of it moved in the shares of the route's legs.
    shares: Vec<(usize, i64)>,
}

#[derive(Debug, Default)]
struct Path {
    due: BTreeMap<Partition, Timestamp>,
    granting: BTreeMap<Partition, Granting>,
    next: Partition,
    /// Without a way out: when its messages are judged again.
    judged_again: Timestamp,
}

/// A route and how its legs were served.
#[derive(Debug, Default)]
struct Legs {
    route: Arc<Route>,
    served: Vec<i64>,
}

/// One day's messages.
#[derive(Clone, Copy, Debug, Default)]
struct Day {
    used: u64,
    reserved: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Allocator {
    providers: BTreeMap<String, Provider>,
    routes: BTreeMap<String, Legs>,
    zone: String,
    days: BTreeMap<String, Day>,
    /// How days of plans were answered, by their counters.
    replies: BTreeMap<String, u64>,
    /// What plans allow to a group on a day: found out once, and kept for that day.
    caps: BTreeMap<(String, Option<String>), (Date, Option<u64>)>,
    campaigns: BTreeMap<CampaignId, Bucket>,
    paths: BTreeMap<String, Path>,
    flights: BTreeMap<MessageId, Flight>,
    closed: BTreeSet<CampaignId>,
    /// Partitions that stopped: what is granted to them is never taken.
    stopped: BTreeSet<Partition>,
    /// The campaign's queue that was served last: the next one begins behind it.
    served: String,
}

impl Allocator {
    /// Says how much a provider carries; a window of 0 while there is no way out. Called at the
    /// start and after each publish that changes it.
    pub fn provider(&mut self, name: &str, budget: Budget) {
        self.caps.retain(|(of, _), _| of != name);
        self.providers.entry(name.to_owned()).or_default().budget(budget);
    }

    /// Says by which routes messages leave, and whose midnight begins a leg's day.
    pub fn routes(&mut self, routes: impl IntoIterator<Item = Arc<Route>>, zone: &str) {
        zone.clone_into(&mut self.zone);
        let mut before = core::mem::take(&mut self.routes);
        for route in routes {
            let served = before.remove(&route.name).filter(|old| old.route.legs == route.legs);
            let served = served.map_or_else(|| vec![0; route.legs.len()], |old| old.served);
            self.routes.insert(route.name.clone(), Legs { route, served });
        }
    }

    /// Whose answers come back from a provider.
    pub fn answering(&self, provider: &str) -> Answering {
        self.providers.get(provider).map_or(Answering::Itself, |known| known.answering)
    }

    /// What was carried before this process: the day's counters as partitions have them.
    pub fn carried(&mut self, counter: &str, n: u64) {
        self.caps.clear();
        self.days.entry(counter.to_owned()).or_default().used += n;
    }

    /// What was carried on a day of a plan was answered so: the day's counters, those that were
    /// there before this process and each as it comes.
    pub fn replied(&mut self, counter: &str, n: u64) {
        *self.replies.entry(counter.to_owned()).or_default() += n;
    }

    /// Says how fast a campaign's messages may go.
    pub fn throttle(&mut self, campaign: CampaignId, per_minute: Option<u32>) {
        match per_minute {
            Some(rate) => {
                self.campaigns.insert(campaign, Bucket::per_minute(rate));
            }
            None => {
                self.campaigns.remove(&campaign);
            }
        }
    }

    /// Closes a campaign's queues: no grant from this instant. What was granted and has not begun
    /// is revoked.
    pub fn close(&mut self, campaign: CampaignId) {
        self.closed.insert(campaign);
        for flight in self.flights.values_mut() {
            flight.revoked |= Queue::parse(&flight.path).campaign == Some(campaign);
        }
    }

    /// Opens them again.
    pub fn open(&mut self, campaign: CampaignId) {
        self.closed.remove(&campaign);
    }

    fn is_closed(&self, path: &str) -> bool {
        Queue::parse(path).campaign.is_some_and(|id| self.closed.contains(&id))
    }

    /// A partition stopped: it is granted nothing any more, and the room that was reserved for what
    /// it does not take is free.
    pub fn stopped(&mut self, partition: Partition) {
        self.stopped.insert(partition);
        let mut lost = Vec::new();
        for (name, path) in &mut self.paths {
            path.due.remove(&partition);
            lost.extend(path.granting.remove(&partition).map(|granting| (name.clone(), granting)));
        }
        for (path, granting) in lost {
            self.unreserve(&path, &granting, 0);
        }
    }

    /// Whether a partition stopped.
    pub fn is_stopped(&self, partition: Partition) -> bool {
        self.stopped.contains(&partition)
    }

    /// A message is due on a path then.
    pub fn queued(&mut self, partition: Partition, path: &str, due: Timestamp) {
        if self.stopped.contains(&partition) {
            return;
        }
        let path = match self.paths.get_mut(path) {
            Some(path) => path,
            None => self.paths.entry(path.to_owned()).or_default(),
        };
        let earliest = path.due.entry(partition).or_insert(due);
        if due <= *earliest {
            *earliest = due;
        }
    }

    /// A granted message is on its way. If its campaign was closed while the grant was being
    /// decided, it must not begin any more.
    pub fn flies(&mut self, message: MessageId, mut flight: Flight) {
        flight.revoked |= self.is_closed(&flight.path);
        let granting = self.paths.get(&flight.path);
        let granting = granting.and_then(|path| path.granting.get(&flight.partition));
        if let Some(granting) = granting {
            flight.probe = granting.probe;
            flight.since = granting.at;
            flight.days.clone_from(&granting.days);
        }
        for day in &flight.days {
            self.days.entry(day.clone()).or_default().used += 1;
        }
        let group = Queue::parse(&flight.path).group.map(str::to_owned);
        if let Some(provider) = self.providers.get_mut(&flight.provider) {
            provider.flies(group.as_deref(), true);
        }
        self.flights.insert(message, flight);
    }

    /// A grant was taken: `handed` messages of `count` fly, the next one is due then.
    pub fn granted(
        &mut self,
        partition: Partition,
        path: &str,
        handed: u32,
        next_due: Option<Timestamp>,
    ) {
        let Some(known) = self.paths.get_mut(path) else { return };
        let granting = known.granting.remove(&partition);
        match next_due.filter(|_| !self.stopped.contains(&partition)) {
            Some(due) => known.due.insert(partition, due),
            None => known.due.remove(&partition),
        };
        // A queue that lost its last message is forgotten: a campaign has many, and ends.
        if known.due.is_empty() && known.granting.is_empty() {
            self.paths.remove(path);
        }
        if let Some(granting) = granting {
            self.unreserve(path, &granting, handed);
        }
    }

    /// Gives back the room of a grant; what was handed over has its own by now.
    fn unreserve(&mut self, path: &str, granting: &Granting, handed: u32) {
        let queue = Queue::parse(path);
        let unused = granting.count.saturating_sub(handed);
        let Some(name) = &granting.provider else { return };
        if let Some(provider) = self.providers.get_mut(name) {
            provider.unreserve(queue.group, granting.count, unused);
            if granting.probe && handed == 0 {
                provider.probing = false;
            }
        }
        if let Some(bucket) = queue.campaign.and_then(|id| self.campaigns.get_mut(&id)) {
            bucket.give_back(unused);
        }
        for day in &granting.days {
            let day = self.days.entry(day.clone()).or_default();
            day.reserved = day.reserved.saturating_sub(u64::from(granting.count));
        }
        if let Some(legs) = self.routes.get_mut(queue.route) {
            for (place, each) in &granting.shares {
                if let Some(served) = legs.served.get_mut(*place) {
                    *served -= each * i64::from(unused);
                }
            }
        }
    }

    /// An attempt settled: its room is free, and its provider is known a little better. An end that
    /// is told twice, or late, ends its own attempt only.
    pub fn settled(&mut self, end: &AttemptEnd, now: Timestamp) {
        let (message, outcome) = (end.message, &end.outcome);
        if self.flights.get(&message).is_none_or(|flight| flight.attempt != end.attempt) {
            return;
        }
        let Some(flight) = self.flights.remove(&message) else { return };
        if !is_carried(outcome) {
            for day in &flight.days {
                let day = self.days.entry(day.clone()).or_default();
                day.used = day.used.saturating_sub(1);
            }
        }
        let Some(provider) = self.providers.get_mut(&flight.provider) else { return };
        let group = Queue::parse(&flight.path).group;
        provider.flies(group, false);
        // What never began waited behind its own group, and says nothing of it.
        if is_begun(outcome) {
            let somebody = !matches!(
                outcome,
                Outcome::Unknown { .. }
                    | Outcome::Unreachable { .. }
                    | Outcome::Refused { stage: Stage::Connect, .. }
            );
            let answer = Answered { took: now.since(flight.since), somebody };
            provider.answered(group, answer, now);
        }
        provider.heard(now);
        if flight.probe {
            provider.probing = false;
        }
        if !flight.excused {
            provider.breaker.ended(outcome, provider.answering, flight.probe, now);
        }
    }

    /// A message must not begin any more, if it has not.
    pub fn revoke(&mut self, message: MessageId) {
        if let Some(flight) = self.flights.get_mut(&message) {
            flight.revoked = true;
        }
    }

    /// A message cannot be made for a fault of ours that is not its provider's: a key that is
    /// missing. However it ends, no circuit breaker hears of it.
    pub fn excuse(&mut self, message: MessageId) {
        if let Some(flight) = self.flights.get_mut(&message) {
            flight.excused = true;
        }
    }

    /// A flight, if the message has not settled.
    pub fn flight(&self, message: MessageId) -> Option<&Flight> {
        self.flights.get(&message)
    }

    /// Messages granted and not settled.
    pub fn in_flight(&self) -> usize {
        self.flights.len()
    }

    /// When to look again: when something will be due that is not now, when a bucket has room for
    /// what is due already, or when a provider may be asked again; `None` if nothing waits for time
    /// alone.
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let open = self.paths.iter().filter(|(name, _)| !self.is_closed(name));
        let waits = |(name, path): (&String, &Path)| {
            let waiting = path.due.iter().filter(|(at, _)| !path.granting.contains_key(*at));
            let due = waiting.map(|(_, due)| *due).min()?;
            if due > now {
                return Some(due);
            }
            let queue = Queue::parse(name);
            let paced = queue.campaign.is_some_and(|id| self.campaigns.contains_key(&id));
            let limited = |name: &String| {
                self.providers.get(name).is_some_and(|known| known.is_limited(queue.group))
            };
            let legs = self.legs(queue.route);
            let waits = |name: &String| {
                let known = self.providers.get(name);
                legs.len() > 1 && known.is_some_and(|known| known.all.in_flight > 0)
            };
            let limited = legs.iter().any(|leg| limited(&leg.provider) || waits(&leg.provider));
            (paced || limited).then(|| now.plus(REFILLED))
        };
        open.filter_map(waits).min()
    }
}
