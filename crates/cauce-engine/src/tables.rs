//! The only file that spells a storage key. The order of the bytes is the order of [`Key`].
//!
//! A key is: table (its own keyspace), partition (2 bytes, big-endian), workspace (2 bytes), then
//! the key's fields in order. Integers are big-endian, signed ones with the sign bit flipped;
//! strings end with 0x00 0x00 and escape 0x00 as 0x00 0xff.

use cauce_core::ids::{DeviceId, EventId, MessageId, Partition, Position, ProfileId, RunId};
use cauce_core::message::Class;
use cauce_core::profile::Alias;
use cauce_core::state::Key;
use cauce_core::time::Timestamp;

/// Whose personal data a table holds; erasure walks this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// One profile's.
    Profile,
    /// An address's, wherever the profile lives.
    Address,
    /// A message's: who got what.
    Message,
    /// Nobody's.
    None,
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name, in dumps and on disk.
    pub name: &'static str,
    /// Whose data it holds.
    pub personal: Personal,
}

/// All tables, by their number; new ones are added at the end.
pub const TABLES: [Table; 50] = [
    Table { name: "meta", personal: Personal::None },
    Table { name: "builds", personal: Personal::None },
    Table { name: "heads", personal: Personal::Profile },
    Table { name: "profiles", personal: Personal::Profile },
    Table { name: "aggregates", personal: Personal::Profile },
    Table { name: "runs", personal: Personal::Profile },
    Table { name: "timeline", personal: Personal::Profile },
    Table { name: "aliases", personal: Personal::Address },
    Table { name: "messages", personal: Personal::Message },
    Table { name: "locations", personal: Personal::Message },
    Table { name: "attempting", personal: Personal::Message },
    Table { name: "outbox", personal: Personal::Message },
    Table { name: "timers", personal: Personal::Profile },
    Table { name: "hops-out", personal: Personal::Profile },
    Table { name: "hops-in", personal: Personal::None },
    Table { name: "campaigns", personal: Personal::None },
    Table { name: "campaign-members", personal: Personal::Message },
    Table { name: "requests", personal: Personal::Message },
    Table { name: "seen", personal: Personal::None },
    Table { name: "counters", personal: Personal::None },
    Table { name: "quarantine", personal: Personal::Profile },
    // The engine's own: how far a partition has come, and positions that are not decided again.
    Table { name: "engine", personal: Personal::None },
    // The copy of the control log. Of the whole installation: no partition has rows in it.
    Table { name: "control-log", personal: Personal::None },
    Table { name: "tallies", personal: Personal::Profile },
    Table { name: "merges", personal: Personal::Profile },
    Table { name: "erasure-key", personal: Personal::None },
    // Names by their keyed hash: what is left of an address.
    Table { name: "erased", personal: Personal::Address },
    Table { name: "forgotten", personal: Personal::Profile },
    Table { name: "erasing", personal: Personal::Profile },
    Table { name: "scrubbing", personal: Personal::Profile },
    Table { name: "lists", personal: Personal::Profile },
    Table { name: "list-states", personal: Personal::None },
    // By the names in them, which the next one knows.
    Table { name: "unfit", personal: Personal::Address },
    Table { name: "unfit-of", personal: Personal::Address },
    Table { name: "dead-letters", personal: Personal::Message },
    Table { name: "devices", personal: Personal::Profile },
    // Tokens by their hash, and who holds them.
    Table { name: "device-homes", personal: Personal::Address },
    // Providers' names for messages: no address and no word of them, and gone some days later. And
    // tokens of short links, with the targets that the message had: gone with its content.
    Table { name: "named", personal: Personal::Message },
    Table { name: "named-until", personal: Personal::Message },
    Table { name: "strikes", personal: Personal::Profile },
    Table { name: "settling", personal: Personal::Profile },
    Table { name: "guard", personal: Personal::None },
    Table { name: "held", personal: Personal::Address },
    // What a client calls its request, gone a day later.
    Table { name: "requests-until", personal: Personal::Message },
    // Counts by domain, mailbox provider and day.
    Table { name: "mailbox-days", personal: Personal::None },
    Table { name: "mailbox-pauses", personal: Personal::None },
    // What servers said is kept without addresses.
    Table { name: "blocks", personal: Personal::None },
    Table { name: "sides", personal: Personal::Profile },
    Table { name: "suppressions-behind", personal: Personal::Address },
    // Domains by a hash.
    Table { name: "mailbox-hosts", personal: Personal::None },
];

/// The table of walks through journeys.
pub const RUNS: u8 = 5;

/// The table of messages that wait to leave.
pub const OUTBOX: u8 = 11;

/// The engine's own table.
pub const ENGINE: u8 = 21;

/// The table of the control log's copy.
pub const CONTROL_LOG: u8 = 22;

/// Behind the engine's own: tables keep their numbers for ever.
const TALLIES: u8 = 23;

/// The workspace that every key begins with, until there are several.
pub const WORKSPACE: u16 = 1;

/// The table of a key.
pub fn table(key: &Key) -> u8 {
    match key {
        Key::Meta => 0,
        Key::Builds => 1,
        Key::Head(_) => 2,
        Key::Profile(_) => 3,
        Key::Aggregates(_) => 4,
        Key::Run(..) => RUNS,
        Key::Timeline(..) => 6,
        Key::Alias(_) => 7,
        Key::Message(_) => 8,
        Key::Location(_) => 9,
        Key::Attempting(_) => 10,
        Key::Outbox(..) => OUTBOX,
        Key::Timer(..) => 12,
        Key::HopOut(..) => 13,
        Key::HopIn(_) => 14,
        Key::Campaign(_) => 15,
        Key::CampaignMember(..) => 16,
        Key::Request(_) => 17,
        Key::Seen(..) => 18,
        Key::Counter(_) => 19,
        Key::Quarantine(_) => 20,
        Key::Tallies(_) => TALLIES,
        Key::Merge(..) => 24,
        Key::ErasureKey => 25,
        Key::Erased(_) => 26,
        Key::Forgotten(_) => 27,
        Key::Erasing(_) => 28,
        Key::Scrubbing => 29,
        Key::Lists(_) => 30,
        Key::ListStates => 31,
        Key::Unfit(_) => 32,
        Key::UnfitOf(..) => 33,
        Key::DeadLetter(_) => 34,
        Key::Devices(_) => 35,
        Key::Device(_) => 36,
        Key::Named(..) => 37,
        Key::NamedUntil(..) => 38,
        Key::Strikes(_) => 39,
        Key::Settling(_) => 40,
        Key::Guard => 41,
        Key::Held(_) => 42,
        Key::RequestUntil(..) => 43,
        Key::MailboxDay(..) => 44,
        Key::MailboxPauses => 45,
        Key::Blocks => 46,
        Key::Side(..) => 47,
        Key::Behind(_) => 48,
        Key::Hosts => 49,
    }
}

/// What every key of a partition begins with.
pub fn prefix(partition: Partition) -> Vec<u8> {
    let mut bytes = partition.to_be_bytes().to_vec();
    bytes.extend(WORKSPACE.to_be_bytes());
    bytes
}

/// The end of a partition's keys, exclusive.
pub fn prefix_end(partition: Partition) -> Vec<u8> {
    let mut bytes = partition.to_be_bytes().to_vec();
    bytes.extend((WORKSPACE + 1).to_be_bytes());
    bytes
}

/// A key in bytes.
pub fn spell(partition: Partition, key: &Key) -> Vec<u8> {
    let mut out = Vec::with_capacity(48);
    spell_onto(&mut out, partition, key);
    out
}

/// A key in bytes, behind what is there.
pub fn spell_onto(out: &mut Vec<u8>, partition: Partition, key: &Key) {
    out.extend(partition.to_be_bytes());
    out.extend(WORKSPACE.to_be_bytes());
    match key {
        Key::Meta
        | Key::Builds
        | Key::ErasureKey
        | Key::Scrubbing
        | Key::ListStates
        | Key::Guard
        | Key::MailboxPauses
        | Key::Blocks
        | Key::Hosts => {}
        Key::Head(number)
        | Key::Aggregates(number)
        | Key::Tallies(number)
        | Key::Erasing(number)
        | Key::Lists(number)
        | Key::Devices(number)
        | Key::Strikes(number)
        | Key::Settling(number) => u32(out, *number),
        Key::Profile(id) | Key::Forgotten(id) => u128(out, id.0),
        Key::Erased(hash) => u128(out, *hash),
        Key::Device(id) => u128(out, id.0),
        Key::Merge(number, id) | Key::Side(number, id) => {
            u32(out, *number);
            u128(out, id.0);
        }
        Key::Run(number, id) => {
            u32(out, *number);
            u128(out, id.0);
        }
        Key::Timeline(number, name, at, id) => {
            u32(out, *number);
            text(out, name);
            time(out, *at);
            u128(out, id.0);
        }
        Key::Message(id) | Key::Location(id) | Key::Attempting(id) | Key::DeadLetter(id) => {
            u128(out, id.0)
        }
        Key::Outbox(path, class, due, id) => {
            text(out, path);
            out.push(class_number(*class));
            time(out, *due);
            u128(out, id.0);
        }
        Key::Timer(..) => spell_rest(out, key),
        Key::HopIn(from) => out.extend(from.to_be_bytes()),
        Key::Campaign(id) => u64(out, *id),
        Key::Seen(bucket, id) => {
            u32(out, *bucket);
            u128(out, id.0);
        }
        Key::Quarantine(position) | Key::Unfit(position) => {
            out.extend(position.incarnation.to_be_bytes());
            u64(out, position.offset);
        }
        Key::HopOut(..)
        | Key::CampaignMember(..)
        | Key::Alias(_)
        | Key::Held(_)
        | Key::Behind(_)
        | Key::Request(_)
        | Key::Counter(_)
        | Key::Named(..)
        | Key::NamedUntil(..)
        | Key::RequestUntil(..)
        | Key::MailboxDay(..)
        | Key::UnfitOf(..) => spell_rest(out, key),
    }
}

/// What is between partitions, of campaigns, or known by a name.
fn spell_rest(out: &mut Vec<u8>, key: &Key) {
    match key {
        Key::HopOut(to, n) => {
            out.extend(to.to_be_bytes());
            u64(out, *n);
        }
        Key::Timer(at, number) => {
            time(out, *at);
            u32(out, *number);
        }
        Key::CampaignMember(id, profile) => {
            u64(out, *id);
            u128(out, profile.0);
        }
        Key::Alias(alias) | Key::Held(alias) | Key::Behind(alias) => {
            text(out, &alias.namespace);
            text(out, &alias.value);
        }
        Key::Request(key) => text(out, key),
        Key::Counter(name) => text(out, name),
        Key::Named(provider, id) => {
            text(out, provider);
            text(out, id);
        }
        Key::NamedUntil(at, provider, id) => {
            time(out, *at);
            text(out, provider);
            text(out, id);
        }
        Key::RequestUntil(at, key) => {
            time(out, *at);
            text(out, key);
        }
        Key::UnfitOf(alias, id) => {
            text(out, &alias.namespace);
            text(out, &alias.value);
            u128(out, id.0);
        }
        Key::MailboxDay(day, domain, mailbox) => {
            u32(out, *day);
            text(out, domain);
            text(out, mailbox);
        }
        // Only those above lead here.
        _ => {}
    }
}

/// A key from its bytes; `None` if they are not a key of the table.
pub fn read(table: u8, bytes: &[u8]) -> Option<Key> {
    let mut rest = Reader(bytes.get(4..)?);
    let r = &mut rest;
    let key = match table {
        0 => Key::Meta,
        1 => Key::Builds,
        2 => Key::Head(r.u32()?),
        3 => Key::Profile(ProfileId(r.u128()?)),
        4 => Key::Aggregates(r.u32()?),
        5 => Key::Run(r.u32()?, RunId(r.u128()?)),
        6 => Key::Timeline(r.u32()?, r.text()?, r.time()?, EventId(r.u128()?)),
        7 => Key::Alias(Alias { namespace: r.text()?, value: r.text()? }),
        8 => Key::Message(MessageId(r.u128()?)),
        9 => Key::Location(MessageId(r.u128()?)),
        10 => Key::Attempting(MessageId(r.u128()?)),
        11 => Key::Outbox(r.text()?, r.class()?, r.time()?, MessageId(r.u128()?)),
        12 => Key::Timer(r.time()?, r.u32()?),
        13 => Key::HopOut(r.u16()?, r.u64()?),
        14 => Key::HopIn(r.u16()?),
        15 => Key::Campaign(r.u64()?),
        16 => Key::CampaignMember(r.u64()?, ProfileId(r.u128()?)),
        17 => Key::Request(r.text()?),
        18 => Key::Seen(r.u32()?, EventId(r.u128()?)),
        19 => Key::Counter(r.text()?),
        20 => Key::Quarantine(Position { incarnation: r.u16()?, offset: r.u64()? }),
        TALLIES => Key::Tallies(r.u32()?),
        24 => Key::Merge(r.u32()?, ProfileId(r.u128()?)),
        25 => Key::ErasureKey,
        26 => Key::Erased(r.u128()?),
        27 => Key::Forgotten(ProfileId(r.u128()?)),
        28 => Key::Erasing(r.u32()?),
        29 => Key::Scrubbing,
        30 => Key::Lists(r.u32()?),
        31 => Key::ListStates,
        32 => Key::Unfit(Position { incarnation: r.u16()?, offset: r.u64()? }),
        33 => {
            let alias = Alias { namespace: r.text()?, value: r.text()? };
            Key::UnfitOf(alias, EventId(r.u128()?))
        }
        34 => Key::DeadLetter(MessageId(r.u128()?)),
        35 => Key::Devices(r.u32()?),
        36 => Key::Device(DeviceId(r.u128()?)),
        37 => Key::Named(r.text()?, r.text()?),
        38 => Key::NamedUntil(r.time()?, r.text()?, r.text()?),
        39 => Key::Strikes(r.u32()?),
        40 => Key::Settling(r.u32()?),
        41 => Key::Guard,
        42 => Key::Held(Alias { namespace: r.text()?, value: r.text()? }),
        43 => Key::RequestUntil(r.time()?, r.text()?),
        44 => Key::MailboxDay(r.u32()?, r.text()?, r.text()?),
        45 => Key::MailboxPauses,
        46 => Key::Blocks,
        47 => Key::Side(r.u32()?, ProfileId(r.u128()?)),
        48 => Key::Behind(Alias { namespace: r.text()?, value: r.text()? }),
        49 => Key::Hosts,
        _ => return None,
    };
    rest.0.is_empty().then_some(key)
}

fn class_number(class: Class) -> u8 {
    match class {
        Class::Transactional => 0,
        Class::Triggered => 1,
        Class::Bulk => 2,
    }
}

fn u32(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_be_bytes());
}
fn u64(out: &mut Vec<u8>, value: u64) {
    out.extend(value.to_be_bytes());
}
fn u128(out: &mut Vec<u8>, value: u128) {
    out.extend(value.to_be_bytes());
}
fn time(out: &mut Vec<u8>, at: Timestamp) {
    u64(out, (at.0 as u64) ^ (1 << 63));
}
fn text(out: &mut Vec<u8>, value: &str) {
    for byte in value.bytes() {
        out.push(byte);
        if byte == 0 {
            out.push(0xff);
        }
    }
    out.extend([0, 0]);
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }
    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }
    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }
    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }
    fn u128(&mut self) -> Option<u128> {
        self.take().map(u128::from_be_bytes)
    }
    fn time(&mut self) -> Option<Timestamp> {
        Some(Timestamp((self.u64()? ^ (1 << 63)) as i64))
    }
    fn class(&mut self) -> Option<Class> {
        match self.take::<1>()? {
            [0] => Some(Class::Transactional),
            [1] => Some(Class::Triggered),
            [2] => Some(Class::Bulk),
            _ => None,
        }
    }
    fn text(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        loop {
            match self.take::<1>()? {
                [0] => match self.take::<1>()? {
                    [0] => return String::from_utf8(bytes).ok(),
                    [0xff] => bytes.push(0),
                    _ => return None,
                },
                [byte] => bytes.push(byte),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Key> {
        let alias =
            |value: &str| Key::Alias(Alias { namespace: "email".into(), value: value.into() });
        let timeline =
            |name: &str, at, id| Key::Timeline(7, name.into(), Timestamp(at), EventId(id));
        vec![
            Key::Meta,
            Key::Builds,
            Key::Head(0),
            Key::Head(u32::MAX),
            Key::Profile(ProfileId(3)),
            Key::Aggregates(1),
            Key::Run(1, RunId(9)),
            timeline("a", -5, 1),
            timeline("a", 5, 0),
            timeline("a", 5, 1),
            timeline("a\0b", 0, 0),
            timeline("ab", i64::MIN, 0),
            timeline("ab", i64::MAX, u128::MAX),
            alias("a"),
            alias("a\0"),
            alias("ab"),
            Key::Message(MessageId(1)),
            Key::Location(MessageId(1)),
            Key::Attempting(MessageId(1)),
            Key::Outbox("p".into(), Class::Transactional, Timestamp(9), MessageId(2)),
            Key::Outbox("p".into(), Class::Bulk, Timestamp(1), MessageId(2)),
            Key::Outbox("p/c".into(), Class::Bulk, Timestamp(1), MessageId(2)),
            Key::Timer(Timestamp(1), 2),
            Key::HopOut(1, 2),
            Key::HopIn(1),
            Key::Campaign(1),
            Key::CampaignMember(1, ProfileId(2)),
            Key::Request("k".into()),
            Key::Seen(1, EventId(2)),
            Key::Counter("c".into()),
            Key::Quarantine(Position { incarnation: 1, offset: 2 }),
            Key::Tallies(1),
            Key::Merge(3, ProfileId(9)),
            Key::Merge(4, ProfileId(0)),
            Key::ErasureKey,
            Key::Erased(7),
            Key::Forgotten(ProfileId(1)),
            Key::Erasing(1),
            Key::Scrubbing,
            Key::Lists(0),
            Key::Lists(3),
            Key::ListStates,
            Key::Unfit(Position { incarnation: 1, offset: 2 }),
            Key::Unfit(Position { incarnation: 2, offset: 0 }),
            Key::UnfitOf(Alias { namespace: "email".into(), value: "a".into() }, EventId(9)),
            Key::UnfitOf(Alias { namespace: "email".into(), value: "ab".into() }, EventId(0)),
        ]
    }

    fn more_samples() -> Vec<Key> {
        vec![
            Key::Devices(3),
            Key::Device(DeviceId(7)),
            Key::Device(DeviceId(8)),
            Key::Named("smsc".into(), "1".into()),
            Key::Named("smsc".into(), "1\0".into()),
            Key::Named("smsc2".into(), "0".into()),
            Key::NamedUntil(Timestamp(-1), "b".into(), "b".into()),
            Key::NamedUntil(Timestamp(1), "a".into(), "a".into()),
            Key::Strikes(1),
            Key::Settling(0),
            Key::Guard,
            Key::Held(Alias { namespace: "email".into(), value: "a".into() }),
            Key::RequestUntil(Timestamp(-1), "b".into()),
            Key::RequestUntil(Timestamp(1), "a".into()),
            Key::MailboxDay(1, "b.example".into(), "google".into()),
            Key::MailboxDay(2, "a.example".into(), "google".into()),
            Key::MailboxDay(2, "a.example".into(), "yahoo".into()),
            Key::MailboxPauses,
            Key::Blocks,
            Key::Side(3, ProfileId(9)),
            Key::Side(4, ProfileId(0)),
            Key::Behind(Alias { namespace: "email".into(), value: "a".into() }),
            Key::Hosts,
        ]
    }

    #[test]
    fn keys_round_trip_and_keep_their_order() {
        let keys = [samples(), more_samples()].concat();
        for key in &keys {
            assert_eq!(read(table(key), &spell(5, key)).as_ref(), Some(key));
        }
        for pair in keys.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
            let spelled = |key| (table(key), spell(5, key));
            assert!(spelled(&pair[0]) < spelled(&pair[1]), "{pair:?}");
        }
    }
}
