//! Who may be told of, counted again: whoever is in a segment and allows the uses that are asked
//! for, and nobody else.

use crate::audit::Rowset;
use crate::world::USE;
use cauce_core::catalog::{Catalog, Segment};
use cauce_core::profile::{ConsentState, Head, Status};
use cauce_core::publish::HIDDEN;
use cauce_core::state::{Builds, Key, Row};
use std::collections::BTreeSet;

/// What differs between segments, consents and who is told of; and how many are told of. Of
/// profiles that a build has not come to nothing is known yet.
#[must_use]
pub fn differences(rows: &Rowset, catalog: &Catalog) -> (Vec<String>, u64) {
    let Some(Row::Builds(builds)) = rows.get(&Key::Builds) else { return (Vec::new(), 0) };
    let prefix = format!("{HIDDEN}shared/");
    let pairs = catalog.segments.iter().filter_map(|segment| {
        let own = catalog.segment(segment.name.strip_prefix(&prefix)?)?;
        Some((own, segment))
    });
    let pairs: Vec<_> = pairs.collect();
    let known: BTreeSet<u32> = catalog.segments.iter().map(|segment| segment.number).collect();
    let (mut found, mut told) = (Vec::new(), 0);
    for segment in &catalog.segments {
        let known = builds.segments.get(&segment.number);
        if known.is_none_or(|(build, _)| *build != segment.build) {
            found.push(format!("nobody builds `{}`, and nobody comes into it", segment.name));
        }
    }
    for (key, row) in rows {
        let (Key::Head(number), Row::Head(head)) = (key, row) else { continue };
        if head.status != Status::Live {
            continue;
        }
        let inside =
            |segment: &Segment| head.segments.get(&segment.number).is_some_and(|s| s.inside);
        let allowed = allows(head);
        for (own, shared) in &pairs {
            if !is_built(builds, own, *number) || !is_built(builds, shared, *number) {
                continue;
            }
            told += u64::from(inside(shared));
            if inside(shared) != (inside(own) && allowed) {
                let (id, name, is) = (head.id(), &own.name, inside(shared));
                found.push(format!("{id} allows `{USE}`: {allowed}; `{name}` tells of it: {is}"));
            }
        }
        let emptied = builds.segments.values().any(|(_, next)| *next != u32::MAX);
        for (segment, state) in head.segments.iter().filter(|_| !emptied) {
            if state.inside && !known.contains(segment) {
                found.push(format!("{} is in {segment}, which is no segment", head.id()));
            }
        }
    }
    (found, told)
}

/// By a rule of its own: a yes without a channel, and no no at all.
fn allows(head: &Head) -> bool {
    let said = |state: ConsentState, any: bool| {
        let words = head
            .consents
            .iter()
            .filter(|((about, _), now)| about == USE && now.fact.state == state);
        words.map(|((_, channel), _)| channel).any(|channel| any || channel.is_none())
    };
    said(ConsentState::Granted, false) && !said(ConsentState::Withdrawn, true)
}

fn is_built(builds: &Builds, segment: &Segment, number: u32) -> bool {
    let known = builds.segments.get(&segment.number);
    known.is_some_and(|(build, next)| *build == segment.build && number < *next)
}
