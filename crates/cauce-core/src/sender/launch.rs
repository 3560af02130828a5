//! What the large mailbox providers ask of a campaign before it starts, as far as definitions and
//! the configuration say it. What only the DNS knows, [`super::examine`] judges.
//!
//! As of 2026-11-29. Google, "Email sender guidelines" (support 81126), and Yahoo, "Sender best
//! practices": signed by DKIM, in line with the From address, unsubscribing by one click (RFC 8058,
//! over https). Microsoft, "Outlook's requirements for high-volume senders": the same signatures,
//! and a link to unsubscribe that works.

use super::bulk;
use crate::diagnostic::{Diagnostic, Severity};
use crate::message::Channel;
use crate::policy::Policy;
use crate::prelude::*;
use crate::publish::{Body, Kind, SenderSource, Template};

/// Everything that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'l> {
    /// Who writes, and their name.
    pub sender: Option<(&'l str, &'l SenderSource)>,
    /// What is sent.
    pub template: &'l Template,
    /// What the workspace demands.
    pub policy: &'l Policy,
    /// Mail goes straight to the mail servers of its readers: if we do not sign, nobody does. A
    /// relay or a provider may sign for us.
    pub straight: bool,
    /// What links in messages begin with, if it is known.
    pub public_url: Option<&'l str>,
}

impl<'l> Launch<'l> {
    /// The launch of a template in a world of definitions; nothing where no mail leaves.
    pub fn of(
        world: impl Fn(Kind) -> Vec<(&'l str, &'l Body)>,
        template: &'l Template,
        policy: &'l Policy,
        public_url: Option<&'l str>,
    ) -> Option<Launch<'l>> {
        let ways: Vec<_> = world(Kind::Provider)
            .into_iter()
            .filter_map(|(_, body)| match body {
                Body::Provider(way) if way.channel == Channel::Email => Some(way),
                _ => None,
            })
            .filter(|way| way.catch_all.is_none())
            .collect();
        if ways.is_empty() || template.channel != Channel::Email {
            return None;
        }
        let wanted = template.sender.as_deref();
        let mut senders = world(Kind::Sender).into_iter().filter_map(|(name, body)| match body {
            Body::Sender(sender) => Some((name, sender)),
            _ => None,
        });
        let sender = senders.find(|(name, sender)| match wanted {
            Some(wanted) => wanted == *name,
            None => !sender.from.address.is_empty(),
        });
        let straight = ways.iter().any(|way| way.direct.is_some());
        Some(Launch { sender, template, policy, straight, public_url })
    }

    /// What stands against it: errors keep the campaign from starting.
    pub fn judge(&self, path: &str) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        if let Some((name, sender)) = self.sender {
            found.extend(bulk::before(path, sender).into_iter().map(|fault| Diagnostic {
                path: path.to_owned(),
                message: format!("its sender `{name}` {}", fault.message),
                severity: match self.straight && fault.code != "bulk-return-path" {
                    true => Severity::Error,
                    false => fault.severity,
                },
                ..fault
            }));
        }
        found.extend(self.one_click(path));
        let shown = |text: &Option<String>| {
            text.as_deref().is_some_and(|text| {
                text.contains("links.unsubscribe") || text.contains("links.preferences")
            })
        };
        if !shown(&self.template.html) && !shown(&self.template.text) {
            let message = "its text shows no link to unsubscribe, which Outlook asks for";
            let fault = Diagnostic::warning(path, "bulk-no-link", message);
            found.push(fault.hint("show `{{ links.unsubscribe }}` at its end"));
        }
        if self.template.topic.is_none() {
            found.extend(postal(path, self.template, self.policy));
        }
        found
    }

    fn one_click(&self, path: &str) -> Option<Diagnostic> {
        let url = self.public_url.filter(|url| !url.starts_with("https://"))?;
        let (code, hint) = ("bulk-no-one-click", "set `public-url` to an address with https");
        // Who tries it out on one machine writes to nobody who could click.
        let own = ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| url.contains(host));
        let message = format!(
            "Gmail and Yahoo ask marketing for unsubscribing by one click over https, and \
             `public-url` is `{url}`"
        );
        let fault = match own {
            true => Diagnostic::warning(path, code, message),
            false => Diagnostic::error(path, code, message),
        };
        Some(fault.hint(hint))
    }
}

/// That a marketing e-mail does not show the postal address that the policy demands.
pub fn postal(path: &str, template: &Template, policy: &Policy) -> Option<Diagnostic> {
    let address =
        policy.postal_address.as_deref().filter(|_| template.channel == Channel::Email)?;
    let wanted = words(address);
    let lacks =
        |text: &Option<String>| text.as_deref().is_some_and(|text| !words(text).contains(&wanted));
    let part = match (lacks(&template.html), lacks(&template.text)) {
        (true, _) => "html",
        (false, true) => "text",
        (false, false) => return None,
    };
    let message = format!("does not show the postal address of the policy, `{address}`");
    let fault = Diagnostic::error(format!("{path}.{part}"), "no-postal-address", message);
    Some(fault.hint("write it at the end; spaces, line breaks and tags in it do not matter"))
}

/// A text without tags, and with single spaces.
fn words(text: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                plain.push(' ');
            }
            _ if !inside => plain.push(c),
            _ => {}
        }
    }
    let plain = plain.replace("&amp;", "&").replace("&nbsp;", " ").to_lowercase();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(kind: Kind, document: serde_json::Value) -> Body {
        Body::read(kind, document).unwrap()
    }

    fn judged(
        sender: serde_json::Value,
        way: serde_json::Value,
        text: &str,
        url: &str,
        postal_address: Option<&str>,
    ) -> Option<Vec<(String, Severity)>> {
        let sender = body(Kind::Sender, sender);
        let way = body(Kind::Provider, way);
        let Body::Template(template) =
            body(Kind::Template, json!({ "subject": "s", "text": text }))
        else {
            unreachable!()
        };
        let policy =
            Policy { postal_address: postal_address.map(str::to_owned), ..Policy::default() };
        let world = |kind| match kind {
            Kind::Sender => vec![("shop", &sender)],
            Kind::Provider => vec![("mail", &way)],
            _ => Vec::new(),
        };
        let launch = Launch::of(world, &template, &policy, Some(url))?;
        let of = |fault: Diagnostic| (fault.code, fault.severity);
        Some(launch.judge("campaign/a").into_iter().map(of).collect())
    }

    const HTTPS: &str = "https://go.shop.example";
    const LINK: &str = "Hello. {{ links.unsubscribe }}";

    fn straight() -> serde_json::Value {
        json!({ "channel": "email", "in-flight": 8, "direct": {} })
    }

    fn signed(domain: &str) -> serde_json::Value {
        json!({ "from": { "address": "a@shop.example" }, "dkim": [
            { "selector": "s", "algorithm": "rsa", "key": "file:k.pem", "domain": domain }
        ] })
    }

    #[test]
    fn what_nobody_signs_does_not_start() {
        let bare = json!({ "from": { "address": "a@shop.example" } });
        let error = |code: &str| Some(vec![(code.to_owned(), Severity::Error)]);
        let warning = |code: &str| Some(vec![(code.to_owned(), Severity::Warning)]);
        let relay =
            json!({ "channel": "email", "in-flight": 8, "smtp": { "host": "mx.a.example" } });
        let inbox = json!({ "channel": "email", "in-flight": 8, "catch-all": {} });
        let check = |sender: &serde_json::Value, way: &serde_json::Value| {
            judged(sender.clone(), way.clone(), LINK, HTTPS, None)
        };
        assert_eq!(check(&bare, &straight()), error("bulk-unsigned"));
        assert_eq!(check(&bare, &relay), warning("bulk-unsigned"), "a relay may sign");
        assert_eq!(check(&bare, &inbox), None, "nothing leaves");
        assert_eq!(check(&signed("else.example"), &straight()), error("bulk-unaligned"));
        assert_eq!(check(&signed("mail.shop.example"), &straight()), Some(Vec::new()));
    }

    #[test]
    fn one_click_needs_https_and_a_link_is_shown() {
        let check =
            |text: &str, url: &str| judged(signed("shop.example"), straight(), text, url, None);
        let found = |code: &str, severity| Some(vec![(code.to_owned(), severity)]);
        let plain = "http://go.shop.example";
        assert_eq!(check(LINK, plain), found("bulk-no-one-click", Severity::Error));
        let own = "http://127.0.0.1:7070";
        assert_eq!(check(LINK, own), found("bulk-no-one-click", Severity::Warning));
        assert_eq!(check("Hello.", HTTPS), found("bulk-no-link", Severity::Warning));
    }

    #[test]
    fn the_postal_address_is_shown_where_the_policy_demands_it() {
        let check = |text: &str| {
            let address = Some("Shop & Co, 1 High Street, Town");
            judged(signed("shop.example"), straight(), text, HTTPS, address)
        };
        let shown = "{{ links.unsubscribe }} Shop &amp; Co,<br>1 High\n Street, Town";
        assert_eq!(check(shown), Some(Vec::new()));
        let found = Some(vec![("no-postal-address".to_owned(), Severity::Error)]);
        assert_eq!(check(LINK), found);
    }
}
