//! A mailbox provider whose readers call too much of what a domain sends spam gets no more
//! marketing of it for the time being: whoever goes on there loses its place in every mailbox.

use super::Reason;
use crate::catalog::Catalog;
use crate::delivery::mailboxes::{self, Hosts};
use crate::message::ledger::Message;
use crate::message::{Channel, Class};
use crate::prelude::*;
use crate::sender::bulk::{Counts, MailboxDay, Rules, Standing};
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// When a message is asked for again that waits for such a pause to end: a person ends it.
pub const ASKED_AGAIN: Duration = Duration(30 * Duration::MINUTE.0);
/// Limit: pauses at once; of more the later ones are not heard, and said again.
pub const PAUSES_MAX: usize = 1_024;

/// The domain of a From address, and a mailbox provider.
pub type Pair = (String, String);

/// Whose marketing to whom is paused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pauses {
    /// By whose marketing and to whom.
    pub of: BTreeMap<Pair, Paused>,
}

/// What one partition knows of mailbox providers: whose marketing waits, and whose servers take the
/// mail of which domains.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The pauses.
    pub pauses: Arc<Pauses>,
    /// The domains.
    pub hosts: Arc<Hosts>,
}

/// A pause, and what led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// Since when.
    pub since: Timestamp,
    /// What was counted on that day.
    pub counts: Counts,
}

/// Of an e-mail that is marketing: whose it is and where it goes. Nothing of anything else: a
/// receipt is not what people complain about, and they wait for it.
pub fn about(
    (catalog, hosts): (&Catalog, &Hosts),
    message: &Message,
    address: &str,
) -> Option<(String, &'static str)> {
    let marketing = message.channel == Channel::Email && message.class != Class::Transactional;
    // Of somebody who was erased no address is left.
    if !marketing || address.is_empty() {
        return None;
    }
    let template = catalog.templates.get(&message.template.0);
    let sender = template.and_then(|template| template.sender.as_deref());
    let domain = catalog.sender_domain(sender)?.to_owned();
    Some((domain, hosts.mailbox(&mailboxes::domain(address))))
}

/// Judges a message to an address.
pub fn judge(
    known: &Known,
    catalog: &Catalog,
    message: &Message,
    address: &str,
) -> Result<(), Reason> {
    if known.pauses.of.is_empty() {
        return Ok(());
    }
    let about = about((catalog, &known.hosts), message, address);
    let Some((domain, mailbox)) = about else { return Ok(()) };
    let key = (domain, mailbox.to_owned());
    let Some(Paused { since, counts }) = known.pauses.of.get(&key) else { return Ok(()) };
    let (domain, mailbox) = key;
    let (complaints, among) = (counts.complaints, counts.among());
    Err(Reason::Complaints { domain, mailbox, complaints, among, since: *since })
}

/// What one partition counted, and what it holds.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// What is paused there.
    pub pauses: Arc<Pauses>,
    /// Day by day.
    pub days: Vec<(u32, Pair, MailboxDay)>,
}

/// What all partitions counted, by day.
pub fn sum(parts: &[Part]) -> BTreeMap<(u32, Pair), MailboxDay> {
    let mut sum: BTreeMap<(u32, Pair), MailboxDay> = BTreeMap::new();
    for (day, pair, counted) in parts.iter().flat_map(|part| &part.days) {
        let all = sum.entry((*day, pair.clone())).or_default();
        all.counts.add(&counted.counts);
        all.forgiven.add(&counted.forgiven);
    }
    sum
}

/// What all partitions together come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weighed {
    /// What is paused in any of them.
    pub paused: BTreeMap<Pair, Paused>,
    /// What was counted today, or within two days where that stands worse, and how it stands.
    pub today: BTreeMap<Pair, (Counts, Standing)>,
    /// What has to be said to all of them: pauses that today's counts ask for, and those that only
    /// some have heard of, because a process ended in between.
    pub wanted: BTreeMap<Pair, Counts>,
}

/// Weighs what all partitions counted. No partition can: each sees a small share of it.
///
/// A reader complains on the day after as well: what came in the evening is judged with what was
/// sent then. And today alone too, so that a good yesterday does not hide a bad today.
pub fn weigh(rules: &Rules, parts: &[Part], today: u32) -> Weighed {
    let mut weighed = Weighed::default();
    for (pair, paused) in parts.iter().flat_map(|part| &part.pauses.of) {
        weighed.paused.entry(pair.clone()).or_insert(*paused);
        if parts.iter().any(|part| !part.pauses.of.contains_key(pair)) {
            weighed.wanted.insert(pair.clone(), paused.counts);
        }
    }
    let days = sum(parts);
    for ((day, pair), counted) in &days {
        if *day != today {
            continue;
        }
        let (own, mut both) = (counted.fresh(), counted.fresh());
        if let Some(before) = days.get(&(today.saturating_sub(1), pair.clone())) {
            both.add(&before.fresh());
        }
        let judged = |counts: Counts| (rules.judge_counts(&pair.1, &counts), counts);
        let (standing, counts) = match (judged(own), judged(both)) {
            (today, both) if both.0 > today.0 => both,
            (today, _) => today,
        };
        let pair = pair.clone();
        if standing == Standing::Pause && !weighed.paused.contains_key(&pair) {
            weighed.wanted.insert(pair.clone(), counts);
        }
        weighed.today.insert(pair, (counts, standing));
    }
    weighed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> Pair {
        ("shop.example".to_owned(), "google".to_owned())
    }

    fn counted(day: u32, accepted: u64, complaints: u64) -> Part {
        let counts = Counts { accepted, delivered: 0, complaints };
        let counted = MailboxDay { counts, ..MailboxDay::default() };
        Part { pauses: Arc::default(), days: vec![(day, pair(), counted)] }
    }

    fn paused(mut part: Part) -> Part {
        let counts = Counts { accepted: 5_000, delivered: 0, complaints: 15 };
        let of = BTreeMap::from([(pair(), Paused { since: Timestamp(1), counts })]);
        part.pauses = Arc::new(Pauses { of });
        part
    }

    #[test]
    fn shares_are_judged_over_all_partitions_and_one_day() {
        let rules = Rules::shipped();
        let check = |parts: &[Part], standing: Standing, said: usize| {
            let Weighed { today, wanted, .. } = weigh(&rules, parts, 7);
            assert_eq!(today[&pair()].1, standing);
            assert_eq!(wanted.len(), said);
        };
        // No partition alone has seen enough.
        check(&[counted(7, 600, 2), counted(7, 600, 2)], Standing::Pause, 1);
        check(&[counted(7, 1_000, 2), counted(7, 1_000, 3)], Standing::Alert, 0);
        // Sent in the evening, and called spam after midnight.
        check(&[counted(6, 100_000, 0), counted(7, 0, 1_000)], Standing::Pause, 1);
        // A good day does not hide a bad one, and what was long ago is over.
        check(&[counted(6, 1_000_000, 0), counted(7, 1_000, 4)], Standing::Pause, 1);
        check(&[counted(7, 1_000, 0), counted(5, 1_000, 9)], Standing::Fine, 0);
        // Said once, and again to those who have not heard it.
        check(&[paused(counted(7, 600, 2)), paused(counted(7, 600, 2))], Standing::Pause, 0);
        check(&[paused(counted(7, 600, 2)), counted(7, 600, 2)], Standing::Pause, 1);
    }

    #[test]
    fn what_was_forgiven_is_not_held_against_it_again() {
        let mut part = counted(7, 3_000, 9);
        part.days[0].2.forgiven = Counts { accepted: 2_000, delivered: 0, complaints: 9 };
        let Weighed { today, wanted, .. } = weigh(&Rules::shipped(), &[part], 7);
        assert_eq!(today[&pair()].0, Counts { accepted: 1_000, delivered: 0, complaints: 0 });
        assert!(wanted.is_empty());
    }
}
