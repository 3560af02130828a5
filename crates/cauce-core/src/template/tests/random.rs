//! No input makes the engine panic.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Parses, lists and renders; only the absence of a panic and the limits are asserted.
fn survives(text: &str) {
    let partials = BTreeMap::from([("p".to_owned(), "{{ p }}{% include q %}".to_owned())]);
    let globals = r#"{"a":[1,"x",{"b":2.5}],"b":{"c":"<&>","d":null},"c":-7,"q":"p","é":"ß"}"#;
    let globals = serde_json::from_str(globals).unwrap();
    let template = match parse(text, &partials) {
        Ok(template) => template,
        Err(faults) => {
            assert!(!faults.is_empty());
            for (start, end) in faults.iter().filter_map(|fault| fault.span) {
                assert!(start <= end && end as usize <= text.len().max(22) + 1, "{text:?}");
            }
            return;
        }
    };
    template.variables();
    for escape in [Escape::None, Escape::Html, Escape::Json] {
        let fuel = 5_000;
        let options = Options { escape, fuel, ..Options::new(Timestamp(0)) };
        let _ = render(&template, &globals, &options);
    }
}

const VALUES: [&str; 19] = [
    "a",
    "b.c",
    "a[0]",
    "a[-1].b",
    "c",
    "é",
    "'x y'",
    "\"\"",
    "3",
    "-2.5",
    "(1..4)",
    "(c..99999999999)",
    "nil",
    "blank",
    "empty",
    "true",
    "[q]",
    "forloop.index",
    "9e9",
];
const TESTS: [&str; 6] = ["==", "!=", "<", ">=", "contains", "and"];
const LOOSE: [&str; 26] = [
    "{% endfor %}",
    "{% endcase %}",
    "{% endtablerow %}",
    "{% break %}",
    "{% continue %}",
    "{% increment c %}",
    "{% decrement a %}",
    "{% cycle 'a', b, c %}",
    "{% include q %}",
    "{% capture b %}",
    "{% endcapture %}",
    "{% ifchanged %}",
    "{% endifchanged %}",
    "{% raw %}{{",
    "{% endraw %}",
    "{% comment %}",
    "{% endcomment %}",
    "{% liquid",
    "\necho a\n",
    "%}",
    "}}",
    "{{",
    "{%-",
    "{% # x %}",
    "{% abort_message 'x' %}",
    "-",
];

/// A value with up to two filters of up to two arguments.
fn filtered() -> impl Strategy<Value = String> {
    let value = || select(VALUES.to_vec());
    let names: Vec<&str> = super::super::filters::names().collect();
    let filter =
        (select(names), vec(value(), 0..3)).prop_map(|(name, arguments)| match arguments.len() {
            0 => format!(" | {name}"),
            _ => format!(" | {name}: {}", arguments.join(", ")),
        });
    (value(), vec(filter, 0..3)).prop_map(|(value, filters)| format!("{value}{}", filters.concat()))
}

/// Pieces that templates are made of, so that random ones get past the parser.
fn fragment() -> impl Strategy<Value = String> {
    let value = || select(VALUES.to_vec());
    prop_oneof![
        "[ a-z<\n]{0,6}",
        filtered().prop_map(|value| format!("{{{{- {value} }}}}")),
        filtered().prop_map(|value| format!("{{% assign a = {value} -%}}")),
        (value(), select(TESTS.to_vec()), value()).prop_map(|(a, test, b)| format!(
            "{{% if {a} {test} {b} %}}y{{% else %}}n{{% endif %}}"
        )),
        value().prop_map(|value| format!("{{% for i in {value} reversed %}}{{{{ i }}}}")),
        value().prop_map(|value| format!("{{% case {value} %}}{{% when c, 'x' %}}w")),
        value().prop_map(|value| format!("{{% tablerow i in {value} cols: {value} %}}")),
        value().prop_map(|value| format!("{{% render 'p' for {value} as c, p: {value} %}}")),
        select(LOOSE.to_vec()).prop_map(str::to_owned),
    ]
}

#[test]
fn what_is_missing_at_an_end_has_a_place() {
    for text in ["{% liquid\nassign\né = 1 %}", "{% assign %}", "{{ a | }}é", "{% liquid\nif"] {
        let faults = parse(text, &BTreeMap::new()).expect_err("it ends too early");
        for (start, end) in faults.iter().map(|fault| fault.span.expect("a place")) {
            assert!(text.get(start as usize..end as usize).is_some(), "{text:?}: {start} to {end}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn any_letters_of_the_language_are_survived(
        text in "[{}%|.:,'\"a-d0-9 \n()\\[\\]<>=é#-]{0,60}",
    ) {
        survives(&text);
        survives(&format!("{{{{{text}}}}}"));
        survives(&format!("{{% liquid {text} %}}"));
    }

    #[test]
    fn any_template_is_survived(parts in vec(fragment(), 0..12)) {
        survives(&parts.concat());
    }

    #[test]
    fn any_closed_piece_is_survived(
        part in fragment(),
        closing in "(\\{% endfor %\\}|\\{% endcase %\\})",
    ) {
        survives(&part);
        survives(&format!("{part}{closing}"));
    }

    #[test]
    fn any_date_is_survived(
        text in "[0-9A-Za-z:+/ ,.-]{0,24}",
        format in "[%a-zA-Z0-9^_:# -]{0,12}",
    ) {
        survives(&format!("{{{{ '{text}' | date: '{format}' }}}}{{{{ c | date: '{format}' }}}}"));
    }
}

proptest! {
    /// Whatever an event or a profile holds where a template expects something else: a message
    /// comes of it.
    #[test]
    fn no_type_of_value_breaks_a_forgiving_rendering(
        value in select(vec![
            "null", "true", "7", "-0.5", "\"\"", "\"word\"", "\"12\"", "\"2026-11-24\"", "[]",
            "[1,\"a\",null,{\"k\":1}]", "{}", "{\"k\":[1]}",
        ]),
        other in select(vec!["null", "3", "\"x\"", "[2]", "{\"k\":2}"]),
        filters in vec(select(crate::template::filters::names().collect::<Vec<_>>()), 1..4),
        arguments in 0usize..3,
    ) {
        let given = ["", ": other", ": other, other"][arguments];
        let chain: Vec<String> = filters.iter().map(|name| format!("| {name}{given}")).collect();
        let text = format!(
            "{{{{ value {} | default: \"-\" }}}}{{% if value > other %}}a{{% endif %}}",
            chain.join(" ")
        );
        let Ok(template) = parse(&text, &BTreeMap::new()) else { return Ok(()) };
        let globals = serde_json::from_str(&format!("{{\"value\":{value},\"other\":{other}}}"));
        let options = Options { forgiving: true, ..Options::new(Timestamp(0)) };
        let rendered = render(&template, &globals.unwrap(), &options);
        prop_assert!(rendered.is_ok(), "{text}: {rendered:?}");
    }
}
