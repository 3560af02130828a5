//! What was decided, told to the rest of the process. Runs on the partitions' threads: it counts,
//! remembers a little and passes on; it never waits.

use super::allocator::{Allocator, Flight};
use super::learner::Learner;
use crate::share::feed::Feed;
use crate::watch::complaints::Complaints;
use crate::watch::recent::Recent;
use cauce_core::decision::{Effect, HandOver, Note};
use cauce_core::ids::{EventId, Partition, TraceId};
use cauce_core::input::{Body, Hop};
use cauce_core::time::Timestamp;
use cauce_engine::node::{self, Doing};
use cauce_engine::partition::Taken;
use hashbrown::HashMap;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Traces that are remembered; the oldest are dropped.
const TRACES_MAX: usize = 20_000;

/// Steps of one trace that are remembered: the first ones, which say how it began.
const STEPS_MAX: usize = 100;

/// One step of what one request caused.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// In which partition.
    pub partition: Partition,
    /// At which place of its log.
    pub offset: u64,
    /// What kind of input.
    pub input: String,
    /// What followed, in words.
    pub effects: Vec<String>,
}

#[derive(Default)]
struct Trace {
    steps: Vec<Step>,
    events: Vec<EventId>,
}

#[derive(Default)]
struct Traces {
    known: HashMap<TraceId, Trace>,
    order: VecDeque<TraceId>,
    events: HashMap<EventId, TraceId>,
    notes: VecDeque<(Timestamp, Note)>,
}

impl Traces {
    fn remember(&mut self, trace: TraceId, step: Step) {
        if !self.known.contains_key(&trace) {
            self.order.push_back(trace);
            if self.order.len() > TRACES_MAX
                && let Some(oldest) = self.order.pop_front()
                && let Some(forgotten) = self.known.remove(&oldest)
            {
                for event in forgotten.events {
                    self.events.remove(&event);
                }
            }
        }
        let steps = &mut self.known.entry(trace).or_default().steps;
        match steps.len() {
            STEPS_MAX.. => {}
            STEPS_LAST => steps.push(Step {
                effects: vec!["more followed, which is not remembered here".to_owned()],
                ..step
            }),
            _ => steps.push(step),
        }
    }
}

const STEPS_LAST: usize = STEPS_MAX - 1;

/// See the module.
pub struct Observer {
    allocator: Arc<Allocator>,
    hand_overs: Mutex<Sender<(Partition, Box<HandOver>)>>,
    traces: Mutex<Traces>,
    stopped: Mutex<Vec<String>>,
    troubles: Mutex<BTreeMap<Doing, String>>,
    /// What an operator has to mend, by what it is about.
    said: Mutex<BTreeMap<String, String>>,
    /// Membership changes since the start.
    pub changes: AtomicU64,
    feed: Arc<Feed>,
    /// What events look like.
    pub learner: Learner,
    recent: Arc<Recent>,
    /// How providers of mailboxes answer.
    pub answers: crate::inbound::guard::Answers,
    /// How push services answer about the tokens of each app.
    pub tokens: crate::inbound::guard::Answers,
    complaints: Arc<Complaints>,
}

impl Observer {
    /// Tells granted messages to `hand_overs`.
    pub fn new(
        allocator: Arc<Allocator>,
        hand_overs: Sender<(Partition, Box<HandOver>)>,
        feed: &Arc<Feed>,
        watch: &crate::watch::Watch,
        learner: Learner,
    ) -> Observer {
        Observer {
            allocator,
            hand_overs: Mutex::new(hand_overs),
            traces: Mutex::default(),
            stopped: Mutex::default(),
            troubles: Mutex::default(),
            said: Mutex::default(),
            changes: AtomicU64::new(0),
            feed: feed.clone(),
            recent: watch.recent.clone(),
            answers: crate::inbound::guard::Answers::of_mail(),
            tokens: crate::inbound::guard::Answers::of_tokens(),
            complaints: watch.complaints.clone(),
            learner,
        }
    }

    fn traces(&self) -> MutexGuard<'_, Traces> {
        self.traces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What one request caused, as far as it is remembered.
    pub fn trace(&self, trace: TraceId) -> Vec<Step> {
        self.traces().known.get(&trace).map(|known| known.steps.clone()).unwrap_or_default()
    }

    /// The trace of an event, as far as it is remembered.
    pub fn trace_of(&self, event: EventId) -> Option<TraceId> {
        self.traces().events.get(&event).copied()
    }

    /// Partitions that stopped, and why.
    pub fn stopped(&self) -> Vec<String> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What fails at present and is tried again.
    pub fn troubles(&self) -> Vec<String> {
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.values().cloned().collect()
    }

    /// Says what an operator has to mend about something; `None` once it is mended. It keeps
    /// nothing from being taken, only from leaving.
    pub fn say(&self, about: &str, trouble: Option<String>) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Some(text) => {
                if said.get(about) != Some(&text) {
                    tracing::error!(about, trouble = text, "messages wait until it is mended");
                }
                said.insert(about.to_owned(), text);
            }
            None => {
                if said.remove(about).is_some() {
                    tracing::info!(about, "it is mended");
                }
            }
        }
    }

    /// What was said about something.
    pub fn said(&self, about: &str) -> Option<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).get(about).cloned()
    }

    /// Whether anything is to be mended that a definition needs.
    pub fn has_said(&self) -> bool {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.keys().any(|about| about.contains('/'))
    }

    /// Everything that an operator has to mend.
    pub fn all_said(&self) -> BTreeMap<String, String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets what was said of things of a kind that are no more.
    pub fn keep_said(&self, keep: impl Fn(&str) -> bool) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.retain(|about, _| keep(about));
    }

    /// Remembers what followed, each part with the trace on whose behalf it happened.
    fn remember(&self, partition: Partition, taken: &Taken) {
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
        let mut traces = self.traces();
        if own != TraceId::default() {
            traces.remember(own, step(before));
            if let Body::Event(event) = &taken.input.body {
                traces.events.insert(event.id, own);
                traces.known.entry(own).or_default().events.push(event.id);
            }
        }
        while let Some((Effect::For(trace), behind)) = rest.split_first() {
            let end = behind.iter().position(begins).unwrap_or(behind.len());
            let (part, next) = behind.split_at(end);
            rest = next;
            let step = step(part);
            if !step.effects.is_empty() {
                traces.remember(*trace, step);
            }
        }
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

impl node::Observer for Observer {
    fn replayed(&self, partition: Partition, taken: &Taken) {
        self.feed.take_again(partition, taken);
        self.learner.take(partition, taken);
    }

    fn before_checkpoint(&self) -> Result<(), cauce_engine::Error> {
        let on = cauce_engine::Error::on(cauce_core::ids::CONTROL);
        self.learner.flush();
        self.feed.flush().map_err(on)
    }

    fn taken(&self, partition: Partition, taken: &Taken) {
        self.feed.take(partition, taken);
        self.learner.take(partition, taken);
        let mut handed = 0;
        for effect in &taken.effects {
            match effect {
                Effect::HandOver(hand_over) => {
                    handed += 1;
                    let (attempt, provider) = (hand_over.attempt, hand_over.provider());
                    let flight = Flight::new(partition, attempt, &hand_over.path, provider);
                    self.allocator.flies(hand_over.message, flight);
                    let sender = self.hand_overs.lock().unwrap_or_else(PoisonError::into_inner);
                    // The renderers are gone only when the process ends: the message is *unknown*
                    // at the next start, as after a crash.
                    let _ = sender.send((partition, hand_over.clone()));
                }
                Effect::Revoke(message) => self.allocator.revoke(*message),
                Effect::Queued { path, due, .. } => self.allocator.queued(partition, path, *due),
                Effect::Membership(_) => {
                    self.changes.fetch_add(1, Ordering::Relaxed);
                }
                Effect::Note(note) => {
                    let mut traces = self.traces();
                    traces.notes.push_back((taken.input.at, note.clone()));
                    if traces.notes.len() > 1_000 {
                        traces.notes.pop_front();
                    }
                }
                Effect::Answered { keeper, gone } => {
                    let of_device = cauce_core::device::is_keeper(keeper);
                    let answers = if of_device { &self.tokens } else { &self.answers };
                    answers.note(taken.input.at, keeper, gone.as_ref());
                }
                Effect::Replied { counter } => self.allocator.replied(counter, 1),
                Effect::Hop { .. } | Effect::WakeAt(_) | Effect::For(_) => {}
            }
        }
        self.complaints.taken(&taken.input.body);
        match &taken.input.body {
            Body::Event(event) => {
                let (at, trace) = (event.received_at, taken.input.trace);
                self.recent.push(partition, taken.position.offset, at, trace);
            }
            Body::Grant { path, .. } | Body::GrantBy { path, .. } => {
                self.allocator.granted(partition, path, handed, taken.next_due);
            }
            Body::AttemptsEnded(ends) => {
                let at = taken.input.at;
                ends.iter().for_each(|end| self.allocator.settled(end, at));
            }
            _ => {}
        }
        self.remember(partition, taken);
    }

    fn stopped(&self, partition: Partition, error: &cauce_engine::Error) {
        tracing::error!(partition, %error, "a partition stopped");
        self.allocator.stopped(partition);
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner).push(error.to_string());
    }

    fn trouble(&self, doing: Doing, error: Option<&cauce_engine::Error>) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        match error {
            Some(error) => {
                let known = troubles.insert(doing, error.to_string());
                if known.as_deref() != troubles.get(&doing).map(String::as_str) {
                    tracing::error!(?doing, %error, "it fails and is tried again");
                }
            }
            None => {
                if troubles.remove(&doing).is_some() {
                    tracing::info!(?doing, "it succeeds again");
                }
            }
        }
    }
}
