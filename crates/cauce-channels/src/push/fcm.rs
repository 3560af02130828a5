//! Firebase Cloud Messaging, HTTP v1, with a service account.
//!
//! Sources (read November 2026): Google's discovery document of `fcm` v1, revision 20261023;
//! Firebase, *Error codes for the HTTP v1 API*; Google, *Using OAuth 2.0 for server to server
//! applications*.

use super::http::{Ask, Client, Options as HttpOptions, Reply, Speech};
use super::jwt::Key;
use super::{Means, from_between, shown, silent};
use crate::Error;
use crate::egress::{Egress, Tls};
use bytes::Bytes;
use cauce_core::delivery::{Answer, Enhanced, Stage};
use cauce_core::device::Target;
use cauce_core::message::content::push::Push;
use cauce_core::time::{Duration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

/// Where messages are sent to.
pub const BASE: &str = "https://fcm.googleapis.com";
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// How long before its end a token of access is no longer used.
const EARLY: Duration = Duration(5 * Duration::MINUTE.0);
/// How long to wait after QUOTA_EXCEEDED where the answer does not say: a minute, as the quota is
/// counted by minutes.
const QUOTA_WAIT_S: u32 = 60;

/// What each error code means (Firebase's table as of November 2026). `INVALID_ARGUMENT` is about
/// the token only where a field violation says so.
pub const CODES: &[(&str, Means)] = &[
    ("UNREGISTERED", Means::Gone),
    ("INVALID_ARGUMENT", Means::Content),
    ("SENDER_ID_MISMATCH", Means::Misplaced),
    ("THIRD_PARTY_AUTH_ERROR", Means::Configuration),
    ("QUOTA_EXCEEDED", Means::Throttled),
    ("UNAVAILABLE", Means::Temporary),
    ("INTERNAL", Means::Temporary),
];

/// How Google is reached.
#[derive(Debug)]
pub struct Options {
    /// The key file of the service account, as JSON.
    pub account: String,
    /// Where messages are sent to.
    pub base: String,
    /// How TLS is used.
    pub tls: Tls,
}

/// What a service account's key file says.
#[derive(Debug, Deserialize)]
struct Account {
    project_id: String,
    #[serde(default)]
    private_key_id: String,
    private_key: String,
    client_email: String,
    token_uri: String,
}

#[derive(Clone, Debug)]
struct Access {
    token: String,
    until: Timestamp,
}

/// What was last heard of tokens of access.
#[derive(Debug, Default)]
struct Kept {
    access: Option<Access>,
    /// When there was none, and why.
    failed: Option<(Instant, Answer)>,
}

/// Sends pushes by Google's service.
#[derive(Debug)]
pub struct Fcm {
    client: Client,
    base: String,
    account: Account,
    key: Key,
    /// Whoever needs one while it is fetched waits for it.
    access: tokio::sync::Mutex<Kept>,
}

impl Fcm {
    /// Prepares; nothing is connected before something is sent.
    pub fn new(egress: Egress, options: Options) -> Result<Fcm, Error> {
        let fault = |why: String| Error::Key { subject: "fcm".to_owned(), why };
        let account: Account = serde_json::from_str(&options.account)
            .map_err(|error| fault(format!("it is no key file of a service account: {error}")))?;
        let key = Key::rsa("fcm", &account.private_key)?;
        let timeout = std::time::Duration::from_secs(20);
        let http = HttpOptions { tls: options.tls, speech: Speech::Agreed, timeout };
        let base = options.base.trim_end_matches('/').to_owned();
        let client = Client::new(egress, http);
        Ok(Fcm { client, base, account, key, access: tokio::sync::Mutex::default() })
    }

    /// Sends to one device.
    pub async fn send(&self, push: &Push, target: &Target) -> Answer {
        let mut refused = None;
        // Twice at most: a token of access may have been taken back before its time.
        for _ in 0..2 {
            let access = match self.access(refused.as_deref(), push.at).await {
                Ok(access) => access,
                Err(answer) => return answer,
            };
            let url =
                format!("{}/v1/projects/{}/messages:send", self.base, self.account.project_id);
            let headers = vec![
                ("authorization", format!("Bearer {}", access.token)),
                ("content-type", "application/json; charset=utf-8".to_owned()),
            ];
            let body = Bytes::from(push.fcm(target).to_string());
            let reply = match self.client.post(&Ask { url, headers, body }).await {
                Ok(reply) => reply,
                Err(silence) => return silent(silence),
            };
            if reply.status == 200 {
                return Answer::Accepted { id: name(&reply) };
            }
            let Told { means, words, own } = read(&reply);
            if !own && let Some(answer) = from_between(&reply) {
                return answer;
            }
            if means != Means::Expired || refused.is_some() {
                return answer(means, &reply, &words);
            }
            refused = Some(access.token);
        }
        Answer::Held { text: "a fresh token of access was refused".to_owned() }
    }

    /// A token of access: the one that there is, or a new one that everybody waits for, also for
    /// its failure: one after the other would be told the same, each later than the last. One that
    /// was refused is not given again.
    async fn access(&self, refused: Option<&str>, now: Timestamp) -> Result<Access, Answer> {
        let (asked, within) = (Instant::now(), self.client.timeout());
        let Ok(mut kept) = tokio::time::timeout(within, self.access.lock()).await else {
            let text = format!("no token of access within {} s", within.as_secs_f32());
            return Err(Answer::Unreachable { text });
        };
        if let Some(access) = &kept.access
            && now < access.until
            && refused != Some(&access.token)
        {
            return Ok(access.clone());
        }
        if let Some((at, answer)) = &kept.failed
            && *at >= asked
        {
            return Err(answer.clone());
        }
        match self.fetch(now).await {
            Ok(access) => {
                *kept = Kept { access: Some(access.clone()), failed: None };
                Ok(access)
            }
            Err(answer) => {
                kept.failed = Some((Instant::now(), answer.clone()));
                Err(answer)
            }
        }
    }

    async fn fetch(&self, now: Timestamp) -> Result<Access, Answer> {
        let issued = now.0 / 1_000;
        let claims = json!({
            "iss": self.account.client_email, "scope": SCOPE, "aud": self.account.token_uri,
            "iat": issued, "exp": issued + 3_600,
        });
        let id = Some(self.account.private_key_id.as_str()).filter(|id| !id.is_empty());
        let assertion =
            self.key.sign(id, &claims).map_err(|error| Answer::Held { text: error.to_string() })?;
        let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
        let body = Bytes::from(format!("grant_type={grant}&assertion={assertion}"));
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        let ask = Ask { url: self.account.token_uri.clone(), headers, body };
        let reply = match self.client.post(&ask).await {
            Ok(reply) => reply,
            // No message was in it: certainly nothing was taken.
            Err(silence) => {
                return Err(match silent(silence) {
                    Answer::Unknown { text } => Answer::Unreachable { text },
                    Answer::Unrenderable { text } => Answer::Held { text },
                    other => other,
                });
            }
        };
        granted(&reply, now)
    }
}

/// The token of access in an answer.
fn granted(reply: &Reply, now: Timestamp) -> Result<Access, Answer> {
    let json: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let is_yes = (200..300).contains(&reply.status);
    let Some(token) = json["access_token"].as_str().filter(|_| is_yes) else {
        return Err(Answer::Refused {
            stage: Stage::Auth,
            code: reply.status,
            enhanced: Some(Enhanced(4, 7, 8)),
            // Not the whole of a yes that cannot be read: it may hold a token.
            text: match is_yes {
                true => "the answer holds no token of access".to_owned(),
                false => {
                    let body = String::from_utf8_lossy(&reply.body);
                    shown(&format!("no token of access: {body}"))
                }
            },
            retry_after_s: reply.retry_after_s(),
        });
    };
    // Some servers write the number as text, or with a fraction.
    let seconds = match &json["expires_in"] {
        Value::Number(number) => number.as_f64().map_or(0, |seconds| seconds as i64),
        Value::String(text) => text.trim().parse().unwrap_or(0),
        _ => 0,
    };
    // Limit: a day, whatever is said.
    let until = now.plus(Duration::SECOND.times(seconds.clamp(0, 86_400))).minus(EARLY);
    Ok(Access { token: token.to_owned(), until })
}

/// Google's own name for the message.
fn name(reply: &Reply) -> Option<String> {
    let json: Value = serde_json::from_slice(&reply.body).ok()?;
    Some(shown(json.get("name")?.as_str()?))
}

/// What a no says.
struct Told {
    means: Means,
    words: String,
    /// Whether it has a code of FCM's own.
    own: bool,
}

/// What a no means, and its words.
fn read(reply: &Reply) -> Told {
    let json: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let error = &json["error"];
    let details = error["details"].as_array().map(Vec::as_slice).unwrap_or_default();
    let code = details.iter().find_map(|detail| detail.get("errorCode")?.as_str());
    let mut violations =
        details.iter().filter_map(|detail| detail.get("fieldViolations")?.as_array()).flatten();
    let about_token = violations.any(|violation| violation["field"] == "message.token");
    let message = error["message"].as_str().unwrap_or_default();
    let status = error["status"].as_str().unwrap_or_default();
    let words = format!("{} {message}", code.unwrap_or(status));
    let known = code.and_then(|code| CODES.iter().find(|(known, _)| *known == code));
    let means = match (known, reply.status) {
        (Some(("INVALID_ARGUMENT", _)), _) if about_token => Means::Gone,
        (Some((_, means)), _) => *means,
        (None, 400) if about_token => Means::Gone,
        // No code of FCM's own: the project, the path, or the token of access.
        (None, 401) => Means::Expired,
        (None, 403 | 404) => Means::Configuration,
        (None, 413) => Means::TooLarge,
        (None, 429) => Means::Throttled,
        (None, 500..) => Means::Temporary,
        (None, _) => Means::Content,
    };
    Told { means, words, own: code.is_some() }
}

fn answer(means: Means, reply: &Reply, words: &str) -> Answer {
    match means.answer(reply, words) {
        Answer::Refused { stage, code, enhanced, text, retry_after_s: None }
            if means == Means::Throttled =>
        {
            let retry_after_s = Some(QUOTA_WAIT_S);
            Answer::Refused { stage, code, enhanced, text, retry_after_s }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> Result<Access, Answer> {
        let reply = Reply { status, headers: Default::default(), body: body.as_bytes().to_vec() };
        granted(&reply, Timestamp(0))
    }

    #[test]
    fn a_token_never_stands_in_a_refusal() {
        for body in [r#"{"token":"secret"}"#, r#"{"access_token":["secret"]}"#, "secret"] {
            let answer = said(200, body).unwrap_err();
            assert!(!format!("{answer:?}").contains("secret"), "{answer:?}");
        }
        let answer = said(400, r#"{"error":"invalid_grant"}"#).unwrap_err();
        assert!(format!("{answer:?}").contains("invalid_grant"), "{answer:?}");
    }

    #[test]
    fn a_lifetime_is_read_however_it_is_written() {
        let check = |life: &str, expected_s: i64| {
            let access = said(200, &format!(r#"{{"access_token":"t"{life}}}"#)).unwrap();
            assert_eq!(access.until.plus(EARLY), Timestamp(expected_s * 1_000), "{life}");
        };
        check(r#","expires_in":3599"#, 3_599);
        check(r#","expires_in":3599.5"#, 3_599);
        check(r#","expires_in":"3599""#, 3_599);
        check(r#","expires_in":9e18"#, 86_400);
        check(r#","expires_in":-1"#, 0);
        check("", 0);
    }
}
