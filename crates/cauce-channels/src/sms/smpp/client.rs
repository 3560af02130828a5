//! The sessions with one provider: as many as were agreed, opened again when they break, with one
//! queue before them.

use super::answers::{self, Answers};
use super::compose::{Form, compose};
use super::inbound::{Assembly, Joined, Offered, Text, is_untyped};
use super::pdu::ShortMessage;
use super::receipt::{self, IdForm, Receipt};
use super::reference::References;
use super::session::{Closed, End, Errand, Session};
use crate::Error;
use crate::egress::{Egress, Tls};
use crate::email::pool::Revoked;
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use cauce_core::message::content::sms::Sms;
use cauce_core::time::Timestamp;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// Limit: submissions that wait for a connection. The allocator's window keeps it from being full;
/// when it is, a submission is not begun.
const QUEUE_MAX: usize = 4_096;
/// How long the longest pause between two tries to connect is.
const REOPEN_MAX: Duration = Duration::from_secs(60);
/// A session that lasted so long was a good one: the next is opened at once.
const GOOD_AFTER: Duration = Duration::from_secs(60);
/// How long a part of a text may wait for the others before it is answered all the same: servers
/// that send one message at a time would wait for this answer, and we for their next part.
const PART_ANSWERED_WITHIN: Duration = Duration::from_secs(3);

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Both ways.
    Transceiver,
    /// Only what we send.
    Transmitter,
    /// Only what we are told.
    Receiver,
}

/// How a provider wants sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Binds {
    /// Each goes both ways.
    #[default]
    Transceiver,
    /// Each only sends: receipts come by another way, or not at all.
    Transmitter,
    /// Those that send, and one that hears.
    Separate,
}

/// What a provider says by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// What became of a message.
    Receipt(Receipt),
    /// Somebody wrote to us.
    Text(Text),
}

/// Makes durable what a provider says; whether it is, before the provider is answered.
pub type Listener = Arc<dyn Fn(Said) -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// How to reach a provider.
#[derive(Clone)]
pub struct Options {
    /// Its server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS, if the provider speaks it.
    pub tls: Option<Tls>,
    /// The name that the provider gave.
    pub system_id: String,
    /// Its password.
    pub password: String,
    /// What kind of system we are, if the provider asks.
    pub system_type: String,
    /// Which sessions.
    pub binds: Binds,
    /// Limit: sessions that send, at once.
    pub connections: usize,
    /// Limit: submissions of one session without an answer; a further one waits.
    pub window: usize,
    /// Submissions a second of one session; absent: as fast as they are answered.
    pub per_second: Option<u32>,
    /// How messages are written.
    pub form: Form,
    /// Whether numbers that write to us have their country, though the provider does not say so.
    pub international: bool,
    /// In which form the provider writes its names for messages.
    pub ids: IdForm,
    /// What its statuses mean.
    pub answers: Answers,
    /// How long an answer is waited for.
    pub answer_within: Duration,
    /// After how much silence the provider is asked whether it is there.
    pub enquire_every: Duration,
    /// The first pause before a session is opened again; it doubles.
    pub reopen_after: Duration,
    /// The pause after the provider refused a session: it is no use, and hammering.
    pub refused_after: Duration,
    /// How long the parts behind the first may take together.
    pub rest_within: Duration,
    /// The number of the first command of a session.
    pub first_sequence: u32,
    /// Which messages may no longer go: asked right before the first byte of each.
    pub revoked: Revoked,
}

impl Options {
    /// What most providers want.
    pub fn new(host: &str, port: u16, system_id: &str, password: &str) -> Options {
        Options {
            host: host.to_owned(),
            port,
            tls: None,
            system_id: system_id.to_owned(),
            password: password.to_owned(),
            system_type: String::new(),
            binds: Binds::default(),
            connections: 1,
            window: 10,
            per_second: None,
            form: Form { receipts: true, ..Form::default() },
            international: false,
            ids: IdForm::default(),
            answers: Answers::default(),
            answer_within: Duration::from_secs(30),
            enquire_every: Duration::from_secs(30),
            reopen_after: Duration::from_secs(1),
            refused_after: Duration::from_secs(15 * 60),
            rest_within: Duration::from_secs(30),
            first_sequence: 1,
            revoked: Arc::new(|_| false),
        }
    }
}

impl std::fmt::Debug for Options {
    /// Without the password, which a log would keep.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("system_id", &self.system_id)
            .finish_non_exhaustive()
    }
}

/// How one session stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// It is being opened.
    Opening,
    /// It works; at which pace, if the provider said "too fast" lately.
    Bound {
        /// Submissions a second.
        per_second: Option<f64>,
    },
    /// The server cannot be reached, or does not stay.
    Unreachable(String),
    /// The provider refuses the session; somebody has to mend something.
    Refused(String),
}

/// Submissions that wait, those first that somebody waits for; then further parts of what has
/// begun: half a text is worse than a late one.
#[derive(Default)]
struct Queue {
    urgent: VecDeque<Errand>,
    begun: VecDeque<Errand>,
    others: VecDeque<Errand>,
}

impl Queue {
    fn len(&self) -> usize {
        self.urgent.len() + self.begun.len() + self.others.len()
    }

    fn push(&mut self, errand: Errand) {
        match errand {
            errand if errand.urgent => self.urgent.push_back(errand),
            errand if errand.is_begun() => self.begun.push_back(errand),
            errand => self.others.push_back(errand),
        }
    }

    fn pop(&mut self) -> Option<Errand> {
        let first = self.urgent.pop_front().or_else(|| self.begun.pop_front());
        first.or_else(|| self.others.pop_front())
    }

    /// Takes out what fits.
    fn extract(&mut self, fits: impl Fn(&Errand) -> bool) -> Vec<Errand> {
        let mut found = Vec::new();
        for queue in [&mut self.urgent, &mut self.begun, &mut self.others] {
            if queue.iter().any(&fits) {
                let (out, kept) = std::mem::take(queue).into_iter().partition(&fits);
                found.extend::<VecDeque<Errand>>(out);
                *queue = kept;
            }
        }
        found
    }
}

/// What all sessions share.
pub struct Shared {
    /// How to reach the provider.
    pub options: Options,
    egress: Egress,
    listener: Listener,
    queue: Mutex<Queue>,
    /// Something was put into the queue.
    pub work: Notify,
    /// Whether nobody wants the sessions any more.
    pub stop: watch::Sender<bool>,
    /// By session: its role and how it stands.
    standing: Mutex<Vec<(Role, Standing)>>,
    assembly: Mutex<Assembly>,
    /// That numbers come without a country was told.
    doubted: AtomicBool,
    references: Mutex<References>,
}

/// The sessions with one provider.
pub struct Client {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("options", &self.shared.options).finish_non_exhaustive()
    }
}

impl Client {
    /// Opens the sessions, and opens them again when they break, until the client is closed.
    pub fn start(options: Options, egress: Egress, listener: Listener) -> Result<Client, Error> {
        for (option, value) in [("connections", options.connections), ("window", options.window)] {
            if value == 0 {
                return Err(Error::Option { option, why: "it is zero".to_owned() });
            }
        }
        let (sends, hears) = match options.binds {
            Binds::Transceiver => (Role::Transceiver, None),
            Binds::Transmitter => (Role::Transmitter, None),
            Binds::Separate => (Role::Transmitter, Some(Role::Receiver)),
        };
        let roles: Vec<Role> =
            std::iter::repeat_n(sends, options.connections).chain(hears).collect();
        let shared = Arc::new(Shared {
            assembly: Mutex::new(Assembly::new(options.form.writing, options.international)),
            options,
            egress,
            listener,
            queue: Mutex::default(),
            work: Notify::new(),
            stop: watch::Sender::new(false),
            standing: Mutex::new(roles.iter().map(|role| (*role, Standing::Opening)).collect()),
            doubted: AtomicBool::new(false),
            references: Mutex::new(References::default()),
        });
        let mut tasks = JoinSet::new();
        for (number, role) in roles.into_iter().enumerate() {
            tasks.spawn(Arc::clone(&shared).keep(number, role));
        }
        tasks.spawn(Arc::clone(&shared).sweep());
        Ok(Client { shared, tasks })
    }

    /// Sends a message: one attempt. It is begun by `begin_by` or not at all.
    pub async fn send(&self, sms: &Sms, now: Timestamp, begin_by: Instant) -> Outcome {
        self.attempt(sms, now, begin_by, false).await
    }

    /// The same, before everything that nobody waits for.
    pub async fn send_first(&self, sms: &Sms, now: Timestamp, begin_by: Instant) -> Outcome {
        self.attempt(sms, now, begin_by, true).await
    }

    async fn attempt(&self, sms: &Sms, now: Timestamp, begin_by: Instant, urgent: bool) -> Outcome {
        let form = &self.shared.options.form;
        let mut parts = compose(form, sms, 0, now);
        // Most messages have one part, and need no number that joins it to others.
        if parts.as_ref().is_ok_and(|parts| parts.len() > 1) {
            let reference = lock(&self.shared.references).choose(
                &sms.from,
                &sms.to,
                sms.message,
                Instant::now(),
            );
            parts = compose(form, sms, reference, now);
        }
        let parts = match parts {
            Ok(parts) => parts,
            Err(text) => return Outcome::Unrenderable { text },
        };
        let total = parts.len();
        let mut ids = Vec::with_capacity(total);
        let mut rest = None;
        for (number, part) in (1..).zip(parts) {
            let end = match rest {
                None => self.submit(part, begin_by, urgent, Some(sms.message)).await,
                Some(until) => self.finish(part, until, urgent).await,
            };
            match end {
                End::Taken { id } => ids.push(self.shared.options.ids.of_answer(&id)),
                end if number == 1 => return self.outcome(end),
                // What was taken cannot be taken back, and what the reader has of it nobody knows:
                // from here on the message is accepted, or unknown. Never "try all of it again".
                end => return torn(number, total, &self.words(&end)),
            }
            rest.get_or_insert_with(|| Instant::now() + self.shared.options.rest_within);
        }
        let text = match total {
            1 => "taken".to_owned(),
            _ => format!("{total} parts were taken"),
        };
        // A name for each part, or none: a receipt must find its part.
        let id = ids.iter().all(|id| !id.is_empty()).then(|| ids.join(" "));
        Outcome::Accepted { id, text }
    }

    /// A part behind the first: its provider may say "too fast" in the middle of a message, and a
    /// session may end there. Then the part is submitted once more, until the time is over. It is
    /// the same attempt: nothing of it was taken.
    async fn finish(&self, part: ShortMessage, until: Instant, urgent: bool) -> End {
        let mut pause = self.shared.options.reopen_after.min(Duration::from_secs(1));
        loop {
            let end = self.submit(part.clone(), until, urgent, None).await;
            let again = match &end {
                End::Refused { status, .. } => self.shared.options.answers.is_temporary(*status),
                End::NotSent(_) | End::Barred(Outcome::Unreachable { .. }) => true,
                End::Taken { .. } | End::Lost(_) | End::Barred(_) => false,
            };
            if !again || Instant::now() + pause >= until || *self.shared.stop.borrow() {
                return end;
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(8));
        }
    }

    /// Submits one part and waits for its end. Without a session that could take it, it is said at
    /// once what it would have met.
    async fn submit(
        &self,
        message: ShortMessage,
        begin_by: Instant,
        urgent: bool,
        revocable: Option<MessageId>,
    ) -> End {
        if *self.shared.stop.borrow() {
            return End::NotSent("shutting down".to_owned());
        }
        if let Some(outcome) = self.shared.blocked() {
            return End::Barred(outcome);
        }
        let (answer, end) = oneshot::channel();
        if !self.shared.push(Errand { message, begin_by, urgent, revocable, answer }) {
            return End::NotSent("too many submissions wait".to_owned());
        }
        // Whoever took it tells its end, unless it panicked or was cut.
        end.await.unwrap_or_else(|_| End::Lost("the session was cut".to_owned()))
    }

    fn outcome(&self, end: End) -> Outcome {
        match end {
            End::Taken { id } => Outcome::Accepted { id: Some(id), text: "taken".to_owned() },
            End::Refused { status, text } => self.shared.options.answers.refused(status, &text),
            End::NotSent(text) => Outcome::NotStarted { text },
            End::Lost(text) => Outcome::Unknown { text },
            End::Barred(outcome) => outcome,
        }
    }

    fn words(&self, end: &End) -> String {
        match end {
            End::Taken { .. } => "taken".to_owned(),
            End::Refused { status, text } if text.is_empty() => answers::name(*status),
            End::Refused { status, text } => format!("{} {text}", answers::name(*status)),
            End::NotSent(text) | End::Lost(text) => text.clone(),
            End::Barred(_) => "there is no session any more".to_owned(),
        }
    }

    /// How the sessions stand.
    pub fn standing(&self) -> Vec<(Role, Standing)> {
        lock(&self.shared.standing).clone()
    }

    /// What an operator has to mend, if it is that.
    pub fn trouble(&self) -> Option<String> {
        lock(&self.shared.standing).iter().find_map(|(_, standing)| match standing {
            Standing::Refused(text) => Some(text.clone()),
            Standing::Opening | Standing::Bound { .. } | Standing::Unreachable(_) => None,
        })
    }

    /// Stops: what waits was never begun, what is under way ends, sessions are unbound.
    pub async fn close(mut self, within: Duration) {
        self.shared.stop.send_replace(true);
        self.shared.drain(|job| {
            let _ = job.answer.send(End::NotSent("shutting down".to_owned()));
        });
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(within, all).await.is_err() {
            tracing::warn!("sessions were cut at the deadline of the shutdown");
            self.tasks.shutdown().await;
        }
    }
}

impl Drop for Client {
    /// Whoever lets go of it lets go politely: what waits was never begun, and the sessions end by
    /// themselves within seconds.
    fn drop(&mut self) {
        self.shared.stop.send_replace(true);
        self.shared.drain(|job| {
            let _ = job.answer.send(End::NotSent("the provider was replaced".to_owned()));
        });
        self.tasks.detach_all();
    }
}

fn torn(number: usize, total: usize, why: &str) -> Outcome {
    let taken = number - 1;
    Outcome::Unknown { text: format!("{taken} of {total} parts were taken; part {number}: {why}") }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No call in between can fail half-way, so that a panic leaves what is locked whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn push(&self, job: Errand) -> bool {
        let mut queue = lock(&self.queue);
        // What is urgent, or has begun, is bounded by what its provider may have under way.
        if !job.urgent && !job.is_begun() && queue.len() >= QUEUE_MAX {
            return false;
        }
        queue.push(job);
        drop(queue);
        if *self.stop.borrow() {
            // Who drains the queue at the end may have been there already.
            self.drain(|job| {
                let _ = job.answer.send(End::NotSent("shutting down".to_owned()));
            });
        }
        self.work.notify_one();
        true
    }

    /// The next submission that may still begin; the others before it end.
    pub fn take(&self) -> Option<Errand> {
        loop {
            let job = lock(&self.queue).pop()?;
            if job.answer.is_closed() {
                continue; // whoever wanted it has gone, and would not hear what became of it
            }
            if job.begin_by <= Instant::now() {
                let _ = job.answer.send(late());
                continue;
            }
            // A STOP, or a pause, that came while it waited.
            if job.revocable.is_some_and(|message| (self.options.revoked)(message)) {
                let _ = job.answer.send(End::NotSent("it was revoked".to_owned()));
                continue;
            }
            return Some(job);
        }
    }

    /// Whether something waits.
    pub fn has_work(&self) -> bool {
        lock(&self.queue).len() > 0
    }

    fn drain(&self, mut end: impl FnMut(Errand)) {
        let all = lock(&self.queue).extract(|_| true);
        all.into_iter().for_each(&mut end);
    }

    /// A session works.
    pub fn bound(&self, number: usize) {
        self.stand(number, Standing::Bound { per_second: None });
        tracing::info!(host = self.options.host, session = number, "bound to the SMS provider");
    }

    /// The provider said "too fast".
    pub fn throttled(&self, number: usize, per_second: Option<f64>) {
        self.stand(number, Standing::Bound { per_second });
    }

    fn stand(&self, number: usize, standing: Standing) {
        if let Some((_, place)) = lock(&self.standing).get_mut(number) {
            *place = standing;
        }
    }

    /// What a submission would meet, if no session can take it before somebody mends something or a
    /// server comes back.
    fn blocked(&self) -> Option<Outcome> {
        let standing = lock(&self.standing);
        let mut found = None;
        for (_, standing) in standing.iter().filter(|(role, _)| *role != Role::Receiver) {
            match standing {
                Standing::Opening | Standing::Bound { .. } => return None,
                Standing::Refused(text) => {
                    found = Some(Outcome::Held { text: text.clone() });
                }
                Standing::Unreachable(text) => {
                    found.get_or_insert(Outcome::Unreachable { text: text.clone() });
                }
            }
        }
        found
    }

    /// Opens one session after another.
    async fn keep(self: Arc<Shared>, number: usize, role: Role) {
        let mut stop = self.stop.subscribe();
        let first = self.options.reopen_after;
        let mut pause = first;
        while !*self.stop.borrow() {
            let began = Instant::now();
            let closed = Arc::clone(&self).open(number, role).await;
            if *self.stop.borrow() {
                return;
            }
            if began.elapsed() >= GOOD_AFTER {
                pause = first;
            }
            let wait = self.judge(number, closed, &mut pause);
            let _ = timeout(wait, stop.wait_for(|stop| *stop)).await;
        }
    }

    async fn open(self: Arc<Shared>, number: usize, role: Role) -> Closed {
        let Options { host, port, tls, .. } = &self.options;
        let stream = match self.egress.connect(host, *port).await {
            Ok(stream) => stream,
            Err(no) => return Closed::Lost(no.text().to_owned()),
        };
        match tls {
            None => Session::new(Arc::clone(&self), role, number).serve(stream).await,
            Some(tls) => match tls.secure(stream, host).await {
                Ok(stream) => Session::new(Arc::clone(&self), role, number).serve(stream).await,
                Err(no) => Closed::Lost(no.text().to_owned()),
            },
        }
    }

    /// What follows from the end of a session: how long to wait for the next.
    fn judge(&self, number: usize, closed: Closed, pause: &mut Duration) -> Duration {
        let Options { host, port, .. } = &self.options;
        let (standing, wait) = match closed {
            Closed::Politely => (Standing::Opening, *pause),
            Closed::Lost(text) => {
                let was_bound =
                    matches!(lock(&self.standing).get(number), Some((_, Standing::Bound { .. })));
                tracing::warn!(host, session = number, "the SMS session ended: {text}");
                let wait = *pause;
                *pause = (*pause * 2).min(REOPEN_MAX);
                // One that worked comes back, most often. What waits may wait for it.
                match was_bound {
                    true => (Standing::Opening, wait),
                    false => {
                        let text = format!("no session with `{host}:{port}`: {text}");
                        (Standing::Unreachable(text), wait)
                    }
                }
            }
            Closed::Refused(status) => {
                let text = format!(
                    "the provider refuses our session with {}: {}",
                    answers::name(status),
                    answers::way_out(status),
                );
                tracing::error!(host, session = number, "{text}");
                // A session of ours that the server has not yet noticed to be gone ends by itself.
                let wait = match status {
                    answers::ALREADY_BOUND => self.options.reopen_after * 30,
                    _ => self.options.refused_after,
                };
                (Standing::Refused(text), wait.min(self.options.refused_after))
            }
        };
        self.stand(number, standing);
        // Whatever waits would have met the same. Waiting with it would hide the news from who
        // decides.
        if let Some(outcome) = self.blocked() {
            self.drain(|job| {
                let _ = job.answer.send(End::Barred(outcome.clone()));
            });
        }
        wait
    }

    /// Ends what waits past its time while every session is busy, and tells texts whose parts never
    /// came.
    async fn sweep(self: Arc<Shared>) {
        let mut stop = self.stop.subscribe();
        let tick = Duration::from_millis(100);
        let mut ticks = 0_u32;
        while timeout(tick, stop.wait_for(|stop| *stop)).await.is_err() {
            let now = Instant::now();
            let late_ones = self.take_late(now);
            for job in late_ones {
                let _ = job.answer.send(late());
            }
            ticks = ticks.wrapping_add(1);
            if ticks.is_multiple_of(50) {
                self.tell(|assembly| assembly.overdue(now)).await;
            }
        }
        // What was answered for is ours alone: whoever comes next does not hear it again.
        self.tell(Assembly::left).await;
    }

    fn take_late(&self, now: Instant) -> Vec<Errand> {
        lock(&self.queue).extract(|job| job.begin_by <= now)
    }

    /// Tells texts with their gaps, until there is none or one could not be made durable.
    async fn tell(&self, next: impl Fn(&mut Assembly) -> Option<Joined>) {
        loop {
            let Some(joined) = next(&mut lock(&self.assembly)) else { return };
            let durable = (self.listener)(Said::Text(joined.text.clone())).await;
            lock(&self.assembly).told_joined(joined, durable, Instant::now());
            if !durable {
                return;
            }
        }
    }

    /// A message or a receipt of the provider; whether it is durable, or nothing that has to be.
    pub async fn hear(&self, message: ShortMessage) -> bool {
        if let Some(receipt) = receipt::read(&message, self.options.ids) {
            return (self.listener)(Said::Receipt(receipt)).await;
        }
        if message.esm_class & super::pdu::esm::KIND != 0 {
            // A receipt that names nothing, or a kind that only phones send: nobody could use it,
            // and a provider that is told no would send it for ever.
            tracing::warn!(esm_class = message.esm_class, "the SMS provider sent no text");
            return true;
        }
        if !self.options.international
            && is_untyped(&message.from)
            && !self.doubted.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                host = self.options.host,
                "numbers come without a country: if they have one, say \
                 `inbound-numbers: international`, or a STOP may be taken for somebody else's"
            );
        }
        let offered = lock(&self.assembly).offer(&message, Instant::now());
        match offered {
            Offered::Whole(text) => {
                let durable = (self.listener)(Said::Text(text.clone())).await;
                lock(&self.assembly).told(&text, durable, Instant::now());
                durable
            }
            Offered::Joined(joined) => {
                let durable = (self.listener)(Said::Text(joined.text.clone())).await;
                lock(&self.assembly).told_joined(joined, durable, Instant::now());
                durable
            }
            Offered::Waits(answered) => match timeout(PART_ANSWERED_WITHIN, answered).await {
                Ok(Ok(durable)) => durable,
                Ok(Err(_)) | Err(_) => true,
            },
            Offered::Repeated | Offered::Nothing => true,
        }
    }
}

fn late() -> End {
    End::NotSent("its time had passed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_urgent_goes_first_and_what_has_begun_before_what_has_not() {
        let mut queue = Queue::default();
        let mut push = |text: &str, urgent, revocable: Option<u128>| {
            let message = ShortMessage { text: text.into(), ..ShortMessage::default() };
            let (answer, _) = oneshot::channel();
            let revocable = revocable.map(MessageId);
            let begin_by = Instant::now();
            queue.push(Errand { message, begin_by, urgent, revocable, answer });
        };
        push("bulk", false, Some(1));
        push("another", false, Some(2));
        push("second part", false, None);
        push("code", true, Some(3));
        assert_eq!(queue.len(), 4);
        let order = std::iter::from_fn(|| queue.pop()).map(|errand| errand.message.text);
        let order: Vec<_> = order.map(|text| String::from_utf8(text).unwrap()).collect();
        assert_eq!(order, ["code", "second part", "bulk", "another"]);
    }
}
