//! How many walks took which way: counted where a way forks, begins, waits or ends. What lies
//! between follows, because nobody stops at a step that does not wait.

use super::{Journey, Node, Run};
use crate::decide::Decider;
use crate::prelude::*;
use crate::state::{Key, Rows};

/// Names of these counters begin so. They are many: one for each way of each revision.
pub const PREFIX: &str = "walked ";

/// A way that a walk took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// It began.
    In,
    /// It went from one node to another, where it could have gone elsewhere or had waited.
    Step(u16, u16),
    /// It ended at a node.
    Out(u16),
}

impl<R: Rows> Decider<'_, R> {
    /// Counts a way that a walk takes.
    pub(crate) fn walked(&mut self, run: &Run, way: Way) {
        self.work.count(&name(&run.journey, run.revision, way), 1);
    }
}

/// A counter's name. No journey's name has a line break.
fn name(journey: &str, revision: u32, way: Way) -> String {
    match way {
        Way::In => format!("{PREFIX}{journey}\n{revision}\ni"),
        Way::Step(from, to) => format!("{PREFIX}{journey}\n{revision}\ns{from}>{to}"),
        Way::Out(from) => format!("{PREFIX}{journey}\n{revision}\no{from}"),
    }
}

/// The counters of a journey, or of every one: the first and one past the last key.
pub fn keys(journey: Option<&str>) -> (Key, Key) {
    let end = |last: char| match journey {
        Some(journey) => Key::Counter(format!("{PREFIX}{journey}{last}")),
        None => Key::Counter(format!("{PREFIX}{last}")),
    };
    match journey {
        Some(_) => (end('\n'), end('\u{b}')),
        None => (Key::Counter(PREFIX.to_owned()), end('\u{10ffff}')),
    }
}

/// What a counter's name says: revision and way.
pub fn read(name: &str) -> Option<(&str, u32, Way)> {
    let (rest, way) = name.strip_prefix(PREFIX)?.rsplit_once('\n')?;
    let (journey, revision) = rest.rsplit_once('\n')?;
    let way = match way.split_at_checked(1)? {
        ("i", "") => Way::In,
        ("s", step) => {
            let (from, to) = step.split_once('>')?;
            Way::Step(from.parse().ok()?, to.parse().ok()?)
        }
        ("o", from) => Way::Out(from.parse().ok()?),
        _ => return None,
    };
    Some((journey, revision.parse().ok()?, way))
}

/// The walks of one revision as its counters have them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walks {
    /// How many took each edge: node and successor.
    pub passed: BTreeMap<(u16, u16), u64>,
    /// How many ended at each node.
    pub ended: BTreeMap<u16, u64>,
    /// How many are at each node now: they wait there.
    pub waiting: BTreeMap<u16, u64>,
    /// How many began.
    pub entered: u64,
}

/// The edges of a node: where a walk may go from it.
pub fn successors(node: &Node) -> Vec<u16> {
    match node {
        Node::Message { next, .. } | Node::Delay { next, .. } | Node::Set { next, .. } => {
            vec![*next]
        }
        Node::WaitFor { then, otherwise, .. } | Node::Condition { then, otherwise, .. } => {
            if then == otherwise {
                vec![*then]
            } else {
                vec![*then, *otherwise]
            }
        }
        Node::Exit => Vec::new(),
    }
}

/// Adds up what was counted and what follows from it. A step leads forward only, so that one pass
/// in that order knows of each node how many came.
pub fn add_up(journey: &Journey, counted: &BTreeMap<Way, u64>) -> Walks {
    let mut walks = Walks::default();
    let count = |way: Way| counted.get(&way).copied().unwrap_or_default();
    walks.entered = count(Way::In);
    let mut came: BTreeMap<u16, u64> = BTreeMap::from([(0, walks.entered)]);
    for at in forward(journey) {
        let Some(node) = journey.nodes.get(usize::from(at)) else { continue };
        let here = came.get(&at).copied().unwrap_or_default();
        let ended = count(Way::Out(at));
        if ended > 0 {
            walks.ended.insert(at, ended);
        }
        let counts_ways =
            matches!(node, Node::Delay { .. } | Node::WaitFor { .. } | Node::Condition { .. });
        let mut left = ended;
        for next in successors(node) {
            let passed = match counts_ways {
                true => count(Way::Step(at, next)),
                false => here.saturating_sub(ended),
            };
            walks.passed.insert((at, next), passed);
            *came.entry(next).or_default() += passed;
            left += passed;
        }
        if matches!(node, Node::Delay { .. } | Node::WaitFor { .. }) {
            walks.waiting.insert(at, here.saturating_sub(left));
        }
    }
    walks
}

/// The nodes in an order in which each comes behind all that lead to it.
pub fn forward(journey: &Journey) -> Vec<u16> {
    let mut leading: BTreeMap<u16, usize> = BTreeMap::new();
    for node in &journey.nodes {
        for next in successors(node) {
            *leading.entry(next).or_default() += 1;
        }
    }
    let all = 0..u16::try_from(journey.nodes.len()).unwrap_or(u16::MAX);
    let mut ready: Vec<u16> = all.filter(|at| !leading.contains_key(at)).rev().collect();
    let mut order = Vec::new();
    while let Some(at) = ready.pop() {
        order.push(at);
        let Some(node) = journey.nodes.get(usize::from(at)) else { continue };
        for next in successors(node).into_iter().rev() {
            let left = leading.entry(next).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                ready.push(next);
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journey() -> Journey {
        let steps = serde_json::json!({ "entry": { "event": "e" }, "steps": [
            { "id": "hello", "message": "t" },
            { "id": "wait", "wait": "1d" },
            { "id": "fork", "if": "profile.a = 1", "then": [{ "id": "set", "set": { "b": 1 } }],
              "else": [{ "id": "buy", "wait-for": { "event": "x", "timeout": "2d" } }] },
        ]});
        let (journey, faults) = super::super::check("j", 3, &serde_json::from_value(steps).unwrap());
        assert!(faults.is_empty(), "{faults:?}");
        journey
    }

    #[test]
    fn names_say_what_they_count() {
        for way in [Way::In, Way::Step(1, 20), Way::Out(7)] {
            let name = name("a b\tc", 12, way);
            assert_eq!(read(&name), Some(("a b\tc", 12, way)));
            let (low, high) = keys(Some("a b\tc"));
            let key = Key::Counter(name);
            assert!(low <= key && key < high);
            let (low, high) = keys(None);
            assert!(low <= key && key < high);
        }
        for other in ["journey.entered j", "walked j", "walked j\n1\nx", "walked j\nx\ni", ""] {
            assert_eq!(read(other), None, "{other}");
        }
        let (low, high) = keys(Some("j"));
        let other = Key::Counter(name("j2", 1, Way::In));
        assert!(other < low || other >= high);
    }

    #[test]
    fn what_lies_between_follows() {
        let journey = journey();
        let at = |id: &str| journey.ids.iter().position(|known| known == id).unwrap() as u16;
        let (hello, wait, fork, set, buy) =
            (at("hello"), at("wait"), at("fork"), at("set"), at("buy"));
        let end = at("end");
        let counted = BTreeMap::from([
            (Way::In, 100),
            (Way::Step(wait, fork), 70),
            (Way::Out(wait), 10),
            (Way::Step(fork, set), 30),
            (Way::Step(fork, buy), 40),
            (Way::Step(buy, end), 15),
            (Way::Out(buy), 1),
            (Way::Out(end), 45),
        ]);
        let walks = add_up(&journey, &counted);
        assert_eq!(walks.passed[&(hello, wait)], 100);
        assert_eq!(walks.passed[&(set, end)], 30);
        assert_eq!(walks.waiting, BTreeMap::from([(wait, 20), (buy, 24)]));
        let open = walks.entered - walks.ended.values().sum::<u64>();
        assert_eq!(open, walks.waiting.values().sum::<u64>());
        assert_eq!(forward(&journey).len(), journey.nodes.len());
    }
}
