//! What the large mailbox providers ask of whoever writes to many: before it leaves, and after.
//!
//! Their figures are in a dated file. Google and Yahoo publish 0.10 % and 0.30 %; Microsoft and
//! Apple publish none, and get the same.

use super::{Finding, Weight, is_aligned};
use crate::diagnostic::Diagnostic;
use crate::prelude::*;
use crate::publish::SenderSource;
use serde::{Deserialize, Serialize};

/// The figures of one mailbox provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mailbox {
    /// Its name.
    pub name: String,
    /// Complaints among a million delivered messages from which somebody should look.
    pub alert_per_million: u64,
    /// Complaints among a million from which marketing stops.
    pub pause_per_million: u64,
}

/// The figures of all of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rules {
    /// When they were collected.
    pub as_of: String,
    /// From where.
    pub sources: Vec<String>,
    /// By mailbox provider; `other` is for all that are not named.
    pub mailboxes: Vec<Mailbox>,
    /// Delivered messages below which a share says nothing.
    pub delivered_min: u64,
    /// Complaints below which a share says nothing: one or two may be a slip of a finger.
    pub complaints_min: u64,
}

/// What was counted of marketing to one mailbox provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Messages that a server took.
    pub accepted: u64,
    /// Messages that reached the mailbox, as far as somebody reports that.
    pub delivered: u64,
    /// Readers who called it spam.
    pub complaints: u64,
}

impl Counts {
    /// Among how many messages complaints are counted: those that reached the mailbox, where that
    /// is reported for most; else those that were taken.
    pub fn among(&self) -> u64 {
        if self.delivered.saturating_mul(2) >= self.accepted {
            self.delivered
        } else {
            self.accepted
        }
    }

    /// Both together.
    pub fn add(&mut self, other: &Counts) {
        self.accepted += other.accepted;
        self.delivered += other.delivered;
        self.complaints += other.complaints;
    }

    /// What came since others.
    #[must_use]
    pub fn less(&self, other: &Counts) -> Counts {
        Counts {
            accepted: self.accepted.saturating_sub(other.accepted),
            delivered: self.delivered.saturating_sub(other.delivered),
            complaints: self.complaints.saturating_sub(other.complaints),
        }
    }
}

/// What one partition counted of one domain, mailbox provider and day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailboxDay {
    /// All of the day.
    pub counts: Counts,
    /// As much as there was when somebody let marketing go on: it is not held against it again.
    pub forgiven: Counts,
}

impl MailboxDay {
    /// What is judged.
    pub fn fresh(&self) -> Counts {
        self.counts.less(&self.forgiven)
    }
}

/// What a share of complaints asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nothing.
    Fine,
    /// That somebody looks.
    Alert,
    /// That marketing stops. Never what somebody asked for: a receipt is not what people complain
    /// about, and they wait for it.
    Pause,
}

impl Rules {
    /// The rules that ship.
    pub fn shipped() -> Rules {
        serde_json::from_str(include_str!("bulk-senders.json")).expect("a test reads the file")
    }

    /// The figures of a mailbox provider.
    pub fn of(&self, mailbox: &str) -> Option<&Mailbox> {
        let named = self.mailboxes.iter().find(|one| one.name == mailbox);
        named.or_else(|| self.mailboxes.iter().find(|one| one.name == "other"))
    }

    /// How what was counted on a day stands.
    pub fn judge_counts(&self, mailbox: &str, counts: &Counts) -> Standing {
        self.judge(mailbox, counts.among(), counts.complaints)
    }

    /// How complaints among so many delivered messages stand.
    pub fn judge(&self, mailbox: &str, delivered: u64, complaints: u64) -> Standing {
        let Some(own) = self.of(mailbox) else { return Standing::Fine };
        if delivered < self.delivered_min || complaints < self.complaints_min {
            return Standing::Fine;
        }
        let reaches = |limit: u64| {
            u128::from(complaints) * 1_000_000 >= u128::from(limit) * u128::from(delivered)
        };
        if reaches(own.pause_per_million) {
            Standing::Pause
        } else if reaches(own.alert_per_million) {
            Standing::Alert
        } else {
            Standing::Fine
        }
    }
}

/// What can be said of a sender of marketing without asking anybody: where one of these stands,
/// large providers refuse or hide what it sends to many.
pub fn before(path: &str, sender: &SenderSource) -> Vec<Diagnostic> {
    let own = sender.from.address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let mut found = Vec::new();
    let signs = |domain: &Option<String>| {
        domain.as_deref().is_none_or(|domain| is_aligned(domain, own, false))
    };
    if sender.dkim.is_empty() {
        let message = "signs nothing (DKIM), which Gmail, Yahoo and Outlook ask of bulk senders";
        let fault = Diagnostic::warning(format!("{path}.dkim"), "bulk-unsigned", message);
        found.push(fault.hint("add a key under `dkim`; `cauce doctor` says what to publish"));
    } else if !sender.dkim.iter().any(|dkim| signs(&dkim.domain)) {
        let message = format!("has no signature of the house of `{own}`, so DMARC counts none");
        let fault = Diagnostic::warning(format!("{path}.dkim"), "bulk-unaligned", message);
        found.push(fault.hint("leave `domain` out, or sign for a domain of the same house"));
    }
    if let Some(domain) = &sender.return_path_domain
        && !is_aligned(domain, own, false)
    {
        let message =
            format!("lets bounces return to another house than `{own}`: SPF is not aligned");
        let at = format!("{path}.return-path-domain");
        let fault = Diagnostic::warning(at, "bulk-return-path", message);
        found.push(fault.hint(format!("use a name below `{own}`")));
    }
    found
}

/// What keeps a campaign from starting, of all that an examination found: what the large providers
/// refuse mail for. A return path or a page that is ill is bad, and no reason to refuse.
pub fn barring(findings: &[Finding]) -> Vec<&Finding> {
    let refused = ["spf", "dkim", "dmarc", "ptr"];
    let bars =
        |one: &&Finding| one.weight == Weight::Error && refused.contains(&one.about.as_str());
    findings.iter().filter(bars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_judged_at_their_limits() {
        let rules = Rules::shipped();
        assert!(rules.as_of.starts_with("2026-") && !rules.sources.is_empty());
        let check = |mailbox: &str, delivered: u64, complaints: u64, standing: Standing| {
            let found = rules.judge(mailbox, delivered, complaints);
            assert_eq!(found, standing, "{mailbox} {complaints}/{delivered}");
        };
        check("google", 10_000, 9, Standing::Fine);
        check("google", 10_000, 10, Standing::Alert);
        check("google", 10_000, 29, Standing::Alert);
        check("google", 10_000, 30, Standing::Pause);
        check("nobody", 10_000, 30, Standing::Pause);
        check("google", 999, 900, Standing::Fine);
        check("google", 1_000, 2, Standing::Fine);
        check("google", 1_000, 3, Standing::Pause);
        check("yahoo", u64::MAX, u64::MAX, Standing::Pause);
        check("yahoo", 0, 0, Standing::Fine);
    }

    #[test]
    fn the_share_is_among_what_arrived_where_that_is_known() {
        let check = |accepted, delivered, among| {
            assert_eq!(Counts { accepted, delivered, complaints: 0 }.among(), among);
        };
        check(100, 0, 100);
        check(100, 90, 90);
        check(100, 10, 100);
        check(0, 0, 0);
    }
}
