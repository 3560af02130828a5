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
