//! Reporting events in batches, patiently.

use super::event::Ready;
use super::row::Rejected;
use crate::cli::client::{Answer, Client, diagnostic, problem};
use anyhow::Context;
use bytes::Bytes;
use serde_json::Value as Json;
use std::time::Duration;

/// Events in one request.
const BATCH_EVENTS: usize = 500;
/// Bytes in one request: half of what the server takes.
const BATCH_BYTES: usize = 4 << 20;
/// How often a request that got no answer, or a 5xx, is sent again.
const ATTEMPTS: u32 = 6;

/// Gathers events and reports them.
pub struct Sender {
    client: Client,
    path: String,
    /// The address says of each batch which row is its first.
    numbered: bool,
    batch: Vec<(u64, Json, String)>,
    bytes: usize,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Sent {
    /// Events that are durable.
    pub accepted: u64,
    /// Events that the server refused, each with why.
    pub rejected: Vec<Rejected>,
}

impl Sender {
    /// Reports to a server, as history or as it happens.
    pub fn new(client: Client, live: bool) -> Sender {
        let path = if live { "/v1/events?historical=false" } else { "/v1/events?historical=true" };
        let (path, batch) = (path.to_owned(), Vec::new());
        Sender { client, path, numbered: false, batch, bytes: 0 }
    }

    /// Sends rows as they are to an address.
    pub fn of_rows(client: Client, path: String) -> Sender {
        Sender { client, path, numbered: true, batch: Vec::new(), bytes: 0 }
    }

    /// Adds a row. Says whether the batch is full.
    pub fn add_row(&mut self, line: u64, row: Json) -> bool {
        let text = format!("{row}\n");
        self.bytes += text.len();
        self.batch.push((line, row, text));
        self.batch.len() >= BATCH_EVENTS || self.bytes >= BATCH_BYTES
    }

    /// Adds an event. Says whether the batch is full.
    pub fn add(&mut self, ready: Ready) -> bool {
        let text = format!("{}\n", ready.event);
        self.bytes += text.len();
        self.batch.push((ready.line, ready.event, text));
        self.batch.len() >= BATCH_EVENTS || self.bytes >= BATCH_BYTES
    }

    /// Reports what was added; it is durable, or refused, when this returns.
    pub async fn flush(&mut self) -> anyhow::Result<Sent> {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        if batch.is_empty() {
            return Ok(Sent::default());
        }
        let body: String = batch.iter().map(|(_, _, text)| text.as_str()).collect();
        let first = batch.first().map_or(0, |(line, ..)| *line);
        let answer = self.report(first, body.into()).await?;
        match answer.status {
            202 => Ok(sent(batch, &answer.body)),
            422 if batch.len() == 1 => {
                let said = answer.body["fields"].as_array().into_iter().flatten();
                let said: Vec<String> = said.map(diagnostic).collect();
                Ok(Sent { accepted: 0, rejected: refused(batch, said.join("; ")) })
            }
            // All were refused and only the first one's faults are told: ask for each.
            422 => {
                let mut all = Sent::default();
                for one in batch {
                    self.batch.push(one);
                    let sent = Box::pin(self.flush()).await?;
                    all.accepted += sent.accepted;
                    all.rejected.extend(sent.rejected);
                }
                Ok(all)
            }
            status => anyhow::bail!("{}", problem(&answer.body, status)),
        }
    }

    /// Sends a body until there is an answer that is worth one. Sending twice is harmless: events
    /// have ids.
    async fn report(&mut self, first: u64, body: Bytes) -> anyhow::Result<Answer> {
        let mut path = self.path.clone();
        if self.numbered {
            path.push_str(&format!("&from={first}"));
        }
        let mut attempt = 0;
        loop {
            let kind = "application/x-ndjson";
            let asked = self.client.ask("POST", &path, kind, body.clone()).await;
            let wait = match asked {
                // It has too much to do; it says how long, and there is no bound to patience.
                Ok(answer) if answer.status == 429 => {
                    Duration::from_secs(answer.retry_after_s.unwrap_or(1))
                }
                Ok(answer) if answer.status < 500 => return Ok(answer),
                Ok(answer) if attempt + 1 == ATTEMPTS => return Ok(answer),
                Err(error) if attempt + 1 == ATTEMPTS => {
                    return Err(error).context("no answer; `--resume` goes on from here");
                }
                Ok(_) | Err(_) => {
                    attempt += 1;
                    Duration::from_millis(250 << attempt)
                }
            };
            tokio::time::sleep(wait).await;
        }
    }
}

fn refused(batch: Vec<(u64, Json, String)>, why: String) -> Vec<Rejected> {
    let rejected = |(line, row, _)| Rejected { line, reason: why.clone(), row };
    batch.into_iter().map(rejected).collect()
}

fn sent(batch: Vec<(u64, Json, String)>, answer: &Json) -> Sent {
    let accepted = answer["accepted"].as_u64().unwrap_or_default();
    let mut rejected = Vec::new();
    for refusal in answer["rejected"].as_array().into_iter().flatten() {
        let place = refusal["index"].as_u64().and_then(|place| usize::try_from(place).ok());
        let Some((line, row, _)) = place.and_then(|place| batch.get(place)) else { continue };
        let faults = refusal["faults"].as_array().into_iter().flatten();
        let faults: Vec<String> = faults.map(diagnostic).collect();
        rejected.push(Rejected { line: *line, reason: faults.join("; "), row: row.clone() });
    }
    Sent { accepted, rejected }
}
