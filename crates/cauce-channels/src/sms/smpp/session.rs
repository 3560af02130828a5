//! One session over one connection: bind, submit within the window, hear, unbind.
//!
//! It knows of every byte whether the socket has taken it. What ends with the session was never
//! sent if none of its bytes was taken, and may have been taken by the provider otherwise.

use super::answers::{self, INVALID_COMMAND, NOT_NOW, QUEUE_FULL};
use super::client::{Role, Shared};
use super::pace::Pace;
use super::pdu::{self, Address, Bind, Body, Pdu, SEQUENCE_MAX, ShortMessage, Tags, command};
use bytes::{Buf, BytesMut};
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// The version that we speak.
const VERSION: u8 = 0x34;
/// Limit: what is written and not taken by the socket. Beyond it nothing is read, so that a server
/// which asks and never listens costs us no memory.
const OUT_BYTES_MAX: usize = 256 * 1024;
/// Limit: messages and receipts that are being made durable at once; of more, the server is told to
/// come back.
const HEARING_MAX: usize = 256;
/// How long a session that ends waits for the answers to what it has submitted.
const LEAVE_WITHIN: Duration = Duration::from_secs(10);
/// How long the answer to an unbind is waited for.
const UNBIND_WITHIN: Duration = Duration::from_secs(5);
/// What a server says about a refusal in words.
const ADDITIONAL_TEXT: u16 = 0x001d;

/// One submission that waits.
pub struct Errand {
    /// What is submitted.
    pub message: ShortMessage,
    /// The last instant at which it may begin.
    pub begin_by: Instant,
    /// Somebody waits for it.
    pub urgent: bool,
    /// Whose it is, as long as nothing of it was sent: it may still be revoked.
    pub revocable: Option<MessageId>,
    /// Where its end is told.
    pub answer: oneshot::Sender<End>,
}

impl Errand {
    /// Something of its message was taken: this is a further part.
    pub fn is_begun(&self) -> bool {
        self.revocable.is_none()
    }
}

/// What became of one submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The provider took it.
    Taken {
        /// Its name for it, as it said.
        id: String,
    },
    /// The provider said no.
    Refused {
        /// The status.
        status: u32,
        /// Its words, if it had some.
        text: String,
    },
    /// No byte of it left.
    NotSent(String),
    /// It may have been taken.
    Lost(String),
    /// No session could take it, and this is what it would have met.
    Barred(Outcome),
}

/// Why a session is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// We wanted it.
    Politely,
    /// It broke.
    Lost(String),
    /// The provider does not want a session with us: it is pointless to ask again at once.
    Refused(u32),
}

/// A submission that was written.
struct Pending {
    /// The place of its first byte among all that were ever written.
    begins: u64,
    /// Where its end is told; gone once it was said that nobody knows.
    answer: Option<oneshot::Sender<End>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Binding {
        sequence: u32,
        until: Instant,
    },
    Bound,
    /// No more submissions; those that are under way may end.
    Leaving {
        until: Instant,
        asked: bool,
    },
    Unbinding {
        until: Instant,
    },
}

/// A session.
pub struct Session {
    shared: Arc<Shared>,
    role: Role,
    number: usize,
    phase: Phase,
    over: Option<Closed>,
    /// The status with which the provider refused the session itself: how it ends, once what was
    /// submitted has its answers.
    refused: Option<u32>,
    input: BytesMut,
    out: BytesMut,
    /// Bytes that were ever put into `out`, and those that the socket has taken.
    queued: u64,
    written: u64,
    unflushed: bool,
    sequence: u32,
    pending: BTreeMap<u32, Pending>,
    /// By when each submission has an answer, in their order.
    deadlines: VecDeque<(Instant, u32)>,
    /// Submissions without an answer in time. They count in the window: the provider may have them.
    silent: usize,
    pace: Pace,
    heard_at: Instant,
    link: Option<Instant>,
    hearing: JoinSet<(u32, u32, bool)>,
}

impl Session {
    /// A session that begins with its bind.
    pub fn new(shared: Arc<Shared>, role: Role, number: usize) -> Session {
        let now = Instant::now();
        let until = now + shared.options.answer_within;
        let pace = Pace::new(shared.options.per_second, now);
        let sequence = shared.options.first_sequence;
        let mut session = Session {
            shared,
            role,
            number,
            phase: Phase::Binding { sequence, until },
            over: None,
            refused: None,
            input: BytesMut::new(),
            out: BytesMut::new(),
            queued: 0,
            written: 0,
            unflushed: false,
            sequence,
            pending: BTreeMap::new(),
            deadlines: VecDeque::new(),
            silent: 0,
            pace,
            heard_at: now,
            link: None,
            hearing: JoinSet::new(),
        };
        session.bind();
        session
    }

    fn bind(&mut self) {
        let options = &self.shared.options;
        let bind = Bind {
            system_id: options.system_id.clone(),
            password: options.password.clone(),
            system_type: options.system_type.clone(),
            version: VERSION,
            range: Address::default(),
        };
        let command = match self.role {
            Role::Transceiver => command::BIND_TRANSCEIVER,
            Role::Transmitter => command::BIND_TRANSMITTER,
            Role::Receiver => command::BIND_RECEIVER,
        };
        let sequence = self.next_sequence();
        self.phase = match self.phase {
            Phase::Binding { until, .. } => Phase::Binding { sequence, until },
            other => other,
        };
        self.write(&Pdu::new(command, sequence, Body::Bind(bind)));
    }

    /// Serves until it is over. Every submission it took has an end then.
    pub async fn serve<S>(mut self, stream: S) -> Closed
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let shared = Arc::clone(&self.shared);
        let mut stop = shared.stop.subscribe();
        let closed = loop {
            if let Some(closed) = self.over.take() {
                break closed;
            }
            self.take_work();
            let wake = self.wake();
            let reads = self.out.len() < OUT_BYTES_MAX;
            let writes = !self.out.is_empty() || self.unflushed;
            let takes = self.may_take(Instant::now());
            let stays = matches!(self.phase, Phase::Binding { .. } | Phase::Bound);
            tokio::select! {
                read = reader.read_buf(&mut self.input), if reads => match read {
                    Ok(0) => self.lose("the provider closed the connection"),
                    Ok(_) => self.read(),
                    Err(error) => self.lose(&format!("the connection broke: {error}")),
                },
                wrote = push(
                    &mut writer, &mut self.out, &mut self.written, &mut self.unflushed,
                ), if writes => if let Err(error) = wrote {
                    self.lose(&format!("the connection broke: {error}"));
                },
                () = shared.work.notified(), if takes => {}
                Some(heard) = self.hearing.join_next(), if !self.hearing.is_empty() => {
                    if let Ok((command, sequence, durable)) = heard {
                        self.answer_heard(command, sequence, durable);
                    }
                }
                () = sleep_until(wake) => {}
                () = stopped(&mut stop), if stays => self.leave(false),
            }
            self.tick(Instant::now());
        };
        let closed = self.refused.map_or(closed, Closed::Refused);
        self.settle_all(&closed);
        // What is being made durable goes on; the provider asks again, and it is found twice.
        self.hearing.detach_all();
        closed
    }

    /// Ends what has no answer, with what is certain.
    fn settle_all(&mut self, closed: &Closed) {
        let text = match closed {
            Closed::Politely => "the session ended before the answer".to_owned(),
            Closed::Lost(text) => text.clone(),
            Closed::Refused(status) => {
                format!("the session ended with {}", answers::name(*status))
            }
        };
        for (_, pending) in std::mem::take(&mut self.pending) {
            let end = match pending.begins >= self.written {
                true => End::NotSent(text.clone()),
                false => End::Lost(text.clone()),
            };
            if let Some(answer) = pending.answer {
                let _ = answer.send(end);
            }
        }
    }

    fn lose(&mut self, why: &str) {
        let closed = match self.phase {
            Phase::Unbinding { .. } => Closed::Politely,
            Phase::Leaving { asked: false, .. } if self.live() == 0 => Closed::Politely,
            Phase::Binding { .. } | Phase::Bound | Phase::Leaving { .. } => {
                Closed::Lost(why.to_owned())
            }
        };
        self.over.get_or_insert(closed);
    }

    /// Submissions whose answer is still waited for.
    fn live(&self) -> usize {
        self.pending.len() - self.silent
    }

    fn may_take(&self, now: Instant) -> bool {
        self.has_room() && self.pace.ready() <= now
    }

    fn has_room(&self) -> bool {
        self.phase == Phase::Bound
            && self.role != Role::Receiver
            && self.pending.len() < self.shared.options.window
            && self.out.len() < OUT_BYTES_MAX
    }

    fn take_work(&mut self) {
        while self.may_take(Instant::now()) {
            match self.shared.take() {
                Some(job) => self.submit(job),
                None => return,
            }
        }
        if self.shared.has_work() {
            // Another connection may have room.
            self.shared.work.notify_one();
        }
    }

    fn submit(&mut self, job: Errand) {
        let now = Instant::now();
        let sequence = self.next_sequence();
        let begins = self.queued;
        self.write(&Pdu::new(command::SUBMIT_SM, sequence, Body::Message(Box::new(job.message))));
        self.pending.insert(sequence, Pending { begins, answer: Some(job.answer) });
        self.deadlines.push_back((now + self.shared.options.answer_within, sequence));
        self.pace.spend(now);
    }

    fn write(&mut self, pdu: &Pdu) {
        let before = self.out.len();
        pdu.write(&mut self.out);
        self.queued += (self.out.len() - before) as u64;
    }

    /// The next number that no open submission has.
    fn next_sequence(&mut self) -> u32 {
        loop {
            let sequence = self.sequence;
            self.sequence = if sequence >= SEQUENCE_MAX { 1 } else { sequence + 1 };
            if !self.pending.contains_key(&sequence) {
                return sequence;
            }
        }
    }

    fn read(&mut self) {
        while self.over.is_none() {
            match pdu::parse(&self.input) {
                Ok(Some((pdu, length))) => {
                    self.input.advance(length);
                    self.heard_at = Instant::now();
                    if pdu.is_answer() { self.answered(pdu) } else { self.asked(pdu) }
                }
                Ok(None) => return,
                Err(malformed) => {
                    // Nothing behind it can be trusted, so there is nobody to be polite to.
                    self.over =
                        Some(Closed::Lost(format!("the provider sent no SMPP: {malformed}")));
                }
            }
        }
    }

    /// The provider answered.
    fn answered(&mut self, pdu: Pdu) {
        if let Phase::Binding { sequence, .. } = self.phase
            && sequence == pdu.sequence
        {
            match pdu.status {
                answers::OK => {
                    self.phase = Phase::Bound;
                    self.shared.bound(self.number);
                }
                status => self.over = Some(Closed::Refused(status)),
            }
            return;
        }
        match (pdu.answered(), pdu.body) {
            (command::ENQUIRE_LINK, _) => self.link = None,
            (command::UNBIND, _) if matches!(self.phase, Phase::Unbinding { .. }) => {
                self.over = Some(Closed::Politely);
            }
            (command::SUBMIT_SM | command::DATA_SM, Body::Named { id, tags }) => {
                self.settle(pdu.sequence, pdu.status, id, &tags);
            }
            // generic_nack: of a submission, or of nobody knows what.
            (0, _) if self.pending.contains_key(&pdu.sequence) => {
                let status = if pdu.status == answers::OK { INVALID_COMMAND } else { pdu.status };
                self.settle(pdu.sequence, status, String::new(), &Tags::new());
            }
            (0, _) if pdu.sequence == 0 => {
                let name = answers::name(pdu.status);
                self.lose(&format!("the provider could not read what we sent: {name}"));
            }
            // An answer to what was given up, or to nothing.
            _ => {}
        }
    }

    fn settle(&mut self, sequence: u32, status: u32, id: String, tags: &Tags) {
        let Some(pending) = self.pending.remove(&sequence) else { return };
        let end = match status {
            answers::OK => End::Taken { id },
            status => {
                if self.shared.options.answers.is_throttle(status) {
                    self.pace.halve(Instant::now());
                    self.shared.throttled(self.number, self.pace.rate());
                }
                if self.shared.options.answers.is_session(status) {
                    // Nothing more is submitted, and nobody is asked to unbind; other answers may
                    // be on their way, or read already.
                    self.refused.get_or_insert(status);
                    self.leave(true);
                }
                let words = tags.iter().find(|(tag, _)| *tag == ADDITIONAL_TEXT);
                let text = words.map(|(_, value)| shown(value)).unwrap_or_default();
                End::Refused { status, text }
            }
        };
        match pending.answer {
            Some(answer) => {
                let _ = answer.send(end);
            }
            None => self.silent -= 1,
        }
    }

    /// The provider asks.
    fn asked(&mut self, pdu: Pdu) {
        let (command, sequence) = (pdu.command, pdu.sequence);
        match (command, pdu.body) {
            (command::ENQUIRE_LINK, _) => {
                self.write(&Pdu::answer(command, sequence, answers::OK, Body::Empty));
            }
            (command::DELIVER_SM | command::DATA_SM, Body::Message(message)) => {
                self.hear(command, sequence, *message);
            }
            (command::UNBIND, _) => {
                self.write(&Pdu::answer(command, sequence, answers::OK, Body::Empty));
                self.leave(true);
            }
            // A session exists, which is all that an outbind could ask for; a phone that can be
            // reached again is nobody whom we wait for. Neither has an answer.
            (command::OUTBIND | command::ALERT_NOTIFICATION, _) => {
                tracing::debug!(command, "a notice of the SMS provider");
            }
            _ => {
                let nack = command::GENERIC_NACK;
                self.write(&Pdu::answer(nack, sequence, INVALID_COMMAND, Body::Empty));
            }
        }
    }

    /// A message or a receipt: made durable first, answered then.
    fn hear(&mut self, command: u32, sequence: u32, message: ShortMessage) {
        if self.hearing.len() >= HEARING_MAX {
            let full = Body::Named { id: String::new(), tags: Tags::new() };
            return self.write(&Pdu::answer(command, sequence, QUEUE_FULL, full));
        }
        let shared = Arc::clone(&self.shared);
        self.hearing.spawn(async move { (command, sequence, shared.hear(message).await) });
    }

    fn answer_heard(&mut self, command: u32, sequence: u32, durable: bool) {
        let status = if durable { answers::OK } else { NOT_NOW };
        let nobody = Body::Named { id: String::new(), tags: Tags::new() };
        self.write(&Pdu::answer(command, sequence, status, nobody));
    }

    /// No more submissions.
    fn leave(&mut self, asked: bool) {
        if let Phase::Binding { .. } = self.phase {
            self.over.get_or_insert(Closed::Politely);
        } else if self.phase == Phase::Bound {
            let within = LEAVE_WITHIN.min(self.shared.options.answer_within);
            self.phase = Phase::Leaving { until: Instant::now() + within, asked };
        }
    }

    fn tick(&mut self, now: Instant) {
        self.expire(now);
        match self.phase {
            Phase::Binding { until, .. } if now >= until => {
                self.lose("the provider did not answer the bind");
            }
            Phase::Leaving { until, asked } => {
                let quiet = self.live() == 0 && self.hearing.is_empty() && self.out.is_empty();
                if !quiet && now < until {
                    return;
                }
                if asked {
                    self.over = Some(Closed::Lost("the provider ended the session".to_owned()));
                    return;
                }
                let sequence = self.next_sequence();
                self.write(&Pdu::new(command::UNBIND, sequence, Body::Empty));
                self.phase = Phase::Unbinding { until: now + UNBIND_WITHIN };
            }
            Phase::Unbinding { until } if now >= until => {
                self.over.get_or_insert(Closed::Politely);
            }
            Phase::Bound => self.ask_link(now),
            Phase::Binding { .. } | Phase::Unbinding { .. } => {}
        }
    }

    fn ask_link(&mut self, now: Instant) {
        match self.link {
            Some(until) if now >= until => self.lose("the provider did not answer enquire_link"),
            None if now.duration_since(self.heard_at) >= self.shared.options.enquire_every => {
                let sequence = self.next_sequence();
                self.write(&Pdu::new(command::ENQUIRE_LINK, sequence, Body::Empty));
                self.link = Some(now + self.shared.options.answer_within);
            }
            Some(_) | None => {}
        }
    }

    /// Gives up on answers that are late: whether the provider has them nobody knows.
    fn expire(&mut self, now: Instant) {
        while let Some((until, sequence)) = self.deadlines.front().copied() {
            let open = self.pending.get_mut(&sequence);
            if open.is_some() && until > now {
                break;
            }
            self.deadlines.pop_front();
            if let Some(answer) = open.and_then(|pending| pending.answer.take()) {
                let seconds = self.shared.options.answer_within.as_secs_f32();
                let _ = answer.send(End::Lost(format!("no answer within {seconds} s")));
                self.silent += 1;
            }
        }
        // Nothing can be submitted any more: a new session begins with an empty window.
        if self.silent >= self.shared.options.window {
            self.lose("the provider left a whole window without an answer");
        }
    }

    /// When something is due.
    fn wake(&self) -> Instant {
        let mut wake = Instant::now() + Duration::from_secs(3600);
        let mut at = |instant: Instant| wake = wake.min(instant);
        if let Some((until, _)) = self.deadlines.front() {
            at(*until);
        }
        match self.phase {
            Phase::Binding { until, .. }
            | Phase::Leaving { until, .. }
            | Phase::Unbinding { until } => at(until),
            Phase::Bound => {
                at(self.link.unwrap_or(self.heard_at + self.shared.options.enquire_every));
                if self.has_room() && self.pace.ready() > Instant::now() {
                    at(self.pace.ready());
                }
            }
        }
        wake
    }
}

/// Waits until nobody wants the session any more.
async fn stopped(stop: &mut tokio::sync::watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Writes what there is. The count is right whenever this is cut off: it is raised before anything
/// waits again.
async fn push<W: AsyncWrite + Unpin>(
    writer: &mut W,
    out: &mut BytesMut,
    written: &mut u64,
    unflushed: &mut bool,
) -> std::io::Result<()> {
    if !out.is_empty() {
        let count = writer.write_buf(out).await?;
        if count == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        *written += count as u64;
        *unflushed = true;
    }
    writer.flush().await?;
    *unflushed = false;
    Ok(())
}

/// Words of the provider, bounded and without control characters.
fn shown(value: &[u8]) -> String {
    let printable = |byte: &u8| if byte.is_ascii_control() { ' ' } else { char::from(*byte) };
    value.iter().take(200).map(printable).collect::<String>().trim().to_owned()
}
