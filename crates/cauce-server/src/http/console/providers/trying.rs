//! The test bench of providers: the request before it leaves, and what its answer means.

use super::super::super::Shared;
use super::super::super::auth::Full;
use super::super::super::error::{Code, Problem};
use super::super::super::v1::{inflate, json};
use super::super::content::Header;
use super::{Asked, Ended, PATIENCE, content, find, leave, said, suppressed};
use crate::app::App;
use crate::render::Content;
use crate::{equip, keys};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_channels::email::compose::compose;
use cauce_channels::http::Call;
use cauce_core::delivery::{Outcome, Verdict, classify};
use cauce_core::ids::MessageId;
use cauce_core::publish::{Body, Kind, ProviderSource};
use serde::{Deserialize, Serialize};

/// What is tried.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ProviderTrial)]
pub struct Tried {
    /// The message.
    #[serde(flatten)]
    asked: Asked,
    /// Whether the request is only shown: nothing leaves, no token is asked for.
    #[serde(default)]
    dry_run: bool,
}

/// A request, with its secrets masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProviderRequest)]
pub struct Shown {
    /// The method; `SMTP` where it is no request of HTTP, `INBOX` where nothing leaves at all.
    method: String,
    /// The address.
    url: String,
    /// The headers that are ours to say, in their order; the connection's own come besides.
    headers: Vec<Header>,
    /// The body, as it is, or in base64 where it is no text.
    body: String,
    /// Whether the body is shown in base64.
    base64: bool,
}

/// What a trial came to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProviderTrialResult)]
pub struct Trial {
    /// The request, if it could be made.
    request: Option<Shown>,
    /// How it ended; absent if it was only shown.
    outcome: Option<Ended>,
    /// What that means for a message, in the words of the ledger: `accepted`, `retry: throttled`,
    /// `failed: invalid-recipient`.
    means: Option<String>,
    /// The same in words.
    words: String,
    /// What to do, if there is something to do.
    hint: Option<String>,
    /// The provider's answer as it was given.
    answer: Option<String>,
    /// The id of the message.
    message: String,
    /// How long it took.
    took_ms: u64,
}

/// Limit: what is shown of a body.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// Shows what a provider would be asked, and asks it unless it is a dry run: now, once, and for
/// this address only. It needs no consent, and an address that is suppressed gets nothing.
#[utoipa::path(post, path = "/v1/providers/{name}/try", tag = "operation",
    params(("name" = String, Path)), request_body = Tried,
    responses((status = 200, body = Trial), (status = 404, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn run(
    admin: Full,
    State(app): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Trial>, Problem> {
    let mut document = json(&inflate(&headers, body)?)?;
    // Not: flattening, which would take fields that nobody knows.
    let fields = document.as_object_mut();
    let dry_run = fields.and_then(|fields| fields.remove("dry_run"));
    let dry_run = match dry_run {
        None => false,
        Some(value) => value
            .as_bool()
            .ok_or_else(|| Problem::new(Code::Invalid, "`dry_run` is true or false"))?,
    };
    let asked: Asked = serde_json::from_value(document)
        .map_err(|error| Problem::new(Code::Invalid, error.to_string()))?;
    let tried = Tried { asked, dry_run };
    let _room = app.watch.tests.try_acquire().map_err(|_| {
        Problem::new(Code::Overloaded, "other tests are under way").hint("wait for them")
    })?;
    let book = app.book();
    let provider = find(&book, (Kind::Provider, &name), |body| match body {
        Body::Provider(provider) => Some(provider.clone()),
        _ => None,
    })?;
    let message = MessageId(u128::from_be_bytes(keys::random()));
    let begun = std::time::Instant::now();
    let trial = tell(&app, &name, &provider, &tried, message).await?;
    tracing::info!(provider = name, by = admin.0, message.id = %message, "a provider was tried");
    Ok(Json(Trial { took_ms: begun.elapsed().as_millis() as u64, ..trial }))
}

async fn tell(
    app: &App,
    name: &str,
    provider: &ProviderSource,
    tried: &Tried,
    message: MessageId,
) -> Result<Trial, Problem> {
    let plain = |words: String| Trial {
        request: None,
        outcome: None,
        means: None,
        words,
        hint: None,
        answer: None,
        message: message.to_string(),
        took_ms: 0,
    };
    let ended = |request: Option<Shown>, outcome: &Outcome| {
        let (ended, words, hint, answer) = said(outcome);
        let (hint, means) = (hint.map(str::to_owned), Some(means(outcome)));
        Trial { request, outcome: Some(ended), means, hint, answer, ..plain(words) }
    };
    let made = match content(app, name, provider, &tried.asked, message)? {
        Ok(made) => made,
        Err(outcome) => return Ok(ended(None, &outcome)),
    };
    let shown = match draft(app, provider, &made) {
        Ok(shown) => shown,
        Err(outcome) => return Ok(ended(None, &outcome)),
    };
    if tried.dry_run {
        let words = "Nothing was sent: this is what would be.".to_owned();
        return Ok(Trial { request: Some(shown), ..plain(words) });
    }
    if let Some(why) = suppressed(app, provider.channel, &tried.asked.to).await? {
        let outcome = Some(Ended::NotSent);
        return Ok(Trial { request: Some(shown), outcome, ..plain(why) });
    }
    let sent = tokio::time::timeout(PATIENCE, leave(app, name, provider, made)).await;
    let late = Outcome::Unknown { text: "it took too long".to_owned() };
    Ok(ended(Some(shown), &sent.unwrap_or(late)))
}

/// What an outcome would mean for a message of the ledger.
fn means(outcome: &Outcome) -> String {
    match classify(outcome) {
        Verdict::Accepted => "accepted".to_owned(),
        Verdict::Retry { cause, after_s: None } => format!("retry: {}", cause.as_str()),
        Verdict::Retry { cause, after_s: Some(after) } => {
            format!("retry: {}, not before {after} s", cause.as_str())
        }
        // Not: that the address is suppressed. A request goes to a person, and has none.
        Verdict::Failed { cause, .. } => format!("failed: {}", cause.as_str()),
        Verdict::Unknown => "unknown".to_owned(),
        Verdict::NotStarted | Verdict::Held | Verdict::Busy { .. } => "waits".to_owned(),
    }
}

/// The request as it would leave, made by the same code.
fn draft(app: &App, provider: &ProviderSource, made: &Content) -> Result<Shown, Outcome> {
    let held = |error: anyhow::Error| Outcome::Held { text: format!("{error:#}") };
    match (made, &provider.webhook) {
        (Content::Request(request), Some(hook)) => {
            let hook = equip::hook(app, hook).map_err(held)?;
            Ok(shown(&hook.draft(request)?, &hook.auth.hidden()))
        }
        (Content::Email(email, signers), _) => {
            if let Some(mail) = equip::mail(app, provider).map_err(held)? {
                return Ok(shown(&mail.api.call(email, email.date)?, &[]));
            }
            let composed = compose(email, signers)?;
            let (method, url) = match &provider.smtp {
                Some(server) => ("SMTP", format!("smtp://{}:{}", server.host, server.port)),
                None => ("INBOX", "the inbox of this server".to_owned()),
            };
            let headers = vec![
                ("MAIL FROM".to_owned(), format!("<{}>", composed.sender)),
                ("RCPT TO".to_owned(), format!("<{}>", composed.recipient)),
            ];
            let body = composed.bytes.to_vec();
            Ok(shown(&Call { method: method.to_owned(), url, headers, body }, &[]))
        }
        _ => {
            let text = "the template is for another channel".to_owned();
            Err(Outcome::Unrenderable { text })
        }
    }
}

/// Headers that hold a secret at every provider.
const HIDDEN: [&str; 5] = [
    "authorization",
    "proxy-authorization",
    "x-postmark-server-token",
    "x-amz-security-token",
    "cookie",
];

/// A call with its secrets masked: by the names of the headers that hold them.
fn shown(call: &Call, hidden: &[String]) -> Shown {
    let headers = call.headers.iter().map(|(name, value)| {
        let lower = name.to_ascii_lowercase();
        let secret = HIDDEN.contains(&lower.as_str()) || hidden.contains(&lower);
        // The word before says how it is proven, and is none.
        let value = match (secret, value.split_once(' ')) {
            (false, _) => value.clone(),
            (true, Some((word, _))) if word.len() < 20 => format!("{word} {MASK}"),
            (true, _) => MASK.to_owned(),
        };
        Header { name: name.clone(), value }
    });
    let headers = headers.collect();
    let bytes = &call.body[..call.body.len().min(BODY_BYTES_MAX)];
    let (body, base64) = match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (STANDARD.encode(bytes), true),
    };
    Shown { method: call.method.clone(), url: call.url.clone(), headers, body, base64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let call = Call {
            method: "POST".to_owned(),
            url: "https://a.example/".to_owned(),
            headers: vec![
                header("content-type", "application/json"),
                header("Authorization", "Bearer hush"),
                header("X-Postmark-Server-Token", "hush"),
                header("x-own-key", "hush"),
                header("authorization", "hush"),
            ],
            body: vec![0xff, 1],
        };
        let shown = shown(&call, &["x-own-key".to_owned()]);
        let text = serde_json::to_string(&shown).unwrap();
        assert!(!text.contains("hush") && text.contains("Bearer ***"), "{text}");
        assert_eq!((shown.body.as_str(), shown.base64), ("/wE=", true));
    }

    #[test]
    fn outcomes_mean_what_the_ledger_says() {
        let text = String::new();
        assert_eq!(means(&Outcome::Unknown { text: text.clone() }), "unknown");
        assert_eq!(means(&Outcome::Held { text: text.clone() }), "waits");
        let refused = Outcome::Refused {
            stage: cauce_core::delivery::Stage::Content,
            code: 429,
            enhanced: None,
            text,
            retry_after_s: Some(7),
        };
        assert_eq!(means(&refused), "retry: throttled, not before 7 s");
    }
}
