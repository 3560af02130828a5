//! The same inputs on one partition and on many must end in the same people.

use crate::people::{self, People};
use crate::provider::Fate;
use crate::rng::Rng;
use crate::same::cluster::Cluster;
use crate::world::{BEGIN, World};
use cauce_core::consent::{MERGED, Statement};
use cauce_core::decision::{Effect, HandOver};
use cauce_core::ids::{EventId, Partition as Number, hash64};
use cauce_core::input::{AttemptEnd, Body, CampaignStep};
use cauce_core::message::Class;
use cauce_core::message::ledger::{Message, Source, State};
use cauce_core::policy::Reason;
use cauce_core::profile::{ConsentState, Head, Status};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::{Duration, Timestamp};
use cauce_engine::codec;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A cluster, and what the machine around it does.
pub(crate) struct Run {
    cluster: Cluster,
    causes: u64,
    now: Timestamp,
    /// What providers will have said of what they were given, by partition.
    handed: BTreeMap<Number, Vec<AttemptEnd>>,
}

/// What the provider does, alike on any number of partitions: by whom it is for and how often that
/// was tried. Not: by what is written. Of two messages of which a cap lets one go, ids decide
/// which, and both must come to the same.
fn fate(handed: &HandOver) -> Fate {
    let address = handed.address.to_lowercase();
    match hash64(&[address.as_bytes(), &handed.attempt.to_le_bytes()]) % 24 {
        0 | 1 => Fate::RefuseForGood,
        2..=4 => Fate::TakeAndDrop,
        // Not: refused for now. When it is tried again is a matter of its id as well.
        _ => Fate::Accept,
    }
}

impl Run {
    fn new(partitions: u16, world: Arc<World>) -> Run {
        Run::at(Cluster::new(partitions, world), BEGIN)
    }

    pub(crate) fn at(cluster: Cluster, now: Timestamp) -> Run {
        Run { cluster, causes: 1_000, now, handed: BTreeMap::new() }
    }

    fn put(&mut self, to: Number, body: Body) {
        self.causes += 1;
        let effects = self.cluster.take(to, self.causes, self.now, body);
        let mut told: Vec<_> = effects.into_iter().map(|effect| (to, effect)).collect();
        self.cluster.settle(self.now, &mut told);
        for (number, effect) in told {
            if let Effect::HandOver(handed) = effect {
                self.handed.entry(number).or_default().push(AttemptEnd {
                    message: handed.message,
                    attempt: handed.attempt,
                    at: self.now,
                    outcome: fate(&handed).outcome(),
                });
            }
        }
    }

    pub(crate) fn say(&mut self, body: &Body) {
        if matches!(body, Body::ListSealed { .. }) {
            for number in 0..self.cluster.rows.len() as Number {
                self.put(number, body.clone());
                self.put(number, Body::SweepLists { count: 1_000 });
            }
            return;
        }
        let to = people::entry(body, self.cluster.rows.len() as u16);
        self.put(to, body.clone());
    }

    /// Looks at the clock.
    fn tick(&mut self) {
        for number in 0..self.cluster.rows.len() as Number {
            // One tick is bounded; as many follow as there is work for.
            while self.is_due(number) {
                self.put(number, Body::Tick { limit: 1_000, epoch: 1 });
            }
        }
    }

    /// Looks at the clock and at every queue, until nothing that is due waits. The providers answer
    /// when all partitions have granted: an address that one of them refuses is written to by
    /// whoever was granted it by then, however many partitions there are.
    fn look(&mut self) {
        self.tick();
        loop {
            for number in 0..self.cluster.rows.len() as Number {
                while let Some(path) = self.paths(number).pop_first() {
                    let start_before = self.now.plus(Duration::MINUTE);
                    self.put(number, Body::Grant { path, count: 1_000, epoch: 1, start_before });
                }
            }
            let handed = std::mem::take(&mut self.handed);
            if handed.is_empty() {
                return;
            }
            for (number, ends) in handed {
                self.put(number, Body::AttemptsEnded(ends));
            }
        }
    }

    fn is_due(&self, number: Number) -> bool {
        let rows = &self.cluster.rows[usize::from(number)];
        let (low, high) = Key::timers(Timestamp(0), self.now);
        !rows.range(&low, &high, 1).is_empty()
    }

    fn paths(&self, number: Number) -> BTreeSet<String> {
        let rows = &self.cluster.rows[usize::from(number)].0;
        let low = Key::Attempting(cauce_core::ids::MessageId(u128::MAX));
        rows.range(low..)
            .map_while(|(key, _)| match key {
                Key::Outbox(path, _, due, _) => Some((path.clone(), *due)),
                Key::Attempting(_) => Some((String::new(), Timestamp::MAX)),
                _ => None,
            })
            .filter(|(_, due)| *due <= self.now)
            .map(|(path, _)| path)
            .collect()
    }

    pub(crate) fn pass(&mut self, span: Duration) {
        self.now = self.now.plus(span);
        self.look();
    }

    /// Everybody, without identifiers that depend on partitions.
    fn people(&self) -> BTreeMap<String, String> {
        let mut people = BTreeMap::new();
        for rows in &self.cluster.rows {
            for (key, row) in &rows.0 {
                if let (Key::Head(number), Row::Head(head)) = (key, row)
                    && head.status == Status::Live
                {
                    let names: Vec<_> = head.aliases.iter().map(ToString::to_string).collect();
                    people.insert(names.join(" "), Run::person(&rows.0, *number, head));
                }
            }
        }
        people
    }

    /// The same with what aggregates keep of everybody, byte for byte.
    pub(crate) fn people_with_rows(&self) -> BTreeMap<String, String> {
        let mut people = self.people();
        for rows in &self.cluster.rows {
            for (key, row) in &rows.0 {
                let (Key::Aggregates(number) | Key::Tallies(number)) = key else { continue };
                let Some(Row::Head(head)) = rows.0.get(&Key::Head(*number)) else { continue };
                let names: Vec<_> = head.aliases.iter().map(ToString::to_string).collect();
                let state = people.entry(names.join(" ")).or_default();
                state.push_str(&format!("\n{:x?}", codec::encode(row)));
            }
        }
        people
    }

    fn person(rows: &BTreeMap<Key, Row>, number: u32, head: &Head) -> String {
        let attributes: Vec<_> = head
            .attributes
            .iter()
            .map(|(name, a)| format!("{name}={} {}", a.value, a.at))
            .collect();
        let consents: Vec<_> = head
            .consents
            .iter()
            .map(|(about, c)| match c.fact.state {
                ConsentState::Granted => format!("{about:?} Granted {}", c.at),
                // The last no may be what a merge says, see below.
                state => format!("{about:?} {state:?}"),
            })
            .collect();
        let inside: Vec<_> =
            head.segments.iter().filter(|(_, s)| s.inside).map(|(n, _)| n.to_string()).collect();
        let (low, high) = Key::timeline(number);
        let own = |event: &EventId| if event.0 < 1 << 40 { event.0 } else { 0 };
        let mut timeline: Vec<_> = rows
            .range(low..high)
            .filter(|(key, row)| !is_said_by_merge(key, row))
            .filter_map(|(key, _)| match key {
                Key::Timeline(_, name, at, event) => Some(format!("{name} {at} {}", own(event))),
                _ => None,
            })
            .collect();
        timeline.sort();
        let (low, high) = Key::runs(number);
        let mut runs: Vec<_> = rows
            .range(low..high)
            .filter_map(|(_, row)| match row {
                Row::Run(run) => Some(format!("{} {} at {}", run.journey, run.key, run.node)),
                _ => None,
            })
            .collect();
        runs.sort();
        let lists = match rows.get(&Key::Lists(number)) {
            Some(Row::Lists(lists)) => Some(lists),
            _ => None,
        };
        let listed: Vec<String> = lists
            .into_iter()
            .flat_map(|lists| lists.iter())
            .flat_map(|(list, entries)| entries.iter().map(move |entry| (list, entry)))
            .map(|(list, (alias, entry))| {
                format!("{list} {alias} {:?}", (entry.stamp, &entry.member))
            })
            .collect();
        let suppressed: Vec<_> = head.suppressions.keys().map(ToString::to_string).collect();
        let refused: Vec<_> = head.refused_aliases.iter().map(ToString::to_string).collect();
        format!(
            "attributes {attributes:?}\nconsents {consents:?}\nsegments {inside:?}\n\
             timeline {timeline:?}\nruns {runs:?}\nlists {listed:?}\n\
             suppressed {suppressed:?} refused {refused:?} pending {} held {}",
            head.pending.len(),
            head.held.len(),
        )
    }

    /// Runs the campaign from its freeze to the last member.
    fn campaign(&mut self, id: u64) {
        let partitions = self.cluster.rows.len() as Number;
        let freeze = CampaignStep::Freeze { name: "sale".to_owned(), revision: 1 };
        for number in 0..partitions {
            self.put(number, Body::Campaign { id, step: freeze.clone() });
        }
        for number in 0..partitions {
            loop {
                let rows = &self.cluster.rows[usize::from(number)];
                match rows.get(&Key::Campaign(id)) {
                    Some(Row::Campaign(part)) if part.walked < part.target => {}
                    _ => break,
                }
                self.put(number, Body::Campaign { id, step: CampaignStep::Walk { count: 500 } });
                self.look();
            }
        }
    }

    /// Profiles that were absorbed by one in another partition.
    fn merges(&self) -> usize {
        let rows = self.cluster.rows.iter().enumerate();
        let heads = rows.flat_map(|(here, rows)| rows.0.values().map(move |row| (here, row)));
        let away = |(here, row): &(usize, &Row)| match row {
            Row::Head(head) => matches!(head.status,
                Status::Redirect(holder) if usize::from(holder.partition) != *here),
            _ => false,
        };
        heads.filter(away).count()
    }

    fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for row in self.cluster.rows.iter().flat_map(|rows| rows.0.values()) {
            match row {
                Row::Head(head) if head.status == Status::Live => {
                    *counts.entry("profiles").or_default() += 1;
                    *counts.entry("consents").or_default() += head.consents.len();
                    let inside = head.segments.iter().filter(|(_, s)| s.inside).count();
                    *counts.entry("memberships").or_default() += inside;
                }
                Row::Message(message) => {
                    let term = message.state.term().as_str();
                    *counts.entry("messages").or_default() += 1;
                    *counts.entry(term).or_default() += 1;
                }
                _ => {}
            }
        }
        counts
    }

    /// Whose a message is now, by name.
    fn owner(&self, message: &Message) -> String {
        let mut id = message.profile;
        for _ in 0..32 {
            let found = self.cluster.rows.iter().find_map(|rows| {
                let Some(Row::Number(number)) = rows.get(&Key::Profile(id)) else { return None };
                match rows.get(&Key::Head(number)) {
                    Some(Row::Head(head)) => Some(head),
                    _ => None,
                }
            });
            match found {
                Some(head) => match head.status {
                    Status::Redirect(holder) => id = holder.rank.id,
                    _ => return head.aliases.first().map(ToString::to_string).unwrap_or_default(),
                },
                None => break,
            }
        }
        "nobody".to_owned()
    }

    /// The lines of the ledger, and how often each stands in it.
    ///
    /// Of several that wait for one instant (the morning, mostly) a cap lets some go: ids decide
    /// which, and ids name partitions. Of those, and of no others, what was asked for is compared
    /// apart from what it came to.
    fn ledger(&self) -> BTreeMap<String, usize> {
        let rows = || self.cluster.rows.iter().flat_map(|rows| rows.0.values());
        let messages = || {
            rows().filter_map(|row| match row {
                Row::Message(message) => Some((self.owner(message), message)),
                _ => None,
            })
        };
        let capped: BTreeSet<(String, Timestamp)> = messages()
            .filter_map(|(owner, message)| match message.state {
                State::Refused { reason: Reason::FrequencyCapped { .. }, at, .. } => {
                    Some((owner, at))
                }
                _ => None,
            })
            .collect();
        let mut ledger = BTreeMap::new();
        let mut count = |line: String| *ledger.entry(line).or_default() += 1;
        for (owner, message) in messages() {
            let (wanted, end) = line(message);
            let judged = match message.attempts.first() {
                // Who is written to for a reason of their own is not counted by a cap.
                Some(attempt) if message.class != Class::Transactional => Some(attempt.granted),
                None => match message.state {
                    State::Refused { reason: Reason::FrequencyCapped { .. }, at, .. } => Some(at),
                    _ => None,
                },
                Some(_) => None,
            };
            if let Some(at) = judged.filter(|at| capped.contains(&(owner.clone(), *at))) {
                count(format!("{owner} {wanted}, judged at {at}"));
                count(format!("{owner} one of those at {at} {end}"));
            } else {
                count(format!("{owner} {wanted} {end}"));
            }
        }
        ledger
    }
}

/// Whether a row says that the stricter word held when two profiles became one. Of three halves, of
/// which the first says no, the second later yes and the third still later no, the first two have
/// something to settle if they meet first, and nothing if they do not. What is in force then is the
/// same; a yes of before the meeting that is heard after it is outweighed by the one and not by the
/// other, on the strict side.
fn is_said_by_merge(key: &Key, row: &Row) -> bool {
    Statement::read(key, row).is_some_and(|said| said.consent.fact.source == MERGED)
}

/// What was asked for, and what it came to.
fn line(message: &Message) -> (String, String) {
    let source = match &message.source {
        Source::Journey { journey, step, .. } => format!("journey {journey} {step}"),
        Source::Campaign { id, .. } => format!("campaign {id}"),
        Source::Api { key } => format!("request {key:?}"),
    };
    let to = message.attempts.last().map_or("", |attempt| attempt.address.as_str());
    let (state, tries) = (crate::story::state(&message.state), message.attempts.len());
    let wanted = format!("{} {source} `{}`", message.created, message.template.0);
    (wanted, format!("to {to}, tried {tries} times: {state}"))
}

/// What differs between the same life on two numbers of partitions.
fn differences(one: &Run, other: &Run) -> Vec<String> {
    let (a, b) = (one.people(), other.people());
    let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    let count = other.cluster.rows.len();
    let differs = |name: &&&String| a.get(**name) != b.get(**name);
    let shown = |name: &String| {
        let nobody = "nobody".to_owned();
        let (a, b) = (a.get(name).unwrap_or(&nobody), b.get(name).unwrap_or(&nobody));
        format!("{name} on {count} partitions:\n- {a}\n+ {b}")
    };
    let mut found: Vec<String> = names.iter().filter(differs).map(|name| shown(name)).collect();
    let (a, b) = (one.ledger(), other.ledger());
    let lines: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    let times = |ledger: &BTreeMap<String, usize>, line| ledger.get(line).copied().unwrap_or(0);
    for line in lines.into_iter().filter(|line| a.get(*line) != b.get(*line)) {
        let (one, many) = (times(&a, line), times(&b, line));
        found.push(format!("{one} times on one partition, {many} times on {count}: {line}"));
    }
    found
}

/// Lives one small life on 1, 2 and 16 partitions; what differs.
#[must_use]
pub fn life(seed: u64, inputs: usize) -> Vec<String> {
    let listing = seed.is_multiple_of(3);
    let world = Arc::new(if listing { World::of_lists() } else { World::of_lives() });
    let mut runs: Vec<Run> = [1, 2, 16].map(|n| Run::new(n, world.clone())).into();
    let mut rng = Rng::new(seed);
    let mut people = People::new(3, *rng.pick(&[0, 100]));
    people.listing = listing;
    for _ in 0..inputs {
        let span = match rng.weighted(&[6, 3, 1]) {
            0 => Duration(1 + rng.below(60_000) as i64),
            1 => Duration::MINUTE.times(1 + rng.below(90) as i64),
            _ => Duration::HOUR.times(1 + rng.below(20) as i64),
        };
        let body = people.act(&mut rng, runs[0].now.plus(span));
        for run in &mut runs {
            run.pass(span);
            run.say(&body);
            run.look();
        }
    }
    let (one, others) = runs.split_at(1);
    others.iter().flat_map(|other| differences(&one[0], other)).collect()
}

/// What many lives came to.
pub struct Many {
    /// What differs.
    pub differences: Vec<String>,
    /// Profiles that were absorbed by one in another partition, of 16.
    pub merges: usize,
    /// Rows that were compared, by what they are: none of them may be nothing.
    pub compared: BTreeMap<&'static str, usize>,
}

/// Many people who do all that people do, on 1, 2 and 16 partitions: they share names, allow and
/// withdraw, ask for messages, get a campaign.
#[must_use]
pub fn many(inputs: usize, persons: usize) -> Many {
    let world = Arc::new(World::of_lives());
    let mut runs: Vec<Run> = [1, 2, 16].map(|n| Run::new(n, world.clone())).into();
    let mut rng = Rng::new(7);
    let mut people = People::new(persons, 0);
    for n in 1..=inputs {
        let at = runs[0].now.plus(Duration(1 + rng.below(2_000) as i64));
        let body = people.act(&mut rng, at);
        for run in &mut runs {
            run.now = at;
            // Timers do not wait: a walk that is overdue when three halves meet sees another order
            // of them on another number of partitions.
            run.tick();
            run.say(&body);
            // The queues are looked at every so often, as a busy machine does.
            if n % 500 == 0 {
                run.look();
            }
            if n == inputs / 2 || n == inputs {
                run.look();
                run.campaign(n as u64);
            }
        }
    }
    for run in &mut runs {
        run.pass(Duration::DAY);
    }
    let (one, others) = runs.split_at(1);
    let differences = others.iter().flat_map(|other| differences(&one[0], other)).collect();
    let sixteen = &runs[2];
    Many { differences, merges: sixteen.merges(), compared: sixteen.counts() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_two_and_sixteen_partitions_end_alike() {
        for seed in 1..=120 {
            let found = life(seed, 25);
            assert!(found.is_empty(), "seed {seed}: {}", found.join("\n"));
        }
    }
}
