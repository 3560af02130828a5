//! Stores written by earlier versions: today's program opens each, finds what was in it, and works
//! on. `CAUCE_MAKE_FIXTURE=VERSION cargo test -p cauce-server --test upgrade` writes one.

use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Server {
    child: Child,
    port: u16,
    key: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something holds.
fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "{what} within a minute");
        std::thread::sleep(Duration::from_millis(50));
    }
}

impl Server {
    fn start(data: &Path) -> Server {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(env!("CARGO_BIN_EXE_cauce"))
            .arg("serve")
            .env("CAUCE_DATA", data.display().to_string())
            .env("CAUCE_LISTEN", format!("127.0.0.1:{port}"))
            .env("CAUCE_DEVELOPMENT", "true")
            .env("CAUCE_PARTITIONS", "4")
            .current_dir(data.parent().unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Server { child, port, key: String::new() };
        wait("ready", || server.ask("GET", "/readyz", None).is_some_and(|(s, _)| s == 200));
        server.key = std::fs::read_to_string(data.join("admin-key")).unwrap().trim().to_owned();
        server
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Option<(u16, Value)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let body = body.map(Value::to_string).unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: \
             application/json\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.get(9..12)?.parse().ok()?;
        let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
        Some((status, serde_json::from_str(body).unwrap_or_default()))
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, answer) = self.ask(method, path, body).expect("an answer");
        assert!(status < 300, "{method} {path}: {status} {answer}");
        answer
    }

    fn report(&self, event: Value) {
        self.call("POST", "/v1/events?applied=true", Some(&event));
    }

    /// Asks the server to end and waits: everything is written back.
    fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }

    fn facts(&self) -> Value {
        let profile = self.call("GET", "/v1/profiles/user_id/ana", None);
        let segments = self.call("GET", "/v1/segments", None);
        let runs = self.call("GET", "/v1/campaigns", None);
        let segments: Vec<_> = segments["segments"].as_array().unwrap().iter().collect();
        let run = &runs["runs"][0];
        json!({
            "aliases": profile["aliases"],
            "first_name": profile["attributes"]["first_name"]["value"],
            "consents": profile["consents"].as_array().map(Vec::len),
            "walks": profile["runs"].as_array().map(Vec::len),
            "orders": profile["timeline"].as_array().unwrap().iter()
                .filter(|event| event["name"] == "order_completed").count(),
            "segments": segments.iter().map(|s| json!([s["name"], s["members"]]))
                .collect::<Vec<_>>(),
            "campaign": [run["state"], run["balance"]["sent"], run["balance"]["refused"]],
            "beside": self.beside(),
            "shared": self.shared(),
        })
    }

    /// What others may know of whom, and of whom a merge made one.
    fn shared(&self) -> Value {
        let asked = |who: &str| match self.ask("GET", &format!("/v1/lookup?alias={who}"), None) {
            Some((200, found)) => {
                let names = |part: &str| found[part].as_object().map(|all| all.keys().collect());
                let segments: Option<Vec<_>> = names("segments");
                let attributes: Option<Vec<_>> = names("attributes");
                json!([found["profile"], segments, attributes, found["experiments"]])
            }
            Some((status, _)) => json!(status),
            None => Value::Null,
        };
        let members = self.ask("GET", "/v1/segments/buyers/members?shared=true", None);
        let without = "/v1/profiles/user_id/ana/identity?without=anonymous_id:x2";
        let parted = self.ask("GET", without, None).map(|(_, found)| {
            let away = &found["what_if"]["away"];
            json!([
                away["of"],
                away["aliases"],
                away["attributes"]["size"]["value"],
                away["events"]
            ])
        });
        json!({
            "ana": asked("user_id:ana"),
            "luis": asked("user_id:luis"),
            "buyers": members.map(|(_, found)| found["members"].clone()),
            "parted": parted,
        })
    }

    /// What earlier stores have not: a list, a device, texts and pushes, an event in quarantine.
    fn beside(&self) -> Value {
        let known = self.ask("GET", "/v1/lists/vip/members", None);
        let Some((200, list)) = known else { return Value::Null };
        let devices = self.call("GET", "/v1/profiles/user_id/ana/devices", None);
        let unfit = self.call("GET", "/v1/quarantine", None);
        let messages = self.call("GET", "/v1/messages?to=user_id:ana", None);
        let mut ended: Vec<_> = messages["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| json!([one["channel"], one["template"], one["state"]["state"]]).to_string())
            .collect();
        ended.sort_unstable();
        json!({
            "list": list["items"].as_array().map(Vec::len),
            "devices": devices["items"].as_array().map(Vec::len),
            "unfit": unfit["items"].as_array().unwrap().iter()
                .map(|one| one["event"]["id"].clone()).collect::<Vec<_>>(),
            "messages": ended,
        })
    }
}

fn stores() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/stores")
}

fn definitions() -> Value {
    let hello = "Hello {{ profile.first_name | default: 'you' }}";
    json!({ "definitions": {
        "topics": { "news": { "title": "News" },
                    "partners": { "title": "Partners", "about": "use",
                                  "consent-required": false } },
        "sharing": { "sharing": { "segments": ["buyers", "curious"], "purposes": ["partners"],
                                  "attributes": ["first_name"] } },
        "providers": { "inbox": { "channel": "email", "catch-all": {} },
                       "second": { "channel": "email", "catch-all": {} },
                       "texts": { "channel": "sms", "catch-all": {} },
                       "phones": { "channel": "push", "catch-all": {} } },
        "routes": { "mail": { "channel": "email",
                              "legs": [{ "provider": "inbox" }, { "provider": "second" }] } },
        "senders": { "shop": { "from": { "name": "Shop", "address": "hello@shop.example" },
                               "sms": { "from": "+34600000001" } } },
        "lists": { "vip": { "namespace": "user_id", "payload": { "tier": "string" } } },
        "schemas": { "parcel_sent": { "state": "locked",
                                      "properties": { "weight": "number" } } },
        "templates": {
            "news": { "topic": "news", "subject": "News", "text": hello },
            "text": { "channel": "sms", "text": "{{ event.code }}" },
            "push": { "channel": "push",
                      "push": { "title": "Parcel", "body": "{{ event.code }}" } },
            "code": { "subject": "Code", "text": "{{ event.code }}" } },
        "segments": {
            "buyers": { "rule": "count(order_completed) >= 1" },
            "lately": { "rule": "sum(order_completed.total, last 3650d) > 50" },
            "curious": { "rule": "distinct(order_completed.item, last 3650d) >= 2" },
            "dear": { "rule": "list \"vip\".tier = \"gold\" and reachable by push" },
            "quick": { "rule": "sequence(signed_up, then order_completed within 3650d)" },
            "big": { "rule": "computed.spent > 50 and last value(order_completed.item) exists" } },
        "attributes": { "spent": { "value": "sum(order_completed.total)" } },
        "namespaces": { "device": { "shared": true } },
        "experiments": { "button": { "arms": { "red": 1, "blue": 1 }, "outside": "red" } },
        "journeys": { "parcel": { "entry": { "event": "order_completed", "key": "item" },
                                  "policy": "once", "steps": [ { "wait": "3650d" } ] },
                      "hello": { "entry": { "event": "signed_up" },
                                 "steps": [ { "wait": "3650d" }, { "message": "news" } ] } },
        "campaigns": { "all": { "audience": ["buyers"], "template": "news" } },
    } })
}

/// Writes a store with one of everything.
fn make(version: &str) {
    let folder = stores().join(version);
    std::fs::create_dir_all(&folder).unwrap();
    let work = tempfile::tempdir().unwrap();
    let server = Server::start(&work.path().join("data"));
    server.call("POST", "/v1/definitions/apply", Some(&definitions()));
    let consents = json!([{ "topic": "news", "state": "granted", "source": "form" }]);
    server.report(json!({ "name": "signed_up", "user_id": "ana", "email": "ana@example.com",
                          "attributes": { "first_name": "Ana" }, "consents": consents }));
    server.report(json!({ "name": "order_completed", "user_id": "ana", "anonymous_id": "x1",
                          "properties": { "total": 60.5, "item": "kettle" } }));
    server.report(json!({ "name": "order_completed", "user_id": "ana",
                          "aliases": { "device": "tv" },
                          "properties": { "total": 1, "item": "apron" } }));
    server.report(json!({ "name": "order_completed", "user_id": "luis",
                          "email": "luis@example.com", "properties": { "total": 10 } }));
    // A kiosk's visitor turns out to be Ana; Luis wants nobody else to know of him.
    server.report(json!({ "name": "order_completed", "anonymous_id": "x2",
                          "attributes": { "size": "m" },
                          "properties": { "total": 2, "item": "soap" } }));
    server.report(json!({ "name": "signed_in", "user_id": "ana", "anonymous_id": "x2" }));
    let no = json!([{ "topic": "partners", "state": "withdrawn", "source": "form" }]);
    server.report(json!({ "name": "settings_saved", "user_id": "luis", "consents": no }));
    let row = json!([{ "user_id": "ana", "tier": "gold" }]);
    server.call("POST", "/v1/lists/vip", Some(&row));
    server.report(json!({ "name": "device_registered", "user_id": "ana",
                          "aliases": { "phone": "+34600112233" },
                          "properties": { "platform": "android", "token": "t1",
                                          "app": "com.shop" } }));
    server.report(json!({ "id": "heavy", "name": "parcel_sent", "user_id": "ana",
                          "properties": { "weight": "much" } }));
    for template in ["code", "text", "push"] {
        let wanted = json!({ "template": template, "to": { "user_id": "ana" },
                             "payload": { "code": 1 } });
        server.call("POST", "/v1/messages", Some(&wanted));
    }
    server.call("POST", "/v1/campaigns/all/start", None);
    wait("the campaign is done", || server.facts()["campaign"][0] == "done");
    let left = |facts: Value| facts["beside"]["messages"].to_string().matches("accepted").count();
    wait("everything has left", || left(server.facts()) == 4);
    server.report(json!({ "name": "signed_up", "user_id": "gone", "email": "gone@example.com" }));
    server.call("DELETE", "/v1/profiles/user_id/gone", None);
    let suppressed = json!({ "address": "luis@example.com", "reason": "desk" });
    server.call("POST", "/v1/suppressions", Some(&suppressed));
    let facts = server.facts();
    // Not ended in order: the log has a tail that the rows do not know.
    drop(server);
    std::fs::write(folder.join("facts.json"), format!("{facts:#}\n")).unwrap();
    let packed = Command::new("tar")
        .args(["--zstd", "--sparse", "-cf"])
        .arg(folder.join("store.tar.zst"))
        .arg("-C")
        .arg(work.path())
        .arg("data")
        .status();
    assert!(packed.expect("tar is installed").success());
}

/// Opens a store, compares, and works on it: a new order moves somebody, a message leaves.
fn open(folder: &Path) {
    let work = tempfile::tempdir().unwrap();
    let unpacked = Command::new("tar")
        .args(["--zstd", "-xf"])
        .arg(folder.join("store.tar.zst"))
        .arg("-C")
        .arg(work.path())
        .status();
    assert!(unpacked.expect("tar and zstd are installed").success());
    let server = Server::start(&work.path().join("data"));
    let expected = std::fs::read_to_string(folder.join("facts.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let facts = server.facts();
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&facts[name], value, "{name} of {}", folder.display());
    }
    server.report(json!({ "name": "order_completed", "user_id": "luis",
                          "properties": { "total": 100 } }));
    let lately = server.call("GET", "/v1/segments/lately/members", None);
    let mut members: Vec<&str> =
        lately["members"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["ana", "luis"]);
    if !expected["shared"].is_null() {
        assert_eq!(facts["shared"]["luis"], 404, "who said no is not shared");
        let no = json!([{ "topic": "partners", "state": "withdrawn", "source": "form" }]);
        server.report(json!({ "name": "settings_saved", "user_id": "ana", "consents": no }));
        assert_eq!(server.facts()["shared"]["ana"], 404, "nor who says it now");
    }
    let wanted =
        json!({ "template": "code", "to": { "user_id": "ana" }, "payload": { "code": 7 } });
    let id = server.call("POST", "/v1/messages", Some(&wanted))["id"].clone();
    let path = format!("/v1/messages/{}", id.as_str().unwrap());
    wait("the message leaves", || {
        let answer = server.ask("GET", &path, None);
        answer.is_some_and(|(_, message)| message["state"]["state"] == "accepted")
    });
    server.stop();
}

#[test]
fn stores_of_earlier_versions_open_and_serve() {
    if let Ok(version) = std::env::var("CAUCE_MAKE_FIXTURE") {
        make(&version);
    }
    let entries = std::fs::read_dir(stores()).unwrap();
    let folders: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("store.tar.zst").is_file())
        .collect();
    assert!(!folders.is_empty(), "there are no stores in {}", stores().display());
    for folder in folders {
        open(&folder);
    }
}
