//! E-mails: links are rewritten, the pixel and the unsubscribe address are added.

use super::{Content, Ready, Rendering, Site, Unrendered, attached};
use cauce_core::decision::HandOver;
use cauce_core::message::{Class, Email, Mailbox};
use cauce_core::template::Escape;
use cauce_core::time::Timestamp;
use cauce_core::tracking;
use cauce_core::value::Value;

impl Rendering {
    pub(super) fn email(
        &self,
        site: &Site,
        ready: &Ready,
        hand_over: &HandOver,
        values: &Value,
        now: Timestamp,
    ) -> Result<Content, Unrendered> {
        let message = hand_over.message;
        let no_sender = || "the template has no sender".to_owned();
        let sender = ready.sender.as_ref().ok_or_else(no_sender)?;
        // Not: sending without the signature, which receivers would hold against the domain.
        let signers = ready.signers.clone().map_err(Unrendered::Held)?;
        let subject = self.part("subject", ready.subject.as_ref(), values, Escape::None, now)?;
        let text = self.part("text", ready.text.as_ref(), values, Escape::None, now)?;
        let html = self.part("html", ready.html.as_ref(), values, Escape::Html, now)?;
        let own = [site.unsubscribe(message), site.preferences(message), site.confirm(message)];
        let html = html.map(|html| {
            if !ready.source.tracking {
                return html;
            }
            let rewritten = tracking::rewrite(&html, |target| {
                (!own.iter().any(|own| own == target)).then(|| site.click(message, target))
            });
            tracking::add_pixel(&rewritten, &site.pixel(message))
        });
        let domain = domain_of(&sender.from.address).to_owned();
        let return_domain = sender.return_path_domain.as_deref().unwrap_or(&domain);
        let transactional = hand_over.class == Class::Transactional;
        let email = Email {
            message,
            from: sender.from.clone(),
            reply_to: sender.reply_to.clone(),
            to: Mailbox { name: String::new(), address: hand_over.address.clone() },
            return_path: site.tokens.return_path(message, return_domain),
            subject: subject.unwrap_or_default(),
            html,
            text: text.unwrap_or_default(),
            unsubscribe_url: (!transactional).then(|| site.unsubscribe(message)),
            unsubscribe_mailto: None,
            headers: list_id(hand_over, &domain),
            domain,
            date: now,
            transactional,
            attachments: attached::files(ready, &hand_over.values),
        };
        Ok(Content::Email(Box::new(email), signers))
    }
}

fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("localhost", |(_, domain)| domain)
}

fn list_id(hand_over: &HandOver, domain: &str) -> Vec<(String, String)> {
    match &hand_over.topic {
        Some(topic) => vec![("List-Id".to_owned(), format!("<{topic}.{domain}>"))],
        None => Vec::new(),
    }
}
