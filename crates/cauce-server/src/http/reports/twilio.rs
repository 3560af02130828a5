//! What Twilio reports: the state of messages, and messages to us.
//!
//! Each request is signed over the address that was asked for and all its fields. The address is
//! the public one of the configuration: what a proxy made of it does not matter.

use super::super::Shared;
use super::super::error::{Code, Problem};
use super::super::links::fields;
use super::inbound::{self, Told};
use super::take;
use super::texts::{carrier, failed, signing, unproven};
use crate::app::App;
use aws_lc_rs::hmac;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use cauce_channels::sms::twilio::meaning;
use cauce_core::input::{Report, ReportKind};
use cauce_core::sms::Keyword;
use std::collections::{BTreeMap, BTreeSet};

/// The fields of a request whose signature holds.
struct Signed(BTreeMap<String, BTreeSet<String>>);

impl Signed {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }
}

/// Reads a request that Twilio signed with the account's token.
fn verify(
    app: &App,
    provider: &str,
    (uri, headers, body): (&Uri, &HeaderMap, &[u8]),
) -> Result<Signed, Problem> {
    let definition = carrier(app, provider, "Twilio", |known| known.twilio)?;
    let token = signing(app, &definition.token)?;
    let mut form: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, value) in fields(body) {
        form.entry(name).or_default().insert(value);
    }
    let said = headers.get("x-twilio-signature").and_then(|value| value.to_str().ok());
    let said = said.and_then(|said| BASE64.decode(said).ok()).unwrap_or_default();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let hint = "Twilio asks at `public-url`, and signs with the token of the definition";
    hmac::verify(&key, signed(&format!("{}{path}", app.site.url), &form).as_bytes(), &said)
        .map_err(|_| unproven(hint))?;
    Ok(Signed(form))
}

/// What is signed: the address, then each field's name and values, in their order.
fn signed(url: &str, form: &BTreeMap<String, BTreeSet<String>>) -> String {
    let mut text = url.to_owned();
    for (name, values) in form {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    text
}

/// The state of a message.
pub(super) async fn status(
    axum::extract::State(app): Shared,
    Path((provider, reference)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let signed = verify(&app, &provider, (&uri, &headers, &body))?;
    let Some((message, _)) = app.site.tokens.read_reference(&reference) else {
        return Err(Problem::new(Code::NotFound, "this names no message of ours"));
    };
    if let Some(kind) = kind(signed.get("MessageStatus"), signed.get("ErrorCode")) {
        take(&app, vec![Report { message, at: app.node.now(), kind }]).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What a status means; what is not yet an end means nothing.
fn kind(status: &str, code: &str) -> Option<ReportKind> {
    match status {
        "delivered" | "read" => Some(ReportKind::Delivered),
        "undelivered" | "failed" | "canceled" => Some(failed(status, code, meaning)),
        // accepted, scheduled, queued, sending, sent; and what comes in without being asked for.
        _ => None,
    }
}

/// A message to us. The empty answer says that nothing is to be sent back: what answers it is a
/// message of its own, with its own row in the ledger.
pub(super) async fn received(
    axum::extract::State(app): Shared,
    Path(provider): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let signed = verify(&app, &provider, (&uri, &headers, &body))?;
    // With Advanced Opt-Out Twilio answers by itself: nobody gets two confirmations.
    let answered = match signed.get("OptOutType") {
        "STOP" => Some(Keyword::Stop),
        "START" => Some(Keyword::Start),
        "HELP" => Some(Keyword::Help),
        _ => None,
    };
    let told = Told {
        provider: &provider,
        id: signed.get("MessageSid"),
        from: signed.get("From"),
        to: signed.get("To"),
        text: signed.get("Body"),
        answered,
    };
    inbound::take(&app, told).await?;
    let kind = [(header::CONTENT_TYPE, "text/xml; charset=utf-8")];
    Ok((kind, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>").into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `RequestValidator("12345").compute_signature` of twilio 9.13.0.
    #[test]
    fn the_signature_is_twilios() {
        let form =
            fields(b"ErrorCode=&MessageSid=SM1&MessageStatus=delivered&To=%2B34600112233&a=2&a=1");
        let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, value) in form {
            known.entry(name).or_default().insert(value);
        }
        let text = signed("https://cauce.example/reports/twilio/main/abc-1", &known);
        assert_eq!(
            text,
            "https://cauce.example/reports/twilio/main/abc-1ErrorCodeMessageSidSM1\
             MessageStatusdeliveredTo+34600112233a1a2"
        );
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"12345");
        let tag = hmac::sign(&key, text.as_bytes());
        assert_eq!(BASE64.encode(tag.as_ref()), "Am418FQkKhTe9nQeRjqTk8+OP5U=");
    }

    #[test]
    fn states_mean_what_they_say() {
        assert_eq!(kind("delivered", ""), Some(ReportKind::Delivered));
        for status in ["queued", "sending", "sent", "accepted", "", "receiving"] {
            assert_eq!(kind(status, ""), None, "{status}");
        }
        let hard = |code: &str| match kind("undelivered", code) {
            Some(ReportKind::Bounced { hard, .. }) => hard,
            other => panic!("{code}: {other:?}"),
        };
        assert!(hard("30005") && hard("30006"));
        assert!(!hard("30003") && !hard("30007") && !hard("") && !hard("99999"));
        assert!(matches!(kind("failed", "21610"), Some(ReportKind::OptedOut { .. })));
    }
}
