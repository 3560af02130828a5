//! Requests to somebody's server: of the channel `webhook`, or one that carries a text message.

use super::{Content, Ready, Rendering, Site, Unrendered, parse};
use cauce_core::decision::HandOver;
use cauce_core::ids::{MessageId, ProfileId};
use cauce_core::message::Request;
use cauce_core::message::content::sms::{Encoding, Sms};
use cauce_core::publish::Webhook;
use cauce_core::template::{Escape, Template};
use cauce_core::time::Timestamp;
use cauce_core::value::Value;
use std::collections::BTreeMap;

/// How a server is asked, parsed once per plan.
pub(super) struct Asked {
    method: String,
    url: Template,
    headers: Vec<(String, Template)>,
    /// Of a request that carries a text message.
    body: Option<Template>,
}

impl Asked {
    pub(super) fn parse(webhook: &Webhook) -> Option<Asked> {
        let headers = webhook.headers.iter();
        let headers = headers.map(|(name, value)| Some((name.clone(), parse(value)?)));
        Some(Asked {
            method: webhook.method.clone(),
            url: parse(&webhook.url)?,
            headers: headers.collect::<Option<_>>()?,
            body: match &webhook.body {
                Some(body) => Some(parse(body)?),
                None => None,
            },
        })
    }
}

impl Rendering {
    pub(super) fn request(
        &self,
        ready: &Ready,
        hand_over: &HandOver,
        values: &Value,
        now: Timestamp,
    ) -> Result<Content, Unrendered> {
        let provider = hand_over.provider();
        let asked = self.webhooks.get(provider);
        let asked = asked.ok_or_else(|| format!("there is no webhook provider {provider}"))?;
        let whose = (hand_over.message, hand_over.profile);
        Ok(self.ask(asked, ready.text.as_ref(), whose, values, now)?)
    }

    /// A text message that somebody tries a provider with: as what it leaves.
    pub(crate) fn tried(
        &self,
        site: &Site,
        provider: &str,
        sms: Sms,
        now: Timestamp,
    ) -> Result<Content, Unrendered> {
        let text = |text: String| Value::String(text);
        let about = BTreeMap::from([("id".to_owned(), text(sms.message.to_string()))]);
        let links =
            BTreeMap::from([("report".to_owned(), text(site.report(sms.message, provider)))]);
        let values = Value::Object(BTreeMap::from([
            ("message".to_owned(), Value::Object(about)),
            ("links".to_owned(), Value::Object(links)),
        ]));
        let whose = (sms.message, ProfileId(0));
        let made = self.text_request(provider, whose, &sms, &values, now)?;
        Ok(made.unwrap_or_else(|| Content::Sms(Box::new(sms))))
    }

    /// The request that carries a text message, where its provider is asked by recipe.
    pub(super) fn text_request(
        &self,
        provider: &str,
        whose: (MessageId, ProfileId),
        sms: &Sms,
        values: &Value,
        now: Timestamp,
    ) -> Result<Option<Content>, Unrendered> {
        let Some(asked) = self.webhooks.get(provider) else { return Ok(None) };
        // What the template may use of the person is in the text already.
        let mut known = BTreeMap::from([("sms".to_owned(), told(sms, now))]);
        for name in ["message", "links"] {
            if let Some(value) = values.at([name]) {
                known.insert(name.to_owned(), value.clone());
            }
        }
        let known = Value::Object(known);
        Ok(Some(self.ask(asked, asked.body.as_ref(), whose, &known, now)?))
    }

    fn ask(
        &self,
        asked: &Asked,
        body: Option<&Template>,
        (message, profile): (MessageId, ProfileId),
        values: &Value,
        now: Timestamp,
    ) -> Result<Content, String> {
        let none = Escape::None;
        let url = self.part("url", Some(&asked.url), values, none, now)?.unwrap_or_default();
        let mut rendered = Vec::new();
        for (name, value) in &asked.headers {
            let value = self.part("headers", Some(value), values, none, now)?.unwrap_or_default();
            rendered.push((name.clone(), value));
        }
        let kind = rendered.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let said = kind.map(|(_, kind)| kind.to_ascii_lowercase()).unwrap_or_default();
        if kind.is_none() {
            rendered.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        // A quote in somebody's name must not end a string of the request, nor `&` a field.
        let escape = match said.as_str() {
            "" => Escape::Json,
            kind if kind.contains("json") => Escape::Json,
            kind if kind.starts_with("application/x-www-form-urlencoded") => Escape::Form,
            _ => Escape::None,
        };
        let body = self.part("text", body, values, escape, now)?.unwrap_or_default();
        Ok(Content::Request(Box::new(Request {
            message,
            profile,
            method: asked.method.clone(),
            url,
            headers: rendered,
            body: body.into_bytes(),
            at: now,
        })))
    }
}

/// A text message as the recipe of its provider sees it.
fn told(sms: &Sms, now: Timestamp) -> Value {
    let text = |text: &str| Value::String(text.to_owned());
    let number = |n: i64| Value::from(n);
    let extras = sms.extras.iter().map(|(name, value)| (name.clone(), text(value)));
    Value::Object(BTreeMap::from([
        ("to".to_owned(), text(&sms.to)),
        ("to_digits".to_owned(), text(sms.to.trim_start_matches('+'))),
        ("from".to_owned(), text(&sms.from)),
        ("text".to_owned(), text(&sms.text)),
        ("encoding".to_owned(), text(sms.encoding.as_str())),
        ("unicode".to_owned(), Value::Bool(sms.encoding == Encoding::Ucs2)),
        ("parts".to_owned(), number(sms.parts.len() as i64)),
        ("expires".to_owned(), text(&sms.expires.to_string())),
        ("validity_s".to_owned(), number((sms.expires.since(now).0 / 1_000).max(1))),
        ("extras".to_owned(), Value::Object(extras.collect())),
    ]))
}
