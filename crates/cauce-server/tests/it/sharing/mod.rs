//! Audience state for others: look-up, flags, the stream, webhooks. Nobody sees what is not shared.

mod building;
mod changes;
pub mod flags;
mod live;
mod lookup;
mod offers;
mod purposes;
mod snapshots;
mod webhooks;

use crate::world::http::{self, Answer};
use crate::world::*;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A shop that shares something and keeps something.
pub fn shared() -> Value {
    json!({ "definitions": {
        "segments": {
            "gold": { "rule": "plan = \"gold\"" },
            "fresh": { "rule": "count(pinged, last 2s) >= 1" },
            "secret": { "rule": "count(pinged) >= 1" },
        },
        "sharing": { "sharing": {
            "segments": ["gold", "fresh"], "attributes": ["plan", "city"],
            "browser-segments": ["gold"], "browser-attributes": ["plan"],
        } },
        "experiments": {
            "button": { "arms": { "blue": 1, "control": 1 }, "outside": "control" },
            "price": { "arms": { "low": 1, "high": 0 }, "segment": "gold", "outside": "high" },
            "over": { "arms": { "a": 1, "b": 1 }, "outside": "b", "active": false },
        },
    }})
}

/// A person with a plan, applied when this returns.
pub fn person(cauce: &Cauce, name: &str, plan: &str) {
    let email = format!("{name}@example.com");
    let event = json!({ "name": "signed_up", "user_id": name, "email": email,
        "attributes": { "plan": plan, "city": "Madrid", "phone_number": "600" } });
    let answer = cauce.report(&format!("{event}\n"), "?applied=true");
    assert_eq!(answer.status, 202, "{answer:?}");
}

pub fn ping(cauce: &Cauce, name: &str) {
    let answer = cauce.report(&format!("{{\"name\":\"pinged\",\"user_id\":\"{name}\"}}\n"), "");
    assert_eq!(answer.status, 202, "{answer:?}");
}

pub fn key(cauce: &Cauce, scope: &str) -> String {
    let made = cauce.post("/v1/keys", &json!({ "name": scope, "scope": scope }));
    made.json()["key"].as_str().unwrap().to_owned()
}

/// Asks with a key, and more headers.
pub fn with(
    cauce: &Cauce,
    key: &str,
    call: (&str, &str),
    more: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let bearer = format!("Bearer {key}");
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.push(("content-type", "application/json"));
    headers.extend(more);
    let body = if body.is_null() { String::new() } else { body.to_string() };
    http::ask(cauce.port, call.0, call.1, &headers, body.as_bytes()).unwrap()
}

/// Mints a browser token.
pub fn browser(cauce: &Cauce, key: &str, wanted: Value) -> String {
    let answer = with(cauce, key, ("POST", "/v1/browser-tokens"), &[], &wanted);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["token"].as_str().unwrap().to_owned()
}

/// An event of a stream.
#[derive(Clone, Debug, Default)]
pub struct Event {
    pub id: String,
    pub name: String,
    pub data: Value,
}

/// A reader of the stream.
pub struct Stream(BufReader<TcpStream>);

impl Stream {
    /// Opens it; panics on another status than 200.
    pub fn open(cauce: &Cauce, key: &str, query: &str, last: Option<&str>) -> Stream {
        Stream::of(cauce, key, &format!("/v1/membership-changes{query}"), last)
    }

    /// The same for any stream.
    pub fn of(cauce: &Cauce, key: &str, path: &str, last: Option<&str>) -> Stream {
        Stream::begun(cauce, key, path, last).unwrap_or_else(|line| panic!("{line}"))
    }

    /// The same; the first line of the answer where there is none.
    pub fn begun(
        cauce: &Cauce,
        key: &str,
        path: &str,
        last: Option<&str>,
    ) -> Result<Stream, String> {
        let mut stream = TcpStream::connect(("127.0.0.1", cauce.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let last = last.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        // HTTP/1.0: what comes is the body as it is, without chunks.
        let request = format!(
            "GET {path} HTTP/1.0\r\nhost: x\r\n\
             authorization: Bearer {key}\r\n{last}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        if !line.contains(" 200 ") {
            return Err(line);
        }
        while !line.trim().is_empty() {
            line.clear();
            lines.read_line(&mut line).unwrap();
        }
        Ok(Stream(lines))
    }

    /// The next event, also one without data; none once the stream has ended.
    pub fn any(&mut self) -> Option<Event> {
        let mut event = Event::default();
        loop {
            let mut line = String::new();
            match self.0.read_line(&mut line) {
                Ok(0) => return None,
                Ok(_) => {}
                // A process that was killed resets what it had not sent.
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("nothing came: {error}"),
            }
            match line.trim_end().split_once(": ") {
                Some(("id", id)) => event.id = id.to_owned(),
                Some(("event", name)) => event.name = name.to_owned(),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                _ if line.trim().is_empty() => return Some(event),
                _ => {}
            }
        }
    }

    /// The next event that says something.
    pub fn next(&mut self) -> Option<Event> {
        loop {
            let event = self.any()?;
            if !event.name.is_empty() {
                return Some(event);
            }
        }
    }
}
