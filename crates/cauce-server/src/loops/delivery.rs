//! The delivery loop: render, compose, send, settle. It never changes state: it reports back by
//! appending.

pub mod short;

use super::carrying::{Turn, Work};
use crate::app::App;
use crate::render::{Content, Rendered, Unrendered};
use cauce_channels::catch_all::CatchAll;
use cauce_channels::email::compose::compose;
use cauce_channels::email::pool::{Pool, Posting};
use cauce_core::decision::HandOver;
use cauce_core::delivery::Outcome;
use cauce_core::ids::{MessageId, Partition, TraceId};
use cauce_core::input::{AttemptEnd, Body, Input};
use cauce_core::message::Class;
use cauce_core::publish::Kind;
use cauce_engine::node::Wait;
use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// A way out.
pub enum Carrier {
    /// Connections to a mail server.
    Smtp(Pool),
    /// A provider that is asked message by message: into the queue of its loop.
    Queue(UnboundedSender<Work>),
    /// The development inbox.
    CatchAll(Arc<CatchAll>),
}

/// What became of an attempt.
pub type Ended = (MessageId, Outcome);

/// Renders and composes what is granted, on a thread of its own, until nobody grants any more.
pub fn render(app: &Arc<App>, inbox: &Mutex<Receiver<(Partition, Box<HandOver>)>>) {
    loop {
        let next = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((_, hand_over)) = next else { return };
        let message = hand_over.message;
        if let Some(outcome) = carry(app, &hand_over) {
            let _ = app.ended.send((message, outcome));
        }
    }
}

/// Sends a message on its way; says what it came to if that is known at once.
fn carry(app: &Arc<App>, hand_over: &HandOver) -> Option<Outcome> {
    let now = app.node.now();
    let left = hand_over.start_before.since(now).0;
    if left <= 0 || app.allocator.is_revoked(hand_over.message) {
        return Some(Outcome::NotStarted { text: "its time to start had passed".to_owned() });
    }
    let start_before = tokio::time::Instant::now() + Duration::from_millis(left as u64);
    let carriers = app.carriers();
    let (provider, message) = (hand_over.provider(), hand_over.message);
    if !carriers.contains_key(provider) {
        let trouble = app.observer.said(&crate::equip::trouble_of(Kind::Provider, provider));
        let text = trouble.unwrap_or_else(|| format!("there is no provider {provider}"));
        return Some(Outcome::Held { text });
    }
    let Rendered { content, links } = match app.rendering().render(&app.site, hand_over, now) {
        Ok(rendered) => rendered,
        Err(Unrendered::Faulty(text)) => return Some(Outcome::Unrenderable { text }),
        Err(Unrendered::Held(text)) => {
            // A sender's key, for example: other senders' messages leave by the provider as before.
            app.allocator.excuse(hand_over.message);
            return Some(Outcome::Held { text });
        }
    };
    let leaving =
        Leaving { provider: provider.to_owned(), class: hand_over.class, message, start_before };
    if links.is_empty() {
        return leave(app, leaving, content);
    }
    let app = app.clone();
    // A short link leads somewhere before anybody can follow it. Its bound is the window of the
    // provider, which this attempt has a place in.
    app.runtime.clone().spawn(async move {
        let outcome = match short::keep(&app, message, links).await {
            Ok(()) => leave(&app, leaving, content),
            Err(text) => Some(Outcome::NotStarted { text }),
        };
        if let Some(outcome) = outcome {
            let _ = app.ended.send((message, outcome));
        }
    });
    None
}

/// A message that is about to leave.
struct Leaving {
    provider: String,
    class: Class,
    message: MessageId,
    start_before: tokio::time::Instant,
}

/// Gives content to who carries it; says what it came to if that is known at once.
fn leave(app: &App, leaving: Leaving, content: Content) -> Option<Outcome> {
    let Leaving { provider, class, message, start_before } = leaving;
    if tokio::time::Instant::now() > start_before || app.allocator.is_revoked(message) {
        return Some(Outcome::NotStarted { text: "its time to start had passed".to_owned() });
    }
    let carriers = app.carriers();
    let channel = content.channel();
    match (carriers.get(&provider).map(|carrier| &**carrier), content) {
        (Some(Carrier::Smtp(pool)), Content::Email(email, signers)) => {
            let composed = match compose(&email, &signers) {
                Ok(composed) => composed,
                Err(outcome) => return Some(outcome),
            };
            // The allocator's window keeps the pool's from being full.
            let urgent = class == Class::Transactional;
            let full =
                pool.try_submit(Posting { message: composed, start_before, urgent }).is_err();
            full.then(|| Outcome::NotStarted { text: "the provider's window is full".to_owned() })
        }
        (Some(Carrier::CatchAll(inbox)), content) => Some(crate::equip::keep(inbox, &content)),
        (Some(Carrier::Queue(queue)), content) => {
            let turn = Turn { start_before, urgent: class == Class::Transactional };
            let gone = queue.send(Work { message, content, turn }).is_err();
            gone.then(|| Outcome::NotStarted { text: "the provider was replaced".to_owned() })
        }
        (Some(Carrier::Smtp(_)), _) => Some(Outcome::Unrenderable {
            text: format!("the provider {provider} does not carry {channel}"),
        }),
        (None, _) => Some(Outcome::Held { text: format!("there is no provider {provider}") }),
    }
}

/// Appends ends in batches, each to the partition of its ledger row.
pub async fn settle(app: Arc<App>, mut ended: UnboundedReceiver<Ended>) {
    let mut batch = Vec::new();
    while ended.recv_many(&mut batch, 512).await > 0 {
        let mut by_partition: BTreeMap<Partition, Vec<AttemptEnd>> = BTreeMap::new();
        let at = app.node.now();
        for (message, outcome) in batch.drain(..) {
            let Some(flight) = app.allocator.flight(message) else { continue };
            app.metrics.outcome(&outcome);
            let answering = app.allocator.answering(&flight.provider);
            app.watch.pace.ended(&flight.provider, &outcome, answering, at);
            let attempt = flight.attempt;
            by_partition.entry(flight.partition).or_default().push(AttemptEnd {
                message,
                attempt,
                at,
                outcome,
            });
        }
        for (partition, ends) in by_partition {
            if app.allocator.is_stopped(partition) {
                // Nobody takes them before the next start: here and now their room is free.
                ends.iter().for_each(|end| app.allocator.settled(end, at));
            }
            let input = Input { at, trace: TraceId::default(), body: Body::AttemptsEnded(ends) };
            if let Err(error) = app.node.append(partition, &input, Wait::None) {
                // The attempts stay open and are *unknown* at the next start; nothing is re-sent.
                tracing::error!(%error, "ends could not be appended");
            }
        }
    }
}

/// How often what could not be equipped is tried again: a password file that was mended, for
/// example.
const EQUIP_AGAIN: Duration = Duration::from_secs(10);

/// Tries again what a definition in force needs and could not have.
pub async fn equip_again(app: Arc<App>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(EQUIP_AGAIN) => {}
            () = app.stopping.cancelled() => return,
        }
        if app.observer.has_said() {
            // Nobody publishes meanwhile.
            let _one_writer = app.steering.lock().await;
            let book = app.book();
            crate::equip::equip(&app, &book);
        }
    }
}

/// Appends grants while there is room and something is due.
pub async fn grant(app: Arc<App>) {
    loop {
        let now = app.node.now();
        let epoch = app.node.epoch();
        let grants = match app.node.is_clock_held() {
            true => Vec::new(),
            false => app.allocator.grants(now),
        };
        for grant in &grants {
            let body = Body::GrantBy {
                path: grant.path.clone(),
                provider: grant.provider.clone(),
                count: grant.count,
                epoch,
                start_before: now.plus(cauce_core::input::START_WITHIN),
            };
            let input = Input { at: now, trace: TraceId::default(), body };
            if app.node.append(grant.partition, &input, Wait::None).is_err() {
                let due = Some(now.plus(cauce_core::time::Duration::SECOND));
                app.allocator.granted(grant.partition, &grant.path, 0, due);
            }
        }
        let wait = match app.allocator.next_due(now) {
            Some(due) => Duration::from_millis(due.since(now).0.clamp(5, 500) as u64),
            None => Duration::from_millis(500),
        };
        tokio::select! {
            () = app.allocator.work.notified() => {}
            () = tokio::time::sleep(wait) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}
