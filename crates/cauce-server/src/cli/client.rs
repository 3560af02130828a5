//! A client of the API for the command line.

use super::Server;
use anyhow::{Context, bail};
use bytes::Bytes;
use cauce_channels::egress::{Egress, Policy, Tls, TlsOptions};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;

/// Talks to one server over one connection at a time.
pub struct Client {
    server: String,
    host: String,
    port: u16,
    secure: bool,
    key: Option<String>,
    egress: Egress,
    link: Option<http1::SendRequest<Full<Bytes>>>,
}

/// An answer.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// How long to wait before trying again, in seconds.
    pub retry_after_s: Option<u64>,
    /// The body.
    pub body: Value,
}

/// Whether a host is this machine: what a server here has left for its operator is for it alone.
fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// A key that a server on this machine has left for its operator.
fn local_key() -> Option<String> {
    let file = std::path::Path::new("cauce-data").join("admin-key");
    std::fs::read_to_string(file).ok().map(|key| key.trim().to_owned())
}

impl Client {
    /// A client for a server.
    pub fn new(server: &Server) -> anyhow::Result<Client> {
        let url = server.server.trim_end_matches('/').to_owned();
        let (secure, rest) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => bail!("--server: `{url}` begins with http:// or https://"),
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().context("--server: bad port")?),
            None => (authority, if secure { 443 } else { 80 }),
        };
        // A person names this address; it may be as private as they like.
        let egress = Egress::new(Policy { allow_private: true, ..Policy::default() });
        // Not: sending it to whatever `--server` says.
        let key = server.key.clone().or_else(|| is_here(host).then(local_key).flatten());
        let host = host.to_owned();
        Ok(Client { server: url, host, port, secure, key, egress, link: None })
    }

    async fn connect(&mut self) -> anyhow::Result<http1::SendRequest<Full<Bytes>>> {
        if let Some(mut link) = self.link.take()
            && link.ready().await.is_ok()
        {
            return Ok(link);
        }
        let unreachable = |text: &str| {
            anyhow::anyhow!("cannot reach {}: {text}; is it running? (`cauce dev`)", self.server)
        };
        let stream = self.egress.connect(&self.host, self.port).await;
        let stream = stream.map_err(|why| unreachable(why.text()))?;
        if self.secure {
            let tls = Tls::new(&TlsOptions::default())?;
            let stream = tls.secure(stream, &self.host).await;
            let stream = stream.map_err(|why| unreachable(why.text()))?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            return Ok(sender);
        }
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Ends with its sender.
        tokio::spawn(connection);
        Ok(sender)
    }

    /// Sends a request and reads the answer, whatever it is.
    pub async fn ask(
        &mut self,
        method: &str,
        path: &str,
        content_type: &str,
        body: Bytes,
    ) -> anyhow::Result<Answer> {
        let mut link = self.connect().await?;
        let mut request = hyper::Request::builder()
            .method(method)
            .uri(path)
            .header("host", format!("{}:{}", self.host, self.port))
            .header("content-type", content_type);
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let response = link.send_request(request.body(Full::new(body))?).await?;
        let status = response.status().as_u16();
        let retry_after_s = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let bytes = response.into_body().collect().await?.to_bytes();
        self.link = Some(link);
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Ok(Answer { status, retry_after_s, body })
    }

    /// Reads an answer line by line as it comes, for as long as it comes and `line` says yes.
    pub async fn follow(
        &mut self,
        path: &str,
        mut line: impl FnMut(&str) -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        let mut link = self.connect().await?;
        let mut request = hyper::Request::builder()
            .uri(path)
            .header("host", format!("{}:{}", self.host, self.port));
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let response = link.send_request(request.body(Full::new(Bytes::new()))?).await?;
        let status = response.status().as_u16();
        let mut body = response.into_body();
        if status >= 300 {
            let bytes = body.collect().await?.to_bytes();
            bail!("{}", problem(&serde_json::from_slice(&bytes).unwrap_or_default(), status));
        }
        let mut rest = Vec::new();
        while let Some(frame) = body.frame().await {
            rest.extend_from_slice(&frame?.into_data().unwrap_or_default());
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let whole: Vec<u8> = rest.drain(..=end).collect();
                if !line(String::from_utf8_lossy(&whole).trim_end())? {
                    return Ok(());
                }
            }
            // Limit: no line of ours is longer than an event.
            anyhow::ensure!(rest.len() < 1 << 20, "the server sends a line without an end");
        }
        Ok(())
    }

    /// Sends a request; an answer that is a no is an error that says why.
    pub async fn call(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let answer = self.ask(method, path, "application/json", bytes).await?;
        if answer.status < 300 {
            return Ok(answer.body);
        }
        bail!("{}", problem(&answer.body, answer.status))
    }
}

/// A problem as a person reads it.
pub fn problem(body: &Value, status: u16) -> String {
    let mut text = match body.get("detail").and_then(Value::as_str) {
        Some(detail) => detail.to_owned(),
        None => format!("the server answered {status}: {body}"),
    };
    if let Some(hint) = body.get("hint").and_then(Value::as_str) {
        text.push_str(&format!("; {hint}"));
    }
    for field in body.get("fields").and_then(Value::as_array).into_iter().flatten() {
        text.push_str(&format!("\n  {}", diagnostic(field)));
    }
    text
}

/// A diagnostic as a person reads it.
pub fn diagnostic(found: &Value) -> String {
    let text = |name: &str| found.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut line = format!("{}: ", text("severity"));
    if !text("path").is_empty() {
        line.push_str(&format!("{}: ", text("path")));
    }
    line.push_str(text("message"));
    if !text("hint").is_empty() {
        line.push_str(&format!(" ({})", text("hint")));
    }
    line
}

/// Text for an address.
pub fn quote(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operators_key_stays_on_this_machine() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "::1", "::ffff:127.0.0.1"] {
            assert!(is_here(host), "{host}");
        }
        for host in ["localhost.evil.example", "10.0.0.1", "128.0.0.1", "[::2]", "", "127.0.0.1.x"]
        {
            assert!(!is_here(host), "{host}");
        }
    }
}
