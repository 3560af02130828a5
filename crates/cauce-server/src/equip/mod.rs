//! Makes what the definitions in force need on this machine: keys, ways out, budgets. What cannot
//! be had is said and tried again; its messages wait.

mod api;
pub(crate) mod direct;
mod email;
mod push;
pub(crate) mod smpp;
pub(crate) mod sms;
mod webhook;

pub(crate) use api::mail;
pub(crate) use email::mail_server;
pub(crate) use webhook::hook;

use crate::app::App;
use crate::loops::allocator::Budget;
use crate::loops::carrying;
use crate::loops::delivery::Carrier;
use crate::render::{Content, Rendering, Signers};
use crate::secrets::{Absent, Secrets};
use cauce_channels::catch_all::CatchAll;
use cauce_channels::email::compose::compose;
use cauce_channels::email::dkim::{Key, Signer};
use cauce_core::delivery::Outcome;
use cauce_core::diagnostic::Diagnostic;
use cauce_core::publish::{
    Body, Book, DestinationSource, DkimSource, Kind, Name, ProviderSource, SenderSource,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

fn signer(secrets: &Secrets, sender: &SenderSource, dkim: &DkimSource) -> anyhow::Result<Signer> {
    let own = sender.from.address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let key = Key::from_pem(&secrets.read(&dkim.key)?)?;
    let said = key.algorithm();
    anyhow::ensure!(
        said.strip_suffix("-sha256") == Some(&dkim.algorithm),
        "`algorithm` says {}, and the key is one for {said}",
        dkim.algorithm
    );
    Ok(Signer::new(dkim.domain.as_deref().unwrap_or(own), &dkim.selector, key)?)
}

/// Who signs for a sender, or why nobody can.
pub(crate) fn signers(app: &App, name: &str, sender: &SenderSource) -> Signers {
    let all: anyhow::Result<Vec<Signer>> =
        sender.dkim.iter().map(|dkim| signer(&app.secrets, sender, dkim)).collect();
    let told = all.map_err(|error| format!("sender {name} cannot sign: {error:#}"));
    app.observer.say(&trouble_of(Kind::Sender, name), told.as_ref().err().cloned());
    told.map(Arc::new)
}

/// What a trouble with a definition is kept under.
pub fn trouble_of(kind: Kind, name: &str) -> String {
    format!("{kind}/{name}")
}

/// What changed senders and providers need on this machine and do not have. A wrong algorithm is a
/// fault; what is absent is a warning, since it may come later.
pub fn absent(secrets: &Secrets, changes: &[(Name, Option<Body>)]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for ((kind, name), body) in changes {
        match body {
            Some(Body::Sender(sender)) => {
                for (place, dkim) in sender.dkim.iter().enumerate() {
                    let path = format!("{kind}/{name}.dkim.{place}");
                    let Err(error) = signer(secrets, sender, dkim) else { continue };
                    let text = format!("{error:#}");
                    found.push(match secrets.read(&dkim.key) {
                        Ok(pem) if Key::from_pem(&pem).is_ok() => {
                            Diagnostic::error(format!("{path}.algorithm"), "wrong-key", text)
                        }
                        Err(Absent::Place(why)) => {
                            Diagnostic::error(format!("{path}.key"), "secret-place", why)
                        }
                        Ok(_) | Err(Absent::Unreadable(_)) => {
                            Diagnostic::warning(format!("{path}.key"), "no-key", text)
                                .hint("messages of this sender wait until it can be read")
                        }
                    });
                }
            }
            Some(Body::Provider(provider)) => {
                for place in provider.secrets() {
                    let path = format!("{kind}/{name}");
                    match secrets.read(place) {
                        Ok(_) => {}
                        Err(Absent::Place(why)) => {
                            found.push(Diagnostic::error(path, "secret-place", why));
                        }
                        Err(Absent::Unreadable(why)) => {
                            let warning = Diagnostic::warning(path, "no-secret", why);
                            found.push(warning.hint("its messages wait until it can be read"));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// Makes what a book needs to be carried out: parsed templates, ways out, budgets.
pub fn equip(app: &App, book: &Book) {
    let rendering = Rendering::new(book, &|name, sender| signers(app, name, sender));
    let rendering = Arc::new(rendering);
    *app.rendering.write().unwrap_or_else(PoisonError::into_inner) = rendering;
    let shown = Arc::new(crate::share::shown(app, book));
    let is_told = |source: &DestinationSource| source.webhook.is_some() || source.nats.is_some();
    let told = shown.destinations.iter().filter(|(_, source)| is_told(source));
    let told = told.map(|(name, _)| name.as_str());
    crate::share::webhooks::begin(&app.data, &app.feed.end(), told);
    *app.shown.write().unwrap_or_else(PoisonError::into_inner) = shown;
    let mut carried = app.carried.lock().unwrap_or_else(PoisonError::into_inner);
    let mut carriers: HashMap<String, Arc<Carrier>> = HashMap::clone(&app.carriers());
    let zone = match book.get(Kind::Policy, "policy").map(|revision| &revision.body) {
        Some(Body::Policy(policy)) => policy.default_zone.clone(),
        _ => cauce_core::policy::Policy::default().default_zone,
    };
    let mut wanted = BTreeMap::new();
    for (name, revision) in book.list(Kind::Provider) {
        if let Body::Provider(provider) = &revision.body {
            wanted.insert(name.to_owned(), provider.clone());
        }
    }
    for (name, old) in carriers.extract_if(|name, _| !wanted.contains_key(name)) {
        app.allocator.provider(&name, Budget::default());
        retire(app, old);
    }
    let known = |about: &str| match about.split_once('/') {
        Some(("provider", name)) => wanted.contains_key(name),
        Some(("sender", name)) => book.get(Kind::Sender, name).is_some(),
        _ => true,
    };
    app.observer.keep_said(known);
    for (name, provider) in &wanted {
        let reached = carried.get(name).filter(|_| carriers.contains_key(name));
        if !reached.is_some_and(|old| is_same_way(old, provider)) {
            let made = carrier(app, name, provider);
            let trouble = made.as_ref().err().map(|why| format!("provider {name}: {why:#}"));
            app.observer.say(&trouble_of(Kind::Provider, name), trouble);
            let old = match made {
                Ok(carrier) => carriers.insert(name.clone(), Arc::new(carrier)),
                // Its messages wait until it can be had; nothing is lost.
                Err(_) => carriers.remove(name),
            };
            old.into_iter().for_each(|old| retire(app, old));
        }
        let budget = carriers.contains_key(name).then(|| budget(provider, &zone));
        app.allocator.provider(name, budget.unwrap_or_default());
    }
    app.allocator.routes(book.routes().into_values().flatten(), &zone);
    *carried = wanted;
    *app.carriers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(carriers);
}

fn budget(provider: &ProviderSource, zone: &str) -> Budget {
    let plan = provider.warm_up.clone();
    Budget {
        window: provider.in_flight,
        per_second: provider.per_second,
        limits: provider.limits.clone(),
        warm_up: plan.map(|plan| {
            let zone = plan.zone.clone().unwrap_or_else(|| zone.to_owned());
            (plan, zone)
        }),
        answering: provider.answering(),
    }
}

/// Whether two definitions of a provider are reached by the same connections: a budget is no reason
/// to replace those that are open, as long as their queue has room for it.
fn is_same_way(one: &ProviderSource, other: &ProviderSource) -> bool {
    if other.in_flight > one.in_flight.max(cauce_core::limits::IN_FLIGHT_MAX) {
        return false;
    }
    if other.direct.is_some() && other.in_flight != one.in_flight {
        return false; // each group of servers has a part of it
    }
    let other = ProviderSource {
        in_flight: one.in_flight,
        per_second: one.per_second,
        limits: one.limits.clone(),
        warm_up: one.warm_up.clone(),
        prices: one.prices.clone(),
        ..other.clone()
    };
    *one == other
}

/// How long connections of a provider that was replaced may go on with what they have begun.
const RETIRE_WITHIN: Duration = Duration::from_secs(60);

/// Lets go of a way out: what it has begun comes to its end, what it has not goes back.
fn retire(app: &App, old: Arc<Carrier>) {
    app.runtime.spawn(async move {
        let mut old = old;
        // Renderers hold it for a moment.
        let carrier = loop {
            match Arc::try_unwrap(old) {
                Ok(carrier) => break carrier,
                Err(shared) => old = shared,
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        if let Carrier::Smtp(pool) = carrier {
            pool.close(RETIRE_WITHIN).await;
        }
    });
}

/// Gives a message to the development inbox.
pub(crate) fn keep(inbox: &CatchAll, content: &Content) -> Outcome {
    match content {
        Content::Email(email, signers) => match compose(email, signers) {
            Ok(composed) => inbox.accept(&composed),
            Err(outcome) => outcome,
        },
        Content::Sms(sms) => inbox.accept_text(sms),
        Content::Push(push) => inbox.accept_push(push),
        Content::Request(_) => carrying::misplaced("e-mails, text messages and pushes"),
    }
}

fn carrier(app: &App, name: &str, provider: &ProviderSource) -> anyhow::Result<Carrier> {
    if provider.catch_all.is_some() {
        return Ok(Carrier::CatchAll(app.inbox.clone()));
    }
    if let Some(server) = &provider.smtp {
        return email::smtp(app, server, provider.in_flight as usize);
    }
    let asked = asked(app, name, provider)?;
    let (allocator, ended) = (app.allocator.clone(), app.ended.clone());
    Ok(Carrier::Queue(carrying::start(&app.runtime, asked, allocator, ended)))
}

/// Makes what asks a provider message by message; mail servers and the inbox are none of those.
pub(crate) fn asked(
    app: &App,
    name: &str,
    provider: &ProviderSource,
) -> anyhow::Result<Arc<dyn carrying::Carry>> {
    if let Some(mail) = api::mail(app, provider)? {
        return Ok(Arc::new(mail));
    }
    if let Some(hook) = &provider.webhook {
        webhook::carry(app, hook)
    } else if let Some(own) = &provider.direct {
        direct::carry(app, own, provider.in_flight as usize)
    } else if let Some(ways) = &provider.push {
        push::carry(app, ways)
    } else if let Some(source) = &provider.twilio {
        Ok(sms::twilio(app, name, source)?)
    } else if let Some(source) = &provider.vonage {
        Ok(sms::vonage(app, name, source)?)
    } else if let Some(source) = &provider.smpp {
        smpp::carry(app, name, source)
    } else {
        anyhow::bail!("the provider is reached in no way")
    }
}
