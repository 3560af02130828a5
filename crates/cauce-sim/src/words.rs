//! The words of a life: what is said in it, and what its requests must come to.

use crate::audit::Rowset;
use crate::people;
use cauce_core::campaign::CampaignId;
use cauce_core::delivery::{Cause, mailboxes};
use cauce_core::identity::{self, canonical};
use cauce_core::ids::{MessageId, Partition as Number};
use cauce_core::input::{Body, Input, Report, ReportKind, Request};
use cauce_core::message::complained::day;
use cauce_core::policy::blocks::Blocked;
use cauce_core::policy::complaints::{self, Pair, Part};
use cauce_core::profile::{Alias, ConsentFact, ConsentState};
use cauce_core::publish::Book;
use cauce_core::sender::bulk::{Counts, Rules};
use cauce_core::sms::inbound::{self, Meaning, Received};
use cauce_core::state::{Key, Row};
use cauce_core::time::{Duration, Timestamp};
use cauce_core::tracking::actor::{Agent, Fetch};
use std::collections::{BTreeMap, BTreeSet};

/// What idempotency keys must come to, worked out from the log in a simple way.
#[derive(Default)]
pub struct Keys {
    now: BTreeMap<Number, Timestamp>,
    last: BTreeMap<String, Timestamp>,
    /// Messages by key.
    pub made: BTreeMap<Option<String>, usize>,
}

impl Keys {
    /// Takes in one entry of the log.
    pub fn take(&mut self, number: Number, input: &Input) {
        let now = self.now.entry(number).or_default();
        *now = input.at.max(*now);
        let Body::Request(request) = &input.body else { return };
        if let Some(key) = &request.idempotency_key {
            let last = self.last.get(key);
            if last.is_some_and(|last| now.since(*last) < Duration::DAY) {
                return;
            }
            self.last.insert(key.clone(), *now);
        }
        *self.made.entry(request.idempotency_key.clone()).or_default() += 1;
    }
}

/// A word about a topic: `news`, `-news`, `-news@email`.
pub fn consent(word: &str) -> Result<ConsentFact, String> {
    let topic = word.trim_start_matches('-');
    let state = match topic == word {
        true => ConsentState::Granted,
        false => ConsentState::Withdrawn,
    };
    let (topic, channel) = topic.split_once('@').unwrap_or((topic, ""));
    let channel = Some(channel).filter(|channel| !channel.is_empty()).map(str::parse);
    Ok(ConsentFact { channel: channel.transpose()?, ..people::fact(topic, state) })
}

/// Somebody texts one of our numbers: the event that it is, and the request that answers it.
pub fn texted(
    book: &Book,
    words: &[&str],
    count: u128,
    at: Timestamp,
) -> Result<Vec<Body>, String> {
    let [from, to, text @ ..] = words else { return Err("who texts whom?".to_owned()) };
    let received = Received {
        provider: "texts",
        id: &format!("in-{count}"),
        from: canonical("phone", from)?,
        to,
        text: &text.join(" "),
        answered: None,
        at,
    };
    let Meaning { event, answer, .. } = inbound::read(&received, book.text_senders());
    let answer = answer.map(|request| Body::Request(Box::new(request)));
    Ok(std::iter::once(Body::Event(Box::new(event))).chain(answer).collect())
}

/// Somebody says something about a message.
pub fn report(message: MessageId, at: Timestamp, kind: ReportKind) -> Body {
    Body::Report(Report { message, at, kind })
}

/// The mailbox does not exist.
pub fn bounced(hard: bool) -> ReportKind {
    ReportKind::Bounced { text: "550 5.1.1 unknown".to_owned(), hard }
}

/// The mailbox is full.
pub fn full() -> ReportKind {
    let text = "552 5.2.2 mailbox full".to_owned();
    ReportKind::Returned { cause: Cause::Quota, hard: false, status: None, text }
}

/// Somebody with a browser follows a link, or looks at the pixel.
pub fn fetched(url: Option<&str>) -> ReportKind {
    ReportKind::Fetched(Fetch::new(url.map(str::to_owned), Agent::Browser))
}

/// What a report is called in a story.
pub fn report_kind(word: &str) -> Result<ReportKind, String> {
    let bounced = |hard| ReportKind::Bounced { text: "550 5.1.1 unknown".to_owned(), hard };
    let returned = |cause: Cause| ReportKind::Returned {
        cause,
        hard: false,
        status: None,
        text: cause.as_str().to_owned(),
    };
    let followed =
        |url: &str| ReportKind::Fetched(Fetch::new(Some(url.to_owned()), Agent::Browser));
    Ok(match word {
        "delivered" => ReportKind::Delivered,
        "bounced" => bounced(true),
        "soft-bounced" => bounced(false),
        "complained" => ReportKind::Complained,
        "opened" => ReportKind::Opened,
        "answered" => ReportKind::Answered,
        "auto-reply" => ReportKind::Underway { what: word.to_owned() },
        "full" => returned(Cause::Quota),
        "closed" => returned(Cause::Inactive),
        "blocked" => returned(Cause::Blocked),
        "delayed" => ReportKind::Underway { what: word.to_owned() },
        "looked" => ReportKind::Fetched(Fetch::new(None, Agent::Browser)),
        "prefetched" => ReportKind::Fetched(Fetch::new(None, Agent::Prefetcher)),
        "followed" => followed("https://shop.example/one"),
        "followed-another" => followed("https://shop.example/two"),
        other => return Err(format!("`{other}` is no report")),
    })
}

/// What one partition counted of mailbox providers and their readers.
pub fn counted(rows: &Rowset) -> Part {
    let mut part = Part::default();
    for row in rows {
        match row {
            (Key::MailboxPauses, Row::MailboxPauses(pauses)) => part.pauses = pauses.clone(),
            (Key::MailboxDay(day, domain, mailbox), Row::MailboxDay(counted)) => {
                part.days.push((*day, (domain.clone(), mailbox.clone()), *counted));
            }
            _ => {}
        }
    }
    part
}

/// What follows from what all partitions counted of complaints. In a story three messages are many.
pub fn weighed(rows: &[Rowset], now: Timestamp) -> Vec<Body> {
    let rules = Rules { delivered_min: 3, complaints_min: 1, ..Rules::shipped() };
    let parts: Vec<Part> = rows.iter().map(counted).collect();
    let wanted = complaints::weigh(&rules, &parts, day(now)).wanted.into_iter();
    let wanted = wanted.map(|((domain, mailbox), counts)| Body::Marketing {
        domain,
        mailbox,
        pause: Some(counts),
    });
    // What one partition found of a mailbox provider that refuses us goes to all of them.
    let found = blocked(rows).into_iter();
    let found = found.map(|((domain, mailbox), blocked)| Body::Block { domain, mailbox, blocked });
    wanted.chain(found).collect()
}

fn blocked(rows: &[Rowset]) -> BTreeMap<Pair, Blocked> {
    let of = |row: (&Key, &Row)| match row {
        (Key::Blocks, Row::Blocks(blocks)) => blocks.of.clone(),
        _ => BTreeMap::new(),
    };
    rows.iter().flat_map(|rows| rows.iter().flat_map(of)).collect()
}

/// Whose servers take the mail of a domain was learned.
pub fn hosted(words: &[&str]) -> Body {
    let word = |n: usize| words.get(n).copied().unwrap_or_default();
    Body::Hosted { of: vec![(mailboxes::hosted(word(0)), word(1).to_owned())] }
}

/// A person lets marketing go on: of which domain, to which mailbox provider.
pub fn resumed(words: &[&str]) -> Body {
    let word = |n: usize| words.get(n).copied().unwrap_or_default().to_owned();
    Body::Marketing { domain: word(0), mailbox: word(1), pause: None }
}

/// What all of them counted, and whose marketing is paused.
pub fn complaints(rows: &[Rowset]) -> String {
    let parts: Vec<Part> = rows.iter().map(counted).collect();
    let mut text = String::new();
    for ((_, (domain, mailbox)), known) in complaints::sum(&parts) {
        let Counts { accepted, delivered, complaints } = known.counts;
        text.push_str(&format!(
            "{domain} to {mailbox}: {accepted} accepted, {delivered} delivered, {complaints} \
             complaints\n"
        ));
    }
    let paused: BTreeSet<_> = parts.iter().flat_map(|part| part.pauses.of.keys()).collect();
    for (domain, mailbox) in paused {
        text.push_str(&format!("{domain} to {mailbox}: marketing is paused\n"));
    }
    for (domain, mailbox) in blocked(rows).keys() {
        text.push_str(&format!("{domain} to {mailbox}: marketing is paused, it is refused\n"));
    }
    text
}

/// An input in words.
pub fn spoken(body: &Body) -> String {
    match body {
        Body::Event(event) => {
            let names: Vec<String> = event.aliases.iter().map(ToString::to_string).collect();
            let consents: Vec<String> =
                event.consents.iter().map(|c| format!(" {:?} {}", c.state, c.topic)).collect();
            format!("event {} {}{}", event.name, names.join(" "), consents.concat())
        }
        Body::Request(request) => {
            let names: Vec<String> = request.to.iter().map(ToString::to_string).collect();
            let key = request.idempotency_key.as_deref().unwrap_or("–");
            format!("request {} key {key} to {}", request.template, names.join(" "))
        }
        Body::Report(report) => format!("report {} {:?}", report.message, report.kind),
        Body::Consent { message, facts } => {
            let topics: Vec<&str> = facts.iter().map(|fact| fact.topic.as_str()).collect();
            format!("unsubscribe {message} {}", topics.join(" "))
        }
        Body::Suppress { address, suppression } => {
            let word = if suppression.is_some() { "suppress" } else { "lift" };
            format!("{word} {address}")
        }
        Body::Campaign { id, step } => format!("campaign {id} {step:?}"),
        Body::Erase { alias, .. } => format!("erase {alias}"),
        Body::Listed(row) => {
            let word = if row.member.is_some() { "on" } else { "off" };
            format!("{} {word} {} as of {}", row.alias, row.list, row.stamp.upload.at)
        }
        Body::ListSealed { list, upload } => format!("{list} replaced as of {}", upload.at),
        other => other.kind().to_owned(),
    }
}

/// A request for a message, as a scenario writes it.
pub(crate) fn request(words: &[&str]) -> Body {
    let option =
        |name: &str| words.iter().find_map(|word| word.strip_prefix(name)).map(str::to_owned);
    let mut to: Vec<Alias> =
        words.iter().filter_map(|word| crate::scenario::named(word).ok()).collect();
    identity::sort(&mut to);
    let body = option("body=").and_then(|text| text.parse().ok()).unwrap_or_default();
    Body::Request(Box::new(Request {
        idempotency_key: option("key="),
        body_hash: body,
        template: words.first().copied().unwrap_or_default().to_owned(),
        to,
        payload: BTreeMap::new(),
        send_at: None,
        expire_at: None,
    }))
}

/// A campaign's ledger over all partitions, in words.
pub(crate) fn balance(rows: &[Rowset], id: CampaignId) -> String {
    let (mut target, mut walked, mut into, mut out) = (0, 0, 0, 0);
    let mut terms: BTreeMap<&str, u64> = BTreeMap::new();
    let mut balances = true;
    for row in rows.iter().filter_map(|rows| rows.get(&Key::Campaign(id))) {
        let Row::Campaign(part) = row else { continue };
        target += part.target;
        walked += part.walked;
        into += part.moved_in;
        out += part.moved_out;
        balances &= part.balances();
        for (term, n) in part.terms.iter().filter(|(_, n)| **n > 0) {
            *terms.entry(term.as_str()).or_default() += n;
        }
    }
    let terms: Vec<_> = terms.iter().map(|(term, n)| format!("{n} {term}")).collect();
    let word = if balances { "balances" } else { "DOES NOT BALANCE" };
    format!(
        "target {target}, walked {walked}, moved {into} in {out} out; {}; {word}\n",
        terms.join(", ")
    )
}

/// An instant moved by a span: `-8d` earlier, `+10s` later.
pub fn moved(at: Timestamp, by: &str) -> Result<Timestamp, String> {
    let (later, span) = by.strip_prefix('+').map_or((false, by), |span| (true, span));
    let span: Duration =
        span.trim_start_matches('-').parse().map_err(|_| format!("`{by}` is no span"))?;
    Ok(if later { at.plus(span) } else { at.minus(span) })
}

/// What was said of a message, and what followed for it.
pub fn steps(rows: &[Rowset], id: MessageId) -> String {
    let row = rows.iter().find_map(|rows| rows.get(&Key::Message(id)));
    let Some(Row::Message(message)) = row else { return String::new() };
    let line = |kind: &ReportKind| match kind {
        ReportKind::Corrected { was, is, why } => format!("{was} is {is}: {why}\n"),
        ReportKind::Bounced { text, .. } => format!("bounced: {text}\n"),
        other => format!("{other:?}\n").to_lowercase(),
    };
    let said: String = message.reports.iter().map(|(_, kind)| line(kind)).collect();
    match message.arrival() {
        Some(arrival) => format!("{said}so: {}\n", arrival.as_str()),
        None => said,
    }
}
