//! Streams: durable consumers that are asked for messages, and messages that are kept once.

use super::{At, Fault, Link, Message, PATIENCE, late};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// A durable consumer of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// The stream.
    pub stream: String,
    /// Its name: what was acknowledged is remembered under it.
    pub durable: String,
    /// Only messages at this subject; all if absent. Wildcards are fine.
    pub subject: Option<String>,
    /// How long a message may stay without word before it is delivered again.
    pub ack_wait: Duration,
    /// Limit: messages without word.
    pub unacknowledged_max: u32,
}

/// What is said of a message that was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// It is done with.
    Done,
    /// Deliver it again after this long.
    Later(Duration),
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// What the server answered, or what it says against it.
fn answer(message: &Message) -> Result<Value, Fault> {
    let said: Value = serde_json::from_slice(&message.payload)
        .map_err(|_| late("the server's answer is no JSON"))?;
    let Some(error) = said.get("error").filter(|error| !error.is_null()) else { return Ok(said) };
    let text = error["description"].as_str().unwrap_or("it does not say why");
    let text = format!("the server says: {text}");
    Err(match error["code"].as_u64().unwrap_or(500) {
        408 | 429 | 500.. => Fault::Unreachable(text),
        _ => Fault::Refused(text),
    })
}

/// The place of a delivered message in its stream, by the subject at which word of it is awaited.
pub fn sequence(reply: &str) -> Option<u64> {
    let words: Vec<&str> = reply.strip_prefix("$JS.ACK.")?.split('.').collect();
    // Newer servers put a domain and an account before the rest.
    let place = if words.len() >= 9 { 5 } else { 3 };
    words.get(place)?.parse().ok()
}

impl Link {
    /// Makes a consumer, or finds it as it was made.
    ///
    /// # Errors
    /// No such stream, or a consumer of that name that is another one.
    pub async fn consumer(&mut self, consumer: &Consumer) -> Result<(), Fault> {
        let mut config = json!({ "durable_name": consumer.durable, "ack_policy": "explicit",
            "deliver_policy": "all", "replay_policy": "instant",
            "ack_wait": nanos(consumer.ack_wait), "max_deliver": -1,
            "max_ack_pending": consumer.unacknowledged_max });
        if let Some(subject) = &consumer.subject {
            config["filter_subject"] = Value::from(subject.as_str());
        }
        let Consumer { stream, durable, .. } = consumer;
        let body = json!({ "stream_name": stream, "config": config }).to_string();
        let subject = format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{durable}");
        let said = self.request(&subject, &[], body.as_bytes()).await;
        match said {
            Err(Fault::Refused(text)) if text.starts_with("nobody listens") => {
                Err(Fault::Refused("the server has no streams (JetStream is off)".to_owned()))
            }
            said => answer(&said?).map(|_| ()),
        }
    }

    /// Asks for messages: those that there are, or the first that comes within the time.
    ///
    /// # Errors
    /// The consumer is gone, or the connection.
    pub async fn pull(
        &mut self,
        consumer: &Consumer,
        most: usize,
        wait: Duration,
    ) -> Result<Vec<Message>, Fault> {
        let there = json!({ "batch": most, "no_wait": true });
        let there = self.ask_for(consumer, &there, most, Duration::ZERO).await?;
        if !there.is_empty() {
            return Ok(there);
        }
        let first = json!({ "batch": 1, "expires": nanos(wait) });
        self.ask_for(consumer, &first, 1, wait).await
    }

    /// One request for messages. The server ends it with a status, unless it gave all.
    async fn ask_for(
        &mut self,
        consumer: &Consumer,
        body: &Value,
        most: usize,
        wait: Duration,
    ) -> Result<Vec<Message>, Fault> {
        self.requests += 1;
        let at = format!("{}.m.{}", self.inbox, self.requests);
        let subscription = self.subscribe(&at);
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", consumer.stream, consumer.durable);
        self.publish(&subject, &at, &[], body.to_string().as_bytes())?;
        self.flush().await?;
        let deadline = Instant::now() + wait + PATIENCE;
        let mut messages: Vec<Message> = Vec::new();
        while messages.len() < most {
            let message = self.next_at(At::Subscription(subscription), deadline).await?;
            // What came is delivered again: nobody said a word of it.
            let message = message.ok_or_else(|| late("the server does not answer"))?;
            let words = message.words.to_ascii_lowercase();
            match message.status {
                None => messages.push(message),
                Some(100) => {}
                Some(404 | 408) => break,
                Some(503) => return Err(Fault::Refused("the consumer is gone".to_owned())),
                Some(_) if words.contains("deleted") || words.contains("not found") => {
                    return Err(Fault::Refused("the consumer is gone".to_owned()));
                }
                // Too many without word, most often: the request is over.
                Some(_) if !messages.is_empty() => break,
                Some(code) => return Err(late(format!("the server says: {code} {words}"))),
            }
        }
        self.unsubscribe(subscription);
        Ok(messages)
    }

    /// Says what became of a message. It leaves with the next flush.
    ///
    /// # Errors
    /// A message that awaits no word.
    pub fn tell(&mut self, message: &Message, word: Word) -> Result<(), Fault> {
        let reply = message.reply.as_deref().unwrap_or_default();
        match word {
            Word::Done => self.publish(reply, "", &[], b"+ACK"),
            Word::Later(span) => {
                let text = format!("-NAK {{\"delay\": {}}}", nanos(span));
                self.publish(reply, "", &[], text.as_bytes())
            }
        }
    }

    /// Publishes into a stream and waits until it is kept there; whether it was there before.
    ///
    /// # Errors
    /// No stream takes the subject, or the connection.
    pub async fn keep(
        &mut self,
        subject: &str,
        id: &str,
        headers: &[(&str, &str)],
        payload: &[u8],
    ) -> Result<bool, Fault> {
        let headers = [&[("Nats-Msg-Id", id)], headers].concat();
        let said = match self.request(subject, &headers, payload).await {
            Err(Fault::Refused(text)) if text.starts_with("nobody listens") => {
                let text = format!("no stream takes `{subject}`");
                return Err(Fault::Refused(text));
            }
            said => answer(&said?)?,
        };
        if said["stream"].as_str().is_none() {
            return Err(Fault::Refused(format!("what answers at `{subject}` is no stream")));
        }
        Ok(said["duplicate"] == true)
    }

    /// Publishes many into a stream before waiting for any. All are kept when this returns.
    ///
    /// # Errors
    /// As of [`Link::keep`]; some may be kept.
    pub async fn keep_all(&mut self, all: &[(String, String, Vec<u8>)]) -> Result<(), Fault> {
        let mut asked = Vec::new();
        for (subject, id, payload) in all {
            let at = self.ask_at();
            self.publish(subject, &at, &[("Nats-Msg-Id", id)], payload)?;
            asked.push((at, subject));
        }
        self.flush().await?;
        for (at, subject) in asked {
            let said = self.next_at(At::Subject(&at), Instant::now() + PATIENCE).await?;
            let said = said.ok_or_else(|| late(format!("no answer at `{subject}`")))?;
            if said.status == Some(503) {
                return Err(Fault::Refused(format!("no stream takes `{subject}`")));
            }
            answer(&said)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_knows_its_place() {
        let check = |reply: &str, expected| assert_eq!(sequence(reply), expected, "{reply}");
        check("$JS.ACK.events.cauce.1.42.7.1700000000.0", Some(42));
        check("$JS.ACK.hub.hash.events.cauce.1.42.7.1700000000.0", Some(42));
        check("$JS.ACK.hub.hash.events.cauce.1.42.7.1700000000.0.random", Some(42));
        check("_INBOX.x.1", None);
        check("$JS.ACK.a.b", None);
    }
}
