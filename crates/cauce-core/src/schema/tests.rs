//! What schemas say, learn and refuse.

use super::*;
use crate::ids::EventId;
use crate::profile::Alias;
use crate::publish::{Body, Book, Kind, Name, Plan, check as check_world};
use crate::time::Timestamp;
use crate::value::Value;
use proptest::prelude::*;

fn source(text: &str) -> Source {
    serde_json::from_str(text).unwrap()
}

fn event(name: &str, properties: &str) -> Event {
    Event {
        id: EventId(1),
        name: name.to_owned(),
        aliases: vec![Alias { namespace: "user_id".into(), value: "7".into() }],
        occurred_at: Timestamp(1),
        received_at: Timestamp(1),
        properties: serde_json::from_str(properties).unwrap(),
        attributes: Properties::new(),
        consents: Vec::new(),
        historical: false,
    }
}

/// What an event comes to: as it counts, or its faults.
fn told(schema: &str, name: &str, properties: &str) -> String {
    let mut schemas = Schemas::default();
    schemas.add(Schema::new("order", &source(schema)));
    match schemas.fit(&event(name, properties)) {
        Ok(event) => format!("{} {}", event.name, Value::Object(event.properties.clone())),
        Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    }
}

#[test]
fn every_fault_is_named_and_no_value_is() {
    let schema = r#"{"open": false, "properties": {
        "total": {"type": "number", "required": true}, "currency": "string",
        "at": "date", "address": "object", "address.city": {"type": "string", "required": true},
        "items": "array", "items[]": "object",
        "items[].sku": {"type": "string", "required": true}}}"#;
    let check = |properties: &str, expected: &str| {
        assert_eq!(told(schema, "order", properties), expected, "{properties}");
    };
    check(r#"{"total":1}"#, r#"order {"total":1}"#);
    check(r#"{"total":1,"currency":null}"#, r#"order {"currency":null,"total":1}"#);
    check(
        r#"{"total":"secret","curency":"EUR","at":"soon","address":{"town":"x"}}"#,
        "properties.address.city: is missing; it must be a string; \
         properties.address.town: is not known, and the schema is closed; \
         properties.at: is a string, not a date such as `2026-11-24` or an RFC 3339 time; \
         properties.total: is a string, not a number; \
         properties.curency: is not known, and the schema is closed (did you mean `currency`?)",
    );
    check(
        r#"{"total":1,"at":"2026-11-24","items":[{"sku":"a"},{"sku":7},{},"b"]}"#,
        "properties.items[1].sku: is a number, not a string; \
         properties.items[2].sku: is missing; it must be a string; \
         properties.items[3]: is a string, not an object",
    );
    check(r#"{"total":null}"#, "properties.total: is missing; it must be a number");
    // What is only written down refuses nothing.
    let learned = schema.replacen('{', r#"{"state": "learned", "#, 1);
    assert_eq!(told(&learned, "order", r#"{"total":"x"}"#), r#"order {"total":"x"}"#);
}

#[test]
fn faults_are_bounded() {
    let many: Vec<String> = (0..50).map(|n| format!("\"p{n}\":1")).collect();
    let properties = format!("{{{}}}", many.join(","));
    let told = told(r#"{"open": false, "properties": {"total": "number"}}"#, "order", &properties);
    assert!(told.ends_with("properties: 18 more faults are not listed"), "{told}");
}

#[test]
fn old_names_and_types_are_mapped_where_nothing_is_lost() {
    let schema = r#"{"was": ["Bought"], "properties": {
        "total": {"type": "number", "was": ["amount"], "cast": true},
        "gift": {"type": "boolean", "cast": true}, "code": {"type": "string", "cast": true},
        "items[].price": {"type": "number", "was": ["cost"], "cast": true}}}"#;
    let check = |name: &str, properties: &str, expected: &str| {
        assert_eq!(told(schema, name, properties), expected, "{properties}");
    };
    check("Bought", r#"{"amount":" 19.99 "}"#, r#"order {"total":19.99}"#);
    check(
        "order",
        r#"{"gift":"true","code":7,"items":[{"cost":"1"},{"price":2}]}"#,
        r#"order {"code":"7","gift":true,"items":[{"price":1},{"price":2}]}"#,
    );
    check("order", r#"{"total":"12 EUR"}"#, "properties.total: is a string, not a number");
    check("order", r#"{"gift":1}"#, "properties.gift: is a number, not a boolean");
    check(
        "order",
        r#"{"amount":1,"total":2}"#,
        "properties.total: stands beside `amount`, its old name: send one of them",
    );
}

#[test]
fn definitions_are_read_with_the_way_out() {
    let check = |text: &str, expected: &str| {
        let read = serde_json::from_str::<Source>(text);
        let told = match read {
            Ok(source) => serde_json::to_string(&source).unwrap(),
            Err(error) => error.to_string(),
        };
        assert!(told.contains(expected), "{text}: {told}");
    };
    check(r#"{"properties":{"a":"number"}}"#, r#""properties":{"a":"number"}"#);
    check(
        r#"{"properties":{"a":{"type":["number","string"],"cast":true}}}"#,
        r#"{"a":{"type":["number","string"],"cast":true}}"#,
    );
    check(r#"{"properties":{"a":"text"}}"#, "`text` is no type (did you mean `string`?)");
    check(r#"{"properties":{"a":"nmber"}}"#, "did you mean `number`?");
    check(r#"{"properties":{"a":7}}"#, "`7` is no type");
    check(r#"{"properties":{"a":{"typ":"string"}}}"#, "unknown field `typ`");
    check(r#"{"closed":true}"#, "unknown field `closed`");
}

fn world(definitions: &[(Kind, &str, &str)]) -> Vec<(Name, Option<Body>)> {
    let read = |(kind, key, text): &(Kind, &str, &str)| {
        let document = serde_json::from_str(text).unwrap();
        ((*kind, (*key).to_owned()), Some(Body::read(*kind, document).unwrap()))
    };
    definitions.iter().map(read).collect()
}

fn published(definitions: &[(Kind, &str, &str)]) -> Book {
    let mut book = Book::default();
    let changes = world(definitions)
        .into_iter()
        .map(|(name, body)| (name, body.map(|body| serde_json::to_string(&body).unwrap())));
    let changes = changes.collect();
    book.publish(&Plan { number: 1, at: Timestamp(1), by: "test".into(), changes });
    book
}

#[test]
fn faults_of_a_schema_are_found_before_it_is_published() {
    let check = |key: &str, text: &str, expected: &str| {
        let verdict = check_world(&Book::default(), &world(&[(Kind::Schema, key, text)]));
        let told: Vec<_> = verdict.diagnostics.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|found| found.contains(expected)), "{text}: {told:#?}");
    };
    check("o", r#"{"properties":{"a..b":"string"}}"#, "`a..b` is no path");
    check("o", r#"{"properties":{"a":"string","a.b":"string"}}"#, "let `a` be of type `object`");
    check("o", r#"{"properties":{"a":"string","a[]":"string"}}"#, "let `a` be of type `array`");
    check("o", r#"{"properties":{"a":{"type":"date","cast":true}}}"#, "nothing is cast");
    check("o", r#"{"properties":{"a":"string","b":{"was":["a"]}}}"#, "cannot be an old name");
    check("o", r#"{"properties":{"a":{"was":["c"]},"b":{"was":["c"]}}}"#, "cannot be an old name");
    check("attributes", r#"{"properties":{"a":{"required":true}}}"#, "none can be required");
    check("attributes", r#"{"was":["x"]}"#, "attributes have no name");
    check("consent_stated", "{}", "never refused");
    check("o", r#"{"event":""}"#, "cannot be an event's name");
    check("o", r#"{"open":false}"#, "every event with one would be refused");
    let two = [(Kind::Schema, "a", "{}"), (Kind::Schema, "b", r#"{"was":["a"]}"#)];
    let verdict = check_world(&Book::default(), &world(&two));
    assert!(!verdict.is_clean(), "{:?}", verdict.diagnostics);
}

const USERS: [(Kind, &str, &str); 6] = [
    (Kind::Topic, "news", r#"{"title":"News"}"#),
    (Kind::Sender, "shop", r#"{"from":{"address":"shop@x.example"}}"#),
    (
        Kind::Segment,
        "rich",
        r#"{"rule":
            "sum(order.total where currency = \"EUR\", last 30d) > 100 and city = \"Rome\""}"#,
    ),
    (Kind::Attribute, "spend", r#"{"value":"sum(order.total, last 90d)"}"#),
    (
        Kind::Template,
        "thanks",
        r#"{"topic":"news","subject":"Thanks",
            "text":"{{ event.total | default: 0 }} {{ profile.city | default: \"\" }}"}"#,
    ),
    (
        Kind::Journey,
        "after",
        r#"{"entry":{"event":"order","where":"event.gift = true"},"steps":[{"message":"thanks"}]}"#,
    ),
];

#[test]
fn who_uses_what_is_known_and_warned() {
    let book = published(&USERS);
    let uses = uses(&book.world());
    let of = |path: Option<&str>, event: Option<&str>| {
        let fits = |by: &&Use| by.of.is_about(event) && by.of.path() == path;
        let users: BTreeSet<String> =
            uses.iter().filter(fits).map(|by| format!("{} {}", by.kind, by.name)).collect();
        users.into_iter().collect::<Vec<_>>().join(", ")
    };
    assert_eq!(of(Some("total"), Some("order")), "attribute spend, segment rich, template thanks");
    assert_eq!(of(Some("currency"), Some("order")), "segment rich");
    assert_eq!(of(Some("gift"), Some("order")), "journey after");
    assert_eq!(of(None, Some("order")).matches("journey after").count(), 1);
    assert_eq!(of(Some("city"), None), "segment rich, template thanks");

    let check = |key: &str, text: &str, expected: &str| {
        let verdict = check_world(&book, &world(&[(Kind::Schema, key, text)]));
        let told: Vec<_> = verdict.diagnostics.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|found| found.contains(expected)), "{text}: {told:#?}");
    };
    let all = "used by attribute `spend`, journey `after`, segment `rich`, template `thanks`";
    check("order", r#"{"properties":{"total":"number"}}"#, all);
    check("order", r#"{"was":["Bought"]}"#, "`Bought` counts as it from now on; used by");
    check("order", r#"{"open":false,"properties":{"totl":"number"}}"#, "did you mean `totl`?");
    // What asks for an old name would wait for ever.
    let renamed = r#"{"properties":{"amount":{"type":"number","was":["total"]}}}"#;
    check("order", renamed, "segment/rich: uses `total`, which is named `amount` now");
    check("order", renamed, "template/thanks: uses `total`");
    check("bought", r#"{"was":["order"]}"#, "journey/after: uses `order`, which is named `bought`");
    let town = r#"{"properties":{"town":{"was":["city"]}}}"#;
    check("attributes", town, "segment/rich: uses `city`, which is named `town` now");
}

#[test]
fn people_in_flight_wait_for_the_new_name() {
    let mut book = published(&USERS);
    let changes = vec![
        ((Kind::Schema, "bought".to_owned()), Some(r#"{"schema":{"was":["order"]}}"#.to_owned())),
        ((Kind::Journey, "after".to_owned()), None),
    ];
    book.publish(&Plan { number: 2, at: Timestamp(2), by: "test".into(), changes });
    let catalog = book.catalog();
    let old = &catalog.journey_revisions[&("after".to_owned(), 1)];
    assert_eq!(old.entry.event.as_deref(), Some("bought"));
}

fn learned_of(events: &[Event]) -> Learned {
    let mut learned = Learned::default();
    events.iter().for_each(|event| learned.learn(event));
    learned
}

#[test]
fn shapes_are_learned_and_written_down() {
    let mut events = vec![
        event(
            "order",
            r#"{"total":1,"at":"2026-11-24T10:00:00Z","items":[{"sku":"a"},{"sku":"b"}]}"#,
        ),
        event("order", r#"{"total":"2","at":"2026-11-25","by":{"ada@x.example":1}}"#),
    ];
    events[1].received_at = Timestamp(9);
    let learned = learned_of(&events);
    let shape = &learned.events["order"];
    assert_eq!((shape.count, shape.first, shape.last), (2, Timestamp(1), Timestamp(9)));
    assert_eq!(shape.traits["items[].sku"].present, 1, "one event");
    assert_eq!(shape.traits["items[].sku"].types.string, 2);
    let source = shape.source(Require::Always);
    let text = serde_json::to_string(&source).unwrap();
    assert!(text.contains(r#""at":{"type":"date","required":true}"#), "{text}");
    assert!(text.contains(r#""type":["string","number"]"#), "{text}");
    assert!(!text.contains("ada"), "{text}");
    // What was learned fits what it was learned from.
    let mut schemas = Schemas::default();
    schemas.add(Schema::new("order", &source));
    assert!(events.iter().all(|event| schemas.fit(event).is_ok()), "{text}");
}

#[test]
fn learning_is_bounded_and_says_so() {
    let deep = event("order", r#"{"a":{"b":{"c":{"d":{"e":{"f":1}}}}}}"#);
    assert_eq!(learned_of(&[deep]).events["order"].beyond, 1);
    let wide: Vec<String> = (0..300).map(|n| format!("\"n{n}\":1")).collect();
    let wide = learned_of(&[event("order", &format!("{{{}}}", wide.join(",")))]);
    let shape = &wide.events["order"];
    assert_eq!(shape.traits.len(), crate::limits::LEARNED_PATHS_MAX);
    assert_eq!(shape.beyond, 300 - crate::limits::LEARNED_PATHS_MAX as u64);
    let mut learned = Learned::default();
    for n in 0..600 {
        learned.learn(&event(&format!("e{n}"), "{}"));
    }
    assert_eq!(learned.events.len(), crate::limits::LEARNED_EVENTS_MAX);
    assert_eq!(learned.beyond, 600 - crate::limits::LEARNED_EVENTS_MAX as u64);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-5i64..5).prop_map(Value::from),
        proptest::sample::select(vec!["1", "true", "x", "2026-11-24"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let name = proptest::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            proptest::collection::btree_map(name, inner, 0..3).prop_map(Value::Object),
        ]
    })
}

fn properties() -> impl Strategy<Value = Properties> {
    let name = proptest::sample::select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned);
    proptest::collection::btree_map(name, value(), 0..4)
}

fn of(properties: Properties) -> Event {
    Event { properties, ..event("order", "{}") }
}

proptest! {
    /// Mapping what was mapped changes nothing: what is stored reads as what was counted.
    #[test]
    fn mapping_is_done_once(properties in properties()) {
        let schema = r#"{"state":"learned","properties":{
            "a":{"type":"number","was":["b"],"cast":true},
            "c":{"type":"string","cast":true},
            "d.a":{"type":"boolean","was":["c"],"cast":true},
            "d[].b":{"type":"number","cast":true}}}"#;
        let mut schemas = Schemas::default();
        schemas.add(Schema::new("order", &source(schema)));
        let event = Event { properties, ..event("order", "{}") };
        let once = schemas.map(&event).into_owned();
        let twice = schemas.map(&once).into_owned();
        prop_assert_eq!(once, twice);
    }

    /// What is learned of events fits them all, closed or not.
    #[test]
    fn what_is_learned_fits(all in proptest::collection::vec(properties(), 1..12)) {
        let events: Vec<Event> =
            all.into_iter().map(of).collect();
        let learned = learned_of(&events);
        let mut written = learned.events["order"].source(Require::Always);
        written.open = false;
        let mut schemas = Schemas::default();
        schemas.add(Schema::new("order", &written));
        for event in &events {
            let fitted = schemas.fit(event);
            prop_assert!(fitted.is_ok(), "{:?} {:?}", event.properties, fitted);
        }
    }

    /// Two partitions together know what one would.
    #[test]
    fn what_was_learned_adds_up(
        all in proptest::collection::vec(properties(), 0..12),
        at in 0usize..12,
    ) {
        let events: Vec<Event> =
            all.into_iter().map(of).collect();
        let (left, right) = events.split_at(at.min(events.len()));
        let mut sum = learned_of(left);
        sum.merge(&learned_of(right));
        let whole = learned_of(&events);
        let told = |learned: &Learned| serde_json::to_value(&learned.events).unwrap();
        prop_assert_eq!(told(&sum), told(&whole));
    }
}
