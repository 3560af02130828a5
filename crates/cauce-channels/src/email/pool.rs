//! Several connections to one server, kept open while there is work, with a bounded queue before
//! them.
//!
//! Every message that is submitted ends exactly once, with an [`Ended`]. The room it takes in the
//! window is free again when its [`Ended`] is dropped, so that a slow reader slows the writers.

use super::compose::Composed;
use super::smtp::{self, Begun, Connection};
use crate::Error;
use crate::egress::Egress;
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Tells whether a message may no longer go, although it was granted.
pub type Revoked = Arc<dyn Fn(MessageId) -> bool + Send + Sync>;

/// How a pool works.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server and how to talk to it.
    pub server: smtp::Options,
    /// Limit: connections at the same time.
    pub connections_max: usize,
    /// Limit: messages over one connection.
    pub messages_per_connection_max: usize,
    /// Limit: messages submitted and not yet ended and read. When it is full, `submit` waits and
    /// `try_submit` refuses.
    pub window: usize,
    /// How long a connection stays open without work.
    pub idle_timeout: Duration,
    /// How long to wait after a connection was refused while others are open.
    pub reopen_delay: Duration,
}

/// One message to send.
#[derive(Clone, Debug)]
pub struct Posting {
    /// The message, composed.
    pub message: Composed,
    /// The last instant at which its body may begin.
    pub start_before: Instant,
    /// Somebody waits for it: it goes before everything that no connection has taken yet.
    pub urgent: bool,
}

/// What became of a message.
#[derive(Debug)]
pub struct Ended {
    /// Which.
    pub message: MessageId,
    /// What became of it.
    pub outcome: Outcome,
    _room: Option<OwnedSemaphorePermit>,
}

/// How a pool stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Messages that no connection has taken yet.
    pub queued: usize,
    /// Connections that are open.
    pub open: usize,
    /// Connections opened since the start.
    pub opened: usize,
}

/// Connections to one server.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

/// A message between its submission and its end.
struct Ticket {
    posting: Posting,
    /// Taken when the message ends.
    room: Option<OwnedSemaphorePermit>,
    ended: mpsc::UnboundedSender<Ended>,
    /// How many used connections were lost under it, before its body.
    lost: usize,
    /// Whether bytes of its body may have left.
    body_begun: bool,
}

impl Ticket {
    fn end(mut self, outcome: Outcome) {
        self.tell(outcome);
    }

    fn tell(&mut self, outcome: Outcome) {
        if let Some(room) = self.room.take() {
            let message = self.posting.message.message;
            // The reader may be gone while the process ends; then nobody waits for it.
            let _ = self.ended.send(Ended { message, outcome, _room: Some(room) });
        }
    }
}

impl Drop for Ticket {
    /// A ticket dropped on the way belonged to a task that was cut or that panicked. Its message
    /// ends all the same, with what is certain.
    fn drop(&mut self) {
        let text = "the connection was cut while shutting down".to_owned();
        let outcome = match self.body_begun {
            true => Outcome::Unknown { text },
            false => Outcome::NotStarted { text },
        };
        self.tell(outcome);
    }
}

struct Shared {
    options: Options,
    egress: Egress,
    revoked: Revoked,
    queue: Mutex<VecDeque<Ticket>>,
    work: Notify,
    room: Arc<Semaphore>,
    ended: mpsc::UnboundedSender<Ended>,
    open: AtomicUsize,
    /// Connections that are open or being opened.
    trying: AtomicUsize,
    opened: AtomicUsize,
    closing: AtomicBool,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Pool {
    /// Starts a pool; no connection is opened before there is work.
    ///
    /// The channel needs no bound of its own: the window bounds what can be in it.
    pub fn start(
        options: Options,
        egress: Egress,
        revoked: Revoked,
    ) -> Result<(Pool, mpsc::UnboundedReceiver<Ended>), Error> {
        for (option, value) in [
            ("connections-max", options.connections_max),
            ("messages-per-connection-max", options.messages_per_connection_max),
            ("window", options.window),
        ] {
            if value == 0 {
                return Err(Error::Option { option, why: "it is zero".to_owned() });
            }
        }
        let (ended, receiver) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            queue: Mutex::new(VecDeque::with_capacity(options.window.min(4096))),
            work: Notify::new(),
            room: Arc::new(Semaphore::new(options.window.min(Semaphore::MAX_PERMITS))),
            open: AtomicUsize::new(0),
            trying: AtomicUsize::new(0),
            opened: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            options,
            egress,
            revoked,
            ended,
        });
        let mut tasks = JoinSet::new();
        for _ in 0..shared.options.connections_max {
            tasks.spawn(Arc::clone(&shared).work());
        }
        tasks.spawn(Arc::clone(&shared).sweep());
        Ok((Pool { shared, tasks }, receiver))
    }

    /// Submits a message, waiting for room.
    pub async fn submit(&self, posting: Posting) {
        match Arc::clone(&self.shared.room).acquire_owned().await {
            Ok(room) => self.shared.push(posting, room),
            // Only closing closes the room.
            Err(_) => {
                let message = posting.message.message;
                let end = Ended { message, outcome: closing(), _room: None };
                let _ = self.shared.ended.send(end);
            }
        }
    }

    /// Submits a message if there is room; gives it back if not.
    #[allow(clippy::result_large_err)] // the caller gets the posting back, as big as it is
    pub fn try_submit(&self, posting: Posting) -> Result<(), Posting> {
        match Arc::clone(&self.shared.room).try_acquire_owned() {
            Ok(room) => {
                self.shared.push(posting, room);
                Ok(())
            }
            Err(_) => Err(posting),
        }
    }

    /// How the pool stands.
    pub fn counts(&self) -> Counts {
        Counts {
            queued: self.shared.queue().len(),
            open: self.shared.open.load(Ordering::Relaxed),
            opened: self.shared.opened.load(Ordering::Relaxed),
        }
    }

    /// Stops: what is queued was never started, what is under way ends. What the deadline cuts is
    /// unknown if its body had begun.
    pub async fn close(mut self, deadline: Duration) {
        self.shared.closing.store(true, Ordering::SeqCst);
        self.shared.room.close();
        self.shared.drain(&closing());
        self.shared.work.notify_waiters();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(deadline, all).await.is_err() {
            tracing::warn!("connections were cut at the deadline of the shutdown");
            self.tasks.shutdown().await;
        }
    }
}

fn closing() -> Outcome {
    Outcome::NotStarted { text: "shutting down".to_owned() }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, VecDeque<Ticket>> {
        // A panic while the queue is locked leaves it whole: no call in between can fail half-way.
        self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    fn push(&self, posting: Posting, room: OwnedSemaphorePermit) {
        let urgent = posting.urgent;
        let ticket = Ticket {
            posting,
            room: Some(room),
            ended: self.ended.clone(),
            lost: 0,
            body_begun: false,
        };
        let mut queue = self.queue();
        let behind = queue.iter().position(|waiting| urgent && !waiting.posting.urgent);
        let place = behind.unwrap_or(queue.len());
        queue.insert(place, ticket);
        drop(queue);
        if self.is_closing() {
            self.drain(&closing());
        }
        // The connection that went idle last takes it, so that the others can close.
        self.work.notify_last();
    }

    fn drain(&self, outcome: &Outcome) {
        let all = std::mem::take(&mut *self.queue());
        for ticket in all {
            ticket.end(outcome.clone());
        }
    }

    /// Why a message may not go, if so.
    fn barred(&self, posting: &Posting) -> Option<Outcome> {
        let text = if Instant::now() >= posting.start_before {
            "its time had passed"
        } else if (self.revoked)(posting.message.message) {
            "it was revoked"
        } else {
            return None;
        };
        Some(Outcome::NotStarted { text: text.to_owned() })
    }

    /// The next message that may go; the others before it end.
    fn take(&self) -> Option<Ticket> {
        loop {
            let ticket = self.queue().pop_front()?;
            match self.barred(&ticket.posting) {
                None => return Some(ticket),
                Some(outcome) => ticket.end(outcome),
            }
        }
    }

    /// Waits for work; false when the pool closes.
    async fn wait(&self) -> bool {
        loop {
            let work = self.work.notified();
            tokio::pin!(work);
            // Registered before looking, so that nothing is missed in between.
            work.as_mut().enable();
            if self.is_closing() {
                return false;
            }
            if !self.queue().is_empty() {
                return true;
            }
            work.await;
        }
    }

    /// Ends what waits past its time while every connection is busy or none can be opened.
    async fn sweep(self: Arc<Shared>) {
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        while !self.is_closing() {
            tick.tick().await;
            let now = Instant::now();
            let late: Vec<Ticket> = {
                let mut queue = self.queue();
                if queue.iter().all(|ticket| ticket.posting.start_before > now) {
                    continue;
                }
                let all = std::mem::take(&mut *queue);
                let (late, kept) = all.into_iter().partition(|t| t.posting.start_before <= now);
                *queue = kept;
                late.into()
            };
            for ticket in late {
                let text = "its time passed while it waited".to_owned();
                ticket.end(Outcome::NotStarted { text });
            }
        }
    }

    /// The life of one connection after another.
    async fn work(self: Arc<Shared>) {
        while self.wait().await {
            self.trying.fetch_add(1, Ordering::SeqCst);
            let opened = Connection::open(&self.egress, &self.options.server).await;
            let outcome = match opened {
                Ok(connection) => {
                    self.serve(connection).await;
                    self.trying.fetch_sub(1, Ordering::SeqCst);
                    continue;
                }
                Err(outcome) => outcome,
            };
            if self.trying.fetch_sub(1, Ordering::SeqCst) > 1 {
                // The server limits how many; the others go on with the work.
                tokio::time::sleep(self.options.reopen_delay).await;
            } else {
                // Whatever waits would have met the same answer. Asking again for each would be
                // hammering, and waiting with them would hide the news from who decides.
                self.drain(&outcome);
            }
        }
    }

    async fn serve(&self, connection: Connection) {
        self.open.fetch_add(1, Ordering::SeqCst);
        self.opened.fetch_add(1, Ordering::Relaxed);
        let rest = self.carry(connection).await;
        self.open.fetch_sub(1, Ordering::SeqCst);
        if let Some(connection) = rest {
            connection.quit().await;
        }
    }

    /// Carries messages over one connection until it is of no more use. What is returned is to be
    /// closed politely.
    async fn carry(&self, mut connection: Connection) -> Option<Connection> {
        let mut carried = 0;
        let mut body: Option<Ticket> = None;
        loop {
            let full = carried >= self.options.messages_per_connection_max;
            let mut next = if full { None } else { self.take() };
            if body.is_none() && next.is_none() {
                if full || !self.idle(&mut connection).await {
                    return Some(connection);
                }
                continue;
            }
            if let Some(ticket) = body.take_if(|ticket| self.barred(&ticket.posting).is_some()) {
                // The server waits for this body. Only closing withdraws it: anything else we
                // could send would be delivered.
                let outcome = self.barred(&ticket.posting).unwrap_or_else(closing);
                ticket.end(outcome);
                if let Some(next) = next {
                    self.put_back(next);
                }
                return None;
            }
            if let Some(ticket) = &mut body {
                ticket.body_begun = true;
            }
            connection.load(
                body.as_ref().map(|ticket| &ticket.posting.message),
                next.as_ref().map(|ticket| &ticket.posting.message),
            );
            if let Some(outcome) = connection.finish().await
                && let Some(ticket) = body.take()
            {
                ticket.end(outcome);
            }
            if let Some(begun) = connection.begin().await
                && let Some(ticket) = next.take()
            {
                body = self.follow(ticket, begun, carried > 0);
                carried += 1;
            }
            if !connection.is_open() {
                return None;
            }
        }
    }

    /// What to do after a message's envelope; gives it back if its body is next.
    fn follow(&self, mut ticket: Ticket, begun: Begun, used: bool) -> Option<Ticket> {
        match begun {
            Begun::Granted => return Some(ticket),
            Begun::Ended(outcome) => ticket.end(outcome),
            // A connection that served others and then ended had reached its own limit of time or
            // messages. That says nothing about this message, which was not begun. All of them may
            // reach it at the same time; beyond that the message itself may be what ends them.
            Begun::Lost(_) if used && ticket.lost <= self.options.connections_max => {
                ticket.lost += 1;
                self.put_back(ticket);
            }
            Begun::Lost(outcome) => ticket.end(outcome),
        }
        None
    }

    fn put_back(&self, ticket: Ticket) {
        self.queue().push_front(ticket);
        if self.is_closing() {
            self.drain(&closing());
        }
        self.work.notify_last();
    }

    /// Waits with an open connection; false when it should close.
    async fn idle(&self, connection: &mut Connection) -> bool {
        tokio::select! {
            more = self.wait() => more,
            () = connection.closed() => false,
            () = tokio::time::sleep(self.options.idle_timeout) => false,
        }
    }
}
