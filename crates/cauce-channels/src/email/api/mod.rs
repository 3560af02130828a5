//! E-mail providers that take a message by HTTP: one call for each message, so that every recipient
//! has an answer of its own.

mod mailgun;
mod postmark;
mod sendgrid;
mod ses;

pub use mailgun::Mailgun;
pub use postmark::Postmark;
pub use sendgrid::SendGrid;
pub use ses::Ses;

use super::address::{self, Address};
use super::attach;
use super::compose::{is_own, unsubscribe_headers};
use super::encode::clean;
use crate::http::{Answer, Call, Client, from_between};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use cauce_core::message::{Email, Mailbox};
use cauce_core::time::Timestamp;

/// The name under which our message id travels, where a provider lets us name something.
pub const MARK: &str = "cauce-message";

/// A provider of e-mail by HTTP: how it is asked, and what its answers mean.
pub trait Api: Send + Sync {
    /// The request for one message.
    ///
    /// # Errors
    /// `Unrenderable`, for an e-mail that cannot be written in the provider's form.
    fn call(&self, email: &Email, at: Timestamp) -> Result<Call, Outcome>;

    /// What an answer means.
    fn judge(&self, answer: &Answer, at: Timestamp) -> Outcome;
}

/// Sends one message.
pub async fn send(client: &Client, vendor: &dyn Api, email: &Email, at: Timestamp) -> Outcome {
    let call = match vendor.call(email, at) {
        Ok(call) => call,
        Err(outcome) => return outcome,
    };
    match client.call(&call).await {
        Ok(answer) => match from_between(&answer) {
            Some(outcome) => outcome,
            None => vendor.judge(&answer, at),
        },
        Err(outcome) => outcome,
    }
}

/// What one of a provider's own codes means: how far the message had come, and the reason in the
/// words of RFC 3463, which the judge of all channels reads.
type Known = (Stage, Enhanced);

/// Our account, key or configuration: it says nothing about a message, which waits.
const OURS: Known = (Stage::Auth, Enhanced(4, 7, 8));
/// Too fast.
const THROTTLED: Known = (Stage::Content, Enhanced(4, 4, 5));
/// The provider's own trouble.
const TROUBLE: Known = (Stage::Content, Enhanced(4, 3, 0));
/// What this message says or how it is made.
const CONTENT: Known = (Stage::Content, Enhanced(5, 6, 0));
/// It is too large.
const TOO_LARGE: Known = (Stage::Content, Enhanced(5, 3, 4));
/// An address that is none.
const BAD_ADDRESS: Known = (Stage::Recipient, Enhanced(5, 1, 3));
/// The provider itself no longer writes to this address: it bounced there or complained.
const INACTIVE: Known = (Stage::Recipient, Enhanced(5, 1, 1));

fn refused(answer: &Answer, known: Option<Known>, retry_after_s: Option<u32>) -> Outcome {
    let (stage, enhanced) = match known {
        Some((stage, enhanced)) => (stage, Some(enhanced)),
        None => (Stage::Content, None),
    };
    let text = answer.shown();
    Outcome::Refused { stage, code: answer.status, enhanced, text, retry_after_s }
}

/// What a status means at any of these providers, where they say no more.
fn by_status(status: u16) -> Option<Known> {
    match status {
        401..=403 | 404 | 405 | 407 => Some(OURS),
        413 => Some(TOO_LARGE),
        429 => Some(THROTTLED),
        408 | 500 | 503 => Some(TROUBLE),
        _ => None,
    }
}

fn unrenderable(text: impl Into<String>) -> Outcome {
    Outcome::Unrenderable { text: text.into() }
}

/// An address as a provider's document has it: never with letters that need SMTPUTF8, which none
/// of those that take documents carries.
fn plain_address(mailbox: &Mailbox) -> Result<String, Outcome> {
    let Address { wire, international } = address::parse(&mailbox.address).map_err(unrenderable)?;
    match international {
        true => Err(unrenderable(format!("the provider takes no address like `{wire}`"))),
        false => Ok(wire),
    }
}

/// The headers that a document adds to those which a provider writes itself: ours, then those that
/// the e-mail brings.
fn headers(email: &Email) -> Result<Vec<(String, String)>, Outcome> {
    let domain = address::domain(&email.domain).map_err(unrenderable)?;
    let id = ("Message-ID".to_owned(), format!("<{}@{domain}>", email.message));
    let mut headers = vec![id];
    if email.transactional {
        headers.push(("Auto-Submitted".to_owned(), "auto-generated".to_owned()));
    } else {
        for (name, value) in unsubscribe_headers(email)? {
            headers.push((name.to_owned(), value));
        }
    }
    for (name, value) in &email.headers {
        if is_own(name) {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(70).collect();
            return Err(unrenderable(format!("the header `{shown}` cannot be set")));
        }
        headers.push((name.clone(), clean(value)));
    }
    Ok(headers)
}

/// A file as a document has it.
struct File<'e> {
    name: String,
    kind: String,
    /// Its bytes in base64.
    content: String,
    /// What the HTML calls it, if it is shown there.
    inline_id: Option<&'e str>,
}

/// The files of an e-mail, by the rules of those that travel whole.
fn files(email: &Email) -> Result<Vec<File<'_>>, Outcome> {
    attach::check(email)?;
    let shown = email.html.is_some();
    let all = email.attachments.iter().map(|one| File {
        name: attach::safe_name(&one.name),
        kind: attach::kind(&one.kind),
        content: STANDARD.encode(&one.bytes),
        inline_id: one.inline_id.as_deref().filter(|_| shown),
    });
    Ok(all.collect())
}

/// The base of a provider's address, without a slash at its end.
fn base(url: &str) -> &str {
    url.trim_end_matches('/')
}

fn json_header() -> (String, String) {
    ("content-type".to_owned(), "application/json".to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use cauce_core::delivery::{Verdict, classify};
    use cauce_core::ids::MessageId;
    use hyper::HeaderMap;

    pub fn email() -> Email {
        Email {
            message: MessageId(7),
            from: Mailbox { name: "Shop, \"the\"".into(), address: "hello@shop.example".into() },
            reply_to: Some(Mailbox { name: String::new(), address: "ask@shop.example".into() }),
            heard_at: None,
            to: Mailbox { name: String::new(), address: "ada@straße.example".into() },
            return_path: "b-1@shop.example".into(),
            subject: "Grüße".into(),
            html: Some("<p>Hi</p>".into()),
            text: "Hi".into(),
            unsubscribe_url: Some("https://c.example/u/1".into()),
            unsubscribe_mailto: None,
            headers: vec![("List-Id".into(), "<news.shop.example>".into())],
            domain: "shop.example".into(),
            date: Timestamp(1_760_000_000_000),
            transactional: false,
            attachments: Vec::new(),
        }
    }

    pub fn answer(status: u16, body: &str) -> Answer {
        let headers = HeaderMap::new();
        Answer { status, headers, body: body.as_bytes().to_vec(), complete: true }
    }

    /// What an answer means in the end: the channel's word and the core's verdict.
    pub fn check(vendor: &dyn Api, status: u16, body: &str, expected: &str) {
        let outcome = vendor.judge(&answer(status, body), Timestamp(1_760_000_000_000));
        let shown = match classify(&outcome) {
            Verdict::Accepted => "accepted".to_owned(),
            Verdict::Retry { cause, .. } => format!("retry {}", cause.as_str()),
            Verdict::Failed { cause, suppress: true } => format!("suppress {}", cause.as_str()),
            Verdict::Failed { cause, suppress: false } => format!("fail {}", cause.as_str()),
            other => format!("{other:?}"),
        };
        assert_eq!(shown, expected, "{status} {body}");
    }

    #[test]
    fn headers_of_ours_cannot_be_brought() {
        let names: Vec<_> = headers(&email()).unwrap().into_iter().map(|(name, _)| name).collect();
        let expected = ["Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"];
        assert_eq!(names, expected);
        let mut forged = email();
        forged.headers.push(("Subject".into(), "other".into()));
        assert!(headers(&forged).is_err());
        let split = Email { headers: vec![("X-A".into(), "a\r\nBcc: b@c.d".into())], ..email() };
        assert!(!headers(&split).unwrap().iter().any(|(_, value)| value.contains('\n')));
    }

    #[test]
    fn letters_that_the_provider_does_not_carry_are_refused() {
        let mailbox = |address: &str| Mailbox { name: String::new(), address: address.into() };
        assert_eq!(plain_address(&mailbox("a@straße.example")).unwrap(), "a@xn--strae-oqa.example");
        assert!(plain_address(&mailbox("ä@a.example")).is_err());
        assert!(plain_address(&mailbox("a@b.example\r\nX: y")).is_err());
    }
}
