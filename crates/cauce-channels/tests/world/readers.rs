//! Programs that read messages, which we did not write: they say what they see, and which
//! signatures hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_channels::email::dkim::{Key, Signer};
use cauce_core::message::Email;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// Where the scripts are.
pub const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside");

/// The Python to use, or nothing after saying so.
pub fn python(test: &str) -> Option<String> {
    let python = std::env::var("CAUCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = ["-c", "import aiosmtpd, dkim, nacl, standardwebhooks"];
    let wants = "requirements.txt lists; install it and set CAUCE_PYTHON";
    found(test, &python, &probe, wants)
}

/// The Node to use, or nothing after saying so.
pub fn node(test: &str) -> Option<String> {
    let node = std::env::var("CAUCE_NODE").unwrap_or_else(|_| "node".to_owned());
    let probe = ["-e", "require('smtp-server'); require('mailparser'); require('mailauth')"];
    let wants = "package.json lists; install it there or set CAUCE_NODE_MODULES";
    found(test, &node, &probe, wants)
}

/// The Perl to use, or nothing after saying so.
pub fn perl(test: &str) -> Option<String> {
    let wants = "dkim.pl uses (Debian: libmail-dkim-perl)";
    found(test, "perl", &["-MMail::DKIM::Verifier", "-e", "1"], wants)
}

fn found(test: &str, program: &str, probe: &[&str], wants: &str) -> Option<String> {
    let status = command(program).args(probe).stderr(Stdio::null()).status();
    if status.is_ok_and(|status| status.success()) {
        return Some(program.to_owned());
    }
    let text = format!(
        "not run: {test}: `{program}` lacks what crates/cauce-channels/tests/outside/{wants}"
    );
    assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
    println!("{text}");
    None
}

/// A program that finds what is installed beside the scripts.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    // What `-e` asks for is looked for from there too.
    command.current_dir(SCRIPTS);
    if let Some(modules) = std::env::var_os("CAUCE_NODE_MODULES") {
        command.env("NODE_PATH", modules);
    }
    command
}

/// One key of each kind that we sign with.
pub fn signers() -> [Signer; 2] {
    [
        Signer::new("example.com", "r1", Key::generate_rsa().unwrap()).unwrap(),
        Signer::new("example.com", "e1", Key::generate_ed25519().unwrap()).unwrap(),
    ]
}

/// A message as it arrived.
pub struct Letter {
    /// Its bytes, with CRLF.
    pub raw: Vec<u8>,
    /// What it was composed from, where a reader is to see that in it.
    pub email: Option<Email>,
}

impl Letter {
    fn line(&self, signers: &[Signer]) -> Value {
        let records: serde_json::Map<String, Value> = signers
            .iter()
            .map(|signer| (signer.dns_name(), json!(signer.dns_record().unwrap())))
            .collect();
        let mut line = json!({ "raw": STANDARD.encode(&self.raw), "records": records });
        if let Some(email) = &self.email {
            line["subject"] = json!(email.subject);
            line["from"] = json!([email.from.name, email.from.address]);
            line["to"] = json!([email.to.name, email.to.address]);
            line["text"] = json!(email.text);
            line["html"] = json!(email.html);
            line["headers"] = json!(email.headers);
        }
        line
    }
}

/// Lets a script read messages, and returns its summary.
pub fn read_by(program: &str, script: &str, letters: &[Letter], signers: &[Signer]) -> Value {
    let mut child = command(program)
        .arg(format!("{SCRIPTS}/{script}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for letter in letters {
        writeln!(input, "{}", letter.line(signers)).unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["failures"], 0, "{script}: {summary:#}");
    assert_eq!(summary["checked"], letters.len(), "{script}");
    summary
}

/// Lets every reader verify what arrived: the signatures hold, and not when it is changed.
pub fn verify(letters: &[Letter], signers: &[Signer], test: &str) {
    let all = letters.len();
    std::thread::scope(|scope| {
        // Each says by itself that it did not run.
        let mut readers = Vec::new();
        for (program, script, signatures) in [
            (python(test), "messages.py", 2 * all),
            (node(test), "dkim.js", 2 * all),
            (perl(test), "dkim.pl", all),
        ] {
            let Some(program) = program else { continue };
            readers.push(scope.spawn(move || {
                let summary = read_by(&program, script, letters, signers);
                assert_eq!(summary["signatures"], signatures, "{script}");
                assert_eq!(summary["tampered"], 200, "{script}");
            }));
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
}
