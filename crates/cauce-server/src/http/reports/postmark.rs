//! Postmark's webhooks: one event in a request, behind a name and a password.

use super::said::{Refused, Said, What, is_gone};
use cauce_channels::email::api::MARK;
use cauce_core::ids::MessageId;
use cauce_core::input::ReportKind;
use cauce_core::time::Timestamp;
use serde_json::Value;

/// What the types of a bounce mean, where the type alone says it: that the address is gone, or that
/// it is not. Of all others the diagnosis counts.
///
/// As of November 2026. Source: the bounce types of Postmark's bounce API reference.
const GONE: [(&str, bool); 18] = [
    ("HardBounce", true),
    ("BadEmailAddress", true),
    ("ManuallyDeactivated", true),
    ("SoftBounce", false),
    ("Transient", false),
    ("DnsError", false),
    ("SpamNotification", false),
    ("OpenRelayTest", false),
    ("Unknown", false),
    ("VirusNotification", false),
    ("ChallengeVerification", false),
    ("AutoResponder", false),
    ("AddressChange", false),
    ("Blocked", false),
    ("SMTPApiError", false),
    ("InboundError", false),
    ("DMARCPolicy", false),
    ("TemplateRenderingFailed", false),
];

/// What an event says.
pub fn event(body: &[u8]) -> Result<Said, Refused> {
    let event: Value = serde_json::from_slice(body)
        .map_err(|_| Refused::Malformed("it is no document".to_owned()))?;
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let mark = event.pointer(&format!("/Metadata/{MARK}")).and_then(Value::as_str);
    let message = mark.and_then(|mark| mark.parse::<MessageId>().ok());
    let (time, what) = match text("RecordType") {
        "Delivery" => ("DeliveredAt", What::Reported(ReportKind::Delivered)),
        "SpamComplaint" => ("BouncedAt", What::Reported(ReportKind::Complained)),
        "Bounce" => ("BouncedAt", bounce(text("Type"), text("Description"), text("Details"))),
        "SubscriptionChange" => ("ChangedAt", subscription(&event)),
        // Opens and clicks that we count ourselves, and kinds that are new.
        _ => ("ReceivedAt", What::Nothing),
    };
    Ok(Said { message, at: text(time).parse::<Timestamp>().ok(), what })
}

fn bounce(kind: &str, description: &str, details: &str) -> What {
    let said = if details.is_empty() { description } else { details };
    match kind {
        // Words of Postmark for what is no bounce: a reader's answers, and steps on the way.
        "Subscribe" | "AutoResponder" | "AddressChange" | "OpenRelayTest" | "Transient" => {
            What::Nothing
        }
        "Unsubscribe" => What::Unsubscribed,
        "SpamComplaint" => What::Reported(ReportKind::Complained),
        _ => {
            let by_kind = GONE.iter().find(|(known, _)| *known == kind).map(|(_, gone)| *gone);
            // A hard bounce whose diagnosis blames us is none of the address's.
            let blamed = said.split_whitespace().any(|word| word.starts_with("5.7."));
            let gone = by_kind.unwrap_or_else(|| is_gone(None, said)) && !blamed;
            What::bounced(&format!("{kind}: {said}"), gone)
        }
    }
}

/// Who may no longer be written to, and why. What is taken back is theirs to say to us.
fn subscription(event: &Value) -> What {
    let stopped = event.get("SuppressSending").and_then(Value::as_bool) == Some(true);
    let reason = event.get("SuppressionReason").and_then(Value::as_str).unwrap_or_default();
    match (stopped, reason) {
        (false, _) => What::Nothing,
        (true, "SpamComplaint") => What::Reported(ReportKind::Complained),
        (true, "HardBounce") => What::bounced("suppressed at Postmark: HardBounce", true),
        (true, _) => What::Unsubscribed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn came_back(kind: &str, details: &str) -> Value {
        json!({ "RecordType": "Bounce", "Type": kind, "Details": details })
    }

    #[test]
    fn events_mean_what_they_say() {
        let check = |change: Value, expected: What| {
            let mut one = json!({ "Metadata": { MARK: MessageId(7).to_string() } });
            one.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let read = event(one.to_string().as_bytes()).unwrap();
            assert_eq!((read.message, &read.what), (Some(MessageId(7)), &expected), "{change}");
        };
        let at = "2026-11-05T16:33:54.9070259Z";
        let delivered = json!({ "RecordType": "Delivery", "DeliveredAt": at });
        check(delivered.clone(), What::Reported(ReportKind::Delivered));
        let read = event(delivered.to_string().as_bytes()).unwrap();
        assert_eq!((read.message, read.at), (None, at.parse().ok()));
        let complained = What::Reported(ReportKind::Complained);
        check(json!({ "RecordType": "SpamComplaint" }), complained.clone());
        let gone = "smtp;550 5.1.1 The email account does not exist";
        check(came_back("HardBounce", gone), What::bounced(&format!("HardBounce: {gone}"), true));
        let blamed = "smtp;550 5.7.1 not authenticated";
        let kept = What::bounced(&format!("HardBounce: {blamed}"), false);
        check(came_back("HardBounce", blamed), kept);
        check(came_back("SoftBounce", "full"), What::bounced("SoftBounce: full", false));
        check(came_back("DMARCPolicy", "no"), What::bounced("DMARCPolicy: no", false));
        check(came_back("Unsubscribe", ""), What::Unsubscribed);
        check(came_back("AutoResponder", "on holiday"), What::Nothing);
        let changed = |stopped: bool, reason: Value| {
            json!({ "RecordType": "SubscriptionChange", "SuppressSending": stopped,
                "SuppressionReason": reason })
        };
        check(changed(true, json!("ManualSuppression")), What::Unsubscribed);
        check(changed(true, json!("SpamComplaint")), complained);
        check(changed(false, json!(null)), What::Nothing);
        for kind in ["Open", "Click", "Inbound", "New"] {
            check(json!({ "RecordType": kind }), What::Nothing);
        }
        assert!(event(b"x").is_err());
    }
}
