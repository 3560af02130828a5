//! Who is in a campaign's audience now, and some of them, evenly from all.

use super::super::error::{Code, Problem, stopping};
use crate::app::App;
use cauce_core::campaign::Definition;
use cauce_core::catalog::Catalog;
use cauce_core::ids::{Number, Partition};
use cauce_core::state::Rows;
use roaring::RoaringBitmap;

/// Limit: people that one question looks at, so that a partition takes inputs between two of them.
pub(crate) const SLICE: usize = 32;

/// There is room for so many who look at people at a time.
pub(crate) fn crowded() -> Problem {
    Problem::new(Code::Overloaded, "too many estimates at once")
        .hint("try again after `Retry-After` seconds")
}

/// Who is in a campaign's audience now, by partition.
pub(crate) async fn audience(
    app: &App,
    catalog: &Catalog,
    definition: &Definition,
) -> Result<Vec<(Partition, RoaringBitmap)>, Problem> {
    let numbers = |names: &[String]| -> Vec<_> {
        names.iter().filter_map(|name| Some(catalog.segment(name)?.number)).collect()
    };
    let (inside, outside) = (numbers(&definition.audience), numbers(&definition.exclude));
    let mut all = Vec::new();
    for partition in 0..app.node.partitions() {
        let (inside, outside) = (inside.clone(), outside.clone());
        let members = app.ask(partition, move |p| {
            let rows = p.rows();
            let mut members = RoaringBitmap::new();
            inside.iter().for_each(|segment| members |= rows.members(*segment));
            outside.iter().for_each(|segment| members -= rows.members(*segment));
            members
        });
        all.push((partition, members.await.ok_or_else(stopping)?));
    }
    Ok(all)
}

/// A share of the members of one partition, evenly from all of them: `most` of `all` there are.
pub(crate) fn picked(members: &RoaringBitmap, all: u64, most: u64) -> Vec<Number> {
    let own = members.len();
    if all <= most {
        return members.iter().collect();
    }
    let share = (own * most).div_ceil(all).min(own);
    let place = |turn: u64| (turn * own / share.max(1)) as u32;
    (0..share).filter_map(|turn| members.select(place(turn))).collect()
}

/// Parts of a whole in the proportion of what was counted, so that they add up to it: what rounding
/// leaves goes to those that it took most from.
pub(crate) fn shares(counted: &[u64], whole: u64) -> Vec<u64> {
    let sum: u128 = counted.iter().map(|count| u128::from(*count)).sum();
    let exact = |count: &u64| u128::from(*count) * u128::from(whole);
    let floor = |count: &u64| exact(count).checked_div(sum).unwrap_or_default() as u64;
    let mut shares: Vec<u64> = counted.iter().map(floor).collect();
    let mut order: Vec<usize> = (0..counted.len()).filter(|place| counted[*place] > 0).collect();
    order.sort_by_key(|place| {
        let lost = exact(&counted[*place]).checked_rem(sum).unwrap_or_default();
        (std::cmp::Reverse(lost), *place)
    });
    let left = whole.saturating_sub(shares.iter().sum());
    for place in order.into_iter().take(left as usize) {
        shares[place] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_over_all() {
        let members: RoaringBitmap = (0..10_000u32).map(|n| n * 2).collect();
        let some = picked(&members, 40_000, 1_000);
        assert_eq!(some.len(), 250);
        assert_eq!((some[0], some[249]), (0, 19_920));
        assert!(some.is_sorted() && some.iter().all(|number| members.contains(*number)));
        let few: RoaringBitmap = [3, 9].into_iter().collect();
        assert_eq!(picked(&few, 2, 1_000), [3, 9]);
        assert_eq!(picked(&RoaringBitmap::new(), 5_000, 1_000), Vec::<Number>::new());
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        assert_eq!(shares(&[1, 1, 1], 100), [34, 33, 33]);
        assert_eq!(shares(&[2_000, 0], 9_999), [9_999, 0]);
        assert_eq!(shares(&[0, 0], 5), [0, 0]);
        assert_eq!(shares(&[], 5), Vec::<u64>::new());
        for whole in [7, 1_000, 123_457] {
            let parts = shares(&[3, 11, 0, 986], whole);
            assert_eq!(parts.iter().sum::<u64>(), whole);
            assert_eq!(parts[2], 0, "nobody becomes somebody by rounding");
        }
    }
}
