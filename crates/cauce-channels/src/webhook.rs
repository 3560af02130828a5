//! Requests to somebody's server, signed as Standard Webhooks has it. This is the way to every
//! third-party messaging provider.

mod client;
mod sign;

pub use crate::http::{ANSWER_BYTES_MAX, Options};
pub use client::Client;
pub use sign::SigningKey;

use crate::http::Answer;
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use cauce_core::publish::Meaning;
use serde_json::Value;

/// Where to look in a provider's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseMap {
    /// JSON pointer (RFC 6901) to the provider's name for the message.
    pub id_pointer: Option<String>,
    /// JSON pointer and the value that it must have for a 2xx to mean yes: some providers answer
    /// 200 and say no in the body.
    pub success: Option<(String, Value)>,
    /// What a no means: pointer, values, meaning; the first that fits counts.
    pub refusals: Vec<(String, Vec<Value>, Meaning)>,
}

impl ResponseMap {
    /// The meaning of a no, in the words of RFC 3463, which the judge of all channels reads.
    fn meaning(&self, json: Option<&Value>) -> Option<Enhanced> {
        let fits = |(pointer, values, _): &&(String, Vec<Value>, Meaning)| {
            json.and_then(|json| json.pointer(pointer)).is_some_and(|found| values.contains(found))
        };
        self.refusals.iter().find(fits).map(|(_, _, meaning)| match meaning {
            Meaning::Permanent => Enhanced(5, 0, 0),
            Meaning::InvalidRecipient => Enhanced(5, 1, 1),
            Meaning::Throttled => Enhanced(4, 4, 5),
            Meaning::Temporary => Enhanced(4, 0, 0),
        })
    }
}

/// What a complete answer means.
fn judge(answer: &Answer, map: &ResponseMap) -> Outcome {
    let (status, text) = (answer.status, answer.shown());
    let looked_into = map.id_pointer.is_some() || map.success.is_some() || !map.refusals.is_empty();
    let json = looked_into.then(|| serde_json::from_slice::<Value>(&answer.body).ok()).flatten();
    let refused = |text: String, retry_after_s| Outcome::Refused {
        stage: Stage::Content,
        code: status,
        enhanced: map.meaning(json.as_ref()),
        text,
        retry_after_s,
    };
    if !(200..300).contains(&status) {
        return refused(text, answer.retry_after_s());
    }
    if let Some((pointer, expected)) = &map.success {
        let found = json.as_ref().and_then(|json| json.pointer(pointer));
        if found != Some(expected) {
            return refused(text, None);
        }
    }
    let id = map.id_pointer.as_ref().and_then(|pointer| json.as_ref()?.pointer(pointer)).and_then(
        |value| match value {
            Value::String(text) => Some(text.chars().take(200).collect()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        },
    );
    Outcome::Accepted { id, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(status: u16, retry_after: Option<&str>, body: &[u8]) -> Answer {
        let after = retry_after.map(|text| ("retry-after".parse().unwrap(), text.parse().unwrap()));
        let headers = after.into_iter().collect();
        Answer { status, headers, body: body.to_vec(), complete: true }
    }

    #[test]
    fn answers_mean_what_the_map_says() {
        let map = ResponseMap {
            id_pointer: Some("/data/0/id".into()),
            success: Some(("/ok".into(), json!(true))),
            refusals: vec![
                ("/code".into(), vec![json!(21211), json!("gone")], Meaning::InvalidRecipient),
                ("/code".into(), vec![json!("busy")], Meaning::Temporary),
            ],
        };
        let meaning = |status: u16, body: &[u8]| match judge(&answer(status, None, body), &map) {
            Outcome::Refused { enhanced, .. } => enhanced.map(|Enhanced(class, ..)| class),
            other => panic!("{other:?}"),
        };
        assert_eq!(meaning(200, br#"{"ok":false,"code":21211}"#), Some(5));
        assert_eq!(meaning(400, br#"{"code":"gone"}"#), Some(5));
        assert_eq!(meaning(200, br#"{"ok":false,"code":"busy"}"#), Some(4));
        assert_eq!(meaning(200, br#"{"ok":false,"code":"21211"}"#), None);
        let yes = judge(&answer(200, None, br#"{"ok":true,"data":[{"id":17}]}"#), &map);
        assert!(matches!(yes, Outcome::Accepted { id: Some(id), .. } if id == "17"));
        for no in [&br#"{"ok":false}"#[..], b"{}", b"", b"not json"] {
            let no = judge(&answer(200, None, no), &map);
            assert!(matches!(no, Outcome::Refused { code: 200, .. }), "{no:?}");
        }
        let plain = judge(&answer(204, None, b""), &ResponseMap::default());
        assert!(matches!(plain, Outcome::Accepted { id: None, .. }));
    }

    #[test]
    fn only_429_and_503_say_when_to_come_back() {
        let check = |status: u16, after: &str, wait: Option<u32>| {
            let said = judge(&answer(status, Some(after), b"x"), &ResponseMap::default());
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
        check(410, "", None);
    }
}
