//! Identifiers and how they are derived: from the place in the log, never from a clock or entropy.

use crate::prelude::*;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// Which of the installation's partitions. The control log has the number [`CONTROL`].
pub type Partition = u16;

/// The number under which the control log (definitions, life cycle of campaigns) is kept.
pub const CONTROL: Partition = u16::MAX;

/// Which brand's world. The first part of every key.
pub type Workspace = u16;

/// The dense number of a profile within its partition; never used again.
pub type Number = u32;

/// A place in one partition's log. A restore starts a new incarnation, so that places are never
/// used twice.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Position {
    /// How many times this log was restored or lost a tail.
    pub incarnation: u16,
    /// Entries before this one.
    pub offset: u64,
}

/// Where an identifier is born: workspace, partition and position of the input that is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The workspace.
    pub workspace: Workspace,
    /// The partition that decides.
    pub partition: Partition,
    /// The input's place.
    pub position: Position,
}

/// Derives the 128 bits of an identifier. Distinct arguments give distinct identifiers: the parts
/// are laid side by side, not hashed.
///
/// `index` counts parts of a batch input, `ordinal` what one part makes.
///
/// Limit: offsets below 2^48.
pub fn derive(origin: Origin, index: u16, ordinal: u16) -> u128 {
    (u128::from(origin.partition) << 112)
        | (u128::from(origin.position.incarnation) << 96)
        | (u128::from(origin.position.offset & 0xffff_ffff_ffff) << 48)
        | (u128::from(index) << 32)
        | (u128::from(ordinal) << 16)
        | u128::from(origin.workspace)
}

/// Hashes bytes to 64 bits, for ever in the same way (xxh3). Splits, jitter and homes rest on it.
pub fn hash64(parts: &[&[u8]]) -> u64 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    for part in parts {
        // The length keeps ("ab","c") apart from ("a","bc").
        hasher.update(&(part.len() as u32).to_le_bytes());
        hasher.update(part);
    }
    hasher.digest()
}

/// Hashes bytes to 128 bits, for ever in the same way (xxh3).
pub fn hash128(parts: &[&[u8]]) -> u128 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    for part in parts {
        hasher.update(&(part.len() as u32).to_le_bytes());
        hasher.update(part);
    }
    hasher.digest128()
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn encode(bits: u128) -> [u8; 26] {
    let mut text = [0; 26];
    for (place, slot) in text.iter_mut().enumerate() {
        let shift = 125 - 5 * place as u32;
        *slot = ALPHABET[(bits >> shift) as usize & 31];
    }
    text
}

fn decode(text: &str) -> Option<u128> {
    if text.len() != 26 {
        return None;
    }
    let mut bits = 0u128;
    for (place, byte) in text.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|a| *a == byte)? as u128;
        if place == 0 && digit > 7 {
            return None;
        }
        bits = (bits << 5) | digit;
    }
    Some(bits)
}

/// Why a text is not an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What the text should have begun with.
    pub prefix: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected `{}_` and 26 letters or digits", self.prefix)
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl $name {
            /// The partition in which this identifier was born.
            pub fn birthplace(self) -> Partition {
                (self.0 >> 112) as Partition
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = encode(self.0);
                write!(f, "{}_{}", $prefix, core::str::from_utf8(&text).unwrap_or_default())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or(Malformed { prefix: $prefix })
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.to_be_bytes().serialize(serializer)
                }
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = String::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    <[u8; 16]>::deserialize(deserializer).map(|b| Self(u128::from_be_bytes(b)))
                }
            }
        }
    };
}

id!(
    /// One person as Cauce knows them. Immutable; hashed for splits, buckets and holdouts.
    ProfileId, "pro"
);
id!(
    /// One thing to one profile on one channel. Names the partition of its ledger row for ever.
    MessageId, "msg"
);
id!(
    /// One profile's walk through a journey.
    RunId, "run"
);
id!(
    /// One fact somebody reported. Derives from the reporter's `messageId` where there is one, so
    /// that a repeated report is the same event on any number of partitions.
    EventId, "evt"
);
id!(
    /// What ties everything that one request caused together.
    TraceId, "trc"
);
id!(
    /// One installation of an app, or one browser, that can be pushed to: a hash of its platform
    /// and token, so that the same token is the same device whoever names it.
    DeviceId, "dev"
);

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed once with the library of xxHash's authors: who is in which bucket, arm and home,
    /// and which event is the same, must not depend on a version of ours.
    #[test]
    fn hashes_are_the_same_for_ever() {
        assert_eq!(hash64(&[b"ab", b"c"]), 7_881_155_913_711_968_751);
        assert_eq!(hash64(&[b"a", b"bc"]), 6_382_347_316_900_652_626);
        let expected = 0x883e_ab12_22ee_f2fe_a4c9_5612_3466_8fb0;
        assert_eq!(hash128(&[b"message-id", b"m-1"]), expected);
        let bucket = |id: u128| hash64(&[b"bucket", b"spring-test", &id.to_be_bytes()]) % 100;
        assert_eq!([1, 2, 3, (1 << 80) + 7].map(bucket), [70, 44, 46, 50]);
    }

    #[test]
    fn text_form_round_trips_and_keeps_order() {
        let origin = Origin {
            workspace: 1,
            partition: 7,
            position: Position { incarnation: 2, offset: 1 << 40 },
        };
        let id = MessageId(derive(origin, 3, 4));
        assert_eq!(id.birthplace(), 7);
        assert_eq!(id.to_string().parse::<MessageId>(), Ok(id));
        let later = MessageId(derive(origin, 3, 5));
        assert!(later > id && later.to_string() > id.to_string());
        assert!("msg_".parse::<MessageId>().is_err());
        assert!(id.to_string().parse::<ProfileId>().is_err());
    }

    #[test]
    fn homes_never_move() {
        // Vectors: a change here moves every alias of every installation.
        assert_eq!(hash64(&[b"user_id", b"42"]), hash64(&[b"user_id", b"42"]));
        assert_ne!(hash64(&[b"ab", b"c"]), hash64(&[b"a", b"bc"]));
    }
}
