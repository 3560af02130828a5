//! How a try is written down: as it always was, and behind it who carried it.
//!
//! The end of an attempt used to be an option: 0 open, 1 ended. Two further forms stand behind
//! those, so that a row of any age is read, and a program that does not know them stops at their
//! number instead of reading half of a row.

use super::ledger::Attempt;
use crate::delivery::Outcome;
use crate::prelude::*;
use crate::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize)]
struct Written<'a> {
    number: u32,
    granted: Timestamp,
    address: &'a str,
    end: End<&'a str, &'a Outcome>,
}

#[derive(Deserialize)]
struct Read {
    number: u32,
    granted: Timestamp,
    address: String,
    end: End<String, Outcome>,
}

#[derive(Serialize, Deserialize)]
enum End<P, O> {
    Open,
    Ended(Timestamp, O),
    OpenBy(P),
    EndedBy(P, Timestamp, O),
}

/// What people read: no form of ours shows.
#[derive(Serialize, Deserialize)]
struct Shown {
    number: u32,
    granted: Timestamp,
    address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    ended: Option<(Timestamp, Outcome)>,
}

impl Serialize for Attempt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Attempt { number, granted, address, provider, ended } = self;
        if serializer.is_human_readable() {
            let (number, granted, address) = (*number, *granted, address.clone());
            let (provider, ended) = (provider.clone(), ended.clone());
            return Shown { number, granted, address, provider, ended }.serialize(serializer);
        }
        let end = match (provider.as_deref(), ended) {
            (None, None) => End::Open,
            (None, Some((at, outcome))) => End::Ended(*at, outcome),
            (Some(provider), None) => End::OpenBy(provider),
            (Some(provider), Some((at, outcome))) => End::EndedBy(provider, *at, outcome),
        };
        Written { number: *number, granted: *granted, address, end }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Attempt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Attempt, D::Error> {
        if deserializer.is_human_readable() {
            let Shown { number, granted, address, provider, ended } =
                Shown::deserialize(deserializer)?;
            return Ok(Attempt { number, granted, address, provider, ended });
        }
        let Read { number, granted, address, end } = Read::deserialize(deserializer)?;
        let (provider, ended) = match end {
            End::Open => (None, None),
            End::Ended(at, outcome) => (None, Some((at, outcome))),
            End::OpenBy(provider) => (Some(provider), None),
            End::EndedBy(provider, at, outcome) => (Some(provider), Some((at, outcome))),
        };
        Ok(Attempt { number, granted, address, provider, ended })
    }
}
