//! Every order in which a few inputs and their hops can be taken: hops first in, first out between
//! each pair of partitions, everything else in any order.

use crate::audit::{Audit, Expected, Rowset};
use crate::people;
use crate::same::cluster::Cluster;
use crate::world::{self, World};
use cauce_core::decide::home;
use cauce_core::event::Event;
use cauce_core::ids::{Partition as Number, hash128};
use cauce_core::input::Body;
use cauce_core::profile::{Alias, Status};
use cauce_core::state::{Key, Row};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use cauce_engine::{codec, tables};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const PARTITIONS: u16 = 3;
const AT: Timestamp = world::BEGIN;
/// Decisions on one way through: more is a livelock.
const DEPTH_MAX: usize = 400;

/// What was found in one case.
#[derive(Clone, Debug, Default)]
pub struct Explored {
    /// Distinct states.
    pub states: usize,
    /// Distinct ends.
    pub ends: usize,
    /// Faults, each with the way that led there.
    pub faults: Vec<String>,
}

/// Three aliases whose homes are the three partitions.
#[must_use]
pub fn aliases(namespaces: [&str; 3]) -> [Alias; 3] {
    let at = |n: usize| {
        let value = |k: usize| match namespaces[n] {
            "email" => format!("x{k}@home.example"),
            _ => format!("x{k}"),
        };
        (0..)
            .map(|k| people::alias(namespaces[n], &value(k)))
            .find(|alias| home(alias, PARTITIONS) == n as Number)
            .expect("some value has its home there")
    };
    [at(0), at(1), at(2)]
}

struct State {
    cluster: Cluster,
    /// Inputs that were not taken yet, each at the home of its first name.
    waiting: Vec<(Number, u64, Event)>,
    way: Vec<String>,
}

/// Explores every order of inputs, each of which names some of the aliases; its first is where it
/// comes in.
#[must_use]
pub fn explore(world: &Arc<World>, inputs: &[Vec<Alias>], limit: usize) -> Explored {
    let mut waiting = Vec::new();
    for (n, names) in inputs.iter().enumerate() {
        let mut event = people::event(n as u128 + 1, "seen", names.clone(), AT);
        event.aliases.clone_from(names);
        event.attributes.clear();
        event.attributes.insert(format!("seen_{n}"), Value::Bool(true));
        waiting.push((home(&names[0], PARTITIONS), n as u64 + 100, event));
    }
    let cluster = Cluster::new(PARTITIONS, world.clone());
    let mut explored = Explored::default();
    let mut seen = BTreeSet::new();
    let mut ends = BTreeSet::new();
    let mut open = vec![State { cluster, waiting, way: Vec::new() }];
    while let Some(state) = open.pop() {
        if explored.states >= limit {
            explored.faults.push(format!("gave up after {limit} states: not all were seen"));
        }
        if explored.faults.len() > 3 || explored.states >= limit {
            break;
        }
        explored.states += 1;
        if state.way.len() > DEPTH_MAX {
            explored.faults.push(format!("livelock: {}", state.way[..40].join(" ")));
            continue;
        }
        let moves = moves(&state);
        if moves.is_empty() && ends.insert(print(&state)) {
            let faults = check(&state, inputs);
            let way = state.way.join(" ");
            explored.faults.extend(faults.into_iter().map(|fault| format!("{fault} after {way}")));
        }
        for next in moves {
            if seen.insert(print(&next)) {
                open.push(next);
            }
        }
    }
    explored.ends = ends.len();
    explored
}

fn moves(state: &State) -> Vec<State> {
    let mut next = Vec::new();
    for place in 0..state.waiting.len() {
        let mut waiting = state.waiting.clone();
        let (at, cause, event) = waiting.remove(place);
        let mut cluster = state.cluster.clone();
        let mut way = state.way.clone();
        way.push(format!("in{}", cause - 100));
        cluster.take(at, cause, AT, Body::Event(Box::new(event)));
        next.push(State { cluster, waiting, way });
    }
    for (pair, queue) in &state.cluster.queues {
        let mut cluster = state.cluster.clone();
        let mut way = state.way.clone();
        let kind = queue.front().map_or("", |(_, _, hop)| crate::machine::hop_kind(hop));
        way.push(format!("{}>{}:{kind}", pair.0, pair.1));
        cluster.deliver(*pair, AT);
        next.push(State { cluster, waiting: state.waiting.clone(), way });
    }
    next
}

/// A state without the way that led there: counters and numbers of hops do not matter.
fn print(state: &State) -> u128 {
    let mut bytes = Vec::new();
    for (number, rows) in state.cluster.rows.iter().enumerate() {
        for (key, row) in &rows.0 {
            if matches!(key, Key::Meta | Key::Counter(_) | Key::HopIn(_) | Key::Seen(..)) {
                continue;
            }
            bytes.push(tables::table(key));
            bytes.extend(tables::spell(number as Number, key));
            bytes.extend(codec::encode(row));
        }
    }
    for (pair, queue) in &state.cluster.queues {
        bytes.extend([pair.0 as u8, pair.1 as u8]);
        for (_, _, hop) in queue {
            bytes.extend(codec::encode(&**hop));
        }
    }
    bytes.extend(state.waiting.iter().map(|(_, cause, _)| *cause as u8));
    hash128(&[&bytes])
}

fn check(state: &State, inputs: &[Vec<Alias>]) -> Vec<String> {
    let rows: Vec<Rowset> = state.cluster.rows.iter().map(|rows| rows.0.clone()).collect();
    let mut expected = Expected::default();
    expected.events.extend((1..=inputs.len()).map(|n| cauce_core::ids::EventId(n as u128)));
    let mut audit = Audit::new(&rows);
    audit.at_rest(&expected);
    let mut faults = audit.found;
    let live: Vec<_> =
        rows.iter().flat_map(heads).filter(|head| head.status == Status::Live).collect();
    for n in 0..inputs.len() {
        let name = format!("seen_{n}");
        let knowing = live.iter().filter(|head| head.attribute(&name).is_some()).count();
        if knowing != 1 {
            faults.push(format!("{knowing} profiles know input {n}"));
        }
    }
    // Whoever named two aliases in one breath tied them, unless protection keeps them apart.
    for names in inputs {
        for pair in names.windows(2) {
            let of = |alias: &Alias| live.iter().position(|head| head.aliases.contains(alias));
            let (one, other) = (of(&pair[0]), of(&pair[1]));
            let refused = one.is_some_and(|at| live[at].refused_aliases.contains(&pair[1]));
            if one != other && !refused && !inputs_protect(&live) {
                faults.push(format!("{} and {} are two people", pair[0], pair[1]));
            }
        }
    }
    faults
}

fn inputs_protect(live: &[&cauce_core::profile::Head]) -> bool {
    let named = |head: &&&cauce_core::profile::Head| {
        let namespaces = cauce_core::identity::Namespaces::default();
        head.aliases.iter().any(|alias| namespaces.is_unique(&alias.namespace))
    };
    live.iter().filter(named).count() > 1
}

fn heads(rows: &Rowset) -> impl Iterator<Item = &cauce_core::profile::Head> {
    rows.values().filter_map(|row| match row {
        Row::Head(head) => Some(&**head),
        _ => None,
    })
}

/// All cases of up to `inputs` inputs, each tying two of three aliases in either order.
///
/// Not: leaving out those that are the same after renaming. Namespaces differ in strength, and
/// ranks of profiles follow the number of the partition: no two names are alike.
#[must_use]
pub fn cases(inputs: usize) -> Vec<Vec<(usize, usize)>> {
    let pairs = [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)];
    let mut cases = vec![Vec::new()];
    let mut all = Vec::new();
    for _ in 0..inputs {
        let mut longer = Vec::new();
        for case in &cases {
            // In which order they come is explored.
            let last: usize = case.last().copied().unwrap_or(0);
            for place in last..pairs.len() {
                let mut next = case.clone();
                next.push(place);
                longer.push(next);
            }
        }
        all.extend(longer.iter().cloned());
        cases = longer;
    }
    all.iter().map(|case| case.iter().map(|place| pairs[*place]).collect()).collect()
}

/// Explores all cases; says how many states and ends there were, and what was wrong.
#[must_use]
pub fn explore_all(namespaces: [&str; 3], inputs: usize, limit: usize) -> (usize, Explored) {
    let world = Arc::new(World::default());
    world.publish(&world::basics());
    let names = aliases(namespaces);
    let cases = cases(inputs);
    let (next, sum) = (AtomicUsize::new(0), Mutex::new(Explored::default()));
    let work = || {
        // The longest first, so that no thread is left alone with one.
        while let Some(case) = cases.iter().rev().nth(next.fetch_add(1, Ordering::Relaxed)) {
            let said: Vec<Vec<Alias>> =
                case.iter().map(|(a, b)| vec![names[*a].clone(), names[*b].clone()]).collect();
            let explored = explore(&world, &said, limit);
            let faults = explored.faults.into_iter().map(|fault| format!("{case:?}: {fault}"));
            let mut sum = sum.lock().expect("no thread panics here");
            sum.states += explored.states;
            sum.ends += explored.ends;
            sum.faults.extend(faults);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    (cases.len(), sum.into_inner().expect("no thread panics here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(namespaces: [&str; 3], inputs: usize) {
        let (cases, explored) = explore_all(namespaces, inputs, usize::MAX);
        assert!(explored.faults.is_empty(), "{:#?}", explored.faults);
        assert!(explored.states > cases, "{explored:?}");
    }

    #[test]
    fn every_case_is_there() {
        // Six ways to tie two of three names; so many multisets of one to four of them.
        let sizes: Vec<_> = (1..=4).map(|inputs| cases(inputs).len()).collect();
        assert_eq!(sizes, [6, 6 + 21, 6 + 21 + 56, 6 + 21 + 56 + 126]);
    }

    #[test]
    fn every_order_of_two_inputs_ends_in_one_person() {
        check(["email", "email", "email"], 2);
        check(["user_id", "email", "anonymous_id"], 2);
    }

    #[test]
    fn every_order_of_two_inputs_ends_in_protected_people() {
        check(["user_id", "user_id", "email"], 2);
    }
}
