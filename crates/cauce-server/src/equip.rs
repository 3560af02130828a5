//! Makes what the definitions in force need on this machine: keys, ways out, budgets. What cannot
//! be had is said and tried again; its messages wait.

use crate::app::App;
use crate::loops::delivery::{self, Carrier};
use crate::render::{Rendering, Signers};
use crate::secrets::{Absent, Secrets};
use anyhow::Context;
use cauce_channels::email::dkim::{Key, Signer};
use cauce_channels::email::{pool, smtp};
use cauce_channels::webhook;
use cauce_core::diagnostic::Diagnostic;
use cauce_core::publish::{
    Body, Book, DkimSource, Kind, Name, ProviderSource, SenderSource, Smtp, Webhook,
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
                let password = provider.smtp.as_ref().and_then(|smtp| smtp.password.as_ref());
                let key = provider.webhook.as_ref().and_then(|hook| hook.signing_key.as_ref());
                for place in password.into_iter().chain(key) {
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
    let told = shown.destinations.iter().filter(|(_, source)| source.webhook.is_some());
    let told = told.map(|(name, _)| name.as_str());
    crate::share::webhooks::begin(&app.data, &app.feed.end(), told);
    *app.shown.write().unwrap_or_else(PoisonError::into_inner) = shown;
    let mut carried = app.carried.lock().unwrap_or_else(PoisonError::into_inner);
    let mut carriers: HashMap<String, Arc<Carrier>> = HashMap::clone(&app.carriers());
    let mut wanted = BTreeMap::new();
    for (name, revision) in book.list(Kind::Provider) {
        if let Body::Provider(provider) = &revision.body {
            wanted.insert(name.to_owned(), provider.clone());
        }
    }
    for (name, old) in carriers.extract_if(|name, _| !wanted.contains_key(name)) {
        app.allocator.provider(&name, 0, None);
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
            let made = carrier(app, provider);
            let trouble = made.as_ref().err().map(|why| format!("provider {name}: {why:#}"));
            app.observer.say(&trouble_of(Kind::Provider, name), trouble);
            let old = match made {
                Ok(carrier) => carriers.insert(name.clone(), Arc::new(carrier)),
                // Its messages wait until it can be had; nothing is lost.
                Err(_) => carriers.remove(name),
            };
            old.into_iter().for_each(|old| retire(app, old));
        }
        match (carriers.contains_key(name), reached.filter(|old| has_same_budget(old, provider))) {
            // Saying it again would refill its bucket.
            (true, Some(_)) => {}
            (true, None) => app.allocator.provider(name, provider.in_flight, provider.per_second),
            (false, _) => app.allocator.provider(name, 0, None),
        }
    }
    *carried = wanted;
    *app.carriers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(carriers);
}

fn has_same_budget(one: &ProviderSource, other: &ProviderSource) -> bool {
    (one.in_flight, one.per_second) == (other.in_flight, other.per_second)
}

/// Whether two definitions of a provider are reached by the same connections: a budget is no reason
/// to replace those that are open, as long as their queue has room for it.
fn is_same_way(one: &ProviderSource, other: &ProviderSource) -> bool {
    if other.in_flight > one.in_flight.max(cauce_core::limits::IN_FLIGHT_MAX) {
        return false;
    }
    let other =
        ProviderSource { in_flight: one.in_flight, per_second: one.per_second, ..other.clone() };
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

fn carrier(app: &App, provider: &ProviderSource) -> anyhow::Result<Carrier> {
    if provider.catch_all.is_some() {
        return Ok(Carrier::CatchAll(app.inbox.clone()));
    }
    if let Some(hook) = &provider.webhook {
        return webhook_carrier(app, hook);
    }
    let server = provider.smtp.as_ref().context("the provider is reached in no way")?;
    smtp_carrier(app, server, provider.in_flight as usize)
}

/// What requests to somebody's server need.
pub(crate) type Hook = (webhook::Client, Vec<webhook::SigningKey>, webhook::ResponseMap);

/// Makes what requests to somebody's server need.
pub(crate) fn hook(app: &App, hook: &Webhook) -> anyhow::Result<Hook> {
    let key = hook.signing_key.as_deref().map(|place| app.secrets.read(place)).transpose()?;
    let keys =
        key.iter().map(|key| webhook::SigningKey::parse(key)).collect::<Result<Vec<_>, _>>()?;
    let map = webhook::ResponseMap {
        id_pointer: hook.id_pointer.clone(),
        success: hook.success_pointer.clone().zip(hook.success_value.clone()),
        refusals: hook
            .refusals
            .iter()
            .map(|refusal| (refusal.pointer.clone(), refusal.values.clone(), refusal.means))
            .collect(),
    };
    let client = webhook::Client::new(
        app.egress.clone(),
        webhook::Options {
            tls: app.tls.clone(),
            allow_http: hook.url.starts_with("http://"),
            ports: None,
            timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(30),
            idle_per_server_max: 16,
        },
    );
    Ok((client, keys, map))
}

fn webhook_carrier(app: &App, webhook: &Webhook) -> anyhow::Result<Carrier> {
    let (client, keys, map) = hook(app, webhook)?;
    let (queue, inbox) = tokio::sync::mpsc::unbounded_channel();
    let (allocator, ended) = (app.allocator.clone(), app.ended.clone());
    // Ends when the carrier is dropped: its queue closes.
    app.runtime.spawn(delivery::webhooks(
        Arc::new(client),
        Arc::new(keys),
        Arc::new(map),
        inbox,
        allocator,
        ended,
    ));
    Ok(Carrier::Webhook(queue))
}

/// How a mail server is talked to.
pub(crate) fn mail_server(app: &App, server: &Smtp) -> anyhow::Result<smtp::Options> {
    let auth = match (&server.username, &server.password) {
        (Some(name), Some(place)) => Some(smtp::Auth {
            name: name.clone(),
            password: app.secrets.read(place)?,
            allow_plaintext: false,
        }),
        _ => None,
    };
    let security = match server.tls.as_str() {
        "none" => smtp::Security::Plain,
        "starttls-required" => smtp::Security::Required,
        "tls" => smtp::Security::Implicit,
        _ => smtp::Security::Opportunistic,
    };
    Ok(smtp::Options {
        host: server.host.clone(),
        port: server.port,
        security,
        tls: app.tls.clone(),
        auth,
        helo_name: app.helo_name.clone(),
        timeouts: smtp::Timeouts::default(),
    })
}

fn smtp_carrier(app: &App, server: &Smtp, in_flight: usize) -> anyhow::Result<Carrier> {
    let options = pool::Options {
        server: mail_server(app, server)?,
        connections_max: server.connections,
        messages_per_connection_max: server.messages_per_connection as usize,
        // Twice the allocator's largest: room is given back a moment after an end was read, and the
        // window may change while connections go on.
        window: in_flight.max(cauce_core::limits::IN_FLIGHT_MAX as usize) * 2,
        idle_timeout: Duration::from_secs(30),
        reopen_delay: Duration::from_secs(1),
    };
    let allocator = app.allocator.clone();
    let revoked: pool::Revoked = Arc::new(move |message| allocator.is_revoked(message));
    let _inside = app.runtime.enter();
    let (pool, mut ends) = pool::Pool::start(options, app.egress.clone(), revoked)?;
    let ended = app.ended.clone();
    // Ends when the pool is dropped: its channel closes.
    app.runtime.spawn(async move {
        while let Some(end) = ends.recv().await {
            let _ = ended.send((end.message, end.outcome.clone()));
        }
    });
    Ok(Carrier::Smtp(pool))
}
