//! What a request proves, against small servers of our own: tokens, signatures, and a certificate
//! that the server asks for.

mod world;

use cauce_channels::http::{Client, Options};
use cauce_channels::webhook::{
    Auth, Hook, Key, ResponseMap, SecretHeader, Signature, Source, Tokens,
};
use cauce_core::delivery::{Outcome, Stage, Verdict, classify};
use cauce_core::ids::{MessageId, ProfileId};
use cauce_core::message::Request;
use cauce_core::publish::{Credentials, Encoding, Hash};
use cauce_core::time::Timestamp;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};
use world::*;

fn options() -> Options {
    Options {
        tls: tls(None),
        allow_http: true,
        ports: None,
        timeout: Duration::from_secs(5),
        idle_timeout: Duration::from_secs(5),
        idle_per_server_max: 4,
    }
}

fn request(url: String) -> Request {
    Request {
        message: MessageId(7),
        profile: ProfileId(1),
        method: "POST".to_owned(),
        url,
        headers: Vec::new(),
        body: b"{}".to_vec(),
        at: Timestamp(1_760_000_000_000),
    }
}

/// Reads one request: its head and as much of a body as it says.
async fn read<S: tokio::io::AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return text;
        }
    }
}

/// Answers every connection once, as it is told; what it was asked.
async fn server(
    does: impl Fn(&str) -> (u16, &'static str) + Send + Sync + 'static,
) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (kept, does) = (Arc::new(Mutex::new(Vec::new())), Arc::new(does));
    let asked = Arc::clone(&kept);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (kept, does) = (Arc::clone(&kept), Arc::clone(&does));
            tokio::spawn(async move {
                let text = read(&mut stream).await;
                let (status, body) = does(&text);
                kept.lock().unwrap().push(text);
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\nconnection: \
                     close\r\n\r\n{body}"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (port, asked)
}

fn source(port: u16) -> Source {
    Source {
        url: format!("http://127.0.0.1:{port}/token"),
        client_id: "shop".into(),
        client_secret: "hush".into(),
        scope: None,
        audience: None,
        credentials: Credentials::Header,
    }
}

fn hook(auth: Auth) -> Hook {
    let client = Client::new(open_egress(), options());
    Hook { client, keys: Vec::new(), auth, map: ResponseMap::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_wait_for_one_token() {
    let (port, asked) = server(|text| match text.starts_with("POST /token") {
        true => {
            std::thread::sleep(Duration::from_millis(200));
            (200, r#"{"access_token":"lent","expires_in":3600}"#)
        }
        false => (200, "{}"),
    })
    .await;
    let auth = Auth { tokens: Some(Tokens::new(source(port))), ..Auth::default() };
    let hook = Arc::new(hook(auth));
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (hook, url) = (Arc::clone(&hook), format!("http://127.0.0.1:{port}/send"));
        all.spawn(async move { hook.send(&request(url)).await });
    }
    while let Some(outcome) = all.join_next().await {
        assert!(matches!(outcome.unwrap(), Outcome::Accepted { .. }));
    }
    let asked = asked.lock().unwrap().clone();
    let tokens = asked.iter().filter(|text| text.starts_with("POST /token")).count();
    assert_eq!((tokens, asked.len()), (1, 21));
    assert!(asked.iter().skip(1).all(|text| text.contains("authorization: Bearer lent")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_forgotten() {
    let (port, asked) = server(|text| match text.starts_with("POST /token") {
        true => (200, r#"{"access_token":"lent","expires_in":3600}"#),
        false => (401, "{}"),
    })
    .await;
    let auth = Auth { tokens: Some(Tokens::new(source(port))), ..Auth::default() };
    let hook = hook(auth);
    for attempts in 1..=2 {
        let outcome = hook.send(&request(format!("http://127.0.0.1:{port}/send"))).await;
        assert!(matches!(outcome, Outcome::Refused { stage: Stage::Auth, .. }), "{outcome:?}");
        assert!(matches!(classify(&outcome), Verdict::Retry { .. }));
        // One request and one token for each attempt: nothing is tried again in here.
        assert_eq!(asked.lock().unwrap().len(), 2 * attempts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_leaves() {
    let (port, asked) = server(|_| (400, r#"{"error":"invalid_client"}"#)).await;
    let auth = Auth { tokens: Some(Tokens::new(source(port))), ..Auth::default() };
    let outcome = hook(auth).send(&request(format!("http://127.0.0.1:{port}/send"))).await;
    assert!(matches!(classify(&outcome), Verdict::Retry { .. }), "{outcome:?}");
    assert!(asked.lock().unwrap().iter().all(|text| text.starts_with("POST /token")));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let auth = Auth { tokens: Some(Tokens::new(source(closed))), ..Auth::default() };
    let outcome = hook(auth).send(&request(format!("http://127.0.0.1:{port}/send"))).await;
    assert!(matches!(outcome, Outcome::Unreachable { .. }), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_signatures_stand_in_their_headers() {
    let (port, asked) = server(|_| (200, "{}")).await;
    let signature = Signature {
        key: Key::read("hush", Encoding::Text, Hash::Sha256).unwrap(),
        encoding: Encoding::Hex,
        signed: "{id}.{timestamp}.{body}".into(),
        header: "x-sign".into(),
        value: "t={timestamp},v1={signature}".into(),
    };
    let headers = vec![SecretHeader { name: "x-api-key".into(), value: "key".into() }];
    let auth = Auth { headers, tokens: None, signature: Some(signature) };
    let made = request(format!("http://127.0.0.1:{port}/send"));
    assert!(matches!(hook(auth).send(&made).await, Outcome::Accepted { .. }));
    let text = asked.lock().unwrap()[0].clone();
    let key = Key::read("hush", Encoding::Text, Hash::Sha256).unwrap();
    let signed = key.sign(format!("{}.1760000000.{{}}", made.message).as_bytes());
    let hex = cauce_channels::webhook::encode(&signed, Encoding::Hex);
    assert!(text.contains(&format!("x-sign: t=1760000000,v1={hex}\r\n")), "{text}");
    assert!(text.contains("x-api-key: key\r\n"), "{text}");
}

/// A server that lets nobody in without the one certificate.
async fn closed_server(known: &rcgen::Certificate) -> (u16, String) {
    let names = vec!["localhost".to_owned()];
    let own = rcgen::generate_simple_self_signed(names).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(known.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let asked = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(asked.build().unwrap())
        .with_single_cert(
            vec![own.cert.der().clone()],
            PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            read(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 204 In\r\ncontent-length: 0\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    (port, own.cert.pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_ours_opens_the_door() {
    let ours = rcgen::generate_simple_self_signed(vec!["shop.example".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["shop.example".to_owned()]).unwrap();
    let (port, authority) = closed_server(&ours.cert).await;
    let plain = tls(Some(&authority));
    let with = |own: &rcgen::CertifiedKey<rcgen::KeyPair>| {
        plain.identified(&own.cert.pem(), &own.signing_key.serialize_pem()).unwrap()
    };
    for (tls, expected) in [(with(&ours), true), (with(&other), false), (plain.clone(), false)] {
        let client = Client::new(open_egress(), Options { tls, ..options() });
        let hook =
            Hook { client, keys: Vec::new(), auth: Auth::default(), map: ResponseMap::default() };
        let outcome = hook.send(&request(format!("https://localhost:{port}/send"))).await;
        let accepted = matches!(outcome, Outcome::Accepted { .. });
        assert_eq!(accepted, expected, "{outcome:?}");
    }
    assert!(plain.identified("no certificate", "no key").is_err());
    assert!(plain.identified(&ours.cert.pem(), "no key").is_err());
    assert!(plain.identified(&ours.cert.pem(), &other.signing_key.serialize_pem()).is_err());
}
