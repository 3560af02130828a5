//! Web Push: RFC 8030 over HTTP, encrypted as RFC 8291 has it, with VAPID (RFC 8292).

mod encrypt;

use super::http::{Ask, Client, Options as HttpOptions, Reply, Speech};
use super::jwt::Key;
use super::{Means, from_between, shown, silent};
use crate::Error;
use crate::egress::{Egress, Tls};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use bytes::Bytes;
use cauce_core::delivery::Answer;
use cauce_core::device::Target;
use cauce_core::message::content::push::{Priority, Push};
use cauce_core::time::{Duration, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

pub use encrypt::{Subscription, encrypt};

/// How long a signature is good for; RFC 8292 allows a day.
const SIGNED_FOR: Duration = Duration(12 * Duration::HOUR.0);
/// How long before its end it is no longer used.
const EARLY: Duration = Duration(Duration::HOUR.0);
/// Limit: push services for which a signature is kept. There are a handful in the world.
const ORIGINS_MAX: usize = 64;
/// Longest topic, in characters of base64url (RFC 8030, 5.4).
const TOPIC_MAX: usize = 32;

/// How push services of browsers are reached.
#[derive(Debug)]
pub struct Options {
    /// The private VAPID key, as PEM.
    pub key: String,
    /// Who we are, for the service's operator: `mailto:…` or `https://…`.
    pub subject: String,
    /// Hosts of push services that may be asked; `*.` stands for any name below. All if empty.
    pub hosts: Vec<String>,
    /// How TLS is used.
    pub tls: Tls,
}

/// Sends pushes to browsers.
#[derive(Debug)]
pub struct Web {
    client: Client,
    key: Key,
    subject: String,
    hosts: Vec<String>,
    signed: Mutex<BTreeMap<String, (String, Timestamp)>>,
}

impl Web {
    /// Prepares; nothing is connected before something is sent.
    pub fn new(egress: Egress, options: Options) -> Result<Web, Error> {
        let key = Key::ecdsa("web push", &options.key)?;
        let timeout = std::time::Duration::from_secs(20);
        let http = HttpOptions { tls: options.tls, speech: Speech::Agreed, timeout };
        let client = Client::new(egress, http);
        let (subject, hosts) = (options.subject, options.hosts);
        Ok(Web { client, key, subject, hosts, signed: Mutex::default() })
    }

    /// The public key that a page subscribes with: base64url.
    pub fn public_key(&self) -> String {
        BASE64.encode(self.key.public())
    }

    /// What we show to a push service: signed for its origin, and used again until it is old.
    fn authorization(&self, origin: &str, now: Timestamp) -> Result<String, Error> {
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((text, until)) = signed.get(origin)
            && now < *until
        {
            return Ok(text.clone());
        }
        let expires = now.plus(SIGNED_FOR);
        let claims = json!({ "aud": origin, "exp": expires.0 / 1_000, "sub": self.subject });
        let token = self.key.sign(None, &claims)?;
        let text = format!("vapid t={token}, k={}", self.public_key());
        if signed.len() >= ORIGINS_MAX {
            signed.clear();
        }
        signed.insert(origin.to_owned(), (text.clone(), expires.minus(EARLY)));
        Ok(text)
    }

    /// Sends to one browser.
    pub async fn send(&self, push: &Push, target: &Target) -> Answer {
        let faulty = |text: &str| Answer::Unrenderable { text: text.to_owned() };
        let Some(origin) = origin(&target.token) else {
            return faulty("the endpoint is no web address");
        };
        if !self.allows(&origin) {
            return faulty("the endpoint's host is not among the provider's `hosts`");
        }
        let keys = target.keys.as_ref();
        let keys = keys.and_then(|keys| Subscription::read(&keys.p256dh, &keys.auth));
        let Some(keys) = keys else {
            return faulty("the browser's keys are none");
        };
        let Some(body) = encrypt(&keys, push.web().to_string().as_bytes()) else {
            return faulty("the browser's keys cannot be encrypted to");
        };
        let authorization = match self.authorization(&origin, push.at) {
            Ok(authorization) => authorization,
            Err(error) => return Answer::Held { text: error.to_string() },
        };
        let urgency = match (push.silent, push.priority) {
            (false, Priority::High) => "high",
            (false, Priority::Normal) => "normal",
            (true, _) => "low",
        };
        let mut headers = vec![
            ("authorization", authorization),
            ("ttl", push.ttl_s().to_string()),
            ("urgency", urgency.to_owned()),
            ("content-encoding", "aes128gcm".to_owned()),
            ("content-type", "application/octet-stream".to_owned()),
        ];
        headers.extend(push.collapse_key.as_deref().map(|key| ("topic", topic(key))));
        let ask = Ask { url: target.token.clone(), headers, body: Bytes::from(body) };
        match self.client.post(&ask).await {
            Ok(reply) => read(&reply),
            Err(silence) => silent(silence),
        }
    }

    fn allows(&self, origin: &str) -> bool {
        let host = origin.split("://").nth(1).unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        self.hosts.is_empty()
            || self.hosts.iter().any(|one| match one.strip_prefix("*.") {
                Some(below) => host.strip_suffix(below).is_some_and(|rest| rest.ends_with('.')),
                None => host == one,
            })
    }
}

/// The public key of a private VAPID key, that a page subscribes with: base64url.
pub fn public_key(pem: &str) -> Result<String, Error> {
    Ok(BASE64.encode(Key::ecdsa("web push", pem)?.public()))
}

/// What a push service's answer means. It has no words of its own: the status says all.
fn read(reply: &Reply) -> Answer {
    if let Some(answer) = from_between(reply) {
        return answer;
    }
    let text = String::from_utf8_lossy(&reply.body);
    let means = match reply.status {
        200..=299 => {
            let id = reply.header("location").map(shown);
            return Answer::Accepted { id };
        }
        404 | 410 => Means::Gone,
        // Our signature is not accepted: a clock that is off, a key that is none. That is so for
        // everybody at once, and no word on this browser.
        401 => Means::Configuration,
        // What is wrong with the address itself, or it was made with another key than this (RFC
        // 8292 4.2): it may be right again, so the subscription stays. Not: our configuration.
        // After a change of keys a few old browsers would close the way to all.
        400 | 403 => Means::Misplaced,
        413 => Means::TooLarge,
        429 => Means::Throttled,
        500.. => Means::Temporary,
        _ => Means::Content,
    };
    means.answer(reply, &text)
}

/// Scheme, host and port of an endpoint.
fn origin(endpoint: &str) -> Option<String> {
    let (scheme, rest) = endpoint.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    Some(format!("{scheme}://{}", host.to_ascii_lowercase()))
}

/// A collapse key as a topic: one that is none is hashed, so that the same key is the same topic.
fn topic(key: &str) -> String {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if key.len() <= TOPIC_MAX && key.bytes().all(fits) {
        return key.to_owned();
    }
    let hash = digest::digest(&digest::SHA256, key.as_bytes());
    BASE64.encode(&hash.as_ref()[..TOPIC_MAX * 3 / 4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateways_answer_is_none() {
        let said =
            |status| read(&Reply { status, headers: Default::default(), body: b"<html>".to_vec() });
        for status in [502, 504] {
            assert!(matches!(said(status), Answer::Unknown { .. }), "{status}");
        }
        assert!(matches!(said(503), Answer::Refused { code: 503, .. }));
    }

    #[test]
    fn keys_become_topics_of_the_allowed_form() {
        assert_eq!(topic("order-7"), "order-7");
        for odd in ["order 7", &"x".repeat(33), "ñ"] {
            let topic = topic(odd);
            assert!(topic.len() == TOPIC_MAX && topic != odd, "{odd} {topic}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let check = |endpoint: &str, expected: Option<&str>| {
            assert_eq!(origin(endpoint).as_deref(), expected, "{endpoint}");
        };
        check("https://Push.Example:8443/a?b", Some("https://push.example:8443"));
        check("https://push.example", Some("https://push.example"));
        check("push.example/a", None);
        check("https:///a", None);
    }
}
