//! By which providers messages leave: several to a channel, each with its share, its limits and its
//! plan for warming up.

mod check;
pub mod groups;
pub mod path;
mod shape;
mod source;
pub mod warmth;

pub use check::{check, check_shape};
pub(crate) use shape::WARM_UP_DAYS_MAX;
pub use shape::{Limit, Shape, WarmUp, day_of, leg_counter};
pub use source::{LegSource, RouteSource};

use crate::delivery::mailboxes::{self, Hosts};
use crate::message::{Channel, Class};
use crate::prelude::*;

/// A route in force, or what a channel without one has: its first provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// What the names of its ready queues begin with.
    pub name: String,
    /// Classes that it serves; all if empty.
    pub classes: BTreeSet<Class>,
    /// Topics that it serves; all if empty.
    pub topics: BTreeSet<String>,
    /// Senders that it serves; all if empty.
    pub senders: BTreeSet<String>,
    /// Its providers.
    pub legs: Vec<Leg>,
    /// Whether anything depends on where a message goes: only then its queues are apart.
    pub grouped: bool,
}

/// A provider of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leg {
    /// The provider.
    pub provider: String,
    /// Its share, beside the weights of the others.
    pub weight: u32,
    /// The groups that it serves; all if empty.
    pub to: BTreeSet<String>,
    /// Used only while no other leg stands.
    pub backup: bool,
    /// Messages a day at most.
    pub per_day: Option<u64>,
    /// What a message costs, as it is written: shown, and never compared.
    pub cost: Option<String>,
}

impl Route {
    /// What a channel without a route has.
    pub fn alone(provider: &str, grouped: bool) -> Route {
        let leg = Leg { provider: provider.to_owned(), weight: 1, ..Leg::default() };
        Route { name: provider.to_owned(), legs: vec![leg], grouped, ..Route::default() }
    }

    /// Whether messages of this kind leave by it.
    pub fn serves(&self, class: Class, topic: Option<&str>, sender: Option<&str>) -> bool {
        let named = |names: &BTreeSet<String>, name: Option<&str>| {
            names.is_empty() || name.is_some_and(|name| names.contains(name))
        };
        (self.classes.is_empty() || self.classes.contains(&class))
            && named(&self.topics, topic)
            && named(&self.senders, sender)
    }

    /// How narrowly it says whom it serves: of two routes that serve a message, the narrower one
    /// does.
    pub fn narrowness(&self) -> u32 {
        u32::from(!self.classes.is_empty())
            + u32::from(!self.topics.is_empty())
            + u32::from(!self.senders.is_empty())
    }

    /// Where a message to this address goes, if anything depends on it: what a leg names, else the
    /// mailbox provider or the country.
    pub fn group(&self, hosts: &Hosts, channel: Channel, address: &str) -> Option<String> {
        if !self.grouped {
            return None;
        }
        match channel {
            Channel::Email => {
                let domain = mailboxes::domain(address);
                let named = self.legs.iter().any(|leg| leg.to.contains(&domain));
                Some(if named { domain } else { hosts.mailbox(&domain).to_owned() })
            }
            Channel::Sms => {
                let digits = groups::digits(address);
                let named = self.legs.iter().flat_map(|leg| &leg.to);
                let longest = named
                    .filter(|prefix| digits.starts_with(prefix.as_str()))
                    .max_by_key(|prefix| prefix.len());
                Some(match longest {
                    Some(prefix) => prefix.clone(),
                    None => groups::calling_code(&digits).to_owned(),
                })
            }
            Channel::Push | Channel::Webhook => None,
        }
        .filter(|group| !group.is_empty())
    }

    /// The legs that serve a group.
    pub fn legs_to<'r>(&'r self, group: Option<&str>) -> impl Iterator<Item = &'r Leg> {
        self.legs.iter().filter(move |leg| {
            leg.to.is_empty() || group.is_some_and(|group| leg.to.contains(group))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leg(provider: &str, to: &[&str]) -> Leg {
        let to = to.iter().map(|name| (*name).to_owned()).collect();
        Leg { provider: provider.to_owned(), weight: 1, to, ..Leg::default() }
    }

    #[test]
    fn the_longest_prefix_that_a_leg_names_is_the_group() {
        let legs = vec![leg("es", &["34"]), leg("canary", &["34928"]), leg("world", &[])];
        let route = Route { legs, grouped: true, ..Route::default() };
        let none = Hosts::default();
        for (number, expected, providers) in [
            ("+34 600 111 222", "34", vec!["es", "world"]),
            ("+34 928 111 222", "34928", vec!["canary", "world"]),
            ("+44 20 7946 0000", "44", vec!["world"]),
        ] {
            let group = route.group(&none, Channel::Sms, number);
            assert_eq!(group.as_deref(), Some(expected), "{number}");
            let legs: Vec<_> =
                route.legs_to(group.as_deref()).map(|leg| leg.provider.as_str()).collect();
            assert_eq!(legs, providers, "{number}");
        }
    }

    #[test]
    fn a_domain_that_a_leg_names_is_a_group() {
        let legs = vec![leg("own", &["shop.example", "google"]), leg("all", &[])];
        let route = Route { legs, grouped: true, ..Route::default() };
        let mut hosts = Hosts::default();
        hosts.learn(mailboxes::hosted("company.example"), "google");
        hosts.learn(mailboxes::hosted("shop.example"), "google");
        let group = |address: &str| route.group(&hosts, Channel::Email, address).unwrap();
        assert_eq!(group("ada@Shop.example"), "shop.example");
        assert_eq!(group("ada@gmail.com"), "google");
        assert_eq!(group("ada@else.example"), "other");
        assert_eq!(group("ada@company.example"), "google");
        assert_eq!(route.group(&hosts, Channel::Webhook, "p-1"), None);
        let alone = Route::alone("smtp", false);
        assert_eq!(alone.group(&hosts, Channel::Email, "ada@gmail.com"), None);
    }
}
