//! Whether definitions hold together: each by itself, and all with each other.

use super::{About, Body, Book, Kind, Name, Template};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::identity::Namespaces;
use crate::limits;
use crate::message::{Channel, attached};
use crate::offer::OFFERS;
use crate::phone;
use crate::policy::{Kept, Policy};
use crate::prelude::*;
use crate::profile::SegmentNumber;
use crate::segment::MessageFilter;
use crate::segment::{self, Aggregate, Compiled, Computed, Window};
use crate::sender::launch::{Launch, postal};
use crate::sms::countries;
use crate::sms::sender::{self as text_sender, TextSender};
use crate::template;
use crate::time::Duration;
use crate::{journey, list, policy};

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
    let mut world = book.world();
    for (name, body) in changes {
        match body {
            Some(body) => world.insert(name.clone(), body.clone()),
            None => world.remove(name),
        };
    }
    let mut checker = Checker::of(&world, book);
    checker.names();
    let computed = checker.computed();
    let segments = checker.segments(&computed);
    checker.retention(&segments, &computed);
    for (name, body) in &world {
        checker.body(name, body, &segments, &computed);
    }
    checker.found.extend(crate::schema::check(&world, book, changes));
    Verdict { diagnostics: checker.found }
}

pub(super) struct Checker<'w> {
    pub(super) world: &'w BTreeMap<Name, Body>,
    /// What was ever published.
    book: &'w Book,
    pub(super) found: Vec<Diagnostic>,
}

impl<'w> Checker<'w> {
    /// Begins one.
    pub(super) fn of(world: &'w BTreeMap<Name, Body>, book: &'w Book) -> Checker<'w> {
        Checker { world, book, found: Vec::new() }
    }

    /// What was found.
    pub(super) fn into_found(self) -> Vec<Diagnostic> {
        self.found
    }

    /// A rule that is no definition yet: everything that a segment's rule is checked for.
    pub(super) fn rule(&mut self, path: &str, rule: &mut Compiled) {
        let computed = self.computed();
        self.take(path, segment::resolve(rule, &computed));
        for segment in &rule.segments {
            self.needs(path, Kind::Segment, segment);
        }
        self.named(path, rule);
        if rule.uses_event {
            let message = "nobody is in a segment while events happen: it cannot ask for `event`";
            let fault = Diagnostic::error(path, "event-in-segment", message);
            self.found.push(fault.hint("ask for `count(…)` or `last(…)`"));
        }
        if let Some(Body::Policy(policy)) = self.world.get(&(Kind::Policy, "policy".to_owned())) {
            self.windows(path, &rule.aggregates, &policy.retention);
        }
    }
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
    pub(super) fn needs(&mut self, path: &str, kind: Kind, key: &str) {
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

    pub(super) fn take(&mut self, parent: &str, found: Vec<Diagnostic>) {
        self.found.extend(found.into_iter().map(|fault| fault.below(parent)));
    }

    fn computed(&mut self) -> BTreeMap<String, Computed> {
        let mut computed = BTreeMap::new();
        for ((_, key), body) in self.world.iter().filter(|(name, _)| name.0 == Kind::Attribute) {
            let Body::Attribute(source) = body else { continue };
            match segment::parse_computed(&source.value) {
                Ok(value) => {
                    computed.insert(key.clone(), value);
                }
                Err(found) => self.take(&format!("attribute/{key}.value"), found),
            }
        }
        computed
    }

    /// The computed attributes that can be read; what is wrong with the others is said of them.
    pub(super) fn computed_in_force(&self) -> BTreeMap<String, Computed> {
        let read = |((kind, key), body): (&Name, &Body)| match body {
            Body::Attribute(source) if *kind == Kind::Attribute => {
                Some((key.clone(), segment::parse_computed(&source.value).ok()?))
            }
            _ => None,
        };
        self.world.iter().filter_map(read).collect()
    }

    /// No rule looks further back than events are kept: live and rebuilt would disagree.
    fn retention(
        &mut self,
        segments: &BTreeMap<String, Compiled>,
        computed: &BTreeMap<String, Computed>,
    ) {
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
            self.windows(&format!("segment/{key}.rule"), &rule.aggregates, &policy.retention);
        }
        for (key, computed) in computed {
            let path = format!("attribute/{key}.value");
            self.windows(&path, [&computed.aggregate], &policy.retention);
        }
        for ((_, key), body) in world.iter().filter(|(name, _)| name.0 == Kind::Journey) {
            let Body::Journey(source) = body else { continue };
            let (journey, _) = journey::check(key, 0, source);
            for rule in journey.rules() {
                self.windows(&format!("journey/{key}"), &rule.aggregates, &policy.retention);
            }
        }
    }

    pub(super) fn windows<'a>(
        &mut self,
        path: &str,
        aggregates: impl IntoIterator<Item = &'a Aggregate>,
        retention: &BTreeMap<String, Kept>,
    ) {
        for aggregate in aggregates {
            for event in aggregate.events() {
                let Some(Kept(kept)) = retention.get(event) else { continue };
                self.found.extend(beyond(path, event, aggregate.window, *kept));
            }
        }
    }

    fn segments(&mut self, computed: &BTreeMap<String, Computed>) -> BTreeMap<String, Compiled> {
        let mut compiled = BTreeMap::new();
        let mut shared: BTreeMap<SegmentNumber, &str> = BTreeMap::new();
        for ((_, key), body) in self.world.iter().filter(|(name, _)| name.0 == Kind::Segment) {
            let Body::Segment(source) = body else { continue };
            if let Some(other) = shared.insert(super::shared_number(key), key) {
                // One in a thousand installations with a thousand segments: then nobody may be told
                // of the people of the one as of those of the other.
                let message = format!("`{key}` cannot be told from `{other}` when it is shared");
                let fault = Diagnostic::error(format!("segment/{key}"), "name-taken", message);
                self.found.push(fault.hint(format!("another name, such as `{key}-2`")));
            }
            let path = format!("segment/{key}.rule");
            match segment::parse(&source.rule) {
                Ok(rule) => {
                    let (mut rule, found) = segment::compile(rule);
                    self.take(&path, found);
                    self.take(&path, segment::resolve(&mut rule, computed));
                    self.named(&path, &rule);
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

    /// What a rule names beside segments: topics, lists, and what sends messages.
    pub(super) fn named(&mut self, path: &str, rule: &Compiled) {
        for topic in &rule.topics {
            self.about(path, topic, About::Messages);
        }
        for purpose in &rule.purposes {
            self.about(path, purpose, About::Use);
        }
        for (name, values) in &rule.lists {
            self.needs(path, Kind::List, name);
            let known = self.world.get(&(Kind::List, name.clone()));
            let Some(Body::List(list)) = known else { continue };
            let unknown = values.iter().filter(|value| !list.payload.contains_key(value.first()));
            for value in unknown.filter(|_| !list.payload.is_empty()) {
                let message = format!("list `{name}` says nothing of `{}`", value.first());
                let fault = Diagnostic::error(path, "unknown-payload", message);
                let near = nearest(value.first(), list.payload.keys().map(String::as_str));
                self.found.push(match near {
                    Some(near) => fault.hint(format!("did you mean `{near}`?")),
                    None => fault.hint("name it below `payload` of the list"),
                });
            }
        }
        for (filter, name) in &rule.sources {
            let kind = match filter {
                MessageFilter::Template => Kind::Template,
                MessageFilter::Campaign => Kind::Campaign,
                MessageFilter::Journey => Kind::Journey,
                MessageFilter::Channel | MessageFilter::Reason => continue,
            };
            let key = (kind, name.clone());
            if !self.world.contains_key(&key) && self.book.revisions.contains_key(&key) {
                let message = format!("the {kind} `{name}` is no more: nothing new counts");
                self.found.push(Diagnostic::warning(path, &format!("gone-{kind}"), message));
            } else {
                self.needs(path, kind, name);
            }
        }
    }

    fn body(
        &mut self,
        name: &Name,
        body: &Body,
        segments: &BTreeMap<String, Compiled>,
        computed: &BTreeMap<String, Computed>,
    ) {
        let path = format!("{}/{}", name.0, name.1);
        match body {
            Body::Segment(_) | Body::Attribute(_) | Body::Schema(_) => {}
            Body::Topic(topic) => self.topic(&path, topic),
            Body::Journey(source) => self.journey(&path, &name.1, source, segments, computed),
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
                self.campaign(&path, campaign);
            }
            Body::Template(template) => self.template(&path, template),
            Body::Sender(sender) => self.sender(&path, sender),
            Body::Provider(provider) => self.found.extend(provider.faults(&path)),
            Body::Policy(policy) => {
                if name.1 != "policy" {
                    let message = format!("`{}` is no policy that anything asks for", name.1);
                    let fault = Diagnostic::error(path.clone(), "unknown-policy", message);
                    self.found.push(fault.hint("the one policy is named `policy`"));
                }
                self.policy(&path, policy);
            }
            Body::List(source) => {
                let mut namespaces = Namespaces::default();
                for ((_, name), body) in self.world.iter() {
                    if let Body::Namespace(namespace) = body {
                        namespaces.declare(name, namespace.clone());
                    }
                }
                let found = list::check(source, &namespaces);
                self.take(&path, found);
            }
            Body::Namespace(namespace) => {
                let found = crate::identity::namespaces::check(&name.1, namespace);
                self.take(&path, found);
            }
            Body::Route(route) => self.route(&path, &name.1, route),
            Body::Source(source) => self.found.extend(source.faults(&path)),
            Body::Offer(offer) => self.offer(&path, &name.1, offer),
            Body::Placement(placement) => self.placement(&path, placement),
            Body::Sharing(_) | Body::Experiment(_) | Body::Destination(_) => {
                let (found, needed) = super::share::check(&name.1, &path, body, self.world);
                self.found.extend(found);
                needed.iter().for_each(|(at, name)| self.needs(at, Kind::Segment, name));
                if let Body::Sharing(sharing) = body {
                    self.shared_placements(&path, sharing);
                    for purpose in &sharing.purposes {
                        self.about(&format!("{path}.purposes"), purpose, About::Use);
                    }
                }
            }
        }
    }

    /// What a route names: providers of its channel, topics and senders.
    fn route(&mut self, path: &str, key: &str, route: &crate::route::RouteSource) {
        self.found.extend(crate::route::check(path, route));
        if self.world.contains_key(&(Kind::Provider, key.to_owned())) {
            let message = format!("there is a provider `{key}`: their queues would have one name");
            let fault = Diagnostic::error(path, "name-taken", message);
            self.found.push(fault.hint(format!("another name, such as `{key}-route`")));
        }
        for (place, leg) in route.legs.iter().enumerate() {
            let at = format!("{path}.legs.{place}.provider");
            self.needs(&at, Kind::Provider, &leg.provider);
            let known = self.world.get(&(Kind::Provider, leg.provider.clone()));
            if let Some(Body::Provider(provider)) = known
                && provider.channel != route.channel
            {
                let carries = provider.channel;
                let message = format!("`{}` carries {carries}", leg.provider);
                let fault = Diagnostic::error(at, "channel-differs", message);
                self.found.push(fault.hint(format!("the route is for {}", route.channel)));
            }
        }
        for topic in &route.topics {
            self.about(&format!("{path}.topics"), topic, About::Messages);
        }
        for sender in &route.senders {
            self.needs(&format!("{path}.senders"), Kind::Sender, sender);
        }
    }

    /// Throttle, pause and cancel work on the queue of the channel that the messages travel by.
    fn campaign(&mut self, path: &str, campaign: &crate::campaign::Definition) {
        let known = self.world.get(&(Kind::Template, campaign.template.clone()));
        if let Some(Body::Template(template)) = known
            && template.channel != campaign.channel
        {
            let message = format!(
                "the campaign is for {}, its template `{}` for {}",
                campaign.channel, campaign.template, template.channel
            );
            let at = format!("{path}.channel");
            let fault = Diagnostic::error(at, "channel-differs", message);
            self.found.push(fault.hint(format!("write `channel: {}`", template.channel)));
        }
        if let Some(Body::Template(template)) = known {
            self.launch(path, template);
        }
        if campaign.monthly && campaign.at.is_none() {
            let message = "`monthly` says the day and time of `at`, which is missing";
            let fault = Diagnostic::error(format!("{path}.monthly"), "no-time", message);
            self.found.push(fault.hint("add `at: 2026-12-01T09:00:00Z`"));
        }
    }

    fn sender(&mut self, path: &str, sender: &super::SenderSource) {
        let address = &sender.from.address;
        if let Some(texts) = &sender.sms {
            self.text_sender(&format!("{path}.sms"), texts);
        }
        let only_texts = sender.sms.is_some() && address.is_empty();
        if !only_texts && crate::identity::canonical("email", address).is_err() {
            let message = format!("`{address}` is no address");
            let at = format!("{path}.from.address");
            self.found.push(Diagnostic::error(at, "bad-address", message));
        }
        if sender.hear_answers && only_texts {
            let message = "a sender that writes no e-mail has no answers by e-mail";
            let fault = Diagnostic::error(format!("{path}.hear-answers"), "no-from", message);
            self.found.push(fault.hint("give it `from`, or leave `hear-answers` out"));
        }
        for dkim in &sender.dkim {
            if !matches!(dkim.algorithm.as_str(), "rsa" | "ed25519") {
                let message = format!("`{}` is no algorithm", dkim.algorithm);
                let fault = Diagnostic::error(format!("{path}.dkim"), "bad-algorithm", message);
                self.found.push(fault.hint("rsa or ed25519"));
            }
        }
    }

    /// Under which names somebody texts, and what answers the words of readers.
    fn text_sender(&mut self, path: &str, texts: &TextSender) {
        for (at, from) in texts.names() {
            if let Err(why) = text_sender::kind(from) {
                let fault = Diagnostic::error(format!("{path}.{at}"), "bad-sender", why);
                self.found.push(fault.hint(
                    "up to 11 letters and digits, a number such as `+34600000001`, or a short code",
                ));
            }
        }
        self.found.extend(countries::faults(path, texts));
        for region in texts.by_country.keys() {
            if !phone::is_region(region) {
                let message = format!("`{region}` is no region (ISO 3166-1)");
                let at = format!("{path}.by-country.{region}");
                let near = nearest(&region.to_uppercase(), phone::regions());
                let fault = Diagnostic::error(at, "unknown-region", message);
                self.found.push(match near {
                    Some(near) => fault.hint(format!("did you mean `{near}`?")),
                    None => fault,
                });
            }
        }
        if texts.max_parts == 0 {
            let message = "with no part at all nothing is ever sent";
            let at = format!("{path}.max-parts");
            self.found.push(Diagnostic::error(at, "zero-parts", message));
        }
        for (name, template) in texts.answers() {
            let at = format!("{path}.{name}");
            self.needs(&at, Kind::Template, template);
            let known = self.world.get(&(Kind::Template, template.to_owned()));
            let Some(Body::Template(known)) = known else { continue };
            if known.channel != Channel::Sms || known.topic.is_some() {
                let message = format!("`{template}` cannot answer who ends everything else");
                let fault = Diagnostic::error(at, "no-answer", message);
                self.found.push(fault.hint("name a template for `sms` without a `topic`"));
            }
        }
    }

    /// What only a text message asks of its template.
    fn text_message(&mut self, path: &str, template: &Template) {
        if template.html.is_some() || !template.subject.is_empty() {
            let message = "a text message has nothing but `text`";
            let fault = Diagnostic::error(path, "not-plain", message);
            self.found.push(fault.hint("leave `html` and `subject` out"));
        }
        let texts = |body: &Body| matches!(body, Body::Sender(sender) if sender.sms.is_some());
        let able = |name: &Name, body: &Body| name.0 == Kind::Sender && texts(body);
        let at = format!("{path}.sender");
        match &template.sender {
            Some(name) => {
                let known = self.world.get(&(Kind::Sender, name.clone()));
                if known.is_some_and(|body| !texts(body)) {
                    let message = format!("the sender `{name}` writes no text messages");
                    let fault = Diagnostic::error(at, "no-sender", message);
                    self.found.push(fault.hint("give it `sms: { from: … }`"));
                }
            }
            None => {
                let count = self.world.iter().filter(|(name, body)| able(name, body)).count();
                if count != 1 {
                    let message = format!("{count} senders write text messages");
                    let fault = Diagnostic::error(at, "no-sender", message);
                    self.found.push(fault.hint("name one with `sender`"));
                }
            }
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
        if let Some(region) = &policy.default_region
            && phone::Plan::of(region).is_none()
        {
            let message = format!("`{region}` is no region (ISO 3166-1)");
            let at = format!("{path}.default-region");
            let fault = Diagnostic::error(at, "unknown-region", message);
            self.found.push(match nearest(&region.to_uppercase(), phone::regions()) {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault.hint("two capital letters: `ES`"),
            });
        }
        if policy.holdout_per_mille > 1_000 {
            let message = "more than a thousand in a thousand";
            let at = format!("{path}.holdout-per-mille");
            self.found.push(Diagnostic::error(at, "bad-share", message));
        }
        if !(0..=limits::CLICK_SETTLE_MAX.0).contains(&policy.click_settle.0) {
            let message = format!("a click would wait {}", policy.click_settle);
            let fault = Diagnostic::error(format!("{path}.click-settle"), "bad-span", message);
            self.found.push(fault.hint(format!("`0s` to `{}`", limits::CLICK_SETTLE_MAX)));
        }
        let span = policy.soft_bounces.over.0;
        if !(0..=limits::SOFT_BOUNCES_OVER_MAX.0).contains(&span) {
            let message = "what is older than 90 days is forgotten";
            let at = format!("{path}.soft-bounces.over");
            self.found.push(Diagnostic::error(at, "bad-span", message).hint("such as `14d`"));
        }
        if policy.soft_bounces.count > limits::SOFT_BOUNCES_MAX {
            let message = format!("more than {} are not remembered", limits::SOFT_BOUNCES_MAX);
            let at = format!("{path}.soft-bounces.count");
            let fault = Diagnostic::error(at, "bad-count", message);
            self.found.push(fault.hint("such as `5`; `0` to never suppress for them"));
        }
    }

    fn journey(
        &mut self,
        path: &str,
        key: &str,
        source: &journey::Definition,
        segments: &BTreeMap<String, Compiled>,
        computed: &BTreeMap<String, Computed>,
    ) {
        let (mut journey, found) = journey::check(key, 0, source);
        self.take(path, found);
        for rule in journey.rules_mut() {
            self.take(path, segment::resolve(rule, computed));
        }
        if let Some(segment) = &source.entry.segment {
            self.needs(&format!("{path}.entry.segment"), Kind::Segment, segment);
        }
        let templates: Vec<String> = journey.templates().map(str::to_owned).collect();
        for template in templates {
            self.message(&format!("{path}.steps"), &template);
        }
        let named: BTreeSet<String> =
            journey.rules().flat_map(|rule| rule.segments.iter().cloned()).collect();
        for rule in journey.rules() {
            self.named(path, rule);
        }
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
            self.about(&format!("{path}.topic"), topic, About::Messages);
        }
        if template.channel == Channel::Sms {
            self.text_message(path, template);
        } else if template.transliterate || !template.extras.is_empty() {
            let message = "`transliterate` and `extras` are for text messages";
            let fault = Diagnostic::error(path, "only-for-sms", message);
            self.found.push(fault.hint("leave them out, or say `channel: sms`"));
        }
        let mails = |body: &Body| matches!(body, Body::Sender(s) if !s.from.address.is_empty());
        match &template.sender {
            Some(sender) => {
                self.needs(&format!("{path}.sender"), Kind::Sender, sender);
                let known = self.world.get(&(Kind::Sender, sender.clone()));
                if template.channel == Channel::Email && known.is_some_and(|body| !mails(body)) {
                    let message = format!("the sender `{sender}` writes no e-mail");
                    let fault = Diagnostic::error(format!("{path}.sender"), "no-sender", message);
                    self.found.push(fault.hint("give it `from: { address: … }`"));
                }
            }
            None if template.channel == Channel::Email => {
                let senders = self.world.values().filter(|body| mails(body)).count();
                if senders != 1 {
                    let message = format!("there are {senders} senders to choose from");
                    let fault = Diagnostic::error(format!("{path}.sender"), "no-sender", message);
                    self.found.push(fault.hint("name one with `sender`"));
                }
            }
            None => {}
        }
        for name in template.computed() {
            self.needs(path, Kind::Attribute, &name);
        }
        for name in template.lists() {
            self.needs(path, Kind::List, &name);
        }
        self.offers_of(path, template);
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
        self.found.extend(super::push::check(path, template));
        self.images(path, template);
        if template.topic.is_some() {
            let policy = self.policy_in_force();
            self.found.extend(postal(path, template, &policy));
        }
        let pushed = template.channel == Channel::Push;
        if template.html.is_none() && template.text.is_none() && !pushed {
            let message = "the template has no content";
            self.found
                .push(Diagnostic::error(path, "no-content", message).hint("add `html` or `text`"));
        }
    }
}

impl Checker<'_> {
    /// What large mailbox providers ask of a campaign, as far as definitions say it, and where mail
    /// really leaves. Here a warning: what is an error keeps it from starting.
    fn launch(&mut self, path: &str, template: &Template) {
        let world = |kind: Kind| {
            let of = self.world.iter().filter(|((of, _), _)| *of == kind);
            of.map(|((_, name), body)| (name.as_str(), body)).collect()
        };
        let policy = self.policy_in_force();
        let launch = Launch::of(world, template, &policy, None);
        let found = launch.map(|launch| launch.judge(path)).unwrap_or_default();
        self.found.extend(found.into_iter().map(|fault| match fault.severity {
            Severity::Error => Diagnostic {
                severity: Severity::Warning,
                message: format!("{}: it will not start", fault.message),
                ..fault
            },
            _ => fault,
        }));
    }

    fn policy_in_force(&self) -> Policy {
        match self.world.get(&(Kind::Policy, "policy".to_owned())) {
            Some(Body::Policy(policy)) => policy.clone(),
            _ => Policy::default(),
        }
    }

    /// Pictures are small, shown somewhere, and belong to HTML.
    fn images(&mut self, path: &str, template: &Template) {
        let at = format!("{path}.images");
        self.found.extend(attached::check(&at, &template.images, limits::IMAGES_BYTES_MAX));
        let html = template.html.as_deref().unwrap_or_default();
        for (place, image) in template.images.iter().enumerate() {
            let Some(id) = &image.inline_id else {
                let at = format!("{at}.{place}.inline-id");
                let fault = Diagnostic::error(at, "no-inline-id", "a picture has a name");
                self.found.push(fault.hint("say `inline-id: logo` and show it as `cid:logo`"));
                continue;
            };
            if !html.contains(&format!("cid:{id}")) {
                let message = format!("nothing in the HTML shows `cid:{id}`");
                let at = format!("{at}.{place}");
                self.found.push(Diagnostic::warning(at, "image-unused", message));
            }
        }
    }
}

/// What is wrong with a window over events that are kept for so long, if anything.
fn beyond(path: &str, event: &str, window: Window, kept: Duration) -> Option<Diagnostic> {
    match window.reach() {
        None => {
            let message =
                format!("looks back to the last {kept} at most: so long `{event}` is kept");
            let fault = Diagnostic::warning(path, "ever-is-bounded", message);
            Some(fault.hint(format!("say `last {kept}`, and nobody is misled")))
        }
        Some(span) if span > kept => {
            let message = format!("looks {span} back, `{event}` is kept for {kept}");
            let fault = Diagnostic::error(path, "beyond-retention", message);
            Some(fault.hint("shorten the window, or keep the event longer (policy, `retention`)"))
        }
        Some(_) => None,
    }
}

/// The names that a template may begin a path with.
const ROOTS: [&str; 5] = ["profile", "event", "message", "links", OFFERS];

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

/// Attributes that a person may lack, and properties that an event may lack, without a fallback.
fn unguarded(parsed: &template::Template) -> Vec<Diagnostic> {
    parsed
        .variables()
        .into_iter()
        .filter(|variable| !variable.guarded)
        .filter_map(|variable| {
            let who = match variable.path.split_once('.')?.0 {
                "profile" => "people who lack it",
                "event" => "events that lack it",
                _ => return None,
            };
            Some((variable.clone(), who))
        })
        .map(|(variable, who)| {
            let message = format!("`{}` has no fallback for {who}", variable.path);
            Diagnostic::warning("", "no-fallback", message)
                .at(variable.span.start as usize, variable.span.end as usize)
                .hint("add `| default: \"…\"`")
        })
        .collect()
}
