//! What an input changed about people, as it is remembered and answered.

use cauce_core::decision::Effect;
use cauce_core::decision::caused::{self, Because as Why, Ending as End, Moved};
use cauce_core::ids::TraceId;
use cauce_core::profile::ConsentState;
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use cauce_engine::partition::Taken;
use serde::{Deserialize, Serialize};

/// Limit: bytes of a value that are remembered whole; of a longer one the beginning is.
const VALUE_BYTES_MAX: usize = 256;

/// A change of one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Caused)]
pub struct Caused {
    /// Whom it is about: `pro_…`.
    pub profile: String,
    /// What changed.
    pub change: Change,
}

/// What changed about a profile. What was before is as it stood in the decision that changed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CausedChange)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// It is new.
    Created,
    /// An attribute has another value; null where there is none. Of a long one the beginning is
    /// said.
    Attribute {
        /// Its name.
        name: String,
        /// What it was.
        #[schema(required = true)]
        before: serde_json::Value,
        /// What it is.
        #[schema(required = true)]
        after: serde_json::Value,
    },
    /// Another consent is in force.
    Consent {
        /// The topic; `*` for every topic.
        topic: String,
        /// The channel; absent for every channel.
        channel: Option<String>,
        /// What was in force; absent where nothing was.
        before: Option<String>,
        /// What is in force.
        after: Option<String>,
    },
    /// It has a name more, or one less.
    Alias {
        /// `namespace:value`.
        alias: String,
        /// Whether it is its own now.
        held: bool,
    },
    /// A name is kept apart from it: merge protection says so.
    AliasRefused {
        /// `namespace:value`.
        alias: String,
    },
    /// Another profile became one with it.
    Merged {
        /// The other one: `pro_…`.
        with: String,
    },
    /// It has a device more, or one less.
    Device {
        /// The device: `dev_…`.
        device: String,
        /// What it runs.
        platform: String,
        /// Whether it is its own now.
        held: bool,
    },
    /// It entered or left a segment.
    Segment {
        /// The segment.
        name: String,
        /// Whether it is in it now.
        inside: bool,
    },
    /// A run began.
    RunStarted {
        /// Which.
        run: Run,
    },
    /// A run went on, where it could have gone elsewhere or had waited.
    RunWent {
        /// Which.
        run: Run,
        /// The step that it left.
        from: String,
        /// The step that it came to.
        to: String,
        /// Why.
        because: Because,
    },
    /// A run waits.
    RunWaits {
        /// Which.
        run: Run,
        /// At which step.
        at: String,
        /// When it goes on by itself.
        #[schema(value_type = String, format = DateTime)]
        until: Timestamp,
    },
    /// A run is over.
    RunEnded {
        /// Which.
        run: Run,
        /// At which step.
        at: String,
        /// Why.
        because: Ending,
    },
    /// A message was planned for it.
    MessagePlanned {
        /// The message: `msg_…`.
        message: String,
        /// Its template.
        template: String,
    },
    /// A message that waited is refused.
    MessageRefused {
        /// The message: `msg_…`.
        message: String,
        /// Its template.
        template: String,
        /// Why: the code of the reason.
        reason: String,
    },
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CausedRun)]
pub struct Run {
    /// Its name: `run_…`.
    pub id: String,
    /// Its journey.
    pub journey: String,
    /// The revision that it stays on.
    pub revision: u32,
}

/// Why a run left a step: the event came for which it waited, its time was over, or a condition was
/// asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CausedBecause)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Because {
    Awaited,
    Time,
    Condition,
}

/// Why a run ended: it arrived at the end, the criteria are met by which the journey lets people
/// go, it took too many steps without a wait, its revision is not known any more, or another run of
/// two profiles that became one goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CausedEnding)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Ending {
    Arrived,
    Criteria,
    TooLong,
    Unknown,
    Merged,
}

/// What an entry changed, each part with the trace on whose behalf it happened.
pub fn of(taken: &Taken) -> Vec<(TraceId, Caused)> {
    let mut trace = taken.input.trace;
    let mut all: Vec<_> = taken.caused.iter().map(|one| (one.trace, said(one))).collect();
    for effect in &taken.effects {
        match effect {
            Effect::For(other) => trace = *other,
            Effect::Membership(change) => {
                let (name, inside) = (change.name.clone(), change.inside);
                let profile = change.profile.to_string();
                all.push((trace, Caused { profile, change: Change::Segment { name, inside } }));
            }
            Effect::HandOver(_)
            | Effect::Revoke(_)
            | Effect::Hop { .. }
            | Effect::Queued { .. }
            | Effect::WakeAt(_)
            | Effect::Note(_)
            | Effect::Answered { .. }
            | Effect::Heard { .. }
            | Effect::Replied { .. } => {}
        }
    }
    all
}

fn said(one: &caused::Caused) -> Caused {
    let state = |state: &Option<ConsentState>| state.map(|state| state.to_string());
    let change = match &one.change {
        caused::Change::Created => Change::Created,
        caused::Change::Attribute { name, before, after } => {
            let (before, after) = (bounded(before.as_ref()), bounded(after.as_ref()));
            Change::Attribute { name: name.clone(), before, after }
        }
        caused::Change::Consent { topic, channel, before, after } => Change::Consent {
            topic: topic.clone(),
            channel: channel.map(|channel| channel.to_string()),
            before: state(before),
            after: state(after),
        },
        caused::Change::Alias { alias, held } => {
            Change::Alias { alias: alias.to_string(), held: *held }
        }
        caused::Change::AliasRefused(alias) => Change::AliasRefused { alias: alias.to_string() },
        caused::Change::Merged(with) => Change::Merged { with: with.to_string() },
        caused::Change::Device { device, platform, held } => Change::Device {
            device: device.to_string(),
            platform: platform.to_string(),
            held: *held,
        },
        caused::Change::Run { run, journey, revision, moved } => {
            let (id, journey) = (run.to_string(), journey.clone());
            walked(Run { id, journey, revision: *revision }, moved)
        }
        caused::Change::Message { message, template, refused } => {
            let (message, template) = (message.to_string(), template.clone());
            match refused {
                None => Change::MessagePlanned { message, template },
                Some(reason) => {
                    Change::MessageRefused { message, template, reason: reason.code().to_owned() }
                }
            }
        }
    };
    Caused { profile: one.profile.to_string(), change }
}

fn walked(run: Run, moved: &Moved) -> Change {
    match moved {
        Moved::Started => Change::RunStarted { run },
        Moved::Went { from, to, because } => {
            let because = match because {
                Why::Awaited => Because::Awaited,
                Why::Time => Because::Time,
                Why::Condition => Because::Condition,
            };
            Change::RunWent { run, from: from.clone(), to: to.clone(), because }
        }
        Moved::Waits { at, until } => Change::RunWaits { run, at: at.clone(), until: *until },
        Moved::Ended { at, because } => {
            let because = match because {
                End::Arrived => Ending::Arrived,
                End::Criteria => Ending::Criteria,
                End::TooLong => Ending::TooLong,
                End::Unknown => Ending::Unknown,
                End::Merged => Ending::Merged,
            };
            Change::RunEnded { run, at: at.clone(), because }
        }
    }
}

/// A value, or the beginning of a long one as text.
fn bounded(value: Option<&Value>) -> serde_json::Value {
    let value = serde_json::to_value(value).unwrap_or_default();
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.len() <= VALUE_BYTES_MAX {
        return value;
    }
    let end = text.floor_char_boundary(VALUE_BYTES_MAX);
    serde_json::Value::String(format!("{}…", &text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_value_the_beginning_is_said() {
        let short = Value::from("Madrid");
        assert_eq!(bounded(Some(&short)), "Madrid");
        assert_eq!(bounded(None), serde_json::Value::Null);
        let long = bounded(Some(&Value::from("ñ".repeat(400).as_str())));
        assert_eq!(long, format!("{}…", "ñ".repeat(128)));
    }
}
