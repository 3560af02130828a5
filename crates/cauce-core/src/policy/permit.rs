//! The last word on one message, when it is granted.

use super::{Policy, Reason, frequency, quiet_hours};
use crate::catalog::{Catalog, Topic};
use crate::decision::Permit;
use crate::device::{self, Choice, Devices};
use crate::identity::Namespaces;
use crate::ids::hash64;
use crate::input::channel_namespace;
use crate::message::ledger::Message;
use crate::message::{Channel, Class};
use crate::prelude::*;
use crate::profile::{Alias, Consent, ConsentState, Head};
use crate::segment::Standing;
use crate::time::Timestamp;

/// Judges one message: erased, suppressed, consent, holdout, quiet hours, caps, expiry.
///
/// A transactional message was asked for by the person: consent, holdout, quiet hours and caps do
/// not apply to it. Suppression does.
pub fn permit(
    catalog: &Catalog,
    (head, devices): (&Head, &Devices),
    message: &Message,
    now: Timestamp,
) -> Permit {
    match judge(catalog, (head, devices), message, now) {
        Ok(address) => Permit::Yes { address },
        Err(Reason::QuietHours { zone, until }) if until < message.expires => {
            Permit::Later { due: until, reason: Reason::QuietHours { zone, until } }
        }
        Err(reason) => Permit::No(reason),
    }
}

fn judge(
    catalog: &Catalog,
    (head, devices): (&Head, &Devices),
    message: &Message,
    now: Timestamp,
) -> Result<String, Reason> {
    let policy = &catalog.policy;
    if message.expires <= now {
        return Err(Reason::Expired { at: message.expires });
    }
    let address = address(&catalog.namespaces, (head, devices), message.channel)?;
    if message.class == Class::Transactional {
        return Ok(address);
    }
    let topic = message.topic.as_deref().unwrap_or("*");
    consent(policy, &catalog.topics, head, topic, message.channel)?;
    if in_holdout(head, policy.holdout_per_mille) {
        return Err(Reason::Holdout { per_mille: policy.holdout_per_mille });
    }
    if let Some(hours) = &policy.quiet_hours {
        let own = head.attribute("timezone").and_then(|value| value.as_str());
        let (zone, name) = quiet_hours::zone([own, Some(&policy.default_zone)]);
        if let Some(until) = hours.until(now, &zone) {
            return Err(Reason::QuietHours { zone: name, until });
        }
    }
    frequency::judge(&policy.frequency_caps, &head.sent, message.channel, now)?;
    Ok(address)
}

/// The address of a profile on a channel, unless it is suppressed.
pub fn address(
    namespaces: &Namespaces,
    (head, devices): (&Head, &Devices),
    channel: Channel,
) -> Result<String, Reason> {
    if channel == Channel::Push {
        let live = device::chosen(devices, Choice::All);
        let names = live.iter().map(|device| device.target.device);
        let none = live.is_empty().then_some(Reason::NoAddress { channel });
        return none.map_or_else(|| Ok(device::fates::address(names)), Err);
    }
    let Some(namespace) = channel_namespace(channel) else {
        // A webhook is about a profile, not to an address.
        return Ok(head.id().to_string());
    };
    // The attribute has the address as the person spells it: local parts keep their case on the
    // wire. It counts only once its home has answered: the answer says whether it is suppressed.
    let attribute = head.attribute(namespace).and_then(|value| value.as_str());
    let asked =
        |alias: &Alias| head.aliases.contains(alias) || head.refused_aliases.contains(alias);
    let named = attribute.and_then(|text| {
        let alias = namespaces.canonical(namespace, text).ok().filter(asked)?;
        Some((alias, text.trim().to_owned()))
    });
    let held = || {
        let alias = head.aliases.iter().find(|alias| alias.namespace == namespace)?;
        Some((alias.clone(), alias.value.clone()))
    };
    let (alias, spelled) = named.or_else(held).ok_or(Reason::NoAddress { channel })?;
    match head.suppressions.get(&alias) {
        Some(suppression) => Err(Reason::Suppressed { suppression: suppression.clone() }),
        None => Ok(spelled),
    }
}

/// Whether a message by a channel, about a topic, would be refused for who the person is: no
/// address, a suppression, or consent. Without a topic, consent is not asked.
pub fn reachable(
    standing: &Standing<'_>,
    channel: Channel,
    topic: Option<&str>,
) -> Result<(), Reason> {
    let Standing { head, devices, policy, topics, namespaces } = *standing;
    address(namespaces, (head, devices), channel)?;
    topic.map_or(Ok(()), |topic| consent(policy, topics, head, topic, channel))
}

/// Whether a profile allows messages on a topic by a channel.
pub fn consent(
    policy: &Policy,
    topics: &BTreeMap<String, Topic>,
    head: &Head,
    topic: &str,
    channel: Channel,
) -> Result<(), Reason> {
    let own = channel;
    let confirmed_only = topics.get(topic).is_some_and(|known| known.double_opt_in);
    let mut granted = false;
    let mut pending = None;
    // What was said about everything binds as well as what was said about this topic.
    for (about, channel) in [("*", None), ("*", Some(own)), (topic, None), (topic, Some(own))] {
        let Some(consent) = head.consents.get(&(about.to_owned(), channel)) else { continue };
        let Consent { fact, at, .. } = consent;
        match fact.state {
            // A yes to everything was never confirmed for this one.
            ConsentState::Granted => granted |= about == topic || !confirmed_only,
            ConsentState::Pending => pending = Some(*at),
            ConsentState::Withdrawn if about == "*" && regranted(head, topic, own, *at) => {}
            ConsentState::Withdrawn => {
                return Err(Reason::ConsentWithdrawn {
                    topic: about.to_owned(),
                    at: *at,
                    source: fact.source.clone(),
                });
            }
        }
    }
    if let Some(since) = pending {
        return Err(Reason::ConsentPending { topic: topic.to_owned(), since });
    }
    let required = topics.get(topic).map_or(policy.consent_required, |t| t.consent_required);
    if required && !granted { Err(Reason::NoConsent { topic: topic.to_owned() }) } else { Ok(()) }
}

/// Whether the person allowed this very topic after withdrawing everything.
fn regranted(head: &Head, topic: &str, channel: Channel, withdrawn: Timestamp) -> bool {
    topic != "*"
        && [None, Some(channel)].into_iter().any(|channel| {
            head.consents.get(&(topic.to_owned(), channel)).is_some_and(|consent| {
                consent.fact.state == ConsentState::Granted && consent.at > withdrawn
            })
        })
}

/// Whether a profile is in the global control group: a hash of its immutable id.
pub fn in_holdout(head: &Head, per_mille: u16) -> bool {
    let hash = hash64(&[b"holdout", &head.id().0.to_be_bytes()]);
    hash % 1_000 < u64::from(per_mille)
}
