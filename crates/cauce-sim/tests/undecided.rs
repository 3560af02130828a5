//! What stands in for a decision that failed does no harm beside it.

use cauce_core::decide::Place;
use cauce_core::identity::{UNDECIDED, undecided};
use cauce_core::ids::{Number, Origin, Partition, Position, ProfileId, TraceId};
use cauce_core::input::{Body, Hop, Input};
use cauce_core::policy::Suppression;
use cauce_core::profile::{Alias, Head, Rank};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use cauce_engine::tables;
use cauce_sim::same::cluster::MemoryRows;
use std::sync::Arc;

const FROM: Partition = 1;

fn alias() -> Alias {
    Alias { namespace: "email".into(), value: "ana@example.com".into() }
}

fn because(reason: &str, at: i64) -> Suppression {
    Suppression { reason: reason.into(), evidence: String::new(), at: Timestamp(at) }
}

fn fails(rows: &mut MemoryRows, offset: u64, n: u64, hop: Hop) {
    let position = Position { incarnation: 0, offset };
    let origin = Origin { workspace: tables::WORKSPACE, partition: 0, position };
    let body = Body::Hop { from: FROM, n, hop };
    let input = Input { at: Timestamp(9_000), trace: TraceId::default(), body };
    for (key, row) in undecided(rows, Place { origin, partitions: 2 }, &input).changes {
        match row {
            Some(row) => rows.0.insert(key, row),
            None => rows.0.remove(&key),
        };
    }
}

#[test]
fn a_hop_that_was_sent_again_and_failed_does_not_let_in_what_followed_it() {
    let mut rows = MemoryRows::default();
    let tried = || Hop::TryAddress { address: alias() };
    fails(&mut rows, 1, 75, tried());
    fails(&mut rows, 2, 74, tried());
    assert_eq!(rows.get(&Key::HopIn(FROM)), Some(Row::HopIn(75)));
    // Both are kept to be looked at.
    let kept = |key: &&Key| matches!(key, Key::Quarantine(_));
    assert_eq!(rows.0.keys().filter(kept).count(), 2);
}

#[test]
fn what_is_known_stands_before_what_could_not_be_said() {
    let [known, unknown] = [because("manual", 2), because(UNDECIDED, 1)];
    let soft = because(cauce_core::message::SOFT, 1);
    assert!(known.stands_before(&unknown) && !unknown.stands_before(&known));
    assert!(soft.stands_before(&unknown) && !unknown.stands_before(&soft));
    assert!(known.stands_before(&soft) && !soft.stands_before(&known));
    let later = because("complaint", 3);
    assert!(known.stands_before(&later) && !later.stands_before(&known));

    let id = ProfileId(7);
    let mut head = Head::new(Rank { priority: 0, id }, Timestamp(0));
    for word in [&unknown, &known, &unknown, &later] {
        head.suppress(&alias(), word);
    }
    assert_eq!(head.suppressions.get(&alias()), Some(&known));

    // An answer that could not be heard leaves what is known of the address.
    let number: Number = 0;
    let to = cauce_core::state::Holder { partition: 0, rank: head.rank };
    head.pending.insert(5, alias());
    let mut rows = MemoryRows::default();
    rows.0.insert(Key::Profile(id), Row::Number(number));
    rows.0.insert(Key::Head(number), Row::Head(Arc::new(head)));
    let hop = Hop::LinkRefused { to, token: 5, alias: alias(), suppression: None, hops: 0 };
    fails(&mut rows, 3, 1, hop);
    let Some(Row::Head(head)) = rows.get(&Key::Head(number)) else { panic!("nobody is there") };
    assert!(head.pending.is_empty() && head.refused_aliases.contains(&alias()));
    assert_eq!(head.suppressions.get(&alias()), Some(&known));
}
