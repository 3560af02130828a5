//! What the answers of somebody's server mean, as the recipe says.

use crate::http::{Answer, from_between};
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use cauce_core::publish::{Meaning, Refusal, RetryAfter, Unit, Where};
use serde_json::Value;

/// Where to look in a provider's answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseMap {
    /// JSON pointer (RFC 6901) to the provider's name for the message.
    pub id_pointer: Option<String>,
    /// The header that holds it, if none of the body does.
    pub id_header: Option<String>,
    /// JSON pointer to the number of parts that a text message is counted as.
    pub parts_pointer: Option<String>,
    /// JSON pointer and the value that it must have for a 2xx to mean yes: some providers answer
    /// 200 and say no in the body.
    pub success: Option<(String, Value)>,
    /// What a no means; the first that fits counts.
    pub refusals: Vec<Refusal>,
    /// Where a no says when to come back.
    pub retry_after: Option<RetryAfter>,
}

/// Limit: a wait that a provider asks for; more is a mistake or a joke.
const WAIT_S_MAX: i64 = 7 * 86_400;

/// A meaning in the words of RFC 3463, which the judge of all channels reads; `None` where it may
/// have been taken.
fn enhanced(meaning: Meaning) -> Option<(Stage, Enhanced)> {
    Some(match meaning {
        Meaning::Permanent => (Stage::Content, Enhanced(5, 0, 0)),
        Meaning::InvalidRecipient => (Stage::Content, Enhanced(5, 1, 1)),
        Meaning::Blocked => (Stage::Content, Enhanced(5, 7, 1)),
        Meaning::Configuration => (Stage::Auth, Enhanced(4, 7, 8)),
        Meaning::Throttled => (Stage::Content, Enhanced(4, 4, 5)),
        Meaning::Temporary => (Stage::Content, Enhanced(4, 0, 0)),
        Meaning::Unknown => return None,
    })
}

impl ResponseMap {
    fn meaning(&self, answer: &Answer, json: Option<&Value>) -> Option<Meaning> {
        let fits = |refusal: &&Refusal| {
            let by_status = refusal.status.is_empty() || refusal.status.contains(&answer.status);
            let by_value = match refusal.place() {
                None => true,
                Some(Where::Pointer(pointer)) => json
                    .and_then(|json| json.pointer(&pointer))
                    .is_some_and(|found| refusal.values.contains(found)),
                Some(Where::Header(name)) => answer.header(&name).is_some_and(|found| {
                    refusal.values.iter().any(|value| match value {
                        Value::String(text) => text == found,
                        other => {
                            let written = other.to_string();
                            written == found
                        }
                    })
                }),
            };
            by_status && by_value
        };
        self.refusals.iter().find(fits).map(|refusal| refusal.means)
    }

    /// When to come back, where the recipe says that the answer says so.
    fn wait_s(&self, answer: &Answer, json: Option<&Value>, now_s: i64) -> Option<u32> {
        let after = self.retry_after.as_ref()?;
        let pointer = after.pointer.as_ref().and_then(|pointer| json?.pointer(pointer));
        let text = match pointer {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return None,
            None => answer.header(after.header.as_deref()?)?.to_owned(),
        };
        // Of fractions the next whole number: earlier is too early.
        let number: f64 = text.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
        let seconds = match after.unit {
            Unit::Seconds => number.ceil() as i64,
            Unit::Milliseconds => (number / 1_000.0).ceil() as i64,
            Unit::Epoch => number.ceil() as i64 - now_s,
        };
        (seconds >= 0).then_some(seconds.min(WAIT_S_MAX) as u32)
    }

    fn looks_into(&self) -> bool {
        let pointer = self.retry_after.as_ref().and_then(|after| after.pointer.as_ref());
        self.id_pointer.is_some()
            || self.parts_pointer.is_some()
            || self.success.is_some()
            || !self.refusals.is_empty()
            || pointer.is_some()
    }
}

/// A whole number, as a number or written out.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// What an answer means that came at a time, in seconds since 1970.
pub fn judge(answer: &Answer, map: &ResponseMap, now_s: i64) -> Outcome {
    let text = answer.shown();
    let json: Option<Value> =
        map.looks_into().then(|| serde_json::from_slice(&answer.body).ok()).flatten();
    let json = json.as_ref();
    let no = |text: String, said_s: Option<u32>| {
        let known = map.meaning(answer, json).map(enhanced);
        let (stage, enhanced) = match known {
            Some(None) => return Outcome::Unknown { text },
            Some(Some((stage, enhanced))) => (stage, Some(enhanced)),
            None => {
                if let Some(outcome) = from_between(answer) {
                    return outcome;
                }
                (Stage::Content, None)
            }
        };
        let retry_after_s = map.wait_s(answer, json, now_s).or(said_s);
        Outcome::Refused { stage, code: answer.status, enhanced, text, retry_after_s }
    };
    if !(200..300).contains(&answer.status) {
        return no(text, answer.retry_after_s());
    }
    if let Some((pointer, expected)) = &map.success {
        let found = json.and_then(|json| json.pointer(pointer));
        if found != Some(expected) {
            return no(text, None);
        }
    }
    let by_pointer = map.id_pointer.as_ref().and_then(|pointer| json?.pointer(pointer));
    let id = match by_pointer {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(_) | None => {
            map.id_header.as_deref().and_then(|h| answer.header(h)).map(str::to_owned)
        }
    };
    let id = id.map(|id| id.chars().take(200).collect());
    let parts = map.parts_pointer.as_ref().and_then(|pointer| json?.pointer(pointer));
    // Whoever pays by parts wants to see whether the provider counts as we do.
    let text = match parts.and_then(whole) {
        Some(parts) => format!("{parts} parts: {text}"),
        None => text,
    };
    Outcome::Accepted { id, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::delivery::{Verdict, classify};
    use hyper::HeaderMap;
    use serde_json::json;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Answer {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        Answer { status, headers, body: body.to_vec(), complete: true }
    }

    fn refusal(document: serde_json::Value) -> Refusal {
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn answers_mean_what_the_map_says() {
        let map = ResponseMap {
            id_pointer: Some("/data/0/id".into()),
            success: Some(("/ok".into(), json!(true))),
            refusals: vec![
                refusal(json!({ "pointer": "/code", "values": [21211, "gone"],
                    "means": "invalid-recipient" })),
                refusal(json!({ "pointer": "/code", "values": ["busy"], "means": "temporary" })),
            ],
            ..ResponseMap::default()
        };
        let judge = |status, body: &[u8]| judge(&answer(status, &[], body), &map, 0);
        let meaning = |status: u16, body: &[u8]| match judge(status, body) {
            Outcome::Refused { enhanced, .. } => enhanced.map(|Enhanced(class, ..)| class),
            other => panic!("{other:?}"),
        };
        assert_eq!(meaning(200, br#"{"ok":false,"code":21211}"#), Some(5));
        assert_eq!(meaning(400, br#"{"code":"gone"}"#), Some(5));
        assert_eq!(meaning(200, br#"{"ok":false,"code":"busy"}"#), Some(4));
        assert_eq!(meaning(200, br#"{"ok":false,"code":"21211"}"#), None);
        let yes = judge(200, br#"{"ok":true,"data":[{"id":17}]}"#);
        assert!(matches!(yes, Outcome::Accepted { id: Some(id), .. } if id == "17"));
        for no in [&br#"{"ok":false}"#[..], b"{}", b"", b"not json"] {
            let said = judge(200, no);
            assert!(matches!(said, Outcome::Refused { code: 200, .. }), "{said:?}");
        }
        let plain = super::judge(&answer(204, &[], b""), &ResponseMap::default(), 0);
        assert!(matches!(plain, Outcome::Accepted { id: None, .. }));
    }

    #[test]
    fn every_meaning_ends_somewhere() {
        let check = |means: &str, expected: &str| {
            let refusals = vec![refusal(json!({ "status": [400], "means": means }))];
            let map = ResponseMap { refusals, ..ResponseMap::default() };
            let shown = match classify(&judge(&answer(400, &[], b""), &map, 0)) {
                Verdict::Retry { cause, .. } => format!("retry {}", cause.as_str()),
                Verdict::Failed { cause, suppress } => {
                    format!("fail {} {suppress}", cause.as_str())
                }
                other => format!("{other:?}"),
            };
            assert_eq!(shown, expected, "{means}");
        };
        check("permanent", "fail content false");
        check("invalid-recipient", "fail invalid-recipient true");
        check("blocked", "fail blocked false");
        check("configuration", "retry configuration");
        check("throttled", "retry throttled");
        check("temporary", "retry content");
        check("unknown", "Unknown");
    }

    #[test]
    fn a_gateways_answer_is_none_unless_the_recipe_knows_it() {
        for status in [502, 504] {
            let open = judge(&answer(status, &[], b"<html>"), &ResponseMap::default(), 0);
            assert_eq!(classify(&open), Verdict::Unknown, "{status}");
            let refusals = vec![refusal(json!({ "status": [status], "means": "temporary" }))];
            let map = ResponseMap { refusals, ..ResponseMap::default() };
            let said = classify(&judge(&answer(status, &[], b"<html>"), &map, 0));
            assert!(matches!(said, Verdict::Retry { .. }), "{said:?}");
        }
        let busy = judge(&answer(503, &[], b""), &ResponseMap::default(), 0);
        assert!(matches!(classify(&busy), Verdict::Retry { .. }));
    }

    #[test]
    fn headers_and_statuses_say_no_as_well() {
        let map = ResponseMap {
            id_header: Some("x-id".into()),
            refusals: vec![
                refusal(json!({ "header": "x-error", "values": ["gone", 7],
                    "means": "invalid-recipient" })),
                refusal(json!({ "status": [404], "means": "blocked" })),
            ],
            ..ResponseMap::default()
        };
        let meaning = |status, headers: &[(&'static str, &str)]| match judge(
            &answer(status, headers, b""),
            &map,
            0,
        ) {
            Outcome::Refused { enhanced, .. } => enhanced,
            other => panic!("{other:?}"),
        };
        assert_eq!(meaning(400, &[("x-error", "gone")]), Some(Enhanced(5, 1, 1)));
        assert_eq!(meaning(400, &[("x-error", "7")]), Some(Enhanced(5, 1, 1)));
        assert_eq!(meaning(400, &[("x-error", "8")]), None);
        assert_eq!(meaning(404, &[]), Some(Enhanced(5, 7, 1)));
        let yes = judge(&answer(200, &[("x-id", "m-1")], b""), &map, 0);
        assert!(matches!(yes, Outcome::Accepted { id: Some(id), .. } if id == "m-1"));
    }

    #[test]
    fn a_no_says_when_to_come_back() {
        let check = |status: u16, after: &str, wait: Option<u32>| {
            let said = answer(status, &[("retry-after", after)], b"x");
            let said = judge(&said, &ResponseMap::default(), 0);
            assert!(matches!(
                said,
                Outcome::Refused { code, retry_after_s, .. }
                    if (code, retry_after_s) == (status, wait)
            ));
        };
        check(429, "30", Some(30));
        check(503, " 5 ", Some(5));
        check(503, "99999999", Some(604_800));
        check(429, "-1", None);
        check(429, "Wed, 21 Oct 2026 07:28:00 GMT", None);
        check(500, "30", None);
        check(302, "30", None);
        let said = |after: serde_json::Value, headers: &[(&'static str, &str)], body: &[u8]| {
            let retry_after = Some(serde_json::from_value(after).unwrap());
            let map = ResponseMap { retry_after, ..ResponseMap::default() };
            match judge(&answer(429, headers, body), &map, 1_000) {
                Outcome::Refused { retry_after_s, .. } => retry_after_s,
                other => panic!("{other:?}"),
            }
        };
        let reset = json!({ "header": "x-reset", "unit": "epoch" });
        assert_eq!(said(reset.clone(), &[("x-reset", "1042")], b""), Some(42));
        assert_eq!(said(reset, &[("x-reset", "900"), ("retry-after", "7")], b""), Some(7));
        let body = json!({ "pointer": "/wait_ms", "unit": "milliseconds" });
        assert_eq!(said(body.clone(), &[], br#"{"wait_ms":1500}"#), Some(2));
        assert_eq!(said(body, &[], br#"{"wait_ms":"x"}"#), None);
    }
}
