//! The different values of a property, by when each was seen last.

use crate::ids::hash128;
use crate::limits::DISTINCT_MAX;
use crate::prelude::*;
use crate::time::Timestamp;
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// The values seen last, one more than are told apart.
///
/// Invariant: a value that was dropped was seen last no later than any that is kept. So if the
/// oldest that is kept has left the window, the dropped ones have too, and the count is exact; and
/// if it has not, there are more than are told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recent(BTreeMap<u128, Timestamp>);

impl Recent {
    pub fn add(&mut self, value: &Value, at: Timestamp) {
        // The JSON text tells the text "42" from the number.
        let name = hash128(&[b"value", value.to_string().as_bytes()]);
        let seen = self.0.entry(name).or_insert(at);
        *seen = at.max(*seen);
        if self.0.len() > DISTINCT_MAX + 1
            && let Some((oldest, _)) = self.0.iter().min_by_key(|(name, at)| (**at, **name))
        {
            let oldest = *oldest;
            self.0.remove(&oldest);
        }
    }

    /// How many are inside, and when the one was seen that leaves first.
    pub fn count(&self, edge: Option<Timestamp>) -> (u64, Option<Timestamp>) {
        let inside = self.0.values().filter(|at| edge.is_none_or(|edge| **at > edge));
        (inside.clone().count() as u64, inside.min().copied())
    }
}
