//! What is known of four people by the words of the guide: who is one person, what was said of
//! them and is still kept. Lists, and nothing that was counted before.

use crate::draw::{Case, NAMES};
use crate::segment_rules::ListRow;
use crate::segment_rules::oracle::{Address, Fields, Person, Standing};
use cauce_core::device;
use cauce_core::event::{Event, TimelineRow};
use cauce_core::ids::EventId;
use cauce_core::profile::{Alias, ConsentState};
use cauce_core::time::{Duration, Timestamp};
use cauce_core::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An id is remembered for a day at the door, and for no longer than this.
const REMEMBERED: (Duration, Duration) =
    (Duration(24 * Duration::HOUR.0), Duration(31 * Duration::HOUR.0));

/// When something was said, and by which event: the later word counts.
type Stamp = (Timestamp, EventId);

/// Where a row stands in a timeline.
pub type RowKey = (String, Timestamp, EventId);

/// One person.
#[derive(Clone, Debug, Default)]
pub struct Somebody {
    pub names: BTreeSet<Alias>,
    attributes: BTreeMap<String, (Stamp, Value)>,
    rows: BTreeMap<RowKey, TimelineRow>,
    words: Vec<Statement>,
    devices: BTreeMap<String, (Stamp, Option<bool>)>,
}

/// A word about a topic.
#[derive(Clone, Debug)]
struct Statement {
    topic: String,
    granted: bool,
    at: Timestamp,
    event: EventId,
    imported: bool,
}

/// Everybody.
#[derive(Debug, Default)]
pub struct Model {
    pub people: Vec<Somebody>,
    suppressed: BTreeSet<Alias>,
    /// In the order of arrival.
    lists: Vec<ListRow>,
    /// Every event so far, and when it was taken.
    pub said: Vec<(Event, Timestamp)>,
    /// Pairs that became one, pairs that could not, rows that were forgotten, events that were
    /// known.
    pub counts: [u64; 4],
}

pub fn alias(name: usize) -> Alias {
    let (namespace, value, _) = NAMES[name];
    Alias { namespace: namespace.to_owned(), value: value.to_owned() }
}

fn key(event: &Event) -> RowKey {
    (event.name.clone(), event.occurred_at, event.id)
}

impl Model {
    fn who(&self, alias: &Alias) -> Option<usize> {
        self.people.iter().position(|somebody| somebody.names.contains(alias))
    }

    /// An event, its strongest name first.
    pub fn say(&mut self, event: &Event, now: Timestamp) {
        self.said.push((event.clone(), now));
        self.take(event, now);
    }

    fn take(&mut self, event: &Event, now: Timestamp) {
        let place = self.who(&event.aliases[0]).unwrap_or_else(|| {
            let names = BTreeSet::from([event.aliases[0].clone()]);
            self.people.push(Somebody { names, ..Somebody::default() });
            self.people.len() - 1
        });
        self.people[place].hear(event);
        for other in &event.aliases[1..] {
            self.join(&event.aliases[0], other, now);
        }
    }

    /// Two names are one person's, unless both are known by different accounts.
    fn join(&mut self, one: &Alias, other: &Alias, now: Timestamp) {
        let Some(own) = self.who(one) else { return };
        let Some(place) = self.who(other) else {
            self.people[own].names.insert(other.clone());
            return;
        };
        if place == own {
            return;
        }
        let account = |place: usize| {
            let mut names = self.people[place].names.iter();
            names.find(|name| name.namespace == "user_id").cloned()
        };
        if let (Some(one), Some(other)) = (account(own), account(place))
            && one != other
        {
            self.counts[1] += 1;
            return;
        }
        self.counts[0] += 1;
        let absorbed = self.people.remove(place);
        let own = if place < own { own - 1 } else { own };
        self.people[own].absorb(absorbed, now);
    }

    /// What the event with this place says comes once more. Says whether that is to be tried: for
    /// some hours it is nobody's promise whether a forgotten event comes back.
    pub fn again(&mut self, place: usize, now: Timestamp) -> bool {
        let (event, taken) = self.said[place].clone();
        let holder = self.who(&event.aliases[0]);
        let kept = holder.is_some_and(|who| self.people[who].rows.contains_key(&key(&event)));
        let since = now.since(taken);
        if since < REMEMBERED.0 {
            self.counts[3] += 1;
            return true;
        }
        if since < REMEMBERED.1 {
            return false;
        }
        // From now on it is remembered anew.
        self.said[place].1 = now;
        if kept {
            self.counts[3] += 1;
        } else {
            self.take(&Event { received_at: now, ..event }, now);
        }
        true
    }

    /// Events of a name that occurred before an instant are forgotten.
    pub fn forget(&mut self, name: &str, before: Timestamp) {
        for somebody in &mut self.people {
            let rows = somebody.rows.len();
            somebody.rows.retain(|(own, at, _), _| own != name || *at >= before);
            self.counts[2] += (rows - somebody.rows.len()) as u64;
        }
    }

    /// A row of a list about a name that somebody has.
    pub fn list(&mut self, row: ListRow) {
        if self.who(&listed(&row)).is_some() {
            self.lists.push(row);
        }
    }

    pub fn suppress(&mut self, address: &Alias, on: bool) {
        if on {
            self.suppressed.insert(address.clone());
        } else {
            self.suppressed.remove(address);
        }
    }

    /// What is known of somebody, for whoever counts by hand; but not in which segments they are.
    pub fn person(&self, somebody: &Somebody, id: u128, case: &Case) -> Person {
        let attributes: Fields = somebody
            .attributes
            .iter()
            .filter(|(_, (_, value))| *value != Value::Null)
            .map(|(name, (_, value))| (name.clone(), value.clone()))
            .collect();
        let zone = |name: &str| jiff::tz::TimeZone::get(name).ok();
        let own = attributes.get("timezone").and_then(Value::as_str).and_then(zone);
        let devices = somebody.devices.values().filter_map(|(_, alerted)| *alerted).collect();
        let lists = self.lists.iter().filter(|row| somebody.names.contains(&listed(row)));
        Person {
            attributes,
            segments: BTreeSet::new(),
            trigger: None,
            rows: somebody.rows.values().cloned().collect(),
            standing: Standing {
                email: self.address(somebody, "email"),
                phone: self.address(somebody, "phone"),
                devices,
                consents: somebody.in_force(),
                id,
            },
            lists: lists.cloned().collect(),
            start: begin(case).0,
            zone: own.or_else(|| zone(case.place.0)),
            week_starts: case.week_starts,
        }
    }

    /// The address that a message would go to: of several the first, since no attribute names one.
    fn address(&self, somebody: &Somebody, namespace: &str) -> Address {
        match somebody.names.iter().find(|name| name.namespace == namespace) {
            None => Address::None,
            Some(name) if self.suppressed.contains(name) => Address::Suppressed,
            Some(name) if name.value.starts_with("+34803") => Address::Unfit,
            Some(_) => Address::Open,
        }
    }
}

/// When everything begins.
pub fn begin(case: &Case) -> Timestamp {
    case.place.1.parse().expect("places have an instant")
}

/// Whom a row of a list is about.
pub fn listed(row: &ListRow) -> Alias {
    Alias { namespace: "anonymous_id".to_owned(), value: row.1.to_owned() }
}

impl Somebody {
    /// The rows of the timeline that are kept.
    pub fn row_keys(&self) -> BTreeSet<RowKey> {
        self.rows.keys().cloned().collect()
    }

    fn hear(&mut self, event: &Event) {
        let stamp = (event.occurred_at, event.id);
        for (name, value) in &event.attributes {
            lay(&mut self.attributes, name.clone(), (stamp, value.clone()));
        }
        for fact in &event.consents {
            let said = Statement {
                topic: fact.topic.clone(),
                granted: fact.state == ConsentState::Granted,
                at: event.occurred_at,
                event: event.id,
                imported: event.historical,
            };
            self.words.push(said);
        }
        let of_device = matches!(event.name.as_str(), device::REGISTERED | device::REMOVED);
        if let Some(token) = event.properties.get("token").filter(|_| of_device) {
            let denied = event.properties.get("permission") == Some(&Value::from("denied"));
            let alerted = (event.name == device::REGISTERED).then_some(!denied);
            lay(&mut self.devices, token.to_string(), (stamp, alerted));
        }
        let row = TimelineRow {
            occurred_at: event.occurred_at,
            event: event.id,
            name: event.name.clone(),
            properties: event.properties.clone(),
        };
        self.rows.insert(key(event), row);
    }

    /// Everything of both is kept. Where the later word about a topic is a yes and the other one's
    /// is not, the stricter holds from now on.
    fn absorb(&mut self, other: Somebody, now: Timestamp) {
        for topic in ["*", "news", "offers", "use-asked", "use-free"] {
            let words = [self.word(topic), other.word(topic)];
            let [Some(one), Some(two)] = words else { continue };
            let (last, first) = if weight(one) > weight(two) { (one, two) } else { (two, one) };
            if last.granted && !first.granted {
                let event = EventId(u128::MAX);
                let word = Statement { at: now, event, imported: false, ..first.clone() };
                self.words.push(word);
            }
        }
        self.names.extend(other.names);
        self.rows.extend(other.rows);
        self.words.extend(other.words);
        for (name, fact) in other.attributes {
            lay(&mut self.attributes, name, fact);
        }
        for (token, fact) in other.devices {
            lay(&mut self.devices, token, fact);
        }
    }

    fn word(&self, topic: &str) -> Option<&Statement> {
        self.words.iter().filter(|said| said.topic == topic).max_by_key(|said| weight(said))
    }

    /// The word about each topic that counts.
    fn in_force(&self) -> Vec<(String, bool, i64)> {
        let topics: BTreeSet<&str> = self.words.iter().map(|said| said.topic.as_str()).collect();
        let words = topics.into_iter().filter_map(|topic| self.word(topic));
        words.map(|said| (said.topic.clone(), said.granted, said.at.0)).collect()
    }
}

/// An imported yes counts only if nothing else was ever said; otherwise the latest, at one instant
/// the stricter.
fn weight(said: &Statement) -> (bool, Timestamp, bool, EventId) {
    (!(said.imported && said.granted), said.at, !said.granted, said.event)
}

/// The later fact counts.
fn lay<T>(facts: &mut BTreeMap<String, (Stamp, T)>, name: String, fact: (Stamp, T)) {
    match facts.get(&name) {
        Some(known) if known.0 >= fact.0 => {}
        _ => {
            facts.insert(name, fact);
        }
    }
}
