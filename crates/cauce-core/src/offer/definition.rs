//! Offers and placements as people write them, and as decisions read them.

use super::{OFFER, SHOWN};
use crate::decimal::Decimal;
use crate::diagnostic::Diagnostic;
use crate::event::Properties;
use crate::prelude::*;
use crate::segment::{
    self, Aggregate, Compiled, Filter, Literal, Op, Rule, Selection, Test, Window,
};
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An offer as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OfferSource {
    /// What people who look after it call it.
    pub title: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whom it is for, as a rule; everybody if absent.
    #[serde(
        default,
        deserialize_with = "segment::written::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub eligible: Option<String>,
    /// Of several that fit the highest is shown.
    #[serde(default)]
    pub rank: Rank,
    /// Not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Not from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How often one person sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Cap>,
    /// What is shown: names with texts, numbers, `true` or `false`.
    pub content: Properties,
}

/// How often something is shown to one person at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cap {
    /// So many times…
    pub times: u32,
    /// …within so long, at any instant.
    #[serde(with = "crate::publish::span")]
    pub within: Duration,
}

/// By what offers are put in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rank {
    /// The same for everybody.
    Whole(i64),
    /// An attribute of the person, or `computed.` and a computed one: `propensity_to_churn`.
    Of(String),
}

impl Default for Rank {
    fn default() -> Rank {
        Rank::Whole(0)
    }
}

impl Serialize for Rank {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Rank::Whole(number) => serializer.serialize_i64(*number),
            Rank::Of(attribute) => serializer.serialize_str(attribute),
        }
    }
}

impl<'de> Deserialize<'de> for Rank {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rank, D::Error> {
        let written = serde_json::Value::deserialize(deserializer)?;
        let whole = written.as_i64().map(Rank::Whole);
        let named = || written.as_str().map(|name| Rank::Of(name.to_owned()));
        whole.or_else(named).ok_or_else(|| {
            de::Error::custom("a rank is a whole number, or the name of an attribute")
        })
    }
}

/// A placement as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlacementSource {
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The offers that compete there; of two with one rank the first.
    pub offers: Vec<String>,
    /// What is shown where none fits.
    #[serde(default, skip_serializing_if = "Properties::is_empty")]
    pub fallback: Properties,
    /// Uses that a person has to allow, each of them: everybody else sees the fallback.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub purposes: BTreeSet<String>,
}

/// An offer in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Its name.
    pub name: String,
    /// Whom it is for; everybody if absent.
    pub eligible: Option<Compiled>,
    /// By what it is put in order.
    pub rank: Rank,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not from then on.
    pub until: Option<Timestamp>,
    /// How often, and the rule whose first aggregate counts that.
    pub cap: Option<(Cap, Compiled)>,
    /// What is shown.
    pub content: Properties,
}

impl OfferSource {
    /// What it says, and what is wrong with its rule. A rule with a fault holds for nobody.
    pub fn compile(&self, name: &str) -> (Offer, Vec<Diagnostic>) {
        let mut faults = Vec::new();
        let mut rule = |text: &String| match segment::parse(text) {
            Ok(rule) => {
                let (compiled, found) = segment::compile(rule);
                faults.extend(found);
                compiled
            }
            Err(found) => {
                faults.extend(found);
                nobody()
            }
        };
        let offer = Offer {
            name: name.to_owned(),
            eligible: self.eligible.as_ref().map(&mut rule),
            rank: self.rank.clone(),
            from: self.from,
            until: self.until,
            cap: self.cap.map(|cap| (cap, counting(name, cap))),
            content: self.content.clone(),
        };
        (offer, faults)
    }
}

impl Offer {
    /// A rule that nobody meets and that keeps up to date whatever the offer asks for.
    pub fn keeper(&self) -> Compiled {
        let mut keeper = self.eligible.as_ref().map_or_else(nobody, Compiled::only_aggregates);
        let counted = self.cap.iter().flat_map(|(_, rule)| &rule.aggregates);
        keeper.aggregates.extend(counted.cloned());
        keeper
    }

    /// The rank that is the same for everybody, if it is.
    pub fn fixed_rank(&self) -> Option<Decimal> {
        match self.rank {
            Rank::Whole(number) => Some(number.into()),
            Rank::Of(_) => None,
        }
    }
}

fn nobody() -> Compiled {
    segment::compile(Rule::Or(Vec::new())).0
}

/// Counts how often an offer was shown: `count(offer_shown where offer = "summer", last 7d)`.
fn counting(name: &str, cap: Cap) -> Compiled {
    let is = Test::Compare { op: Op::Equal, to: Literal::String(name.to_owned()) };
    let filter = Filter::Property { path: [OFFER].into_iter().collect(), is };
    let (event, window) = (SHOWN.to_owned(), Window::Last(cap.within));
    let mut counting = nobody();
    let of = Selection { event, filter: Some(filter), window };
    counting.aggregates.push(Aggregate::new(&of, None));
    counting
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rank_is_a_number_or_a_name() {
        let check = |rank: serde_json::Value, expected: Result<Rank, &str>| {
            let read = serde_json::from_value::<Rank>(rank.clone());
            match (read, expected) {
                (Ok(read), Ok(expected)) => {
                    assert_eq!(read, expected);
                    assert_eq!(serde_json::to_value(read).unwrap(), rank);
                }
                (Err(why), Err(expected)) => assert!(why.to_string().contains(expected), "{why}"),
                (read, expected) => panic!("{rank}: {read:?}, not {expected:?}"),
            }
        };
        check(json!(-3), Ok(Rank::Whole(-3)));
        check(json!("propensity"), Ok(Rank::Of("propensity".to_owned())));
        check(json!(1.5), Err("a rank is a whole number, or the name"));
        check(json!(true), Err("a rank is a whole number, or the name"));
    }

    #[test]
    fn what_a_cap_counts_is_a_rule_of_the_language() {
        let text = json!({ "title": "Summer", "content": { "headline": "Sun" },
            "eligible": "count(ordered, last 7d) >= 1", "cap": { "times": 3, "within": "7d" } });
        let source: OfferSource = serde_json::from_value(text).unwrap();
        let (offer, faults) = source.compile("summer");
        assert!(faults.is_empty(), "{faults:?}");
        let named: Vec<String> =
            offer.keeper().aggregates.iter().map(ToString::to_string).collect();
        assert_eq!(named, ["ordered, last 7d", "offer_shown where offer = \"summer\", last 7d"]);
    }
}
