//! A merge can be taken back: of people who became one everybody is found again as they would be
//! had they never met. The oracle is just that: the same events, of which none names two. A name
//! that was given by mistake goes back to whom it belongs.

use cauce_core::consent::{Statement, in_force};
use cauce_core::decide::home;
use cauce_core::event::Event;
use cauce_core::identity::{Half, Sides, Split, Splitter, Unsplit};
use cauce_core::ids::{EventId, ProfileId};
use cauce_core::input::Body;
use cauce_core::profile::{Alias, ConsentFact, ConsentState, Head, Status};
use cauce_core::state::{Happening, Key, Row, Rows};
use cauce_core::time::{Duration, Timestamp};
use cauce_core::value::Value;
use cauce_sim::people::entry;
use cauce_sim::same::cluster::Cluster;
use cauce_sim::world::{BEGIN, World, basics};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Three people, the first of whom absorbs the others, each by the name that leads to them.
const PEOPLE: [&str; 3] = ["user_id:1", "anonymous_id:u", "anonymous_id:w"];

/// What happens.
#[derive(Clone, Debug)]
enum Act {
    /// One of the people does something: so late, with an attribute, with a word about a topic.
    Say { who: usize, late_s: i64, attribute: Option<(usize, i64)>, word: Option<(usize, bool)> },
    /// An event names two of them.
    Join(usize, usize),
    /// Hops arrive: so many, of the pair with this place first.
    Deliver(usize, usize),
}

fn act() -> impl Strategy<Value = Act> {
    let attribute = proptest::option::of((0..3_usize, 0..9_i64));
    let consent = proptest::option::of((0..2_usize, any::<bool>()));
    let say = (0..3_usize, 0..400_i64, attribute, consent)
        .prop_map(|(who, late_s, attribute, word)| Act::Say { who, late_s, attribute, word });
    prop_oneof![
        8 => say,
        2 => prop_oneof![Just((0, 1)), Just((0, 2)), Just((1, 2))]
            .prop_map(|(one, other)| Act::Join(one, other)),
        3 => (0..6_usize, 1..6_usize).prop_map(|(pair, count)| Act::Deliver(pair, count)),
    ]
}

fn alias(text: &str) -> Alias {
    let (namespace, value) = text.split_once(':').unwrap();
    Alias { namespace: namespace.into(), value: value.into() }
}

struct Play {
    cluster: Cluster,
    cause: u64,
    now: Timestamp,
}

impl Play {
    fn begin(partitions: u16) -> Play {
        let world = World::default();
        world.publish(&basics());
        let cluster = Cluster::new(partitions, Arc::new(world));
        Play { cluster, cause: 1_000, now: BEGIN }
    }

    fn put(&mut self, body: Body) {
        let to = entry(&body, self.cluster.rows.len() as u16);
        self.cause += 1;
        self.cluster.take(to, self.cause, self.now, body);
    }

    fn event(&mut self, event: &Event) {
        self.now = self.now.max(event.received_at);
        self.put(Body::Event(Box::new(event.clone())));
    }

    fn settle(&mut self) {
        self.cluster.settle(self.now, &mut Vec::new());
    }

    /// Who has a name.
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

    fn timeline(&self, place: usize, number: u32) -> Vec<(Key, Arc<Happening>)> {
        let (low, high) = Key::timeline(number);
        let rows = self.cluster.rows[place].range(&low, &high, usize::MAX);
        let rows = rows.into_iter().filter_map(|(key, row)| match row {
            Row::Timeline(happening) => Some((key, happening)),
            _ => None,
        });
        rows.collect()
    }

    fn sides(&self, place: usize, number: u32) -> Sides {
        let (low, high) = Key::sides(number);
        let rows = self.cluster.rows[place].range(&low, &high, usize::MAX);
        let sides = rows.into_iter().filter_map(|(key, row)| match (key, row) {
            (Key::Side(_, id), Row::Side(side)) => Some((id, side)),
            _ => None,
        });
        sides.collect()
    }

    fn since(&self, place: usize, number: u32, id: ProfileId) -> Option<Timestamp> {
        match self.cluster.rows[place].get(&Key::Merge(number, id)) {
            Some(Row::Merge(merged)) => Some(merged.at),
            _ => None,
        }
    }

    fn split(&self, name: &str, out: ProfileId) -> Result<Split, Unsplit> {
        let (place, number, head) = self.of(name);
        let sides = self.sides(place, number);
        let since = self.since(place, number, out);
        let mut splitter = Splitter::new(&head, &sides, out, since)?;
        for (key, happening) in self.timeline(place, number) {
            splitter.take(&key, &Row::Timeline(happening));
        }
        Ok(splitter.done(&head, None))
    }
}

fn said(id: u128, who: &[&str], now: Timestamp, late_s: i64) -> Event {
    let received_at = now;
    Event {
        id: EventId(id),
        name: "said".into(),
        aliases: who.iter().map(|name| alias(name)).collect(),
        occurred_at: received_at.minus(Duration(late_s * 1_000)),
        received_at,
        properties: BTreeMap::new(),
        attributes: BTreeMap::new(),
        consents: Vec::new(),
        historical: false,
    }
}

fn attributes(of: &cauce_core::profile::Attributes) -> BTreeMap<String, (String, i64)> {
    of.iter().map(|(name, a)| (name.clone(), (a.value.to_string(), a.at.0))).collect()
}

fn consents(of: &cauce_core::consent::InForce) -> BTreeMap<String, (ConsentState, i64)> {
    of.iter().map(|((topic, _), c)| (topic.clone(), (c.fact.state, c.at.0))).collect()
}

/// What a half must be: the people that it is made of, who never met.
fn check(half: &Half, alone: &Play, names: &BTreeSet<&str>) {
    let mut expected: BTreeMap<String, (String, i64, u128)> = BTreeMap::new();
    let mut count = 0;
    for name in names {
        let (place, number, head) = alone.of(name);
        for (name, a) in &head.attributes {
            let new = (a.value.to_string(), a.at.0, a.event.0);
            let old = expected.entry(name.clone()).or_insert_with(|| new.clone());
            if (old.1, old.2) < (new.1, new.2) {
                *old = new;
            }
        }
        let said = |key: &Key| matches!(key, Key::Timeline(_, name, ..) if name == "said");
        count += alone.timeline(place, number).iter().filter(|(key, _)| said(key)).count() as u64;
    }
    let expected: BTreeMap<_, _> =
        expected.into_iter().map(|(name, (value, at, _))| (name, (value, at))).collect();
    assert_eq!(attributes(&half.attributes), expected, "{names:?}");
    assert_eq!(half.events.get("said").copied().unwrap_or_default(), count, "{names:?}");
    let aliases: BTreeSet<String> = half.aliases.iter().map(ToString::to_string).collect();
    let names: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(aliases, names);
}

/// The consents of one person alone, and the noes that who remains said since then.
fn check_consents(half: &Half, alone: &Play, name: &str, noes: &[Statement]) {
    let (place, number, _) = alone.of(name);
    let own = alone.timeline(place, number);
    let own = own.iter().filter_map(|(key, h)| Statement::read(key, &Row::Timeline(h.clone())));
    let all: Vec<Statement> = own.chain(noes.iter().cloned()).collect();
    assert_eq!(consents(&half.consents), consents(&in_force(&all)), "{name}");
}

fn play(acts: &[Act], partitions: u16) {
    let (mut met, mut alone) = (Play::begin(partitions), Play::begin(partitions));
    let mut id = 0;
    // Everybody is somebody before they meet.
    let first = (0..3).map(|who| Act::Say { who, late_s: 0, attribute: None, word: None });
    let acts: Vec<Act> = first.chain(acts.iter().cloned()).collect();
    for act in &acts {
        id += 1;
        let now = met.now.plus(Duration(60_000));
        match act {
            Act::Say { who, late_s, attribute, word } => {
                let mut event = said(id, &[PEOPLE[*who]], now, *late_s);
                let named = attribute.map(|(name, value)| {
                    (["a", "b", "c"][name].to_owned(), Value::String(value.to_string()))
                });
                event.attributes.extend(named);
                event.consents.extend(word.map(|(topic, yes)| ConsentFact {
                    topic: ["news", "offers"][topic].into(),
                    channel: None,
                    state: if yes { ConsentState::Granted } else { ConsentState::Withdrawn },
                    source: "form".into(),
                    wording: None,
                    ip: None,
                }));
                met.event(&event);
                alone.event(&event);
            }
            Act::Join(one, other) => {
                // Who of two strangers remains is not known beforehand: whose this is neither.
                let name = if *one == 0 { "said" } else { "met" };
                let who: &[&[&str]] = &[&[PEOPLE[*one], PEOPLE[*other]], &[PEOPLE[*one]]];
                for (play, who) in [&mut met, &mut alone].into_iter().zip(who) {
                    play.event(&Event { name: name.into(), ..said(id, who, now, 0) });
                }
            }
            Act::Deliver(pair, count) => {
                for _ in 0..*count {
                    let pairs: Vec<_> = met.cluster.queues.keys().copied().collect();
                    if !pairs.is_empty() {
                        let now = met.now;
                        met.cluster.deliver(pairs[pair % pairs.len()], now);
                    }
                }
            }
        }
        alone.settle();
        if id <= 3 {
            met.settle();
        }
    }
    met.settle();
    compare(&met, &alone, &acts);
}

fn compare(met: &Play, alone: &Play, acts: &[Act]) {
    let (place, number, head) = met.of(PEOPLE[0]);
    let sides = met.sides(place, number);
    let strangers = acts.iter().any(|act| matches!(act, Act::Join(1, 2)));
    // What was kept of all sides is what is known of the whole.
    if !sides.is_empty() {
        let mut whole: BTreeMap<String, (i64, u128, String)> = BTreeMap::new();
        for (name, a) in sides.values().flat_map(|side| side.attributes.iter()) {
            let new = (a.at.0, a.event.0, a.value.to_string());
            let old = whole.entry(name.clone()).or_insert_with(|| new.clone());
            *old = old.clone().max(new);
        }
        let known: BTreeMap<_, _> = head
            .attributes
            .iter()
            .map(|(name, a)| (name.clone(), (a.at.0, a.event.0, a.value.to_string())))
            .collect();
        assert_eq!(whole, known);
    }
    let led = |id: &ProfileId| -> &str {
        PEOPLE.iter().find(|name| sides[id].aliases.contains(&alias(name))).unwrap()
    };
    for out in sides.keys().filter(|id| **id != head.id()) {
        let split = met.split(PEOPLE[0], *out).unwrap();
        let names = |half: &Half| half.of.iter().map(led).collect::<BTreeSet<_>>();
        let (away, stays) = (names(&split.away), names(&split.stays));
        assert!(away.is_disjoint(&stays) && away.len() + stays.len() == sides.len());
        // An event that named both strangers is one of the two's: nobody can say beforehand whose.
        let told = !strangers || away.len() == 2;
        if told {
            check(&split.away, alone, &away);
        }
        if told && !strangers {
            check(&split.stays, alone, &stays);
        }
        if let (1, false) = (away.len(), strangers) {
            let since = met.since(place, number, *out).unwrap();
            let noes: Vec<Statement> = met
                .timeline(place, number)
                .into_iter()
                .filter(|(_, h)| !split.away.of.contains(&h.origin) && h.received_at >= since)
                .filter_map(|(key, h)| Statement::read(&key, &Row::Timeline(h)))
                .filter(|s| s.consent.fact.state == ConsentState::Withdrawn)
                .filter(|s| s.consent.fact.source != "merge")
                .collect();
            check_consents(&split.away, alone, away.first().unwrap(), &noes);
        }
        if let (1, false) = (stays.len(), strangers) {
            check_consents(&split.stays, alone, stays.first().unwrap(), &[]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn who_became_one_is_found_again_as_had_they_never_met(
        acts in vec(act(), 0..40),
        partitions in prop_oneof![Just(1_u16), Just(2), Just(16)],
    ) {
        play(&acts, partitions);
    }
}

#[test]
fn each_row_says_whose_it_is() {
    let mut play = Play::begin(4);
    let mut now = BEGIN;
    let mut id = 0;
    let mut tell = |play: &mut Play, who: &[&str], sets: &[(&str, &str)]| {
        now = now.plus(Duration(60_000));
        id += 1;
        let mut event = said(id, who, now, 0);
        event.attributes =
            sets.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        play.event(&event);
        play.settle();
    };
    tell(&mut play, &["user_id:1"], &[("city", "Lugo"), ("plan", "pro")]);
    tell(&mut play, &["anonymous_id:u"], &[("city", "Vigo"), ("likes", "tea")]);
    let (.., kiosk) = play.of("anonymous_id:u");
    tell(&mut play, &["user_id:1", "anonymous_id:u"], &[]);
    tell(&mut play, &["anonymous_id:u"], &[("plan", "free")]);
    tell(&mut play, &["user_id:1"], &[("likes", "coffee")]);
    // A name that comes with the kiosk's belongs to it.
    tell(&mut play, &["anonymous_id:u", "anonymous_id:u2"], &[("shop", "west")]);
    tell(&mut play, &["anonymous_id:u2"], &[]);
    let (place, number, head) = play.of("user_id:1");
    assert_eq!(head.aliases.len(), 3);
    let origins: Vec<bool> =
        play.timeline(place, number).iter().map(|(_, h)| h.origin == kiosk.id()).collect();
    assert_eq!(origins, [false, true, false, true, false, true, true]);
    let split = play.split("user_id:1", kiosk.id()).unwrap();
    let shown = |half: &Half| {
        let all = half.attributes.iter().map(|(name, a)| format!("{name}={}", a.value));
        all.collect::<Vec<_>>().join(" ")
    };
    let plain = |text: String| text.replace('"', "");
    assert_eq!(plain(shown(&split.away)), "city=Vigo likes=tea plan=free shop=west");
    assert_eq!(plain(shown(&split.stays)), "city=Lugo likes=coffee plan=pro");
    assert_eq!(split.away.aliases.len(), 2);
    assert_eq!((split.away.events["said"], split.stays.events["said"]), (4, 3));
    assert!(split.unclear.is_empty(), "{:?}", split.unclear);
    assert_eq!(play.split("user_id:1", head.id()), Err(Unsplit::Remains));
    assert_eq!(play.split("user_id:1", ProfileId(5)), Err(Unsplit::Apart));
}

#[test]
fn what_is_put_right_is_so_on_every_side() {
    let mut play = Play::begin(4);
    let mut id = 0;
    let mut tell = |play: &mut Play, name: &str, who: &[&str], sets: &[(&str, Value)]| {
        id += 1;
        let mut event = said(id, who, BEGIN.plus(Duration(id as i64 * 60_000)), 0);
        event.name = name.to_owned();
        event.attributes =
            sets.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        play.event(&event);
        play.settle();
    };
    tell(&mut play, "said", &["user_id:1"], &[("city", "Lugo".into()), ("plan", "pro".into())]);
    tell(&mut play, "said", &["anonymous_id:u"], &[("city", "Vigo".into())]);
    tell(&mut play, "said", &["anonymous_id:w"], &[("age", "7".into())]);
    let (.., u) = play.of("anonymous_id:u");
    let (.., w) = play.of("anonymous_id:w");
    tell(&mut play, "said", &["user_id:1", "anonymous_id:u"], &[]);
    tell(&mut play, "said", &["user_id:1", "anonymous_id:w"], &[]);
    tell(&mut play, "profile_rectified", &["user_id:1"], &[("city", Value::Null)]);
    let shown = |half: &Half| {
        let set = half.attributes.iter().filter(|(_, a)| a.value != Value::Null);
        set.map(|(name, a)| format!("{name}={}", a.value)).collect::<Vec<_>>().join(" ")
    };
    let split = play.split("user_id:1", u.id()).unwrap();
    assert_eq!(shown(&split.away), "");
    assert_eq!(shown(&split.stays), "age=\"7\" plan=\"pro\"");
    // Who never said it does not begin to, and who is named says it.
    tell(&mut play, "profile_rectified", &["anonymous_id:w"], &[("plan", "free".into())]);
    let split = play.split("user_id:1", w.id()).unwrap();
    assert_eq!(shown(&split.away), "age=\"7\" plan=\"free\"");
    assert_eq!(shown(&split.stays), "plan=\"free\"");
    let split = play.split("user_id:1", u.id()).unwrap();
    assert_eq!(shown(&split.away), "");
}

#[test]
fn a_name_given_by_mistake_goes_to_who_asked_for_it() {
    for partitions in [1, 4, 16] {
        let mut play = Play::begin(partitions);
        let mut now = BEGIN;
        let mut id = 0;
        let mut tell = |play: &mut Play, who: &[&str]| {
            now = now.plus(Duration(60_000));
            id += 1;
            play.event(&said(id, who, now, 0));
            play.settle();
        };
        // Ana types Bea's address; Bea has it too, and stays somebody else by her account.
        tell(&mut play, &["user_id:ana", "email:bea@x.example"]);
        tell(&mut play, &["user_id:bea", "email:bea@x.example"]);
        let (.., ana) = play.of("user_id:ana");
        let (.., bea) = play.of("user_id:bea");
        let address = alias("email:bea@x.example");
        assert!(ana.aliases.contains(&address) && bea.refused_aliases.contains(&address));
        play.put(Body::LetGo { alias: address.clone(), of: ana.id() });
        play.settle();
        let (.., ana) = play.of("user_id:ana");
        let (.., bea) = play.of("user_id:bea");
        assert!(!ana.aliases.contains(&address) && ana.refused_aliases.is_empty());
        assert!(bea.aliases.contains(&address) && bea.refused_aliases.is_empty());
        let at = usize::from(home(&address, partitions));
        let Some(Row::Alias(row)) = play.cluster.rows[at].get(&Key::Alias(address.clone())) else {
            panic!("nobody holds it");
        };
        assert_eq!(row.holder.map(|holder| holder.rank.id), Some(bea.id()));
        assert!(row.watchers.is_empty());
        // What is reported of the address alone is Bea's, and nobody becomes one with Ana.
        let before = play.timeline_of("user_id:bea");
        tell(&mut play, &["email:bea@x.example"]);
        assert_eq!(play.timeline_of("user_id:bea"), before + 1);
        // Once more: Bea lets go as well, and the address is nobody's.
        play.put(Body::LetGo { alias: address.clone(), of: bea.id() });
        play.settle();
        assert_eq!(play.cluster.rows[at].get(&Key::Alias(address)), None);
    }
}

impl Play {
    fn timeline_of(&self, name: &str) -> usize {
        let (place, number, _) = self.of(name);
        self.timeline(place, number).len()
    }
}
