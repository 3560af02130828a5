//! Definitions as people write them, checked as a whole and published as one plan.
//!
//! A plan is immutable: it lists what changed. The book is the fold of all plans; the catalog of a
//! plan is what decisions look things up in.

mod check;
mod source;

pub use check::{Verdict, check};
pub use source::{
    Body, CatchAll, DkimSource, Kind, ProviderSource, SegmentSource, SenderSource, Smtp, Template,
    TopicSource, Webhook,
};

use crate::campaign;
use crate::catalog::{self, Catalog, Segment, Topic};
use crate::journey;
use crate::message::Channel;
use crate::prelude::*;
use crate::profile::SegmentNumber;
use crate::segment;
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

/// Everything that was ever published.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// The last plan.
    pub plan: u64,
    /// When it was published.
    pub at: Timestamp,
    /// All revisions, oldest first.
    pub revisions: BTreeMap<Name, Vec<Revision>>,
    /// The revision in force; a removed definition has none.
    pub current: BTreeMap<Name, u32>,
    /// Numbers of segments, given once.
    pub segment_numbers: BTreeMap<String, SegmentNumber>,
}

impl Book {
    /// Takes in the next plan. Unreadable bodies were refused before it was published; one that a
    /// newer program wrote is passed over and reported by [`check`].
    pub fn publish(&mut self, plan: &Plan) {
        self.plan = plan.number;
        self.at = plan.at;
        for (name, text) in &plan.changes {
            let body = text.as_ref().and_then(|text| serde_json::from_str::<Body>(text).ok());
            let Some(body) = body else {
                self.current.remove(name);
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
        }
    }

    /// The definition in force.
    pub fn get(&self, kind: Kind, key: &str) -> Option<&Revision> {
        let name = (kind, key.to_owned());
        let number = *self.current.get(&name)?;
        self.revisions.get(&name)?.iter().find(|revision| revision.number == number)
    }

    /// All definitions of a kind in force.
    pub fn list(&self, kind: Kind) -> impl Iterator<Item = (&str, &Revision)> {
        self.current
            .keys()
            .filter(move |name| name.0 == kind)
            .filter_map(move |name| Some((name.1.as_str(), self.get(kind, &name.1)?)))
    }

    /// The changes that lead from what is in force to `wanted`. Definitions that are not named stay
    /// unless `prune` says otherwise.
    pub fn changes(&self, wanted: &BTreeMap<Name, Body>, prune: bool) -> Vec<(Name, Option<Body>)> {
        let changed = wanted.iter().filter(|(name, body)| {
            self.get(name.0, &name.1).is_none_or(|revision| revision.body != **body)
        });
        let changed = changed.map(|(name, body)| (name.clone(), Some(body.clone())));
        let gone = self.current.keys().filter(|name| prune && !wanted.contains_key(name));
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
        }
        for (key, revision) in self.list(Kind::Provider) {
            if let Body::Provider(provider) = &revision.body {
                catalog.paths.entry(provider.channel).or_insert_with(|| key.to_owned());
            }
        }
        let segments = self.segments(&catalog);
        catalog.with_segments(segments)
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
                let known = template.for_decisions(&key, revision.number);
                catalog.templates.insert(key, Arc::new(known));
            }
            Body::Topic(topic) if in_force => {
                catalog.topics.insert(
                    key.clone(),
                    Topic {
                        name: key,
                        title: topic.title.clone(),
                        consent_required: topic.consent_required,
                        double_opt_in: topic.double_opt_in,
                        confirmation: topic.confirmation.clone(),
                    },
                );
            }
            Body::Namespace(namespace) if in_force => {
                catalog.namespaces.declare(&key, namespace.clone());
            }
            _ => {}
        }
    }

    /// Segments in topological order: those that people wrote, and hidden ones that keep the
    /// aggregates of journeys' rules up to date.
    fn segments(&self, catalog: &Catalog) -> Vec<Arc<Segment>> {
        let mut compiled = BTreeMap::new();
        let mut meta = BTreeMap::new();
        for (key, revision) in self.list(Kind::Segment) {
            if let Body::Segment(source) = &revision.body
                && let Ok(rule) = segment::parse(&source.rule)
            {
                compiled.insert(key.to_owned(), segment::compile(rule).0);
                let number = self.segment_numbers.get(key).copied().unwrap_or_default();
                meta.insert(key.to_owned(), (number, revision.number));
            }
        }
        for ((journey, revision), known) in &catalog.journey_revisions {
            for (place, rule) in known.rules().enumerate() {
                if rule.aggregates.is_empty() {
                    continue;
                }
                let name = format!("{HIDDEN}{journey}/{revision}/{place}");
                // Beyond the numbers of people's segments, and the same on every machine.
                let number = (crate::ids::hash64(&[name.as_bytes()]) as u32) | (1 << 31);
                compiled.insert(name.clone(), rule.clone());
                meta.insert(name, (number, 1));
            }
        }
        let order = segment::order(&compiled).unwrap_or_default();
        order
            .into_iter()
            .filter_map(|name| {
                let (number, revision) = *meta.get(&name)?;
                let compiled = compiled.remove(&name)?;
                Some(Arc::new(Segment { name, number, revision, compiled }))
            })
            .collect()
    }
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
            topic: self.topic.clone(),
            attributes: self.attributes(),
            resend_unknown: self.resend_unknown,
            lifetime: self.lifetime,
        }
    }
}

/// Channels of which a message can be sent today.
pub const CHANNELS: [Channel; 2] = [Channel::Email, Channel::Webhook];
