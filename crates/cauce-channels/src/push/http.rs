//! The client for services that take many requests over one connection: HTTP/2 where they speak
//! it, and HTTP/1.1 where they do not.

use crate::egress::{Egress, NoConnection, Tls};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::client::conn::{TrySendError, http1, http2};
use hyper::{HeaderMap, Method, Uri, header};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Limit: what is read of an answer.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Limit: servers to which connections are kept. Beyond it those that nobody uses are let go.
const SERVERS_MAX: usize = 256;

/// Limit: idle connections kept to one server that speaks HTTP/1.1 only.
const IDLE_MAX: usize = 16;

/// How long a connection may be silent before it is asked whether it lives, and then for the
/// answer. Without it a connection that a firewall forgot swallows requests until TCP gives up.
const PING_AFTER: Duration = Duration::from_secs(60);
const PING_WITHIN: Duration = Duration::from_secs(20);

/// What a server is spoken to in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    /// What TLS agrees on; HTTP/1.1 without it.
    Agreed,
    /// HTTP/2, with or without TLS.
    Two,
}

/// How requests are sent.
#[derive(Clone, Debug)]
pub struct Options {
    /// How TLS is used.
    pub tls: Tls,
    /// What servers are spoken to in.
    pub speech: Speech,
    /// From the first byte to the last of one request and its answer.
    pub timeout: Duration,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Where to.
    pub url: String,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body; requests are all `POST`.
    pub body: Bytes,
}

/// A complete answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as far as it was read.
    pub body: Vec<u8>,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Seconds after which the server wants to be asked again. The form with a date is left out,
    /// because clocks differ.
    pub fn retry_after_s(&self) -> Option<u32> {
        let seconds = self.header("retry-after")?.trim().parse::<u32>().ok()?;
        // Limit: a week; more is a mistake or a joke.
        Some(seconds.min(7 * 86_400))
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// It cannot be sent: the address, or a header, is none; or we may not go there.
    Refused(String),
    /// Certainly nothing was taken.
    Untaken(String),
    /// No word of it was sent: it waited for its turn, and its time passed.
    NotBegun(String),
    /// It may have been taken.
    Lost(String),
}

/// Nobody has asked for the body yet; of a request without its body nothing can be taken.
const WAITS: u8 = 0;
/// It was given away.
const GIVEN: u8 = 1;
/// Whoever sent it does not want it to go any more.
const WITHDRAWN: u8 = 2;

/// A request's body that can be withdrawn for as long as nobody has asked for it. A connection of
/// HTTP/2 keeps requests until the server allows another stream, and nobody can see how long.
struct Parcel {
    body: Full<Bytes>,
    stand: Arc<AtomicU8>,
}

impl hyper::body::Body for Parcel {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let was = self.stand.compare_exchange(WAITS, GIVEN, Ordering::AcqRel, Ordering::Acquire);
        if was == Err(WITHDRAWN) {
            return Poll::Ready(Some(Err(std::io::Error::other("it was withdrawn"))));
        }
        let frame = Pin::new(&mut self.body).poll_frame(context);
        frame.map(|frame| frame.map(|frame| frame.map_err(|never| match never {})))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Server {
    secure: bool,
    host: String,
    port: u16,
}

type Two = http2::SendRequest<Parcel>;
type One = http1::SendRequest<Parcel>;

/// Connections to one server.
#[derive(Default)]
struct Links {
    /// The one that all share. Held while it is opened, so that many requests open one; whoever
    /// gives something back never waits for it.
    two: tokio::sync::Mutex<Option<Two>>,
    /// It speaks HTTP/1.1 only, as far as is known: nobody waits for another's connection.
    one_only: AtomicBool,
    idle: Mutex<Vec<One>>,
}

impl Links {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<One>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that was kept and is still open.
    async fn kept(&self) -> Option<One> {
        loop {
            let mut one = self.idle().pop()?;
            if one.ready().await.is_ok() {
                return Some(one);
            }
        }
    }

    fn keep(&self, one: One) {
        let mut idle = self.idle();
        if idle.len() < IDLE_MAX {
            idle.push(one);
        }
    }
}

enum Link {
    Two(Two),
    One(One),
}

/// Sends requests.
pub struct Client {
    egress: Egress,
    options: Options,
    servers: Mutex<BTreeMap<Server, Arc<Links>>>,
    /// What moves the connections; it ends with the client.
    drivers: Mutex<JoinSet<()>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Client {
    /// A client.
    pub fn new(egress: Egress, mut options: Options) -> Client {
        let protocols: &[&[u8]] = match options.speech {
            Speech::Agreed => &[b"h2", b"http/1.1"],
            Speech::Two => &[b"h2"],
        };
        options.tls = options.tls.offering(protocols);
        Client { egress, options, servers: Mutex::default(), drivers: Mutex::default() }
    }

    /// From the first byte to the last of one request and its answer.
    pub fn timeout(&self) -> Duration {
        self.options.timeout
    }

    /// Sends one request and gives its answer.
    pub async fn post(&self, ask: &Ask) -> Result<Reply, Silence> {
        let (server, uri) = target(&ask.url).map_err(Silence::Refused)?;
        let deadline = Instant::now() + self.options.timeout;
        let late = |what: &str| format!("{what} within {} s", self.options.timeout.as_secs_f32());
        let links = self.links(&server);
        let link = match tokio::time::timeout_at(deadline, self.link(&server, &links)).await {
            Ok(link) => link?,
            Err(_) => return Err(Silence::Untaken(late("no connection"))),
        };
        let request = prepare(ask, &server, uri, &link).map_err(Silence::Refused)?;
        let stand = Arc::clone(&request.body().stand);
        match link {
            Link::Two(mut two) => {
                let response = head(two.try_send_request(request), &stand, deadline, late).await?;
                Ok(read(response, deadline).await.0)
            }
            Link::One(mut one) => {
                let response = head(one.try_send_request(request), &stand, deadline, late).await?;
                let (reply, complete) = read(response, deadline).await;
                // The answer is there: whatever becomes of the connection, it is given.
                let ready = tokio::time::timeout_at(deadline, one.ready());
                if complete && matches!(ready.await, Ok(Ok(()))) {
                    links.keep(one);
                }
                Ok(reply)
            }
        }
    }

    fn links(&self, server: &Server) -> Arc<Links> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if servers.len() >= SERVERS_MAX && !servers.contains_key(server) {
            servers.retain(|_, links| Arc::strong_count(links) > 1);
        }
        servers.entry(server.clone()).or_default().clone()
    }

    /// A connection to a server: one that there is, or a new one. Of HTTP/2, or of what may be
    /// that, whoever asks meanwhile waits for the same; of HTTP/1.1 each opens its own.
    async fn link(&self, server: &Server, links: &Links) -> Result<Link, Silence> {
        let plain = !server.secure && self.options.speech == Speech::Agreed;
        if !plain && !links.one_only.load(Ordering::Relaxed) {
            let mut shared = links.two.lock().await;
            if let Some(two) = shared.as_ref().filter(|two| !two.is_closed()) {
                return Ok(Link::Two(two.clone()));
            }
            *shared = None;
            // Who held it may have found out meanwhile.
            if !links.one_only.load(Ordering::Relaxed) {
                let link = self.open(server).await?;
                match &link {
                    Link::Two(two) => *shared = Some(two.clone()),
                    Link::One(_) => links.one_only.store(true, Ordering::Relaxed),
                }
                return Ok(link);
            }
        }
        if let Some(one) = links.kept().await {
            return Ok(Link::One(one));
        }
        let link = self.open(server).await?;
        if let Link::Two(_) = &link {
            // It learned HTTP/2: the next one opens the connection that all share.
            links.one_only.store(false, Ordering::Relaxed);
        }
        Ok(link)
    }

    async fn open(&self, server: &Server) -> Result<Link, Silence> {
        let stream = self.egress.connect(&server.host, server.port).await.map_err(no_connection)?;
        if !server.secure {
            return match self.options.speech {
                Speech::Two => self.two(TokioIo::new(stream)).await,
                Speech::Agreed => self.one(TokioIo::new(stream)).await,
            };
        }
        let tls = self.options.tls.secure(stream, &server.host).await.map_err(no_connection)?;
        let agreed = tls.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        match (agreed.as_deref(), self.options.speech) {
            (Some(b"h2"), _) => self.two(TokioIo::new(tls)).await,
            (_, Speech::Agreed) => self.one(TokioIo::new(tls)).await,
            (_, Speech::Two) => {
                Err(Silence::Untaken(format!("`{}` does not speak HTTP/2", server.host)))
            }
        }
    }

    async fn two<S>(&self, stream: S) -> Result<Link, Silence>
    where
        S: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
    {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            // Apple allows one stream until the first answer; every server says what it allows in
            // its first frame.
            .initial_max_send_streams(1)
            .keep_alive_interval(PING_AFTER)
            .keep_alive_timeout(PING_WITHIN)
            .keep_alive_while_idle(true);
        let (sender, connection) =
            builder.handshake(stream).await.map_err(|error| untaken(&error))?;
        self.drive(async move {
            let _ = connection.await;
        });
        Ok(Link::Two(sender))
    }

    async fn one<S>(&self, stream: S) -> Result<Link, Silence>
    where
        S: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
    {
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(ANSWER_BYTES_MAX)
            .handshake(stream)
            .await
            .map_err(|error| untaken(&error))?;
        self.drive(async move {
            let _ = connection.await;
        });
        Ok(Link::One(sender))
    }

    fn drive(&self, driver: impl Future<Output = ()> + Send + 'static) {
        let mut drivers = self.drivers.lock().unwrap_or_else(PoisonError::into_inner);
        while drivers.try_join_next().is_some() {}
        drivers.spawn(driver);
    }
}

/// What came of a request; it comes back where it was never sent.
type Asked = Result<hyper::Response<Incoming>, TrySendError<hyper::Request<Parcel>>>;

/// The head of an answer. Whoever waits for a stream when the time is over is withdrawn.
async fn head(
    asked: impl Future<Output = Asked>,
    stand: &AtomicU8,
    deadline: Instant,
    late: impl FnOnce(&str) -> String,
) -> Result<hyper::Response<Incoming>, Silence> {
    match tokio::time::timeout_at(deadline, asked).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(mut refused)) => {
            let whole = refused.take_message().is_some();
            Err(silence(&refused.into_error(), whole))
        }
        Err(_) => {
            let was = stand.compare_exchange(WAITS, WITHDRAWN, Ordering::AcqRel, Ordering::Acquire);
            match was {
                Ok(_) => Err(Silence::NotBegun(late("no room for another request"))),
                Err(_) => Err(Silence::Lost(late("no answer"))),
            }
        }
    }
}

/// Where a URL leads.
fn target(url: &str) -> Result<(Server, Uri), String> {
    let uri: Uri = url.parse().map_err(|_| "the URL is malformed".to_owned())?;
    let secure = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        Some(_) | None => return Err("the URL is no web address".to_owned()),
    };
    let authority = uri.authority().ok_or_else(|| "the URL has no host".to_owned())?;
    if authority.as_str().contains('@') || authority.host().is_empty() {
        return Err("the URL has no host, or a name in it".to_owned());
    }
    let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let host = authority.host().to_ascii_lowercase();
    Ok((Server { secure, host, port }, uri))
}

fn prepare(
    ask: &Ask,
    server: &Server,
    uri: Uri,
    link: &Link,
) -> Result<hyper::Request<Parcel>, String> {
    // Without a body there is nothing that could be held back.
    let stand = if ask.body.is_empty() { GIVEN } else { WAITS };
    let stand = Arc::new(AtomicU8::new(stand));
    let mut request = hyper::Request::new(Parcel { body: Full::new(ask.body.clone()), stand });
    *request.method_mut() = Method::POST;
    for (name, value) in &ask.headers {
        let value = header::HeaderValue::from_str(value)
            .map_err(|_| format!("the value of the header `{name}` is malformed"))?;
        request.headers_mut().insert(header::HeaderName::from_static(name), value);
    }
    let agent = header::HeaderValue::from_static("Cauce");
    request.headers_mut().insert(header::USER_AGENT, agent);
    match link {
        Link::Two(_) => *request.uri_mut() = uri,
        Link::One(_) => {
            // HTTP/1.1 has the path in its line and the host beside it.
            let host = match (server.secure, server.port) {
                (true, 443) | (false, 80) => server.host.clone(),
                (_, port) => format!("{}:{port}", server.host),
            };
            let host = header::HeaderValue::from_str(&host)
                .map_err(|_| "the host is malformed".to_owned())?;
            request.headers_mut().insert(header::HOST, host);
            let path = uri.path_and_query().map_or("/", |path| path.as_str());
            *request.uri_mut() =
                path.parse().map_err(|_| "the URL's path is malformed".to_owned())?;
        }
    }
    Ok(request)
}

/// The answer as far as it can be had within the bounds of size and time, and whether that was all.
/// The status alone decides when the rest does not come.
async fn read(response: hyper::Response<Incoming>, deadline: Instant) -> (Reply, bool) {
    let (head, body) = response.into_parts();
    let limited = Limited::new(body, ANSWER_BYTES_MAX);
    tokio::pin!(limited);
    let mut bytes = Vec::new();
    let complete = loop {
        match tokio::time::timeout_at(deadline, limited.frame()).await {
            Ok(None) => break true,
            Ok(Some(Ok(frame))) => {
                bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
            }
            Ok(Some(Err(_))) | Err(_) => break false,
        }
    };
    (Reply { status: head.status.as_u16(), headers: head.headers, body: bytes }, complete)
}

fn untaken(error: &hyper::Error) -> Silence {
    Silence::Untaken(format!("the connection failed: {error}"))
}

/// Whether a request that failed may have been taken. What was never written was not; nor was what
/// the server refused before it looked at it: streams above the last one that its GOAWAY names
/// (RFC 9113, 6.8), and streams reset with REFUSED_STREAM (8.7).
fn silence(error: &hyper::Error, whole: bool) -> Silence {
    let mut text = format!("the request failed: {error}");
    let cause = std::error::Error::source(error);
    if let Some(cause) = cause {
        text.push_str(&format!(": {cause}"));
    }
    let unseen = cause.and_then(|cause| cause.downcast_ref::<h2::Error>()).is_some_and(|cause| {
        let refused = cause.is_reset() && cause.reason() == Some(h2::Reason::REFUSED_STREAM);
        (cause.is_go_away() && cause.is_remote()) || refused
    });
    if whole || unseen { Silence::Untaken(text) } else { Silence::Lost(text) }
}

fn no_connection(reason: NoConnection) -> Silence {
    match reason {
        NoConnection::Refused(text) => Silence::Refused(text),
        NoConnection::Unreachable(text) => Silence::Untaken(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    #[test]
    fn an_address_is_read_as_it_stands() {
        let check = |url: &str, expected: Option<(bool, &str, u16)>| {
            let found = target(url).ok().map(|(server, _)| server);
            let found = found.as_ref().map(|s| (s.secure, s.host.as_str(), s.port));
            assert_eq!(found, expected, "{url}");
        };
        check("https://Push.Example/x", Some((true, "push.example", 443)));
        check("http://127.0.0.1:8080/", Some((false, "127.0.0.1", 8080)));
        check("https://[::1]:9/", Some((true, "[::1]", 9)));
        for bad in ["", "/x", "ftp://a/", "https://", "https://a:b@c/"] {
            check(bad, None);
        }
    }

    fn client(timeout: Duration) -> Client {
        use crate::egress::{Policy, TlsOptions};
        let egress = Egress::new(Policy { allow_private: true, ..Policy::default() });
        let tls = Tls::new(&TlsOptions { authorities: None, verify: true }).unwrap();
        Client::new(egress, Options { tls, speech: Speech::Agreed, timeout })
    }

    async fn hear(stream: &mut TcpStream) {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"hello") {
            assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
        }
    }

    #[tokio::test]
    async fn a_status_that_came_counts_when_its_body_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            hear(&mut stream).await;
            let said = b"HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\nbegun";
            stream.write_all(said).await.unwrap();
            std::future::pending::<()>().await;
        });
        let ask = Ask { url, headers: vec![], body: Bytes::from_static(b"hello") };
        let reply = client(Duration::from_millis(400)).post(&ask).await.unwrap();
        assert_eq!((reply.status, reply.body.as_slice()), (201, &b"begun"[..]));
        server.abort();
    }

    #[tokio::test]
    async fn a_connection_is_used_again_and_by_one_at_a_time() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let opened = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counter = Arc::clone(&opened);
        let server = tokio::spawn(async move {
            let mut sessions = JoinSet::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::Relaxed);
                sessions.spawn(async move {
                    loop {
                        hear(&mut stream).await;
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        let said = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        stream.write_all(said).await.unwrap();
                    }
                });
            }
        });
        let client = client(Duration::from_secs(10));
        let ask = Ask { url, headers: vec![], body: Bytes::from_static(b"hello") };
        for _ in 0..3 {
            assert_eq!(client.post(&ask).await.unwrap().status, 200);
        }
        assert_eq!(opened.load(Ordering::Relaxed), 1);
        let (one, other) = tokio::join!(client.post(&ask), client.post(&ask));
        assert!(one.is_ok() && other.is_ok());
        assert_eq!(opened.load(Ordering::Relaxed), 2);
        server.abort();
    }

    #[tokio::test]
    async fn what_waited_for_a_stream_was_not_begun() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let bodies = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counter = Arc::clone(&bodies);
        // One request at a time, and an answer to none.
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut builder = h2::server::Builder::new();
            let mut connection: h2::server::Connection<_, Bytes> =
                builder.max_concurrent_streams(1).handshake(stream).await.unwrap();
            let mut kept = Vec::new();
            while let Some(Ok((request, respond))) = connection.accept().await {
                let counter = Arc::clone(&counter);
                kept.push(respond);
                tokio::spawn(async move {
                    let mut body = request.into_body();
                    while let Some(Ok(_)) = body.data().await {
                        counter.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        use crate::egress::{Policy, TlsOptions};
        let egress = Egress::new(Policy { allow_private: true, ..Policy::default() });
        let tls = Tls::new(&TlsOptions { authorities: None, verify: true }).unwrap();
        let timeout = Duration::from_millis(500);
        let client = Client::new(egress, Options { tls, speech: Speech::Two, timeout });
        let ask = Ask { url, headers: vec![], body: Bytes::from_static(b"hello") };
        let all = futures_util::future::join_all((0..10).map(|_| client.post(&ask))).await;
        let lost = all.iter().filter(|end| matches!(end, Err(Silence::Lost(_)))).count();
        let waited = all.iter().filter(|end| matches!(end, Err(Silence::NotBegun(_)))).count();
        assert_eq!((lost, waited), (1, 9), "{all:?}");
        assert_eq!(bodies.load(Ordering::Relaxed), 1);
        server.abort();
    }
}
