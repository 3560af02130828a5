//! How one person stands to the offers of a placement, by what is known of them now.

use super::{Candidate, Offer, PlacementSource, Rank, Showings, Why, carried, choose};
use crate::decide::Decider;
use crate::decimal::Decimal;
use crate::event::Properties;
use crate::ids::Number;
use crate::policy;
use crate::prelude::*;
use crate::profile::Head;
use crate::segment::{self, COMPUTED};
use crate::state::{Key, Rows};
use crate::value::Value;

/// What a placement shows to somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The offer; none where it is the fallback.
    pub offer: Option<String>,
    /// What is shown.
    pub content: Properties,
    /// Of each offer why, in the placement's order; of nobody who may be looked at nothing.
    pub whys: Vec<(String, Why)>,
    /// The use that the person does not allow: nothing was looked at.
    pub forbidden: Option<String>,
    /// Segments that offers ask for are being built and have not come to this person.
    pub building: bool,
}

impl Choice {
    /// What is shown to somebody of whom nothing is known, or may be used.
    pub fn fallback(placement: &PlacementSource) -> Choice {
        Choice { content: placement.fallback.clone(), ..Choice::default() }
    }
}

impl<R: Rows> Decider<'_, R> {
    /// What a placement shows to a profile now; none if there is no such placement. `under_way`
    /// are showings that no event tells of yet.
    pub(crate) fn offered(
        &mut self,
        number: Number,
        placement: &str,
        under_way: &BTreeMap<String, u64>,
    ) -> Option<Choice> {
        let catalog = self.catalog.clone();
        let placement = catalog.placements.get(placement)?;
        let nothing = Choice::fallback(placement);
        let Some(head) = self.head(number) else { return Some(nothing) };
        let allows = |purpose: &&String| policy::allows(&catalog.topics, &head, purpose).is_ok();
        if let Some(forbidden) = placement.purposes.iter().find(|purpose| !allows(purpose)) {
            return Some(Choice { forbidden: Some(forbidden.clone()), ..nothing });
        }
        let offers = placement.offers.iter().filter_map(|name| catalog.offers.get(name));
        let offers: Vec<&Arc<Offer>> = offers.collect();
        let candidates: Vec<Candidate<'_>> = offers
            .iter()
            .map(|offer| Candidate {
                offer,
                eligible: self.is_eligible(number, &head, offer),
                rank: self.rank(number, &head, offer),
                shown: self.showings(number, &head, offer, under_way),
            })
            .collect();
        let (chosen, whys) = choose(&candidates, self.now);
        let names = offers.iter().map(|offer| offer.name.clone());
        let whys = names.zip(whys).collect();
        Some(match chosen.map(|place| offers[place]) {
            Some(offer) => Choice {
                offer: Some(offer.name.clone()),
                content: offer.content.clone(),
                whys,
                ..Choice::default()
            },
            None => Choice { whys, ..nothing },
        })
    }

    fn is_eligible(&mut self, number: Number, head: &Head, offer: &Offer) -> bool {
        let Some(rule) = &offer.eligible else { return true };
        let known = self.whole(number, head, rule);
        let segments = segment::live::inside_of(&self.catalog, head, &rule.segments);
        segment::evaluate(rule, &known.facts(head, &segments, None, self.now)).inside
    }

    fn rank(&mut self, number: Number, head: &Head, offer: &Offer) -> Option<Decimal> {
        let Rank::Of(path) = &offer.rank else { return offer.fixed_rank() };
        let mut names = path.split('.');
        let first = names.next()?;
        let value = if first == COMPUTED {
            let name = names.next()?.to_owned();
            self.computed(number, head, &BTreeSet::from([name])).into_values().next()?
        } else {
            head.attribute(first)?.clone()
        };
        match value.at(names)? {
            Value::Number(rank) => Some(*rank),
            _ => None,
        }
    }

    fn showings(
        &mut self,
        number: Number,
        head: &Head,
        offer: &Offer,
        under_way: &BTreeMap<String, u64>,
    ) -> Showings {
        let Some((_, counting)) = &offer.cap else { return Showings::default() };
        let known = self.whole(number, head, counting);
        let counted = counting.aggregates.first();
        let state = counted.and_then(|aggregate| known.aggregates.get(&aggregate.id));
        let told = state.map_or(0, |state| state.count);
        Showings {
            times: told + under_way.get(&offer.name).copied().unwrap_or_default(),
            since: state.filter(|_| told > 0).and_then(|state| state.first()),
        }
    }

    /// How often which offers are in messages that wait or are on the wire: who is written to by
    /// several at once sees them all.
    pub(crate) fn offers_under_way(&self, head: &Head) -> BTreeMap<String, u64> {
        let mut found = BTreeMap::new();
        for message in head.open.iter().filter_map(|id| self.work.message(&Key::Message(*id))) {
            for offer in carried(&message).filter_map(|(_, offer)| offer) {
                *found.entry(offer.to_owned()).or_default() += 1;
            }
        }
        found
    }
}
