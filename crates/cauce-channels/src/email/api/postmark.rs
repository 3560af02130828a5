//! Postmark: `POST /email`, the message as a document.

use super::{
    Api, BAD_ADDRESS, CONTENT, INACTIVE, Known, MARK, OURS, THROTTLED, TOO_LARGE, TROUBLE, base,
    by_status, files, headers, json_header, plain_address, refused,
};
use crate::email::encode::clean;
use crate::http::{Answer, Call};
use cauce_core::delivery::Outcome;
use cauce_core::message::{Email, Mailbox};
use cauce_core::time::Timestamp;
use serde_json::{Value, json};

/// A server of an account, as Postmark calls what a token is for.
#[derive(Clone)]
pub struct Postmark {
    /// The server's token.
    pub token: String,
    /// The message stream of messages that people asked for.
    pub stream: Option<String>,
    /// The message stream of all others: Postmark wants them apart.
    pub broadcast_stream: Option<String>,
    /// Where the API is: `https://api.postmarkapp.com`.
    pub endpoint: String,
}

impl std::fmt::Debug for Postmark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postmark").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// What the codes mean that `/email` answers with.
///
/// As of November 2026. Source: the table of error codes in Postmark's API overview.
const CODES: [(i64, Known); 19] = [
    (10, OURS),
    (100, TROUBLE),
    (300, CONTENT),
    (400, OURS),
    (401, OURS),
    (402, CONTENT),
    (403, CONTENT),
    (405, OURS),
    (406, INACTIVE),
    (409, CONTENT),
    (410, CONTENT),
    (411, CONTENT),
    (412, OURS),
    (413, OURS),
    (429, THROTTLED),
    (500, TROUBLE),
    (701, OURS),
    (1226, OURS),
    (1235, OURS),
];

/// What the text of code 300 says, which has many reasons. Matched in lower case.
const WORDS: [(&str, Known); 3] = [
    ("'from' address", OURS),
    ("error parsing 'to'", BAD_ADDRESS),
    ("invalid 'to' address", BAD_ADDRESS),
];

/// `"Name" <address>`; Postmark encodes letters beyond ASCII itself.
fn written(mailbox: &Mailbox) -> Result<String, Outcome> {
    let address = plain_address(mailbox)?;
    let name = clean(&mailbox.name).replace('\\', "\\\\").replace('"', "\\\"");
    Ok(match name.is_empty() {
        true => address,
        false => format!("\"{name}\" <{address}>"),
    })
}

impl Postmark {
    fn document(&self, email: &Email) -> Result<Value, Outcome> {
        let own: Vec<Value> = headers(email)?
            .into_iter()
            .map(|(name, value)| json!({ "Name": name, "Value": value }))
            .collect();
        let mut document = json!({
            "From": written(&email.from)?,
            "To": written(&email.to)?,
            "Subject": clean(&email.subject),
            "Headers": own,
            "Metadata": { MARK: email.message.to_string() },
            // Links and pixels are ours already.
            "TrackOpens": false,
            "TrackLinks": "None",
        });
        if let Some(html) = &email.html {
            document["HtmlBody"] = json!(html);
        }
        if email.html.is_none() || !email.text.is_empty() {
            document["TextBody"] = json!(email.text);
        }
        let whom = email.reply_to.as_ref().or(email.heard_at.as_ref().map(|_| &email.from));
        if let Some(whom) = whom {
            let heard = email.heard_at.as_ref().map(|heard| format!(", {heard}"));
            document["ReplyTo"] = json!(written(whom)? + &heard.unwrap_or_default());
        }
        let files: Vec<Value> = files(email)?
            .into_iter()
            .map(|file| {
                let mut one = json!({ "Name": file.name, "ContentType": file.kind,
                    "Content": file.content });
                if let Some(id) = file.inline_id {
                    one["ContentID"] = json!(format!("cid:{id}"));
                }
                one
            })
            .collect();
        if !files.is_empty() {
            document["Attachments"] = json!(files);
        }
        let stream = match email.transactional {
            true => &self.stream,
            false => &self.broadcast_stream,
        };
        if let Some(stream) = stream.as_ref().or(self.stream.as_ref()) {
            document["MessageStream"] = json!(stream);
        }
        Ok(document)
    }
}

impl Api for Postmark {
    fn call(&self, email: &Email, _: Timestamp) -> Result<Call, Outcome> {
        let body = self.document(email)?.to_string().into_bytes();
        Ok(Call {
            method: "POST".to_owned(),
            url: format!("{}/email", base(&self.endpoint)),
            headers: vec![
                json_header(),
                ("accept".to_owned(), "application/json".to_owned()),
                ("x-postmark-server-token".to_owned(), self.token.clone()),
            ],
            body,
        })
    }

    fn judge(&self, answer: &Answer, _: Timestamp) -> Outcome {
        let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let code = json.as_ref().and_then(|json| json.get("ErrorCode")?.as_i64());
        let field = |name: &str| json.as_ref()?.get(name)?.as_str();
        // A yes has the code 0; a 200 with another one is a no.
        if (200..300).contains(&answer.status) && matches!(code, Some(0) | None) {
            let id = field("MessageID").map(|id| id.chars().take(200).collect());
            return Outcome::Accepted { id, text: answer.shown() };
        }
        let text = field("Message").unwrap_or("").to_lowercase();
        let by_words = WORDS.iter().find(|(words, _)| code == Some(300) && text.contains(words));
        let by_words = by_words.map(|(_, known)| *known);
        let by_code = CODES.iter().find(|(known, _)| code == Some(*known)).map(|(_, k)| *k);
        let by_status = match answer.status {
            413 => Some(TOO_LARGE),
            415 | 422 => Some(CONTENT),
            status => by_status(status),
        };
        refused(answer, by_words.or(by_code).or(by_status), answer.retry_after_s())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, email};
    use super::*;

    fn postmark() -> Postmark {
        Postmark {
            token: "hush".into(),
            stream: Some("outbound".into()),
            broadcast_stream: Some("broadcast".into()),
            endpoint: "https://api.postmarkapp.com".into(),
        }
    }

    #[test]
    fn a_message_is_one_document() {
        let call = postmark().call(&email(), Timestamp(0)).unwrap();
        assert_eq!(call.url, "https://api.postmarkapp.com/email");
        let document: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(document["From"], r#""Shop, \"the\"" <hello@shop.example>"#);
        assert_eq!(document["Metadata"][MARK], email().message.to_string());
        assert_eq!(document["MessageStream"], "broadcast");
        let one_click = json!({ "Name": "List-Unsubscribe-Post",
            "Value": "List-Unsubscribe=One-Click" });
        assert!(document["Headers"].as_array().unwrap().contains(&one_click), "{document}");
        assert_eq!(document["TextBody"], "Hi");
        let wordless = postmark().document(&Email { text: String::new(), ..email() }).unwrap();
        assert!(wordless.get("TextBody").is_none() && wordless["HtmlBody"] == "<p>Hi</p>");
        let receipt = postmark().document(&Email { transactional: true, ..email() }).unwrap();
        assert_eq!(receipt["MessageStream"], "outbound");
        // Limit of Postmark: names of metadata have 20 letters, values 80.
        assert!(MARK.len() <= 20 && email().message.to_string().len() <= 80);
        assert!(!format!("{:?}", postmark()).contains("hush"));
    }

    #[test]
    fn every_code_has_its_meaning() {
        let said = |code: i64, text: &str| json!({ "ErrorCode": code, "Message": text });
        let check = |status, code, text: &str, expected| {
            check(&postmark(), status, &said(code, text).to_string(), expected);
        };
        check(200, 0, "OK", "accepted");
        check(401, 10, "No Account or Server API tokens", "retry configuration");
        check(422, 300, "Error parsing 'To': Illegal email address", "suppress invalid-recipient");
        check(422, 300, "Invalid 'From' address: 'x'", "retry configuration");
        check(422, 300, "Zero recipients specified", "fail content");
        check(422, 400, "The 'From' address you supplied is not a Sender", "retry configuration");
        check(422, 405, "Not allowed to send", "retry configuration");
        check(422, 406, "You tried to send to an inactive recipient", "suppress invalid-recipient");
        check(200, 406, "You tried to send to an inactive recipient", "suppress invalid-recipient");
        check(422, 412, "Account is pending", "retry configuration");
        check(422, 9999, "something new", "fail content");
        check(429, 429, "Rate limit exceeded", "retry throttled");
        check(503, 100, "Maintenance", "retry transient");
    }

    #[test]
    fn what_is_no_document_is_judged_by_its_status() {
        super::super::tests::check(&postmark(), 413, "<html>", "fail content");
        super::super::tests::check(&postmark(), 500, "<html>", "retry transient");
        super::super::tests::check(&postmark(), 422, "<html>", "fail content");
    }
}
