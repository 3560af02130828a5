//! NATS' protocol: lines, and messages with headers.

use bytes::{Buf, Bytes, BytesMut};

/// Limit: bytes of one line; what a server says about itself is the longest.
const LINE_BYTES_MAX: usize = 64 << 10;
/// Limit: bytes of one message; servers take one mebibyte unless they are told otherwise.
pub const MESSAGE_BYTES_MAX: usize = 8 << 20;

/// A message that arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Its subject.
    pub subject: String,
    /// The subscription that it is for.
    pub subscription: u64,
    /// Where an answer goes.
    pub reply: Option<String>,
    /// The status, where it is word of the server and no message.
    pub status: Option<u16>,
    /// What the server says with the status.
    pub words: String,
    /// Headers by their names as they came.
    pub headers: Vec<(String, String)>,
    /// What it says.
    pub payload: Bytes,
}

impl Message {
    /// The first header of a name, however its letters are written.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What a server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Info(String),
    Message(Box<Message>),
    Ping,
    Pong,
    Okay,
    Error(String),
}

/// Takes the next thing that was said out of what arrived; nothing if it is not all there.
pub(super) fn next(arrived: &mut BytesMut) -> Result<Option<Said>, &'static str> {
    let Some(end) = arrived.windows(2).position(|pair| pair == b"\r\n") else {
        return match arrived.len() > LINE_BYTES_MAX {
            true => Err("a line is longer than any honest one"),
            false => Ok(None),
        };
    };
    let line = std::str::from_utf8(&arrived[..end]).map_err(|_| "a line is no text")?;
    let (verb, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let said = match verb.to_ascii_uppercase().as_str() {
        "INFO" => Said::Info(rest.to_owned()),
        "PING" => Said::Ping,
        "PONG" => Said::Pong,
        "+OK" => Said::Okay,
        "-ERR" => Said::Error(rest.trim_matches(['\'', ' ']).to_owned()),
        "MSG" => return message(arrived, end, false),
        "HMSG" => return message(arrived, end, true),
        _ => return Err("it speaks another protocol"),
    };
    arrived.advance(end + 2);
    Ok(Some(said))
}

fn message(
    arrived: &mut BytesMut,
    end: usize,
    with_headers: bool,
) -> Result<Option<Said>, &'static str> {
    const WRONG: &str = "a message is announced wrongly";
    let line = std::str::from_utf8(&arrived[..end]).map_err(|_| WRONG)?;
    let words: Vec<&str> = line.split_ascii_whitespace().skip(1).collect();
    let counts = if with_headers { 2 } else { 1 };
    let names = words.len().checked_sub(counts).filter(|names| (2..=3).contains(names));
    let names = names.ok_or(WRONG)?;
    let number = |word: &str| word.parse::<usize>().map_err(|_| WRONG);
    let total = number(words[words.len() - 1])?;
    let head = if with_headers { number(words[names])? } else { 0 };
    if total > MESSAGE_BYTES_MAX || head > total {
        return Err("a message is larger than 8 MiB");
    }
    let mut message = Message {
        subject: words[0].to_owned(),
        subscription: words[1].parse().map_err(|_| WRONG)?,
        reply: (names == 3).then(|| words[2].to_owned()),
        ..Message::default()
    };
    if arrived.len() < end + 2 + total + 2 {
        return Ok(None);
    }
    arrived.advance(end + 2);
    let block = arrived.split_to(head);
    message.payload = arrived.split_to(total - head).freeze();
    if &arrived[..2] != b"\r\n" {
        return Err(WRONG);
    }
    arrived.advance(2);
    if with_headers {
        headers(&String::from_utf8_lossy(&block), &mut message)?;
    }
    Ok(Some(Said::Message(Box::new(message))))
}

fn headers(block: &str, message: &mut Message) -> Result<(), &'static str> {
    let mut lines = block.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first.strip_prefix("NATS/1.0").ok_or("headers of another version")?.trim();
    if !status.is_empty() {
        let (code, words) = status.split_once(' ').unwrap_or((status, ""));
        message.status = Some(code.parse().map_err(|_| "a status is no number")?);
        message.words = words.to_owned();
    }
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or("a header has no name")?;
        message.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    Ok(())
}

/// Whether something can stand in a line: a subject, without wildcards and spaces.
pub fn is_subject(text: &str) -> bool {
    let token = |token: &str| {
        !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic() && b != b'*' && b != b'>')
    };
    text.len() <= 1_024 && text.split('.').all(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        let mut arrived = BytesMut::from(text.as_bytes());
        let mut said = Vec::new();
        loop {
            said.push(match next(&mut arrived) {
                Ok(None) => break,
                Ok(Some(Said::Message(m))) => format!(
                    "{} {} {:?} {:?} {:?} {:?}",
                    m.subject, m.subscription, m.reply, m.status, m.headers, m.payload
                ),
                Ok(Some(other)) => format!("{other:?}"),
                Err(why) => {
                    said.push(why.to_owned());
                    break;
                }
            });
        }
        assert_eq!(said.join("|"), expected, "{text:?}");
    }

    #[test]
    fn what_a_server_says_is_read() {
        check("PING\r\nPONG\r\n+OK\r\n", "Ping|Pong|Okay");
        check("-ERR 'Authorization Violation'\r\n", "Error(\"Authorization Violation\")");
        check("MSG a.b 7 2\r\nhi\r\n", "a.b 7 None None [] b\"hi\"");
        check("MSG a 7 r.1 0\r\n\r\nPI", "a 7 Some(\"r.1\") None [] b\"\"");
        let head = "NATS/1.0\r\nNats-Msg-Id: x\r\n\r\n";
        check(
            &format!("HMSG a 1 {} {}\r\n{head}hi\r\n", head.len(), head.len() + 2),
            "a 1 None None [(\"Nats-Msg-Id\", \"x\")] b\"hi\"",
        );
        let status = "NATS/1.0 404 No Messages\r\n\r\n";
        let length = status.len();
        check(
            &format!("HMSG a 1 {length} {length}\r\n{status}\r\n"),
            "a 1 None Some(404) [] b\"\"",
        );
        check("MSG a 7 5\r\nhi", "");
        check("MSG a 7 99999999\r\n", "a message is larger than 8 MiB");
        check("MSG a 7 1\r\nabc\r\n", "a message is announced wrongly");
        check("HTTP/1.1 200 OK\r\n", "it speaks another protocol");
        check(&"x".repeat(70 << 10), "a line is longer than any honest one");
        assert!(is_subject("a.b-c.1") && !is_subject("a..b") && !is_subject("a b"));
        assert!(!is_subject("a.*") && !is_subject("a.>") && !is_subject(""));
    }

    proptest! {
        #[test]
        fn no_server_panics_us(text in "(MSG|HMSG|INFO|-ERR|) ?[a 0-9.\r\n:/NATS]{0,80}") {
            let mut arrived = BytesMut::from(text.as_bytes());
            while let Ok(Some(_)) = next(&mut arrived) {}
        }
    }
}
