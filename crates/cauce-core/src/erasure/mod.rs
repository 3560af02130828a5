//! Being forgotten. What is known of a person goes at once; what stays is a keyed hash of each of
//! their names, so that what comes late is not taken for news, and what they refused stays refused.
//!
//! The wish goes to the home of one name, from there to the profile, and from there to the homes of
//! all its names and to every partition where a part of it once lived. A profile with an open
//! identity question is erased when the question is answered: its other half belongs to it.

mod alias;
mod profile;
mod scrub;
mod trace;

pub(crate) use alias::When;
pub use scrub::wipe;
pub(crate) use scrub::{wipe_outcome, wipe_report};
pub use trace::{Register, names};

use crate::ids::{MessageId, ProfileId};
use crate::message::Channel;
use crate::prelude::*;
use crate::profile::Alias;
use crate::time::Timestamp;
use blake2::Blake2sMac;
use blake2::digest::consts::U16;
use blake2::digest::{KeyInit, Mac};
use core::fmt;
use serde::{Deserialize, Serialize};

/// The key under which names are hashed: without it nobody can try names against the register.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret(pub [u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Secret {
    /// The hash under which a name is remembered.
    pub fn hash(&self, alias: &Alias) -> u128 {
        let mut mac = Blake2sMac::<U16>::new_from_slice(&self.0)
            .expect("keys of BLAKE2s have up to 32 bytes");
        // The length keeps ("ab","c") apart from ("a","bc").
        mac.update(&(alias.namespace.len() as u32).to_le_bytes());
        mac.update(alias.namespace.as_bytes());
        mac.update(alias.value.as_bytes());
        u128::from_be_bytes(mac.finalize().into_bytes().into())
    }
}

/// The wish to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// When it was said: what happened before it is gone.
    pub at: Timestamp,
    /// The key of the register, for homes that have none yet.
    pub secret: Secret,
}

/// A topic that somebody withdrew from, without its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The topic; `*` for all.
    pub topic: String,
    /// The channel; absent for every channel.
    pub channel: Option<Channel>,
    /// When.
    pub at: Timestamp,
}

/// What an alias's home remembers of an erased name, below its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// When.
    pub at: Timestamp,
    /// Why the address must not be written to, and since when: without evidence, which may quote
    /// it.
    pub suppression: Option<(String, Timestamp)>,
    /// What its person had withdrawn from.
    pub withdrawn: Vec<Withdrawn>,
    /// The profile that went, if there was one.
    pub profile: Option<ProfileId>,
}

/// A profile that lived here and is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// When.
    pub at: Timestamp,
    /// Its messages in this ledger, which lost their content: entries of the log that name them go.
    pub messages: Vec<MessageId>,
}

/// Profiles of which this partition's ledger is being cleaned, and how far.
pub type Scrubbing = BTreeMap<ProfileId, MessageId>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_key_namespace_and_value() {
        let hash = |key: u8, namespace: &str, value: &str| {
            let alias = Alias { namespace: namespace.into(), value: value.into() };
            Secret([key; 32]).hash(&alias)
        };
        let one = hash(1, "email", "ana@x.example");
        // A vector: a change here forgets everything that was erased.
        assert_eq!(format!("{one:032x}"), format!("{:032x}", hash(1, "email", "ana@x.example")));
        for other in [
            hash(2, "email", "ana@x.example"),
            hash(1, "emai", "lana@x.example"),
            hash(1, "email", "ana@x.exampl"),
        ] {
            assert_ne!(one, other);
        }
        assert_eq!(format!("{:?}", Secret([7; 32])), "***");
    }
}
