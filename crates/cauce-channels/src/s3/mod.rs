//! An S3-compatible store: listing, reading and writing objects of one bucket. Four requests are
//! needed of it, and every connection goes through [`crate::egress`].

mod listing;

pub use crate::aws::Credentials;
pub use listing::Object;

use crate::aws::{self, Signed};
use crate::egress::{Egress, NoConnection, Tls};
use bytes::Bytes;
use cauce_core::time::Timestamp;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Uri, header};
use hyper_util::rt::TokioIo;
use std::io::Write;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// Limit: bytes of a listing's page or of an error; a page has a thousand objects.
const ANSWER_BYTES_MAX: u64 = 8 << 20;
/// Limit: objects of one listing; beyond it the prefix has to be narrower.
pub const OBJECTS_MAX: usize = 100_000;
/// How long the store may say nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a mebibyte may take to be taken.
const PER_MIB: Duration = Duration::from_secs(10);

/// Where the objects are.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// The store's address: `https://s3.eu-central-1.amazonaws.com`.
    pub endpoint: String,
    /// The store's region.
    pub region: String,
    /// The bucket.
    pub name: String,
    /// Whether the bucket is the beginning of the path and not of the host's name.
    pub path_style: bool,
    /// Who asks.
    pub credentials: Credentials,
}

/// Why there is no answer that helps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The store or the policy says no; asking the same again is of no use.
    #[error("{0}")]
    Refused(String),
    /// There is no such object, or it is another one meanwhile.
    #[error("{0}")]
    Gone(String),
    /// It may work later.
    #[error("{0}")]
    Unreachable(String),
    /// What was read cannot be kept.
    #[error("{0}")]
    Disk(String),
}

/// Asks one bucket.
#[derive(Clone, Debug)]
pub struct Client {
    egress: Egress,
    tls: Tls,
    bucket: Bucket,
    secure: bool,
    host: String,
    port: u16,
}

/// What one request asks for.
struct Ask<'a> {
    method: Method,
    key: &'a str,
    query: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    at: Timestamp,
}

impl Client {
    /// A client of a bucket.
    ///
    /// # Errors
    /// An endpoint that is no web address.
    pub fn new(egress: Egress, tls: Tls, bucket: Bucket) -> Result<Client, crate::Error> {
        let wrong = |why: &str| crate::Error::Option { option: "endpoint", why: why.to_owned() };
        let uri: Uri = bucket.endpoint.parse().map_err(|_| wrong("it is no web address"))?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) | None => return Err(wrong("it begins with https://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("it has no host"))?;
        if authority.as_str().contains('@') || !matches!(uri.path(), "" | "/") {
            return Err(wrong("it is scheme, host and port, and nothing else"));
        }
        let host = match bucket.path_style {
            true => authority.host().to_ascii_lowercase(),
            false => format!("{}.{}", bucket.name, authority.host().to_ascii_lowercase()),
        };
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Ok(Client { egress, tls, bucket, secure, host, port })
    }

    /// Objects below a prefix, without those below a further `/`.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn list(&self, prefix: &str, at: Timestamp) -> Result<Vec<Object>, Fault> {
        let mut objects = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut query = vec![
                ("list-type", "2".to_owned()),
                ("delimiter", "/".to_owned()),
                ("encoding-type", "url".to_owned()),
                ("prefix", prefix.to_owned()),
            ];
            query.extend(next.take().map(|token| ("continuation-token", token)));
            let encoded =
                |(name, value): (&str, String)| (name.to_owned(), aws::encode(&value, false));
            let query = query.into_iter().map(encoded).collect();
            let bytes = self.ask(Ask { query, ..Ask::new(Method::GET, "", at) }).await?;
            let text = String::from_utf8_lossy(&bytes);
            let page = listing::parse(&text)
                .ok_or_else(|| Fault::Refused("the store's listing cannot be read".to_owned()))?;
            objects.extend(page.objects);
            if objects.len() > OBJECTS_MAX {
                let text = format!("more than {OBJECTS_MAX} objects below `{prefix}`");
                return Err(Fault::Refused(text));
            }
            match page.next {
                Some(token) => next = Some(token),
                None => return Ok(objects),
            }
        }
    }

    /// Reads an object as it was listed into a file, up to a bound; its bytes.
    ///
    /// # Errors
    /// See [`Fault`]; an object that was replaced meanwhile is gone.
    pub async fn get(
        &self,
        object: &Object,
        to: &mut (dyn Write + Send),
        at: Timestamp,
    ) -> Result<u64, Fault> {
        let mut ask = Ask::new(Method::GET, &object.key, at);
        ask.headers.push(("if-match", format!("\"{}\"", object.etag)));
        let into = Into { to, most: object.bytes };
        let bytes = self.exchange(ask, PATIENCE, into).await?;
        match bytes == object.bytes {
            true => Ok(bytes),
            false => Err(late("the object is shorter than it was listed")),
        }
    }

    /// Writes an object: there is all of it, or what was there before.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn put(&self, key: &str, body: Bytes, at: Timestamp) -> Result<(), Fault> {
        let ask = Ask { body, ..Ask::new(Method::PUT, key, at) };
        self.ask(ask).await.map(|_| ())
    }

    /// Removes an object, if it is there.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn delete(&self, key: &str, at: Timestamp) -> Result<(), Fault> {
        self.ask(Ask::new(Method::DELETE, key, at)).await.map(|_| ())
    }

    /// One request whose answer is short.
    async fn ask(&self, ask: Ask<'_>) -> Result<Vec<u8>, Fault> {
        let mebibytes = (ask.body.len() >> 20) as u32;
        let limit = PATIENCE + PER_MIB * mebibytes;
        let mut all = Vec::new();
        let into = Into { to: &mut all, most: ANSWER_BYTES_MAX };
        self.exchange(ask, limit, into).await?;
        Ok(all)
    }

    async fn exchange(&self, ask: Ask<'_>, limit: Duration, into: Into<'_>) -> Result<u64, Fault> {
        let request = self.prepare(ask)?;
        let stream = self.egress.connect(&self.host, self.port).await.map_err(no_connection)?;
        if self.secure {
            let tls = timeout(PATIENCE, self.tls.secure(stream, &self.host)).await;
            let tls = tls.map_err(|_| late("no TLS in time"))?.map_err(no_connection)?;
            over(tls, request, limit, into).await
        } else {
            over(stream, request, limit, into).await
        }
    }

    fn prepare(&self, ask: Ask<'_>) -> Result<hyper::Request<Full<Bytes>>, Fault> {
        let key = aws::encode(ask.key, true);
        let path = match self.bucket.path_style {
            true => format!("/{}/{key}", self.bucket.name),
            false => format!("/{key}"),
        };
        let authority = match (self.secure, self.port) {
            (true, 443) | (false, 80) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        };
        let at = aws::stamp(ask.at);
        let body = aws::sha256(&ask.body);
        let mut headers = ask.headers;
        headers.push(("host", authority));
        headers.push(("x-amz-content-sha256", body.clone()));
        headers.push(("x-amz-date", at.clone()));
        let method = ask.method.as_str().to_owned();
        let mut signed =
            Signed { method: &method, path: &path, query: ask.query, headers, body: &body };
        let credentials = &self.bucket.credentials;
        let said = aws::authorization(credentials, ("s3", &self.bucket.region), &at, &mut signed);
        let uri = match signed.query.is_empty() {
            true => path.clone(),
            false => format!("{path}?{}", aws::written(&signed.query)),
        };
        let mut request = hyper::Request::builder().method(ask.method).uri(uri);
        for (name, value) in signed.headers {
            request = request.header(name, value);
        }
        request = request.header(header::AUTHORIZATION, said).header(header::USER_AGENT, "Cauce");
        let made = request.body(Full::new(ask.body));
        made.map_err(|error| Fault::Refused(format!("the request cannot be made: {error}")))
    }
}

impl<'a> Ask<'a> {
    fn new(method: Method, key: &'a str, at: Timestamp) -> Ask<'a> {
        let (query, headers) = (Vec::new(), Vec::new());
        Ask { method, key, query, headers, body: Bytes::new(), at }
    }
}

fn late(what: &str) -> Fault {
    Fault::Unreachable(what.to_owned())
}

fn no_connection(reason: NoConnection) -> Fault {
    match reason {
        NoConnection::Refused(text) => Fault::Refused(text),
        NoConnection::Unreachable(text) => Fault::Unreachable(text),
    }
}

async fn over<S>(
    stream: S,
    request: hyper::Request<Full<Bytes>>,
    limit: Duration,
    into: Into<'_>,
) -> Result<u64, Fault>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let broken = |error: hyper::Error| late(&format!("the connection failed: {error}"));
    let (mut sender, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let work = async {
        let answer = timeout(limit, sender.send_request(request)).await;
        let answer = answer.map_err(|_| late("no answer in time"))?.map_err(broken)?;
        let (head, body) = answer.into_parts();
        if head.status.is_success() {
            return into.take(body).await;
        }
        let mut text = Vec::new();
        // What is there of the words is shown; the status is enough.
        let _ = Into { to: &mut text, most: ANSWER_BYTES_MAX }.take(body).await;
        let words = listing::error(&String::from_utf8_lossy(&text)).unwrap_or_default();
        let text = format!("the store answered {} {words}", head.status.as_u16());
        Err(match head.status.as_u16() {
            404 | 412 => Fault::Gone(text),
            408 | 429 | 500.. => Fault::Unreachable(text),
            _ => Fault::Refused(text),
        })
    };
    // The connection moves only while somebody waits for it, so that no task is left behind.
    let (mut work, mut driver) = (std::pin::pin!(work), std::pin::pin!(driver));
    tokio::select! {
        done = &mut work => done,
        _ = &mut driver => work.await,
    }
}

/// Where an answer goes.
struct Into<'t> {
    to: &'t mut (dyn Write + Send),
    /// Limit: its bytes.
    most: u64,
}

impl Into<'_> {
    async fn take(self, mut body: Incoming) -> Result<u64, Fault> {
        let mut bytes = 0;
        loop {
            let frame = timeout(PATIENCE, body.frame()).await;
            let Some(frame) = frame.map_err(|_| late("the answer stopped in the middle"))? else {
                return Ok(bytes);
            };
            let frame = frame.map_err(|error| late(&format!("the answer broke off: {error}")))?;
            let Some(data) = frame.data_ref() else { continue };
            bytes += data.len() as u64;
            if bytes > self.most {
                return Err(late("the answer is longer than it may be"));
            }
            self.to.write_all(data).map_err(|error| Fault::Disk(error.to_string()))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::{Policy, TlsOptions};

    fn check(endpoint: &str, path_style: bool) -> Result<Client, crate::Error> {
        let credentials = Credentials { access_key: "a".into(), secret_key: "hush".into() };
        let bucket = Bucket {
            endpoint: endpoint.into(),
            region: "us-east-1".into(),
            name: "shop".into(),
            path_style,
            credentials,
        };
        Client::new(
            Egress::new(Policy::default()),
            Tls::new(&TlsOptions::default()).unwrap(),
            bucket,
        )
    }

    #[test]
    fn an_endpoint_is_a_host_and_nothing_else() {
        assert_eq!(check("https://S3.example.com", false).unwrap().host, "shop.s3.example.com");
        assert_eq!(check("http://[::1]:9000", true).unwrap().port, 9000);
        for wrong in ["s3.example.com", "ftp://a", "https://a/b", "https://k:s@a", "https://a?x=1 "]
        {
            assert!(check(wrong, true).is_err(), "{wrong}");
        }
        assert!(!format!("{:?}", check("https://a", true).unwrap()).contains("hush"));
    }

    #[tokio::test]
    async fn a_private_address_is_refused() {
        for host in ["http://127.0.0.1:9", "http://localhost:9", "http://169.254.169.254"] {
            let answer = check(host, true).unwrap().list("", Timestamp(0)).await;
            assert!(matches!(answer, Err(Fault::Refused(_))), "{host}: {answer:?}");
        }
    }
}
