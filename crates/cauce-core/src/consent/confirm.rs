//! Double opt-in: a yes that anybody could have typed waits until the mailbox itself confirms it.

use crate::decide::Decider;
use crate::event::Event;
use crate::ids::Number;
use crate::message::Channel;
use crate::message::ledger::{Message, Source};
use crate::prelude::*;
use crate::profile::{ConsentFact, ConsentState};
use crate::state::Rows;
use crate::time::{Duration, Timestamp};
use crate::value::Value;

/// A form that is filled in again and again asks a mailbox once a day and no more.
const ASK_AGAIN: Duration = Duration::DAY;

/// Below which name a message's context says what it asks to confirm.
const CONFIRMS: &str = "confirms";

/// What a message asks its reader to confirm: topic and channel.
pub fn confirms(message: &Message) -> Option<(String, Option<Channel>)> {
    let asked = message.context.get(CONFIRMS)?;
    let topic = asked.at(["topic"])?.as_str()?.to_owned();
    let channel = asked.at(["channel"]).and_then(Value::as_str);
    Some((topic, channel.and_then(|channel| channel.parse().ok())))
}

impl<R: Rows> Decider<'_, R> {
    /// Whether a yes has to be confirmed first. What was said through a message's own signed link
    /// comes from the mailbox; what is imported was confirmed elsewhere, or was not; and who has
    /// confirmed once need not again.
    pub(super) fn awaits_confirmation(
        &self,
        number: Number,
        event: &Event,
        fact: &ConsentFact,
    ) -> bool {
        let asked = self.catalog.topics.get(&fact.topic).is_some_and(|topic| topic.double_opt_in);
        let from_a_link = event.aliases.is_empty();
        if !asked || from_a_link || event.historical || fact.state != ConsentState::Granted {
            return false;
        }
        let Some(head) = self.head(number) else { return false };
        ![None, fact.channel].into_iter().any(|channel| {
            let now = head.consents.get(&(fact.topic.clone(), channel));
            now.is_some_and(|now| now.fact.state == ConsentState::Granted)
        })
    }

    /// Sends the message whose link confirms, unless it was sent within a day.
    pub(super) fn ask_to_confirm(
        &mut self,
        number: Number,
        about: (String, Option<Channel>),
        asked: Option<Timestamp>,
    ) {
        if asked.is_some_and(|asked| self.now.since(asked) < ASK_AGAIN) {
            return;
        }
        let (topic, channel) = about;
        let known = self.catalog.topics.get(&topic);
        let Some(template) = known.and_then(|topic| topic.confirmation.clone()) else { return };
        let title = known.map(|topic| topic.title.clone()).unwrap_or_default();
        let channel = channel.map_or(Value::Null, |channel| Value::from(channel.as_str()));
        let asked = BTreeMap::from([
            ("topic".to_owned(), Value::String(topic)),
            ("channel".to_owned(), channel),
            ("title".to_owned(), Value::String(title)),
        ]);
        let context = BTreeMap::from([(CONFIRMS.to_owned(), Value::Object(asked))]);
        self.want(number, &template, Source::Api { key: None }, context);
    }
}
