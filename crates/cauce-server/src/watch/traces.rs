//! What requests caused, as far as it is remembered: the steps of the last of them, in words.
//!
//! It names people, so it is in memory only, and in a file between an orderly end and the next
//! start. A sweep of erased people forgets it whole. What the log has behind the store's rows is
//! remembered anew after a crash.

use anyhow::Context;
use cauce_core::decision::Effect;
use cauce_core::ids::{EventId, Partition, TraceId};
use cauce_core::input::{Body, Hop};
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
}

#[derive(Default, Serialize, Deserialize)]
struct Trace {
    steps: Vec<Step>,
    events: Vec<EventId>,
}

#[derive(Default)]
struct Known {
    traces: HashMap<TraceId, Trace>,
    order: VecDeque<TraceId>,
    events: HashMap<EventId, TraceId>,
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
                for event in forgotten.events {
                    self.events.remove(&event);
                }
            }
        }
        self.traces.entry(trace).or_default()
    }

    fn remember(&mut self, trace: TraceId, step: Step) {
        let steps = &mut self.place(trace).steps;
        match steps.len() {
            STEPS_MAX.. => {}
            STEPS_LAST => steps.push(Step {
                effects: vec!["more followed, which is not remembered here".to_owned()],
                ..step
            }),
            _ => steps.push(step),
        }
    }

    fn of_event(&mut self, event: EventId, trace: TraceId) {
        self.events.insert(event, trace);
        self.place(trace).events.push(event);
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
        let step = |effects: &[Effect]| Step {
            at: taken.input.at,
            partition,
            offset: taken.position.offset,
            input: name_of(&taken.input.body),
            effects: effects.iter().filter_map(words).collect(),
        };
        let begins = |effect: &Effect| matches!(effect, Effect::For(_));
        let first = taken.effects.iter().position(begins).unwrap_or(taken.effects.len());
        let (before, mut rest) = taken.effects.split_at(first);
        if own == TraceId::default() && rest.is_empty() {
            return;
        }
        let mut known = self.known();
        if own != TraceId::default() {
            known.remember(own, step(before));
            if let Body::Event(event) = &taken.input.body {
                known.of_event(event.id, own);
            }
        }
        while let Some((Effect::For(trace), behind)) = rest.split_first() {
            let end = behind.iter().position(begins).unwrap_or(behind.len());
            let (part, next) = behind.split_at(end);
            rest = next;
            let step = step(part);
            if !step.effects.is_empty() {
                known.remember(*trace, step);
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
            for (trace, Trace { steps, events }) in all {
                known.place(trace).steps = steps;
                events.into_iter().for_each(|event| known.of_event(event, trace));
            }
        }
        Ok(traces)
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
        Effect::For(_) | Effect::Answered { .. } | Effect::Replied { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(offset: u64) -> Step {
        let input = "event seen".to_owned();
        Step { at: Timestamp(7), partition: 3, offset, input, effects: Vec::new() }
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
