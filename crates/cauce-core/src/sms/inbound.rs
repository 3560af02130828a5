//! What an inbound text message means, and what follows from it.
//!
//! Who answers `STOP` to a sender gets nothing more from that sender, whatever it is about, until
//! they say `START`. Other senders go on: consent to topics is another statement.

use super::keywords::{Keyword, keyword, may_ask_to_stop};
use super::sender::TextSender;
use crate::event::Event;
use crate::ids::{EventId, hash128};
use crate::input::Request;
use crate::message::Channel;
use crate::prelude::*;
use crate::profile::{Alias, ConsentFact, ConsentState};
use crate::time::{Duration, Timestamp};
use crate::value::Value;

/// The event that an inbound text message is.
pub const RECEIVED: &str = "message_received";

/// Limit: characters of an inbound text that are kept; the longest message of 255 parts is less.
const TEXT_MAX: usize = 20_000;

/// How long a confirmation may wait: later nobody would know what it answers.
const ANSWER_LIFETIME: Duration = Duration(5 * Duration::MINUTE.0);

/// What the names of consents to a sender begin with.
pub const SCOPE: &str = "sender:";

/// Under which name the consent to hear from a sender stands among topics. No topic's key can have
/// a colon.
pub fn scope(sender: &str) -> String {
    format!("{SCOPE}{sender}")
}

/// Every sender at once: for a `STOP` to a number that is nobody's.
pub const EVERY_SENDER: &str = "sender:*";

/// An inbound text message, as its carrier tells it.
#[derive(Clone, Debug)]
pub struct Received<'r> {
    /// The definition that carries it.
    pub provider: &'r str,
    /// The carrier's own name for it: the same twice is the same message.
    pub id: &'r str,
    /// Who wrote, canonical.
    pub from: Alias,
    /// To which of our numbers.
    pub to: &'r str,
    /// What.
    pub text: &'r str,
    /// The word that the carrier has heard and answered by itself.
    pub answered: Option<Keyword>,
    /// When it was taken.
    pub at: Timestamp,
}

/// What follows from an inbound message.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    /// The word that it was, if it was one.
    pub keyword: Option<Keyword>,
    /// It becomes part of the person's timeline; a word changes their consent.
    pub event: Event,
    /// The message that answers it.
    pub answer: Option<Request>,
}

/// What an inbound message means. `senders` are those of the workspace that text.
pub fn read<'s>(
    received: &Received<'_>,
    senders: impl IntoIterator<Item = (&'s str, &'s TextSender)>,
) -> Meaning {
    let own = senders.into_iter().find(|(_, sender)| sender.has(received.to));
    let said = received.answered.or_else(|| keyword(received.text));
    let text: String = received.text.chars().take(TEXT_MAX).collect();
    let mut properties = BTreeMap::from([
        ("channel".to_owned(), Value::from(Channel::Sms.as_str())),
        ("from".to_owned(), Value::from(received.from.value.as_str())),
        ("to".to_owned(), Value::from(received.to)),
        ("provider".to_owned(), Value::from(received.provider)),
        ("text".to_owned(), Value::from(text.as_str())),
    ]);
    if let Some((name, _)) = own {
        properties.insert("sender".to_owned(), Value::from(name));
    }
    match said {
        Some(word) => {
            properties.insert("keyword".to_owned(), Value::from(word.as_str()));
        }
        None if may_ask_to_stop(received.text) => {
            properties.insert("may_ask_to_stop".to_owned(), Value::Bool(true));
        }
        None => {}
    }
    let fact = |state| ConsentFact {
        topic: own.map_or_else(|| EVERY_SENDER.to_owned(), |(name, _)| scope(name)),
        channel: Some(Channel::Sms),
        state,
        source: "sms".to_owned(),
        wording: Some(text.chars().take(200).collect()),
        ip: None,
    };
    let consents = match said {
        Some(Keyword::Stop) => vec![fact(ConsentState::Withdrawn)],
        Some(Keyword::Start) => vec![fact(ConsentState::Granted)],
        Some(Keyword::Help) | None => Vec::new(),
    };
    let id = [b"inbound-sms", received.provider.as_bytes(), received.id.as_bytes()];
    let event = Event {
        id: EventId(hash128(&id)),
        name: RECEIVED.to_owned(),
        aliases: vec![received.from.clone()],
        occurred_at: received.at,
        received_at: received.at,
        properties,
        attributes: BTreeMap::new(),
        consents,
        historical: false,
    };
    let unanswered = said.filter(|_| received.answered.is_none()).zip(own);
    let answer = unanswered.and_then(|(word, (name, sender))| answer(received, word, name, sender));
    Meaning { keyword: said, event, answer }
}

/// The one message that answers a word. `STOP` and `START` are confirmed once a day at most, so
/// that two machines which answer each other come to an end.
fn answer(
    received: &Received<'_>,
    word: Keyword,
    name: &str,
    sender: &TextSender,
) -> Option<Request> {
    let template = sender.answer(word)?;
    let number = &received.from.value;
    let key = match word {
        Keyword::Stop | Keyword::Start => format!("sms {} {name} {number}", word.as_str()),
        Keyword::Help => format!("sms help {} {}", received.provider, received.id),
    };
    Some(Request {
        body_hash: hash128(&[key.as_bytes()]),
        idempotency_key: Some(key),
        template: template.to_owned(),
        to: vec![received.from.clone()],
        payload: BTreeMap::from([
            ("text".to_owned(), Value::from(received.text)),
            ("keyword".to_owned(), Value::from(word.as_str())),
        ]),
        send_at: None,
        expire_at: Some(received.at.plus(ANSWER_LIFETIME)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn senders() -> BTreeMap<String, TextSender> {
        let read = |json: &str| serde_json::from_str(json).unwrap();
        BTreeMap::from([
            (
                "shop".to_owned(),
                read(
                    r#"{"from":"+34600000001","stopped":"bye","help":"who",
                        "by-country":{"US":"21777"}}"#,
                ),
            ),
            ("news".to_owned(), read(r#"{"from":"+34600000002"}"#)),
        ])
    }

    fn meaning(to: &str, text: &str, id: &str) -> Meaning {
        let from = Alias { namespace: "phone".into(), value: "+34611223344".into() };
        let received = Received {
            provider: "twilio",
            id,
            from,
            to,
            text,
            answered: None,
            at: Timestamp(1_000),
        };
        let senders = senders();
        super::read(&received, senders.iter().map(|(name, sender)| (name.as_str(), sender)))
    }

    #[test]
    fn stop_ends_one_sender() {
        let seen = meaning("+34600000001", "Stop!", "SM1");
        let fact = &seen.event.consents[0];
        assert_eq!((fact.topic.as_str(), fact.state), ("sender:shop", ConsentState::Withdrawn));
        assert_eq!(fact.wording.as_deref(), Some("Stop!"));
        assert_eq!(seen.answer.as_ref().unwrap().template, "bye");
        // The short code of another country is the same sender's.
        assert_eq!(meaning("21777", "baja", "x").event.consents[0].topic, "sender:shop");
        // Nobody's number: everything ends.
        let lost = meaning("+34600000009", "STOP", "x");
        assert_eq!(lost.event.consents[0].topic, EVERY_SENDER);
        assert_eq!(lost.answer, None);
        assert_eq!(meaning("+34600000002", "STOP", "x").answer, None);
    }

    #[test]
    fn the_same_message_twice_is_one() {
        let (one, two) =
            (meaning("+34600000001", "STOP", "a"), meaning("+34600000001", "STOP", "a"));
        assert_eq!(one, two);
        let other = meaning("+34600000001", "STOP", "b");
        assert_ne!(one.event.id, other.event.id);
        // Two machines that stop each other get one answer.
        assert_eq!(one.answer.unwrap().idempotency_key, other.answer.unwrap().idempotency_key);
    }

    #[test]
    fn other_texts_are_events() {
        let seen = meaning("+34600000001", "Where is my parcel?", "a");
        assert_eq!((seen.keyword, seen.event.consents.len(), seen.answer), (None, 0, None));
        assert_eq!(seen.event.properties["text"], Value::from("Where is my parcel?"));
        assert_eq!(seen.event.properties["sender"], Value::from("shop"));
        assert!(!seen.event.properties.contains_key("may_ask_to_stop"));
        let seen = meaning("+34600000001", "please stop texting me", "a");
        assert_eq!(seen.event.properties["may_ask_to_stop"], Value::Bool(true));
        assert_eq!(seen.event.consents, []);
        let seen = meaning("+34600000001", "help", "a");
        assert_eq!((seen.event.consents.len(), seen.answer.unwrap().template.as_str()), (0, "who"));
    }
}
