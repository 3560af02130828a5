//! What is wrong with a route, or with a provider's limits.

use super::source::{LegSource, RouteSource};
use super::{Limit, WarmUp, groups};
use crate::decimal::Decimal;
use crate::delivery::mailboxes::MAILBOXES;
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::message::Channel;
use crate::prelude::*;

/// Every fault of a route that its own text shows; what it names is looked up by who knows the
/// world. `path` is `route/NAME`.
pub fn check(path: &str, route: &RouteSource) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if route.legs.is_empty() {
        let message = "a route without legs leads nowhere";
        let fault = Diagnostic::error(format!("{path}.legs"), "no-legs", message);
        found.push(fault.hint("name at least one provider: `legs: [{provider: NAME}]`"));
    }
    if route.legs.len() > limits::LEGS_MAX {
        let message = format!("a route has at most {} legs", limits::LEGS_MAX);
        found.push(Diagnostic::error(format!("{path}.legs"), "too-many-legs", message));
    }
    let mut seen = BTreeSet::new();
    for (place, leg) in route.legs.iter().enumerate() {
        let at = format!("{path}.legs.{place}");
        if !seen.insert(&leg.provider) {
            let message = format!("`{}` is in this route already", leg.provider);
            let fault = Diagnostic::error(format!("{at}.provider"), "leg-twice", message);
            found.push(fault.hint("give one leg its weight, its countries or domains"));
        }
        found.extend(check_leg(&at, route.channel, leg));
    }
    if !route.legs.is_empty() && route.legs.iter().all(|leg| leg.backup) {
        let message = "every leg is a backup of no other";
        let fault = Diagnostic::warning(format!("{path}.legs"), "only-backups", message);
        found.push(fault.hint("leave `backup` out of the one that carries every day"));
    }
    let everywhere = |leg: &LegSource| leg.countries.is_empty() && leg.domains.is_empty();
    if !route.legs.is_empty() && !route.legs.iter().any(everywhere) {
        let message = "what no leg names has no way out and waits until it expires";
        let fault = Diagnostic::warning(format!("{path}.legs"), "route-with-a-gap", message);
        found.push(fault.hint("add a leg without `countries` and `domains`"));
    }
    found
}

fn check_leg(at: &str, channel: Channel, leg: &LegSource) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if leg.weight == 0 {
        let fault = Diagnostic::error(
            format!("{at}.weight"),
            "zero-weight",
            "with weight 0 nothing ever leaves by this leg",
        );
        found.push(fault.hint("leave the leg out, or say `backup: true`"));
    }
    if leg.max_per_day == Some(0) {
        let message = "at 0 messages a day nothing ever leaves by this leg";
        let fault = Diagnostic::error(format!("{at}.max-per-day"), "zero-rate", message);
        found.push(fault.hint("leave it out, or say at least 1"));
    }
    if leg.cost.is_some_and(|cost| cost < Decimal::ZERO) {
        let message = "a message that costs less than nothing";
        found.push(Diagnostic::error(format!("{at}.cost"), "bad-cost", message));
    }
    if !leg.countries.is_empty() && channel != Channel::Sms {
        let message = format!("{channel} has no calling codes");
        let fault = Diagnostic::error(format!("{at}.countries"), "leg-never-fits", message);
        found.push(fault.hint("`countries` is for sms; e-mail has `domains`"));
    }
    if !leg.domains.is_empty() && channel != Channel::Email {
        let message = format!("{channel} has no domains");
        let fault = Diagnostic::error(format!("{at}.domains"), "leg-never-fits", message);
        found.push(fault.hint("`domains` is for email; sms has `countries`"));
    }
    for country in &leg.countries {
        let digits = groups::digits(country);
        let written = country.strip_prefix('+').unwrap_or(country);
        if digits.is_empty() || digits != written || digits.starts_with('0') || digits.len() > 15 {
            let message = format!("`{country}` is not how a number begins");
            let fault = Diagnostic::error(format!("{at}.countries"), "bad-prefix", message);
            found.push(fault.hint("the country calling code, or more of a number: `+34`"));
        }
    }
    for domain in &leg.domains {
        if !is_group(Channel::Email, domain) {
            let message = format!("`{domain}` is no domain and no mailbox provider");
            let fault = Diagnostic::error(format!("{at}.domains"), "bad-domain", message);
            let words = MAILBOXES.join(", ");
            found.push(fault.hint(format!("such as `shop.example`, or one of {words}")));
        }
    }
    found
}

/// What can be a group of a channel.
fn is_group(channel: Channel, text: &str) -> bool {
    match channel {
        Channel::Email => {
            let part = |part: &str| {
                !part.is_empty()
                    && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
                    && !part.starts_with('-')
            };
            MAILBOXES.contains(&text) || (text.contains('.') && text.split('.').all(part))
        }
        Channel::Sms => !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit()),
        Channel::Push | Channel::Webhook => false,
    }
}

/// Every fault of a provider's limits and plan. `path` is `provider/NAME`.
pub fn check_shape(
    path: &str,
    channel: Channel,
    own: &[Limit],
    plan: Option<&WarmUp>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (place, limit) in own.iter().enumerate() {
        let at = format!("{path}.limits.{place}");
        if !is_group(channel, &limit.group) {
            let message = format!("`{}` is nowhere that {channel} goes", limit.group);
            let fault = Diagnostic::error(format!("{at}.group"), "unknown-group", message);
            found.push(fault.hint(match channel {
                Channel::Sms => "a calling code in digits: `34`".to_owned(),
                Channel::Email => format!("one of {}", MAILBOXES.join(", ")),
                Channel::Push | Channel::Webhook => {
                    "this channel has one group: use `in-flight` and `per-second`".to_owned()
                }
            }));
        }
        if !seen.insert(&limit.group) {
            let message = format!("`{}` has a limit already", limit.group);
            found.push(Diagnostic::error(format!("{at}.group"), "limit-twice", message));
        }
        if limit.per_second.is_none() && limit.in_flight.is_none() {
            let fault = Diagnostic::error(at.clone(), "no-limit", "limits nothing");
            found.push(fault.hint("say `per-second`, `in-flight` or both"));
        }
        for (name, value) in [("per-second", limit.per_second), ("in-flight", limit.in_flight)] {
            if value == Some(0) {
                let message = format!("with `{name}: 0` nothing is ever sent");
                let fault = Diagnostic::error(format!("{at}.{name}"), "zero-rate", message);
                found.push(fault.hint("leave it out, or say at least 1"));
            }
        }
    }
    found.extend(plan.into_iter().flat_map(|plan| check_plan(path, plan)));
    found
}

fn check_plan(path: &str, plan: &WarmUp) -> Vec<Diagnostic> {
    let at = format!("{path}.warm-up");
    let mut found = Vec::new();
    if plan.first().is_none() {
        let message = format!("`{}` is no date", plan.start);
        let fault = Diagnostic::error(format!("{at}.start"), "bad-date", message);
        found.push(fault.hint("write `start: 2026-12-01`"));
    }
    if plan.first_day == 0 {
        let message = "a plan that begins with nothing never grows";
        let fault = Diagnostic::error(format!("{at}.first-day"), "zero-rate", message);
        found.push(fault.hint("such as `first-day: 50`"));
    }
    if plan.growth < Decimal::from(1) || plan.growth > Decimal::from(10) {
        let message = "grows by less than nothing, or by more than ten times a day";
        let fault = Diagnostic::error(format!("{at}.growth"), "bad-growth", message);
        found.push(fault.hint("times as many each day, between 1 and 10: `growth: 1.5`"));
    }
    if plan.until < plan.first_day {
        let message = "ends below its first day";
        let fault = Diagnostic::error(format!("{at}.until"), "bad-end", message);
        found.push(fault.hint("the number a day at which the sender is warm: `until: 100000`"));
    }
    if let Some(zone) = &plan.zone
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        let message = format!("there is no time zone `{zone}`");
        let fault = Diagnostic::error(format!("{at}.zone"), "unknown-zone", message);
        found.push(fault.hint("an IANA name such as `Europe/Madrid`"));
    }
    found
}
