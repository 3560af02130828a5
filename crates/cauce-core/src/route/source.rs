//! A route as people write it.

use super::{Leg, Route, groups};
use crate::decimal::Decimal;
use crate::message::{Channel, Class};
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// A route as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RouteSource {
    /// What it carries.
    pub channel: Channel,
    /// Only messages of these classes: `transactional`, `triggered`, `bulk`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Class>,
    /// Only messages about these topics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// Only messages by these senders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub senders: Vec<String>,
    /// By whom.
    pub legs: Vec<LegSource>,
}

/// A provider of a route, as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LegSource {
    /// The provider.
    pub provider: String,
    /// Its share, beside the weights of the others.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: u32,
    /// Only telephone numbers that begin so: `+34`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Only these domains, or mailbox providers: `google`, `microsoft`, `yahoo`, `apple`, `other`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Used only while no other leg stands.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub backup: bool,
    /// Messages a day at most, by the workspace's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_day: Option<u64>,
    /// What a message costs; shown beside the queues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Decimal>,
}

fn one() -> u32 {
    1
}

fn is_one(weight: &u32) -> bool {
    *weight == 1
}

impl RouteSource {
    /// What decisions and the allocator know of it. `grouped` are the providers for
    /// which it matters where messages go.
    pub fn compile(&self, name: &str, grouped: &BTreeSet<String>) -> Route {
        let leg = |source: &LegSource| Leg {
            provider: source.provider.clone(),
            weight: source.weight.max(1),
            to: source.to(),
            backup: source.backup,
            per_day: source.max_per_day,
            cost: source.cost.map(|cost| cost.to_string()),
        };
        let legs: Vec<Leg> = self.legs.iter().map(leg).collect();
        let grouped = legs.iter().any(|leg| !leg.to.is_empty() || grouped.contains(&leg.provider));
        Route {
            name: name.to_owned(),
            classes: self.classes.iter().copied().collect(),
            topics: self.topics.iter().cloned().collect(),
            senders: self.senders.iter().cloned().collect(),
            legs,
            grouped,
        }
    }
}

impl LegSource {
    fn to(&self) -> BTreeSet<String> {
        let countries = self.countries.iter().map(|text| groups::digits(text));
        let domains = self.domains.iter().map(|text| text.trim().to_ascii_lowercase());
        countries.chain(domains).filter(|name| !name.is_empty()).collect()
    }
}
