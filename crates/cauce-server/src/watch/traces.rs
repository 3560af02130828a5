//! What requests caused, as far as it is remembered: the steps of the last of them, in words.
//!
//! It names people, so it is in memory only, and in a file between an orderly end and the next
//! start. A sweep of erased people forgets it whole. What the log has behind the store's rows is
//! remembered anew after a crash.

use super::caused::{self, Caused};
use anyhow::Context;
use cauce_core::decision::Effect;
use cauce_core::ids::{EventId, Partition, TraceId};
use cauce_core::input::{Body, Hop};
use cauce_core::limits;
use cauce_core::time::Timestamp;
use cauce_engine::partition::Taken;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Limit: traces that are remembered; the oldest are dropped.
const TRACES_MAX: usize = 20_000;
/// Limit: steps of one trace that are remembered: the first ones, which say how it began.
const STEPS_MAX: usize = 100;
const STEPS_LAST: usize = STEPS_MAX - 1;
/// Limit: changes of people that are remembered of one trace: the first ones.
const CAUSED_MAX: usize = 200;
/// Limit: changes of people that are remembered of all traces; the oldest are dropped, and said to
/// be. An import of history would else fill the memory with what it sets.
const ALL_CAUSED_MAX: usize = 200_000;

/// The file between two lives of the process.
const FILE: &str = "traces.json";

/// One step of what one request caused.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = TraceStep)]
pub struct Step {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// In which partition.
    #[schema(value_type = u16)]
    pub partition: Partition,
    /// At which place of its log.
    pub offset: u64,
    /// What kind of input.
    pub input: String,
    /// What followed, in words.
    pub effects: Vec<String>,
    /// The event that was taken: `evt_…`; absent where the input is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub event: Option<EventId>,
    /// What changed about people.
    #[serde(default)]
    #[schema(required = true)]
    pub caused: Vec<Caused>,
    /// Whether more changed about people than is remembered here.
    #[serde(default)]
    #[schema(required = true)]
    pub more: bool,
}

#[derive(Default, Serialize, Deserialize)]
struct Trace {
    steps: Vec<Step>,
    events: Vec<EventId>,
    #[serde(default)]
    caused: usize,
}

#[derive(Default)]
struct Known {
    traces: HashMap<TraceId, Trace>,
    order: VecDeque<TraceId>,
    events: HashMap<EventId, TraceId>,
    /// Changes of people that are remembered, of all traces.
    caused: usize,
    /// Those that have any, the oldest first.
    changed: VecDeque<TraceId>,
}

/// See the module.
#[derive(Default)]
pub struct Traces(Mutex<Known>);

impl Known {
    fn place(&mut self, trace: TraceId) -> &mut Trace {
        if !self.traces.contains_key(&trace) {
            self.order.push_back(trace);
            if self.order.len() > TRACES_MAX
                && let Some(oldest) = self.order.pop_front()
                && let Some(forgotten) = self.traces.remove(&oldest)
            {
                self.caused -= forgotten.caused;
                for event in forgotten.events {
                    self.events.remove(&event);
                }
                while self.changed.front().is_some_and(|first| !self.traces.contains_key(first)) {
                    self.changed.pop_front();
                }
            }
        }
        self.traces.entry(trace).or_default()
    }

    fn remember(&mut self, trace: TraceId, mut step: Step) {
        let place = self.place(trace);
        match place.steps.len() {
            STEPS_MAX.. => return,
            STEPS_LAST => {
                step.effects = vec!["more followed, which is not remembered here".to_owned()];
                step.more |= !step.caused.is_empty();
                step.caused.clear();
            }
            _ => {}
        }
        let room = CAUSED_MAX - place.caused;
        step.more |= step.caused.len() > room;
        step.caused.truncate(room);
        let (count, first) = (step.caused.len(), place.caused == 0);
        place.caused += count;
        place.steps.push(step);
        self.caused += count;
        if first && count > 0 {
            self.changed.push_back(trace);
        }
        self.drop_changes();
    }

    /// Drops changes of the oldest traces beyond the bound; their steps stay.
    fn drop_changes(&mut self) {
        while self.caused > ALL_CAUSED_MAX
            && let Some(oldest) = self.changed.pop_front()
        {
            // Forgotten with everything else meanwhile.
            let Some(trace) = self.traces.get_mut(&oldest) else { continue };
            self.caused -= std::mem::take(&mut trace.caused);
            for step in trace.steps.iter_mut().filter(|step| !step.caused.is_empty()) {
                step.caused = Vec::new();
                step.more = true;
            }
        }
    }

    fn of_event(&mut self, event: EventId, trace: TraceId) {
        // Said again it causes nothing more: what it caused is behind its first trace.
        if !self.events.contains_key(&event) {
            self.events.insert(event, trace);
            self.place(trace).events.push(event);
        }
    }
}

impl Traces {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What one request caused.
    pub fn steps(&self, trace: TraceId) -> Vec<Step> {
        self.known().traces.get(&trace).map(|known| known.steps.clone()).unwrap_or_default()
    }

    /// How many events one request brought.
    pub fn events(&self, trace: TraceId) -> usize {
        self.known().traces.get(&trace).map_or(0, |known| known.events.len())
    }

    /// The trace of an event.
    pub fn of(&self, event: EventId) -> Option<TraceId> {
        self.known().events.get(&event).copied()
    }

    /// Forgets everything.
    pub fn forget(&self) {
        *self.known() = Known::default();
    }

    /// Remembers what followed, each part with the trace on whose behalf it happened.
    pub fn take(&self, partition: Partition, taken: &Taken) {
        let own = taken.input.trace;
        let more = taken.caused.len() >= limits::CAUSED_MAX;
        let step = |caused: &mut Vec<(TraceId, Caused)>, trace: TraceId, effects: &[Effect]| {
            let changes = caused.extract_if(.., |(of, _)| *of == trace).map(|(_, one)| one);
            let caused: Vec<Caused> = changes.collect();
            Step {
                at: taken.input.at,
                partition,
                offset: taken.position.offset,
                input: name_of(&taken.input.body),
                effects: effects.iter().filter_map(words).collect(),
                event: event_of(&taken.input.body),
                more: more && !caused.is_empty(),
                caused,
            }
        };
        let begins = |effect: &Effect| matches!(effect, Effect::For(_));
        let first = taken.effects.iter().position(begins).unwrap_or(taken.effects.len());
        let (before, mut rest) = taken.effects.split_at(first);
        if own == TraceId::default() && rest.is_empty() && taken.caused.is_empty() {
            return;
        }
        let mut caused = caused::of(taken);
        let mut known = self.known();
        if own != TraceId::default() {
            known.remember(own, step(&mut caused, own, before));
            if let Body::Event(event) = &taken.input.body {
                known.of_event(event.id, own);
            }
        }
        while let Some((Effect::For(trace), behind)) = rest.split_first() {
            let end = behind.iter().position(begins).unwrap_or(behind.len());
            let (part, next) = behind.split_at(end);
            rest = next;
            let step = step(&mut caused, *trace, part);
            if !step.effects.is_empty() || !step.caused.is_empty() {
                known.remember(*trace, step);
            }
        }
        // What changed in silence: a run that went on and has nothing to say to the world.
        let mut left: Vec<TraceId> = caused.iter().map(|(trace, _)| *trace).collect();
        left.dedup();
        for trace in left.into_iter().filter(|trace| *trace != TraceId::default()) {
            let step = step(&mut caused, trace, &[]);
            if !step.caused.is_empty() {
                known.remember(trace, step);
            }
        }
    }

    /// Writes what is remembered, for the next start.
    pub fn keep(&self, data: &Path) -> anyhow::Result<()> {
        let known = self.known();
        let of = |trace: &TraceId| known.traces.get(trace).map(|found| (*trace, found));
        let all: Vec<(TraceId, &Trace)> = known.order.iter().filter_map(of).collect();
        crate::boot::write_private(&data.join(FILE), &serde_json::to_vec(&all)?)
    }

    /// Reads what the last life remembered. The file is gone before anybody can be erased.
    pub fn open(data: &Path) -> anyhow::Result<Traces> {
        let (file, traces) = (data.join(FILE), Traces::default());
        if let Ok(bytes) = std::fs::read(&file) {
            std::fs::remove_file(&file)
                .with_context(|| format!("`{}` cannot be removed", file.display()))?;
            // Of another version, it is not worth a start that fails.
            let all: Vec<(TraceId, Trace)> = serde_json::from_slice(&bytes).unwrap_or_default();
            let mut known = traces.known();
            for (trace, Trace { steps, events, .. }) in all {
                steps.into_iter().for_each(|step| known.remember(trace, step));
                events.into_iter().for_each(|event| known.of_event(event, trace));
            }
        }
        Ok(traces)
    }
}

/// The event that an input is, where it lives or on its way there.
fn event_of(body: &Body) -> Option<EventId> {
    match body {
        Body::Event(event) => Some(event.id),
        Body::Hop { hop, .. } => event_of_hop(hop),
        _ => None,
    }
}

fn event_of_hop(hop: &Hop) -> Option<EventId> {
    match hop {
        Hop::Event { event, .. } | Hop::Engagement { event, .. } | Hop::Again { event, .. } => {
            Some(event.id)
        }
        _ => None,
    }
}

fn name_of(body: &Body) -> String {
    match body {
        Body::Event(event) => format!("event {}", event.name),
        Body::Hop { hop, .. } => match hop {
            Hop::Event { event, .. } => format!("forwarded event {}", event.name),
            Hop::Link { alias, .. } => format!("is {alias} known?"),
            Hop::Linked { alias, .. } => format!("{alias} is linked"),
            Hop::LinkRefused { alias, .. } => format!("{alias} is kept apart"),
            Hop::Merge { .. } => "two profiles are one".to_owned(),
            Hop::AbsorbPart { .. } | Hop::AbsorbEnd { .. } => "absorb".to_owned(),
            Hop::Request { .. } => "forwarded request".to_owned(),
            _ => "hop".to_owned(),
        },
        other => other.kind().to_owned(),
    }
}

/// An effect in words; what only the engine needs has none.
fn words(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::HandOver(h) => {
            let (message, provider, path) = (h.message, h.provider(), &h.path);
            format!("{message} handed over to {provider} from {path} (attempt {})", h.attempt)
        }
        Effect::Revoke(message) => format!("{message} revoked"),
        Effect::Membership(change) => {
            let verb = if change.inside { "entered" } else { "left" };
            format!("{} {verb} {}", change.profile, change.name)
        }
        Effect::Queued { path, due, .. } => format!("message queued on {path}, due {due}"),
        Effect::Note(note) => format!("{}: {}", note.code, note.text),
        Effect::Hop { to, .. } => format!("sent on to partition {to}"),
        Effect::WakeAt(at) => format!("looks again at {at}"),
        Effect::For(_)
        | Effect::Answered { .. }
        | Effect::Heard { .. }
        | Effect::Replied { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(offset: u64) -> Step {
        let input = "event seen".to_owned();
        Step {
            at: Timestamp(7),
            partition: 3,
            offset,
            input,
            effects: Vec::new(),
            event: None,
            caused: Vec::new(),
            more: false,
        }
    }

    #[test]
    fn what_is_remembered_outlives_an_orderly_end_and_no_sweep() {
        let folder = tempfile::tempdir().unwrap();
        let traces = Traces::default();
        let (trace, event) = (TraceId(5), EventId(9));
        traces.known().remember(trace, step(1));
        traces.known().remember(trace, step(2));
        traces.known().of_event(event, trace);
        traces.keep(folder.path()).unwrap();
        let again = Traces::open(folder.path()).unwrap();
        assert_eq!(again.of(event), Some(trace));
        assert_eq!(again.steps(trace).len(), 2);
        assert!(!folder.path().join(FILE).exists(), "it names people");
        again.forget();
        assert_eq!(again.of(event), None);
        again.keep(folder.path()).unwrap();
        assert_eq!(std::fs::read(folder.path().join(FILE)).unwrap(), b"[]");
    }

    fn changing(count: usize) -> Step {
        let one = Caused { profile: "pro_1".to_owned(), change: caused::Change::Created };
        Step { caused: vec![one; count], ..step(0) }
    }

    #[test]
    fn of_too_many_changes_the_first_of_a_trace_are_kept_and_those_of_the_oldest_go() {
        let mut known = Known::default();
        known.remember(TraceId(1), changing(CAUSED_MAX + 7));
        known.remember(TraceId(1), changing(3));
        let kept = |known: &Known, trace| {
            let steps = &known.traces[&TraceId(trace)].steps;
            steps.iter().map(|step| (step.caused.len(), step.more)).collect::<Vec<_>>()
        };
        assert_eq!(kept(&known, 1), [(CAUSED_MAX, true), (0, true)]);
        let traces = (ALL_CAUSED_MAX / CAUSED_MAX) as u128;
        for trace in 2..=traces {
            known.remember(TraceId(trace), changing(CAUSED_MAX));
        }
        assert_eq!(kept(&known, 1)[0], (CAUSED_MAX, true), "there is room for these");
        known.remember(TraceId(traces + 1), changing(1));
        assert_eq!(kept(&known, 1), [(0, true), (0, true)], "the steps stay, and say so");
        assert_eq!(kept(&known, 2), [(CAUSED_MAX, false)]);
        assert_eq!(known.caused, ALL_CAUSED_MAX - CAUSED_MAX + 1);
    }

    #[test]
    fn nothing_is_left_of_what_is_forgotten() {
        let mut known = Known::default();
        for trace in 0..3 * TRACES_MAX as u128 {
            known.remember(TraceId(trace), changing(1));
            known.of_event(EventId(trace), TraceId(trace));
        }
        let sizes = [known.traces.len(), known.order.len(), known.events.len(), known.caused];
        assert_eq!(sizes, [TRACES_MAX; 4]);
        assert_eq!(known.changed.len(), TRACES_MAX);
    }

    #[test]
    fn the_oldest_are_dropped_with_their_events() {
        let traces = Traces::default();
        for n in 1..=TRACES_MAX as u128 + 1 {
            traces.known().remember(TraceId(n), step(0));
            traces.known().of_event(EventId(n), TraceId(n));
        }
        assert_eq!((traces.of(EventId(1)), traces.of(EventId(2))), (None, Some(TraceId(2))));
        assert!(traces.steps(TraceId(1)).is_empty());
    }
}
