//! What was said about a message after it left, and what follows for its address and its person.

mod blocked;
pub mod complained;
mod corrected;
mod engaged;
mod held;
pub mod named;
mod strikes;
mod told;

pub use corrected::Arrival;
pub use engaged::{ENGAGED, Settling, counter};
pub use held::{Guard, HARD};
pub use strikes::{SOFT, Soft, Strikes};
pub use told::ENDS;

use super::Channel;
use super::ledger::Message;
use crate::decide::{Decider, home};
use crate::decision::Effect;
use crate::erasure::wipe_report;
use crate::ids::{MessageId, Number};
use crate::input::{Hop, Report, ReportKind};
use crate::limits;
use crate::policy::{COMPLAINT, Suppression};
use crate::prelude::*;
use crate::profile::{Alias, ConsentFact, ConsentState, Head, Status};
use crate::route::warmth::complained_counter;
use crate::sms::inbound::{EVERY_SENDER, scope};
use crate::state::{AliasRow, Key, Row, Rows};
use crate::time::Timestamp;
use crate::value::Value;
use told::engagement;

impl<R: Rows> Decider<'_, R> {
    /// Somebody said something about a message.
    pub fn reported(&mut self, report: &Report) {
        let Some(mut message) = self.ledger(report.message, || Hop::Report(report.clone())) else {
            return;
        };
        if message.channel == Channel::Sms && corrected::is_settled(&message, &report.kind) {
            return;
        }
        let mut report = report.clone();
        if self.is_wiped(&message) {
            wipe_report(&mut report.kind);
        }
        if let Some(place) = message.said_earlier(report.at, &report.kind) {
            return self.said_of_later(message, place, &report);
        }
        if is_old(&message, &report.kind) {
            return;
        }
        if let ReportKind::Fetched(fetch) = report.kind {
            self.fetched(message, report.at, fetch);
            return;
        }
        let (before, struck) = (message.arrived(), message.strike().is_some());
        Arc::make_mut(&mut message).reports.push((report.at, report.kind.clone()));
        self.work.put(Key::Message(message.id), Row::Message(message.clone()));
        if let ReportKind::PartDelivered { parts, .. } = &report.kind {
            if told::parts_delivered(&message) >= usize::from(*parts) {
                let kind = ReportKind::Delivered;
                self.reported(&Report { message: message.id, at: report.at, kind });
            }
            return;
        }
        self.follow_report(&message, &report.kind);
        self.strike_again(&message, struck);
        self.correct(message.id, before);
        let Some((name, details)) = event_of(&report.kind) else { return };
        self.work.count(&format!("reports {name}"), 1);
        let mut properties = engagement(&message);
        let details = details.into_iter().map(|(key, value)| (key.to_owned(), Value::from(value)));
        properties.extend(details);
        let event = self.own_event(name, properties, Vec::new());
        self.tell_profile(&message, event);
    }

    /// The same was said before of an earlier time. It is no second event, but of two that
    /// contradict each other the later one counts: in whatever order they come, all end alike.
    fn said_of_later(&mut self, mut message: Arc<Message>, place: usize, report: &Report) {
        let (before, struck) = (message.arrived(), message.strike().is_some());
        if let Some(known) = Arc::make_mut(&mut message).reports.get_mut(place) {
            known.0 = report.at;
        }
        self.work.put(Key::Message(message.id), Row::Message(message.clone()));
        if report.kind == ReportKind::Delivered {
            self.follow_report(&message, &report.kind);
        }
        self.strike_again(&message, struck);
        self.correct(message.id, before);
    }

    /// What a report means for the address.
    fn follow_report(&mut self, message: &Message, kind: &ReportKind) {
        match kind {
            ReportKind::Bounced { text, hard: true }
            | ReportKind::Returned { text, hard: true, .. } => {
                self.suppress_address(message, HARD, text);
            }
            ReportKind::Returned { hard: false, cause, .. } => {
                self.work.count(&format!("returned {}", cause.as_str()), 1);
            }
            ReportKind::Complained => {
                self.count_trust(message, |counts| counts.complaints += 1);
                self.count_reply(message, complained_counter, self.now);
                self.suppress_address(message, COMPLAINT, "reported as spam");
            }
            ReportKind::OptedOut { .. } => self.opted_out(message),
            // Told late: it came back since.
            ReportKind::Delivered if message.arrival() != Some(Arrival::Delivered) => {}
            ReportKind::Delivered
            | ReportKind::Answered
            | ReportKind::Opened
            | ReportKind::Clicked { .. } => self.arrived_at(message),
            ReportKind::Bounced { hard: false, .. }
            | ReportKind::PartDelivered { .. }
            | ReportKind::Underway { .. }
            | ReportKind::Corrected { .. }
            | ReportKind::Fetched(_) => {}
        }
    }

    /// A statement about consent through a message's link.
    pub fn consented(&mut self, id: MessageId, facts: &[ConsentFact]) {
        let hop = || Hop::Consent { message: id, facts: facts.to_vec() };
        let Some(message) = self.ledger(id, hop) else { return };
        self.effects.push(Effect::Revoke(id));
        let withdrawn = facts.iter().any(|fact| fact.state == ConsentState::Withdrawn);
        let name = if withdrawn { "unsubscribed" } else { "subscribed" };
        let mut properties = engagement(&message);
        // One fact for all channels and one for this are about one topic.
        let mut topics: Vec<&str> = facts.iter().map(|fact| fact.topic.as_str()).collect();
        topics.dedup();
        let topics = topics.into_iter().map(Value::from).collect();
        properties.insert("topics".to_owned(), Value::Array(topics));
        let event = self.own_event(name, properties, facts.to_vec());
        self.work.count(&format!("reports {name}"), 1);
        self.tell_profile(&message, event);
    }

    /// The person ended a sender at its carrier: what they said there holds here as well.
    pub(in crate::message) fn opted_out(&mut self, message: &Message) {
        let template = self.catalog.templates.get(&message.template.0);
        let sender = template.and_then(|template| template.sender.clone());
        let fact = ConsentFact {
            topic: sender.map_or_else(|| EVERY_SENDER.to_owned(), |name| scope(&name)),
            channel: Some(message.channel),
            state: ConsentState::Withdrawn,
            source: "carrier".to_owned(),
            wording: None,
            ip: None,
        };
        let event = self.own_event("unsubscribed", engagement(message), vec![fact]);
        self.tell_profile(message, event);
    }

    /// Suppresses the address that a message went to.
    pub(in crate::message) fn suppress_address(
        &mut self,
        message: &Message,
        reason: &str,
        evidence: &str,
    ) {
        let Some(namespace) = crate::input::channel_namespace(message.channel) else { return };
        let Some(attempt) = message.attempts.last() else { return };
        let namespaces = &self.catalog.namespaces;
        let Ok(address) = namespaces.canonical(namespace, &attempt.address) else { return };
        let suppression =
            Suppression { reason: reason.to_owned(), evidence: evidence.to_owned(), at: self.now };
        if reason == HARD {
            self.tell_answer(message.channel, &attempt.address, Some(address.clone()));
        }
        if self.is_guarded(&address, reason) {
            let to = home(&address, self.place.partitions);
            self.send(to, Hop::Hold { address, suppression });
            return;
        }
        self.set_suppression(message.number, &address, &suppression);
        let to = home(&address, self.place.partitions);
        self.send(to, Hop::Suppress { address, suppression: Some(suppression) });
    }

    /// At an address's home: it is suppressed, or no longer; everybody who uses it is told.
    pub fn suppress(&mut self, address: &Alias, suppression: Option<&Suppression>) {
        let row = self.work.alias(&Key::Alias(address.clone())).unwrap_or_default();
        if let (Some(old), Some(new)) = (&row.suppression, suppression)
            && old.stands_before(new)
        {
            let old = old.clone();
            return self.stand_behind(address, &old, new);
        }
        if let Some(new) = suppression
            && self.is_guarded(address, &new.reason)
        {
            // It was said before the guard went up, and comes here after it. A complaint stays.
            self.hold(address, new.clone());
            self.tell_holders(address, &row, row.suppression.as_ref());
            return;
        }
        if let Some(mut erased) = self.erased(address)
            && (suppression.is_none() || row.holder.is_none() && row.watchers.is_empty())
        {
            // Known by its hash only, and so it stays: without evidence, which may quote it.
            let why = suppression.map(|why| (why.reason.clone(), why.at));
            let hash = Arc::make_mut(&mut erased);
            hash.suppression = why.map(|why| stricter(hash.suppression.clone(), why));
            self.remember_erased(address, erased);
            if row.holder.is_none() && row.watchers.is_empty() {
                return;
            }
        }
        let count = if suppression.is_some() { "suppressions.set" } else { "suppressions.lifted" };
        self.work.count(count, 1);
        match (suppression, row.suppression.clone()) {
            (Some(new), Some(old)) => self.stand_behind(address, new, &old),
            (Some(_), None) => {}
            // Whoever lifts it lifts all of it.
            (None, _) => drop(self.take_behind(address)),
        }
        self.put_suppression(address, row, suppression);
    }

    fn put_suppression(
        &mut self,
        address: &Alias,
        mut row: Arc<AliasRow>,
        suppression: Option<&Suppression>,
    ) {
        Arc::make_mut(&mut row).suppression = suppression.cloned();
        self.tell_holders(address, &row, suppression);
        self.work.put(Key::Alias(address.clone()), Row::Alias(row));
    }

    /// Something is known of a profile's address: it stands, unless what is known already does.
    pub fn set_suppression(&mut self, number: Number, address: &Alias, suppression: &Suppression) {
        let open = self.change_live(number, |head| head.suppress(address, suppression));
        self.revoke_all(number, open);
    }

    /// The home of a profile's address says how it is suppressed, or that it is not: so it is.
    pub fn home_says(
        &mut self,
        number: Number,
        address: &Alias,
        suppression: Option<&Suppression>,
    ) {
        let Some(suppression) = suppression else {
            self.change_live(number, |head| drop(head.suppressions.remove(address)));
            return self.reach_changed(number);
        };
        let word = suppression.clone();
        let open = self.change_live(number, |head| {
            head.suppressions.insert(address.clone(), word);
        });
        self.revoke_all(number, open);
    }

    /// Changes a profile that lives; the messages of it that are open.
    fn change_live(&mut self, number: Number, change: impl FnOnce(&mut Head)) -> Vec<MessageId> {
        let open = self.change_head(number, |head| {
            // An attempt may end after its profile is gone.
            if head.status == Status::Live {
                change(head);
            }
            head.open.iter().copied().collect()
        });
        open.unwrap_or_default()
    }

    fn revoke_all(&mut self, number: Number, open: Vec<MessageId>) {
        self.effects.extend(open.into_iter().map(Effect::Revoke));
        self.reach_changed(number);
    }
}

/// Of two reasons for the hash of an address that nobody uses, the one that stands.
fn stricter(
    known: Option<(String, Timestamp)>,
    (reason, at): (String, Timestamp),
) -> (String, Timestamp) {
    let word = |(reason, at): (String, Timestamp)| {
        let evidence = String::new();
        Suppression { reason, evidence, at }
    };
    let new = word((reason, at));
    let stands = known.map(word).filter(|known| known.stands_before(&new)).unwrap_or(new);
    (stands.reason, stands.at)
}

/// Whether a report says nothing that its message did not hear before, or has no room for.
fn is_old(message: &Message, kind: &ReportKind) -> bool {
    let heard = &message.reports;
    let engages = |kind: &ReportKind| {
        matches!(kind, ReportKind::Clicked { .. } | ReportKind::Opened | ReportKind::Fetched(_))
    };
    if engages(kind) {
        return heard.len() >= limits::ENGAGEMENTS_MAX;
    }
    // A mailbox in a loop says the same in ever new words. What ends an address is heard once more.
    let ends = |kind: &ReportKind| match kind {
        ReportKind::Bounced { hard: true, .. } | ReportKind::Returned { hard: true, .. } => Some(0),
        ReportKind::Complained => Some(1),
        ReportKind::OptedOut { .. } => Some(2),
        _ => None,
    };
    // What we conclude ourselves takes nobody's room.
    let own = |kind: &ReportKind| matches!(kind, ReportKind::Corrected { .. });
    let said = heard.iter().filter(|(_, kind)| !engages(kind) && !own(kind)).count();
    let full = said >= limits::REPORTS_MAX;
    let first = ends(kind).is_some() && heard.iter().all(|(_, old)| ends(old) != ends(kind));
    heard.iter().any(|(_, old)| old == kind) || (full && !first)
}

/// The event that a report is on the timeline, and what it says besides.
fn event_of(kind: &ReportKind) -> Option<(&'static str, Vec<(&'static str, &str)>)> {
    Some(match kind {
        ReportKind::Delivered => ("message_delivered", vec![]),
        ReportKind::Opened => ("message_opened", vec![]),
        ReportKind::Clicked { url } => ("message_clicked", vec![("url", url)]),
        ReportKind::Complained => ("message_complained", vec![]),
        ReportKind::Bounced { text, .. } => ("message_bounced", vec![("text", text)]),
        ReportKind::Returned { text, cause, hard, .. } => {
            let hard = if *hard { "hard" } else { "soft" };
            let said = vec![("text", text.as_str()), ("cause", cause.as_str()), ("kind", hard)];
            ("message_bounced", said)
        }
        ReportKind::Answered => ("message_answered", vec![]),
        ReportKind::OptedOut { text } => ("message_opted_out", vec![("text", text)]),
        // Nobody needs to hear that nothing happened yet; the ledger has it.
        ReportKind::PartDelivered { .. }
        | ReportKind::Underway { .. }
        | ReportKind::Corrected { .. }
        | ReportKind::Fetched(_) => return None,
    })
}
