//! A relay through Postfix, as Debian packages it: what it delivers is what we composed, and no
//! body of ours smuggles a second message past it.
//!
//! `CAUCE_POSTFIX` names a folder into which the package was unpacked (`dpkg -x`); the test needs
//! root, because Postfix does. Without it the test says that it did not run.

mod world;

use cauce_channels::email::compose::{Composed, compose};
use cauce_channels::email::dkim::{Key, Signer};
use cauce_channels::email::pool::{Options, Pool, Posting};
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::Duration;
use world::*;

/// A Postfix of our own in a temporary folder, on two ports of loopback.
struct Postfix {
    folder: tempfile::TempDir,
    master: Child,
    /// Takes a bare line feed for a line end, as servers did before smuggling was known.
    lenient: u16,
    /// Refuses a bare line feed.
    strict: u16,
}

const MAIL_OWNER: &str = "www-data";
const BOX_OWNER: &str = "12345";

impl Postfix {
    fn start() -> Option<Postfix> {
        let Some(package) = std::env::var_os("CAUCE_POSTFIX").map(PathBuf::from) else {
            println!("not run: relay through Postfix: CAUCE_POSTFIX names no unpacked package");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let [lenient, strict] = [free_port(), free_port()];
        configure(folder.path(), &package, lenient, strict);
        let libraries = package.join("usr/lib/postfix");
        let master = Command::new(libraries.join("sbin/master"))
            .arg("-c")
            .arg(folder.path().join("conf"))
            .arg("-d")
            .env("LD_LIBRARY_PATH", libraries)
            // At its end Postfix kills its process group, which must not be ours.
            .process_group(0)
            .spawn()
            .unwrap();
        Some(Postfix { folder, master, lenient, strict })
    }

    /// Waits until this many messages lie in the mailbox, and a little longer for one too many.
    async fn delivered(&self, count: usize) -> Vec<Vec<u8>> {
        let inbox = self.folder.path().join("box/all/new");
        for _ in 0..300 {
            if fs::read_dir(&inbox).is_ok_and(|files| files.count() >= count) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let files = fs::read_dir(&inbox).unwrap();
        files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.master.id().to_string()).status();
        let _ = self.master.wait();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn configure(folder: &Path, package: &Path, lenient: u16, strict: u16) {
    let home = folder.display();
    let package = package.display();
    let queues = [
        "incoming", "active", "deferred", "hold", "defer", "bounce", "corrupt", "flush", "saved",
        "trace", "public", "maildrop", "private",
    ];
    fs::create_dir_all(folder.join("queue/pid")).unwrap();
    let mut owned = vec![folder.join("data")];
    owned.extend(queues.iter().map(|queue| folder.join("queue").join(queue)));
    for path in &owned {
        fs::create_dir_all(path).unwrap();
    }
    assert!(Command::new("chown").arg(MAIL_OWNER).args(&owned).status().unwrap().success());
    let mailbox = folder.join("box");
    fs::create_dir_all(&mailbox).unwrap();
    assert!(Command::new("chown").arg(BOX_OWNER).arg(&mailbox).status().unwrap().success());
    // Postfix drops its privileges and has to find its way back to the folder.
    assert!(Command::new("chmod").arg("755").arg(folder).status().unwrap().success());
    fs::create_dir_all(folder.join("conf")).unwrap();
    let main = format!(
        "compatibility_level = 3.6\n\
         queue_directory = {home}/queue\n\
         data_directory = {home}/data\n\
         command_directory = {package}/usr/sbin\n\
         daemon_directory = {package}/usr/lib/postfix/sbin\n\
         shlib_directory = {package}/usr/lib/postfix\n\
         import_environment = MAIL_CONFIG LD_LIBRARY_PATH={package}/usr/lib/postfix\n\
         mail_owner = {MAIL_OWNER}\n\
         default_privs = nobody\n\
         setgid_group = games\n\
         inet_interfaces = 127.0.0.1\n\
         inet_protocols = ipv4\n\
         myhostname = postfix.test\n\
         mydestination =\n\
         alias_maps =\n\
         virtual_mailbox_domains = example.net, xn--strae-oqa.example\n\
         virtual_mailbox_base = {home}/box\n\
         virtual_mailbox_maps = static:all/\n\
         virtual_uid_maps = static:{BOX_OWNER}\n\
         virtual_gid_maps = static:{BOX_OWNER}\n\
         smtpd_relay_restrictions = reject_unauth_destination\n\
         smtputf8_enable = yes\n\
         maillog_file = {home}/mail.log\n\
         maillog_file_prefixes = {home}\n"
    );
    fs::write(folder.join("conf/main.cf"), main).unwrap();
    let mut services = String::new();
    for (port, forbid) in [(lenient, "no"), (strict, "yes")] {
        services.push_str(&format!(
            "127.0.0.1:{port} inet n - n - - smtpd\n  -o smtpd_forbid_bare_newline={forbid}\n\
             \x20 -o smtpd_forbid_unauth_pipelining=yes\n"
        ));
    }
    services.push_str(
        "cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
         rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\n\
         defer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\n\
         proxymap unix - - n - - proxymap\nvirtual unix - n n - - virtual\n\
         error unix - - n - - error\nanvil unix - - n - 1 anvil\n\
         postlog unix-dgram n - n - 1 postlogd\n",
    );
    fs::write(folder.join("conf/master.cf"), services).unwrap();
}

/// Sends over a pool and returns what became of each message.
async fn send(port: u16, messages: &[Composed]) -> BTreeMap<u128, Outcome> {
    let mut server = server_at(port);
    let limit = Duration::from_secs(30);
    server.timeouts.greeting = limit;
    server.timeouts.envelope = limit;
    server.timeouts.final_dot = limit;
    let options = Options {
        server,
        connections_max: 2,
        messages_per_connection_max: 100,
        window: messages.len(),
        idle_timeout: Duration::from_secs(5),
        reopen_delay: Duration::from_millis(100),
    };
    let (pool, mut ended) = Pool::start(options, open_egress(), Arc::new(|_| false)).unwrap();
    let start_before = tokio::time::Instant::now() + Duration::from_secs(120);
    for message in messages {
        let message = message.clone();
        pool.submit(Posting { message, start_before, urgent: false }).await;
    }
    let mut outcomes = BTreeMap::new();
    while outcomes.len() < messages.len() {
        let end = ended.recv().await.unwrap();
        outcomes.insert(end.message.0, end.outcome.clone());
    }
    pool.close(Duration::from_secs(10)).await;
    outcomes
}

/// Waits until Postfix listens.
async fn ready(port: u16) {
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("Postfix does not listen");
}

#[tokio::test]
async fn postfix_delivers_what_we_composed_and_nothing_more() {
    let Some(postfix) = Postfix::start() else { return };
    ready(postfix.lenient).await;
    ready(postfix.strict).await;
    let signers = [
        Signer::new("example.com", "r1", Key::generate_rsa().unwrap()).unwrap(),
        Signer::new("example.com", "e1", Key::generate_ed25519().unwrap()).unwrap(),
    ];
    let mut messages = Vec::new();
    for number in 0..300u128 {
        let mut email = email(number);
        email.text = format!("line {number}\n.\n..two\nFrom me\n{}\n", "long ".repeat(300));
        if number % 7 == 0 {
            email.to.address = format!("j\u{f6}rg{number}@stra\u{df}e.example");
        }
        messages.push(compose(&email, &signers).unwrap());
    }
    let outcomes = send(postfix.strict, &messages).await;
    let is_accepted = |o: &Outcome| matches!(o, Outcome::Accepted { id: Some(_), .. });
    assert!(outcomes.values().all(is_accepted), "{outcomes:?}");
    let delivered = postfix.delivered(messages.len()).await;
    assert_eq!(delivered.len(), messages.len());
    for message in &messages {
        // A mailbox file has line feeds, and Postfix's own headers before ours.
        let sent = String::from_utf8(message.bytes.to_vec()).unwrap().replace("\r\n", "\n");
        let arrived = delivered.iter().filter(|file| file.ends_with(sent.as_bytes())).count();
        assert_eq!(arrived, 1, "{sent}");
    }

    let evil = |end: &str| {
        format!(
            "Subject: one\r\n\r\nfirst{end}MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.net>\r\n\
             DATA\r\nSubject: smuggled\r\n\r\nsecond\r\n"
        )
    };
    let ends =
        ["\n.\n", "\n.\r\n", "\r.\r\n", "\r.\r", "\r\n.\r", "\r\n.\n", "\r\n.\r\n", "\n\n.\n"];
    let bodies: Vec<Composed> = ends
        .iter()
        .enumerate()
        .map(|(place, end)| Composed {
            message: MessageId(1000 + place as u128),
            bytes: evil(end).into(),
            ..composed(0)
        })
        .collect();
    let mut total = delivered.len();
    for port in [postfix.lenient, postfix.strict] {
        let outcomes = send(port, &bodies).await;
        assert!(outcomes.values().all(is_accepted), "{outcomes:?}");
        total += bodies.len();
        assert_eq!(postfix.delivered(total).await.len(), total, "one message each");
    }
}
