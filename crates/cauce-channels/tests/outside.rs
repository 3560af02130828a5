//! Agreement with software that we did not write: aiosmtpd and smtp-server as servers, Python's
//! e-mail package and mailparser as readers, dkimpy, mailauth and Mail::DKIM as verifiers,
//! standardwebhooks as the receiver.
//!
//! `CAUCE_PYTHON` names a Python that has what `tests/outside/requirements.txt` lists. Node
//! (`CAUCE_NODE` names another) finds what `tests/outside/package.json` lists beside it, or where
//! `CAUCE_NODE_MODULES` says; Perl has Debian's `libmail-dkim-perl`. Without them these tests say
//! that they did not run; with `CAUCE_OUTSIDE=1` that is a failure.

mod world;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_channels::email::compose::{Composed, compose};
use cauce_channels::email::dkim::Signer;
use cauce_channels::email::pool::{self, Pool, Posting};
use cauce_channels::email::smtp::{self, Auth, Begun, Connection, Security};
use cauce_channels::webhook::{Client, Options, ResponseMap, SigningKey};
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use cauce_core::ids::{MessageId, ProfileId};
use cauce_core::message::Request;
use cauce_core::time::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;
use world::letters::generated;
use world::readers::*;
use world::*;

/// A script that serves until it is dropped.
struct Server {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    port: u16,
}

impl Server {
    fn start(program: &str, script: &str, arguments: &[&str]) -> Server {
        let mut child = command(program)
            .arg(format!("{SCRIPTS}/{script}"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let port = first.trim().parse().expect("the script says its port");
        Server { child, lines, port }
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts aiosmtpd in a mode; with the certificate that it shows.
fn mail_server(python: &str, mode: &str) -> (Server, String) {
    with_certificate(|certificate, key| {
        Server::start(python, "smtp_server.py", &[mode, certificate, key])
    })
}

fn with_certificate(start: impl Fn(&str, &str) -> Server) -> (Server, String) {
    let names = vec!["127.0.0.1".to_owned()];
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(names).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("cert.pem"), cert.pem()).unwrap();
    std::fs::write(path("key.pem"), signing_key.serialize_pem()).unwrap();
    (start(&path("cert.pem"), &path("key.pem")), cert.pem())
}

async fn send(options: &smtp::Options, message: &Composed) -> Outcome {
    let mut connection = match Connection::open(&open_egress(), options).await {
        Ok(connection) => connection,
        Err(outcome) => return outcome,
    };
    let outcome = match connection.exchange(None, Some(message)).await.next.unwrap() {
        Begun::Granted => connection.exchange(Some(message), None).await.body.unwrap(),
        Begun::Ended(outcome) | Begun::Lost(outcome) => outcome,
    };
    connection.quit().await;
    outcome
}

fn patient(port: u16) -> smtp::Options {
    let limit = Duration::from_secs(20);
    smtp::Options {
        timeouts: smtp::Timeouts {
            greeting: limit,
            envelope: limit,
            data: limit,
            block: limit,
            final_dot: limit,
        },
        ..server_at(port)
    }
}

#[tokio::test]
async fn aiosmtpd_takes_our_mail_as_we_sent_it() {
    let Some(python) = python("aiosmtpd, plain") else { return };
    let (mut server, _) = mail_server(&python, "plain");
    let options = patient(server.port);
    let message = compose(&email(1), &[]).unwrap();
    let outcome = send(&options, &message).await;
    let id = format!("A{}", message.bytes.len());
    assert!(matches!(&outcome, Outcome::Accepted { id: Some(i), .. } if *i == id), "{outcome:?}");
    let dots = Composed { bytes: "A: b\r\n\r\n.\r\n..\r\n.x\r\n".into(), ..composed(2) };
    assert!(matches!(send(&options, &dots).await, Outcome::Accepted { .. }));
    for message in [&message, &dots] {
        let seen = server.next();
        assert_eq!(seen["bytes"], STANDARD.encode(&message.bytes));
        assert_eq!(seen["to"], json!([message.recipient]));
        assert_eq!(seen["from"], message.sender);
    }
    let nobody = Composed { recipient: "nobody@example.com".into(), ..composed(3) };
    let outcome = send(&options, &nobody).await;
    let Outcome::Refused { stage: Stage::Recipient, code: 550, enhanced, .. } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(enhanced, Some(Enhanced(5, 1, 1)));
}

#[tokio::test]
async fn aiosmtpd_takes_addresses_beyond_ascii() {
    let Some(python) = python("aiosmtpd, SMTPUTF8") else { return };
    let (mut server, _) = mail_server(&python, "plain");
    let mut email = email(1);
    email.to.address = "j\u{f6}rg@stra\u{df}e.example".into();
    let message = compose(&email, &[]).unwrap();
    let outcome = send(&patient(server.port), &message).await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    let seen = server.next();
    assert_eq!(seen["to"], json!(["j\u{f6}rg@xn--strae-oqa.example"]));
    assert!(seen["options"].as_array().unwrap().contains(&json!("SMTPUTF8")));
    assert_eq!(seen["bytes"], STANDARD.encode(&message.bytes));
}

#[tokio::test]
async fn aiosmtpd_agrees_on_starttls_and_auth() {
    let Some(python) = python("aiosmtpd, STARTTLS and AUTH") else { return };
    let (mut server, authority) = mail_server(&python, "starttls");
    let mut options = patient(server.port);
    let plain = send(&options, &composed(1)).await;
    assert!(matches!(plain, Outcome::Refused { code: 530, .. }), "{plain:?}");
    options.security = Security::Required;
    let stranger = send(&options, &composed(1)).await;
    assert!(matches!(stranger, Outcome::Unreachable { .. }), "{stranger:?}");
    options.tls = tls(Some(&authority));
    assert!(matches!(send(&options, &composed(1)).await, Outcome::Accepted { .. }));
    assert_eq!(server.next()["tls"], true);

    let (mut server, authority) = mail_server(&python, "auth");
    let mut options = patient(server.port);
    options.security = Security::Required;
    options.tls = tls(Some(&authority));
    let auth = |password: &str| {
        let (name, password) = ("ana".to_owned(), password.to_owned());
        Some(Auth { name, password, allow_plaintext: false })
    };
    options.auth = auth("wrong");
    let outcome = send(&options, &composed(1)).await;
    assert!(matches!(outcome, Outcome::Refused { stage: Stage::Auth, code: 535, .. }));
    options.auth = auth("s3cret");
    assert!(matches!(send(&options, &composed(1)).await, Outcome::Accepted { .. }));
    assert_eq!(server.next()["login"], "ana");
}

/// How many messages readers are given. Ten thousand keep all of them busy for minutes:
/// `CAUCE_LETTERS=10000` for those of a release.
fn letters() -> u64 {
    std::env::var("CAUCE_LETTERS").ok().and_then(|n| n.parse().ok()).unwrap_or(500)
}

/// So many messages as they are composed.
fn composed_letters(signers: &[Signer]) -> Vec<Letter> {
    let numbers = 0..letters();
    let letter = |number| {
        let email = generated(number);
        let raw = compose(&email, signers).unwrap().bytes.to_vec();
        Letter { raw, email: Some(email) }
    };
    numbers.map(letter).collect()
}

#[test]
fn python_and_dkimpy_read_what_we_wrote() {
    let Some(python) = python("messages read by Python's email and dkimpy") else { return };
    let signers = signers();
    let summary = read_by(&python, "messages.py", &composed_letters(&signers), &signers);
    let signatures = json!(2 * letters());
    assert_eq!((&summary["signatures"], &summary["tampered"]), (&signatures, &json!(200)));
}

#[test]
fn mailparser_reads_what_we_wrote() {
    let Some(node) = node("messages read by mailparser") else { return };
    read_by(&node, "messages.js", &composed_letters(&[]), &[]);
}

#[test]
fn mailauth_verifies_what_we_signed() {
    let Some(node) = node("messages verified by mailauth") else { return };
    let signers = signers();
    let summary = read_by(&node, "dkim.js", &composed_letters(&signers), &signers);
    let signatures = json!(2 * letters());
    assert_eq!((&summary["signatures"], &summary["tampered"]), (&signatures, &json!(200)));
}

/// It knows nothing of Ed25519: the other signature has to be enough for it.
#[test]
fn mail_dkim_verifies_what_we_signed() {
    let Some(perl) = perl("messages verified by Mail::DKIM") else { return };
    let signers = signers();
    let summary = read_by(&perl, "dkim.pl", &composed_letters(&signers), &signers);
    let signatures = json!(letters());
    assert_eq!((&summary["signatures"], &summary["tampered"]), (&signatures, &json!(200)));
}

#[tokio::test]
async fn smtp_server_takes_pipelined_messages_under_tls() {
    let Some(node) = node("smtp-server, PIPELINING across messages") else { return };
    let (mut server, authority) = with_certificate(|certificate, key| {
        Server::start(&node, "smtp_server.js", &[certificate, key, "40"])
    });
    let mut options = patient(server.port);
    options.security = Security::Required;
    options.tls = tls(Some(&authority));
    let connection = Connection::open(&open_egress(), &options).await.unwrap();
    assert!(connection.capabilities().pipelining && connection.is_secure());
    connection.quit().await;
    let options = pool::Options {
        server: options,
        connections_max: 2,
        messages_per_connection_max: 1000,
        window: 64,
        idle_timeout: Duration::from_secs(5),
        reopen_delay: Duration::from_millis(50),
    };
    let (pool, mut ended) = Pool::start(options, open_egress(), Arc::new(|_| false)).unwrap();
    let messages: Vec<Composed> = (0..200)
        .map(|number| {
            let mut email = generated(number);
            let nobody = if number % 10 == 9 { "nobody" } else { "ana" };
            email.to.address = format!("{nobody}{number}@example.net");
            compose(&email, &[]).unwrap()
        })
        .collect();
    let start_before = tokio::time::Instant::now() + Duration::from_secs(60);
    let submitting = async {
        for message in messages.clone() {
            pool.submit(Posting { message, start_before, urgent: false }).await;
        }
    };
    let reading = async {
        let mut outcomes = BTreeMap::new();
        while outcomes.len() < 200 {
            let end = ended.recv().await.unwrap();
            assert!(outcomes.insert(end.message.0, end.outcome.clone()).is_none());
        }
        outcomes
    };
    let ((), outcomes) = tokio::join!(submitting, reading);
    pool.close(Duration::from_secs(5)).await;
    let mut arrived = BTreeMap::new();
    let mut sessions = BTreeSet::new();
    for _ in 0..180 {
        let seen = server.next();
        assert_eq!(seen["tls"], true);
        sessions.insert(seen["session"].as_str().unwrap().to_owned());
        let to = seen["to"][0].as_str().unwrap().to_owned();
        assert!(arrived.insert(to, seen["bytes"].clone()).is_none(), "arrived twice");
    }
    // Each connection took 40 envelopes, so the 200 needed five of them at least.
    assert!(sessions.len() >= 5, "{sessions:?}");
    for message in messages {
        let outcome = &outcomes[&message.message.0];
        if message.recipient.starts_with("nobody") {
            let code = Outcome::Refused {
                stage: Stage::Recipient,
                code: 550,
                enhanced: Some(Enhanced(5, 1, 1)),
                text: "5.1.1 nobody of that name".into(),
                retry_after_s: None,
            };
            assert_eq!(*outcome, code);
        } else {
            assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
            assert_eq!(arrived[&message.recipient], STANDARD.encode(&message.bytes));
        }
    }
}

#[tokio::test]
async fn standardwebhooks_verifies_our_signatures() {
    let Some(python) = python("standardwebhooks") else { return };
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let server = Server::start(&python, "webhook_server.py", &[secret]);
    let options = Options {
        tls: tls(None),
        allow_http: true,
        ports: None,
        timeout: Duration::from_secs(20),
        idle_timeout: Duration::from_secs(5),
        idle_per_server_max: 1,
    };
    let client = Client::new(open_egress(), options);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let map = ResponseMap {
        id_pointer: Some("/id".into()),
        success: Some(("/verified".into(), json!(true))),
        ..ResponseMap::default()
    };
    let key = |text: &str| SigningKey::parse(text).unwrap();
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let cases = [
        (vec![secret], true),
        (vec![other, secret], true),
        (vec![secret, other], true),
        (vec![other], false),
    ];
    for (keys, verified) in cases {
        let keys: Vec<SigningKey> = keys.into_iter().map(key).collect();
        let request = Request {
            message: MessageId(77),
            profile: ProfileId(1),
            method: "POST".into(),
            url: format!("http://127.0.0.1:{}/hook", server.port),
            headers: vec![],
            body: "{\"text\": \"h\u{e9}llo\"}".into(),
            at: Timestamp(i64::try_from(now.as_millis()).unwrap()),
        };
        let outcome = client.send(&request, &keys, &map).await;
        let is_accepted = matches!(
            &outcome,
            Outcome::Accepted { id: Some(id), .. } if *id == MessageId(77).to_string()
        );
        assert_eq!(is_accepted, verified, "{outcome:?}");
    }
}
