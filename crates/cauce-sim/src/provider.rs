//! The provider: outside the machine, so it remembers what it took when the machine does not.

use crate::rng::Rng;
use crate::tally::Fault;
use crate::world::{BEGIN, COLD_FIRST_DAY};
use cauce_core::decision::HandOver;
use cauce_core::delivery::{Answer, DeviceEnd, Enhanced, Outcome, Stage};
use cauce_core::device::Target;
use cauce_core::ids::{DeviceId, MessageId};
use cauce_core::input::START_WITHIN;
use cauce_core::message::Class;
use cauce_core::message::ledger::{Message, Source};
use cauce_core::route::path::Queue;
use cauce_core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// How long who is throttled shall wait, in seconds: longer than the first waits of our own.
const THROTTLED_S: u32 = 400;

/// What the provider does to the next message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Takes it and says so.
    Accept,
    /// Takes it, and the answer is lost.
    TakeAndDrop,
    /// Drops the connection before it has taken it.
    Drop,
    /// Refuses for now.
    RefuseNow,
    /// Asks for less, and says when it will take more.
    Throttle,
    /// Refuses since the mailbox does not exist.
    RefuseForGood,
    /// Cannot be reached.
    Unreachable,
    /// The content cannot be made.
    Unrenderable,
    /// We never begin.
    NotStarted,
    /// Closes the door, and says so: whoever it is for.
    Closed,
    /// Refuses for what the sender is.
    Block,
    /// We never begin, because enough others wait for the same destination.
    Busy,
}

impl Fate {
    /// A fate by chance.
    pub fn draw(rng: &mut Rng) -> Fate {
        match rng.weighted(&[70, 5, 4, 8, 3, 4, 1, 3, 2, 3]) {
            0 => Fate::Accept,
            1 => Fate::TakeAndDrop,
            2 => Fate::Drop,
            3 => Fate::RefuseNow,
            4 => Fate::RefuseForGood,
            5 => Fate::Unreachable,
            6 => Fate::Unrenderable,
            7 => Fate::NotStarted,
            8 => Fate::Busy,
            _ => Fate::Throttle,
        }
    }

    /// The fault that it is, if it is one.
    #[must_use]
    pub fn fault(self) -> Option<Fault> {
        match self {
            Fate::Accept | Fate::Unreachable | Fate::Unrenderable => None,
            Fate::TakeAndDrop | Fate::Drop => Some(Fault::Vanished),
            Fate::RefuseNow | Fate::Throttle | Fate::Closed => Some(Fault::RefusedNow),
            Fate::RefuseForGood | Fate::Block => Some(Fault::RefusedForGood),
            Fate::NotStarted | Fate::Busy => Some(Fault::NotStarted),
        }
    }

    /// What the channel tells.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        let refused = |code, enhanced, text: &str| Outcome::Refused {
            stage: Stage::Recipient,
            code,
            enhanced: Some(enhanced),
            text: text.to_owned(),
            retry_after_s: None,
        };
        match self {
            Fate::Accept => Outcome::Accepted { id: None, text: "250 ok".to_owned() },
            Fate::TakeAndDrop | Fate::Drop => {
                Outcome::Unknown { text: "the connection ended".to_owned() }
            }
            Fate::RefuseNow => refused(451, Enhanced(4, 3, 2), "busy"),
            Fate::Throttle => Outcome::Refused {
                stage: Stage::Content,
                code: 429,
                enhanced: None,
                text: "too many requests".to_owned(),
                retry_after_s: Some(THROTTLED_S),
            },
            Fate::RefuseForGood => refused(550, Enhanced(5, 1, 1), "no such mailbox"),
            Fate::Block => refused(550, Enhanced(5, 7, 26), "the domain does not authenticate"),
            Fate::Unreachable => Outcome::Unreachable { text: "no route".to_owned() },
            Fate::Unrenderable => Outcome::Unrenderable { text: "no name".to_owned() },
            Fate::Closed => Outcome::Refused {
                stage: Stage::Connect,
                code: 421,
                enhanced: None,
                text: "closing".to_owned(),
                retry_after_s: None,
            },
            Fate::NotStarted => Outcome::NotStarted { text: "shutting down".to_owned() },
            Fate::Busy => Outcome::Busy { text: "enough others wait".to_owned(), after_ms: 2_000 },
        }
    }

    /// What the channel tells of a push: at each device its own end, where the services were asked.
    #[must_use]
    pub fn pushed(self, targets: &[Target]) -> Outcome {
        let ends = targets.iter().map(|target| {
            let answer = match self.at(target).outcome() {
                Outcome::Refused { stage, code, enhanced, text, retry_after_s } => {
                    Answer::Refused { stage, code, enhanced, text, retry_after_s }
                }
                Outcome::Unknown { text } => Answer::Unknown { text },
                _ => Answer::Accepted { id: None },
            };
            DeviceEnd { device: target.device, answer, since: None }
        });
        match self {
            Fate::Accept | Fate::RefuseNow | Fate::Throttle | Fate::RefuseForGood => {
                Outcome::Devices(ends.collect())
            }
            // Nobody was asked, or nobody was heard.
            Fate::TakeAndDrop
            | Fate::Drop
            | Fate::Unreachable
            | Fate::Closed
            | Fate::Block
            | Fate::Unrenderable
            | Fate::Busy
            | Fate::NotStarted => self.outcome(),
        }
    }

    /// A token can have a fate of its own, where its service is asked.
    fn at(self, target: &Target) -> Fate {
        match &target.token {
            _ if !matches!(self, Fate::Accept | Fate::RefuseNow | Fate::RefuseForGood) => self,
            token if token.starts_with("gone") => Fate::RefuseForGood,
            token if token.starts_with("busy") => Fate::RefuseNow,
            token if token.starts_with("lost") => Fate::TakeAndDrop,
            _ => self,
        }
    }

    fn took(self) -> bool {
        matches!(self, Fate::Accept | Fate::TakeAndDrop)
    }
}

impl FromStr for Fate {
    type Err = String;
    fn from_str(word: &str) -> Result<Fate, String> {
        Ok(match word {
            "accept" | "slow" => Fate::Accept,
            "drop" => Fate::Drop,
            "take-and-drop" => Fate::TakeAndDrop,
            "refuse-now" => Fate::RefuseNow,
            "throttle" => Fate::Throttle,
            "refuse-for-good" => Fate::RefuseForGood,
            "unreachable" => Fate::Unreachable,
            "closed" => Fate::Closed,
            "block" => Fate::Block,
            "unrenderable" => Fate::Unrenderable,
            "not-started" => Fate::NotStarted,
            "busy" => Fate::Busy,
            other => return Err(format!("the provider cannot `{other}`")),
        })
    }
}

/// One time that a message was on the wire.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The attempt.
    pub attempt: u32,
    /// What the provider did.
    pub fate: Fate,
    /// Whether a crash kept us from hearing it.
    pub unheard: bool,
    /// Whether it was after the backup that was restored: the machine cannot know of it.
    pub forgotten: bool,
}

/// Everything that was ever on the wire.
#[derive(Clone, Debug, Default)]
pub struct Provider {
    /// By message, in order.
    pub carried: BTreeMap<MessageId, Vec<Carried>>,
    /// Messages that `cold` took or may have taken, by group and day.
    pub cold: BTreeMap<(Option<String>, u32), u64>,
    /// What each message was when it first came: what wanted it, and the template.
    pub known: BTreeMap<MessageId, (Source, String)>,
    /// Dead letters that somebody tried again: what was asked of them before counts no more.
    pub revived: BTreeSet<MessageId>,
    /// By message and device.
    pub pushed: BTreeMap<(MessageId, DeviceId), Vec<Carried>>,
}

/// Whether something that may be carried once is carried again without an excuse.
fn again(before: &[Carried], handed: &HandOver, resends: bool) -> bool {
    let known = before.iter().filter(|carried| !carried.forgotten);
    let taken: Vec<&Carried> = known.filter(|carried| carried.fate.took()).collect();
    let excused = handed.class == Class::Transactional
        && resends
        && taken.len() == 1
        && taken.iter().all(|c| c.unheard || c.fate == Fate::TakeAndDrop);
    !taken.is_empty() && !excused
}

impl Provider {
    /// A message is put on the wire. Says what is wrong with that, if anything is.
    pub fn carry(&mut self, handed: &HandOver, fate: Fate, resends: bool) -> Option<String> {
        let mut fault = None;
        // Each device takes a message once; some of them may have it when others are tried again.
        for target in &handed.targets {
            let fate = fate.at(target);
            let before = self.pushed.entry((handed.message, target.device)).or_default();
            if again(before, handed, resends) {
                let device = target.device;
                let text = format!("{} was pushed to {device} after {before:?}", handed.message);
                fault = Some(text);
            }
            before.push(Carried {
                attempt: handed.attempt,
                fate,
                unheard: false,
                forgotten: false,
            });
        }
        let before = self.carried.entry(handed.message).or_default();
        if handed.targets.is_empty() && again(before, handed, resends) {
            fault = Some(format!("{} was handed over again after {before:?}", handed.message));
        }
        if handed.provider() == "cold" && !matches!(fate, Fate::Unreachable | Fate::Closed) {
            let granted = handed.start_before.minus(START_WITHIN);
            let days = granted.0.div_euclid(Duration::DAY.0) - BEGIN.0.div_euclid(Duration::DAY.0);
            let day = u32::try_from(days).unwrap_or(0);
            let group = Queue::parse(&handed.path).group.map(str::to_owned);
            *self.cold.entry((group, day)).or_default() += 1;
        }
        before.push(Carried { attempt: handed.attempt, fate, unheard: false, forgotten: false });
        fault
    }

    /// Whether an id was another message's before: not even a restored machine may give it again.
    pub fn is_another(&mut self, message: &Message) -> bool {
        // Not: when it was made. What a backup has of it may be a request that is on its way.
        let own = (message.source.clone(), message.template.0.clone());
        *self.known.entry(message.id).or_insert_with(|| own.clone()) != own
    }

    /// What is wrong with how `cold` was warmed up, if anything is.
    #[must_use]
    pub fn too_warm(&self) -> Option<String> {
        let (_, n) =
            self.cold.iter().find(|((_, day), n)| **n > COLD_FIRST_DAY << (*day).min(30))?;
        Some(format!("{n} messages by `cold` in a day: {:?}", self.cold))
    }

    /// A crash kept us from hearing what became of an attempt.
    pub fn unheard(&mut self, message: MessageId) {
        if let Some(last) = self.carried.get_mut(&message).and_then(|c| c.last_mut()) {
            last.unheard = true;
        }
        for ((_, _), carried) in self.pushed.iter_mut().filter(|((of, _), _)| *of == message) {
            carried.last_mut().into_iter().for_each(|last| last.unheard = true);
        }
    }

    /// A machine goes on that knows what this record was once, with some attempts on their way.
    pub fn goes_back(&mut self, once: &Provider, on_their_way: &BTreeMap<MessageId, u32>) {
        let mark = |of: MessageId, carried: &mut [Carried], known: usize| {
            let (known, since) = carried.split_at_mut(known);
            since.iter_mut().for_each(|carried| carried.forgotten = true);
            let attempt = on_their_way.get(&of);
            let last = known.last_mut().filter(|last| attempt == Some(&last.attempt));
            last.into_iter().for_each(|last| last.unheard = true);
        };
        for (message, carried) in &mut self.carried {
            let known = once.carried.get(message).map_or(0, Vec::len);
            mark(*message, carried, known);
        }
        for (pushed, carried) in &mut self.pushed {
            let known = once.pushed.get(pushed).map_or(0, Vec::len);
            mark(pushed.0, carried, known);
        }
    }

    /// Whether it took a message after the backup that was restored, and before that.
    #[must_use]
    pub fn took_since(&self, message: MessageId) -> bool {
        let took = |c: &[Carried]| c.iter().any(|c| c.forgotten && c.fate.took());
        self.carried.get(&message).is_some_and(|c| took(c))
    }

    /// Messages that the provider took.
    #[must_use]
    pub fn taken(&self) -> Vec<MessageId> {
        let took = |c: &[Carried]| c.iter().any(|carried| carried.fate.took());
        self.carried.iter().filter(|(_, c)| took(c)).map(|(id, _)| *id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::ids::{ProfileId, TraceId};
    use cauce_core::message::Channel;
    use cauce_core::time::Timestamp;

    fn handed(message: u128, attempt: u32) -> HandOver {
        HandOver {
            message: MessageId(message),
            attempt,
            profile: ProfileId(1),
            channel: Channel::Email,
            class: Class::Bulk,
            path: "mta".to_owned(),
            provider: "mta".to_owned(),
            address: "a@home.example".to_owned(),
            template: ("offer".to_owned(), 1),
            values: BTreeMap::new(),
            topic: None,
            campaign: None,
            targets: Vec::new(),
            start_before: Timestamp(0),
            expires: Timestamp(0),
            trace: TraceId(0),
        }
    }

    #[test]
    fn only_what_left_since_the_backup_may_leave_again() {
        let mut provider = Provider::default();
        let carry = |provider: &mut Provider, message, attempt| {
            provider.carry(&handed(message, attempt), Fate::Accept, false)
        };
        assert_eq!(carry(&mut provider, 1, 1), None);
        assert_eq!(carry(&mut provider, 2, 1), None);
        let backup = provider.clone();
        assert_eq!(carry(&mut provider, 3, 1), None);
        provider.goes_back(&backup, &BTreeMap::from([(MessageId(2), 1)]));
        assert!(carry(&mut provider, 1, 2).is_some(), "its end was in the backup");
        assert!(carry(&mut provider, 2, 2).is_some(), "on its way: whatever left is unknown");
        assert!(provider.took_since(MessageId(3)));
        assert_eq!(carry(&mut provider, 3, 1), None);
        assert!(carry(&mut provider, 3, 2).is_some(), "once more, and not for ever");
    }
}
