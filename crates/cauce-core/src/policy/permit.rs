//! The last word on one message, when it is granted.

use super::complaints::{self, Known};
use super::quiet_hours::Zone;
use super::{Policy, Reason, frequency, quiet_hours};
use crate::catalog::{Catalog, Topic};
use crate::decision::Permit;
use crate::device::{self, Choice, Devices};
use crate::identity::Namespaces;
use crate::ids::hash64;
use crate::input::channel_namespace;
use crate::message::ledger::Message;
use crate::message::{Channel, Class};
use crate::phone;
use crate::prelude::*;
use crate::profile::{Alias, Consent, ConsentState, Head};
use crate::segment::Standing;
use crate::sms::countries;
use crate::sms::inbound::{EVERY_SENDER, scope};
use crate::time::Timestamp;

/// Judges one message: erased, suppressed, consent, holdout, complaints, quiet hours, caps, expiry.
///
/// A transactional message was asked for by the person: consent, holdout, complaints, quiet hours
/// and caps do not apply to it. Of suppressions those do that stop everything.
pub fn permit(
    catalog: &Catalog,
    known: &Known,
    (head, devices): (&Head, &Devices),
    message: &Message,
    now: Timestamp,
) -> Permit {
    match judge(catalog, known, (head, devices), message, now) {
        Ok(address) => Permit::Yes { address },
        Err(Reason::QuietHours { zone, until }) if until < message.expires => {
            Permit::Later { due: until, reason: Reason::QuietHours { zone, until } }
        }
        Err(reason @ Reason::Complaints { .. }) => {
            let due = now.plus(complaints::ASKED_AGAIN).min(message.expires);
            Permit::Later { due, reason }
        }
        Err(reason) => Permit::No(reason),
    }
}

fn judge(
    catalog: &Catalog,
    known: &Known,
    (head, devices): (&Head, &Devices),
    message: &Message,
    now: Timestamp,
) -> Result<String, Reason> {
    let policy = &catalog.policy;
    if message.expires <= now {
        return Err(Reason::Expired { at: message.expires });
    }
    let kind = (message.channel, message.class);
    let address = address(&catalog.namespaces, (head, devices), kind)?;
    if message.channel == Channel::Sms {
        policy.numbers.judge(&address)?;
    }
    if let Some(template) = catalog.templates.get(&message.template.0)
        && message.channel == Channel::Sms
    {
        // Who stopped a sender hears nothing of it any more, whatever it is about.
        if !template.answers_word {
            heard_from(head, template.sender.as_deref())?;
        }
        if let Some(sender) = &template.text_sender {
            countries::judge(sender, &address)?;
        }
    }
    if message.class == Class::Transactional {
        return Ok(address);
    }
    let topic = message.topic.as_deref().unwrap_or("*");
    consent(policy, &catalog.topics, head, topic, message.channel)?;
    if in_holdout(head, policy.holdout_per_mille) {
        return Err(Reason::Holdout { per_mille: policy.holdout_per_mille });
    }
    complaints::judge(known, catalog, message, &address)?;
    if let Some(hours) = &policy.quiet_hours {
        let zones = zones(policy, head, message.channel, &address);
        hours.judge(now, &zones)?;
    }
    let one = (message.id, message.channel);
    frequency::judge(&policy.frequency_caps, &head.sent, one, now)?;
    Ok(address)
}

/// The zones in which a person may be: their own, if it is known; else those of the number that a
/// text message goes to; else the workspace's.
fn zones(policy: &Policy, head: &Head, channel: Channel, address: &str) -> Vec<Zone> {
    let own = head.attribute("timezone").and_then(|value| value.as_str());
    if let Some(zone) = own.and_then(quiet_hours::named) {
        return vec![zone];
    }
    let of_number = match channel {
        Channel::Sms => phone::zones(address),
        Channel::Email | Channel::Push | Channel::Webhook => Vec::new(),
    };
    let of_number: Vec<Zone> = of_number.into_iter().filter_map(quiet_hours::named).collect();
    if !of_number.is_empty() {
        return of_number;
    }
    vec![quiet_hours::zone([None, Some(&policy.default_zone)])]
}

/// After what instant a message is pointless: when it expires, or, of a text message that may not
/// come at night, when the next quiet hours begin; what a network holds for so long it may still
/// deliver.
pub fn pointless_after(
    catalog: &Catalog,
    head: &Head,
    message: &Message,
    now: Timestamp,
) -> Timestamp {
    let (policy, channel) = (&catalog.policy, message.channel);
    let Some(hours) = &policy.quiet_hours else { return message.expires };
    if channel != Channel::Sms || message.class == Class::Transactional {
        return message.expires;
    }
    // Text messages have no need of devices.
    let known = address(&catalog.namespaces, (head, &BTreeMap::new()), (channel, message.class));
    let Ok(address) = known else { return message.expires };
    let begin = hours.next(now, &zones(policy, head, channel, &address));
    begin.map_or(message.expires, |begin| begin.min(message.expires))
}

/// Whether a person still hears from who writes text messages: nobody who answered `STOP` does,
/// until they say `START` to the same sender.
fn heard_from(head: &Head, sender: Option<&str>) -> Result<(), Reason> {
    let said = |topic: String| head.consents.get(&(topic, Some(Channel::Sms)));
    let own = sender.and_then(|name| said(scope(name)));
    let every = said(EVERY_SENDER.to_owned());
    // A start of this sender after the end of all of them counts.
    let latest = own.into_iter().chain(every).max_by_key(|consent| consent.at);
    match latest {
        Some(Consent { fact, at, .. }) if fact.state == ConsentState::Withdrawn => {
            Err(Reason::ConsentWithdrawn {
                topic: fact.topic.clone(),
                at: *at,
                source: fact.source.clone(),
            })
        }
        Some(_) | None => Ok(()),
    }
}

/// The address of a profile on a channel, unless it is suppressed for messages of the class.
pub fn address(
    namespaces: &Namespaces,
    (head, devices): (&Head, &Devices),
    (channel, class): (Channel, Class),
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
        let spelled = match channel {
            // A number has one form, whatever stands between its digits.
            Channel::Sms => alias.value.clone(),
            Channel::Email | Channel::Push | Channel::Webhook => text.trim().to_owned(),
        };
        Some((alias, spelled))
    });
    let held = || {
        let alias = head.aliases.iter().find(|alias| alias.namespace == namespace)?;
        Some((alias.clone(), alias.value.clone()))
    };
    let (alias, spelled) = named.or_else(held).ok_or(Reason::NoAddress { channel })?;
    match head.suppressions.get(&alias) {
        Some(suppression) if suppression.stops().includes(class) => {
            Err(Reason::Suppressed { suppression: suppression.clone() })
        }
        Some(_) | None => Ok(spelled),
    }
}

/// Whether a message by a channel, about a topic, would be refused for who the person is: no
/// address, a suppression, or consent. Without a topic, consent is not asked. A rule is about
/// messages that nobody asked for: what stops those alone counts.
pub fn reachable(
    standing: &Standing<'_>,
    channel: Channel,
    topic: Option<&str>,
) -> Result<(), Reason> {
    let Standing { head, devices, policy, topics, namespaces } = *standing;
    let address = address(namespaces, (head, devices), (channel, Class::Bulk))?;
    if channel == Channel::Sms {
        policy.numbers.judge(&address)?;
    }
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
    let asks = topics.get(topic).into_iter().flat_map(|known| &known.purposes);
    let mut asks = asks.map(|purpose| allows(topics, head, purpose));
    asks.find(Result::is_err).unwrap_or(Ok(()))?;
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
    if required && !granted {
        return Err(Reason::NoConsent { topic: topic.to_owned() });
    }
    if channel == Channel::Sms {
        return heard_about(topics, head, topic);
    }
    Ok(())
}

/// Whether a person allows a use of what is known of them. What was said about messages, also about
/// all of them, is no word about it. A use has no channel: a no that names one is a no all the
/// same, a yes that does is none.
pub fn allows(topics: &BTreeMap<String, Topic>, head: &Head, purpose: &str) -> Result<(), Reason> {
    let topic = || purpose.to_owned();
    let withdrawn = |consent: &Consent| {
        let Consent { fact, at, .. } = consent;
        (fact.state == ConsentState::Withdrawn).then(|| {
            (*at, Reason::ConsentWithdrawn { topic: topic(), at: *at, source: fact.source.clone() })
        })
    };
    let ways = [None].into_iter().chain(Channel::ALL.map(Some));
    let said = ways.filter_map(|channel| head.consents.get(&(topic(), channel)));
    if let Some((_, no)) = said.filter_map(withdrawn).max_by_key(|(at, _)| *at) {
        return Err(no);
    }
    // A purpose that is gone asks for a yes: what nobody can look up is not allowed.
    let required = topics.get(purpose).is_none_or(|known| known.consent_required);
    match head.consents.get(&(topic(), None)) {
        Some(Consent { fact, at, .. }) if fact.state == ConsentState::Pending => {
            Err(Reason::ConsentPending { topic: topic(), since: *at })
        }
        Some(_) => Ok(()),
        None if required => Err(Reason::NoConsent { topic: topic() }),
        None => Ok(()),
    }
}

/// Whether anybody who writes text messages about a topic is still heard.
fn heard_about(topics: &BTreeMap<String, Topic>, head: &Head, topic: &str) -> Result<(), Reason> {
    let senders = topics.get(topic).map(|topic| &topic.text_senders);
    let mut senders =
        senders.into_iter().flatten().map(|name| heard_from(head, Some(name.as_str())));
    let first = senders.next().unwrap_or_else(|| heard_from(head, None));
    first.or_else(|why| if senders.any(|heard| heard.is_ok()) { Ok(()) } else { Err(why) })
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
