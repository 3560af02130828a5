//! From a granted message to its content: renders the template with the values that came with the
//! grant. What a channel adds to it stands in the channel's file.

mod attached;
mod email;
mod plain;
mod push;
mod request;
mod sms;

use crate::tokens::{Purpose, Tokens};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cauce_channels::email::dkim::Signer;
use cauce_core::decision::HandOver;
use cauce_core::event::Properties;
use cauce_core::ids::MessageId;
use cauce_core::message::content::push::Push;
use cauce_core::message::content::sms::Sms;
use cauce_core::message::{Channel, Email, Request};
use cauce_core::publish::{self, Body, Book, Kind, SenderSource};
use cauce_core::sms::links::{self, Short};
use cauce_core::template::{self, Escape};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use cauce_core::{limits, policy};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A template, parsed once per plan.
pub struct Ready {
    source: publish::Template,
    subject: Option<template::Template>,
    html: Option<template::Template>,
    text: Option<template::Template>,
    push: Option<push::Parsed>,
    /// What it needs of its event.
    needed: BTreeSet<String>,
    sender: Option<SenderSource>,
    signers: Signers,
}

/// Who signs for a sender, or why nobody can: then nothing of it leaves.
pub type Signers = Result<Arc<Vec<Signer>>, String>;

/// Why a message was not rendered.
#[derive(Debug, PartialEq, Eq)]
pub enum Unrendered {
    /// It cannot be, with these values.
    Faulty(String),
    /// It will be once an operator has mended something.
    Held(String),
}

impl From<String> for Unrendered {
    fn from(text: String) -> Unrendered {
        Unrendered::Faulty(text)
    }
}

/// Everything that rendering needs of one plan.
#[derive(Default)]
pub struct Rendering {
    templates: BTreeMap<String, Ready>,
    webhooks: BTreeMap<String, request::Asked>,
    zone: String,
    /// Whether messages get a link that nobody sees.
    hidden_link: bool,
}

/// What a granted message became.
#[derive(Debug)]
pub enum Content {
    /// An e-mail and who signs it.
    Email(Box<Email>, Arc<Vec<Signer>>),
    /// A request.
    Request(Box<Request>),
    /// A push to devices.
    Push(Box<Push>),
    /// A text message.
    Sms(Box<Sms>),
}

impl Content {
    /// By what it travels.
    pub fn channel(&self) -> Channel {
        match self {
            Content::Email(..) => Channel::Email,
            Content::Request(_) => Channel::Webhook,
            Content::Push(_) => Channel::Push,
            Content::Sms(_) => Channel::Sms,
        }
    }
}

/// A message as it leaves.
#[derive(Debug)]
pub struct Rendered {
    /// What is sent.
    pub content: Content,
    /// What its short links lead to: known before it leaves.
    pub links: Vec<Short>,
}

impl From<Content> for Rendered {
    fn from(content: Content) -> Rendered {
        Rendered { content, links: Vec::new() }
    }
}

/// Whether a variable without a value is a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strict {
    /// It is, for an author.
    Yes,
    /// It is shown as nothing, as to everybody else.
    No,
}

/// Where links lead.
pub struct Site {
    /// The public address, without a slash at the end.
    pub url: String,
    /// Makes tokens.
    pub tokens: Tokens,
    /// Whether what comes back by mail is read: then mail may ask for it.
    pub takes_mail: bool,
}

impl Site {
    /// The one-click unsubscribe address of a message.
    pub fn unsubscribe(&self, message: MessageId) -> String {
        format!("{}/u/{}", self.url, self.tokens.make(Purpose::Unsubscribe, message, ""))
    }

    /// The preference page of a message's profile.
    pub fn preferences(&self, message: MessageId) -> String {
        format!("{}/preferences/{}", self.url, self.tokens.make(Purpose::Unsubscribe, message, ""))
    }

    /// The page on which a message's reader confirms what somebody said under their address.
    pub fn confirm(&self, message: MessageId) -> String {
        format!("{}/confirm/{}", self.url, self.tokens.make(Purpose::Confirm, message, ""))
    }

    /// The address whose mail unsubscribes, where mail is read.
    fn unsubscribe_mailto(&self, message: MessageId, domain: &str) -> Option<String> {
        self.takes_mail.then(|| self.tokens.unsubscribe_address(message, domain))
    }

    /// The mail address at which answers are heard of, if mail comes in here.
    fn answers(&self, message: MessageId, domain: &str) -> Option<String> {
        self.takes_mail.then(|| self.tokens.answer_address(message, domain))
    }

    /// Where the provider of a message may report what becomes of it, and of no other.
    pub fn report(&self, message: MessageId, provider: &str) -> String {
        let token = self.tokens.make(Purpose::Report, message, provider);
        format!("{}/reports/webhook/{provider}/{token}", self.url)
    }

    /// The address of a short link.
    pub fn short(&self, token: &str) -> String {
        format!("{}/s/{token}", self.url)
    }

    /// A text as it would leave, as long as it would be: for somebody who looks.
    pub fn shortened(&self, source: &publish::Template, text: &str) -> String {
        let text = source.text_message(text);
        match source.tracking {
            true => links::replace(&text, |_| self.short(&"x".repeat(links::TOKEN_CHARS))),
            false => text,
        }
    }

    fn click(&self, message: MessageId, target: &str) -> String {
        let token = self.tokens.make(Purpose::Click, message, target);
        format!("{}/c/{token}/{}", self.url, BASE64.encode(target))
    }

    fn pixel(&self, message: MessageId) -> String {
        format!("{}/o/{}.gif", self.url, self.tokens.make(Purpose::Open, message, ""))
    }
}

/// Values, and the links of a message.
fn with_own(site: &Site, mut values: Properties, message: MessageId) -> Properties {
    let links = BTreeMap::from([
        ("unsubscribe".to_owned(), Value::String(site.preferences(message))),
        ("preferences".to_owned(), Value::String(site.preferences(message))),
        ("confirm".to_owned(), Value::String(site.confirm(message))),
    ]);
    values.insert("links".to_owned(), Value::Object(links));
    values
}

fn parse(text: &str) -> Option<template::Template> {
    template::parse(text, &BTreeMap::new()).ok()
}

impl Rendering {
    /// Parses the templates in force; `signers` finds the keys of a sender.
    pub fn new(book: &Book, signers: &dyn Fn(&str, &SenderSource) -> Signers) -> Rendering {
        let senders: BTreeMap<String, (SenderSource, Signers)> = book
            .list(Kind::Sender)
            .filter_map(|(key, revision)| match &revision.body {
                Body::Sender(sender) => {
                    Some((key.to_owned(), (sender.clone(), signers(key, sender))))
                }
                _ => None,
            })
            .collect();
        let only = |channel: Channel| {
            let able = |sender: &SenderSource| match channel {
                Channel::Sms => sender.sms.is_some(),
                Channel::Email | Channel::Push | Channel::Webhook => {
                    !sender.from.address.is_empty()
                }
            };
            let mut all = senders.iter().filter(|(_, (sender, _))| able(sender));
            let first = all.next().map(|(name, _)| name);
            first.filter(|_| all.next().is_none())
        };
        let templates = book
            .list(Kind::Template)
            .filter_map(|(key, revision)| {
                let Body::Template(source) = &revision.body else { return None };
                let sender = source.sender.as_ref().or(only(source.channel));
                let sender = sender.and_then(|name| senders.get(name));
                let own = source.text.clone();
                let text = own.or_else(|| source.html.as_deref().and_then(plain::template_of));
                let ready = Ready {
                    subject: parse(&source.subject),
                    html: source.html.as_deref().and_then(parse),
                    text: text.as_deref().and_then(parse),
                    push: source.push.as_ref().map(push::Parsed::new),
                    sender: sender.map(|(sender, _)| sender.clone()),
                    signers: sender.map_or_else(|| Ok(Arc::default()), |(_, known)| known.clone()),
                    needed: source.needed(),
                    source: source.clone(),
                };
                Some((key.to_owned(), ready))
            })
            .collect();
        let webhooks = book
            .list(Kind::Provider)
            .filter_map(|(key, revision)| match &revision.body {
                Body::Provider(provider) => {
                    let asked = request::Asked::parse(provider.webhook.as_ref()?)?;
                    Some((key.to_owned(), asked))
                }
                _ => None,
            })
            .collect();
        let (zone, hidden_link) =
            match book.get(Kind::Policy, "policy").map(|revision| &revision.body) {
                Some(Body::Policy(policy)) => (policy.default_zone.clone(), policy.hidden_link),
                _ => ("UTC".to_owned(), false),
            };
        Rendering { templates, webhooks, zone, hidden_link }
    }

    /// Fills the parts of a template for somebody who looks, without links that mean anything: each
    /// by its name, as it would leave, or the fault that keeps it from leaving.
    pub fn preview(
        &self,
        site: &Site,
        source: &publish::Template,
        known: Properties,
        options: (Strict, Timestamp),
    ) -> BTreeMap<&'static str, Result<String, template::Fault>> {
        let (strict, now) = options;
        let values = Value::Object(with_own(site, known, MessageId(0)));
        let own = source.text.is_none().then_some(source.html.as_deref()).flatten();
        let own = own.and_then(plain::template_of);
        let parts = source.parts().chain(own.as_deref().map(|text| ("text", text)));
        let filled = parts.filter_map(|(part, text)| {
            let parsed = parse(text)?;
            let escape = match (part, source.channel) {
                ("html", _) => Escape::Html,
                (_, Channel::Webhook) => Escape::Json,
                _ => Escape::None,
            };
            let strict_variables = strict == Strict::Yes;
            let options =
                template::Options { strict_variables, ..self.options(escape, now, &values) };
            Some((part, template::render(&parsed, &values, &options)))
        });
        let mut filled: BTreeMap<_, _> = filled.collect();
        if let Some(Ok(html)) = filled.get("html")
            && !matches!(filled.get("text"), Some(Err(_)))
        {
            let own = filled.get("text").and_then(|text| text.as_ref().ok().cloned());
            match plain::of(own, Some(html)) {
                Some(text) => filled.insert("text", Ok(text)),
                None => filled.remove("text"),
            };
        }
        filled
    }

    /// What a template needs of its event, and a payload does not have.
    pub fn missing(&self, template: &str, payload: &BTreeMap<String, Value>) -> Vec<&str> {
        let Some(ready) = self.templates.get(template) else { return Vec::new() };
        let has = |path: &str| {
            let mut names = path.split('.').skip(1);
            let first = names.next().and_then(|name| payload.get(name));
            let found = first.and_then(|value| value.at(names));
            found.is_some_and(|value| *value != Value::Null)
        };
        ready.needed.iter().map(String::as_str).filter(|path| !has(path)).collect()
    }

    /// Renders a granted message. An error names what failed; nothing half-made ever leaves.
    pub fn render(
        &self,
        site: &Site,
        hand_over: &HandOver,
        now: Timestamp,
    ) -> Result<Rendered, Unrendered> {
        let name = &hand_over.template.0;
        let ready =
            self.templates.get(name).ok_or_else(|| format!("there is no template {name}"))?;
        let values = self.values(site, hand_over);
        match hand_over.channel {
            Channel::Email => self.email(site, ready, hand_over, &values, now).map(Rendered::from),
            Channel::Webhook => self.request(ready, hand_over, &values, now).map(Rendered::from),
            Channel::Push => self.push(site, ready, hand_over, &values, now).map(Rendered::from),
            Channel::Sms => self.sms(site, ready, hand_over, &values, now),
        }
    }

    fn values(&self, site: &Site, hand_over: &HandOver) -> Value {
        let message = hand_over.message;
        let mut values = with_own(site, hand_over.values.clone(), message);
        attached::hide(&mut values);
        let about = BTreeMap::from([
            ("id".to_owned(), Value::String(message.to_string())),
            ("profile".to_owned(), Value::String(hand_over.profile.to_string())),
            ("address".to_owned(), Value::String(hand_over.address.clone())),
            ("topic".to_owned(), hand_over.topic.as_deref().map_or(Value::Null, Value::from)),
        ]);
        values.insert("message".to_owned(), Value::Object(about));
        if let Some(Value::Object(links)) = values.get_mut("links") {
            let report = site.report(message, hand_over.provider());
            links.insert("report".to_owned(), Value::String(report));
        }
        Value::Object(values)
    }

    fn options(&self, escape: Escape, now: Timestamp, values: &Value) -> template::Options {
        let own = values.at(["profile", "timezone"]).and_then(Value::as_str);
        let (zone, _) = policy::quiet_hours::zone([own, Some(&self.zone)]);
        template::Options {
            escape,
            fuel: limits::TEMPLATE_FUEL,
            output_bytes_max: limits::TEMPLATE_OUTPUT_BYTES_MAX,
            strict_variables: false,
            // What somebody sends in a wrong type must not keep a message from leaving.
            forgiving: true,
            zone,
            now,
        }
    }

    fn part(
        &self,
        part: &str,
        parsed: Option<&template::Template>,
        values: &Value,
        escape: Escape,
        now: Timestamp,
    ) -> Result<Option<String>, String> {
        let Some(parsed) = parsed else { return Ok(None) };
        template::render(parsed, values, &self.options(escape, now, values))
            .map(Some)
            .map_err(|fault| format!("{part}: {fault}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::message::Class;
    use serde_json::json;

    fn value(json: serde_json::Value) -> Value {
        Value::from_json(json).unwrap()
    }

    fn rendering(kind: Option<&str>) -> Rendering {
        let headers = kind.map(|kind| json!({ "content-type": kind })).unwrap_or(json!({}));
        let hook = json!({ "channel": "webhook",
            "webhook": { "url": "https://a.example/", "headers": headers } });
        let text = r#"{"to":"{{ event.name }}","all":{{ event.name | json }}}"#;
        let template = json!({ "channel": "webhook", "text": text });
        let read = |kind, name: &str, document| {
            let body = Body::read(kind, document).unwrap();
            ((kind, name.to_owned()), serde_json::to_string(&body).ok())
        };
        let mut book = Book::default();
        book.publish(&publish::Plan {
            number: 1,
            at: Timestamp(0),
            by: String::new(),
            changes: vec![
                read(Kind::Provider, "hook", hook),
                read(Kind::Template, "note", template),
            ],
        });
        Rendering::new(&book, &|_, _| Ok(Arc::default()))
    }

    fn rendered(kind: Option<&str>, name: &str) -> String {
        let event = value(json!({ "name": name }));
        let hand_over = HandOver {
            message: MessageId(1),
            attempt: 1,
            profile: cauce_core::ids::ProfileId(2),
            channel: Channel::Webhook,
            class: Class::Transactional,
            path: "hook".to_owned(),
            provider: "hook".to_owned(),
            address: String::new(),
            template: ("note".to_owned(), 1),
            values: BTreeMap::from([("event".to_owned(), event)]),
            topic: None,
            campaign: None,
            targets: Vec::new(),
            start_before: Timestamp(0),
            expires: Timestamp(0),
            trace: cauce_core::ids::TraceId::default(),
        };
        let site = Site { url: String::new(), tokens: Tokens::new(b"x"), takes_mail: false };
        match rendering(kind).render(&site, &hand_over, Timestamp(0)) {
            Ok(Rendered { content: Content::Request(request), .. }) => {
                String::from_utf8(request.body).unwrap()
            }
            Ok(_) => panic!("no request"),
            Err(why) => panic!("{why:?}"),
        }
    }

    #[test]
    fn a_quote_does_not_break_the_json_of_a_request() {
        for name in ["Ana", "Ana \"A\" \\ O'Neil\n</script>", "\u{1f44b}\u{2028}"] {
            for kind in [None, Some("application/vnd.x+JSON; charset=utf-8")] {
                let body: serde_json::Value = serde_json::from_str(&rendered(kind, name)).unwrap();
                assert_eq!(body, json!({ "to": name, "all": name }));
            }
        }
        let form = rendered(Some("text/plain"), "a\"b");
        assert!(form.starts_with("{\"to\":\"a\"b\""), "as it is: {form}");
    }

    #[test]
    fn what_a_payload_lacks_is_named() {
        let rendering = rendering(None);
        let check = |payload: serde_json::Value, expected: &[&str]| {
            let payload = serde_json::from_value(payload).unwrap();
            assert_eq!(rendering.missing("note", &payload), expected);
        };
        check(json!({ "name": "" }), &[]);
        check(json!({ "name": null }), &["event.name"]);
        check(json!({ "nme": "Ana" }), &["event.name"]);
        assert!(rendering.missing("other", &BTreeMap::new()).is_empty());
    }
}
