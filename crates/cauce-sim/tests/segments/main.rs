//! Who is in a segment, by the real core and by an executor of the language that counts everything
//! again: random rules that name each other, people who become one, events that come late, twice
//! and in any order, days on which nothing happens, events that are forgotten, and the nights on
//! which clocks are changed. A third of the rules come later, and then every rule a second time:
//! those are built from history, while things go on.
//!
//! `CAUCE_CASES` says how many cases, `CAUCE_SEED` plays one.

mod draw;
mod model;
#[path = "../../../cauce-core/tests/segment_rules/mod.rs"]
mod segment_rules;
mod stage;

use cauce_core::event::Event;
use cauce_core::ids::EventId;
use cauce_core::input::Body;
use cauce_core::list::{Listed, Member, Stamp, Upload};
use cauce_core::policy::{Suppression, WeekStart};
use cauce_core::profile::ConsentState;
use cauce_core::publish::{Body as Definition, Kind, Name};
use cauce_core::segment::Rule;
use cauce_core::time::{Duration, Timestamp};
use cauce_core::value::Value;
use cauce_sim::people::fact;
use cauce_sim::world::World;
use draw::{Act, Case, EARLY, NAMES, RULES, Said, Step, Word, name};
use model::{Model, alias, begin};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use segment_rules::oracle::holds;
use serde_json::json;
use stage::Stage;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Cases of the usual run: thirty thousand rules, each on one partition and on four.
const CASES: u64 = 1_000;
/// What the second of two segments is called.
const AGAIN: &str = "again-";
/// Attempts to make a case that fails smaller.
const SMALLER: usize = 6_000;

/// What a case came to.
#[derive(Debug, Default)]
struct Tally {
    /// Answers that were compared, and those that were yes.
    compared: [u64; 2],
    /// Rules that said both yes and no.
    moved: usize,
    /// See [`Model::counts`].
    counts: [u64; 4],
}

/// A difference, and in which segment it is, if in one.
struct Difference {
    segment: Option<usize>,
    text: String,
}

/// A definition as it is written.
type Written = (Kind, String, serde_json::Value);

/// Segments as they are written, under their names behind this.
fn segments<'c>(case: &'c Case, of: impl Iterator<Item = &'c usize>, prefix: &str) -> Vec<Written> {
    let written = of.map(|place| {
        let rule = renamed(&case.rules[*place], prefix).to_string();
        (Kind::Segment, format!("{prefix}{}", name(*place)), json!({ "rule": rule }))
    });
    written.collect()
}

/// The same as they are published.
fn definitions(written: Vec<Written>) -> Vec<(Name, Option<Definition>)> {
    written
        .into_iter()
        .map(|(kind, key, document)| {
            let body = Definition::read(kind, document).expect("definitions can be read");
            ((kind, key), Some(body))
        })
        .collect()
}

/// What rules ask for besides events.
fn surroundings(case: &Case) -> Vec<Written> {
    let week = match case.week_starts {
        WeekStart::Monday => "monday",
        WeekStart::Saturday => "saturday",
        WeekStart::Sunday => "sunday",
    };
    let policy = json!({ "default-zone": case.place.0, "week-starts": week });
    let mut written = vec![(Kind::Policy, "policy".to_owned(), policy)];
    for (topic, about, asks, purposes) in [
        ("news", "messages", true, json!([])),
        ("offers", "messages", false, json!(["use-asked", "use-free"])),
        ("use-asked", "use", true, json!([])),
        ("use-free", "use", false, json!([])),
    ] {
        let document = json!({ "title": topic, "about": about, "consent-required": asks,
                               "purposes": purposes });
        written.push((Kind::Topic, topic.to_owned(), document));
    }
    for list in ["gold", "red \"one\""] {
        let document = json!({ "namespace": "anonymous_id", "unknown": "skip" });
        written.push((Kind::List, list.to_owned(), document));
    }
    for (computed, value) in segment_rules::COMPUTED {
        written.push((Kind::Attribute, computed.to_owned(), json!({ "value": value })));
    }
    written
}

/// The same rule about segments whose names begin with this.
fn renamed(rule: &Rule, prefix: &str) -> Rule {
    let all = |parts: &[Rule]| parts.iter().map(|part| renamed(part, prefix)).collect();
    match rule {
        Rule::And(parts) => Rule::And(all(parts)),
        Rule::Or(parts) => Rule::Or(all(parts)),
        Rule::Not(part) => Rule::Not(Box::new(renamed(part, prefix))),
        Rule::Segment(name) => Rule::Segment(format!("{prefix}{name}")),
        leaf => leaf.clone(),
    }
}

/// The segments that a rule names.
fn named(rule: &Rule, found: &mut BTreeSet<usize>) {
    match rule {
        Rule::And(parts) | Rule::Or(parts) => parts.iter().for_each(|part| named(part, found)),
        Rule::Not(part) => named(part, found),
        Rule::Segment(segment) => found.extend((0..RULES).find(|place| name(*place) == *segment)),
        _ => {}
    }
}

/// A segment and all that it is made of.
fn needed(case: &Case, segment: usize) -> BTreeSet<usize> {
    let mut all = BTreeSet::from([segment]);
    // Who is named comes before who names.
    for place in (0..=segment).rev() {
        if all.contains(&place) {
            named(&case.rules[place], &mut all);
        }
    }
    all
}

/// One case on the way: what is known, and the real partitions.
struct Play<'c> {
    case: &'c Case,
    only: BTreeSet<usize>,
    /// Rules behind this one are not there yet.
    published: usize,
    world: Arc<World>,
    model: Model,
    stages: Vec<Stage>,
    now: Timestamp,
    /// Of each rule whether it said no, and yes.
    answers: BTreeMap<usize, [bool; 2]>,
    compared: [u64; 2],
}

impl<'c> Play<'c> {
    fn begin(case: &'c Case, only: Option<usize>) -> Play<'c> {
        let only = only.map_or_else(|| (0..RULES).collect(), |segment| needed(case, segment));
        let world = Arc::new(World::default());
        let mut written = surroundings(case);
        written.extend(segments(case, only.range(..EARLY), ""));
        world.publish_bodies(definitions(written));
        let now = begin(case);
        let stages = [1, 4].map(|count| Stage::new(count, &world, now, case.chance)).into();
        let (model, answers, compared) = (Model::default(), BTreeMap::new(), [0; 2]);
        Play { case, only, published: EARLY, world, model, stages, now, answers, compared }
    }

    fn each(&mut self, act: impl Fn(&mut Stage)) {
        self.stages.iter_mut().for_each(act);
    }

    fn step(&mut self, number: usize, step: &Step) {
        self.now = self.now.plus(Duration(step.advance));
        let now = self.now;
        self.each(|stage| stage.at(now));
        let leaves_open = self.case.hurried && matches!(step.act, Act::Say(_) | Act::Again(_));
        if !leaves_open {
            self.each(Stage::settle);
        }
        self.act(number, &step.act);
        if leaves_open {
            self.each(|stage| stage.deliver(step.delivered));
        } else {
            self.each(Stage::settle);
        }
    }

    fn act(&mut self, number: usize, act: &Act) {
        let now = self.now;
        let body = match act {
            Act::Wait => return,
            Act::Say(said) => {
                let event = self.event(number, said);
                self.model.say(&event, now);
                Body::Event(Box::new(event))
            }
            Act::Again(_) if self.model.said.is_empty() => return,
            Act::Again(index) => {
                let place = index.index(self.model.said.len());
                if !self.model.again(place, now) {
                    return;
                }
                let event = self.model.said[place].0.clone();
                Body::Event(Box::new(Event { received_at: now, ..event }))
            }
            Act::Forget(name, age) => {
                let before = now.minus(Duration(*age));
                self.model.forget(name, before);
                let (name, from, count) = (name.clone(), 0, u32::MAX);
                let body = Body::Retain { name, before, from, count };
                return self.each(|stage| stage.tell(&body));
            }
            Act::List(row) => {
                self.model.list(row.clone());
                let (list, _, at, said) = row;
                let begin = begin(self.case);
                let member = said.as_ref().map(|(payload, expires)| Member {
                    payload: payload.clone(),
                    expires: expires.map(|offset| begin.plus(Duration(offset))),
                });
                let upload = Upload { at: Timestamp(*at), id: 0 };
                Body::Listed(Box::new(Listed {
                    list: (*list).to_owned(),
                    alias: model::listed(row),
                    stamp: Stamp { upload, row: number as u64 },
                    source: "test".to_owned(),
                    member,
                }))
            }
            Act::Suppress(address, on) => {
                let address = alias(*address);
                self.model.suppress(&address, *on);
                let (reason, evidence) = ("manual".to_owned(), "desk".to_owned());
                let suppression = on.then_some(Suppression { reason, evidence, at: now });
                Body::Suppress { address, suppression }
            }
        };
        self.each(|stage| stage.say(body.clone()));
    }

    fn event(&self, number: usize, said: &Said) -> Event {
        let (one, other) = said.who;
        // Whom late words find apart must not be a matter of accounts, or of what a no is worth.
        let other =
            other.filter(|other| !self.case.hurried || NAMES[*other].2 % 2 == NAMES[one].2 % 2);
        let mut aliases = vec![alias(one)];
        aliases.extend(other.filter(|other| *other != one).map(alias));
        cauce_core::identity::sort(&mut aliases);
        let consents = said.consents.iter().map(|(topic, granted)| {
            let granted = *granted || self.case.hurried;
            let state = if granted { ConsentState::Granted } else { ConsentState::Withdrawn };
            fact(topic, state)
        });
        let mut event = Event {
            id: EventId(u128::from(said.random) << 64 | number as u128),
            name: said.name.clone(),
            aliases,
            occurred_at: self.now.minus(Duration(said.age)),
            received_at: self.now,
            properties: said.properties.clone(),
            attributes: said.attributes.clone(),
            consents: consents.collect(),
            historical: said.historical,
        };
        if let Some(word) = said.device {
            of_device(&mut event, number, word);
        }
        event
    }

    fn look(&mut self) -> Result<(), Difference> {
        self.each(Stage::look);
        for place in 0..self.stages.len() {
            self.compare(place, "")?;
        }
        Ok(())
    }

    /// Everybody and every segment, by one cluster and by hand.
    fn compare(&mut self, place: usize, prefix: &str) -> Result<(), Difference> {
        let book = self.world.book();
        let mut living = self.stages[place].living();
        let partitions = [1, 4][place];
        let differs = |text: String| {
            let at = self.now.0 - begin(self.case).0;
            let text = format!("{at} ms on, {partitions} partitions: {text}");
            Difference { segment: None, text }
        };
        for somebody in &self.model.people {
            let Some(real) = living.remove(&somebody.names) else {
                return Err(differs(format!("nobody is {:?}", shown(&somebody.names))));
            };
            if real.rows != somebody.row_keys() {
                let text = format!("{:?} and not {:?}", real.rows, somebody.row_keys());
                return Err(differs(format!("{:?} has {text}", shown(&somebody.names))));
            }
            let mut person = self.model.person(somebody, real.head.id().0, self.case);
            for segment in self.only.range(..self.published) {
                let by_hand = holds(&self.case.rules[*segment], &person, self.now.0);
                if by_hand {
                    person.segments.insert(name(*segment));
                }
                let number = book.segment_numbers[&format!("{prefix}{}", name(*segment))];
                let state = real.head.segments.get(&number);
                let inside = state.is_some_and(|state| state.inside);
                self.compared[0] += 1;
                self.compared[1] += u64::from(by_hand);
                self.answers.entry(*segment).or_default()[usize::from(by_hand)] = true;
                if inside != by_hand {
                    let who = shown(&somebody.names);
                    let text = format!("{who:?} is in {prefix}{}: {inside}", name(*segment));
                    let text = format!("{text}, by hand {by_hand}: {person:#?}");
                    return Err(Difference { segment: Some(*segment), ..differs(text) });
                }
            }
        }
        match living.keys().next() {
            Some(names) => Err(differs(format!("{:?} is nobody", shown(names)))),
            None => Ok(()),
        }
    }

    /// The other rules, and every rule under another name, built while things happen.
    fn build_again(&mut self, steps: &[Step], first: usize) -> Result<(), Difference> {
        let mut written = segments(self.case, self.only.range(EARLY..), "");
        written.extend(segments(self.case, self.only.iter(), AGAIN));
        let plan = self.world.publish_bodies(definitions(written));
        self.each(|stage| stage.tell(&Body::Publish { plan }));
        for (place, step) in steps.iter().enumerate() {
            self.each(|stage| stage.tell(&Body::Build { count: 1 }));
            self.step(first + place, step);
            if step.look {
                self.look()?;
            }
        }
        self.each(|stage| {
            while stage.is_building() {
                stage.tell(&Body::Build { count: 2 });
            }
        });
        self.published = RULES;
        self.look_at_both()
    }

    fn look_at_both(&mut self) -> Result<(), Difference> {
        self.look()?;
        (0..self.stages.len()).try_for_each(|place| self.compare(place, AGAIN))
    }
}

/// An app says that it can be alerted, or that it cannot any more. Never late: what an app repeats
/// within the hour is not written down.
fn of_device(event: &mut Event, number: usize, word: Word) {
    event.id = EventId(u128::from(u8::MAX) << 96 | number as u128);
    event.occurred_at = event.received_at;
    let name = match word {
        Word::Registered | Word::Denied => cauce_core::device::REGISTERED,
        Word::Removed => cauce_core::device::REMOVED,
    };
    name.clone_into(&mut event.name);
    let token = event.aliases[0].value.replace(['@', '+', '.'], "-");
    let said = [("platform", "android"), ("token", &*format!("token-{token}"))];
    let denied = matches!(word, Word::Denied).then_some(("permission", "denied"));
    let said = said.into_iter().chain(denied);
    event.properties = said.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
}

fn shown(names: &BTreeSet<cauce_core::profile::Alias>) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// Plays a case: most of it, then a build beside the stream, then what is left.
fn play(case: &Case, only: Option<usize>) -> Result<Tally, Difference> {
    let mut play = Play::begin(case, only);
    let (built, after) = (case.steps.len() * 6 / 10, case.steps.len() * 8 / 10);
    for (number, step) in case.steps[..built].iter().enumerate() {
        play.step(number, step);
        if step.look {
            play.look()?;
        }
    }
    play.look()?;
    play.build_again(&case.steps[built..after], built)?;
    for (place, step) in case.steps[after..].iter().enumerate() {
        play.step(after + place, step);
        if step.look {
            play.look_at_both()?;
        }
    }
    play.look_at_both()?;
    let moved = play.answers.values().filter(|both| **both == [true; 2]).count();
    Ok(Tally { compared: play.compared, moved, counts: play.model.counts })
}

/// The same; what panics differs as well.
fn try_to_play(case: &Case, only: Option<usize>) -> Result<Tally, Difference> {
    let played = std::panic::catch_unwind(|| play(case, only));
    played.unwrap_or_else(|_| Err(Difference { segment: None, text: "it panics".to_owned() }))
}

/// The case of a seed; of one that fails the smallest that still does, in words.
fn by_seed(seed: u64) -> Result<Tally, String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut tree = draw::case().new_tree(&mut runner).expect("nothing is filtered");
    let mut smallest = tree.current();
    let mut difference = match try_to_play(&smallest, None) {
        Ok(tally) => return Ok(tally),
        Err(difference) => difference,
    };
    let only = difference.segment;
    let mut differs = true;
    for _ in 0..SMALLER {
        let moved = if differs { tree.simplify() } else { tree.complicate() };
        if !moved {
            break;
        }
        let case = tree.current();
        match try_to_play(&case, only) {
            Ok(_) => differs = false,
            Err(found) => (smallest, difference, differs) = (case, found, true),
        }
    }
    Err(told(seed, &smallest, &difference))
}

fn told(seed: u64, case: &Case, difference: &Difference) -> String {
    let mut text = format!("CAUCE_SEED={seed}: {}\n", difference.text);
    let all = difference.segment.map_or_else(|| (0..RULES).collect(), |of| needed(case, of));
    for place in all {
        let _ = writeln!(text, "{}: {}", name(place), case.rules[place]);
    }
    let Case { place, week_starts, hurried, .. } = case;
    let _ = writeln!(text, "{place:?}, weeks start on {week_starts:?}, hurried: {hurried}");
    let mut at = 0;
    for (number, Step { advance, act, look, delivered }) in case.steps.iter().enumerate() {
        at += advance;
        let looked = if *look { ", and everybody is looked at" } else { "" };
        if !matches!(act, Act::Wait) || *look {
            let _ = writeln!(text, "{number}, at {at} ms, {delivered} hops: {act:?}{looked}");
        }
    }
    text
}

#[test]
fn segments_hold_whom_counting_by_hand_finds() {
    let said = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, last) = match said("CAUCE_SEED") {
        Some(seed) => (seed, seed),
        None => (1, said("CAUCE_CASES").unwrap_or(CASES)),
    };
    let next = AtomicU64::new(first);
    let found = Mutex::new((Vec::new(), Vec::new()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > last {
                        break;
                    }
                    let result = by_seed(seed);
                    let mut found = found.lock().expect("nobody panics while it adds up");
                    match result {
                        Ok(tally) => found.0.push(tally),
                        Err(text) => {
                            // One is enough to look at.
                            next.store(last + 1, Ordering::Relaxed);
                            found.1.push(text);
                        }
                    }
                }
            });
        }
    });
    let (tallies, differences) = found.into_inner().expect("nobody panics while it adds up");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    let [merges, refused, forgotten, known] =
        [0, 1, 2, 3].map(|n| tallies.iter().map(|tally| tally.counts[n]).sum::<u64>());
    let (compared, inside) = (sum(|tally| tally.compared[0]), sum(|tally| tally.compared[1]));
    let moved = sum(|tally| tally.moved as u64);
    let rules = (last - first + 1) * RULES as u64;
    println!(
        "{rules} rules, of which {moved} said yes and no; {compared} answers, {inside} yes; \
         {merges} merges, {refused} refused; {forgotten} rows forgotten, {known} events known"
    );
    if first < last {
        let enough = [merges, refused, forgotten, known].map(|count| count * 20 > last);
        assert_eq!(enough, [true; 4], "something hardly ever happens");
        assert!(moved * 20 > rules, "hardly any rule changes its mind");
    }
}
