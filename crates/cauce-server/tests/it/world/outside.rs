//! Other people's programs that run beside the process: moto as an S3-compatible store, and what
//! every such program needs.

use super::cauce::free_port;
use super::{PATIENCE, wait_for};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A program that is ended when it is dropped.
pub struct Running(Child);

impl Running {
    /// Starts it, and waits until it listens.
    pub fn start(command: &mut Command, port: u16) -> Running {
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        let running = Running(quiet.spawn().unwrap());
        wait_for(PATIENCE, "a server", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        running
    }

    /// Asks it to end (SIGTERM) and waits.
    pub fn end(mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        assert!(asked.success());
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The Python of the tests.
pub fn python() -> String {
    std::env::var("CAUCE_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Says that something is not there, and fails where it has to be.
pub fn absent(what: &str) {
    let text = format!("not run: {what} is not there; `cargo xtask test` installs it");
    assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
    println!("{text}");
}

/// A bucket `shop` of a server of moto's.
pub struct Bucket {
    url: String,
    _moto: Running,
}

impl Bucket {
    /// Variables of a process that may open it.
    pub const KEYS: [(&str, &str); 2] = [("CAUCE_S3_KEY", "k"), ("CAUCE_S3_SECRET", "s")];

    /// Starts one, or says that it cannot run here.
    pub fn start() -> Option<Bucket> {
        let needs = "import moto.server,boto3,cryptography,pyarrow,pyroaring";
        let probe = Command::new(python()).args(["-c", needs]).output();
        if !probe.is_ok_and(|output| output.status.success()) {
            absent("moto, or a reader of what lies in a bucket,");
            return None;
        }
        let port = free_port();
        let mut server = Command::new(python());
        server.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
        let moto = Running::start(&mut server, port);
        let bucket = Bucket { url: format!("http://127.0.0.1:{port}"), _moto: moto };
        bucket.script("s.create_bucket(Bucket='shop')", &[]);
        Some(bucket)
    }

    /// Where a definition finds it.
    pub fn store(&self, prefix: &str) -> Value {
        json!({ "endpoint": self.url, "bucket": "shop", "prefix": prefix, "path-style": true,
                "access-key": "env:CAUCE_S3_KEY", "secret-key": "env:CAUCE_S3_SECRET" })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a script of Python that has Amazon's own client as `s`; what it prints.
    pub fn script(&self, text: &str, arguments: &[&str]) -> String {
        let client = "import sys,boto3\ns=boto3.client('s3',endpoint_url=sys.argv[1],\
            region_name='us-east-1',aws_access_key_id='k',aws_secret_access_key='s')\n";
        let mut command = Command::new(python());
        command.args(["-c", &format!("{client}{text}"), &self.url]).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Puts a file into it.
    pub fn put(&self, key: &str, file: &Path) {
        let text = "s.upload_file(sys.argv[2],'shop',sys.argv[3])";
        self.script(text, &[file.to_str().unwrap(), key]);
    }

    /// What lies at a key.
    pub fn get(&self, key: &str) -> String {
        let text = "b=s.get_object(Bucket='shop',Key=sys.argv[2])['Body'].read()\n\
            sys.stdout.buffer.write(b)";
        self.script(text, &[key])
    }

    /// All keys below a prefix.
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        let text = "for o in s.list_objects_v2(Bucket='shop',Prefix=sys.argv[2])\
            .get('Contents',[]):\n  print(o['Key'])";
        self.script(text, &[prefix]).lines().map(str::to_owned).collect()
    }
}
