//! Messages of a NATS stream. A message is acknowledged once its event is durable; one that is no
//! event goes to where the source says, and is acknowledged once it is kept there.

use super::taking::{Unfinished, report};
use crate::app::App;
use crate::cli::import::event::{self, Ready, Verdict};
use crate::cli::import::mapping::{Id, Mapping};
use crate::cli::import::row::Row;
use cauce_channels::nats::{Consumer, Fault, Link, Login, Message, Options, Word, sequence};
use cauce_core::limits;
use cauce_core::publish::{Nats, Pull};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long the server keeps an empty answer back.
const WAIT: Duration = Duration::from_secs(5);
/// How long a message may stay without word before it is delivered again.
const ACK_WAIT: Duration = Duration::from_secs(60);
/// How long a message waits whose reason nobody keeps.
const LATER: Duration = Duration::from_secs(30);
/// The first and the longest wait after a connection that failed.
const RETRY: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(30)];
/// Limit: messages without word; so many that nobody can keep stop the rest, and it is said.
const UNACKNOWLEDGED_MAX: u32 = 10_000;
/// Limit: letters of a reason in a header.
const REASON_MAX: usize = 500;

/// Where a server is and who asks it.
///
/// # Errors
/// A secret that is not to be had.
pub fn options(app: &App, nats: &Nats) -> anyhow::Result<Options> {
    let read = |place: &String| app.secrets.read(place);
    let login = match (&nats.token, &nats.name, &nats.password, &nats.credentials) {
        (Some(token), ..) => Login::Token(read(token)?),
        (None, Some(name), Some(password), _) => {
            Login::Password { name: name.clone(), password: read(password)? }
        }
        (.., Some(credentials)) => Login::Credentials(read(credentials)?),
        _ => Login::Nobody,
    };
    let inbox = format!("{:032x}", u128::from_be_bytes(crate::keys::random()));
    Ok(Options { url: nats.url.clone(), login, tls: app.tls.clone(), inbox })
}

/// What becomes of a message.
enum Read {
    Event(Box<Ready>),
    Skip(String),
    Bad(String),
}

/// One source of messages.
pub struct Streaming {
    /// The process.
    pub app: Arc<App>,
    /// Its name.
    pub source: String,
    /// What it says.
    pub pull: Pull,
    /// What a message becomes; an event of the API's shape if absent.
    pub mapping: Option<Mapping>,
    /// Whether the events happen now.
    pub live: bool,
}

impl Streaming {
    /// Takes messages until its definition or the process ends.
    pub async fn run(self) {
        let mut wait = RETRY[0];
        while !self.app.stopping.is_cancelled() {
            let why = match self.connected(&mut wait).await {
                Ok(()) | Err(Unfinished::Stopping) => return,
                Err(Unfinished::Later(error)) => format!("{error:#}"),
            };
            self.say(Some(why));
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(RETRY[1]);
        }
    }

    fn say(&self, trouble: Option<String>) {
        self.app.observer.say(&format!("source/{}", self.source), trouble.clone());
        self.app.sources.change(&self.source, |standing| standing.trouble = trouble);
    }

    async fn connected(&self, wait: &mut Duration) -> Result<(), Unfinished> {
        let options = options(&self.app, &self.pull.server)?;
        let mut link = Link::connect(&self.app.egress, &options).await?;
        let durable = self.pull.durable.clone();
        let consumer = Consumer {
            stream: self.pull.stream.clone(),
            durable: durable.unwrap_or_else(|| format!("cauce-{}", clean(&self.source))),
            subject: self.pull.subject.clone(),
            ack_wait: ACK_WAIT,
            unacknowledged_max: UNACKNOWLEDGED_MAX,
        };
        link.consumer(&consumer).await?;
        self.say(None);
        *wait = RETRY[0];
        while !self.app.stopping.is_cancelled() {
            let messages = tokio::select! {
                messages = link.pull(&consumer, self.pull.batch as usize, WAIT) => messages?,
                () = self.app.stopping.cancelled() => return Err(Unfinished::Stopping),
            };
            let now = self.app.node.now();
            self.app.sources.change(&self.source, |standing| standing.looked_at = Some(now));
            if !messages.is_empty() {
                self.take(&mut link, messages).await?;
            }
        }
        Ok(())
    }

    /// Everything that was delivered: durable, or kept elsewhere, and only then acknowledged.
    async fn take(&self, link: &mut Link, messages: Vec<Message>) -> Result<(), Unfinished> {
        let (mut events, mut bad) = (Vec::new(), Vec::new());
        let mut skipped: BTreeMap<String, u64> = BTreeMap::new();
        let mut done = Vec::new();
        for (place, message) in messages.iter().enumerate() {
            match self.read(message, place as u64) {
                Read::Event(ready) => {
                    events.push(*ready);
                    done.push(place);
                }
                Read::Skip(reason) => {
                    *skipped.entry(reason).or_default() += 1;
                    done.push(place);
                }
                Read::Bad(reason) => bad.push((place, reason)),
            }
        }
        let (accepted, refused) = report(&self.app, events, !self.live).await?;
        for rejected in refused {
            let place = rejected.line as usize;
            done.retain(|known| *known != place);
            bad.push((place, rejected.reason));
        }
        for place in done {
            link.tell(&messages[place], Word::Done)?;
        }
        let mut kept = 0;
        let mut trouble = None;
        for (place, reason) in bad {
            match self.reject(link, &messages[place], &reason).await {
                Ok(()) => {
                    kept += 1;
                    link.tell(&messages[place], Word::Done)?;
                }
                Err(Fault::Refused(why)) => {
                    link.tell(&messages[place], Word::Later(LATER))?;
                    trouble = Some(format!("a message that is no event cannot be kept: {why}"));
                }
                Err(error) => return Err(error.into()),
            }
        }
        link.flush().await?;
        self.app.sources.change(&self.source, |standing| {
            let counts = standing.messages.get_or_insert_default();
            counts.rows += messages.len() as u64;
            counts.accepted += accepted;
            counts.rejected += kept;
            for (reason, count) in skipped {
                *counts.skipped.entry(reason).or_default() += count;
            }
        });
        if trouble.is_some() {
            self.say(trouble);
        }
        Ok(())
    }

    /// What names a message however often it is delivered.
    fn id(&self, message: &Message) -> String {
        match message.header("Nats-Msg-Id") {
            // Within its stream only: another one may use the same names.
            Some(id) if !id.is_empty() && id.len() <= limits::NAME_BYTES_MAX => {
                format!("nats-{}-id-{id}", self.pull.stream)
            }
            _ => {
                let place = message.reply.as_deref().and_then(sequence).unwrap_or_default();
                format!("nats-{}-{place}", self.pull.stream)
            }
        }
    }

    fn read(&self, message: &Message, place: u64) -> Read {
        if message.payload.len() > limits::EVENT_BYTES_MAX {
            return Read::Bad("an event has at most 32 KB".to_owned());
        }
        let mut fields = match serde_json::from_slice(&message.payload) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Read::Bad("is no JSON object".to_owned()),
            Err(error) => return Read::Bad(format!("is not JSON: {error}")),
        };
        let Some(mapping) = &self.mapping else {
            if fields.get("id").is_none_or(Value::is_null) {
                fields.insert("id".to_owned(), Value::from(self.id(message)));
            }
            let event = Value::Object(fields);
            let ready = Ready { line: place, at: None, id: String::new(), event };
            return Read::Event(Box::new(ready));
        };
        let row = Row::json(place, fields, mapping.keep_spaces);
        let made = match event::judge(mapping, &row) {
            Verdict::Skip(reason) => return Read::Skip(reason),
            Verdict::Event(name) => event::single(mapping, &row, &name),
        };
        match made {
            Ok(mut ready) => {
                // Two messages that say the same are two; one that comes again is one.
                if matches!(mapping.id, Id::Row | Id::Line) {
                    ready.event["id"] = Value::from(self.id(message));
                }
                Read::Event(Box::new(ready))
            }
            Err(rejected) => Read::Bad(rejected.reason),
        }
    }

    async fn reject(&self, link: &mut Link, message: &Message, why: &str) -> Result<(), Fault> {
        let place = message.reply.as_deref().and_then(sequence).unwrap_or_default();
        let id = format!("{}.{place}.rejected", self.pull.stream);
        let why: String = why.chars().take(REASON_MAX).collect();
        let headers = [
            ("Cauce-Reason", why.as_str()),
            ("Cauce-Source", &self.source),
            ("Cauce-Subject", &message.subject),
        ];
        link.keep(&self.pull.reject_subject, &id, &headers, &message.payload).await.map(|_| ())
    }
}

/// A name as a consumer may have it.
fn clean(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
    name.chars().map(letter).collect()
}
