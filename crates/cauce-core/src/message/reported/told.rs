//! What became of a message, as events of its profile's timeline.

use crate::decide::Decider;
use crate::event::{Event, Properties};
use crate::identity::Found;
use crate::ids::{EventId, hash128};
use crate::input::{Hop, ReportKind};
use crate::message::ledger::{Message, Source, State, Term};
use crate::offer::{OFFER, SHOWN, carried};
use crate::policy::Reason;
use crate::prelude::*;
use crate::profile::ConsentFact;
use crate::state::{Happening, Key, Row, Rows};
use crate::value::Value;

/// The events that say that a message ended.
pub const ENDS: [&str; 4] =
    ["message_sent", "message_refused", "message_failed", "message_unknown"];

impl<R: Rows> Decider<'_, R> {
    /// What became of a message is part of its profile's timeline. Its id derives from the
    /// message's, so that it is there once however often it is told or shipped.
    pub(in crate::message) fn tell_end(&mut self, message: &Message) {
        let (name, reason) = match &message.state {
            State::Accepted { .. } => ("message_sent", None),
            // The person has the message under the other profile, or will have.
            State::Refused { reason: Reason::Merged, .. } => return,
            State::Refused { reason, .. } => ("message_refused", Some(reason.code())),
            State::Failed { code, .. } => ("message_failed", Some(code.as_str())),
            State::Unknown { .. } => ("message_unknown", None),
            State::Queued { .. } | State::Attempting { .. } => return,
        };
        let mut properties = engagement(message);
        if let Some(reason) = reason {
            properties.insert("reason".to_owned(), Value::from(reason));
        }
        let event = Event {
            id: EventId(hash128(&[name.as_bytes(), &message.id.0.to_be_bytes()])),
            name: name.to_owned(),
            aliases: Vec::new(),
            occurred_at: self.now,
            received_at: self.now,
            properties,
            attributes: BTreeMap::new(),
            consents: Vec::new(),
            historical: false,
        };
        self.tell(message, event);
    }

    /// What a message carried was shown with it: once, when it left or may have. `before` is where
    /// the message stood.
    pub(in crate::message) fn tell_offers(&mut self, message: &Message, before: Term) {
        let is_shown = |term: Term| matches!(term, Term::Sent | Term::Unknown);
        if is_shown(before) || !is_shown(message.state.term()) {
            return;
        }
        for (placement, offer) in carried(message) {
            let Some(offer) = offer else { continue };
            let mut properties = engagement(message);
            properties.insert(OFFER.to_owned(), Value::from(offer));
            properties.insert("placement".to_owned(), Value::from(placement));
            let place = [SHOWN.as_bytes(), &message.id.0.to_be_bytes(), placement.as_bytes()];
            let id = EventId(hash128(&place));
            let event = Event { id, ..self.own_event(SHOWN, properties, Vec::new()) };
            self.tell(message, event);
        }
    }

    fn tell(&mut self, message: &Message, event: Event) {
        match self.find(message.profile) {
            // Nobody counts it or waits for it: one row, and nothing is looked at.
            Found::Here(number, head) if !self.catalog.heard.contains(&event.name) => {
                let (at, received_at) = (event.occurred_at, event.received_at);
                let key = Key::Timeline(number, event.name, at, event.id);
                let happening =
                    Happening { properties: event.properties, origin: head.id(), received_at };
                self.work.put(key, Row::Timeline(Arc::new(happening)));
            }
            _ => self.tell_profile(message, event),
        }
    }

    pub(in crate::message) fn own_event(
        &mut self,
        name: &str,
        properties: Properties,
        consents: Vec<ConsentFact>,
    ) -> Event {
        Event {
            id: EventId(self.derive()),
            name: name.to_owned(),
            aliases: Vec::new(),
            occurred_at: self.now,
            received_at: self.now,
            properties,
            attributes: BTreeMap::new(),
            consents,
            historical: false,
        }
    }

    /// What happened to a message becomes part of its profile's timeline, wherever it lives now.
    pub(in crate::message) fn tell_profile(&mut self, message: &Message, event: Event) {
        match self.find(message.profile) {
            Found::Here(number, _) => self.apply(number, &event),
            Found::Moved(holder) => {
                let to = holder.rank.id;
                self.send(
                    holder.partition,
                    Hop::Engagement { to, event: Box::new(event), hops: 0 },
                );
            }
            Found::Erased(_) | Found::Nobody => {}
        }
    }
}

/// How many parts of a text message reached the telephone.
pub(in crate::message) fn parts_delivered(message: &Message) -> usize {
    let part = |kind: &ReportKind| matches!(kind, ReportKind::PartDelivered { .. });
    message.reports.iter().filter(|(_, kind)| part(kind)).count()
}

/// What an event about a message says of it.
pub(in crate::message) fn engagement(message: &Message) -> Properties {
    let mut properties = BTreeMap::from([
        ("message".to_owned(), Value::String(message.id.to_string())),
        ("template".to_owned(), Value::String(message.template.0.clone())),
        ("channel".to_owned(), Value::from(message.channel.as_str())),
    ]);
    match &message.source {
        Source::Journey { journey, .. } => {
            properties.insert("journey".to_owned(), Value::from(journey.as_str()));
        }
        Source::Campaign { campaign, .. } => {
            properties.insert("campaign".to_owned(), Value::from(campaign.as_str()));
        }
        Source::Api { .. } => {}
    }
    properties
}
