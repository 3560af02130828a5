//! Text messages: who writes under which name, in which alphabet, in how many parts.

use super::{Content, Ready, Rendered, Rendering, Site, Unrendered};
use cauce_core::decision::HandOver;
use cauce_core::message::content::sms::Sms;
use cauce_core::phone;
use cauce_core::sms::links::{self, Short};
use cauce_core::sms::{Limits, encoding_of, split};
use cauce_core::template::Escape;
use cauce_core::time::Timestamp;
use cauce_core::value::Value;

impl Rendering {
    pub(super) fn sms(
        &self,
        site: &Site,
        ready: &Ready,
        hand_over: &HandOver,
        values: &Value,
        now: Timestamp,
    ) -> Result<Rendered, Unrendered> {
        let no_sender = || "the template has no sender who writes text messages".to_owned();
        let sender = ready.sender.as_ref().and_then(|sender| sender.sms.as_ref());
        let sender = sender.ok_or_else(no_sender)?;
        let to = hand_over.address.clone();
        if !phone::is_e164(&to) {
            return Err(format!(
                "the number {to} does not say its country: it begins with + and the country's code"
            )
            .into());
        }
        let text = self.part("text", ready.text.as_ref(), values, Escape::None, now)?;
        let text = ready.source.text_message(&text.unwrap_or_default());
        if text.is_empty() {
            return Err("text: nothing is left of it for this person".to_owned().into());
        }
        let message = hand_over.message;
        // Not: the signed address that a letter has, with its target inside. It costs a part of its
        // own.
        let mut kept: Vec<Short> = Vec::new();
        let text = if ready.source.tracking {
            links::replace(&text, |target| {
                let secret = site.tokens.short(message, hand_over.attempt, target);
                let token = links::token(secret, message.birthplace());
                let short = site.short(&token);
                if !kept.iter().any(|known| known.token == token) {
                    kept.push(Short { token, target: target.to_owned() });
                }
                short
            })
        } else {
            text
        };
        let encoding = encoding_of(&text);
        let parts = split(&text, encoding, Limits::short_reference(encoding));
        if parts.len() > usize::from(sender.max_parts) {
            return Err(format!(
                "text: it takes {} parts, and the sender allows {} (`sms.max-parts`): shorten it",
                parts.len(),
                sender.max_parts
            )
            .into());
        }
        let mut extras = sender.extras.clone();
        extras.extend(ready.source.extras.clone());
        let sms = Sms {
            message,
            from: sender.name_for(&to).to_owned(),
            to,
            text,
            encoding,
            expires: hand_over.expires,
            receipt: true,
            reference: site.tokens.reference(message, parts.len() as u16),
            parts,
            extras,
        };
        let whose = (message, hand_over.profile);
        let content = match self.text_request(hand_over.provider(), whose, &sms, values, now)? {
            Some(request) => request,
            None => Content::Sms(Box::new(sms)),
        };
        Ok(Rendered { content, links: kept })
    }
}
