//! No template runs for ever, grows for ever or nests for ever.

use super::*;

#[test]
fn fuel_ends_loops() {
    let out_of_fuel = |text: &str| {
        let outcome = Story::new(text, "{}").outcome();
        assert!(outcome.starts_with("out-of-fuel "), "{text}: {outcome}");
    };
    out_of_fuel("{% for i in (1..9999999999) %}{% endfor %}");
    out_of_fuel("{% for i in (1..9999) %}{% for j in (1..9999) %}{% endfor %}{% endfor %}");
    out_of_fuel("{{ (1..9999999999) | reverse | size }}");
    out_of_fuel(
        "{% assign a = (1..90000) | reverse %}\
         {% for i in a %}{% if a == a %}{% endif %}{% endfor %}",
    );
    out_of_fuel(
        "{% assign a = '1' | split: ',' %}\
         {% for i in (1..60) %}{% assign a = a | concat: a %}{% endfor %}",
    );
}

#[test]
fn a_lazy_range_costs_what_is_walked() {
    check(Story::new("{% for i in (1..9999999999) limit: 2 %}{{ i }}{% endfor %}", "{}"), "12");
    check(Story::new("{{ (1..9999999999) | size }}", "{}"), "9999999999");
    let extreme =
        "{% for i in (-9223372036854775808..9223372036854775807) limit: 1 %}.{% endfor %}";
    check(Story::new(extreme, "{}"), ".");
}

#[test]
fn texts_stay_within_the_limit() {
    let stopped = |text: &str| {
        let outcome = Story::new(text, "{}").outcome();
        let code = outcome.split(' ').next().unwrap();
        assert!(["output-too-large", "out-of-fuel"].contains(&code), "{text}: {outcome}");
    };
    let double = "{% assign a = 'aaaaaaaaaa' %}\
                  {% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}";
    stopped(double);
    // A list of one text many times over costs little until it is printed.
    let large = "{% assign a = 'aaaaaaaaaa' %}\
                 {% for i in (1..16) %}{% assign a = a | append: a %}{% endfor %}\
                 {% assign l = a | split: ',' %}\
                 {% for i in (1..10) %}{% assign l = l | concat: l %}{% endfor %}";
    for end in ["{{ l }}", "{{ l | join }}", "{{ l | json }}", "{{ l | upcase }}"] {
        stopped(&format!("{large}{end}"));
    }
    stopped(&format!("{double}{{{{ a | replace: '', a }}}}"));
    stopped("{% tablerow i in (1..9999999999) %}{% endtablerow %}");
    stopped("{% for i in (1..99999) %}0123456789012345678901234567890123456789{% endfor %}");
    let mut story = Story::new("{{ x }}", r#"{"x":"12345"}"#);
    story.options.output_bytes_max = 4;
    check(story, "output-too-large 3..4: the output exceeds 4 bytes");
}

#[test]
fn depth_is_bounded() {
    let calls = |tag: &str| {
        let partial = format!("{{% {tag} 'a' %}}");
        let partials = [("a", partial.as_str())];
        let outcome = Story::new("{% render 'a' %}", "{}").partials(&partials).outcome();
        assert!(outcome.starts_with("too-deep "), "{outcome}");
    };
    calls("include");
    calls("render");

    let code = |text: &str| match parse(text, &BTreeMap::new()) {
        Ok(_) => "sound".to_owned(),
        Err(faults) => faults[0].code.clone(),
    };
    let nested = |depth: usize| "{% if 1 %}".repeat(depth) + &"{% endif %}".repeat(depth);
    assert_eq!(code(&nested(64)), "sound");
    assert_eq!(code(&nested(65)), "too-deep");
    assert_eq!(code(&format!("{{{{ {}a{} }}}}", "[".repeat(9_000), "]".repeat(9_000))), "too-deep");
    assert_eq!(code(&format!("{{% {}%}}", "liquid ".repeat(9_000))), "too-deep");
    assert_eq!(code(&format!("{{% if {}a %}}{{% endif %}}", "a and ".repeat(9_000))), "sound");
    assert_eq!(code(&"x".repeat(600_000)), "source-too-large");
}

#[test]
fn the_deepest_template_renders() {
    let text = "{% if 1 %}".repeat(64) + "x" + &"{% endif %}".repeat(64);
    check(Story::new(&text, "{}"), "x");
}

#[test]
fn looking_at_a_large_text_costs() {
    // Each of these would take hours if looking were free.
    let large = "{% assign a = '          ' %}\
                 {% for i in (1..17) %}{% assign a = a | append: a %}{% endfor %}\
                 {% for i in (1..400000) %}";
    for look in
        ["{% assign b = a.size %}", "{% assign b = a | size %}", "{% if a == blank %}{% endif %}"]
    {
        let outcome = Story::new(&format!("{large}{look}{{% endfor %}}"), "{}").outcome();
        assert!(outcome.starts_with("out-of-fuel "), "{look}: {outcome}");
    }
    for look in ["{% assign b = a | plus: 1 %}", "{% assign b = a | date: '%Y' %}"] {
        let mut story = Story::new("", "{}");
        let text = format!("{large}{look}{{% endfor %}}");
        story.text = &text;
        story.options.fuel = 2_000_000;
        assert_eq!(story.outcome(), "", "{look}");
    }
}

#[test]
fn authoring_is_bounded() {
    let mut partials = BTreeMap::new();
    for level in 0..60 {
        let text = format!("{{{{ x }}}}{{% render 'p{0}' %}}{{% render 'p{0}' %}}", level + 1);
        partials.insert(format!("p{level}"), text);
    }
    partials.insert("p60".to_owned(), "{{ y }}".to_owned());
    let template = parse("{% render 'p0' %}", &partials).unwrap();
    assert!(!template.variables().is_empty());

    let faults = parse(&"{{ a | nope }}{% nope %}".repeat(20_000), &BTreeMap::new()).unwrap_err();
    assert_eq!(faults.len(), 64);
}
