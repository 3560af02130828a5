//! Offers within messages: chosen when the values of a message are fixed, at its first grant, and
//! kept with it, so that the ledger shows them and another attempt carries the same.

use super::{Choice, OFFER, OFFERS};
use crate::decide::Decider;
use crate::message::ledger::Message;
use crate::prelude::*;
use crate::state::Rows;
use crate::value::Value;

/// Under which name of its event's values a message keeps what it carries, by placement; no
/// template sees it there.
pub const CARRIED: &str = "$offers";

/// The placements of a message with the offers that it carries there; none of a fallback.
pub fn carried(message: &Message) -> impl Iterator<Item = (&str, Option<&str>)> {
    let all = match message.context.get(CARRIED) {
        // Before its first grant it is what a requester wrote, if anything.
        Some(Value::Object(all)) if !message.attempts.is_empty() => Some(all),
        _ => None,
    };
    all.into_iter()
        .flatten()
        .map(|(placement, shown)| (placement.as_str(), shown.at([OFFER]).and_then(Value::as_str)))
}

impl From<Choice> for Value {
    /// As templates see it: the content, and which offer it is of.
    fn from(choice: Choice) -> Value {
        let mut shown = choice.content;
        shown.extend(choice.offer.map(|name| (OFFER.to_owned(), Value::String(name))));
        Value::Object(shown)
    }
}

impl<R: Rows> Decider<'_, R> {
    /// Chooses for the placements of a message's template. What an earlier attempt carried stays;
    /// what a requester wrote in its place goes.
    pub(crate) fn fix_offers(&mut self, message: &mut Message, placements: &BTreeSet<String>) {
        let is_first = message.attempts.is_empty();
        let before = message.context.remove(CARRIED).filter(|_| !is_first);
        let mut shown = match before {
            Some(Value::Object(shown)) => shown,
            _ => BTreeMap::new(),
        };
        if placements.iter().all(|placement| shown.contains_key(placement)) {
            keep(message, shown);
            return;
        }
        let Some(head) = self.head(message.number) else { return };
        let mut under_way = self.offers_under_way(&head);
        for placement in placements {
            if shown.contains_key(placement) {
                continue;
            }
            let choice = self.offered(message.number, placement, &under_way).unwrap_or_default();
            if let Some(offer) = &choice.offer {
                *under_way.entry(offer.clone()).or_default() += 1;
            }
            shown.insert(placement.clone(), choice.into());
        }
        keep(message, shown);
    }
}

fn keep(message: &mut Message, shown: BTreeMap<String, Value>) {
    if !shown.is_empty() {
        message.context.insert(CARRIED.to_owned(), Value::Object(shown));
    }
}

/// The values of a template that a message carries: what stands under [`CARRIED`] moves from those
/// of its event to the outside.
pub fn unfold(values: &mut BTreeMap<String, Value>) {
    let Some(Value::Object(event)) = values.get_mut("event") else { return };
    if let Some(shown) = event.remove(CARRIED) {
        values.insert(OFFERS.to_owned(), shown);
    }
}
