//! One rule while it is being written, against everything that is published; and who needs a
//! definition.

use super::check::Checker;
use super::{Body, Book, Kind, Name, check};
use crate::diagnostic::{Diagnostic, Severity};
use crate::prelude::*;
use crate::schema::{Learned, Names};
use crate::segment::{self, Compiled, Rule};

/// A rule as somebody writes it.
#[derive(Clone, Debug)]
pub enum Written {
    /// Its text form.
    Text(String),
    /// Its JSON form.
    Json(serde_json::Value),
}

/// Compiles a rule and looks for all that is wrong with it here and now; every finding that the
/// text form has a place for has one. None if one of them is an error.
/// What nobody has ever seen, as `learned` has it, gives a warning.
pub fn check_rule(
    book: &Book,
    learned: &Learned,
    written: Written,
) -> (Option<Compiled>, String, Vec<Diagnostic>) {
    let text = match written {
        Written::Text(text) => text,
        Written::Json(json) => match serde_json::from_value::<Rule>(json) {
            // Its canonical text; what is wrong with it is wrong with that as well.
            Ok(rule) => {
                let (compiled, found) = segment::compile(rule);
                let broken = found.iter().any(|fault| fault.severity == Severity::Error);
                if broken {
                    return (None, String::new(), found);
                }
                compiled.rule.to_string()
            }
            Err(error) => {
                let fault = Diagnostic::error("", "malformed", format!("no rule: {error}"));
                return (None, String::new(), vec![fault]);
            }
        },
    };
    let (compiled, mut found) = segment::check(&text);
    let Some(mut compiled) = compiled else { return (None, text, found) };
    let world: BTreeMap<Name, Body> = book
        .current
        .keys()
        .filter(|name| name.0 != Kind::Template || needs_templates(&compiled))
        .filter_map(|name| Some((name.clone(), book.get(name.0, &name.1)?.body.clone())))
        .collect();
    let mut checker = Checker::of(&world, book);
    checker.rule("", &mut compiled);
    found.extend(checker.into_found().into_iter().map(|fault| place(fault, &text)));
    found.extend(Names::of(&world, learned).unknown(&segment::mentions(&text), &[]));
    let broken = found.iter().any(|fault| fault.severity == Severity::Error);
    (Some(compiled).filter(|_| !broken), text, found)
}

/// Bodies of templates are long, and few rules name one.
fn needs_templates(compiled: &Compiled) -> bool {
    compiled.sources.iter().any(|(filter, _)| *filter == segment::MessageFilter::Template)
}

/// Where in the text a name stands that a finding is about: the first one in quotes or after a dot.
fn place(fault: Diagnostic, text: &str) -> Diagnostic {
    let Some(name) =
        fault.message.split('`').nth(if fault.code == "unknown-payload" { 3 } else { 1 })
    else {
        return fault;
    };
    let quoted = serde_json::Value::String(name.to_owned()).to_string();
    let dotted = format!(".{name}");
    let found = [quoted.as_str(), dotted.as_str()]
        .into_iter()
        .find_map(|part| text.find(part).map(|at| (at, at + part.len())));
    match (fault.span, found) {
        (None, Some((start, end))) => fault.at(start, end),
        _ => fault,
    }
}

/// Somebody who needs a definition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependent {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Where it names the definition: `rule`, `audience`, `entry.segment`.
    pub how: String,
}

/// Who would be broken without a definition: by the very check that refuses to remove it.
pub fn dependents(book: &Book, kind: Kind, key: &str) -> Vec<Dependent> {
    let without = [((kind, key.to_owned()), None)];
    let code = format!("unknown-{kind}");
    let named = format!("`{key}`");
    let verdict = check(book, &without);
    let broken = verdict.diagnostics.iter().filter(|fault| fault.code == code);
    let found = broken.filter(|fault| fault.message.ends_with(&named));
    let mut dependents: Vec<Dependent> = found.filter_map(dependent).collect();
    dependents.sort();
    dependents.dedup();
    dependents
}

/// `campaign/sale.audience`; of segments that name each other `segment.vip`.
fn dependent(fault: &Diagnostic) -> Option<Dependent> {
    if let Some(name) = fault.path.strip_prefix("segment.") {
        let (kind, how) = (Kind::Segment, "rule".to_owned());
        return Some(Dependent { kind, name: name.to_owned(), how });
    }
    let (kind, rest) = fault.path.split_once('/')?;
    let (name, how) = rest.split_once('.').unwrap_or((rest, "rule"));
    Some(Dependent { kind: kind.parse().ok()?, name: name.to_owned(), how: how.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::super::Plan;
    use super::*;
    use crate::time::Timestamp;
    use serde_json::json;

    fn book() -> Book {
        let mut book = Book::default();
        let written = [
            (Kind::List, "vip", json!({"namespace":"email","payload":{"tier":"string"}})),
            (Kind::Segment, "buyers", json!({"rule":"count(order_completed) >= 1"})),
            (Kind::Segment, "best", json!({"rule":"in segment \"buyers\" and in list \"vip\""})),
            (Kind::Topic, "news", json!({"title":"News"})),
            (Kind::Sender, "brand", json!({"from":{"address":"a@b.example"}})),
            (Kind::Template, "hello", json!({"topic":"news","subject":"s","text":"t"})),
            (
                Kind::Campaign,
                "sale",
                json!({"audience":["best"],"exclude":["buyers"],"template":"hello"}),
            ),
            (
                Kind::Journey,
                "welcome",
                json!({"entry":{"segment":"buyers"},"exit-when":"in segment \"best\"",
                       "steps":[{"message":"hello"}]}),
            ),
            (
                Kind::Experiment,
                "button",
                json!({"segment":"buyers","arms":{"a":1,"b":1},"outside":"a"}),
            ),
            (Kind::Sharing, "sharing", json!({"segments":["buyers"]})),
        ];
        let changes: Vec<_> = written
            .into_iter()
            .map(|(kind, key, document)| {
                ((kind, key.to_owned()), Some(Body::read(kind, document).expect(key)))
            })
            .collect();
        let verdict = check(&book, &changes);
        assert!(verdict.is_clean(), "{:?}", verdict.diagnostics);
        let changes = changes
            .into_iter()
            .map(|(name, body)| (name, body.map(|body| serde_json::to_string(&body).unwrap())))
            .collect();
        book.publish(&Plan { number: 1, at: Timestamp(0), by: "test".into(), changes });
        book
    }

    fn of(kind: Kind, key: &str) -> String {
        let shown = |d: &Dependent| format!("{}/{} {}", d.kind, d.name, d.how);
        dependents(&book(), kind, key).iter().map(shown).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn who_needs_a_definition_is_who_forbids_its_removal() {
        assert_eq!(
            of(Kind::Segment, "buyers"),
            "segment/best rule, journey/welcome entry.segment, campaign/sale audience, \
             sharing/sharing segments, experiment/button segment"
        );
        assert_eq!(of(Kind::Segment, "best"), "journey/welcome rule, campaign/sale audience");
        assert_eq!(of(Kind::List, "vip"), "segment/best rule");
        assert_eq!(of(Kind::Campaign, "sale"), "");
    }

    fn check_text(text: &str, expected: &str) {
        let (compiled, _, found) =
            check_rule(&book(), &Learned::default(), Written::Text(text.to_owned()));
        let shown = |fault: &Diagnostic| format!("{:?} {fault}", fault.span.unwrap_or((0, 0)));
        let shown = found.iter().map(shown).collect::<Vec<_>>().join("; ");
        assert_eq!(shown, expected, "{text}");
        let broken = found.iter().any(|fault| fault.severity == Severity::Error);
        assert_eq!(compiled.is_none(), broken);
    }

    #[test]
    fn a_rule_is_checked_against_what_is_published() {
        check_text("in segment \"buyers\" and not in list \"vip\"", "");
        check_text("in list \"vpi\"", "(8, 13) there is no list `vpi` (did you mean `vip`?)");
        check_text(
            "list \"vip\".teir = \"gold\"",
            "(10, 15) list `vip` says nothing of `teir` (did you mean `tier`?)",
        );
        check_text(
            "in segment \"buyer\"",
            "(11, 18) there is no segment `buyer` (did you mean `buyers`?)",
        );
        check_text(
            "messages(sent, template \"helo\") >= 1",
            "(24, 30) there is no template `helo` (did you mean `hello`?)",
        );
        check_text("messages(sent, template \"hello\", campaign \"sale\") >= 1", "");
        check_text("messages(sent, channel email) >= 1", "");
        check_text("count(a) >", "(10, 10) expected a number, the rule ends");
    }

    #[test]
    fn both_forms_are_read() {
        let json = json!({ "list": "vip" });
        let (compiled, text, found) = check_rule(&book(), &Learned::default(), Written::Json(json));
        assert_eq!((text.as_str(), found.len()), ("in list \"vip\"", 0));
        assert!(compiled.is_some());
        let (compiled, _, found) =
            check_rule(&book(), &Learned::default(), Written::Json(json!({ "lst": 1 })));
        assert!(compiled.is_none() && found[0].message.starts_with("no rule: "));
    }
}
