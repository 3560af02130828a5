//! Exim as Debian packages it, unpacked and run without being installed, and without root: the
//! user that its package makes is one that only it sees.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// An Exim of our own in a temporary folder, on a port of loopback.
pub struct Exim {
    folder: tempfile::TempDir,
    daemon: Child,
    /// Its port.
    pub port: u16,
}

/// What it offers, and where it sends what.
pub struct Options<'o> {
    /// Offers SMTPUTF8.
    pub smtputf8: bool,
    /// Domains that it takes mail for, and the ports of loopback where it goes on.
    pub roads: &'o [(&'o str, u16)],
}

/// Who it is when the tests are root: it refuses to be that.
const OWNER: u32 = 12345;

impl Exim {
    /// Starts one, or says that it did not, which is a failure where it was promised.
    ///
    /// Mail for `example.net` and `xn--strae-oqa.example` is delivered, but for `gone@`; mail for
    /// `nowhere.example` is taken and has no way on; what goes on to `late.example` is given up
    /// after two seconds.
    pub fn start(options: &Options<'_>) -> Option<Exim> {
        let folder = std::env::var_os("CAUCE_EXIM").map(PathBuf::from);
        let lacking = "CAUCE_EXIM names no folder into which Exim was unpacked";
        let package = super::counterpart::found("exim", "relay through Exim", lacking, folder)?;
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let own = fs::metadata("/proc/self").unwrap();
        let (user, group) = if own.uid() == 0 { (OWNER, OWNER) } else { (own.uid(), own.gid()) };
        configure(folder.path(), &package, port, options);
        people(folder.path(), user, group);
        let daemon = command(folder.path(), &package).uid(user).gid(group).spawn().unwrap();
        let exim = Exim { folder, daemon, port };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(exim);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("Exim does not listen: {}", exim.log());
    }

    /// Where its messages lie.
    pub fn inbox(&self) -> PathBuf {
        self.folder.path().join("box/new")
    }

    /// What it wrote about what it did.
    pub fn log(&self) -> String {
        let files = ["main", "panic", "reject"].map(|name| self.folder.path().join(name));
        files.map(|file| fs::read_to_string(file).unwrap_or_default()).concat()
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
        if std::thread::panicking() {
            println!("Exim said:\n{}", self.log());
        }
    }
}

/// The folder of the package with the libraries, whatever the machine is.
fn libraries(package: &Path) -> PathBuf {
    let folders = fs::read_dir(package.join("usr/lib")).unwrap();
    let mut folders = folders.map(|folder| folder.unwrap().path());
    folders.find(|folder| folder.join("libnss_wrapper.so").is_file()).expect("libnss-wrapper")
}

fn command(folder: &Path, package: &Path) -> Command {
    let libraries = libraries(package);
    let mut command = Command::new(package.join("usr/sbin/exim4"));
    command
        .arg("-C")
        .arg(folder.join("exim.conf"))
        .args(["-bdf", "-q1s"])
        .env_clear()
        .env("LD_LIBRARY_PATH", &libraries)
        .env("LD_PRELOAD", libraries.join("libnss_wrapper.so"))
        .env("NSS_WRAPPER_PASSWD", folder.join("passwd"))
        .env("NSS_WRAPPER_GROUP", folder.join("group"))
        .stdin(Stdio::null());
    command
}

/// Says who `Debian-exim` is, whose name is compiled in, and gives the folder to that user.
fn people(folder: &Path, user: u32, group: u32) {
    for (name, line) in [
        ("passwd", format!("Debian-exim:x:{user}:{group}::/:/bin/false\n")),
        ("group", format!("Debian-exim:x:{group}:\n")),
    ] {
        let all = fs::read_to_string(format!("/etc/{name}")).unwrap();
        fs::write(folder.join(name), line + &all).unwrap();
    }
    for name in ["spool", "box"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    let owned = Command::new("chown").arg("-R").arg(format!("{user}:{group}")).arg(folder).status();
    assert!(owned.unwrap().success());
}

fn configure(folder: &Path, package: &Path, port: u16, options: &Options<'_>) {
    let (home, package) = (folder.display(), package.display());
    let utf8 = if options.smtputf8 { "*" } else { "" };
    let domains = options.roads.iter().map(|(domain, _)| format!(" : {domain}"));
    let domains = domains.collect::<String>();
    // It is not let to look up who calls or what signed: nobody but this machine is asked.
    let main = format!(
        "exim_path = {package}/usr/sbin/exim4\n\
         keep_environment = ^LD_ : ^NSS_WRAPPER_\n\
         primary_hostname = exim.test\n\
         spool_directory = {home}/spool\n\
         log_file_path = {home}/%s\n\
         pid_file_path = {home}/pid\n\
         local_interfaces = 127.0.0.1\n\
         daemon_smtp_ports = {port}\n\
         host_lookup =\n\
         dkim_verify_signers =\n\
         tls_advertise_hosts =\n\
         smtputf8_advertise_hosts = {utf8}\n\
         smtp_accept_max = 100\n\
         smtp_accept_queue_per_connection = 0\n\
         deliver_drop_privilege\n\
         delay_warning = 2s\n\
         delay_warning_condition = yes\n\
         domainlist ours = example.net : xn--strae-oqa.example\n\
         domainlist taken = +ours : nowhere.example{domains}\n\
         acl_smtp_rcpt = known\n\
         acl_smtp_data = accept\n\
         begin acl\n\
         known:\n\
         \x20 accept domains = +taken\n\
         \x20 deny message = relay not permitted\n"
    );
    let ways = ways(folder, options);
    fs::write(folder.join("exim.conf"), main + &ways).unwrap();
}

/// Where what was taken goes.
fn ways(folder: &Path, options: &Options<'_>) -> String {
    let home = folder.display();
    let roads = options.roads.iter().map(|(domain, port)| format!("{domain} 127.0.0.1::{port}"));
    let roads = roads.collect::<Vec<_>>().join(" ; ");
    let on = match options.roads {
        [] => String::new(),
        _ => format!(
            "on:\n\
             \x20 driver = manualroute\n\
             \x20 route_list = {roads}\n\
             \x20 self = send\n\
             \x20 transport = next\n"
        ),
    };
    format!(
        "begin routers\n\
         gone:\n\
         \x20 driver = redirect\n\
         \x20 domains = +ours\n\
         \x20 local_parts = gone\n\
         \x20 data = :fail: no such person here\n\
         \x20 allow_fail\n\
         here:\n\
         \x20 driver = accept\n\
         \x20 domains = +ours\n\
         \x20 transport = box\n\
         {on}\
         begin transports\n\
         box:\n\
         \x20 driver = appendfile\n\
         \x20 directory = {home}/box\n\
         \x20 maildir_format\n\
         next:\n\
         \x20 driver = smtp\n\
         \x20 allow_localhost\n\
         begin retry\n\
         late.example * F,2s,1s\n\
         * * F,1h,1s\n"
    )
}
