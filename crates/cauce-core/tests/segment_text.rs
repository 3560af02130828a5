//! Text and JSON say the same rule, and no text is too strange to be refused calmly.

mod segment_rules;

use cauce_core::diagnostic::Severity;
use cauce_core::segment::{Rule, check, compile, parse};
use proptest::prelude::*;
use segment_rules::rule;

/// Words that make almost-rules: random bytes alone never come past the first condition.
const WORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "segment",
    "where",
    "count",
    "sum",
    "average",
    "first",
    "last",
    "event",
    "exists",
    "contains",
    "starts",
    "with",
    "before",
    "after",
    "within",
    "next",
    "now",
    "true",
    "a",
    "b.c",
    "`x y`",
    "\"t\"",
    "\"",
    "`",
    "(",
    ")",
    ",",
    ".",
    "-",
    "+",
    "=",
    ">=",
    "30d",
    "5",
    "1e999",
    "é",
    "min",
    "distinct",
    "most",
    "frequent",
    "value",
    "sequence",
    "then",
    "today",
    "this",
    "month",
    "calendar",
    "weeks",
    "since",
    "between",
    "\"2026-01-01\"",
    "last 3",
    "any",
    "all",
    "no",
    "size",
    "ignoring",
    "case",
    "accents",
    "version",
    "money",
    "\"1.0.0\"",
    "\"5 EUR\"",
    "anniversary",
    "of",
    "is today",
    "1",
    "years",
    "bucket",
    "reachable by",
    "email",
    "for topic",
    "messages",
    "sent",
    "template",
    "computed.a",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn text_and_json_round_trip(rule in rule()) {
        let (compiled, found) = compile(rule.clone());
        prop_assert!(found.iter().all(|f| f.severity == Severity::Warning), "{found:?}");
        prop_assert_eq!(&compiled.rule, &rule);
        let text = rule.to_string();
        prop_assert_eq!(parse(&text), Ok(rule.clone()), "{}", text);
        let json = serde_json::to_string(&rule).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Rule>(&json).unwrap(), &rule, "{}", json);
        let bytes = postcard::to_allocvec(&rule).unwrap();
        prop_assert_eq!(postcard::from_bytes::<Rule>(&bytes).unwrap(), rule);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,80}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_row_of_words_panics(words in proptest::collection::vec(0..WORDS.len(), 0..40)) {
        let words: Vec<&str> = words.into_iter().map(|at| WORDS[at]).collect();
        let text = words.join(" ");
        match parse(&text) {
            Ok(rule) => prop_assert_eq!(parse(&rule.to_string()), Ok(rule), "{}", text),
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                for fault in faults {
                    let (start, end) = fault.span.expect("every fault has a place");
                    let (start, end) = (start as usize, end as usize);
                    prop_assert!(text.get(start..end).is_some(), "{text}: {fault:?}");
                }
            }
        }
        let _ = check(&text);
    }

    #[test]
    fn a_damaged_rule_never_panics(rule in rule(), cut in 0usize..200, put in "\\PC{0,3}") {
        let mut text = rule.to_string();
        let at = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        text.insert_str(at.unwrap_or(0), &put);
        let _ = check(&text);
        text.truncate(at.unwrap_or(0));
        let _ = check(&text);
    }
}

/// What the guide shows is what is read.
#[test]
fn the_guide_is_right() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/segments.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let block = |start: &str| {
        let from = guide.find(start).unwrap_or_else(|| panic!("`{start}` is in the guide"));
        let lines = guide[from..].lines().take_while(|line| line.starts_with("    "));
        lines.map(str::trim).collect::<Vec<_>>()
    };
    for line in block("    sum(order_completed.total") {
        assert!(parse(line).is_ok(), "{line}");
    }
    let json = block("    {\"and\"").join("");
    let rule: Rule = serde_json::from_str(&json).unwrap();
    assert_eq!(parse(&rule.to_string()).unwrap(), rule);
    // The first condition of each row of the tables.
    let rows = guide.lines().filter(|line| line.starts_with("| `"));
    let mut read = 0;
    for row in rows {
        let text = row.split('`').nth(1).unwrap();
        let window = format!("count(a, {text}) > 1");
        assert!(parse(text).is_ok() || parse(&window).is_ok(), "{text}");
        read += 1;
    }
    assert!(read >= 40, "{read} rows");
}

#[test]
fn json_form() {
    let rule = parse(
        "plan in (\"pro\", 1.50) and not count(o where total > 50, last 90d) >= 3 \
         and last(o) before now - 60d",
    )
    .unwrap();
    let json = serde_json::to_value(&rule).unwrap();
    let expected: serde_json::Value = serde_json::from_str(
        r#"{"and": [
            {"attribute": {"path": "plan", "is": {"in": ["pro", 1.5]}}},
            {"not": {"count": {
                "of": {
                    "event": "o",
                    "where": {"property": {
                        "path": "total", "is": {"compare": {"op": "more", "to": 50}}
                    }},
                    "window": {"last": "90d"}
                },
                "is": {"op": "at-least", "to": 3}
            }}},
            {"last": {
                "of": {"event": "o", "where": null, "window": "all"},
                "is": {"before": {"ago": "60d"}}
            }}
        ]}"#,
    )
    .unwrap();
    assert_eq!(json, expected);
    let short = r#"{"count": {"of": {"event": "o"}, "is": {"op": "equal", "to": 1}}}"#;
    assert_eq!(serde_json::from_str::<Rule>(short).unwrap(), parse("count(o) = 1").unwrap());
    let wrong =
        r#"{"count": {"of": {"event": "o", "windw": "all"}, "is": {"op": "equal", "to": 1}}}"#;
    assert!(serde_json::from_str::<Rule>(wrong).is_err());
}

#[test]
fn what_only_json_can_say_is_refused_or_made_canonical() {
    let codes = |json: &str| {
        let (compiled, found) = compile(serde_json::from_str(json).unwrap());
        let codes: Vec<String> = found.iter().map(|f| format!("{}:{}", f.path, f.code)).collect();
        (compiled.rule.to_string(), codes.join(" "))
    };
    let leaf = r#"{"attribute": {"path": "a", "is": "exists"}}"#;
    assert_eq!(
        codes(&format!("{{\"and\": [{{\"or\": [{leaf}]}}]}}")),
        ("a exists".into(), "".into())
    );
    assert_eq!(codes(r#"{"and": []}"#).1, "and:empty-group");
    let ordered = r#"{"compare": {"op": "less", "to": "x"}}"#;
    let json = format!("{{\"not\": {{\"attribute\": {{\"path\": \"a\", \"is\": {ordered}}}}}}}");
    assert_eq!(codes(&json).1, "not.attribute:no-order");
    let filter = r#"{"property": {"path": "d", "is": {"date": {"within-last": "1d"}}}}"#;
    let of = format!(r#"{{"event": "", "where": {filter}}}"#);
    let json = format!(r#"{{"count": {{"of": {of}, "is": {{"op": "equal", "to": -1}}}}}}"#);
    assert_eq!(codes(&json).1, "count:never-true count:empty-name count.where:now-in-filter");
    let long = format!(r#"{{"segment": "{}"}}"#, "x".repeat(70_000));
    assert_eq!(codes(&long).1, ":rule-too-large");
    let deep = format!("{}{leaf}{}", "{\"not\": ".repeat(60), "}".repeat(60));
    assert_eq!(codes(&deep).1, ":rule-too-large");
}
