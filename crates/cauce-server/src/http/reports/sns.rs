//! Amazon SNS: who signs an envelope, and the events of SES inside.

use super::certificate;
use super::said::{Refused, Said, What, is_gone};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_channels::email::api::MARK;
use cauce_core::ids::MessageId;
use cauce_core::input::ReportKind;
use cauce_core::time::Timestamp;
use serde_json::Value;

/// An envelope that SNS posts, whatever its content type says.
#[derive(Debug)]
pub struct Envelope(Value);

/// What an envelope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It holds a message.
    Notification,
    /// It asks whether the address wants messages.
    Subscription,
    /// It says that the address gets none any more.
    Unsubscription,
}

impl Envelope {
    /// Reads an envelope.
    pub fn read(body: &[u8]) -> Result<Envelope, Refused> {
        let no = || Refused::Malformed("it is no envelope of SNS".to_owned());
        let value: Value = serde_json::from_slice(body).map_err(|_| no())?;
        let envelope = Envelope(value);
        let fields = ["Type", "MessageId", "TopicArn", "Message", "Timestamp", "Signature"];
        match fields.iter().all(|field| envelope.field(field).is_some()) {
            true => Ok(envelope),
            false => Err(no()),
        }
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// What it is.
    pub fn kind(&self) -> Result<Kind, Refused> {
        match self.field("Type") {
            Some("Notification") => Ok(Kind::Notification),
            Some("SubscriptionConfirmation") => Ok(Kind::Subscription),
            Some("UnsubscribeConfirmation") => Ok(Kind::Unsubscription),
            _ => Err(Refused::Malformed("the envelope is of no known type".to_owned())),
        }
    }

    /// The topic that it comes from.
    pub fn topic(&self) -> &str {
        self.field("TopicArn").unwrap_or_default()
    }

    /// What is inside.
    pub fn message(&self) -> &str {
        self.field("Message").unwrap_or_default()
    }

    /// Where its certificate is, if that is at Amazon.
    pub fn certificate_url(&self) -> Result<&str, Refused> {
        let url = self.field("SigningCertURL").filter(|url| is_amazon(url));
        url.filter(|url| url.ends_with(".pem") && !url.contains(['?', '#']))
            .ok_or(Refused::Proof("the certificate is not Amazon's"))
    }

    /// Where a subscription is confirmed, if that is at Amazon.
    pub fn confirm_url(&self) -> Result<&str, Refused> {
        let url = self.field("SubscribeURL").filter(|url| is_amazon(url));
        url.ok_or(Refused::Proof("the address of the confirmation is not Amazon's"))
    }

    /// What is signed: names and values of the fields that the type has, by lines.
    fn canonical(&self, kind: Kind) -> String {
        let fields: &[&str] = match kind {
            Kind::Notification => {
                &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
            }
            Kind::Subscription | Kind::Unsubscription => {
                &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
            }
        };
        let lines = fields.iter().filter_map(|name| Some((*name, self.field(name)?)));
        lines.map(|(name, value)| format!("{name}\n{value}\n")).collect()
    }

    /// Whether the key of a certificate signed it.
    pub fn verify(&self, pem: &str) -> Result<(), Refused> {
        let algorithm: &RsaParameters = match self.field("SignatureVersion") {
            Some("1") => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Some("2") => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(Refused::Proof("the signature is of no known version")),
        };
        let key = certificate::rsa_key(pem).ok_or(Refused::Proof("the certificate has no key"))?;
        let signature = self.field("Signature").and_then(|text| STANDARD.decode(text).ok());
        let signature = signature.ok_or(Refused::Proof("the signature is no base64"))?;
        let text = self.canonical(self.kind()?);
        UnparsedPublicKey::new(algorithm, key)
            .verify(text.as_bytes(), &signature)
            .map_err(|_| Refused::Proof("the signature is not Amazon's"))
    }
}

/// Whether an address is one of SNS itself: `https://sns.REGION.amazonaws.com` and nothing that
/// only looks so.
fn is_amazon(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = &rest[..end];
    let region = host.strip_prefix("sns.").and_then(|host| {
        host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))
    });
    region.is_some_and(|region| {
        region.len() >= 3 && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

/// What an event of SES says; both of its shapes, `eventType` of event publishing and
/// `notificationType` of feedback notifications.
pub fn event(message: &str) -> Result<Said, Refused> {
    let no = || Refused::Malformed("the message is no event of SES".to_owned());
    let event: Value = serde_json::from_str(message).map_err(|_| no())?;
    let kind = event.get("eventType").or_else(|| event.get("notificationType"));
    let kind = kind.and_then(Value::as_str).ok_or_else(no)?;
    let (part, what) = match kind {
        "Delivery" => ("delivery", What::Reported(ReportKind::Delivered)),
        "Bounce" => ("bounce", bounce(event.get("bounce").ok_or_else(no)?)),
        "Complaint" => ("complaint", complaint(event.get("complaint").ok_or_else(no)?)),
        "Reject" => {
            let reason = text(&event, "/reject/reason").unwrap_or("rejected by SES");
            ("reject", What::bounced(reason, false))
        }
        "Rendering Failure" => {
            let reason = text(&event, "/failure/errorMessage").unwrap_or("not rendered by SES");
            ("failure", What::bounced(reason, false))
        }
        "Subscription" => ("subscription", subscription(&event)),
        // Steps on the way, opens and clicks that we count ourselves, and kinds that are new.
        _ => ("mail", What::Nothing),
    };
    let at = event.pointer(&format!("/{part}/timestamp")).and_then(Value::as_str);
    let at = at.and_then(|at| at.parse::<Timestamp>().ok());
    Ok(Said { message: named(&event), at, what })
}

/// Our message: by the tag of event publishing, or by the Message-ID that notifications repeat if
/// they are told to hold the original headers.
fn named(event: &Value) -> Option<MessageId> {
    let tag = event.pointer(&format!("/mail/tags/{MARK}/0")).and_then(Value::as_str);
    let own = text(event, "/mail/commonHeaders/messageId");
    let by_header = own.and_then(|own| own.trim_start_matches('<').split('@').next());
    [tag, by_header].into_iter().flatten().find_map(|text| text.parse().ok())
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

/// By the reason that the mailbox gave, where there is one, and else by Amazon's word.
fn bounce(bounce: &Value) -> What {
    let field = |name: &str| bounce.get(name).and_then(Value::as_str).unwrap_or_default();
    let (kind, more) = (field("bounceType"), field("bounceSubType"));
    let status = text(bounce, "/bouncedRecipients/0/status");
    let diagnosis = text(bounce, "/bouncedRecipients/0/diagnosticCode").unwrap_or_default();
    let listed = matches!(more, "NoEmail" | "Suppressed" | "OnAccountSuppressionList");
    let hard = kind == "Permanent"
        && (listed
            || is_gone(status, diagnosis)
            || status.is_none() && diagnosis.is_empty() && more == "General");
    let said = match diagnosis.is_empty() {
        true => format!("{kind} {more} {}", status.unwrap_or_default()),
        false => format!("{kind} {more}: {diagnosis}"),
    };
    What::bounced(said.trim(), hard)
}

/// A complaint; what is reported as no spam takes nothing away from anybody.
fn complaint(complaint: &Value) -> What {
    match text(complaint, "/complaintFeedbackType") {
        Some("not-spam") => What::Nothing,
        _ => What::Reported(ReportKind::Complained),
    }
}

/// A reader who chose at Amazon: what they left wholly, or its one topic.
fn subscription(event: &Value) -> What {
    let preferences = event.pointer("/subscription/newTopicPreferences");
    let all = preferences.and_then(|new| new.get("unsubscribeAll")).and_then(Value::as_bool);
    let statuses = preferences.and_then(|new| new.get("topicSubscriptionStatus"));
    let left = statuses.and_then(Value::as_array).is_some_and(|topics| {
        !topics.is_empty()
            && topics.iter().all(|topic| text(topic, "/subscriptionStatus") == Some("OptOut"))
    });
    if all == Some(true) || left { What::Unsubscribed } else { What::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_amazon_is_amazon() {
        for good in [
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://sns.cn-north-1.amazonaws.com.cn/a.pem",
            "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription",
        ] {
            assert!(is_amazon(good), "{good}");
        }
        for bad in [
            "http://sns.us-east-1.amazonaws.com/a.pem",
            "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
            "https://evil.example/sns.us-east-1.amazonaws.com/a.pem",
            "https://sns.us-east-1.amazonaws.com@evil.example/a.pem",
            "https://user:p@sns.us-east-1.amazonaws.com/a.pem",
            "https://sns.us-east-1.amazonaws.com:8443/a.pem",
            "https://sns.a.b.amazonaws.com/a.pem",
            "https://bucket.s3.amazonaws.com/a.pem",
            "https://sns..amazonaws.com/a.pem",
            "https://SNS.us-east-1.amazonaws.com\\@evil.example/a.pem",
            "sns.us-east-1.amazonaws.com/a.pem",
            "",
        ] {
            assert!(!is_amazon(bad), "{bad}");
        }
    }

    fn said(event: Value) -> What {
        super::event(&event.to_string()).unwrap().what
    }

    #[test]
    fn both_shapes_name_the_message() {
        let id = MessageId(7).to_string();
        for name in ["eventType", "notificationType"] {
            let tags = json!({ MARK: [id] });
            let tagged = json!({ name: "Delivery", "mail": { "tags": tags },
                "delivery": { "timestamp": "2026-11-05T00:41:02.669Z" } });
            let read = super::event(&tagged.to_string()).unwrap();
            assert_eq!(read.message, Some(MessageId(7)));
            assert_eq!(read.at, "2026-11-05T00:41:02.669Z".parse().ok());
            assert_eq!(read.what, What::Reported(ReportKind::Delivered));
        }
        let headers = json!({ "messageId": format!("<{id}@shop.example>") });
        let plain = json!({ "notificationType": "Delivery", "delivery": {},
            "mail": { "commonHeaders": headers } });
        assert_eq!(super::event(&plain.to_string()).unwrap().message, Some(MessageId(7)));
        let foreign = json!({ "eventType": "Delivery", "mail": { "messageId": "0100-1" } });
        assert_eq!(super::event(&foreign.to_string()).unwrap().message, None);
        assert!(super::event("Successfully validated SNS topic for Amazon SES").is_err());
    }

    #[test]
    fn bounces_are_read_by_reason() {
        let check = |kind: &str, more: &str, status: Value, diagnosis: Value, expected: bool| {
            let one = json!([{ "status": status, "diagnosticCode": diagnosis }]);
            let event = json!({ "eventType": "Bounce", "mail": {}, "bounce": {
                "bounceType": kind, "bounceSubType": more, "bouncedRecipients": one } });
            let What::Reported(ReportKind::Bounced { hard, text }) = said(event) else { panic!() };
            assert_eq!(hard, expected, "{kind} {more} {text}");
        };
        let user = json!("smtp; 550 5.1.1 user unknown");
        check("Permanent", "General", json!("5.1.1"), user.clone(), true);
        check("Permanent", "General", json!("5.7.1"), json!("smtp; 550 5.7.1 blocked"), false);
        check("Permanent", "General", json!(null), json!(null), true);
        check("Permanent", "Suppressed", json!(null), json!("Amazon SES did not send"), true);
        check("Permanent", "OnAccountSuppressionList", json!(null), json!(null), true);
        check("Permanent", "NoEmail", json!("5.1.1"), json!(null), true);
        check("Transient", "MailboxFull", json!("5.2.2"), json!("552 mailbox full"), false);
        check("Transient", "General", json!("5.1.1"), user, false);
        check("Undetermined", "Undetermined", json!(null), json!(null), false);
    }

    #[test]
    fn other_kinds_mean_what_they_say() {
        let check =
            |event: Value, expected: What| assert_eq!(said(event.clone()), expected, "{event}");
        let complained = What::Reported(ReportKind::Complained);
        let complaint = |kind: &str| {
            json!({ "eventType": "Complaint", "mail": {},
            "complaint": { "complaintFeedbackType": kind } })
        };
        check(complaint("abuse"), complained.clone());
        check(complaint("not-spam"), What::Nothing);
        check(json!({ "eventType": "Complaint", "mail": {}, "complaint": {} }), complained);
        for kind in ["Send", "Open", "Click", "DeliveryDelay", "Something New"] {
            check(json!({ "eventType": kind, "mail": {} }), What::Nothing);
        }
        let rejected =
            json!({ "eventType": "Reject", "mail": {}, "reject": { "reason": "virus" } });
        check(rejected, What::bounced("virus", false));
        let left = |all: bool, one: &str| {
            json!({ "eventType": "Subscription", "mail": {},
            "subscription": { "newTopicPreferences": { "unsubscribeAll": all,
                "topicSubscriptionStatus": [{ "topicName": "a", "subscriptionStatus": one }] } } })
        };
        check(left(true, "OptIn"), What::Unsubscribed);
        check(left(false, "OptOut"), What::Unsubscribed);
        check(left(false, "OptIn"), What::Nothing);
    }
}
