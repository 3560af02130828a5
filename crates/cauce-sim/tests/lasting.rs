//! What lies in rows for long: it ends in time, and what an earlier version wrote does not stay.

use cauce_core::device::{self, Decided, Platform, Word};
use cauce_core::event::Event;
use cauce_core::ids::{DeviceId, Partition as Number, ProfileId, hash64};
use cauce_core::input::{Body, Hop};
use cauce_core::limits;
use cauce_core::message::Channel;
use cauce_core::policy::{Suppression, allows};
use cauce_core::profile::{Alias, Consent, ConsentFact, ConsentState, Head, SegmentNumber, Status};
use cauce_core::publish::{Kind, SHARING, shared_number};
use cauce_core::state::{Builds, Key, Row};
use cauce_core::time::{Duration, Timestamp};
use cauce_core::value::Value;
use cauce_sim::people::{self, entry};
use cauce_sim::same::cluster::Cluster;
use cauce_sim::scenario::named;
use cauce_sim::world::{BEGIN, World, basics};
use serde_json::json;
use std::sync::Arc;

const PARTITIONS: u16 = 4;
/// Nobody's number: hops that a test sends come from there.
const NOWHERE: Number = 99;

struct Play {
    world: Arc<World>,
    cluster: Cluster,
    cause: u64,
    sent: u64,
    now: Timestamp,
}

impl Play {
    fn begin() -> Play {
        let world = World::default();
        world.publish(&basics());
        let world = Arc::new(world);
        let cluster = Cluster::new(PARTITIONS, world.clone());
        Play { world, cluster, cause: 1_000, sent: 0, now: BEGIN }
    }

    fn publish(&mut self, kind: Kind, key: &'static str, document: serde_json::Value) {
        self.world.publish(&[(kind, key, document)]);
        self.build();
    }

    /// What a start of the process does as well: the plan is looked at, and what it asks for built.
    fn build(&mut self) {
        let plan = self.world.book().plan;
        for number in 0..PARTITIONS {
            self.put_at(number, Body::Publish { plan });
            for _ in 0..3 {
                self.put_at(number, Body::Build { count: 50 });
            }
        }
        self.settle();
    }

    fn put_at(&mut self, to: Number, body: Body) {
        self.cause += 1;
        self.cluster.take(to, self.cause, self.now, body);
    }

    fn put(&mut self, body: Body) {
        self.put_at(entry(&body, PARTITIONS), body);
        self.settle();
    }

    fn settle(&mut self) {
        self.cluster.settle(self.now, &mut Vec::new());
    }

    fn event(&mut self, name: &str, who: &[&str]) -> Event {
        self.cause += 1;
        let aliases = who.iter().map(|name| alias(name)).collect();
        people::event(u128::from(self.cause), name, aliases, self.now)
    }

    fn say(&mut self, name: &str, who: &[&str]) {
        let event = self.event(name, who);
        self.put(Body::Event(Box::new(event)));
    }

    fn word(&mut self, who: &str, fact: ConsentFact, historical: bool) {
        self.now = self.now.plus(Duration::MINUTE);
        let mut event = self.event("said", &[who]);
        event.consents.push(fact);
        event.historical = historical;
        self.put(Body::Event(Box::new(event)));
    }

    fn pass(&mut self, span: Duration) {
        self.now = self.now.plus(span);
        for number in 0..PARTITIONS {
            self.put_at(number, Body::Tick { limit: 100, epoch: 0 });
        }
        self.settle();
    }

    fn everywhere(&mut self, body: &Body) {
        for number in 0..PARTITIONS {
            self.put_at(number, body.clone());
        }
    }

    fn of(&self, name: &str) -> (usize, u32, Arc<Head>) {
        let named = alias(name);
        for (place, rows) in self.cluster.rows.iter().enumerate() {
            for (key, row) in &rows.0 {
                if let (Key::Head(number), Row::Head(head)) = (key, row)
                    && head.status == Status::Live
                    && head.aliases.contains(&named)
                {
                    return (place, *number, head.clone());
                }
            }
        }
        panic!("nobody is {name}");
    }

    /// Writes a head as nobody would any more.
    fn change(&mut self, name: &str, change: impl FnOnce(&mut Head)) {
        let (place, number, head) = self.of(name);
        let mut head = Head::clone(&head);
        change(&mut head);
        self.cluster.rows[place].0.insert(Key::Head(number), Row::Head(Arc::new(head)));
    }
}

fn alias(name: &str) -> Alias {
    named(name).unwrap()
}

// --- devices -----------------------------------------------------------------------------------

impl Play {
    fn register(&mut self, who: &str, token: &str) -> DeviceId {
        let mut event = self.event("device_registered", &[who]);
        event.properties.insert("platform".to_owned(), Value::from("android"));
        event.properties.insert("token".to_owned(), Value::from(token));
        self.put(Body::Event(Box::new(event)));
        device::id(Platform::Android, token)
    }

    /// Its service has a token no more.
    fn refuse(&mut self, who: &str, device: DeviceId) -> ProfileId {
        let (place, _, head) = self.of(who);
        self.sent += 1;
        let (to, word) = (head.id(), Word::Gone(self.now));
        let hop = Hop::DeviceJudged { to, device, word, hops: 0 };
        self.put_at(place as Number, Body::Hop { from: NOWHERE, n: self.sent, hop });
        self.settle();
        to
    }

    fn devices(&self, who: &str) -> Vec<DeviceId> {
        let (place, number, _) = self.of(who);
        match self.cluster.rows[place].0.get(&Key::Devices(number)) {
            Some(Row::Devices(devices)) => devices.keys().copied().collect(),
            _ => Vec::new(),
        }
    }

    fn timers(&self) -> usize {
        let all = self.cluster.rows.iter().flat_map(|rows| rows.0.keys());
        all.filter(|key| matches!(key, Key::Timer(..))).count()
    }
}

#[test]
fn a_removal_that_comes_late_does_not_take_what_was_registered_after_it() {
    let mut play = Play::begin();
    let one = play.register("user_id:7", "one");
    play.pass(Duration::MINUTE);
    let mut removed = play.event("device_removed", &["user_id:7"]);
    removed.properties.insert("platform".to_owned(), Value::from("android"));
    removed.properties.insert("token".to_owned(), Value::from("one"));
    play.pass(Duration::MINUTE);
    play.register("user_id:7", "one");
    play.put(Body::Event(Box::new(removed)));
    assert_eq!(play.devices("user_id:7"), [one]);
}

#[test]
fn each_refused_device_goes_in_its_own_time() {
    let mut play = Play::begin();
    let one = play.register("user_id:7", "one");
    let two = play.register("user_id:7", "two");
    play.refuse("user_id:7", one);
    play.pass(Duration::DAY);
    play.refuse("user_id:7", two);
    play.pass(limits::DEVICE_GONE_KEPT.minus_days(1));
    assert_eq!(play.devices("user_id:7"), [two]);
    play.pass(Duration::DAY);
    assert_eq!((play.devices("user_id:7").len(), play.timers()), (0, 0));
}

#[test]
fn taking_the_first_back_leaves_the_second_its_time() {
    let mut play = Play::begin();
    let one = play.register("user_id:7", "one");
    let two = play.register("user_id:7", "two");
    let profile = play.refuse("user_id:7", one);
    play.pass(Duration::DAY);
    play.refuse("user_id:7", two);
    let decided = Decided { profile, devices: vec![one], undo: true };
    let (place, ..) = play.of("user_id:7");
    play.put_at(place as Number, Body::DevicesDecided(decided));
    play.pass(limits::DEVICE_GONE_KEPT.minus_days(1));
    assert_eq!(play.devices("user_id:7").len(), 2);
    play.pass(Duration::DAY);
    assert_eq!(play.devices("user_id:7"), [one]);
}

#[test]
fn devices_that_somebody_brings_along_go_in_time() {
    let mut play = Play::begin();
    let one = play.register("user_id:7", "one");
    play.refuse("user_id:7", one);
    let mut theirs = Vec::new();
    for (day, token) in ["two", "three"].into_iter().enumerate() {
        play.pass(Duration::DAY);
        theirs.push(play.register("anonymous_id:u", token));
        play.refuse("anonymous_id:u", theirs[day]);
    }
    play.say("signed_in", &["user_id:7", "anonymous_id:u"]);
    assert_eq!(play.devices("user_id:7").len(), 3);
    play.pass(limits::DEVICE_GONE_KEPT.minus_days(2));
    theirs.sort_unstable();
    assert_eq!(play.devices("user_id:7"), theirs);
    play.pass(Duration::DAY);
    assert_eq!(play.devices("user_id:7").len(), 1);
    play.pass(Duration::DAY);
    assert_eq!(play.devices("user_id:7").len(), 0);
}

#[test]
fn a_guard_that_stays_up_costs_one_timer() {
    let mut play = Play::begin();
    for token in ["one", "two"] {
        let device = play.register("user_id:7", token);
        play.refuse("user_id:7", device);
    }
    play.everywhere(&Body::Guard { keeper: "fcm:".to_owned(), up: true });
    let (place, number, _) = play.of("user_id:7");
    play.pass(limits::DEVICE_GONE_KEPT);
    for hour in 0..100 {
        // Something else of this profile is due as well.
        let due = Key::Timer(play.now.plus(Duration(1_000 + hour)), number);
        play.cluster.rows[place].0.insert(due, Row::Mark);
        play.pass(Duration::HOUR);
        assert_eq!((play.devices("user_id:7").len(), play.timers()), (2, 1), "hour {hour}");
    }
    play.everywhere(&Body::Guard { keeper: "fcm:".to_owned(), up: false });
    play.pass(Duration::DAY);
    assert_eq!((play.devices("user_id:7").len(), play.timers()), (0, 0));
}

/// An earlier version set a timer for the first of several only.
#[test]
fn whoever_has_one_timer_for_two_devices_gets_another() {
    let mut play = Play::begin();
    let one = play.register("user_id:7", "one");
    let two = play.register("user_id:7", "two");
    play.refuse("user_id:7", one);
    play.pass(Duration::DAY);
    play.refuse("user_id:7", two);
    let (place, ..) = play.of("user_id:7");
    let rows = &mut play.cluster.rows[place].0;
    let mut timers = rows.keys().filter(|key| matches!(key, Key::Timer(..)));
    let last = timers.next_back().cloned().unwrap();
    if play.timers() > 1 {
        play.cluster.rows[place].0.remove(&last);
    }
    assert_eq!(play.timers(), 1);
    play.pass(limits::DEVICE_GONE_KEPT.minus_days(1));
    assert_eq!(play.devices("user_id:7"), [two]);
    play.pass(Duration::DAY);
    assert_eq!(play.devices("user_id:7").len(), 0);
}

trait Days {
    fn minus_days(self, days: i64) -> Duration;
}

impl Days for Duration {
    fn minus_days(self, days: i64) -> Duration {
        Duration(self.0 - days * Duration::DAY.0)
    }
}

// --- who may be told of ------------------------------------------------------------------------

/// The number that it had while it collided with what is emptied.
fn number_before(segment: &str) -> SegmentNumber {
    let hash = hash64(&[b"shared", segment.as_bytes()]) as u32;
    (hash & ((1 << 30) - 1)) | (1 << 30)
}

fn numbers(head: &Head) -> Vec<SegmentNumber> {
    let inside = head.segments.iter().filter(|(_, state)| state.inside);
    inside.map(|(number, _)| *number).collect()
}

/// Of both kinds: with and without the bit that all numbers have now.
const SHARED: [&str; 4] = ["buyers", "orderers", "spenders", "clients"];

/// Ana and Ben buy, and Ana allows that others are told: as the earlier version left it, while a
/// build was under way or after it.
fn as_it_was(segment: &'static str, under_way: bool) -> Play {
    let mut play = Play::begin();
    let partners = json!({ "title": "Partners", "about": "use" });
    play.publish(Kind::Topic, "partners", partners);
    play.publish(Kind::Segment, segment, json!({ "rule": "count(ordered) >= 1" }));
    play.say("ordered", &["user_id:ana"]);
    play.say("ordered", &["user_id:ben"]);
    play.word("user_id:ana", people::fact("partners", ConsentState::Granted), false);
    let sharing = json!({ "segments": [segment], "purposes": ["partners"] });
    play.publish(Kind::Sharing, SHARING, sharing);
    let (now, before) = (shared_number(segment), number_before(segment));
    assert_ne!(now, before);
    let state = play.of("user_id:ana").2.segments[&now];
    for name in ["user_id:ana", "user_id:ben"] {
        play.change(name, |head| {
            head.segments.remove(&now);
            head.segments.insert(before, state);
        });
    }
    for rows in &mut play.cluster.rows {
        let Some(Row::Builds(builds)) = rows.0.get(&Key::Builds) else { continue };
        let mut builds = Builds::clone(builds);
        let build = builds.segments.remove(&now).unwrap();
        if under_way {
            builds.segments.insert(before, (build.0, 1));
        }
        rows.0.insert(Key::Builds, Row::Builds(Arc::new(builds)));
    }
    play
}

#[test]
fn who_was_told_of_under_an_earlier_number_is_so_under_the_new_one() {
    let has_bit = |segment: &&str| number_before(segment) & (1 << 29) != 0;
    assert_eq!(SHARED.iter().filter(|s| has_bit(s)).count(), 2);
    for (segment, under_way) in SHARED.into_iter().flat_map(|s| [(s, false), (s, true)]) {
        let mut play = as_it_was(segment, under_way);
        play.build();
        let own = play.world.book().segment_numbers[segment];
        let shared = shared_number(segment);
        assert_eq!(numbers(&play.of("user_id:ana").2), [own, shared], "{segment}");
        assert_eq!(numbers(&play.of("user_id:ben").2), [own], "{segment}");
        play.word("user_id:ben", people::fact("partners", ConsentState::Granted), false);
        play.word("user_id:ana", people::fact("partners", ConsentState::Withdrawn), false);
        assert_eq!(numbers(&play.of("user_id:ben").2), [own, shared], "{segment}");
        assert_eq!(numbers(&play.of("user_id:ana").2), [own], "{segment}");
    }
}

#[test]
fn nobody_stays_under_the_number_of_what_is_shared_no_more() {
    for (segment, under_way) in SHARED.into_iter().flat_map(|s| [(s, false), (s, true)]) {
        let mut play = as_it_was(segment, under_way);
        play.publish(Kind::Sharing, SHARING, json!({ "segments": [segment] }));
        let own = play.world.book().segment_numbers[segment];
        for name in ["user_id:ana", "user_id:ben"] {
            assert_eq!(numbers(&play.of(name).2), [own], "{segment}");
        }
    }
}

// --- words about a use -------------------------------------------------------------------------

/// Topics need not exist to be said of somebody: whoever invents many takes no room from a no.
#[test]
fn a_no_has_room_whatever_else_was_said() {
    let mut play = Play::begin();
    for n in 0..limits::CONSENTS_MAX {
        let fact = people::fact(&format!("invented-{n}"), ConsentState::Granted);
        play.word("user_id:7", fact, false);
    }
    let said = |play: &Play, topic: &str| {
        let (_, _, head) = play.of("user_id:7");
        head.consents.get(&(topic.to_owned(), None)).map(|consent| consent.fact.state)
    };
    play.word("user_id:7", people::fact("news", ConsentState::Granted), false);
    assert_eq!(said(&play, "news"), None, "it is full");
    for topic in ["news", "*", "sender:shop"] {
        play.word("user_id:7", people::fact(topic, ConsentState::Withdrawn), false);
        assert_eq!(said(&play, topic), Some(ConsentState::Withdrawn), "{topic}");
    }
    play.word("user_id:7", people::fact("another", ConsentState::Withdrawn), false);
    assert_eq!(said(&play, "another"), None, "nobody sends about it");
}

#[test]
fn a_no_by_a_channel_that_was_kept_is_a_no_until_that_is_taken_back() {
    let mut play = Play::begin();
    play.publish(Kind::Topic, "partners", json!({ "title": "Partners", "about": "use" }));
    play.word("user_id:7", people::fact("partners", ConsentState::Granted), false);
    let allowed = |play: &Play| {
        let catalog = play.world.book().catalog();
        allows(&catalog.topics, &play.of("user_id:7").2, "partners").is_ok()
    };
    assert!(allowed(&play));
    let (at, channel) = (play.now, Some(Channel::Email));
    play.change("user_id:7", |head| {
        let fact = ConsentFact { channel, ..people::fact("partners", ConsentState::Withdrawn) };
        let event = cauce_core::ids::EventId(1);
        head.consents.insert(("partners".to_owned(), channel), Consent { fact, at, event });
    });
    assert!(!allowed(&play));
    // No list undoes it.
    play.word("user_id:7", people::fact("partners", ConsentState::Granted), true);
    assert!(!allowed(&play));
    // What is said of the use is no word about that channel: each has its own last word.
    let by_mail = |state| ConsentFact { channel, ..people::fact("partners", state) };
    play.word("user_id:7", people::fact("partners", ConsentState::Granted), false);
    assert!(!allowed(&play));
    play.word("user_id:7", by_mail(ConsentState::Granted), true);
    assert!(!allowed(&play));
    play.word("user_id:7", by_mail(ConsentState::Granted), false);
    assert!(allowed(&play));
    // A yes by a channel is less than one to the use, a no by one is no less.
    play.word("user_id:7", by_mail(ConsentState::Withdrawn), false);
    assert!(!allowed(&play));
    play.word("user_id:7", by_mail(ConsentState::Granted), false);
    assert!(!allowed(&play));
    play.word("user_id:7", people::fact("partners", ConsentState::Granted), false);
    assert!(allowed(&play));
}

// --- addresses ---------------------------------------------------------------------------------

/// The answer about an address was lost: its next event asks again, whatever else the profile has.
fn check_undecided(fill: impl FnOnce(&mut Head)) {
    let mut play = Play::begin();
    let one = json!({ "priority": 2, "case": "email", "limit": 1 });
    play.publish(Kind::Namespace, "email", one);
    play.say("seen", &["user_id:7", "email:ana@x.example"]);
    let address = alias("email:ana@x.example");
    let at = play.now;
    play.change("user_id:7", |head| {
        let evidence = String::new();
        let word = Suppression { reason: "undecided".to_owned(), evidence, at };
        head.suppressions.insert(address, word);
        fill(head);
    });
    play.say("seen", &["user_id:7", "email:ana@x.example"]);
    let head = play.of("user_id:7").2;
    assert!(head.suppressions.is_empty(), "{:?}", head.suppressions);
    // The limit is as it was.
    play.say("seen", &["user_id:7", "email:bob@x.example"]);
    assert!(!play.of("user_id:7").2.aliases.contains(&alias("email:bob@x.example")));
}

#[test]
fn an_address_is_asked_about_again_whatever_else_its_profile_has() {
    check_undecided(|_| {});
    check_undecided(|head| {
        let more = 0..limits::ALIASES_MAX - head.aliases.len();
        head.aliases.extend(more.map(|n| alias(&format!("anonymous_id:{n}"))));
    });
}
