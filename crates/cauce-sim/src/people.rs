//! Three people, their names, and what they do. They share a device and an address.

use crate::rng::Rng;
use crate::world::USE;
use cauce_core::decide::{home, key_home, name_home};
use cauce_core::device;
use cauce_core::erasure::{Secret, Wish};
use cauce_core::event::{Event, Properties};
use cauce_core::identity;
use cauce_core::ids::{EventId, Partition as Number};
use cauce_core::input::{Body, Request};
use cauce_core::list::{Listed, Member, Stamp, Upload};
use cauce_core::message::Channel;
use cauce_core::policy::Suppression;
use cauce_core::profile::{Alias, ConsentFact, ConsentState};
use cauce_core::time::{Duration, Timestamp};
use cauce_core::value::Value;
use std::collections::BTreeMap;

/// An alias of a namespace.
#[must_use]
pub fn alias(namespace: &str, value: &str) -> Alias {
    Alias { namespace: namespace.to_owned(), value: value.to_owned() }
}

/// The names of one person.
#[must_use]
pub fn names(person: usize) -> Vec<Alias> {
    vec![
        alias("user_id", &format!("u{person}")),
        alias("email", &format!("p{person}@home.example")),
        alias("email", &format!("p{person}@work.example")),
        alias("anonymous_id", &format!("phone-{person}")),
        alias("anonymous_id", &format!("laptop-{person}")),
    ]
}

/// A statement about consent.
#[must_use]
pub fn fact(topic: &str, state: ConsentState) -> ConsentFact {
    ConsentFact {
        topic: topic.to_owned(),
        channel: None,
        state,
        source: "form".to_owned(),
        wording: None,
        ip: None,
    }
}

/// A wish to be forgotten.
#[must_use]
pub fn wish(at: Timestamp) -> Wish {
    Wish { at, secret: Secret([7; 32]) }
}

/// An event with nothing in it.
#[must_use]
pub fn event(id: u128, name: &str, mut aliases: Vec<Alias>, at: Timestamp) -> Event {
    identity::sort(&mut aliases);
    let mut attributes = Properties::new();
    if let Some(email) = aliases.iter().find(|alias| alias.namespace == "email") {
        attributes.insert("email".to_owned(), Value::from(email.value.as_str()));
    }
    Event {
        id: EventId(id),
        name: name.to_owned(),
        aliases,
        occurred_at: at,
        received_at: at,
        properties: Properties::new(),
        attributes,
        consents: Vec::new(),
        historical: false,
    }
}

/// Where an input goes in.
#[must_use]
pub fn entry(body: &Body, partitions: u16) -> Number {
    match body {
        Body::Event(event) => home(&event.aliases[0], partitions),
        Body::Request(request) => match &request.idempotency_key {
            Some(key) => key_home(key, partitions),
            None => home(&request.to[0], partitions),
        },
        Body::Listed(row) => home(&row.alias, partitions),
        Body::Suppress { address, .. }
        | Body::HoldBack { address, .. }
        | Body::Release { address, .. }
        | Body::Erase { alias: address, .. } => home(address, partitions),
        Body::LetGo { of, .. } => of.birthplace(),
        Body::Report(report) => report.message.birthplace(),
        Body::ProviderReport(report) => name_home(&report.provider, &report.id, partitions),
        Body::Consent { message, .. } | Body::Shorten { message, .. } => message.birthplace(),
        _ => 0,
    }
}

/// Tokens of a life with phones: some have a fate of their own at their service.
const TOKENS: [&str; 8] =
    ["one", "two", "three", "four", "busy-one", "gone-one", "lost-one", "gone-two"];

/// A phone that travels along with every third event, and is given up by every fifteenth. By the
/// event's number and not by chance: lives without phones stay as they are.
fn carry_phone(event: &mut Event) {
    let nth = event.id.0;
    if !nth.is_multiple_of(3) {
        return;
    }
    let token = TOKENS[(nth / 3 % 8) as usize];
    let phone = Properties::from([
        ("platform".to_owned(), Value::from("android")),
        ("token".to_owned(), Value::from(token)),
    ]);
    if nth.is_multiple_of(15) {
        event.name = device::REMOVED.to_owned();
        event.properties = phone;
    } else {
        event.properties.insert(device::CARRIED.to_owned(), Value::Object(phone));
    }
}

/// Every fourth event says a word about the use, some by a channel that a use has not. By the
/// event's number as well.
fn say_of_use(event: &mut Event) {
    let nth = event.id.0;
    if !nth.is_multiple_of(4) {
        return;
    }
    let state =
        if (nth / 4).is_multiple_of(3) { ConsentState::Withdrawn } else { ConsentState::Granted };
    let channel = (nth / 4).is_multiple_of(5).then_some(Channel::Email);
    event.consents.push(ConsentFact { channel, ..fact(USE, state) });
}

/// What people do, by chance.
pub struct People {
    next: u128,
    /// How many people there are.
    pub count: usize,
    /// Of a thousand events, how many use a shared name.
    pub sharing: u32,
    /// Whether people ask to be forgotten.
    pub erasing: bool,
    /// Whether somebody uploads lists of them.
    pub listing: bool,
    /// Whether they have phones, which they hand on.
    pub pushing: bool,
}

const CITIES: [&str; 3] = ["Madrid", "Lisbon", "Paris"];
const TOPICS: [&str; 3] = ["news", "offers", "*"];
const ZONES: [&str; 3] = ["UTC", "Asia/Tokyo", "America/Lima"];

impl People {
    /// So many people.
    #[must_use]
    pub fn new(count: usize, sharing: u32) -> People {
        People { next: 1, count, sharing, erasing: false, listing: false, pushing: false }
    }

    fn aliases(&self, rng: &mut Rng) -> Vec<Alias> {
        let names = names(rng.below(self.count));
        let mut chosen = vec![rng.pick(&names).clone()];
        while chosen.len() < 3 && rng.per_mille(350) {
            chosen.push(rng.pick(&names).clone());
        }
        if rng.per_mille(self.sharing) {
            let shared = [alias("anonymous_id", "kiosk"), alias("email", "family@home.example")];
            chosen.push(rng.pick(&shared).clone());
        }
        chosen
    }

    /// Something happens to somebody.
    pub fn act(&mut self, rng: &mut Rng, now: Timestamp) -> Body {
        let erasing = if self.erasing { 2 } else { 0 };
        let listing = if self.listing { 16 } else { 0 };
        match rng.weighted(&[60, 14, 9, 3, erasing, listing]) {
            0 => self.report_event(rng, now),
            1 => self.say_consent(rng, now),
            2 => self.ask_message(rng, now),
            5 => self.upload(rng, now),
            4 => {
                let names = names(rng.below(self.count));
                let alias = rng.pick(&names).clone();
                Body::Erase { alias, wish: wish(now) }
            }
            _ => {
                let names = names(rng.below(self.count));
                let reason = match self.next % 3 {
                    0 => "unsubscribed",
                    _ => "manual",
                };
                let suppression = rng.per_mille(700).then(|| Suppression {
                    reason: reason.to_owned(),
                    evidence: "desk".to_owned(),
                    at: now,
                });
                Body::Suppress { address: names[1 + rng.below(2)].clone(), suppression }
            }
        }
    }

    fn named(&mut self, rng: &mut Rng, name: &str, now: Timestamp) -> Event {
        self.next += 1;
        let aliases = self.aliases(rng);
        let mut event = event(self.next, name, aliases, now);
        if rng.per_mille(150) {
            let late = Duration::MINUTE.times(1 + rng.below(60 * 24 * 9) as i64);
            event.occurred_at = now.minus(late);
            event.historical = rng.per_mille(400);
        }
        if self.pushing {
            carry_phone(&mut event);
        }
        say_of_use(&mut event);
        event
    }

    fn report_event(&mut self, rng: &mut Rng, now: Timestamp) -> Body {
        let known = ["signed_up", "order_completed", "page_viewed", "cart_updated", "cart_bought"];
        let name = known[rng.weighted(&[14, 22, 30, 12, 8])];
        let mut event = self.named(rng, name, now);
        let text = |text: String| Value::String(text);
        match name {
            "order_completed" => {
                let total = 10 + rng.below(90) as i64;
                event.properties.insert("total".to_owned(), Value::from(total));
            }
            "cart_updated" | "cart_bought" => {
                let cart = format!("c{}", rng.below(3));
                event.properties.insert("cart_id".to_owned(), text(cart));
            }
            "signed_up" => {
                let city = text((*rng.pick(&CITIES)).to_owned());
                event.attributes.insert("city".to_owned(), city);
                let zone = text((*rng.pick(&ZONES)).to_owned());
                event.attributes.insert("timezone".to_owned(), zone);
                if rng.per_mille(700) {
                    event.consents.push(fact("news", ConsentState::Granted));
                    event.consents.push(fact("offers", ConsentState::Granted));
                }
            }
            _ => {}
        }
        Body::Event(Box::new(event))
    }

    /// A row of an upload, often one that is older than what is known; or the end of one that
    /// replaces the list. Few uploads, so that rows of one alias meet.
    fn upload(&mut self, rng: &mut Rng, now: Timestamp) -> Body {
        self.next += 1;
        let late = if rng.per_mille(400) { rng.below(3 * 3_600_000) as i64 } else { 0 };
        let slot = Duration::MINUTE.times(20).0;
        let at = Timestamp((now.0 - late) / slot * slot);
        let upload = Upload { at, id: rng.below(2) as u128 };
        let list = "vip".to_owned();
        if rng.per_mille(60) {
            return Body::ListSealed { list, upload };
        }
        let names = names(rng.below(self.count));
        let tier = *rng.pick(&["gold", "silver"]);
        let expires = rng
            .per_mille(600)
            .then(|| now.plus(Duration::MINUTE.times(rng.below(600) as i64 - 20)));
        let payload = Properties::from([("tier".to_owned(), Value::from(tier))]);
        Body::Listed(Box::new(Listed {
            list,
            alias: rng.pick(&names).clone(),
            stamp: Stamp { upload, row: self.next as u64 },
            source: "sim".to_owned(),
            member: rng.per_mille(850).then_some(Member { payload, expires }),
        }))
    }

    fn say_consent(&mut self, rng: &mut Rng, now: Timestamp) -> Body {
        let mut event = self.named(rng, "consent_changed", now);
        let state =
            if rng.per_mille(650) { ConsentState::Granted } else { ConsentState::Withdrawn };
        let topic = *rng.pick(&TOPICS);
        let mut fact = fact(topic, state);
        fact.channel = rng.per_mille(300).then_some(Channel::Email);
        event.consents.push(fact);
        Body::Event(Box::new(event))
    }

    fn ask_message(&mut self, rng: &mut Rng, now: Timestamp) -> Body {
        self.next += 1;
        let key = rng.per_mille(800).then(|| {
            // Now and then the key of an earlier request.
            let n = if rng.per_mille(300) { self.next - 1 } else { self.next };
            format!("key-{n}")
        });
        let mut to = self.aliases(rng);
        identity::sort(&mut to);
        let template = if rng.per_mille(500) { "receipt" } else { "code" };
        let pushed = self.pushing && self.next.is_multiple_of(2);
        let template = if pushed { "ping" } else { template };
        Body::Request(Box::new(Request {
            idempotency_key: key,
            body_hash: u128::from(template == "code"),
            template: template.to_owned(),
            to,
            payload: BTreeMap::new(),
            send_at: rng.per_mille(150).then(|| now.plus(Duration::HOUR)),
            expire_at: None,
        }))
    }
}
