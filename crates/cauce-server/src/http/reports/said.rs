//! What a provider said, once it is known that it was the provider: to the message that it is
//! about, once.

use super::super::error::Problem;
use super::super::links::{facts, person};
use crate::app::{App, Refusal};
use cauce_core::delivery::{Enhanced, Outcome, Stage, Verdict, classify};
use cauce_core::ids::{MessageId, TraceId};
use cauce_core::input::{Body, Report, ReportKind};
use cauce_core::message::Channel;
use cauce_core::message::ledger::Message;
use cauce_core::profile::ConsentState;
use cauce_core::time::Timestamp;

/// One thing that a provider said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The message, if it names one of ours.
    pub message: Option<MessageId>,
    /// When it happened, if it says so.
    pub at: Option<Timestamp>,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Something that a message's life has a word for.
    Reported(ReportKind),
    /// Its reader wants no more of it.
    Unsubscribed,
    /// Nothing that is kept: what we count ourselves, steps on the way, kinds that are new.
    Nothing,
}

impl What {
    /// That it came back, and whether the address is gone.
    pub fn bounced(text: &str, hard: bool) -> What {
        // Limit: what is kept of a diagnosis.
        let text = text.chars().filter(|c| !c.is_control()).take(500).collect();
        What::Reported(ReportKind::Bounced { text, hard })
    }
}

/// Why nothing was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It was not the provider, as far as can be seen.
    Proof(&'static str),
    /// It cannot be read.
    Malformed(String),
    /// What proves it cannot be had just now; the provider says it again.
    Later(String),
}

/// Whether a diagnosis says that the address is gone, judged as every answer is: by its reason.
/// Nobody tells after what it was said, so that of the code only the class counts: a bare 550 is no
/// reason.
pub fn is_gone(status: Option<&str>, text: &str) -> bool {
    let enhanced = status.and_then(enhanced);
    let code = |word: &str| word.parse::<u16>().ok().filter(|code| (400..600).contains(code));
    let code = text.split(|c: char| !c.is_ascii_alphanumeric()).find_map(code);
    let by_class = enhanced.map(|Enhanced(class, ..)| u16::from(class) * 100 + 50);
    let temporary = code.or(by_class).is_some_and(|code| code < 500);
    let outcome = Outcome::Refused {
        stage: Stage::Recipient,
        code: if temporary { 450 } else { 554 },
        enhanced,
        text: text.to_owned(),
        retry_after_s: None,
    };
    matches!(classify(&outcome), Verdict::Failed { suppress: true, .. })
}

fn enhanced(text: &str) -> Option<Enhanced> {
    let mut parts = text.trim().split('.');
    let class = parts.next()?.parse().ok().filter(|class| matches!(class, 2 | 4 | 5))?;
    let (subject, detail) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next().is_none().then_some(Enhanced(class, subject, detail))
}

/// A time in seconds since 1970, with a fraction or without.
pub fn seconds(value: &serde_json::Value) -> Option<Timestamp> {
    let seconds = match value {
        serde_json::Value::Number(number) => number.as_f64()?,
        serde_json::Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    // Limit: the years that a time may be of; what is beyond is no time.
    (0.0..1e11).contains(&seconds).then_some(Timestamp((seconds * 1_000.0) as i64))
}

/// Takes what was said of messages: it is durable when this returns. What was said before changes
/// nothing, and what is about no message of ours is counted.
///
/// # Errors
/// It cannot be known or kept just now: the provider says it again.
pub async fn take(app: &App, provider: &str, said: Vec<Said>) -> Result<(), Problem> {
    let (mut reports, mut words) = (Vec::new(), Vec::new());
    for said in said {
        let known = match said.message.filter(|_| said.what != What::Nothing) {
            Some(message) => super::super::v1::messages::find(app, message).await?,
            None => None,
        };
        words.push(match (said.what, known) {
            (What::Nothing, _) => "ignored",
            (_, None) => "unknown-message",
            (What::Reported(kind), Some(row)) => {
                let (now, word) = (app.node.now(), word(&kind));
                // A clock that goes wrong does not let something happen before it was sent or
                // later than now.
                let at = said.at.unwrap_or(now).clamp(row.created, now.max(row.created));
                let is_known = row.reports.iter().any(|(_, known)| *known == kind);
                // What says no time of its own, or one that is not yet, says nothing new when it
                // comes again: the time at which we hear it must not make it the later word.
                let is_timed = said.at.is_some_and(|at| at <= now);
                if !(is_known && !is_timed && kind.arrival().is_some()) {
                    reports.push(Report { message: row.id, at, kind });
                }
                word
            }
            // Who ends it at the carrier ends the sender, and no topic.
            (What::Unsubscribed, Some(row)) if row.channel == Channel::Sms => {
                let (at, text) = (app.node.now(), "reported by the provider".to_owned());
                let kind = ReportKind::OptedOut { text };
                let word = word(&kind);
                reports.push(Report { message: row.id, at, kind });
                word
            }
            (What::Unsubscribed, Some(row)) => {
                super::reserved_room(app)?;
                unsubscribe(app, &row).await.map_err(Problem::from)?
            }
        });
    }
    super::take(app, reports).await?;
    words.into_iter().for_each(|word| app.metrics.reported(provider, word));
    Ok(())
}

/// The word that a report is counted by.
fn word(kind: &ReportKind) -> &'static str {
    match kind {
        ReportKind::Delivered => "delivered",
        ReportKind::Bounced { hard: true, .. } | ReportKind::Returned { hard: true, .. } => {
            "bounced-for-good"
        }
        ReportKind::Bounced { hard: false, .. } | ReportKind::Returned { hard: false, .. } => {
            "bounced"
        }
        ReportKind::PartDelivered { .. } => "part-delivered",
        ReportKind::OptedOut { .. } => "opted-out",
        ReportKind::Underway { .. } => "underway",
        ReportKind::Corrected { .. } => "corrected",
        ReportKind::Answered => "answered",
        ReportKind::Fetched(_) => "fetched",
        ReportKind::Complained => "complained",
        ReportKind::Opened => "opened",
        ReportKind::Clicked { .. } => "clicked",
    }
}

/// Withdraws what the message's reader may have said yes to, unless they did before.
async fn unsubscribe(app: &App, row: &Message) -> Result<&'static str, Refusal> {
    let topic = row.topic.clone().unwrap_or_else(|| "*".to_owned());
    let channel = row.channel;
    if let Some(person) = person(app, row.id).await {
        let own = person.head.consents.get(&(topic.clone(), Some(channel)));
        if own.is_some_and(|own| own.fact.state == ConsentState::Withdrawn) {
            return Ok("unsubscribed-before");
        }
    }
    let facts = facts(&topic, channel, ConsentState::Withdrawn, "provider's report");
    let body = Body::Consent { message: row.id, facts: facts.into() };
    app.append_applied(row.id.birthplace(), body, TraceId::default()).await?;
    Ok("unsubscribed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_is_gone_by_reason_and_not_by_class() {
        let check = |status: Option<&str>, text: &str, expected: bool| {
            assert_eq!(is_gone(status, text), expected, "{status:?} {text}");
        };
        check(Some("5.1.1"), "smtp; 550 5.1.1 user unknown", true);
        check(Some("5.1.1"), "", true);
        check(None, "550 No such user here", true);
        check(Some("5.7.1"), "550 5.7.1 blocked by policy", false);
        check(Some("5.7.26"), "550 5.7.26 unauthenticated mail", false);
        check(Some("5.2.2"), "552 5.2.2 mailbox full", false);
        check(Some("5.0.0"), "550 refused", false);
        check(None, "550", false);
        check(Some("4.1.1"), "450 user unknown", false);
        check(Some("not a status"), "", false);
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        assert_eq!(seconds(&json!(1_513_299_569)), Some(Timestamp(1_513_299_569_000)));
        assert_eq!(seconds(&json!("1513299569.5")), Some(Timestamp(1_513_299_569_500)));
        for wrong in [json!(-1), json!("soon"), json!(null), json!(1e300)] {
            assert_eq!(seconds(&wrong), None, "{wrong}");
        }
    }
}
