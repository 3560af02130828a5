//! Random rules, people and events for the tests of segments. Few names, few values and short
//! windows, so that ties, edges and repeated events are the normal case.
#![allow(dead_code)] // each test takes what it needs

pub mod oracle;

use cauce_core::decimal::Decimal;
use cauce_core::message::Channel;
use cauce_core::policy::WeekStart;
use cauce_core::segment::{
    Anniversary, Bound, DateTest, Filter, Ignore, Literal, MessageFilter, MessageState, Messages,
    Moment, Op, Path, Release, Rule, Selection, Step, Test, Unit, Units, Window,
};
use cauce_core::time::{Duration, Timestamp};
use cauce_core::value::Value;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The instant around which everything happens.
pub const START: i64 = 1_700_000_000_000;
/// No window and no distance from `now` is longer, in milliseconds.
pub const SPAN_MAX: i64 = 20;

/// Zones, and instants shortly before something happens to their clocks or calendars.
pub const PLACES: [(&str, &str); 10] = [
    ("UTC", "2023-11-14T22:13:20Z"),
    ("UTC", "2023-11-14T22:13:20Z"),
    ("UTC", "2023-11-14T22:13:20Z"),
    ("UTC", "2024-02-28T23:59:59.998Z"),
    ("Europe/Madrid", "2023-12-31T22:59:59.997Z"),
    ("Europe/Madrid", "2024-03-30T22:59:59.997Z"),
    ("Europe/Madrid", "2024-10-27T00:59:59.997Z"),
    ("America/New_York", "2024-11-03T03:59:59.997Z"),
    ("Asia/Beirut", "2024-03-30T21:59:59.997Z"),
    ("Australia/Lord_Howe", "2024-09-30T13:29:59.997Z"),
];

/// The first day of the week.
pub fn week_starts() -> impl Strategy<Value = WeekStart> {
    proptest::sample::select(vec![WeekStart::Monday, WeekStart::Saturday, WeekStart::Sunday])
}

/// The name of an event: few, so that they meet, and of every state of a message one.
pub fn event_name() -> impl Strategy<Value = String> {
    let state = proptest::sample::select(MessageState::ALL.to_vec());
    prop_oneof![
        16 => proptest::sample::select(vec!["a", "a", "a", "b", "b", "b", "last", "last"])
            .prop_map(str::to_owned),
        2 => proptest::sample::select(vec!["message_sent", "message_refused"])
            .prop_map(str::to_owned),
        2 => state.prop_map(|state| format!("message_{}", state.as_str())),
    ]
}

pub fn names(places: &[&'static str]) -> impl Strategy<Value = Path> + Clone + use<> {
    let places: Vec<&'static str> = places.to_vec();
    proptest::sample::select(places).prop_map(|place| place.split('.').collect())
}

fn stamp() -> impl Strategy<Value = Timestamp> {
    (-40i64..40).prop_map(|offset| Timestamp(START + offset))
}

fn number() -> impl Strategy<Value = Decimal> {
    (-4i64..10).prop_map(|halves| Decimal::from_nanos(i128::from(halves) * 500_000_000))
}

fn text() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["x", "xy", "yx", "", "q\"\\\n"]).prop_map(str::to_owned)
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        4 => number().prop_map(Literal::Number),
        3 => text().prop_map(Literal::String),
        1 => any::<bool>().prop_map(Literal::Bool),
    ]
}

pub fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        4 => number().prop_map(Value::Number),
        2 => text().prop_map(Value::String),
        3 => stamp().prop_map(|stamp| Value::String(stamp.to_string())),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
        1 => proptest::sample::select(
            vec!["X", "a\u{301}", "Á", "á", "STRASSE", "straße", "N\u{303}", "xÁ"]
        ).prop_map(Value::from),
        1 => proptest::sample::select(VERSIONS.to_vec()).prop_map(Value::from),
        1 => days().prop_map(|date| Value::from(&*date)),
    ]
    .boxed();
    let object = |value: Value| Value::Object(BTreeMap::from([("k".to_owned(), value)]));
    let money =
        (number(), proptest::sample::select(vec!["EUR", "USD"])).prop_map(|(amount, currency)| {
            Value::Object(BTreeMap::from([
                ("amount".to_owned(), Value::Number(amount)),
                ("currency".to_owned(), Value::from(currency)),
            ]))
        });
    let items = prop_oneof![2 => scalar.clone().prop_map(object), 1 => scalar.clone()];
    prop_oneof![
        8 => scalar.clone(),
        2 => vec(items, 0..4).prop_map(Value::Array),
        1 => money,
        2 => scalar.prop_map(|value| Value::Object(BTreeMap::from([("k".to_owned(), value)]))),
    ]
}

/// Texts that differ in capitals and accents only, and lists of them.
pub fn spelled() -> impl Strategy<Value = Value> {
    let texts =
        vec!["X", "x", "a\u{301}", "Á", "á", "a", "A", "STRASSE", "straße", "N\u{303}", "ñ", "yÁ"];
    let text = proptest::sample::select(texts).prop_map(Value::from).boxed();
    prop_oneof![3 => text.clone(), 1 => vec(text, 0..3).prop_map(Value::Array)]
}

/// Days near the instants at which lives begin, in their own and in earlier years.
fn days() -> impl Strategy<Value = String> {
    let year = proptest::sample::select(vec![1996i32, 2000, 2022, 2023, 2024]);
    let day = proptest::sample::select(vec![
        "01-01", "12-31", "02-28", "02-29", "03-31", "10-27", "11-14", "11-15", "11-03",
    ]);
    (year, day).prop_map(|(year, day)| format!("{year}-{day}"))
}

/// Properties of an event, or attributes of a profile.
pub fn fields() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let name = proptest::sample::select(vec!["n", "t", "d"]).prop_map(str::to_owned);
    let told =
        proptest::sample::select(vec!["template", "campaign", "journey", "channel", "reason"]);
    let said = proptest::sample::select(vec!["x", "y", "email"]).prop_map(Value::from);
    let told = proptest::collection::btree_map(told.prop_map(str::to_owned), said, 0..6);
    (proptest::collection::btree_map(name, value(), 0..4), told).prop_map(|(mut fields, told)| {
        fields.extend(told);
        fields
    })
}

fn op() -> impl Strategy<Value = Op> {
    use Op::{AtLeast, AtMost, Different, Equal, Less, More};
    proptest::sample::select(vec![Equal, Different, Less, AtMost, More, AtLeast])
}

fn span(from: i64) -> impl Strategy<Value = Duration> {
    (from..=SPAN_MAX).prop_map(Duration)
}

pub fn date() -> impl Strategy<Value = DateTest> {
    let moment = prop_oneof![
        stamp().prop_map(Moment::At),
        Just(Moment::Now),
        span(0).prop_map(Moment::Ago),
        span(0).prop_map(Moment::Ahead),
    ];
    prop_oneof![
        moment.clone().prop_map(DateTest::Before),
        moment.prop_map(DateTest::After),
        span(1).prop_map(DateTest::WithinLast),
        span(1).prop_map(DateTest::WithinNext),
    ]
}

fn units() -> impl Strategy<Value = Units> {
    (1u16..4, proptest::sample::select(Unit::ALL.to_vec()))
        .prop_map(|(count, unit)| Units { count, unit })
}

/// A test that asks the calendar.
pub fn calendar_test() -> impl Strategy<Value = Test> {
    const DAY: i64 = 86_400_000;
    let span = (1i64..40).prop_map(|days| Duration(days * DAY)).boxed();
    prop_oneof![
        units().prop_map(|units| Test::Date(DateTest::Before(Moment::AgoUnits(units)))),
        units().prop_map(|units| Test::Date(DateTest::After(Moment::AgoUnits(units)))),
        units().prop_map(|units| Test::Date(DateTest::Before(Moment::AheadUnits(units)))),
        units().prop_map(|units| Test::Date(DateTest::After(Moment::AheadUnits(units)))),
        units().prop_map(|units| Test::Date(DateTest::WithinLastUnits(units))),
        units().prop_map(|units| Test::Date(DateTest::WithinNextUnits(units))),
        Just(Test::Anniversary(Anniversary::Today)),
        span.clone().prop_map(|span| Test::Anniversary(Anniversary::WithinNext(span))),
        span.prop_map(|span| Test::Anniversary(Anniversary::WithinLast(span))),
    ]
}

pub fn timeless_test() -> impl Strategy<Value = Test> {
    let compare = (op(), literal())
        .prop_map(|(op, to)| match to {
            Literal::Number(_) => Test::Compare { op, to },
            _ if op.orders() => Test::Compare { op: Op::Equal, to },
            _ => Test::Compare { op, to },
        })
        .boxed();
    let fixed = (stamp(), any::<bool>()).prop_map(|(stamp, before)| {
        let moment = Moment::At(stamp);
        Test::Date(if before { DateTest::Before(moment) } else { DateTest::After(moment) })
    });
    prop_oneof![
        1 => Just(Test::Exists),
        1 => Just(Test::Missing),
        5 => compare.clone(),
        2 => ignoring(),
        1 => (op(), version()).prop_map(|(op, to)| Test::Version { op, to }),
        1 => (op(), number(), proptest::sample::select(vec!["EUR", "USD"])).prop_map(
            |(op, amount, currency)| Test::Money { op, amount, currency: currency.to_owned() }
        ),
        1 => count_bound().prop_map(Test::Size),
        2 => elements(compare),
        1 => literal().prop_map(Test::Contains),
        1 => text().prop_map(Test::StartsWith),
        1 => text().prop_map(Test::EndsWith),
        1 => vec(literal(), 1..4).prop_map(Test::In),
        1 => vec(literal(), 1..4).prop_map(Test::NotIn),
        1 => fixed,
    ]
}

/// Conditions on the elements of an array, which are objects with a `k` or no objects.
fn elements(test: BoxedStrategy<Test>) -> impl Strategy<Value = Test> {
    let leaf = (names(&["k", "n"]), test).prop_map(|(path, is)| Filter::Property { path, is });
    let leaf = leaf.boxed();
    let filter = prop_oneof![
        3 => leaf.clone(),
        1 => vec(leaf.clone(), 2..3).prop_map(Filter::Or),
        1 => leaf.prop_map(|filter| Filter::Not(Box::new(filter))),
    ];
    (0..3, filter).prop_map(|(kind, filter)| {
        let filter = Box::new(filter);
        match kind {
            0 => Test::Any(filter),
            1 => Test::All(filter),
            _ => Test::No(filter),
        }
    })
}

pub fn ignoring() -> impl Strategy<Value = Test> {
    let text = proptest::sample::select(vec!["x", "X", "á", "A", "Straße", "ss", "ñ", "y"]);
    let text = text.prop_map(str::to_owned).boxed();
    let literal = text.clone().prop_map(Literal::String).boxed();
    let test = prop_oneof![
        literal.clone().prop_map(|to| Test::Compare { op: Op::Equal, to }),
        literal.clone().prop_map(|to| Test::Compare { op: Op::Different, to }),
        literal.clone().prop_map(Test::Contains),
        text.clone().prop_map(Test::StartsWith),
        text.prop_map(Test::EndsWith),
        vec(literal.clone(), 1..3).prop_map(Test::In),
        vec(literal, 1..3).prop_map(Test::NotIn),
    ];
    let what = vec![Ignore::Case, Ignore::Accents, Ignore::CaseAndAccents];
    (proptest::sample::select(what), test)
        .prop_map(|(what, test)| Test::Ignoring { what, test: Box::new(test) })
}

const VERSIONS: [&str; 6] = ["1.2.3", "1.10.0", "2.0.0-rc.1", "2.0.0-rc.2", "2.0.0", "2.0.0+7"];

fn version() -> impl Strategy<Value = Release> {
    proptest::sample::select(VERSIONS.to_vec())
        .prop_map(|text| Release::try_from(text.to_owned()).unwrap())
}

fn place() -> impl Strategy<Value = Path> {
    names(&["n", "t", "d", "n.k", "d.k", "t.0", "last name"])
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = (place(), timeless_test()).prop_map(|(path, is)| Filter::Property { path, is });
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..3).prop_map(Filter::And),
            vec(inner.clone(), 2..3).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

pub fn selection() -> impl Strategy<Value = Selection> {
    let event = proptest::sample::select(vec!["a", "b", "last"]).prop_map(str::to_owned);
    (event, proptest::option::weighted(0.4, filter()), window())
        .prop_map(|(event, filter, window)| Selection { event, filter, window })
}

fn window() -> impl Strategy<Value = Window> {
    let unit = proptest::sample::select(Unit::ALL.to_vec());
    prop_oneof![
        2 => Just(Window::All),
        6 => span(1).prop_map(Window::Last),
        1 => unit.clone().prop_map(Window::This),
        1 => (1u16..4, unit).prop_map(|(count, unit)| Window::Past { count, unit }),
        1 => stamp().prop_map(Window::Since),
        1 => (stamp(), 1i64..40)
            .prop_map(|(from, span)| Window::Between(from, from.plus(Duration(span)))),
    ]
}

/// A sequence of steps within milliseconds of each other.
pub fn sequence() -> impl Strategy<Value = Rule> {
    let event = proptest::sample::select(vec!["a", "b", "last"]).prop_map(str::to_owned);
    let within = proptest::option::weighted(0.7, span(1));
    let step = (any::<bool>(), event, proptest::option::weighted(0.3, filter()), within)
        .prop_map(|(not, event, filter, within)| Step { not, event, filter, within });
    (vec(step, 2..5), window()).prop_map(|(mut steps, window)| {
        steps[0].not = false;
        steps[0].within = None;
        Rule::Sequence { steps, window }
    })
}

fn count_bound() -> impl Strategy<Value = Bound> {
    (op(), 0i64..6).prop_map(|(op, halves)| Bound { op, to: Decimal::from(halves) })
}

fn bound() -> impl Strategy<Value = Bound> {
    (op(), number()).prop_map(|(op, to)| Bound { op, to })
}

/// A condition about events.
pub fn aggregate_leaf() -> impl Strategy<Value = Rule> {
    let property = names(&["n", "n.k", "t"]);
    prop_oneof![
        4 => (selection(), count_bound()).prop_map(|(of, is)| Rule::Count { of, is }),
        2 => (selection(), property.clone(), bound())
            .prop_map(|(of, property, is)| Rule::Sum { of, property, is }),
        2 => (selection(), property, bound())
            .prop_map(|(of, property, is)| Rule::Average { of, property, is }),
        1 => (selection(), date()).prop_map(|(of, is)| Rule::First { of, is }),
        1 => (selection(), date()).prop_map(|(of, is)| Rule::Last { of, is }),
        4 => kept_leaf(),
        2 => sequence(),
    ]
}

/// A condition about what a tally keeps.
pub fn kept_leaf() -> impl Strategy<Value = Rule> {
    let property = names(&["n", "n.k", "t"]);
    let test = prop_oneof![3 => timeless_test(), 1 => date().prop_map(Test::Date)];
    let tested = (selection(), property.clone(), test).boxed();
    prop_oneof![
        2 => (selection(), property.clone(), bound())
            .prop_map(|(of, property, is)| Rule::Min { of, property, is }),
        2 => (selection(), property.clone(), bound())
            .prop_map(|(of, property, is)| Rule::Max { of, property, is }),
        2 => (selection(), property, count_bound())
            .prop_map(|(of, property, is)| Rule::Distinct { of, property, is }),
        2 => tested.clone()
            .prop_map(|(of, property, is)| Rule::MostFrequent { of, property, is }),
        1 => tested.clone().prop_map(|(of, property, is)| Rule::FirstValue { of, property, is }),
        1 => tested.prop_map(|(of, property, is)| Rule::LastValue { of, property, is }),
    ]
}

/// A condition about what became of messages.
pub fn messages() -> impl Strategy<Value = Rule> {
    use MessageFilter::{Channel, Reason};
    let state = prop_oneof![
        proptest::sample::select(vec![MessageState::Sent, MessageState::Refused]),
        proptest::sample::select(MessageState::ALL.to_vec()),
    ];
    let filters = proptest::collection::btree_map(
        proptest::sample::select(MessageFilter::ALL.to_vec()),
        proptest::sample::select(vec!["x", "y"]).prop_map(str::to_owned),
        0..3,
    );
    (state, filters, window(), count_bound()).prop_map(|(state, mut filters, window, is)| {
        if !matches!(state, MessageState::Refused | MessageState::Failed) {
            filters.remove(&Reason);
        }
        if let Some(channel) = filters.get_mut(&Channel) {
            *channel = "email".to_owned();
        }
        Rule::Messages { of: Messages { state, filters, window }, is }
    })
}

/// A condition about who the profile is.
pub fn standing() -> impl Strategy<Value = Rule> {
    let topic = proptest::option::of(proptest::sample::select(vec!["news", "offers"]));
    let channels = vec![Channel::Email, Channel::Sms, Channel::Push, Channel::Webhook];
    let channel = proptest::sample::select(channels);
    prop_oneof![
        (channel, topic).prop_map(|(channel, topic)| Rule::Reachable {
            channel,
            topic: topic.map(str::to_owned)
        }),
        proptest::sample::select(vec!["use-asked", "use-free"])
            .prop_map(|purpose| Rule::Consent(purpose.to_owned())),
        (1u32..5, 0i64..5).prop_map(|(of, to)| Rule::Bucket {
            name: "draw".to_owned(),
            of,
            is: Bound { op: Op::Less, to: Decimal::from(to.min(i64::from(of))) },
        }),
    ]
}

/// The computed attributes of the tests: name and value.
pub const COMPUTED: [(&str, &str); 6] = [
    ("c", "count(a, last 7ms)"),
    ("s", "sum(a.n, today)"),
    ("l", "last value(b.t, last 9ms)"),
    ("f", "first(a)"),
    ("m", "max(`last`.n)"),
    ("q", "most frequent(a.t, last 12ms)"),
];

/// A condition about a computed attribute.
pub fn computed() -> impl Strategy<Value = Rule> {
    let name = proptest::sample::select(vec!["c", "s", "l", "f", "m", "q"]);
    let test = prop_oneof![3 => timeless_test(), 1 => date().prop_map(Test::Date)];
    (name, test).prop_map(|(name, is)| Rule::Attribute {
        path: ["computed", name].into_iter().collect(),
        is,
    })
}

/// A row of an uploaded list, as a plain fact: list, name, as of when, what is said until when.
pub type ListRow =
    (&'static str, &'static str, i64, Option<(BTreeMap<String, Value>, Option<i64>)>);

/// Rows of two lists about two names of one person, near an instant, in any order.
pub fn list_rows() -> impl Strategy<Value = Vec<ListRow>> {
    vec(list_row(vec!["ana", "bob"]), 0..9)
}

/// A row of one of two lists about one of some names.
pub fn list_row(names: Vec<&'static str>) -> impl Strategy<Value = ListRow> {
    let list = proptest::sample::select(vec!["gold", "red \"one\""]);
    let expires = proptest::option::weighted(0.7, -10i64..60);
    let said = proptest::option::weighted(0.8, (fields(), expires));
    (list, proptest::sample::select(names), 0i64..12, said)
}

/// A condition about an uploaded list.
pub fn listed() -> impl Strategy<Value = Rule> {
    let list = proptest::sample::select(vec!["gold", "red \"one\""]).prop_map(str::to_owned);
    let test = prop_oneof![3 => timeless_test(), 1 => date().prop_map(Test::Date)];
    prop_oneof![
        1 => list.clone().prop_map(Rule::List),
        2 => (list, place(), test).prop_map(|(list, path, is)| Rule::Listed { list, path, is }),
    ]
}

/// Any rule that compiles.
pub fn rule() -> impl Strategy<Value = Rule> {
    let segment = proptest::sample::select(vec!["vip", "no \"one\""]).prop_map(str::to_owned);
    let test = prop_oneof![
        4 => timeless_test(),
        2 => date().prop_map(Test::Date),
        1 => calendar_test(),
    ]
    .boxed();
    let leaf = prop_oneof![
        10 => aggregate_leaf(),
        3 => (place(), test.clone()).prop_map(|(path, is)| Rule::Attribute { path, is }),
        1 => (place(), test).prop_map(|(path, is)| Rule::Event { path, is }),
        1 => segment.prop_map(Rule::Segment),
        1 => messages(),
        1 => computed(),
        1 => listed(),
        1 => standing(),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            3 => vec(inner.clone(), 2..4).prop_map(Rule::And),
            3 => vec(inner.clone(), 2..4).prop_map(Rule::Or),
            2 => inner.prop_map(|rule| Rule::Not(Box::new(rule))),
        ]
    })
}
