//! What a provider's answer means. By reason and not by class: most permanent refusals of the real
//! world are the sender's fault and say nothing about the address.
//!
//! Sources: RFC 3463 and the IANA registry of enhanced status codes; the classes follow
//! KumoMTA's published table; the observation that 63 % of class-5 bounces are not hard is
//! Sisimai's on its public set of e-mails.

use super::outcome::{Answer, Enhanced, Outcome, Stage};
use super::words;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// Why a provider said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The mailbox does not exist.
    InvalidRecipient,
    /// The domain does not exist or takes no mail.
    InvalidDomain,
    /// The mailbox exists, and is closed or locked for now.
    Inactive,
    /// The mailbox is full.
    Quota,
    /// The recipient was taken, and then refused under the name of a recipient that is none: a
    /// filter of the mailbox.
    Filtered,
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
    /// Somebody on the way tried for as long as he tries.
    Expired,
    /// Nothing that is known.
    Undetermined,
    /// The person ended it at the carrier.
    OptedOut,
}

impl Cause {
    /// The stable word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::InvalidRecipient => "invalid-recipient",
            Cause::InvalidDomain => "invalid-domain",
            Cause::Inactive => "inactive",
            Cause::Quota => "quota",
            Cause::Filtered => "filtered",
            Cause::Throttled => "throttled",
            Cause::Blocked => "blocked",
            Cause::Content => "content",
            Cause::Configuration => "configuration",
            Cause::Transient => "transient",
            Cause::Expired => "expired",
            Cause::Undetermined => "undetermined",
            Cause::OptedOut => "opted-out",
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
    /// It was no attempt, and may be one after that: its destination has enough to do.
    Busy {
        /// Milliseconds.
        after_ms: u32,
    },
}

/// Interprets what an attempt came to.
pub fn classify(outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Accepted { .. } => Verdict::Accepted,
        Outcome::Unknown { .. } => Verdict::Unknown,
        Outcome::NotStarted { .. } => Verdict::NotStarted,
        Outcome::Held { .. } => Verdict::Held,
        Outcome::Busy { after_ms, .. } => Verdict::Busy { after_ms: *after_ms },
        Outcome::Unreachable { .. } => Verdict::Retry { cause: Cause::Transient, after_s: None },
        Outcome::Unrenderable { .. } => Verdict::Failed { cause: Cause::Content, suppress: false },
        Outcome::Refused { stage, code, enhanced, text, retry_after_s } => {
            let said = Said { stage: *stage, code: *code, enhanced: *enhanced, text };
            let cause = cause(&said);
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
        // Of a message the ledger knows more: see `device::fates`.
        Outcome::Devices(ends) => {
            let verdicts: Vec<Verdict> =
                ends.iter().map(|end| classify(&end.answer.outcome())).collect();
            let first = |fits: fn(&Verdict) -> bool| verdicts.iter().find(|v| fits(v)).cloned();
            first(|verdict| matches!(verdict, Verdict::Retry { .. }))
                .or_else(|| first(|verdict| matches!(verdict, Verdict::Accepted)))
                .or_else(|| first(|verdict| matches!(verdict, Verdict::Unknown)))
                .or_else(|| verdicts.first().cloned())
                .unwrap_or(Verdict::Failed { cause: Cause::Undetermined, suppress: false })
        }
    }
}

/// What an answer says of a device's token, beyond the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// It is none any more.
    Gone,
    /// It may be one elsewhere: another app, project, environment or key.
    Misplaced,
}

/// Reads what an answer says of a token. Providers' own words are mapped to these codes beside
/// each provider's file: 5.1.1, no such mailbox, is a token that is gone; 5.1.3, bad syntax of a
/// mailbox, one that was never good here. Everything else says nothing of the token.
pub fn token(enhanced: Option<Enhanced>) -> Option<Token> {
    match enhanced {
        Some(Enhanced(5, 1, 1)) => Some(Token::Gone),
        Some(Enhanced(5, 1, 3)) => Some(Token::Misplaced),
        _ => None,
    }
}

/// Whose answers come back from a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answering {
    /// Its own: it takes everything, and passes it on.
    #[default]
    Itself,
    /// Those of the servers of each reader's domain: mail goes straight to them, and the provider
    /// is nobody but us.
    Destinations,
}

/// Whether a provider refused for reasons of its own, and certainly took nothing: another provider
/// may carry the message. What is said about an address, about content or about our reputation is
/// said by whom the message is for, and would be said again.
pub fn is_providers_own(outcome: &Outcome, answering: Answering) -> bool {
    match outcome {
        // A server that is dead, closed, slow or set up wrongly is one reader's, and all the others
        // are well. Only what keeps us from reaching anybody is ours.
        _ if answering == Answering::Destinations => {
            matches!(outcome, Outcome::Unreachable { .. } | Outcome::Held { .. })
        }
        Outcome::Unreachable { .. } | Outcome::Held { .. } => true,
        Outcome::Refused { stage: Stage::Connect | Stage::Auth, .. } => true,
        Outcome::Refused { stage, code, enhanced, text, .. } => {
            let said = Said { stage: *stage, code: *code, enhanced: *enhanced, text };
            match cause(&said) {
                Cause::Configuration => true,
                // A mail server that says 451 may be speaking of the mailbox.
                Cause::Throttled | Cause::Transient => speaks_for_itself(*stage, *code),
                Cause::InvalidRecipient
                | Cause::InvalidDomain
                | Cause::Inactive
                | Cause::Quota
                | Cause::Filtered
                | Cause::Blocked
                | Cause::Content
                | Cause::Expired
                | Cause::Undetermined
                | Cause::OptedOut => false,
            }
        }
        // Of several devices some may have it: what is tried again is tried by the same services.
        Outcome::Devices(_)
        | Outcome::Accepted { .. }
        | Outcome::Unknown { .. }
        | Outcome::NotStarted { .. }
        | Outcome::Busy { .. }
        | Outcome::Unrenderable { .. } => false,
    }
}

/// Whether a refusal is about the sender of the one message: another provider may carry it, and
/// this one is well.
pub fn is_about_its_sender(outcome: &Outcome) -> bool {
    let Outcome::Refused { stage: Stage::Sender | Stage::Recipient, enhanced, .. } = outcome else {
        return false;
    };
    // Bad sender's mailbox address, or system: an account that may not use a name (RFC 3463 3.2).
    matches!(enhanced, Some(Enhanced(5, 1, 7 | 8)))
}

/// Whether who asks for less, or for another time, is who was asked, and not a mailbox behind it.
fn speaks_for_itself(stage: Stage, code: u16) -> bool {
    match code {
        // Protocols without codes of three digits (SMPP), and a no inside of an HTTP answer that
        // says yes, or that says no in one code for everything. But not what is said of the one
        // recipient: the next number is another matter.
        0 | 200..=299 => stage != Stage::Recipient,
        // 421: the server is closing (RFC 5321 3.8). The others are HTTP's: no reply of a mail
        // server begins so (RFC 5321 4.2.1: the second digit is 0, 1, 2 or 5; 43x and 47x occur).
        400..=429 => true,
        // An outage over HTTP; in SMTP errors of syntax and sequence, said of this message.
        500 | 502 | 503 | 504 => stage == Stage::Content,
        _ => false,
    }
}

/// Whether an attempt got as far as its provider: only then it is one of the day's messages.
pub fn is_carried(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Devices(ends) => ends.iter().any(|end| is_carried(&end.answer.outcome())),
        Outcome::Accepted { .. } | Outcome::Unknown { .. } => true,
        Outcome::Refused { stage, .. } => !matches!(stage, Stage::Connect | Stage::Auth),
        Outcome::Unreachable { .. }
        | Outcome::NotStarted { .. }
        | Outcome::Held { .. }
        | Outcome::Busy { .. }
        | Outcome::Unrenderable { .. } => false,
    }
}

/// Whether anything may have left without an answer.
pub fn is_lost(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Unknown { .. } => true,
        Outcome::Devices(ends) => ends.iter().any(|e| matches!(e.answer, Answer::Unknown { .. })),
        _ => false,
    }
}

/// Whether anything was tried: what was not costs the message nothing.
pub fn is_begun(outcome: &Outcome) -> bool {
    let never = |answer: &Answer| matches!(answer, Answer::NotStarted { .. } | Answer::Held { .. });
    match outcome {
        Outcome::NotStarted { .. } | Outcome::Held { .. } | Outcome::Busy { .. } => false,
        Outcome::Devices(ends) => !ends.iter().all(|end| never(&end.answer)),
        _ => true,
    }
}

fn is_permanent(code: u16, enhanced: Option<Enhanced>) -> bool {
    match (enhanced, code) {
        // A server that contradicts itself (4.x.x under a 5xx code) is believed where it is milder.
        (Some(Enhanced(4, ..)), _) => false,
        // Over HTTP a yes of the transport with a no in the body, which the map calls final.
        // 0 stands for protocols without codes of three digits: the map says it all.
        (Some(Enhanced(5, ..)), 0 | 200..=299) => true,
        // The syntax of an address, or that nobody has it: as it is read in a bounce.
        (Some(Enhanced(5, 1, 1..=3 | 6 | 10)), 500..=504) => true,
        // In SMTP other syntax and sequence errors, in HTTP outages: neither says anything about
        // the address, and both are worth another try.
        (_, 500..=504) => false,
        (_, 505..=599) => true,
        _ => is_http_permanent(code),
    }
}

/// HTTP 4xx that no retry mends; SMTP 4xx codes are 421, 45x and 47x.
fn is_http_permanent(code: u16) -> bool {
    matches!(code, 400..=407 | 409..=420 | 422 | 424 | 426 | 428 | 431)
}

/// One answer, wherever it was read: in an SMTP conversation, in a provider's report, in a bounce.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// After what it was said.
    pub stage: Stage,
    /// SMTP reply code or HTTP status; 0 where there is none.
    pub code: u16,
    /// Enhanced status code, where there is one.
    pub enhanced: Option<Enhanced>,
    /// The words.
    pub text: &'a str,
}

/// Why somebody said no. The one judge of answers and of bounces.
pub fn cause(said: &Said<'_>) -> Cause {
    let stage = said.stage;
    let lower = plain_text(said.text);
    let about = |cause: &Cause| may_mean(stage, *cause);
    if let Some(cause) = words::strong(&lower).filter(about) {
        return cause;
    }
    let by_code =
        said.enhanced.and_then(|Enhanced(_, subject, detail)| by_enhanced(subject, detail));
    // Postfix says so of everything that it refuses after RCPT, whatever the reason is.
    let of_policy = matches!(said.enhanced, Some(Enhanced(_, 7, _)));
    let own_words =
        if of_policy { lower.replace(words::REFUSED_AT_RCPT, "") } else { String::new() };
    let own_words = if of_policy { &own_words } else { &lower };
    let named = may_mean(stage, Cause::InvalidRecipient) && words::names_nobody(own_words);
    let by_code_too = matches!(by_code, Some(Cause::InvalidRecipient | Cause::InvalidDomain));
    if named
        && !by_code_too
        && let Some(nobody) = nobody(said, &lower)
    {
        return nobody;
    }
    if let Some(cause) = by_code.filter(about) {
        return cause;
    }
    if let Some(cause) = words::plain(&lower).filter(about) {
        return cause;
    }
    match (stage, said.code) {
        (Stage::Auth, _) | (_, 401 | 403 | 407 | 530 | 534 | 535) => Cause::Configuration,
        (_, 421 | 429 | 451) => Cause::Throttled,
        (Stage::Recipient, 542 | 550 | 551 | 553) => Cause::InvalidRecipient,
        (_, 452 | 552) => Cause::Quota,
        (Stage::Content | Stage::Connect, 554) => Cause::Blocked,
        // Whom we say that we are is refused: that is about us.
        (Stage::Sender, 505..=599) => Cause::Blocked,
        (_, 400..=499) if is_http_permanent(said.code) => Cause::Content,
        (_, 400..=499) => Cause::Transient,
        (_, 500..=504) => Cause::Transient,
        _ => Cause::Undetermined,
    }
}

/// An answer that names an unknown recipient, under a code that does not. A server that took the
/// recipient and then, for the body, says that nobody is there has a filter that hides what it is:
/// carriers of mobile phones answer so to senders that a subscriber does not want.
fn nobody(said: &Said<'_>, lower: &str) -> Option<Cause> {
    if words::plain(lower) == Some(Cause::InvalidDomain) {
        return None;
    }
    match (said.stage, said.enhanced) {
        (Stage::Recipient, _) => Some(Cause::InvalidRecipient),
        (_, Some(Enhanced(_, 7, _))) => None,
        _ => Some(Cause::Filtered),
    }
}

/// In lower case, with one space between words and without the code that a long reply repeats at
/// each line, so that words are found across lines.
fn plain_text(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut out = String::with_capacity(lower.len());
    for word in lower.split_whitespace() {
        let bytes = word.as_bytes();
        let repeats = bytes.get(3) == Some(&b'-') && bytes[..3].iter().all(u8::is_ascii_digit);
        if repeats {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Before a recipient was named, nothing that is said can be about it: `535 unknown user` is our
/// login, `550 sender domain does not exist` is our sender.
fn may_mean(stage: Stage, cause: Cause) -> bool {
    let about_recipient = matches!(
        cause,
        Cause::InvalidRecipient
            | Cause::InvalidDomain
            | Cause::Inactive
            | Cause::Filtered
            | Cause::Quota
            | Cause::OptedOut
    );
    !about_recipient || matches!(stage, Stage::Recipient | Stage::Content)
}

fn by_enhanced(subject: u16, detail: u16) -> Option<Cause> {
    Some(match (subject, detail) {
        (1, 1 | 3 | 6) => Cause::InvalidRecipient,
        // What Exchange Online says of a recipient that its directory does not have (2025).
        (1, 350..=359) => Cause::InvalidRecipient,
        (2, 1) | (7, 13) => Cause::Inactive,
        (1, 2 | 10) | (4, 4) => Cause::InvalidDomain,
        (2, 2) | (3, 1) => Cause::Quota,
        (3, 4) | (5, 3) | (6, _) | (2, 3) => Cause::Content,
        (4, 5) | (3, 2) => Cause::Throttled,
        (4, 7) => Cause::Expired,
        (4, _) | (3, _) => Cause::Transient,
        (1, 7 | 8) => Cause::Configuration,
        (7, 8 | 9 | 11 | 14) => Cause::Configuration,
        // A cryptographic failure: no TLS that both can, or somebody who is not who he should be.
        (7, 5) => Cause::Transient,
        (7, 28) => Cause::Throttled,
        (7, 610) => Cause::OptedOut,
        (7, _) => Cause::Blocked,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        check(Recipient, 450, e(4, 7, 1), "greylisted", "retry throttled");
        check(Recipient, 450, None, "Greylisted, come back", "retry throttled");
        check(Connect, 421, None, "too many connections", "retry throttled");
        check(Content, 552, e(5, 3, 4), "message size", "fail content");
        check(Auth, 535, e(5, 7, 8), "bad credentials", "retry configuration");
        check(Auth, 535, None, "unknown user", "retry configuration");
        check(Connect, 554, None, "no service for you, spam", "retry blocked");
        check(Sender, 550, None, "sender domain does not exist", "fail blocked");
        check(Sender, 550, e(5, 1, 2), "bad sender system", "fail blocked");
        check(Content, 429, None, "", "retry throttled");
        check(Content, 503, None, "", "retry transient");
        check(Content, 400, None, "bad request", "fail content");
        check(Content, 422, None, "bad request", "fail content");
        check(Content, 408, None, "", "retry transient");
        check(Recipient, 550, e(4, 2, 1), "odd one", "retry inactive");
        check(Content, 200, None, "{\"ok\":false}", "retry undetermined");
        check(Content, 200, e(5, 0, 0), "{\"ok\":false}", "fail undetermined");
        check(Content, 200, e(5, 1, 1), "{\"code\":21211}", "suppress invalid-recipient");
        check(Content, 200, e(4, 4, 5), "slow down", "retry throttled");
        check(Content, 0, e(5, 5, 4), "0x43 ESME_RINVESMCLASS", "fail undetermined");
        check(Recipient, 0, e(5, 1, 1), "0x0b ESME_RINVDSTADR", "suppress invalid-recipient");
        check(Content, 0, e(4, 4, 5), "0x58 ESME_RTHROTTLED", "retry throttled");
        check(Content, 0, None, "0x423", "retry undetermined");
        // Under any code: what the words say of us, or of a mailbox that is there.
        check(
            Recipient,
            550,
            e(5, 1, 1),
            "sent to too many recipients this hour",
            "fail throttled",
        );
        check(Recipient, 553, e(5, 1, 3), "http://www.spamhaus.org/query/bl?ip=1", "fail blocked");
        check(Recipient, 552, e(5, 1, 1), "mailbox is over quota", "fail quota");
        check(Recipient, 550, e(5, 2, 1), "account is disabled", "fail inactive");
        check(Recipient, 550, e(5, 2, 1), "<a@b>... User Unknown", "suppress invalid-recipient");
        // The recipient was taken before: a filter speaks.
        check(Content, 550, None, "Unknown user a@b", "fail filtered");
        check(Content, 550, e(5, 2, 0), ": User unknown", "fail filtered");
        check(Content, 550, e(5, 1, 1), "user unknown", "suppress invalid-recipient");
        check(Recipient, 550, None, "marble does not exist", "suppress invalid-recipient");
        // What Postfix puts before everything that it refuses after RCPT names nobody.
        let postfix = "<a@b>: Recipient address rejected: ";
        let said = |why: &str| format!("{postfix}{why}");
        let checks = said("Multiple authentication checks failed");
        check(Recipient, 550, e(5, 7, 26), &checks, "fail blocked");
        check(Recipient, 551, e(5, 7, 1), &said("Delivery not authorized"), "fail blocked");
        check(Recipient, 550, e(5, 7, 1), &said("User unknown"), "suppress invalid-recipient");
        check(Recipient, 550, e(5, 1, 1), &said("no"), "suppress invalid-recipient");
        check(Recipient, 550, e(5, 4, 1), &said("Access denied"), "suppress invalid-recipient");
        // As in a bounce; the syntax of a command is another matter.
        check(Recipient, 501, e(5, 1, 3), "bad address syntax", "suppress invalid-recipient");
        check(Recipient, 501, e(5, 5, 4), "bad parameters", "retry transient");
        // Ours: no server that may have it could be reached safely.
        check(Connect, 451, e(4, 7, 5), "not among the servers", "retry transient");
        check(Connect, 550, e(5, 4, 4), "`10.0.0.1` is private", "retry undetermined");
    }
}
