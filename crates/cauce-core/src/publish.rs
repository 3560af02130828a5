//! Definitions as people write them, checked as a whole and published as one plan.
//!
//! A plan is immutable: it lists what changed. The book is the fold of all plans; the catalog of a
//! plan is what decisions look things up in.

mod check;
mod intake;
mod offer;
mod provider;
mod push;
mod rule;
mod share;
mod source;
mod topic;

pub use check::{Verdict, check};
pub use intake::{IntakeSource, Nats, PULL_MAX, Pull, Push, Store, StoreSnapshots};
pub use provider::{
    Addressing, Apns, Auth, Basic, CatchAll, Certificate, Challenge, Credentials, Direct, Encoding,
    Fcm, Happened, Hash, Hmac, Inbound, KeyHeader, Link, Mailgun, MailgunReports, Meaning, Numbers,
    OAuth2, Postmark, PostmarkReports, Proof, ProviderSource, PushWays, Refusal, Region, Reports,
    RetryAfter, SendGrid, SendGridReports, Ses, Signature, Smpp, Smtp, SnsReports, TonNpi, Twilio,
    Unit, Vonage, WebPush, Webhook, Where, is_secret,
};
pub use push::{ButtonSource, PushSource, bare};
pub use rule::{Dependent, Written, check_rule, dependents};
pub(crate) use share::span;
pub use share::{
    BATCH_MAX, ChangesWebhook, DestinationSource, ExperimentSource, Folder, Format, SHARING,
    SharingSource,
};
pub use source::{
    About, AttributeSource, Body, DkimSource, Kind, SegmentSource, SenderSource, Template,
    TopicSource,
};

use crate::campaign;
use crate::catalog::{self, Catalog, Segment, Topic};
use crate::delivery::{Answering, mailboxes};
use crate::input::channel_namespace;
use crate::journey;
use crate::message::Channel;
use crate::offer::Offer;
use crate::prelude::*;
use crate::profile::SegmentNumber;
use crate::route::{Route, Shape};
use crate::segment::{self, Computed};
use crate::sms::Prices;
use crate::sms::sender::TextSender;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The name of a definition: kind and key.
pub type Name = (Kind, String);

/// One plan: what was published together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Its number, from 1, contiguous.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who, for the audit.
    pub by: String,
    /// What changed; `None` removes. As JSON text, so that old plans stay readable.
    pub changes: Vec<(Name, Option<String>)>,
}

/// One revision of a definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// From 1.
    pub number: u32,
    /// The plan that published it.
    pub plan: u64,
    /// What it says.
    pub body: Body,
}

/// Which definitions in force go away with a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Removal {
    /// None.
    #[default]
    Nothing,
    /// These.
    Named(BTreeSet<Name>),
    /// All that the plan does not name.
    Others,
}

/// Everything that was ever published.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// The last plan.
    pub plan: u64,
    /// When it was published.
    pub at: Timestamp,
    /// When each plan was published.
    pub times: BTreeMap<u64, Timestamp>,
    /// All revisions, oldest first.
    pub revisions: BTreeMap<Name, Vec<Revision>>,
    /// The revision in force; a removed definition has none.
    pub current: BTreeMap<Name, u32>,
    /// The plan in which a definition in force appeared, after it was last absent.
    pub appeared: BTreeMap<Name, u64>,
    /// Numbers of segments, given once.
    pub segment_numbers: BTreeMap<String, SegmentNumber>,
}

impl Book {
    /// Takes in the next plan. Unreadable bodies were refused before it was published; one that a
    /// newer program wrote is passed over and reported by [`check`].
    pub fn publish(&mut self, plan: &Plan) {
        self.plan = plan.number;
        self.at = plan.at;
        self.times.insert(plan.number, plan.at);
        for (name, text) in &plan.changes {
            let body = text.as_ref().and_then(|text| serde_json::from_str::<Body>(text).ok());
            let Some(body) = body else {
                self.current.remove(name);
                self.appeared.remove(name);
                continue;
            };
            if name.0 == Kind::Segment {
                let next = self.segment_numbers.len() as SegmentNumber + 1;
                self.segment_numbers.entry(name.1.clone()).or_insert(next);
            }
            let revisions = self.revisions.entry(name.clone()).or_default();
            let number = revisions.last().map_or(1, |last| last.number + 1);
            revisions.push(Revision { number, plan: plan.number, body });
            self.current.insert(name.clone(), number);
            self.appeared.entry(name.clone()).or_insert(plan.number);
        }
    }

    /// The definition in force.
    pub fn get(&self, kind: Kind, key: &str) -> Option<&Revision> {
        let name = (kind, key.to_owned());
        let number = *self.current.get(&name)?;
        self.revisions.get(&name)?.iter().find(|revision| revision.number == number)
    }

    /// When the revision in force was published.
    pub fn published(&self, kind: Kind, key: &str) -> Option<Timestamp> {
        self.times.get(&self.get(kind, key)?.plan).copied()
    }

    /// Since when a campaign's schedule is what it is: when the oldest of the revisions was
    /// published that follow each other up to the one in force without another schedule and
    /// without an absence.
    pub fn scheduled(&self, key: &str) -> Option<Timestamp> {
        let schedule = |revision: &Revision| match &revision.body {
            Body::Campaign(campaign) => Some((campaign.at, campaign.monthly)),
            _ => None,
        };
        let name = (Kind::Campaign, key.to_owned());
        let now = schedule(self.get(Kind::Campaign, key)?);
        let appeared = *self.appeared.get(&name)?;
        let alike = self.revisions.get(&name)?.iter().rev();
        let alike = alike.take_while(|known| known.plan >= appeared && schedule(known) == now);
        self.times.get(&alike.last()?.plan).copied()
    }

    /// Every definition in force.
    pub fn world(&self) -> BTreeMap<Name, Body> {
        let body = |name: &Name| Some((name.clone(), self.get(name.0, &name.1)?.body.clone()));
        self.current.keys().filter_map(body).collect()
    }

    /// What changes ask for and nobody has ever seen: warnings, since it may come tomorrow.
    pub fn unlearned(
        &self,
        changes: &[(Name, Option<Body>)],
        learned: &crate::schema::Learned,
    ) -> Vec<crate::diagnostic::Diagnostic> {
        let mut world = self.world();
        for (name, body) in changes {
            match body {
                Some(body) => world.insert(name.clone(), body.clone()),
                None => world.remove(name),
            };
        }
        crate::schema::unlearned(&world, changes, learned)
    }

    /// All definitions of a kind in force.
    pub fn list(&self, kind: Kind) -> impl Iterator<Item = (&str, &Revision)> {
        self.current
            .keys()
            .filter(move |name| name.0 == kind)
            .filter_map(move |name| Some((name.1.as_str(), self.get(kind, &name.1)?)))
    }

    /// The changes that lead from what is in force to `wanted`, without what is removed. Who is
    /// named by both is wanted.
    pub fn changes(
        &self,
        wanted: &BTreeMap<Name, Body>,
        removal: &Removal,
    ) -> Vec<(Name, Option<Body>)> {
        let changed = wanted.iter().filter(|(name, body)| {
            self.get(name.0, &name.1).is_none_or(|revision| revision.body != **body)
        });
        let changed = changed.map(|(name, body)| (name.clone(), Some(body.clone())));
        let is_gone = |name: &Name| match removal {
            Removal::Nothing => false,
            Removal::Named(named) => named.contains(name),
            Removal::Others => true,
        };
        let gone = self.current.keys().filter(|name| is_gone(name) && !wanted.contains_key(*name));
        changed.chain(gone.map(|name| (name.clone(), None))).collect()
    }

    /// What decisions look things up in.
    pub fn catalog(&self) -> Catalog {
        let mut catalog = Catalog { plan: self.plan, workspace: 1, ..Catalog::default() };
        for (name, revisions) in &self.revisions {
            for revision in revisions {
                self.lay(&mut catalog, name, revision);
            }
        }
        if let Some(Revision { body: Body::Policy(policy), .. }) = self.get(Kind::Policy, "policy")
        {
            catalog.policy = policy.clone();
            catalog.namespaces.set_region(policy.default_region.as_deref());
        }
        for (key, revision) in self.list(Kind::Provider) {
            if let Body::Provider(provider) = &revision.body {
                catalog.paths.entry(provider.channel).or_insert_with(|| key.to_owned());
                if provider.smpp.is_some() {
                    catalog.naming.insert(key.to_owned());
                }
                if provider.answering() == Answering::Destinations {
                    catalog.direct.insert(key.to_owned());
                }
            }
        }
        let domain = |(key, revision): (&str, &Revision)| match &revision.body {
            // Who writes nothing but text messages has none.
            Body::Sender(sender) => Some((key.to_owned(), mailboxes::domain(&sender.from.address)))
                .filter(|(_, domain)| !domain.is_empty()),
            _ => None,
        };
        catalog.sender_domains = self.list(Kind::Sender).filter_map(domain).collect();
        catalog.shapes = self.shapes();
        catalog.routes = self.routes();
        for (key, revision) in self.list(Kind::Provider) {
            if let Body::Provider(provider) = &revision.body {
                let grouped = provider.is_grouped();
                let alone = Arc::new(Route::alone(key, grouped));
                catalog.providers.insert(key.to_owned(), (provider.channel, alone));
            }
        }
        let definitions = self.computed();
        // Journeys are laid down before every attribute is known.
        let schemas = catalog.schemas.clone();
        for journey in catalog.journey_revisions.values_mut() {
            let resolved = Arc::make_mut(journey);
            // People in flight wait for what has another name by now.
            resolved.rename_events(|event| schemas.name(event).to_owned());
            for rule in resolved.rules_mut() {
                segment::resolve(rule, &definitions);
            }
        }
        for (name, journey) in &mut catalog.journeys {
            let revision = (name.clone(), journey.revision);
            if let Some(resolved) = catalog.journey_revisions.get(&revision) {
                *journey = resolved.clone();
            }
        }
        for offer in catalog.offers.values_mut() {
            let resolved = Arc::make_mut(offer);
            resolved.eligible.iter_mut().for_each(|rule| {
                segment::resolve(rule, &definitions);
            });
        }
        let segments = self.segments(&catalog, &definitions);
        let is_gone = |name: &&String| self.get(Kind::Segment, name).is_none();
        let gone = self.segment_numbers.iter().filter(|(name, _)| is_gone(name));
        catalog.gone = gone.map(|(name, number)| (*number, name.clone())).collect();
        catalog.gone.extend(self.shared_no_more(&segments));
        let shared = |(name, computed)| (name, Arc::new(computed));
        catalog.computed = definitions.into_iter().map(shared).collect();
        catalog.with_segments(segments)
    }

    /// Of segments that were once shared with whoever allows it: those that are so no more. Nobody
    /// is left in them.
    fn shared_no_more(&self, now: &[Arc<Segment>]) -> BTreeMap<SegmentNumber, String> {
        let asked = |revision: &Revision| match &revision.body {
            Body::Sharing(sharing) => !sharing.purposes.is_empty(),
            _ => false,
        };
        let ever = self.revisions.get(&(Kind::Sharing, SHARING.to_owned()));
        if !ever.is_some_and(|revisions| revisions.iter().any(asked)) {
            return BTreeMap::new();
        }
        let now: BTreeSet<SegmentNumber> = now.iter().map(|segment| segment.number).collect();
        let all = self.segment_numbers.keys();
        let all = all.map(|name| (shared_number(name), shared_name(name)));
        all.filter(|(number, _)| !now.contains(number)).collect()
    }

    /// Limits and plans of providers that have some.
    fn shapes(&self) -> BTreeMap<String, Shape> {
        let shape = |(key, revision): (&str, &Revision)| match &revision.body {
            Body::Provider(provider) => {
                let (limits, warm_up) = (provider.limits.clone(), provider.warm_up.clone());
                let shape = Shape { limits, warm_up };
                shape.is_grouped().then(|| (key.to_owned(), shape))
            }
            _ => None,
        };
        self.list(Kind::Provider).filter_map(shape).collect()
    }

    /// Routes in force by channel, the narrower ones first.
    pub fn routes(&self) -> BTreeMap<Channel, Vec<Arc<Route>>> {
        let grouped = self.list(Kind::Provider).filter_map(|(key, revision)| {
            let Body::Provider(provider) = &revision.body else { return None };
            provider.is_grouped().then(|| key.to_owned())
        });
        let grouped = grouped.collect();
        let mut routes: BTreeMap<Channel, Vec<Arc<Route>>> = BTreeMap::new();
        for (key, revision) in self.list(Kind::Route) {
            if let Body::Route(source) = &revision.body {
                let route = Arc::new(source.compile(key, &grouped));
                routes.entry(source.channel).or_default().push(route);
            }
        }
        for alike in routes.values_mut() {
            alike.sort_by_key(|route| core::cmp::Reverse(route.narrowness()));
        }
        routes
    }

    /// What the providers in force take for text messages.
    pub fn prices(&self) -> BTreeMap<String, Prices> {
        let all = self.list(Kind::Provider).filter_map(|(key, revision)| match &revision.body {
            Body::Provider(source) => Some((key.to_owned(), source.prices.clone()?)),
            _ => None,
        });
        all.collect()
    }

    /// Senders in force that write text messages.
    pub fn text_senders(&self) -> impl Iterator<Item = (&str, &TextSender)> {
        self.list(Kind::Sender).filter_map(|(key, revision)| match &revision.body {
            Body::Sender(source) => Some((key, source.sms.as_ref()?)),
            _ => None,
        })
    }

    /// Who writes a template for text messages: who it names, or the only one.
    fn text_sender(&self, template: &Template) -> Option<String> {
        template.sender.clone().or_else(|| {
            let mut all = self.text_senders().map(|(key, _)| key.to_owned());
            let only = all.next();
            only.filter(|_| all.next().is_none())
        })
    }

    /// Senders whose text messages are about a topic.
    fn text_senders_of(&self, topic: &str) -> BTreeSet<String> {
        let about = self.list(Kind::Template).filter_map(|(_, revision)| match &revision.body {
            Body::Template(template)
                if template.channel == Channel::Sms && template.topic.as_deref() == Some(topic) =>
            {
                self.text_sender(template)
            }
            _ => None,
        });
        about.collect()
    }

    /// The computed attributes in force.
    fn computed(&self) -> BTreeMap<String, Computed> {
        let read = |(key, revision): (&str, &Revision)| match &revision.body {
            Body::Attribute(source) => {
                Some((key.to_owned(), segment::parse_computed(&source.value).ok()?))
            }
            _ => None,
        };
        self.list(Kind::Attribute).filter_map(read).collect()
    }

    fn lay(&self, catalog: &mut Catalog, name: &Name, revision: &Revision) {
        let key = name.1.clone();
        let in_force = self.current.get(name) == Some(&revision.number);
        match &revision.body {
            Body::Journey(source) => {
                let (journey, _) = journey::check(&key, revision.number, source);
                let journey = Arc::new(journey);
                if in_force {
                    catalog.journeys.insert(key.clone(), journey.clone());
                }
                catalog.journey_revisions.insert((key, revision.number), journey);
            }
            Body::Campaign(definition) => {
                let definition: campaign::Definition = definition.clone();
                catalog.campaigns.insert((key, revision.number), Arc::new(definition));
            }
            Body::Template(template) if in_force => {
                let mut known = template.for_decisions(&key, revision.number);
                if template.channel == Channel::Sms {
                    known.sender = self.text_sender(template);
                    let mut all = self.text_senders();
                    let own = all.find(|(name, _)| known.sender.as_deref() == Some(*name));
                    known.text_sender = own.map(|(_, sender)| Arc::new(sender.clone()));
                    known.answers_word = self
                        .text_senders()
                        .any(|(_, sender)| sender.answers().any(|(_, answer)| answer == key));
                }
                catalog.templates.insert(key, Arc::new(known));
            }
            Body::Topic(topic) if in_force => {
                catalog.topics.insert(
                    key.clone(),
                    Topic {
                        name: key,
                        title: topic.title.clone(),
                        about: topic.about,
                        purposes: topic.purposes.clone(),
                        consent_required: topic.consent_required,
                        double_opt_in: topic.double_opt_in,
                        confirmation: topic.confirmation.clone(),
                        text_senders: self.text_senders_of(&name.1),
                    },
                );
            }
            Body::List(list) if in_force => {
                catalog.lists.insert(key, Arc::new(list.clone()));
            }
            Body::Offer(source) if in_force => {
                let (offer, _) = source.compile(&key);
                catalog.offers.insert(key, Arc::new(offer));
            }
            Body::Placement(source) if in_force => {
                catalog.placements.insert(key, Arc::new(source.clone()));
            }
            Body::Namespace(namespace) if in_force => {
                catalog.namespaces.declare(&key, namespace.clone());
            }
            Body::Schema(source) if in_force => {
                catalog.schemas.add(crate::schema::Schema::new(&key, source));
            }
            _ => {}
        }
    }

    /// Segments in topological order: those that people wrote, and hidden ones that keep the
    /// aggregates of journeys' rules, of offers and of computed attributes up to date.
    fn segments(
        &self,
        catalog: &Catalog,
        definitions: &BTreeMap<String, Computed>,
    ) -> Vec<Arc<Segment>> {
        let mut compiled = BTreeMap::new();
        let mut meta = BTreeMap::new();
        let mut hidden = Vec::new();
        for (key, revision) in self.list(Kind::Segment) {
            if let Body::Segment(source) = &revision.body
                && let Ok(rule) = segment::parse(&source.rule)
            {
                let mut rule = segment::compile(rule).0;
                segment::resolve(&mut rule, definitions);
                compiled.insert(key.to_owned(), rule);
                let number = self.segment_numbers.get(key).copied().unwrap_or_default();
                meta.insert(key.to_owned(), (number, revision.number));
            }
        }
        let sharing = self.get(Kind::Sharing, SHARING).map(|revision| &revision.body);
        let purposes = match sharing {
            Some(Body::Sharing(sharing)) => sharing.purposes.clone(),
            _ => BTreeSet::new(),
        };
        if !purposes.is_empty() {
            let written: Vec<String> = compiled.keys().cloned().collect();
            for segment in written {
                // Live as any other: who withdraws leaves what others are told of.
                let own = segment::Rule::Segment(segment.clone());
                let allowed = purposes.iter().cloned().map(segment::Rule::Consent);
                let rule = segment::Rule::And([own].into_iter().chain(allowed).collect());
                let name = shared_name(&segment);
                meta.insert(name.clone(), (shared_number(&segment), 1));
                compiled.insert(name, segment::compile(rule).0);
            }
        }
        for ((journey, revision), known) in &catalog.journey_revisions {
            for (place, rule) in known.rules().enumerate() {
                if rule.aggregates.is_empty() {
                    continue;
                }
                let name = format!("{HIDDEN}{journey}/{revision}/{place}");
                let number = hidden_number(&name);
                hidden.push((name, number, rule.only_aggregates()));
            }
        }
        hidden.extend(catalog.offers.values().filter_map(|offer| kept_for(offer)));
        for (key, computed) in definitions {
            // The measure is part of the name: another one is counted from history again.
            let name = format!("{HIDDEN}{key}/{:x}", computed.aggregate.id.0);
            let number = hidden_number(&name);
            hidden.push((name, number, computed.keeper()));
        }
        let renamed = catalog.schemas.attribute_mapping();
        if !renamed.is_empty() {
            // Its build takes every profile's stored attributes to their new names.
            let name = format!("{HIDDEN}schemas/{renamed}");
            let number = hidden_number(&name);
            hidden.push((name, number, segment::compile(segment::Rule::Or(Vec::new())).0));
        }
        // A fault that stands here was refused before it was published, or written by another
        // version: it leaves out what it concerns, and nothing else.
        let mut builds = BTreeMap::new();
        let mut segments: Vec<Arc<Segment>> = segment::sorted(&compiled)
            .into_iter()
            .filter_map(|name| {
                let (number, revision) = *meta.get(&name)?;
                let compiled = compiled.remove(&name)?;
                let build = build(revision, &compiled, (catalog, definitions), &builds);
                builds.insert(name.clone(), build);
                Some(Arc::new(Segment { name, number, revision, build, compiled }))
            })
            .collect();
        segments.extend(hidden.into_iter().map(|(name, number, compiled)| {
            let build = build(1, &compiled, (catalog, definitions), &builds);
            Arc::new(Segment { name, number, revision: 1, build, compiled })
        }));
        segments
    }
}

/// What keeps up to date what an offer asks for, if it asks for any events.
fn kept_for(offer: &Offer) -> Option<(String, SegmentNumber, segment::Compiled)> {
    let keeper = offer.keeper();
    if keeper.aggregates.is_empty() {
        return None;
    }
    // What is counted is part of the name: something else is counted from history again.
    let counted = keeper.aggregates.iter().flat_map(|aggregate| aggregate.id.0.to_be_bytes());
    let counted = crate::ids::hash64(&[&counted.collect::<Vec<u8>>()]);
    let name = format!("{HIDDEN}offer/{}/{counted:x}", offer.name);
    Some((name.clone(), hidden_number(&name), keeper))
}

/// What a build of a segment stands for: where the workspace says something else of zones, of
/// whether messages could go out, of a computed attribute or of a segment that it names, it is
/// another one. `builds` are those of the segments before it, which it may name.
fn build(
    revision: u32,
    compiled: &segment::Compiled,
    (catalog, definitions): (&Catalog, &BTreeMap<String, Computed>),
    builds: &BTreeMap<String, u32>,
) -> u32 {
    let policy = &catalog.policy;
    let mut said = String::new();
    if compiled.uses_calendar {
        said.push_str(&format!("{} {:?}", policy.default_zone, policy.week_starts));
    }
    said.push_str(&reach(compiled, catalog));
    for name in &compiled.segments {
        said.push_str(&format!(" in {name} {:?}", builds.get(name)));
    }
    for name in &compiled.computed {
        said.push_str(definitions.get(name).map_or("", |computed| &computed.text));
    }
    if !catalog.schemas.is_empty() {
        // What is stored under old names counts as the new ones: another mapping, another build.
        let events = compiled.aggregates.iter().flat_map(|aggregate| aggregate.events());
        for event in events {
            said.push_str(&catalog.schemas.mapping(event));
        }
        if !compiled.attributes.is_empty() {
            said.push_str(&catalog.schemas.attribute_mapping());
        }
    }
    if said.is_empty() {
        return revision;
    }
    crate::ids::hash64(&[&revision.to_le_bytes(), said.as_bytes()]) as u32
}

/// All that `policy::permit::reachable` reads of the workspace, for the channels and topics that a
/// rule asks for.
fn reach(compiled: &segment::Compiled, catalog: &Catalog) -> String {
    let policy = &catalog.policy;
    let texts = compiled.channels.contains(&Channel::Sms);
    let mut said = String::new();
    for topic in &compiled.topics {
        let known = catalog.topics.get(topic);
        let required = known.map_or(policy.consent_required, |topic| topic.consent_required);
        let confirmed = known.is_some_and(|topic| topic.double_opt_in);
        said.push_str(&format!(" {topic} {required} {confirmed}"));
        for purpose in known.iter().flat_map(|topic| &topic.purposes) {
            said.push_str(&format!(" for {purpose} {}", asked_for(purpose, catalog)));
        }
        if texts {
            let senders = known.map(|topic| &topic.text_senders);
            said.push_str(&format!(" {senders:?}"));
        }
    }
    for purpose in &compiled.purposes {
        said.push_str(&format!(" for {purpose} {}", asked_for(purpose, catalog)));
    }
    for namespace in compiled.channels.iter().filter_map(|channel| channel_namespace(*channel)) {
        said.push_str(&format!(" {namespace} {:?}", catalog.namespaces.get(namespace).case));
    }
    if texts {
        said.push_str(&format!(" {:?} {:?}", policy.numbers, policy.default_region));
    }
    said
}

/// Whether a purpose asks for a yes.
fn asked_for(purpose: &str, catalog: &Catalog) -> bool {
    catalog.topics.get(purpose).is_none_or(|topic| topic.consent_required)
}

/// Of a segment that is shared, who may be told of: whoever allows it as well. It is between those
/// of people's segments, which are given one by one from 1, and those that nobody is told of; and
/// below the bit by which [`crate::state::Builds`] says that a segment is emptied.
pub fn shared_number(segment: &str) -> SegmentNumber {
    (hash_of_shared(segment) & (SHARED - 1)) | SHARED
}

/// The numbers that [`shared_number`] may have been in stores of before, where it had the bit of
/// what is emptied: whoever has them is in nothing.
pub(crate) fn shared_before(number: SegmentNumber) -> impl Iterator<Item = SegmentNumber> {
    let is_shared = number & !(SHARED - 1) == SHARED;
    let low = number & (SHARED - 1);
    let were = [low | (SHARED << 1), low | (SHARED << 1) | SHARED];
    were.into_iter().filter(move |_| is_shared)
}

/// Where the numbers of those who may be told of begin.
const SHARED: SegmentNumber = 1 << 29;

fn hash_of_shared(segment: &str) -> u32 {
    crate::ids::hash64(&[b"shared", segment.as_bytes()]) as u32
}

fn shared_name(segment: &str) -> String {
    format!("{HIDDEN}shared/{segment}")
}

/// Beyond the numbers of people's segments, and the same on every machine.
fn hidden_number(name: &str) -> SegmentNumber {
    (crate::ids::hash64(&[name.as_bytes()]) as u32) | (1 << 31)
}

/// What the names of hidden segments begin with.
pub const HIDDEN: &str = "~";

impl Template {
    /// What decisions know of it.
    fn for_decisions(&self, name: &str, revision: u32) -> catalog::Template {
        catalog::Template {
            name: name.to_owned(),
            revision,
            channel: Some(self.channel),
            sender: self.sender.clone(),
            topic: self.topic.clone(),
            attributes: self.attributes(),
            computed: self.computed(),
            lists: self.lists(),
            offers: self.offers(),
            resend_unknown: self.resend_unknown,
            lifetime: self.lifetime,
            devices: self.push.as_ref().map(|push| push.devices).unwrap_or_default(),
            answers_word: false,
            text_sender: None,
        }
    }
}

/// Channels of which a message can be sent today.
pub const CHANNELS: [Channel; 4] = [Channel::Email, Channel::Sms, Channel::Push, Channel::Webhook];
