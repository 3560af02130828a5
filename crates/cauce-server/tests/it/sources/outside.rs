//! Other people's servers: moto as an S3-compatible store, and NATS itself.

use super::*;
use std::process::{Child, Command, Stdio};

/// A program that is ended when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn listens(port: u16) {
    wait_for(PATIENCE, "a server", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
}

fn python() -> String {
    std::env::var("CAUCE_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Says that something is not there, and fails where it has to be.
fn absent(what: &str) {
    let text = format!("not run: {what} is not there; `cargo xtask test` installs it");
    assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
    println!("{text}");
}

fn script(text: &str, arguments: &[&str]) -> String {
    let output = Command::new(python()).args(["-c", text]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const S3: &str = "import sys,boto3\ns=boto3.client('s3',endpoint_url=sys.argv[1],\
    region_name='us-east-1',aws_access_key_id='k',aws_secret_access_key='s')\n";

#[test]
fn a_bucket_is_read_and_written() {
    let probe = Command::new(python()).args(["-c", "import moto.server,boto3,pyarrow"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return absent("moto");
    }
    let port = free_port();
    let mut server = Command::new(python());
    server.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
    let _moto = Running(server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    listens(port);
    let url = format!("http://127.0.0.1:{port}");
    let put = "s.create_bucket(Bucket='shop')\n\
        import pyarrow as a,pyarrow.parquet as p,io,datetime as d\n\
        at=d.datetime(2026,1,2,tzinfo=d.timezone.utc)\n\
        t=a.table({'who':['u1','u2'],'at':[at]*2})\n\
        b=io.BytesIO();p.write_table(t,b)\n\
        s.put_object(Bucket='shop',Key='in/a b+c.parquet',Body=b.getvalue())\n\
        s.put_object(Bucket='shop',Key='in/bad.parquet',Body=b'PAR1 no')\n\
        s.put_object(Bucket='shop',Key='in/deeper/x.parquet',Body=b'x')\n";
    script(&format!("{S3}{put}"), &[&url]);
    let cauce = Cauce::start_with("", &[("CAUCE_S3_KEY", "k"), ("CAUCE_S3_SECRET", "s")]);
    let store = |prefix: &str| {
        json!({ "endpoint": url, "bucket": "shop", "prefix": prefix, "path-style": true,
                "access-key": "env:CAUCE_S3_KEY", "secret-key": "env:CAUCE_S3_SECRET" })
    };
    cauce.apply(&json!({ "definitions": {
        "segments": { "buyers": { "rule": "count(bought) >= 1" } },
        "sources": { "orders": { "store": store("in/"), "pattern": "*.parquet", "every": "5s",
                                 "mapping": mapping() } } } }));
    let all = files(&cauce, 2);
    assert_eq!(of(&all, "a b+c.parquet")["counts"]["accepted"], 2, "{all:?}");
    assert_eq!(of(&all, "bad.parquet")["state"], "failed", "{all:?}");
    wait_for(PATIENCE, "both in the segment", || {
        (cauce.get("/v1/segments/buyers")["members"] == 2).then_some(())
    });
    cauce.apply(&json!({ "definitions": { "destinations": { "lake": { "segments": ["buyers"],
        "bucket": { "store": store("out/"), "every": "1000d" } } } } }));
    let list = format!(
        "{S3}print(*[o['Key'] for o in s.list_objects_v2(Bucket='shop',\
        Prefix='out/').get('Contents',[])],sep='\\n')"
    );
    let keys = wait_for(PATIENCE, "a snapshot", || {
        let keys = script(&list, &[&url]);
        keys.contains("out/lake/latest").then_some(keys)
    });
    assert!(keys.contains("out/lake/00000001/manifest.json\n"), "{keys}");
    let read = format!(
        "{S3}print(s.get_object(Bucket='shop',Key='out/lake/00000001/buyers.csv')['Body'].read()\
         .decode())"
    );
    let rows = script(&read, &[&url]);
    assert!(rows.contains("u1") && rows.contains("u2"), "{rows}");
    assert!(!cauce.data().join("destinations/lake/outgoing").exists());
}

#[test]
fn a_stream_is_taken_and_told() {
    let beside = Path::new(&python()).with_file_name("nats-server");
    let program = std::env::var("CAUCE_NATS").map_or(beside, Into::into);
    if !Command::new(&program).arg("--version").output().is_ok_and(|o| o.status.success()) {
        return absent("nats-server");
    }
    let (port, kept) = (free_port(), tempfile::tempdir().unwrap());
    let mut server = Command::new(program);
    server.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"]).arg(kept.path());
    let _nats = Running(server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    listens(port);
    let nats = Talk::new(port);
    nats.stream("EVENTS", "shop.>");
    nats.stream("AUDIENCE", "audience.>");
    let bought = json!({ "name": "bought", "user_id": "u1" }).to_string();
    nats.publish("shop.events", "one", &bought);
    nats.publish("shop.events", "two", "no event");
    nats.publish("shop.events", "three", &bought.replace("u1", "u2"));
    // The same name in another stream is another message.
    nats.stream("OTHER", "other.>");
    nats.publish("other.events", "one", &bought.replace("u1", "u3"));
    let cauce = Cauce::start("");
    let url = json!({ "url": format!("nats://127.0.0.1:{port}") });
    cauce.apply(&json!({ "definitions": {
        "segments": { "buyers": { "rule": "count(bought) >= 1" } },
        "destinations": { "bus": { "segments": ["buyers"],
            "nats": { "server": url, "subject": "audience.{segment}" } } } } }));
    cauce.apply(&json!({ "definitions": { "sources": { "orders": { "live": true,
        "nats": { "server": url, "stream": "EVENTS", "subject": "shop.events",
                  "reject-subject": "shop.bad" } },
        "others": { "live": true, "nats": { "server": url, "stream": "OTHER",
                    "subject": "other.events", "reject-subject": "shop.bad" } } } } }));
    wait_for(PATIENCE, "three messages", || {
        let one = cauce.get("/v1/sources/orders");
        (one["standing"]["messages"]["accepted"] == 2
            && one["standing"]["messages"]["rejected"] == 1)
            .then_some(())
    });
    assert_eq!(nats.messages("EVENTS"), 4, "the bad one is kept with its reason");
    wait_for(PATIENCE, "three changes", || (nats.messages("AUDIENCE") == 3).then_some(()));
    let shown = cauce.get("/v1/profiles/user_id/u1");
    assert_eq!(shown["timeline"].as_array().unwrap().len(), 1, "{shown}");
}

/// Speaks enough of NATS to be the other side: one connection a question.
struct Talk(u16);

impl Talk {
    fn new(port: u16) -> Talk {
        Talk(port)
    }

    fn ask(&self, subject: &str, id: &str, body: &str) -> String {
        use std::io::{BufRead as _, BufReader, Read as _, Write as _};
        let stream = std::net::TcpStream::connect(("127.0.0.1", self.0)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut to = stream.try_clone().unwrap();
        let head = format!("NATS/1.0\r\nNats-Msg-Id: {id}\r\n\r\n");
        let (most, all) = (head.len(), head.len() + body.len());
        write!(
            to,
            "CONNECT {{\"verbose\":false,\"headers\":true}}\r\nSUB in.1 1\r\n\
             HPUB {subject} in.1 {most} {all}\r\n{head}{body}\r\n"
        )
        .unwrap();
        let mut from = BufReader::new(stream);
        loop {
            let mut line = String::new();
            from.read_line(&mut line).unwrap();
            if line.starts_with("MSG") || line.starts_with("HMSG") {
                let length = line.split_whitespace().last().unwrap().parse().unwrap();
                let mut payload = vec![0; length];
                from.read_exact(&mut payload).unwrap();
                return String::from_utf8(payload).unwrap();
            }
        }
    }

    fn stream(&self, name: &str, subjects: &str) {
        let body = json!({ "name": name, "subjects": [subjects], "storage": "file" });
        let said = self.ask(&format!("$JS.API.STREAM.CREATE.{name}"), "", &body.to_string());
        assert!(!said.contains("\"error\""), "{said}");
    }

    fn publish(&self, subject: &str, id: &str, body: &str) {
        let said = self.ask(subject, id, body);
        assert!(said.contains("\"seq\""), "{said}");
    }

    fn messages(&self, stream: &str) -> u64 {
        let said = self.ask(&format!("$JS.API.STREAM.INFO.{stream}"), "", "");
        let said: Value = serde_json::from_str(&said).unwrap();
        said["state"]["messages"].as_u64().unwrap()
    }
}
