//! Pushes to services that speak HTTP/1.1 only: an answer that came is given, whatever another
//! request is waiting for.

mod world;

use cauce_channels::push::{Fcm, Web, fcm, web};
use cauce_core::delivery::Answer;
use cauce_core::device::{Environment, Platform, Target, WebKeys, id};
use cauce_core::ids::MessageId;
use cauce_core::message::content::push::{Priority, Push};
use cauce_core::time::{Duration, Timestamp};
use rcgen::{KeyPair, PublicKeyData as _};
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use world::*;

fn push() -> Push {
    Push {
        message: MessageId(7),
        targets: vec![],
        title: "Tu pedido".into(),
        body: "Sale hoy".into(),
        image: None,
        link: None,
        buttons: vec![],
        data: BTreeMap::new(),
        badge: None,
        sound: None,
        category: None,
        silent: false,
        collapse_key: None,
        at: Timestamp(1_795_000_000_000),
        expires: Timestamp(1_795_000_000_000).plus(Duration::HOUR),
        priority: Priority::High,
        opened: "token-of-the-message".into(),
    }
}

fn browser(endpoint: &str) -> Target {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let keys = KeyPair::generate().unwrap();
    let p256dh = base64.encode(keys.der_bytes());
    Target {
        device: id(Platform::Web, endpoint),
        platform: Platform::Web,
        token: endpoint.to_owned(),
        keys: Some(WebKeys { p256dh, auth: base64.encode([7; 16]) }),
        app: String::new(),
        environment: Environment::Production,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_wait_for_anothers_connection() {
    let (config, authority) = certificate();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://127.0.0.1:{}/push", listener.local_addr().unwrap().port());
    let (heard, is_heard) = tokio::sync::oneshot::channel();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut tls = tokio_rustls::TlsAcceptor::from(config).accept(stream).await.unwrap();
        let mut bytes = vec![0; 16 * 1024];
        assert_ne!(tls.read(&mut bytes).await.unwrap(), 0);
        heard.send(()).unwrap();
        // The second connection never gets as far as TLS.
        let second = listener.accept().await.unwrap();
        tls.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        tls.flush().await.unwrap();
        std::future::pending::<()>().await;
        drop(second);
    });
    let options = web::Options {
        key: KeyPair::generate().unwrap().serialize_pem(),
        subject: "mailto:ops@shop.example".into(),
        hosts: vec![],
        tls: tls(Some(&authority)),
    };
    let web = std::sync::Arc::new(Web::new(open_egress(), options).unwrap());
    let target = browser(&endpoint);
    let send = || {
        let (web, target) = (web.clone(), target.clone());
        tokio::spawn(async move { web.send(&push(), &target).await })
    };
    let first = send();
    is_heard.await.unwrap();
    let second = send();
    let within = std::time::Duration::from_secs(8);
    let answer = tokio::time::timeout(within, first).await.expect("it is not held up").unwrap();
    assert!(matches!(answer, Answer::Accepted { .. }), "{answer:?}");
    second.abort();
    server.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_token_of_access_shares_its_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = asked.clone();
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let mut bytes = [0; 8_192];
            assert_ne!(stream.read(&mut bytes).await.unwrap(), 0);
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            let said = b"HTTP/1.1 503 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(said).await.unwrap();
        }
    });
    let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let account = serde_json::json!({
        "project_id": "shop-1", "private_key": key.serialize_pem(),
        "client_email": "push@shop-1.example", "token_uri": format!("{base}/token"),
    });
    let options = fcm::Options { account: account.to_string(), base, tls: tls(None) };
    let fcm = Fcm::new(open_egress(), options).unwrap();
    let target = Target { platform: Platform::Android, keys: None, ..browser("t:1") };
    let (push, said) = (push(), || asked.load(std::sync::atomic::Ordering::SeqCst));
    let all = (0..8).map(|_| fcm.send(&push, &target));
    for answer in futures_util::future::join_all(all).await {
        assert!(matches!(answer, Answer::Refused { code: 503, .. }), "{answer:?}");
    }
    assert_eq!(said(), 1, "one after the other would wait longer and longer");
    let _ = fcm.send(&push, &target).await;
    assert_eq!(said(), 2, "who comes later asks again");
    server.abort();
}
