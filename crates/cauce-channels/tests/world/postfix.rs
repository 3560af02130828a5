//! Postfix as Debian packages it, unpacked and run without being installed.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

/// A Postfix of our own in a temporary folder, on two ports of loopback.
pub struct Postfix {
    folder: tempfile::TempDir,
    master: Child,
    /// Takes a bare line feed for a line end, as servers did before smuggling was known.
    pub lenient: u16,
    /// Refuses a bare line feed.
    pub strict: u16,
}

const MAIL_OWNER: &str = "www-data";
const BOX_OWNER: &str = "12345";

impl Postfix {
    /// Starts one, or says that it did not, which is a failure where it was promised.
    pub fn start() -> Option<Postfix> {
        Postfix::start_with("", &[])
    }

    /// Starts one with further lines of `main.cf` and further files of its folder (`{home}` in the
    /// lines stands for it).
    pub fn start_with(lines: &str, files: &[(&str, &str)]) -> Option<Postfix> {
        let package = super::counterpart::postfix("relay through Postfix")?;
        let folder = tempfile::tempdir().unwrap();
        let [lenient, strict] = [free_port(), free_port()];
        configure(folder.path(), &package, lenient, strict, lines);
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
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

    /// Where its messages lie.
    pub fn inbox(&self) -> PathBuf {
        self.folder.path().join("box/all/new")
    }

    /// Waits until this many messages lie in the mailbox, and a little longer for one too many.
    pub async fn delivered(&self, count: usize) -> Vec<Vec<u8>> {
        super::delivered(&self.inbox(), count).await
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.master.id().to_string()).status();
        let _ = self.master.wait();
    }
}

/// A port of loopback that nobody has.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn configure(folder: &Path, package: &Path, lenient: u16, strict: u16, lines: &str) {
    let home = folder.display();
    let lines = lines.replace("{home}", &home.to_string());
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
         maillog_file_prefixes = {home}\n\
         {lines}"
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

/// Waits until Postfix listens.
pub async fn ready(port: u16) {
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("Postfix does not listen");
}
