//! Whether definitions hold together: each by itself, and all with each other.

use super::{Body, Book, CHANNELS, Kind, Name, Template};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::limits;
use crate::policy::Kept;
use crate::prelude::*;
use crate::segment::{self, Compiled, Window};
use crate::template;
use crate::{journey, policy};

/// What a check found.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Every fault and warning, each below `kind/name`.
    pub diagnostics: Vec<Diagnostic>,
}

impl Verdict {
    /// Whether nothing stands against publishing.
    pub fn is_clean(&self) -> bool {
        self.diagnostics.iter().all(|found| found.severity != Severity::Error)
    }
}

/// Checks the world that would be in force if `changes` were published.
pub fn check(book: &Book, changes: &[(Name, Option<Body>)]) -> Verdict {
    let mut world: BTreeMap<Name, Body> = book
        .current
        .keys()
        .filter_map(|name| Some((name.clone(), book.get(name.0, &name.1)?.body.clone())))
        .collect();
    for (name, body) in changes {
        match body {
            Some(body) => world.insert(name.clone(), body.clone()),
            None => world.remove(name),
        };
    }
    let mut checker = Checker { world: &world, found: Vec::new() };
    checker.names();
    let segments = checker.segments();
    checker.retention(&segments);
    for (name, body) in &world {
        checker.body(name, body, &segments);
    }
    Verdict { diagnostics: checker.found }
}

struct Checker<'w> {
    world: &'w BTreeMap<Name, Body>,
    found: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn names(&mut self) {
        for (kind, key) in self.world.keys() {
            let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
            if key.is_empty() || key.len() > limits::NAME_BYTES_MAX || !key.chars().all(fine) {
                let fault = Diagnostic::error(
                    format!("{kind}/{key}"),
                    "bad-name",
                    format!("`{key}` cannot be a name"),
                );
                self.found.push(fault.hint("use small letters, digits, - and _"));
            }
        }
    }

    fn keys(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.world.keys().filter(move |name| name.0 == kind).map(|name| name.1.as_str())
    }

    /// Says so if a definition that is named does not exist.
    fn needs(&mut self, path: &str, kind: Kind, key: &str) {
        if self.world.contains_key(&(kind, key.to_owned())) {
            return;
        }
        let mut fault = Diagnostic::error(
            path,
            &format!("unknown-{kind}"),
            format!("there is no {kind} `{key}`"),
        );
        if let Some(near) = nearest(key, self.keys(kind)) {
            fault = fault.hint(format!("did you mean `{near}`?"));
        }
        self.found.push(fault);
    }

    fn take(&mut self, parent: &str, found: Vec<Diagnostic>) {
        self.found.extend(found.into_iter().map(|fault| fault.below(parent)));
    }

    /// No rule looks further back than events are kept: live and rebuilt would disagree.
    fn retention(&mut self, segments: &BTreeMap<String, Compiled>) {
        let world = self.world;
        let policy = world.get(&(Kind::Policy, "policy".to_owned()));
        let Some(Body::Policy(policy)) = policy else { return };
        for (event, Kept(kept)) in &policy.retention {
            let at = format!("policy/policy.retention.{event}");
            if kept.0 <= 0 {
                let message = "events that are kept for no time are not events";
                self.found.push(Diagnostic::error(at.clone(), "zero-retention", message));
            }
            if event == crate::consent::STATED {
                let message = "what people said about consent is kept for good";
                self.found.push(Diagnostic::error(at, "evidence-kept", message));
            }
        }
        for (key, rule) in segments {
            self.windows(&format!("segment/{key}.rule"), rule, &policy.retention);
        }
        for ((_, key), body) in world.iter().filter(|(name, _)| name.0 == Kind::Journey) {
            let Body::Journey(source) = body else { continue };
            let (journey, _) = journey::check(key, 0, source);
            for rule in journey.rules() {
                self.windows(&format!("journey/{key}"), rule, &policy.retention);
            }
        }
    }

    fn windows(&mut self, path: &str, rule: &Compiled, retention: &BTreeMap<String, Kept>) {
        for aggregate in &rule.aggregates {
            let event = &aggregate.event;
            let Some(Kept(kept)) = retention.get(event) else { continue };
            if aggregate.window == Window::All {
                let message = format!("ever means the last {kept}: so long `{event}` is kept");
                let fault = Diagnostic::warning(path, "ever-is-bounded", message);
                self.found.push(fault.hint(format!("say `last {kept}`, and nobody is misled")));
            } else if let Window::Last(span) = aggregate.window
                && span > *kept
            {
                let message = format!("looks {span} back, `{event}` is kept for {kept}");
                let fault = Diagnostic::error(path, "beyond-retention", message);
                let hint = "shorten the window, or keep the event longer (policy, `retention`)";
                self.found.push(fault.hint(hint));
            }
        }
    }

    fn segments(&mut self) -> BTreeMap<String, Compiled> {
        let mut compiled = BTreeMap::new();
        for ((_, key), body) in self.world.iter().filter(|(name, _)| name.0 == Kind::Segment) {
            let Body::Segment(source) = body else { continue };
            let path = format!("segment/{key}.rule");
            match segment::parse(&source.rule) {
                Ok(rule) => {
                    let (rule, found) = segment::compile(rule);
                    self.take(&path, found);
                    compiled.insert(key.clone(), rule);
                }
                Err(found) => self.take(&path, found),
            }
        }
        if let Err(found) = segment::order(&compiled) {
            self.take("segment", found);
        }
        compiled
    }

    fn body(&mut self, name: &Name, body: &Body, segments: &BTreeMap<String, Compiled>) {
        let path = format!("{}/{}", name.0, name.1);
        match body {
            Body::Segment(_) => {}
            Body::Topic(topic) => self.topic(&path, topic),
            Body::Journey(source) => self.journey(&path, &name.1, source, segments),
            Body::Campaign(campaign) => {
                for segment in campaign.audience.iter().chain(&campaign.exclude) {
                    self.needs(&format!("{path}.audience"), Kind::Segment, segment);
                }
                if campaign.audience.is_empty() {
                    let message = "the campaign targets nobody";
                    let fault =
                        Diagnostic::error(format!("{path}.audience"), "no-audience", message);
                    self.found.push(fault.hint("name at least one segment"));
                }
                if campaign.per_minute == Some(0) {
                    let fault = Diagnostic::error(
                        format!("{path}.per-minute"),
                        "zero-rate",
                        "at 0 messages a minute nothing is ever sent",
                    );
                    self.found.push(fault.hint("leave it out to send as fast as possible"));
                }
                self.message(&format!("{path}.template"), &campaign.template);
            }
            Body::Template(template) => self.template(&path, template),
            Body::Sender(sender) => {
                let address = &sender.from.address;
                if crate::identity::canonical("email", address).is_err() {
                    let message = format!("`{address}` is no address");
                    let at = format!("{path}.from.address");
                    self.found.push(Diagnostic::error(at, "bad-address", message));
                }
                for dkim in &sender.dkim {
                    if !matches!(dkim.algorithm.as_str(), "rsa" | "ed25519") {
                        let message = format!("`{}` is no algorithm", dkim.algorithm);
                        let fault =
                            Diagnostic::error(format!("{path}.dkim"), "bad-algorithm", message);
                        self.found.push(fault.hint("rsa or ed25519"));
                    }
                }
            }
            Body::Provider(provider) => self.provider(&path, provider),
            Body::Policy(policy) => self.policy(&path, policy),
            Body::Namespace(namespace) => {
                let found = crate::identity::namespaces::check(&name.1, namespace);
                self.take(&path, found);
            }
        }
    }

    fn provider(&mut self, path: &str, provider: &super::ProviderSource) {
        if !CHANNELS.contains(&provider.channel) {
            let message = format!("no provider can carry {} yet", provider.channel);
            let at = format!("{path}.channel");
            self.found.push(Diagnostic::error(at, "channel-missing", message));
        }
        let ways =
            [provider.smtp.is_some(), provider.webhook.is_some(), provider.catch_all.is_some()];
        if ways.iter().filter(|way| **way).count() != 1 {
            let message = "a provider is reached in exactly one way";
            let fault = Diagnostic::error(path, "provider-unclear", message);
            self.found.push(fault.hint("say one of `smtp`, `webhook` or `catch-all`"));
        }
        if let Some(smtp) = &provider.smtp
            && !matches!(smtp.tls.as_str(), "none" | "starttls" | "starttls-required" | "tls")
        {
            let message = format!("`{}` is no way to encrypt", smtp.tls);
            let fault = Diagnostic::error(format!("{path}.smtp.tls"), "bad-tls", message);
            self.found.push(fault.hint("none, starttls, starttls-required or tls"));
        }
    }

    /// A topic that asks for confirmation names a message that can ask, and be sent.
    fn topic(&mut self, path: &str, topic: &super::TopicSource) {
        let at = format!("{path}.confirmation");
        let Some(key) = &topic.confirmation else {
            if topic.double_opt_in {
                let message = "a yes has to be confirmed, and no message asks for it";
                let fault = Diagnostic::error(at, "no-confirmation", message);
                self.found.push(fault.hint("name a transactional template"));
            }
            return;
        };
        if !topic.double_opt_in {
            let message = "is never sent without `double-opt-in: true`";
            self.found.push(Diagnostic::warning(at.clone(), "confirmation-unused", message));
        }
        self.needs(&at, Kind::Template, key);
        let Some(Body::Template(template)) = self.world.get(&(Kind::Template, key.clone())) else {
            return;
        };
        if template.topic.is_some() {
            let message = "asks for consent to a topic, so it could never be sent before a yes";
            let fault = Diagnostic::error(at.clone(), "confirmation-has-topic", message);
            self.found.push(fault.hint("leave `topic` out of the template"));
        }
        let links = template.parts().any(|(_, text)| text.contains("links.confirm"));
        if !links {
            let message = format!("`{key}` has no link that confirms");
            let fault = Diagnostic::error(at, "no-confirm-link", message);
            self.found.push(fault.hint("put `{{ links.confirm }}` into it"));
        }
    }

    fn policy(&mut self, path: &str, policy: &policy::Policy) {
        if policy.quiet_hours.as_ref().is_some_and(|hours| hours.parse().is_none()) {
            let message = "quiet hours have two times of day";
            let fault = Diagnostic::error(format!("{path}.quiet-hours"), "bad-time", message);
            self.found.push(fault.hint("write `from: \"21:00\"` and `to: \"08:00\"`"));
        }
        if jiff::tz::TimeZone::get(&policy.default_zone).is_err() {
            let message = format!("there is no time zone `{}`", policy.default_zone);
            let fault = Diagnostic::error(format!("{path}.default-zone"), "unknown-zone", message);
            self.found.push(fault.hint("an IANA name such as `Europe/Madrid`"));
        }
        if policy.holdout_per_mille > 1_000 {
            let message = "more than a thousand in a thousand";
            let at = format!("{path}.holdout-per-mille");
            self.found.push(Diagnostic::error(at, "bad-share", message));
        }
    }

    fn journey(
        &mut self,
        path: &str,
        key: &str,
        source: &journey::Definition,
        segments: &BTreeMap<String, Compiled>,
    ) {
        let (journey, found) = journey::check(key, 0, source);
        self.take(path, found);
        if let Some(segment) = &source.entry.segment {
            self.needs(&format!("{path}.entry.segment"), Kind::Segment, segment);
        }
        let templates: Vec<String> = journey.templates().map(str::to_owned).collect();
        for template in templates {
            self.message(&format!("{path}.steps"), &template);
        }
        let named: BTreeSet<String> =
            journey.rules().flat_map(|rule| rule.segments.iter().cloned()).collect();
        for segment in named.iter().filter(|name| !segments.contains_key(*name)) {
            self.needs(path, Kind::Segment, segment);
        }
    }

    /// A template that a journey or a campaign sends: it must exist and have a topic.
    fn message(&mut self, path: &str, template: &str) {
        self.needs(path, Kind::Template, template);
        let known = self.world.get(&(Kind::Template, template.to_owned()));
        if let Some(Body::Template(Template { topic: None, .. })) = known {
            let message =
                format!("the template `{template}` has no topic, so consent cannot be asked");
            let fault = Diagnostic::error(path, "no-topic", message);
            self.found.push(fault.hint("give the template a `topic`"));
        }
    }

    fn template(&mut self, path: &str, template: &Template) {
        if let Some(topic) = &template.topic {
            self.needs(&format!("{path}.topic"), Kind::Topic, topic);
        }
        match &template.sender {
            Some(sender) => self.needs(&format!("{path}.sender"), Kind::Sender, sender),
            None if template.channel == crate::message::Channel::Email => {
                let senders = self.keys(Kind::Sender).count();
                if senders != 1 {
                    let message = format!("there are {senders} senders to choose from");
                    let fault = Diagnostic::error(format!("{path}.sender"), "no-sender", message);
                    self.found.push(fault.hint("name one with `sender`"));
                }
            }
            None => {}
        }
        for (part, text) in template.parts() {
            match template::parse(text, &BTreeMap::new()) {
                Ok(parsed) => {
                    let mut found = unknown_roots(&parsed);
                    found.extend(unguarded(&parsed));
                    self.take(&format!("{path}.{part}"), found);
                }
                Err(found) => self.take(&format!("{path}.{part}"), found),
            }
        }
        if template.html.is_none() && template.text.is_none() {
            let message = "the template has no content";
            self.found
                .push(Diagnostic::error(path, "no-content", message).hint("add `html` or `text`"));
        }
    }
}

/// The names that a template may begin a path with.
const ROOTS: [&str; 4] = ["profile", "event", "message", "links"];

fn unknown_roots(parsed: &template::Template) -> Vec<Diagnostic> {
    parsed
        .variables()
        .into_iter()
        .filter_map(|variable| {
            let root = variable.path.split('.').next()?;
            if ROOTS.contains(&root) {
                return None;
            }
            let message = format!("`{root}` is not known here");
            let fault = Diagnostic::error("", "unknown-variable", message)
                .at(variable.span.start as usize, variable.span.end as usize);
            let near = nearest(root, ROOTS);
            let hint = near.map_or_else(
                || format!("write `profile.{root}` or `event.{root}`"),
                |near| format!("did you mean `{near}`?"),
            );
            Some(fault.hint(hint))
        })
        .collect()
}

/// Attributes that a person may lack, without a fallback.
fn unguarded(parsed: &template::Template) -> Vec<Diagnostic> {
    parsed
        .variables()
        .into_iter()
        .filter(|variable| variable.path.starts_with("profile.") && !variable.guarded)
        .map(|variable| {
            let message = format!("`{}` has no fallback for people who lack it", variable.path);
            Diagnostic::warning("", "no-fallback", message)
                .at(variable.span.start as usize, variable.span.end as usize)
                .hint("add `| default: \"…\"`")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Definitions by kind and key; the codes of what is found.
    fn check(definitions: Value, expected: &str) {
        let mut changes = Vec::new();
        for (kind, named) in definitions.as_object().unwrap() {
            for (key, document) in named.as_object().unwrap() {
                let kind: Kind = kind.parse().unwrap();
                let body = Body::read(kind, document.clone()).unwrap();
                changes.push(((kind, key.clone()), Some(body)));
            }
        }
        let found = super::check(&Book::default(), &changes).diagnostics;
        let codes: Vec<_> = found.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(codes.join(" "), expected, "{found:?}");
    }

    #[test]
    fn no_rule_looks_further_back_than_events_are_kept() {
        let with = |rule: &str| {
            json!({ "policy": { "policy": { "retention": { "page": "90d" } } },
                    "segment": { "s": { "rule": rule } } })
        };
        check(with("count(page, last 90d) >= 1"), "");
        check(with("count(page, last 91d) >= 1"), "beyond-retention");
        check(with("count(page) >= 1"), "ever-is-bounded");
        check(with("count(order) >= 1"), "");
        let evidence =
            json!({ "policy": { "policy": { "retention": { "consent_stated": "9d" } } }});
        check(evidence, "evidence-kept");
        let none = json!({ "policy": { "policy": { "retention": { "page": "0d" } } } });
        check(none, "zero-retention");
    }

    #[test]
    fn who_asks_for_a_confirmed_yes_can_ask() {
        let with = |topic: Value, text: &str, of: Option<&str>| {
            json!({ "topic": { "news": topic },
                    "sender": { "brand": { "from": { "address": "a@b.example" } } },
                    "template": { "please": { "topic": of, "subject": "?", "text": text } } })
        };
        let topic = json!({ "title": "News", "double-opt-in": true, "confirmation": "please" });
        check(with(topic.clone(), "{{ links.confirm }}", None), "");
        check(with(topic.clone(), "Hello", None), "no-confirm-link");
        check(with(topic, "{{ links.confirm }}", Some("news")), "confirmation-has-topic");
        let alone = json!({ "title": "News", "double-opt-in": true });
        check(with(alone, "Hello", None), "no-confirmation");
        let idle = json!({ "title": "News", "confirmation": "please" });
        check(with(idle, "{{ links.confirm }}", None), "confirmation-unused");
        let missing = json!({ "title": "News", "double-opt-in": true, "confirmation": "no" });
        check(with(missing, "Hello", None), "unknown-template");
    }
}
