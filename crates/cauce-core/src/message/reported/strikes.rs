//! Bounces that are not for ever: counted by address, until they are as good as for ever, or until
//! something arrives.

use crate::decide::{Decider, home};
use crate::decision::Permit;
use crate::delivery::{self, Cause, Said, Stage};
use crate::ids::MessageId;
use crate::input::{Hop, ReportKind, channel_namespace};
use crate::limits;
use crate::message::Channel;
use crate::message::ledger::{Message, State};
use crate::policy::{Reason, Suppression};
use crate::prelude::*;
use crate::profile::{Alias, Head, Status};
use crate::state::{Key, Row, Rows};
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// What one profile's addresses sent back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strikes {
    /// By address.
    pub of: BTreeMap<Alias, Soft>,
}

/// What one address sent back, and what went to it since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Soft {
    /// When a message came back because the mailbox was full or closed.
    pub at: Vec<Timestamp>,
    /// Messages that a provider took since the first of these, and when: each arrived unless it
    /// comes back.
    pub open: Vec<(Timestamp, MessageId)>,
}

/// How long a message that was taken may still come back: five days is how long servers try (RFC
/// 5321, 4.5.4.1). One that did not, arrived.
const PATIENCE: Duration = Duration(5 * Duration::DAY.0);
/// Limit: messages that are watched per address; of more the oldest is forgotten, which can only
/// make a suppression come later.
const OPEN_MAX: usize = 32;

impl Soft {
    /// What arrived takes back what came back before it.
    fn settle(&mut self, now: Timestamp) {
        let arrived = self.open.iter().filter(|(at, _)| now.since(*at) >= PATIENCE);
        if let Some(latest) = arrived.map(|(at, _)| *at).max() {
            self.at.retain(|strike| *strike > latest);
        }
        self.open.retain(|(at, _)| now.since(*at) < PATIENCE);
        self.at.retain(|strike| now.since(*strike) < limits::SOFT_BOUNCES_OVER_MAX);
        if self.at.is_empty() {
            self.open.clear();
        }
    }
}

/// Whether a cause counts: the mailbox is there, and takes nothing.
pub(in crate::message) fn counts(cause: Cause) -> bool {
    match cause {
        Cause::Quota | Cause::Inactive => true,
        Cause::InvalidRecipient
        | Cause::InvalidDomain
        | Cause::Filtered
        | Cause::Throttled
        | Cause::Blocked
        | Cause::Content
        | Cause::Configuration
        | Cause::Transient
        | Cause::Expired
        | Cause::Undetermined
        | Cause::OptedOut => false,
    }
}

/// Why an address is suppressed that took nothing for weeks.
pub const SOFT: &str = "soft-bounces";

/// How long a message waits for the word that its address is not suppressed any more.
const LIFTED_WITHIN: Duration = Duration(5_000);

impl Message {
    /// Why it is a strike, and in which words: the last that counts of what came back for a while,
    /// unless the message arrived after it. One at most of each message, in whatever order it is
    /// told.
    pub(super) fn strike(&self) -> Option<(Cause, &str)> {
        let counting = |(at, kind): &'_ (Timestamp, ReportKind)| {
            soft(kind).is_some_and(|(cause, _)| counts(cause)).then_some(*at)
        };
        let last = self.reports.iter().filter_map(counting).max()?;
        let arrived = |(at, kind): &(Timestamp, ReportKind)| {
            // A telephone that has a text has it.
            *kind == ReportKind::Delivered && (*at > last || self.channel == Channel::Sms)
        };
        if self.reports.iter().any(arrived) {
            return None;
        }
        let found = self.reports.iter().filter(|report| counting(report) == Some(last));
        found.filter_map(|(_, kind)| soft(kind)).next()
    }
}

/// Why a message came back for a while, and in which words; none of what says anything else.
fn soft(kind: &ReportKind) -> Option<(Cause, &str)> {
    match kind {
        ReportKind::Returned { text, hard: false, cause, .. } => Some((*cause, text)),
        ReportKind::Bounced { text, hard: false } => {
            let (stage, code, enhanced) = (Stage::Recipient, 0, None);
            Some((delivery::cause(&Said { stage, code, enhanced, text }), text))
        }
        _ => None,
    }
}

impl<R: Rows> Decider<'_, R> {
    /// After something was said: whether the message is a strike now, when it was one before or
    /// not.
    pub(in crate::message) fn strike_again(&mut self, message: &Message, before: bool) {
        match message.strike() {
            Some((cause, text)) if !before => self.struck(message, cause, text),
            None if before => self.arrived_at(message),
            Some(_) | None => {}
        }
    }

    /// Whether a suppression has had its time.
    pub(in crate::message) fn is_over(&self, suppression: &Suppression) -> bool {
        suppression.reason == SOFT && self.now.since(suppression.at) >= limits::SOFT_SUPPRESSED_FOR
    }

    /// Whether a message has waited for the word of [`Decider::try_again`] already.
    pub(in crate::message) fn was_asked(message: &Message) -> bool {
        matches!(&message.state, State::Queued { put_off: Some(Reason::Suppressed { .. }), .. })
    }

    /// An address was left alone for long enough: its home is told that it is tried again, and the
    /// message waits until that is known here.
    pub(in crate::message) fn try_again(
        &mut self,
        suppression: Suppression,
        head: &Head,
    ) -> Permit {
        let over = head.suppressions.iter().filter(|(_, why)| **why == suppression);
        let over: Vec<Alias> = over.map(|(address, _)| address.clone()).collect();
        for address in over {
            let to = home(&address, self.place.partitions);
            self.send(to, Hop::TryAddress { address });
        }
        let due = self.now.plus(LIFTED_WITHIN);
        Permit::Later { due, reason: Reason::Suppressed { suppression } }
    }

    /// At an address's home: it is tried again, unless it is suppressed for something else by now.
    pub(crate) fn tried(&mut self, address: &Alias) {
        let row = self.work.alias(&Key::Alias(address.clone())).unwrap_or_default();
        match &row.suppression {
            Some(suppression) if self.is_over(suppression) => self.suppress(address, None),
            // Who asked has not heard of it yet.
            other => self.tell_holders(address, &row, other.as_ref()),
        }
    }

    fn strikes(&self, message: &Message) -> Option<(Alias, Strikes)> {
        let namespace = channel_namespace(message.channel)?;
        let attempt = message.attempts.last()?;
        // A profile that was absorbed or erased keeps no address.
        self.head(message.number).filter(|head| head.status == Status::Live)?;
        let address = self.catalog.namespaces.canonical(namespace, &attempt.address).ok()?;
        let strikes = match self.work.get(&Key::Strikes(message.number)) {
            Some(Row::Strikes(strikes)) => Strikes::clone(&strikes),
            _ => Strikes::default(),
        };
        Some((address, strikes))
    }

    fn put_strikes(&mut self, message: &Message, mut strikes: Strikes) {
        strikes.of.retain(|_, soft| !soft.at.is_empty());
        let key = Key::Strikes(message.number);
        if !strikes.of.is_empty() {
            self.work.put(key, Row::Strikes(Arc::new(strikes)));
        } else if self.work.has(&key) {
            self.work.delete(key);
        }
    }

    /// A message came back, and not for ever.
    pub(in crate::message) fn struck(&mut self, message: &Message, cause: Cause, evidence: &str) {
        if !counts(cause) {
            return;
        }
        let Some((address, mut strikes)) = self.strikes(message) else { return };
        let now = self.now;
        let soft = strikes.of.entry(address).or_default();
        soft.open.retain(|(_, open)| *open != message.id);
        soft.settle(now);
        if soft.at.len() < limits::SOFT_BOUNCES_MAX as usize {
            soft.at.push(now);
        }
        let limit = self.catalog.policy.soft_bounces;
        let first = soft.at.iter().min().copied().unwrap_or(now);
        let over = limit.count > 0
            && soft.at.len() >= limit.count as usize
            && now.since(first) >= limit.over;
        if over {
            soft.at.clear();
            let text = format!("{}, and nothing arrived since {first}: {evidence}", cause.as_str());
            self.suppress_address(message, SOFT, &text);
        }
        self.put_strikes(message, strikes);
    }

    /// A provider took a message: it arrived, unless it comes back.
    pub(in crate::message) fn watch_arrival(&mut self, message: &Message) {
        if !self.work.has(&Key::Strikes(message.number)) {
            return;
        }
        let Some((address, mut strikes)) = self.strikes(message) else { return };
        let now = self.now;
        let Some(soft) = strikes.of.get_mut(&address) else { return };
        soft.settle(now);
        if soft.open.len() >= OPEN_MAX {
            soft.open.remove(0);
        }
        soft.open.push((now, message.id));
        self.put_strikes(message, strikes);
    }

    /// A message arrived: the mailbox takes mail again.
    pub(in crate::message) fn arrived_at(&mut self, message: &Message) {
        if !self.work.has(&Key::Strikes(message.number)) {
            return;
        }
        let Some((address, mut strikes)) = self.strikes(message) else { return };
        if strikes.of.remove(&address).is_some() {
            self.put_strikes(message, strikes);
        }
    }
}
