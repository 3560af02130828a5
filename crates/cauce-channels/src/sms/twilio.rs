//! Twilio's Messages resource: a form, and JSON back.
//!
//! Source: twilio-oai `twilio_api_v2010.json` (CreateMessage) for the fields; the table of codes
//! stands beside its source below. There is no idempotency key: what was lost is *unknown*.

use crate::http::{Answer, Call, Client, from_between};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use cauce_core::message::content::sms::Sms;
use cauce_core::time::Timestamp;
use serde_json::Value;

/// Where Twilio listens.
pub const BASE: &str = "https://api.twilio.com";

/// Limit: the longest validity that Twilio takes, in seconds (ten hours).
const VALIDITY_MAX_S: i64 = 36_000;

/// An account.
pub struct Options {
    /// The address of the API, without a slash at its end.
    pub base: String,
    /// The account (`AC…`).
    pub account: String,
    /// Who logs in: the account itself, or an API key (`SK…`).
    pub login: String,
    /// Its token or secret.
    pub secret: String,
    /// The Messaging Service (`MG…`) that picks the sender, if one does.
    pub service: Option<String>,
    /// Where Twilio reports, without the signed name of the message; absent: it does not.
    pub reports: Option<String>,
}

/// Sends by Twilio.
pub struct Twilio {
    http: Client,
    options: Options,
}

impl Twilio {
    /// By this account.
    pub fn new(http: Client, options: Options) -> Twilio {
        Twilio { http, options }
    }

    /// Sends one message and says what became of it.
    pub async fn send(&self, sms: &Sms, now: Timestamp) -> Outcome {
        match self.http.call(&self.call(sms, now)).await {
            Ok(answer) => judge(&answer),
            Err(outcome) => outcome,
        }
    }

    fn call(&self, sms: &Sms, now: Timestamp) -> Call {
        let Options { base, account, login, secret, service, reports } = &self.options;
        // Limit: Twilio takes whole seconds from one on.
        let validity = (sms.expires.since(now).0 / 1_000).clamp(1, VALIDITY_MAX_S).to_string();
        let reports = reports.as_ref().filter(|_| sms.receipt);
        let reports = reports.map(|reports| format!("{reports}/{}", sms.reference));
        let mut fields = vec![("To", sms.to.as_str()), ("Body", sms.text.as_str())];
        match service {
            Some(service) => fields.push(("MessagingServiceSid", service)),
            None => fields.push(("From", &sms.from)),
        }
        if let Some(reports) = &reports {
            fields.push(("StatusCallback", reports));
        }
        fields.push(("ValidityPeriod", &validity));
        // What was previewed is what is sent: the text is ours to make plainer.
        fields.push(("SmartEncoded", "false"));
        let credentials = BASE64.encode(format!("{login}:{secret}"));
        Call {
            method: "POST".to_owned(),
            url: format!("{base}/2010-04-01/Accounts/{account}/Messages.json"),
            headers: vec![
                ("authorization".to_owned(), format!("Basic {credentials}")),
                ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
                ("accept".to_owned(), "application/json".to_owned()),
            ],
            body: super::form(fields).into_bytes(),
        }
    }
}

/// What an answer says.
fn judge(answer: &Answer) -> Outcome {
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let field = |name: &str| json.as_ref().and_then(|json| json.get(name));
    let text = answer.shown();
    if (200..300).contains(&answer.status) {
        let id = field("sid").and_then(Value::as_str).map(str::to_owned);
        let failed = field("status").and_then(Value::as_str) == Some("failed");
        let code = field("error_code").and_then(Value::as_u64);
        return match (id, failed) {
            (_, true) => refused(answer, code, text),
            // A proxy's page with a 200 is no promise; nor is it a refusal.
            (None, false) => Outcome::Unknown { text },
            (id, false) => Outcome::Accepted { id, text },
        };
    }
    let code = field("code").and_then(Value::as_u64);
    match from_between(answer).filter(|_| code.is_none()) {
        Some(outcome) => outcome,
        None => refused(answer, code, text),
    }
}

fn refused(answer: &Answer, code: Option<u64>, text: String) -> Outcome {
    let login = matches!(answer.status, 401 | 403 | 404) && !code.is_some_and(is_about_a_message);
    Outcome::Refused {
        // A login or an account that is wrong says nothing about any one message.
        stage: if login { Stage::Auth } else { Stage::Content },
        code: answer.status,
        enhanced: code.and_then(meaning),
        text,
        retry_after_s: answer.retry_after_s(),
    }
}

/// 21xxx and 3xxxx are about one message, 2000x about who asks.
fn is_about_a_message(code: u64) -> bool {
    matches!(code, 21_000..=21_999 | 30_000..=39_999 | 60_000..=69_999)
}

/// What a code means, of an answer or of a report.
///
/// Source: Twilio's error and warning dictionary, as of November 2026; only those that change what
/// follows. Of the rest the status decides.
pub fn meaning(code: u64) -> Option<Enhanced> {
    Some(match code {
        // No such number, or one that takes no text messages: invalid `To`, not a mobile number,
        // unknown destination handset, landline or unreachable carrier.
        21_211 | 21_217 | 21_614 | 30_005 | 30_006 => Enhanced(5, 1, 1),
        // The person ended it at the carrier: attempt to send to unsubscribed recipient.
        21_610 => Enhanced::OPTED_OUT,
        // Too fast: too many requests, queues of the number or the account are full, rate of a
        // number or a campaign, daily limits.
        20_429 | 14_107 | 21_611 | 30_001 | 30_022 | 30_023 | 63_018 | 63_038 => Enhanced(4, 4, 5),
        // The sender may not write there, or is none of this account: permission for the region,
        // invalid or unowned `From`, no sender in the service, unregistered campaign.
        21_212 | 21_408 | 21_603 | 21_606 | 21_612 | 21_659 | 21_660 | 21_703 | 30_032 | 30_034 => {
            Enhanced(5, 7, 8)
        }
        // Text that is missing, or too long.
        21_602 | 21_617 | 21_619 => Enhanced(5, 6, 0),
        // Blocked or filtered, by the reader's network or by its owner.
        30_002 | 30_004 | 30_007 => Enhanced(5, 7, 1),
        // A telephone that is off, a network that fails, a validity that ended.
        30_003 | 30_008 | 30_010 | 30_017 | 30_036 => Enhanced(4, 2, 0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::delivery::{Cause, Verdict, classify};

    fn check(status: u16, body: &str, expected: Verdict) {
        let answer = Answer {
            status,
            headers: Default::default(),
            body: body.as_bytes().to_vec(),
            complete: true,
        };
        assert_eq!(classify(&judge(&answer)), expected, "{status} {body}");
    }

    #[test]
    fn answers_mean_what_the_dictionary_says() {
        let failed = |cause, suppress| Verdict::Failed { cause, suppress };
        let retry = |cause| Verdict::Retry { cause, after_s: None };
        check(201, r#"{"sid":"SM1","status":"queued","error_code":null}"#, Verdict::Accepted);
        check(200, "<html>welcome</html>", Verdict::Unknown);
        check(400, r#"{"code":21211}"#, failed(Cause::InvalidRecipient, true));
        check(400, r#"{"code":21614}"#, failed(Cause::InvalidRecipient, true));
        check(400, r#"{"code":21610}"#, failed(Cause::OptedOut, false));
        check(400, r#"{"code":21408}"#, failed(Cause::Configuration, false));
        check(403, r#"{"code":21408}"#, failed(Cause::Configuration, false));
        check(400, r#"{"code":21617}"#, failed(Cause::Content, false));
        check(400, r#"{"code":99999}"#, failed(Cause::Content, false));
        check(429, r#"{"code":20429}"#, retry(Cause::Throttled));
        check(400, r#"{"code":21611}"#, retry(Cause::Throttled));
        check(401, r#"{"code":20003}"#, retry(Cause::Configuration));
        check(404, r#"{"code":20404}"#, retry(Cause::Configuration));
        check(503, "down", retry(Cause::Transient));
        // A gateway's page: what stands behind it may have taken the message.
        check(502, "<html>bad gateway</html>", Verdict::Unknown);
        check(504, "", Verdict::Unknown);
        check(504, r#"{"code":20500}"#, retry(Cause::Transient));
        check(
            201,
            r#"{"sid":"SM1","status":"failed","error_code":30007}"#,
            failed(Cause::Blocked, false),
        );
    }
}
