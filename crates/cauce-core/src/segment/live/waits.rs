//! What whoever needs everybody in a segment waits for: one that is not built does not say yet of
//! everybody whether they belong, and who is left out of a campaign by it would get the mail.

use crate::catalog::Catalog;
use crate::ids::Number;
use crate::prelude::*;
use crate::state::Builds;

/// A segment of which one partition does not know everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waits {
    /// It is being built.
    Building {
        /// Its name.
        segment: String,
        /// Profiles that are done.
        done: u64,
        /// Profiles of the partition.
        of: u64,
    },
    /// It is not published any more.
    Gone {
        /// Its name.
        segment: String,
    },
}

/// Of the segments that are named, and those that they are made of, the ones that a partition has
/// not built. `profiles` says how many profiles it has.
pub fn waits<'n>(
    catalog: &'n Catalog,
    builds: &Builds,
    profiles: Number,
    named: impl IntoIterator<Item = &'n String>,
) -> Vec<Waits> {
    let mut open: Vec<&str> = named.into_iter().map(String::as_str).collect();
    let mut looked_at = BTreeSet::new();
    let mut found = Vec::new();
    while let Some(name) = open.pop() {
        if !looked_at.insert(name) {
            continue;
        }
        let Some(segment) = catalog.segment(name) else {
            found.push(Waits::Gone { segment: name.to_owned() });
            continue;
        };
        let done = match builds.segments.get(&segment.number) {
            Some((build, next)) if *build == segment.build => *next,
            Some(_) | None => 0,
        };
        if done != Number::MAX {
            let (done, of) = (u64::from(done.min(profiles)), u64::from(profiles));
            found.push(Waits::Building { segment: name.to_owned(), done, of });
        }
        open.extend(segment.compiled.segments.iter().map(String::as_str));
    }
    found
}

/// What several partitions wait for, in words; the segment that is furthest from its end.
pub fn in_words(all: impl IntoIterator<Item = Waits>) -> Option<String> {
    let mut building: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for waits in all {
        match waits {
            Waits::Gone { segment } => {
                return Some(format!("waits for the segment `{segment}`, which is not published"));
            }
            Waits::Building { segment, done, of } => {
                let sum = building.entry(segment).or_default();
                *sum = (sum.0 + done, sum.1 + of);
            }
        }
    }
    let per_cent = |(done, of): (u64, u64)| done * 100 / of.max(1);
    let slowest = building.into_iter().min_by_key(|(_, sum)| per_cent(*sum));
    slowest.map(|(segment, sum)| {
        format!("waits for the segment `{segment}` to be built ({} %)", per_cent(sum))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::Definition;
    use crate::publish::{Body, Book, Kind, Plan};
    use crate::time::Timestamp;

    fn catalog() -> Catalog {
        let segment = |name: &str, rule: &str| {
            let body = Body::read(Kind::Segment, serde_json::json!({ "rule": rule })).unwrap();
            let text = serde_json::to_string(&body).unwrap();
            ((Kind::Segment, name.to_owned()), Some(text))
        };
        let changes = vec![
            segment("gold", "plan = \"gold\""),
            segment("vip", "in segment \"gold\""),
            segment("all", "plan != \"none\""),
        ];
        let mut book = Book::default();
        book.publish(&Plan { number: 1, at: Timestamp(1), by: String::new(), changes });
        book.catalog()
    }

    /// What is waited for where some segments are built as far as this.
    fn check(built: &[(&str, Number)], exclude: &[&str], expected: Option<&str>) {
        let catalog = catalog();
        let mut builds = Builds::default();
        for (name, next) in built {
            let segment = catalog.segment(name).unwrap();
            builds.segments.insert(segment.number, (segment.build, *next));
        }
        let definition = serde_json::json!({ "audience": ["all"], "exclude": exclude,
            "template": "t" });
        let definition: Definition = serde_json::from_value(definition).unwrap();
        let words = in_words(waits(&catalog, &builds, 200, definition.segments()));
        assert_eq!(words.as_deref(), expected, "{built:?}");
    }

    #[test]
    fn all_that_an_audience_is_made_of_is_waited_for() {
        const ALL: Number = Number::MAX;
        check(&[("all", ALL)], &[], None);
        check(&[("all", ALL), ("vip", ALL), ("gold", ALL)], &["vip"], None);
        let half = "waits for the segment `vip` to be built (50 %)";
        check(&[("all", ALL), ("vip", 100), ("gold", ALL)], &["vip"], Some(half));
        // Not named by the campaign, but by what it names.
        let named = "waits for the segment `gold` to be built (5 %)";
        check(&[("all", ALL), ("vip", ALL), ("gold", 10)], &["vip"], Some(named));
        let never = "waits for the segment `vip` to be built (0 %)";
        check(&[("all", ALL), ("gold", ALL)], &["vip"], Some(never));
        let gone = "waits for the segment `staff`, which is not published";
        check(&[("all", ALL)], &["staff"], Some(gone));
    }
}
