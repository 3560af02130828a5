//! Rules of segments as text.

use crate::text;
use cauce_core::event::Properties;
use cauce_core::profile::Attributes;
use cauce_core::segment::{
    Calendar, Facts, Rule, Tallies, check, compile, evaluate, explain, parse,
};
use cauce_core::time::Timestamp;
use cauce_engine::codec;
use std::collections::{BTreeMap, BTreeSet};

/// A rule is refused with places in its text, or says the same in every form that it has.
pub fn run(bytes: &[u8]) {
    let source = &*text(bytes);
    let (compiled, findings) = check(source);
    for finding in &findings {
        let (start, end) = finding.span.expect("every finding has a place");
        let place = source.get(start as usize..end as usize);
        assert!(place.is_some(), "{finding:?} has no place in {source:?}");
    }
    let rule = match parse(source) {
        Ok(rule) => rule,
        Err(faults) => {
            assert!(!faults.is_empty() && compiled.is_none(), "{faults:?}");
            return;
        }
    };
    let printed = rule.to_string();
    assert_eq!(parse(&printed).as_ref(), Ok(&rule), "{printed}");
    assert_eq!(parse(&printed).map(|rule| rule.to_string()), Ok(printed));
    let json = serde_json::to_string(&rule).expect("rules have a JSON form");
    assert_eq!(serde_json::from_str::<Rule>(&json).expect(&json), rule);
    let row: Rule = codec::decode(&codec::encode(&rule), "rule").expect("what is written is read");
    assert_eq!(row, rule);
    let Some(compiled) = compiled else { return };
    assert_eq!(compile(rule).0.rule, compiled.rule, "compiled alone it is another rule");
    let (attributes, aggregates) = (Attributes::default(), BTreeMap::new());
    let segments = BTreeSet::from(["s".to_owned()]);
    let properties = Properties::new();
    let facts = Facts {
        attributes: &attributes,
        aggregates: &aggregates,
        tallies: &Tallies::new(),
        calendar: &Calendar::default(),
        standing: None,
        segments: &segments,
        lists: None,
        event: Some(&properties),
        now: Timestamp(1_760_000_000_000),
    };
    let answer = evaluate(&compiled, &facts);
    let explained = explain(&compiled, &facts);
    assert_eq!((explained.inside, explained.until), (answer.inside, answer.until));
    assert!(answer.until.is_none_or(|until| until > facts.now), "it has ended before: {answer:?}");
}
