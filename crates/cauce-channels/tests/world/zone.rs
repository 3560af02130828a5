//! A zone of made-up names, served by dnsmasq on loopback.

use super::postfix::free_port;
use cauce_channels::dns::{Options, Resolver};
use std::fs;
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running name server; it ends with the value.
pub struct Zone {
    server: Child,
    /// Its port on 127.0.0.1.
    pub port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Zone {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Zone {
    /// Serves these lines of dnsmasq's configuration; names below `test` and `com` that they do
    /// not mention do not exist, and those below `ill.test` are known to nobody. Without dnsmasq
    /// it says that the test did not run.
    pub fn start(lines: &str) -> Option<Zone> {
        let found = Command::new("dnsmasq").arg("--version").stdout(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            let text = "not run: there is no dnsmasq (Debian: dnsmasq-base)";
            assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
            println!("{text}");
            return None;
        }
        let port = free_port();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("zone.conf");
        let ill = ill_server();
        let text = format!(
            "no-resolv\nno-hosts\nlisten-address=127.0.0.1\nbind-interfaces\nport={port}\n\
             local=/test/\nlocal=/com/\nlocal=/arpa/\nserver=/ill.test/127.0.0.1#{ill}\n\
             pid-file=\nuser=root\n{lines}\n"
        );
        fs::write(&file, text).unwrap();
        let server = Command::new("dnsmasq")
            .arg("--keep-in-foreground")
            .arg(format!("--conf-file={}", file.display()))
            .spawn()
            .unwrap();
        for _ in 0..100 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(Zone { server, port, _folder: folder })
    }

    /// Who asks it.
    pub fn resolver(&self) -> Resolver {
        let servers = vec![format!("127.0.0.1:{}", self.port).parse().unwrap()];
        let timeout = Duration::from_secs(2);
        Resolver::new(&Options { servers, timeout, attempts: 1 }).unwrap()
    }
}

/// A name server that answers SERVFAIL to everything, until the process ends.
fn ill_server() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            if length > 3 {
                buffer[2] |= 0x80;
                buffer[3] = 0x80 | 2;
                let _ = socket.send_to(&buffer[..length], from);
            }
        }
    });
    port
}
