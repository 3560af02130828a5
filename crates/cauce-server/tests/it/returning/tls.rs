//! The listener under TLS, spoken to by Python's `smtplib`: a client that we did not write.

use super::{address, free_port, report, suppressed};
use crate::world::*;
use std::process::{Command, Stdio};

/// Brings a mail under TLS; then says what must not follow STARTTLS in the open.
const CLIENT: &str = r#"
import smtplib, ssl, socket, sys
port, to, file = int(sys.argv[1]), sys.argv[2], sys.argv[3]
client = smtplib.SMTP("127.0.0.1", port, timeout=30)
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
client.starttls(context=context)
client.ehlo()
assert not client.has_extn("starttls"), "offered twice"
client.sendmail("", [to], open(file).read())
client.quit()
plain = socket.create_connection(("127.0.0.1", port), timeout=30)
read = plain.makefile("rb")
read.readline()
plain.sendall(b"EHLO x\r\n")
while read.readline()[3:4] == b"-":
    pass
plain.sendall(b"STARTTLS\r\nMAIL FROM:<>\r\n")
said = read.readline()
assert said.startswith(b"503") and read.readline() == b"", said
"#;

#[test]
fn mail_comes_under_tls_and_nothing_slips_in_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("mail.pem"), folder.path().join("key.pem"));
    let asked = Command::new("openssl").arg("version").output().ok();
    let lacking = "openssl is not installed";
    if counterpart::found("openssl", "mail under TLS", lacking, asked).is_none() {
        return;
    }
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"])
        .args(["/CN=mx.example", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success(), "openssl made no certificate");
    let python = std::env::var("CAUCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let sink = Sink::start(Script::default());
    let listener = free_port();
    let cauce = Cauce::start(&format!(
        "mail-listen = \"127.0.0.1:{listener}\"\nmail-certificate = \"{}\"\nmail-key = \"{}\"",
        certificate.display(),
        key.display()
    ));
    cauce.apply(&shop(smtp(sink.port)));
    people(&cauce, 1);
    let run = cauce.start_campaign("monthly");
    cauce.done(run, PATIENCE);
    let header = sink.mails()[0].header("cfbl-address").unwrap();
    let content = folder.path().join("report");
    let gone = report(0, "failed", "5.1.1", "550 5.1.1 user unknown");
    std::fs::write(&content, gone).unwrap();
    let client = Command::new(python)
        .args(["-c", CLIENT, &listener.to_string(), header.split(';').next().unwrap()])
        .arg(&content)
        .output()
        .expect("Python is installed where this test runs");
    assert!(client.status.success(), "{}", String::from_utf8_lossy(&client.stderr));
    let reason = wait_for(PATIENCE, &address(0), || suppressed(&cauce, 0));
    assert_eq!(reason, "hard-bounce");
}
