//! Requests against small servers of our own, one per misfortune.

mod world;

use cauce_channels::egress::Egress;
use cauce_channels::webhook::{Client, Options, ResponseMap, SigningKey};
use cauce_core::delivery::{Outcome, Stage};
use cauce_core::ids::{MessageId, ProfileId};
use cauce_core::message::Request;
use cauce_core::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use world::*;

/// Answers every request on every connection with the same bytes, or with silence; an empty
/// answer closes.
struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<std::sync::Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(answer: Option<&'static str>, secure: bool) -> (Server, String) {
    let (config, authority) = certificate();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let requests = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (counter, kept) = (Arc::clone(&connections), Arc::clone(&requests));
    let task = tokio::spawn(async move {
        let mut sessions = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let acceptor = tokio_rustls::TlsAcceptor::from(config.clone());
            let kept = Arc::clone(&kept);
            sessions.spawn(async move {
                if secure {
                    if let Ok(tls) = acceptor.accept(stream).await {
                        session(tls, answer, &kept).await;
                    }
                } else {
                    session(stream, answer, &kept).await;
                }
            });
        }
    });
    (Server { port, connections, requests, task }, authority)
}

async fn session<S>(mut stream: S, answer: Option<&str>, kept: &std::sync::Mutex<Vec<String>>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut bytes = Vec::new();
    loop {
        while !bytes.ends_with(b"}") {
            match stream.read_buf(&mut bytes).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        kept.lock().unwrap().push(String::from_utf8_lossy(&bytes).into_owned());
        bytes.clear();
        match answer {
            None => std::future::pending().await,
            Some("") => return,
            Some(text) => stream.write_all(text.as_bytes()).await.unwrap(),
        }
    }
}

fn client(authority: Option<&str>, egress: Egress) -> Client {
    let options = Options {
        tls: tls(authority),
        allow_http: true,
        ports: None,
        timeout: Duration::from_millis(600),
        idle_timeout: Duration::from_secs(5),
        idle_per_server_max: 4,
    };
    Client::new(egress, options)
}

fn request(url: String) -> Request {
    Request {
        message: MessageId(5),
        profile: ProfileId(6),
        method: "POST".into(),
        url,
        headers: vec![("Content-Type".into(), "application/json".into())],
        body: br#"{"hello":"you"}"#.to_vec(),
        at: Timestamp(1_795_537_800_000),
    }
}

async fn send(client: &Client, server: &Server) -> Outcome {
    let url = format!("http://127.0.0.1:{}/hook?x=1", server.port);
    client.send(&request(url), &[], &ResponseMap::default()).await
}

const YES: &str = "HTTP/1.1 202 Accepted\r\ncontent-length: 11\r\n\r\n{\"id\":\"a1\"}";

#[tokio::test]
async fn a_signed_request_arrives_under_tls_over_a_kept_connection() {
    let (server, authority) = serve(Some(YES), true).await;
    let client = client(Some(&authority), open_egress());
    let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let map = ResponseMap { id_pointer: Some("/id".into()), ..ResponseMap::default() };
    for _ in 0..3 {
        let url = format!("https://localhost:{}/hook?x=1", server.port);
        let outcome = client.send(&request(url), &[key.clone(), key.clone()], &map).await;
        let Outcome::Accepted { id: Some(id), .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(id, "a1");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    let head = server.requests.lock().unwrap()[0].to_ascii_lowercase();
    assert!(head.starts_with("post /hook?x=1 http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("\r\nhost: localhost:{}\r\n", server.port)), "{head}");
    assert!(head.contains("\r\nwebhook-id: msg_00000000000000000000000005\r\n"));
    assert!(head.contains("\r\nwebhook-timestamp: 1795537800\r\n"));
    assert_eq!(head.matches("v1,").count(), 2);
    // A server nobody vouches for.
    let stranger = self::client(None, open_egress());
    let url = format!("https://localhost:{}/", server.port);
    let outcome = stranger.send(&request(url), &[], &map).await;
    assert!(matches!(outcome, Outcome::Unreachable { .. }), "{outcome:?}");
}

#[tokio::test]
async fn statuses_are_reported_and_redirects_not_followed() {
    let cases = [
        ("HTTP/1.1 429 Slow\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n", 429, Some(7)),
        ("HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n", 302, None),
        ("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n", 410, None),
        ("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", 500, None),
    ];
    for (answer, status, wait) in cases {
        let (server, _) = serve(Some(answer), false).await;
        let outcome = send(&client(None, open_egress()), &server).await;
        let Outcome::Refused { stage: Stage::Content, code, retry_after_s, .. } = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!((code, retry_after_s), (status, wait));
        assert_eq!(server.requests.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_unknown() {
    for answer in [None, Some(""), Some("HTTP/1.1 2")] {
        let (server, _) = serve(answer, false).await;
        let outcome = send(&client(None, open_egress()), &server).await;
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{answer:?} {outcome:?}");
        assert_eq!(server.requests.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_status_that_came_counts_when_its_body_does_not() {
    let yes = "HTTP/1.1 202 Accepted\r\ncontent-length: 11\r\n\r\n{";
    let (server, _) = serve(Some(yes), false).await;
    let outcome = send(&client(None, open_egress()), &server).await;
    assert!(matches!(outcome, Outcome::Accepted { id: None, .. }), "{outcome:?}");
    let no = "HTTP/1.1 422 No\r\ncontent-length: 11\r\n\r\n{";
    let (server, _) = serve(Some(no), false).await;
    let outcome = send(&client(None, open_egress()), &server).await;
    assert!(matches!(outcome, Outcome::Refused { code: 422, .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let (server, _) = serve(Some(YES), false).await;
    let port = server.port;
    drop(server);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let url = format!("http://127.0.0.1:{port}/");
    let client = client(None, open_egress());
    let outcome = client.send(&request(url), &[], &ResponseMap::default()).await;
    assert!(matches!(outcome, Outcome::Unreachable { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_is_not_used() {
    let closing = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
    let (server, _) = serve(Some(closing), false).await;
    let client = client(None, open_egress());
    for _ in 0..2 {
        let outcome = send(&client, &server).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_long_answer_is_read_to_its_bound() {
    let endless: &'static str = Box::leak(
        format!("HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n{}", "x".repeat(200_000))
            .into_boxed_str(),
    );
    let (server, _) = serve(Some(endless), false).await;
    let client = client(None, open_egress());
    for _ in 0..2 {
        let outcome = send(&client, &server).await;
        let Outcome::Accepted { text, .. } = outcome else { panic!("{outcome:?}") };
        assert!(text.len() <= 512);
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 2, "what is half read is not kept");
}

#[tokio::test]
async fn urls_that_lead_inside_are_refused_in_every_spelling() {
    let client = client(None, Egress::new(Default::default()));
    let refused =
        async |url: &str| client.send(&request(url.into()), &[], &ResponseMap::default()).await;
    for url in [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://[::ffff:7f00:1]/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://127.0.0.1./",
        "http://10.0.0.1/",
    ] {
        let outcome = refused(url).await;
        let is_refused =
            matches!(outcome, Outcome::Refused { stage: Stage::Connect, code: 403, .. });
        assert!(is_refused, "{url} {outcome:?}");
    }
    for url in [
        "https://good@127.0.0.1/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "/relative",
        "",
        "https://",
        "https:///x",
        "https://exa mple.com/",
        "https://\u{ff11}27.0.0.1/",
        "https://example.com:99999/",
    ] {
        let outcome = refused(url).await;
        assert!(matches!(outcome, Outcome::Unrenderable { .. }), "{url} {outcome:?}");
    }
}

#[tokio::test]
async fn plain_http_and_other_ports_are_refused_where_they_are_not_allowed() {
    let (server, _) = serve(Some(YES), false).await;
    let strict = |ports, allow_http| {
        let options = Options {
            tls: tls(None),
            allow_http,
            ports,
            timeout: Duration::from_millis(600),
            idle_timeout: Duration::from_secs(5),
            idle_per_server_max: 4,
        };
        Client::new(open_egress(), options)
    };
    for (ports, allow_http, fine) in [
        (None, false, false),
        (Some(vec![80, 443]), true, false),
        (Some(vec![server.port]), true, true),
    ] {
        let outcome = send(&strict(ports, allow_http), &server).await;
        assert_eq!(matches!(outcome, Outcome::Accepted { .. }), fine, "{outcome:?}");
        assert_eq!(matches!(outcome, Outcome::Unrenderable { .. }), !fine);
    }
}

#[tokio::test]
async fn requests_that_would_break_the_conversation_are_not_made() {
    let client = client(None, open_egress());
    for (name, value) in [
        ("Host", "x"),
        ("Content-Length", "1"),
        ("Transfer-Encoding", "chunked"),
        ("webhook-id", "x"),
        ("X", "a\r\nY: b"),
        ("X Y", "a"),
    ] {
        let mut request = request("http://127.0.0.1:1/".into());
        request.headers.push((name.into(), value.into()));
        let outcome = client.send(&request, &[], &ResponseMap::default()).await;
        assert!(matches!(outcome, Outcome::Unrenderable { .. }), "{name} {outcome:?}");
    }
}
