//! E-mails: links are rewritten, the pixel and the unsubscribe address are added.

use super::{Content, Ready, Rendering, Site, Unrendered, attached, plain};
use cauce_core::decision::HandOver;
use cauce_core::message::{Class, Email, Mailbox};
use cauce_core::template::Escape;
use cauce_core::time::Timestamp;
use cauce_core::tracking::{self, actor};
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
        // Before links are rewritten: what is read as text leads where it says.
        let text = plain::of(text, html.as_deref());
        let own = [site.unsubscribe(message), site.preferences(message), site.confirm(message)];
        let html = html.map(|html| {
            if !ready.source.tracking {
                return html;
            }
            let rewritten = tracking::rewrite(&html, |target| {
                (!own.iter().any(|own| own == target)).then(|| site.click(message, target))
            });
            let rewritten = match self.hidden_link {
                true => tracking::add_hidden(&rewritten, &site.click(message, actor::HIDDEN)),
                false => rewritten,
            };
            tracking::add_pixel(&rewritten, &site.pixel(message))
        });
        let domain = domain_of(&sender.from.address).to_owned();
        let return_domain = sender.return_path_domain.as_deref().unwrap_or(&domain);
        let transactional = hand_over.class == Class::Transactional;
        let return_path = site.tokens.return_path(message, return_domain);
        let email = Email {
            message,
            from: sender.from.clone(),
            reply_to: sender.reply_to.clone(),
            heard_at: sender.hear_answers.then(|| site.answers(message, return_domain)).flatten(),
            to: Mailbox { name: String::new(), address: hand_over.address.clone() },
            return_path: return_path.clone(),
            subject: subject.unwrap_or_default(),
            html,
            text: text.unwrap_or_default(),
            unsubscribe_url: (!transactional).then(|| site.unsubscribe(message)),
            unsubscribe_mailto: (!transactional)
                .then(|| site.unsubscribe_mailto(message, return_domain))
                .flatten(),
            headers: headers(site, hand_over, &domain, &return_path),
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

/// Headers by which mailbox providers tell streams apart and complain. None of them says whom the
/// message is for.
fn headers(
    site: &Site,
    hand_over: &HandOver,
    domain: &str,
    return_path: &str,
) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    if let Some(topic) = &hand_over.topic {
        headers.push(("List-Id".to_owned(), format!("<{topic}.{domain}>")));
    }
    let kind = match hand_over.class {
        Class::Transactional => "transactional",
        Class::Triggered => "triggered",
        Class::Bulk => "bulk",
    };
    // Google's form: up to four fields, the last of which stays the same for a sender.
    let word = |text: &str| -> String {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        text.chars().map(|letter| if fits(letter) { letter } else { '-' }).collect()
    };
    let topic = hand_over.topic.as_deref().unwrap_or("none");
    let feedback = [word(&hand_over.template.0), word(topic), kind.to_owned(), word(domain)];
    headers.push(("Feedback-ID".to_owned(), feedback.join(":")));
    if site.takes_mail {
        // RFC 9477: where a provider that wants to may complain without an agreement.
        headers.push(("CFBL-Address".to_owned(), format!("{return_path}; report=arf")));
    }
    headers
}
