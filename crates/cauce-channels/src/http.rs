//! The HTTP/1.1 client of all providers that are asked by HTTP: connections kept alive, one
//! deadline for everything, no redirects.

use crate::egress::{Egress, NoConnection, Tls};
use bytes::Bytes;
use cauce_core::delivery::{Outcome, Stage};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::{HeaderMap, Method, Uri, header};
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Limit: what is read of an answer.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// `POST` or another method.
    pub method: String,
    /// The address.
    pub url: String,
    /// Headers, names as given; what belongs to the connection cannot be set.
    pub headers: Vec<(String, String)>,
    /// The exact bytes.
    pub body: Vec<u8>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or its beginning.
    pub body: Vec<u8>,
    /// Whether that was all of it.
    pub complete: bool,
}

impl Answer {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Retry-After in seconds, where the status allows it; the form with a date is left out,
    /// because clocks differ.
    pub fn retry_after_s(&self) -> Option<u32> {
        // Limit: a week; more is a mistake or a joke.
        let seconds = |text: &str| Some(text.trim().parse::<u32>().ok()?.min(7 * 86_400));
        matches!(self.status, 429 | 503).then(|| self.header("retry-after").and_then(seconds))?
    }

    /// The beginning of the body as text without control characters, for the ledger.
    pub fn shown(&self) -> String {
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(TEXT_MAX)]);
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

/// What only a gateway says, in place of a provider that may have taken the message. An answer that
/// brings a code of the provider's own is the provider's, whatever its status.
pub fn from_between(answer: &Answer) -> Option<Outcome> {
    let text = format!("a gateway answered {}: {}", answer.status, answer.shown());
    matches!(answer.status, 502 | 504).then_some(Outcome::Unknown { text })
}

/// Limit: what is kept of an answer's text.
const TEXT_MAX: usize = 512;

/// How requests are sent.
#[derive(Clone, Debug)]
pub struct Options {
    /// How TLS is used.
    pub tls: Tls,
    /// Whether `http://` is allowed.
    pub allow_http: bool,
    /// Ports that may be asked; every port if absent.
    pub ports: Option<Vec<u16>>,
    /// From the first byte to the last of one request and its answer.
    pub timeout: Duration,
    /// How long a connection stays open without work.
    pub idle_timeout: Duration,
    /// Limit: idle connections kept per server. When it is full, the connection is closed.
    pub idle_per_server_max: usize,
}

type Driver = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// A connection and what moves it. The driver runs only while somebody waits for an answer, so
/// that no task is left behind.
struct Link {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: Driver,
    idle_since: Instant,
}

/// Asks servers.
pub struct Client {
    egress: Egress,
    options: Options,
    idle: Mutex<BTreeMap<Server, Vec<Link>>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Server {
    secure: bool,
    host: String,
    port: u16,
}

/// Headers that are ours to write.
const RESERVED: [&str; 8] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "expect",
];

impl Client {
    /// A client.
    pub fn new(egress: Egress, options: Options) -> Client {
        Client { egress, options, idle: Mutex::default() }
    }

    /// From the first byte to the last of one request and its answer.
    pub fn timeout(&self) -> Duration {
        self.options.timeout
    }

    fn idle(&self) -> MutexGuard<'_, BTreeMap<Server, Vec<Link>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks once. An error says what is known of a question without an answer: whether it may have
    /// been read.
    pub async fn call(&self, call: &Call) -> Result<Answer, Outcome> {
        let (server, prepared) =
            self.prepare(call).map_err(|text| Outcome::Unrenderable { text })?;
        let deadline = Instant::now() + self.options.timeout;
        let link = match tokio::time::timeout_at(deadline, self.link(&server)).await {
            Ok(link) => link?,
            Err(_) => return Err(late("no connection", self.options.timeout, false)),
        };
        self.ask(link, server, prepared, deadline).await
    }

    fn prepare(&self, call: &Call) -> Result<(Server, hyper::Request<Full<Bytes>>), String> {
        let (server, uri) = self.target(&call.url)?;
        let method = Method::from_bytes(call.method.as_bytes())
            .map_err(|_| "the method is malformed".to_owned())?;
        let mut headers = HeaderMap::new();
        for (name, value) in &call.headers {
            let name = header::HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| "a header's name is malformed".to_owned())?;
            if RESERVED.contains(&name.as_str()) {
                return Err(format!("the header `{name}` cannot be set"));
            }
            let value = header::HeaderValue::from_str(value)
                .map_err(|_| format!("the value of the header `{name}` is malformed"))?;
            headers.append(name, value);
        }
        if !headers.contains_key(header::USER_AGENT) {
            headers.insert(header::USER_AGENT, header::HeaderValue::from_static("Cauce"));
        }
        let host = header::HeaderValue::from_str(&authority(&server))
            .map_err(|_| "the host of the URL is malformed".to_owned())?;
        headers.insert(header::HOST, host);
        let mut prepared = hyper::Request::new(Full::new(Bytes::from(call.body.clone())));
        *prepared.method_mut() = method;
        *prepared.uri_mut() = uri;
        *prepared.headers_mut() = headers;
        Ok((server, prepared))
    }

    /// Where a URL leads. It came out of a template, so nothing about it is trusted.
    fn target(&self, url: &str) -> Result<(Server, Uri), String> {
        let uri: Uri = url.parse().map_err(|_| "the URL is malformed".to_owned())?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if self.options.allow_http => false,
            Some("http") => return Err("the URL has to begin with `https://`".to_owned()),
            Some(_) | None => return Err("the URL is no web address".to_owned()),
        };
        let authority = uri.authority().ok_or_else(|| "the URL has no host".to_owned())?;
        if authority.as_str().contains('@') {
            return Err("the URL must not hold a name or a password".to_owned());
        }
        let host = authority.host().to_ascii_lowercase();
        if host.is_empty() {
            return Err("the URL has no host".to_owned());
        }
        let port = match authority.port_u16() {
            Some(port) => port,
            None if authority.as_str().rsplit(']').next().is_some_and(|t| t.contains(':')) => {
                return Err("the port is malformed".to_owned());
            }
            None if secure => 443,
            None => 80,
        };
        if self.options.ports.as_ref().is_some_and(|ports| !ports.contains(&port)) {
            return Err(format!("the port `{port}` is not among those allowed"));
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let path = path.parse().map_err(|_| "the URL's path is malformed".to_owned())?;
        Ok((Server { secure, host, port }, path))
    }

    /// A connection that was kept, if it is still open, or a new one.
    async fn link(&self, server: &Server) -> Result<Link, Outcome> {
        while let Some(mut link) = self.kept(server) {
            let alive = tokio::select! {
                biased;
                _ = &mut link.driver => false,
                ready = link.sender.ready() => ready.is_ok(),
            };
            if alive {
                return Ok(link);
            }
        }
        let stream = self.egress.connect(&server.host, server.port).await.map_err(no_connection)?;
        if server.secure {
            let tls = self.options.tls.secure(stream, &server.host).await.map_err(no_connection)?;
            handshake(tls).await
        } else {
            handshake(stream).await
        }
    }

    fn kept(&self, server: &Server) -> Option<Link> {
        let mut idle = self.idle();
        let oldest = Instant::now().checked_sub(self.options.idle_timeout);
        idle.retain(|_, links| {
            links.retain(|link| oldest.is_none_or(|oldest| link.idle_since > oldest));
            !links.is_empty()
        });
        idle.get_mut(server)?.pop()
    }

    fn keep(&self, server: Server, mut link: Link) {
        link.idle_since = Instant::now();
        let mut idle = self.idle();
        let links = idle.entry(server).or_default();
        if links.len() < self.options.idle_per_server_max {
            links.push(link);
        }
    }

    async fn ask(
        &self,
        mut link: Link,
        server: Server,
        request: hyper::Request<Full<Bytes>>,
        deadline: Instant,
    ) -> Result<Answer, Outcome> {
        let answer = link.sender.try_send_request(request);
        let late = |_| late("no answer", self.options.timeout, true);
        let whole = async {
            let response = tokio::time::timeout_at(deadline, answer).await.map_err(late)?;
            let response = response.map_err(|mut error| {
                // Hyper gives the request back only if not a byte of it was written.
                let untouched = error.take_message().is_some();
                let text = format!("the request failed: {}", error.into_error());
                if untouched { Outcome::Unreachable { text } } else { Outcome::Unknown { text } }
            })?;
            let (head, body) = response.into_parts();
            // Its status has come: what follows late or never takes nothing away from it.
            let (body, complete) = read(body, deadline).await;
            let status = head.status.as_u16();
            Ok(Answer { status, headers: head.headers, body, complete })
        };
        let result = {
            let Link { driver, .. } = &mut link;
            tokio::pin!(whole);
            tokio::select! {
                result = &mut whole => result,
                // The connection is done; what it has read already still counts.
                _ = driver => whole.await,
            }
        };
        let answer = result?;
        if answer.complete && link.sender.is_ready() {
            self.keep(server, link);
        }
        Ok(answer)
    }
}

/// What can be had of an answer within the bounds of size and time, and whether that was all. The
/// status alone decides when the rest does not come.
async fn read<B>(body: B, deadline: Instant) -> (Vec<u8>, bool)
where
    B: hyper::body::Body<Data = Bytes, Error = hyper::Error>,
{
    let limited = Limited::new(body, ANSWER_BYTES_MAX);
    tokio::pin!(limited);
    let mut bytes = Vec::new();
    loop {
        match tokio::time::timeout_at(deadline, limited.frame()).await {
            Ok(None) => return (bytes, true),
            Ok(Some(Ok(frame))) => {
                bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
            }
            Ok(Some(Err(_))) | Err(_) => return (bytes, false),
        }
    }
}

async fn handshake<S>(stream: S) -> Result<Link, Outcome>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(ANSWER_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| Outcome::Unreachable {
            text: format!("the connection failed: {error}"),
        })?;
    Ok(Link { sender, driver: Box::pin(connection), idle_since: Instant::now() })
}

fn authority(server: &Server) -> String {
    match (server.secure, server.port) {
        (true, 443) | (false, 80) => server.host.clone(),
        (_, port) => format!("{}:{port}", server.host),
    }
}

fn no_connection(reason: NoConnection) -> Outcome {
    match reason {
        NoConnection::Refused(text) => Outcome::Refused {
            stage: Stage::Connect,
            code: 403,
            enhanced: None,
            text,
            retry_after_s: None,
        },
        NoConnection::Unreachable(text) => Outcome::Unreachable { text },
    }
}

fn late(what: &str, limit: Duration, written: bool) -> Outcome {
    let text = format!("{what} within {} s", limit.as_secs_f32());
    if written { Outcome::Unknown { text } } else { Outcome::Unreachable { text } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_leaves_the_outcome_open() {
        let said = |status| {
            let body = b"<html>".to_vec();
            from_between(&Answer { status, headers: HeaderMap::new(), body, complete: true })
        };
        for status in [502, 504] {
            assert!(matches!(said(status), Some(Outcome::Unknown { .. })), "{status}");
        }
        for status in [200, 500, 503, 505] {
            assert!(said(status).is_none(), "{status}");
        }
    }
}
