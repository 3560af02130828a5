//! Looks up what the examination of a sender asks for, round after round.

use crate::dns::{self, Resolver};
use crate::egress::{Egress, Tls};
use crate::fetch::{Place, fetch};
use cauce_core::sender::{Answer, Facts, Question, Subject, questions};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Limit: questions about one sender; a zone that asks for more is described by what is known.
const QUESTIONS_MAX: usize = 250;
/// Limit: how long all of it may take.
const WITHIN: Duration = Duration::from_secs(30);
/// Limit: how long a page may take.
const PAGE_WITHIN: Duration = Duration::from_secs(10);
/// Limit: what is read of a page.
const PAGE_BYTES_MAX: usize = 256 * 1024;

/// Whoever can be asked about senders.
#[derive(Clone, Debug)]
pub struct Inquiry {
    /// Name servers.
    pub resolver: Resolver,
    /// The way out.
    pub egress: Egress,
    /// TLS that checks certificates.
    pub tls: Tls,
}

impl Inquiry {
    /// Everything that the examination of a sender asks for; what took too long is absent.
    pub async fn facts(&self, subject: &Subject) -> Facts {
        let deadline = Instant::now() + WITHIN;
        self.resolver.forget();
        let own = Arc::new(self.clone());
        let mut facts = Facts::new();
        loop {
            let next = questions(subject, &facts);
            if next.is_empty() || facts.len() + next.len() > QUESTIONS_MAX {
                return facts;
            }
            let mut asked = JoinSet::new();
            for question in next {
                let own = Arc::clone(&own);
                asked.spawn(async move {
                    let answer = own.answer(&question).await;
                    (question, answer)
                });
            }
            loop {
                match tokio::time::timeout_at(deadline, asked.join_next()).await {
                    Ok(Some(Ok((question, answer)))) => {
                        facts.insert(question, answer);
                    }
                    Ok(Some(Err(_))) => {}
                    Ok(None) => break,
                    Err(_) => return facts,
                }
            }
        }
    }

    /// Asks one thing.
    pub async fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::Texts(name) => of(self.resolver.texts(name).await, Answer::Texts),
            Question::Exchanges(name) => of(self.resolver.exchanges(name).await, |found| {
                let of = |one: dns::Exchange| (one.preference, one.host);
                Answer::Exchanges(found.into_iter().map(of).collect())
            }),
            Question::Addresses(name) => of(self.resolver.addresses(name).await, Answer::Addresses),
            Question::Names(address) => of(self.resolver.names(*address).await, Answer::Names),
            Question::Page(url) => self.page(url).await,
        }
    }

    async fn page(&self, url: &str) -> Answer {
        let rest = url.strip_prefix("https://").unwrap_or(url);
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().unwrap_or(443)),
            None => (authority, 443),
        };
        let addresses = match self.resolver.addresses(host).await {
            dns::Answer::Found(addresses) => addresses,
            dns::Answer::Empty | dns::Answer::Absent => return Answer::Absent,
            dns::Answer::Trouble(why) => return Answer::Trouble(why),
        };
        let place = Place { host, addresses: &addresses, port, path: "/" };
        match fetch(&self.egress, &self.tls, place, PAGE_BYTES_MAX, PAGE_WITHIN).await {
            Ok(fetched) => Answer::Status(fetched.status),
            Err(why) => Answer::Trouble(why),
        }
    }
}

fn of<T>(answer: dns::Answer<T>, found: impl FnOnce(Vec<T>) -> Answer) -> Answer {
    match answer {
        dns::Answer::Found(records) => found(records),
        dns::Answer::Empty => Answer::Empty,
        dns::Answer::Absent => Answer::Absent,
        dns::Answer::Trouble(why) => Answer::Trouble(why),
    }
}
