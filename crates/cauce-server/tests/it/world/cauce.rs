//! The process under test.

use super::http::{self, Answer};
use super::{PATIENCE, wait_for};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_cauce");

/// A command of the program without what the surroundings say to it.
pub fn command() -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CAUCE_")) {
        command.env_remove(name);
    }
    command
}

/// A running `cauce serve`; it is killed when it is dropped.
pub struct Cauce {
    /// Its folder: configuration, data, log.
    pub folder: tempfile::TempDir,
    /// Its port.
    pub port: u16,
    /// The key of its operator.
    pub key: String,
    child: Child,
    variables: Vec<(String, String)>,
}

/// A port that nobody has, and that nobody is given: below those that the system hands out for
/// connections and for port 0, each at most once per run.
pub fn free_port() -> u16 {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id() * 97 % 10_000;
    loop {
        let port = 20_000 + (first as u16 + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Cauce {
    /// Starts a process with more lines of configuration than the usual ones.
    pub fn start(more: &str) -> Cauce {
        Cauce::start_with(more, &[])
    }

    /// The same with variables for the process.
    pub fn start_with(more: &str, variables: &[(&str, &str)]) -> Cauce {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let private = if more.contains("egress-private") { "" } else { "egress-private = true" };
        let partitions = if more.contains("partitions") { "" } else { "partitions = 8" };
        let url = format!("public-url = \"http://127.0.0.1:{port}\"");
        let url = if more.contains("public-url") { "" } else { &url };
        let config = format!(
            "data = \"{}\"\nlisten = \"127.0.0.1:{port}\"\n\
             {url}\n{private}\n{partitions}\n{more}\n",
            folder.path().join("data").display()
        );
        std::fs::write(folder.path().join("cauce.toml"), config).unwrap();
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables: Vec<_> = variables.iter().map(own).collect();
        let child = spawn(folder.path(), &variables);
        let mut cauce = Cauce { folder, port, key: String::new(), child, variables };
        cauce.ready();
        cauce.key = std::fs::read_to_string(cauce.data().join("admin-key")).unwrap();
        cauce
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("cauce.toml")
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What the process has said.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("said")).unwrap_or_default()
    }

    /// Waits until the process is ready.
    fn ready(&mut self) {
        wait_for(PATIENCE, "readiness", || {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the process ended with {status}:\n{}", self.said());
            }
            let answer = http::ask(self.port, "GET", "/readyz", &[], b"").ok()?;
            (answer.status == 200).then_some(())
        });
    }

    /// Kills the process as a loss of power would, as far as the process is concerned.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to end (SIGTERM) and waits; its exit code.
    pub fn end(&mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success());
        self.child.wait().unwrap().code()
    }

    /// Starts the process again, which was killed or has ended, and waits until it is ready.
    pub fn again(&mut self) {
        // Else the old one answers for the new one, which cannot open the folder and ends.
        assert!(self.child.try_wait().unwrap().is_some(), "the process still runs");
        self.child = spawn(self.folder.path(), &self.variables);
        self.ready();
    }

    /// The same, and its controlled clock starts here.
    pub fn again_at(&mut self, now: &str) {
        self.variables.retain(|(name, _)| name != "CAUCE_TEST_CLOCK");
        self.variables.push(("CAUCE_TEST_CLOCK".to_owned(), now.to_owned()));
        self.again();
    }

    /// Asks with the operator's key.
    pub fn ask(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        http::ask(self.port, method, path, &headers, body)
            .unwrap_or_else(|why| panic!("{method} {path}: {why}\n{}", self.said()))
    }

    /// Asks without a key, as people and their mail programs do.
    pub fn open(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        http::ask(self.port, method, path, &[("content-type", kind)], body).unwrap()
    }

    /// What is at a path.
    pub fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, "application/json", b"");
        assert_eq!(answer.status, 200, "GET {path}: {answer:?}");
        answer.json()
    }

    /// Posts JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, "application/json", body.to_string().as_bytes())
    }

    /// Reports events, one per line.
    pub fn report(&self, lines: &str, query: &str) -> Answer {
        let path = format!("/v1/events{query}");
        self.ask("POST", &path, "application/x-ndjson", lines.as_bytes())
    }

    /// Publishes definitions.
    pub fn apply(&self, definitions: &Value) {
        let answer = self.post("/v1/definitions/apply", definitions);
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Starts a campaign; the run's number.
    pub fn start_campaign(&self, name: &str) -> u64 {
        let answer = self.post(&format!("/v1/campaigns/{name}/start"), &Value::Null);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["run"].as_u64().unwrap()
    }

    /// A run with its balance.
    pub fn run(&self, run: u64) -> Value {
        self.get(&format!("/v1/campaigns/runs/{run}"))
    }

    /// Waits until a run is done.
    pub fn done(&self, run: u64, limit: Duration) -> Value {
        wait_for(limit, &format!("run {run} done"), || {
            let shown = self.run(run);
            (shown["state"] == "done").then_some(shown)
        })
    }

    /// The messages to an address, newest first.
    pub fn messages(&self, address: &str) -> Vec<Value> {
        let shown = self.get(&format!("/v1/messages?to=email:{address}"));
        shown["messages"].as_array().unwrap().clone()
    }

    /// Asks for a transactional message; its id.
    pub fn send(&self, body: &Value) -> String {
        let answer = self.post("/v1/messages", body);
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Waits until a message is in a state; the message.
    pub fn message_in(&self, id: &str, state: &str) -> Value {
        let mut last = String::new();
        let deadline = std::time::Instant::now() + PATIENCE;
        while std::time::Instant::now() < deadline {
            let answer = self.ask("GET", &format!("/v1/messages/{id}"), "application/json", b"");
            if answer.status == 200 && answer.json()["state"]["state"] == state {
                return answer.json();
            }
            last = answer.text;
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("{id} is not {state}: {last}");
    }
}

fn spawn(folder: &Path, variables: &[(String, String)]) -> Child {
    let said = folder.join("said");
    let said = std::fs::OpenOptions::new().create(true).append(true).open(said).unwrap();
    command()
        .arg("serve")
        .arg("--config")
        .arg(folder.join("cauce.toml"))
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said)
        .spawn()
        .unwrap()
}

impl Drop for Cauce {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = self.said();
            let tail: Vec<_> = said.lines().rev().take(20).collect();
            println!("the process said:");
            tail.iter().rev().for_each(|line| println!("  {line}"));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
