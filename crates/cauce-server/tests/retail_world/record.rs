//! What the mail server says that it did, beside what the ledger says of it.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How often each letter (its id, where the server saw one) met an end with an address.
type Ends = BTreeMap<(String, String), u32>;

/// What became of letters, as one of the two has it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Taken, and answered so.
    pub taken: Ends,
    /// The address was refused for good; no letter was seen.
    pub refused: Ends,
    /// The address was to be named again later; no letter was seen.
    pub deferred: Ends,
    /// The letter was there when the connection ended without an answer.
    pub dropped: Ends,
}

fn count(ends: &mut Ends, id: &str, to: &str) {
    *ends.entry((id.to_owned(), to.to_owned())).or_default() += 1;
}

impl Record {
    /// As the mail server wrote it down.
    pub fn written(file: &Path) -> Record {
        let mut record = Record::default();
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let id = line["id"].as_str().unwrap_or_default();
            let id = id.trim_start_matches('<').split('@').next().unwrap();
            let ends = match line["did"].as_str().unwrap() {
                "taken" => &mut record.taken,
                "refused" => &mut record.refused,
                "deferred" => &mut record.deferred,
                "dropped" => &mut record.dropped,
                other => panic!("{other}: {line}"),
            };
            count(ends, id, line["to"].as_str().unwrap());
        }
        record
    }

    /// As the ledger has it: every try, and where its last one left the message.
    pub fn told(ledger: &[Value]) -> Record {
        let mut record = Record::default();
        for message in ledger {
            let id = message["id"].as_str().unwrap();
            let tries = message["attempts"].as_array().unwrap();
            for (nth, one) in tries.iter().enumerate() {
                let outcome = &one["ended"]["outcome"];
                let (ends, id, term) = match (outcome["kind"].as_str(), outcome["code"].as_u64()) {
                    (Some("accepted"), _) => (&mut record.taken, id, "sent"),
                    (Some("unknown"), _) => (&mut record.dropped, id, "unknown"),
                    (Some("refused"), Some(550)) => (&mut record.refused, "", "failed"),
                    (Some("refused"), Some(451)) => (&mut record.deferred, "", "again"),
                    _ => panic!("not what the mail server does: {message}"),
                };
                count(ends, id, one["address"].as_str().unwrap());
                // Only what was put off is tried again, and every other end is the message's.
                let last = nth + 1 == tries.len();
                let put_off = term == "again";
                assert!(last || put_off, "tried again after its end: {message}");
                let end = if put_off { "refused" } else { term };
                assert!(!last || message["term"] == end, "{message}");
            }
        }
        record
    }

    /// The addresses that the server refused for good.
    pub fn gone(&self) -> BTreeSet<String> {
        self.refused.keys().map(|(_, to)| to.clone()).collect()
    }
}

/// The address at which somebody was ever tried, by the id of the profile.
pub fn addresses(ledger: &[Value]) -> BTreeMap<String, String> {
    let named = ledger.iter().filter_map(|message| {
        let tried = message["attempts"].as_array()?.last()?;
        let profile = message["profile"].as_str()?.to_owned();
        Some((profile, tried["address"].as_str()?.to_owned()))
    });
    named.collect()
}
