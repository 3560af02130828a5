//! Opens and clicks: kept as they come, told to the profile as a person's only when it is known
//! that they are.

use super::told::engagement;
use crate::campaign::CampaignId;
use crate::decide::Decider;
use crate::ids::{MessageId, Number};
use crate::input::ReportKind;
use crate::message::Channel;
use crate::message::ledger::{Message, Source, State};
use crate::prelude::*;
use crate::state::{Key, Row, Rows};
use crate::time::Timestamp;
use crate::tracking::actor::{self, Actor, Fetch, Known, Why};
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// Clicks of one profile that wait until more is known of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settling {
    /// When it is told, of which message, and which of its reports.
    pub due: Vec<(Timestamp, MessageId, u32)>,
}

/// Limit: clicks of one profile that wait; what comes beyond is told at once, as a machine's.
const SETTLING_MAX: usize = 256;

/// What counters of the messages of campaigns that were opened or followed begin with.
pub const ENGAGED: &str = "engaged ";

/// The counter of a campaign's messages that were `opened` or `clicked`, each once, by whom.
pub fn counter(campaign: CampaignId, what: &str, actor: Actor) -> String {
    format!("{ENGAGED}{campaign} {what} {}", actor.as_str())
}

impl<R: Rows> Decider<'_, R> {
    /// Somebody, or something, fetched the pixel or followed a link.
    pub(in crate::message) fn fetched(
        &mut self,
        mut message: Arc<Message>,
        at: Timestamp,
        mut fetch: Fetch,
    ) {
        let accepted = match message.state {
            State::Accepted { at } => Some(at),
            _ => None,
        };
        let before = message.reports.iter().filter_map(|(at, kind)| match kind {
            ReportKind::Fetched(fetch) => Some((*at, fetch)),
            _ => None,
        });
        let without_pixel = message.channel == Channel::Sms;
        (fetch.actor, fetch.why) =
            actor::judge(&Known { accepted, before: before.collect(), without_pixel }, at, &fetch);
        let known = Arc::make_mut(&mut message);
        if fetch.why == Why::Burst {
            // The first click of a burst looked like a person's when it came.
            for (then, kind) in &mut known.reports {
                if let ReportKind::Fetched(other) = kind
                    && actor::bursts(&fetch, at, other, *then)
                {
                    (other.actor, other.why) = (Actor::Machine, Why::Burst);
                }
            }
        }
        let place = known.reports.len() as u32;
        known.reports.push((at, ReportKind::Fetched(fetch.clone())));
        let (id, number) = (message.id, message.number);
        self.work.put(Key::Message(id), Row::Message(message.clone()));
        let waits = fetch.url.is_some() && fetch.actor != Actor::Machine;
        if !(waits && self.settle_later(number, id, place)) {
            self.tell_fetch(&message, place, &fetch);
        }
    }

    /// Puts a click off until it is known whether more follow at once.
    fn settle_later(&mut self, number: Number, id: MessageId, place: u32) -> bool {
        let wait = self.catalog.policy.click_settle;
        if wait.0 <= 0 {
            return false;
        }
        let key = Key::Settling(number);
        let mut settling = match self.work.get(&key) {
            Some(Row::Settling(settling)) => settling,
            _ => Arc::default(),
        };
        if settling.due.len() >= SETTLING_MAX {
            return false;
        }
        let due = self.now.plus(wait);
        Arc::make_mut(&mut settling).due.push((due, id, place));
        self.work.put(key, Row::Settling(settling));
        self.wake_number(number, due);
        true
    }

    /// A profile's timer rang: clicks that waited long enough are told.
    pub(crate) fn settle_clicks(&mut self, number: Number) {
        let key = Key::Settling(number);
        let Some(Row::Settling(mut settling)) = self.work.get(&key) else { return };
        let now = self.now;
        let (due, later): (Vec<_>, Vec<_>) =
            settling.due.iter().copied().partition(|(due, ..)| *due <= now);
        if due.is_empty() {
            return;
        }
        if later.is_empty() {
            self.work.delete(key);
        } else {
            Arc::make_mut(&mut settling).due = later;
            self.work.put(key, Row::Settling(settling));
        }
        for (_, id, place) in due {
            let Some(message) = self.work.message(&Key::Message(id)) else { continue };
            let report = message.reports.get(place as usize);
            if let Some((_, ReportKind::Fetched(fetch))) = report {
                let fetch = fetch.clone();
                self.tell_fetch(&message, place, &fetch);
            }
        }
    }

    /// A person's becomes part of the timeline under the names that rules and journeys know; what
    /// is a machine's, or nobody knows whose, under a name of its own.
    fn tell_fetch(&mut self, message: &Message, place: u32, fetch: &Fetch) {
        let what = if fetch.url.is_some() { "clicked" } else { "opened" };
        self.work.count(&format!("fetched {what} {}", fetch.actor.as_str()), 1);
        let alike = |kind: &ReportKind| match kind {
            ReportKind::Fetched(other) => {
                other.actor == fetch.actor && other.url.is_some() == fetch.url.is_some()
            }
            _ => false,
        };
        let first = message.reports.iter().position(|(_, kind)| alike(kind));
        if let Source::Campaign { id, .. } = &message.source
            && first == Some(place as usize)
        {
            self.work.count(&counter(*id, what, fetch.actor), 1);
        }
        let mut properties = engagement(message);
        if let Some(url) = &fetch.url {
            properties.insert("url".to_owned(), Value::from(url.as_str()));
        }
        let name = match fetch.actor {
            Actor::Human => format!("message_{what}"),
            Actor::Machine | Actor::Unknown => {
                properties.insert("what".to_owned(), Value::from(what));
                properties.insert("actor".to_owned(), Value::from(fetch.actor.as_str()));
                properties.insert("why".to_owned(), Value::from(fetch.why.as_str()));
                "message_fetched".to_owned()
            }
        };
        self.work.count(&format!("reports {name}"), 1);
        if fetch.actor == Actor::Human {
            self.arrived_at(message);
            self.left_after_all(message.id);
        }
        let event = self.own_event(&name, properties, Vec::new());
        self.tell_profile(message, event);
    }
}
