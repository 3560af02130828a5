//! Questions about one profile, answered by the same code that decides, on rows that are then
//! thrown away: exact at the instant of asking, whatever the stream of changes has reached.

use crate::catalog::Catalog;
use crate::decide::{Decider, Place};
use crate::decision::Permit;
use crate::ids::{Number, Origin, Partition, Position, TraceId};
use crate::message::ledger::{Message, Source, State};
use crate::message::{Channel, Class};
use crate::policy;
use crate::prelude::*;
use crate::profile::Head;
use crate::segment::{self, Explanation, Facts};
use crate::state::Rows;
use crate::time::Timestamp;

fn decider<'r, R: Rows>(rows: &'r R, catalog: &Arc<Catalog>, now: Timestamp) -> Decider<'r, R> {
    let origin =
        Origin { workspace: 1, partition: Partition::default(), position: Position::default() };
    Decider::asking(rows, Place { origin, partitions: 1 }, now, TraceId::default(), catalog.clone())
}

/// The segments that a profile is in, by name. Those that people did not name are left out.
pub fn segments<R: Rows>(
    rows: &R,
    catalog: &Arc<Catalog>,
    number: Number,
    now: Timestamp,
) -> Vec<(String, Timestamp)> {
    let mut decider = decider(rows, catalog, now);
    decider.evaluate(number, &crate::apply::Touched::default(), crate::decision::Cause::Time);
    let Some(head) = decider.head(number) else { return Vec::new() };
    catalog
        .segments
        .iter()
        .filter(|segment| !segment.name.starts_with(crate::publish::HIDDEN))
        .filter_map(|segment| {
            let state = head.segments.get(&segment.number)?;
            state.inside.then(|| (segment.name.clone(), state.since))
        })
        .collect()
}

/// Why a profile is, or is not, in a segment: the value of every leaf.
pub fn explain<R: Rows>(
    rows: &R,
    catalog: &Arc<Catalog>,
    number: Number,
    name: &str,
    now: Timestamp,
) -> Option<(bool, Explanation)> {
    let segment = catalog.segment(name)?.clone();
    let mut decider = decider(rows, catalog, now);
    let live = decider.fresh(number, &segment.compiled.aggregates);
    let named = segment.compiled.aggregates.iter().map(|aggregate| {
        let state = live.get(&aggregate.id).cloned().unwrap_or_else(|| {
            // Not built here yet: from the timeline, by the same evaluator.
            let rows = decider.timeline(number, &aggregate.event, Timestamp(i64::MIN));
            Arc::new(segment::AggregateState::rebuild(aggregate, now, rows.iter()))
        });
        (aggregate.id, state)
    });
    let aggregates = named.collect();
    decider.evaluate(number, &crate::apply::Touched::default(), crate::decision::Cause::Time);
    let head = decider.head(number)?;
    let segments = segment::live::inside_of(catalog, &head, &segment.compiled.segments);
    let facts = Facts {
        attributes: &head.attributes,
        aggregates: &aggregates,
        segments: &segments,
        event: None,
        now,
    };
    let inside = segment::evaluate(&segment.compiled, &facts).inside;
    Some((inside, segment::explain(&segment.compiled, &facts)))
}

/// What policy would say to a message by this template now.
pub fn permit(
    catalog: &Catalog,
    head: &Head,
    number: Number,
    template: &str,
    class: Class,
    now: Timestamp,
) -> Permit {
    let known = catalog.templates.get(template);
    let message = Message {
        id: crate::ids::MessageId(0),
        profile: head.id(),
        number,
        channel: known.and_then(|known| known.channel).unwrap_or(Channel::Email),
        class,
        template: (template.to_owned(), 0),
        topic: known.and_then(|known| known.topic.clone()),
        source: Source::Api { key: None },
        context: BTreeMap::new(),
        path: String::new(),
        created: now,
        expires: Timestamp::MAX,
        state: State::Queued { due: now, put_off: None },
        attempts: Vec::new(),
        reports: Vec::new(),
        trace: TraceId::default(),
    };
    policy::permit(catalog, head, &message, now)
}
