//! Files and pictures in messages, taken apart by three readers that we did not write: Python's
//! e-mail package, npm's mailparser and Perl's MIME-tools. They must agree with us and with each
//! other on names, kinds, places and bytes.
//!
//! A reader that is not installed is said not to have run; with `CAUCE_OUTSIDE=1` that fails.

mod world;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_channels::email::compose::compose;
use cauce_core::message::{Attachment, Email};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use world::*;

const MESSAGES: usize = 300;

/// Names as they are given, and as a reader must see them.
const NAMES: [(&str, &str); 14] = [
    ("Invoice 7.pdf", "Invoice 7.pdf"),
    ("Rechnung März.pdf", "Rechnung März.pdf"),
    ("請求書.pdf", "請求書.pdf"),
    ("فاتورة رقم ٧.pdf", "فاتورة رقم ٧.pdf"),
    ("😀 party 👩‍👩‍👧.png", "😀 party 👩‍👩‍👧.png"),
    ("100% sure; it's (a) \"test\", o'k.txt", "100% sure; it's (a) _test_, o'k.txt"),
    ("../../etc/passwd", "passwd"),
    ("C:\\Users\\ana\\a'b.doc", "a'b.doc"),
    ("a\r\nBcc: x@example.com", "a  Bcc_ x@example.com"),
    ("=?utf-8?Q?x?=.txt", "=_utf-8_Q_x_=.txt"),
    ("", "attachment"),
    ("tab\there.csv", "tab here.csv"),
    (
        "a very long name that nobody would type but that some accounting system makes out of the \
         number and the date.pdf",
        "a very long name that nobody would type but that some accounting system makes out of the \
         number and the date.pdf",
    ),
    (
        "Ünïcödé lông näme öf ä fïle whïch ïs wrïttën bÿ händ.tar.gz",
        "Ünïcödé lông näme öf ä fïle whïch ïs wrïttën bÿ händ.tar.gz",
    ),
];

fn bytes(number: usize, length: usize) -> Vec<u8> {
    (0..length).map(|place| (place * 31 + number * 17) as u8).collect()
}

fn message(number: usize) -> (Email, Vec<Value>) {
    let mut email = email(number as u128);
    email.html = (number % 5 != 4).then(|| {
        "<p>Hölä</p><img src=\"cid:logo\"><img src='cid:logo-2'><i style=\"x:url(cid:other)\"></i>"
            .to_owned()
    });
    // Of HTML that says nothing in words there is no plain part.
    email.text = match number % 10 {
        5 => String::new(),
        _ => format!("Hölä {number}\n"),
    };
    let mut wanted = Vec::new();
    let mut add = |given: &str, seen: &str, kind: &str, id: Option<&str>, bytes: Vec<u8>| {
        let full = id.map(|id| format!("{id}.{}@example.com", email.message));
        wanted.push((id.is_some(), json!([seen, kind, full, STANDARD.encode(&bytes)])));
        email.attachments.push(Attachment {
            name: given.to_owned(),
            kind: kind.to_owned(),
            inline_id: id.map(str::to_owned),
            bytes,
        });
    };
    let shown = number % 5 != 4;
    for file in 0..number % 4 {
        let (given, seen) = NAMES[(number + file * 5) % NAMES.len()];
        let length = [0, 1, 57, 58, 4_000][(number + file) % 5];
        let kind = ["application/pdf", "text/csv", "application/x-thing"][file % 3];
        add(given, seen, kind, None, bytes(number, length));
    }
    if shown && number.is_multiple_of(3) {
        add("logo.png", "logo.png", "image/png", Some("logo"), bytes(number, 300));
        add("größer.gif", "größer.gif", "image/gif", Some("logo-2"), bytes(number, 43));
    }
    // Pictures come before files: they belong to the text.
    wanted.sort_by_key(|(picture, _)| !picture);
    (email, wanted.into_iter().map(|(_, one)| one).collect())
}

fn read_by(program: &str, script: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside");
    let modules = std::env::var("CAUCE_NODE_MODULES").unwrap_or(format!("{folder}/node_modules"));
    let mut child = Command::new(program)
        .arg(format!("{folder}/{script}"))
        .env("NODE_PATH", modules)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut files = 0;
    for number in 0..MESSAGES {
        let (email, wanted) = message(number);
        let composed = compose(&email, &[]).unwrap();
        writeln!(input, "{}", STANDARD.encode(&composed.bytes)).unwrap();
        let line = output.next().unwrap_or_else(|| panic!("{program} ended at {number}")).unwrap();
        let seen: Value = serde_json::from_str(&line).unwrap();
        let raw = || String::from_utf8_lossy(&composed.bytes).into_owned();
        assert_eq!(seen["defects"], json!([]), "{program} {number}\n{}", raw());
        assert_eq!(seen["files"], json!(wanted), "{program} {number}\n{}", raw());
        let text = Some(email.text.trim_end()).filter(|text| !text.is_empty());
        assert_eq!(seen["text"], json!(text), "{program} {number}\n{}", raw());
        let html = seen["html"].as_str();
        let pictures = wanted.iter().filter(|one| one[2].is_string()).count();
        match &email.html {
            None => assert!(html.is_none(), "{program} {number}"),
            Some(given) if pictures == 0 => assert_eq!(html, Some(given.as_str())),
            Some(_) => {
                let html = html.unwrap();
                for picture in wanted.iter().filter(|one| one[2].is_string()) {
                    let place = format!("cid:{}", picture[2].as_str().unwrap());
                    assert!(html.contains(&place), "{program} {number}: {place} in {html}");
                }
                assert!(html.contains("url(cid:other)"), "what we do not attach stays: {html}");
            }
        }
        files += wanted.len();
    }
    drop(input);
    assert!(child.wait().unwrap().success());
    println!("{program}: {MESSAGES} messages, {files} files");
}

/// Whether a program can do what its script needs; says so if not.
fn is_there(program: &str, probe: &[&str]) -> bool {
    let modules = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside/node_modules");
    let modules = std::env::var("CAUCE_NODE_MODULES").unwrap_or(modules.to_owned());
    let mut asked = Command::new(program);
    asked.args(probe).env("NODE_PATH", modules).stdout(Stdio::null()).stderr(Stdio::null());
    let found = asked.status().is_ok_and(|status| status.success());
    if !found {
        let text = format!("not run: files read by `{program}`: {probe:?} failed");
        assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
        println!("{text}");
    }
    found
}

#[test]
fn python_takes_messages_apart_as_we_put_them_together() {
    let python = std::env::var("CAUCE_PYTHON").unwrap_or("python3".to_owned());
    if is_there(&python, &["-c", "import email"]) {
        read_by(&python, "attached.py");
    }
}

#[test]
fn mailparser_takes_messages_apart_as_we_put_them_together() {
    let node = std::env::var("CAUCE_NODE").unwrap_or("node".to_owned());
    if is_there(&node, &["-e", "require('mailparser')"]) {
        read_by(&node, "attached.js");
    }
}

#[test]
fn mime_tools_take_messages_apart_as_we_put_them_together() {
    if is_there("perl", &["-MMIME::Parser", "-MJSON::PP", "-e", "1"]) {
        read_by("perl", "attached.pl");
    }
}
