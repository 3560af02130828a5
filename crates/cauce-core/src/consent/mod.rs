//! What people said about being written to. Every statement is kept as evidence for good, in the
//! timeline under a reserved name; the consent in force is the fold of all of them, at any instant.

mod confirm;

pub use confirm::confirms;

use crate::apply::Touched;
use crate::decide::Decider;
use crate::decision::Effect;
use crate::decision::caused::Change;
use crate::event::{Event, Properties};
use crate::ids::{EventId, Number, ProfileId, hash128};
use crate::limits;
use crate::message::Channel;
use crate::prelude::*;
use crate::profile::{Consent, ConsentFact, ConsentState, Head};
use crate::publish::About;
use crate::sms::inbound::SCOPE;
use crate::state::{Happening, Key, Row, Rows};
use crate::time::Timestamp;
use crate::value::Value;
use litemap::LiteMap;

/// The name under which statements stand in the timeline. Nobody may report an event of that name,
/// and no retention forgets one.
pub const STATED: &str = "consent_stated";

/// The source of what nobody said: two profiles became one, and the stricter of their words holds.
pub const MERGED: &str = "merge";

/// The consents in force by topic and channel.
pub type InForce = LiteMap<(String, Option<Channel>), Consent>;

/// One statement, with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What was said, when, by which event.
    pub consent: Consent,
    /// It was imported: nobody heard the person say it.
    pub historical: bool,
}

impl Statement {
    /// Of two statements about one topic and channel the heavier is in force: the later one, at
    /// one instant the stricter. An imported yes weighs less than anything else, whatever its
    /// time: a list must not undo what a person said, and every order of arrival ends alike.
    pub fn weight(&self) -> (bool, Timestamp, ConsentState, EventId) {
        let Consent { fact, at, event } = &self.consent;
        (!(self.historical && fact.state == ConsentState::Granted), *at, fact.state, *event)
    }

    /// Topic and channel.
    pub fn about(&self) -> (String, Option<Channel>) {
        (self.consent.fact.topic.clone(), self.consent.fact.channel)
    }

    /// Where it stands in a profile's timeline.
    pub fn key(&self, number: Number) -> Key {
        let Consent { fact, at, event } = &self.consent;
        let channel = fact.channel.map_or("", Channel::as_str);
        let parts: [&[u8]; 5] = [
            b"consent",
            &event.0.to_be_bytes(),
            fact.topic.as_bytes(),
            channel.as_bytes(),
            fact.state.as_str().as_bytes(),
        ];
        Key::Timeline(number, STATED.to_owned(), *at, EventId(hash128(&parts)))
    }

    /// What stands there.
    pub fn properties(&self) -> Properties {
        let Consent { fact, event, .. } = &self.consent;
        let mut properties = BTreeMap::from([
            ("topic".to_owned(), Value::from(fact.topic.as_str())),
            ("state".to_owned(), Value::from(fact.state.as_str())),
            ("source".to_owned(), Value::from(fact.source.as_str())),
            ("event".to_owned(), Value::String(event.to_string())),
        ]);
        let channel = fact.channel.map(|channel| channel.as_str().to_owned());
        let more =
            [("channel", channel), ("wording", fact.wording.clone()), ("ip", fact.ip.clone())];
        for (name, value) in more {
            properties.extend(value.map(|value| (name.to_owned(), Value::String(value))));
        }
        if self.historical {
            properties.insert("historical".to_owned(), Value::Bool(true));
        }
        properties
    }

    /// Reads a row of the timeline, if it is a statement.
    pub fn read(key: &Key, row: &Row) -> Option<Statement> {
        let (Key::Timeline(_, name, at, _), Row::Timeline(happening)) = (key, row) else {
            return None;
        };
        if name != STATED {
            return None;
        }
        let text = |name: &str| happening.properties.get(name).and_then(Value::as_str);
        let fact = ConsentFact {
            topic: text("topic")?.to_owned(),
            channel: text("channel").and_then(|channel| channel.parse().ok()),
            state: text("state")?.parse().ok()?,
            source: text("source").unwrap_or_default().to_owned(),
            wording: text("wording").map(str::to_owned),
            ip: text("ip").map(str::to_owned),
        };
        let event = text("event")?.parse().ok()?;
        let historical = happening.properties.contains_key("historical");
        Some(Statement { consent: Consent { fact, at: *at, event }, historical })
    }
}

/// The consents in force after these statements, in whatever order they come.
pub fn in_force<'s>(statements: impl IntoIterator<Item = &'s Statement>) -> InForce {
    let mut heaviest: BTreeMap<_, &Statement> = BTreeMap::new();
    for statement in statements {
        let now = heaviest.entry(statement.about()).or_insert(statement);
        if statement.weight() > now.weight() {
            *now = statement;
        }
    }
    heaviest.into_iter().map(|(about, statement)| (about, statement.consent.clone())).collect()
}

/// All statements of a profile, oldest first, each with the profile that it was first made to and
/// when it was received.
pub fn statements<R: Rows>(rows: &R, number: Number) -> Vec<(Statement, ProfileId, Timestamp)> {
    let (low, high) = Key::timeline_of(number, STATED, (Timestamp(i64::MIN), EventId(0)));
    let rows = rows.range(&low, &high, usize::MAX);
    rows.iter()
        .filter_map(|(key, row)| match row {
            Row::Timeline(happening) => {
                let statement = Statement::read(key, row)?;
                Some((statement, happening.origin, happening.received_at))
            }
            _ => None,
        })
        .collect()
}

impl<R: Rows> Decider<'_, R> {
    /// What an event says about consent.
    pub fn set_consents(
        &mut self,
        number: Number,
        origin: ProfileId,
        event: &Event,
        touched: &mut Touched,
    ) {
        let mut to_confirm = Vec::new();
        let heard = (origin, event.received_at);
        for fact in &event.consents {
            let mut fact = fact.clone();
            if self.is_no_to_use(&fact) {
                fact.channel = None;
            }
            let waits = self.awaits_confirmation(number, event, &fact);
            if waits {
                fact.state = ConsentState::Pending;
            }
            let asked = self.head(number).and_then(|head| {
                let now = head.consents.get(&(fact.topic.clone(), fact.channel))?;
                (now.fact.state == ConsentState::Pending).then_some(now.at)
            });
            let consent = Consent { fact, at: event.occurred_at, event: event.id };
            let statement = Statement { consent, historical: event.historical };
            if self.state(number, &statement, heard, touched) && waits {
                to_confirm.push((statement.about(), asked));
            }
        }
        for (about, asked) in to_confirm {
            self.ask_to_confirm(number, about, asked);
        }
        if event.consents.iter().any(|fact| fact.state == ConsentState::Withdrawn) {
            // What was granted and has not begun is judged again, whatever road the word came by.
            let open = self.head(number).map(|head| head.open.clone()).unwrap_or_default();
            self.effects.extend(open.into_iter().map(Effect::Revoke));
        }
    }

    /// A use has no channel: a no that names one is a no to the use. A yes that does is less than a
    /// yes to it, and stays what it is. What follows of a word depends on this word alone, so that
    /// every order of arrival ends alike.
    fn is_no_to_use(&self, fact: &ConsentFact) -> bool {
        let known = self.catalog.topics.get(&fact.topic);
        fact.state == ConsentState::Withdrawn
            && known.is_some_and(|known| known.about == About::Use)
    }

    /// Takes note of a statement: as evidence in any case; in force if it is the heaviest. Says
    /// whether it is in force now.
    pub fn state(
        &mut self,
        number: Number,
        statement: &Statement,
        (origin, received_at): (ProfileId, Timestamp),
        touched: &mut Touched,
    ) -> bool {
        let key = statement.key(number);
        let Some(head) = self.head(number) else { return false };
        if self.work.has(&key) {
            return false;
        }
        let about = statement.about();
        if self.has_no_room(&head, &about, &statement.consent) {
            return false;
        }
        let now = head.consents.get(&about).map(|now| self.weighed(number, now));
        let wins = now.as_ref().is_none_or(|now| statement.weight() > now.weight());
        if wins {
            let consent = statement.consent.clone();
            // Said again it is only newer; but which of a yes and a no to everything came last
            // decides.
            let everything = |about: &(String, Option<Channel>)| about.0 == "*";
            touched.reach |=
                now.as_ref().is_none_or(|now| now.consent.fact.state != consent.fact.state)
                    || everything(&about)
                    || head.consents.keys().any(everything);
            let before = now.as_ref().map(|now| now.consent.fact.state);
            let after = Some(consent.fact.state);
            if before != after {
                let (topic, channel) = about.clone();
                self.caused(head.id(), Change::Consent { topic, channel, before, after });
            }
            self.change_head(number, |head| head.consents.insert(about, consent));
        } else if statement.historical
            && statement.consent.fact.state == ConsentState::Granted
            && now.is_some_and(|now| now.consent.fact.state == ConsentState::Withdrawn)
        {
            let topic = &statement.consent.fact.topic;
            let text = format!("an imported yes to `{topic}` does not undo a withdrawal");
            self.note("import-kept-out", Some(head.id()), text);
        }
        let event = Event {
            id: match &key {
                Key::Timeline(.., id) => *id,
                _ => statement.consent.event,
            },
            name: STATED.to_owned(),
            aliases: Vec::new(),
            occurred_at: statement.consent.at,
            received_at,
            properties: statement.properties(),
            attributes: Properties::new(),
            consents: Vec::new(),
            historical: statement.historical,
        };
        // Before the row is there, as for any event.
        self.aggregate(number, &event, touched);
        let happening = Happening { properties: event.properties, origin, received_at };
        self.work.put(key, Row::Timeline(Arc::new(happening)));
        wins
    }

    /// Whether a profile has as many consents as it may and this is another one; notes it. A no to
    /// everything, to a topic that there is or to a sender always has room: programs cannot take
    /// it from people by inventing topics.
    fn has_no_room(
        &mut self,
        head: &Head,
        about: &(String, Option<Channel>),
        consent: &Consent,
    ) -> bool {
        let topic = about.0.as_str();
        let of_sender = topic.starts_with(SCOPE);
        let known = topic == "*" || of_sender || self.catalog.topics.contains_key(topic);
        let is_no = consent.fact.state == ConsentState::Withdrawn;
        let full = !(is_no && known)
            && head.consents.len() >= limits::CONSENTS_MAX
            && !head.consents.contains_key(about);
        if full {
            let text = format!("a profile has at most {} consents", limits::CONSENTS_MAX);
            self.note("too-many-consents", Some(head.id()), text);
        }
        full
    }

    /// A consent in force with what its evidence says of it. One from before there was evidence
    /// was heard live.
    fn weighed(&self, number: Number, consent: &Consent) -> Statement {
        let mut statement = Statement { consent: consent.clone(), historical: false };
        if let Some(row) = self.work.get(&statement.key(number))
            && let Some(read) = Statement::read(&statement.key(number), &row)
        {
            statement.historical = read.historical;
        }
        statement
    }

    /// Lays the consents of an absorbed profile over those of the absorbing one; the evidence of
    /// both is here by now. Where the later of the two is a yes and the other is not, the stricter
    /// holds: the merge is a statement of its own, so that the fold says why.
    pub fn unite_consents(&mut self, number: Number, other: InForce) {
        for (about, theirs) in other {
            let Some(head) = self.head(number) else { return };
            let Some(own) = head.consents.get(&about).cloned() else {
                if self.has_no_room(&head, &about, &theirs) {
                    continue;
                }
                self.change_head(number, |head| head.consents.insert(about, theirs));
                continue;
            };
            let (own, theirs) = (self.weighed(number, &own), self.weighed(number, &theirs));
            let strictness = |s: &Statement| {
                let Consent { fact, at, event } = &s.consent;
                (fact.state, *at, *event)
            };
            let (heavier, lighter) =
                if theirs.weight() > own.weight() { (theirs, own) } else { (own, theirs) };
            let strict = lighter.consent.fact.state > heavier.consent.fact.state
                && strictness(&lighter) > strictness(&heavier);
            self.change_head(number, |head| head.consents.insert(about, heavier.consent));
            if strict {
                let source = MERGED.to_owned();
                let fact = ConsentFact { source, ..lighter.consent.fact };
                let event = EventId(self.derive());
                let consent = Consent { fact, at: self.now, event };
                let statement = Statement { consent, historical: false };
                let heard = (head.id(), self.now);
                self.state(number, &statement, heard, &mut Touched::default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(code: &str) -> Statement {
        let mut letters = code.chars();
        let state = match letters.next() {
            Some('y' | 'i') => ConsentState::Granted,
            Some('p') => ConsentState::Pending,
            _ => ConsentState::Withdrawn,
        };
        let at = letters.as_str().parse().unwrap();
        let fact = ConsentFact {
            topic: "news".to_owned(),
            channel: None,
            state,
            source: "form".to_owned(),
            wording: Some("Yes, please".to_owned()),
            ip: None,
        };
        let event = EventId(at as u128);
        let consent = Consent { fact, at: Timestamp(at), event };
        Statement { consent, historical: code.starts_with('i') }
    }

    /// Statements in any order; what is in force.
    fn check(said: &str, expected: &str) {
        let mut said: Vec<Statement> = said.split(' ').map(statement).collect();
        for _ in 0..said.len() {
            said.rotate_left(1);
            let now = in_force(&said);
            let (_, now) = now.iter().next().unwrap();
            assert_eq!(format!("{} {}", now.fact.state, now.at.0), expected);
        }
    }

    #[test]
    fn the_last_word_holds_and_no_list_undoes_it() {
        check("y1 n2", "withdrawn 2");
        check("n1 y2", "granted 2");
        check("y2 n2", "withdrawn 2");
        check("i5 n1", "withdrawn 1");
        check("i5 n1 y3", "granted 3");
        check("i5", "granted 5");
        check("p1 y1", "pending 1");
        check("p1 y2", "granted 2");
        check("n1 p2", "pending 2");
    }

    #[test]
    fn evidence_is_read_as_it_was_written() {
        for code in ["y1", "n2", "i3", "p4"] {
            let said = statement(code);
            let happening = Happening {
                properties: said.properties(),
                origin: ProfileId(1),
                received_at: Timestamp(9),
            };
            let row = Row::Timeline(Arc::new(happening));
            assert_eq!(Statement::read(&said.key(7), &row), Some(said));
        }
    }
}
