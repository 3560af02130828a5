//! What a provider says by its own names is heard once, in whatever order name and report come, on
//! any number of partitions; and nothing of it stays for ever.

use cauce_core::decide::{home, name_home};
use cauce_core::decision::Effect;
use cauce_core::delivery::Outcome;
use cauce_core::erasure::{Secret, Wish};
use cauce_core::ids::{MessageId, Partition as Number};
use cauce_core::input::{AttemptEnd, Body, Hop, ProviderReport, ReportKind, Request};
use cauce_core::limits;
use cauce_core::message::Arrival;
use cauce_core::message::named::Named;
use cauce_core::profile::Alias;
use cauce_core::publish::Kind;
use cauce_core::sms::links::{LINK, LINKS_OF, Short};
use cauce_core::state::{Key, Row};
use cauce_core::time::{Duration, Timestamp};
use cauce_sim::people::entry;
use cauce_sim::same::cluster::Cluster;
use cauce_sim::world::{BEGIN, World, basics};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What happens, in some order.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// The attempt ends, and with it the names are known.
    End,
    /// The provider says what became of a part: delivered or not.
    Say { part: usize, good: bool },
    /// Hops arrive: so many, of the pair with this place first.
    Deliver(usize, usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => Just(Act::End),
        6 => (0..3_usize, any::<bool>()).prop_map(|(part, good)| Act::Say { part, good }),
        6 => (0..4_usize, 1..4_usize).prop_map(|(pair, count)| Act::Deliver(pair, count)),
    ]
}

fn ana() -> Alias {
    Alias { namespace: "phone".into(), value: "+34600111222".into() }
}

struct Play {
    cluster: Cluster,
    cause: u64,
    now: Timestamp,
    message: MessageId,
    ledger: Number,
}

impl Play {
    /// A message of Ana's is on the wire.
    fn begin(partitions: u16) -> Play {
        let world = World::default();
        world.publish(&basics());
        let phone = json!({ "priority": 3, "case": "phone" });
        let smpp = json!({ "host": "smsc.example", "system-id": "c", "password": "file:p" });
        let code = json!({ "channel": "sms", "text": "1234", "sender": "shop" });
        world.publish(&[
            (Kind::Namespace, "phone", phone),
            (Kind::Sender, "shop", json!({ "sms": { "from": "+34600000001" } })),
            (Kind::Template, "code", code),
            (Kind::Provider, "smsc", json!({ "channel": "sms", "smpp": smpp })),
        ]);
        let cluster = Cluster::new(partitions, Arc::new(world));
        let mut play = Play { cluster, cause: 1_000, now: BEGIN, message: MessageId(0), ledger: 0 };
        let request = Request {
            idempotency_key: None,
            body_hash: 0,
            template: "code".into(),
            to: vec![ana()],
            payload: BTreeMap::new(),
            send_at: None,
            expire_at: None,
        };
        play.put(Body::Request(Box::new(request)));
        play.settle();
        for number in 0..partitions {
            let start_before = play.now.plus(Duration::MINUTE);
            let grant = Body::Grant { path: "smsc".into(), count: 9, epoch: 0, start_before };
            for effect in play.put_at(number, grant) {
                if let Effect::HandOver(handed) = effect {
                    (play.message, play.ledger) = (handed.message, number);
                }
            }
        }
        assert_ne!(play.message, MessageId(0), "nothing was handed over");
        play
    }

    fn put(&mut self, body: Body) -> Vec<Effect> {
        let to = entry(&body, self.cluster.rows.len() as u16);
        self.put_at(to, body)
    }

    fn put_at(&mut self, to: Number, body: Body) -> Vec<Effect> {
        self.cause += 1;
        self.cluster.take(to, self.cause, self.now, body)
    }

    fn settle(&mut self) {
        self.cluster.settle(self.now, &mut Vec::new());
    }

    fn end(&mut self) {
        let outcome = Outcome::Accepted { id: Some("p0 p1 p2".into()), text: String::new() };
        let (message, at) = (self.message, self.now);
        let end = AttemptEnd { message, attempt: 1, at, outcome };
        self.put_at(self.ledger, Body::AttemptsEnded(vec![end]));
    }

    fn say(&mut self, part: usize, good: bool) {
        let kind = match good {
            true => ReportKind::Delivered,
            false => ReportKind::Bounced { text: "UNDELIV".into(), hard: false },
        };
        let id = format!("p{part}");
        let report = ProviderReport { provider: "smsc".into(), id, at: self.now, kind };
        self.put(Body::ProviderReport(report));
    }

    fn reports(&self) -> Vec<ReportKind> {
        let rows = &self.cluster.rows[usize::from(self.ledger)].0;
        let Some(Row::Message(message)) = rows.get(&Key::Message(self.message)) else {
            panic!("the message is gone");
        };
        message.reports.iter().map(|(_, kind)| kind.clone()).collect()
    }

    fn arrival(&self) -> Option<Arrival> {
        let rows = &self.cluster.rows[usize::from(self.ledger)].0;
        match rows.get(&Key::Message(self.message)) {
            Some(Row::Message(message)) => message.arrival(),
            other => panic!("{other:?}"),
        }
    }

    /// Rows of names, everywhere.
    fn names(&self) -> Vec<(Key, Row)> {
        let is_name = |key: &Key| matches!(key, Key::Named(..) | Key::NamedUntil(..));
        let all = self.cluster.rows.iter().flat_map(|rows| rows.0.iter());
        all.filter(|(key, _)| is_name(key)).map(|(k, r)| (k.clone(), r.clone())).collect()
    }

    fn count(&self, name: &str) -> u64 {
        let key = Key::Counter(name.to_owned());
        let of = |row: Option<&Row>| match row {
            Some(Row::Counter(count)) => *count,
            _ => 0,
        };
        self.cluster.rows.iter().map(|rows| of(rows.0.get(&key))).sum()
    }

    fn ticks(&mut self) {
        for number in 0..self.cluster.rows.len() as u16 {
            self.put_at(number, Body::Tick { limit: 100, epoch: 0 });
        }
        self.settle();
    }
}

fn is_part(kind: &ReportKind) -> bool {
    matches!(kind, ReportKind::PartDelivered { .. })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_order_is_heard_alike(
        acts in vec(act(), 0..24),
        partitions in prop_oneof![Just(1_u16), Just(2), Just(16)],
    ) {
        let mut play = Play::begin(partitions);
        // Whether each part arrived, as far as anybody ever said.
        let mut said: [Option<bool>; 3] = [None; 3];
        for act in acts {
            match act {
                Act::End => play.end(),
                Act::Say { part, good } => {
                    *said[part].get_or_insert(good) |= good;
                    play.say(part, good);
                }
                Act::Deliver(pair, count) => {
                    for _ in 0..count {
                        let pairs: Vec<_> = play.cluster.queues.keys().copied().collect();
                        if !pairs.is_empty() {
                            let now = play.now;
                            play.cluster.deliver(pairs[pair % pairs.len()], now);
                        }
                    }
                }
            }
        }
        // In the end everything was said and everything has arrived.
        play.end();
        for (part, said) in said.iter_mut().enumerate() {
            if said.is_none() {
                *said = Some(true);
                play.say(part, true);
            }
        }
        play.settle();
        let reports = play.reports();
        let good = said.iter().all(|said| *said == Some(true));
        let delivered = reports.iter().filter(|kind| **kind == ReportKind::Delivered).count();
        let bounced =
            reports.iter().filter(|kind| matches!(kind, ReportKind::Bounced { .. })).count();
        prop_assert_eq!(delivered, usize::from(good), "{:?}", reports);
        // Before it arrived it may have been said that it would not, once.
        prop_assert!(if good { bounced <= 1 } else { bounced == 1 }, "{:?}", reports);
        let expected = if good { Arrival::Delivered } else { Arrival::Bounced };
        prop_assert_eq!(play.arrival(), Some(expected));
        prop_assert!(!good || reports.iter().filter(|kind| is_part(kind)).count() == 3);
        prop_assert_eq!(play.names().len(), 6, "three names, and when each is forgotten");
        // Once their time is over nothing of them is left.
        play.now = play.now.plus(Duration::DAY).plus(limits::NAMED_KEPT).plus(Duration::DAY);
        play.ticks();
        prop_assert_eq!(play.names(), vec![]);
        prop_assert_eq!(play.count("reports never-came"), 0);
        prop_assert_eq!(play.count("reports of-nobody"), 0);
    }
}

#[test]
fn what_belongs_to_nobody_is_counted_and_forgotten() {
    let mut play = Play::begin(4);
    play.say(1, true);
    play.say(1, false);
    let to = name_home("smsc", "p1", 4);
    let key = Key::Named("smsc".into(), "p1".into());
    let row = play.cluster.rows[usize::from(to)].0.get(&key).cloned();
    let Some(Row::Named(row)) = row else { panic!("{row:?}") };
    assert!(matches!(&*row, Named::Waiting { reports, .. } if reports.len() == 2), "{row:?}");
    play.now = play.now.plus(limits::UNNAMED_WAITS).plus(Duration(1));
    play.ticks();
    assert_eq!((play.names(), play.count("reports of-nobody")), (vec![], 1));
    // The end comes after all: it stands for nothing that was said, and is forgotten in its time.
    play.end();
    play.settle();
    assert_eq!(play.names().len(), 6);
    play.now = play.now.plus(Duration::DAY).plus(limits::NAMED_KEPT).plus(Duration::DAY);
    play.ticks();
    assert_eq!((play.names(), play.count("reports never-came")), (vec![], 3));
}

#[test]
fn an_erasure_takes_the_names_along() {
    let mut play = Play::begin(4);
    play.end();
    play.settle();
    assert_eq!(play.names().len(), 6);
    let wish = Wish { at: play.now.plus(Duration(1)), secret: Secret([7; 32]) };
    play.now = play.now.plus(Duration(1));
    play.put_at(home(&ana(), 4), Body::Erase { alias: ana(), wish });
    play.settle();
    for _ in 0..4 {
        for number in 0..4 {
            play.put_at(number, Body::Scrub { count: 100 });
        }
        play.settle();
    }
    assert_eq!(play.names(), vec![]);
    // What the provider still says finds nobody.
    play.say(0, true);
    play.settle();
    assert_eq!(play.reports(), vec![]);
}

#[test]
fn a_short_link_is_one_message_s_until_its_time_is_over() {
    let mut play = Play::begin(4);
    let (message, home) = (play.message, play.message.birthplace());
    let other = MessageId(message.0 + 1);
    let link = |token: &str, target: &str| Short { token: token.into(), target: target.into() };
    let shorten = |message, links: Vec<Short>| Body::Shorten { message, links };
    play.put(shorten(message, vec![link("one", "https://a"), link("two", "https://b")]));
    // Another message draws the token of the first: it is left to it, and counted.
    play.put(shorten(other, vec![link("two", "https://evil"), link("three", "https://c")]));
    // Another attempt of the first adds its own.
    play.put(shorten(message, vec![link("four", "https://d")]));
    let leads = |play: &Play, token: &str| {
        let key = Key::Named(LINK.into(), token.into());
        match play.cluster.rows[usize::from(home)].0.get(&key) {
            Some(Row::Named(row)) => match &**row {
                Named::Link { message, target, .. } => Some((*message, target.clone())),
                other => panic!("{other:?}"),
            },
            _ => None,
        }
    };
    assert_eq!(leads(&play, "two"), Some((message, "https://b".to_owned())));
    assert_eq!(leads(&play, "three"), Some((other, "https://c".to_owned())));
    assert_eq!((leads(&play, "four").is_some(), play.count("links token-taken")), (true, 1));
    // Four links, two lists of them, and when each is forgotten.
    assert_eq!(play.names().len(), 12);
    // Whom the first was to is forgotten: all tokens of all its attempts go, and no other.
    let (provider, id) = (LINKS_OF.to_owned(), message.to_string());
    let hop = Hop::Unname { provider, id, message };
    let taken = match play.cluster.rows[usize::from(home)].0.get(&Key::HopIn(home)) {
        Some(Row::HopIn(taken)) => *taken,
        _ => 0,
    };
    play.put_at(home, Body::Hop { from: home, n: taken + 1, hop });
    assert_eq!(leads(&play, "one").or(leads(&play, "two")).or(leads(&play, "four")), None);
    assert_eq!(leads(&play, "three"), Some((other, "https://c".to_owned())));
    play.now = play.now.plus(limits::SHORT_LINKS_KEPT).plus(Duration(1));
    play.ticks();
    assert_eq!(play.names(), vec![]);
}
