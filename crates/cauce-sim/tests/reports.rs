//! What is said of an e-mail ends alike in whatever order it comes: where it stands, what became of
//! it, what is counted of it and on which day, and as of when it counts against a cap.

use cauce_core::decision::Effect;
use cauce_core::delivery::{Cause, Outcome};
use cauce_core::ids::{MessageId, Partition as Number};
use cauce_core::input::{AttemptEnd, Body, Report, ReportKind};
use cauce_core::message::complained::day;
use cauce_core::message::ledger::Message;
use cauce_core::message::{Arrival, ledger::Term};
use cauce_core::profile::{Alias, ConsentState};
use cauce_core::publish::Kind;
use cauce_core::state::{Key, Row};
use cauce_core::time::{Duration, Timestamp};
use cauce_sim::people::{self, entry};
use cauce_sim::same::cluster::Cluster;
use cauce_sim::world::{BEGIN, World, basics};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// When something happened, in hours after the message left, and what.
type Said = (i64, ReportKind);

fn said() -> impl Strategy<Value = Said> {
    let bounced = |text: &str, hard| ReportKind::Bounced { text: text.into(), hard };
    let full = ReportKind::Returned {
        cause: Cause::Quota,
        hard: false,
        status: None,
        text: "full".into(),
    };
    let kind = prop_oneof![
        3 => Just(ReportKind::Delivered),
        2 => Just(bounced("later", false)),
        1 => Just(bounced("gone", true)),
        1 => Just(full),
    ];
    (0..72_i64, kind)
}

struct Play {
    cluster: Cluster,
    cause: u64,
    now: Timestamp,
    message: MessageId,
    ledger: Number,
}

impl Play {
    /// A letter to Ana left; its answer was lost, or not.
    fn begin(lost: bool) -> Play {
        let world = World::default();
        world.publish(&basics());
        let steps = json!([{ "message": "welcome" }]);
        let welcome = json!({ "entry": { "event": "signed_up" }, "steps": steps });
        let caps = json!([{ "messages": 4, "window": "30d" }]);
        world.publish(&[
            (Kind::Journey, "welcome", welcome),
            (Kind::Policy, "policy", json!({ "frequency-caps": caps })),
        ]);
        let cluster = Cluster::new(2, Arc::new(world));
        let mut play = Play { cluster, cause: 1_000, now: BEGIN, message: MessageId(0), ledger: 0 };
        let ana = Alias { namespace: "email".into(), value: "ana@gmail.com".into() };
        let mut event = people::event(1, "signed_up", vec![ana], BEGIN);
        event.consents.push(people::fact("news", ConsentState::Granted));
        play.put(Body::Event(Box::new(event)));
        for number in 0..2 {
            let start_before = play.now.plus(Duration::MINUTE);
            let rows = &play.cluster.rows[usize::from(number)].0;
            let path = rows.keys().find_map(|key| match key {
                Key::Outbox(path, ..) => Some(path.clone()),
                _ => None,
            });
            let Some(path) = path else { continue };
            let grant = Body::Grant { path, count: 9, epoch: 0, start_before };
            for effect in play.put_at(number, grant) {
                if let Effect::HandOver(handed) = effect {
                    (play.message, play.ledger) = (handed.message, number);
                }
            }
        }
        assert_ne!(play.message, MessageId(0), "nothing was handed over");
        let outcome = match lost {
            true => Outcome::Unknown { text: "lost".into() },
            false => Outcome::Accepted { id: None, text: String::new() },
        };
        let (message, at) = (play.message, play.now);
        let end = AttemptEnd { message, attempt: 1, at, outcome };
        play.put_at(play.ledger, Body::AttemptsEnded(vec![end]));
        play.settle();
        play
    }

    fn put(&mut self, body: Body) {
        self.put_at(entry(&body, 2), body);
        self.settle();
    }

    fn put_at(&mut self, to: Number, body: Body) -> Vec<Effect> {
        self.cause += 1;
        self.cluster.take(to, self.cause, self.now, body)
    }

    fn settle(&mut self) {
        self.cluster.settle(self.now, &mut Vec::new());
    }

    fn letter(&self) -> Arc<Message> {
        match self.cluster.rows[usize::from(self.ledger)].0.get(&Key::Message(self.message)) {
            Some(Row::Message(message)) => message.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// Everything is heard, so many hours apart and after all of it happened.
    fn hear(mut self, all: &[Said], apart: i64) -> Ended {
        self.now = BEGIN.plus(Duration::HOUR.times(80));
        for (hour, kind) in all {
            self.now = self.now.plus(Duration::HOUR.times(apart));
            let (message, at) = (self.message, BEGIN.plus(Duration::HOUR.times(*hour)));
            self.put(Body::Report(Report { message, at, kind: kind.clone() }));
        }
        let letter = self.letter();
        let rows = self.cluster.rows.iter().flat_map(|rows| &rows.0);
        let mut ended =
            Ended { arrival: letter.arrival(), stands: letter.state.term(), ..Ended::default() };
        for (key, row) in rows {
            match (key, row) {
                (Key::Counter(name), Row::Counter(count))
                    if name.starts_with("reports message") =>
                {
                    *ended.counted.entry(name.clone()).or_default() += *count;
                }
                (Key::Counter(name), Row::Counter(count)) if name.starts_with("messages.") => {
                    *ended.counted.entry(name.clone()).or_default() += *count;
                }
                (Key::MailboxDay(day, ..), Row::MailboxDay(counted))
                    if counted.counts.delivered > 0 =>
                {
                    ended.delivered.insert(*day, counted.counts.delivered);
                }
                (Key::Head(_), Row::Head(head)) => {
                    ended.sent.extend(head.sent.iter().map(|sent| sent.at));
                    ended.suppressed |= !head.suppressions.is_empty();
                }
                (Key::Strikes(_), Row::Strikes(strikes)) => {
                    ended.strikes += strikes.of.values().map(|soft| soft.at.len()).sum::<usize>();
                }
                _ => {}
            }
        }
        ended.counted.retain(|_, count| *count > 0);
        ended
    }
}

#[derive(Debug, PartialEq)]
struct Ended {
    arrival: Option<Arrival>,
    stands: Term,
    counted: BTreeMap<String, u64>,
    delivered: BTreeMap<u32, u64>,
    sent: Vec<Timestamp>,
    strikes: usize,
    suppressed: bool,
}

impl Default for Ended {
    fn default() -> Ended {
        Ended {
            arrival: None,
            stands: Term::Pending,
            counted: BTreeMap::new(),
            delivered: BTreeMap::new(),
            sent: Vec::new(),
            strikes: 0,
            suppressed: false,
        }
    }
}

fn check(all: &[Said], order: &[Said], (lost, apart): (bool, i64)) -> Result<(), TestCaseError> {
    let ended = Play::begin(lost).hear(all, apart);
    // The last word counts, and of two at one time the worse.
    let last = all.iter().map(|(hour, kind)| (*hour, *kind != ReportKind::Delivered)).max();
    let arrival = last.map(|(_, bounced)| match bounced {
        true => Arrival::Bounced,
        false => Arrival::Delivered,
    });
    prop_assert_eq!(ended.arrival, arrival);
    let on = last.filter(|(_, bounced)| !bounced);
    let on = on.map(|(hour, _)| (day(BEGIN.plus(Duration::HOUR.times(hour))), 1));
    prop_assert_eq!(&ended.delivered, &on.into_iter().collect::<BTreeMap<_, _>>());
    let delivered = all.iter().any(|(_, kind)| *kind == ReportKind::Delivered);
    let counted = ended.counted.get("reports message_delivered").copied().unwrap_or_default();
    prop_assert_eq!(counted, u64::from(delivered));
    prop_assert_eq!(ended.stands, if lost && !delivered { Term::Unknown } else { Term::Sent });
    // A full mailbox is one strike, unless the letter arrived after it.
    let at = |wanted: fn(&ReportKind) -> bool| {
        all.iter().filter(|(_, kind)| wanted(kind)).map(|(hour, _)| *hour).max()
    };
    let full = at(|kind| matches!(kind, ReportKind::Returned { .. }));
    let arrived = at(|kind| *kind == ReportKind::Delivered);
    prop_assert_eq!(ended.strikes, usize::from(full.is_some() && full >= arrived));
    let gone = all.iter().any(|(_, kind)| matches!(kind, ReportKind::Bounced { hard: true, .. }));
    prop_assert_eq!(ended.suppressed, gone);
    prop_assert_eq!(&ended.sent, &vec![BEGIN], "against a cap it counts as of when it left");
    prop_assert_eq!(Play::begin(lost).hear(order, apart), ended);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_order_ends_alike(
        (all, order) in vec(said(), 0..12).prop_flat_map(|all| {
            let order = Just(all.clone()).prop_shuffle();
            (Just(all), order)
        }),
        lost in any::<bool>(),
        apart in prop_oneof![Just(0_i64), Just(1), Just(30)],
    ) {
        check(&all, &order, (lost, apart))?;
    }
}
