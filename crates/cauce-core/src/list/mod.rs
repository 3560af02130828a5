//! Uploaded lists: names that somebody brought from outside, with what they say of each, for a
//! time.
//!
//! A row of an upload goes to the home of its alias and from there to the profile. What a profile
//! keeps of it stands below the list and the alias, so that two names of one person are two rows.
//! Of two rows for one alias the later upload wins, and within one upload the later row: any order
//! of arrival, and any repetition, ends in the same state.

mod admit;
mod definition;
mod keep;
mod sweep;

pub use admit::{Expiry, RESERVED, Terms, admit};
pub use definition::{Definition, PayloadType, Unknown, check};
pub use sweep::unswept;

use crate::event::Properties;
use crate::ids::ProfileId;
use crate::prelude::*;
use crate::profile::Alias;
use crate::time::Timestamp;
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// What templates and rules call the payload of lists below `profile`.
pub const LISTS: &str = "lists";

/// Which upload: of two the later one holds; of two at one instant the one with the greater id.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Upload {
    /// As of when its source knew what it says.
    pub at: Timestamp,
    /// Tells uploads of one instant apart; the same for a repetition.
    pub id: u128,
}

impl Upload {
    /// Later than every upload.
    pub const END: Upload = Upload { at: Timestamp(i64::MAX), id: u128::MAX };
}

/// Where a row stands among all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Its upload.
    pub upload: Upload,
    /// Its place there, from 1.
    pub row: u64,
}

/// What is said of somebody who is on a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// What the source says of them.
    pub payload: Properties,
    /// From this instant on they are not on it any more.
    pub expires: Option<Timestamp>,
}

/// One row of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The list.
    pub list: String,
    /// Who.
    pub alias: Alias,
    /// Which row of which upload.
    pub stamp: Stamp,
    /// Where it comes from: a file, a system.
    pub source: String,
    /// What is said; absent: they are taken off.
    pub member: Option<Member>,
}

/// What a profile keeps of a row. Without a member it keeps an older row from coming back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which row said so.
    pub stamp: Stamp,
    /// Where it came from.
    pub source: String,
    /// The profile that it first belonged to.
    pub origin: ProfileId,
    /// What is said; absent: taken off, or expired.
    pub member: Option<Member>,
}

impl Entry {
    /// What is said, if it holds at an instant.
    pub fn at(&self, now: Timestamp) -> Option<&Member> {
        self.member.as_ref().filter(|member| member.expires.is_none_or(|end| now < end))
    }
}

/// All lists of one profile: list → alias → entry.
pub type Lists = BTreeMap<String, BTreeMap<Alias, Entry>>;

/// Whether a profile is on a list, and until when time alone leaves it so.
pub fn is_on(lists: Option<&Lists>, list: &str, now: Timestamp) -> (bool, Option<Timestamp>) {
    let mut inside = false;
    let mut until = Some(Timestamp(i64::MIN));
    let entries = lists.and_then(|lists| lists.get(list));
    for member in entries.into_iter().flat_map(|entries| entries.values()) {
        let Some(member) = member.at(now) else { continue };
        inside = true;
        // One that never expires keeps the whole for good.
        until = until.and_then(|until| Some(until.max(member.expires?)));
    }
    (inside, until.filter(|_| inside))
}

/// What a list says of a profile: of several names the one that was said last.
pub fn said<'l>(lists: Option<&'l Lists>, list: &str, now: Timestamp) -> Option<&'l Member> {
    let entries = lists?.get(list)?;
    let holding = entries.iter().filter_map(|(alias, entry)| Some((entry, alias, entry.at(now)?)));
    let last = holding.max_by(|a, b| (a.0.stamp, a.1).cmp(&(b.0.stamp, b.1)));
    last.map(|(_, _, member)| member)
}

/// The payloads of the named lists that a profile is on, as templates see them.
pub fn payloads(
    lists: Option<&Lists>,
    names: &BTreeSet<String>,
    now: Timestamp,
) -> BTreeMap<String, Value> {
    let payload = |name: &String| {
        let member = said(lists, name, now)?;
        Some((name.clone(), Value::Object(member.payload.clone())))
    };
    names.iter().filter_map(payload).collect()
}

/// What a partition knows of one list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListState {
    /// Rows of uploads before this one hold no more: it replaced the list.
    pub floor: Upload,
    /// Profiles with a lower number are swept of what lies below the floor. `Number::MAX`: all.
    pub swept: crate::ids::Number,
    /// Profiles that are on it.
    pub members: u64,
}

/// What a partition knows of its lists, by name.
pub type ListStates = BTreeMap<String, ListState>;

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(entries: &[(&str, i64, Option<i64>)]) -> Lists {
        let entry = |(name, at, expires): &(&str, i64, Option<i64>)| {
            let alias = Alias { namespace: "email".into(), value: (*name).into() };
            let upload = Upload { at: Timestamp(*at), id: 0 };
            let payload = Properties::from([("n".to_owned(), Value::from(*at))]);
            let member = Some(Member { payload, expires: expires.map(Timestamp) });
            let stamp = Stamp { upload, row: 1 };
            (alias, Entry { stamp, source: String::new(), origin: ProfileId(1), member })
        };
        Lists::from([("vip".to_owned(), entries.iter().map(entry).collect())])
    }

    /// Whether they are on it at 100, until when, and what is said then.
    fn check(entries: &[(&str, i64, Option<i64>)], inside: bool, until: Option<i64>, n: i64) {
        let lists = lists(entries);
        let now = Timestamp(100);
        let expected = (inside, until.map(Timestamp));
        assert_eq!(is_on(Some(&lists), "vip", now), expected, "{entries:?}");
        let found = said(Some(&lists), "vip", now).and_then(|m| m.payload.get("n").cloned());
        assert_eq!(found, inside.then(|| Value::from(n)), "{entries:?}");
    }

    #[test]
    fn the_last_word_that_holds_counts() {
        check(&[], false, None, 0);
        check(&[("a", 1, None)], true, None, 1);
        check(&[("a", 1, Some(100))], false, None, 0);
        check(&[("a", 1, Some(101))], true, Some(101), 1);
        check(&[("a", 1, Some(150)), ("b", 2, Some(120))], true, Some(150), 2);
        check(&[("a", 1, None), ("b", 2, Some(120))], true, None, 2);
        check(&[("a", 1, None), ("b", 2, Some(90))], true, None, 1);
    }
}
