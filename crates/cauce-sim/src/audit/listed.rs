//! Uploaded lists, worked out from the log in a simple way, and compared with what people are on.

use crate::audit::{Expected, Rowset};
use cauce_core::input::{Body, Input};
use cauce_core::list::{Listed, Lists, Upload};
use cauce_core::profile::{Alias, Status};
use cauce_core::state::{Key, Row};
use cauce_core::time::{Duration, Timestamp};
use std::collections::BTreeMap;

/// How far the clocks of a life may step.
const CLOCK_STEPS: Duration = Duration(20 * 60_000);

/// What the log says of lists.
#[derive(Clone, Debug, Default)]
pub struct Uploads {
    /// The log has all of it: no restore lost some.
    pub whole: bool,
    rows: BTreeMap<(String, Alias), Vec<Listed>>,
    floors: BTreeMap<String, Upload>,
}

impl Uploads {
    /// Takes in an entry of the log.
    pub fn take(&mut self, input: &Input) {
        match &input.body {
            Body::Listed(row) => {
                let key = (row.list.clone(), row.alias.clone());
                self.rows.entry(key).or_default().push(Listed::clone(row));
            }
            Body::ListSealed { list, upload } => {
                let floor = self.floors.entry(list.clone()).or_default();
                *floor = (*floor).max(*upload);
            }
            _ => {}
        }
    }

    /// The row that holds for a name: the last one said, unless the list was replaced since.
    fn last(&self, list: &str, alias: &Alias) -> Option<&Listed> {
        let floor = self.floors.get(list).copied().unwrap_or_default();
        let rows = self.rows.get(&(list.to_owned(), alias.clone()))?;
        rows.iter().filter(|row| row.stamp.upload >= floor).max_by_key(|row| row.stamp)
    }
}

/// What differs at rest between what was uploaded and what people are on.
#[must_use]
pub fn differences(world: &[Rowset], expected: &Expected) -> Vec<String> {
    let mut found = Vec::new();
    for (number, rows) in world.iter().enumerate() {
        let of = Partition { number, rows };
        of.counts(&mut found);
        if expected.panics == 0 {
            of.expired(&mut found);
        }
        if expected.lists.whole && expected.panics == 0 {
            of.rows_that_hold(expected, &mut found);
        }
    }
    found
}

/// What several uploads did to some life: so many rows that hold, and so many that are over.
#[must_use]
pub fn counts(world: &[Rowset]) -> (u64, u64) {
    let mut counts = (0, 0);
    for rows in world {
        let of = Partition { number: 0, rows };
        for entry in of.lists().flat_map(|(_, lists)| lists.values()).flat_map(BTreeMap::values) {
            if entry.member.is_some() { counts.0 += 1 } else { counts.1 += 1 }
        }
    }
    counts
}

struct Partition<'r> {
    number: usize,
    rows: &'r Rowset,
}

impl Partition<'_> {
    fn lists(&self) -> impl Iterator<Item = (u32, &Lists)> {
        self.rows.iter().filter_map(|(key, row)| match (key, row) {
            (Key::Lists(number), Row::Lists(lists)) => Some((*number, &**lists)),
            _ => None,
        })
    }

    fn now(&self) -> Timestamp {
        match self.rows.get(&Key::Meta) {
            Some(Row::Meta(meta)) => meta.now,
            _ => Timestamp::default(),
        }
    }

    /// Members are counted beside the rows, and nothing is left of what was replaced.
    fn counts(&self, found: &mut Vec<String>) {
        let number = self.number;
        let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, lists) in self.lists() {
            for (list, entries) in lists {
                let on = entries.values().any(|entry| entry.member.is_some());
                *counted.entry(list).or_default() += u64::from(on);
            }
        }
        let Some(Row::ListStates(states)) = self.rows.get(&Key::ListStates) else {
            if counted.values().any(|count| *count > 0) {
                found.push(format!("{number}: {counted:?} are on lists that are not known"));
            }
            return;
        };
        for (list, state) in &**states {
            let count = counted.get(&**list).copied().unwrap_or_default();
            if count != state.members {
                found.push(format!("{number}: {count} are on {list}, {} counted", state.members));
            }
            if state.swept != u32::MAX {
                found.push(format!("{number}: {list} is not swept at rest"));
            }
            let below = self.lists().flat_map(|(_, lists)| lists.get(list)).flatten();
            if below.into_iter().any(|(_, entry)| entry.stamp.upload < state.floor) {
                found.push(format!("{number}: {list} was replaced, an older row is left"));
            }
        }
    }

    /// Nobody is on a list whose time is over.
    fn expired(&self, found: &mut Vec<String>) {
        let now = self.now();
        for (number, lists) in self.lists() {
            for entry in lists.values().flat_map(BTreeMap::values) {
                let ends = entry.member.as_ref().and_then(|member| member.expires);
                if ends.is_some_and(|ends| ends <= now) {
                    found.push(format!("{}: profile {number}: expired, still there", self.number));
                }
            }
        }
    }

    /// Whoever has a name is on the list as its last row says.
    fn rows_that_hold(&self, expected: &Expected, found: &mut Vec<String>) {
        let uploads = &expected.lists;
        for (list, alias) in uploads.rows.keys() {
            let Some(last) = uploads.last(list, alias) else { continue };
            let Some(member) = &last.member else { continue };
            let forgotten = expected.erased.map(|at| at.plus(CLOCK_STEPS));
            if forgotten.is_some_and(|at| last.stamp.upload.at <= at) {
                continue;
            }
            let holder = self.rows.iter().find_map(|(key, row)| match (key, row) {
                (Key::Head(number), Row::Head(head))
                    if head.status == Status::Live && head.aliases.contains(alias) =>
                {
                    Some(*number)
                }
                _ => None,
            });
            let Some(holder) = holder else { continue };
            let lists = match self.rows.get(&Key::Lists(holder)) {
                Some(Row::Lists(lists)) => Some(lists.clone()),
                _ => None,
            };
            let entry = lists.as_ref().and_then(|lists| lists.get(list)?.get(alias));
            let over = member.expires.is_some_and(|ends| ends <= self.now());
            let fits = entry.is_some_and(|entry| {
                entry.stamp == last.stamp && (over || entry.member.as_ref() == Some(member))
            });
            if !fits {
                found.push(format!("{alias}: {list} says {last:?}, kept is {entry:?}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people;
    use crate::rng::Rng;
    use crate::same::cluster::Cluster;
    use crate::world::{BEGIN, World};
    use cauce_core::event::Properties;
    use cauce_core::list::{Member, Stamp};
    use cauce_core::value::Value;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    const NAMES: [&str; 3] = ["a@x.example", "b@x.example", "c@x.example"];

    /// Rows of three uploads about three names, of which the second one replaced the list.
    fn rows(rng: &mut Rng) -> Vec<Body> {
        let mut bodies = Vec::new();
        for row in 0..9 {
            let at = BEGIN.minus(Duration(rng.below(3) as i64));
            let expires = rng.per_mille(400).then(|| BEGIN.plus(Duration(rng.below(40) as i64)));
            let payload = Properties::from([("n".to_owned(), Value::from(row as i64))]);
            bodies.push(Body::Listed(Box::new(Listed {
                list: "vip".to_owned(),
                alias: people::alias("email", rng.pick::<&str>(&NAMES)),
                stamp: Stamp { upload: Upload { at, id: 0 }, row },
                source: "test".to_owned(),
                // Taking off somebody who is nobody leaves no trace, so none begins with it.
                member: (row < 3 || rng.per_mille(800)).then_some(Member { payload, expires }),
            })));
        }
        if rng.per_mille(500) {
            let upload = Upload { at: BEGIN.minus(Duration(1)), id: 0 };
            bodies.push(Body::ListSealed { list: "vip".to_owned(), upload });
        }
        bodies
    }

    /// What everybody is on in the end, by name, and which segments have whom.
    fn end(
        partitions: u16,
        world: &Arc<World>,
        bodies: &[Body],
        tied: usize,
    ) -> BTreeMap<String, String> {
        let mut cluster = Cluster::new(partitions, world.clone());
        let mut cause = 1_000;
        let mut told = Vec::new();
        let mut put = |cluster: &mut Cluster, to, at, body: Body| {
            cause += 1;
            cluster.take(to, cause, at, body);
            cluster.settle(at, &mut told);
        };
        // Everybody is somebody, or the order in which they come to be would matter.
        for (number, name) in NAMES.iter().enumerate() {
            let event = people::event(
                number as u128 + 1,
                "seen",
                vec![people::alias("email", name)],
                BEGIN,
            );
            let body = Body::Event(Box::new(event));
            put(&mut cluster, people::entry(&body, partitions), BEGIN, body);
        }
        for (place, body) in bodies.iter().enumerate() {
            if place == tied {
                let both = NAMES[..2].iter().map(|name| people::alias("email", name)).collect();
                let body = Body::Event(Box::new(people::event(99, "seen", both, BEGIN)));
                put(&mut cluster, people::entry(&body, partitions), BEGIN, body);
            }
            match body {
                Body::ListSealed { .. } => {
                    for number in 0..partitions {
                        put(&mut cluster, number, BEGIN, body.clone());
                        put(&mut cluster, number, BEGIN, Body::SweepLists { count: 100 });
                    }
                }
                body => put(&mut cluster, people::entry(body, partitions), BEGIN, body.clone()),
            }
        }
        let later = BEGIN.plus(Duration(20));
        for number in 0..partitions {
            put(&mut cluster, number, later, Body::Tick { limit: 1_000, epoch: 1 });
        }
        let mut ends = BTreeMap::new();
        for rows in &cluster.rows {
            for (key, row) in &rows.0 {
                let (Key::Head(number), Row::Head(head)) = (key, row) else { continue };
                let lists = match rows.0.get(&Key::Lists(*number)) {
                    Some(Row::Lists(lists)) => Lists::clone(lists),
                    _ => Lists::new(),
                };
                let on = lists.values().flatten().filter_map(|(alias, entry)| {
                    Some((alias.clone(), entry.stamp, entry.member.clone()?))
                });
                let on: Vec<_> = on.collect();
                let inside: BTreeSet<u32> =
                    head.segments.iter().filter(|(_, s)| s.inside).map(|(n, _)| *n).collect();
                if head.status == Status::Live {
                    let names: Vec<_> = head.aliases.iter().map(ToString::to_string).collect();
                    ends.insert(names.join(" "), format!("{on:?} in {inside:?}"));
                }
            }
        }
        ends
    }

    /// Whatever order rows come in, how often, before or after two people become one, on however
    /// many partitions: the last word about each name holds, and memberships follow it.
    #[test]
    fn any_order_of_rows_ends_alike() {
        let world = Arc::new(World::of_lists());
        let mut on = 0;
        for seed in 0..150 {
            let mut rng = Rng::new(seed);
            let mut bodies = rows(&mut rng);
            let wanted = end(1, &world, &bodies, 0);
            on += usize::from(wanted.values().any(|end| !end.starts_with("[]")));
            for partitions in [1, 4] {
                // A row comes twice, and all in another order.
                bodies.push(rng.pick(&bodies).clone());
                for place in (1..bodies.len()).rev() {
                    bodies.swap(place, rng.below(place + 1));
                }
                let tied = rng.below(bodies.len());
                let found = end(partitions, &world, &bodies, tied);
                assert_eq!(found, wanted, "seed {seed} on {partitions}: {bodies:#?}");
            }
        }
        assert!(on > 100, "{on} of 150 ended with somebody on the list");
    }
}
