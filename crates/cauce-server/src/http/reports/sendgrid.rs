//! SendGrid's event webhook: signed with a key of the account, many events in one request.

use super::certificate::public_bits;
use super::said::{Refused, Said, What, is_gone, seconds};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_channels::email::api::MARK;
use cauce_core::ids::MessageId;
use cauce_core::input::ReportKind;
use cauce_core::time::Timestamp;
use serde_json::Value;

const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";

/// How far the time that is signed may be from ours. SendGrid says what was not taken again for a
/// day (its event webhook reference, November 2026); what it repeats changes nothing.
const WITHIN_S: i64 = 2 * 86_400;

/// Whether the account's key signed the request.
pub fn verify(key: &str, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), Refused> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = header(SIGNATURE).ok_or(Refused::Proof("there is no signature"))?;
    let timestamp = header(TIMESTAMP).ok_or(Refused::Proof("there is no time"))?;
    let at: i64 = timestamp.parse().map_err(|_| Refused::Proof("the time is none"))?;
    if (now.0.div_euclid(1_000) - at).abs() > WITHIN_S {
        return Err(Refused::Proof("it was signed too long ago"));
    }
    let decoded = |text: &str| STANDARD.decode(text.trim()).ok();
    let key = decoded(key).and_then(|info| public_bits(&info).map(<[u8]>::to_vec));
    let key = key.ok_or(Refused::Proof("the verification key is none"))?;
    let signature = decoded(signature).ok_or(Refused::Proof("the signature is no base64"))?;
    let mut signed = timestamp.as_bytes().to_vec();
    signed.extend_from_slice(body);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
        .verify(&signed, &signature)
        .map_err(|_| Refused::Proof("the signature is not the account's"))
}

/// What the events of a request say.
pub fn events(body: &[u8]) -> Result<Vec<Said>, Refused> {
    let events: Vec<Value> = serde_json::from_slice(body)
        .map_err(|_| Refused::Malformed("it is no list of events".to_owned()))?;
    Ok(events.iter().map(event).collect())
}

fn event(event: &Value) -> Said {
    let field = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    // Custom arguments stand among the fields; the Message-ID is ours as well.
    let own = field("smtp-id").trim_start_matches('<').split('@').next().unwrap_or_default();
    let message = field(MARK).parse::<MessageId>().or_else(|_| own.parse()).ok();
    let reason = field("reason");
    let what = match field("event") {
        "delivered" => What::Reported(ReportKind::Delivered),
        "spamreport" => What::Reported(ReportKind::Complained),
        "unsubscribe" | "group_unsubscribe" => What::Unsubscribed,
        "bounce" => bounce(event, reason),
        "dropped" => dropped(reason),
        // Steps on the way, opens and clicks that we count ourselves, and kinds that are new.
        _ => What::Nothing,
    };
    Said { message, at: event.get("timestamp").and_then(seconds), what }
}

/// `blocked` is about us, whatever the code; of the rest the reason counts.
fn bounce(event: &Value, reason: &str) -> What {
    let field = |name: &str| event.get(name).and_then(Value::as_str);
    let invalid = field("bounce_classification") == Some("Invalid Address");
    let hard = field("type") != Some("blocked") && (invalid || is_gone(field("status"), reason));
    What::bounced(reason, hard)
}

/// What SendGrid did not send, since it knows something of the address.
///
/// As of November 2026. Source: the reasons of dropped events in its event webhook reference.
fn dropped(reason: &str) -> What {
    match reason {
        "Bounced Address" | "Invalid" => What::bounced(&format!("dropped: {reason}"), true),
        "Spam Reporting Address" => What::Reported(ReportKind::Complained),
        "Unsubscribed Address" => What::Unsubscribed,
        other => What::bounced(&format!("dropped: {other}"), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    /// The frame of a P-256 key (RFC 5480).
    const FRAME: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];

    fn signed(body: &[u8], at: &str) -> (String, HeaderMap) {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pair = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pair.as_ref()).unwrap();
        let text = [at.as_bytes(), body].concat();
        let signature = pair.sign(&random, &text).unwrap();
        let key = [&FRAME[..], pair.public_key().as_ref()].concat();
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, STANDARD.encode(signature).parse().unwrap());
        headers.insert(TIMESTAMP, at.parse().unwrap());
        (STANDARD.encode(key), headers)
    }

    #[test]
    fn nothing_of_it_can_be_changed() {
        let (body, now) = (br#"[{"event":"delivered"}]"#, Timestamp(1_760_000_000_000));
        let (key, headers) = signed(body, "1760000000");
        assert_eq!(verify(&key, &headers, body, now), Ok(()));
        for place in 0..body.len() {
            let mut other = body.to_vec();
            other[place] ^= 1;
            assert!(verify(&key, &headers, &other, now).is_err(), "{place}");
        }
        let changed = |name: &'static str, value: &str| {
            let mut other = headers.clone();
            other.insert(name, value.parse().unwrap());
            verify(&key, &other, body, now)
        };
        let signature = headers[SIGNATURE].to_str().unwrap();
        for place in (0..signature.len()).step_by(7) {
            let mut other = signature.to_owned();
            let letter = if &other[place..=place] == "A" { "B" } else { "A" };
            other.replace_range(place..=place, letter);
            assert!(changed(SIGNATURE, &other).is_err(), "{place}");
        }
        assert!(changed(TIMESTAMP, "1760000001").is_err() && changed(TIMESTAMP, "x").is_err());
        assert!(verify(&key, &HeaderMap::new(), body, now).is_err());
        let (another, _) = signed(body, "1760000000");
        assert!(verify(&another, &headers, body, now).is_err());
        assert!(verify("AAAA", &headers, body, now).is_err());
        let late = now.plus(cauce_core::time::Duration::DAY.times(3));
        assert!(verify(&key, &headers, body, late).is_err());
    }

    fn came_back(kind: &str, status: &str, reason: &str) -> Value {
        json!({ "event": "bounce", "type": kind, "status": status, "reason": reason })
    }

    #[test]
    fn events_mean_what_they_say() {
        let id = MessageId(7).to_string();
        let check = |change: Value, expected: What| {
            let mut one = json!({ MARK: id, "timestamp": 1_760_000_000, "sg_event_id": "1" });
            one.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let read = events(json!([one]).to_string().as_bytes()).unwrap().remove(0);
            assert_eq!((read.message, &read.what), (Some(MessageId(7)), &expected), "{change}");
            assert_eq!(read.at, Some(Timestamp(1_760_000_000_000)));
        };
        let bounced = |text: &str, hard| What::bounced(text, hard);
        check(json!({ "event": "delivered" }), What::Reported(ReportKind::Delivered));
        check(json!({ "event": "spamreport" }), What::Reported(ReportKind::Complained));
        check(json!({ "event": "group_unsubscribe", "asm_group_id": 3 }), What::Unsubscribed);
        let gone = "550 5.1.1 user unknown";
        check(came_back("bounce", "5.1.1", gone), bounced(gone, true));
        check(came_back("blocked", "5.1.1", gone), bounced(gone, false));
        check(came_back("bounce", "5.7.1", "550 spam"), bounced("550 spam", false));
        let mut classified = came_back("bounce", "5.0.0", "500 unknown recipient");
        classified["bounce_classification"] = json!("Invalid Address");
        check(classified, bounced("500 unknown recipient", true));
        let dropped = |reason: &str| json!({ "event": "dropped", "reason": reason });
        check(dropped("Bounced Address"), bounced("dropped: Bounced Address", true));
        check(dropped("Unsubscribed Address"), What::Unsubscribed);
        check(dropped("Spam Content"), bounced("dropped: Spam Content", false));
        for kind in ["processed", "deferred", "open", "click", "group_resubscribe", "new one"] {
            check(json!({ "event": kind }), What::Nothing);
        }
    }

    #[test]
    fn the_message_id_names_it_too() {
        let id = format!("<{}@shop.example>", MessageId(7));
        let one = json!([{ "event": "delivered", "smtp-id": id }, { "event": "delivered" }]);
        let read = events(one.to_string().as_bytes()).unwrap();
        assert_eq!(read[0].message, Some(MessageId(7)));
        assert_eq!(read[1].message, None);
        assert!(events(b"{}").is_err() && events(b"").is_err());
    }
}
