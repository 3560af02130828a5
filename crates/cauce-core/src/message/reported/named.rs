//! Messages by the names that providers give them. Some providers say later what became of a
//! message by their own name for it and by nothing else, and now and then before we know the name.
//!
//! A name has a home, like an alias. When an attempt ends with a provider's name, its home is told
//! which message it stands for; what the provider says goes to the home as well, and waits there if
//! it comes first. In whatever order the two come, the message's ledger hears the same.

use crate::decide::{Decider, name_home};
use crate::delivery::Outcome;
use crate::ids::MessageId;
use crate::input::{Hop, ProviderReport, Report, ReportKind};
use crate::limits;
use crate::message::Channel;
use crate::message::ledger::Message;
use crate::prelude::*;
use crate::sms::links::{LINK, LINKS_OF};
use crate::state::{Key, Row, Rows};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a provider's name stands for, at its home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Named {
    /// A message, or one of its parts.
    Known {
        /// The message.
        message: MessageId,
        /// How many parts it has.
        parts: u16,
        /// When the name is forgotten.
        until: Timestamp,
        /// Whether it was said what became of it: what is said later changes nothing, unless it is
        /// that it arrived.
        settled: bool,
    },
    /// Nothing that is known yet.
    Waiting {
        /// What was said so far.
        reports: Vec<(Timestamp, ReportKind)>,
        /// When it is forgotten.
        until: Timestamp,
    },
    /// A link of a text message, by the token of the short one.
    Link {
        /// The message.
        message: MessageId,
        /// Where it leads.
        target: String,
        /// When it leads nowhere any more.
        until: Timestamp,
    },
    /// The tokens of one text message.
    Links {
        /// The message.
        message: MessageId,
        /// They.
        tokens: BTreeSet<String>,
        /// When they are forgotten.
        until: Timestamp,
    },
}

impl Named {
    fn until(&self) -> Timestamp {
        match self {
            Named::Known { until, .. }
            | Named::Waiting { until, .. }
            | Named::Link { until, .. }
            | Named::Links { until, .. } => *until,
        }
    }
}

/// A provider, and its name for something.
pub type Name = (String, String);

/// The names in an outcome: one for each part, separated by spaces.
fn names(outcome: &Outcome) -> Vec<&str> {
    match outcome {
        Outcome::Accepted { id: Some(ids), .. } => {
            ids.split(' ').filter(|id| !id.is_empty()).take(limits::NAMED_PARTS_MAX).collect()
        }
        _ => Vec::new(),
    }
}

impl<R: Rows> Decider<'_, R> {
    /// An attempt ended with a provider's names: their homes are told what they stand for.
    pub fn name_parts(&mut self, message: &Message, outcome: &Outcome) {
        let Some(attempt) = message.attempts.last() else { return };
        let provider = message.provider_of(attempt).to_owned();
        if !self.catalog.naming.contains(&provider) {
            return;
        }
        let ids = names(outcome);
        let until = message.expires.max(self.now).plus(limits::NAMED_KEPT);
        for id in &ids {
            let to = name_home(&provider, id, self.place.partitions);
            let (provider, id, parts) = (provider.clone(), (*id).to_owned(), ids.len() as u16);
            self.send(to, Hop::Name { provider, id, message: message.id, parts, until });
        }
    }

    /// A message loses its content: its names lead nowhere any more.
    pub fn unname_parts(&mut self, message: &Message) {
        let mut named = BTreeSet::new();
        for attempt in &message.attempts {
            let Some((_, outcome)) = &attempt.ended else { continue };
            let provider = message.provider_of(attempt);
            named.extend(names(outcome).into_iter().map(|id| (provider.to_owned(), id.to_owned())));
        }
        if message.channel == Channel::Sms {
            let (provider, id) = (LINKS_OF.to_owned(), message.id.to_string());
            self.send(message.id.birthplace(), Hop::Unname { provider, id, message: message.id });
        }
        // Without `naming`: the provider may have been published anew since.
        for (provider, id) in named {
            let to = name_home(&provider, &id, self.place.partitions);
            self.send(to, Hop::Unname { provider, id, message: message.id });
        }
    }

    /// At a name's home: which message it stands for. What was said before is said now.
    pub fn named(&mut self, name: Name, message: MessageId, parts: u16, until: Timestamp) {
        let waited = match self.take_name(&name) {
            Some(Named::Waiting { reports, .. }) => reports,
            Some(Named::Known { message: before, .. }) => {
                if before != message {
                    self.work.count("reports name-used-again", 1);
                }
                Vec::new()
            }
            Some(Named::Link { .. } | Named::Links { .. }) | None => Vec::new(),
        };
        self.keep_name(&name, Named::Known { message, parts, until, settled: false });
        for (at, kind) in waited {
            let (provider, id) = name.clone();
            self.provider_reported(&ProviderReport { provider, id, at, kind });
        }
        self.forget_names(limits::NAMES_FORGOTTEN);
    }

    /// At a name's home: its message was to somebody who is forgotten.
    pub fn unnamed(&mut self, name: Name, message: MessageId) {
        let key = Key::Named(name.0.clone(), name.1.clone());
        match self.work.named(&key).as_deref() {
            Some(Named::Known { message: known, .. }) if *known == message => {
                self.take_name(&name);
            }
            Some(Named::Links { message: known, tokens, .. }) if *known == message => {
                for token in tokens {
                    self.take_name(&(LINK.to_owned(), token.clone()));
                }
                self.take_name(&name);
            }
            Some(_) | None => {}
        }
    }

    /// At a name's home: the provider says what became of what it calls so.
    pub fn provider_reported(&mut self, report: &ProviderReport) {
        let name = (report.provider.clone(), report.id.clone());
        let (at, kind) = (report.at, report.kind.clone());
        match self.work.named(&Key::Named(name.0.clone(), name.1.clone())).as_deref().cloned() {
            None => {
                self.work.count("reports waiting", 1);
                let until = self.now.plus(limits::UNNAMED_WAITS);
                self.keep_name(&name, Named::Waiting { reports: vec![(at, kind)], until });
            }
            Some(Named::Waiting { mut reports, until }) => {
                let known = reports.iter().any(|(_, before)| *before == kind);
                if !known && reports.len() < limits::UNNAMED_REPORTS_MAX {
                    reports.push((at, kind));
                    self.keep_name(&name, Named::Waiting { reports, until });
                }
            }
            // That it arrived is heard after anything else; the ledger knows whether that is news.
            Some(Named::Known { settled: true, .. }) if kind != ReportKind::Delivered => {
                self.work.count("reports repeated", 1);
            }
            // No provider has a name that stands for a link.
            Some(Named::Link { .. } | Named::Links { .. }) => {}
            Some(Named::Known { message, parts, until, settled }) => {
                if !settled {
                    self.keep_name(&name, Named::Known { message, parts, until, settled: true });
                }
                let kind = match kind {
                    ReportKind::Delivered if parts > 1 => {
                        ReportKind::PartDelivered { part: name.1, parts }
                    }
                    kind => kind,
                };
                let to = message.birthplace();
                self.send(to, Hop::Report(Report { message, at, kind }));
            }
        }
        self.forget_names(limits::NAMES_FORGOTTEN);
    }

    /// Forgets names whose time is over, at most so many.
    pub fn forget_names(&mut self, limit: usize) {
        for (key, _) in self.work.range(&Key::named_until(self.now), limit) {
            let Key::NamedUntil(_, provider, id) = key else { continue };
            let count = match self.take_name(&(provider, id)) {
                Some(Named::Waiting { .. }) => "reports of-nobody",
                Some(Named::Known { settled: false, .. }) => "reports never-came",
                Some(
                    Named::Known { settled: true, .. } | Named::Link { .. } | Named::Links { .. },
                )
                | None => continue,
            };
            self.work.count(count, 1);
        }
    }

    /// Writes a name's row, and when it goes.
    pub(crate) fn keep_name(&mut self, name: &Name, row: Named) {
        self.take_name(name);
        let (provider, id) = name.clone();
        self.work.put(Key::NamedUntil(row.until(), provider, id), Row::Mark);
        let (provider, id) = name.clone();
        self.work.put(Key::Named(provider, id), Row::Named(Arc::new(row)));
    }

    /// Removes a name's row, and its mark with it.
    fn take_name(&mut self, name: &Name) -> Option<Named> {
        let key = Key::Named(name.0.clone(), name.1.clone());
        let row = self.work.named(&key)?;
        self.work.delete(key);
        let (provider, id) = name.clone();
        self.work.delete(Key::NamedUntil(row.until(), provider, id));
        Some(Named::clone(&row))
    }
}
