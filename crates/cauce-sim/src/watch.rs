//! What is checked the moment it happens: every hand-over, by rules written down a second time.

pub mod paces;

use crate::machine::{Flight, Machine};
use cauce_core::campaign::Stand;
use cauce_core::decision::{Effect, HandOver};
use cauce_core::delivery::{Outcome, mailboxes};
use cauce_core::device::fates;
use cauce_core::ids::Partition as Number;
use cauce_core::message::Class;
use cauce_core::message::ledger::{Attempt, Message, Source, State};
use cauce_core::profile::{Alias, Consent, ConsentState, Head, Status};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Duration;

/// What is counted of messages that leave once an operator lets a restored machine send again.
pub const AFTER_RESTORE: &str = "messages handed over after a restore";

impl Machine {
    /// Looks at what a decision told the world.
    pub fn watch(&mut self, number: Number, effect: &Effect) {
        match effect {
            Effect::HandOver(handed) => self.handed_over(number, handed),
            Effect::Revoke(message) => {
                if let Some(flight) = self.flights.get_mut(message) {
                    flight.revoked = true;
                }
            }
            Effect::Note(note) => {
                // Limit: every profile and message of a life exists, so these are losses.
                let lost = matches!(note.code.as_str(), "unknown-profile" | "unknown-message");
                if lost && !self.forgetful {
                    self.violated(format!("{}: {}", note.code, note.text));
                }
            }
            Effect::Membership(_)
            | Effect::Hop { .. }
            | Effect::Queued { .. }
            | Effect::WakeAt(_)
            | Effect::Answered { .. }
            | Effect::Heard { .. }
            | Effect::Replied { .. }
            | Effect::For(_) => {}
        }
    }

    fn handed_over(&mut self, number: Number, handed: &HandOver) {
        self.tally.count("messages handed over", 1);
        if self.forgetful {
            self.tally.count(AFTER_RESTORE, 1);
            let twice = self.provider.took_since(handed.message);
            self.tally.count("handed over that had left since the backup", u64::from(twice));
        }
        let rows = self.partitions[usize::from(number)].rows();
        let message = match rows.get(&Key::Message(handed.message)) {
            Some(Row::Message(message)) => message,
            _ => return self.violated(format!("{} has no ledger row", handed.message)),
        };
        let head = match rows.get(&Key::Head(message.number)) {
            Some(Row::Head(head)) => head,
            _ => return self.violated(format!("{} has no profile", handed.message)),
        };
        let paused = match rows.get(&Key::Meta) {
            Some(Row::Meta(meta)) => meta.paused.is_some(),
            _ => false,
        };
        let mut faults = forbidden(&head, &message, handed);
        if paused {
            faults.push("sending is paused".to_owned());
        }
        faults.extend(self.refused_there(number, &message, handed));
        if let Source::Campaign { id, .. } = &message.source
            && let Some(Row::Campaign(part)) = rows.get(&Key::Campaign(*id))
            && part.stand == Stand::Cancelled
        {
            faults.push(format!("campaign {id} was cancelled"));
        }
        let open = message.attempts.iter().filter(|attempt| attempt.ended.is_none()).count();
        if open != 1 || !matches!(message.state, State::Attempting { .. }) {
            faults.push(format!("{open} open attempts"));
        }
        if self.provider.is_another(&message) {
            faults.push("another message had its id".to_owned());
        }
        // One device may have it, and another be tried again.
        let here = |attempt: &Attempt| {
            handed.targets.is_empty()
                || fates::devices(attempt)
                    .any(|device| handed.targets.iter().any(|target| target.device == device))
        };
        let lost = |attempt: &Attempt| {
            matches!(attempt.ended, Some((_, Outcome::Unknown { .. }))) && here(attempt)
        };
        if message.class != Class::Transactional && message.attempts.iter().any(lost) {
            faults.push("an earlier attempt may have left".to_owned());
        }
        let beside = self.flights.values().filter(|f| f.handed.provider() == handed.provider());
        if beside.count() >= self.shape.window {
            faults.push(format!("the window of {} is full", handed.provider()));
        }
        faults.extend(self.paces.exceeded(handed, self.flights.values()));
        if !self.provider.revived.contains(&handed.message) {
            faults.extend(too_soon(&message));
        }
        for fault in faults {
            self.violated(format!("{} handed over: {fault}", handed.message));
        }
        let flight = Flight {
            partition: number,
            handed: handed.clone(),
            revoked: false,
            outcome: None,
            told: false,
        };
        if self.flights.insert(handed.message, flight).is_some() {
            self.violated(format!("{} has two open attempts", handed.message));
        }
    }

    /// That it is marketing to a mailbox provider that refuses it. A life has one sender.
    fn refused_there(
        &self,
        number: Number,
        message: &Message,
        handed: &HandOver,
    ) -> Option<String> {
        let rows = self.partitions[usize::from(number)].rows();
        let Some(Row::Blocks(blocks)) = rows.get(&Key::Blocks) else { return None };
        let to = mailboxes::mailbox(&mailboxes::domain(&handed.address));
        let paused = blocks.of.keys().any(|(_, mailbox)| mailbox == to);
        let marketing = message.class != Class::Transactional;
        (paused && marketing).then(|| format!("{to} refuses marketing"))
    }
}

/// That a provider is asked again before the time for which its last answer asked. Another one is
/// asked at once.
fn too_soon(message: &Message) -> Option<String> {
    let [.., last, open] = message.attempts.as_slice() else { return None };
    if message.provider_of(last) != message.provider_of(open) {
        return None;
    }
    let (at, Outcome::Refused { retry_after_s: Some(wait), .. }) = last.ended.as_ref()? else {
        return None;
    };
    let early = open.granted < at.plus(Duration::SECOND.times(i64::from(*wait)));
    early.then(|| format!("asked to wait for {wait} s at {at}, tried at {}", open.granted))
}

/// Why this message must not leave; written without a look at `permit`.
fn forbidden(head: &Head, message: &Message, handed: &HandOver) -> Vec<String> {
    let mut faults = Vec::new();
    if head.status != Status::Live {
        faults.push("its profile was absorbed".to_owned());
    }
    if !head.pending.is_empty() {
        faults.push("an identity question is open".to_owned());
    }
    let address =
        Alias { namespace: "email".to_owned(), value: handed.address.trim().to_lowercase() };
    // What says no to marketing alone; whatever else is said of an address stops everything.
    let of_marketing = ["complaint", "unsubscribed", "manual-marketing", "soft-bounces"];
    let why = head.suppressions.get(&address).map(|known| known.reason.as_str());
    let asked_for = message.class == Class::Transactional;
    if let Some(why) = why.filter(|why| !asked_for || !of_marketing.contains(why)) {
        faults.push(format!("{address} is suppressed: {why}"));
    }
    if asked_for {
        return faults;
    }
    let topic = message.topic.as_deref().unwrap_or("*");
    let about = |name: &str| {
        // What is said of one channel says nothing of another.
        let here = |c: &&Consent| c.fact.channel.is_none_or(|channel| channel == message.channel);
        let said = head.consents.values().filter(|c| c.fact.topic == name).filter(here);
        said.max_by_key(|c| (c.at, c.fact.state))
    };
    let (own, all) = (about(topic), about("*"));
    let granted = |c: Option<&Consent>| c.is_some_and(|c| c.fact.state == ConsentState::Granted);
    let withdrawn =
        |c: Option<&Consent>| c.is_some_and(|c| c.fact.state == ConsentState::Withdrawn);
    if withdrawn(own) {
        faults.push(format!("consent to {topic} was withdrawn"));
    }
    let later = own.zip(all).is_some_and(|(own, all)| own.at > all.at);
    if withdrawn(all) && !(granted(own) && later) {
        faults.push("consent to everything was withdrawn".to_owned());
    }
    if !granted(own) && !granted(all) {
        faults.push(format!("nobody consented to {topic}"));
    }
    faults
}
