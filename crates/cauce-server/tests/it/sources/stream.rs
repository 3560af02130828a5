//! A stream of NATS, whose server is not ours: what is taken from it, what it is told, and what it
//! was to be told while it was away.

use super::*;
use crate::world::cauce::free_port;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

/// A server of NATS that keeps its streams in a folder, and is spoken to as far as tests need it:
/// one connection a question.
struct Nats {
    program: PathBuf,
    port: u16,
    kept: tempfile::TempDir,
    running: Option<Running>,
    login: Login,
}

/// How a server wants to know who asks: its own words, and a client's.
#[derive(Clone, Copy, Default)]
struct Login {
    words: &'static [&'static str],
    connect: &'static str,
}

impl Nats {
    /// Starts one, or says that it cannot run here.
    fn start() -> Option<Nats> {
        Nats::start_with(Login::default())
    }

    /// The same, and it asks who one is.
    fn start_with(login: Login) -> Option<Nats> {
        let beside = Path::new(&python()).with_file_name("nats-server");
        let program = std::env::var("CAUCE_NATS").map_or(beside, Into::into);
        if !Command::new(&program).arg("--version").output().is_ok_and(|o| o.status.success()) {
            absent("nats-server");
            return None;
        }
        let (port, kept) = (free_port(), tempfile::tempdir().unwrap());
        let mut nats = Nats { program, port, kept, running: None, login };
        nats.again();
        Some(nats)
    }

    /// Starts it once more, where it was and with what it kept.
    fn again(&mut self) {
        let mut server = Command::new(&self.program);
        server.args(["-a", "127.0.0.1", "-p", &self.port.to_string(), "-js", "-sd"]);
        server.arg(self.kept.path()).args(self.login.words);
        self.running = Some(Running::start(&mut server, self.port));
    }

    /// Ends it.
    fn end(&mut self) {
        self.running.take().unwrap().end();
    }

    /// Where a definition finds it.
    fn server(&self) -> Value {
        json!({ "url": format!("nats://127.0.0.1:{}", self.port) })
    }

    fn ask(&self, subject: &str, id: &str, body: &str) -> String {
        use std::io::{BufRead as _, BufReader, Read as _, Write as _};
        let stream = std::net::TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut to = stream.try_clone().unwrap();
        let head = format!("NATS/1.0\r\nNats-Msg-Id: {id}\r\n\r\n");
        let (most, all) = (head.len(), head.len() + body.len());
        write!(
            to,
            "CONNECT {{{}\"verbose\":false,\"headers\":true}}\r\nSUB in.1 1\r\n\
             HPUB {subject} in.1 {most} {all}\r\n{head}{body}\r\n",
            self.login.connect
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

    /// A message of a stream by its place: its headers, and what it says.
    fn message(&self, stream: &str, place: u64) -> (String, Value) {
        let body = json!({ "seq": place }).to_string();
        let said = self.ask(&format!("$JS.API.STREAM.MSG.GET.{stream}"), "", &body);
        let said: Value = serde_json::from_str(&said).unwrap();
        let part = |name: &str| {
            let text = said["message"][name].as_str().unwrap_or_else(|| panic!("{said}"));
            String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
        };
        (part("hdrs"), serde_json::from_str(&part("data")).unwrap())
    }
}

#[test]
fn a_stream_is_taken_and_told() {
    let Some(nats) = Nats::start() else { return };
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
    let url = nats.server();
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

/// A source of the stream `EVENTS` of a server.
fn taking(server: &Value) -> Value {
    json!({ "definitions": { "sources": { "orders": { "live": true,
        "nats": { "server": server, "stream": "EVENTS", "subject": "shop.events",
                  "reject-subject": "shop.bad" } } } } })
}

#[test]
fn a_server_that_asks_who_one_is_is_told() {
    let token =
        Login { words: &["--auth", "hush-token"], connect: r#""auth_token":"hush-token","# };
    let pair = Login {
        words: &["--user", "shop", "--pass", "hush-word"],
        connect: r#""user":"shop","pass":"hush-word","#,
    };
    for (login, more) in [
        (token, json!({ "token": "vault:word" })),
        (pair, json!({ "name": "shop", "password": "vault:word" })),
    ] {
        let Some(nats) = Nats::start_with(login) else { return };
        nats.stream("EVENTS", "shop.>");
        let bought = json!({ "name": "bought", "user_id": "u1" }).to_string();
        nats.publish("shop.events", "one", &bought);
        let cauce = Cauce::start("");
        let set = |word: &str| {
            let value = json!({ "value": word }).to_string();
            let path = "/v1/secrets/word";
            let answer = cauce.ask("PUT", path, "application/json", value.as_bytes());
            assert!(answer.status < 300, "{answer:?}");
        };
        set("a-wrong-word");
        let mut server = nats.server();
        server.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        cauce.apply(&taking(&server));
        // Who is wrong is told so, and not by the secret.
        let trouble = wait_for(PATIENCE, "a no", || {
            let one = cauce.get("/v1/sources/orders");
            one["standing"]["trouble"].as_str().map(str::to_owned)
        });
        assert!(!trouble.contains("a-wrong-word"), "{trouble}");
        set(login.words.last().unwrap());
        wait_for(PATIENCE, "the message", || {
            let one = cauce.get("/v1/sources/orders");
            (one["standing"]["messages"]["accepted"] == 1).then_some(())
        });
        assert!(!cauce.said().contains("hush-"), "{}", cauce.said());
    }
}

/// Between the moment at which an event is durable and the one at which the server is told so
/// lies a kill: the message comes once more, and is known by its id.
#[test]
fn a_kill_while_a_stream_is_taken_loses_nothing_and_doubles_nothing() {
    const EACH: usize = 30;
    let Some(nats) = Nats::start() else { return };
    nats.stream("EVENTS", "shop.>");
    for n in 0..PEOPLE * EACH {
        let event = json!({ "name": "bought", "user_id": format!("u{}", n % PEOPLE) });
        nats.publish("shop.events", &format!("m{n}"), &event.to_string());
    }
    let mut cauce = Cauce::start("");
    cauce.apply(&taking(&nats.server()));
    let taken = |cauce: &Cauce| -> usize {
        let events = |n| {
            let path = format!("/v1/profiles/user_id/u{n}");
            let answer = cauce.ask("GET", &path, "", b"");
            if answer.status != 200 {
                return 0;
            }
            answer.json()["timeline"].as_array().unwrap().len()
        };
        (0..PEOPLE).map(events).sum()
    };
    let mut kills = 0;
    let mut before = 0;
    wait_for(PATIENCE * 2, "all of it", || {
        let now = taken(&cauce);
        if now > before && now < PEOPLE * EACH {
            (before, kills) = (now, kills + 1);
            cauce.kill();
            cauce.again();
        }
        (now >= PEOPLE * EACH).then_some(())
    });
    assert!(kills > 0, "it was over before anybody killed anything");
    // What was told late, or twice, would come now.
    nats.publish("shop.events", "last", &json!({ "name": "last", "user_id": "z" }).to_string());
    wait_for(PATIENCE, "the last", || {
        (cauce.ask("GET", "/v1/profiles/user_id/z", "", b"").status == 200).then_some(())
    });
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(taken(&cauce), PEOPLE * EACH);
}

const PEOPLE: usize = 40;

/// Everybody moves once in each round, into the segment in the even ones.
fn rounds(cauce: &Cauce, rounds: std::ops::Range<usize>) {
    for round in rounds {
        let lines: String = (0..PEOPLE)
            .map(|n| {
                // Each later than the one before, so that every one of them moves somebody.
                let at = Timestamp(1_700_000_000_000 + round as i64).to_string();
                let plan = if round % 2 == 0 { "gold" } else { "free" };
                let event = json!({ "name": "planned", "id": format!("{round}-{n}"),
                                    "user_id": format!("p{n}"), "occurred_at": at,
                                    "attributes": { "plan": plan } });
                format!("{event}\n")
            })
            .collect();
        assert_eq!(cauce.report(&lines, "").status, 202);
    }
}

fn standing(cauce: &Cauce) -> Value {
    cauce.get("/v1/destinations")["destinations"][0].clone()
}

/// What the overview says of the destination.
fn attention(cauce: &Cauce) -> Option<Value> {
    let shown = cauce.get("/v1/overview");
    let mut all = shown["attention"].as_array().unwrap().iter();
    all.find(|item| item["what"] == "destination bus").cloned()
}

#[test]
fn a_stream_that_was_away_misses_nothing_and_hears_it_in_its_order() {
    let Some(mut nats) = Nats::start() else { return };
    nats.stream("AUDIENCE", "audience.>");
    let mut cauce = Cauce::start("");
    cauce.apply(&json!({ "definitions": {
        "segments": { "gold": { "rule": "plan = \"gold\"" } },
        "destinations": { "bus": { "segments": ["gold"], "by": "user_id",
            "nats": { "server": nats.server(), "subject": "audience.{segment}",
                      "batch": 100 } } } } }));
    // It goes away while it is told: of a batch, which has several changes of a person, it may have
    // a part.
    rounds(&cauce, 0..20);
    wait_for(PATIENCE, "the first changes", || (nats.messages("AUDIENCE") > 0).then_some(()));
    assert_eq!(attention(&cauce), None, "as long as all is well");
    nats.end();
    rounds(&cauce, 20..30);
    let away = wait_for(PATIENCE, "a failure", || {
        Some(standing(&cauce)).filter(|one| one["standing"]["failing_since"].is_string())
    });
    assert!(away["behind"].as_u64().unwrap() > 0, "{away}");
    assert_eq!(away["standing"]["disabled"], Value::Null, "it is waited for: {away}");
    assert!(away["standing"]["last_failure"].is_string(), "{away}");
    let said = wait_for(PATIENCE, "somebody is told of it", || attention(&cauce));
    assert_eq!((&said["code"], &said["state"]), (&json!("destination-failing"), &json!("warn")));
    // The process goes as well, and what it was to tell is still there.
    cauce.kill();
    cauce.again();
    rounds(&cauce, 30..40);
    wait_for(PATIENCE, "the same after a restart", || attention(&cauce));
    nats.again();
    let had = nats.messages("AUDIENCE");
    let all = (PEOPLE * 40) as u64;
    assert!(had < all, "it went away in the middle");
    wait_for(PATIENCE * 2, "everything", || (nats.messages("AUDIENCE") >= all).then_some(()));
    wait_for(PATIENCE, "well again", || attention(&cauce).is_none().then_some(()));
    let back = standing(&cauce);
    assert_eq!(back["standing"]["missed"], Value::Null, "{back}");
    let mut inside: BTreeMap<String, bool> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for place in 1..=nats.messages("AUDIENCE") {
        let (headers, change) = nats.message("AUDIENCE", place);
        let name = change["id"].as_str().unwrap().to_owned();
        assert!(headers.contains(&format!("Nats-Msg-Id: cauce-{name}\r\n")), "{headers}");
        assert!(names.insert(name), "the stream has one twice: {change}");
        let who = change["alias"].as_str().unwrap().to_owned();
        let entered = change["change"] == "entered";
        let before = inside.insert(who, entered).unwrap_or(false);
        assert_ne!(before, entered, "out of its order: {change}");
    }
    assert_eq!(names.len() as u64, all, "nothing is lost and nothing is there twice");
    assert_eq!(inside.len(), PEOPLE);
    assert!(inside.values().all(|inside| !inside), "{inside:?}");
    println!("{had} changes before the outage, {} after it", all - had);
}
