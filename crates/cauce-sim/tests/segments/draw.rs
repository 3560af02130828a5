//! What a case is made of: rules that name each other, and what happens to four people.

use crate::segment_rules::oracle::Fields;
use crate::segment_rules::{
    ListRow, PLACES, SPAN_MAX, event_name, fields, list_row, rule, week_starts,
};
use cauce_core::policy::WeekStart;
use cauce_core::segment::{Rule, Test};
use cauce_core::value::Value;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Rules of one case.
pub const RULES: usize = 30;
/// Those that are published from the beginning; the others are built from history later.
pub const EARLY: usize = 20;

/// The names of four people: kind, value, whose. Two of them have no account.
pub const NAMES: [(&str, &str, usize); 11] = [
    ("user_id", "0", 0),
    ("anonymous_id", "a0", 0),
    ("email", "p0@x.example", 0),
    ("phone", "+34600112233", 0),
    ("user_id", "1", 1),
    ("anonymous_id", "a1", 1),
    // Whoever is called at it pays for it: no message goes there.
    ("phone", "+34803112233", 1),
    ("anonymous_id", "a2", 2),
    ("email", "p2@x.example", 2),
    ("anonymous_id", "a3", 3),
    ("phone", "+34600445566", 3),
];

/// Rules and a life to hold them against.
#[derive(Clone, Debug)]
pub struct Case {
    /// The zone of people who say none, and when everything begins.
    pub place: (&'static str, &'static str),
    pub week_starts: WeekStart,
    /// Partitions hear of each other late.
    pub hurried: bool,
    /// Each may name those before it; see [`name`].
    pub rules: Vec<Rule>,
    pub steps: Vec<Step>,
    /// In which order partitions hear of each other.
    pub chance: u64,
}

/// The clock goes on, something happens, and perhaps everybody is looked at.
#[derive(Clone, Debug)]
pub struct Step {
    pub advance: i64,
    pub act: Act,
    pub look: bool,
    /// How many hops arrive, where partitions hear of each other late.
    pub delivered: usize,
}

#[derive(Clone, Debug)]
pub enum Act {
    Wait,
    Say(Said),
    /// One of the events so far comes once more.
    Again(Index),
    /// Events of a name that are older than this are forgotten.
    Forget(String, i64),
    /// A row of an uploaded list.
    List(ListRow),
    /// An address, and whether it is suppressed.
    Suppress(usize, bool),
}

/// An event that is reported.
#[derive(Clone, Debug)]
pub struct Said {
    /// By which name, and perhaps by a second one.
    pub who: (usize, Option<usize>),
    pub name: String,
    pub age: i64,
    /// Ids come in no order, so that ties of time are resolved either way.
    pub random: u8,
    pub properties: Fields,
    pub attributes: Fields,
    pub consents: Vec<(&'static str, bool)>,
    pub device: Option<Word>,
    pub historical: bool,
}

/// What is said of a phone to push to.
#[derive(Clone, Copy, Debug)]
pub enum Word {
    Registered,
    Denied,
    Removed,
}

/// What the segment of a rule is called: who names others comes before them in the alphabet.
pub fn name(place: usize) -> String {
    format!("s{:02}", RULES - 1 - place)
}

pub fn case() -> impl Strategy<Value = Case> {
    let tie = option::weighted(0.4, (0..3_u8, any::<Index>()));
    let rules = vec((rule(), any::<Index>(), tie), RULES).prop_map(|drawn| {
        let rules = drawn.into_iter().enumerate();
        rules
            .map(|(place, (rule, named, tie))| linked(place, &rule, named, tie))
            .collect::<Vec<_>>()
    });
    let stands = (select(PLACES.to_vec()), week_starts(), any::<bool>(), any::<u64>());
    // What happens before what is asked: a case that fails is made smaller in this order.
    (stands, vec(step(), 4..50), rules).prop_map(
        |((place, week_starts, hurried, chance), steps, rules)| Case {
            place,
            week_starts,
            hurried,
            rules,
            steps,
            chance,
        },
    )
}

/// A rule of a segment: it names segments that are there, and no event that moves a journey.
fn linked(place: usize, rule: &Rule, named: Index, tie: Option<(u8, Index)>) -> Rule {
    let other = |named: Index| Rule::Segment(name(named.index(place)));
    let own = of_segment(rule, &|| if place > 0 { other(named) } else { anybody() });
    let Some((kind, tied)) = tie.filter(|_| place > 0) else { return own };
    match kind {
        0 => Rule::And(vec![own, other(tied)]),
        1 => Rule::Or(vec![other(tied), own]),
        _ => Rule::And(vec![own, Rule::Not(Box::new(other(tied)))]),
    }
}

fn anybody() -> Rule {
    Rule::Attribute { path: ["n"].into_iter().collect(), is: Test::Exists }
}

fn of_segment(rule: &Rule, other: &dyn Fn() -> Rule) -> Rule {
    let all = |parts: &[Rule]| parts.iter().map(|part| of_segment(part, other)).collect();
    match rule {
        Rule::And(parts) => Rule::And(all(parts)),
        Rule::Or(parts) => Rule::Or(all(parts)),
        Rule::Not(part) => Rule::Not(Box::new(of_segment(part, other))),
        Rule::Segment(_) => other(),
        Rule::Event { path, is } => Rule::Attribute { path: path.clone(), is: is.clone() },
        leaf => leaf.clone(),
    }
}

fn step() -> impl Strategy<Value = Step> {
    const HOUR: i64 = 3_600_000;
    let advance = prop_oneof![
        14 => 0_i64..6,
        1 => (1_i64..30).prop_map(|hours| hours * HOUR),
        1 => (1_i64..40).prop_map(|days| days * 24 * HOUR),
    ];
    let addresses: Vec<usize> = (0..NAMES.len()).filter(|n| is_address(NAMES[*n].0)).collect();
    let listed = ["a0", "a1", "a2", "a3"];
    let act = prop_oneof![
        1 => Just(Act::Wait),
        14 => said().prop_map(Act::Say),
        2 => any::<Index>().prop_map(Act::Again),
        1 => (event_name(), age()).prop_map(|(name, age)| Act::Forget(name, age)),
        1 => list_row(listed.to_vec()).prop_map(Act::List),
        1 => (select(addresses), any::<bool>()).prop_map(|(of, on)| Act::Suppress(of, on)),
    ];
    (advance, act, any::<bool>(), 0..5_usize).prop_map(|(advance, act, look, delivered)| Step {
        advance,
        act,
        look,
        delivered,
    })
}

fn is_address(kind: &str) -> bool {
    matches!(kind, "email" | "phone")
}

fn age() -> impl Strategy<Value = i64> {
    const HOUR: i64 = 3_600_000;
    prop_oneof![
        10 => 0..SPAN_MAX + 6,
        1 => (0_i64..50).prop_map(|hours| hours * HOUR),
        1 => (0_i64..80).prop_map(|days| days * 24 * HOUR),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    let one = 0..NAMES.len();
    let pairs: Vec<(usize, usize)> = one
        .clone()
        .flat_map(|a| (a + 1..NAMES.len()).map(move |b| (a, b)))
        .filter(|(a, b)| NAMES[*a].2 == NAMES[*b].2)
        .collect();
    // Not: two accounts in one event, which no reporter says.
    let both =
        (one.clone(), one.clone()).prop_map(|(one, other)| match (NAMES[one], NAMES[other]) {
            (("user_id", ..), ("user_id", ..)) => (one, None),
            _ => (one, Some(other)),
        });
    let who = prop_oneof![
        7 => one.prop_map(|one| (one, None)),
        2 => select(pairs).prop_map(|(one, other)| (one, Some(other))),
        1 => both,
    ];
    let topic = select(vec!["*", "news", "offers", "use-asked", "use-free"]);
    let consents = prop_oneof![4 => Just(Vec::new()), 1 => vec((topic, any::<bool>()), 1..3)];
    let word = select(vec![Word::Registered, Word::Denied, Word::Removed]);
    let event = (event_name(), age(), any::<u8>(), fields(), prop::bool::weighted(0.2));
    let sets = (attributes(), consents, option::weighted(0.08, word));
    (who, event, sets).prop_map(|(who, event, (attributes, consents, device))| {
        let (name, age, random, properties, historical) = event;
        Said { who, name, age, random, properties, attributes, consents, device, historical }
    })
}

fn attributes() -> impl Strategy<Value = Fields> {
    let zones = ["UTC", "Europe/Madrid", "America/New_York", "Asia/Beirut", "no zone"];
    let zone = prop_oneof![
        5 => select(zones.to_vec()).prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    let set = (fields(), option::weighted(0.2, zone)).prop_map(|(mut fields, zone)| {
        fields.extend(zone.map(|zone| ("timezone".to_owned(), zone)));
        fields
    });
    prop_oneof![3 => Just(Fields::new()), 2 => set]
}
