//! The messages of one partition, the newest first. An id is the place in a log where it was born;
//! so among those that were born in one partition and live in one, the order of the ledger's keys
//! is the order of time, and nothing has to be written for an index.

use cauce_core::ids::MessageId;
use cauce_core::message::ledger::Message;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use cauce_engine::working::Working;
use std::collections::VecDeque;
use std::sync::Arc;

/// Where a message stands in the list: when it was made, and its id among those of one instant.
pub type Place = (Timestamp, MessageId);

/// Rows of one stretch that are read first, and at most, at a time.
const READ_FIRST: usize = 2;
const READ_MAX: usize = 256;

/// How far a walk goes.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// Only what stands before.
    pub before: Place,
    /// Only what was made then or later.
    pub since: Timestamp,
    /// Until so many were found…
    pub found_max: usize,
    /// …or so many were looked at.
    pub looked_max: usize,
}

/// What a walk came by.
#[derive(Debug, Default)]
pub struct Found {
    /// Messages that fit, newest first.
    pub messages: Vec<Arc<Message>>,
    /// How many were looked at.
    pub looked_at: usize,
    /// The last one that was looked at, if there may be more behind it.
    pub horizon: Option<Place>,
}

/// Where a message stands.
pub fn place(message: &Message) -> Place {
    (message.created, message.id)
}

/// Walks back over a partition's messages.
pub fn back(rows: &Working, range: Range, fits: impl Fn(&Message) -> bool) -> Found {
    let mut stretches = stretches(rows, range.before);
    let mut found = Found::default();
    let mut last = None;
    loop {
        let newest = stretches
            .iter_mut()
            .filter_map(|stretch| stretch.head(rows, range.before).map(|head| (head, stretch)))
            .max_by_key(|(head, _)| *head);
        let Some(((created, id), stretch)) = newest.filter(|((at, _), _)| *at >= range.since)
        else {
            return found;
        };
        if found.messages.len() >= range.found_max || found.looked_at >= range.looked_max {
            found.horizon = last;
            return found;
        }
        last = Some((created, id));
        found.looked_at += 1;
        found.messages.extend(stretch.read.pop_front().filter(|message| fits(message)));
    }
}

/// Messages that were born in one partition, and live in this one.
struct Stretch {
    low: MessageId,
    /// What is not read yet is before this.
    high: MessageId,
    at_a_time: usize,
    read: VecDeque<Arc<Message>>,
}

impl Stretch {
    /// The newest that is left.
    fn head(&mut self, rows: &Working, before: Place) -> Option<Place> {
        while self.read.is_empty() && self.low < self.high {
            let found =
                rows.range_back(&Key::Message(self.low), &Key::Message(self.high), self.at_a_time);
            self.high = match found.last() {
                Some((Key::Message(id), _)) if found.len() == self.at_a_time => *id,
                _ => self.low,
            };
            self.at_a_time = (self.at_a_time * 2).min(READ_MAX);
            let messages = found.into_iter().filter_map(|(_, row)| message(row));
            self.read.extend(messages.filter(|message| place(message) < before));
        }
        self.read.front().map(|message| place(message))
    }
}

fn message(row: Row) -> Option<Arc<Message>> {
    match row {
        Row::Message(message) => Some(message),
        _ => None,
    }
}

fn first(rows: &Working, from: MessageId, to: MessageId) -> Option<Arc<Message>> {
    let found = rows.range(&Key::Message(from), &Key::Message(to), 1);
    found.into_iter().next().and_then(|(_, row)| message(row))
}

/// All stretches that have something before a place.
fn stretches(rows: &Working, before: Place) -> Vec<Stretch> {
    let mut found = Vec::new();
    let mut from = MessageId(0);
    while let Some(oldest) = first(rows, from, MessageId(u128::MAX)) {
        let end = u128::from(oldest.id.birthplace()) + 1;
        let end = MessageId(end.saturating_mul(1 << BIRTHPLACE));
        if place(&oldest) < before {
            let high = seek(rows, &oldest, end, before);
            let (low, read) = (oldest.id, VecDeque::new());
            found.push(Stretch { low, high, at_a_time: READ_FIRST, read });
        }
        from = end;
    }
    found
}

/// Bits of an id behind its birthplace, and behind its place in that log: see `ids::derive`.
const BIRTHPLACE: u32 = 112;
const POSITION: u32 = 48;

/// The end of what stands before a place: halves the log's positions, as time grows with them.
fn seek(rows: &Working, oldest: &Message, end: MessageId, before: Place) -> MessageId {
    let newest = rows.range_back(&Key::Message(oldest.id), &Key::Message(end), 1);
    let newest = newest.into_iter().next().and_then(|(_, row)| message(row));
    let Some(newest) = newest.filter(|newest| place(newest) >= before) else { return end };
    // Invariant: `low` has something before the place; no position from `high` on does.
    let (mut low, mut high) = (oldest.id.0 >> POSITION, (newest.id.0 >> POSITION) + 1);
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        let (from, to) = (MessageId(middle << POSITION), MessageId(high << POSITION));
        match first(rows, from, to) {
            Some(message) if place(&message) < before => low = message.id.0 >> POSITION,
            Some(_) | None => high = middle,
        }
    }
    MessageId(high << POSITION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::ids::{Origin, Position, ProfileId, TraceId, derive};
    use cauce_core::message::ledger::{Source, State};
    use cauce_core::message::{Channel, Class};
    use cauce_engine::tables::TABLES;
    use cauce_store::MemoryState;
    use std::collections::BTreeMap;

    fn message(born: (u16, u64, u16), created: i64) -> Message {
        let position = Position { incarnation: 0, offset: born.1 };
        let origin = Origin { workspace: 1, partition: born.0, position };
        Message {
            id: MessageId(derive(origin, 0, born.2)),
            profile: ProfileId(1),
            number: 0,
            channel: Channel::Email,
            class: Class::Bulk,
            template: ("t".into(), u32::from(born.2)),
            topic: None,
            source: Source::Api { key: None },
            context: BTreeMap::new().into_iter().collect(),
            path: String::new(),
            created: Timestamp(created),
            expires: Timestamp::MAX,
            state: State::Queued { due: Timestamp(0), put_off: None },
            attempts: Vec::new(),
            reports: Vec::new(),
            trace: TraceId(0),
        }
    }

    /// A partition with messages that were born in three: many in one instant, long gaps between
    /// positions, and some already gone.
    fn world() -> (Working, Vec<Place>) {
        let mut rows = Working::open(7, Arc::new(MemoryState::new(TABLES.len(), 1))).unwrap();
        let mut all = Vec::new();
        for (birthplace, step) in [(0, 3), (7, 1), (63, 50_000)] {
            for n in 0..120_u64 {
                let in_one = if n % 10 == 0 { 5 } else { 1 };
                for ordinal in 0..in_one {
                    let created = (n / 4 * 1_000) as i64 + i64::from(birthplace == 63);
                    let message = message((birthplace, n * step, ordinal), created);
                    let key = Key::Message(message.id);
                    if n % 7 == 3 {
                        rows.commit(vec![(key.clone(), Some(Row::Message(Arc::new(message))))]);
                        rows.commit(vec![(key, None)]);
                    } else {
                        all.push(place(&message));
                        rows.commit(vec![(key, Some(Row::Message(Arc::new(message))))]);
                    }
                }
            }
        }
        all.sort_unstable_by(|one, other| other.cmp(one));
        (rows, all)
    }

    fn range(before: Place, found_max: usize, looked_max: usize) -> Range {
        Range { before, since: Timestamp(i64::MIN), found_max, looked_max }
    }

    #[test]
    fn pages_together_are_all_messages_each_once_and_newest_first() {
        let (rows, all) = world();
        for (found_max, looked_max) in [(7, 1_000), (1_000, 7), (1, 1), (1_000, 1_000)] {
            let mut before = (Timestamp::MAX, MessageId(0));
            let mut seen = Vec::new();
            loop {
                let found = back(&rows, range(before, found_max, looked_max), |_| true);
                assert!(found.looked_at <= looked_max, "the cost of an answer is bounded");
                seen.extend(found.messages.iter().map(|message| place(message)));
                let Some(horizon) = found.horizon else { break };
                assert!(horizon < before, "every answer comes forward");
                before = horizon;
            }
            assert!(seen == all, "{found_max} {looked_max}: {} of {}", seen.len(), all.len());
        }
    }

    #[test]
    fn it_begins_anywhere_and_ends_where_it_is_told() {
        let (rows, all) = world();
        for at in [0, 999, 1_000, 1_001, 15_000, 29_001, 60_000] {
            let before = (Timestamp(at), MessageId(0));
            let found = back(&rows, range(before, 1_000, 1_000), |_| true);
            let seen: Vec<_> = found.messages.iter().map(|message| place(message)).collect();
            let expected: Vec<_> = all.iter().copied().filter(|place| *place < before).collect();
            assert_eq!(seen, expected, "before {at}");
            assert_eq!(found.looked_at, expected.len(), "what is newer is not looked at");
        }
        let since = Range {
            since: Timestamp(20_000),
            ..range((Timestamp::MAX, MessageId(0)), 1_000, 1_000)
        };
        let found = back(&rows, since, |message| message.template.1 == 4);
        assert!(found.horizon.is_none() && !found.messages.is_empty());
        assert!(found.messages.iter().all(|m| m.created.0 >= 20_000 && m.template.1 == 4));
    }
}
