//! Questions about one profile, answered by the same code that decides, on rows that are then
//! thrown away: exact at the instant of asking, whatever the stream of changes has reached.

use crate::catalog::Catalog;
use crate::decide::{Decider, Place};
use crate::decision::Permit;
use crate::device::Devices;
use crate::event::Properties;
use crate::ids::{Number, Origin, Partition, Position, TraceId};
use crate::journey::advance::key_of;
use crate::journey::{Audience, Run};
use crate::message::ledger::{Message, Source, State};
use crate::message::{Channel, Class};
use crate::policy;
use crate::policy::complaints::Known;
use crate::prelude::*;
use crate::profile::{Head, JourneyMemory, SegmentNumber, Status};
use crate::segment::{self, Explanation};
use crate::state::{Key, Row, Rows};
use crate::time::Timestamp;
use crate::value::Value;
use serde::Serialize;

mod campaign;
mod person;

pub use campaign::{Foreseen, foresee};
pub use person::{erased, forgotten, holds, offers, suppression, values};

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

/// The computed attributes of a profile that have a value.
pub fn computed<R: Rows>(
    rows: &R,
    catalog: &Arc<Catalog>,
    number: Number,
    now: Timestamp,
) -> BTreeMap<String, Value> {
    let mut decider = decider(rows, catalog, now);
    let Some(head) = decider.head(number) else { return BTreeMap::new() };
    let names = catalog.computed.keys().cloned().collect();
    decider.computed(number, &head, &names)
}

/// A profile's head as it is now: memberships that time has moved are looked at first.
pub fn current<R: Rows>(
    rows: &R,
    catalog: &Arc<Catalog>,
    number: Number,
    now: Timestamp,
) -> Option<Arc<Head>> {
    let due = |head: &Arc<Head>| {
        head.segments.values().any(|state| state.until.is_some_and(|until| until <= now))
    };
    let mut decider = decider(rows, catalog, now);
    let head = decider.head(number)?;
    if !due(&head) {
        return Some(head);
    }
    decider.evaluate(number, &crate::apply::Touched::default(), crate::decision::Cause::Time);
    decider.head(number)
}

/// Segments, by number, of which it is not known yet whether a profile is in them: they are being
/// built, and have not come to it.
pub fn unbuilt<R: Rows>(rows: &R, catalog: &Catalog, number: Number) -> BTreeSet<SegmentNumber> {
    let builds = crate::state::Work::new(rows).builds();
    segment::live::unbuilt(catalog, &builds, number)
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
    let head = decider.head(number)?;
    let mut known = decider.known(number, &head, &segment.compiled);
    person::complete(&mut decider, number, &segment.compiled, &mut known, now);
    decider.evaluate(number, &crate::apply::Touched::default(), crate::decision::Cause::Time);
    let head = decider.head(number)?;
    let segments = segment::live::inside_of(catalog, &head, &segment.compiled.segments);
    let facts = known.facts(&head, &segments, None, now);
    let inside = segment::evaluate(&segment.compiled, &facts).inside;
    Some((inside, segment::explain(&segment.compiled, &facts)))
}

/// Who of some profiles a rule holds for that is no segment, or none yet; and of how many who live.
/// What no segment keeps up to date comes from the timeline, by the same evaluator.
pub fn matching<R: Rows>(
    rows: &R,
    catalog: &Arc<Catalog>,
    rule: &segment::Compiled,
    numbers: impl IntoIterator<Item = Number>,
    now: Timestamp,
) -> Matching {
    let mut found = Matching::default();
    for number in numbers {
        // One for each: what it changes is thrown away.
        let mut decider = decider(rows, catalog, now);
        let Some(head) = decider.head(number) else { continue };
        if head.status != Status::Live {
            continue;
        }
        found.living += 1;
        let due = |(_, state): (&_, &crate::profile::SegmentState)| {
            state.until.is_some_and(|until| until <= now)
        };
        if !rule.segments.is_empty() && head.segments.iter().any(due) {
            let touched = crate::apply::Touched::default();
            decider.evaluate(number, &touched, crate::decision::Cause::Time);
        }
        let Some(head) = decider.head(number) else { continue };
        let known = decider.whole(number, &head, rule);
        let segments = segment::live::inside_of(catalog, &head, &rule.segments);
        if segment::evaluate(rule, &known.facts(&head, &segments, None, now)).inside {
            found.inside.push(number);
        }
    }
    found
}

/// What [`matching`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// For whom the rule holds.
    pub inside: Vec<Number>,
    /// How many of those asked about are somebody.
    pub living: u64,
}

/// How a profile stands with a journey.
#[derive(Debug, Serialize)]
pub struct Standing {
    /// Its open runs.
    pub runs: Vec<Arc<Run>>,
    /// When it entered and left last, and how often it entered.
    pub memory: Option<JourneyMemory>,
    /// What lets people in and how that stands, in words.
    pub entry: String,
    /// Parts of the rule that says which event, or which segment, lets people in.
    pub rule: Option<Explanation>,
    /// When the latest event that could have let it in was received; none if there is none.
    pub received_at: Option<Timestamp>,
    /// What the entry policy says now, if it says no.
    pub policy: Option<String>,
    /// The rule that ends every walk, as it stands now.
    pub exit: Option<Explanation>,
}

/// Why a profile is, or is not, in a journey. None if there is no such journey or profile.
pub fn journey<R: Rows>(
    rows: &R,
    catalog: &Arc<Catalog>,
    number: Number,
    name: &str,
    now: Timestamp,
) -> Option<Standing> {
    let journey = catalog.journeys.get(name)?.clone();
    let mut decider = decider(rows, catalog, now);
    let head = decider.head(number)?;
    let runs: Vec<Arc<Run>> =
        decider.runs(number).into_iter().filter(|run| run.journey == name).collect();
    let mut standing = Standing {
        runs,
        memory: head.journeys.get(name).cloned(),
        entry: String::new(),
        rule: None,
        received_at: None,
        policy: None,
        exit: None,
    };
    let mut key = String::new();
    if let Some(event) = &journey.entry.event {
        let latest = decider.timeline(number, event, Timestamp(i64::MIN)).pop();
        let Some(latest) = latest else {
            standing.entry = format!("starts with the event `{event}`, of which none is known");
            return Some(standing);
        };
        let row_key = Key::Timeline(number, latest.name.clone(), latest.occurred_at, latest.event);
        if let Some(Row::Timeline(row)) = decider.work.get(&row_key) {
            standing.received_at = Some(row.received_at);
        }
        standing.entry =
            format!("starts with the event `{event}`; the latest occurred {}", latest.occurred_at);
        if let Some(rule) = &journey.entry_filter {
            let why = stands(&mut decider, number, rule, Some(&latest.properties), now)?;
            let verb = if why.inside { "holds" } else { "does not hold" };
            standing.entry.push_str(&format!("; its condition {verb}"));
            standing.rule = Some(why);
        }
        match key_of(journey.entry.key.as_deref(), &latest.properties) {
            Some(found) => key = found,
            None => {
                let path = journey.entry.key.as_deref().unwrap_or_default();
                standing.entry.push_str(&format!("; it has no `{path}`, which is the key"));
            }
        }
    }
    if let Some(segment) = &journey.entry.segment {
        let verb = if journey.entry.on == Some(Audience::Left) { "leaves" } else { "enters" };
        let (inside, why) = explain(rows, catalog, number, segment, now)?;
        let is = if inside { "is in it" } else { "is not in it" };
        standing.entry =
            format!("starts when somebody {verb} segment `{segment}`; the profile {is}");
        standing.rule = Some(why);
    }
    standing.policy = decider.may_enter(number, &head, &journey, &key).err();
    if let Some(rule) = &journey.exit_when {
        let run = standing.runs.first().cloned();
        let context = run.as_ref().map(|run| &run.context);
        standing.exit = stands(&mut decider, number, rule, context, now);
    }
    Some(standing)
}

/// A rule and how it stands for a profile.
fn stands<R: Rows>(
    decider: &mut Decider<'_, R>,
    number: Number,
    rule: &segment::Compiled,
    event: Option<&Properties>,
    now: Timestamp,
) -> Option<Explanation> {
    let head = decider.head(number)?;
    let known = decider.known(number, &head, rule);
    let segments = segment::live::inside_of(&decider.catalog, &head, &rule.segments);
    Some(segment::explain(rule, &known.facts(&head, &segments, event, now)))
}

/// What policy would say to a message by this template now.
pub fn permit(
    (catalog, mailboxes): (&Catalog, &Known),
    (head, devices): (&Head, &Devices),
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
    policy::permit(catalog, mailboxes, (head, devices), &message, now)
}
