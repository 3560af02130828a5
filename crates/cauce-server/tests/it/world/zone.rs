//! Made-up names, served by dnsmasq on loopback.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running name server; it ends with the value.
pub struct Zone {
    server: Child,
    /// Its port on 127.0.0.1.
    pub port: u16,
    folder: tempfile::TempDir,
}

impl Drop for Zone {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Zone {
    /// Serves these lines of dnsmasq's configuration; what they do not mention does not exist.
    /// Without dnsmasq it says that the test did not run.
    pub fn start(lines: &str) -> Option<Zone> {
        let found = Command::new("dnsmasq").arg("--version").stdout(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            let text = "not run: there is no dnsmasq (Debian: dnsmasq-base)";
            assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
            println!("{text}");
            return None;
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let folder = tempfile::tempdir().unwrap();
        let server = serve(&folder, port, lines);
        Some(Zone { server, port, folder })
    }

    /// Serves other lines from now on.
    pub fn change(&mut self, lines: &str) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        self.server = serve(&self.folder, self.port, lines);
    }

    /// The line of configuration that makes the process ask it.
    pub fn config(&self) -> String {
        format!("dns = [\"127.0.0.1:{}\"]", self.port)
    }
}

fn serve(folder: &tempfile::TempDir, port: u16, lines: &str) -> Child {
    let file = folder.path().join("zone.conf");
    let text = format!(
        "no-resolv\nno-hosts\nlisten-address=127.0.0.1\nbind-interfaces\nport={port}\n\
         local=/test/\nlocal=/com/\nlocal=/example/\nlocal=/arpa/\npid-file=\nuser=root\n{lines}\n"
    );
    std::fs::write(&file, text).unwrap();
    let server = Command::new("dnsmasq")
        .arg("--keep-in-foreground")
        .arg(format!("--conf-file={}", file.display()))
        .spawn()
        .unwrap();
    for _ in 0..100 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    server
}
