//! What countries ask of the name that a text message stands under. The facts are in a dated file;
//! here is what follows from them: before a definition is in force, and at the grant.

use super::sender::{Kind, TextSender, kind};
use crate::diagnostic::Diagnostic;
use crate::phone;
use crate::policy::Reason;
use crate::prelude::*;

/// Region, rule, whether a reader can answer abroad, source.
const RULES: &str = include_str!("countries.txt");

/// What a country asks of names in letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// They pass.
    Pass,
    /// They pass once they are registered.
    Registered,
    /// They do not pass.
    No,
}

/// What is known of a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it asks of names in letters.
    pub letters: Letters,
    /// Whether its people can answer a number of another country.
    pub answers_abroad: bool,
    /// Where that is said.
    pub source: &'static str,
}

/// Every country of which something is known, and what.
pub fn rules() -> impl Iterator<Item = (&'static str, Rule)> {
    RULES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.splitn(4, ' ');
        let mut next = || words.next();
        let region = next()?;
        let letters = match next()? {
            "letters" => Letters::Pass,
            "registered" => Letters::Registered,
            "numbers" => Letters::No,
            _ => return None,
        };
        let answers_abroad = next()? == "answers";
        Some((region, Rule { letters, answers_abroad, source: next()? }))
    })
}

/// What is known of one country.
pub fn rule(region: &str) -> Option<Rule> {
    rules().find(|(known, _)| *known == region).map(|(_, rule)| rule)
}

/// Whether a sender's name passes where a number is; a country of which nothing is known, and a
/// number that says no country, do not keep a message from leaving.
pub fn judge(sender: &TextSender, number: &str) -> Result<(), Reason> {
    let Some(region) = phone::region(number) else { return Ok(()) };
    let name = sender.name_for(number);
    let needs = match refused(sender, region, name) {
        None => return Ok(()),
        Some(Letters::Registered) => "registration",
        Some(Letters::No | Letters::Pass) => "a number",
    };
    Err(Reason::SenderNotThere {
        name: name.to_owned(),
        region: region.to_owned(),
        needs: needs.to_owned(),
    })
}

/// What keeps a name from passing in a region, if anything does.
fn refused(sender: &TextSender, region: &str, name: &str) -> Option<Letters> {
    if kind(name) != Ok(Kind::Letters) || sender.letters_in.contains(region) {
        return None;
    }
    rule(region).map(|rule| rule.letters).filter(|letters| *letters != Letters::Pass)
}

/// What is wrong with a sender's names where they are used. `path` is `sender/NAME.sms`.
pub fn faults(path: &str, sender: &TextSender) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (region, name) in &sender.by_country {
        let at = format!("{path}.by-country.{region}");
        let Ok(own) = kind(name) else { continue };
        let needs = refused(sender, region, name);
        let source = rule(region).map_or("", |rule| rule.source);
        found.extend(match (needs, own) {
            (Some(Letters::No), _) => {
                let message = format!("`{name}` does not pass in {region}: {source}");
                let fault = Diagnostic::error(at, "sender-not-there", message);
                Some(fault.hint(number_hint(region)))
            }
            (Some(Letters::Registered), _) => {
                let message = format!("`{name}` has to be registered in {region}: {source}");
                let fault = Diagnostic::error(at, "sender-unregistered", message);
                Some(fault.hint(letters_hint(region)))
            }
            (Some(Letters::Pass) | None, Kind::Letters) if rule(region).is_none() => {
                let message = format!("nothing is known of names in letters in {region}");
                let fault = Diagnostic::warning(at, "sender-unknown-there", message);
                Some(fault.hint("ask who carries it; the message is tried"))
            }
            (Some(Letters::Pass) | None, Kind::Number) => {
                let foreign = phone::region(name) != Some(region.as_str());
                let rule = rule(region).filter(|rule| foreign && !rule.answers_abroad);
                rule.map(|_| {
                    let message = format!(
                        "people in {region} cannot answer `{name}`, a number of another country"
                    );
                    let fault = Diagnostic::warning(at, "no-answer-from-there", message);
                    fault.hint("a number or short code of that country hears STOP")
                })
            }
            (Some(Letters::Pass) | None, Kind::Letters | Kind::ShortCode) => None,
        });
    }
    found.extend(elsewhere(path, sender));
    for region in sender.letters_in.iter().filter(|region| !phone::is_region(region)) {
        let message = format!("`{region}` is no region (ISO 3166-1)");
        let fault = Diagnostic::error(format!("{path}.letters-in"), "unknown-region", message);
        found.push(fault.hint("two capital letters: `SG`"));
    }
    found
}

/// Where the usual name does not pass, and no other one is said: messages there are refused.
fn elsewhere(path: &str, sender: &TextSender) -> Option<Diagnostic> {
    let own = |region: &str| sender.by_country.contains_key(region);
    let barred = rules().filter(|(region, _)| !own(region));
    let barred = barred.filter(|(region, _)| refused(sender, region, &sender.from).is_some());
    let barred: Vec<&str> = barred.map(|(region, _)| region).collect();
    if barred.is_empty() {
        return None;
    }
    let message = format!(
        "`{}` does not pass in {}: messages there are refused (`sender-not-there`); in countries \
         of which nothing is known it is tried",
        sender.from,
        barred.join(", ")
    );
    let fault = Diagnostic::warning(format!("{path}.from"), "sender-not-everywhere", message);
    Some(fault.hint(
        "give a number with `by-country: { US: \"+1…\" }`, or say `letters-in: [SG]` where the \
         name is registered",
    ))
}

fn number_hint(region: &str) -> String {
    format!(
        "write a number or a short code; if your carrier says otherwise, `letters-in: [{region}]`"
    )
}

fn letters_hint(region: &str) -> String {
    format!("register it, then say `letters-in: [{region}]`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(json: &str) -> TextSender {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_line_is_a_rule_of_a_region() {
        let lines = RULES.lines().filter(|line| !line.starts_with('#')).count();
        let all: Vec<&str> = rules().map(|(region, _)| region).collect();
        assert_eq!(all.len(), lines, "a line that says nothing");
        assert!(all.is_sorted());
        for (region, rule) in rules() {
            assert!(phone::is_region(region), "{region}");
            assert!(rule.source.len() > 10, "{region} without a source");
        }
    }

    #[test]
    fn a_name_passes_or_says_what_is_missing() {
        let check = |json: &str, number: &str, expected: Option<&str>| {
            let said = judge(&sender(json), number).err().map(|why| why.to_string());
            let fits = match (&said, expected) {
                (Some(said), Some(expected)) => said.contains(expected),
                (None, None) => true,
                _ => false,
            };
            assert!(fits, "{json} {number}: {said:?}");
        };
        let letters = r#"{"from":"Kettle"}"#;
        check(letters, "+34600112233", None);
        check(letters, "+447911123456", None);
        check(letters, "+12025550123", Some("a number"));
        check(letters, "+17875550123", Some("a number"));
        check(letters, "+919876543210", Some("registration"));
        check(letters, "600112233", None);
        check(r#"{"from":"Kettle","letters-in":["IN"]}"#, "+919876543210", None);
        let own = r#"{"from":"Kettle","by-country":{"US":"21777"}}"#;
        check(own, "+12025550123", None);
        check(own, "+16135550123", Some("Kettle does not pass in CA"));
        check(r#"{"from":"+34600000001"}"#, "+12025550123", None);
    }

    #[test]
    fn an_author_hears_it_before() {
        let check = |json: &str, expected: &[(&str, &str)]| {
            let found = faults("s", &sender(json));
            let seen: Vec<(&str, &str)> =
                found.iter().map(|fault| (fault.path.as_str(), &*fault.code)).collect();
            assert_eq!(seen, expected, "{found:?}");
        };
        check(r#"{"from":"+34600000001"}"#, &[]);
        check(r#"{"from":"Kettle"}"#, &[("s.from", "sender-not-everywhere")]);
        let number = |more: &str| format!(r#"{{"from":"+34600000001",{more}}}"#);
        let own = |names: &str| number(&format!(r#""by-country":{{{names}}}"#));
        check(&own(r#""US":"Kettle""#), &[("s.by-country.US", "sender-not-there")]);
        check(&own(r#""SG":"Kettle""#), &[("s.by-country.SG", "sender-unregistered")]);
        check(&own(r#""IS":"Kettle""#), &[("s.by-country.IS", "sender-unknown-there")]);
        check(&own(r#""SG":"+34600000001""#), &[("s.by-country.SG", "no-answer-from-there")]);
        check(&own(r#""GB":"+34600000001","FR":"Kettle""#), &[]);
        let said = r#""by-country":{"SG":"Kettle"},"letters-in":["SG","XX"]"#;
        check(&number(said), &[("s.letters-in", "unknown-region")]);
    }
}
