//! Tokens for client credentials (RFC 6749 §4.4): asked for once by however many need one, and kept
//! until shortly before they end.

use super::auth::SecretHeader;
use crate::http::{Answer, Call, Client};
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use cauce_core::publish::Credentials;
use serde_json::Value;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A token is not used in its last moments: it would end on its way.
const SPARE: Duration = Duration::from_secs(30);
/// How long a token counts whose end nobody says.
const UNSAID: Duration = Duration::from_secs(300);
/// Limit: how long a token is kept, whatever is said.
const KEPT: Duration = Duration::from_secs(24 * 3_600);

/// Where tokens come from.
pub struct Source {
    /// The address.
    pub url: String,
    /// The client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// What is asked for.
    pub scope: Option<String>,
    /// For whom.
    pub audience: Option<String>,
    /// Where the credentials stand.
    pub credentials: Credentials,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Asks for tokens and keeps the last one.
#[derive(Debug)]
pub struct Tokens {
    source: Source,
    // Held while one is asked for, so that all others wait for the same.
    kept: Mutex<Kept>,
}

/// What was last heard.
#[derive(Debug, Default)]
struct Kept {
    token: Option<Token>,
    /// When there was none, and why.
    failed: Option<(Instant, Outcome)>,
}

struct Token {
    text: String,
    ends: Instant,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(***)")
    }
}

/// Encodes a value of a form.
fn form(text: &str) -> String {
    crate::aws::encode(text, false)
}

impl Tokens {
    /// From a source.
    pub fn new(source: Source) -> Tokens {
        Tokens { source, kept: Mutex::default() }
    }

    /// A token that counts. Who waits while one is asked for shares what comes of it, also its
    /// failure: one after the other would be told the same, each later than the last.
    ///
    /// # Errors
    /// Why there is none. It is never *unknown*: the message itself has not left.
    pub async fn token(&self, client: &Client) -> Result<String, Outcome> {
        let (asked, within) = (Instant::now(), client.timeout());
        let Ok(mut kept) = tokio::time::timeout(within, self.kept.lock()).await else {
            let text = format!("no token within {} s", within.as_secs_f32());
            return Err(Outcome::Unreachable { text });
        };
        if let Some(token) = kept.token.as_ref().filter(|token| token.ends > Instant::now()) {
            return Ok(token.text.clone());
        }
        if let Some((at, outcome)) = &kept.failed
            && *at >= asked
        {
            return Err(outcome.clone());
        }
        kept.token = None;
        let answer = client.call(&self.source.call()).await.map_err(not_begun);
        match answer.and_then(|answer| read(&answer)) {
            Ok(token) => {
                let text = token.text.clone();
                *kept = Kept { token: Some(token), failed: None };
                Ok(text)
            }
            Err(outcome) => {
                kept.failed = Some((Instant::now(), outcome.clone()));
                Err(outcome)
            }
        }
    }

    /// Forgets a token that was refused, unless there is another one already.
    pub async fn forget(&self, refused: &str) {
        let mut kept = self.kept.lock().await;
        if kept.token.as_ref().is_some_and(|token| token.text == refused) {
            kept.token = None;
        }
    }
}

impl Source {
    fn call(&self) -> Call {
        let mut headers = vec![
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ("accept".to_owned(), "application/json".to_owned()),
        ];
        let mut fields = vec![("grant_type", "client_credentials")];
        match self.credentials {
            // RFC 6749 §2.3.1: each half encoded as in a form, before base64.
            Credentials::Header => {
                let (id, secret) = (form(&self.client_id), form(&self.client_secret));
                let header = SecretHeader::basic(&id, &secret);
                headers.push((header.name, header.value));
            }
            Credentials::Body => {
                fields.push(("client_id", &self.client_id));
                fields.push(("client_secret", &self.client_secret));
            }
        }
        fields.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        fields.extend(self.audience.as_deref().map(|audience| ("audience", audience)));
        let fields: Vec<String> =
            fields.into_iter().map(|(name, value)| format!("{name}={}", form(value))).collect();
        let body = fields.join("&").into_bytes();
        Call { method: "POST".to_owned(), url: self.url.clone(), headers, body }
    }
}

fn not_begun(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Unknown { text } | Outcome::Unreachable { text } => {
            Outcome::Unreachable { text: format!("no token: {text}") }
        }
        other => other,
    }
}

fn read(answer: &Answer) -> Result<Token, Outcome> {
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let text = json.as_ref().and_then(|json| json.get("access_token")?.as_str());
    let Some(text) = text.filter(|_| (200..300).contains(&answer.status)) else {
        return Err(Outcome::Refused {
            // Our own login: it says nothing about any one message.
            stage: Stage::Auth,
            code: answer.status,
            enhanced: Some(Enhanced(4, 7, 8)),
            // Not the whole of a yes that cannot be read: it may hold a token.
            text: match (200..300).contains(&answer.status) {
                true => "the answer holds no token".to_owned(),
                false => format!("no token: {}", answer.shown()),
            },
            retry_after_s: answer.retry_after_s(),
        });
    };
    // Some servers write the number as text.
    let seconds = json.as_ref().and_then(|json| match json.get("expires_in")? {
        Value::Number(number) => number.as_f64().map(|seconds| seconds as u64),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    let lasts = seconds.map_or(UNSAID, Duration::from_secs).min(KEPT);
    // One that lasts no longer than the spare time is used once and asked for again.
    let ends = Instant::now() + lasts.saturating_sub(SPARE);
    Ok(Token { text: text.to_owned(), ends })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::HeaderMap;

    fn source(credentials: Credentials) -> Source {
        Source {
            url: "https://login.example/token".into(),
            client_id: "shop:1".into(),
            client_secret: "hu&sh".into(),
            scope: Some("a b".into()),
            audience: None,
            credentials,
        }
    }

    #[test]
    fn credentials_stand_where_the_server_wants_them() {
        let body = |source: Source| String::from_utf8(source.call().body).unwrap();
        let header = source(Credentials::Header);
        let basic = SecretHeader::basic("shop%3A1", "hu%26sh").value;
        assert!(header.call().headers.iter().any(|(_, value)| *value == basic));
        assert!(!format!("{header:?}").contains("hu&sh"));
        assert_eq!(body(header), "grant_type=client_credentials&scope=a%20b");
        assert_eq!(
            body(source(Credentials::Body)),
            "grant_type=client_credentials&client_id=shop%3A1&client_secret=hu%26sh&scope=a%20b"
        );
    }

    #[test]
    fn an_answer_is_a_token_or_a_refusal_of_our_login() {
        let answer = |status, body: &str| Answer {
            status,
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
            complete: true,
        };
        let lasts = |body: &str| {
            let token = read(&answer(200, body)).unwrap();
            token.ends.saturating_duration_since(Instant::now()).as_secs_f32().round() as u64
        };
        assert_eq!(lasts(r#"{"access_token":"t","expires_in":3600}"#), 3_570);
        assert_eq!(lasts(r#"{"access_token":"t","expires_in":"3600"}"#), 3_570);
        assert_eq!(lasts(r#"{"access_token":"t"}"#), 270);
        assert_eq!(lasts(r#"{"access_token":"t","expires_in":10}"#), 0);
        assert_eq!(lasts(r#"{"access_token":"t","expires_in":999999999}"#), 24 * 3_600 - 30);
        for (status, body) in [(401, r#"{"error":"invalid_client"}"#), (200, "{}"), (200, "x")] {
            let refused = read(&answer(status, body)).unwrap_err();
            assert!(matches!(refused, Outcome::Refused { stage: Stage::Auth, .. }), "{refused:?}");
        }
        let hidden = read(&answer(200, r#"{"token":"secret"}"#)).unwrap_err();
        assert!(!format!("{hidden:?}").contains("secret"));
    }

    #[tokio::test]
    async fn who_waits_shares_a_failure() {
        use crate::egress::{Egress, Policy, Tls, TlsOptions};
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counter = asked.clone();
        let server = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let mut bytes = [0; 4_096];
                assert_ne!(stream.read(&mut bytes).await.unwrap(), 0);
                tokio::time::sleep(Duration::from_millis(200)).await;
                let said = b"HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(said).await.unwrap();
            }
        });
        let options = crate::http::Options {
            tls: Tls::new(&TlsOptions { authorities: None, verify: true }).unwrap(),
            allow_http: true,
            ports: None,
            timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(1),
            idle_per_server_max: 0,
        };
        let egress = Egress::new(Policy { allow_private: true, ..Policy::default() });
        let client = Client::new(egress, options);
        let tokens = Tokens::new(Source { url, ..source(Credentials::Body) });
        let all = (0..8).map(|_| tokens.token(&client));
        for said in futures_util::future::join_all(all).await {
            assert!(matches!(said, Err(Outcome::Refused { code: 500, .. })), "{said:?}");
        }
        assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 1);
        // Who comes later asks again.
        assert!(tokens.token(&client).await.is_err());
        assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 2);
        server.abort();
    }
}
