//! Mailgun's webhooks: an HMAC over time and token, which leaves the event itself out.

use super::said::{Refused, Said, What, is_gone, seconds};
use aws_lc_rs::{digest, hmac};
use cauce_channels::email::api::MARK;
use cauce_channels::webhook::decode;
use cauce_core::ids::MessageId;
use cauce_core::input::ReportKind;
use cauce_core::publish::Encoding;
use cauce_core::time::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How far the time that is signed may be from ours. Mailgun says what was not taken again for
/// eight hours (its webhooks page, November 2026).
const WITHIN_S: i64 = 12 * 3_600;

/// Limit: tokens that are remembered; the oldest is forgotten first, and by then its time is most
/// likely over.
const TOKENS_MAX: usize = 100_000;

/// Which event came with which token. A token is good for one event: the signature does not cover
/// what happened, so that whoever saw one could say anything with it.
#[derive(Default)]
pub struct Seen(Mutex<BTreeMap<(i64, String), [u8; 32]>>);

impl Seen {
    /// Whether a token is new, or came with the same event.
    fn allows(&self, at: i64, token: &str, event: &[u8]) -> bool {
        let mut own = [0; 32];
        own.copy_from_slice(digest::digest(&digest::SHA256, event).as_ref());
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = *seen.entry((at, token.to_owned())).or_insert(own);
        while seen.len() > TOKENS_MAX {
            seen.pop_first();
        }
        known == own
    }
}

/// Whether the account's key signed the request, and its token was not spent; the event.
pub fn verify(key: &str, body: &[u8], seen: &Seen, now: Timestamp) -> Result<Value, Refused> {
    let document: Value = serde_json::from_slice(body)
        .map_err(|_| Refused::Malformed("it is no document".to_owned()))?;
    let part = |name: &str| document.pointer(&format!("/signature/{name}"));
    let text = |name: &str| match part(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let fields = text("timestamp").zip(text("token")).zip(text("signature"));
    let ((timestamp, token), signature) = fields.ok_or(Refused::Proof("there is no signature"))?;
    let signature = decode(&signature, Encoding::Hex);
    let signature = signature.ok_or(Refused::Proof("the signature is not hexadecimal"))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let signed = format!("{timestamp}{token}");
    hmac::verify(&key, signed.as_bytes(), &signature)
        .map_err(|_| Refused::Proof("the signature is not the account's"))?;
    let at: i64 = timestamp.parse().map_err(|_| Refused::Proof("the time is none"))?;
    if (now.0.div_euclid(1_000) - at).abs() > WITHIN_S {
        return Err(Refused::Proof("it was signed too long ago"));
    }
    let event = document.get("event-data").cloned().unwrap_or_default();
    match seen.allows(at, &token, event.to_string().as_bytes()) {
        true => Ok(event),
        false => Err(Refused::Proof("the token came with another event before")),
    }
}

/// What an event says.
pub fn event(event: &Value) -> Said {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let own = text("/message/headers/message-id").and_then(|id| id.split('@').next());
    let mark = text(&format!("/user-variables/{MARK}"));
    let message = [mark, own].into_iter().flatten().find_map(|id| id.parse::<MessageId>().ok());
    let what = match text("/event").unwrap_or_default() {
        "delivered" => What::Reported(ReportKind::Delivered),
        "complained" => What::Reported(ReportKind::Complained),
        "unsubscribed" => What::Unsubscribed,
        "failed" => failed(event),
        "rejected" => What::bounced(text("/reject/reason").unwrap_or("rejected"), false),
        // Steps on the way, opens and clicks that we count ourselves, and kinds that are new.
        _ => What::Nothing,
    };
    Said { message, at: event.get("timestamp").and_then(seconds), what }
}

/// Failures that are tried again by Mailgun are steps on the way. Of those that are not, the reason
/// counts: `suppress-…` is what Mailgun did not send since it knows the address.
///
/// As of November 2026. Source: the event structures of Mailgun's documentation.
fn failed(event: &Value) -> What {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    if text("/severity") == Some("temporary") {
        return What::Nothing;
    }
    let reason = text("/reason").unwrap_or_default();
    let parts = ["/delivery-status/message", "/delivery-status/description"];
    let said = parts.into_iter().find_map(|part| text(part).filter(|said| !said.is_empty()));
    let said = said.unwrap_or(reason);
    match reason {
        "suppress-bounce" => What::bounced(&format!("{reason}: {said}"), true),
        "suppress-complaint" => What::Reported(ReportKind::Complained),
        "suppress-unsubscribe" => What::Unsubscribed,
        _ => {
            let status = text("/delivery-status/enhanced-code");
            let code = event.pointer("/delivery-status/code").and_then(Value::as_u64);
            let whole = match code {
                Some(code) => format!("{code} {said}"),
                None => said.to_owned(),
            };
            What::bounced(&whole, is_gone(status, &whole))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp(1_760_000_000_000);

    fn signed(token: &str, event: &Value) -> Value {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"hush");
        let tag = hmac::sign(&key, format!("1760000000{token}").as_bytes());
        let signature: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let proof = json!({ "timestamp": "1760000000", "token": token, "signature": signature });
        json!({ "signature": proof, "event-data": event })
    }

    fn check(document: &Value, seen: &Seen, now: Timestamp) -> Result<Value, Refused> {
        verify("hush", document.to_string().as_bytes(), seen, now)
    }

    #[test]
    fn a_token_is_good_for_one_event() {
        let seen = Seen::default();
        let one = signed("abc", &json!({ "event": "delivered" }));
        assert!(check(&one, &seen, NOW).is_ok());
        assert!(check(&one, &seen, NOW).is_ok(), "the same once more is no forgery");
        let mut forged = one.clone();
        forged["event-data"]["event"] = json!("complained");
        assert!(check(&forged, &seen, NOW).is_err());
        assert!(check(&signed("abd", &json!({})), &seen, NOW).is_ok());
    }

    #[test]
    fn nothing_of_the_proof_can_be_changed() {
        let one = signed("abc", &json!({ "event": "delivered" }));
        for name in ["timestamp", "token", "signature"] {
            let text = one["signature"][name].as_str().unwrap();
            for place in 0..text.len() {
                let mut other = text.to_owned();
                let letter = if &other[place..=place] == "1" { "2" } else { "1" };
                other.replace_range(place..=place, letter);
                let mut forged = one.clone();
                forged["signature"][name] = json!(other);
                assert!(check(&forged, &Seen::default(), NOW).is_err(), "{name} {place}");
            }
            let mut without = one.clone();
            without["signature"].as_object_mut().unwrap().remove(name);
            assert!(check(&without, &Seen::default(), NOW).is_err(), "{name}");
        }
        assert!(verify("other", one.to_string().as_bytes(), &Seen::default(), NOW).is_err());
        let late = NOW.plus(cauce_core::time::Duration::DAY);
        assert!(check(&one, &Seen::default(), late).is_err());
    }

    #[test]
    fn events_mean_what_they_say() {
        let check = |change: Value, expected: What| {
            let mut one = json!({ "timestamp": 1_760_000_000.5,
                "user-variables": { MARK: MessageId(7).to_string() } });
            one.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let read = event(&one);
            assert_eq!((read.message, &read.what), (Some(MessageId(7)), &expected), "{change}");
            assert_eq!(read.at, Some(Timestamp(1_760_000_000_500)));
        };
        check(json!({ "event": "delivered" }), What::Reported(ReportKind::Delivered));
        check(json!({ "event": "complained" }), What::Reported(ReportKind::Complained));
        check(json!({ "event": "unsubscribed" }), What::Unsubscribed);
        let failed = |severity: &str, reason: &str, code: u16, said: &str| {
            json!({ "event": "failed", "severity": severity, "reason": reason,
                "delivery-status": { "code": code, "message": said } })
        };
        check(failed("temporary", "generic", 452, "later"), What::Nothing);
        let gone = "550 5.1.1 no such user";
        let said = format!("550 {gone}");
        check(failed("permanent", "bounce", 550, gone), What::bounced(&said, true));
        let spam = failed("permanent", "bounce", 550, "5.7.1 looks like spam");
        check(spam, What::bounced("550 5.7.1 looks like spam", false));
        let known = failed("permanent", "suppress-bounce", 605, "Not delivering");
        check(known, What::bounced("suppress-bounce: Not delivering", true));
        check(failed("permanent", "suppress-unsubscribe", 606, ""), What::Unsubscribed);
        let complained = What::Reported(ReportKind::Complained);
        check(failed("permanent", "suppress-complaint", 607, ""), complained);
        for kind in ["accepted", "opened", "clicked", "stored", "new one"] {
            check(json!({ "event": kind }), What::Nothing);
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let seen = Seen::default();
        for n in 0..TOKENS_MAX + 10 {
            assert!(seen.allows(n as i64, "t", b"a"));
        }
        assert_eq!(seen.0.lock().unwrap().len(), TOKENS_MAX);
    }
}
