//! Apple Push Notification service over HTTP/2, with a token key.
//!
//! Sources (read November 2026): Apple, *Sending notification requests to APNs*, *Establishing a
//! token-based connection to APNs*, *Handling notification responses from APNs*.

use super::http::{Ask, Client, Options as HttpOptions, Reply, Speech};
use super::jwt::Key;
use super::{Means, attempt_id, from_between, shown, silent};
use crate::Error;
use crate::egress::{Egress, Tls};
use bytes::Bytes;
use cauce_core::delivery::Answer;
use cauce_core::device::{Environment, Target};
use cauce_core::message::content::push::Push;
use cauce_core::time::{Duration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use std::sync::{Mutex, PoisonError};

/// Where apps from the store are pushed to.
pub const PRODUCTION: &str = "https://api.push.apple.com";
/// Where apps that a developer built are pushed to.
pub const SANDBOX: &str = "https://api.sandbox.push.apple.com";

/// Apple refuses a token that is older than an hour, and one that was made within 20 minutes of
/// another: each is used for 50 minutes.
const TOKEN_FOR: Duration = Duration(50 * Duration::MINUTE.0);
/// How old a token must be before another may be made.
const TOKEN_AT_LEAST: Duration = Duration(20 * Duration::MINUTE.0);

/// What each reason means (Apple's table as of November 2026). A reason that is not here is judged
/// by its status.
pub const REASONS: &[(&str, Means)] = &[
    ("BadCollapseId", Means::Content),
    ("BadDeviceToken", Means::Misplaced),
    ("BadExpirationDate", Means::Content),
    ("BadMessageId", Means::Content),
    ("BadPriority", Means::Content),
    ("BadTopic", Means::Configuration),
    ("DeviceTokenNotForTopic", Means::Misplaced),
    ("DuplicateHeaders", Means::Content),
    ("IdleTimeout", Means::Temporary),
    ("InvalidPushType", Means::Content),
    ("MissingDeviceToken", Means::Content),
    ("MissingTopic", Means::Configuration),
    ("PayloadEmpty", Means::Content),
    ("TopicDisallowed", Means::Configuration),
    ("BadCertificate", Means::Configuration),
    ("BadCertificateEnvironment", Means::Configuration),
    ("ExpiredProviderToken", Means::Expired),
    ("Forbidden", Means::Configuration),
    ("InvalidProviderToken", Means::Configuration),
    ("MissingProviderToken", Means::Configuration),
    ("UnrelatedKeyIdInToken", Means::Configuration),
    ("BadEnvironmentKeyIdInToken", Means::Configuration),
    ("BadPath", Means::Content),
    ("MethodNotAllowed", Means::Content),
    ("ExpiredToken", Means::Gone),
    ("Unregistered", Means::Gone),
    ("PayloadTooLarge", Means::TooLarge),
    ("TooManyProviderTokenUpdates", Means::Throttled),
    ("TooManyRequests", Means::Throttled),
    ("InternalServerError", Means::Temporary),
    ("ServiceUnavailable", Means::Temporary),
    ("Shutdown", Means::Temporary),
];

/// How Apple is reached.
#[derive(Debug)]
pub struct Options {
    /// The team that owns the key.
    pub team: String,
    /// The key's name.
    pub key_id: String,
    /// The key, as PEM.
    pub key: String,
    /// The app, for devices of which nobody said it.
    pub topic: Option<String>,
    /// Where apps from the store are pushed to.
    pub production: String,
    /// Where apps that a developer built are pushed to.
    pub sandbox: String,
    /// How TLS is used.
    pub tls: Tls,
}

/// A provider token and when it was made.
#[derive(Clone, Debug)]
struct Token {
    text: String,
    made: Timestamp,
}

/// Sends pushes to Apple's devices.
#[derive(Debug)]
pub struct Apns {
    client: Client,
    options: Options,
    key: Key,
    token: Mutex<Option<Token>>,
}

/// What Apple says in the body of a no.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal {
    reason: String,
    /// When the token stopped being one: milliseconds.
    timestamp: Option<i64>,
}

impl Apns {
    /// Prepares; nothing is connected before something is sent.
    pub fn new(egress: Egress, options: Options) -> Result<Apns, Error> {
        let key = Key::ecdsa("apns", &options.key)?;
        let timeout = std::time::Duration::from_secs(20);
        let http = HttpOptions { tls: options.tls.clone(), speech: Speech::Two, timeout };
        let client = Client::new(egress, http);
        Ok(Apns { client, options, key, token: Mutex::default() })
    }

    /// The provider token: one for all requests, until it is too old.
    fn token(&self, now: Timestamp) -> Result<Token, Error> {
        let mut kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = kept.as_ref().filter(|token| now.since(token.made) < TOKEN_FOR) {
            return Ok(token.clone());
        }
        let claims = json!({ "iss": self.options.team, "iat": now.0 / 1_000 });
        let text = self.key.sign(Some(&self.options.key_id), &claims)?;
        let token = Token { text, made: now };
        *kept = Some(token.clone());
        Ok(token)
    }

    /// Apple called a token too old. Another one is made unless that was done already, or the token
    /// is so young that Apple would call it too many.
    fn renew(&self, old: &Token, now: Timestamp) -> Result<Option<Token>, Error> {
        {
            let mut kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
            match kept.as_ref() {
                Some(token) if token.text != old.text => return Ok(Some(token.clone())),
                Some(token) if now.since(token.made) < TOKEN_AT_LEAST => return Ok(None),
                Some(_) | None => *kept = None,
            }
        }
        self.token(now).map(Some)
    }

    /// Sends to one device. With when its token stopped being one, if Apple says so.
    pub async fn send(&self, push: &Push, target: &Target) -> (Answer, Option<Timestamp>) {
        let now = push.at;
        let held = |error: Error| (Answer::Held { text: error.to_string() }, None);
        let token = match self.token(now) {
            Ok(token) => token,
            Err(error) => return held(error),
        };
        let (answer, since, means) = self.ask(push, target, &token).await;
        if means != Some(Means::Expired) {
            return (answer, since);
        }
        match self.renew(&token, now) {
            Ok(Some(token)) => {
                let (answer, since, _) = self.ask(push, target, &token).await;
                (answer, since)
            }
            Ok(None) => (answer, since),
            Err(error) => held(error),
        }
    }

    async fn ask(
        &self,
        push: &Push,
        target: &Target,
        token: &Token,
    ) -> (Answer, Option<Timestamp>, Option<Means>) {
        let topic = match (target.app.as_str(), &self.options.topic) {
            ("", Some(topic)) => topic,
            ("", None) => {
                let text = "neither the device nor the provider names an app: set `topic`";
                return (Answer::Held { text: text.to_owned() }, None, None);
            }
            (app, _) => app,
        };
        let base = match target.environment {
            Environment::Production => &self.options.production,
            Environment::Sandbox => &self.options.sandbox,
        };
        let mut headers = push.apns_headers(topic);
        headers.push(("apns-id", attempt_id(push, target)));
        headers.push(("authorization", format!("bearer {}", token.text)));
        let url = format!("{}/3/device/{}", base.trim_end_matches('/'), target.token);
        let body = Bytes::from(push.apns().to_string());
        match self.client.post(&Ask { url, headers, body }).await {
            Ok(reply) if reply.status == 200 => {
                let id = reply.header("apns-id").map(shown);
                (Answer::Accepted { id }, None, None)
            }
            Ok(reply) => {
                let (means, refusal) = read(&reply);
                if refusal.reason.is_empty()
                    && let Some(answer) = from_between(&reply)
                {
                    return (answer, None, None);
                }
                let since = refusal.timestamp.map(Timestamp).filter(|_| means == Means::Gone);
                (means.answer(&reply, &refusal.reason), since, Some(means))
            }
            Err(silence) => (silent(silence), None, None),
        }
    }
}

/// What a no means.
fn read(reply: &Reply) -> (Means, Refusal) {
    let refusal: Refusal = serde_json::from_slice(&reply.body).unwrap_or_default();
    let known = REASONS.iter().find(|(reason, _)| *reason == refusal.reason);
    let means = known.map(|(_, means)| *means).unwrap_or(match reply.status {
        410 => Means::Gone,
        413 => Means::TooLarge,
        403 => Means::Configuration,
        429 => Means::Throttled,
        500.. => Means::Temporary,
        _ => Means::Content,
    });
    (means, refusal)
}
