//! A path is used as far as it may be, and no further: several partitions always have something
//! due, and every hand-over is looked at by the world's own count of rates and windows.

use cauce_core::ids::MessageId;
use cauce_core::input::{Body, Request};
use cauce_core::publish::Kind;
use cauce_core::time::Duration;
use cauce_sim::machine::{Machine, Shape};
use cauce_sim::people::{alias, entry};
use cauce_sim::provider::Fate;
use cauce_sim::world::{BEGIN, World, basics};
use cauce_store::Log;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const PARTITIONS: u16 = 4;
/// Messages a second, to all and to Google.
const RATE: usize = 40;
const RATE_TO_GOOGLE: usize = 10;
/// Messages to Microsoft that may be under way at once.
const WINDOW_TO_MICROSOFT: usize = 3;
/// How often the machine looks, and when answers come, in milliseconds.
const STEP: i64 = 20;
const ANSWERED: i64 = 60;
const ANSWERED_BY_MICROSOFT: i64 = 500;

struct Play {
    machine: Machine,
    /// When each message was first seen under way.
    since: BTreeMap<MessageId, i64>,
}

/// What a second, or several, gave.
#[derive(Debug, Default)]
struct Given {
    all: usize,
    google: usize,
    /// Messages to Microsoft under way, added up over all looks.
    microsoft: usize,
    looks: usize,
}

impl Play {
    /// Many wait for a receipt, at three mailbox providers.
    fn begin(each: usize) -> Play {
        let world = World::default();
        world.publish(&basics());
        let limits = json!([
            { "group": "google", "per-second": RATE_TO_GOOGLE },
            { "group": "microsoft", "in-flight": WINDOW_TO_MICROSOFT },
        ]);
        let mta = json!({ "channel": "email", "catch-all": {}, "in-flight": 32,
            "per-second": RATE, "limits": limits });
        let plan = world.publish(&[(Kind::Provider, "mta", mta)]);
        let shape =
            Shape { partitions: PARTITIONS, window: 32, segment_bytes: 1 << 20, crashes: 0 };
        let machine = Machine::new(shape, Arc::new(world), 7, false);
        let mut play = Play { machine, since: BTreeMap::new() };
        for number in 0..PARTITIONS {
            play.machine.append(number, BEGIN, Body::Publish { plan }).unwrap();
        }
        play.settle();
        for n in 0..each {
            for domain in ["gmail.com", "outlook.com", "home.example"] {
                let request = Request {
                    idempotency_key: None,
                    body_hash: 0,
                    template: "receipt".into(),
                    to: vec![alias("email", &format!("p{n}@{domain}"))],
                    payload: BTreeMap::new(),
                    send_at: None,
                    expire_at: None,
                };
                let body = Body::Request(Box::new(request));
                play.machine.append(entry(&body, PARTITIONS), BEGIN, body).unwrap();
            }
        }
        play.settle();
        play
    }

    fn settle(&mut self) {
        loop {
            self.machine.sync().unwrap();
            let mut taken = false;
            for number in 0..PARTITIONS {
                while self.machine.take(number).unwrap() {
                    taken = true;
                }
            }
            if !taken && self.machine.log.as_ref().unwrap().pending_bytes() == 0 {
                return;
            }
        }
    }

    fn live(&mut self, ms: i64) -> Given {
        let mut given = Given::default();
        for _ in 0..ms / STEP {
            self.machine.now = self.machine.now.plus(Duration(STEP));
            let now = self.machine.now.0;
            self.machine.grant(0).unwrap();
            self.settle();
            let mut answered = Vec::new();
            for (id, flight) in &self.machine.flights {
                let to = |group: &str| flight.handed.path.contains(group);
                let since = *self.since.entry(*id).or_insert_with(|| {
                    given.all += 1;
                    given.google += usize::from(to("google"));
                    now
                });
                given.microsoft += usize::from(to("microsoft"));
                let wait = if to("microsoft") { ANSWERED_BY_MICROSOFT } else { ANSWERED };
                if now - since >= wait {
                    answered.push(*id);
                }
            }
            given.looks += 1;
            for id in answered {
                self.machine.begin(id, Fate::Accept).unwrap();
                self.since.remove(&id);
            }
            self.machine.end().unwrap();
            self.settle();
        }
        given
    }

    /// Groups to which something is due, in any partition.
    fn due(&self) -> usize {
        let paths = self.machine.partitions.iter().flat_map(|partition| partition.paths());
        paths.map(|(path, _)| path).collect::<BTreeSet<_>>().len()
    }
}

#[test]
fn while_work_is_due_nine_tenths_are_used_and_never_more_than_all() {
    let mut play = Play::begin(300);
    play.live(1_000);
    for second in 0..10 {
        let given = play.live(1_000);
        assert_eq!(play.due(), 3, "work is due all the time");
        let nine_tenths = |of: usize| of * 9 / 10;
        assert!(given.all >= nine_tenths(RATE), "{second}: {given:?}");
        assert!(given.google >= nine_tenths(RATE_TO_GOOGLE), "{second}: {given:?}");
        let places = nine_tenths(WINDOW_TO_MICROSOFT * given.looks);
        assert!(given.microsoft >= places, "{second}: {given:?}");
    }
    assert_eq!(play.machine.violations, Vec::<String>::new());
}

#[test]
fn a_restart_gives_nothing_beyond_the_rates() {
    let mut play = Play::begin(100);
    let mut all = 0;
    for _ in 0..12 {
        all += play.live(300).all;
        play.machine.crash(false);
        play.since.clear();
        play.machine.start();
        play.settle();
    }
    assert!(all > RATE, "{all}: it sends all the same");
    assert_eq!(play.machine.violations, Vec::<String>::new());
}
