//! Bytes over a connection, plain or under TLS, with replies read in bounds.

use super::reply::{self, Reply};
use bytes::{Buf, BytesMut};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// The connection below.
#[derive(Debug)]
pub(super) enum Stream {
    /// Readable by everybody on the path.
    Plain(TcpStream),
    /// Under TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

/// A stream with what has been read ahead, and what is being written.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) stream: Stream,
    ahead: BytesMut,
    /// The flight under way and how much of it the connection has taken.
    pub(super) flight: Vec<u8>,
    pub(super) written: usize,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Wire {
        Wire { stream, ahead: BytesMut::with_capacity(4096), flight: Vec::new(), written: 0 }
    }

    /// What has arrived that nobody asked for.
    pub(super) fn unread(&self) -> &[u8] {
        &self.ahead
    }

    /// Reads one reply; the error says what went wrong.
    pub(super) async fn reply(&mut self) -> Result<Reply, String> {
        loop {
            match reply::parse(&self.ahead) {
                Ok(Some((reply, length))) => {
                    self.ahead.advance(length);
                    return Ok(reply);
                }
                Ok(None) => {}
                Err(reply::Malformed) => {
                    return Err("the server sent something that is no SMTP reply".to_owned());
                }
            }
            match self.stream.read_buf(&mut self.ahead).await {
                Ok(0) => return Err("the server closed the connection".to_owned()),
                Ok(_) => {}
                Err(error) => return Err(format!("reading from the server: {error}")),
            }
        }
    }

    /// Waits for anything, the end included.
    pub(super) async fn readable(&mut self) {
        if self.ahead.is_empty() {
            let _ = self.stream.read_buf(&mut self.ahead).await;
        }
    }

    pub(super) async fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Writes the flight up to a place, counting what the connection takes, so that after a
    /// failure it is known which messages cannot have arrived whole.
    pub(super) async fn write_through(&mut self, end: usize) -> std::io::Result<()> {
        while self.written < end {
            let taken = self.stream.write(&self.flight[self.written..end]).await?;
            if taken == 0 {
                return Err(std::io::ErrorKind::WriteZero.into());
            }
            self.written += taken;
        }
        self.stream.flush().await
    }

    pub(super) async fn shutdown(&mut self) {
        let _ = self.stream.shutdown().await;
    }
}

/// Appends a body as DATA wants it: dots at line starts doubled, every line end CRLF, the final
/// dot after it.
///
/// A bare CR or LF never leaves: servers disagree on whether it ends a line, and that
/// disagreement lets a body smuggle a second message.
pub(super) fn stuff(body: &[u8], out: &mut Vec<u8>) {
    out.reserve(body.len() + body.len() / 64 + 5);
    let mut start = 0;
    let mut place = 0;
    let mut at_line_start = true;
    while place < body.len() {
        let byte = body[place];
        if at_line_start && byte == b'.' {
            out.extend_from_slice(&body[start..place]);
            out.push(b'.');
            start = place;
        }
        at_line_start = false;
        if byte == b'\r' || byte == b'\n' {
            let whole = byte == b'\r' && body.get(place + 1) == Some(&b'\n');
            out.extend_from_slice(&body[start..place]);
            out.extend_from_slice(b"\r\n");
            place += usize::from(whole);
            start = place + 1;
            at_line_start = true;
        }
        place += 1;
    }
    out.extend_from_slice(&body[start..]);
    if !at_line_start || body.is_empty() {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dots_are_doubled_and_line_ends_made_whole() {
        let check = |body: &str, stuffed: &str| {
            let mut out = Vec::new();
            stuff(body.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), stuffed, "{body:?}");
        };
        check("a\r\n", "a\r\n.\r\n");
        check("a", "a\r\n.\r\n");
        check("", "\r\n.\r\n");
        check(".\r\n..x\r\n", "..\r\n...x\r\n.\r\n");
        check("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n");
        check("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n");
        check("a\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n");
        check("a\r\n.\rb", "a\r\n..\r\nb\r\n.\r\n");
        check("\r\r\n\n", "\r\n\r\n\r\n.\r\n");
    }

    proptest! {
        #[test]
        fn one_body_is_one_message(body in "[a.\r\n]{0,60}") {
            let mut out = Vec::new();
            stuff(body.as_bytes(), &mut out);
            let text = String::from_utf8(out).unwrap();
            let bare = text.replace("\r\n", "");
            prop_assert!(!bare.contains(['\r', '\n']));
            prop_assert_eq!(text.split("\r\n").filter(|line| *line == ".").count(), 1);
            prop_assert!(text.ends_with("\r\n.\r\n"));
        }
    }
}
