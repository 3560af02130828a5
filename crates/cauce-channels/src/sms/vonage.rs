//! Vonage's SMS API: a form, and JSON back with a status for each part. It says no under HTTP 200.
//!
//! Source: the reference of the SMS API and its table of statuses, as of November 2026; limits of
//! fields as the `vonage-sms` SDK 1.2.0 checks them.

use crate::http::{Answer, Call, Client, from_between};
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use cauce_core::message::content::sms::{Encoding, Sms};
use cauce_core::time::Timestamp;
use serde_json::Value;

/// Where Vonage listens.
pub const BASE: &str = "https://rest.nexmo.com";

/// Limit: bytes of the address for reports.
pub const REPORTS_BYTES_MAX: usize = 100;

/// Limits of the validity, in milliseconds: twenty seconds and a week.
const VALIDITY_MS: (i64, i64) = (20_000, 604_800_000);

/// An account.
pub struct Options {
    /// The address of the API, without a slash at its end.
    pub base: String,
    /// The key of the account.
    pub key: String,
    /// Its secret.
    pub secret: String,
    /// Where Vonage reports; absent: it does not.
    pub reports: Option<String>,
}

/// Sends by Vonage.
pub struct Vonage {
    http: Client,
    options: Options,
}

impl Vonage {
    /// By this account.
    pub fn new(http: Client, options: Options) -> Vonage {
        Vonage { http, options }
    }

    /// Sends one message and says what became of it.
    pub async fn send(&self, sms: &Sms, now: Timestamp) -> Outcome {
        match self.http.call(&self.call(sms, now)).await {
            Ok(answer) => judge(&answer),
            Err(outcome) => outcome,
        }
    }

    fn call(&self, sms: &Sms, now: Timestamp) -> Call {
        let Options { base, key, secret, reports } = &self.options;
        let validity = sms.expires.since(now).0.clamp(VALIDITY_MS.0, VALIDITY_MS.1).to_string();
        let kind = match sms.encoding {
            Encoding::Gsm7 => "text",
            Encoding::Ucs2 => "unicode",
        };
        // Numbers have no plus here, and letters are as they are.
        let mut fields = vec![
            ("api_key", key.as_str()),
            ("api_secret", secret),
            ("from", sms.from.trim_start_matches('+')),
            ("to", sms.to.trim_start_matches('+')),
            ("text", &sms.text),
            ("type", kind),
            ("ttl", &validity),
            ("client-ref", &sms.reference),
        ];
        if let Some(reports) = reports.as_deref().filter(|_| sms.receipt) {
            fields.push(("status-report-req", "1"));
            fields.push(("callback", reports));
        }
        // What India asks for (TRAI's registry of templates).
        let extra = |name: &str| sms.extras.get(name).map(String::as_str);
        fields.extend(extra("dlt-entity-id").map(|id| ("entity-id", id)));
        fields.extend(extra("dlt-template-id").map(|id| ("content-id", id)));
        Call {
            method: "POST".to_owned(),
            url: format!("{base}/sms/json"),
            headers: vec![(
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: super::form(fields).into_bytes(),
        }
    }
}

/// What an answer says, of all parts together.
fn judge(answer: &Answer) -> Outcome {
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let parts = json.as_ref().and_then(|json| json.get("messages")).and_then(Value::as_array);
    let text = answer.shown();
    let said_yes = (200..300).contains(&answer.status);
    let Some(parts) = parts.filter(|parts| !parts.is_empty()) else {
        // A proxy's page with a 200 is no promise; nor is it a refusal.
        return match from_between(answer) {
            Some(outcome) => outcome,
            None if said_yes => Outcome::Unknown { text },
            None => refused(answer, None, text),
        };
    };
    let status = |part: &Value| match part.get("status") {
        Some(Value::String(status)) => status.parse::<u64>().ok(),
        Some(Value::Number(status)) => status.as_u64(),
        Some(_) | None => None,
    };
    let taken = parts.iter().filter(|part| status(part) == Some(0)).count();
    if taken == parts.len() {
        let id = parts[0].get("message-id").and_then(Value::as_str).map(str::to_owned);
        return Outcome::Accepted { id, text };
    }
    if taken > 0 {
        // Sent again, the reader would have the beginning twice.
        let text = format!("{taken} of {} parts were taken: {text}", parts.len());
        return Outcome::Unknown { text };
    }
    refused(answer, status(&parts[0]), text)
}

fn refused(answer: &Answer, status: Option<u64>, text: String) -> Outcome {
    // A login or an account that is wrong says nothing about any one message: wrong credentials,
    // an account that is barred or has no money left, a wrong signature.
    let login = matches!(status, Some(4 | 8 | 9 | 11 | 14 | 32))
        || status.is_none() && matches!(answer.status, 401 | 403);
    Outcome::Refused {
        stage: if login { Stage::Auth } else { Stage::Content },
        code: answer.status,
        enhanced: status.and_then(meaning),
        text,
        retry_after_s: answer.retry_after_s(),
    }
}

/// What the status of a part means.
fn meaning(status: u64) -> Option<Enhanced> {
    Some(match status {
        1 | 10 => Enhanced(4, 4, 5),              // throttled; too many binds
        5 => Enhanced(4, 3, 0),                   // their own fault
        7 => Enhanced::OPTED_OUT, // the number is barred: on their list of those who ended
        33 => Enhanced(5, 1, 1),  // the number was given up
        2 | 3 | 6 | 12 | 23 => Enhanced(5, 6, 0), // missing or invalid fields, too long
        15 | 22 | 29 => Enhanced(5, 7, 8), // this sender may not write there
        4 | 8 | 9 | 11 | 14 | 32 => Enhanced(4, 7, 8), // who asks
        _ => Enhanced(5, 0, 0),
    })
}

/// What the code of a failed delivery means.
///
/// Source: the error codes of Vonage's delivery receipts, as of November 2026.
pub fn failure(code: u64) -> Option<Enhanced> {
    Some(match code {
        3 | 9 => Enhanced(5, 1, 1),          // absent for good; no such number
        2 | 7 | 8 | 12 => Enhanced(4, 2, 0), // off, busy, network
        4 => Enhanced::OPTED_OUT,            // barred by the reader
        5 | 11 => Enhanced(4, 4, 0),         // portability, no route
        6 | 13 | 14 => Enhanced(5, 7, 1),    // filters, age, carrier
        10 => Enhanced(5, 6, 0),             // the message
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::delivery::{Cause, Verdict, classify};

    fn check(status: u16, statuses: &[&str], expected: Verdict) {
        let parts: Vec<_> = statuses
            .iter()
            .map(|status| serde_json::json!({ "status": status, "message-id": "0A" }))
            .collect();
        let body = serde_json::json!({ "message-count": parts.len().to_string(),
                                       "messages": parts });
        let body = body.to_string().into_bytes();
        let answer = Answer { status, headers: Default::default(), body, complete: true };
        assert_eq!(classify(&judge(&answer)), expected, "{status} {statuses:?}");
    }

    #[test]
    fn every_part_counts() {
        let failed = |cause, suppress| Verdict::Failed { cause, suppress };
        let retry = |cause| Verdict::Retry { cause, after_s: None };
        check(200, &["0"], Verdict::Accepted);
        check(200, &["0", "0", "0"], Verdict::Accepted);
        check(200, &["0", "1"], Verdict::Unknown);
        check(200, &[], Verdict::Unknown);
        check(200, &["1"], retry(Cause::Throttled));
        check(200, &["5"], retry(Cause::Transient));
        check(200, &["4"], retry(Cause::Configuration));
        check(200, &["9"], retry(Cause::Configuration));
        check(200, &["7"], failed(Cause::OptedOut, false));
        check(200, &["33"], failed(Cause::InvalidRecipient, true));
        check(200, &["3"], failed(Cause::Content, false));
        check(200, &["15"], failed(Cause::Configuration, false));
        check(200, &["77"], failed(Cause::Undetermined, false));
        check(503, &[], retry(Cause::Transient));
        // A gateway's page: what stands behind it may have taken the message.
        check(502, &[], Verdict::Unknown);
        check(504, &[], Verdict::Unknown);
        check(502, &["5"], retry(Cause::Transient));
        check(401, &[], retry(Cause::Configuration));
    }
}
