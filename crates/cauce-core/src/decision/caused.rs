//! What an input changed about people, for whoever asks what it caused: no part of the state, and
//! nothing follows from it.

use crate::decide::Decider;
use crate::device::{Devices, Platform};
use crate::ids::{DeviceId, MessageId, Number, ProfileId, RunId, TraceId};
use crate::journey::Run;
use crate::limits;
use crate::message::Channel;
use crate::message::ledger::Message;
use crate::policy::Reason;
use crate::prelude::*;
use crate::profile::{Alias, Attribute, ConsentState, Head};
use crate::state::Rows;
use crate::time::Timestamp;
use crate::value::Value;

/// One change, on whose behalf it was made and about whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Caused {
    /// The trace that it belongs to.
    pub trace: TraceId,
    /// Who.
    pub profile: ProfileId,
    /// What changed.
    pub change: Change,
}

/// What changed about a profile. What was before is known where it is said: it is read in the very
/// decision that changes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It is new.
    Created,
    /// An attribute has another value; none where there is none.
    Attribute {
        /// Its name.
        name: String,
        /// What it was.
        before: Option<Value>,
        /// What it is.
        after: Option<Value>,
    },
    /// Another consent is in force.
    Consent {
        /// The topic; `*` for every topic.
        topic: String,
        /// The channel; none for every channel.
        channel: Option<Channel>,
        /// What was in force.
        before: Option<ConsentState>,
        /// What is in force.
        after: Option<ConsentState>,
    },
    /// It has a name more, or one less.
    Alias {
        /// The name.
        alias: Alias,
        /// Whether it is its own now.
        held: bool,
    },
    /// A name is kept apart from it: merge protection says so.
    AliasRefused(Alias),
    /// Another profile became one with it.
    Merged(ProfileId),
    /// It has a device more, or one less.
    Device {
        /// The device.
        device: DeviceId,
        /// What it runs.
        platform: Platform,
        /// Whether it is its own now.
        held: bool,
    },
    /// A run of it moved.
    Run {
        /// The run.
        run: RunId,
        /// Its journey.
        journey: String,
        /// The revision that it stays on.
        revision: u32,
        /// How it moved.
        moved: Moved,
    },
    /// A message was planned for it, or one that waited is refused.
    Message {
        /// The message.
        message: MessageId,
        /// Its template.
        template: String,
        /// Why it is refused.
        refused: Option<Reason>,
    },
}

/// How a run moved. Steps have the names that the journey gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It began.
    Started,
    /// It went from one step to another, where it could have gone elsewhere or had waited.
    Went {
        /// The step that it left.
        from: String,
        /// The step that it came to.
        to: String,
        /// Why.
        because: Because,
    },
    /// It waits at a step.
    Waits {
        /// The step.
        at: String,
        /// When it goes on by itself.
        until: Timestamp,
    },
    /// It is over.
    Ended {
        /// The step at which it was.
        at: String,
        /// Why.
        because: Ending,
    },
}

/// Why a run left a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// The event came for which it waited.
    Awaited,
    /// Its time was over.
    Time,
    /// A condition was asked.
    Condition,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It came to the end.
    Arrived,
    /// The criteria by which the journey lets people go are met.
    Criteria,
    /// Too many steps without a wait.
    TooLong,
    /// Its revision is not known any more.
    Unknown,
    /// Two profiles became one, and another run of the journey goes on.
    Merged,
}

/// Sets an attribute unless a later fact is known. Says what changed, if the value did.
pub(crate) fn set(head: &mut Head, name: &str, new: Attribute) -> Option<Change> {
    let before = head.attribute(name).cloned();
    let after = Some(new.value.clone()).filter(|value| *value != Value::Null);
    let changed = head.set(name, new);
    changed.then(|| Change::Attribute { name: name.to_owned(), before, after })
}

impl<R: Rows> Decider<'_, R> {
    /// Takes note of a change. Beyond the bound nothing is noted: who reads it remembers fewer.
    pub(crate) fn caused(&mut self, profile: ProfileId, change: Change) {
        if self.caused.len() < limits::CAUSED_MAX {
            self.caused.push(Caused { trace: self.trace, profile, change });
        }
    }

    /// Takes note of changes of one profile.
    pub(crate) fn all_caused(&mut self, number: Number, changes: Vec<Change>) {
        let Some(profile) = self.head(number).map(|head| head.id()) else { return };
        changes.into_iter().for_each(|change| self.caused(profile, change));
    }

    /// Takes note of how a run moved.
    pub(crate) fn moved(&mut self, number: Number, run: &Run, moved: Moved) {
        let Some(profile) = self.head(number).map(|head| head.id()) else { return };
        let (journey, revision) = (run.journey.clone(), run.revision);
        self.caused(profile, Change::Run { run: run.id, journey, revision, moved });
    }

    /// What its journey calls a step of a run; empty where that is not known any more.
    pub(crate) fn step_of(&self, run: &Run, node: u16) -> String {
        let journey = self.catalog.journey_revisions.get(&(run.journey.clone(), run.revision));
        let name = journey.and_then(|journey| journey.ids.get(usize::from(node)));
        name.cloned().unwrap_or_default()
    }

    /// Takes note of a message that was planned.
    pub(crate) fn message_planned(&mut self, message: &Message) {
        let (id, template) = (message.id, message.template.0.clone());
        self.caused(message.profile, Change::Message { message: id, template, refused: None });
    }

    /// Takes note of what differs between a head as it was and as it is: where a whole one is laid
    /// over another.
    pub(crate) fn compared(&mut self, before: &Head, number: Number) {
        let Some(after) = self.head(number) else { return };
        let profile = after.id();
        let names: BTreeSet<&String> =
            before.attributes.keys().chain(after.attributes.keys()).collect();
        for name in names {
            let (old, new) = (before.attribute(name), after.attribute(name));
            if old != new {
                let (before, after) = (old.cloned(), new.cloned());
                self.caused(profile, Change::Attribute { name: name.clone(), before, after });
            }
        }
        let all: BTreeSet<&(String, Option<Channel>)> =
            before.consents.keys().chain(after.consents.keys()).collect();
        for about in all {
            let state = |head: &Head| head.consents.get(about).map(|consent| consent.fact.state);
            let (before, after) = (state(before), state(&after));
            if before != after {
                let (topic, channel) = about.clone();
                self.caused(profile, Change::Consent { topic, channel, before, after });
            }
        }
        self.compared_names(before, number);
    }

    /// Takes note of names that came or went.
    pub(crate) fn compared_names(&mut self, before: &Head, number: Number) {
        let Some(after) = self.head(number) else { return };
        let profile = after.id();
        let lost = before.aliases.difference(&after.aliases).map(|alias| (alias, false));
        let won = after.aliases.difference(&before.aliases).map(|alias| (alias, true));
        for (alias, held) in lost.chain(won) {
            self.caused(profile, Change::Alias { alias: alias.clone(), held });
        }
        for alias in after.refused_aliases.difference(&before.refused_aliases) {
            self.caused(profile, Change::AliasRefused(alias.clone()));
        }
    }

    /// Takes note of devices that came or went.
    pub(crate) fn compared_devices(&mut self, number: Number, before: &Devices, after: &Devices) {
        let Some(profile) = self.head(number).map(|head| head.id()) else { return };
        for (of, other, held) in [(before, after, false), (after, before, true)] {
            for (device, known) in of.iter().filter(|(device, _)| !other.contains_key(*device)) {
                let (device, platform) = (*device, known.target.platform);
                self.caused(profile, Change::Device { device, platform, held });
            }
        }
    }
}
