//! What Vonage reports: the state of each part of a message, and messages to us.
//!
//! Two proofs are taken, as the account is set: a JWT (HS256) with the hash of the body in the
//! header, or the parameter `sig`, an HMAC over all others. Requests come by GET, as a form or as
//! JSON, as the account is set as well.

use super::super::Shared;
use super::super::error::{Code, Problem};
use super::super::links::fields;
use super::inbound::{self, Told};
use super::take;
use super::texts::{carrier, failed, signing, unproven};
use crate::app::App;
use aws_lc_rs::{digest, hmac};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cauce_channels::sms::vonage::failure;
use cauce_core::input::{Report, ReportKind};
use cauce_core::time::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

type Fields = BTreeMap<String, String>;

/// How far the time of a token may be from ours. Vonage says for a day what was not taken (its page
/// on webhooks, November 2026), and a day more is for an outage of ours.
const WITHIN_S: i64 = 2 * 86_400;

/// The token in the header, if there is one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    Some(value.strip_prefix("Bearer ")?.trim())
}

/// The parameters of a request, wherever they stand. A token proves the body and says nothing of
/// the address, of which then nothing is believed.
fn read(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Option<Fields> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.contains("json")) {
        let Value::Object(object) = serde_json::from_slice(body).ok()? else { return None };
        let text = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        return Some(object.into_iter().filter_map(|(k, v)| Some((k, text(v)?))).collect());
    }
    let query = uri.query().filter(|_| bearer(headers).is_none());
    let query = query.unwrap_or_default().as_bytes();
    Some(fields(query).into_iter().chain(fields(body)).collect())
}

/// Whether somebody who knows the signature secret says so.
fn is_proven(
    secret: &str,
    signed_by: &str,
    (headers, body, fields): (&HeaderMap, &[u8], &Fields),
    now: Timestamp,
) -> bool {
    match bearer(headers) {
        // With a token in the header the parameter is not looked at: one proof, not the weaker.
        Some(token) => is_token(secret, token, body, now),
        None => is_sig(secret, signed_by, fields),
    }
}

/// A JWT over the very body that came with it. Without a hash it proves nothing of the body.
fn is_token(secret: &str, token: &str, body: &[u8], now: Timestamp) -> bool {
    let Some((signed, signature)) = token.rsplit_once('.') else { return false };
    let Some((head, claims)) = signed.split_once('.') else { return false };
    let part =
        |text: &str| -> Option<Value> { serde_json::from_slice(&BASE64.decode(text).ok()?).ok() };
    let Ok(signature) = BASE64.decode(signature) else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    if hmac::verify(&key, signed.as_bytes(), &signature).is_err() {
        return false;
    }
    let (Some(head), Some(claims)) = (part(head), part(claims)) else { return false };
    let hash = hex(digest::digest(&digest::SHA256, body).as_ref());
    let said = claims["payload_hash"].as_str().unwrap_or_default();
    let made = claims["iat"].as_f64().map(|made| made as i64);
    let apart = |made: i64| now.0.div_euclid(1_000).saturating_sub(made).saturating_abs();
    if made.is_none_or(|made| apart(made) > WITHIN_S) {
        return false;
    }
    head["alg"] == "HS256" && !body.is_empty() && said.eq_ignore_ascii_case(&hash)
}

/// The HMAC over `&name=value` of all other parameters in their order, where `&` and `=` of values
/// are `_`.
fn is_sig(secret: &str, signed_by: &str, fields: &Fields) -> bool {
    let algorithm = match signed_by {
        "sha512" => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    };
    let Some(said) = fields.get("sig").and_then(|sig| unhex(sig)) else { return false };
    let mut text = String::new();
    for (name, value) in fields.iter().filter(|(name, _)| *name != "sig") {
        text.push_str(&format!("&{name}={}", value.replace(['&', '='], "_")));
    }
    let key = hmac::Key::new(algorithm, secret.as_bytes());
    hmac::verify(&key, text.as_bytes(), &said).is_ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.trim().chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect())
}

/// Reads a request that Vonage signed.
fn verify(
    app: &App,
    provider: &str,
    (uri, headers, body): (&Uri, &HeaderMap, &[u8]),
) -> Result<Fields, Problem> {
    let definition = carrier(app, provider, "Vonage", |known| known.vonage)?;
    let unproven = || unproven("`signature` and `signed-by` of the definition are the account's");
    let secret = signing(app, definition.signature.as_deref().ok_or_else(unproven)?)?;
    let malformed = || Problem::new(Code::Malformed, "no parameters can be read");
    let fields = read(uri, headers, body).ok_or_else(malformed)?;
    let came = (headers, body, &fields);
    match is_proven(&secret, &definition.signed_by, came, app.node.now()) {
        true => Ok(fields),
        false => Err(unproven()),
    }
}

fn get<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).map_or("", String::as_str)
}

/// The state of a part.
pub(super) async fn status(
    axum::extract::State(app): Shared,
    Path(provider): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let fields = verify(&app, &provider, (&uri, &headers, &body))?;
    let reference = get(&fields, "client-ref");
    let Some((message, parts)) = app.site.tokens.read_reference(reference) else {
        // Of a message that another program sent by the same account.
        return Ok(StatusCode::NO_CONTENT);
    };
    if let Some(kind) = kind(&fields, parts) {
        take(&app, vec![Report { message, at: app.node.now(), kind }]).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What a state means; what is not yet an end means nothing.
fn kind(fields: &Fields, parts: u16) -> Option<ReportKind> {
    let status = get(fields, "status");
    match status {
        "delivered" if parts <= 1 => Some(ReportKind::Delivered),
        "delivered" => {
            Some(ReportKind::PartDelivered { part: get(fields, "messageId").to_owned(), parts })
        }
        "failed" | "rejected" | "expired" => Some(failed(status, get(fields, "err-code"), failure)),
        // accepted, buffered, unknown.
        _ => None,
    }
}

/// A message to us, or a part of one: long texts come part by part, each with its own id.
pub(super) async fn received(
    axum::extract::State(app): Shared,
    Path(provider): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let fields = verify(&app, &provider, (&uri, &headers, &body))?;
    // Numbers have no plus here.
    let from = get(&fields, "msisdn");
    let from = if from.is_empty() { String::new() } else { format!("+{from}") };
    let told = Told {
        provider: &provider,
        id: get(&fields, "messageId"),
        from: &from,
        to: get(&fields, "to"),
        text: get(&fields, "text"),
        answered: None,
    };
    inbound::take(&app, told).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Made by `Auth(api_key="k", signature_secret="secret", signature_method="sha256")
    /// .sign_params(…)` of vonage-http-client 1.5.2.
    #[test]
    fn the_parameter_is_vonages() {
        let sig = "0352c36300a37b2574e13c77091247c10dfd9834c08ac283bc24b0a502363285";
        let told = [("msisdn", "34600112233"), ("text", "a=b&c é"), ("timestamp", "1700000000")];
        let mut fields = known(&told);
        fields.insert("sig".to_owned(), sig.to_owned());
        assert!(is_sig("secret", "sha256", &fields));
        assert!(!is_sig("secret", "sha512", &fields) && !is_sig("Secret", "sha256", &fields));
        fields.insert("text".to_owned(), "a_b_c".to_owned());
        assert!(!is_sig("secret", "sha256", &fields));
        fields.remove("sig");
        assert!(!is_sig("secret", "sha256", &fields));
    }

    /// Made by PyJWT 2.15.1, which the SDK of Vonage verifies with.
    #[test]
    fn a_token_is_about_its_body() {
        let token = concat!(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3MDAwMDAwMDAsImlzcyI6IlZvbmFnZSI",
            "sInBheWxvYWRfaGFzaCI6IjI0OTkzNThkM2I3MzY2MGRkMzhlZTMwMzM4YTM3MDQ1YWUyMjA2MmM0MWY",
            "xYmU5ZGYxNDIyODVhNjE1YTZhZTkiLCJhcGlfa2V5IjoiayJ9.GvB8FcGZL7Y7XJCLslM1DtqFFHC03k",
            "BDeCthuHBWNF0",
        );
        let at = |seconds: i64| Timestamp((1_700_000_000 + seconds) * 1_000);
        let is_token = |secret, token: &str, body: &[u8]| is_token(secret, token, body, at(60));
        assert!(is_token("secret", token, b"{\"status\":\"delivered\"}"));
        assert!(!is_token("secret", token, b"{\"status\":\"failed\"}"));
        assert!(!is_token("other", token, b"{\"status\":\"delivered\"}"));
        let body = b"{\"status\":\"delivered\"}";
        assert!(super::is_token("secret", token, body, at(WITHIN_S)));
        for late in [WITHIN_S + 1, -WITHIN_S - 1] {
            assert!(!super::is_token("secret", token, body, at(late)), "{late}");
        }
        for bad in ["", "a", "a.b", "a.b.c", "..", &token[1..]] {
            assert!(!is_token("secret", bad, b"{}"), "{bad}");
        }
        // Neither a token without a signature, nor one without a hash.
        let none = format!("{}.{}.", BASE64.encode("{\"alg\":\"none\"}"), BASE64.encode("{}"));
        assert!(!is_token("secret", &none, b"{}"));
    }

    #[test]
    fn beside_a_token_the_address_says_nothing() {
        let uri: Uri = "/reports/vonage/main?client-ref=other&status=failed".parse().unwrap();
        let mut headers = HeaderMap::new();
        let alone = read(&uri, &headers, b"status=delivered").unwrap();
        assert_eq!(get(&alone, "client-ref"), "other");
        headers.insert(header::AUTHORIZATION, "Bearer a.b.c".parse().unwrap());
        assert_eq!(
            read(&uri, &headers, b"status=delivered"),
            Some(known(&[("status", "delivered")]))
        );
    }

    #[test]
    fn a_message_of_parts_is_delivered_part_by_part() {
        let fields = known(&[("status", "delivered"), ("messageId", "0A1")]);
        assert_eq!(kind(&fields, 1), Some(ReportKind::Delivered));
        let part = ReportKind::PartDelivered { part: "0A1".to_owned(), parts: 3 };
        assert_eq!(kind(&fields, 3), Some(part));
        for status in ["accepted", "buffered", "unknown", ""] {
            assert_eq!(kind(&known(&[("status", status)]), 1), None, "{status}");
        }
        let failed = |code| kind(&known(&[("status", "failed"), ("err-code", code)]), 2);
        assert!(matches!(failed("9"), Some(ReportKind::Bounced { hard: true, .. })));
        assert!(matches!(failed("2"), Some(ReportKind::Bounced { hard: false, .. })));
        assert!(matches!(failed("4"), Some(ReportKind::OptedOut { .. })));
    }
}
