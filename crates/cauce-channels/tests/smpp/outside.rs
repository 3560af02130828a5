//! Agreement with software that we did not write: npm's `smpp` as the server, and Wireshark's
//! decoder (`tshark`) of what was on the wire.
//!
//! Node (`CAUCE_NODE` names another) finds what `tests/outside/package.json` lists beside it, or
//! where `CAUCE_NODE_MODULES` says; `tshark` is Debian's. Without them these tests say that they
//! did not run; with `CAUCE_OUTSIDE=1` that is a failure.

use crate::world::open_egress;
use cauce_channels::sms::smpp::answerer::{Answerer, Script};
use cauce_channels::sms::smpp::{
    Client, Form, IdForm, Joining, Listener, Options, Said, Standing, State,
};
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use cauce_core::message::content::sms::{Encoding, Sms};
use cauce_core::sms::alphabet::{from_septets, from_utf16};
use cauce_core::sms::{Limits, encoding_of, split};
use cauce_core::time::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside");

/// A command with what the tests need, or nothing after saying so.
fn found(test: &str, mut probe: Command, wants: &str) -> bool {
    let status = probe.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if status.is_ok_and(|status| status.success()) {
        return true;
    }
    let text = format!("not run: {test}: {wants}");
    assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
    println!("{text}");
    false
}

fn node() -> Command {
    let mut command =
        Command::new(std::env::var("CAUCE_NODE").unwrap_or_else(|_| "node".to_owned()));
    command.current_dir(SCRIPTS);
    if let Some(modules) = std::env::var_os("CAUCE_NODE_MODULES") {
        command.env("NODE_PATH", modules);
    }
    command
}

fn has_node(test: &str) -> bool {
    let mut probe = node();
    probe.args(["-e", "require('smpp')"]);
    found(test, probe, "node lacks what crates/cauce-channels/tests/outside/package.json lists")
}

/// npm's server until it is dropped, and what it was sent.
struct Server {
    child: Child,
    port: u16,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    fn start() -> Server {
        let mut child = node()
            .arg(format!("{SCRIPTS}/smpp_server.js"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        reader.read_line(&mut first).unwrap();
        let port = first.trim().parse().expect("the script says its port");
        let lines: Arc<Mutex<Vec<Value>>> = Arc::default();
        let inside = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in reader.lines().map_while(Result::ok) {
                inside.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Server { child, port, lines }
    }

    fn lines(&self, command: &str) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| line["command"] == command).cloned().collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sms(id: u128, to: &str, text: &str) -> Sms {
    let encoding = encoding_of(text);
    Sms {
        message: MessageId(id),
        from: "CAUCE".into(),
        to: to.into(),
        text: text.into(),
        encoding,
        parts: split(text, encoding, Limits::short_reference(encoding)),
        expires: Timestamp(86_400_000),
        receipt: true,
        reference: String::new(),
        extras: BTreeMap::new(),
    }
}

async fn send(client: &Client, sms: &Sms) -> Outcome {
    client.send(sms, Timestamp(0), Instant::now() + Duration::from_secs(10)).await
}

fn options(port: u16) -> Options {
    Options {
        answer_within: Duration::from_millis(800),
        ..Options::new("127.0.0.1", port, "cauce", "secret")
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

fn id_of(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { id: Some(id), .. } => id.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn npm_reads_what_we_send_and_we_read_what_it_says() {
    if !has_node("npm_reads_what_we_send_and_we_read_what_it_says") {
        return;
    }
    let server = Server::start();
    let receipts: Arc<Mutex<Vec<(String, State)>>> = Arc::default();
    let inside = Arc::clone(&receipts);
    let listener: Listener = Arc::new(move |said| {
        if let Said::Receipt(receipt) = said {
            inside.lock().unwrap().push((receipt.id, receipt.state));
        }
        Box::pin(async { true })
    });
    // It answers in hexadecimal, and its receipts are padded decimals.
    let options = Options { ids: IdForm::AnswerHex, ..options(server.port) };
    let client = Client::start(options, open_egress(), listener).unwrap();
    let short = "¿Qué tal, @na? {10 €} [~]";
    let one = send(&client, &sms(1, "+34600000999", short)).await;
    let long = "Ωmega und Größe: 5 € für {alle}. ".repeat(12);
    let several = send(&client, &sms(2, "+34600000999", &long)).await;
    let wide = "Привет, 😀 и до встречи! ".repeat(7);
    let wider = send(&client, &sms(3, "+34600000999", &wide)).await;
    let early = send(&client, &sms(4, "+34600000222", "hola")).await;
    let ids: Vec<String> = [&one, &several, &wider, &early]
        .into_iter()
        .flat_map(|outcome| id_of(outcome).split(' ').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    until("every part has its receipt", || receipts.lock().unwrap().len() == ids.len()).await;
    let mut told: Vec<String> = receipts.lock().unwrap().iter().map(|(id, _)| id.clone()).collect();
    told.sort();
    let mut sorted = ids.clone();
    sorted.sort();
    assert_eq!(told, sorted, "a receipt names the message as the answer did");
    assert!(receipts.lock().unwrap().iter().all(|(_, state)| *state == State::Delivered));
    let answered = || {
        // The script says it once as a command and once as the answer to one of its own.
        let lines = server.lines("deliver_sm_resp").into_iter();
        lines.filter(|line| line["about"].is_string()).collect::<Vec<_>>()
    };
    until("answered", || answered().len() == ids.len()).await;
    assert!(answered().iter().all(|line| line["status"] == 0));
    let bind = &server.lines("bind_transceiver")[0];
    assert_eq!((bind["system_id"].as_str(), bind["version"].as_u64()), (Some("cauce"), Some(0x34)));
    let submitted = server.lines("submit_sm");
    let first = &submitted[0];
    assert_eq!(first["text"], short);
    assert_eq!((first["from"].as_str(), first["from_ton"].as_u64()), (Some("CAUCE"), Some(5)));
    assert_eq!((first["to"].as_str(), first["to_ton"].as_u64()), (Some("34600000999"), Some(1)));
    let joined = |text: &str, from: usize| {
        let mut whole = String::new();
        for line in &submitted[from..] {
            if whole == text {
                break;
            }
            assert_eq!(line["esm"], 0x40);
            whole += line["text"].as_str().unwrap();
        }
        assert_eq!(whole, text);
    };
    joined(&long, 1);
    joined(&wide, 1 + id_of(&several).split(' ').count());
    let headers: Vec<&str> =
        submitted[1..3].iter().filter_map(|line| line["header"][0].as_str()).collect();
    assert!(headers[0].starts_with("0003") && headers[0].ends_with("01"), "{headers:?}");
    assert_eq!(headers[0][..8], headers[1][..8], "parts share a reference and a number of parts");
    client.close(Duration::from_secs(5)).await;
    until("unbound", || !server.lines("unbind").is_empty()).await;
}

#[tokio::test]
async fn npm_refuses_and_is_understood() {
    if !has_node("npm_refuses_and_is_understood") {
        return;
    }
    let server = Server::start();
    let listener: Listener = Arc::new(|_| Box::pin(async { true }));
    let client = Client::start(options(server.port), open_egress(), listener.clone()).unwrap();
    let outcome = async |to: &str| send(&client, &sms(1, to, "hola")).await;
    for (to, name) in [
        ("+34600000444", "0x58 ESME_RTHROTTLED"),
        ("+34600000333", "0x45 ESME_RSUBMITFAIL"),
        ("+34600000555", "0x14 ESME_RMSGQFUL"),
        ("+34600000000", "0x0b ESME_RINVDSTADR"),
    ] {
        let outcome = outcome(to).await;
        assert!(matches!(&outcome, Outcome::Refused { text, .. } if text == name), "{outcome:?}");
    }
    let silence = outcome("+34600000111").await;
    assert!(matches!(silence, Outcome::Unknown { .. }), "{silence:?}");
    let wrong = Options { password: "wrong".into(), ..options(server.port) };
    let stranger = Client::start(wrong, open_egress(), listener).unwrap();
    let held = send(&stranger, &sms(2, "+34600000999", "hola")).await;
    assert!(matches!(&held, Outcome::Held { text } if text.contains("RINVPASWD")), "{held:?}");
    assert!(matches!(&stranger.standing()[0].1, Standing::Refused(_)));
}

/// Which side said something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

/// What was said, by whom, in order.
type Wire = Arc<Mutex<Vec<(Side, Vec<u8>)>>>;

async fn carry(side: Side, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, kept: &Wire) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        kept.lock().unwrap().push((side, bytes[..count].to_vec()));
        if to.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
}

/// Stands between client and server and keeps what both say.
async fn between(server: u16) -> (u16, Wire) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let wire: Wire = Arc::default();
    let kept = Arc::clone(&wire);
    tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::join!(
            carry(Side::Client, from_client, to_server, &kept),
            carry(Side::Server, from_server, to_client, &kept)
        );
    });
    (port, wire)
}

/// A capture of the conversation, as a capture file (libpcap, raw IPv4): port 2775 is the server's.
fn capture(wire: &Wire) -> Vec<u8> {
    let mut file = Vec::new();
    for number in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101] {
        file.extend(number.to_le_bytes());
    }
    let mut sent = [1_u32, 1];
    for (place, (side, bytes)) in wire.lock().unwrap().iter().enumerate() {
        let mine = usize::from(*side == Side::Server);
        let (from, to) = if mine == 0 { (40_000_u16, 2775_u16) } else { (2775, 40_000) };
        let mut packet = vec![0x45, 0];
        packet.extend((40 + bytes.len() as u16).to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
        packet.extend(from.to_be_bytes());
        packet.extend(to.to_be_bytes());
        packet.extend(sent[mine].to_be_bytes());
        packet.extend(sent[1 - mine].to_be_bytes());
        packet.extend([0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
        packet.extend(bytes);
        sent[mine] += bytes.len() as u32;
        for number in [1, place as u32, packet.len() as u32, packet.len() as u32] {
            file.extend(number.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// What tshark makes of a capture: a value or a list for each field of each packet.
fn decode(wire: &Wire, fields: &[&str]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wire.pcap");
    std::fs::write(&path, capture(wire)).unwrap();
    let mut command = Command::new("tshark");
    command.arg("-r").arg(&path).args(["-T", "fields", "-E", "separator=/t", "-E", "aggregator=,"]);
    for field in fields {
        command.args(["-e", field]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn has_tshark(test: &str) -> bool {
    let mut probe = Command::new("tshark");
    probe.arg("--version");
    found(test, probe, "there is no `tshark`")
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks_exact(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

#[tokio::test]
async fn tshark_puts_the_parts_together() {
    if !has_tshark("tshark_puts_the_parts_together") {
        return;
    }
    let texts = [
        "Your {parcel} has 3 € to pay @ the door: [~]^ ".repeat(9),
        "Ваш заказ 😀 уже в пути. ".repeat(9),
        "x".repeat(161),
    ];
    for joining in [Joining::Header, Joining::LongHeader] {
        let server = Answerer::start(Script::default()).await.unwrap();
        let (port, wire) = between(server.port()).await;
        let form = Form { joining, receipts: true, ..Form::default() };
        let listener: Listener = Arc::new(|_| Box::pin(async { true }));
        let options = Options { form, ..options(port) };
        let client = Client::start(options, open_egress(), listener).unwrap();
        for (id, text) in (1..).zip(&texts) {
            id_of(&send(&client, &sms(id, "+34600000001", text)).await);
        }
        let rows = decode(
            &wire,
            &[
                "smpp.command_id",
                "gsm_sms_ud.reassembled.length",
                "gsm_sms_ud.short_msg",
                "_ws.malformed",
            ],
        );
        assert!(rows.iter().all(|row| row[3].is_empty()), "{rows:?}");
        // The last part of each message shows the whole.
        let whole: Vec<&String> =
            rows.iter().filter(|row| !row[1].is_empty()).map(|row| &row[2]).collect();
        let read: Vec<String> = whole
            .iter()
            .zip(&texts)
            .map(|(hex, text)| match encoding_of(text) {
                Encoding::Gsm7 => from_septets(&from_hex(hex)),
                Encoding::Ucs2 => from_utf16(&from_hex(hex)),
            })
            .collect();
        assert_eq!(read, texts, "{joining:?}");
    }
}

#[tokio::test]
async fn tshark_never_sees_more_than_the_window() {
    if !has_tshark("tshark_never_sees_more_than_the_window") {
        return;
    }
    let script = Script { delay: Duration::from_millis(3), ..Script::default() };
    let server = Answerer::start(script).await.unwrap();
    let (port, wire) = between(server.port()).await;
    let listener: Listener = Arc::new(|_| Box::pin(async { true }));
    let options = Options { window: 6, ..options(port) };
    let client = Arc::new(Client::start(options, open_egress(), listener).unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for id in 0..120 {
        let client = Arc::clone(&client);
        tasks.spawn(async move { send(&client, &sms(id, "+34600000001", "hola")).await });
    }
    for outcome in tasks.join_all().await {
        id_of(&outcome);
    }
    let (mut open, mut most, mut all) = (0_i32, 0, 0);
    for row in decode(&wire, &["smpp.command_id"]) {
        for command in row[0].split(',').filter(|command| !command.is_empty()) {
            let number = command.trim_start_matches("0x");
            match u32::from_str_radix(number, 16).unwrap() {
                0x04 => (open, all) = (open + 1, all + 1),
                0x8000_0004 => open -= 1,
                _ => {}
            }
            most = most.max(open);
        }
    }
    assert_eq!((all, open, most), (120, 0, 6));
}
