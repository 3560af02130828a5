//! What is said late, twice or against what was said before, and what the ledger makes of it: one
//! truth, whatever came first, and each change of it a step of the message with its reason.

use super::complained::day;
use crate::decide::Decider;
use crate::decision::Effect;
use crate::ids::MessageId;
use crate::input::ReportKind;
use crate::limits;
use crate::message::Channel;
use crate::message::ledger::{Message, Source, State};
use crate::message::life::source_name;
use crate::prelude::*;
use crate::state::{Key, Row, Rows};
use crate::time::{Duration, Timestamp};
use crate::tracking::actor::Actor;

/// Limit: how long after it left a message is said to be delivered; who says a later day means this
/// one. No server tries for longer than five days (RFC 5321, 4.5.4.1).
const DELIVERED_WITHIN: Duration = Duration(7 * Duration::DAY.0);

/// What became of a message after it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It reached the mailbox or the telephone.
    Delivered,
    /// It came back.
    Bounced,
}

impl Arrival {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Arrival::Delivered => "delivered",
            Arrival::Bounced => "bounced",
        }
    }
}

impl ReportKind {
    /// What it says became of the message; none of what says something else, as what its reader
    /// did.
    pub fn arrival(&self) -> Option<Arrival> {
        match self {
            ReportKind::Delivered => Some(Arrival::Delivered),
            ReportKind::Bounced { .. } | ReportKind::Returned { .. } => Some(Arrival::Bounced),
            ReportKind::Complained
            | ReportKind::Opened
            | ReportKind::Clicked { .. }
            | ReportKind::PartDelivered { .. }
            | ReportKind::OptedOut { .. }
            | ReportKind::Underway { .. }
            | ReportKind::Answered
            | ReportKind::Corrected { .. }
            | ReportKind::Fetched(_) => None,
        }
    }
}

/// What became of a message, and when that happened.
pub(super) type Since = (Timestamp, Arrival);

impl Message {
    /// What became of it, as everything that was said comes to; whatever was said first.
    ///
    /// A telephone that has a text has it: a carrier that says so is believed against what it said
    /// before and says later. A mail server took the message before somebody behind it sends it
    /// back, so that of e-mail the later word counts, by the time at which it happened.
    pub fn arrival(&self) -> Option<Arrival> {
        self.arrived().map(|(_, arrival)| arrival)
    }

    /// The same, with the time of the word that counts.
    pub(super) fn arrived(&self) -> Option<Since> {
        let mut last = None;
        for (at, kind) in &self.reports {
            let Some(said) = kind.arrival() else { continue };
            if said == Arrival::Delivered && self.channel == Channel::Sms {
                return Some((*at, said));
            }
            // At one instant it came back: providers tell whole seconds.
            let later = last.is_none_or(|(then, _)| *at > then)
                || last.is_some_and(|(then, _)| *at == then && said == Arrival::Bounced);
            if later {
                last = Some((*at, said));
            }
        }
        last
    }

    /// The place of what was said before in the same words of an earlier time, if what became of
    /// the message depends on the time.
    pub(super) fn said_earlier(&self, at: Timestamp, said: &ReportKind) -> Option<usize> {
        let arrives = said.arrival().is_some() && self.channel != Channel::Sms;
        let earlier = |(then, kind): &(Timestamp, ReportKind)| kind == said && *then < at;
        self.reports.iter().position(earlier).filter(|_| arrives)
    }

    /// Whether it is certain that it left, whatever its attempts came to. Not of a push: one device
    /// that has it says nothing of the others.
    pub(in crate::message) fn has_left(&self) -> bool {
        if self.channel == Channel::Push {
            return false;
        }
        self.reports.iter().any(|(_, kind)| shows_that_it_left(kind))
    }

    fn was_delivered(&self) -> bool {
        self.reports.iter().any(|(_, kind)| *kind == ReportKind::Delivered)
    }
}

/// Whether only somebody who has the message, or had it, can cause this.
fn shows_that_it_left(kind: &ReportKind) -> bool {
    match kind {
        // Also of what came back behind whoever took it.
        ReportKind::Delivered => true,
        ReportKind::Complained | ReportKind::Answered | ReportKind::Opened => true,
        ReportKind::Fetched(fetch) => fetch.actor == Actor::Human,
        ReportKind::Bounced { .. }
        | ReportKind::Returned { .. }
        | ReportKind::Clicked { .. }
        | ReportKind::PartDelivered { .. }
        | ReportKind::OptedOut { .. }
        | ReportKind::Underway { .. }
        | ReportKind::Corrected { .. } => false,
    }
}

impl<R: Rows> Decider<'_, R> {
    /// After something was said: what it changes of what was thought. `before` is what had become
    /// of the message until then.
    pub(super) fn correct(&mut self, id: MessageId, before: Option<Since>) {
        let Some(message) = self.work.message(&Key::Message(id)) else { return };
        let after = message.arrived();
        self.recount_delivered(&message, before, after);
        if let (Some((_, before)), Some((_, after))) = (before, after)
            && before != after
        {
            let why = match after {
                Arrival::Delivered => "it arrived after it had come back",
                Arrival::Bounced => "it came back after it was called delivered",
            };
            self.note_correction(message.id, before.as_str(), after.as_str(), why);
        }
        if message.has_left() {
            self.left_after_all(id);
        }
    }

    /// A delivered message counts on the day of the word that says so. So it is taken away where it
    /// was added, whenever that is heard.
    fn recount_delivered(
        &mut self,
        message: &Message,
        before: Option<Since>,
        after: Option<Since>,
    ) {
        let on = |since: Option<Since>| match since {
            Some((at, Arrival::Delivered)) => Some(delivered_on(message, at)),
            Some((_, Arrival::Bounced)) | None => None,
        };
        let (before, after) = (on(before), on(after));
        if before == after {
            return;
        }
        if let Some(day) = before {
            self.count_trust_on(message, day, |counts| {
                counts.delivered = counts.delivered.saturating_sub(1);
            });
        }
        if let Some(day) = after {
            self.count_trust_on(message, day, |counts| counts.delivered += 1);
        }
    }

    /// A message that we held for failed, unknown or still to be sent has left.
    pub(in crate::message) fn left_after_all(&mut self, id: MessageId) {
        let Some(message) = self.work.message(&Key::Message(id)) else { return };
        if message.channel == Channel::Push {
            return;
        }
        let was = match &message.state {
            State::Accepted { .. } => return,
            // Of a message that was never tried nobody can know.
            _ if message.tries() == 0 => return,
            // The end of this attempt tells; what has not begun of it must not begin.
            State::Attempting { .. } => {
                self.effects.push(Effect::Revoke(id));
                return;
            }
            State::Queued { .. } => "queued",
            State::Refused { .. } => "refused",
            State::Failed { .. } => "failed",
            State::Unknown { .. } => "unknown",
        };
        self.accept_after_all(&message, was);
    }

    /// It has left, whatever it was held for.
    pub(in crate::message) fn accept_after_all(&mut self, message: &Message, was: &str) {
        self.uncount_end(message);
        self.remember_sent(message);
        // When it was, and not when that is known: what is delivered of a day was accepted by then.
        let left = message.attempts.last().map_or(self.now, |attempt| attempt.granted);
        self.count_trust_on(message, day(left), |counts| counts.accepted += 1);
        let why = match message.was_delivered() {
            true => "it is reported as delivered",
            false => "its reader has it",
        };
        self.note_correction(message.id, was, "accepted", why);
        let at = self.now;
        self.end_message(message.id, State::Accepted { at });
    }

    /// A message's end was none: what was counted of it is taken back.
    pub(in crate::message) fn uncount_end(&mut self, message: &Message) {
        if !message.state.ended() {
            return;
        }
        let (term, source) = (message.state.term().as_str(), source_name(&message.source));
        self.work.discount(&format!("messages.{term} {source}"));
        let mark = Key::DeadLetter(message.id);
        if self.work.has(&mark) {
            self.work.delete(mark);
        }
        let State::Refused { reason, .. } = &message.state else { return };
        self.work.discount(&format!("refused {}", reason.code()));
        if let Source::Campaign { id, .. } = &message.source {
            self.campaign_moved(*id, |part| {
                if let Some(count) = part.refusals.get_mut(reason.code()) {
                    *count = count.saturating_sub(1);
                }
                part.refusals.retain(|_, count| *count > 0);
            });
        }
    }

    fn note_correction(&mut self, id: MessageId, was: &str, is: &str, why: &str) {
        let Some(mut message) = self.work.message(&Key::Message(id)) else { return };
        let corrected = |kind: &ReportKind| matches!(kind, ReportKind::Corrected { .. });
        // Limit: a provider that says two things in turn, for ever, is counted and fills no row.
        if message.reports.iter().filter(|(_, kind)| corrected(kind)).count() < limits::REPORTS_MAX
        {
            let kind = ReportKind::Corrected { was: was.into(), is: is.into(), why: why.into() };
            Arc::make_mut(&mut message).reports.push((self.now, kind));
        }
        self.work.count(&format!("reports corrected {was} {is}"), 1);
        self.work.put(Key::Message(id), Row::Message(message));
    }
}

/// The day on which a message counts as delivered. No clock of a provider puts that before it left,
/// or far into the future.
fn delivered_on(message: &Message, at: Timestamp) -> u32 {
    let left = message.attempts.iter().map(|attempt| attempt.granted).min();
    let left = left.unwrap_or(message.created);
    day(at.clamp(left, left.plus(DELIVERED_WITHIN)))
}

/// Whether what is said of a text message comes after its end was said: carriers tell late and
/// twice. Only that it arrived is heard after that it did not.
pub(super) fn is_settled(message: &Message, said: &ReportKind) -> bool {
    let is_end =
        |kind: &ReportKind| kind.arrival().is_some() || matches!(kind, ReportKind::OptedOut { .. });
    let arrives = matches!(said, ReportKind::Delivered | ReportKind::PartDelivered { .. });
    let ends = || message.reports.iter().map(|(_, kind)| kind).filter(|kind| is_end(kind));
    let stands = |kind: &ReportKind| {
        matches!(kind, ReportKind::Delivered | ReportKind::OptedOut { .. }) || !arrives
    };
    (is_end(said) || arrives) && ends().any(stands)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Number, ProfileId, TraceId};
    use crate::message::Class;

    fn message(channel: Channel, said: &[(i64, &str)]) -> Message {
        let kind = |word: &str| match word {
            "delivered" => ReportKind::Delivered,
            "part" => ReportKind::PartDelivered { part: "p".into(), parts: 2 },
            "stop" => ReportKind::OptedOut { text: String::new() },
            _ => ReportKind::Bounced { text: "no".into(), hard: false },
        };
        Message {
            id: MessageId(1),
            profile: ProfileId(1),
            number: Number::default(),
            channel,
            class: Class::Bulk,
            template: ("t".into(), 1),
            topic: None,
            source: Source::Api { key: None },
            context: BTreeMap::new(),
            path: "p".into(),
            created: Timestamp(0),
            expires: Timestamp(1),
            state: State::Accepted { at: Timestamp(0) },
            attempts: Vec::new(),
            reports: said.iter().map(|(at, word)| (Timestamp(*at), kind(word))).collect(),
            trace: TraceId::default(),
        }
    }

    #[test]
    fn of_mail_the_later_word_counts_and_a_telephone_that_has_a_text_has_it() {
        use Arrival::{Bounced, Delivered};
        let check = |said: &[(i64, &str)], mail: Option<Arrival>, text: Option<Arrival>| {
            assert_eq!(message(Channel::Email, said).arrival(), mail, "{said:?}");
            assert_eq!(message(Channel::Sms, said).arrival(), text, "{said:?}");
        };
        check(&[], None, None);
        check(&[(1, "delivered")], Some(Delivered), Some(Delivered));
        check(&[(1, "delivered"), (2, "bounced")], Some(Bounced), Some(Delivered));
        check(&[(1, "bounced"), (2, "delivered")], Some(Delivered), Some(Delivered));
        // Told late: the time at which it happened counts.
        check(&[(2, "bounced"), (1, "delivered")], Some(Bounced), Some(Delivered));
        check(&[(2, "delivered"), (1, "bounced")], Some(Delivered), Some(Delivered));
        check(&[(1, "delivered"), (1, "bounced")], Some(Bounced), Some(Delivered));
        check(&[(1, "bounced"), (1, "delivered")], Some(Bounced), Some(Delivered));
        check(&[(1, "bounced"), (2, "part")], Some(Bounced), Some(Bounced));
    }

    #[test]
    fn after_its_end_only_an_arrival_is_heard() {
        let settled = |said: &[(i64, &str)], word: &str| {
            let kind = message(Channel::Sms, &[(0, word)]).reports[0].1.clone();
            is_settled(&message(Channel::Sms, said), &kind)
        };
        assert!(!settled(&[], "bounced") && !settled(&[], "delivered"));
        assert!(settled(&[(1, "delivered")], "bounced"));
        assert!(settled(&[(1, "delivered")], "part"));
        assert!(settled(&[(1, "stop")], "delivered"));
        assert!(settled(&[(1, "bounced")], "bounced"));
        assert!(!settled(&[(1, "bounced")], "delivered"));
        assert!(!settled(&[(1, "bounced")], "part"));
    }
}
