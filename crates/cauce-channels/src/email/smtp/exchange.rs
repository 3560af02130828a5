//! One flight and its answers: the body of a message that may go, and the envelope of the next.

use super::wire::stuff;
use super::{Connection, Reply, refused, refused_here, unreachable};
use crate::email::compose::Composed;
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use std::time::Duration;
use tokio::time::timeout;

/// How the next message fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The server waits for its body; nothing of it is taken yet.
    Granted,
    /// It came to its end.
    Ended(Outcome),
    /// The connection ended before the body: the outcome, unless somebody carries the message
    /// over a fresh connection, which is no second attempt.
    Lost(Outcome),
}

/// What one exchange came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What became of the message whose body was sent.
    pub body: Option<Outcome>,
    /// What became of the next one's envelope.
    pub next: Option<Begun>,
    /// Whether the connection can carry more.
    pub open: bool,
}

/// What an exchange still has to find out.
#[derive(Debug, Default)]
pub(super) struct Pending {
    ends: Ends,
    body: bool,
    next: bool,
    refused_here: Option<Outcome>,
}

/// Places in the flight up to which it must be written before each answer can come.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    body: usize,
    reset: usize,
    mail: usize,
    recipient: usize,
    data: usize,
}

/// Limit: bytes kept for the next flight.
const FLIGHT_KEPT_MAX: usize = 256 * 1024;

/// Why there is no answer.
struct Silence(String);

impl Connection {
    /// Sends the body of `body`, whose envelope was granted in the exchange before, together with
    /// the envelope of `next`, and waits for all the answers.
    pub async fn exchange(&mut self, body: Option<&Composed>, next: Option<&Composed>) -> Exchange {
        self.load(body, next);
        let body = self.finish().await;
        let next = self.begin().await;
        Exchange { body, next, open: self.open }
    }

    /// Whether the connection can carry more.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The first half of an exchange: what became of the message whose body was loaded. It is
    /// known before the second half is, and should be told before waiting for that.
    pub async fn finish(&mut self) -> Option<Outcome> {
        if !self.pending.body {
            return None;
        }
        self.pending.body = false;
        Some(self.finish_body().await)
    }

    /// The second half: how the next message fares. To be called even if there is none, because
    /// it also looks for answers that nobody asked for.
    pub async fn begin(&mut self) -> Option<Begun> {
        let asked = std::mem::take(&mut self.pending.next);
        let next = match self.pending.refused_here.take() {
            Some(outcome) => Some(Begun::Ended(outcome)),
            None if asked => Some(self.begin_next().await),
            None => None,
        };
        let unread = self.wire.unread();
        if unread.is_empty() {
            return next;
        }
        // More answers than questions. A server that leaves says 421 unasked; after anything else
        // nobody knows which answer belongs to which question, this message's among them.
        self.open = false;
        let leaving = unread.starts_with(b"421");
        let lost = || Begun::Lost(unreachable("the server sent more replies than commands"));
        match next {
            Some(Begun::Granted) => Some(lost()),
            Some(Begun::Ended(_)) if !leaving && asked => Some(lost()),
            other => other,
        }
    }

    /// What can be known before asking the server.
    fn refuse_here(&self, message: &Composed) -> Option<Outcome> {
        if message.international && !self.capabilities.smtputf8 {
            return Some(refused_here(
                Stage::Recipient,
                553,
                Enhanced(5, 6, 7),
                "the address needs SMTPUTF8, which the server does not offer".to_owned(),
            ));
        }
        let size = message.bytes.len() as u64;
        let max = self.capabilities.size_max.filter(|max| size > *max)?;
        Some(refused_here(
            Stage::Content,
            552,
            Enhanced(5, 3, 4),
            format!("the message has {size} bytes, the server takes {max}"),
        ))
    }

    /// Prepares an exchange: the flight and what will be asked about it. Nothing leaves yet.
    pub fn load(&mut self, body: Option<&Composed>, next: Option<&Composed>) {
        let refused_here = next.and_then(|next| self.refuse_here(next));
        let next = next.filter(|_| refused_here.is_none());
        let ends = self.fill(body, next);
        self.pending = Pending { ends, body: body.is_some(), next: next.is_some(), refused_here };
    }

    fn fill(&mut self, body: Option<&Composed>, next: Option<&Composed>) -> Ends {
        let flight = &mut self.wire.flight;
        flight.clear();
        // Limit: one large message must not keep its room for as long as the connection lives.
        flight.shrink_to(FLIGHT_KEPT_MAX);
        self.wire.written = 0;
        let mut ends = Ends::default();
        if let Some(body) = body {
            stuff(&body.bytes, flight);
        }
        ends.body = flight.len();
        if let Some(next) = next {
            if self.dirty {
                flight.extend_from_slice(b"RSET\r\n");
            }
            ends.reset = flight.len();
            let sender = clean(&next.sender);
            let recipient = clean(&next.recipient);
            flight.extend_from_slice(format!("MAIL FROM:<{sender}>").as_bytes());
            if self.capabilities.size {
                flight.extend_from_slice(format!(" SIZE={}", next.bytes.len()).as_bytes());
            }
            if next.international {
                // Headers are UTF-8 then, so the body type must say so.
                flight.extend_from_slice(b" BODY=8BITMIME SMTPUTF8");
            }
            flight.extend_from_slice(b"\r\n");
            ends.mail = flight.len();
            flight.extend_from_slice(format!("RCPT TO:<{recipient}>\r\n").as_bytes());
            ends.recipient = flight.len();
            flight.extend_from_slice(b"DATA\r\n");
            ends.data = flight.len();
        }
        ends
    }

    /// Writes what the answer needs and reads it. With PIPELINING everything is written at once.
    async fn answer(&mut self, end: usize, limit: Duration) -> Result<Reply, Silence> {
        if !self.open {
            return Err(Silence("the connection had ended".to_owned()));
        }
        let through = if self.capabilities.pipelining { self.wire.flight.len() } else { end };
        let mut limit = limit;
        let mut why = String::new();
        if self.wire.written < through {
            match timeout(self.timeouts.block, self.wire.write_through(through)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => why = format!("writing to the server: {error}"),
                Err(_) => why = "the server does not read".to_owned(),
            }
            if !why.is_empty() {
                // The server may have said why before it closed.
                self.open = false;
                limit = limit.min(Duration::from_secs(1));
            }
        }
        match timeout(limit, self.wire.reply()).await {
            Ok(Ok(reply)) => {
                if reply.code == 421 {
                    self.open = false;
                }
                Ok(reply)
            }
            Ok(Err(text)) => {
                self.open = false;
                Err(Silence(if why.is_empty() { text } else { why }))
            }
            Err(_) => {
                self.open = false;
                let late = format!("no answer within {} s", limit.as_secs_f32());
                Err(Silence(if why.is_empty() { late } else { why }))
            }
        }
    }

    async fn finish_body(&mut self) -> Outcome {
        let ends = self.pending.ends;
        let answer = self.answer(ends.body, self.timeouts.final_dot).await;
        let whole = self.wire.written >= ends.body;
        match answer {
            Ok(reply) if reply.is_positive() && whole => {
                Outcome::Accepted { id: queue_id(&reply.text), text: reply.shown() }
            }
            Ok(reply) if reply.code / 100 >= 4 => refused(Stage::Content, &reply),
            Ok(reply) => {
                // A yes to half a message, or a 3xx to a whole one: the server is confused.
                self.open = false;
                let text = format!("the server answered the body with `{}`", reply.code);
                if whole { Outcome::Unknown { text } } else { unreachable(text) }
            }
            Err(Silence(text)) if whole => Outcome::Unknown { text },
            // The final dot never left, so the server cannot have taken the message.
            Err(Silence(text)) => unreachable(text),
        }
    }

    async fn begin_next(&mut self) -> Begun {
        let ends = self.pending.ends;
        let limit = self.timeouts.envelope;
        if self.dirty {
            match self.answer(ends.reset, limit).await {
                Ok(reply) if reply.is_positive() => self.dirty = false,
                Ok(reply) => {
                    self.open = false;
                    return Begun::Lost(refused(Stage::Sender, &reply));
                }
                Err(Silence(text)) => return Begun::Lost(unreachable(text)),
            }
        }
        let steps = [
            (Stage::Sender, ends.mail, limit),
            (Stage::Recipient, ends.recipient, limit),
            (Stage::Content, ends.data, self.timeouts.data),
        ];
        let mut refusal = None;
        for (stage, end, limit) in steps {
            let reply = match self.answer(end, limit).await {
                Ok(reply) => reply,
                Err(Silence(text)) => {
                    return match refusal {
                        Some(outcome) => Begun::Ended(outcome),
                        None => Begun::Lost(unreachable(text)),
                    };
                }
            };
            if reply.code == 421 {
                return Begun::Lost(refusal.unwrap_or_else(|| refused(stage, &reply)));
            }
            if stage == Stage::Content && reply.is_intermediate() {
                return match refusal {
                    None => Begun::Granted,
                    Some(outcome) => self.withdraw(outcome).await,
                };
            }
            let fine = reply.is_positive() && stage != Stage::Content;
            if !fine && refusal.is_none() {
                if reply.code / 100 < 4 {
                    self.open = false;
                    let text = format!("the server answered with `{}` out of turn", reply.code);
                    return Begun::Lost(unreachable(text));
                }
                refusal = Some(refused(stage, &reply));
                self.dirty = true;
                if !self.capabilities.pipelining {
                    break;
                }
            }
        }
        match refusal {
            Some(outcome) => Begun::Ended(outcome),
            None => Begun::Lost(unreachable("the server did not answer DATA")),
        }
    }

    /// The envelope was refused and DATA granted all the same, as RFC 2920 §3.1 warns: a lone dot
    /// ends the transaction that is for nobody.
    async fn withdraw(&mut self, outcome: Outcome) -> Begun {
        self.wire.flight.clear();
        self.wire.flight.extend_from_slice(b".\r\n");
        self.wire.written = 0;
        match self.answer(3, self.timeouts.final_dot).await {
            Ok(_) => self.dirty = false,
            Err(Silence(text)) => tracing::debug!(text, "no answer to an empty body"),
        }
        Begun::Ended(outcome)
    }
}

/// Composing has parsed the address; this holds for whoever builds an envelope by hand.
fn clean(address: &str) -> String {
    address.chars().filter(|c| !c.is_control() && *c != '<' && *c != '>').collect()
}

/// The name under which the server queued the message, where it is recognisable.
fn queue_id(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let after = |mark: &str| lower.find(mark).map(|place| &text[place + mark.len()..]);
    let words = after("queued as ").or_else(|| after("id="));
    let word = match words {
        Some(rest) => rest.split_ascii_whitespace().next()?,
        // `Ok 0100018f…`, as Amazon SES answers.
        None => {
            let mut words = text.split_ascii_whitespace();
            let (ok, id) = (words.next()?, words.next()?);
            if !ok.eq_ignore_ascii_case("ok") || words.next().is_some() || id.len() < 8 {
                return None;
            }
            id
        }
    };
    let word = word.trim_matches(|c: char| "<>.,;()".contains(c));
    (!word.is_empty() && word.len() <= 200).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::queue_id;

    #[test]
    fn queue_names_are_found_where_servers_put_them() {
        let check = |text: &str, id: Option<&str>| {
            assert_eq!(queue_id(text).as_deref(), id, "{text}");
        };
        check("2.0.0 Ok: queued as 4F3A2", Some("4F3A2"));
        check("OK id=1rXyz-0001-AB", Some("1rXyz-0001-AB"));
        check("Ok 0100018f2a-77-000000", Some("0100018f2a-77-000000"));
        check("OK", None);
        check("2.0.0 message accepted", None);
        check("Ok: queued as ", None);
    }
}
