//! Mailgun: `POST /v3/{domain}/messages.mime`, the whole message as a part of a form.

use super::{Api, BAD_ADDRESS, CONTENT, Known, MARK, OURS, THROTTLED, base, by_status, refused};
use crate::email::compose::compose;
use crate::http::{Answer, Call};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_core::delivery::Outcome;
use cauce_core::message::Email;
use cauce_core::time::Timestamp;
use serde_json::Value;

/// A domain of an account.
#[derive(Clone)]
pub struct Mailgun {
    /// The API key or the sending key of the domain.
    pub key: String,
    /// The domain that sends.
    pub domain: String,
    /// Where the API is: `https://api.mailgun.net`, `https://api.eu.mailgun.net`.
    pub endpoint: String,
    /// Whether Mailgun takes messages and delivers none.
    pub test_mode: bool,
}

impl std::fmt::Debug for Mailgun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailgun").field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// What the texts of errors mean: Mailgun has no codes of its own. Matched in lower case.
///
/// As of November 2026. Sources: the page "Status codes" of Mailgun's API reference, and answers
/// that users of its libraries have shown in public.
const WORDS: [(&str, Known); 7] = [
    ("domain not found", OURS),
    ("sandbox subdomains are for test purposes only", OURS),
    ("please activate your mailgun account", OURS),
    ("not allowed to send", OURS),
    ("limit exceeded", THROTTLED),
    ("'from' parameter", CONTENT),
    ("parameter is not a valid address", BAD_ADDRESS),
];

impl Mailgun {
    /// A line between parts that occurs in none of them.
    fn boundary(email: &Email, bytes: &[u8]) -> String {
        let mut boundary = format!("cauce-{}", email.message);
        while bytes.windows(boundary.len()).any(|window| window == boundary.as_bytes()) {
            boundary.push('x');
        }
        boundary
    }
}

impl Api for Mailgun {
    fn call(&self, email: &Email, _: Timestamp) -> Result<Call, Outcome> {
        // Not: signing it ourselves. Mailgun signs with the key of the domain.
        let composed = compose(email, &[])?;
        let boundary = Mailgun::boundary(email, &composed.bytes);
        let message = email.message.to_string();
        let mark = format!("v:{MARK}");
        let mut fields = vec![
            ("to", composed.recipient.as_str()),
            // Links and pixels are ours already.
            ("o:tracking", "no"),
            ("o:tracking-clicks", "no"),
            ("o:tracking-opens", "no"),
            (mark.as_str(), message.as_str()),
        ];
        if self.test_mode {
            fields.push(("o:testmode", "yes"));
        }
        let mut body = Vec::with_capacity(composed.bytes.len() + 1024);
        for (name, value) in fields {
            let part = format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"message\"; \
             filename=\"message.mime\"\r\ncontent-type: message/rfc822\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&composed.bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let basic = format!("Basic {}", STANDARD.encode(format!("api:{}", self.key)));
        Ok(Call {
            method: "POST".to_owned(),
            url: format!("{}/v3/{}/messages.mime", base(&self.endpoint), self.domain),
            headers: vec![
                ("content-type".to_owned(), format!("multipart/form-data; boundary={boundary}")),
                ("authorization".to_owned(), basic),
            ],
            body,
        })
    }

    fn judge(&self, answer: &Answer, _: Timestamp) -> Outcome {
        if (200..300).contains(&answer.status) {
            let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
            let id = json.as_ref().and_then(|json| json.get("id")?.as_str());
            let id = id.map(|id| id.trim_matches(['<', '>']).chars().take(200).collect());
            return Outcome::Accepted { id, text: answer.shown() };
        }
        let text = String::from_utf8_lossy(&answer.body).to_lowercase();
        let by_words = WORDS.iter().find(|(words, _)| text.contains(words)).map(|(_, k)| *k);
        let known = match answer.status {
            400 => by_words.or(Some(CONTENT)),
            status => by_words.or_else(|| by_status(status)),
        };
        refused(answer, known, answer.retry_after_s())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, email};
    use super::*;

    fn mailgun() -> Mailgun {
        Mailgun {
            key: "hush".into(),
            domain: "mg.shop.example".into(),
            endpoint: "https://api.eu.mailgun.net".into(),
            test_mode: false,
        }
    }

    #[test]
    fn a_message_is_a_part_of_a_form() {
        let call = mailgun().call(&email(), Timestamp(0)).unwrap();
        assert_eq!(call.url, "https://api.eu.mailgun.net/v3/mg.shop.example/messages.mime");
        let body = String::from_utf8(call.body).unwrap();
        let mark = format!("name=\"v:{MARK}\"\r\n\r\n{}\r\n", email().message);
        assert!(body.contains(&mark) && body.contains("List-Unsubscribe-Post"), "{body}");
        assert!(body.contains("name=\"to\"\r\n\r\nada@xn--strae-oqa.example\r\n"), "{body}");
        assert!(!body.contains("o:testmode"));
        assert!(!format!("{:?}", mailgun()).contains("hush"));
    }

    #[test]
    fn the_line_between_parts_is_in_none() {
        let plain = format!("cauce-{}", email().message);
        let text = format!("{plain} {plain}x");
        let boundary = Mailgun::boundary(&email(), text.as_bytes());
        assert_eq!(boundary, format!("{plain}xx"));
        let call = mailgun().call(&Email { text, html: None, ..email() }, Timestamp(0)).unwrap();
        let body = String::from_utf8(call.body).unwrap();
        assert_eq!(body.matches(&format!("--{boundary}\r\n")).count(), 6, "{body}");
    }

    #[test]
    fn every_answer_has_its_meaning() {
        let check = |status, body: &str, expected| check(&mailgun(), status, body, expected);
        check(200, r#"{"id":"<1@mg.shop.example>","message":"Queued. Thank you."}"#, "accepted");
        check(401, "Forbidden", "retry configuration");
        check(402, "", "retry configuration");
        check(403, r#"{"message":"Please activate your Mailgun account"}"#, "retry configuration");
        check(404, r#"{"message":"Domain not found: x"}"#, "retry configuration");
        let no = r#"{"message":"to parameter is not a valid address. please check"}"#;
        check(400, no, "suppress invalid-recipient");
        let no = r#"{"message":"'from' parameter is not a valid address. please check"}"#;
        check(400, no, "fail content");
        check(400, r#"{"message":"Need at least one of 'text'"}"#, "fail content");
        check(413, "", "fail content");
        check(429, r#"{"message":"Too many requests"}"#, "retry throttled");
        check(500, "", "retry transient");
    }
}
