//! How many pushes a second go over one HTTP/2 connection, to a local server under TLS that answers
//! at once, and after 20 ms.
//!
//! `cargo run --release -p cauce-channels --example push_rate -- [seconds]`

use bytes::Bytes;
use cauce_channels::egress::{Egress, Policy, Tls, TlsOptions};
use cauce_channels::push::{Apns, apns};
use cauce_core::delivery::Answer;
use cauce_core::device::{Environment, Platform, Target, id};
use cauce_core::ids::MessageId;
use cauce_core::message::content::push::{Priority, Push};
use cauce_core::time::{Duration as Span, Timestamp};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Streams at once, as Apple's servers allow lately.
const STREAMS: u32 = 1_000;
/// An instant of 2026, in milliseconds.
const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn main() -> Result<(), Failure> {
    let seconds: u64 = std::env::args().nth(1).map_or(Ok(5), |text| text.parse())?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for delay in [Duration::ZERO, Duration::from_millis(20)] {
        let span = Duration::from_secs(seconds);
        let (rate, connections) = runtime.block_on(measure(delay, span))?;
        println!("answers after {delay:?}: {rate}/s over {connections} connection(s)");
    }
    Ok(())
}

/// Pushes for so long; how many a second were taken, and over how many connections.
async fn measure(delay: Duration, span: Duration) -> Result<(u64, usize), Failure> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["127.0.0.1".to_owned()])?;
    let key = PrivateKeyDer::try_from(signing_key.serialize_der())?;
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("https://127.0.0.1:{}", listener.local_addr()?.port());
    let connections = Arc::new(AtomicUsize::new(0));
    let server = tokio::spawn(accept(listener, Arc::new(config), delay, connections.clone()));

    let tls = Tls::new(&TlsOptions { authorities: Some(cert.pem()), verify: true })?;
    let options = apns::Options {
        team: "TEAM123456".into(),
        key_id: "ABCDE12345".into(),
        key: KeyPair::generate()?.serialize_pem(),
        topic: None,
        production: base.clone(),
        sandbox: base,
        tls,
    };
    let egress = Egress::new(Policy { allow_private: true, ..Policy::default() });
    let apns = Arc::new(Apns::new(egress, options)?);
    let taken = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut senders = tokio::task::JoinSet::new();
    // As many messages at once as the allocator lets go by default.
    for number in 0..256_u128 {
        let (apns, taken) = (apns.clone(), taken.clone());
        senders.spawn(async move {
            let (push, target) = push(number);
            while started.elapsed() < span {
                match apns.send(&push, &target).await.0 {
                    Answer::Accepted { .. } => taken.fetch_add(1, Ordering::Relaxed),
                    other => return Err(other.to_string()),
                };
            }
            Ok(())
        });
    }
    while let Some(ended) = senders.join_next().await {
        ended??;
    }
    let rate = taken.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    server.abort();
    Ok((rate as u64, connections.load(Ordering::Relaxed)))
}

async fn accept(
    listener: TcpListener,
    config: Arc<ServerConfig>,
    delay: Duration,
    connections: Arc<AtomicUsize>,
) {
    let acceptor = TlsAcceptor::from(config);
    while let Ok((stream, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(serve(acceptor.clone(), stream, delay));
    }
}

/// One connection: every request is read to its end and answered with 200.
async fn serve(acceptor: TlsAcceptor, stream: TcpStream, delay: Duration) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let stream = acceptor.accept(stream).await?;
    let mut connection =
        h2::server::Builder::new().max_concurrent_streams(STREAMS).handshake(stream).await?;
    while let Some(asked) = connection.accept().await {
        let (request, mut respond) = asked?;
        tokio::spawn(async move {
            let mut body = request.into_body();
            while let Some(Ok(bytes)) = body.data().await {
                let _ = body.flow_control().release_capacity(bytes.len());
            }
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            let answer = hyper::Response::builder().status(200).body(()).expect("it is plain");
            if let Ok(mut stream) = respond.send_response(answer, false) {
                let _ = stream.send_data(Bytes::new(), true);
            }
        });
    }
    Ok(())
}

fn push(number: u128) -> (Push, Target) {
    let token = format!("{number:064x}");
    let target = Target {
        device: id(Platform::Ios, &token),
        platform: Platform::Ios,
        token,
        keys: None,
        app: "com.example.shop".to_owned(),
        environment: Environment::Production,
    };
    let push = Push {
        message: MessageId(number),
        targets: vec![target.clone()],
        title: "Your order".into(),
        body: "It leaves today.".into(),
        image: None,
        link: Some(format!("shop://orders/{number}")),
        buttons: Vec::new(),
        data: BTreeMap::new(),
        badge: None,
        sound: Some("default".into()),
        category: None,
        silent: false,
        collapse_key: None,
        at: NOW,
        expires: NOW.plus(Span::HOUR),
        priority: Priority::High,
        opened: String::new(),
    };
    (push, target)
}
