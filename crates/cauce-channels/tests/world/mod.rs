//! What the tests share: messages, options, certificates.
#![allow(dead_code)] // every test file takes what it needs

pub mod alone;
pub mod counterpart;
pub mod exim;
pub mod letters;
pub mod postfix;
pub mod readers;
pub mod zone;

use cauce_channels::egress::{Egress, Policy, Tls, TlsOptions};
use cauce_channels::email::compose::Composed;
use cauce_channels::email::smtp;
use cauce_channels::sink::Sink;
use cauce_core::ids::MessageId;
use cauce_core::message::{Email, Mailbox};
use cauce_core::time::Timestamp;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{self, ServerConfig};

/// A way out that may go to loopback.
pub fn open_egress() -> Egress {
    Egress::new(Policy { allow_private: true, ..Policy::default() })
}

/// TLS that trusts this authority besides the public ones.
pub fn tls(authority: Option<&str>) -> Tls {
    Tls::new(&TlsOptions { authorities: authority.map(str::to_owned), verify: true }).unwrap()
}

/// A server's configuration for `localhost` and 127.0.0.1, and its certificate as PEM.
pub fn certificate() -> (Arc<ServerConfig>, String) {
    certificate_of(&["localhost", "127.0.0.1"])
}

/// A server's configuration for these names, and its certificate as PEM.
pub fn certificate_of(names: &[&str]) -> (Arc<ServerConfig>, String) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![cert.der().clone()],
            PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap(),
        )
        .unwrap();
    (Arc::new(config), cert.pem())
}

/// How to reach a sink, with short timeouts.
pub fn server(sink: &Sink) -> smtp::Options {
    server_at(sink.port())
}

/// How to reach a server on loopback, with short timeouts.
pub fn server_at(port: u16) -> smtp::Options {
    let limit = Duration::from_millis(1500);
    smtp::Options {
        host: "127.0.0.1".to_owned(),
        port,
        security: smtp::Security::Plain,
        tls: tls(None),
        auth: None,
        helo_name: "client.test".to_owned(),
        timeouts: smtp::Timeouts {
            greeting: limit,
            envelope: limit,
            data: limit,
            block: limit,
            final_dot: limit,
        },
    }
}

/// Waits until this many messages lie in a mailbox folder, and a little longer for one too many.
pub async fn delivered(inbox: &Path, count: usize) -> Vec<Vec<u8>> {
    for _ in 0..1200 {
        if std::fs::read_dir(inbox).is_ok_and(|files| files.count() >= count) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let files = std::fs::read_dir(inbox).unwrap();
    files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

/// A small message that needs no composing.
pub fn composed(id: u128) -> Composed {
    Composed {
        message: MessageId(id),
        sender: "bounce@example.com".to_owned(),
        recipient: "reader@example.net".to_owned(),
        international: false,
        bytes: format!("Subject: {id}\r\n\r\n.dot\r\nhello {id}\r\n").into(),
    }
}

/// An e-mail of every usual part.
pub fn email(id: u128) -> Email {
    Email {
        message: MessageId(id),
        from: Mailbox { name: "Tienda Río".into(), address: "hola@example.com".into() },
        reply_to: None,
        heard_at: None,
        to: Mailbox { name: "Ana".into(), address: "ana@example.net".into() },
        return_path: "b-1@rp.example.com".into(),
        subject: "Hola".into(),
        html: Some("<p>Hola</p>".into()),
        text: "Hola\n".into(),
        unsubscribe_url: Some("https://u.example.com/u/abc".into()),
        unsubscribe_mailto: Some("u-abc@example.com".into()),
        headers: vec![],
        domain: "example.com".into(),
        date: Timestamp(1_795_000_000_000),
        transactional: false,
        attachments: vec![],
    }
}
