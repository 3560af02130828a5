//! Real bounces: Postfix relays our mail to a next hop that refuses some of it, and reports to our
//! listener.
//!
//! `CAUCE_POSTFIX` names a folder into which the Debian package was unpacked; Postfix needs root.
//! Without either the test says that it did not run; with `CAUCE_OUTSIDE=1` that is a failure,
//! unless `CAUCE_WITHOUT=postfix` leaves it out.

use super::{address, free_port, suppressed};
use crate::world::*;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command};

struct Postfix {
    folder: tempfile::TempDir,
    master: Child,
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.folder.path().join("mail.log"));
            println!("Postfix said:\n{}", log.unwrap_or_default());
        }
        let _ = Command::new("kill").arg(self.master.id().to_string()).status();
        let _ = self.master.wait();
    }
}

/// Where a relay listens and sends what: what is for us to us, and the rest to the next hop.
pub struct Roads {
    /// Where it listens.
    port: u16,
    /// Where people's mail goes on.
    pub next_hop: u16,
    /// Where what returns is taken.
    pub ours: u16,
}

fn start(package: &Path, roads: &Roads) -> Postfix {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), package, roads);
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
    Postfix { folder, master }
}

fn configure(folder: &Path, package: &Path, roads: &Roads) {
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
    assert!(Command::new("chown").arg("www-data").args(&owned).status().unwrap().success());
    assert!(Command::new("chmod").arg("755").arg(folder).status().unwrap().success());
    fs::create_dir_all(folder.join("conf")).unwrap();
    let (home, package) = (folder.display(), package.display());
    let Roads { port, next_hop, ours } = roads;
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {home}/queue\ndata_directory = {home}/data\n\
         command_directory = {package}/usr/sbin\n\
         daemon_directory = {package}/usr/lib/postfix/sbin\n\
         shlib_directory = {package}/usr/lib/postfix\n\
         import_environment = MAIL_CONFIG LD_LIBRARY_PATH={package}/usr/lib/postfix\n\
         mail_owner = www-data\ndefault_privs = nobody\nsetgid_group = games\n\
         inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmyhostname = postfix.test\n\
         mydestination =\nalias_maps =\nmynetworks = 127.0.0.0/8\n\
         smtpd_relay_restrictions = permit_mynetworks, reject\n\
         smtp_dns_support_level = disabled\nsmtp_host_lookup = native\n\
         relayhost = [127.0.0.1]:{next_hop}\n\
         transport_maps = inline:{{ {{ shop.example = smtp:[127.0.0.1]:{ours} }} }}\n\
         delay_warning_time = 1s\nqueue_run_delay = 1s\nminimal_backoff_time = 1s\n\
         maximal_backoff_time = 2s\nmaillog_file = {home}/mail.log\n\
         maillog_file_prefixes = {home}\n"
    );
    fs::write(folder.join("conf/main.cf"), main).unwrap();
    let services = format!(
        "127.0.0.1:{port} inet n - n - - smtpd\ncleanup unix n - n - 0 cleanup\n\
         qmgr unix n - n 300 1 qmgr\nrewrite unix - - n - - trivial-rewrite\n\
         bounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\n\
         proxymap unix - - n - - proxymap\nsmtp unix - - n - - smtp\nerror unix - - n - - error\n\
         anvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\n\
         postlog unix-dgram n - n - 1 postlogd\n"
    );
    fs::write(folder.join("conf/master.cf"), services).unwrap();
}

#[test]
fn real_bounces_reach_the_right_people() {
    let Some(package) = counterpart::postfix("bounces of Postfix") else { return };
    reach_the_right_people(|roads| Some((start(&package, roads), roads.port)));
}

/// Lets a relay, and the port where it listens, take a campaign whose people a next hop refuses
/// for different reasons.
pub fn reach_the_right_people<R>(relay: impl FnOnce(&Roads) -> Option<(R, u16)>) {
    let say = |to: &str, _| match to {
        "p0@example.com" => Say::Recipient("550 5.1.1 <p0@example.com>: user unknown"),
        "p1@example.com" => Say::Recipient("554 5.7.1 blocked using rbl.example"),
        "p2@example.com" => Say::Recipient("450 4.2.0 try again later"),
        "p3@example.com" => Say::Recipient("552 5.2.2 mailbox full"),
        "p4@example.com" => Say::Dot("550 user unknown"),
        _ => Say::Take,
    };
    let sink = Sink::start(Script { say: Box::new(say), ..Script::default() });
    let roads = Roads { port: free_port(), next_hop: sink.port, ours: free_port() };
    let Some((_relay, port)) = relay(&roads) else { return };
    wait_for(PATIENCE, "the relay", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
    let cauce = Cauce::start(&format!("mail-listen = \"127.0.0.1:{}\"", roads.ours));
    cauce.apply(&shop(smtp(port)));
    people(&cauce, 6);
    let run = cauce.start_campaign("monthly");
    // The relay takes all of it; what the next hop says comes back later.
    assert_eq!(term(&cauce.done(run, PATIENCE), "sent"), 6);
    let said = |n: usize, word: &str| {
        wait_for(PATIENCE, &format!("`{word}` about {}", address(n)), || {
            let id = cauce.messages(&address(n))[0]["id"].as_str().unwrap().to_owned();
            let message = cauce.get(&format!("/v1/messages/{id}"));
            message["reports"].to_string().contains(word).then_some(())
        });
    };
    said(0, "invalid-recipient");
    said(1, "blocked");
    said(2, "delayed");
    said(3, "quota");
    said(4, "filtered");
    let reason = wait_for(PATIENCE, "the suppression", || suppressed(&cauce, 0));
    assert_eq!(reason, "hard-bounce");
    for n in 1..6 {
        assert_eq!(suppressed(&cauce, n), None, "{n}");
    }
    let metrics = cauce.ask("GET", "/metrics", "text/plain", b"").text;
    assert!(metrics.contains("mail bounce\"} 4"), "{metrics}");
    assert!(metrics.contains("mail stranger\"} 0"), "{metrics}");
}
