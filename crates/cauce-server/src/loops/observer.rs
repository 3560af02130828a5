//! What was decided, told to the rest of the process. Runs on the partitions' threads: it counts,
//! remembers a little and passes on; it never waits.

use super::allocator::{Allocator, Flight};
use super::learner::Learner;
use crate::share::feed::Feed;
use crate::watch::complaints::Complaints;
use crate::watch::recent::Recent;
use crate::watch::traces::Traces;
use cauce_core::decision::{Effect, HandOver};
use cauce_core::ids::Partition;
use cauce_core::input::Body;
use cauce_engine::node::{self, Doing};
use cauce_engine::partition::Taken;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

/// See the module.
pub struct Observer {
    allocator: Arc<Allocator>,
    hand_overs: Mutex<Sender<(Partition, Box<HandOver>)>>,
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
    /// What requests caused.
    pub traces: Arc<Traces>,
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
            traces: watch.traces.clone(),
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
}

impl node::Observer for Observer {
    fn replayed(&self, partition: Partition, taken: &Taken) {
        self.feed.take_again(partition, taken);
        self.learner.take(partition, taken);
        // What followed is explained after a crash as before it.
        self.traces.take(partition, taken);
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
                Effect::Answered { keeper, gone } => {
                    let of_device = cauce_core::device::is_keeper(keeper);
                    let answers = if of_device { &self.tokens } else { &self.answers };
                    answers.note(taken.input.at, keeper, gone.as_ref());
                }
                Effect::Heard { pair, word } => {
                    self.complaints.answered(taken.input.at, pair, word);
                }
                Effect::Replied { counter } => self.allocator.replied(counter, 1),
                Effect::Note(_) | Effect::Hop { .. } | Effect::WakeAt(_) | Effect::For(_) => {}
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
        self.traces.take(partition, taken);
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
