//! What a provider's answer means. By reason and not by class: most permanent refusals of the real
//! world are the sender's fault and say nothing about the address.
//!
//! Sources: RFC 3463 and the IANA registry of enhanced status codes; the classes follow
//! KumoMTA's published table; the observation that 63 % of class-5 bounces are not hard is
//! Sisimai's on its public set of e-mails.

use super::outcome::{Enhanced, Outcome, Stage};
use serde::{Deserialize, Serialize};

/// Why a provider said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The mailbox does not exist.
    InvalidRecipient,
    /// The domain does not exist or takes no mail.
    InvalidDomain,
    /// The mailbox is full.
    Quota,
    /// Our rate is too high, or we are asked to come back (greylisting).
    Throttled,
    /// Reputation, policy, authentication, content filters: our fault, not the address's.
    Blocked,
    /// This content or size is not accepted.
    Content,
    /// Our credentials or configuration.
    Configuration,
    /// The network or the server, for the moment.
    Transient,
    /// Nothing that is known.
    Undetermined,
}

impl Cause {
    /// The stable word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::InvalidRecipient => "invalid-recipient",
            Cause::InvalidDomain => "invalid-domain",
            Cause::Quota => "quota",
            Cause::Throttled => "throttled",
            Cause::Blocked => "blocked",
            Cause::Content => "content",
            Cause::Configuration => "configuration",
            Cause::Transient => "transient",
            Cause::Undetermined => "undetermined",
        }
    }
}

/// What an outcome means for the message and for the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider took it.
    Accepted,
    /// Try again later.
    Retry {
        /// Why.
        cause: Cause,
        /// The provider's wish, in seconds.
        after_s: Option<u32>,
    },
    /// Never again for this message.
    Failed {
        /// Why.
        cause: Cause,
        /// The address is gone: suppress it.
        suppress: bool,
    },
    /// It may have left.
    Unknown,
    /// It was no attempt.
    NotStarted,
    /// It was no attempt, and would be none at once.
    Held,
}

/// Interprets what an attempt came to.
pub fn classify(outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Accepted { .. } => Verdict::Accepted,
        Outcome::Unknown { .. } => Verdict::Unknown,
        Outcome::NotStarted { .. } => Verdict::NotStarted,
        Outcome::Held { .. } => Verdict::Held,
        Outcome::Unreachable { .. } => Verdict::Retry { cause: Cause::Transient, after_s: None },
        Outcome::Unrenderable { .. } => Verdict::Failed { cause: Cause::Content, suppress: false },
        Outcome::Refused { stage, code, enhanced, text, retry_after_s } => {
            let cause = cause(*stage, *code, *enhanced, text);
            let about_us = matches!(stage, Stage::Connect | Stage::Auth);
            // A greeting or a login that is refused says nothing about any one message: a changed
            // password must not fail a whole campaign while it drains into a closed door.
            if about_us || !is_permanent(*code, *enhanced) {
                return Verdict::Retry { cause, after_s: *retry_after_s };
            }
            let suppress = matches!(cause, Cause::InvalidRecipient | Cause::InvalidDomain)
                && matches!(stage, Stage::Recipient | Stage::Content);
            Verdict::Failed { cause, suppress }
        }
    }
}

fn is_permanent(code: u16, enhanced: Option<Enhanced>) -> bool {
    match (enhanced, code) {
        // A server that contradicts itself (4.x.x under a 5xx code) is believed where it is milder.
        (Some(Enhanced(4, ..)), _) => false,
        // Over HTTP a yes of the transport with a no in the body, which the map calls final.
        (Some(Enhanced(5, ..)), 200..=299) => true,
        // In SMTP syntax and sequence errors, in HTTP outages: neither says anything about the
        // address, and both are worth another try.
        (_, 500..=504) => false,
        (_, 505..=599) => true,
        _ => is_http_permanent(code),
    }
}

/// HTTP 4xx that no retry mends; SMTP 4xx codes are 421, 45x and 47x.
fn is_http_permanent(code: u16) -> bool {
    matches!(code, 400..=407 | 409..=420 | 422 | 424 | 426 | 428 | 431)
}

fn cause(stage: Stage, code: u16, enhanced: Option<Enhanced>, text: &str) -> Cause {
    if let Some(Enhanced(_, subject, detail)) = enhanced
        && let Some(cause) = by_enhanced(subject, detail)
        && may_mean(stage, cause)
    {
        return cause;
    }
    if let Some(cause) = by_text(text)
        && may_mean(stage, cause)
    {
        return cause;
    }
    match (stage, code) {
        (Stage::Auth, _) | (_, 401 | 403 | 407 | 530 | 534 | 535) => Cause::Configuration,
        (_, 421 | 429 | 451) => Cause::Throttled,
        (Stage::Recipient, 550 | 551 | 553) => Cause::InvalidRecipient,
        (_, 452 | 552) => Cause::Quota,
        (Stage::Content, 554) | (Stage::Connect, 554) => Cause::Blocked,
        (_, 400..=499) if is_http_permanent(code) => Cause::Content,
        (_, 400..=499) => Cause::Transient,
        (_, 500..=504) => Cause::Transient,
        _ => Cause::Undetermined,
    }
}

/// Before a recipient was named, nothing that is said can be about it: `535 unknown user` is our
/// login, `550 sender domain does not exist` is our sender.
fn may_mean(stage: Stage, cause: Cause) -> bool {
    let about_recipient =
        matches!(cause, Cause::InvalidRecipient | Cause::InvalidDomain | Cause::Quota);
    !about_recipient || matches!(stage, Stage::Recipient | Stage::Content)
}

fn by_enhanced(subject: u16, detail: u16) -> Option<Cause> {
    Some(match (subject, detail) {
        (1, 1 | 3 | 6) | (2, 1) => Cause::InvalidRecipient,
        (1, 2 | 10) | (4, 4) => Cause::InvalidDomain,
        (2, 2) | (3, 1) => Cause::Quota,
        (3, 4) | (6, _) | (2, 3) => Cause::Content,
        (4, 5) | (3, 2) => Cause::Throttled,
        (4, _) | (3, _) => Cause::Transient,
        (1, 7 | 8) => Cause::Configuration,
        (7, 8 | 9 | 11 | 14) => Cause::Configuration,
        (7, 28) => Cause::Throttled,
        (7, _) => Cause::Blocked,
        _ => return None,
    })
}

/// Words of real answers, strongest first. Matched in lower case.
const WORDS: [(&str, Cause); 30] = [
    ("user unknown", Cause::InvalidRecipient),
    ("unknown user", Cause::InvalidRecipient),
    ("no such user", Cause::InvalidRecipient),
    ("no such recipient", Cause::InvalidRecipient),
    ("no such mailbox", Cause::InvalidRecipient),
    ("does not exist", Cause::InvalidRecipient),
    ("mailbox unavailable", Cause::InvalidRecipient),
    ("mailbox not found", Cause::InvalidRecipient),
    ("recipient address rejected: undeliverable", Cause::InvalidRecipient),
    ("invalid recipient", Cause::InvalidRecipient),
    ("domain not found", Cause::InvalidDomain),
    ("host unknown", Cause::InvalidDomain),
    ("mailbox full", Cause::Quota),
    ("mailbox is full", Cause::Quota),
    ("quota", Cause::Quota),
    ("over its limit", Cause::Quota),
    ("greylist", Cause::Throttled),
    ("graylist", Cause::Throttled),
    ("try again later", Cause::Throttled),
    ("too many", Cause::Throttled),
    ("rate limit", Cause::Throttled),
    ("spam", Cause::Blocked),
    ("blocked", Cause::Blocked),
    ("blacklist", Cause::Blocked),
    ("blocklist", Cause::Blocked),
    ("reputation", Cause::Blocked),
    ("spf", Cause::Blocked),
    ("dkim", Cause::Blocked),
    ("dmarc", Cause::Blocked),
    ("message size", Cause::Content),
];

fn by_text(text: &str) -> Option<Cause> {
    let lower = text.to_lowercase();
    WORDS.iter().find(|(words, _)| lower.contains(words)).map(|(_, cause)| *cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    fn check(stage: Stage, code: u16, enhanced: Option<Enhanced>, text: &str, expected: &str) {
        let outcome =
            Outcome::Refused { stage, code, enhanced, text: text.into(), retry_after_s: None };
        let shown = match classify(&outcome) {
            Verdict::Retry { cause, .. } => format!("retry {}", cause.as_str()),
            Verdict::Failed { cause, suppress: true } => format!("suppress {}", cause.as_str()),
            Verdict::Failed { cause, suppress: false } => format!("fail {}", cause.as_str()),
            other => format!("{other:?}"),
        };
        assert_eq!(shown, expected, "{code} {text}");
    }

    #[test]
    fn answers_are_read_by_reason() {
        use Stage::{Auth, Connect, Content, Recipient, Sender};
        let e = |c, s, d| Some(Enhanced(c, s, d));
        check(Recipient, 550, e(5, 1, 1), "user unknown", "suppress invalid-recipient");
        check(Recipient, 550, None, "no such user here", "suppress invalid-recipient");
        check(Recipient, 550, e(5, 7, 1), "blocked using rbl", "fail blocked");
        check(Content, 550, e(5, 7, 26), "dmarc policy", "fail blocked");
        check(Content, 554, None, "looks like spam", "fail blocked");
        check(Recipient, 552, e(5, 2, 2), "mailbox full", "fail quota");
        check(Recipient, 452, e(4, 2, 2), "mailbox full", "retry quota");
        check(Recipient, 450, e(4, 7, 1), "greylisted", "retry blocked");
        check(Recipient, 450, None, "Greylisted, come back", "retry throttled");
        check(Connect, 421, None, "too many connections", "retry throttled");
        check(Content, 552, e(5, 3, 4), "message size", "fail content");
        check(Auth, 535, e(5, 7, 8), "bad credentials", "retry configuration");
        check(Auth, 535, None, "unknown user", "retry configuration");
        check(Connect, 554, None, "no service for you, spam", "retry blocked");
        check(Sender, 550, None, "sender domain does not exist", "fail undetermined");
        check(Sender, 550, e(5, 1, 2), "bad sender system", "fail undetermined");
        check(Content, 429, None, "", "retry throttled");
        check(Content, 503, None, "", "retry transient");
        check(Content, 400, None, "bad request", "fail content");
        check(Content, 422, None, "bad request", "fail content");
        check(Content, 408, None, "", "retry transient");
        check(Recipient, 550, e(4, 2, 1), "odd one", "retry invalid-recipient");
        check(Content, 200, None, "{\"ok\":false}", "retry undetermined");
        check(Content, 200, e(5, 0, 0), "{\"ok\":false}", "fail undetermined");
        check(Content, 200, e(5, 1, 1), "{\"code\":21211}", "suppress invalid-recipient");
        check(Content, 200, e(4, 4, 5), "slow down", "retry throttled");
    }
}
