//! A message's life: wanted, queued, granted, ended, reported. Every transition is counted where it
//! happens.

use super::ledger::{Attempt, Message, Source, State, Term};
use super::{Channel, Class, HARD};
use crate::campaign::{CampaignId, Part, Stand};
use crate::decide::Decider;
use crate::decision::caused::Change;
use crate::decision::{Effect, HandOver, Permit};
use crate::delivery::{
    self, Outcome, Refusal, Verdict, again, classify, is_carried, is_lost, is_providers_own,
    spread, summary,
};
use crate::device::fates::{self, Fate};
use crate::erasure::wipe_outcome;
use crate::event::Properties;
use crate::ids::{MessageId, Number, ProfileId};
use crate::input::{AttemptEnd, Hop};
use crate::list;
use crate::offer;
use crate::policy::complaints::Known;
use crate::policy::{self, Reason, permit};
use crate::prelude::*;
use crate::profile::{Sent, Status};
use crate::route::warmth::{deferred_counter, is_deferral};
use crate::route::{WARM_UP_DAYS_MAX, path};
use crate::segment::COMPUTED;
use crate::state::{Key, Row, Rows};
use crate::time::{Duration, Timestamp};
use crate::value::Value;

/// How long a message waits for an open identity question before it is looked at again.
const PENDING_RETRY: Duration = Duration(1_000);
/// How long a message waits while sending is paused before it is looked at again: so long it may
/// still wait when sending goes on.
const PAUSED_RETRY: Duration = Duration(5_000);
/// The same of bulk, which can bear it, and is too much to be looked at often.
const PAUSED_BULK_RETRY: Duration = Duration::MINUTE;
/// The longest wait, in minutes, of a message that a fault of our own holds.
const HELD_MINUTES_MAX: u32 = 10;
/// How long a transactional message may wait, if nobody says otherwise.
const TRANSACTIONAL_LIFETIME: Duration = Duration::DAY;

impl<R: Rows> Decider<'_, R> {
    /// A step or a walk wants a message for a profile.
    pub fn want(
        &mut self,
        number: Number,
        template: &str,
        source: Source,
        context: Properties,
    ) -> Option<MessageId> {
        let head = self.head(number)?;
        let id = self.derive_message();
        let message = self.draft(id, number, head.id(), template, source, context);
        self.enqueue(message);
        Some(id)
    }

    pub(crate) fn draft(
        &self,
        id: MessageId,
        number: Number,
        profile: ProfileId,
        template: &str,
        source: Source,
        context: Properties,
    ) -> Message {
        let known = self.catalog.templates.get(template);
        let channel = known.and_then(|known| known.channel).unwrap_or(Channel::Email);
        let class = match source {
            Source::Journey { .. } => Class::Triggered,
            Source::Campaign { .. } => Class::Bulk,
            Source::Api { .. } => Class::Transactional,
        };
        let transactional = class == Class::Transactional;
        let lifetime = known.and_then(|known| known.lifetime).unwrap_or(if transactional {
            TRANSACTIONAL_LIFETIME
        } else {
            self.catalog.policy.message_lifetime
        });
        Message {
            id,
            profile,
            number,
            channel,
            class,
            template: (template.to_owned(), known.map_or(0, |known| known.revision)),
            topic: known.and_then(|known| known.topic.clone()).filter(|_| !transactional),
            source,
            context,
            path: String::new(),
            created: self.now,
            expires: self.now.plus(lifetime),
            state: State::Queued { due: self.now, put_off: None },
            attempts: Vec::new(),
            reports: Vec::new(),
            trace: self.trace,
        }
    }

    /// Writes a new message down, in the ready queue that its address leads to today.
    pub(super) fn enqueue(&mut self, mut message: Message) {
        let (head, devices) = (self.head(message.number), self.devices(message.number));
        let (namespaces, kind) = (&self.catalog.namespaces, (message.channel, message.class));
        let known = |head: Arc<crate::profile::Head>| {
            policy::permit::address(namespaces, (&head, &devices), kind).ok()
        };
        let address = head.and_then(known);
        message.path = self.queue_of(&message, address.as_deref());
        self.message_planned(&message);
        self.queue(message);
    }

    /// Writes a queued message down: ledger, ready queue, the profile's open messages.
    pub fn queue(&mut self, message: Message) {
        let State::Queued { due, .. } = message.state else { return };
        let (id, number, path, class) =
            (message.id, message.number, message.path.clone(), message.class);
        self.work.put(Key::Message(id), Row::Message(Arc::new(message)));
        self.work.put(Key::Outbox(path.clone(), class, due, id), Row::Mark);
        self.change_head(number, |head| head.open.insert(id));
        self.effects.push(Effect::Queued { path, class, due });
    }

    /// A campaign's messages share one trace: its steps would bury each other, and the ledger has
    /// them.
    pub(super) fn on_behalf_of(&mut self, message: &Message) {
        if message.class != Class::Bulk {
            self.on_behalf(message.trace);
        }
    }

    /// Everything that may say no, in one place.
    pub(crate) fn judge(&mut self, message: &Arc<Message>) -> Permit {
        let Some(head) = self.head(message.number) else {
            return Permit::No(Reason::UnknownProfile);
        };
        match head.status {
            Status::Live => {}
            // Its messages moved with it; a message that is still here was missed.
            Status::Redirect(_) => return Permit::No(Reason::UnknownProfile),
            Status::Erased(at) => return Permit::No(Reason::Erased { at }),
        }
        // First: nothing that is put off again and again may outlive itself.
        if message.expires <= self.now {
            return Permit::No(Reason::Expired { at: message.expires });
        }
        if let Some(why) = self.work.meta().paused.clone() {
            let due = self.now.plus(paused_retry(message.class));
            return Permit::Later { due, reason: Reason::Paused { why } };
        }
        if !head.pending.is_empty() {
            let questions = head.pending.len() as u32;
            let due = self.now.plus(PENDING_RETRY);
            return Permit::Later { due, reason: Reason::IdentityPending { questions } };
        }
        if !self.catalog.templates.contains_key(&message.template.0) {
            let template = message.template.0.clone();
            return Permit::No(Reason::UnknownTemplate { template });
        }
        if let Source::Campaign { id, .. } = &message.source {
            match self.work.campaign(&Key::Campaign(*id)).map(|part| part.stand) {
                Some(Stand::Cancelled) => return Permit::No(Reason::CampaignCancelled),
                Some(Stand::Paused) => {
                    let due = self.now.plus(paused_retry(Class::Bulk));
                    let why = "the campaign is paused".to_owned();
                    return Permit::Later { due, reason: Reason::Paused { why } };
                }
                Some(Stand::Running) | None => {}
            }
            // Planned for somebody who is the same person by now, and got another one.
            let member = self.work.get(&Key::CampaignMember(*id, head.id()));
            if matches!(member, Some(Row::CampaignMember(other)) if other != message.id) {
                return Permit::No(Reason::Merged);
            }
        }
        if self.journey_exited(message.number, &message.source, &message.context)
            && let Source::Journey { journey, .. } = &message.source
        {
            return Permit::No(Reason::JourneyExited { journey: journey.clone() });
        }
        let devices = self.devices(message.number);
        let known = Known { pauses: self.pauses(), hosts: self.hosts() };
        match permit(&self.catalog, &known, (&head, &devices), message, self.now) {
            Permit::Yes { address } => self.unblocked(message, address),
            // Asked once: whoever does not hear of the answer does not ask for ever.
            Permit::No(Reason::Suppressed { suppression })
                if self.is_over(&suppression) && !Self::was_asked(message) =>
            {
                self.try_again(suppression, &head)
            }
            other => other,
        }
    }

    pub(crate) fn hand_over(
        &mut self,
        mut message: Arc<Message>,
        address: String,
        provider: Option<String>,
        start_before: Timestamp,
    ) {
        let Some(head) = self.head(message.number) else { return };
        let template = self.catalog.templates.get(&message.template.0).cloned();
        let to = self.addressed(&message, template.as_deref(), address);
        let Some((targets, address)) = to else { return };
        let granted = Arc::make_mut(&mut message);
        if let Some(template) = &template {
            granted.template.1 = template.revision;
            self.fix_offers(granted, &template.offers);
        }
        let number = granted.last_attempt() + 1;
        // One that never started is kept until the next, for its number and its reason.
        granted.attempts.pop_if(|attempt| !attempt.counts());
        granted.attempts.push(Attempt {
            number,
            granted: self.now,
            address: address.clone(),
            provider: provider.clone(),
            ended: None,
        });
        granted.state = State::Attempting { start_before };
        let campaign = match &granted.source {
            Source::Campaign { id, .. } => Some(*id),
            _ => None,
        };
        let names = template.as_ref().map(|template| template.attributes.clone());
        let mut profile: BTreeMap<String, Value> = names
            .unwrap_or_default()
            .iter()
            .filter_map(|name| Some((name.clone(), head.attribute(name)?.clone())))
            .collect();
        if let Some(template) = &template
            && !template.computed.is_empty()
        {
            let computed = self.computed(granted.number, &head, &template.computed);
            profile.insert(COMPUTED.to_owned(), Value::Object(computed));
        }
        if let Some(template) = &template
            && !template.lists.is_empty()
        {
            let lists = self.work.lists(&Key::Lists(granted.number));
            let said = list::payloads(lists.as_deref(), &template.lists, self.now);
            profile.insert(list::LISTS.to_owned(), Value::Object(said));
        }
        let mut values = BTreeMap::from([
            ("profile".to_owned(), Value::Object(profile)),
            ("event".to_owned(), Value::Object(granted.context.clone())),
        ]);
        offer::unfold(&mut values);
        self.effects.push(Effect::HandOver(Box::new(HandOver {
            message: granted.id,
            attempt: number,
            profile: granted.profile,
            channel: granted.channel,
            class: granted.class,
            path: granted.path.clone(),
            provider: provider.clone().unwrap_or_else(|| path::first(&granted.path).to_owned()),
            address,
            template: granted.template.clone(),
            values,
            topic: granted.topic.clone(),
            campaign,
            targets,
            start_before,
            expires: permit::pointless_after(&self.catalog, &head, granted, self.now),
            trace: granted.trace,
        })));
        self.count_day(&message, provider.as_deref());
        self.remember_sent(&message);
        self.work.put(Key::Attempting(message.id), Row::Mark);
        self.work.put(Key::Message(message.id), Row::Message(message));
    }

    /// Counts a marketing message against the caps, as of when it left; forgets what no cap can see
    /// any more.
    pub(super) fn remember_sent(&mut self, message: &Message) {
        if message.class == Class::Transactional {
            return;
        }
        let now = self.now;
        let last = message.attempts.iter().rev().find(|attempt| attempt.counts());
        let at = last.map_or(now, |attempt| attempt.granted);
        let oldest = now.minus(policy::frequency::window_max(&self.catalog.policy.frequency_caps));
        let sent = Sent { at, channel: message.channel, message: message.id };
        self.change_head(message.number, |head| {
            if head.status != Status::Live {
                return; // it left after all, and its person was erased meanwhile
            }
            // One message is one, however often it is tried and to however many devices.
            head.sent.retain(|before| before.at > oldest && before.message != sent.message);
            if at >= oldest {
                head.sent.push(sent);
            }
        });
    }

    /// An attempt that certainly took nothing does not count.
    fn forget_sent(&mut self, message: &Message) {
        if fates::may_have_left(message) {
            return;
        }
        let id = message.id;
        self.change_head(message.number, |head| head.sent.retain(|sent| sent.message != id));
    }

    fn count_day(&mut self, message: &Message, provider: Option<&str>) {
        let Some(provider) = provider else { return };
        for counter in self.day_counters(&message.path, provider, self.now) {
            self.forget_carried(&counter);
            self.work.count(&counter, 1);
        }
    }

    /// With a new day, those are forgotten that no plan can ask for any more.
    fn forget_carried(&mut self, counter: &str) {
        let Some((name, _)) = counter.rsplit_once(' ') else { return };
        let today = Key::Counter(counter.to_owned());
        if self.work.has(&today) {
            return;
        }
        let bounds = (Key::Counter(format!("{name} ")), today);
        let days = self.work.range(&bounds, usize::MAX);
        let excess = days.len().saturating_sub(WARM_UP_DAYS_MAX as usize);
        for (day, _) in days.into_iter().take(excess) {
            self.work.delete(day);
        }
    }

    /// What never got to its provider is none of the day's messages.
    fn give_back_day(&mut self, message: &Message) {
        let Some(attempt) = message.attempts.last() else { return };
        let Some(provider) = &attempt.provider else { return };
        for counter in self.day_counters(&message.path, provider, attempt.granted) {
            self.work.discount(&counter);
        }
    }

    /// An attempt came to an end.
    pub fn ended(&mut self, end: &AttemptEnd) {
        let Some(mut message) = self.ledger(end.message, || Hop::Ended(end.clone())) else {
            return;
        };
        let open = matches!(message.state, State::Attempting { .. });
        let late = matches!(message.state, State::Unknown { .. })
            && matches!(classify(&end.outcome), Verdict::Accepted);
        if !(open || late) || message.last_attempt() != end.attempt {
            self.note(
                "stray-end",
                Some(message.profile),
                format!("{}: no such attempt", end.message),
            );
            return;
        }
        self.on_behalf_of(&message);
        if late {
            self.uncount_end(&message);
        }
        let mut outcome = end.outcome.clone();
        if self.is_wiped(&message) {
            wipe_outcome(&mut outcome);
        }
        if let Some(attempt) = Arc::make_mut(&mut message).attempts.last_mut() {
            attempt.ended = Some((end.at, outcome.clone()));
        }
        self.work.delete(Key::Attempting(message.id));
        self.work.put(Key::Message(message.id), Row::Message(message.clone()));
        let pushed = message.channel == Channel::Push;
        if pushed {
            self.judge_devices(&message, &outcome);
        }
        let verdict = if pushed { fates::verdict(&message) } else { classify(&outcome) };
        self.follows(message, verdict, &outcome);
    }

    /// Counts what an attempt's end says of its day, of its sender and of who refused. Says whether
    /// the provider refused for reasons of its own.
    fn counts(&mut self, message: &Message, outcome: &Outcome) -> bool {
        if !is_carried(outcome) {
            self.give_back_day(message);
        }
        if is_deferral(outcome) {
            let granted = message.attempts.last().map_or(self.now, |attempt| attempt.granted);
            self.count_reply(message, deferred_counter, granted);
        }
        let own = is_providers_own(outcome, self.answering(message));
        if !own {
            // What a relay says of itself is no word of a mailbox provider's.
            self.hear_block(message, outcome);
        }
        own
    }

    /// What follows from what an attempt's end means.
    fn follows(&mut self, mut message: Arc<Message>, verdict: Verdict, outcome: &Outcome) {
        let at = self.now;
        let own = self.counts(&message, outcome);
        if verdict != Verdict::Accepted && message.has_left() {
            // It was said meanwhile: an earlier attempt had left, or this one did.
            return self.accept_after_all(&message, "attempted");
        }
        if own && let Some(path) = self.next_leg(&message) {
            // Certainly nothing was taken, and it was not for what the message is: by another leg,
            // at once.
            self.forget_sent(&message);
            Arc::make_mut(&mut message).path = path;
            return self.requeue(message, at);
        }
        match verdict {
            Verdict::Accepted => {
                self.name_parts(&message, outcome);
                self.watch_arrival(&message);
                self.count_trust(&message, |counts| counts.accepted += 1);
                if let Some(attempt) = message.attempts.last() {
                    self.tell_answer(message.channel, &attempt.address, None);
                }
                self.end_message(message.id, State::Accepted { at });
            }
            Verdict::Unknown => self.unknown(&message, outcome),
            Verdict::NotStarted => {
                self.forget_sent(&message);
                self.requeue(message, at);
            }
            Verdict::Busy { after_ms } => {
                self.forget_sent(&message);
                let due = at.plus(spread(message.id, at, Duration(i64::from(after_ms))));
                self.requeue(message, due);
            }
            Verdict::Held => {
                self.forget_sent(&message);
                // A little longer each time: whoever mends it is a person.
                let held = message.last_attempt().saturating_sub(message.tries());
                let wait = Duration::MINUTE.times(i64::from(held.clamp(1, HELD_MINUTES_MAX)));
                let path = self.other_legs(&message);
                Arc::make_mut(&mut message).path = path;
                self.requeue(message, at.plus(wait));
            }
            Verdict::Retry { cause, after_s } => {
                self.forget_sent(&message);
                let n = message.tries();
                let refusal = Refusal { cause, own, after_s };
                let due = again(message.id, message.class, n, &refusal, at, message.expires);
                match due {
                    Some(due) => {
                        if own {
                            let path = self.other_legs(&message);
                            Arc::make_mut(&mut message).path = path;
                        }
                        self.requeue(message, due);
                    }
                    None if fates::may_have_left(&message) => self.end_pushed(&message),
                    None => {
                        let (code, text) =
                            (format!("gave-up-{}", cause.as_str()), text_of(outcome));
                        self.struck(&message, cause, &text);
                        self.end_message(message.id, State::Failed { code, text, at });
                    }
                }
            }
            Verdict::Failed { cause, suppress } => {
                self.forget_sent(&message);
                self.refused_for_good(&message, cause, suppress, text_of(outcome));
            }
        }
    }

    fn refused_for_good(
        &mut self,
        message: &Message,
        cause: delivery::Cause,
        suppress: bool,
        text: String,
    ) {
        if suppress {
            self.suppress_address(message, HARD, &text);
        }
        if cause == delivery::Cause::OptedOut {
            self.opted_out(message);
        }
        self.struck(message, cause, &text);
        let (code, at) = (cause.as_str().to_owned(), self.now);
        self.end_message(message.id, State::Failed { code, text, at });
    }

    /// It may have left. Marketing is not sent again; a transactional message is sent once more,
    /// with the same Message-ID, if its template says so.
    fn unknown(&mut self, message: &Arc<Message>, outcome: &Outcome) {
        let at = self.now;
        let text = text_of(outcome);
        // Once, however often it was refused for now before or since.
        let resend = message.class == Class::Transactional
            && is_lost(outcome)
            && message.times_lost() == 1
            && self.catalog.templates.get(&message.template.0).is_some_and(|t| t.resend_unknown);
        if resend {
            let mut message = message.clone();
            let path = self.other_legs(&message);
            Arc::make_mut(&mut message).path = path;
            self.requeue(message, at);
        } else {
            self.end_message(message.id, State::Unknown { text, at });
        }
    }

    pub(super) fn requeue(&mut self, mut message: Arc<Message>, due: Timestamp) {
        Arc::make_mut(&mut message).state = State::Queued { due, put_off: None };
        let message = Message::clone(&message);
        match self.head(message.number).map(|head| (head.status.clone(), head)) {
            // The profile was absorbed while the message was on the wire.
            Some((Status::Redirect(to), head)) => self.follow(&head, to, message),
            Some((Status::Erased(erased), _)) => {
                let (id, at) = (message.id, self.now);
                self.work.put(Key::Message(id), Row::Message(Arc::new(message)));
                let reason = Reason::Erased { at: erased };
                self.end_message(id, State::Refused { reason, at });
            }
            _ => self.queue(message),
        }
    }

    /// A message reaches a state in which nothing more happens by ourselves.
    pub fn end_message(&mut self, id: MessageId, state: State) {
        let Some(mut message) = self.work.message(&Key::Message(id)) else { return };
        let mut state = as_far_as_known(&message, state);
        if let State::Failed { text, .. } | State::Unknown { text, .. } = &mut state
            && self.is_wiped(&message)
        {
            text.clear();
        }
        let before = message.state.term();
        let after = state.term();
        self.mark_dead(&message, &state);
        if let State::Queued { due, .. } = &message.state {
            let key = Key::Outbox(message.path.clone(), message.class, *due, id);
            if self.work.has(&key) {
                self.work.delete(key);
            }
        }
        if let Source::Campaign { id: campaign, .. } = &message.source {
            let refusal = match &state {
                State::Refused { reason, .. } => Some(reason.code().to_owned()),
                _ => None,
            };
            self.campaign_moved(*campaign, |part| {
                part.transfer(Some(before), Some(after));
                if let Some(code) = refusal {
                    *part.refusals.entry(code).or_default() += 1;
                }
            });
            if matches!(after, Term::Sent | Term::Unknown) {
                self.got_of_campaign(*campaign, &message);
            }
        }
        self.work
            .count(&format!("messages.{} {}", after.as_str(), source_name(&message.source)), 1);
        if let State::Refused { reason, .. } = &state {
            self.work.count(&format!("refused {}", reason.code()), 1);
            let (template, refused) = (message.template.0.clone(), Some(reason.clone()));
            self.caused(message.profile, Change::Message { message: id, template, refused });
        }
        Arc::make_mut(&mut message).state = state;
        self.change_head(message.number, |head| head.open.remove(&id));
        self.work.put(Key::Message(id), Row::Message(message.clone()));
        self.tell_end(&message);
        self.tell_offers(&message, before);
    }

    /// Of two messages that a campaign had for people who became one, this one left first.
    fn got_of_campaign(&mut self, campaign: CampaignId, message: &Message) {
        let Some(head) = self.head(message.number) else { return };
        let key = Key::CampaignMember(campaign, head.id());
        if matches!(self.work.get(&key), Some(Row::CampaignMember(other)) if other != message.id) {
            self.work.put(key, Row::CampaignMember(message.id));
        }
    }

    /// Changes a campaign's counters here; notes when nothing is left to do.
    pub fn campaign_moved(&mut self, id: CampaignId, change: impl FnOnce(&mut Part)) {
        let key = Key::Campaign(id);
        let Some(mut part) = self.work.campaign(&key) else { return };
        let now = self.now;
        let counted = Arc::make_mut(&mut part);
        change(counted);
        counted.done_at = match (counted.is_done(), counted.done_at) {
            (true, before) => before.or(Some(now)),
            (false, _) => None,
        };
        self.work.put(key, Row::Campaign(part));
    }

    /// The ledger row of a message that was born here; what lives elsewhere is sent there.
    pub(super) fn ledger(
        &mut self,
        id: MessageId,
        hop: impl FnOnce() -> Hop,
    ) -> Option<Arc<Message>> {
        if let Some(message) = self.work.message(&Key::Message(id)) {
            return Some(message);
        }
        match self.work.location(&Key::Location(id)) {
            Some(partition) => self.send(partition, hop()),
            None => self.note("unknown-message", None, format!("{id} is not here")),
        }
        None
    }
}

/// What has left, or may have, was not refused, whatever came after it.
fn as_far_as_known(message: &Message, state: State) -> State {
    let (State::Refused { at, .. } | State::Failed { at, .. }) = state else { return state };
    if message.channel == Channel::Push && fates::of(message).values().any(|f| *f == Fate::Took) {
        return State::Accepted { at };
    }
    match message.lost() {
        Some(outcome) => State::Unknown { text: text_of(outcome), at },
        None => state,
    }
}

/// The ready queue of a campaign's execution.
pub fn campaign_path(base: &str, id: CampaignId) -> String {
    format!("{base}/campaign-{id}")
}

/// The execution whose ready queue a path is, if it is one's.
pub fn campaign_of(path: &str) -> Option<CampaignId> {
    path::Queue::parse(path).campaign
}

pub(super) fn source_name(source: &Source) -> String {
    match source {
        Source::Journey { journey, .. } => format!("journey {journey}"),
        Source::Campaign { campaign, .. } => format!("campaign {campaign}"),
        Source::Api { .. } => "api".to_owned(),
    }
}

/// The words of an outcome.
fn text_of(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { text, .. }
        | Outcome::Unreachable { text }
        | Outcome::Unknown { text }
        | Outcome::NotStarted { text }
        | Outcome::Held { text }
        | Outcome::Busy { text, .. }
        | Outcome::Unrenderable { text } => text.clone(),
        Outcome::Refused { code: 0, text, .. } => text.clone(),
        Outcome::Refused { code, text, .. } => format!("{code} {text}"),
        Outcome::Devices(ends) => summary(ends),
    }
}

fn paused_retry(class: Class) -> Duration {
    if class == Class::Bulk { PAUSED_BULK_RETRY } else { PAUSED_RETRY }
}
