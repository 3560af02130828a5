//! Which devices a pushed message goes to, and how it ends when no more are left.

use super::Channel;
use super::ledger::{Message, State};
use crate::catalog::Template;
use crate::decide::Decider;
use crate::decision::Effect;
use crate::delivery::{self, Answer, Outcome, Verdict, summary};
use crate::device::{self, Choice, Target, fates};
use crate::policy::Reason;
use crate::prelude::*;
use crate::profile::Alias;
use crate::state::Rows;

impl<R: Rows> Decider<'_, R> {
    /// The devices that a message goes to now: at first those that are live, then those of them
    /// that are left.
    fn targets(&self, message: &Message, template: Option<&Template>) -> Vec<Target> {
        let devices = self.devices(message.number);
        let choice = template.map(|template| template.devices).unwrap_or_default();
        let begun = fates::has_begun(message);
        let (left, choice) =
            if begun { (fates::left(message), Choice::All) } else { (Vec::new(), choice) };
        device::chosen(&devices, choice)
            .into_iter()
            .filter(|device| !begun || left.contains(&device.target.device))
            .map(|device| device.target.clone())
            .collect()
    }

    /// The devices of the next attempt, and its address; a message that has none left ends here.
    pub(super) fn addressed(
        &mut self,
        message: &Message,
        template: Option<&Template>,
        address: String,
    ) -> Option<(Vec<Target>, String)> {
        if message.channel != Channel::Push {
            return Some((Vec::new(), address));
        }
        let targets = self.targets(message, template);
        if targets.is_empty() {
            self.end_pushed(message);
            return None;
        }
        let address = fates::address(targets.iter().map(|target| target.device));
        Some((targets, address))
    }

    /// What an attempt's end says of tokens goes to the profile, wherever it lives by now.
    pub(super) fn judge_devices(&mut self, message: &Message, outcome: &Outcome) {
        let Some(granted) = message.attempts.last().map(|attempt| attempt.granted) else { return };
        self.tell_answers(message, outcome);
        for (device, word) in fates::words(outcome, granted) {
            self.device_judged(message.profile, device, word, 0);
        }
    }

    /// Tells the process how a service answers about an app's tokens: it takes a push, or a token
    /// is refused.
    fn tell_answers(&mut self, message: &Message, outcome: &Outcome) {
        let Outcome::Devices(ends) = outcome else { return };
        let devices = self.devices(message.number);
        for end in ends {
            let Some(known) = devices.get(&end.device) else { continue };
            let gone = match &end.answer {
                Answer::Accepted { .. } => None,
                Answer::Refused { enhanced, .. } if delivery::token(*enhanced).is_some() => {
                    let (namespace, value) = ("device".to_owned(), end.device.to_string());
                    Some(Alias { namespace, value })
                }
                Answer::Refused { .. }
                | Answer::Unreachable { .. }
                | Answer::Unknown { .. }
                | Answer::NotStarted { .. }
                | Answer::Unrenderable { .. }
                | Answer::Held { .. } => continue,
            };
            self.effects.push(Effect::Answered { keeper: known.target.keeper(), gone });
        }
    }

    /// A message that can be pushed nowhere any more ends as what its devices answered.
    pub(super) fn end_pushed(&mut self, message: &Message) {
        let at = self.now;
        let last = message.attempts.iter().rev().find_map(|attempt| attempt.ended.as_ref());
        let text = match last {
            Some((_, Outcome::Devices(ends))) => summary(ends),
            Some(_) | None => String::new(),
        };
        let state = match fates::end(message) {
            Some(Verdict::Accepted) => State::Accepted { at },
            Some(Verdict::Unknown) => State::Unknown { text, at },
            Some(Verdict::Failed { cause, .. }) => {
                State::Failed { code: cause.as_str().to_owned(), text, at }
            }
            // Its devices went before anything was taken or refused for good.
            Some(
                Verdict::Retry { .. } | Verdict::NotStarted | Verdict::Held | Verdict::Busy { .. },
            )
            | None => State::Refused { reason: Reason::NoAddress { channel: Channel::Push }, at },
        };
        self.end_message(message.id, state);
    }
}
