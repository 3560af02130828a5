//! The only file that spells an encoding: rows and inputs as bytes.
//!
//! A version byte, then postcard. A row is upgraded when it is read; a version that is not known is
//! an error that names it, so that an older binary never reads half of a newer row.

use crate::Error;
use cauce_core::input::Input;
use cauce_core::state::Row;
use core::cell::Cell;
use postcard::ser_flavors::Flavor;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version that this code writes.
pub const VERSION: u8 = 1;

/// Writes a value: version byte, then postcard.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    thread_local! {
        // Most rows are a few bytes: they are written here and then take just the room they need.
        static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    }
    let mut scratch = SCRATCH.take();
    scratch.clear();
    scratch.push(VERSION);
    let scratch = postcard::serialize_with_flavor(value, Bytes(scratch))
        .expect("in-memory encoding of our own types has no failing case");
    let bytes = scratch.as_slice().to_vec();
    SCRATCH.set(scratch);
    bytes
}

/// Where postcard writes; its own form for what extends does so a byte at a time.
struct Bytes(Vec<u8>);

impl Flavor for Bytes {
    type Output = Vec<u8>;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
}

/// Reads what [`encode`] wrote.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, Error> {
    match bytes.split_first() {
        Some((&VERSION, rest)) => postcard::from_bytes(rest)
            .map_err(|cause| Error::Unreadable { what: what.to_owned(), cause: cause.to_string() }),
        Some((version, _)) => Err(Error::Unreadable {
            what: what.to_owned(),
            cause: format!("format {version}; this program knows {VERSION}"),
        }),
        None => Err(Error::Unreadable { what: what.to_owned(), cause: "empty".to_owned() }),
    }
}

/// Reads a row.
pub fn row(bytes: &[u8]) -> Result<Row, Error> {
    decode(bytes, "row")
}

/// Reads an input.
pub fn input(bytes: &[u8]) -> Result<Input, Error> {
    decode(bytes, "input")
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::delivery::Outcome;
    use cauce_core::message::ledger::Attempt;
    use cauce_core::policy::Suppression;
    use cauce_core::time::Timestamp;

    /// An attempt as it was written before grants said who carries it.
    #[derive(Serialize)]
    struct Old {
        number: u32,
        granted: Timestamp,
        address: String,
        ended: Option<(Timestamp, Outcome)>,
    }

    #[test]
    fn attempts_of_any_age_are_read() {
        let ended = Some((Timestamp(9), Outcome::Unreachable { text: "no route".into() }));
        for ended in [None, ended] {
            let (number, granted, address) = (3, Timestamp(7), "ana@x.example".to_owned());
            let old =
                encode(&Old { number, granted, address: address.clone(), ended: ended.clone() });
            let mut attempt = Attempt { number, granted, address, provider: None, ended };
            assert_eq!(decode::<Attempt>(&old, "attempt").unwrap(), attempt);
            assert_eq!(encode(&attempt), old, "what was read is written as it was");
            attempt.provider = Some("spare".to_owned());
            let new = encode(&attempt);
            assert_eq!(decode::<Attempt>(&new, "attempt").unwrap(), attempt);
        }
    }

    #[test]
    fn what_a_suppression_stops_is_in_no_row() {
        let (reason, evidence, at) = ("complaint".to_owned(), "so".to_owned(), Timestamp(7));
        let old = encode(&(&reason, &evidence, at));
        let suppression = Suppression { reason, evidence, at };
        assert_eq!(encode(&suppression), old);
        assert_eq!(decode::<Suppression>(&old, "suppression").unwrap(), suppression);
    }
}
