//! What we know about one person.

use crate::ids::{EventId, ProfileId};
use crate::message::Channel;
use crate::policy::Suppression;
use crate::prelude::*;
use crate::time::Timestamp;
use crate::value::Value;
use core::cmp::Ordering;
use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;
use litemap::LiteMap;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A name that somebody gave a person: `user_id` 42, `email` ana@example.com.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Alias {
    /// Which kind of name; see `identity::Namespace`.
    pub namespace: String,
    /// The name, in the namespace's canonical form.
    pub value: String,
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.namespace, self.value)
    }
}

/// An attribute and where it comes from. The later fact wins; of two at one instant the one with
/// the higher event id, so that any order of arrival ends in the same state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// What is known; [`Value::Null`] for "removed".
    pub value: Value,
    /// When the fact occurred.
    pub at: Timestamp,
    /// The event that said so.
    pub event: EventId,
}

/// The attributes of a profile by name. A removed one stays as null, or an older fact that arrives
/// late would bring it back.
pub type Attributes = LiteMap<String, Attribute>;

/// What a person said about being written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentState {
    /// Allowed.
    Granted,
    /// Taken back or refused.
    Withdrawn,
    /// Allowed by somebody; the mailbox has not confirmed it yet.
    Pending,
}

impl ConsentState {
    /// The word for it in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            ConsentState::Granted => "granted",
            ConsentState::Withdrawn => "withdrawn",
            ConsentState::Pending => "pending",
        }
    }

    fn strictness(self) -> u8 {
        match self {
            ConsentState::Granted => 0,
            ConsentState::Pending => 1,
            ConsentState::Withdrawn => 2,
        }
    }
}

/// The stricter is the greater. Not derived: the order of the variants is that of stored bytes.
impl Ord for ConsentState {
    fn cmp(&self, other: &ConsentState) -> Ordering {
        self.strictness().cmp(&other.strictness())
    }
}

impl PartialOrd for ConsentState {
    fn partial_cmp(&self, other: &ConsentState) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for ConsentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ConsentState {
    type Err = String;
    fn from_str(text: &str) -> Result<ConsentState, String> {
        [ConsentState::Granted, ConsentState::Withdrawn, ConsentState::Pending]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no state of a consent"))
    }
}

/// A statement about consent, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConsentFact {
    /// The topic's key; `*` for every topic.
    pub topic: String,
    /// The channel; absent for every channel.
    pub channel: Option<Channel>,
    /// Granted or withdrawn.
    pub state: ConsentState,
    /// Where it was said: a form's address, `unsubscribe link`, `import`.
    pub source: String,
    /// The wording shown, if it was recorded.
    #[serde(default)]
    pub wording: Option<String>,
    /// The internet address it came from, if it was recorded.
    #[serde(default)]
    pub ip: Option<String>,
}

/// The consent in force for one topic and channel; which it is says
/// [`crate::consent::Statement::weight`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// What was said, with its evidence.
    pub fact: ConsentFact,
    /// When it was said.
    pub at: Timestamp,
    /// The event that said so.
    pub event: EventId,
}

/// A segment's number: given at its first publish, never used for another.
pub type SegmentNumber = u32;

/// Immutable; of two profiles the one with the lower rank absorbs the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rank {
    /// Priority of the namespace whose alias created the profile; lower is stronger.
    pub priority: u8,
    /// The profile.
    pub id: ProfileId,
}

/// Where a profile stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It is somebody.
    Live,
    /// It was absorbed: everything about it goes there.
    Redirect(crate::state::Holder),
    /// It was erased, then: nothing about it is known, and its number is never used again.
    Erased(Timestamp),
}

/// What the evaluator said about one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentState {
    /// Whether the profile is in it.
    pub inside: bool,
    /// Since when that is so.
    pub since: Timestamp,
    /// The earliest instant at which time alone could change it.
    pub until: Option<Timestamp>,
}

/// What is remembered of a journey when its runs have ended: entry policies rest on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JourneyMemory {
    /// When a run started last.
    pub entered: Timestamp,
    /// When a run ended last.
    pub left: Option<Timestamp>,
    /// Runs started.
    pub count: u32,
}

/// A message that counts against frequency caps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sent {
    /// When it was granted.
    pub at: Timestamp,
    /// By what it travelled.
    pub channel: Channel,
    /// Which message; an attempt that certainly failed is taken back.
    pub message: crate::ids::MessageId,
}

/// A journey entry that waits for the answer to an identity question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldEntry {
    /// The journey.
    pub journey: String,
    /// What the run is about.
    pub key: String,
    /// The properties of the event that caused it.
    pub context: crate::event::Properties,
}

/// The row that is read for nearly every input about a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Who it is, and who absorbs whom.
    pub rank: Rank,
    /// Live or absorbed.
    pub status: Status,
    /// When it was first seen.
    pub created: Timestamp,
    /// What is known.
    #[serde(deserialize_with = "sorted")]
    pub attributes: Attributes,
    /// Its names.
    pub aliases: BTreeSet<Alias>,
    /// Names that merge protection keeps from it.
    pub refused_aliases: BTreeSet<Alias>,
    /// Open identity questions by token: while there are any, no run starts and nothing is granted.
    pub pending: BTreeMap<u128, Alias>,
    /// Consent by topic and channel.
    #[serde(deserialize_with = "sorted")]
    pub consents: LiteMap<(String, Option<Channel>), Consent>,
    /// Addresses of this profile that must not be written to: `email` → address and why.
    pub suppressions: BTreeMap<Alias, Suppression>,
    /// Segments it is in, or that time alone could change.
    #[serde(deserialize_with = "sorted")]
    pub segments: LiteMap<SegmentNumber, SegmentState>,
    /// Walks that go on; their rows are [`crate::state::Key::Run`].
    pub runs: BTreeSet<crate::ids::RunId>,
    /// What entry policies remember.
    pub journeys: BTreeMap<String, JourneyMemory>,
    /// Entries that wait for [`Head::pending`].
    pub held: Vec<HeldEntry>,
    /// Messages granted within the longest cap window.
    pub sent: Vec<Sent>,
    /// Messages that wait to be granted.
    pub open: BTreeSet<crate::ids::MessageId>,
    /// The instant for which a timer is set.
    pub wake: Option<Timestamp>,
}

/// Reads a sorted vector. Not: `LiteMap`'s own way, which makes room for as many entries as the
/// bytes say there are, and a damaged row says anything.
pub(crate) fn sorted<'de, D, K, V>(deserializer: D) -> Result<LiteMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
{
    struct Entries<K, V>(PhantomData<(K, V)>);

    impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for Entries<K, V> {
        type Value = LiteMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut map = LiteMap::with_capacity(entries.size_hint().unwrap_or(0).min(16));
            while let Some((key, value)) = entries.next_entry()? {
                map.insert(key, value);
            }
            Ok(map)
        }
    }

    deserializer.deserialize_map(Entries(PhantomData))
}

impl Head {
    /// A new profile.
    pub fn new(rank: Rank, created: Timestamp) -> Head {
        Head {
            rank,
            status: Status::Live,
            created,
            attributes: LiteMap::new(),
            aliases: BTreeSet::new(),
            refused_aliases: BTreeSet::new(),
            pending: BTreeMap::new(),
            consents: LiteMap::new(),
            suppressions: BTreeMap::new(),
            segments: LiteMap::new(),
            runs: BTreeSet::new(),
            journeys: BTreeMap::new(),
            held: Vec::new(),
            sent: Vec::new(),
            open: BTreeSet::new(),
            wake: None,
        }
    }

    /// The profile.
    pub fn id(&self) -> ProfileId {
        self.rank.id
    }

    /// An attribute that is not removed.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.get(name).map(|a| &a.value).filter(|v| **v != Value::Null)
    }

    /// An address must not be written to. What stops more stands, and of two alike the first, as at
    /// the address's home.
    pub fn suppress(&mut self, address: &Alias, suppression: &Suppression) {
        let first = self.suppressions.get(address);
        if first.is_none_or(|first| !first.stands_before(suppression)) {
            self.suppressions.insert(address.clone(), suppression.clone());
        }
    }

    /// Sets an attribute unless a later fact is known. Says whether the value changed.
    pub fn set(&mut self, name: &str, new: Attribute) -> bool {
        set(&mut self.attributes, name, new)
    }
}

/// Sets an attribute unless a later fact is known. Says whether the value changed.
pub(crate) fn set(attributes: &mut Attributes, name: &str, new: Attribute) -> bool {
    match attributes.get_mut(name) {
        Some(old) if (old.at, old.event) >= (new.at, new.event) => false,
        Some(old) => {
            let changed = old.value != new.value;
            *old = new;
            changed
        }
        None => {
            let changed = new.value != Value::Null;
            attributes.insert(name.to_owned(), new);
            changed
        }
    }
}
