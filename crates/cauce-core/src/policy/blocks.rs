//! A mailbox provider that refuses what a domain sends, for what the domain is: marketing to it
//! pauses until a person has looked. Every further refusal costs reputation, and none of those
//! readers is to blame.

use super::Reason;
use super::complaints::{PAUSES_MAX, Pair};
use crate::delivery::{Cause, Outcome, Verdict, classify};
use crate::prelude::*;
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// The window is this slice and the one before it.
const SLICE: Duration = Duration(15 * Duration::MINUTE.0);
/// Refusals within the window below which a share says nothing.
pub const REFUSED_MIN: u64 = 10;
/// Refusals among a hundred answers from which marketing stops. Nobody publishes a figure; ours. A
/// sender in good standing sees fewer than one in a hundred, one whose authentication is broken
/// sees nothing else.
const REFUSED_PER_CENT: u64 = 20;
/// Limit: characters of the server's words that are kept.
const TEXT_MAX: usize = 300;
/// Limit: pairs that are counted at once; of more the later ones are not.
const PAIRS_MAX: usize = 256;

/// What was answered lately, and what is paused for it.
///
/// A process has one for all partitions together: it hears every answer, and says to each partition
/// what pauses. Each partition has one of its own as a row. It counts what it sees by itself, which
/// alone is rarely enough, but is not forgotten with the process; and what is paused is kept there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocks {
    /// By the domain of the From address and the mailbox provider; only those that refused
    /// something lately.
    pub lately: BTreeMap<Pair, Lately>,
    /// Whose marketing to whom is paused.
    pub of: BTreeMap<Pair, Blocked>,
}

/// Answers of one mailbox provider to one domain's marketing, since the first refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lately {
    /// When the slice began.
    since: Timestamp,
    /// Taken and refused in it, and in the one before.
    counts: [(u64, u64); 2],
}

/// A pause, and what led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// Since when.
    pub since: Timestamp,
    /// Refusals.
    pub refused: u64,
    /// Among so many answers.
    pub among: u64,
    /// What the mailbox provider's server said last, without addresses.
    pub text: String,
}

/// What an answer to marketing says of whose it is; nothing, if it says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Word {
    /// It was taken.
    Taken,
    /// It was refused for reputation, policy or authentication, in these words.
    Refused(String),
}

/// Reads an outcome.
pub fn word(outcome: &Outcome) -> Option<Word> {
    match (classify(outcome), outcome) {
        (Verdict::Accepted, _) => Some(Word::Taken),
        (
            Verdict::Failed { cause: Cause::Blocked, .. }
            | Verdict::Retry { cause: Cause::Blocked, .. },
            Outcome::Refused { code, text, .. },
        ) => Some(Word::Refused(without_addresses(*code, text))),
        _ => None,
    }
}

fn without_addresses(code: u16, text: &str) -> String {
    let words = text.split_whitespace();
    let words: Vec<&str> =
        words.map(|word| if word.contains('@') { "<address>" } else { word }).collect();
    let words = words.join(" ");
    let shown = if code == 0 { words } else { format!("{code} {words}") };
    shown.chars().take(TEXT_MAX).collect()
}

impl Blocks {
    /// Whether an answer would change anything: in a workspace to which nobody refuses anything
    /// nothing is written down.
    pub fn hears(&self, pair: &Pair, word: &Word) -> bool {
        *word != Word::Taken || self.lately.contains_key(pair)
    }

    /// Hears an answer; what pauses from now on.
    pub fn hear(&mut self, pair: &Pair, word: &Word, now: Timestamp) -> Option<&Blocked> {
        let pauses = self.hears(pair, word) && self.count(pair, word, now);
        self.of.get(pair).filter(|_| pauses)
    }

    /// Counts an answer; whether marketing pauses from now on.
    pub fn count(&mut self, pair: &Pair, word: &Word, now: Timestamp) -> bool {
        self.lately.retain(|_, one| now.since(one.since) < SLICE.times(2));
        if *word == Word::Taken && !self.lately.contains_key(pair) {
            return false; // what there was is too old by now
        }
        if !self.lately.contains_key(pair) && self.lately.len() >= PAIRS_MAX {
            return false;
        }
        let begun = Lately { since: now, ..Lately::default() };
        let one = self.lately.entry(pair.clone()).or_insert(begun);
        if now.since(one.since) >= SLICE {
            one.counts = [(0, 0), one.counts[0]];
            one.since = now;
        }
        match word {
            Word::Taken => one.counts[0].0 += 1,
            Word::Refused(_) => one.counts[0].1 += 1,
        }
        let refused: u64 = one.counts.iter().map(|slice| slice.1).sum();
        if refused == 0 {
            // Nothing to weigh any more: what is taken is not written down again.
            self.lately.remove(pair);
            return false;
        }
        let among: u64 = one.counts.iter().map(|slice| slice.0 + slice.1).sum();
        let stops = refused >= REFUSED_MIN && refused * 100 >= among * REFUSED_PER_CENT;
        let Word::Refused(text) = word else { return false };
        let room = self.of.len() < PAUSES_MAX;
        if !stops || !room || self.of.contains_key(pair) {
            return false;
        }
        let blocked = Blocked { since: now, refused, among, text: text.clone() };
        self.of.insert(pair.clone(), blocked);
        true
    }

    /// It goes on, and what was refused so far is not held against it; whether it was paused.
    pub fn resume(&mut self, pair: &Pair) -> bool {
        self.lately.remove(pair);
        self.of.remove(pair).is_some()
    }

    /// Judges marketing of a domain to a mailbox provider.
    pub fn judge(&self, pair: &Pair) -> Result<(), Reason> {
        let Some(Blocked { since, refused, among, text }) = self.of.get(pair) else {
            return Ok(());
        };
        let (domain, mailbox) = pair.clone();
        let (since, refused, among, text) = (*since, *refused, *among, text.clone());
        Err(Reason::Blocked { domain, mailbox, refused, among, text, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{Enhanced, Stage};

    fn pair() -> Pair {
        ("shop.example".to_owned(), "google".to_owned())
    }

    fn refused(code: u16, enhanced: Enhanced, text: &str) -> Outcome {
        let (stage, enhanced, text) = (Stage::Content, Some(enhanced), text.to_owned());
        Outcome::Refused { stage, code, enhanced, text, retry_after_s: None }
    }

    /// Answers one a second; after how many of them marketing pauses.
    fn pauses_after(answers: &[bool], every: i64) -> Option<usize> {
        let mut blocks = Blocks::default();
        for (n, good) in answers.iter().enumerate() {
            let word = if *good { Word::Taken } else { Word::Refused("550 5.7.26 no".into()) };
            let now = Timestamp(n as i64 * every);
            if blocks.hears(&pair(), &word) && blocks.count(&pair(), &word, now) {
                return Some(n + 1);
            }
        }
        None
    }

    #[test]
    fn refusals_of_what_we_are_stop_marketing_and_a_few_do_not() {
        assert_eq!(pauses_after(&[false; 50], 1_000), Some(10), "a broken DMARC");
        let mut blocks = Blocks::default();
        let at = |minutes| Timestamp(Duration::MINUTE.0 * minutes);
        assert!(!blocks.count(&pair(), &Word::Refused("554 no".into()), at(0)));
        assert!(!blocks.count(&pair(), &Word::Taken, at(1)) && blocks.lately.len() == 1);
        for minutes in [20, 40, 600] {
            blocks.count(&pair(), &Word::Taken, at(minutes));
        }
        assert_eq!(blocks, Blocks::default(), "one refusal is not written for ever");
        let mixed = |bad: usize| -> Vec<bool> { (0..1_000).map(|n| n % 100 >= bad).collect() };
        assert_eq!(pauses_after(&mixed(1), 1_000), None);
        assert_eq!(pauses_after(&mixed(5), 1_000), None);
        assert!(pauses_after(&mixed(30), 1_000).is_some());
        let hour = Duration::HOUR.0;
        assert_eq!(pauses_after(&[false; 50], hour), None, "one an hour is no wave");
    }

    #[test]
    fn over_all_partitions_ten_are_ten() {
        const PARTITIONS: usize = 64;
        let mut each = vec![Blocks::default(); PARTITIONS];
        let mut all = Blocks::default();
        let word = Word::Refused("550 5.7.26 no".into());
        let mut pauses = (0..).filter(|n| {
            let now = Timestamp(*n);
            let part = &mut each[*n as usize * 7 % PARTITIONS];
            assert_eq!(part.hear(&pair(), &word, now), None, "no partition knows");
            all.hear(&pair(), &word, now).is_some()
        });
        assert_eq!(pauses.next(), Some(REFUSED_MIN as i64 - 1));
        drop(pauses);
        let blocked = &all.of[&pair()];
        assert_eq!((blocked.refused, blocked.among), (REFUSED_MIN, REFUSED_MIN));
    }

    #[test]
    fn a_pause_is_said_with_the_servers_words_and_ends_by_a_person() {
        let mut blocks = Blocks::default();
        let text = "5.7.26 Unauthenticated email from ada@shop.example is not accepted";
        let word = word(&refused(550, Enhanced(5, 7, 26), text)).unwrap();
        let paused = (0..20).filter(|n| blocks.count(&pair(), &word, Timestamp(*n))).count();
        assert_eq!(paused, 1, "once");
        let said = blocks.judge(&pair()).unwrap_err().to_string();
        assert!(said.contains("10 of 10") && said.contains("550 5.7.26 Unauth"), "{said}");
        assert!(said.contains("<address>") && !said.contains("ada@"), "{said}");
        let other = ("shop.example".to_owned(), "yahoo".to_owned());
        assert_eq!(blocks.judge(&other), Ok(()));
        assert!(blocks.resume(&pair()));
        assert_eq!(blocks.judge(&pair()), Ok(()));
        assert!(!blocks.count(&pair(), &word, Timestamp(30)), "counted anew");
    }

    #[test]
    fn what_is_said_of_an_address_is_no_block() {
        let check = |outcome: Outcome, expected: Option<bool>| {
            let found = word(&outcome).map(|word| word != Word::Taken);
            assert_eq!(found, expected, "{outcome:?}");
        };
        check(refused(550, Enhanced(5, 7, 1), "blocked"), Some(true));
        check(refused(421, Enhanced(4, 7, 0), "suspicious"), Some(true));
        check(refused(550, Enhanced(5, 1, 1), "user unknown"), None);
        check(refused(452, Enhanced(4, 2, 2), "mailbox full"), None);
        check(Outcome::Accepted { id: None, text: String::new() }, Some(false));
        check(Outcome::Unreachable { text: String::new() }, None);
    }
}
