//! SendGrid: `POST /v3/mail/send`, the message as a document.

use super::{
    Api, BAD_ADDRESS, CONTENT, Known, MARK, OURS, THROTTLED, base, by_status, files, headers,
    json_header, plain_address, refused, unrenderable,
};
use crate::email::encode::clean;
use crate::http::{Answer, Call};
use cauce_core::delivery::Outcome;
use cauce_core::message::{Email, Mailbox};
use cauce_core::time::Timestamp;
use serde_json::{Value, json};

/// An account.
#[derive(Clone)]
pub struct SendGrid {
    /// The API key.
    pub key: String,
    /// Where the API is: `https://api.sendgrid.com`.
    pub endpoint: String,
    /// The pool of addresses that it is sent from.
    pub ip_pool: Option<String>,
    /// The group that readers may leave at SendGrid.
    pub unsubscribe_group: Option<u32>,
}

impl std::fmt::Debug for SendGrid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SendGrid").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// What the texts of errors mean: SendGrid has no codes of its own. Matched in lower case.
///
/// As of November 2026. Sources: the pages "Errors" of the v3 mail/send reference and of the v3 API
/// overview, the help page on 4XX errors, and answers that users have shown in public.
const WORDS: [(&str, Known); 6] = [
    ("maximum credits exceeded", OURS),
    ("does not match a verified sender identity", OURS),
    ("authorization grant is invalid", OURS),
    ("too many requests", THROTTLED),
    // Of the sender, before what is said of any address.
    ("the from", CONTENT),
    ("does not contain a valid address", BAD_ADDRESS),
];

/// Limit: a wait that the provider's clock asks for; beyond it the clocks differ.
const RESET_WITHIN_S: i64 = 3_600;

fn mailbox(mailbox: &Mailbox) -> Result<Value, Outcome> {
    let email = plain_address(mailbox)?;
    let name = clean(&mailbox.name);
    Ok(match name.is_empty() {
        true => json!({ "email": email }),
        false => json!({ "email": email, "name": name }),
    })
}

impl SendGrid {
    fn document(&self, email: &Email) -> Result<Value, Outcome> {
        let subject = clean(&email.subject);
        if subject.is_empty() {
            return Err(unrenderable("the provider takes no message without a subject"));
        }
        // Plain text first, as the API wants it; a part must not be empty, and one has to be there.
        let html = email.html.as_deref().filter(|html| !html.is_empty());
        let text = match (email.text.as_str(), html) {
            ("", Some(_)) => None,
            ("", None) => Some(" "),
            (text, _) => Some(text),
        };
        let parts = [("text/plain", text), ("text/html", html)];
        let part =
            |(kind, text): (&str, Option<&str>)| Some(json!({ "type": kind, "value": text? }));
        let content: Vec<Value> = parts.into_iter().filter_map(part).collect();
        let own: serde_json::Map<String, Value> =
            headers(email)?.into_iter().map(|(name, value)| (name, json!(value))).collect();
        let off = json!({ "enable": false });
        let mut document = json!({
            "personalizations": [{
                "to": [mailbox(&email.to)?],
                "custom_args": { MARK: email.message.to_string() },
            }],
            "from": mailbox(&email.from)?,
            "subject": subject,
            "content": content,
            "headers": own,
            // Links and pixels are ours already, and so is the way out.
            "tracking_settings": {
                "click_tracking": { "enable": false, "enable_text": false },
                "open_tracking": off,
                "subscription_tracking": off,
            },
        });
        match (&email.reply_to, &email.heard_at) {
            (Some(reply_to), None) => document["reply_to"] = mailbox(reply_to)?,
            (None, None) => {}
            (reply_to, Some(heard)) => {
                let heard = Mailbox { name: String::new(), address: heard.clone() };
                let whom = reply_to.as_ref().unwrap_or(&email.from);
                document["reply_to_list"] = json!([mailbox(whom)?, mailbox(&heard)?]);
            }
        }
        let files: Vec<Value> = files(email)?
            .into_iter()
            .map(|file| {
                let mut one = json!({ "filename": file.name, "type": file.kind,
                    "content": file.content, "disposition": "attachment" });
                if let Some(id) = file.inline_id {
                    one["disposition"] = json!("inline");
                    one["content_id"] = json!(id);
                }
                one
            })
            .collect();
        if !files.is_empty() {
            document["attachments"] = json!(files);
        }
        if let Some(pool) = &self.ip_pool {
            document["ip_pool_name"] = json!(pool);
        }
        // A receipt is no matter of a group: who left it still gets what they asked for.
        if let Some(group) = self.unsubscribe_group.filter(|_| !email.transactional) {
            document["asm"] = json!({ "group_id": group });
        }
        Ok(document)
    }
}

impl Api for SendGrid {
    fn call(&self, email: &Email, _: Timestamp) -> Result<Call, Outcome> {
        let body = self.document(email)?.to_string().into_bytes();
        let bearer = ("authorization".to_owned(), format!("Bearer {}", self.key));
        let accept = ("accept".to_owned(), "application/json".to_owned());
        Ok(Call {
            method: "POST".to_owned(),
            url: format!("{}/v3/mail/send", base(&self.endpoint)),
            headers: vec![json_header(), accept, bearer],
            body,
        })
    }

    fn judge(&self, answer: &Answer, at: Timestamp) -> Outcome {
        if (200..300).contains(&answer.status) {
            let id = answer.header("x-message-id").map(|id| id.chars().take(200).collect());
            return Outcome::Accepted { id, text: answer.shown() };
        }
        let text = String::from_utf8_lossy(&answer.body).to_lowercase();
        let by_words = WORDS.iter().find(|(words, _)| text.contains(words)).map(|(_, k)| *k);
        let known = match answer.status {
            400 => by_words.or(Some(CONTENT)),
            status => by_words.or_else(|| by_status(status)),
        };
        // The end of the period that is full, in seconds since 1970.
        let reset = answer.header("x-ratelimit-reset").and_then(|text| text.parse::<i64>().ok());
        let wait = reset.map(|reset| reset - at.0.div_euclid(1_000));
        let wait = wait.filter(|wait| answer.status == 429 && (0..=RESET_WITHIN_S).contains(wait));
        refused(answer, known, answer.retry_after_s().or(wait.map(|wait| wait as u32)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{answer, check, email};
    use super::*;

    fn sendgrid() -> SendGrid {
        SendGrid {
            key: "SG.hush".into(),
            endpoint: "https://api.sendgrid.com/".into(),
            ip_pool: Some("bulk".into()),
            unsubscribe_group: Some(3),
        }
    }

    #[test]
    fn a_message_is_one_document() {
        let call = sendgrid().call(&email(), Timestamp(0)).unwrap();
        assert_eq!(call.url, "https://api.sendgrid.com/v3/mail/send");
        let document: Value = serde_json::from_slice(&call.body).unwrap();
        let one = &document["personalizations"][0];
        assert_eq!(one["to"], json!([{ "email": "ada@xn--strae-oqa.example" }]));
        assert_eq!(one["custom_args"][MARK], email().message.to_string());
        assert_eq!(document["from"]["name"], "Shop, \"the\"");
        assert_eq!(document["headers"]["List-Unsubscribe"], "<https://c.example/u/1>");
        assert_eq!(document["content"][1]["type"], "text/html");
        assert_eq!(document["asm"]["group_id"], 3);
        let receipt = Email { transactional: true, ..email() };
        assert!(sendgrid().document(&receipt).unwrap().get("asm").is_none());
        assert!(sendgrid().call(&Email { subject: "\n".into(), ..email() }, Timestamp(0)).is_err());
        let content = |email: &Email| sendgrid().document(email).unwrap()["content"].clone();
        let wordless = Email { text: String::new(), ..email() };
        let html = json!([{ "type": "text/html", "value": "<p>Hi</p>" }]);
        assert_eq!(content(&wordless), html, "no plain part of nothing");
        let empty = json!([{ "type": "text/plain", "value": " " }]);
        assert_eq!(content(&Email { html: None, ..wordless }), empty);
        assert!(!format!("{:?}", sendgrid()).contains("hush"));
    }

    #[test]
    fn files_travel_along() {
        let picture = cauce_core::message::Attachment {
            name: "logo.png".into(),
            kind: "image/png".into(),
            inline_id: Some("logo".into()),
            bytes: vec![1, 2, 3],
        };
        let html = Some("<img src=\"cid:logo\">".into());
        let document =
            sendgrid().document(&Email { attachments: vec![picture], html, ..email() }).unwrap();
        let expected = json!([{ "filename": "logo.png", "type": "image/png", "content": "AQID",
            "disposition": "inline", "content_id": "logo" }]);
        assert_eq!(document["attachments"], expected);
    }

    #[test]
    fn every_answer_has_its_meaning() {
        let check = |status, body: &str, expected| check(&sendgrid(), status, body, expected);
        check(202, "", "accepted");
        let said = |text: &str| format!(r#"{{"errors":[{{"message":"{text}","field":"x"}}]}}"#);
        check(401, &said("Maximum credits exceeded"), "retry configuration");
        check(403, &said("Does not match a verified Sender Identity."), "retry configuration");
        check(
            400,
            &said("The to email does not contain a valid address."),
            "suppress invalid-recipient",
        );
        check(400, &said("The from email does not contain a valid address."), "fail content");
        check(400, &said("The content value must be a string"), "fail content");
        check(413, "<html>413 Request Entity Too Large</html>", "fail content");
        check(429, &said("too many requests"), "retry throttled");
        check(500, "", "retry transient");
        check(503, "", "retry transient");
    }

    #[test]
    fn the_wait_is_the_rest_of_the_period() {
        let check = |status: u16, reset: &str, expected: Option<u32>| {
            let mut said = answer(status, "");
            said.headers.insert("x-ratelimit-reset", reset.parse().unwrap());
            let outcome = sendgrid().judge(&said, Timestamp(1_760_000_000_000));
            let Outcome::Refused { retry_after_s, .. } = outcome else { panic!("{outcome:?}") };
            assert_eq!(retry_after_s, expected, "{reset}");
        };
        check(429, "1760000042", Some(42));
        check(429, "1759999999", None);
        check(429, "1860000042", None);
        check(400, "1760000042", None);
        check(429, "soon", None);
    }
}
