//! The way out of every provider that is asked message by message: one loop, whoever the provider
//! is. What a provider is asked, and what its answer means, stands in its file of the channels.

use super::allocator::Allocator;
use super::delivery::Ended;
use crate::render::Content;
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What one attempt comes to, once it has.
pub type Coming<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// A provider that is asked message by message.
pub trait Carry: Send + Sync + 'static {
    /// One attempt. It is begun only within its time and not revoked, and it decides nothing about
    /// another one.
    fn carry<'a>(&'a self, content: &'a Content) -> Coming<'a>;

    /// The same for a provider before which messages wait.
    fn carry_among<'a>(&'a self, content: &'a Content, _turn: Turn) -> Coming<'a> {
        self.carry(content)
    }
}

/// When it is a message's turn, among others that wait.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// Not begun after that.
    pub start_before: tokio::time::Instant,
    /// Somebody waits for it: before what nobody waits for.
    pub urgent: bool,
}

/// A rendered message on its way.
pub struct Work {
    /// Its name.
    pub message: MessageId,
    /// What is sent.
    pub content: Content,
    /// When.
    pub turn: Turn,
}

/// Starts a loop for a provider; it ends when nobody can send to it any more. The queue needs no
/// bound of its own: the allocator's window is one.
pub fn start(
    runtime: &tokio::runtime::Handle,
    provider: Arc<dyn Carry>,
    allocator: Arc<Allocator>,
    ended: UnboundedSender<Ended>,
) -> UnboundedSender<Work> {
    let (queue, inbox) = unbounded_channel();
    runtime.spawn(run(provider, inbox, allocator, ended));
    queue
}

/// As many at once as the provider's window allows.
async fn run(
    provider: Arc<dyn Carry>,
    mut inbox: UnboundedReceiver<Work>,
    allocator: Arc<Allocator>,
    ended: UnboundedSender<Ended>,
) {
    let mut under_way = tokio::task::JoinSet::new();
    while let Some(work) = inbox.recv().await {
        while under_way.try_join_next().is_some() {}
        let (provider, allocator, ended) = (provider.clone(), allocator.clone(), ended.clone());
        under_way.spawn(async move {
            let Work { message, content, turn } = work;
            let late =
                tokio::time::Instant::now() > turn.start_before || allocator.is_revoked(message);
            let outcome = if late {
                Outcome::NotStarted { text: "revoked, or too late".to_owned() }
            } else {
                provider.carry_among(&content, turn).await
            };
            let _ = ended.send((message, outcome));
        });
    }
    while under_way.join_next().await.is_some() {}
}

/// What a provider says to content of another channel: nothing leaves.
pub fn misplaced(what: &str) -> Outcome {
    Outcome::Unrenderable { text: format!("the provider carries {what} only") }
}
