//! Requests to somebody's server.

use super::{Content, Ready, Rendering, Unrendered};
use cauce_core::decision::HandOver;
use cauce_core::message::Request;
use cauce_core::template::Escape;
use cauce_core::time::Timestamp;
use cauce_core::value::Value;

impl Rendering {
    pub(super) fn request(
        &self,
        ready: &Ready,
        hand_over: &HandOver,
        values: &Value,
        now: Timestamp,
    ) -> Result<Content, Unrendered> {
        let provider = hand_over.provider();
        let (webhook, url, headers) = self
            .webhooks
            .get(provider)
            .ok_or_else(|| format!("there is no webhook provider {provider}"))?;
        let none = Escape::None;
        let url = self.part("url", Some(url), values, none, now)?.unwrap_or_default();
        let mut rendered = Vec::new();
        for (name, value) in headers {
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
        let body = self.part("text", ready.text.as_ref(), values, escape, now)?.unwrap_or_default();
        Ok(Content::Request(Box::new(Request {
            message: hand_over.message,
            profile: hand_over.profile,
            method: webhook.method.clone(),
            url,
            headers: rendered,
            body: body.into_bytes(),
            at: now,
        })))
    }
}
