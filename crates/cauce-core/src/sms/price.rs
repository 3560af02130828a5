//! What text messages cost: a price for each part, by how the number begins. Prices are what people
//! agreed on with who carries them; nothing is sent or kept back because of them.

use crate::decimal::Decimal;
use crate::delivery::mailboxes::Hosts;
use crate::diagnostic::Diagnostic;
use crate::message::Channel;
use crate::phone;
use crate::prelude::*;
use crate::route::{Leg, Route};
use serde::{Deserialize, Serialize};

/// The prices of one provider, as they are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Prices {
    /// In which currency (ISO 4217): `EUR`.
    pub currency: String,
    /// What a part costs to numbers that begin so (`+34`, or more of a number), or that are of a
    /// region (ISO 3166-1: `CA`). A region counts before a beginning, the longest beginning before
    /// others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub per_part: BTreeMap<String, Decimal>,
    /// What a part costs to every other number; absent: nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Decimal>,
}

/// Limit: prices of one provider; longer lists of carriers go by network, which a number that
/// moved does not say.
const PRICES_MAX: usize = 1_000;

impl Prices {
    /// What a part to a number costs, if that is known.
    pub fn of(&self, number: &str) -> Option<Decimal> {
        let region = phone::region(number).and_then(|region| self.per_part.get(region));
        let begins = self
            .per_part
            .iter()
            .filter(|(begin, _)| begin.starts_with('+') && number.starts_with(begin.as_str()));
        let longest = begins.max_by_key(|(begin, _)| begin.len()).map(|(_, price)| price);
        region.or(longest).copied().or(self.elsewhere)
    }

    /// What is wrong with them. `path` is `provider/NAME.prices`.
    pub fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        if self.currency.len() != 3 || !self.currency.bytes().all(|c| c.is_ascii_uppercase()) {
            let message = format!("`{}` is no currency (ISO 4217)", self.currency);
            let fault = Diagnostic::error(format!("{path}.currency"), "bad-currency", message);
            found.push(fault.hint("three capital letters: `EUR`"));
        }
        if self.per_part.len() > PRICES_MAX {
            let message = format!("a provider has at most {PRICES_MAX} prices");
            found.push(Diagnostic::error(format!("{path}.per-part"), "too-many", message));
        }
        for place in self.per_part.keys() {
            let begins = place.strip_prefix('+').is_some_and(|digits| {
                (1..=15).contains(&digits.len())
                    && digits.bytes().all(|c| c.is_ascii_digit())
                    && !digits.starts_with('0')
            });
            if !begins && !phone::is_region(place) {
                let message = format!("`{place}` is neither a region nor how a number begins");
                let at = format!("{path}.per-part.{place}");
                let fault = Diagnostic::error(at, "bad-prefix", message);
                found.push(fault.hint("`ES`, `+34`, or more of a number"));
            }
        }
        let all = self.per_part.iter().map(|(place, price)| (format!("per-part.{place}"), price));
        let rest = self.elsewhere.iter().map(|price| ("elsewhere".to_owned(), price));
        for (at, _) in all.chain(rest).filter(|(_, price)| **price < Decimal::ZERO) {
            let message = "a part that costs less than nothing";
            found.push(Diagnostic::error(format!("{path}.{at}"), "bad-cost", message));
        }
        if self.per_part.is_empty() && self.elsewhere.is_none() {
            let fault = Diagnostic::error(path, "no-price", "prices nothing");
            found.push(fault.hint("say `per-part: { ES: 0.045 }`, or `elsewhere`"));
        }
        found
    }
}

/// What one provider of a route takes for a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fare {
    /// The provider.
    pub provider: String,
    /// Its share, beside the weights of the others.
    pub weight: u32,
    /// The currency and the price of a part, if they are known.
    pub per_part: Option<(String, Decimal)>,
}

/// By whom a message to a number leaves on a usual day, and what a part costs there.
pub fn fares(route: &Route, prices: &BTreeMap<String, Prices>, number: &str) -> Vec<Fare> {
    let group = route.group(&Hosts::default(), Channel::Sms, number);
    let serving: Vec<&Leg> = route.legs_to(group.as_deref()).collect();
    let usual = serving.iter().any(|leg| !leg.backup);
    let legs = serving.into_iter().filter(|leg| !usual || !leg.backup);
    legs.map(|leg| Fare {
        provider: leg.provider.clone(),
        weight: leg.weight,
        per_part: prices
            .get(&leg.provider)
            .and_then(|own| Some((own.currency.clone(), own.of(number)?))),
    })
    .collect()
}

/// What many messages cost together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Messages.
    pub messages: u64,
    /// Their parts.
    pub parts: u64,
    /// Messages of which nobody knows the whole price.
    pub unpriced: u64,
    /// By currency.
    pub totals: BTreeMap<String, Decimal>,
}

impl Sum {
    /// One more message. Between several providers it costs what it does on average, by weight.
    pub fn add(&mut self, parts: usize, fares: &[Fare]) {
        self.messages += 1;
        self.parts += parts as u64;
        let weights: i128 = fares.iter().map(|fare| i128::from(fare.weight)).sum();
        if weights == 0 || fares.iter().any(|fare| fare.per_part.is_none()) {
            self.unpriced += 1;
            return;
        }
        for fare in fares {
            let Some((currency, price)) = &fare.per_part else { continue };
            let share = price.nanos() * parts as i128 * i128::from(fare.weight) / weights;
            let total = self.totals.entry(currency.clone()).or_default();
            *total = total.plus(Decimal::from_nanos(share));
        }
    }

    /// The same for `whole` messages, of which these are a sample.
    pub fn scaled(&self, whole: u64) -> Sum {
        let counted = u128::from(self.messages.max(1));
        let times = |n: u64| ((u128::from(n) * u128::from(whole) + counted / 2) / counted) as u64;
        let money = |total: &Decimal| {
            Decimal::from_nanos(total.nanos() * i128::from(whole) / counted as i128)
        };
        Sum {
            messages: whole,
            parts: times(self.parts),
            unpriced: times(self.unpriced),
            totals: self.totals.iter().map(|(name, total)| (name.clone(), money(total))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices(json: &str) -> Prices {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_narrowest_price_counts() {
        let all = prices(
            r#"{"currency":"EUR","per-part":{"+34":0.045,"+346":0.04,"+1":0.008,"CA":0.007},
                "elsewhere":0.09}"#,
        );
        let check = |number: &str, expected: &str| {
            assert_eq!(all.of(number).unwrap().to_string(), expected, "{number}");
        };
        check("+34911112222", "0.045");
        check("+34600112233", "0.04");
        check("+12025550123", "0.008");
        check("+16135550123", "0.007");
        check("+447911123456", "0.09");
        let few = prices(r#"{"currency":"EUR","per-part":{"ES":0.045}}"#);
        assert_eq!(few.of("+447911123456"), None);
        assert_eq!(few.of("+34600112233").unwrap().times(3).to_string(), "0.135");
    }

    #[test]
    fn parts_times_price_over_the_legs_that_carry() {
        let leg = |provider: &str, weight, to: &[&str], backup| Leg {
            provider: provider.to_owned(),
            weight,
            to: to.iter().map(|begin| (*begin).to_owned()).collect(),
            backup,
            ..Leg::default()
        };
        let legs = vec![
            leg("cheap", 3, &["34"], false),
            leg("dear", 1, &["34"], false),
            leg("world", 1, &[], true),
        ];
        let route = Route { legs, grouped: true, ..Route::default() };
        let own = |price: &str| prices(&format!(r#"{{"currency":"EUR","elsewhere":{price}}}"#));
        let mut known =
            BTreeMap::from([("cheap".to_owned(), own("0.04")), ("dear".to_owned(), own("0.08"))]);
        let spain = fares(&route, &known, "+34600112233");
        let names: Vec<&str> = spain.iter().map(|fare| fare.provider.as_str()).collect();
        assert_eq!(names, ["cheap", "dear"], "a spare leg carries nothing on a usual day");
        let mut sum = Sum::default();
        sum.add(2, &spain);
        // Two parts at 0.05 on average.
        assert_eq!(sum.totals["EUR"].to_string(), "0.1");
        let whole = sum.scaled(1_000);
        assert_eq!((whole.parts, whole.totals["EUR"].to_string()), (2_000, "100".to_owned()));
        // Elsewhere only the spare one is left, and nobody said its price.
        let abroad = fares(&route, &known, "+447911123456");
        assert_eq!((abroad.len(), &abroad[0].per_part), (1, &None));
        sum.add(1, &abroad);
        assert_eq!((sum.messages, sum.parts, sum.unpriced), (2, 3, 1));
        assert_eq!(sum.totals["EUR"].to_string(), "0.1");
        known.insert("world".to_owned(), own("0.2"));
        sum.add(1, &fares(&route, &known, "+447911123456"));
        assert_eq!(sum.totals["EUR"].to_string(), "0.3");
    }

    #[test]
    fn a_price_that_is_none_is_a_fault() {
        let check = |json: &str, expected: &[&str]| {
            let found = prices(json).faults("p");
            let codes: Vec<&str> = found.iter().map(|fault| &*fault.code).collect();
            assert_eq!(codes, expected, "{found:?}");
        };
        check(r#"{"currency":"EUR","per-part":{"ES":0,"+1":0.1}}"#, &[]);
        check(r#"{"currency":"euro","elsewhere":1}"#, &["bad-currency"]);
        check(r#"{"currency":"EUR"}"#, &["no-price"]);
        check(r#"{"currency":"EUR","per-part":{"Spain":1,"34":1,"+0":1}}"#, &["bad-prefix"; 3]);
        check(r#"{"currency":"EUR","per-part":{"ES":-1}}"#, &["bad-cost"]);
    }
}
