//! Who uses an event, a property, an attribute: what would notice if it were renamed or refused.

use crate::journey;
use crate::offer::Rank;
use crate::prelude::*;
use crate::publish::{Body, Kind, Name};
use crate::segment::{self, COMPUTED, Compiled, Filter, Measure, Path, Rule};
use serde::Serialize;

/// What is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// An event…
    Event {
        /// …by its name…
        name: String,
        /// …or one of its properties.
        #[serde(skip_serializing_if = "Option::is_none")]
        property: Option<String>,
    },
    /// An attribute, by its path.
    Attribute(String),
}

impl Of {
    /// Whether it is about an event, or about the attributes.
    pub fn is_about(&self, event: Option<&str>) -> bool {
        match (self, event) {
            (Of::Event { name, .. }, Some(event)) => name == event,
            (Of::Attribute(_), None) => true,
            _ => false,
        }
    }

    /// The path that is used, if a path is.
    pub fn path(&self) -> Option<&str> {
        match self {
            Of::Event { property, .. } => property.as_deref(),
            Of::Attribute(path) => Some(path),
        }
    }
}

/// One use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Use {
    /// What is used.
    pub of: Of,
    /// By a definition of this kind…
    pub kind: Kind,
    /// …and this name…
    pub name: String,
    /// …how.
    pub how: String,
}

/// Everything that definitions use of events and attributes, each use once.
pub fn uses(world: &BTreeMap<Name, Body>) -> BTreeSet<Use> {
    let mut found = Found { uses: BTreeSet::new(), by: (Kind::Segment, String::new()) };
    let entries = entries(world);
    for (name, body) in world {
        found.by = name.clone();
        match body {
            Body::Segment(source) => {
                if let Ok(rule) = segment::parse(&source.rule) {
                    found.rule(&segment::compile(rule).0, "its rule", &BTreeSet::new());
                }
            }
            Body::Attribute(source) => {
                if let Ok(computed) = segment::parse_computed(&source.value) {
                    found.aggregate(&computed.aggregate, "its value");
                }
            }
            Body::Journey(source) => found.journey(source),
            Body::Template(template) => {
                let none = BTreeSet::new();
                found.template(template, entries.get(&name.1).unwrap_or(&none));
            }
            Body::Campaign(campaign) => {
                let template = world.get(&(Kind::Template, campaign.template.clone()));
                if let Some(Body::Template(template)) = template {
                    let how = format!("its template `{}`", campaign.template);
                    for attribute in template.attributes().iter().filter(|name| *name != COMPUTED) {
                        found.add(Of::Attribute(attribute.clone()), &how);
                    }
                }
                for segment in campaign.audience.iter().chain(&campaign.exclude) {
                    found.audience(world, segment);
                }
            }
            Body::Sharing(sharing) => {
                for attribute in sharing.attributes.iter().chain(&sharing.browser_attributes) {
                    found.add(Of::Attribute(attribute.clone()), "it is shared");
                }
            }
            Body::Policy(policy) => {
                for event in policy.retention.keys() {
                    let of = Of::Event { name: event.clone(), property: None };
                    found.add(of, "its retention");
                }
            }
            Body::Offer(source) => found.offer(source),
            Body::Topic(_)
            | Body::Placement(_)
            | Body::Sender(_)
            | Body::Provider(_)
            | Body::Experiment(_)
            | Body::Destination(_)
            | Body::Namespace(_)
            | Body::List(_)
            | Body::Schema(_)
            | Body::Route(_)
            | Body::Source(_) => {}
        }
    }
    found.uses
}

/// The events that start journeys which send a template.
fn entries(world: &BTreeMap<Name, Body>) -> BTreeMap<String, BTreeSet<String>> {
    let mut entries: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for ((_, key), body) in world {
        let Body::Journey(source) = body else { continue };
        let (journey, _) = journey::check(key, 0, source);
        for template in journey.templates() {
            entries.entry(template.to_owned()).or_default().extend(source.entry.event.clone());
        }
    }
    entries
}

struct Found {
    uses: BTreeSet<Use>,
    by: Name,
}

fn spell(path: &Path) -> String {
    path.0.join(".")
}

impl Found {
    fn add(&mut self, of: Of, how: &str) {
        let (kind, name) = self.by.clone();
        self.uses.insert(Use { of, kind, name, how: how.to_owned() });
    }

    fn event(&mut self, name: &str, property: Option<&Path>, how: &str) {
        let name = name.to_owned();
        self.add(Of::Event { name: name.clone(), property: None }, how);
        if let Some(path) = property {
            self.add(Of::Event { name, property: Some(spell(path)) }, how);
        }
    }

    /// A rule; `triggers` are the events that `event.…` in it may mean.
    fn rule(&mut self, rule: &Compiled, how: &str, triggers: &BTreeSet<String>) {
        self.tree(&rule.rule, how, triggers);
        for aggregate in &rule.aggregates {
            self.aggregate(aggregate, how);
        }
    }

    fn tree(&mut self, rule: &Rule, how: &str, triggers: &BTreeSet<String>) {
        match rule {
            Rule::And(parts) | Rule::Or(parts) => {
                parts.iter().for_each(|part| self.tree(part, how, triggers));
            }
            Rule::Not(part) => self.tree(part, how, triggers),
            Rule::Attribute { path, .. } if path.first() != COMPUTED => {
                self.add(Of::Attribute(spell(path)), how);
            }
            Rule::Event { path, .. } => {
                triggers.iter().for_each(|event| self.event(event, Some(path), how));
            }
            // What the others look at is in the rule's aggregates.
            _ => {}
        }
    }

    fn aggregate(&mut self, aggregate: &segment::Aggregate, how: &str) {
        if let Measure::Sequence(steps) = &aggregate.measure {
            for step in steps {
                self.event(&step.event, None, how);
                step.filter.iter().for_each(|filter| self.filter(&step.event, filter, how));
            }
            return;
        }
        self.event(&aggregate.event, aggregate.of.as_ref(), how);
        aggregate.filter.iter().for_each(|filter| self.filter(&aggregate.event, filter, how));
    }

    fn filter(&mut self, event: &str, filter: &Filter, how: &str) {
        match filter {
            Filter::And(parts) | Filter::Or(parts) => {
                parts.iter().for_each(|part| self.filter(event, part, how));
            }
            Filter::Not(part) => self.filter(event, part, how),
            Filter::Property { path, .. } => self.event(event, Some(path), how),
        }
    }

    fn journey(&mut self, source: &journey::Definition) {
        let (journey, _) = journey::check("", 0, source);
        let triggers: BTreeSet<String> = journey.events().map(str::to_owned).collect();
        for event in &triggers {
            let starts = source.entry.event.as_ref() == Some(event);
            self.event(event, None, if starts { "it starts it" } else { "it waits for it" });
        }
        if let (Some(event), Some(key)) = (&source.entry.event, &source.entry.key) {
            self.event(event, Some(&Path(key.split('.').map(str::to_owned).collect())), "its key");
        }
        for rule in journey.rules() {
            self.rule(rule, "a rule of it", &triggers);
        }
    }

    fn offer(&mut self, source: &crate::offer::OfferSource) {
        let (offer, _) = source.compile("");
        offer.eligible.iter().for_each(|rule| self.rule(rule, "who may see it", &BTreeSet::new()));
        if let Rank::Of(path) = &offer.rank
            && path.split('.').next() != Some(COMPUTED)
        {
            self.add(Of::Attribute(path.clone()), "its rank");
        }
    }

    fn template(&mut self, template: &crate::publish::Template, entries: &BTreeSet<String>) {
        for (part, variable) in template.variables() {
            let how = format!("its {part}");
            match variable.path.split_once('.') {
                Some(("profile", path)) if path.split('.').next() != Some(COMPUTED) => {
                    self.add(Of::Attribute(path.to_owned()), &how);
                }
                Some(("event", path)) => {
                    let path = Path(path.split('.').map(str::to_owned).collect());
                    entries.iter().for_each(|event| self.event(event, Some(&path), &how));
                }
                _ => {}
            }
        }
    }

    /// What the segments of an audience look at, through segments that they name.
    fn audience(&mut self, world: &BTreeMap<Name, Body>, first: &str) {
        let mut left = vec![first.to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(name) = left.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let Some(Body::Segment(source)) = world.get(&(Kind::Segment, name.clone())) else {
                continue;
            };
            let Ok(rule) = segment::parse(&source.rule) else { continue };
            let rule = segment::compile(rule).0;
            self.rule(&rule, &format!("its audience, segment `{name}`"), &BTreeSet::new());
            left.extend(rule.segments);
        }
    }
}
