//! The real process, the scripts beside it, and the least of an HTTP client.

pub mod record;

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const CAUCE: &str = env!("CARGO_BIN_EXE_cauce");
const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// What the tests need and do not bring along: the file and a Python. Nothing after saying so.
pub fn outside(test: &str) -> Option<(PathBuf, String)> {
    let shared = std::env::var_os("CAUCE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(HERE).join("../../../shared"));
    let file = shared.join("data/online-retail.csv.zst");
    let python = std::env::var("CAUCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = ["-c", "import aiosmtpd, pandas, zstandard"];
    let has = Command::new(&python).args(probe).stderr(Stdio::null()).status();
    let missing = if !file.is_file() {
        "the shared data `online-retail.csv.zst` is not there"
    } else if !has.is_ok_and(|status| status.success()) {
        "CAUCE_PYTHON lacks what crates/cauce-server/tests/outside/requirements.txt lists"
    } else {
        return Some((file, python));
    };
    let text = format!("not run: {test}: {missing}");
    // The data lies beside the project, or does not; programs are installed by the test command.
    let promised = if file.is_file() { "CAUCE_OUTSIDE" } else { "CAUCE_SHARED" };
    assert!(std::env::var_os(promised).is_none(), "{text}");
    println!("{text}");
    None
}

/// Runs the oracle and reads what it says.
pub fn oracle(python: &str, arguments: &[&str], out: &Path) -> Value {
    let script = format!("{HERE}/tests/outside/retail_oracle.py");
    let ran = Command::new(python).arg(script).args(arguments).status().unwrap();
    assert!(ran.success(), "the oracle failed");
    serde_json::from_slice(&std::fs::read(out.join("plan.json")).unwrap()).unwrap()
}

/// The example's files, with another provider.
pub fn definitions(into: &Path, provider: &str) {
    copy(&Path::new(HERE).join("../../examples/retail"), into);
    std::fs::write(into.join("providers/mail.yaml"), provider).unwrap();
}

fn copy(from: &Path, into: &Path) {
    std::fs::create_dir_all(into).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = into.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A mail server that somebody else wrote.
pub struct Sink {
    child: Child,
    /// Its port.
    pub port: u16,
}

impl Sink {
    pub fn start(python: &str, record: &Path) -> Sink {
        let mut child = Command::new(python)
            .arg(format!("{HERE}/tests/outside/retail_sink.py"))
            .arg(record)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let port = first.trim().parse().expect("the script says its port");
        Sink { child, port }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A running `cauce serve`.
pub struct Server {
    child: Child,
    port: u16,
    key: String,
    /// Its data directory.
    pub data: PathBuf,
}

impl Server {
    /// Starts with a controlled clock.
    pub fn start(data: &Path, clock: &str) -> Server {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(CAUCE)
            .arg("serve")
            .current_dir(data.parent().unwrap())
            .env("CAUCE_DATA", data)
            .env("CAUCE_LISTEN", free.to_string())
            .env("CAUCE_PUBLIC_URL", format!("http://{free}"))
            .env("CAUCE_PARTITIONS", "8")
            .env("CAUCE_DEVELOPMENT", "true")
            .env("CAUCE_EGRESS_PRIVATE", "true")
            .env("CAUCE_TEST_CLOCK", clock)
            .env("CAUCE_LOG", "error")
            .spawn()
            .unwrap();
        let (port, data) = (free.port(), data.to_owned());
        let mut server = Server { child, port, key: String::new(), data };
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(free).is_err() {
            assert!(Instant::now() < deadline, "the server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        let key = std::fs::read_to_string(server.data.join("admin-key")).unwrap();
        server.key = key.trim().to_owned();
        server
    }

    /// Asks, with the status and the body as they come.
    pub fn ask(&self, method: &str, path: &str, kind: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        // HTTP/1.0: the body ends with the connection, so that nothing has to be decoded.
        let head = format!(
            "{method} {path} HTTP/1.0\r\nAuthorization: Bearer {}\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n",
            self.key,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// Asks for JSON.
    pub fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, "application/json", "");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Asks for something to be done.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask("POST", path, "application/json", &body.to_string());
        assert!(status < 300, "{path}: {status} {answer}");
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// Reports events, one a line.
    pub fn report(&self, events: &str, historical: bool) {
        let count = events.lines().count();
        let lines: Vec<&str> = events.lines().collect();
        for part in lines.chunks(500) {
            let path = format!("/v1/events?historical={historical}");
            let (status, answer) =
                self.ask("POST", &path, "application/x-ndjson", &part.join("\n"));
            assert_eq!(status, 202, "{answer}");
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(answer["accepted"], part.len(), "of {count}: {answer}");
        }
    }

    /// Sets the clock; everything that is due then, and all that was reported, is decided.
    pub fn clock(&self, now: &Value) {
        self.post("/v1/clock", &serde_json::json!({ "now": now }));
    }

    /// Runs the command line against it.
    pub fn command(&self, arguments: &[&str]) -> Output {
        self.spawn(arguments).wait_with_output().unwrap()
    }

    /// Starts the command line against it.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        Command::new(CAUCE)
            .args(arguments)
            .env("CAUCE_SERVER", format!("http://127.0.0.1:{}", self.port))
            .env("CAUCE_KEY", &self.key)
            .current_dir(self.data.parent().unwrap())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Publishes a directory.
    pub fn apply(&self, directory: &Path) {
        succeeded(&self.command(&["apply", directory.to_str().unwrap()]));
    }

    /// Imports a file with the example's mapping; says what it says.
    pub fn import(&self, file: &Path, more: &[&str]) -> Value {
        let map = format!("{HERE}/../../examples/retail/import.yaml");
        let mut arguments = vec!["--json", "import", file.to_str().unwrap(), "--map", &map];
        arguments.extend(more);
        let output = self.command(&arguments);
        succeeded(&output);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Ends it as an operator would, and waits.
    pub fn stop(mut self) -> PathBuf {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "it did not end well");
        self.data.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that went well, with what it printed.
pub fn succeeded(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// What `cauce log …` says of a stopped server.
pub fn log(data: &Path, what: &[&str]) -> String {
    let data = ["--data", data.to_str().unwrap()];
    let output = Command::new(CAUCE).arg("log").args(what).args(data).output().unwrap();
    succeeded(&output)
}
