//! The wire of the SMTP server that takes what comes back: connections, time, TLS.

use super::session::{Content, Envelope, LINE_BYTES_MAX, SIZE_MAX, Session, Step};
use super::taking::{self, Answer};
use super::{Kind, desk};
use crate::app::App;
use anyhow::Context;
use cauce_channels::email::returned::MAIL_BYTES_MAX;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// Limit: conversations at a time; who comes later waits in the system's queue.
const CONVERSATIONS_MAX: usize = 128;
/// Limit: conversations of one address at a time; the next one is told to come back.
const OF_ONE_ADDRESS_MAX: u32 = 20;
/// Limit: how long we wait for a command or for more of a content (RFC 5321: five minutes).
const PATIENCE: Duration = Duration::from_secs(300);
/// Limit: how long a conversation takes.
const WHOLE: Duration = Duration::from_secs(1_800);

/// Where mail comes in.
pub struct Mail {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    /// Where it listens.
    pub address: SocketAddr,
}

/// What a conversation is held over.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

impl Mail {
    /// Listens; with a certificate and its key (PEM) TLS is offered.
    pub async fn listen(address: &str, pair: Option<(&Path, &Path)>) -> anyhow::Result<Mail> {
        let tls = pair.map(|(certificate, key)| acceptor(certificate, key)).transpose()?;
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("mail-listen: cannot listen at `{address}`"))?;
        let address = listener.local_addr()?;
        Ok(Mail { listener, tls, address })
    }
}

fn acceptor(certificate: &Path, key: &Path) -> anyhow::Result<TlsAcceptor> {
    let read = |file: &Path| {
        std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(certificate)?).collect();
    let chain = chain.with_context(|| format!("in `{}`", certificate.display()))?;
    let private = PrivateKeyDer::from_pem_slice(&read(key)?)
        .with_context(|| format!("in `{}`", key.display()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .context("mail-certificate and mail-key do not belong together")?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Conversations by address.
type Held = Arc<Mutex<HashMap<IpAddr, u32>>>;

/// Counts a conversation as long as it lives.
struct Place {
    held: Held,
    peer: IpAddr,
}

impl Place {
    fn take(held: &Held, peer: IpAddr) -> Option<Place> {
        let mut counts = held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(peer).or_default();
        if *count >= OF_ONE_ADDRESS_MAX {
            return None;
        }
        *count += 1;
        Some(Place { held: held.clone(), peer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.peer);
            }
        }
    }
}

/// Takes mail until the process stops. Conversations that are open then are cut: whoever was not
/// answered sends again.
pub async fn drive(app: Arc<App>, mail: Mail) {
    let room = Arc::new(Semaphore::new(CONVERSATIONS_MAX));
    let held = Held::default();
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        let place = tokio::select! {
            () = app.stopping.cancelled() => return,
            place = room.clone().acquire_owned() => place,
        };
        let accepted = tokio::select! {
            () = app.stopping.cancelled() => return,
            accepted = mail.listener.accept() => accepted,
        };
        while tasks.try_join_next().is_some() {}
        let (mut stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection for mail could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(counted) = Place::take(&held, peer.ip()) else {
            // Who does not read this finds out by the end of the connection.
            let _ = stream.try_write(b"421 4.7.0 too many connections of yours\r\n");
            let _ = stream.shutdown().await;
            continue;
        };
        let (app, tls) = (app.clone(), mail.tls.clone());
        tasks.spawn(async move {
            let _places = (place, counted);
            let talk = converse(&app, stream, tls);
            if let Ok(Err(error)) = tokio::time::timeout(WHOLE, talk).await {
                tracing::debug!(%error, "a conversation for mail ended early");
            }
        });
    }
}

/// A conversation's end that nobody asked for.
fn gone() -> std::io::Error {
    std::io::ErrorKind::UnexpectedEof.into()
}

async fn converse(
    app: &Arc<App>,
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
) -> std::io::Result<()> {
    let _ = stream.set_nodelay(true);
    let mut session = Session::new(&app.helo_name, tls.is_some());
    let mut wire: Box<dyn Wire> = Box::new(stream);
    let mut buffer: Vec<u8> = Vec::new();
    write(&mut wire, &session.greeting()).await?;
    let mut strangers = 0;
    loop {
        let step = match line(&mut wire, &mut buffer).await? {
            Line::Whole(line) => session.line(&line, &|address| desk(&app.site.tokens, address)),
            Line::Broken(why) => session.broken(why),
        };
        app.mail_counts.add(Kind::Stranger, u64::from(session.strangers - strangers));
        strangers = session.strangers;
        match step {
            Step::Say(said) => write(&mut wire, &said).await?,
            Step::End(said) => {
                write(&mut wire, &said).await?;
                return wire.shutdown().await;
            }
            Step::Content(said) => {
                write(&mut wire, &said).await?;
                let content = content(&mut wire, &mut buffer).await?;
                let envelope = session.taken();
                write(&mut wire, &answer(app, &envelope, &content).await).await?;
            }
            Step::Secure(said) => {
                let Some(tls) = &tls else { return Err(gone()) };
                // What was sent before TLS and is read after it would be somebody else's words.
                if !buffer.is_empty() {
                    write(&mut wire, "503 5.5.1 nothing may follow STARTTLS\r\n").await?;
                    return wire.shutdown().await;
                }
                write(&mut wire, &said).await?;
                let secured = tokio::time::timeout(PATIENCE, tls.accept(wire)).await;
                wire = Box::new(secured.map_err(|_| gone())??);
            }
        }
    }
}

async fn answer(app: &Arc<App>, envelope: &Envelope, content: &Content) -> String {
    if content.bytes > SIZE_MAX {
        return "552 5.3.4 too large\r\n".to_owned();
    }
    let said = match taking::take(app, envelope, &content.kept).await {
        Answer::Taken => "250 2.0.0 taken",
        Answer::Later => "451 4.3.1 no room, come back",
        Answer::Loop => "554 5.4.6 this goes in circles",
    };
    format!("{said}\r\n")
}

async fn write(wire: &mut Box<dyn Wire>, said: &str) -> std::io::Result<()> {
    let written = async {
        wire.write_all(said.as_bytes()).await?;
        wire.flush().await
    };
    tokio::time::timeout(PATIENCE, written).await.map_err(|_| gone())?
}

async fn more(wire: &mut Box<dyn Wire>, buffer: &mut Vec<u8>) -> std::io::Result<()> {
    buffer.reserve(16 << 10);
    let read = tokio::time::timeout(PATIENCE, wire.read_buf(buffer)).await;
    match read.map_err(|_| gone())?? {
        0 => Err(gone()),
        _ => Ok(()),
    }
}

enum Line {
    Whole(Vec<u8>),
    Broken(&'static str),
}

/// The next line. Only CR LF ends one: a server before us that took something else for an end has
/// seen other commands than we would.
async fn line(wire: &mut Box<dyn Wire>, buffer: &mut Vec<u8>) -> std::io::Result<Line> {
    loop {
        if let Some(at) = buffer.iter().position(|byte| *byte == b'\n') {
            let mut line: Vec<u8> = buffer.drain(..=at).collect();
            line.pop();
            return Ok(match line.pop() {
                Some(b'\r') if line.len() <= LINE_BYTES_MAX => Line::Whole(line),
                Some(b'\r') => Line::Broken("the line is too long"),
                _ => Line::Broken("lines end with CR LF"),
            });
        }
        if buffer.len() > LINE_BYTES_MAX {
            return Err(gone());
        }
        more(wire, buffer).await?;
    }
}

async fn content(wire: &mut Box<dyn Wire>, buffer: &mut Vec<u8>) -> std::io::Result<Content> {
    let mut content = Content::keeping(MAIL_BYTES_MAX);
    loop {
        if let Some(end) = content.take(buffer) {
            buffer.drain(..end);
            return Ok(content);
        }
        buffer.clear();
        // Beyond any sense: not even to be refused politely.
        if content.bytes > SIZE_MAX * 2 {
            return Err(gone());
        }
        more(wire, buffer).await?;
    }
}
