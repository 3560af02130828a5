//! One document over HTTPS, whole and small: no redirects, no second try.

use crate::egress::{Egress, Tls};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use std::net::IpAddr;
use std::time::Duration;

/// What is fetched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The host, also the name that its certificate must have.
    pub(crate) host: &'a str,
    /// Its addresses, looked up before.
    pub(crate) addresses: &'a [IpAddr],
    /// Its port.
    pub(crate) port: u16,
    /// The path and the query.
    pub(crate) path: &'a str,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fetched {
    /// The status; anything but 200 has an empty body.
    pub(crate) status: u16,
    /// The media type, without its parameters, in small letters.
    pub(crate) kind: String,
    /// The body.
    pub(crate) body: Bytes,
}

/// Fetches a document of at most `bytes_max` within `limit`; the error says what went wrong.
pub(crate) async fn fetch(
    egress: &Egress,
    tls: &Tls,
    place: Place<'_>,
    bytes_max: usize,
    limit: Duration,
) -> Result<Fetched, String> {
    let late = |_| format!("`{}` did not answer within {} s", place.host, limit.as_secs_f32());
    tokio::time::timeout(limit, ask(egress, tls, place, bytes_max)).await.map_err(late)?
}

async fn ask(
    egress: &Egress,
    tls: &Tls,
    place: Place<'_>,
    bytes_max: usize,
) -> Result<Fetched, String> {
    let stream = egress
        .connect_among(place.host, place.addresses, place.port)
        .await
        .map_err(|fault| fault.text().to_owned())?;
    let stream = tls.secure(stream, place.host).await.map_err(|fault| fault.text().to_owned())?;
    let said = |error: hyper::Error| format!("`{}`: {error}", place.host);
    let (mut sender, connection) =
        http1::Builder::new().handshake(TokioIo::new(stream)).await.map_err(said)?;
    let host = match place.port {
        443 => place.host.to_owned(),
        port => format!("{}:{port}", place.host),
    };
    let request = Request::get(place.path)
        .header(header::HOST, host)
        .header(header::USER_AGENT, "Cauce")
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(said)?;
        let status = response.status().as_u16();
        let kind = response.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if status != 200 {
            return Ok(Fetched { status, kind, body: Bytes::new() });
        }
        let body = Limited::new(response.into_body(), bytes_max).collect().await;
        let body = body.map_err(|error| format!("`{}`: {error}", place.host))?;
        Ok(Fetched { status, kind, body: body.to_bytes() })
    };
    tokio::pin!(connection);
    tokio::pin!(answer);
    // The driver runs only while somebody waits for the answer, so that no task is left behind.
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        end = &mut connection => match end {
            // The end of the connection may come with the last bytes of the answer.
            Ok(()) => answer.await,
            Err(error) => Err(said(error)),
        },
    }
}
