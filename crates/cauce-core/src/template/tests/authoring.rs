//! What an author is told.

use super::*;
use crate::diagnostic::Diagnostic;

fn show(findings: &[Diagnostic]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let (start, end) = finding.span.unwrap_or_default();
            format!("{start}..{end} {}: {finding}", finding.code)
        })
        .collect()
}

fn faults(text: &str, partials: &[(&str, &str)]) -> Vec<String> {
    let partials = partials.iter().map(|(name, text)| ((*name).into(), (*text).into()));
    show(&parse(text, &partials.collect()).unwrap_err())
}

#[test]
fn all_faults_come_at_once_with_what_was_meant() {
    let text = "{{ a | upcas }}{% iff x %}{{ b | append }}{% for x of y %}{% endfor %}{% endif %}";
    assert_eq!(
        faults(text, &[]),
        [
            "7..12 unknown-filter: no filter `upcas` (did you mean `upcase`?)",
            "15..26 unknown-tag: no tag `iff` (did you mean `if`?)",
            "33..39 filter-arguments: `append` takes 1 argument, not 0",
            "51..53 syntax: unexpected `of`, expected `in`",
            "70..81 misplaced-tag: `endif` closes nothing that is open here",
        ]
    );
}

#[test]
fn faults_name_their_place() {
    assert_eq!(
        faults("{% if a %}", &[]),
        ["0..10 unclosed-block: `if` is not closed (add `{% endif %}`)"]
    );
    assert_eq!(faults("a {{ b", &[]), ["2..4 unclosed-output: `{{` is not closed (add `}}`)"]);
    assert_eq!(
        faults("{% render 'heder' %}", &[("header", "{% if %}{% endif %}")]),
        [
            "10..17 unknown-partial: no partial `heder` (did you mean `header`?)",
            "6..6 syntax: partials.header: unexpected end, expected a value",
        ]
    );
    assert_eq!(
        faults("{{ 'a }}{{ x | default: 1, allow_flase: true }}", &[]),
        [
            "3..6 syntax: the text is not closed",
            "15..44 filter-arguments: `default` has no argument named `allow_flase`",
        ]
    );
    assert_eq!(faults("{{ a € b }}", &[]), ["5..8 syntax: unexpected `€`"]);
}

fn variables(text: &str, partials: &[(&str, &str)]) -> Vec<String> {
    let partials = partials.iter().map(|(name, text)| ((*name).into(), (*text).into()));
    let template = parse(text, &partials.collect()).unwrap();
    let shown = template.variables().into_iter().map(|variable| {
        let guard = if variable.guarded { " guarded" } else { "" };
        format!("{}{}{guard}", variable.partial, variable.path)
    });
    shown.collect()
}

#[test]
fn variables_are_listed() {
    assert_eq!(
        variables("{{ p.a }}{{ p['b'].size }}{{ q | default: p.c }}{{ p[x].y }}", &[]),
        ["p.a", "p.b", "q guarded", "p.c", "p", "x"]
    );
    let looped = "{% for i in e.items %}{{ i.x }}{{ forloop.index }}{{ z }}{% endfor %}{{ i }}";
    assert_eq!(variables(looped, &[]), ["e.items guarded", "z", "i"]);
    let local = "{{ a }}{% assign a = b %}{{ a }}{% capture c %}{{ d }}{% endcapture %}{{ c }}";
    assert_eq!(variables(local, &[]), ["a", "b", "d"]);
    let tested = "{% if a and b != blank %}{{ a }}{{ b }}{{ c }}{% else %}{{ a }}{% endif %}";
    assert_eq!(
        variables(tested, &[]),
        ["a guarded", "b guarded", "a guarded", "b guarded", "c", "a"]
    );
    assert_eq!(variables("{% if a == blank %}{{ a }}{% endif %}", &[]), ["a guarded", "a"]);
    let partials = [("x", "{{ x.t }}{{ v }}{{ k }}{% render 'x' %}")];
    let calls = "{% assign v = 1 %}{% include 'x', k: g %}";
    assert_eq!(variables(calls, &partials), ["g guarded", "xx.t"]);
    let calls = "{% assign v = 1 %}{% render 'x' for list, k: g %}{{ v }}";
    assert_eq!(variables(calls, &partials), ["list guarded", "g guarded", "xv"]);
}

#[test]
fn variables_are_held_against_what_is_known() {
    let text = "{{ profile.fist_name }}{{ profile.first_name }}{{ event.any.thing | default: 1 }}\
                {% if profile.plan %}{{ profile.plan }}{% endif %}{{ profile | json }}";
    let template = parse(text, &BTreeMap::new()).unwrap();
    let known = ["profile.first_name", "profile.plan", "event"].map(str::to_owned);
    assert_eq!(
        show(&super::super::check(&template, &known.into_iter().collect())),
        [
            "3..20 unknown-variable: no variable `profile.fist_name` \
             (did you mean `profile.first_name`?)",
            "26..44 no-fallback: `profile.first_name` has no fallback (add `| default: \"…\"`)",
            "134..141 no-fallback: `profile` has no fallback (add `| default: \"…\"`)",
        ]
    );
}
